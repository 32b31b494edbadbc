/* What help says in more than one place, and help as manual pages. */
#ifndef PF_CLI_HELP_TEXT_H
#define PF_CLI_HELP_TEXT_H

#include "cli/help.h"

extern const char pf_help_purpose[], pf_help_environment[], pf_help_exit_status[];

typedef struct {
    const char *name, *doc;
} pf_help_name;

/* Rows of a table elsewhere, which an option of a verb chooses from. */
typedef struct {
    const char *verb, *title;
    size_t (*count)(void);
    pf_help_name (*at)(size_t row);
} pf_help_names;

/* NULL: the verb has none. */
const pf_help_names *pf_help_names_of(const pf_verb *verb);

/* parkflow(1), parkflow-VERB(1) */
void pf_help_page(pf_verbs verbs, FILE *out);
void pf_help_page_of(const pf_verb *verb, FILE *out);

#endif
