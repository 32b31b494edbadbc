/* Finds the firms, and what burns fuels, by their flows, lays indicators for each over the model, compiles it again. */
#include "analysis/decomposition_model.h"

#include <string.h>

static const char NEEDS[] = "needs.", ELECTRICITY[] = "electricity", PRODUCTION[] = "production",
                  FUEL_ENERGY[] = "fuel_energy", EMISSIONS[] = "ghg", TOTAL[] = "ghg_total";

typedef struct {
    pf_firm_model *out;
    pf_scenario *scenario;
    pf_arena *arena;
    pf_tree *indicators; /* to be laid over */
    PF_LIST(pf_firm) firms;
    PF_LIST(pf_firm_need) needs;
    PF_LIST(const char *) fuels;
    PF_LIST(pf_burner) burners;
} builder;

/* ---- firms ---- */

/* "brewery.brewing" or "fish" of a park, as it is written. */
static const pf_tree *process_tree(const pf_scenario *s, const char *park, const char *process)
{
    const pf_tree *of = pf_tree_get(pf_tree_get(s->tree, "parks"), park);
    const char *dot = strchr(process, '.');
    if (!dot) return pf_tree_get(pf_tree_get(of, "processes"), process);
    const char *site = pf_copy_text(s->arena, process, (size_t)(dot - process));
    return pf_tree_get(pf_tree_get(pf_tree_get(pf_tree_get(of, "sites"), site), "processes"), dot + 1);
}

/* The unit of what a firm makes: of "96e3 m3/year" it is m3. NULL: it says none. */
static const char *output_unit(const pf_scenario *s, const char *park, const char *process)
{
    const pf_tree *amount = pf_tree_get(pf_tree_get(process_tree(s, park, process), "output"), "amount");
    const pf_value *value = amount ? pf_value_read(&s->values, amount) : NULL;
    const char *text = value && (value->kind == PF_NUMBER || value->kind == PF_DISTRIBUTION) ? value->text : NULL;
    const char *unit = text ? strrchr(text, ' ') : NULL, *bar = unit ? strrchr(unit, '/') : NULL;
    return bar ? pf_copy_text(s->arena, unit + 1, (size_t)(bar - unit - 1)) : NULL;
}

/* The name of the indicator of a process's value that is laid over. */
static const char *value_name(const builder *b, const char *value, const char *park, const char *process)
{
    return pf_format(b->arena, "%s of %s.%s", value, park, process);
}

static void put_value(builder *b, const char *value, const pf_flow *flow, const char *unit)
{
    pf_mark mark = {b->scenario->path, 0, 0};
    pf_tree *of = pf_tree_new(b->arena, mark, PF_MAPPING);
    const char *name = value_name(b, value, flow->park, flow->process),
               *is = pf_format(b->arena, "sum(%s.%s.%s)", flow->park, flow->process, value);
    const char *const keys[] = {"is", "unit", "over_time"}, *const texts[] = {is, unit, "sum"};
    for (size_t i = 0; i < 3; i++) pf_tree_add(b->arena, of, keys[i], mark, pf_tree_text(b->arena, mark, texts[i]));
    pf_tree_add(b->arena, b->indicators, name, mark, of);
}

static size_t park_row(const pf_compiled *m, const char *name)
{
    size_t row = 0;
    while (row + 1 < m->park_count && strcmp(m->parks[row].name, name) != 0) row++;
    return row;
}

/* SIZE_MAX: the process does not say what it makes, so it is no firm. */
static size_t firm_of(builder *b, const pf_compiled *m, const pf_flow *flow)
{
    size_t park = park_row(m, flow->park);
    for (size_t i = 0; i < b->firms.count; i++)
        if (b->firms.items[i].park == park && !strcmp(b->firms.items[i].process, flow->process)) return i;
    const char *unit = output_unit(b->scenario, flow->park, flow->process);
    if (!unit) return SIZE_MAX;
    put_value(b, PRODUCTION, flow, unit);
    *PF_PUSH(b->arena, b->firms) = (pf_firm){.park = park, .process = flow->process};
    return b->firms.count - 1;
}

/* How many joules are one of the unit; 0: it is no energy. */
static double joules_of(pf_scenario *s, const char *text)
{
    pf_unit unit, energy;
    const char *why;
    if (pf_unit_parse(s->units, text, &unit, &why) || pf_unit_parse(s->units, "GJ", &energy, &why)) return 0;
    return pf_dimension_equal(unit.dimension, energy.dimension) ? unit.scale : 0;
}

static bool is_fuel(const pf_scenario *s, const char *carrier)
{
    const char *group = pf_tree_get_text(pf_tree_get(pf_tree_get(s->tree, "carriers"), carrier), "group");
    return group && !strcmp(group, "fuel");
}

static void add_need(builder *b, const pf_compiled *m, size_t flow)
{
    const pf_flow *f = &m->flows[flow];
    double joules = joules_of(b->scenario, f->unit);
    b->out->fuels_apart += !(joules > 0) && is_fuel(b->scenario, f->carrier);
    size_t firm = joules > 0 ? firm_of(b, m, f) : SIZE_MAX;
    if (firm == SIZE_MAX) return;
    *PF_PUSH(b->arena, b->needs) = (pf_firm_need){firm, flow, !strcmp(f->carrier, ELECTRICITY), joules};
}

/* ---- what burns fuels ---- */

/* Does the type of the process have a value of this name? */
static bool has_value(const builder *b, const pf_flow *flow, const char *value)
{
    const pf_scenario *s = b->scenario;
    const char *type = pf_tree_get_text(process_tree(s, flow->park, flow->process), "type");
    return type && pf_tree_get(pf_tree_get(pf_tree_get(pf_tree_get(s->tree, "process_types"), type), "values"), value);
}

