//! Whatever a closure returns, it is a verdict.

use super::*;
use std::cell::Cell;

use pushforward::check::Check;
use pushforward::report::Report;

fn judged(black_box: &BlackBox<'_>) -> Report {
    Check::new().cases(8).run(black_box)
}

fn says(report: &Report, law: &str, words: &str) {
    let text = report.to_string();
    assert!(report.failures().contains(&law) && text.contains(words), "{law}, {words:?}:\n{text}");
}

#[test]
fn nan_and_infinity_are_no_answers() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let report = judged(&BlackBox::new(2, |z| Ok(Image::new(z, bad)), |x| Ok(Image::new([bad, x[0]], 0.0))));
        says(&report, "finite-inside", "instead of a finite number");
        let rarely = |z: &[f64]| Ok(Image::new(z, if z[0] > 1.0 { bad } else { 0.0 }));
        assert!(judged(&BlackBox::without_inverse(2, rarely)).failures().contains(&"finite-inside"));
    }
}

#[test]
fn another_dimension_is_named() {
    let longer = |z: &[f64]| Ok(Image::new([z, &[0.0][..]].concat(), 0.0));
    says(&judged(&BlackBox::new(2, longer, longer)), "finite-inside", "has length 3, expected 2");
    let none = |_: &[f64]| Ok(Image::new(Vec::new(), 0.0));
    says(&judged(&BlackBox::new(2, none, none)), "finite-inside", "has length 0, expected 2");
    let sometimes = |z: &[f64]| Ok(Image::new(if z[0] > 0.0 { &z[..1] } else { z }, 0.0));
    says(&judged(&BlackBox::new(2, sometimes, sometimes)), "finite-inside", "has length 1, expected 2");
}

#[test]
fn errors_are_passed_on() {
    let refuses = |_: &[f64]| Err(FlowError::Foreign { what: "no such tensor".to_owned() });
    says(&judged(&BlackBox::new(2, refuses, refuses)), "finite-inside", "no such tensor");
    let singular = |_: &[f64]| Ok(Image::new([1.0, 1.0], 0.0));
    let report = judged(&BlackBox::new(2, singular, singular));
    assert!(report.failures().contains(&"coordinates-matter"), "{report}");
}

#[test]
fn memory_and_jumps_are_seen() {
    let calls = Cell::new(0.0);
    let counts = |z: &[f64]| {
        calls.set(calls.get() + 1.0);
        Ok(Image::new(z, calls.get()))
    };
    says(&judged(&BlackBox::new(1, counts, counts)), "evaluation-is-pure", "other bits");
    let jumps = |z: &[f64]| Ok(Image::new([z[0] + z[0].floor()], 0.0));
    assert!(!judged(&BlackBox::without_inverse(1, jumps)).is_acceptable());
}

#[test]
fn a_jacobian_of_another_shape_is_no_panic() {
    for rows in [vec![], vec![vec![1.0]], vec![vec![1.0, 0.0], vec![0.0]], vec![vec![f64::NAN; 2]; 2]] {
        let report = judged(&BlackBox::new(2, |z| Ok(Image::new(z, 0.0)), |x| Ok(Image::new(x, 0.0))).jacobian({
            let rows = rows.clone();
            move |_| Ok(rows.clone())
        }));
        assert!(!report.is_acceptable(), "{rows:?}:\n{report}");
    }
}

#[test]
fn no_dimension_at_all_is_no_panic() {
    let _ = judged(&BlackBox::new(0, |z| Ok(Image::new(z, 0.0)), |x| Ok(Image::new(x, 0.0)))).to_string();
}

/// Whatever comes back, in whatever order: a verdict on every law.
#[test]
fn nonsense_is_no_panic() {
    for seed in 0..40u64 {
        let calls = Cell::new(seed);
        let random = || {
            // A linear congruential generator, by its high bits.
            calls.set(calls.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
            calls.get() >> 33
        };
        let number = || match random() % 12 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::MAX,
            3 => -1e300,
            4 => 5e-324,
            5 => -0.0,
            n => n as f64 - 8.0,
        };
        let answer = |z: &[f64]| -> Answer {
            match random() % if seed % 2 == 0 { 9 } else { 40 } {
                0 => Err(FlowError::NoInverse),
                1 => Err(FlowError::OutOfRange { what: "it".to_owned() }),
                2 => Err(FlowError::NotConverged { what: "it".to_owned() }),
                3 => Ok(Image::new(vec![number(); (random() % 4) as usize], number())),
                4 => Ok(Image::new(z.iter().map(|_| number()).collect::<Vec<_>>(), number())),
                _ => Ok(Image::new(z, 0.0)),
            }
        };
        let rows = |z: &[f64]| Ok(vec![z.iter().map(|_| number()).collect(); z.len()]);
        let dim = 1 + (seed % 3) as usize;
        let mut black_box = BlackBox::new(dim, answer, answer);
        if seed % 3 == 1 {
            black_box = black_box.jacobian(rows).inverse_jacobian(rows);
        }
        if seed % 5 == 1 {
            black_box = black_box.single();
        }
        let report = Check::new().cases(4 + (seed % 20) as usize).run(&black_box);
        assert!(!report.to_string().is_empty() && !report.is_acceptable(), "{seed}:\n{report}");
    }
}

struct Silent;
impl pushforward::blackbox::Evaluator for Silent {
    fn forward(&self, _: &[Vec<f64>]) -> Vec<Answer> {
        Vec::new()
    }
}

#[test]
fn fewer_results_than_points_are_named() {
    says(&judged(&BlackBox::of(2, Silent)), "finite-inside", "fewer results than");
}
