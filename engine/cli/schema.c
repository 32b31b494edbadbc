/* parkflow schema: the language, for editors. */
#include "cli/verbs.h"

#include "scenario/schema.h"

int pf_verb_schema(int argc, char **argv)
{
    if (argc != 1) return pf_wrong_usage("schema", "found '%s', expected nothing", argv[1]);
    pf_schema_json(stdout);
    return PF_EXIT_FINE;
}
