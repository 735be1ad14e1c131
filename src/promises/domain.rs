//! The open sets on which maps are defined, and those they cover.

use std::fmt;

use crate::error::FlowError;

/// An open interval `(lo, hi)` of the real line; infinite ends allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end, excluded.
    pub lo: f64,
    /// Upper end, excluded.
    pub hi: f64,
}

impl Interval {
    /// The real line.
    pub const REALS: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
    /// The positive half-line.
    pub const POSITIVE: Self = Self { lo: 0.0, hi: f64::INFINITY };
    /// The open unit interval.
    pub const UNIT: Self = Self { lo: 0.0, hi: 1.0 };

    /// `lo < value < hi`.
    pub fn contains(&self, value: f64) -> bool {
        self.lo < value && value < self.hi
    }

    /// A point of the interval from any real number: the identity on ℝ, an exponential on a half-line, a logistic
    /// curve on a bounded interval. Increasing, so that shrinking the number shrinks the point.
    pub fn point(&self, real: f64) -> f64 {
        let inside = match (self.lo.is_finite(), self.hi.is_finite()) {
            (false, false) => real,
            (true, false) => self.lo + real.clamp(-40.0, 40.0).exp(),
            (false, true) => self.hi - (-real).clamp(-40.0, 40.0).exp(),
            (true, true) => self.lo + (self.hi - self.lo) / (1.0 + (-real.clamp(-30.0, 30.0)).exp()),
        };
        if self.contains(inside) { inside } else { self.middle() }
    }

    fn middle(&self) -> f64 {
        match (self.lo.is_finite(), self.hi.is_finite()) {
            (false, false) => 0.0,
            (true, false) => (self.lo + 1.0).max(self.lo.next_up()),
            (false, true) => (self.hi - 1.0).min(self.hi.next_down()),
            (true, true) => f64::midpoint(self.lo, self.hi),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |x: f64| match x {
            f64::INFINITY => "∞".to_owned(),
            f64::NEG_INFINITY => "−∞".to_owned(),
            x => format!("{x}"),
        };
        write!(f, "({}, {})", end(self.lo), end(self.hi))
    }
}

/// An open set of ℝᵈ: where a map is defined, or what it covers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// All of ℝᵈ.
    Reals,
    /// Every coordinate in the same interval.
    Each(Interval),
    /// Coordinate `i` in interval `i`.
    Coordinates(Vec<Interval>),
    /// Increasing vectors: `x_0 < x_1 < …`.
    Ordered,
    /// The unit simplex of `d + 1` parts without its last: `x_i > 0`, `Σ x_i < 1`.
    Simplex,
    /// Every coordinate other than 0. The map is homeomorphic at 0, but its slope there is 0 or infinite.
    NonZero,
    /// These coordinates in these sets, each list in the order in which its set counts them; the others are free.
    Blocks(Vec<(Vec<usize>, Domain)>),
}

impl Domain {
    /// The product of intervals, in its shortest form.
    pub(crate) fn product(intervals: Vec<Interval>) -> Self {
        match intervals.first() {
            Some(&Interval::REALS) if intervals.iter().all(|&i| i == Interval::REALS) => Self::Reals,
            Some(&first) if intervals.iter().all(|&i| i == first) => Self::Each(first),
            _ => Self::Coordinates(intervals),
        }
    }

    /// Whether the set is a product of intervals.
    pub(crate) fn is_box(&self) -> bool {
        matches!(self, Self::Reals | Self::Each(_) | Self::Coordinates(_))
    }

    /// Whether the segment between any two of its points lies in it.
    pub(crate) fn is_convex(&self) -> bool {
        match self {
            Self::NonZero => false,
            Self::Blocks(blocks) => blocks.iter().all(|(_, set)| set.is_convex()),
            _ => true,
        }
    }

    /// The interval over which one coordinate ranges.
    pub fn interval(&self, coordinate: usize) -> Interval {
        match self {
            Self::Reals | Self::Ordered | Self::NonZero => Interval::REALS,
            Self::Each(interval) => *interval,
            Self::Coordinates(all) => all.get(coordinate).copied().unwrap_or(Interval::REALS),
            Self::Simplex => Interval::UNIT,
            Self::Blocks(blocks) => {
                let place = |(coords, set): &(Vec<usize>, Self)| {
                    coords.iter().position(|&c| c == coordinate).map(|k| set.interval(k))
                };
                blocks.iter().find_map(place).unwrap_or(Interval::REALS)
            }
        }
    }

