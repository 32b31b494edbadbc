"""`parkflow reconcile` as a user runs it: the examples against an independent optimiser, the files that it writes,
sweeps that draw from them, and what is refused."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import warnings

import jsonschema
import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import numpy
import scipy.optimize
import scipy.stats
import xarray
import yaml

PARKFLOW = os.path.abspath(sys.argv.pop(1))
EXAMPLES = pathlib.Path("scenarios/reconcile")

# Each constraint by hand, on a dictionary of quantities: the second opinion on what the YAML says.
CONSTRAINTS = {
    "cooling_water": [lambda q: q["f1"] - q["f2"] - q["f3"], lambda q: q["f2"] - q["f4"], lambda q: q["f3"] - q["f5"],
                      lambda q: q["f4"] + q["f5"] - q["f6"]],
    "heat_exchanger": [lambda q: q["stream_1"] - q["stream_2"] - q["stream_3"],
                       lambda q: q["stream_2"] - q["stream_4"], lambda q: q["stream_3"] - q["stream_5"],
                       lambda q: q["stream_4"] + q["stream_5"] - q["stream_6"]],
    "distillation": [
        lambda q: q["feed"] * q["feed.light"] - q["distillate"] * q["distillate.light"]
        - q["bottoms"] * q["bottoms.light"],
        lambda q: q["feed"] * q["feed.heavy"] - q["distillate"] * q["distillate.heavy"]
        - q["bottoms"] * q["bottoms.heavy"],
        lambda q: q["feed.light"] + q["feed.heavy"] - 1, lambda q: q["distillate.light"] + q["distillate.heavy"] - 1,
        lambda q: q["bottoms.light"] + q["bottoms.heavy"] - 1],
    "wastewater": [
        lambda q: q["fish"] + q["beer"] + q["households"] - q["inlet"],
        lambda q: q["fish"] * q["fish.cod"] + q["beer"] * q["beer.cod"] + q["households"] * q["households.cod"]
        - q["inlet"] * q["inlet.cod"],
        lambda q: q["inlet"] - q["river"] - q["reuse"] - q["plant.stock_change"],
        lambda q: q["reuse.cod"] - q["river.cod"],
        lambda q: (1 - q["removed"]) * q["inlet"] * q["inlet.cod"] - q["river"] * q["river.cod"]
        - q["reuse"] * q["reuse.cod"]],
}
SYSTEM = """
parkflow: 1
use: [{folder}/scenarios/library/units.yaml]
unit: t
flows:
  a: {{from: outside, to: mill, amount: 100 +- 5 t}}
  b: {{from: mill, to: outside, amount: 60 +- 5 t}}
  c: {{from: mill, to: outside, amount: 30 +- 5 t}}
