//! Black boxes: right ones raise no alarm, wrong ones fail the law that is theirs, and whatever a closure returns is a
//! verdict, never a panic.

use pushforward::{BlackBox, Flow, FlowError, Image, Layer, Promises};

mod hostile;
mod right;
mod wrong;

/// A layer of which only its values are shown.
fn closed(layer: &dyn Layer) -> BlackBox<'_> {
    let flow: &dyn Flow<f64> = layer;
    BlackBox::new(layer.dim(), |z| flow.forward(z), |x| flow.inverse(x)).promises(layer.promises())
}

type Answer = Result<Image<f64>, FlowError>;

/// An affine coupling on two pairs: `x = (z₀, z₁, s₀z₂ + t₀, s₁z₃ + t₁)`, scales and shifts from the first pair.
fn scales(a: &[f64]) -> [f64; 2] {
    [0.4 + 0.7 * (a[0] + 0.3).tanh(), 0.9 * (0.5 * a[1] - a[0]).sin() - 0.3]
}
fn shifts(a: &[f64]) -> [f64; 2] {
    [a[0] - 2.0 * a[1], (a[0] * 0.5).cos()]
}
fn coupled(z: &[f64]) -> Vec<f64> {
    let (s, t) = (scales(z), shifts(z));
    vec![z[0], z[1], s[0].exp() * z[2] + t[0], s[1].exp() * z[3] + t[1]]
}
fn uncoupled(x: &[f64]) -> Vec<f64> {
    let (s, t) = (scales(x), shifts(x));
    vec![x[0], x[1], (x[2] - t[0]) * (-s[0]).exp(), (x[3] - t[1]) * (-s[1]).exp()]
}
fn volume(a: &[f64]) -> f64 {
    scales(a).iter().sum()
}
/// What the coupling promises.
fn kept() -> Promises {
    Promises::default().kept(vec![0, 1])
}
fn forward(z: &[f64]) -> Answer {
    Ok(Image::new(coupled(z), volume(z)))
}
fn inverse(x: &[f64]) -> Answer {
    Ok(Image::new(uncoupled(x), -volume(x)))
}

/// The same in f32, every operation.
fn in_f32(z: &[f64], back: bool) -> Answer {
    let z: Vec<f32> = z.iter().map(|&z| z as f32).collect();
    let s = [0.4 + 0.7 * (z[0] + 0.3).tanh(), 0.9 * (0.5 * z[1] - z[0]).sin() - 0.3];
    let t = [z[0] - 2.0 * z[1], (z[0] * 0.5).cos()];
    let moved = |k: usize| if back { (z[k + 2] - t[k]) * (-s[k]).exp() } else { s[k].exp() * z[k + 2] + t[k] };
    let sign = if back { -1.0 } else { 1.0 };
    let point = [z[0], z[1], moved(0), moved(1)];
    Ok(Image::new(point.map(f64::from), f64::from(sign * (s[0] + s[1]))))
}
