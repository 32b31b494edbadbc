#!/usr/bin/python3
"""Draws a results file: indicators step by step for each scenario, and their change against the scenario's reference.

Of a sweep it draws the median over the members, by the periods of its statistics (by step after `parkflow sweep --by
step`), with the band from the lowest to the highest quantile. Needs Debian's python3-xarray, python3-h5netcdf and
python3-matplotlib; the file's ending chooses PNG, SVG or PDF.
"""
import argparse
import collections
import os
import textwrap

import matplotlib
matplotlib.use("Agg")
import matplotlib.dates as dates
import matplotlib.pyplot as plt
import matplotlib.ticker as ticker
import numpy as np
import xarray as xr

HEADLINES = ["final_energy", "freshwater_withdrawal", "ghg_total"]
# Okabe and Ito's colours, told apart with any kind of colour vision; line styles serve black-and-white print.
COLOURS = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
STYLES = ["-", "-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5))]
STEPS = {"P1D": "a day", "P7D": "a week", "P1W": "a week", "P1M": "a month", "P3M": "a quarter", "P1Y": "a year"}
INK, PALE = "#333333", "#dddddd"

# What is drawn of an indicator: values by scenario and time; low and high, the ends of a band, are None of a run.
Curves = collections.namedtuple("Curves", "time values low high")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="what `parkflow run` or `parkflow sweep` wrote")
    parser.add_argument("picture", help="the file to draw: .png, .svg or .pdf")
    parser.add_argument("--park", help="one park; the sum of all if not given")
    parser.add_argument("--indicators", help=f"names, with commas; {','.join(HEADLINES)} if not given")
    parser.add_argument("--scenarios", help="names, with commas; all if not given")
    return parser.parse_args()


def indicator_names(data):
    return [name for name in data.data_vars if data[name].dims == ("scenario", "member", "park", "time")]


def choose(what, wanted, known):
    """The wanted names, each of which must be known."""
    for name in wanted:
        if name not in known:
            raise SystemExit(f"plot_results: no {what} is called '{name}'; there are {', '.join(known)}")
    return wanted


def chosen_indicators(data, text):
    known = indicator_names(data)
    if text:
        return choose("indicator", text.split(","), known)
    return [name for name in HEADLINES if name in known] or known[:3]


def chosen_scenarios(data, text):
    known = list(data["scenario"].values)
    return choose("scenario", text.split(","), known) if text else known


def values_of_run(data, name, park):
    """Of one park or the sum of all."""
    variable = data[name].isel(member=0)
    if park:
        return variable.sel(park=park)
    if variable.attrs["cell_methods"] == "time: sum" or data.sizes["park"] == 1:
        return variable.sum("park")
    raise SystemExit(f"plot_results: '{name}' does not add up over parks; choose one with --park")


def levels_and_changes_of_run(data, name, scenarios, park):
    """The change in per cent."""
    values = values_of_run(data, name, park)
    levels, changes = values.sel(scenario=scenarios), values.sel(scenario=scenarios).copy()
    for scenario in scenarios:
        reference = reference_of(data, scenario)
        before = values.sel(scenario=reference or scenario)
        change = 100 * (values.sel(scenario=scenario) - before) / before.where(before != 0)
        changes.loc[{"scenario": scenario}] = change if reference else 0
    time = data["time"].values
    return Curves(time, levels, None, None), Curves(time, changes, None, None)


def single_periods(group):
    """All periods but the whole reported time, which comes last behind the years."""
    first = group["period_first_day"].values
    return slice(0, len(first) - (len(first) > 1 and first[-1] == first[0]))


def quantiles_of(group):
    return [label for label in group["statistic"].values if label.startswith("p")]


def curves_of_sweep(path, group_name, name, scenarios, park):
    with xr.open_dataset(path, group=group_name, engine="h5netcdf", decode_timedelta=False) as group:
        group = group.isel(period=single_periods(group)).sel(park=park or "all")
        quantiles = quantiles_of(group)
        middle = "p50" if "p50" in quantiles else "mean"
        chosen = group[name].reindex(scenario=scenarios, fill_value=0).load()
        first, end = group["period_first_day"].values, group["period_end_day"].values
        drawn = [chosen.sel(statistic=name) for name in [middle, quantiles[0], quantiles[-1]]]
        return Curves(first + (end - first) / 2, *drawn)


