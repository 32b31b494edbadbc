/* Is what a selector names anywhere in the model? Finding nothing in one park is fine; a slip of the pen is not. */
#include "model/model.h"

#include <string.h>

typedef struct {
    const pf_context *c;
    const pf_expression *e;
    pf_nearest near;
    bool known;
} search;

static search begin(const pf_context *c, const pf_expression *e, const char *wanted)
{
    return (search){c, e, pf_nearest_to(wanted), !strcmp(wanted, "*")};
}

static void offer(search *s, const char *name)
{
    if (!name) return;
    s->known |= !strcmp(s->near.wanted, name);
    pf_nearest_offer(&s->near, name);
}

static bool finish(search *s, const char *what)
{
    pf_model *m = s->c->model;
    if (!s->known) pf_error(m->diagnostics, s->e->mark, "no %s is called '%s'%s, in '%s'", what, s->near.wanted, pf_nearest_hint(&s->near, m->arena), s->e->text);
    return s->known;
}

static void offer_keys(search *s, const pf_tree *map)
{
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) offer(s, map->entries.items[i].key);
}

static bool check_filter(const pf_context *c, const pf_expression *e, const pf_filter *filter)
{
    static const char *const keys[] = {"type", "sector", "site", "carrier", "group", "pays", "receives"};
    pf_model *m = c->model;
    search s = begin(c, e, filter->value);
    if (!strcmp(filter->key, "type")) offer_keys(&s, pf_tree_get(m->scenario->tree, "process_types"));
    else if (!strcmp(filter->key, "carrier")) offer_keys(&s, pf_tree_get(m->scenario->tree, "carriers"));
    else if (!strcmp(filter->key, "sector")) {
        offer_keys(&s, pf_tree_get(m->scenario->tree, "sectors"));
        for (size_t i = 0; i < m->processes.count; i++) offer(&s, m->processes.items[i]->sector_name);
    } else if (!strcmp(filter->key, "group"))
        for (size_t i = 0; i < m->carriers.count; i++) offer(&s, m->carriers.items[i].group);
    else if (!strcmp(filter->key, "site"))
        for (size_t i = 0; i < m->scopes.count; i++) offer(&s, m->scopes.items[i]->kind == PF_SITE_SCOPE ? m->scopes.items[i]->name : NULL);
    else if (!strcmp(filter->key, "pays") || !strcmp(filter->key, "receives"))
        for (size_t i = 0; i < m->markets.count; i++) offer(&s, pf_tree_get_text(m->markets.items[i]->tree, filter->key));
    else {
        search key = begin(c, e, filter->key);
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) offer(&key, keys[i]);
        return finish(&key, "filter");
    }
    return finish(&s, filter->key);
}

static bool check_filters(const pf_context *c, const pf_expression *e)
{
    bool good = true;
    for (size_t i = 0; i < e->path.count; i++)
        for (size_t f = 0; f < e->path.segments[i].filters.count; f++) good &= check_filter(c, e, &e->path.segments[i].filters.items[f]);
    return good;
}

static bool check_park(const pf_context *c, const pf_expression *e)
{
    search s = begin(c, e, e->path.segments[0].name);
    for (size_t i = 0; i < c->model->scopes.count; i++)
        if (c->model->scopes.items[i]->kind != PF_SITE_SCOPE) offer(&s, c->model->scopes.items[i]->name);
    return finish(&s, "park");
}

static bool check_process(const pf_context *c, const pf_expression *e)
{
    search s = begin(c, e, e->path.segments[1].name);
    for (size_t i = 0; i < c->model->processes.count; i++) {
        offer(&s, c->model->processes.items[i]->name);
        if (c->model->processes.items[i]->scope->kind == PF_SITE_SCOPE) offer(&s, c->model->processes.items[i]->scope->name);
    }
    return finish(&s, "process or site");
}

/* A name that some type of the model has, wherever it stands in the rest of the path. */
static bool check_name(const pf_context *c, const pf_expression *e)
{
    static const char *const groups[] = {"parameters", "ports", "values", "stocks"};
    static const char *const always[] = {"in", "out", "ghg", "upstream_ghg", "imported_ghg", "emissions", "upstream"};
    const pf_tree *types = pf_tree_get(c->model->scenario->tree, "process_types");
    search s = begin(c, e, e->path.segments[2].name);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) offer(&s, always[i]);
    for (size_t i = 0; types && i < types->entries.count; i++)
        for (size_t g = 0; g < 4; g++) offer_keys(&s, pf_tree_get(types->entries.items[i].value, groups[g]));
    for (size_t i = 0; e->path.count > 3 && i < c->model->processes.count; i++) offer(&s, c->model->processes.items[i]->name); /* behind a site */
    return finish(&s, "part of a process");
}

static bool check_interventions(const pf_context *c, const pf_expression *e)
{
    search name = begin(c, e, e->path.segments[1].name), what = begin(c, e, e->path.segments[2].name);
    static const char *const parts[] = {"adoption", "capital_cost", "running_cost"};
    for (size_t i = 0; i < c->model->interventions.count; i++) offer(&name, c->model->interventions.items[i].name);
    for (size_t i = 0; i < 3; i++) offer(&what, parts[i]);
    what.known &= strcmp(e->path.segments[2].name, "*") != 0;
    bool named = finish(&name, "intervention");
    return finish(&what, "part of an intervention") && named;
}

static bool check_market(const pf_context *c, const pf_expression *e)
{
    search name = begin(c, e, e->path.segments[2].name), what = begin(c, e, e->path.segments[3].name);
    static const char *const parts[] = {"supplied", "demanded", "unserved", "spilled", "turnover"};
    for (size_t i = 0; i < c->model->markets.count; i++) offer(&name, c->model->markets.items[i]->name);
    for (size_t i = 0; i < 5; i++) offer(&what, parts[i]);
    what.known &= strcmp(e->path.segments[3].name, "*") != 0;
    bool named = finish(&name, "market");
    return finish(&what, "part of a market") && named;
}

bool pf_check_selector(const pf_context *c, const pf_expression *e)
{
    const pf_path_segment *s = e->path.segments;
    bool interventions = !strcmp(s[0].name, "interventions") && e->path.count == 3;
    bool market = e->path.count == 4 && !strcmp(s[1].name, "markets");
    if (e->path.count < 3) {
        pf_error(c->model->diagnostics, e->mark, "expected PARK.PROCESS.NAME within 'sum( )', found '%s'", pf_path_text(c->model->arena, &e->path));
        return false;
    }
    bool good = check_filters(c, e);
    if (interventions) return check_interventions(c, e) && good;
    good &= check_park(c, e);
    if (market) return check_market(c, e) && good;
    good &= check_process(c, e);
    return check_name(c, e) && good;
}
