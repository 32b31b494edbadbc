"""The brief's numbers put into words: what the page's template shows, section by section."""
import string

import content
import figures
import sankey
import wording
from content import indicator_title
from gather import FEWEST_MEMBERS
from messages import messages

LETTERS = string.ascii_uppercase
MARKS = {"met": "✓", "missed": "✗", "open": "?"}


def scenario_title(brief, words, name):
    row = brief.scenarios[name]
    return row.get("title_vi") if words["language"] == "vi" and row.get("title_vi") else row["title"] or name


def place_title(brief, words):
    return words["all_parks"] if brief.park == "all" else \
        wording.title_of(words, brief.model["parks"].get(brief.park), brief.park)


def drawn(svg, title, alt, unit="", note=""):
    return {"svg": svg, "title": title, "alt": alt, "unit": unit, "note": note}


# ---- the first page ----

def box(brief, words, row):
    """A saved amount, its range and its share of the reference."""
    name, factor = wording.scale_of_range(row["unit"], *row["in_year"])
    middle, low, high = (value / factor for value in row["in_year"])
    share = words[f"box_{row['verdict']}"].format(share=wording.percent(words, abs(row["share"])))
    over_time = row["over_time"] and any(row["over_time"]) and words["over_time"].format(
        period=brief.years[-1].replace("-", "–"),
        amount=wording.amount_with_range(words, *row["over_time"], row["unit"]))
    return {"title": indicator_title(brief, words, row["indicator"]), "share": share, "over_time": over_time,
            "amount": wording.with_unit(words, wording.number(words, middle), name),
            "range": f"({wording.between(words, low, high)})" if any(row["in_year"]) else ""}


def grid_text(brief, words):
    """Which factor, and what it comes to in the results of the reference, at the medians."""
    grid = brief.model.get("accounting", {}).get("grid", "average")
    text = words[f"grid_{grid}"]
    if "ghg_scope2" not in brief.root or "electricity_purchased" not in brief.root:
        return text
    at = brief.root[["ghg_scope2", "electricity_purchased"]].sel(scenario=brief.reference).isel(member=0)
    first, last = brief.years_shown[0], brief.years_shown[-1]
    sums = {year: at.sel(time=year).sum() for year in (first, last)}
    factors = {year: float(of["ghg_scope2"]) / (float(of["electricity_purchased"]) or float("nan"))
               for year, of in sums.items()}
    implied = words["grid_implied"].format(first=first, first_factor=wording.number(words, factors[first]),
                                           last=last, last_factor=wording.number(words, factors[last]))
    return f"{text} ({implied})"


def basis(brief, words):
    boundary = brief.model.get("accounting", {}).get("boundary", "park")
    status = words[f"status_of_{content.status_of(brief)}"]
    if brief.park == "all":
        reached, parks = content.parks_reached(brief)
        status += ". " + words["reach"].format(reached=reached, parks=parks)
    rows = [(words["status"], status), (words["basis"], words["basis_text"].format(year=brief.years_shown[-1])),
            (words["grid"], grid_text(brief, words))]
    return rows + [(words["boundary"], f"{words[f'boundary_{boundary}']}. {words['avoided_apart']}")]


def short_range(words, row):
    """In the unit of the column's heading."""
    factor = row["factor"]
    if row["verdict"] == "unchanged":
        return "0"
    middle, low, high = (value / factor for value in row["in_year"])
    mark = "~ " if row["verdict"] == "noise" else ""
    return f"{mark}{wording.number(words, middle)} ({wording.between(words, low, high)})"


def scenario_table(brief, words, rows):
    """Heads with one unit a column, so that the cells are numbers alone."""
    heads, scales = [], []
    for number, saving in enumerate(rows[0]["savings"]):
        size = max(max(map(abs, row["savings"][number]["in_year"])) for row in rows)
        name, factor = wording.scale_of(saving["unit"], size)
        scales.append(factor)
        heads.append(f"{indicator_title(brief, words, saving['indicator'])}, {wording.unit_text(words, name)}")
    table = [{"title": scenario_title(brief, words, row["name"]),
              "kind": " ".join(kind for kind in ("chosen", "potential") if row[f"is_{kind}"]),
              "cells": [short_range(words, {**saving, "factor": factor})
                        for saving, factor in zip(row["savings"], scales)]} for row in rows]
    return {"title": words["scenarios_title"].format(year=brief.years_shown[-1]), "heads": heads, "rows": table}


