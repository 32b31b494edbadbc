"""What a brief says, as plain numbers and names: each section from one group of the file, None where that is not there.
Savings are reference less scenario, so that more saved is more; they are medians over members, with 5 and 95 %."""
import math

from wording import title_of

HEADLINES = ["final_energy", "freshwater_withdrawal", "ghg_total"]
GASES = "ghg_total"
MOST_BARS, MOST_COSTS, MOST_DRIVERS = 7, 6, 7
GROUNDS = ["measured", "derived", "benchmark", "assumed", "orphan"]


def headlines(brief):
    return [name for name in HEADLINES if name in brief.difference] or list(brief.difference.data_vars)[:1]


def attributes(brief, indicator):
    return brief.root[indicator].attrs


def indicator_title(brief, words, indicator):
    attrs = attributes(brief, indicator)
    return attrs.get("long_name_vi" if words["language"] == "vi" else "long_name") or attrs.get("long_name", indicator)


def quantiles(data):
    """Labels of the statistics from the lowest quantile to the highest, the middle one the median where it is kept."""
    labels = [str(name) for name in data["statistic"].values if str(name)[0] == "p" and str(name)[1:2].isdigit()]
    return sorted(labels, key=lambda label: float(label[1:]))


def middle_of(data):
    return "p50" if "p50" in quantiles(data) else "mean"


def ends_of(data):
    labels = quantiles(data)
    return labels[0], labels[-1]


def saved(brief, indicator, scenario, park=None, period=None):
    """Middle, low and high of what is saved."""
    data = brief.difference
    low, high = ends_of(data)
    at = data[indicator].sel(scenario=scenario, park=park or brief.park, period=period or brief.years_shown[-1])
    return tuple(-float(at.sel(statistic=name)) for name in (middle_of(data), high, low))


def level(brief, indicator, scenario, period, statistic=None):
    at = brief.statistics[indicator].sel(scenario=scenario, park=brief.park, period=period)
    return float(at.sel(statistic=statistic or middle_of(brief.statistics)))


def verdict_of(saving):
    """What a saving with its range may be called: "saved" or "raised" where the range leaves out 0."""
    if not any(saving):
        return "unchanged"
    return "saved" if saving[1] > 0 else "raised" if saving[2] < 0 else "noise"


def saving_row(brief, indicator, scenario):
    last, whole = brief.years_shown[-1], brief.years[-1]
    in_year = saved(brief, indicator, scenario)
    before = level(brief, indicator, brief.reference, last)
    return {"indicator": indicator, "unit": attributes(brief, indicator)["units"], "in_year": in_year,
            "share": in_year[0] / before if before else math.nan, "verdict": verdict_of(in_year),
            "over_time": saved(brief, indicator, scenario, period=whole) if whole != last else None}


def savings(brief):
    return [saving_row(brief, indicator, brief.chosen) for indicator in headlines(brief)]


def scenario_rows(brief):
    """All scenarios that have the same reference, what was done first; a potential is marked."""
    rows = []
    for name, row in brief.scenarios.items():
        if row["against"] == brief.reference:
            rows.append({"name": name, "title": row["title"], "title_vi": row.get("title_vi"),
                         "is_potential": row["is_potential"], "is_chosen": name == brief.chosen,
                         "savings": [saving_row(brief, indicator, name) for indicator in headlines(brief)]})
    return sorted(rows, key=lambda row: (not row["is_chosen"], row["is_potential"]))


def interventions_of(model, scenario):
    """The names of all that a scenario holds, by the scenarios that it lists too."""
    held = model["scenarios"].get(scenario, {}).get("with", [])
    if isinstance(held, dict):
        return [name for name, entry in model["interventions"].items() if entry.get("status") == held.get("status")]
    found = []
    for name in held:
        found += interventions_of(model, name) if name in model["scenarios"] else [name]
    return found


def status_of(brief):
    """The weakest of what the scenario holds: "potential", "chosen" (decided, not done) or "carried_out"."""
    if brief.scenarios[brief.chosen]["is_potential"]:
        return "potential"
    held = [brief.model["interventions"].get(name, {}) for name in interventions_of(brief.model, brief.chosen)]
    return "chosen" if any(entry.get("status") == "chosen" for entry in held) else "carried_out"


def parks_reached(brief):
    """In how many of the parks anything changes, and of how many."""
    parks = [park for park in map(str, brief.difference["park"].values) if park not in ("all", "shared")]
    change = brief.difference[headlines(brief)].sel(scenario=brief.chosen, period=brief.years_shown[-1])
    reached = [park for park in parks
               if any(float(abs(change[name].sel(park=park)).max()) > 0 for name in headlines(brief))]
    return len(reached), len(parks)


# ---- pathways ----

def pathway(brief, indicator):
    """By year: the reference's and the scenario's level, and what is saved, each as [quantile][year]."""
    years, data = brief.years_shown, brief.statistics
    at = data[indicator].sel(park=brief.park, period=years)
    change = brief.difference[indicator].sel(park=brief.park, period=years, scenario=brief.chosen)
    labels = quantiles(data)
    return {"indicator": indicator, "unit": attributes(brief, indicator)["units"], "years": years, "labels": labels,
            "reference": at.sel(scenario=brief.reference, statistic=middle_of(data)).values,
            "levels": [at.sel(scenario=brief.chosen, statistic=label).values for label in labels],
            "saved": [-change.sel(statistic=label).values for label in reversed(labels)]}


