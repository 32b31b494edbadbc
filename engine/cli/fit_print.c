/* A fit for a terminal: parameters before and after, observations with what the model says, then what to make of it. */
#include "cli/fit.h"

#include "results/table.h"

#include <math.h>
#include <string.h>

typedef struct {
    const pf_fit_result *result;
    pf_arena *arena;
    FILE *out;
} printer;

static const char *number(const printer *p, double value)
{
    if (isnan(value)) return "";
    return fabs(value) >= 99999.5 && fabs(value) < 1e15 ? pf_grouped(p->arena, value)
                                                        : pf_format(p->arena, "%.5g", value);
}

static const char *spread(const printer *p, double sd)
{
    return isnan(sd) ? "" : pf_format(p->arena, "+- %.3g", sd);
}

static const char *range(const printer *p, double low, double high)
{
    return isnan(low) ? "" : pf_format(p->arena, "%s .. %s", number(p, low), number(p, high));
}

/* ---- parameters ---- */

static const char *remark_on(const pf_fitted_parameter *p)
{
    if (p->at_bound) return "at a bound";
    if (p->is_far) return "far from its prior";
    return p->is_unmoved ? "as wide as before" : "";
}

static void add_parameter(const printer *p, pf_table *table, const pf_fitted_parameter *row)
{
    double size = row->size;
    pf_table_add(table, pf_format(p->arena, "  %s", row->input->name));
    pf_table_add(table, row->input->value->unit_text);
    pf_table_add(table, row->of->is_flat ? "flat" : number(p, row->prior / size));
    pf_table_add(table, spread(p, row->prior_sd / size));
    pf_table_add(table, number(p, row->estimate / size));
    pf_table_add(table, spread(p, row->sd / size));
    pf_table_add(table, range(p, row->low / size, row->high / size));
    pf_table_add(table, remark_on(row));
}

static void print_parameters(const printer *p)
{
    static const char *const heading[] = {"  parameter", "unit", "before", "", "estimate", "", "95 % interval", ""};
    pf_table table = {.arena = p->arena, .columns = sizeof heading / sizeof *heading, .left_columns = 2};
    for (size_t c = 0; c < table.columns; c++) pf_table_add(&table, heading[c]);
    for (size_t i = 0; i < p->result->parameter_count; i++) add_parameter(p, &table, &p->result->parameters[i]);
    pf_table_print(&table, p->out);
}

static void print_correlations(const printer *p)
{
    static const double strong = 0.9;
    const pf_fit_result *r = p->result;
    size_t n = r->parameter_count;
    bool is_first = true;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < a; b++) {
            double both = r->covariance[a * n + b] / sqrt(r->covariance[a * n + a] * r->covariance[b * n + b]);
            if (!(fabs(both) > strong)) continue;
            fprintf(p->out, "%s%s and %s %+.3f", is_first ? "\nEstimates that go together (correlation): " : "; ",
                    r->parameters[b].input->name, r->parameters[a].input->name, both);
            is_first = false;
        }
    if (!is_first) fputc('\n', p->out);
}

/* ---- observations ---- */

static void add_observation(const printer *p, pf_table *table, const pf_fitted_observation *row)
{
    const pf_observation *o = row->of;
    pf_table_add(table, pf_format(p->arena, "  %s", o->name));
    pf_table_add(table, o->period);
    pf_table_add(table, o->unit);
    pf_table_add(table, number(p, o->mean / o->scale));
    pf_table_add(table, spread(p, row->sd / o->scale));
    pf_table_add(table, number(p, row->model / o->scale));
    pf_table_add(table, row->is_left_out ? spread(p, row->model_sd / o->scale) : "");
    pf_table_add(table, isnan(row->z) ? "" : pf_format(p->arena, "%+.2f", round(100 * row->z) / 100 + 0.0));
}

static void print_observations(const printer *p, bool left_out)
{
    static const char *const heading[] = {"  check", "period", "unit", "observed", "", "model", "", "z"};
    pf_table table = {.arena = p->arena, .columns = sizeof heading / sizeof *heading, .left_columns = 3};
    for (size_t c = 0; c < table.columns; c++) pf_table_add(&table, heading[c]);
    for (size_t k = 0; k < p->result->observation_count; k++)
        if (p->result->observations[k].is_left_out == left_out) add_observation(p, &table, &p->result->observations[k]);
    if (table.cells.count == table.columns) return;
    fputs(left_out ? "\nLeft out, and predicted (+-: what the estimates leave uncertain)\n" : "\nFitted to\n", p->out);
    pf_table_print(&table, p->out);
}