def bars(brief, words, found):
    if not found:
        return None
    first, last = found["years"]
    size = max(map(abs, found["parts"].values()))
    rows = [(words.get(f"bar_{name}", name), value, *(found["spread"] or {}).get(name, (None, None)))
            for name, value in found["parts"].items()]
    scenario_in = "scenario_in_potential" if content.status_of(brief) == "potential" else "scenario_in"
    svg, unit = figures.change(words, rows, found["unit"], (words["reference_in"].format(year=first), found["first"]),
                               (words[scenario_in].format(year=last), found["last"]))
    parts = "; ".join(f"{label} {wording.signed_amount(words, value, found['unit'], size)}"
                      for label, value, *_ in rows)
    alt = words["alt_bars"].format(first=wording.amount(words, found["first"], found["unit"], 3),
                                   last=wording.amount(words, found["last"], found["unit"], 3), parts=parts)
    note = words["bars_note"] + (" " + words["bars_range"].format(members=found["members"]) if found["spread"] else "")
    return drawn(svg, words["bars_title"].format(first=first, last=last), alt, unit, note)


# ---- pathways ----

def pathway_row(brief, words, indicator):
    path, title = content.pathway(brief, indicator), indicator_title(brief, words, indicator)
    middle, years = path["levels"][len(path["levels"]) // 2], path["years"]
    level, unit = figures.fan_of_level(words, path)
    is_potential = brief.scenarios[brief.chosen]["is_potential"]
    change, change_unit = figures.fan_of_saving(words, path, is_potential)
    said = {name: wording.amount(words, value, path["unit"], 3) for name, value in
            (("first", middle[0]), ("last", middle[-1]), ("reference", path["reference"][-1]))}
    alt = words["alt_fan_level"].format(title=title, first_year=years[0], last_year=years[-1], **said)
    saved = wording.amount_with_range(words, *content.saved(brief, indicator, brief.chosen), path["unit"])
    return (drawn(level, words["pathway_level"].format(title=title), alt, words["a_year"].format(unit=unit)),
            drawn(change, words["pathway_potential" if is_potential else "pathway_saved"].format(title=title),
                  words["alt_fan_saved"].format(title=title, amount=saved, year=years[-1]),
                  words["a_year"].format(unit=change_unit) if change_unit else ""))


def bands_text(brief, words):
    labels = [label[1:].replace(".", words["decimal_mark"]) for label in content.quantiles(brief.statistics)]
    pairs = [f"{labels[i]}{wording.TO}{labels[-1 - i]}" for i in range(len(labels) // 2)]
    return words["pathways_note"].format(bands=", ".join(reversed(pairs)))


# ---- measures ----

def shares(brief, words, found):
    if not found or not found["rows"]:
        return None
    rows = [(row["title"], row["value"], row["low"], row["high"]) for row in found["rows"]]
    if found["rest_count"]:
        rows.append((words["rest"].format(count=found["rest_count"]), found["rest"], None, None))
    svg, unit = figures.contributions(words, rows, found["unit"], (words["together"], found["together"]))
    size = abs(found["together"])
    alt = words["alt_shares"].format(parts="; ".join(
        f"{title} {wording.signed_amount(words, value, found['unit'], size)}" for title, value, *_ in rows))
    note = words["shares_note"]
    if found["rows"][0]["low"] is not None:
        note += " " + words["shares_range"].format(members=found["members"])
    year = brief.years_shown[-1]
    is_potential = brief.scenarios[brief.chosen]["is_potential"]
    return {"title": words["shares_potential" if is_potential else "shares_title"].format(year=year),
            "drawn": drawn(svg, indicator_title(brief, words, content.GASES), alt, unit, note)}


def cost_row(words, costs, letter, row):
    name, factor = wording.scale_of(costs["gases"], costs["rows"][0]["largest"])
    payback = wording.number(words, row["payback"])
    return {"letter": letter, "title": row["title"],
            "cells": [wording.number(words, row["avoided"] / factor),
                      *(wording.number(words, row[key] / costs["money_factor"])
                        for key in ("capital", "present_value")),
                      wording.number(words, row["cost"]), payback]}


def costs(brief, words, found):
    if not found:
        return None
    letters = {row["title"]: LETTERS[number] for number, row in enumerate(found["shown"])}
    svg, unit = figures.cost_curve(words, found, letters)
    avoided = sum(row["avoided"] for row in found["rows"])
    gains = sum(row["avoided"] for row in found["rows"] if row["cost"] < 0)
    largest = max(row["avoided"] for row in found["rows"])
    gases, _ = wording.scale_of(found["gases"], largest)
    money, factor = wording.scale_of(found["money"], max(abs(row["capital"]) for row in found["rows"]))
    found = {**found, "money_factor": factor, "rows": [{**row, "largest": largest} for row in found["rows"]]}
    alt = words["alt_costs"].format(gains=wording.amount(words, gains, found["gases"]),
                                    avoided=wording.amount(words, avoided, found["gases"]))
    heads = [f"{words['avoided']}, {wording.unit_text(words, gases)}",
             f"{words['capital']}, {wording.unit_text(words, money)}",
             f"{words['present_value']}, {wording.unit_text(words, money)}",
             f"{words['unit_cost']}, {unit}", words["payback"]]
    return {"title": words["costs_title"], "heads": heads,
            "rows": [cost_row(words, found, letters[row["title"]], row) for row in found["shown"]],
            "drawn": drawn(svg, indicator_title(brief, words, content.GASES), alt, unit,
                           words["costs_note"].format(rate=wording.percent(words, found["rate"], 1)))}


def flow_row(brief, words, what, links_of, unit):
    found = sankey.before_and_after(brief, words, links_of, unit)
    if not found:
        return None
    row = []
    for key, svg, total in zip(("before", "after"), found["pictures"], found["totals"]):
        title = words[key].format(what=words[what])
        alt = words["alt_flows"].format(title=title, total=wording.amount(words, total, unit, 3))
        row.append(drawn(svg, title, alt, found["unit"]))
    return row


def flows(brief, words):
    rows = [flow_row(brief, words, "energy", sankey.energy_links, "GJ") if brief.flows is not None else None,
            flow_row(brief, words, "water", sankey.water_links, "m3")]
    rows = [row for row in rows if row]
    return {"title": words["flows_title"].format(year=brief.years_shown[-1]), "rows": rows} if rows else None


# ---- what it rests on ----

def drivers(brief, words, found):
    if not found or not found["rows"]:
        return None
    svg, unit = figures.tornado(words, found)
    alt = words["alt_drivers"].format(parts="; ".join(
        f"{row['name']} {wording.whole_percent(words, row['share'])}" for row in found["rows"]))
    note = words["drivers_note"].format(year=brief.years_shown[-1],
                                        others=wording.whole_percent(words, max(0, found["others"])))
    title = words["pathway_saved"].format(title=indicator_title(brief, words, content.GASES))
    return drawn(svg, title, alt, unit, note)


def asked(words, row):
    """The threshold in the criterion's unit."""
    kinds = [(row["at_least"], "at_least"), (row["at_most"], "at_most")]
    said = [words[key].format(value=wording.with_unit(words, wording.exact(words, value), row["unit"]))
            for value, key in kinds if abs(value) < float("inf")]
    return ", ".join(said) + (" †" if row["is_recalled"] else "")


def criterion_title(row):
    """With its clause, where that is a number and not a group's name."""
    return f"{row['title']} ({row['clause']})" if any(map(str.isdigit, row["clause"])) else row["title"]


def scoreboard(brief, words, found):
    if not found or not found["rows"]:
        return None
    rows = [{"title": criterion_title(row), "sdg": row["sdg"],
             "asked": asked(words, row), "cells": [verdict_cell(words, cell, row["unit"]) for cell in row["cells"]]}
            for row in found["rows"]]
    note = words["scoreboard_note"].format(computed=found["computed"], all=found["all"], shown=len(rows))
    return {"title": words["scoreboard_title"].format(year=brief.years_shown[-1]), "parks": found["parks"],
            "rows": rows, "note": note}


def verdict_cell(words, cell, unit):
    """The mark, the value, and the probability of being met; of what is open no probability."""
    text = MARKS.get(cell["verdict"], words["none"])
    if cell["verdict"] in MARKS:
        write = wording.exact if cell["value"].is_integer() else wording.number
        text += " " + wording.with_unit(words, write(words, cell["value"]), unit)
    if cell["verdict"] in ("met", "missed") and cell["probability"] == cell["probability"]:
        text += f" ({wording.whole_percent(words, cell['probability'])})"
    return {"verdict": cell["verdict"], "text": text}


def evidence(words, found):
    """What numbers rest on, and what the variance rests on."""
    pictures = []
    for what, key in (("numbers", "evidence_numbers"), (content.GASES, "evidence_variance")):
        if found[what]:
            whole = found[what][-1]
            title = words[key].format(count=wording.grouped(words, f"{whole['whole']:.0f}"))
            parts = "; ".join(f"{words[f'ground_{ground}']} {wording.whole_percent(words, share)}"
                              for ground, share in whole["parts"].items())
            pictures.append(drawn(figures.grounds(words, found[what]), title,
                                  words["alt_grounds"].format(title=title, parts=parts)))
    return pictures


def reported_text(words, row):
    if row["reported"] is not None:
        return wording.with_unit(words, wording.exact(words, row["reported"]), row["unit"])
    bounds = [(row["at_least"], "at_least_text"), (row["at_most"], "at_most_text")]
    return ", ".join(words[key].format(value=wording.with_unit(words, wording.exact(words, value), row["unit"]))
                     for value, key in bounds if value is not None)


def plus_minus(words, value, sd, unit):
    text = wording.number(words, value, 2)
    return wording.with_unit(words, f"{text} ± {wording.number(words, sd, 2)}" if sd else text, unit)


def report_row(words, row):
    basis_text = words.get(f"basis_{row['basis']}", row["basis"])
    status = words.get(f"status_{row['status']}", row["status"])
    setting = words.get(f"setting_{row['setting']}", row["setting"])
    notes = [basis_text, status] + ([words["with_setting"].format(setting=setting)] if setting else [])
    return {"title": row["title"] + ("" if row["counts"] else " *"), "source": row["source"],
            "is_potential": row["is_potential"], "reported": reported_text(words, row),
            "model": plus_minus(words, row["model"], row["model_sd"], row["unit"]) if row["model"] is not None else "",
            "says": words.get(f"says_{row['says']}", row["says"]), "basis": ", ".join(part for part in notes if part)}


# ---- how to make it again ----

def commands(brief):
    """The sweep from the input in the file, then the brief."""
    given, command = brief.given, brief.root.attrs.get("command", "sweep")
    verb, _, options = command.partition(" ")
    options = " ".join(part for part in options.split())
    brief_options = f"--lang {given.lang} -s {brief.chosen} --members {given.members}"
    brief_options += f" --park {brief.park}" if brief.park != "all" else ""
    brief_options += f" --potential {given.potential}" if given.potential else ""
    return "\n".join([
        "/usr/bin/python3 -c 'import xarray; print(xarray.open_dataset(\"results.h5\", engine=\"h5netcdf\")"
        ".input.item(), end=\"\")' > input.yaml",
        f"parkflow {verb} input.yaml {options} -o again.h5", f"parkflow brief again.h5 {brief_options}"])


def made_with(brief, words):
    attrs = brief.root.attrs
    return words["made_with"].format(source=attrs.get("source", "parkflow"), seed=attrs.get("seed", ""),
                                     members=wording.grouped(words, str(attrs.get("members", ""))),
                                     design=str(attrs.get("design", "")).replace("_", " "))


def missing(brief, words):
    return [(words[f"missing_{name}"], why) for name, why in brief.missing.items()]


def few_members(words, brief):
    members = int(brief.root.attrs["members"]) - int(brief.root.attrs["members_failed"])
    return " " + words["few_members"] if members < FEWEST_MEMBERS else ""


def sections(brief, words):
    """All that the template asks for."""
    found = {"savings": content.savings(brief), "scenarios": content.scenario_rows(brief), "bars": content.bars(brief),
             "shares": content.shares(brief, words), "costs": content.costs(brief, words),
             "drivers": content.drivers(brief, words), "scoreboard": content.scoreboard(brief, words),
             "support": content.support(brief, words), "reports": content.reports(brief, words),
             "status": content.status_of(brief), "title_of": lambda name: scenario_title(brief, words, name)}
    is_potential = brief.scenarios[brief.chosen]["is_potential"]
    attrs, ends = brief.root.attrs, content.ends_of(brief.difference)
    about = words["about_potential" if is_potential else "about"]
    return {
        "w": words, "is_potential": is_potential, "place": place_title(brief, words),
        "years": brief.years[-1].replace("-", "–"),
        "title": attrs.get("title_vi" if words["language"] == "vi" else "title") or attrs.get("title", "parkflow"),
        "about": about.format(scenario=scenario_title(brief, words, brief.chosen),
                              reference=scenario_title(brief, words, brief.reference)),
        "saved_title": words["saved_title_potential" if is_potential else "saved_title"].format(
            year=brief.years_shown[-1]),
        "boxes": [box(brief, words, row) for row in found["savings"]],
        "range_note": words["range_note"].format(
            members=wording.grouped(words, str(int(attrs["members"]) - int(attrs["members_failed"]))),
            low=ends[0][1:], high=ends[1][1:]) + few_members(words, brief),
        "messages": messages(brief, words, found), "basis": basis(brief, words),
        "bars": bars(brief, words, found["bars"]), "scenarios": scenario_table(brief, words, found["scenarios"]),
        "pathways": [pathway_row(brief, words, indicator) for indicator in content.headlines(brief)],
        "pathways_note": bands_text(brief, words), "shares": shares(brief, words, found["shares"]),
        "costs": costs(brief, words, found["costs"]), "flows": flows(brief, words),
        "scoreboard": scoreboard(brief, words, found["scoreboard"]), "drivers": drivers(brief, words, found["drivers"]),
        "evidence": evidence(words, found["support"]), "reports": [report_row(words, row) for row in found["reports"]],
        "missing": missing(brief, words), "made_with": made_with(brief, words), "commands": commands(brief),
        "hash": attrs.get("input_sha256", "")}
