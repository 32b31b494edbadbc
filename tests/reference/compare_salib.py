#!/usr/bin/env python3
"""Compares the sensitivity estimators with SALib's on the same samples: all plain indices to 1e-10.

Usage: compare_salib.py build/release/tests/test_sensitivity
Runs by hand, with a Python that has SALib (in a virtual environment: pip install SALib); without it, says so and skips
(exit status 77). Regression and rank correlation, which SALib has not, are compared with NumPy and SciPy.
"""
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version

try:
    import numpy as np
    from SALib.analyze import delta, morris, pawn, sobol
    from SALib.sample import morris as morris_sample
    from scipy.stats import pearsonr, qmc, rankdata, spearmanr
except ImportError as missing:
    print(f"skipped: {missing}; this comparison needs SALib (pip install SALib)")
    sys.exit(77)

TOLERANCE = 1e-10
warnings.simplefilter("ignore")
program, worst, failures = sys.argv[1], {}, 0


def problem(k):
    return {"num_vars": k, "names": [f"x{i}" for i in range(k)], "bounds": [[0, 1]] * k}


def ours(method, x, y):
    """Rows of numbers that the test program prints, by name."""
    with tempfile.NamedTemporaryFile() as file:
        np.ascontiguousarray(x.T, float).tofile(file)
        np.ascontiguousarray(y, float).tofile(file)
        file.flush()
        command = [program, method, str(x.shape[0]), str(x.shape[1]), file.name]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: np.array(line.split()[1:], float) for line in lines}


def same(name, found, expected):
    global failures
    expected = np.asarray(expected, float)
    error = np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected)))
    worst[name] = max(worst.get(name, 0), error)
    if not error <= TOLERANCE or found.shape != expected.shape:
        failures += 1
        print(f"{name}: {found} is not {expected}")


def ishigami_like(x):
    z = np.pi * (2 * x - 1)
    return 3 + np.sin(z[:, 0]) + 7 * np.sin(z[:, 1]) ** 2 + 0.1 * z[:, -1] ** 4 * np.sin(z[:, 0])


def compare_sobol(groups, k, seed):
    """SALib has B last in each group and BA between; ours has B second and BA last."""
    ab = qmc.Sobol(2 * k, seed=seed).random(groups)
    a, b = ab[:, :k], ab[:, k:]
    mixed = [np.where(np.arange(k) == i, b, a) for i in range(k)]
    crossed = [np.where(np.arange(k) == i, a, b) for i in range(k)]
    for second in (False, True):
        their_rows = [a, *mixed, *(crossed if second else []), b]
        our_rows = [a, b, *mixed, *(crossed if second else [])]
        y_theirs = np.stack([ishigami_like(rows) for rows in their_rows], axis=1).ravel()
        y_ours = np.stack([ishigami_like(rows) for rows in our_rows], axis=1).ravel()
        expected = sobol.analyze(problem(k), y_theirs, calc_second_order=second, num_resamples=2)
        found = ours("sobol2" if second else "sobol", np.zeros((len(y_ours), k)), y_ours)
        same("sobol first", found["first"], expected["S1"])
        same("sobol total", found["total"], expected["ST"])
        if second:
            upper = np.triu_indices(k, 1)
            same("sobol second", found["second"].reshape(k, k)[upper], expected["S2"][upper])


def compare_morris(groups, k, levels, seed):
    x = morris_sample.sample(problem(k), groups, num_levels=levels, seed=seed)
    y = ishigami_like(x)
    expected = morris.analyze(problem(k), x, y, num_levels=levels, num_resamples=2)
    found = ours("morris", x, y)
    same("morris mu", found["mu"], expected["mu"])
    same("morris mu_star", found["mu_star"], expected["mu_star"])
    same("morris sigma", found["sigma"], expected["sigma"])


def compare_given(x, y):
    n, k = x.shape
    exponent = 2 / (7 + np.tanh((1500 - n) / 500))  # as delta.analyze has it
    bounds = np.linspace(0, n, min(int(np.ceil(n**exponent)), 48) + 1)
    grid = np.linspace(y.min(), y.max(), 100)
    found = ours("given", x, y)
    same("first order", found["first_order"], [delta.sobol_first(y, x[:, i], bounds) for i in range(k)])
    same("delta", found["delta"], [delta.calc_delta(y, grid, x[:, i], bounds) for i in range(k)])


def compare_pawn(x, y):
    for slices in (2, 7, 10, 20):
        expected = pawn.analyze(problem(x.shape[1]), x, y, S=slices)
        same("pawn", ours(f"pawn{slices}", x, y)["median"], expected["median"])


def coefficients(x, y):
    z, t = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    slopes = np.linalg.lstsq(z, t, rcond=None)[0]
    return slopes, 1 - np.var(t - z @ slopes)


def compare_regression(x, y):
    found, k = ours("regression", x, y), x.shape[1]
    ranks = np.column_stack([rankdata(x[:, i]) for i in range(k)])
    for prefix, inputs, output in (("", x, y), ("rank_", ranks, rankdata(y))):
        slopes, r2 = coefficients(inputs, output)
        same("regression", found[prefix + "coefficients"], slopes)
        same("R2", found[prefix + "r2"], [r2])
    same("pearson", found["correlations"], [pearsonr(x[:, i], y).statistic for i in range(k)])
    same("spearman", found["rank_correlations"], [spearmanr(x[:, i], y).statistic for i in range(k)])


def samples():
    """Given data of many sizes: even, skewed and discrete inputs, ties in y."""
    for seed, n in enumerate([40, 101, 500, 1001, 1500, 4096, 20000]):
        rng = np.random.default_rng(seed)
        x = rng.random((n, 5))
        x[:, 3] = np.exp(3 * rng.standard_normal(n))
        yield x, ishigami_like(x[:, :3])
        yield x, 1e3 + x[:, 0] + 0.001 * x[:, 3]
        yield x, np.maximum(0, x[:, 0] + x[:, 1] - 0.7)
        x = np.column_stack([x, x[:, 0] * 2 + rng.standard_normal(n)])
        yield x, x[:, 0] ** 3 + 0.02 * rng.standard_normal(n)


for groups, k, seed in [(8, 3, 1), (64, 3, 2), (1000, 4, 3), (1024, 8, 4)]:
    compare_sobol(groups, k, seed)
for groups, k, levels, seed in [(4, 3, 4, 1), (20, 5, 6, 2), (100, 12, 8, 3)]:
    compare_morris(groups, k, levels, seed)
for x, y in samples():
    compare_given(x, y)
    compare_pawn(x, y)
    compare_regression(x, y)
for name, error in worst.items():
    print(f"{name:14} {error:.1e}")
print(f"SALib {version('SALib')}: {'failed' if failures else 'all within'} {TOLERANCE}")
sys.exit(1 if failures else 0)
