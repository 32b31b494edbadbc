#!/usr/bin/python3
"""Evaluates with NumPy a plan that bench_kernel wrote, compares the outputs with the kernel's, and times it.

Usage: numpy_kernel.py DUMP REPEATS WIDTH...
prints a line for the fastest of the widths, then one for whole columns (all lanes at once):
    lanes a column, median wall and CPU seconds for all lanes, worst difference, operations of a lane, rounds of a loop

Each register is a column of one double a lane; an instruction is a call of a ufunc that writes into a column made
beforehand, which is the fastest that plain NumPy does. Recycle loops are solved by the same safeguarded iteration.
"""
import statistics
import sys
import time

import numpy as np

from plan_dump import Plan

ROUNDS, SETTLED, SINGULAR = 200, 1e-12, 64 * np.finfo(float).eps
DIRECT = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
          "min": np.minimum, "max": np.maximum, "abs": np.absolute, "pow": np.power, "exp": np.exp,
          "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "lt": np.less,
          "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal}
ONE_OPERAND = {"neg", "abs", "exp", "log", "log1p", "sqrt", "sin", "cos"}


def share(a, b, y):
    quotient = np.divide(a, b, out=np.zeros_like(b), where=b > 0)
    np.copyto(y, quotient)


def select(a, b, c, y):
    np.copyto(y, np.where(a != 0, b, c))


class Machine:
    """The registers of a plan and its code as calls on them."""

    def __init__(self, plan, lanes):
        self.plan, self.lanes = plan, lanes
        self.operations, self.rounds = 0, 0  # that the lanes need, each by itself
        self.rows = list(np.zeros((plan.registers, lanes)))
        for reg, value in plan.constants.items():
            self.rows[reg][:] = value
        self.calls = [self.call(*instruction) for instruction in plan.code]

    def call(self, op, y, a, b, c):
        name, rows = self.plan.operations[op], self.rows
        if name == "share":
            return share, (rows[a], rows[b], rows[y])
        if name == "if":
            return select, (rows[a], rows[b], rows[c], rows[y])
        return DIRECT[name], (rows[a], rows[y]) if name in ONE_OPERAND else (rows[a], rows[b], rows[y])

    def run(self, first, count, lanes=None):
        self.operations += count * (self.lanes if lanes is None else lanes)
        for function, operands in self.calls[first:first + count]:
            function(*operands)

    def solve(self, loop):
        """As engine/kernel/loop.c: a Newton point is kept if it at least halves the residual, else x := g(x)."""
        x, g = [self.rows[i] for i in loop["x"]], [self.rows[i] for i in loop["g"]]
        norm, base, returned = np.zeros(self.lanes), None, None
        active, newton = np.ones(self.lanes, bool), np.zeros(self.lanes, bool)
        for column in x:
            column[:] = 0
        for _ in range(ROUNDS):
            needed = int(np.count_nonzero(active))
            self.run(loop["first"], loop["count"], needed)
            self.rounds += needed
            at, to = np.array(x), np.array(g)
            gross = np.maximum(np.abs(at), np.abs(to))
            trial = np.max(np.divide(np.abs(at - to), gross, out=np.zeros_like(at), where=gross > 0), axis=0)
            moved = active & (~newton | (trial <= 0.5 * norm))
            norm = np.where(moved, trial, norm)
            base, returned = (at, to) if base is None else (np.where(moved, at, base), np.where(moved, to, returned))
            active &= norm > SETTLED
            if not active.any():
                break
            point = self.newton_point(loop, at, to)
            newton = moved & active & np.all((point >= 0) & (point < np.inf), axis=0)
            for i, column in enumerate(x):
                np.copyto(column, np.where(newton, point[i], returned[i]))
        for i, column in enumerate(x):
            column[:] = returned[i]
        self.run(loop["first"], loop["count"])

    def newton_point(self, loop, at, to):
        """x + d of (I - J) d = g - x, by elimination with pivoting, all lanes at once; NaN where it is singular."""
        n = loop["tears"]
        slopes = np.array([self.rows[i] for i in loop["jacobian"]]).reshape(n, n, self.lanes)
        a, d, lane = np.eye(n)[:, :, None] - slopes, to - at, np.arange(self.lanes)
        determinant = np.ones(self.lanes)
        for k in range(n):
            p = k + np.argmax(np.abs(a[k:, k]), axis=0)
            upper, d_upper = a[k].copy(), d[k].copy()
            a[k], d[k] = a[p, :, lane].T, d[p, lane]
            a[p, :, lane], d[p, lane] = upper.T, d_upper
            determinant *= a[k, k]
            for i in range(k + 1, n):
                factor = a[i, k] / a[k, k]
                a[i] -= factor * a[k]
                d[i] -= factor * d[k]
        for k in reversed(range(n)):
            d[k] = (d[k] - np.sum(a[k, k + 1:] * d[k + 1:], axis=0)) / a[k, k]
        return np.where(np.abs(determinant) > SINGULAR, at + d, np.nan)


