/* Replay: runs a failed lane again with a record of every instruction, and walks back from the bad value to the first
 * expression at fault. It runs the interpreter's own functions, and so sees the same bits. */
#include "kernel/block.h"
#include "kernel/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NOWHERE = -1, TEARS_SHOWN = 6 };

typedef struct {
    const pf_plan *plan;
    const double *inputs;
    pf_block *lane;
    pf_block *ahead; /* the registers of step-bound code; writes the same records */
    const char *when, *who;
    pf_diagnostics *diagnostics;
    pf_arena *arena; /* of the words of the message */
} replay;

/* The instruction at fault, or the last one before a source that was bad already. */
typedef struct {
    long instruction; /* NOWHERE: the value was read from its source directly */
    pf_record record;
    uint32_t step;
    bool from_source; /* `source` is a register that no instruction wrote */
    uint32_t source;
} finding;

/* Whose register file a register is read from. */
typedef enum { IN_LANE, IN_AHEAD } place;

static const char *number(replay *r, double value)
{
    return isnan(value) ? "nan" : pf_format(r->arena, "%.9g", value);
}

static pf_origin origin_at(const replay *r, uint32_t row)
{
    return row < r->plan->origin_count ? r->plan->origins[row] : (pf_origin){.text = "the model"};
}

static pf_mark mark_of(pf_origin origin)
{
    return (pf_mark){origin.file, origin.line, origin.column};
}

/* Runs the lane from the start through the first `segments` segments of `step`; after all of them, its registers are
 * those that the checks of that step saw. */
static void run_to(replay *r, uint32_t step, size_t segments)
{
    pf_block_start(r->lane, 1, r->inputs);
    for (uint32_t s = 0; s < step; s++) {
        pf_block_step(r->lane, s, r->plan->segment_count);
        pf_block_advance(r->lane);
    }
    pf_block_step(r->lane, step, segments);
    pf_run_ahead(r->ahead, step);
}

/* A loop's registers may serve again after it: a loop at fault is looked at before what follows it runs. */
static size_t segments_to_run(const pf_plan *plan, pf_fault fault)
{
    bool in_loop = fault.kind == PF_LOOP_OPEN || fault.kind == PF_LOOP_GAINS;
    for (size_t i = 0; in_loop && i < plan->segment_count; i++)
        if (plan->segments[i].kind == PF_LOOP && plan->segments[i].loop == fault.index) return i + 1;
    return plan->segment_count;
}

static bool in_step_code(const pf_plan *plan, size_t instruction)
{
    return instruction >= plan->step.first && instruction < (size_t)plan->step.first + plan->step.count;
}

static const pf_record *record_of(const replay *r, size_t instruction)
{
    return &r->lane->records[instruction];
}

/* The last instruction run before `before` that wrote `reg` in that place. */
static long writer(const replay *r, uint32_t reg, uint64_t before, place where)
{
    long found = NOWHERE;
    uint64_t latest = 0;
    for (size_t i = 0; i < r->plan->code_count; i++) {
        uint64_t order = record_of(r, i)->order;
        bool here = in_step_code(r->plan, i) == (where == IN_AHEAD);
        if (!here || r->plan->code[i].y != reg || order <= latest || order >= before) continue;
        latest = order;
        found = (long)i;
    }
    return found;
}

static bool is_export(const pf_plan *plan, uint32_t reg)
{
    for (size_t i = 0; i < plan->export_count; i++)
        if (plan->exports[i] == reg) return true;
    return false;
}

/* The instruction that gave `reg` its value; steps over from the lane to the step-bound code where that is exported. */
static long producer(const replay *r, uint32_t reg, uint64_t before, place *where)
{
    long found = writer(r, reg, before, *where);
    if (found != NOWHERE || *where == IN_AHEAD || !is_export(r->plan, reg)) return found;
    *where = IN_AHEAD;
    return writer(r, reg, UINT64_MAX, IN_AHEAD);
}

static const pf_state *state_of(const pf_plan *plan, uint32_t reg)
{
    for (size_t i = 0; i < plan->state_count; i++)
        if (plan->states[i].reg == reg) return &plan->states[i];
    return NULL;
}

/* Whether an operand had a part in the value: a select does not use the branch it leaves. */
static bool has_part(uint32_t op, const pf_record *record, int operand)
{
    if (operand >= pf_operation_at(op)->arity) return false;
    if (op != PF_SELECT || operand == 0) return true;
    return isnan(record->operand[0]) ? false : operand == (record->operand[0] != 0 ? 1 : 2);
}

