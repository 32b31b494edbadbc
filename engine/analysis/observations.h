/* Results held against the checks of a model: the model at its medians with its uncertainty to first order, what was
 * observed with its own, and what the two together say. */
#ifndef PF_OBSERVATIONS_H
#define PF_OBSERVATIONS_H

#include "model/compile.h"

typedef enum {
    PF_AGREES, /* an observation: within two standard deviations of both together */
    PF_DIFFERS,
    PF_TOO_WIDE,  /* within two, but so wide that it proves nothing: 90 % of the model by more than a factor of 2.5 */
    PF_NO_SPREAD, /* neither has an uncertainty to measure the difference by */
    PF_HOLDS,     /* a bound */
    PF_FAILS,
    PF_UNLIKE /* this run cannot be held against it, see pf_observation.unlike */
} pf_verdict;

typedef struct {
    const pf_observation *of;
    uint32_t scenario; /* row of model->scenarios */
    double model, sd;  /* in base units */
    double z;          /* (model - observed) / root of both variances; of a bound from the one nearest; NaN without */
    pf_verdict verdict;
    bool counts; /* a test that was not derived from another figure, in a run that it can be held against */
} pf_finding;

typedef struct {
    const pf_finding *findings; /* a check of every scenario has one for each */
    size_t count;
    size_t without; /* parameters that have no derivative and count as certain */
} pf_held;

/* Holds the observations that are not apart. Runs a model that was compiled with tangents. All is in its arena.
 * PF_FAILED, after errors, where it fails. */
pf_status pf_hold_observations(const pf_compiled *model, pf_held *held, pf_diagnostics *diagnostics);

#endif
