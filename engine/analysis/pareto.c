/* The sweep: points in lexicographic order; what came before and is not greater in the second objective has the least
 * third objective in a Fenwick tree. */
#include "analysis/pareto.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double x[PF_MOST_OBJECTIVES];
    size_t point;
    bool is_rival; /* beats others */
} item;

static int in_order(const void *left, const void *right)
{
    const item *a = left, *b = right;
    for (size_t j = 0; j < PF_MOST_OBJECTIVES; j++)
        if (a->x[j] != b->x[j]) return a->x[j] < b->x[j] ? -1 : 1;
    if (a->is_rival != b->is_rival) return a->is_rival ? 1 : -1;
    return a->point < b->point ? -1 : a->point > b->point;
}

static int by_number(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* ---- the least third objective up to a rank of the second ---- */

typedef struct {
    double *seconds; /* ascending */
    double *least;   /* a Fenwick tree over their places */
    size_t count;
} staircase;

/* Place of `second`, from 1: how many are not greater. */
static size_t place(const staircase *s, double second)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->seconds[middle] <= second) low = middle + 1;
        else high = middle;
    }
    return low;
}

static double least_up_to(const staircase *s, size_t at)
{
    double least = INFINITY;
    for (; at; at &= at - 1)
        if (s->least[at] < least) least = s->least[at];
    return least;
}

static void put(staircase *s, size_t at, double third)
{
    for (; at <= s->count; at += at & (~at + 1))
        if (third < s->least[at]) s->least[at] = third;
}

static staircase build_staircase(const item *items, size_t n)
{
    staircase s = {pf_doubles(n + 1), pf_doubles(n + 1), n};
    for (size_t i = 0; i < n; i++) s.seconds[i] = items[i].x[1];
    for (size_t i = 0; i <= n; i++) s.least[i] = INFINITY;
    qsort(s.seconds, n, sizeof *s.seconds, by_number);
    return s;
}

static bool same_place(const item *a, const item *b)
{
    return a->x[0] == b->x[0] && a->x[1] == b->x[1] && a->x[2] == b->x[2];
}

/* good[point]: no rival beats it. Rivals in the same place do not beat each other, so they enter together. */
static void sweep(item *items, size_t n, bool *good)
{
    qsort(items, n, sizeof *items, in_order);
    staircase s = build_staircase(items, n);
    for (size_t first = 0, end; first < n; first = end) {
        size_t at = place(&s, items[first].x[1]);
        bool is_good = least_up_to(&s, at) > items[first].x[2];
        for (end = first; end < n && same_place(&items[end], &items[first]); end++) good[items[end].point] = is_good;
        if (items[end - 1].is_rival) put(&s, at, items[first].x[2]);
    }
    free(s.seconds);
    free(s.least);
}

static bool take(const double *point, size_t k, const double *margins, item *to)
{
    bool is_number = true;
    for (size_t j = 0; j < k; j++) {
        to->x[j] = point[j] - (margins ? margins[j] : 0) + 0.0; /* no -0 */
        is_number &= !isnan(to->x[j]);
    }
    return is_number;
}

size_t pf_pareto_front(const double *points, size_t n, size_t k, bool *in_front)
{
    item *items = pf_calloc(n + 1, sizeof *items);
    size_t taken = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        in_front[i] = false;
        items[taken].point = i;
        items[taken].is_rival = true;
        taken += take(points + i * k, k, NULL, &items[taken]);
    }
    sweep(items, taken, in_front);
    for (size_t i = 0; i < n; i++) count += in_front[i];
    free(items);
    return count;
}

size_t pf_pareto_near(const double *points, size_t n, size_t k, const bool *in_front, const double *margins,
                      bool *is_near)
{
    item *items = pf_calloc(2 * n + 1, sizeof *items);
    bool *good = pf_calloc(2 * n + 1, sizeof *good);
    size_t taken = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        items[taken] = (item){.point = i};
        taken += take(points + i * k, k, margins, &items[taken]);
        items[taken] = (item){.point = n + i, .is_rival = true};
        taken += in_front[i] && take(points + i * k, k, NULL, &items[taken]);
    }
    sweep(items, taken, good);
    for (size_t i = 0; i < n; i++) count += is_near[i] = good[i] || in_front[i];
    free(items);
    free(good);
    return count;
}
