/* The table of methods: takes members with an output each, gives indices by the estimators of analysis/estimates.h. */
#include "analysis/methods.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* ---- arrangements ---- */

/* Without the members that only the second order needs: groups of k + 2. */
static double *without_second(const pf_inputs *inputs, const double *y)
{
    size_t groups = inputs->n / inputs->group, size = inputs->k + 2;
    double *kept = pf_doubles(groups * size);
    for (size_t g = 0; g < groups; g++) memcpy(kept + g * size, y + g * inputs->group, size * sizeof *y);
    return kept;
}

static void estimate_sobol(const pf_inputs *inputs, const void *prepared, const double *y, pf_bootstrap bootstrap,
                           const pf_indices_of *to)
{
    size_t groups = inputs->n / inputs->group;
    (void)prepared;
    double *shorter = to->pairs || inputs->group == inputs->k + 2 ? NULL : without_second(inputs, y);
    pf_sobol_indices(shorter ? shorter : y, groups, inputs->k, bootstrap, to->indices[0], to->indices[1], to->pairs);
    free(shorter);
}

static void estimate_morris(const pf_inputs *inputs, const void *prepared, const double *y, pf_bootstrap bootstrap,
                            const pf_indices_of *to)
{
    (void)prepared;
    pf_morris_effects(inputs->x, y, inputs->n / inputs->group, inputs->k, bootstrap, to->indices[0], to->indices[1],
                      to->indices[2]);
}

/* ---- given data, by classes ---- */

static void *with_classes(pf_inputs *inputs, pf_classes *classes)
{
    free(inputs->x);
    inputs->x = NULL;
    return classes;
}

static void *prepare_ranked(pf_inputs *inputs)
{
    return with_classes(inputs, pf_classes_by_rank(inputs->x, inputs->n, inputs->k));
}

static void *prepare_slices(pf_inputs *inputs)
{
    return with_classes(inputs, pf_classes_by_quantile(inputs->x, inputs->n, inputs->k, pf_pawn_slices(inputs->n)));
}

static void release_classes(void *classes)
{
    pf_classes_free(classes);
}

static void estimate_first_order(const pf_inputs *inputs, const void *classes, const double *y, pf_bootstrap bootstrap,
                                 const pf_indices_of *to)
{
    (void)inputs;
    pf_first_order_given(classes, y, bootstrap, to->indices[0], NULL);
}

static void estimate_pawn(const pf_inputs *inputs, const void *slices, const double *y, pf_bootstrap bootstrap,
                          const pf_indices_of *to)
{
    (void)inputs;
    pf_pawn(slices, y, bootstrap, to->indices[0]);
}

static void estimate_delta(const pf_inputs *inputs, const void *classes, const double *y, pf_bootstrap bootstrap,
                           const pf_indices_of *to)
{
    (void)inputs;
    pf_delta(classes, y, bootstrap, to->indices[0], NULL);
}

/* ---- regression ---- */

static void *prepare_regression(pf_inputs *inputs)
{
    return pf_regression_new(inputs->x, inputs->n, inputs->k);
}

static void *prepare_ranks(pf_inputs *inputs)
{
    for (size_t i = 0; i < inputs->k; i++) {
        double *x = inputs->x + i * inputs->n;
        pf_ranks(x, inputs->n, x);
    }
    return prepare_regression(inputs);
}

static void release_regression(void *regression)
{
    pf_regression_free(regression);
}

static void estimate_regression(const pf_inputs *inputs, const void *regression, const double *y,
                                pf_bootstrap bootstrap, const pf_indices_of *to)
{
    (void)inputs;
    pf_regress(regression, y, bootstrap, to->indices[0], to->indices[1], to->r2);
}

static void estimate_rank(const pf_inputs *inputs, const void *regression, const double *y, pf_bootstrap bootstrap,
                          const pf_indices_of *to)
{
    double *ranks = pf_doubles(inputs->n);
    pf_ranks(y, inputs->n, ranks);
    estimate_regression(inputs, regression, ranks, bootstrap, to);
    free(ranks);
}

/* ---- the table ---- */

enum { FEWEST_IN_SLICE = 50, FEWEST_SLICES = 5 };

size_t pf_pawn_slices(size_t n)
{
    size_t slices = n / FEWEST_IN_SLICE;
    return slices < FEWEST_SLICES ? FEWEST_SLICES : slices < PF_PAWN_SLICES ? slices : PF_PAWN_SLICES;
}

