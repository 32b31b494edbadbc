/* A recursive-descent parser over the text of an expression. */
#include "scenario/expression.h"

#include "base/operations.h"
#include "scenario/units.h"

#include <ctype.h>
#include <string.h>

enum { DEEPEST = 200, LONGEST = 4000 };

typedef struct {
    pf_arena *arena;
    pf_mark mark;
    const char *text, *at, *counted, *shown; /* counted: where the mark stands; shown: the text in messages */
    pf_diagnostics *diagnostics;
    int depth;
} parser;

static pf_expression *comparison(parser *p);

static void skip_blanks(parser *p)
{
    while (isspace((unsigned char)*p->at)) p->at++;
}

/* Counts on from where it was asked last: the parser never goes back. */
static pf_mark here(parser *p)
{
    for (; p->counted < p->at; p->counted++) p->mark.column += p->mark.column && !pf_is_later_byte(*p->counted);
    return p->mark;
}

static void *expected(parser *p, const char *what)
{
    if (*p->at)
        pf_error(p->diagnostics, here(p), "found '%s' in the expression '%s', expected %s",
                 pf_first_characters(p->arena, p->at, 12), p->shown, what);
    else pf_error(p->diagnostics, here(p), "the expression '%s' ends early, expected %s", p->shown, what);
    return NULL;
}

static bool take(parser *p, const char *sign)
{
    skip_blanks(p);
    if (strncmp(p->at, sign, strlen(sign)) != 0) return false;
    p->at += strlen(sign);
    return true;
}

static pf_expression *new_expression(parser *p, pf_expression_kind kind)
{
    pf_expression *e = PF_NEW(p->arena, pf_expression);
    e->kind = kind;
    e->mark = here(p);
    e->text = p->shown;
    return e;
}

static pf_expression *operation(parser *p, size_t row, pf_expression *a, pf_expression *b)
{
    if (!a || (pf_operation_at(row)->arity == 2 && !b)) return NULL;
    pf_expression *e = new_expression(p, PF_EXPR_OPERATION);
    e->mark = a->mark;
    e->operation = row;
    e->arguments[0] = a;
    e->arguments[1] = b;
    e->argument_count = (size_t)pf_operation_at(row)->arity;
    return e;
}

static bool name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool name_part(char c)
{
    return name_start(c) || isdigit((unsigned char)c);
}

static const char *name(parser *p)
{
    const char *start = p->at;
    if (*p->at == '$') p->at++;
    while (name_part(*p->at)) p->at++;
    return pf_copy_text(p->arena, start, (size_t)(p->at - start));
}

/* "[sector=beverages]" */
static pf_status filter(parser *p, pf_path_segment *segment)
{
    pf_filter f = {0};
    p->at++;
    const char *start = p->at;
    while (name_part(*p->at)) p->at++;
    f.key = pf_copy_text(p->arena, start, (size_t)(p->at - start));
    if (!*f.key || *p->at != '=') return expected(p, "a filter like [sector=beverages]"), PF_FAILED;
    start = ++p->at;
    while (*p->at && *p->at != ']') p->at++;
    f.value = pf_copy_text(p->arena, start, (size_t)(p->at - start));
    if (*p->at != ']' || !*f.value) return expected(p, "a filter like [sector=beverages]"), PF_FAILED;
    p->at++;
    *PF_PUSH(p->arena, segment->filters) = f;
    return PF_OK;
}

static pf_status path(parser *p, pf_path *out)
{
    PF_LIST(pf_path_segment) segments = {0};
    pf_mark start = here(p);
    do {
        if (segments.count) p->at++;
        pf_path_segment segment = {0};
        if (*p->at == '*') {
            p->at++;
            segment.name = "*";
        } else if (name_part(*p->at) || (*p->at == '$' && name_start(p->at[1]))) segment.name = name(p);
        else return expected(p, "a name"), PF_FAILED;
        while (*p->at == '[')
            if (filter(p, &segment)) return PF_FAILED;
        *PF_PUSH(p->arena, segments) = segment;
    } while (*p->at == '.');
    *out = (pf_path){segments.items, segments.count};
    if (out->count <= PF_MOST_NAMES) return PF_OK;
    return pf_error(p->diagnostics, start, "found a path of %zu names, expected at most %d", out->count, PF_MOST_NAMES);
}

/* Words right after a number are its unit: "16 kg CH4". */
static pf_expression *number(parser *p)
{
    pf_expression *e = new_expression(p, PF_EXPR_NUMBER);
    const char *rest;
    if (!pf_number_parse(p->at, &e->number, &rest)) return expected(p, "a finite number");
    p->at = rest;
    skip_blanks(p);
    const char *start = p->at, *end = start;
    if (*p->at == '%') end = ++p->at;
    else
        while (name_start(*p->at)) {
            while (name_part(*p->at)) p->at++;
            end = p->at;
            skip_blanks(p);
        }
    if (end > start) e->unit = pf_copy_text(p->arena, start, (size_t)(end - start));
    return e;
}

