// The layer `Stretch` under law. Fill in what says `todo`, put this file into `tests/` of a crate of
// which pushforward is a dev-dependency (`cargo add --dev pushforward --no-default-features`),
// and run `cargo test --test stretch`.

use pushforward::family::{away_from_zero, short};
use pushforward::proptest::strategy::Strategy;
use pushforward::{Flow, FlowError, Image, Layer, Param, Promises, Scalar, expect_point};

/// `x_i = e^a z_i + b`.
#[derive(Clone, Debug)]
struct Stretch {
    /// A parameter that laws may vary. A list of them is a `Vec<Param>`.
    a: Param,
    b: Param,
    dim: usize,
}

impl<S: Scalar> Flow<S> for Stretch {
    /// From the base variable z to the data x, with log|det ∂x/∂z|.
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let (a, b) = (S::from(self.a), S::from(self.b));
        let x: Vec<S> = z.iter().map(|&z| a.exp() * z + b).collect();
        Image::finite(x, a * self.dim as f64)
    }

    /// Back from x to z, with log|det ∂z/∂x|. A layer without an inverse leaves this out.
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let (a, b) = (S::from(self.a), S::from(self.b));
        let z: Vec<S> = x.iter().map(|&x| (x - b) * (-a).exp()).collect();
        Image::finite(z, -(a * self.dim as f64))
    }
}

impl Layer for Stretch {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        Promises::default()
            .structure(pushforward::Structure::Diagonal)
            .constant_log_det()
            .increasing()
    }
}

/// Layers as they are drawn: parameters away from special values, several dimensions.
fn any_stretch() -> impl Strategy<Value = Stretch> {
    (1usize..=5, away_from_zero(0.25, 2.0), short()).prop_map(|(dim, a, b)| Stretch {
        a: a.into(),
        b: b.into(),
        dim,
    })
}

// One test for each law.
pushforward::laws!(stretch: any_stretch());
