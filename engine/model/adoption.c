/* Adoption curves: the mean over each step, in closed form, of the curve from its start on. With tau the time since the
 * start, the integral from 0 to tau is step      c tau linear    c tau^2 / (2 T) up to T = end - start, then c (tau - T
 * / 2) logistic  (c / k) (L(t) - L(start)), L(t) = log(1 + exp(k (t - midpoint))), k = log(99) / (midpoint - start)
 *   bass      c (tau + (log(1 + (q/p) exp(-(p+q) tau)) - log(1 + q/p)) / q)      (Bass 1969, integrated)
 * and the mean is the difference of the integral at the step's two ends, over its length. */
#include "model/model.h"

#include <math.h>
#include <string.h>

typedef struct {
    const pf_context *c;
    pf_graph *g;
    const pf_intervention *intervention;
    const pf_tree *tree;
    pf_node_id start, ceiling, zero;
} curve;

static pf_node_id number(const curve *k, double value)
{
    return pf_constant_node(k->g, value);
}

/* What the adoption must have under a key, and its memo: a curve asks several times for what is drawn once. */
static const pf_tree *needed(const curve *k, const char *key, const char **label, pf_memo **memo)
{
    const pf_tree *tree = pf_tree_get(k->tree, key);
    pf_model *m = k->c->model;
    if (!tree)
        pf_error(m->diagnostics, k->tree->mark, "the adoption of '%s' has no '%s', which its curve needs",
                 k->intervention->name, key);
    *label = pf_format(m->arena, "interventions.%s.adoption.%s", k->intervention->name, key);
    *memo = pf_memo_at(m, &m->stems, *label);
    return tree;
}

static pf_node_id read_date(const curve *k, const pf_tree *tree, const char *label)
{
    pf_model *m = k->c->model;
    const pf_value *value = pf_date_read(&m->scenario->values, tree);
    if (!value) return k->zero;
    if (value->kind == PF_NUMBER) return number(k, value->number);
    pf_input input = {.name = label,
                      .value = value,
                      .unit = "s",
                      .source = pf_tree_get_text(k->tree, "source"),
                      .assumption = pf_tree_get_text(k->tree, "assumption")};
    return pf_input_node(k->g, pf_new_input(m, input));
}

static pf_node_id date(const curve *k, const char *key)
{
    const char *label;
    pf_memo *memo;
    const pf_tree *tree = needed(k, key, &label, &memo);
    if (!tree) return k->zero;
    if (memo->progress == PF_UNKNOWN) memo->term.node = read_date(k, tree, label);
    memo->progress = PF_KNOWN;
    return memo->term.node;
}

static pf_node_id rate(const curve *k, const char *key)
{
    const char *label;
    pf_memo *memo;
    const pf_tree *tree = needed(k, key, &label, &memo);
    if (!tree) return number(k, 1);
    if (memo->progress == PF_UNKNOWN) memo->term = pf_value_term(k->c, tree, label);
    memo->progress = PF_KNOWN;
    pf_dimension per_time = pf_dimension_power(pf_dimension_time(), -1);
    return pf_expect(k->c, memo->term, per_time, tree, label, NULL) ? memo->term.node : number(k, 1);
}

/* log(1 + exp(x)) without overflow: max(x, 0) + log1p(exp(-|x|)). */
static pf_node_id softplus(const curve *k, pf_node_id x)
{
    pf_node_id tail =
        pf_unary(k->g, PF_LOG1P, pf_unary(k->g, PF_EXP, pf_unary(k->g, PF_NEG, pf_unary(k->g, PF_ABS, x))));
    return pf_binary(k->g, PF_ADD, pf_binary(k->g, PF_MAX, x, k->zero), tail);
}

static pf_node_id step_integral(const curve *k, pf_node_id tau)
{
    (void)k;
    return tau;
}

static pf_node_id linear_integral(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id span = pf_binary(g, PF_SUB, date(k, "end"), k->start), half = number(k, 0.5);
    pf_node_id ramp = pf_binary(g, PF_MIN, tau, span);
    pf_node_id rising = pf_binary(g, PF_MUL, half, pf_binary(g, PF_SHARE, pf_binary(g, PF_MUL, ramp, ramp), span));
    return pf_binary(g, PF_ADD, rising, pf_binary(g, PF_SUB, tau, ramp));
}

