"""Put a flow written in Python under the laws of pushforward.

    pushforward external --dim 2 -- python3 my_layer.py

where my_layer.py ends with a call of serve():

    from pushforward_client import serve

    def forward(z):                  # x = f(z), and log|det df/dz|
        return [2 * z[0], z[1] + z[0] ** 2], math.log(2)

    def inverse(x):                  # z, and log|det df^-1/dx|
        return [x[0] / 2, x[1] - x[0] ** 2 / 4], -math.log(2)

    serve(forward, inverse, dim=2)

Only the standard library is needed. Arrays of NumPy, torch and JAX are taken as they are; with backend="torch" or
"jax" points arrive as such arrays, and jacobian="auto" offers the derivatives of torch.func or JAX. Protocol:
docs/protocol.md.
"""

import json
import math
import os
import sys

__all__ = ["PROTOCOL", "OutOfRange", "OutsideDomain", "NotConverged", "serve"]

PROTOCOL = 1


class OutOfRange(ArithmeticError):
    """The result exists, but over- or underflows. OverflowError is understood as this, too."""


class OutsideDomain(ValueError):
    """The flow is not defined at the point."""


class NotConverged(ArithmeticError):
    """An iteration found no solution."""


_KINDS = [
    (OutOfRange, "out-of-range"),
    (OverflowError, "out-of-range"),
    (OutsideDomain, "outside-domain"),
    (NotConverged, "not-converged"),
]


def serve(
    forward,
    inverse=None,
    *,
    dim=None,
    name=None,
    dtype="float64",
    promises=None,
    batched=False,
    backend=None,
    jacobian=None,
    inverse_jacobian=None,
    infinities=True,
):
    """Answer pushforward's questions on standard input until it ends. Does not return before.

    forward(z) returns (x, log_det) for one point; inverse(x) returns (z, log_det) of the inverse map.

    dim         the dimension; None takes the one that `--dim` asks for; a function of that dimension decides itself
    name        what reports call it
    dtype       "float64" or "float32": what the flow computes in
    promises    declared facts that are then verified, as in docs/protocol.md
    batched     forward and inverse take and return many points at once: (n, dim) -> (n, dim), (n,)
    backend     None: points are lists; "numpy", "torch", "jax": arrays of the dtype. JAX functions of one point are
                vectorised and compiled
    jacobian    a function from z to the rows of dx/dz, or "auto" with torch or JAX. Without it pushforward
                differences forward itself
    infinities  whether an infinite result is an answer; False reports it as out of range. NaN is always an answer
    """
    # Whatever the flow prints goes to standard error: standard output belongs to the protocol.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr

    arrays = _Arrays(backend, dtype)
    maps = {"forward": arrays.map(forward, batched)}
    if inverse is not None:
        maps["inverse"] = arrays.map(inverse, batched)
    for key, function, slopes in (("jacobian", forward, jacobian), ("inverse_jacobian", inverse, inverse_jacobian)):
        if slopes == "auto" and function is not None:
            maps[key] = arrays.jacobian(function, batched)
        elif callable(slopes):
            maps[key] = arrays.each(slopes)
    read = {"forward": _image, "inverse": _image, "jacobian": _rows, "inverse_jacobian": _rows}

    def hello(request):
        asked = request.get("dim")
        found = dim(asked) if callable(dim) else dim if dim is not None else asked
        if found is None:
            raise ValueError("no dimension is known: give serve() a dim, or pushforward --dim")
        title = name or getattr(forward, "__name__", "external")
        return {
            "protocol": PROTOCOL,
            "name": str(title),
            "dim": int(found),
            "dtype": dtype,
            "offers": list(maps),
            "promises": promises or {},
        }

    for line in sys.stdin:
        if not line.strip():
            continue
        request = json.loads(line)
        op = request.get("op")
        try:
            if op == "hello":
                answer = hello(request)
            elif op in maps:
                results = _answers(maps[op], request["points"], read[op], infinities)
                answer = {"results": results}
            else:
                answer = {"error": {"kind": "unknown-op", "message": f"no such operation: {op!r}"}}
        except Exception as error:  # noqa: BLE001 - whatever it is, pushforward is told
            answer = {"error": _error(error)}
        answer["id"] = request.get("id")
        replies.write(json.dumps(answer, allow_nan=False) + "\n")
        replies.flush()


