/* From a flow system's YAML to quantities and constraints: units, flows with their components, parameters; then a first
 * guess of what is unknown. What must hold is added by flow_constraints.c and flow_equations.c. */
#include "analysis/flow_reader.h"

#include "base/distributions.h"
#include "scenario/input.h"
#include "scenario/load.h"
#include "scenario/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

int pf_flow_quantity_named(const pf_flow_reader *r, const char *name)
{
    return (int)(size_t)pf_map_get(&r->names, name) - 1;
}

static void push(pf_flow_reader *r, pf_flow_quantity quantity, pf_quantity number)
{
    *PF_PUSH(r->arena, r->quantities) = quantity;
    *PF_PUSH(r->arena, r->numbers) = number;
    pf_map_set(&r->names, r->arena, quantity.name, (void *)r->quantities.count);
}

/* ---- values ---- */

static bool is_unknown(const pf_tree *tree)
{
    const pf_tree *text = tree && tree->kind == PF_MAPPING ? pf_tree_get(tree, "value") : tree;
    return !tree || (text && text->kind == PF_TEXT && !strcmp(text->text, "unknown"));
}

/* The mean and standard deviation in base units, exact where the distribution has them as arguments. */
static pf_quantity known_quantity(const pf_value *value)
{
    const double *a = value->arguments;
    double mean = value->number, sd = 0, time = pf_unit_size(value->unit) / value->unit.scale;
    if (value->kind == PF_DISTRIBUTION) {
        const pf_distribution *row = pf_distribution_at((size_t)value->distribution);
        if (!strcmp(row->name, "normal")) mean = a[0], sd = a[1];
        else if (!strcmp(row->name, "lognormal")) {
            double variance = log(a[1]) * log(a[1]);
            mean = a[0] * exp(variance / 2);
            sd = mean * sqrt(expm1(variance));
        } else pf_distribution_moments(row, a, &mean, &sd);
    }
    return (pf_quantity){sd > 0 ? PF_MEASURED : PF_EXACT, mean * time, sd * time};
}

static bool read_value(pf_flow_reader *r, const pf_flow_quantity *q, const pf_tree *tree, pf_quantity *number)
{
    const pf_value *value = pf_value_read(&r->values, tree);
    if (!value) return false;
    if (value->kind != PF_NUMBER && value->kind != PF_DISTRIBUTION) {
        pf_error(r->diagnostics, value->mark, "found '%s', expected a number, a distribution or `unknown`",
                 value->text);
        return false;
    }
    if (!value->any_unit && !pf_dimension_equal(value->unit.dimension, q->dimension)) {
        pf_error(r->diagnostics, value->mark, "'%s' of '%s' is in %s, expected %s, like %s", value->text, q->name,
                 pf_dimension_text(r->units, value->unit.dimension, r->arena),
                 pf_dimension_text(r->units, q->dimension, r->arena), q->unit);
        return false;
    }
    *number = value->any_unit ? (pf_quantity){PF_EXACT, value->number, 0} : known_quantity(value);
    if (isfinite(number->value) && isfinite(number->sd)) return true;
    pf_error(r->diagnostics, value->mark, "'%s' of '%s' has no finite mean and spread", value->text, q->name);
    return false;
}

/* A remark of the value, or of what the value belongs to. */
static const char *remark(const pf_tree *value, const char *key, const char *otherwise)
{
    const char *text = pf_tree_get_text(value, key);
    return text ? text : otherwise;
}

bool pf_flow_add(pf_flow_reader *r, pf_flow_quantity quantity, const pf_tree *tree)
{
    pf_quantity number = {.known = PF_UNKNOWN};
    if (pf_flow_quantity_named(r, quantity.name) != PF_NO_QUANTITY) {
        pf_error(r->diagnostics, quantity.mark, "'%s' is the name of another quantity too", quantity.name);
        return false;
    }
    quantity.source = remark(tree, "source", quantity.source);
    quantity.assumption = remark(tree, "assumption", quantity.assumption);
    bool good = is_unknown(tree) || read_value(r, &quantity, tree, &number);
    push(r, quantity, number); /* also after an error, so that equations find it */
    return good;
}

bool pf_flow_set_unit(pf_flow_reader *r, pf_flow_quantity *quantity, const char *unit, pf_mark mark)
{
    pf_unit parsed = {.scale = 1};
    const char *why;
    quantity->unit = unit;
    if (pf_unit_parse(r->units, unit, &parsed, &why)) {
        pf_error(r->diagnostics, mark, "'%s': %s", unit, why);
        quantity->size = 1;
        return false;
    }
    quantity->dimension = parsed.dimension;
    quantity->size = pf_unit_size(parsed);
    return true;
}

