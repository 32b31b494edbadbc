#!/usr/bin/python3
"""The tutorial's park worked out a second time, from the documentation alone, and compared with parkflow's results.

Usage: tutorial_model.py BINARY

The equations are those of docs/language.md and of the types in scenarios/library/, written out as on paper; the
numbers are read from scenarios/tutorial/, each with the unit that it is expected to have. Medians follow from the
formula of each distribution, adoption is integrated by Gauss-Legendre quadrature, the water loop is closed by bisection
and its load by a linear equation. Runs BINARY on the model, as it stands and with settings that bring its limits to
bear, opens the results with xarray, and compares all indicators and all flows, park by park, month by month, scenario
by scenario.
"""
import csv
import datetime
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import xarray as xr
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "scenarios" / "tutorial"
TOLERANCE = 1e-10
MONTHS = [datetime.date(year, month, 1) for year in range(2019, 2024) for month in range(1, 13)]
ENDS = MONTHS[1:] + [datetime.date(2024, 1, 1)]
DAYS = np.array([(end - start).days for start, end in zip(MONTHS, ENDS)], float)
DAYS_IN_YEAR = np.array([366.0 if month.year % 4 == 0 else 365.0 for month in MONTHS])
GWP = {"ar4": (25.0, 298.0), "ar5": (28.0, 265.0), "ar6": (27.0, 273.0)}  # of CH4 and N2O, kg CO2e a kg
GJ_PER_MWH = 3.6
CASES = {
    "as written": {},
    "treatment too small": {"parks.demo.processes.wwtp.limit": "1450 m3/day"},
    "reuse limited from the start": {"parks.demo.processes.reuse.limit": "60 m3/day",
                                     "interventions.water_reuse.adoption.start": "2021-03-11"},
    "reuse of all that is treated": {"parks.demo.processes.wwtp.limit": "100 m3/day",
                                     "parks.demo.processes.reuse.recovery": "95 %"},
    "other accounting": {"accounting.gwp": "ar6", "accounting.grid": "margin",
                         "interventions.efficient_drives.adoption.ceiling": "85 %",
                         "parameters.electricity_price.series.2019-03-20": "2100 VND/kWh"},
    "every month reported": {"time.report": "2019-01..2023-12"},
}


# --- numbers of the model file ---

def triangular_median(low, mode, high):
    if mode >= (low + high) / 2:
        return low + np.sqrt((high - low) * (mode - low) / 2)
    return high - np.sqrt((high - low) * (high - mode) / 2)


def median(value, unit):
    """12 UNIT, low..high UNIT, low..mode..high UNIT or a lognormal, at its median; the unit must be as expected."""
    if isinstance(value, dict):
        return median(value["lognormal"]["median"], unit)
    number, _, written = value.partition(" ")
    assert written == unit, f"{value}: expected a value in {unit or 'no unit'}"
    parts = [float(part) for part in number.split("..")]
    if len(parts) == 3:
        return triangular_median(*parts)
    return sum(parts) / len(parts)


def percent(value):
    return median(value, "%") / 100


def date(text):
    year, month, day = (text.split("-") + ["1"])[:3]
    return datetime.date(int(year), int(month), int(day))


def read(name):
    return yaml.load((TUTORIAL / name).read_text(encoding="utf-8"), yaml.BaseLoader)


def set_in(tree, keys, value):
    for key in keys[:-1]:
        tree = tree[key]
    tree[keys[-1]] = value


def activity():
    with open(TUTORIAL / "activity.csv", encoding="utf-8", newline="") as file:
        values = {date(row["date"]): float(row["demo"]) for row in csv.DictReader(file)}
    return np.array([values[month] for month in MONTHS])


