/* Runs a sweep in rounds: members until it is time for a checkpoint, or until somebody stops it. */
#include "cli/sweep.h"

#include "cli/progress.h"
#include "results/collect.h"
#include "results/sweep_file.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

/* A checkpoint comes every so many seconds, and never takes more than a twentieth of the time. */
static const double CHECKPOINT_SECONDS = 10, CHECKPOINT_SHARE = 0.05;

/* Set by Ctrl-C: the only thing that a signal handler can reach. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
    signal(number, SIG_DFL); /* the second time it is meant */
}

typedef struct {
    pf_sweep_job *job;
    pf_sweep_state state;
    pf_progress progress;
    pf_sink inner;
    double round_ends; /* seconds */
    volatile sig_atomic_t paused;
    pf_range_set logged; /* members in the log that a resumed sweep found */
    pf_diagnostics *diagnostics;
} sweep;

static pf_status take(void *user, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    sweep *s = user;
    pf_status status = s->inner.take(s->inner.self, batch, diagnostics);
    pf_progress_add(&s->progress, batch->count);
    if (interrupted || pf_seconds() > s->round_ends) s->paused = 1;
    return status;
}

static pf_status run_members(sweep *s, const pf_range *ranges, size_t count, pf_sink sink)
{
    const pf_sweep_plan *plan = &s->job->plan;
    const double **settings = pf_scenario_settings(plan->model, plan->scenarios, plan->scenario_count);
    pf_run_options options = {.ranges = ranges,
                              .range_count = count,
                              .settings = settings,
                              .scenario_count = plan->scenario_count,
                              .threads = (int)s->job->options->threads,
                              .stopped = &s->paused};
    pf_status status = pf_run(s->job->kernel, &plan->model->plan, &options, pf_design_draws(plan->design),
                              pf_sweep_reducer(plan), sink, s->diagnostics);
    free(settings);
    return status;
}

static pf_status run_pilot(sweep *s)
{
    size_t count;
    uint64_t *members = pf_sweep_choose_pilot(&s->job->plan, &count);
    pf_range_set set = {0};
    for (size_t i = 0; i < count; i++) pf_ranges_add(&set, members[i], 1);
    pf_pilot *pilot = pf_pilot_new(&s->state, members, count);
    pf_status status = run_members(s, set.items, set.count, pf_pilot_sink(pilot));
    pf_pilot_end(pilot);
    free(set.items);
    free(members);
    return status;
}

static pf_status checkpoint(sweep *s)
{
    size_t size;
    void *bytes = pf_sweep_state_pack(&s->state, &size);
    pf_status status =
        pf_part_checkpoint(s->state.part, pf_ranges_members(&s->state.done), bytes, size, s->diagnostics);
    free(bytes);
    return status;
}

/* The state as the last checkpoint had it; *restored is false where there is none. */
static pf_status restore(pf_sweep_state *state, const char *path, bool *restored, pf_diagnostics *diagnostics)
{
    size_t size;
    void *bytes = pf_part_read_checkpoint(state->part, &size, diagnostics);
    *restored = bytes && pf_sweep_state_unpack(state, bytes, size);
    if (bytes && !*restored)
        pf_error(diagnostics, (pf_mark){0}, "the checkpoint in '%s' cannot be read; delete the folder and sweep again",
                 path);
    free(bytes);
    return pf_error_count(diagnostics) ? PF_FAILED : PF_OK;
}

static pf_status note_logged(void *user, const void *bytes, size_t size, pf_diagnostics *diagnostics)
{
    sweep *s = user;
    pf_sweep_record record;
    if (!pf_sweep_record_read(&s->job->plan, bytes, size, &record))
        return pf_error(diagnostics, (pf_mark){0}, "a record of the log in '%s' is not what it should be",
                        s->job->part_path);
    for (size_t m = 0; m < record.count; m++) pf_ranges_add(&s->logged, record.members[m], 1);
    return PF_OK;
}

/* Does the log hold the members that the checkpoint counts? It does not if it was damaged and had to be cut. */
static pf_status compare_with_log(sweep *s, bool *is_whole)
{
    const pf_sweep_plan *plan = &s->job->plan;
    pf_range_set not_kept = {0};
    pf_ranges_add(&not_kept, plan->sample_members, UINT64_MAX - plan->sample_members);
    uint64_t kept = 0;
    for (size_t i = 0; i < s->state.done.count; i++) {
        pf_range_set low = pf_ranges_missing(&not_kept, s->state.done.items[i]);
        kept += pf_ranges_members(&low);
        free(low.items);
    }
    pf_status status = pf_part_records(s->state.part, note_logged, s, s->diagnostics);
    *is_whole = !plan->sample_cell_count || pf_ranges_members(&s->logged) + s->state.failed >= kept;
    free(not_kept.items);
    free(s->logged.items);
    return status;
}