processes: {{mill: {{}}}}
"""
MODEL = """
parkflow: 1
use: [{folder}/scenarios/library/units.yaml, {used}]
time: {{start: 2020, end: 2020, step: year}}
parks: {{demo: {{processes: {{}}}}}}
indicators:
{indicators}
scenarios: {{base: {{}}}}
"""


def parkflow(*arguments):
    return subprocess.run([PARKFLOW, *map(str, arguments)], capture_output=True, text=True)


class ReconcileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def reconcile(self, path, *arguments, status=0):
        done = parkflow("reconcile", path, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def open(self, path, engine="h5netcdf"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with xarray.open_dataset(path, engine=engine) as data:
                return data.load()

    def example(self, name):
        out = self.folder / f"{name}.h5"
        self.reconcile(EXAMPLES / f"{name}.yaml", "-q", "-o", out)
        return self.open(out)

    def refused(self, text, *parts, status=2):
        message = self.reconcile(self.write("bad.yaml", text), status=status)
        for part in parts:
            self.assertIn(part, message)
        return message


class Examples(ReconcileTest):
    def test_an_optimiser_finds_the_same_values(self):
        """SciPy's SLSQP, on constraints that are written here once more."""
        for name, constraints in CONSTRAINTS.items():
            with self.subTest(name):
                data = self.example(name)
                names = [str(q) for q in data.quantity.values]
                measured, sd = data.measured.values, data.measured_sd.values
                is_measured = sd > 0
                # each in sizes of its own, from the mean measurement, so that the optimiser is well conditioned
                size = numpy.where(is_measured, sd, numpy.abs(data.reconciled.values))
                start = numpy.where(numpy.isnan(measured), data.reconciled.values * 1.02, measured) / size

                def together(x):
                    q = dict(zip(names, x * size))
                    return [constraint(q) for constraint in constraints]

                scale = numpy.maximum(numpy.abs(scipy.optimize.approx_fprime(start, together)).max(axis=1), 1e-300)
                found = scipy.optimize.minimize(
                    lambda x: (((x - measured / size)[is_measured]) ** 2).sum(), start, method="SLSQP",
                    jac=lambda x: numpy.where(is_measured, 2 * (x - numpy.nan_to_num(measured) / size), 0),
                    constraints={"type": "eq", "fun": lambda x: together(x) / scale},
                    options={"maxiter": 1000, "ftol": 1e-15})
                numpy.testing.assert_allclose(found.x * size, data.reconciled.values, rtol=2e-6, atol=1e-5)
                self.assertAlmostEqual(found.fun, data.chi_square, delta=1e-5 * max(data.chi_square, 1))

    def test_the_covariance_is_that_of_the_linearised_constraints(self):
        """By numpy: measurements and unknowns as one least-squares problem on the null space of the constraints."""
        for name, constraints in CONSTRAINTS.items():
            with self.subTest(name):
                data = self.example(name)
                names = [str(q) for q in data.quantity.values]
                x, sd = data.reconciled.values, data.measured_sd.values
                is_measured = sd > 0
                size = numpy.maximum(numpy.abs(x), numpy.where(is_measured, sd, 0))
                slopes = numpy.empty((len(constraints), len(names)))
                for j in range(len(names)):
                    step = numpy.zeros(len(names))
                    step[j] = 1e-6 * size[j]
                    up, down = dict(zip(names, x + step)), dict(zip(names, x - step))
                    slopes[:, j] = [(c(up) - c(down)) / 2e-6 for c in constraints]
                slopes /= numpy.abs(slopes).max(axis=1, keepdims=True)
                free = numpy.linalg.svd(slopes)[2][len(constraints):].T * size[:, None]
                weighted = free[is_measured] / sd[is_measured][:, None]
                expected = free @ numpy.linalg.inv(weighted.T @ weighted) @ free.T
                spread = numpy.sqrt(numpy.diag(expected))
                numpy.testing.assert_allclose(data.covariance.values / numpy.outer(spread, spread),
                                              expected / numpy.outer(spread, spread), atol=2e-6)
                numpy.testing.assert_allclose(data.reconciled_sd.values, spread, rtol=2e-6)

    def test_the_tests_are_those_of_the_adjustments(self):
        data = self.example("heat_exchanger")
        taken = data.measured_sd.values ** 2 - data.reconciled_sd.values ** 2
        z = (data.reconciled.values - data.measured.values) / numpy.sqrt(taken)
        numpy.testing.assert_allclose(data.adjustment_z.values, z, rtol=1e-9)
        self.assertAlmostEqual(data.p_value, scipy.stats.chi2.sf(data.chi_square, data.degrees_of_freedom), places=12)
        level = 1 - (1 - 0.05) ** (1 / 6)
        self.assertAlmostEqual(data.critical_z, scipy.stats.norm.isf(level / 2), places=10)
        numpy.testing.assert_array_equal(data.suspect.values, abs(z) > data.critical_z)

    def test_the_table_tells_what_is_wrong_and_what_is_open(self):
        said = self.reconcile(EXAMPLES / "heat_exchanger.yaml")
        self.assertRegex(said, r"stream_2 +kg/s +68.45 +\+- 1 +65.833 +\+- 0.577 +-2.62 +-3.20 +! +redundant")
        self.assertIn("chi-square 16.67 with 4 degrees of freedom, p = 0.0022", said)
        self.assertIn("stream_2: measured 68.45, the others say 64.525 +- 0.707 kg/s", said)
        self.assertIn("Not determined by what is measured: flow_6, flow_7",
                      self.reconcile(EXAMPLES / "transfer_coefficient.yaml"))
        self.assertIn("f3: measured 35, the others say 38.6 +- 0.45 kt/h; it may as well be f5",
                      self.reconcile(EXAMPLES / "cooling_water_partial.yaml"))


