/* From a scenario to its players: finds the switches that differ, then whom each belongs to. */
#include "analysis/players.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

typedef struct {
    pf_players *out;
    const pf_players_request *request;
    pf_arena *arena;
    pf_diagnostics *diagnostics;
    PF_LIST(pf_player) players;
    PF_LIST(pf_switch) switches;
    PF_LIST(size_t) player_of;
} builder;

/* ---- switches ---- */

/* "interventions.NAME.switch" is NAME, "trend.NAME" stays. */
static const char *switch_name(const builder *b, uint32_t input)
{
    static const char before[] = "interventions.", behind[] = ".switch";
    const char *path = b->out->model->inputs[input].name;
    size_t length = strlen(path), edges = strlen(before) + strlen(behind);
    if (strncmp(path, before, strlen(before)) != 0 || length <= edges) return path;
    return pf_copy_text(b->arena, path + strlen(before), length - edges);
}

static bool fits(const char *const *patterns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(patterns[i], name) || !fnmatch(patterns[i], name, 0)) return true;
    return false;
}

static void find_switches(builder *b)
{
    const pf_compiled *m = b->out->model;
    const double *set = m->scenarios[b->out->scenario].switches, *unset = m->scenarios[b->out->against].switches;
    for (uint32_t i = 0; i < m->input_count; i++) {
        if (m->inputs[i].value || set[i] == unset[i]) continue;
        if (b->request->only_count && !fits(b->request->only, b->request->only_count, switch_name(b, i))) continue;
        *PF_PUSH(b->arena, b->switches) = (pf_switch){i, 0, set[i], unset[i]};
    }
}

/* ---- whose they are ---- */

static const pf_tree *intervention(const builder *b, const char *name)
{
    return pf_tree_get(pf_tree_get(b->out->model->scenario->tree, "interventions"), name);
}

static size_t add_player(builder *b, const char *name, const pf_tree *tree)
{
    *PF_PUSH(b->arena, b->players) = (pf_player){name, pf_title(tree, name), pf_title_vi(tree), ""};
    return b->players.count - 1;
}

static size_t player_named(builder *b, const char *name, const pf_tree *tree)
{
    for (size_t p = 0; p < b->players.count; p++)
        if (!strcmp(b->players.items[p].name, name)) return p;
    return add_player(b, name, tree);
}

/* The name before "=" of the first group that the intervention fits; NULL: none. */
static const char *group_of(const builder *b, const char *name)
{
    for (size_t g = 0; g < b->request->group_count; g++) {
        const char *text = b->request->groups[g], *sign = strchr(text, '=');
        for (const char *at = sign; at && *at; at += strcspn(at, ",")) {
            at++;
            const char *pattern = pf_copy_text(b->arena, at, strcspn(at, ","));
            if (fits(&pattern, 1, name)) return pf_copy_text(b->arena, text, (size_t)(sign - text));
        }
    }
    return NULL;
}

/* The scenario under `with` that brings the switch; NULL: it stands there itself. */
static const pf_scenario_row *listed_scenario(const pf_compiled *m, uint32_t scenario, uint32_t input)
{
    const pf_tree *row = pf_tree_get(pf_tree_get(m->scenario->tree, "scenarios"), m->scenarios[scenario].name),
                  *with = pf_tree_get(row, "with");
    for (size_t i = 0; with && with->kind == PF_SEQUENCE && i < with->entries.count; i++)
        for (size_t s = 0; s < m->scenario_count; s++) {
            const char *name = with->entries.items[i].value->text;
            if (name && !strcmp(name, m->scenarios[s].name) && m->scenarios[s].switches[input] == 1)
                return &m->scenarios[s];
        }
    return NULL;
}

bool pf_lists_scenarios(const pf_compiled *m, uint32_t scenario)
{
    for (uint32_t i = 0; i < m->input_count; i++)
        if (!m->inputs[i].value && listed_scenario(m, scenario, i)) return true;
    return false;
}

static size_t player_of(builder *b, uint32_t input)
{
    const pf_compiled *m = b->out->model;
    const char *name = switch_name(b, input), *group = group_of(b, name);
    if (group) return player_named(b, group, NULL);
    if (b->request->by == PF_BY_SCENARIO) {
        const pf_scenario_row *row = listed_scenario(m, b->out->scenario, input);
        if (row) return player_named(b, row->name, pf_tree_get(pf_tree_get(m->scenario->tree, "scenarios"), row->name));
    }
    const char *status = pf_tree_get_text(intervention(b, name), "status");
    if (b->request->by == PF_BY_STATUS && status) return player_named(b, status, NULL);
    return add_player(b, name, intervention(b, name));
}

