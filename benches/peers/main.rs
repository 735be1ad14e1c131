//! Points verified a second, beside what the fastest of seven peers was measured to do: `cargo bench --bench peers`.
//!
//! A verified point is `forward` with the fast log-det, `inverse` of the image, the full Jacobian by forward mode, dense LU
//! and the comparison, in f64, for the peers and here. Before anything is timed, log-dets and images are compared
//! with the peers' reference values to 1e-9. Times are those of the processor, the best of several.
//!
//! `--quick` leaves out the two largest dimensions of each kind, `--large` adds one point at dimension 3072, `--json`
//! prints one object a line, `--dim D` and a kind (`affine`, `masked`, `spline`, `planar`, `convolution`) choose.

mod workloads;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Instant;

use pushforward::Flow;
use pushforward::soak::Soak;
use serde_json::{Value, json};
use workloads::{Kind, Workload};

/// One row: the flow, its key among the reference values, and the peers' best.
struct Case {
    name: &'static str,
    workload: Workload,
    key: &'static str,
    /// The fastest peer and its points per second of processor time.
    peer: (&'static str, f64),
}

const fn case(name: &'static str, kind: Kind, dim: usize, key: &'static str, peer: &'static str, rate: f64) -> Case {
    Case { name, workload: Workload { kind, dim }, key, peer: (peer, rate) }
}

/// What the peers were measured on: AMD EPYC (Zen 3, AVX2), one thread, dgemm at 38 GFLOP/s. JAX 0.10.2 by hand, FlowJAX, TFP
/// 0.26-dev on JAX, torch.func by hand, zuko, nflows, normflows; the best of all in each row. November 2026.
const PEERS_GEMM: f64 = 38.0;

const CASES: [Case; 19] = [
    case("affine", Kind::Affine(8), 2, "aff/2", "FlowJAX", 1_977_169.0),
    case("affine", Kind::Affine(8), 8, "aff/8", "TFP", 246_170.0),
    case("affine", Kind::Affine(8), 32, "aff/32", "TFP", 11_464.0),
    case("affine", Kind::Affine(8), 128, "aff/128", "TFP", 262.0),
    case("affine", Kind::Affine(8), 512, "aff/512", "TFP", 5.37),
    case("masked", Kind::Masked, 2, "maf/2", "JAX", 2_152_747.0),
    case("masked", Kind::Masked, 8, "maf/8", "TFP", 111_530.0),
    case("masked", Kind::Masked, 32, "maf/32", "TFP", 5_742.0),
    case("masked", Kind::Masked, 128, "maf/128", "FlowJAX", 134.0),
    case("spline", Kind::Spline, 8, "rqs/8", "FlowJAX", 19_403.0),
    case("spline", Kind::Spline, 32, "rqs/32", "FlowJAX", 1_581.0),
    case("spline", Kind::Spline, 128, "rqs/128", "JAX", 36.6),
    case("planar", Kind::Planar, 2, "planar/2", "FlowJAX", 1_719_710.0),
    case("planar", Kind::Planar, 32, "planar/32", "FlowJAX", 40_139.0),
    case("planar", Kind::Planar, 128, "planar/128", "JAX", 2_978.0),
    case("convolution", Kind::Convolution(3), 192, "glow/192", "normflows", 1_449.0),
    case("convolution", Kind::Convolution(6), 384, "glow/384", "JAX", 368.0),
    case("convolution", Kind::Convolution(12), 768, "glow/768", "normflows", 52.7),
    case("convolution", Kind::Convolution(48), 768, "glow/769", "normflows", 45.3),
];

/// JAX, one thread: 20.8 s for a point.
const LARGE: Case = case("affine", Kind::Affine(4), 3072, "", "JAX", 1.0 / 20.8);

/// Processor time of this thread in seconds; where the system does not say, time.
fn processor_time() -> f64 {
    // Giving way makes the system bring its count up to date.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// The shortest processor time of one call, of several rounds.
fn best(mut call: impl FnMut(), rounds: usize, at_least: f64) -> f64 {
    // single calls are too short to be timed.
    let mut shortest = f64::INFINITY;
    let start = Instant::now();
    // The shortest: others may have been waiting for the processor.
    while shortest.is_infinite() || start.elapsed().as_secs_f64() < at_least {
        let one = Instant::now();
        call();
        shortest = shortest.min(one.elapsed().as_secs_f64());
    }
    let calls = (at_least / shortest.max(1e-7)).ceil().max(1.0) as usize;
    let time = |_| {
        let start = processor_time();
        (0..calls).for_each(|_| call());
        (processor_time() - start) / calls as f64
    };
    (0..rounds).map(time).fold(f64::INFINITY, f64::min)
}

/// GFLOP/s of a product of two matrices of 512 rows here.
fn gemm() -> f64 {
    let n = 512;
    let a = nalgebra::DMatrix::<f64>::from_fn(n, n, |i, j| ((i * 7 + j) % 11) as f64);
    let mut c = a.clone();
    2.0 * (n as f64).powi(3) / best(|| c.gemm(1.0, &a, &a, 0.0), 7, 0.05) * 1e-9
}

/// Whether the flow here is the peers': their log-dets and coordinates to 1e-9.
fn compare(case: &Case, reference: &Value, soak: &Soak<'_>) -> Result<(), String> {
    let Some(known) = reference.get(case.key) else { return Ok(()) };
    let layer = case.workload.layer().map_err(|e| e.to_string())?;
    let numbers = |key: &str| -> Vec<f64> {
        known[key].as_array().map_or_else(Vec::new, |all| all.iter().filter_map(Value::as_f64).collect())
    };
    let same = |what: &str, ours: f64, theirs: f64| {
        let is_same = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
        if is_same { Ok(()) } else { Err(format!("{} {}: {what} is {ours}, the peers' {theirs}", case.name, case.key)) }
    };
    let points: Vec<Vec<f64>> = (0..3).map(|p| case.workload.point(p)).collect();
    let glances = soak.bench().verify(&points);
    for ((z, theirs), glance) in points.iter().zip(numbers("log_det")).zip(glances) {
        let image = Flow::<f64>::forward(&layer, z).map_err(|e| e.to_string())?;
        same("the log-det", image.log_det, theirs)?;
        let glance = glance.map_err(|e| e.to_string())?;
        same("the verified log-det", glance.value, theirs)?;
        if !glance.is_within() {
            return Err(format!("{} {}: {glance:?}", case.name, case.key));
        }
    }
    let image = Flow::<f64>::forward(&layer, &points[0]).map_err(|e| e.to_string())?;
    for (i, theirs) in numbers("x").into_iter().enumerate() {
        let place = match case.workload.kind {
            Kind::Convolution(c) => (i % c) * (case.workload.dim / c) + i / c,
            _ => i,
        };
        same(&format!("coordinate {i}"), image.point[place], theirs)?;
    }
    Ok(())
}

struct Row {
    name: String,
    dim: usize,
    rate: f64,
    first: f64,
    peer: (&'static str, f64),
    dense: f64,
    flops: Option<[f64; 3]>,
    shared: Option<f64>,
}

fn measure(case: &Case, reference: &Value) -> Result<Row, String> {
    let workload = case.workload;
    let start = Instant::now();
    let layer = workload.layer().map_err(|e| e.to_string())?;
    let soak = Soak::new(&*layer, 1);
    let mut bench = soak.bench();
    let count = if workload.dim > 1000 { 1 } else { bench.batch().max(2) };
    let points: Vec<Vec<f64>> = (0..count).map(|p| workload.point(p)).collect();
    black_box(bench.verify(&points));
    let first = start.elapsed().as_secs_f64();
    compare(case, reference, &soak)?;
    let rounds = if workload.dim > 1000 { 1 } else { 7 };
    let time = best(|| drop(black_box(bench.verify(&points))), rounds, 0.15) / count as f64;
    let shared = soak.is_linear().then(|| {
        let mut bench = soak.bench().sharing();
        best(|| drop(black_box(bench.verify(&points))), rounds, 0.15) / count as f64
    });
    let name = match workload.kind {
        Kind::Affine(n) => format!("affine coupling ×{n}"),
        Kind::Masked => "masked autoregressive ×4".to_owned(),
        Kind::Spline => "rational-quadratic coupling ×4".to_owned(),
        Kind::Planar => "planar ×16".to_owned(),
        Kind::Convolution(c) => format!("1×1 convolution, {c} channels"),
    };
    Ok(Row {
        name,
        dim: workload.dim,
        rate: 1.0 / time,
        first,
        peer: case.peer,
        dense: workload.dense_flops(),
        flops: soak.flops(),
        shared: shared.map(|time| 1.0 / time),
    })
}

/// Points a second on so many threads, by the clock.
fn threaded(case: &Case, jobs: NonZeroUsize) -> Result<f64, String> {
    let layer = case.workload.layer().map_err(|e| e.to_string())?;
    let soak = Soak::new(&*layer, 1);
    let start = Instant::now();
    let done: usize = std::thread::scope(|scope| {
        let work = || {
            let mut bench = soak.bench();
            let points: Vec<Vec<f64>> = (0..bench.batch().max(2)).map(|p| case.workload.point(p)).collect();
            let mut done = 0;
            while start.elapsed().as_secs_f64() < 1.0 {
                black_box(bench.verify(&points));
                done += points.len();
            }
            done
        };
        let threads: Vec<_> = (0..jobs.get()).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).sum()
    });
    Ok(done as f64 / start.elapsed().as_secs_f64())
}

/// `1234567` as `1,234,567`; small numbers with three digits.
fn grouped(x: f64) -> String {
    if x < 1000.0 {
        return format!("{:.*}", usize::from(x < 100.0) + usize::from(x < 10.0), x);
    }
    let digits = format!("{x:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The exponent of the time in d between the two largest dimensions.
fn exponent(rows: &[Row], name: &str, of: impl Fn(&Row) -> f64) -> Option<f64> {
    let mut all = rows.iter().filter(|row| row.name == name).rev();
    let (large, small) = (all.next()?, all.next()?);
    Some((of(large) / of(small)).ln() / (large.dim as f64 / small.dim as f64).ln())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let dim = arguments.iter().position(|a| a == "--dim").and_then(|at| arguments.get(at + 1)?.parse::<usize>().ok());
    let kinds: Vec<&String> = arguments.iter().filter(|a| CASES.iter().any(|c| c.name == a.as_str())).collect();
    let reference: Value = serde_json::from_str(include_str!("reference.json")).expect("JSON");
    let here = gemm();
    if !has("--json") {
        println!("matrix products here {here:.0} GFLOP/s, on the peers' machine {PEERS_GEMM:.0}\n");
        println!(
            "| flow | d | points per CPU second | fastest peer | ratio | at equal GFLOP/s | Mflop a point: dense method | here |"
        );
        println!("|---|---|---|---|---|---|---|---|");
    }
    let mut rows = Vec::new();
    let chosen = |case: &&Case| {
        let is_small = case.workload.dim <= if matches!(case.workload.kind, Kind::Convolution(_)) { 192 } else { 32 };
        (kinds.is_empty() || kinds.iter().any(|k| *k == case.name))
            && dim.is_none_or(|d| d == case.workload.dim)
            && (is_small || !has("--quick"))
    };
    let large = [LARGE];
    for case in CASES.iter().filter(chosen).chain(large.iter().filter(|_| has("--large"))) {
        match measure(case, &reference) {
            Err(what) => println!("{what}"),
            Ok(row) => {
                let ratio = row.rate / row.peer.1;
                let flops = row.flops.map(|all| all.iter().sum::<f64>());
                if has("--json") {
                    let line = json!({
                        "flow": case.name, "key": case.key, "dim": row.dim, "points_per_cpu_second": row.rate,
                        "first_batch_seconds": row.first, "peer": row.peer.0, "peer_rate": row.peer.1,
                        "dense_flops": row.dense, "flops": row.flops, "gemm_gflops": here, "shared_rate": row.shared,
                        "two_threads": has("--threads").then(|| threaded(case, NonZeroUsize::MIN.saturating_add(1)).ok()),
                    });
                    println!("{line}");
                } else {
                    println!(
                        "| {} | {} | {} | {} ({}) | {ratio:.1} | {:.1} | {:.3} | {} |",
                        row.name,
                        row.dim,
                        grouped(row.rate),
                        grouped(row.peer.1),
                        row.peer.0,
                        ratio * PEERS_GEMM / here,
                        row.dense * 1e-6,
                        flops.map_or_else(|| "not compiled".to_owned(), |f| format!("{:.3}", f * 1e-6)),
                    );
                }
                rows.push(row);
            }
        }
    }
    if has("--json") {
        return;
    }
    println!();
    for row in rows.iter().filter_map(|row| Some((row, row.shared?))) {
        println!(
            "{} at d = {}: {} points per CPU second where the constant Jacobian is factored once",
            row.0.name,
            row.0.dim,
            grouped(row.1)
        );
    }
    for name in ["affine coupling ×8", "masked autoregressive ×4", "rational-quadratic coupling ×4", "planar ×16"] {
        let time = exponent(&rows, name, |row| 1.0 / row.rate);
        let work = exponent(&rows, name, |row| row.flops.map_or(f64::NAN, |all| all[1] + all[2]));
        if let Some((time, work)) = time.zip(work) {
            println!("{name}: time grows as d^{time:.2}, operations of Jacobian and LU as d^{work:.2} (ideal 3)");
        }
    }
}
