/* Fits against closed forms: Bayes' answer for linear models, regression, bounds, trials that fail, and what is
 * refused. */
#include "small_model.h"

#include "analysis/fit.h"
#include "analysis/fit_coordinates.h"

typedef struct {
    small_model s;
    pf_fit_result result;
    pf_fit_end end;
} fitted;

/* Two parameters, and indicators of both over three days. */
static const char *const head = "time: {start: 2021-01-01, end: 2021-01-03, step: day}\n"
                                "parks: {demo: {processes: {}}}\n";

static fitted fit_leaving_out(const char *text, const char *left_out)
{
    char all[8192];
    fitted f = {.end = PF_FIT_WRONG};
    snprintf(all, sizeof all, "%s%s", head, text);
    small_model_read(&f.s, all);
    if (!f.s.model) return f;
    const pf_compiled *m = pf_compile(f.s.scenario, (pf_compile_options){.tangents = true});
    assert_non_null(m);
    f.end = pf_fit_run(m, &(pf_fit_request){-1, &left_out, left_out != NULL}, &f.result, f.s.diagnostics);
    return f;
}

static fitted fit(const char *text)
{
    fitted f = fit_leaving_out(text, NULL);
    if (f.end != PF_FIT_DONE) pf_diagnostics_print(f.s.diagnostics, stderr);
    assert_int_equal(f.end, PF_FIT_DONE);
    return f;
}

static void assert_near(double value, double wanted, double relative)
{
    if (!(fabs(value - wanted) <= relative * fabs(wanted))) fail_msg("%.12g is not %.12g", value, wanted);
}

static void refused(const char *text, const char *message, pf_fit_end end)
{
    fitted f = fit_leaving_out(text, NULL);
    const char *found = pf_first_error(f.s.diagnostics);
    assert_int_equal(f.end, end);
    assert_non_null(found);
    if (!strstr(found, message)) fail_msg("'%s' does not say '%s'", found, message);
    small_model_free(&f.s);
}

/* ---- Bayes ---- */

/* a ~ N(10, 2), 3 a observed as 36 +- 3: precision 1/4 + 9/9. */
static void a_normal_prior_and_a_linear_model_give_the_exact_posterior(void **state)
{
    (void)state;
    fitted f =
        fit("parameters: {a: {normal: {mean: 10 m3, sd: 2 m3}}}\n"
            "indicators: {y: {is: a / 1 day, unit: m3, over_time: sum}}\n"
            "checks: {c: {indicator: y, park: demo, period: 2021-01-01..2021-01-03, observed: 36 +- 3 m3, use: fit}}\n"
            "fit: {parameters: [parameters.a]}\n");
    const pf_fitted_parameter *a = f.result.parameters;
    double precision = 1.0 / 4 + 9.0 / 9, mean = (10.0 / 4 + 3 * 36.0 / 9) / precision;
    assert_near(a->estimate, mean, 1e-9);
    assert_near(a->sd, 1 / sqrt(precision), 1e-9);
    assert_near(a->low, mean - 1.959963985 / sqrt(precision), 1e-8);
    assert_near(f.result.chi_square, pow((3 * mean - 36) / 3, 2), 1e-7);
    assert_near(f.result.prior_chi_square, pow((mean - 10) / 2, 2), 1e-7);
    assert_near(f.result.observations[0].z, (3 * 10 - 36) / hypot(3, 3 * 2.0), 1e-8); /* as if it had been predicted */
    assert_int_equal(f.result.degrees, 1);
    small_model_free(&f.s);
}

