//! Branches: what was not met is not proved.

use super::*;

layer! { Kinks { d: usize, slip: bool } this.d, of this; |this, z| {
    let mut negative = 0;
    let mut log_det = S::from(0.0);
    let mut x = Vec::new();
    for &z in z {
        if z.is_below(0.0) {
            negative += 1;
            log_det += S::ln_2() * -1.0;
            x.push(z * 0.5);
        } else {
            x.push(z);
        }
    }
    // Forgotten in one arm of 2ᵈ.
    if this.slip && negative == this.d {
        log_det = S::from(0.0);
    }
    Ok(Image::new(x, log_det))
} }

/// Both answers to every question are met long before every combination of them. Of these 2¹² arms the one with the
/// slip is met by no point of 153: a prover that counts answers only has proved it.
#[test]
fn one_arm_of_many() {
    expect(&Kinks { d: 12, slip: true }, VOLUME, "proved-on-paths", "one way only");
    expect(&Kinks { d: 12, slip: false }, VOLUME, "proved-on-paths", "one way only");
    expect(&Kinks { d: 3, slip: true }, VOLUME, "false", "fails in f64");
    expect(&Kinks { d: 3, slip: false }, VOLUME, "proved", "8 of 8 formulas");
}

layer! { Far { preference: bool } 1; |this, z| {
    let far = if this.preference { z[0].prefers_below(-1e6) } else { z[0].is_below(-1e6) };
    Ok(Image::new([z[0]], if far { z[0] } else { S::from(0.0) }))
} }

/// A branch that no point enters, also where it is called a choice of form.
#[test]
fn a_branch_met_on_one_side() {
    expect(&Far { preference: false }, VOLUME, "proved-on-paths", "never true");
    expect(&Far { preference: true }, VOLUME, "proved-on-paths", "never true");
}

layer! { Strip { preference: bool } 1; |this, z| {
    let above = if this.preference { z[0].prefers_below(1e-9) } else { z[0].is_below(1e-9) };
    let log_det = match (z[0].is_below(0.0), above) {
        (false, true) => S::from(1.0),
        _ => S::from(0.0),
    };
    Ok(Image::new([z[0]], log_det))
} }

/// Between 0 and 1e-9 the log-det is wrong. Both questions are answered both ways elsewhere.
#[test]
fn a_strip_between_two_questions() {
    let theorem = on(&Strip { preference: false }, VOLUME);
    assert_ne!(theorem.proof().word(), "proved", "{theorem}");
    let theorem = on(&Strip { preference: true }, VOLUME);
    assert_ne!(theorem.proof().word(), "proved", "{theorem}");
}

layer! { FarParameter { a: Param } 1; |this, z| {
    let a = S::param(&this.a);
    let log_det = if a.is_below(3.0) { a } else { a * 2.0 };
    Ok(Image::new([z[0] * a.exp()], log_det))
} }

/// A branch on a parameter is a branch.
#[test]
fn a_branch_that_another_parameter_would_take() {
    expect(&FarParameter { a: two() }, VOLUME, "proved-on-paths", "never false");
}
