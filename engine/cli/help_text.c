/* What help says in more than one place: texts, and tables of names that options choose from. */
#include "cli/help_text.h"

#include "analysis/methods.h"
#include "results/export.h"

#include <string.h>

const char pf_help_purpose[] = "simulates how energy and materials flow through industrial parks";
const char pf_help_exit_status[] = "0 fine, 1 the run failed, 2 the input or the command line is wrong";
const char pf_help_environment[] =
    "  PARKFLOW_SCENARIOS  the folder of library/, where names under `use:` are looked for that stand nowhere else\n"
    "  PARKFLOW_CC         the C compiler of the back end native; cc if not given\n"
    "  XDG_CACHE_HOME      where compiled models are kept, in its folder parkflow; ~/.cache if not given\n";

static pf_help_name design_at(size_t row)
{
    return (pf_help_name){pf_design_row_name(row), pf_design_row_doc(row)};
}

static pf_help_name method_at(size_t row)
{
    return (pf_help_name){pf_method_at(row)->name, pf_method_at(row)->doc};
}

static pf_help_name format_at(size_t row)
{
    return (pf_help_name){pf_export_format_at(row)->name, pf_export_format_at(row)->doc};
}

static const pf_help_names tables[] = {
    {"sweep", "designs", pf_design_count, design_at},
    {"analyse", "methods for a sweep", pf_method_count, method_at},
    {"export", "formats", pf_export_format_count, format_at},
};

const pf_help_names *pf_help_names_of(const pf_verb *verb)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!strcmp(tables[i].verb, verb->name)) return &tables[i];
    return NULL;
}
