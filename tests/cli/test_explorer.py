"""`parkflow explore` as its readers see it: the numbers of the page, run in headless Chromium, against those of the
engine for the same settings; each control by mouse or keyboard; narrow screens; and what is refused.

usage: /usr/bin/python3 tests/cli/test_explorer.py BINARY TEST_WASM     (from the project's folder)

Where there is no Chromium only the refusals and the file itself are tested.
"""
import csv
import functools
import json
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

import browser

PARKFLOW, TEST_WASM = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
TUTORIAL = "scenarios/tutorial/park.yaml"
PROGRAMME = "scenarios/vietnam/programme.yaml"
RANGE = [0.05, 0.5, 0.95]
NEEDS_SUPPLY = """
parkflow: 1
use: [{folder}/scenarios/library/units.yaml, {folder}/tests/unit/small_types.yaml]
title: "A park </script><script>document.title = 'broken'</script>"
time: {{start: 2020, end: 2022, step: year, report: 2020..2022}}
parks:
  demo:
    processes:
      user:  {{type: demand, carrier: water, amount: 10..11..12 m3/day}}
      wells: {{type: offer, carrier: water, limit: 1 m3/day}}
indicators: {{water: {{is: "sum(*.user.flow)", unit: m3, over_time: sum}}}}
interventions:
  supply:
    {{status: chosen, adoption: {{curve: step, start: 2019-06}}, effects: [{{set: demo.wells.limit, to: 100 m3/day}}]}}
  deeper:
    {{status: chosen, adoption: {{curve: step, start: 2019-06}}, effects: [{{set: demo.wells.limit, to: 200 m3/day}}]}}
scenarios:
  base: {{in_place: [supply]}}
  other: {{against: base}}
"""


# What the tests ask of a page again and again.
HELPERS = """
globalThis.isDone = () => new Promise(done => {
  const look = () => document.body.dataset.state === "running" ? setTimeout(look, 2) : done();
  look();
});
globalThis.rowsOfTable = () => [...document.querySelectorAll("#table tr")].slice(1)
  .map(row => [row.firstChild.textContent, ...[...row.querySelectorAll("td")].map(td => ({...td.dataset}))]);
globalThis.setSelect = (id, value) => {
  const select = document.getElementById(id);
  select.value = value;
  select.dispatchEvent(new Event("change", {bubbles: true}));
};
globalThis.tablesOf = async (indicators, parks) => {
  const found = [];
  for (const indicator of indicators) for (const park of parks) {
    setSelect("indicator", indicator);
    setSelect("park", park);
    await isDone();
    found.push([indicator, park, rowsOfTable()]);
  }
  return found;
};
"""


# Runs a plan in the browser; its outputs in hexadecimal, all NaN alike.
BITS = """
globalThis.bitsOf = async ({facts, numbers}) => {
  const model = await E.makeModel(facts, numbers), result = E.newResult(model);
  while (result.done < model.total) E.runBlock(model, {}, result.done, result);
  const bits = new BigUint64Array(result.values.buffer), hex = (value, i) => value !== value ? "7ff8000000000000"
    : bits[i].toString(16).padStart(16, "0");
  return {failed: [...result.failed], outputs: [...result.values].map(hex)};
};
"""


