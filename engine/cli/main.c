/* parkflow VERB: finds the verb's row and runs it. */
#include "cli/help.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <string.h>

/* clang-format off */
static const pf_verb verbs[] = {
    {"check", "check FILE [--run | --evidence] [--csv] [--explain NAME] [--functions] [--set PATH=VALUE]",
     "Reads a model and says what is wrong with it, or what is in it",
     "  --run             run it at the medians and hold the results against its `checks:`\n"
     "  --evidence        what its numbers, and the variance of ghg_total, rest on, by park; numbers without a source\n"
     "  --csv             what --run or --evidence finds, as CSV\n"
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
     "  --design NAME        how they are drawn, one of those below; monte_carlo if not given\n"
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
     "       parkflow analyse attribute|portfolio|decompose FILE.h5|MODEL.yaml -s SCENARIO [...]\n"
     "       parkflow analyse criteria FILE.h5 [-s SCENARIO] [--park NAME] [--period YEAR]",
     "Says which parameters or which interventions the results hang on, and writes it into them",
     "  METHOD               one of those below; sobol wants a sweep with --design saltelli or jansen, morris one with\n"
     "                       --design morris; elasticities takes also the results of `run`\n"
     "  --indicator NAME     only this indicator; may be repeated; headline ones if not given\n"
     "  -s, --scenario NAME  only this scenario, its reference and its change; may be repeated; all if not given\n"
     "  --park NAME          all parks together if not given\n"
     "  --period LABEL       only this period: 2023; may be repeated; all if not given, of pawn and delta the last year\n"
     "  --resamples N        for the 95 % intervals; 500, or 100 of many parameters, pawn and delta; 0: no intervals\n"
     "  --seed N             of the resamples; 1 if not given\n"
     "  --top N              parameters that are printed; 8 if not given\n"
     "  -q, --quiet          no table at the end\n"
     "\n"
     "  attribute            whose doing the change of SCENARIO is: Shapley values of its interventions, their cost\n"
     "  portfolio            all combinations of its interventions: Pareto front, the best, unlike alternatives\n"
     "  decompose            why ghg_total changed over the years: activity, structure, intensity, factors (LMDI)\n"
     "  criteria             which criteria of frameworks and laws the parks meet, of a model with `criteria:`\n"
     "  -o, --output FILE    of a model: the results file that is made; a results file takes its own results\n"
     "  --set PATH=VALUE     of a model: lay a value over the file; may be repeated\n"
     "  --by WHAT            players of attribute and portfolio: intervention, scenario (those listed), status\n"
     "  --group NAME=A,B*    interventions that are one player; may be repeated\n"
     "  --interventions A,B* only these play\n"
     "  --members N          beside the medians: the first N members of the sweep, or N of a Latin hypercube\n"
     "  --permutations N     of attribute, where not all combinations can be run (500)\n"
     "  --objective A,B:max  of portfolio, up to 3: cost, capital, indicators (cost,ghg_total,freshwater_withdrawal)\n"
     "  --budget X           of portfolio: what the first objective may come to\n"
     "  --within X           of portfolio: how near alternatives are to the front, in % of its range (5)\n"
     "  --discount RATES     real, a year: '8 %', or '5..8..12 %' (attribute)\n"
     "  --life YEARS         of capital that says no life of its own (15)\n"
     "  --actor NAME         of attribute: whose cost the table tells, of a model with `actors`; society; all\n"
     "  --capital, --running INDICATOR  of attribute: in place of capital_cost, operating_cost: docs/decisions.md\n"
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
     "  --to FORMAT          one of those below\n"
     "  -o, --output FILE    the results' name with the ending of the format in the working folder if not given\n"
     "  --indicator NAME     only this one; may be repeated; all if not given\n"
     "  -s, --scenario NAME  only this scenario and its reference; may be repeated; all if not given\n"
     "  --park NAME          only this park, or `all` together; may be repeated\n"
     "  --by year|step       years (and the whole time) if not given\n"
     "  --lang en|vi         of titles and of the workbook; en if not given\n"
     "  -q, --quiet          do not say what was written\n",
     "parkflow export results/sweep.h5 --to xlsx -o results/programme.xlsx --lang vi", pf_verb_export},
    {"brief", "brief SWEEP.h5 [--lang en|vi] [-s SCENARIO] [--potential SCENARIO] [--park NAME] [-o STEM]",
     "Writes two to four pages for those who decide, as HTML and PDF",
     "  --lang en|vi            English if not given\n"
     "  -s, --scenario NAME     whose change it is about; the first that holds only what was carried out or chosen\n"
     "  --potential NAME        shown apart, as what could be; the largest of them if not given, none: no potential\n"
     "  --park NAME             one park; all together if not given\n"
     "  -n, --members N         of the attribution: the first N members of the sweep (50); 0: the medians alone\n"
     "  --as-it-is              run no analysis that the file has not: its picture is left out, and what makes it is said\n"
     "  -o, --output STEM       STEM.html and STEM.pdf; the results' name with -brief-LANG in the working folder\n"
     "  -q, --quiet             say nothing but what is wrong\n",
     "parkflow brief results/sweep.h5 --lang vi -o results/brief", pf_verb_brief},
    {"explore", "explore SWEEP.h5 [-o PAGE.html] [--members N]",
     "Writes a page in which a reader runs the model: chooses, switches measures on and off, moves starts and ceilings",
     "  -o, --output FILE  the page; the results' name with .html in the working folder if not given\n"
     "  -n, --members N    of the members that the sweep kept, at most so many; 200 if not given\n"
     "  -q, --quiet        do not say what was written\n",
     "parkflow explore results/sweep.h5 -o results/explorer.html", pf_verb_explore},
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
static const pf_verbs all = {verbs, sizeof verbs / sizeof *verbs};

static int run_verb(const pf_verb *verb, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return pf_help_of(verb, stdout), PF_EXIT_FINE;
    int status = verb->run(argc, argv);
    if (!fflush(stdout) && !ferror(stdout)) return status;
    fputs("parkflow: cannot write to standard output\n", stderr);
    return PF_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* numbers stay as in C */
    gsl_set_error_handler_off();
    if (argc < 2) return pf_help_overview(all, stderr), PF_EXIT_WRONG_INPUT;
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) return pf_help_overview(all, stdout), PF_EXIT_FINE;
    if (!strcmp(argv[1], "help")) return pf_help(all, argc - 1, argv + 1);
    if (!strcmp(argv[1], "--version")) return puts("parkflow " PF_VERSION), PF_EXIT_FINE;
    const pf_verb *verb = pf_verb_named(all, argv[1]);
    return verb ? run_verb(verb, argc - 1, argv + 1) : PF_EXIT_WRONG_INPUT;
}
