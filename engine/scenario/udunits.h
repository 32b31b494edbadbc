/* The one door to UDUNITS-2: a single name with at most one prefix, as a scale and powers of the base units. */
#ifndef PF_UDUNITS_H
#define PF_UDUNITS_H

#include "scenario/units.h"

#include <udunits2.h>

extern const char *const pf_base_unit_names[PF_BASE_UNITS]; /* m kg s A K mol cd */

typedef enum {
    PF_NAME_UNKNOWN,
    PF_NAME_FOUND,
    PF_NAME_NOT_A_SCALE /* a unit with a zero of its own (degC), logarithmic or of another system */
} pf_udunits_answer;

/* The installed database, NULL if there is none; released by ut_free_system. */
ut_system *pf_udunits_read(void);

/* `scale` base units make one of `name`. With a NULL system every name is unknown. */
pf_udunits_answer pf_udunits_look_up(ut_system *system, const char *name, double *scale, int powers[PF_BASE_UNITS]);

#endif
