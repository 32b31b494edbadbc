#!/usr/bin/python3
"""Runs every command of the pages under docs/ that show what comes out, in order, in a copy of the tree, and compares
what it prints with the page. (The commands of all other pages: check_pages.py.)

Usage: check_tutorial.py BINARY [--update]

A block of sh, python or r is run; a block of text right behind it is its output. --update writes the outputs anew. R is
left out where Rscript is not installed.
"""
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / f"{name}.md" for name in ["tutorial", "sweeps", "checks", "how-to-sweep", "how-to-server"]]
INTERPRETERS = {"sh": ["bash"], "python": ["/usr/bin/python3"], "r": ["Rscript", "-"]}
BLOCK = re.compile(r"^```(sh|python|r)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def copy_tree(folder, binary):
    for name in ["scenarios", "scripts", "docs"]:
        shutil.copytree(ROOT / name, folder / name)
    (folder / "results").mkdir()
    (folder / "build" / "release").mkdir(parents=True)
    (folder / "build" / "release" / "parkflow").symlink_to(pathlib.Path(binary).resolve())


def output_of(language, code, folder):
    environment = dict(os.environ, PATH=f"{folder}/build/release:{os.environ['PATH']}")
    done = subprocess.run(INTERPRETERS[language], input=code, cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def show_difference(code, expected, given):
    print(f"FAILED {code.splitlines()[0]}")
    print("".join(difflib.unified_diff(expected.splitlines(True), given.splitlines(True), "the page", "this run")))


def check(page, folder, update):
    """How many blocks passed and failed."""
    counts = {"passed": 0, "failed": 0}

    def run(match):
        language, code, expected = match.groups()
        if not shutil.which(INTERPRETERS[language][0]):
            print(f"left out, no {INTERPRETERS[language][0]} here: {code.splitlines()[0]}")
            return match.group()
        given = output_of(language, code, folder)
        if given == (expected or ""):
            counts["passed"] += 1
            return match.group()
        counts["failed"] += 1
        show_difference(code, expected or "", given)
        return f"```{language}\n{code}```\n\n```text\n{given}```\n"

    updated = BLOCK.sub(run, page.read_text(encoding="utf-8"))
    if update:
        page.write_text(updated, encoding="utf-8")
    print(f"{page.name}: {counts['passed']} passed, {counts['failed']} failed")
    return counts["failed"]


def main():
    if len(sys.argv) not in [2, 3] or sys.argv[2:] not in [[], ["--update"]]:
        sys.exit(__doc__)
    update = bool(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        copy_tree(pathlib.Path(name), sys.argv[1])
        failed = sum(check(page, pathlib.Path(name), update) for page in PAGES)
    sys.exit(failed > 0 and not update)


if __name__ == "__main__":
    main()
