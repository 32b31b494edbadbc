"""What the reports imply of themselves: a factor of CO2 a kWh, a price a kWh, parts against wholes. All from rows of
scenarios/evidence, named in each line; nothing of the model. Each function gives a table's heading and rows."""
import csv
import pathlib

EVIDENCE = pathlib.Path(__file__).resolve().parents[2] / "scenarios/evidence"
FLAT_WEEK = {"peak": 30 / 168, "offpeak": 42 / 168, "normal": 96 / 168}  # hours of a week around the clock


def load_evidence():
    values = {}
    for path in sorted(EVIDENCE.glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                try:
                    values[line["id"]] = float(line["value"])
                except ValueError:
                    continue
    return values


OF = load_evidence()


def tariff(year):
    """VND a kWh at 22 kV, without VAT, for a load that never changes."""
    return sum(share * OF[f"fac_elec_{year}_22_{hours}"] for hours, share in FLAT_WEEK.items())


def official(years):
    values = [OF[f"fac_grid_ef_{year}"] for year in years]
    return f"{min(values):.2f} to {max(values):.2f} ({years[0]} to {years[-1]})"


def factors():
    """Implied emission factors, t/MWh."""
    power, heat, co2 = OF["pilot_electricity"], OF["pilot_fuel"], OF["park_pilot_co2"]
    coal, lpg = OF["fac_d2626_co2_anthracite"] / 1e3, OF["fac_d2626_co2_lpg"] / 1e3  # t/TJ
    pilot, programme = official(range(2015, 2020)), official(range(2020, 2024))
    part = (OF["geipp_ghg"] - OF["fac_grid_ef_2021"] * OF["geipp_electricity"] / 1e3) / 1e3
    hiep_phuoc = OF["park_hiepphuoc_electricity"]
    return (["", "from", "t CO2/MWh", "official factor", "so"], [
        ["the pilot, fuel as coal", "`park_pilot_co2` less `pilot_fuel` at 98 t/TJ, over `pilot_electricity`",
         f"{(co2 - heat * coal) / power:.2f}", pilot, "CO2 was computed from the two: no third observation"],
        ["the pilot, half of the fuel as LPG", "the same at 81 t/TJ",
         f"{(co2 - heat * (coal + lpg) / 2) / power:.2f}", pilot, "not that mix, or not that factor"],
        ["the programme", "`geipp_ghg` over `geipp_electricity`",
         f"{OF['geipp_ghg'] / OF['geipp_electricity'] * 1e3:.2f}", programme,
         f"at the factor of 2021, {part:.1f} kt are of fuel or else, {part / coal * 1e3:.0f} TJ of coal; "
         "no fuel is reported"],
        ["Hiệp Phước", "`park_hiepphuoc_ghg` over `park_hiepphuoc_electricity`",
         f"{OF['park_hiepphuoc_ghg'] / hiep_phuoc:.2f}", programme,
         "computed from its electricity: no second observation"],
        ["Hiệp Phước, other report", "`eip_hp2310_co2` over `park_hiepphuoc_electricity`",
         f"{OF['eip_hp2310_co2'] / hiep_phuoc:.2f}", programme,
         "all proposed, or the factor of years before, or fuel"]])


def price(money, power, year, reports, says):
    implied, paid = money / power, tariff(year)
    return [*reports, f"{implied:.0f}", f"{paid:.0f}", f"{implied / paid:.1f}", says]


def prices():
    """Implied prices of a kWh, if all the money were of electricity."""
    power = OF["pilot_electricity"] * 1e3
    usd = OF["pilot_money"] * OF["fac_fx_2019"]
    power_tn, usd_tn = (OF[f"park_cantho_pilot_share_{name}"] / 100 for name in ("electricity", "money"))
    hiep_phuoc = OF["park_hiepphuoc_electricity"] * 1e3
    rows = [
        price(usd, power, "2017", ["the pilot, final count", "`pilot_money`, `pilot_electricity`"],
              "three quarters of the money are not of electricity: heat and water make a tenth of it each at most, "
              "so materials"),
        price(OF["eip_pilot_money_3"] * OF["fac_fx_2018"], power, "2017",
              ["the pilot, count of 2018", "`eip_pilot_money_3`, `pilot_electricity`"],
              "what electricity, heat and water together are worth"),
        price(usd * usd_tn, power * power_tn, "2017",
              ["Cần Thơ", "`park_cantho_pilot_share_money`, `..._electricity` of both"],
              "as the pilot"),
        price(OF["geipp_money"] * OF["fac_fx_2023"], OF["geipp_electricity"], "2019",
              ["the programme", "`geipp_money`, `geipp_electricity`"],
              "half of it is of fuel, water or materials"),
        price(OF["hiepphuoc_money"], hiep_phuoc, "2019",
              ["Hiệp Phước", "`hiepphuoc_money`, `park_hiepphuoc_electricity`"],
              "less than its electricity alone is worth: the two cannot be of the same options"),
        price(OF["eip_hp2310_money"], hiep_phuoc, "2019",
              ["Hiệp Phước, other report", "`eip_hp2310_money`, `park_hiepphuoc_electricity`"],
              "possible for all that was proposed")]
    return ["", "from", "VND/kWh", "tariff", "times", "so"], rows


def sums():
    """Parts against their whole."""
    power = [OF["park_hiepphuoc_electricity"] / 1e3, OF["deepc_electricity"] / 1e3]
    water = [OF[name] / 1e3 for name in ("park_hiepphuoc_water", "deepc_water")]
    ninh_binh = OF["eip_hk_wastewater"] / 1e3 * 0.781 / (1 - 0.781)
    saved = OF["pilot_water"] / 1e3 * (1 - OF["park_cantho_pilot_share_water"] / 100)
    money = OF["eip_hp2310_money"] / 1e9
    return (["", "parts", "whole", "so"], [
        ["electricity of the three parks, GWh", f"Hiệp Phước {power[0]:.1f}, Đình Vũ at least {power[1]:.1f}",
         f"{OF['geipp_electricity'] / 1e6:.0f}", "the parts are half as much again as the whole"],
        ["water of the three parks, thousand m3", f"Hiệp Phước {water[0]:.0f}, Đình Vũ at least {water[1]:.0f}",
         f"{OF['geipp_water'] / 1e3:.0f}", f"possible: {OF['geipp_water'] / 1e3 - sum(water):.0f} are left for Amata"],
        ["GHG of the three parks, kt", f"Hiệp Phước {OF['park_hiepphuoc_ghg'] / 1e3:.1f} or "
         f"{OF['eip_hp2310_co2'] / 1e3:.1f}, Amata {OF['amata_ghg'] / 1e3:.2f}", f"{OF['geipp_ghg'] / 1e3:.0f}",
         "one park would leave next to nothing for the two others"],
        ["money of the three parks, billion VND", f"Hiệp Phước {OF['hiepphuoc_money'] / 1e9:.0f} or {money:.0f}",
         f"{OF['geipp_money'] * OF['fac_fx_2023'] / 1e9:.0f}", "the second is more than the whole"],
        ["water of the pilot outside Cần Thơ, thousand m3", f"wastewater cut: Ninh Bình {ninh_binh:.0f}, Hòa Khánh "
         f"{OF['eip_hk_wastewater'] / 1e3:.0f}", f"{saved:.0f} of freshwater saved",
         "more wastewater cut than water saved"],
        ["CO2 of Hòa Khánh, t a firm", f"8 firms {OF['park_hoakhanh_eight_co2'] / 8:.0f}",
         f"29 firms {OF['park_hoakhanh_recp_ghg'] / 29:.0f} to {OF['eip_hk_co2'] / 29:.0f}",
         "three times as much a firm"]])
