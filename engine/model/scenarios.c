/* Which switches are 1 in which scenario: `with`, `in_place` and `trend`, through the chain of `against`. */
#include "model/model.h"

#include <math.h>
#include <string.h>

typedef struct {
    pf_model *m;
    const pf_tree *all;                          /* the map of scenarios */
    double *switches;                            /* [inputs] of the scenario being built */
    enum { OUT, BEING_INCLUDED, IN } * included; /* [scenarios] */
} builder;

static int scenario_row(const builder *b, const char *name)
{
    for (size_t i = 0; i < b->all->entries.count; i++)
        if (!strcmp(b->all->entries.items[i].key, name)) return (int)i;
    return -1;
}

static void switch_on(builder *b, pf_node_id input)
{
    b->switches[b->m->graph.nodes.items[input].index] = 1;
}

static bool switch_intervention(builder *b, const char *name)
{
    size_t row = (size_t)pf_map_get(&b->m->intervention_rows, name);
    if (row) switch_on(b, b->m->interventions.items[row - 1].switched);
    return row;
}

static void unknown(builder *b, const pf_tree *name, bool scenarios_too)
{
    pf_nearest near = pf_nearest_to(name->text);
    for (size_t i = 0; i < b->m->interventions.count; i++) pf_nearest_offer(&near, b->m->interventions.items[i].name);
    for (size_t i = 0; scenarios_too && i < b->all->entries.count; i++)
        pf_nearest_offer(&near, b->all->entries.items[i].key);
    const char *hint =
        scenario_row(b, name->text) >= 0 ? "; a scenario may stand under 'with'" : pf_nearest_hint(&near, b->m->arena);
    pf_error(b->m->diagnostics, name->mark, "no %s is called '%s'%s",
             scenarios_too ? "intervention or scenario" : "intervention", name->text, hint);
}

static void include(builder *b, size_t row);

static void include_status(builder *b, const pf_tree *with)
{
    const pf_tree *status = pf_tree_get(with, "status");
    size_t found = 0;
    if (!status || status->kind != PF_TEXT || with->entries.count != 1) {
        pf_error(b->m->diagnostics, with->mark,
                 "expected a list of interventions and scenarios, or {status: carried_out}");
        return;
    }
    if (!pf_schema_choice(b->m->arena, status, "intervention", "status", b->m->diagnostics)) return;
    for (size_t i = 0; i < b->m->interventions.count; i++) {
        const pf_intervention *v = &b->m->interventions.items[i];
        const char *its = pf_tree_get_text(v->tree, "status");
        if (its && !strcmp(its, status->text)) switch_on(b, v->switched), found++;
    }
    if (!found) pf_error(b->m->diagnostics, status->mark, "no intervention has the status '%s'", status->text);
}

static void include_list(builder *b, const pf_tree *list, bool scenarios_too)
{
    for (size_t i = 0; list && list->kind == PF_SEQUENCE && i < list->entries.count; i++) {
        const pf_tree *name = list->entries.items[i].value;
        if (name->kind != PF_TEXT)
            pf_error(b->m->diagnostics, name->mark, "found %s, expected the name of an intervention",
                     pf_tree_kind_name(name));
        else if (!switch_intervention(b, name->text)) {
            int row = scenarios_too ? scenario_row(b, name->text) : -1;
            if (row >= 0) include(b, (size_t)row);
            else unknown(b, name, scenarios_too);
        }
    }
}

/* What a scenario itself brings: its `with`, each scenario named there once. */
static void include(builder *b, size_t row)
{
    const pf_entry *entry = &b->all->entries.items[row];
    const pf_tree *with = pf_tree_get(entry->value, "with");
    if (b->included[row] == BEING_INCLUDED)
        pf_error(b->m->diagnostics, entry->mark, "the scenario '%s' includes itself", entry->key);
    if (b->included[row] != OUT) return;
    b->included[row] = BEING_INCLUDED;
    if (with && with->kind == PF_MAPPING) include_status(b, with);
    else if (with && with->kind == PF_TEXT)
        pf_error(b->m->diagnostics, with->mark, "found a text under 'with', expected a list");
    else include_list(b, with, true);
    b->included[row] = IN;
}

