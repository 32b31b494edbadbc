#!/usr/bin/python3
"""Draws the flows that `parkflow reconcile -o FILE.h5` found as a Sankey picture: bands as wide as their amounts.

Needs Debian's python3-xarray, python3-h5netcdf and python3-matplotlib; the file's ending chooses PNG, SVG or PDF.
"""
import argparse
from collections import defaultdict
from math import floor, log10

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.path import Path
from matplotlib.patches import PathPatch, Rectangle
import xarray as xr

# Of Okabe and Ito's colours, told apart with any kind of colour vision.
COLOURS = {"exact": "#999999", "redundant": "#56B4E9", "nonredundant": "#F0E442", "observable": "#009E73",
           "unobservable": "#bbbbbb"}
SUSPECT, INK = "#D55E00", "#333333"
MEANING = {"exact": "exact", "redundant": "measured, checked by others", "nonredundant": "measured only",
           "observable": "computed", "unobservable": "not determined", "suspect": "suspected of a gross error"}
COLUMN, STUB, BAR = 2.6, 0.8, 0.06  # between processes; of a flow from or to outside; of a process
LEAST = 0.1  # of the widest band: the room that a flow has for its label


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="the file that `parkflow reconcile -o` wrote")
    parser.add_argument("picture", help="the file to draw: .png, .svg or .pdf")
    parser.add_argument("--component", help="draw the loads of this component instead of the amounts")
    parser.add_argument("--unit", help="of the flows that are drawn; that of the first flow if not given")
    return parser.parse_args()


class Flow:
    def __init__(self, name, start, end, value, sd, unit, kind):
        self.name, self.start, self.end, self.value, self.sd, self.unit, self.kind = (name, start, end, value, sd, unit,
                                                                                     kind)
        self.is_known = value == value and value != 0
        if value < 0:
            self.start, self.end = end, start
        self.width = abs(value) if self.is_known else 0
        self.room = self.width  # where it leaves and enters

    def label(self):
        if self.value != self.value:
            return f"{self.name}\n?"
        spread = f" ± {rounded(self.sd, 2)}" if self.sd else ""
        return f"{self.name}\n{rounded(self.value, 4)}{spread} {self.unit}"


def rounded(number, digits):
    """With so many digits, and never a power of ten."""
    decimals = max(digits - 1 - floor(log10(abs(number))), 0) if number else 0
    return f"{number:,.{decimals}f}"


def read_flows(data, wanted_unit, component):
    """Flows and stock changes in one unit, or the loads of a component in them."""
    flows, names = [], [str(name) for name in data.quantity.values]
    at = {name: data.sel(quantity=name) for name in names}
    for name in names:
        row = at[name]
        if str(row.kind.values) not in ("flow", "stock_change"):
            continue
        unit = str(row.unit.values)
        wanted_unit = wanted_unit or unit
        if unit != wanted_unit:
            continue
        value, sd = float(row.reconciled), float(row.reconciled_sd)
        kind = "suspect" if int(row.suspect) else str(row["class"].values)
        if component:
            part = at.get(f"{name}.{component}")
            if part is None:
                continue
            share, share_sd = float(part.reconciled), float(part.reconciled_sd)
            both = float(data.covariance.sel(quantity=name, quantity_2=f"{name}.{component}"))
            sd = max((share * sd) ** 2 + (value * share_sd) ** 2 + 2 * value * share * both, 0) ** 0.5
            if kind != "suspect":
                kind = "suspect" if int(part.suspect) else str(part["class"].values)
            value, unit = value * share, f"{part.unit.values} · {unit}"
        flows.append(Flow(name, str(row["from"].values), str(row["to"].values), value, sd, unit, kind))
    return flows


def layers_of(flows):
    """Columns of processes, by the longest way from where flows come in; what leads back is left out."""
    after, nodes = defaultdict(list), []
    for flow in flows:
        for node in (flow.start, flow.end):
            if node and node not in nodes:
                nodes.append(node)
        if flow.start and flow.end:
            after[flow.start].append(flow.end)
    layer, back, path = {}, set(), []

    def visit(node, depth):
        if depth <= layer.get(node, -1):
            return
        layer[node] = depth
        path.append(node)
        for other in after[node]:
            if other in path:
                back.add((node, other))
            elif (node, other) not in back:
                visit(other, depth + 1)
        path.pop()

    fed = [flow.end for flow in flows if flow.end and not flow.start]
    for node in fed + nodes:
        if node not in layer:
            visit(node, 0)
    return layer, back


def place(flows, layer, unit_height):
    """The top of each process, and its height."""
    height = {node: max(sum(f.room for f in flows if f.start == node), sum(f.room for f in flows if f.end == node))
              for node in layer}
    columns, top = defaultdict(list), {}
    for node in layer:
        columns[layer[node]].append(node)
    for nodes in columns.values():
        y = (sum(height[node] for node in nodes) + (len(nodes) - 1) * 0.6 * unit_height) / 2
        for node in nodes:
            top[node] = y
            y -= height[node] + 0.6 * unit_height
    return top, height


