/* parkflow info: what is in a results file. */
#include "cli/verbs.h"

#include "results/store.h"

int pf_verb_info(int argc, char **argv)
{
    if (argc != 2) return pf_wrong_usage("info", "expected one results file");
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_status status = pf_store_info(argv[1], stdout, diagnostics);
    pf_diagnostics_print(diagnostics, stderr);
    pf_diagnostics_free(diagnostics);
    return status ? PF_EXIT_WRONG_INPUT : PF_EXIT_FINE;
}