def parkflow(*arguments):
    return subprocess.run([PARKFLOW, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def succeed(*arguments):
    done = parkflow(*arguments)
    assert done.returncode == 0, done.stderr
    return done


@functools.lru_cache(maxsize=None)
def sweep(model, members, *more):
    """The results file of a sweep that several tests read: made once."""
    path = pathlib.Path(SHARED.name) / f"{pathlib.Path(model).stem}_{len(os.listdir(SHARED.name))}.h5"
    succeed("sweep", model, "-n", members, "--backend", "interpreter", "-q", "-o", path, *more)
    return path


@functools.lru_cache(maxsize=None)
def page(results, *more):
    path = results.with_name(f"{results.stem}_{len(os.listdir(SHARED.name))}.html")
    succeed("explore", results, "-q", "-o", path, *more)
    return path


def tutorial():
    return sweep(TUTORIAL, 40, "--design", "sobol", "--keep", "annual")


def facts_of(path):
    return json.loads(re.search(r'id="facts">(.*?)</script>', path.read_text(), re.S)[1])


@functools.lru_cache(maxsize=None)
def run_values(model, *settings):
    """What `run` gives at the medians by year: {(indicator, scenario, park, period): value}."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=SHARED.name))
    succeed("run", model, "-q", "-o", folder / "run.h5", *(part for s in settings for part in ("--set", s)))
    succeed("export", folder / "run.h5", "--to", "csv", "-q", "-o", folder / "run.csv")
    with open(folder / "run.csv", newline="") as file:
        return {tuple(row[key] for key in ("indicator", "scenario", "park", "time")): float(row["value"] or "nan")
                for row in csv.DictReader(file)}


def set_up_page(tab, path, **settings):
    """Opens the page with settings in its address, and waits for all draws."""
    address = "&".join(f"{key}={value}" for key, value in {"lang": "en", **settings}.items())
    browser.visit(tab, f"file://{path}#{address}")
    wait(tab)


def wait(tab):
    browser.evaluate(tab, "isDone()" if browser.evaluate(tab, "typeof isDone") == "function" else HELPERS + "isDone()")


def numbers_of(rows):
    return {period.replace("–", "-"): [{key: float(text) for key, text in cell.items()} for cell in cells]
            for period, *cells in rows}


def table(tab):
    """{period: [of reference, scenario and difference: {run, low, middle, high}]}"""
    return numbers_of(browser.evaluate(tab, "rowsOfTable()"))


def tables(tab, indicators, parks):
    """The same for all of these: [(indicator, park, table)], by their places in the page's lists."""
    found = browser.evaluate(tab, f"tablesOf({json.dumps(indicators)}, {json.dumps(parks)})")
    return [(indicator, park, numbers_of(rows)) for indicator, park, rows in found]


def text(tab, identity):
    return browser.evaluate(tab, f"document.getElementById({identity!r}).textContent")


class Page(unittest.TestCase):
    """What needs no browser."""

    def test_facts_name_the_model_its_input_and_the_members(self):
        facts = facts_of(page(tutorial(), "--members", "16"))
        with xarray.open_dataset(tutorial(), group="members") as members, xarray.open_dataset(tutorial()) as root:
            self.assertEqual(facts["sha256"], root.attrs["input_sha256"])
            self.assertEqual(facts["members"], members["member"].values[:16].tolist())
        self.assertEqual(facts["title"], "A small park with shared treatment")
        self.assertEqual([lever["name"] for lever in facts["levers"]], ["efficient_drives", "water_reuse"])

    def test_page_asks_for_nothing_from_elsewhere(self):
        html = re.sub(r'(?s)id="numbers">.*?</script>', "", page(tutorial()).read_text())
        self.assertEqual(re.findall(r"(?:src|href|url|import|fetch)\s*[=(]\s*[\"']?\w+:", html), [])
        self.assertNotIn("http", html)

    def test_of_an_arrangement_only_plain_draws_are_taken(self):
        facts = facts_of(page(sweep(TUTORIAL, 60, "--design", "saltelli", "--keep", "annual")))
        size = facts["members"][1]
        self.assertGreater(size, 2)
        self.assertEqual(facts["members"], [i * size for i in range(len(facts["members"]))])

    def refused(self, results, words, *more):
        out = pathlib.Path(SHARED.name) / "refused.html"
        done = parkflow("explore", results, "-o", out, *more)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertFalse(out.exists())

    def test_what_is_no_sweep_or_no_sample_is_refused_with_what_to_run(self):
        run = pathlib.Path(SHARED.name) / "run.h5"
        succeed("run", TUTORIAL, "-q", "-o", run)
        self.refused(run, "sweep")
        self.refused(sweep(TUTORIAL, 1, "--design", "one_at_a_time", "--keep", "annual"), "--design sobol")
        self.refused(TUTORIAL, TUTORIAL)
        self.refused(tutorial(), "at least 1", "--members", "0")
        self.refused(tutorial(), "at most", "--members", "1000000")

    def test_more_members_than_a_browser_can_hold_are_refused_with_how_many_it_can(self):
        daily = pathlib.Path(SHARED.name) / "daily.yaml"
        daily.write_text(NEEDS_SUPPLY.format(folder=os.getcwd()).replace("step: year, report: 2020..2022", "step: day")
                         .replace("end: 2022", "end: 2029"))
        results = sweep(str(daily), 2000, "--keep", "annual")
        most = 2**27 // (3653 * (2 * 2 + 1) * 8) - 1  # days, indicators by park, bytes; one lane is at the medians
        self.refused(results, f"at most --members {most}", "--members", "2000")
        page(results, "--members", str(most))

    def test_a_page_that_cannot_be_written_is_said(self):
        done = parkflow("explore", tutorial(), "-o", "no/such/page.html")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no/such/page.html", done.stderr)


@unittest.skipUnless(browser.program(), "there is no Chromium")
class InBrowser(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.opened = browser.open_browser()
        cls.tab = cls.opened.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.opened.__exit__(None, None, None)

    def tearDown(self):
        self.assertEqual(browser.errors(self.tab), [])

    # ---- numbers ----

    def close(self, found, wanted, scale, what):
        if numpy.isnan(wanted):
            self.assertTrue(numpy.isnan(found), what)
        else:
            self.assertLessEqual(abs(found - wanted), 1e-9 * max(abs(scale), 1e-30), f"{what}: {found} is not {wanted}")

    def check_run(self, values, indicator, scenario, reference, park, rows=None):
        for period, (base, here, change) in (rows or table(self.tab)).items():
            a, b = (values[indicator, s, park, period] for s in (reference, scenario))
            what = (indicator, scenario, park, period)
            self.close(base["run"], a, a, what)
            self.close(here["run"], b, b, what)
            self.close(change["run"], b - a, max(abs(a), abs(b)), what)

    def test_medians_run_has_the_numbers_of_run_for_all_indicators_parks_and_scenarios(self):
        path, values = page(tutorial(), "--members", "3"), run_values(TUTORIAL)
        facts = facts_of(path)
        set_up_page(self.tab, path)
        for scenario in facts["scenarios"]:
            against = facts["scenarios"][scenario["against"]]["name"] if scenario["against"] >= 0 else scenario["name"]
            browser.choose(self.tab, "#scenario", scenario["title"] + (" *" if scenario["potential"] else ""))
            wait(self.tab)
            parks = {"all": "all", 0: "demo", 1: "shared"}
            for row, park, rows in tables(self.tab, list(range(len(facts["indicators"]))), list(parks)):
                self.check_run(values, facts["indicators"][row]["name"], scenario["name"], against, parks[park], rows)

    def check_members(self, results, indicator, scenario, reference, park, count):
        with xarray.open_dataset(results, group="members") as members:
            values = members[indicator].sel(park=park).isel(member=slice(count)).load()
            periods = [str(label) for label in values["period"].values]
            of = {s: values.sel(scenario=s).values for s in (scenario, reference)}
        rows = table(self.tab)
        for p, period in enumerate(periods):
            base, here = of[reference][:, p], of[scenario][:, p]
            for cell, lanes in zip(rows[period], (base, here, here - base)):
                for key, wanted in zip(("low", "middle", "high"), numpy.quantile(lanes, RANGE)):
                    self.close(cell[key], wanted, numpy.abs(base).max(), (indicator, park, period, key))

    def test_quantiles_are_those_of_the_sweeps_own_members(self):
        path = page(tutorial(), "--members", "37")
        for indicator in ("ghg_total", "freshwater_withdrawal", "final_energy"):
            set_up_page(self.tab, path, indicator=indicator, scenario="full", park="demo")
            self.check_members(tutorial(), indicator, "full", "baseline", "demo", 37)

    def test_programme_has_the_members_of_its_sweep(self):
        results = sweep(PROGRAMME, 6, "--keep", "annual", "-s", "full", "-s", "as_reported")
        path = page(results)
        for indicator, park in (("ghg_total", "all"), ("final_energy", "amata"), ("freshwater_withdrawal", "all")):
            for scenario in ("full", "as_reported"):
                set_up_page(self.tab, path, indicator=indicator, scenario=scenario, park=park)
                self.check_members(results, indicator, scenario, "baseline", park, 6)
                self.check_run(run_values(PROGRAMME), indicator, scenario, "baseline", park)

    def test_moved_levers_have_the_numbers_of_a_model_so_written(self):
        path, levers = page(tutorial(), "--members", "3"), "interventions.efficient_drives.adoption"
        for moved, settings in (
                ({"ceiling": "efficient_drives:85"}, [f"{levers}.ceiling=85 %"]),
                ({"ceiling": "efficient_drives:0"}, [f"{levers}.ceiling=0 %"]),
                # all dates move by the days that the start does: 153 from July to December, 182 to January 2020
                ({"start": "efficient_drives:5"}, [f"{levers}.start=2020-12", f"{levers}.midpoint=2022-03-03"]),
                ({"start": "efficient_drives:-6", "ceiling": "efficient_drives:70"},
                 [f"{levers}.start=2020-01", f"{levers}.midpoint=2021-04-02", f"{levers}.ceiling=70 %"]),
                ({"start": "water_reuse:-13"}, ["interventions.water_reuse.adoption.start=2020-12"])):
            for indicator in ("ghg_total", "freshwater_withdrawal", "capital_cost"):
                set_up_page(self.tab, path, indicator=indicator, scenario="full", **moved)
                # the reference is not moved: it has none of these measures
                self.check_run(run_values(TUTORIAL, *settings), indicator, "full", "baseline", "all")

    def test_programmes_levers_move_as_the_model_does(self):
        path = page(sweep(PROGRAMME, 6, "--keep", "annual", "-s", "full", "-s", "as_reported"))
        set_up_page(self.tab, path, scenario="as_reported", start="bridgestone_biomass:-20", off="dinh_vu_drives")
        values = run_values(PROGRAMME, "interventions.bridgestone_biomass.adoption.start=2022-03",
                            "interventions.dinh_vu_drives.adoption.ceiling=0 %")
        self.check_run(values, "ghg_total", "as_reported", "baseline", "all")

    def test_switches_make_one_scenario_of_another(self):
        path = page(tutorial(), "--members", "20")
        set_up_page(self.tab, path, scenario="full", off="water_reuse")
        switched = table(self.tab)
        set_up_page(self.tab, path, scenario="cleaner_production")
        self.assertEqual(switched, table(self.tab))
        set_up_page(self.tab, path, scenario="baseline", on="efficient_drives,water_reuse")
        rebuilt = table(self.tab)
        set_up_page(self.tab, path, scenario="full")
        self.assertEqual(rebuilt, table(self.tab))

    def test_random_plans_give_the_bits_of_the_interpreter(self):
        cases = pathlib.Path(SHARED.name) / "cases.json"
        subprocess.run([TEST_WASM, cases], check=True)
        browser.visit(self.tab, "about:blank#cases")
        engine = pathlib.Path("scripts/explorer/engine.js").read_text() + "\nreturn {makeModel, newResult, runBlock};"
        browser.evaluate(self.tab, f"globalThis.E = new Function({json.dumps(engine)})(); {BITS}")
        compared = 0
        for case in json.loads(cases.read_text()):
            found = browser.evaluate(self.tab, f"bitsOf({json.dumps({k: case[k] for k in ('facts', 'numbers')})})")
            lanes = len(case["failed"])
            steps = len(case["outputs"]) // (lanes * case["facts"]["plan"]["output_count"])
            self.assertEqual(found["failed"], case["failed"])
            shape = (steps, -1, lanes)
            ours, theirs = (numpy.array(outputs).reshape(shape) for outputs in (found["outputs"], case["outputs"]))
            good = numpy.array(case["good_steps"]) > numpy.arange(steps)[:, None, None]
            good = numpy.broadcast_to(good, ours.shape)
            self.assertEqual(ours[good].tolist(), theirs[good].tolist())
            compared += good.sum()
        self.assertGreater(compared, 10000)

    # ---- controls ----

    def test_every_control_does_what_it_says(self):
        tab, used = self.tab, set()

        def use(selector, act, *more):
            used.add(selector)
            act(tab, selector, *more)
            wait(tab)

        def set_by_keys(selector, key, times):
            used.add(selector)
            browser.evaluate(tab, f"document.querySelector({selector!r}).focus()")
            browser.press(tab, key, times)
            wait(tab)

        address = lambda: browser.evaluate(tab, "decodeURIComponent(location.hash)")
        set_up_page(tab, page(tutorial(), "--members", "9"), scenario="cleaner_production")
        use("#scenario", browser.choose, "All measures *")
        self.assertIn("scenario=full", address())
        self.assertIn("A potential", text(tab, "notes"))
        use("#indicator", browser.choose, "Freshwater withdrawal (m³)")
        self.assertIn("m³", text(tab, "change"))
        use("#park", browser.choose, "Demo park")
        self.assertIn("park=demo", address())
        wide = table(tab)
        use("#range", browser.choose, "25 % – 75 %")
        narrow = table(tab)
        for period in wide:
            self.assertLess(narrow[period][1]["high"], wide[period][1]["high"])
            self.assertEqual(narrow[period][1]["middle"], wide[period][1]["middle"])
        use("#by", browser.choose, "year")
        self.assertEqual(browser.evaluate(tab, "document.querySelectorAll('#levels-chart circle.scenario').length"), 5)
        before = table(tab)
        browser.evaluate(tab, "document.querySelector('#switch-1').focus()")
        browser.press(tab, "Space")
        used.add("#switch-1")
        wait(tab)
        self.assertIn("off=water_reuse", address())
        self.assertNotEqual(table(tab), before)
        browser.click(tab, "#switch-1")
        wait(tab)
        self.assertEqual(table(tab), before)
        use("#lever-water_reuse .open", browser.click)
        set_by_keys("#start-1", "ArrowLeft", 3)
        self.assertIn("start=water_reuse:-3", address())
        self.assertEqual(browser.evaluate(tab, "byId('start-1').nextElementSibling.value"), "Oct 2021")
        self.assertNotEqual(table(tab), before)
        set_by_keys("#ceiling-1", "Home", 1)
        self.assertIn("ceiling=water_reuse:0", address())
        self.assertEqual({p: r[2]["middle"] for p, r in table(tab).items()}, dict.fromkeys(before, 0))
        self.assertIn("no change", text(tab, "change"))
        use("#shown", browser.choose, "that you changed")
        shown = "[...document.querySelectorAll('.lever')].filter(e => !e.hidden).map(e => e.id)"
        self.assertEqual(browser.evaluate(tab, shown), ["lever-water_reuse"])
        use("#reset", browser.click)
        self.assertEqual(table(tab), before)
        use("#all-off", browser.click)
        self.assertEqual({p: r[2]["high"] for p, r in table(tab).items()}, dict.fromkeys(before, 0))
        use("#all-on", browser.click)
        self.assertEqual(table(tab), before)
        use("#shown", browser.choose, "of the park chosen")
        self.assertEqual(browser.evaluate(tab, shown), ["lever-efficient_drives", "lever-water_reuse"])
        browser.choose(tab, "#park", "Shared by the parks")
        self.assertEqual(browser.evaluate(tab, shown), [])
        browser.choose(tab, "#park", "Demo park")
        use("#shown", browser.choose, "all")
        use("#search", browser.click)
        browser.write(tab, "drives")
        self.assertEqual(browser.evaluate(tab, shown), ["lever-efficient_drives"])
        use("#lever-efficient_drives .open", browser.click)
        set_by_keys("#switch-0", "Space", 1)
        self.assertIn("off=efficient_drives", address())
        set_by_keys("#start-0", "ArrowRight", 1)
        set_by_keys("#ceiling-0", "ArrowRight", 1)
        self.assertIn("ceiling=efficient_drives:61", address())
        use("#numbers-by-year summary", browser.click)
        self.assertFalse(browser.evaluate(tab, "document.querySelector('#numbers-by-year').open"))
        use("#language", browser.click)
        self.assertIn("lang=vi", address())
        self.assertEqual(browser.evaluate(tab, "document.documentElement.lang"), "vi")
        controls = browser.evaluate(tab, """[...document.querySelectorAll("select, button, input, summary")]
            .map(e => e.id ? "#" + e.id : e.matches(".open") ? "#" + e.closest(".lever").id + " .open"
                 : "#" + e.parentNode.id + " summary")""")
        self.assertEqual(set(controls), used)

    def test_values_are_told_by_mouse_and_by_keys(self):
        tab = self.tab
        set_up_page(tab, page(tutorial(), "--members", "9"), scenario="full", by="by_step")
        readout = lambda: browser.evaluate(tab, "document.querySelector('#readout span').textContent")
        self.assertEqual(readout(), "Dec 2023")
        browser.evaluate(tab, "document.querySelector('#cursor').focus()")
        browser.press(tab, "Home")
        self.assertEqual(readout(), "Jan 2020")
        browser.press(tab, "ArrowRight", 2)
        self.assertEqual(readout(), "Mar 2020")
        self.assertEqual(browser.evaluate(tab, "byId('cursor').getAttribute('aria-valuenow')"), "2")
        self.assertIn("Mar 2020", browser.evaluate(tab, "byId('cursor').getAttribute('aria-valuetext')"))
        browser.hover(tab, "#difference-chart", 0.999)
        self.assertEqual(readout(), "Dec 2023")
        browser.hover(tab, "#levels-chart", 0.1)
        self.assertRegex(readout(), "2020")

    def test_months_add_up_to_the_year(self):
        tab = self.tab
        set_up_page(tab, page(tutorial(), "--members", "9"), indicator="ghg_total", scenario="full", by="by_step")
        months = browser.evaluate(tab, "latest.by_step.values.slice(12, 24).map(row => row[0])")
        self.close(sum(months), table(tab)["2021"][1]["run"], sum(months), "2021")

    # ---- looks ----

    def test_nothing_hangs_over_the_edge_of_a_phone(self):
        browser.resize(self.tab, 390, 844, True)
        try:
            for language in ("en", "vi"):
                set_up_page(self.tab, page(tutorial(), "--members", "9"), scenario="full", lang=language)
                browser.evaluate(self.tab, "document.querySelectorAll('.open').forEach(e => e.click())")
                self.assertLessEqual(browser.evaluate(self.tab, "document.documentElement.scrollWidth"), 390)
        finally:
            browser.resize(self.tab, 1300, 1000)

    def test_controls_and_charts_have_names_for_those_who_hear_them(self):
        set_up_page(self.tab, page(tutorial(), "--members", "9"), scenario="full")
        unnamed = browser.evaluate(self.tab, """
            [...document.querySelectorAll('select, button, input, [role=slider], svg:not([aria-hidden])')]
            .filter(e => !e.getAttribute('aria-label') && !e.closest('label'))
            .filter(e => !(e.matches('button') && e.textContent))
            .map(e => e.outerHTML.slice(0, 80))""")
        self.assertEqual(unnamed, [])

    def test_vietnamese_page_writes_numbers_its_way(self):
        set_up_page(self.tab, page(tutorial(), "--members", "9"), scenario="full", lang="vi", indicator="ghg_total")
        self.assertRegex(text(self.tab, "levels"), r"\d{2}\.\d{3} t\sCO₂e")
        self.assertEqual(text(self.tab, "title"), "Khu công nghiệp nhỏ với trạm xử lý chung")

    # ---- what goes wrong ----

    def test_draws_that_cannot_run_are_told_and_texts_of_the_model_do_no_harm(self):
        model = pathlib.Path(SHARED.name) / "supply.yaml"
        model.write_text(NEEDS_SUPPLY.format(folder=os.getcwd()))
        path = page(sweep(str(model), 5, "--keep", "annual"))
        set_up_page(self.tab, path, scenario="other", off="supply")
        self.assertIn("no draw can run", text(self.tab, "notes"))
        set_up_page(self.tab, path, scenario="other", on="deeper")
        self.assertIn("cannot both hold", text(self.tab, "notes"))
        self.assertIn("</script>", text(self.tab, "title"))
        self.assertNotEqual(browser.evaluate(self.tab, "document.title"), "broken")

    def test_page_runs_without_a_worker(self):
        path = page(tutorial(), "--members", "9")
        bare = path.with_name("bare.html")
        bare.write_text(path.read_text().replace("new Worker(", "new NoWorker("))
        set_up_page(self.tab, path, scenario="full")
        wanted = table(self.tab)
        set_up_page(self.tab, bare, scenario="full")
        self.assertEqual(table(self.tab), wanted)


if __name__ == "__main__":
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=ResourceWarning)
    with tempfile.TemporaryDirectory() as folder:
        SHARED = type("", (), {"name": folder})
        unittest.main()
