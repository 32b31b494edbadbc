/* Levers: the inputs by which an intervention can be moved when a plan is run, and the outputs that say what came of
 * it.
 */
#include "model/model.h"

static pf_node_id new_input(pf_model *m, const char *intervention, const char *key, const char *unit)
{
    const char *name = pf_format(m->arena, "interventions.%s.adoption.%s", intervention, key);
    return pf_input_node(&m->graph, pf_new_input(m, (pf_input){.name = name, .unit = unit}));
}

void pf_add_lever(pf_model *m, pf_intervention *v)
{
    v->delay = v->raise = PF_NO_NODE;
    if (!m->has_levers) return;
    v->delay = new_input(m, v->name, "delay", "s");
    v->raise = new_input(m, v->name, "raise", "1");
}

static uint32_t row_of(const pf_model *m, pf_node_id input)
{
    return m->graph.nodes.items[input].index;
}

static void describe(pf_model *m, const pf_intervention *v, pf_lever *lever, pf_node_id *outputs)
{
    *lever = (pf_lever){.name = v->name,
                        .title = pf_title(v->tree, v->name),
                        .title_vi = pf_title_vi(v->tree),
                        .status = pf_tree_get_text(v->tree, "status"),
                        .curve = pf_tree_get_text(pf_tree_get(v->tree, "adoption"), "curve"),
                        .park = v->park,
                        .switched = row_of(m, v->switched),
                        .delay = row_of(m, v->delay),
                        .raise = row_of(m, v->raise),
                        .needs_whole = v->needs_whole};
    outputs[PF_LEVER_ADOPTION] = v->adoption.term.node;
    outputs[PF_LEVER_CEILING] = v->spread.ceiling;
    outputs[PF_LEVER_START] = v->spread.start;
}

static void list_conflicts(pf_model *m)
{
    PF_LIST(pf_conflict) conflicts = {0};
    for (size_t i = 0; i < m->double_sets.count; i++) {
        const pf_double_set *set = &m->double_sets.items[i];
        *PF_PUSH(m->arena, conflicts) = (pf_conflict){set->first->intervention, set->second->intervention};
    }
    m->compiled.conflicts = conflicts.items;
    m->compiled.conflict_count = conflicts.count;
}

void pf_build_levers(pf_model *m)
{
    size_t count = m->interventions.count, before = m->output_count;
    if (!m->has_levers) return;
    pf_lever *levers = PF_ARRAY(m->arena, pf_lever, count);
    pf_node_id *outputs = PF_ARRAY(m->arena, pf_node_id, before + PF_LEVER_OUTPUTS * count);
    for (size_t i = 0; i < before; i++) outputs[i] = m->outputs[i];
    for (size_t i = 0; i < count; i++) {
        size_t first = before + PF_LEVER_OUTPUTS * i;
        describe(m, &m->interventions.items[i], &levers[i], outputs + first);
        levers[i].first_output = (uint32_t)first;
    }
    m->outputs = outputs;
    m->output_count = before + PF_LEVER_OUTPUTS * count;
    m->compiled.levers = levers;
    m->compiled.lever_count = count;
    list_conflicts(m);
}
