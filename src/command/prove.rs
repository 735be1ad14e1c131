//! The theorem table.

use std::io::Write;

use clap::Args;
use pushforward::family::Family;
use pushforward::prove::{Proof, Theorem, prove_family};
use serde_json::json;

use super::{Settings, Status, Stop, judge};

/// Prove laws of layers as identities: for every input, every parameter and every conditioner
#[derive(Args, Debug)]
pub(super) struct Prove {
    /// Names of families, as in the first column of the matrix; none means all
    families: Vec<String>,
}

impl Prove {
    pub(super) fn run(&self, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
        let families = if self.families.is_empty() { judge::all() } else { judge::chosen(&self.families)? };
        let proved = judge::in_parallel(settings, &families, prove_family);
        if settings.for_machines() {
            writeln!(out, "{}", json!({ "theorems": proved.iter().flat_map(machine).collect::<Vec<_>>() }))?;
        } else {
            text(&proved, !self.families.is_empty(), out)?;
        }
        let refuted = |theorem: &Theorem| matches!(theorem.proof(), Proof::Refuted(_));
        Ok(if proved.iter().any(|(_, all)| all.iter().any(refuted)) { Status::Bad } else { Status::Good })
    }
}

type Proved<'a> = (&'a Family, Vec<Theorem>);

fn symbol(proof: &Proof) -> char {
    match proof {
        Proof::Proved => '∎',
        Proof::OnPaths(_) => 'p',
        Proof::UpToBranch => 'b',
        Proof::Tested => 't',
        Proof::DoesNotApply(_) => '·',
        Proof::Refuted(_) => '✗',
        _ => '–',
    }
}

fn text(proved: &[Proved<'_>], statements: bool, out: &mut dyn Write) -> Result<(), Stop> {
    let Some((_, first)) = proved.first() else { return Ok(()) };
    for (i, theorem) in first.iter().enumerate() {
        writeln!(out, "  {:>2}  {}", i + 1, theorem.law)?;
    }
    let width = proved.iter().map(|(family, _)| family.name.chars().count()).max().unwrap_or(0).max(8);
    write!(out, "\n{:width$}", "")?;
    (1..=first.len()).try_for_each(|i| write!(out, " {i:>2}"))?;
    writeln!(out)?;
    for (family, theorems) in proved {
        write!(out, "{:width$}", family.name)?;
        theorems.iter().try_for_each(|theorem| write!(out, "  {}", symbol(&theorem.proof())))?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "\n∎ proved  p proved on the paths met  b up to the branch of a root  t tested exactly  – not proved  ✗ false  \
         · does not apply\n"
    )?;
    for (family, theorems) in proved {
        for theorem in theorems {
            let bare = matches!(theorem.proof(), Proof::Proved | Proof::DoesNotApply(_));
            if statements || !bare {
                writeln!(out, "{} / {}\n  {theorem}", family.name, theorem.law)?;
            }
        }
    }
    let count = |wanted: char| {
        proved.iter().flat_map(|(_, all)| all).filter(|theorem| symbol(&theorem.proof()) == wanted).count()
    };
    let worst =
        proved.iter().flat_map(|(_, all)| all).filter(|t| matches!(t.proof(), Proof::Proved | Proof::OnPaths(_)));
    let worst = worst.map(|theorem| theorem.log10_failure).fold(f64::NEG_INFINITY, f64::max);
    writeln!(
        out,
        "\n{} proved · {} on the paths met · {} up to branch · {} tested · {} not proved · {} false; each proof wrong with \
         probability below 1e{:.0}",
        count('∎'),
        count('p'),
        count('b'),
        count('t'),
        count('–'),
        count('✗'),
        worst.ceil()
    )?;
    Ok(())
}

fn machine<'a>((family, theorems): &'a Proved<'_>) -> impl Iterator<Item = serde_json::Value> + 'a {
    theorems.iter().map(|theorem| {
        json!({
            "family": family.name,
            "law": theorem.law,
            "verdict": theorem.proof().word(),
            "dims": theorem.dims,
            "formulas": theorem.formulas,
            "proved": theorem.proved,
            "log10_failure": theorem.log10_failure.is_finite().then_some(theorem.log10_failure),
            "any_conditioner": theorem.any_conditioner,
            "statement": theorem.to_string(),
        })
    })
}
