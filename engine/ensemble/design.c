/* The table of designs, and what is common to all: which parameters vary, their medians, and the way from u to values.
 */
#include "ensemble/design_internal.h"

#include "base/distributions.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static pf_status prepare_median(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    (void)request;
    (void)diagnostics;
    d->members = 1;
    return PF_OK;
}

static const pf_design_row pf_design_median = {
    .name = "median",
    .arrangement = PF_ARRANGED_FREELY,
    .chooses_itself = true,
    .prepare = prepare_median,
    .doc = "one member, each parameter at its median",
};

static const pf_design_row *const table[] = {
    &pf_design_median, &pf_design_monte_carlo, &pf_design_latin_hypercube, &pf_design_sobol, &pf_design_saltelli,
    &pf_design_jansen, &pf_design_morris,      &pf_design_one_at_a_time,   &pf_design_grid,  &pf_design_list,
};

static void draw(const void *design, const uint64_t *members, size_t count, double *inputs, size_t stride)
{
    pf_design_draw(design, members, count, inputs, stride);
}

pf_draws pf_design_draws(const pf_design *design)
{
    return (pf_draws){design, draw};
}

const double **pf_scenario_settings(const pf_compiled *model, const uint32_t *scenarios, size_t count)
{
    const double **settings = pf_calloc(count, sizeof *settings);
    for (size_t i = 0; i < count; i++) settings[i] = model->scenarios[scenarios[i]].switches;
    return settings;
}

size_t pf_design_count(void)
{
    return sizeof table / sizeof *table;
}

const char *pf_design_row_name(size_t row)
{
    return table[row]->name;
}

const char *pf_design_row_doc(size_t row)
{
    return table[row]->doc;
}

static const pf_design_row *row_named(pf_design *d, const char *name, pf_diagnostics *diagnostics)
{
    pf_nearest near = pf_nearest_to(name ? name : "");
    for (size_t i = 0; i < pf_design_count(); i++) {
        if (name && !strcmp(table[i]->name, name)) return table[i];
        pf_nearest_offer(&near, table[i]->name);
    }
    pf_error(diagnostics, (pf_mark){0}, "no design is called '%s'%s", near.wanted, pf_nearest_hint(&near, d->arena));
    return NULL;
}

/* --- what varies --- */

static bool matches(const char *pattern, const char *name)
{
    return !strcmp(pattern, name) || !fnmatch(pattern, name, 0);
}

static bool is_wanted(const pf_design_request *request, const char *name)
{
    bool wanted = !request->vary_count;
    for (size_t i = 0; i < request->vary_count; i++) wanted |= matches(request->vary[i], name);
    return wanted;
}

static pf_status check_pattern(const pf_design *d, const char *pattern, pf_diagnostics *diagnostics)
{
    pf_nearest near = pf_nearest_to(pattern);
    for (size_t i = 0; i < d->model->input_count; i++) {
        if (!pf_is_uncertain(&d->model->inputs[i])) continue;
        if (matches(pattern, d->model->inputs[i].name)) return PF_OK;
        pf_nearest_offer(&near, d->model->inputs[i].name);
    }
    return pf_error(diagnostics, (pf_mark){0}, "no uncertain parameter matches '%s'%s", pattern,
                    pf_nearest_hint(&near, d->arena));
}

static pf_status choose_varied(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = d->model;
    pf_status status = PF_OK;
    for (size_t i = 0; i < request->vary_count; i++)
        if (check_pattern(d, request->vary[i], diagnostics)) status = PF_FAILED;
    for (uint32_t i = 0; i < m->input_count; i++)
        if (pf_is_uncertain(&m->inputs[i]) && is_wanted(request, m->inputs[i].name)) d->varied[d->varied_count++] = i;
    if (!status && !d->varied_count)
        return pf_error(diagnostics, (pf_mark){0}, "the design '%s' has nothing to vary: no parameter is uncertain",
                        d->row->name);
    return status;
}

/* --- keys --- */

typedef struct {
    uint64_t key;
    const char *name;
} named_key;

