//! What the kernels reach here: `cargo run --release -p pushforward-lanes --example rates`.
use pushforward_lanes::*;
use std::time::Instant;

/// Processor time of this thread in seconds; where the system does not say, time.
fn now(start: &Instant) -> f64 {
    // Giving way makes the system bring its count up to date.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// The shortest of several.
fn best(mut f: impl FnMut()) -> f64 {
    let clock = Instant::now();
    f();
    let first = clock.elapsed().as_secs_f64().max(1e-9);
    let calls = (0.03 / first).ceil() as usize;
    let time = |_| {
        let start = now(&clock);
        (0..calls).for_each(|_| f());
        (now(&clock) - start) / calls as f64
    };
    (0..7).map(time).fold(f64::MAX, f64::min)
}

fn main() {
    let x: Vec<f64> = (0..4096).map(|i| (i as f64 * 0.37).sin() * 3.0).collect();
    let mut y = x.clone();
    for (n, f) in [
        ("neg", Unary::Neg),
        ("exp", Unary::Exp),
        ("tanh", Unary::Tanh),
        ("softplus", Unary::Softplus),
        ("sech2", Unary::Sech2),
        ("lnabs", Unary::LnAbs),
        ("sigmoid", Unary::Sigmoid),
    ] {
        let t = best(|| apply(f, &x, &mut y));
        println!("{n:9} {:.2} ns", t / 4096.0 * 1e9);
    }
    // A formula that scales every coordinate and multiplies by a dense matrix, so that its Jacobian is that matrix.
    for n in [2, 8, 16, 32, 48, 64, 128, 256, 512, 768] {
        let (mut batch, points) = batch(n);
        let lanes = points.max(8);
        let weights: Vec<f64> =
            (0..n * n).map(|i| ((i / n * 7 + i % n * 13 + (i / n) * (i % n)) as f64).sin()).collect();
        let own = |n: u32| (0..n).map(|i| Entry { row: i, column: i, slot: 0 }).collect::<Vec<_>>();
        let block =
            |sources, chained| Block { shape: [n, n], weights: weights.clone(), until: vec![], sources, chained };
        let local = Local::new(
            n,
            vec![],
            vec![vec![], own(n as u32)],
            vec![block(own(n as u32), vec![]), block(vec![], vec![(0, own(n as u32))])],
        );
        let slots = vec![1.5; lanes];
        batch.start(points, n);
        batch.carry(&local, &slots, lanes, true);
        let t = best(|| {
            std::hint::black_box(batch.log_abs_dets());
        }) / points as f64;
        print!("n {n:4} at {points}: lu {:.3} us {:.1} GFLOP/s,", t * 1e6, 2.0 / 3.0 * (n as f64).powi(3) / t / 1e9);
        let t = best(|| {
            batch.carry(&local, &slots, lanes, false);
        }) / points as f64;
        println!(" carry {:.3} us {:.1} GFLOP/s {:?}", t * 1e6, local.flops() / t / 1e9, local.order);
    }
    for n in [64, 128, 256, 512] {
        let a = nalgebra::DMatrix::<f64>::from_fn(n, n, |i, j| (i * j) as f64);
        let b = a.clone();
        let mut c = a.clone();
        let t = best(|| c.gemm(1.0, &a, &b, 0.0));
        println!("gemm {n} {:.1} GFLOP/s", 2.0 * (n as f64).powi(3) / t / 1e9);
    }
    for (m, k) in [(64usize, 16usize), (64, 64), (256, 64), (1024, 256)] {
        let rows: Vec<Vec<f64>> = (0..m).map(|i| (0..k).map(|j| (i + j) as f64).collect()).collect();
        let rows: Vec<&[f64]> = rows.iter().map(|r| &r[..]).collect();
        let p = Program {
            slots: m + k,
            linear: vec![Linear::new((0..k as u32).collect(), &rows)],
            steps: vec![Step::Linear(0, k as u32)],
            ..Program::default()
        };
        for lanes in [8, 24, 64] {
            let mut room = p.room(lanes);
            let t = best(|| p.run(lanes, &mut room));
            println!("linear {m}x{k} x{lanes} {:.1} GFLOP/s", 2.0 * (m * k * lanes) as f64 / t / 1e9);
        }
    }
}
