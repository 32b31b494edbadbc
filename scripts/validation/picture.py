"""The picture of docs/validation.md: what the model says over what was reported, with 90 % intervals, before and after
the fit."""
import re

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Of Okabe and Ito's colours, told apart with any kind of colour vision.
BEFORE, AFTER, INK, PALE = "#999999", "#0072B2", "#333333", "#dddddd"
GROUPS = [("pilot", "fit", "Pilot, fitted to"), ("pilot", "test", "Pilot, tests"),
          ("programme", "test", "Programme, tests"), ("pilot", "derived", "Pilot, derived: not counted"),
          ("pilot", "context", "Pilot, in conflict: not counted")]
LEAST = 0.02  # of the axis; what is below has its mark at the edge


def reported(check):
    """Middle, low and high: one standard deviation, or the range."""
    if "at_least" in check:
        return float(re.match(r"[\d.]+", check["at_least"])[0]), None, None
    text = check["observed"]
    if ".." in text:
        low, high = map(float, re.match(r"([\d.]+)\.\.([\d.]+)", text).groups())
        return (low + high) / 2, low, high
    middle, spread = map(float, re.match(r"([\d.]+) \+- ([\d.]+)", text).groups())
    return middle, middle - spread, middle + spread


def use_of(check):
    return "derived" if "derived_from" in check else check["use"]


def rows_of(models):
    """Headings and checks, in the order of the picture."""
    for model, use, title in GROUPS:
        yield title, None, None
        checks, results = models[model]
        for name, check in checks.items():
            if use_of(check) == use and results["after"][name]["interval"][2] > 1e-6:
                intervals = {when: results[when][name]["interval"] for when in ("before", "after")}
                yield check["title"]["en"], check, intervals


def draw_interval(axes, place, interval, report, colour):
    low, middle, high = (max(value / report, LEAST) for value in interval)
    axes.plot([low, high], [place, place], color=colour, linewidth=2, solid_capstyle="butt", zorder=3)
    axes.plot(middle, place, "o", color=colour, markersize=5, zorder=4)


def draw_row(axes, place, check, intervals):
    report, low, high = reported(check)
    ends = [1, 30] if low is None else [low / report, high / report]
    axes.plot(ends, [place, place], color=PALE, linewidth=9, solid_capstyle="butt", zorder=1)
    draw_interval(axes, place - 0.16, intervals["before"], report, BEFORE)
    draw_interval(axes, place + 0.16, intervals["after"], report, AFTER)


def draw(models, path):
    rows = list(rows_of(models))
    figure, axes = plt.subplots(figsize=(8.6, 0.3 * len(rows) + 1), layout="constrained")
    for place, (title, check, intervals) in enumerate(rows):
        if check:
            draw_row(axes, place, check, intervals)
        axes.text(LEAST * 0.9, place, title, ha="right", va="center", fontsize=8.5, color=INK,
                  weight="normal" if check else "bold")
    axes.axvline(1, color=INK, linewidth=0.8, zorder=2)
    axes.set_xscale("log")
    axes.set_xlim(LEAST, 20)
    axes.set_xticks([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], ["1/20", "1/10", "1/5", "1/2", "1", "2", "5", "10"])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xlabel("model over report", color=INK)
    axes.plot([], [], "o-", color=BEFORE, label="before, 90 %")
    axes.plot([], [], "o-", color=AFTER, label="fitted, 90 %")
    axes.plot([], [], color=PALE, linewidth=9, label="report, a fifth either way, or a bound")
    axes.legend(loc="upper center", bbox_to_anchor=(0.3, 1.04), ncols=3, frameon=False, fontsize=8.5)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=140)
