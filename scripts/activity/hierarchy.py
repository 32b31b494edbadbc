"""The unknowns of the activity of provinces and sectors, and what is held true of them before any report.

The logarithm of a month's level is a sum of effects:
  Viet Nam's industry + manufacturing + sector            what a sector of the country does, the same in all provinces
  + province + its manufacturing + its sector             what is the province's own
Each effect is a walk from month to month, with a drift of its own, an effect of Tet, and in months of lockdown a part
that leaves no trace. Effects are small unless reports say otherwise: so a sector shrinks to its province and a province
to the country. Takes the series wanted, gives the levels as a matrix of the unknowns, and equations for the unknowns.
"""
import calendar
from collections import namedtuple
from datetime import date, timedelta

import numpy as np
from scipy import sparse

from observations import BASE_YEAR, FIRST_YEAR, LAST_YEAR, MONTHS, month_of

# Equations matrix @ unknowns = value, each with its standard deviation, and whose that is: (place, part).
# levels: a row for each month of each series.
Prior = namedtuple("Prior", "matrix value deviation kind")
Hierarchy = namedtuple("Hierarchy", "series levels prior size")

# What an effect is by its place: deviations of its monthly step, drift (a month), part at Tet and in lockdown (in
# 2020 with factories at work). Steps and lockdowns fit the reports (tune.py), rounded; the rest is judgement.
Effect = namedtuple("Effect", "step drift tet lockdown_2020 lockdown_2021")
EFFECTS = {
    "country": Effect(0.021, 0.004, 0.10, 0.14, 0.03),
    "country manufacturing": Effect(0.0035, 0.002, 0.05, 0.003, 0.01),
    "country sector": Effect(0.024, 0.004, 0.08, 0.23, 0.14),
    "province": Effect(0.030, 0.006, 0.06, 0.065, 0.37),
    "province manufacturing": Effect(0.004, 0.002, 0.03, 0.003, 0.02),
    "province sector": Effect(0.053, 0.004, 0.08, 0.02, 0.23),
}
COUNTRY_DRIFT, COUNTRY_TET = 0.006, -0.20      # 7 % a year; a month with all of Tet loses a fifth (2021-02: 21.1 %)
SEASON_ERROR = 0.03                            # a month's usual share of the year, about its share of the days
ANCHOR = 1e-4                                  # each walk is 0 in the middle of BASE_YEAR: a level is relative

TET = {2013: date(2013, 2, 10), 2014: date(2014, 1, 31), 2015: date(2015, 2, 19), 2016: date(2016, 2, 8),
       2017: date(2017, 1, 28), 2018: date(2018, 2, 16), 2019: date(2019, 2, 5), 2020: date(2020, 1, 25),
       2021: date(2021, 2, 12), 2022: date(2022, 2, 1), 2023: date(2023, 1, 22)}
TET_FROM, TET_TO = -4, 8                       # days about the first of the year in which factories stand: judgement

# Months that Directive 16 or a rule like it touched, and the month after; the country's are those of the South.
FIRST_WAVE, SOUTH_2021 = [(2020, 4), (2020, 5)], [(2021, m) for m in (7, 8, 9, 10, 11)]
LOCKDOWN = {
    "viet_nam": FIRST_WAVE + SOUTH_2021,
    "hai_phong": FIRST_WAVE,
    "da_nang": FIRST_WAVE + [(2020, 8), (2020, 9), (2021, 8), (2021, 9), (2021, 10)],
    "dong_nai": FIRST_WAVE + SOUTH_2021,
    "can_tho": FIRST_WAVE + SOUTH_2021,
    "ho_chi_minh": FIRST_WAVE + SOUTH_2021,
    "ninh_binh": FIRST_WAVE,
}


