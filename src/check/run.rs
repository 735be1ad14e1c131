//! One strategy (or layer) under all laws: draw once, evaluate each law, shrink what fails.

use super::diagnose::{diagnose, diagnose_violation};
use super::judge::{Outcome, judge};
use super::links::at_site;
use super::sample::{Case, CaseTree, POINTS, Source, kind_of, reals, trees};
use super::vacuity::Power;
use super::*;
use crate::evidence::Direction;

/// Steps of one shrink.
const SHRINKS: usize = 400;
/// Points that must agree before a law holds (or half of those asked, if fewer).
const ENOUGH: usize = 16;
/// Dimensions at which a family's cost is counted.
const GROWTH: [usize; 4] = [4, 8, 16, 32];

pub(super) struct Run<'a> {
    source: &'a Source<'a>,
    trees: Vec<CaseTree>,
    at_dim: Option<fn(usize) -> Box<dyn Layer>>,
}

/// What a law says of one case.
pub(crate) enum Seen {
    Agrees { residual: f64, resolution: f64, note: Option<String> },
    Blurred(String),
    Missing(String),
    DoesNotApply(String),
    Fails(Box<Counterexample>),
}

/// Tallies over a sample.
#[derive(Default)]
pub(super) struct Tally {
    agree: usize,
    asked: usize,
    blurred: BTreeMap<String, usize>,
    missing: Option<String>,
    excluded_by: Option<String>,
    residual: f64,
    resolutions: Vec<f64>,
    pub(super) note: Option<String>,
    pub(super) failure: Option<(usize, Box<Counterexample>)>,
}

impl Tally {
    pub(super) fn add(&mut self, case: usize, seen: Seen) {
        match seen {
            Seen::DoesNotApply(why) => {
                self.excluded_by.get_or_insert(why);
                return;
            }
            Seen::Missing(why) => {
                self.missing.get_or_insert(why);
                return;
            }
            Seen::Agrees { residual, resolution, note } => {
                self.agree += 1;
                self.residual = self.residual.max(residual);
                self.resolutions.push(resolution);
                self.note = note.or(self.note.take());
            }
            Seen::Blurred(why) => *self.blurred.entry(why).or_default() += 1,
            Seen::Fails(counterexample) => {
                self.failure.get_or_insert((case, counterexample));
            }
        }
        self.asked += 1;
    }

