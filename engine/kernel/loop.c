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

/* --- loops of one or two tears, which most are: a round in one go, by the same operations in the same order --- */

enum { FEW = 2, VECTOR = 4 };
typedef double vector __attribute__((vector_size(VECTOR * sizeof(double))));
typedef long long mask __attribute__((vector_size(VECTOR * sizeof(double))));

#define ALL(x) ((vector){x, x, x, x})
#define WHERE(m, a, b) ((vector)(((m) & (mask)(a)) | (~(m) & (mask)(b))))
#define SIZE(a) ((vector)((mask)(a) & ~(mask)ALL(-0.0)))
#define AT(row) (*(vector *)((row) + l))

typedef struct {
    double *x[FEW], *returned[FEW];
    const double *g[FEW], *slope[FEW * FEW];
} few_tears;

static few_tears few_tears_of(const solver *s)
{
    few_tears t = {0};
    for (size_t i = 0; i < s->tears; i++) {
        t.x[i] = x_of(s, i);
        t.g[i] = g_of(s, i);
        t.returned[i] = row_of(s->returned, s, i);
    }
    for (size_t i = 0; i < s->tears * s->tears; i++) t.slope[i] = pf_register(s->block, s->loop->jacobian[i]);
    return t;
}

/* As solve_newton(): the step to (I - J) step = d, and the determinant of I - J. */
PF_INLINE void solve_few(const vector slope[FEW * FEW], const vector d[FEW], size_t tears, vector step[FEW],
                         vector *determinant)
{
    const vector one = ALL(1.0), zero = ALL(0.0);
    if (tears == 1) {
        *determinant = one - slope[0];
        step[0] = d[0] / *determinant;
        return;
    }
    vector a = one - slope[0], b = zero - slope[1], c = zero - slope[2], e = one - slope[3];
    mask lower_larger = (mask)(SIZE(c) > SIZE(a));
    vector upper[3] = {WHERE(lower_larger, c, a), WHERE(lower_larger, e, b), WHERE(lower_larger, d[1], d[0])};
    vector lower[3] = {WHERE(lower_larger, a, c), WHERE(lower_larger, b, e), WHERE(lower_larger, d[0], d[1])};
    vector factor = lower[0] / upper[0], last = lower[1] - factor * upper[1];
    step[1] = (lower[2] - factor * upper[2]) / last;
    step[0] = (upper[2] - upper[1] * step[1]) / upper[0];
    *determinant = upper[0] * last;
}

/* What measure(), judge() and freeze() do, and unless this round is the last one solve_newton() and choose_points(). */
PF_INLINE void run_round(const solver *s, const few_tears *t, size_t tears, bool is_last)
{
    const vector zero = ALL(0.0), one = ALL(1.0), settled_at = ALL(SETTLED), infinite = ALL(INFINITY);
    const mask goes_on = is_last ? (mask)zero : ~(mask)zero;
    for (size_t l = 0; l < s->width; l += VECTOR) {
        vector x[FEW], g[FEW], slope[FEW * FEW], d[FEW], step[FEW], found, trial = zero, flows = zero;
        for (size_t i = 0; i < tears * tears; i++) slope[i] = *(const vector *)(t->slope[i] + l);
        for (size_t i = 0; i < tears; i++) {
            x[i] = AT(t->x[i]);
            g[i] = *(const vector *)(t->g[i] + l);
            vector gross = WHERE((mask)(SIZE(x[i]) > SIZE(g[i])) | (mask)(x[i] != x[i]), SIZE(x[i]), SIZE(g[i]));
            vector r = WHERE((mask)(gross > zero), SIZE(x[i] - g[i]) / gross, gross);
            trial = WHERE((mask)(r > trial) | (mask)(r != r), r, trial);
            flows = flows + SIZE(x[i]);
        }
        mask active = (mask)(AT(s->active) != zero), newton = (mask)(AT(s->newton) != zero);
        mask moved = active & (~newton | (mask)(trial <= ALL(0.5) * AT(s->norm)));
        vector norm = AT(s->norm) = WHERE(moved, trial, AT(s->norm));
        AT(s->flows) = WHERE(moved, flows, AT(s->flows));
        mask settled = moved & (mask)(norm <= settled_at);
        active &= (mask)(norm > settled_at) & (mask)(norm < infinite);
        moved &= active & goes_on;
        for (size_t i = 0; i < tears; i++) {
            AT(t->returned[i]) = WHERE(moved, g[i], AT(t->returned[i]));
            x[i] = WHERE(settled, g[i], x[i]);
            d[i] = g[i] - x[i];
        }
        solve_few(slope, d, tears, step, &found);
        vector determinant = AT(s->determinant) = WHERE(moved, found, AT(s->determinant));
        newton = moved & (mask)(SIZE(determinant) > ALL(SINGULAR));
        for (size_t i = 0; i < tears; i++) newton &= (mask)(x[i] + step[i] >= zero) & (mask)(x[i] + step[i] < infinite);
        for (size_t i = 0; i < tears; i++)
            AT(t->x[i]) = WHERE(active & goes_on, WHERE(newton, x[i] + step[i], AT(t->returned[i])), x[i]);
        AT(s->newton) = (vector)(newton & (mask)one);
        AT(s->active) = (vector)(active & (mask)one);
    }
}

PF_WIDE static void run_round_of_one(const solver *s, const few_tears *t, bool is_last)
{
    run_round(s, t, 1, is_last);
}

PF_WIDE static void run_round_of_two(const solver *s, const few_tears *t, bool is_last)
{
    run_round(s, t, 2, is_last);
}

/* --- any loop --- */

static void note_faults(const solver *s, uint32_t number, uint32_t step)
{
    for (size_t l = 0; l < s->width; l++) {
        if (s->active[l] == 0 && s->norm[l] < INFINITY) continue;
        pf_fault_kind kind = gains(s, l) ? PF_LOOP_GAINS : PF_LOOP_OPEN;
        s->block->faults[l] = (pf_fault){kind, step, number};
    }
}

/* What follows an evaluation of g. A lane alone, as a replay has it, fills no vector. */
static void end_round(const solver *s, bool last)
{
    if (s->tears <= FEW && s->width % VECTOR == 0) {
        few_tears few = few_tears_of(s);
        if (s->tears == 1) run_round_of_one(s, &few, last);
        else run_round_of_two(s, &few, last);
    } else {
        measure(s);
        judge(s);
        freeze(s);
        if (last || !any(s->active, s->width)) return;
        if (any(s->moved, s->width)) solve_newton(s);
        choose_points(s);
    }
}

void pf_loop_solve(pf_block *block, uint32_t number, uint32_t step)
{
    const pf_loop *loop = &block->kernel->plan->loops[number];
    solver s = prepare(block, loop, block->loop_starts ? block->loop_starts[number] : 0);
    for (int round = 1; any(s.active, s.width); round++) {
        pf_run_body(block, loop);
        end_round(&s, round == PF_LOOP_ROUNDS);
        if (round == PF_LOOP_ROUNDS) break;
        if (round == PF_LOOP_ROUNDS - 2 * WINDOW || round == PF_LOOP_ROUNDS - WINDOW) note_growth(&s);
    }
    pf_run_body(block, loop);
    note_faults(&s, number, step);
}