static pf_expression *call(parser *p, pf_expression *e, const char *function)
{
    e->kind = PF_EXPR_CALL;
    e->unit = function;
    p->at++;
    if (take(p, ")")) return e;
    do {
        if (e->argument_count == 3) return expected(p, "')': no function takes more than three arguments");
        pf_expression *argument = comparison(p);
        if (!argument) return NULL;
        e->arguments[e->argument_count++] = argument;
    } while (take(p, ","));
    return take(p, ")") ? e : expected(p, "',' or ')'");
}

static pf_expression *primary(parser *p)
{
    skip_blanks(p);
    if (take(p, "(")) {
        pf_expression *inner = comparison(p);
        if (!inner) return NULL;
        return take(p, ")") ? inner : expected(p, "')'");
    }
    if (isdigit((unsigned char)*p->at) || *p->at == '.' || (!strncmp(p->at, "inf", 3) && !name_part(p->at[3])))
        return number(p);
    if (!name_start(*p->at) && *p->at != '$' && *p->at != '*') return expected(p, "a number, a name or '('");
    pf_expression *e = new_expression(p, PF_EXPR_PATH);
    if (path(p, &e->path)) return NULL;
    if (*p->at == '(' && e->path.count == 1) return call(p, e, e->path.segments[0].name);
    return e;
}

static pf_expression *unary(parser *p)
{
    if (++p->depth > DEEPEST) return expected(p, "a shallower expression (at most 200 levels)");
    pf_expression *e;
    if (take(p, "-")) e = operation(p, PF_NEG, unary(p), NULL);
    else {
        e = primary(p);
        if (e && take(p, "^")) e = operation(p, PF_POW, e, unary(p));
    }
    p->depth--;
    return e;
}

static pf_expression *product(parser *p)
{
    pf_expression *e = unary(p);
    while (e) {
        if (take(p, "*")) e = operation(p, PF_MUL, e, unary(p));
        else if (take(p, "/")) e = operation(p, PF_DIV, e, unary(p));
        else break;
    }
    return e;
}

static pf_expression *sum(parser *p)
{
    pf_expression *e = product(p);
    while (e) {
        if (take(p, "+")) e = operation(p, PF_ADD, e, product(p));
        else if (take(p, "-")) e = operation(p, PF_SUB, e, product(p));
        else break;
    }
    return e;
}

static pf_expression *comparison(parser *p)
{
    static const char *const signs[] = {"<=", ">=", "==", "!=", "<", ">"};
    if (++p->depth > DEEPEST) return expected(p, "a shallower expression (at most 200 levels)");
    pf_expression *e = sum(p);
    for (size_t i = 0; e && i < sizeof signs / sizeof *signs; i++)
        if (take(p, signs[i])) {
            e = operation(p, (size_t)pf_operation_infix(signs[i], 2), e, sum(p));
            break;
        }
    p->depth--;
    return e;
}

static parser begin(pf_arena *arena, pf_mark mark, const char *text, pf_diagnostics *diagnostics)
{
    return (parser){.arena = arena,
                    .mark = mark,
                    .text = text,
                    .at = text,
                    .counted = text,
                    .shown = pf_shortened(arena, text),
                    .diagnostics = diagnostics};
}

pf_expression *pf_expression_parse(pf_arena *arena, pf_mark mark, const char *text, pf_diagnostics *diagnostics)
{
    parser p = begin(arena, mark, text, diagnostics);
    pf_expression *e = comparison(&p);
    if (!e) return NULL;
    skip_blanks(&p);
    if (*p.at) return expected(&p, "an operator or the end");
    if (strlen(text) <= LONGEST) return e;
    pf_error(diagnostics, mark, "found an expression of %zu characters, expected at most %d", strlen(text), LONGEST);
    return NULL;
}

pf_status pf_path_parse(pf_arena *arena, pf_mark mark, const char *text, pf_path *out, pf_diagnostics *diagnostics)
{
    parser p = begin(arena, mark, text, diagnostics);
    skip_blanks(&p);
    if (path(&p, out)) return PF_FAILED;
    skip_blanks(&p);
    return *p.at ? (expected(&p, "the end of the path"), PF_FAILED) : PF_OK;
}

const char *pf_path_text(pf_arena *arena, const pf_path *in)
{
    const char *text = "";
    for (size_t i = 0; i < in->count; i++) {
        text = pf_format(arena, "%s%s%s", text, i ? "." : "", in->segments[i].name);
        for (size_t f = 0; f < in->segments[i].filters.count; f++)
            text = pf_format(arena, "%s[%s=%s]", text, in->segments[i].filters.items[f].key,
                             in->segments[i].filters.items[f].value);
    }
    return text;
}
