//! Proofs at growing dimension: `cargo bench --bench proof`.

use divan::Bencher;
use pushforward::Layer;
use pushforward::layers::ZOO;
use pushforward::prove::prove;

fn main() {
    divan::main();
}

/// A coupling with a smooth network, of any dimension.
fn coupling(dim: usize) -> Box<dyn Layer> {
    let family = ZOO.iter().copied().flatten().find(|family| family.name == "coupling_exp").expect("in the zoo");
    family.at_dim.expect("of any dimension")(dim)
}

/// Every provable law of one layer, for any conditioner: recording, confirmation in f64 and proof.
#[divan::bench(args = [8, 32, 128], sample_count = 3)]
fn every_proof(bencher: Bencher<'_, '_>, dim: usize) {
    let layer = coupling(dim);
    bencher.bench_local(|| prove(&*layer));
}
