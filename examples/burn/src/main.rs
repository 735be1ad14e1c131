//! A coupling layer in burn, on f32 tensors, under law: one as it should be, and one whose inverse forgets a sign.
//!
//! Run it with `cargo run`, its laws with `cargo test`, in this folder.

use burn::backend::NdArray;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use pushforward::blackbox::Evaluator;
use pushforward::{BlackBox, Check, FlowError, Image, Promises, Structure};

/// `x_a = z_a`, `x_b = z_b e^{s(z_a)} + t(z_a)` on batches of points, `a` and `b` the two halves of the coordinates.
#[derive(Debug, Module)]
struct Coupling<B: Backend> {
    hidden: Linear<B>,
    out: Linear<B>,
    half: usize,
}

impl<B: Backend> Coupling<B> {
    fn new(half: usize, width: usize, device: &B::Device) -> Self {
        Self {
            hidden: LinearConfig::new(half, width).init(device),
            out: LinearConfig::new(width, 2 * half).init(device),
            half,
        }
    }

    /// Both halves of the points, log-scales and shifts.
    fn split(&self, points: Tensor<B, 2>) -> [Tensor<B, 2>; 4] {
        let [a, b] = self.halves(points);
        let [s, t] = self.halves(self.out.forward(self.hidden.forward(a.clone()).tanh()));
        [a, b, s.tanh(), t]
    }

    fn halves(&self, both: Tensor<B, 2>) -> [Tensor<B, 2>; 2] {
        [both.clone().narrow(1, 0, self.half), both.narrow(1, self.half, self.half)]
    }

    fn forward(&self, z: Tensor<B, 2>) -> (Tensor<B, 2>, Tensor<B, 1>) {
        let [a, b, s, t] = self.split(z);
        (Tensor::cat(vec![a, b * s.clone().exp() + t], 1), s.sum_dim(1).squeeze_dim(1))
    }

    fn inverse(&self, x: Tensor<B, 2>) -> (Tensor<B, 2>, Tensor<B, 1>) {
        let [a, b, s, t] = self.split(x);
        (Tensor::cat(vec![a, (b - t) * s.clone().neg().exp()], 1), s.sum_dim(1).neg().squeeze_dim(1))
    }
}

/// What pushforward calls, many points at once.
struct UnderLaw<B: Backend> {
    layer: Coupling<B>,
    device: B::Device,
    /// The slip: the inverse returns the log-det of the forward map.
    forgets_the_sign: bool,
}

type Images = Vec<Result<Image<f64>, FlowError>>;

impl<B: Backend> UnderLaw<B> {
    fn images(&self, points: &[Vec<f64>], map: impl Fn(Tensor<B, 2>) -> (Tensor<B, 2>, Tensor<B, 1>)) -> Images {
        if points.is_empty() {
            return Vec::new();
        }
        let dim = points[0].len();
        let values: Vec<f32> = points.iter().flatten().map(|&x| x as f32).collect();
        let (x, log_det) = map(Tensor::from_data(TensorData::new(values, [points.len(), dim]), &self.device));
        let numbers = |data: TensorData| data.to_vec::<f32>().map_err(|e| FlowError::Foreign { what: format!("{e:?}") });
        match (numbers(x.into_data()), numbers(log_det.into_data())) {
            (Ok(x), Ok(log_det)) => x
                .chunks(dim)
                .zip(log_det)
                .map(|(x, log_det)| {
                    let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
                    Ok(Image::new(x, f64::from(log_det)))
                })
                .collect(),
            (Err(e), _) | (_, Err(e)) => points.iter().map(|_| Err(e.clone())).collect(),
        }
    }
}

impl<B: Backend> Evaluator for UnderLaw<B> {
    fn forward(&self, z: &[Vec<f64>]) -> Images {
        self.images(z, |z| self.layer.forward(z))
    }
    fn inverse(&self, x: &[Vec<f64>]) -> Images {
        self.images(x, |x| {
            let (z, log_det) = self.layer.inverse(x);
            (z, if self.forgets_the_sign { log_det.neg() } else { log_det })
        })
    }
}

fn judge(name: &str, forgets_the_sign: bool) -> pushforward::report::Report {
    let device = Default::default();
    NdArray::<f32>::seed(&device, 7);
    let layer = UnderLaw::<NdArray> { layer: Coupling::new(2, 8, &device), device, forgets_the_sign };
    let promises = Promises::default().structure(Structure::PassThrough { kept: vec![0, 1] });
    Check::new().run(&BlackBox::of(4, layer).single().name(name).promises(promises))
}

fn main() {
    println!("{}", judge("right", false));
    println!("{}", judge("wrong", true));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_layer_holds() {
        let report = judge("right", false);
        assert!(report.is_acceptable(), "{report}");
    }

    #[test]
    fn the_slip_is_found() {
        let report = judge("wrong", true);
        for law in ["inverse-log-det-negates", "inverse-log-det-is-jacobian"] {
            assert!(report.failures().contains(&law), "{law}:\n{report}");
        }
        assert!(!report.failures().contains(&"log-det-is-jacobian"), "the forward map is right:\n{report}");
    }
}
