/* The algebra of dimensions (declared in units.h): vectors of powers, which stay within an int8_t.
 * What a text of the user can reach is kept far from those bounds by pf_unit_parse. */
#include "scenario/units.h"

#include <string.h>

static int8_t limited(int power)
{
    return (int8_t)(power > INT8_MAX ? INT8_MAX : power < INT8_MIN ? INT8_MIN : power);
}

bool pf_dimension_equal(pf_dimension a, pf_dimension b)
{
    return memcmp(a.power, b.power, sizeof a.power) == 0;
}

bool pf_dimension_none(pf_dimension a)
{
    return pf_dimension_equal(a, (pf_dimension){{0}});
}

pf_dimension pf_dimension_product(pf_dimension a, pf_dimension b)
{
    for (int i = 0; i < PF_DIMENSIONS; i++) a.power[i] = limited(a.power[i] + b.power[i]);
    return a;
}

pf_dimension pf_dimension_quotient(pf_dimension a, pf_dimension b)
{
    for (int i = 0; i < PF_DIMENSIONS; i++) a.power[i] = limited(a.power[i] - b.power[i]);
    return a;
}

pf_dimension pf_dimension_power(pf_dimension a, int power)
{
    int bounded = limited(power);
    for (int i = 0; i < PF_DIMENSIONS; i++) a.power[i] = limited(a.power[i] * bounded);
    return a;
}

bool pf_dimension_root(pf_dimension a, pf_dimension *root)
{
    for (int i = 0; i < PF_DIMENSIONS; i++) {
        if (a.power[i] % 2) return false;
        root->power[i] = (int8_t)(a.power[i] / 2);
    }
    return true;
}

pf_dimension pf_dimension_time(void)
{
    pf_dimension dimension = {{0}};
    dimension.power[PF_SECOND] = 1;
    return dimension;
}
