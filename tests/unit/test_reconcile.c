/* Data reconciliation: the worked examples of scenarios/reconcile to their printed digits, classes, tests for gross
 * errors, and what is refused. */
#include "analysis/flow_results.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's own compares floats. */
static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.12g, expected %.12g to within %.3g", found, expected, tolerance);
}

typedef struct {
    pf_flow_system *system;
    pf_reconciliation result;
} example;

static example solve_file(const char *path)
{
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    example e = {.system = pf_flow_system_read(path, diagnostics)};
    pf_diagnostics_print(diagnostics, stderr);
    assert_non_null(e.system);
    e.result = pf_reconcile(&e.system->problem, e.system->arena);
    assert_int_equal(e.result.end, PF_RECONCILED);
    pf_diagnostics_free(diagnostics);
    return e;
}

static size_t row_of(const example *e, const char *name)
{
    for (size_t j = 0; j < e->system->problem.quantity_count; j++)
        if (!strcmp(e->system->quantities[j].name, name)) return j;
    fail_msg("there is no %s", name);
    return 0;
}

static const pf_reconciled *found(const example *e, const char *name)
{
    return &e->result.quantities[row_of(e, name)];
}

static double value(const example *e, const char *name)
{
    return found(e, name)->value / e->system->quantities[row_of(e, name)].size;
}

static double sd(const example *e, const char *name)
{
    return found(e, name)->sd / e->system->quantities[row_of(e, name)].size;
}

static double covariance(const example *e, const char *a, const char *b)
{
    size_t j = row_of(e, a), k = row_of(e, b);
    return e->result.covariance[j * e->system->problem.quantity_count + k] / e->system->quantities[j].size /
           e->system->quantities[k].size;
}

/* ---- published examples ---- */

/* NCSU and Ottawa (2003), chapter 2: values and covariance as printed; more digits of the values as a reader of the
 * module computed them by matrix algebra (github.com/abonyilab/SystemsEngineering, notebook 08). */
static void test_cooling_water_has_the_printed_values_and_covariance(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/cooling_water.yaml");
    static const struct {
        const char *name;
        double value, variance;
    } printed[] = {{"f1", 103.24010825, 0.1753}, {"f2", 65.41556049, 0.1365}, {"f3", 37.82454776, 0.0890},
                   {"f4", 65.41556049, 0.1365},  {"f5", 37.82454776, 0.0890}, {"f6", 103.24010825, 0.1753}};
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        assert_near(value(&e, printed[i].name), printed[i].value, 5e-9);
        assert_near(covariance(&e, printed[i].name, printed[i].name), printed[i].variance, 1.0001e-4);
        assert_int_equal(found(&e, printed[i].name)->class, PF_CLASS_REDUNDANT);
    }
    assert_near(covariance(&e, "f1", "f2"), 0.1114, 5.001e-5);
    assert_near(covariance(&e, "f1", "f3"), 0.0639, 5.001e-5);
    assert_near(covariance(&e, "f2", "f3"), -0.0251, 5.001e-5);
    assert_int_equal(e.result.degrees, 4);
    pf_flow_system_free(e.system);
}

/* The same, chapter 3: 110.5 cannot be checked, 36.84 is printed for f3 and f5, 73.66 for the unmeasured f2 and f4. */
static void test_partial_meters_give_nonredundant_and_observable_flows(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/cooling_water_partial.yaml");
    assert_int_equal(found(&e, "f1")->class, PF_CLASS_NONREDUNDANT);
    assert_near(value(&e, "f1"), 110.5, 1e-12);
    assert_near(sd(&e, "f1"), 0.82, 1e-12);
    assert_int_equal(found(&e, "f3")->class, PF_CLASS_REDUNDANT);
    assert_near(value(&e, "f3"), 36.83955566, 5e-9);
    assert_near(value(&e, "f5"), 36.83955566, 5e-9);
    static const char *const unmeasured[] = {"f2", "f4", "f6"};
    static const double printed[] = {73.66, 73.66, 110.5};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(found(&e, unmeasured[i])->class, PF_CLASS_OBSERVABLE);
        assert_near(value(&e, unmeasured[i]), printed[i], 5.001e-3);
    }
    assert_near(sd(&e, "f2") * sd(&e, "f2"), 0.82 * 0.82 + sd(&e, "f3") * sd(&e, "f3"), 1e-12);
    pf_flow_system_free(e.system);
}

