//! Scales of affine transformations, from the raw output of a conditioner.

use crate::data::{At, DataError, unknown};
use crate::error::FlowError;
use crate::flow::{expect_factor, expect_scale};
use crate::param::Param;
use crate::scalar::Scalar;

/// How a conditioner's raw output becomes the scale `s` of `x = s z + t`.
///
/// `ln|s|` is never the logarithm of an exponential. A scale that over- or underflows is `OutOfRange`, never NaN and
/// never silently 0.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Scale {
    /// No scale: `s = 1`, and the conditioner returns shifts only. The log-det is exactly 0.
    None,
    /// `s = e^raw`, `ln s = raw`.
    Exp,
    /// `s = raw`, of either sign but never 0.
    Direct,
    /// `s = min + (max − min) σ(raw)`; made by [`Scale::sigmoid`].
    #[non_exhaustive]
    Sigmoid {
        /// Lower bound, positive.
        min: Param,
        /// Upper bound.
        max: Param,
    },
    /// `s = e^(clamp · tanh(raw))`; made by [`Scale::tanh`].
    #[non_exhaustive]
    Tanh {
        /// Bound of `|ln s|`, positive.
        clamp: Param,
    },
}

impl Scale {
    /// A scale between two bounds.
    ///
    /// # Errors
    /// `BadBounds` unless `0 < min < max < ∞`: with `min ≤ 0` the scale could vanish.
    pub fn sigmoid(min: f64, max: f64) -> Result<Self, FlowError> {
        if 0.0 < min && min < max && max.is_finite() {
            Ok(Self::Sigmoid { min: min.into(), max: max.into() })
        } else {
            Err(FlowError::BadBounds { min, max })
        }
    }

    /// A scale with `|ln s| < clamp`.
    ///
    /// # Errors
    /// `BadParameter` unless `0 < clamp < ∞`.
    pub fn tanh(clamp: f64) -> Result<Self, FlowError> {
        if 0.0 < clamp && clamp.is_finite() {
            Ok(Self::Tanh { clamp: clamp.into() })
        } else {
            Err(FlowError::BadParameter { name: "clamp".to_owned(), value: clamp, constraint: "0 < clamp < ∞" })
        }
    }

    /// `s` and `ln|s|` for the coordinate of this index, which errors name.
    ///
    /// # Errors
    /// `SingularScale` for a direct scale of 0; `OutOfRange` where an exponential over- or underflows.
    pub fn at<S: Scalar>(&self, raw: S, index: usize) -> Result<(S, S), FlowError> {
        if let Some(log) = self.log(raw) {
            let s = log.exp();
            expect_factor(s, index)?;
            return Ok((s, log));
        }
        match self {
            Self::Direct => {
                expect_scale(raw, index)?;
                Ok((raw, raw.ln_abs()))
            }
            Self::Sigmoid { min, max } => {
                // The same function as in its definition, exactly `min` or `max` where σ saturates.
                let s = min * (-raw).sigmoid() + max * raw.sigmoid();
                Ok((s, s.ln()))
            }
            _ => Ok((S::from(1.0), S::from(0.0))),
        }
    }

    /// `ln s`, for the scales that are an exponential.
    fn log<S: Scalar>(&self, raw: S) -> Option<S> {
        match self {
            Self::Exp => Some(raw),
            Self::Tanh { clamp } => Some(clamp * raw.tanh()),
            Self::None | Self::Direct | Self::Sigmoid { .. } => None,
        }
    }

    /// `s z` and its log-derivative `ln|s|`.
    pub(super) fn apply<S: Scalar>(&self, raw: S, z: S, index: usize) -> Result<(S, S), FlowError> {
        if matches!(self, Self::None) {
            return Ok((z, S::from(0.0)));
        }
        let (s, log) = self.at(raw, index)?;
        Ok((s * z, log))
    }

    /// `y/s` and its log-derivative `−ln|s|`.
    pub(super) fn undo<S: Scalar>(&self, raw: S, y: S, index: usize) -> Result<(S, S), FlowError> {
        if matches!(self, Self::None) {
            return Ok((y, S::from(0.0)));
        }
        if let Some(log) = self.log(raw) {
            let inverse = (-log).exp();
            expect_factor(inverse, index)?;
            return Ok((y * inverse, -log));
        }
        let (s, log) = self.at(raw, index)?;
        Ok((y / s, -log))
    }

    /// Its name in data.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Exp => "exp",
            Self::Direct => "direct",
            Self::Sigmoid { .. } => "sigmoid",
            Self::Tanh { .. } => "tanh",
        }
    }

    /// Values that a conditioner returns for each coordinate: a raw scale unless there is none, and a shift.
    pub(super) fn arity(&self) -> usize {
        if matches!(self, Self::None) { 1 } else { 2 }
    }
}

/// `{ kind = "none" | "exp" | "direct" }`, `{ kind = "sigmoid", min, max }` or `{ kind = "tanh", clamp }`.
pub(super) fn read(at: &At<'_>) -> Result<Scale, DataError> {
    let fields = at.fields()?;
    let kind = fields.required("kind")?;
    let scale = match kind.text()? {
        "none" => Ok(Scale::None),
        "exp" => Ok(Scale::Exp),
        "direct" => Ok(Scale::Direct),
        "sigmoid" => Scale::sigmoid(fields.required("min")?.number()?, fields.required("max")?.number()?),
        "tanh" => Scale::tanh(fields.required("clamp")?.number()?),
        other => {
            let known = ["none", "exp", "direct", "sigmoid", "tanh"];
            return Err(kind.error("UnknownName", unknown("scale", other, known.into_iter())));
        }
    };
    fields.finish()?;
    scale.map_err(|e| at.refuse(&e))
}
