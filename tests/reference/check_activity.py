#!/usr/bin/env python3
"""The activity of provinces and sectors: the kept files are what the script gives, and the script finds known levels.

Usage: check_activity.py build/release/parkflow
"""
import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import xarray

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "activity"), str(ROOT / "tests" / "cli")]

import annual
import each_test
import estimate
import hierarchy as hi
import least_squares
import observations as ob

PROGRAM = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
ROW = {"id": "x", "scope": "Da Nang", "quantity": "", "value": "10", "unit": "%", "period": "2020-08",
       "kind": "reported", "shape": "point", "note": ""}


def observed(**changes):
    return ob.observation_of({**ROW, **changes}, ob.ERRORS)


def kept(name):
    return (estimate.FOLDER / name).read_text(encoding="utf-8")


def numbers(text):
    return [float(n) for n in re.findall(r"(?<![\w.])-?\d+\.\d+(?![\w.])", text)]


def same_digits(before, again, unit):
    """Equal but for numbers, which may differ by one in their last digit where a half was rounded the other way."""
    assert re.sub(r"-?\d+\.\d+", "#", before) == re.sub(r"-?\d+\.\d+", "#", again)
    off = np.abs(np.array(numbers(before)) - numbers(again))
    assert off.max() < 1.01 * unit, off.max()
    assert (off > 0.01 * unit).mean() < 0.01, "more than a hundredth of the numbers are other ones"


def test_the_kept_files_are_what_the_script_gives(folder):
    fitted = estimate.estimate(ob.read(estimate.read_evidence()))
    for name, text in estimate.texts(fitted).items():
        same_digits(kept(name), text, 0.1 if name.endswith(".csv") else 0.0001)


def test_the_mean_day_of_the_base_year_is_100(folder):
    rows = list(csv.DictReader(kept("activity.csv").splitlines()))
    assert [rows[0]["date"], rows[-1]["date"], len(rows)] == ["2014-01", "2023-12", 120]
    days = hi.days_of_months()[ob.months_of(2019, 1, 12)]
    for column in estimate.COLUMNS:
        level = np.array([float(r[column]) for r in rows if r["date"].startswith("2019")])
        assert abs(level @ days / days.sum() - 100) < 0.05, column


def test_a_row_says_growth_between_months(folder):
    at = ob.month_of
    month = observed(quantity="IIP growth, whole industry; month against previous month")
    assert (month.now, month.then) == ([at(2020, 8)], [at(2020, 7)]) and abs(month.growth - np.log(1.1)) < 1e-12
    yearly = observed(quantity="IIP growth, whole industry; month against same month of previous year")
    assert yearly.then == [at(2019, 8)]
    quarter = observed(quantity="IIP growth, textiles; quarter against same quarter of previous year", period="2020-Q3")
    assert quarter.now == [at(2020, 7), at(2020, 8), at(2020, 9)] and quarter.series == ("da_nang", "textiles")
    text = "IIP growth, beverages; cumulative January-August against same period of previous year"
    cumulative = observed(quantity=text)
    assert cumulative.now == list(range(at(2020, 1), at(2020, 8) + 1)) and cumulative.then[0] == at(2019, 1)
    year = observed(quantity="IIP, whole industry; year index (previous year = 100)", value="97",
                    unit="previous year = 100", period="2016")
    assert len(year.now) == 12 and abs(year.growth - np.log(0.97)) < 1e-12 and year.release is None


def test_a_bound_and_a_part_are_held_more_loosely(folder):
    text = "IIP growth, {}; month against same month of previous year"
    whole, part = (observed(quantity=text.format(name)) for name in ("beverages", "beer"))
    bound = observed(quantity=text.format("beverages"), shape="at_least")
    assert bound.error == 2 * whole.error and part.series == whole.series
    expected = np.sqrt(whole.error ** 2 + ob.ERRORS.part ** 2 + (ob.ERRORS.share * np.log(1.1)) ** 2)
    assert abs(part.error - expected) < 1e-12


