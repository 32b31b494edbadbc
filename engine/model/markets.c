/* Markets: which port joins which, the order of offers and takers, and how each clears (docs/language.md, "How a market
 * clears"). */
#include "model/model.h"

#include <math.h>
#include <string.h>

static const char *market_carrier(const pf_entry *entry)
{
    const char *carrier = pf_tree_get_text(entry->value, "carrier");
    return carrier ? carrier : entry->key;
}

static pf_market *add_market(pf_model *m, pf_scope *scope, const char *name, const pf_carrier *carrier,
                             const pf_tree *tree)
{
    pf_market *market = PF_NEW(m->arena, pf_market);
    *market = (pf_market){
        .name = name, .scope = scope, .carrier = carrier, .tree = tree, .number = (uint32_t)m->markets.count};
    market->label = scope->kind == PF_MODEL_SCOPE ? pf_format(m->arena, "shared.%s", name)
                                                  : pf_dotted(m->arena, scope->label, name);
    const char *what[] = {"supplied", "demanded", "unserved", "spilled"};
    pf_node_id *variables[] = {&market->supplied, &market->demanded, &market->unserved, &market->spilled};
    for (size_t i = 0; i < 4; i++) {
        *variables[i] = pf_variable_node(&m->graph, pf_dotted(m->arena, market->label, what[i]));
        pf_variable_of(&m->graph, *variables[i])->market = market->number;
    }
    *PF_PUSH(m->arena, m->markets) = market;
    *PF_PUSH(m->arena, m->parks[scope->park].markets) = market;
    if (!pf_map_get(&scope->markets, name)) pf_map_set(&scope->markets, m->arena, name, market);
    if (!pf_map_get(&m->market_labels, market->label)) pf_map_set(&m->market_labels, m->arena, market->label, market);
    return market;
}

static void declare_markets(pf_model *m, pf_scope *scope)
{
    const pf_tree *markets = pf_tree_get(scope->tree, "markets");
    for (size_t i = 0; markets && markets->kind == PF_MAPPING && i < markets->entries.count; i++) {
        const pf_entry *entry = &markets->entries.items[i];
        const pf_carrier *carrier = pf_carrier_named(m, market_carrier(entry));
        if (carrier) {
            add_market(m, scope, entry->key, carrier, entry->value);
            continue;
        }
        pf_nearest near = pf_nearest_to(market_carrier(entry));
        for (size_t k = 0; k < m->carriers.count; k++) pf_nearest_offer(&near, m->carriers.items[k].name);
        pf_error(m->diagnostics, entry->mark,
                 "the market '%s' is of no known carrier%s; expected a carrier's name, or `carrier: NAME`", entry->key,
                 pf_nearest_hint(&near, m->arena));
    }
}

/* By its label, or by its name in the port's own site or park or among those shared; the first that was made. */
static pf_market *known_market(const pf_model *m, const pf_scope *scope, const char *text)
{
    pf_market *found = pf_map_get(&m->market_labels, text);
    const pf_scope *scopes[] = {scope, scope->parent, m->root};
    for (size_t i = 0; i < 3; i++) {
        pf_market *market = scopes[i] ? pf_map_get(&scopes[i]->markets, text) : NULL;
        if (market && (!found || market->number < found->number)) found = market;
    }
    return found;
}

static pf_market *joined_market(pf_model *m, const pf_port *port, const pf_tree *text)
{
    pf_market *known = known_market(m, port->process->scope, text->text);
    if (known) return known;
    /* a park's market of a carrier that nobody declared */
    for (size_t i = 0; i < m->scopes.count; i++) {
        pf_scope *scope = m->scopes.items[i];
        size_t length = strlen(scope->label);
        if (scope->kind == PF_PARK_SCOPE && !strncmp(text->text, scope->label, length) && text->text[length] == '.' &&
            !strcmp(text->text + length + 1, port->carrier->name))
            return add_market(m, scope, port->carrier->name, port->carrier, NULL);
    }
    pf_nearest near = pf_nearest_to(text->text);
    for (size_t i = 0; i < m->markets.count; i++) pf_nearest_offer(&near, m->markets.items[i]->label);
    pf_error(m->diagnostics, text->mark, "no market is called '%s'%s", text->text, pf_nearest_hint(&near, m->arena));
    return NULL;
}

