//! What the kernels reach here: `cargo run --release -p pushforward-lanes --example rates`.
use pushforward_lanes::*;
use std::time::Instant;
fn best(mut f: impl FnMut()) -> f64 {
    f();
    (0..7)
        .map(|_| {
            let t = Instant::now();
            let mut n = 0;
            while t.elapsed().as_secs_f64() < 0.02 {
                f();
                n += 1;
            }
            t.elapsed().as_secs_f64() / n as f64
        })
        .fold(f64::MAX, f64::min)
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
    fn lu<const L: usize>(n: usize) {
        let mut a = Matrix::<L>::zeros(n, n);
        let mut r = Matrix::<L>::default();
        for i in 0..n {
            for j in 0..n {
                for l in 0..L {
                    a.row_mut(i)[j][l] = ((i * 7 + j * 13 + i * j + l * 3) as f64).sin();
                }
            }
        }
        let t = best(|| {
            std::hint::black_box(a.log_abs_det(&mut r));
        }) / L as f64;
        println!("lu {n:4} x{L}  {:.3} us  {:.1} GFLOP/s", t * 1e6, 2.0 / 3.0 * (n as f64).powi(3) / t / 1e9);
    }
    lu::<8>(2);
    lu::<8>(8);
    lu::<8>(16);
    lu::<8>(32);
    lu::<8>(64);
    lu::<1>(32);
    lu::<1>(64);
    lu::<1>(128);
    lu::<1>(512);
    lu::<1>(768);
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
