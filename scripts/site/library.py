#!/usr/bin/python3
"""The process types and indicators of scenarios/library as a page.

usage: scripts/site/library.py FOLDER > PAGE.md
"""
import pathlib
import sys

import yaml

from words import cell, code

HEAD = """# The standard library

Made from the files of `scenarios/library/`, which a model names under `use:`. What a type computes stands in its file; how
types are written is said in [The language of a model](language.md#process-types).
"""
DECLARATION = {"unit", "default", "above", "at_least", "below", "at_most", "carrier", "number", "map", "follows"}


def titles(entry):
    title = entry.get("title", {})
    return title if isinstance(title, str) else " · ".join(title[language] for language in ("en", "vi") if language in title)


def range_of(declared):
    words = {"above": ">", "at_least": "≥", "below": "<", "at_most": "≤"}
    return ", ".join(f"{sign} {declared[key]}" for key, sign in words.items() if key in declared)


def is_declaration(entry):
    return isinstance(entry, dict) and any(key in DECLARATION and not isinstance(value, dict)
                                           for key, value in entry.items())


def parameters(declared, path=""):
    """Each parameter's path and declaration; of a map by carrier or component, NAME stands for its keys."""
    for name, entry in declared.items():
        at = f"{path}{name}"
        if not isinstance(entry, dict):
            continue
        if "map" in entry:
            inner = entry["of"]
            key = entry["map"].upper()
            yield from [(f"{at}.{key}", inner)] if is_declaration(inner) else parameters(inner, f"{at}.{key}.")
        elif is_declaration(entry):
            yield at, entry
        else:
            yield from parameters(entry, f"{at}.")


def parameter_row(path, entry):
    unit = entry.get("unit") or (f"a carrier: {entry['carrier']}" if "carrier" in entry else "a whole number")
    default = code(entry["default"]) if "default" in entry else ""
    return f"| {code(path)} | {code(unit)} | {default} | {cell(range_of(entry))} |"


def port_row(name, port):
    side = "in" if "in" in port else "out"
    rule = "; ".join(f"{key} {code(port[key])}" for key in ("is", "up_to") if key in port)
    return f"| {code(name)} | {side} {code(port[side])} | {rule} |"


def type_section(name, entry):
    lines = [f"### {name}", "", f"{cell(titles(entry))}", ""]
    rows = [parameter_row(*row) for row in parameters(entry.get("parameters", {}))]
    if rows:
        lines += ["| parameter | unit | if not given | |", "|---|---|---|---|", *rows, ""]
    ports = [port_row(*port) for port in entry.get("ports", {}).items()]
    return "\n".join(lines + ["| port | | flow |", "|---|---|---|", *ports, ""])


def indicator_row(name, entry):
    over_time = entry["over_time"]
    ratio = " / ".join(over_time["ratio"]) if isinstance(over_time, dict) else ""
    return f"| {code(name)} | {cell(titles(entry))} | {code(entry['unit'])} | {code(entry.get('is') or ratio)} |"


def page(folder):
    types, indicators = [], []
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = content.get("process_types", {})
        if found:
            types += [f"## Process types of {path.name}\n", *(type_section(*item) for item in found.items())]
        indicators += [indicator_row(*item) for item in content.get("indicators", {}).items()]
    table = ["## Indicators\n", "| indicator | title | unit | what |\n|---|---|---|---|\n" + "\n".join(indicators)]
    return "\n".join([HEAD, *types, *table])


if __name__ == "__main__":
    print(page(sys.argv[1]))
