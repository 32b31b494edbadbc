"""`parkflow check --run` and `--evidence`, and pedigrees, as a user calls them.

usage: /usr/bin/python3 tests/cli/test_checks.py BINARY     (from the project's folder)
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema
import netCDF4  # noqa: F401 (so that xarray finds its engine)
import numpy
import xarray
import yaml

BINARY = sys.argv[1]
TUTORIAL = os.path.abspath("scenarios/tutorial/park.yaml")
PROGRAMME = "scenarios/vietnam/programme.yaml"
CHECKS = "scenarios/vietnam/checks.yaml"

# Of the tutorial's park, one of each kind; `wrong` does not hold, and is no error.
SMALL = f"""
parkflow: 1
use: [{TUTORIAL}]
checks:
  emissions: {{indicator: ghg_total, scenario: baseline, period: 2023, basis: in_year, observed: 5..8..12 kt CO2e/year}}
  saved: {{indicator: freshwater_withdrawal, saving: {{of: full}}, period: 2020..2023, basis: cumulative, observed: 10 +- 5 thousand m3}}
  wrong: {{indicator: water_reused, scenario: baseline, period: 2023, at_least: 1e9 m3}}
"""


# A saving in a year, and the rate of the same measures at a date.
FREEZE = {"adoption": "2021-06", "activity": "2020", "factors": "2021"}
RATES = f"""
parkflow: 1
use: [{TUTORIAL}]
checks:
  in_2023: {{indicator: ghg_total, saving: {{of: full}}, period: 2023, basis: in_year, observed: 500 +- 100 t CO2e/year}}
  rate: {{indicator: ghg_total, saving: {{of: full}}, period: 2023, basis: annualised, freeze: {json.dumps(FREEZE)}, observed: 500 +- 100 t CO2e/year}}
  again: {{indicator: ghg_total, saving: {{of: full}}, period: 2021, basis: annualised, freeze: {{adoption: 2021-06}}, observed: 500 +- 100 t CO2e/year}}
"""


def call(*arguments, status=0):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{arguments}: exit {done.returncode}, expected {status}\n{done.stdout}{done.stderr}"
    return done


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def line_of(text, name):
    lines = [line for line in text.splitlines() if re.match(rf"\s+{name}\s", line)]
    assert len(lines) == 1, (name, lines)
    return lines[0]


def model_of(text, name):
    """The model's figure and its standard deviation: the last 'A +- B UNIT' of the line."""
    a, b = re.findall(r"(-?[\d.,e+]+) \+- ([\d.,e+]+)", line_of(text, name))[-1]
    return float(a.replace(",", "")), float(b.replace(",", ""))


def test_run_prints_each_check_with_what_the_run_has(folder):
    path, results = write(folder, "small.yaml", SMALL), os.path.join(folder, "run.h5")
    text = call("check", path, "--run").stdout
    call("run", path, "-q", "-o", results)
    with xarray.open_dataset(results) as run:
        all_parks = run[["ghg_total", "freshwater_withdrawal"]].isel(member=0).sum("park")
        in_2023 = all_parks.isel(time=run["time"].dt.year == 2023).sum("time")
        emissions = float(in_2023["ghg_total"].sel(scenario="baseline")) / 1000
        water = all_parks["freshwater_withdrawal"].sum("time")
        saved = float(water.sel(scenario="baseline") - water.sel(scenario="full")) / 1000
    assert abs(model_of(text, "emissions")[0] / emissions - 1) < 0.006, (text, emissions)
    assert abs(model_of(text, "saved")[0] / saved - 1) < 0.006, (text, saved)
    assert " fails" in line_of(text, "wrong")


def test_the_spread_of_the_model_is_that_of_a_sweep(folder):
    """First order against 4,000 draws; the tutorial is nearly linear, so the two agree within a tenth."""
    path, results = write(folder, "small.yaml", SMALL), os.path.join(folder, "sweep.h5")
    text = call("check", path, "--run").stdout
    call("sweep", path, "-q", "-n", "4096", "--design", "latin_hypercube", "--keep", "annual", "-o", results)
    with xarray.open_dataset(results, group="members") as sweep:
        drawn = float(sweep["ghg_total"].sel(scenario="baseline", park="all", period="2023").std("member")) / 1000
    assert abs(model_of(text, "emissions")[1] / drawn - 1) < 0.1, (text, drawn)


