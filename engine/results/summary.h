/* The table that a run ends with: headline indicators by park and scenario, first and last reported year. */
#ifndef PF_SUMMARY_H
#define PF_SUMMARY_H

#include "results/collect.h"

/* Prints nothing where no whole year is reported. */
void pf_summary_print(const pf_collected *collected, FILE *out);

/* Says below a table what accounting.freeze holds, if it does. */
void pf_say_held(const pf_compiled *model, FILE *out);

#endif
