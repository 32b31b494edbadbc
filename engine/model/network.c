/* The processes and markets of a model as a Graphviz graph: solid arrows are fixed flows, dashed ones offers, bold ones
 * converters. */
#include "model/model.h"

static void draw_process(const pf_process *p, FILE *out)
{
    static const char *const styles[] = {[PF_FIXED] = "solid", [PF_OFFER] = "dashed", [PF_CONVERTER] = "bold"};
    fprintf(out, "  \"%s\" [shape=box, label=\"%s\\n%s\"];\n", p->label, p->label, p->type_name);
    for (size_t i = 0; i < p->ports.count; i++) {
        const pf_port *port = p->ports.items[i];
        const char *market = port->market->label, *style = styles[port->kind];
        if (port->out) fprintf(out, "  \"%s\" -> \"market %s\" [style=%s];\n", p->label, market, style);
        else fprintf(out, "  \"market %s\" -> \"%s\" [style=%s];\n", market, p->label, style);
    }
}

static void draw_market(const pf_market *market, FILE *out)
{
    if (!market->ports.count) return;
    fprintf(out, "  \"market %s\" [shape=ellipse, style=filled, fillcolor=\"#e8f0e8\", label=\"%s\"];\n", market->label,
            market->label);
}

void pf_network_print(const pf_compiled *compiled, FILE *out)
{
    const pf_model *m = (const pf_model *)compiled; /* of which it is the first member */
    fputs("digraph park {\n  rankdir=LR; node [fontname=\"sans-serif\"];\n", out);
    for (size_t i = 0; i < m->markets.count; i++) draw_market(m->markets.items[i], out);
    for (size_t i = 0; i < m->processes.count; i++) draw_process(m->processes.items[i], out);
    fputs("}\n", out);
}
