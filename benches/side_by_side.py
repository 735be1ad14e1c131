#!/usr/bin/env python3
"""Points verified a second, by JAX and by pushforward, on the same weights and the same machine: the tables of the README.

Needs `pip install "jax[cpu]" numpy`, and cargo.

    side_by_side.py [--rows aff/8,aff/32,...] [--bench PATH] [--growth]

For every row: the flow is built here from the formulas of benches/peers/workloads.rs, its log-dets are compared with
benches/peers/reference.json to 1e-9 (the Rust side makes the same comparison and prints no figure where it fails), then
both are timed, the best of several: on one thread by processor time, on two by the clock. A verified point is forward
with the fast log-det, inverse of the image, the full Jacobian by forward mode (`jacfwd`), `slogdet`, and the comparison, in
float64. `--bench` names a built benchmark (what `cargo bench --bench peers --no-run` prints); `--growth` fits exponents
of the cost in d, and asks the law of log-det costs for its own.
"""
import argparse, json, math, os, pathlib, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT = "aff/2,aff/8,aff/32,aff/128,aff/512,maf/2,maf/8,maf/32,maf/128,rqs/8,rqs/32,rqs/128,planar/2,planar/32,planar/128,glow/192,glow/384,glow/768"
OURS = {"aff": "affine", "maf": "masked", "rqs": "spline", "planar": "planar", "glow": "convolution"}
CHANNELS = {192: 3, 384: 6, 768: 12}
NAMES = {"affine": "affine coupling ×8", "masked": "masked autoregressive ×4", "spline": "rational-quadratic coupling ×4", "planar": "planar ×16"}
LAYERS = {"aff": 8, "maf": 4, "rqs": 4, "planar": 16}
BATCHES = {2: (256, 4096), 8: (256, 2048), 32: (64, 256), 128: (16, 64), 192: (16,), 384: (8,), 512: (2, 8), 768: (4,)}
BINS, BOUND, LEAST = 8, 3.0, 1e-3


