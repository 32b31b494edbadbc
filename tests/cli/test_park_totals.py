"""scripts/park_totals.py: the parks' totals of 2019 by independent estimates, pooled by `parkflow reconcile`.

usage: /usr/bin/python3 tests/cli/test_park_totals.py BINARY     (from the project's folder)
"""
import csv
import importlib.util
import json
import math
import os
import pathlib
import re
import subprocess
import sys

import jsonschema
import netCDF4  # noqa: F401 (so that xarray finds its engine)
import numpy
import xarray
import yaml

import each_test

BINARY = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path("scenarios/vietnam/totals")
PARKS = ("dinh_vu", "hoa_khanh", "amata", "tra_noc", "hiep_phuoc")
SPEC = importlib.util.spec_from_file_location("park_totals", "scripts/park_totals.py")
SCRIPT = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SCRIPT)


def call(*arguments):
    done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def load(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def estimates(system):
    """What the equations of a PARK.yaml say of each total, read without the script: its name, mean and variance."""
    found = []
    for equation in system["equations"].values():
        total, terms = equation.split(" = ")
        values = [system["parameters"][term]["value"].split(" +- ") for term in terms.split(" + ")]
        found.append((total, sum(float(mean) for mean, _ in values), sum(float(sd) ** 2 for _, sd in values)))
    return found


def test_pooling_is_the_mean_weighted_by_inverse_variances(folder):
    for park in PARKS:
        out = pathlib.Path(folder) / f"{park}.h5"
        call(BINARY, "reconcile", FOLDER / f"{park}.yaml", "-q", "-o", out)
        with xarray.open_dataset(out) as data:
            pooled = {str(name): (float(mean), float(sd)) for name, mean, sd in
                      zip(data["quantity"].values, data["reconciled"].values, data["reconciled_sd"].values)}
        found = estimates(load(FOLDER / f"{park}.yaml"))
        for total in {name for name, _, _ in found}:
            means, weights = zip(*[(mean, 1 / variance) for name, mean, variance in found if name == total])
            expected = numpy.average(means, weights=weights), sum(weights) ** -0.5
            assert numpy.allclose(pooled[total], expected, rtol=1e-6), (park, total, pooled[total], expected)


def test_the_script_prints_each_park_and_writes_what_is_stored(folder):
    text = call("scripts/park_totals.py", "--members", 128, "--parkflow", BINARY, "--write", folder)
    assert len(re.findall(r"sd apart: (pooled|NOT pooled)", text)) == 2 * len(PARKS), text
    assert len(re.findall(r"named firms and plants: \d+%", text)) == len(PARKS), text
    assert re.search(r"worker_electricity: prior 1, gsd 1.35; .* median \d\.\d\d, gsd 1\.\d\d$", text.strip()), text
    with open(FOLDER / "factors.csv", newline="", encoding="utf-8") as file:
        factors = list(csv.DictReader(file))
    for park in PARKS:
        stored, fresh = load(FOLDER / f"{park}.yaml"), load(pathlib.Path(folder) / f"{park}.yaml")
        assert stored["equations"] == fresh["equations"], park
        for row in (row for row in factors if row["park"] == park):
            entry = stored["parameters"][f"{row['quantity']}_{row['estimate']}_{row['factor']}"]
            mean, sd = map(float, entry["value"].split(" +- "))
            assert math.isclose(math.exp(mean), float(row["median"]), rel_tol=1e-3), (park, row)
            assert math.isclose(math.exp(sd), float(row["gsd"]), rel_tol=1e-3), (park, row)
            assert entry.get("source", "") == row["source"], (park, row)
        for quantity in ("electricity", "wastewater"):
            (old, spread), (new, _) = [
                map(float, system["parameters"][f"{quantity}_from_below_model"]["value"].split(" +- "))
                for system in (stored, fresh)]
            assert abs(new - old) < 0.25 * spread, f"{park}, {quantity}: {old} -> {new}: run scripts/park_totals.py"


def test_every_factor_has_a_source_or_an_assumption_that_the_evidence_knows(folder):
    known = set()
    for path in pathlib.Path("scenarios/evidence").glob("*.csv"):
        with open(path, newline="", encoding="utf-8") as file:
            known |= {row["id"] for row in csv.DictReader(file)}
    with open(FOLDER / "factors.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["assumption"] and (not row["source"] or row["source"] in known), row


def test_the_systems_fit_the_schema(folder):
    schema = json.loads(call(BINARY, "schema"))
    schema["$ref"] = "#/$defs/flow_system"
    validator = jsonschema.Draft202012Validator(schema)
    for park in PARKS:
        validator.validate(load(FOLDER / f"{park}.yaml"))


def test_estimates_two_standard_deviations_apart_are_not_pooled(folder):
    near = {"from_above": (6.0, 0.3), "from_below": (6.4, 0.2)}
    far = {"from_above": (6.0, 0.1), "from_below": (6.4, 0.1)}
    assert SCRIPT.apart(near) < 2 < SCRIPT.apart(far)
    assert math.isclose(SCRIPT.apart(far), 0.4 / math.sqrt(0.02))
    for found, totals in ((near, {"electricity"}), (far, {"electricity_from_above", "electricity_from_below"})):
        system = yaml.load(SCRIPT.system("amata", [], {"electricity": found}), Loader=yaml.BaseLoader)
        assert set(system["flows"]) == totals and {name for name, _, _ in estimates(system)} == totals


def test_the_groups_and_only_they_scale_with_the_electricity_a_worker(folder):
    one, two, three = (SCRIPT.swept(BINARY, 32, times, folder)["electricity"] for times in (1, 2, 3))
    assert numpy.allclose(three, 2 * two - one, rtol=1e-9)
    assert ((two - one).sel(park=["amata", "hoa_khanh"]) > 0.5 * one.sel(park=["amata", "hoa_khanh"])).all()


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
