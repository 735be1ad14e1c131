//! One strategy (or layer) under all laws: draw once, evaluate each law, shrink what fails.

use super::links::at_site;
use super::look::{SecondLook, Seen, at_layer, violation};
use super::sample::{Case, POINTS, Source, kind_of, reals, tree};
use super::suspects::Suspects;
use super::vacuity::Power;
use super::*;
use crate::evidence::Direction;

/// Steps of one shrink; of a black box, where each costs a numerical Jacobian or several, fewer.
const SHRINKS: usize = 400;
const SHRINKS_OF_BLACK_BOX: usize = 60;
/// Points that must agree before a law holds (or half of those asked, if fewer).
const ENOUGH: usize = 16;
/// Dimensions at which a family's cost is counted.
const GROWTH: [usize; 4] = [4, 8, 16, 32];

pub(super) struct Run<'a> {
    source: &'a Source<'a>,
    seed: u64,
    cases: &'a [Case],
    subjects: &'a [Subject<'a>],
    /// The points of each case, one case after another, shared by all laws: what one has asked for need not be computed
    /// again.
    sites: Vec<Site<'a>>,
    at_dim: Option<fn(usize) -> Box<dyn Layer>>,
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
    precise: (usize, f64),
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
                    precise: self.precise.0,
                    precise_resolution: self.precise.1,
                    evidence: "",
                })
            }
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        source: &'a Source<'a>,
        seed: u64,
        cases: &'a [Case],
        subjects: &'a [Subject<'a>],
        at_dim: Option<fn(usize) -> Box<dyn Layer>>,
    ) -> Self {
        let cases_of = subjects.iter().zip(cases).enumerate();
        let sites = cases_of.flat_map(|(case, (subject, (_, numbers)))| sites(subject, numbers, case));
        Self { source, seed, cases, subjects, sites: sites.collect(), at_dim }
    }

    pub(super) fn verdict(&self, law: &'static Law) -> Verdict {
        let mut verdict = self.judged(law);
        let grounds = self.subjects.first().map_or("", |subject| law.grounds(subject));
        match &mut verdict {
            Verdict::Holds(held) => held.evidence = grounds,
            Verdict::Fails(found) => {
                found.evidence = grounds;
                if self.subjects.first().is_some_and(|subject| seems_single(subject, &self.sites)) {
                    let what = "every number that it returns is one of f32: declare that it computes in f32";
                    found.diagnosis = Some(what.to_owned());
                }
            }
            _ => {}
        }
        verdict
    }

    fn judged(&self, law: &'static Law) -> Verdict {
        match law.evidence {
            Evidence::Growth(growth) => self.growth(growth),
            Evidence::Point(_) | Evidence::Identity(..) => self.over_points(law),
            Evidence::Known(_) => known::verdict(law, self.source, self.cases),
            Evidence::Layer(_, most) => self.over_layers(law, most),
        }
    }

    fn over_points(&self, law: &'static Law) -> Verdict {
        let mut tally = Tally::default();
        let mut power = Power::new(matches!(self.source, Source::Drawn(_)));
        let mut second = SecondLook::default();
        let mut suspects = Suspects::default();
        // For a fixed layer all points belong to one layer, and the gate must see them together.
        for (case, sites) in self.sites.chunks(POINTS).enumerate() {
            let mut judged = false;
            for site in sites {
                let seen = at_site(law, site, case, &mut power);
                let seen = suspects.at(law, site, second.at(law, site, case, seen));
                judged |= !matches!(seen, Seen::DoesNotApply(_) | Seen::Missing(_));
                tally.add(case, seen);
                if let Some((_, counterexample)) = tally.failure.take() {
                    return Verdict::Fails(self.shrink(law, counterexample.case, counterexample));
                }
            }
            if judged {
                power.add(sites, law.gate);
            }
        }
        if let Some(why) = suspects.open() {
            return Verdict::Undecided(why);
        }
        tally.precise = second.agreed();
        tally.conclude(ENOUGH, power, law.gate)
    }

    fn over_layers(&self, law: &'static Law, most: usize) -> Verdict {
        let mut tally = Tally::default();
        match self.source {
            Source::Fixed(subject) => {
                tally.add(0, at_layer(law, subject, &self.sites, 0));
                if let Some((_, counterexample)) = tally.failure.take() {
                    return Verdict::Fails(counterexample);
                }
            }
            Source::Drawn(_) => {
                let mut applied = 0;
                for case in self.small_ones_first(most) {
                    if applied >= most {
                        break;
                    }
                    let seen = at_layer(law, &self.subjects[case], self.of_case(case), case);
                    applied += usize::from(!matches!(seen, Seen::DoesNotApply(_)));
                    tally.add(case, seen);
                    if let Some((case, counterexample)) = tally.failure.take() {
                        return Verdict::Fails(self.shrink(law, case, counterexample));
                    }
                }
            }
        }
        tally.conclude(1, Power::new(false), law.gate)
    }

    fn of_case(&self, case: usize) -> &[Site<'a>] {
        &self.sites[case * POINTS..(case + 1) * POINTS]
    }

    /// The cases with moderate points. Where a law looks at a few only: every dimension in turn, the small ones first.
    fn small_ones_first(&self, most: usize) -> Vec<usize> {
        let moderate = |&case: &usize| kind_of(case) == crate::evidence::PointKind::Short;
        let order: Vec<usize> = (0..self.cases.len()).filter(moderate).collect();
        if most >= order.len() {
            return order;
        }
        let dim = |case: usize| self.subjects[case].dim();
        let turn = |case: usize| order.iter().filter(|&&o| o < case && dim(o) == dim(case)).count();
        let mut turns: Vec<(usize, usize, usize)> = order.iter().map(|&case| (turn(case), dim(case), case)).collect();
        turns.sort_unstable();
        turns.into_iter().map(|(_, _, case)| case).collect()
    }

    fn growth(&self, growth: laws::Growth) -> Verdict {
        let grown: Vec<Box<dyn Layer>>;
        let layers: Vec<&dyn Layer> = match (self.at_dim, self.source) {
            (Some(at_dim), _) => {
                grown = GROWTH.iter().map(|&d| at_dim(d)).collect();
                grown.iter().map(|layer| &**layer).collect()
            }
            (None, Source::Fixed(_)) => {
                return Verdict::DoesNotApply("a single layer has no growth".to_owned());
            }
            (None, Source::Drawn(_)) => {
                let mut by_dim: BTreeMap<usize, &dyn Layer> = BTreeMap::new();
                for subject in self.subjects {
                    if let Some(layer) = subject.layer() {
                        by_dim.entry(subject.dim()).or_insert(layer);
                    }
                }
                by_dim.into_values().collect()
            }
        };
        let mut costs = Vec::new();
        let mut promised: f64 = 0.0;
        for layer in &layers {
            let subject = Subject::of_dyn(*layer);
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

    /// The first failure of a case, if it still fails.
    fn fails(&self, law: &'static Law, drawn: &Case, case: usize, precise: bool) -> Option<Box<Counterexample>> {
        let subject = subject_of(drawn, self.source)?;
        let sites = sites(&subject, &drawn.1, case);
        let failure = |seen: Seen| if let Seen::Fails(found) = seen { Some(found) } else { None };
        match law.evidence {
            Evidence::Layer(..) => failure(at_layer(law, &subject, &sites, case)),
            _ if precise => sites.iter().filter_map(|site| SecondLook::once(law, site, case)).find_map(failure),
            _ => sites.iter().map(|site| at_site(law, site, case, &mut Power::new(false))).find_map(failure),
        }
    }

    /// Shrinks dimension and parameters, then the point, while the case still fails by the same rule. On a tree of its
    /// own: the next law judges what was drawn.
    fn shrink(&self, law: &'static Law, case: usize, first: Box<Counterexample>) -> Box<Counterexample> {
        let precise = first.precise;
        let mut best = first;
        let Some(mut tree) = tree(self.source, case, self.seed) else { return best };
        let black_box = matches!(self.source, Source::Fixed(subject) if subject.black_box().is_some());
        for _ in 0..if black_box { SHRINKS_OF_BLACK_BOX } else { SHRINKS } {
            if !tree.simplify() {
                break;
            }
            match self.fails(law, &tree.current(), case, precise) {
                Some(smaller) => best = smaller,
                None => {
                    if !tree.complicate() {
                        break;
                    }
                }
            }
        }
        best
    }
}

/// Whether a black box that is taken to compute in f64 returns f32 numbers only.
fn seems_single(subject: &Subject<'_>, sites: &[Site<'_>]) -> bool {
    let Some(black_box) = subject.black_box().filter(|black_box| !black_box.is_single()) else { return false };
    let points: Vec<Vec<f64>> = sites.iter().take(2 * POINTS).map(|site| site.z.clone()).collect();
    let images = black_box.evaluate(Direction::Forward, &points).into_iter().flatten();
    let numbers: Vec<f64> = images.flat_map(|image| image.point.into_iter().chain([image.log_det])).collect();
    // Short decimals are numbers of f32, too; those that take all its bits tell.
    numbers.iter().all(|&x| f64::from(x as f32) == x)
        && numbers.iter().any(|x| *x != 0.0 && x.to_bits().trailing_zeros() < 34)
}

/// The subject of a case.
pub(super) fn subject_of<'s>(drawn: &'s Case, source: &'s Source<'s>) -> Option<Subject<'s>> {
    match (&drawn.0, source) {
        (Some(layer), _) => Some(Subject::of_dyn(&**layer)),
        (None, Source::Fixed(subject)) => Some(subject.clone()),
        (None, Source::Drawn(_)) => None,
    }
}

/// The sites of one layer: three points, each with the next as its companion.
pub(crate) fn sites<'s>(subject: &'s Subject<'s>, numbers: &[f64], case: usize) -> Vec<Site<'s>> {
    let d = subject.dim();
    (0..POINTS)
        .map(|p| Site::new(subject, &reals(numbers, p, d), &reals(numbers, (p + 1) % POINTS, d), kind_of(case)))
        .collect()
}
