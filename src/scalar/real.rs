//! Plain numbers whose rounding is known.

use super::*;

/// A plain number that error bounds can be kept for: what it loses in each operation is known.
pub trait Real: Number + PartialOrd {
    /// Unit roundoff: the relative error of `+ − × ÷ √`.
    const UNIT: f64;
    /// Relative error of an elementary function.
    const LIBRARY: f64;
    /// Relative error of the normal distribution function.
    const NORMAL_CDF: f64;
    /// Below this an operation's rounding is not relative any more, or its relative size underflows in f64.
    const NEARLY_SUBNORMAL: f64;
    /// Absolute error of an operation whose result is below that.
    const UNDERFLOW: f64;
    /// Whether it resolves more than f64, so that what f64 computed is only an approximation.
    const BEYOND_F64: bool;

    /// The nearest f64.
    fn to_f64(self) -> f64;
}

impl Real for f64 {
    const UNIT: f64 = f64::EPSILON / 2.0;
    /// Two units in the last place.
    const LIBRARY: f64 = 4.0 * Self::UNIT;
    const NORMAL_CDF: f64 = 4.0 * Self::LIBRARY;
    const NEARLY_SUBNORMAL: f64 = 1e-290;
    /// Also covers library functions there.
    const UNDERFLOW: f64 = 4.0 * Self::from_bits(1);
    const BEYOND_F64: bool = false;

    #[inline]
    fn to_f64(self) -> f64 {
        self
    }
}

/// 237 bits.
impl Real for Precise {
    const UNIT: f64 = 4.53e-72;
    /// Four units of 2⁻²³⁶: the unit tests hold every function to it.
    const LIBRARY: f64 = 8.0 * Self::UNIT;
    /// Between −2 and 0 it is a difference from ½.
    const NORMAL_CDF: f64 = 22.0 * Self::LIBRARY;
    /// The format reaches far lower; bounds are f64 numbers and do not.
    const NEARLY_SUBNORMAL: f64 = 1e-220;
    const UNDERFLOW: f64 = 1e-289;
    const BEYOND_F64: bool = true;

    fn to_f64(self) -> f64 {
        Self::to_f64(self)
    }
}

/// Newton steps that a root may take from f64 to the digits of a longer number; three do where the slope is healthy.
const STEPS: usize = 40;

/// The root next to the float that f64 found.
pub(super) fn polished<V: Real>(at: f64, g: impl Fn(V) -> (V, V)) -> V {
    let mut root = V::from(at);
    if V::BEYOND_F64 {
        for _ in 0..STEPS {
            let (value, slope) = g(root);
            let step = value / slope;
            let size = step.to_f64().abs();
            if !size.is_finite() || size <= V::UNIT * root.to_f64().abs() {
                break;
            }
            root -= step;
        }
    }
    root
}