class Files(ReconcileTest):
    def test_every_example_fits_the_schema(self):
        schema = json.loads(parkflow("schema").stdout)
        schema["$ref"] = "#/$defs/flow_system"
        validator = jsonschema.Draft202012Validator(schema)
        for path in EXAMPLES.glob("*.yaml"):
            with open(path, encoding="utf-8") as file:
                validator.validate(yaml.load(file, Loader=yaml.BaseLoader))
        self.assertTrue(list(validator.iter_errors({"parkflow": "1", "flow": {}})))

    def test_the_file_opens_without_a_warning_and_has_no_clock(self):
        first, second = self.folder / "1.h5", self.folder / "2.h5"
        for out in (first, second):
            self.reconcile(EXAMPLES / "wastewater.yaml", "-q", "-o", out)
        self.assertEqual(first.read_bytes(), second.read_bytes())
        for engine in ("h5netcdf", "netcdf4"):
            data = self.open(first, engine)
            self.assertEqual(dict(data.sizes), {"quantity": 14, "quantity_2": 14, "constraint": 5})
            self.assertEqual(str(data["class"].sel(quantity="households").values), "observable")
            self.assertEqual(str(data.evidence.sel(quantity="fish").values), "")
            self.assertEqual(str(data.assumption.sel(quantity="fish.cod").values), "an example")
            self.assertIn("one_quality", str(data.input.values))
        self.assertEqual(list(self.folder.glob("*.tmp*")), [])

    def test_the_picture_is_drawn(self):
        for name in ("wastewater", "transfer_coefficient", "cooling_water_ends"):
            out, picture = self.folder / f"{name}.h5", self.folder / f"{name}.svg"
            self.reconcile(EXAMPLES / f"{name}.yaml", "-q", "-o", out)
            subprocess.run([sys.executable, "scripts/plot_sankey.py", out, picture], check=True)
            self.assertIn("svg", picture.read_text()[:500])
        subprocess.run([sys.executable, "scripts/plot_sankey.py", "--component", "cod",
                        self.folder / "wastewater.h5", picture], check=True)

    def test_what_cannot_be_written_is_said(self):
        message = self.reconcile(EXAMPLES / "wastewater.yaml", "-o", self.folder, status=1)
        self.assertIn("cannot write", message)
        message = self.reconcile(EXAMPLES / "wastewater.yaml", "--use", self.folder / "no" / "x.yaml", status=1)
        self.assertIn("cannot write", message)


