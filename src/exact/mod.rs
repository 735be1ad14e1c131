//! Proof by evaluation: a recorded formula in a prime field, where no rounding can blur the answer.
//!
//! Every input, every parameter and every value that a conditioner returns is a random residue modulo a secret prime of
//! 62 bits; exponentials, logarithms and roots follow the relations that the true functions obey, and no others:
//!
//! ```text
//! e^(Σ c·m) = Π (e^m)^c for monomials m        e^(ln r) = r        (√r)² = r        cos² + sin² = 1
//! f(x) = f(y) for a conditioner f and x = y      g(root) = 0 only where the root is known
//! ```
//!
//! Two formulas with equal residues are then equal as functions, except with a probability bounded by degree over prime
//! (Schwartz 1980, Zippel 1979). The bound is computed, never assumed; independent repetitions multiply it.
//!
//! What a proof does not say: that the map is injective or onto, or that f64 evaluates it well.

mod degree;
mod equation;
mod evaluate;
mod field;
mod form;
mod functions;
mod kernels;
mod session;

#[cfg(test)]
mod fuzz;

pub(crate) use degree::Degree;
pub(crate) use evaluate::{Names, Numbers, Reading};
pub(crate) use field::{Field, digest};
pub(crate) use session::{Id, Poison, Session};
