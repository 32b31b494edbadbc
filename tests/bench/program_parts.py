"""The whole program: sweeps against threads, members, steps and size, and where their time goes."""
import sys
from pathlib import Path

from kernel_parts import BACKENDS, DEBIAN_PYTHON, HERE, Model
from measure import Failed, named_numbers, print_table, run_once, say

KEEPS = ["statistics", "annual", "paths"]
KINDS = ["compile", "native", "drawing", "kernel", "reducing", "statistics", "log", "hdf5", "other"]
LENGTHS = ["quarter", "month", "day"]  # of a step: 16, 48 and 1461 of them in the programme's four years


def arguments(rig, path, members, threads=2, keep="statistics", backend="native", more=()):
    """Of a sweep, over what is there."""
    result = Path(rig.folder, "sweep.h5")
    result.unlink(missing_ok=True)
    return ["sweep", str(path), "-n", str(members), "--threads", str(threads), "--keep", keep, "--backend", backend,
            *rig.scenario_options(path), *more, "-q", "-o", str(result)]


def sweep(rig, *what, repeats=None, **how):
    return rig.timed(["parkflow", *arguments(rig, *what, **how)], repeats or rig.repeats)


def warm(rig, path, more=()):
    """Fills the cache of native code, so that no sweep that is timed pays for the compiler."""
    rig.timed(["parkflow", *arguments(rig, path, 1, threads=1, more=more)], 1)


def shares(rig, members, threads, keep):
    """Seconds by kind, of all, and of the runner alone."""
    timing = rig.timed(["bench_shares", *arguments(rig, rig.model.path, members, threads, keep)], 1)
    lines = [line.split() for line in timing.errors.splitlines()]
    seconds = {words[1]: float(words[2]) for words in lines if words[0] == "share"}
    return seconds, named_numbers(words for words in lines if words[0] in ("total", "running")), timing.mebibytes


def time_shares(rig):
    rows, result = [], Path(rig.folder, "sweep.h5")
    warm(rig, rig.model.path)
    for keep in KEEPS:
        seconds, of_all, mebibytes = shares(rig, rig.share_members[keep], 2, keep)
        rows.append([keep, rig.share_members[keep], f"{of_all['total']:.2f}", f"{mebibytes:.0f}",
                     f"{result.stat().st_size / 2**20:.0f}",
                     *(f"{100 * seconds[kind] / of_all['total']:.1f}" for kind in KINDS)])
        rig.measured[f"memory {keep}"] = mebibytes
        rig.measured[f"hdf5 {keep}"] = seconds["hdf5"] / of_all["total"]
    print_table("Where a sweep's time goes, % of the wall seconds (2 threads)",
                ["--keep", "members", "seconds", "peak MiB", "file MiB", *KINDS], rows)
    say("compile: model to plan; native: loading its code; reducing: sums over steps and parks; statistics: counting")
    say("and packing; log: what makes a sweep resumable; hdf5: the results file; other: reading, waiting, copying.")


def threads(rig):
    rows, members = [], rig.thread_members
    warm(rig, rig.model.path)
    timings = {count: sweep(rig, rig.model.path, members, threads=count) for count in rig.thread_counts}
    runners = {count: shares(rig, members, count, "statistics")[1]["running"] for count in rig.thread_counts}
    for count in rig.thread_counts:
        native, interpreter = (rig.model.kernel(backend, count)[0].wall for backend in ("native", "interpreter"))
        rows.append([count, *timings[count].cells(), f"{runners[count]:.3f}", f"{native:.3f}", f"{interpreter:.3f}"])
    if 2 in rig.thread_counts:
        ratios = [timings[1].wall / timings[2].wall, runners[1] / runners[2],
                  *(rig.model.kernel(backend, 1)[0].wall / rig.model.kernel(backend, 2)[0].wall
                    for backend in ("native", "interpreter"))]
        rows.append(["1 to 2", f"{ratios[0]:.2f}", "", *(f"{ratio:.2f}" for ratio in ratios[1:])])
        rig.measured["two threads"], rig.measured["two threads, runner"] = ratios[:2]
    print_table(f"Threads: {members} members, --keep statistics; the kernel alone: {rig.model.lanes} lanes",
                ["threads", "sweep: wall s", "CPU s", "its runner: wall s", "kernel, native", "kernel, interpreter"],
                rows)


