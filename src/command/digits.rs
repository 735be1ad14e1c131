//! `pushforward digits`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use pushforward::data::{At, flow};
use pushforward::digits::Map;
use pushforward::document::{Syntax, parse};

use super::{Status, Stop, judge};

/// Map where in its domain a layer loses digits beyond what the condition of the problem excuses
///
/// Over one coordinate for a layer of dimension 1, over two for others, in both directions. The law digits-kept allows
/// three digits.
#[derive(Args, Debug)]
pub(super) struct Digits {
    /// A family of the zoo, of which the first layers drawn are shown, or a file (*.json, *.toml) with one flow,
    /// {"layer": "planar", "params": {...}}
    layer: String,
    /// In single precision, the parameters rounded to it
    #[arg(long)]
    single: bool,
    /// Dimension of a flow whose parameters leave it open
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=512))]
    dim: u16,
}

impl Digits {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Status, Stop> {
        let path = PathBuf::from(&self.layer);
        let maps = if path.extension().is_some_and(|e| e == "json" || e == "toml") {
            vec![self.of_file(&path)?]
        } else {
            judge::chosen(std::slice::from_ref(&self.layer))?
                .into_iter()
                .flat_map(|family| Map::of_family(family, self.single))
                .collect()
        };
        for (i, map) in maps.iter().enumerate() {
            write!(out, "{}{map}", if i > 0 { "\n" } else { "" })?;
        }
        Ok(Status::Good)
    }

    fn of_file(&self, path: &Path) -> Result<Map, Stop> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|e| Stop::Misuse(format!("cannot read {name}: {e}")))?;
        let document = parse(&text, Syntax::of(path)).map_err(|e| Stop::Misuse(format!("{name}:{e}")))?;
        let at = At::new(&document, "").in_dim(self.dim.into());
        let layer = flow(&at).map_err(|e| Stop::Misuse(format!("{name}: {e}")))?;
        Ok(Map::of(&*layer, self.single))
    }
}
