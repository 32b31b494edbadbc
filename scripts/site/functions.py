#!/usr/bin/python3
"""What an expression may call, as `parkflow check --functions` prints it, as a page.

usage: scripts/site/functions.py PARKFLOW > PAGE.md
"""
import subprocess
import sys

from words import cell

HEAD = """# Operators and functions of expressions

Printed by `parkflow check --functions`. Some work on what stands in the model and not on numbers; how is said in
[The language of a model](language.md#values).

| | |
|---|---|
"""


def rows(text):
    for line in text.splitlines():
        name, doc = line.split(None, 1)
        yield f"| `{name}` | {cell(doc)} |"


def page(binary):
    listed = subprocess.run([binary, "check", "--functions"], check=True, capture_output=True, text=True).stdout
    return HEAD + "\n".join(rows(listed)) + "\n"


if __name__ == "__main__":
    print(page(sys.argv[1]), end="")
