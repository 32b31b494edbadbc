#!/usr/bin/env python3
"""Damages the tutorial's files at random and gives them to parkflow: whatever it is given, it must end within ten
seconds with exit status 0, 1 or 2, say why where that is not 0, and trip no sanitizer. One seed does one damage.

usage: mutate_models.py BINARY [N] [--seed S] [--keep FOLDER] [--only NUMBER] [--jobs J]"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TIMEOUT = 10
MODEL = "tutorial/park.yaml"
# the model itself most often, what it uses now and then
TARGETS = [MODEL] * 12 + ["tutorial/factors.yaml"] * 3 + ["tutorial/activity.csv"] + [
    f"library/{name}.yaml" for name in ("carriers", "energy", "water", "materials", "firms", "indicators", "units")]
NUMBERS = """0 -1 1e308 -1e308 1e-320 nan inf -inf 0..0 9..1 1e999 0x10 1e 99999999999999999999 {} [] '' ~ none
    - 1/0""".split() + ["0 %", "100 %", "-5 %", "3 kg CH4", "2 m3/month", "1e6 m3/s"]
WORDS = """is in out up_to set sum(*.*.out) prev(held) $key $fuel.unit * &a *a !!int % @ ` # | > { } [ ] " ' \\
    2020-02-30 2019-13 0000 a..b (((((( ü""".split() + [
    "? ", "- ", ": ", "\t", "Nhà máy", "\u0000", "\ufeff", "\u202e", "\U0001f9ea", "x" * 300]


def words_of(text):
    return re.findall(r"[A-Za-z_][A-Za-z_0-9.]*|[0-9][0-9.e]*", text)


def change_line(rng, lines):
    at = rng.randrange(len(lines))
    kind = rng.randrange(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    elif kind == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif kind == 4:
        lines[at] = rng.choice(["  ", "    ", " "]) + lines[at]
    else:
        lines[at] = lines[at].removeprefix(rng.choice(["  ", "    ", " "]))


def change_character(rng, text):
    at = rng.randrange(len(text))
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1:]
    if kind == 1:
        return text[:at] + chr(rng.randrange(1, 127)) + text[at + 1:]
    if kind == 2:
        return text[:at] + rng.choice(WORDS) + text[at:]
    return text[:at + 1] + text[at:]


def change_word(rng, text):
    found = list(re.finditer(r"[A-Za-z_][A-Za-z_0-9.]*|[0-9][0-9.e]*", text))
    if not found:
        return text
    word = rng.choice(found)
    to_number = word.group()[0].isdigit() and rng.random() < 0.7
    new = rng.choice(NUMBERS if to_number else words_of(text) + WORDS)
    return text[:word.start()] + new + text[word.end():]


def change_block(rng, text):
    """Cuts, doubles or moves a run of characters, or ends the file early."""
    start = rng.randrange(len(text))
    end = min(len(text), start + rng.randrange(1, 200))
    kind = rng.randrange(4)
    if kind == 0:
        return text[:start] + text[end:]
    if kind == 1:
        return text[:end] + text[start:]
    if kind == 2:
        return text[:start]
    to = rng.randrange(len(text))
    return text[:to] + text[start:end] + text[to:]


def damage(rng, text):
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 8])):
        if not text:
            return text
        kind = rng.random()
        if kind < 0.3:
            lines = text.split("\n")
            change_line(rng, lines)
            text = "\n".join(lines)
        elif kind < 0.6:
            text = change_word(rng, text)
        elif kind < 0.9:
            text = change_character(rng, text)
        else:
            text = change_block(rng, text)
    return text


def environment():
    return dict(os.environ, LC_ALL="C.UTF-8", ASAN_OPTIONS="exitcode=99:detect_leaks=1",
                UBSAN_OPTIONS="exitcode=99:print_stacktrace=1")


def run(command, folder):
    """Exit status (None after the timeout) and standard error."""
    process = subprocess.Popen(command, cwd=folder, env=environment(), start_new_session=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        _, err = process.communicate(timeout=TIMEOUT)
        return process.returncode, err.decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, ""


def fault_of(verb, status, err, results):
    """What is wrong with how the program ended, or None."""
    if status is None:
        return f"{verb}: no end within {TIMEOUT} s"
    if "Sanitizer" in err or "runtime error" in err:
        return f"{verb}: {re.search('.*(?:Sanitizer|runtime error).*', err).group().strip()}"
    if status not in (0, 1, 2):
        return f"{verb}: exit status {status}"
    if status == 1 and verb == "check":
        return "check: exit status 1, which is for runs"
    if status and " error: " not in err:
        return f"{verb}: exit status {status} without an error's message"
    if not status and " error: " in err:
        return f"{verb}: an error's message with exit status 0"
    if "(null)" in err or "did you mean ''" in err:
        return f"{verb}: a hole in a message"
    if verb == "run" and (status == 0) != os.path.exists(results):
        return f"run: exit status {status}, and the results file {'stands' if status else 'is missing'}"
    return None


def copy_models(source, folder):
    for part in ("tutorial", "library"):
        shutil.copytree(os.path.join(source, part), os.path.join(folder, part))


def attempt(binary, source, seed, number, keep):
    """One damaged model: its fault or None, the file that was damaged, the exit status of the last verb."""
    rng = random.Random(f"{seed}:{number}")
    target = rng.choice(TARGETS)
    with tempfile.TemporaryDirectory(prefix="parkflow-fuzz-") as folder:
        copy_models(source, folder)
        path = os.path.join(folder, target)
        with open(path, encoding="utf-8") as file:
            text = damage(rng, file.read())
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        results = os.path.join(folder, "results.h5")
        status, err = run([binary, "check", MODEL], folder)
        fault = fault_of("check", status, err, results)
        if fault is None and status == 0:
            status, err = run([binary, "run", "-q", "-o", results, MODEL], folder)
            fault = fault_of("run", status, err, results)
            if fault is None and status == 2:
                fault = "run: exit status 2 where check found nothing"
        if fault and keep:
            kept = os.path.join(keep, f"{seed}-{number}")
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept)
            with open(os.path.join(kept, "fault.txt"), "w", encoding="utf-8") as file:
                file.write(f"{fault}\ndamaged: {target}\n{err}")
        return fault, target, status


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("binary")
    parser.add_argument("count", nargs="?", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for the inputs that fail")
    parser.add_argument("--only", type=int, help="the number of one attempt to repeat")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    scenarios = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scenarios")
    numbers = range(options.count) if options.only is None else [options.only]
    ends, failed = {}, 0
    with tempfile.TemporaryDirectory(prefix="parkflow-fuzz-") as source, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        copy_models(scenarios, source)
        status, err = run([binary, "check", MODEL], source)
        if status:
            sys.exit(f"the undamaged model does not pass `check`, exit status {status}:\n{err}")
        attempts = pool.map(lambda number: attempt(binary, source, options.seed, number, options.keep), numbers)
        for number, (fault, target, status) in zip(numbers, attempts):
            ends[status] = ends.get(status, 0) + 1
            if fault:
                failed += 1
                print(f"{options.seed}:{number} ({target}): {fault}", flush=True)
    print("exit statuses: " + ", ".join(f"{status}: {ends[status]}" for status in sorted(ends, key=str)))
    print(f"{sum(ends.values()) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
