"""`parkflow export` as a user runs it: each value of each format against the HDF5 file, in all that a sweep may keep;
the IAMC's table against the rules that pyam documents; the same bytes twice; and what is refused.

usage: /usr/bin/python3 tests/cli/test_export.py BINARY     (from the project's folder)
"""
import csv
import functools
import hashlib
import io
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import unittest
import warnings
import zipfile
from xml.etree import ElementTree

import numpy
import openpyxl
import xarray
import yaml

PARKFLOW = os.path.abspath(sys.argv.pop(1))
TUTORIAL = "scenarios/tutorial/park.yaml"
PROGRAMME = "scenarios/vietnam/programme.yaml"
FORMATS = {"iamc": ".csv", "csv": ".csv", "xlsx": ".xlsx", "json": ".json"}
TEMPLATE = {  # variable: how much of the model's unit is one of the template's, and that unit
    "Final Energy|Industry": (1e9, "EJ/yr", "GJ"), "Final Energy|Industry|Electricity": (1e9 / 3.6, "EJ/yr", "MWh"),
    "Secondary Energy|Electricity|Solar|PV": (1e9 / 3.6, "EJ/yr", "MWh"),
    "Water Withdrawal|Industrial Water": (1e9, "km3/yr", "m3")}
FEW = ["--indicator", "ghg_total", "--indicator", "ghg_per_energy"]
MODEL = """
parkflow: 1
use: [{folder}/scenarios/library/units.yaml]
title: A model for exports
time: {{start: 2020-01, end: {end}, step: {step}}}
parameters: {{draw: 2..3..5 GJ/year, level_value: 4 GJ}}
parks:
  north: {{title: 'North, "old"', processes: {{}}}}
  south: {{title: {{en: South, vi: Miền Nam}}, processes: {{}}}}
indicators:
  amount: {{is: "draw", unit: GJ, over_time: sum, title: Amount{more}}}
  level: {{is: "level_value", unit: GJ, over_time: mean, title: Level}}
  last: {{is: "level_value", unit: MJ, over_time: last, title: Last}}
  nothing: {{is: "0 * draw", unit: GJ, over_time: sum, title: Nothing}}
  share: {{over_time: {{ratio: [amount, nothing]}}, unit: "1", title: Share}}
  per_level: {{over_time: {{ratio: [amount, level]}}, unit: "1", title: Per level}}
scenarios: {{base: {{}}, other: {{against: base}}}}
"""


def parkflow(*arguments):
    return subprocess.run([PARKFLOW, *map(str, arguments)], capture_output=True, text=True, timeout=300)


@functools.lru_cache(maxsize=None)
def made(name):
    """Results that several tests read: made once."""
    path = pathlib.Path(SHARED.name) / f"{name}.h5"
    sweep = ["sweep", TUTORIAL, "-n", "120", "--design", "sobol"]
    command = {"run": ["run", TUTORIAL], "programme": ["run", PROGRAMME],
               "statistics": sweep, "annual": [*sweep, "--keep", "annual", "--quantiles", "0.025,0.5,0.975"],
               "paths": [*sweep, "--keep", "paths"], "by_step": [*sweep, "--by", "step"]}[name]
    done = parkflow(*command, "-q", "-o", path)
    assert done.returncode == 0, done.stderr
    return path


@functools.lru_cache(maxsize=None)
def opened(path, group=None):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xarray.open_dataset(path, group=group, engine="h5netcdf", decode_timedelta=False) as data:
            return data.load()


def labels(array):
    return [str(label) for label in array.values]


def indicators(data):
    return [name for name in data.data_vars if data[name].dims == ("scenario", "member", "park", "time")]


def ratio_parts(data, name):
    over = yaml.safe_load(str(data.input.values).split("\n---")[0])["indicators"][name]["over_time"]
    return over["ratio"]


