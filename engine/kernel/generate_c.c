/* The plan as C. A piece becomes a function: a loop over the vectors of a block, in which the values that no other
 * piece needs are local variables. The operations are macros over vector types; anything beyond them is called through
 * the function of the table of operations. Min, max, comparison, select and share pass NaN on as that table does. */
#include "kernel/generate_c.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_OPERATIONS = 1600, NAME = 40, LINE = 200, SIDE_BY_SIDE = 2 };

/* Macros of the preamble; of a comparison its sign. */
static const char *const macros[] = {
    [PF_ADD] = "ADD",       [PF_SUB] = "SUB", [PF_MUL] = "MUL", [PF_DIV] = "DIV",
    [PF_NEG] = "NEG",       [PF_MIN] = "MIN", [PF_MAX] = "MAX", [PF_SHARE] = "SHARE",
    [PF_SELECT] = "SELECT", [PF_LT] = "<",    [PF_LE] = "<=",   [PF_GT] = ">",
    [PF_GE] = ">=",         [PF_EQ] = "==",   [PF_NE] = "!=",   [PF_ABS] = "ABS",
};

/* LEAST and MOST are a < b ? a : b and a > b ? a : b, what x86's minpd and maxpd do; all bits set is a NaN. At -O1 GCC
 * leaves the upper halves of x86's vectors in use, which would slow down all that follows. */
static const char preamble[] =
    "typedef __SIZE_TYPE__ size_t;\n"
    "typedef void row(size_t, double *, const double *, const double *, const double *);\n"
    "typedef struct { double *registers; const double *exports; double *failed, *outputs; size_t width;\n"
    "                 row *const *operations; } lanes;\n"
    "#if defined __AVX512F__\n"
    "enum { BYTES = 64 };\n"
    "#define ALL(x) {x, x, x, x, x, x, x, x}\n"
    "#elif defined __AVX__\n"
    "enum { BYTES = 32 };\n"
    "#define ALL(x) {x, x, x, x}\n"
    "#else\n"
    "enum { BYTES = 16 };\n"
    "#define ALL(x) {x, x}\n"
    "#endif\n"
    "enum { L = BYTES / sizeof(double) };\n"
    "typedef double v __attribute__((vector_size(BYTES)));\n"
    "typedef long long m __attribute__((vector_size(BYTES)));\n"
    "static const v zero = ALL(0.0), one = ALL(1.0), minus_zero = ALL(-0.0);\n"
    "#if defined __AVX__ && !defined __AVX512F__\n"
    "#define CHOOSE(mask, a, b) __builtin_ia32_blendvpd256(b, a, (v)(mask))\n"
    "#define LEAST(a, b) __builtin_ia32_minpd256(a, b)\n"
    "#define MOST(a, b) __builtin_ia32_maxpd256(a, b)\n"
    "#define UNORDERED(a, b) ((m)__builtin_ia32_cmppd256(a, b, 3))\n"
    "#define NOT_AT_MOST(a, b) ((m)__builtin_ia32_cmppd256(a, b, 6))\n"
    "#else\n"
    "#define CHOOSE(mask, a, b) ((v)(((mask) & (m)(a)) | (~(mask) & (m)(b))))\n"
    "#define LEAST(a, b) CHOOSE((m)((a) < (b)), a, b)\n"
    "#define MOST(a, b) CHOOSE((m)((a) > (b)), a, b)\n"
    "#define UNORDERED(a, b) ((m)((a) != (a)) | (m)((b) != (b)))\n"
    "#define NOT_AT_MOST(a, b) (~(m)((a) <= (b)))\n"
    "#endif\n"
    "#if defined __AVX__\n"
    "#define LEAVE __builtin_ia32_vzeroupper();\n"
    "#else\n"
    "#define LEAVE\n"
    "#endif\n"
    "#define NAN_WHERE(mask, a) ((v)((m)(a) | (mask)))\n"
    "#define ADD(a, b) ((a) + (b))\n"
    "#define SUB(a, b) ((a) - (b))\n"
    "#define MUL(a, b) ((a) * (b))\n"
    "#define DIV(a, b) ((a) / (b))\n"
    "#define NEG(a) (-(a))\n"
    "#define ABS(a) ((v)((m)(a) & ~(m)minus_zero))\n"
    "#define MIN(a, b) NAN_WHERE(UNORDERED(a, a), LEAST(a, b))\n"
    "#define MAX(a, b) NAN_WHERE(UNORDERED(a, a), MOST(a, b))\n"
    "#define SHARE(a, b) NAN_WHERE(UNORDERED(a, b), (m)((a) / (b)) & (m)((b) > zero))\n"
    "#define SELECT(a, b, c) NAN_WHERE(UNORDERED(a, a), CHOOSE((m)((a) == zero), c, b))\n"
    "#define TRUTH(holds, unordered) NAN_WHERE(unordered, (holds) & (m)one)\n"
    "#define SELECT_BY(holds, unordered, b, c) NAN_WHERE(unordered, CHOOSE(holds, b, c))\n"
    "#define ROW(k, vector) (*(v *)(r + (size_t)(k) * STRIDE + (vector) * L))\n"
    "#define WHOLE(k) (b->registers + (size_t)(k) * STRIDE)\n"
    "#define OUT(k, vector) (*(v *)(out + (size_t)(k) * STRIDE + (vector) * L))\n"
    "#define BEGIN \\\n"
    "    for (size_t i = 0; i < b->width; i += 2 * L) { \\\n"
    "        double *r = b->registers + i, *out = b->outputs + i; const double *e = b->exports; \\\n"
    "        m failed0 = *(m *)(b->failed + i), failed1 = *(m *)(b->failed + i + L); (void)r; (void)out; (void)e;\n"
    "#define END *(m *)(b->failed + i) = failed0; *(m *)(b->failed + i + L) = failed1; } LEAVE\n";

