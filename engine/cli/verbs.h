/* The verbs of the command line: a new one is a file and a row in main.c. */
#ifndef PF_VERBS_H
#define PF_VERBS_H

#include "ensemble/design.h"
#include "results/sample.h"

enum { PF_EXIT_FINE = 0, PF_EXIT_FAILED = 1, PF_EXIT_WRONG_INPUT = 2 };

typedef struct {
    const char *name, *usage, *summary, *options, *example;
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
} pf_verb;

int pf_verb_check(int argc, char **argv);
int pf_verb_run(int argc, char **argv);
int pf_verb_sweep(int argc, char **argv);
int pf_verb_analyse(int argc, char **argv);
int pf_verb_reconcile(int argc, char **argv);
int pf_verb_fit(int argc, char **argv);
int pf_verb_export(int argc, char **argv);
int pf_verb_brief(int argc, char **argv);
int pf_verb_explore(int argc, char **argv);
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
bool pf_open_model(pf_input_model *input, const char *path, pf_compile_options options);
/* The same for the input that a results file holds; `name` stands for it in messages. */
bool pf_open_stored_model(pf_input_model *input, const char *text, const char *name, pf_compile_options options);
void pf_close_model(pf_input_model *input);

/* The scenarios that a verb runs. */
typedef struct {
    const char *wanted[64];
    size_t wanted_count;
    uint32_t *rows; /* of model->scenarios */
    size_t count;
} pf_scenario_choice;

/* False, after a message, if they are too many. */
bool pf_want_scenario(pf_scenario_choice *choice, const char *verb, const char *name);
/* False, after a message, if one is unknown. */
bool pf_choose_scenarios(pf_scenario_choice *choice, const char *verb, const pf_compiled *model);
void pf_free_choice(pf_scenario_choice *choice);

/* The design that a finished sweep had. */
pf_design_request pf_request_of_sample(const pf_sample *sample, pf_scenario *scenario);

/* Are so many lanes of the model worth the time that a compiler takes? */
bool pf_is_worth_compiling(const pf_compiled *model, double lanes);

/* The name of a file without its folder and its ending. */
const char *pf_stem(pf_arena *arena, const char *path);

/* A whole number of at least `least`, as an option has it; false after a message. */
bool pf_read_whole(const char *verb, const char *option, const char *text, uint64_t least, uint64_t *value);
/* The row of `names` that `text` is; -1 after a message that names the nearest and says what there is. */
int pf_read_choice(const char *verb, const char *option, const char *text, const char *const *names, size_t count);

/* "parkflow VERB: MESSAGE" and how to get help; returns PF_EXIT_WRONG_INPUT. */
int pf_wrong_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
