#!/usr/bin/python3
"""Draws what `parkflow analyse attribute`, `portfolio` or `decompose` found.

attribute: a waterfall of a scenario's change by intervention, and what each costs (a marginal abatement cost curve);
portfolio: all portfolios by two objectives, with the front and the alternatives near it; decompose: a waterfall of the
years by effect. Needs Debian's python3-xarray, python3-h5netcdf and python3-matplotlib.
"""
import argparse
import os
import textwrap

import numpy as np
import xarray as xr

from plot_analysis import BAR, INK, PALE, POINT, choose, heading, look, plt, single_periods, unit_text

# Of Okabe and Ito's colours: what falls, what rises, what it comes to.
FALL, RISE, WHOLE, CHOSEN = BAR, POINT, "#999999", "#009E73"
WIDTH = 34  # characters of a title before it is broken


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="the results file that `parkflow analyse` wrote into")
    parser.add_argument("method", choices=DRAWINGS)
    parser.add_argument("picture", help="the file to draw: .png, .svg or .pdf")
    parser.add_argument("--indicator", help="of a waterfall; ghg_total, or the first, if not given")
    parser.add_argument("--park", help="all together if not given")
    parser.add_argument("--period", help="of the waterfall; the last year if not given")
    parser.add_argument("--actor", help="whose cost is drawn, of a model with actors: a name, or society")
    parser.add_argument("--top", type=int, default=10, help="interventions drawn by themselves; 10 if not given")
    parser.add_argument("--objectives", help="of a portfolio: two names, 'cost,ghg_total'; the first two if not given")
    return parser.parse_args()


def broken(text):
    return "\n".join(textwrap.wrap(text, WIDTH)) or text


def number(value, digits=2):
    """Two significant digits, as a reader may take them; three of a level."""
    if value == 0 or not np.isfinite(value):
        return "0"
    decimals = digits - 1 - int(np.floor(np.log10(abs(value))))
    return f"{round(value, decimals):,.{max(0, decimals)}f}".replace("-", "−")


def group_thousands(axis):
    axis.set_major_locator(plt.MaxNLocator(5))
    axis.set_major_formatter(lambda value, place: f"{value:,.10g}".replace("-", "−"))


# ---- a waterfall ----

