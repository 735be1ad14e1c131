//! Known values: what makes a flow the one that its name says.
//!
//! Every other law is met by any flow. A layer that is right, but not the one it is called, is told only by values that
//! were computed by other means.

use crate::eval::Given;
use crate::flow::Layer;
use crate::scalar::{Bounded, ball};

/// Unit roundoff.
pub(crate) const UNIT: f64 = f64::EPSILON / 2.0;

/// What a flow gives at one point, computed by other means than the layer's own code.
#[derive(Debug)]
pub struct KnownValue {
    pub(crate) name: String,
    pub(crate) layer: Box<dyn Layer>,
    pub(crate) given: Given,
    pub(crate) image: Vec<f64>,
    pub(crate) log_det: f64,
    digits: u32,
}

impl KnownValue {
    /// At a given `z`, `layer` has the image `x`; at a given `x`, `z`. In both cases `log_det` is `log|det ∂x/∂z|` there.
    /// The name is what a report calls it.
    pub fn new(
        name: impl Into<String>,
        layer: impl Layer + 'static,
        given: Given,
        image: impl Into<Vec<f64>>,
        log_det: f64,
    ) -> Self {
        Self { name: name.into(), layer: Box::new(layer), given, image: image.into(), log_det, digits: 17 }
    }

    /// To how many significant digits the image and the log-det are right; 17 unless said, as many as an f64 can need.
    #[must_use]
    pub fn digits(self, digits: u32) -> Self {
        Self { digits, ..self }
    }

    /// A reference with its own error: rounded to f64, and half a unit of its last digit off. A 0 is exact.
    pub(crate) fn reference(&self, value: f64) -> Bounded {
        if value == 0.0 {
            return ball(0.0, 0.0);
        }
        let last_digit = 10f64.powf(value.abs().log10().floor() + 1.0 - f64::from(self.digits));
        ball(value, UNIT * value.abs() + 0.5 * last_digit)
    }
}

/// The reference values of the zoo whose name begins like this. They come with the feature `cli`, which reads them.
#[cfg(feature = "cli")]
pub(crate) fn of(prefix: &str) -> Vec<KnownValue> {
    embedded::ENTRIES.iter().filter(|entry| entry.id.starts_with(prefix)).map(embedded::Entry::known_value).collect()
}

#[cfg(not(feature = "cli"))]
pub(crate) fn of(_prefix: &str) -> Vec<KnownValue> {
    Vec::new()
}

/// The values of a composition: its own, and those of its parts. A composition is what its name says only if each part
/// is, so one part without any takes them all away.
pub(crate) fn with_parts<'l>(own: &str, parts: impl Iterator<Item = &'l dyn Layer>) -> Vec<KnownValue> {
    let mut all = of(own);
    for part in parts {
        let values = part.known_values();
        if values.is_empty() {
            return values;
        }
        all.extend(values);
    }
    all
}

#[cfg(feature = "cli")]
mod embedded {
    use std::sync::LazyLock;

    use super::{Given, KnownValue};
    use crate::data::{At, DataError, Value, flow};
    use crate::document::{Syntax, parse};

    /// Every file of reference values, with its name.
    pub(super) const FILES: &[(&str, &str)] = &[
        ("values.json", include_str!("../fixtures/reference/values.json")),
        ("elementwise.json", include_str!("../fixtures/reference/elementwise.json")),
        ("splines.json", include_str!("../fixtures/reference/splines.json")),
        ("linear.json", include_str!("../fixtures/reference/linear.json")),
        ("neural.json", include_str!("../fixtures/reference/neural.json")),
    ];

    /// A case as written.
    pub(super) struct Entry {
        pub(super) id: String,
        flow: Value,
        given: Given,
        image: Vec<f64>,
        log_det: f64,
        digits: u32,
    }

    pub(super) static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let of_file = |&(file, text): &(&str, &str)| entries(text).unwrap_or_else(|e| panic!("{file}: {e}"));
        FILES.iter().flat_map(of_file).collect()
    });

    fn entries(text: &str) -> Result<Vec<Entry>, DataError> {
        let unreadable = |e| DataError { path: String::new(), kind: "Syntax", message: format!("{e}") };
        let document = parse(text, Syntax::Json).map_err(unreadable)?;
        let root = At::new(&document, "").fields()?;
        let digits = root.required("provenance")?.fields()?.required("printed_digits")?.index()? as u32;
        let case = |at: At<'_>| {
            let case = at.fields()?;
            let expect = case.required("expect")?.fields()?;
            let (given, image) = match case.optional("z") {
                Some(z) => (Given::Base(z.numbers()?), expect.required("x")?),
                None => (Given::Data(case.required("x")?.numbers()?), expect.required("z")?),
            };
            Ok(Entry {
                id: case.required("id")?.text()?.to_owned(),
                flow: case.required("flow")?.value().clone(),
                given,
                image: image.numbers()?,
                log_det: expect.required("log_det")?.number()?,
                digits,
            })
        };
        root.required("cases")?.list()?.into_iter().map(case).collect()
    }

    impl Entry {
        pub(super) fn known_value(&self) -> KnownValue {
            let (Given::Base(point) | Given::Data(point)) = &self.given;
            let layer = flow(&At::new(&self.flow, "").in_dim(point.len()));
            KnownValue {
                name: self.id.clone(),
                layer: layer.unwrap_or_else(|e| panic!("{}: {e}", self.id)),
                given: self.given.clone(),
                image: self.image.clone(),
                log_det: self.log_det,
                digits: self.digits,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::ScalarAffine;

    fn known(digits: u32) -> KnownValue {
        let layer = ScalarAffine::new(2.0, 1.0, 1).unwrap();
        KnownValue::new("doubled", layer, Given::Base(vec![0.0]), [1.0], 2f64.ln()).digits(digits)
    }

    #[test]
    fn a_reference_is_half_a_unit_of_its_last_digit_wide() {
        for (value, digits, error) in [(1.5729, 5, 5e-5), (-0.0123, 3, 5e-5), (1234.0, 2, 50.0)] {
            let found = known(digits).reference(value).error();
            assert!((found - error).abs() < 1e-12 * error.max(1.0), "{value}: {found}");
        }
        let found = known(50).reference(1.5);
        assert_eq!((found.value(), found.error()), (1.5, 1.5 * UNIT));
        assert_eq!(known(3).reference(0.0).error(), 0.0);
    }

    #[test]
    #[cfg(feature = "cli")]
    fn every_file_of_reference_values_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reference");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".json") && name != "bad.json")
            .collect();
        found.sort();
        let mut listed: Vec<&str> = embedded::FILES.iter().map(|&(name, _)| name).collect();
        listed.sort_unstable();
        assert_eq!(listed, found);
        assert!(of("").len() >= 149);
    }
}
