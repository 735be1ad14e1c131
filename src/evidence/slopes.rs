//! Numerical derivatives with their own error estimate.

/// A numerical derivative with its own error estimate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slope {
    pub value: f64,
    pub error: f64,
}

/// `df_i/dt` at 0 for every output of `f`, by Ridders' extrapolation of central differences from three starting steps;
/// `f` returns each output with a bound on its rounding error. `None` where `f` is not defined on the stencil.
///
/// One table's own estimate is no bound, so the error is `3·(smallest estimate) + 2·(spread of the three)`, plus what
/// the noise can do. Method: Ridders 1982, *Adv. Eng. Software* 4, 75–76.
pub(crate) fn slopes(f: impl Fn(f64) -> Option<Vec<(f64, f64)>>, scale: f64) -> Option<Vec<Slope>> {
    slopes_from(f, STARTS.map(|h| h * scale))
}

/// Starting steps for f64, in units of the scale.
pub(crate) const STARTS: [f64; 3] = [0.2, 0.017, 0.0014];

/// The same from given starting steps.
pub(crate) fn slopes_from(f: impl Fn(f64) -> Option<Vec<(f64, f64)>>, starts: [f64; 3]) -> Option<Vec<Slope>> {
    let tables: Vec<Vec<Slope>> = starts.iter().filter_map(|&h| ridders(&f, h)).collect();
    if tables.len() < 2 {
        return None;
    }
    let combined = (0..tables[0].len()).map(|i| {
        let best = tables.iter().map(|t| t[i]).min_by(|a, b| a.error.total_cmp(&b.error)).expect("two tables");
        let values = tables.iter().map(|t| t[i].value);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        Slope { value: best.value, error: 3.0 * best.error + 2.0 * (high - low) }
    });
    Some(combined.collect())
}

/// Shrink factor between the steps of a table, and its length.
const SHRINK: f64 = 1.4;
const ROWS: usize = 8;

/// The steps of one table.
fn steps(start: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(start), |h| Some(h / SHRINK)).take(ROWS)
}

/// Every displacement that [`slopes_from`] asks for, so that they can be evaluated together.
pub(crate) fn stencil(starts: [f64; 3]) -> Vec<f64> {
    starts.into_iter().flat_map(steps).flat_map(|h| [h, -h]).collect()
}

fn ridders(f: &impl Fn(f64) -> Option<Vec<(f64, f64)>>, start: f64) -> Option<Vec<Slope>> {
    let mut best: Vec<Slope> = Vec::new();
    let mut previous: Vec<Vec<f64>> = Vec::new();
    for (row, h) in steps(start).enumerate() {
        let (above, below) = (f(h)?, f(-h)?);
        let outputs = above.len();
        best.resize(outputs, Slope { value: f64::NAN, error: f64::INFINITY });
        let noise: Vec<f64> = above.iter().zip(&below).map(|(a, b)| a.1.max(b.1)).collect();
        let mut current = vec![(0..outputs).map(|i| (above[i].0 - below[i].0) / (2.0 * h)).collect::<Vec<f64>>()];
        let mut factor = SHRINK * SHRINK;
        for column in 1..=row {
            let extrapolated: Vec<f64> = (0..outputs)
                .map(|i| (current[column - 1][i] * factor - previous[column - 1][i]) / (factor - 1.0))
                .collect();
            for i in 0..outputs {
                let change = (extrapolated[i] - current[column - 1][i])
                    .abs()
                    .max((extrapolated[i] - previous[column - 1][i]).abs());
                // Extrapolation magnifies noise by at most a few times.
                let error = change + 8.0 * noise[i] / h;
                if error < best[i].error {
                    best[i] = Slope { value: extrapolated[i], error };
                }
            }
            current.push(extrapolated);
            factor *= SHRINK * SHRINK;
        }
        previous = current;
    }
    best.iter().all(|s| s.value.is_finite()).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerical_slopes_are_within_their_error() {
        let f = |t: f64| Some([(1.3 + t).exp(), (3.0 * t).sin(), 5.0 * t].map(|v| (v, 1e-15)).to_vec());
        let found = slopes(f, 1.0).unwrap();
        for (slope, exact) in found.iter().zip([1.3f64.exp(), 3.0, 5.0]) {
            assert!((slope.value - exact).abs() <= slope.error, "{slope:?} vs {exact}");
            assert!(slope.error < 1e-8, "{slope:?}");
        }
    }
}
