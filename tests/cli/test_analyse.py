"""Analyses as a user runs them: indices of models whose indices are known, what is refused or marked, and what is left
in the results file."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import warnings

import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import numpy
import xarray

PARKFLOW = os.path.abspath(sys.argv.pop(1))
TUTORIAL = "scenarios/tutorial/park.yaml"
SAMPLED = ("first_order", "pawn", "delta", "regression", "rank")

# Ishigami and Homma (1990), a = 7, b = 0.1; a product, a sum, and their ratio. All parks together have twice the value
# of each of the two, demo and shared.
MODEL = """
parkflow: 1
use: [{folder}/scenarios/library/units.yaml]
time: {{start: 2020, end: 2021, step: year}}
parameters:
  x1: -3.141592653589793..3.141592653589793
  x2: -3.141592653589793..3.141592653589793
  x3: -3.141592653589793..3.141592653589793
  a: 2..4
  b: 1..2
  c: 5..6
  level: 0 1
  factor: 1..2
parks: {{demo: {{processes: {{}}}}}}
indicators:
  ishigami: {{is: "sin(x1) + 7 * sin(x2)^2 + 0.1 * x3^4 * sin(x1)", unit: 1, headline: true, over_time: mean}}
  product: {{is: "(a + level) * b / c", unit: 1, over_time: mean}}
  additive: {{is: "3 * a + 4 * b", unit: 1, over_time: mean}}
  ratio: {{over_time: {{ratio: [product, additive]}}, unit: 1}}
  rarely: {{is: "if(a < 2.2, 0, 3 * a + 4 * b)", unit: 1, over_time: mean}}
  gap: {{over_time: {{ratio: [additive, rarely]}}, unit: 1}}
  constant: {{is: "42", unit: 1, over_time: mean}}
interventions:
  more: {{status: what_if, adoption: {{curve: step, start: 2020}}, effects: [{{set: parameters.level, to: factor}}]}}