def run_values(data, name, by_step=False):
    """[scenario][park, and all][period] of a run, by year and in the whole, as docs/results.md tells readers to."""
    method = data[name].attrs.get("cell_methods")
    if method is None or method == "time: ratio":
        above, below = (run_values(data, part, by_step) for part in ratio_parts(data, name))
        return numpy.where(below != 0, above / numpy.where(below != 0, below, 1), numpy.nan)
    values = data[name].isel(member=0).values
    if not by_step:
        years = data.time.dt.year.values
        parts = [years == year for year in sorted(set(years))]
        parts += [years > 0] if len(parts) > 1 else []
        days = numpy.diff(data.time_bnds.values.astype("datetime64[D]"), axis=1).astype(float)[:, 0]
        how = {"time: sum": lambda v, d: v.sum(-1), "time: point": lambda v, d: v[..., -1],
               "time: mean": lambda v, d: (v * d).sum(-1) / d.sum()}[method]
        values = numpy.stack([how(values[..., part], days[part]) for part in parts], axis=-1)
    return numpy.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)


@functools.lru_cache(maxsize=None)
def expected(path, by_step=False):
    """Every value that an export must hold, by (scenario, park, period, indicator, statistic)."""
    data, found = opened(path), {}
    names, scenarios, parks = indicators(data), labels(data.scenario), labels(data.park) + ["all"]
    if "design" not in data.attrs:
        years = labels(data.time.dt.year)
        periods = [t[:7] for t in labels(data.time)] if by_step else sorted(set(years))
        periods += [] if by_step or len(periods) == 1 else [f"{periods[0]}-{periods[-1]}"]
        for name in names:
            values = run_values(data, name, by_step)
            for at, value in numpy.ndenumerate(values):
                found[scenarios[at[0]], parks[at[1]], periods[at[2]], name, "run"] = value
        return found
    against = dict(zip(scenarios, labels(data.scenario_against)))
    for group in ("statistics", "difference"):
        table = opened(path, group)
        axes = [labels(table[axis]) for axis in ("statistic", "scenario", "park", "period")]
        for name in names:
            for at, value in numpy.ndenumerate(table[name].transpose("statistic", "scenario", "park", "period").values):
                statistic, scenario, park, period = (axis[i] for axis, i in zip(axes, at))
                case = scenario if group == "statistics" else f"{scenario} - {against[scenario]}"
                found[case, park, period, name, statistic] = value
    return found


class ExportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def export(self, path, to, *arguments, name=None, status=0):
        out = self.folder / (name or "out" + FORMATS[to])
        done = parkflow("export", path, "--to", to, "-o", out, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return out if status == 0 else done.stderr

    def model(self, step="month", end="2021-12", more="", kind="run"):
        path, out = self.folder / "model.yaml", self.folder / "model.h5"
        path.write_text(MODEL.format(folder=os.getcwd(), step=step, end=end, more=more))
        done = parkflow(kind, path, "-q", "-o", out, *(["-n", 50] if kind == "sweep" else []))
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def assert_same(self, found, wanted, tolerance=0.0):
        self.assertEqual(sorted(found), sorted(wanted))
        for key, value in wanted.items():
            both_missing = numpy.isnan(value) and numpy.isnan(found[key])
            self.assertTrue(both_missing or abs(found[key] - value) <= tolerance * abs(value), (key, found[key], value))

    # A run is summed by numpy above in another order than by the engine: equal but for rounding. Statistics are copied.
    def results(self):
        for name in ("run", "programme", "statistics", "annual", "paths"):
            yield name, made(name), 1e-12 if name in ("run", "programme") else 0


# ---- readers ----

def from_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(r["scenario"], r["park"], r["time"], r["indicator"], r["statistic"]):
            float(r["value"]) if r["value"] else numpy.nan for r in rows}


def from_json(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    periods = [p["label"] for p in document["periods"]]
    return {(s["scenario"], s["park"], period, s["indicator"], s["statistic"]):
            numpy.nan if value is None else value
            for s in document["series"] for period, value in zip(periods, s["values"], strict=True)}


def indicator_sheets(book):
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows(values_only=True))
        start = [i for i, row in enumerate(rows) if row[:3] == ("Scenario", "Park", "Statistic")]
        if start:
            yield sheet.title, rows[start[0]][3:], rows[start[0] + 1:]


