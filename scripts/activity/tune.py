#!/usr/bin/env python3
"""The spreads that fit the reports: prints EFFECTS (hierarchy.py) and ERRORS (observations.py) as they should stand.

Run by hand when rows are added: /usr/bin/python3 scripts/activity/tune.py [ROUNDS]. A spread is right where the squares
of what it spreads are as large as it says, less the part by which the fit bends to them (restricted maximum likelihood,
in the fixed point of MacKay, Neural Computation 4 (1992) 415-447, and Harville, JASA 72 (1977) 320-338):
  spread^2 = sum of squares / (count - trace(D inverse(precision) D') / spread^2)
The trace is taken with random signs (Hutchinson, Communications in Statistics 18 (1989) 1059-1076).
"""
import sys

import numpy as np
from scipy import sparse

import estimate
import hierarchy as hi
import least_squares
import observations as ob

PROBES = 24
FREE = [(place, part) for place in hi.EFFECTS for part in ("step", "lockdown_2020", "lockdown_2021")]
LEAST, MOST = 0.5, 2.0         # times a spread, in one round


def times(squares, count, bent):
    """By what to multiply a spread: squares and bent are in units of its square."""
    return float(np.clip(np.sqrt(squares / max(count - bent, 1e-3 * count)), LEAST, MOST))


def bent_of(fitted, rows, random):
    """Trace of rows @ inverse(precision) @ rows', the rows in units of their spread."""
    signs = sparse.csr_matrix(random.choice([-1.0, 1.0], (PROBES, rows.shape[0]))) @ rows
    return least_squares.covariance(fitted, signs).trace() / PROBES


def prior_times(fitted, free, random):
    prior, size = fitted.hierarchy.prior, fitted.hierarchy.size
    chosen = np.array([kind == free for kind in prior.kind])
    rows = sparse.diags(1 / prior.deviation[chosen]) @ prior.matrix[chosen]
    held = rows @ fitted.unknowns[:size] - prior.value[chosen] / prior.deviation[chosen]
    padded = sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], len(fitted.unknowns) - size))])
    return times(held @ held, rows.shape[0], bent_of(fitted, padded.tocsr(), random))


def observed_times(fitted, chosen, random):
    error = np.array([o.error for o in fitted.observations])[chosen]
    off = (fitted.predicted - np.array([o.growth for o in fitted.observations]))[chosen] / error
    rows = sparse.diags(1 / error) @ fitted.jacobian[chosen]
    return times(off @ off, chosen.sum(), bent_of(fitted, rows.tocsr(), random))


def release_times(fitted, release, random):
    shared = fitted.unknowns[fitted.hierarchy.size:] / release
    behind = sparse.csr_matrix((len(shared), fitted.hierarchy.size))
    rows = sparse.hstack([behind, sparse.identity(len(shared)) / release]).tocsr()
    return times(shared @ shared, len(shared), bent_of(fitted, rows, random))


def next_spreads(fitted, effects, errors, parts, random):
    effects = dict(effects)
    for place, part in FREE:
        now = getattr(effects[place], part)
        effects[place] = effects[place]._replace(**{part: now * prior_times(fitted, (place, part), random)})
    part = observed_times(fitted, parts, random)
    errors = errors._replace(month=errors.month * observed_times(fitted, ~parts, random),
                             release=errors.release * release_times(fitted, errors.release, random),
                             part=errors.part * part, share=errors.share * part)
    return effects, errors


def main():
    rounds, random = int(sys.argv[1]) if sys.argv[1:] else 12, np.random.default_rng(1)
    rows, effects, errors, start = estimate.read_evidence(), hi.EFFECTS, ob.ERRORS, None
    quantity = {row["id"]: row["quantity"] for row in rows}
    for number in range(rounds):
        seen = ob.read(rows, errors)
        wanted = [o.series for o in seen] + list(estimate.COLUMNS.values())
        fitted = least_squares.fit(hi.build(wanted, effects), seen, errors.release, start, 1e-3)
        parts = np.array([ob.subject_of(quantity[o.key])[2] > 0 for o in seen])
        effects, errors, start = *next_spreads(fitted, effects, errors, parts, random), fitted.unknowns
        print(f"round {number + 1}", *(f"{getattr(effects[place], part):.4f}" for place, part in FREE), flush=True)
        print("       ", *(f"{name} {value:.4f}" for name, value in errors._asdict().items()), flush=True)
    for place, effect in effects.items():
        print(f"{place:24} {effect}")
    print(errors)


if __name__ == "__main__":
    main()
