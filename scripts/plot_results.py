#!/usr/bin/python3
"""Draws a results file: indicators step by step for each scenario, and their change against the scenario's reference.

Needs Debian's python3-xarray, python3-h5netcdf and python3-matplotlib; the file's ending chooses PNG, SVG or PDF.
"""
import argparse
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="what `parkflow run` wrote")
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


def values_of(data, name, park):
    """By scenario and time: of one park or the sum of all; the median of the members where there are several."""
    variable = data[name]
    if park:
        values = variable.sel(park=park)
    elif variable.attrs["cell_methods"] == "time: sum" or data.sizes["park"] == 1:
        values = variable.sum("park")
    else:
        raise SystemExit(f"plot_results: '{name}' does not add up over parks; choose one with --park")
    return values.median("member")


def unit_text(unit):
    for plain, printed in [("m3", "m³"), ("m2", "m²"), ("CO2", "CO₂"), ("CH4", "CH₄"), ("N2O", "N₂O")]:
        unit = unit.replace(plain, printed)
    return unit


def changes(values, scenario, reference):
    before, after = values.sel(scenario=reference).values, values.sel(scenario=scenario).values
    return 100 * (after - before) / np.where(before != 0, before, np.nan)


def look(axes):
    for side in ["top", "right", "left"]:
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    axes.grid(axis="y", color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(colors=INK, labelsize=10)
    axes.margins(x=0.01)


def look_of_time(axes, data):
    years = len(set(data["time"].dt.year.values))
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


def draw_levels(axes, data, values, scenarios):
    for number, scenario in enumerate(scenarios):
        label = textwrap.shorten(scenario_title(data, scenario), 44, placeholder=" …")
        axes.plot(data["time"].values, values.sel(scenario=scenario), label=label, **style_of(number))
    low, high = float(values.min()), float(values.max())
    axes.set_ylim(min(0, 1.05 * low), 1.08 * high if high > 0 else None)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(5))
    if high >= 1000:
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))


def signed(value, decimals):
    return "0" if abs(value) < 1e-12 else f"{value:+.{decimals}f}".replace("-", "−")


def draw_changes(axes, data, values, scenarios):
    drawn = [np.zeros(1)]
    for number, scenario in enumerate(scenarios):
        reference = str(data["scenario_against"].sel(scenario=scenario).values)
        change = changes(values, scenario, reference) if reference else np.zeros(data.sizes["time"])
        axes.plot(data["time"].values, change, **style_of(number))
        drawn.append(change[np.isfinite(change)])
    low, high = np.concatenate(drawn).min(), np.concatenate(drawn).max()
    room = max(0.12 * (high - low), 0.1)
    axes.set_ylim(low - room, high + room)
    ticks = ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], min_n_ticks=3).tick_values(low - room, high + room)
    decimals = next(d for d in range(12) if np.allclose(np.round(ticks, d), ticks, atol=1e-12))
    axes.set_yticks([tick for tick in ticks if low - room <= tick <= high + room])
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: signed(value, decimals)))


def references(data, scenarios):
    names = sorted({str(data["scenario_against"].sel(scenario=s).values) for s in scenarios} - {""})
    titles = [scenario_title(data, name) for name in names]
    return f"“{titles[0]}”" if len(names) == 1 and len(titles[0]) <= 20 else "the reference"


def title_of(data, park):
    parks = [name for name in data["park"].values if name != "shared"]
    which = str(data["park_title"].sel(park=park).values) or park if park else f"sum of {len(parks)} parks"
    return data.attrs.get("title", "Results") + (f" ({which})" if park or len(parks) > 1 else "")


def foot_of(data):
    members = data.sizes["member"]
    how = "uncertain parameters at their medians" if members == 1 else f"medians of {members:,} members"
    return f"{data.attrs.get('source', '')}; {how}; input {data.attrs.get('input_sha256', '')[:12]}"


def draw_row(left, right, data, name, scenarios, park):
    variable, values = data[name], values_of(data, name, park)
    step = STEPS.get(data.attrs.get("time_coverage_resolution"), "a step")
    amount = f" {step}" if variable.attrs["cell_methods"] == "time: sum" else ""
    heading(left, variable.attrs.get("long_name", name), unit_text(variable.attrs["units"]) + amount)
    draw_levels(left, data, values.sel(scenario=scenarios), scenarios)
    heading(right, f"Change against {references(data, scenarios)}", "per cent")
    draw_changes(right, data, values, scenarios)
    for axes in [left, right]:
        look(axes)
        look_of_time(axes, data)
        axes.tick_params(axis="x", labelbottom=True)


def draw(data, names, scenarios, park):
    columns = 4 if len(scenarios) <= 4 else 3
    legend = 0.26 * -(-len(scenarios) // columns)
    height = 0.75 + legend + 2.3 * len(names)
    figure, grid = plt.subplots(len(names), 2, figsize=(10.4, height), squeeze=False, sharex=True,
                                gridspec_kw={"width_ratios": [1.35, 1]})
    for (left, right), name in zip(grid, names):
        draw_row(left, right, data, name, scenarios, park)
    figure.text(0.012, 1 - 0.14 / height, title_of(data, park), fontsize=14, fontweight="bold", color=INK, va="top")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.004, 1 - 0.42 / height),
                  ncols=columns, frameon=False, fontsize=10.5, labelcolor=INK, handlelength=2.8)
    figure.text(0.012, 0.1 / height, foot_of(data), fontsize=8, color="#666666", va="bottom")
    figure.tight_layout(rect=(0, 0.25 / height, 1, 1 - (0.55 + legend) / height), h_pad=1.6, w_pad=2.5)
    return figure


def main():
    given = arguments()
    if not os.path.isfile(given.results):
        raise SystemExit(f"plot_results: there is no file {given.results}; `parkflow run` writes one")
    with xr.open_dataset(given.results, engine="h5netcdf", decode_timedelta=False) as data:
        if given.park:
            choose("park", [given.park], list(data["park"].values))
        names, scenarios = chosen_indicators(data, given.indicators), chosen_scenarios(data, given.scenarios)
        plt.rcParams["font.family"] = "DejaVu Sans"
        figure = draw(data, names, scenarios, given.park)
        metadata = {"Software": None} if given.picture.endswith(".png") else {}
        figure.savefig(given.picture, dpi=150, metadata=metadata)


if __name__ == "__main__":
    main()
