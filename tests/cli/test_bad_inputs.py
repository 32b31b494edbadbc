#!/usr/bin/env python3
"""Gives parkflow the bad inputs of tests/cli/bad/ and compares what it says with the golden files beside them.

usage, from the root of the repository: test_bad_inputs.py BINARY [NAME ...] [--update]

A golden file, NAME.expected, is a transcript: a line `$ parkflow ...` is run, what follows is its standard error, and
the line `exit N` its exit status. `--update` writes what the program says now; read the difference before you keep it.
Beyond the transcript each command must leave no trace: nothing on standard output, and results that stand already keep
their bytes. A model that `check` refuses is refused by `run` in the same words; one that fails only when it runs passes
`check`."""
import glob
import os
import shlex
import subprocess
import sys
import tempfile

FOLDER = "tests/cli/bad"
STANDING = b"results of an earlier run\n"
TIMEOUT = 20


def run(binary, arguments):
    """Exit status, standard output, standard error."""
    try:
        ended = subprocess.run([binary, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT,
                               env=dict(os.environ, LC_ALL="C.UTF-8"))
    except subprocess.TimeoutExpired:
        return f"none: no end within {TIMEOUT} s", "", ""
    return ended.returncode, ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace")


def run_over_results(binary, arguments):
    """As `run`, with results that stand already where the run would write; and a remark if they were touched."""
    with tempfile.TemporaryDirectory(prefix="parkflow-bad-") as folder:
        path = os.path.join(folder, "results.h5")
        with open(path, "wb") as file:
            file.write(STANDING)
        status, out, err = run(binary, [arguments[0], "-q", "-o", path, *arguments[1:]])
        with open(path, "rb") as file:
            kept = file.read() == STANDING
        alone = os.listdir(folder) == ["results.h5"]
    return status, out, err, "" if kept and alone else "the results that stood there were touched\n"


def transcript_of(binary, command):
    """What a command says, as the golden file has it, and what is wrong with it beyond that."""
    arguments = shlex.split(command)
    model_verb = arguments[:1] in (["check"], ["run"]) and sum(a.endswith(".yaml") for a in arguments) == 1
    wrong = ""
    if arguments[:1] == ["run"] and model_verb and "-o" not in arguments:
        status, out, err, wrong = run_over_results(binary, arguments)
        checked, _, check_err = run(binary, ["check", *[a for a in arguments[1:] if a.endswith(".yaml")]])
        if status == 1 and (checked or check_err):
            wrong += f"`check` does not pass a model that fails only when it runs:\n{check_err}"
    else:
        status, out, err = run(binary, arguments)
        if model_verb and arguments[0] == "check" and status == 2 and err.startswith(FOLDER):
            again, run_out, run_err, touched = run_over_results(binary, ["run", *arguments[1:]])
            wrong += touched
            if (again, run_out, run_err) != (status, "", err):
                wrong += f"`run` says something else than `check`, with exit status {again}:\n{run_out}{run_err}"
    if out:
        wrong += f"standard output is not empty:\n{out}"
    return f"$ parkflow {command}".rstrip() + f"\n{err}exit {status}\n", wrong


def commands_of(golden):
    return [line.removeprefix("$ parkflow").strip() for line in golden.splitlines() if line.startswith("$ parkflow")]


def check_case(binary, path, update):
    """True if the case passes; prints how it does not."""
    with open(path, encoding="utf-8") as file:
        golden = file.read()
    parts = [transcript_of(binary, command) for command in commands_of(golden)]
    found = "".join(text for text, _ in parts)
    wrong = "".join(remark for _, remark in parts)
    if update and found != golden:
        with open(path, "w", encoding="utf-8") as file:
            file.write(found)
        golden = found
    if not parts:
        wrong += "the golden file names no command\n"
    if found != golden:
        expected_lines, found_lines = golden.splitlines(), found.splitlines()
        wrong += "".join(f"  expected: {line}\n" for line in expected_lines if line not in found_lines)
        wrong += "".join(f"  found:    {line}\n" for line in found_lines if line not in expected_lines)
        wrong += "" if set(expected_lines) ^ set(found_lines) else "  the lines stand in another order\n"
    if wrong:
        print(f"FAILED {os.path.basename(path).removesuffix('.expected')}\n{wrong}")
    return not wrong


def main(arguments):
    update = "--update" in arguments
    words = [word for word in arguments if word != "--update"]
    if not words:
        sys.exit(__doc__)
    binary = os.path.abspath(words[0])
    named = [os.path.join(FOLDER, f"{name}.expected") for name in words[1:]]
    paths = named or sorted(glob.glob(f"{FOLDER}/*.expected"))
    results = [check_case(binary, path, update) for path in paths]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if not all(results) or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
