/* parkflow plan: what the compiler made of a model. */
#include "cli/verbs.h"

#include <getopt.h>

int pf_verb_plan(int argc, char **argv)
{
    static const struct option options[] = {{"dot", no_argument, NULL, 'd'}, PF_SET_OPTION, {0}};
    pf_input_model input = {0};
    bool dot = false;
    int option;
    while ((option = pf_next_option(argc, argv, ":", options, &input)) != -1) switch (option) {
        case 'd': dot = true; break;
        default: return PF_EXIT_WRONG_INPUT;
        }
    if (optind + 1 != argc) return pf_wrong_usage("plan", "expected one model file");
    bool good = pf_open_model(&input, argv[optind], (pf_compile_options){0});
    if (good && dot) pf_network_print(input.model, stdout);
    else if (good) pf_plan_print(&input.model->plan, stdout);
    pf_close_model(&input);
    return good ? PF_EXIT_FINE : PF_EXIT_WRONG_INPUT;
}
