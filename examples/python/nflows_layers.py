"""Layers of nflows under law. Its `forward` goes from data to noise: its inverse is `forward` here.

    pushforward external --dim 4 -- python3 examples/python/nflows_layers.py coupling

Layers: coupling (affine), spline (rational-quadratic coupling), masked, lu, householder.
"""

import sys

import torch
from nflows import transforms
from nflows.nn import nets

from pushforward_client import serve

NAME = sys.argv[1] if len(sys.argv) > 1 else "coupling"
DIM = int(sys.argv[2]) if len(sys.argv) > 2 else 4
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def net(inputs, outputs):
    return nets.ResidualNet(inputs, outputs, hidden_features=16, num_blocks=1, activation=torch.tanh)


MASK = torch.arange(DIM) % 2
KEPT = {"kept": [i for i in range(DIM) if i % 2 == 0]}
LAYER, PROMISES = {
    "coupling": lambda: (transforms.AffineCouplingTransform(MASK, net), KEPT),
    "spline": lambda: (
        transforms.PiecewiseRationalQuadraticCouplingTransform(MASK, net, num_bins=6, tails="linear", tail_bound=4.0),
        {**KEPT, "once_differentiable": True},
    ),
    "masked": lambda: (
        transforms.MaskedAffineAutoregressiveTransform(DIM, hidden_features=16, activation=torch.tanh),
        {"structure": "lower-triangular"},
    ),
    "lu": lambda: (transforms.LULinear(DIM, identity_init=False), {"constant_log_det": True}),
    "householder": lambda: (
        transforms.HouseholderSequence(DIM, 3),
        {"structure": "orthogonal", "volume_preserving": True},
    ),
}[NAME]()
LAYER.eval()


def call(function):
    def mapped(points):
        with torch.no_grad():
            return function(points)

    return mapped


serve(call(LAYER.inverse), call(LAYER.forward), dim=DIM, name=f"nflows {NAME}", batched=True, backend="torch", promises=PROMISES)
