"""What changed and which portfolio, as a user asks: shares against the mean over all orders of single runs, portfolios
against runs of their own, costs and effects against their formulas, what is refused, and what is left in the file."""
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import netCDF4  # noqa: F401 (Debian's build of it warns when loaded)
import numpy
import xarray

PARKFLOW = os.path.abspath(sys.argv.pop(1))
PARKS = "tests/unit/two_parks.yaml"
MEASURES = ["north_drives", "south_drives", "north_light", "south_light", "policy"]


# A firm whose steam, 10 TJ a year, two boilers make: coal, and biomass up to what a change allows.
STEAM = f"""
parkflow: 1
use: [{os.path.abspath("scenarios/tutorial/park.yaml")}]
carriers:
  biomass:
    unit: t
    group: fuel
    properties: {{net_calorific_value: 13 GJ/t, co2_factor: 100 kg CO2/GJ, biogenic_share: 1,
                  ch4_factor: 0.03 kg CH4/GJ, n2o_factor: 0.004 kg N2O/GJ}}
parks:
  steam:
    processes:
      coal: {{type: purchase, carrier: coal, price: 2500 VND/kg}}
      biomass: {{type: purchase, carrier: biomass, price: 1200 VND/kg}}
      biomass_boiler: {{type: boiler, fuel: biomass, efficiency: 0.8, limit: 0 GJ/h}}
      coal_boiler: {{type: boiler, fuel: coal, efficiency: 0.6..0.8..0.9}}
      works: {{type: firm, output: {{amount: 1000 t/year, year: 2020}}, needs: {{steam: {{per_output: 10 GJ/t}}}}}}
    markets: {{steam: {{supply: [biomass_boiler, coal_boiler]}}}}
interventions:
  change:
    status: planned
    adoption: {{curve: step, start: 2021-01}}
    effects: [{{CHANGE}}]
scenarios: {{changed: {{against: baseline, with: [change]}}}}
"""


def parkflow(*arguments, **options):
    return subprocess.run([PARKFLOW, *map(str, arguments)], capture_output=True, text=True, **options)


# A tenant pays a landlord for heat, the landlord pays for fuel: `boiler` saves both of them money, `discount` moves it.
TWO_ACTORS = """parkflow: 1
time: {start: 2020, end: 2021, step: year}
accounting: {money: {currency: VND, year: 2020}}
currencies: [VND]
units: {t: 1000 kg, million: 1e6, "%": 0.01}
parameters: {bill: 50 VND/year, fuel: 30 VND/year, gas: 5 t/year}   # in each of two places: the park, and `shared`
parks: {north: {processes: {}}}
indicators:
  bills:     {is: bill, unit: VND, over_time: sum}
  fuel_cost: {is: fuel, unit: million VND, over_time: sum}
  capital:   {is: "sum(interventions.*[pays=owner].capital_cost)", unit: VND, over_time: sum}
  ghg_total: {is: gas, unit: t, over_time: sum, headline: true}
interventions:
  boiler:
    status: what_if
    adoption: {curve: step, start: 2020}
    effects: [{scale: parameters.bill, by: 0.7}, {scale: parameters.fuel, by: 0.2}, {scale: parameters.gas, by: 0.2}]
    cost: {capital: 100 VND, pays: owner}
  discount: {status: what_if, adoption: {curve: step, start: 2020}, effects: [{scale: parameters.bill, by: 0.5}]}
scenarios: {base: {}, both: {against: base, with: [boiler, discount]}}
actors:
  tenant:   {title: {en: Tenants, vi: Bên thuê}, pays: [bills]}
  landlord: {title: {en: Landlords, vi: Chủ nhà}, receives: [bills], bears: [fuel_cost], capital: [capital]}
"""


class DecisionsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_good(self, *arguments):
        done = parkflow(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def refused(self, *arguments, status=2):
        done = parkflow(*arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def open(self, path, method):
        data = xarray.open_dataset(path, group=f"analysis/{method}", engine="h5netcdf", decode_timedelta=False)
        self.addCleanup(data.close)
        return data

    def analyse(self, method, *arguments, model=PARKS):
        out = self.folder / f"{method}.h5"
        self.run_good("analyse", method, model, "-o", out, "-q", *arguments)
        return self.open(out, method)

    def runs_of_all_subsets(self):
        """One scenario a subset, run by themselves: {indicator: values [subset][park][year]}."""
        lines = ["parkflow: 1", f"use: [{os.path.abspath(PARKS)}]", "scenarios:"]
        for subset in range(32):
            chosen = [name for i, name in enumerate(MEASURES) if subset >> i & 1]
            lines.append(f"  s{subset}: {{against: baseline, with: [{', '.join(chosen)}]}}")
        model = self.folder / "subsets.yaml"
        model.write_text("\n".join(lines) + "\n")
        out = self.folder / "subsets.h5"
        self.run_good("run", model, "-q", "-o", out)
        data = xarray.open_dataset(out, engine="h5netcdf", decode_timedelta=False)
        self.addCleanup(data.close)
        names = [f"s{subset}" for subset in range(32)]
        return {name: data[name].sel(scenario=names, member=0).values
                for name in ["ghg_total", "electricity", "capital_cost", "operating_cost"]}

    # ---- attribute ----

    def test_shares_are_the_mean_over_all_orders_of_joining(self):
        values = self.runs_of_all_subsets()
        found = self.analyse("attribute", "-s", "all", "--indicator", "ghg_total,electricity")
        for name in ["ghg_total", "electricity"]:
            wanted = numpy.zeros((5, *values[name].shape[1:]))
            for order in itertools.permutations(range(5)):
                subset = 0
                for player in order:
                    wanted[player] += values[name][subset | 1 << player] - values[name][subset]
                    subset |= 1 << player
            wanted /= 120
            got = found[f"{name}_contribution"].sel(intervention=MEASURES)
            numpy.testing.assert_allclose(got.isel(park=slice(0, 3), period=slice(0, 2)), wanted, rtol=1e-9, atol=1e-9)
            numpy.testing.assert_allclose(got.sel(park="all").isel(period=slice(0, 2)), wanted.sum(axis=1), rtol=1e-9)
            numpy.testing.assert_allclose(found[f"{name}_contribution"].sum("intervention"), found[f"{name}_change"],
                                          rtol=1e-9, atol=1e-9)

    def test_costs_follow_from_the_shares(self):
        found = self.analyse("attribute", "-s", "all", "--discount", "3..8..12 %", "--life", "20")
        rates = found["discount_rate"].values
        numpy.testing.assert_allclose(rates, [0.03, 0.08, 0.12])
        self.assertEqual(found["life"].sel(intervention="south_drives"), 10)
        self.assertEqual(found["life"].sel(intervention="policy"), 20)
        yearly = {name: found[f"{name}_contribution"].sel(park="all", period=["2020", "2021"])
                  for name in ["capital_cost", "operating_cost", "ghg_total"]}
        life = found["life"]
        for k, rate in enumerate(rates):
            annuity = rate / (1 - (1 + rate) ** -life)
            cost = yearly["capital_cost"].sum("period") * annuity + yearly["operating_cost"].sel(period="2021")
            avoided = -yearly["ghg_total"].sel(period="2021")
            numpy.testing.assert_allclose(found["yearly_cost"][:, k], cost, rtol=1e-9)
            numpy.testing.assert_allclose(found["abatement_cost"][:, k], cost / avoided, rtol=1e-9)
        # all is spent and saved from the first year on: the last saving of 2021, for 20 years from 2020
        capital, running = (yearly[name].sel(intervention="south_light").values
                            for name in ["capital_cost", "operating_cost"])
        flows = [-capital[0] - running[0], -capital[1] - running[1]] + 18 * [-running[1]]
        value = sum(flow / 1.08 ** year for year, flow in enumerate(flows))
        self.assertAlmostEqual(float(found["net_present_value"].sel(intervention="south_light")[1]), value, 6)
        rate = float(found["internal_rate"].sel(intervention="south_light"))
        self.assertAlmostEqual(sum(flow / (1 + rate) ** year for year, flow in enumerate(flows)), 0, 6)

    def test_of_what_is_bought_again_a_year_pays_for_what_is_in_use(self):
        for life in ["366 day", "how_long", "{value: 366 day, note: of 2020}"]:
            model = self.folder / "renewed.yaml"
            model.write_text(f"parkflow: 1\nuse: [{os.path.abspath(PARKS)}]\nparameters: {{how_long: 366 day}}\n"
                             f"interventions: {{south_light: {{adoption: {{life: {life}, renewed: true}}}}}}\n")
            found = self.analyse("attribute", "-s", "all", "--discount", "8 %", model=model).sel(
                intervention="south_light")
            years = 366 / 365.2425
            self.assertAlmostEqual(float(found["life"]), years, 9, life)
            capital, running = (found[f"{name}_contribution"].sel(park="all", period=["2020", "2021"]).values
                                for name in ["capital_cost", "operating_cost"])
            numpy.testing.assert_allclose(capital, [500, 500], rtol=1e-9)
            in_use = capital[1] + (years - 1) * capital[0]
            annuity = 0.08 / (1 - 1.08 ** -years)
            self.assertAlmostEqual(float(found["yearly_cost"].squeeze()), in_use * annuity + running[1], 6)

    def test_a_cost_may_be_another_indicator(self):
        text = self.run_good("analyse", "attribute", PARKS, "-s", "all", "--capital", "none", "--running",
                             "electricity:income")
        self.assertIn("What it costs (no capital, electricity as income)", text)
        self.assertIn("No costs are told: the model has no indicator profit",
                      self.run_good("analyse", "attribute", PARKS, "-s", "all", "--running", "profit"))

    # ---- attribute: actors ----

    def two_actors(self, **replaced):
        text = TWO_ACTORS
        for old, new in replaced.values():
            self.assertIn(old, text)
            text = text.replace(old, new)
        model = self.folder / "actors.yaml"
        model.write_text(text, encoding="utf-8")
        return model

    def test_costs_of_two_actors_by_hand(self):
        """Bills of 100, halved and cut by 30 %: of 65 saved a year the Shapley value gives `boiler` (30 + 15) / 2."""
        found = self.analyse("attribute", "-s", "both", "--discount", "10 %", "--life", "10", model=self.two_actors())
        self.assertEqual(list(found["actor"].values), ["tenant", "landlord", "society"])
        self.assertEqual(list(found["actor_title_vi"].values[:2]), ["Bên thuê", "Chủ nhà"])
        of_a_life = sum(1.1 ** -year for year in range(10))
        running = {("boiler", "tenant"): -22.5, ("boiler", "landlord"): 22.5 - 48, ("boiler", "society"): -48,
                   ("discount", "tenant"): -42.5, ("discount", "landlord"): 42.5, ("discount", "society"): 0}
        for (intervention, actor), cost in running.items():
            at = found.sel(intervention=intervention, actor=actor).squeeze()
            spent = 100 if intervention == "boiler" and actor != "tenant" else 0
            yearly = cost + spent * 0.1 / (1 - 1.1 ** -10)
            self.assertAlmostEqual(float(at["actor_capital"]), spent, 9)
            self.assertAlmostEqual(float(at["actor_yearly_cost"]), yearly, 9)
            self.assertAlmostEqual(float(at["actor_net_present_value"]), -spent - cost * of_a_life, 9)
            if intervention == "boiler":
                self.assertAlmostEqual(float(at["actor_abatement_cost"]), yearly / 8, 9)
            else:
                self.assertTrue(numpy.isnan(at["actor_abatement_cost"]))
        saved = found.sel(intervention="boiler", actor="landlord")
        self.assertAlmostEqual(float(saved["actor_payback"]), 74.5 / 25.5, 9)  # 74.5 are out after the first year
        roots = numpy.roots([25.5] * 9 + [-74.5])  # in discount factors, the last year first
        factor = [root.real for root in roots if abs(root.imag) < 1e-9 and root.real > 0]
        self.assertAlmostEqual(float(saved["actor_internal_rate"]), 1 / factor[0] - 1, 9)
        self.assertEqual(float(found["actor_payback"].sel(intervention="boiler", actor="tenant")), 0)
        self.assertEqual(float(found["actor_payback"].sel(intervention="discount", actor="landlord")), numpy.inf)
        self.assertTrue(numpy.isnan(found["actor_internal_rate"].sel(actor="tenant")).all())

    def test_actors_add_up_to_society_also_of_members(self):
        uncertain = {"bill": ("bill: 50 VND/year", "bill: 40..45..60 VND/year"),
                     "life": ("start: 2020}\n    effects", "start: 2020, life: 366 day, renewed: true}\n    effects")}
        found = self.analyse("attribute", "-s", "both", "--members", 30, model=self.two_actors(**uncertain))
        for name in ["capital", "yearly_cost", "net_present_value"]:
            for ending in ["", "_of_members"]:
                values = found[f"actor_{name}{ending}"]
                both = values.sel(actor=["tenant", "landlord"]).sum("actor")
                numpy.testing.assert_allclose(both, values.sel(actor="society"), rtol=1e-9, atol=1e-9)
        spread = found.sel(intervention="discount", actor="tenant", discount_rate=0.08)
        low, mean, high = (float(spread[f"actor_net_present_value_of_members{end}"]) for end in ["_low", "", "_high"])
        self.assertLess(low, mean)
        self.assertLess(mean, high)

    def test_actor_chooses_whose_cost_is_shown(self):
        model = self.two_actors()
        text = self.run_good("analyse", "attribute", model, "-s", "both", "--actor", "landlord")
        self.assertIn("What it costs landlord (receives bills; bears fuel_cost; capital capital), at the medians: in "
                      "VND, gases in t of 2021", text)
        self.assertNotIn("What it costs tenant", text)
        self.assertNotIn("differ", text)
        text = self.run_good("analyse", "attribute", model, "-s", "both", "--actor", "all")
        for words in ["costs tenant (pays bills)", "costs landlord (", "costs society (what all actors bear, and their",
                      "  1 move no money of society"]:
            self.assertIn(words, text)
        # the model has no operating_cost: society's is told, but not in place of what was asked for
        self.assertIn("What it costs society (", self.run_good("analyse", "attribute", model, "-s", "both"))
        self.assertIn("No costs are told: the model has no indicator profit",
                      self.run_good("analyse", "attribute", model, "-s", "both", "--running", "profit",
                                    "--capital", "none"))

    def test_transfers_that_do_not_cancel_are_told(self):
        model = self.two_actors(lost=("receives: [bills], ", ""))
        self.assertIn("In 2021 what actors pay each other and what they receive differ by 65 VND",
                      self.run_good("analyse", "attribute", model, "-s", "both"))

    def test_what_is_wrong_of_actors_is_said(self):
        model = self.two_actors()
        for arguments, words in [
                ((model, "-s", "both", "--actor", "tennant"), "no actor is called 'tennant', did you mean 'tenant'?"),
                ((PARKS, "-s", "all", "--actor", "firm"), "the model has no `actors:`"),
                ((model, "-s", "both", "--actor", "all", "--running", "bills"), "the one or the other")]:
            self.assertIn(words, self.refused("analyse", "attribute", *arguments))
        self.assertIn("portfolio has no option --actor", self.refused("analyse", "portfolio", PARKS, "--actor", "all"))
        model = self.two_actors(money=("accounting: {money: {currency: VND, year: 2020}}\n", ""),
                                cost=("    cost: {capital: 100 VND, pays: owner}\n", ""))
        self.assertIn("actors need `accounting: {money:", self.refused("check", model))

    def test_groups_by_name_scenario_and_status_add_up(self):
        whole = self.analyse("attribute", "-s", "all", "--indicator", "ghg_total")["ghg_total_change"].values
        for options, names in [(("--group", "light=*_light"), {"light", "north_drives", "south_drives", "policy"}),
                               (("--by", "scenario"), {"drives", "north_light", "south_light", "policy"}),
                               (("--by", "status"), {"carried_out", "what_if", "planned"})]:
            found = self.analyse("attribute", "-s", "all", "--indicator", "ghg_total", *options)
            self.assertEqual(set(found["intervention"].values), names)
            numpy.testing.assert_allclose(found["ghg_total_contribution"].sum("intervention"), whole, rtol=1e-9)

    def test_members_are_those_of_the_sweep(self):
        out = self.folder / "sweep.h5"
        self.run_good("sweep", PARKS, "-n", 40, "--keep", "annual", "-q", "-o", out)
        self.run_good("analyse", "attribute", out, "-s", "all", "--members", 40, "-q")
        found = self.open(out, "attribute")
        with xarray.open_dataset(out, group="members", engine="h5netcdf", decode_timedelta=False) as members:
            change = members["ghg_total"].sel(scenario="all") - members["ghg_total"].sel(scenario="baseline")
            numpy.testing.assert_allclose(found["ghg_total_change"], change.mean("member"), rtol=1e-12)
            numpy.testing.assert_allclose(found["ghg_total_change_low"], change.quantile(0.05, "member"), rtol=1e-12)
        numpy.testing.assert_allclose(found["ghg_total_contribution"].sum("intervention"), found["ghg_total_change"],
                                      rtol=1e-9)
        self.assertIn("the sweep has 40", self.refused("analyse", "attribute", out, "-s", "all", "--members", 41))

    def test_threads_leave_no_trace(self):
        files = [self.folder / f"threads{n}.h5" for n in (1, 2)]
        for n, out in enumerate(files, 1):
            self.run_good("analyse", "attribute", PARKS, "-s", "all", "--members", 70, "--threads", n, "-q", "-o", out)
        self.assertEqual(files[0].read_bytes(), files[1].read_bytes())

    def test_the_file_without_the_group_is_that_of_a_run(self):
        out, plain = self.folder / "all.h5", self.folder / "plain.h5"
        self.run_good("analyse", "attribute", PARKS, "-s", "all", "-q", "-o", out)
        self.run_good("run", PARKS, "-s", "all", "-q", "-o", plain)
        with xarray.open_dataset(out, engine="h5netcdf") as a, xarray.open_dataset(plain, engine="h5netcdf") as b:
            self.assertTrue(a.identical(b))

    # ---- portfolio ----

    def test_portfolios_are_runs_of_their_own(self):
        values = self.runs_of_all_subsets()
        found = self.analyse("portfolio", "--of", "all", "--objective", "capital,ghg_total,electricity:max",
                             "--budget", 2000, "--within", 10)
        order = [MEASURES.index(name) for name in found["intervention"].values]
        subsets = found["portfolio"].values.astype(int)
        rows = [sum(1 << order[i] for i in range(5) if subset >> i & 1) for subset in subsets]
        total = {name: values[name].sum(axis=1) - values[name][0].sum(axis=0) for name in values}
        wanted = [total["capital_cost"].sum(axis=1), total["ghg_total"][:, 1], total["electricity"][:, 1]]
        wanted = numpy.stack(wanted, axis=1)
        numpy.testing.assert_allclose(found["change"], wanted[rows], rtol=1e-9, atol=1e-9)
        signed = found["change"].values * [1, 1, -1]
        beaten = [any((other <= point).all() and (other < point).any() for other in signed) for point in signed]
        self.assertEqual([not b for b in beaten], list(found["in_front"].values == 1))
        affordable = signed[:, 0] <= 2000
        text = self.run_good("analyse", "portfolio", PARKS, "--of", "all", "--objective", "capital,ghg_total",
                             "--budget", 2000)
        best = numpy.where(affordable, signed[:, 1], numpy.inf).argmin()
        letters = "".join("abcde"[i] if found["holds"][best, i] else "." for i in range(5))
        self.assertIn(letters, text.split("The best in ghg_total")[1].splitlines()[2])

    def test_an_intervention_is_worth_what_the_best_loses_without_it(self):
        found = self.analyse("portfolio", "--of", "all", "--objective", "capital,ghg_total", "--budget", 2000)
        change, holds = found["change"].values, found["holds"].values > 0
        affordable = change[:, 0] <= 2000
        best = change[affordable, 1].min()
        for i in range(5):
            for name, rows in [("loss_with", holds[:, i]), ("loss_without", ~holds[:, i])]:
                loss = change[affordable & rows, 1].min() - best
                self.assertAlmostEqual(float(found[name].values[1, i]), loss, 9)

    def test_members_say_how_robust_a_portfolio_is(self):
        found = self.analyse("portfolio", "--of", "all", "--objective", "capital,ghg_total", "--budget", 2000,
                             "--members", 30)
        self.assertTrue(((found["front_share"] >= 0) & (found["front_share"] <= 1)).all())
        none = found.sel(portfolio=0)
        self.assertEqual(float(none["front_share"]), 1)  # nothing costs less than nothing
        self.assertGreaterEqual(float(found["regret"].values[1]), -1e-9)
        self.assertTrue((found["loss_without"].values[1] >= -1e-9).all())

    # ---- decompose ----

    def test_effects_add_up_and_activity_is_that_of_the_firms(self):
        model = self.folder / "growing.yaml"
        model.write_text(f"parkflow: 1\nuse: [{os.path.abspath(PARKS)}]\nparks:\n  north:\n    processes:\n"
                         "      firm: {output: {index: {series: {2020: 1, 2021: 1.25}}}}\n")
        found = self.analyse("decompose", "-s", "all", model=model)
        change = found["ghg_total_last"] - found["ghg_total_first"]
        numpy.testing.assert_allclose(found["ghg_total_effect"].sum("effect"), change, rtol=1e-9, atol=1e-9)
        numpy.testing.assert_allclose(found["ghg_total_residual"], 0, atol=1e-9)
        reference = found["ghg_total_effect"].sel(scenario="baseline", park="north")
        first = float(found["ghg_total_first"].sel(scenario="baseline", park="north"))
        self.assertAlmostEqual(float(reference.sel(effect="activity")), 0.25 * first, 6)  # nothing else changes
        self.assertAlmostEqual(float(abs(reference).sum()), 0.25 * first, 6)
        bars = found["ghg_total_bar"].sum("bar")
        numpy.testing.assert_allclose(bars, found["ghg_total_last"].sel(scenario="all") -
                                      found["ghg_total_first"].sel(scenario="baseline"), rtol=1e-9)

    def effects_of(self, change, *options):
        """Of the scenario in the park, from 2020 to 2021, and its emissions in the two years."""
        model = self.folder / "steam.yaml"
        model.write_text(STEAM.replace("CHANGE", change))
        found = self.analyse("decompose", "-s", "changed", "--from", "2020", "--to", "2021", *options, model=model)
        of = found.sel(scenario="changed", park="steam")
        return of, float(of["ghg_total_first"]), float(of["ghg_total_last"])

    def test_other_fuel_is_fuel_mix_and_nothing_else(self):
        of, first, last = self.effects_of("set: steam.biomass_boiler.limit, to: 1 TJ/day")
        self.assertLess(last, 0.1 * first)
        effects = of["ghg_total_effect"].to_series()
        self.assertAlmostEqual(effects.pop("fuel_mix"), last - first, delta=1e-3 * first)  # 366 days and 365
        numpy.testing.assert_allclose(effects, 0, atol=4e-3 * first)

    def test_half_of_another_fuel_has_the_effects_of_the_formula(self):
        of, first, last = self.effects_of("set: steam.biomass_boiler.limit, to: 13.6895 GJ/day")  # half of 10 TJ a year
        coal = self.median_efficiency(0.6, 0.8, 0.9)
        burnt = 0.5 / coal + 0.5 / 0.8
        log_mean = (first / 2 - first) / numpy.log(0.5)
        fuel_mix = log_mean * numpy.log(0.5 / coal / burnt) + (last - first / 2)
        self.assertAlmostEqual(float(of["ghg_total_effect"].sel(effect="fuel_mix")), fuel_mix, delta=4e-3 * first)
        self.assertAlmostEqual(float(of["ghg_total_effect"].sel(effect="fuel_for_heat")),
                               log_mean * numpy.log(burnt * coal), delta=4e-3 * first)

    def test_a_better_boiler_burns_less_for_its_heat_and_nothing_else(self):
        of, first, last = self.effects_of("scale: steam.coal_boiler.efficiency, by: 1.1")
        self.assertAlmostEqual(last, first / 1.1, delta=4e-3 * first)
        effects = of["ghg_total_effect"].to_series()
        self.assertAlmostEqual(effects.pop("fuel_for_heat"), first / 1.1 - first, delta=4e-3 * first)
        numpy.testing.assert_allclose(effects, 0, atol=4e-3 * first)

    def test_effects_of_members_are_formed_member_by_member(self):
        of, first, _ = self.effects_of("scale: steam.coal_boiler.efficiency, by: 1.1", "--members", "60")
        mean, at_medians = of["ghg_total_effect"], of["ghg_total_effect_at_medians"]
        numpy.testing.assert_allclose(mean.sum("effect"), of["ghg_total_last"] - of["ghg_total_first"], rtol=1e-9)
        self.assertLess(float(of["ghg_total_effect_low"].sel(effect="fuel_for_heat")),
                        float(at_medians.sel(effect="fuel_for_heat")))
        self.assertLess(float(at_medians.sel(effect="fuel_for_heat")),
                        float(of["ghg_total_effect_high"].sel(effect="fuel_for_heat")))
        # Emissions go with 1 / efficiency: their mean is over a triangular distribution from 0.6 to 0.9.
        a, c, b = 0.6, 0.8, 0.9
        mean_inverse = 2 / (b - a) * (b * numpy.log(b / c) / (b - c) - a * numpy.log(c / a) / (c - a))
        self.assertAlmostEqual(float(of["ghg_total_first"] / of["ghg_total_first_at_medians"]),
                               mean_inverse * self.median_efficiency(a, c, b), delta=0.003)
        self.assertEqual(of.attrs["members"], "60")

    @staticmethod
    def median_efficiency(a, c, b):
        """The median of a triangular distribution whose mode lies above it."""
        return a + numpy.sqrt(0.5 * (b - a) * (c - a))

    def test_the_stored_input_is_decomposed_as_the_model_is(self):
        out = self.folder / "run.h5"
        self.run_good("run", "scenarios/tutorial/park.yaml", "-q", "-o", out)
        self.run_good("analyse", "decompose", out, "-s", "full", "-q")
        stored = self.open(out, "decompose")
        fresh = self.analyse("decompose", "-s", "full", model="scenarios/tutorial/park.yaml")
        self.assertTrue(stored.identical(fresh))

    # ---- pictures and messages ----

    def test_the_cost_of_an_actor_is_drawn(self):
        self.analyse("attribute", "-s", "both", model=self.two_actors())
        script = ["/usr/bin/python3", "scripts/plot_decisions.py", self.folder / "attribute.h5", "attribute"]
        for actor in ["landlord", "tenant"]:
            subprocess.run([*script, self.folder / f"{actor}.png", "--actor", actor], check=True)
        pictures = [(self.folder / f"{actor}.png").read_bytes() for actor in ["landlord", "tenant"]]
        self.assertNotEqual(*pictures)
        done = subprocess.run([*script, self.folder / "nobody.png", "--actor", "nobody"], capture_output=True, text=True)
        self.assertIn("landlord, society", done.stderr)
        self.assertFalse((self.folder / "nobody.png").exists())

    def test_pictures_are_drawn(self):
        for method, options in [("attribute", ["-s", "all"]), ("portfolio", ["--of", "all", "--budget", "2000"]),
                                ("decompose", ["-s", "all"])]:
            if method == "portfolio":
                options += ["--objective", "cost,ghg_total"]
            self.analyse(method, *options)
            picture = self.folder / f"{method}.png"
            script = ["/usr/bin/python3", "scripts/plot_decisions.py"]
            subprocess.run([*script, self.folder / f"{method}.h5", method, picture], check=True)
            self.assertGreater(picture.stat().st_size, 10000)

    def test_what_is_wrong_is_said(self):
        for arguments, words in [
                (("attribute", PARKS), "attribute: expected --scenario NAME"),
                (("attribute", PARKS, "-s", "al"), "no scenario is called 'al', did you mean 'all'?"),
                (("attribute", PARKS, "-s", "baseline"), "'baseline' is a reference itself"),
                (("attribute", PARKS, "-s", "all", "--group", "x=nothing"), "no intervention of 'all' fits it"),
                (("attribute", PARKS, "-s", "all", "--group", "x"), "expected NAME=PATTERN,PATTERN"),
                (("attribute", PARKS, "-s", "all", "--indicator", "ghg_totl"), "did you mean 'ghg_total'?"),
                (("attribute", PARKS, "-s", "all", "--period", "2022"), "no period is called '2022'"),
                (("portfolio", PARKS, "--of", "all", "--interventions", "north_*,east_*"), "no intervention of"),
                (("attribute", PARKS, "-s", "all", "--discount", "8 kg"), "expected a rate"),
                (("attribute", PARKS, "-s", "all", "--life", "0"), "expected 1 to 100 years"),
                (("attribute", PARKS, "-s", "all", "--budget", "3"), "attribute has no option --budget"),
                (("portfolio", PARKS, "--of", "all", "--objective", "ghg_per_energy"), "is a ratio"),
                (("portfolio", PARKS, "--of", "all", "--objective", "ghg_total:least"), "NAME:min or NAME:max"),
                (("portfolio", PARKS, "--of", "all", "--interventions", "north_*,east_*"), "no intervention of 'all'"),
                (("decompose", PARKS, "-s", "all", "--from", "2019"), "no whole year is called '2019'"),
                (("--top", "3", "attribute", PARKS), "expected 'attribute' before all options")]:
            self.assertIn(words, self.refused("analyse", *arguments), arguments)

    def test_a_combination_that_cannot_run_is_named(self):
        model = self.folder / "short.yaml"
        model.write_text(f"parkflow: 1\nuse: [{os.path.abspath(PARKS)}]\nprocess_types:\n  grid:\n    parameters: "
                         "{most: {unit: MW, default: inf}}\n    ports: {electricity: {out: electricity, up_to: most}}\n"
                         "parks: {north: {processes: {grid: {most: 0.072 MW}}}}\n"
                         "scenarios: {baseline: {in_place: [north_light]}, alone: {}, all: {against: alone, "
                         "with: [north_drives, north_light]}}\n")
        message = self.refused("analyse", "attribute", model, "-s", "all", "--indicator", "ghg_total", status=1)
        self.assertIn("scenario all without any of them", message)


if __name__ == "__main__":
    unittest.main()