/* a, b ~ N(0, 1) and N(0, 2) with a correlation, of which the sum is observed: Kalman's update. */
static void correlated_priors_are_updated_together(void **state)
{
    (void)state;
    double r = 2 * sin(acos(-1) / 6 * 0.6), c[2][2] = {{1, 2 * r}, {2 * r, 4}};
    fitted f = fit("parameters: {a: {normal: {mean: 0 m3, sd: 1 m3}}, b: {normal: {mean: 0 m3, sd: 2 m3}}}\n"
                   "correlations: [{between: [parameters.a, parameters.b], rho: 0.6}]\n"
                   "indicators: {y: {is: (a + b) / 1 day, unit: m3, over_time: sum}}\n"
                   "checks: {c: {indicator: y, park: demo, period: 2021-01-02, observed: 3 +- 0.5 m3, use: fit}}\n"
                   "fit: {parameters: [parameters.a, parameters.b]}\n");
    double to_a = c[0][0] + c[0][1], to_b = c[1][0] + c[1][1], all = to_a + to_b + 0.25;
    const double *covariance = f.result.covariance;
    assert_near(f.result.parameters[0].estimate, to_a / all * 3, 1e-8);
    assert_near(f.result.parameters[1].estimate, to_b / all * 3, 1e-8);
    assert_near(covariance[0], c[0][0] - to_a * to_a / all, 1e-8);
    assert_near(covariance[1], c[0][1] - to_a * to_b / all, 1e-8);
    assert_near(covariance[3], c[1][1] - to_b * to_b / all, 1e-8);
    assert_near(f.result.chi_square + f.result.prior_chi_square, 9 / all, 1e-7);
    small_model_free(&f.s);
}

static void what_no_observation_speaks_of_keeps_its_prior(void **state)
{
    (void)state;
    fitted f = fit("parameters: {a: {lognormal: {median: 5 m3, gsd: 1.4}}, b: 2..3..6 m3}\n"
                   "indicators: {y: {is: a / 1 day, unit: m3, over_time: sum}}\n"
                   "checks: {c: {indicator: y, park: demo, period: 2021-01-02, observed: 6 +- 0.1 m3, use: fit}}\n"
                   "fit: {parameters: [parameters.a, parameters.b]}\n");
    const pf_fitted_parameter *b = &f.result.parameters[1];
    assert_true(b->is_unmoved && !f.result.parameters[0].is_unmoved);
    assert_near(b->estimate, b->prior, 1e-9);
    assert_near(b->low, b->prior_low, 1e-6); /* the interval is that of the prior, within its support */
    assert_near(b->high, b->prior_high, 1e-6);
    assert_true(f.result.directions[1].is_weak && f.result.directions[1].singular_value == 0);
    small_model_free(&f.s);
}

static void an_estimate_keeps_within_the_support_of_its_prior(void **state)
{
    (void)state;
    fitted f = fit("parameters: {a: 2..4 m3}\n"
                   "indicators: {y: {is: a / 1 day, unit: m3, over_time: sum}}\n"
                   "checks: {c: {indicator: y, park: demo, period: 2021-01-02, observed: 50 +- 0.01 m3, use: fit}}\n"
                   "fit: {parameters: [parameters.a]}\n");
    const pf_fitted_parameter *a = f.result.parameters;
    assert_true(a->estimate <= 4 && a->high <= 4 && a->is_far && a->at_bound);
    small_model_free(&f.s);
}

/* ---- regression ---- */

static void an_estimated_spread_is_that_of_regression(void **state)
{
    (void)state;
    fitted f = fit("parameters: {a: {normal: {mean: 1 m3, sd: 1 m3}}}\n"
                   "indicators: {y: {is: a / 1 day, unit: m3, over_time: sum}}\n"
                   "checks:\n"
                   "  c1: {indicator: y, park: demo, period: 2021-01-01, observed: 7 m3, use: fit}\n"
                   "  c2: {indicator: y, park: demo, period: 2021-01-02, observed: 9 m3, use: fit}\n"
                   "  c3: {indicator: y, park: demo, period: 2021-01-03, observed: 14 m3, use: fit}\n"
                   "fit: {flat: [parameters.a], spread: estimated}\n");
    const pf_fitted_parameter *a = f.result.parameters;
    assert_near(a->estimate, 10, 1e-9);
    assert_near(f.result.spread, sqrt(26.0 / 2), 1e-9);
    assert_near(a->sd, sqrt(26.0 / 2 / 3), 1e-9);
    assert_near(a->high, 10 + 4.30265273 * sqrt(26.0 / 6), 1e-8); /* Student's, 2 degrees of freedom */
    assert_near(f.result.observations[2].z, (10 - 14) / (sqrt(13.0) * sqrt(2.0 / 3)), 1e-8);
    small_model_free(&f.s);
}

