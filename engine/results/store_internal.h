/* What the files of the store share; for them alone. */
#ifndef PF_STORE_INTERNAL_H
#define PF_STORE_INTERNAL_H

#include "base/replacement.h"
#include "results/hdf5_helpers.h"
#include "results/store.h"

typedef struct pf_member_rows pf_member_rows; /* store_members.c */

struct pf_store {
    pf_h5 h5;
    const pf_result_header *header;
    pf_arena *arena;
    pf_replacement target;
    pf_result_statistics statistics; /* of the group that was begun last: sizes only */
    pf_member_rows *members;         /* NULL: none are kept */
    size_t most_held;                /* bytes of members before they are written */
};

/* Dimensions and what stands beside them, made where the store stands: in the root or in a group. */
void pf_store_scenario_dimension(pf_store *store, const char *const *names, size_t count);
void pf_store_park_dimension(pf_store *store, const char *const *names, size_t count);
void pf_store_member_dimension(pf_store *store, const int64_t *members, size_t count);
void pf_store_time_dimension(pf_store *store, const int32_t *first_days, size_t count);
void pf_store_time_bounds(pf_store *store, const int32_t *first_days, const int32_t *end_days, size_t count);
void pf_store_bounds_dimension(pf_store *store); /* nv, of two */
void pf_store_period_dimension(pf_store *store, const pf_period *periods, size_t count);
void pf_store_period_days(pf_store *store, const pf_period *periods, size_t count);
void pf_store_against(pf_store *store, const char *const *against, size_t count);
void pf_store_closure_dimension(pf_store *store);
void pf_store_parameter_dimension(pf_store *store);
void pf_store_parameter_labels(pf_store *store);

/* units ("1" where there is none), long_name and long_name_vi. */
void pf_store_titles(pf_store *store, hid_t dataset, const pf_result_variable *variable);
/* A whole variable of doubles; all NaN get the same bits. */
void pf_store_doubles(pf_store *store, hid_t dataset, const double *values, size_t count);

/* Writes what is still held back, and NaN for members that never came. */
void pf_store_finish_members(pf_store *store);
void pf_store_free_members(pf_store *store);

#endif
