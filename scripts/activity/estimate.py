#!/usr/bin/env python3
"""Monthly activity of provinces and sectors, 2014-2023, with its uncertainty, from reported growth rates.

Reads   scenarios/evidence/activity.csv           what was reported
        scenarios/vietnam/*.yaml                  whose errors the parks ask for
Writes  scenarios/vietnam/activity.csv            a column a series, output a day, the mean of 2019 is 100
        scenarios/vietnam/activity.yaml           how far yearly means after 2019 may be off, as parameters of a model
        scenarios/vietnam/activity_before.yaml    the same before 2019, for models that begin earlier

Run by hand when rows change, with Debian's numpy and scipy: /usr/bin/python3 scripts/activity/estimate.py [--report]
--report writes nothing: it prints yearly means with intervals, what the factors leave out, and the residuals.

  observations.py    what a row says: growth between two sets of months, and its error
  hierarchy.py       what is held true of provinces and sectors before any report
  least_squares.py   the fit of both: one sparse problem
  annual.py          yearly means, their covariance, and few factors that carry it
  model_files.py     these factors as parameters;  report.py: as tables;  tune.py: the spreads that fit the reports
"""
import csv
import io
import sys
from pathlib import Path

import numpy as np

import annual
import hierarchy as hi
import least_squares
import model_files
import observations as ob
import report

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = ROOT / "scenarios" / "evidence" / "activity.csv"
FOLDER = ROOT / "scenarios" / "vietnam"

# A province's manufacturing (parks hold no mines and power stations), and sectors of it that rows tell about. The order
# is that of the factors: who stands first moves those after.
COLUMNS = {place: (place, "manufacturing") for place in ob.SCOPES.values()}
COLUMNS |= {f"{place}_{sector}": (place, sector) for place, sector in [
    ("da_nang", "beverages"), ("dong_nai", "beverages"), ("can_tho", "seafood"), ("da_nang", "paper"),
    ("ho_chi_minh", "paper"), ("hai_phong", "electronics"), ("ho_chi_minh", "electronics"), ("dong_nai", "garments"),
    ("dong_nai", "footwear"), ("dong_nai", "textiles"), ("ho_chi_minh", "food")]}


def read_evidence():
    with open(EVIDENCE, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def estimate(observations):
    wanted = [o.series for o in observations] + list(COLUMNS.values())
    return least_squares.fit(hi.build(wanted), observations)


def daily_index(fitted, series):
    """Output a day in each month from FIRST_YEAR on; the mean of the days of BASE_YEAR is 100."""
    amount, days = np.exp(fitted.levels[hi.rows_of(fitted.hierarchy, series)]), hi.days_of_months()
    base = ob.months_of(ob.BASE_YEAR, 1, 12)
    return 100 * amount / days / (amount[base].sum() / days[base].sum())


def series_text(fitted):
    columns = [daily_index(fitted, series) for series in COLUMNS.values()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", *COLUMNS])
    for m in range(12, ob.MONTHS):
        writer.writerow([f"{ob.FIRST_YEAR + m // 12}-{m % 12 + 1:02}", *(f"{column[m]:.1f}" for column in columns)])
    return text.getvalue()


def texts(fitted):
    """{file name: text} of all that is written."""
    asked = model_files.asked_for(FOLDER, COLUMNS)
    means = annual.means(fitted, [COLUMNS[column] for column in dict.fromkeys(column for column, _ in asked)])
    loadings = model_files.all_loadings(COLUMNS, asked, means)
    return {"activity.csv": series_text(fitted),
            "activity.yaml": model_files.after_text(fitted, COLUMNS, asked, loadings),
            "activity_before.yaml": model_files.before_text(fitted, COLUMNS, asked, loadings)}


def main():
    rows = read_evidence()
    fitted = estimate(ob.read(rows))
    if "--report" in sys.argv[1:]:
        asked = model_files.asked_for(FOLDER, COLUMNS)
        report.show(fitted, rows, COLUMNS, lambda means: model_files.all_loadings(COLUMNS, asked, means))
        return
    for name, text in texts(fitted).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