typedef struct {
    const pf_plan *plan;
    const pf_pieces *pieces;
    FILE *out;
    uint32_t piece;
    uint32_t *row_seen, *constant_seen, *export_seen, *value_seen; /* by index: 1 + the piece that has it as a local */
} generator;

/* A statement. One with a `@` is written for each of the vectors that are worked on side by side, `@` its number: long
 * chains of operations would leave half of the processor idle, and two of them do not wait for each other. */
__attribute__((format(printf, 2, 3))) static void write_line(generator *g, const char *format, ...)
{
    char line[LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char vector = '0'; vector < '0' + SIDE_BY_SIDE; vector++) {
        for (const char *c = line; *c; c++) fputc(*c == '@' ? vector : *c, g->out);
        fputc('\n', g->out);
        if (!strchr(line, '@')) break;
    }
}

static void name_source(pf_source source, char name[NAME])
{
    static const char *const forms[] = {
        [PF_FROM_ROW] = "r%u_@", [PF_FROM_CONSTANT] = "k%u", [PF_FROM_EXPORT] = "e%u", [PF_FROM_CODE] = "t%u_@"};
    snprintf(name, NAME, forms[source.kind], source.index);
}

static void name_number(double value, char name[NAME])
{
    if (isnan(value)) snprintf(name, NAME, "__builtin_nan(\"\")");
    else if (isinf(value)) snprintf(name, NAME, value > 0 ? "__builtin_inf()" : "-__builtin_inf()");
    else snprintf(name, NAME, "%a", value);
}

/* Makes a source a local variable of the function, unless it is one. */
static void bring(generator *g, pf_source source)
{
    uint32_t *seen[] = {[PF_FROM_ROW] = g->row_seen,
                        [PF_FROM_CONSTANT] = g->constant_seen,
                        [PF_FROM_EXPORT] = g->export_seen,
                        [PF_FROM_CODE] = g->value_seen};
    uint32_t *at = &seen[source.kind][source.index];
    char name[NAME], number[NAME];
    if (*at == g->piece + 1) return;
    *at = g->piece + 1;
    name_source(source, name);
    switch (source.kind) {
    case PF_FROM_ROW:
    case PF_FROM_CODE: write_line(g, "const v %s = ROW(%u, @);", name, pf_row_of(g->plan, g->pieces, source)); break;
    case PF_FROM_EXPORT: write_line(g, "const v %s = ALL(e[%u]);", name, source.index); break;
    case PF_FROM_CONSTANT:
        name_number(g->plan->constants[source.index].value, number);
        write_line(g, "const v %s = ALL(%s);", name, number);
        break;
    }
}

static bool constant(const generator *g, pf_source source, double *value)
{
    if (source.kind != PF_FROM_CONSTANT) return false;
    *value = g->plan->constants[source.index].value;
    return !isnan(*value);
}

/* A min or max of a constant needs no test for NaN: a < b ? a : b gives b where either is NaN. Equal values have equal
 * bits unless they are zeros. */
