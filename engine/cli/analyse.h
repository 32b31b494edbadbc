/* An analysis as the command line asks for it: options and files (analyse.c), which outputs (analyse_choice.c), the
 * tables (analyse_print.c). */
#ifndef PF_CLI_ANALYSE_H
#define PF_CLI_ANALYSE_H

#include "analysis/study.h"
#include "cli/verbs.h"

typedef struct {
    const char *names[64];
    size_t count;
} pf_wanted;

typedef struct {
    const char *path;
    pf_wanted indicators, scenarios, periods;
    const char *park;
    uint64_t resamples, seed, top;
    bool has_resamples, quiet;
} pf_analyse_options;

/* The outputs that the options name, or the default ones; false after a message. Freed by the second. */
bool pf_choose_outputs(pf_choice *choice, const pf_analyse_options *options, const pf_method *method,
                       const pf_sample *sample, const pf_compiled *model);
void pf_free_outputs(pf_choice *choice);

/* For the shown period: each indicator's references and changes, with the parameters that matter most. */
void pf_findings_print(pf_findings *findings, size_t top, FILE *out);

/* analyse_criteria.c: the criteria of a model held against its results. argv[0] is the name. */
int pf_analyse_criteria(int argc, char **argv);

#endif
