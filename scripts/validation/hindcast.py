#!/usr/bin/python3
"""Holds the pilot of 2015-2019 and the programme of 2020-2023 against what was reported, before and after a fit to the
pilot.

Reads   scenarios/vietnam: pilot.yaml, pilot_fit.yaml, programme.yaml and their checks; scenarios/evidence/*.csv
Writes  docs/validation.md                      (the tables between its marks)
        docs/images/validation.png              (model over report)
        scenarios/vietnam/pilot_posterior.yaml  (what the fit found)

z and verdict are those of `parkflow check --run`; medians and 90 % intervals are of sweeps. Without --update nothing is
written, and it fails where tables or posterior are not those of this run.

  scripts/validation/hindcast.py [--parkflow build/release/parkflow] [--update]
Needs Debian's python3-numpy, python3-xarray, python3-h5netcdf, python3-matplotlib and python3-yaml.
"""
import argparse
import csv
import difflib
import io
import pathlib
import re
import subprocess
import sys
import tempfile

import netCDF4  # noqa: F401 (so that xarray finds its engine)
import numpy
import xarray
import yaml

import reports
from picture import draw

ROOT = pathlib.Path(__file__).resolve().parents[2]
VIETNAM = ROOT / "scenarios/vietnam"
PAGE, PICTURE = ROOT / "docs/validation.md", ROOT / "docs/images/validation.png"
POSTERIOR = VIETNAM / "pilot_posterior.yaml"
CHECKS = {"pilot": VIETNAM / "pilot_checks.yaml", "programme": VIETNAM / "checks.yaml"}
# What is left out of the fit together: reports lump parks, and fuel is told of Hòa Khánh and Trà Nóc as one.
LEFT_OUT = {"Trà Nóc": ["tra_noc_electricity", "tra_noc_water", "other_parks_fuel"],
            "the other parks": ["other_parks_electricity", "other_parks_water", "other_parks_fuel"]}
SHARED = ["carried_out_effect", "carried_out_power", "carried_out_heat", "carried_out_water", "saving_steam",
          "saving_water", "saving_fish_water"]
MARGIN = "--set=accounting.grid=margin"  # the factor that savings are counted with
MEMBERS = 768
THOUSANDS = {"GWh", "thousand m3", "TJ", "kt CO2", "kt CO2e", "billion VND"}  # in it a thousand of an indicator's unit
BLOCK = re.compile(r"(<!-- hindcast: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parkflow", default="build/release/parkflow", help="the program")
    parser.add_argument("--update", action="store_true", help="write the page's tables, the picture and the posterior")
    return parser.parse_args()