/* The operand to go on with: the first that is NaN, else the first that is infinite, else NOWHERE. */
static int suspect(uint32_t op, const pf_record *record)
{
    int infinite = NOWHERE;
    for (int k = 0; k < 3; k++) {
        if (!has_part(op, record, k)) continue;
        if (isnan(record->operand[k])) return k;
        if (isinf(record->operand[k]) && infinite == NOWHERE) infinite = k;
    }
    return infinite;
}

static uint32_t operand_register(pf_instruction in, int operand)
{
    return operand == 0 ? in.a : operand == 1 ? in.b : in.c;
}

/* Goes from a state's value to where it came from, a step back; false at its beginning. */
static bool follow_state(replay *r, uint32_t *reg, uint32_t *step)
{
    const pf_state *state = state_of(r->plan, *reg);
    if (!state) return false;
    uint32_t from = *step > 0 ? state->next : state->initial;
    if (*step > 0) run_to(r, --*step, r->plan->segment_count);
    else if (from == *reg) return false;
    *reg = from;
    return true;
}

/* From a bad register at the end of `step` back to the first instruction at fault. A NaN made of an infinite operand,
 * as inf - inf, is the fault if that infinity was given (a limit may be infinite), and not computed, as by 1 / 0. */
static finding find_fault(replay *r, uint32_t reg, uint32_t step, uint64_t before)
{
    finding here = {.instruction = NOWHERE, .step = step}, maker = {.instruction = NOWHERE};
    place where = IN_LANE;
    for (;;) {
        long found = producer(r, reg, before, &where);
        if (found == NOWHERE && where == IN_LANE && follow_state(r, &reg, &step)) {
            before = UINT64_MAX;
            continue;
        }
        if (found == NOWHERE) break;
        pf_instruction in = r->plan->code[found];
        here = (finding){.instruction = found, .record = *record_of(r, (size_t)found), .step = step};
        int k = suspect(in.op, &here.record);
        if (k == NOWHERE) return here;
        if (isnan(here.record.y) && !isnan(here.record.operand[k])) maker = here;
        reg = operand_register(in, k);
        before = here.record.order;
    }
    if (maker.instruction != NOWHERE) return maker;
    here.from_source = true;
    here.source = reg;
    return here;
}

/* "at 2020-03 in scenario full", or some steps before that. */
static const char *place_words(replay *r, uint32_t steps_before)
{
    if (steps_before == 0) return pf_format(r->arena, "at %s in %s", r->when, r->who);
    const char *plural = steps_before == 1 ? "" : "s";
    return pf_format(r->arena, "%u step%s before %s in %s", steps_before, plural, r->when, r->who);
}

static const char *operation_word(const pf_operation *operation)
{
    static const struct {
        const char *sign, *word;
    } words[] = {{"+", "addition"}, {"-", "subtraction"}, {"*", "multiplication"}, {"/", "division"}, {"^", "power"}};
    for (size_t i = 0; operation->infix && operation->arity == 2 && i < sizeof words / sizeof *words; i++)
        if (!strcmp(operation->infix, words[i].sign)) return words[i].word;
    return operation->name;
}

/* "0 / 0", "log(-1)" */
static const char *operation_text(replay *r, const pf_operation *operation, const pf_record *record)
{
    const char *a = number(r, record->operand[0]), *b = number(r, record->operand[1]);
    const char *c = number(r, record->operand[2]);
    if (operation->arity == 3) return pf_format(r->arena, "%s(%s, %s, %s)", operation->name, a, b, c);
    if (operation->arity == 1) return pf_format(r->arena, "%s(%s)", operation->name, a);
    if (operation->infix) return pf_format(r->arena, "%s %s %s", a, operation->infix, b);
    return pf_format(r->arena, "%s(%s, %s)", operation->name, a, b);
}

static const char *source_text(replay *r, uint32_t reg)
{
    const pf_binding *inputs = r->plan->input_registers, *series = r->plan->series_registers;
    for (size_t i = 0; i < r->plan->input_count; i++)
        if (inputs[i].reg == reg) return pf_format(r->arena, "parameter %u", inputs[i].index);
    for (size_t i = 0; i < r->plan->series_count; i++)
        if (series[i].reg == reg) return pf_format(r->arena, "series %u", series[i].index);
    return "a constant";
}

