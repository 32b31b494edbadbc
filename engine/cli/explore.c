/* parkflow explore: a page in which a reader runs the model of a sweep. */
#include "results/explorer.h"
#include "cli/verbs.h"

#include <getopt.h>

enum { MEMBERS = 'n', USUAL_MEMBERS = 200, MOST_MEMBERS = 4096 };

static const struct option options[] = {{"members", required_argument, NULL, MEMBERS},
                                        {"output", required_argument, NULL, 'o'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {0}};

typedef struct {
    const char *path, *output;
    uint64_t members;
    bool quiet;
    pf_input_model input;
    pf_sample *sample;
    pf_design *design;
} job;

static bool read_options(job *j, int argc, char **argv)
{
    int option;
    while ((option = pf_next_option(argc, argv, ":n:o:q", options, NULL)) != -1) switch (option) {
        case MEMBERS:
            if (!pf_read_whole("explore", "--members", optarg, 1, &j->members)) return false;
            break;
        case 'o': j->output = optarg; break;
        case 'q': j->quiet = true; break;
        default: return false;
        }
    if (optind + 1 != argc) return pf_wrong_usage("explore", "expected the results file of a sweep"), false;
    if (j->members > MOST_MEMBERS)
        return pf_wrong_usage("explore", "a page holds at most %d members", MOST_MEMBERS), false;
    j->path = argv[optind];
    return true;
}

static bool open_sweep(job *j)
{
    pf_diagnostics *diagnostics = j->input.diagnostics = pf_diagnostics_new();
    j->sample = pf_sample_open(j->path, diagnostics);
    if (!j->sample) return false;
    if (!j->sample->input) {
        pf_error(diagnostics, (pf_mark){0}, "'%s' does not hold the input that it was made of", j->path);
        return false;
    }
    j->input.scenario = pf_scenario_read_text(j->sample->input, j->path, NULL, 0, diagnostics);
    if (j->input.scenario)
        j->input.model = pf_compile(j->input.scenario, (pf_compile_options){.levers = true, .drop_closures = true});
    if (!j->input.model || pf_error_count(diagnostics)) return false;
    pf_design_request request = pf_request_of_sample(j->sample, j->input.scenario);
    j->design = pf_design_new(j->input.model, &request, diagnostics);
    return j->design != NULL;
}

static int write_page(job *j)
{
    const char *output = j->output;
    if (!output) output = pf_format(j->input.scenario->arena, "%s.html", pf_stem(j->input.scenario->arena, j->path));
    pf_explorer explorer = {j->sample, j->input.model, j->design, j->members};
    if (pf_explorer_check(&explorer, j->input.diagnostics)) return PF_EXIT_WRONG_INPUT;
    if (pf_explorer_write(&explorer, output, j->input.diagnostics)) return PF_EXIT_FAILED;
    if (!j->quiet) printf("Written: %s (open it in a browser)\n", output);
    return PF_EXIT_FINE;
}

int pf_verb_explore(int argc, char **argv)
{
    job j = {.members = USUAL_MEMBERS};
    if (!read_options(&j, argc, argv)) return PF_EXIT_WRONG_INPUT;
    int status = open_sweep(&j) ? write_page(&j) : PF_EXIT_WRONG_INPUT;
    pf_diagnostics_print(j.input.diagnostics, stderr);
    pf_design_free(j.design);
    pf_sample_close(j.sample);
    pf_close_model(&j.input);
    return status;
}
