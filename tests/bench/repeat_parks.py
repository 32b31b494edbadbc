#!/usr/bin/env python3
"""Writes a model of N parks, the six of scenarios/vietnam/programme.yaml again and again, to a folder:

    tests/bench/repeat_parks.py 400 FOLDER          then: parkflow check FOLDER/programme.yaml

The first six are the programme's, to the letter; the parks of a later round K bear its number (amata_2), and so do
their interventions and what the two parks of Trà Nóc share. All is drawn by its name, so each copy has draws of its own;
sectors, factors, activity and the decree stay shared by all. Needs Debian's python3-yaml.
"""

import argparse
import csv
import os
import re
import shutil
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parents[2] / "scenarios" / "vietnam"
PARKS = ["dinh_vu", "hoa_khanh", "amata", "hiep_phuoc", "tra_noc_2", "tra_noc_1"]  # of a round cut short: the first
SHARED = "tra_noc_shared"  # stands in tra_noc_2
TARGETS = ("set", "scale", "cut", "add")


def read(name):
    """Every scalar stays text."""
    return yaml.load((SOURCE / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def write(path, tree):
    text = yaml.safe_dump({"parkflow": "1", **tree}, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, encoding="utf-8")


def renamed(text, names, number):
    """The text with each of the names, as a whole word, made that of round `number`."""
    if number == 1:
        return text
    return re.sub(r"\w+", lambda word: f"{word[0]}_{number}" if word[0] in names else word[0], text)


def park_of(target):
    """The park, of the first round, that an effect reaches; None if it is another intervention."""
    first = target.split(".")[0]
    return None if first == "interventions" else "tra_noc_2" if first == "shared" else first


class Programme:
    """What there is to repeat, and which park each intervention belongs to."""

    def __init__(self):
        tree = read("interventions.yaml")
        self.parameters, self.single = tree["parameters"], tree["interventions"]
        table = self.single.pop("options")["table"]
        with open(SOURCE / table, encoding="utf-8", newline="") as file:
            self.header, *self.options = csv.reader(file)
        cut = self.header.index("effects.0.cut")
        self.park = {row[0]: park_of(row[cut]) for row in self.options}
        for name, intervention in self.single.items():
            effect = intervention["effects"][0]
            self.park[name] = park_of(next(effect[key] for key in TARGETS if key in effect))
        plant = read(f"{SHARED}.yaml")
        self.names = {*PARKS, *plant["processes"], *plant["markets"], *(name for name in self.park if self.park[name])}

    def copies(self, text, rounds):
        """The text, which names one park or intervention, once for each round that has it; else once as it is."""
        words = re.findall(r"\w+", text)
        parks = [self.park.get(word, word) for word in words if word in self.names]
        if not parks:
            return [text]
        return [renamed(text, self.names, number) for number, of in enumerate(rounds, 1) if set(parks) <= set(of)]


def write_round(programme, folder, parks, number):
    """The files of one round; returns their names."""
    files = parks + [SHARED] * ("tra_noc_2" in parks)
    for name in files:
        text = (SOURCE / f"{name}.yaml").read_text(encoding="utf-8")
        (folder / f"{name}_{number}.yaml").write_text(renamed(text, programme.names, number), encoding="utf-8")
    options = [[renamed(cell, programme.names, number) for cell in row]
               for row in programme.options if programme.park[row[0]] in parks]
    with open(folder / f"options_{number}.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([programme.header, *options])
    single = {name: each for name, each in programme.single.items() if programme.park[name] in parks}
    tree = {"interventions": {f"options_{number}": {"table": f"options_{number}.csv"}, **single}}
    path = folder / f"interventions_{number}.yaml"
    write(path, tree)
    path.write_text(renamed(path.read_text(encoding="utf-8"), programme.names, number), encoding="utf-8")
    return [f"{name}_{number}.yaml" for name in files] + [path.name]


def write_common(programme, folder, rounds):
    """What reaches all rounds: the decree, and the scenarios."""
    for intervention in (each for name, each in programme.single.items() if not programme.park[name]):
        intervention["effects"] = [
            {**effect, key: target} for effect in intervention["effects"]
            for key in TARGETS if key in effect for target in programme.copies(effect[key], rounds)]
    common = {name: each for name, each in programme.single.items() if not programme.park[name]}
    scenarios = read("scenarios.yaml")["scenarios"]
    for scenario in scenarios.values():
        for key in ("with", "in_place"):
            if isinstance(scenario.get(key), list):
                scenario[key] = [copy for name in scenario[key] for copy in programme.copies(name, rounds)]
        if "trend" in scenario:
            scenario["trend"] = {copy: rate for path, rate in scenario["trend"].items()
                                 for copy in programme.copies(path, rounds)}
    write(folder / "common.yaml",
          {"parameters": programme.parameters, "interventions": common, "scenarios": scenarios})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parks", type=int, help="how many parks")
    parser.add_argument("folder", type=Path, help="where to write the model")
    arguments = parser.parse_args()
    programme, folder = Programme(), arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    rounds = [PARKS[:arguments.parks - first] for first in range(0, arguments.parks, len(PARKS))]
    uses = [name for number, parks in enumerate(rounds, 1) for name in write_round(programme, folder, parks, number)]
    write_common(programme, folder, rounds)
    for table in [*(f"{park}_groups.csv" for park in PARKS), "activity.csv"]:
        if (SOURCE / table).exists():
            shutil.copy(SOURCE / table, folder)
    model, ours = read("programme.yaml"), {f"{name}.yaml" for name in [*PARKS, SHARED, "interventions", "scenarios"]}
    kept = [name for name in model["use"] if name not in ours]
    model["use"] = [os.path.relpath(SOURCE / name, folder.resolve()) for name in kept] + uses + ["common.yaml"]
    model["evidence"] = [os.path.relpath(SOURCE / name, folder.resolve()) for name in model["evidence"]]
    write(folder / "programme.yaml", model)


if __name__ == "__main__":
    main()
