/* The Gaussian copula of the model's rank correlations: from independent u to u with those correlations. */
#include "ensemble/design_internal.h"

#include "base/distributions.h"

#include <gsl/gsl_linalg.h>
#include <math.h>

struct pf_copula {
    size_t size;
    uint32_t *rows; /* of model->inputs, in declaration order */
    double *factor; /* [size][size]: the lower Cholesky factor, its rows of length 1 */
};

static bool ties(const pf_design *d, size_t row, bool *varies)
{
    const pf_correlation *c = &d->model->correlations[row];
    return varies[c->first] && varies[c->second];
}

/* Spearman's rank correlation of a bivariate normal is 6 / pi arcsin(r / 2) (Pearson 1907). */
double pf_normal_correlation(double rank)
{
    return 2 * sin(acos(-1.0) / 6 * rank);
}

double pf_rank_correlation(double normal)
{
    return 6 / acos(-1.0) * asin(normal / 2);
}

static gsl_matrix *correlation_matrix(const pf_design *d, const pf_copula *copula, const size_t *places, bool *varies)
{
    gsl_matrix *matrix = gsl_matrix_alloc(copula->size, copula->size);
    gsl_matrix_set_identity(matrix);
    for (size_t i = 0; i < d->model->correlation_count; i++) {
        const pf_correlation *c = &d->model->correlations[i];
        if (!ties(d, i, varies)) continue;
        gsl_matrix_set(matrix, places[c->first], places[c->second], pf_normal_correlation(c->rho));
        gsl_matrix_set(matrix, places[c->second], places[c->first], pf_normal_correlation(c->rho));
    }
    return matrix;
}

/* Which inputs are tied to another that varies too, and their places among those. */
static void choose_rows(const pf_design *d, pf_copula *copula, size_t *places, bool *varies)
{
    size_t inputs = d->model->input_count;
    bool *tied = PF_ARRAY(d->arena, bool, inputs);
    for (size_t i = 0; i < d->model->correlation_count; i++)
        if (ties(d, i, varies)) tied[d->model->correlations[i].first] = tied[d->model->correlations[i].second] = true;
    copula->rows = PF_ARRAY(d->arena, uint32_t, inputs);
    for (size_t i = 0; i < inputs; i++) {
        if (!tied[i]) continue;
        places[i] = copula->size;
        copula->rows[copula->size++] = (uint32_t)i;
    }
}

pf_status pf_copula_new(const pf_design *d, pf_copula **out, pf_diagnostics *diagnostics)
{
    pf_copula *copula = PF_NEW(d->arena, pf_copula);
    bool *varies = PF_ARRAY(d->arena, bool, d->model->input_count);
    size_t *places = PF_ARRAY(d->arena, size_t, d->model->input_count);
    *out = NULL;
    for (size_t v = 0; v < d->varied_count; v++) varies[d->varied[v]] = true;
    choose_rows(d, copula, places, varies);
    if (!copula->size) return PF_OK;
    gsl_matrix *matrix = correlation_matrix(d, copula, places, varies);
    bool possible = gsl_linalg_cholesky_decomp1(matrix) == 0;
    copula->factor = PF_ARRAY(d->arena, double, copula->size * copula->size);
    for (size_t r = 0; r < copula->size; r++)
        for (size_t c = 0; c <= r; c++) copula->factor[r * copula->size + c] = gsl_matrix_get(matrix, r, c);
    gsl_matrix_free(matrix);
    if (!possible)
        return pf_error(
            diagnostics, (pf_mark){0},
            "the rank correlations of %zu parameters, from '%s' on, cannot be drawn: the matrix 2 sin(pi/6 rho) "
            "of the normal copula is not positive definite; make the greatest of them smaller",
            copula->size, d->model->inputs[copula->rows[0]].name);
    *out = copula;
    return PF_OK;
}

/* Row by row from the last, so that what a row reads is still the independent number. */
void pf_copula_apply(const pf_copula *copula, size_t count, double *u, size_t stride)
{
    for (size_t r = 0; r < copula->size; r++)
        for (size_t m = 0; m < count; m++) u[copula->rows[r] * stride + m] = pf_score_of(u[copula->rows[r] * stride + m]);
    for (size_t r = copula->size; r-- > 0;) {
        const double *factor = copula->factor + r * copula->size;
        double *row = u + copula->rows[r] * stride;
        for (size_t m = 0; m < count; m++) row[m] *= factor[r];
        for (size_t c = 0; c < r; c++) {
            const double *other = u + copula->rows[c] * stride;
            if (factor[c] == 0) continue;
            for (size_t m = 0; m < count; m++) row[m] += factor[c] * other[m];
        }
    }
    for (size_t r = 0; r < copula->size; r++)
        for (size_t m = 0; m < count; m++)
            u[copula->rows[r] * stride + m] = pf_probability_of(u[copula->rows[r] * stride + m]);
}
