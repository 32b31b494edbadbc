"""The pilot of 2015-2019: it ends where the programme begins, its observations add up to what was reported, the urea works
loses no carbon, and no option bears on it.

usage: /usr/bin/python3 tests/cli/test_pilot.py BINARY     (from the project's folder)
"""
import os
import re
import subprocess
import sys

import netCDF4  # noqa: F401 (so that xarray finds its engine)
import numpy
import xarray
import yaml

import each_test

BINARY = sys.argv[1]
PILOT = os.path.abspath("scenarios/vietnam/pilot.yaml")
FIT = "scenarios/vietnam/pilot_fit.yaml"
CHECKS = "scenarios/vietnam/pilot_checks.yaml"


def call(*arguments):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def run(folder, text="", *arguments):
    """The results at the medians of the pilot with this laid over it."""
    path, results = os.path.join(folder, "pilot.yaml"), os.path.join(folder, "pilot.h5")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"parkflow: 1\nuse: [{PILOT}]\n{text}")
    call("run", path, "-q", "-o", results, *arguments)
    with xarray.open_dataset(results, engine="h5netcdf") as data:
        return data.isel(member=0).load()


def year(data, name, when):
    return data[name].groupby("time.year").sum().sel(year=when)


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.BaseLoader)


def amounts(names):
    """Middle of what was observed, without the unit."""
    checks = load(CHECKS)["checks"]
    return [float(re.match(r"[\d.e]+", checks[name]["observed"]).group()) for name in names]


def test_its_end_is_where_the_programme_begins(folder):
    data = run(folder, "scenarios: {as_written: {title: Needs as the parks' files have them}}\n")
    for name in ["electricity_use", "fuel_use", "freshwater_withdrawal", "wastewater_generated"]:
        parks = year(data, name, 2019)
        numpy.testing.assert_allclose(parks.sel(scenario="as_reported"), parks.sel(scenario="as_written"), rtol=1e-9)
        assert (parks.sel(scenario="baseline")[:5] > parks.sel(scenario="as_written")[:5]).all(), name


def test_nothing_is_saved_before_it_began(folder):
    data = run(folder)
    for name in ["electricity_use", "fuel_use", "freshwater_withdrawal"]:
        before = year(data, name, 2014)
        numpy.testing.assert_array_equal(before.sel(scenario="as_reported"), before.sel(scenario="baseline"))


def test_parts_that_are_fitted_add_up_to_what_was_reported(folder):
    for parts, whole in [(("tra_noc_electricity", "other_parks_electricity"), "pilot_electricity"),
                         (("tra_noc_water", "other_parks_water"), "pilot_water"),
                         (("ninh_binh_fuel", "other_parks_fuel"), "pilot_fuel")]:
        assert abs(sum(amounts(parts)) - amounts([whole])[0]) < 1e-9, whole


def test_carbon_of_the_urea_works_is_let_out_or_bound(folder):
    works = "khanh_phu.ninh_binh_fertiliser.urea"
    numbers = {"output.amount": "300e3 t/year", "ammonia": "0.6 t/t", "energy": "50 GJ/t", "output.index": "1"}
    sets = [part for key, value in numbers.items() for part in ("--set", f"{works}.{key}={value}")]
    text = "indicators: {of_the_works: {is: sum(*.urea.emissions.co2), unit: t CO2, over_time: sum}}\n"
    data = run(folder, text, *sets, "--set", "carriers.coal.properties.co2_factor=100 kg CO2/GJ")
    burnt, bound = 300e3 * 0.6 * 50 * 0.1, 300e3 * 44 / 60
    got = year(data, "of_the_works", 2019).sel(scenario="as_reported").max()
    numpy.testing.assert_allclose(got, burnt - bound, rtol=1e-9)


def test_no_option_bears_on_the_urea_works(folder):
    text = "indicators: {coal_of_the_works: {is: sum(*.urea.coal), unit: t, over_time: sum}}\n"
    data = run(folder, text)
    coal = data["coal_of_the_works"]
    assert float(coal.max()) > 0
    numpy.testing.assert_array_equal(coal.sel(scenario="as_reported"), coal.sel(scenario="baseline"))


def test_the_fit_holds_what_its_observations_hold_and_takes_them_all(folder):
    held = load(FIT)["accounting"]["freeze"]
    fitted = {name: check for name, check in load(CHECKS)["checks"].items() if check["use"] == "fit"}
    assert len(fitted) == 5 and all(check["freeze"] == held for check in fitted.values())
    text = call("fit", FIT)
    for name in fitted:
        assert re.search(rf"^ +{name} +2019 ", text, re.MULTILINE), name


def test_no_number_of_the_pilot_is_an_orphan(folder):
    text = call("check", PILOT, "--evidence")
    assert "No orphans" in text, text


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
