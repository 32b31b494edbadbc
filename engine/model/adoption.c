/* Adoption curves and the years of trends. A curve's mean over each step has a closed form: the difference of its
 * integral at the step's two ends, over its length. With tau the time since the start, integral and value are
 *   step      c tau;                                                      c
 *   linear    c tau^2 / (2 T) up to T = end - start, then c (tau - T / 2);  c tau / T, at most c
 *   logistic  (c / k) (L(t) - L(start)), L(t) = log(1 + exp(k (t - midpoint))), k = log(99) / (midpoint - start);
 *             c / (1 + exp(-k (t - midpoint)))
 *   bass      c (tau + (log(1 + (q/p) exp(-(p+q) tau)) - log(1 + q/p)) / q)      (Bass 1969, integrated);
 *             c (1 - exp(-(p+q) tau)) / (1 + (q/p) exp(-(p+q) tau))
 * The value, from the start on, counts where accounting.freeze holds adoption. What was adopted a life ago has ended,
 * or is bought again: A(t - life), A(t - 2 life), ... are the same curve with its start moved. */
#include "model/model.h"

#include "base/distributions.h"

#include <math.h>
#include <string.h>

typedef struct {
    const pf_context *c;
    pf_graph *g;
    const pf_intervention *intervention;
    const pf_tree *tree;
    size_t row; /* of curves */
    pf_node_id start, ceiling, zero;
} curve;

enum { MOST_RENEWALS = 40 };

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

/* A date of the curve, where its lever puts it. */
static pf_node_id moved(const curve *k, pf_node_id date)
{
    pf_node_id delay = k->intervention->delay;
    return delay == PF_NO_NODE ? date : pf_binary(k->g, PF_ADD, date, delay);
}

/* Between 0 and 1, as the ceiling itself is. */
static pf_node_id raised(const curve *k, pf_node_id ceiling)
{
    pf_node_id raise = k->intervention->raise;
    if (raise == PF_NO_NODE) return ceiling;
    pf_node_id sum = pf_binary(k->g, PF_ADD, ceiling, raise);
    return pf_binary(k->g, PF_MIN, number(k, 1), pf_binary(k->g, PF_MAX, k->zero, sum));
}

/* As it is written. */
static pf_node_id own_date(const curve *k, const char *key)
{
    const char *label;
    pf_memo *memo;
    const pf_tree *tree = needed(k, key, &label, &memo);
    if (!tree) return k->zero;
    if (memo->progress == PF_UNKNOWN) memo->term.node = read_date(k, tree, label);
    memo->progress = PF_KNOWN;
    return memo->term.node;
}

