/* What the program says of its verbs, for a terminal or as a manual page (man macros), from one text: the rows of
 * main.c and the tables of names that options choose from. */
#ifndef PF_CLI_HELP_H
#define PF_CLI_HELP_H

#include "cli/verbs.h"

typedef struct {
    const pf_verb *rows;
    size_t count;
} pf_verbs;

/* The row of that name; NULL after a message that names the nearest. */
const pf_verb *pf_verb_named(pf_verbs verbs, const char *name);

void pf_help_overview(pf_verbs verbs, FILE *out);
void pf_help_of(const pf_verb *verb, FILE *out);

/* parkflow help [VERB] [--man] */
int pf_help(pf_verbs verbs, int argc, char **argv);

#endif
