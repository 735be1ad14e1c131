//! What a check draws: layers and points, short dyadic decimals first, then wide, then extremes.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::evidence::{PointKind, Subject};
use crate::family::Drawn;
use crate::flow::Layer;

/// Points of one layer in one case.
pub(super) const POINTS: usize = 3;
/// Numbers drawn for each point; further coordinates reuse them, shifted.
const NUMBERS: usize = 16;

/// Where the layers come from.
#[derive(Clone)]
pub(crate) enum Source<'a> {
    /// One layer, or a black box.
    Fixed(Subject<'a>),
    /// A strategy of layers.
    Drawn(Drawn),
}

/// A drawn layer (absent for a fixed one) and the numbers of its points.
pub(crate) type Case = (Option<Box<dyn Layer>>, Vec<f64>);
pub(super) type CaseTree = Box<dyn ValueTree<Value = Case>>;

/// How the points of a case are drawn: six in ten short, a quarter wide, the rest extreme.
pub(super) fn kind_of(case: usize) -> PointKind {
    match case % 20 {
        0..12 => PointKind::Short,
        12..17 => PointKind::Wide,
        _ => PointKind::Extreme,
    }
}

fn numbers(kind: PointKind) -> BoxedStrategy<Vec<f64>> {
    let number = match kind {
        PointKind::Short => (-48i32..=48).prop_map(|k| f64::from(k) / 16.0).boxed(),
        PointKind::Wide => (-160i32..=160).prop_map(|k| f64::from(k) / 16.0).boxed(),
        PointKind::Extreme => prop_oneof![
            Just(0.0),
            prop::sample::select(vec![1e-300, 1e-8, -1e-8, 20.0, -20.0, 40.0, -40.0, 800.0, -800.0]),
            prop::sample::select(vec![1e3, -1e3, 1e6, -1e6, 1e12, -1e12]),
        ]
        .boxed(),
    };
    proptest::collection::vec(number, POINTS * NUMBERS).boxed()
}

/// The value tree of one case, the same for every law: same seed, same draws.
pub(super) fn tree(source: &Source<'_>, case: usize, seed: u64) -> Option<CaseTree> {
    let mut bytes = [0u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(case as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let layer: BoxedStrategy<Option<Box<dyn Layer>>> = match source {
        Source::Fixed(_) => LazyJust(|| None::<Box<dyn Layer>>).boxed(),
        Source::Drawn(layers) => layers.clone().prop_map(Some).boxed(),
    };
    let tree = (layer, numbers(kind_of(case))).new_tree(&mut runner).ok()?;
    Some(Box::new(tree) as CaseTree)
}

/// The layers and numbers of all cases.
pub(crate) fn drawn_cases(source: &Source<'_>, cases: usize, seed: u64) -> Vec<Case> {
    (0..cases).filter_map(|case| tree(source, case, seed)).map(|tree| tree.current()).collect()
}

use proptest::strategy::LazyJust as LazyJustOf;
#[expect(non_snake_case, reason = "reads as the constructor that it wraps")]
fn LazyJust<T: std::fmt::Debug, F: Fn() -> T>(f: F) -> LazyJustOf<T, F> {
    LazyJustOf::new(f)
}

/// The real vector of one point: the numbers drawn for it, repeated with a shift beyond the sixteenth coordinate.
pub(super) fn reals(numbers: &[f64], point: usize, dim: usize) -> Vec<f64> {
    let of_point = &numbers[point * NUMBERS..(point + 1) * NUMBERS];
    (0..dim).map(|i| of_point[i % NUMBERS] + 0.0625 * (i / NUMBERS) as f64).collect()
}
