#!/usr/bin/python3
"""Opens a results file as analysts do, with xarray by h5netcdf and by netCDF4; checks what docs/results.md promises,
of a sweep also of its groups.

Usage: check_results.py FILE.h5
"""
import hashlib
import sys
import warnings

import h5netcdf  # noqa: F401 (both engines are loaded here: Debian's netCDF4 warns of numpy's ABI as it loads)
import h5py
import netCDF4  # noqa: F401
import numpy as np
import xarray as xr

ALL_DIMENSIONS = ["scenario", "member", "park", "time", "flow", "closure", "parameter", "nv"]
LABELS = {
    "scenario": ["scenario_title", "scenario_against"],
    "park": ["park_title"],
    "flow": ["flow_park", "flow_process", "flow_port", "flow_carrier", "flow_direction", "flow_unit"],
    "parameter": ["parameter_unit", "parameter_source"],
}
VALUES = {
    "flow_amount": ("scenario", "member", "flow", "time"),
    "closure_residual": ("scenario", "member", "closure", "time"),
    "parameter_value": ("member", "parameter"),
}
STATISTICS = ("statistic", "scenario", "park", "period")
BESIDE = {"bound": STATISTICS, "exceedance": STATISTICS[1:], "valid": STATISTICS[1:]}
SWEEP_NUMBERS = ["members", "members_failed"]
SWEEP_TEXTS = ["design", "keep", "seed", "function_fingerprint"]
ATTRIBUTES = ["Conventions", "title", "summary", "source", "compiler", "input_sha256", "time_coverage_start",
              "time_coverage_end"]


def check_dimensions(data):
    present = [name for name in ALL_DIMENSIONS if name in data.sizes]
    assert list(data.sizes) == present, f"dimensions {list(data.sizes)}, expected {present}"
    assert present[:4] == ALL_DIMENSIONS[:4] and data.sizes["nv"] == 2
    for name in present:
        assert name == "nv" or name in data.coords, f"dimension {name} has no coordinate"
    assert data["member"].dtype == np.int64


def check_labels(data):
    for dimension, names in LABELS.items():
        for name in names:
            assert (name in data.variables) == (dimension in data.sizes), f"{name} is where {dimension} is not"
            if name in data.variables:
                assert data[name].dims == (dimension,)
                assert all(isinstance(text, str) for text in data[name].values), f"{name} holds other than text"
                assert name in data.coords, f"{name} is no coordinate"
    known = set(data["scenario"].values)
    for text in data["scenario_against"].values:
        assert text == "" or text in known, f"a scenario is against '{text}', which is none"


def check_time(data):
    bounds = data["time_bnds"].values
    assert data["time"].dtype == "datetime64[ns]"
    assert data["time"].encoding["calendar"] == "proleptic_gregorian"
    assert bounds.dtype == "datetime64[ns]"
    assert (bounds[:, 0] == data["time"].values).all(), "a step does not begin at its time"
    assert (bounds[1:, 0] == bounds[:-1, 1]).all(), "steps leave a gap"
    day = np.timedelta64(1, "D")
    assert str(bounds[0, 0])[:10] == data.attrs["time_coverage_start"]
    assert str(bounds[-1, 1] - day)[:10] == data.attrs["time_coverage_end"]


def check_values(data):
    for name, dimensions in VALUES.items():
        if dimensions[1 if len(dimensions) == 2 else 2] in data.sizes:
            assert data[name].dims == dimensions, f"{name}: {data[name].dims}"
            assert np.isfinite(data[name].values).all(), f"{name} is not finite"
    if "closure" in data.sizes:
        assert data["closure_residual"].attrs["maximum"] == abs(data["closure_residual"]).max()


def check_indicators(data):
    indicators = [name for name in data.data_vars if data[name].dims == ("scenario", "member", "park", "time")]
    assert indicators, "no indicators"
    for name in indicators:
        variable = data[name]
        assert variable.dtype == np.float64
        assert np.isnan(variable.encoding["_FillValue"])
        for attribute in ["units", "cell_methods"]:
            assert isinstance(variable.attrs.get(attribute), str), f"{name} has no {attribute}"
        assert variable.attrs["cell_methods"].startswith("time: ")
        if variable.attrs["cell_methods"] == "time: sum":
            assert np.isfinite(variable.values).all(), f"{name} is an amount and has missing values"
        assert {"scenario_title", "scenario_against", "park_title"} <= set(variable.coords)


def check_attributes(data):
    for name in ATTRIBUTES:
        assert isinstance(data.attrs.get(name), str), f"attribute {name} is missing"
    assert data.attrs["Conventions"] == "CF-1.11, ACDD-1.3"
    assert data.attrs["source"].startswith("parkflow ")
    assert data["input"].dims == ()
    text = data["input"].values.item()
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == data.attrs["input_sha256"], "the input is not that of the SHA-256"


def check_sweep_attributes(root):
    for name in SWEEP_TEXTS:
        assert isinstance(root.attrs.get(name), str), f"attribute {name} is missing"
    for name in SWEEP_NUMBERS:
        assert isinstance(root.attrs.get(name), np.int64), f"attribute {name} is no whole number"
    assert root.attrs["keep"] in ["paths", "annual", "statistics"]
    assert root.attrs["members_failed"] <= root.attrs["members"]


def check_periods(group):
    first, end = group["period_first_day"], group["period_end_day"]
    assert all(isinstance(text, str) for text in group["period"].values)
    assert first.dtype == "datetime64[ns]" and first.dims == end.dims == ("period",)
    assert (first < end).all(), "a period ends before it begins"