static pf_status run_round(sweep *s, double *next)
{
    pf_range_set left = pf_ranges_missing(&s->state.done, s->job->members);
    double began = pf_seconds();
    s->paused = 0;
    s->round_ends = began + *next;
    pf_status status = run_members(s, left.items, left.count, (pf_sink){s, take});
    double ran = pf_seconds();
    free(left.items);
    pf_status kept = checkpoint(s);
    *next = fmax(CHECKPOINT_SECONDS, (pf_seconds() - ran) / CHECKPOINT_SHARE);
    return status ? status : kept;
}

static bool is_done(const sweep *s)
{
    return pf_ranges_members(&s->state.done) == s->job->members.count;
}

static pf_status run_rounds(sweep *s)
{
    double next = CHECKPOINT_SECONDS;
    pf_status status = PF_OK;
    s->inner = pf_sweep_sink(&s->state);
    pf_progress_begin(&s->progress, s->job->members.count, pf_ranges_members(&s->state.done), s->job->options->quiet);
    while (!status && !interrupted && !is_done(s)) status = run_round(s, &next);
    pf_progress_end(&s->progress);
    return status;
}

static pf_status begin(sweep *s)
{
    const pf_sweep_job *job = s->job;
    bool restored = false;
    s->state.part = pf_part_open(job->part_path, job->options->resume ? PF_PART_RESUME : PF_PART_NEW, job->identity,
                                 s->diagnostics);
    if (!s->state.part) return PF_FAILED;
    if (restore(&s->state, job->part_path, &restored, s->diagnostics)) return PF_FAILED;
    if (restored && compare_with_log(s, &restored)) return PF_FAILED;
    s->round_ends = INFINITY;
    if (restored) return PF_OK;
    pf_sweep_state_clear(&s->state);
    return run_pilot(s) ? PF_FAILED : checkpoint(s);
}

static void say_how_to_go_on(const sweep *s)
{
    const pf_sweep_job *job = s->job;
    if (!s->state.part) return;
    if (!pf_ranges_members(&s->state.done)) {
        pf_part_remove(s->state.part);
        fprintf(stderr, "parkflow: %s; nothing was written\n",
                interrupted ? "stopped before any members were done" : "the sweep failed");
        return;
    }
    fprintf(
        stderr,
        "parkflow: stopped with %llu of %llu members done; they are in %s. The same command with --resume goes on.\n",
        (unsigned long long)pf_ranges_members(&s->state.done), (unsigned long long)job->members.count, job->part_path);
}

static void report_written(const sweep *s, const pf_sweep_file *file)
{
    const pf_sweep_plan *plan = &s->job->plan;
    if (s->job->options->quiet) return;
    pf_sweep_print(plan, &s->state, file, stdout);
    if (s->state.failed)
        printf("%llu members failed and were left out of every scenario; /faults in the file says why.\n",
               (unsigned long long)s->state.failed);
    if (plan->sample_members < pf_design_members(plan->design))
        printf("Kept by member: headline indicators of the first %llu, for `parkflow analyse`.\n",
               (unsigned long long)plan->sample_members);
    printf("Written: %s (look at it with `parkflow info %s`)\n", file->path, file->path);
}

/* The run at the medians stands beside the statistics. */
static pf_status run_medians(sweep *s, pf_collected *medians)
{
    const pf_sweep_plan *plan = &s->job->plan;
    pf_design *design = pf_design_new(plan->model, &(pf_design_request){.name = "median"}, s->diagnostics);
    pf_collected_init(medians, plan->model, plan->scenarios, plan->scenario_count);
    pf_status status = design ? pf_collected_run(medians, plan->kernel, design, 0, s->diagnostics) : PF_FAILED;
    if (!status && pf_collected_report_faults(medians, plan->kernel, "at the medians", s->diagnostics))
        status = PF_FAILED;
    pf_design_free(design);
    return status;
}

