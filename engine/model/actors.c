/* The actors of a model: takes lists of indicators that make up the cash flow of each, gives rows of indicators and
 * what brings them into one unit of money. */
#include "model/model.h"

#include <string.h>

typedef PF_LIST(pf_actor) actors;
typedef PF_LIST(pf_actor_part) parts;

/* The currency of the results; false after an error. */
static bool read_currency(pf_model *m, const pf_tree *all, pf_unit *currency)
{
    const char *name = pf_tree_get_text(pf_tree_at(m->scenario->tree, "accounting.money"), "currency"), *why;
    if (name) return !pf_unit_parse(m->scenario->units, name, currency, &why);
    pf_error(m->diagnostics, all->mark, "actors need `accounting: {money: {currency: ..., year: ...}}`");
    return false;
}

/* Shares of an indicator add up if it is a sum, and to a cash flow if it is money. */
static bool is_amount_of_money(pf_model *m, const pf_indicator *v, pf_dimension money, pf_mark mark, pf_unit *unit)
{
    const char *why;
    if (strcmp(v->method, "sum") != 0) {
        pf_error(m->diagnostics, mark, "the indicator '%s' is no sum over time, found over_time: %s; expected sum",
                 v->name, !strcmp(v->method, "point") ? "last" : v->method);
        return false;
    }
    if (pf_unit_parse(m->scenario->units, v->unit, unit, &why)) return false; /* the indicator has said so */
    if (pf_dimension_equal(unit->dimension, money)) return true;
    pf_error(m->diagnostics, mark, "the indicator '%s' is in %s, expected money", v->name, v->unit);
    return false;
}

/* The key under which an indicator stands before already, so that it would count twice; NULL: under none. What is both
 * received and borne is sold at its cost. */
static const char *counted_under(const pf_tree *actor, const char *key, const pf_tree *name)
{
    static const char *const keys[] = {"receives", "pays", "bears", "capital"};
    bool is_received = !strcmp(key, keys[0]);
    for (size_t k = is_received ? 0 : 1, end = is_received ? 1 : 4; k < end; k++) {
        const pf_tree *names = pf_tree_get(actor, keys[k]);
        for (size_t i = 0; names && names->kind == PF_SEQUENCE && i < names->entries.count; i++) {
            const pf_tree *item = names->entries.items[i].value;
            if (item == name) return NULL;
            if (item->kind == PF_TEXT && !strcmp(item->text, name->text)) return keys[k];
        }
    }
    return NULL;
}

static void check_once(pf_model *m, const pf_tree *actor, const char *key, const pf_tree *name)
{
    const char *other = counted_under(actor, key, name);
    if (other && !strcmp(other, key))
        pf_error(m->diagnostics, name->mark, "the indicator '%s' stands twice under '%s'", name->text, key);
    else if (other)
        pf_error(m->diagnostics, name->mark, "the indicator '%s' stands under '%s' and '%s': it would count twice",
                 name->text, other, key);
}

static void add_part(pf_model *m, const pf_tree *name, pf_dimension money, parts *list)
{
    pf_unit unit;
    int row = pf_indicator_named(m, name->text, name->mark);
    if (row < 0 || !is_amount_of_money(m, &m->compiled.indicators[row], money, name->mark, &unit)) return;
    if (!m->compiled.actors_unit) {
        m->compiled.actors_unit = m->compiled.indicators[row].unit;
        m->compiled.actors_scale = unit.scale;
    }
    *PF_PUSH(m->arena, *list) = (pf_actor_part){(uint32_t)row, unit.scale / m->compiled.actors_scale};
}

static pf_actor_parts read_parts(pf_model *m, const pf_tree *actor, const char *key, pf_dimension money)
{
    const pf_tree *names = pf_tree_get(actor, key);
    parts list = {0};
    for (size_t i = 0; names && names->kind == PF_SEQUENCE && i < names->entries.count; i++) {
        const pf_tree *name = names->entries.items[i].value;
        if (name->kind != PF_TEXT) continue;
        check_once(m, actor, key, name);
        add_part(m, name, money, &list);
    }
    return (pf_actor_parts){list.items, list.count};
}

static bool says(const pf_tree *actor, const char *key)
{
    const pf_tree *names = pf_tree_get(actor, key);
    return names && (names->kind != PF_SEQUENCE || names->entries.count);
}

static void read_actor(pf_model *m, const pf_entry *entry, pf_dimension money, actors *list)
{
    const pf_tree *tree = entry->value;
    if (!strcmp(entry->key, "society") || !strcmp(entry->key, "all"))
        pf_error(m->diagnostics, entry->mark, "'%s' stands for all actors together; expected another name", entry->key);
    if (!says(tree, "pays") && !says(tree, "receives") && !says(tree, "bears") && !says(tree, "capital"))
        pf_error(m->diagnostics, entry->mark, "the actor '%s' has none of pays, receives, bears, capital", entry->key);
    *PF_PUSH(m->arena, *list) = (pf_actor){.name = entry->key,
                                           .title = pf_title(tree, entry->key),
                                           .title_vi = pf_title_vi(tree),
                                           .pays = read_parts(m, tree, "pays", money),
                                           .receives = read_parts(m, tree, "receives", money),
                                           .bears = read_parts(m, tree, "bears", money),
                                           .capital = read_parts(m, tree, "capital", money)};
}

void pf_build_actors(pf_model *m)
{
    const pf_tree *all = pf_tree_get(m->scenario->tree, "actors");
    actors list = {0};
    pf_unit currency;
    if (!all || all->kind != PF_MAPPING || !all->entries.count || !read_currency(m, all, &currency)) return;
    for (size_t i = 0; i < all->entries.count; i++)
        if (all->entries.items[i].value->kind == PF_MAPPING)
            read_actor(m, &all->entries.items[i], currency.dimension, &list);
    m->compiled.actors = list.items;
    m->compiled.actor_count = list.count;
}