# ---- why emissions changed ----

def change_over_years(brief, first, last):
    """Low and high of the scenario's last year less the reference's first, member by member; None: not kept."""
    kept = brief.emissions
    if kept is None or brief.park not in kept["park"].values:
        return None
    at = kept.sel(park=brief.park)
    change = at.sel(scenario=brief.chosen, period=last) - at.sel(scenario=brief.reference, period=first)
    return tuple(float(change.quantile(share, skipna=True)) for share in (0.05, 0.95))


def bars(brief):
    """Activity, grid factor, trend and interventions, from the reference's first year to the scenario's last."""
    group = brief.groups.get("decompose")
    if group is None or f"{GASES}_bar" not in group:
        return None
    at = group.sel(park=brief.park)
    end = "_at_medians" if f"{GASES}_bar_at_medians" in group else ""
    parts = {str(name): float(at[f"{GASES}_bar{end}"].sel(bar=name)) for name in group["bar"].values}
    spread = None
    if f"{GASES}_bar_low" in group:
        spread = {name: tuple(float(at[f"{GASES}_bar_{end}"].sel(bar=name)) for end in ("low", "high"))
                  for name in parts}
    years = str(group.attrs["first_year"]), str(group.attrs["last_year"])
    return {"parts": parts, "spread": spread, "range": change_over_years(brief, *years),
            "members": int(group.attrs.get("members", 0)),
            "first": float(at[f"{GASES}_first{end}"].sel(scenario=brief.reference)),
            "last": float(at[f"{GASES}_last{end}"].sel(scenario=brief.chosen)),
            "unit": attributes(brief, GASES)["units"],
            "years": years}


# ---- who did it, and at what cost ----

def player_title(group, words, row):
    title = str(group["intervention_title_vi" if words["language"] == "vi" else "intervention_title"].values[row])
    return title or str(group["intervention"].values[row]).replace("_", " ")


def shares(brief, words):
    """What each intervention saves in the last year, the largest first; what is left over them in one row."""
    group = brief.groups.get("attribute")
    if group is None or f"{GASES}_contribution" not in group:
        return None
    at = {"park": brief.park, "period": brief.years_shown[-1]}
    name = f"{GASES}_contribution"
    middle = f"{name}_at_medians" if f"{name}_at_medians" in group else name
    values = -group[middle].sel(at).values
    has_range = int(group.attrs.get("members", 0)) > 0
    order = [row for row in sorted(range(len(values)), key=lambda row: -abs(values[row])) if values[row] != 0]
    rows = [{"title": player_title(group, words, row), "value": values[row],
             "low": -float(group[f"{name}_high"].sel(at).values[row]) if has_range else None,
             "high": -float(group[f"{name}_low"].sel(at).values[row]) if has_range else None}
            for row in order[:MOST_BARS]]
    rest = [values[row] for row in order[MOST_BARS:]]
    return {"rows": rows, "rest": sum(rest), "rest_count": len(rest), "together": float(values.sum()),
            "unit": attributes(brief, GASES)["units"], "members": int(group.attrs.get("members", 0))}


def costs(brief, words):
    """What avoiding costs at the middle discount rate, the cheapest first: all that avoids something."""
    group = brief.groups.get("attribute")
    if group is None or "abatement_cost" not in group or brief.park != "all":
        return None
    middle = group.sizes["discount_rate"] // 2
    at = group.isel(discount_rate=middle)
    rows = [{"title": player_title(group, words, row), "avoided": float(at["avoided"][row]),
             "cost": float(at["abatement_cost"][row]), "capital": float(at["capital"][row]),
             "present_value": float(at["net_present_value"][row]), "payback": float(at["payback"][row])}
            for row in range(group.sizes["intervention"])]
    rows = sorted((row for row in rows if row["avoided"] > 0 and math.isfinite(row["cost"])), key=lambda r: r["cost"])
    if not rows or not any(row["cost"] or row["capital"] for row in rows):
        return None
    return {"rows": rows, "shown": sorted(rows, key=lambda row: -row["avoided"])[:MOST_COSTS],
            "rate": float(group["discount_rate"].values[middle]), "capital": float(group["capital"].sum()),
            "present_value": float(at["net_present_value"].sum()), "money": group["capital"].attrs["units"],
            "gases": group["avoided"].attrs["units"], "cost_unit": group["abatement_cost"].attrs["units"]}


# ---- what drives the uncertainty ----

def written(brief, words, path):
    """A parameter's title, value as it is written, and ground; the value of a table or a type stands elsewhere."""
    parts, entry = path.split("."), brief.model
    for part in parts:
        entry = entry.get(part) if isinstance(entry, dict) else None
    parks = brief.model.get("parks", {})
    if parts[0] == "parameters":
        parts = parts[1:]
    name = " ".join(part.replace("_", " ") for part in parts)
    if parts[0] in parks:
        name = f"{title_of(words, parks[parts[0]], parts[0])}: {' '.join(parts[1:]).replace('_', ' ')}"
    return {"name": title_of(words, entry, name) if isinstance(entry, dict) else name, "path": path,
            "is_assumed": isinstance(entry, dict) and "assumption" in entry}


