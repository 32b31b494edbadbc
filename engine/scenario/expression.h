/* Expressions of the language, parsed to a tree. Grammar, loosest first:
 *   comparison  sum [ (< <= > >= == !=) sum ]
 *   sum         product { (+ | -) product }
 *   product     unary { (* | /) unary }
 *   unary       - unary | primary [ ^ unary ]
 *   primary     NUMBER [UNIT-WORDS] | NAME ( arguments ) | PATH | ( comparison )
 * A PATH is segments joined by dots: names, $names, *, each with filters: demo.*[sector=beverages].needs.$key */
#ifndef PF_EXPRESSION_H
#define PF_EXPRESSION_H

#include "base/arena.h"
#include "base/diagnostics.h"

typedef struct {
    const char *key, *value;
} pf_filter;

typedef struct {
    const char *name; /* "needs", "$key", "*" */
    PF_LIST(pf_filter) filters;
} pf_path_segment;

enum { PF_MOST_NAMES = 16 };
typedef struct {
    pf_path_segment *segments; /* at most PF_MOST_NAMES */
    size_t count;
} pf_path;

typedef enum { PF_EXPR_NUMBER, PF_EXPR_PATH, PF_EXPR_CALL, PF_EXPR_OPERATION } pf_expression_kind;

typedef struct pf_expression pf_expression;
struct pf_expression {
    pf_expression_kind kind;
    pf_mark mark;
    const char *text; /* the whole expression this stands in, shortened for messages */
    double number;
    const char *unit; /* PF_EXPR_NUMBER: "kg CO2" or NULL; PF_EXPR_CALL: the function's name */
    size_t operation; /* PF_EXPR_OPERATION: row of the table of operations */
    pf_path path;
    pf_expression *arguments[3];
    size_t argument_count;
};

/* NULL after an error, which is placed at `mark`, where the text begins, plus the position in the text. */
pf_expression *pf_expression_parse(pf_arena *arena, pf_mark mark, const char *text, pf_diagnostics *diagnostics);
/* A path alone, as effects and selectors give it. */
pf_status pf_path_parse(pf_arena *arena, pf_mark mark, const char *text, pf_path *path, pf_diagnostics *diagnostics);
const char *pf_path_text(pf_arena *arena, const pf_path *path);

#endif