static void join(pf_model *m, pf_port *port)
{
    const pf_tree *joins = pf_tree_get(port->process->given, "joins"), *named = pf_tree_get(joins, port->name);
    pf_scope *scope = port->process->scope;
    if (named && named->kind == PF_TEXT) {
        port->market = joined_market(m, port, named);
        if (port->market && port->market->carrier != port->carrier) {
            pf_error(m->diagnostics, named->mark, "%s carries %s and cannot join '%s', a market of %s", port->label,
                     port->carrier->name, port->market->label, port->market->carrier->name);
            port->market = NULL;
        }
    } else {
        for (pf_scope *s = scope; s && !port->market; s = s->parent)
            port->market = pf_map_get(&s->markets, port->carrier->name);
        if (port->market && port->market->carrier != port->carrier) port->market = NULL;
        while (scope->kind == PF_SITE_SCOPE) scope = scope->parent;
        if (!port->market) port->market = add_market(m, scope, port->carrier->name, port->carrier, NULL);
    }
    if (port->market) *PF_PUSH(m->arena, port->market->ports) = port;
}

static void check_joins(pf_model *m, const pf_process *p)
{
    const pf_tree *joins = pf_tree_get(p->given, "joins");
    for (size_t i = 0; joins && joins->kind == PF_MAPPING && i < joins->entries.count; i++) {
        const pf_entry *entry = &joins->entries.items[i];
        if (pf_port_named(p, entry->key) || pf_map_get(&p->refused, entry->key)) continue;
        pf_nearest near = pf_nearest_to(entry->key);
        for (size_t k = 0; k < p->ports.count; k++) pf_nearest_offer(&near, p->ports.items[k]->name);
        pf_error(m->diagnostics, entry->mark, "%s has no port '%s'%s", p->label, entry->key,
                 pf_nearest_hint(&near, m->arena));
    }
}

/* Does an entry of a rank name this process? *rest: the first segment behind it. */
static bool entry_names_process(const pf_market *market, const pf_path *path, const pf_process *p,
                                const pf_carrier *carrier, size_t *rest)
{
    const pf_path_segment *s = path->segments;
    size_t at = 0;
    bool in_site = p->scope->kind == PF_SITE_SCOPE;
    const char *park = in_site ? p->scope->parent->name : p->scope->name;
    if (at + 1 < path->count && market->scope->kind == PF_MODEL_SCOPE && !strcmp(s[at].name, park)) at++;
    if (in_site && at + 1 < path->count && (!strcmp(s[at].name, p->scope->name) || !strcmp(s[at].name, "*"))) at++;
    if (at >= path->count || (strcmp(s[at].name, p->name) != 0 && strcmp(s[at].name, "*") != 0) ||
        !pf_filters_hold(&s[at], p, carrier))
        return false;
    *rest = at + 1;
    return true;
}

/* Does an entry of a rank ("boiler", "brewery.boiler", "wwtp.inflow", "*[type=solar_array]") name this port? */
static bool entry_names(const pf_market *market, const pf_path *path, const pf_port *port)
{
    size_t at;
    if (!entry_names_process(market, path, port->process, port->carrier, &at)) return false;
    if (at == path->count) return true;
    pf_path port_name = {path->segments + at, path->count - at};
    char name[256] = "";
    for (size_t i = 0; i < port_name.count; i++) {
        if (i) strncat(name, ".", sizeof name - strlen(name) - 1);
        strncat(name, port_name.segments[i].name, sizeof name - strlen(name) - 1);
    }
    return !strcmp(name, port->name);
}

static bool may_be_ranked(const pf_port *port, bool supply)
{
    return port->out == supply && port->kind != PF_FIXED;
}

/* An entry that offers nothing; silent where a process that it names had a port or a choice of a carrier refused. */
static void refuse_entry(pf_model *m, pf_market *market, const pf_path *path, const pf_tree *text, bool supply,
                         bool named)
{
    const char *side = supply ? "supply" : "take";
    pf_nearest near = pf_nearest_to(text->text);
    size_t rest;
    market->rank_refused[supply] = true;
    for (size_t i = 0; i < m->processes.count; i++) {
        const pf_process *p = m->processes.items[i];
        if (p->refused.count && entry_names_process(market, path, p, market->carrier, &rest)) return;
    }
    for (size_t i = 0; i < market->ports.count; i++)
        if (may_be_ranked(market->ports.items[i], supply))
            pf_nearest_offer(&near, market->ports.items[i]->process->name);
    if (named)
        pf_error(m->diagnostics, text->mark, "'%s' offers nothing to '%s' of the market %s: its flow there is fixed",
                 text->text, side, market->label);
    else
        pf_error(m->diagnostics, text->mark, "'%s' names no process in '%s' of the market %s%s", text->text, side,
                 market->label, pf_nearest_hint(&near, m->arena));
}

