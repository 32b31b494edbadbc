/* parkflow VERB: finds the verb's row and runs it. */
#include "cli/verbs.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <string.h>

/* clang-format off */
static const pf_verb verbs[] = {
    {"check", "check FILE [--run | --evidence | --explain NAME] [--functions] [--set PATH=VALUE]",
     "Reads a model and says what is wrong with it, or what is in it",
     "  --run             run it at the medians and hold the results against its `checks:`\n"
     "  --evidence        what its numbers, and the variance of ghg_total, rest on, by park; numbers without a source\n"
     "  --explain NAME    show every parameter whose path holds NAME: value, unit, where it is written, its source\n"
     "  --functions       list what an expression may call\n"
     "  --set PATH=VALUE  lay a value over the file; may be repeated\n",
     "parkflow check scenarios/vietnam/programme.yaml --explain wwtp.limit", pf_verb_check},
    {"run", "run FILE [-s SCENARIO] [-o FILE.h5] [--flows] [--set PATH=VALUE]\n"
     "       parkflow run --member N --of SWEEP.h5 [-o FILE.h5] [--flows]",
     "Runs a model at the medians of its parameters and writes HDF5",
     "  -s, --scenario NAME  only this scenario and its reference; may be repeated; all if not given\n"
     "  -o, --output FILE    the results file; the model's name with .h5 in the working folder if not given\n"
     "  -f, --flows          keep every flow, not only the indicators\n"
     "  -q, --quiet          no table at the end\n"
     "  --of SWEEP.h5        run what a sweep ran, with the draws of its --member N, to the same bits\n"
     "  --set PATH=VALUE     lay a value over the file; may be repeated\n",
     "parkflow run scenarios/tutorial/park.yaml -o results/park.h5 --set demo.wwtp.limit=\"4000 m3/day\"", pf_verb_run},
    {"sweep", "sweep FILE -n MEMBERS [--design NAME] [--seed N] [--keep WHAT] [-o FILE.h5] [...]",
     "Runs many draws of the uncertain parameters through the scenarios and writes HDF5",
     "  -n, --members N      how many draws; arrangements in groups round up to whole groups\n"
     "  --design NAME        monte_carlo (the default), latin_hypercube, sobol, saltelli, jansen, morris, full_grid,\n"
     "                       one_at_a_time, list\n"
     "  --seed N             of the draws; 1 if not given\n"
     "  --list FILE.csv      of the design list: a column a parameter, a row a member\n"
     "  --levels N           of the designs full_grid (3) and morris (4)\n"
     "  --vary PATTERN       only parameters whose name fits ('demo.*'); may be repeated; others at their medians\n"
     "  -s, --scenario NAME  only this scenario and its reference; may be repeated; all if not given\n"
     "  --keep WHAT          by member: statistics (a sample of headline indicators), annual (all, by year), paths\n"
     "                       (all, by step); statistics are always kept\n"
     "  --by year|step       the periods of the statistics\n"
     "  --quantiles LIST     of the statistics; 0.05,0.25,0.5,0.75,0.95 if not given\n"
     "  --threshold I=X      the share of members in which indicator I exceeds X; may be repeated\n"
     "  --on-fault WHAT      of a member that fails: stop (the default) or count, and leave it out of all scenarios\n"
     "  --threads N          as many as there are processors if not given\n"
     "  --backend NAME       auto, interpreter, native (compiled C); the results have the same bits\n"
     "  --resume             go on with what a sweep that was stopped left in FILE.h5.part\n"
     "  --shard K/N          run one of N shares of the members, on any machine; --merge N puts them together\n"
     "  -o, --output FILE    the results file; the model's name with .h5 in the working folder if not given\n"
     "  -q, --quiet          no progress and no table at the end\n"
     "  --set PATH=VALUE     lay a value over the file; may be repeated\n",
     "parkflow sweep scenarios/vietnam/programme.yaml -n 100000 --design sobol -o results/sweep.h5", pf_verb_sweep},
    {"analyse",
     "analyse METHOD FILE.h5 [--indicator NAME] [-s SCENARIO] [--park NAME] [--period LABEL] [...]\n"
     "       parkflow analyse attribute|portfolio|decompose FILE.h5|MODEL.yaml -s SCENARIO [...]",
     "Says which parameters or which interventions the results hang on, and writes it into them",
     "  METHOD               of the variance: sobol (first, second and total order; sweep with --design saltelli),\n"
     "                       first_order (any sample); of the distribution: delta, pawn (any sample); effects: morris\n"
     "                       (sweep with --design morris), regression, rank (any sample); elasticities (no sample:\n"
     "                       also the results of `run`)\n"
     "  --indicator NAME     only this indicator; may be repeated; headline ones if not given\n"
     "  -s, --scenario NAME  only this scenario, its reference and its change; may be repeated; all if not given\n"
     "  --park NAME          all parks together if not given\n"
     "  --period LABEL       only this period: 2023; may be repeated; all if not given, of pawn and delta the last year\n"
     "  --resamples N        for the 95 % intervals; 500, or 100 of many parameters, pawn and delta; 0: no intervals\n"
     "  --seed N             of the resamples; 1 if not given\n"
     "  --top N              parameters that are printed; 8 if not given\n"
     "  -q, --quiet          no table at the end\n"
     "\n"
     "  attribute            whose doing the change of SCENARIO is: Shapley values of its interventions, and their cost\n"
     "  portfolio            all combinations of its interventions: the Pareto front, the best, unlike alternatives\n"
     "  decompose            why ghg_total changed over the years: activity, structure, intensity, mix, factors (LMDI)\n"
     "  -o, --output FILE    of a model: the results file that is made; a results file takes its own results\n"
     "  --set PATH=VALUE     of a model: lay a value over the file; may be repeated\n"
     "  --by WHAT            players of attribute and portfolio: intervention, scenario (those listed), status\n"
     "  --group NAME=A,B*    interventions that are one player; may be repeated\n"
     "  --interventions A,B* only these play\n"
     "  --members N          beside the medians: the first N members of the sweep, or N of a Latin hypercube\n"
     "  --permutations N     of attribute, where not all combinations can be run (500)\n"
     "  --objective A,B:max  up to three of portfolio: cost, capital, indicators; cost,ghg_total,freshwater_withdrawal\n"
     "  --budget X           of portfolio: what the first objective may come to\n"
     "  --within X           of portfolio: how near alternatives are to the front, in % of its range (5)\n"
     "  --discount RATES     real, a year: '8 %', or '5..8..12 %' (attribute)\n"
     "  --life YEARS         of capital that says no life of its own (15)\n"
     "  --capital, --running INDICATOR  of attribute: whose cost (capital_cost, operating_cost); see docs/decisions.md\n"
     "  --from, --to YEAR    of decompose: the first and the last year if not given\n"
     "  --threads N          as many as there are processors if not given\n",
     "parkflow analyse first_order results/sweep.h5 --indicator ghg_total -s full", pf_verb_analyse},
    {"reconcile", "reconcile FILE [-o OUT.h5] [--use OUT.yaml]",
     "Makes measured flows agree with their balances, and says which of them cannot be right",
     "  -o, --output FILE  the results as HDF5: values, covariance, classes, tests\n"
     "  --use FILE         the results as parameters and correlations, for the `use:` of a scenario\n"
     "  -q, --quiet        no table\n",
     "parkflow reconcile scenarios/reconcile/cooling_water.yaml -o results/cooling_water.h5", pf_verb_reconcile},
    {"export", "export FILE.h5 --to FORMAT [-o FILE] [--indicator NAME] [-s SCENARIO] [--park NAME] [...]",
     "Writes the results of a run or a sweep for other programs",
     "  --to FORMAT          iamc (the IAMC's table, for pyam), csv (tidy, with datapackage.json), xlsx (with charts), json\n"
     "  -o, --output FILE    the results' name with the ending of the format in the working folder if not given\n"
     "  --indicator NAME     only this one; may be repeated; all if not given\n"
     "  -s, --scenario NAME  only this scenario and its reference; may be repeated; all if not given\n"
     "  --park NAME          only this park, or `all` together; may be repeated\n"
     "  --by year|step       years (and the whole time) if not given\n"
     "  --lang en|vi         of titles and of the workbook; en if not given\n"
     "  -q, --quiet          do not say what was written\n",
     "parkflow export results/sweep.h5 --to xlsx -o results/programme.xlsx --lang vi", pf_verb_export},
    {"fit", "fit FILE [-s SCENARIO] [-o OUT.h5] [--use OUT.yaml] [--leave-out CHECK] [--set PATH=VALUE]",
     "Estimates parameters of a model from its observations, with what was known before",
     "  -s, --scenario NAME  where checks are held that name no scenario\n"
     "  -o, --output FILE    the results as HDF5: estimates, covariance, residuals, what cannot be told apart\n"
     "  --use FILE           the estimates with their correlations, for the `use:` of a scenario, after the model\n"
     "  --leave-out CHECK    predict this check instead of fitting to it; may be repeated\n"
     "  -q, --quiet          no tables\n"
     "  --set PATH=VALUE     lay a value over the file; may be repeated\n",
     "parkflow fit scenarios/fit/brewery.yaml -o results/fit.h5 --use results/fitted.yaml", pf_verb_fit},
    {"plan", "plan FILE [--dot] [--set PATH=VALUE]", "Prints what the compiler made of a model",
     "  --dot             the network of processes and markets, for Graphviz\n"
     "  --set PATH=VALUE  lay a value over the file; may be repeated\n",
     "parkflow plan scenarios/tutorial/park.yaml --dot | dot -Tsvg -o park.svg", pf_verb_plan},
    {"info", "info FILE.h5", "Shows what is in a results file", "", "parkflow info results/programme.h5", pf_verb_info},
    {"schema", "schema", "Prints the language as a JSON Schema, for an editor", "",
     "parkflow schema > parkflow.schema.json", pf_verb_schema},
};
/* clang-format on */
enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_overview(FILE *out)
{
    fputs("parkflow simulates how energy and materials flow through industrial parks.\n\nusage: parkflow VERB ...\n\n",
          out);
    for (size_t i = 0; i < VERBS; i++) fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\n`parkflow VERB --help` says more. Exit status: 0 fine, 1 the run failed, 2 the input or the command line "
          "is wrong.\n",
          out);
}