def drivers(brief, words):
    """How much one standard deviation of a parameter, alone, moves what is saved in the last year, to first order."""
    group, change = brief.groups.get("elasticities"), f"{brief.chosen} - {brief.reference}"
    if group is None or f"{GASES}_variance_share" not in group or brief.park != "all":
        return None
    at = group.sel(scenario=change, park="all", period=brief.years_shown[-1])
    share, slope = at[f"{GASES}_variance_share"].values, at[f"{GASES}_elasticity"].values
    sd, middle = float(at[f"{GASES}_sd"]), float(at[f"{GASES}_mean"])
    order = sorted((row for row in range(len(share)) if share[row] > 0), key=lambda row: -share[row])[:MOST_DRIVERS]
    names = [str(name) for name in group["parameter"].values]
    rows = [{**written(brief, words, names[row]), "share": float(share[row]),
             "move": math.copysign(math.sqrt(share[row]) * sd, slope[row] * -middle)} for row in order]
    return {"rows": rows, "sd": sd, "unit": attributes(brief, GASES)["units"], "others": float(1 - sum(share[order]))}


# ---- criteria ----

def scoreboard(brief, words):
    """Criteria that can be computed for some park, in the last year: a cell a park."""
    group = brief.groups.get("criteria")
    if group is None:
        return None
    at = group.sel(scenario=brief.chosen, period=[p for p in map(str, group["period"].values) if len(p) == 4][-1])
    parks = [p for p in map(str, group["park"].values) if p not in ("all", "shared")]
    parks = [brief.park] if brief.park != "all" else parks
    rows = [criterion_row(at, words, row, parks) for row in range(group.sizes["criterion"])]
    judged = ("met", "missed", "open")
    return {"parks": [title_of(words, brief.model["parks"].get(park), park) for park in parks],
            "rows": [row for row in rows if any(cell["verdict"] in judged for cell in row["cells"])],
            "all": group.sizes["criterion"], "computed": sum(not str(t) for t in group["not_computable"].values),
            "members": int(group.attrs.get("members", 0))}


def criterion_row(at, words, row, parks):
    one = at.isel(criterion=row)
    title = str(one["title_vi" if words["language"] == "vi" else "title"].values) or str(one["title"].values)
    least, most = float(one["at_least"]), float(one["at_most"])
    return {"title": title, "framework": str(one["framework"].values), "clause": str(one["clause"].values),
            "sdg": str(one["sdg"].values), "unit": str(one["unit"].values), "at_least": least, "at_most": most,
            "is_recalled": str(one["basis"].values) == "recalled",
            "cells": [{"verdict": str(one["verdict"].sel(park=park).values).replace(" ", "_"),
                       "value": float(one["value"].sel(park=park)),
                       "probability": float(one["probability"].sel(park=park))} for park in parks]}


# ---- what it rests on ----

def support(brief, words):
    """What numbers, and the variance of emissions, rest on, by park."""
    rows = [{"park": row["park"], "what": row["what"], "whole": float(row["whole"]),
             "title": words["all_parks"] if row["park"] == "all" else words["shared"] if row["park"] == "shared"
             else title_of(words, brief.model["parks"].get(row["park"]), row["park"]),
             "parts": {ground: float(row[ground] or 0) for ground in GROUNDS}} for row in brief.support]
    wanted = [row for row in rows if brief.park in ("all", row["park"])]
    return {"numbers": [row for row in rows if row["what"] == "numbers" and row["park"] == brief.park],
            GASES: [row for row in wanted if row["what"] == GASES]}


def is_about(brief, entry):
    """Whether a check speaks of the park, or parks, of the brief."""
    return brief.park == "all" or entry.get("park") in (brief.park, [brief.park])


def as_number(text):
    return float(text) if text else None


def reports(brief, words):
    """Each report beside the model's figure; those that count as tests first."""
    rows = []
    for row in brief.checks:
        entry, source = brief.model["checks"].get(row["check"], {}), brief.evidence.get(row["source"], {})
        if not is_about(brief, entry):
            continue
        rows.append({**{key: as_number(row[key]) for key in
                        ("reported", "reported_sd", "at_least", "at_most", "model", "model_sd", "z")},
                     "title": title_of(words, entry, row["check"]), "unit": row["unit"], "period": row["period"],
                     "says": row["says"].replace(" ", "_"), "counts": row["counts"] == "yes", "use": row["use"],
                     "basis": row["basis"] or "in_year", "status": row["status"], "setting": row.get("setting", ""),
                     "is_potential": row["status"] not in ("", "carried_out", "chosen"),
                     "source": ", ".join(part for part in (source.get("publisher"), source.get("year")) if part)})
    return sorted(rows, key=lambda row: (row["is_potential"], not row["counts"]))
