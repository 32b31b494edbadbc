// The explorer page: choices and levers to questions for the engine, its answers to sentences, charts and a table.
"use strict";

// ---- choices ----

function fillSelect(id, options, value) {
  const select = byId(id);
  select.textContent = "";
  for (const [key, title, group] of options) {
    const option = new Option(title, key, false, String(key) === String(value));
    let parent = select;
    if (group) {
      parent = [...select.querySelectorAll("optgroup")].find(g => g.label === group);
      if (!parent) {
        parent = document.createElement("optgroup");
        parent.label = group;
        select.append(parent);
      }
    }
    parent.append(option);
  }
}

function fillChoices() {
  const w = words(), order = facts.indicators.map((v, i) => [i, named(v), v.headline ? w.headline : w.others]);
  fillSelect("indicator", order.sort((a, b) => (a[2] === w.others) - (b[2] === w.others)), state.indicator);
  fillSelect("park", [["all", w.all_parks], ...facts.parks.map((p, i) => [i, titleOf(p)])],
    state.park === null ? "all" : state.park);
  fillSelect("scenario", facts.scenarios.map((s, i) => [i, titleOf(s) + (s.potential ? " *" : "")]), state.scenario);
  fillSelect("range", Object.keys(RANGES).map(key => [key, key.replace("-", " % – ") + " %"]), state.range);
  fillSelect("by", [["by_step", w.unit_step[stepUnit()]], ...(facts.years ? [["by_year", w.year]] : [])], state.by);
  fillSelect("shown", [["all", w.shown_all], ["on", w.shown_on], ["changed", w.shown_changed],
    ["park", w.shown_park]], state.shown);
}

function fillWords() {
  const w = words();
  document.documentElement.lang = state.lang;
  document.title = titleOf(facts) + " – parkflow";
  byId("title").textContent = titleOf(facts);
  const drawn = facts.plan.inputs.filter(([, , isDrawn]) => isDrawn).length;
  byId("subtitle").textContent = fill(w.subtitle, {members: facts.members.length, inputs: drawn});
  byId("language").textContent = w.other;
  byId("language").lang = w.other_lang;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = w[element.dataset.word];
  for (const element of document.querySelectorAll("[data-hint]")) {
    element.setAttribute("aria-label", w[element.dataset.hint]);
    if ("placeholder" in element) element.placeholder = w[element.dataset.hint];
  }
  fillChoices();
  fillAbout();
}

function fillAbout() {
  const w = words(), about = byId("about"), list = document.createElement("dl"), text = document.createElement("p");
  const indicator = facts.indicators[state.indicator];
  const rows = {
    model: titleOf(facts), input: facts.sha256, made: `parkflow ${facts.version}: ${facts.command || ""}`,
    draws: fill(w.draws_text, {count: facts.members.length, design: facts.design, seed: facts.seed}),
    accounting: facts.accounting, plan: fill(w.plan_text, facts.plan),
    definition: `${titleOf(indicator)} = ${indicator.definition || ""}`,
  };
  for (const key in rows) if (rows[key]) {
    const [term, value] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = w.facts[key];
    value.textContent = rows[key];
    list.append(term, value);
  }
  text.textContent = w.about_text;
  about.replaceChildren(text, list);
}

// ---- results ----

// Lane 0 stands at the medians: it is no draw.
const usable = l => !latest.failed[l] && l > 0;
const differenceOf = (rows, base) => rows.map((row, p) => row.map((value, l) => value - base[p][l]));

function bandsBy(by) {
  const range = RANGES[state.range], rows = latest[by].values, base = latest[by].reference;
  return {periods: facts[by], reference: bandOf(base, usable, range), scenario: bandOf(rows, usable, range),
    difference: bandOf(differenceOf(rows, base), usable, range)};
}

// What a chart can show beside each other: not the whole time, which stands behind the years.
function chartBands() {
  const bands = bandsBy(state.by), count = state.by === "by_year" ? facts.years : bands.periods.length;
  for (const name in bands) bands[name] = bands[name].slice(0, count);
  return bands;
}

const isSettingChanged = () => facts.levers.some((lever, i) => isChanged(lever, i));
const scenarioName = () => fill(isSettingChanged() ? words().moved : "{scenario}", {scenario: titleOf(scenario())});
const rangeText = point => fill(words().between, {low: significant(point.low), high: significant(point.high)});

function amountText(point, unit) {
  const w = words(), isLess = point.middle < 0;
  if (!point.middle && !point.low && !point.high) return null;
  const [low, high] = isLess ? [-point.high, -point.low] : [point.low, point.high];
  const amount = significant(Math.abs(point.middle));
  return `${fill(isLess ? w.less : w.more, {amount, unit})} (${rangeText({low, high})})`;
}

