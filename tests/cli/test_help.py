"""Help and manual pages: what they say of options and names is what the verbs take.

usage: /usr/bin/python3 tests/cli/test_help.py BINARY     (from the project's folder)
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, "scripts/site")
import each_test
from commands import verbs

BINARY = os.path.abspath(sys.argv[1])
TUTORIAL = "scenarios/tutorial/park.yaml"


def call(*arguments, status=0):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{arguments}: exit {done.returncode}, expected {status}\n{done.stdout}{done.stderr}"
    return done


def page(*verb):
    return call("help", *verb, "--man").stdout


def rendered(text):
    done = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=300"], input=text, capture_output=True, text=True)
    return re.sub(".\b", "", done.stdout)


def options_of(verb):
    """The options of a verb's help, as they stand in its first column."""
    return {option for line in call("help", verb).stdout.splitlines() if re.match(r"  -", line)
            for option in re.findall(r"--?[a-z][a-z-]*", re.split(r"\S  +", line, maxsplit=1)[0] + " ")}


def listed(verb, title):
    """The names of a table at the end of a verb's help."""
    rows = call("help", verb).stdout.split(f"\n{title}:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\w+)", rows, re.MULTILINE)


def test_help_of_a_verb_is_the_same_by_option_and_by_name(folder):
    for verb in verbs(BINARY):
        assert call(verb, "--help").stdout == call("help", verb).stdout
    assert call("--help").stdout == call("help").stdout


def test_wrong_requests_for_help_exit_2(folder):
    assert "did you mean 'sweep'" in call("help", "swep", status=2).stderr
    assert "found '--mann'" in call("help", "--mann", status=2).stderr
    assert "found 'run'" in call("help", "sweep", "run", status=2).stderr


def test_lines_of_help_fit_into_120_columns(folder):
    for verb in verbs(BINARY):
        for line in call("help", verb).stdout.splitlines():
            assert len(line) <= 120 or "usage" in line, line


def test_options_in_help_are_taken(folder):
    for verb in verbs(BINARY):
        given = ["analyse", "analyse attribute", "analyse portfolio", "analyse decompose"] if verb == "analyse" else [verb]
        for option in options_of(verb):
            answers = [subprocess.run([BINARY, *way.split(), option], capture_output=True, text=True, cwd=folder).stderr
                       for way in given]
            assert any("no option is called" not in answer for answer in answers), f"{verb} {option}"


def test_designs_in_help_run(folder):
    with open(os.path.join(folder, "list.csv"), "w", encoding="utf-8") as file:
        file.write("demo.brewery.boiler.efficiency [%]\n70\n80\n")
    names = listed("sweep", "designs")
    assert {"monte_carlo", "sobol", "list"} <= set(names)
    for name in names:
        own = ["--list", f"{folder}/list.csv"] if name == "list" else ["--vary", "demo.brewery.boiler.efficiency"]
        call("sweep", TUTORIAL, "-n", "2", "--design", name, *own, "-q", "-o", f"{folder}/{name}.h5")


def test_methods_and_formats_in_help_are_known(folder):
    call("run", TUTORIAL, "-q", "-o", f"{folder}/run.h5")
    for method in listed("analyse", "methods for a sweep"):
        answer = subprocess.run([BINARY, "analyse", method, f"{folder}/run.h5", "-q"], capture_output=True, text=True)
        assert "no method" not in answer.stderr, answer.stderr
    for kind in listed("export", "formats"):
        call("export", f"{folder}/run.h5", "--to", kind, "-q", "-o", f"{folder}/out.{kind}")


def test_manual_pages_are_right_to_mandoc(folder):
    for verb in [[], *([verb] for verb in verbs(BINARY))]:
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page(*verb), capture_output=True, text=True)
        # no date: a page is made from the program, which knows its version only
        found = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
        assert not found, f"{verb}: {found}"


def test_manual_pages_say_what_help_says(folder):
    overview = rendered(page())
    for verb in verbs(BINARY):
        assert re.search(rf"\bparkflow-{verb}\(1\)", overview)
        words = set(re.findall(r"[\w-]{3,}", call("help", verb).stdout)) - {"usage", "example", "methods", "designs", "formats"}
        missing = words - set(re.findall(r"[\w-]{3,}", rendered(page(verb)))) - {"sweep:"}
        assert not missing - {"for", "environment"}, f"{verb}: {missing}"


def test_a_library_is_found_beside_else_with_the_program_else_where_told(folder):
    model = os.path.join(folder, "model.yaml")
    with open(model, "w", encoding="utf-8") as file:
        file.write("parkflow: 1\nuse: [tutorial/park.yaml]\ntitle: Mine\n")
    elsewhere = dict(os.environ, PARKFLOW_SCENARIOS=os.path.abspath("scenarios"))
    assert subprocess.run([BINARY, "check", model], env=elsewhere, capture_output=True).returncode == 0
    nowhere = subprocess.run([BINARY, "check", model], env=dict(os.environ, PARKFLOW_SCENARIOS=folder),
                             capture_output=True, text=True)
    assert nowhere.returncode == 2 and "model.yaml:2:7: error: 'tutorial/park.yaml' cannot be read" in nowhere.stderr \
        or f"{folder}/tutorial/park.yaml" in nowhere.stderr, nowhere.stderr
    os.mkdir(os.path.join(folder, "tutorial"))
    with open(os.path.join(folder, "tutorial", "park.yaml"), "w", encoding="utf-8") as file:
        file.write("parkflow: 2\n")
    beside = subprocess.run([BINARY, "check", model], env=elsewhere, capture_output=True, text=True)
    assert "found version '2'" in beside.stderr


if __name__ == "__main__":
    sys.exit(each_test.run(globals()))