/* A register that was bad when the instruction of order `before` ran; UINT64_MAX: at the end of the step. */
static void report_value(replay *r, uint32_t reg, uint32_t step, uint64_t before)
{
    double value = *pf_register(r->lane, reg);
    finding f = find_fault(r, reg, step, before);
    const char *at = place_words(r, step - f.step);
    if (f.instruction == NOWHERE) {
        pf_error(r->diagnostics, (pf_mark){0}, "%s is %s %s", source_text(r, f.source), number(r, value), at);
        return;
    }
    const pf_operation *operation = pf_operation_at(r->plan->code[f.instruction].op);
    pf_origin origin = origin_at(r, r->plan->code_origin[f.instruction]);
    const char *cause = f.from_source ? pf_format(r->arena, ", given by %s", source_text(r, f.source)) : "";
    pf_error(r->diagnostics, mark_of(origin), "%s: %s gave %s %s: %s%s", origin.text, operation_word(operation),
             number(r, f.record.y), at, operation_text(r, operation, &f.record), cause);
}

/* A value that no instruction gives. Series are read by step-bound code; the lane has those only that are exported. */
static double leaf_value(const replay *r, uint32_t reg)
{
    for (size_t i = 0; i < r->plan->series_count; i++)
        if (r->plan->series_registers[i].reg == reg) return *pf_register(r->ahead, reg);
    return *pf_register(r->lane, reg);
}

static void report_check(replay *r, pf_fault fault)
{
    pf_check check = r->plan->checks[fault.index];
    pf_origin origin = origin_at(r, check.origin);
    const pf_record *record = check.instruction == UINT32_MAX ? NULL : record_of(r, check.instruction);
    double value = !origin.lead ? 0 : record ? record->y : leaf_value(r, check.value);
    if (isnan(*pf_register(r->lane, check.reg))) report_value(r, check.reg, fault.step, UINT64_MAX);
    else if (isnan(value)) report_value(r, check.value, fault.step, record ? record->order + 1 : UINT64_MAX);
    else
        pf_error(r->diagnostics, mark_of(origin), "%s",
                 pf_check_text(r->arena, &origin, value, pf_format(r->arena, " %s", place_words(r, 0))));
}

/* "9 gives 1, 2 gives 2.5" */
static const char *tears_text(replay *r, const pf_loop *loop)
{
    const char *text = "";
    for (uint32_t i = 0; i < loop->tears && i < TEARS_SHOWN; i++)
        text = pf_format(r->arena, "%s%s%s gives %s", text, i ? ", " : "", number(r, *pf_register(r->lane, loop->x[i])),
                         number(r, *pf_register(r->lane, loop->g[i])));
    return loop->tears > TEARS_SHOWN ? pf_format(r->arena, "%s, ...", text) : text;
}

static void report_loop(replay *r, pf_fault fault)
{
    const pf_loop *loop = &r->plan->loops[fault.index];
    for (uint32_t i = 0; i < loop->tears && fault.kind == PF_LOOP_OPEN; i++)
        if (!isfinite(*pf_register(r->lane, loop->g[i]))) {
            report_value(r, loop->g[i], fault.step, UINT64_MAX);
            return;
        }
    pf_origin origin = origin_at(r, loop->origin);
    const char *tears = tears_text(r, loop), *at = place_words(r, 0);
    if (fault.kind == PF_LOOP_GAINS)
        pf_error(r->diagnostics, mark_of(origin),
                 "%s: more returns than went in %s: in the last round %s; "
                 "something in this loop must remove or release it",
                 origin.text, at, tears);
    else
        pf_error(r->diagnostics, mark_of(origin), "%s does not settle after %d rounds %s: in the last round %s",
                 origin.text, PF_LOOP_ROUNDS, at, tears);
}

static replay begin(const pf_kernel *kernel)
{
    replay r = {.plan = kernel->plan, .arena = pf_arena_new()};
    r.lane = pf_block_new(kernel, 1);
    r.ahead = pf_block_new(kernel, 1);
    r.lane->records = r.ahead->records = pf_calloc(r.plan->code_count, sizeof(pf_record));
    return r;
}

static void end(replay *r)
{
    r->ahead->records = NULL; /* the lane's to free */
    pf_block_free(r->ahead);
    pf_block_free(r->lane);
    pf_arena_free(r->arena);
}

void pf_replay(const pf_kernel *kernel, const double *inputs, pf_fault fault, const char *when, const char *who,
               pf_diagnostics *diagnostics)
{
    replay r = begin(kernel);
    r.inputs = inputs;
    r.when = when;
    r.who = who;
    r.diagnostics = diagnostics;
    run_to(&r, fault.step, segments_to_run(r.plan, fault));
    switch (fault.kind) {
    case PF_NO_FAULT: break;
    case PF_CHECK_FAILED: report_check(&r, fault); break;
    case PF_LOOP_OPEN:
    case PF_LOOP_GAINS: report_loop(&r, fault); break;
    case PF_OUTPUT_NOT_FINITE: report_value(&r, r.plan->outputs[fault.index], fault.step, UINT64_MAX); break;
    }
    end(&r);
}
