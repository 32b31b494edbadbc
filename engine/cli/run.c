/* parkflow run: all scenarios at the medians, or as one member of a sweep had them, into one results file and a table.
 */
#include "cli/verbs.h"

#include "results/collect.h"
#include "results/sample.h"
#include "results/summary.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_input_model input;
    pf_scenario_choice scenarios;
    const char *output, *of; /* of: the sweep whose member is run */
    uint64_t member;
    bool has_member, flows, quiet;
    pf_sample *sample; /* that sweep */
} run;

static const char *default_output(const run *r)
{
    pf_arena *arena = r->input.scenario->arena;
    const char *stem = pf_stem(arena, r->of ? r->of : r->input.scenario->path);
    return r->of ? pf_format(arena, "%s_member_%llu.h5", stem, (unsigned long long)r->member)
                 : pf_format(arena, "%s.h5", stem);
}

static const char *command_text(const run *r)
{
    pf_arena *arena = r->input.scenario->arena;
    const char *text = "run";
    if (r->of) text = pf_format(arena, "run --member %llu of: %s", (unsigned long long)r->member, r->sample->command);
    for (size_t i = 0; i < r->scenarios.wanted_count && !r->of; i++)
        text = pf_format(arena, "%s -s %s", text, r->scenarios.wanted[i]);
    for (size_t i = 0; i < r->input.setting_count; i++)
        text = pf_format(arena, "%s --set %s", text, r->input.settings[i]);
    return r->flows ? pf_format(arena, "%s --flows", text) : text;
}

static void report_written(const run *r, const char *path)
{
    size_t uncertain = 0;
    for (size_t i = 0; i < r->input.model->input_count; i++) uncertain += r->input.model->inputs[i].value != NULL;
    if (r->quiet) return;
    if (r->of) printf("\nMember %llu of %s.\n", (unsigned long long)r->member, r->of);
    else if (uncertain) printf("\n%zu uncertain parameters stand at their medians.\n", uncertain);
    printf("Written: %s (look at it with `parkflow info %s`)\n", path, path);
}

/* The design that the sweep had; all at the medians where there is none. */
static pf_design *design_of(const run *r)
{
    pf_design_request request = {.name = "median"};
    if (r->sample) request = pf_request_of_sample(r->sample, r->input.scenario);
    return pf_design_new(r->input.model, &request, r->input.diagnostics);
}

static pf_status collect_and_write(run *r, const pf_kernel *kernel, const pf_design *design, const char *path)
{
    pf_collected collected;
    const char *who = r->of ? pf_format(r->input.scenario->arena, "member %llu", (unsigned long long)r->member) : NULL;
    pf_collected_init(&collected, r->input.model, r->scenarios.rows, r->scenarios.count);
    pf_status status = pf_collected_run(&collected, kernel, design, r->member, r->input.diagnostics);
    if (!status && pf_collected_report_faults(&collected, kernel, who, r->input.diagnostics)) status = PF_FAILED;
    if (!status && !r->quiet) pf_summary_print(&collected, stdout);
    pf_result_header header = pf_collected_header(&collected);
    header.command = command_text(r);
    header.member = (int64_t)r->member;
    if (r->sample) header.seed = pf_format(r->input.scenario->arena, "%llu", (unsigned long long)r->sample->seed);
    if (!status) status = pf_collected_write(&collected, path, &header, r->input.diagnostics);
    pf_collected_free(&collected);
    return status;
}

static int execute(run *r)
{
    const char *path = r->output ? r->output : default_output(r);
    pf_kernel *kernel = pf_kernel_new(&r->input.model->plan);
    pf_design *design = design_of(r);
    pf_status status = design ? collect_and_write(r, kernel, design, path) : PF_FAILED;
    pf_diagnostics_print(r->input.diagnostics, stderr);
    if (status) fprintf(stderr, "parkflow: the run failed; nothing was written\n");
    else report_written(r, path);
    pf_design_free(design);
    pf_kernel_free(kernel);
    return status ? PF_EXIT_FAILED : PF_EXIT_FINE;
}

/* The sweep's own input and scenarios. */
static bool open_sweep(run *r)
{
    r->input.diagnostics = pf_diagnostics_new();
    r->sample = pf_sample_open(r->of, r->input.diagnostics);
    pf_diagnostics_print(r->input.diagnostics, stderr);
    if (!r->sample) return false;
    if (r->member >= r->sample->members) {
        pf_wrong_usage("run", "there is no member %llu, %s has %llu, counted from 0", (unsigned long long)r->member,
                       r->of, (unsigned long long)r->sample->members);
        return false;
    }
    bool all = !r->scenarios.wanted_count;
    for (size_t s = 0; all && s < r->sample->scenario_count; s++)
        if (!pf_want_scenario(&r->scenarios, "run", r->sample->scenarios[s])) return false;
    pf_diagnostics_free(r->input.diagnostics);
    return pf_open_stored_model(&r->input, r->sample->input, r->of, (pf_compile_options){.keep_flows = r->flows});
}

static int check_usage(const run *r, int argc)
{
    if (r->of && !r->has_member) return pf_wrong_usage("run", "--of needs --member");
    if (r->has_member && !r->of) return pf_wrong_usage("run", "--member needs --of, the results file of a sweep");
    if (r->of && optind != argc) return pf_wrong_usage("run", "with --of the model is that of the sweep");
    if (r->of && r->input.setting_count) return pf_wrong_usage("run", "with --of there is nothing to set");
    if (!r->of && optind + 1 != argc) return pf_wrong_usage("run", "expected one model file");
    return PF_EXIT_FINE;
}

int pf_verb_run(int argc, char **argv)
{
    static const struct option options[] = {{"scenario", required_argument, NULL, 's'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"flows", no_argument, NULL, 'f'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"member", required_argument, NULL, 'm'},
                                            {"of", required_argument, NULL, 'O'},
                                            PF_SET_OPTION,
                                            {0}};
    run r = {0};
    int option;
    while ((option = pf_next_option(argc, argv, ":s:o:fq", options, &r.input)) != -1) switch (option) {
        case 's':
            if (!pf_want_scenario(&r.scenarios, "run", optarg)) return PF_EXIT_WRONG_INPUT;
            break;
        case 'o': r.output = optarg; break;
        case 'f': r.flows = true; break;
        case 'q': r.quiet = true; break;
        case 'm':
            r.has_member = true;
            if (!pf_read_whole("run", "--member", optarg, 0, &r.member)) return PF_EXIT_WRONG_INPUT;
            break;
        case 'O': r.of = optarg; break;
        default: return PF_EXIT_WRONG_INPUT;
        }
    int status = check_usage(&r, argc);
    if (status) return status;
    bool good = r.of ? open_sweep(&r) : pf_open_model(&r.input, argv[optind], (pf_compile_options){.keep_flows = r.flows});
    status = good && pf_choose_scenarios(&r.scenarios, "run", r.input.model) ? execute(&r) : PF_EXIT_WRONG_INPUT;
    pf_free_choice(&r.scenarios);
    pf_sample_close(r.sample);
    pf_close_model(&r.input);
    return status;
}
