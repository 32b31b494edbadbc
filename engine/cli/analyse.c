/* parkflow analyse: which parameters an output hangs on, from the members of a sweep or from the model's derivatives,
 * into the results file and a table. */
#include "analysis/elasticities.h"
#include "cli/analyse.h"
#include "cli/analyse_game.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum { INDICATOR = 256, PARK, PERIOD, RESAMPLES, SEED, TOP };

static const struct option options[] = {{"indicator", required_argument, NULL, INDICATOR},
                                        {"scenario", required_argument, NULL, 's'},
                                        {"park", required_argument, NULL, PARK},
                                        {"period", required_argument, NULL, PERIOD},
                                        {"resamples", required_argument, NULL, RESAMPLES},
                                        {"seed", required_argument, NULL, SEED},
                                        {"top", required_argument, NULL, TOP},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {0}};

typedef struct {
    pf_analyse_options options;
    const pf_method *method;
    pf_input_model input;
    pf_sample *sample;
    pf_design *design;
    double began; /* when the last output was done */
} job;

/* Analyses with options of their own, which do not look at parameters but at interventions and years. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the name */
} others[] = {{"attribute", pf_analyse_attribute},
              {"portfolio", pf_analyse_portfolio},
              {"decompose", pf_analyse_decompose},
              {"criteria", pf_analyse_criteria}};
enum { OTHERS = sizeof others / sizeof *others };

static const pf_method *method_named(const char *name)
{
    const char *names[64];
    size_t count = pf_method_count();
    for (size_t i = 0; i < count; i++) names[i] = pf_method_at(i)->name;
    for (size_t i = 0; i < OTHERS; i++) names[count + i] = others[i].name;
    int row = pf_read_choice("analyse", "analyse", name, names, count + OTHERS);
    if (row >= (int)count) pf_wrong_usage("analyse", "expected '%s' before all options", name);
    return row < 0 || row >= (int)count ? NULL : pf_method_at((size_t)row);
}

static bool put(pf_wanted *wanted, const char *what)
{
    const size_t most = sizeof wanted->names / sizeof *wanted->names;
    if (wanted->count == most) return pf_wrong_usage("analyse", "more than %zu times %s", most, what), false;
    wanted->names[wanted->count++] = optarg;
    return true;
}

static bool read_options(pf_analyse_options *o, int argc, char **argv)
{
    enum { MOST_RESAMPLES = 100000 };
    int option;
    bool good = true;
    while (good && (option = pf_next_option(argc, argv, ":s:q", options, NULL)) != -1) switch (option) {
        case INDICATOR: good = put(&o->indicators, "--indicator"); break;
        case 's': good = put(&o->scenarios, "--scenario"); break;
        case PERIOD: good = put(&o->periods, "--period"); break;
        case PARK: o->park = optarg; break;
        case SEED: good = pf_read_whole("analyse", "--seed", optarg, 0, &o->seed); break;
        case TOP: good = pf_read_whole("analyse", "--top", optarg, 1, &o->top); break;
        case RESAMPLES:
            good = pf_read_whole("analyse", "--resamples", optarg, 0, &o->resamples);
            o->has_resamples = true;
            if (o->resamples > MOST_RESAMPLES) o->resamples = MOST_RESAMPLES;
            break;
        case 'q': o->quiet = true; break;
        default: good = false;
        }
    return good;
}

/* ---- files ---- */

static bool is_of_model(const job *j)
{
    return j->method->need == PF_NEEDS_NO_SAMPLE;
}

/* The model that the file holds; with derivatives where they are asked for. */
static bool open_model(job *j)
{
    pf_input_model *input = &j->input;
    if (!j->sample->input) {
        pf_error(input->diagnostics, (pf_mark){0}, "'%s' does not hold the input that it was made of", j->options.path);
        return false;
    }
    input->scenario = pf_scenario_read_text(j->sample->input, j->options.path, NULL, 0, input->diagnostics);
    if (input->scenario) input->model = pf_compile(input->scenario, (pf_compile_options){.tangents = is_of_model(j)});
    if (input->model && is_of_model(j)) pf_elasticities_outputs(j->sample, input->model);
    return input->model && !pf_error_count(input->diagnostics);
}

