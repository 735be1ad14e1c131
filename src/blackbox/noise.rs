//! How much of a number is noise, told from its neighbours.

/// Neighbours on each side of a point.
pub(super) const NEIGHBOURS: i32 = 4;
/// Orders of the difference table that are read: lower ones see the function, higher ones have few entries.
const ORDERS: std::ops::RangeInclusive<usize> = 3..=6;

/// The standard deviation of the noise in equally spaced values of a smooth function: the largest that the orders of a
/// difference table name,
///
/// ```text
/// σ_k² = (k!)²/(2k)! · mean (Δᵏf)²
/// ```
///
/// since white noise of deviation σ has k-th differences of variance `(2k)!/(k!)² σ²`, and those of the function vanish
/// with the k-th power of the spacing. Method: Moré & Wild 2011, *SIAM J. Sci. Comput.* 33(3), 1292–1314. Infinite where a
/// value is not finite.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let mut differences = values.to_vec();
    let mut largest: f64 = 0.0;
    let mut share = 1.0;
    for k in 1..=*ORDERS.end() {
        differences = differences.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let order = k as f64;
        // (k!)²/(2k)! from that of k − 1.
        share *= order / (2.0 * (2.0 * order - 1.0));
        if ORDERS.contains(&k) {
            let squares: f64 = differences.iter().map(|d| d * d).sum();
            largest = largest.max((share * squares / differences.len() as f64).sqrt());
        }
    }
    if values.iter().all(|v| v.is_finite()) { largest } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn noise_is_told_from_a_smooth_function() {
        let mut random = Stream::new(3);
        for noise in [1e-3, 1e-9, 1e-14] {
            let h = 2f64.powi(-26);
            let mut ratios: Vec<f64> = (0..200)
                .map(|_| {
                    let values: Vec<f64> =
                        (-4..=4).map(|k| (0.3 + f64::from(k) * h).exp() + noise * random.normal()).collect();
                    deviation(&values) / noise
                })
                .collect();
            ratios.sort_by(f64::total_cmp);
            // Six differences of nine numbers are a small sample: one estimate in twenty is low by a factor of two or more.
            assert!(ratios[10] > 0.25 && (0.5..2.0).contains(&ratios[100]) && ratios[199] < 5.0, "{ratios:?}");
        }
        assert!(deviation(&[0.0, 1.0, f64::NAN, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).is_infinite());
        assert_eq!(deviation(&[1.0; 9]), 0.0);
    }
}
