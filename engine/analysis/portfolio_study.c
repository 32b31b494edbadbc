/* The front at the medians and what is chosen from it; then, member by member, how often and at what loss. */
#include "analysis/portfolio_study.h"

#include "analysis/attribution.h"
#include "analysis/portfolio_values.h"

#include <math.h>
#include <stdlib.h>

/* By member: what the best under the budget comes to, with and without each intervention. */
typedef struct {
    double *with, *without; /* [member][objective][intervention]: losses */
    double *regret;         /* [member][objective] */
} losses;

static pf_portfolios portfolios_of(const pf_portfolio_study *s, const double *values)
{
    return (pf_portfolios){values, s->n, s->request->objective_count};
}

static bool has_budget(const pf_portfolio_study *s)
{
    return !isnan(s->request->budget);
}

static double at(const pf_portfolio_study *s, const double *values, size_t portfolio, size_t objective)
{
    return values[portfolio * s->request->objective_count + objective];
}

/* ---- the front ---- */

/* The ranges of the objectives over the front, times `within`. */
static void find_margins(const pf_portfolio_study *s, double *margins)
{
    for (size_t o = 0; o < s->request->objective_count; o++) {
        double least = INFINITY, greatest = -INFINITY;
        for (size_t p = 0; p < s->count; p++) {
            if (!s->in_front[p]) continue;
            least = fmin(least, at(s, s->values, p, o));
            greatest = fmax(greatest, at(s, s->values, p, o));
        }
        margins[o] = s->request->within * (greatest - least);
    }
}

/* The share of the front's portfolios that hold each intervention, onto what is there. */
static void add_shares(const pf_portfolio_study *s, const bool *front, size_t size)
{
    for (size_t i = 0; i < s->n; i++) {
        size_t holding = 0;
        for (size_t p = 0; p < s->count; p++) holding += front[p] && p >> i & 1;
        s->in_fronts[i] += (double)holding / (double)size;
    }
}

static size_t first_alternative(const pf_portfolio_study *s)
{
    size_t cheapest = SIZE_MAX;
    if (has_budget(s) && s->request->objective_count > 1) return s->best[1];
    for (size_t p = 0; p < s->count; p++)
        if (s->in_front[p] && (cheapest == SIZE_MAX || at(s, s->values, p, 0) < at(s, s->values, cheapest, 0)))
            cheapest = p;
    return cheapest;
}

static void choose_at_medians(pf_portfolio_study *s)
{
    size_t k = s->request->objective_count;
    double margins[PF_MOST_OBJECTIVES];
    pf_portfolios all = portfolios_of(s, s->values);
    s->front = pf_pareto_front(s->values, s->count, k, s->in_front);
    find_margins(s, margins);
    s->near = pf_pareto_near(s->values, s->count, k, s->in_front, margins, s->is_near);
    for (size_t o = 1; o < k; o++)
        s->best[o] = has_budget(s) ? pf_best_portfolio(&all, o, s->request->budget, 0, 0) : SIZE_MAX;
    s->alternative_count =
        pf_distant_portfolios(s->is_near, s->n, first_alternative(s), s->alternatives, s->request->most_alternatives);
}

/* ---- losses ---- */

static double loss(const pf_portfolio_study *s, const double *values, size_t portfolio, size_t best, size_t objective)
{
    if (portfolio == SIZE_MAX || best == SIZE_MAX) return (double)NAN;
    return at(s, values, portfolio, objective) - at(s, values, best, objective);
}

/* What a member says of the interventions and of the medians' best. */
static void judge(pf_portfolio_study *s, const double *values, size_t member, losses *to)
{
    size_t k = s->request->objective_count;
    double budget = s->request->budget;
    pf_portfolios all = portfolios_of(s, values);
    for (size_t o = 1; o < k; o++) {
        size_t best = pf_best_portfolio(&all, o, budget, 0, 0), row = member * k + o, median = s->best[o];
        for (size_t i = 0; i < s->n; i++) {
            size_t bit = (size_t)1 << i;
            bool holds = best != SIZE_MAX && best & bit;
            size_t with = holds ? best : pf_best_portfolio(&all, o, budget, bit, 0),
                   without = holds || best == SIZE_MAX ? pf_best_portfolio(&all, o, budget, 0, bit) : best;
            s->in[o * s->n + i].in_best += holds;
            to->with[row * s->n + i] = loss(s, values, with, best, o);
            to->without[row * s->n + i] = loss(s, values, without, best, o);
        }
        bool is_over = median != SIZE_MAX && at(s, values, median, 0) > budget;
        s->over_budget[o] += is_over;
        to->regret[row] = is_over ? (double)NAN : loss(s, values, median, best, o);
    }
}

