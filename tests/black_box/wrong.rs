//! Each wrong flow fails the law that is its own.

use super::*;
use pushforward::check::Check;

fn failures(black_box: &BlackBox<'_>) -> Vec<&'static str> {
    Check::new().run(black_box).failures()
}

fn fails(black_box: &BlackBox<'_>, law: &str) {
    let report = Check::new().run(black_box);
    assert!(report.failures().contains(&law), "{law} does not fail:\n{report}");
}

#[test]
fn a_wrong_log_det_fails_against_the_jacobian() {
    let slips: [fn(&[f64]) -> f64; 5] =
        [|z| -volume(z), |z| scales(z)[0], |z| 2.0 * volume(z), |z| volume(z) + 1e-4, |z| volume(&coupled(z)[2..])];
    for (k, log_det) in slips.into_iter().enumerate() {
        let black_box = BlackBox::new(4, |z| Ok(Image::new(coupled(z), log_det(z))), inverse);
        let found = failures(&black_box);
        assert!(found.contains(&"log-det-is-jacobian"), "slip {k}: {found:?}");
        assert!(!found.contains(&"inverse-undoes-forward"), "slip {k}: {found:?}");
    }
}

#[test]
fn the_report_diagnoses_a_sign() {
    let black_box = BlackBox::new(4, |z| Ok(Image::new(coupled(z), -volume(z))), inverse);
    let report = Check::new().run(&black_box).to_string();
    assert!(report.contains("the sides differ in sign only"), "{report}");
    assert!(report.contains("evidence   numerical differentiation"), "{report}");
}

#[test]
fn a_wrong_inverse_fails_the_round_trip() {
    let unshifted = |x: &[f64]| {
        let s = scales(x);
        Ok(Image::new(vec![x[0], x[1], x[2] * (-s[0]).exp(), x[3] * (-s[1]).exp()], -volume(x)))
    };
    fails(&BlackBox::new(4, forward, unshifted), "inverse-undoes-forward");
    fails(&BlackBox::new(4, forward, unshifted), "forward-undoes-inverse");
    fails(&BlackBox::new(4, forward, |x| Ok(Image::new(uncoupled(x), volume(x)))), "inverse-log-det-negates");
    fails(&BlackBox::new(4, forward, |x| Ok(Image::new(uncoupled(x), volume(x)))), "inverse-log-det-is-jacobian");
}

/// Every family of the zoo with a log-det that is off by 1e-5.
#[test]
fn a_small_slip_in_any_layer_of_the_zoo_is_seen() {
    let law = pushforward::laws::find("log-det-is-jacobian");
    for family in pushforward::layers::ZOO.iter().copied().flatten() {
        for layer in family.members(23, 1) {
            let flow: &dyn Flow<f64> = &*layer;
            let slipped = |z: &[f64]| flow.forward(z).map(|image| Image::new(image.point, image.log_det + 1e-5));
            let black_box = BlackBox::without_inverse(layer.dim(), slipped).promises(layer.promises());
            let report = Check::new().cases(20).laws(law).run(&black_box);
            // What promises a truncation is off the map named by as much.
            assert!(!report.failures().is_empty() || layer.promises().truncation > 1e-6, "{}:\n{report}", family.name);
        }
    }
}

#[test]
fn f32_hides_none_of_these() {
    let single = |log_det: fn(f64, &[f64]) -> f64| {
        let forward = move |z: &[f64]| {
            let image = in_f32(z, false)?;
            Ok(Image::new(image.point, log_det(image.log_det, z)))
        };
        BlackBox::new(4, forward, |x| in_f32(x, true)).single()
    };
    fails(&single(|l, _| -l), "log-det-is-jacobian");
    fails(&single(|l, _| 2.0 * l), "log-det-is-jacobian");
    fails(&single(|_, z| scales(z)[1]), "inverse-log-det-negates");
}

/// `x = z + û tanh(w·z + b)`, û made from u with a power of ‖w‖: 2 is right.
fn planar(z: &[f64], power: i32) -> Answer {
    let (u, w, b) = ([-6.0, -6.0], [0.3, 0.4], 0.2);
    let wu: f64 = w[0] * u[0] + w[1] * u[1];
    let by = (wu.exp().ln_1p() - 1.0 - wu) / 0.5f64.powi(power);
    let u = [u[0] + by * w[0], u[1] + by * w[1]];
    let h = (w[0] * z[0] + w[1] * z[1] + b).tanh();
    let det: f64 = 1.0 + (1.0 - h * h) * (w[0] * u[0] + w[1] * u[1]);
    Ok(Image::new(vec![z[0] + u[0] * h, z[1] + u[1] * h], det.abs().ln()))
}

/// Rezende & Mohamed's û divides by ‖w‖²; with ‖w‖ the log-det is still that of the map, which folds.
#[test]
fn planar_with_the_norm_of_w_folds() {
    let right = Check::new().run(&BlackBox::without_inverse(2, |z| planar(z, 2)));
    assert!(right.failures().is_empty(), "{right}");
    let wrong = failures(&BlackBox::without_inverse(2, |z| planar(z, 1)));
    assert!(wrong.contains(&"orientation-is-constant") && wrong.contains(&"forward-is-injective"), "{wrong:?}");
    assert!(!wrong.contains(&"log-det-is-jacobian"), "{wrong:?}");
}

#[test]
fn broken_promises_fail() {
    let with = |promises| BlackBox::new(4, forward, inverse).promises(promises);
    fails(&with(Promises::default().structure(pushforward::Structure::Diagonal)), "jacobian-has-promised-zeros");
    fails(&with(Promises::default().volume_preserving()), "log-det-is-as-promised");
    fails(&with(Promises::default().orientation(pushforward::Orientation::Negative)), "orientation-is-constant");
    fails(&with(Promises::default().identity()), "identity-is-neutral");
    let half = Promises::default().codomain(pushforward::Domain::Each(pushforward::Interval::POSITIVE));
    fails(&with(half), "images-lie-in-codomain");
}

#[test]
fn a_wrong_derivative_fails_against_differences() {
    let lost = |z: &[f64]| {
        let mut rows = super::right::slopes(z);
        rows[2][0] = 0.0;
        Ok(rows)
    };
    let found = failures(&BlackBox::new(4, forward, inverse).jacobian(lost));
    assert!(found.contains(&"finite-differences-agree"), "{found:?}");
}

#[test]
fn a_density_of_another_map_fails_its_samples() {
    let wrong = |x: &[f64]| Ok(Image::new(uncoupled(x), 0.0));
    fails(&BlackBox::new(4, forward, wrong), "samples-follow-density");
    let wide = BlackBox::new(1, |z| Ok(Image::new([3.0 * z[0]], 3f64.ln())), |x| Ok(Image::new([x[0] / 3.0], 0.0)));
    fails(&wide, "mass-is-one");
}
