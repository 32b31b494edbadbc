/* The methods of sensitivity analysis, one row each: what a method asks of a sample, which indices it gives, and the
 * estimator (analysis/estimates.h) behind it. A new method is a row in methods.c. */
#ifndef PF_METHODS_H
#define PF_METHODS_H

#include "analysis/estimates.h"

#include <stdbool.h>

typedef enum {
    PF_NEEDS_MEMBERS,      /* members that were drawn by themselves */
    PF_NEEDS_RADIAL,       /* groups of k + 2 or 2 k + 2: PF_ARRANGED_RADIAL or PF_ARRANGED_SECOND */
    PF_NEEDS_TRAJECTORIES, /* groups of k + 1: PF_ARRANGED_MORRIS */
    PF_NEEDS_NO_SAMPLE     /* works on the model itself, and has no functions here (analysis/elasticities.h) */
} pf_need;

typedef enum { PF_X_NONE, PF_X_VALUES, PF_X_UNIFORMS } pf_x;

/* An index of each parameter. */
typedef struct {
    const char *name; /* of its variable, behind that of the indicator: "ghg_total_total_order" */
    const char *title;
    bool has_unit;  /* that of the indicator; else it is a pure number */
    bool is_signed; /* a large negative value is as much as a large positive one; else below 0 there is only noise */
} pf_index;

enum { PF_MOST_INDICES = 3, PF_MOST_PAIRED = 64, PF_PAWN_SLICES = 10 };

/* The members that an estimate is made from: whole groups, or those whose output is finite. */
typedef struct {
    size_t n, k, group; /* members, parameters, members a group (1: they stand by themselves) */
    double *x;          /* [k][n]: what the method asks for; by free() */
} pf_inputs;

/* Where the indices of one output go. */
typedef struct {
    pf_estimate *indices[PF_MOST_INDICES]; /* [k] each */
    pf_estimate *pairs;                    /* [k][k], or NULL where they are not wanted */
    double *r2;
} pf_indices_of;

typedef struct {
    const char *name, *title, *doc, *references;
    pf_need need;
    pf_x x;
    pf_index indices[PF_MOST_INDICES];
    size_t index_count, leading; /* leading: by which parameters are ranked, and which is traced */
    bool has_pairs, has_r2, has_intervals;
    bool is_slow;            /* unless asked for, only one period is analysed */
    bool is_traced;          /* over growing prefixes */
    bool is_share;           /* the leading index is a share, so that 0.05 is narrow; else relative to the greatest */
    bool splits_equal;       /* members of equal value are told apart by their order, which a grid does not allow */
    bool finds_ties;         /* sees any dependence of its output on a parameter, also by way of another one */
    bool is_of_distribution; /* compares distributions, not means */
    size_t least, few;       /* members, or whole groups: refused below `least`, marked below `few` */
    /* May free `x`. The result serves all outputs of these members; NULL where nothing is to be prepared. */
    void *(*prepare)(pf_inputs *inputs);
    void (*release)(void *prepared);
    void (*estimate)(const pf_inputs *inputs, const void *prepared, const double *y, pf_bootstrap bootstrap,
                     const pf_indices_of *indices);
} pf_method;

size_t pf_method_count(void);
const pf_method *pf_method_at(size_t row);

/* Fewer for a small sample, so that a slice holds enough members. */
size_t pf_pawn_slices(size_t n);

#endif