static void add_to_rank(pf_model *m, pf_market *market, pf_rank *rank, const pf_tree *text, bool supply)
{
    const char *side = supply ? "supply" : "take";
    pf_path path;
    size_t named = 0, offers = 0;
    if (text->kind != PF_TEXT) {
        pf_error(m->diagnostics, text->mark, "found %s in a rank, expected the name of a process",
                 pf_tree_kind_name(text));
        return;
    }
    if (pf_path_parse(m->arena, pf_tree_text_mark(text), text->text, &path, m->diagnostics)) return;
    for (size_t i = 0; i < market->ports.count; i++) {
        pf_port *port = market->ports.items[i];
        if (!entry_names(market, &path, port)) continue;
        named++;
        if (!may_be_ranked(port, supply)) continue;
        offers++;
        if (port->ranked)
            pf_error(m->diagnostics, text->mark, "%s is listed twice in '%s' of the market %s", port->label, side,
                     market->label);
        else *PF_PUSH(m->arena, rank->ports) = port;
        port->ranked = true;
    }
    rank->text = rank->text ? pf_format(m->arena, "%s, %s", rank->text, text->text) : text->text;
    if (!offers) refuse_entry(m, market, &path, text, supply, named);
}

static void read_ranks(pf_model *m, pf_market *market, bool supply)
{
    const pf_tree *list = pf_tree_get(market->tree, supply ? "supply" : "take");
    if (!list) return;
    if (list->kind != PF_SEQUENCE) {
        pf_error(m->diagnostics, list->mark, "found %s under '%s', expected a list of processes by rank",
                 pf_tree_kind_name(list), supply ? "supply" : "take");
        return;
    }
    for (size_t i = 0; i < list->entries.count; i++) {
        const pf_tree *entry = list->entries.items[i].value;
        pf_rank rank = {0};
        if (entry->kind == PF_SEQUENCE)
            for (size_t k = 0; k < entry->entries.count; k++)
                add_to_rank(m, market, &rank, entry->entries.items[k].value, supply);
        else add_to_rank(m, market, &rank, entry, supply);
        if (!rank.ports.count) continue;
        if (supply) *PF_PUSH(m->arena, market->supply) = rank;
        else *PF_PUSH(m->arena, market->take) = rank;
    }
}

/* Offers that nobody listed: fine if there is one to a side, else an error that prints what to write. */
static void check_unlisted(pf_model *m, pf_market *market, bool supply)
{
    const pf_port *first = NULL;
    const char *names = "";
    size_t unlisted = 0, listed = supply ? market->supply.count : market->take.count;
    for (size_t i = 0; i < market->ports.count; i++) {
        pf_port *port = market->ports.items[i];
        if (!may_be_ranked(port, supply)) continue;
        names = pf_format(m->arena, "%s%s%s", names, *names ? ", " : "",
                          port->label + (market->scope->kind == PF_MODEL_SCOPE ? 0 : strlen(market->scope->label) + 1));
        if (port->ranked) continue;
        if (!first) first = port;
        unlisted++;
    }
    /* what an entry names in vain may be the one that is not listed */
    if (!unlisted || market->rank_refused[supply]) return;
    if (unlisted == 1 && !listed) {
        pf_rank rank = {.text = first->process->name};
        *PF_PUSH(m->arena, rank.ports) = (pf_port *)first;
        if (supply) *PF_PUSH(m->arena, market->supply) = rank;
        else *PF_PUSH(m->arena, market->take) = rank;
        return;
    }
    pf_error(m->diagnostics, market->tree ? market->tree->mark : first->process->mark,
             "the market %s has several %s and '%s' is not ranked; expected under its markets:  %s: {%s: [%s]}",
             market->label, supply ? "offers" : "takers", first->label, market->name, supply ? "supply" : "take",
             names);
}

void pf_build_markets(pf_model *m)
{
    for (size_t i = 0; i < m->scopes.count; i++) declare_markets(m, m->scopes.items[i]);
    for (size_t i = 0; i < m->processes.count; i++) {
        for (size_t k = 0; k < m->processes.items[i]->ports.count; k++) join(m, m->processes.items[i]->ports.items[k]);
        check_joins(m, m->processes.items[i]);
    }
    for (size_t i = 0; i < m->markets.count; i++)
        for (int supply = 0; supply < 2; supply++) {
            read_ranks(m, m->markets.items[i], supply);
            check_unlisted(m, m->markets.items[i], supply);
        }
}

pf_mark pf_market_mark(const pf_market *market)
{
    if (market->tree) return market->tree->mark;
    return market->ports.count ? market->ports.items[0]->process->mark : (pf_mark){0};
}
