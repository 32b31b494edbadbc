/* Weighted least squares under constraints: takes quantities and constraints, gives reconciled values, their covariance
 * and the tests for gross errors.
 *
 * Each iteration linearises the constraints (Cencic 2016, as STAN does), eliminates the unknowns, and moves the
 * measurements by the shortest vector, in standard deviations, that closes what is left; then the unknowns follow. At a
 * point that no longer moves the conditions of Lagrange hold. A first round with the linear constraints alone brings
 * unknown amounts near their values before they are multiplied by concentrations. */
#include "analysis/reconcile.h"

#include "analysis/reconcile_linear.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>

enum { MOST_ITERATIONS = 200 };

/* A step is no step when it is this small: in standard deviations or in sizes of an unknown, or by rounding. */
static const double small_step = 1e-9, rounding = 1e-13;
static const double far_off = 1e-6; /* of its largest term: a constraint that does not hold */

typedef struct {
    const pf_reconcile_problem *problem;
    size_t n, m;
    double *x; /* where the iteration stands */
    bool *use;
    pf_arena *round; /* of this iteration */
    pf_linear_system system;
    gsl_matrix *qr; /* of the transposed redundant rows, [n][redundancy]; exact and unknown columns are 0 */
    gsl_vector *tau;
    size_t redundancy;
} solver;

static const pf_quantity *quantity(const solver *s, size_t j)
{
    return &s->problem->quantities[j];
}

static bool is_measured(const solver *s, size_t j)
{
    return quantity(s, j)->known == PF_MEASURED;
}

/* ---- one iteration ---- */

static void forget_factors(solver *s)
{
    if (s->qr) gsl_matrix_free(s->qr);
    if (s->tau) gsl_vector_free(s->tau);
    s->qr = NULL;
    s->tau = NULL;
}

static void linearise(solver *s)
{
    forget_factors(s);
    if (s->round) pf_arena_free(s->round);
    s->round = pf_arena_new();
    s->system = pf_linearise(s->problem, s->x, s->use, s->round);
    pf_eliminate(&s->system);
    s->redundancy = s->system.rank - s->system.unknown_rank;
}

/* The derivative of a redundant row by a measurement, in its standard deviations. */
static double slope(const solver *s, size_t row, size_t j)
{
    if (!is_measured(s, j)) return 0;
    return pf_entry(&s->system, s->system.unknown_rank + row, j) / s->system.column_scale[j] * quantity(s, j)->sd;
}

static void factorise(solver *s)
{
    if (!s->redundancy) return;
    s->qr = gsl_matrix_alloc(s->n, s->redundancy);
    s->tau = gsl_vector_alloc(s->redundancy);
    for (size_t j = 0; j < s->n; j++)
        for (size_t r = 0; r < s->redundancy; r++) gsl_matrix_set(s->qr, j, r, slope(s, r, j));
    gsl_linalg_QR_decomp(s->qr, s->tau);
}

/* How far a measurement has moved, in standard deviations. */
static double moved(const solver *s, size_t j)
{
    return is_measured(s, j) ? (s->x[j] - quantity(s, j)->value) / quantity(s, j)->sd : 0;
}

/* The shortest d with G d = G d0 - g: d = Q R^-T (G d0 - g), where the transposed G is Q R. */
static void shortest_move(const solver *s, gsl_vector *d)
{
    gsl_vector_set_zero(d);
    if (!s->redundancy) return;
    for (size_t r = 0; r < s->redundancy; r++) {
        double right = -pf_row_value(&s->system, s->system.unknown_rank + r);
        for (size_t j = 0; j < s->n; j++) right += slope(s, r, j) * moved(s, j);
        gsl_vector_set(d, r, right);
    }
    gsl_matrix_const_view r = gsl_matrix_const_submatrix(s->qr, 0, 0, s->redundancy, s->redundancy);
    gsl_vector_view head = gsl_vector_subvector(d, 0, s->redundancy);
    gsl_blas_dtrsv(CblasUpper, CblasTrans, CblasNonUnit, &r.matrix, &head.vector);
    gsl_linalg_QR_Qvec(s->qr, s->tau, d);
}