def from_xlsx(path, park_names):
    found = {}
    for name, periods, rows in indicator_sheets(openpyxl.load_workbook(path)):
        for scenario, park, statistic, *values in rows:
            for period, value in zip(periods, values, strict=True):
                found[scenario, park_names[park], str(period), name, statistic] = numpy.nan if value is None else value
    return found


class Values(ExportTest):
    def test_each_value_of_the_csv_is_that_of_the_file(self):
        for name, path, tolerance in self.results():
            with self.subTest(name):
                self.assert_same(from_csv(self.export(path, "csv")), expected(path), tolerance)

    def test_each_value_of_the_json_is_that_of_the_file(self):
        for name, path, tolerance in self.results():
            with self.subTest(name):
                self.assert_same(from_json(self.export(path, "json")), expected(path), tolerance)

    def test_each_cell_of_the_workbook_is_that_of_the_file_to_sixteen_digits(self):
        for name, path, tolerance in self.results():
            with self.subTest(name):
                data, few = opened(path), ["ghg_total", "ghg_per_energy"] if name == "programme" else []
                parks = {**dict(zip(labels(data.park_title), labels(data.park))), "All parks": "all"}
                arguments = [word for indicator in few for word in ("--indicator", indicator)]
                wanted = {k: v for k, v in expected(path).items() if not few or k[3] in few}
                self.assert_same(from_xlsx(self.export(path, "xlsx", *arguments), parks), wanted, max(tolerance, 1e-15))

    def test_steps_are_those_of_the_file_to_the_last_bit(self):
        for name in ("run", "by_step"):
            path = made(name)
            wanted = {k: v for k, v in expected(path, by_step=True).items() if name != "run" or k[1] != "all"}
            for to, read in (("csv", from_csv), ("json", from_json)):
                found = read(self.export(path, to, "--by", "step"))
                self.assert_same({k: found[k] for k in wanted}, wanted)

    def test_sums_means_levels_and_ratios_of_steps_of_unequal_length(self):
        path = self.model()
        self.assert_same(from_csv(self.export(path, "csv")), expected(path), 1e-12)
        found = from_csv(self.export(path, "csv", "--park", "all"))
        self.assertAlmostEqual(found["base", "all", "2020", "level", "run"], 3 * 4)  # two parks and `shared`
        self.assertAlmostEqual(found["base", "all", "2020-2021", "last", "run"], 3 * 4000)
        self.assertTrue(numpy.isnan(found["base", "all", "2020", "share", "run"]))
        amount = found["base", "all", "2020-2021", "amount", "run"]
        self.assertAlmostEqual(found["base", "all", "2020-2021", "per_level", "run"], amount / 12)

    def test_names_choose_and_a_scenario_brings_its_reference(self):
        out = self.export(made("annual"), "csv", "--indicator", "ghg_total", "--scenario", "full", "--park", "all")
        found = from_csv(out)
        self.assertEqual({k[0] for k in found}, {"baseline", "full", "full - baseline"})
        self.assertEqual({(k[1], k[3]) for k in found}, {("all", "ghg_total")})
        wanted = expected(made("annual"))
        self.assert_same(found, {k: wanted[k] for k in found})


# ---- the IAMC's table ----

def iamc_rows(path):
    if path.suffix == ".xlsx":
        rows = list(openpyxl.load_workbook(path)["data"].iter_rows(values_only=True))
        return rows[0], [["" if cell is None else cell for cell in row] for row in rows[1:]]
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return tuple(int(c) if c.isdigit() else c for c in rows[0]), rows[1:]


