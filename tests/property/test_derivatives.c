/* The plan's derivatives against central differences: random expressions of the table of operations, differentiated as
 * a graph and evaluated node by node. Points near a kink, or where rounding drowns the difference, are passed over. */
#include "model/model.h"
#include "random_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { EXPRESSIONS = 10000, INPUTS = 3, MOST_NODES = 4000 };

typedef struct {
    pf_arena *arena;
    pf_graph graph;
    random_stream stream;
    pf_node_id inputs[INPUTS];
    size_t own; /* nodes of the expression itself; those of derivatives follow */
    double values[MOST_NODES];
    double kink; /* how near the point is to a kink of the expression, relative; the least over its nodes */
} trial;

static void start(trial *t, uint64_t seed)
{
    t->arena = pf_arena_new();
    t->stream.state = seed;
    pf_graph_init(&t->graph, t->arena, 1, 0);
    for (uint32_t i = 0; i < INPUTS; i++) t->inputs[i] = pf_input_node(&t->graph, i);
}

static pf_node_id grow(trial *t, int depth)
{
    if (depth == 0 || random_unit(&t->stream) < 0.1)
        return random_unit(&t->stream) < 0.75 ? t->inputs[random_whole(&t->stream, 0, INPUTS - 1)]
                                              : pf_constant_node(&t->graph, random_between(&t->stream, -2, 3));
    uint32_t op = (uint32_t)random_whole(&t->stream, 0, (int)pf_operation_count() - 1);
    /* comparisons are flat: fewer of them than their part in the table */
    if (pf_operation_at(op)->units == PF_UNITS_COMPARE && random_unit(&t->stream) < 0.7)
        op = random_unit(&t->stream) < 0.5 ? PF_MUL : PF_ADD;
    int arity = pf_operation_at(op)->arity;
    pf_node_id a[3] = {PF_NO_NODE, PF_NO_NODE, PF_NO_NODE};
    for (int i = 0; i < arity; i++) a[i] = grow(t, depth - 1);
    return pf_operation_node(&t->graph, op, a[0], a[1], a[2]);
}

/* Operations that change their slope, or jump, where two operands meet. */
static void watch_kinks(trial *t, const pf_node *n, double a, double b)
{
    const pf_operation *op = pf_operation_at(n->op);
    bool meets = op->units == PF_UNITS_COMPARE || n->op == PF_MIN || n->op == PF_MAX;
    double apart = INFINITY;
    if (meets) apart = fabs(a - b) / fmax(1e-3, fmax(fabs(a), fabs(b)));
    const pf_node *first = &t->graph.nodes.items[n->arg[0]];
    bool compares = first->kind == PF_OPERATION && pf_operation_at(first->op)->units == PF_UNITS_COMPARE;
    if (n->op == PF_ABS || (n->op == PF_SELECT && !compares)) apart = fabs(a);
    if (n->op == PF_SHARE) apart = fabs(b);
    if (pf_operation_at(n->op)->units == PF_UNITS_ROOT || n->op == PF_LOG || n->op == PF_POW)
        apart = a; /* and to powers of what is negative */
    t->kink = isnan(apart) ? 0 : fmin(t->kink, apart);
}

/* Nodes stand after their operands. */
static void evaluate(trial *t, const double *inputs)
{
    t->kink = INFINITY;
    assert_true(t->graph.nodes.count <= MOST_NODES);
    for (size_t i = 0; i < t->graph.nodes.count; i++) {
        const pf_node *n = &t->graph.nodes.items[i];
        double x[3] = {0, 0, 0};
        if (n->kind == PF_CONSTANT) t->values[i] = n->value;
        if (n->kind == PF_INPUT) t->values[i] = inputs[n->index];
        if (i < t->own && !isfinite(t->values[i])) t->kink = 0;
        if (n->kind != PF_OPERATION) continue;
        for (int k = 0; k < pf_operation_at(n->op)->arity; k++) x[k] = t->values[n->arg[k]];
        t->values[i] = pf_operation_apply(n->op, x[0], x[1], x[2]);
        if (i >= t->own) continue;
        watch_kinks(t, n, x[0], x[1]);
        if (!isfinite(t->values[i])) t->kink = 0;
    }
}

/* d root / d input as a node; PF_NO_NODE where it does not depend. */
static pf_node_id differentiate(trial *t, pf_node_id root, int input)
{
    size_t before = t->graph.nodes.count;
    pf_node_id *derivative = PF_ARRAY(t->arena, pf_node_id, before);
    for (size_t i = 0; i < before; i++) {
        derivative[i] =
            t->graph.nodes.items[i].kind == PF_OPERATION ? pf_chain(&t->graph, (pf_node_id)i, derivative) : PF_NO_NODE;
        if ((pf_node_id)i == t->inputs[input]) derivative[i] = pf_constant_node(&t->graph, 1);
    }
    return derivative[root];
}

