"""The kernel against other ways to evaluate the same plan, and against what the machine can do at best."""
import os
import shlex
import subprocess
import sys
from pathlib import Path

from measure import Failed, Timing, named_numbers, output_of, print_table, say

HERE = Path(__file__).resolve().parent
DEBIAN_PYTHON = "/usr/bin/python3"
BACKENDS = ["native", "interpreter"]
FEW = 64
PLAIN_C_FLAGS = ["-O2", "-ffp-contract=off"]
# Vector instructions that an operation takes at least, of AVX2, as engine/kernel/generate_c.c writes it; 1 if not here.
INSTRUCTIONS = {"min": 3, "max": 3, "share": 5, "if": 4, "lt": 4, "le": 4, "gt": 4, "ge": 4, "eq": 4, "ne": 4}
CALLED = {"pow", "exp", "log", "log1p", "sqrt", "sin", "cos"}


class Model:
    """A model, the lanes of it that all sides run, and what has been measured of them."""

    def __init__(self, rig, path, lanes, checked):
        self.rig, self.path, self.lanes, self.checked = rig, str(path), lanes, checked
        self.dump_path, self.counted, self.few_operations = None, None, None
        self.kernel_timings, self.numpy_lines = {}, None

    def dump(self):
        if not self.dump_path:
            self.dump_path = os.path.join(self.rig.folder, f"dump-{Path(self.path).stem}-{self.lanes}")
            self.rig.output(["bench_kernel", "dump", self.path, self.lanes, self.checked, self.dump_path])
        return self.dump_path

    def count(self):
        if not self.counted:
            self.counted = named_numbers(self.rig.output(["bench_kernel", "count", self.path]))
        return self.counted

    def kernel(self, backend, threads):
        """(timing, lanes of a block); checked by bench_kernel against the interpreter's bits."""
        key = backend, threads
        if key not in self.kernel_timings:
            [[wall, cpu, width]] = self.rig.output(
                ["bench_kernel", "time", self.path, self.lanes, self.checked, self.rig.repeats, backend, threads])
            self.kernel_timings[key] = Timing(float(wall), float(cpu)), int(width)
        return self.kernel_timings[key]

    def numpy(self):
        """(lanes of a column, timing, difference, operations of a lane, rounds) of cache-sized and whole columns."""
        if not self.numpy_lines:
            widths = [width for width in self.rig.numpy_widths if width < self.lanes]
            lines = output_of([DEBIAN_PYTHON, HERE / "numpy_kernel.py", self.dump(), str(self.rig.numpy_repeats),
                               *map(str, widths)], self.rig.environment)
            self.numpy_lines = [(int(width), Timing(float(wall), float(cpu)), worst, float(operations), float(rounds))
                                for width, wall, cpu, worst, operations, rounds in lines]
        return self.numpy_lines

    def operations(self):
        """All lanes', each lane's loops counted for as many rounds as it needs; from a few lanes if no more are run."""
        if not self.numpy_lines and self.lanes > FEW:
            if not self.few_operations:
                self.few_operations = Model(self.rig, self.path, FEW, FEW).numpy()[-1][3]
            return self.few_operations * self.lanes
        return self.numpy()[-1][3] * self.lanes

    def rate(self, timing):
        return self.operations() / timing.wall / 1e6

    def ratio(self, timing):
        return self.numpy()[0][1].wall / timing.wall


def plain_c(model):
    command = [*shlex.split(model.rig.compiler), *PLAIN_C_FLAGS]
    [[wall, cpu, worst, seconds]] = output_of(
        [DEBIAN_PYTHON, HERE / "plain_c.py", model.dump(), str(model.rig.numpy_repeats), *command],
        model.rig.environment)
    return Timing(float(wall), float(cpu)), worst, seconds


def short(number):
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def with_threads(count):
    return f"{count} thread{'s' * (count > 1)}"


def row(model, name, lanes, timing, worst):
    return [name, lanes, *timing.cells(), short(model.rate(timing)), short(model.ratio(timing)), worst]


def side_by_side(model, title, more_rows=()):
    (width, cached, worst, _, rounds), (_, whole, whole_worst, _, _) = model.numpy()[0], model.numpy()[-1]
    rows = []
    for backend in BACKENDS:
        for threads in model.rig.thread_counts:
            try:
                timing, block = model.kernel(backend, threads)
            except Failed as failure:
                say(f"skipped, {backend}: {failure}")
                continue
            rows.append(row(model, f"parkflow {backend}, {with_threads(threads)}", block, timing, "same bits"))
    timing, plain_worst, seconds = plain_c(model)
    rows += [row(model, "plain C, one member at a time", 1, timing, plain_worst),
             row(model, "NumPy, cache-sized columns", width, cached, worst),
             row(model, "NumPy, whole columns", model.lanes, whole, whole_worst), *more_rows]
    print_table(title, ["", "lanes at a time", "wall s", "CPU s", "Mop/s", "x NumPy", "difference"], rows)
    say(f"{model.lanes} lanes, each {model.operations() / model.lanes:.0f} operations; "
        f"a loop takes {rounds:.2f} rounds a step in its columns. "
        f"Plain C took {seconds} s to build ({' '.join(PLAIN_C_FLAGS)}).")


