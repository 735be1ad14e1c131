use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-29",
    slip: "the data-dependent start of actnorm pools variances over channels instead of over positions",
    reference: "pclucas14/pytorch-glow pull #1",
    missed_because: "",
    caught_by: &["matches-known-values"],
    diagnosis: "",
    broken: || Box::new(from_data()),
    degenerate: None,
};

/// Two samples of two channels: channel 0 is 1 and 3, channel 1 is 10 and 30.
const DATA: [[f64; 2]; 2] = [[1.0, 10.0], [3.0, 30.0]];

fn from_data() -> ActNorm {
    let mean = [0, 1].map(|c| (DATA[0][c] + DATA[1][c]) / 2.0);
    let squares = DATA.iter().flat_map(|row| (0..2).map(|c| (row[c] - mean[c]).powi(2)));
    let sd = (squares.sum::<f64>() / 4.0).sqrt();
    ActNorm { mean: params(mean), sd: params([sd, sd]) }
}

layer! { ActNorm { mean: Vec<Param>, sd: Vec<Param> } dim 2,
    Promises::default().structure(Structure::Diagonal).constant_log_det();
    forward(self, z) { Image::finite(unaffine(&self.sd, &self.mean, z), -log_scale::<S>(&self.sd)) }
    inverse(self, x) { Image::finite(affine(&self.sd, &self.mean, x), log_scale::<S>(&self.sd)) }
    known {
        // What the start is for: each channel has mean 0 and standard deviation 1.
        let row = Given::Base(DATA[1].to_vec());
        vec![KnownValue::new("standardised", from_data(), row, [1.0, 1.0], -std::f64::consts::LN_10)]
    }
}