def test_plans_mines_and_replaced_figures_say_nothing(folder):
    text = "IIP growth, whole industry; year against previous year"
    plan = {**ROW, "quantity": text, "period": "2019", "kind": "target"}
    mines = {**ROW, "quantity": text.replace("whole industry", "mining and quarrying (B)"), "period": "2019"}
    first = {**ROW, "id": "a", "quantity": text, "period": "2018"}
    revised = {**first, "id": "a_v2"}
    final = {**ROW, "id": "b", "quantity": "IIP, whole industry; year index (previous year = 100)", "period": "2020",
             "unit": "previous year = 100", "value": "104"}
    preliminary = {**ROW, "id": "c", "quantity": text, "period": "2020"}
    assert [o.key for o in ob.read([plan, mines, first, revised, final, preliminary])] == ["a_v2", "b"]


def test_all_of_tet_falls_into_its_year(folder):
    part = hi.tet_part().reshape(-1, 12)
    assert np.allclose(part.sum(axis=1), 1) and np.allclose(part[:, 2:], 0)
    assert part[2020 - ob.FIRST_YEAR, 0] > 0.8 and part[2021 - ob.FIRST_YEAR, 1] > 0.99


def few(key):
    """The observations of some series only: small enough to repeat."""
    return [o for o in ob.read(estimate.read_evidence()) if o.series in key]


SOME = [("viet_nam", "industry"), ("viet_nam", "manufacturing"), ("da_nang", "industry"), ("da_nang", "manufacturing")]


def test_exact_reports_give_exact_growth(folder):
    months = [ob.Observation(f"m{m}", SOME[0], [m], [m - 1], 0.01 * np.sin(m), 1e-6, None) for m in range(1, ob.MONTHS)]
    fitted = least_squares.fit(hi.build(SOME[:1]), months)
    known = np.cumsum([0] + [o.growth for o in months])
    assert np.abs(np.diff(fitted.levels) - np.diff(known)).max() < 1e-6
    labels, values, _ = annual.means(fitted, SOME[:1])
    base = np.exp(known[ob.months_of(2019, 1, 12)]).sum()
    for (_, year), value in zip(labels, values):
        assert abs(value - np.log(np.exp(known[ob.months_of(year, 1, 12)]).sum() / base)) < 1e-5


def test_derivatives_of_sums_agree_with_differences(folder):
    levels, sets = np.sin(np.arange(40.0)), [np.arange(12), np.arange(20, 23)]
    value, shares = least_squares.log_sums(levels, sets)
    assert np.allclose(value, [np.log(np.exp(levels[s]).sum()) for s in sets])
    for i in (3, 21, 30):
        moved = levels + 1e-6 * (np.arange(40) == i)
        slope = (least_squares.log_sums(moved, sets)[0] - value) / 1e-6
        assert np.allclose(slope, shares[:, i].toarray().ravel(), atol=1e-5)


def test_the_covariance_is_that_of_the_dense_problem(folder):
    fitted = least_squares.fit(hi.build(SOME), few(SOME))
    prior, count = fitted.hierarchy.prior, len(fitted.unknowns) - fitted.hierarchy.size
    rows = np.zeros((prior.matrix.shape[0], len(fitted.unknowns)))
    rows[:, :fitted.hierarchy.size] = prior.matrix.toarray()
    error = np.array([o.error for o in fitted.observations])
    stacked = np.vstack([rows / prior.deviation[:, None], fitted.jacobian.toarray() / error[:, None],
                         np.eye(len(fitted.unknowns))[-count:] / ob.ERRORS.release])
    upper = np.linalg.qr(stacked, mode="r")
    gradient = np.random.default_rng(1).normal(size=(5, len(fitted.unknowns)))
    wanted = np.linalg.solve(upper.T, gradient.T)
    assert np.allclose(least_squares.covariance(fitted, gradient), wanted.T @ wanted, rtol=1e-5)


def made_up(hierarchy, observations, random):
    """Levels as the prior has them, and what would be reported of them."""
    prior = hierarchy.prior
    drawn = prior.value + prior.deviation * random.normal(size=len(prior.value))
    levels = hierarchy.levels @ np.linalg.solve(prior.matrix.toarray(), drawn)
    releases = sorted({o.release for o in observations if o.release})
    shared = {name: ob.ERRORS.release * random.normal() for name in releases}
    months = (least_squares.months_among(hierarchy, observations, which) for which in ("now", "then"))
    now, then = (least_squares.log_sums(levels, sets)[0] for sets in months)
    return levels, [o._replace(growth=up - down + shared.get(o.release, 0.0) + o.error * random.normal())
                    for o, up, down in zip(observations, now, then)]


