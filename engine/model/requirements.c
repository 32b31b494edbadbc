/* What must hold in every step: known violations are errors at once, the rest become checks of the plan. And lane
 * inputs. */
#include "model/model.h"

uint32_t pf_model_at(pf_model *m, pf_mark mark, const char *text)
{
    return pf_graph_at(&m->graph, mark.file, mark.line, mark.column, text);
}

/* Has this very value been required before? Firms of a sector share theirs. */
static bool is_required(pf_model *m, pf_node_id node)
{
    while (m->required.count < m->graph.nodes.count) *PF_PUSH(m->arena, m->required) = false;
    bool before = m->required.items[node];
    m->required.items[node] = true;
    return before;
}

void pf_require_about(pf_model *m, pf_node_id node, pf_mark mark, const char *message, pf_subject about)
{
    double value;
    pf_origin origin = {
        .file = mark.file, .text = message, .line = mark.line, .column = mark.column, .cure = about.cure};
    if (node == PF_NO_NODE) return;
    if (about.lead) origin.lead = about.lead, origin.unit = about.unit, origin.scale = about.scale;
    if (pf_is_constant(&m->graph, node, &value)) {
        if (value <= 0) return;
        if (about.written || !about.lead || !pf_is_constant(&m->graph, about.value, &value)) origin.lead = NULL;
        if (about.written)
            origin.text = pf_format(m->arena, "%s, found '%s'", message, pf_shortened(m->arena, about.written));
        pf_error(m->diagnostics, mark, "%s", pf_check_text(m->arena, &origin, value, ""));
        return;
    }
    if (is_required(m, node)) return;
    pf_node_id shown = about.lead ? about.value : PF_NO_NODE;
    *PF_PUSH(m->arena, m->checks) = (pf_check){node, (uint32_t)m->graph.origins.count, shown, 0};
    m->graph.kept = (uint32_t)m->graph.origins.count;
    *PF_PUSH(m->arena, m->graph.origins) = origin;
}

void pf_require(pf_model *m, pf_node_id node, pf_mark mark, const char *message)
{
    pf_require_about(m, node, mark, message, (pf_subject){0});
}

pf_subject pf_about_rate(pf_model *m, pf_node_id value, const pf_carrier *carrier, const char *cure)
{
    return (pf_subject){.value = value,
                        .lead = " by",
                        .unit = pf_format(m->arena, "%s/day", carrier->unit_text),
                        .scale = carrier->unit.scale / 86400,
                        .cure = cure};
}

uint32_t pf_new_input(pf_model *m, pf_input input)
{
    if (input.value && pf_map_get(&m->input_rows, input.name))
        pf_error(m->diagnostics, input.value->mark, "the distribution of '%s' is written twice", input.name);
    *PF_PUSH(m->arena, m->inputs) = input;
    if (input.value) pf_map_set(&m->input_rows, m->arena, input.name, (void *)m->inputs.count);
    return (uint32_t)m->inputs.count - 1;
}