def days_of_months():
    return np.array([calendar.monthrange(FIRST_YEAR + m // 12, m % 12 + 1)[1] for m in range(MONTHS)], float)


def tet_part():
    """The share of Tet's days that falls into each month."""
    part = np.zeros(MONTHS)
    for first in TET.values():
        for offset in range(TET_FROM, TET_TO + 1):
            day = first + timedelta(offset)
            part[month_of(day.year, day.month)] += 1 / (TET_TO - TET_FROM + 1)
    return part


def chain_of(series):
    """The effects that a series is the sum of: (scope, sector, place)."""
    scope, sector = series
    chain = [("viet_nam", "industry", "country")]
    if sector != "industry":
        chain.append(("viet_nam", "manufacturing", "country manufacturing"))
    if sector not in ("industry", "manufacturing"):
        chain.append(("viet_nam", sector, "country sector"))
    if scope == "viet_nam":
        return chain
    own = [(scope, "industry", "province")]
    if sector != "industry":
        own.append((scope, "manufacturing", "province manufacturing"))
    if sector not in ("industry", "manufacturing"):
        own.append((scope, sector, "province sector"))
    return chain + own


def effect_levels(scope):
    """An effect in each month, by its unknowns: walk, drift, Tet, lockdown months."""
    locked = [month_of(*month) for month in LOCKDOWN[scope]]
    transient = sparse.csr_matrix((np.ones(len(locked)), (locked, range(len(locked)))), (MONTHS, len(locked)))
    drift = sparse.csr_matrix((MONTHS, 1))                        # acts by the steps of the walk
    return sparse.hstack([sparse.identity(MONTHS), drift, tet_part()[:, None], transient]).tocsr()


def effect_prior(scope, place, effects):
    """Equations of one effect's unknowns, in the order of effect_levels."""
    effect, count, locked = effects[place], MONTHS, len(LOCKDOWN[scope])
    step = sparse.diags([-np.ones(count - 1), np.ones(count - 1)], [0, 1], (count - 1, count))
    drift, rest = sparse.csr_matrix(-np.ones((count - 1, 1))), sparse.csr_matrix((count - 1, 1 + locked))
    walk = sparse.hstack([step, drift, rest])
    others = sparse.hstack([sparse.csr_matrix((2 + locked, count)), sparse.identity(2 + locked)])
    anchor = sparse.csr_matrix(([1.0], ([0], [month_of(BASE_YEAR, 6)])), (1, count + 2 + locked))
    is_root = place == "country"
    value = np.r_[np.zeros(count - 1), COUNTRY_DRIFT * is_root, COUNTRY_TET * is_root, np.zeros(locked + 1)]
    kinds = ["step"] * (count - 1) + ["drift", "tet"] + [f"lockdown_{year}" for year, _ in LOCKDOWN[scope]]
    deviation = np.array([getattr(effect, kind) for kind in kinds] + [ANCHOR])
    kinds = [(place, kind) for kind in kinds + ["anchor"]]
    return Prior(sparse.vstack([walk, others, anchor]), value, deviation, kinds)


def season_prior():
    """The months of a common year: by their days, but for what habit adds."""
    days = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    usual = np.log(days / days.mean())
    return Prior(sparse.identity(12), usual, np.full(12, SEASON_ERROR), [("country", "season")] * 12)


def build(series, effects=None):
    """The hierarchy over these series. Unknowns: effect after effect, then the season of the country."""
    effects, series = effects or EFFECTS, sorted(set(series))
    needed = sorted({link for one in series for link in chain_of(one)})
    blocks = [effect_levels(scope) for scope, _, _ in needed]
    season = sparse.csr_matrix((np.ones(MONTHS), (range(MONTHS), [m % 12 for m in range(MONTHS)])), (MONTHS, 12))
    levels = [sparse.hstack([block if link in chain_of(one) else sparse.csr_matrix(block.shape)
                             for link, block in zip(needed, blocks)] + [season]) for one in series]
    priors = [effect_prior(scope, place, effects) for scope, _, place in needed] + [season_prior()]
    prior = Prior(sparse.block_diag([p.matrix for p in priors]).tocsr(), np.concatenate([p.value for p in priors]),
                  np.concatenate([p.deviation for p in priors]), [kind for p in priors for kind in p.kind])
    matrix = sparse.vstack(levels).tocsr()
    return Hierarchy({one: i for i, one in enumerate(series)}, matrix, prior, matrix.shape[1])


def rows_of(hierarchy, series):
    """The rows of a series among the levels."""
    return hierarchy.series[series] * MONTHS + np.arange(MONTHS)


def years():
    return range(FIRST_YEAR + 1, LAST_YEAR + 1)
