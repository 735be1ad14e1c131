"""The layer `template` under the laws of pushforward: fill in what raises NotImplementedError, then

    pushforward external --dim 2 -- python3 template_layer.py

Python must find pushforward_client.py: it lies beside this file.
"""

from pushforward_client import serve


def forward(z):
    """From the base variable z to the data x: x, and log|det dx/dz|."""
    raise NotImplementedError("forward: return x, log_det")


def inverse(x):
    """Back from x to z: z, and log|det dz/dx|. A layer without an inverse passes None to serve()."""
    raise NotImplementedError("inverse: return z, log_det")


if __name__ == "__main__":
    # promises={...} declares what else is so; backend="torch" or "jax" has points arrive as its arrays.
    serve(forward, inverse, name="template")
