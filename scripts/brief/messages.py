"""The key messages of a brief, worked out from its sections: each a sentence of `words`, left out where its numbers are
not there."""
import wording
from content import indicator_title


def change_text(brief, words, row):
    """What is saved, its range and its share of the reference; or that nothing can be told."""
    text = wording.amount_with_range(words, *row["in_year"], row["unit"])
    title = indicator_title(brief, words, row["indicator"])
    if row["verdict"] == "unchanged":
        return f"{title}: {words['unchanged']}"
    if row["verdict"] == "raised":
        middle, low, high = (-value for value in row["in_year"])
        text = wording.amount_with_range(words, middle, high, low, row["unit"])
    return words[f"message_{row['verdict']}"].format(title=title, amount=text,
                                                     share=wording.percent(words, abs(row["share"])))


def message_of_savings(brief, words, sections):
    year = brief.years_shown[-1]
    if all(row["verdict"] == "unchanged" for row in sections["savings"]):
        return words["message_none"].format(year=year)
    parts = "; ".join(change_text(brief, words, row) for row in sections["savings"])
    return words[f"message_savings_{sections['status']}"].format(year=year, parts=parts)


def message_of_bars(brief, words, sections):
    bars = sections["bars"]
    if not bars:
        return None
    parts, change = bars["parts"], bars["last"] - bars["first"]
    unit, factor = wording.scale_of(bars["unit"], max(map(abs, parts.values())))
    decimals = min(3, max(0, wording.decimals_of(change / factor, 2)))  # so that parts add up as they are printed
    said = [f"{words.get(f'bar_{name}', name)} {wording.signed(words, value / factor, decimals)}"
            for name, value in parts.items()]
    text = wording.with_unit(words, wording.signed(words, change / factor, decimals), unit)
    if bars["range"]:
        low, high = (wording.signed(words, end / factor, decimals) for end in bars["range"])
        text += f" ({low} {words['to']} {high})"
        if bars["range"][0] <= 0 <= bars["range"][1]:
            text += f", {words['no_change']}"
    key = "message_bars_potential" if sections["status"] == "potential" else "message_bars"
    return words[key].format(first=bars["years"][0], last=bars["years"][1], change=text, parts="; ".join(said))


def message_of_shares(brief, words, sections):
    shares = sections["shares"]
    if not shares or not shares["together"] > 0:
        return None
    top = [row for row in shares["rows"] if row["value"] > 0][:3]
    named = "; ".join(f"{row['title']} ({wording.whole_percent(words, row['value'] / shares['together'])})"
                      for row in top)
    return words["message_shares"].format(count=len(shares["rows"]) + shares["rest_count"], top=named)


def message_of_costs(brief, words, sections):
    costs = sections["costs"]
    if not costs:
        return None
    avoided = sum(row["avoided"] for row in costs["rows"])
    gains = sum(row["avoided"] for row in costs["rows"] if row["cost"] < 0)
    return words["message_costs_potential" if sections["status"] == "potential" else "message_costs"].format(
        share=wording.whole_percent(words, gains / avoided), rate=wording.percent(words, costs["rate"], 1),
        capital=wording.amount(words, costs["capital"], costs["money"]))


def message_of_potential(brief, words, sections):
    if not brief.potential:
        return None
    row = next(row for row in sections["scenarios"] if row["name"] == brief.potential)
    return words["message_potential"].format(
        title=sections["title_of"](brief.potential),
        parts="; ".join(change_text(brief, words, saving) for saving in row["savings"]))


def message_of_evidence(brief, words, sections):
    rows = [row for row in sections["support"]["ghg_total"] if row["park"] == brief.park]
    if not rows:
        return None
    parts, drivers = rows[0]["parts"], sections["drivers"]
    text = words["message_evidence"].format(assumed=wording.whole_percent(words, parts["assumed"] + parts["orphan"]),
                                            measured=wording.whole_percent(words, parts["measured"]))
    if drivers and drivers["rows"]:
        top = drivers["rows"][0]
        text += " " + words["message_driver"].format(name=top["name"], share=wording.whole_percent(words, top["share"]))
    return text


def message_of_reports(brief, words, sections):
    tests = [row for row in sections["reports"] if row["counts"]]
    if not tests or sections["status"] == "potential":
        return None
    off = [row["title"] for row in tests if row["says"] in ("differs", "fails")]
    agree = sum(row["says"] in ("agrees", "holds") for row in tests)
    return words["message_reports"].format(count=len(tests), off=len(off), agree=agree,
                                           open=len(tests) - len(off) - agree) + (
        " " + words["message_reports_off"].format(titles="; ".join(off)) if off else "")


MESSAGES = [message_of_savings, message_of_bars, message_of_shares, message_of_costs, message_of_potential,
            message_of_evidence, message_of_reports]


def messages(brief, words, sections):
    return [text for text in (of(brief, words, sections) for of in MESSAGES) if text]