def mean_of_dated(series, unit):
    """Each value holds from its date to the next; averaged day by day over each month."""
    steps = sorted((date(key), median(value, unit)) for key, value in series.items())
    def on(day):
        return [value for start, value in steps if start <= day][-1]
    return np.array([np.mean([on(start + datetime.timedelta(d)) for d in range((end - start).days)])
                     for start, end in zip(MONTHS, ENDS)])


# --- adoption: its mean over each month ---

def logistic_mean(start, midpoint, ceiling):
    """c / (1 + exp(-k (t - midpoint))), k = ln 99 / (midpoint - start), from `start` on; time in days."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    k = np.log(99) / (midpoint - start).days
    mean = np.zeros(len(MONTHS))
    for i, (first, last) in enumerate(zip(MONTHS, ENDS)):
        low, high = (max(first, start) - midpoint).days, (last - midpoint).days
        if last > start:
            time = (low + high) / 2 + (high - low) / 2 * nodes
            curve = ceiling / (1 + np.exp(-k * time))
            mean[i] = (high - low) / 2 * np.dot(weights, curve) / (last - first).days
    return mean


def step_mean(start):
    return np.array([np.clip((end - start).days, 0, (end - first).days) / (end - first).days
                     for first, end in zip(MONTHS, ENDS)])


# --- the water loop of one month: sewage -> treatment -> reclamation -> its reject is sewage again ---

def sewage_with_reuse(firms, treatable, feed_limit, recovery, service):
    """The sewage of firms and reject, m3 a day. What is treated may feed the reclamation plant up to its limit; this
    makes no more service water than is asked for, and rejects the rest of what it took. reject(sewage) grows by less
    than the sewage does, so the difference has one root; found by bisection."""
    def reject(sewage):
        allotted = min(feed_limit, min(treatable, sewage))
        feed = min(service, allotted * recovery) / recovery
        return feed * (1 - recovery)
    low, high = firms, firms + service / recovery
    for _ in range(200):
        middle = (low + high) / 2
        if firms + reject(middle) > middle:
            low = middle
        else:
            high = middle
    return firms + reject(high)


def loads(firms, treated_share, removal, fed_share):
    """kg a day of one component in all sewage: load = firms + fed_share (1 - removal) treated_share load, solved."""
    return firms / (1 - fed_share * (1 - removal) * treated_share)


class Park:
    """Flows in amounts a day (MWh, GJ, m3, t; loads in kg), months along the only axis."""

    def __init__(self, settings):
        model = {**read("factors.yaml"), **read("park.yaml")}
        for path, value in settings.items():
            set_in(model, path.split("."), value)
        park = model["parks"]["demo"]
        brewery = park["sites"]["brewery"]["processes"]
        self.brewing, self.boiler = brewery["brewing"], brewery["boiler"]
        self.own = park["processes"]
        self.interventions = model["interventions"]
        self.accounting = model["accounting"]
        first, last = (date(text) for text in model["time"]["report"].split(".."))
        self.reported = np.array([first <= month <= last for month in MONTHS])
        self.parameters = model["parameters"]
        self.fuel = model["carriers"]["coal"]["properties"]
        self.with_ = {name: scenario.get("with", []) for name, scenario in model["scenarios"].items()}

    def adoption(self, scenario):
        drives, reuse = (self.interventions[name]["adoption"] for name in ["efficient_drives", "water_reuse"])
        assert drives["curve"] == "logistic" and reuse["curve"] == "step"
        zero = np.zeros(len(MONTHS))
        uptake = logistic_mean(date(drives["start"]), date(drives["midpoint"]), percent(drives["ceiling"]))
        return {"efficient_drives": uptake if "efficient_drives" in self.with_[scenario] else zero,
                "water_reuse": step_mean(date(reuse["start"])) if "water_reuse" in self.with_[scenario] else zero}

    def production(self):
        output, index = self.brewing["output"], activity()
        in_2019 = np.array([month.year == 2019 for month in MONTHS])
        assert output["year"] == "2019" and output["index"]["csv"] == "activity.csv"
        average = np.sum(index[in_2019] * DAYS[in_2019]) / np.sum(DAYS[in_2019])
        beer = median(output["amount"], "m3/year") / DAYS_IN_YEAR
        fish = median(self.own["fish"]["output"]["amount"], "t/year") / DAYS_IN_YEAR
        return beer, beer * index / average, fish

    def firms(self, adoption):
        """The brewery's and the seafood plant's needs and sewage, and the loads in it."""
        base, beer, fish = self.production()
        needs, water = self.brewing["needs"], self.brewing["yields"]["wastewater"]
        cut = self.interventions["efficient_drives"]["effects"][0]
        factor = 1 - percent(cut["of"]) * percent(cut["by"]) * adoption["efficient_drives"]
        standing = percent(needs["electricity"]["standing"])
        f = {"brewing.needs.electricity": median(needs["electricity"]["per_output"], "kWh/m3") / 1000 * factor
                                          * (standing * base + (1 - standing) * beer),
             "brewing.needs.steam": median(needs["steam"]["per_output"], "GJ/m3") * beer,
             "brewing.needs.freshwater": median(needs["freshwater"]["per_output"], "m3/m3") * beer,
             "brewing.needs.service_water": median(needs["service_water"]["per_output"], "m3/m3") * beer}
        f["brewing.yields.wastewater"] = percent(water["per_water"]) * (f["brewing.needs.freshwater"]
                                                                       + f["brewing.needs.service_water"])
        # the seafood plant has no index: it makes the same amount on each day of a year, standing needs and all
        needs, sewage = self.own["fish"]["needs"], self.own["fish"]["yields"]["wastewater"]
        f["fish.needs.electricity"] = median(needs["electricity"]["per_output"], "kWh/t") / 1000 * fish
        f["fish.needs.freshwater"] = median(needs["freshwater"]["per_output"], "m3/t") * fish
        f["fish.yields.wastewater"] = percent(sewage["per_water"]) * f["fish.needs.freshwater"]
        load = {key: median(water["load_per_output"][key], "kg/m3") * beer
                     + median(sewage["load_per_output"][key], "kg/t") * fish for key in ["cod", "tn"]}
        return f, load

    def water(self, f, load, adoption):
        plant, reuse = self.own["wwtp"], self.own["reuse"]
        service, firms = f["brewing.needs.service_water"], f["brewing.yields.wastewater"] + f["fish.yields.wastewater"]
        capacity, recovery = median(plant["limit"], "m3/day"), percent(reuse["recovery"])
        before = median(reuse["limit"], "m3/day")
        full = median(self.interventions["water_reuse"]["effects"][0]["to"], "m3/day")
        limit = before + adoption["water_reuse"] * (full - before)
        sewage = np.array([sewage_with_reuse(w, capacity, l, recovery, s) for w, l, s in zip(firms, limit, service)])
        treated = np.minimum(sewage, capacity)
        f["reuse.product"] = np.minimum(service, np.minimum(limit, treated) * recovery)
        f["reuse.feed"] = f["reuse.product"] / recovery
        f["reuse.reject"] = f["reuse.feed"] - f["reuse.product"]
        f["reuse.power"] = f["reuse.feed"] * median(reuse["electricity"], "kWh/m3") / 1000
        f["make_up.service"] = f["make_up.fresh"] = service - f["reuse.product"]
        f["wwtp.inflow"] = f["wwtp.treated"] = treated
        f["wwtp.power"] = treated * median(plant["electricity"], "kWh/m3") / 1000
        f["untreated.discharge"] = sewage - treated
        f["river.discharge"] = treated - f["reuse.feed"]
        removal = {key: percent(plant["removal"][key]) for key in load}
        share = treated / sewage
        total = {key: loads(load[key], share, removal[key], f["reuse.feed"] / treated) for key in load}
        inflow = {key: total[key] * share for key in load}
        removed = inflow["cod"] * removal["cod"]
        f["wwtp.sludge"] = f["landfill.waste"] = removed * median(plant["sludge_yield"], "kg/kg") / 1000
        to_river = (inflow["cod"] - removed) * f["river.discharge"] / treated
        untreated = total["cod"] * (1 - share)
        return {"removed_cod": removed, "nitrogen": inflow["tn"], "discharged_cod": untreated + to_river}

    def supply(self, f):
        heat = f["brewing.needs.steam"]
        calorific, efficiency = median(self.fuel["net_calorific_value"], "GJ/t"), median(self.boiler["efficiency"], "")
        assert np.all(heat <= median(self.boiler["limit"], "GJ/h") * 24), "the boiler is too small for this sheet"
        f["boiler.steam"] = heat
        f["boiler.fuel_in"] = f["coal.bought"] = heat / (efficiency * calorific)
        f["grid.electricity"] = (f["brewing.needs.electricity"] + f["fish.needs.electricity"] + f["wwtp.power"]
                                 + f["reuse.power"])
        f["mains.water"] = f["brewing.needs.freshwater"] + f["fish.needs.freshwater"] + f["make_up.fresh"]
        return f["boiler.fuel_in"] * calorific

    def emissions(self, f, water, fuel_energy):
        p, fuel, (gwp_ch4, gwp_n2o) = self.parameters, self.fuel, GWP[self.accounting["gwp"]]
        grid_factor = p["grid_factor"]["of"][self.accounting["grid"]]
        methane = (water["removed_cod"] * median(p["wastewater_b0"], "kg CH4/kg") * median(p["wastewater_mcf"], ""))
        nitrous = water["nitrogen"] * median(p["wastewater_n2o_factor"], "kg N2O/kg")
        biogenic = median(fuel["biogenic_share"], "")
        burnt = fuel_energy * median(fuel["co2_factor"], "kg CO2/GJ") / 1000
        boiler = (burnt * (1 - biogenic) + fuel_energy / 1000
                  * (median(fuel["ch4_factor"], "kg CH4/GJ") * gwp_ch4
                     + median(fuel["n2o_factor"], "kg N2O/GJ") * gwp_n2o))
        treatment = (methane * gwp_ch4 + nitrous * gwp_n2o) / 1000
        bought = f["grid.electricity"] * median(grid_factor, "t CO2/MWh")
        return {"ghg_scope1": boiler + treatment, "ghg_scope2": bought, "ghg_total": boiler + treatment + bought,
                "ghg_wastewater": treatment, "co2": burnt * (1 - biogenic) + bought, "co2_biogenic": burnt * biogenic}

    def costs(self, f, adoption):
        price = mean_of_dated(self.parameters["electricity_price"]["series"], "VND/kWh")
        running = (f["grid.electricity"] * price * 1000
                   + f["coal.bought"] * 1000 * median(self.own["coal"]["price"], "VND/kg")
                   + f["mains.water"] * median(self.parameters["water_price"], "VND/m3"))
        cost = self.interventions["efficient_drives"]["cost"]
        assert median(cost["running"], "VND/month") == 0
        rise = np.maximum(0, np.diff(adoption["efficient_drives"], prepend=0.0))
        return running / 1e6, median(cost["capital"], "VND") * rise / DAYS / 1e6

    def run(self, scenario):
        """Amounts a month: the indicators, and the flows by their names."""
        adoption = self.adoption(scenario)
        f, load = self.firms(adoption)
        water = self.water(f, load, adoption)
        fuel_energy = self.supply(f)
        operating, capital = self.costs(f, adoption)
        nothing = np.zeros(len(MONTHS))
        a_day = {
            "electricity_use": f["grid.electricity"], "electricity_purchased": f["grid.electricity"],
            "fuel_use": fuel_energy, "final_energy": fuel_energy + f["grid.electricity"] * GJ_PER_MWH,
            "freshwater_withdrawal": f["mains.water"] / (1 - percent(self.own["mains"]["losses"])),
            "water_reused": f["reuse.product"],
            "wastewater_generated": f["brewing.yields.wastewater"] + f["fish.yields.wastewater"],
            "wastewater_untreated": f["untreated.discharge"], "cod_discharged": water["discharged_cod"],
            "waste_disposed": f["landfill.waste"], "operating_cost": operating, "capital_cost": capital,
            "solar_generation": nothing, "avoided_co2": nothing, **self.emissions(f, water, fuel_energy)}
        amounts = {name: (value * DAYS)[self.reported] for name, value in a_day.items()}
        amounts["ghg_per_energy"] = amounts["ghg_total"] / amounts["final_energy"]
        return amounts, {self.path(name): (value * DAYS)[self.reported] for name, value in f.items()}

    def path(self, port):
        inside = port.startswith(("brewing.", "boiler."))
        return f"demo.brewery.{port}" if inside else f"demo.{port}"


# --- the comparison ---

class Comparison:
    passed = failed = 0

    def note(self, what, good, detail=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAILED {what}: {detail}")

    def alike(self, what, given, expected):
        """To 1e-10 of each value; 0 must be 0, and missing missing."""
        given, expected = np.asarray(given, float), np.asarray(expected, float)
        wrong = ~(np.abs(given - expected) <= TOLERANCE * np.abs(expected)) & ~(np.isnan(given) & np.isnan(expected))
        i = int(np.argmax(wrong))
        self.note(what, given.shape == expected.shape and not wrong.any(),
                  f"{int(wrong.sum())} of {wrong.size} months, first {i}: parkflow {given[i]!r}, here {expected[i]!r}")


def indicators_of(data):
    return [name for name in data.data_vars if data[name].dims == ("scenario", "member", "park", "time")]


def compare(c, case, data, park):
    months = np.array([str(month) for month, told in zip(MONTHS, park.reported) if told], "datetime64[ns]")
    c.note(f"{case}: months", np.array_equal(data["time"].values, months))
    c.note(f"{case}: scenarios", list(data["scenario"].values) == list(park.with_))
    c.note(f"{case}: parks", list(data["park"].values) == ["demo", "shared"])
    for scenario in park.with_:
        amounts, flows = park.run(scenario)
        one, where = data.sel(scenario=scenario, member=0), f"{case}, {scenario}"
        kept, names = set(data["flow"].values), set(indicators_of(data))
        c.note(f"{where}: which indicators", names == set(amounts), sorted(names ^ set(amounts)))
        c.note(f"{where}: which flows", kept == set(flows), sorted(kept ^ set(flows)))
        for name, expected in amounts.items():
            c.alike(f"{where}: {name} of the park", one[name].sel(park="demo"), expected)
            shared = np.full(len(months), np.nan if name == "ghg_per_energy" else 0.0)
            c.alike(f"{where}: {name} of what parks share", one[name].sel(park="shared"), shared)
        for name, expected in flows.items():
            c.alike(f"{where}: flow {name}", one["flow_amount"].sel(flow=name), expected)


def run_parkflow(binary, settings, folder):
    path = pathlib.Path(folder) / "park.h5"
    options = [option for key, value in settings.items() for option in ["--set", f"{key}={value}"]]
    subprocess.run([binary, "run", TUTORIAL / "park.yaml", "-o", path, "--flows", "-q", *options], check=True)
    with xr.open_dataset(path, engine="h5netcdf", decode_timedelta=False) as data:
        return data.load()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    c = Comparison()
    with tempfile.TemporaryDirectory() as folder:
        for case, settings in CASES.items():
            compare(c, case, run_parkflow(sys.argv[1], settings, folder), Park(settings))
    print(f"{c.passed} passed, {c.failed} failed")
    sys.exit(c.failed > 0)


if __name__ == "__main__":
    main()
