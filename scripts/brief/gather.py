"""What a brief is made of: the groups of a sweep's file, the analyses that it lacks (run by the engine into the file),
and what only the engine can tell of the model that the file holds: checks, evidence, flows."""
import collections
import csv
import difflib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import xarray as xr
import yaml

EXIT_FAILED, EXIT_WRONG_INPUT = 1, 2
FEWEST_MEMBERS = 30  # of which a range from 5 to 95 % says something

# What a brief reads. years: labels of the statistics' periods, the last the whole time; years_shown: single ones;
# chosen, reference, potential: scenarios; missing: by analysis, what would make it; checks, support: rows of
# `check --csv`; emissions: of members.
Brief = collections.namedtuple("Brief", "given root statistics difference model evidence scenarios chosen reference "
                                        "potential park years years_shown groups missing checks support flows "
                                        "emissions")


def fail(message, status=EXIT_WRONG_INPUT):
    print(f"parkflow brief: {message}", file=sys.stderr)
    raise SystemExit(status)


def check_folder(stem):
    """Before all the work: can the pages be written?"""
    folder = pathlib.Path(stem or "brief").parent
    if not os.access(folder, os.W_OK):
        fail(f"cannot write into the folder {folder}", EXIT_FAILED)
    for place in (pathlib.Path(f"{stem}.{ending}") for ending in ("html", "pdf")):
        if place.is_dir():
            fail(f"cannot write {place}: it is a folder", EXIT_FAILED)


def open_group(path, group=None):
    """In memory and closed, so that the engine can write into the file; None: there is no such group."""
    try:
        with xr.open_dataset(path, group=group, engine="h5netcdf", decode_timedelta=False) as data:
            return data.load()
    except (OSError, KeyError):
        return None


def call(given, *arguments):
    """What the engine prints, and why it could not."""
    done = subprocess.run([given.engine, *map(str, arguments)], capture_output=True, text=True)
    return (done.stdout, None) if done.returncode == 0 else (None, done.stderr.strip())


def nearest(what, name, known):
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}"
    fail(f"no {what} is called '{name}'{hint}")


# ---- the scenarios ----

def list_scenarios(given, folder):
    """By name: titles, reference, and whether it is a potential, as the engine says in its exports."""
    path = pathlib.Path(folder, "scenarios.json")
    _, why = call(given, "export", given.results, "--to", "json", "--park", "all", "-q", "-o", path)
    if why:
        fail(why)
    with open(path, encoding="utf-8") as file:
        return {row["name"]: row for row in json.load(file)["scenarios"] if not row["is_change"]}


def choose_scenario(given, scenarios, difference):
    compared = [name for name, row in scenarios.items() if row["against"]]
    if given.scenario:
        if given.scenario not in compared:
            nearest("scenario with a reference", given.scenario, compared)
        return given.scenario
    if not compared or difference is None:
        fail("no scenario of this sweep has a reference, so that nothing changed; `against:` names one")
    done = [name for name in compared if not scenarios[name]["is_potential"]]
    return (done or compared)[0]


def choose_potential(given, scenarios, saved, chosen):
    """The one that saves most of those that are marked as potentials, against the same reference; none beside a
    potential that the brief itself is about, or where none saves more than what was done. saved: by scenario."""
    known = [name for name, row in scenarios.items()
             if row["is_potential"] and row["against"] == scenarios[chosen]["against"] and name != chosen]
    is_wanted = known and not scenarios[chosen]["is_potential"]
    if given.potential == "none" or not given.potential and not is_wanted:
        return None
    if given.potential:
        if given.potential not in known:
            nearest("other potential against the same reference", given.potential, known)
        return given.potential
    best = max(known, key=saved)
    return best if saved(best) > saved(chosen) else None


# ---- analyses ----

def has_attribution(group, chosen):
    return group is not None and group.attrs.get("scenario") == chosen


def has_scenario(group, name):
    return group is not None and name in list(group["scenario"].values)


def players_of(model, chosen):
    """A scenario that is put together of others is told by these: fewer runs, and fewer bars, than by intervention."""
    listed = model["scenarios"][chosen].get("with", [])
    parts = [name for name in listed if isinstance(listed, list) and name in model["scenarios"]]
    return ["--by", "scenario"] if len(parts) > 1 else []


def analyses_of(given, model, chosen, most_members):
    """Name, options, whether a group that is there will do. `change` is how elasticities name what they are of."""
    count = min(given.members, most_members)
    members = ["--members", count] if count else []
    change = f"{chosen} - {model['scenarios'][chosen]['against']}"
    wanted = [("attribute", ["-s", chosen, *players_of(model, chosen), *members],
               lambda group: has_attribution(group, chosen)),
              ("decompose", ["-s", chosen, *members], lambda group: has_scenario(group, chosen)),
              ("elasticities", ["-s", chosen], lambda group: has_scenario(group, change))]
    if model.get("criteria"):
        wanted.append(("criteria", [], lambda group: has_scenario(group, chosen)))
    return wanted