/* A pivot's row gives the change of its unknown; unknowns that nothing fixes stay where they are. */
static double unknown_change(const solver *s, size_t row, const double *change)
{
    double sum = -pf_row_value(&s->system, row);
    for (size_t j = 0; j < s->n; j++)
        if (is_measured(s, j)) sum -= pf_entry(&s->system, row, j) * change[j] / s->system.column_scale[j];
    return sum * s->system.column_scale[s->system.pivots[row]];
}

/* The size of a change, 1 where it just matters. */
static double weight(const solver *s, size_t j, double change)
{
    double unit = is_measured(s, j) ? quantity(s, j)->sd : s->system.column_scale[j];
    return change == 0 ? 0 : fabs(change) / (small_step * unit + rounding * fabs(s->x[j]));
}

/* Returns the weight of the largest change. */
static double step(solver *s)
{
    gsl_vector *d = gsl_vector_alloc(s->n);
    double *change = PF_ARRAY(s->round, double, s->n + 1), most = 0;
    shortest_move(s, d);
    for (size_t j = 0; j < s->n; j++)
        if (is_measured(s, j)) change[j] = quantity(s, j)->value + quantity(s, j)->sd * gsl_vector_get(d, j) - s->x[j];
    for (size_t row = 0; row < s->system.unknown_rank; row++)
        change[s->system.pivots[row]] = unknown_change(s, row, change);
    for (size_t j = 0; j < s->n; j++) {
        most = fmax(most, isfinite(change[j]) ? weight(s, j, change[j]) : INFINITY);
        s->x[j] += change[j];
    }
    gsl_vector_free(d);
    return most;
}

/* ---- iterations ---- */

static bool is_linear(const solver *s, const pf_constraint *constraint)
{
    for (size_t t = 0; t < constraint->count; t++) {
        size_t free_factors = 0;
        for (uint32_t f = 0; f < constraint->terms[t].degree; f++)
            free_factors += quantity(s, constraint->terms[t].factors[f])->known != PF_EXACT;
        if (free_factors > 1) return false;
    }
    return true;
}

/* Iterates with the constraints in use; false if it does not come to rest, or nowhere. */
static bool iterate(solver *s, size_t *iterations)
{
    for (size_t i = 0; i < MOST_ITERATIONS; i++) {
        linearise(s);
        factorise(s);
        ++*iterations;
        double most = step(s);
        if (!isfinite(most)) return false;
        if (most <= 1) return linearise(s), factorise(s), true;
    }
    return false;
}

/* The constraints that are far from holding; the worst one if there is none. */
static size_t failing(const solver *s, size_t *rows)
{
    double worst = -1;
    size_t count = 0, worst_row = 0;
    for (size_t i = 0; i < s->m; i++) {
        double largest, value = fabs(pf_constraint_value(&s->problem->constraints[i], s->x, &largest));
        double ratio = value <= 0 ? 0 : isfinite(value) ? value / largest : INFINITY;
        if (ratio > worst) worst = ratio, worst_row = i;
        if (ratio > far_off) rows[count++] = i;
    }
    if (!count) rows[count++] = worst_row;
    return count;
}

static bool ends_badly(const solver *s, bool has_come_to_rest, pf_reconciliation *out)
{
    out->row_count = pf_contradictions(&s->system, out->rows);
    if (out->row_count) out->end = PF_CONTRADICTION;
    else if (!has_come_to_rest) out->end = PF_NO_CONVERGENCE, out->row_count = failing(s, out->rows);
    return out->end != PF_RECONCILED;
}

/* False after an end that is none. */
static bool solve(solver *s, pf_reconciliation *out)
{
    size_t linear = 0;
    for (size_t i = 0; i < s->m; i++) linear += s->use[i] = is_linear(s, &s->problem->constraints[i]);
    bool rests = iterate(s, &out->iterations);
    if (linear == s->m || !rests) return !ends_badly(s, rests, out);
    out->row_count = pf_contradictions(&s->system, out->rows);
    if (out->row_count) return out->end = PF_CONTRADICTION, false;
    for (size_t i = 0; i < s->m; i++) s->use[i] = true;
    rests = iterate(s, &out->iterations);
    return !ends_badly(s, rests, out);
}

/* ---- covariance ---- */

