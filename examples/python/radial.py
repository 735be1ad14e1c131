"""A radial flow, x = z + beta h (z - z0), h = 1/(alpha + r), r = |z - z0|, in plain Python.

    pushforward external --dim 3 -- python3 examples/python/radial.py
    pushforward external --dim 3 -- python3 examples/python/radial.py wrong

The second inverts h once more in the log-det, as a library once had it (torchflows, commit f0b3279).
"""

import math
import sys

from pushforward_client import serve

ALPHA, BETA = 1.25, 0.75
WRONG = sys.argv[1:] == ["wrong"]


def centre(dim):
    return [0.5 - 0.25 * i for i in range(dim)]


def log_det(dim, r):
    h = 1 / (ALPHA + r)
    along = ALPHA * BETA / (h * h) if WRONG else ALPHA * BETA * (h * h)
    return (dim - 1) * math.log1p(BETA * h) + math.log1p(along)


def forward(z):
    z0 = centre(len(z))
    off = [a - b for a, b in zip(z, z0)]
    r = math.hypot(*off)
    factor = 1 + BETA / (ALPHA + r)
    return [b + factor * d for b, d in zip(z0, off)], log_det(len(z), r)


def inverse(x):
    """|x - z0| = r + beta r/(alpha + r) is a quadratic equation for r."""
    z0 = centre(len(x))
    off = [a - b for a, b in zip(x, z0)]
    y = math.hypot(*off)
    p = y - ALPHA - BETA
    root = math.sqrt(p * p + 4 * ALPHA * y)
    r = (p + root) / 2 if p > 0 else 2 * ALPHA * y / (root - p)
    factor = 1 + BETA / (ALPHA + r)
    return [b + d / factor for b, d in zip(z0, off)], -log_det(len(x), r)


if __name__ == "__main__":
    serve(forward, inverse, name="radial_wrong" if WRONG else "radial")
