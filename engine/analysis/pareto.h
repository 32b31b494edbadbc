/* Points that no other point beats: takes points with 1 to 3 objectives, each the smaller the better, gives the front.
 * O(n log n): Kung, Luccio and Preparata 1975, "On finding the maxima of a set of vectors", as a sweep over the first
 * objective with a tree of prefix minima over the second. On plain arrays. */
#ifndef PF_PARETO_H
#define PF_PARETO_H

#include <stdbool.h>
#include <stddef.h>

enum { PF_MOST_OBJECTIVES = 3 };

/* A point beats another if it is nowhere worse and somewhere better; equal points do not beat each other. A point with
 * a value that is NaN is not in the front and beats none. points [n][k]; returns how many are in the front. */
size_t pf_pareto_front(const double *points, size_t n, size_t k, bool *in_front);

/* Which points would not be beaten by the front if they were better by margins [k]: those in the front are among them.
 */
size_t pf_pareto_near(const double *points, size_t n, size_t k, const bool *in_front, const double *margins,
                      bool *is_near);

#endif
