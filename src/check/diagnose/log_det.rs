//! What a wrong log-det looks like.

use super::{at_probes, same};
use crate::evidence::{Direction, Site, Subject, balls};

/// Of the causes that fit at a site the one that fits at most other points, too.
pub(super) fn likely(found: f64, right: f64, site: &Site<'_>, inverse: bool) -> Option<String> {
    let mut here = causes(found, right, site, inverse);
    if here.len() > 1 {
        let elsewhere: Vec<Vec<Cause>> = at_probes(site, |probe| {
            let image = if inverse { probe.inverse() } else { probe.forward() };
            let det = if inverse { probe.inverse_jacobian() } else { probe.jacobian() };
            match (image, det) {
                (Ok(image), Ok((_, det))) if det.value.is_finite() && !same(site, image.log_det.value(), det.value) => {
                    causes(image.log_det.value(), det.value, probe, inverse)
                }
                _ => Vec::new(),
            }
        });
        let fits = |cause: &Cause| elsewhere.iter().filter(|all| all.contains(cause)).count();
        let most = here.iter().map(fits).max()?;
        here.retain(|cause| fits(cause) == most);
    }
    let mut here = here.into_iter();
    let first = here.next()?;
    // A wrong count and a lost term may be one and the same: who reads it knows which.
    let also = here.next().filter(|other| first.is_count() && other.is_count());
    Some(also.map_or_else(|| first.text().to_owned(), |also| format!("{}; or {}", first.text(), also.text())))
}

/// A cause that fits.
#[derive(PartialEq)]
enum Cause {
    Slip(String),
    /// A term or a factor too many or too few.
    Count(String),
}

impl Cause {
    fn text(&self) -> &str {
        let (Self::Slip(text) | Self::Count(text)) = self;
        text
    }
    fn is_count(&self) -> bool {
        matches!(self, Self::Count(_))
    }
}

/// Everything that fits, the more specific first.
fn causes(found: f64, right: f64, site: &Site<'_>, inverse: bool) -> Vec<Cause> {
    let Ok((jacobian, det)) = (if inverse { site.inverse_jacobian() } else { site.jacobian() }) else {
        return Vec::new();
    };
    let is = |value: f64| same(site, found, value);
    let either_sign = |value: f64| is(value) || is(-value);
    let fixed = [
        (right != 0.0 && is(-right), "the sides differ in sign only"),
        (found == 0.0, "the fast value is 0: the log-det is missing"),
        (found == 1.0, "the fast value is 1: an array of ones stands for it"),
        (right.abs() <= det.error, "det J = ±1 here, so the log-det is 0"),
        (either_sign(det.value.exp()), "the log is forgotten: the fast value is det J itself"),
        (either_sign((-det.value).exp()), "the log is forgotten: the fast value is 1/det J"),
        (is(jacobian.values.diagonal().sum()), "the log is forgotten: the fast value is the sum of the diagonal"),
    ];
    let slips = fixed.iter().filter(|(fits, _)| *fits).map(|(_, what)| (*what).to_owned());
    let slips = slips.chain(if inverse { None } else { of_a_part(found, right, site) });
    let slopes = jacobian.values.diagonal();
    let counts = of_a_coordinate(site, found, right, slopes.iter().map(|slope| slope.abs().ln()));
    let counts = counts.into_iter().chain(factor(site, found, right));
    let last = elsewhere(found, site, inverse).map(Cause::Slip);
    slips.map(Cause::Slip).chain(counts.map(Cause::Count)).chain(last).collect()
}

