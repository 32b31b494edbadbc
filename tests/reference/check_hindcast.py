"""docs/validation.md, its posterior and what it is made of: the kept tables are those of the present model, savings by
member are those of a run, implied factors and prices those of the evidence, and the posterior bears on the programme.

usage: /usr/bin/python3 tests/reference/check_hindcast.py BINARY     (from the project's folder)
"""
import pathlib
import subprocess
import sys

sys.path[:0] = ["scripts/validation", "tests/cli"]
import each_test  # noqa: E402
import hindcast  # noqa: E402
import numpy  # noqa: E402
import reports  # noqa: E402
import xarray  # noqa: E402
import yaml  # noqa: E402

BINARY = sys.argv[1]
PROGRAMME = "scenarios/vietnam/programme.yaml"


def test_the_kept_tables_and_posterior_are_those_of_the_present_model(folder):
    done = subprocess.run([sys.executable, "scripts/validation/hindcast.py", "--parkflow", BINARY], capture_output=True,
                          text=True, timeout=600)
    assert done.returncode == 0, "made anew by `scripts/validation/hindcast.py --update`:\n" + done.stdout + done.stderr


def test_a_rate_by_member_is_what_check_prints(folder):
    """The arithmetic on a sweep of one member at the medians, against the figure that `check --run` has."""
    checks = hindcast.load_checks("programme")
    checks = {name: checks[name] for name in ("three_parks_water", "three_parks_money", "hiep_phuoc_electricity")}
    printed = hindcast.call(BINARY, "check", PROGRAMME, "--run", hindcast.MARGIN).splitlines()
    for name, check in checks.items():
        out = pathlib.Path(folder) / "median.h5"
        settings = [f"--set=accounting.freeze.{key}={value}" for key, value in check.get("freeze", {}).items()]
        hindcast.call(BINARY, "sweep", PROGRAMME, "-n", 1, "--design", "median", "-s", "as_reported",
                      "--keep", "annual", hindcast.MARGIN, *settings, "-q", "-o", out)
        with xarray.open_dataset(out, engine="h5netcdf", group="members") as data:
            got = float(hindcast.saved(data, check)[0])
        line = next(text for text in printed if text.split()[:1] == [name])
        want = float(line.split(" +- ")[-2].split()[-1])
        assert abs(got / want - 1) < 0.006, (name, got, line)


def test_implied_factors_and_prices_are_those_worked_out_by_hand(folder):
    factors, prices = reports.factors()[1], reports.prices()[1]
    assert [row[2] for row in factors] == ["0.83", "0.94", "1.04", "0.70", "0.87"]
    # 6.5 million USD at 23 050.24 VND over 22 GWh; 24 and 93 billion VND over 32.598 GWh; 30, 42 and 96 hours of 168
    assert prices[0][2] == f"{6.5e6 * 23050.24 / 22e6:.0f}"
    assert [prices[4][2], prices[5][2]] == [f"{24e9 / 32.598e6:.0f}", f"{93e9 / 32.598e6:.0f}"]
    assert prices[3][3] == f"{(30 * 2871 + 42 * 1007 + 96 * 1555) / 168:.0f}"


def test_the_posterior_of_the_pilot_bears_on_the_programme_and_leaves_no_orphan(folder):
    text = hindcast.call(BINARY, "check", "scenarios/vietnam/programme_fitted.yaml", "--explain", "carried_out_water")
    posterior = yaml.safe_load(hindcast.POSTERIOR.read_text(encoding="utf-8"))["parameters"]["carried_out_water"]
    assert str(posterior["lognormal"]["median"])[:8] in text, text
    evidence = hindcast.call(BINARY, "check", "scenarios/vietnam/programme_fitted.yaml", "--evidence")
    assert "No orphans" in evidence, evidence


def test_nothing_that_was_fitted_or_derived_counts_as_a_test(folder):
    results = {}
    for model in hindcast.CHECKS:
        says = {name: {"says": "agrees"} for name in hindcast.load_checks(model)}
        results[model] = {"before": says, "after": says}
    counted = [line.split("|")[3].strip() for line in hindcast.counts(results).splitlines()[2:]]
    known = [hindcast.load_checks(model).values() for model in hindcast.CHECKS]
    tests = [sum(check["use"] == "test" and "derived_from" not in check for check in checks) for checks in known]
    assert numpy.array_equal(list(map(int, counted)), numpy.repeat(tests, 2)), (counted, tests)


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
