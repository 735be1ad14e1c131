//! Parameters and literals: the two kinds of plain number a formula holds.

use std::fmt;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::scalar::{Scalar, session};

pub(crate) mod decimal;

/// A layer's parameter: an f64 with an identity.
///
/// No getter and no order: a layer computes with it only through a [`Scalar`] (`S::from(p)`, `S::param(&p)`, or any
/// operator), so that a law can ask whether the parameter matters and a proof can hold for every value. A copy keeps
/// the identity: two copies are the same parameter.
#[derive(Clone, Copy)]
pub struct Param {
    value: f64,
    id: u64,
}

impl From<f64> for Param {
    fn from(value: f64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        decimal::attach(id, value);
        Self { value, id }
    }
}

impl Param {
    /// The value, as the current evaluation sees it (a law may have moved it).
    pub(crate) fn read(self) -> f64 {
        session::moved(self.id).map_or(self.value, |by| self.value + by)
    }

    /// The value, taken out of the number system: harmless in f64, and noted where a formula is being recorded.
    pub(crate) fn read_plain(self) -> f64 {
        session::note_plain_read();
        self.read()
    }

    /// `Σ wᵢ xᵢ` of plain numbers, added in order.
    pub(crate) fn dot_plain(w: &[Self], x: &[f64]) -> f64 {
        session::note_plain_read();
        if session::is_moving() {
            return w.iter().zip(x).map(|(w, x)| w.read() * x).sum();
        }
        w.iter().zip(x).map(|(w, x)| w.value * x).sum()
    }

    pub(crate) fn id(self) -> u64 {
        self.id
    }
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A derived `Debug` visits every field: that is how a law learns which parameters a layer holds.
        session::list(self.id, self.value);
        if session::is_naming() {
            return write!(f, "⟨{}⟩", self.id);
        }
        session::note_plain_read();
        write!(f, "{:?}", self.value)
    }
}

/// Parameters from plain numbers.
pub fn params(values: impl IntoIterator<Item = f64>) -> Vec<Param> {
    values.into_iter().map(Param::from).collect()
}

/// A plain number on the left of an operator: `lit(1.0) - t * t`.
#[derive(Clone, Copy, Debug)]
pub struct Lit(f64);

/// Wraps a number that stands on the left of an operator, where Rust cannot take an f64 for a generic scalar.
pub fn lit(value: f64) -> Lit {
    Lit(value)
}

macro_rules! on_the_left {
    ($($left:ty => $value:expr),*) => { $(
        on_the_left!(@ $left, $value, Add add +, Sub sub -, Mul mul *, Div div /);
    )* };
    (@ $left:ty, $value:expr, $($trait:ident $method:ident $op:tt),*) => { $(
        impl<S: Scalar> $trait<S> for $left {
            type Output = S;
            fn $method(self, right: S) -> S {
                let value: fn($left) -> S = $value;
                value(self) $op right
            }
        }
    )* };
}
on_the_left!(Lit => |l| S::from(l.0), Param => |p| S::from(p), &Param => |p| S::from(*p));
