/* Is what a selector, or the path of an effect, names anywhere in the model? Finding nothing in one park is fine; a
 * slip of the pen is not. */
#include "model/model.h"
#include "scenario/schema.h"

#include <string.h>

/* The path that is looked at, and the text it stands in. */
typedef struct {
    pf_model *m;
    const pf_path *path;
    const char *text;
    pf_mark mark;
} subject;

typedef struct {
    const subject *of;
    pf_nearest near;
    bool known;
} search;

static bool is_of_interventions(const pf_path *path)
{
    return !strcmp(path->segments[0].name, "interventions") && path->count == 3;
}

static search begin(const subject *of, const char *wanted)
{
    return (search){of, pf_nearest_to(wanted), !strcmp(wanted, "*")};
}

static void offer(search *s, const char *name)
{
    if (!name || s->known) return;
    s->known = !strcmp(s->near.wanted, name);
    pf_nearest_offer(&s->near, name);
}

/* `names` lists what there is, where it is little; else NULL. */
static bool finish(search *s, const char *what, const char *names)
{
    pf_model *m = s->of->m;
    const char *hint = pf_nearest_hint(&s->near, m->arena);
    if (!s->near.best && names) hint = pf_format(m->arena, "; expected %s", names);
    if (!s->known)
        pf_error(m->diagnostics, s->of->mark, "no %s is called '%s'%s, in '%s'", what, s->near.wanted, hint,
                 s->of->text);
    return s->known;
}

static void offer_keys(search *s, const pf_tree *map)
{
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++)
        offer(s, map->entries.items[i].key);
}

/* Any other filter goes by a text that processes give, such as the carrier of their choice. */
static bool check_own_filter(const subject *of, const pf_filter *filter)
{
    static const char *const keys[] = {"type", "sector", "site", "carrier", "group", "pays", "receives"};
    search key = begin(of, filter->key), value = begin(of, filter->value);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) offer(&key, keys[i]);
    for (size_t i = 0; i < of->m->processes.count; i++) {
        const char *its = pf_tree_get_text(of->m->processes.items[i]->given, filter->key);
        if (its) offer(&key, filter->key);
        offer(&value, its);
    }
    return finish(&key, "filter", NULL) && finish(&value, filter->key, NULL);
}

static bool check_filter(const subject *of, const pf_filter *filter)
{
    pf_model *m = of->m;
    search s = begin(of, filter->value);
    if (!strcmp(filter->key, "type")) offer_keys(&s, pf_tree_get(m->scenario->tree, "process_types"));
    else if (!strcmp(filter->key, "carrier")) offer_keys(&s, pf_tree_get(m->scenario->tree, "carriers"));
    else if (!strcmp(filter->key, "sector")) {
        offer_keys(&s, pf_tree_get(m->scenario->tree, "sectors"));
        for (size_t i = 0; i < m->processes.count; i++) offer(&s, m->processes.items[i]->sector_name);
    } else if (!strcmp(filter->key, "group"))
        for (size_t i = 0; i < m->carriers.count; i++) offer(&s, m->carriers.items[i].group);
    else if (!strcmp(filter->key, "site"))
        for (size_t i = 0; i < m->scopes.count; i++)
            offer(&s, m->scopes.items[i]->kind == PF_SITE_SCOPE ? m->scopes.items[i]->name : "none");
    else if (!strcmp(filter->key, "pays") || !strcmp(filter->key, "receives"))
        for (size_t i = 0; i < m->markets.count; i++)
            offer(&s, pf_tree_get_text(m->markets.items[i]->tree, filter->key));
    else return check_own_filter(of, filter);
    return finish(&s, filter->key, NULL);
}

/* What the schema lists may stand in a filter, be it of no intervention that stands here. */
static bool check_intervention_filter(const subject *of, const pf_filter *filter)
{
    static const char *const keys[] = {"pays", "status", "sector"};
    pf_model *m = of->m;
    search key = begin(of, filter->key), value = begin(of, filter->value);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) offer(&key, keys[i]);
    if (!finish(&key, "filter of interventions", "pays, status or sector")) return false;
    if (strcmp(filter->key, "sector") != 0)
        return pf_schema_choice(m->arena, pf_tree_text(m->arena, of->mark, filter->value),
                                !strcmp(filter->key, "pays") ? "cost" : "intervention", filter->key, m->diagnostics);
    for (size_t i = 0; i < m->interventions.count; i++)
        offer(&value, pf_intervention_text(&m->interventions.items[i], filter->key));
    return finish(&value, filter->key, NULL);
}

static bool check_filters(const subject *of)
{
    bool good = true, intervention = is_of_interventions(of->path);
    for (size_t i = 0; i < of->path->count; i++)
        for (size_t f = 0; f < of->path->segments[i].filters.count; f++)
            good &=
                (intervention ? check_intervention_filter : check_filter)(of, &of->path->segments[i].filters.items[f]);
    return good;
}

static bool check_park(const subject *of)
{
    search s = begin(of, of->path->segments[0].name);
    for (size_t i = 0; i < of->m->scopes.count; i++)
        if (of->m->scopes.items[i]->kind != PF_SITE_SCOPE) offer(&s, of->m->scopes.items[i]->name);
    return finish(&s, "park", NULL);
}

