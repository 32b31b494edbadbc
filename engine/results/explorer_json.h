/* What the explorer's page is told beside the numbers; for results/explorer.c alone. */
#ifndef PF_EXPLORER_JSON_H
#define PF_EXPLORER_JSON_H

#include "model/compile.h"
#include "results/explorer_plan.h"
#include "results/sample.h"

typedef struct {
    const pf_sample *sample;
    const pf_compiled *model;
    const char *sha256;      /* of the input */
    const uint64_t *members; /* lane 0 stands at the medians, lane 1 + i is member i */
    size_t member_count;
    pf_explorer_plan plan;
} pf_explorer_facts;

void pf_explorer_put_facts(const pf_explorer_facts *facts, FILE *out);

#endif