static void what_is_left_out_is_predicted(void **state)
{
    (void)state;
    fitted f = fit_leaving_out(
        "parameters: {a: {normal: {mean: 1 m3, sd: 1 m3}}}\n"
        "indicators: {y: {is: a / 1 day, unit: m3, over_time: sum}}\n"
        "checks:\n"
        "  c1: {indicator: y, park: demo, period: 2021-01-01, observed: 7 +- 3 m3, use: fit}\n"
        "  c2: {indicator: y, park: demo, period: 2021-01-01..2021-01-03, observed: 33 +- 4 m3, use: fit}\n"
        "fit: {flat: [parameters.a]}\n",
        "c2");
    assert_int_equal(f.end, PF_FIT_DONE);
    assert_int_equal(f.result.used_count, 1);
    assert_true(f.result.observations[1].is_left_out);
    assert_near(f.result.observations[1].model, 21, 1e-9);
    assert_near(f.result.observations[1].model_sd, 9, 1e-9);
    assert_near(f.result.observations[1].z, (21 - 33) / hypot(4, 9), 1e-9);
    assert_true(isnan(f.result.observations[0].z)); /* it alone decides */
    small_model_free(&f.s);
}

/* From 5 the first steps lead below 0, where there is no logarithm. */
static void a_trial_at_which_the_model_fails_is_stepped_back_from(void **state)
{
    (void)state;
    fitted f = fit("parameters: {a: {normal: {mean: 5, sd: 5}}}\n"
                   "indicators: {y: {is: log(a), unit: \"1\", over_time: mean}}\n"
                   "checks: {c: {indicator: y, park: demo, period: 2021-01-02, observed: -3 +- 0.1, use: fit}}\n"
                   "fit: {flat: [parameters.a]}\n");
    assert_true(f.result.failed_trials > 0);
    assert_near(f.result.parameters[0].estimate, exp(-3), 1e-8);
    assert_near(f.result.parameters[0].sd, 0.1 * exp(-3), 1e-7);
    small_model_free(&f.s);
}

/* ---- coordinates ---- */

static void coordinates_have_the_slopes_of_differences(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double arguments[4];
    } cases[] = {{"uniform", {2, 5}},
                 {"triangular", {1, 2, 7}},
                 {"normal", {3, 2}},
                 {"lognormal", {4, 1.7}},
                 {"pert", {0, 1, 5}},
                 {"loguniform", {1, 50}},
                 {"truncnormal", {1, 2, 0, INFINITY}},
                 {"truncnormal", {1, 2, -INFINITY, 4}},
                 {"beta", {2, 3, 0, 1}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int is_flat = 0; is_flat < 2; is_flat++)
            for (double at = -1.7; at < 2; at += 0.5) {
                const pf_distribution *d = pf_distribution_at((size_t)pf_distribution_named(cases[i].name));
                pf_coordinate c = pf_coordinate_new(d, cases[i].arguments, is_flat);
                double h = 1e-5, value = pf_coordinate_value(&c, at);
                double slope = (pf_coordinate_value(&c, at + h) - pf_coordinate_value(&c, at - h)) / (2 * h);
                assert_true(value > c.least && value < c.greatest);
                assert_near(pf_coordinate_slope(&c, at), slope, 1e-5);
                if (is_flat) assert_near(pf_coordinate_of(&c, value), at, 1e-9);
                else assert_near(value, d->quantile(pf_probability_of(at), cases[i].arguments), 1e-12);
            }
}

/* ---- what is refused ---- */

#define MODEL                                                                                                          \
    "parameters: {a: 1..4 m3, b: {normal: {mean: 2, sd: 1}}, c: 3 m3, d: {discrete: {values: [1, 2], weights: [1, "    \
    "1]}}}\n"                                                                                                          \
    "indicators: {y: {is: a * b * d / 1 day + c / 1 day, unit: m3, over_time: sum}}\n"
