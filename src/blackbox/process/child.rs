//! A child process that is asked a line at a time, within a limit of time, and always reaped.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Breakdown;

/// The longest line that is read.
const LONGEST: u64 = 1 << 28;
/// What is kept of standard error: so many bytes at the end, and lines of them.
const KEPT: usize = 8192;
const LINES: usize = 12;
/// How long a process may take to end when its input does, and to be told of as ended.
const GRACE: Duration = Duration::from_millis(1000);

/// What standard output brings.
#[derive(Debug)]
enum Line {
    Text(Vec<u8>),
    TooLong,
}

#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    /// To the thread that writes: a pipe that nobody reads blocks the writer, never the asker.
    to: Option<Sender<Vec<u8>>>,
    /// From the thread that reads; it ends with the output.
    from: Receiver<Line>,
    words: Arc<Mutex<Vec<u8>>>,
}

impl Child {
    pub(super) fn spawn(command: &[String]) -> Result<Self, String> {
        let [program, arguments @ ..] = command else { return Err("no command is given".to_owned()) };
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{program}: {e}"))?;
        let (Some(input), Some(output), Some(errors)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(format!("{program}: it has no pipes"));
        };
        let (to, requests) = channel();
        let (lines, from) = sync_channel(1);
        let words = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&words);
        thread::spawn(move || write(input, &requests));
        thread::spawn(move || read(output, &lines));
        thread::spawn(move || listen(errors, &heard));
        Ok(Self { process, to: Some(to), from, words })
    }

    /// Sends a request and waits for its answer. After a breakdown the process is dead.
    pub(super) fn ask(&mut self, id: u64, request: &Value, limit: Duration, asked: &str) -> Result<Value, Breakdown> {
        let answered = self.exchange(id, request, limit, asked);
        if answered.is_err() {
            self.stop();
        }
        answered
    }

    fn exchange(&mut self, id: u64, request: &Value, limit: Duration, asked: &str) -> Result<Value, Breakdown> {
        let mut line = request.to_string().into_bytes();
        line.push(b'\n');
        // A writer that has ended has lost its reader; what became of that the output tells.
        if let Some(to) = &self.to {
            to.send(line).ok();
        }
        let protocol = |child: &Self, what| Breakdown::Protocol { asked: asked.to_owned(), what, words: child.words() };
        let line = match self.from.recv_timeout(limit) {
            Ok(Line::Text(line)) => line,
            Ok(Line::TooLong) => return Err(protocol(self, format!("a line of more than {LONGEST} bytes"))),
            Err(RecvTimeoutError::Timeout) => {
                // It may have ended, and left its output open to a process of its own.
                if let Some(status) = self.ended_within(Duration::ZERO) {
                    let status = status.to_string();
                    return Err(Breakdown::Ended { asked: asked.to_owned(), status, words: self.words() });
                }
                return Err(Breakdown::Silent { asked: asked.to_owned(), limit, words: self.words() });
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.ended_within(GRACE).map_or("its output is closed".to_owned(), |s| s.to_string());
                // What it last said may still be on its way.
                thread::sleep(Duration::from_millis(50));
                return Err(Breakdown::Ended { asked: asked.to_owned(), status, words: self.words() });
            }
        };
        let shown = || {
            let text = String::from_utf8_lossy(&line);
            let start: String = text.trim_end().chars().take(120).collect();
            if start.len() < text.trim_end().len() { format!("{start:?} …") } else { format!("{start:?}") }
        };
        let answer: Value = serde_json::from_slice(&line)
            .map_err(|e| protocol(self, format!("a line that is no JSON ({e}): {}", shown())))?;
        match answer.get("id").and_then(Value::as_u64) {
            Some(found) if found == id => Ok(answer),
            _ => Err(protocol(self, format!("the id of the request, {id}, is not in the line {}", shown()))),
        }
    }

    /// The last lines on standard error.
    pub(super) fn words(&self) -> String {
        let kept = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    fn ended_within(&mut self, limit: Duration) -> Option<std::process::ExitStatus> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            if start.elapsed() >= limit {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends the process at once, and reaps it.
    fn stop(&mut self) {
        self.to = None;
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // With its input at an end, a process ends by itself.
        self.to = None;
        if self.ended_within(GRACE).is_none() {
            self.stop();
        }
    }
}

fn write(mut input: ChildStdin, requests: &Receiver<Vec<u8>>) {
    for request in requests {
        if input.write_all(&request).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}

fn read(output: ChildStdout, lines: &SyncSender<Line>) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        match (&mut output).take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = if line.len() as u64 == LONGEST { Line::TooLong } else { Line::Text(line) };
        if lines.send(line).is_err() {
            return;
        }
    }
}

fn listen(mut errors: ChildStderr, words: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(n) = errors.read(&mut buffer) {
        if n == 0 {
            return;
        }
        let mut kept = words.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..n]);
        let old = kept.len().saturating_sub(KEPT);
        kept.drain(..old);
    }
}
