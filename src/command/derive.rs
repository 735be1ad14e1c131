//! A layer's formula in symbols.

use std::io::Write;

use clap::Args;
use pushforward::Layer;
use pushforward::check::SEED;
use pushforward::derive::{Notation, derive};
use pushforward::family::Family;
use serde_json::json;

use super::{Format, Settings, Status, Stop, judge};

/// Print a layer's image, Jacobian and log-det in symbols
#[derive(Args, Debug)]
pub(super) struct Derive {
    /// The family's name, as in the first column of the matrix
    family: String,
    /// The dimension
    #[arg(long, default_value_t = 2)]
    dim: usize,
}

impl Derive {
    pub(super) fn run(&self, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
        let families = judge::chosen(std::slice::from_ref(&self.family))?;
        let layer = member(families[0], self.dim)?;
        let reals: Vec<f64> = (0..self.dim).map(|i| 0.3 + 0.2 * i as f64).collect();
        let z = layer.promises().domain.point(&reals);
        let notation = if settings.format == Format::Latex { Notation::Latex } else { Notation::Text };
        let derived = derive(&*layer, &z, notation).map_err(|e| Stop::Misuse(format!("{}: {e}", self.family)))?;
        match settings.format {
            Format::Json => writeln!(
                out,
                "{}",
                json!({
                    "family": self.family, "dim": derived.dim, "point": derived.point, "jacobian": derived.jacobian,
                    "log_det": derived.log_det, "given": derived.given, "equations": derived.equations,
                    "conditioners": derived.conditioners,
                })
            )?,
            _ => write!(out, "{derived}")?,
        }
        Ok(Status::Good)
    }
}

/// Members drawn in search of one of the dimension asked.
const DRAWN: usize = 400;

pub(super) fn member(family: &Family, dim: usize) -> Result<Box<dyn Layer>, Stop> {
    let drawn = || family.members(SEED, DRAWN);
    let found = drawn().find(|layer| layer.dim() == dim);
    found.ok_or_else(|| {
        let mut dims: Vec<usize> = drawn().map(|layer| layer.dim()).collect();
        dims.sort_unstable();
        dims.dedup();
        Stop::Misuse(format!("{} has no member of dimension {dim}; it has {dims:?}", family.name))
    })
}
