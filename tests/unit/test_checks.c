/* Checks, first-order uncertainty, what numbers rest on, and pedigree, against closed forms. The model: two parks, in
 * each a firm that takes water; a change halves what one of them takes. */
#include "small_model.h"

#include "analysis/first_order.h"
#include "analysis/observations.h"
#include "base/distributions.h"
#include "scenario/pedigree.h"
#include "scenario/provenance.h"

/* What a firm takes: 60..140 m3/day, uniform; in the other park 10 m3/day and, of both, the common `more`. */
static const double own_sd = 80 / 3.4641016151377544 /* sqrt(12) */, more_sd = 2;

static const char *const two_parks =
    "time: {start: 2020-01, end: 2021-12, step: month, report: 2020-01..2021-12}\n"
    "accounting: {boundary: park, pedigree: none}\n"
    "parameters: {more: {normal: {mean: 20 m3/day, sd: 2 m3/day}}}\n"
    "process_types: {firm: {parameters: {amount: {unit: m3/day}}, ports: {need: {in: water, is: amount + more}}}}\n"
    "parks:\n"
    "  north: {processes: {firm: {type: firm, amount: 60..140 m3/day}, mains: {type: offer, carrier: water}}}\n"
    "  south: {processes: {firm: {type: firm, amount: 10 m3/day}, mains: {type: offer, carrier: water}}}\n"
    "indicators:\n"
    "  water: {is: \"sum(*.firm.need)\", unit: thousand m3, over_time: sum}\n"
    "  rate: {is: \"sum(*.firm.need)\", unit: m3/day, over_time: mean}\n"
    "  days: {over_time: {ratio: [water, rate]}, unit: day}\n"
    "interventions:\n"
    "  half: {status: carried_out, adoption: {curve: step, start: 2021-01}, effects: [{scale: north.firm.amount, by: 0.5}]}\n"
    "scenarios: {base: {}, saving: {against: base, with: [half]}}\n";

typedef struct {
    small_model s;
    const pf_compiled *model; /* with tangents */
    pf_held held;
} checked;

static checked hold(const char *checks)
{
    char text[8192];
    checked c = {0};
    snprintf(text, sizeof text, "%schecks:\n%s", two_parks, checks);
    small_model_read(&c.s, text);
    if (!c.s.model) pf_diagnostics_print(c.s.diagnostics, stderr);
    assert_non_null(c.s.model);
    c.model = pf_compile(c.s.scenario, (pf_compile_options){.tangents = true});
    assert_non_null(c.model);
    assert_int_equal(pf_hold_observations(c.model, &c.held, c.s.diagnostics), PF_OK);
    return c;
}

static void assert_near(double value, double wanted, double relative)
{
    if (!(fabs(value - wanted) <= relative * fabs(wanted))) fail_msg("%.12g is not %.12g", value, wanted);
}

/* ---- sums, periods, parks ---- */

static void a_check_sums_its_parks_over_its_period(void **state)
{
    (void)state;
    checked c = hold("  all: {indicator: water, scenario: base, period: 2020, observed: 40..50..60 thousand m3}\n"
                     "  one: {indicator: water, scenario: base, park: north, period: 2021-02, observed: 3 thousand m3}\n"
                     "  two: {indicator: water, scenario: base, park: [south, shared], period: 2020-12..2021-01, observed: 2 thousand m3}\n"
                     "  up_to: {indicator: water, scenario: base, park: south, period: 2020-02, basis: cumulative, observed: 2 thousand m3}\n"
                     "  yearly: {indicator: water, scenario: base, park: south, period: 2020-02, basis: annualised, observed: 10 thousand m3/year}\n");
    const pf_finding *f = c.held.findings;
    assert_int_equal(c.held.count, 5);
    assert_near(f[0].model, 366 * 150, 1e-12);
    assert_near(f[0].sd, 366 * hypot(own_sd, 2 * more_sd), 1e-4);
    assert_near(f[1].model, 28 * 120, 1e-12);
    assert_near(f[1].sd, 28 * hypot(own_sd, more_sd), 1e-4);
    assert_near(f[2].model, 62 * 30, 1e-12);
    assert_near(f[3].model, 60 * 30, 1e-12);
    assert_near(f[4].model, 365.2425 * 30, 1e-12);
    assert_near(f[4].sd, 365.2425 * more_sd, 1e-3);
    small_model_free(&c.s);
}

static void the_model_of_a_check_has_the_bits_of_a_run(void **state)
{
    (void)state;
    checked c = hold("  one: {indicator: water, scenario: saving, park: north, period: 2021-02, observed: 3 thousand m3}\n");
    small_model_run(&c.s);
    assert_true(c.held.findings[0].model == indicator(&c.s, 1, 13, "water") * 1000);
    small_model_free(&c.s);
}

