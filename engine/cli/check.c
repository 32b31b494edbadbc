/* parkflow check: is a model right, and where does a value come from? */
#include "cli/check.h"

#include "base/operations.h"
#include "ensemble/design.h"
#include "ensemble/runner.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static void print_functions(void)
{
    for (size_t i = 0; i < pf_operation_count(); i++) {
        const pf_operation *op = pf_operation_at(i);
        printf("  %-10s %s\n", op->infix ? op->infix : op->name, op->doc);
    }
    puts("  sum        sum(SELECTOR): adds what a selector finds\n"
         "  prev       prev(STOCK): its value at the start of the step; prev(x, first): x at the end of the step "
         "before\n"
         "  average    average(SERIES, YEAR): the mean over a year\n"
         "  clip       clip(x, low, high): x, within the two\n"
         "  convert    convert(AMOUNT, CURRENCY): money of another year or currency, by the tables in `money:`\n"
         "  lookup     lookup(TABLE, x): linear between the points of a table in `lookups:`, constant beyond\n"
         "  unit       unit(PARAMETER): 1 in its unit");
}

/* A value that is a map takes several lines. */
static void print_indented(const char *text)
{
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        printf("%s%.*s\n", line > text ? "              " : "", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static int explain(const pf_compiled *model, const char *name)
{
    size_t found = 0;
    pf_nearest near = pf_nearest_to(name);
    for (size_t i = 0; i < model->parameter_count; i++) {
        const pf_explained *p = &model->parameters[i];
        pf_nearest_offer(&near, p->path);
        if (!strstr(p->path, name)) continue;
        found++;
        printf("%s\n  value       ", p->path);
        print_indented(pf_tree_written(model->scenario->arena, p->value));
        printf("  dimension   %s\n", pf_dimension_text(model->scenario->units, p->dimension, model->scenario->arena));
        pf_mark mark = p->value->mark;
        if (mark.line) printf("  written in  %s:%d:%d (%s)\n", mark.file, mark.line, mark.column, p->origin);
        else printf("  written in  %s\n", mark.file ? mark.file : "the command line");
        const char *source = pf_tree_get_text(p->remarks, "source"),
                   *assumption = pf_tree_get_text(p->remarks, "assumption");
        if (source) printf("  source      %s\n", source);
        if (assumption) printf("  assumption  %s\n", assumption);
        if (!source && !assumption) puts("  source      none given");
        const pf_value *value = p->value->value;
        if (value && value->by_pedigree) printf("  pedigree    lognormal, gsd %.4g\n", value->arguments[1]);
    }
    if (found) return PF_EXIT_FINE;
    fprintf(stderr, "parkflow check: no parameter's path holds '%s'%s%s%s\n", name, near.best ? ", did you mean '" : "",
            near.best ? near.best : "", near.best ? "'?" : "");
    return PF_EXIT_WRONG_INPUT;
}

/* Never silently. */
static void print_pedigrees(const pf_compiled *m)
{
    size_t spread = 0;
    for (size_t i = 0; i < m->input_count; i++) spread += m->inputs[i].value && m->inputs[i].value->by_pedigree;
    if (spread)
        printf("%zu of the uncertain ones are numbers that accounting.pedigree spreads by their quality\n", spread);
}

static void summarise(const pf_compiled *m)
{
    size_t uncertain = 0;
    for (size_t i = 0; i < m->input_count; i++) uncertain += m->inputs[i].value != NULL;
    printf("%s is right: %zu park%s, %zu processes, %zu markets, %zu parameters (%zu uncertain), %zu scenario%s, %zu "
           "indicators\n",
           m->scenario->path, m->park_count - 1, m->park_count == 2 ? "" : "s", m->process_count, m->market_count,
           m->parameter_count, uncertain, m->scenario_count, m->scenario_count == 1 ? "" : "s", m->indicator_count);
    print_pedigrees(m);
    if (m->observation_count)
        printf("%zu check%s to hold it against (--run)\n", m->observation_count, m->observation_count == 1 ? "" : "s");
    if (m->criterion_count) printf("%zu criteria for its results (analyse criteria)\n", m->criterion_count);
    printf("%u steps, %u reported; a plan of %zu operations with %zu recycle loops\n", m->plan.steps,
           m->scenario->calendar.reported, m->plan.code_count, m->plan.loop_count);
}

/* The rule on dispatch does not prove that a loop has one solution; two starts show where it has not. */
static bool loops_are_unique(pf_input_model *input)
{
    const pf_compiled *m = input->model;
    pf_kernel *kernel = pf_kernel_new(&m->plan);
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, input->diagnostics);
    double *drawn = pf_doubles(m->input_count), *lane = pf_doubles(m->input_count);
    uint32_t loop;
    pf_design_draw(design, &(uint64_t){0}, 1, drawn, 1);
    bool unique = true;
    for (uint32_t s = 0; s < m->scenario_count && unique; s++) {
        pf_set_lane(m->input_count, m->scenarios[s].switches, drawn, 1, lane);
        unique = pf_loops_agree(kernel, lane, &loop);
        const pf_origin *at = unique ? NULL : &m->plan.origins[m->plan.loops[loop].origin];
        if (at)
            pf_error(input->diagnostics, (pf_mark){at->file, at->line, at->column},
                     "the loop through %s has more than one solution in scenario %s: rank the processes alike in all "
                     "markets it runs through, or make one of its flows fixed",
                     at->text, m->scenarios[s].name);
    }
    pf_diagnostics_print(input->diagnostics, stderr);
    pf_design_free(design);
    pf_kernel_free(kernel);
    free(drawn);
    free(lane);
    return unique;
}

int pf_verb_check(int argc, char **argv)
{
    static const struct option options[] = {{"explain", required_argument, NULL, 'e'},
                                            {"functions", no_argument, NULL, 'f'},
                                            {"run", no_argument, NULL, 'r'},
                                            {"evidence", no_argument, NULL, 'v'},
                                            {"csv", no_argument, NULL, 'c'},
                                            PF_SET_OPTION,
                                            {0}};
    pf_input_model input = {0};
    const char *name = NULL;
    bool run = false, evidence = false, csv = false;
    int option, status;
    while ((option = pf_next_option(argc, argv, ":", options, &input)) != -1) switch (option) {
        case 'e': name = optarg; break;
        case 'f': return print_functions(), PF_EXIT_FINE;
        case 'r': run = true; break;
        case 'v': evidence = true; break;
        case 'c': csv = true; break;
        default: return PF_EXIT_WRONG_INPUT;
        }
    if (optind + 1 != argc) return pf_wrong_usage("check", "expected one model file");
    if ((name != NULL) + run + evidence > 1)
        return pf_wrong_usage("check", "expected one of --explain, --run and --evidence");
    if (csv && !run && !evidence) return pf_wrong_usage("check", "--csv goes with --run or --evidence");
    status = pf_open_model(&input, argv[optind], (pf_compile_options){0}) && loops_are_unique(&input)
                 ? PF_EXIT_FINE
                 : PF_EXIT_WRONG_INPUT;
    if (!status && name) status = explain(input.model, name);
    else if (!status && run) status = pf_check_run(&input, csv);
    else if (!status && evidence) status = pf_check_evidence(&input, csv);
    else if (!status) summarise(input.model);
    pf_close_model(&input);
    return status;
}
