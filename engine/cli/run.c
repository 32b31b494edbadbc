/* parkflow run: all scenarios at the medians, into one results file and a table. */
#include "cli/verbs.h"

#include "ensemble/design.h"
#include "results/collect.h"
#include "results/summary.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_input_model input;
    const char *wanted[64], *output;
    size_t wanted_count;
    bool flows, quiet;
    uint32_t *scenarios; /* rows that run */
    size_t scenario_count;
} run;

static void add_scenario(run *r, size_t row)
{
    for (size_t i = 0; i < r->scenario_count; i++)
        if (r->scenarios[i] == row) return;
    r->scenarios[r->scenario_count++] = (uint32_t)row;
}

/* Those asked for, each after its reference; all in order if none is. */
static bool choose_scenarios(run *r)
{
    const pf_compiled *m = r->input.model;
    r->scenarios = pf_calloc(m->scenario_count, sizeof *r->scenarios);
    for (size_t i = 0; i < m->scenario_count && !r->wanted_count; i++) add_scenario(r, i);
    for (size_t w = 0; w < r->wanted_count; w++) {
        pf_nearest near = pf_nearest_to(r->wanted[w]);
        size_t row = 0;
        while (row < m->scenario_count && strcmp(m->scenarios[row].name, r->wanted[w]) != 0)
            pf_nearest_offer(&near, m->scenarios[row++].name);
        if (row == m->scenario_count) {
            pf_wrong_usage("run", "no scenario is called '%s'%s%s%s", r->wanted[w], near.best ? ", did you mean '" : "",
                           near.best ? near.best : "", near.best ? "'?" : "");
            return false;
        }
        if (m->scenarios[row].against >= 0) add_scenario(r, (size_t)m->scenarios[row].against);
        add_scenario(r, row);
    }
    return true;
}

static bool same_fault(pf_fault a, pf_fault b)
{
    return a.kind == b.kind && a.step == b.step && a.index == b.index;
}

/* The scenarios that failed like this one, if it is the first of them; else NULL. */
static const char *who_failed(const run *r, const pf_collected *c, size_t first)
{
    const pf_compiled *m = r->input.model;
    const char *names = "scenario";
    for (size_t s = 0; s < r->scenario_count; s++) {
        if (!same_fault(c->faults[s], c->faults[first])) continue;
        if (s < first) return NULL;
        names =
            pf_format(m->scenario->arena, "%s%s %s", names, s > first ? "," : "", m->scenarios[r->scenarios[s]].name);
    }
    return names;
}

/* Replays failed scenarios, so that the first expression at fault is named. */
static bool report_faults(const run *r, const pf_kernel *kernel, const pf_collected *c)
{
    const pf_compiled *m = r->input.model;
    bool any = false;
    for (size_t s = 0; s < r->scenario_count; s++) {
        if (c->faults[s].kind == PF_NO_FAULT) continue;
        const char *who = who_failed(r, c, s);
        any = true;
        if (who)
            pf_replay(kernel, c->inputs + s * m->input_count, c->faults[s],
                      pf_step_text(m->scenario->arena, &m->scenario->calendar, c->faults[s].step), who,
                      r->input.diagnostics);
    }
    return any;
}

static const char *default_output(const run *r)
{
    const char *path = r->input.scenario->path, *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
               *dot = strrchr(name, '.');
    return pf_format(r->input.scenario->arena, "%.*s.h5", (int)(dot ? dot - name : (long)strlen(name)), name);
}

static const char *command_text(const run *r)
{
    const char *text = "run";
    for (size_t i = 0; i < r->wanted_count; i++)
        text = pf_format(r->input.scenario->arena, "%s -s %s", text, r->wanted[i]);
    for (size_t i = 0; i < r->input.setting_count; i++)
        text = pf_format(r->input.scenario->arena, "%s --set %s", text, r->input.settings[i]);
    return r->flows ? pf_format(r->input.scenario->arena, "%s --flows", text) : text;
}

static void report_written(const run *r, const char *path)
{
    size_t uncertain = 0;
    for (size_t i = 0; i < r->input.model->input_count; i++) uncertain += r->input.model->inputs[i].value != NULL;
    if (!r->quiet && uncertain) printf("\n%zu uncertain parameters stand at their medians.\n", uncertain);
    if (!r->quiet) printf("Written: %s (look at it with `parkflow info %s`)\n", path, path);
}

static int execute(run *r)
{
    const pf_compiled *m = r->input.model;
    pf_collected collected;
    pf_median_design medians;
    pf_kernel *kernel = pf_kernel_new(&m->plan);
    pf_design design = pf_median_design_make(&medians, m, r->scenarios);
    pf_run_options options = {.members = 1, .scenarios = (uint32_t)r->scenario_count};
    pf_collected_init(&collected, m, r->scenarios, r->scenario_count);
    pf_status status = pf_run(kernel, &m->plan, options, design, pf_collecting_sink(&collected), r->input.diagnostics);
    const char *path = r->output ? r->output : default_output(r);
    if (!status && report_faults(r, kernel, &collected)) status = PF_FAILED;
    if (!status && !r->quiet) pf_summary_print(&collected, stdout);
    if (!status) status = pf_collected_write(&collected, path, command_text(r), medians.medians, r->input.diagnostics);
    pf_diagnostics_print(r->input.diagnostics, stderr);
    if (status) fprintf(stderr, "parkflow: the run failed; nothing was written\n");
    else report_written(r, path);
    pf_collected_free(&collected);
    pf_median_design_free(&medians);
    pf_kernel_free(kernel);
    return status ? PF_EXIT_FAILED : PF_EXIT_FINE;
}

int pf_verb_run(int argc, char **argv)
{
    static const struct option options[] = {{"scenario", required_argument, NULL, 's'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"flows", no_argument, NULL, 'f'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            PF_SET_OPTION,
                                            {0}};
    run r = {0};
    int option, status = PF_EXIT_WRONG_INPUT;
    while ((option = pf_next_option(argc, argv, ":s:o:fq", options, &r.input)) != -1) switch (option) {
        case 's':
            if (r.wanted_count == 64) return pf_wrong_usage("run", "more than 64 scenarios");
            r.wanted[r.wanted_count++] = optarg;
            break;
        case 'o': r.output = optarg; break;
        case 'f': r.flows = true; break;
        case 'q': r.quiet = true; break;
        default: return PF_EXIT_WRONG_INPUT;
        }
    if (optind + 1 != argc) return pf_wrong_usage("run", "expected one model file");
    if (pf_open_model(&r.input, argv[optind], r.flows) && choose_scenarios(&r)) status = execute(&r);
    free(r.scenarios);
    pf_close_model(&r.input);
    return status;
}
