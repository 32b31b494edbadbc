#!/usr/bin/env python3
"""Has pyam itself read what `parkflow export --to iamc` writes, and holds its totals against the results file.

Usage: compare_pyam.py build/release/parkflow        (from the project's folder)
Runs by hand. Without pyam it puts one into a temporary virtual environment (pip install pyam-iamc); where that is not
possible either, it says so and skips (exit status 77). The results file is read by h5py, which comes along.
"""
import os
import subprocess
import sys
import tempfile
import venv

try:
    import h5py
    import numpy as np
    import pyam
except ImportError as missing:
    if os.environ.get("PARKFLOW_PYAM"):
        print(f"skipped: {missing}; this comparison needs pyam (pip install pyam-iamc h5py openpyxl)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = os.path.join(folder, "bin", "python")
        # ixmp4, which pyam loads, does not start with SQLAlchemy 2.1
        subprocess.run([python, "-m", "pip", "install", "-q", "pyam-iamc", "h5py", "openpyxl", "sqlalchemy<2.1"])
        sys.exit(subprocess.run([python, *sys.argv], env={**os.environ, "PARKFLOW_PYAM": "tried"}).returncode)

PROGRAM, TOLERANCE = os.path.abspath(sys.argv[1]), 1e-12
EJ, KM3 = 1e9, 1e9  # GJ in one EJ, m3 in one km3
KNOWN = {"Final Energy|Industry": ("final_energy", EJ),
         "Water Withdrawal|Industrial Water": ("freshwater_withdrawal", KM3),
         "Eco-Industrial Park|Greenhouse gas emissions": ("ghg_total", 1)}


def parkflow(*arguments):
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def texts(dataset):
    return [text.decode() for text in dataset[()]]


def same(what, found, wanted):
    error = np.max(np.abs(np.asarray(found, float) - wanted) / np.maximum(np.abs(wanted), 1e-300))
    print(f"{what:60} {error:.1e}")
    assert error <= TOLERANCE, (what, found, wanted)


def totals_of_run(path, name):
    """[scenario][year], all parks together."""
    with h5py.File(path) as file:
        values = file[name][:, 0].sum(axis=1)
        years = 1970 + file["time"][()].astype("datetime64[D]").astype("datetime64[Y]").astype(int)
        return texts(file["scenario"]), {int(y): values[:, years == y].sum(axis=1) for y in np.unique(years)}


def compare_run(path, table, what):
    data = pyam.IamDataFrame(table)
    regions = [region for region in data.region if not region.endswith("|All parks")]
    for variable, (name, factor) in KNOWN.items():
        scenarios, years = totals_of_run(path, name)
        total = data.filter(variable=variable, region="Viet Nam|All parks").timeseries()
        for year, wanted in years.items():
            found = total[year].droplevel(["model", "region", "variable", "unit"])[scenarios]
            same(f"{what}: {name} {year}", found.values * factor, wanted)
        wrong = data.filter(variable=variable).check_aggregate_region(variable, "Viet Nam|All parks", regions)
        assert wrong is None, wrong
    assert data.time_col == "year" and not data.extra_cols
    energy = data.filter(variable="Final Energy|Industry").convert_unit("EJ/yr", "GJ/yr")
    same(f"{what}: pyam's own conversion of units", energy.data.value,
         data.filter(variable="Final Energy|Industry").data.value.values * EJ)


def compare_months(path, table):
    """pyam adds months up to years."""
    data = pyam.IamDataFrame(table)
    assert data.extra_cols == ["subannual"], data.extra_cols
    months = [m for m in data.data.subannual.unique()]
    for variable, (name, factor) in KNOWN.items():
        scenarios, years = totals_of_run(path, name)
        of_all = data.filter(variable=variable, region="Viet Nam|All parks")
        summed = of_all.aggregate_time(variable, column="subannual", value="Year", components=months).timeseries()
        for year, wanted in years.items():
            found = [summed[year].xs(s, level="scenario").iloc[0] * factor for s in scenarios]
            same(f"months: {name} {year}", found, wanted)


def compare_sweep(path, table):
    data = pyam.IamDataFrame(table)
    with h5py.File(path) as file:
        group = file["statistics"]
        axes = [texts(group[axis]) for axis in ("statistic", "scenario", "park", "period")]
        for variable, (name, factor) in KNOWN.items():
            values = group[name][()]
            for statistic, ending in (("mean", ""), ("p5", "|5.0th Percentile"), ("p95", "|95.0th Percentile")):
                found = data.filter(variable=variable + ending, region="Viet Nam|All parks").timeseries()
                for row, scenario in enumerate(axes[1]):
                    wanted = values[axes[0].index(statistic), row, axes[2].index("all"), :len(found.columns)]
                    same(f"sweep: {name} {statistic} {scenario}",
                         found.xs(scenario, level="scenario").iloc[0].values * factor, wanted)


def compare_datetimes(folder):
    """Steps that are no months: pyam turns year and `subannual` into points of time."""
    model, path, table = (os.path.join(folder, name) for name in ("q.yaml", "q.h5", "q.csv"))
    with open(model, "w", encoding="utf-8") as file:
        file.write(f"""parkflow: 1
use: [{os.getcwd()}/scenarios/library/units.yaml]
time: {{start: 2020-01, end: 2021-12, step: quarter}}
parameters: {{flow: 3 GJ/year}}
parks: {{demo: {{processes: {{}}}}}}
indicators: {{amount: {{is: flow, unit: GJ, over_time: sum}}}}
scenarios: {{base: {{}}}}
""")
    parkflow("run", model, "-q", "-o", path)
    parkflow("export", path, "--to", "iamc", "--by", "step", "-o", table)
    data = pyam.IamDataFrame(table).swap_year_for_time()
    assert data.time_col == "time" and len(data.time) == 8, data
    print(f"quarters: from {data.time[0]} to {data.time[-1]}")


with tempfile.TemporaryDirectory() as scratch:
    run, sweep = os.path.join(scratch, "run.h5"), os.path.join(scratch, "sweep.h5")
    parkflow("run", "scenarios/vietnam/programme.yaml", "-q", "-o", run)
    parkflow("sweep", "scenarios/tutorial/park.yaml", "-n", 200, "-q", "-o", sweep)
    for suffix in (".csv", ".xlsx"):
        parkflow("export", run, "--to", "iamc", "-o", os.path.join(scratch, "run" + suffix))
        compare_run(run, os.path.join(scratch, "run" + suffix), f"run{suffix}")
    parkflow("export", run, "--to", "iamc", "--by", "step", "-o", os.path.join(scratch, "months.csv"))
    compare_months(run, os.path.join(scratch, "months.csv"))
    parkflow("export", sweep, "--to", "iamc", "-o", os.path.join(scratch, "sweep.csv"))
    compare_sweep(sweep, os.path.join(scratch, "sweep.csv"))
    compare_datetimes(scratch)
print(f"pyam {pyam.__version__}: all within {TOLERANCE}")