static void print_help(const pf_verb *verb)
{
    printf("%s\n\nusage: parkflow %s\n%s%s\nexample:\n  %s\n", verb->summary, verb->usage, *verb->options ? "\n" : "",
           verb->options, verb->example);
}

static int run_verb(const pf_verb *verb, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return print_help(verb), PF_EXIT_FINE;
    int status = verb->run(argc, argv);
    if (!fflush(stdout) && !ferror(stdout)) return status;
    fputs("parkflow: cannot write to standard output\n", stderr);
    return PF_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* numbers stay as in C */
    gsl_set_error_handler_off();
    if (argc < 2) return print_overview(stderr), PF_EXIT_WRONG_INPUT;
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
        return print_overview(stdout), PF_EXIT_FINE;
    if (!strcmp(argv[1], "--version")) return puts("parkflow " PF_VERSION), PF_EXIT_FINE;
    pf_nearest near = pf_nearest_to(argv[1]);
    for (size_t i = 0; i < VERBS; i++) {
        if (!strcmp(verbs[i].name, argv[1])) return run_verb(&verbs[i], argc - 1, argv + 1);
        pf_nearest_offer(&near, verbs[i].name);
    }
    fprintf(stderr, "parkflow: no verb is called '%s'%s%s%s; see `parkflow --help`\n", argv[1],
            near.best ? ", did you mean '" : "", near.best ? near.best : "", near.best ? "'?" : "");
    return PF_EXIT_WRONG_INPUT;
}
