#!/usr/bin/python3
"""The totals of the programme's parks in 2019 by up to three estimates each, pooled where they agree.

Reads   scenarios/vietnam/totals/factors.csv  (estimates without the model: factors, each with median and spread)
        scenarios/vietnam/totals/model.yaml   (the programme, for the estimate from below)
Writes  scenarios/vietnam/totals/PARK.yaml    (a system for `parkflow reconcile`, a park each)

Estimates are products of factors that are known to tens of per cent, so all is done with natural logarithms: a
factor's geometric standard deviation becomes a standard deviation, products become sums, and pooling is linear. Two
estimates that lie more than two standard deviations apart are not pooled: both are printed, and that is where it ends.

The model is swept at 1 and 2 times the country's electricity a worker (`worker_electricity`), with the same draws: what
doubles is the groups' by worker, what stays is that of named firms and plants. So the estimate from below has the prior
of that value put on, not the one that the model runs with, into which the estimates from above have gone. For the same
reason Amata's water is that of the other parks' workers, without the correction by its measured wastewater.

  scripts/park_totals.py [--members 4096] [--parkflow build/release/parkflow] [--write FOLDER]
Needs Debian's python3-numpy, python3-xarray and python3-h5netcdf.
"""
import argparse
import csv
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
import xarray

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scenarios/vietnam/totals"
PRIOR_GSD = 1.35  # of the parks' electricity a worker against the country's, before the estimates from above
BEFORE = {"amata_water": 1}  # other parameters that estimates of factors.csv have gone into
APART = 2.0  # standard deviations beyond which two estimates are not pooled
ALIKE = 0.5  # correlation of the errors of estimates from above: shares of parks and sectors are one judgement for all
TITLES = {"dinh_vu": "Đình Vũ", "hoa_khanh": "Hòa Khánh", "amata": "Amata", "tra_noc": "Trà Nóc 1+2",
          "hiep_phuoc": "Hiệp Phước"}
PARTS = {"tra_noc": {"electricity": ["tra_noc_1", "tra_noc_2", "shared"], "wastewater": ["shared"]}}
UNITS = {"electricity": "GWh/year", "wastewater": "m3/day"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=4096, help="of the model's sweep, for the estimate from below")
    parser.add_argument("--parkflow", default="build/release/parkflow", help="the program")
    parser.add_argument("--write", type=pathlib.Path, default=FOLDER, help="the folder for PARK.yaml")
    return parser.parse_args()


def call(*command):
    """Runs a command that says itself what was wrong."""
    status = subprocess.run(list(map(str, command))).returncode
    if status:
        sys.exit(status)


def swept(parkflow, members, times, folder):
    """Electricity and wastewater of 2019 by member and park, the groups at so many times the country's value."""
    out = pathlib.Path(folder) / f"{times}.h5"
    settings = [f"--set=parameters.{name}={value}" for name, value in {**BEFORE, "worker_electricity": times}.items()]
    call(parkflow, "sweep", FOLDER / "model.yaml", "-n", members, "--design", "sobol", "-s", "as_reported",
         "--keep", "annual", "--threads", 1, "--set=time.report=2019-01..2023-12", *settings, "-q", "-o", out)
    with xarray.open_dataset(out, engine="h5netcdf", group="members") as data:
        data = data.sel(scenario="baseline", period="2019")[["electricity_use", "plant_inflow"]].load()
    return {"electricity": data["electricity_use"] / 1e3, "wastewater": data["plant_inflow"] / 365}


def of_park(values, park, quantity):
    return values.sel(park=PARTS.get(park, {}).get(quantity, [park])).sum("park").values


def from_below(parkflow, members):
    """By park: ln of both quantities by member with worker_electricity at 1, and the share that scales with it."""
    with tempfile.TemporaryDirectory() as folder:
        once, twice = (swept(parkflow, members, times, folder) for times in (1, 2))
    found = {}
    for park in TITLES:
        power, doubled = (of_park(run["electricity"], park, "electricity") for run in (once, twice))
        found[park] = {"electricity": numpy.log(power), "groups": (doubled - power) / power,
                       "wastewater": numpy.log(of_park(once["wastewater"], park, "wastewater"))}
    return found


