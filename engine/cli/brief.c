/* parkflow brief: pages for those who decide, from the results of a sweep. They are made in Python (scripts/brief);
 * here the file is looked at before, so that a wrong one is refused as everywhere. */
#include "base/installation.h"
#include "cli/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum { ENGINE_ARGUMENTS = 4, ARGUMENTS_MOST = 64 };

static const char python[] = "/usr/bin/python3", script_name[] = "scripts/brief/brief.py";

static const struct option options[] = {{"lang", required_argument, NULL, 'l'},
                                        {"scenario", required_argument, NULL, 's'},
                                        {"potential", required_argument, NULL, 'p'},
                                        {"park", required_argument, NULL, 'k'},
                                        {"members", required_argument, NULL, 'n'},
                                        {"as-it-is", no_argument, NULL, 'a'},
                                        {"output", required_argument, NULL, 'o'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {0}};

/* What goes to the script: the same options, checked as far as no results are needed for it. */
static bool read_options(int argc, char **argv)
{
    int option;
    while ((option = pf_next_option(argc, argv, ":s:n:o:q", options, NULL)) != -1) {
        if (option == '?') return false;
        if (option == 'l' && strcmp(optarg, "en") != 0 && strcmp(optarg, "vi") != 0)
            return pf_wrong_usage("brief", "found the language '%s', expected en or vi", optarg), false;
        uint64_t members;
        if (option == 'n' && !pf_read_whole("brief", "--members", optarg, 0, &members)) return false;
    }
    if (optind + 1 != argc) return pf_wrong_usage("brief", "expected the results file of a sweep"), false;
    return true;
}

static bool is_sweep(const char *path)
{
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_sample *sample = pf_sample_open(path, diagnostics);
    if (sample && !sample->input)
        pf_error(diagnostics, (pf_mark){0}, "'%s' does not hold the input that it was made of", path);
    bool good = pf_error_count(diagnostics) == 0;
    pf_diagnostics_print(diagnostics, stderr);
    pf_diagnostics_free(diagnostics);
    pf_sample_close(sample);
    return good;
}

/* Becomes the script. */
static int start(const char *program, const char *script, int argc, char **argv)
{
    char *arguments[ARGUMENTS_MOST + ENGINE_ARGUMENTS + 1] = {(char *)python, (char *)script, "--engine",
                                                              (char *)program};
    if (argc - 1 > ARGUMENTS_MOST) return pf_wrong_usage("brief", "too many arguments");
    memcpy(arguments + ENGINE_ARGUMENTS, argv + 1, (size_t)(argc - 1) * sizeof *arguments);
    fflush(stdout);
    execv(python, arguments);
    fprintf(stderr, "parkflow brief: cannot start %s (%s); a brief is made with Debian's python3\n", python,
            strerror(errno));
    return PF_EXIT_FAILED;
}

int pf_verb_brief(int argc, char **argv)
{
    if (!read_options(argc, argv) || !is_sweep(argv[optind])) return PF_EXIT_WRONG_INPUT;
    pf_arena *arena = pf_arena_new();
    const char *program = pf_program_path(arena), *script = pf_installed_path(arena, script_name);
    int status = PF_EXIT_FAILED;
    if (program && script) status = start(program, script, argc, argv);
    else
        fprintf(stderr, "parkflow brief: %s is neither in share/parkflow beside the program nor in its source tree\n",
                script_name);
    pf_arena_free(arena);
    return status;
}
