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
import yaml

import each_test

BINARY = sys.argv[1]
PROGRAMME = "scenarios/vietnam/programme.yaml"
PLAYERS = "*_roofs,bridgestone_biomass,amata_reuse"
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


def actors():
    """What the model says of each: {actor: {pays: [INDICATOR, ...], ...}}"""
    with open("scenarios/vietnam/money.yaml", encoding="utf-8") as file:
        return yaml.safe_load(file)["actors"]


def total(data, *keys):
    """What all actors have under these keys."""
    return sum(data[name] for actor in actors().values() for key in keys for name in actor.get(key, []))


def analyse(folder, name, *arguments):
    """What some interventions cost, of the file with the group."""
    path = os.path.join(folder, f"{name}.h5")
    command = [BINARY, "analyse", "attribute", PROGRAMME, "-s", "full", "--interventions", PLAYERS, "-q", "-o", path]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with xarray.open_dataset(path, group="analysis/attribute", engine="h5netcdf", decode_timedelta=False) as data:
        return data.load()


def test_all_that_actors_pay_actors_receive(folder):
    data = run(folder)
    numpy.testing.assert_allclose(total(data, "receives"), total(data, "pays"), rtol=1e-9, atol=1e-6)
    assert float(data.received_by_owners.sel(scenario="renewables").sum()) > 0
    outside = [name for name in data.data_vars if name.startswith("received_by_") or name == "payments"]
    said = {name for actor in actors().values() for key in ("pays", "receives") for name in actor.get(key, [])}
    assert set(outside) <= said, "an indicator of money that no actor pays or receives"


def test_what_actors_bear_and_their_capital_is_the_cost_of_society(folder):
    data = run(folder)
    numpy.testing.assert_allclose(total(data, "bears", "capital"), data.society_cost, rtol=1e-9, atol=1e-6)


def test_cost_of_society_is_that_of_its_own_indicator(folder):
    by_actor = analyse(folder, "by_actor")
    alone = analyse(folder, "alone", "--running", "society_cost:with_capital")
    for name in ("capital", "yearly_cost", "net_present_value", "internal_rate", "payback"):
        numpy.testing.assert_allclose(by_actor[f"actor_{name}"].sel(actor="society"), alone[name], rtol=1e-7, atol=1e-6)
    value = by_actor["actor_net_present_value"].isel(discount_rate=1)
    numpy.testing.assert_allclose(value.sel(actor=list(actors())).sum("actor"), value.sel(actor="society"), rtol=1e-9)
    gains = value.sel(intervention="hoa_khanh_roofs")
    assert float(gains.sel(actor="owner")) > 0 == float(gains.sel(actor="supplier"))


def test_a_fee_is_a_transfer_and_no_cost_of_society(folder):
    before = run(folder, "-s", "baseline")
    after = run(folder, "-s", "baseline", "--set", "parameters.wastewater_fee_amata=20000 VND/m3")
    paid, received, society = (
        float((only(after, "baseline", "amata", name) - only(before, "baseline", "amata", name)).sum())
        for name in ("payments", "received_by_operator", "society_cost"))
    assert paid > 1000  # million VND
    assert abs(paid - received) < 1e-6 * paid
    assert society == 0


def test_firms_pay_fees_for_their_own_wastewater_alone(folder):
    fees = []
    for fee in (5000, 8000):
        data = run(folder, "-s", "shared_treatment", "--set", f"parameters.wastewater_fee_amata={fee} VND/m3")
        paid, back, water = (only(data, "shared_treatment", "amata", name)
                             for name in ("payments", "fees_of_plants", "wastewater_generated"))
        fees.append(paid - back)
    numpy.testing.assert_allclose(fees[1] - fees[0], 3000e-6 * water, rtol=1e-6)
    assert float(back.sum()) > 100  # million VND


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
    numpy.testing.assert_allclose(total(data, "capital"), data.capital_cost, rtol=1e-9, atol=1e-6)
    by_actor = [data[f"{actor}_capital"] for actor in ("firms", "operators", "owners")]
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
