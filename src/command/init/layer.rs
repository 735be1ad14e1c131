// The layer `Template` under law. Fill in what says `todo`, put this file into `tests/` of a crate of
// which pushforward is a dev-dependency (`cargo add --dev pushforward --no-default-features`),
// and run `cargo test --test template`.

use pushforward::family::{away_from_zero, short};
use pushforward::proptest::strategy::Strategy;
use pushforward::{Flow, FlowError, Image, Layer, Param, Promises, Scalar, expect_point};

/// todo: the formula, as in `x_i = e^a z_i + b`.
#[derive(Clone, Debug)]
struct Template {
    /// A parameter that laws may vary. A list of them is a `Vec<Param>`.
    a: Param,
    b: Param,
    dim: usize,
}

impl<S: Scalar> Flow<S> for Template {
    /// From the base variable z to the data x, with log|det ∂x/∂z|.
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let (a, b) = (S::from(self.a), S::from(self.b));
        todo!("Image::finite(x, log_det), from {z:?}, {a:?}, {b:?}")
    }

    /// Back from x to z, with log|det ∂z/∂x|. A layer without an inverse leaves this out.
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let (a, b) = (S::from(self.a), S::from(self.b));
        todo!("Image::finite(z, log_det), from {x:?}, {a:?}, {b:?}")
    }
}

impl Layer for Template {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        // todo: what else is so, as in `.structure(Structure::Diagonal).constant_log_det()`. A
        // verdict `vacuous` says which promise is missing.
        Promises::default()
    }
}

/// Layers as they are drawn: parameters away from special values, several dimensions.
fn any_template() -> impl Strategy<Value = Template> {
    (1usize..=5, away_from_zero(0.25, 2.0), short()).prop_map(|(dim, a, b)| Template {
        a: a.into(),
        b: b.into(),
        dim,
    })
}

// One test for each law.
pushforward::laws!(template: any_template());
