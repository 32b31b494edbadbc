"""Words, numbers and units as a reader of one language writes them."""
import math
import pathlib

import yaml

MINUS, TO, NARROW = "−", "–", "\u00a0"  # the last: a space at which no line breaks
# A unit, and from which size on another says it better: (name, of so many of the unit), the largest first.
LARGER = {"GJ": [("PJ", 1e6), ("TJ", 1e3)], "MWh": [("TWh", 1e6), ("GWh", 1e3)], "kWh": [("GWh", 1e6), ("MWh", 1e3)],
          "million VND": [("trillion VND", 1e6), ("billion VND", 1e3)]}
POWERS = [("billion", 1e9), ("million", 1e6), ("thousand", 1e3)]


def load(language):
    """All words of a language: a key that lacks it is an error here and no gap on the page."""
    text = pathlib.Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    words = {key: both[language] for key, both in yaml.load(text, Loader=yaml.BaseLoader).items()}
    return {**words, "language": language}


def title_of(words, entry, name):
    """Of something with titles in the model: {en:, vi:}, a text, or none."""
    title = (entry or {}).get("title") if isinstance(entry, dict) else None
    if isinstance(title, dict):
        return title.get(words["language"]) or title.get("en") or name
    return title or name.replace("_", " ")


def grouped(words, text):
    """'1234.5' as 1,234.5 in English, 1.234,5 in Vietnamese."""
    sign, text = (MINUS, text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = text.partition(".")
    whole = f"{int(whole):,}".replace(",", words["thousands_mark"])
    return sign + whole + (words["decimal_mark"] + part if part else "")


def decimals_of(value, digits):
    """So many decimals show `digits` significant digits of a value once it is rounded to them."""
    if value == 0 or not math.isfinite(value):
        return 0
    rounded = float(f"{value:.{digits - 1}e}")
    return digits - 1 - math.floor(math.log10(abs(rounded)))


def number(words, value, digits=2):
    if not math.isfinite(value):
        return words["none"]
    decimals = decimals_of(value, digits)
    rounded = round(value, decimals)
    return grouped(words, f"{rounded + 0.0:.{max(0, decimals)}f}")


def exact(words, value):
    """Of what is exact, a threshold or a mark on an axis: without zeros that say nothing."""
    return grouped(words, f"{value + 0.0:.9f}".rstrip("0").rstrip("."))


def percent(words, share, digits=2):
    return f"{number(words, 100 * share, digits)}{NARROW}%"


def whole_percent(words, share):
    return f"{grouped(words, f'{100 * share:.0f}')}{NARROW}%"


def scale_of(unit, size):
    """The unit in which an amount of this size is said, and how many of `unit` it is."""
    for name, factor in LARGER.get(unit, []):
        if size >= factor:
            return name, factor
    if unit in LARGER:
        return unit, 1
    for name, factor in POWERS:
        if size >= factor and unit != "1":
            return f"{name} {unit}", factor
    return unit, 1


def unit_text(words, unit):
    """'thousand t CO2e' as 'nghìn tấn CO₂e'; nothing of a count."""
    if unit == "1":
        return ""
    for plain, printed in [("m3", "m³"), ("m2", "m²"), ("CO2", "CO₂"), ("CH4", "CH₄"), ("N2O", "N₂O")]:
        unit = unit.replace(plain, printed)
    if unit.count("(") == 1 and unit.endswith(")"):
        unit = unit.replace("(", "")[:-1]  # million VND/(t CO2e)
    said = [words.get(f"unit_{part}", part) for part in unit.split(" ")]
    return " ".join("/".join(words.get(f"unit_{part}", part) for part in word.split("/")) for word in said)


def with_unit(words, text, unit):
    return f"{text} {unit_text(words, unit)}".strip()


def amount(words, value, unit, digits=2):
    """'18 thousand t CO₂e'"""
    name, factor = scale_of(unit, abs(value))
    return with_unit(words, number(words, value / factor, digits), name)


def between(words, low, high, digits=2):
    """'10–30'; in words where a sign would be lost among dashes."""
    ends = [number(words, end, digits) for end in (low, high)]
    return f"{ends[0]} {words['to']} {ends[1]}" if min(low, high) < 0 else TO.join(ends)


def scale_of_range(unit, middle, low, high):
    """The unit that suits the middle, unless that is next to nothing beside its range."""
    return scale_of(unit, max(abs(middle), abs(low) / 20, abs(high) / 20))


def amount_with_range(words, middle, low, high, unit, digits=2):
    """'18 (10–30) thousand t CO₂e'"""
    name, factor = scale_of_range(unit, middle, low, high)
    text = f"{number(words, middle / factor, digits)} ({between(words, low / factor, high / factor, digits)})"
    return with_unit(words, text, name)


def signed(words, value, decimals):
    """'+158', with so many decimals."""
    text = grouped(words, f"{round(value, decimals) + 0.0:.{decimals}f}")
    return f"+{text}" if value > 0 else text


def signed_amount(words, value, unit, size=None):
    """'+160 thousand t CO₂e', in the unit that suits `size`, beside which what is only rounding is 0."""
    name, factor = scale_of(unit, size or abs(value))
    if abs(value) < 1e-9 * (size or 0):
        value = 0.0
    text = number(words, value / factor)
    return with_unit(words, f"+{text}" if value > 0 else text, name)
