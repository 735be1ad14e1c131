//! Comparisons of many numbers at once.

/// How far a batch of points came back from where it began: takes in one coordinate of every point.
#[derive(Clone, Debug)]
pub struct Distances {
    /// `max |z − z′|` over the coordinates. NaN once one of them is.
    pub apart: Vec<f64>,
    /// `max(1, |z|, |x|)`.
    pub size: Vec<f64>,
}

impl Distances {
    /// Of so many points, before any coordinate.
    pub fn new(points: usize) -> Self {
        Self { apart: vec![0.0; points], size: vec![1.0; points] }
    }

    /// Takes in all coordinates of points, of their images and of what came back, coordinate by coordinate.
    pub fn take(&mut self, z: &[f64], x: &[f64], back: &[f64]) {
        struct Op<'a>(&'a mut Distances, [&'a [f64]; 3]);
        impl pulp::WithSimd for Op<'_> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) {
                let Self(Distances { apart, size }, [z, x, back]) = self;
                let larger = |a: f64, b: f64| if b > a { b } else { a };
                let n = apart.len();
                let (apart, size) = (&mut apart[..n], &mut size[..n]);
                for ((z, x), back) in z.chunks_exact(n).zip(x.chunks_exact(n)).zip(back.chunks_exact(n)) {
                    for i in 0..n {
                        let distance = (z[i] - back[i]).abs();
                        // Nothing is below a NaN, nor a NaN below anything.
                        let stays = (distance <= apart[i]) | apart[i].is_nan();
                        apart[i] = if stays { apart[i] } else { distance };
                        size[i] = larger(larger(size[i], z[i].abs()), x[i].abs());
                    }
                }
            }
        }
        pulp::Arch::new().dispatch(Op(self, [z, x, back]));
    }
}

/// Clears what holds where `left < right` comes out otherwise than `is_below` says.
pub fn keep(holds: &mut [bool], left: &[f64], right: &[f64], is_below: bool) {
    struct Op<'a>(&'a mut [bool], [&'a [f64]; 2], bool);
    impl pulp::WithSimd for Op<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) {
            let Self(holds, [left, right], is_below) = self;
            for ((holds, left), right) in holds.iter_mut().zip(left).zip(right) {
                *holds &= (left < right) == is_below;
            }
        }
    }
    pulp::Arch::new().dispatch(Op(holds, [left, right], is_below));
}
