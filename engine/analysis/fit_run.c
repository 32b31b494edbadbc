/* A fit from end to end: takes a model and what is asked, gives the result. */
#include "analysis/fit_internal.h"

static void describe(const pf_fit_problem *f, pf_fit_result *result)
{
    result->model = f->model;
    result->parameters = f->parameters;
    result->parameter_count = f->p;
    result->observations = f->observations;
    result->observation_count = f->count;
    result->used_count = f->n;
    result->spread = f->spread;
    result->spread_of = f->spread_of;
    result->evaluations = f->evaluations;
    result->failed_trials = f->failed_trials;
    result->without = pf_quantity_slopes(f->run).without;
}

pf_fit_end pf_fit_run(const pf_compiled *model, const pf_fit_request *request, pf_fit_result *result,
                      pf_diagnostics *diagnostics)
{
    pf_fit_problem f;
    pf_fit_end end = PF_FIT_WRONG;
    gsl_vector *at = NULL;
    *result = (pf_fit_result){0};
    if (!pf_fit_set_up(&f, model, request, diagnostics)) goto done;
    at = gsl_vector_alloc(f.p);
    end = PF_FIT_FAILED;
    if (!pf_fit_search(&f, at, result)) goto done;
    pf_fit_report(&f, at, result);
    describe(&f, result);
    end = result->covariance ? PF_FIT_DONE : PF_FIT_WRONG;
done:
    if (at) gsl_vector_free(at);
    pf_fit_free(&f);
    return end;
}