    /// The product of sets over separate coordinates, in its shortest form.
    pub(crate) fn blocks(dim: usize, blocks: Vec<(Vec<usize>, Self)>) -> Self {
        let is_box = |set: &Self| matches!(set, Self::Reals | Self::Each(_) | Self::Coordinates(_));
        let boxes = blocks.iter().all(|(_, set)| is_box(set));
        let product = Self::Blocks(blocks);
        if boxes { Self::product((0..dim).map(|i| product.interval(i)).collect()) } else { product }
    }

    /// The interval of the coordinate after these, given them.
    fn interval_after(&self, earlier: &[f64]) -> Interval {
        match self {
            Self::Ordered => Interval { lo: earlier.last().copied().unwrap_or(f64::NEG_INFINITY), ..Interval::REALS },
            Self::Simplex => Interval { lo: 0.0, hi: earlier.iter().fold(1.0, |rest, x| rest - x) },
            _ => self.interval(earlier.len()),
        }
    }

    /// Whether the set is all of ℝᵈ.
    pub fn is_reals(&self, dim: usize) -> bool {
        self.faces(dim).is_empty()
    }

    /// A point of the set from any real vector, coordinate by coordinate.
    pub fn point(&self, reals: &[f64]) -> Vec<f64> {
        if let Self::Blocks(blocks) = self {
            let mut point = reals.to_vec();
            for (coords, set) in blocks {
                coords.iter().zip(set.point(&gather(coords, reals))).for_each(|(&c, x)| point[c] = x);
            }
            return point;
        }
        let mut point = Vec::with_capacity(reals.len());
        for &real in reals {
            let real = if matches!(self, Self::NonZero) && real == 0.0 { 0.0625 } else { real };
            point.push(self.interval_after(&point).point(real));
        }
        point
    }

    /// Whether the point lies in the set.
    pub fn contains(&self, x: &[f64]) -> bool {
        self.refusal(x).is_none()
    }

    /// Why a point is refused, if it lies outside: `OutsideDomain` with the interval in which the coordinate should
    /// lie given those before it; at a puncture `Singular`.
    pub fn refusal(&self, x: &[f64]) -> Option<FlowError> {
        self.refusal_at(x, &|i| i)
    }

    /// As [`Domain::refusal`], coordinates being called by another number.
    fn refusal_at(&self, x: &[f64], call: &dyn Fn(usize) -> usize) -> Option<FlowError> {
        if let Self::Blocks(blocks) = self {
            let free = (0..x.len()).filter(|i| !blocks.iter().any(|(coords, _)| coords.contains(i))).collect();
            let of = |coords: &Vec<usize>, set: &Self| set.refusal_at(&gather(coords, x), &|k| call(coords[k]));
            return blocks.iter().find_map(|(coords, set)| of(coords, set)).or_else(|| of(&free, &Self::Reals));
        }
        x.iter().enumerate().find_map(|(i, &value)| {
            let domain = self.interval_after(&x[..i]);
            let coordinate = call(i);
            if !domain.contains(value) {
                Some(FlowError::OutsideDomain { coordinate, value, domain })
            } else if matches!(self, Self::NonZero) && value == 0.0 {
                let what = format!("coordinate {coordinate} is 0, where the slope is 0 or infinite");
                Some(FlowError::Singular { what })
            } else {
                None
            }
        })
    }

    /// The signed distance to the boundary, in the sense of [`Face::slack`]: the smallest slack, negative outside,
    /// infinite for ℝᵈ.
    pub fn margin(&self, x: &[f64]) -> f64 {
        self.faces(x.len()).iter().map(|face| face.slack(x)).fold(f64::INFINITY, f64::min)
    }

    /// The first face on which a point may lie, if each coordinate is only known to within its error (an infinite one
    /// says nothing).
    pub fn touched(&self, x: &[f64], errors: &[f64]) -> Option<Face> {
        self.faces(x.len()).into_iter().find(|face| {
            let reach = face.reach(x, errors);
            reach.is_finite() && face.slack(x) <= reach
        })
    }

