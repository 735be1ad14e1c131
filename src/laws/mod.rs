//! The claims a flow makes, one literal each.
//!
//! A law never asserts and knows no tolerance: it hands over the two sides of its claim with their error bounds, or
//! says why there are none. [`check`](mod@crate::check) judges.

pub(crate) use density::log_normal;

use crate::evidence::{Direction, Sides, Site, Stop, Subject};
use crate::known::KnownValue;
use crate::scalar::{Cost, Precise};

mod branches;
mod composition;
mod cost;
mod density;
mod domain;
mod honesty;
mod identity;
mod inversion;
mod numeric;
mod precision;
mod sensitivity;
mod stochastic;
mod structure;
mod volume;

pub(crate) use structure::{Entry, entry as promised_entry, name as pattern_name};

/// A claim every flow makes, with everything there is to say about it.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// Stable kebab-case claim.
    pub name: &'static str,
    /// The claim as a formula.
    pub statement: &'static str,
    /// Why it must hold, or what stands on it.
    pub why: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Kinds of real bugs that it catches.
    pub catches: &'static str,
    /// What it cannot see.
    pub blind_to: &'static str,
    pub(crate) gate: Gate,
    pub(crate) evidence: Evidence,
}

/// The law that must see a layer before any other has called it.
pub(crate) const ASKED_FIRST: &str = "evaluation-is-pure";

/// Which slips in the layer the sample must be able to show, or the law is vacuous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// None beyond being judged at all.
    None,
    /// Slips in the volume: sign, factor, a dropped coordinate, a stale point.
    Volume,
    /// An inverse that does nothing.
    Inverse,
}

/// The verdict of a law that looks at a whole layer.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    /// What was seen.
    pub note: String,
    /// What could still hide.
    pub resolution: f64,
}

/// From the dimension and cost of a family's members, and the exponent promised, to what was seen.
pub(crate) type Growth = fn(&[(usize, Cost)], f64) -> Result<Whole, Stop>;

/// What a law claims at a point.
pub(crate) type Claim<V> = fn(&Site<'_, V>) -> Result<Vec<Sides<V>>, Stop>;

/// How a law looks at a subject.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Evidence {
    /// At one point, in f64.
    Point(Claim<f64>),
    /// An identity at one point: in f64, and in 237 bits, where no rounding excuses a discrepancy.
    Identity(Claim<f64>, Claim<Precise>),
    /// At one layer, with some of its points; at most so many layers of a strategy, the small ones first.
    Layer(fn(&Subject<'_>, &[Site<'_>]) -> Result<Whole, Stop>, usize),
    /// At one family, over the dimension: the cost of members of growing dimension, and the promised exponent.
    Growth(Growth),
    /// At a value known from elsewhere, of the layer that the value comes with.
    Known(fn(&KnownValue, &Site<'_>) -> Result<Vec<Sides>, Stop>),
}

/// Laws that hold of a composition if they hold of each part at the point it receives. A chain is judged by them link
/// by link, because error bounds grow along a chain until f64 cannot tell.
const LOCAL: &[&str] = &[
    "inverse-undoes-forward",
    "forward-undoes-inverse",
    "inverse-log-det-negates",
    "log-det-is-jacobian",
    "inverse-log-det-is-jacobian",
    "jacobians-are-inverse",
    "log-det-gradient",
];

/// Laws whose statement is about a point `x` of the codomain, and no `z`.
const ABOUT_X: &[&str] =
    &["forward-undoes-inverse", "inverse-log-det-is-jacobian", "both-forms-agree", "chain-inverse-reverses"];

/// Laws whose claim is judged by derivatives.
const BY_DERIVATIVES: &[&str] = &[
    "log-det-is-jacobian",
    "inverse-log-det-is-jacobian",
    "jacobians-are-inverse",
    "orientation-is-constant",
    "forward-is-injective",
    "finite-differences-agree",
    "log-det-gradient",
    "jacobian-has-promised-zeros",
    "promised-entries-are-reached",
    "slopes-are-positive",
    "log-dets-add",
    "branches-meet",
    "coordinates-matter",
    "parameters-matter",
    "parameter-slopes-agree",
    "digits-kept",
    "single-precision-agrees",
    "estimator-is-unbiased",
];

/// The evidence of an identity, from a claim that is written once for both precisions.
macro_rules! in_both {
    ($claim:ident) => {
        Evidence::Identity($claim::<f64>, $claim::<crate::scalar::Precise>)
    };
}
use in_both;

/// What laws about a layer go by.
pub(crate) const FORWARD_MODE: &str = "forward mode";
pub(crate) const VALUES: &str = "values";

impl Law {
    pub(crate) fn is_local(&self) -> bool {
        LOCAL.contains(&self.name)
    }
    pub(crate) fn is_about_x(&self) -> bool {
        ABOUT_X.contains(&self.name)
    }
    pub(crate) fn needs_derivatives(&self) -> bool {
        BY_DERIVATIVES.contains(&self.name)
    }

    /// What it had to go by for a subject.
    pub(crate) fn grounds(&self, subject: &Subject<'_>) -> &'static str {
        let Some(black_box) = subject.black_box() else {
            return if self.needs_derivatives() { FORWARD_MODE } else { VALUES };
        };
        let offered = |direction| black_box.supplies(direction);
        let all = match self.name {
            "finite-differences-agree" => return "the other side's autodiff and numerical differentiation",
            "inverse-log-det-is-jacobian" => offered(Direction::Inverse),
            "jacobians-are-inverse" => offered(Direction::Forward) && offered(Direction::Inverse),
            _ => offered(Direction::Forward),
        };
        match (self.needs_derivatives(), all) {
            (false, _) => "values, with bounds from their noise",
            (true, false) => "numerical differentiation",
            (true, true) => "the other side's autodiff",
        }
    }
}

/// All laws, by topic.
pub fn all() -> impl Iterator<Item = &'static Law> {
    [
        inversion::LAWS,
        volume::LAWS,
        structure::LAWS,
        composition::LAWS,
        density::LAWS,
        domain::LAWS,
        branches::LAWS,
        honesty::LAWS,
        sensitivity::LAWS,
        cost::LAWS,
        precision::LAWS,
        stochastic::LAWS,
        identity::LAWS,
    ]
    .into_iter()
    .flatten()
}

/// The law of this name; underscores may stand for hyphens.
pub fn find(name: &str) -> Option<&'static Law> {
    all().find(|law| law.name == name.replace('_', "-"))
}
