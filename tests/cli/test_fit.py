"""`parkflow fit` as a user runs it: results against SciPy, the files that it writes, a sweep that draws from them, and
what is refused.

usage: /usr/bin/python3 tests/cli/test_fit.py BINARY     (from the project's folder)
"""
import os
import re
import subprocess
import sys
import warnings

import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import numpy
import scipy.optimize
import scipy.stats
import xarray
import yaml

import each_test

BINARY = sys.argv[1]
EXAMPLE = "scenarios/fit/brewery.yaml"
UNITS = os.path.abspath("scenarios/library/units.yaml")

# y = a (1 - exp(-b t)) in the days 1 to 8, of which one check has a series by day, one a sum.
CURVE = """
parkflow: 1
use: [{units}]
time: {{start: 2021-01-01, end: 2021-01-08, step: day}}
parameters:
  a: {{lognormal: {{median: 100 m3/day, gsd: 1.3}}}}
  b: 0.05..0.5
  t: {{csv: readings.csv, column: t}}
parks: {{demo: {{processes: {{}}}}}}
indicators: {{y: {{is: a * (1 - exp(-b * t)), unit: m3, over_time: sum}}}}
scenarios: {{base: {{}}, other: {{against: base}}}}
checks:
  daily: {{indicator: y, park: demo, scenario: base, observed: {{csv: readings.csv, column: y, sd: sd}}, use: fit}}
  week: {{indicator: y, park: demo, scenario: base, period: 2021-01-01..2021-01-08, observed: 505 +- 12 m3, use: fit}}
fit: {{parameters: [parameters.a, parameters.b]}}
"""
DAYS = numpy.arange(1.0, 9)
READ = numpy.array([21.0, 41, 55, 66, 75, 80, 86, 88])
SD = numpy.array([2.0, 2, 2, 3, 3, 3, 3, 3])


def call(*arguments, status=0):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def curve(folder, old="", new=""):
    rows = [f"2021-01-0{i + 1},{DAYS[i]},{READ[i]},{SD[i]}" for i in range(8)]
    write(folder, "readings.csv", "\n".join(["date,t,y [m3],sd [m3]", *rows]) + "\n")
    text = CURVE.format(units=UNITS)
    assert old in text
    return write(folder, "curve.yaml", text.replace(old, new))


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xarray.open_dataset(path, engine="h5netcdf") as data:
            return data.load()


def by_scipy():
    """The same posterior mode, in the scores of the two priors, with differences for derivatives."""
    def parameters(z):
        return 100 * 1.3 ** z[0], scipy.stats.uniform(0.05, 0.45).ppf(scipy.stats.norm.cdf(z[1]))

    def residuals(z):
        a, b = parameters(z)
        y = a * (1 - numpy.exp(-b * DAYS))
        return numpy.concatenate([(y - READ) / SD, [(y.sum() - 505) / 12], z])

    found = scipy.optimize.least_squares(residuals, [0, 0], xtol=1e-15, ftol=1e-15, gtol=1e-15, jac="3-point")
    covariance = numpy.linalg.inv(found.jac.T @ found.jac)
    step = 1e-6 * numpy.eye(2)
    slopes = numpy.array([[(parameters(found.x + s)[i] - parameters(found.x - s)[i]) / 2e-6 for s in step]
                          for i in range(2)])
    return parameters(found.x), slopes @ covariance @ slopes.T, 2 * found.cost


def test_estimates_and_covariance_are_those_of_scipy(folder):
    out = os.path.join(folder, "fit.h5")
    call("fit", curve(folder), "-q", "-o", out)
    data, (estimates, covariance, cost) = opened(out), by_scipy()
    numpy.testing.assert_allclose(data.estimate, estimates, rtol=1e-7)
    numpy.testing.assert_allclose(data.covariance, covariance, rtol=1e-5)
    numpy.testing.assert_allclose(data.estimate_sd ** 2, numpy.diag(covariance), rtol=1e-5)
    assert abs(data.chi_square + data.prior_chi_square - cost) < 1e-6 * cost
    assert data.degrees_of_freedom == 9 and list(data.unit.values) == ["m3/day", "1"]
    assert abs(data.p_value - scipy.stats.chi2.sf(cost, 9)) < 1e-9


