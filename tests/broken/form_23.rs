use super::form_22::ActNorm;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-23",
    slip: "actnorm on images leaves out the number of positions",
    reference: "vislearn/FrEIA commit db34910b4",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "a factor 6 is lost: a count such as h·w",
    broken: || Box::new(ActNorm::<6> { s: params([0.5, 0.75, -0.375]), t: params([1.0, 2.0, -0.5]) }),
    degenerate: None,
};
