/* What the tests of the sensitivity estimators share: numbers to sample with, and checks of estimates. */
#ifndef PF_SENSITIVITY_H
#define PF_SENSITIVITY_H

#include "analysis/estimates.h"
#include "base/arena.h"
#include "ensemble/draws.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const pf_bootstrap no_bootstrap = {0, 0};
static const pf_bootstrap hundreds = {1, 300};

static inline double uniform(uint64_t seed, size_t member, size_t column)
{
    return pf_unit_interval(pf_random_bits(seed, member, column));
}

static inline double normal(uint64_t seed, size_t member, size_t column)
{
    return gsl_cdf_ugaussian_Pinv(uniform(seed, member, column));
}

static inline pf_estimate *estimates(size_t count)
{
    return pf_calloc(count, sizeof(pf_estimate));
}

static inline void check_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%.12g, not %.12g", value, expected);
}

static inline void check_covers(pf_estimate found, double expected, double tolerance)
{
    check_near(found.value, expected, tolerance);
    if (!(found.low <= expected && expected <= found.high))
        fail_msg("%g is not in %g .. %g", expected, found.low, found.high);
}

static inline void check_nan(const pf_estimate *found, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(found[i].value) || !isnan(found[i].low) || !isnan(found[i].high))
            fail_msg("%zu: %g, %g .. %g", i, found[i].value, found[i].low, found[i].high);
}

static inline bool same(pf_estimate a, pf_estimate b)
{
    return a.value == b.value && a.low == b.low && a.high == b.high;
}

#endif
