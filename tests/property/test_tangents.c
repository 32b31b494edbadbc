/* The tangents of random networks (random_model.h) against central differences: markets, loops, stocks, interventions
 * as they come. */
#include "../unit/jacobian.h"
#include "random_model.h"

#ifdef NDEBUG
enum { NETWORKS = 200 };
#else /* under the sanitizers all takes ten times as long */
enum { NETWORKS = 30 };
#endif
enum { INPUTS = 8 };

static jacobian open_network(random_model *network)
{
    char folder[512];
    assert_non_null(getcwd(folder, sizeof folder)); /* the project's folder */
    const char *text = random_model_text(network, (random_variant){0});
    size_t size = strlen(text) + 1024;
    char *all = pf_malloc(size);
    snprintf(all, size, "parkflow: 1\nuse: [\"%s/tests/property/random_types.yaml\"]\n%s", folder, text);
    jacobian j = jacobian_of_text(all);
    free(all);
    return j;
}

static void tangents_of_random_networks_agree_with_central_differences(void **state)
{
    comparison found = {0};
    size_t loops = 0, tears = 0, stocks = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_model *network = random_model_new(seed);
        jacobian j = open_network(network);
        assert_non_null(j.model);
        loops += j.model->plan.loop_count;
        stocks += j.model->plan.state_count;
        for (size_t i = 0; i < j.model->plan.loop_count; i++)
            if (j.model->plan.loops[i].tears > tears) tears = j.model->plan.loops[i].tears;
        jacobian_go_to(&j, j.model->scenario_count - 1, (unsigned)(seed % 3));
        jacobian_compare(&j, INPUTS, &found);
        jacobian_close(&j);
        random_model_free(network);
    }
    print_message("%zu slopes compared, %zu of them not zero, %zu passed over; %zu loops of up to %zu tears\n",
                  found.compared, found.not_zero, found.passed_over, loops, tears);
    /* guards the test: it saw what it is about, and passed little over */
    assert_true(loops > NETWORKS && tears > 2 && stocks > 0);
    assert_true(found.not_zero > 100 * NETWORKS);
    assert_true(found.passed_over * 20 < found.not_zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tangents_of_random_networks_agree_with_central_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
