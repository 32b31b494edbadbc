/* What the files of a fit share. */
#ifndef PF_FIT_INTERNAL_H
#define PF_FIT_INTERNAL_H

#include "analysis/fit.h"
#include "analysis/fit_coordinates.h"
#include "analysis/observation_values.h"

#include <gsl/gsl_matrix.h>

typedef struct {
    const pf_compiled *model;
    pf_diagnostics *diagnostics;
    size_t p;
    pf_fitted_parameter *parameters; /* [p] */
    pf_coordinate *coordinates;      /* [p] */
    size_t flats, priors;            /* p together */
    double *whitening;               /* [priors][p]: scores to independent ones */
    size_t count, n;                 /* observations, and those that are used, which come first */
    pf_fitted_observation *observations;
    size_t unstated; /* of the used: those that share the spread */
    double spread;
    const pf_observation *spread_of; /* whose unit it has; NULL where there is none */
    pf_observed_quantities quantities;
    pf_quantity_run *run;
    double *point; /* [inputs] */
    /* the last point that was run */
    gsl_vector *at; /* [p] */
    bool has_run, is_good;
    double *values; /* [count] */
    double *slopes; /* [count][p], by coordinate */
    size_t evaluations, failed_trials;
} pf_fit_problem;

/* fit_problem.c: false after errors. Freed also then. */
bool pf_fit_set_up(pf_fit_problem *problem, const pf_compiled *model, const pf_fit_request *request,
                   pf_diagnostics *diagnostics);
void pf_fit_free(pf_fit_problem *problem);
/* Where the search begins, [p]. */
void pf_fit_start(const pf_fit_problem *problem, gsl_vector *at);
/* Runs the model, if the last point was another; false where it has no values. */
bool pf_fit_evaluate(pf_fit_problem *problem, const gsl_vector *at);
/* Stated, or the common spread; NaN of what is left out and has neither. */
double pf_fit_sd(const pf_fit_problem *problem, size_t observation);
/* Of the last point: residuals in standard deviations, used observations first, then priors; and their derivatives. */
size_t pf_fit_rows(const pf_fit_problem *problem);
void pf_fit_residuals(const pf_fit_problem *problem, gsl_vector *residuals);
void pf_fit_jacobian(const pf_fit_problem *problem, gsl_matrix *jacobian);

/* fit_search.c: from `at` to the estimate. False after an error. */
bool pf_fit_search(pf_fit_problem *problem, gsl_vector *at, pf_fit_result *result);

/* fit_linear.c: a Jacobian [rows][p] whose columns are scaled to length 1, decomposed: U S V'. */
typedef struct {
    gsl_matrix *u, *v;
    gsl_vector *s, *lengths;
} pf_scaled_svd;
pf_scaled_svd pf_scaled_svd_of(const gsl_matrix *jacobian);
void pf_scaled_svd_free(pf_scaled_svd *svd);
/* How long that part of the residuals is that a step to first order would remove: the distance from the optimum in
 * standard deviations of the estimates. */
double pf_svd_distance(const pf_scaled_svd *svd, const gsl_vector *residuals);
/* That step itself, [p]. */
void pf_svd_step(const pf_scaled_svd *svd, const gsl_vector *residuals, gsl_vector *step);
/* The share of a residual's variance that the fit takes. */
double pf_svd_leverage(const pf_scaled_svd *svd, size_t row);
/* How much a residual moves the estimate of a coordinate; the squares over all rows add up to its variance. */
double pf_svd_influence(const pf_scaled_svd *svd, size_t coordinate, size_t row);
bool pf_svd_is_singular(const pf_scaled_svd *svd);

/* fit_report.c */
void pf_fit_report(pf_fit_problem *problem, const gsl_vector *at, pf_fit_result *result);

#endif
