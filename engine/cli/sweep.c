/* parkflow sweep: many members of all scenarios into statistics, samples and one results file. */
#include "cli/sweep.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHARD = 256,
    KEEP,
    BY,
    ON_FAULT,
    BACKEND,
    SEED,
    THREADS,
    DESIGN,
    LIST,
    LEVELS,
    VARY,
    THRESHOLD,
    QUANTILES,
    RESUME,
    MERGE
};

static const struct option options[] = {{"members", required_argument, NULL, 'n'},
                                        {"scenario", required_argument, NULL, 's'},
                                        {"output", required_argument, NULL, 'o'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {"design", required_argument, NULL, DESIGN},
                                        {"seed", required_argument, NULL, SEED},
                                        {"list", required_argument, NULL, LIST},
                                        {"levels", required_argument, NULL, LEVELS},
                                        {"vary", required_argument, NULL, VARY},
                                        {"keep", required_argument, NULL, KEEP},
                                        {"by", required_argument, NULL, BY},
                                        {"quantiles", required_argument, NULL, QUANTILES},
                                        {"threshold", required_argument, NULL, THRESHOLD},
                                        {"threads", required_argument, NULL, THREADS},
                                        {"backend", required_argument, NULL, BACKEND},
                                        {"on-fault", required_argument, NULL, ON_FAULT},
                                        {"shard", required_argument, NULL, SHARD},
                                        {"merge", required_argument, NULL, MERGE},
                                        {"resume", no_argument, NULL, RESUME},
                                        PF_SET_OPTION,
                                        {0}};

static bool read_shard(pf_sweep_options *o, const char *text)
{
    char *rest;
    o->shard = strtoull(text, &rest, 10);
    o->shards = *rest == '/' ? strtoull(rest + 1, &rest, 10) : 0;
    if (!*rest && o->shard >= 1 && o->shard <= o->shards) return true;
    pf_wrong_usage("sweep", "found '--shard %s', expected K/N with K from 1 to N: 3/8", text);
    return false;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* "0.05,0.5,0.95" to ascending percentages. */
static bool read_quantiles(pf_sweep_options *o, const char *text)
{
    static double percent[32];
    size_t count = 0;
    char *rest;
    for (const char *at = text; count < 32; at = rest + 1) {
        double p = strtod(at, &rest);
        if (rest == at || !(p > 0 && p < 1) || (*rest && *rest != ',')) break;
        percent[count++] = 100 * p;
        if (!*rest) {
            qsort(percent, count, sizeof *percent, by_size);
            o->percentiles = percent;
            o->percentile_count = count;
            return true;
        }
    }
    pf_wrong_usage("sweep", "found '--quantiles %s', expected at most 32 numbers between 0 and 1: 0.05,0.5,0.95", text);
    return false;
}

static bool put(const char *what, const char **list, size_t *count, size_t most, const char *text)
{
    if (*count == most) return pf_wrong_usage("sweep", "more than %zu times %s", most, what), false;
    list[(*count)++] = text;
    return true;
}

static bool read_choice_of_two(const char *option, const char *text, const char *const *names, bool *second)
{
    int row = pf_read_choice("sweep", option, text, names, 2);
    *second = row == 1;
    return row >= 0;
}

static bool read_row(const char *option, const char *text, const char *const *names, int *row)
{
    *row = pf_read_choice("sweep", option, text, names, 3);
    return *row >= 0;
}

/* One option of the long kind; false after a message. */
static bool read_option(pf_sweep_options *o, int option)
{
    static const char *const by[] = {"year", "step"}, *const on_fault[] = {"stop", "count"},
                             *const backends[] = {"auto", "interpreter", "native"};
    uint64_t levels = 0;
    int row = 0;
    bool good = true;
    switch (option) {
    case DESIGN: o->design.name = optarg; break;
    case LIST: o->design.list = optarg; break;
    case RESUME: o->resume = true; break;
    case SEED: good = pf_read_whole("sweep", "--seed", optarg, 0, &o->design.seed); break;
    case THREADS: good = pf_read_whole("sweep", "--threads", optarg, 1, &o->threads); break;
    case LEVELS:
        good = pf_read_whole("sweep", "--levels", optarg, 2, &levels);
        o->design.levels = levels < 1000000 ? (uint32_t)levels : 1000000;
        break;
    case VARY: good = put("--vary", o->vary, &o->design.vary_count, sizeof o->vary / sizeof *o->vary, optarg); break;
    case THRESHOLD:
        good = put("--threshold", o->thresholds, &o->threshold_count, sizeof o->thresholds / sizeof *o->thresholds,
                   optarg);
        break;
    case KEEP:
        good = read_row("--keep", optarg, pf_keep_names, &row);
        o->keep = (pf_keep)row;
        break;
    case BACKEND:
        good = read_row("--backend", optarg, backends, &row);
        o->backend = (pf_backend)row;
        break;
    case BY: good = read_choice_of_two("--by", optarg, by, &o->by_step); break;
    case ON_FAULT: good = read_choice_of_two("--on-fault", optarg, on_fault, &o->count_faults); break;
    case MERGE: good = pf_read_whole("sweep", "--merge", optarg, 1, &o->merged); break;
    case SHARD: good = read_shard(o, optarg); break;
    case QUANTILES: good = read_quantiles(o, optarg); break;
    default: good = false;
    }
    return good;
}

static bool read_options(pf_sweep_options *o, int argc, char **argv)
{
    int option;
    while ((option = pf_next_option(argc, argv, ":n:s:o:q", options, &o->input)) != -1) switch (option) {
        case 'n':
            if (!pf_read_whole("sweep", "-n", optarg, 1, &o->design.members)) return false;
            break;
        case 's':
            if (!pf_want_scenario(&o->scenarios, "sweep", optarg)) return false;
            break;
        case 'o': o->output = optarg; break;
        case 'q': o->quiet = true; break;
        default:
            if (!read_option(o, option)) return false;
        }
    o->design.vary = o->vary;
    return true;
}

int pf_verb_sweep(int argc, char **argv)
{
    static const double percentiles[] = {5, 25, 50, 75, 95};
    pf_sweep_options o = {.design = {.name = "monte_carlo", .seed = 1},
                          .percentiles = percentiles,
                          .percentile_count = sizeof percentiles / sizeof *percentiles};
    pf_sweep_job job = {0};
    if (!read_options(&o, argc, argv)) return PF_EXIT_WRONG_INPUT;
    if (optind + 1 != argc) return pf_wrong_usage("sweep", "expected one model file");
    if (o.merged && o.shards) return pf_wrong_usage("sweep", "--shard runs one, --merge puts all of them together");
    o.file = argv[optind];
    int status = PF_EXIT_WRONG_INPUT;
    if (pf_sweep_set_up(&job, &o)) status = o.merged ? pf_sweep_merge(&job) : pf_sweep_execute(&job);
    pf_sweep_tear_down(&job);
    return status;
}
