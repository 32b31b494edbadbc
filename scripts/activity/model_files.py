"""The uncertainty of yearly means as parameters of a model: independent normal scores, an expression for each series.

Takes a fit, the columns and what the scenarios ask for, gives the text of activity.yaml and activity_before.yaml. Years
after the base year and years before have scores of their own, so that a model which begins in 2019 has only those that
move it; what is lost is the covariance between the two.
"""
import re
import sys

import numpy as np

import annual
from hierarchy import years
from observations import BASE_YEAR, FIRST_YEAR, LAST_YEAR

LEAST_LOADING = 0.1      # of a year's deviation: what moves no year of a column by more, 1 % of variance, is left out
SIDES = {"": range(BASE_YEAR + 1, LAST_YEAR + 1), "before_": range(FIRST_YEAR + 1, BASE_YEAR)}

HEAD_AFTER = """\
# How far activity may be off from activity.csv after 2019. Made by scripts/activity/estimate.py; not edited by hand.
# `activity_error_COLUMN` multiplies an index whose base year is 2019 (`_2023`: of a firm whose output is of 2023): 1 in
# a run at the medians. The scores are independent and normal; together they give yearly means the fit's covariance.
parkflow: 1
title: {en: Uncertainty of activity, vi: Độ không chắc chắn của hoạt động sản xuất}

parameters:
"""
HEAD_BEFORE = """\
# How far activity may be off before 2019 too, for a model that begins earlier: laid over activity.yaml, whose
# expressions it replaces. Made by scripts/activity/estimate.py; not edited by hand.
parkflow: 1
title: {en: Uncertainty of activity before 2019, vi: Độ không chắc chắn của hoạt động sản xuất trước 2019}
use: [activity.yaml]

parameters:
"""


def asked_for(folder, columns):
    """[(column, base year or None)] of the errors that scenarios use: index_error: activity_error_COLUMN[_YEAR]."""
    found = {name for file in sorted(folder.glob("*.yaml"))
             for name in re.findall(r"index_error: activity_error_(\w+)", file.read_text(encoding="utf-8"))}
    split = [re.fullmatch(r"(\w+?)(?:_(\d{4}))?", name).groups() for name in found]
    unknown = sorted({column for column, _ in split} - set(columns))
    if unknown:
        sys.exit(f"scenarios ask for the error of {', '.join(unknown)}; the columns are {', '.join(columns)}")
    order = list(columns)
    return sorted(((column, int(year) if year else None) for column, year in split),
                  key=lambda one: (order.index(one[0]), one[1] or 0))


def side_loadings(names, labels, matrix, side):
    """{(column, (column, number)): {year: loading}} of what is not negligible."""
    scores, loadings = annual.factors(labels, matrix, list(names), side)
    deviations, found = np.sqrt(np.diag(matrix)), {}
    for (one, number), column in zip(scores, loadings.T):
        for (series, year), loading, deviation in zip(labels, column, deviations):
            if year in side:
                found.setdefault((names[series], (names[one], number)), {})[year] = loading, abs(loading) / deviation
    return {key: {year: loading for year, (loading, _) in by_year.items()} for key, by_year in found.items()
            if max(part for _, part in by_year.values()) >= LEAST_LOADING}


def all_loadings(columns, asked, means):
    """{side: loadings} of the columns asked for."""
    labels, _, matrix = means
    names = {columns[column]: column for column, _ in asked}
    taken = [i for i, (series, _) in enumerate(labels) if series in names]
    labels, matrix = [labels[i] for i in taken], matrix[np.ix_(taken, taken)]
    return {side: side_loadings(names, labels, matrix, when) for side, when in SIDES.items()}


def nearest_row(fitted, series):
    """The id of a row that speaks of a series, or of the nearest above it: the last of them."""
    scope, sector = series
    for near in ((scope, sector), (scope, "manufacturing"), (scope, "industry")):
        keys = [o.key for o in fitted.observations if o.series == near]
        if keys:
            return keys[-1]
    return None


def names_of(side, column, score):
    """Of the score's parameter, and of what it adds to the column."""
    place, number = score
    return f"activity_{place}_{side}{number}", f"activity_spread_{column}_by_{place}_{side}{number}"


def score_lines(fitted, columns, side, loadings):
    for place, number in dict.fromkeys(score for _, score in loadings):
        name, _ = names_of(side, place, (place, number))
        yield (f"  {name}: {{value: 0 +- 1, source: {nearest_row(fitted, columns[place])}, "
               f"assumption: \"Score of a factor of the fit's errors: standard normal by construction\"}}\n")


def series_of(by_year):
    """A loading by year; each holds until the next, so that equal ones follow from the first."""
    texts = {year: f"{by_year.get(year, 0.0):.4f}" for year in years()}
    return ", ".join(f"{year}-01: {text}" for year, text in texts.items() if text != texts.get(year - 1))


def spread_lines(fitted, columns, side, loadings, column):
    for (of, score), by_year in loadings.items():
        if of == column:
            yield (f"  {names_of(side, column, score)[1]}: {{series: {{{series_of(by_year)}}}, "
                   f"source: {nearest_row(fitted, columns[column])}, "
                   "assumption: \"What the score adds to the logarithm of a yearly mean, by the fit's covariance\"}\n")


def error_line(fitted, columns, column, base, sides):
    """The expression: exp of the sum of score x spread, less what the spread is in the base year."""
    pairs = [names_of(side, column, score)
             for side, loadings in sides.items() for of, score in loadings if of == column]
    moved = "{0} * ({1} - average({1}, {2}))" if base else "{0} * {1}"
    text = " + ".join(moved.format(*pair, base) for pair in pairs)
    name = f"activity_error_{column}" + (f"_{base}" if base else "")
    remark = f", source: {nearest_row(fitted, columns[column])}, note: \"1 on average over {base}\"" if base else ""
    return f"  {name}: {{value: \"exp({text})\"{remark}}}\n"


def text_of(fitted, columns, asked, side, sides, head):
    """A file with the scores and spreads of one side, and expressions of all sides given."""
    lines = [head, *score_lines(fitted, columns, side, sides[side])]
    for column in dict.fromkeys(column for column, _ in asked):
        lines += [f"\n  # {column}\n", *spread_lines(fitted, columns, side, sides[side], column)]
        lines += [error_line(fitted, columns, one, base, sides) for one, base in asked if one == column]
    return "".join(lines)


def after_text(fitted, columns, asked, loadings):
    return text_of(fitted, columns, asked, "", {"": loadings[""]}, HEAD_AFTER)


def before_text(fitted, columns, asked, loadings):
    return text_of(fitted, columns, asked, "before_", loadings, HEAD_BEFORE)