def check_iamc(path):
    """pyam's rules for a table in wide form (its documentation on the data model, and utils.format_data): the five
    columns of the index, whose texts are never empty; other columns are either years or texts, of which only
    `subannual` has a meaning; values are numbers or empty; no index stands twice. Names have no empty part between
    bars, as nomenclature requires, and one variable has one unit."""
    header, rows = iamc_rows(path)
    names = [str(name).lower() for name in header]
    assert names[:5] == ["model", "scenario", "region", "variable", "unit"], names
    years = [i for i, name in enumerate(header) if isinstance(name, int)]
    extra = [i for i in range(5, len(header)) if i not in years]
    assert [names[i] for i in extra] in ([], ["subannual"]) and years, names
    assert len(set(names)) == len(names) and all(1900 < header[i] < 2200 for i in years)
    assert [header[i] for i in years] == sorted(header[i] for i in years)
    index, units = set(), {}
    for row in rows:
        key = tuple(row[i] for i in [*range(5), *extra])
        assert all(isinstance(text, str) and text.strip() == text != "" for text in key), key
        assert all(part.strip() for text in key[1:4] for part in text.split("|")), key
        assert key not in index, key
        index.add(key)
        assert units.setdefault(key[3], key[4]) == key[4], key
        values = [float(row[i]) for i in years if row[i] != ""]
        assert values and all(numpy.isfinite(values)), row
    assert rows
    return header, rows


MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]


def iamc_values(path, park_titles, names, by_step=False):
    """As `expected` has them, in the model's units."""
    header, rows = check_iamc(path)
    found, first = {}, 6 if "Subannual" in header else 5
    for row in rows:
        plain = re.sub(r"\|([0-9.]+)th Percentile$", "", row[3])
        match = re.search(r"\|([0-9.]+)th Percentile$", row[3])
        factor = TEMPLATE.get(plain, (1,))[0]
        for year, value in zip(header[first:], row[first:]):
            if value == "":
                continue
            period = f"{year}-{MONTHS.index(row[5]) + 1:02d}" if first == 6 else str(year)
            statistic = f"p{float(match[1]):g}" if match else "run or mean"
            found[row[1], park_titles[row[2]], period, names[plain], statistic] = float(value) * factor
    return found


