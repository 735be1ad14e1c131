//! Known bugs that are no exhibit, and why.

/// The id, what it was, and why no layer, chain, density or wrapper can say it.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[
    (
        "form-08",
        "softmax from ℝⁿ to the simplex in ℝⁿ⁺¹ leaves out the volume element of the embedding",
        "a layer maps ℝᵈ to ℝᵈ; on a chart of the simplex the formula is right",
    ),
    ("shape-15", "a reshape declares itself a scalar map", "a layer has one vector and no rank to declare"),
    (
        "shape-17",
        "a permutation returns zeros of the wrong shape",
        "0 is the right log-det, and its shape is not data here",
    ),
    (
        "shape-20",
        "two slips in a shape helper and in its test cancel out",
        "both are about shapes of batches of parameters; the value of each row is right",
    ),
    (
        "shape-27",
        "spline parameters are laid out with channels last",
        "it raises, or else pairs channels with other channels' parameters, which is a valid flow",
    ),
    (
        "shape-32",
        "a list of shapes is unpacked into a list of numbers",
        "it raises while the layer is built: there is none",
    ),
    ("inv-02", "the inverse asks an attribute that was renamed", "a layer without the field does not compile"),
    (
        "inv-13",
        "the combined entry point calls a method that some maps lack",
        "a layer has one entry point a direction",
    ),
    ("inv-14", "the public inverse calls a misspelt attribute", "a misspelt method does not compile"),
    (
        "dom-08",
        "the inverse of softmax accepts vectors that do not sum to 1",
        "the simplex has one dimension less than the vector: a chart cannot be given such a point",
    ),
    (
        "num-05",
        "the gradient of a masked-out spline branch is NaN",
        "only reverse mode multiplies 0 by ∞; a branch here evaluates one arm",
    ),
    (
        "num-06",
        "the gradient of an unselected exponential is NaN",
        "only reverse mode multiplies 0 by ∞; a branch here evaluates one arm",
    ),
    (
        "num-16",
        "forward and inverse log-det of a lower bound differ at 1e-7",
        "information that x = eʸ + a has lost: every implementation does, and the error bound says so",
    ),
    ("state-07", "a wrapper is rebuilt from the wrong children", "layers are not taken apart and rebuilt"),
    (
        "ref-02",
        "the log-det of a volume-preserving layer is an integer",
        "a layer's log-det is of the scalar's own type",
    ),
];