static void assign(builder *b)
{
    for (size_t k = 0; k < b->switches.count; k++) {
        pf_switch *w = &b->switches.items[k];
        size_t p = player_of(b, w->input);
        pf_player *player = &b->players.items[p];
        player->holds =
            pf_format(b->arena, "%s%s%s", player->holds, *player->holds ? ", " : "", switch_name(b, w->input));
        w->slot = (unsigned)p;
        *PF_PUSH(b->arena, b->player_of) = p;
    }
}

/* ---- what may be wrong ---- */

static pf_status no_match(const builder *b, const char *option, const char *pattern, const char *scenario)
{
    const pf_compiled *m = b->out->model;
    pf_nearest near = pf_nearest_to(pattern);
    for (uint32_t i = 0; i < m->input_count; i++)
        if (!m->inputs[i].value) pf_nearest_offer(&near, switch_name(b, i));
    return pf_error(b->diagnostics, (pf_mark){0}, "found '%s %s': no intervention of '%s' fits it%s", option, pattern,
                    scenario, pf_nearest_hint(&near, b->arena));
}

static pf_status check_groups(const builder *b, const char *scenario)
{
    pf_status status = PF_OK;
    for (size_t g = 0; g < b->request->group_count; g++) {
        const char *text = b->request->groups[g], *sign = strchr(text, '=');
        bool is_used = false;
        if (!sign || sign == text || !sign[1])
            status = pf_error(b->diagnostics, (pf_mark){0}, "found '--group %s', expected NAME=PATTERN,PATTERN", text);
        for (size_t p = 0; p < b->players.count && sign; p++)
            is_used |= !strncmp(b->players.items[p].name, text, (size_t)(sign - text)) &&
                       !b->players.items[p].name[sign - text];
        if (sign && sign != text && sign[1] && !is_used) status = no_match(b, "--group", text, scenario);
    }
    return status;
}

static pf_status check_only(const builder *b, const char *scenario)
{
    pf_status status = PF_OK;
    for (size_t i = 0; i < b->request->only_count; i++) {
        bool is_used = false;
        for (size_t k = 0; k < b->switches.count; k++)
            is_used |= fits(&b->request->only[i], 1, switch_name(b, b->switches.items[k].input));
        if (!is_used) status = no_match(b, "--interventions", b->request->only[i], scenario);
    }
    return status;
}

static pf_status check(const builder *b)
{
    const pf_scenario_row *row = &b->out->model->scenarios[b->out->scenario];
    const char *against = b->out->model->scenarios[b->out->against].name;
    pf_status status = check_only(b, row->name);
    if (check_groups(b, row->name)) status = PF_FAILED;
    if (status) return status;
    if (!b->switches.count)
        return pf_error(b->diagnostics, (pf_mark){0}, "'%s' and its reference '%s' have the same interventions",
                        row->name, against);
    if (b->players.count > PF_MOST_PLAYERS)
        return pf_error(b->diagnostics, (pf_mark){0},
                        "'%s' has %zu interventions that '%s' has not, at most %d can be looked at: put some together "
                        "by --group NAME=PATTERN or --by scenario",
                        row->name, b->players.count, against, PF_MOST_PLAYERS);
    return PF_OK;
}

pf_players *pf_players_of(const pf_compiled *model, const pf_players_request *request, pf_diagnostics *diagnostics)
{
    pf_arena *arena = model->scenario->arena;
    pf_players *out = PF_NEW(arena, pf_players);
    const pf_scenario_row *row = &model->scenarios[request->scenario];
    if (row->against < 0) {
        pf_error(diagnostics, (pf_mark){0}, "the scenario '%s' is a reference itself: it has no change to look at",
                 row->name);
        return NULL;
    }
    *out = (pf_players){.model = model, .scenario = request->scenario, .against = (uint32_t)row->against};
    builder b = {.out = out, .request = request, .arena = arena, .diagnostics = diagnostics};
    find_switches(&b);
    assign(&b);
    if (check(&b)) return NULL;
    out->players = b.players.items;
    out->count = b.players.count;
    out->switches = b.switches.items;
    out->player_of = b.player_of.items;
    out->switch_count = b.switches.count;
    return out;
}