class Iamc(ExportTest):
    def compare(self, path, suffix, *arguments, by_step=False):
        data = opened(path)
        out = self.export(path, "iamc", *arguments, name=f"out{suffix}")
        parks = {f"Viet Nam|{title}": name for title, name in zip(labels(data.park_title), labels(data.park))}
        names = {data[n].attrs.get("iamc_variable", f"Eco-Industrial Park|{data[n].attrs['long_name']}"): n
                 for n in indicators(data)}
        wanted = {}
        for (scenario, park, period, name, statistic), value in expected(path, by_step).items():
            quantile = re.fullmatch(r"p[0-9.]+", statistic)
            is_left_out = " - " in scenario or (not by_step and "-" in period) or statistic in ("sd", "min", "max")
            if not is_left_out and not numpy.isnan(value):
                wanted[scenario, park, period, name, statistic if quantile else "run or mean"] = value
        self.assert_same(iamc_values(out, {**parks, "Viet Nam|All parks": "all"}, names, by_step), wanted, 1e-12)
        return out

    def test_every_table_follows_pyams_rules_and_has_the_files_values(self):
        for name, path, _ in self.results():
            for suffix in (".csv", ".xlsx"):
                with self.subTest(name + suffix):
                    self.compare(path, suffix)

    def test_months_stand_in_the_column_subannual(self):
        for name in ("run", "by_step"):
            out = self.compare(made(name), ".csv", "--by", "step", by_step=True)
            self.assertEqual(iamc_rows(out)[0][4:7], ("Unit", "Subannual", 2020))

    def test_other_steps_are_told_by_their_first_moment(self):
        out = self.export(self.model(step="quarter", end="2021-12"), "iamc", "--by", "step")
        _, rows = check_iamc(out)
        self.assertEqual(sorted({row[5] for row in rows}), [f"{m:02d}-01 00:00+07:00" for m in (1, 4, 7, 10)])

    def test_steps_of_a_year_need_no_such_column(self):
        out = self.export(self.model(step="year", end="2021-12"), "iamc", "--by", "step")
        self.assertEqual(check_iamc(out)[0][4:], ("Unit", 2020, 2021))

    def test_units_are_the_templates_where_the_variable_is(self):
        _, rows = check_iamc(self.export(made("programme"), "iamc"))
        units = {row[3]: row[4] for row in rows}
        for variable, (_, unit, _) in TEMPLATE.items():
            self.assertEqual(units[variable], unit)
        data = opened(made("programme"))
        for name in indicators(data):
            iamc = data[name].attrs.get("iamc_variable")
            self.assertTrue(iamc is None or (iamc in TEMPLATE and data[name].attrs["units"] == TEMPLATE[iamc][2]), name)
        self.assertEqual(units["Eco-Industrial Park|Operating cost of energy and water"], "million VND/yr")
        self.assertEqual(units["Eco-Industrial Park|Greenhouse gases a unit of final energy"], "t CO2e/GJ")

    def test_parks_add_up_to_all_parks(self):
        header, rows = check_iamc(self.export(made("programme"), "iamc"))
        totals, parts = {}, {}
        for row in rows:
            if row[4].endswith("/yr"):
                into = totals if row[2].endswith("|All parks") else parts
                key = (row[1], row[3])
                into[key] = into.get(key, 0) + numpy.array([float(v) for v in row[5:]])
        self.assertEqual(set(totals), set(parts))
        for key, total in totals.items():
            numpy.testing.assert_allclose(parts[key], total, rtol=1e-12, err_msg=str(key))

    def test_bars_and_quotes_in_titles_break_nothing(self):
        _, rows = check_iamc(self.export(self.model(), "iamc"))
        self.assertIn('Viet Nam|North, "old"', {row[2] for row in rows})
        _, rows = check_iamc(self.export(self.model(more=" | of it"), "iamc"))
        self.assertIn("Eco-Industrial Park|Amount / of it", {row[3] for row in rows})

    def test_a_unit_that_is_not_the_variables_is_refused(self):
        message = self.export(self.model(more=", iamc: Water Withdrawal"), "iamc", status=2)
        self.assertIn("'amount' is in GJ, but its IAMC variable 'Water Withdrawal' is an amount in km3/yr", message)
        self.assertEqual(list(self.folder.glob("out*")), [])

    def test_two_indicators_of_one_variable_are_refused(self):
        message = self.export(self.model(more=", iamc: Eco-Industrial Park|Level"), "iamc", status=2)
        self.assertIn("'amount' and 'level' are both the IAMC variable", message)

    def test_no_whole_year_is_refused(self):
        message = self.export(self.model(end="2020-06"), "iamc", status=2)
        self.assertIn("has no whole year", message)


# ---- what stands beside the numbers ----

