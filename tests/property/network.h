/* For property tests: a model written to a folder of its own, compiled and run at its medians. */
#ifndef NETWORK_H
#define NETWORK_H

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
    char path[32], file[48], types[600];
} network_folder;

typedef struct {
    pf_diagnostics *diagnostics;
    pf_scenario *scenario;
    const pf_compiled *model; /* NULL where it was refused */
    pf_kernel *kernel;
    pf_collected collected; /* all scenarios */
    uint32_t *rows;
    double *values; /* [scenario][step][row_count] */
    size_t row_count;
} network;

static inline network_folder network_folder_new(const char *types)
{
    network_folder f = {"/tmp/parkflow-test-XXXXXX", "", ""};
    char project[512];
    gsl_set_error_handler_off();
    assert_non_null(mkdtemp(f.path));
    assert_non_null(getcwd(project, sizeof project)); /* tests run in the project's folder */
    snprintf(f.file, sizeof f.file, "%s/model.yaml", f.path);
    snprintf(f.types, sizeof f.types, "%s/%s", project, types);
    return f;
}

static inline void network_folder_remove(const network_folder *f)
{
    unlink(f->file);
    rmdir(f->path);
}

/* Reads and compiles; false where the engine refuses it, with its reasons on the error output. */
static inline bool network_read(network *n, const network_folder *folder, const char *text)
{
    memset(n, 0, sizeof *n);
    FILE *out = fopen(folder->file, "w");
    assert_non_null(out);
    fprintf(out, "parkflow: 1\nuse: [\"%s\"]\n%s", folder->types, text);
    fclose(out);
    n->diagnostics = pf_diagnostics_new();
    n->scenario = pf_scenario_read(folder->file, NULL, 0, n->diagnostics);
    if (n->scenario) n->model = pf_compile(n->scenario, (pf_compile_options){.keep_flows = true});
    if (n->model)
        n->kernel = pf_kernel_new(&n->model->plan);
    else
        pf_diagnostics_print(n->diagnostics, stderr);
    return n->model != NULL;
}

/* Runs all scenarios; false where one fails, with its reason. */
static inline bool network_run(network *n)
{
    const pf_compiled *m = n->model;
    size_t count = m->scenario_count;
    n->rows = pf_calloc(count, sizeof *n->rows);
    for (size_t i = 0; i < count; i++) n->rows[i] = (uint32_t)i;
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, n->diagnostics);
    pf_collected_init(&n->collected, m, n->rows, count);
    assert_int_equal(pf_collected_run(&n->collected, n->kernel, design, 0, n->diagnostics), PF_OK);
    pf_design_free(design);
    n->values = pf_collected_rows(&n->collected);
    n->row_count = pf_collected_row_count(&n->collected);
    bool failed = pf_collected_report_faults(&n->collected, n->kernel, NULL, n->diagnostics);
    if (failed) pf_diagnostics_print(n->diagnostics, stderr);
    return !failed;
}

static inline void network_free(network *n)
{
    if (n->rows) pf_collected_free(&n->collected);
    free(n->rows);
    free(n->values);
    pf_kernel_free(n->kernel);
    pf_scenario_free(n->scenario);
    pf_diagnostics_free(n->diagnostics);
}

static inline size_t network_steps(const network *n)
{
    return n->model->scenario->calendar.reported;
}

/* The row of a scenario and step: indicators x parks, flows, closures. */
static inline const double *network_row(const network *n, size_t scenario, size_t step)
{
    return n->values + (scenario * network_steps(n) + step) * n->row_count;
}

static inline size_t network_first_flow(const network *n)
{
    return n->model->indicator_count * n->model->park_count;
}

static inline size_t network_first_closure(const network *n)
{
    return network_first_flow(n) + n->model->flow_count;
}

#endif
