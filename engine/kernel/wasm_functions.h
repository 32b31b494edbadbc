/* The functions of a WebAssembly module; for kernel/generate_wasm.c alone. */
#ifndef PF_WASM_FUNCTIONS_H
#define PF_WASM_FUNCTIONS_H

#include "kernel/generate_wasm.h"
#include "kernel/pieces.h"
#include "kernel/wasm.h"

typedef struct {
    const pf_plan *plan;
    const pf_pieces *pieces;
    pf_wasm_module *module;
    FILE *out;
    uint32_t *called;      /* by operation: 1 + the number of its import */
    uint32_t called_count; /* imports, and as many functions that call them for whole rows */
    uint32_t piece;        /* at hand, from 1 */
    uint32_t locals;       /* of the piece */
    /* by kind and index of a source: the piece that has it as a local variable, and which */
    uint32_t *seen[PF_FROM_CODE + 1], *local[PF_FROM_CODE + 1];
} pf_wasm_generator;

/* Each writes the next function of the code section. */
void pf_wasm_write_piece(pf_wasm_generator *g, const pf_piece *piece, FILE *code);
/* For whole rows of an operation that the page has. */
void pf_wasm_write_rows(pf_wasm_generator *g, uint32_t op, FILE *code);
/* A range of lane-bound code. */
void pf_wasm_write_lane_part(pf_wasm_generator *g, pf_span code_range, FILE *code);
/* Puts the step's exports into the rows that are read. */
void pf_wasm_write_spread(pf_wasm_generator *g, const bool *read, FILE *code);
/* Calls functions first .. first + count - 1. */
void pf_wasm_write_calls(pf_wasm_generator *g, uint32_t first, uint32_t count, FILE *code);

#endif
