"""The key messages of a brief, worked out from its sections: each a sentence of `words`, left out where its numbers are
not there."""
import wording
from content import indicator_title


def change_text(brief, words, row):
    """What is saved, its range and its share of the reference; or that nothing can be told."""
    text = wording.amount_with_range(words, *row["in_year"], row["unit"])
    title = indicator_title(brief, words, row["indicator"])
    if not any(row["in_year"]):
        return f"{title}: {words['unchanged']}"
    if not row["told_apart"]:
        return words["message_noise"].format(title=title, amount=text)
    return words["message_saved"].format(title=title, amount=text, share=wording.percent(words, row["share"]))


def message_of_savings(brief, words, sections):
    year = brief.years_shown[-1]
    parts = "; ".join(change_text(brief, words, row) for row in sections["savings"])
    key = "message_savings_potential" if brief.scenarios[brief.chosen]["is_potential"] else "message_savings"
    return words[key].format(year=year, parts=parts)


def message_of_bars(brief, words, sections):
    bars = sections["bars"]
    if not bars:
        return None
    parts, unit, change = bars["parts"], bars["unit"], bars["last"] - bars["first"]
    said = [words["message_bar"].format(name=words.get(f"bar_{name}", name),
                                        amount=wording.signed_amount(words, value, unit, max(map(abs, parts.values()))))
            for name, value in parts.items()]
    return words["message_bars"].format(first=bars["years"][0], last=bars["years"][1],
                                        change=wording.signed_amount(words, change, unit), parts="; ".join(said))


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
    is_potential = brief.scenarios[brief.chosen]["is_potential"]
    return words["message_costs_potential" if is_potential else "message_costs"].format(
        share=wording.whole_percent(words, gains / avoided), rate=wording.percent(words, costs["rate"], 1),
        capital=wording.amount(words, costs["capital"], costs["money"]))


def message_of_potential(brief, words, sections):
    if not brief.potential:
        return None
    row = next(row for row in sections["scenarios"] if row["name"] == brief.potential)
    return words["message_potential"].format(
        title=sections["title_of"](brief.potential), parts="; ".join(
            f"{indicator_title(brief, words, saving['indicator'])} "
            f"{wording.amount_with_range(words, *saving['in_year'], saving['unit'])}"
            for saving in row["savings"]))


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
    if not tests:
        return None
    off = [row["title"] for row in tests if row["says"] in ("differs", "fails")]
    return words["message_reports"].format(count=len(tests), off=len(off)) + (
        " " + words["message_reports_off"].format(titles="; ".join(off)) if off else "")


MESSAGES = [message_of_savings, message_of_bars, message_of_shares, message_of_costs, message_of_potential,
            message_of_evidence, message_of_reports]


def messages(brief, words, sections):
    return [text for text in (of(brief, words, sections) for of in MESSAGES) if text]
