/* For tests of designs: a compiled model of uncertain parameters and nothing else, set up by hand. Each third input is
 * a switch, so that rows of inputs and of varied parameters differ. */
#ifndef HAND_MODEL_H
#define HAND_MODEL_H

#include "temporary.h"

#include "base/distributions.h"
#include "ensemble/design.h"

#include <gsl/gsl_errno.h>
#include <math.h>

typedef struct {
    temporary files;
    pf_scenario scenario;
    pf_compiled model;
    pf_input *inputs;
    pf_correlation correlations[64];
} hand_model;

static inline pf_value *hand_value(hand_model *h, const char *distribution, const double *arguments, const char *unit)
{
    const char *why;
    pf_value *value = PF_NEW(h->files.arena, pf_value);
    *value =
        (pf_value){.kind = PF_DISTRIBUTION, .text = distribution, .distribution = pf_distribution_named(distribution)};
    value->arguments = PF_ARRAY(h->files.arena, double, PF_DISTRIBUTION_ARGUMENTS);
    memcpy(value->arguments, arguments, PF_DISTRIBUTION_ARGUMENTS * sizeof *arguments);
    assert_int_equal(pf_unit_parse(h->scenario.units, unit, &value->unit, &why), PF_OK);
    return value;
}

/* `count` uncertain parameters p0, p1 ..., uniform on 0 to 1. */
static inline void hand_model_new(hand_model *h, size_t count)
{
    gsl_set_error_handler_off();
    memset(h, 0, sizeof *h);
    h->files = temporary_new();
    h->scenario.arena = h->files.arena;
    h->scenario.units = pf_units_new();
    h->scenario.files = pf_files_new(h->files.arena);
    h->inputs = PF_ARRAY(h->files.arena, pf_input, count + count / 2);
    h->model = (pf_compiled){.scenario = &h->scenario, .inputs = h->inputs, .correlations = h->correlations};
    for (size_t i = 0; i < count; i++) {
        const char *name = pf_format(h->files.arena, "p%zu", i);
        pf_value *value = hand_value(h, "uniform", (const double[PF_DISTRIBUTION_ARGUMENTS]){0, 1}, "1");
        h->inputs[h->model.input_count++] = (pf_input){.name = name, .value = value, .unit = "1"};
        if (i % 2) h->inputs[h->model.input_count++] = (pf_input){.name = "a switch"};
    }
}

static inline void hand_model_free(hand_model *h)
{
    pf_units_free(h->scenario.units);
    temporary_free(&h->files);
}

static inline uint32_t hand_row(size_t parameter)
{
    return (uint32_t)(parameter + parameter / 2);
}

static inline void hand_distribution(hand_model *h, size_t parameter, const char *distribution, const double *arguments)
{
    h->inputs[hand_row(parameter)].value = hand_value(h, distribution, arguments, "1");
}

static inline void hand_correlate(hand_model *h, size_t first, size_t second, double rho)
{
    h->correlations[h->model.correlation_count++] = (pf_correlation){hand_row(first), hand_row(second), rho};
}

static inline pf_design *hand_design(hand_model *h, pf_design_request request)
{
    pf_design *design = pf_design_new(&h->model, &request, h->files.diagnostics);
    if (!design) pf_diagnostics_print(h->files.diagnostics, stderr);
    assert_non_null(design);
    return design;
}

static inline void hand_refused(hand_model *h, pf_design_request request, const char *message)
{
    assert_null(pf_design_new(&h->model, &request, h->files.diagnostics));
    const char *text = pf_first_error(h->files.diagnostics);
    if (!text || !strstr(text, message)) fail_msg("'%s' does not say '%s'", text ? text : "nothing", message);
}

/* All members' u, [parameter][member]; to free(). */
static inline double *hand_uniforms(const pf_design *design)
{
    size_t varied, members = (size_t)pf_design_members(design);
    pf_design_varied(design, &varied);
    double *u = pf_calloc(varied * members, sizeof *u);
    uint64_t *numbers = pf_calloc(members, sizeof *numbers);
    for (size_t m = 0; m < members; m++) numbers[m] = m;
    pf_design_uniforms(design, numbers, members, u, members);
    free(numbers);
    return u;
}

/* All members' values, [input][member]; to free(). */
static inline double *hand_values(const hand_model *h, const pf_design *design)
{
    size_t members = (size_t)pf_design_members(design);
    double *x = pf_calloc(h->model.input_count * members, sizeof *x);
    uint64_t *numbers = pf_calloc(members, sizeof *numbers);
    for (size_t m = 0; m < members; m++) numbers[m] = m;
    pf_design_draw(design, numbers, members, x, members);
    free(numbers);
    return x;
}

#endif
