/* The pedigree of a number: five scores from 1 (best) to 5, `quality: [reliability, completeness, time, place,
 * technology]`, and the spread that they stand for. */
#ifndef PF_PEDIGREE_H
#define PF_PEDIGREE_H

#include "scenario/tree.h"

/* Reads the scores and gives the variance of the number's logarithm. */
pf_status pf_pedigree_read(const pf_tree *quality, double *variance, pf_diagnostics *diagnostics);

#endif
