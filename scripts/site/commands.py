#!/usr/bin/python3
"""The help of the program and of each verb as a page, as `--help` prints it.

usage: scripts/site/commands.py PARKFLOW > PAGE.md
"""
import re
import subprocess
import sys


def help_of(binary, *verb):
    return subprocess.run([binary, "help", *verb], check=True, capture_output=True, text=True).stdout


def verbs(binary):
    return re.findall(r"^  ([a-z]+) +[A-Z]", help_of(binary), re.MULTILINE)


def block(text):
    return f"```text\n{text}```\n"


def page(binary):
    parts = ["# Commands\n", "What `parkflow --help` and `parkflow VERB --help` print; `man parkflow` and `man "
             "parkflow-sweep` say the same where parkflow is installed.\n", block(help_of(binary))]
    for verb in verbs(binary):
        parts += [f"## parkflow {verb}\n", block(help_of(binary, verb))]
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(sys.argv[1]), end="")
