"""Where a park's energy and water come from and go to, as flows between columns of nodes, at the medians."""
import collections
import textwrap

import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
import numpy as np

import wording
from figures import INK, TEXT, WIDTH, as_svg
from wording import title_of

IN_GJ = {"GJ": 1, "TJ": 1e3, "MJ": 1e-3, "MWh": 3.6, "GWh": 3.6e3, "kWh": 3.6e-3}
MOST_PLACES = 8
NODE, GAP, ROOM = 0.02, 0.06, 0.5  # half a node's width; between nodes, of the height; for the last column's labels
LETTERS, TWO_LINES = 22, 0.07  # of a line of a label before another column; how high a node is that has room for two
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7", "#8c8c8c", "#b8a500"]

Link = collections.namedtuple("Link", "start end value")


# ---- energy: who delivers each carrier, and who takes it ----

def process_of(model, park, name):
    """As it is written, of a site or of the park itself."""
    entry = model["parks"].get(park, {}) if park != "shared" else model
    at = entry.get("processes", {}).get(name)
    site, _, inner = name.partition(".")
    return at or entry.get("sites", {}).get(site, {}).get("processes", {}).get(inner, {})


def flow_rows(brief, scenario):
    """(park, process, carrier, direction, amount) over the last year."""
    data = brief.flows.sel(scenario=scenario).isel(member=0)
    amounts = data["flow_amount"].sel(time=brief.years_shown[-1]).sum("time").values
    columns = [data[f"flow_{part}"].values.astype(str) for part in ("park", "process", "carrier", "direction", "unit")]
    for *labels, amount in zip(*columns, amounts):
        if brief.park in ("all", labels[0]):
            yield (*labels, float(amount))


def short(title):
    """What stands in brackets, if that is an abbreviation; else what stands before them."""
    before, _, inside = title.partition(" (")
    return inside[:-1] if inside.endswith(")") and inside[:-1].isupper() else before


def deliverers(brief, words, rows):
    """Of each process that delivers energy: the fuel that it burns, or what it is; None where it only passes on."""
    model, fuels = brief.model, collections.defaultdict(collections.Counter)
    for park, process, carrier, direction, unit, amount in rows:
        if direction == "in" and (unit not in IN_GJ or model["carriers"].get(carrier, {}).get("group") == "fuel"):
            fuels[park, process][carrier] += amount
    names = {}
    for park, process, *_ in rows:
        kind = process_of(model, park, process).get("type", "")
        burnt = [c for c in fuels[park, process] if model["carriers"].get(c, {}).get("group") == "fuel"]
        names[park, process] = (None if kind == "link" else
                                short(title_of(words, model["carriers"][burnt[0]], burnt[0])) if burnt else
                                title_of(words, model["process_types"].get(kind), kind))
    return names


def place_of(brief, words, park, process):
    if brief.park == "all":
        title = words["shared"] if park == "shared" else title_of(words, brief.model["parks"].get(park), park)
        return title.partition(" (")[0]
    return title_of(words, process_of(brief.model, park, process), process.replace(".", ": "))


def energy_links(brief, words, scenario):
    """Deliverer to carrier to place, in GJ."""
    rows = list(flow_rows(brief, scenario))
    names, sums = deliverers(brief, words, rows), collections.Counter()
    for park, process, carrier, direction, unit, amount in rows:
        title = short(title_of(words, brief.model["carriers"].get(carrier), carrier))
        if unit not in IN_GJ or names[park, process] is None or amount <= 0:
            continue
        ends = ((0, names[park, process]), (1, title)) if direction == "out" else \
            ((1, title), (2, place_of(brief, words, park, process)))
        sums[ends] += amount * IN_GJ[unit]
    return fold([Link(start, end, value) for (start, end), value in sums.items()], words)


def fold(links, words):
    """The smallest places of the last column as one."""
    sizes = collections.Counter()
    for link in links:
        sizes[link.end] += link.value if link.end[0] == 2 else 0
    small = {node for node, _ in sizes.most_common()[MOST_PLACES - 1:] if node[0] == 2}
    if len(small) < 2:
        return links
    sums = collections.Counter()
    for link in links:
        sums[link.start, (2, words["others"]) if link.end in small else link.end] += link.value
    return [Link(start, end, value) for (start, end), value in sums.items()]


# ---- water: from the indicators ----

