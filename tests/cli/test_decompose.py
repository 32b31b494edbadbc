"""Why emissions changed, in small parks against the formulas of LMDI-I worked out here: each firm's own fuels, lines,
power beside heat, waste heat, bought heat, fuel as feed; in the programme nothing is left over; and members, whose
numbers hang on no thread."""
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
PROGRAMME = "scenarios/vietnam/programme.yaml"

# Two years of 365 days; 8760 GJ a year are 1 GJ/h. Carbon dioxide alone, so that a unit of fuel emits its factor.
COAL, GAS, WOOD, GRID = 0.1, 0.05, 0.01, 0.5
FUELS = f"""
parkflow: 1
use: [{os.path.abspath("scenarios/library/core.yaml")}, {os.path.abspath("scenarios/tutorial/factors.yaml")}]
time: {{start: 2021, end: 2022, step: year}}
accounting: {{boundary: park, gwp: ar5, money: {{currency: VND, year: 2020}}}}
parameters: {{grid_factor: {GRID} t CO2/MWh}}
carriers:
""" + "".join(f"""
  {name}:
    unit: t
    group: fuel
    properties: {{net_calorific_value: {energy} GJ/t, co2_factor: {factor} t CO2/GJ, biogenic_share: 0,
                  ch4_factor: 0 kg CH4/GJ, n2o_factor: 0 kg N2O/GJ}}
""" for name, energy, factor in [("coal", 20, COAL), ("gas", 40, GAS), ("wood", 10, WOOD)]) + """
process_types:
  kiln:
    parameters:
      output: {amount: {unit: t/year, at_least: 0}, index: {unit: 1, at_least: 0, default: 1}}
      fuel:   {carrier: fuel}
    ports:
      feed:  {in: $fuel, is: fuel_energy / $fuel.net_calorific_value}
      power: {in: electricity, is: production * 0.01 MWh / 1 t}
    emissions: {co2: fuel_energy * $fuel.co2_factor * 0.7}   # the rest stays in what it makes
    values:
      production:  output.amount * output.index
      fuel_energy: production * 5 GJ / 1 t
"""
SUPPLY = "".join(f"      {fuel}: {{type: purchase, carrier: {fuel}}}\n" for fuel in ["coal", "gas", "wood"])


def firm(needs, growth=1, name="works", tonnes=1000):
    return (f"      {name}: {{type: firm, output: {{amount: {tonnes} t/year, year: 2021, index: {{series: "
            f"{{2021: 1, 2022: {growth}}}}}}}, needs: {{{needs}}}}}\n")


HEAT = "steam: {per_output: 8.76 GJ/t}"


def log_mean(a, b):
    return (a - b) / numpy.log(a / b) if a != b else a


class DecomposeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def analyse(self, model, *options, out="why.h5"):
        path = self.folder / out
        done = subprocess.run([PARKFLOW, "analyse", "decompose", model, "-o", path, "-q", *options],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        data = xarray.open_dataset(path, group="analysis/decompose", engine="h5netcdf", decode_timedelta=False)
        self.addCleanup(data.close)
        return data

    def small(self, park, change=None, *options):
        """A park called `here`, with what changes at the start of 2022; its effects that are not 0, first and last."""
        model = self.folder / "small.yaml"
        text = FUELS + "parks:\n  here:\n" + park
        if change:
            text += ("interventions:\n  change:\n    status: planned\n    adoption: {curve: step, start: 2022-01}\n"
                     f"    effects: [{{{change}}}]\n")
        text += "scenarios: {base: {}, other: {against: base, with: [" + ("change" if change else "") + "]}}\n"
        model.write_text(text)
        of = self.analyse(model, "-s", "other", *options).sel(scenario="other", park="here")
        effects, first = of["ghg_total_effect"].to_series(), float(of["ghg_total_first"])
        self.assertLess(abs(float(of["ghg_total_residual"])), 1e-9 * first)
        return {name: value for name, value in effects.items() if abs(value) > 1e-9 * first}, first, float(
            of["ghg_total_last"])

    def check(self, found, wanted):
        self.assertEqual(set(found), set(wanted), found)
        for name, value in wanted.items():
            self.assertAlmostEqual(found[name], value, delta=1e-9 * abs(value), msg=name)

    # ---- fuels ----

    def test_a_firm_that_grows_with_a_boiler_of_its_own_changes_no_fuel_mix(self):
        sites = "".join(f"      of_{fuel}:\n        markets: {{steam: {{}}}}\n        processes:\n"
                        f"          boiler: {{type: boiler, fuel: {fuel}, efficiency: 0.8}}\n    {firm(HEAT, growth)}"
                        for fuel, growth in [("coal", 1.5), ("gas", 1)])
        found, first, last = self.small("    sites:\n" + sites + "    processes:\n" + SUPPLY)
        coal, gas = 8760 / 0.8 * COAL, 8760 / 0.8 * GAS
        self.assertAlmostEqual(first, coal + gas, delta=1e-9 * first)
        self.assertAlmostEqual(last, 1.5 * coal + gas, delta=1e-9 * last)
        mean = log_mean(1.5 * coal, coal)
        self.check(found, {"activity": (mean + gas) * numpy.log(1.25),
                           "structure": mean * numpy.log(0.6 / 0.5) + gas * numpy.log(0.4 / 0.5)})

    def line(self, most):
        """A firm on coal that takes up to `most` through a line from its neighbour's wood; and one on gas."""
        park = ("    sites:\n      next_door:\n        markets: {steam: {}}\n        processes:\n"
                "          wood_boiler: {type: boiler, fuel: wood, efficiency: 0.75}\n"
                "      apart:\n        markets: {steam: {}}\n        processes:\n"
                "          gas_boiler: {type: boiler, fuel: gas, efficiency: 0.9}\n    " + firm(HEAT) +
                "    processes:\n" + SUPPLY + firm(HEAT) +
                "      coal_boiler: {type: boiler, fuel: coal, efficiency: 0.8}\n"
                "      line: {type: link, carrier: steam, losses: 4 %, limit: 0 GJ/h,"
                " joins: {from: here.next_door.steam}}\n"
                "    markets: {steam: {supply: [line, coal_boiler]}}\n")
        return self.small(park, f"set: here.line.limit, to: {most} GJ/h")

    def test_all_of_a_neighbours_heat_is_fuel_mix_and_nothing_else(self):
        found, first, last = self.line(5)
        self.assertAlmostEqual(first, 8760 * (COAL / 0.8 + GAS / 0.9), delta=1e-9 * first)
        self.check(found, {"fuel_mix": 8760 * (WOOD / 0.96 / 0.75 - COAL / 0.8)})

    def test_half_of_a_neighbours_heat_is_fuel_mix_and_what_its_boiler_and_line_lose(self):
        found, *_ = self.line(0.5)
        coal, wood = 0.5 / 0.8, 0.5 / 0.96 / 0.75
        mean = log_mean(8760 * 0.5 / 0.8 * COAL, 8760 / 0.8 * COAL)
        self.check(found, {"fuel_mix": mean * numpy.log(coal / (coal + wood)) + 8760 * wood * WOOD,
                           "fuel_for_heat": mean * numpy.log((coal + wood) * 0.8)})

    def test_waste_heat_is_less_fuel_for_heat(self):
        park = ("    processes:\n" + SUPPLY + firm(HEAT) +
                "      hot: {type: firm, output: {amount: 1000 t/year, year: 2021},"
                " needs: {electricity: {per_output: 1 MWh/t}, freshwater: {per_output: 1 m3/t}},"
                " yields: {waste_heat: {per_output: 8.76 GJ/t}}}\n      mains: {type: mains, losses: 0}\n"
                "      grid: {type: grid}\n"
                "      exchanger: {type: waste_heat_exchanger, effectiveness: 0.5, limit: 0 GJ/h}\n"
                "      boiler: {type: boiler, fuel: coal, efficiency: 0.8}\n"
                "    markets: {steam: {supply: [exchanger, boiler]}, waste_heat: {may_spill: true}}\n")
        found, first, last = self.small(park, "set: here.exchanger.limit, to: 9 GJ/h")
        self.assertAlmostEqual(last - first, -0.5 * 8760 / 0.8 * COAL, delta=1e-9 * first)
        self.check(found, {"fuel_for_heat": last - first})

    def test_power_made_beside_heat_bears_its_share_of_the_fuel(self):
        park = ("    processes:\n" + SUPPLY + firm("electricity: {per_output: 1 MWh/t}, " + HEAT, 1.25) +
                "      grid: {type: grid}\n"
                "      chp: {type: chp, fuel: gas, electrical_efficiency: 0.3, thermal_efficiency: 0.5, limit: 10 MW}\n"
                "      boiler: {type: boiler, fuel: coal, efficiency: 0.8}\n"
                "    markets: {electricity: {supply: [chp, grid]}, steam: {supply: [boiler]}}\n")
        found, first, last = self.small(park)
        self.assertAlmostEqual(first, 3600 / 0.3 * GAS + (8760 - 6000) / 0.8 * COAL, delta=1e-9 * first)
        self.check(found, {"activity": last - first})  # nothing of it is `other`

    def test_more_power_beside_heat_is_the_factor_of_electricity_and_fuel_for_heat(self):
        park = ("    processes:\n" + SUPPLY + firm("electricity: {per_output: 1 MWh/t}, " + HEAT) +
                "      grid: {type: grid}\n"
                "      chp: {type: chp, fuel: gas, electrical_efficiency: 0.3, thermal_efficiency: 0.5, limit: 0 MW}\n"
                "      boiler: {type: boiler, fuel: gas, efficiency: 0.8}\n"
                "    markets: {electricity: {supply: [chp, grid]}, steam: {supply: [boiler]}}\n")
        found, first, _ = self.small(park, "set: here.chp.limit, to: 10 MW")
        power = 3600 / 0.8 * GAS  # 3/8 of what the chp burns: the rest is behind its 6000 GJ of heat, as in a boiler
        self.check(found, {"grid_factor": power - 1000 * GRID})

    def test_bought_heat_has_a_factor_of_its_own(self):
        park = ("    processes:\n" + firm("electricity: {per_output: 1 MWh/t}, " + HEAT) + "      grid: {type: grid}\n"
                "      bought: {type: purchase, carrier: steam, emission_factor: 0.2 t CO2/GJ}\n")
        found, first, last = self.small(park, "scale: here.bought.emission_factor, by: 0.9")
        self.assertAlmostEqual(first, 8760 * 0.2 + 1000 * GRID, delta=1e-9 * first)
        self.check(found, {"heat_factor": -0.1 * 8760 * 0.2})

    def test_fuel_that_a_firm_burns_itself_is_its_own(self):
        park = ("    processes:\n" + SUPPLY + firm(HEAT, 2) + "      grid: {type: grid}\n"
                "      boiler: {type: boiler, fuel: coal, efficiency: 0.8}\n"
                "      kiln: {type: kiln, fuel: coal, output: {amount: 2000 t/year}}\n")
        found, first, last = self.small(park)
        coal, kiln = 8760 / 0.8 * COAL, 10000 * COAL * 0.7 + 20 * GRID
        self.assertAlmostEqual(first, coal + kiln, delta=1e-9 * first)
        energy = numpy.array([8760, 10000 + 20 * 3.6])
        grown = numpy.log((2 * energy[0] + energy[1]) / energy.sum())
        activity = (log_mean(2 * coal, coal) + kiln) * grown
        self.check(found, {"activity": activity, "structure": last - first - activity})

    # ---- the programme ----

    def test_nothing_is_left_over_in_any_park_of_the_programme(self):
        found = self.analyse(PROGRAMME, "-s", "full")
        first, last = found["ghg_total_first"], found["ghg_total_last"]
        self.assertGreater(found.sizes["park"], 6)
        self.assertEqual(found.sizes["scenario"], 2)
        self.assertLess(float((abs(found["ghg_total_residual"]) / first).max()), 1e-9)
        left = found["ghg_total_effect"].sum("effect") + first - last
        self.assertLess(float((abs(left) / first).max()), 1e-9)
        # fuels do not change there: only which of them are burnt
        factors = found["ghg_total_effect"].sel(effect="heat_factor")
        self.assertLess(float((abs(factors) / first).max()), 1e-9)

    def test_all_fuel_of_the_programme_stands_behind_some_firm(self):
        """So that `other` is to the rounding what landfills, flares, treatment and firms' processes emit."""
        model = self.folder / "parts.yaml"
        parts = ["landfill", "flare", "wastewater_plant", "firm"]
        model.write_text(f"parkflow: 1\nuse: [{os.path.abspath(PROGRAMME)}]\nindicators:\n" + "".join(
            f'  of_{part}: {{is: "sum(*.*[type={part}].ghg)", unit: t CO2e, over_time: sum}}\n' for part in parts))
        found = self.analyse(model, "-s", "full")
        with xarray.open_dataset(self.folder / "why.h5", engine="h5netcdf", decode_timedelta=False) as run:
            years = sum(run[f"of_{part}"] for part in parts).isel(member=0).groupby("time.year").sum()
            change = (years.sel(year=2023) - years.sel(year=2020)).transpose("scenario", "park").values
        other = found["ghg_total_effect"].sel(effect="other").transpose("scenario", "park").values[:, :-1]
        numpy.testing.assert_allclose(other, change, atol=1e-6)
        self.assertGreater(abs(change).max(), 100)

    # ---- members ----

    def test_members_hang_on_no_thread_and_their_effects_add_up(self):
        park = "scenarios/tutorial/park.yaml"
        one, two = (self.analyse(park, "-s", "full", "--members", "300", "--threads", threads, out=f"{threads}.h5")
                    for threads in ["1", "2"])
        self.assertTrue(one.identical(two))
        self.assertEqual(one.attrs["members"], "300")
        effects, first, last = (one[f"ghg_total_{name}"] for name in ["effect", "first", "last"])
        numpy.testing.assert_allclose(effects.sum("effect"), last - first, rtol=1e-9, atol=1e-6)
        self.assertTrue((one["ghg_total_effect_low"] <= one["ghg_total_effect_high"]).all())
        whole = last.sel(scenario="full") - first.sel(scenario="baseline")
        numpy.testing.assert_allclose(one["ghg_total_bar"].sum("bar"), whole, rtol=1e-9)
        plain = self.analyse(park, "-s", "full", out="plain.h5")
        self.assertTrue(plain["ghg_total_effect"].equals(one["ghg_total_effect_at_medians"]))

    def test_members_are_those_that_attribute_takes(self):
        options = ["-s", "full", "-q", "--members", "40"]
        for method in ["attribute", "decompose"]:
            done = subprocess.run([PARKFLOW, "analyse", method, "scenarios/tutorial/park.yaml", "-o",
                                   self.folder / f"{method}.h5", *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        shares, why = (xarray.open_dataset(self.folder / f"{method}.h5", group=f"analysis/{method}", engine="h5netcdf",
                                           decode_timedelta=False) for method in ["attribute", "decompose"])
        change = shares["ghg_total_change"].sel(park="all", period="2023")
        for end in ["", "_low", "_high"]:
            self.assertAlmostEqual(float(why[f"ghg_total_bar{end}"].sel(park="all", bar="interventions")),
                                   float(shares[f"ghg_total_change{end}"].sel(park="all", period="2023")),
                                   delta=1e-6 * abs(float(change)))
        shares.close(), why.close()

    def test_members_that_fail_are_left_out_and_counted(self):
        model = self.folder / "narrow.yaml"
        model.write_text(FUELS + "parks:\n  here:\n    processes:\n" + SUPPLY + firm(HEAT) +
                         "      boiler: {type: boiler, fuel: coal, efficiency: 0.8, limit: 0.9..1.2..1.3 GJ/h}\n"
                         "scenarios: {base: {}}\n")
        found = self.analyse(model, "-s", "base", "--members", "50")
        members, failed = int(found.attrs["members"]), int(found.attrs["members_failed"])
        self.assertEqual(members + failed, 50)
        self.assertAlmostEqual(failed / 50, 0.1 ** 2 / (0.4 * 0.3), delta=0.021)  # a Latin hypercube, to one member
        self.assertFalse(numpy.isnan(found["ghg_total_effect"]).any())


if __name__ == "__main__":
    unittest.main()