static void take_means(pf_portfolio_study *s, const losses *from, size_t members)
{
    size_t k = s->request->objective_count;
    for (size_t i = 0; i < s->n; i++) s->in_fronts[i] /= (double)members;
    for (size_t o = 1; o < k && has_budget(s); o++) {
        for (size_t i = 0; i < s->n; i++) {
            pf_in_portfolio *in = &s->in[o * s->n + i];
            in->in_best /= (double)members;
            in->with = pf_spread(from->with + o * s->n + i, members, k * s->n);
            in->without = pf_spread(from->without + o * s->n + i, members, k * s->n);
        }
        s->regret[o] = pf_spread(from->regret + o, members, k);
        s->over_budget[o] /= (double)members;
    }
}

static losses make_losses(const pf_portfolio_study *s, size_t members)
{
    size_t rows = members * s->request->objective_count;
    return (losses){pf_doubles(rows * s->n), pf_doubles(rows * s->n), pf_doubles(rows)};
}

static void free_losses(losses *l)
{
    free(l->with);
    free(l->without);
    free(l->regret);
}

/* ---- members ---- */

static void take_member(pf_portfolio_study *s, const pf_game_values *values, size_t member, double *objectives,
                        bool *front, losses *to)
{
    pf_portfolio_values(s->request, values, member, objectives);
    size_t size = pf_pareto_front(objectives, s->count, s->request->objective_count, front);
    add_shares(s, front, size);
    for (size_t p = 0; p < s->count; p++) s->fronts[p] += front[p];
    if (has_budget(s)) judge(s, objectives, s->members, to);
    s->members++;
}

static pf_status run_members(pf_portfolio_study *s, const pf_design *design, size_t members, losses *to,
                             pf_diagnostics *diagnostics)
{
    size_t at_once = pf_game_members_at_once(s->request->game);
    double *objectives = pf_doubles(s->count * s->request->objective_count);
    bool *front = pf_calloc(s->count, sizeof *front);
    pf_status status = PF_OK;
    for (size_t first = 0; first < members && !status; first += at_once) {
        pf_game_values values = {0};
        size_t count = members - first < at_once ? members - first : at_once;
        status = pf_game_run(s->request->game, design, first, count, &values, NULL, diagnostics);
        for (size_t m = 0; m < values.count && !status; m++)
            if (values.failed[m]) s->failed++;
            else take_member(s, &values, m, objectives, front, to);
        pf_game_values_free(&values);
    }
    free(objectives);
    free(front);
    if (!status && !s->members)
        status = pf_error(diagnostics, (pf_mark){0}, "all %zu members fail with some of the interventions", members);
    return status;
}

static pf_status run_medians(pf_portfolio_study *s, pf_diagnostics *diagnostics)
{
    pf_game_values values = {0};
    const pf_compiled *m = s->request->game->request->players->model;
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, diagnostics);
    pf_status status =
        design ? pf_game_run(s->request->game, design, 0, 1, &values, diagnostics, diagnostics) : PF_FAILED;
    if (!status && values.failures) status = PF_FAILED;
    if (!status) pf_portfolio_values(s->request, &values, 0, s->values);
    if (!status) choose_at_medians(s);
    pf_game_values_free(&values);
    pf_design_free(design);
    return status;
}

static void begin(pf_portfolio_study *s, const pf_portfolio_request *request, bool has_members)
{
    size_t k = request->objective_count, n = request->game->request->players->count;
    *s = (pf_portfolio_study){.request = request, .n = n, .count = (size_t)1 << n};
    s->values = pf_doubles(s->count * k);
    s->in_front = pf_calloc(s->count, sizeof *s->in_front);
    s->is_near = pf_calloc(s->count, sizeof *s->is_near);
    s->alternatives = pf_calloc(request->most_alternatives + 1, sizeof *s->alternatives);
    s->best = pf_calloc(k, sizeof *s->best);
    s->fronts = has_members ? pf_calloc(s->count, sizeof *s->fronts) : NULL;
    s->in_fronts = pf_doubles(n);
    s->in = pf_calloc(k * n, sizeof *s->in);
    s->regret = pf_calloc(k, sizeof *s->regret);
    s->over_budget = pf_doubles(k);
}

pf_status pf_study_portfolios(pf_portfolio_study *self, const pf_portfolio_request *request, const pf_design *design,
                              size_t members, pf_diagnostics *diagnostics)
{
    begin(self, request, design != NULL);
    losses of = make_losses(self, design ? members : 1);
    pf_status status = run_medians(self, diagnostics);
    if (!status && design) status = run_members(self, design, members, &of, diagnostics);
    if (!status && !design) add_shares(self, self->in_front, self->front);
    if (!status && !design && has_budget(self)) judge(self, self->values, 0, &of);
    if (!status) take_means(self, &of, self->members ? self->members : 1);
    free_losses(&of);
    return status;
}

void pf_portfolio_free(pf_portfolio_study *self)
{
    free(self->values);
    free(self->in_front);
    free(self->is_near);
    free(self->alternatives);
    free(self->best);
    free(self->fronts);
    free(self->in_fronts);
    free(self->in);
    free(self->regret);
    free(self->over_budget);
}