def water_links(brief, words, scenario):
    """Fresh and reused water to parks, and from there to the plant, untreated away, or into air and products; m3."""
    names = ["freshwater_withdrawal", "water_reused", "wastewater_generated", "wastewater_untreated"]
    if any(name not in brief.root for name in names):
        return []
    year = brief.root.sel(scenario=scenario).isel(member=0).sel(time=brief.years_shown[-1])
    links = []
    for park in map(str, year["park"].values):
        fresh, reused, waste, untreated = (float(year[name].sel(park=park).sum()) for name in names)
        if brief.park not in ("all", park) or fresh + reused <= 0:
            continue
        place = (1, place_of(brief, words, park, "") if brief.park == "all"
                 else title_of(words, brief.model["parks"].get(park), park))
        ends = [(words["water_treated"], waste - untreated), (words["water_untreated"], untreated),
                (words["water_consumed"], fresh + reused - waste)]
        links += [Link((0, words["water_fresh"]), place, fresh), Link((0, words["water_reused"]), place, reused)]
        links += [Link(place, (2, name), value) for name, value in ends]
    return [link for link in links if link.value > 0]


# ---- the picture ----

def heights_of(links):
    """What passes through each node: the larger of what comes and what goes."""
    comes, goes = collections.Counter(), collections.Counter()
    for link in links:
        goes[link.start] += link.value
        comes[link.end] += link.value
    return {node: max(comes[node], goes[node]) for node in [*goes, *comes]}


def order_of(links):
    """The nodes by column, in it the largest first: the same order, and so the same colours, before and after."""
    heights = heights_of(links)
    return sorted(heights, key=lambda node: (node[0], -heights[node], node[1]))


def tops_of(columns, heights, whole):
    tops = {}
    for nodes in columns.values():
        y = 1 - (1 - sum(heights[node] for node in nodes) / whole) / 2 + GAP * (len(nodes) - 1) / 2
        for node in nodes:
            tops[node] = y
            y -= heights[node] / whole + GAP
    return tops


def ribbon(axes, x, start, end, height, colour):
    t = np.linspace(0, 1, 40)
    bend = start + (end - start) * (3 * t ** 2 - 2 * t ** 3)
    axes.fill_between(x[0] + (x[1] - x[0]) * t, bend - height, bend, color=colour, alpha=0.45, linewidth=0)


def draw_links(axes, links, tops, whole, colours, order):
    leaves, enters = dict(tops), dict(tops)
    for link in sorted(links, key=lambda link: (order[link.start], order[link.end])):
        height = link.value / whole
        ribbon(axes, (link.start[0] + NODE, link.end[0] - NODE), leaves[link.start], enters[link.end], height,
               colours[link.start])
        leaves[link.start] -= height
        enters[link.end] -= height


def label_node(axes, node, y, text):
    """To the right of the node; a white rim parts it from what it lies on."""
    label = axes.text(node[0] + 2 * NODE, y, text, va="center", fontsize=TEXT - 1, zorder=4)
    label.set_path_effects([effects.withStroke(linewidth=1.6, foreground="white", alpha=0.75)])


def draw(words, links, unit, whole, nodes):
    """`whole`: the amount that is as high as the picture; `nodes`: in their order."""
    heights, columns = heights_of(links), collections.defaultdict(list)
    colours = {node: COLOURS[number % len(COLOURS)] for number, node in enumerate(nodes)}
    order = {node: number for number, node in enumerate(nodes)}
    for node in nodes:
        if node in heights:
            columns[node[0]].append(node)
    tops, last = tops_of(columns, heights, whole), max(columns)
    figure, axes = plt.subplots(figsize=(WIDTH, 2.5), layout="constrained")
    draw_links(axes, links, tops, whole, colours, order)
    name, factor = wording.scale_of(unit, whole)
    for node, top in tops.items():
        height = heights[node] / whole
        axes.add_patch(plt.Rectangle((node[0] - NODE, top - height), 2 * NODE, height, color=INK, zorder=3))
        text = f"{node[1]} {wording.number(words, heights[node] / factor)}"
        if height > TWO_LINES:
            text = textwrap.fill(text, LETTERS)
        label_node(axes, node, top - height / 2, text)
    room = GAP * (max(map(len, columns.values())) - 1) / 2
    axes.set_xlim(-NODE, last + ROOM)
    axes.set_ylim(-room - 0.03, 1 + room + 0.03)
    axes.axis("off")
    return as_svg(figure), wording.unit_text(words, name)


def whole_of(links):
    """The largest column."""
    heights = heights_of(links)
    sums = collections.Counter()
    for node, height in heights.items():
        sums[node[0]] += height
    return max(sums.values())


def before_and_after(brief, words, links_of, unit):
    """Two pictures to one scale: reference, then scenario; None where there is nothing to draw."""
    both = [links_of(brief, words, name) for name in (brief.reference, brief.chosen)]
    if not all(both):
        return None
    whole = max(map(whole_of, both))
    pictures = [draw(words, links, unit, whole, order_of(both[0] + both[1])) for links in both]
    return {"pictures": [svg for svg, _ in pictures], "unit": pictures[0][1], "links": both,
            "totals": [sum(link.value for link in links if link.start[0] == 0) for links in both]}
