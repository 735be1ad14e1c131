//! `pushforward soak`.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use pushforward::Layer;
use pushforward::data::{At, flow};
use pushforward::document::{Syntax, parse};
use pushforward::soak::{Failure, State, Worst};
use serde_json::{Map, Value, json};

use super::{Settings, Status, Stop, derive, judge};

/// Verify a layer at very many points: fast log-det, round trip, full Jacobian, LU, comparison
///
/// Prints its state as JSON on standard error every so often and at the end, from which --resume goes on. Interrupted, it
/// finishes the chunk it is at.
///
/// Exit status: 0 if every point was verified and no law fails, 1 if a law fails at a point, 2 for misuse and where it was
/// interrupted.
#[derive(Args, Debug)]
pub(super) struct Soak {
    /// A family of the zoo, one flow as JSON, {"layer": "planar", "params": {...}}, or a file (*.json, *.toml) with one
    layer: String,
    /// Points to verify, those of a resumed state included
    #[arg(long)]
    points: u64,
    /// Dimension of a family's member, and of a flow whose parameters leave it open
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    dim: u16,
    /// Go on from this state: the JSON as printed, or a file with it
    #[arg(long, value_name = "STATE")]
    resume: Option<String>,
    /// Seconds between printed states
    #[arg(long, default_value_t = 10)]
    every: u64,
}

/// What is the same in a run and in those that resume it.
struct Identity {
    layer: String,
    dim: usize,
    seed: u64,
    mark: String,
}

impl Soak {
    pub(super) fn run(&self, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
        let machine = settings.for_machines();
        let (name, layer) = self.layer()?;
        let soak = pushforward::soak::Soak::new(&*layer, settings.seed).jobs(settings.jobs());
        let mark = format!("{:016x}", soak.mark());
        let identity = Identity { layer: name, dim: layer.dim(), seed: settings.seed, mark };
        let start = self.resume.as_deref().map_or(Ok(State::default()), |text| resumed(text, &identity))?;
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
            .map_err(|e| Stop::Misuse(format!("cannot listen for interrupts: {e}")))?;

        let bar = ProgressBar::new(self.points).with_style(
            ProgressStyle::with_template("{pos}/{len} points, {per_sec}, {eta} left, {msg}").expect("a valid template"),
        );
        bar.set_position(start.points);
        let began = Instant::now();
        let mut printed = began;
        let before = start.points;
        let state = soak.run(start, self.points, &stop, |state| {
            bar.set_position(state.points);
            bar.set_message(worst(state));
            if printed.elapsed() >= Duration::from_secs(self.every) {
                printed = Instant::now();
                let line = written(&identity, state).to_string();
                bar.suspend(|| eprintln!("{line}"));
            }
        });
        bar.finish_and_clear();
        let rate = (state.points - before) as f64 / began.elapsed().as_secs_f64().max(1e-9);
        if machine {
            let mut line = written(&identity, &state);
            line["points_per_second"] = json!(rate);
            writeln!(out, "{line}")?;
        } else {
            text(&identity, &state, rate, out)?;
        }
        match &state.failure {
            Some(_) => Ok(Status::Bad),
            None if state.points < self.points => {
                let line = written(&identity, &state);
                Err(Stop::Misuse(format!("interrupted; go on with --resume '{line}'")))
            }
            None => Ok(Status::Good),
        }
    }

    /// The layer, and what it was asked by.
    fn layer(&self) -> Result<(String, Box<dyn Layer>), Stop> {
        let path = Path::new(&self.layer);
        let is_file = path.extension().is_some_and(|e| e == "json" || e == "toml");
        if !is_file && !self.layer.trim_start().starts_with('{') {
            let families = judge::chosen(std::slice::from_ref(&self.layer))?;
            let dim = usize::from(self.dim);
            let at_dim = families[0].at_dim.map(|at_dim| at_dim(dim)).filter(|layer| layer.dim() == dim);
            return Ok((self.layer.clone(), at_dim.map_or_else(|| derive::member(families[0], dim), Ok)?));
        }
        let (name, text, syntax) = if is_file {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|e| Stop::Misuse(format!("cannot read {}: {e}", path.display())))?;
            (path.display().to_string(), text, Syntax::of(path))
        } else {
            ("the flow given".to_owned(), self.layer.clone(), Syntax::Json)
        };
        let document = parse(&text, syntax).map_err(|e| Stop::Misuse(format!("{name}:{e}")))?;
        let layer = flow(&At::new(&document, "").in_dim(self.dim.into()));
        Ok((name.clone(), layer.map_err(|e| Stop::Misuse(format!("{name}: {e}")))?))
    }
}

