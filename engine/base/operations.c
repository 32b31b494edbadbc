/* The table of operations. Each function is a plain loop over lanes that the compiler vectorises;
 * min, max, comparison and select pass a NaN on, so that a fault is seen and not swallowed. */
#include "base/operations.h"

#include <math.h>
#include <string.h>

#define LANES(NAME, EXPRESSION)                                                                                        \
    PF_WIDE static void run_##NAME(size_t lanes, double *y, const double *a, const double *b, const double *c)         \
    {                                                                                                                  \
        (void)b;                                                                                                       \
        (void)c;                                                                                                       \
        for (size_t i = 0; i < lanes; i++) y[i] = (EXPRESSION);                                                        \
    }

/* A comparison is 1 or 0, and NaN where an operand is NaN (a + b is NaN exactly then, or for inf - inf). */
static inline double truth(int holds, double a, double b)
{
    return a != a ? a : b != b ? b : holds ? 1.0 : 0.0;
}

LANES(add, a[i] + b[i])
LANES(sub, a[i] - b[i])
LANES(mul, a[i] * b[i])
LANES(div, a[i] / b[i])
LANES(neg, -a[i])
LANES(min, (a[i] < b[i] || a[i] != a[i]) ? a[i] : b[i])
LANES(max, (a[i] > b[i] || a[i] != a[i]) ? a[i] : b[i])
LANES(share, b[i] > 0 ? a[i] / b[i] : b[i] != b[i] ? b[i] : a[i] != a[i] ? a[i] : 0.0)
LANES(select, a[i] != a[i] ? a[i] : a[i] != 0 ? b[i] : c[i])
LANES(lt, truth(a[i] < b[i], a[i], b[i]))
LANES(le, truth(a[i] <= b[i], a[i], b[i]))
LANES(gt, truth(a[i] > b[i], a[i], b[i]))
LANES(ge, truth(a[i] >= b[i], a[i], b[i]))
LANES(eq, truth(a[i] == b[i], a[i], b[i]))
LANES(ne, truth(a[i] != b[i], a[i], b[i]))
LANES(abs, fabs(a[i]))
LANES(pow, a[i] != a[i] ? a[i] : b[i] != b[i] ? b[i] : pow(a[i], b[i])) /* C says pow(NaN, 0) is 1 */
LANES(exp, exp(a[i]))
LANES(log, log(a[i]))
LANES(log1p, log1p(a[i]))
LANES(sqrt, sqrt(a[i]))
LANES(sin, sin(a[i]))
LANES(cos, cos(a[i]))

/* clang-format off */
static const pf_operation table[] = {
    [PF_ADD] = {"add", "+", 2, PF_UNITS_SAME, run_add, {"1", "1"}, "a + b"},
    [PF_SUB] = {"sub", "-", 2, PF_UNITS_SAME, run_sub, {"1", "-1"}, "a - b"},
    [PF_MUL] = {"mul", "*", 2, PF_UNITS_PRODUCT, run_mul, {"b", "a"}, "a b"},
    [PF_DIV] = {"div", "/", 2, PF_UNITS_QUOTIENT, run_div, {"1 / b", "-y / b"}, "a / b, IEEE division"},
    [PF_NEG] = {"neg", "-", 1, PF_UNITS_KEEP, run_neg, {"-1"}, "-a"},
    [PF_MIN] = {"min", NULL, 2, PF_UNITS_SAME, run_min, {"a < b", "a >= b"}, "the smaller; NaN if either is"},
    [PF_MAX] = {"max", NULL, 2, PF_UNITS_SAME, run_max, {"a > b", "a <= b"}, "the larger; NaN if either is"},
    [PF_SHARE] = {"share", NULL, 2, PF_UNITS_QUOTIENT, run_share, {"share(1, b)", "-share(y, b)"},
                  "a / b where b > 0, else 0: the only safe division"},
    [PF_SELECT] = {"if", NULL, 3, PF_UNITS_SELECT, run_select, {"0", "a != 0", "a == 0"},
     "if(a, b, c): b where a is not 0, else c"},
    [PF_LT] = {"lt", "<", 2, PF_UNITS_COMPARE, run_lt, {"0", "0"}, "1 where a < b, else 0"},
    [PF_LE] = {"le", "<=", 2, PF_UNITS_COMPARE, run_le, {"0", "0"}, "1 where a <= b, else 0"},
    [PF_GT] = {"gt", ">", 2, PF_UNITS_COMPARE, run_gt, {"0", "0"}, "1 where a > b, else 0"},
    [PF_GE] = {"ge", ">=", 2, PF_UNITS_COMPARE, run_ge, {"0", "0"}, "1 where a >= b, else 0"},
    [PF_EQ] = {"eq", "==", 2, PF_UNITS_COMPARE, run_eq, {"0", "0"}, "1 where a = b, else 0"},
    [PF_NE] = {"ne", "!=", 2, PF_UNITS_COMPARE, run_ne, {"0", "0"}, "1 where a differs from b, else 0"},
    [PF_ABS] = {"abs", NULL, 1, PF_UNITS_KEEP, run_abs, {"if(a < 0, -1, 1)"}, "|a|"},
    [PF_POW] = {"pow", "^", 2, PF_UNITS_POWER, run_pow, {"b * a ^ (b - 1)", "y * log(a)"}, "a to the power b"},
    [PF_EXP] = {"exp", NULL, 1, PF_UNITS_DIMENSIONLESS, run_exp, {"y"}, "e to the power a"},
    [PF_LOG] = {"log", NULL, 1, PF_UNITS_DIMENSIONLESS, run_log, {"1 / a"}, "natural logarithm"},
    [PF_LOG1P] = {"log1p", NULL, 1, PF_UNITS_DIMENSIONLESS, run_log1p, {"1 / (1 + a)"},
     "log(1 + a), exact for small a"},
    {"sqrt", NULL, 1, PF_UNITS_ROOT, run_sqrt, {"1 / (2 * y)"}, "square root"},
    {"sin", NULL, 1, PF_UNITS_DIMENSIONLESS, run_sin, {"cos(a)"}, "sine of a in radians"},
    {"cos", NULL, 1, PF_UNITS_DIMENSIONLESS, run_cos, {"-sin(a)"}, "cosine of a in radians"},
};
/* clang-format on */

size_t pf_operation_count(void)
{
    return sizeof table / sizeof *table;
}

const pf_operation *pf_operation_at(size_t number)
{
    return &table[number];
}

int pf_operation_named(const char *name)
{
    for (size_t i = 0; i < pf_operation_count(); i++)
        if (!strcmp(table[i].name, name)) return (int)i;
    return -1;
}

int pf_operation_infix(const char *sign, int arity)
{
    for (size_t i = 0; i < pf_operation_count(); i++)
        if (table[i].infix && table[i].arity == arity && !strcmp(table[i].infix, sign)) return (int)i;
    return -1;
}

double pf_operation_apply(size_t number, double a, double b, double c)
{
    double y;
    table[number].run(1, &y, &a, &b, &c);
    return y;
}
