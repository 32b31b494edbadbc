/* Inside of data reconciliation: the constraints linearised at a point, and their elimination. */
#ifndef PF_RECONCILE_LINEAR_H
#define PF_RECONCILE_LINEAR_H

#include "analysis/reconcile.h"

/* Row by row: the derivatives by each quantity (of an exact one 0), then the constraint's value, then the row of the
 * unit matrix that keeps which constraints the row was made of. Columns are in units of `column_scale`, rows were
 * divided by `row_scale`. */
typedef struct {
    const pf_reconcile_problem *problem;
    size_t width;
    double *rows, *column_scale, *row_scale;
    double *largest;     /* of each constraint: its largest term, over row_scale */
    size_t *pivots;      /* of row r: its column */
    size_t unknown_rank; /* so many rows have an unknown as pivot; those below are free of unknowns */
    size_t rank;         /* up to here the pivot is a measurement; those below are 0 but for their value */
} pf_linear_system;

/* Constraints with use[i] false are left out: their rows are 0. */
pf_linear_system pf_linearise(const pf_reconcile_problem *problem, const double *values, const bool *use,
                              pf_arena *arena);
/* By Gauss and Jordan with full pivoting: unknowns first, then measurements. */
void pf_eliminate(pf_linear_system *system);

/* An entry or value of an eliminated row; what the row has of constraint `of`. */
double pf_entry(const pf_linear_system *system, size_t row, size_t quantity);
double pf_row_value(const pf_linear_system *system, size_t row);
double pf_row_part(const pf_linear_system *system, size_t row, size_t of);
/* Is it no more than rounding? */
bool pf_is_nothing(double entry);

/* Madron (1992), Cencic and Fruehwirth (2015): classes are read off the eliminated rows. */
void pf_classify(const pf_linear_system *system, pf_reconciled *quantities, bool *is_dependent);
/* Puts the constraints of rows that are 0 = something into `rows`; their count. */
size_t pf_contradictions(const pf_linear_system *system, size_t *rows);

#endif
