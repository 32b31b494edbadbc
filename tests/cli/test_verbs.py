"""Every verb of the program, as a user calls it.

usage: /usr/bin/python3 tests/cli/test_verbs.py BINARY     (from the project's folder)
"""
import glob
import json
import os
import re
import subprocess
import sys
import warnings

import jsonschema
import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import numpy
import xarray
import yaml

import each_test

BINARY = sys.argv[1]
TUTORIAL = "scenarios/tutorial/park.yaml"
PROGRAMME = "scenarios/vietnam/programme.yaml"
warnings.simplefilter("error")


def call(*arguments, status=0):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{arguments}: exit {done.returncode}, expected {status}\n{done.stdout}{done.stderr}"
    return done


def content(path):
    with open(path, "rb") as file:
        return file.read()


def results(folder, name, *arguments, model=TUTORIAL):
    path = os.path.join(folder, name)
    call("run", model, "-o", path, "-q", *arguments)
    return path


def test_help_of_every_verb_shows_usage_and_an_example(folder):
    overview = call("--help").stdout
    for verb in ("check", "run", "plan", "info", "schema"):
        assert re.search(rf"^  {verb} ", overview, re.M)
        text = call(verb, "--help").stdout
        assert f"usage: parkflow {verb}" in text and "example:" in text


def test_no_verb_and_a_wrong_verb_exit_2(folder):
    assert "usage" in call(status=2).stderr
    assert "did you mean 'check'" in call("chek", status=2).stderr


def test_version_is_that_of_the_project(folder):
    assert re.fullmatch(r"parkflow \d+\.\d+\.\d+\n", call("--version").stdout)


def test_check_of_all_models_that_come_with_parkflow(folder):
    for model in (TUTORIAL, PROGRAMME):
        assert " is right: " in call("check", model).stdout


def test_explain_says_value_place_and_source(folder):
    text = call("check", TUTORIAL, "--explain", "demo.wwtp.limit").stdout
    assert "3000 m3/day" in text and re.search(r"park\.yaml:\d+:\d+", text)
    assert "did you mean" in call("check", TUTORIAL, "--explain", "demo.wwtp.limmit", status=2).stderr


def test_functions_lists_the_table_of_operations(folder):
    text = call("check", "--functions").stdout
    for name in ("share", "min", "if", "sum", "average"):
        assert re.search(rf"^  {name} ", text, re.M)


def test_two_runs_write_the_same_bytes(folder):
    files = [results(folder, name, "--flows") for name in ("a.h5", "b.h5")]
    assert content(files[0]) == content(files[1])


def test_one_scenario_alone_has_the_bits_it_has_among_others(folder):
    everything = xarray.open_dataset(results(folder, "all.h5", model=PROGRAMME), engine="h5netcdf")
    alone = xarray.open_dataset(results(folder, "one.h5", "-s", "renewables", model=PROGRAMME), engine="h5netcdf")
    assert list(alone.scenario.values) == ["baseline", "renewables"]
    for name in alone.data_vars:
        if "time" in alone[name].dims and "scenario" in alone[name].dims:
            there = everything[name].sel(scenario=alone.scenario)
            assert numpy.array_equal(there.values, alone[name].values, equal_nan=True), name


def test_results_open_in_both_engines_with_all_labels(folder):
    path = results(folder, "flows.h5", "--flows", model=PROGRAMME)
    for engine in ("h5netcdf", "netcdf4"):
        with xarray.open_dataset(path, engine=engine) as data:
            assert data.final_energy.dims == ("scenario", "member", "park", "time")
            assert data.final_energy.attrs["units"] == "GJ" and data.final_energy.attrs["long_name"]
            assert str(data.time.values[0])[:10] == "2020-01-01" and data.sizes["time"] == 48
            assert "hoa_khanh" in data.park.values and len(data.attrs["input_sha256"]) == 64
            assert float(data.closure_residual.max()) <= 1e-12
            assert "Hòa Khánh" in data.park_title.values


