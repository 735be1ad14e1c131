//! How far a soak has come.

use super::Glance;

/// The largest of a kind of discrepancy, and the point that shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// The discrepancy.
    pub apart: f64,
    /// The number of the point.
    pub point: u64,
}

impl Worst {
    /// The larger; of equals the earlier.
    fn of(self, other: Self) -> Self {
        if other.apart > self.apart { other } else { self }
    }
}

/// A point at which a law fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The number of the point.
    pub point: u64,
    /// The law.
    pub law: String,
    /// The report of it.
    pub report: String,
}

/// What is known after the first `points` points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Points done, all those before this number.
    pub points: u64,
    /// Points within the first pass's allowances that were not analysed.
    pub within: u64,
    /// Points at which every law agrees.
    pub agree: u64,
    /// Points at which f64 cannot tell.
    pub blurred: u64,
    /// The largest `|ℓ − log|det J||`.
    pub log_det: Worst,
    /// The largest `max |f⁻¹(f(z)) − z|`.
    pub round_trip: Worst,
    /// Where the soak stopped, if a law fails.
    pub failure: Option<Failure>,
}

impl State {
    /// Takes in what was found at the points that follow.
    pub(super) fn add(&mut self, next: Self) {
        self.points += next.points;
        self.within += next.within;
        self.agree += next.agree;
        self.blurred += next.blurred;
        self.log_det = self.log_det.of(next.log_det);
        self.round_trip = self.round_trip.of(next.round_trip);
        self.failure = next.failure;
    }

    pub(super) fn note(&mut self, point: u64, glance: Option<&Glance>) {
        let Some(glance) = glance else { return };
        self.log_det = self.log_det.of(Worst { apart: glance.log_det.apart, point });
        if let Some(gap) = glance.round_trip {
            self.round_trip = self.round_trip.of(Worst { apart: gap.apart, point });
        }
    }
}
