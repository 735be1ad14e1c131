//! One cell of the verdict matrix, at growing dimension: `cargo bench`.
//!
//! A cell is one layer under law at three points: Jacobian with bounds, LU, and what the laws do with them.

use divan::Bencher;
use pushforward::layers::ZOO;
use pushforward::{Check, Layer, laws};

fn main() {
    divan::main();
}

/// A coupling with a smooth network, of any dimension.
fn coupling(dim: usize) -> Box<dyn Layer> {
    let family = ZOO.iter().copied().flatten().find(|family| family.name == "coupling_exp").expect("in the zoo");
    family.at_dim.expect("of any dimension")(dim)
}

/// Jacobian and LU alone.
#[divan::bench(args = [2, 8, 32, 128])]
fn log_det_is_jacobian(bencher: Bencher<'_, '_>, dim: usize) {
    let layer = coupling(dim);
    let check = Check::new().cases(1).laws(laws::find("log-det-is-jacobian"));
    bencher.bench_local(|| check.run(&*layer));
}

/// Every law but those that draw thousands of samples.
#[divan::bench(args = [2, 8, 32, 128], sample_count = 10)]
fn laws_at_points(bencher: Bencher<'_, '_>, dim: usize) {
    let layer = coupling(dim);
    let sampling = ["samples-follow-density", "mass-is-one", "elbo-bounds-evidence"];
    let check = Check::new().cases(1).laws(laws::all().filter(|law| !sampling.contains(&law.name)));
    bencher.bench_local(|| check.run(&*layer));
}
