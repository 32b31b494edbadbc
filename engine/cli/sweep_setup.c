/* From the options of a sweep to a job: model, design, what is kept, and the text that says what the sweep is. */
#include "cli/sweep.h"

#include "base/sha256.h"
#include "kernel/native.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool choose_backend(pf_sweep_job *job)
{
    const pf_sweep_options *o = job->options;
    const char *why = "";
    if (o->backend == PF_BACKEND_INTERPRETER) return true;
    double lanes = (double)job->members.count * (double)job->plan.scenario_count;
    if (o->backend == PF_BACKEND_AUTO && !pf_is_worth_compiling(o->input.model, lanes)) return true;
    if (pf_native_attach(job->kernel, &why)) return true;
    fprintf(stderr, "parkflow sweep: no native code: %s%s\n", why,
            o->backend == PF_BACKEND_AUTO ? "; the interpreter runs instead" : "");
    return o->backend == PF_BACKEND_AUTO;
}

/* "ghg_total=1e6" */
static bool read_threshold(const pf_compiled *m, const char *text, double *thresholds)
{
    const char *sign = strchr(text, '=');
    char *rest;
    double value = sign ? strtod(sign + 1, &rest) : (double)NAN;
    if (!sign || rest == sign + 1 || *rest || isnan(value))
        return pf_wrong_usage("sweep", "found '--threshold %s', expected INDICATOR=NUMBER", text), false;
    const char *name = pf_copy_text(m->scenario->arena, text, (size_t)(sign - text));
    pf_nearest near = pf_nearest_to(name);
    for (size_t v = 0; v < m->indicator_count; v++) {
        pf_nearest_offer(&near, m->indicators[v].name);
        if (strcmp(m->indicators[v].name, name) != 0) continue;
        thresholds[v] = value;
        return true;
    }
    pf_wrong_usage("sweep", "no indicator is called '%s'%s", name, pf_nearest_hint(&near, m->scenario->arena));
    return false;
}

static const double *read_thresholds(const pf_sweep_options *o)
{
    const pf_compiled *m = o->input.model;
    double *thresholds = PF_ARRAY(m->scenario->arena, double, m->indicator_count);
    for (size_t v = 0; v < m->indicator_count; v++) thresholds[v] = (double)NAN;
    for (size_t i = 0; i < o->threshold_count; i++)
        if (!read_threshold(m, o->thresholds[i], thresholds)) return NULL;
    return thresholds;
}

static pf_range shard_of(const pf_sweep_options *o, const pf_design *design)
{
    uint64_t members = pf_design_members(design), group = pf_design_group(design), groups = members / group;
    if (!o->shards) return (pf_range){0, members};
    uint64_t first = groups / o->shards * (o->shard - 1), end = groups / o->shards * o->shard;
    uint64_t left = groups % o->shards;
    first += o->shard - 1 < left ? o->shard - 1 : left;
    end += o->shard < left ? o->shard : left;
    return (pf_range){first * group, (end - first) * group};
}

static void add_line(pf_arena *arena, const char **text, const char *key, const char *value)
{
    *text = pf_format(arena, "%s%s: %s\n", *text, key, value);
}

static const char *joined(pf_arena *arena, const char *between, const char *const *items, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) text = pf_format(arena, "%s%s%s", text, i ? between : "", items[i]);
    return text;
}

static const char *number_text(pf_arena *arena, uint64_t number)
{
    return pf_format(arena, "%llu", (unsigned long long)number);
}

const char *pf_sweep_part_path(const pf_sweep_job *job, uint64_t shard, uint64_t shards)
{
    pf_arena *arena = job->options->input.scenario->arena;
    if (!shards) return pf_format(arena, "%s.part", job->path);
    return pf_format(arena, "%s.%llu-of-%llu.part", job->path, (unsigned long long)shard, (unsigned long long)shards);
}

/* All on which a number in the results hangs, a line each. */
const char *pf_sweep_identity(const pf_sweep_job *job, uint64_t shard, uint64_t shards)
{
    const pf_sweep_options *o = job->options;
    const pf_compiled *m = o->input.model;
    pf_arena *arena = m->scenario->arena;
    char input[65], functions[65];
    const char *whole = pf_scenario_input(m->scenario), *text = "", *shard_text = "all", *names[64];
    size_t count = 0;
    pf_sha256(whole, strlen(whole), input);
    pf_native_fingerprint(functions);
    for (size_t s = 0; s < job->plan.scenario_count && s < 64; s++)
        names[count++] = m->scenarios[job->plan.scenarios[s]].name;
    add_line(arena, &text, "parkflow", PF_VERSION);
    add_line(arena, &text, "input", input);
    add_line(arena, &text, "functions", functions);
    add_line(arena, &text, "scenarios", joined(arena, " ", names, count));
    add_line(arena, &text, "design", pf_design_name(job->design));
    add_line(arena, &text, "members", number_text(arena, pf_design_members(job->design)));
    add_line(arena, &text, "seed", number_text(arena, o->design.seed));
    add_line(arena, &text, "levels", number_text(arena, o->design.levels));
    add_line(arena, &text, "vary", joined(arena, " ", o->vary, o->design.vary_count));
    add_line(arena, &text, "list", pf_design_list_digest(job->design));
    add_line(arena, &text, "keep", pf_keep_names[o->keep]);
    add_line(arena, &text, "by", o->by_step ? "step" : "year");
    add_line(arena, &text, "thresholds", joined(arena, " ", o->thresholds, o->threshold_count));
    if (shards) shard_text = pf_format(arena, "%llu of %llu", (unsigned long long)shard, (unsigned long long)shards);
    add_line(arena, &text, "shard", shard_text);
    return text;
}