def jax_rows(rows, clock):
    import numpy as np
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax.scipy.linalg import solve_triangular

    def mat(m, n, tag):
        i, j = np.arange(m)[:, None], np.arange(n)[None, :]
        return np.sin(1.0 + 7.0 * i + 13.0 * j + (i * j) % 1009 + 0.7 * tag) / math.sqrt(n)

    def vec(n, tag):
        return 0.1 * np.sin(2.0 + 3.0 * np.arange(n) + 0.7 * tag)

    def points(count, d):
        t = (np.arange(count * d).reshape(count, d) + 1.0) * 0.6180339887498949
        return 4.0 * (t - np.floor(t)) - 2.0

    def network(k, inputs, width, outputs):
        return [mat(width, inputs, 10 * k), vec(width, 10 * k + 1), mat(outputs, width, 10 * k + 2), vec(outputs, 10 * k + 3)]

    def call(p, x):
        return p[2] @ jnp.tanh(p[0] @ x + p[1]) + p[3]

    def knots(raw):
        inner = LEAST + (1 - BINS * LEAST) * jax.nn.softmax(raw, axis=-1)
        return jnp.concatenate([jnp.full(raw.shape[:-1] + (1,), -BOUND), jnp.cumsum(2 * BOUND * inner, -1) - BOUND], -1)

    def spline(t, o, inverse):
        o = o.reshape(t.shape[0], 3 * BINS - 1)
        x, y = knots(o[:, :BINS]), knots(o[:, BINS:2 * BINS])
        ends = jnp.ones((t.shape[0], 1))
        slope = jnp.concatenate([ends, LEAST + jax.nn.softplus(o[:, 2 * BINS:]), ends], -1)
        at = jnp.clip(jnp.sum(t[:, None] >= (y if inverse else x), -1) - 1, 0, BINS - 1)
        pick = lambda a, k: jnp.take_along_axis(a, k[:, None], -1)[:, 0]
        x0, y0, d0, d1 = pick(x, at), pick(y, at), pick(slope, at), pick(slope, at + 1)
        w, h = pick(x, at + 1) - x0, pick(y, at + 1) - y0
        s, inside = h / w, jnp.abs(t) <= BOUND
        if inverse:
            e = (t - y0) * (d0 + d1 - 2 * s)
            a, b, c = h * (s - d0) + e, h * d0 - e, -s * (t - y0)
            return jnp.where(inside, x0 + w * 2 * c / (-b - jnp.sqrt(b * b - 4 * a * c)), t), 0.0
        u = (t - x0) / w
        q = u * (1 - u)
        den = s + (d0 + d1 - 2 * s) * q
        log = jnp.log(s * s * (d1 * u * u + 2 * s * q + d0 * (1 - u) ** 2)) - 2 * jnp.log(den)
        return jnp.where(inside, y0 + h * (s * u * u + d0 * q) / den, t), jnp.sum(jnp.where(inside, log, 0.0))

    def flow(kind, d):
        """Parameters, forward(P, z) -> (x, log_det), inverse(P, x) -> z."""
        h, n = d // 2, LAYERS.get(kind)
        if kind in ("aff", "rqs"):
            P = [network(k, h, 2 * d, 2 * h if kind == "aff" else 23 * h) for k in range(n)]

            def step(k, p, x, inverse):
                c, t = (x[:h], x[h:]) if k % 2 == 0 else (x[h:], x[:h])
                o = call(p, c)
                if kind == "rqs":
                    t, log = spline(t, o, inverse)
                else:
                    s = jnp.tanh(o[:h])
                    t, log = ((t - o[h:]) * jnp.exp(-s), 0.0) if inverse else (t * jnp.exp(s) + o[h:], jnp.sum(s))
                return jnp.concatenate([c, t] if k % 2 == 0 else [t, c]), log

            def forward(P, x):
                total = 0.0
                for k, p in enumerate(P):
                    x, log = step(k, p, x, False)
                    total += log
                return x, total

            def inverse(P, x):
                for k in reversed(range(n)):
                    x, _ = step(k, P[k], x, True)
                return x
        elif kind == "maf":
            rank = np.arange(2 * d) % (d - 1)
            first, second = rank[:, None] >= np.arange(d)[None, :], np.tile(np.arange(d)[:, None] > rank[None, :], (2, 1))
            P = [network(k, d, 2 * d, 2 * d) for k in range(n)]
            for p in P:
                p[0], p[2] = p[0] * first, p[2] * second

            def forward(P, x):
                total = 0.0
                for p in P:
                    o = call(p, x)
                    s = jnp.tanh(o[:d])
                    x, total = (x * jnp.exp(s) + o[d:])[::-1], total + jnp.sum(s)
                return x, total

            def inverse(P, y):
                for p in reversed(P):
                    y = y[::-1]

                    def step(_, x, p=p, y=y):
                        o = call(p, x)
                        return (y - o[d:]) * jnp.exp(-jnp.tanh(o[:d]))
                    y = jax.lax.fori_loop(0, d, step, jnp.zeros_like(y))
                return y
        elif kind == "planar":
            w, v = mat(16, d, 0), 2 * mat(16, d, 1)
            along = np.sum(w * v, -1)
            u = v + ((np.logaddexp(along, 0.0) - 1 - along) / np.sum(w * w, -1))[:, None] * w
            P = [[w[k], u[k], 0.1 * math.sin(2 + 3 * k)] for k in range(n)]

            def forward(P, x):
                total = 0.0
                for w, u, b in P:
                    t = jnp.tanh(w @ x + b)
                    x, total = x + u * t, total + jnp.log(jnp.abs(1 + (w @ u) * (1 - t * t)))
                return x, total

            def inverse(P, y):
                for w, u, b in reversed(P):
                    c, beta = w @ u, w @ y

                    def step(_, state, c=c, beta=beta, b=b):
                        low, high, a = state
                        t = jnp.tanh(a + b)
                        g = a + c * t - beta
                        low, high = jnp.where(g < 0, a, low), jnp.where(g < 0, high, a)
                        newton = a - g / (1 + c * (1 - t * t))
                        return low, high, jnp.where((newton >= low) & (newton <= high), newton, 0.5 * (low + high))
                    a = jax.lax.fori_loop(0, 20, step, (beta - jnp.abs(c), beta + jnp.abs(c), beta))[2]
                    y = y - u * jnp.tanh(a + b)
                return y
        else:
            c = CHANNELS[d]
            own = 0.5 + np.abs(np.sin(2.0 + 3.0 * np.arange(c)))
            L, U = np.eye(c) + 0.5 * np.tril(mat(c, c, 0), -1), 0.5 * np.triu(mat(c, c, 1), 1) + np.diag(own)
            perm = (5 * np.arange(c) + 3) % c
            back, P = np.argsort(perm), [L, U]

            def forward(P, x):
                return (x.reshape(-1, c) @ P[1].T @ P[0].T)[:, perm].reshape(-1), d // c * jnp.sum(jnp.log(jnp.abs(jnp.diagonal(P[1]))))

            def inverse(P, y):
                y = y.reshape(-1, c)[:, back].T
                return solve_triangular(P[1], solve_triangular(P[0], y, lower=True), lower=False).T.reshape(-1)
        return jax.tree_util.tree_map(jnp.asarray, P), forward, inverse

    reference = json.loads((HERE / "peers" / "reference.json").read_text())
    for row in rows:
        kind, d = row.split("/")
        d = int(d)
        P, forward, inverse = flow(kind, d)

        def one(P, z, basis):
            value = lambda z: (lambda x, log: (x, (x, log)))(*forward(P, z))
            if kind == "glow":
                # A basis for each point: else the one Jacobian of a linear layer is computed once for all of them.
                J, (x, log) = jax.vmap(lambda e: jax.jvp(value, (z,), (e,), has_aux=True)[1:], out_axes=(-1, None))(basis)
            else:
                J, (x, log) = jax.jacfwd(value, has_aux=True)(z)
            dense = jnp.linalg.slogdet(J)[1]
            return jnp.max(jnp.abs(inverse(P, x) - z)), jnp.abs(log - dense), log

        verify = jax.jit(jax.vmap(one, in_axes=(None, 0, 0)))
        basis = lambda count: jnp.tile(jnp.eye(d if kind == "glow" else 1), (count, 1, 1))
        first = verify(P, jnp.asarray(points(3, d)), basis(3))
        known = reference[row]["log_det"]
        if not all(abs(a - b) <= 1e-9 * max(1, abs(b)) for a, b in zip(first[2].tolist(), known)):
            print(json.dumps(dict(row=row, error=f"log-dets {first[2].tolist()} are not the reference's {known}")), flush=True)
            continue
        best = 0.0
        for count in BATCHES[d]:
            Z, E = jnp.asarray(points(count, d)), basis(count)
            jax.block_until_ready(verify(P, Z, E))
            start = time.perf_counter()
            jax.block_until_ready(verify(P, Z, E))
            calls = max(1, math.ceil(0.3 / (time.perf_counter() - start)))
            for _ in range(5):
                start = clock()
                for _ in range(calls):
                    out = verify(P, Z, E)
                jax.block_until_ready(out)
                best = max(best, count * calls / (clock() - start))
        print(json.dumps(dict(row=row, rate=best)), flush=True)


