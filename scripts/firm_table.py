#!/usr/bin/python3
"""The firms of a model's parks as a table: output, electricity, heat, water, wastewater with COD and nitrogen, fuel.

Runs the model's baseline at its medians, with an indicator for each figure laid over it. A row is a firm, or a group of
firms of one sector; of groups by worker the output is workers. Fuel is that of boilers and furnaces inside a firm's own
fence; who only sells steam has a row for its fuel, and what all others of a park share is `(shared boilers and furnaces)`.

  scripts/firm_table.py scenarios/vietnam/programme.yaml --year 2019 > firms.csv
  scripts/firm_table.py scenarios/vietnam/programme.yaml --park hoa_khanh
Needs Debian's python3-h5py, python3-numpy and python3-yaml.
"""
import argparse
import csv
import io
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy
import yaml

FUELS = ["coal", "fuel_oil", "diesel", "lpg", "natural_gas", "biomass", "biogas"]
NEEDS = {"electricity_MWh": ("electricity", "MWh"), "steam_GJ": ("steam", "GJ"), "process_heat_GJ": ("process_heat", "GJ"),
         "freshwater_m3": ("freshwater", "m3"), "service_water_m3": ("service_water", "m3")}
YIELDS = {"wastewater_m3": ("wastewater", "m3"), "cod_t": ("wastewater.cod", "t"), "tn_t": ("wastewater.tn", "t")}
HEAD = ["park", "firm", "title", "sector", "output", "unit", *NEEDS, *YIELDS, *(f"{fuel}_GJ" for fuel in FUELS), "source"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--year", default="2019")
    parser.add_argument("--park", action="append", help="only this one; may be repeated")
    parser.add_argument("--parkflow", default="build/release/parkflow", help="the program")
    return parser.parse_args()


def resolved_input(parkflow, model):
    """The whole model as one tree, and the tables that it names."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "input.h5"
        call(parkflow, "run", model, "-q", "-o", out)
        with h5py.File(out) as data:
            documents = list(yaml.load_all(data["input"][()], Loader=yaml.CBaseLoader))
    return documents[0], documents[1] if len(documents) > 1 else {}


def put(tree, path, value):
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def entries(processes, tables):
    """(name, process) with the rows of tables as processes of their own."""
    for name, process in processes.items():
        if "table" not in process:
            yield name, process
            continue
        common = {key: value for key, value in process.items() if key != "table"}
        for row in csv.DictReader(io.StringIO(tables[process["table"]])):
            own = {}
            for header, cell in row.items():
                unit = re.search(r"\[(.*)\]", header)
                if cell != "-":
                    put(own, header.split(" [")[0].split("."), f"{cell} {unit[1]}" if unit else cell)
            yield row["id"], {**common, **own, "output": {**common.get("output", {}), **own.get("output", {})}}


def firms(model, tables, parks):
    """(park, path in it, process): site.process, or process."""
    for park, tree in model["parks"].items():
        if parks and park not in parks:
            continue
        for site, inside in tree.get("sites", {}).items():
            for name, process in entries(inside.get("processes", {}), tables):
                if "output" in process:
                    yield park, f"{site}.{name}", process
        for name, process in entries(tree.get("processes", {}), tables):
            if "output" in process:
                yield park, name, process


def output_unit(process):
    """ "t" of "21700..24500 t/year" """
    return re.sub(r"^[-+\d.e]+\s*|/\s*(year|month|day)$", "", process["output"]["amount"]).strip()


def has(process, what, key):
    return key in process.get(what, {}) or key in process["of_sector"].get(what, {})


def asked_of(park, path, process):
    """Column: the indicator that gives it, of one firm."""
    asked = {"output": (f"{path}.production", output_unit(process))}
    for column, (carrier, unit) in NEEDS.items():
        if has(process, "needs", carrier):
            asked[column] = (f"{path}.needs.{carrier}", unit)
    for column, (part, unit) in YIELDS.items():
        if has(process, "yields", "wastewater"):
            asked[column] = (f"{path}.yields.{part}", unit)
    return {column: (f"{park}.{part}", unit) for column, (part, unit) in asked.items()}


def fuel_of(park, site, inside):
    """The fuels burnt in a fence (or a park's shared boilers), by the boilers and furnaces that stand there."""
    burnt = {process.get("fuel") for process in inside.values()} & set(FUELS)
    place = f"{park}.{site}" if site else park
    return {f"{fuel}_GJ": ([f"{place}.{name}.fuel_energy" for name, process in inside.items()
                            if process.get("fuel") == fuel], "GJ") for fuel in FUELS if fuel in burnt}


def rows_of(model, tables, parks):
    """(head, columns): of each firm, then of who sells steam and of what a park's firms share."""
    for park, path, process in firms(model, tables, parks):
        process["of_sector"] = model.get("sectors", {}).get(process.get("sector"), {})
        head = {"park": park, "firm": path, "title": title_of(process, path), "sector": process.get("sector", ""),
                "unit": output_unit(process), "source": process.get("source") or process["output"].get("source", "")}
        asked = {column: ([part], unit) for column, (part, unit) in asked_of(park, path, process).items()}
        site = path.split(".")[0] if "." in path else None
        if site:
            asked |= fuel_of(park, site, model["parks"][park]["sites"][site]["processes"])
        yield head, asked
    for park, tree in model["parks"].items():
        if parks and park not in parks:
            continue
        for site, inside in tree.get("sites", {}).items():
            if not any("output" in process for process in inside.get("processes", {}).values()):
                yield ({"park": park, "firm": site, "title": title_of(inside, site)},
                       fuel_of(park, site, inside.get("processes", {})))
        yield {"park": park, "firm": "(shared boilers and furnaces)"}, fuel_of(park, "", tree.get("processes", {}))


def title_of(process, path):
    title = process.get("title", path)
    return title if isinstance(title, str) else title.get("en", path)


def run(options, asked, last):
    """The value of each indicator in the year asked for, in the first scenario; `last`: the end of the model's time."""
    with tempfile.TemporaryDirectory() as folder:
        overlay, out = pathlib.Path(folder) / "firms.yaml", pathlib.Path(folder) / "firms.h5"
        overlay.write_text(yaml.safe_dump({"parkflow": "1", "use": [str(options.model.resolve())],
                                           "indicators": asked}, sort_keys=False), encoding="utf-8")
        call(options.parkflow, "run", overlay, "-q", f"--set=time.report={options.year}-01..{last}", "-o", out)
        with h5py.File(out) as data:  # xarray would take half a minute to open hundreds of variables
            years = (numpy.datetime64("1970-01-01") + data["time"][:].astype("timedelta64[D]")).astype("datetime64[Y]")
            steps = years == numpy.datetime64(options.year)
            return {name: float(data[name][0, 0][:, steps].sum()) for name in asked}


def call(*command):
    """Runs a command that says itself what was wrong."""
    status = subprocess.run(list(map(str, command))).returncode
    if status:
        sys.exit(status)


def main():
    options = arguments()
    model, tables = resolved_input(options.parkflow, options.model)
    rows = list(rows_of(model, tables, options.park))
    asked = {f"firm_{i}_{column}": {"is": " + ".join(f"sum({part})" for part in parts), "unit": unit,
                                    "over_time": "sum"}
             for i, (_, columns) in enumerate(rows) for column, (parts, unit) in columns.items()}
    found = run(options, asked, model["time"]["end"])
    out = csv.DictWriter(sys.stdout, HEAD, lineterminator="\n")
    out.writeheader()
    for i, (head, columns) in enumerate(rows):
        out.writerow(head | {column: f"{found[f'firm_{i}_{column}']:.3g}" for column in columns})


if __name__ == "__main__":
    main()
