/* The generator draws a network into lists of scopes, processes, markets and interventions (no text yet), of the types
 * in random_types.yaml; random_text.c writes them. Names are plain: a kind and a number. */
#include "random_model.h"

#include "random_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t random_bits(random_stream *stream)
{
    uint64_t z = (stream->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

double random_unit(random_stream *stream)
{
    return (double)(random_bits(stream) >> 11) * 0x1p-53;
}

int random_whole(random_stream *stream, int least, int most)
{
    return least + (int)(random_bits(stream) % (uint64_t)(most - least + 1));
}

double random_between(random_stream *stream, double least, double most)
{
    /* few digits, so that equal values and exact halves occur */
    double value = least + (most - least) * random_unit(stream);
    char text[32];
    snprintf(text, sizeof text, "%.3g", value);
    return strtod(text, NULL);
}

/* --- parts --- */

int add_scope(random_model *m, scope_kind kind, int parent, bool fence)
{
    static const char *const kinds[] = {"model", "park", "site"};
    *PF_PUSH(m->arena, m->scopes) =
        (scope){kind, pf_format(m->arena, "%s%zu", kinds[kind], m->scopes.count), parent, fence};
    return (int)m->scopes.count - 1;
}

int add_market(random_model *m, int where, const char *name, const char *carrier)
{
    *PF_PUSH(m->arena, m->markets) = (market){.scope = where, .name = name, .carrier = carrier};
    return (int)m->markets.count - 1;
}

int add_process(random_model *m, int where, const char *type)
{
    *PF_PUSH(m->arena, m->processes) =
        (process){.name = pf_format(m->arena, "%s%zu", type, m->processes.count), .type = type, .scope = where};
    return (int)m->processes.count - 1;
}

void set_text(random_model *m, int p, const char *path, const char *text)
{
    *PF_PUSH(m->arena, m->processes.items[p].settings) = (setting){.path = path, .text = text};
}

/* A number, or a range about it, in any of the forms the language has. */
void set_about(random_model *m, int p, const char *path, double value, const char *unit, bool amount)
{
    setting s = {.path = path, .unit = unit, .numbers = {value}, .count = 1, .amount = amount};
    if (value != 0 && chance(m, 0.3)) {
        s.count = whole(m, 2, 3);
        s.numbers[0] = value * between(m, 0.85, 0.99);
        s.numbers[1] = s.count == 2 ? value * between(m, 1, 1.04) : value;
        s.numbers[2] = value * between(m, 1, 1.04);
        if (chance(m, 0.2)) s.own_part = true;
    }
    *PF_PUSH(m->arena, m->processes.items[p].settings) = s;
}

void set_between(random_model *m, int p, const char *path, double least, double most, const char *unit)
{
    set_about(m, p, path, between(m, least, most), unit, false);
}

void set_amount(random_model *m, int p, const char *path, double least, double most, const char *unit)
{
    set_about(m, p, path, between(m, least, most), unit, true);
}

void join(random_model *m, int p, const char *port, int joined)
{
    *PF_PUSH(m->arena, m->processes.items[p].joins) = (joining){port, joined};
}

void rank(random_model *m, int at, bool supply, int p, const char *port, bool shared)
{
    market *k = &m->markets.items[at];
    place_in_rank place = {p, port, shared};
    if (supply)
        *PF_PUSH(m->arena, k->supply) = place;
    else
        *PF_PUSH(m->arena, k->take) = place;
}

/* Something that an intervention may change. */
void can_change(random_model *m, int p, const char *path, double value, const char *unit, bool amount, unsigned verbs)
{
    *PF_PUSH(m->arena, m->targets) = (target){p, path, unit, value, amount, verbs};
}

/* --- what changes --- */

static void draw_effect(random_model *m, intervention *v, int number)
{
    static const effect_verb verbs[] = {VERB_SET, VERB_SCALE, VERB_CUT, VERB_ADD};
    target *t = &m->targets.items[whole(m, 0, (int)m->targets.count - 1)];
    effect_verb verb = verbs[whole(m, 0, 3)];
    bool above = number > 0 && chance(m, 0.15);
    if (above) { /* a policy */
        int other = whole(m, 0, number - 1);
        effect policy = {.verb = chance(m, 0.5) ? VERB_ADD : VERB_SCALE, .raises = other, .unit = ""};
        policy.value = between(m, 0.1, 1.3);
        *PF_PUSH(m->arena, v->effects) = policy;
        return;
    }
    if (!(t->verbs & 1u << verb)) verb = VERB_SCALE;
    if (verb == VERB_SET) t->verbs &= ~(unsigned)CAN_SET; /* two sets of one parameter may not hold together */
    double value = verb == VERB_SET     ? t->value * between(m, 0.2, 2)
                   : verb == VERB_SCALE ? between(m, 0.9, 1.1)
                   : verb == VERB_CUT   ? between(m, 0.05, 0.4)
                                        : t->value * between(m, 0.05, 0.5);
    bool absolute = verb == VERB_SET || verb == VERB_ADD;
    effect e = {.verb = verb, .target = t, .raises = -1, .value = value, .amount = t->amount && absolute};
    e.unit = absolute ? t->unit : "";
    e.wide = verb == VERB_CUT && chance(m, 0.3);
    if (verb == VERB_CUT) e.end_use = chance(m, 0.5) ? "drives" : "light";
    *PF_PUSH(m->arena, v->effects) = e;
}

static const char *draw_adoption(random_model *m, bool never, bool nothing)
{
    int year = whole(m, 2018, 2020), month = whole(m, 1, 12), kind = whole(m, 0, 3), later = whole(m, 1, 2);
    int low = whole(m, 1, 4), high = whole(m, 5, 9);
    bool within = chance(m, 0.3), limited = chance(m, 0.5);
    double p = between(m, 0.01, 0.1), q = between(m, 0.1, 0.9), most = nothing ? 0 : between(m, 20, 100);
    if (never) year = 2031;
    const char *start = pf_format(m->arena, "%d-%02d%s", year, month, within ? "-11" : "");
    const char *ceiling = nothing || limited ? pf_format(m->arena, ", ceiling: %g %%", most) : "";
    switch (kind) {
    case 0: return pf_format(m->arena, "{curve: step, start: %s%s}", start, ceiling);
    case 1:
        return pf_format(m->arena, "{curve: linear, start: %s, end: %d-%02d%s}", start, year + later, month, ceiling);
    case 2:
        return pf_format(m->arena, "{curve: logistic, start: %s, midpoint: %d-0%d..%d-0%d%s}", start, year + 1, low,
                         year + 1, high, ceiling);
    default: return pf_format(m->arena, "{curve: bass, start: %s, p: %g 1/year, q: %g 1/year%s}", start, p, q, ceiling);
    }
}

static void draw_interventions(random_model *m)
{
    int count = whole(m, 2, 6);
    for (int i = 0; i < count; i++) {
        intervention v = {.adoption = draw_adoption(m, i == 0, i == 1)};
        v.name = i == 0 ? "late" : i == 1 ? "idle" : pf_format(m->arena, "measure%d", i);
        for (int k = whole(m, 1, 3); k > 0; k--) draw_effect(m, &v, i > 2 ? i : 0);
        if (chance(m, 0.5)) v.capital = between(m, 1e3, 1e9);
        if (chance(m, 0.5)) v.running = between(m, 1, 1e6);
        *PF_PUSH(m->arena, m->interventions) = v;
    }
    if (chance(m, 0.5)) m->trend = &m->targets.items[whole(m, 0, (int)m->targets.count - 1)];
    m->growth = between(m, -0.05, 0.05);
}

static const char *draw_time(random_model *m)
{
    int kind = whole(m, 0, 6), first = whole(m, 1, 4), last = whole(m, 20, 31), quarter = whole(m, 1, 4),
        month = whole(m, 3, 12);
    switch (kind) {
    case 0: return pf_format(m->arena, "{start: 2019-01-0%d, end: 2019-01-%d, step: day}", first, last);
    case 1: return "{start: 2019-01-07, end: 2019-03-31, step: week}";
    case 2: return pf_format(m->arena, "{start: 2018-Q%d, end: 2021-Q%d, step: quarter}", first, quarter);
    case 3: return "{start: 2015, end: 2026, step: year}";
    case 4: return "{start: 2018-07, end: 2020-06, step: month, report: 2019-01..2019-12}";
    default: return pf_format(m->arena, "{start: 2019-%02d, end: 2020-%02d, step: month}", first, month);
    }
}

random_model *random_model_new(uint64_t seed)
{
    pf_arena *arena = pf_arena_new();
    random_model *m = PF_NEW(arena, random_model);
    m->arena = arena;
    m->stream.state = seed;
    add_scope(m, MODEL, -1, true);
    int parks = chance(m, 0.75) ? 1 : whole(m, 2, 3), power_pool = -1, heat_pool = -1;
    if (chance(m, 0.5)) {
        power_pool = add_market(m, 0, "power_pool", "power");
        int p = add_process(m, 0, "purchase");
        set_text(m, p, "carrier", "power");
        join(m, p, "bought", power_pool);
        rank(m, power_pool, true, p, NULL, false);
    }
    if (parks > 1 && chance(m, 0.6)) heat_pool = add_market(m, 0, "heat_pool", "heat");
    for (int i = 0; i < parks; i++) draw_park(m, power_pool, heat_pool);
    draw_interventions(m);
    m->time = draw_time(m);
    return m;
}

void random_model_free(random_model *m)
{
    if (m) pf_arena_free(m->arena);
}