def slope(points):
    """The least-squares exponent p of y ~ x^p."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean = lambda values: sum(values) / len(values)
    x0, y0 = mean([x for x, _ in logs]), mean([y for _, y in logs])
    return sum((x - x0) * (y - y0) for x, y in logs) / sum((x - x0) ** 2 for x, _ in logs)


def growth(rows):
    """Exponents over d >= 8, and those that the law of log-det costs counts."""
    families = {"affine": "coupling_tanh", "masked": "maf", "spline": "coupling_rq_spline", "planar": "planar"}
    law = "log-det-costs-no-more-than-promised"
    told = subprocess.run(["cargo", "run", "--quiet", "--release", "--", "check", *families.values(), "--law", law, "--format", "json"],
                          cwd=HERE.parent, capture_output=True, text=True)
    notes = {row["name"]: row["laws"][0]["note"].split(" ")[0] for row in json.loads(told.stdout)["rows"]}
    print("\n| flow | operations of the log-det (ideal 1) | of the Jacobian (ideal 3) | of the LU (ideal 3) | time |\n|---|---|---|---|---|")
    for flow, family in families.items():
        own = [row for row in rows if row["flow"] == flow and row["dim"] >= 8]
        if len(own) < 2:
            continue
        fitted = [slope([(row["dim"], of(row)) for row in own]) for of in
                  (lambda r: r["flops"][1], lambda r: r["flops"][2], lambda r: 1 / r["points_per_cpu_second"])]
        print(f"| {NAMES[flow]} | {notes[family]} | " + " | ".join(f"d^{p:.2f}" for p in fitted) + " |")


def figure(x):
    return f"{x:,.0f}" if x >= 1000 else f"{x:.3g}"


def objects(run):
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def jax_rate(row, threads):
    """JAX's rate in a process of its own, or why there is none."""
    environment = dict(os.environ, JAX_PLATFORMS="cpu")
    if threads == 1:
        environment |= dict(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1",
                            XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    run = subprocess.run([sys.executable, __file__, "--jax-only", "--rows", row, "--threads", str(threads)],
                         env=environment, capture_output=True, text=True)
    found = objects(run) or [dict(error=(run.stderr.strip().splitlines() or ["no JAX"])[-1])]
    if "error" in found[0]:
        sys.exit(f"{row}: {found[0]['error']}")
    return found[0]["rate"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=DEFAULT)
    parser.add_argument("--bench", default=None)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--jax-only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rows = arguments.rows.split(",")
    if arguments.jax_only:
        return jax_rows(rows, time.process_time if arguments.threads == 1 else time.perf_counter)
    command = [arguments.bench] if arguments.bench else ["cargo", "bench", "--quiet", "--bench", "peers", "--"]
    print("| flow | d | points per CPU second | JAX here | ratio | on two threads, by the clock | fastest peer, elsewhere | ratio | Mflop a point: dense | here |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    measured = []
    for row in rows:
        kind, d = row.split("/")
        theirs = [jax_rate(row, threads) for threads in (1, 2)]
        run = subprocess.run([*command, "--json", "--threads", "--dim", d, OURS[kind]], cwd=HERE.parent, capture_output=True, text=True)
        own = next((r for r in objects(run) if r["key"] == row), None)
        if own is None:
            sys.exit(f"{row}: {run.stdout.strip() or run.stderr.strip()[-200:]}")
        measured.append(own)
        ours = [own["points_per_cpu_second"], own["two_threads"]]
        name = NAMES.get(OURS[kind]) or f"1×1 convolution, {CHANNELS[int(d)]} channels"
        print(f"| {name} | {d} | {figure(ours[0])} | {figure(theirs[0])} | {ours[0] / theirs[0]:.1f} | {ours[1] / theirs[1]:.1f} | "
              f"{figure(own['peer_rate'])} ({own['peer']}) | {ours[0] / own['peer_rate']:.1f} | "
              f"{own['dense_flops'] * 1e-6:.3f} | {sum(own['flops']) * 1e-6:.3f} |", flush=True)
    if arguments.growth:
        growth(measured)


if __name__ == "__main__":
    main()