static pf_node_id date(const curve *k, const char *key)
{
    return moved(k, own_date(k, key));
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

static pf_node_id step_value(const curve *k, pf_node_id tau)
{
    (void)tau;
    return number(k, 1);
}

static pf_node_id linear_span(const curve *k)
{
    return pf_binary(k->g, PF_SUB, date(k, "end"), k->start);
}

static pf_node_id linear_integral(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id span = linear_span(k), half = number(k, 0.5);
    pf_node_id ramp = pf_binary(g, PF_MIN, tau, span);
    pf_node_id rising = pf_binary(g, PF_MUL, half, pf_binary(g, PF_SHARE, pf_binary(g, PF_MUL, ramp, ramp), span));
    return pf_binary(g, PF_ADD, rising, pf_binary(g, PF_SUB, tau, ramp));
}

static pf_node_id linear_value(const curve *k, pf_node_id tau)
{
    pf_node_id span = linear_span(k);
    return pf_binary(k->g, PF_SHARE, pf_binary(k->g, PF_MIN, tau, span), span);
}

/* k (t - midpoint), and k. */
static pf_node_id logistic_place(const curve *k, pf_node_id tau, pf_node_id *steepness)
{
    pf_graph *g = k->g;
    pf_node_id half_time = pf_binary(g, PF_SUB, date(k, "midpoint"), k->start);
    *steepness = pf_binary(g, PF_DIV, number(k, log(99)), half_time);
    return pf_binary(g, PF_MUL, *steepness, pf_binary(g, PF_SUB, tau, half_time));
}

static pf_node_id logistic_integral(const curve *k, pf_node_id tau)
{
    pf_node_id steepness, x = logistic_place(k, tau, &steepness);
    return pf_binary(k->g, PF_DIV, softplus(k, x), steepness);
}

static pf_node_id logistic_value(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id steepness, x = logistic_place(k, tau, &steepness), one = number(k, 1);
    return pf_binary(g, PF_DIV, one, pf_binary(g, PF_ADD, one, pf_unary(g, PF_EXP, pf_unary(g, PF_NEG, x))));
}

/* exp(-(p+q) tau) */
static pf_node_id fading(pf_graph *g, pf_node_id p, pf_node_id q, pf_node_id tau)
{
    return pf_unary(g, PF_EXP, pf_unary(g, PF_NEG, pf_binary(g, PF_MUL, pf_binary(g, PF_ADD, p, q), tau)));
}

static pf_node_id bass_integral(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id p = rate(k, "p"), q = rate(k, "q"), ratio = pf_binary(g, PF_DIV, q, p);
    pf_node_id log_now = pf_unary(g, PF_LOG1P, pf_binary(g, PF_MUL, ratio, fading(g, p, q, tau)));
    return pf_binary(g, PF_ADD, tau, pf_binary(g, PF_DIV, log_now, q));
}

static pf_node_id bass_value(const curve *k, pf_node_id tau)
{
    pf_graph *g = k->g;
    pf_node_id p = rate(k, "p"), q = rate(k, "q"), left = fading(g, p, q, tau), one = number(k, 1);
    return pf_binary(g, PF_DIV, pf_binary(g, PF_SUB, one, left),
                     pf_binary(g, PF_ADD, one, pf_binary(g, PF_MUL, pf_binary(g, PF_DIV, q, p), left)));
}

static const struct {
    const char *name;
    pf_node_id (*integral)(const curve *, pf_node_id tau); /* up to a constant; both are of a ceiling of 1 */
    pf_node_id (*value)(const curve *, pf_node_id tau);
} curves[] = {{"step", step_integral, step_value},
              {"linear", linear_integral, linear_value},
              {"logistic", logistic_integral, logistic_value},
              {"bass", bass_integral, bass_value}};

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

/* The mean over each step of what was adopted. Before the start the two ends are one, so the mean is an exact 0. */
static pf_node_id mean_over_steps(const curve *k, pf_node_id start)
{
    pf_graph *g = k->g;
    pf_node_id from = step_edge(k, false), to = step_edge(k, true);
    pf_node_id first = pf_binary(g, PF_MAX, k->zero, pf_binary(g, PF_SUB, from, start));
    pf_node_id last = pf_binary(g, PF_MAX, k->zero, pf_binary(g, PF_SUB, to, start));
    pf_node_id area = pf_binary(g, PF_SUB, curves[k->row].integral(k, last), curves[k->row].integral(k, first));
    return pf_binary(g, PF_DIV, area, pf_binary(g, PF_SUB, to, from));
}

/* The value at the end of a date. */
static pf_node_id value_at(const curve *k, pf_node_id start, const pf_step *days)
{
    pf_node_id since = pf_binary(k->g, PF_SUB, number(k, 86400.0 * days->end_day), start);
    pf_node_id value = curves[k->row].value(k, pf_binary(k->g, PF_MAX, k->zero, since));
    return pf_operation_node(k->g, PF_SELECT, pf_binary(k->g, PF_GT, since, k->zero), value, k->zero);
}

/* Of a ceiling of 1; with its start moved, what was adopted as much earlier. */
static pf_node_id adopted_from(const curve *k, pf_node_id start)
{
    const pf_step *held = k->c->model->held[PF_BY_ADOPTION];
    return held ? value_at(k, start, held) : mean_over_steps(k, start);
}

/* ---- life ---- */

/* PF_NO_NODE: it says none, or none that can be. */
static pf_node_id life_of(const curve *k)
{
    pf_model *m = k->c->model;
    const pf_tree *tree = pf_tree_get(k->tree, "life");
    const char *label = pf_format(m->arena, "interventions.%s.adoption.life", k->intervention->name);
    if (!tree && pf_tree_get_flag(k->tree, "renewed"))
        pf_error(m->diagnostics, pf_tree_get(k->tree, "renewed")->mark,
                 "the adoption of '%s' is renewed, but has no end; expected its 'life' beside it",
                 k->intervention->name);
    if (!tree) return PF_NO_NODE;
    pf_term term = pf_value_term(k->c, tree, label);
    if (!pf_expect(k->c, term, pf_dimension_time(), tree, label, "year")) return PF_NO_NODE;
    pf_subject about = {
        .value = term.node, .lead = ", found", .unit = "year", .scale = 86400 * 365.2425, .written = tree->text};
    pf_require_about(m, pf_binary(k->g, PF_LE, term.node, k->zero), tree->mark,
                     pf_format(m->arena, "%s must be above 0", label), about);
    return term.node;
}

/* No lane has less; -inf where that is not known. */
static double least_of(const curve *k, pf_node_id node)
{
    double least = -INFINITY, greatest;
    const pf_node *n = &k->g->nodes.items[node];
    if (pf_is_constant(k->g, node, &least) || n->kind != PF_INPUT) return least;
    const pf_value *value = k->c->model->inputs.items[n->index].value;
    if (value && value->kind == PF_DISTRIBUTION)
        pf_distribution_at((size_t)value->distribution)->support(value->arguments, &least, &greatest);
    return least;
}

static double end_of_time(const curve *k)
{
    const pf_calendar *calendar = &k->c->model->scenario->calendar;
    return 86400.0 * calendar->steps[calendar->count - 1].end_day;
}

/* A lever moves no start to before the model's time, but by days within a month. */
static double earliest_start(const curve *k)
{
    enum { DAYS_OF_MONTH = 31 };
    double own = least_of(k, own_date(k, "start")),
           first = 86400.0 * (k->c->model->scenario->calendar.steps[0].first_day - DAYS_OF_MONTH);
    return k->intervention->delay == PF_NO_NODE || own < first ? own : first;
}

/* How many lives at most end within the model's time: i with start + i life < its end. */
static size_t most_ends(const curve *k, pf_node_id life)
{
    double time = end_of_time(k) - earliest_start(k);
    double least = least_of(k, life), lives = time / least;
    if (time <= 0) return 0;
    return least > 0 && lives <= MOST_RENEWALS ? (size_t)ceil(lives) - 1 : MOST_RENEWALS;
}

/* The share of what was adopted that has not ended. What rounding leaves of nothing is nothing, so that afterwards all
 * is as without, to the bit. */
static pf_node_id lasting_share(const curve *k, pf_node_id adopted, pf_node_id life)
{
    pf_graph *g = k->g;
    pf_node_id ended = adopted_from(k, pf_binary(g, PF_ADD, k->start, life));
    pf_node_id left = pf_binary(g, PF_SUB, number(k, 1), pf_binary(g, PF_SHARE, ended, adopted));
    pf_node_id is_left = pf_binary(g, PF_GT, left, number(k, 1e-12));
    return pf_operation_node(g, PF_SELECT, is_left, left, k->zero);
}

/* What has been bought again: adopted one life ago, two lives ago, ... */
static pf_node_id bought_again(const curve *k, pf_node_id life, size_t most)
{
    pf_model *m = k->c->model;
    pf_graph *g = k->g;
    pf_node_id sum = PF_NO_NODE;
    for (size_t i = 1; i <= most; i++) {
        pf_node_id start = pf_binary(g, PF_ADD, k->start, pf_binary(g, PF_MUL, number(k, (double)i), life));
        sum = pf_plus(g, sum, adopted_from(k, start));
    }
    pf_node_id reach = pf_binary(g, PF_MUL, number(k, MOST_RENEWALS + 1), life);
    if (most == MOST_RENEWALS)
        pf_require(m, pf_binary(g, PF_LT, reach, pf_binary(g, PF_SUB, number(k, end_of_time(k)), k->start)),
                   k->tree->mark,
                   pf_format(m->arena, "the adoption of '%s' is renewed more than %d times in the model's time",
                             k->intervention->name, MOST_RENEWALS));
    return pf_binary(g, PF_MUL, k->ceiling, sum);
}

static bool find_row(curve *k, const char *name)
{
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (!strcmp(curves[i].name, name)) return k->row = i, true;
    return false;
}

pf_adoption pf_adoption_curve(const pf_context *c, const pf_intervention *intervention)
{
    curve k = {.c = c,
               .g = &c->model->graph,
               .intervention = intervention,
               .tree = pf_tree_get(intervention->tree, "adoption")};
    const char *name = pf_tree_get_text(k.tree, "curve");
    k.zero = number(&k, 0);
    pf_adoption found = {k.zero, PF_NO_NODE, PF_NO_NODE, k.zero, k.zero};
    if (!k.tree || !name) return found;
    k.start = found.start = date(&k, "start");
    found.ceiling = ceiling_of(&k);
    k.ceiling = raised(&k, found.ceiling);
    require_order(&k, "midpoint");
    require_order(&k, "end");
    pf_node_id life = life_of(&k);
    if (!find_row(&k, name)) return found;
    pf_node_id adopted = adopted_from(&k, k.start);
    found.curve = pf_binary(k.g, PF_MUL, k.ceiling, adopted);
    size_t ends = life == PF_NO_NODE ? 0 : most_ends(&k, life);
    if (!ends) return found;
    if (pf_tree_get_flag(k.tree, "renewed")) found.renewals = bought_again(&k, life, ends);
    else found.lasting = lasting_share(&k, adopted, life);
    return found;
}

/* From the start of the model's time to the middle of each step, or to the end of the date at which they are held. */
pf_node_id pf_trend_years(pf_model *m, bool of_activity)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    const pf_step *held = of_activity ? NULL : m->held[PF_BY_ADOPTION];
    double *years = PF_ARRAY(m->arena, double, calendar->count), start = calendar->steps[0].first_day;
    for (uint32_t s = 0; s < calendar->count; s++) {
        double middle = 0.5 * (calendar->steps[s].first_day + calendar->steps[s].end_day);
        years[s] = ((held ? held->end_day : middle) - start) / 365.2425;
    }
    return pf_dated_node(&m->graph, years, of_activity ? PF_BY_ACTIVITY : PF_BY_CALENDAR);
}
