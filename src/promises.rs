//! What a layer declares about itself. Every promise is a law's to verify, and can fail.

mod domain;

pub use domain::{Domain, Face, Interval};

/// The pattern of the Jacobian `∂x_i/∂z_j` of `forward`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Structure {
    /// Nothing is promised.
    Dense,
    /// `∂x_i/∂z_j = 0` unless `j` comes no later than `i` in `order`.
    Triangular {
        /// The coordinates, first to last.
        order: Vec<usize>,
    },
    /// `∂x_i/∂z_j = 0` for `i ≠ j`.
    Diagonal,
    /// Rows `kept` are those of the identity; the other coordinates move one by one:
    /// `∂x_i/∂z_j = 0` for `i, j` both outside `kept`, `i ≠ j`.
    PassThrough {
        /// The coordinates that pass through unchanged.
        kept: Vec<usize>,
    },
    /// One `c×c` matrix at each of `n` positions, channel-major: `J = W ⊗ I_n`.
    PerPosition {
        /// Channels `c`.
        channels: usize,
        /// Positions `n = h·w`.
        positions: usize,
    },
    /// `JᵀJ = I`, to rounding.
    Orthogonal,
    /// The coordinates fall into blocks that do not mix, each with a pattern of its own: `∂x_i/∂z_j = 0` for `i`
    /// and `j` in different blocks.
    Blocks(Vec<Block>),
    /// The matrix of a permutation, as of `x_i = z_{perm[i]}`: `∂x_i/∂z_j` is 1 for `j = perm[i]`, else 0.
    Permutation(Vec<usize>),
}

/// Coordinates that move among themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The coordinates, in the order in which the pattern counts them.
    pub coords: Vec<usize>,
    /// Their pattern.
    pub structure: Structure,
}

impl Structure {
    /// Whether row `i` holds only the entry of one coordinate, which is 1.
    pub(crate) fn passes_through(&self, i: usize) -> bool {
        match self {
            Self::PassThrough { kept } => kept.contains(&i),
            Self::Permutation(_) => true,
            Self::Blocks(blocks) => blocks.iter().any(|block| {
                block.coords.iter().position(|&c| c == i).is_some_and(|k| block.structure.passes_through(k))
            }),
            _ => false,
        }
    }

    /// An order of the coordinates in which the Jacobian is lower triangular, where the pattern gives one.
    pub(crate) fn triangular_order(&self, dim: usize) -> Option<Vec<usize>> {
        match self {
            Self::Diagonal => Some((0..dim).collect()),
            Self::Triangular { order } => Some(order.clone()),
            Self::PassThrough { kept } => {
                Some(kept.iter().copied().chain((0..dim).filter(|i| !kept.contains(i))).collect())
            }
            Self::Blocks(blocks) => {
                let orders = blocks.iter().map(|block| {
                    let order = block.structure.triangular_order(block.coords.len())?;
                    Some(order.into_iter().map(|k| block.coords[k]).collect::<Vec<_>>())
                });
                orders.collect::<Option<Vec<_>>>().map(|orders| orders.concat())
            }
            Self::Permutation(perm) if perm.iter().copied().eq(0..dim) => Some((0..dim).collect()),
            Self::Dense | Self::PerPosition { .. } | Self::Orthogonal | Self::Permutation(_) => None,
        }
    }
}

/// Sign of `det J`, where it is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Orientation {
    /// `det J > 0` for every parameter and point.
    Positive,
    /// `det J < 0` for every parameter and point.
    Negative,
    /// Constant for one layer; layers of both signs exist, and a fair sample holds both.
    Either,
}

/// How the operations that only the log-det needs grow with the dimension `d`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LogDetCost {
    /// At most proportional to `d` (the default, and the point of a fast log-det).
    Linear,
    /// At most proportional to `d` to this power.
    Power(f64),
}

impl LogDetCost {
    /// The largest exponent promised.
    pub fn exponent(self) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Power(p) => p,
        }
    }
}

/// Declared facts about a layer; a law verifies each. Built by methods: `Promises::default().volume_preserving()`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Promises {
    /// Where `forward` is defined.
    pub domain: Domain,
    /// What `forward` covers, and where `inverse` is defined.
    pub codomain: Domain,
    /// Pattern of the Jacobian.
    pub structure: Structure,
    /// Coordinates that pass through unchanged whatever the pattern says of the rest: their rows are those of the
    /// identity.
    pub kept: Vec<usize>,
    /// Every entry that the pattern leaves open is non-zero somewhere (opt-in: sparse nets legitimately reach less).
    pub reaches_all: bool,
    /// The log-det does not depend on the point.
    pub constant_log_det: bool,
    /// The log-det is exactly 0 everywhere.
    pub volume_preserving: bool,
    /// Sign of `det J`.
    pub orientation: Option<Orientation>,
    /// `∂x_i/∂z_i > 0` for every coordinate.
    pub increasing: bool,
    /// `x = z`.
    pub identity: bool,
    /// The map has continuous second derivatives, as [`log-det-gradient`](mod@crate::laws) needs.
    pub twice_differentiable: bool,
    /// The determinant jumps somewhere, and the density with it: quadrature in the plane, as
    /// [`mass-is-one`](mod@crate::laws) needs, does not settle.
    pub kinked: bool,
    /// The numbers computed are those of the map named only to within this; 0 where the formula is the map.
    pub truncation: f64,
    /// Growth of the log-det's cost.
    pub log_det_cost: LogDetCost,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            domain: Domain::Reals,
            codomain: Domain::Reals,
            structure: Structure::Dense,
            kept: Vec::new(),
            reaches_all: false,
            constant_log_det: false,
            volume_preserving: false,
            orientation: None,
            increasing: false,
            identity: false,
            twice_differentiable: true,
            kinked: false,
            truncation: 0.0,
            log_det_cost: LogDetCost::Linear,
        }
    }
}