static size_t fuel_row(builder *b, const char *carrier)
{
    for (size_t i = 0; i < b->fuels.count; i++)
        if (!strcmp(b->fuels.items[i], carrier)) return i;
    *PF_PUSH(b->arena, b->fuels) = carrier;
    return b->fuels.count - 1;
}

/* That of ghg_total, so that parts and whole are said alike. */
static const char *emissions_unit(const builder *b)
{
    const pf_tree *indicators = pf_tree_get(b->scenario->tree, "indicators");
    const char *unit = pf_tree_get_text(pf_tree_get(indicators, TOTAL), "unit");
    return unit ? unit : "t CO2e";
}

/* One that burns several fuels counts under the first. */
static void add_burner(builder *b, const pf_compiled *m, const pf_flow *flow)
{
    size_t park = park_row(m, flow->park);
    if (!is_fuel(b->scenario, flow->carrier) || !has_value(b, flow, FUEL_ENERGY)) return;
    for (size_t i = 0; i < b->burners.count; i++)
        if (b->burners.items[i].park == park && !strcmp(b->burners.items[i].process, flow->process)) return;
    put_value(b, FUEL_ENERGY, flow, "GJ");
    put_value(b, EMISSIONS, flow, emissions_unit(b));
    *PF_PUSH(b->arena, b->burners) =
        (pf_burner){.park = park, .process = flow->process, .fuel = fuel_row(b, flow->carrier)};
}

/* Flows of the model with all flows, which are those of the enlarged one. */
static void read_flows(builder *b, const pf_compiled *m)
{
    for (size_t i = 0; i < m->flow_count; i++) {
        const pf_flow *f = &m->flows[i];
        if (strcmp(f->direction, "in") != 0) continue;
        if (!strncmp(f->port, NEEDS, strlen(NEEDS))) add_need(b, m, i);
        else add_burner(b, m, f);
    }
}

/* ---- the enlarged model ---- */

/* The same tree with other indicators; nothing of the old one is changed. */
static const pf_tree *enlarged(const builder *b, const pf_tree *tree)
{
    pf_tree *all = pf_tree_new(b->arena, tree->mark, PF_MAPPING),
            *indicators = pf_tree_new(b->arena, tree->mark, PF_MAPPING);
    const pf_tree *old = pf_tree_get(tree, "indicators");
    for (size_t i = 0; old && i < old->entries.count; i++)
        pf_tree_add(b->arena, indicators, old->entries.items[i].key, old->entries.items[i].mark,
                    old->entries.items[i].value);
    for (size_t i = 0; i < b->indicators->entries.count; i++) {
        const pf_entry *e = &b->indicators->entries.items[i];
        pf_tree_add(b->arena, indicators, e->key, e->mark, e->value);
    }
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *e = &tree->entries.items[i];
        pf_tree_add(b->arena, all, e->key, e->mark, strcmp(e->key, "indicators") ? e->value : indicators);
    }
    return all;
}

static int row_named(const pf_compiled *m, const char *name)
{
    for (size_t i = 0; i < m->indicator_count; i++)
        if (!strcmp(m->indicators[i].name, name)) return (int)i;
    return -1;
}

static size_t value_row(const builder *b, const char *value, size_t park, const char *process)
{
    const pf_compiled *m = b->out->model;
    return (size_t)row_named(m, value_name(b, value, m->parks[park].name, process));
}

static bool find_rows(builder *b, pf_diagnostics *diagnostics)
{
    pf_firm_model *out = b->out;
    out->total = row_named(out->model, TOTAL);
    out->wastewater = row_named(out->model, "ghg_wastewater");
    out->bought = row_named(out->model, "ghg_scope2");
    for (size_t i = 0; i < b->firms.count; i++) {
        pf_firm *f = &b->firms.items[i];
        f->production = value_row(b, PRODUCTION, f->park, f->process);
    }
    for (size_t i = 0; i < b->burners.count; i++) {
        pf_burner *burner = &b->burners.items[i];
        burner->energy = value_row(b, FUEL_ENERGY, burner->park, burner->process);
        burner->emissions = value_row(b, EMISSIONS, burner->park, burner->process);
    }
    if (out->total < 0) pf_error(diagnostics, (pf_mark){0}, "the model has no indicator ghg_total to be decomposed");
    if (!b->firms.count)
        pf_error(diagnostics, (pf_mark){0},
                 "no process of the model has `output` and needs of energy: there is no activity to go by");
    return out->total >= 0 && b->firms.count;
}

bool pf_firm_model_of(pf_firm_model *self, const pf_compiled *model, pf_diagnostics *diagnostics)
{
    pf_scenario *s = (pf_scenario *)model->scenario;
    builder b = {.out = self, .scenario = s, .arena = s->arena};
    *self = (pf_firm_model){.bought = -1};
    const pf_tree *tree = s->tree;
    const pf_compiled *flows = pf_compile(s, (pf_compile_options){.keep_flows = true});
    if (!flows) return false;
    b.indicators = pf_tree_new(b.arena, tree->mark, PF_MAPPING);
    read_flows(&b, flows);
    s->tree = enlarged(&b, tree);
    self->model = pf_compile(s, (pf_compile_options){.keep_flows = true});
    s->tree = tree;
    if (!self->model || !find_rows(&b, diagnostics)) return false;
    self->firms = b.firms.items;
    self->firm_count = b.firms.count;
    self->needs = b.needs.items;
    self->need_count = b.needs.count;
    self->fuels = b.fuels.items;
    self->fuel_count = b.fuels.count;
    self->burners = b.burners.items;
    self->burner_count = b.burners.count;
    return true;
}
