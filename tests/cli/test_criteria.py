"""`parkflow analyse criteria` as a user runs it: values and verdicts against closed forms, probabilities against the
members in the file, the programme of Viet Nam against its own indicators, and what is refused.

usage: /usr/bin/python3 tests/cli/test_criteria.py BINARY     (from the project's folder)
"""
import csv
import os
import subprocess
import sys
import warnings

import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import numpy
import xarray
import yaml

import each_test

BINARY = sys.argv[1]
UNITS = os.path.abspath("scenarios/library/units.yaml")
EIP = "scenarios/framework/eip.yaml"
SCOREBOARD = "scenarios/vietnam/scoreboard.yaml"

# Two parks that use 100 MWh a year each; of their own make one 20 to 60, the other 10; twice as much from 2022 on.
MODEL = f"""
parkflow: 1
use: [{UNITS}]
time: {{start: 2021-01, end: 2022-12, step: month}}
process_types:
  works:
    parameters: {{need: {{unit: MWh/year}}, make: {{unit: MWh/year}}}}
    values: {{used: need, made: make}}
parks:
  north:
    facts: {{workers: 40, area: 90 ha, green: {{value: 25 ha, note: trees}}}}
    processes: {{works: {{type: works, need: 100 MWh/year, make: 20..60 MWh/year}}}}
  south:
    facts: {{area: 10 ha, green: 5 ha}}
    processes: {{works: {{type: works, need: 100 MWh/year, make: 10 MWh/year}}}}
interventions:
  double:
    status: planned
    adoption: {{curve: step, start: 2022-01}}
    effects: [{{scale: north.works.make, by: 2}}, {{scale: south.works.make, by: 2}}]
scenarios: {{baseline: {{}}, more: {{against: baseline, with: [double]}}}}
indicators:
  used: {{is: "sum(*.*.used)", unit: MWh, over_time: sum}}
  made: {{is: "sum(*.*.made)", unit: kWh, over_time: sum}}
  own: {{over_time: {{ratio: [made, used]}}, unit: "%"}}
criteria:
  own: {{of: own, at_least: 30 %, framework: a law, clause: "1", sdg: ["7.2", "7.3"]}}
  own_in_full: {{of: made / used, at_least: 10 %, at_most: 0.45, framework: a law}}
  by_worker: {{of: used / park.workers, at_most: 2400 kWh, framework: a law}}
  green: {{of: park.green / park.area, at_least: 30 %, framework: a law}}
  at_least_so: {{of: made, value_is: lower_bound, unit: MWh, at_least: 30 MWh, framework: a form, kind: report}}
  at_most_so: {{of: made, value_is: upper_bound, at_least: 30 MWh, framework: a form}}
  old: {{of: own, at_least: 30 %, from: 2020-07, until: 2022-06, framework: an old law}}
  told: {{of: used, unit: GJ, framework: a form}}
  here: {{of: made, at_least: 1 MWh, not_in: {{south: its plant is shared}}, framework: a form}}
  asked:
    title: {{en: What is asked, vi: Điều được hỏi}}
    not_computable: nobody measures it
    framework: a form
"""


def call(*arguments, status=0):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def group(path, name="analysis/criteria"):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return xarray.load_dataset(path, group=name, engine="h5netcdf")


def analysed(folder, *arguments):
    """The file of a run, or of a sweep with these arguments, and what the analysis says."""
    model, results = write(folder, "model.yaml", MODEL), os.path.join(folder, "results.h5")
    call(*(["sweep", model, *arguments] if arguments else ["run", model]), "-q", "-o", results)
    return results, call("analyse", "criteria", results).stdout


def cell(found, variable, criterion, park, scenario="baseline", period="2021"):
    return found[variable].sel(criterion=criterion, park=park, scenario=scenario, period=period).item()


def expect(found, criterion, park, value, verdict, **where):
    assert cell(found, "verdict", criterion, park, **where) == verdict, (criterion, park, where)
    numpy.testing.assert_allclose(cell(found, "value", criterion, park, **where), value, rtol=1e-12)


def test_values_are_sums_over_parks_before_they_are_divided(folder):
    found = group(analysed(folder)[0])
    expect(found, "own", "north", 40, "met")
    expect(found, "own", "south", 10, "missed")
    expect(found, "own", "all", 25, "missed")
    expect(found, "own", "shared", numpy.nan, "not computable")
    expect(found, "own", "north", 80, "met", scenario="more", period="2022")
    expect(found, "own", "all", 25, "missed", scenario="more", period="2021")
    expect(found, "told", "all", 720, "value alone")


def test_a_value_at_its_threshold_meets_it_in_spite_of_rounding(folder):
    found = group(analysed(folder)[0])
    expect(found, "own_in_full", "south", 10, "met")
    expect(found, "own_in_full", "north", 80, "missed", scenario="more", period="2022")