scenarios: {{base: {{}}, more: {{against: base, with: [more]}}}}
"""
ISHIGAMI = {"first_order": (0.31391, 0.44241, 0), "total_order": (0.55759, 0.44241, 0.24368)}
X = ["parameters.x1", "parameters.x2", "parameters.x3"]


def parkflow(*arguments, **options):
    return subprocess.run([PARKFLOW, *map(str, arguments)], capture_output=True, text=True, **options)


class AnalyseTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.write("model.yaml", MODEL.format(folder=os.getcwd()))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def sweep(self, *arguments, model=None, name="sweep.h5"):
        out = self.folder / name
        done = parkflow("sweep", model or self.model, "-q", "-o", out, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def analyse(self, method, path, *arguments, status=0):
        done = parkflow("analyse", method, path, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def open(self, path, method, engine="h5netcdf"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with xarray.open_dataset(path, group=f"analysis/{method}", engine=engine) as data:
                return data.load()

    def found(self, path, method, name, scenario="base", period="2021"):
        return self.open(path, method)[name].sel(scenario=scenario, park="all", period=period)

    def refused(self, method, path, *said):
        before = path.read_bytes()
        text = self.analyse(method, path, status=2)
        for words in said:
            self.assertIn(words, text)
        self.assertEqual(path.read_bytes(), before)

    # --- indices ---

    def test_sobol_finds_the_indices_of_ishigami_within_its_intervals(self):
        path = self.sweep("-n", 32768, "--design", "saltelli", "--vary", "parameters.x*")
        text = self.analyse("sobol", path)
        for index, expected in ISHIGAMI.items():
            value = self.found(path, "sobol", f"ishigami_{index}")
            low, high = (self.found(path, "sobol", f"ishigami_{index}_{end}") for end in ("low", "high"))
            for name, true in zip(X, expected):
                self.assertAlmostEqual(float(value.sel(parameter=name)), true, delta=0.03)
                self.assertLessEqual(float(low.sel(parameter=name)) - 1e-9, true)
                self.assertGreaterEqual(float(high.sel(parameter=name)) + 1e-9, true)
        pair = self.found(path, "sobol", "ishigami_second_order").sel(parameter=X[0], parameter_2=X[2])
        self.assertAlmostEqual(float(pair), 0.24368, delta=0.05)
        self.assertRegex(text, r"parameters\.x1 x parameters\.x3 +0\.2")
        self.assertIn("members were enough", text)
        self.assertRegex(text, r"parameters\.x3 .* \?\n")  # its first order is nothing

    def test_jansen_has_no_second_order_and_says_so(self):
        path = self.sweep("-n", 20480, "--design", "jansen", "--vary", "parameters.x*")
        self.assertIn("There is no second order", self.analyse("sobol", path))
        total = self.found(path, "sobol", "ishigami_total_order").sel(parameter=X).values
        self.assertTrue(numpy.allclose(total, ISHIGAMI["total_order"], atol=0.03), total)
        self.assertNotIn("ishigami_second_order", self.open(path, "sobol"))

    def test_first_order_comes_from_any_sample(self):
        path = self.sweep("-n", 20000, "--design", "latin_hypercube", "--vary", "parameters.x*")
        self.analyse("first_order", path)
        first = self.found(path, "first_order", "ishigami_first_order").sel(parameter=X).values
        self.assertTrue(numpy.allclose(first, ISHIGAMI["first_order"], atol=0.02), first)

    def test_regression_of_a_sum_explains_all_of_it(self):
        path = self.sweep("-n", 4000, "--keep", "annual")
        text = self.analyse("regression", path, "--indicator", "additive", "-s", "base")
        self.assertIn("R2 1.00", text)
        self.assertAlmostEqual(float(self.found(path, "regression", "additive_r2")), 1, places=12)
        part = self.found(path, "regression", "additive_coefficient").sel(parameter=["parameters.a", "parameters.b"])
        # the standard deviations of 3 a and 4 b are as 3 * 2 to 4 * 1
        self.assertTrue(numpy.allclose(part.values, numpy.array([6, 4]) / 52**0.5, atol=0.02), part.values)
        self.assertIn("too little", self.analyse("regression", path, "--indicator", "ishigami", "-s", "base"))

    def test_morris_finds_slopes_per_unit_of_probability(self):
        path = self.sweep("-n", 200, "--design", "morris", "--keep", "annual")
        self.analyse("morris", path, "--indicator", "additive")
        mu = self.found(path, "morris", "additive_mu")
        self.assertAlmostEqual(float(mu.sel(parameter="parameters.a")), 2 * 6, places=9)
        self.assertAlmostEqual(float(mu.sel(parameter="parameters.b")), 2 * 4, places=9)
        self.assertEqual(float(mu.sel(parameter="parameters.c")), 0)

    def test_a_change_is_analysed_as_formed_member_by_member(self):
        path = self.sweep("-n", 2000, "--keep", "annual")
        self.analyse("regression", path, "--indicator", "product")
        change = self.found(path, "regression", "product_correlation", scenario="more - base")
        members = xarray.open_dataset(path, group="members", engine="h5netcdf")
        values = members["product"].sel(park="all", period="2021")
        effect = values.sel(scenario="more").values - values.sel(scenario="base").values
        for name in ("parameters.factor", "parameters.b", "parameters.c"):
            drawn = members["parameter_value"].sel(parameter=name).values
            self.assertAlmostEqual(float(change.sel(parameter=name)), numpy.corrcoef(drawn, effect)[0, 1], places=12)

    def test_elasticities_of_a_product_are_its_powers(self):
        path = self.folder / "run.h5"
        self.assertEqual(parkflow("run", self.model, "-q", "-o", path).returncode, 0)
        self.analyse("elasticities", path, "--indicator", "product", "--indicator", "ratio")
        names = ["parameters.a", "parameters.b", "parameters.c", "parameters.x1"]
        product = self.found(path, "elasticities", "product_elasticity").sel(parameter=names).values
        self.assertTrue(numpy.allclose(product, [1, 1, -1, 0], atol=1e-13), product)
        # the sum is 3 a + 4 b = 9 + 6 at the medians
        ratio = self.found(path, "elasticities", "ratio_elasticity").sel(parameter=names).values
        self.assertTrue(numpy.allclose(ratio, [1 - 9 / 15, 1 - 6 / 15, -1, 0], atol=1e-13), ratio)
        # of b factor / c, which is what the measure adds: a has no part in it
        change = self.found(path, "elasticities", "product_elasticity", "more - base")
        of_change = change.sel(parameter=["parameters.a", "parameters.b", "parameters.c", "parameters.factor"]).values
        self.assertTrue(numpy.allclose(of_change, [0, 1, -1, 1], atol=1e-12), of_change)

    def test_elasticities_share_the_variance_as_the_members_do(self):
        path = self.sweep("-n", 20000, "--keep", "annual")
        self.analyse("elasticities", path, "--indicator", "additive", "-s", "base")
        share = self.found(path, "elasticities", "additive_variance_share")
        self.assertAlmostEqual(float(share.sel(parameter="parameters.a")), 36 / 52, places=9)
        sd = float(self.found(path, "elasticities", "additive_sd"))
        self.assertAlmostEqual(sd, 2 * (52 / 12)**0.5, places=4)

    # --- marks ---

    def test_an_output_that_does_not_vary_has_no_index(self):
        path = self.sweep("-n", 500, "--keep", "annual")
        for method in SAMPLED:
            text = self.analyse(method, path, "--indicator", "constant", "--indicator", "additive")
            self.assertIn("does not vary", text)  # so too the change of the sum, which no measure touches
            leading = {"pawn": "pawn", "delta": "delta"}.get(method, "first_order" if method == "first_order" else "coefficient")
            self.assertTrue(numpy.isnan(self.open(path, method)[f"constant_{leading}"].values).all())
            base = self.open(path, method)[f"additive_{leading}"]
            self.assertFalse(numpy.isnan(base.sel(scenario="base").values).any(), method)
            self.assertTrue(numpy.isnan(base.sel(scenario="more - base").values).all(), method)

    def test_members_without_a_ratio_are_left_out_of_it_alone(self):
        path = self.sweep("-n", 3000, "--keep", "annual")
        self.analyse("regression", path, "--indicator", "additive", "--indicator", "gap", "--indicator", "product")
        both = self.open(path, "regression")
        alone = self.sweep("-n", 3000, "--keep", "annual", name="alone.h5")
        self.analyse("regression", alone, "--indicator", "product")
        for end in ("", "_low", "_high"):
            name = f"product_coefficient{end}"
            self.assertTrue(both[name].equals(self.open(alone, "regression")[name]), name)
        self.assertAlmostEqual(float(both["gap_mean"].sel(scenario="base", period="2021", park="all")), 1)

    def test_too_few_groups_are_marked(self):
        path = self.sweep("-n", 160, "--design", "saltelli", "--vary", "parameters.x*")
        text = self.analyse("sobol", path)
        self.assertIn("fewer than 64 groups", text)
        self.assertRegex(text, r"parameters\.x2 .*~")
        self.assertRegex(text, "More members needed: .* about [0-9,]+ members would do")

    def test_noise_is_marked(self):
        path = self.sweep("-n", 2000)
        text = self.analyse("pawn", path, "-s", "base", "--top", 6)
        self.assertRegex(text, r"parameters\.(a|b|c) .*\?\n")
        self.assertRegex(text, r"parameters\.x2 [^?\n]*\n")
        self.assertIn("within the noise of 10 slices", text)

    def test_a_sample_that_is_only_a_part_says_so(self):
        path = self.sweep("-n", 1000, "--keep", "annual")
        self.assertNotIn("The file keeps", self.analyse("first_order", path))
        with netCDF4.Dataset(path, "a") as file:  # as a sweep of which only the first members were kept
            file.members = numpy.int64(5000)
        self.assertIn("The file keeps the first 1,000 of 5,000 members", self.analyse("first_order", path))

    def test_an_index_that_is_another_parameters_by_the_design_is_marked(self):
        count = 300
        text = "parkflow: 1\nuse: [%s/scenarios/library/units.yaml]\ntime: {start: 2020, end: 2020, step: year}\n" % os.getcwd()
        text += "parameters:\n" + "".join(f"  p{i:03}: 0..1\n" for i in range(count))
        text += "parks: {demo: {processes: {}}}\nscenarios: {base: {}}\nindicators:\n"
        text += "".join(f'  y{i:03}: {{is: "p{i:03}", unit: 1, headline: true, over_time: mean}}\n' for i in range(0, count, 25))
        model = self.write("many.yaml", text)
        path = self.sweep("-n", 512, "--design", "sobol", model=model)
        self.analyse("first_order", path, "--resamples", 0)
        data = self.open(path, "first_order")
        own = [f"y{i:03}" for i in range(0, count, 25)]
        first = numpy.stack([data[f"{y}_first_order"].values.ravel() for y in own])
        tied = numpy.stack([data[f"{y}_tied"].values.ravel() for y in own]) > 0
        is_own = numpy.stack([data["parameter"].values == f"parameters.p{y[1:]}" for y in own])
        spurious = (first > 0.1) & ~is_own
        self.assertGreater(spurious.sum(), 0)  # the trap is there
        self.assertTrue(tied[spurious].all())
        self.assertFalse(tied[is_own].any())
        free = self.sweep("-n", 512, "--design", "latin_hypercube", model=model, name="free.h5")
        self.analyse("first_order", free, "--resamples", 0)
        others = numpy.stack([self.open(free, "first_order")[f"{y}_first_order"].values.ravel() for y in own])
        self.assertLess(others[~is_own].max(), 0.1)
        self.refused("delta", path, "Sobol' sequence of 300 dimensions", "latin_hypercube")

    # --- refusals ---

    def test_what_a_design_does_not_support_is_refused_with_what_to_do(self):
        free = self.sweep("-n", 200)
        self.refused("sobol", free, "--design saltelli", "jansen: no second order", "first_order' works on this file")
        self.refused("morris", free, "--design morris")
        moved = self.sweep("-n", 90, "--design", "morris", name="morris.h5")
        self.refused("sobol", moved, "--design saltelli", "analyse morris' works")
        for method in SAMPLED:
            self.refused(method, moved, "one at a time", "analyse morris' works")
        one = self.sweep("-n", 1, "--design", "one_at_a_time", name="one.h5")
        self.refused("delta", one, "one at a time", "--design latin_hypercube")
        grid = self.sweep("-n", 1, "--design", "full_grid", "--levels", 7, "--vary", "parameters.x*", name="grid.h5")
        self.refused("first_order", grid, "full_grid", "pawn' works")
        self.analyse("pawn", grid)

    def test_too_few_members_are_refused(self):
        path = self.sweep("-n", 8)
        self.refused("regression", path, "needs more than 8 members, found 8")
        self.refused("first_order", path, "at least 50")
        groups = self.sweep("-n", 100, "--design", "saltelli", name="groups.h5")
        self.refused("sobol", groups, "at least 16 whole groups")

    def test_correlated_parameters_are_refused_or_noted(self):
        text = MODEL.format(folder=os.getcwd()) + "correlations: [{between: [parameters.a, parameters.b], rho: 0.7}]\n"
        model = self.write("correlated.yaml", text)
        path = self.sweep("-n", 500, "--design", "saltelli", model=model)
        self.refused("sobol", path, "independent", "pawn or delta")
        free = self.sweep("-n", 500, "--keep", "annual", model=model, name="free.h5")
        for method in SAMPLED:
            self.assertIn("Note: Parameters are correlated", self.analyse(method, free, "--indicator", "additive"))
        self.assertIn("no shares", self.analyse("elasticities", free, "--indicator", "additive"))
        self.assertTrue(numpy.isnan(self.found(free, "elasticities", "additive_variance_share").values).all())

    def test_other_files_and_wrong_names_are_refused(self):
        run = self.folder / "run.h5"
        self.assertEqual(parkflow("run", self.model, "-q", "-o", run).returncode, 0)
        self.refused("first_order", run, "parkflow sweep")
        path = self.sweep("-n", 100)
        for arguments, said in [(("--indicator", "ishigam"), "did you mean 'ishigami'"), (("--park", "dem"), "park"),
                                (("-s", "mor"), "did you mean 'more'"), (("--period", "2019"), "2019"),
                                (("--top", "0"), "at least 1")]:
            self.assertIn(said, self.analyse("rank", path, *arguments, status=2))
        self.assertIn("did you mean 'sobol'", self.analyse("sobl", path, status=2))
        self.assertIn("expected a method and a results file", parkflow("analyse", "sobol").stderr)
        self.assertEqual(parkflow("analyse", "sobol", self.folder / "none.h5").returncode, 2)

    # --- the file ---

    def test_the_groups_open_in_xarray_with_both_engines(self):
        path = self.sweep("-n", 600, "--keep", "annual")
        for method in SAMPLED + ("elasticities",):
            self.analyse(method, path, "-q")
        for method in SAMPLED + ("elasticities",):
            one, other = self.open(path, method), self.open(path, method, engine="netcdf4")
            self.assertTrue(one.equals(other), method)
            self.assertEqual(list(one["scenario"].values), ["base", "more", "more - base"])
            self.assertIn("references", one.attrs)
        trace = self.open(path, "first_order")
        self.assertEqual(list(trace["trace_members"].values), [37, 75, 150, 300, 600])
        whole = trace["ishigami_first_order"].sel(park="all", period="2021")
        self.assertTrue(trace["ishigami_first_order_trace"].sel(trace_members=600).drop_vars("trace_members").equals(
            whole.drop_vars(["park", "period"])))
        self.assertTrue(str(trace["ishigami_verdict"].values[0]).startswith(("More members needed", "600 members")))

    def test_the_same_bytes_come_again_and_the_seed_moves_only_intervals(self):
        first, second = (self.sweep("-n", 700, name=name) for name in ("first.h5", "second.h5"))
        self.analyse("first_order", first, "-q")
        self.analyse("first_order", second, "-q")
        self.assertEqual(first.read_bytes(), second.read_bytes())
        before = self.open(first, "first_order")
        self.analyse("first_order", first, "-q", "--seed", 2, "--resamples", 50)
        after = self.open(first, "first_order")
        self.assertEqual((after.attrs["seed"], after.attrs["resamples"]), ("2", "50"))
        self.assertTrue(before["ishigami_first_order"].equals(after["ishigami_first_order"]))
        self.assertFalse(before["ishigami_first_order_low"].equals(after["ishigami_first_order_low"]))
        self.analyse("first_order", first, "-q", "--resamples", 0)
        self.assertNotIn("ishigami_first_order_low", self.open(first, "first_order"))

    def test_a_list_is_analysed_by_its_values(self):
        rng = numpy.random.default_rng(1)
        a, b = rng.uniform(2, 4, 300), rng.uniform(1, 2, 300)
        listed = self.write("list.csv", "parameters.a,parameters.b\n" + "".join(f"{x!r},{y!r}\n" for x, y in zip(a.tolist(), b.tolist())))
        path = self.sweep("-n", 300, "--design", "list", "--list", listed, "--keep", "annual")
        text = self.analyse("regression", path, "--indicator", "additive", "-s", "base")
        self.assertIn("columns of a list may be correlated", text)
        found = self.found(path, "regression", "additive_correlation")
        self.assertEqual(list(found["parameter"].values), ["parameters.a", "parameters.b"])
        for x, value in zip((a, b), found.values):
            self.assertAlmostEqual(float(value), numpy.corrcoef(x, 3 * a + 4 * b)[0, 1], places=12)

    def test_the_picture_is_drawn(self):
        path = self.sweep("-n", 1200, "--design", "saltelli", model=TUTORIAL)
        self.analyse("sobol", path, "-q")
        picture = self.folder / "sobol.png"
        draw = ["/usr/bin/python3", "scripts/plot_analysis.py", path]
        done = subprocess.run([*draw, "sobol", picture], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(picture.stat().st_size, 10000)
        done = subprocess.run([*draw, "pawn", picture], capture_output=True, text=True)
        self.assertIn("parkflow analyse pawn", done.stderr)


if __name__ == "__main__":
    unittest.main()
