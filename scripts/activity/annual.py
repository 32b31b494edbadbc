"""Yearly means of activity relative to the base year: their covariance, and the few factors that carry it.

Takes a fit and the series wanted, gives for each series and year ln(mean of the year / mean of BASE_YEAR), their
covariance, and loadings on independent factors: covariance = loadings @ loadings.T, but for what is left out.
"""
import numpy as np
from scipy import sparse

from hierarchy import rows_of, years
from least_squares import covariance, log_sums
from observations import BASE_YEAR, months_of

SHARE_KEPT = 0.92      # of the variance of each series


def year_rows(fitted, series, year):
    return rows_of(fitted.hierarchy, series)[months_of(year, 1, 12)]


def covariance_of_levels(fitted, shares):
    """Of linear functions of the levels, given by rows."""
    padding = sparse.csr_matrix((shares.shape[0], len(fitted.unknowns) - fitted.hierarchy.size))
    return covariance(fitted, sparse.hstack([shares @ fitted.hierarchy.levels, padding]))


def means(fitted, wanted):
    """(labels, values, covariance): labels are (series, year), without the base year, where all is 0."""
    other = [year for year in years() if year != BASE_YEAR]
    labels = [(series, year) for series in wanted for year in other]
    sets = [year_rows(fitted, *label) for label in labels]
    base = [year_rows(fitted, series, BASE_YEAR) for series, _ in labels]
    up, shares_up = log_sums(fitted.levels, sets)
    down, shares_down = log_sums(fitted.levels, base)
    return labels, up - down, covariance_of_levels(fitted, shares_up - shares_down)


def leading(matrix, whole):
    """Loadings of the leading principal components of a covariance, until at most 1 - SHARE_KEPT is left.

    Each year counts alike: in its own deviation. `whole`: the variances, some of which other scores may have explained.
    """
    deviation = np.sqrt(whole)
    value, vector = np.linalg.eigh(matrix / np.outer(deviation, deviation))
    left = np.maximum(np.cumsum(value), 0)                        # eigh: smallest first
    count = int((left > (1 - SHARE_KEPT) * len(whole)).sum())
    loadings = deviation[:, None] * (vector * np.sqrt(np.maximum(value, 0)))[:, ::-1][:, :count]
    return loadings * np.sign(loadings[np.abs(loadings).argmax(axis=0), range(count)])


def factors(labels, matrix, wanted, side):
    """Independent scores of variance 1 and what each adds to each label: a list of (series, number), and a matrix.

    Series after series: what the scores before it do not explain gets scores of its own, on which all later series load
    as their covariance says. So the country's scores move the provinces, a province's its sectors. `side`: years taken.
    """
    taken = {one: [i for i, label in enumerate(labels) if label[0] == one and label[1] in side] for one in wanted}
    names, columns = [], []
    for place, one in enumerate(wanted):
        rows, later = taken[one], [i for other in wanted[place + 1:] for i in taken[other]]
        before = np.array(columns).T if columns else np.zeros((len(labels), 0))
        rest = matrix - before @ before.T
        own = leading(rest[np.ix_(rows, rows)], matrix[rows, rows])
        for number, loading in enumerate(own.T, 1):
            column = np.zeros(len(labels))
            column[rows] = loading
            score = loading / matrix[rows, rows]                  # of the years, but for a factor
            column[later] = rest[np.ix_(later, rows)] @ score / (loading @ score)
            names.append((one, number))
            columns.append(column)
    return names, np.array(columns).T
