/* Writes a plan for the page. */
#include "results/explorer_plan.h"

#include "base/arena.h"

#include <stdlib.h>
#include <zlib.h>

/* ---- registers ---- */

static void put_list(FILE *out, const char *name, const uint32_t *numbers, size_t count)
{
    fprintf(out, "\"%s\":[", name);
    for (size_t i = 0; i < count; i++) fprintf(out, "%s%u", i ? "," : "", numbers[i]);
    fputs("],", out);
}

static void put_leaves(const pf_explorer_plan *self, FILE *out)
{
    const pf_plan *plan = self->plan;
    fputs("\"constants\":[", out);
    for (size_t i = 0; i < plan->constant_count; i++) fprintf(out, "%s%u", i ? "," : "", plan->constants[i].reg);
    fputs("],\"inputs\":[", out); /* register, input, is it drawn? */
    for (size_t i = 0; i < plan->input_count; i++) {
        pf_binding in = plan->input_registers[i];
        fprintf(out, "%s[%u,%u,%d]", i ? "," : "", in.reg, in.index, self->is_drawn[in.index]);
    }
    fputs("],\"states\":[", out);
    for (size_t i = 0; i < plan->state_count; i++) {
        pf_state state = plan->states[i];
        fprintf(out, "%s[%u,%u,%u]", i ? "," : "", state.reg, state.initial, state.next);
    }
    fputs("],", out);
}

static void put_order(const pf_plan *plan, FILE *out)
{
    fputs("\"segments\":[", out); /* the loop of each, -1 for straight code */
    for (size_t i = 0; i < plan->segment_count; i++)
        fprintf(out, "%s%d", i ? "," : "", plan->segments[i].kind == PF_LOOP ? (int)plan->segments[i].loop : -1);
    fputs("],\"loops\":[", out);
    for (size_t i = 0; i < plan->loop_count; i++) {
        const pf_loop *loop = &plan->loops[i];
        fputs(i ? ",{" : "{", out);
        put_list(out, "x", loop->x, loop->tears);
        put_list(out, "g", loop->g, loop->tears);
        put_list(out, "jacobian", loop->jacobian, loop->tears * loop->tears);
        fprintf(out, "\"tears\":%u}", loop->tears);
    }
    fputs("],", out);
}

void pf_explorer_put_plan(const pf_explorer_plan *self, FILE *out)
{
    const pf_plan *plan = self->plan;
    const pf_wasm_module *module = &self->module;
    fputc('{', out);
    put_leaves(self, out);
    put_order(plan, out);
    fprintf(out, "\"steps\":%u,\"first_reported\":%u,", plan->steps, plan->first_reported);
    fprintf(out, "\"exports\":%zu,\"output_count\":%zu,\"operations\":%zu,", plan->export_count, plan->output_count,
            plan->code_count);
    fprintf(out, "\"lanes\":%u,\"row_bytes\":%u,\"failed\":%u,\"not_finite\":%u,\"outputs\":%u,", module->lanes,
            module->row_bytes, module->failed, module->not_finite, module->outputs);
    fprintf(out, "\"table\":%u,\"module_size\":%zu}", module->memory_end, module->size);
}

/* ---- numbers ---- */

static void put_doubles(FILE *out, const double *values, size_t count)
{
    fwrite(values, sizeof *values, count, out);
}

/* In the order in which the page takes them apart. Least significant byte first, as both ends have it. */
static void put_bytes(const pf_explorer_plan *self, FILE *out)
{
    const pf_plan *plan = self->plan;
    for (size_t i = 0; i < plan->constant_count; i++) put_doubles(out, &plan->constants[i].value, 1);
    put_doubles(out, self->module.exports, plan->steps * plan->export_count);
    for (size_t i = 0; i < plan->input_count; i++) {
        uint32_t input = plan->input_registers[i].index;
        if (self->is_drawn[input]) put_doubles(out, self->drawn + input * self->lanes, self->lanes);
    }
    fwrite(self->module.bytes, 1, self->module.size, out);
}

static void put_base64(FILE *out, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (left > 1) group |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2) group |= bytes[i + 2];
        for (size_t k = 0; k < 4; k++) fputc(k <= left ? digits[group >> (18 - 6 * k) & 63] : '=', out);
    }
}

void pf_explorer_put_numbers(const pf_explorer_plan *self, FILE *out)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *numbers = open_memstream(&bytes, &size);
    if (!numbers) abort(); /* no memory for a stream */
    put_bytes(self, numbers);
    fclose(numbers);
    uLongf packed_size = compressBound((uLong)size);
    unsigned char *packed = pf_malloc(packed_size);
    if (compress2(packed, &packed_size, (const unsigned char *)bytes, (uLong)size, Z_BEST_COMPRESSION) != Z_OK)
        abort(); /* no memory: there is room enough */
    put_base64(out, packed, packed_size);
    free(packed);
    free(bytes);
}
