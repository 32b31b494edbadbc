"""The last table: what was aimed at, what was measured, and by how much a target is missed."""
import sys

from kernel_parts import with_threads
from measure import print_table

MINUTE, GIBIBYTE, MILLION, MANY_PARKS = 60, 1024, 1_000_000, 400


def from_kernel(rig):
    model = rig.model
    if not model.numpy_lines:
        return []
    return [(f"{backend}, times cache-sized NumPy, {with_threads(threads)}", goal if threads == 2 else None,
             model.ratio(model.kernel_timings[backend, threads][0]), "x")
            for backend, goal in [("native", 50), ("interpreter", 10)] for threads in rig.thread_counts
            if (backend, threads) in model.kernel_timings]


def from_sweeps(rig):
    got, rows = rig.measured, []
    rows += [(f"native, share of the peak, {with_threads(threads)}", 40, 100 * got[key], "%")
             for threads in (1, 2) if (key := f"native share {threads}") in got]
    rows += [(name, 1.9, got[key], "x") for key, name in
             [("two threads", "two threads against one, a whole sweep"),
              ("two threads, runner", "two threads against one, its runner")] if key in got]
    return rows


def at_most(rig):
    got, rows = rig.measured, []
    rows += [(f"HDF5 with --keep {keep}", goal, 100 * got[key], "%")
             for keep, goal in [("statistics", 10), ("paths", 35)] if (key := f"hdf5 {keep}") in got]
    if most := got.get("most members"):
        timing, whole = got[f"members {most}"], most == MILLION
        rows += [(f"{most} members of {rig.scenario_words()}", MINUTE if whole else None, timing.wall, "s"),
                 ("peak memory of them", GIBIBYTE, timing.mebibytes, "MiB")]
    rows += [(f"peak memory with --keep {keep}", GIBIBYTE, got[key], "MiB")
             for keep in ("annual", "paths") if (key := f"memory {keep}") in got]
    rows += [(f"{parks} parks checked and compiled", 2 if parks == MANY_PARKS else None, timing.wall, "s")
             for parks in rig.park_counts if (timing := got.get(f"check {parks}"))]
    return rows


def verdict(goal, value, more_is_better):
    if goal is None:
        return ["-", "for comparison"]
    if (value >= goal) == more_is_better or value == goal:
        return ["met", f"{(value / goal if more_is_better else goal / value):.2f} times as good as asked"]
    return ["missed", f"{100 * abs(value - goal) / goal:.0f} % {'below' if more_is_better else 'above'}"]


def print_targets(rig):
    rows = []
    for some, more_is_better in [(from_kernel(rig) + from_sweeps(rig), True), (at_most(rig), False)]:
        sign = "at least" if more_is_better else "at most"
        rows += [[name, f"{sign} {goal} {unit}" if goal else "", f"{value:.4g} {unit}",
                  *verdict(goal, value, more_is_better)] for name, goal, value, unit in some]
    if rows:
        print_table("Targets", ["", "target", "measured", "", ""], rows)


if __name__ == "__main__":
    sys.exit("targets.py is a part of tests/bench/run")
