//! A flow in another process, which speaks JSON lines over its standard input and output: docs/protocol.md.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::{BlackBox, Evaluator, Rows};
use crate::error::FlowError;
use crate::flow::Image;

mod child;
mod hello;
mod reply;

use child::Child;
pub use hello::Hello;

/// The version of the protocol that is spoken.
pub const VERSION: u64 = 1;
/// Points in one request, at most.
const BATCH: usize = 4096;

/// How long a process may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From its start to its answer to `hello`.
    pub start_up: Duration,
    /// For each later answer.
    pub reply: Duration,
}

/// Why a process can no longer be asked. Nothing is concluded of the flow then.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Breakdown {
    /// It could not be started.
    NotStarted {
        /// What the system says.
        why: String,
    },
    /// It did not answer in time.
    Silent {
        /// What it was asked.
        asked: String,
        /// The limit.
        limit: Duration,
        /// What it last wrote to standard error.
        words: String,
    },
    /// It ended while an answer was due.
    Ended {
        /// What it was asked.
        asked: String,
        /// Its exit status.
        status: String,
        /// What it last wrote to standard error.
        words: String,
    },
    /// It answered something else than the protocol has.
    Protocol {
        /// What it was asked.
        asked: String,
        /// What is wrong, and what would be right.
        what: String,
        /// What it last wrote to standard error.
        words: String,
    },
}

impl fmt::Display for Breakdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::NotStarted { why } => return write!(f, "the process could not be started: {why}"),
            Self::Silent { asked, limit, words } => {
                write!(f, "the process gave no answer within {} s to {asked}", limit.as_secs_f64())?;
                words
            }
            Self::Ended { asked, status, words } => {
                write!(f, "the process ended ({status}) and owed an answer to {asked}")?;
                words
            }
            Self::Protocol { asked, what, words } => {
                write!(f, "the process broke the protocol in its answer to {asked}: {what}")?;
                words
            }
        };
        if words.is_empty() { Ok(()) } else { write!(f, "\nits last words on standard error:\n{words}") }
    }
}

impl std::error::Error for Breakdown {}

/// A running process that evaluates a flow. It is stopped when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: RefCell<Child>,
    hello: Hello,
    limit: Duration,
    requests: Cell<u64>,
    broken: RefCell<Option<Breakdown>>,
}

impl Process {
    /// Starts a command and asks what it offers, in `dim` dimensions if that is said.
    ///
    /// # Errors
    /// [`Breakdown`] where it does not start, does not answer in time, or answers something else.
    pub fn start(command: &[String], dim: Option<usize>, limits: Limits) -> Result<Self, Breakdown> {
        let mut child = Child::spawn(command).map_err(|why| Breakdown::NotStarted { why })?;
        let asked = "hello";
        let request = match dim {
            Some(dim) => json!({"id": 0, "op": "hello", "protocol": VERSION, "dim": dim}),
            None => json!({"id": 0, "op": "hello", "protocol": VERSION}),
        };
        let answer = child.ask(0, &request, limits.start_up, asked)?;
        let protocol = |what| Breakdown::Protocol { asked: asked.to_owned(), what, words: String::new() };
        let hello = Hello::read(&answer).map_err(protocol)?;
        if let Some(dim) = dim.filter(|&dim| dim != hello.dim) {
            return Err(protocol(format!("it has dimension {}, and {dim} was asked for", hello.dim)));
        }
        Ok(Self {
            child: RefCell::new(child),
            hello,
            limit: limits.reply,
            requests: Cell::new(0),
            broken: RefCell::new(None),
        })
    }

    /// What it said of itself.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The flow that it evaluates.
    pub fn black_box(&self) -> BlackBox<'_> {
        let black_box = BlackBox::of(self.hello.dim, self).name(&self.hello.name).promises(self.hello.promises.clone());
        if self.hello.single { black_box.single() } else { black_box }
    }

    /// Why it can no longer be asked, if it broke down: then no verdict about it counts.
    pub fn breakdown(&self) -> Option<Breakdown> {
        self.broken.borrow().clone()
    }

    /// One kind of result for each point.
    fn ask<T>(
        &self,
        op: &'static str,
        points: &[Vec<f64>],
        read: impl Fn(&Value) -> Result<Result<T, FlowError>, String>,
    ) -> Vec<Result<T, FlowError>> {
        let batches = points.chunks(BATCH).flat_map(|batch| {
            let asked = format!("{op} at {} points, the first {:?}", batch.len(), batch.first().map_or(&[][..], |z| z));
            let answered = self.answer(op, batch, &asked, &read);
            answered.unwrap_or_else(|breakdown| {
                let why = FlowError::Foreign { what: breakdown.to_string() };
                self.broken.borrow_mut().get_or_insert(breakdown);
                batch.iter().map(|_| Err(why.clone())).collect()
            })
        });
        batches.collect()
    }

    fn answer<T>(
        &self,
        op: &str,
        batch: &[Vec<f64>],
        asked: &str,
        read: &impl Fn(&Value) -> Result<Result<T, FlowError>, String>,
    ) -> Result<Vec<Result<T, FlowError>>, Breakdown> {
        if let Some(broken) = self.breakdown() {
            return Err(broken);
        }
        let id = self.requests.get() + 1;
        self.requests.set(id);
        let mut child = self.child.borrow_mut();
        let answer = child.ask(id, &json!({"id": id, "op": op, "points": batch}), self.limit, asked)?;
        let read = reply::results(&answer, batch.len(), read);
        read.map_err(|what| Breakdown::Protocol { asked: asked.to_owned(), what, words: child.words() })
    }
}

impl Evaluator for &Process {
    fn forward(&self, z: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        self.ask("forward", z, reply::image)
    }
    fn inverse(&self, x: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        if self.hello.inverse {
            self.ask("inverse", x, reply::image)
        } else {
            x.iter().map(|_| Err(FlowError::NoInverse)).collect()
        }
    }
    fn jacobian(&self, z: &[Vec<f64>]) -> Option<Vec<Result<Rows, FlowError>>> {
        self.hello.jacobian.then(|| self.ask("jacobian", z, reply::rows))
    }
    fn inverse_jacobian(&self, x: &[Vec<f64>]) -> Option<Vec<Result<Rows, FlowError>>> {
        self.hello.inverse_jacobian.then(|| self.ask("inverse_jacobian", x, reply::rows))
    }
}