fn worst(state: &State) -> String {
    format!("worst |log_det − log|det J|| {:.1e}, round trip {:.1e}", state.log_det.apart, state.round_trip.apart)
}

fn text(identity: &Identity, state: &State, rate: f64, out: &mut dyn Write) -> Result<(), Stop> {
    writeln!(out, "{} at dimension {}, seed {}", identity.layer, identity.dim, identity.seed)?;
    writeln!(out, "  {} points, {rate:.0} a second", state.points)?;
    writeln!(out, "  within the first pass's allowance  {}", state.within)?;
    writeln!(out, "  agree by the full analysis         {}", state.agree)?;
    writeln!(out, "  blurred (f64 cannot tell)          {}", state.blurred)?;
    let worst = |worst: Worst| format!("{:.2e} at point {}", worst.apart, worst.point);
    writeln!(out, "  largest |log_det − log|det J||     {}", worst(state.log_det))?;
    writeln!(out, "  largest |inverse(forward(z)) − z|  {}", worst(state.round_trip))?;
    if let Some(failure) = &state.failure {
        writeln!(out, "\nfails at point {}\n\n{}", failure.point, failure.report)?;
    }
    writeln!(out, "{}", written(identity, state))?;
    Ok(())
}

fn written(identity: &Identity, state: &State) -> Value {
    let worst = |worst: Worst| json!({ "apart": worst.apart, "point": worst.point });
    let failure = state.failure.as_ref().map(|f| json!({ "point": f.point, "law": f.law, "report": f.report }));
    json!({
        "layer": identity.layer, "dim": identity.dim, "seed": identity.seed, "mark": identity.mark,
        "points": state.points, "within": state.within, "agree": state.agree, "blurred": state.blurred,
        "log_det": worst(state.log_det), "round_trip": worst(state.round_trip), "failure": failure,
    })
}

fn resumed(text: &str, identity: &Identity) -> Result<State, Stop> {
    let bad = |what: String| Stop::Misuse(format!("--resume: {what}"));
    let text = if text.trim_start().starts_with('{') {
        text.to_owned()
    } else {
        let all = std::fs::read_to_string(text).map_err(|e| bad(format!("cannot read {text}: {e}")))?;
        let last = all.lines().rev().find(|line| line.starts_with('{'));
        last.ok_or_else(|| bad(format!("{text} holds no state, a line that begins with {{")))?.to_owned()
    };
    let state: Map<String, Value> =
        serde_json::from_str(&text).map_err(|e| bad(format!("no state as printed: {e}")))?;
    let expected = [("dim", json!(identity.dim)), ("seed", json!(identity.seed)), ("mark", json!(identity.mark))];
    for (key, expected) in expected {
        if state.get(key) != Some(&expected) {
            let found = state.get(key).unwrap_or(&Value::Null);
            return Err(bad(format!("the state is of another run: its {key} is {found}, here it is {expected}")));
        }
    }
    let missing = |key: &str| bad(format!("key `{key}` is missing or no count"));
    let count = |key: &str| state.get(key).and_then(Value::as_u64).ok_or_else(|| missing(key));
    let worst = |key: &str| {
        let of = |part: &str| state.get(key).and_then(|worst| worst.get(part));
        let found = of("apart").and_then(Value::as_f64).zip(of("point").and_then(Value::as_u64));
        found.map(|(apart, point)| Worst { apart, point }).ok_or_else(|| missing(key))
    };
    let failure = state.get("failure").filter(|failure| !failure.is_null()).map(|failure| {
        let text = |key: &str| failure.get(key).and_then(Value::as_str).map(str::to_owned);
        let point = failure.get("point").and_then(Value::as_u64);
        let found = point.zip(text("law")).zip(text("report"));
        found.map(|((point, law), report)| Failure { point, law, report }).ok_or_else(|| missing("failure"))
    });
    let state = State {
        points: count("points")?,
        within: count("within")?,
        agree: count("agree")?,
        blurred: count("blurred")?,
        log_det: worst("log_det")?,
        round_trip: worst("round_trip")?,
        failure: failure.transpose()?,
    };
    let counted = state.within.checked_add(state.agree).and_then(|n| n.checked_add(state.blurred));
    if counted.and_then(|n| n.checked_add(state.failure.is_some().into())) != Some(state.points) {
        return Err(bad("within, agree, blurred and the failure do not add up to its points".to_owned()));
    }
    Ok(state)
}