static const pf_method methods[] = {
    {.name = "sobol",
     .title = "Sobol' indices",
     .doc = "shares of the variance: of a parameter alone, in pairs, and with all its interactions",
     .references = "first order: Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018; total order: Jansen 1999, "
                   "doi:10.1016/S0010-4655(98)00154-4; second order: Saltelli 2002, doi:10.1016/S0010-4655(02)00280-1",
     .need = PF_NEEDS_RADIAL,
     .indices = {{"first_order", "share of the variance by the parameter alone", false, false},
                 {"total_order", "share of the variance by the parameter and its interactions", false, false}},
     .index_count = 2,
     .leading = 1,
     .has_pairs = true,
     .has_intervals = true,
     .is_traced = true,
     .is_share = true,
     .least = 16,
     .few = 64,
     .estimate = estimate_sobol},
    {.name = "morris",
     .title = "Elementary effects",
     .doc = "mean effects of a parameter's move by its whole range of probability: which ones matter at all",
     .references = "Morris 1991, doi:10.1080/00401706.1991.10484804; mu_star: Campolongo, Cariboni and Saltelli 2007, "
                   "doi:10.1016/j.envsoft.2006.10.004",
     .need = PF_NEEDS_TRAJECTORIES,
     .x = PF_X_UNIFORMS,
     .indices = {{"mu", "mean elementary effect", true, true},
                 {"mu_star", "mean size of the elementary effects", true, false},
                 {"sigma", "standard deviation of the elementary effects, by interactions and bends", true, false}},
     .index_count = 3,
     .leading = 1,
     .has_intervals = true,
     .is_traced = true,
     .least = 4,
     .few = 10,
     .estimate = estimate_morris},
    {.name = "first_order",
     .title = "First-order indices from given data",
     .doc = "shares of the variance by a parameter alone, from any sample of members drawn by themselves",
     .references = "Plischke, Borgonovo and Smith 2013, doi:10.1016/j.ejor.2012.11.047",
     .x = PF_X_VALUES,
     .indices = {{"first_order", "share of the variance between classes of the parameter", false, false}},
     .index_count = 1,
     .has_intervals = true,
     .is_traced = true,
     .is_share = true,
     .splits_equal = true,
     .least = 50,
     .few = 200,
     .finds_ties = true,
     .prepare = prepare_ranked,
     .release = release_classes,
     .estimate = estimate_first_order},
    {.name = "pawn",
     .title = "PAWN indices",
     .doc = "how far the distribution of an output moves with a parameter held in a slice of its range",
     .references = "Pianosi and Wagener 2018, doi:10.1016/j.envsoft.2018.07.019",
     .x = PF_X_VALUES,
     .indices = {{"pawn", "median Kolmogorov-Smirnov distance over slices of the parameter", false, false}},
     .index_count = 1,
     .has_intervals = true,
     .is_slow = true,
     .is_traced = true,
     .is_share = true,
     .least = 100,
     .few = PF_PAWN_SLICES * FEWEST_IN_SLICE,
     .is_of_distribution = true,
     .finds_ties = true,
     .prepare = prepare_slices,
     .release = release_classes,
     .estimate = estimate_pawn},
    {.name = "delta",
     .title = "Delta moment-independent importance",
     .doc = "the mean shift of an output's density with a parameter fixed; needs no variance, allows correlations",
     .references = "Borgonovo 2007, doi:10.1016/j.ress.2006.04.015; Plischke, Borgonovo and Smith 2013, "
                   "doi:10.1016/j.ejor.2012.11.047",
     .x = PF_X_VALUES,
     .indices = {{"delta", "half the mean shift of the output's density", false, false}},
     .index_count = 1,
     .has_intervals = true,
     .is_slow = true,
     .is_share = true,
     .splits_equal = true,
     .least = 100,
     .few = 500,
     .is_of_distribution = true,
     .finds_ties = true,
     .prepare = prepare_ranked,
     .release = release_classes,
     .estimate = estimate_delta},
    {.name = "regression",
     .title = "Linear regression",
     .doc = "standardised coefficients, Pearson's correlations, and the share R2 that a linear model explains",
     .references = "resamples of coefficients: Hu and Kalbfleisch 2000",
     .x = PF_X_VALUES,
     .indices = {{"coefficient", "standardised regression coefficient", false, true},
                 {"correlation", "Pearson's correlation", false, true}},
     .index_count = 2,
     .has_r2 = true,
     .has_intervals = true,
     .is_share = true,
     .least = 10,
     .few = 50,
     .prepare = prepare_regression,
     .release = release_regression,
     .estimate = estimate_regression},
    {.name = "rank",
     .title = "Rank regression",
     .doc = "the same of ranks, for effects that are monotonous but not linear; Spearman's correlations",
     .references = "Iman and Conover 1979, Technometrics 21",
     .x = PF_X_VALUES,
     .indices = {{"coefficient", "standardised rank regression coefficient", false, true},
                 {"correlation", "Spearman's rank correlation", false, true}},
     .index_count = 2,
     .has_r2 = true,
     .has_intervals = true,
     .is_share = true,
     .least = 10,
     .few = 50,
     .prepare = prepare_ranks,
     .release = release_regression,
     .estimate = estimate_rank},
    {.name = "elasticities",
     .title = "Local elasticities",
     .doc = "exact derivatives at the medians, as per cent of the output a per cent of the parameter; needs no sample",
     .references = "forward-mode derivatives of the model's own equations (docs/architecture.md)",
     .need = PF_NEEDS_NO_SAMPLE,
     .indices = {{"elasticity", "d ln(output) / d ln(parameter) at the medians", false, true},
                 {"variance_share", "share of the variance by first-order propagation", false, false}},
     .index_count = 2},
};

size_t pf_method_count(void)
{
    return sizeof methods / sizeof *methods;
}

const pf_method *pf_method_at(size_t row)
{
    return &methods[row];
}