    /// Rules 2 to 5 of the verdict over a sample; a failure is handled before.
    pub(super) fn conclude(mut self, enough: usize, power: Power, gate: crate::laws::Gate) -> Verdict {
        // Also where the points that did not come as far as asking for the capability are blurred.
        if let (0, Some(why)) = (self.agree, self.missing) {
            return Verdict::Skips(why);
        }
        if self.asked == 0 {
            return Verdict::DoesNotApply(self.excluded_by.unwrap_or_else(|| "nothing was drawn".to_owned()));
        }
        if self.agree < enough.min(self.asked.div_ceil(2)) || self.agree == 0 {
            let mut why: Vec<(usize, String)> = self.blurred.into_iter().map(|(why, n)| (n, why)).collect();
            why.sort_by(|a, b| b.cmp(a));
            let why: Vec<String> = why.into_iter().take(3).map(|(n, why)| format!("{n}× {why}")).collect();
            return Verdict::Undecided(format!(
                "{} of {} agree; blurred by: {}",
                self.agree,
                self.asked,
                why.join("; ")
            ));
        }
        match power.verdict(gate) {
            Err(slips) => Verdict::Vacuous(slips),
            Ok(excluded) => {
                self.resolutions.sort_by(f64::total_cmp);
                let median = self.resolutions[self.resolutions.len() / 2];
                Verdict::Holds(Held {
                    residual: self.residual,
                    resolution: [self.resolutions[0], median],
                    agree: self.agree,
                    blurred: self.asked - self.agree,
                    excluded,
                    note: self.note,
                })
            }
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        source: &'a Source<'a>,
        cases: usize,
        seed: u64,
        at_dim: Option<fn(usize) -> Box<dyn Layer>>,
    ) -> Self {
        Self { source, trees: trees(source, cases, seed), at_dim }
    }

    pub(super) fn verdict(&mut self, law: &'static Law) -> Verdict {
        match law.evidence {
            Evidence::Growth(growth) => self.growth(growth),
            Evidence::Point(_) => self.over_points(law),
            Evidence::Known(_) => known::verdict(law, self.source, &self.trees),
            Evidence::Layer(_, most) => self.over_layers(law, most),
        }
    }

    fn over_points(&mut self, law: &'static Law) -> Verdict {
        let mut tally = Tally::default();
        let mut power = Power::new(matches!(self.source, Source::Drawn(_)));
        // For a fixed layer all points belong to one layer, and the gate must see them together.
        for case in 0..self.trees.len() {
            let drawn = self.trees[case].current();
            self.with_sites(&drawn, case, |_, sites| {
                let mut judged = false;
                for site in sites {
                    let seen = at_site(law, site, case, &mut power);
                    judged |= !matches!(seen, Seen::DoesNotApply(_) | Seen::Missing(_));
                    tally.add(case, seen);
                    if tally.failure.is_some() {
                        return;
                    }
                }
                if judged {
                    power.add(sites, law.gate);
                }
            });
            if tally.failure.is_some() {
                break;
            }
        }
        if let Some((case, counterexample)) = tally.failure.take() {
            return Verdict::Fails(self.shrink(law, case, counterexample));
        }
        tally.conclude(ENOUGH, power, law.gate)
    }

    fn over_layers(&mut self, law: &'static Law, most: usize) -> Verdict {
        let mut tally = Tally::default();
        let power = Power::new(false);
        match self.source {
            Source::Fixed(layer) => {
                let subject = Subject::of_dyn(*layer);
                let cases: Vec<(usize, Case)> = self.trees.iter().map(|tree| tree.current()).enumerate().collect();
                let sites: Vec<Site<'_>> =
                    cases.iter().flat_map(|(case, (_, numbers))| sites(&subject, numbers, *case)).collect();
                tally.add(0, at_layer(law, &subject, &sites, 0));
            }
            Source::Drawn(_) => {
                let mut order: Vec<usize> =
                    (0..self.trees.len()).filter(|&case| kind_of(case) == crate::evidence::PointKind::Short).collect();
                // Where a law looks at a few only: every dimension in turn, the small ones first.
                if most < order.len() {
                    let dims: Vec<usize> = (0..self.trees.len())
                        .map(|case| self.trees[case].current().0.map_or(0, |layer| layer.dim()))
                        .collect();
                    let turn = |case: usize| order.iter().filter(|&&o| o < case && dims[o] == dims[case]).count();
                    let mut turns: Vec<(usize, usize, usize)> =
                        order.iter().map(|&case| (turn(case), dims[case], case)).collect();
                    turns.sort_unstable();
                    order = turns.into_iter().map(|(_, _, case)| case).collect();
                }
                let mut applied = 0;
                for case in order {
                    if applied >= most {
                        break;
                    }
                    let drawn = self.trees[case].current();
                    self.with_sites(&drawn, case, |subject, sites| {
                        let seen = at_layer(law, subject, sites, case);
                        applied += usize::from(!matches!(seen, Seen::DoesNotApply(_)));
                        tally.add(case, seen);
                    });
                    if tally.failure.is_some() {
                        break;
                    }
                }
            }
        }
        if let Some((case, counterexample)) = tally.failure.take() {
            return Verdict::Fails(match self.source {
                Source::Fixed(_) => counterexample,
                Source::Drawn(_) => self.shrink(law, case, counterexample),
            });
        }
        tally.conclude(1, power, law.gate)
    }

    fn growth(&self, growth: laws::Growth) -> Verdict {
        let layers: Vec<Box<dyn Layer>> = match (self.at_dim, self.source) {
            (Some(at_dim), _) => GROWTH.iter().map(|&d| at_dim(d)).collect(),
            (None, Source::Fixed(_)) => {
                return Verdict::DoesNotApply("a single layer has no growth".to_owned());
            }
            (None, Source::Drawn(_)) => {
                let mut by_dim: BTreeMap<usize, Box<dyn Layer>> = BTreeMap::new();
                for tree in &self.trees {
                    if let Some(layer) = tree.current().0 {
                        by_dim.entry(layer.dim()).or_insert(layer);
                    }
                }
                by_dim.into_values().collect()
            }
        };
        let mut costs = Vec::new();
        let mut promised: f64 = 0.0;
        for layer in &layers {
            let subject = Subject::of_dyn(&**layer);
            promised = promised.max(subject.promises().log_det_cost.exponent());
            let z = subject.promises().domain.point(&reals(&[0.375; 16 * POINTS], 0, subject.dim()));
            if let Ok(graph) = subject.graph(Direction::Forward, &z) {
                costs.push((subject.dim(), graph.cost()));
            }
        }
        match growth(&costs, promised) {
            Ok(whole) => Verdict::Holds(Held {
                resolution: [whole.resolution; 2],
                agree: costs.len(),
                note: Some(whole.note),
                ..Held::default()
            }),
            Err(Stop::Violated(what)) => {
                let layer = layers.last().map_or_else(String::new, |layer| format!("{layer:?}"));
                Verdict::Fails(Box::new(violation(layer, None, what, 0)))
            }
            Err(Stop::Blurred(why)) => Verdict::Undecided(why),
            Err(Stop::Missing(why)) => Verdict::Skips(why),
            Err(Stop::DoesNotApply(why)) => Verdict::DoesNotApply(why),
        }
    }

    /// The sites of one case, handed to `use_them`.
    fn with_sites<R>(&self, drawn: &Case, case: usize, use_them: impl FnOnce(&Subject<'_>, &[Site<'_>]) -> R) -> R {
        let subject = match (&drawn.0, self.source) {
            (Some(layer), _) => Subject::of_dyn(&**layer),
            (None, Source::Fixed(layer)) => Subject::of_dyn(*layer),
            (None, Source::Drawn(_)) => unreachable!("a strategy draws a layer for every case"),
        };
        let sites = sites(&subject, &drawn.1, case);
        use_them(&subject, &sites)
    }