def members(rig):
    rows = []
    warm(rig, rig.model.path)
    for count in rig.member_counts:
        repeats = rig.repeats if count < 1e5 else 1
        timing = sweep(rig, rig.model.path, count, backend="auto", repeats=repeats)
        rows.append([count, *timing.cells(), f"{count / timing.wall:.0f}", f"{timing.mebibytes:.0f}"])
        rig.measured[f"members {count}"] = timing
    rig.measured["most members"] = rig.member_counts[-1]
    print_table(f"Members: --keep statistics, 2 threads, scenarios {rig.scenario_words()}",
                ["members", "wall s", "CPU s", "members/s", "peak MiB"], rows)


def steps(rig):
    rows, path = [], rig.model.path
    for length in LENGTHS:
        more = ["--set", f"time.step={length}"]
        try:
            warm(rig, path, more)
            plan = rig.output(["parkflow", "plan", path, *more])[0]  # "R registers, S steps (N reported), ..."
            timing = sweep(rig, path, rig.step_members, more=more)
            start = sweep(rig, path, 1, more=more)  # the price before the first step
        except Failed as failure:
            say(f"skipped, {length}: {failure}")
            continue
        count, reported = int(plan[2]), int(plan[4].strip("("))
        microseconds = (timing.wall - start.wall) / rig.step_members / count * 1e6
        rows.append([length, reported, count, *timing.cells(), f"{start.wall:.3f}", f"{microseconds:.2f}",
                     f"{timing.mebibytes:.0f}"])
    print_table(f"Steps: {rig.step_members} members, --keep statistics, 2 threads",
                ["step", "reported", "all steps", "wall s", "CPU s", "of it to start", "us a member-step", "peak MiB"],
                rows)


def parks_model(rig, parks):
    folder = Path(rig.folder, f"parks-{parks}")
    run_once([DEBIAN_PYTHON, HERE / "repeat_parks.py", str(parks), folder], rig.environment)
    return folder / "programme.yaml"


def compiling(rig, parks, path):
    check = rig.timed(["parkflow", "check", str(path)], rig.repeats)
    counts = Model(rig, path, 0, 0).count()  # before any sweep: the cache does not have this model's code yet
    rig.measured[f"check {parks}"] = check
    return counts, [parks, f"{counts['operations']:.0f}", f"{counts['registers']:.0f}", f"{counts['loops']:.0f}",
                    *check.cells(), f"{counts['compile_seconds']:.3f}", f"{counts['native_seconds']:.1f}",
                    f"{check.mebibytes:.0f}"]


def sweeping(rig, parks, path, counts, backend):
    timing = sweep(rig, path, rig.size_members, backend=backend, repeats=1)
    one = sweep(rig, path, 1, backend=backend, repeats=1)
    lanes = rig.size_members * rig.scenario_count(path)
    rate = counts["operations"] * counts["steps"] * lanes / max(timing.wall - one.wall, 1e-9) / 1e6
    return [parks, backend, *timing.cells(), f"{one.wall:.2f}", f"{rate:.0f}", f"{timing.mebibytes:.0f}"]


def size(rig):
    compiled, swept = [], []
    for parks in rig.park_counts:
        path = parks_model(rig, parks)
        counts, cells = compiling(rig, parks, path)
        compiled.append(cells)
        for backend in BACKENDS:
            try:
                swept.append(sweeping(rig, parks, path, counts, backend))
            except Failed as failure:
                say(f"skipped, {parks} parks, {backend}: {failure}")
    print_table("Size: the programme's parks again and again, from YAML to plan",
                ["parks", "operations", "registers", "loops", "check: wall s", "CPU s", "to plan s", "native code s",
                 "peak MiB"], compiled)
    print_table(f"Size: sweeps of {rig.size_members} members, --keep statistics, 2 threads",
                ["parks", "backend", "wall s", "CPU s", "of 1 member", "plan Mop/s", "peak MiB"], swept)
    say("plan Mop/s counts each operation of the plan once a step, however many rounds loops take, and all the work of")
    say("statistics and results as time; native code s is what the system's compiler takes, once a model.")


if __name__ == "__main__":
    sys.exit("program_parts.py is a part of tests/bench/run")