static void a_saving_is_the_difference_with_its_own_slopes(void **state)
{
    (void)state;
    checked c = hold("  saved: {indicator: water, saving: {of: saving}, period: 2021, basis: in_year, observed: 18 +- 1 thousand m3/year}\n"
                     "  changed: {indicator: water, change: {of: saving, against: base}, period: 2021, observed: -18 thousand m3}\n");
    const pf_finding *f = c.held.findings;
    assert_near(f[0].model, 365 * 50, 1e-12);
    assert_near(f[0].sd, 365 * own_sd / 2, 1e-6); /* what both scenarios have cancels */
    assert_near(f[0].z, (365 * 50 - 18000) / hypot(365 * own_sd / 2, 1000), 1e-3);
    assert_near(f[1].model, -365 * 50, 1e-12);
    assert_int_equal(c.model->observations[1].against, 0);
    small_model_free(&c.s);
}

static void a_check_without_scenario_is_held_against_each(void **state)
{
    (void)state;
    checked c = hold("  each: {indicator: water, period: 2021, at_most: 60 thousand m3}\n");
    assert_int_equal(c.held.count, 2);
    assert_near(c.held.findings[0].model, 365 * 150, 1e-12);
    assert_near(c.held.findings[1].model, 365 * 100, 1e-12);
    small_model_free(&c.s);
}

static void arithmetic_of_indicators_and_ratios_have_exact_derivatives(void **state)
{
    (void)state;
    checked c = hold("  twice: {indicator: \"-water * 2 + 1000 m3\", scenario: base, park: south, period: 2020, observed: -20 thousand m3}\n"
                     "  part: {indicator: water / (water + 366 m3), scenario: base, park: south, period: 2020, observed: 1}\n"
                     "  ratio: {indicator: days, scenario: base, park: north, period: 2020, observed: 366 day}\n"
                     "  level: {indicator: rate, scenario: base, park: north, period: 2020-01..2020-02, observed: 120 m3/day}\n");
    const pf_finding *f = c.held.findings;
    assert_near(f[0].model, 1000 - 2 * 366 * 30, 1e-12);
    assert_near(f[0].sd, 2 * 366 * more_sd, 1e-3);
    assert_near(f[1].model, 30 / 31.0, 1e-12);
    assert_near(f[1].sd, more_sd / (31.0 * 31), 1e-3);
    assert_near(f[2].model, 366 * 86400, 1e-12);
    assert_true(f[2].sd < 1e-9 * f[2].model); /* above and below move alike */
    assert_near(f[3].model, 120 / 86400.0, 1e-12);
    small_model_free(&c.s);
}

/* ---- verdicts ---- */

static void verdicts_go_by_both_uncertainties(void **state)
{
    (void)state;
    checked c = hold("  near: {indicator: water, scenario: base, park: south, period: 2020, observed: 11 +- 1 thousand m3}\n"
                     "  far: {indicator: water, scenario: base, park: south, period: 2020, observed: 15 +- 1 thousand m3}\n"
                     "  wide: {indicator: water - 10 thousand m3, scenario: base, park: south, period: 2020, observed: 1 +- 1 thousand m3}\n"
                     "  bare: {indicator: days * 0 + 1 day, scenario: base, park: south, period: 2020, observed: 2 day}\n"
                     "  least: {indicator: water, scenario: base, park: south, period: 2020, at_least: 10 thousand m3}\n"
                     "  between: {indicator: water, scenario: base, park: south, period: 2020, at_least: 11 thousand m3, at_most: 12 thousand m3}\n");
    static const pf_verdict wanted[] = {PF_AGREES, PF_DIFFERS, PF_TOO_WIDE, PF_NO_SPREAD, PF_HOLDS, PF_FAILS};
    for (size_t i = 0; i < 6; i++) assert_int_equal(c.held.findings[i].verdict, wanted[i]);
    assert_near(c.held.findings[0].z, (366 * 30 - 11000) / hypot(366 * more_sd, 1000), 1e-2);
    assert_true(isnan(c.held.findings[3].z));
    assert_near(c.held.findings[4].z, (366 * 30 - 10000) / (366 * more_sd), 1e-3);
    small_model_free(&c.s);
}

static void only_tests_that_are_not_derived_count(void **state)
{
    (void)state;
    checked c = hold("  test: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3}\n"
                     "  fitted: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3, use: fit}\n"
                     "  context: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3, use: context}\n"
                     "  derived: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3, use: test, derived_from: [test]}\n"
                     "  other_boundary: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3, boundary: programme}\n"
                     "  other_choice: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3, accounting: {pedigree: spread}}\n"
                     "  same_choice: {indicator: water, scenario: base, period: 2020, observed: 50 thousand m3, boundary: park, accounting: {pedigree: none}}\n");
    static const bool counts[] = {true, false, false, false, false, false, true};
    for (size_t i = 0; i < 7; i++) assert_int_equal(c.held.findings[i].counts, counts[i]);
    assert_int_equal(c.held.findings[4].verdict, PF_UNLIKE);
    assert_string_equal(c.held.findings[5].of->unlike, "it wants accounting.pedigree=spread, this run has none");
    small_model_free(&c.s);
}