class Package(ExportTest):
    def test_the_datapackage_describes_the_file(self):
        out = self.export(made("programme"), "csv", name="Programme of 2023.csv")
        package = json.loads((self.folder / "datapackage.json").read_text(encoding="utf-8"))
        resource, data = package["resources"][0], out.read_bytes()
        self.assertEqual(resource["bytes"], len(data))
        self.assertEqual(resource["hash"], "sha256:" + hashlib.sha256(data).hexdigest())
        self.assertEqual(resource["path"], out.name)
        for name in (package["name"], resource["name"]):
            self.assertRegex(name, r"^[-a-z0-9._]+$")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
        schema = resource["schema"]
        self.assertEqual([field["name"] for field in schema["fields"]], rows[0])
        key = [rows[0].index(column) for column in schema["primaryKey"]]
        self.assertEqual(len({tuple(row[i] for i in key) for row in rows[1:]}), len(rows) - 1)
        for i, field in enumerate(schema["fields"]):
            column = [row[i] for row in rows[1:]]
            self.assertEqual(field["constraints"]["required"], all(column) or field["name"] != "value")
            if field["type"] == "number":
                list(map(float, filter(None, column)))
        self.assertEqual(package["input_sha256"], opened(made("programme")).attrs["input_sha256"])
        self.assertNotIn("created", package)

    def test_its_sources_are_the_evidence_that_the_input_cites(self):
        self.export(made("programme"), "csv")
        package = json.loads((self.folder / "datapackage.json").read_text(encoding="utf-8"))
        tables = list(yaml.safe_load_all(str(opened(made("programme")).input.values)))[1]
        wanted = set()
        for name, text in tables.items():
            for row in csv.DictReader(io.StringIO(text)):
                if "source_title" in row and row["source_title"]:
                    parts = (row["source_title"], row["publisher"], row["year"])
                    wanted.add((", ".join(filter(None, parts)), row["address"]))
        found = [(source["title"], source.get("address", "")) for source in package["sources"]]
        self.assertEqual(len(found), len(set(found)))
        self.assertTrue(wanted and set(found) == wanted, set(found) ^ wanted)

    def test_the_package_of_other_data_is_not_overwritten(self):
        foreign = self.folder / "datapackage.json"
        foreign.write_text('{"name": "mine"}')
        self.assertIn("datapackage.json", self.export(made("run"), "csv", status=1))
        self.assertEqual(foreign.read_text(), '{"name": "mine"}')
        self.assertEqual([p.name for p in self.folder.iterdir()], ["datapackage.json"])

    def test_the_json_says_what_it_is_in_both_languages(self):
        document = json.loads(self.export(made("annual"), "json").read_text(encoding="utf-8"))
        self.assertEqual(document["title_vi"], "Khu công nghiệp nhỏ với trạm xử lý chung")
        self.assertEqual(document["members"], 120)
        statistics = opened(made("annual"), "statistics").statistic
        self.assertEqual([s["name"] for s in document["statistics"]], labels(statistics))
        change = [s for s in document["scenarios"] if s["name"] == "full - baseline"][0]
        self.assertTrue(change["is_change"] and change["is_potential"] and change["against"] == "baseline")
        self.assertEqual(document["periods"][-1], {"label": "2020-2023", "first_day": "2020-01-01",
                                                   "last_day": "2023-12-31", "is_sum_of_others": True})