def read_factors():
    with open(FOLDER / "factors.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def estimates(factors, below, park, quantity):
    """Name: (mean, sd) of the logarithm, each estimate by itself."""
    found = {}
    for row in factors:
        if (row["park"], row["quantity"]) == (park, quantity):
            mean, variance = found.get(row["estimate"], (0.0, 0.0))
            found[row["estimate"]] = (mean + math.log(float(row["median"])),
                                      variance + math.log(float(row["gsd"])) ** 2)
    found = {name: (mean, math.sqrt(variance)) for name, (mean, variance) in found.items()}
    model = below[park]
    shared = model["groups"].mean() * math.log(PRIOR_GSD) if quantity == "electricity" else 0.0
    found["from_below"] = (model[quantity].mean(), math.hypot(model[quantity].std(), shared))
    return found


def apart(found):
    """The largest distance between two estimates, in standard deviations of their difference."""
    values = list(found.values())
    return max((abs(a - b) / math.hypot(s, t) for i, (a, s) in enumerate(values) for b, t in values[:i]), default=0.0)


def number(value):
    return f"{value:.4f}"


def parameter(name, mean, sd, source, assumption):
    source = f"source: {source}, " if source else ""
    return f'  {name}: {{value: {number(mean)} +- {number(sd)}, {source}assumption: "{assumption}"}}'


def system(park, factors, found):
    """The text of PARK.yaml: factors as parameters, estimates as their sums, equal to the total where they agree."""
    flows, parameters, equations = [], [], []
    for quantity, each in found.items():
        pooled = apart(each) <= APART
        for estimate, (mean, sd) in each.items():
            total = quantity if pooled else f"{quantity}_{estimate}"
            if f"  {total}:" not in [line.split(" {")[0] for line in flows]:
                flows.append(f"  {total}: {{from: outside, to: park, amount: unknown}} # ln of {UNITS[quantity]}")
            rows = [row for row in factors
                    if (row["park"], row["quantity"], row["estimate"]) == (park, quantity, estimate)]
            for row in rows:
                what = f"ln of {row['median']} {row['unit']}, gsd {row['gsd']}: {row['assumption']}"
                parameters.append(parameter(f"{quantity}_{estimate}_{row['factor']}", math.log(float(row["median"])),
                                            math.log(float(row["gsd"])), row["source"], what))
            if not rows:
                parameters.append(parameter(f"{quantity}_{estimate}_model", mean, sd, "",
                                            f"the model's, ln of {math.exp(mean):.0f} {UNITS[quantity]}"))
            terms = [f"{quantity}_{estimate}_{row['factor']}" for row in rows] or [f"{quantity}_{estimate}_model"]
            equations.append(f"  {quantity}_{estimate}: {total} = {' + '.join(terms)}")
    return "\n".join([
        "# Written by scripts/park_totals.py from factors.csv and a sweep of model.yaml: do not edit.",
        "# All values are natural logarithms: products are sums, and a spread by a factor is a standard deviation.",
        f"#   parkflow reconcile scenarios/vietnam/totals/{park}.yaml",
        "parkflow: 1", f'title: {{en: "{TITLES[park]}, totals of 2019", vi: "{TITLES[park]}, tổng lượng năm 2019"}}',
        'unit: "1"', f"prefix: {park}_", "flows:", *flows, "processes: {park: {balance: []}}",
        "parameters:", *parameters, "equations:", *equations, ""])


def reconciled(parkflow, system_file):
    """Name: (mean, sd) of all quantities of a PARK.yaml after pooling."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "totals.h5"
        call(parkflow, "reconcile", system_file, "-q", "-o", out)
        with xarray.open_dataset(out, engine="h5netcdf") as data:
            return {str(name): (float(mean), float(sd)) for name, mean, sd in
                    zip(data["quantity"].values, data["reconciled"].values, data["reconciled_sd"].values)}


def amount(mean, sd):
    """Two digits of the median and of the 90 % interval."""
    low, middle, high = (float(f"{math.exp(mean + k * sd):.2g}") for k in (-1.645, 0, 1.645))
    return f"{middle:,.0f} ({low:,.0f}-{high:,.0f})"


def print_park(park, found, pooled, groups):
    for quantity, each in found.items():
        distance = apart(each)
        row = [f"{name.replace('_', ' ')} {amount(*value)}" for name, value in each.items()]
        verdict = f"{distance:.1f} sd apart: "
        verdict += f"pooled {amount(*pooled[quantity])}" if distance <= APART else "NOT pooled"
        print(f"{TITLES[park]:12} {quantity}, {UNITS[quantity]}: " + "; ".join(row) + f"; {verdict}")
    print(f"{'':12} electricity of named firms and plants: {1 - numpy.median(groups):.0%} of the model's")


def shared_factor(factors, below):
    """What the estimates from above say of worker_electricity: generalised least squares with its prior, logarithms."""
    parks = sorted({row["park"] for row in factors if row["use"] == "prior"})
    above = numpy.array([estimates(factors, below, park, "electricity")["from_above"] for park in parks])
    model = numpy.array([below[park]["electricity"] for park in parks])
    slope = numpy.array([below[park]["groups"].mean() for park in parks])
    alike = numpy.outer(above[:, 1], above[:, 1]) * (ALIKE + (1 - ALIKE) * numpy.eye(len(parks)))
    weight = numpy.linalg.inv(alike + numpy.cov(model))
    precision = slope @ weight @ slope + 1 / math.log(PRIOR_GSD) ** 2
    return parks, slope @ weight @ (above[:, 0] - model.mean(axis=1)) / precision, math.sqrt(1 / precision)


def main():
    options = arguments()
    factors, below = read_factors(), from_below(options.parkflow, options.members)
    print("Median and 90 % interval. from above: power sold; from below: the model; by land, by nameplate: plants")
    for park in TITLES:
        found = {quantity: estimates(factors, below, park, quantity) for quantity in UNITS}
        system_file = options.write / f"{park}.yaml"
        system_file.write_text(system(park, factors, found), encoding="utf-8")
        print_park(park, found, reconciled(options.parkflow, system_file), below[park]["groups"])
    parks, mean, sd = shared_factor(factors, below)
    print(f"worker_electricity: prior 1, gsd {PRIOR_GSD}; with the estimates from above of "
          f"{', '.join(TITLES[park] for park in parks)}: median {math.exp(mean):.2f}, gsd {math.exp(sd):.2f}")


if __name__ == "__main__":
    main()
