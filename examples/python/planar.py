"""A planar flow, x = z + u' tanh(w.z + b), in plain Python.

    pushforward external --dim 2 -- python3 examples/python/planar.py
"""

import math

from pushforward_client import serve


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def parameters(dim, power=2):
    """w, b, and u' with w.u' > -1: u moved along w, over |w|^2 (Rezende & Mohamed 2015, appendix)."""
    w, u, b = [0.5 / math.sqrt(dim)] * dim, [-4 / math.sqrt(dim)] * dim, 0.2
    wu = dot(w, u)
    by = (math.log1p(math.exp(wu)) - 1 - wu) / math.sqrt(dot(w, w)) ** power
    return w, b, [ui + by * wi for ui, wi in zip(u, w)]


def forward(z, power=2):
    w, b, u = parameters(len(z), power)
    h = math.tanh(dot(w, z) + b)
    return [zi + ui * h for zi, ui in zip(z, u)], math.log(abs(1 + dot(w, u) * (1 - h * h)))


def inverse(x):
    """With a = w.z + b the equation is a + w.u' tanh(a) = w.x + b, and its left side increases."""
    w, b, u = parameters(len(x))
    wu, right = dot(w, u), dot(w, x) + b
    low, high = right - abs(wu), right + abs(wu)
    while low < (middle := (low + high) / 2) < high:
        if middle + wu * math.tanh(middle) < right:
            low = middle
        else:
            high = middle
    h = math.tanh(high)
    return [xi - ui * h for xi, ui in zip(x, u)], -math.log(abs(1 + wu * (1 - h * h)))


if __name__ == "__main__":
    serve(forward, inverse, name="planar")