def test_facts_of_all_parks_are_summed_only_where_each_park_has_them(folder):
    found = group(analysed(folder)[0])
    expect(found, "by_worker", "north", 2500, "missed")
    expect(found, "by_worker", "south", numpy.nan, "not computable")
    expect(found, "by_worker", "all", numpy.nan, "not computable")
    expect(found, "green", "north", 100 * 25 / 90, "missed")
    expect(found, "green", "south", 50, "met")
    expect(found, "green", "all", 30, "met")


def test_a_fact_that_is_declared_may_be_said_by_no_park(folder):
    model = write(folder, "model.yaml", MODEL.replace("criteria:", "facts: {trees: 1}\ncriteria:").replace(
        "of: park.green / park.area, at_least: 30 %", "of: park.trees / park.area, unit: 1/ha"))
    results = os.path.join(folder, "results.h5")
    call("run", model, "-q", "-o", results)
    call("analyse", "criteria", results, "-q")
    assert set(group(results)["verdict"].sel(criterion="green").values.ravel()) == {"not computable"}


def test_a_bound_proves_one_side_only(folder):
    found = group(analysed(folder)[0])
    assert [cell(found, "verdict", "at_least_so", p) for p in ("north", "south")] == ["met", "open"]
    assert [cell(found, "verdict", "at_most_so", p) for p in ("north", "south")] == ["open", "missed"]


def test_a_law_is_judged_by_only_while_it_is_in_force(folder):
    found = group(analysed(folder)[0])
    expect(found, "old", "north", 40, "met", period="2021")
    expect(found, "old", "north", 40, "not in force", period="2022")


def test_a_park_may_be_excepted(folder):
    results, _ = analysed(folder)
    found = group(results)
    expect(found, "here", "north", 40, "met")
    expect(found, "here", "south", numpy.nan, "not computable")
    expect(found, "here", "all", 50, "met")
    assert found["not_in"].sel(criterion="here", park="south").item() == "its plant is shared"
    out = call("analyse", "criteria", results, "-s", "baseline").stdout
    assert "here in south: its plant is shared" in out


def test_the_file_says_what_is_asked_and_why_some_cannot_be_computed(folder):
    results, out = analysed(folder)
    found = group(results)
    row = found.sel(criterion="asked")
    assert row["not_computable"].item() == "nobody measures it" and row["title_vi"].item() == "Điều được hỏi"
    assert set(row["verdict"].values.ravel()) == {"not computable"} and row["value"].isnull().all()
    row = found.sel(criterion="own")
    assert (row["sdg"].item(), row["unit"].item(), row["at_least"].item()) == ("7.2, 7.3", "%", 30)
    assert numpy.isnan(row["at_most"].item()) and row["kind"].item() == "performance"
    assert list(found["period"].values) == ["2021", "2022"] and list(found["park"].values)[-1] == "all"
    assert found["probability"].isnull().all() and "Probability" not in out
    assert "9 of 10 criteria can be computed; in 2022" in out


def test_the_table_shows_what_is_asked_for(folder):
    results, _ = analysed(folder)
    out = call("analyse", "criteria", results, "-s", "baseline", "--park", "south", "--period", "2021").stdout
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "own south at least 30 % 10 % missed" in lines
    assert "told south 360 GJ value alone" in lines
    assert "asked: nobody measures it" in lines
    assert not any(" north " in line for line in lines)


def test_probabilities_are_shares_of_members_in_closed_form(folder):
    results, out = analysed(folder, "-n", 400, "--design", "latin_hypercube", "--keep", "annual")
    found = group(results)
    assert cell(found, "probability", "own", "north") == 0.75        # 20..60 above 30: a stratum a member
    assert cell(found, "probability", "own", "south") == 0
    assert cell(found, "probability", "own", "all") == 0.25          # own + 10 of 200 above 30 %: own above 50
    assert cell(found, "probability", "own_in_full", "north") == 0.625
    assert cell(found, "probability", "green", "all") == 1
    assert numpy.isnan(cell(found, "probability", "told", "north"))
    assert numpy.isnan(cell(found, "probability", "own", "shared"))
    assert numpy.isnan(cell(found, "probability", "old", "north", period="2022"))
    for name, value in (("low", 22), ("median", 40), ("high", 58)):
        assert abs(cell(found, name, "own", "north") - value) < 0.2
    assert cell(found, "members_with_value", "own", "north") == 400
    assert cell(found, "members_with_value", "own", "shared") == 0
    assert "the share of 400 members" in out and found.attrs["members"] == "400"


