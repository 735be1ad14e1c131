//! The report for machines. The shape is stable:
//!
//! ```json
//! {"seed": 1, "cases": 60, "acceptable": true,
//!  "rows": [{"name": "planar", "laws": [{"law": "mass-is-one", "verdict": "holds", …}]}]}
//! ```
//!
//! `verdict` is one of `holds fails undecided vacuous skips n/a`; the other keys depend on it.

use serde_json::{Value, json};

use super::Report;
use crate::check::{Counterexample, Verdict};

/// One JSON object, on one line.
pub fn json(report: &Report) -> String {
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            let laws: Vec<Value> = row.verdicts.iter().map(|(law, verdict)| entry(law, verdict)).collect();
            json!({"name": row.name, "laws": laws})
        })
        .collect();
    json!({"seed": report.seed, "cases": report.cases, "acceptable": report.is_acceptable(), "rows": rows}).to_string()
}

fn entry(law: &str, verdict: &Verdict) -> Value {
    let mut value = json!({"law": law, "verdict": verdict.word()});
    match verdict {
        Verdict::Holds(held) => {
            value["residual"] = json!(held.residual);
            value["resolution"] = json!({"min": held.resolution[0], "median": held.resolution[1]});
            value["agree"] = json!(held.agree);
            value["blurred"] = json!(held.blurred);
            value["excluded"] = json!(held.excluded.iter().map(|slip| format!("{slip:?}")).collect::<Vec<_>>());
            value["note"] = json!(held.note);
            value["evidence"] = json!(held.evidence);
            value["precise"] = json!({"agree": held.precise, "resolution": held.precise_resolution});
        }
        Verdict::Fails(found) => value["counterexample"] = counterexample(found),
        Verdict::Vacuous(slips) => {
            value["slips"] = json!(slips.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        Verdict::Undecided(why) | Verdict::Skips(why) | Verdict::DoesNotApply(why) => value["why"] = json!(why),
    }
    value
}

fn counterexample(found: &Counterexample) -> Value {
    json!({
        "layer": found.layer,
        "point": found.point.as_ref().map(|(name, point)| json!({"name": name, "value": point})),
        "where": found.place,
        "left": found.left.map(|(name, value)| json!({"name": name, "value": value})),
        "right": found.right.map(|(name, value)| json!({"name": name, "value": value})),
        "apart": found.apart.map(|(apart, _)| apart),
        "allowed": found.apart.map(|(_, allowed)| allowed),
        "violation": found.violation,
        "diagnosis": found.diagnosis,
        "precise": found.precise,
        "evidence": found.evidence,
        "case": found.case,
    })
}
