//! Compositions, judged link by link: error bounds grow along a chain until f64 cannot tell of the whole.

use super::look::{Seen, at_point};
use super::vacuity::Power;
use crate::evidence::{Site, Subject};
use crate::laws::Law;

/// What a composition receives at each of its parts, forward and backward: the floats it really computes.
fn links<'s>(site: &Site<'s>, subjects: &'s [Subject<'s>]) -> Option<Vec<Site<'s>>> {
    let (mut z, mut other) = (site.z.clone(), site.other_z.clone());
    let mut forward = Vec::new();
    for part in subjects {
        forward.push((z.clone(), other.clone()));
        z = part.forward(&z).ok()?.point;
        other = part.forward(&other).ok()?.point;
    }
    let mut x = site.x.clone();
    let mut backward = Vec::new();
    for part in subjects.iter().rev() {
        backward.push(x.clone());
        x = part.inverse(&x).ok()?.point;
    }
    let sites = subjects.iter().zip(forward).zip(backward.into_iter().rev());
    Some(sites.map(|((part, (z, other)), x)| Site::at(part, z, x, other, site.kind)).collect())
}

/// A law at a site, link by link where there are links.
pub(super) fn at_site(law: &'static Law, site: &Site<'_>, case: usize, power: &mut Power) -> Seen {
    by_links(law, site, case, power).unwrap_or_else(|| at_point(law, site, case))
}

/// A composition under a law that its links decide: each link at the point it receives, then the whole. Where the
/// whole is blurred and every link agrees, the links' verdict stands. `None` where there are no links to look at.
fn by_links(law: &'static Law, site: &Site<'_>, case: usize, power: &mut Power) -> Option<Seen> {
    let parts = site.subject.parts();
    if !law.is_local() || parts.len() < 2 {
        return None;
    }
    let subjects: Vec<Subject<'_>> = parts.into_iter().map(Subject::of_dyn).collect();
    let sites = links(site, &subjects)?;
    let whole = at_point(law, site, case);
    let mut worst = (0.0f64, 0.0f64);
    let mut all_agree = true;
    for (k, link) in sites.iter().enumerate() {
        match at_point(law, link, case) {
            Seen::Fails(mut found) => {
                found.layer = format!("{} (link {k} of {})", found.layer, site.subject.shown());
                return Some(Seen::Fails(found));
            }
            Seen::Agrees { residual, resolution, .. } => worst = (worst.0.max(residual), worst.1.max(resolution)),
            Seen::DoesNotApply(_) => {}
            Seen::Blurred(_) | Seen::Missing(_) => all_agree = false,
        }
    }
    match whole {
        Seen::Blurred(_) if all_agree => {
            sites.iter().for_each(|link| power.add(std::slice::from_ref(link), law.gate));
            let note = Some("judged link by link".to_owned());
            Some(Seen::Agrees { residual: worst.0, resolution: worst.1, note })
        }
        seen => Some(seen),
    }
}
