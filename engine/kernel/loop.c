/* The safeguarded Newton solver of a recycle loop x = g(x), all lanes of a block in step.
 * A lane tries the Newton point of its base; if that does not at least halve the residual, it goes to g of the base.
 * Lanes are told apart by masks (1 or 0) and by select, so that each goes its own way whoever its neighbours are. */
#include "kernel/loop.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Growth of the flows is compared over the last two windows of rounds; 60 is a multiple of the length of most cycles,
 * over which the growth of a single round may vary. */
enum { WINDOW = 60, LANE_ROWS = 9 };
static const double SETTLED = 1e-12;
static const double SINGULAR = 64 * DBL_EPSILON;
static const double OVERFLOWING = 1e150;

typedef struct {
    pf_block *block;
    const pf_loop *loop;
    size_t tears, width, stride;
    double *matrix;      /* [tears][tears] I - J, then its factors */
    double *step;        /* [tears] the Newton step */
    double *returned;    /* [tears] g at the base */
    double *norm;        /* the residual's norm at the base ... */
    double *trial;       /* ... and at the point just evaluated */
    double *active;      /* mask: not yet settled */
    double *moved;       /* mask: the point just evaluated became the base */
    double *newton;      /* mask: the point to evaluate is a Newton point */
    double *determinant; /* of I - J at the base */
    double *flows;       /* sum of |x| at the base */
    double *mark;        /* the same a window ago */
    double *growth;      /* by how much it grew in the window before */
} solver;

size_t pf_loop_scratch(const pf_loop *loop)
{
    size_t tears = loop->tears;
    return tears * tears + 2 * tears + LANE_ROWS;
}

static double *x_of(const solver *s, size_t i)
{
    return pf_register(s->block, s->loop->x[i]);
}

static const double *g_of(const solver *s, size_t i)
{
    return pf_register(s->block, s->loop->g[i]);
}

static double *cell(const solver *s, size_t row, size_t column)
{
    return s->matrix + (row * s->tears + column) * s->stride;
}

static double *row_of(double *rows, const solver *s, size_t i)
{
    return rows + i * s->stride;
}

PF_WIDE static int any(const double *mask, size_t width)
{
    int found = 0;
    for (size_t l = 0; l < width; l++) found |= mask[l] != 0;
    return found;
}

static solver prepare(pf_block *block, const pf_loop *loop, double start)
{
    solver s = {.block = block, .loop = loop, .tears = loop->tears, .width = block->width, .stride = block->stride};
    double **fields[LANE_ROWS] = {&s.norm,        &s.trial, &s.active, &s.moved, &s.newton,
                                  &s.determinant, &s.flows, &s.mark,   &s.growth};
    s.matrix = block->scratch;
    s.step = s.matrix + s.tears * s.tears * s.stride;
    s.returned = s.step + s.tears * s.stride;
    double *free_row = s.returned + s.tears * s.stride;
    memset(free_row, 0, LANE_ROWS * s.stride * sizeof *free_row);
    for (size_t i = 0; i < LANE_ROWS; i++, free_row += s.stride) *fields[i] = free_row;
    for (size_t i = 0; i < s.tears; i++)
        for (size_t l = 0; l < s.width; l++) x_of(&s, i)[l] = start;
    for (size_t l = 0; l < s.width; l++) s.active[l] = block->faults[l].kind == PF_NO_FAULT;
    return s;
}

/* trial := the largest |x - g| / max(|x|, |g|); 0 where both are 0, NaN where either is NaN or infinite. */
PF_WIDE static void measure(const solver *s)
{
    double *norm = s->trial;
    memset(norm, 0, s->width * sizeof *norm);
    for (size_t i = 0; i < s->tears; i++) {
        const double *x = x_of(s, i), *g = g_of(s, i);
        for (size_t l = 0; l < s->width; l++) {
            double gross = (fabs(x[l]) > fabs(g[l]) || x[l] != x[l]) ? fabs(x[l]) : fabs(g[l]);
            double part = fabs(x[l] - g[l]) / gross, r = gross > 0 ? part : gross;
            norm[l] = (r > norm[l] || r != r) ? r : norm[l];
        }
    }
}