class Uses(ReconcileTest):
    def sweep(self, system, units, over_time="mean", members=20000):
        """A sweep of a model that uses the reconciled parameters and does nothing but show them."""
        used, out = self.folder / "used.yaml", self.folder / "sweep.h5"
        self.reconcile(system, "-q", "--use", used, "-o", self.folder / "r.h5")
        shown = "\n".join(f'  i_{name}: {{is: "{name}", unit: {unit}, headline: true, over_time: {over_time}}}'
                          for name, unit in units.items())
        model = self.write("model.yaml", MODEL.format(folder=os.getcwd(), used=used, indicators=shown))
        done = parkflow("sweep", model, "-q", "-n", members, "--keep", "annual", "--design", "latin_hypercube", "-o",
                        out)
        self.assertEqual(done.returncode, 0, done.stderr)
        with xarray.open_dataset(out, engine="h5netcdf", group="members") as data:
            drawn = {name: data[f"i_{name}"].isel(scenario=0, park=0, period=0).values.ravel() for name in units}
        return drawn, self.open(self.folder / "r.h5")

    def check(self, drawn, data, prefix="", linear=()):
        names = [str(q) for q in data.quantity.values if prefix + str(q).replace(".", "_") in drawn]
        values = numpy.array([drawn[prefix + name.replace(".", "_")] for name in names])
        mean, sd = data.reconciled.sel(quantity=names).values, data.reconciled_sd.sel(quantity=names).values
        self.assertLess(abs((values.mean(axis=1) - mean) / sd).max(), 0.03)
        self.assertLess(abs(values.std(axis=1) / sd - 1).max(), 0.03)
        expected = data.covariance.sel(quantity=names, quantity_2=names).values / numpy.outer(sd, sd)
        self.assertLess(abs(numpy.corrcoef(values) - expected).max(), 0.03)
        for balance in linear:
            self.assertLess(abs(balance(drawn)).max(), 1e-8)

    def test_a_sweep_draws_from_linear_balances_which_hold_in_every_draw(self):
        units = {name: "kt/h" for name in ("f1", "f2", "f3", "f4", "f5", "f6")}
        drawn, data = self.sweep(EXAMPLES / "cooling_water.yaml", units)
        self.check(drawn, data, linear=[lambda d: d["f1"] - d["f2"] - d["f3"], lambda d: d["f4"] + d["f5"] - d["f6"]])

    def test_a_sweep_draws_from_bilinear_balances_of_many_units(self):
        units = {f"waste_{name}": unit for name, unit in {
            "fish": "m3/day", "beer": "m3/day", "households": "m3/day", "inlet": "m3/day", "river": "m3/day",
            "reuse": "m3/day", "plant_stock_change": "m3/day", "fish_cod": "kg/m3", "inlet_cod": "kg/m3",
            "river_cod": "kg/m3", "reuse_cod": "kg/m3", "removed": "1"}.items()}
        drawn, data = self.sweep(EXAMPLES / "wastewater.yaml", units)
        self.check(drawn, data, "waste_", [
            lambda d: d["waste_fish"] + d["waste_beer"] + d["waste_households"] - d["waste_inlet"],
            lambda d: d["waste_inlet"] - d["waste_river"] - d["waste_reuse"] - d["waste_plant_stock_change"]])
        self.assertGreater(drawn["waste_reuse"].min(), 0)  # three standard deviations above 0: lognormal

    def test_exact_flows_and_a_year_leave_constants(self):
        text = SYSTEM.format(folder=os.getcwd()).replace("unit: t", "unit: t/year").replace(" t}", " t/year}")
        text = text.replace("30 +- 5 t/year", "31 t/year")
        drawn, data = self.sweep(self.write("year.yaml", text), {name: "t" for name in "abc"}, over_time="sum")
        self.check({name: drawn[name] for name in "ab"}, data, linear=[lambda d: d["a"] - d["b"] - 31])
        numpy.testing.assert_allclose(drawn["c"], 31)

    def test_wide_flows_are_lognormal_of_the_same_mean_spread_and_correlation(self):
        text = self.system_of("60 +- 25 t", "12 +- 6 t")
        drawn, data = self.sweep(self.write("wide.yaml", text), {name: "t" for name in "abc"})
        self.check(drawn, data, linear=[lambda d: d["a"] - d["b"] - d["c"]])
        self.assertGreater(min(drawn["b"].min(), drawn["c"].min()), 0)
        self.assertLess(data.covariance.sel(quantity="b", quantity_2="c"), 0)

    def system_of(self, b, c):
        text = SYSTEM.format(folder=os.getcwd()).replace("100 +- 5 t", "75 +- 15 t")
        return text.replace("60 +- 5 t", b).replace("30 +- 5 t", c)

    def test_names_that_would_be_one_are_refused(self):
        text = SYSTEM.format(folder=os.getcwd()) + "parameters: {mill_stock_change: 1 +- 0.1}\n"
        text = text.replace("{mill: {}}", "{mill: {stock_change: 0 +- 1 t}}")
        path = self.write("names.yaml", text)
        self.assertIn("rename one", self.reconcile(path, "--use", self.folder / "u.yaml", status=2))


