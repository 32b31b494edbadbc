/* The table of operations: what an expression of the language, a plan and every back end can compute.
 * A new operation is one row in operations.c; nothing else knows their number or order. */
#ifndef PF_OPERATIONS_H
#define PF_OPERATIONS_H

#include <stddef.h>

/* For a function with loops over lanes: built for several vector widths, of which the machine's is taken at start. The
 * bits are the same, for nothing is contracted or reassociated. */
#define PF_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
/* For what such functions share. */
#define PF_INLINE static inline __attribute__((always_inline))

/* y[i] = f(a[i], b[i], c[i]) for `lanes` lanes; y may be one of the operands. */
typedef void pf_lane_function(size_t lanes, double *y, const double *a, const double *b, const double *c);

/* How an operation treats the dimensions of its operands. */
typedef enum {
    PF_UNITS_SAME,          /* operands alike, result alike: add, min */
    PF_UNITS_KEEP,          /* one operand, result alike: negate, abs */
    PF_UNITS_PRODUCT,       /* a b */
    PF_UNITS_QUOTIENT,      /* a / b */
    PF_UNITS_POWER,         /* a ^ b: b a whole constant, or both dimensionless */
    PF_UNITS_ROOT,          /* sqrt: even exponents */
    PF_UNITS_DIMENSIONLESS, /* operands and result without dimension: exp, log */
    PF_UNITS_COMPARE,       /* operands alike, result dimensionless: < */
    PF_UNITS_SELECT         /* a dimensionless, b and c alike, result like them */
} pf_unit_rule;

typedef struct {
    const char *name;  /* as called in an expression: min(a, b); for infix operators their name in a plan */
    const char *infix; /* "+", or NULL */
    int arity;         /* 1 to 3 */
    pf_unit_rule units;
    pf_lane_function *run;
    const char *partial[3]; /* dy/da, dy/db, dy/dc as expressions of a, b, c and y; "0" where flat */
    const char *doc;
} pf_operation;

/* Numbers of rows that the compiler itself writes; the rest are found by name. */
enum {
    PF_ADD,
    PF_SUB,
    PF_MUL,
    PF_DIV,
    PF_NEG,
    PF_MIN,
    PF_MAX,
    PF_SHARE,
    PF_SELECT,
    PF_LT,
    PF_LE,
    PF_GT,
    PF_GE,
    PF_EQ,
    PF_NE,
    PF_ABS,
    PF_POW,
    PF_EXP,
    PF_LOG,
    PF_LOG1P
};

size_t pf_operation_count(void);
const pf_operation *pf_operation_at(size_t number);
/* The row's number by name or infix sign; -1 if there is none. */
int pf_operation_named(const char *name);
int pf_operation_infix(const char *sign, int arity);
/* One value: the same function, one lane. Constants are folded by this. */
double pf_operation_apply(size_t number, double a, double b, double c);

#endif