/* ---- what to make of it ---- */

static void print_fit(const printer *p)
{
    const pf_fit_result *r = p->result;
    const pf_observation *o = r->spread_of;
    if (o)
        fprintf(p->out, "\nThe observations scatter by %.5g %s, with %.4g degrees of freedom.\n", r->spread / o->scale,
                strcmp(o->unit, "1") != 0 ? o->unit : "(standard deviation)", r->spread_degrees);
    else {
        fprintf(p->out, "\nChi-square %.2f", r->chi_square + r->prior_chi_square);
        if (r->prior_chi_square > 0) fprintf(p->out, " (%.2f of it from the priors)", r->prior_chi_square);
        fprintf(p->out, " with %zu degree%s of freedom", r->degrees, r->degrees == 1 ? "" : "s");
        if (!isnan(r->p_value))
            fprintf(p->out, ", p = %.2g: %s", r->p_value,
                    r->p_value < 0.05 ? "model, priors and observations contradict each other by more than stated"
                                      : "model, priors and observations agree as stated");
        fputs(".\n", p->out);
    }
    fprintf(p->out, "%zu iterations (%s), %zu runs; the optimum is within %.1g standard deviations.\n", r->iterations,
            r->method, r->evaluations, fmax(r->distance, 1e-9));
    if (r->failed_trials) fprintf(p->out, "At %zu trials the model had no values.\n", r->failed_trials);
    if (r->without)
        fprintf(p->out, "%zu parameter%s no derivative at the estimate and count%s as without effect there.\n",
                r->without, r->without == 1 ? " has" : "s have", r->without == 1 ? "s" : "");
}

/* Directions that the observations do not see at all. */
static size_t count_unseen(const pf_fit_result *r)
{
    static const double nothing = 1e-9;
    size_t count = 0;
    for (size_t j = 0; j < r->parameter_count; j++) count += r->directions[j].singular_value < nothing;
    return count;
}

/* Many that are not seen at all are no news by name: there are few observations. */
static void print_weak_directions(const printer *p)
{
    enum { FEW = 3 };
    const pf_fit_result *r = p->result;
    size_t unseen = count_unseen(r), named = r->parameter_count - (unseen > FEW ? unseen : 0);
    bool is_first = true;
    for (size_t j = 0; j < named; j++) {
        const pf_fit_direction *d = &r->directions[j];
        if (!d->is_weak) continue;
        if (is_first)
            fputs("\nWhat the observations alone tell apart badly (singular value below 0.1; 1 is well):\n", p->out);
        is_first = false;
        fprintf(p->out, "  %-8.2g %s\n", d->singular_value,
                pf_fit_names_in(p->arena, r->parameters, r->parameter_count, d->loadings));
    }
    if (unseen > FEW)
        fprintf(p->out, "\nOf %zu parameters the observations see %zu combinations; all else rests on the priors.\n",
                r->parameter_count, r->parameter_count - unseen);
}

static void print_unmoved(const printer *p)
{
    bool is_first = true;
    for (size_t i = 0; i < p->result->parameter_count; i++) {
        if (!p->result->parameters[i].is_unmoved) continue;
        fprintf(p->out, "%s%s", is_first ? "\nAbout these the observations say next to nothing: " : ", ",
                p->result->parameters[i].input->name);
        is_first = false;
    }
    if (!is_first) fputc('\n', p->out);
}

void pf_fit_print(const pf_fit_result *result, FILE *out)
{
    printer p = {result, pf_arena_new(), out};
    fprintf(out, "%s\n", pf_title(result->model->scenario->tree, result->model->scenario->path));
    print_parameters(&p);
    print_correlations(&p);
    print_observations(&p, false);
    print_observations(&p, true);
    print_fit(&p);
    print_weak_directions(&p);
    print_unmoved(&p);
    pf_arena_free(p.arena);
}