def test_a_series_is_an_observation_a_row(folder):
    out = os.path.join(folder, "fit.h5")
    path = curve(folder)
    text = call("fit", path, "-o", out).stdout
    data = opened(out)
    assert list(data.observation.values)[:2] == ["daily 2021-01-01", "daily 2021-01-02"]
    assert data.sizes["observation"] == 9
    numpy.testing.assert_allclose(data.observed[:8], READ)
    numpy.testing.assert_allclose(data.observed_sd[:8], SD)
    assert len(re.findall(r"^ +daily +2021-01-0\d", text, re.M)) == 8
    line = re.search(r"^ +daily .*$", call("check", path, "--run").stdout, re.M).group()
    assert "2021-01-01..2021-01-08" in line and "8 figures" in line and "of 8 agree (fit)" in line


def test_a_spread_of_a_series_may_be_relative_or_one_value(folder):
    for sd, wanted in (("5 %", 0.05 * READ), ("0.002 thousand m3", 2 + 0 * READ)):
        out = os.path.join(folder, "fit.h5")
        call("fit", curve(folder, "sd: sd", f"sd: {sd}"), "-q", "-o", out)
        numpy.testing.assert_allclose(opened(out).observed_sd[:8], wanted)


def test_what_is_left_out_is_predicted(folder):
    out = os.path.join(folder, "fit.h5")
    text = call("fit", curve(folder), "-o", out, "--leave-out", "week").stdout
    data = opened(out)
    assert list(data.left_out.values) == [0] * 8 + [1] and "Left out, and predicted" in text
    week = data.isel(observation=8)
    numpy.testing.assert_allclose(week.model, data.model[:8].sum(), rtol=1e-9)
    numpy.testing.assert_allclose(week.z, (week.model - 505) / numpy.hypot(12, week.model_sd), rtol=1e-9)


def test_a_sweep_draws_the_posterior(folder):
    """Of the file that --use writes: means, spreads and the correlation come back from 20,000 draws."""
    path, out = curve(folder), os.path.join(folder, "fit.h5")
    used, results = os.path.join(folder, "fitted.yaml"), os.path.join(folder, "sweep.h5")
    call("fit", path, "-q", "-o", out, "--use", used)
    both = write(folder, "both.yaml", f"parkflow: 1\nuse: [{path}, {used}]\n"
                 "indicators: {a: {is: a, unit: m3/day, over_time: mean}, b: {is: b, unit: '1', over_time: mean}}\n")
    call("sweep", both, "-q", "-n", "20000", "--keep", "annual", "-s", "base", "-o", results)
    data = opened(out)
    with xarray.open_dataset(results, group="members") as sweep:
        here = sweep.sel(scenario="base", park="demo").isel(period=-1)
        drawn = numpy.array([here[name].values.ravel() for name in "ab"])
    numpy.testing.assert_allclose(drawn.mean(axis=1), data.estimate, rtol=0.005)
    numpy.testing.assert_allclose(drawn.std(axis=1), data.estimate_sd, rtol=0.03)
    assert abs(numpy.corrcoef(drawn)[0, 1] - float(data.correlation[0, 1])) < 0.02


def test_rows_of_tables_are_fitted_and_named_where_they_cannot_be_written(folder):
    used = os.path.join(folder, "fitted.yaml")
    write(folder, "firms.csv", "id,amount [m3/day],sector\nf1,100,food\nf2,50,food\nf3,20,steel\n")
    path = write(folder, "firms.yaml", f"""
parkflow: 1
use: [{UNITS}, {os.path.abspath("tests/unit/small_types.yaml")}]
sectors: {{food: {{}}, steel: {{}}}}
parks:
  demo:
    processes:
      firms: {{table: firms.csv, type: user, ratio: {{normal: {{mean: 0.7, sd: 0.1}}}}}}
      town: {{type: user, amount: 30 m3/day, ratio: {{normal: {{mean: 0.8, sd: 0.1}}}}}}
      mains: {{type: offer, carrier: water}}
      drain: {{type: sink, carrier: sewage}}
indicators: {{sewage: {{is: "sum(*.*[type=user].sewage)", unit: m3, over_time: sum}}}}
scenarios: {{base: {{}}}}
checks: {{drain: {{indicator: sewage, park: demo, period: 2021-01-02, observed: 140 +- 5 m3, use: fit}}}}
fit: {{parameters: ["demo.*[sector=food].ratio", demo.town.ratio]}}
""")
    done = call("fit", path, "--use", used)
    assert re.findall(r"^ +(demo\S+)", done.stdout, re.M)[:3] == ["demo.f1.ratio", "demo.f2.ratio", "demo.town.ratio"]
    assert "'demo.f1.ratio' is not in it" in done.stderr and "'demo.town.ratio'" not in done.stderr
    with open(used, encoding="utf-8") as file:
        written = yaml.safe_load(file)
    assert list(written["parks"]["demo"]["processes"]) == ["town"]
    both = write(folder, "both.yaml", f"parkflow: 1\nuse: [{path}, {used}]\n")
    call("run", both, "-q", "-o", os.path.join(folder, "run.h5"))


