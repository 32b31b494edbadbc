/* Finds firms, what burns fuels, and what hands heat on, by their flows; lays indicators for each over the model, and
 * compiles it again. */
#include "analysis/decomposition_model.h"

#include <string.h>

static const char ELECTRICITY[] = "electricity", PRODUCTION[] = "production", FUEL_ENERGY[] = "fuel_energy",
                  TOTAL[] = "ghg_total";

typedef PF_LIST(const char *) names;
typedef PF_LIST(size_t) numbers;

typedef struct {
    pf_scenario *scenario;
    pf_arena *arena;
    const pf_compiled *flows; /* the model with all flows */
    pf_tree *indicators;      /* to be laid over */
    PF_LIST(pf_firm) firms;
    PF_LIST(pf_firm_need) needs;
    names fuels, markets;
    PF_LIST(pf_burner) burners;
    PF_LIST(pf_heat_source) sources;
    PF_LIST(pf_heat_flow) given, taken;
    numbers given_rows, taken_rows;
    PF_LIST(bool) is_power; /* of given */
    size_t fuels_apart;
} builder;

/* ---- what the model says ---- */

/* "brewery.brewing" or "fish" of a park, as it is written. */
static const pf_tree *process_tree(const builder *b, const pf_flow *f)
{
    const pf_tree *of = pf_tree_get(pf_tree_get(b->scenario->tree, "parks"), f->park);
    const char *dot = strchr(f->process, '.');
    if (!dot) return pf_tree_get(pf_tree_get(of, "processes"), f->process);
    const char *site = pf_copy_text(b->arena, f->process, (size_t)(dot - f->process));
    return pf_tree_get(pf_tree_get(pf_tree_get(pf_tree_get(of, "sites"), site), "processes"), dot + 1);
}

static const pf_tree *type_tree(const builder *b, const pf_flow *f)
{
    const char *type = pf_tree_get_text(process_tree(b, f), "type");
    return type ? pf_tree_get(pf_tree_get(b->scenario->tree, "process_types"), type) : NULL;
}

static bool has_value(const builder *b, const pf_flow *f, const char *value)
{
    return pf_tree_get(pf_tree_get(type_tree(b, f), "values"), value) != NULL;
}

static const pf_tree *carrier_tree(const builder *b, const pf_flow *f)
{
    return pf_tree_get(pf_tree_get(b->scenario->tree, "carriers"), f->carrier);
}

static bool is_fuel(const builder *b, const pf_flow *f)
{
    const char *group = pf_tree_get_text(carrier_tree(b, f), "group");
    return group && !strcmp(group, "fuel");
}

static bool is_electricity(const pf_flow *f)
{
    return !strcmp(f->carrier, ELECTRICITY);
}

/* Heat whose makers can be found: what emissions travel with, but power. */
static bool is_traced_heat(const builder *b, const pf_flow *f)
{
    return !is_electricity(f) && pf_tree_get_flag(carrier_tree(b, f), "embodied");
}

static bool is_energy(const builder *b, const pf_flow *f)
{
    pf_unit unit, energy;
    const char *why;
    return !pf_unit_parse(b->scenario->units, f->unit, &unit, &why) &&
           !pf_unit_parse(b->scenario->units, "GJ", &energy, &why) &&
           pf_dimension_equal(unit.dimension, energy.dimension);
}

static bool is_into(const pf_flow *f)
{
    return !strcmp(f->direction, "in");
}

/* The market stands in the park itself: what comes from elsewhere is in ghg_scope2. */
static bool is_own_market(const pf_flow *f)
{
    size_t length = strlen(f->park);
    return !strncmp(f->market, f->park, length) && f->market[length] == '.';
}

/* SIZE_MAX: a process that the parks share. */
static size_t park_row(const builder *b, const pf_flow *f)
{
    for (size_t i = 0; i < b->flows->park_count; i++)
        if (!strcmp(b->flows->parks[i].name, f->park)) return i;
    return SIZE_MAX;
}

/* The unit of what a firm makes: of "96e3 m3/year" it is m3. NULL: it says none, and is no firm. */
static const char *output_unit(const builder *b, const pf_flow *f)
{
    const pf_tree *amount = pf_tree_get(pf_tree_get(process_tree(b, f), "output"), "amount");
    const pf_value *value = amount ? pf_value_read(&b->scenario->values, amount) : NULL;
    const char *text = value && (value->kind == PF_NUMBER || value->kind == PF_DISTRIBUTION) ? value->text : NULL;
    const char *unit = text ? strrchr(text, ' ') : NULL, *bar = unit ? strrchr(unit, '/') : NULL;
    return bar && has_value(b, f, PRODUCTION) ? pf_copy_text(b->arena, unit + 1, (size_t)(bar - unit - 1)) : NULL;
}

/* Parts and whole are said in one unit. */
static const char *emissions_unit(const builder *b)
{
    const char *unit = pf_tree_get_text(pf_tree_get(pf_tree_get(b->scenario->tree, "indicators"), TOTAL), "unit");
    return unit ? unit : "t CO2e";
}

