//! Every law of every family of the zoo, each a test of its own: `planar::mass_is_one`.
//!
//! A law that does not apply is listed as ignored, so that nothing passes without having been judged.

use libtest_mimic::{Arguments, Failed, Trial};
use pushforward::layers::ZOO;
use pushforward::{Check, Verdict, laws};

fn main() {
    let mut trials = Vec::new();
    for family in ZOO.iter().copied().flatten() {
        for law in laws::all() {
            let name = format!("{}::{}", family.name, law.name.replace('-', "_"));
            trials.push(Trial::ignorable_test(name, move || {
                let report = Check::new().laws([law]).run_family(family);
                match report.verdict(law.name) {
                    Some(Verdict::Holds(_)) => Ok(libtest_mimic::Completion::Completed),
                    Some(Verdict::DoesNotApply(why)) => Ok(libtest_mimic::Completion::ignored_with(why)),
                    _ => Err(Failed::from(report.to_string())),
                }
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