static pf_node_id logistic_integral(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id half_time = pf_binary(g, PF_SUB, date(k, "midpoint"), k->start);
    pf_node_id steepness = pf_binary(g, PF_DIV, number(k, log(99)), half_time);
    pf_node_id x = pf_binary(g, PF_MUL, steepness, pf_binary(g, PF_SUB, tau, half_time));
    return pf_binary(g, PF_DIV, softplus(k, x), steepness);
}

static pf_node_id bass_integral(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id p = rate(k, "p"), q = rate(k, "q"), ratio = pf_binary(g, PF_DIV, q, p);
    pf_node_id fading = pf_unary(g, PF_EXP, pf_unary(g, PF_NEG, pf_binary(g, PF_MUL, pf_binary(g, PF_ADD, p, q), tau)));
    pf_node_id log_now = pf_unary(g, PF_LOG1P, pf_binary(g, PF_MUL, ratio, fading));
    return pf_binary(g, PF_ADD, tau, pf_binary(g, PF_DIV, log_now, q));
}

static const struct {
    const char *name;
    pf_node_id (*integral)(const curve *, pf_node_id tau); /* up to a constant */
} curves[] = {
    {"step", step_integral}, {"linear", linear_integral}, {"logistic", logistic_integral}, {"bass", bass_integral}};

/* Seconds from 1970 to the beginning, or the end, of each step. */
static pf_node_id step_edge(const curve *k, bool end)
{
    const pf_calendar *calendar = &k->c->model->scenario->calendar;
    double *values = PF_ARRAY(k->c->model->arena, double, calendar->count);
    for (uint32_t s = 0; s < calendar->count; s++)
        values[s] = 86400.0 * (end ? calendar->steps[s].end_day : calendar->steps[s].first_day);
    return pf_series_node(k->g, values);
}

/* An order of dates that is known must hold; one that is drawn is tested in each lane. */
static void require_order(const curve *k, const char *later)
{
    pf_model *m = k->c->model;
    const pf_tree *tree = pf_tree_get(k->tree, later);
    if (!tree) return;
    pf_node_id wrong = pf_binary(k->g, PF_LE, date(k, later), k->start);
    pf_require(
        m, wrong, tree->mark,
        pf_format(m->arena, "the adoption of '%s': its %s must lie after its start", k->intervention->name, later));
}

static pf_node_id ceiling_of(const curve *k)
{
    pf_model *m = k->c->model;
    const pf_tree *tree = pf_tree_get(k->tree, "ceiling");
    const char *label = pf_format(m->arena, "interventions.%s.adoption.ceiling", k->intervention->name);
    if (!tree) return number(k, 1);
    pf_term term = pf_value_term(k->c, tree, label);
    if (!pf_expect(k->c, term, (pf_dimension){0}, tree, label, NULL)) return number(k, 1);
    pf_subject about = {.value = term.node, .lead = ", found", .unit = "%", .scale = 0.01, .written = tree->text};
    pf_require_about(m, pf_binary(k->g, PF_SUB, term.node, number(k, 1)), tree->mark,
                     pf_format(m->arena, "%s must be at most 100 %%", label), about);
    pf_require_about(m, pf_unary(k->g, PF_NEG, term.node), tree->mark,
                     pf_format(m->arena, "%s must be at least 0", label), about);
    return term.node;
}

pf_node_id pf_adoption_curve(const pf_context *c, const pf_intervention *intervention)
{
    curve k = {.c = c,
               .g = &c->model->graph,
               .intervention = intervention,
               .tree = pf_tree_get(intervention->tree, "adoption")};
    const char *name = pf_tree_get_text(k.tree, "curve");
    k.zero = number(&k, 0);
    if (!k.tree || !name) return k.zero;
    k.start = date(&k, "start");
    k.ceiling = ceiling_of(&k);
    require_order(&k, "midpoint");
    require_order(&k, "end");
    pf_node_id from = step_edge(&k, false), to = step_edge(&k, true);
    pf_node_id first = pf_binary(k.g, PF_MAX, k.zero, pf_binary(k.g, PF_SUB, from, k.start));
    pf_node_id last = pf_binary(k.g, PF_MAX, k.zero, pf_binary(k.g, PF_SUB, to, k.start));
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (strcmp(curves[i].name, name) != 0) continue;
        pf_node_id area = pf_binary(k.g, PF_SUB, curves[i].integral(&k, last), curves[i].integral(&k, first));
        pf_node_id mean = pf_binary(k.g, PF_DIV, area, pf_binary(k.g, PF_SUB, to, from));
        /* before the start the two ends are one, so the mean is an exact 0 */
        return pf_binary(k.g, PF_MUL, k.ceiling, mean);
    }
    return k.zero;
}
