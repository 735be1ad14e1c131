//! The report for machines, in the shape that `docs/report.schema.json` fixes and `docs/json.md` describes.

use serde_json::{Number, Value, json};

use super::text::words;
use super::{Claim, Report};
use crate::check::{Counterexample, Slip, Verdict};

/// Rises when a key changes its meaning, or is renamed or removed; not when one is added.
const VERSION: u32 = 1;

/// One JSON object, on one line.
pub fn json(report: &Report) -> String {
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            let entry = |(law, verdict): &(&str, Verdict)| entry(law, verdict, report.accepts(law, verdict));
            let laws: Vec<Value> = row.verdicts.iter().map(entry).collect();
            json!({"name": row.name, "claim": row.claim().map(claim), "laws": laws})
        })
        .collect();
    json!({
        "format": "pushforward-report",
        "version": VERSION,
        "seed": report.seed,
        "cases": report.cases,
        "acceptable": report.is_acceptable(),
        "rows": rows,
    })
    .to_string()
}

fn claim(claim: Claim) -> &'static str {
    match claim {
        Claim::Named => "named-flow",
        Claim::Flow => "flow",
        Claim::LogDet => "log-det",
    }
}

fn entry(law: &str, verdict: &Verdict, acceptable: bool) -> Value {
    let mut value = json!({"law": law, "verdict": verdict.word(), "acceptable": acceptable});
    match verdict {
        Verdict::Holds(held) => {
            value["residual"] = number(held.residual);
            value["resolution"] = json!({"min": number(held.resolution[0]), "median": number(held.resolution[1])});
            value["agree"] = json!(held.agree);
            value["blurred"] = json!(held.blurred);
            value["excluded"] = held.excluded.iter().map(slip).collect();
            value["note"] = json!(held.note);
            value["evidence"] = json!(held.evidence);
            value["precise"] = json!({"agree": held.precise, "resolution": number(held.precise_resolution)});
        }
        Verdict::Fails(found) => value["counterexample"] = counterexample(found),
        Verdict::Vacuous(slips) => {
            value["slips"] = slips.iter().map(slip).collect();
            value["why"] = json!(words(slips));
        }
        Verdict::Undecided(why) | Verdict::Skips(why) | Verdict::DoesNotApply(why) => value["why"] = json!(why),
    }
    value
}

fn slip(slip: &Slip) -> Value {
    match slip {
        Slip::Volume => json!({"kind": "volume"}),
        Slip::DroppedCoordinate(i) => json!({"kind": "dropped-coordinate", "coordinate": i}),
        Slip::StaleEvaluation => json!({"kind": "stale-evaluation"}),
        Slip::LostAbs => json!({"kind": "lost-abs"}),
        Slip::IdleInverse => json!({"kind": "idle-inverse"}),
        Slip::UnmetBranch(place, met) => json!({"kind": "unmet-branch", "place": place, "met": met}),
        Slip::Shape(what) => json!({"kind": "shape", "what": what}),
    }
}

fn counterexample(found: &Counterexample) -> Value {
    let named = |name: &str, value: Value| json!({"name": name, "value": value});
    json!({
        "layer": found.layer,
        "point": found.point.as_ref().map(|(name, point)| named(name, point.iter().map(|&x| number(x)).collect())),
        "where": found.place,
        "left": found.left.map(|(name, value)| named(name, number(value))),
        "right": found.right.map(|(name, value)| named(name, number(value))),
        "apart": found.apart.map(|(apart, _)| number(apart)),
        "allowed": found.apart.map(|(_, allowed)| number(allowed)),
        "violation": found.violation,
        "diagnosis": found.diagnosis,
        "precise": found.precise,
        "evidence": found.evidence,
        "case": found.case,
    })
}

/// JSON has no infinities and no NaN: they are the strings `inf`, `-inf`, `NaN`.
fn number(x: f64) -> Value {
    Number::from_f64(x).map_or_else(|| json!(x.to_string()), Value::Number)
}
