#!/usr/bin/python3
"""Draws what `parkflow analyse` found: the parameters that matter most in one period, and over all periods.

Needs Debian's python3-xarray, python3-h5netcdf and python3-matplotlib; the file's ending chooses PNG, SVG or PDF.
"""
import argparse
import os
import textwrap

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

# The index that ranks parameters, and one that is drawn beside it.
INDICES = {"sobol": ("total_order", "first_order"), "morris": ("mu_star", "sigma"), "first_order": ("first_order", None),
           "pawn": ("pawn", None), "delta": ("delta", None), "regression": ("coefficient", "correlation"),
           "rank": ("coefficient", "correlation"), "elasticities": ("elasticity", None)}
SIGNED = {"regression", "rank", "elasticities"}
# Of Okabe and Ito's colours, told apart with any kind of colour vision.
BAR, FAINT, POINT, INK, PALE = "#56B4E9", "#d3e3ee", "#D55E00", "#333333", "#dddddd"
MARK = "! "
NAME_WIDTH, LINE = 44, 0.34  # characters of a name before it is broken; inches of a parameter's row


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="the results file that `parkflow analyse` wrote into")
    parser.add_argument("method", choices=INDICES)
    parser.add_argument("picture", help="the file to draw: .png, .svg or .pdf")
    parser.add_argument("--indicator", help="the first that was analysed if not given")
    parser.add_argument("--scenario", help="a scenario or a change, 'full - baseline'; the last change if not given")
    parser.add_argument("--period", help="of the bars; the last year if not given")
    parser.add_argument("--top", type=int, default=12, help="parameters that are drawn; 12 if not given")
    return parser.parse_args()


def choose(what, wanted, known, default):
    if wanted and wanted not in known:
        raise SystemExit(f"plot_analysis: no {what} is called '{wanted}'; there are {', '.join(map(str, known))}")
    return wanted or default


def indicators_of(data, leading):
    ending = f"_{leading}"
    return [name.removesuffix(ending) for name in data.data_vars if name.endswith(ending)]


def single_periods(periods):
    """All but the whole reported time behind its years."""
    is_whole = len(periods) > 1 and (".." in periods[-1] or periods[-1] == f"{periods[0]}-{periods[-2]}")
    return periods[:-1] if is_whole else periods


def broken(name):
    return "\n".join(textwrap.wrap(name, NAME_WIDTH)) if " " in name else broken_at_dots(name)


def broken_at_dots(name):
    """A path in lines of at most NAME_WIDTH characters, where that can be had."""
    lines = [""]
    for part in name.replace(".", ".\0").split("\0"):
        if len(lines[-1]) + len(part) > NAME_WIDTH and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def unit_text(unit):
    for plain, printed in [("m3", "m³"), ("m2", "m²"), ("CO2", "CO₂"), ("CH4", "CH₄"), ("N2O", "N₂O")]:
        unit = unit.replace(plain, printed)
    return "" if unit == "1" else f" [{unit}]"


def top_parameters(values, top, signed):
    """Rows by size, largest first; those without an index or with next to none are left out."""
    size = np.abs(values) if signed else values
    order = np.argsort(np.where(np.isfinite(size), -size, np.inf), kind="stable")
    good = [row for row in order if np.isfinite(size[row]) and size[row] > 5e-3 * np.nanmax(size)]
    return good[:top]


def look(axes):
    for side in ["top", "right", "left"]:
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(colors=INK, labelsize=9.5)


def is_sure(low, high, signed):
    """Does the interval leave out 0? Without intervals nobody knows, and nothing is made faint."""
    if np.isnan(low) or np.isnan(high):
        return True
    return low > 0 or (signed and high < 0)