/* Makes the results file, and removes the parts. */
static pf_status write_file(sweep *s, pf_part *const *parts, size_t part_count)
{
    const pf_sweep_job *job = s->job;
    pf_collected medians;
    pf_status status = run_medians(s, &medians);
    pf_result_sweep facts = pf_sweep_facts(job, &s->state);
    pf_sweep_file file = {.path = job->path,
                          .header = pf_collected_header(&medians),
                          .medians = &medians,
                          .percentiles = job->options->percentiles,
                          .percentile_count = job->options->percentile_count,
                          .parts = parts,
                          .part_count = part_count};
    file.header.command = pf_sweep_command(job);
    file.header.seed =
        pf_format(job->plan.model->scenario->arena, "%llu", (unsigned long long)job->options->design.seed);
    file.header.sweep = &facts;
    if (!status) status = pf_sweep_write(&job->plan, &s->state, &file, s->diagnostics);
    if (!status) report_written(s, &file);
    for (size_t i = 0; i < part_count && !status; i++) pf_part_remove(parts[i]);
    pf_collected_free(&medians);
    return status;
}

/* A shard waits for the others; a whole sweep becomes a file. */
static pf_status finish(sweep *s)
{
    const pf_sweep_job *job = s->job;
    unsigned long long shard = job->options->shard, shards = job->options->shards;
    if (!shards) return write_file(s, &s->state.part, 1);
    if (!job->options->quiet)
        printf("Shard %llu of %llu is done: %s. The same command with --merge %llu puts all together.\n", shard, shards,
               job->part_path, shards);
    return PF_OK;
}

int pf_sweep_execute(pf_sweep_job *job)
{
    sweep s = {.job = job, .diagnostics = job->options->input.diagnostics};
    pf_sweep_state_init(&s.state, &job->plan);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    pf_status status = begin(&s);
    if (!status) status = run_rounds(&s);
    bool stopped = !status && !is_done(&s);
    if (!status && !stopped) status = finish(&s);
    pf_diagnostics_print(s.diagnostics, stderr);
    if (status || stopped) say_how_to_go_on(&s);
    pf_part_close(s.state.part);
    pf_sweep_state_free(&s.state);
    return status || stopped ? PF_EXIT_FAILED : PF_EXIT_FINE;
}

/* Adds shard `number` to the state; its part stays open. */
static pf_status add_shard(sweep *s, uint64_t number, pf_part **part)
{
    const pf_sweep_job *job = s->job;
    uint64_t shards = job->options->merged;
    const char *path = pf_sweep_part_path(job, number, shards);
    bool restored = false;
    *part = pf_part_open(path, PF_PART_RESUME, pf_sweep_identity(job, number, shards), s->diagnostics);
    if (!*part) return PF_FAILED;
    pf_sweep_state shard;
    pf_sweep_state_init(&shard, &job->plan);
    shard.part = *part;
    pf_status status = restore(&shard, path, &restored, s->diagnostics);
    if (!status && !restored) status = pf_error(s->diagnostics, (pf_mark){0}, "'%s' has no members yet", path);
    if (!status && number == 1) {
        pf_sweep_state first = s->state;
        s->state = shard;
        shard = first;
    } else if (!status && !pf_sweep_state_merge(&s->state, &shard, s->diagnostics)) status = PF_FAILED;
    pf_sweep_state_free(&shard);
    return status;
}

static pf_status check_complete(const sweep *s)
{
    uint64_t done = pf_ranges_members(&s->state.done);
    if (is_done(s)) return PF_OK;
    return pf_error(s->diagnostics, (pf_mark){0},
                    "the shards hold %llu of %llu members; let each of them finish (--resume) first",
                    (unsigned long long)done, (unsigned long long)s->job->members.count);
}

int pf_sweep_merge(pf_sweep_job *job)
{
    sweep s = {.job = job, .diagnostics = job->options->input.diagnostics};
    size_t shards = (size_t)job->options->merged;
    pf_part **parts = pf_calloc(shards, sizeof *parts);
    pf_status status = PF_OK;
    pf_sweep_state_init(&s.state, &job->plan);
    for (size_t i = 0; i < shards && !status; i++) status = add_shard(&s, i + 1, &parts[i]);
    if (!status) status = check_complete(&s);
    if (!status) status = write_file(&s, parts, shards);
    pf_diagnostics_print(s.diagnostics, stderr);
    for (size_t i = 0; i < shards; i++) pf_part_close(parts[i]);
    pf_sweep_state_free(&s.state);
    free(parts);
    return status ? PF_EXIT_FAILED : PF_EXIT_FINE;
}
