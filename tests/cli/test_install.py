"""`cmake --install` gives a tree that works wherever it is moved to.

usage: /usr/bin/python3 tests/cli/test_install.py BUILD_FOLDER/parkflow     (from the project's folder)
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, "scripts/site")
import each_test
from commands import verbs

BUILD = pathlib.Path(sys.argv[1]).resolve().parent


def installed(folder):
    """The tree, moved once it was installed."""
    first, second = pathlib.Path(folder, "first"), pathlib.Path(folder, "second")
    done = subprocess.run(["cmake", "--install", BUILD, "--prefix", first], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return first.rename(second)


def test_the_program_finds_its_library_beside_any_model(folder):
    tree = installed(folder)
    model = pathlib.Path(folder, "model.yaml")
    model.write_text("parkflow: 1\nuse: [tutorial/park.yaml]\ntitle: Mine\n", encoding="utf-8")
    results = pathlib.Path(folder, "run.h5")
    environment = {name: value for name, value in os.environ.items() if name != "PARKFLOW_SCENARIOS"}
    done = subprocess.run([tree / "bin" / "parkflow", "run", model.name, "-o", results], cwd=folder, env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    picture = pathlib.Path(folder, "run.png")
    script = tree / "share" / "parkflow" / "scripts" / "plot_results.py"
    subprocess.run(["/usr/bin/python3", script, results, picture], check=True, capture_output=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_program_finds_its_scripts(folder):
    tree = installed(folder)
    program, results = tree / "bin" / "parkflow", pathlib.Path(folder, "sweep.h5")
    for command in (["sweep", "scenarios/tutorial/park.yaml", "-n", "8", "-q", "-o", results],
                    ["brief", results, "--as-it-is", "-q", "-o", pathlib.Path(folder, "brief")]):
        done = subprocess.run([program, *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert pathlib.Path(folder, "brief.pdf").read_bytes().startswith(b"%PDF")


def test_every_verb_has_a_manual_page_and_the_documents_are_there(folder):
    tree = installed(folder)
    names = {page.name for page in (tree / "share" / "man" / "man1").iterdir()}
    assert names == {"parkflow.1", *(f"parkflow-{verb}.1" for verb in verbs(tree / "bin" / "parkflow"))}
    documents = tree / "share" / "doc" / "parkflow"
    for name in ["README.md", "LICENSE", "CITATION.cff", "CHANGELOG.md", "docs/tutorial.md"]:
        assert (documents / name).is_file(), name


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
