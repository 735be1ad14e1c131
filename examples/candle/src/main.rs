//! A coupling layer in candle, on f32 tensors, under law: one as it should be, and one with a slip in its log-det.
//!
//! Run it with `cargo run`, its laws with `cargo test`, in this folder.

use candle_core::{D, Device, Result, Tensor, Var};
use pushforward::blackbox::{Evaluator, Rows};
use pushforward::{BlackBox, Check, FlowError, Image, Promises, Structure};

/// `x_a = z_a`, `x_b = z_b e^{s(z_a)} + t(z_a)` on batches of points, `a` and `b` the two halves of the coordinates.
struct Coupling {
    hidden: [Tensor; 2],
    out: [Tensor; 2],
    /// The log-det of each point of a batch from its log-scales.
    log_det: fn(&Tensor) -> Result<Tensor>,
}

impl Coupling {
    fn new(half: usize, width: usize, log_det: fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self {
            hidden: [weights(half, width, 0.9)?, weights(1, width, 0.3)?],
            out: [weights(width, 2 * half, 0.6)?, weights(1, 2 * half, 0.4)?],
            log_det,
        })
    }

    /// Log-scales and shifts.
    fn conditioner(&self, a: &Tensor) -> Result<(Tensor, Tensor)> {
        let hidden = a.matmul(&self.hidden[0])?.broadcast_add(&self.hidden[1])?.tanh()?;
        let out = hidden.matmul(&self.out[0])?.broadcast_add(&self.out[1])?.chunk(2, D::Minus1)?;
        Ok((out[0].tanh()?, out[1].clone()))
    }

    fn forward(&self, z: &Tensor) -> Result<(Tensor, Tensor)> {
        let halves = z.chunk(2, D::Minus1)?;
        let (s, t) = self.conditioner(&halves[0])?;
        let b = ((&halves[1] * s.exp()?)? + t)?;
        Ok((Tensor::cat(&[&halves[0], &b], D::Minus1)?, (self.log_det)(&s)?))
    }

    fn inverse(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let halves = x.chunk(2, D::Minus1)?;
        let (s, t) = self.conditioner(&halves[0])?;
        let b = ((&halves[1] - t)? * s.neg()?.exp()?)?;
        Ok((Tensor::cat(&[&halves[0], &b], D::Minus1)?, (self.log_det)(&s)?.neg()?))
    }
}

/// Weights that are the same in every run.
fn weights(rows: usize, columns: usize, size: f32) -> Result<Tensor> {
    let values: Vec<f32> = (0..rows * columns).map(|k| size * (2.4 * k as f32 + columns as f32).sin()).collect();
    Tensor::from_vec(values, (rows, columns), &Device::Cpu)
}

fn right(s: &Tensor) -> Result<Tensor> {
    s.sum(D::Minus1)
}

/// The slip: the determinant is the product of the scales, and its log their sum.
fn wrong(s: &Tensor) -> Result<Tensor> {
    s.mean(D::Minus1)
}

/// What pushforward calls, many points at once.
struct UnderLaw(Coupling);

impl Evaluator for UnderLaw {
    fn forward(&self, z: &[Vec<f64>]) -> Vec<std::result::Result<Image<f64>, FlowError>> {
        images(z, |z| self.0.forward(z))
    }
    fn inverse(&self, x: &[Vec<f64>]) -> Vec<std::result::Result<Image<f64>, FlowError>> {
        images(x, |x| self.0.inverse(x))
    }
    fn jacobian(&self, z: &[Vec<f64>]) -> Option<Vec<std::result::Result<Rows, FlowError>>> {
        Some(each(z, jacobians(z, |z| Ok(self.0.forward(z)?.0))))
    }
}

fn batch(points: &[Vec<f64>]) -> Result<Tensor> {
    let values: Vec<f32> = points.iter().flatten().map(|&x| x as f32).collect();
    Tensor::from_vec(values, (points.len(), points[0].len()), &Device::Cpu)
}

fn rows(tensor: &Tensor) -> Result<Vec<Vec<f64>>> {
    let rows = tensor.to_vec2::<f32>()?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(f64::from).collect()).collect())
}

fn images(
    points: &[Vec<f64>],
    map: impl Fn(&Tensor) -> Result<(Tensor, Tensor)>,
) -> Vec<std::result::Result<Image<f64>, FlowError>> {
    let found = || {
        if points.is_empty() {
            return Ok(Vec::new());
        }
        let (x, log_det) = map(&batch(points)?)?;
        let log_dets = log_det.to_vec1::<f32>()?;
        Ok(rows(&x)?.into_iter().zip(log_dets).map(|(x, log_det)| Image::new(x, f64::from(log_det))).collect())
    };
    each(points, found())
}

/// The Jacobians of a batch by backpropagation: the gradient of each coordinate of the images, summed over the batch, is
/// that coordinate's row of every Jacobian.
fn jacobians(points: &[Vec<f64>], map: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Vec<Rows>> {
    let Some(first) = points.first() else { return Ok(Vec::new()) };
    let z = Var::from_tensor(&batch(points)?)?;
    let x = map(&z)?;
    let mut all = vec![Rows::new(); points.len()];
    for i in 0..first.len() {
        let gradients = x.narrow(1, i, 1)?.sum_all()?.backward()?;
        let row = gradients.get(&z).map_or_else(|| z.zeros_like(), |gradient| Ok(gradient.clone()))?;
        all.iter_mut().zip(rows(&row)?).for_each(|(jacobian, row)| jacobian.push(row));
    }
    Ok(all)
}

/// One result for each point; an error of candle's is one of them all.
fn each<T>(points: &[Vec<f64>], found: Result<Vec<T>>) -> Vec<std::result::Result<T, FlowError>> {
    match found {
        Ok(found) => found.into_iter().map(Ok).collect(),
        Err(e) => points.iter().map(|_| Err(FlowError::Foreign { what: e.to_string() })).collect(),
    }
}

fn judge(name: &str, log_det: fn(&Tensor) -> Result<Tensor>) -> Result<pushforward::report::Report> {
    let layer = UnderLaw(Coupling::new(2, 8, log_det)?);
    let promises = Promises::default().structure(Structure::PassThrough { kept: vec![0, 1] });
    Ok(Check::new().run(&BlackBox::of(4, layer).single().name(name).promises(promises)))
}

fn main() -> Result<()> {
    for (name, log_det) in [("right", right as fn(&Tensor) -> _), ("wrong", wrong)] {
        println!("{}", judge(name, log_det)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_layer_holds() {
        let report = judge("right", right).expect("candle evaluates it");
        assert!(report.is_acceptable(), "{report}");
    }

    #[test]
    fn the_slip_is_found() {
        let report = judge("wrong", wrong).expect("candle evaluates it");
        for law in ["log-det-is-jacobian", "inverse-log-det-is-jacobian"] {
            assert!(report.failures().contains(&law), "{law}:\n{report}");
        }
        assert!(!report.failures().contains(&"inverse-undoes-forward"), "the maps are right:\n{report}");
    }
}