    /// The faces in `dim` dimensions: the set is where every slack is positive.
    pub fn faces(&self, dim: usize) -> Vec<Face> {
        let below = |i: usize| Face::HalfSpace { terms: vec![(i, 1.0)], offset: -self.interval(i).lo };
        let above = |i: usize| Face::HalfSpace { terms: vec![(i, -1.0)], offset: self.interval(i).hi };
        let bounded = |face: &Face| matches!(face, Face::HalfSpace { offset, .. } if offset.is_finite());
        match self {
            Self::Reals => Vec::new(),
            Self::Each(_) | Self::Coordinates(_) => {
                (0..dim).flat_map(|i| [below(i), above(i)]).filter(bounded).collect()
            }
            Self::Ordered => {
                (1..dim).map(|i| Face::HalfSpace { terms: vec![(i - 1, -1.0), (i, 1.0)], offset: 0.0 }).collect()
            }
            Self::Simplex => {
                let rest = Face::HalfSpace { terms: (0..dim).map(|i| (i, -1.0)).collect(), offset: 1.0 };
                (0..dim).map(below).chain([rest]).collect()
            }
            Self::NonZero => (0..dim).map(Face::Puncture).collect(),
            Self::Blocks(blocks) => blocks
                .iter()
                .flat_map(|(coords, set)| set.faces(coords.len()).into_iter().map(|f| f.among(coords)))
                .collect(),
        }
    }
}

/// The values at these coordinates.
fn gather(coords: &[usize], x: &[f64]) -> Vec<f64> {
    coords.iter().map(|&c| x[c]).collect()
}

/// A piece of the boundary of a [`Domain`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Face {
    /// That of the half-space `offset + Σ c x_i > 0`.
    HalfSpace {
        /// The pairs `(i, c)`, with `c = ±1`.
        terms: Vec<(usize, f64)>,
        /// The offset.
        offset: f64,
    },
    /// The hyperplane `x_i = 0`, which is cut out.
    Puncture(usize),
}

impl Face {
    /// The same face where coordinate `k` is called `coords[k]`.
    fn among(self, coords: &[usize]) -> Self {
        match self {
            Self::HalfSpace { terms, offset } => {
                Self::HalfSpace { terms: terms.into_iter().map(|(k, c)| (coords[k], c)).collect(), offset }
            }
            Self::Puncture(k) => Self::Puncture(coords[k]),
        }
    }

    /// How far a point is from breaking the constraint, by moving one coordinate; not positive if it does.
    pub fn slack(&self, x: &[f64]) -> f64 {
        match self {
            Self::HalfSpace { terms, offset } => terms.iter().fold(*offset, |sum, &(i, c)| sum + c * x[i]),
            Self::Puncture(i) => x[*i].abs(),
        }
    }

    /// How far the slack can be wrong, for coordinates with these errors and by its own rounding.
    pub fn reach(&self, x: &[f64], errors: &[f64]) -> f64 {
        match self {
            Self::HalfSpace { terms, .. } => {
                let rounding = (terms.len() - 1) as f64 * f64::EPSILON;
                terms.iter().map(|&(i, _)| errors[i] + rounding * x[i].abs()).sum()
            }
            Self::Puncture(i) => errors[*i],
        }
    }

    /// The coordinates of which the constraint speaks.
    pub fn coordinates(&self) -> Vec<usize> {
        match self {
            Self::HalfSpace { terms, .. } => terms.iter().map(|&(i, _)| i).collect(),
            Self::Puncture(i) => vec![*i],
        }
    }

    /// The point with one coordinate moved across: until the constraint is broken by `far` (relative to the numbers
    /// in it), or on to the puncture.
    pub fn across(&self, inside: &[f64], coordinate: usize, far: f64) -> Vec<f64> {
        let mut point = inside.to_vec();
        if let Self::HalfSpace { terms, offset } = self {
            let others = terms.iter().filter(|&&(i, _)| i != coordinate);
            let size = others.clone().fold(offset.abs().max(1.0), |size, &(i, _)| size.max(inside[i].abs()));
            let slack = others.fold(*offset, |sum, &(i, c)| sum + c * inside[i]);
            let sign = terms.iter().find(|&&(i, _)| i == coordinate).map_or(1.0, |&(_, c)| c);
            point[coordinate] = -(slack + far * size) * sign;
        } else {
            point[coordinate] = 0.0;
        }
        point
    }
}