def _answers(function, points, read, infinities):
    try:
        found = list(function(points))
        if len(found) != len(points):
            raise ValueError(f"{len(found)} results for {len(points)} points")
        return [read(each, infinities) for each in found]
    except Exception as error:  # noqa: BLE001
        if len(points) == 1:
            return [{"error": _error(error)}]
    # One of them is refused: ask one by one.
    return [_answers(function, [point], read, infinities)[0] for point in points]


def _error(error):
    kind = next((kind for of, kind in _KINDS if isinstance(error, of)), "error")
    return {"kind": kind, "message": f"{type(error).__name__}: {error}"}


def _image(found, infinities):
    point, log_det = found
    point, log_det = _plain(point), _plain(log_det)
    while isinstance(log_det, list) and len(log_det) == 1:
        log_det = log_det[0]
    if not infinities and any(isinstance(x, float) and math.isinf(x) for x in [*_flat(point), log_det]):
        raise OutOfRange("a result is infinite")
    return {"point": [_number(x) for x in _flat(point)], "log_det": _number(log_det)}


def _rows(found, _):
    return {"jacobian": [[_number(x) for x in row] for row in _plain(found)]}


def _plain(value):
    """Lists and floats, from whatever array."""
    for step in ("detach", "cpu"):
        if hasattr(value, step):
            value = getattr(value, step)()
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return float(value)


def _flat(value):
    return [x for each in value for x in _flat(each)] if isinstance(value, list) else [value]


def _number(x):
    x = float(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return x


class _Arrays:
    """How points become arrays of a backend, and functions of one point functions of many."""

    def __init__(self, backend, dtype):
        if backend not in (None, "numpy", "torch", "jax"):
            raise ValueError(f"backend {backend!r}; known are None, 'numpy', 'torch' and 'jax'")
        if dtype not in ("float64", "float32"):
            raise ValueError(f"dtype {dtype!r}; known are 'float64' and 'float32'")
        self.backend = backend
        if backend == "numpy":
            import numpy

            self.array = lambda points: numpy.asarray(points, dtype=dtype)
        elif backend == "torch":
            import torch

            self.array = lambda points: torch.tensor(points, dtype=getattr(torch, dtype))
        elif backend == "jax":
            import jax

            if dtype == "float64":
                jax.config.update("jax_enable_x64", True)
            self.array = lambda points: jax.numpy.asarray(points, dtype=dtype)
        else:
            self.array = lambda points: points

    def each(self, function):
        """A function of one point, one point after another."""
        return lambda points: (function(self.array(point)) for point in points)

    def map(self, function, batched):
        if self.backend == "jax":
            return self.vectorised(function if batched else _vmap(function))
        if batched:
            return lambda points: zip(*function(self.array(points)))
        return self.each(function)

    def vectorised(self, function):
        """Compiled, and called with a power of two of points, so that few sizes are compiled."""
        import jax

        function = jax.jit(function)

        def call(points):
            size = 1 << (len(points) - 1).bit_length()
            images, log_dets = function(self.array(points + [points[-1]] * (size - len(points))))
            return list(zip(images.tolist(), log_dets.tolist()))[: len(points)]

        return call

    def jacobian(self, function, batched):
        point = (lambda z: function(z[None])[0][0]) if batched else (lambda z: function(z)[0])
        if self.backend == "torch":
            from torch.func import jacfwd, vmap

            one, many = self.each(jacfwd(point)), vmap(jacfwd(point))

            def call(points):
                try:
                    return many(self.array(points)).tolist()
                except Exception:  # noqa: BLE001 - not every function can be vectorised
                    return one(points)

            return call
        if self.backend == "jax":
            import jax

            rows = jax.jit(jax.jacfwd(point))
            return self.each(rows)
        raise ValueError('jacobian="auto" needs backend="torch" or backend="jax"')


def _vmap(function):
    import jax

    return jax.vmap(function)


if __name__ == "__main__":
    print(__doc__)