def tell(given, text):
    if not given.quiet:
        print(text, flush=True)


def analyse(given, model, chosen, most_members):
    """The groups by name, and for each that there is not: the command that makes it, or why it cannot be made."""
    groups, missing = {}, {}
    for name, options, suits in analyses_of(given, model, chosen, most_members):
        command = ["analyse", name, given.results, *options]
        group = open_group(given.results, f"analysis/{name}")
        if not suits(group) and not given.as_it_is:
            tell(given, f"Working out: parkflow {' '.join(map(str, command))}")
            _, why = call(given, *command, "-q")
            if why:
                missing[name] = why.splitlines()[0].removeprefix("parkflow: error: ")
                print(f"parkflow brief: left out, for {name} could not be worked out: {missing[name]}", file=sys.stderr)
            group = open_group(given.results, f"analysis/{name}")
        if suits(group):
            groups[name] = group
        else:
            missing.setdefault(name, "parkflow " + " ".join(map(str, command)))
    return groups, missing


# ---- what the engine tells of the model ----

def rows_of(text):
    return list(csv.DictReader(io.StringIO(text))) if text else []


def hold_checks(given, model_file):
    """Each check; those that want another accounting come from a run with it."""
    text, _ = call(given, "check", model_file, "--run", "--csv")
    rows = {(row["check"], row["scenario"]): row for row in rows_of(text)}
    settings = {row["unlike"].split(",")[0].removeprefix("it wants ") for row in rows.values()
                if row["unlike"].startswith("it wants ")}
    for setting in sorted(settings):
        text, _ = call(given, "check", model_file, "--run", "--csv", "--set", setting)
        for row in rows_of(text):
            key = row["check"], row["scenario"]
            if key in rows and rows[key]["unlike"] and not row["unlike"]:
                rows[key] = {**row, "setting": setting}
    return list(rows.values())


def run_with_flows(given, folder, model_file, chosen):
    """Every flow of the chosen scenario and its reference, at the medians."""
    path = pathlib.Path(folder, "flows.h5")
    _, why = call(given, "run", model_file, "-s", chosen, "--flows", "-q", "-o", path)
    return None if why else open_group(path)


def emissions_of_members(path, name):
    """By scenario, member and year; None where they are not kept, or too few to say a range by."""
    try:
        with xr.open_dataset(path, group="members", engine="h5netcdf", decode_timedelta=False) as data:
            kept = data[name].load() if name in data and "period" in data[name].dims else None
    except (OSError, KeyError):
        return None
    return kept if kept is not None and kept.sizes["member"] >= FEWEST_MEMBERS else None


def evidence_rows(tables):
    """The rows that the model cites, by id."""
    rows = {}
    for text in (tables or {}).values():
        lines = text.splitlines() if isinstance(text, str) else []
        if lines and lines[0].split(",")[0] == "id":
            rows.update({row["id"]: row for row in csv.DictReader(lines)})
    return rows


def gather(given):
    root = open_group(given.results)
    statistics, difference = (open_group(given.results, name) for name in ("statistics", "difference"))
    years = [str(period) for period in statistics["period"].values]
    if any(len(year) != 4 for year in years[:1]):
        fail(f"{given.results} holds statistics by step; a brief goes by year: run the sweep without --by step")
    documents = list(yaml.load_all(root["input"].item(), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    model, tables = documents[0], documents[1] if len(documents) > 1 else {}
    parks = [str(name) for name in statistics["park"].values]
    park = given.park or "all"
    if park not in parks:
        nearest("park", park, parks)
    with tempfile.TemporaryDirectory() as folder:
        scenarios = list_scenarios(given, folder)
        chosen = choose_scenario(given, scenarios, difference)
        indicator = "ghg_total" if "ghg_total" in difference else list(difference.data_vars)[0]
        last = [year for year in years if len(year) == 4][-1]
        change = difference[indicator].sel(park=park, period=last, statistic="mean")
        potential = choose_potential(given, scenarios, lambda name: -float(change.sel(scenario=name)), chosen)
        groups, missing = analyse(given, model, chosen, int(root.attrs["members"]))
        model_file = pathlib.Path(folder, "input.yaml")
        model_file.write_text(root["input"].item(), encoding="utf-8")
        support, _ = call(given, "check", model_file, "--evidence", "--csv")
        checks = hold_checks(given, model_file) if model.get("checks") else []
        flows = run_with_flows(given, folder, model_file, chosen)
    return Brief(given=given, root=root, statistics=statistics, difference=difference, model=model,
                 evidence=evidence_rows(tables), scenarios=scenarios, chosen=chosen,
                 reference=scenarios[chosen]["against"], potential=potential, park=park, years=years,
                 years_shown=[year for year in years if len(year) == 4], groups=groups, missing=missing, checks=checks,
                 support=rows_of(support), flows=flows, emissions=emissions_of_members(given.results, "ghg_total"))
