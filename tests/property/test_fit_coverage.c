/* Fits to simulated observations of a small model that bends: the 95 % intervals cover what was put in, 95 times in a
 * hundred, with a flat parameter, with priors, and with a spread that is estimated. */
#include "../unit/small_model.h"

#include "analysis/fit.h"
#include "base/distributions.h"

enum { DAYS = 14, FITS = 800 };

/* y = a (1 - exp(-b t)), t days from the start. */
static const char *const curve =
    "time: {start: 2021-01-01, end: 2021-01-14, step: day}\n"
    "parameters:\n"
    "  a: {lognormal: {median: 100, gsd: 1.3}}\n"
    "  b: {lognormal: {median: 0.25, gsd: 1.4}}\n"
    "  t: {series: {2021-01-01: 1, 2021-01-02: 2, 2021-01-03: 3, 2021-01-04: 4, 2021-01-05: 5, 2021-01-06: 6, "
    "2021-01-07: 7, 2021-01-08: 8, 2021-01-09: 9, 2021-01-10: 10, 2021-01-11: 11, 2021-01-12: 12, 2021-01-13: 13, "
    "2021-01-14: 14}}\n"
    "parks: {demo: {processes: {}}}\n"
    "indicators: {y: {is: \"a * (1 - exp(-b * t))\", unit: \"1\", over_time: mean}}\n";

static double noise(uint64_t fit, unsigned number)
{
    char name[16];
    snprintf(name, sizeof name, "noise %u", number);
    return pf_score_of(pf_unit_interval(pf_random_bits(7, fit, pf_name_key(name))));
}

typedef struct {
    small_model s;
    pf_compiled model; /* with observations of our own */
    pf_observation observations[DAYS];
} simulated;

static void open_model(simulated *m, const char *fit, double sd)
{
    char text[8192], *at = text;
    at += sprintf(at, "%s%schecks:\n", curve, fit);
    for (int d = 1; d <= DAYS; d++)
        at +=
            sd > 0
                ? sprintf(at, "  y%d: {indicator: y, park: demo, period: 2021-01-%02d, observed: 1 +- %g, use: fit}\n",
                          d, d, sd)
                : sprintf(at, "  y%d: {indicator: y, park: demo, period: 2021-01-%02d, observed: \"1\", use: fit}\n", d,
                          d);
    small_model_read(&m->s, text);
    if (!m->s.model) pf_diagnostics_print(m->s.diagnostics, stderr);
    assert_non_null(m->s.model);
    const pf_compiled *compiled = pf_compile(m->s.scenario, (pf_compile_options){.tangents = true});
    assert_non_null(compiled);
    assert_int_equal(compiled->observation_count, DAYS);
    m->model = *compiled;
    memcpy(m->observations, compiled->observations, sizeof m->observations);
    m->model.observations = m->observations;
}

/* How often the interval of each parameter has what was put in: drawn from its prior, or fixed. */
static void count_covered(simulated *m, bool drawn, double sd, size_t covered[2])
{
    static const double fixed[2] = {110, 0.21};
    for (uint64_t fit = 0; fit < FITS; fit++) {
        double truth[2] = {fixed[0], fixed[1]};
        pf_fit_result result;
        if (drawn) truth[0] = 100 * exp(log(1.3) * noise(fit, 100)), truth[1] = 0.25 * exp(log(1.4) * noise(fit, 101));
        for (unsigned d = 0; d < DAYS; d++)
            m->observations[d].mean = truth[0] * (1 - exp(-truth[1] * (d + 1))) + sd * noise(fit, d);
        if (pf_fit_run(&m->model, &(pf_fit_request){.scenario = -1}, &result, m->s.diagnostics) != PF_FIT_DONE) {
            pf_diagnostics_print(m->s.diagnostics, stderr);
            fail_msg("fit %d failed", (int)fit);
        }
        for (size_t i = 0; i < 2; i++)
            covered[i] += result.parameters[i].low <= truth[i] && truth[i] <= result.parameters[i].high;
    }
    small_model_free(&m->s);
}

static void assert_covers(const size_t covered[2])
{
    for (size_t i = 0; i < 2; i++) {
        double share = (double)covered[i] / FITS;
        if (!(share >= 0.92 && share <= 0.98)) fail_msg("parameter %zu: %.1f %% covered", i, 100 * share);
    }
}

static void intervals_of_flat_parameters_cover(void **state)
{
    (void)state;
    simulated m;
    size_t covered[2] = {0};
    open_model(&m, "fit: {flat: [parameters.a, parameters.b]}\n", 4);
    count_covered(&m, false, 4, covered);
    assert_covers(covered);
}

static void intervals_with_priors_cover_what_was_drawn_from_them(void **state)
{
    (void)state;
    simulated m;
    size_t covered[2] = {0};
    open_model(&m, "fit: {parameters: [parameters.a, parameters.b]}\n", 8);
    count_covered(&m, true, 8, covered);
    assert_covers(covered);
}

static void intervals_with_an_estimated_spread_cover(void **state)
{
    (void)state;
    simulated m;
    size_t covered[2] = {0};
    open_model(&m, "fit: {flat: [parameters.a, parameters.b], spread: estimated}\n", 0);
    count_covered(&m, false, 4, covered);
    assert_covers(covered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_flat_parameters_cover),
        cmocka_unit_test(intervals_with_priors_cover_what_was_drawn_from_them),
        cmocka_unit_test(intervals_with_an_estimated_spread_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
