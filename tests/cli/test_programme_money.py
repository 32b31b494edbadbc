"""Money and the catalogue of the programme: what one pays another receives, a fee is a transfer, tariffs come out as
published, capital comes back in the catalogue's time, and what parks have in common is one draw.

usage: /usr/bin/python3 tests/cli/test_programme_money.py BINARY     (from the project's folder)
"""
import csv
import os
import subprocess
import sys

import netCDF4  # noqa: F401 (so that xarray finds its engine)
import numpy
import xarray

import each_test

BINARY = sys.argv[1]
PROGRAMME = "scenarios/vietnam/programme.yaml"
RECEIVED = ["received_by_state", "received_by_operator", "received_by_owners", "received_by_suppliers"]
# One kWh of a flat week at 22 kV by the tariff of 2019: 30 peak hours, 42 off-peak and 96 normal ones of 168.
FLAT_WEEK = (30 * 2871 + 42 * 1007 + 96 * 1555) / 168


def run(folder, *arguments):
    """The results of the programme at the medians."""
    path = os.path.join(folder, "run.h5")
    command = [BINARY, "run", PROGRAMME, "-q", "-o", path, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr.splitlines()[0]
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        return data.load()


def only(data, scenario, park, name):
    return data[name].sel(scenario=scenario, park=park).isel(member=0)


def test_all_that_is_paid_is_received(folder):
    data = run(folder)
    received = sum(data[name] for name in RECEIVED)
    numpy.testing.assert_allclose(received, data.payments, rtol=1e-9, atol=1e-6)
    assert float(data.received_by_owners.sel(scenario="renewables").sum()) > 0


def test_a_fee_is_a_transfer_and_no_cost_of_society(folder):
    before = run(folder, "-s", "baseline")
    after = run(folder, "-s", "baseline", "--set", "parameters.wastewater_fee_amata=20000 VND/m3")
    paid, received, society = (
        float((only(after, "baseline", "amata", name) - only(before, "baseline", "amata", name)).sum())
        for name in ("payments", "received_by_operator", "society_cost"))
    assert paid > 1000  # million VND
    assert abs(paid - received) < 1e-6 * paid
    assert society == 0


def test_society_bears_what_power_is_sold_below_its_cost(folder):
    data = run(folder, "-s", "baseline")
    society, operating, power = (only(data, "baseline", "amata", name)
                                 for name in ("society_cost", "operating_cost", "received_by_state"))
    of_2022 = slice("2022-01", "2022-12")
    numpy.testing.assert_allclose((society - operating).sel(time=of_2022), 0.096 * power.sel(time=of_2022), rtol=1e-9)
    assert float(abs(society - operating).sel(time=slice("2020-01", "2020-12")).max()) == 0


def test_power_costs_what_the_tariff_says(folder):
    flat = [f"parameters.{name}=0" for name in ("day_shift_share", "power_at_110kv", "power_below_22kv")]
    data = run(folder, "-s", "baseline", *[part for value in flat for part in ("--set", value)])
    paid, bought = (only(data, "baseline", "amata", name) for name in ("received_by_state", "electricity_purchased"))
    month = 1000 * paid / bought  # million VND by MWh, here VND/kWh, in money of 2020
    assert abs(float(month.sel(time="2020-02").item()) - FLAT_WEEK) < 1e-6
    assert abs(float(month.sel(time="2020-05").item()) - 0.9 * FLAT_WEEK) < 1e-6
    assert abs(float(month.sel(time="2022-02").item()) - FLAT_WEEK * 100 / 105.05) < 1e-6


def test_all_capital_is_somebodys(folder):
    data = run(folder)
    by_actor = [data[f"{actor}_capital"] for actor in ("firms", "operators", "owners")]
    numpy.testing.assert_allclose(sum(by_actor), data.capital_cost, rtol=1e-9, atol=1e-6)
    renewables = [float(spent.sel(scenario="renewables").sum()) for spent in by_actor]
    baseline = [float(spent.sel(scenario="baseline").sum()) for spent in by_actor]
    assert all(more > less for more, less in zip(renewables, baseline)), (renewables, baseline)
    assert float(data.operators_running_cost.sel(scenario="shared_treatment").sum()) > 0


def test_air_options_end_within_a_short_life_and_no_others_do(folder):
    def adopted(*settings):
        measured = [part for setting in settings for part in ("--set", setting)]
        saved = run(folder, "-s", "baseline", "-s", "cleaner_production", *measured)
        return float((only(saved, "baseline", "amata", "electricity_purchased")
                      - only(saved, "cleaner_production", "amata", "electricity_purchased")).isel(time=-1))
    usual = adopted()
    assert adopted("parameters.life_air=8 year") == usual
    assert adopted("parameters.life_air=2 year") < usual
    shortest = {"drives": 10, "lighting": 5, "cooling": 5, "steam": 4, "water": 4}
    assert adopted(*[f"parameters.life_{kind}={years} year" for kind, years in shortest.items()]) == usual


def test_cleaner_production_pays_back_as_the_catalogue_says(folder):
    data = run(folder, "-s", "cleaner_production")
    with open("scenarios/vietnam/catalogue.csv", encoding="utf-8", newline="") as file:
        likely = [float(row["value"].split()[0].split("..")[1]) for row in csv.DictReader(file)
                  if row["id"].startswith("payback_")]
    for park in ("dinh_vu", "amata", "hiep_phuoc", "hoa_khanh"):
        spent = float(only(data, "cleaner_production", park, "capital_cost").sum())
        saved = only(data, "baseline", park, "payments") - only(data, "cleaner_production", park, "payments")
        years = spent / float(saved.sel(time=slice("2023-01", "2023-12")).sum())
        assert min(likely) < years < max(likely), f"{park}: {years}"


def test_more_is_proposed_than_carried_out(folder):
    data = run(folder, "-s", "as_reported", "-s", "proposed")
    for park in ("dinh_vu", "amata", "hiep_phuoc"):
        proposed, done, baseline = (float(only(data, name, park, "freshwater_withdrawal").sum())
                                    for name in ("proposed", "as_reported", "baseline"))
        assert proposed < done < baseline, park


def test_a_saving_is_one_draw_for_all_parks(folder):
    names = [str(name) for name in run(folder).parameter.values]
    assert len([name for name in names if name.startswith("parameters.saving_") or name.startswith("saving_")]) == 10
    of_options = [name for name in names if name.startswith("interventions.") and ".needs." in name]
    assert of_options and all(name.endswith(".by.own") for name in of_options), of_options


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