def levels_and_changes_of_sweep(path, data, name, scenarios, park):
    """The change in the indicator's unit, formed member by member; 0 of what has no reference."""
    levels = curves_of_sweep(path, "statistics", name, scenarios, park)
    if any(reference_of(data, scenario) for scenario in scenarios):
        return levels, curves_of_sweep(path, "difference", name, scenarios, park)
    return levels, Curves(levels.time, *[0 * part for part in levels[1:]])


def is_sweep(data):
    return "design" in data.attrs


def unit_text(unit):
    for plain, printed in [("m3", "m³"), ("m2", "m²"), ("CO2", "CO₂"), ("CH4", "CH₄"), ("N2O", "N₂O")]:
        unit = unit.replace(plain, printed)
    return unit


def look(axes):
    for side in ["top", "right", "left"]:
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    axes.grid(axis="y", color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(colors=INK, labelsize=10)
    axes.margins(x=0.01)


def look_of_time(axes, time):
    years = len(set(time.astype("datetime64[Y]")))
    if years == len(time):
        step = max(1, years // 6)
        axes.set_xticks(time[::step], [str(year) for year in time.astype("datetime64[Y]")[::step]])
        return
    axes.xaxis.set_major_locator(dates.YearLocator(max(1, years // 6)))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%Y"))
    if years <= 6:
        axes.xaxis.set_minor_locator(dates.MonthLocator(bymonth=[4, 7, 10]))
    axes.tick_params(axis="x", which="minor", length=2.5, color=INK)


def style_of(number):
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": STYLES[number % len(STYLES)],
            "linewidth": 2.6 if number == 0 else 1.9}


def heading(axes, title, unit):
    axes.set_title(title, loc="left", fontsize=11.5, fontweight="bold", color=INK, pad=20)
    axes.text(0, 1.03, unit, transform=axes.transAxes, fontsize=10, color=INK, va="bottom")


def scenario_title(data, scenario):
    return str(data["scenario_title"].sel(scenario=scenario).values) or scenario


def reference_of(data, scenario):
    return str(data["scenario_against"].sel(scenario=scenario).values)


def draw_band(axes, curves, number, scenario):
    if curves.low is None:
        return
    axes.fill_between(curves.time, curves.low.sel(scenario=scenario), curves.high.sel(scenario=scenario),
                      color=COLOURS[number % len(COLOURS)], alpha=0.16, linewidth=0)


def thousands(value, _):
    return f"{value:,.0f}".replace("-", "−")


def draw_levels(axes, data, curves, scenarios):
    """With one band, the first scenario's: those of the others lie almost upon it."""
    for number, scenario in enumerate(scenarios):
        label = textwrap.shorten(scenario_title(data, scenario), 44, placeholder=" …")
        axes.plot(curves.time, curves.values.sel(scenario=scenario), label=label, **style_of(number))
    draw_band(axes, curves, 0, scenarios[0])
    drawn = [part for part in curves[1:] if part is not None]
    low, high = min(float(part.min()) for part in drawn), max(float(part.max()) for part in drawn)
    axes.set_ylim(min(0, 1.05 * low), 1.08 * high if high > 0 else None)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(5))
    if high >= 1000:
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(thousands))


def signed(value, decimals):
    return "0" if abs(value) < 1e-12 else f"{value:+,.{decimals}f}".replace("-", "−")


def draw_changes(axes, curves, scenarios):
    drawn = [np.zeros(1)]
    for number, scenario in enumerate(scenarios):
        draw_band(axes, curves, number, scenario)
        axes.plot(curves.time, curves.values.sel(scenario=scenario), **style_of(number))
        drawn += [part.sel(scenario=scenario).values for part in curves[1:] if part is not None]
    drawn = np.concatenate(drawn)
    low, high = np.nanmin(drawn), np.nanmax(drawn)
    room = 0.12 * (high - low)
    if curves.low is None or room == 0:
        room = max(room, 0.1)
    axes.set_ylim(low - room, high + room)
    ticks = ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], min_n_ticks=3).tick_values(low - room, high + room)
    decimals = next(d for d in range(12) if np.allclose(np.round(ticks, d), ticks, atol=1e-12))
    axes.set_yticks([tick for tick in ticks if low - room <= tick <= high + room])
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: signed(value, decimals)))


