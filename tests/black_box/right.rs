//! No false alarm.

use super::*;
use pushforward::check::{Check, Verdict};
use pushforward::laws;
use pushforward::layers::{Curve, Spline, SplineEnds, ZOO};

fn assert_acceptable(what: &str, seed: u64, black_box: &BlackBox<'_>) {
    let report = Check::new().seed(seed).run(black_box);
    assert!(report.is_acceptable(), "{what}, seed {seed}:\n{report}");
}

/// Every family of the zoo, seen through its values alone.
#[test]
fn the_zoo_raises_no_alarm() {
    for family in ZOO.iter().copied().flatten() {
        for layer in family.members(11, 1) {
            let report = Check::new().cases(20).run(&closed(&*layer));
            assert!(report.failures().is_empty(), "{}:\n{report}", family.name);
        }
    }
}

#[test]
fn couplings_splines_and_planar_flows_of_one_to_six_dimensions_hold() {
    let names = ["planar", "radial", "rq_spline", "coupling_sigmoid"];
    let mut dims = std::collections::BTreeSet::new();
    for family in ZOO.iter().copied().flatten().filter(|family| names.contains(&family.name)) {
        let Some(at_dim) = family.at_dim else { continue };
        for d in 1..=6usize {
            if family.name == "coupling_sigmoid" && d == 1 {
                continue;
            }
            let layer = at_dim(d);
            dims.insert((family.name, layer.dim()));
            let report = Check::new().seed(d as u64).run(&closed(&*layer));
            // The quadrature of a spline's density in the plane settles slowly.
            let open = report.verdicts().find(|(_, law, v)| !v.is_acceptable() && *law != "mass-is-one");
            assert!(open.is_none(), "{}, d = {d}:\n{report}", family.name);
        }
    }
    println!("{dims:?}");
    assert!(dims.len() > 20, "{dims:?}");
}

#[test]
fn many_seeds_of_one_coupling_hold() {
    for seed in 0..12 {
        assert_acceptable("coupling", seed, &BlackBox::new(4, forward, inverse).promises(kept()));
    }
}

/// Points fall on the knots, where the second derivative jumps.
#[test]
fn a_spline_holds_at_its_knots() {
    let knots: Vec<f64> = (-4..=4).map(f64::from).collect();
    let values = vec![-4.0, -3.5, -2.0, -1.75, 0.5, 1.0, 2.5, 3.75, 4.0];
    let slopes = vec![1.0, 0.5, 2.0, 0.25, 1.5, 0.75, 1.0, 0.5, 1.0];
    let curve = || Curve::rational_quadratic(&knots, &values, &slopes).expect("a curve");
    let spline = Spline::new(SplineEnds::Linear, vec![curve(), curve(), curve()]).expect("a spline");
    for seed in 0..6 {
        assert_acceptable("spline", seed, &closed(&spline));
    }
}

#[test]
fn what_runs_in_f32_is_held_to_f32() {
    for seed in 0..12 {
        let black_box =
            BlackBox::new(4, |z| in_f32(z, false), |x| in_f32(x, true)).single().name("f32").promises(kept());
        let report = Check::new().seed(seed).run(&black_box);
        assert!(report.failures().is_empty(), "{seed}:\n{report}");
        for law in ["log-det-is-jacobian", "inverse-undoes-forward", "inverse-log-det-is-jacobian"] {
            let Some(Verdict::Holds(held)) = report.verdict(law) else { panic!("{law}:\n{report}") };
            assert!(held.resolution[1] > 1e-8 && held.resolution[1] < 1e-2, "{held:?}");
        }
    }
}

/// What is taken for f64 is held to f64, and told what it is.
#[test]
fn f32_that_is_not_declared_is_diagnosed() {
    let report = Check::new().run(&BlackBox::new(4, |z| in_f32(z, false), |x| in_f32(x, true)));
    let text = report.to_string();
    assert!(report.failures().contains(&"inverse-undoes-forward"), "{text}");
    assert!(text.contains("declare that it computes in f32"), "{text}");
}

#[test]
fn every_law_says_what_it_had_to_go_by() {
    let report = Check::new().run(&BlackBox::new(4, forward, inverse).name("coupling").promises(kept()));
    let evidence = |law: &str| match report.verdict(law) {
        Some(Verdict::Holds(held)) => held.evidence,
        other => panic!("{law}: {other:?}"),
    };
    assert_eq!(evidence("log-det-is-jacobian"), "numerical differentiation");
    assert_eq!(evidence("inverse-undoes-forward"), "values, with bounds from their noise");
    for law in laws::all() {
        match report.verdict(law.name) {
            Some(Verdict::Skips(why) | Verdict::DoesNotApply(why)) => assert!(!why.is_empty()),
            Some(Verdict::Holds(held)) => assert!(!held.evidence.is_empty(), "{}", law.name),
            other => panic!("{}: {other:?}", law.name),
        }
    }
    let text = report.to_string();
    assert!(text.contains("coupling is a black box") && text.contains("numbers only"), "{text}");
    assert!(matches!(report.verdict("digits-kept"), Some(Verdict::Skips(_))), "{text}");
    assert!(matches!(report.verdict("finite-differences-agree"), Some(Verdict::Skips(_))), "{text}");
}

/// `∂x_i/∂z_j` of the coupling, by hand.
pub(super) fn slopes(z: &[f64]) -> Vec<Vec<f64>> {
    let s = scales(z);
    let ds0 = 0.7 / (z[0] + 0.3).cosh().powi(2);
    let inner = (0.5 * z[1] - z[0]).cos() * 0.9;
    vec![
        vec![1.0, 0.0, 0.0, 0.0],
        vec![0.0, 1.0, 0.0, 0.0],
        vec![s[0].exp() * ds0 * z[2] + 1.0, -2.0, s[0].exp(), 0.0],
        vec![-s[1].exp() * inner * z[3] - 0.5 * (z[0] * 0.5).sin(), 0.5 * s[1].exp() * inner * z[3], 0.0, s[1].exp()],
    ]
}

#[test]
fn the_other_sides_derivatives_are_used_and_checked() {
    let promises = Promises::default().structure(pushforward::Structure::PassThrough { kept: vec![0, 1] });
    let black_box = BlackBox::new(4, forward, inverse).jacobian(|z| Ok(slopes(z))).promises(promises);
    let report = Check::new().run(&black_box);
    assert!(report.is_acceptable(), "{report}");
    let Some(Verdict::Holds(held)) = report.verdict("log-det-is-jacobian") else { panic!("{report}") };
    assert_eq!(held.evidence, "the other side's autodiff");
    assert!(held.resolution[1] < 1e-11, "{held:?}");
    let Some(Verdict::Holds(held)) = report.verdict("finite-differences-agree") else { panic!("{report}") };
    assert!(held.evidence.contains("differentiation"));
}
