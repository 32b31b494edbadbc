"""Two builds of parkflow, say of two compilers, sweep one model: are all numbers the same to the bit?

    same_bits.py ONE OTHER MODEL [SWEEP OPTIONS]

Each sweeps with its own threads and back end; texts that name the build are passed over.
"""
import pathlib
import subprocess
import sys
import tempfile

import xarray

GROUPS = (None, "statistics", "difference", "members")


def sweep(program, model, out, options):
    subprocess.run([program, "sweep", model, "-q", "-o", out, *options], check=True)


def main(one, other, model, *options):
    with tempfile.TemporaryDirectory() as folder:
        left, right = pathlib.Path(folder, "one.h5"), pathlib.Path(folder, "other.h5")
        sweep(one, model, left, [*options, "--threads", "1", "--backend", "interpreter"])
        sweep(other, model, right, [*options, "--threads", "3", "--backend", "native"])
        compared = 0
        for group in GROUPS:
            with xarray.open_dataset(left, group=group) as a, xarray.open_dataset(right, group=group) as b:
                if set(a.variables) != set(b.variables):
                    sys.exit(f"/{group or ''} holds other variables")
                for name in a.variables:
                    if not a[name].equals(b[name]):
                        sys.exit(f"/{group or ''}: {name} differs")
                    compared += a[name].size
        print(f"{compared:,} values are the same to the bit")


if __name__ == "__main__":
    main(*sys.argv[1:])
