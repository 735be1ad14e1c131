//! Known bugs that are no exhibit, and why.

/// The id, what it was, and why one layer, chain, density or wrapper cannot say it.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[];
