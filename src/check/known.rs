//! Known values: not drawn, but offered by the layers that are.

use std::collections::BTreeSet;

use super::look::{Seen, together, violation};
use super::run::Tally;
use super::sample::{Case, Source};
use super::vacuity::Power;
use super::*;
use crate::eval::Given;
use crate::evidence::PointKind;
use crate::known::KnownValue;

/// Every known value that any of the layers offers, once.
pub(super) fn verdict(law: &'static Law, source: &Source<'_>, cases: &[Case]) -> Verdict {
    let mut met = BTreeSet::new();
    let mut tally = Tally::default();
    let offers: Box<dyn Iterator<Item = Vec<KnownValue>>> = match source {
        Source::Fixed(subject) => {
            Box::new(std::iter::once(subject.layer().map_or_else(Vec::new, |layer| layer.known_values())))
        }
        Source::Drawn(_) => {
            Box::new(cases.iter().filter_map(|(layer, _)| layer.as_ref()).map(|layer| layer.known_values()))
        }
    };
    for values in offers {
        if values.is_empty() {
            // One layer that is not known leaves the whole strategy unnamed.
            return Verdict::DoesNotApply("it offers no known values, so nothing says which flow it is".to_owned());
        }
        for known in values.into_iter().filter(|known| met.insert(known.name.clone())) {
            tally.add(0, at_value(law, &known));
            if let Some((_, counterexample)) = tally.failure.take() {
                return Verdict::Fails(counterexample);
            }
        }
    }
    tally.note = Some(format!("{} known values", met.len()));
    tally.conclude(usize::MAX, Power::new(false), law.gate)
}

fn at_value(law: &'static Law, known: &KnownValue) -> Seen {
    let Evidence::Known(look) = law.evidence else { unreachable!("called for the law of known values") };
    let subject = Subject::of_dyn(&*known.layer);
    let (name, point) = match &known.given {
        Given::Base(z) => ("z", z),
        Given::Data(x) => ("x", x),
    };
    let site = Site::at(&subject, point.clone(), point.clone(), point.clone(), PointKind::Short);
    let seen = match look(known, &site) {
        Ok(sides) => together(law, &sides, &site, 0),
        Err(Stop::DoesNotApply(why)) => Seen::DoesNotApply(why),
        Err(Stop::Missing(why)) => Seen::Missing(why),
        Err(Stop::Blurred(why)) => Seen::Blurred(why),
        Err(Stop::Violated(what)) => {
            let what = format!("known value {}: {what}", known.name);
            Seen::Fails(Box::new(violation(format!("{:?}", known.layer), None, what, 0)))
        }
    };
    match seen {
        Seen::Fails(found) => Seen::Fails(Box::new(Counterexample { point: Some((name, point.clone())), ..*found })),
        seen => seen,
    }
}