/* Without paths, threads, backend and shards, which leave the numbers as they are. */
const char *pf_sweep_command(const pf_sweep_job *job)
{
    const pf_sweep_options *o = job->options;
    pf_arena *arena = o->input.scenario->arena;
    const char *text = pf_format(arena, "sweep -n %llu --design %s --seed %llu --keep %s",
                                 (unsigned long long)pf_design_members(job->design), pf_design_name(job->design),
                                 (unsigned long long)o->design.seed, pf_keep_names[o->keep]);
    if (o->by_step) text = pf_format(arena, "%s --by step", text);
    if (o->design.levels) text = pf_format(arena, "%s --levels %u", text, o->design.levels);
    if (o->count_faults) text = pf_format(arena, "%s --on-fault count", text);
    for (size_t i = 0; i < o->design.vary_count; i++) text = pf_format(arena, "%s --vary '%s'", text, o->vary[i]);
    for (size_t i = 0; i < o->threshold_count; i++)
        text = pf_format(arena, "%s --threshold %s", text, o->thresholds[i]);
    for (size_t i = 0; i < o->scenarios.wanted_count; i++)
        text = pf_format(arena, "%s -s %s", text, o->scenarios.wanted[i]);
    for (size_t i = 0; i < o->input.setting_count; i++)
        text = pf_format(arena, "%s --set %s", text, o->input.settings[i]);
    return text;
}

pf_result_sweep pf_sweep_facts(const pf_sweep_job *job, const pf_sweep_state *state)
{
    const pf_sweep_options *o = job->options;
    pf_arena *arena = o->input.scenario->arena;
    char *functions = pf_alloc(arena, 65);
    pf_native_fingerprint(functions);
    const pf_file *list =
        o->design.list ? pf_file_read(o->input.scenario->files, o->design.list, (pf_mark){0}, o->input.diagnostics)
                       : NULL;
    return (pf_result_sweep){.design = pf_design_name(job->design),
                             .keep = pf_keep_names[o->keep],
                             .members = pf_design_members(job->design),
                             .members_failed = state->failed,
                             .levels = o->design.levels,
                             .vary = o->design.vary_count ? joined(arena, "\n", o->vary, o->design.vary_count) : NULL,
                             .list = list ? list->text : NULL,
                             .function_fingerprint = functions};
}

bool pf_sweep_set_up(pf_sweep_job *job, pf_sweep_options *o)
{
    job->options = o;
    if (!pf_open_model(&o->input, o->file, (pf_compile_options){.drop_closures = true})) return false;
    if (!pf_choose_scenarios(&o->scenarios, "sweep", o->input.model)) return false;
    job->design = pf_design_new(o->input.model, &o->design, o->input.diagnostics);
    pf_diagnostics_print(o->input.diagnostics, stderr);
    const double *thresholds = job->design ? read_thresholds(o) : NULL;
    if (!thresholds) return false;
    job->kernel = pf_kernel_new(&o->input.model->plan);
    job->plan = (pf_sweep_plan){.model = o->input.model,
                                .design = job->design,
                                .kernel = job->kernel,
                                .scenarios = o->scenarios.rows,
                                .scenario_count = o->scenarios.count,
                                .keep = o->keep,
                                .by_step = o->by_step,
                                .count_faults = o->count_faults,
                                .thresholds = thresholds};
    pf_sweep_plan_complete(&job->plan);
    job->members = shard_of(o, job->design);
    job->path = o->output ? o->output
                          : pf_format(o->input.scenario->arena, "%s.h5", pf_stem(o->input.scenario->arena, o->file));
    job->part_path = pf_sweep_part_path(job, o->shard, o->shards);
    job->identity = pf_sweep_identity(job, o->shard, o->shards);
    return o->merged || choose_backend(job);
}

void pf_sweep_tear_down(pf_sweep_job *job)
{
    pf_design_free(job->design);
    pf_kernel_free(job->kernel);
    pf_free_choice((pf_scenario_choice *)&job->options->scenarios);
    pf_close_model((pf_input_model *)&job->options->input);
}