#define TWO_CHECKS                                                                                                     \
    "checks:\n  c1: {indicator: y, park: demo, period: 2021-01-01, observed: 5 +- 1 m3, use: fit}\n"                   \
    "  c2: {indicator: y, park: demo, period: 2021-01-02, observed: 6 +- 1 m3, use: fit}\n"

static void what_cannot_be_fitted_is_named(void **state)
{
    (void)state;
    refused(MODEL TWO_CHECKS, "names nothing to fit", PF_FIT_WRONG);
    refused(MODEL "fit: {flat: [parameters.a]}\n", "nothing to fit to", PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {flat: [parameters.aa]}\n", "did you mean 'parameters.a'?", PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {flat: [parameters.c]}\n", "'parameters.c' has no distribution", PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {parameters: [parameters.d]}\n", "one of a few values", PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {flat: [parameters.a], parameters: [parameters.a]}\n", "under 'parameters' and",
            PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {flat: [parameters.a], start: {parameters.a: 7 m3}}\n", "not within the bounds",
            PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {flat: [parameters.a], start: {parameters.a: 2 t}}\n",
            "in the unit of 'parameters.a'", PF_FIT_WRONG);
    refused(MODEL "checks: {c: {indicator: y, park: demo, period: 2021-01-01, observed: 5 t, use: fit}}\n"
                  "fit: {flat: [parameters.a]}\n",
            "the check 'c' is in m3, found '5 t'", PF_FIT_WRONG);
    refused(MODEL "checks: {c: {indicator: y, park: demo, period: 2021-01-01, observed: 5 m3, use: fit}}\n"
                  "fit: {flat: [parameters.a]}\n",
            "states no uncertainty", PF_FIT_WRONG);
}

static void what_the_observations_cannot_tell_apart_is_named(void **state)
{
    (void)state;
    refused(MODEL "checks: {c: {indicator: y, park: demo, period: 2021-01-01, observed: 5 +- 1 m3, use: fit}}\n"
                  "fit: {flat: [parameters.a, parameters.b]}\n",
            "2 parameters under 'flat' cannot be told from 1 observation", PF_FIT_WRONG);
    refused(MODEL TWO_CHECKS "fit: {flat: [parameters.a, parameters.b]}\n", "cannot tell apart: parameters.",
            PF_FIT_WRONG);
}

static void a_model_that_fails_where_the_fit_begins_is_a_failed_run(void **state)
{
    (void)state;
    fitted f =
        fit_leaving_out("parameters: {a: {normal: {mean: -5, sd: 5}}}\n"
                        "indicators: {y: {is: log(a), unit: \"1\", over_time: mean}}\n"
                        "checks: {c: {indicator: y, park: demo, period: 2021-01-02, observed: 3 +- 0.1, use: fit}}\n"
                        "fit: {flat: [parameters.a]}\n",
                        NULL);
    assert_int_equal(f.end, PF_FIT_FAILED);
    assert_true(pf_error_count(f.s.diagnostics) >= 1);
    small_model_free(&f.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_normal_prior_and_a_linear_model_give_the_exact_posterior),
        cmocka_unit_test(correlated_priors_are_updated_together),
        cmocka_unit_test(what_no_observation_speaks_of_keeps_its_prior),
        cmocka_unit_test(an_estimate_keeps_within_the_support_of_its_prior),
        cmocka_unit_test(an_estimated_spread_is_that_of_regression),
        cmocka_unit_test(what_is_left_out_is_predicted),
        cmocka_unit_test(a_trial_at_which_the_model_fails_is_stepped_back_from),
        cmocka_unit_test(coordinates_have_the_slopes_of_differences),
        cmocka_unit_test(what_cannot_be_fitted_is_named),
        cmocka_unit_test(what_the_observations_cannot_tell_apart_is_named),
        cmocka_unit_test(a_model_that_fails_where_the_fit_begins_is_a_failed_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