/* The design that the members had. Of a list the values that were kept are taken as they are: what ties them together
 * is their own, not the model's correlations. */
static bool open_design(job *j)
{
    if (is_of_model(j) || !strcmp(j->sample->design, "list")) return true;
    pf_design_request request = pf_request_of_sample(j->sample, j->input.scenario);
    j->design = pf_design_new(j->input.model, &request, j->input.diagnostics);
    return j->design != NULL;
}

static bool open_files(job *j)
{
    pf_diagnostics *diagnostics = j->input.diagnostics = pf_diagnostics_new();
    j->sample = is_of_model(j) ? pf_sample_open_any(j->options.path, diagnostics)
                               : pf_sample_open(j->options.path, diagnostics);
    return j->sample && open_model(j) && open_design(j);
}

/* ---- the analysis ---- */

/* Says once how long the rest may take, by the second output: the first also prepares the parameters. */
static void tell_time(void *user, size_t done, size_t outputs)
{
    static const double worth_telling = 5;
    job *j = user;
    double now = pf_seconds(), left = (now - j->began) * (double)(outputs - done);
    j->began = now;
    if (j->options.quiet || !isatty(STDERR_FILENO) || done != (outputs > 2 ? 2 : 1) || left < worth_telling) return;
    fprintf(stderr, "parkflow: %zu outputs; the others may take %.0f s\n", outputs, left);
}

/* Few where each costs much. */
static size_t resamples_of(const job *j)
{
    enum { MANY_PARAMETERS = 50, FEW = 100, MANY = 500 };
    size_t k = 0;
    if (j->design) pf_design_varied(j->design, &k);
    if (j->options.has_resamples) return (size_t)j->options.resamples;
    return j->method->is_slow || k > MANY_PARAMETERS ? FEW : MANY;
}

static void report(const job *j, pf_findings *found)
{
    const char *path = j->options.path, *name = j->method->name;
    if (j->options.quiet) return;
    pf_findings_print(found, (size_t)j->options.top, stdout);
    printf("Written: the group /analysis/%s of %s. To draw it:\n"
           "  /usr/bin/python3 scripts/plot_analysis.py %s %s %s.png\n",
           name, path, path, name, name);
}

static int execute(job *j)
{
    pf_study study = {.method = j->method,
                      .sample = j->sample,
                      .model = j->input.model,
                      .design = j->design,
                      .bootstrap = {j->options.seed, resamples_of(j)},
                      .progress = tell_time,
                      .user = j};
    pf_diagnostics *diagnostics = j->input.diagnostics;
    pf_findings *found = NULL;
    int status = PF_EXIT_WRONG_INPUT;
    if (!pf_choose_outputs(&study.choice, &j->options, j->method, j->sample, j->input.model)) goto done;
    j->began = pf_seconds();
    found = is_of_model(j) ? pf_elasticities_run(&study, diagnostics) : pf_study_run(&study, diagnostics);
    if (!found) goto done;
    status = pf_findings_write(found, diagnostics) ? PF_EXIT_FAILED : PF_EXIT_FINE;
    if (!status) report(j, found);
done:
    pf_findings_free(found);
    pf_free_outputs(&study.choice);
    return status;
}

int pf_verb_analyse(int argc, char **argv)
{
    job j = {.options = {.seed = 1, .top = 8}};
    int status = PF_EXIT_WRONG_INPUT;
    for (size_t i = 0; i < OTHERS && argc > 1; i++)
        if (!strcmp(argv[1], others[i].name)) return others[i].run(argc - 1, argv + 1);
    if (!read_options(&j.options, argc, argv)) return status;
    if (optind + 2 != argc) return pf_wrong_usage("analyse", "expected a method and a results file");
    j.method = method_named(argv[optind]);
    if (!j.method) return status;
    j.options.path = argv[optind + 1];
    if (open_files(&j)) status = execute(&j);
    pf_diagnostics_print(j.input.diagnostics, stderr);
    pf_design_free(j.design);
    pf_sample_close(j.sample);
    pf_close_model(&j.input);
    return status;
}
