//! The README's opening: a planar flow whose author wrote tanh′ = 1 − tanh, and the report that catches it.

use pushforward::{Flow, FlowError, Image, Layer, Param, Scalar, dot, lit, params};

// [readme]
#[derive(Debug)]
struct Planar {
    u: Vec<Param>,
    w: Vec<Param>,
}

impl<S: Scalar> Flow<S> for Planar {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let t = dot(&self.w, z).tanh();
        let wu: S = self.w.iter().zip(&self.u).map(|(w, &u)| w * S::from(u)).sum();
        let x: Vec<S> = z.iter().zip(&self.u).map(|(&z, u)| z + u * t).collect();
        Image::finite(x, ((lit(1.0) - t) * wu).ln_1p()) // tanh′ is 1 − t², not 1 − t
    }
}
// [/readme]

impl Layer for Planar {
    fn dim(&self) -> usize {
        self.u.len()
    }
}

/// The report on one law.
pub(crate) fn report() -> String {
    let layer = Planar { u: params([1.0, 0.0]), w: params([1.0, 2.0]) };
    let law = pushforward::laws::find("log-det-is-jacobian").expect("a law of this name");
    pushforward::Check::new().laws([law]).run(&layer).to_string()
}

#[allow(dead_code, reason = "unused where the README's test includes this file")]
fn main() {
    print!("{}", report());
}