def test_intervals_cover_known_levels_at_their_rate(folder):
    hierarchy, observations = hi.build(SOME), few(SOME)
    random, inside, squares = np.random.default_rng(20190101), [], []
    for _ in range(25):
        levels, reported = made_up(hierarchy, observations, random)
        fitted = least_squares.fit(hierarchy, reported)
        _, values, matrix = annual.means(fitted, SOME[1::2])
        _, known, _ = annual.means(fitted._replace(levels=levels), SOME[1::2])
        inside.append(np.abs(values - known) / np.sqrt(np.diag(matrix)) < 1.645)
        squares.append((values - known) @ np.linalg.solve(matrix, values - known) / len(values))
    assert 0.84 < np.mean(inside) < 0.96, np.mean(inside)         # 90 %, of 25 independent trials of correlated years
    assert 0.8 < np.mean(squares) < 1.2, np.mean(squares)   # chi-square over its degrees of freedom: correlations


def test_factors_give_back_a_covariance(folder):
    random = np.random.default_rng(7)
    labels = [(one, year) for one in "abc" for year in (2021, 2022)]
    root = random.normal(size=(6, 6))
    matrix = root @ root.T
    names, loadings = annual.factors(labels, matrix, list("abc"), (2021, 2022))
    left = np.trace(matrix - loadings @ loadings.T) / np.trace(matrix)
    assert -1e-12 < left < 1 - annual.SHARE_KEPT and names[0] == ("a", 1)
    assert np.abs(loadings[:2, [i for i, name in enumerate(names) if name[0] != "a"]]).max() == 0


MODEL = """\
parkflow: 1
title: One firm
use: [{root}/scenarios/library/core.yaml, {root}/scenarios/factors/vietnam.yaml, {root}/scenarios/vietnam/activity.yaml]
time: {{start: 2019-01, end: 2023-12, step: year}}
accounting: {{gwp: ar5, grid: average, wastewater_gases: wide, money: {{currency: VND, year: 2020}}}}
evidence: [{evidence}]
parks:
  p:
    processes:
      mill: {{type: firm, output: {{amount: 100 t/year, year: 2019, index: 1, index_error: activity_error_da_nang}}}}
indicators: {{made: {{is: "sum(*.*[type=firm].production)", unit: t, over_time: sum}}}}
scenarios: {{baseline: {{}}}}
"""


def run(folder, verb, *options):
    model, result = Path(folder) / "model.yaml", Path(folder) / "result.h5"
    result.unlink(missing_ok=True)
    tables = ", ".join(str(table) for table in sorted((ROOT / "scenarios" / "evidence").glob("*.csv")))
    model.write_text(MODEL.format(root=ROOT, evidence=tables), encoding="utf-8")
    subprocess.run([PROGRAM, verb, model, "-o", result, "-q", *options], check=True, capture_output=True, text=True)
    return result


def made_in(result, group=None):
    """By member and year."""
    with xarray.open_dataset(result, engine="h5netcdf", group=group) as data:
        return data["made"].sel(park="p").values[0]


def loadings_of(column):
    """{score: loadings of 2019 to 2023} as they stand in the kept file."""
    found = re.findall(rf"activity_spread_{column}_by_(\w+): {{series: {{(.*?)}}", kept("activity.yaml"))
    parts = {score: [part.split("-01: ") for part in series.split(", ")] for score, series in found}
    return {score: np.array([[float(value) for first, value in pairs if int(first) <= year][-1]
                             for year in range(2019, 2024)]) for score, pairs in parts.items()}


def test_a_firm_follows_the_scores_in_a_run(folder):
    loadings = loadings_of("da_nang")
    amount = made_in(run(folder, "run")).ravel()
    assert np.allclose(amount, 100, rtol=3e-3)                    # years of 365 and of 366 days
    for score, loading in loadings.items():
        moved = made_in(run(folder, "run", "--set", f"parameters.activity_{score}=2")).ravel()
        assert np.allclose(moved / amount, np.exp(2 * loading), rtol=1e-9), score


def test_a_sweep_spreads_a_firm_as_the_loadings_say(folder):
    made = made_in(run(folder, "sweep", "-n", "1024", "--design", "sobol", "--keep", "annual"), "members")[:, :5]
    expected = np.sqrt(sum(loading ** 2 for loading in loadings_of("da_nang").values()))
    assert np.allclose(np.log(made).std(axis=0), expected, rtol=0.02, atol=1e-9)


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
