// Runs the model of an explorer page: takes what `parkflow explore` wrote and the settings of levers, gives outputs by
// step, indicator, park and lane. Works in a worker of the page, a block of lanes at a time, and answers questions in
// between. The model itself is WebAssembly; what stands here is the order of a run and the solver of loops, which is
// that of engine/kernel/loop.c.
"use strict";

const LEVER_OUTPUTS = 3; // adoption, ceiling, start
const ROUNDS = 200, SETTLED = 1e-12, SINGULAR = 64 * 2 ** -52;

// Where JavaScript's functions are not those of C.
const operations = {
  pow: (a, b) => a !== a ? a : b !== b ? b : a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b),
  exp: Math.exp, log: Math.log, log1p: Math.log1p, sqrt: Math.sqrt, sin: Math.sin, cos: Math.cos,
};

// ---- loops: safeguarded Newton for each lane, all lanes in step ----

function makeSolver(loop, rows, lanes) {
  const n = loop.tears, x = loop.x.map(rows), g = loop.g.map(rows), slope = loop.jacobian.map(rows);
  const norm = new Float64Array(lanes), determinant = new Float64Array(lanes);
  const active = new Uint8Array(lanes), newton = new Uint8Array(lanes);
  const returned = Array.from({length: n}, () => new Float64Array(lanes));
  const matrix = new Float64Array(n * n), step = new Float64Array(n);

  function residual(l) {
    let most = 0;
    for (let i = 0; i < n; i++) {
      const xi = x[i][l], gi = g[i][l];
      const gross = Math.abs(xi) > Math.abs(gi) || xi !== xi ? Math.abs(xi) : Math.abs(gi);
      const r = gross > 0 ? Math.abs(xi - gi) / gross : gross;
      if (r > most || r !== r) most = r;
    }
    return most;
  }

  function swapRows(k, i) {
    for (let j = k; j < n; j++) [matrix[k * n + j], matrix[i * n + j]] = [matrix[i * n + j], matrix[k * n + j]];
    [step[k], step[i]] = [step[i], step[k]];
  }

  // step := d of (I - J) d = g - x, by LU with partial pivoting; gives the determinant.
  function solveNewton(l) {
    let product = 1;
    for (let i = 0; i < n; i++) {
      step[i] = g[i][l] - x[i][l];
      for (let j = 0; j < n; j++) matrix[i * n + j] = (i === j ? 1 : 0) - slope[i * n + j][l];
    }
    for (let k = 0; k < n; k++) {
      for (let i = k + 1; i < n; i++) if (Math.abs(matrix[i * n + k]) > Math.abs(matrix[k * n + k])) swapRows(k, i);
      for (let i = k + 1; i < n; i++) {
        const factor = matrix[i * n + k] / matrix[k * n + k];
        for (let j = k + 1; j < n; j++) matrix[i * n + j] -= factor * matrix[k * n + j];
        step[i] -= factor * step[k];
      }
      product *= matrix[k * n + k];
    }
    for (let k = n - 1; k >= 0; k--) {
      for (let j = k + 1; j < n; j++) step[k] -= matrix[k * n + j] * step[j];
      step[k] /= matrix[k * n + k];
    }
    return product;
  }

  function isPossible(l) {
    for (let i = 0; i < n; i++) {
      const point = x[i][l] + step[i];
      if (!(point >= 0 && point < Infinity)) return false;
    }
    return true;
  }

  // What follows an evaluation of g in one lane: is it solved, and where to look next.
  function endRound(l, isLast) {
    const trial = residual(l), moved = !newton[l] || trial <= 0.5 * norm[l];
    if (moved) {
      norm[l] = trial;
      for (let i = 0; i < n; i++) returned[i][l] = g[i][l];
    }
    if (moved && trial <= SETTLED) for (let i = 0; i < n; i++) x[i][l] = g[i][l];
    if (!(norm[l] > SETTLED && norm[l] < Infinity)) {
      active[l] = 0;
      return;
    }
    if (isLast) return;
    newton[l] = 0;
    if (moved) {
      determinant[l] = solveNewton(l);
      newton[l] = Math.abs(determinant[l]) > SINGULAR && isPossible(l) ? 1 : 0;
    }
    for (let i = 0; i < n; i++) x[i][l] = newton[l] ? x[i][l] + step[i] : returned[i][l];
  }

  // Marks what could not be solved in `failed`.
  return function solve(body, failed) {
    let left = 0;
    for (let l = 0; l < lanes; l++) {
      active[l] = failed[2 * l] || failed[2 * l + 1] ? 0 : 1;
      left += active[l];
      norm[l] = newton[l] = 0;
      for (let i = 0; i < n; i++) x[i][l] = 0;
    }
    for (let round = 1; left && round <= ROUNDS; round++) {
      body();
      left = 0;
      for (let l = 0; l < lanes; l++) {
        if (active[l]) endRound(l, round === ROUNDS);
        left += active[l];
      }
    }
    body();
    for (let l = 0; l < lanes; l++) if (active[l] || !(norm[l] < Infinity)) failed[2 * l] = failed[2 * l + 1] = -1;
  };
}

