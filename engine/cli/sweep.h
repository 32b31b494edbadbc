/* A sweep as the command line asks for it: options (sweep.c), what they come to (sweep_setup.c), the run (sweep_run.c).
 */
#ifndef PF_CLI_SWEEP_H
#define PF_CLI_SWEEP_H

#include "cli/verbs.h"
#include "results/sweep_file.h"

typedef enum { PF_BACKEND_AUTO, PF_BACKEND_INTERPRETER, PF_BACKEND_NATIVE } pf_backend;

typedef struct {
    const char *file, *output;
    pf_input_model input;
    pf_scenario_choice scenarios;
    pf_design_request design;
    const char *vary[256];
    const char *thresholds[64]; /* "INDICATOR=NUMBER" */
    size_t threshold_count;
    pf_keep keep;
    bool by_step, count_faults, resume, quiet;
    pf_backend backend;
    uint64_t threads, shard, shards; /* shard of shards, from 1; 0: all of it */
    uint64_t merged;                 /* put so many shards together, instead of running; 0: no */
    const double *percentiles;
    size_t percentile_count;
} pf_sweep_options;

/* What the options come to. */
typedef struct {
    const pf_sweep_options *options;
    pf_kernel *kernel;
    pf_design *design;
    pf_sweep_plan plan;
    pf_range members; /* of this shard */
    const char *path, *part_path, *identity;
} pf_sweep_job;

/* Prints what is wrong; false then. */
bool pf_sweep_set_up(pf_sweep_job *job, pf_sweep_options *options);
void pf_sweep_tear_down(pf_sweep_job *job);

/* The folder and the identity of one shard; of all of it where `shards` is 0. */
const char *pf_sweep_part_path(const pf_sweep_job *job, uint64_t shard, uint64_t shards);
const char *pf_sweep_identity(const pf_sweep_job *job, uint64_t shard, uint64_t shards);

/* What the results file says of the sweep. */
const char *pf_sweep_command(const pf_sweep_job *job);
pf_result_sweep pf_sweep_facts(const pf_sweep_job *job, const pf_sweep_state *state);

/* Runs what is left of the job, or puts its shards together; returns an exit status. */
int pf_sweep_execute(pf_sweep_job *job);
int pf_sweep_merge(pf_sweep_job *job);

#endif
