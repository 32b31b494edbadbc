"""`parkflow fit` against the certified values of NIST's Statistical Reference Datasets for nonlinear regression: each
problem as a model whose days are the rows, from both of NIST's starts.

usage: /usr/bin/python3 tests/reference/nist_strd.py BINARY [PROBLEM ...]     (from the project's folder)
"""
import csv
import datetime
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import netCDF4  # noqa: F401 (so that xarray finds its engine)
import numpy
import xarray

BINARY, ONLY = sys.argv[1], sys.argv[2:]
DATA = pathlib.Path("tests/reference/nist")
UNITS = os.path.abspath("scenarios/library/units.yaml")
DIGITS = 6
PI = repr(math.pi)

# The models as NIST prints them, in the language of expressions.
MODELS = {
    "Misra1a": "b1 * (1 - exp(-b2 * x))",
    "Chwirut2": "exp(-b1 * x) / (b2 + b3 * x)",
    "Lanczos3": "b1 * exp(-b2 * x) + b3 * exp(-b4 * x) + b5 * exp(-b6 * x)",
    "DanWood": "b1 * x ^ b2",
    "Gauss1": "b1 * exp(-b2 * x) + b3 * exp(-(x - b4) ^ 2 / b5 ^ 2) + b6 * exp(-(x - b7) ^ 2 / b8 ^ 2)",
    "Misra1c": "b1 * (1 - (1 + 2 * b2 * x) ^ (-0.5))",
    "Misra1d": "b1 * b2 * x / (1 + b2 * x)",
    "Kirby2": "(b1 + b2 * x + b3 * x * x) / (1 + b4 * x + b5 * x * x)",
    "Hahn1": "(b1 + b2 * x + b3 * x * x + b4 * x * x * x) / (1 + b5 * x + b6 * x * x + b7 * x * x * x)",
    "Nelson": "b1 - b2 * x1 * exp(-b3 * x2)",
    "MGH17": "b1 + b2 * exp(-x * b4) + b3 * exp(-x * b5)",
    "Gauss3": "b1 * exp(-b2 * x) + b3 * exp(-(x - b4) ^ 2 / b5 ^ 2) + b6 * exp(-(x - b7) ^ 2 / b8 ^ 2)",
    "ENSO": f"b1 + b2 * cos(2 * {PI} * x / 12) + b3 * sin(2 * {PI} * x / 12) + b5 * cos(2 * {PI} * x / b4)"
            f" + b6 * sin(2 * {PI} * x / b4) + b8 * cos(2 * {PI} * x / b7) + b9 * sin(2 * {PI} * x / b7)",
    "MGH09": "b1 * (x * x + x * b2) / (x * x + x * b3 + b4)",
    "Thurber": "(b1 + b2 * x + b3 * x * x + b4 * x * x * x) / (1 + b5 * x + b6 * x * x + b7 * x * x * x)",
    "BoxBOD": "b1 * (1 - exp(-b2 * x))",
    "Rat42": "b1 / (1 + exp(b2 - b3 * x))",
    "MGH10": "b1 * exp(b2 / (x + b3))",
    "Eckerle4": "(b1 / b2) * exp(-0.5 * ((x - b3) / b2) ^ 2)",
    "Rat43": "b1 / (1 + exp(b2 - b3 * x)) ^ (1 / b4)",
    "Bennett5": "b1 * (b2 + x) ^ (-1 / b3)",
}


def read(problem):
    """NIST's file: starts, certified values and standard deviations, the residual one, and the table of y and x."""
    lines = (DATA / f"{problem}.dat").read_text().splitlines()
    rows = [[float(v) for v in line.split("=")[1].split()] for line in lines[40:60] if re.match(r"\s*b\d+ =", line)]
    residual = next(float(line.split(":")[1]) for line in lines if line.startswith("Residual Standard Deviation"))
    table = [[float(v) for v in line.split()] for line in lines[60:] if line.strip()]
    return numpy.array(rows).T, residual, table


def model_of(problem, starts, table):
    first = datetime.date(2020, 1, 1)
    last = first + datetime.timedelta(days=len(table) - 1)
    names = ["x"] if len(table[0]) == 2 else [f"x{i}" for i in range(1, len(table[0]))]
    parameters = "".join(f"  b{i}: {{normal: {{mean: {b!r}, sd: {abs(b)!r}}}}}\n" for i, b in enumerate(starts, 1))
    series = "".join(f"  {name}: {{csv: data.csv, column: {name}}}\n" for name in names)
    flat = ", ".join(f"parameters.b{i}" for i in range(1, len(starts) + 1))
    return names, f"""parkflow: 1
use: [{UNITS}]
time: {{start: {first}, end: {last}, step: day}}
parameters:
{parameters}{series}
parks: {{nist: {{processes: {{}}}}}}
indicators: {{y: {{is: "{MODELS[problem]}", unit: "1", over_time: mean}}}}
scenarios: {{base: {{}}}}
checks: {{y: {{indicator: y, park: nist, observed: {{csv: data.csv, column: y}}, use: fit}}}}
fit: {{flat: [{flat}], spread: estimated}}
"""


def write(folder, problem, starts, table):
    names, model = model_of(problem, starts, table)
    with open(folder / "data.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["date", "y", *names])
        for i, row in enumerate(table):
            y = math.log(row[0]) if problem == "Nelson" else row[0]  # whose model is of log[y]
            rows.writerow([datetime.date(2020, 1, 1) + datetime.timedelta(days=i), repr(y), *map(repr, row[1:])])
    (folder / "model.yaml").write_text(model, encoding="utf-8")


def digits(found, wanted):
    """To how many digits they agree (log relative error), at most 11: NIST certifies so many."""
    error = numpy.abs(numpy.asarray(found) - wanted) / numpy.abs(wanted)
    return float(numpy.min(-numpy.log10(numpy.maximum(error, 1e-11))))


def fit(problem, start):
    values, residual, table = read(problem)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write(folder, problem, values[start], table)
        done = subprocess.run([BINARY, "fit", folder / "model.yaml", "-q", "-o", folder / "fit.h5"],
                              capture_output=True, text=True, timeout=120)
        if done.returncode:
            return None, done.stderr
        with xarray.open_dataset(folder / "fit.h5") as data:
            return (digits(data.estimate, values[2]), digits(data.estimate_sd, values[3]),
                    digits(data.attrs["spread"], residual)), data.attrs


def main():
    failed = 0
    for problem in ONLY or MODELS:
        for start in (0, 1):
            found, more = fit(problem, start)
            if found is None or min(found) < DIGITS:
                failed += 1
                print(f"FAILED {problem} from start {start + 1}: {found or more}")
            else:
                print(f"{problem:9} start {start + 1}: digits of estimates {found[0]:.1f}, standard deviations "
                      f"{found[1]:.1f}, residual {found[2]:.1f}; {more['iterations']} iterations, {more['method']}")
    count = 2 * len(ONLY or MODELS)
    print(f"{count - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
