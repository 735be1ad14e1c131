//! The law of identity: the flow is the one that its name says.

use super::inversion::sharp;
use super::{Evidence, Gate, Law};
use crate::eval::Given;
use crate::evidence::{Direction, Evaluated, Sides, Site, Stop};
use crate::known::{KnownValue, UNIT};
use crate::scalar::{Bounded, Op, ball};

pub(super) const LAWS: &[Law] = &[Law {
    name: "matches-known-values",
    statement: "forward(z), inverse(x) and log_det are the values known from elsewhere",
    why: "any flow meets every other law: only known values say that it is this one, and not another",
    source: "values computed by other means; those of the zoo in 130-digit arithmetic (fixtures/reference)",
    catches: "a right flow that is not the one named: directions swapped, parts in another order, another transformer",
    blind_to: "points and parameters without a known value; a strategy that draws another layer than its name says",
    gate: Gate::None,
    evidence: Evidence::Known(matches),
}];

/// One known value against the layer that it is of, at the site made for it.
fn matches(known: &KnownValue, site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let (direction, point) = match &known.given {
        Given::Base(z) => (Direction::Forward, z),
        Given::Data(x) => (Direction::Inverse, x),
    };
    let mut graph = site.subject.graph(direction, point).map_err(|e| site.stop(&e))?;
    // The numbers of the point and the parameters may have been rounded to f64: half a unit in the last place each.
    let rounded = |x: f64| ball(x, UNIT * x.abs());
    let mut inputs: Vec<Bounded> = point.iter().map(|&x| rounded(x)).collect();
    for node in graph.nodes.iter_mut().filter(|node| matches!(node.op, Op::Parameter(_))) {
        node.op = Op::Input(u32::try_from(inputs.len()).unwrap_or(u32::MAX));
        inputs.push(rounded(node.value));
    }
    let image = Evaluated::of(&graph, &inputs);
    sharp(&image)?;
    if image.point.len() != known.image.len() {
        let (found, expected) = (image.point.len(), known.image.len());
        return Err(Stop::Violated(format!("the image has {found} coordinates, not {expected}")));
    }
    let (name, log_det_name, log_det) = match direction {
        Direction::Forward => ("forward(z).point", "forward(z).log_det", image.log_det),
        Direction::Inverse => ("inverse(x).point", "−inverse(x).log_det", -image.log_det),
    };
    let side = |name, found, reference, what: String| {
        let place = format!("known value {}, {what}", known.name);
        Sides::new(name, found, "known value", known.reference(reference)).at(place)
    };
    let coordinates = image.point.iter().zip(&known.image).enumerate();
    let mut sides: Vec<Sides> =
        coordinates.map(|(i, (&found, &x))| side(name, found, x, format!("coordinate {i}"))).collect();
    sides.push(side(log_det_name, log_det, known.log_det, "log-det".to_owned()));
    Ok(sides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Verdict};
    use crate::error::FlowError;
    use crate::flow::{Flow, Image, Layer};
    use crate::layers::ScalarAffine;
    use crate::scalar::Scalar;

    /// `x = 0.2 z + 0.7` with one known value.
    #[derive(Debug)]
    struct Offers {
        layer: ScalarAffine,
        given: Given,
        image: f64,
        log_det: f64,
        digits: u32,
    }
    impl<S: Scalar> Flow<S> for Offers {
        fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
            self.layer.forward(z)
        }
        fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
            self.layer.inverse(x)
        }
    }
    impl Layer for Offers {
        fn dim(&self) -> usize {
            1
        }
        fn known_values(&self) -> Vec<KnownValue> {
            let known = KnownValue::new("a", fifth(), self.given.clone(), [self.image], self.log_det);
            vec![known.digits(self.digits)]
        }
    }

    fn fifth() -> ScalarAffine {
        ScalarAffine::new(0.2, 0.7, 1).unwrap()
    }

    fn word(given: Given, image: f64, log_det: f64, digits: u32) -> &'static str {
        let law = crate::laws::find("matches-known-values").unwrap();
        let report = Check::new().laws([law]).run(&Offers { layer: fifth(), given, image, log_det, digits });
        let verdict = report.verdict(law.name).unwrap();
        if let Verdict::Fails(found) = verdict {
            assert!(found.place.starts_with("known value a, "), "{found:?}");
        }
        verdict.word()
    }

    /// −ln 5 to 17 digits.
    const LOG_DET: f64 = -1.609_437_912_434_100_4;

    #[test]
    fn both_directions_are_held_to_the_last_place() {
        let (z, x) = (|| Given::Base(vec![0.3]), || Given::Data(vec![0.3]));
        assert_eq!(word(z(), 0.76, LOG_DET, 50), "holds");
        assert_eq!(word(x(), -2.0, LOG_DET, 50), "holds");
        assert_eq!(word(z(), 0.76 + 1e-14, LOG_DET, 50), "fails");
        assert_eq!(word(x(), -2.0, -LOG_DET, 50), "fails");
        assert_eq!(word(z(), 0.76, LOG_DET + 1e-13, 50), "fails");
    }

    #[test]
    fn a_value_of_few_digits_refutes_but_does_not_confirm() {
        let z = || Given::Base(vec![0.3]);
        assert_eq!(word(z(), 0.76, -1.6094, 5), "undecided");
        assert_eq!(word(z(), 0.76, -1.6094, 17), "fails");
        assert_eq!(word(z(), 0.76, -1.6091, 5), "fails");
    }

    #[test]
    fn an_image_of_another_length_is_a_violation() {
        let known = KnownValue::new("b", fifth(), Given::Base(vec![0.3]), [0.76, 1.0], LOG_DET);
        let subject = crate::evidence::Subject::of_dyn(&*known.layer);
        let site = Site::at(&subject, vec![0.3], vec![0.3], vec![0.3], crate::evidence::PointKind::Short);
        assert!(matches!(matches(&known, &site), Err(Stop::Violated(what)) if what.contains("not 2")));
    }
}
