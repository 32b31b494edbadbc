"""The charts of a brief, each as SVG of one column (89 mm), readable on a phone and in grey print: letters as outlines,
so that no reader lacks a diacritic; colours of Okabe and Ito, and beside them lines and hatches that tell the same."""
import io
import pathlib
import textwrap

import matplotlib
matplotlib.use("Agg")
import matplotlib.font_manager as font_manager
import matplotlib.pyplot as plt
import numpy as np

import wording

INK, PALE, GREY = "#222222", "#dddddd", "#777777"
BLUE, ORANGE, GREEN, PURPLE, WHOLE = "#0072B2", "#D55E00", "#009E73", "#A65A87", "#9a9a9a"
GROUND_LOOK = {"measured": (BLUE, ""), "derived": ("#56B4E9", ""), "benchmark": ("#F0E442", ".."),
               "assumed": ("#ffffff", "////"), "orphan": (ORANGE, "xx")}
WIDTH, TEXT = 3.5, 8  # inches, points

# Debian's fonts-open-sans by its place: matplotlib's own list of fonts may be older. Without it DejaVu Sans, which
# comes with matplotlib; both have all letters of Vietnamese.
OPEN_SANS = sorted(pathlib.Path("/usr/share/fonts/truetype/open-sans").glob("OpenSans-[RB][eo]*.ttf"))
for path in OPEN_SANS:
    font_manager.fontManager.addfont(path)

plt.rcParams.update({
    "font.family": ["Open Sans", "DejaVu Sans"] if OPEN_SANS else ["DejaVu Sans"],
    "font.size": TEXT, "axes.labelsize": TEXT, "xtick.labelsize": TEXT, "ytick.labelsize": TEXT,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "svg.fonttype": "path", "svg.hashsalt": "parkflow", "hatch.linewidth": 0.6, "axes.unicode_minus": True})


def as_svg(figure):
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return out.getvalue()