    /// The first failure of a case, if it still fails.
    fn fails(&self, law: &'static Law, drawn: &Case, case: usize) -> Option<Box<Counterexample>> {
        self.with_sites(drawn, case, |subject, sites| {
            let seen: Vec<Seen> = match law.evidence {
                Evidence::Layer(..) => vec![at_layer(law, subject, sites, case)],
                _ => sites.iter().map(|site| at_site(law, site, case, &mut Power::new(false))).collect(),
            };
            seen.into_iter().find_map(|seen| match seen {
                Seen::Fails(counterexample) => Some(counterexample),
                _ => None,
            })
        })
    }

    /// Shrinks dimension and parameters, then the point, while the case still fails by the same rule.
    fn shrink(&mut self, law: &'static Law, case: usize, first: Box<Counterexample>) -> Box<Counterexample> {
        let mut best = first;
        for _ in 0..SHRINKS {
            if !self.trees[case].simplify() {
                break;
            }
            let drawn = self.trees[case].current();
            match self.fails(law, &drawn, case) {
                Some(smaller) => best = smaller,
                None => {
                    if !self.trees[case].complicate() {
                        break;
                    }
                }
            }
        }
        best
    }
}

/// The sites of one layer: three points, each with the next as its companion.
pub(crate) fn sites<'s>(subject: &'s Subject<'s>, numbers: &[f64], case: usize) -> Vec<Site<'s>> {
    let d = subject.dim();
    (0..POINTS)
        .map(|p| Site::new(subject, &reals(numbers, p, d), &reals(numbers, (p + 1) % POINTS, d), kind_of(case)))
        .collect()
}

