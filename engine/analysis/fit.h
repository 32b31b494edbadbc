/* Parameters of a model estimated from its observations (docs/fit.md): takes a model compiled with tangents, whose
 * `fit:` names the parameters and whose checks with `use: fit` are the observations; gives estimates, their covariance,
 * residuals, and what the data cannot tell. */
#ifndef PF_FIT_H
#define PF_FIT_H

#include "base/diagnostics.h"
#include "model/compile.h"

typedef struct {
    int scenario; /* row in which checks are held that name none; -1: they must name one, or the model has only one */
    const char *const *left_out; /* names of checks that are predicted, not fitted to */
    size_t left_out_count;
} pf_fit_request;

typedef struct {
    const pf_fitted *of;
    const pf_input *input;
    double size;                                   /* of its unit, in base units; all below are in base units */
    double prior, prior_sd, prior_low, prior_high; /* median, and between 2.5 % and 97.5 %; of a flat one its bounds */
    double estimate, sd, low, high;                /* 95 % interval */
    double score, score_sd;                        /* in its coordinate: of a prior, standard normal before the data */
    double slope;                                  /* of the parameter by its coordinate */
    bool at_bound;                                 /* the estimate is at an end of the support */
    bool is_unmoved;                               /* a prior: the posterior is as wide */
    bool is_far;                                   /* a prior: the estimate is beyond 3 of its standard deviations */
} pf_fitted_parameter;

typedef struct {
    const pf_observation *of;
    uint32_t row, scenario; /* row of model->observations */
    bool is_left_out;
    double sd;              /* stated, or the common spread */
    double model, model_sd; /* at the estimates; sd: of what the estimates leave uncertain */
    double z;               /* model less observed, over its own standard deviation; NaN: the datum decides alone */
} pf_fitted_observation;

/* A direction of the scaled Jacobian: what the observations say of a combination of parameters. */
typedef struct {
    double singular_value;  /* 0: nothing; columns have length 1, so that 1 is a parameter of its own */
    const double *loadings; /* [parameters] */
    bool is_weak;
} pf_fit_direction;

typedef struct {
    const pf_compiled *model;
    const pf_fitted_parameter *parameters;
    size_t parameter_count;
    const double *covariance;                  /* [parameter][parameter], in base units */
    const double *score_correlation;           /* of the coordinates */
    const pf_fitted_observation *observations; /* fitted and left out */
    size_t observation_count, used_count;
    const pf_fit_direction *directions; /* the strongest first */
    double chi_square, prior_chi_square;
    size_t degrees; /* observations less flat parameters */
    double p_value; /* of both chi-squares together; NaN without degrees, or where a spread is estimated */
    double spread, spread_degrees;   /* the common one, base units; NaN where none is estimated */
    const pf_observation *spread_of; /* whose unit it has, or NULL */
    size_t iterations, evaluations;
    const char *method;
    double distance;      /* from the optimum, in standard deviations of the estimates, to first order */
    size_t failed_trials; /* points at which the model has no values */
    size_t without;       /* parameters without a derivative at the estimate: they count as without effect */
} pf_fit_result;

typedef enum { PF_FIT_DONE, PF_FIT_WRONG, PF_FIT_FAILED } pf_fit_end; /* wrong: the input */

/* All is in the model's arena. After any other end than PF_FIT_DONE there are errors, and no result. */
pf_fit_end pf_fit_run(const pf_compiled *model, const pf_fit_request *request, pf_fit_result *result,
                      pf_diagnostics *diagnostics);

/* The names of the parameters that make up most of a direction, the largest first. */
const char *pf_fit_names_in(pf_arena *arena, const pf_fitted_parameter *parameters, size_t count,
                            const double *loadings);

/* Writes an HDF5 file that is valid netCDF-4 (docs/fit.md). On failure adds an error, and `path` is as it was. */
pf_status pf_fit_store(const char *path, const pf_fit_result *result, pf_diagnostics *diagnostics);

/* The posterior as YAML that a scenario can `use:` after the model, in the model's arena; *left_out (NULL-ended) names
 * the parameters that cannot be written that way. */
const char *pf_fit_use_text(const pf_fit_result *result, const char *const **left_out);

#endif