class Workbook(ExportTest):
    def parts(self, path):
        with zipfile.ZipFile(path) as book:
            self.assertIsNone(book.testzip())
            return {name: book.read(name) for name in book.namelist()}

    def test_charts_refer_to_cells_that_hold_the_values(self):
        """A line a scenario; of a sweep a fan a scenario whose widths add up to its quantiles."""
        for name, charts_a_sheet in (("programme", 1), ("annual", 4)):
            path = self.export(made(name), "xlsx", *FEW)
            book, parts = openpyxl.load_workbook(path), self.parts(path)
            charts = [ElementTree.fromstring(t) for n, t in parts.items() if re.match(r"xl/charts/chart\d+.xml", n)]
            space = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
            self.assertGreaterEqual(len(charts), len(list(indicator_sheets(book))))
            fans = 0
            for chart in charts:
                fans += chart.find(".//c:areaChart", space) is not None
                for series in chart.findall(".//c:ser", space):
                    for kind in ("cat", "val"):
                        sheet, cells = series.find(f"c:{kind}//c:f", space).text.rsplit("!", 1)
                        row = book[sheet.strip("'")][cells.replace("$", "")][0]
                        self.assertEqual(len(row), 4)
                        self.assertTrue(all(c.value is not None for c in row) or kind == "val", (sheet, cells))
            self.assertEqual(fans > 0, charts_a_sheet > 1)

    def test_widths_of_fans_add_up_to_quantiles(self):
        book = openpyxl.load_workbook(self.export(made("annual"), "xlsx", *FEW))
        table, sums = opened(made("annual"), "statistics"), {}
        for indicator, scenario, band, *values in book["Fans"].iter_rows(min_row=2, values_only=True):
            sums[indicator, scenario] = sums.get((indicator, scenario), 0) + numpy.array(values[:4], float)
            wanted = table[indicator].sel(statistic=band.split(" .. ")[-1], scenario=scenario, park="all")
            numpy.testing.assert_allclose(sums[indicator, scenario], wanted.values[:4], rtol=1e-12)
        self.assertIn(("ghg_total", "full"), sums)

    def test_the_cover_says_where_it_comes_from_and_links_lead_to_sheets(self):
        book = openpyxl.load_workbook(self.export(made("programme"), "xlsx", *FEW))
        cover = book.worksheets[0]
        texts = [str(cell) for row in cover.iter_rows(values_only=True) for cell in row if cell is not None]
        attributes = opened(made("programme")).attrs
        for text in (attributes["title"], attributes["input_sha256"], attributes["source"], "baseline", "Hòa Khánh"):
            self.assertIn(text, texts)
        links = [cell.hyperlink.location for row in cover.iter_rows() for cell in row if cell.hyperlink]
        self.assertEqual([link.split("!")[0].strip("'") for link in links], book.sheetnames[1:])

    def test_parameters_stand_with_what_they_rest_on(self):
        book, data = openpyxl.load_workbook(self.export(made("run"), "xlsx", *FEW)), opened(made("run"))
        rows = list(book["Uncertain parameters"].iter_rows(min_row=2, values_only=True))
        self.assertEqual([row[0] for row in rows], labels(data.parameter))
        numpy.testing.assert_allclose([row[1] for row in rows], data.parameter_value.values[0], rtol=1e-15)
        self.assertEqual([row[3] or "" for row in rows], labels(data.parameter_source))
        written = {row[0]: row[1] for row in book["Parameters"].iter_rows(min_row=2, values_only=True)}
        self.assertEqual(written["demo.wwtp.limit"], "3000 m3/day")
        book = openpyxl.load_workbook(self.export(made("programme"), "xlsx", *FEW))
        assumed = {row[0]: row[4] for row in book["Parameters"].iter_rows(min_row=2, values_only=True)}
        self.assertTrue(assumed["amata.coal_boilers.efficiency"].startswith("All firms of the groups share"))
        sources = book["Sources"]
        self.assertEqual([c.value for c in sources[1]][::14], ["id", "note"])
        self.assertGreater(sources.max_row, 50)

    def test_it_speaks_vietnamese(self):
        book = openpyxl.load_workbook(self.export(made("annual"), "xlsx", *FEW, "--lang", "vi"))
        self.assertEqual(book.worksheets[0]["A1"].value, "Khu công nghiệp nhỏ với trạm xử lý chung")
        self.assertEqual(book["ghg_total"]["A1"].value, "Phát thải khí nhà kính [t CO2e]")
        self.assertIn("Kịch bản", [cell.value for cell in book["ghg_total"]["A"]])

    def test_libreoffice_converts_it(self):
        """Headless, if it is there: a sheet as CSV has the values."""
        if subprocess.run(["sh", "-c", "command -v soffice"], capture_output=True).returncode:
            self.skipTest("LibreOffice is not installed (libreoffice-calc-nogui)")
        path = self.export(made("run"), "xlsx", "--indicator", "ghg_total")
        done = subprocess.run(["soffice", f"-env:UserInstallation=file://{self.folder}/profile", "--headless",
                               "--convert-to",
                               "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2",
                               "--outdir", self.folder, path], capture_output=True, text=True, timeout=120)
        converted = [p for p in self.folder.glob("*.csv")]
        self.assertEqual(len(converted), 1, done.stdout + done.stderr)
        rows = [row for row in csv.reader(io.StringIO(converted[0].read_text("utf-8"))) if row[2:3] == ["run"]]
        self.assertTrue(rows)
        wanted = expected(made("run"))
        for row in rows:
            park = {"Demo park": "demo", "Shared by the parks": "shared", "All parks": "all"}[row[1]]
            value = wanted[row[0], park, "2020", "ghg_total", "run"]
            self.assertAlmostEqual(float(row[3].replace(",", "")), value, delta=1e-3 * abs(value) + 1)


