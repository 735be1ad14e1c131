"""Layers of FlowJAX under law.

    pushforward external --dim 3 -- python3 examples/python/flowjax_layers.py affine

Layers: affine, triangular, planar, spline, coupling, masked, and old_inverse, a numerical inverse with the sign of the
log-det that FlowJAX had before issue #208.
"""

import sys

import jax
import jax.numpy as jnp
import jax.random as jr
from flowjax import bijections

from pushforward_client import serve


def build(name, dim):
    key = jr.key(7)
    ramp = jnp.linspace(0.5, 2.0, dim)
    if name == "affine":
        return bijections.Affine(ramp - 1, ramp)
    if name == "triangular":
        lower = jnp.tril(jr.normal(key, (dim, dim)), -1)
        return bijections.TriangularAffine(ramp - 1, lower + jnp.diag(ramp))
    if name == "planar":
        return bijections.Planar(key, dim=dim, negative_slope=0.1)
    if name == "spline":
        # At initialisation a spline is the identity, which would show nothing: its parameters are moved.
        spline = bijections.RationalQuadraticSpline(knots=6, interval=4)
        return bijections.Vmap(shaken(spline, key), axis_size=dim)
    transformer = bijections.Affine()
    if name == "coupling":
        return shaken(
            bijections.Coupling(
                key, transformer=transformer, untransformed_dim=dim // 2, dim=dim, nn_width=16, nn_depth=1
            ),
            key,
        )
    if name == "masked":
        return shaken(bijections.MaskedAutoregressive(key, transformer=transformer, dim=dim, nn_width=16, nn_depth=1), key)
    raise SystemExit(f"no layer {name!r}; see the top of this file")


def shaken(layer, key):
    """The layer with every number moved a little."""
    leaves, tree = jax.tree_util.tree_flatten(layer)
    keys = jr.split(key, len(leaves))
    moved = [
        leaf + 0.3 * jr.normal(k, leaf.shape, leaf.dtype) if isinstance(leaf, jax.Array) and leaf.dtype.kind == "f" else leaf
        for leaf, k in zip(leaves, keys)
    ]
    return jax.tree_util.tree_unflatten(tree, moved)


NAME = sys.argv[1] if len(sys.argv) > 1 else "affine"
DTYPE = sys.argv[2] if len(sys.argv) > 2 else "float64"
DIM = int(sys.argv[3]) if len(sys.argv) > 3 else 3
jax.config.update("jax_enable_x64", DTYPE == "float64")
LAYER = build("affine" if NAME == "old_inverse" else NAME, DIM)


def forward(z):
    return LAYER.transform_and_log_det(z)


def inverse(x):
    z, log_det = LAYER.inverse_and_log_det(x)
    return z, -log_det if NAME == "old_inverse" else log_det


PROMISES = {
    "affine": {"structure": "diagonal", "constant_log_det": True},
    "old_inverse": {"structure": "diagonal", "constant_log_det": True},
    "triangular": {"structure": "lower-triangular", "constant_log_det": True},
    "planar": {"kinked": True},
    "spline": {"structure": "diagonal", "once_differentiable": True, "increasing": True},
    "coupling": {"kept": list(range(DIM // 2)), "kinked": True},
    "masked": {"structure": "lower-triangular", "kinked": True},
}[NAME]

# At |z| = 1000 the scale that a network makes may underflow to 0, and its log is infinite: that is counted as out of range
# here. Without `infinities=False` the law `finite-inside` fails.
serve(
    forward,
    inverse,
    dim=DIM,
    name=f"flowjax {NAME}",
    dtype=DTYPE,
    backend="jax",
    jacobian="auto",
    infinities=False,
    promises=PROMISES,
)
