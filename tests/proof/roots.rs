//! Square roots and solved equations.

use super::*;
use pushforward::{Domain, Interval, lit};

fn above(lo: f64) -> Domain {
    Domain::Each(Interval { lo, hi: f64::INFINITY })
}

layer! { HiddenSquare {} 1;
    |_this, z| Ok(Image::new([(z[0] * z[0] + z[0] * 2.0 + 1.0).sqrt() - 1.0], 0.0))
    => Promises::default().domain(above(-1.0)).codomain(above(-1.0))
}

/// `√(z² + 2z + 1) − 1 = z` for `z > −1` only. In a field one of the two roots satisfies it, and a prover that takes one
/// proves it half of the time.
#[test]
fn a_hidden_square() {
    let theorem = on(&HiddenSquare {}, VOLUME);
    assert!(matches!(theorem.proof().word(), "up-to-branch" | "proved"), "{theorem}");
    // The slope is ±1: the log-det is right for either root.
    let two = Twice {};
    expect(&two, BACK, "up-to-branch", "one choice of square roots");
}

layer! { Twice {} 1;
    |_this, z| Ok(Image::new([(z[0] * z[0] + z[0] * 2.0 + 1.0).sqrt()], 0.0));
    |_this, x| Ok(Image::new([x[0] - 1.0], 0.0))
    => Promises::default().domain(above(-1.0)).codomain(above(0.0))
}

/// The planar flow in one dimension, without its constraint. `slope` says what is claimed of the equation's slope.
#[derive(Clone, Debug)]
struct Fold {
    wu: Param,
    slope: u8,
}
impl<S: Scalar> Flow<S> for Fold {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let slope = z[0].sech2() * self.wu + 1.0;
        Ok(Image::new([z[0] + z[0].tanh() * self.wu], slope.ln_abs()))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let wu = S::param(&self.wu);
        let z = S::root(x[0] - 8.0, x[0] + 8.0, |t| {
            let slope = wu * t.sech2() + 1.0;
            let claimed = match self.slope {
                0 => slope,
                1 => t.exp(),
                2 => slope.ln().exp(),
                _ => slope * 2.0,
            };
            (t + wu * t.tanh() - x[0], claimed)
        })?;
        Ok(Image::new([z], -(z.sech2() * self.wu + 1.0).ln_abs()))
    }
}
impl Layer for Fold {
    fn dim(&self) -> usize {
        1
    }
}

/// For w·u < −1 the equation has three roots. A prover that answers "the a with g(a) = x is z" proves the round trip;
/// so does one that believes a claimed slope: eᵗ, or `e^(ln g′)`, which is positive wherever it is defined.
#[test]
fn an_equation_with_several_roots() {
    for slope in 0..3 {
        let fold = Fold { wu: (-0.5).into(), slope };
        let theorem = on(&fold, BACK);
        assert_ne!(theorem.proof().word(), "proved", "slope {slope}: {theorem}");
    }
    expect(&Fold { wu: (-0.5).into(), slope: 0 }, BACK, "up-to-branch", "one root only");
    let theorem = on(&Fold { wu: (-2.5).into(), slope: 0 }, BACK);
    assert!(matches!(theorem.proof().word(), "false" | "up-to-branch" | "not-proved"), "{theorem}");
}

/// The derivative of a root is read off the slope that the layer gives: a wrong one must not carry a proof.
#[test]
fn a_wrong_slope() {
    let theorem = on(&Fold { wu: (-0.5).into(), slope: 3 }, "inverse-log-det-is-jacobian");
    assert!(matches!(theorem.proof().word(), "false" | "not-proved"), "{theorem}");
}

// `z + ½ tanh z` increases whatever happens: here the round trip is proved.
layer! { Increasing {} 1;
    |_this, z| Ok(Image::new([z[0] + z[0].tanh() * 0.5], (z[0].sech2() * 0.5 + 1.0).ln()));
    |_this, x| {
        let z = S::root(x[0] - 1.0, x[0] + 1.0, |t| (t + t.tanh() * 0.5 - x[0], t.sech2() * 0.5 + 1.0))?;
        Ok(Image::new([z], -(z.sech2() * 0.5 + 1.0).ln()))
    }
}

#[test]
fn an_equation_with_one_root() {
    expect(&Increasing {}, BACK, "proved", "all inputs");
    expect(&Increasing {}, AGAIN, "proved", "all inputs");
    expect(&Increasing {}, "inverse-log-det-is-jacobian", "proved", "all inputs");
}

/// Increasing on either side of a question, with a jump down between them.
#[derive(Clone, Debug)]
struct Jump {
    preference: bool,
}
impl Jump {
    fn value<S: Scalar>(&self, t: S) -> S {
        let left = if self.preference { t.prefers_below(40.0) } else { t.is_below(40.0) };
        if left { t } else { t - 5.0 }
    }
}
impl<S: Scalar> Flow<S> for Jump {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        Ok(Image::new([self.value(z[0])], 0.0))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let z = S::root(x[0] - 6.0, x[0] + 6.0, |t| (self.value(t) - x[0], S::from(1.0)))?;
        Ok(Image::new([z], lit(0.0) * z))
    }
}
impl Layer for Jump {
    fn dim(&self) -> usize {
        1
    }
}

/// On each side the slope is 1, and yet there are two roots.
#[test]
fn a_jump_inside_an_equation() {
    for preference in [false, true] {
        let theorem = on(&Jump { preference }, BACK);
        assert_ne!(theorem.proof().word(), "proved", "{theorem}");
    }
}