def slots(flows, layer, back, top):
    """Where each flow leaves and enters, as the middle of its band: neighbours by height, then the outside, then what
    leads back."""
    leaves, enters = {}, {}

    def order(flow, other):
        return ((flow.start, flow.end) in back, not other, -top.get(other, 0))

    for node in layer:
        for side, mine, other in ((leaves, "start", "end"), (enters, "end", "start")):
            y = top[node]
            for flow in sorted((f for f in flows if getattr(f, mine) == node),
                               key=lambda f: order(f, getattr(f, other))):
                side[flow] = y - flow.room / 2
                y -= flow.room
    return leaves, enters


def curve(x1, y1, x2, y2):
    middle = (x1 + x2) / 2
    return Path([(x1, y1), (middle, y1), (middle, y2), (x2, y2)], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


def loop(x1, y1, x2, y2, low):
    """Out to the right, below everything, and in from the left."""
    return Path([(x1, y1), (x1 + 0.7, y1), (x1 + 0.7, low), (x1, low), (x2, low), (x2 - 0.7, low), (x2 - 0.7, y2),
                 (x2, y2)], [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3])


def draw(flows, title, picture):
    layer, back = layers_of(flows)
    widest = max((f.width for f in flows), default=1) or 1
    for flow in flows:
        flow.room = max(flow.width, LEAST * widest)
    top, height = place(flows, layer, widest)
    leaves, enters = slots(flows, layer, back, top)
    bottom = min(top[node] - height[node] for node in layer) - 0.2 * widest
    high = max(top.values())
    figure, axes = plt.subplots(figsize=(3.4 + 2.9 * (max(layer.values()) + 1), 6.2), layout="constrained")
    axes.set_xlim(-1.2, max(layer.values()) * COLUMN + 1.3)
    loops = sum(f.width + 0.3 * widest for f in flows if (f.start, f.end) in back)
    axes.set_ylim(bottom - loops - 0.25 * widest, high + 0.2 * widest)
    axes.axis("off")
    axes.set_title(title, color=INK, loc="left")
    figure.canvas.draw()
    points = axes.transData.transform([(0, 0), (0, 1)])
    per_unit = (points[1][1] - points[0][1]) * 72 / figure.dpi
    for flow in flows:
        x1 = layer[flow.start] * COLUMN + BAR if flow.start else layer[flow.end] * COLUMN - STUB
        x2 = layer[flow.end] * COLUMN if flow.end else layer[flow.start] * COLUMN + BAR + STUB
        bend = 0.35 * widest
        y1 = leaves.get(flow, enters.get(flow, 0) - (bend if layer.get(flow.end) else 0))
        y2 = enters.get(flow, leaves.get(flow, 0) - (bend if layer.get(flow.start, 0) < max(layer.values()) else 0))
        if (flow.start, flow.end) in back:
            bottom -= flow.width / 2 + 0.15 * widest
            path, label_at = loop(x1, y1, x2, y2, bottom), ((x1 + x2) / 2, bottom)
            bottom -= flow.width / 2 + 0.15 * widest
        else:
            path, label_at = curve(x1, y1, x2, y2), ((x1 + x2) / 2, (y1 + y2) / 2)
        colour = SUSPECT if flow.kind == "suspect" else COLOURS[flow.kind]
        style = {"lw": 1.2, "ls": "--"}
        if flow.is_known:
            style = {"lw": max(flow.width * per_unit - 1.5, 1.2), "alpha": 0.55}
        axes.add_patch(PathPatch(path, fill=False, ec=colour, capstyle="butt", **style))
        axes.text(*label_at, flow.label(), ha="center", va="center", fontsize=8, color=INK)
    for node in layer:
        x = layer[node] * COLUMN
        axes.add_patch(Rectangle((x, top[node] - height[node]), BAR, height[node], color=INK, zorder=3))
        axes.text(x + BAR / 2, top[node] + 0.04 * widest, node, ha="center", va="bottom", fontsize=9, color=INK,
                  weight="bold")
    kinds = [kind for kind in MEANING if any(f.kind == kind for f in flows)]
    axes.legend([plt.Line2D([], [], lw=6, alpha=0.55, color=SUSPECT if k == "suspect" else COLOURS[k]) for k in kinds],
                [MEANING[k] for k in kinds], loc="lower left", frameon=False, fontsize=8, ncols=len(kinds))
    figure.savefig(picture, dpi=150)


def main():
    given = arguments()
    with xr.open_dataset(given.results, engine="h5netcdf") as data:
        flows = read_flows(data, given.unit, given.component)
        if not flows:
            raise SystemExit("plot_sankey: there are no such flows in the file")
        title = data.attrs.get("title", "") + (f": {given.component}" if given.component else "")
    draw(flows, title, given.picture)


if __name__ == "__main__":
    main()
