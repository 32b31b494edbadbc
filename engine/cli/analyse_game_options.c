/* Options of the analyses that set and unset interventions. */
#include "cli/analyse_game.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INDICATOR = 256, GROUP, INTERVENTIONS, BY, MEMBERS, SEED, PERMUTATIONS, THREADS, TOP, DISCOUNT, LIFE, PARK };
enum { PERIOD = 300, BUDGET, WITHIN, FROM, TO, CAPITAL, RUNNING, ACTOR };

static const struct option options[] = {{"scenario", required_argument, NULL, 's'},
                                        {"of", required_argument, NULL, 's'},
                                        {"indicator", required_argument, NULL, INDICATOR},
                                        {"objective", required_argument, NULL, INDICATOR},
                                        {"group", required_argument, NULL, GROUP},
                                        {"interventions", required_argument, NULL, INTERVENTIONS},
                                        {"by", required_argument, NULL, BY},
                                        {"members", required_argument, NULL, MEMBERS},
                                        {"seed", required_argument, NULL, SEED},
                                        {"permutations", required_argument, NULL, PERMUTATIONS},
                                        {"threads", required_argument, NULL, THREADS},
                                        {"top", required_argument, NULL, TOP},
                                        {"discount", required_argument, NULL, DISCOUNT},
                                        {"life", required_argument, NULL, LIFE},
                                        {"park", required_argument, NULL, PARK},
                                        {"period", required_argument, NULL, PERIOD},
                                        {"year", required_argument, NULL, PERIOD},
                                        {"budget", required_argument, NULL, BUDGET},
                                        {"within", required_argument, NULL, WITHIN},
                                        {"capital", required_argument, NULL, CAPITAL},
                                        {"running", required_argument, NULL, RUNNING},
                                        {"actor", required_argument, NULL, ACTOR},
                                        {"from", required_argument, NULL, FROM},
                                        {"to", required_argument, NULL, TO},
                                        {"output", required_argument, NULL, 'o'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        PF_SET_OPTION,
                                        {0}};

static bool put(pf_wanted *wanted, const char *name, const char *what)
{
    const size_t most = sizeof wanted->names / sizeof *wanted->names;
    if (wanted->count == most) return pf_wrong_usage("analyse", "more than %zu times %s", most, what), false;
    wanted->names[wanted->count++] = name;
    return true;
}

/* "a,b": the argument itself is cut, which is ours. */
static bool put_list(pf_wanted *wanted, char *text, const char *what)
{
    bool good = true;
    for (char *name = strtok(text, ","); name && good; name = strtok(NULL, ",")) good = put(wanted, name, what);
    return good;
}

static bool read_number(const char *option, const char *text, double *number)
{
    char *rest;
    *number = strtod(text, &rest);
    while (*rest == ' ' || *rest == '%') rest++;
    if (*text && !*rest && isfinite(*number)) return true;
    return pf_wrong_usage("analyse", "found '%s %s', expected a number", option, text), false;
}

static bool read_by(pf_game_options *o)
{
    static const char *const names[] = {"intervention", "scenario", "status"};
    o->by = pf_read_choice("analyse", "--by", optarg, names, sizeof names / sizeof *names);
    return o->by >= 0;
}

/* "operating_cost", "received:income", "society_cost:with_capital" */
static bool read_running(pf_game_options *o)
{
    const char *sign = strchr(optarg, ':');
    o->running = optarg;
    if (!sign || !strcmp(sign, ":income") || !strcmp(sign, ":with_capital")) return true;
    return pf_wrong_usage("analyse", "found '--running %s', expected NAME, NAME:income or NAME:with_capital", optarg),
           false;
}

static bool read_text(pf_game_options *o, int option)
{
    switch (option) {
    case 's': o->scenario = optarg; return true;
    case 'o': o->output = optarg; return true;
    case 'q': o->quiet = true; return true;
    case DISCOUNT: o->discount = optarg; return true;
    case LIFE: o->life = optarg; return true;
    case PARK: o->park = optarg; return true;
    case PERIOD: o->period = optarg; return true;
    case CAPITAL: o->capital = optarg; return true;
    case ACTOR: o->actor = optarg; return true;
    case RUNNING: return read_running(o);
    case FROM: o->from = optarg; return true;
    case TO: o->to = optarg; return true;
    default: return false;
    }
}

static bool read_option(pf_game_options *o, int option)
{
    enum { MOST_PERMUTATIONS = 1000000 };
    switch (option) {
    case INDICATOR: return put_list(&o->indicators, optarg, "--indicator");
    case GROUP: return put(&o->groups, optarg, "--group");
    case INTERVENTIONS: return put_list(&o->interventions, optarg, "--interventions");
    case BY: return read_by(o);
    case MEMBERS: return pf_read_whole("analyse", "--members", optarg, 1, &o->members);
    case SEED: return pf_read_whole("analyse", "--seed", optarg, 0, &o->seed);
    case THREADS: return pf_read_whole("analyse", "--threads", optarg, 1, &o->threads);
    case TOP: return pf_read_whole("analyse", "--top", optarg, 1, &o->top);
    case BUDGET: return read_number("--budget", optarg, &o->budget);
    case WITHIN: return read_number("--within", optarg, &o->within);
    case PERMUTATIONS:
        if (!pf_read_whole("analyse", "--permutations", optarg, 4, &o->permutations)) return false;
        if (o->permutations > MOST_PERMUTATIONS) o->permutations = MOST_PERMUTATIONS;
        o->permutations += o->permutations % 2; /* they come in pairs */
        return true;
    default: return read_text(o, option);
    }
}

/* An option of another of these analyses is none. */
static bool is_of_method(const char *method, int option)
{
    bool is_general = option == 's' || option == 'o' || option == 'q', is_of_years = option == FROM || option == TO;
    bool is_of_members = option == MEMBERS || option == SEED || option == THREADS;
    if (!strcmp(method, "decompose")) return is_general || is_of_years || is_of_members;
    if (!strcmp(method, "portfolio"))
        return !is_of_years && option != PARK && option != PERMUTATIONS && option != CAPITAL && option != RUNNING &&
               option != ACTOR;
    return !is_of_years && option != BUDGET && option != WITHIN;
}

static bool refuse(const char *method, int option)
{
    const struct option *o = options;
    while (o->val != option) o++;
    return pf_wrong_usage("analyse", "%s has no option --%s", method, o->name), false;
}

bool pf_read_game_options(pf_game_options *o, int argc, char **argv)
{
    int option;
    o->method = argv[0];
    optind = 1;
    while ((option = pf_next_option(argc, argv, ":s:o:q", options, &o->input)) != -1)
        if (option == '?' || !(is_of_method(o->method, option) ? read_option(o, option) : refuse(o->method, option)))
            return false;
    if (optind + 1 != argc)
        return pf_wrong_usage("analyse", "%s: expected one model or results file", o->method), false;
    o->path = argv[optind];
    if (!o->scenario) return pf_wrong_usage("analyse", "%s: expected --scenario NAME", o->method), false;
    if (o->actor && (o->capital || o->running))
        return pf_wrong_usage("analyse", "found --actor and --capital or --running, expected the one or the other"),
               false;
    return true;
}
