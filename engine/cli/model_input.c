/* Reading and compiling a model for a verb, with its errors on standard error. */
#include "cli/verbs.h"

#include <stdarg.h>

/* Compiles what was read, and prints what is wrong. */
static bool finish(pf_input_model *input, const char *path, pf_compile_options options)
{
    if (input->scenario) input->model = pf_compile(input->scenario, options);
    pf_diagnostics_print(input->diagnostics, stderr);
    size_t errors = pf_error_count(input->diagnostics);
    if (errors)
        fprintf(stderr, "parkflow: %zu error%s in %s; nothing was run or written\n", errors, errors == 1 ? "" : "s",
                path);
    return input->model && !errors;
}

bool pf_open_model(pf_input_model *input, const char *path, pf_compile_options options)
{
    input->diagnostics = pf_diagnostics_new();
    input->scenario = pf_scenario_read(path, input->settings, input->setting_count, input->diagnostics);
    return finish(input, path, options);
}

bool pf_open_stored_model(pf_input_model *input, const char *text, const char *name, pf_compile_options options)
{
    input->diagnostics = pf_diagnostics_new();
    input->scenario = pf_scenario_read_text(text, name, NULL, 0, input->diagnostics);
    return finish(input, name, options);
}

void pf_close_model(pf_input_model *input)
{
    pf_scenario_free(input->scenario);
    pf_diagnostics_free(input->diagnostics);
}

int pf_wrong_usage(const char *verb, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "parkflow %s: ", verb);
    vfprintf(stderr, format, list);
    fprintf(stderr, "; see `parkflow %s --help`\n", verb);
    va_end(list);
    return PF_EXIT_WRONG_INPUT;
}