function showResult(bands) {
  const w = words(), last = bands.periods.length - 1, period = bands.periods[last], unit = unitText();
  const point = bands.difference[last], amount = amountText(point, unit);
  const about = {indicator: titleOf(facts.indicators[state.indicator]), period: yearsText(period), amount};
  byId("change").textContent = fill(amount ? w.sentence : w.no_change, about);
  byId("levels").textContent = fill(w.levels, {
    scenario: scenarioName(), value: significant(bands.scenario[last].middle), unit,
    reference: titleOf(reference()), base: significant(bands.reference[last].middle),
    range: state.range.replace("-", "–") + " %",
  });
  byId("notes").textContent = notes(point).join(" ");
}

function notes(point) {
  const w = words(), result = [], on = facts.levers.filter(isOn);
  const open = on.filter(lever => lever.status && !REAL.includes(lever.status)).length;
  const failed = latest.failed.reduce((sum, f, l) => sum + (l && f ? 1 : 0), 0);
  if (failed === latest.failed.length - 1 && failed) result.push(w.all_failed);
  else if (failed) result.push(fill(w.failed, {count: failed, total: latest.failed.length - 1}));
  if (open) result.push(fill(w.potential, {count: open, on: on.length}));
  const pairs = new Set(facts.conflicts.filter(([a, b]) => isOn(facts.levers[a], a) && isOn(facts.levers[b], b))
    .map(([a, b]) => `${titleOf(facts.levers[a])} + ${titleOf(facts.levers[b])}`));
  if (pairs.size) result.push(fill(w.conflict, {names: [...pairs].join("; ")}));
  if (point.low < 0 && point.high > 0) result.push(w.uncertain[0].toUpperCase() + w.uncertain.slice(1) + ".");
  return result;
}

function showCharts(bands) {
  const w = words(), periods = bands.periods, names = {scenario: scenarioName(), reference: titleOf(reference())};
  if (state.cursor < 0 || state.cursor >= periods.length) state.cursor = periods.length - 1;
  const indicator = facts.indicators[state.indicator], unit = unitText(), last = periods.length - 1;
  const common = {periods, format: compact, cursor: state.cursor, mustHoldZero: true};
  const label = (title, band) => fill(w.chart, {
    title, first: periodName(periods[0]), last: periodName(periods[last]),
    from: significant(band[0].middle), to: significant(band[last].middle), unit,
  });
  byId("levels-title").textContent = named(indicator);
  byId("reference-name").textContent = names.reference;
  byId("scenario-name").textContent = names.scenario;
  byId("difference-title").textContent = fill(w.difference, names) + (unit ? ` (${unit})` : "");
  drawChart(byId("levels-chart"), {...common, height: 250, label: label(titleOf(indicator), bands.scenario),
    bands: [{name: "reference", band: bands.reference}, {name: "scenario", band: bands.scenario}]});
  drawChart(byId("difference-chart"), {...common, height: 190,
    label: label(fill(w.difference, names), bands.difference), bands: [{name: "difference", band: bands.difference}]});
  showReadout(bands, names, unit);
}

function showReadout(bands, names, unit) {
  const c = state.cursor, say = (name, point, write) => `${name}: ${write(point.middle)} ${unit} (${rangeText(point)})`;
  const lines = [periodName(bands.periods[c]), say(names.reference, bands.reference[c], significant),
    say(names.scenario, bands.scenario[c], significant), say(words().change_column, bands.difference[c], signed)];
  byId("readout").replaceChildren(...lines.map(text => {
    const span = document.createElement("span");
    span.textContent = text;
    return span;
  }));
  const slider = byId("cursor");
  slider.setAttribute("aria-valuemax", bands.periods.length - 1);
  slider.setAttribute("aria-valuenow", c);
  slider.setAttribute("aria-valuetext", lines.join("; "));
  slider.setAttribute("aria-label", words().period);
}

// The cells hold the numbers themselves beside what is shown: of the medians' run, and of the quantiles.
function showTable(bands) {
  const w = words(), cell = (kind, p) => {
    const td = document.createElement("td"), small = document.createElement("small"), point = bands[kind][p];
    const lane = {scenario: latest.by_year.values, reference: latest.by_year.reference}[kind];
    td.append((kind === "difference" ? signed : significant)(point.middle));
    small.textContent = rangeText(point);
    td.append(small);
    Object.assign(td.dataset, {low: point.low, middle: point.middle, high: point.high,
      run: lane ? lane[p][0] : latest.by_year.values[p][0] - latest.by_year.reference[p][0]});
    return td;
  };
  const head = document.createElement("tr"), body = bands.periods.map((period, p) => {
    const row = document.createElement("tr"), name = document.createElement("th");
    name.textContent = yearsText(period);
    name.scope = "row";
    row.append(name, cell("reference", p), cell("scenario", p), cell("difference", p));
    return row;
  });
  for (const text of [w.period, titleOf(reference()), scenarioName(), w.change_column]) {
    const th = document.createElement("th");
    th.textContent = text;
    th.scope = "col";
    head.append(th);
  }
  byId("table").replaceChildren(head, ...body);
}

