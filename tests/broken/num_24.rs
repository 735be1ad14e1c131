use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-24",
    slip: "the log-det of sinh-arcsinh forms ln cosh and ln √(1 + x²) literally, and the square overflows",
    reference: "tensorflow/probability commit c12366f18",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: "the log of a value that has rounded to 0",
    broken: || Box::new(SinhArcsinh { scale: 1e150.into(), tail: 0.5.into() }),
    degenerate: None,
};

layer! { SinhArcsinh { scale: Param, tail: Param } dim 1, Promises::default().structure(Structure::Diagonal);
    forward(self, z) {
        let z = self.scale * z[0];
        let t = self.tail * z.asinh();
        let slope = t.cosh().ln() - (z * z + 1.0).sqrt().ln();
        Ok(Image::new([t.sinh()], slope + (self.tail * S::from(self.scale)).ln()))
    }
}
