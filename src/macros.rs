//! `laws!`: a strategy of layers under `cargo test`, one test per law.

use std::fmt;

use proptest::prelude::*;

use crate::check::{CASES, Check, SEED, Verdict};
use crate::family::{Drawn, boxed};
use crate::flow::Layer;
use crate::laws;

/// Puts a strategy of layers under `cargo test`: a module of this name with one `#[test]` per law.
///
/// ```ignore
/// pushforward::laws!(my_planar: any_planar());
/// pushforward::laws!(theirs: any_of_theirs(), skip { inverse_undoes_forward: "no closed form" });
/// ```
///
/// A test passes if the law holds, or does not apply (a promise, the dimension or the kind of layer excludes it). It
/// fails with the report if the law fails, and also if it is vacuous, undecided, or could not be judged for want of a
/// capability: such a law must be declared in `skip { … }`, which makes it an *ignored* test with its reason. A
/// misspelt law does not compile. `PUSHFORWARD_SEED=n` and `PUSHFORWARD_CASES=n` change the draws.
#[macro_export]
macro_rules! laws {
    ($name:ident : $layers:expr $(, skip { $($skipped:ident : $why:literal),* $(,)? })? $(,)?) => {
        #[cfg(test)]
        mod $name {
            $($( const _: () = assert!(
                $crate::__private::is_law(stringify!($skipped)),
                concat!("no law is called `", stringify!($skipped), "`")
            ); )*)?
            fn layers() -> $crate::family::Drawn {
                #[allow(unused_imports, reason = "the strategy may need nothing of the module around it")]
                use super::*;
                $crate::__private::drawn($layers)
            }
            $crate::__each_law! { [$($($skipped $why)*)?] }
        }
    };
}

/// The names of all laws, once: the macros are made from it, and a test holds it against the registry.
macro_rules! define_laws {
    ($d:tt $($law:ident)*) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __each_law {
            ($d skipped:tt) => { $( $crate::__one_law! { $law $d skipped } )* };
        }
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __one_law {
            ($d law:ident []) => { $crate::__test! { $d law } };
            // One arm a law, because a macro cannot compare two names.
            $( ($law [$law $d why:literal $d($d rest:tt)*]) => { $crate::__test! { $law #[ignore = $d why] } }; )*
            ($d law:ident [$d other:ident $d why:literal $d($d rest:tt)*]) => {
                $crate::__one_law! { $d law [$d($d rest)*] }
            };
        }
        const NAMES: &[&str] = &[$(stringify!($law)),*];
    };
}
define_laws! { $
    inverse_undoes_forward forward_undoes_inverse inverse_log_det_negates forward_is_injective forward_is_onto
    log_det_is_jacobian inverse_log_det_is_jacobian jacobians_are_inverse orientation_is_constant
    finite_differences_agree log_det_gradient
    jacobian_has_promised_zeros promised_entries_are_reached log_det_is_as_promised slopes_are_positive
    log_dets_add chain_inverse_reverses identity_is_neutral
    both_forms_agree sampled_density_agrees mass_is_one samples_follow_density
    elbo_bounds_evidence
    images_lie_in_codomain outside_is_refused finite_inside branches_meet
    evaluation_is_pure parameters_matter
    coordinates_matter parameter_slopes_agree
    log_det_costs_no_more_than_promised
    digits_kept
    single_precision_agrees
    estimator_is_unbiased
    matches_known_values
}

#[doc(hidden)]
#[macro_export]
macro_rules! __test {
    ($law:ident $(#[$ignore:meta])?) => {
        #[test]
        $(#[$ignore])?
        fn $law() -> ::core::result::Result<(), $crate::__private::Failed> {
            $crate::__private::run(stringify!($law), module_path!(), layers())
        }
    };
}

/// Whether a law has this name, in `snake_case`. Usable in constants.
pub const fn is_law(name: &str) -> bool {
    let mut i = 0;
    while i < NAMES.len() {
        if same(NAMES[i].as_bytes(), name.as_bytes()) {
            return true;
        }
        i += 1;
    }
    false
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Erases the type of a strategy's layers.
pub fn drawn<L: Layer + 'static>(layers: impl Strategy<Value = L> + 'static) -> Drawn {
    boxed(layers)
}

/// Why a law's test failed; its `Debug` is the report, so that no backtrace stands over it.
pub struct Failed(String);

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a count from the environment.
fn from_environment<T: std::str::FromStr>(name: &str, default: T) -> Result<T, Failed> {
    match std::env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text.parse().map_err(|_| Failed(format!("{name}={text:?} is not a non-negative integer"))),
    }
}

/// Judges one law over a strategy, for a generated test.
///
/// # Errors
/// The report, unless the law holds or does not apply.
pub fn run(law: &str, module: &str, layers: Drawn) -> Result<(), Failed> {
    let seed = from_environment("PUSHFORWARD_SEED", SEED)?;
    let cases = from_environment("PUSHFORWARD_CASES", CASES)?;
    let Some(law) = laws::find(law) else {
        return Err(Failed(format!("no law is called `{law}`")));
    };
    let report = Check::new().seed(seed).cases(cases).laws([law]).run_strategy(module, layers);
    match report.verdict(law.name) {
        Some(Verdict::Holds(_)) => Ok(()),
        Some(Verdict::DoesNotApply(why)) => {
            println!("does not apply: {why}");
            Ok(())
        }
        Some(Verdict::Skips(why)) => Err(Failed(format!(
            "{} could not be judged: {why}\n\nif that is meant, declare it:  skip {{ {}: \"{why}\" }}",
            law.name,
            law.name.replace('-', "_")
        ))),
        _ => Err(Failed(format!("\n\n{report}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_names_is_the_registry() {
        let registry: Vec<String> = laws::all().map(|law| law.name.replace('-', "_")).collect();
        assert_eq!(NAMES, registry);
    }

    #[test]
    fn names_are_kebab_case_and_unique() {
        let mut names: Vec<&str> = laws::all().map(|law| law.name).collect();
        assert!(names.iter().all(|n| n.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
