"""What the rows of the evidence say of activity: growth of a series between two sets of months, and how sure.

Takes rows of scenarios/evidence/activity.csv, gives observations. A series is (scope, sector); months are numbers from
January of FIRST_YEAR on. Rows that do not say growth of industrial production give nothing; `why_not` tells why.
"""
import math
import re
from collections import namedtuple

FIRST_YEAR, LAST_YEAR, BASE_YEAR = 2013, 2023, 2019
MONTHS = 12 * (LAST_YEAR - FIRST_YEAR + 1)

# release: what reports of one series and year share of their error, before the final yearly series replaces them.
Observation = namedtuple("Observation", "key series now then growth error release")

SCOPES = {"Viet Nam": "viet_nam", "Hai Phong": "hai_phong", "Da Nang": "da_nang", "Dong Nai": "dong_nai",
          "Can Tho": "can_tho", "Ho Chi Minh City": "ho_chi_minh", "Ninh Binh": "ninh_binh"}

# Sectors as the parks have them; a `part` is a branch or a product of the sector, whose weight in it is not known.
WHOLE = {
    "whole industry": "industry", "manufacturing (C)": "manufacturing",
    "food processing": "food", "beverages": "beverages",
    "seafood processing and preserving": "seafood", "textiles": "textiles", "paper and paper products": "paper",
    "wearing apparel": "garments", "leather and related products": "footwear",
    "electronic, computer and optical products": "electronics", "fabricated metal products": "metal_machinery",
    "basic metals": "basic_metals", "iron, steel and pig iron": "basic_metals",
    "chemicals and chemical products": "chemicals",
    "rubber and plastics products": "rubber_plastics", "other non-metallic mineral products": "building_materials",
    "furniture": "wood_furniture", "motor vehicles, trailers and parts": "vehicles", "animal feed": "feed",
}
PART = {
    "food and beverages": "food", "canned food": "food", "beer": "beverages", "canned beer": "beverages",
    "beer, bottled and canned": "beverages", "frozen shrimp": "seafood", "frozen fish fillet": "seafood",
    "processed seafood": "seafood", "cotton fabrics": "textiles", "garments and textiles": "garments",
    "traditional industries (textile, apparel, leather)": "garments", "clothes": "garments",
    "footwear": "footwear", "sports shoes": "footwear", "electrical equipment": "electronics",
    "communication equipment": "electronics", "consumer electronics": "electronics",
    "electronic components": "electronics",
    "computers and peripherals": "electronics", "household electrical appliances": "electronics",
    "batteries and accumulators": "electronics", "wire, cable and other electronics": "electronics",
    "motors, generators, transformers and distribution equipment": "electronics", "camera modules": "electronics",
    "televisions": "electronics", "phone components": "electronics", "mobile phones": "electronics",
    "machinery and equipment n.e.c.": "metal_machinery",
    "mechanical engineering (key-industry group)": "metal_machinery",
    "iron and crude steel": "basic_metals", "steel bar": "basic_metals", "non-alloy steel": "basic_metals",
    "Iron and steel of different types": "basic_metals", "pharmaceuticals": "chemicals",
    "chemicals and pharmaceuticals": "chemicals", "chemicals and pharmaceuticals (key-industry group)": "chemicals",
    "chemicals, rubber and plastics (key-industry group)": "chemicals",
    "fertiliser and nitrogen compounds": "chemicals",
    "NPK fertiliser": "chemicals", "rubber tyres and tubes": "rubber_plastics", "plastics products": "rubber_plastics",
    "plastic packaging": "rubber_plastics", "household plastics": "rubber_plastics", "printed matter": "paper",
    "concrete, cement and gypsum products": "building_materials", "cement": "building_materials",
    "bricks": "building_materials", "wood and wood products": "wood_furniture", "motor vehicle parts": "vehicles",
    "automobile assembly": "vehicles", "automobiles": "vehicles", "cars": "vehicles", "motorcycles": "vehicles",
    "other transport equipment": "vehicles", "aquatic feed": "feed",
    "four key industries (mechanics, electronics, chemicals-rubber-plastics, food)": "manufacturing",
}
# Value added, or production at constant prices, stands in where a province's index is not reported for the year.
VALUE_ADDED = {
    "value added growth, industry and construction": ("industry", 0.035),
    "value added growth, industry": ("industry", 0.02),
    "industrial value added growth": ("industry", 0.02), "manufacturing value added growth": ("manufacturing", 0.02),
    "industrial production value growth": ("industry", 0.03),
    "industrial value added growth, whole industry": ("industry", 0.02),
    "industrial value added growth, manufacturing": ("manufacturing", 0.02),
}
FOR_COMPARISON = "the country's index of the year is reported: value added is for comparison"

# Errors of a logarithm. month: of a month's growth; the mean of n months has month / sqrt(n), and `least` (rounding,
# coverage) however many they are. release: what first releases of a series and year share. part, share: a part differs
# from its sector by `part` and by `share` of its own growth. All but `least` are those that fit the reports (tune.py).
Errors = namedtuple("Errors", "month least release part share")
ERRORS = Errors(0.009, 0.003, 0.003, 0.096, 0.64)
WEAKER = 2.0                   # times the error: an estimate, and a bound, which is read as its value

