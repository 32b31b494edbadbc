/* Reconciled flows for a terminal: what was measured and what it became, then what the tests say of it. */
#include "cli/reconcile.h"

#include "results/table.h"

#include <math.h>
#include <string.h>

typedef struct {
    const pf_flow_system *system;
    const pf_reconciliation *result;
    size_t n;
    pf_arena *arena;
    FILE *out;
} printer;

static const char *number_text(pf_arena *arena, double value)
{
    if (isnan(value)) return "";
    return fabs(value) >= 99999.5 && fabs(value) < 1e15 ? pf_grouped(arena, value) : pf_format(arena, "%.5g", value);
}

static const char *spread_text(pf_arena *arena, double sd)
{
    return isnan(sd) ? "" : pf_format(arena, "+- %.3g", sd);
}

/* Beyond what a reader takes in, the decimals go. */
static const char *score_text(pf_arena *arena, double score)
{
    return isnan(score) ? "" : pf_format(arena, "%.2f", fabs(score) < 0.005 ? 0.0 : score);
}

/* ---- the table ---- */

static void add_row(const printer *p, pf_table *table, size_t j)
{
    const pf_flow_quantity *q = &p->system->quantities[j];
    const pf_quantity *given = &p->system->problem.quantities[j];
    const pf_reconciled *r = &p->result->quantities[j];
    bool is_known = given->known != PF_UNKNOWN, is_measured = given->known == PF_MEASURED;
    double adjustment = is_measured ? (r->value - given->value) / given->sd : NAN;
    pf_table_add(table, pf_format(p->arena, "  %s", q->name));
    pf_table_add(table, q->unit);
    pf_table_add(table, is_known ? number_text(p->arena, given->value / q->size) : "-");
    pf_table_add(table, is_measured ? spread_text(p->arena, given->sd / q->size) : "");
    pf_table_add(table, isnan(r->value) ? "-" : number_text(p->arena, r->value / q->size));
    pf_table_add(table, r->class == PF_CLASS_EXACT ? "" : spread_text(p->arena, r->sd / q->size));
    pf_table_add(table, r->class == PF_CLASS_REDUNDANT ? score_text(p->arena, adjustment) : "");
    pf_table_add(table, score_text(p->arena, r->z));
    pf_table_add(table, r->is_suspect ? "!" : "");
    pf_table_add(table, pf_quantity_class_name(r->class));
}

static void print_table(const printer *p)
{
    static const char *const heading[] = {"  quantity", "unit",          "measured", "", "reconciled",
                                          "",           "adjusted (sd)", "z",        "", "class"};
    pf_table table = {.arena = p->arena, .columns = sizeof heading / sizeof *heading, .left_columns = 2};
    for (size_t c = 0; c < table.columns; c++) pf_table_add(&table, heading[c]);
    for (size_t j = 0; j < p->n; j++) add_row(p, &table, j);
    fprintf(p->out, "%s\n", p->system->title);
    pf_table_print(&table, p->out);
}

/* ---- the tests ---- */

static void print_global_test(const printer *p)
{
    const pf_reconciliation *r = p->result;
    if (!r->degrees) {
        fputs("\nNothing is measured twice over, so nothing was adjusted and nothing can be tested.\n", p->out);
        return;
    }
    bool is_worse = r->p_value < p->system->problem.level;
    fprintf(p->out, "\nGlobal test: chi-square %.2f with %zu degree%s of freedom, p = %.2g: %s\n", r->chi_square,
            r->degrees, r->degrees > 1 ? "s" : "", r->p_value,
            is_worse ? "the measurements contradict each other by more than their uncertainties"
                     : "the measurements agree within their uncertainties");
}

static void print_suspect(const printer *p, size_t j)
{
    const pf_flow_quantity *q = &p->system->quantities[j];
    const pf_reconciled *r = &p->result->quantities[j];
    bool has_unit = strcmp(q->unit, "1") != 0, is_first = true;
    fprintf(p->out, "  %s: measured %s, the others say %s %s%s%s", q->name,
            number_text(p->arena, p->system->problem.quantities[j].value / q->size),
            number_text(p->arena, r->without / q->size), spread_text(p->arena, r->without_sd / q->size),
            has_unit ? " " : "", has_unit ? q->unit : "");
    for (size_t k = 0; k < p->n; k++) {
        const pf_reconciled *other = &p->result->quantities[k];
        if (k == j || other->class != PF_CLASS_REDUNDANT || other->alike != r->alike) continue;
        fprintf(p->out, "%s%s", is_first ? "; it may as well be " : ", ", p->system->quantities[k].name);
        is_first = false;
    }
    fputc('\n', p->out);
}

static void print_suspects(const printer *p)
{
    if (!p->result->suspect_count) return;
    fprintf(p->out,
            "\nSuspected of a gross error (! : |z| above %.2f), the worst first. Check, mend or drop one at a time:\n",
            p->result->critical_z);
    for (size_t i = 0; i < p->result->suspect_count; i++) print_suspect(p, p->result->suspects[i]);
}

/* ---- what else there is to say ---- */

static const char *with_comma(const printer *p, const char *list, const char *name)
{
    return pf_format(p->arena, "%s%s%s", list, *list ? ", " : "", name);
}

static void print_remarks(const printer *p)
{
    const char *open = "", *negative = "", *dependent = "";
    for (size_t j = 0; j < p->n; j++) {
        const pf_reconciled *r = &p->result->quantities[j];
        const pf_flow_quantity *q = &p->system->quantities[j];
        if (r->class == PF_CLASS_UNOBSERVABLE) open = with_comma(p, open, q->name);
        bool may_be = q->kind == PF_OF_STOCK || q->kind == PF_OF_PARAMETER;
        if (!may_be && r->value < -1e-9 * q->size) negative = with_comma(p, negative, q->name);
    }
    for (size_t i = 0; i < p->system->problem.constraint_count; i++)
        if (p->result->is_dependent[i]) dependent = with_comma(p, dependent, p->system->constraints[i].name);
    if (*open) fprintf(p->out, "\nNot determined by what is measured: %s\n", open);
    if (*negative) fprintf(p->out, "\nBelow 0, which a flow cannot be: %s\n", negative);
    if (*dependent) fprintf(p->out, "\nSome of these say the same twice over: %s\n", dependent);
}

void pf_reconciled_print(const pf_flow_system *system, const pf_reconciliation *result, FILE *out)
{
    printer p = {system, result, system->problem.quantity_count, pf_arena_new(), out};
    print_table(&p);
    print_global_test(&p);
    print_suspects(&p);
    print_remarks(&p);
    pf_arena_free(p.arena);
}