static const char *shortest_form(const generator *g, uint32_t op, pf_source operand[3])
{
    double value;
    if (op != PF_MIN && op != PF_MAX) return macros[op];
    const char *plain = op == PF_MIN ? "LEAST" : "MOST";
    if (constant(g, operand[0], &value)) return plain;
    if (!constant(g, operand[1], &value) || value == 0) return macros[op];
    pf_source swapped = operand[0];
    operand[0] = operand[1];
    operand[1] = swapped;
    return plain;
}

static bool is_comparison(uint32_t op)
{
    return op >= PF_LT && op <= PF_NE;
}

/* A comparison worked out in this function has masks beside its value: h where it holds, u where an operand is NaN. */
static bool has_masks(const generator *g, pf_source source)
{
    return source.kind == PF_FROM_CODE && is_comparison(g->plan->code[source.index].op) &&
           g->pieces->values[source.index].piece == g->piece;
}

static void write_comparison(generator *g, uint32_t instruction, const char *a, const char *b)
{
    const char *sign = macros[g->plan->code[instruction].op];
    uint32_t i = instruction;
    write_line(g, "const m h%u_@ = (m)(%s %s %s), u%u_@ = UNORDERED(%s, %s);", i, a, sign, b, i, a, b);
    write_line(g, "const v t%u_@ = TRUTH(h%u_@, u%u_@);", i, i, i);
}

static void write_expression(generator *g, uint32_t instruction)
{
    uint32_t op = g->plan->code[instruction].op;
    int arity = pf_operation_at(op)->arity;
    pf_source operand[3];
    char name[3][NAME];
    memcpy(operand, g->pieces->values[instruction].operand, sizeof operand);
    const char *form = shortest_form(g, op, operand);
    for (int k = 0; k < arity; k++) name_source(operand[k], name[k]);
    if (is_comparison(op)) {
        write_comparison(g, instruction, name[0], name[1]);
        return;
    }
    uint32_t y = instruction, a = operand[0].index;
    if (op == PF_SELECT && has_masks(g, operand[0]))
        write_line(g, "const v t%u_@ = SELECT_BY(h%u_@, u%u_@, %s, %s);", y, a, a, name[1], name[2]);
    else if (arity == 1) write_line(g, "const v t%u_@ = %s(%s);", y, form, name[0]);
    else if (arity == 2) write_line(g, "const v t%u_@ = %s(%s, %s);", y, form, name[0], name[1]);
    else write_line(g, "const v t%u_@ = %s(%s, %s, %s);", y, form, name[0], name[1], name[2]);
}

static void write_call(generator *g, uint32_t instruction)
{
    const pf_value_use *value = &g->pieces->values[instruction];
    uint32_t op = g->plan->code[instruction].op;
    fprintf(g->out, "b->operations[%u](b->width, WHOLE(%u)", op, value->row);
    for (int k = 0; k < 3; k++)
        fprintf(g->out, ", WHOLE(%u)",
                pf_row_of(g->plan, g->pieces, value->operand[k < pf_operation_at(op)->arity ? k : 0]));
    fputs(");\n", g->out);
}

static void write_check(generator *g, const char *name)
{
    write_line(g, "failed@ |= NOT_AT_MOST(%s, zero);", name);
}

/* x - x has no bits where x is finite, and is NaN elsewhere. */
static void write_output(generator *g, uint32_t output, const char *name)
{
    write_line(g, "OUT(%u, @) = %s; failed@ |= (m)(%s - %s);", output, name, name, name);
}

/* a - b is at most 0 where a is at most b, if b is finite; 1 - (a < b) where a < b. */
static void write_check_of(generator *g, uint32_t instruction)
{
    const pf_source *operand = g->pieces->values[instruction].operand;
    bool difference = g->plan->code[instruction].op == PF_SUB;
    double value;
    char name[NAME], most[NAME];
    name_source((pf_source){PF_FROM_CODE, instruction}, name);
    if (difference && constant(g, operand[0], &value) && value == 1 && has_masks(g, operand[1])) {
        bool holds_for_nan = g->plan->code[operand[1].index].op == PF_NE;
        write_line(g, holds_for_nan ? "failed@ |= ~h%1$u_@ | u%1$u_@;" : "failed@ |= ~h%1$u_@;", operand[1].index);
    } else if (difference && constant(g, operand[1], &value) && isfinite(value)) {
        name_source(operand[0], name);
        name_source(operand[1], most);
        write_line(g, "failed@ |= NOT_AT_MOST(%s, %s);", name, most);
    } else {
        write_check(g, name);
    }
}

