"""The input that a results file holds stands alone: run by itself, in an empty folder, it gives the same file to the byte.

usage: /usr/bin/python3 tests/cli/test_stored_input.py BINARY     (from the project's folder)
"""
import glob
import os
import shutil
import subprocess
import sys

import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import xarray

import each_test

BINARY = os.path.abspath(sys.argv[1])
MODELS = ("tutorial/park.yaml", "vietnam/programme.yaml")


def run(model, output, *arguments, folder="."):
    done = subprocess.run([BINARY, "run", model, "-q", "-o", output, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{model}: exit {done.returncode}\n{done.stderr}"
    return output


def stored_input(path):
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        return str(data.input.values)


def empty_folder_with(folder, text):
    alone = os.path.join(folder, "alone")
    shutil.rmtree(alone, ignore_errors=True)
    os.mkdir(alone)
    with open(os.path.join(alone, "input.yaml"), "w", encoding="utf-8") as file:
        file.write(text)
    return alone


def assert_same(first, second):
    compared = subprocess.run(["h5diff", first, second], capture_output=True, text=True, timeout=60)
    assert compared.returncode == 0, compared.stdout
    with open(first, "rb") as one, open(second, "rb") as two:
        assert one.read() == two.read(), "the files differ in their bytes"


def test_a_stored_input_alone_gives_the_same_file(folder):
    for model in MODELS:
        first = run(f"scenarios/{model}", os.path.join(folder, "first.h5"))
        alone = empty_folder_with(folder, stored_input(first))
        checked = subprocess.run([BINARY, "check", "input.yaml"], cwd=alone, capture_output=True, text=True, timeout=60)
        assert checked.returncode == 0 and " is right: " in checked.stdout, checked.stderr
        assert_same(first, run("input.yaml", os.path.join(folder, "second.h5"), folder=alone))


def test_a_setting_stands_in_the_stored_input(folder):
    setting = ["--set", "demo.wwtp.limit=1000..2000 m3/day", "--set", "accounting.grid=margin"]
    first = run("scenarios/tutorial/park.yaml", os.path.join(folder, "first.h5"), *setting)
    alone = empty_folder_with(folder, stored_input(first))
    second = run("input.yaml", os.path.join(folder, "second.h5"), folder=alone)
    with xarray.open_dataset(first, engine="h5netcdf") as one, xarray.open_dataset(second, engine="h5netcdf") as two:
        assert one.identical(two.assign_attrs(command=one.attrs["command"]))
        assert "demo.wwtp.limit" in one.parameter.values and one.attrs["command"] != two.attrs["command"]


def test_a_copy_with_blank_lines_elsewhere_gives_the_same_file(folder):
    for model in MODELS:
        copy = os.path.join(folder, "another", "place")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree("scenarios", copy)
        for path in glob.glob(f"{copy}/**/*.yaml", recursive=True):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write("# moved\n\n\n" + text.replace("\n  ", "\n\n  "))
        for path in glob.glob(f"{copy}/**/*.csv", recursive=True):
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write("\ufeff" + text.replace("\r\n", "\n").replace("\n", "\r\n\r\n", 1))
        first = run(f"scenarios/{model}", os.path.join(folder, "first.h5"))
        assert_same(first, run(os.path.join(copy, model), os.path.join(folder, "second.h5")))


def test_no_folder_of_this_machine_is_in_a_stored_input(folder):
    first = run(os.path.abspath("scenarios/tutorial/park.yaml"), os.path.join(folder, "first.h5"))
    text = stored_input(first)
    assert os.path.abspath(".") not in text and "scenarios/" not in text
    assert "\nactivity.csv: |\n" in text


def test_a_change_in_a_table_of_a_series_changes_the_sum(folder):
    shutil.copytree("scenarios", os.path.join(folder, "s"))
    model, table = (os.path.join(folder, "s", "tutorial", name) for name in ("park.yaml", "activity.csv"))
    sums = []
    for old, new in (("", ""), ("96.0", "97.0")):
        with open(table, encoding="utf-8") as file:
            text = file.read()
        with open(table, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new) if old else text)
        with xarray.open_dataset(run(model, os.path.join(folder, "x.h5")), engine="h5netcdf") as data:
            sums.append(data.attrs["input_sha256"])
    assert sums[0] != sums[1]


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
