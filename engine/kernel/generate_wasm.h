/* Writes a plan out as a WebAssembly module, for pages that run a model: the third back end beside interpreter and
 * native code. The module knows neither steps nor scenarios: its caller fills the memory and calls it in order, solves
 * the loops and moves the states on (docs/explorer.md says how). */
#ifndef PF_GENERATE_WASM_H
#define PF_GENERATE_WASM_H

#include "kernel/kernel.h"

/* The module's memory, which it exports as `memory`, is a register file: row k lies at byte k * row_bytes and holds
 * `lanes` doubles, all of which are worked on. Rows up to `registers` are the plan's registers.
 *   spread(e)  puts the step's exports, doubles from byte e on, where rows of them are read
 *   lane(0)    what varies by lane only
 *   sK(e)      segment K of the plan, or the body of its loop; behind the last the step's end
 * Functions that it imports from `operations` are called by the names of the table of operations. */
typedef struct {
    const void *bytes;
    size_t size;
    uint32_t lanes, row_bytes;
    uint32_t failed, not_finite; /* rows, to be cleared before the first step: not 0 where a check failed in any step
                                    since, and where an output was not finite */
    uint32_t outputs;            /* the first of the rows of outputs, as the last step left them */
    uint32_t memory_end;         /* the first byte that is free: the memory has `table_bytes` more */
    uint32_t table_bytes;        /* for the exports of all steps */
    const double *exports;       /* [steps][plan->export_count], the kernel's own */
} pf_wasm_module;

/* In the arena, but for what is the kernel's. */
pf_wasm_module pf_generate_wasm(const pf_kernel *kernel, uint32_t lanes, pf_arena *arena);

#endif