impl fmt::Display for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::HalfSpace { terms, offset } = self else {
            let Self::Puncture(i) = self else { return Ok(()) };
            return write!(f, "x[{i}] ≠ 0");
        };
        let side = |sign: f64| {
            let terms = terms.iter().filter(|&&(_, c)| c == sign).map(|(i, _)| format!("x[{i}]"));
            let number = (sign * offset > 0.0).then(|| format!("{}", sign * offset));
            let sum = terms.chain(number).collect::<Vec<_>>().join(" + ");
            if sum.is_empty() { "0".to_owned() } else { sum }
        };
        write!(f, "{} > {}", side(1.0), side(-1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REALS: [&[f64]; 5] =
        [&[0.0; 4], &[1e12, -40.0, 0.5, 3.0], &[800.0; 4], &[-800.0; 4], &[-3.0, 1.5, 1e-300, 2.0]];

    fn sets() -> Vec<Domain> {
        let box_ = vec![Interval::POSITIVE, Interval::REALS, Interval { lo: -2.0, hi: 3.0 }, Interval::UNIT];
        vec![
            Domain::Reals,
            Domain::Each(Interval::UNIT),
            Domain::Coordinates(box_),
            Domain::Ordered,
            Domain::Simplex,
            Domain::NonZero,
            Domain::Blocks(vec![(vec![2, 0], Domain::Ordered), (vec![3], Domain::NonZero)]),
        ]
    }

    #[test]
    fn points_lie_inside_and_across_a_face_outside() {
        for set in sets() {
            for reals in REALS {
                let inside = set.point(reals);
                assert!(set.contains(&inside) && set.margin(&inside) > 0.0, "{set:?} {inside:?}");
                let far = set.touched(&inside, &[1e300; 4]);
                assert_eq!(far.is_some(), !set.is_reals(4), "{set:?} {far:?}");
                for face in set.faces(4) {
                    for i in face.coordinates() {
                        let outside = face.across(&inside, i, 1e-6);
                        assert!(!set.contains(&outside) && set.margin(&outside) <= 0.0, "{set:?} {face} {outside:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn refusals_name_the_coordinate_and_its_interval() {
        let refused = |set: Domain, x: &[f64]| set.refusal(x).map(|e| e.to_string());
        assert_eq!(refused(Domain::Ordered, &[0.0, 1.0, 1.0]).unwrap(), "coordinate 2 is 1.0, outside (1, ∞)");
        assert_eq!(refused(Domain::Simplex, &[0.5, 0.75]).unwrap(), "coordinate 1 is 0.75, outside (0, 0.5)");
        assert_eq!(refused(Domain::NonZero, &[1.0, 0.0]).unwrap().split(':').next(), Some("the Jacobian is singular"));
        let blocks = Domain::Blocks(vec![(vec![2, 0], Domain::Ordered)]);
        assert_eq!(refused(blocks.clone(), &[1.0, 0.0, 1.0]).unwrap(), "coordinate 0 is 1.0, outside (1, ∞)");
        assert_eq!(refused(blocks, &[1.5, -7.0, 1.0]), None);
        assert_eq!(refused(Domain::Each(Interval::UNIT), &[0.5, 0.25]), None);
    }

    #[test]
    fn faces_read_as_the_constraints() {
        let faces = |set: Domain| set.faces(2).iter().map(Face::to_string).collect::<Vec<_>>().join(", ");
        assert_eq!(faces(Domain::Ordered), "x[1] > x[0]");
        assert_eq!(faces(Domain::Simplex), "x[0] > 0, x[1] > 0, 1 > x[0] + x[1]");
        assert_eq!(faces(Domain::Each(Interval { lo: -2.0, hi: 0.5 })).split(", ").next(), Some("x[0] + 2 > 0"));
        assert_eq!(faces(Domain::NonZero), "x[0] ≠ 0, x[1] ≠ 0");
    }
}
