// Charts of the explorer as SVG: takes bands of quantiles by period and gives the text of a picture. Draws what it is
// given; knows neither model nor words.
"use strict";

const MARGIN = {left: 62, right: 12, top: 8, bottom: 22};
const FEW = 8; // periods, each of which is marked

// As NumPy's and R's default: linear between the order statistics. Of values without NaN, ascending.
function quantile(sorted, p) {
  if (!sorted.length) return NaN;
  const at = p * (sorted.length - 1), low = Math.floor(at), high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

// Low, middle and high of each period, over the lanes that may be used.
function bandOf(rows, isUsable, range) {
  return rows.map(row => {
    const sorted = row.filter((value, l) => isUsable(l) && value === value).sort();
    return {low: quantile(sorted, range[0]), middle: quantile(sorted, 0.5), high: quantile(sorted, range[1])};
  });
}

// Steps of 1, 2 or 5 times a power of ten.
function niceStep(span, count) {
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough)), ratio = rough / power;
  return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

function scaleOf(bands, mustHoldZero) {
  let low = mustHoldZero ? 0 : Infinity, high = mustHoldZero ? 0 : -Infinity;
  for (const band of bands) for (const point of band) {
    if (point.low === point.low) low = Math.min(low, point.low);
    if (point.high === point.high) high = Math.max(high, point.high);
  }
  if (!(high > low)) [low, high] = [Math.min(low, 0), Math.max(high, 0) || 1];
  if (!(high > low)) high = low + 1;
  const step = niceStep(high - low, 4);
  return {low: Math.floor(low / step) * step, high: Math.ceil(high / step) * step, step};
}

function place(size, periods, scale) {
  const first = periods[0].first_day, last = periods[periods.length - 1].end_day;
  const width = size.width - MARGIN.left - MARGIN.right, height = size.height - MARGIN.top - MARGIN.bottom;
  return {
    x: day => MARGIN.left + (day - first) / (last - first) * width,
    middle: p => MARGIN.left + ((periods[p].first_day + periods[p].end_day) / 2 - first) / (last - first) * width,
    y: value => MARGIN.top + (scale.high - value) / (scale.high - scale.low) * height,
  };
}

const round = number => number.toFixed(1);

function pathOf(points) {
  return points.map(([x, y], i) => (i ? "L" : "M") + round(x) + " " + round(y)).join("");
}

const line = (name, x1, x2, y1, y2) =>
  `<line class="${name}" x1="${round(x1)}" x2="${round(x2)}" y1="${round(y1)}" y2="${round(y2)}"/>`;

function fan(at, band, name) {
  const known = band.map((point, p) => ({...point, x: at.middle(p)})).filter(point => point.middle === point.middle);
  const edgeOf = end => known.map(point => [point.x, at.y(point[end])]);
  const edge = edgeOf("high").concat(edgeOf("low").reverse());
  const dots = known.length > FEW ? "" : known.map(point =>
    `<circle class="${name}" cx="${round(point.x)}" cy="${round(at.y(point.middle))}" r="3.5"/>` +
    line(name, point.x, point.x, at.y(point.low), at.y(point.high))).join("");
  if (!known.length) return "";
  return `<path class="${name} band" d="${pathOf(edge)}Z"/>` +
    `<path class="${name} middle" d="${pathOf(edgeOf("middle"))}"/>${dots}`;
}

function rungs(size, at, scale, format) {
  const parts = [], count = Math.round((scale.high - scale.low) / scale.step);
  for (let i = 0; i <= count; i++) {
    const value = scale.low + i * scale.step, y = at.y(value), isZero = Math.abs(value) < scale.step / 2;
    parts.push(line(isZero ? "zero" : "grid", MARGIN.left, size.width - MARGIN.right, y, y));
    const text = format(isZero ? 0 : value);
    parts.push(`<text x="${MARGIN.left - 6}" y="${round(y + 4)}" text-anchor="end">${text}</text>`);
  }
  return parts.join("");
}

function yearMarks(size, at, periods) {
  const yearOf = day => new Date(day * 864e5).getUTCFullYear(), dayOf = year => Date.UTC(year, 0, 1) / 864e5;
  const start = periods[0].first_day, end = periods[periods.length - 1].end_day, parts = [];
  for (let year = yearOf(start); year <= yearOf(end - 1); year++) {
    const from = at.x(Math.max(dayOf(year), start)), to = at.x(Math.min(dayOf(year + 1), end));
    if (dayOf(year) > start) parts.push(line("grid", from, from, MARGIN.top, size.height - MARGIN.bottom));
    parts.push(`<text x="${round((from + to) / 2)}" y="${size.height - 6}" text-anchor="middle">${year}</text>`);
  }
  return parts.join("");
}

// bands: [{name, band}]; label: what a reader who sees no picture is told; cursor: a period.
function drawChart(element, {periods, bands, mustHoldZero, height, label, format, cursor}) {
  const size = {width: Math.max(element.clientWidth, 240), height};
  const scale = scaleOf(bands.map(b => b.band), mustHoldZero), at = place(size, periods, scale);
  const x = at.middle(cursor);
  const dots = bands.filter(b => b.band[cursor].middle === b.band[cursor].middle).map(b =>
    `<circle class="${b.name}" cx="${round(x)}" cy="${round(at.y(b.band[cursor].middle))}" r="5"/>`).join("");
  element.innerHTML = `<svg viewBox="0 0 ${size.width} ${size.height}" height="${height}" role="img">` +
    rungs(size, at, scale, format) + yearMarks(size, at, periods) + bands.map(b => fan(at, b.band, b.name)).join("") +
    line("at", x, x, MARGIN.top, size.height - MARGIN.bottom) + dots + "</svg>";
  element.firstChild.setAttribute("aria-label", label);
}

// The period under a place of the screen.
function periodAt(element, clientX, periods) {
  const box = element.getBoundingClientRect(), width = Math.max(element.clientWidth, 240) - MARGIN.left - MARGIN.right;
  const first = periods[0].first_day, last = periods[periods.length - 1].end_day;
  const day = first + (clientX - box.left - MARGIN.left) / width * (last - first);
  const found = periods.findIndex(p => day < p.end_day);
  return found < 0 ? periods.length - 1 : found;
}

// Uptake over time as a small area between 0 and 1.
function drawUptake(svg, adoption) {
  const width = 64, height = 26, step = width / adoption.length;
  const points = adoption.map((share, i) => [(i + 0.5) * step, height - 1 - share * (height - 2)]);
  svg.innerHTML = `<path d="M0 ${height}L${pathOf(points).slice(1)}L${width} ${height}Z"/>`;
}