/* A Newton point becomes the base if it at least halves the norm, any other point always. */
PF_WIDE static void judge(const solver *s)
{
    for (size_t l = 0; l < s->width; l++) {
        s->moved[l] = s->active[l] != 0 && (s->newton[l] == 0 || s->trial[l] <= 0.5 * s->norm[l]);
        s->norm[l] = s->moved[l] != 0 ? s->trial[l] : s->norm[l];
        s->flows[l] = s->moved[l] != 0 ? 0 : s->flows[l];
    }
    for (size_t i = 0; i < s->tears; i++) {
        const double *x = x_of(s, i), *g = g_of(s, i);
        double *returned = row_of(s->returned, s, i);
        for (size_t l = 0; l < s->width; l++) {
            returned[l] = s->moved[l] != 0 ? g[l] : returned[l];
            s->flows[l] = s->moved[l] != 0 ? s->flows[l] + fabs(x[l]) : s->flows[l];
        }
    }
}

/* Freezes the lanes that are solved, at g of their base, and those whose g is not finite, where they stand. */
PF_WIDE static void freeze(const solver *s)
{
    for (size_t i = 0; i < s->tears; i++) {
        double *x = x_of(s, i);
        const double *g = g_of(s, i);
        for (size_t l = 0; l < s->width; l++) x[l] = s->moved[l] != 0 && s->norm[l] <= SETTLED ? g[l] : x[l];
    }
    for (size_t l = 0; l < s->width; l++) {
        double open = s->norm[l] > SETTLED && s->norm[l] < INFINITY;
        s->active[l] = s->active[l] != 0 ? open : 0;
        s->moved[l] = s->active[l] != 0 ? s->moved[l] : 0;
    }
}

PF_WIDE static void set_equations(const solver *s)
{
    for (size_t i = 0; i < s->tears; i++) {
        const double *x = x_of(s, i), *g = g_of(s, i);
        double *step = row_of(s->step, s, i);
        for (size_t l = 0; l < s->width; l++) step[l] = g[l] - x[l];
        for (size_t j = 0; j < s->tears; j++) {
            const double *slope = pf_register(s->block, s->loop->jacobian[i * s->tears + j]);
            double *entry = cell(s, i, j), one = i == j;
            for (size_t l = 0; l < s->width; l++) entry[l] = one - slope[l];
        }
    }
}

PF_WIDE static void swap_where(const double *mask, double *a, double *b, size_t width)
{
    for (size_t l = 0; l < width; l++) {
        double upper = a[l], lower = b[l];
        a[l] = mask[l] != 0 ? lower : upper;
        b[l] = mask[l] != 0 ? upper : lower;
    }
}

/* Brings the largest entry of column k at or below row k to row k. The mask is kept in `trial`, free by now. */
PF_WIDE static void pivot(const solver *s, size_t k)
{
    double *lower_larger = s->trial;
    for (size_t i = k + 1; i < s->tears; i++) {
        const double *upper = cell(s, k, k), *lower = cell(s, i, k);
        for (size_t l = 0; l < s->width; l++) lower_larger[l] = fabs(lower[l]) > fabs(upper[l]);
        for (size_t j = k; j < s->tears; j++) swap_where(lower_larger, cell(s, k, j), cell(s, i, j), s->width);
        swap_where(lower_larger, row_of(s->step, s, k), row_of(s->step, s, i), s->width);
    }
}

/* row i -= factor of lane * row k */
PF_WIDE static void subtract(const double *factor, double *i, const double *k, size_t width)
{
    for (size_t l = 0; l < width; l++) i[l] -= factor[l] * k[l];
}

PF_WIDE static void eliminate(const solver *s, size_t k)
{
    for (size_t i = k + 1; i < s->tears; i++) {
        double *factor = cell(s, i, k);
        const double *diagonal = cell(s, k, k);
        for (size_t l = 0; l < s->width; l++) factor[l] /= diagonal[l];
        for (size_t j = k + 1; j < s->tears; j++) subtract(factor, cell(s, i, j), cell(s, k, j), s->width);
        subtract(factor, row_of(s->step, s, i), row_of(s->step, s, k), s->width);
    }
}

