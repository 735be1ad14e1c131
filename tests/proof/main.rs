//! The prover against layers that are built to fool it. Each test says what a careless prover concludes, and asserts
//! what this one does.

use std::fmt;

use pushforward::prove::{Theorem, prove};
use pushforward::{Flow, FlowError, Image, Layer, Param, Promises, Scalar};

/// A layer of `$dim` coordinates from its formulas. The derived `Debug` shows its parameters.
macro_rules! layer {
    ($name:ident { $($field:ident: $type:ty),* $(,)? } $dim:expr $(, of $own:ident)?;
     |$this:ident, $z:ident| $forward:expr $(; |$that:ident, $x:ident| $inverse:expr)? $(=> $promises:expr)?) => {
        #[derive(Clone, Debug)]
        struct $name { $($field: $type),* }
        impl<S: Scalar> Flow<S> for $name {
            fn forward(&self, $z: &[S]) -> Result<Image<S>, FlowError> {
                let $this = self;
                $forward
            }
            $(fn inverse(&self, $x: &[S]) -> Result<Image<S>, FlowError> {
                let $that = self;
                $inverse
            })?
        }
        impl Layer for $name {
            fn dim(&self) -> usize {
                $(let $own = self;)?
                $dim
            }
            $(fn promises(&self) -> Promises { $promises })?
        }
    };
}

mod conditioners;
mod escapes;
mod formulas;
mod museum;
mod paths;
mod roots;

fn on(layer: &dyn Layer, law: &str) -> Theorem {
    let all = prove(layer);
    let found = all.into_iter().find(|theorem| theorem.law == law);
    found.unwrap_or_else(|| panic!("{law} is not among the laws that are proved"))
}

/// The verdict on a law, in one word, and what the statement says.
#[track_caller]
fn expect(layer: &dyn Layer, law: &str, word: &str, says: &str) {
    let theorem = on(layer, law);
    let (found, statement) = (theorem.proof().word(), theorem.to_string());
    assert_eq!(found, word, "{law} of {layer:?}: {statement}");
    assert!(statement.contains(says), "{law} of {layer:?}: {says:?} is not said in {statement}");
}

const VOLUME: &str = "log-det-is-jacobian";
const BACK: &str = "inverse-undoes-forward";
const AGAIN: &str = "forward-undoes-inverse";

/// Hides what a derived `Debug` shows.
#[derive(Clone)]
struct Hidden<T>(T);
impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn two() -> Param {
    2.0.into()
}