def check_beside(group, name):
    """NAME_bound and what else may stand beside the statistics of an indicator."""
    assert f"{name}_bound" in group, f"{name} has no bound"
    for ending, dimensions in BESIDE.items():
        if f"{name}_{ending}" in group:
            assert group[f"{name}_{ending}"].dims == dimensions, f"{name}_{ending}"
    assert (group[f"{name}_bound"].fillna(0) >= 0).all(), f"{name}_bound is negative"
    assert group[f"{name}_bound"].attrs["units"] == group[name].attrs["units"]
    if f"{name}_exceedance" in group:
        share = group[f"{name}_exceedance"]
        assert np.isfinite(share.attrs["threshold"]) and ((share >= 0) & (share <= 1)).all()
    if f"{name}_valid" in group:
        assert (group[f"{name}_valid"] <= group.attrs["members"]).all(), f"{name} has more values than members"


def check_statistics(group, root):
    assert list(group.sizes)[:4] == ["scenario", "park", "period", "statistic"]
    assert list(group["statistic"].values[:4]) == ["mean", "sd", "min", "max"]
    assert group["park"].values[-1] == "all"
    assert isinstance(group.attrs["comment"], str) and isinstance(group.attrs["members"], np.int64)
    check_periods(group)
    indicators = [name for name in group.data_vars if name in root.data_vars]
    assert indicators == [name for name in root.data_vars if root[name].dims == ("scenario", "member", "park", "time")]
    for name in indicators:
        assert group[name].dims == STATISTICS, f"{name}: {group[name].dims}"
        assert {"period_first_day", "period_end_day"} <= set(group[name].coords)
        for attribute in ["units", "long_name", "long_name_vi"]:
            assert group[name].attrs.get(attribute) == root[name].attrs.get(attribute), f"{name}: {attribute}"
        check_beside(group, name)


def check_difference(group, root):
    check_statistics(group, root)
    references = dict(zip(root["scenario"].values, root["scenario_against"].values))
    for name, against in zip(group["scenario"].values, group["scenario_against"].values):
        assert references[name] == against != "", f"{name} is against '{against}'"


def check_members(group, root):
    last = "time" if "time" in group.sizes else "period"
    numbers = group["member"].values
    assert list(group.sizes)[:4] == ["scenario", "member", "park", last]
    assert numbers.dtype == np.int64 and (np.diff(numbers) > 0).all() and numbers[-1] < root.attrs["members"]
    for name, variable in group.data_vars.items():
        if name in root.data_vars and name != "parameter_value" and name != "time_bnds":
            assert variable.dims == ("scenario", "member", "park", last), f"{name}: {variable.dims}"
            assert variable.attrs["units"] == root[name].attrs["units"]
            assert variable.attrs["cell_methods"].startswith(f"{last}: ")
    if last == "time":
        check_time(group.assign_attrs(root.attrs))
    else:
        check_periods(group)
    if "parameter" in group.sizes:
        assert group["parameter_value"].dims == ("member", "parameter")
        assert (group["parameter"].values == root["parameter"].values).all()


def check_faults(group, root):
    assert 1 <= group.sizes["fault"] <= min(1000, root.attrs["members_failed"])
    assert group["member"].dtype == np.int64
    for name in ["scenario", "step", "cause"]:
        assert group[name].dims == ("fault",) and all(isinstance(text, str) for text in group[name].values)
    assert set(group["scenario"].values) <= set(root["scenario"].values)


GROUPS = {"statistics": check_statistics, "difference": check_difference, "members": check_members,
          "faults": check_faults}


def check_groups(path, root):
    with h5py.File(path) as file:
        present = [name for name in file if isinstance(file[name], h5py.Group)]
    if "design" not in root.attrs:
        assert not present, f"a run has groups: {present}"
        return
    check_sweep_attributes(root)
    assert "statistics" in present and set(present) <= {*GROUPS, "analysis"}, f"groups {present}"
    for name in present:
        if name != "analysis":
            opened = [open_results(path, engine, name) for engine in ["h5netcdf", "netcdf4"]]
            for group in opened:
                GROUPS[name](group, root)
            xr.testing.assert_identical(*opened)


def check_text_is_utf8(path):
    def check(name, item):
        for key, value in item.attrs.items():
            kind = h5py.h5a.open(item.id, key.encode()).get_type()
            if isinstance(kind, h5py.h5t.TypeStringID) and key not in ["CLASS", "NAME"]:  # HDF5's own are ASCII
                assert kind.get_cset() == h5py.h5t.CSET_UTF8, f"{name}: {key} is not declared as UTF-8"
        text = h5py.check_string_dtype(item.dtype) if isinstance(item, h5py.Dataset) else None
        assert text is None or text.encoding == "utf-8", f"{name} is not declared as UTF-8"

    with h5py.File(path) as file:
        check("/", file)
        file.visititems(check)


def open_results(path, engine, group=None):
    with xr.open_dataset(path, engine=engine, group=group) as data:
        return data.load()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    warnings.simplefilter("error")
    opened = {engine: open_results(sys.argv[1], engine) for engine in ["h5netcdf", "netcdf4"]}
    for data in opened.values():
        for check in [check_dimensions, check_labels, check_time, check_values, check_indicators, check_attributes]:
            check(data)
    xr.testing.assert_identical(opened["h5netcdf"], opened["netcdf4"])
    check_groups(sys.argv[1], opened["netcdf4"])
    check_text_is_utf8(sys.argv[1])
    print(f"{sys.argv[1]}: as promised, by both engines")


if __name__ == "__main__":
    main()