static void a_model_that_fails_at_its_medians_says_why(void **state)
{
    (void)state;
    small_model s;
    pf_held held;
    small_model_read(&s, "parks: {p: {processes: {user: {type: demand, carrier: water, amount: 5..7 m3/day}, well: {type: offer, carrier: water, limit: 1 m3/day}}}}\n"
                         "checks: {x: {indicator: nothing, period: 2021-01-01, at_most: 5 m3}}\n");
    const pf_compiled *m = pf_compile(s.scenario, (pf_compile_options){.tangents = true});
    assert_non_null(m);
    assert_int_equal(pf_hold_observations(m, &held, s.diagnostics), PF_FAILED);
    assert_non_null(strstr(pf_first_error(s.diagnostics), "water"));
    small_model_free(&s);
}

/* ---- moments and correlations ---- */

static void moments_are_those_of_the_distribution(void **state)
{
    (void)state;
    double mean, sd;
    pf_distribution_moments(pf_distribution_at((size_t)pf_distribution_named("triangular")), (double[]){1, 2, 6}, &mean, &sd);
    assert_near(mean, 3, 1e-4);
    assert_near(sd, sqrt((1 + 4 + 36 - 2 - 6 - 12) / 18.0), 1e-3);
    pf_distribution_moments(pf_distribution_at((size_t)pf_distribution_named("lognormal")), (double[]){2, 1.3}, &mean, &sd);
    double variance = log(1.3) * log(1.3);
    assert_near(mean, 2 * exp(variance / 2), 1e-3);
    assert_near(sd, mean * sqrt(expm1(variance)), 5e-3);
}

static void correlated_parameters_share_their_covariance(void **state)
{
    (void)state;
    pf_input inputs[2] = {{0}};
    pf_correlation correlation = {0, 1, 0.5};
    pf_compiled m = {.inputs = inputs, .input_count = 2, .correlations = &correlation, .correlation_count = 1};
    pf_first_order run = {.model = &m, .k = 2, .varied = (uint32_t[]){0, 1}, .deviations = (double[]){3, 2}};
    double parts[2];
    assert_near(pf_first_order_variance(&run, (double[]){1, 2}, parts), 9 + 16 + 2 * 0.5 * 3 * 4, 1e-12);
    assert_near(parts[0], 9 + 6, 1e-12);
    assert_near(parts[1], 16 + 6, 1e-12);
    assert_near(pf_first_order_variance(&run, (double[]){1, NAN}, NULL), 9, 1e-12); /* no derivative: certain */
}

/* ---- what numbers rest on ---- */

static const pf_number_read *number_at(const pf_number_read *numbers, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(numbers[i].path, path)) return &numbers[i];
    fail_msg("no number is at %s", path);
    return NULL;
}

static bool has_number_at(const pf_number_read *numbers, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(numbers[i].path, path)) return true;
    return false;
}

