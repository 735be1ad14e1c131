"""Layers of zuko under law.

    pushforward external --dim 3 -- python3 examples/python/zuko_layers.py masked

Layers: masked (affine), spline (rational-quadratic), coupling, rotation, lu.
"""

import sys

import torch
import zuko

from pushforward_client import serve

NAME = sys.argv[1] if len(sys.argv) > 1 else "masked"
DIM = int(sys.argv[2]) if len(sys.argv) > 2 else 3
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

if NAME == "masked":
    LAZY = zuko.flows.MaskedAutoregressiveTransform(DIM, hidden_features=(16,), activation=torch.nn.Tanh)
elif NAME == "spline":
    LAZY = zuko.flows.MaskedAutoregressiveTransform(
        DIM,
        hidden_features=(16,),
        activation=torch.nn.Tanh,
        univariate=zuko.transforms.MonotonicRQSTransform,
        shapes=[(6,), (6,), (5,)],
    )
elif NAME == "coupling":
    LAZY = zuko.flows.MaskedAutoregressiveTransform(
        DIM, passes=2, hidden_features=(16,), activation=torch.nn.Tanh
    )
elif NAME == "rotation":
    LAZY = zuko.lazy.UnconditionalTransform(zuko.transforms.RotationTransform, torch.randn(DIM, DIM))
elif NAME == "lu":
    LAZY = zuko.lazy.UnconditionalTransform(zuko.transforms.LULinearTransform, torch.randn(DIM, DIM) + 2 * torch.eye(DIM))
else:
    raise SystemExit(f"no layer {NAME!r}; see the top of this file")

LAYER = LAZY()


def mapped(transform):
    def call(points):
        with torch.no_grad():
            return transform.call_and_ladj(points)

    return call


PROMISES = {
    "spline": {"once_differentiable": True},
    "rotation": {"structure": "orthogonal", "volume_preserving": True},
    "lu": {"constant_log_det": True},
}.get(NAME, {})

serve(
    mapped(LAYER),
    mapped(LAYER.inv),
    dim=DIM,
    name=f"zuko {NAME}",
    batched=True,
    backend="torch",
    jacobian="auto",
    promises=PROMISES,
)