# Rows that all others contradict by more than four of their deviations, and that something else speaks against too.
CONTRADICTED = {
    "act_cantho_iip_all_mom_202109": "up by a third, at its end 17.9 % of firms worked (act_cantho_open_s_202109)",
    "act_cantho_iip_all_cum_201604": "24 % to April, 11.4 % to August and 8.8 % in the year",
}

MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
               "November", "December"]


def month_of(year, month):
    return 12 * (year - FIRST_YEAR) + month - 1


def months_of(year, first, last):
    return list(range(month_of(year, first), month_of(year, last) + 1))


def year_before(months):
    return [m - 12 for m in months]


def period_of(basis, period):
    """(months, months they are held against), or None."""
    year, rest = int(period[:4]), period[5:]
    cumulative = re.match(r"cumulative January-(\w+)", basis)
    if basis == "month against previous month":
        now = months_of(year, int(rest), int(rest))
        return now, [now[0] - 1]
    if basis == "month against same month of previous year":
        now = months_of(year, int(rest), int(rest))
    elif basis == "quarter against same quarter of previous year":
        now = months_of(year, 3 * int(rest[1]) - 2, 3 * int(rest[1]))
    elif cumulative:
        now = months_of(year, 1, MONTH_NAMES.index(cumulative[1]) + 1)
    elif basis == "against same period of previous year":        # a product in a text on the months so far
        now = months_of(year, 1, int(rest))
    elif basis in ("year against previous year", "year index (previous year = 100)"):
        now = months_of(year, 1, 12)
    else:
        return None
    return now, year_before(now)


def subject_of(quantity, errors=ERRORS):
    """(sector, extra error, share of the growth as error, basis), or None where it is no growth of production."""
    index = re.fullmatch(r"IIP(?: growth)?, (.+); (.+)", quantity)
    product = re.fullmatch(r"(.+), output growth, (.+)", quantity)
    added = re.fullmatch(r"(.*value added growth(?:, .+)?); (.+)|(industrial production value growth), (.+)", quantity)
    if added and (added[1] or added[3]) in VALUE_ADDED:
        return *VALUE_ADDED[added[1] or added[3]], 0.0, added[2] or added[4]
    for match in filter(None, (product, index)):
        if match[1] in WHOLE and not product:
            return WHOLE[match[1]], 0.0, 0.0, match[2]
        if match[1] in PART:
            return PART[match[1]], errors.part, errors.share, match[2]
    return None


def why_not(row):
    """Why a row is no observation; None where it is one."""
    if row["id"] in CONTRADICTED:
        return CONTRADICTED[row["id"]]
    if row["scope"] not in SCOPES:
        return "not a province or the country"
    if row["kind"] == "target" or row["shape"] == "target":
        return "a plan"
    if "%" not in row["unit"] and "= 100" not in row["unit"]:
        return "no growth"
    subject = subject_of(row["quantity"])
    if not subject:
        return "not industrial production of a sector of the parks"
    if row["scope"] == "Viet Nam" and re.search("value added growth.*; year against", row["quantity"]):
        return FOR_COMPARISON
    period = period_of(subject[3], row["period"])
    if not period:
        return "a mean of years, which the years give"
    return "before the first year" if min(period[1]) < 0 else None


def observation_of(row, errors):
    sector, extra, share, basis = subject_of(row["quantity"], errors)
    now, then = period_of(basis, row["period"])
    percent = float(row["value"]) - (100 if "= 100" in row["unit"] else 0)
    growth = math.log1p(percent / 100)
    error = math.hypot(errors.month / math.sqrt(len(now)), errors.least, extra, share * growth)
    weaker = row["kind"] == "estimate" or row["shape"] in ("at_least", "at_most")
    series, year = (SCOPES[row["scope"]], sector), FIRST_YEAR + now[-1] // 12
    release = None if "year index" in basis else (*series, year)
    return Observation(row["id"], series, now, then, growth, error * (WEAKER if weaker else 1.0), release)


def is_replaced(row, by_id):
    """Two figures of one cell: the revised one counts, or the first where the other copies a first release."""
    other = by_id.get(row["id"] + "_v2")
    if row["id"].endswith("_v2") and row["id"][:-3] in by_id:
        return row["kind"] == "estimate" or row["note"].startswith("first release")
    return other is not None and other["kind"] != "estimate" and not other["note"].startswith("first release")


def has_final(observation, finals):
    """A yearly growth of which the official yearly series gives the final figure."""
    whole_year = len(observation.now) == 12 and observation.release is not None
    return whole_year and (*observation.series, FIRST_YEAR + observation.now[0] // 12) in finals


def read(rows, errors=ERRORS):
    """All observations in a table of evidence."""
    by_id = {row["id"]: row for row in rows}
    usable = [row for row in rows if why_not(row) is None and not is_replaced(row, by_id)]
    observations = [observation_of(row, errors) for row in usable]
    finals = {(*o.series, FIRST_YEAR + o.now[0] // 12) for o in observations if o.release is None}
    return [o for o in observations if not has_final(o, finals)]
