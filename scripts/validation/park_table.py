#!/usr/bin/python3
"""Prints a year of a sweep as a table by park: median and 90 % interval of the members, or of their change against a
reference. For files of `parkflow sweep --keep annual`.

  scripts/validation/park_table.py results/average.h5 --period 2019 --scenario baseline
  scripts/validation/park_table.py results/average.h5 --period 2023 --scenario as_reported --against baseline
Needs Debian's python3-numpy, python3-xarray and python3-h5netcdf.
"""
import argparse

import netCDF4  # noqa: F401 (so that xarray finds its engine)
import xarray

from hindcast import interval_text, table

# The unit of a column, and how many of the indicator's it is.
COLUMNS = {"electricity_use": ("GWh", 1e3), "fuel_use": ("TJ", 1e3), "freshwater_withdrawal": ("million m3", 1e6),
           "ghg_total": ("kt CO2e", 1e3)}
OTHERS = {"MWh": ("GWh", 1e3), "GJ": ("TJ", 1e3), "m3": ("thousand m3", 1e3), "t CO2e": ("kt CO2e", 1e3),
          "t CO2": ("kt CO2", 1e3), "million VND": ("billion VND", 1e3)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="a results file of a sweep that kept members")
    parser.add_argument("--period", default="2023", help="2023 if not given")
    parser.add_argument("--scenario", default="baseline", help="baseline if not given")
    parser.add_argument("--against", help="show the change against this scenario")
    parser.add_argument("--indicators", default=",".join(COLUMNS), help="names with commas")
    return parser.parse_args()


def amounts(data, given, name):
    values = data[name].sel(period=given.period)
    amount = values.sel(scenario=given.scenario)
    return amount - values.sel(scenario=given.against) if given.against else amount


def column(data, given, name):
    """Its heading, and a text a park."""
    units = data[name].attrs["units"]
    unit, size = COLUMNS.get(name) if name in COLUMNS and not given.against else OTHERS.get(units, (units, 1))
    quantiles = amounts(data, given, name).quantile([0.05, 0.5, 0.95], "member") / size
    return [f"{name}, {unit}"] + [interval_text(quantiles.sel(park=park).values) for park in data.park.values]


def main():
    given = arguments()
    with xarray.open_dataset(given.results, engine="h5netcdf", group="members") as data:
        columns = [["", *map(str, data.park.values)]]
        columns += [column(data, given, name) for name in given.indicators.split(",")]
    heading, *rows = map(list, zip(*columns))
    print(table(heading, rows), end="")


if __name__ == "__main__":
    main()
