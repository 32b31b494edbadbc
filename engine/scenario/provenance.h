/* What the numbers of a model rest on: each that the compiler has read, with the kind of evidence behind it. */
#ifndef PF_PROVENANCE_H
#define PF_PROVENANCE_H

#include "scenario/scenario.h"

typedef enum {
    PF_RESTS_ON_MEASURED,  /* a source of kind measured or reported */
    PF_RESTS_ON_DERIVED,   /* official_factor or estimate; or a measured one and an assumption on how it is read */
    PF_RESTS_ON_BENCHMARK, /* benchmark or default_factor */
    PF_RESTS_ON_ASSUMED,   /* an assumption alone, or a source of another kind: recalled, target, unknown */
    PF_RESTS_ON_NOTHING,
    PF_GROUNDS
} pf_ground;

/* "measured", "derived", ...; of nothing: "orphan" */
const char *pf_ground_name(pf_ground ground);

typedef struct {
    const char *path, *park; /* "demo.brewery.boiler.efficiency", "demo"; park NULL: shared by parks */
    pf_ground ground;
    pf_mark mark;
    const pf_value *value;
} pf_number_read;

/* The numbers of a compiled scenario: what its values, dates and rates are written as. Bare 0 and inf, which say that
 * there is nothing or no limit, are none, and neither are expressions that only name others. In the scenario's arena.
 */
const pf_number_read *pf_provenance(const pf_scenario *scenario, size_t *count);

#endif
