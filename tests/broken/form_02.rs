use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-02",
    slip: "the inverse of a leaky planar flow multiplies the slope s into w as well, though s·u has it already",
    reference: "danielward27/flowjax pull #170",
    missed_because: "the test looked at the positive side only, where s = 1",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "",
    broken: || leaky(0.5),
    degenerate: Some(|| leaky(1e15)),
};

fn leaky(b: f64) -> Box<dyn Layer> {
    Box::new(Leaky { u: params([0.75, -0.5]), w: params([1.0, 0.25]), b: b.into(), s: 0.125.into() })
}

layer! { Leaky { u: Vec<Param>, w: Vec<Param>, b: Param, s: Param } dim 2, Promises::default().once_differentiable();
    forward(self, z) {
        let a = dot(&self.w, z) + self.b;
        let slope = a.select(0.0, || self.s.into(), || S::from(1.0));
        let x: Vec<S> = z.iter().zip(&self.u).map(|(&z, u)| z + u * (a * slope)).collect();
        Image::finite(x, (slope * product::<S>(&self.w, &self.u)).ln_1p())
    }
    inverse(self, x) {
        // The sign of w·x + b is that of w·z + b.
        let a = dot(&self.w, x) + self.b;
        let slope = a.select(0.0, || self.s.into(), || S::from(1.0));
        let wu = product::<S>(&self.w, &self.u);
        let a = a / (slope * wu + 1.0);
        let z: Vec<S> = x.iter().zip(&self.u).map(|(&x, u)| x - u * (a * slope)).collect();
        Image::finite(z, -(slope * slope * wu).ln_1p())
    }
}
