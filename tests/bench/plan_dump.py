"""Reads what `bench_kernel dump` wrote: a plan, the inputs of all lanes, and the kernel's outputs of some of them."""
import numpy as np

TOLERANCE = 1e-9


def read_arrays(path):
    """The arrays in order, as (name, array)."""
    with open(path, "rb") as file:
        while line := file.readline():
            name, kind, count = line.decode().split()
            dtype = np.uint32 if kind == "I" else np.float64
            yield name, np.frombuffer(file.read(int(count) * dtype().itemsize), dtype)


class Plan:
    def __init__(self, path):
        self.operations, self.input_names, self.segments, self.loops, self.constants = [], [], [], [], {}
        for name, array in read_arrays(path):
            if name.startswith("input:"):
                self.input_names.append(name.removeprefix("input:"))
            elif name == "code":
                self.code = array.reshape(-1, 5).tolist()
            elif not hasattr(self, "code"):
                self.operations.append(name)
            elif name == "segment":
                self.segments.append(array.tolist())
            elif name == "loop":
                self.loops.append({"first": int(array[0]), "count": int(array[1]), "tears": int(array[2])})
            elif name in ["x", "g", "jacobian"]:
                self.loops[-1][name] = array.tolist()
            elif name == "constant":
                constant = int(array[0])
            elif name == "is":
                self.constants[constant] = float(array[0])
            else:
                setattr(self, name, array)
        (self.registers, self.steps, self.first_reported, inputs, self.lanes, self.checked, self.closures,
         self.scenarios) = self.sizes.tolist()
        self.lane_code, self.step_code = self.spans[:2].tolist(), self.spans[2:].tolist()
        self.input_registers = self.input_registers.reshape(-1, 2).tolist()
        self.series_registers = self.series_registers.reshape(-1, 2).tolist()
        self.series = self.series.reshape(-1, self.steps)
        self.states = self.states.reshape(-1, 3).tolist()
        self.exports, self.checks = self.exports.tolist(), self.checks.tolist()
        self.output_registers = self.output_registers.tolist()
        self.inputs = self.inputs.reshape(inputs, self.lanes)
        self.reported = self.steps - self.first_reported
        self.outputs = self.outputs.reshape(self.reported, len(self.output_registers), self.checked)

    def worst_difference(self, outputs):
        """Of outputs [reported][output][lanes] of the first lanes: relative to the value; of closures, which are
        rounding errors, as it stands. Lanes at fault are left out."""
        lanes = outputs.shape[2]
        fine = self.fine[:lanes].astype(bool)
        given, expected = self.outputs[:, :, :lanes][:, :, fine], outputs[:, :, fine]
        difference, size = np.abs(given - expected), np.maximum(np.abs(given), np.abs(expected))
        size[:, given.shape[1] - self.closures:] = 1
        return float(np.max(np.divide(difference, size, out=np.zeros_like(size), where=size > 0)))

    def check(self, outputs, who):
        """The worst difference; ends the program where it is too large."""
        worst = self.worst_difference(outputs)
        if not worst <= TOLERANCE:
            raise SystemExit(f"{who}: the outputs differ by {worst:.2e} from the kernel's; nothing is timed")
        return worst
