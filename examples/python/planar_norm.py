"""Wrong: u' is made with |w| in place of |w|^2, as several projects had it. The log-det is still that of the map, but
the map folds, so that it is no flow.

    pushforward external --dim 2 -- python3 examples/python/planar_norm.py
"""

from planar import forward
from pushforward_client import serve

serve(lambda z: forward(z, power=1), name="planar_norm")
