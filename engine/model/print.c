/* A plan for people to read. */
#include "model/compile.h"

#include "base/operations.h"

#include <string.h>

const char *pf_check_text(pf_arena *arena, const pf_origin *origin, double value, const char *where)
{
    const char *unit = origin->unit && strcmp(origin->unit, "1") != 0 ? pf_format(arena, " %s", origin->unit) : "";
    const char *amount = origin->lead ? pf_format(arena, "%s %.4g%s", origin->lead, value / origin->scale, unit) : "";
    const char *cure = origin->cure ? pf_format(arena, "; %s", origin->cure) : "";
    return pf_format(arena, "%s%s%s%s", origin->text, amount, where, cure);
}

static void print_code(const pf_plan *plan, pf_span span, FILE *out)
{
    for (uint32_t i = span.first; i < span.first + span.count; i++) {
        const pf_instruction *c = &plan->code[i];
        const pf_operation *op = pf_operation_at(c->op);
        const pf_origin *from = &plan->origins[plan->code_origin[i]];
        uint32_t operands[] = {c->a, c->b, c->c};
        int width = fprintf(out, "  r%-5u = %-6s", c->y, op->name);
        for (int a = 0; a < op->arity; a++) width += fprintf(out, " r%u", operands[a]);
        fprintf(out, "%*s ; %s", width < 36 ? 36 - width : 1, "", from->text ? from->text : "");
        if (from->line) fprintf(out, "  (%s:%d)", from->file, from->line);
        fputc('\n', out);
    }
}

static void print_segment(const pf_plan *plan, const pf_segment *segment, FILE *out)
{
    if (segment->kind == PF_STRAIGHT) {
        fprintf(out, "straight code, %u operations\n", segment->code.count);
        print_code(plan, segment->code, out);
        return;
    }
    const pf_loop *loop = &plan->loops[segment->loop];
    fprintf(out, "loop solved by safeguarded Newton, torn at");
    for (uint32_t i = 0; i < loop->tears; i++) fprintf(out, " r%u <- r%u", loop->x[i], loop->g[i]);
    fprintf(out, " (%s), %u operations with derivatives\n", plan->origins[loop->origin].text, loop->body.count);
    print_code(plan, loop->body, out);
}

void pf_plan_print(const pf_plan *plan, FILE *out)
{
    fprintf(out,
            "%u registers, %u steps (%u reported), %zu operations, %zu loops, %zu states, %zu checks, %zu outputs\n",
            plan->registers, plan->steps, plan->steps - plan->first_reported, plan->code_count, plan->loop_count,
            plan->state_count, plan->check_count, plan->output_count);
    fprintf(out, "\nonce: %zu constants\n", plan->constant_count);
    for (size_t i = 0; i < plan->constant_count; i++)
        fprintf(out, "  r%-5u = %.17g\n", plan->constants[i].reg, plan->constants[i].value);
    fprintf(out, "\nlane: %zu inputs, %u operations\n", plan->input_count, plan->lane.count);
    for (size_t i = 0; i < plan->input_count; i++)
        fprintf(out, "  r%-5u = input %u\n", plan->input_registers[i].reg, plan->input_registers[i].index);
    print_code(plan, plan->lane, out);
    fprintf(out, "\nstep: %zu series, %u operations, %zu exports\n", plan->series_count, plan->step.count,
            plan->export_count);
    for (size_t i = 0; i < plan->series_count; i++)
        fprintf(out, "  r%-5u = series %u\n", plan->series_registers[i].reg, plan->series_registers[i].index);
    print_code(plan, plan->step, out);
    fprintf(out, "\nboth: %zu segments\n", plan->segment_count);
    for (size_t i = 0; i < plan->segment_count; i++) print_segment(plan, &plan->segments[i], out);
}
