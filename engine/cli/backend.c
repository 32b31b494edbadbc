/* When compiled code is worth its making. */
#include "cli/verbs.h"

/* Compiling costs some seconds; below so many operations on lanes the interpreter is there sooner. */
static const double WORTH_COMPILING = 2e10;

bool pf_is_worth_compiling(const pf_compiled *m, double lanes)
{
    return lanes * (double)m->plan.code_count * (double)m->plan.steps >= WORTH_COMPILING;
}
