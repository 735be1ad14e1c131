//! Numbers that leave the number system, and programs that know which system they run in.

use super::*;
use std::any::{Any, type_name};
use std::sync::Mutex;

/// The number that `Debug` prints, parsed, to three digits.
fn printed(of: &impl fmt::Debug) -> f64 {
    let text = format!("{of:?}");
    let numeric = |c: &char| c.is_ascii_digit() || ".-e".contains(*c);
    let digits: String = text.chars().skip_while(|c| !numeric(c) || *c == 'e').take_while(numeric).collect();
    (digits.parse::<f64>().unwrap_or(0.0) * 8.0).round() / 8.0
}

layer! { Detached {} 1; |_this, z| {
    let k = S::from(1.0 + printed(&z[0]).abs());
    Ok(Image::new([z[0] * k], k.ln()))
} }
layer! { SecretBranch {} 1; |_this, z| {
    let far = printed(&z[0]) > 1e6;
    Ok(Image::new([z[0]], if far { z[0] } else { S::from(0.0) }))
} }

/// Through the text of `Debug` a value comes back as a constant: the derivative is lost on both sides, and every check
/// by automatic differentiation passes. Or it decides, and no question is recorded.
#[test]
fn the_text_of_a_number() {
    expect(&Detached {}, VOLUME, "not-proved", "plain");
    expect(&SecretBranch {}, VOLUME, "not-proved", "plain");
}

layer! { PlainParameter { a: Param } 1; |this, z| {
    let a = f64::from(this.a);
    let log_det = if a > 5.0 { S::from(0.0) } else { S::param(&this.a) };
    Ok(Image::new([z[0] * S::param(&this.a).exp()], log_det))
} }
layer! { PrintedParameter { a: Param } 1; |this, z| {
    let log_det = if printed(&this.a) > 5.0 { S::from(0.0) } else { S::param(&this.a) };
    Ok(Image::new([z[0] * S::param(&this.a).exp()], log_det))
} }

/// A decision on a parameter's plain value restricts the theorem to the values that decide so.
#[test]
fn a_parameter_read_as_a_plain_number() {
    expect(&PlainParameter { a: two() }, VOLUME, "not-proved", "plain");
    expect(&PrintedParameter { a: two() }, VOLUME, "not-proved", "plain");
}

layer! { Refusal {} 1; |_this, z| {
    let near = pushforward::flow::expect_inside(z[0], 0, pushforward::Interval { lo: 1e6, hi: f64::INFINITY }).is_ok();
    Ok(Image::new([z[0]], if near { z[0] } else { S::from(0.0) }))
} }

/// A refusal that is caught decides without a question.
#[test]
fn a_refusal_that_is_caught() {
    expect(&Refusal {}, VOLUME, "not-proved", "plain");
}

fn is_recorded<S: Scalar>() -> bool {
    type_name::<S>().contains("Trace")
}

layer! { TwoFaced { a: Param } 1;
    |this, z| {
        let log_det = if is_recorded::<S>() { S::param(&this.a).ln_abs() } else { S::from(0.0) };
        Ok(Image::new([z[0] * this.a], log_det))
    }
}
layer! { TwoFacedBack { a: Param } 1;
    |this, z| Ok(Image::new([z[0] * this.a], S::param(&this.a).ln_abs()));
    |this, x| {
        let z = if is_recorded::<S>() { x[0] / this.a } else { x[0] * this.a };
        Ok(Image::new([z], -S::param(&this.a).ln_abs()))
    }
}

/// A program that shows the prover another formula than f64 gets, in `forward` or in `inverse` only.
#[test]
fn another_program_in_f64() {
    expect(&TwoFaced { a: two() }, VOLUME, "false", "another formula");
    for law in [BACK, AGAIN, "inverse-log-det-is-jacobian", "jacobians-are-inverse"] {
        let theorem = on(&TwoFacedBack { a: two() }, law);
        assert_eq!(theorem.proof().word(), "false", "{law}: {theorem}");
    }
}

/// The last plain number seen in f64, kept for the recording.
static KEPT: Mutex<f64> = Mutex::new(0.0);

layer! { Kept {} 1; |_this, z| {
    let mut kept = KEPT.lock().expect("a number");
    if let Some(&plain) = (&z[0] as &dyn Any).downcast_ref::<f64>() {
        *kept = plain;
    }
    let k = S::from(2.0 + kept.abs());
    Ok(Image::new([z[0] * k], k.ln()))
} }

/// A value that is carried from one evaluation to the next is a constant of the recording, and no print betrays it.
#[test]
fn a_value_kept_from_another_evaluation() {
    let theorem = on(&Kept {}, VOLUME);
    assert!(matches!(theorem.proof().word(), "false" | "not-proved"), "{theorem}");
}