def saving_in_2023(path, folder, settings):
    """Of ghg_total by `full`, as a run stores it."""
    results = os.path.join(folder, "run.h5")
    done = call("run", path, "-q", "-o", results, *settings)
    with xarray.open_dataset(results) as run:
        total = run["ghg_total"].isel(member=0, time=run["time"].dt.year == 2023).sum(["park", "time"])
        return float(total.sel(scenario="baseline") - total.sel(scenario="full")), done.stdout


def test_a_saving_rate_is_that_of_a_frozen_run_over_a_mean_year(folder):
    path = write(folder, "rates.yaml", RATES)
    text = call("check", path, "--run").stdout
    frozen = [part for key, value in FREEZE.items() for part in ("--set", f"accounting.freeze.{key}={value}")]
    in_year, rate = saving_in_2023(path, folder, [])[0], saving_in_2023(path, folder, frozen)[0] * 365.2425 / 365
    assert abs(in_year / rate - 1) > 0.02, (in_year, rate)  # or the test proves nothing
    for name, what, saved in (("in_2023", "saving of full", in_year), ("rate", "saving rate of full", rate)):
        assert abs(model_of(text, name)[0] / saved - 1) < 0.006, (name, saved, text)
        assert what in line_of(text, name), text
    assert "held at adoption 2021-06, activity 2020, factors 2021: rate." in text, text
    assert "held at adoption 2021-06: again." in text, text
    assert "Observations that test the model: 3." in text, text


def test_a_frozen_run_says_so_and_is_held_against_no_saving_in_a_year(folder):
    path = write(folder, "rates.yaml", RATES)
    text = call("check", path, "--run", "--set", "accounting.freeze.adoption=2021-06").stdout
    assert "in_2023 is not alike: this run has accounting.freeze: adoption 2021-06" in text, text
    assert "not alike" in line_of(text, "in_2023") and "not alike" not in line_of(text, "rate"), text
    results = os.path.join(folder, "run.h5")
    assert "held (adoption 2021-06)" in call("run", path, "-o", results, "--set", "accounting.freeze.adoption=2021-06").stdout
    assert "freeze=(adoption 2021-06)" in call("info", results).stdout
    assert "held (" not in call("run", path, "-o", results).stdout


def test_a_model_without_checks_says_so(folder):
    assert "no checks" in call("check", TUTORIAL, "--run").stdout


def test_checks_that_fail_are_no_failure_and_wrong_ones_are(folder):
    wrong = SMALL.replace("1e9 m3", "1e9 t")
    assert "found '1e9 t'" in call("check", write(folder, "wrong.yaml", wrong), "--run", status=2).stderr


def test_checks_survive_in_the_stored_input_of_a_sweep(folder):
    results = os.path.join(folder, "programme.h5")
    call("sweep", PROGRAMME, "-q", "-n", "4", "-s", "as_reported", "-o", results)
    call("run", "--of", results, "--member", "1", "-q", "-o", os.path.join(folder, "member.h5"))


def test_the_programme_is_held_against_what_was_reported(folder):
    text = call("check", PROGRAMME, "--run").stdout
    with open(CHECKS, encoding="utf-8") as file:
        checks = yaml.safe_load(file)["checks"]
    for name in checks:
        line_of(text, name)
    assert "three_parks_ghg is not alike: it wants accounting.grid=margin" in text
    margin = call("check", PROGRAMME, "--run", "--set", "accounting.grid=margin").stdout
    assert "not alike" not in margin.replace("context, or not alike", "")
    assert "(derived)" in line_of(margin, "hiep_phuoc_ghg") and "(context)" in line_of(margin, "earlier_count_ghg")
    observed = sum("observed" in c and not c.get("derived_from") and c["use"] == "test" for c in checks.values())
    assert f"Observations that test the model: {observed}." in margin


