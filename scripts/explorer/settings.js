// What a reader of the explorer page has set: as the engine wants it, and as the address holds it behind #, so that a
// view can be kept and sent. And how numbers and dates are written.
"use strict";

const byId = id => document.getElementById(id);
const facts = JSON.parse(byId("facts").textContent);
const RANGES = {"5-95": [0.05, 0.95], "10-90": [0.1, 0.9], "25-75": [0.25, 0.75], "0-100": [0, 1]};
const REAL = ["carried_out", "chosen"];
const DAY = 86400000;

const state = {
  indicator: 0, park: null, scenario: 0, range: "5-95", by: "by_step", lang: "en", cursor: -1, shown: "all",
  levers: facts.levers.map(() => ({on: null, months: 0, ceiling: null})), // on, ceiling: null where as in the scenario
};
let latest = null, asked = 0, askedAt = 0, ask = null, needsAgain = false;

// ---- words and numbers ----

const words = () => WORDS[state.lang];
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const titleOf = thing => state.lang === "vi" && thing.title_vi || thing.title || thing.name;
const writers = new Map(); // making one takes longer than using it a hundred times

function written(value, notation) {
  const key = state.lang + notation;
  if (!writers.has(key)) writers.set(key, new Intl.NumberFormat(state.lang, {maximumSignificantDigits: 3, notation}));
  return writers.get(key).format(value).replace("-", "\u2212");
}

const significant = value => Number.isFinite(value) ? written(value, "standard") : "–";
const compact = value => written(value, Math.abs(value) >= 1e6 ? "compact" : "standard");
const signed = value => (value > 0 ? "+" : "") + significant(value);

function dateText(time, hasDay) {
  const key = state.lang + hasDay, options = {month: "short", year: "numeric", timeZone: "UTC"};
  if (hasDay) options.day = "numeric";
  if (!writers.has(key)) writers.set(key, new Intl.DateTimeFormat(state.lang, options));
  return writers.get(key).format(new Date(time));
}

function periodName(period) {
  const month = /^(\d{4})-(\d{2})$/.exec(period.label);
  return month ? dateText(Date.UTC(+month[1], month[2] - 1, 1), false) : period.label;
}

// A day that begins a month is said as the month.
const dayText = time => dateText(time, new Date(time).getUTCDate() !== 1);

function stepUnit() {
  const {label, first_day, end_day} = facts.by_step[0];
  if (end_day - first_day === 1) return "day";
  if (/^\d{4}-\d{2}$/.test(label)) return "month";
  return /^\d{4}-Q\d$/.test(label) ? "quarter" : "step";
}

// "" of a number without a unit.
function unitOf(indicator) {
  const unit = indicator.unit === "1" ? "" : indicator.unit || "";
  return unit.replace(/\bm3\b/g, "m³").replace(/CO2/g, "CO₂").replace(/ /g, "\u00a0");
}

const unitText = () => unitOf(facts.indicators[state.indicator]);
const named = indicator => titleOf(indicator) + (unitOf(indicator) ? ` (${unitOf(indicator)})` : "");
const yearsText = period => period.label.replace(/^(\d{4})-(\d{4})$/, "$1–$2");

// ---- settings ----

const scenario = () => facts.scenarios[state.scenario];
const reference = () => scenario().against >= 0 ? facts.scenarios[scenario().against] : scenario();
const isOn = (lever, i) => state.levers[i].on === null ? scenario().on.includes(lever.switched) : state.levers[i].on;
const isMoved = i => state.levers[i].months !== 0 || state.levers[i].ceiling !== null;
const isChanged = (lever, i) => isMoved(i) || isOn(lever, i) !== scenario().on.includes(lever.switched);

// Where the model has them, at the medians: known from the first answer on, whatever was set then.
const known = facts.levers.map(() => null);

function shiftedMonths(time, months) {
  const date = new Date(time), day = date.getUTCDate();
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate();
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, Math.min(day, last)) + time % DAY;
}

function settingsOfScenario(row) {
  const settings = {};
  for (const input of row.on) settings[input] = 1;
  return settings;
}

function settings() {
  const result = settingsOfScenario(scenario());
  facts.levers.forEach((lever, i) => {
    const set = state.levers[i], base = known[i];
    if (isOn(lever, i)) result[lever.switched] = 1;
    else delete result[lever.switched];
    if (!base) return;
    if (set.months) result[lever.delay] = (shiftedMonths(base.start, set.months) - base.start) / 1000;
    if (set.ceiling !== null) result[lever.raise] = set.ceiling / 100 - base.ceiling;
  });
  return result;
}

// ---- the address ----

function writeAddress() {
  const parts = new URLSearchParams(), levers = {on: [], off: [], start: [], ceiling: []};
  facts.levers.forEach((lever, i) => {
    const set = state.levers[i];
    if (set.on !== null) levers[set.on ? "on" : "off"].push(lever.name);
    if (set.months) levers.start.push(lever.name + ":" + set.months);
    if (set.ceiling !== null) levers.ceiling.push(lever.name + ":" + set.ceiling);
  });
  parts.set("indicator", facts.indicators[state.indicator].name);
  parts.set("park", state.park === null ? "all" : facts.parks[state.park].name);
  parts.set("scenario", scenario().name);
  for (const name of ["range", "by", "lang"]) parts.set(name, state[name]);
  for (const name in levers) if (levers[name].length) parts.set(name, levers[name].join(","));
  history.replaceState(null, "", "#" + parts.toString().replace(/%2C/g, ",").replace(/%3A/g, ":"));
}

const rowNamed = (list, name, otherwise) => {
  const row = list.findIndex(item => item.name === name);
  return row < 0 ? otherwise : row;
};

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1)), get = name => parts.get(name) || "";
  state.indicator = rowNamed(facts.indicators, get("indicator"), state.indicator);
  state.scenario = rowNamed(facts.scenarios, get("scenario"), state.scenario);
  if (get("park")) state.park = rowNamed(facts.parks, get("park"), null);
  if (RANGES[get("range")]) state.range = get("range");
  if (["by_step", "by_year"].includes(get("by"))) state.by = get("by");
  if (WORDS[get("lang")]) state.lang = get("lang");
  const each = (name, set) => get(name).split(",").filter(Boolean).forEach(text => {
    const [lever, value] = text.split(":"), row = rowNamed(facts.levers, lever, -1);
    if (row >= 0) set(state.levers[row], Number(value));
  });
  each("on", lever => { lever.on = true; });
  each("off", lever => { lever.on = false; });
  each("start", (lever, months) => { if (Number.isInteger(months)) lever.months = months; });
  each("ceiling", (lever, per_cent) => { if (per_cent >= 0 && per_cent <= 100) lever.ceiling = per_cent; });
}
