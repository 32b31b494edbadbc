/* parkflow reconcile: measured flows and their balances to flows that agree, with what contradicts them; as a table,
 * HDF5, and as parameters that a scenario can use. */
#include "cli/reconcile.h"

#include "analysis/flow_results.h"
#include "base/replacement.h"
#include "cli/verbs.h"

#include <getopt.h>
#include <string.h>

enum { USE = 256 };

static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                        {"use", required_argument, NULL, USE},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {0}};

typedef struct {
    const char *path, *output, *use;
    bool quiet;
} request;

static bool read_options(request *r, int argc, char **argv)
{
    int option;
    while ((option = pf_next_option(argc, argv, ":o:q", options, NULL)) != -1) switch (option) {
        case 'o': r->output = optarg; break;
        case USE: r->use = optarg; break;
        case 'q': r->quiet = true; break;
        default: return false;
        }
    if (optind + 1 != argc) return pf_wrong_usage("reconcile", "expected the file of a flow system"), false;
    r->path = argv[optind];
    return true;
}

static int write_files(const request *r, const pf_flow_system *system, const pf_reconciliation *result,
                       pf_diagnostics *diagnostics)
{
    const char *text = r->use ? pf_flow_use_text(system, result, diagnostics) : NULL;
    if (r->use && !text) return PF_EXIT_WRONG_INPUT;
    if (r->output && pf_flow_store(r->output, system, result, diagnostics)) return PF_EXIT_FAILED;
    if (text && pf_replace_file(r->use, text, strlen(text), diagnostics)) return PF_EXIT_FAILED;
    return PF_EXIT_FINE;
}

static void say_what_is_written(const request *r)
{
    if (r->output)
        printf("\nWritten: %s. To draw it:\n  /usr/bin/python3 scripts/plot_sankey.py %s flows.png\n", r->output,
               r->output);
    if (r->use) printf("\nWritten: %s, for a scenario's `use:`\n", r->use);
}

static int reconcile(const request *r, const pf_flow_system *system, pf_diagnostics *diagnostics)
{
    pf_reconciliation result = pf_reconcile(&system->problem, system->arena);
    pf_flow_system_explain(system, &result, diagnostics);
    if (result.end == PF_CONTRADICTION) return PF_EXIT_WRONG_INPUT;
    if (result.end != PF_RECONCILED) return PF_EXIT_FAILED;
    int status = write_files(r, system, &result, diagnostics);
    if (status != PF_EXIT_FINE || r->quiet) return status;
    pf_reconciled_print(system, &result, stdout);
    say_what_is_written(r);
    return status;
}

int pf_verb_reconcile(int argc, char **argv)
{
    request r = {0};
    if (!read_options(&r, argc, argv)) return PF_EXIT_WRONG_INPUT;
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_flow_system *system = pf_flow_system_read(r.path, diagnostics);
    int status = system ? reconcile(&r, system, diagnostics) : PF_EXIT_WRONG_INPUT;
    pf_diagnostics_print(diagnostics, stderr);
    pf_flow_system_free(system);
    pf_diagnostics_free(diagnostics);
    return status;
}