static double value_at(trial *t, pf_node_id root, const double *at, int input, double shift)
{
    double moved[INPUTS];
    memcpy(moved, at, sizeof moved);
    moved[input] += shift;
    evaluate(t, moved);
    return t->values[root];
}

/* Richardson's combination of two central differences, of fourth order; *error says how far it may be trusted. */
static double difference(trial *t, pf_node_id root, const double *at, int input, double *error)
{
    double h = 1e-3, slope[3];
    for (int i = 0; i < 3; i++, h /= 2)
        slope[i] = (value_at(t, root, at, input, h) - value_at(t, root, at, input, -h)) / (2 * h);
    double coarse = (4 * slope[1] - slope[0]) / 3, fine = (4 * slope[2] - slope[1]) / 3;
    *error = fabs(fine - coarse);
    return fine;
}

/* 1 compared, 0 passed over. */
static int compare(trial *t, pf_node_id root, const double *at, int input)
{
    t->own = root + 1;
    double error, expected = difference(t, root, at, input, &error);
    pf_node_id node = differentiate(t, root, input);
    evaluate(t, at);
    double value = t->values[root], got = node == PF_NO_NODE ? 0 : t->values[node],
           scale = fmax(fabs(expected), 1e-3 * fabs(value));
    if (!(t->kink > 0.05) || !isfinite(value) || !isfinite(expected) || !(error <= 1e-7 * scale) || fabs(value) > 1e6)
        return 0;
    if (!(fabs(got - expected) <= 1e-6 * scale))
        fail_msg("derivative by input %d at (%g, %g, %g): %.12g, by differences %.12g", input, at[0], at[1], at[2], got,
                 expected);
    return 1;
}

static void derivatives_of_random_expressions_agree_with_central_differences(void **state)
{
    static trial t;
    size_t compared = 0, nested = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= EXPRESSIONS; seed++) {
        double at[INPUTS];
        start(&t, seed);
        pf_node_id root = grow(&t, 5);
        for (int i = 0; i < INPUTS; i++) at[i] = random_between(&t.stream, 0.2, 3);
        for (int i = 0; i < INPUTS; i++) {
            int good = compare(&t, root, at, i);
            compared += (size_t)good;
            nested += good && differentiate(&t, root, i) != PF_NO_NODE;
        }
        pf_arena_free(t.arena);
    }
    /* guards the test: enough were neither constant nor passed over */
    if (nested < EXPRESSIONS / 5)
        fail_msg("only %zu derivatives that are not 0, of %zu, were compared", nested, compared);
}

/* Each operation by itself, at points that are no kinks: none may hide behind the random ones that are passed over. */
static void each_operation_has_the_derivatives_of_its_function(void **state)
{
    static trial t;
    (void)state;
    for (uint32_t op = 0; op < pf_operation_count(); op++) {
        int compared = 0, arity = pf_operation_at(op)->arity;
        for (uint64_t seed = 1; seed <= 50; seed++) {
            double at[INPUTS];
            start(&t, seed * 1000 + op);
            pf_node_id root = pf_operation_node(&t.graph, op, t.inputs[0], arity > 1 ? t.inputs[1] : PF_NO_NODE,
                                                arity > 2 ? t.inputs[2] : PF_NO_NODE);
            for (int i = 0; i < INPUTS; i++) at[i] = random_between(&t.stream, 0.2, 3);
            for (int i = 0; i < arity; i++) compared += compare(&t, root, at, i);
            pf_arena_free(t.arena);
        }
        if (compared < 25) fail_msg("'%s' was compared at %d points only", pf_operation_at(op)->name, compared);
    }
}

/* `if(b > 0, a / b, 0)` guards a division: where b is 0 the division's own derivative is infinite, and must not count.
 */
static void a_branch_that_is_not_chosen_leaves_no_trace_in_the_derivative(void **state)
{
    static trial t;
    const double at[INPUTS] = {3, 0, 0};
    (void)state;
    start(&t, 1);
    pf_node_id zero = pf_constant_node(&t.graph, 0), quotient = pf_binary(&t.graph, PF_DIV, t.inputs[0], t.inputs[1]);
    pf_node_id root = pf_operation_node(&t.graph, PF_SELECT, pf_binary(&t.graph, PF_GT, t.inputs[1], zero), quotient,
                                        pf_unary(&t.graph, PF_NEG, t.inputs[0]));
    pf_node_id by_a = differentiate(&t, root, 0);
    evaluate(&t, at);
    assert_true(t.values[by_a] == -1);
    pf_arena_free(t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_has_the_derivatives_of_its_function),
        cmocka_unit_test(a_branch_that_is_not_chosen_leaves_no_trace_in_the_derivative),
        cmocka_unit_test(derivatives_of_random_expressions_agree_with_central_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
