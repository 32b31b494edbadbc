/* parkflow fit: a model and its observations to parameters; as tables, HDF5, and as parameters that a scenario can use.
 */
#include "cli/fit.h"

#include "base/replacement.h"
#include "cli/verbs.h"

#include <getopt.h>
#include <string.h>

enum { USE = 256, LEAVE_OUT };

static const struct option options[] = {{"scenario", required_argument, NULL, 's'},
                                        {"output", required_argument, NULL, 'o'},
                                        {"use", required_argument, NULL, USE},
                                        {"leave-out", required_argument, NULL, LEAVE_OUT},
                                        {"quiet", no_argument, NULL, 'q'},
                                        PF_SET_OPTION,
                                        {0}};

typedef struct {
    const char *path, *output, *use, *scenario;
    const char *left_out[64];
    size_t left_out_count;
    bool quiet;
} request;

static bool leave_out(request *r, const char *name)
{
    const size_t most = sizeof r->left_out / sizeof *r->left_out;
    if (r->left_out_count == most) return pf_wrong_usage("fit", "more than %zu checks to leave out", most), false;
    r->left_out[r->left_out_count++] = name;
    return true;
}

static bool read_options(request *r, int argc, char **argv, pf_input_model *input)
{
    int option;
    while ((option = pf_next_option(argc, argv, ":s:o:q", options, input)) != -1) switch (option) {
        case 's': r->scenario = optarg; break;
        case 'o': r->output = optarg; break;
        case USE: r->use = optarg; break;
        case 'q': r->quiet = true; break;
        case LEAVE_OUT:
            if (!leave_out(r, optarg)) return false;
            break;
        default: return false;
        }
    if (optind + 1 != argc) return pf_wrong_usage("fit", "expected one model file"), false;
    r->path = argv[optind];
    return true;
}

/* The row of the scenario asked for, -1 if none is; -2 after a message. */
static int scenario_row(const request *r, const pf_compiled *m)
{
    if (!r->scenario) return -1;
    pf_nearest near = pf_nearest_to(r->scenario);
    for (size_t i = 0; i < m->scenario_count; i++) {
        if (!strcmp(m->scenarios[i].name, r->scenario)) return (int)i;
        pf_nearest_offer(&near, m->scenarios[i].name);
    }
    pf_wrong_usage("fit", "no scenario is called '%s'%s", r->scenario, pf_nearest_hint(&near, m->scenario->arena));
    return -2;
}

static int write_files(const request *r, const pf_fit_result *result, pf_diagnostics *diagnostics)
{
    const char *const *unwritten = NULL;
    const char *text = r->use ? pf_fit_use_text(result, &unwritten) : NULL;
    if (r->output && pf_fit_store(r->output, result, diagnostics)) return PF_EXIT_FAILED;
    if (text && pf_replace_file(r->use, text, strlen(text), diagnostics)) return PF_EXIT_FAILED;
    for (size_t i = 0; text && unwritten[i]; i++)
        pf_warn(diagnostics, (pf_mark){r->use, 0, 0},
                "'%s' is not in it: rows of tables, effects and parts of products cannot be laid over a model",
                unwritten[i]);
    return PF_EXIT_FINE;
}

static int fit(const request *r, pf_input_model *input)
{
    pf_fit_request wanted = {scenario_row(r, input->model), r->left_out, r->left_out_count};
    if (wanted.scenario < -1) return PF_EXIT_WRONG_INPUT;
    pf_fit_result result;
    pf_fit_end end = pf_fit_run(input->model, &wanted, &result, input->diagnostics);
    if (end != PF_FIT_DONE) return end == PF_FIT_WRONG ? PF_EXIT_WRONG_INPUT : PF_EXIT_FAILED;
    int status = write_files(r, &result, input->diagnostics);
    if (status != PF_EXIT_FINE || r->quiet) return status;
    pf_fit_print(&result, stdout);
    if (r->output) printf("\nWritten: %s\n", r->output);
    if (r->use) printf("\nWritten: %s, for a scenario: `use: [%s, %s]`\n", r->use, r->path, r->use);
    return status;
}

int pf_verb_fit(int argc, char **argv)
{
    request r = {0};
    pf_input_model input = {0};
    if (!read_options(&r, argc, argv, &input)) return PF_EXIT_WRONG_INPUT;
    int status = PF_EXIT_WRONG_INPUT;
    if (pf_open_model(&input, r.path, (pf_compile_options){.tangents = true})) {
        status = fit(&r, &input);
        pf_diagnostics_print(input.diagnostics, stderr);
    }
    pf_close_model(&input);
    return status;
}
