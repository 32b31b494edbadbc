/* For tests: a model written as text, compiled and run at its medians; its flows and indicators by name.
 * Steps are days, so that "x m3/day" comes out as x in a step. */
#ifndef SMALL_MODEL_H
#define SMALL_MODEL_H

#include "ensemble/design.h"
#include "results/collect.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    pf_diagnostics *diagnostics;
    pf_scenario *scenario;
    const pf_compiled *model; /* NULL where it was refused */
    pf_collected collected;
    uint32_t *rows;
    double *values; /* [scenario][step][row_count] */
    size_t row_count;
    char path[64];
} small_model;

static inline void small_model_read(small_model *s, const char *text)
{
    gsl_set_error_handler_off();
    memset(s, 0, sizeof *s);
    strcpy(s->path, "/tmp/parkflow-test-XXXXXX");
    char folder[512];
    int file = mkstemp(s->path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_non_null(getcwd(folder, sizeof folder)); /* the project's folder */
    fprintf(out, "parkflow: 1\nuse: [%s/scenarios/library/units.yaml, %s/tests/unit/small_types.yaml]\n%s%s", folder, folder, text, strstr(text, "scenarios:") ? "" : "scenarios: {base: {}}\n");
    fclose(out);
    s->diagnostics = pf_diagnostics_new();
    s->scenario = pf_scenario_read(s->path, NULL, 0, s->diagnostics);
    if (s->scenario) s->model = pf_compile(s->scenario, (pf_compile_options){.keep_flows = true});
    unlink(s->path);
}

/* Runs all scenarios. */
static inline void small_model_run(small_model *s)
{
    if (!s->model) pf_diagnostics_print(s->diagnostics, stderr);
    assert_non_null(s->model);
    const pf_compiled *m = s->model;
    s->rows = pf_calloc(m->scenario_count, sizeof *s->rows);
    for (size_t i = 0; i < m->scenario_count; i++) s->rows[i] = (uint32_t)i;
    pf_kernel *kernel = pf_kernel_new(&m->plan);
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, s->diagnostics);
    pf_collected_init(&s->collected, m, s->rows, m->scenario_count);
    assert_int_equal(pf_collected_run(&s->collected, kernel, design, 0, s->diagnostics), PF_OK);
    pf_collected_report_faults(&s->collected, kernel, NULL, s->diagnostics);
    s->values = pf_collected_rows(&s->collected);
    s->row_count = pf_collected_row_count(&s->collected);
    pf_design_free(design);
    pf_kernel_free(kernel);
}

static inline void small_model_free(small_model *s)
{
    if (s->rows) pf_collected_free(&s->collected);
    free(s->rows);
    free(s->values);
    pf_scenario_free(s->scenario);
    pf_diagnostics_free(s->diagnostics);
}

static double small_row(const small_model *s, size_t scenario, size_t step, size_t row)
{
    return s->values[(scenario * s->model->scenario->calendar.reported + step) * s->row_count + row];
}

/* A flow by "process.port". */
static inline double flow_in(const small_model *s, size_t scenario, size_t step, const char *name)
{
    size_t first = s->model->indicator_count * s->model->park_count;
    for (size_t i = 0; i < s->model->flow_count; i++) {
        char full[256];
        snprintf(full, sizeof full, "%s.%s", s->model->flows[i].process, s->model->flows[i].port);
        if (!strcmp(full, name)) return small_row(s, scenario, step, first + i);
    }
    fail_msg("no flow is called %s", name);
    return NAN;
}

static inline double flow(const small_model *s, const char *name)
{
    return flow_in(s, 0, 0, name);
}

static inline double indicator(const small_model *s, size_t scenario, size_t step, const char *name)
{
    for (size_t i = 0; i < s->model->indicator_count; i++)
        if (!strcmp(s->model->indicators[i].name, name)) return small_row(s, scenario, step, i * s->model->park_count);
    fail_msg("no indicator is called %s", name);
    return NAN;
}

static inline double worst_closure(const small_model *s)
{
    double worst = 0;
    size_t first = s->model->indicator_count * s->model->park_count + s->model->flow_count;
    for (size_t k = 0; k < s->model->scenario_count; k++)
        for (size_t t = 0; t < s->model->scenario->calendar.reported; t++)
            for (size_t i = 0; i < s->model->closure_count; i++) worst = fmax(worst, small_row(s, k, t, first + i));
    return worst;
}

#define assert_close(value, wanted) assert_true(fabs((value) - (double)(wanted)) <= 1e-9 * fmax(1, fabs((double)(wanted))))

#endif