/* step := d of (I - J) d = g - x, by LU with partial pivoting; not finite where I - J is singular. */
PF_WIDE static void solve_newton(const solver *s)
{
    set_equations(s);
    for (size_t l = 0; l < s->width; l++) s->determinant[l] = s->moved[l] != 0 ? 1 : s->determinant[l];
    for (size_t k = 0; k < s->tears; k++) {
        pivot(s, k);
        eliminate(s, k);
        const double *diagonal = cell(s, k, k);
        for (size_t l = 0; l < s->width; l++) s->determinant[l] *= s->moved[l] != 0 ? diagonal[l] : 1;
    }
    for (size_t k = s->tears; k-- > 0;) {
        double *step = row_of(s->step, s, k);
        const double *diagonal = cell(s, k, k);
        for (size_t j = k + 1; j < s->tears; j++) subtract(cell(s, k, j), step, row_of(s->step, s, j), s->width);
        for (size_t l = 0; l < s->width; l++) step[l] /= diagonal[l];
    }
}

/* The next point of each active lane: the Newton point of a base just reached if it is finite and nonnegative, else g
 * of the base. A determinant that is zero to rounding would send a loop that gains to a solution of rounding errors. */
PF_WIDE static void choose_points(const solver *s)
{
    for (size_t l = 0; l < s->width; l++) s->newton[l] = s->moved[l] != 0 && fabs(s->determinant[l]) > SINGULAR;
    for (size_t i = 0; i < s->tears; i++) {
        const double *x = x_of(s, i), *step = row_of(s->step, s, i);
        for (size_t l = 0; l < s->width; l++) {
            double point = x[l] + step[l];
            s->newton[l] = point >= 0 && point < INFINITY ? s->newton[l] : 0;
        }
    }
    for (size_t i = 0; i < s->tears; i++) {
        double *x = x_of(s, i);
        const double *step = row_of(s->step, s, i), *returned = row_of(s->returned, s, i);
        for (size_t l = 0; l < s->width; l++) {
            double point = s->newton[l] != 0 ? x[l] + step[l] : returned[l];
            x[l] = s->active[l] != 0 ? point : x[l];
        }
    }
}

PF_WIDE static void note_growth(const solver *s)
{
    for (size_t l = 0; l < s->width; l++) {
        s->growth[l] = s->flows[l] - s->mark[l];
        s->mark[l] = s->flows[l];
    }
}

/* More returns than went in: I - J is singular, or the flows grow without slackening, up to overflow. */
static bool gains(const solver *s, size_t lane)
{
    for (size_t i = 0; i < s->tears; i++)
        if (isnan(g_of(s, i)[lane])) return false;
    if (s->active[lane] == 0) return s->flows[lane] > OVERFLOWING;
    double growth = s->flows[lane] - s->mark[lane];
    return fabs(s->determinant[lane]) <= SINGULAR || (growth > 0 && growth >= s->growth[lane] * (1 - 1e-9));
}

static void note_faults(const solver *s, uint32_t number, uint32_t step)
{
    for (size_t l = 0; l < s->width; l++) {
        if (s->active[l] == 0 && s->norm[l] < INFINITY) continue;
        pf_fault_kind kind = gains(s, l) ? PF_LOOP_GAINS : PF_LOOP_OPEN;
        s->block->faults[l] = (pf_fault){kind, step, number};
    }
}

void pf_loop_solve(pf_block *block, uint32_t number, uint32_t step)
{
    const pf_loop *loop = &block->kernel->plan->loops[number];
    solver s = prepare(block, loop, block->loop_starts ? block->loop_starts[number] : 0);
    for (int round = 1; any(s.active, s.width); round++) {
        pf_run_body(block, loop);
        measure(&s);
        judge(&s);
        freeze(&s);
        if (round == PF_LOOP_ROUNDS || !any(s.active, s.width)) break;
        if (any(s.moved, s.width)) solve_newton(&s);
        choose_points(&s);
        if (round == PF_LOOP_ROUNDS - 2 * WINDOW || round == PF_LOOP_ROUNDS - WINDOW) note_growth(&s);
    }
    pf_run_body(block, loop);
    note_faults(&s, number, step);
}
