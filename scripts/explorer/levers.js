// The levers of the explorer page: a row for each measure, by park, with its switch, its uptake and its sliders.
"use strict";

const leverRows = [];

function makeLever(lever, i) {
  const row = document.createElement("div");
  row.className = "lever";
  row.id = "lever-" + lever.name;
  const slider = (name, more) => `<label><span class="${name}-word"></span>` +
    `<input type="range" class="${name}" id="${name}-${i}" step="1" ${more}><output></output></label>`;
  row.innerHTML = `<div class="row"><label><input type="checkbox" id="switch-${i}">
    <span class="title"><span class="name"></span> <span class="status"></span></span></label>
    <svg viewBox="0 0 64 26" preserveAspectRatio="none" aria-hidden="true"></svg>
    <button type="button" class="open" aria-expanded="false" aria-controls="sliders-${i}"></button></div>
    <div class="sliders" id="sliders-${i}" hidden>${slider("start", "")}${slider("ceiling", "min=0 max=100")}</div>`;
  const find = selector => row.querySelector(selector), set = state.levers[i];
  find("[type=checkbox]").addEventListener("change", event => { set.on = event.target.checked; changed(); });
  find(".open").addEventListener("click", () => {
    const sliders = find(".sliders");
    sliders.hidden = !sliders.hidden;
    find(".open").setAttribute("aria-expanded", String(!sliders.hidden));
  });
  find(".start").addEventListener("input", event => { set.months = Number(event.target.value); changed(); });
  find(".ceiling").addEventListener("input", event => { set.ceiling = Number(event.target.value); changed(); });
  if (!lever.curve) find(".open").disabled = true;
  return {row, find, lever, i};
}

function makeLevers() {
  const list = byId("list");
  facts.parks.forEach((park, p) => {
    const inPark = facts.levers.map((lever, i) => ({lever, i})).filter(({lever}) => lever.park === p);
    if (!inPark.length) return;
    const heading = document.createElement("h3");
    heading.dataset.park = p;
    list.append(heading);
    for (const {lever, i} of inPark) {
      leverRows[i] = makeLever(lever, i);
      list.append(leverRows[i].row);
    }
  });
}

function showSliders({find, lever, i}) {
  const w = words(), set = state.levers[i], base = known[i], [start, ceiling] = [find(".start"), find(".ceiling")];
  find(".start-word").textContent = w.start;
  find(".ceiling-word").textContent = w.ceiling;
  if (!base || !lever.curve) return;
  const months = time => new Date(time).getUTCFullYear() * 12 + new Date(time).getUTCMonth();
  const end = facts.by_step[facts.by_step.length - 1].end_day * DAY;
  start.min = Math.min(0, months(facts.first_day * DAY) - months(base.start));
  start.max = Math.max(0, months(end) - months(base.start));
  start.value = set.months;
  start.nextElementSibling.value = dayText(shiftedMonths(base.start, set.months));
  start.setAttribute("aria-valuetext", start.nextElementSibling.value);
  ceiling.disabled = lever.needs_whole;
  ceiling.value = Math.round(set.ceiling === null ? base.ceiling * 100 : set.ceiling);
  const per_cent = set.ceiling === null ? base.ceiling * 100 : set.ceiling;
  ceiling.nextElementSibling.value = lever.needs_whole ? w.whole : significant(per_cent) + " %";
  ceiling.setAttribute("aria-valuetext", ceiling.nextElementSibling.value);
}

function isShown(lever, i) {
  const wanted = byId("search").value.trim().toLocaleLowerCase();
  const texts = [lever.name, lever.title || "", lever.title_vi || ""];
  if (!texts.some(text => text.toLocaleLowerCase().includes(wanted))) return false;
  switch (state.shown) {
    case "on": return isOn(lever, i);
    case "changed": return isChanged(lever, i);
    case "park": return state.park === null || lever.park === state.park;
    default: return true;
  }
}

function showLevers() {
  const w = words();
  for (const item of leverRows) {
    if (!item) continue;
    const {row, find, lever, i} = item, on = isOn(lever, i);
    row.hidden = !isShown(lever, i);
    row.classList.toggle("off", !on);
    row.classList.toggle("moved", isMoved(i));
    find("[type=checkbox]").checked = on;
    find(".name").textContent = titleOf(lever);
    find(".status").textContent = lever.status ? w.status[lever.status] || lever.status : "";
    find(".open").textContent = w.open;
    find(".open").setAttribute("aria-label", `${titleOf(lever)}: ${w.open}`);
    if (latest) drawUptake(find("svg"), latest.levers[i].adoption);
    showSliders(item);
  }
  for (const heading of document.querySelectorAll("#list h3")) {
    const p = Number(heading.dataset.park);
    heading.textContent = titleOf(facts.parks[p]);
    heading.hidden = !leverRows.some(item => item && item.lever.park === p && !item.row.hidden);
  }
}
