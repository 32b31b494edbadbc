/* Writes the bytes of WebAssembly. */
#include "kernel/wasm.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOP = 0x03,
    END = 0x0B,
    BRANCH_IF = 0x0D,
    CALL = 0x10,
    LOCAL_GET = 0x20,
    LOCAL_SET = 0x21,
    LOCAL_TEE = 0x22,
    F64_LOAD = 0x2B,
    F64_STORE = 0x39,
    I32_CONST = 0x41,
    F64_CONST = 0x44,
    I32_LESS = 0x49, /* unsigned */
    I32_ADD = 0x6A,
    NO_RESULT = 0x40,
    VECTORS = 0xFD /* the prefix of all that works on them */
};

void pf_wasm_begin(pf_wasm_part *part)
{
    *part = (pf_wasm_part){0};
    part->out = open_memstream(&part->bytes, &part->size);
    if (!part->out) abort(); /* no memory for a stream */
}

void pf_wasm_put(pf_wasm_part *part, FILE *out)
{
    fclose(part->out);
    pf_wasm_number(out, (uint32_t)part->size);
    fwrite(part->bytes, 1, part->size, out);
    free(part->bytes);
}

void pf_wasm_header(FILE *out)
{
    static const unsigned char magic_and_version[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    fwrite(magic_and_version, 1, sizeof magic_and_version, out);
}

void pf_wasm_section(FILE *out, uint8_t id, pf_wasm_part *part)
{
    pf_wasm_byte(out, id);
    pf_wasm_put(part, out);
}

void pf_wasm_byte(FILE *out, unsigned byte)
{
    fputc((int)byte, out);
}

void pf_wasm_number(FILE *out, uint32_t number)
{
    for (; number >= 0x80; number >>= 7) pf_wasm_byte(out, 0x80 | (number & 0x7F));
    pf_wasm_byte(out, number);
}

void pf_wasm_name(FILE *out, const char *name)
{
    pf_wasm_number(out, (uint32_t)strlen(name));
    fputs(name, out);
}

void pf_wasm_vector(FILE *out, pf_wasm_vector_op op)
{
    pf_wasm_byte(out, VECTORS);
    pf_wasm_number(out, op);
}

/* All that is addressed lies at multiples of 8: 2 to the power 3. */
static void put_place(FILE *out, uint32_t offset)
{
    pf_wasm_byte(out, 3);
    pf_wasm_number(out, offset);
}

void pf_wasm_memory(FILE *out, pf_wasm_vector_op op, uint32_t offset)
{
    pf_wasm_vector(out, op);
    put_place(out, offset);
}

void pf_wasm_load_f64(FILE *out, uint32_t offset)
{
    pf_wasm_byte(out, F64_LOAD);
    put_place(out, offset);
}

void pf_wasm_store_f64(FILE *out, uint32_t offset)
{
    pf_wasm_byte(out, F64_STORE);
    put_place(out, offset);
}

void pf_wasm_get(FILE *out, uint32_t local)
{
    pf_wasm_byte(out, LOCAL_GET);
    pf_wasm_number(out, local);
}

void pf_wasm_set(FILE *out, uint32_t local)
{
    pf_wasm_byte(out, LOCAL_SET);
    pf_wasm_number(out, local);
}

/* Signed LEB128 of a number below 2^31: a last byte whose bit 6 is set would be read as negative. */
void pf_wasm_i32(FILE *out, uint32_t number)
{
    pf_wasm_byte(out, I32_CONST);
    for (; number >= 0x40; number >>= 7) pf_wasm_byte(out, 0x80 | (number & 0x7F));
    pf_wasm_byte(out, number);
}

void pf_wasm_f64(FILE *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    pf_wasm_byte(out, F64_CONST);
    for (unsigned i = 0; i < sizeof bits; i++) pf_wasm_byte(out, (bits >> (8 * i)) & 0xFF);
}

void pf_wasm_add(FILE *out)
{
    pf_wasm_byte(out, I32_ADD);
}

void pf_wasm_call(FILE *out, uint32_t function)
{
    pf_wasm_byte(out, CALL);
    pf_wasm_number(out, function);
}

void pf_wasm_loop(FILE *out)
{
    pf_wasm_byte(out, LOOP);
    pf_wasm_byte(out, NO_RESULT);
}

void pf_wasm_loop_end(FILE *out, uint32_t counter, uint32_t step, uint32_t end)
{
    pf_wasm_get(out, counter);
    pf_wasm_i32(out, step);
    pf_wasm_byte(out, I32_ADD);
    pf_wasm_byte(out, LOCAL_TEE);
    pf_wasm_number(out, counter);
    pf_wasm_i32(out, end);
    pf_wasm_byte(out, I32_LESS);
    pf_wasm_byte(out, BRANCH_IF);
    pf_wasm_number(out, 0);
    pf_wasm_end(out);
}

void pf_wasm_end(FILE *out)
{
    pf_wasm_byte(out, END);
}