static void numbers_rest_on_the_nearest_source_or_assumption(void **state)
{
    (void)state;
    char text[4096], folder[512];
    small_model s;
    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(text, sizeof text,
             "evidence: [%s/tests/unit/evidence_kinds.csv]\n"
             "parameters:\n"
             "  measured: {value: 5 m3/day, source: row_reported}\n"
             "  adapted: {value: 5..6 m3/day, source: row_reported, assumption: as read}\n"
             "  official: {value: 5 m3/day, source: row_official}\n"
             "  benchmark: {value: 5 m3/day, source: row_default, assumption: as read}\n"
             "  recalled: {value: 5 m3/day, source: row_recalled}\n"
             "  orphan: 5 m3/day\n"
             "  nothing: 0\n"
             "  reference: measured + adapted\n"
             "  computed: measured * 1.5\n"
             "  chosen: {by: way, of: {a: {value: 5 m3/day, source: row_reported}, b: 6 m3/day}, assumption: either}\n"
             "  parts: {shared: 5..6 m3/day, own: {value: 0.9..1.1, assumption: a tenth}, source: row_official}\n"
             "accounting: {way: a}\n"
             "parks:\n"
             "  p:\n"
             "    source: row_reported\n"
             "    processes:\n"
             "      user: {type: user, amount: 5 m3/day, ratio: 0.8, assumption: outer}\n"
             "      inner: {type: user, amount: {value: 5 m3/day, source: row_default}, ratio: 0.8, assumption: outer}\n"
             "      bare: {type: user, amount: 5 m3/day, ratio: 0.8}\n"
             "      well: {type: offer, carrier: water}\n"
             "      sea: {type: sink, carrier: sewage}\n"
             "interventions: {less: {status: planned, assumption: ours, adoption: {curve: step, start: 2021-01-02}, effects: [{scale: p.user.amount, by: 0.9}]}}\n"
             "scenarios: {base: {}}\n",
             folder);
    small_model_read(&s, text);
    if (!s.model) pf_diagnostics_print(s.diagnostics, stderr);
    assert_non_null(s.model);
    size_t count;
    const pf_number_read *numbers = pf_provenance(s.scenario, &count);
    static const struct {
        const char *path;
        pf_ground ground;
    } wanted[] = {
        {"parameters.measured", PF_RESTS_ON_MEASURED},   {"parameters.adapted", PF_RESTS_ON_DERIVED},
        {"parameters.official", PF_RESTS_ON_DERIVED},    {"parameters.benchmark", PF_RESTS_ON_BENCHMARK},
        {"parameters.recalled", PF_RESTS_ON_ASSUMED},    {"parameters.orphan", PF_RESTS_ON_NOTHING},
        {"parameters.computed", PF_RESTS_ON_NOTHING},    {"parameters.chosen", PF_RESTS_ON_MEASURED},
        {"parameters.parts.shared", PF_RESTS_ON_DERIVED}, {"parameters.parts.own", PF_RESTS_ON_ASSUMED},
        {"p.user.amount", PF_RESTS_ON_ASSUMED},          {"p.inner.amount", PF_RESTS_ON_BENCHMARK},
        {"p.inner.ratio", PF_RESTS_ON_ASSUMED},          {"p.bare.amount", PF_RESTS_ON_NOTHING}, /* not the park's */
        {"interventions.less.adoption.start", PF_RESTS_ON_ASSUMED},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(number_at(numbers, count, wanted[i].path)->ground, wanted[i].ground);
    assert_string_equal(number_at(numbers, count, "p.user.amount")->park, "p");
    assert_string_equal(number_at(numbers, count, "interventions.less.adoption.start")->park, "p");
    assert_null(number_at(numbers, count, "parameters.orphan")->park);
    assert_false(has_number_at(numbers, count, "parameters.nothing"));
    assert_false(has_number_at(numbers, count, "parameters.reference"));
    small_model_free(&s);
}

/* ---- pedigree ---- */

static const char *const scored =
    "accounting: {pedigree: %s}\n"
    "parameters: {scored: {value: 50 m3/day, quality: [3, 2, 4, 1, 5]}, best: {value: 1 m3/day, quality: [1, 1, 1, 1, 1]}, none: {value: 0, quality: [5, 5, 5, 5, 5]}}\n"
    "parks: {p: {processes: {user: {type: demand, carrier: water, amount: scored}, well: {type: offer, carrier: water}}}}\n";

static void a_pedigree_is_a_spread_on_request_only(void **state)
{
    (void)state;
    char text[2048];
    small_model s;
    for (int wanted = 0; wanted < 2; wanted++) {
        snprintf(text, sizeof text, scored, wanted ? "spread" : "none");
        small_model_read(&s, text);
        assert_non_null(s.model);
        assert_int_equal(s.model->input_count, wanted);
        if (!wanted) {
            small_model_free(&s);
            continue;
        }
        const pf_input *input = &s.model->inputs[0];
        assert_string_equal(input->name, "parameters.scored");
        assert_true(input->value->by_pedigree);
        assert_string_equal(pf_distribution_at((size_t)input->value->distribution)->name, "lognormal");
        assert_near(input->value->arguments[0], 50 / 86400.0, 1e-12);
        assert_near(input->value->arguments[1], exp(sqrt(0.002 + 0.0001 + 0.008 + 0 + 0.12)), 1e-12);
        small_model_run(&s);
        assert_close(flow(&s, "user.flow"), 50); /* the number is the median */
        small_model_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_sums_its_parks_over_its_period),
        cmocka_unit_test(the_model_of_a_check_has_the_bits_of_a_run),
        cmocka_unit_test(a_saving_is_the_difference_with_its_own_slopes),
        cmocka_unit_test(a_check_without_scenario_is_held_against_each),
        cmocka_unit_test(arithmetic_of_indicators_and_ratios_have_exact_derivatives),
        cmocka_unit_test(verdicts_go_by_both_uncertainties),
        cmocka_unit_test(only_tests_that_are_not_derived_count),
        cmocka_unit_test(a_model_that_fails_at_its_medians_says_why),
        cmocka_unit_test(moments_are_those_of_the_distribution),
        cmocka_unit_test(correlated_parameters_share_their_covariance),
        cmocka_unit_test(numbers_rest_on_the_nearest_source_or_assumption),
        cmocka_unit_test(a_pedigree_is_a_spread_on_request_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
