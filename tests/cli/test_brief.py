"""`parkflow brief` as a user runs it: the page and the PDF hold the numbers of the file, worked out and written here a
second time, in both languages; pictures have words beside them; a potential is never read as achieved; what is refused.

usage: /usr/bin/python3 tests/cli/test_brief.py BINARY     (from the project's folder)
"""
import functools
import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

import netCDF4  # noqa: F401 (before warnings become errors: Debian's build of it warns when loaded)
import xarray
import yaml

import each_test

sys.path.insert(0, "scripts/brief")
import brief as program  # noqa: E402
import gather  # noqa: E402
import sankey  # noqa: E402
import sections  # noqa: E402
import wording  # noqa: E402

BINARY = sys.argv[1]
WORDS = yaml.load(pathlib.Path("scripts/brief/words.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
SWEEPS = tempfile.TemporaryDirectory()

# A valve that saves water or, just as likely, wastes it, and one that surely saves it.
DOUBTFUL = f"""
parkflow: 1
use: [{os.path.abspath("scenarios/tutorial/park.yaml")}]
interventions:
  valve:
    title: {{en: A valve, vi: Van nước}}
    status: carried_out
    adoption: {{curve: step, start: 2020-07}}
    effects: [{{scale: demo.brewery.brewing.needs.freshwater.per_output, by: 0.9..1.1}}]
scenarios: {{with_valve: {{against: baseline, with: [valve], title: {{en: With a valve, vi: Có van nước}}}}}}
"""


def call(*arguments, status=0):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout if status == 0 else done.stderr


@functools.cache
def sweep(model="scenarios/tutorial/park.yaml", *options):
    """A sweep that all tests share; the first brief puts the analyses into it."""
    path = pathlib.Path(SWEEPS.name, f"sweep{len(os.listdir(SWEEPS.name))}.h5")
    call("sweep", model, "-n", 60, "--keep", "annual", "-q", "-o", path, *options)
    return path


def doubtful():
    model = pathlib.Path(SWEEPS.name, "doubtful.yaml")
    model.write_text(DOUBTFUL, encoding="utf-8")
    return sweep(str(model))


@functools.cache
def brief(results, *options):
    """The page's source, its words as a reader sees them, and those of the PDF."""
    with tempfile.TemporaryDirectory() as folder:
        stem = pathlib.Path(folder, "brief")
        call("brief", results, "-q", "-o", stem, *options)
        source = stem.with_suffix(".html").read_text(encoding="utf-8")
        pdf = subprocess.run(["pdftotext", "-raw", stem.with_suffix(".pdf"), "-"], capture_output=True, text=True,
                             check=True).stdout
    return source, words_of(source), spaced(pdf)


@functools.cache
def page(results, *options):
    """The page's source and its words, made here without the PDF: what takes most of the time."""
    given = program.arguments(["--engine", BINARY, "-q", *options, str(results)])
    source = program.page_of(sections.sections(gather.gather(given), wording.load(given.lang)))
    return source, words_of(source)


def words_of(source):
    body = re.sub(r"(?s)<style>.*?</style>", "", source)
    return spaced(html.unescape(re.sub(r"<[^>]+>", " ", body)))


def spaced(text):
    return " ".join(text.split())


def two_digits(value, language):
    """As a reader of English or Vietnamese writes it: from its decimal exponent, not by the brief's own way."""
    digits, exponent = f"{abs(value):.1e}".split("e")
    text = f"{float(digits) * 10 ** int(exponent):,.{max(0, 1 - int(exponent))}f}"
    if language == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return ("−" if value < 0 else "") + text


def saved(results, indicator, scenario="cleaner_production"):
    with xarray.open_dataset(results, group="difference", engine="h5netcdf", decode_timedelta=False) as data:
        at = data[indicator].sel(scenario=scenario, park="all", period="2023")
        return [-float(at.sel(statistic=name)) for name in ("p50", "p95", "p5")]


def test_page_and_pdf_hold_the_numbers_of_the_file_in_both_languages(folder):
    results = sweep()
    middle, low, high = saved(results, "ghg_total")
    for language, unit in [("en", "t CO₂e"), ("vi", "tấn CO₂e")]:
        numbers = [two_digits(value, language) for value in (middle, low, high)]
        wanted = f"{numbers[0]} ({numbers[1]}–{numbers[2]}) {unit}"
        _, page, pdf = brief(results, "--lang", language)
        assert wanted in page, (wanted, page[:1500])
        assert wanted in pdf, (wanted, pdf[:1500])
        energy = [two_digits(value, language) for value in saved(results, "final_energy")]
        assert f"{energy[0]} ({energy[1]}–{energy[2]}) GJ" in pdf, energy


def test_shares_of_the_bars_are_those_of_the_file(folder):
    results = sweep()
    words = page(results)[1]
    found = re.search(r"From 2020 to 2023 emissions changed by (\S+) (thousand )?t CO₂e(.*?): (.*?)\.(?: [A-Z]|$)",
                      words)
    printed = {name: float(number.replace("−", "-").replace(",", ""))
               for name, number in re.findall(r"([a-z][a-z ]+) ([+−]?[\d.,]*\d)", found[4])}
    whole = float(found[1].replace("−", "-").replace(",", ""))
    factor, step = 1000 if found[2] else 1, 10 ** -len(found[1].partition(".")[2])
    with xarray.open_dataset(results, group="analysis/decompose", engine="h5netcdf") as data:
        bars = data["ghg_total_bar_at_medians"].sel(park="all")
        for name in map(str, data["bar"].values):
            value = float(bars.sel(bar=name)) / factor
            assert abs(printed[WORDS[f"bar_{name}"]["en"]] - value) <= 0.51 * step, (name, value, printed)
        assert abs(whole - float(bars.sum()) / factor) <= 0.51 * step and abs(sum(printed.values()) - whole) <= 2 * step
    assert " to " in found[3], "the range of the change"


def test_each_picture_has_words_beside_it(folder):
    for language in ("en", "vi"):
        texts = re.findall(r'<img [^>]*alt="([^"]*)"', brief(sweep(), "--lang", language)[0])
        assert len(texts) >= 12 and all(len(text) > 20 for text in texts), texts
        assert brief(sweep(), "--lang", language)[0].count("<img") == len(texts)


def test_every_word_is_there_in_both_languages_and_none_is_left_unfilled(folder):
    for key, both in WORDS.items():
        assert set(both) == {"en", "vi"}, key
        assert set(re.findall(r"\{\w+\}", both["en"])) == set(re.findall(r"\{\w+\}", both["vi"])), key
    for language in ("en", "vi"):
        _, page, pdf = brief(sweep(), "--lang", language)
        for text in (page, pdf):
            assert not re.search(r"\{\w*\}|\bnan\b|None|Undefined", text), text


def test_a_page_needs_nothing_from_elsewhere(folder):
    for address in re.findall(r'(?:src|href)="([^"]*)"', brief(sweep())[0]):
        assert address.startswith("data:"), address


def test_the_same_results_give_the_same_page(folder):
    results = pathlib.Path(folder, "again.h5")
    brief(sweep())
    shutil.copy(sweep(), results)
    call("brief", results, "-q", "-o", pathlib.Path(folder, "brief"))
    page = pathlib.Path(folder, "brief.html").read_text(encoding="utf-8")
    assert page == brief(sweep())[0]


def test_a_potential_is_never_read_as_achieved(folder):
    _, page, pdf = brief(sweep(), "-s", "full")
    assert "A potential, not achieved" in page and "Could have been saved in 2023" in page
    assert "Potential, not achieved: All measures" in pdf
    assert "Saved in 2023 by what was carried out" not in page and "Status : carried out" not in page
    source = brief(sweep())[0]
    row = re.search(r'<tr class="potential"><td class="name">All measures', source)
    assert row, "the potential is marked in the table of scenarios"
    assert "What could be" not in brief(sweep())[2], "the potential saves less than what was done"


def test_a_change_within_noise_is_called_that(folder):
    _, words = page(doubtful(), "--as-it-is", "-s", "with_valve")
    assert "not told apart from no change" in words
    _, words = page(doubtful(), "--as-it-is", "-s", "with_valve", "--lang", "vi")
    assert "chưa đủ cơ sở kết luận có thay đổi" in words


def over_tutorial(name, text):
    model = pathlib.Path(SWEEPS.name, f"{name}.yaml")
    model.write_text(f"parkflow: 1\nuse: [{os.path.abspath('scenarios/tutorial/park.yaml')}]\n{text}", encoding="utf-8")
    return str(model)


def test_a_rise_is_no_saving(folder):
    model = over_tutorial("rises", "interventions: {efficient_drives: {effects: [{scale: demo.fish.needs.electricity."
                          "per_output, by: 1.1}]}}\n")
    _, words = page(sweep(model), "--as-it-is")
    assert re.search(r"Greenhouse gas emissions raised by [\d,]+ \([\d,]+–[\d,]+\) t CO₂e, [\d.]+ % of the "
                     r"reference: no saving", words), words[:1500]
    assert "a rise by" in words and WORDS["unchanged"]["en"] in words


def test_what_is_only_decided_is_not_called_carried_out(folder):
    model = over_tutorial("decided", "interventions: {efficient_drives: {status: chosen}}\n")
    _, words = page(sweep(model), "--as-it-is")
    assert "by what was carried out" not in words and "if what is decided is carried out" in words
    assert "carried out or decided, not all of it done" in words


def test_a_small_sweep_has_all_sections_and_says_that_it_is_small(folder):
    small = pathlib.Path(folder, "small.h5")
    call("sweep", "scenarios/tutorial/park.yaml", "-n", 12, "-q", "-o", small)
    _, words = page(small)
    assert "Too few simulations to say a range by." in words and WORDS["missing_title"]["en"] not in words


def test_what_the_file_lacks_is_left_out_with_the_command_that_makes_it(folder):
    _, words = page(doubtful(), "--as-it-is", "-s", "with_valve")
    assert "parkflow analyse attribute" in words and "parkflow analyse decompose" in words
    assert WORDS["shares_title"]["en"].split("{")[0] not in words
    with_analyses = page(sweep())[1]
    assert WORDS["missing_title"]["en"] not in with_analyses


def test_one_park_has_its_own_numbers(folder):
    with xarray.open_dataset(sweep(), group="difference", engine="h5netcdf", decode_timedelta=False) as data:
        park = str(data["park"].values[0])
        value = -float(data["ghg_total"].sel(scenario="cleaner_production", park=park, period="2023", statistic="p50"))
    _, words = page(sweep(), "--park", park)
    assert f"{two_digits(value, 'en')} (" in words and "Demo park" in words


def test_the_programme_shows_criteria_reports_and_evidence(folder):
    results = sweep("scenarios/vietnam/scoreboard.yaml", "--design", "latin_hypercube", "-s", "as_reported", "-s",
                    "full")
    _, page, pdf = brief(results, "--lang", "vi", "--members", "0")
    for text in (page, pdf):
        for wanted in ["Chương trình khu công nghiệp sinh thái Việt Nam", "Hòa Khánh", "Trà Nóc 1", "Đình Vũ",
                       "Tiêu chí khu công nghiệp sinh thái, 2023", "Báo cáo và mô hình", "có dấu * không dùng",
                       "Tiềm năng (chưa đạt được"]:
            assert wanted in text, wanted
    call("check", "scenarios/vietnam/scoreboard.yaml", "--run", "--csv")
    with xarray.open_dataset(results, group="analysis/criteria", engine="h5netcdf") as board:
        computed = int((board["not_computable"] == "").sum())
        assert f"Chỉ {computed} trong {board.sizes['criterion']} tiêu chí" in page


def test_amounts_are_said_as_readers_of_each_language_say_them(folder):
    en, vi = wording.load("en"), wording.load("vi")
    assert wording.number(en, 1234.5) == "1,200" and wording.number(vi, 1234.5, 5) == "1.234,5"
    assert wording.number(vi, 0.0996) == "0,10" and wording.number(en, -0.00123) == "−0.0012"
    assert wording.number(en, 99.6) == "100" and wording.number(en, 0) == "0" and wording.number(en, -0.0) == "0"
    assert wording.amount(vi, 17612, "t CO2e") == "18 nghìn tấn CO₂e"
    assert wording.amount(en, 128324, "GJ") == "130 TJ" and wording.amount(vi, 3.6e6, "MWh") == "3,6 TWh"
    assert wording.amount(vi, 300e3, "million VND") == "300 tỷ đồng"
    assert wording.amount_with_range(en, 5, -3, 12, "t") == "5.0 (−3.0 to 12) t"
    assert wording.amount_with_range(vi, 17612, 10142, 30440, "t CO2e") == "18 (10–30) nghìn tấn CO₂e"
    assert wording.percent(vi, 0.0126) == "1,3\u00a0%"


def test_ribbons_keep_what_flows(folder):
    links = [sankey.Link((0, "grid"), (1, "power"), 6), sankey.Link((0, "sun"), (1, "power"), 1),
             *(sankey.Link((1, "power"), (2, f"firm {n}"), 0.5) for n in range(14))]
    folded = sankey.fold(links, wording.load("en"))
    heights = sankey.heights_of(folded)
    assert heights[1, "power"] == 7 and abs(sum(h for node, h in heights.items() if node[0] == 2) - 7) < 1e-12
    assert len([node for node in heights if node[0] == 2]) == sankey.MOST_PLACES


def test_wrong_input_is_refused_by_name_and_nothing_is_written(folder):
    stem = pathlib.Path(folder, "brief")
    run, cut = pathlib.Path(folder, "run.h5"), pathlib.Path(folder, "cut.h5")
    call("run", "scenarios/tutorial/park.yaml", "-q", "-o", run)
    cut.write_bytes(sweep().read_bytes()[:20000])
    by_step = sweep("scenarios/tutorial/park.yaml", "--by", "step")
    for arguments, wanted in [([run], "it is one run, not a sweep"), ([cut], "cut.h5"), (["README.md"], "README.md"),
                              ([sweep(), "--lang", "fr"], "expected en or vi"),
                              ([sweep(), "-s", "cleaner_prodution"], "did you mean 'cleaner_production'?"),
                              ([sweep(), "--park", "demmo"], "did you mean 'demo'?"),
                              ([sweep(), "--potential", "baseline"], "there are full"),
                              ([by_step], "without --by step"), ([], "expected the results file")]:
        message = call("brief", *arguments, "-o", stem, status=2)
        assert wanted in message and message.startswith("parkflow"), (arguments, message)
    assert not list(pathlib.Path(folder).glob("brief*"))
    for place in (pathlib.Path(folder, "none", "brief"), pathlib.Path("/proc/brief")):
        assert "cannot write" in call("brief", sweep(), "--as-it-is", "-o", place, status=1)


if __name__ == "__main__":
    warnings.simplefilter("error", DeprecationWarning)
    sys.exit(each_test.run(globals()))