def draw_bars(axes, data, name, other, chosen, rows, signed):
    """Bars with their intervals, from the largest down; the other index as a point."""
    values = data[name].sel(chosen).values[rows]
    has_interval = f"{name}_low" in data
    low = data[f"{name}_low"].sel(chosen).values[rows] if has_interval else np.full(len(rows), np.nan)
    high = data[f"{name}_high"].sel(chosen).values[rows] if has_interval else np.full(len(rows), np.nan)
    colours = [BAR if is_sure(a, b, signed) else FAINT for a, b in zip(low, high)]
    places = np.arange(len(rows))
    axes.barh(places, values, height=0.62, color=colours, zorder=2)
    if has_interval:
        axes.hlines(places, low, high, color=INK, linewidth=1.3, zorder=3)
    if other:
        axes.plot(data[other].sel(chosen).values[rows], places, "D", color=POINT, markersize=5, zorder=4)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=3)
    axes.grid(axis="x", color=PALE, linewidth=0.8, zorder=0)
    axes.set_yticks(places, labels_of(data, name, chosen, rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    look(axes)


def labels_of(data, name, chosen, rows):
    """A parameter whose index is not its own is marked as in the table."""
    tied_name = next((n for n in data.data_vars if n.endswith("_tied") and name.startswith(n.removesuffix("_tied"))), None)
    tied = data[tied_name].sel(chosen).values[rows] if tied_name else np.zeros(len(rows))
    return [MARK * bool(mark) + broken(str(label)) for mark, label in zip(tied, data["parameter"].values[rows])]


def draw_heat(axes, data, name, chosen, rows, signed):
    """The index by parameter and period, each cell with its number."""
    periods = single_periods([str(period) for period in data["period"].values])
    place = {"scenario": chosen["scenario"], "park": chosen["park"], "period": periods}
    values = data[name].sel(place).transpose("parameter", "period").values[rows]
    largest = np.nanmax(np.abs(values))
    limits = {"vmin": -largest if signed else 0, "vmax": largest}
    axes.imshow(values, aspect="auto", cmap="PuOr_r" if signed else "Blues", **limits)
    if values.size <= 160:
        write_numbers(axes, values, largest, signed)
    axes.set_yticks([])
    every = max(1, len(periods) // 12)
    axes.set_xticks(range(0, len(periods), every), periods[::every])
    axes.tick_params(length=0, colors=INK, labelsize=9.5)
    for side in axes.spines.values():
        side.set_visible(False)


def write_numbers(axes, values, largest, signed):
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            text = f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") if largest < 100 else f"{value:,.0f}"
            dark = abs(value) > 0.6 * largest
            axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color="white" if dark else INK)


def heading(axes, text):
    axes.set_title(text, loc="left", fontsize=11, fontweight="bold", color=INK, pad=9)


def index_words(data, name):
    """The index's own title, behind that of the indicator."""
    return data[name].attrs["long_name"].rpartition(": ")[2] if name else ""


def explain(data, name, other, is_marked):
    words = f"bars: {index_words(data, name)}{unit_text(data[name].attrs.get('units', '1'))}"
    if f"{name}_low" in data:
        words += "; lines: 95 % intervals; pale: the interval holds 0"
    if other:
        words += f"; diamonds: {index_words(data, other)}"
    if is_marked:
        words += "; !: not its own, by the design"
    return textwrap.fill(words, 120)


def draw(data, given, indicator, chosen):
    leading, beside = INDICES[given.method]
    name, other = f"{indicator}_{leading}", f"{indicator}_{beside}" if beside else None
    signed = given.method in SIGNED
    rows = top_parameters(data[name].sel(chosen).values, given.top, signed)
    if not rows:
        raise SystemExit(f"plot_analysis: '{indicator}' of '{chosen['scenario']}' has no index in {chosen['period']}")
    has_heat = data.sizes["period"] > 1
    is_broken = any(len(str(data["parameter"].values[row])) > NAME_WIDTH for row in rows)
    height = 1.75 + LINE * max(4, len(rows)) * (1.25 if is_broken else 1)
    figure, grid = plt.subplots(1, 1 + has_heat, figsize=(11.4 if has_heat else 8.6, height), squeeze=False,
                                gridspec_kw={"width_ratios": [1.25, 1][:1 + has_heat]})
    draw_bars(grid[0, 0], data, name, other, chosen, rows, signed)
    is_marked = any(label.get_text().startswith(MARK) for label in grid[0, 0].get_yticklabels())
    heading(grid[0, 0], chosen["period"])
    if has_heat:
        draw_heat(grid[0, 1], data, name, chosen, rows, signed)
        heading(grid[0, 1], leading.replace("_", " ") + " by period")
    title = f"{data[name].attrs['long_name'].split(':')[0]}, {chosen['scenario']}"
    figure.text(0.012, 1 - 0.14 / height, title, fontsize=14, fontweight="bold", color=INK, va="top")
    figure.text(0.012, 1 - 0.44 / height, data.attrs["title"], fontsize=10.5, color=INK, va="top")
    figure.text(0.012, 0.1 / height, explain(data, name, other, is_marked), fontsize=8.5, color="#555555", va="bottom")
    figure.tight_layout(rect=(0, 0.42 / height, 1, 1 - 0.62 / height), w_pad=1.5)
    return figure


def main():
    given = arguments()
    if not os.path.isfile(given.results):
        raise SystemExit(f"plot_analysis: there is no file {given.results}")
    try:
        data = xr.open_dataset(given.results, group=f"analysis/{given.method}", engine="h5netcdf", decode_timedelta=False)
    except OSError:
        raise SystemExit(f"plot_analysis: {given.results} holds no such analysis: `parkflow analyse {given.method} "
                         f"{given.results}` makes it") from None
    with data:
        indicators = indicators_of(data, INDICES[given.method][0])
        indicator = choose("indicator", given.indicator, indicators, indicators[0])
        scenarios, periods = [str(s) for s in data["scenario"].values], [str(p) for p in data["period"].values]
        chosen = {"scenario": choose("scenario", given.scenario, scenarios, scenarios[-1]),
                  "park": str(data["park"].values[0]),
                  "period": choose("period", given.period, periods, single_periods(periods)[-1])}
        plt.rcParams["font.family"] = "DejaVu Sans"
        figure = draw(data, given, indicator, chosen)
        figure.savefig(given.picture, dpi=150, metadata={"Software": None} if given.picture.endswith(".png") else {})


if __name__ == "__main__":
    main()
