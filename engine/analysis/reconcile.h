/* Data reconciliation: measured quantities with uncertainties are adjusted as little as possible, in units of their
 * standard deviations, so that all constraints hold; unknown ones are computed from them (docs/reconcile.md).
 * Pure numbers: it knows neither files nor units. Constraints are polynomials that must be 0, so that balances are of
 * degree 1, loads (amount times concentration) of degree 2, loads through transfer coefficients of degree 3. */
#ifndef PF_RECONCILE_H
#define PF_RECONCILE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum { PF_EXACT, PF_MEASURED, PF_UNKNOWN } pf_known;

typedef struct {
    pf_known known;
    double value; /* of an unknown: a first guess, not 0 */
    double sd;    /* of a measured one, above 0 */
} pf_quantity;

enum { PF_MONOMIAL_FACTORS = 4 };

/* coefficient * the product of `degree` quantities */
typedef struct {
    double coefficient;
    uint32_t factors[PF_MONOMIAL_FACTORS];
    uint32_t degree;
} pf_monomial;

typedef struct {
    const pf_monomial *terms; /* whose sum must be 0 */
    size_t count;
} pf_constraint;

typedef struct {
    const pf_quantity *quantities;
    size_t quantity_count;
    const pf_constraint *constraints;
    size_t constraint_count;
    double level; /* of the tests: 0.05 */
} pf_reconcile_problem;

typedef enum {
    PF_CLASS_EXACT,
    PF_CLASS_REDUNDANT,    /* measured, and the constraints and other measurements say something about it too */
    PF_CLASS_NONREDUNDANT, /* measured, and nothing else is known about it */
    PF_CLASS_OBSERVABLE,   /* unknown, follows from the others */
    PF_CLASS_UNOBSERVABLE  /* unknown, and stays so */
} pf_quantity_class;

/* "redundant" */
const char *pf_quantity_class_name(pf_quantity_class class);

typedef struct {
    pf_quantity_class class;
    double value, sd; /* reconciled; NaN where it is unobservable */
    double z;         /* of a redundant one: its adjustment over the standard deviation of that; else NaN */
    double without;   /* what the rest says about it where it is redundant, else NaN */
    double without_sd;
    bool is_suspect; /* |z| is above the critical value */
    size_t alike;    /* the first measurement whose gross error would show just the same; itself if none */
} pf_reconciled;

typedef enum {
    PF_RECONCILED,
    PF_CONTRADICTION, /* the rows contradict each other, whatever the measurements are */
    PF_NO_CONVERGENCE /* the rows are far from holding after the last iteration */
} pf_reconcile_end;

typedef struct {
    pf_reconcile_end end;
    size_t *rows; /* the constraints that an end other than the first is about */
    size_t row_count;
    pf_reconciled *quantities; /* [quantity_count] */
    double *covariance;        /* [quantity_count][quantity_count]; NaN where one is unobservable */
    bool *is_dependent;        /* [constraint_count]: it is one of several that say the same */
    size_t *suspects;          /* the worst first */
    size_t suspect_count;
    double chi_square, p_value; /* of the global test */
    size_t degrees;             /* of freedom: how many measurements are more than needed */
    double critical_z;          /* of one measurement, at the level of all (Sidak 1967) */
    size_t iterations;
} pf_reconciliation;

/* Everything is in `arena`. After another end than PF_RECONCILED, only `rows` and `iterations` are set. */
pf_reconciliation pf_reconcile(const pf_reconcile_problem *problem, pf_arena *arena);

/* What a constraint comes to at `values`, and the size of its largest term. */
double pf_constraint_value(const pf_constraint *constraint, const double *values, double *largest);

#endif
