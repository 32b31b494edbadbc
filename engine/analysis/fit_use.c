/* The posterior as YAML: takes a result, gives the parameters at the places where a model has them, with their rank
 * correlations, to be laid over the model by a later `use:`.
 *
 * In its coordinate the posterior is normal. So a normal prior gives a normal, a lognormal one a lognormal
 * distribution; any other the normal of the same estimate and spread, cut to the support. */
#include "analysis/fit.h"

#include "base/distributions.h"
#include "ensemble/design.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

static const double negligible = 1e-9; /* a correlation */

typedef struct {
    const pf_fit_result *result;
    const pf_compiled *model;
    pf_arena *arena;
    size_t p;
    pf_tree *tree;
    bool *is_written; /* [p] */
} writer;

/* ---- places ---- */

static const char *first_name(const writer *w, const char **path)
{
    size_t length = strcspn(*path, ".");
    const char *name = pf_copy_text(w->arena, *path, length);
    *path += length + ((*path)[length] == '.');
    return name;
}

/* Rows of a table cannot be laid over one by one: is this entry one? */
static bool is_row(const writer *w, const pf_tree *entry)
{
    const pf_file *file = entry->mark.file ? pf_map_get(&w->model->scenario->files->read, entry->mark.file) : NULL;
    return file && file->table;
}

/* "demo.brewery.boiler.efficiency" stands at "parks.demo.sites.brewery.processes.boiler.efficiency". */
static const char *place_in_park(const writer *w, const char *park, const pf_tree *scope, const char *rest)
{
    const char *name = first_name(w, &rest), *above = park;
    const pf_tree *site = pf_tree_get(pf_tree_get(scope, "sites"), name),
                  *process = pf_tree_get(pf_tree_get(scope, "processes"), name);
    if (!process && site && !is_row(w, site)) {
        above = pf_format(w->arena, "%s.sites.%s", park, name);
        name = first_name(w, &rest);
        process = pf_tree_get(pf_tree_get(site, "processes"), name);
    }
    if (!process || is_row(w, process) || !*rest) return NULL;
    return pf_format(w->arena, "%s%sprocesses.%s.%s", above, *above ? "." : "", name, rest);
}

/* The path from the top at which a model would have it; NULL where a file that is laid over it cannot say it. */
static const char *place_of(const writer *w, const char *name)
{
    const pf_tree *top = w->model->scenario->tree;
    const char *rest = name, *first = first_name(w, &rest), *last = strrchr(name, '.');
    const pf_tree *park = pf_tree_get(pf_tree_get(top, "parks"), first);
    if (last && (!strcmp(last, ".own") || !strcmp(last, ".shared"))) return NULL;
    if (park) return place_in_park(w, pf_format(w->arena, "parks.%s", first), park, rest);
    if (!strcmp(first, "shared")) return place_in_park(w, "", top, rest);
    return pf_tree_at(top, name) ? name : NULL;
}

static void put(const writer *w, pf_tree *tree, const char *path, pf_tree *value)
{
    const char *name = first_name(w, &path);
    if (!*path) {
        pf_tree_add(w->arena, tree, name, (pf_mark){0}, value);
        return;
    }
    if (!pf_tree_get(tree, name))
        pf_tree_add(w->arena, tree, name, (pf_mark){0}, pf_tree_new(w->arena, (pf_mark){0}, PF_MAPPING));
    put(w, pf_tree_get(tree, name), path, value);
}

/* ---- distributions ---- */

static void put_text(const writer *w, pf_tree *map, const char *key, const char *text)
{
    if (text) pf_tree_add(w->arena, map, key, (pf_mark){0}, pf_tree_text(w->arena, (pf_mark){0}, text));
}

static const char *amount(const writer *w, const pf_fitted_parameter *p, double value)
{
    const char *unit = p->input->value->unit_text;
    if (isinf(value)) return value > 0 ? "inf" : "-inf";
    return pf_format(w->arena, "%.13g%s%s", value / p->size, strcmp(unit, "1") != 0 ? " " : "",
                     strcmp(unit, "1") != 0 ? unit : "");
}

static pf_tree *distribution_of(const writer *w, const pf_fitted_parameter *p)
{
    const pf_distribution *before = pf_distribution_at((size_t)p->input->value->distribution);
    pf_tree *map = pf_tree_new(w->arena, (pf_mark){0}, PF_MAPPING),
            *arguments = pf_tree_new(w->arena, (pf_mark){0}, PF_MAPPING);
    bool is_normal = !strcmp(before->name, "normal"), is_lognormal = !strcmp(before->name, "lognormal");
    double least, greatest;
    before->support(p->input->value->arguments, &least, &greatest);
    pf_tree_add(w->arena, map,
                is_normal      ? "normal"
                : is_lognormal ? "lognormal"
                               : "truncnormal",
                (pf_mark){0}, arguments);
    put_text(w, arguments, is_lognormal ? "median" : "mean", amount(w, p, p->estimate));
    if (is_lognormal) put_text(w, arguments, "gsd", pf_format(w->arena, "%.13g", exp(p->sd / p->estimate)));
    else put_text(w, arguments, "sd", amount(w, p, p->sd));
    if (!is_normal && !is_lognormal) {
        put_text(w, arguments, "low", amount(w, p, least));
        put_text(w, arguments, "high", amount(w, p, greatest));
    }
    put_text(w, map, "note", "fitted");
    put_text(w, map, "source", p->input->source);
    put_text(w, map, "assumption", p->input->assumption);
    return map;
}

