#!/usr/bin/python3
"""Writes a plan that bench_kernel wrote as plain C, one member at a time, builds it, compares its outputs with the
kernel's, and times it.

Usage: plain_c.py DUMP REPEATS COMPILER [FLAG...]
prints median wall and CPU seconds for all lanes, worst difference, seconds to build.

The program is what somebody would write who knows the equations: a function of scalar statements for one step, its
values local variables, tests of NaN left out, exp() and the like those of the library. Recycle loops are solved by the
same iteration.
"""
import ctypes
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from plan_dump import Plan

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==",
         "ne": "!="}
SHAPES = {"neg": "-{0}", "min": "least({0}, {1})", "max": "most({0}, {1})", "abs": "fabs({0})",
          "share": "share({0}, {1})", "if": "{0} != 0 ? {1} : {2}"}

PREAMBLE = """\
#include <float.h>
#include <math.h>
#include <string.h>

enum { TEARS = %d, ROUNDS = 200 };
typedef struct { int n, round, done, newton; double norm, base[TEARS], returned[TEARS]; } solver;

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }
static double share(double a, double b) { return b > 0 ? a / b : 0; }

/* x + d of (I - J) d = g - x, by elimination with pivoting; 0 where it is singular. */
static int newton_point(int n, const double *jacobian, const double *x, const double *g, double *point)
{
    double a[TEARS][TEARS + 1], determinant = 1;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) a[i][j] = (i == j) - jacobian[i * n + j];
        a[i][n] = g[i] - x[i];
    }
    for (int k = 0; k < n; k++) {
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[k][k])) {
                double row[TEARS + 1];
                memcpy(row, a[i], sizeof row);
                memcpy(a[i], a[k], sizeof row);
                memcpy(a[k], row, sizeof row);
            }
        determinant *= a[k][k];
        for (int i = k + 1; i < n; i++) {
            double factor = a[i][k] / a[k][k];
            for (int j = k + 1; j <= n; j++) a[i][j] -= factor * a[k][j];
        }
    }
    for (int k = n; k-- > 0;) {
        for (int j = k + 1; j < n; j++) a[k][n] -= a[k][j] * a[j][n];
        a[k][n] /= a[k][k];
    }
    int good = fabs(determinant) > 64 * DBL_EPSILON;
    for (int i = 0; i < n; i++) {
        point[i] = x[i] + a[i][n];
        good = good && point[i] >= 0 && point[i] < INFINITY;
    }
    return good;
}

static double residual(int n, const double *x, const double *g)
{
    double norm = 0;
    for (int i = 0; i < n; i++) {
        double gross = fmax(fabs(x[i]), fabs(g[i]));
        if (gross > 0) norm = fmax(norm, fabs(x[i] - g[i]) / gross);
    }
    return norm;
}

/* The next x at which to work out g and its slopes; 0 once they stand at the solution. */
static int next(solver *s, double *x, const double *g, const double *jacobian)
{
    if (s->done) return 0;
    if (s->round++ == 0) {
        memset(x, 0, (size_t)s->n * sizeof *x);
        return 1;
    }
    double norm = residual(s->n, x, g), point[TEARS];
    int moved = !s->newton || norm <= 0.5 * s->norm;
    if (moved) {
        s->norm = norm;
        memcpy(s->base, x, (size_t)s->n * sizeof *x);
        memcpy(s->returned, g, (size_t)s->n * sizeof *x);
    }
    s->done = !(s->norm > 1e-12) || s->round > ROUNDS;
    s->newton = !s->done && moved && newton_point(s->n, jacobian, s->base, s->returned, point);
    memcpy(x, s->newton ? point : s->returned, (size_t)s->n * sizeof *x);
    return 1;
}
"""

RUN = """
/* inputs [lanes][INPUTS]; exports [STEPS][EXPORTS]; outputs of the first lanes [checked][REPORTED][OUTPUTS] */
long run(long lanes, long checked, const double *inputs, const double *exports, double *outputs)
{
    static double v[REGISTERS], unchecked[OUTPUTS];
    long failed = 0;
    for (long lane = 0; lane < lanes; lane++) {
        int fails = 0;
        start(inputs + lane * INPUTS, exports, v);
        for (long t = 0; t < STEPS; t++) {
            int kept = lane < checked && t >= UNREPORTED;
            double *to = kept ? outputs + (lane * REPORTED + t - UNREPORTED) * OUTPUTS : unchecked;
            fails |= step(v, exports + t * EXPORTS, to);
        }
        failed += fails;
    }
    return failed;
}
"""


