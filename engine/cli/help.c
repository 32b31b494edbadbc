/* What the program says of its verbs on a terminal. */
#include "cli/help.h"

#include "cli/help_text.h"

#include <string.h>

const pf_verb *pf_verb_named(pf_verbs verbs, const char *name)
{
    pf_nearest near = pf_nearest_to(name);
    for (size_t i = 0; i < verbs.count; i++) {
        if (!strcmp(verbs.rows[i].name, name)) return &verbs.rows[i];
        pf_nearest_offer(&near, verbs.rows[i].name);
    }
    fprintf(stderr, "parkflow: no verb is called '%s'%s%s%s; see `parkflow --help`\n", name,
            near.best ? ", did you mean '" : "", near.best ? near.best : "", near.best ? "'?" : "");
    return NULL;
}

void pf_help_overview(pf_verbs verbs, FILE *out)
{
    fprintf(out, "parkflow %s.\n\nusage: parkflow VERB ...\n\n", pf_help_purpose);
    for (size_t i = 0; i < verbs.count; i++) fprintf(out, "  %-9s %s\n", verbs.rows[i].name, verbs.rows[i].summary);
    fprintf(out, "\n%s\n%s\n`parkflow VERB --help` says more. Exit status: %s.\n", "environment:", pf_help_environment,
            pf_help_exit_status);
}

static void print_names(const pf_help_names *names, FILE *out)
{
    int width = 0;
    for (size_t row = 0; row < names->count(); row++) {
        int length = (int)strlen(names->at(row).name);
        width = length > width ? length : width;
    }
    fprintf(out, "\n%s:\n", names->title);
    for (size_t row = 0; row < names->count(); row++)
        fprintf(out, "  %-*s  %s\n", width, names->at(row).name, names->at(row).doc);
}

void pf_help_of(const pf_verb *verb, FILE *out)
{
    const pf_help_names *names = pf_help_names_of(verb);
    fprintf(out, "%s\n\nusage: parkflow %s\n%s%s", verb->summary, verb->usage, *verb->options ? "\n" : "",
            verb->options);
    if (names) print_names(names, out);
    fprintf(out, "\nexample:\n  %s\n", verb->example);
}

int pf_help(pf_verbs verbs, int argc, char **argv)
{
    const pf_verb *verb = NULL;
    bool as_page = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return pf_help_overview(verbs, stdout), PF_EXIT_FINE;
        if (!strcmp(argv[i], "--man")) as_page = true;
        else if (verb || *argv[i] == '-')
            return pf_wrong_usage("help", "found '%s', expected one verb or --man", argv[i]);
        else if (!(verb = pf_verb_named(verbs, argv[i]))) return PF_EXIT_WRONG_INPUT;
    }
    if (as_page && verb) pf_help_page_of(verb, stdout);
    else if (as_page) pf_help_page(verbs, stdout);
    else if (verb) pf_help_of(verb, stdout);
    else pf_help_overview(verbs, stdout);
    return PF_EXIT_FINE;
}
