/* For tests of tangents: a model compiled with them, its whole Jacobian at a point by one lane an input, and the same
 * by central differences of the plan's own values. Points near a kink, or where rounding drowns the difference, are
 * passed over, and counted. */
#ifndef JACOBIAN_H
#define JACOBIAN_H

#include "base/distributions.h"
#include "kernel/kernel.h"
#include "model/compile.h"

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

enum { JACOBIAN_LANES = 64, SHIFTS = 7 };

typedef struct {
    pf_diagnostics *diagnostics;
    pf_scenario *scenario;
    const pf_compiled *model; /* NULL where it was refused */
    pf_kernel *kernel;
    pf_block *block;
    size_t values, cells; /* outputs of the model; with their steps */
    double *point;        /* [inputs] */
    double *inputs, *outputs;
    pf_fault faults[JACOBIAN_LANES];
} jacobian;

typedef struct {
    size_t compared, not_zero, passed_over;
} comparison;

static inline jacobian jacobian_open(const char *path)
{
    jacobian j = {.diagnostics = pf_diagnostics_new()};
    gsl_set_error_handler_off();
    j.scenario = pf_scenario_read(path, NULL, 0, j.diagnostics);
    if (j.scenario) j.model = pf_compile(j.scenario, (pf_compile_options){.keep_flows = true, .tangents = true});
    if (!j.model) return j;
    const pf_plan *plan = &j.model->plan;
    j.values = plan->output_count / 2;
    j.cells = (plan->steps - plan->first_reported) * j.values;
    j.kernel = pf_kernel_new(plan);
    j.block = pf_block_new(j.kernel, JACOBIAN_LANES);
    j.point = pf_doubles(j.model->input_count);
    j.inputs = pf_doubles(plan->inputs * JACOBIAN_LANES);
    j.outputs = pf_doubles(2 * j.cells * JACOBIAN_LANES);
    return j;
}

/* The model as text, in a file that is gone afterwards. */
static inline jacobian jacobian_of_text(const char *text)
{
    char path[] = "/tmp/parkflow-test-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    fputs(text, out);
    fclose(out);
    jacobian j = jacobian_open(path);
    unlink(path);
    return j;
}

static inline void jacobian_close(jacobian *j)
{
    pf_block_free(j->block);
    pf_kernel_free(j->kernel);
    free(j->point);
    free(j->inputs);
    free(j->outputs);
    pf_scenario_free(j->scenario);
    pf_diagnostics_free(j->diagnostics);
}

static inline double quantile_of(const pf_value *value, double u)
{
    return pf_distribution_at((size_t)value->distribution)->quantile(u, value->arguments);
}

/* The switches of a scenario; the uncertain inputs at their medians for shift 0, else each at a quantile of its own. */
static inline void jacobian_go_to(jacobian *j, size_t scenario, unsigned shift)
{
    const pf_compiled *m = j->model;
    for (size_t i = 0; i < m->input_count; i++) {
        const pf_value *value = m->inputs[i].value;
        double u = fmod(0.5 + 0.618033988749895 * (double)(shift * (i + 1)), 1);
        j->point[i] = value ? quantile_of(value, 0.15 + 0.7 * u) : m->scenarios[scenario].switches[i];
    }
}

/* Puts the point and a direction of zeros into all lanes. */
static inline void jacobian_prepare(jacobian *j, size_t lanes)
{
    for (size_t i = 0; i < j->model->input_count; i++)
        for (size_t l = 0; l < lanes; l++) {
            j->inputs[i * lanes + l] = j->point[i];
            j->inputs[(j->model->input_count + i) * lanes + l] = 0;
        }
}

static inline void jacobian_run(jacobian *j, size_t lanes)
{
    pf_block_run(j->block, lanes, j->inputs, j->outputs, j->faults);
}

/* Of cell = step * values + output, in one lane of the last run. */
static inline double jacobian_value(const jacobian *j, size_t lanes, size_t cell, size_t lane)
{
    return j->outputs[(cell / j->values * 2 * j->values + cell % j->values) * lanes + lane];
}

static inline double jacobian_slope(const jacobian *j, size_t lanes, size_t cell, size_t lane)
{
    return j->outputs[((cell / j->values * 2 + 1) * j->values + cell % j->values) * lanes + lane];
}

/* The slopes of all cells by inputs[0 .. count): [count][cells]. False where the point is at fault. */
static inline bool jacobian_tangents(jacobian *j, const size_t *inputs, size_t count, double *slopes)
{
    for (size_t first = 0; first < count; first += JACOBIAN_LANES) {
        size_t lanes = count - first < JACOBIAN_LANES ? count - first : JACOBIAN_LANES;
        jacobian_prepare(j, lanes);
        for (size_t l = 0; l < lanes; l++) j->inputs[(j->model->input_count + inputs[first + l]) * lanes + l] = 1;
        jacobian_run(j, lanes);
        for (size_t l = 0; l < lanes; l++) {
            if (j->faults[l].kind != PF_NO_FAULT) return false;
            for (size_t c = 0; c < j->cells; c++) slopes[(first + l) * j->cells + c] = jacobian_slope(j, lanes, c, l);
        }
    }
    return true;
}

