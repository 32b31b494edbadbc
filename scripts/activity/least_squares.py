"""Fits levels to observations: one sparse least-squares problem, solved again about its solution until it stands still.

Takes a hierarchy and observations, gives the unknowns, a factor of their precision, and the residuals. The errors that
reports of one series and year share are unknowns too, behind those of the hierarchy.
"""
from collections import namedtuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from observations import ERRORS, MONTHS

Fit = namedtuple("Fit", "hierarchy observations unknowns factor jacobian predicted levels")

STILL, MOST_ROUNDS = 1e-5, 60


def log_sums(levels, sets):
    """ln of the sum of exp(level) over each set of rows, and its derivatives by the levels."""
    value, row, column, share = np.empty(len(sets)), [], [], []
    for i, members in enumerate(sets):
        top = levels[members].max()
        parts = np.exp(levels[members] - top)
        value[i] = top + np.log(parts.sum())
        row += [i] * len(members)
        column += list(members)
        share += list(parts / parts.sum())
    return value, sparse.csr_matrix((share, (row, column)), (len(sets), len(levels)))


def release_matrix(observations):
    names = sorted({o.release for o in observations if o.release})
    place = {name: i for i, name in enumerate(names)}
    held = [(i, place[o.release]) for i, o in enumerate(observations) if o.release]
    rows, columns = zip(*held) if held else ((), ())
    return sparse.csr_matrix((np.ones(len(held)), (rows, columns)), (len(observations), len(names)))


def months_among(hierarchy, observations, which):
    return [hierarchy.series[o.series] * MONTHS + np.array(getattr(o, which)) for o in observations]


def factor_of(matrix):
    return splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def extrapolated(step, last):
    """Steps that follow each other by one factor are summed to their end (Aitken); where sums bend, they last."""
    rate = step @ last / (last @ last) if last is not None else 0.0
    return (step / (1 - rate), None) if 0.1 < abs(rate) < 0.9 else (step, step)


def stacked_prior(hierarchy, count, release_error):
    """Prior equations of all unknowns, `count` releases behind: their precision, and it times the prior mean."""
    prior = hierarchy.prior
    matrix = sparse.block_diag([prior.matrix, sparse.identity(count)])
    value, deviation = np.r_[prior.value, np.zeros(count)], np.r_[prior.deviation, np.full(count, release_error)]
    scaled = (sparse.diags(1 / deviation) @ matrix).tocsr()
    return scaled.T @ scaled, scaled.T @ (value / deviation)


def linearised(levels, unknowns, now, then, levels_of, shift):
    """What observations would be at these unknowns, and their derivatives."""
    up, shares_up = log_sums(levels, now)
    down, shares_down = log_sums(levels, then)
    return up - down + shift @ unknowns, (shares_up - shares_down) @ levels_of + shift


def fit(hierarchy, observations, release_error=ERRORS.release, start=None, still=STILL):
    """The likeliest unknowns: of prior equations and observations alike, each weighted by its error."""
    releases = release_matrix(observations)
    precision, right = stacked_prior(hierarchy, releases.shape[1], release_error)
    behind = sparse.csr_matrix((hierarchy.levels.shape[0], releases.shape[1]))
    levels_of = sparse.hstack([hierarchy.levels, behind]).tocsr()
    shift = sparse.hstack([sparse.csr_matrix((len(observations), hierarchy.size)), releases])
    now, then = (months_among(hierarchy, observations, which) for which in ("now", "then"))
    growth, error = (np.array([getattr(o, name) for o in observations]) for name in ("growth", "error"))
    unknowns, last = np.zeros(levels_of.shape[1]) if start is None else start, None
    for _ in range(MOST_ROUNDS):
        predicted, jacobian = linearised(levels_of @ unknowns, unknowns, now, then, levels_of, shift)
        weighted = sparse.diags(1 / error) @ jacobian
        factor = factor_of(precision + weighted.T @ weighted)
        step = factor.solve(right + weighted.T @ ((growth - predicted + jacobian @ unknowns) / error)) - unknowns
        if np.abs(step).max() < still:
            return Fit(hierarchy, observations, unknowns, factor, jacobian, predicted, levels_of @ unknowns)
        step, last = extrapolated(step, last)
        unknowns = unknowns + step
    raise ArithmeticError(f"the fit still moves after {MOST_ROUNDS} rounds")


def covariance(fitted, gradients):
    """Of linear functions of the unknowns, from their gradients (rows)."""
    dense = sparse.csr_matrix(gradients).toarray()
    return dense @ fitted.factor.solve(np.ascontiguousarray(dense.T))


def residuals(fitted):
    """Of each observation: predicted - reported in its errors, and the same against all the others (left out)."""
    error = np.array([o.error for o in fitted.observations])
    off = fitted.predicted - np.array([o.growth for o in fitted.observations])
    dense = fitted.jacobian.toarray()
    leverage = np.einsum("ij,ji->i", dense, fitted.factor.solve(np.ascontiguousarray(dense.T)))
    return off / error, off / np.sqrt(np.maximum(error ** 2 - leverage, 1e-12))