/* ---- indicators that are laid over ---- */

/* Of something in a process of a park: a port, or a value. Gives its row, which comes behind those of the model. */
static size_t lay(builder *b, const pf_flow *f, const char *what, const char *unit)
{
    pf_mark mark = {b->scenario->path, 0, 0};
    pf_tree *of = pf_tree_new(b->arena, mark, PF_MAPPING);
    const char *outside = strchr(f->process, '.') ? "" : "[site=none]"; /* others of its name may stand in sites */
    const char *path = pf_format(b->arena, "%s.%s%s.%s", f->park, f->process, outside, what);
    const char *const keys[] = {"is", "unit", "over_time"}, *const texts[] = {pf_format(b->arena, "sum(%s)", path),
                                                                              unit, "sum"};
    for (size_t i = 0; i < 3; i++) pf_tree_add(b->arena, of, keys[i], mark, pf_tree_text(b->arena, mark, texts[i]));
    pf_tree_add(b->arena, b->indicators, pf_format(b->arena, "%s of a decomposition", path), mark, of);
    return b->flows->indicator_count + b->indicators->entries.count - 1;
}

static size_t name_row(pf_arena *arena, names *of, const char *name)
{
    for (size_t i = 0; i < of->count; i++)
        if (!strcmp(of->items[i], name)) return i;
    *PF_PUSH(arena, *of) = name;
    return of->count - 1;
}

/* ---- firms ---- */

static size_t firm_of(builder *b, const pf_flow *f, size_t park)
{
    for (size_t i = 0; i < b->firms.count; i++)
        if (b->firms.items[i].park == park && !strcmp(b->firms.items[i].process, f->process)) return i;
    size_t production = lay(b, f, PRODUCTION, output_unit(b, f));
    *PF_PUSH(b->arena, b->firms) = (pf_firm){park, f->process, production};
    return b->firms.count - 1;
}

static void add_need(builder *b, const pf_flow *f, size_t park)
{
    pf_firm_need need = {.firm = firm_of(b, f, park), .what = is_electricity(f) ? PF_TAKES_ELECTRICITY : PF_TAKES_HEAT};
    bool has_market = is_traced_heat(b, f) && is_own_market(f);
    need.of = has_market ? name_row(b->arena, &b->markets, f->market) : PF_NO_MARKET;
    need.energy = lay(b, f, f->port, "GJ");
    *PF_PUSH(b->arena, b->needs) = need;
}

/* ---- what burns fuels and gives heat ---- */

static size_t source_of(builder *b, const pf_flow *f, size_t park, bool may_be_new)
{
    for (size_t i = 0; i < b->sources.count; i++)
        if (b->sources.items[i].park == park && !strcmp(b->sources.items[i].process, f->process)) return i;
    if (may_be_new) *PF_PUSH(b->arena, b->sources) = (pf_heat_source){park, f->process, SIZE_MAX};
    return may_be_new ? b->sources.count - 1 : SIZE_MAX;
}

/* What a firm burns itself is a fuel of its own: where it is feed as well, less is emitted. */
static const char *fuel_name(const builder *b, const pf_flow *f, bool is_firm)
{
    return is_firm ? pf_format(b->arena, "%s of %s", f->carrier, f->process) : f->carrier;
}

/* SIZE_MAX: the process burns another fuel, too, and counts under that. */
static size_t add_burner(builder *b, const pf_flow *f, size_t park, bool is_firm)
{
    for (size_t i = 0; i < b->burners.count; i++)
        if (b->burners.items[i].park == park && !strcmp(b->burners.items[i].process, f->process)) return SIZE_MAX;
    pf_burner burner = {.park = park, .process = f->process};
    burner.fuel = name_row(b->arena, &b->fuels, fuel_name(b, f, is_firm));
    burner.energy = lay(b, f, FUEL_ENERGY, "GJ");
    burner.emissions = lay(b, f, "ghg", emissions_unit(b));
    *PF_PUSH(b->arena, b->burners) = burner;
    return b->burners.count - 1;
}

static void add_fuel(builder *b, const pf_flow *f, size_t park, bool is_firm)
{
    size_t burner = add_burner(b, f, park, is_firm), to = is_firm ? firm_of(b, f, park) : source_of(b, f, park, true);
    if (burner == SIZE_MAX) return;
    const pf_burner *of = &b->burners.items[burner];
    if (is_firm) *PF_PUSH(b->arena, b->needs) = (pf_firm_need){to, PF_BURNS_FUEL, of->fuel, of->energy};
    else b->sources.items[to].burner = burner;
}

static void add_taken(builder *b, const pf_flow *f, size_t park)
{
    size_t source = source_of(b, f, park, true);
    *PF_PUSH(b->arena, b->taken) = (pf_heat_flow){source, name_row(b->arena, &b->markets, f->market)};
    *PF_PUSH(b->arena, b->taken_rows) = lay(b, f, f->port, "GJ");
}

