"""The fit as tables on paper: yearly means with intervals, what the factors leave out, residuals, comparisons."""
import numpy as np

import annual
import hierarchy as hi
import least_squares
import observations as ob

FAR = 3.0                # standard deviations
HALF_90 = 1.645          # of a normal distribution: half the width of 90 %


def percent(growth):
    return 100 * np.expm1(growth)


def print_means(columns, means):
    labels, values, matrix = means
    print("mean of the year, 2019 = 100, with 90 % interval")
    print(f"{'':24}" + "".join(f"{year:>15}" for year in hi.years() if year != ob.BASE_YEAR))
    for column, series in columns.items():
        cells = [f"{100 * np.exp(v):.0f} ({100 * np.exp(v - HALF_90 * d):.0f}-{100 * np.exp(v + HALF_90 * d):.0f})"
                 for label, v, d in zip(labels, values, np.sqrt(np.diag(matrix))) if label[0] == series]
        print(f"{column:24}" + "".join(f"{cell:>15}" for cell in cells))


def print_kept(columns, means, loadings):
    labels, _, matrix = means
    squares = {}
    for side in loadings.values():
        for (column, _), by_year in side.items():
            for year, loading in by_year.items():
                squares[columns[column], year] = squares.get((columns[column], year), 0.0) + loading ** 2
    print("\nstandard deviation that the factors give, as a share of the fit's: least and mean over the years")
    for column in dict.fromkeys(column for side in loadings.values() for column, _ in side):
        shares = [np.sqrt(squares[label] / matrix[i, i])
                  for i, label in enumerate(labels) if label[0] == columns[column]]
        print(f"{column:24}{min(shares):6.2f}{np.mean(shares):6.2f}")
    after, before = (len({score for _, score in side}) for side in loadings.values())
    print(f"scores: {after} after {ob.BASE_YEAR}, {before} before")


def print_residuals(fitted):
    own, left_out = least_squares.residuals(fitted)
    spread, alone = (np.sqrt((z ** 2).mean()) for z in (own, left_out))
    print(f"\n{len(own)} observations, root mean square of residuals in errors {spread:.2f}; each predicted from all "
          f"others: {alone:.2f}, within 1.96: {100 * (np.abs(left_out) < 1.96).mean():.0f} %")
    print(f"over {FAR:.0f} standard deviations, of the fit or of the prediction from all others:")
    for i in np.argsort(-np.abs(left_out)):
        if max(abs(own[i]), abs(left_out[i])) > FAR:
            o = fitted.observations[i]
            print(f"  {o.key:44} reported {percent(o.growth):7.1f} %  fit {percent(fitted.predicted[i]):7.1f} %"
                  f"  {own[i]:5.1f}  {left_out[i]:5.1f}")


def print_left_out(fitted, rows):
    """What all other rows say of a province's value added, which stands in for the index of a year."""
    quantity = {row["id"]: row["quantity"] for row in rows}
    own, left_out = least_squares.residuals(fitted)
    print("\nvalue added of provinces, each predicted from all others, with the standard deviation of the difference")
    for i, o in enumerate(fitted.observations):
        if "value added" in quantity[o.key] and o.series[0] != "viet_nam":
            factor = left_out[i] / own[i]                          # 1 / sqrt(1 - leverage / error^2)
            alone = o.growth + own[i] * o.error * factor ** 2
            print(f"  {o.key:44} {percent(o.growth):6.1f} %   others {percent(alone):6.1f} % +- "
                  f"{100 * o.error * factor:.1f}")


def print_compared(fitted, rows):
    """The country's value added of a year is in no equation: another statistic of the same growth."""
    print("\nnot in the fit: growth of value added, and what the fit says of the index")
    for row in rows:
        subject = ob.subject_of(row["quantity"])
        if ob.why_not(row) != ob.FOR_COMPARISON or not subject:
            continue
        o = ob.observation_of(row, ob.ERRORS)
        now, then = ([months] for months in (hi.rows_of(fitted.hierarchy, o.series)[m] for m in (o.now, o.then)))
        up, shares_up = least_squares.log_sums(fitted.levels, now)
        down, shares_down = least_squares.log_sums(fitted.levels, then)
        deviation = np.sqrt(annual.covariance_of_levels(fitted, shares_up - shares_down)[0, 0])
        print(f"  {o.key:44} {percent(o.growth):6.1f} %   fit {percent(up - down)[0]:6.1f} % +- {100 * deviation:.1f}")


def show(fitted, rows, columns, loadings_of):
    means = annual.means(fitted, list(columns.values()))
    print_means(columns, means)
    print_kept(columns, means, loadings_of(means))
    print_residuals(fitted)
    print_left_out(fitted, rows)
    print_compared(fitted, rows)