/* The same, chapter 3: with the ends alone measured these are redundant, and all between is nonobservable. */
static void test_what_divides_between_two_meters_is_unobservable(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/cooling_water_ends.yaml");
    static const char *const open[] = {"f2", "f3", "f4", "f5"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(found(&e, open[i])->class, PF_CLASS_UNOBSERVABLE);
        assert_true(isnan(found(&e, open[i])->value) && isnan(found(&e, open[i])->sd));
    }
    double w1 = 1 / (0.82 * 0.82), w6 = 1 / (1.2 * 1.2);
    assert_int_equal(found(&e, "f1")->class, PF_CLASS_REDUNDANT);
    assert_near(value(&e, "f1"), (110.5 * w1 + 101.4 * w6) / (w1 + w6), 1e-10);
    assert_near(sd(&e, "f6"), 1 / sqrt(w1 + w6), 1e-12);
    assert_int_equal(e.result.degrees, 1);
    pf_flow_system_free(e.system);
}

/* Cencic (2016), as ODYM's documentation prints its results; flows 6 and 7 cannot be told there either. */
static void test_a_transfer_coefficient_has_the_printed_values(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/transfer_coefficient.yaml");
    static const struct {
        const char *name;
        double value, sd;
        pf_quantity_class class;
    } printed[] = {{"flow_1", 102.425960, 7.882792, PF_CLASS_REDUNDANT},
                   {"flow_3", 302.416229, 22.608614, PF_CLASS_REDUNDANT},
                   {"flow_4", 149.990270, 21.213297, PF_CLASS_OBSERVABLE},
                   {"flow_5", 152.425960, 7.882792, PF_CLASS_REDUNDANT},
                   {"process_2.transfer.amount.flow_4", 0.495973, 0.037681, PF_CLASS_REDUNDANT}};
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        assert_near(value(&e, printed[i].name), printed[i].value, 5.001e-7);
        assert_near(sd(&e, printed[i].name), printed[i].sd, 5.001e-7);
        assert_int_equal(found(&e, printed[i].name)->class, printed[i].class);
    }
    assert_int_equal(found(&e, "flow_2")->class, PF_CLASS_EXACT);
    assert_near(value(&e, "flow_2"), 50, 0);
    assert_int_equal(found(&e, "flow_6")->class, PF_CLASS_UNOBSERVABLE);
    assert_int_equal(found(&e, "flow_7")->class, PF_CLASS_UNOBSERVABLE);
    pf_flow_system_free(e.system);
}

/* Narasimhan and Jordache (2000): 16.674 for the global test, 2.631 as the critical value at 5 %, and the stream in
 * whose meter the error was put. Their printed figures are quoted from memory; the chi-square, z and values are checked
 * in closed form too (tests/cli/test_reconcile.py). */
static void test_a_gross_error_is_found_where_it_was_put(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/heat_exchanger.yaml");
    static const double printed[] = {100.89, 65.83, 35.05, 65.83, 35.05, 100.89};
    for (size_t j = 0; j < 6; j++) assert_near(e.result.quantities[j].value, printed[j], 5.001e-3);
    assert_near(e.result.chi_square, 16.674, 5e-4);
    assert_int_equal(e.result.degrees, 4);
    assert_true(e.result.p_value < 0.05);
    assert_near(e.result.critical_z, 2.6310, 5.001e-5);
    assert_near(found(&e, "stream_2")->z, -3.204749, 5e-6);
    assert_int_equal(e.result.suspect_count, 1);
    assert_int_equal(e.result.suspects[0], row_of(&e, "stream_2"));
    pf_flow_system_free(e.system);
}

/* ---- properties ---- */

/* What the others say is what comes out when the measurement is left out. */
static void test_without_is_what_is_found_without_the_measurement(void **state)
{
    (void)state;
    example all = solve_file("scenarios/reconcile/heat_exchanger.yaml");
    for (size_t left_out = 0; left_out < 6; left_out++) {
        pf_quantity quantities[6];
        memcpy(quantities, all.system->problem.quantities, sizeof quantities);
        quantities[left_out].known = PF_UNKNOWN;
        pf_reconcile_problem rest = all.system->problem;
        rest.quantities = quantities;
        pf_reconciliation less = pf_reconcile(&rest, all.system->arena);
        const pf_reconciled *q = &all.result.quantities[left_out];
        assert_near(q->without, less.quantities[left_out].value, 1e-9);
        assert_near(q->without_sd, less.quantities[left_out].sd, 1e-9);
        assert_near(all.result.chi_square - less.chi_square, q->z * q->z, 1e-9);
    }
    pf_flow_system_free(all.system);
}

