#!/usr/bin/env python3
"""Runs reservoirs.mdl with PySD on members of reservoirs.yaml, one at a time as PySD does, compares, and times it.

Usage: pysd_members.py DUMP MEMBERS REPEATS
prints the number of members timed, median wall and CPU seconds for them, worst difference. Needs PySD.
"""
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pysd

from plan_dump import Plan

MODEL = Path(__file__).with_name("reservoirs.mdl")
OUTPUTS = ["delivered", "spilled", "lower"]
DAY = 86400  # a plan's rates are by second, the model's by day
RATES = {"snowfall", "melt_rate", "turbine", "demand", "evaporation"}


class Members:
    def __init__(self, plan, model):
        names = [name.split(".")[-1] for name in plan.input_names]
        self.plan, self.model = plan, model
        units = [DAY if name in RATES else 1 for name in names]
        self.parameters = [dict(zip(names, column)) for column in (plan.inputs.T * units).tolist()]

    def run(self, member):
        """delivered and spilled in each step, and the level at its end."""
        table = self.model.run(params=self.parameters[member], return_columns=OUTPUTS).to_numpy()
        return np.column_stack([table[:-1, :2], table[1:, 2]])

    def check(self, members):
        """The plan has these outputs of the park, each followed by that of what stands in no park, which is 0."""
        outputs = self.plan.outputs[:, :, :members].copy()
        outputs[:, 0:6:2] = np.stack([self.run(member) for member in range(members)], axis=2)
        return self.plan.check(outputs, "pysd_members")

    def seconds(self, members):
        wall, cpu = time.perf_counter(), time.process_time()
        for member in range(members):
            self.run(member)
        return time.perf_counter() - wall, time.process_time() - cpu


def main():
    plan, count, repeats = Plan(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:  # PySD writes its Python beside the model
        copy = Path(folder, MODEL.name)
        copy.write_bytes(MODEL.read_bytes())
        members = Members(plan, pysd.read_vensim(copy))
        worst = members.check(min(count, plan.checked))
        runs = [members.seconds(count) for _ in range(repeats)]
    wall, cpu = (statistics.median(run[k] for run in runs) for k in (0, 1))
    print(f"{count} {wall:.9g} {cpu:.9g} {worst:.3g}")


if __name__ == "__main__":
    main()