def waterfall(axes, labels, steps, low=None, high=None, start=0, ends=None):
    """Steps one below the other, each from where the last one ended; `ends` names bars for start and sum, from which
    the axis then shows only the ends."""
    steps = np.asarray(steps, float)
    begins = start + np.concatenate([[0], np.cumsum(steps)])
    names, lefts, widths = list(labels), list(begins[:-1]), list(steps)
    colours = [FALL if step < 0 else RISE for step in steps]
    if ends:
        names, lefts, widths, colours = [ends[0]] + names, [0] + lefts, [start] + widths, [WHOLE] + colours
    names, lefts, widths = names + [ends[1] if ends else "together"], lefts + [0], widths + [begins[-1]]
    colours = colours + [WHOLE]
    places = np.arange(len(names))
    axes.barh(places, widths, left=lefts, height=0.62, color=colours, zorder=2)
    reach = list(begins) if ends else list(begins) + [0]
    rights = np.maximum(lefts, np.add(lefts, widths))
    if low is not None:
        of_steps = places[bool(ends):][:len(steps)]
        axes.hlines(of_steps, begins[:-1] + low, begins[:-1] + high, color=INK, linewidth=1.3, zorder=3)
        reach += list((begins[:-1] + low)[np.isfinite(low)]) + list((begins[:-1] + high)[np.isfinite(high)])
        rights[of_steps] = np.fmax(rights[of_steps], begins[:-1] + high)
    label_bars(axes, rights, widths, colours, reach, bool(ends))
    axes.set_yticks(places, [broken(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x", color=PALE, linewidth=0.8, zorder=0)
    look(axes)
    group_thousands(axes.xaxis)


def label_bars(axes, rights, widths, colours, reach, is_cut):
    least, most = min(reach), max(reach)
    span = most - least or abs(most) or 1
    axes.set_xlim(least - (0.35 if is_cut else 0.02) * span, most + 0.2 * span)
    for place, (right, width, colour) in enumerate(zip(rights, widths, colours)):
        text = number(width, 3 if is_cut and colour == WHOLE else 2)
        axes.text(right + 0.015 * span, place, text, va="center", fontsize=8.5, color=INK, zorder=4,
                  bbox={"facecolor": "white", "alpha": 0.7, "pad": 0.5, "edgecolor": "none"})


# ---- attribute ----

def shown_rows(values, top):
    """The rows with the largest shares, and the others."""
    order = np.argsort(-np.abs(values), kind="stable")
    order = [row for row in order if values[row] != 0]
    return order[:top], order[top:]


def draw_shares(axes, data, given, chosen):
    name = f"{chosen['indicator']}_contribution"
    place = {"park": chosen["park"], "period": chosen["period"]}
    values = data[name].sel(place).values
    titles = [str(title) for title in data["intervention_title"].values]
    rows, rest = shown_rows(values, given.top)
    labels, steps = [titles[row] for row in rows], [values[row] for row in rows]
    low = high = None
    if f"{name}_low" in data:
        low, high = (list(data[f"{name}_{end}"].sel(place).values[rows]) for end in ("low", "high"))
    if rest:
        labels.append(f"{len(rest)} more"), steps.append(sum(values[row] for row in rest))
        low, high = (ends if ends is None else ends + [np.nan] for ends in (low, high))
    waterfall(axes, labels, np.array(steps), *(None if e is None else np.array(e) for e in (low, high)))
    axes.set_xlabel(data[name].attrs["units"].replace("CO2", "CO₂").replace("m3", "m³"), color=INK)


def draw_costs(axes, data):
    """Bars as wide as what they avoid, the cheapest first; what avoids nothing has no place here."""
    middle = data.sizes["discount_rate"] // 2
    cost, avoided = data["abatement_cost"].values[:, middle], data["avoided"].values
    rows = [row for row in np.argsort(cost, kind="stable") if np.isfinite(cost[row]) and avoided[row] > 0]
    edges = np.concatenate([[0], np.cumsum(avoided[rows])])
    heights = cost[rows]
    axes.bar(edges[:-1], heights, width=avoided[rows], align="edge", edgecolor="white", linewidth=0.4,
             color=[FALL if height < 0 else RISE for height in heights], zorder=2)
    axes.axhline(0, color=INK, linewidth=0.9, zorder=3)
    weights = avoided[rows] / edges[-1]
    inside = heights[weights > 0.004] if (weights > 0.004).any() else heights
    depth = abs(min(0, inside.min()))
    axes.set_ylim(-1.15 * depth, max(1.3 * inside.max(), 0.6 * depth) or 1)
    names = [str(data["intervention"].values[row]) for row in rows]
    for left, width, height, name in zip(edges, avoided[rows], heights, names):
        if width > 0.045 * edges[-1]:
            axes.text(left + width / 2, 0.02 * np.ptp(axes.get_ylim()), name.replace("_", " "), rotation=90,
                      ha="center", va="bottom", fontsize=7.5, color=INK, zorder=4)
    axes.grid(axis="y", color=PALE, linewidth=0.8, zorder=0)
    look(axes)
    group_thousands(axes.xaxis)
    axes.set_xlabel(f"avoided in the last year{unit_text(data['avoided'].attrs['units'])}", color=INK)
    axes.set_ylabel(f"cost{unit_text(data['abatement_cost'].attrs['units'])}", color=INK)


def with_cost_of(data, actor):
    """An actor's cost in place of the usual one."""
    actors = [str(name) for name in data["actor"].values] if "actor" in data.dims else []
    return data.assign(abatement_cost=data["actor_abatement_cost"].sel(actor=choose("actor", actor, actors, None)))


def draw_attribute(data, given):
    indicators = [name.removesuffix("_contribution") for name in data.data_vars if name.endswith("_contribution")]
    usual = "ghg_total" if "ghg_total" in indicators else indicators[0]
    periods, parks = [str(p) for p in data["period"].values], [str(p) for p in data["park"].values]
    chosen = {"indicator": choose("indicator", given.indicator, indicators, usual),
              "park": choose("park", given.park, parks, "all"),
              "period": choose("period", given.period, periods, single_periods(periods)[-1])}
    has_costs = "abatement_cost" in data
    rows = min(given.top, data.sizes["intervention"]) + 2
    figure, grid = plt.subplots(1, 1 + has_costs, figsize=(13 if has_costs else 8, 1.9 + 0.42 * max(7, rows)),
                                squeeze=False, gridspec_kw={"width_ratios": [1.1, 1][:1 + has_costs]})
    draw_shares(grid[0, 0], data, given, chosen)
    title = data[f"{chosen['indicator']}_change"].attrs["long_name"].split(":")[0]
    heading(grid[0, 0], f"{title}, {chosen['period']}, {'all parks' if chosen['park'] == 'all' else chosen['park']}")
    if has_costs:
        draw_costs(grid[0, 1], with_cost_of(data, given.actor) if given.actor else data)
        rate = float(data["discount_rate"].values[data.sizes["discount_rate"] // 2])
        heading(grid[0, 1], f"Cost {f'to {given.actor}' if given.actor else 'of avoiding'}, at a real discount rate of "
                               f"{100 * rate:.3g} %")
    note = "Shapley values: interactions are shared, the parts add up."
    if f"{chosen['indicator']}_contribution_low" in data:
        has_members = int(data.attrs["members"]) > 0
        note += " Lines: range from 5 % to 95 % over members." if has_members else " Lines: 95 % of the sample."
    return figure, f"{data.attrs['scenario']} against {data.attrs['against']}", note


# ---- portfolio ----

def draw_portfolio(data, given):
    names = [str(name) for name in data["objective"].values]
    wanted = given.objectives.split(",") if given.objectives else names[:2]
    if len(wanted) != 2 or len(names) < 2:
        raise SystemExit("plot_decisions: a portfolio is drawn by two objectives, --objectives NAME,NAME")
    x, y = (names.index(choose("objective", name, names, name)) for name in wanted)
    change, front = data["change"].values, data["in_front"].values > 0
    units = [str(unit) for unit in data["objective_unit"].values]
    figure, axes = plt.subplots(figsize=(9, 6.2))
    axes.plot(change[~front, x], change[~front, y], ".", color="#bbbbbb", markersize=4, label="others", zorder=2)
    axes.plot(change[front, x], change[front, y], "o", color=FALL, markersize=5, label="front", zorder=3)
    picked = data["is_alternative"].values > 0
    axes.plot(change[picked, x], change[picked, y], "D", markerfacecolor="none", color=RISE, markersize=9,
              label="nearly as good, unlike each other", zorder=4)
    if "budget" in data.attrs and x == 0:
        axes.axvline(float(data.attrs["budget"]), color=CHOSEN, linewidth=1.2, linestyle="--", label="budget")
    axes.grid(color=PALE, linewidth=0.8, zorder=0)
    look(axes)
    group_thousands(axes.xaxis), group_thousands(axes.yaxis)
    axes.set_xlabel(f"{names[x]}: change{unit_text(units[x])}", color=INK)
    axes.set_ylabel(f"{names[y]}: change{unit_text(units[y])}", color=INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    count = int(data.attrs["portfolios"])
    note = f"{count:,} portfolios at the medians; the front is that of {', '.join(names)} together."
    return figure, f"Portfolios of {data.attrs['scenario']} against {data.attrs['against']}", note


# ---- decompose ----

def ends_of(data, name, park, scenario=None):
    """The range over members; without members none."""
    if f"{name}_low" not in data:
        return None, None
    ends = [data[f"{name}_{end}"].sel(park=park) for end in ("low", "high")]
    return [(end if scenario is None else end.isel(scenario=scenario)).values for end in ends]


def draw_decompose(data, given):
    parks = [str(p) for p in data["park"].values]
    park = choose("park", given.park, parks, "all")
    years = data.attrs["first_year"], data.attrs["last_year"]
    scenarios = [str(s) for s in data["scenario"].values]
    figure, grid = plt.subplots(1, 2, figsize=(13, 5.2), gridspec_kw={"width_ratios": [1.25, 1]})
    first = data["ghg_total_first"].sel(park=park).values
    effects = data["ghg_total_effect"].sel(park=park).values[0]
    effects = np.where(np.abs(effects) < 1e-12 * first[0], 0, effects)  # what is only rounding is 0
    labels = [str(name).replace("_", " ") for name in data["effect"].values]
    waterfall(grid[0], labels, effects, *ends_of(data, "ghg_total_effect", park, 0), start=first[0], ends=years)
    heading(grid[0], f"{scenarios[0]}, by effect")
    bars = data["ghg_total_bar"].sel(park=park).values
    waterfall(grid[1], [str(name).replace("_", " ") for name in data["bar"].values], bars,
              *ends_of(data, "ghg_total_bar", park), start=first[0], ends=years)
    heading(grid[1], f"from {scenarios[0]} to {scenarios[-1]}")
    for axes in grid:
        axes.set_xlabel(unit_text(data["ghg_total_first"].attrs["units"]).strip(" []"), color=INK)
    note = "LMDI-I: nothing is left over. The axes do not begin at 0."
    if "ghg_total_bar_low" in data:
        note += " Bars: means over members, lines: range from 5 % to 95 %."
    return figure, f"Greenhouse gases, {years[0]} to {years[1]}, {'all parks' if park == 'all' else park}", note


DRAWINGS = {"attribute": draw_attribute, "portfolio": draw_portfolio, "decompose": draw_decompose}


def main():
    given = arguments()
    if not os.path.isfile(given.results):
        raise SystemExit(f"plot_decisions: there is no file {given.results}")
    try:
        data = xr.open_dataset(given.results, group=f"analysis/{given.method}", engine="h5netcdf",
                               decode_timedelta=False)
    except OSError:
        raise SystemExit(f"plot_decisions: {given.results} holds no such analysis: `parkflow analyse {given.method} "
                         f"{given.results}` makes it") from None
    plt.rcParams["font.family"] = "DejaVu Sans"
    with data:
        figure, title, note = DRAWINGS[given.method](data, given)
    height = figure.get_figheight()
    figure.text(0.012, 1 - 0.14 / height, title, fontsize=14, fontweight="bold", color=INK, va="top")
    figure.text(0.012, 0.1 / height, note, fontsize=8.5, color="#555555", va="bottom")
    figure.tight_layout(rect=(0, 0.3 / height, 1, 1 - 0.45 / height), w_pad=2)
    figure.savefig(given.picture, dpi=150, metadata={"Software": None} if given.picture.endswith(".png") else {})


if __name__ == "__main__":
    main()