def test_no_number_of_the_programme_is_an_orphan(folder):
    text = call("check", PROGRAMME, "--evidence").stdout
    assert "No orphans" in text, text
    for title in ("Đình Vũ", "Hòa Khánh", "Amata", "Trà Nóc 1", "Trà Nóc 2", "Hiệp Phước"):
        rows = [line for line in text.splitlines() if line.strip().startswith(title)]
        assert len(rows) == 2, (title, rows)
        for row in rows:
            assert abs(sum(int(share) for share in re.findall(r"(\d+) %", row)) - 100) <= 2, row


def test_orphans_are_listed_with_their_place(folder):
    text = call("check", PROGRAMME, "--evidence", "--set", "hoa_khanh.mains.losses=7 %", "--set",
                "parameters.worker_water=1.2").stdout
    assert "1 orphan, " in text and "parameters.worker_water (--set parameters.worker_water=1.2)" in text, text[-400:]


def rows_of(*arguments):
    return list(csv.DictReader(io.StringIO(call("check", *arguments, "--csv").stdout)))


def test_the_rows_for_programs_say_what_is_printed(folder):
    path = write(folder, "small.yaml", SMALL)
    text, rows = call("check", path, "--run").stdout, {row["check"]: row for row in rows_of(path, "--run")}
    assert set(rows) == {"emissions", "saved", "wrong"}
    for name in ("emissions", "saved"):
        model, sd = model_of(text, name)
        assert abs(float(rows[name]["model"]) / model - 1) < 0.006 and abs(float(rows[name]["model_sd"]) / sd - 1) < 0.006
        assert float(rows[name]["z"]) == float(rows[name]["z"]) and rows[name]["counts"] == "yes"
    assert (float(rows["saved"]["reported"]), float(rows["saved"]["reported_sd"])) == (10, 5)
    assert rows["saved"]["unit"] == "thousand m3" and rows["saved"]["basis"] == "cumulative"
    assert (float(rows["wrong"]["at_least"]), rows["wrong"]["at_most"], rows["wrong"]["says"]) == (1e9, "", "fails")
    model = call("check", PROGRAMME, "--evidence", "--csv").stdout
    assert model.startswith("park,what,unit,whole,sd,measured,derived,benchmark,assumed,orphan\n")
    evidence = rows_of(PROGRAMME, "--evidence")
    for row in evidence:
        assert abs(sum(float(row[name]) for name in ("measured", "derived", "benchmark", "assumed", "orphan")) - 1) < 1e-9
    counts = {row["park"]: float(row["whole"]) for row in evidence if row["what"] == "numbers"}
    assert counts.pop("all") == sum(counts.values())
    assert "--csv goes with" in call("check", path, "--csv", status=2).stderr


def test_a_pedigree_spreads_what_is_asked_for_and_says_so(folder):
    path = write(folder, "scored.yaml", f"parkflow: 1\nuse: [{TUTORIAL}]\nparks: {{demo: {{processes: {{fish: "
                 "{output: {amount: {value: 9e3 t/year, quality: [2, 2, 3, 1, 3]}}}}}}\n")
    plain, spread = call("check", path).stdout, call("check", path, "--set", "accounting.pedigree=spread").stdout
    uncertain = [int(re.search(r"\((\d+) uncertain\)", text)[1]) for text in (plain, spread)]
    assert uncertain[1] == uncertain[0] + 1 and "spreads by their quality" in spread and "quality" not in plain
    gsd = numpy.exp(numpy.sqrt(0.0006 + 0.0001 + 0.002 + 0 + 0.008))
    text = call("check", path, "--set", "accounting.pedigree=spread", "--explain", "fish.output.amount").stdout
    assert f"lognormal, gsd {gsd:.4g}" in text, text


def test_the_schema_takes_checks(folder):
    schema = json.loads(call("schema").stdout)
    with open(CHECKS, encoding="utf-8") as file:
        model = yaml.safe_load(file)
    jsonschema.validate(model, schema)
    model["checks"]["three_parks_ghg"]["use"] = "proof"
    try:
        jsonschema.validate(model, schema)
    except jsonschema.ValidationError:
        return
    raise AssertionError("a wrong use passes the schema")


def main():
    tests = [value for name, value in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with tempfile.TemporaryDirectory(prefix="parkflow-checks-") as folder:
            test(folder)
        print("passed", test.__name__)


if __name__ == "__main__":
    main()