def kernel(rig):
    side_by_side(rig.model, f"Kernel: the plan of {rig.model.path}, same members, same machine")


# --- the same as a stock-flow model ---

def pysd_python(rig):
    """A Python that has PySD: the one asked for, else a virtual environment made in the temporary folder."""
    if rig.pysd:
        return rig.pysd
    folder = os.path.join(rig.folder, "venv")
    say("(installing PySD into a temporary folder)")
    for command in ([DEBIAN_PYTHON, "-m", "venv", folder], [f"{folder}/bin/pip", "install", "--quiet", "pysd"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise Failed((done.stderr or done.stdout).strip().splitlines()[-1])
    return f"{folder}/bin/python"


def pysd(rig):
    model = Model(rig, HERE / "reservoirs.yaml", rig.small_lanes, 64)
    rows = []
    try:
        python = pysd_python(rig)
        [[count, wall, cpu, worst]] = output_of(
            [python, HERE / "pysd_members.py", model.dump(), str(rig.pysd_members), str(rig.numpy_repeats)],
            rig.environment)
        factor = model.lanes / int(count)
        rows = [row(model, f"PySD, by {count} members", 1, Timing(float(wall) * factor, float(cpu) * factor), worst)]
    except (Failed, OSError, subprocess.TimeoutExpired) as failure:
        say(f"skipped, PySD: {failure}")
    side_by_side(model, "A stock-flow model that PySD can say (reservoirs.yaml, reservoirs.mdl)", rows)


# --- the machine ---

def peak(rig, at_once):
    """What so many cores do at once: numbers by name, those of a rate summed."""
    command = [rig.program("bench_peak"), str(rig.peak_seconds)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(at_once)]
    tables = [named_numbers(line.split() for line in child.communicate()[0].splitlines()) for child in children]
    return {name: sum(table[name] for table in tables) for name in tables[0]}


def roofs(counts, best):
    """Million operations a second that each limit by itself allows on one core."""
    of = {name.removeprefix("operation."): number for name, number in counts.items() if name.startswith("operation.")}
    total = counts["operations"]
    instructions = sum(number * INSTRUCTIONS.get(name, 1) for name, number in of.items()) / total
    divisions = (of.get("div", 0) + of.get("share", 0)) / total
    called = sum(number for name, number in of.items() if name in CALLED) / total
    rows = [("add and multiply, measured", "", best["add_multiply"]),
            (f"vector instructions an operation: {instructions:.2f}", "at the same rate",
             best["add_multiply"] / instructions)]
    if divisions:
        rows.append((f"share of divisions: {100 * divisions:.1f} %", "by themselves", best["divide"] / divisions))
    for backend in BACKENDS:
        moved = 8 * counts[f"{backend}_rows"] / total
        rows += [(f"bytes an operation, {backend}: {moved:.1f}", f"from {name}", best[key] * 1e3 / moved)
                 for key, name in [("level_2", "L2"), ("level_3", "L3")]]
    return rows, 100 * called


def machine(rig):
    model, best, counts = rig.model, peak(rig, 1), rig.model.count()
    both = peak(rig, 2) if 2 in rig.thread_counts else None
    rows = [[name, f"{best[key]:.1f}", f"{both[key]:.1f}" if both else "-"]
            for key, name in [("add_multiply", "add and multiply, Mop/s"), ("divide", "divide, Mop/s"),
                              ("level_1", "y := a + b from L1, GB/s"), ("level_2", "from L2, GB/s"),
                              ("level_3", "from L3, GB/s"), ("memory", "from memory, GB/s")]]
    print_table(f"The machine: vectors of {best['vector_bytes']:.0f} bytes", ["", "1 core", "2 cores"], rows)
    limits, called = roofs(counts, best)
    print_table("Roofline: what one core could do if nothing else held it up", ["limit", "", "Mop/s", "of the peak"],
                [[name, where, f"{rate:.0f}", f"{100 * rate / best['add_multiply']:.0f} %"]
                 for name, where, rate in limits])
    rows = []
    for backend in BACKENDS:
        for threads in rig.thread_counts:
            rate, top = model.rate(model.kernel(backend, threads)[0]), (both if threads == 2 else best)["add_multiply"]
            rig.measured[f"{backend} share {threads}"] = rate / top
            rows.append([f"{backend}, {with_threads(threads)}", f"{rate:.0f}", f"{100 * rate / top:.1f} %"])
    print_table("The kernel's share of the add-multiply peak", ["", "Mop/s", "share"], rows)
    say(f"Functions of the mathematical library are {called:.2f} % of the operations. In the plan: "
        f"{counts['operations']:.0f} operations, {counts['registers']:.0f} registers, {counts['loops']:.0f} loops.")


if __name__ == "__main__":
    sys.exit("kernel_parts.py is a part of tests/bench/run")
