#!/usr/bin/python3
"""What the pages say can be done: every command of a code block runs, every file that is named is there, every key of
the language is in its reference. What commands print is compared by check_tutorial.py.

usage: check_pages.py BINARY     (from the top folder)

Commands run in a copy of the tree, with few members. One with a placeholder (MODEL.yaml) is held against the verb's
help instead. Of results.md the blocks of sh and python run, on a run and a sweep under the names that it gives them.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path[:0] = ["scripts/site", "tests/cli"]
import commands  # noqa: E402
import each_test  # noqa: E402
import language_keys  # noqa: E402
from check_tutorial import BLOCK, INTERPRETERS, PAGES as SHOWN, copy_tree  # noqa: E402

BINARY = pathlib.Path(sys.argv[1]).resolve()
PAGES = [pathlib.Path("README.md"), *sorted(pathlib.Path("docs").glob("*.md")),
         *sorted(pathlib.Path("scenarios").glob("*/README.md"))]
# Fenced blocks of these run elsewhere: in check_tutorial.py, below, in scripts/docs.
RUN_ELSEWHERE = {page.name for page in SHOWN} | {"results.md", "gallery.md"}
FENCED = re.compile(r"^```(?:sh|bash|text)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
PLACEHOLDER = re.compile(r"\.part\b|\b(MODEL|FLOWS|FILE|RESULT|METHOD|VERB|OUT)\b|\[-|…| {5}")
NAMED_FILE = re.compile(r"`((?:engine|scripts|scenarios|tests|docs)/[\w/.-]+\.(?:c|h|inc|py|yaml|csv|md))`")


def call(*arguments, folder="."):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, cwd=folder)


def commands_of(page):
    """The lines of code blocks that call the program, without what stands behind them."""
    text = page.read_text(encoding="utf-8")
    fenced = [] if page.name in RUN_ELSEWHERE else FENCED.findall(text)
    indented = INDENTED.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    blocks = fenced + [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in indented]
    for block in blocks:
        for line in re.sub(r"\\\n *|(?<=\|)\n *", "", block).splitlines():
            if re.match(r"(build/release/)?parkflow [a-z]+( |$)", line):
                yield re.sub(r"\s+#.*", "", line)


def all_commands():
    for page in PAGES:
        yield from ((page.name, line) for line in commands_of(page))
    for verb in commands.verbs(BINARY):
        yield f"help {verb}", call("help", verb).stdout.split("example:\n")[1].strip()


def made_small(line):
    line = line.replace("parkflow brief ", "parkflow brief --members 0 ")
    line = re.sub(r"(-n|--members) (\d+)", lambda given: f"{given[1]} {min(int(given[2]), 64)}", line)
    return line.replace("build/release/parkflow", "parkflow")


def prepare(folder):
    folder = pathlib.Path(folder)
    copy_tree(folder, BINARY)
    (folder / "mine.csv").write_text("demo.brewery.boiler.efficiency [%]\n70\n78\n", encoding="utf-8")
    run = "run scenarios/tutorial/park.yaml -q"
    sweep = "-n 400 --design saltelli --vary parameters.* --vary *.efficiency -q"
    for arguments in [f"{run} -o results.h5", f"{run} -o first.h5", f"{run} -o second.h5",
                      f"sweep scenarios/tutorial/park.yaml {sweep} -o sweep.h5", "analyse sobol sweep.h5 -q",
                      "run scenarios/vietnam/programme.yaml -q -o results/programme.h5",
                      "sweep scenarios/vietnam/programme.yaml -n 64 -q -o results/sweep.h5"]:
        done = call(*arguments.split(), folder=folder)
        assert done.returncode == 0, f"parkflow {arguments}: {done.stderr}"
    return folder


def test_commands_of_all_pages_and_of_help_run(name):
    folder = prepare(name)
    environment = dict(os.environ, PATH=f"{folder}/build/release:{os.environ['PATH']}")
    wrong, count = [], 0
    for page, line in all_commands():
        if PLACEHOLDER.search(line) or "0.1.0" in line:
            continue
        done = subprocess.run(["bash", "-o", "pipefail", "-c", made_small(line)], cwd=folder, env=environment,
                              capture_output=True, text=True)
        count += 1
        if done.returncode:
            wrong.append(f"{page}: {line}: exit {done.returncode}: {done.stderr[:300]}")
    assert not wrong, "\n".join(wrong)
    assert count > 20, f"only {count} commands were found"


def test_options_in_commands_with_placeholders_are_in_the_help(name):
    wrong = []
    for page, line in all_commands():
        verb = line.split()[1]
        if PLACEHOLDER.search(line) and verb in commands.verbs(BINARY):
            text = call("help", verb).stdout
            wrong += [f"{page}: {line}: no {option}" for option in re.findall(r"(?<!\S)--[a-z-]+", line)
                      if not re.search(rf"{option}\b", text)]
    assert not wrong, "\n".join(wrong)


def test_blocks_of_the_results_page_run(name):
    folder = prepare(name)
    text = pathlib.Path("docs/results.md").read_text(encoding="utf-8")
    for language, code, _ in BLOCK.findall(text):
        if language == "r":
            continue
        if language == "python":  # which also reads flows
            call(*"run scenarios/tutorial/park.yaml --flows -q -o results.h5".split(), folder=folder)
            code = f"import xarray as xr\n{code}"
        done = subprocess.run([*INTERPRETERS[language]], input=code, cwd=folder, capture_output=True, text=True,
                              env=dict(os.environ, PATH=f"{folder}/build/release:{os.environ['PATH']}"))
        assert done.returncode == 0, f"{code}\n{done.stdout[-500:]}{done.stderr[-500:]}"


def test_files_that_pages_name_are_there(name):
    named = [(page.name, path) for page in [*PAGES, pathlib.Path("CONTRIBUTING.md"), pathlib.Path("tests/README.md")]
             for path in NAMED_FILE.findall(page.read_text(encoding="utf-8"))]
    missing = [f"{page}: {path}" for page, path in named if not pathlib.Path(path).exists()]
    assert not missing, "\n".join(missing)
    assert len(named) > 50


def sections_of(page):
    parts = re.split(r"^## (\w+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def test_the_reference_of_keys_names_every_key_of_the_schema(name):
    schema = json.loads(call("schema").stdout)
    sections, head = sections_of(language_keys.page(schema)), language_keys.page(schema).split("## ")[0]
    shapes = {name: shape for name, shape in schema["$defs"].items() if not name.startswith("a_")}
    assert sections.keys() == shapes.keys()
    for name, shape in shapes.items():
        for key in shape["properties"]:
            assert f"| `{key}` |" in sections[name] or f"`{key}`" in head, f"{name}.{key}"


def test_the_prose_on_the_language_names_every_key(name):
    schema = json.loads(call("schema").stdout)
    prose = "".join(pathlib.Path(f"docs/{page}.md").read_text(encoding="utf-8")
                    for page in ["language", "reconcile", "fit", "checks"])
    keys = {(name, key) for name, shape in schema["$defs"].items() for key in shape.get("properties", {})}
    missing = sorted(f"{name}.{key}" for name, key in keys if not re.search(rf"\b{key}\b", prose))
    assert not missing, ", ".join(missing)


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