static int by_key(const void *left, const void *right)
{
    const named_key *a = left, *b = right;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* Two parameters of one key would be drawn as one. */
static pf_status find_keys(pf_design *d, pf_diagnostics *diagnostics)
{
    pf_status status = PF_OK;
    named_key *sorted = PF_ARRAY(d->arena, named_key, d->varied_count);
    d->keys = PF_ARRAY(d->arena, uint64_t, d->varied_count);
    for (size_t v = 0; v < d->varied_count; v++) {
        const char *name = d->model->inputs[d->varied[v]].name;
        d->keys[v] = pf_name_key(name);
        sorted[v] = (named_key){d->keys[v], name};
    }
    qsort(sorted, d->varied_count, sizeof *sorted, by_key);
    for (size_t v = 1; v < d->varied_count; v++)
        if (sorted[v].key == sorted[v - 1].key)
            status =
                pf_error(diagnostics, (pf_mark){0},
                         "the parameters '%s' and '%s' would share their draws: their names have the same key; give "
                         "one of them another name",
                         sorted[v - 1].name, sorted[v].name);
    return status;
}

/* --- making one --- */

pf_status pf_design_size(pf_design *d, const pf_design_request *request, uint64_t group, uint64_t default_groups,
                         pf_diagnostics *diagnostics)
{
    uint64_t asked = request->members ? request->members : default_groups * group;
    if (asked > PF_MOST_MEMBERS - group)
        return pf_error(diagnostics, (pf_mark){0}, "%" PRIu64 " members were asked for, expected less than 2^40",
                        asked);
    d->group = group;
    d->members = (asked + group - 1) / group * group;
    return PF_OK;
}

static double quantile(const pf_value *value, double u)
{
    return pf_distribution_at((size_t)value->distribution)->quantile(u, value->arguments);
}

static pf_status prepare(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = d->model;
    d->row = row_named(d, request->name, diagnostics);
    if (!d->row) return PF_FAILED;
    if (request->list && d->row != &pf_design_list)
        return pf_error(diagnostics, (pf_mark){0}, "the design '%s' reads no file; expected the design 'list' for '%s'",
                        d->row->name, request->list);
    d->varied = PF_ARRAY(d->arena, uint32_t, m->input_count);
    d->medians = PF_ARRAY(d->arena, double, m->input_count);
    for (size_t i = 0; i < m->input_count; i++)
        if (pf_is_uncertain(&m->inputs[i])) d->medians[i] = quantile(m->inputs[i].value, 0.5);
    if (!d->row->chooses_itself && choose_varied(d, request, diagnostics)) return PF_FAILED;
    if (find_keys(d, diagnostics) || d->row->prepare(d, request, diagnostics)) return PF_FAILED;
    return pf_copula_new(d, &d->copula, diagnostics);
}

pf_design *pf_design_new(const pf_compiled *model, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    pf_design *design = PF_NEW(arena, pf_design);
    *design = (pf_design){.arena = arena, .model = model, .seed = request->seed, .group = 1};
    if (!prepare(design, request, diagnostics)) return design;
    pf_design_free(design);
    return NULL;
}

void pf_design_free(pf_design *design)
{
    if (design) pf_arena_free(design->arena);
}

/* --- drawing --- */

/* Parameter by parameter, in place: u, then correlated u, then values. */
void pf_design_draw(const pf_design *d, const uint64_t *members, size_t count, double *inputs, size_t stride)
{
    const pf_input *about = d->model->inputs;
    for (size_t i = 0; i < d->model->input_count; i++) {
        if (!pf_is_uncertain(&about[i])) continue;
        for (size_t m = 0; m < count; m++) inputs[i * stride + m] = d->medians[i];
    }
    for (size_t v = 0; v < d->varied_count; v++) {
        double *row = inputs + d->varied[v] * stride;
        if (d->row->values) d->row->values(d, v, members, count, row);
        else d->row->uniforms(d, v, members, count, row);
    }
    if (d->row->values) return;
    if (d->copula) pf_copula_apply(d->copula, count, inputs, stride);
    for (size_t v = 0; v < d->varied_count; v++) {
        const pf_value *value = about[d->varied[v]].value;
        double *row = inputs + d->varied[v] * stride;
        pf_quantiles(pf_distribution_at((size_t)value->distribution), count, row, value->arguments, row);
    }
}

void pf_design_uniforms(const pf_design *d, const uint64_t *members, size_t count, double *u, size_t stride)
{
    for (size_t v = 0; v < d->varied_count; v++) d->row->uniforms(d, v, members, count, u + v * stride);
}

/* --- reading --- */

const char *pf_design_name(const pf_design *design)
{
    return design->row->name;
}

pf_arrangement pf_design_arrangement(const pf_design *design)
{
    return design->row->arrangement;
}

uint64_t pf_design_members(const pf_design *design)
{
    return design->members;
}

uint64_t pf_design_group(const pf_design *design)
{
    return design->group;
}

const uint32_t *pf_design_varied(const pf_design *design, size_t *count)
{
    *count = design->varied_count;
    return design->varied;
}

bool pf_design_is_correlated(const pf_design *design)
{
    return design->copula != NULL;
}

const char *pf_design_list_digest(const pf_design *design)
{
    return design->digest ? design->digest : "none";
}