/* The slope by differences, of fourth order (Richardson); NaN where it may not be trusted to 1e-7 of `scale`. f[0] is
 * the value at the point, then come those at +h, -h, +h/2, -h/2, +h/4, -h/4. */
static inline double slope_by_differences(const double f[SHIFTS], double h, double scale)
{
    double slope[3], bend[3];
    for (int i = 0; i < 3; i++, h /= 2) {
        slope[i] = (f[1 + 2 * i] - f[2 + 2 * i]) / (2 * h);
        bend[i] = fabs(f[1 + 2 * i] - 2 * f[0] + f[2 + 2 * i]) / h; /* halves with h, unless the point is a kink */
    }
    double coarse = (4 * slope[1] - slope[0]) / 3, fine = (4 * slope[2] - slope[1]) / 3;
    scale = fmax(scale, fabs(fine));
    bool kink = bend[2] > 0.75 * bend[1] && bend[2] > 1e-6 * scale;
    return kink || !(fabs(fine - coarse) <= 1e-7 * scale) ? NAN : fine;
}

/* A thousandth of the input, or a hundredth of its spread if that is less (a date is far from zero). */
static inline double shift_of(const jacobian *j, size_t input)
{
    const pf_value *value = j->model->inputs[input].value;
    double spread = 0.01 * (quantile_of(value, 0.85) - quantile_of(value, 0.15)), at = fabs(j->point[input]);
    return at != 0 && 1e-3 * at < spread ? 1e-3 * at : spread;
}

/* The rounding error of the slopes by an input of size `size`, where the last run's first lane stands: what cancels in
 * them are slopes and flows of this step and of those before. */
static inline double rounding_of(const jacobian *j, const double *slopes, double size)
{
    size_t end = j->values - j->model->closure_count, first = end - j->model->flow_count;
    double largest = 0;
    for (size_t c = 0; c < j->cells; c++)
        if (c % j->values >= first && c % j->values < end)
            largest = fmax(largest, fmax(fabs(slopes[c]), fabs(jacobian_value(j, SHIFTS, c, 0) / size)));
    return 1e-14 * largest;
}

/* Compares the slopes of all cells by one input. */
static inline void jacobian_compare_input(jacobian *j, size_t input, const double *slopes, comparison *found)
{
    static const double shift[SHIFTS] = {0, 1, -1, 0.5, -0.5, 0.25, -0.25};
    double at = j->point[input], h = shift_of(j, input);
    jacobian_prepare(j, SHIFTS);
    for (size_t l = 0; l < SHIFTS; l++) j->inputs[input * SHIFTS + l] = at + shift[l] * h;
    jacobian_run(j, SHIFTS);
    for (size_t l = 0; l < SHIFTS; l++)
        if (j->faults[l].kind != PF_NO_FAULT) return;
    for (size_t c = 0; c < j->cells; c++) {
        if (c % j->values >= j->values - j->model->closure_count) continue;
        double f[SHIFTS], scale;
        for (size_t l = 0; l < SHIFTS; l++) f[l] = jacobian_value(j, SHIFTS, c, l);
        scale = 1e-6 * fabs(f[0]) / h;
        double expected = slope_by_differences(f, h, scale);
        if (isnan(expected)) {
            found->passed_over++;
            continue;
        }
        double apart = fabs(slopes[c] - expected);
        if (!(apart <= 1e-6 * fmax(scale, fabs(expected))) && !(apart <= rounding_of(j, slopes, fmax(fabs(at), h))))
            fail_msg("step %zu, d(output %zu)/d(%s) at %.17g: %.12g, by differences %.12g (value %.12g)", c / j->values,
                     c % j->values, j->model->inputs[input].name, at, slopes[c], expected, f[0]);
        found->compared++;
        found->not_zero += expected != 0;
    }
}

/* Compares the Jacobian of up to `most` uncertain inputs, spread over all of them, at the point. */
static inline void jacobian_compare(jacobian *j, size_t most, comparison *found)
{
    size_t count = 0, *inputs = pf_calloc(j->model->input_count, sizeof *inputs);
    for (size_t i = 0; i < j->model->input_count; i++)
        if (j->model->inputs[i].value) inputs[count++] = i;
    size_t taken = count < most ? count : most;
    for (size_t i = 0; i < taken; i++) inputs[i] = inputs[i * count / taken];
    double *slopes = pf_doubles(taken * j->cells);
    if (jacobian_tangents(j, inputs, taken, slopes))
        for (size_t i = 0; i < taken; i++) jacobian_compare_input(j, inputs[i], slopes + i * j->cells, found);
    free(slopes);
    free(inputs);
}

#endif