/* Two meters in a row: an error of one cannot be told from an error of the other. */
static void test_measurements_that_cannot_be_told_apart_are_alike(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/cooling_water_partial.yaml");
    assert_int_equal(found(&e, "f5")->alike, row_of(&e, "f3"));
    assert_int_equal(found(&e, "f3")->alike, row_of(&e, "f3"));
    assert_int_equal(e.result.suspect_count, 2);
    assert_int_equal(e.result.suspects[0], row_of(&e, "f3"));
    pf_flow_system_free(e.system);
}

/* a b = 12 from a = 3 +- 0.1 and b = 5 +- 0.5: the nearest point of the hyperbola, by the condition of Lagrange. */
static void test_the_nearest_point_of_a_curve_is_found(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    const pf_quantity quantities[] = {{PF_MEASURED, 3, 0.1}, {PF_MEASURED, 5, 0.5}};
    const pf_monomial terms[] = {{1, {0, 1}, 2}, {-12, {0}, 0}};
    const pf_constraint product = {terms, 2};
    const pf_reconcile_problem problem = {quantities, 2, &product, 1, 0.05};
    pf_reconciliation r = pf_reconcile(&problem, arena);
    double a = r.quantities[0].value, b = r.quantities[1].value;
    assert_int_equal(r.end, PF_RECONCILED);
    assert_near(a * b, 12, 1e-10);
    assert_near((a - 3) / (0.1 * 0.1) * a, (b - 5) / (0.5 * 0.5) * b, 1e-6);
    pf_arena_free(arena);
}

/* Measurements drawn around true flows, linear and bilinear: reconciled values scatter as their covariance says, and
 * the global test errs as often as its level says. */
static void check_scatter(const char *path)
{
    enum { DRAWS = 4000, MOST = 16 };
    example truth = solve_file(path);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    size_t n = truth.system->problem.quantity_count, rejected = 0;
    double sum[MOST] = {0}, square[MOST] = {0};
    pf_quantity drawn[MOST];
    pf_reconcile_problem problem = truth.system->problem;
    assert_true(n <= MOST);
    memcpy(drawn, problem.quantities, n * sizeof *drawn);
    problem.quantities = drawn;
    for (size_t draw = 0; draw < DRAWS; draw++) {
        pf_arena *arena = pf_arena_new();
        for (size_t j = 0; j < n; j++)
            if (drawn[j].known == PF_MEASURED)
                drawn[j].value = truth.result.quantities[j].value + gsl_ran_gaussian(random, drawn[j].sd);
        pf_reconciliation r = pf_reconcile(&problem, arena);
        for (size_t j = 0; j < n; j++) {
            double off = r.quantities[j].value - truth.result.quantities[j].value;
            sum[j] += off;
            square[j] += off * off;
        }
        rejected += r.p_value < 0.05;
        pf_arena_free(arena);
    }
    for (size_t j = 0; j < n; j++) {
        const pf_reconciled *q = &truth.result.quantities[j];
        if (!(q->sd > 0)) continue;
        assert_near(sum[j] / DRAWS / q->sd, 0, 0.08);
        assert_near(sqrt(square[j] / DRAWS) / q->sd, 1, 0.05);
    }
    assert_near((double)rejected / DRAWS, 0.05, 0.014); /* four standard deviations */
    gsl_rng_free(random);
    pf_flow_system_free(truth.system);
}

static void test_reconciled_values_scatter_as_their_covariance_says(void **state)
{
    (void)state;
    check_scatter("scenarios/reconcile/cooling_water.yaml");
    check_scatter("scenarios/reconcile/transfer_coefficient.yaml");
}

static void test_scaling_a_unit_changes_no_class_and_no_test(void **state)
{
    (void)state;
    example e = solve_file("scenarios/reconcile/transfer_coefficient.yaml");
    size_t n = e.system->problem.quantity_count, m = e.system->problem.constraint_count;
    pf_quantity *scaled = pf_calloc(n, sizeof *scaled);
    for (size_t j = 0; j < n; j++) {
        double factor = e.system->quantities[j].kind == PF_OF_TRANSFER ? 1 : 1e-9;
        scaled[j] = e.system->problem.quantities[j];
        scaled[j].value *= factor;
        scaled[j].sd *= factor;
    }
    pf_reconcile_problem small = {scaled, n, e.system->problem.constraints, m, 0.05};
    pf_reconciliation r = pf_reconcile(&small, e.system->arena);
    assert_int_equal(r.end, PF_RECONCILED);
    assert_near(r.chi_square, e.result.chi_square, 1e-9);
    for (size_t j = 0; j < n; j++) assert_int_equal(r.quantities[j].class, e.result.quantities[j].class);
    free(scaled);
    pf_flow_system_free(e.system);
}

