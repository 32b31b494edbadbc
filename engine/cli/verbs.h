/* The verbs of the command line: a new one is a file and a row in main.c. */
#ifndef PF_VERBS_H
#define PF_VERBS_H

#include "model/compile.h"

enum { PF_EXIT_FINE = 0, PF_EXIT_FAILED = 1, PF_EXIT_WRONG_INPUT = 2 };

typedef struct {
    const char *name, *usage, *summary, *options, *example;
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
} pf_verb;

int pf_verb_check(int argc, char **argv);
int pf_verb_run(int argc, char **argv);
int pf_verb_plan(int argc, char **argv);
int pf_verb_info(int argc, char **argv);
int pf_verb_schema(int argc, char **argv);

/* What every verb that reads a model shares. */
typedef struct {
    pf_diagnostics *diagnostics;
    pf_scenario *scenario;
    const pf_compiled *model; /* NULL after errors, which are printed */
    const char *settings[64];
    size_t setting_count;
} pf_input_model;

/* The next option by getopt_long, with our own words for what is wrong: its letter, -1 behind the last, '?' after a
 * message. `letters` are the short ones; `--set` (the row PF_SET_OPTION of `options`) is put by into `input`, which may
 * be NULL where a verb has none. */
struct option;
int pf_next_option(int argc, char **argv, const char *letters, const struct option *options, pf_input_model *input);
#define PF_SET_OPTION                                                                                                  \
    {                                                                                                                  \
        "set", required_argument, NULL, 'S'                                                                            \
    }

/* Reads and compiles the model; prints what is wrong. */
bool pf_open_model(pf_input_model *input, const char *path, bool keep_flows);
void pf_close_model(pf_input_model *input);

/* "parkflow VERB: MESSAGE" and how to get help; returns PF_EXIT_WRONG_INPUT. */
int pf_wrong_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