/* The first columns of Q, [n][redundancy]: what the redundant rows take from the measurements. */
static double *taken(const solver *s, pf_arena *arena)
{
    double *q1 = PF_ARRAY(arena, double, s->n * s->redundancy + 1);
    gsl_vector *unit = gsl_vector_alloc(s->n);
    for (size_t r = 0; r < s->redundancy; r++) {
        gsl_vector_set_basis(unit, r);
        gsl_linalg_QR_Qvec(s->qr, s->tau, unit);
        for (size_t j = 0; j < s->n; j++) q1[j * s->redundancy + r] = gsl_vector_get(unit, j);
    }
    gsl_vector_free(unit);
    return q1;
}

/* What moves quantity j, as a row over the measurements, each in its standard deviation: [n][n]. */
static gsl_matrix *influences(const solver *s)
{
    gsl_matrix *f = gsl_matrix_calloc(s->n, s->n);
    for (size_t j = 0; j < s->n; j++)
        if (is_measured(s, j)) gsl_matrix_set(f, j, j, quantity(s, j)->sd);
    for (size_t row = 0; row < s->system.unknown_rank; row++) {
        size_t j = s->system.pivots[row];
        for (size_t k = 0; k < s->n; k++)
            if (is_measured(s, k))
                gsl_matrix_set(f, j, k,
                               -pf_entry(&s->system, row, k) * s->system.column_scale[j] / s->system.column_scale[k] *
                                   quantity(s, k)->sd);
    }
    return f;
}

/* F (1 - Q1 Q1') F', as the product of F - (F Q1) Q1' with its transpose, for 1 - Q1 Q1' is a projection. */
static void find_covariance(const solver *s, const double *q1, pf_reconciliation *out)
{
    gsl_matrix *f = influences(s);
    gsl_matrix_view covariance = gsl_matrix_view_array(out->covariance, s->n, s->n);
    if (s->redundancy) {
        gsl_matrix_const_view q = gsl_matrix_const_view_array(q1, s->n, s->redundancy);
        gsl_matrix *fq = gsl_matrix_alloc(s->n, s->redundancy);
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, f, &q.matrix, 0, fq);
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, -1, fq, &q.matrix, 1, f);
        gsl_matrix_free(fq);
    }
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, f, f, 0, &covariance.matrix);
    gsl_matrix_free(f);
    for (size_t j = 0; j < s->n; j++)
        for (size_t k = 0; k < s->n; k++)
            if (out->quantities[j].class == PF_CLASS_UNOBSERVABLE || out->quantities[k].class == PF_CLASS_UNOBSERVABLE)
                out->covariance[j * s->n + k] = NAN;
}

/* ---- tests ---- */

