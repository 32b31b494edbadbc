#!/usr/bin/env python3
"""Monthly industrial activity of five provinces, 2019-2023, from reported growth rates.

Reads   scenarios/evidence/activity.csv (rows of the index of industrial production, whole industry)
Writes  scenarios/vietnam/activity.csv  (date, Viet Nam, and a column a province; the mean of 2019 is 100)

The provinces publish growth against other months, not levels, and not for all months. So the logarithm of each month's level
is an unknown of one least-squares problem, first for Viet Nam, then for each province:
  month on month     x[m] - x[m-1]                                   = ln(1 + growth)
  year on year       x[m] - x[m-12]                                  = ln(1 + growth)
  cumulative, quarter, year   ln(sum of the period) - ln(sum of the same months a year before) = ln(1 + growth)
each with an error (ERRORS); the yearly growth of value added in industry and construction stands in, with a larger error,
where it is reported. Sums are linear about the last solution, and the solution is repeated until it stands still.
What is not reported is carried by weak equations: Viet Nam moves smoothly but for Tet, a province moves as Viet Nam does,
loosely in months with social distancing under Directive 16. The year 2018 is solved for too, because growth refers to it,
and is not written.

A plan is no observation: rows of the kind `target` are left out. Only the standard library is needed:
  python3 scripts/activity_index.py [--residuals]
"""
import csv
import math
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST_YEAR, LAST_YEAR = 2018, 2023
MONTHS = 12 * (LAST_YEAR - FIRST_YEAR + 1)
PROVINCES = {
    "hai_phong": "Hai Phong", "da_nang": "Da Nang", "dong_nai": "Dong Nai", "can_tho": "Can Tho",
    "ho_chi_minh": "Ho Chi Minh City",
}
VALUE_ADDED = "value added growth, industry and construction; year against previous year"
ERRORS = {"value_added": 0.04, "month": 0.03, "year_on_year": 0.03, "cumulative": 0.01, "quarter": 0.015, "year": 0.005}
WEAKER = {"estimate": 2.0}                         # times the error
BOUNDS = {"at_least", "at_most"}                   # a bound is read as its value with twice the error
SMOOTH, FOLLOW, FOLLOW_LOCKDOWN = 0.04, 0.05, 0.25
TREND_2018 = 0.005                                 # growth a month where 2018 has no rows
TET = {2018: {2: 1.0}, 2019: {2: 1.0}, 2020: {1: 1.0}, 2021: {2: 1.0}, 2022: {1: 0.2, 2: 0.8}, 2023: {1: 1.0}}
TET_DROP = math.log(0.82)                          # Viet Nam fell 21.1 % to February 2021; a third of it is the short month
LOCKDOWN = {                                       # months that Directive 16 touched, and the month after
    "hai_phong": [(2020, 4), (2020, 5)],
    "da_nang": [(2020, 4), (2020, 5), (2020, 8), (2020, 9), (2021, 8), (2021, 9), (2021, 10)],
    "dong_nai": [(2020, 4), (2020, 5), (2021, 7), (2021, 8), (2021, 9), (2021, 10), (2021, 11)],
    "can_tho": [(2020, 4), (2020, 5), (2021, 7), (2021, 8), (2021, 9), (2021, 10), (2021, 11)],
    "ho_chi_minh": [(2020, 4), (2020, 5), (2021, 7), (2021, 8), (2021, 9), (2021, 10), (2021, 11)],
}


def month_of(year, month):
    return 12 * (year - FIRST_YEAR) + month - 1


def read_rows(scope):
    """Rows of the whole industry that later figures have not replaced (an id with _v2 replaces the one without)."""
    with open(ROOT / "scenarios" / "evidence" / "activity.csv", encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["scope"] == scope
                and ("whole industry" in r["quantity"] or (r["quantity"] == VALUE_ADDED and r["kind"] == "reported"))]
    newer = {r["id"][:-3] for r in rows if r["id"].endswith("_v2") and r["kind"] == "reported"}
    return [r for r in rows if r["id"] not in newer]


def equation_of(row):
    """(kind, months, months a year or a month before, right-hand side, error) or None where the row says something else."""
    quantity, period = row["quantity"], row["period"]
    index = "= 100" in quantity
    growth = float(row["value"]) - 100 if index else float(row["value"])
    target = math.log(1 + growth / 100)
    year = int(period[:4])
    if row["kind"] == "target" or "mean per year" in quantity or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if "month against previous month" in quantity:
        m = month_of(year, int(period[5:7]))
        kind, now, then = "month", [m], [m - 1]
    elif "month against same month" in quantity:
        m = month_of(year, int(period[5:7]))
        kind, now, then = "year_on_year", [m], [m - 12]
    elif "quarter against" in quantity:
        first = month_of(year, 3 * int(period[-1]) - 2)
        kind, now = "quarter", list(range(first, first + 3))
        then = [m - 12 for m in now]
    elif "cumulative" in quantity:
        kind, now = "cumulative", list(range(month_of(year, 1), month_of(year, int(period[5:7])) + 1))
        then = [m - 12 for m in now]
    elif re.search(r"year against previous year|year index", quantity):
        kind, now = "value_added" if quantity == VALUE_ADDED else "year", list(range(month_of(year, 1), month_of(year, 12) + 1))
        then = [m - 12 for m in now]
    else:
        return None
    if min(then) < 0:
        return None
    error = ERRORS[kind] * WEAKER.get(row["kind"], 1.0) * (2.0 if row["shape"] in BOUNDS else 1.0)
    return kind, now, then, target, error