static void write_value(generator *g, uint32_t instruction)
{
    const pf_value_use *value = &g->pieces->values[instruction];
    uint32_t op = g->plan->code[instruction].op;
    char name[NAME];
    for (int k = 0; k < pf_operation_at(op)->arity; k++) bring(g, value->operand[k]);
    g->value_seen[instruction] = g->piece + 1;
    name_source((pf_source){PF_FROM_CODE, instruction}, name);
    write_expression(g, instruction);
    if (value->row != PF_NOWHERE) write_line(g, "ROW(%u, @) = %s;", value->row, name);
    if (value->checked) write_check_of(g, instruction);
    for (uint32_t k = value->output; k != PF_NOWHERE; k = g->pieces->next_output[k]) write_output(g, k, name);
}

static void write_step_end(generator *g)
{
    char name[NAME];
    for (size_t i = 0; i < g->pieces->late_check_count; i++) {
        bring(g, g->pieces->late_checks[i]);
        name_source(g->pieces->late_checks[i], name);
        write_check(g, name);
    }
    for (uint32_t k = 0; k < g->plan->output_count; k++) {
        if (!g->pieces->late_output[k]) continue;
        bring(g, g->pieces->outputs[k]);
        name_source(g->pieces->outputs[k], name);
        write_output(g, k, name);
    }
}

static void write_piece(generator *g, uint32_t number)
{
    const pf_piece *piece = &g->pieces->pieces[number];
    g->piece = number;
    fprintf(g->out, "__attribute__((visibility(\"hidden\"))) void f%u(const lanes *b)\n{\n", number);
    if (piece->calls) {
        for (uint32_t i = 0; i < piece->count; i++) write_call(g, g->pieces->order[piece->first + i]);
        fputs("}\n", g->out);
        return;
    }
    fputs("BEGIN\n", g->out);
    for (uint32_t i = 0; i < piece->count; i++) write_value(g, g->pieces->order[piece->first + i]);
    if (piece->segment == g->plan->segment_count) write_step_end(g);
    fputs("END\n}\n", g->out);
}

static void write_table(generator *g)
{
    const pf_pieces *pieces = g->pieces;
    for (size_t i = 0; i < pieces->piece_count; i++)
        fprintf(g->out, "extern __attribute__((visibility(\"hidden\"))) void f%zu(const lanes *);\n", i);
    for (size_t s = 0, i = 0; s <= g->plan->segment_count; s++) {
        fprintf(g->out, "static void s%zu(const lanes *b)\n{\n(void)b;\n", s);
        for (; i < pieces->piece_count && pieces->pieces[i].segment == s; i++) fprintf(g->out, "f%zu(b);\n", i);
        fputs("}\n", g->out);
    }
    fputs("extern void (*const " PF_NATIVE_TABLE "[])(const lanes *);\nvoid (*const " PF_NATIVE_TABLE
          "[])(const lanes *) = {\n",
          g->out);
    for (size_t s = 0; s <= g->plan->segment_count; s++) fprintf(g->out, "s%zu,\n", s);
    fputs("};\n", g->out);
}

/* One file: pieces from `first` on until it is full; gives the piece after its last. */
static size_t write_file(generator *g, size_t first, size_t stride, pf_arena *arena, const char **text)
{
    char *buffer = NULL;
    size_t length = 0, operations = 0, next = first;
    g->out = open_memstream(&buffer, &length);
    fprintf(g->out, "enum { STRIDE = %zu };\n%s", stride, preamble);
    for (; next < g->pieces->piece_count && operations < FILE_OPERATIONS; next++) {
        write_piece(g, (uint32_t)next);
        operations += g->pieces->pieces[next].count;
    }
    if (next == g->pieces->piece_count) write_table(g);
    fclose(g->out);
    *text = pf_copy_text(arena, buffer, length);
    free(buffer);
    return next;
}

pf_c_text pf_generate_c(const pf_plan *plan, const pf_pieces *pieces, size_t stride, pf_arena *arena)
{
    generator g = {.plan = plan, .pieces = pieces};
    pf_c_text text = {.files = PF_ARRAY(arena, const char *, pieces->piece_count)};
    g.row_seen = PF_ARRAY(arena, uint32_t, plan->registers);
    g.constant_seen = PF_ARRAY(arena, uint32_t, plan->constant_count);
    g.export_seen = PF_ARRAY(arena, uint32_t, plan->export_count);
    g.value_seen = PF_ARRAY(arena, uint32_t, plan->code_count);
    for (size_t next = 0; next < pieces->piece_count; text.count++)
        next = write_file(&g, next, stride, arena, &text.files[text.count]);
    return text;
}
