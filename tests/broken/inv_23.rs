use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-23",
    slip: "a squeeze concatenates along axis 1, and its inverse takes channels 0 to 3 as if there were one channel",
    reference: "davidnabergoj/torchflows commit 39586c8a7",
    missed_because: "the image of the test has one channel",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "the inverse returns the right coordinates in the wrong order",
    broken: || Box::new(Squeeze { channels: 2 }),
    degenerate: None,
};

// Channels of 2×2 pixels: pixel-major on the way, channel-major on the way back.
layer! { Squeeze { channels: usize } dim(self) 4 * self.channels, Promises::default().volume_preserving();
    forward(self, z) {
        let x: Vec<S> = (0..z.len()).map(|i| z[(i % self.channels) * 4 + (i / self.channels + 1) % 4]).collect();
        Image::finite(x, 0.0)
    }
    inverse(self, x) {
        let z: Vec<S> = (0..x.len()).map(|i| x[i / 4 * 4 + (i + 3) % 4]).collect();
        Image::finite(z, 0.0)
    }
}