/* ---- flows ---- */

/* NULL for the outside, and after an error. */
static const char *process_named(pf_flow_reader *r, const pf_tree *name)
{
    const pf_tree *processes = pf_tree_get(r->tree, "processes");
    if (!name || name->kind != PF_TEXT || !strcmp(name->text, "outside")) return NULL;
    if (pf_tree_entry(processes, name->text)) return name->text;
    pf_nearest near = pf_nearest_to(name->text);
    pf_nearest_offer(&near, "outside");
    for (size_t i = 0; processes && i < processes->entries.count; i++)
        pf_nearest_offer(&near, processes->entries.items[i].key);
    pf_error(r->diagnostics, name->mark, "no process is called '%s'%s", name->text, pf_nearest_hint(&near, r->arena));
    r->has_lost_flow = true;
    return NULL;
}

static pf_flow_quantity component_quantity(pf_flow_reader *r, const pf_system_flow *flow, const char *component,
                                           pf_mark mark)
{
    pf_flow_quantity q = {.name = pf_dotted(r->arena, flow->name, component),
                          .kind = PF_OF_COMPONENT,
                          .mark = mark,
                          .flow = flow->name,
                          .component = component};
    const pf_tree *unit = pf_tree_at(r->tree, pf_format(r->arena, "components.%s.unit", component));
    pf_flow_set_unit(r, &q, unit && unit->kind == PF_TEXT ? unit->text : "1", unit ? unit->mark : mark);
    return q;
}

size_t pf_flow_component(pf_flow_reader *r, const pf_system_flow *flow, const char *component)
{
    int number = pf_flow_quantity_named(r, pf_dotted(r->arena, flow->name, component));
    if (number != PF_NO_QUANTITY) return (size_t)number;
    pf_flow_add(r, component_quantity(r, flow, component, flow->mark), NULL);
    return r->quantities.count - 1;
}

static void add_components(pf_flow_reader *r, const pf_system_flow *flow, const pf_tree *components,
                           const pf_tree *remarks)
{
    const pf_tree *declared = pf_tree_get(r->tree, "components");
    for (size_t i = 0; components && i < components->entries.count; i++) {
        const pf_entry *entry = &components->entries.items[i];
        pf_nearest near = pf_nearest_to(entry->key);
        for (size_t d = 0; declared && d < declared->entries.count; d++)
            pf_nearest_offer(&near, declared->entries.items[d].key);
        if (!pf_tree_entry(declared, entry->key)) {
            pf_error(r->diagnostics, entry->mark, "no component is called '%s'%s", entry->key,
                     pf_nearest_hint(&near, r->arena));
            continue;
        }
        pf_flow_quantity q = component_quantity(r, flow, entry->key, entry->mark);
        q.source = pf_tree_get_text(remarks, "source");
        q.assumption = pf_tree_get_text(remarks, "assumption");
        pf_flow_add(r, q, entry->value);
    }
}

static void add_flow(pf_flow_reader *r, const pf_entry *entry)
{
    const pf_tree *tree = entry->value, *unit = pf_tree_get(tree, "unit");
    pf_flow_quantity q = {.name = entry->key, .kind = PF_OF_FLOW, .mark = entry->mark};
    q.source = pf_tree_get_text(tree, "source");
    q.assumption = pf_tree_get_text(tree, "assumption");
    q.from = process_named(r, pf_tree_get(tree, "from"));
    q.to = process_named(r, pf_tree_get(tree, "to"));
    if (q.from && q.to && !strcmp(q.from, q.to))
        pf_error(r->diagnostics, entry->mark, "'%s' leads from '%s' to itself", q.name, q.from);
    if (unit && unit->kind == PF_TEXT) pf_flow_set_unit(r, &q, unit->text, unit->mark);
    else pf_flow_set_unit(r, &q, r->unit, pf_tree_get(r->tree, "unit")->mark);
    pf_system_flow flow = {q.name, q.from, q.to, r->quantities.count, entry->mark};
    pf_flow_add(r, q, pf_tree_get(tree, "amount"));
    *PF_PUSH(r->arena, r->flows) = flow;
    add_components(r, &flow, pf_tree_get(tree, "components"), tree);
}