/* ---- what cannot be ---- */

static void test_exact_values_that_contradict_each_other_name_their_rows(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    const pf_quantity quantities[] = {{PF_EXACT, 3, 0}, {PF_UNKNOWN, 1, 0}, {PF_EXACT, 5, 0}, {PF_MEASURED, 1, 1}};
    const pf_monomial first[] = {{1, {0}, 1}, {-1, {1}, 1}}, second[] = {{1, {1}, 1}, {-1, {2}, 1}},
                      third[] = {{1, {3}, 1}, {-1, {1}, 1}};
    const pf_constraint constraints[] = {{third, 2}, {first, 2}, {second, 2}};
    const pf_reconcile_problem problem = {quantities, 4, constraints, 3, 0.05};
    pf_reconciliation r = pf_reconcile(&problem, arena);
    assert_int_equal(r.end, PF_CONTRADICTION);
    assert_int_equal(r.row_count, 2);
    assert_int_equal(r.rows[0], 1);
    assert_int_equal(r.rows[1], 2);
    pf_arena_free(arena);
}

static void test_constraints_that_say_the_same_are_no_contradiction(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    const pf_quantity quantities[] = {{PF_MEASURED, 3, 1}, {PF_MEASURED, 5, 1}};
    const pf_monomial once[] = {{1, {0}, 1}, {-1, {1}, 1}}, twice[] = {{-2, {0}, 1}, {2, {1}, 1}};
    const pf_constraint constraints[] = {{once, 2}, {twice, 2}};
    const pf_reconcile_problem problem = {quantities, 2, constraints, 2, 0.05};
    pf_reconciliation r = pf_reconcile(&problem, arena);
    assert_int_equal(r.end, PF_RECONCILED);
    assert_int_equal(r.degrees, 1);
    assert_near(r.quantities[0].value, 4, 1e-12);
    assert_true(r.is_dependent[0] && r.is_dependent[1]);
    pf_arena_free(arena);
}

/* x^2 = -1 has no solution: it is said of which row. */
static void test_what_has_no_solution_ends_and_names_its_row(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    const pf_quantity quantities[] = {{PF_UNKNOWN, 1, 0}, {PF_MEASURED, 2, 1}};
    const pf_monomial square[] = {{1, {0, 0}, 2}, {1, {0}, 0}}, free_row[] = {{1, {1}, 1}, {-2, {0}, 0}};
    const pf_constraint constraints[] = {{free_row, 2}, {square, 2}};
    const pf_reconcile_problem problem = {quantities, 2, constraints, 2, 0.05};
    pf_reconciliation r = pf_reconcile(&problem, arena);
    assert_int_equal(r.end, PF_NO_CONVERGENCE);
    assert_int_equal(r.row_count, 1);
    assert_int_equal(r.rows[0], 1);
    pf_arena_free(arena);
}

static void test_nothing_to_reconcile_is_fine(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    const pf_quantity one = {PF_MEASURED, 3, 1};
    const pf_reconcile_problem problem = {&one, 1, NULL, 0, 0.05};
    pf_reconciliation r = pf_reconcile(&problem, arena);
    assert_int_equal(r.end, PF_RECONCILED);
    assert_int_equal(r.quantities[0].class, PF_CLASS_NONREDUNDANT);
    assert_near(r.quantities[0].value, 3, 0);
    assert_near(r.quantities[0].sd, 1, 1e-15);
    assert_true(isnan(r.p_value));
    pf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cooling_water_has_the_printed_values_and_covariance),
        cmocka_unit_test(test_partial_meters_give_nonredundant_and_observable_flows),
        cmocka_unit_test(test_what_divides_between_two_meters_is_unobservable),
        cmocka_unit_test(test_a_transfer_coefficient_has_the_printed_values),
        cmocka_unit_test(test_a_gross_error_is_found_where_it_was_put),
        cmocka_unit_test(test_without_is_what_is_found_without_the_measurement),
        cmocka_unit_test(test_measurements_that_cannot_be_told_apart_are_alike),
        cmocka_unit_test(test_the_nearest_point_of_a_curve_is_found),
        cmocka_unit_test(test_reconciled_values_scatter_as_their_covariance_says),
        cmocka_unit_test(test_scaling_a_unit_changes_no_class_and_no_test),
        cmocka_unit_test(test_exact_values_that_contradict_each_other_name_their_rows),
        cmocka_unit_test(test_constraints_that_say_the_same_are_no_contradiction),
        cmocka_unit_test(test_what_has_no_solution_ends_and_names_its_row),
        cmocka_unit_test(test_nothing_to_reconcile_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
