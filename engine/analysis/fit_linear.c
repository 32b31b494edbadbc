/* The linear algebra of a fit: takes a Jacobian, gives the singular value decomposition of its columns at length 1, and
 * what is read off it. Padded with rows of 0 where it has fewer rows than columns. */
#include "analysis/fit_internal.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>

static const double rounding = 1e-12; /* of the largest singular value: what a double cannot tell from 0 */

pf_scaled_svd pf_scaled_svd_of(const gsl_matrix *jacobian)
{
    size_t rows = jacobian->size1, p = jacobian->size2;
    pf_scaled_svd svd = {.u = gsl_matrix_calloc(rows > p ? rows : p, p),
                         .v = gsl_matrix_alloc(p, p),
                         .s = gsl_vector_alloc(p),
                         .lengths = gsl_vector_alloc(p)};
    gsl_vector *work = gsl_vector_alloc(p);
    for (size_t i = 0; i < p; i++) {
        gsl_vector_const_view column = gsl_matrix_const_column(jacobian, i);
        double length = gsl_blas_dnrm2(&column.vector);
        gsl_vector_set(svd.lengths, i, length);
        for (size_t k = 0; length > 0 && k < rows; k++)
            gsl_matrix_set(svd.u, k, i, gsl_matrix_get(jacobian, k, i) / length);
    }
    if (p == 1) { /* which GSL's does not take */
        gsl_matrix_set(svd.v, 0, 0, 1);
        gsl_vector_set(svd.s, 0, gsl_vector_get(svd.lengths, 0) > 0 ? 1 : 0);
    } else gsl_linalg_SV_decomp(svd.u, svd.v, svd.s, work);
    gsl_vector_free(work);
    return svd;
}

void pf_scaled_svd_free(pf_scaled_svd *svd)
{
    gsl_matrix_free(svd->u);
    gsl_matrix_free(svd->v);
    gsl_vector_free(svd->s);
    gsl_vector_free(svd->lengths);
}

static bool counts(const pf_scaled_svd *svd, size_t j)
{
    return gsl_vector_get(svd->s, j) > rounding * gsl_vector_get(svd->s, 0);
}

static double along(const pf_scaled_svd *svd, size_t j, const gsl_vector *residuals)
{
    double part = 0;
    for (size_t k = 0; k < residuals->size; k++) part += gsl_matrix_get(svd->u, k, j) * gsl_vector_get(residuals, k);
    return part;
}

double pf_svd_distance(const pf_scaled_svd *svd, const gsl_vector *residuals)
{
    double squares = 0;
    for (size_t j = 0; j < svd->s->size; j++)
        if (counts(svd, j)) squares += pow(along(svd, j, residuals), 2);
    return sqrt(squares);
}

void pf_svd_step(const pf_scaled_svd *svd, const gsl_vector *residuals, gsl_vector *step)
{
    gsl_vector_set_zero(step);
    for (size_t j = 0; j < svd->s->size; j++) {
        if (!counts(svd, j)) continue;
        double part = along(svd, j, residuals) / gsl_vector_get(svd->s, j);
        for (size_t i = 0; i < step->size; i++)
            if (gsl_vector_get(svd->lengths, i) > 0)
                *gsl_vector_ptr(step, i) -= gsl_matrix_get(svd->v, i, j) * part / gsl_vector_get(svd->lengths, i);
    }
}

double pf_svd_leverage(const pf_scaled_svd *svd, size_t row)
{
    double sum = 0;
    for (size_t j = 0; j < svd->s->size; j++)
        if (counts(svd, j)) sum += pow(gsl_matrix_get(svd->u, row, j), 2);
    return sum;
}

double pf_svd_influence(const pf_scaled_svd *svd, size_t coordinate, size_t row)
{
    double sum = 0;
    for (size_t j = 0; j < svd->s->size; j++)
        sum += gsl_matrix_get(svd->v, coordinate, j) * gsl_matrix_get(svd->u, row, j) / gsl_vector_get(svd->s, j);
    return sum / gsl_vector_get(svd->lengths, coordinate);
}

bool pf_svd_is_singular(const pf_scaled_svd *svd)
{
    return !counts(svd, svd->s->size - 1);
}

const char *pf_fit_names_in(pf_arena *arena, const pf_fitted_parameter *parameters, size_t count,
                            const double *loadings)
{
    static const double least = 0.3; /* below a tenth of the square */
    bool *is_said = PF_ARRAY(arena, bool, count);
    const char *text = "";
    for (;;) {
        size_t most = count;
        for (size_t i = 0; i < count; i++)
            if (!is_said[i] && fabs(loadings[i]) > (most < count ? fabs(loadings[most]) : least)) most = i;
        if (most == count) return text;
        is_said[most] = true;
        text = pf_format(arena, "%s%s%s", text, *text ? ", " : "", parameters[most].input->name);
    }
}