def run_ahead(plan):
    """The step-bound code, once with one lane: the exported registers by step."""
    one = Machine(plan, 1)
    table = np.zeros((plan.steps, len(plan.exports)))
    for step in range(plan.steps):
        for reg, index in plan.series_registers:
            one.rows[reg][:] = plan.series[index, step]
        one.run(*plan.step_code)
        table[step] = [one.rows[reg][0] for reg in plan.exports]
    return table


def load(machine, registers, values):
    for reg, value in zip(registers, values):
        machine.rows[reg][:] = value


def evaluate(machine, exports, first, outputs):
    """Lanes from `first` on. Outputs of a reported step go to a row of `outputs`, round and round if they are few."""
    plan, states = machine.plan, machine.plan.states
    for reg, index in plan.input_registers:
        machine.rows[reg][:] = plan.inputs[index, first:first + machine.lanes]
    machine.run(*plan.lane_code)
    load(machine, plan.exports, exports[0])
    load(machine, [s[0] for s in states], [machine.rows[s[1]] for s in states])
    for step in range(plan.steps):
        load(machine, plan.exports, exports[step])
        for is_loop, start, count, loop in plan.segments:
            if is_loop:
                machine.solve(plan.loops[loop])
            else:
                machine.run(start, count)
        if step >= plan.first_reported:
            kept = outputs[(step - plan.first_reported) % len(outputs)]
            for k, reg in enumerate(plan.output_registers):
                kept[k] = machine.rows[reg][:kept.shape[1]]
        load(machine, [s[0] for s in states], [machine.rows[s[2]].copy() for s in states])


def room(plan, steps, lanes):
    return np.zeros((steps, len(plan.output_registers), lanes))


class Columns:
    """A plan in columns of so many lanes, checked against the kernel's outputs."""

    def __init__(self, plan, exports, width):
        self.plan, self.exports, self.width = plan, exports, min(width, plan.lanes)
        self.machine, self.kept = Machine(plan, self.width), room(plan, 1, self.width)
        checked = room(plan, plan.reported, min(self.width, plan.checked))
        evaluate(self.machine, exports, 0, checked)
        self.worst = plan.check(checked, "numpy_kernel")
        self.operations = self.machine.operations / self.width
        self.rounds = self.machine.rounds / self.width / max(1, len(plan.loops) * plan.steps)

    def run(self, lanes):
        """Wall and CPU seconds."""
        wall, cpu = time.perf_counter(), time.process_time()
        for first in range(0, lanes - self.width + 1, self.width):
            evaluate(self.machine, self.exports, first, self.kept)
        return time.perf_counter() - wall, time.process_time() - cpu

    def trial(self):
        """CPU seconds a lane, the better of two columns."""
        return min(self.run(self.width)[1] for _ in range(2)) / self.width

    def line(self, repeats):
        """Lanes that fill no column are charged as their part of one."""
        whole = self.plan.lanes // self.width * self.width
        runs = [self.run(whole) for _ in range(repeats)]
        wall, cpu = (statistics.median(run[k] for run in runs) * self.plan.lanes / whole for k in (0, 1))
        return f"{self.width} {wall:.9g} {cpu:.9g} {self.worst:.3g} {self.operations:.9g} {self.rounds:.4g}"


def main():
    plan, repeats, widths = Plan(sys.argv[1]), int(sys.argv[2]), [int(width) for width in sys.argv[3:]]
    with np.errstate(all="ignore"):
        exports = run_ahead(plan)
        trials = [Columns(plan, exports, width) for width in widths if width < plan.lanes]
        if trials:
            print(min(trials, key=Columns.trial).line(repeats))
        del trials
        print(Columns(plan, exports, plan.lanes).line(repeats))


if __name__ == "__main__":
    main()