static double product(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

/* Mah and Tamhane (1982): the adjustment over its standard deviation. And what the quantity would be without its own
 * measurement: the gross error that explains most is the adjustment over the share of it that is taken (Narasimhan and
 * Mah 1987, for one measurement). */
static void test_measurement(const solver *s, const double *q1, size_t j, pf_reconciled *out)
{
    double share = product(q1 + j * s->redundancy, q1 + j * s->redundancy, s->redundancy), sd = quantity(s, j)->sd;
    out->z = moved(s, j) / sqrt(share);
    out->without = quantity(s, j)->value + moved(s, j) / share * sd;
    out->without_sd = sd * sqrt(fmax(1 / share - 1, 0));
}

/* The first redundant measurement whose adjustment is tied to that of j. */
static size_t first_alike(const solver *s, const double *q1, size_t j, const pf_reconciled *quantities)
{
    static const double same = 1e-9; /* 1 less the correlation of two adjustments */
    size_t r = s->redundancy, k = 0;
    for (; k < j; k++) {
        if (quantities[k].class != PF_CLASS_REDUNDANT) continue;
        double both = product(q1 + j * r, q1 + k * r, r);
        double first = product(q1 + j * r, q1 + j * r, r), second = product(q1 + k * r, q1 + k * r, r);
        if (fabs(both) > (1 - same) * sqrt(first * second)) break;
    }
    return k;
}

static int by_size(const void *left, const void *right)
{
    const double *a = left, *b = right;
    if (a[0] != b[0]) return a[0] > b[0] ? -1 : 1;
    return a[1] < b[1] ? -1 : a[1] > b[1];
}

/* Those that are alike but for rounding stand in the order of the input. */
static void name_suspects(const solver *s, pf_reconciliation *out, pf_arena *arena)
{
    static const double same_size = 1e9;
    double(*found)[2] = pf_alloc(arena, (s->n + 1) * sizeof *found);
    for (size_t j = 0; j < s->n; j++) {
        pf_reconciled *q = &out->quantities[j];
        q->is_suspect = q->class == PF_CLASS_REDUNDANT && fabs(q->z) > out->critical_z;
        if (!q->is_suspect) continue;
        found[out->suspect_count][0] = round(fabs(q->z) * same_size) / same_size;
        found[out->suspect_count++][1] = (double)j;
    }
    qsort(found, out->suspect_count, sizeof *found, by_size);
    for (size_t i = 0; i < out->suspect_count; i++) out->suspects[i] = (size_t)found[i][1];
}

static void test_all(const solver *s, const double *q1, pf_reconciliation *out, pf_arena *arena)
{
    size_t redundant = 0;
    for (size_t j = 0; j < s->n; j++) {
        pf_reconciled *q = &out->quantities[j];
        out->chi_square += moved(s, j) * moved(s, j);
        redundant += q->class == PF_CLASS_REDUNDANT;
        if (q->class != PF_CLASS_REDUNDANT) continue;
        test_measurement(s, q1, j, q);
        q->alike = first_alike(s, q1, j, out->quantities);
    }
    out->degrees = s->redundancy;
    out->p_value = s->redundancy ? gsl_cdf_chisq_Q(out->chi_square, (double)s->redundancy) : NAN;
    double one = redundant ? -expm1(log1p(-s->problem->level) / (double)redundant) : NAN;
    out->critical_z = redundant ? gsl_cdf_ugaussian_Qinv(one / 2) : NAN;
    if (redundant) name_suspects(s, out, arena);
}

/* ---- all of it ---- */

static void report(const solver *s, pf_reconciliation *out, pf_arena *arena)
{
    for (size_t j = 0; j < s->n; j++)
        out->quantities[j] = (pf_reconciled){.z = NAN, .without = NAN, .without_sd = NAN, .alike = j};
    pf_classify(&s->system, out->quantities, out->is_dependent);
    double *q1 = taken(s, s->round);
    find_covariance(s, q1, out);
    for (size_t j = 0; j < s->n; j++) {
        bool known = out->quantities[j].class != PF_CLASS_UNOBSERVABLE;
        out->quantities[j].value = known ? s->x[j] : NAN;
        out->quantities[j].sd = known ? sqrt(out->covariance[j * s->n + j]) : NAN;
    }
    test_all(s, q1, out, arena);
}

/* Guesses that are all alike would make some systems singular at the start: f1 c1 = f2 c2 with f1 = f2 and c1 = c2. */
static void begin(solver *s, pf_arena *arena)
{
    static const double golden = 0.6180339887498949, spread = 0.1;
    s->x = PF_ARRAY(arena, double, s->n + 1);
    s->use = PF_ARRAY(arena, bool, s->m + 1);
    for (size_t j = 0; j < s->n; j++) {
        double part = fmod((double)(j + 1) * golden, 1) - 0.5;
        s->x[j] = quantity(s, j)->value * (quantity(s, j)->known == PF_UNKNOWN ? 1 + spread * part : 1);
    }
}

pf_reconciliation pf_reconcile(const pf_reconcile_problem *problem, pf_arena *arena)
{
    solver s = {.problem = problem, .n = problem->quantity_count, .m = problem->constraint_count};
    pf_reconciliation out = {.rows = PF_ARRAY(arena, size_t, s.m + 1),
                             .quantities = PF_ARRAY(arena, pf_reconciled, s.n + 1),
                             .covariance = PF_ARRAY(arena, double, s.n *s.n + 1),
                             .is_dependent = PF_ARRAY(arena, bool, s.m + 1),
                             .suspects = PF_ARRAY(arena, size_t, s.n + 1)};
    begin(&s, arena);
    if (s.n && solve(&s, &out)) report(&s, &out, arena);
    forget_factors(&s);
    if (s.round) pf_arena_free(s.round);
    return out;
}