/// One coordinate's term, read off the diagonal (exact for triangular patterns).
fn of_a_coordinate(site: &Site<'_>, found: f64, right: f64, terms: impl Iterator<Item = f64>) -> Vec<String> {
    let terms: Vec<f64> = terms.collect();
    let mut all = Vec::new();
    if terms.len() < 2 {
        return all;
    }
    for (i, term) in terms.into_iter().enumerate().filter(|(_, term)| term.is_finite() && term.abs() > 1e-6) {
        let slips = [
            (-term, format!("the fast value lacks coordinate {i}'s term")),
            (term, format!("the fast value counts coordinate {i}'s term twice")),
            (-2.0 * term, format!("coordinate {i}'s term has the wrong sign")),
            (term.exp() - term, format!("the log of coordinate {i}'s slope is forgotten")),
            (-0.5 * term, format!("half of coordinate {i}'s term is lacking")),
        ];
        all.extend(slips.into_iter().filter(|(by, _)| same(site, found, right + by)).map(|(_, what)| what));
    }
    all
}

/// A part of a composition whose log-det is lost, doubled or subtracted.
fn of_a_part(found: f64, right: f64, site: &Site<'_>) -> Option<String> {
    let mut at = site.z.clone();
    for (k, part) in site.subject.parts().into_iter().enumerate() {
        let image = Subject::of_dyn(part).forward(&at).ok()?;
        let own = image.log_det;
        let times = ((found - right) / own + 1.0).round();
        if own.abs() > 1e-6 && (-1.0..=64.0).contains(&times) && same(site, found, right + (times - 1.0) * own) {
            return Some(match times as i64 {
                -1 => format!("the log-det of part {k} enters with the wrong sign"),
                0 => format!("the log-det of part {k} is missing"),
                n => format!("the log-det of part {k} enters {n} times"),
            });
        }
        at = image.point;
    }
    None
}

/// Whether the value is right, but for another point.
fn elsewhere(found: f64, site: &Site<'_>, inverse: bool) -> Option<String> {
    let (direction, opposite) =
        if inverse { (Direction::Inverse, Direction::Forward) } else { (Direction::Forward, Direction::Inverse) };
    let here = if inverse { &site.x } else { &site.z };
    let belongs_to = |z: &[f64]| {
        let jacobian = site.subject.jacobian(direction, &balls(z)).ok()?;
        Some(same(site, found, crate::evidence::log_abs_det(&jacobian.values, &jacobian.bounds).value))
    };
    let through = |direction: Direction| {
        let image = site.subject.within(direction, &balls(here)).ok()?;
        belongs_to(&image.point.iter().map(|x| x.value()).collect::<Vec<_>>())
    };
    let text = if through(direction) == Some(true) {
        "the fast value belongs to the image: it is evaluated at the wrong point"
    } else if through(opposite) == Some(true) {
        "the fast value belongs to the preimage: it is evaluated at the wrong point"
    } else if !inverse && belongs_to(&site.other_z) == Some(true) {
        "the fast value belongs to another point: it is stale"
    } else {
        return None;
    };
    Some(text.to_owned())
}

/// A constant factor or summand that can be named.
fn factor(site: &Site<'_>, found: f64, right: f64) -> Option<String> {
    let d = site.z.len();
    if right.abs() > 1e-6 {
        let ratio = found / right;
        for n in 2..=64u32 {
            let count = if n as usize == d { format!(" (= d = {d})") } else { String::new() };
            if same(site, ratio, f64::from(n)) {
                return Some(format!("the fast value is {n} times too large{count}"));
            }
            if same(site, ratio, 1.0 / f64::from(n)) {
                return Some(format!("a factor {n}{count} is lost: a count such as h·w, or a sum over {n} terms"));
            }
        }
        let fractions = (2..=9u32).flat_map(|q| (2..=9).map(move |p| (p, q)));
        for (p, q) in fractions.filter(|(p, q)| p % q != 0 && q % p != 0) {
            if same(site, ratio, f64::from(p) / f64::from(q)) {
                return Some(format!("the fast value is {p}/{q} of the right one: one count stands for another"));
            }
        }
    }
    let apart = (found - right).abs();
    let n = (2..=64u32).find(|&n| same(site, apart, f64::from(n).ln()))?;
    Some(format!("the sides differ by exactly ln {n}"))
}
