"""scripts/firm_table.py: the figures of a firm are those of its flows, and the fuels of a park add up to what it burns."""
import csv
import io
import subprocess
import sys

import h5py
import numpy

import each_test

PARKFLOW = sys.argv[1]
MODEL, YEAR = "scenarios/vietnam/programme.yaml", "2020"
FLOWS = {"electricity_MWh": "needs.electricity", "steam_GJ": "needs.steam", "freshwater_m3": "needs.freshwater",
         "wastewater_m3": "yields.wastewater"}
UNITS = {("electricity_MWh", "MWh"): 1, ("electricity_MWh", "kWh"): 1e-3, ("steam_GJ", "GJ"): 1, ("steam_GJ", "MJ"): 1e-3,
         ("freshwater_m3", "m3"): 1, ("wastewater_m3", "m3"): 1}


def firms(*options):
    done = subprocess.run(["/usr/bin/python3", "scripts/firm_table.py", MODEL, "--year", YEAR, "--parkflow", PARKFLOW,
                           *options], capture_output=True, text=True, check=True)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def of_2020(data):
    days = data["time"][:]
    return (days >= 18262) & (days < 18628)  # 2020-01-01 and 2021-01-01, days since 1970


def run(folder):
    out = f"{folder}/flows.h5"
    subprocess.run([PARKFLOW, "run", MODEL, "-s", "baseline", "--flows", "-q", "-o", out], check=True)
    return h5py.File(out)


def close(a, b):
    """To the three digits that are printed."""
    return abs(a - b) <= 0.006 * abs(b) + 1e-9


def test_each_figure_is_the_sum_of_its_flow(folder):
    with run(folder) as data:
        year = of_2020(data)
        names, units = data["flow"].asstr()[:], data["flow_unit"].asstr()[:]
        sums = dict(zip(names, data["flow_amount"][0, 0][:, year].sum(axis=1)))
        unit = dict(zip(names, units))
        found = 0
        for row in firms():
            for column, part in FLOWS.items():
                name = f"{row['park']}.{row['firm']}.{part}"
                if name in sums and row[column]:
                    assert close(float(row[column]), sums[name] * UNITS[column, unit[name]]), (name, row[column], sums[name])
                    found += 1
        assert found > 200


def test_the_fuels_of_a_park_add_up_to_what_it_burns(folder):
    with run(folder) as data:
        parks, year = list(data["park"].asstr()[:]), of_2020(data)
        burnt = data["fuel_use"][0, 0][:, year].sum(axis=1)
    for park in ("dinh_vu", "hoa_khanh", "hiep_phuoc"):
        rows = [row for row in firms("--park", park) if row["park"] == park]
        total = sum(float(row[key] or 0) for row in rows for key in row if key.endswith("_GJ")
                    and key not in ("steam_GJ", "process_heat_GJ"))
        assert numpy.isclose(total, burnt[parks.index(park)], rtol=0.01), (park, total, burnt[parks.index(park)])


sys.exit(each_test.run(globals()))
