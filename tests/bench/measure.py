"""Runs programs and times them: wall seconds, CPU seconds and peak memory of a child; prints tables."""
import os
import statistics
import subprocess
import time
from dataclasses import dataclass

QUIET = 0.3  # a load average above this means that others use the machine


@dataclass
class Timing:
    wall: float
    cpu: float
    mebibytes: float = 0  # at most, of any of the runs
    errors: str = ""      # what the last run said on standard error

    def cells(self):
        return [f"{self.wall:.3f}", f"{self.cpu:.3f}"]


class Failed(Exception):
    pass


def run_once(command, environment):
    """Standard error goes to a file: a pipe that nobody reads would stop the child."""
    with os.fdopen(os.memfd_create("errors"), "w+", encoding="utf-8") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=errors)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read()
    if child.returncode:
        raise Failed(f"{' '.join(map(str, command))}: exit status {child.returncode}\n{said}")
    return Timing(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def timed(command, environment, repeats):
    runs = [run_once(command, environment) for _ in range(repeats)]
    return Timing(statistics.median(run.wall for run in runs), statistics.median(run.cpu for run in runs),
                  max(run.mebibytes for run in runs), runs[-1].errors)


def output_of(command, environment):
    """What a program printed, by line and word."""
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stderr}")
    return [line.split() for line in done.stdout.splitlines()]


def named_numbers(lines):
    return {name: float(value) for name, value in lines}


def print_table(title, columns, rows):
    """The first column to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *rows)]
    print(f"\n{title}\n")
    for row in [columns, ["-" * width for width in widths], *rows]:
        cells = [cell.ljust(width) if k == 0 else cell.rjust(width) for k, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells).rstrip(), flush=True)


def say(text):
    print(f"  {text}", flush=True)


def say_load():
    load = os.getloadavg()
    print(f"load average {load[0]:.2f} {load[1]:.2f} {load[2]:.2f}, {os.cpu_count()} processors")
    if load[0] > QUIET:
        print("WARNING: others use this machine. Wall seconds are too long, and caches are shared; "
              "only CPU seconds say much.")
