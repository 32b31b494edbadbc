#!/usr/bin/python3
"""Makes the source of the site in a folder: pages of the tree at their places, pages made from the program's own
tables, and the pictures of the gallery, each by its commands.

usage: scripts/site/make_source.py PARKFLOW FOLDER     (from the top folder)
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import commands
import functions
import language_keys
import library

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[1]
COPIED = ["docs", "scenarios", "scripts", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "tests/README.md"]
KATEX = pathlib.Path("/usr/share/javascript/katex")
LINK = re.compile(r"\[([^\]\n]+)\]\(([^)#\s]+)\)")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def copy(name, folder):
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if (TREE / name).is_dir():
        shutil.copytree(TREE / name, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(TREE / name, target)


def without_folders(folder):
    """A folder has no page: of a link to one the text stays."""
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        plain = LINK.sub(lambda link: link[1] if (page.parent / link[2]).is_dir() else link[0], text)
        page.write_text(plain, encoding="utf-8")


def write(folder, name, text):
    (folder / "docs" / name).write_text(text, encoding="utf-8")


def front_page(folder):
    """The front page lists the others in an order for readers; what it does not name yet follows in place of OTHERS."""
    text = (HERE / "index.md").read_text(encoding="utf-8")
    listed = set(text.split())
    others = sorted(page.stem for page in (folder / "docs").glob("*.md") if page.stem not in listed)
    return text.replace("OTHERS\n", "".join(f"{name}\n" for name in others))


def make_pages(binary, folder):
    schema = subprocess.run([binary, "schema"], check=True, capture_output=True, text=True).stdout
    write(folder, "keys.md", language_keys.page(json.loads(schema)))
    write(folder, "commands.md", commands.page(binary))
    write(folder, "functions.md", functions.page(binary))
    write(folder, "library.md", library.page(TREE / "scenarios" / "library"))
    write(folder, "index.md", front_page(folder))


def make_pictures(binary, folder):
    """Runs the commands of the gallery; the picture's place is the copy."""
    (folder / "results").mkdir()
    environment = dict(os.environ, PATH=f"{binary.parent}:{os.environ['PATH']}")
    for block in SHELL.findall((folder / "docs" / "gallery.md").read_text(encoding="utf-8")):
        subprocess.run(["bash", "-e"], input=block, check=True, cwd=folder, env=environment, text=True)


def main(binary, folder):
    shutil.rmtree(folder, ignore_errors=True)
    for name in COPIED:
        copy(name, folder)
    without_folders(folder)
    make_pages(binary, folder)
    make_pictures(binary, folder)
    shutil.copyfile(HERE / "conf.py", folder / "conf.py")
    shutil.copytree(HERE / "static", folder / "_static")
    shutil.copytree(KATEX, folder / "_static" / "katex")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]))
