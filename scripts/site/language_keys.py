#!/usr/bin/python3
"""The keys of the language as a page, from the JSON Schema that `parkflow schema` prints.

usage: parkflow schema | scripts/site/language_keys.py > PAGE.md
"""
import json
import sys

from words import cell

HEAD = """# The keys of a model file

Made from `parkflow schema` of this version, with which the reader itself checks a file. How they are meant to be used
together, in prose and with examples, is in [The language of a model](language.md).

A file begins with the keys of [`model`](#model); a file for `parkflow reconcile` with those of
[`flow_system`](#flow_system).
"""
VALUE = "[value](language.md#values)"
SHARED = {"a_title": "text, or `{en: …, vi: …}`", "a_value": VALUE}


def shape_link(reference):
    name = reference.rsplit("/", 1)[1]
    return SHARED.get(name) or f"[{name}](#{name})"


def kind_of(key):
    """What may stand under a key, in words."""
    if "enum" in key:
        choices = list(dict.fromkeys(str(choice).lower() for choice in key["enum"]))
        return " \\| ".join(f"`{choice}`" for choice in choices)
    if "$ref" in key:
        return shape_link(key["$ref"])
    if key.get("type") == "array":
        return f"list of {kind_of(key['items'])}"
    if key.get("type") == "object":
        inner = key["additionalProperties"]
        return f"names to {kind_of(inner['anyOf'][0] if 'anyOf' in inner else inner)}"
    if "string" in key.get("type", []):
        return "text"
    return "see the text"


def section(name, shape, remarks):
    own = {key: what for key, what in shape["properties"].items() if key not in remarks or "description" in what}
    lines = [f"## {name}", "", f"{cell(shape['description'])}.", ""]
    lines += ["| key | holds | |", "|---|---|---|"]
    lines += [f"| `{key}` | {kind_of(what)} | {cell(what.get('description', ''))} |" for key, what in own.items()]
    if shape.get("additionalProperties"):
        lines += ["", "Other keys may stand beside these."]
    return "\n".join(lines) + "\n"


def remarks_of(shapes):
    """The keys that any map may carry: those that all shapes have."""
    return set.intersection(*(set(shape["properties"]) for shape in shapes.values()))


def page(schema):
    shapes = {name: shape for name, shape in schema["$defs"].items() if not name.startswith("a_")}
    remarks = remarks_of(shapes)
    any_map = ", ".join(f"`{key}`" for key in sorted(remarks))
    return "\n".join([HEAD, f"Any map may carry remarks, which change nothing: {any_map}.\n",
                      *(section(name, shape, remarks) for name, shape in shapes.items())])


if __name__ == "__main__":
    print(page(json.load(sys.stdin)), end="")
