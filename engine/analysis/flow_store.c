/* Reconciled flows to HDF5: takes a flow system and what was found, gives a file with values, covariance, classes and
 * tests, in the units of the input. */
#include "analysis/flow_results.h"

#include "base/replacement.h"
#include "base/sha256.h"
#include "results/hdf5_helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_h5 h5;
    const pf_flow_system *system;
    const pf_reconciliation *result;
    size_t n;
    pf_arena *arena;
} store;

static const char *const by_quantity[] = {"quantity", "quantity_2"};

/* ---- texts ---- */

static const char *const kinds[] = {[PF_OF_FLOW] = "flow",
                                    [PF_OF_COMPONENT] = "component",
                                    [PF_OF_STOCK] = "stock_change",
                                    [PF_OF_TRANSFER] = "transfer",
                                    [PF_OF_PARAMETER] = "parameter"};

static const struct {
    const char *name, *long_name;
    size_t offset;
} labels[] = {
    {"unit", "unit of the quantity", offsetof(pf_flow_quantity, unit)},
    {"from", "process that the flow leaves", offsetof(pf_flow_quantity, from)},
    {"to", "process that the flow enters", offsetof(pf_flow_quantity, to)},
    {"flow", "flow that the component is in", offsetof(pf_flow_quantity, flow)},
    {"component", "component of the flow", offsetof(pf_flow_quantity, component)},
    {"evidence", "source of the measurement", offsetof(pf_flow_quantity, source)},
    {"assumption", "assumption that the measurement rests on", offsetof(pf_flow_quantity, assumption)},
};

static void write_texts(store *s)
{
    const char **texts = PF_ARRAY(s->arena, const char *, s->n + 1);
    for (size_t j = 0; j < s->n; j++) texts[j] = kinds[s->system->quantities[j].kind];
    pf_h5_text_variable(&s->h5, "kind", "quantity", texts, s->n, "what the quantity is");
    for (size_t j = 0; j < s->n; j++) texts[j] = pf_quantity_class_name(s->result->quantities[j].class);
    pf_h5_text_variable(&s->h5, "class", "quantity", texts, s->n, "what the constraints say about the quantity");
    for (size_t j = 0; j < s->n; j++) texts[j] = s->system->quantities[s->result->quantities[j].alike].name;
    pf_h5_text_variable(&s->h5, "alike", "quantity", texts, s->n,
                        "first measurement whose gross error would show just the same");
    for (size_t label = 0; label < sizeof labels / sizeof *labels; label++) {
        for (size_t j = 0; j < s->n; j++)
            memcpy(&texts[j], (const char *)&s->system->quantities[j] + labels[label].offset, sizeof *texts);
        pf_h5_text_variable(&s->h5, labels[label].name, "quantity", texts, s->n, labels[label].long_name);
    }
}

/* ---- numbers ---- */

static void write_numbers(store *s, const char *name, const char *long_name, bool has_unit, const double *values)
{
    pf_h5_number_variable(&s->h5, name, 1, by_quantity, values, long_name, has_unit ? NULL : "1",
                          has_unit ? "The unit is that of the quantity, in `unit`." : NULL);
}

static const struct {
    const char *name, *long_name;
    size_t offset;
    bool has_unit;
} reconciled[] = {
    {"reconciled", "reconciled mean", offsetof(pf_reconciled, value), true},
    {"reconciled_sd", "standard deviation of the reconciled mean", offsetof(pf_reconciled, sd), true},
    {"adjustment_z", "adjustment over its standard deviation (measurement test)", offsetof(pf_reconciled, z), false},
    {"without", "what the others say, without this measurement", offsetof(pf_reconciled, without), true},
    {"without_sd", "standard deviation of what the others say", offsetof(pf_reconciled, without_sd), true},
};

static void write_all_numbers(store *s)
{
    double *values = PF_ARRAY(s->arena, double, s->n + 1);
    const pf_quantity *given = s->system->problem.quantities;
    for (size_t j = 0; j < s->n; j++)
        values[j] = given[j].known == PF_UNKNOWN ? (double)NAN : given[j].value / s->system->quantities[j].size;
    write_numbers(s, "measured", "mean as measured, or exact", true, values);
    for (size_t j = 0; j < s->n; j++)
        values[j] = given[j].known == PF_UNKNOWN ? (double)NAN : given[j].sd / s->system->quantities[j].size;
    write_numbers(s, "measured_sd", "standard deviation as measured; 0: exact", true, values);
    for (size_t row = 0; row < sizeof reconciled / sizeof *reconciled; row++) {
        for (size_t j = 0; j < s->n; j++) {
            memcpy(&values[j], (const char *)&s->result->quantities[j] + reconciled[row].offset, sizeof *values);
            if (reconciled[row].has_unit) values[j] /= s->system->quantities[j].size;
        }
        write_numbers(s, reconciled[row].name, reconciled[row].long_name, reconciled[row].has_unit, values);
    }
}