class Files(ExportTest):
    def test_twice_the_same_bytes(self):
        for name in ("run", "annual"):
            for to, ending in [*FORMATS.items(), ("iamc", ".xlsx")]:
                with self.subTest(f"{name} {to}{ending}"):
                    first = self.export(made(name), to, name=f"same{ending}").read_bytes()
                    (self.folder / f"same{ending}").unlink()
                    self.assertEqual(first, self.export(made(name), to, name=f"same{ending}").read_bytes())

    def test_no_name_is_the_results_name_in_the_working_folder(self):
        for to, ending in FORMATS.items():
            done = subprocess.run([PARKFLOW, "export", made("run"), "--to", to], cwd=self.folder, capture_output=True,
                                  text=True)
            self.assertEqual((done.returncode, done.stdout), (0, f"Written: run{ending}\n"))
            self.assertTrue((self.folder / f"run{ending}").stat().st_size)

    def test_a_cut_file_is_refused_and_nothing_is_written(self):
        whole = made("run").read_bytes()
        for share in (0.1, 0.5, 0.99):
            cut = self.folder / "cut.h5"
            cut.write_bytes(whole[:int(share * len(whole))])
            for to in FORMATS:
                self.assertIn("cut.h5", self.export(cut, to, status=2))
        self.assertEqual([p.name for p in self.folder.iterdir()], ["cut.h5"])

    def test_foreign_and_missing_files_are_refused_by_name(self):
        foreign = self.folder / "foreign.h5"
        xarray.Dataset({"a": ("x", [1.0])}).to_netcdf(foreign, engine="h5netcdf")
        text = self.folder / "text.h5"
        text.write_text("no HDF5")
        for path, words in ((foreign, "not one of parkflow's"), (text, "not HDF5"), (self.folder, "directory"),
                            (self.folder / "none.h5", "No such file")):
            message = self.export(path, "csv", status=2)
            self.assertIn(str(path), message)
            self.assertIn(words, message)

    def test_a_result_that_lacks_what_is_asked_says_what_to_run(self):
        self.assertIn("sweep again with --by step", self.export(made("annual"), "csv", "--by", "step", status=2))
        self.assertIn("export --by step", self.export(made("by_step"), "csv", status=2))

    def test_all_wrong_names_are_said_at_once_with_the_nearest(self):
        message = self.export(made("run"), "csv", "--indicator", "ghg_totl", "--scenario", "ful", "--park", "demmo",
                              status=2)
        for name in ("'ghg_total'", "'full'", "'demo'"):
            self.assertIn(f"did you mean {name}?", message)

    def test_wrong_options_are_said(self):
        for arguments, words in (([], "--to iamc, csv, xlsx or json"), (["--to", "cvs"], "did you mean 'csv'"),
                                 (["--to", "csv", "--by", "yr"], "expected one of: year, step"),
                                 (["--to", "csv", "--lang", "fr"], "expected one of: en, vi")):
            done = parkflow("export", made("run"), *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
        self.assertIn(".xlsx", self.export(made("run"), "xlsx", name="book.xls", status=2))

    def test_a_full_disk_leaves_no_half_of_a_file(self):
        """Also that of temporary files, which libxlsxwriter itself does not notice."""
        def small_files(size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        for to, ending in [*FORMATS.items(), ("iamc", ".xlsx")]:
            for size in (1000, 20000, 60000):
                out = self.folder / f"full{ending}"
                done = subprocess.run([PARKFLOW, "export", made("annual"), "--to", to, "-o", out], capture_output=True,
                                      text=True, preexec_fn=functools.partial(small_files, size))
                self.assertEqual(done.returncode, 1, (to, ending, size))
                self.assertIn(f"cannot write '{out}'", done.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_what_cannot_be_written_is_said_and_the_results_are_not_overwritten(self):
        for to, ending in FORMATS.items():
            message = self.export(made("run"), to, name=f"no/out{ending}", status=1)
            self.assertIn(f"no/out{ending}", message)
        before = made("run").read_bytes()
        done = parkflow("export", made("run"), "--to", "json", "-o", made("run"))
        self.assertEqual(done.returncode, 2)
        self.assertEqual(made("run").read_bytes(), before)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        SHARED = type("", (), {"name": folder})
        unittest.main()
