/* parkflow export: what a results file holds, in the formats of others. */
#include "results/export.h"
#include "cli/verbs.h"

#include <getopt.h>
#include <sys/stat.h>

enum { TO = 256, INDICATOR, PARK, BY, LANGUAGE };

static const struct option options[] = {{"to", required_argument, NULL, TO},
                                        {"output", required_argument, NULL, 'o'},
                                        {"indicator", required_argument, NULL, INDICATOR},
                                        {"scenario", required_argument, NULL, 's'},
                                        {"park", required_argument, NULL, PARK},
                                        {"by", required_argument, NULL, BY},
                                        {"lang", required_argument, NULL, LANGUAGE},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {0}};

typedef struct {
    const char *path, *output;
    const pf_export_format *format;
    pf_tidy_request tidy;
    bool quiet;
} request;

static bool choose_format(request *r, const char *name)
{
    const char *names[PF_TIDY_MOST];
    size_t count = pf_export_format_count();
    for (size_t i = 0; i < count; i++) names[i] = pf_export_format_at(i)->name;
    int row = pf_read_choice("export", "--to", name, names, count);
    if (row >= 0) r->format = pf_export_format_at((size_t)row);
    return row >= 0;
}

/* The second of two names was given. */
static bool choose_second(bool *is_second, const char *option, const char *first, const char *second)
{
    const char *const names[] = {first, second};
    int row = pf_read_choice("export", option, optarg, names, 2);
    *is_second = row == 1;
    return row >= 0;
}

static bool put(pf_tidy_names *wanted, const char *option)
{
    if (wanted->count == PF_TIDY_MOST)
        return pf_wrong_usage("export", "more than %d times %s", PF_TIDY_MOST, option), false;
    wanted->names[wanted->count++] = optarg;
    return true;
}

static bool read_options(request *r, int argc, char **argv)
{
    int option;
    bool good = true;
    while (good && (option = pf_next_option(argc, argv, ":o:s:q", options, NULL)) != -1) switch (option) {
        case TO: good = choose_format(r, optarg); break;
        case INDICATOR: good = put(&r->tidy.indicators, "--indicator"); break;
        case 's': good = put(&r->tidy.scenarios, "--scenario"); break;
        case PARK: good = put(&r->tidy.parks, "--park"); break;
        case BY: good = choose_second(&r->tidy.by_step, "--by", "year", "step"); break;
        case LANGUAGE: good = choose_second(&r->tidy.is_vietnamese, "--lang", "en", "vi"); break;
        case 'o': r->output = optarg; break;
        case 'q': r->quiet = true; break;
        default: good = false;
        }
    if (!good) return false;
    if (optind + 1 != argc) return pf_wrong_usage("export", "expected one results file"), false;
    if (!r->format) return pf_wrong_usage("export", "expected --to iamc, csv, xlsx or json"), false;
    r->path = argv[optind];
    return true;
}

/* A results file must not be lost to its own export. */
static bool is_same_file(const char *one, const char *other)
{
    struct stat first, second;
    if (stat(one, &first) || stat(other, &second)) return false;
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static int export(const request *r, const char *output, pf_diagnostics *diagnostics)
{
    pf_tidy *tidy = pf_tidy_open(r->path, &r->tidy, diagnostics);
    if (!tidy) return PF_EXIT_WRONG_INPUT;
    int status = PF_EXIT_WRONG_INPUT;
    bool fits = !r->format->check || !r->format->check(tidy, output, diagnostics);
    if (fits) status = r->format->write(tidy, output, diagnostics) ? PF_EXIT_FAILED : PF_EXIT_FINE;
    if (status == PF_EXIT_FINE && !r->quiet) printf("Written: %s\n", output);
    pf_tidy_close(tidy);
    return status;
}

int pf_verb_export(int argc, char **argv)
{
    request r = {0};
    if (!read_options(&r, argc, argv)) return PF_EXIT_WRONG_INPUT;
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_arena *arena = pf_arena_new();
    const char *output = r.output ? r.output : pf_format(arena, "%s%s", pf_stem(arena, r.path), r.format->ending);
    int status = PF_EXIT_WRONG_INPUT;
    if (is_same_file(output, r.path)) pf_wrong_usage("export", "'%s' is the results file itself", output);
    else status = export(&r, output, diagnostics);
    pf_diagnostics_print(diagnostics, stderr);
    pf_diagnostics_free(diagnostics);
    pf_arena_free(arena);
    return status;
}