/* A change of stock is in the unit of a flow of the process. */
static void add_stock(pf_flow_reader *r, const pf_entry *entry, const pf_tree *change)
{
    pf_flow_quantity q = {.name = pf_dotted(r->arena, entry->key, "stock_change"),
                          .kind = PF_OF_STOCK,
                          .mark = entry->mark,
                          .from = entry->key};
    q.source = pf_tree_get_text(entry->value, "source");
    q.assumption = pf_tree_get_text(entry->value, "assumption");
    const char *unit = r->unit;
    for (size_t i = 0; i < r->flows.count; i++) {
        const pf_system_flow *flow = &r->flows.items[i];
        if ((flow->from && !strcmp(flow->from, entry->key)) || (flow->to && !strcmp(flow->to, entry->key)))
            unit = r->quantities.items[flow->amount].unit;
    }
    pf_flow_set_unit(r, &q, unit, entry->mark);
    pf_system_flow flow = {q.name, q.from, NULL, r->quantities.count, entry->mark};
    pf_flow_add(r, q, change);
    *PF_PUSH(r->arena, r->flows) = flow;
}

static void add_flows(pf_flow_reader *r)
{
    const pf_tree *flows = pf_tree_get(r->tree, "flows"), *processes = pf_tree_get(r->tree, "processes");
    if (!flows->entries.count) pf_error(r->diagnostics, flows->mark, "there is no flow");
    for (size_t i = 0; i < flows->entries.count; i++) add_flow(r, &flows->entries.items[i]);
    for (size_t i = 0; processes && i < processes->entries.count; i++) {
        const pf_entry *entry = &processes->entries.items[i];
        const pf_tree *change = pf_tree_get(entry->value, "stock_change");
        if (!strcmp(entry->key, "outside"))
            pf_error(r->diagnostics, entry->mark, "'outside' is what no process is; expected another name");
        if (change) add_stock(r, entry, change);
    }
}

/* The unit in the text of a value: what stands behind its last number. */
static const char *written_unit(const pf_tree *tree)
{
    const pf_tree *first = tree->kind == PF_MAPPING ? pf_tree_get(tree, "value") : tree;
    if (!first && tree->entries.count) first = tree->entries.items[0].value;
    if (first && first->kind != PF_TEXT) return written_unit(first);
    if (!first) return "1";
    const char *at = strstr(first->text, "+-"), *dots, *rest;
    at = at ? at + strlen("+-") : first->text;
    while ((dots = strstr(at, ".."))) at = dots + strlen("..");
    double number;
    return pf_number_parse(at, &number, &rest) && *rest ? rest : "1";
}

/* A parameter has the unit that it is written in; one that is unknown is a pure number. */
static void add_parameters(pf_flow_reader *r)
{
    const pf_tree *parameters = pf_tree_get(r->tree, "parameters");
    for (size_t i = 0; parameters && i < parameters->entries.count; i++) {
        const pf_entry *entry = &parameters->entries.items[i];
        const pf_value *value = is_unknown(entry->value) ? NULL : pf_value_read(&r->values, entry->value);
        pf_flow_quantity q = {.name = entry->key, .kind = PF_OF_PARAMETER, .mark = entry->mark, .unit = "1", .size = 1};
        if (value && !value->any_unit) pf_flow_set_unit(r, &q, written_unit(entry->value), entry->mark);
        if (value || is_unknown(entry->value)) pf_flow_add(r, q, entry->value);
    }
}

/* ---- first guesses ---- */

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* The median size of what is known of the same kind; one unit if there is nothing. */
static double guess(const pf_flow_reader *r, size_t number, double *sizes)
{
    const pf_flow_quantity *q = &r->quantities.items[number];
    size_t count = 0;
    if (q->kind == PF_OF_TRANSFER) return 0.5;
    for (size_t i = 0; i < r->quantities.count; i++) {
        const pf_flow_quantity *other = &r->quantities.items[i];
        double size = fabs(r->numbers.items[i].value);
        if (r->numbers.items[i].known != PF_UNKNOWN && size > 0 && pf_dimension_equal(other->dimension, q->dimension) &&
            (q->kind != PF_OF_COMPONENT || (other->kind == PF_OF_COMPONENT && !strcmp(q->component, other->component))))
            sizes[count++] = size;
    }
    qsort(sizes, count, sizeof *sizes, by_size);
    return count ? sizes[count / 2] : q->size;
}

static void add_guesses(pf_flow_reader *r)
{
    double *sizes = PF_ARRAY(r->arena, double, r->quantities.count + 1);
    for (size_t i = 0; i < r->quantities.count; i++)
        if (r->numbers.items[i].known == PF_UNKNOWN) r->numbers.items[i].value = guess(r, i, sizes);
}

/* ---- the file ---- */

static void define_units(pf_flow_reader *r)
{
    const pf_tree *names = pf_tree_get(r->tree, "units"), *currencies = pf_tree_get(r->tree, "currencies");
    const char *why;
    for (size_t i = 0; currencies && i < currencies->entries.count; i++)
        if (currencies->entries.items[i].value->kind == PF_TEXT)
            pf_units_add_currency(r->units, currencies->entries.items[i].value->text);
    for (size_t i = 0; names && names->kind == PF_MAPPING && i < names->entries.count; i++) {
        const pf_entry *entry = &names->entries.items[i];
        if (entry->value->kind == PF_TEXT && pf_units_define(r->units, entry->key, entry->value->text, &why))
            pf_error(r->diagnostics, entry->value->mark, "the unit '%s': %s", entry->key, why);
    }
}