static void write_all_flags(store *s)
{
    bool *suspect = PF_ARRAY(s->arena, bool, s->n + 1);
    for (size_t j = 0; j < s->n; j++) suspect[j] = s->result->quantities[j].is_suspect;
    pf_h5_flag_variable(&s->h5, "suspect", "quantity", suspect, s->n, "1: the measurement test finds a gross error");
    size_t m = s->system->problem.constraint_count;
    if (m)
        pf_h5_flag_variable(&s->h5, "dependent", "constraint", s->result->is_dependent, m,
                            "1: one of several that say the same");
}

static void write_covariance(store *s)
{
    double *values = pf_doubles(s->n * s->n);
    for (size_t j = 0; j < s->n; j++)
        for (size_t k = 0; k < s->n; k++)
            values[j * s->n + k] =
                s->result->covariance[j * s->n + k] / s->system->quantities[j].size / s->system->quantities[k].size;
    pf_h5_number_variable(&s->h5, "covariance", 2, by_quantity, values, "covariance of the reconciled means", NULL,
                          "The unit is the product of those of the quantities, in `unit`.");
    free(values);
}

/* ---- the file ---- */

static void write_attributes(store *s)
{
    const pf_reconciliation *r = s->result;
    char digest[65];
    pf_sha256(s->system->input, strlen(s->system->input), digest);
    hid_t file = s->h5.file;
    pf_h5_set_text(&s->h5, file, "Conventions", "CF-1.11, ACDD-1.3");
    pf_h5_set_text(&s->h5, file, "title", s->system->title);
    pf_h5_set_text(&s->h5, file, "summary", "Flows reconciled by weighted least squares under their balances.");
    pf_h5_set_text(&s->h5, file, "source", "parkflow " PF_VERSION);
    pf_h5_set_text(&s->h5, file, "command", "reconcile");
    pf_h5_set_text(&s->h5, file, "input_sha256", digest);
    pf_h5_set_number(&s->h5, file, "chi_square", r->chi_square);
    pf_h5_set_integer(&s->h5, file, "degrees_of_freedom", (int64_t)r->degrees);
    pf_h5_set_number(&s->h5, file, "p_value", r->p_value);
    pf_h5_set_number(&s->h5, file, "level", s->system->problem.level);
    pf_h5_set_number(&s->h5, file, "critical_z", r->critical_z);
    pf_h5_set_integer(&s->h5, file, "iterations", (int64_t)r->iterations);
}

static void write_dimensions(store *s)
{
    size_t m = s->system->problem.constraint_count;
    const char **names = PF_ARRAY(s->arena, const char *, s->n + m + 1);
    for (size_t j = 0; j < s->n; j++) names[j] = s->system->quantities[j].name;
    pf_h5_text_dimension(&s->h5, "quantity", names, s->n, "quantity");
    pf_h5_text_dimension(&s->h5, "quantity_2", names, s->n, "the other quantity of a covariance");
    for (size_t i = 0; i < m; i++) names[i] = s->system->constraints[i].name;
    if (m) pf_h5_text_dimension(&s->h5, "constraint", names, m, "what had to hold");
}

/* NULL, or why it could not be written. */
static const char *fill(store *s, int file)
{
    pf_h5_begin(&s->h5);
    pf_h5_create(&s->h5, file);
    if (!s->h5.failed) write_attributes(s);
    if (!s->h5.failed) write_dimensions(s);
    if (!s->h5.failed) write_texts(s);
    if (!s->h5.failed) write_all_numbers(s);
    if (!s->h5.failed) write_all_flags(s);
    if (!s->h5.failed) write_covariance(s);
    if (!s->h5.failed) pf_h5_text_scalar(&s->h5, "input", s->system->input, "the whole input, YAML");
    pf_h5_end(&s->h5);
    return s->h5.failed ? pf_copy_text(s->arena, s->h5.reason, strlen(s->h5.reason)) : NULL;
}

pf_status pf_flow_store(const char *path, const pf_flow_system *system, const pf_reconciliation *result,
                        pf_diagnostics *diagnostics)
{
    store s = {.system = system, .result = result, .n = system->problem.quantity_count, .arena = system->arena};
    pf_replacement target;
    const char *why = pf_replacement_begin(&target, path, s.arena);
    if (!why) why = fill(&s, target.file);
    return pf_replacement_say(path, pf_replacement_end(&target, why, s.arena), diagnostics);
}