/* Heat that comes with emissions of its making, and with nothing else: bought outside. */
static void add_bought(builder *b, const pf_flow *f, size_t source, size_t row)
{
    pf_heat_source *of = &b->sources.items[source];
    if (of->burner != SIZE_MAX || !pf_tree_get(type_tree(b, f), "upstream")) return;
    pf_burner burner = {of->park, f->process, name_row(b->arena, &b->fuels, f->carrier), row, 0, true};
    burner.emissions = lay(b, f, "upstream_ghg", emissions_unit(b));
    of->burner = b->burners.count;
    *PF_PUSH(b->arena, b->burners) = burner;
}

static void add_given(builder *b, const pf_flow *f, size_t park)
{
    bool is_heat = is_traced_heat(b, f);
    size_t source = is_heat || is_electricity(f) ? source_of(b, f, park, is_heat) : SIZE_MAX;
    if (source == SIZE_MAX) return;
    size_t market = is_heat && is_own_market(f) ? name_row(b->arena, &b->markets, f->market) : PF_NO_MARKET;
    *PF_PUSH(b->arena, b->given) = (pf_heat_flow){source, market};
    *PF_PUSH(b->arena, b->given_rows) = lay(b, f, f->port, "GJ");
    *PF_PUSH(b->arena, b->is_power) = !is_heat;
    if (is_heat) add_bought(b, f, source, b->given_rows.items[b->given.count - 1]);
}

/* ---- all flows ---- */

static void read_taken(builder *b, const pf_flow *f, size_t park)
{
    bool is_firm = output_unit(b, f);
    if (is_fuel(b, f) && has_value(b, f, FUEL_ENERGY)) add_fuel(b, f, park, is_firm);
    else if (is_firm && is_energy(b, f)) add_need(b, f, park);
    else if (is_firm) b->fuels_apart += is_fuel(b, f);
    else if (is_traced_heat(b, f) && is_own_market(f)) add_taken(b, f, park);
}

/* What burns is known before what it gives: power counts only beside heat. */
static void read_flows(builder *b)
{
    for (int out = 0; out < 2; out++)
        for (size_t i = 0; i < b->flows->flow_count; i++) {
            const pf_flow *f = &b->flows->flows[i];
            size_t park = park_row(b, f);
            if (park == SIZE_MAX || is_into(f) == (out == 1)) continue;
            if (out) add_given(b, f, park);
            else read_taken(b, f, park);
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

static const pf_compiled *compile_enlarged(builder *b)
{
    const pf_tree *tree = b->scenario->tree;
    b->scenario->tree = enlarged(b, tree);
    const pf_compiled *model = pf_compile(b->scenario, (pf_compile_options){.drop_closures = true});
    b->scenario->tree = tree;
    return model;
}

static int row_named(const pf_compiled *m, const char *name)
{
    for (size_t i = 0; i < m->indicator_count; i++)
        if (!strcmp(m->indicators[i].name, name)) return (int)i;
    return -1;
}

static pf_firm_model found(const builder *b)
{
    return (pf_firm_model){.firms = b->firms.items,
                           .firm_count = b->firms.count,
                           .needs = b->needs.items,
                           .need_count = b->needs.count,
                           .fuels_apart = b->fuels_apart,
                           .fuels = b->fuels.items,
                           .fuel_count = b->fuels.count,
                           .burners = b->burners.items,
                           .burner_count = b->burners.count,
                           .network = {.sources = b->sources.count,
                                       .markets = b->markets.count,
                                       .fuels = b->fuels.count,
                                       .given = b->given.items,
                                       .taken = b->taken.items,
                                       .given_count = b->given.count,
                                       .taken_count = b->taken.count},
                           .sources = b->sources.items,
                           .given = b->given_rows.items,
                           .taken = b->taken_rows.items,
                           .is_power = b->is_power.items,
                           .total = row_named(b->flows, TOTAL),
                           .bought = row_named(b->flows, "ghg_scope2")};
}

bool pf_firm_model_of(pf_firm_model *self, const pf_compiled *model, pf_diagnostics *diagnostics)
{
    pf_scenario *s = (pf_scenario *)model->scenario;
    builder b = {.scenario = s, .arena = s->arena};
    *self = (pf_firm_model){.total = -1};
    b.flows = pf_compile(s, (pf_compile_options){.keep_flows = true});
    if (!b.flows) return false;
    b.indicators = pf_tree_new(b.arena, s->tree->mark, PF_MAPPING);
    read_flows(&b);
    *self = found(&b);
    if (self->total < 0) pf_error(diagnostics, (pf_mark){0}, "the model has no indicator ghg_total to be decomposed");
    if (!self->need_count)
        pf_error(diagnostics, (pf_mark){0},
                 "no process of the model has `output` and needs of energy: there is no activity to go by");
    if (self->total < 0 || !self->need_count) return false;
    self->model = compile_enlarged(&b);
    return self->model;
}