def solve(matrix, right):
    """Gaussian elimination with pivoting; the matrix is symmetric and positive definite."""
    n = len(right)
    a = [row[:] + [right[i]] for i, row in enumerate(matrix)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(a[r][c]))
        a[c], a[pivot] = a[pivot], a[c]
        for r in range(c + 1, n):
            factor = a[r][c] / a[c][c]
            if factor:
                for k in range(c, n + 1):
                    a[r][k] -= factor * a[c][k]
    x = [0.0] * n
    for r in range(n - 1, -1, -1):
        x[r] = (a[r][n] - sum(a[r][k] * x[k] for k in range(r + 1, n))) / a[r][r]
    return x


def log_sum(x, months):
    """ln of the sum of the levels, and its derivatives: the share of each month."""
    levels = [math.exp(x[m]) for m in months]
    total = sum(levels)
    return math.log(total), {m: level / total for m, level in zip(months, levels)}


def fit(equations, weak):
    x = [0.0] * MONTHS
    for _ in range(12):
        normal = [[0.0] * MONTHS for _ in range(MONTHS)]
        right = [0.0] * MONTHS

        def add(coefficients, value, error):
            weight = 1 / error ** 2
            for i, a in coefficients.items():
                right[i] += weight * a * value
                for j, b in coefficients.items():
                    normal[i][j] += weight * a * b

        for _, now, then, target, error in equations:
            up, shares_up = log_sum(x, now)
            down, shares_down = log_sum(x, then)
            coefficients = dict(shares_up)
            for m, share in shares_down.items():
                coefficients[m] = coefficients.get(m, 0.0) - share
            add(coefficients, target - (up - down) + sum(a * x[m] for m, a in coefficients.items()), error)
        for coefficients, value, error in weak:
            add(coefficients, value, error)
        new = solve(normal, right)
        change = max(abs(a - b) for a, b in zip(new, x))
        x = new
        if change < 1e-10:
            break
    return x


def tet_shape():
    shape = [0.0] * MONTHS
    for year, months in TET.items():
        for month, part in months.items():
            shape[month_of(year, month)] = part * TET_DROP
    return shape


def weak_equations(shape, loose):
    """x[m] - x[m-1] follows `shape`; and one equation that fixes the level."""
    weak = [({month_of(2019, 6): 1.0}, 0.0, 1e-3)]
    for m in range(1, MONTHS):
        weak.append(({m: 1.0, m - 1: -1.0}, shape[m] - shape[m - 1], loose(m)))
    return weak


def fit_country():
    shape = [TREND_2018 * m + tet for m, tet in enumerate(tet_shape())]
    equations = [e for e in map(equation_of, read_rows("Viet Nam")) if e]
    return fit(equations, weak_equations(shape, lambda m: SMOOTH))


def fit_province(column, country):
    locked = {month_of(*date) for date in LOCKDOWN[column]}
    rows = [(r["id"], equation_of(r)) for r in read_rows(PROVINCES[column])]
    rows = [(key, e) for key, e in rows if e]
    x = fit([e for _, e in rows], weak_equations(country, lambda m: FOLLOW_LOCKDOWN if m in locked else FOLLOW))
    if "--residuals" in sys.argv:
        for key, (kind, now, then, target, error) in rows:
            residual = log_sum(x, now)[0] - log_sum(x, then)[0] - target
            mark = "  <- over three standard errors" if abs(residual) > 3 * error else ""
            print(f"{column:12} {key:42} {kind:12} reported {100 * math.expm1(target):7.2f} %  residual {residual / error:6.2f}{mark}")
    return x


def main():
    country = fit_country()
    base = range(month_of(2019, 1), month_of(2019, 12) + 1)
    columns = {}
    for column in ["viet_nam", *PROVINCES]:
        x = country if column == "viet_nam" else fit_province(column, country)
        mean = sum(math.exp(x[m]) for m in base) / 12
        columns[column] = [100 * math.exp(v) / mean for v in x]
    with open(ROOT / "scenarios" / "vietnam" / "activity.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", *columns])
        for m in range(month_of(2019, 1), MONTHS):
            writer.writerow([f"{FIRST_YEAR + m // 12}-{m % 12 + 1:02}", *(f"{columns[c][m]:.1f}" for c in columns)])


if __name__ == "__main__":
    main()