static double read_level(pf_flow_reader *r)
{
    static const double usual = 0.05;
    const pf_tree *level = pf_tree_get(r->tree, "level");
    const char *rest;
    double number;
    if (!level || level->kind != PF_TEXT) return usual;
    if (pf_number_parse(level->text, &number, &rest) && !*rest && number > 0 && number < 1) return number;
    pf_error(r->diagnostics, level->mark, "found level: %s, expected a number between 0 and 1, like 0.05", level->text);
    return usual;
}

static pf_flow_system *finish(pf_flow_reader *r, pf_files *files, const char *path)
{
    pf_flow_system *system = PF_NEW(r->arena, pf_flow_system);
    *system = (pf_flow_system){.title = pf_title(r->tree, path),
                               .prefix = pf_tree_get_text(r->tree, "prefix"),
                               .input = pf_input_text(files, r->tree),
                               .quantities = r->quantities.items,
                               .constraints = r->constraints.items,
                               .units = r->units,
                               .arena = r->arena};
    system->problem =
        (pf_reconcile_problem){r->numbers.items, r->numbers.count, r->sums.items, r->sums.count, read_level(r)};
    if (!system->prefix) system->prefix = "";
    return system;
}

/* A flow system is of one time; that of a series, which is refused later, is any month. */
static pf_calendar no_time(pf_arena *arena)
{
    enum { ANY_YEAR = 2000 };
    pf_step month = {pf_day_number(ANY_YEAR, 1, 1), pf_day_number(ANY_YEAR, 2, 1)};
    pf_calendar calendar;
    const char *why;
    pf_calendar_make(arena, PF_STEP_MONTH, month, month, &calendar, &why);
    calendar.stands_in = true;
    return calendar;
}

static void read_all(pf_flow_reader *r)
{
    r->unit = pf_tree_get_text(r->tree, "unit");
    if (!r->unit) r->unit = "1"; /* the schema has said that it is missing */
    define_units(r);
    add_flows(r);
    add_parameters(r);
    pf_flow_add_constraints(r);
    add_guesses(r);
}

pf_flow_system *pf_flow_system_read(const char *path, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    pf_files *files = pf_files_new(arena);
    size_t errors = pf_error_count(diagnostics);
    pf_flow_system *system = NULL;
    pf_tree *tree = pf_load(files, path, NULL, 0, diagnostics);
    pf_calendar calendar = no_time(arena);
    pf_flow_reader r = {.arena = arena, .tree = tree, .units = pf_units_new(), .diagnostics = diagnostics};
    if (tree) pf_schema_check(arena, tree, "flow_system", diagnostics);
    if (!tree || pf_error_count(diagnostics) > errors) goto done;
    r.values = (pf_value_reader){.arena = arena,
                                 .files = files,
                                 .units = r.units,
                                 .calendar = &calendar,
                                 .accounting = pf_tree_get(tree, "accounting"),
                                 .diagnostics = diagnostics};
    read_all(&r);
    if (pf_error_count(diagnostics) == errors) system = finish(&r, files, path);
done:
    if (!system || pf_error_count(diagnostics) > errors) {
        pf_units_free(r.units);
        pf_arena_free(arena);
        system = NULL;
    }
    return system;
}

void pf_flow_system_free(pf_flow_system *system)
{
    if (!system) return;
    pf_units_free(system->units);
    pf_arena_free(system->arena);
}

/* ---- what went wrong ---- */

static const char *row_names(const pf_flow_system *system, const pf_reconciliation *end)
{
    const char *names = "";
    for (size_t i = 0; i < end->row_count; i++)
        names = pf_format(system->arena, "%s%s%s", names, i ? ", " : "", system->constraints[end->rows[i]].name);
    return names;
}

void pf_flow_system_explain(const pf_flow_system *system, const pf_reconciliation *end, pf_diagnostics *diagnostics)
{
    if (end->end == PF_RECONCILED) return;
    pf_mark at = system->constraints[end->rows[0]].mark;
    if (end->end == PF_CONTRADICTION)
        pf_error(diagnostics, at,
                 "these cannot hold together, whatever the measurements are, for they bind exact values only: %s",
                 row_names(system, end));
    else
        pf_error(diagnostics, at,
                 "no values were found in %zu iterations that fulfil: %s; see whether measurements there are of the "
                 "right size, or give more of them",
                 end->iterations, row_names(system, end));
}