def call(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


# ---- the program's answers ----

def fitted(parkflow, folder, name, left_out=()):
    """A posterior file, fitted to all observations but these."""
    path = folder / f"{name}.yaml"
    options = [part for check in left_out for part in ("--leave-out", check)]
    call(parkflow, "fit", VIETNAM / "pilot_fit.yaml", "--use", path, *options)
    return path


def over(folder, model, posterior):
    """The pilot or the programme with a posterior laid over it; as it is without one."""
    if not posterior:
        return VIETNAM / f"{model}.yaml"
    path = folder / f"{model}_{posterior.name}"
    path.write_text(f"parkflow: 1\nuse: [{VIETNAM / model}.yaml, {posterior}]\n", encoding="utf-8")
    return path


def held(parkflow, model):
    """By check: z and verdict."""
    rows = csv.DictReader(io.StringIO(call(parkflow, "check", model, "--run", "--csv", MARGIN)))
    return {row["check"]: {"z": signed(row["z"]), "says": row["says"]} for row in rows}


def signed(z):
    return f"{round(float(z), 1) + 0.0:+.1f}" if z else ""


def saved(data, check):
    """The saving or change of a check by member, in its unit."""
    change = check.get("saving") or check["change"]
    years = [year for year in data.period.values if re.fullmatch(r"\d{4}", year) and in_period(year, check["period"])]
    parks = check.get("park", "all")
    amount = data[check["indicator"]].sel(period=years, park=[parks] if isinstance(parks, str) else parks)
    amount = amount.sum(["period", "park"])
    sign = -1 if "saving" in check else 1
    unit = unit_of(check)
    held_year = 365.2425 / 365 if "freeze" in check else 1
    return sign * (amount.sel(scenario=change["of"]) - amount.sel(scenario=change["against"])).values \
        * held_year / (1000 if unit in THOUSANDS else 1)


def in_period(year, period):
    ends = str(period).split("..")
    return ends[0] <= year <= ends[-1]


def unit_of(check):
    return re.sub(r"^[\d.e ]+(\+- [\d.]+ )?", "", observed_text(check)).removesuffix("/year")


def observed_text(check):
    return str(check.get("observed") or check["at_least"])


def swept(parkflow, model, checks, folder):
    """By check: median and 90 % interval of the members. One sweep for all that hold the same."""
    found, freezes = {}, []
    freezes += [check.get("freeze") for check in checks.values() if check.get("freeze") not in freezes]
    for freeze in [f for i, f in enumerate(freezes) if f not in freezes[:i]]:
        alike = {name: check for name, check in checks.items() if check.get("freeze") == freeze}
        settings = [f"--set=accounting.freeze.{key}={value}" for key, value in (freeze or {}).items()]
        scenarios = sorted({(check.get("saving") or check["change"])["of"] for check in alike.values()})
        out = folder / "sweep.h5"
        call(parkflow, "sweep", model, "-n", MEMBERS, "--design", "latin_hypercube", "--keep", "annual", "--threads", 1,
             *[part for name in scenarios for part in ("-s", name)], MARGIN, *settings, "-q", "-o", out)
        with xarray.open_dataset(out, engine="h5netcdf", group="members") as data:
            for name, check in alike.items():
                found[name] = numpy.quantile(saved(data, check), [0.05, 0.5, 0.95])
    return found


def answers(parkflow, folder, model, posterior, with_sweep):
    """By check: z, verdict and, if asked for, the interval."""
    path = over(folder, model, posterior)
    found = held(parkflow, path)
    checks = load_checks(model)
    for name, interval in (swept(parkflow, path, checks, folder) if with_sweep else {}).items():
        found[name]["interval"] = interval
    return found


def load_checks(model):
    return yaml.load(CHECKS[model].read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["checks"]


def collect(parkflow, folder):
    """By model: the answers before and after the fit, and without each group of parks; and the posterior files."""
    posteriors = {"before": None, "after": fitted(parkflow, folder, "pilot_posterior")}
    for place, (group, names) in enumerate(LEFT_OUT.items()):
        posteriors[group] = fitted(parkflow, folder, f"without_{place}", names)
    results = {model: {name: answers(parkflow, folder, model, path, name not in LEFT_OUT)
                       for name, path in posteriors.items()} for model in CHECKS}
    return results, posteriors


# ---- tables ----

def number(value):
    """Two significant digits, three from 100 on where the first is a 1."""
    if abs(value) < 1e-9:
        return "0"
    digits = 3 if f"{abs(value):e}"[0] == "1" else 2
    places = digits - 1 - int(numpy.floor(numpy.log10(abs(value))))
    return f"{round(value, places):,.{max(0, places)}f}".replace(",", " ")


def interval_text(interval):
    low, middle, high = (number(value) for value in interval)
    return f"{middle} ({low} to {high})"


def use_of(check):
    return "derived" if "derived_from" in check else check["use"]


def reported_of(check):
    """Its title with the unit, and the figure."""
    figure = observed_text(check).removesuffix("/year").removesuffix(unit_of(check)).strip()
    figure = re.sub(r"^(.+)\.\.(.+)$", r"\1 to \2", figure).replace("+-", "±")
    title = check["title"]["en"].removesuffix(", at least")
    return [f"{title}, {unit_of(check)}", f"at least {figure}" if "at_least" in check else figure]


def row(name, check, results):
    cells = reported_of(check)
    for when in ["before", "after"]:
        cells += [interval_text(results[when][name]["interval"]), results[when][name]["z"]]
    return cells + [results["after"][name]["says"]]


def table(heading, rows):
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def against_reports(results, model, uses):
    """Rows of one kind of use; where that is not `test`, with the use."""
    rows = []
    for name, check in load_checks(model).items():
        if use_of(check) in uses:
            says = [use_of(check)] if uses != ["test"] else []
            rows.append(row(name, check, results[model])[:None if uses == ["test"] else -1] + says)
    last = "after the fit" if uses == ["test"] else "use"
    return table(["reported of", "report", "before, median (90 %)", "z", "after", "z", last], rows)


def counts(results):
    """How many tests agree, by model and fit."""
    names = ["agrees", "differs", "too wide", "holds", "fails"]
    rows = []
    for model in CHECKS:
        tests = [name for name, check in load_checks(model).items() if use_of(check) == "test"]
        for when, title in [("before", "priors alone"), ("after", "fitted to the pilot")]:
            says = [results[model][when][name]["says"] for name in tests]
            rows.append([model, title] + [str(says.count(name)) for name in names])
    return table(["", "", "agree", "differ by more than 2 sd", "too wide to tell", "bounds hold", "bounds fail"], rows)


def left_out_of_the_pilot(results):
    """Each group predicted from the others: z of what was left out."""
    checks, rows = load_checks("pilot"), []
    for group, names in LEFT_OUT.items():
        for name in names:
            rows.append([group, *reported_of(checks[name])]
                        + [results["pilot"][when][name]["z"] for when in ["before", group, "after"]])
    heading = ["left out", "reported of", "report", "z before", "z, predicted from the others", "z, fitted to all"]
    return table(heading, rows)


def tests_by_fit(results):
    """The programme's tests by what the fit was to."""
    rows = [reported_of(check) + [results["programme"][when][name]["z"] for when in ["before", "after", *LEFT_OUT]]
            for name, check in load_checks("programme").items() if use_of(check) == "test"]
    return table(["z of", "report", "priors", "fitted to all", *[f"without {group}" for group in LEFT_OUT]], rows)


def value_text(value):
    """A parameter's middle, and its spread where it says it."""
    if "lognormal" in value:
        median, gsd = (float(value["lognormal"][key]) for key in ("median", "gsd"))
        return f"{median:.2f} ({median * gsd ** -1.645:.2f} to {median * gsd ** 1.645:.2f})"
    (middle, unit), (sd, _) = (split_unit(value["truncnormal"][key]) for key in ("mean", "sd"))
    return f"{number(middle)} ± {number(sd)}{unit}"


def split_unit(text):
    value, _, unit = str(text).partition(" ")
    return float(value), f" {unit}" if unit else ""


def prior_text(name):
    """As the catalogue has it."""
    written = yaml.safe_load((VIETNAM / "catalogue.yaml").read_text(encoding="utf-8"))["parameters"].get(name)
    if written:
        return value_text(written)
    for line in (VIETNAM / "catalogue.csv").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name},"):
            return re.search(r",([\d.]+\.\.[\d.]+\.\.[\d.]+( %)?),", line)[1]


def estimates(posteriors):
    values = {when: yaml.safe_load(path.read_text(encoding="utf-8"))["parameters"]
              for when, path in posteriors.items() if path}
    rows = [[f"`{name}`", prior_text(name)] + [value_text(values[when][name]) for when in ["after", *LEFT_OUT]]
            for name in SHARED]
    return table(["", "prior", "fitted to all", *[f"without {group}" for group in LEFT_OUT]], rows)


def make_blocks(results, posteriors):
    return {"counts": counts(results),
            "pilot_fitted": against_reports(results, "pilot", ["fit"]),
            "pilot_tests": against_reports(results, "pilot", ["test"]),
            "pilot_others": against_reports(results, "pilot", ["derived", "context", "prior"]),
            "programme_tests": against_reports(results, "programme", ["test"]),
            "programme_others": against_reports(results, "programme", ["derived", "context", "prior"]),
            "left_out": left_out_of_the_pilot(results), "by_fit": tests_by_fit(results),
            "estimates": estimates(posteriors),
            "factors": table(*reports.factors()), "prices": table(*reports.prices()),
            "sums": table(*reports.sums())}


# ---- the kept files ----

def new_page(blocks):
    text = PAGE.read_text(encoding="utf-8")
    marked = [match[1] for match in re.findall(r"(<!-- hindcast: (\w+) -->)", text)]
    if sorted(marked) != sorted(blocks):
        sys.exit(f"{PAGE.name} marks {sorted(marked)}, there are {sorted(blocks)}")
    return BLOCK.sub(lambda match: match[1] + "\n" + blocks[match[2]] + "\n" + match[4], text)


def numbers_of(path):
    """A posterior's numbers, by place."""
    text = path.read_text(encoding="utf-8")
    return [float(number) for number in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e[-+]?\d+)?", text)]


def is_stale(page, posterior):
    """Says what is not as in this run."""
    kept, new = numbers_of(POSTERIOR), numbers_of(posterior)
    moved = len(kept) != len(new) or not numpy.allclose(kept, new, rtol=1e-5, atol=1e-7)
    if moved:
        print(f"{POSTERIOR.name} is not what `parkflow fit` finds now")
    text = PAGE.read_text(encoding="utf-8")
    print("".join(difflib.unified_diff(text.splitlines(True), page.splitlines(True), PAGE.name, "this run")), end="")
    return moved or page != text


def main():
    given = arguments()
    with tempfile.TemporaryDirectory() as name:
        results, posteriors = collect(given.parkflow, pathlib.Path(name))
        page = new_page(make_blocks(results, posteriors))
        if not given.update:
            sys.exit(is_stale(page, posteriors["after"]))
        PAGE.write_text(page, encoding="utf-8")
        POSTERIOR.write_bytes(posteriors["after"].read_bytes())
    draw({model: (load_checks(model), results[model]) for model in CHECKS}, PICTURE)


if __name__ == "__main__":
    main()