def test_the_example_finds_what_its_readings_were_made_from(folder):
    """scenarios/fit/README.md has the values."""
    out, used = os.path.join(folder, "fit.h5"), os.path.join(folder, "fitted.yaml")
    text = call("fit", EXAMPLE, "-o", out, "--use", used).stdout
    data = opened(out)
    truth = {"demo.brewery.brewing.needs.electricity.per_output": 98, "demo.fish.needs.electricity.per_output": 1180,
             "demo.brewery.brewing.needs.freshwater.per_output": 4.3, "demo.fish.needs.freshwater.per_output": 25,
             "demo.brewery.brewing.needs.steam.per_output": 0.92, "demo.brewery.boiler.efficiency": 0.8}
    assert set(data.parameter.values) == set(truth)
    for name, value in truth.items():
        here = data.sel(parameter=name)
        assert here.low <= value <= here.high, (name, value, float(here.low), float(here.high))
    weak = text[text.index("tell apart badly"):]
    assert re.search(r"0 +demo.brewery.brewing.needs.steam.per_output, demo.brewery.boiler.efficiency", weak), weak
    with open(used, encoding="utf-8") as file:
        written = yaml.safe_load(file)
    boiler = written["parks"]["demo"]["sites"]["brewery"]["processes"]["boiler"]
    assert boiler["efficiency"]["truncnormal"]["high"] == 0.85
    both = write(folder, "both.yaml", f"parkflow: 1\nuse: [{os.path.abspath(EXAMPLE)}, {used}]\n")
    assert "is right" in call("check", both).stdout


def test_the_example_page_shows_what_the_program_prints(_):
    with open("docs/fit.md", encoding="utf-8") as file:
        page = file.read()
    shown = re.search(r"```\n(The tutorial's park.*?)```", page, re.S).group(1)
    printed = call("fit", EXAMPLE).stdout
    for line in shown.splitlines():
        assert line.strip() == "…" or line in printed.splitlines(), line


def test_a_check_without_a_scenario_is_held_where_the_command_says(folder):
    path = curve(folder, "week: {indicator: y, park: demo, scenario: base,", "week: {indicator: y, park: demo,")
    assert "says no scenario, and there are 2" in call("fit", path, status=2).stderr
    assert "week" in call("fit", path, "-s", "base").stdout
    assert "did you mean 'base'" in call("fit", path, "-s", "bas", status=2).stderr


def test_nothing_is_written_where_the_input_is_wrong(folder):
    out, used = os.path.join(folder, "fit.h5"), os.path.join(folder, "fitted.yaml")
    for old, new, message in (
            ("[parameters.a, parameters.b]", "[parameters.a, parameters.c]", "finds no uncertain parameter"),
            ("505 +- 12 m3", "505 +- 12 t", "is in m3"), ("505 +- 12 m3", "505 m3", "states no uncertainty"),
            ("column: y,", "column: z,", "has no column 'z'"), ("sd: sd", "sd: 2 t", "in the unit of the series"),
            ("sd: sd", "sd: 0 m3", "above 0"), ("sd: sd", "spread: 5 %", "'spread' is no key of")):
        done = call("fit", curve(folder, old, new), "-o", out, "--use", used, status=2)
        assert message in done.stderr, (message, done.stderr)
        assert not os.path.exists(out) and not os.path.exists(used)
    assert "did you mean 'week'" in call("fit", curve(folder), "--leave-out", "weak", status=2).stderr


def test_no_optimum_is_a_failed_run_that_says_where_it_stood(folder):
    """exp(-b) falls for ever towards an observation below it."""
    path = curve(folder, "fit: {parameters: [parameters.a, parameters.b]}", "fit: {flat: [parameters.c]}")
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("  b: 0.05..0.5\n", "  b: 0.3\n  c: {normal: {mean: 1, sd: 1}}\n")
    text = text.replace("a * (1 - exp(-b * t))", "exp(-c) * 1 m3 / 1 day").replace("505 +- 12", "-1 +- 0.001")
    path = write(folder, "curve.yaml", re.sub(r"  daily:.*\n", "", text))
    done = call("fit", path, "-o", os.path.join(folder, "fit.h5"), status=1)
    assert "found no optimum" in done.stderr and "parameters.c = " in done.stderr, done.stderr
    assert not os.path.exists(os.path.join(folder, "fit.h5"))


sys.exit(each_test.run(globals()))
