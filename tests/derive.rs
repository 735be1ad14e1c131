//! Formulas in symbols: what is printed is what a textbook says, and evaluates to what the layer computes.

use pushforward::derive::{Notation, derive};
use pushforward::layers::{Planar, Rotation};

#[test]
fn a_planar_flow_reads_as_in_the_paper() {
    let layer = Planar::new(&[0.5, -0.25], &[1.0, 0.75], 0.125).unwrap();
    let found = derive(&layer, &[0.3, 0.5], Notation::Text).unwrap();
    assert_eq!(found.point, ["z₁ + u₁ tanh(a₁)", "z₂ + u₂ tanh(a₁)"]);
    assert_eq!(found.given, [("a₁".to_owned(), "w₁ z₁ + w₂ z₂ + b".to_owned())]);
    assert_eq!(found.jacobian[0], ["1 + u₁ w₁ sech²(a₁)", "u₁ w₂ sech²(a₁)"]);
    assert_eq!(found.log_det, "ln(1 + (w₁ u₁ + w₂ u₂) sech²(a₁))");
}

#[test]
fn equal_residues_simplify() {
    let layer = Rotation::new(0.75, (0, 1), 2).unwrap();
    let found = derive(&layer, &[0.3, 0.5], Notation::Latex).unwrap();
    assert_eq!(found.log_det, "0");
    assert!(found.jacobian[0][0].contains("\\cos"), "{found}");
    assert!(found.to_string().starts_with("\\begin{aligned}") && found.to_string().ends_with("\\end{aligned}\n"));
}

#[test]
fn a_point_outside_the_domain_is_an_error() {
    let layer = Planar::new(&[0.5], &[1.0], 0.0).unwrap();
    assert_eq!(derive(&layer, &[f64::NAN], Notation::Text).unwrap_err().kind(), "NonFinite");
    assert_eq!(derive(&layer, &[0.0, 1.0], Notation::Text).unwrap_err().kind(), "DimMismatch");
}