function showStatus() {
  const w = words(), total = facts.members.length;
  const isCurrent = latest && latest.id === asked, isDone = isCurrent && latest.isDone;
  const draws = isCurrent ? latest.done - 1 : 0, seconds = isDone ? significant((latest.at - askedAt) / 1000) : "";
  byId("status").textContent = ask ? fill(isDone ? w.done : w.running, {done: draws, total, seconds}) : w.loading;
  document.body.dataset.state = isDone ? "done" : "running";
}

function showAll() {
  if (latest) {
    showResult(bandsBy("by_year"));
    showCharts(chartBands());
    showTable(bandsBy("by_year"));
  }
  showLevers();
  showStatus();
}

// ---- questions and answers ----

// A newer question may have been asked: its answer is on its way, this one is better than none.
function take(reply) {
  if (reply.id !== asked && latest && reply.done < reply.total) return;
  latest = {...reply, at: performance.now()};
  reply.levers.forEach((lever, i) => {
    known[i] = known[i] || {ceiling: lever.ceiling, start: Math.round(lever.start * 1000)};
  });
  if (needsAgain) {
    needsAgain = false;
    changed();
    return;
  }
  showAll();
}

function question() {
  return {id: ++asked, indicator: state.indicator, park: state.park, settings: settings(),
    reference: settingsOfScenario(reference())};
}

function changed() {
  writeAddress();
  askedAt = performance.now();
  if (ask) ask(question());
  showLevers();
  showStatus();
}

function start(askEngine) {
  ask = askEngine;
  needsAgain = state.levers.some((_, i) => isMoved(i)); // what a lever is moved from comes with the first answer
  changed();
}

// Without workers, as some browsers have it for files, the page itself runs the model.
async function startHere() {
  const engine = new Function(byId("engine").textContent + "\nreturn {makeModel, makeWorker};")();
  start(engine.makeWorker(await engine.makeModel(facts, byId("numbers").textContent), take));
}

function startWorker() {
  const source = new Blob([byId("engine").textContent], {type: "text/javascript"});
  const worker = new Worker(URL.createObjectURL(source));
  worker.onmessage = ({data}) => {
    if (data.isReady) start(question => worker.postMessage({question}));
    else if (data.error) refuse(data.error);
    else take(data);
  };
  worker.onerror = () => startHere().catch(refuse);
  worker.postMessage({facts, numbers: byId("numbers").textContent});
}

function refuse(error) {
  byId("status").textContent = `${words().old} (${error})`;
  document.body.dataset.state = "refused";
}

// ---- events ----

function listen() {
  const choose = (id, set, act) => byId(id).addEventListener("change", event => { set(event.target.value); act(); });
  choose("indicator", value => { state.indicator = Number(value); fillAbout(); }, changed);
  choose("park", value => { state.park = value === "all" ? null : Number(value); }, changed);
  choose("scenario", value => { state.scenario = Number(value); }, changed);
  const redraw = () => { writeAddress(); showAll(); };
  choose("range", value => { state.range = value; }, redraw);
  choose("by", value => { state.by = value; state.cursor = -1; }, redraw);
  choose("shown", value => { state.shown = value; }, redraw);
  byId("search").addEventListener("input", showLevers);
  byId("language").addEventListener("click", () => { state.lang = words().other_lang; fillWords(); redraw(); });
  const all = on => facts.levers.forEach((_, i) => { state.levers[i].on = on; });
  byId("all-on").addEventListener("click", () => { all(true); changed(); });
  byId("all-off").addEventListener("click", () => { all(false); changed(); });
  byId("reset").addEventListener("click", () => {
    state.levers.forEach(set => Object.assign(set, {on: null, months: 0, ceiling: null}));
    changed();
  });
  listenToCursor();
  addEventListener("resize", showAll);
}

const chartPeriods = () => state.by === "by_year" ? facts.by_year.slice(0, facts.years) : facts.by_step;

function listenToCursor() {
  const cursor = byId("cursor"), move = to => {
    if (!latest) return;
    state.cursor = Math.max(0, Math.min(chartPeriods().length - 1, to));
    showCharts(chartBands());
  };
  const steps = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 12, PageDown: -12,
    Home: -Infinity, End: Infinity};
  cursor.addEventListener("keydown", event => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    move(state.cursor + steps[event.key]);
  });
  for (const id of ["levels-chart", "difference-chart"])
    for (const kind of ["pointermove", "pointerdown"])
      byId(id).addEventListener(kind, event => move(periodAt(byId(id), event.clientX, chartPeriods())));
}

state.indicator = Math.max(0, facts.indicators.findIndex(v => v.name === "ghg_total"));
state.scenario = Math.max(0, facts.scenarios.findIndex(s => s.against >= 0));
state.lang = /^vi/.test(navigator.language) ? "vi" : "en";
if (facts.years < 1) state.by = "by_step";
readAddress();
makeLevers();
byId("levers").hidden = !facts.levers.length;
fillWords();
listen();
showStatus();
try {
  startWorker();
} catch (error) {
  startHere().catch(refuse);
}
