"""Sweeps as a user runs them: the same bits whatever the threads, back end and shards, stops and kills survived,
members run again, statistics against NumPy's, and what is refused."""
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

import numpy
import xarray

PARKFLOW = os.path.abspath(sys.argv.pop(1))
MODEL = "scenarios/tutorial/park.yaml"
PROGRAMME = "scenarios/vietnam/programme.yaml"


def parkflow(*arguments, **options):
    return subprocess.run([PARKFLOW, *map(str, arguments)], capture_output=True, text=True, **options)


def members(text):
    return int(re.search(r"(\d+) of (\d+) members", text).group(1))


class SweepTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def sweep(self, name, *arguments, model=MODEL, status=0, **options):
        out = self.folder / name
        done = parkflow("sweep", model, "-q", "-o", out, *arguments, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return out

    def open(self, path, group=None):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return xarray.open_dataset(path, group=group, engine="h5netcdf")

    def assert_same(self, one, other):
        done = subprocess.run(["h5diff", one, other], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)  # texts, which it cannot compare, are remarked on
        self.assertNotIn("differences found", done.stdout)

    # --- bits ---

    def test_threads_leave_the_bits_as_they_are(self):
        one = self.sweep("one.h5", "-n", 700, "--threads", 1)
        for threads in (2, 3, 8):
            self.assert_same(one, self.sweep(f"{threads}.h5", "-n", 700, "--threads", threads))

    def test_native_code_gives_the_interpreters_bits(self):
        one = self.sweep("one.h5", "-n", 300, "--backend", "interpreter", "--keep", "paths")
        self.assert_same(one, self.sweep("two.h5", "-n", 300, "--backend", "native", "--keep", "paths"))

    def test_the_programme_has_the_same_bits_for_any_threads_shards_and_back_end(self):
        asked = ["-n", 96, "-s", "full", "-s", "as_reported", "--keep", "annual", "--design", "sobol"]
        one = self.sweep("one.h5", *asked, "--threads", 1, "--backend", "interpreter", model=PROGRAMME)
        self.assert_same(one, self.sweep("two.h5", *asked, "--threads", 2, "--backend", "native", model=PROGRAMME))
        for shard in (3, 1, 2):
            self.sweep("shards.h5", *asked, "--shard", f"{shard}/3", model=PROGRAMME)
        self.assert_same(one, self.sweep("shards.h5", *asked, "--merge", 3, model=PROGRAMME))

    def test_shards_are_the_whole_for_each_design(self):
        for design in ("monte_carlo", "latin_hypercube", "sobol", "saltelli", "jansen", "morris", "one_at_a_time"):
            with self.subTest(design):
                asked = ["-n", 200, "--design", design, "--vary", "*wwtp*"]
                whole = self.sweep("whole.h5", *asked)
                for shard in (2, 4, 1, 3):
                    self.sweep("parts.h5", *asked, "--shard", f"{shard}/4")
                self.assert_same(whole, self.sweep("parts.h5", *asked, "--merge", 4))
                self.assertEqual(list(self.folder.glob("*.part")), [])

    # --- stops ---

    def test_ctrl_c_leaves_what_a_resume_ends_with_the_same_values(self):
        whole = self.sweep("whole.h5", "-n", 20000)
        running = subprocess.Popen([PARKFLOW, "sweep", MODEL, "-n", "20000", "-o", self.folder / "cut.h5"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_for(self.folder / "cut.h5.part" / "log", 1 << 16)
        running.send_signal(signal.SIGINT)
        errors = running.communicate()[1]
        self.assertEqual(running.returncode, 1, errors)
        self.assertIn("--resume", errors)
        self.assertTrue(0 < members(errors) < 20000, errors)
        self.assertFalse((self.folder / "cut.h5").exists())
        self.assert_same(whole, self.sweep("cut.h5", "-n", 20000, "--resume"))
        self.assertEqual(list(self.folder.glob("*.part")), [])

    def wait_for(self, path, size):
        for _ in range(2000):
            if path.exists() and path.stat().st_size >= size:
                return
            time.sleep(0.005)
        self.fail(f"{path} does not come")

    def test_a_kill_at_any_point_loses_nothing_that_a_resume_does_not_bring_back(self):
        whole = self.sweep("whole.h5", "-n", 6000, "--keep", "annual")
        for delay in (0.02, 0.1, 0.2, 0.4, 0.7):
            running = subprocess.Popen([PARKFLOW, "sweep", MODEL, "-q", "-n", "6000", "--keep", "annual", "-o",
                                        self.folder / "cut.h5"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(delay)
            running.kill()
            running.communicate()
            if (self.folder / "cut.h5.part").exists():
                self.sweep("cut.h5", "-n", 6000, "--keep", "annual", "--resume")
            if (self.folder / "cut.h5").exists():
                self.assert_same(whole, self.folder / "cut.h5")
                (self.folder / "cut.h5").unlink()

    def test_another_sweep_is_not_resumed(self):
        self.sweep("cut.h5", "-n", 100, "--shard", "1/2")
        for other in (["-n", 101], ["-n", 100, "--seed", 2], ["-n", 100, "--set", "demo.wwtp.limit=4000 m3/day"]):
            done = parkflow("sweep", MODEL, "-o", self.folder / "cut.h5", *other, "--shard", "1/2", "--resume")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("cut.h5.1-of-2.part", done.stderr)

    def test_shards_that_are_missing_or_unfinished_are_not_merged(self):
        self.sweep("cut.h5", "-n", 100, "--shard", "1/2")
        done = parkflow("sweep", MODEL, "-n", 100, "-o", self.folder / "cut.h5", "--merge", 2)
        self.assertEqual(done.returncode, 1)
        self.assertIn("2-of-2.part", done.stderr)
        self.assertFalse((self.folder / "cut.h5").exists())

    def test_a_full_disk_leaves_what_is_done_and_says_so(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        done = parkflow("sweep", MODEL, "-n", 20000, "--keep", "paths", "-o", self.folder / "full.h5",
                        preexec_fn=small_files)
        self.assertEqual(done.returncode, 1)
        self.assertIn("full.h5.part", done.stderr)
        self.assertFalse((self.folder / "full.h5").exists())

    # --- what is kept ---

    def test_statistics_are_those_of_the_members(self):
        path = self.sweep("all.h5", "-n", 3000, "--keep", "annual", "--quantiles", "0.01,0.5,0.9")
        kept, statistics = self.open(path, "members"), self.open(path, "statistics")
        changes = self.open(path, "difference")
        for name in ("ghg_total", "final_energy", "freshwater_withdrawal"):
            values = kept[name].transpose("member", "scenario", "park", "period").values
            self.compare(statistics, name, values)
            base = kept[name].sel(scenario=changes["scenario_against"].values)
            difference = (kept[name].sel(scenario=changes["scenario"].values).values - base.values)
            self.compare(changes, name, numpy.moveaxis(difference, kept[name].dims.index("member"), 0))

    def compare(self, statistics, name, values):
        wanted = {"mean": values.mean(0), "sd": values.std(0, ddof=1), "min": values.min(0), "max": values.max(0),
                  "p1": numpy.quantile(values, 0.01, 0), "p50": numpy.quantile(values, 0.5, 0),
                  "p90": numpy.quantile(values, 0.9, 0)}
        for statistic, value in wanted.items():
            got = statistics[name].sel(statistic=statistic).values
            bound = statistics[name + "_bound"].sel(statistic=statistic).values
            slack = 1e-12 * numpy.abs(values).max() + bound
            self.assertTrue((numpy.abs(got - value) <= slack).all(), (name, statistic))
        spread = values.max(0) - values.min(0)
        narrow = statistics[name + "_bound"].sel(statistic="p50").values <= 0.02 * spread + 1e-300
        self.assertTrue(narrow.all(), name)

    def test_a_member_runs_again_to_the_same_bits(self):
        path = self.sweep("paths.h5", "-n", 50, "--keep", "paths", "--design", "latin_hypercube", "--seed", 7)
        kept = self.open(path, "members")
        for member in (0, 31, 49):
            again = self.folder / f"member{member}.h5"
            done = parkflow("run", "--member", member, "--of", path, "-q", "--flows", "-o", again)
            self.assertEqual(done.returncode, 0, done.stderr)
            run = self.open(again)
            self.assertGreater(run.sizes["flow"], 10)
            self.assertEqual(run["member"].values.tolist(), [member])
            for name in kept.data_vars:
                if {"member", "time"} <= set(kept[name].dims):
                    one = kept[name].isel(member=member).sel(park=run["park"].values)
                    self.assertTrue(numpy.array_equal(one.values, run[name].isel(member=0).values, equal_nan=True),
                                    name)
            self.assertTrue((kept["parameter_value"].isel(member=member).values
                             == run["parameter_value"].isel(member=0).values).all())

    def test_the_run_at_the_medians_stands_in_the_root(self):
        path, plain = self.sweep("sweep.h5", "-n", 20), self.folder / "run.h5"
        self.assertEqual(parkflow("run", MODEL, "-q", "-o", plain).returncode, 0)
        sweep, run = self.open(path), self.open(plain)
        for name in set(run.data_vars) - {"closure_residual"}:  # which a sweep tests, and does not keep
            self.assertTrue(sweep[name].equals(run[name]), name)

    def test_exceedance_is_the_share_of_members_above(self):
        path = self.sweep("all.h5", "-n", 400, "--keep", "annual", "--threshold", "ghg_total=9000")
        values = self.open(path, "members")["ghg_total"].transpose("member", ...)
        share = self.open(path, "statistics")["ghg_total_exceedance"]
        self.assertTrue((share.values == (values.values > 9000).mean(0)).all())
        self.assertEqual(share.attrs["threshold"], 9000)

    def test_statistics_by_step_add_up_to_those_by_year_in_the_mean(self):
        step = self.open(self.sweep("step.h5", "-n", 200, "--by", "step"), "statistics")
        year = self.open(self.sweep("year.h5", "-n", 200), "statistics")
        total = step["ghg_total"].sel(statistic="mean", park="all").sum("period").values
        whole = year["ghg_total"].sel(statistic="mean", park="all").isel(period=-1).values
        self.assertTrue(numpy.allclose(total, whole, rtol=1e-9))

    def test_members_of_a_list_have_its_values(self):
        names = self.open(self.sweep("two.h5", "-n", 2), "members")
        parameters = names["parameter"].values
        low = names["parameter_value"].values.min(0)
        listed = self.folder / "list.csv"
        listed.write_text(f"{parameters[0]},{parameters[3]}\n{float(low[0])!r},{float(low[3])!r}\n")
        kept = self.open(self.sweep("list.h5", "-n", 1, "--design", "list", "--list", listed), "members")
        values = kept["parameter_value"].isel(member=0).values
        self.assertEqual((values[0], values[3]), (low[0], low[3]))
        listed.unlink()  # the results file has it
        again = self.folder / "again.h5"
        done = parkflow("run", "--member", 0, "--of", self.folder / "list.h5", "-q", "-o", again)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.open(again)["parameter_value"].isel(member=0).values == values).all())

    # --- what is refused ---

    def test_what_is_wrong_is_said_and_nothing_is_written(self):
        listed = self.folder / "list.csv"
        listed.write_text("demo.nothing\n1\n")
        cases = [
            (["-n", "0"], "at least 1"),
            (["-n", "10", "--design", "sobool"], "sobol"),
            (["-n", "10", "--keep", "path"], "paths"),
            (["-n", "10", "--threshold", "ghg_totl=3"], "ghg_total"),
            (["-n", "10", "--threshold", "ghg_total"], "INDICATOR=NUMBER"),
            (["-n", "10", "--quantiles", "0.5,2"], "between 0 and 1"),
            (["-n", "10", "--shard", "5/4"], "K/N"),
            (["-n", "10", "--vary", "nothing*"], "nothing*"),
            (["-n", "10", "--design", "list"], "list"),
            (["-n", "1", "--design", "list", "--list", listed], "demo.nothing"),
            (["-n", "10", "--resume"], "resume"),
            (["-n", "10", "-s", "ful"], "scenario"),
        ]
        for arguments, said in cases:
            with self.subTest(arguments):
                out = self.folder / "none.h5"
                done = parkflow("sweep", MODEL, "-o", out, *arguments)
                self.assertIn(done.returncode, (1, 2) if "--resume" in arguments else (2,), done.stderr)
                self.assertIn(said, done.stderr)
                self.assertEqual(list(self.folder.glob("none*")), [])


if __name__ == "__main__":
    unittest.main()