pub(super) fn violation(
    layer: String,
    point: Option<(&'static str, Vec<f64>)>,
    what: String,
    case: usize,
) -> Counterexample {
    Counterexample {
        layer,
        point,
        kind: kind_of(case),
        place: String::new(),
        left: None,
        right: None,
        apart: None,
        violation: Some(what),
        diagnosis: None,
        case,
    }
}

/// The point that a law's statement is about.
fn point_of(law: &Law, site: &Site<'_>) -> (&'static str, Vec<f64>) {
    let about_x =
        ["forward-undoes-inverse", "inverse-log-det-is-jacobian", "both-forms-agree", "chain-inverse-reverses"];
    if about_x.contains(&law.name) { ("x", site.x.clone()) } else { ("z", site.z.clone()) }
}

pub(crate) fn at_point(law: &'static Law, site: &Site<'_>, case: usize) -> Seen {
    let Evidence::Point(sides) = law.evidence else { unreachable!("called for laws about points") };
    let layer = || format!("{:?}", site.subject.layer());
    match sides(site) {
        Err(Stop::DoesNotApply(why)) => Seen::DoesNotApply(why),
        Err(Stop::Missing(why)) => Seen::Missing(why),
        Err(Stop::Blurred(why)) => Seen::Blurred(why),
        Err(Stop::Violated(what)) => {
            let mut found = violation(layer(), Some(point_of(law, site)), what, case);
            found.diagnosis = diagnose_violation(law.name, site.subject, Some(site));
            Seen::Fails(Box::new(found))
        }
        Ok(sides) => compare(law, &sides, site, case),
    }
}

pub(super) fn compare(law: &'static Law, sides: &[Sides], site: &Site<'_>, case: usize) -> Seen {
    let (mut residual, mut resolution) = (0.0f64, 0.0f64);
    let mut blurred = None;
    let mut worst: Option<(&Sides, judge::Judged)> = None;
    for pair in sides {
        let judged = judge(pair);
        match judged.outcome {
            Outcome::Fails => {
                if worst.is_none_or(|(_, w)| judged.apart / judged.allowed > w.apart / w.allowed) {
                    worst = Some((pair, judged));
                }
            }
            Outcome::Blurred => blurred = Some("the error bound is wider than the resolution asked".to_owned()),
            Outcome::Agrees => {
                if judged.allowed > 0.0 {
                    residual = residual.max(judged.apart / judged.allowed);
                }
                resolution = resolution.max(judged.apart + judged.allowed);
            }
        }
    }
    if let Some((pair, judged)) = worst {
        return Seen::Fails(Box::new(Counterexample {
            layer: format!("{:?}", site.subject.layer()),
            point: Some(point_of(law, site)),
            kind: site.kind,
            place: pair.place.clone(),
            left: Some((pair.left_name, pair.left.value())),
            right: Some((pair.right_name, pair.right.value())),
            apart: Some((judged.apart, judged.allowed)),
            violation: None,
            diagnosis: diagnose(law.name, pair, site),
            case,
        }));
    }
    blurred.map_or(Seen::Agrees { residual, resolution, note: None }, Seen::Blurred)
}

fn at_layer(law: &'static Law, subject: &Subject<'_>, sites: &[Site<'_>], case: usize) -> Seen {
    let Evidence::Layer(look, _) = law.evidence else { unreachable!("called for laws about layers") };
    match look(subject, sites) {
        Ok(whole) => Seen::Agrees { residual: 0.0, resolution: whole.resolution, note: Some(whole.note) },
        Err(Stop::DoesNotApply(why)) => Seen::DoesNotApply(why),
        Err(Stop::Missing(why)) => Seen::Missing(why),
        Err(Stop::Blurred(why)) => Seen::Blurred(why),
        Err(Stop::Violated(what)) => {
            Seen::Fails(Box::new(violation(format!("{:?}", subject.layer()), None, what, case)))
        }
    }
}