class Writer:
    def __init__(self, plan):
        self.plan, self.lines = plan, []
        self.export = {reg: k for k, reg in enumerate(plan.exports)}
        self.locals, self.carried = set(), set()

    def instructions(self, first, count):
        """(name, y, operands)"""
        for op, y, *operands in self.plan.code[first:first + count]:
            name = self.plan.operations[op]
            shape = SHAPES.get(name)
            arity = 2 if name in INFIX or name == "pow" else shape.count("{") if shape else 1
            yield name, y, operands[:arity]

    def find_locals(self):
        """Registers that a step writes; those among them that it reads before it does."""
        read = set()
        for is_loop, first, count, number in self.plan.segments:
            if is_loop:
                loop = self.plan.loops[number]
                self.locals.update(loop["x"])
                first, count = loop["first"], loop["count"]
            for _, y, operands in self.instructions(first, count):
                read.update(reg for reg in operands if reg not in self.locals)
                self.locals.add(y)
        self.carried = read & self.locals

    def leaf(self, reg):
        if reg in self.plan.constants:
            value = self.plan.constants[reg]
            return f"({value!r})" if np.isfinite(value) else "INFINITY" if value > 0 else "-INFINITY"
        return f"e[{self.export[reg]}]" if reg in self.export else f"v[{reg}]"

    def value(self, reg):
        return f"r{reg}" if reg in self.locals else self.leaf(reg)

    def expression(self, name, operands):
        values = [self.value(reg) for reg in operands]
        if name in INFIX:
            return f"{values[0]} {INFIX[name]} {values[1]}"
        return SHAPES.get(name, name + "({0}" + ", {1}" * (len(values) > 1) + ")").format(*values)

    def statements(self, first, count):
        for name, y, operands in self.instructions(first, count):
            self.lines.append(f"{self.value(y)} = {self.expression(name, operands)};")

    def loop(self, loop):
        n = loop["tears"]
        self.lines.append(f"{{ solver s = {{.n = {n}}}; double x[{n}], g[{n}], jacobian[{n * n}];")
        self.lines.append("while (next(&s, x, g, jacobian)) {")
        self.lines += [f"{self.value(reg)} = x[{i}];" for i, reg in enumerate(loop["x"])]
        self.statements(loop["first"], loop["count"])
        self.lines += [f"g[{i}] = {self.value(reg)};" for i, reg in enumerate(loop["g"])]
        self.lines += [f"jacobian[{i}] = {self.value(reg)};" for i, reg in enumerate(loop["jacobian"])]
        self.lines.append("} }")

    def write_start(self):
        self.lines.append("static void start(const double *in, const double *e, double *v)\n{")
        self.lines += [f"v[{reg}] = in[{index}];" for reg, index in self.plan.input_registers]
        self.statements(*self.plan.lane_code)
        self.lines += [f"v[{reg}] = {self.value(initial)};" for reg, initial, _ in self.plan.states]
        self.lines.append("(void)e;\n}\n")

    def write_step(self):
        self.lines.append("static int step(double *v, const double *e, double *out)\n{\nint failed = 0;")
        self.lines += [f"double r{reg}{' = ' + self.leaf(reg) if reg in self.carried else ''};"
                       for reg in sorted(self.locals)]
        for is_loop, first, count, number in self.plan.segments:
            if is_loop:
                self.loop(self.plan.loops[number])
            else:
                self.statements(first, count)
        self.lines += [f"failed |= !({self.value(reg)} <= 0);" for reg in self.plan.checks]
        self.lines += [f"out[{k}] = {self.value(reg)};" for k, reg in enumerate(self.plan.output_registers)]
        self.lines += [f"double n{k} = {self.value(state[2])};" for k, state in enumerate(self.plan.states)]
        self.lines += [f"v[{state[0]}] = n{k};" for k, state in enumerate(self.plan.states)]
        self.lines.append("return failed;\n}")

    def text(self):
        plan = self.plan
        sizes = {"INPUTS": len(plan.inputs), "REGISTERS": plan.registers, "OUTPUTS": len(plan.output_registers),
                 "STEPS": plan.steps, "UNREPORTED": plan.first_reported, "REPORTED": plan.reported,
                 "EXPORTS": len(plan.exports)}
        self.lines.append(PREAMBLE % max([loop["tears"] for loop in plan.loops], default=1))
        self.lines.append(f"enum {{ {', '.join(f'{name} = {size}' for name, size in sizes.items())} }};\n")
        self.write_start()
        self.find_locals()
        self.write_step()
        return "\n".join(self.lines) + RUN


def build(text, command, folder):
    """The library, and the seconds that building it took."""
    with open(f"{folder}/plain.c", "w", encoding="utf-8") as file:
        file.write(text)
    start = time.perf_counter()
    subprocess.run([*command, "-shared", "-fPIC", f"{folder}/plain.c", "-o", f"{folder}/plain.so", "-lm"], check=True)
    seconds = time.perf_counter() - start
    library = ctypes.CDLL(f"{folder}/plain.so")
    library.run.restype = ctypes.c_long
    return library, seconds


class Program:
    def __init__(self, plan, library):
        from numpy_kernel import run_ahead
        with np.errstate(all="ignore"):
            self.exports = np.ascontiguousarray(run_ahead(plan))
        self.plan, self.library, self.inputs = plan, library, np.ascontiguousarray(plan.inputs.T)
        self.outputs = np.zeros((plan.checked, plan.reported, len(plan.output_registers)))

    def run(self, lanes, checked):
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (self.inputs, self.exports, self.outputs)]
        wall, cpu = time.perf_counter(), time.process_time()
        self.library.run(ctypes.c_long(lanes), ctypes.c_long(checked), *pointers)
        return time.perf_counter() - wall, time.process_time() - cpu

    def check(self):
        self.run(self.plan.checked, self.plan.checked)
        return self.plan.check(self.outputs.transpose(1, 2, 0), "plain_c")


def main():
    plan, repeats = Plan(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        library, seconds = build(Writer(plan).text(), sys.argv[3:], folder)
        program = Program(plan, library)
        worst = program.check()
        runs = [program.run(plan.lanes, 0) for _ in range(repeats)]
    wall, cpu = (statistics.median(run[k] for run in runs) for k in (0, 1))
    print(f"{wall:.9g} {cpu:.9g} {worst:.3g} {seconds:.3g}")


if __name__ == "__main__":
    main()
