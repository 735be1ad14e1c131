//! Proofs and 71 digits at growing dimension: `cargo bench --bench proof`.

use divan::Bencher;
use pushforward::Layer;
use pushforward::data::{At, Value};
use pushforward::eval::case_precise;
use pushforward::layers::ZOO;
use pushforward::prove::{prove, prove_law};

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

/// The log-det alone.
#[divan::bench(args = [8, 32, 128], sample_count = 3)]
fn proof_of_the_log_det(bencher: Bencher<'_, '_>, dim: usize) {
    let layer = coupling(dim);
    bencher.bench_local(|| prove_law(&*layer, "log-det-is-jacobian"));
}

/// Image, round trip and Jacobian of a coupling with a dense network, in 237 bits with error bounds.
#[divan::bench(args = [8, 32, 128], sample_count = 3)]
fn precise_point(bencher: Bencher<'_, '_>, dim: usize) {
    let half = dim / 2;
    let numbers = |n: usize| Value::List((0..n).map(|i| Value::Number(0.03 * ((i * 7 % 11) as f64 - 5.0))).collect());
    let map = |inputs: usize, outputs: usize| {
        let rows = Value::List(vec![numbers(inputs); outputs]);
        table([("A", rows), ("c", numbers(outputs))])
    };
    let indices = |range: std::ops::Range<usize>| Value::List(range.map(|i| Value::Number(i as f64)).collect());
    let net = [
        ("kind", text("mlp")),
        ("activation", text("tanh")),
        ("layers", Value::List(vec![map(half, 16), map(16, dim)])),
    ];
    let params = table([
        ("a", indices(0..half)),
        ("b", indices(half..dim)),
        ("scale", table([("kind", text("exp"))])),
        ("cond", table(net)),
    ]);
    let flow = table([("layer", text("coupling")), ("params", params)]);
    let case = table([("id", text("coupling")), ("flow", flow), ("z", numbers(dim))]);
    let result = case_precise(&At::new(&case, "")).result;
    assert!(result.is_ok(), "{result:?}");
    bencher.bench_local(|| case_precise(&At::new(&case, "")));
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
