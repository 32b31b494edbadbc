/* Which scenarios a verb runs: those asked for, each after its reference; all in order if none is. */
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>

static void add(pf_scenario_choice *choice, size_t row)
{
    for (size_t i = 0; i < choice->count; i++)
        if (choice->rows[i] == row) return;
    choice->rows[choice->count++] = (uint32_t)row;
}

bool pf_want_scenario(pf_scenario_choice *choice, const char *verb, const char *name)
{
    const size_t most = sizeof choice->wanted / sizeof *choice->wanted;
    if (choice->wanted_count == most) return pf_wrong_usage(verb, "more than %zu scenarios", most), false;
    choice->wanted[choice->wanted_count++] = name;
    return true;
}

bool pf_choose_scenarios(pf_scenario_choice *choice, const char *verb, const pf_compiled *m)
{
    choice->rows = pf_calloc(m->scenario_count, sizeof *choice->rows);
    for (size_t i = 0; i < m->scenario_count && !choice->wanted_count; i++) add(choice, i);
    for (size_t w = 0; w < choice->wanted_count; w++) {
        pf_nearest near = pf_nearest_to(choice->wanted[w]);
        size_t row = 0;
        while (row < m->scenario_count && strcmp(m->scenarios[row].name, choice->wanted[w]) != 0)
            pf_nearest_offer(&near, m->scenarios[row++].name);
        if (row == m->scenario_count) {
            pf_wrong_usage(verb, "no scenario is called '%s'%s", choice->wanted[w],
                           pf_nearest_hint(&near, m->scenario->arena));
            return false;
        }
        if (m->scenarios[row].against >= 0) add(choice, (size_t)m->scenarios[row].against);
        add(choice, row);
    }
    return true;
}

void pf_free_choice(pf_scenario_choice *choice)
{
    free(choice->rows);
}