// ---- a run ----

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

async function makeModel(facts, base64) {
  const plan = facts.plan, numbers = await inflate(base64), total = facts.members.length + 1;
  let at = 0;
  const take = count => {
    const part = new Float64Array(numbers, at, count);
    at += 8 * count;
    return part;
  };
  const constants = take(plan.constants.length), table = take(plan.steps * plan.exports);
  const draws = plan.inputs.map(([, , isDrawn]) => isDrawn ? take(total) : null);
  const {instance} = await WebAssembly.instantiate(new Uint8Array(numbers, at, plan.module_size), {operations});
  const module = instance.exports, buffer = module.memory.buffer, lanes = plan.lanes;
  const rows = k => new Float64Array(buffer, k * plan.row_bytes, lanes);
  new Float64Array(buffer, plan.table, table.length).set(table);
  plan.constants.forEach((k, i) => new Float64Array(buffer, k * plan.row_bytes, plan.row_bytes / 8).fill(constants[i]));
  return {
    facts, plan, module, lanes, total, draws, rows,
    summed: plan.output_count - LEVER_OUTPUTS * facts.levers.length,
    inputs: plan.inputs.map(([register]) => rows(register)),
    states: plan.states.map(([register, , next]) => [rows(register), rows(next)]),
    moved: plan.states.map(() => new Float64Array(lanes)),
    solvers: plan.loops.map(loop => makeSolver(loop, rows, lanes)),
    segments: [...plan.segments.keys(), plan.segments.length].map(s => module["s" + s]),
    failed: new Int32Array(buffer, plan.failed * plan.row_bytes, 2 * lanes),
    notFinite: new Int32Array(buffer, plan.not_finite * plan.row_bytes, 2 * lanes),
    outputs: Array.from({length: plan.output_count}, (_, i) => rows(plan.outputs + i)),
  };
}

// Lanes beyond the last repeat the first, so that they neither fail nor keep a loop waiting on their own.
function loadInputs(model, settings, first, count) {
  model.plan.inputs.forEach(([, input], i) => {
    const row = model.inputs[i], draws = model.draws[i];
    if (!draws) row.fill(settings[input] || 0);
    else {
      row.set(draws.subarray(first, first + count));
      row.fill(draws[first], count);
    }
  });
}

function runStep(model, step) {
  const e = model.plan.table + 8 * step * model.plan.exports;
  model.module.spread(e);
  model.segments.forEach((segment, s) => {
    const loop = s < model.plan.segments.length ? model.plan.segments[s] : -1;
    if (loop < 0) segment(e);
    else model.solvers[loop](() => segment(e), model.failed);
  });
  if (step < model.plan.first_reported) model.notFinite.fill(0);
}

// All next values are read before any is written: a next value may itself be a state.
function advance(model) {
  model.states.forEach(([, next], i) => model.moved[i].set(next));
  model.states.forEach(([state], i) => state.set(model.moved[i]));
}

// Of what levers give out, which stands behind all else, only lane 0 is kept: it is at the medians.
function keepOutputs(model, step, first, count, result) {
  const {total, summed, outputs} = model;
  for (let k = 0, at = step * summed * total + first; k < summed; k++, at += total)
    for (let l = 0; l < count; l++) result.values[at + l] = outputs[k][l];
  if (first) return;
  for (let k = summed; k < outputs.length; k++)
    result.levers[step * (outputs.length - summed) + k - summed] = outputs[k][0];
}

// The lanes from `first` on, as many as run together, into result.values[(step * summed + output) * total + lane].
function runBlock(model, settings, first, result) {
  const {plan, total, lanes} = model, count = Math.min(lanes, total - first);
  model.failed.fill(0);
  model.notFinite.fill(0);
  loadInputs(model, settings, first, count);
  model.module.lane(0);
  model.module.spread(plan.table); // an initial value may be one of the first step
  for (const [register, initial] of plan.states) model.rows(register).set(model.rows(initial));
  for (let step = 0; step < plan.steps; step++) {
    runStep(model, step);
    if (step >= plan.first_reported) keepOutputs(model, step - plan.first_reported, first, count, result);
    advance(model);
  }
  for (let l = 0; l < count; l++)
    for (const marks of [model.failed, model.notFinite])
      if (marks[2 * l] || marks[2 * l + 1]) result.failed[first + l] = 1;
  result.done = first + count;
}