impl Promises {
    /// What holds of maps whose log-dets add, applied one after the other or side by side, because it holds of each.
    pub(crate) fn of_all(each: &[Self]) -> Self {
        let exponent = each.iter().map(|p| p.log_det_cost.exponent()).fold(1.0, f64::max);
        // The sign of a product, known only if that of every factor is.
        let orientation = each.iter().try_fold(Orientation::Positive, |sign, p| match (sign, p.orientation?) {
            (Orientation::Either, _) | (_, Orientation::Either) => Some(Orientation::Either),
            (a, b) if a == b => Some(Orientation::Positive),
            _ => Some(Orientation::Negative),
        });
        Self {
            constant_log_det: each.iter().all(|p| p.constant_log_det),
            volume_preserving: each.iter().all(|p| p.volume_preserving),
            identity: each.iter().all(|p| p.identity),
            twice_differentiable: each.iter().all(|p| p.twice_differentiable),
            kinked: each.iter().any(|p| p.kinked),
            orientation,
            // The errors add, magnified by what follows; that is not known here.
            truncation: each.iter().map(|p| p.truncation).sum(),
            log_det_cost: LogDetCost::Power(exponent),
            ..Self::default()
        }
    }

    /// `forward` is defined on this set only.
    pub fn domain(self, domain: Domain) -> Self {
        Self { domain, ..self }
    }
    /// `forward` covers exactly this set.
    pub fn codomain(self, codomain: Domain) -> Self {
        Self { codomain, ..self }
    }
    /// The Jacobian has this pattern.
    pub fn structure(self, structure: Structure) -> Self {
        Self { structure, ..self }
    }
    /// These coordinates pass through unchanged, besides what the pattern says.
    pub fn kept(self, kept: Vec<usize>) -> Self {
        Self { kept, ..self }
    }
    /// Whether row `i` of the Jacobian is promised to be a row of the identity or of a permutation: what a fast log-det
    /// may leave out.
    pub fn passes_through(&self, i: usize) -> bool {
        self.kept.contains(&i) || self.structure.passes_through(i)
    }
    /// Lower triangular in the natural order of the coordinates.
    pub fn lower_triangular(self, dim: usize) -> Self {
        self.structure(Structure::Triangular { order: (0..dim).collect() })
    }
    /// Every entry that the pattern leaves open is reached somewhere.
    pub fn reaches_all(self) -> Self {
        Self { reaches_all: true, ..self }
    }
    /// The log-det is the same at every point.
    pub fn constant_log_det(self) -> Self {
        Self { constant_log_det: true, ..self }
    }
    /// The log-det is 0 at every point (which makes it constant).
    pub fn volume_preserving(self) -> Self {
        Self { volume_preserving: true, constant_log_det: true, ..self }
    }
    /// The sign of `det J`.
    pub fn orientation(self, orientation: Orientation) -> Self {
        Self { orientation: Some(orientation), ..self }
    }
    /// Each coordinate's own derivative is positive.
    pub fn increasing(self) -> Self {
        Self { increasing: true, ..self }
    }
    /// The layer is the identity.
    pub fn identity(self) -> Self {
        Self { identity: true, ..self }.volume_preserving()
    }
    /// The map has kinks in its first derivative, or jumps: laws about second derivatives do not apply.
    pub fn once_differentiable(self) -> Self {
        Self { twice_differentiable: false, ..self }
    }
    /// The map has kinks, at which its determinant jumps.
    pub fn kinked(self) -> Self {
        Self { kinked: true, ..self }.once_differentiable()
    }
    /// Every number of an image, its log-det and each derivative are those of the map named to within this, as where a
    /// method for differential equations stands for its solution. Identities are then judged in f64 only.
    pub fn truncation(self, truncation: f64) -> Self {
        Self { truncation, ..self }
    }
    /// The log-det costs at most this.
    pub fn log_det_cost(self, log_det_cost: LogDetCost) -> Self {
        Self { log_det_cost, ..self }
    }
}
