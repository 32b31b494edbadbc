#!/usr/bin/python3
"""Evaluates with NumPy a plan that bench_kernel wrote, compares the outputs with the kernel's, and times it.

Usage: numpy_kernel.py DUMP REPEATS
prints the median CPU seconds, operations of a run, rounds of a loop in a step, and the worst difference.

Each register is a column of one double a lane; an instruction is a call of a ufunc that writes into a column made
beforehand, which is the fastest that plain NumPy does. Recycle loops are solved by the same safeguarded iteration.
"""
import statistics
import sys
import time

import numpy as np

TOLERANCE = 1e-9
ROUNDS, SETTLED, SINGULAR = 200, 1e-12, 64 * np.finfo(float).eps
DIRECT = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
          "min": np.minimum, "max": np.maximum, "abs": np.absolute, "pow": np.power, "exp": np.exp,
          "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "lt": np.less,
          "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal}
ONE_OPERAND = {"neg", "abs", "exp", "log", "log1p", "sqrt", "sin", "cos"}


def read_dump(path):
    """The arrays in order, as (name, array)."""
    with open(path, "rb") as file:
        while line := file.readline():
            name, kind, count = line.decode().split()
            dtype = np.uint32 if kind == "I" else np.float64
            yield name, np.frombuffer(file.read(int(count) * dtype().itemsize), dtype)


class Plan:
    def __init__(self, path):
        self.operations, self.segments, self.loops, self.constants = [], [], [], []
        for name, array in read_dump(path):
            if name == "code":
                self.code = array.reshape(-1, 5).tolist()
            elif not hasattr(self, "code"):
                self.operations.append(name)
            elif name == "segment":
                self.segments.append(array.tolist())
            elif name == "loop":
                self.loops.append({"first": int(array[0]), "count": int(array[1]), "tears": int(array[2])})
            elif name in ["x", "g", "jacobian"]:
                self.loops[-1][name] = array.tolist()
            elif name in ["constant", "is"]:
                self.constants.append(array[0])
            else:
                setattr(self, name, array)
        self.registers, self.steps, self.first_reported, inputs, self.lanes, self.closures = self.sizes.tolist()
        self.inputs = self.inputs.reshape(inputs, self.lanes)
        self.series = self.series.reshape(-1, self.steps)
        self.outputs = self.outputs.reshape(self.steps - self.first_reported, -1, self.lanes)


def share(a, b, y):
    quotient = np.divide(a, b, out=np.zeros_like(b), where=b > 0)
    np.copyto(y, quotient)


def select(a, b, c, y):
    np.copyto(y, np.where(a != 0, b, c))


class Machine:
    """The registers of a plan and its code as calls on them."""

    def __init__(self, plan, lanes):
        self.plan, self.lanes, self.rounds, self.operations = plan, lanes, 0, 0
        self.rows = list(np.zeros((plan.registers, lanes)))
        for reg, value in zip(plan.constants[::2], plan.constants[1::2]):
            self.rows[int(reg)][:] = value
        self.calls = [self.call(*instruction) for instruction in plan.code]

    def call(self, op, y, a, b, c):
        name, rows = self.plan.operations[op], self.rows
        if name == "share":
            return share, (rows[a], rows[b], rows[y])
        if name == "if":
            return select, (rows[a], rows[b], rows[c], rows[y])
        return DIRECT[name], (rows[a], rows[y]) if name in ONE_OPERAND else (rows[a], rows[b], rows[y])

    def run(self, first, count):
        self.operations += count * self.lanes
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
            self.run(loop["first"], loop["count"])
            self.rounds += 1
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
    one, first_count = Machine(plan, 1), plan.spans[2:].tolist()
    table = np.zeros((plan.steps, len(plan.exports)))
    for step in range(plan.steps):
        for reg, index in plan.series_registers.reshape(-1, 2).tolist():
            one.rows[reg][:] = plan.series[index, step]
        one.run(*first_count)
        table[step] = [one.rows[reg][0] for reg in plan.exports]
    return table


def load(machine, registers, values):
    for reg, value in zip(registers, values):
        machine.rows[reg][:] = value


def evaluate(machine, exports):
    plan, outputs = machine.plan, []
    states = plan.states.reshape(-1, 3).tolist()
    for reg, index in plan.input_registers.reshape(-1, 2).tolist():
        machine.rows[reg][:] = plan.inputs[index]
    machine.run(*plan.spans[:2].tolist())
    load(machine, plan.exports, exports[0])
    load(machine, [s[0] for s in states], [machine.rows[s[1]] for s in states])
    for step in range(plan.steps):
        load(machine, plan.exports, exports[step])
        for is_loop, first, count, loop in plan.segments:
            if is_loop:
                machine.solve(plan.loops[loop])
            else:
                machine.run(first, count)
        if step >= plan.first_reported:
            outputs.append([machine.rows[reg].copy() for reg in plan.output_registers])
        load(machine, [s[0] for s in states], [machine.rows[s[2]].copy() for s in states])
    return np.array(outputs)


def worst_difference(plan, outputs):
    """Relative to the value; of closures, which are rounding errors, as it stands. Lanes at fault are left out."""
    fine = plan.fine.astype(bool)
    given, expected = plan.outputs[:, :, fine], outputs[:, :, fine]
    difference, size = np.abs(given - expected), np.maximum(np.abs(given), np.abs(expected))
    is_closure = np.arange(given.shape[1]) >= given.shape[1] - plan.closures
    size[:, is_closure] = 1
    return float(np.max(np.divide(difference, size, out=np.zeros_like(size), where=size > 0)))


def main():
    plan = Plan(sys.argv[1])
    with np.errstate(all="ignore"):
        exports, machine = run_ahead(plan), Machine(plan, plan.lanes)
        worst = worst_difference(plan, evaluate(machine, exports))
        if not worst <= TOLERANCE:
            sys.exit(f"numpy_kernel: the outputs differ by {worst:.2e} from the kernel's; nothing is timed")
        operations, rounds, seconds = machine.operations, machine.rounds, []
        for _ in range(int(sys.argv[2])):
            start = time.process_time()
            evaluate(machine, exports)
            seconds.append(time.process_time() - start)
    rounds /= max(1, len(plan.loops) * plan.steps)
    print(f"{statistics.median(seconds):.9g} {operations} {rounds:.3f} {worst:.3g}")


if __name__ == "__main__":
    main()