def look(axes, grid="y"):
    for side in axes.spines:
        axes.spines[side].set_visible(False)
    axes.grid(axis=grid, color=PALE, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def ticks_of(words, axis, factor=1, count=4):
    """Round numbers in the reader's notation."""
    axis.set_major_locator(plt.MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(lambda value, _: wording.exact(words, round(value / factor, 9)))


# ---- pathways ----

def draw_band(axes, years, curves, colour, line="-"):
    """The outer quantiles light, the inner ones darker, and the middle as a line."""
    for number in range(len(curves) // 2):
        axes.fill_between(years, curves[number], curves[-1 - number], color=colour, linewidth=0,
                          alpha=0.16 if number == 0 else 0.24)
    axes.plot(years, curves[len(curves) // 2], color=colour, linewidth=2, linestyle=line, marker="o",
              markersize=3.5)


def look_of_years(axes, path, room=0):
    """`room`: behind the last year, for its number."""
    years = np.arange(len(path["years"]))
    axes.set_xticks(years, path["years"])
    axes.set_xlim(-0.15, len(years) - 0.85 + room)
    look(axes)


def fan_of_level(words, path):
    """The scenario with its bands, the reference as a dashed line."""
    figure, axes = plt.subplots(figsize=(WIDTH, 1.3), layout="constrained")
    years, last = np.arange(len(path["years"])), len(path["years"]) - 1
    unit, factor = wording.scale_of(path["unit"], max(path["levels"][-1]))
    draw_band(axes, years, path["levels"], BLUE)
    axes.plot(years, path["reference"], color=INK, linewidth=1.3, linestyle=(0, (4, 2)))
    middle = path["levels"][len(path["levels"]) // 2]
    axes.set_ylim(0, 1.08 * max(path["levels"][-1]) or 1)
    both = [(path["reference"][last], words["reference_short"], INK), (middle[last], words["scenario_short"], BLUE)]
    above = both[0][0] >= both[1][0]
    for (value, text, colour), is_up in zip(both, (above, not above)):
        axes.annotate(text, (last, value), (0, 7 if is_up else -7), textcoords="offset points", color=colour,
                      ha="right", va="bottom" if is_up else "top", fontsize=TEXT)
    ticks_of(words, axes.yaxis, factor)
    look_of_years(axes, path)
    return as_svg(figure), wording.unit_text(words, unit)


def draw_no_change(words, path):
    figure, axes = plt.subplots(figsize=(WIDTH, 1.3), layout="constrained")
    axes.text(0.5, 0.5, words["unchanged"], transform=axes.transAxes, ha="center", va="center")
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.set_yticks([0])
    axes.set_ylim(0, 1)
    look_of_years(axes, path)
    return as_svg(figure), ""


def fan_of_saving(words, path, is_potential=False):
    """What is saved by year, each year's middle written beside it; of a potential in a colour and line of its own."""
    years, curves = np.arange(len(path["years"])), path["saved"]
    low, high = min(map(min, curves)), max(map(max, curves))
    if low == high == 0:
        return draw_no_change(words, path)
    figure, axes = plt.subplots(figsize=(WIDTH, 1.3), layout="constrained")
    unit, factor = wording.scale_of(path["unit"], max(abs(low), abs(high)))
    draw_band(axes, years, curves, PURPLE if is_potential else GREEN, (0, (3, 1.5)) if is_potential else "-")
    axes.axhline(0, color=INK, linewidth=0.9)
    for year, value in zip(years, curves[len(curves) // 2]):
        axes.annotate(wording.number(words, value / factor), (year, value), (5, 3), textcoords="offset points",
                      fontsize=TEXT, va="bottom")
    room = 0.1 * (high - low or 1)
    axes.set_ylim(low - room if low < 0 else 0, high + room)
    ticks_of(words, axes.yaxis, factor)
    look_of_years(axes, path, 0.25)
    return as_svg(figure), wording.unit_text(words, unit)


# ---- waterfalls ----

def draw_steps(axes, words, rows, factor, good, first=None, last=None):
    """Bars one below the other, each from where the one above ended; `first` and `last`: (label, value) of whole bars;
    `good`: the sign of what is full and green, the other is hatched."""
    place, level, span = 0, first[1] if first else 0, []
    if first:
        span += draw_whole(axes, words, place, *first, factor, 3)
        place += 1
    for label, value, low, high in rows:
        colour, hatch = (GREEN, "") if value * good > 0 else (ORANGE, "////")
        axes.barh(place, value, left=level, height=0.5, color=colour if not hatch else "white", edgecolor=colour,
                  hatch=hatch, linewidth=0.8, zorder=2)
        ends = [level, level + value]
        if low is not None:
            axes.hlines(place, level + low, level + high, color=INK, linewidth=1.1, zorder=3)
            ends += [level + low, level + high]
        write_beside(axes, place, label, max(ends), wording.number(words, value / factor))
        span += ends
        level, place = level + value, place + 1
    span += draw_whole(axes, words, place, *last, factor, 3 if first else 2)
    return place + 1, span


def draw_whole(axes, words, place, label, value, factor, digits):
    axes.barh(place, value, height=0.5, color=WHOLE, zorder=2)
    write_beside(axes, place, label, max(0, value), wording.number(words, value / factor, digits))
    return [value]


def write_beside(axes, place, label, right, text):
    axes.annotate(text, (right, place), (3, 0), textcoords="offset points", va="center", fontsize=TEXT, zorder=4,
                  fontweight="bold")
    axes.annotate(label, (0, place - 0.3), (9, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                  va="bottom", fontsize=TEXT, zorder=4)


def draw_waterfall(words, rows, unit, size, good, first, last, low_of):
    name, factor = wording.scale_of(unit, size)
    figure, axes = plt.subplots(figsize=(WIDTH, 0.33 * (len(rows) + 1 + bool(first)) + 0.3), layout="constrained")
    count, span = draw_steps(axes, words, rows, factor, good, first, last)
    low, high = low_of(span), max(span)
    reach = high - low or 1
    axes.set_xlim(low - 0.02 * reach, high + 0.17 * reach)
    axes.set_ylim(count - 0.6, -0.9)
    axes.set_yticks([])
    look(axes, "x")
    ticks_of(words, axes.xaxis, factor)
    return figure, axes, wording.unit_text(words, name)


def change(words, rows, unit, first, last):
    """From one whole to another; rows: (label, value, low, high). The axis begins near the bars, not at 0."""
    def low_of(span):
        return min(span) - 0.3 * (max(span) - min(span))
    figure, _, unit = draw_waterfall(words, rows, unit, last[1], -1, first, last, low_of)
    return as_svg(figure), unit


def contributions(words, rows, unit, together):
    """From 0 to what all come to."""
    figure, axes, unit = draw_waterfall(words, rows, unit, abs(together[1]), 1, None, together,
                                        lambda span: min(0, min(span)))
    axes.axvline(0, color=INK, linewidth=0.9, zorder=3)
    return as_svg(figure), unit


# ---- cost of avoiding ----

def cost_curve(words, costs, letters):
    """A bar an intervention, as wide as what it avoids, as high as what a unit costs, the cheapest first."""
    rows = costs["rows"]
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6), layout="constrained")
    widths, heights = np.array([row["avoided"] for row in rows]), np.array([row["cost"] for row in rows])
    edges = np.concatenate([[0], np.cumsum(widths)])
    inside = heights[widths > 0.004 * edges[-1]] if (widths > 0.004 * edges[-1]).any() else heights
    for left, width, height in zip(edges, widths, heights):
        gains = height < 0
        axes.bar(left, height, width, align="edge", color=GREEN if gains else "white", linewidth=0.6,
                 edgecolor="white" if gains else ORANGE, hatch="" if gains else "////", zorder=2)
    axes.axhline(0, color=INK, linewidth=0.9, zorder=3)
    low, high = min(0, inside.min()), max(0, inside.max())
    room = 0.18 * (high - low or 1)
    axes.set_ylim(low - room * (low < 0), high + room)
    for left, width, height, row in zip(edges, widths, heights, rows):
        letter = letters.get(row["title"])
        if letter and width > 0.02 * edges[-1]:
            axes.annotate(letter, (left + width / 2, max(0, min(height, high))), (0, 2), textcoords="offset points",
                          ha="center", va="bottom", fontsize=TEXT, fontweight="bold", zorder=4)
    look(axes)
    unit, factor = wording.scale_of(costs["gases"], edges[-1])
    ticks_of(words, axes.xaxis, factor)
    ticks_of(words, axes.yaxis)
    axes.set_xlabel(f"{words['avoided']}, {wording.unit_text(words, unit)}")
    return as_svg(figure), wording.unit_text(words, costs["cost_unit"])


# ---- what drives the uncertainty ----

def tornado(words, drivers):
    """One standard deviation of each parameter both ways; full: the parameter above its median."""
    rows = drivers["rows"]
    unit, factor = wording.scale_of(drivers["unit"], drivers["sd"])
    figure, axes = plt.subplots(figsize=(WIDTH, 0.33 * len(rows) + 0.4), layout="constrained")
    for place, row in enumerate(rows):
        for move, colour in ((row["move"], BLUE), (-row["move"], "white")):
            axes.barh(place, move, height=0.46, color=colour, edgecolor=BLUE, linewidth=0.8, zorder=2)
        axes.annotate(textwrap.shorten(row["name"], 58, placeholder=" …"), (0, place - 0.27), zorder=4,
                      xycoords=("axes fraction", "data"), va="bottom", fontsize=TEXT,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})
        axes.annotate(wording.whole_percent(words, row["share"]), (abs(row["move"]), place), (3, 0),
                      textcoords="offset points", va="center", fontsize=TEXT, fontweight="bold")
    most = max(abs(row["move"]) for row in rows)
    axes.set_xlim(-1.1 * most, 1.35 * most)
    axes.set_ylim(len(rows) - 0.6, -0.95)
    axes.set_yticks([])
    axes.axvline(0, color=INK, linewidth=0.9, zorder=3)
    look(axes, "x")
    ticks_of(words, axes.xaxis, factor)
    return as_svg(figure), wording.unit_text(words, unit)


# ---- evidence ----

def grounds(words, rows):
    """A bar a park of what its numbers rest on, its parts hatched alike in all."""
    figure, axes = plt.subplots(figsize=(WIDTH, 0.19 * len(rows) + 0.65), layout="constrained")
    for place, row in enumerate(rows):
        left = 0
        for ground, share in row["parts"].items():
            colour, hatch = GROUND_LOOK[ground]
            axes.barh(place, share, left=left, height=0.7, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.5)
            left += share
    used = [ground for ground in GROUND_LOOK if any(row["parts"][ground] > 0.004 for row in rows)]
    handles = [plt.Rectangle((0, 0), 1, 1, facecolor=GROUND_LOOK[g][0], hatch=GROUND_LOOK[g][1], edgecolor=INK,
                             linewidth=0.5) for g in used]
    axes.legend(handles, [words[f"ground_{ground}"] for ground in used], loc="lower right", bbox_to_anchor=(1.02, 1),
                frameon=False, ncols=2, fontsize=TEXT, handlelength=1.4, columnspacing=1.2)
    axes.set_yticks(range(len(rows)), [row["title"] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    look(axes, "x")
    return as_svg(figure)
