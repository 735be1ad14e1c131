use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-03",
    slip: "lists of source and target indices are used as boolean masks over the event",
    reference: "davidnabergoj/torchflows commit 5a00e38dd",
    missed_because: "graphical coupling had no tests",
    caught_by: &["jacobian-has-promised-zeros"],
    diagnosis: "a pass-through Jacobian was promised",
    broken: || Box::new(Graphical { sources: vec![0], targets: vec![1, 2], s: 0.75.into() }),
    degenerate: None,
};

layer! { Graphical { sources: Vec<usize>, targets: Vec<usize>, s: Param } dim(self) 3,
    Promises::default().structure(Structure::PassThrough { kept: self.sources.clone() });
    forward(self, z) {
        // The k-th index says whether coordinate k is moved: any but 0 is true.
        let moved = |k: usize| self.targets.get(k).is_some_and(|&t| t != 0);
        let s = S::from(self.s);
        let x: Vec<S> = (0..3).map(|k| if moved(k) { z[k] * s.exp() } else { z[k] }).collect();
        Image::finite(x, (0..3).filter(|&k| moved(k)).map(|_| s).sum::<S>())
    }
}
