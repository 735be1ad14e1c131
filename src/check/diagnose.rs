//! The likely cause of a failure, where one fits exactly.

use crate::evidence::{PointKind, Sides, Site, Subject};

mod log_det;

/// Two numbers that rounding cannot tell apart, with room for the slip's own arithmetic; of a black box numbers that its
/// estimates cannot.
fn same(site: &Site<'_>, a: f64, b: f64) -> bool {
    (a - b).abs() <= (1e-2 * site.subject.coarseness()).max(1e-9) * a.abs().max(b.abs()).max(1.0)
}

/// Points at which a cause is asked again: a shrunk point is special, and at a special point many causes fit.
const PROBES: usize = 4;

/// The layer of a site at other points, none of them special.
fn at_probes<R>(site: &Site<'_>, ask: impl Fn(&Site<'_>) -> R) -> Vec<R> {
    let promises = site.subject.promises();
    let reals = |p: usize| (0..site.z.len()).map(|i| 1.3 * (2.3 * i as f64 + 1.7 * p as f64 + 0.4).sin()).collect();
    let ask_at = |p: usize| {
        let (here, there): (Vec<f64>, Vec<f64>) = (reals(p), reals(p + PROBES));
        let (z, x) = (promises.domain.point(&here), promises.codomain.point(&here));
        ask(&Site::at(site.subject, z, x, promises.domain.point(&there), PointKind::Short))
    };
    (0..PROBES).map(ask_at).collect()
}

/// What two sides that should be equal point to, at one site.
pub(super) fn diagnose(law: &str, sides: &Sides, site: &Site<'_>) -> Option<String> {
    let (found, right) = (sides.left.value(), sides.right.value());
    // Too small to have a name: anything would fit.
    if (found - right).abs() < site.subject.coarseness().max(1e-6) * found.abs().max(right.abs()).max(1.0) {
        return None;
    }
    match law {
        "finite-differences-agree" if found == 0.0 => {
            Some("the derivative is lost: the layer's value does not carry its tangent here".to_owned())
        }
        "log-det-gradient" if found == 0.0 => {
            Some("the log-det carries no tangent: it is built from plain numbers".to_owned())
        }
        "log-det-is-as-promised" => Some("the log-det is promised to be constant, and depends on the point".to_owned()),
        "log-det-is-jacobian" | "log-dets-add" => log_det::likely(found, right, site, false),
        "inverse-log-det-is-jacobian" => log_det::likely(found, right, site, true),
        "inverse-log-det-negates" if same(site, found, -right) => {
            Some("the inverse returns the forward log-det: its sign is not negated".to_owned())
        }
        "both-forms-agree" | "sampled-density-agrees" => {
            let double = found - right;
            // The first is about the point drawn in the codomain, the second about that in the domain.
            let image = if law == "both-forms-agree" { site.inverse() } else { site.forward() };
            let log_det = image.ok()?.log_det.value();
            same(site, double.abs(), 2.0 * log_det.abs()).then(|| "a log-det enters with the wrong sign".to_owned())
        }
        "inverse-undoes-forward" => inverse(site),
        "branches-meet" => Some(if sides.place.ends_with("det J|") {
            let factor = (right - found).exp();
            format!(
                "the slope jumps where two branches meet, by a factor of {factor:.6}: if that is meant, promise kinked()"
            )
        } else {
            format!("the next branch begins {:.3e} from where this one ends", right - found)
        }),
        _ => None,
    }
}

/// What a round trip makes of a point.
enum Trip {
    Whole(&'static str),
    /// These coordinates come back wrong.
    Some(Vec<usize>),
}

fn trip(site: &Site<'_>) -> Option<Trip> {
    let (image, back) = (site.forward().ok()?, site.back().ok()?);
    let values = |all: &[crate::scalar::Bounded]| all.iter().map(|x| x.value()).collect::<Vec<_>>();
    let (x, z) = (values(&image.point), values(&back.point));
    let equal = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| same(site, *a, *b));
    let wrong: Vec<usize> = (0..z.len()).filter(|&i| !same(site, z[i], site.z[i])).collect();
    if wrong.is_empty() {
        return None;
    }
    if equal(&x, &z) {
        return Some(Trip::Whole("the inverse returns its input"));
    }
    if site.subject.forward(&x).is_ok_and(|again| equal(&again.point, &z)) {
        return Some(Trip::Whole("the inverse applies the forward map"));
    }
    let (mut sorted_z, mut sorted_point) = (z.clone(), site.z.clone());
    sorted_z.sort_by(f64::total_cmp);
    sorted_point.sort_by(f64::total_cmp);
    if equal(&sorted_z, &sorted_point) {
        return Some(Trip::Whole("the inverse returns the right coordinates in the wrong order"));
    }
    Some(Trip::Some(wrong))
}

fn inverse(site: &Site<'_>) -> Option<String> {
    let here = trip(site)?;
    let mut wrong = vec![false; site.z.len()];
    let mut note = |all: &[usize]| all.iter().for_each(|&i| wrong[i] = true);
    let probes: Vec<Trip> = at_probes(site, trip).into_iter().flatten().collect();
    match &here {
        // What fits here must fit wherever the trip fails.
        Trip::Whole(what) if probes.iter().all(|t| matches!(t, Trip::Whole(other) if other == what)) => {
            return Some((*what).to_owned());
        }
        Trip::Whole(_) => {}
        Trip::Some(all) => note(all),
    }
    for probe in &probes {
        match probe {
            Trip::Some(all) => note(all),
            Trip::Whole(_) => return None,
        }
    }
    let wrong: Vec<usize> = (0..wrong.len()).filter(|&i| wrong[i]).collect();
    (wrong.len() < site.z.len()).then(|| format!("only coordinates {wrong:?} come back wrong"))
}

/// What a violation in a whole layer points to, where it can be told.
pub(super) fn diagnose_violation(law: &str, subject: &Subject<'_>, site: Option<&Site<'_>>) -> Option<String> {
    let site = site?;
    if !matches!(law, "log-det-is-jacobian" | "finite-inside" | "inverse-log-det-negates") {
        return None;
    }
    let image = subject.forward(&site.z).ok()?;
    if image.log_det == f64::NEG_INFINITY {
        return Some("the log of a value that has rounded to 0: use a form that stays away from it".to_owned());
    }
    if image.log_det == f64::INFINITY || image.point.iter().any(|x| x.is_infinite()) {
        return Some("an intermediate value overflows: use a form that stays finite, or return OutOfRange".to_owned());
    }
    if image.log_det.is_nan() && site.kind != PointKind::Extreme {
        let sign = site.jacobian().ok()?.1.sign?;
        if sign < 0.0 {
            return Some("det J < 0 here: the log of a negative number; use ln_abs".to_owned());
        }
    }
    None
}