class Refusals(ReconcileTest):
    def system(self, old="", new=""):
        text = SYSTEM.format(folder=os.getcwd())
        self.assertIn(old, text)
        return text.replace(old, new) if old else text

    def test_a_wrong_unit(self):
        message = self.refused(self.system("60 +- 5 t", "60 +- 5 m3"),
                               "'60 +- 5 m3' of 'b' is in m3, expected kg, like t")
        self.assertRegex(message, r"bad.yaml:7:\d+: error")

    def test_exact_values_that_contradict_each_other(self):
        text = self.system("+- 5 ").replace("c: {", "d: {from: outside, to: bin, amount: 3 t}\n  c: {")
        self.refused(text.replace("mill: {}}", "mill: {}, bin: {balance: []}}"), "cannot hold together",
                     "balance of mill")
        both = self.system() + "equations: {one: b = 60 t, two: 2 * b = 121 t}\n"
        message = self.refused(both, "cannot hold together", "equation one", "equation two")
        self.assertNotIn("balance of mill", message)

    def test_no_solution_is_a_run_that_failed(self):
        text = self.system() + "parameters: {x: unknown}\nequations: {square: x * x = 0 - 1}\n"
        self.refused(text, "no values were found in", "equation square", status=1)

    def test_names_with_the_nearest(self):
        self.refused(self.system("to: mill", "to: mil"), "no process is called 'mil', did you mean 'mill'?")
        text = self.system() + "components: {cod: {unit: kg/t}}\nequations: {e: a.cot = 3 kg/t, f: aa = b}\n"
        self.refused(text, "no quantity is called 'a.cot'", "no quantity is called 'aa'")
        self.refused(self.system("60 +- 5 t}", "60 +- 5 t, components: {cot: 1}}") + "components: {cod: {unit: '1'}}\n",
                     "no component is called 'cot', did you mean 'cod'?")
        self.refused(self.system("mill: {}", "mill: {transfer: {amount: {bb: 0.5}}}"), "no flow 'bb' leaves 'mill'")
        self.refused(self.system("unit: t", "unit: t\nlevl: 0.1"),
                     "'levl' is no key of a flow_system, did you mean 'level'?")

    def test_equations_that_are_none(self):
        def equation(text):
            return self.system() + f"equations: {{e: '{text}'}}\n"
        self.refused(equation("a + b"), "expected an equation with one '='")
        self.refused(equation("a = 3 kg * b"), "do not add up")
        self.refused(equation("a / b = 2"), "write a = c * b instead")
        self.refused(equation("a = max(b, c)"), "has no functions")
        self.refused(equation("a * a * a * b * c = 0"), "more than 4 quantities are multiplied")
        self.refused(equation("a = 3 +"), "ends early")

    def test_a_process_that_cannot_be_balanced(self):
        self.refused(self.system("from: outside, to: mill", "from: mill, to: outside"), "nothing enters 'mill'")
        text = self.system("60 +- 5 t}", "60 +- 5 GJ, unit: GJ}")
        self.refused(text, "'mill' cannot be balanced: 'a' is in t, 'b' in GJ")
        mended = text.replace("mill: {}", "mill: {balance: []}") + "equations: {heat: b = 0.6 GJ / 1 t * a}\n"
        said = self.reconcile(self.write("mended.yaml", mended))
        self.assertRegex(said, r"b +GJ +60 +\+- 5 +60 ")

    def test_values_that_are_none(self):
        self.refused(self.system("60 +- 5 t", "a * 2"), "expected a number, a distribution or `unknown`")
        self.refused(self.system("60 +- 5 t", "{shared: 1..2 t, own: 1..2}"), "expected a number, a distribution")
        self.refused(self.system("60 +- 5 t", "60 +- x t"), "mean +- standard_deviation")
        self.refused(self.system("unit: t", "unit: t\nlevel: 2"), "expected a number between 0 and 1")

    def test_all_mistakes_at_once(self):
        message = self.refused(self.system("to: mill", "to: mil").replace("60 +- 5 t", "60 +- 5 m3"))
        self.assertEqual(len(re.findall("error:", message)), 2)

    def test_a_system_of_nothing(self):
        self.refused("parkflow: 1\nunit: kg\nflows: {}\nprocesses: {}\n", "there is no flow")

    def test_usage(self):
        for arguments in ((), ("a.yaml", "b.yaml"), ("--frob", "a.yaml")):
            done = parkflow("reconcile", *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn("parkflow reconcile", done.stderr)
        self.assertIn("no file", self.reconcile("nowhere.yaml", status=2).lower().replace("no such file", "no file"))


if __name__ == "__main__":
    unittest.main()
