/* WebAssembly: numbers as the specification writes them, and a module taken apart again. With the name of a file,
 * writes plans into it and what the interpreter makes of them, for tests/cli/test_explorer.py to try in a browser. */
#include "kernel/generate_wasm.h"
#include "kernel/wasm.h"
#include "random_plan.h"
#include "results/explorer_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LANES = 16, CASE_LANES = 37, CASES = 24 };

/* Operations that are written out, whose bits are the same everywhere; random_plan.h adds the square root. */
static const random_kind EXACT = {PF_ABS + 1, 0}, CHECKED = {PF_ABS + 1, 0.005};

static void assert_bytes(pf_wasm_part *part, const char *bytes, size_t size)
{
    fclose(part->out);
    assert_int_equal(part->size, size);
    assert_memory_equal(part->bytes, bytes, size);
    free(part->bytes);
}

static void numbers_are_leb128_as_the_specification_has_it(void **state)
{
    (void)state;
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_number(part.out, 0);
    pf_wasm_number(part.out, 127);
    pf_wasm_number(part.out, 128);
    pf_wasm_number(part.out, 624485); /* the example of DWARF 5, appendix C */
    pf_wasm_number(part.out, UINT32_MAX);
    assert_bytes(&part, "\x00\x7F\x80\x01\xE5\x8E\x26\xFF\xFF\xFF\xFF\x0F", 12);
}

static void constants_keep_their_sign_and_their_bits(void **state)
{
    (void)state;
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_i32(part.out, 63);
    pf_wasm_i32(part.out, 64); /* in one byte it would be -64 */
    pf_wasm_i32(part.out, 128);
    pf_wasm_f64(part.out, -2);
    assert_bytes(&part, "\x41\x3F\x41\xC0\x00\x41\x80\x01\x44\x00\x00\x00\x00\x00\x00\x00\xC0", 17);
}

static void a_part_stands_behind_its_length(void **state)
{
    (void)state;
    pf_wasm_part outer, inner;
    pf_wasm_begin(&outer);
    pf_wasm_begin(&inner);
    pf_wasm_name(inner.out, "abc");
    pf_wasm_section(outer.out, PF_WASM_EXPORTS, &inner);
    assert_bytes(&outer,
                 "\x07\x04\x03"
                 "abc",
                 6);
}

/* ---- modules ---- */

static uint32_t read_number(const uint8_t *bytes, size_t *at)
{
    uint32_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = bytes[(*at)++];
        number |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return number;
    }
}

static void a_module_is_its_sections_in_order_and_nothing_else(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {PF_WASM_TYPES,  PF_WASM_IMPORTS, PF_WASM_FUNCTIONS,
                                     PF_WASM_MEMORY, PF_WASM_EXPORTS, PF_WASM_CODE};
    builder b = builder_new(STEPS);
    pf_kernel *kernel = pf_kernel_new(random_plan(&b, 7, EXACT, 900));
    pf_wasm_module module = pf_generate_wasm(kernel, LANES, b.arena);
    const uint8_t *bytes = module.bytes;
    size_t at = 8, sections = 0;
    assert_memory_equal(bytes, "\0asm\1\0\0\0", at);
    while (at < module.size) {
        assert_int_equal(bytes[at++], wanted[sections++]);
        uint32_t size = read_number(bytes, &at);
        at += size;
    }
    assert_int_equal(at, module.size);
    assert_int_equal(sections, sizeof wanted);
    assert_true(module.row_bytes >= LANES * sizeof(double) && module.memory_end % sizeof(double) == 0);
    pf_kernel_free(kernel);
    builder_free(&b);
}

/* ---- for a browser: plans, and what the interpreter makes of them ---- */

/* How many of the reported steps a lane's outputs can be compared in: up to its fault. */
static uint32_t good_steps(const pf_plan *plan, pf_fault fault)
{
    if (fault.kind == PF_NO_FAULT) return plan->steps - plan->first_reported;
    uint32_t end = fault.step + (fault.kind == PF_OUTPUT_NOT_FINITE);
    return end > plan->first_reported ? end - plan->first_reported : 0;
}

/* In hexadecimal, all that is no number alike. */
static void put_bits(FILE *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        double value = isnan(values[i]) ? (double)NAN : values[i];
        memcpy(&bits, &value, sizeof bits);
        fprintf(out, "%s\"%016llx\"", i ? "," : "",
                (unsigned long long)(isnan(value) ? 0x7ff8u * 0x1000000000000u : bits));
    }
}

static void put_case(FILE *out, uint64_t seed, random_kind kind, uint32_t operations)
{
    builder b = builder_new(STEPS);
    const pf_plan *plan = random_plan(&b, seed, kind, operations);
    pf_kernel *kernel = pf_kernel_new(plan);
    pf_block *block = pf_block_new(kernel, CASE_LANES);
    size_t count = (plan->steps - plan->first_reported) * plan->output_count * CASE_LANES;
    double *inputs = PF_ARRAY(b.arena, double, INPUTS *CASE_LANES), *outputs = PF_ARRAY(b.arena, double, count);
    bool is_drawn[INPUTS];
    pf_fault faults[CASE_LANES];
    for (size_t i = 0; i < INPUTS * CASE_LANES; i++) inputs[i] = 4 * builder_random(&seed) - 1;
    for (size_t i = 0; i < INPUTS; i++) is_drawn[i] = true;
    pf_block_run(block, CASE_LANES, inputs, outputs, faults);
    pf_explorer_plan page = {plan, pf_generate_wasm(kernel, LANES, b.arena), is_drawn, inputs, CASE_LANES};
    fputs("{\"facts\":{\"levers\":[],\"members\":[", out);
    for (size_t i = 1; i < CASE_LANES; i++) fprintf(out, "%s%zu", i > 1 ? "," : "", i);
    fputs("],\"plan\":", out);
    pf_explorer_put_plan(&page, out);
    fputs("},\"numbers\":\"", out);
    pf_explorer_put_numbers(&page, out);
    fputs("\",\"good_steps\":[", out);
    for (size_t i = 0; i < CASE_LANES; i++) fprintf(out, "%s%u", i ? "," : "", good_steps(plan, faults[i]));
    fputs("],\"failed\":[", out);
    for (size_t i = 0; i < CASE_LANES; i++) fprintf(out, "%s%d", i ? "," : "", faults[i].kind != PF_NO_FAULT);
    fputs("],\"outputs\":[", out);
    put_bits(out, outputs, count);
    fputs("]}", out);
    pf_block_free(block);
    pf_kernel_free(kernel);
    builder_free(&b);
}

static int write_cases(const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out) return 1;
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        fputc(seed > 1 ? ',' : '[', out);
        put_case(out, seed, seed % 4 ? EXACT : CHECKED, seed % 3 ? 60 : 900);
    }
    fputs("]\n", out);
    return fclose(out) != 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_leb128_as_the_specification_has_it),
        cmocka_unit_test(constants_keep_their_sign_and_their_bits),
        cmocka_unit_test(a_part_stands_behind_its_length),
        cmocka_unit_test(a_module_is_its_sections_in_order_and_nothing_else),
    };
    return argc > 1 ? write_cases(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