def test_probabilities_are_those_of_the_members_in_the_file(folder):
    results, _ = analysed(folder, "-n", 100, "--seed", 7, "--keep", "annual")
    found, members = group(results), group(results, "members")
    parts = {i: members[i].sel(scenario="more", period="2022", park="all").values for i in ("made", "used")}
    share = parts["made"] / 1000 / parts["used"]
    where = {"scenario": "more", "period": "2022"}
    assert cell(found, "probability", "own", "all", **where) == numpy.mean(share >= 0.3)
    numpy.testing.assert_allclose(cell(found, "median", "own", "all", **where), 100 * numpy.quantile(share, 0.5),
                                  rtol=1e-12)


def test_a_sweep_that_kept_no_members_by_park_says_so(folder):
    results, out = analysed(folder, "-n", 10)
    found = group(results)
    assert "sweep with --keep annual" in out and "sweep with --keep annual" in found.attrs["without_members"]
    assert found["probability"].isnull().all()
    expect(found, "own", "north", 40, "met")


def test_a_second_analysis_takes_the_place_of_the_first(folder):
    results, _ = analysed(folder, "-n", 20, "--keep", "annual")
    first = group(results)
    call("analyse", "criteria", results, "-q")
    xarray.testing.assert_identical(first, group(results))


def test_what_is_wrong_is_said_and_nothing_is_written(folder):
    results, _ = analysed(folder)
    plain = os.path.join(folder, "plain.h5")
    model = write(folder, "plain.yaml", MODEL[:MODEL.index("criteria:")])
    call("run", model, "-q", "-o", plain)
    before = open(results, "rb").read()
    for arguments, said in [
            ((results, "-s", "basline"), "did you mean 'baseline'?"), ((results, "--park", "nort"), "'north'"),
            ((results, "--period", "2020"), "expected one of: 2021, 2022"), ((), "expected criteria and one results"),
            ((plain,), "has no criteria"), ((model,), "it is not HDF5"),
            ((results, "--indicator", "own"), "--indicator")]:
        error = call("analyse", "criteria", *arguments, status=2).stderr
        assert said in error, error
    assert open(results, "rb").read() == before


def test_the_frameworks_of_viet_nam_have_sources_and_titles_in_both_languages(folder):
    with open(EIP, encoding="utf-8") as file:
        criteria = yaml.safe_load(file)["criteria"]
    rows = {line.split(",")[0] for line in open("scenarios/evidence/framework.csv", encoding="utf-8")}
    for name, of in criteria.items():
        assert of["source"] in rows and set(of["title"]) == {"en", "vi"}, name
        for target in of.get("sdg", []):
            assert "eip_sdg_" + target.replace(".", "_") in rows, (name, target)
        assert ("of" in of) != ("not_computable" in of), name


def test_thresholds_are_those_of_the_evidence(folder):
    with open(EIP, encoding="utf-8") as file:
        criteria = yaml.safe_load(file)["criteria"]
    with open("scenarios/evidence/framework.csv", encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    asked = {name: of for name, of in criteria.items() if "at_least" in of or "at_most" in of}
    assert rows[asked.pop("a5_env1")["source"]]["note"].startswith("> ;")        # a whole number above 0: at least 1
    assert len(asked) > 5
    for name, of in asked.items():
        row, sign = rows[of["source"]], "at_least" if "at_least" in of else "at_most"
        number, _, unit = str(of[sign]).partition(" ")
        assert (float(number), unit or "1") == (float(row["value"]), row["unit"]), name
        assert row["note"].startswith({"at_least": ">", "at_most": "<"}[sign]), name


def test_the_programme_is_judged_by_its_own_indicators(folder):
    results = os.path.join(folder, "results.h5")
    call("run", SCOREBOARD, "-q", "-s", "as_reported", "-o", results)
    call("analyse", "criteria", results, "-q")
    found = group(results)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = xarray.load_dataset(results, engine="h5netcdf").sel(scenario="as_reported", member=0)
    year = {i: run[i].sel(time=run["time.year"] == 2023).sum("time") for i in
            ("wastewater_untreated", "wastewater_generated", "renewable_energy", "final_energy", "own_power")}
    where = {"scenario": "as_reported", "period": "2023"}
    for park in ("dinh_vu", "hoa_khanh", "amata"):
        of = {i: float(values.sel(park=park)) for i, values in year.items()}
        treated = 100 * (1 - of["wastewater_untreated"] / of["wastewater_generated"])
        green = of["renewable_energy"] / (of["final_energy"] + of["own_power"]) / 0.42
        numpy.testing.assert_allclose(cell(found, "value", "fw_wastewater_treated", park, **where), treated, rtol=1e-9)
        numpy.testing.assert_allclose(cell(found, "value", "fw_renewable", park, **where), green, rtol=1e-9)
        assert 0 < green < 1 and cell(found, "verdict", "fw_renewable", park, **where) == "missed"
    assert found["basis"].sel(criterion="fw_renewable").item() == "recalled"
    assert cell(found, "verdict", "d82_symbiosis", "hoa_khanh", **where) == "not in force"


sys.exit(each_test.run(globals()))