static bool check_process(const subject *of)
{
    search s = begin(of, of->path->segments[1].name);
    for (size_t i = 0; i < of->m->processes.count; i++) {
        offer(&s, of->m->processes.items[i]->name);
        if (of->m->processes.items[i]->scope->kind == PF_SITE_SCOPE) offer(&s, of->m->processes.items[i]->scope->name);
    }
    return finish(&s, "process or site", NULL);
}

/* A name that some type of the model has, wherever it stands in the rest of the path. */
static bool check_name(const subject *of)
{
    static const char *const groups[] = {"parameters", "ports", "values", "stocks"};
    static const char *const always[] = {"in", "out", "ghg", "upstream_ghg", "imported_ghg", "emissions", "upstream"};
    const pf_tree *types = pf_tree_get(of->m->scenario->tree, "process_types");
    search s = begin(of, of->path->segments[2].name);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) offer(&s, always[i]);
    for (size_t i = 0; types && i < types->entries.count; i++)
        for (size_t g = 0; g < 4; g++) offer_keys(&s, pf_tree_get(types->entries.items[i].value, groups[g]));
    /* behind a site */
    for (size_t i = 0; of->path->count > 3 && i < of->m->processes.count; i++)
        offer(&s, of->m->processes.items[i]->name);
    return finish(&s, "part of a process", NULL);
}

static bool check_interventions(const subject *of)
{
    search name = begin(of, of->path->segments[1].name), what = begin(of, of->path->segments[2].name);
    static const char *const parts[] = {"adoption", "capital_cost", "running_cost"};
    for (size_t i = 0; i < of->m->interventions.count; i++) offer(&name, of->m->interventions.items[i].name);
    for (size_t i = 0; i < 3; i++) offer(&what, parts[i]);
    what.known &= strcmp(of->path->segments[2].name, "*") != 0;
    bool named = finish(&name, "intervention", NULL);
    return finish(&what, "part of an intervention", "adoption, capital_cost or running_cost") && named;
}

static bool check_market(const subject *of)
{
    search name = begin(of, of->path->segments[2].name), what = begin(of, of->path->segments[3].name);
    static const char *const parts[] = {"supplied", "demanded", "unserved", "spilled", "turnover"};
    for (size_t i = 0; i < of->m->markets.count; i++) offer(&name, of->m->markets.items[i]->name);
    for (size_t i = 0; i < 5; i++) offer(&what, parts[i]);
    what.known &= strcmp(of->path->segments[3].name, "*") != 0;
    bool named = finish(&name, "market", NULL);
    return finish(&what, "part of a market", "supplied, demanded, unserved, spilled or turnover") && named;
}

static bool check_selector(const pf_context *c, const pf_expression *e)
{
    const subject of = {c->model, &e->path, e->text, e->mark};
    const pf_path_segment *s = e->path.segments;
    bool interventions = is_of_interventions(&e->path);
    bool market = e->path.count == 4 && !strcmp(s[1].name, "markets");
    if (e->path.count < 3) {
        pf_error(c->model->diagnostics, e->mark, "expected PARK.PROCESS.NAME within 'sum( )', found '%s'",
                 pf_path_text(c->model->arena, &e->path));
        return false;
    }
    bool good = check_filters(&of);
    if (interventions) return check_interventions(&of) && good;
    good &= check_park(&of);
    if (market) return check_market(&of) && good;
    good &= check_process(&of);
    return check_name(&of) && good;
}

bool pf_check_selector(const pf_context *c, const pf_expression *e)
{
    static char right[] = "right", wrong[] = "wrong";
    pf_model *m = c->model;
    const char *place = pf_format(m->arena, "%s:%d:%d", e->mark.file ? e->mark.file : "", e->mark.line, e->mark.column),
               *known = pf_map_get(&m->selectors, place);
    if (!known) pf_map_set(&m->selectors, m->arena, place, (void *)(known = check_selector(c, e) ? right : wrong));
    return known == right;
}

/* Does the path end in a parameter that is the choice of a carrier? */
static bool names_carrier_choice(const subject *of)
{
    const char *last = of->path->segments[of->path->count - 1].name;
    size_t rest;
    for (size_t i = 0; i < of->m->processes.count; i++) {
        const pf_process *p = of->m->processes.items[i];
        const pf_tree *declared = pf_tree_get(pf_tree_get(p->type, "parameters"), last);
        if (pf_path_names_process(of->path, p, 1, &rest) && pf_tree_get(declared, "carrier")) return true;
    }
    return false;
}

void pf_explain_no_hit(pf_model *m, const pf_path *path, const char *text, pf_mark mark)
{
    const subject of = {m, path, text, mark};
    bool parameters = !strcmp(path->segments[0].name, "parameters");
    if (is_of_interventions(path)) {
        if (!check_interventions(&of)) return;
    } else if (!parameters && (!check_park(&of) || !check_filters(&of))) return;
    if (names_carrier_choice(&of)) {
        pf_error(m->diagnostics, mark,
                 "'%s' names a carrier, which no effect changes; write two processes and move their limits", text);
        return;
    }
    pf_nearest near = pf_nearest_to(text);
    for (size_t i = 0; i < m->explained.count; i++) pf_nearest_offer(&near, m->explained.items[i].path);
    pf_error(m->diagnostics, mark, "'%s' finds no parameter%s", text, pf_nearest_hint(&near, m->arena));
}