def test_set_changes_the_result_and_is_recorded(folder):
    before = xarray.open_dataset(results(folder, "before.h5"), engine="h5netcdf")
    after = xarray.open_dataset(results(folder, "after.h5", "--set", "demo.wwtp.limit=1000 m3/day"), engine="h5netcdf")
    assert float(before.wastewater_untreated.sum()) == 0 < float(after.wastewater_untreated.sum())
    assert "demo.wwtp.limit=1000 m3/day" in after.attrs["command"] and "1000 m3/day" in str(after.input.values)
    assert before.attrs["input_sha256"] != after.attrs["input_sha256"]


def test_a_failed_run_leaves_the_old_file_as_it_was(folder):
    path = results(folder, "kept.h5")
    before = content(path)
    failed = call("run", TUTORIAL, "-o", path, "--set", "demo.boiler.limit=5 GJ/h", status=1)
    assert "falls short" in failed.stderr and content(path) == before
    call("run", TUTORIAL, "-o", path, "--set", "demo.boiler.limit=5 GJ", status=2)
    assert content(path) == before


def test_the_table_has_parks_scenarios_years_and_changes(folder):
    text = call("run", PROGRAMME, "-o", os.path.join(folder, "t.h5")).stdout
    for word in ("final_energy [GJ]", "freshwater_withdrawal [m3]", "ghg_total [t CO2e]", "2020", "2023", "Hòa Khánh", "baseline", "All parks"):
        assert word in text, word
    assert re.search(r"full .* [-+]\d+\.\d%", text)


def test_info_shows_what_is_in_a_file(folder):
    text = call("info", results(folder, "i.h5")).stdout
    assert "final_energy" in text and "baseline" in text and "SHA-256" in text
    assert call("info", TUTORIAL, status=2).stderr


def test_plan_prints_loops_and_graphviz_draws_the_network(folder):
    text = call("plan", TUTORIAL).stdout
    assert "safeguarded Newton" in text and "boiler.fuel_in" in text
    drawing = subprocess.run(["dot", "-Tsvg"], input=call("plan", TUTORIAL, "--dot").stdout, capture_output=True, text=True, timeout=60)
    assert drawing.returncode == 0 and "</svg>" in drawing.stdout


def test_every_model_file_fits_the_schema(folder):
    schema = json.loads(call("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in glob.glob("scenarios/**/*.yaml", recursive=True):
        with open(path, encoding="utf-8") as file:
            model = yaml.load(file, Loader=yaml.BaseLoader)  # all scalars as text, as parkflow reads them
        if "flows" in model or path.startswith("scenarios/reconcile/"):
            continue  # systems of measured flows are no models: `parkflow reconcile` checks them
        errors = [f"{path}: {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(model)]
        assert not errors, "\n".join(errors[:5])


def test_the_schema_finds_a_wrong_key(folder):
    validator = jsonschema.Draft202012Validator(json.loads(call("schema").stdout))
    assert list(validator.iter_errors({"parkflow": "1", "scenarois": {}}))


def test_no_process_type_is_named_in_the_engine(folder):
    types = set()
    for path in glob.glob("scenarios/library/*.yaml"):
        with open(path, encoding="utf-8") as file:
            types |= set((yaml.load(file, Loader=yaml.BaseLoader) or {}).get("process_types", {}))
    common = {"link", "tank", "grid", "firm", "purchase", "mains"}  # English words: only as whole quoted names
    assert {"boiler", "wastewater_plant", "landfill"} <= types
    for path in glob.glob("engine/**/*.[ch]", recursive=True):
        with open(path, encoding="utf-8") as file:
            code = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        for name in types:
            pattern = rf'"{name}"' if name in common else rf"\b{name}\b"
            found = [line for line in code.splitlines() if re.search(pattern, line) and "example" not in line and "parkflow run" not in line]
            assert not found, f"{path} names the process type '{name}': {found[0].strip()}"


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