static void inherit(builder *b, size_t row)
{
    const pf_entry *entry = &b->all->entries.items[row];
    const char *trend = pf_format(b->m->arena, "trend.%s", entry->key);
    include_list(b, pf_tree_get(entry->value, "in_place"), false);
    for (size_t i = 0; i < b->m->inputs.count; i++)
        if (!b->m->inputs.items[i].value && !strcmp(b->m->inputs.items[i].name, trend)) b->switches[i] = 1;
}

static int against_of(builder *b, size_t row)
{
    const pf_tree *against = pf_tree_get(b->all->entries.items[row].value, "against");
    if (!against || against->kind != PF_TEXT) return -1;
    int other = scenario_row(b, against->text);
    if (other < 0) {
        pf_nearest near = pf_nearest_to(against->text);
        for (size_t i = 0; i < b->all->entries.count; i++) pf_nearest_offer(&near, b->all->entries.items[i].key);
        pf_error(b->m->diagnostics, against->mark, "no scenario is called '%s'%s", against->text,
                 pf_nearest_hint(&near, b->m->arena));
    }
    return other;
}

static void build_row(builder *b, size_t row, pf_scenario_row *out)
{
    const pf_entry *entry = &b->all->entries.items[row];
    size_t steps = 0;
    b->switches = PF_ARRAY(b->m->arena, double, b->m->inputs.count);
    for (size_t i = 0; i < b->m->inputs.count; i++) b->switches[i] = b->m->inputs.items[i].value ? (double)NAN : 0;
    b->included = pf_alloc(b->m->arena, b->all->entries.count * sizeof *b->included);
    *out = (pf_scenario_row){.name = entry->key,
                             .title = pf_title(entry->value, entry->key),
                             .title_vi = pf_title_vi(entry->value),
                             .switches = b->switches};
    out->against = against_of(b, row);
    include(b, row);
    for (int at = (int)row; at >= 0; at = against_of(b, (size_t)at)) {
        inherit(b, (size_t)at);
        if (steps++ <= b->all->entries.count) continue;
        pf_error(b->m->diagnostics, entry->mark, "the scenario '%s' is against itself, through the chain of 'against'",
                 entry->key);
        break;
    }
    for (size_t i = 0; i < b->m->interventions.count; i++) {
        const pf_intervention *v = &b->m->interventions.items[i];
        const char *status = pf_tree_get_text(v->tree, "status");
        if (b->switches[b->m->graph.nodes.items[v->switched].index] == 1 && status &&
            strcmp(status, "carried_out") != 0 && strcmp(status, "chosen") != 0)
            out->potential = true;
    }
}

static void check_double_sets(pf_model *m)
{
    for (size_t i = 0; i < m->double_sets.count; i++) {
        const pf_double_set *d = &m->double_sets.items[i];
        uint32_t a = m->graph.nodes.items[m->interventions.items[d->first->intervention].switched].index;
        uint32_t b = m->graph.nodes.items[m->interventions.items[d->second->intervention].switched].index;
        for (size_t s = 0; s < m->compiled.scenario_count; s++) {
            const pf_scenario_row *row = &m->compiled.scenarios[s];
            if (row->switches[a] != 1 || row->switches[b] != 1) continue;
            pf_error(
                m->diagnostics, d->second->mark,
                "%s is set twice in the scenario '%s', here and in line %d; only one 'set' of a parameter may hold",
                d->parameter, row->name, d->first->mark.line);
            break;
        }
    }
}

void pf_build_scenarios(pf_model *m)
{
    const pf_tree *all = pf_tree_get(m->scenario->tree, "scenarios");
    if (!all || all->kind != PF_MAPPING || !all->entries.count) {
        if (all) pf_error(m->diagnostics, all->mark, "expected at least one scenario");
        return;
    }
    builder b = {.m = m, .all = all};
    pf_scenario_row *rows = PF_ARRAY(m->arena, pf_scenario_row, all->entries.count);
    for (size_t i = 0; i < all->entries.count; i++) build_row(&b, i, &rows[i]);
    m->compiled.scenarios = rows;
    m->compiled.scenario_count = all->entries.count;
    check_double_sets(m);
}
