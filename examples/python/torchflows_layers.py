"""Layers of torchflows under law. Its `inverse` goes from noise to data: it is `forward` here.

    pushforward external --dim 3 -- python3 examples/python/torchflows_layers.py radial

Layers: radial, which fails (in version 1.2.1 `r` is taken coordinate by coordinate, and the log-det is that of no map),
planar, affine_coupling, shift_coupling, triangular.
"""

import sys

import torch
from torchflows.bijections.finite.autoregressive.layers import AffineCoupling, ShiftCoupling
from torchflows.bijections.finite.matrix.triangular import LowerTriangularInvertibleMatrix
from torchflows.bijections.finite.residual.planar import Planar
from torchflows.bijections.finite.residual.radial import Radial

from pushforward_client import serve

NAME = sys.argv[1] if len(sys.argv) > 1 else "radial"
DIM = int(sys.argv[2]) if len(sys.argv) > 2 else 3
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

LAYER = {
    "radial": Radial,
    "planar": Planar,
    "affine_coupling": AffineCoupling,
    "shift_coupling": ShiftCoupling,
    "triangular": LowerTriangularInvertibleMatrix,
}[NAME]((DIM,))
with torch.no_grad():
    for parameter in LAYER.parameters():
        parameter.add_(0.3 * torch.randn(parameter.shape))
LAYER.double().eval()


def call(function):
    def mapped(points):
        with torch.no_grad():
            return function(points)

    return mapped


serve(
    call(LAYER.inverse),
    call(LAYER.forward) if NAME not in ("radial", "planar") else None,
    dim=DIM,
    name=f"torchflows {NAME}",
    batched=True,
    backend="torch",
    promises={
        "affine_coupling": {"kept": list(range(DIM // 2))},
        "shift_coupling": {"volume_preserving": True},
        "triangular": {"structure": "lower-triangular", "constant_log_det": True},
    }.get(NAME, {}),
)