def references(data, scenarios):
    names = sorted({reference_of(data, scenario) for scenario in scenarios} - {""})
    titles = [scenario_title(data, name) for name in names]
    return f"“{titles[0]}”" if len(names) == 1 and len(titles[0]) <= 20 else "the reference"


def title_of(data, park):
    parks = [name for name in data["park"].values if name != "shared"]
    which = str(data["park_title"].sel(park=park).values) or park if park else f"sum of {len(parks)} parks"
    return data.attrs.get("title", "Results") + (f" ({which})" if park or len(parks) > 1 else "")


def foot_of(path, data):
    how, command = "uncertain parameters at their medians", data.attrs.get("command", "").split()
    if command[:2] == ["run", "--member"]:
        how = f"member {command[2]} of a sweep"
    if is_sweep(data):
        members = int(data.attrs["members"]) - int(data.attrs["members_failed"])
        with xr.open_dataset(path, group="statistics", engine="h5netcdf", decode_timedelta=False) as group:
            ends = [quantiles_of(group)[i].removeprefix("p") for i in [0, -1]]
        how = f"lines: medians of {members:,} members; bands: from {ends[0]} to {ends[1]} % of them"
    return f"{data.attrs.get('source', '')}; {how}; input {data.attrs.get('input_sha256', '')[:12]}"


def unit_of_level(data, name, curves):
    """"t CO₂e a month" """
    variable = data[name]
    step = STEPS.get(data.attrs.get("time_coverage_resolution"), "a step")
    if len(curves.time) < data.sizes["time"]:
        step = "a year"
    amount = f" {step}" if variable.attrs["cell_methods"] == "time: sum" else ""
    return unit_text(variable.attrs["units"]) + amount


def draw_row(left, right, given, data, name, scenarios):
    if is_sweep(data):
        levels, changes = levels_and_changes_of_sweep(given.results, data, name, scenarios, given.park)
    else:
        levels, changes = levels_and_changes_of_run(data, name, scenarios, given.park)
    unit = unit_of_level(data, name, levels)
    heading(left, data[name].attrs.get("long_name", name), unit)
    draw_levels(left, data, levels, scenarios)
    heading(right, f"Change against {references(data, scenarios)}", unit if is_sweep(data) else "per cent")
    draw_changes(right, changes, scenarios)
    for axes in [left, right]:
        look(axes)
        look_of_time(axes, levels.time)
        axes.tick_params(axis="x", labelbottom=True)


def draw(given, data, names, scenarios):
    columns = 4 if len(scenarios) <= 4 else 3
    legend = 0.26 * -(-len(scenarios) // columns)
    height = 0.75 + legend + 2.3 * len(names)
    figure, grid = plt.subplots(len(names), 2, figsize=(10.4, height), squeeze=False, sharex=True,
                                gridspec_kw={"width_ratios": [1.35, 1]})
    for (left, right), name in zip(grid, names):
        draw_row(left, right, given, data, name, scenarios)
    figure.text(0.012, 1 - 0.14 / height, title_of(data, given.park), fontsize=14, fontweight="bold", color=INK,
                va="top")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.004, 1 - 0.42 / height),
                  ncols=columns, frameon=False, fontsize=10.5, labelcolor=INK, handlelength=2.8)
    figure.text(0.012, 0.1 / height, foot_of(given.results, data), fontsize=8, color="#666666", va="bottom")
    figure.tight_layout(rect=(0, 0.25 / height, 1, 1 - (0.55 + legend) / height), h_pad=1.6, w_pad=2.5)
    return figure


def main():
    given = arguments()
    if not os.path.isfile(given.results):
        raise SystemExit(f"plot_results: there is no file {given.results}; `parkflow run` and `sweep` write them")
    with xr.open_dataset(given.results, engine="h5netcdf", decode_timedelta=False) as data:
        if given.park:
            choose("park", [given.park], list(data["park"].values))
        names, scenarios = chosen_indicators(data, given.indicators), chosen_scenarios(data, given.scenarios)
        plt.rcParams["font.family"] = "DejaVu Sans"
        figure = draw(given, data, names, scenarios)
        metadata = {"Software": None} if given.picture.endswith(".png") else {}
        figure.savefig(given.picture, dpi=150, metadata=metadata)


if __name__ == "__main__":
    main()