function newResult(model) {
  const {plan, total, summed} = model, steps = plan.steps - plan.first_reported;
  return {
    values: new Float64Array(steps * summed * total), levers: new Float64Array(steps * (plan.output_count - summed)),
    failed: new Uint8Array(total), done: 0,
  };
}

// ---- from outputs by step to indicators by period, as engine/ensemble/reduce.c has it ----

// Where the outputs of an indicator that is no ratio begin: [indicator][park].
function firstOutput(facts, indicator) {
  let before = 0;
  for (let i = 0; i < indicator; i++) if (facts.indicators[i].numerator < 0) before++;
  return before * facts.parks.length;
}

// By park, null: all together, by period and lane; lanes behind those that are done are left out.
function addUp(model, result, indicator, park, periods) {
  const {facts, total} = model, about = facts.indicators[indicator], lanes = result.done;
  if (about.numerator >= 0) {
    const above = addUp(model, result, about.numerator, park, periods);
    const below = addUp(model, result, about.denominator, park, periods);
    return above.map((row, p) => row.map((value, l) => below[p][l] !== 0 ? value / below[p][l] : NaN));
  }
  const parks = park === null ? facts.parks.map((_, i) => i) : [park], first = firstOutput(facts, indicator);
  return periods.map(period => {
    const sum = new Float64Array(lanes), cell = new Float64Array(lanes);
    for (const p of parks) {
      cell.fill(0);
      for (let step = period.first_step; step < period.end_step; step++)
        addStep(cell, result.values, (step * model.summed + first + p) * total, about.method, facts.by_step[step]);
      const days = about.method === "mean" ? period.end_day - period.first_day : 1;
      for (let l = 0; l < lanes; l++) sum[l] += cell[l] / days;
    }
    return sum;
  });
}

function addStep(cell, values, at, method, step) {
  const days = method === "mean" ? step.end_day - step.first_day : 1;
  if (method === "point") for (let l = 0; l < cell.length; l++) cell[l] = values[at + l];
  else for (let l = 0; l < cell.length; l++) cell[l] += values[at + l] * days;
}

// What came of each lever at the medians: adoption by step; ceiling and start as the model has them, moved or not.
function leversAtMedian(model, result, settings) {
  const count = LEVER_OUTPUTS * model.facts.levers.length;
  const at = (i, output, step) => result.levers[step * count + LEVER_OUTPUTS * i + output];
  return model.facts.levers.map((lever, i) => ({
    adoption: model.facts.by_step.map((_, step) => at(i, 0, step)),
    ceiling: at(i, 1, 0), start: at(i, 2, 0) - (settings[lever.delay] || 0),
  }));
}

// ---- the worker: one question at a time, and a newer one replaces it ----

function answer(model, question, reference, result) {
  const count = Math.min(result.done, reference.done), {indicator, park} = question;
  const add = (of, by) => addUp(model, of, indicator, park, model.facts[by]).map(row => row.subarray(0, count));
  const both = by => ({values: add(result, by), reference: add(reference, by)});
  return {
    id: question.id, done: count, total: model.total, isDone: count === model.total,
    failed: result.failed.slice(0, count).map((failed, l) => failed | reference.failed[l]),
    by_step: both("by_step"), by_year: both("by_year"), levers: leversAtMedian(model, result, question.settings),
  };
}

function makeWorker(model, post) {
  const kept = new Map(); // by settings: results, the latest last
  let question = null, isRunning = false;

  function resultOf(settings) {
    const key = JSON.stringify(settings), found = kept.get(key) || newResult(model);
    kept.delete(key);
    kept.set(key, found);
    while (kept.size > 3) kept.delete(kept.keys().next().value);
    return found;
  }

  // A block of whichever is behind. The first of both is shown at once, as a preview; then all.
  function work() {
    const asked = question, reference = resultOf(asked.reference), result = resultOf(asked.settings);
    const behind = result.done < reference.done ? result : reference;
    const done = () => Math.min(reference.done, result.done), before = done();
    const settings = behind === result ? asked.settings : asked.reference;
    if (behind.done < model.total) runBlock(model, settings, behind.done, behind);
    if ((!before && done()) || done() === model.total) post(answer(model, asked, reference, result));
    isRunning = done() < model.total || asked !== question;
    if (isRunning) setTimeout(work, 0);
  }

  return function ask(next) {
    question = next;
    if (isRunning) return;
    isRunning = true;
    work();
  };
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  let ask = null;
  self.onmessage = async ({data}) => {
    if (data.question) {
      ask(data.question);
      return;
    }
    try {
      ask = makeWorker(await makeModel(data.facts, data.numbers), reply => self.postMessage(reply));
      self.postMessage({isReady: true});
    } catch (error) {
      self.postMessage({error: String(error)});
    }
  };
}
