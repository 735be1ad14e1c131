//! A new layer in under 30 lines, under law in one. Run its laws with `cargo test --example add_a_layer`.

use pushforward::{Flow, FlowError, Image, Layer, Param, Promises, Scalar, Structure, expect_point};

/// `x_i = e^a z_i + b`, on every coordinate.
#[derive(Clone, Debug)]
struct Stretch {
    log_scale: Param,
    shift: Param,
    dim: usize,
}

impl<S: Scalar> Flow<S> for Stretch {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let a = S::from(self.log_scale);
        let x: Vec<S> = z.iter().map(|&z| a.exp() * z + self.shift).collect();
        Image::finite(x, a * self.dim as f64)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let a = S::from(self.log_scale);
        let z: Vec<S> = x.iter().map(|&x| (x - self.shift) * (-a).exp()).collect();
        Image::finite(z, -(a * self.dim as f64))
    }
}

impl Layer for Stretch {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).constant_log_det().increasing()
    }
}

#[cfg(test)]
fn any_stretch() -> impl pushforward::proptest::strategy::Strategy<Value = Stretch> {
    use pushforward::family::{away_from_zero, short};
    use pushforward::proptest::strategy::Strategy;
    // Log-scales away from 0, where the layer would preserve volume and its log-det could hide.
    (1usize..=5, away_from_zero(0.25, 2.0), short()).prop_map(|(dim, a, b)| Stretch {
        log_scale: a.into(),
        shift: b.into(),
        dim,
    })
}

#[cfg(test)]
pushforward::laws!(stretch: any_stretch());

fn main() {
    let layer = Stretch { log_scale: 0.5.into(), shift: 2.0.into(), dim: 3 };
    let report = pushforward::check(&layer);
    print!("{report}");
    std::process::exit(i32::from(!report.is_acceptable()));
}
