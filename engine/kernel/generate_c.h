/* Writes the inner loop of a plan out as C: numbers and indices only, never a text of the model. */
#ifndef PF_GENERATE_C_H
#define PF_GENERATE_C_H

#include "base/operations.h"
#include "kernel/pieces.h"

/* What the generated code is given. The generated text declares the same struct. */
typedef struct {
    double *registers;     /* [rows][stride] */
    const double *exports; /* of the step */
    double *failed;        /* [stride] masks: bits where a check fails or an output is not finite */
    double *outputs;       /* [output_count][stride] */
    size_t width;
    pf_lane_function *const *operations; /* by row of the table */
} pf_native_lanes;
typedef void pf_native_segment(const pf_native_lanes *lanes);

/* The name of the table of functions that the code exports: one a segment of the plan, and one for the step's end. */
#define PF_NATIVE_TABLE "parkflow_segments"

/* The texts of several files of C, to be compiled apart and linked; in the arena. */
typedef struct {
    const char **files;
    size_t count;
} pf_c_text;

pf_c_text pf_generate_c(const pf_plan *plan, const pf_pieces *pieces, size_t stride, pf_arena *arena);

#endif
