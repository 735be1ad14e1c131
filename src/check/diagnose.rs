//! The likely cause of a failure, where one fits exactly.

use crate::evidence::{Direction, PointKind, Sides, Site, Subject, balls};

/// Two numbers that rounding cannot tell apart, with room for the slip's own arithmetic.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// What a log-det that should be `right` and is `wrong` looks like, at one site.
pub(super) fn diagnose(law: &str, sides: &Sides, site: &Site<'_>) -> Option<String> {
    let (found, right) = (sides.left.value(), sides.right.value());
    // Too small to have a name: anything would fit.
    if (found - right).abs() < 1e-6 * found.abs().max(right.abs()).max(1.0) {
        return None;
    }
    match law {
        "finite-differences-agree" if found == 0.0 => {
            Some("the derivative is lost: the layer's value does not carry its tangent here".to_owned())
        }
        "log-det-gradient" if found == 0.0 => {
            Some("the log-det carries no tangent: it is built from plain numbers".to_owned())
        }
        "log-det-is-jacobian" | "log-dets-add" => log_det(found, right, site, false),
        "inverse-log-det-is-jacobian" => log_det(found, right, site, true),
        "inverse-log-det-negates" if same(found, -right) => {
            Some("the inverse returns the forward log-det: its sign is not negated".to_owned())
        }
        "both-forms-agree" | "sampled-density-agrees" => {
            let double = found - right;
            let forward = site.forward().ok()?.log_det.value();
            same(double.abs(), 2.0 * forward.abs()).then(|| "a log-det enters with the wrong sign".to_owned())
        }
        "inverse-undoes-forward" => inverse(site),
        _ => None,
    }
}

fn log_det(found: f64, right: f64, site: &Site<'_>, inverse: bool) -> Option<String> {
    let (jacobian, det) = if inverse { site.inverse_jacobian() } else { site.jacobian() }.ok()?;
    let d = site.z.len();
    if right != 0.0 && same(found, -right) {
        return Some("the sides differ in sign only".to_owned());
    }
    if found == 0.0 {
        return Some("the fast value is 0: the log-det is missing".to_owned());
    }
    if same(found, det.value.exp()) || same(found, -det.value.exp()) {
        return Some("the log is forgotten: the fast value is det J itself".to_owned());
    }
    if same(found, jacobian.values.diagonal().sum()) {
        return Some("the log is forgotten: the fast value is the sum of the diagonal".to_owned());
    }
    // One coordinate's term, read off the diagonal (exact for triangular patterns).
    for i in 0..d {
        let term = jacobian.values[(i, i)].abs().ln();
        if d > 1 && term.is_finite() && term.abs() > 1e-6 {
            if same(found, right - term) {
                return Some(format!("the fast value lacks coordinate {i}'s term"));
            }
            if same(found, right + term) {
                return Some(format!("the fast value counts coordinate {i}'s term twice"));
            }
            if same(found, right - 2.0 * term) {
                return Some(format!("coordinate {i}'s term has the wrong sign"));
            }
        }
    }
    if let Some(text) = elsewhere(found, site, inverse) {
        return Some(text);
    }
    factor(found, right, d)
}

/// Whether the value is right, but for another point.
fn elsewhere(found: f64, site: &Site<'_>, inverse: bool) -> Option<String> {
    let at = |z: &[f64]| {
        let direction = if inverse { Direction::Inverse } else { Direction::Forward };
        let jacobian = site.subject.jacobian(direction, &balls(z)).ok()?;
        Some(crate::evidence::log_abs_det(&jacobian.values, &jacobian.bounds).value)
    };
    let image = if inverse { site.inverse() } else { site.forward() }.ok()?;
    let image: Vec<f64> = image.point.iter().map(|x| x.value()).collect();
    if at(&image).is_some_and(|value| same(found, value)) {
        return Some("the fast value belongs to the image: it is evaluated at the wrong point".to_owned());
    }
    if !inverse && at(&site.other_z).is_some_and(|value| same(found, value)) {
        return Some("the fast value belongs to another point: it is stale".to_owned());
    }
    None
}

/// A constant factor or summand that can be named.
fn factor(found: f64, right: f64, d: usize) -> Option<String> {
    if right.abs() > 1e-6 {
        let ratio = found / right;
        for n in 2..=64u32 {
            let n_f = f64::from(n);
            let count = if n as usize == d { format!(" (= d = {d})") } else { String::new() };
            if same(ratio, n_f) {
                return Some(format!("the fast value is {n} times too large{count}"));
            }
            if same(ratio, 1.0 / n_f) {
                return Some(format!("a factor {n}{count} is lost: a count such as h·w, or a sum over {n} terms"));
            }
        }
        if same(ratio, 0.5) || same(ratio, -0.5) {
            return Some("the fast value is half of the right one".to_owned());
        }
    }
    let apart = (found - right).abs();
    for n in 2..=64u32 {
        if same(apart, f64::from(n).ln()) {
            return Some(format!("the sides differ by exactly ln {n}"));
        }
    }
    None
}

fn inverse(site: &Site<'_>) -> Option<String> {
    let image = site.forward().ok()?;
    let back = site.back().ok()?;
    let values = |all: &[crate::scalar::Bounded]| all.iter().map(|x| x.value()).collect::<Vec<_>>();
    let (x, z) = (values(&image.point), values(&back.point));
    let equal = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| same(*a, *b));
    if equal(&x, &z) {
        return Some("the inverse returns its input".to_owned());
    }
    if site.subject.forward(&x).is_ok_and(|again| equal(&again.point, &z)) {
        return Some("the inverse applies the forward map".to_owned());
    }
    let (mut sorted_z, mut sorted_point) = (z.clone(), site.z.clone());
    sorted_z.sort_by(f64::total_cmp);
    sorted_point.sort_by(f64::total_cmp);
    if equal(&sorted_z, &sorted_point) {
        return Some("the inverse returns the right coordinates in the wrong order".to_owned());
    }
    let wrong: Vec<usize> = (0..z.len()).filter(|&i| !same(z[i], site.z[i])).collect();
    if wrong.len() < z.len() {
        return Some(format!("only coordinates {wrong:?} come back wrong"));
    }
    None
}

/// What a violation in a whole layer points to, where it can be told.
pub(super) fn diagnose_violation(law: &str, subject: &Subject<'_>, site: Option<&Site<'_>>) -> Option<String> {
    let site = site?;
    if !matches!(law, "log-det-is-jacobian" | "finite-inside" | "inverse-log-det-negates") {
        return None;
    }
    let image = subject.forward(&site.z).ok()?;
    if image.log_det.is_nan() && site.kind != PointKind::Extreme {
        let sign = site.jacobian().ok()?.1.sign?;
        if sign < 0.0 {
            return Some("det J < 0 here: the log of a negative number; use ln_abs".to_owned());
        }
    }
    None
}