/* ---- correlations ---- */

/* By how much correlations are made smaller so that the matrix of rank correlations is positive definite. */
static double shrinkage(const writer *w)
{
    gsl_matrix *matrix = gsl_matrix_alloc(w->p, w->p);
    double factor = 1;
    for (double less = 1e-6; less < 1; less *= 2) {
        for (size_t a = 0; a < w->p; a++)
            for (size_t b = 0; b < w->p; b++)
                gsl_matrix_set(matrix, a, b,
                               a == b ? 1 : factor * pf_rank_correlation(w->result->score_correlation[a * w->p + b]));
        if (gsl_linalg_cholesky_decomp1(matrix) == 0) break;
        factor = 1 - less;
    }
    gsl_matrix_free(matrix);
    return factor;
}

static void add_correlation(const writer *w, pf_tree *list, const char *first, const char *second, double rho)
{
    pf_tree *row = pf_tree_new(w->arena, (pf_mark){0}, PF_MAPPING),
            *pair = pf_tree_new(w->arena, (pf_mark){0}, PF_SEQUENCE);
    pf_tree_add(w->arena, pair, NULL, (pf_mark){0}, pf_tree_text(w->arena, (pf_mark){0}, first));
    pf_tree_add(w->arena, pair, NULL, (pf_mark){0}, pf_tree_text(w->arena, (pf_mark){0}, second));
    pf_tree_add(w->arena, row, "between", (pf_mark){0}, pair);
    put_text(w, row, "rho", pf_format(w->arena, "%.15g", rho));
    pf_tree_add(w->arena, list, NULL, (pf_mark){0}, row);
}

static bool is_fitted(const writer *w, uint32_t input)
{
    for (size_t i = 0; i < w->p; i++)
        if (w->result->parameters[i].of->input == input) return true;
    return false;
}

/* A list is replaced whole, so the model's own correlations, of what was not fitted, are in it too. */
static void put_correlations(writer *w)
{
    pf_tree *list = pf_tree_new(w->arena, (pf_mark){0}, PF_SEQUENCE);
    const pf_compiled *m = w->model;
    double factor = shrinkage(w);
    for (size_t c = 0; c < m->correlation_count; c++) {
        const pf_correlation *pair = &m->correlations[c];
        if (!is_fitted(w, pair->first) && !is_fitted(w, pair->second))
            add_correlation(w, list, m->inputs[pair->first].name, m->inputs[pair->second].name, pair->rho);
    }
    for (size_t a = 0; a < w->p; a++)
        for (size_t b = 0; b < a; b++) {
            double rho = factor * pf_rank_correlation(w->result->score_correlation[a * w->p + b]);
            if (fabs(rho) > negligible && w->is_written[a] && w->is_written[b])
                add_correlation(w, list, w->result->parameters[b].input->name, w->result->parameters[a].input->name,
                                rho);
        }
    if (list->entries.count || m->correlation_count) pf_tree_add(w->arena, w->tree, "correlations", (pf_mark){0}, list);
}

const char *pf_fit_use_text(const pf_fit_result *result, const char *const **left_out)
{
    const pf_compiled *m = result->model;
    writer w = {.result = result, .model = m, .arena = m->scenario->arena, .p = result->parameter_count};
    const char **unwritten = PF_ARRAY(w.arena, const char *, w.p + 1);
    size_t unwritten_count = 0;
    w.is_written = PF_ARRAY(w.arena, bool, w.p + 1);
    w.tree = pf_tree_new(w.arena, (pf_mark){0}, PF_MAPPING);
    put_text(&w, w.tree, "parkflow", "1");
    for (size_t i = 0; i < w.p; i++) {
        const pf_fitted_parameter *p = &result->parameters[i];
        const char *place = place_of(&w, p->input->name);
        w.is_written[i] = place;
        if (place) put(&w, w.tree, place, distribution_of(&w, p));
        else unwritten[unwritten_count++] = p->input->name;
    }
    put_correlations(&w);
    *left_out = unwritten;
    return pf_format(
        w.arena, "# Fitted by parkflow " PF_VERSION ". To be used after the model: `use: [MODEL.yaml, THIS.yaml]`.\n%s",
        pf_tree_yaml(w.arena, w.tree));
}
