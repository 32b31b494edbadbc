/* What a sweep keeps of its members: statistics of every indicator, park and period and of its change against the
 * reference, a sample of members, the largest closure residuals, the members that failed. All of it can be stopped,
 * resumed, and put together from shards, with the same bits. */
#ifndef PF_SWEEP_H
#define PF_SWEEP_H

#include "ensemble/design.h"
#include "ensemble/ranges.h"
#include "ensemble/reduce.h"
#include "ensemble/statistics.h"
#include "results/part.h"

#include <threads.h>

/* What is kept by member: yearly values of headline indicators for all parks together and of as many members as fit
 * (statistics), yearly values of everything (annual), or every step of everything (paths). */
typedef enum { PF_KEEP_STATISTICS, PF_KEEP_ANNUAL, PF_KEEP_PATHS, PF_KEEPS } pf_keep;
extern const char *const pf_keep_names[PF_KEEPS]; /* "statistics", "annual", "paths" */

/* Set once, read-only afterwards. */
typedef struct {
    const pf_compiled *model;
    const pf_design *design;
    const pf_kernel *kernel;   /* for replays */
    const uint32_t *scenarios; /* rows of model->scenarios */
    size_t scenario_count;
    pf_keep keep;
    bool by_step;             /* statistics by step, not by year */
    bool count_faults;        /* leave members that fail out, instead of stopping */
    const double *thresholds; /* by indicator, in its unit; NaN: none */
    uint64_t sample_members;  /* the first so many are kept */

    pf_reduction_pair kept; /* of the statistics; of the members kept, if that is another one */
    bool one_reduction;
    size_t cells;          /* of the statistics, a scenario */
    const int *references; /* by scenario: row of `scenarios` that its change is against, -1 */
    size_t change_count;
    const uint32_t *sample_cells; /* the cells that are kept by member, a scenario */
    size_t sample_cell_count;
} pf_sweep_plan;

/* Fills in what follows from the rest: from `kept` on, and sample_members. In the model's arena. */
void pf_sweep_plan_complete(pf_sweep_plan *plan);
pf_reducer pf_sweep_reducer(const pf_sweep_plan *plan);
/* How many members the pilot takes, so that its values fit in memory: at most 1,024. */
size_t pf_sweep_pilot_members(const pf_sweep_plan *plan);
/* The pilot's members, ascending: chosen by a fixed hash, so that ordered designs are sampled too. By free(). */
uint64_t *pf_sweep_choose_pilot(const pf_sweep_plan *plan, size_t *count);

typedef struct {
    uint64_t member;
    uint32_t scenario; /* row of plan->scenarios */
    pf_fault fault;
} pf_failed_member;
enum { PF_FAILED_MEMBERS_KEPT = 1000 };

/* What grows while the sweep runs. */
typedef struct {
    const pf_sweep_plan *plan;
    pf_part *part;
    pf_statistics *levels;  /* [scenario][cell] */
    pf_statistics *changes; /* [change][cell] */
    double *closures;       /* [closure], the largest residual of all members */
    pf_range_set done;
    uint64_t failed;            /* members */
    pf_failed_member *failures; /* one a member: those of the least numbers */
    size_t failure_count, failure_capacity;
    mtx_t *locks; /* by scenario: of its levels and its changes; the last: of all else */
} pf_sweep_state;

void pf_sweep_state_init(pf_sweep_state *self, const pf_sweep_plan *plan);
void pf_sweep_state_free(pf_sweep_state *self);
/* As after pf_sweep_state_init; the part stays. */
void pf_sweep_state_clear(pf_sweep_state *self);

/* Adds a member that failed to the count, and to those kept if its number is low enough. */
void pf_sweep_note_failure(pf_sweep_state *self, pf_failed_member failure);
/* Sorts those kept by number and cuts them to PF_FAILED_MEMBERS_KEPT. */
void pf_sweep_keep_failures(pf_sweep_state *self);

/* A sink that sets the grids of the statistics: takes all members of the pilot before pf_sweep_end_pilot. */
typedef struct pf_pilot pf_pilot;
pf_pilot *pf_pilot_new(pf_sweep_state *state, const uint64_t *members, size_t count);
pf_sink pf_pilot_sink(pf_pilot *pilot);
void pf_pilot_end(pf_pilot *pilot);

/* A sink that adds members to the state and, if `part` is set, those that are kept to its log. */
pf_sink pf_sweep_sink(pf_sweep_state *state);

/* The state as bytes, for a checkpoint; and back, false if they are not one of this plan. */
void *pf_sweep_state_pack(const pf_sweep_state *self, size_t *size);
bool pf_sweep_state_unpack(pf_sweep_state *self, const void *bytes, size_t size);
/* Adds a shard's; false, with an error, if the two have a member in common or stand on other pilots. */
bool pf_sweep_state_merge(pf_sweep_state *self, const pf_sweep_state *other, pf_diagnostics *diagnostics);

/* A record of the log: members and their cells [scenario][sample cell][count]. */
typedef struct {
    const uint64_t *members;
    size_t count;
    const double *cells;
} pf_sweep_record;
bool pf_sweep_record_read(const pf_sweep_plan *plan, const void *bytes, size_t size, pf_sweep_record *record);

#endif
