/* Bytes of a WebAssembly module (W3C, WebAssembly Core Specification 2.0): numbers, operations on two lanes at a time,
 * sections. Knows nothing of plans. */
#ifndef PF_WASM_H
#define PF_WASM_H

#include <stdint.h>
#include <stdio.h>

/* What is written where it belongs later: begin, write to `out`, then put it behind its length. */
typedef struct {
    FILE *out;
    char *bytes;
    size_t size;
} pf_wasm_part;
void pf_wasm_begin(pf_wasm_part *part);
/* Puts the part behind the length of it, and frees it. */
void pf_wasm_put(pf_wasm_part *part, FILE *out);

enum { PF_WASM_I32 = 0x7F, PF_WASM_F64 = 0x7C, PF_WASM_V128 = 0x7B };
enum {
    PF_WASM_TYPES = 1,
    PF_WASM_IMPORTS = 2,
    PF_WASM_FUNCTIONS = 3,
    PF_WASM_MEMORY = 5,
    PF_WASM_EXPORTS = 7,
    PF_WASM_CODE = 10
};
void pf_wasm_header(FILE *out);
void pf_wasm_section(FILE *out, uint8_t id, pf_wasm_part *part);

void pf_wasm_byte(FILE *out, unsigned byte);
void pf_wasm_number(FILE *out, uint32_t number); /* LEB128 */
void pf_wasm_name(FILE *out, const char *name);

/* Operations on vectors of two doubles, "f64x2.add" and the like. */
typedef enum {
    PF_V_LOAD = 0x00,
    PF_V_LOAD_ALL = 0x0A, /* one double to both */
    PF_V_STORE = 0x0B,
    PF_V_ALL = 0x14, /* splat */
    PF_V_EQ = 0x47,
    PF_V_NE,
    PF_V_LT,
    PF_V_GT,
    PF_V_LE,
    PF_V_GE,
    PF_V_NOT = 0x4D,
    PF_V_AND,
    PF_V_AND_NOT,
    PF_V_OR,
    PF_V_XOR,
    PF_V_CHOOSE, /* bitselect */
    PF_V_ABS = 0xEC,
    PF_V_NEG,
    PF_V_ADD = 0xF0,
    PF_V_SUB,
    PF_V_MUL,
    PF_V_DIV,
    PF_V_PMIN = 0xF6, /* b < a ? b : a, of a below b on the stack */
    PF_V_PMAX         /* a < b ? b : a */
} pf_wasm_vector_op;
void pf_wasm_vector(FILE *out, pf_wasm_vector_op op);
/* Load or store at the address on the stack plus `offset`. */
void pf_wasm_memory(FILE *out, pf_wasm_vector_op op, uint32_t offset);
void pf_wasm_load_f64(FILE *out, uint32_t offset);
void pf_wasm_store_f64(FILE *out, uint32_t offset);

void pf_wasm_get(FILE *out, uint32_t local);
void pf_wasm_set(FILE *out, uint32_t local);
void pf_wasm_i32(FILE *out, uint32_t number);
void pf_wasm_f64(FILE *out, double number);
void pf_wasm_add(FILE *out); /* of two i32 */
void pf_wasm_call(FILE *out, uint32_t function);
/* A loop whose counter, a local that is 0 before, goes by `step` up to `end`. */
void pf_wasm_loop(FILE *out);
void pf_wasm_loop_end(FILE *out, uint32_t counter, uint32_t step, uint32_t end);
void pf_wasm_end(FILE *out);

#endif
