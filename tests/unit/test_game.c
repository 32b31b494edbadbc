/* The game of a scenario's interventions: what each indicator hangs on, slots that give the very numbers of one run a
 * subset, and shares against the mean over all orders, of a real model. */
#include "small_model.h"

#include "analysis/attribution.h"
#include "model/influence.h"

/* Interventions on parameters of the model: a product of three, in which they interact, and a sum, in which not. */
static const char shared[] =
    "time: {start: 2020, end: 2022, step: year}\n"
    "accounting: {money: {currency: VND, year: 2020}}\n"
    "parameters: {a: 100, b: 40, c: 3, d: 7}\n"
    "parks: {north: {processes: {}}}\n"
    "indicators:\n"
    "  product: {is: \"a * b * c\", unit: 1, over_time: mean}\n"
    "  sum: {is: \"a + d\", unit: 1, over_time: mean}\n"
    "  capital: {is: \"sum(interventions.*.capital_cost)\", unit: VND, over_time: sum}\n"
    "interventions:\n"
    "  one: {status: what_if, adoption: {curve: step, start: 2021}, effects: [{scale: parameters.a, by: 0.5}], cost: "
    "{capital: 10 VND}}\n"
    "  two: {status: what_if, adoption: {curve: step, start: 2020}, effects: [{scale: parameters.b, by: 0.25}], cost: "
    "{capital: 20 VND}}\n"
    "  three: {status: what_if, adoption: {curve: step, start: 2020}, effects: [{add: parameters.c, by: 2}, {add: "
    "parameters.d, by: 1}]}\n"
    "scenarios: {base: {}, some: {against: base, with: [one, two]}, all: {against: base, with: [some, three]}}\n";

typedef struct {
    small_model model;
    pf_players_request wanted;
    pf_game_request request;
    pf_players *players;
    pf_kernel *kernel;
    uint32_t indicators[128];
    pf_game *game;
} played;

static uint32_t scenario_named(const pf_compiled *m, const char *name)
{
    for (uint32_t s = 0; s < m->scenario_count; s++)
        if (!strcmp(m->scenarios[s].name, name)) return s;
    fail_msg("no scenario is called %s", name);
    return 0;
}

static void play(played *p, const char *text, const char *scenario, pf_grouping by, unsigned most_slots,
                 size_t permutations)
{
    memset(p, 0, sizeof *p);
    small_model_read(&p->model, text);
    if (!p->model.model) pf_diagnostics_print(p->model.diagnostics, stderr);
    assert_non_null(p->model.model);
    const pf_compiled *m = p->model.model;
    p->wanted = (pf_players_request){.scenario = scenario_named(m, scenario), .by = by};
    p->players = pf_players_of(m, &p->wanted, p->model.diagnostics);
    assert_non_null(p->players);
    p->kernel = pf_kernel_new(&m->plan);
    for (uint32_t i = 0; i < m->indicator_count; i++) p->indicators[i] = i;
    p->request = (pf_game_request){.players = p->players,
                                   .kernel = p->kernel,
                                   .indicators = p->indicators,
                                   .indicator_count = m->indicator_count,
                                   .most_slots = most_slots,
                                   .threads = 1};
    p->game = pf_game_new(&p->request, permutations, 1, p->model.diagnostics);
    assert_non_null(p->game);
}

static void stop(played *p)
{
    pf_kernel_free(p->kernel);
    small_model_free(&p->model);
}

static uint32_t indicator_named(const pf_compiled *m, const char *name)
{
    for (uint32_t i = 0; i < m->indicator_count; i++)
        if (!strcmp(m->indicators[i].name, name)) return i;
    fail_msg("no indicator is called %s", name);
    return 0;
}

/* Those of the first of the park's units that is the indicator. */
static uint64_t players_of(const played *p, const char *name, uint32_t park)
{
    uint32_t indicator = indicator_named(p->model.model, name);
    uint64_t players = 0;
    for (size_t u = 0; u < p->game->unit_count; u++)
        if (p->game->units[u].indicator == indicator && p->game->units[u].park == park)
            for (size_t i = 0; i < p->players->count; i++) players |= (uint64_t)p->game->units[u].players[i] << i;
    return players;
}

static void an_indicator_hangs_on_what_reaches_it(void **state)
{
    (void)state;
    played p;
    play(&p, shared, "all", PF_BY_INTERVENTION, 16, 0);
    assert_int_equal(p.players->count, 3);
    assert_string_equal(p.players->players[2].name, "three");
    assert_int_equal(players_of(&p, "product", 0), 7);
    assert_int_equal(players_of(&p, "sum", 0), 5);
    assert_int_equal(p.game->row_count, 8);
    stop(&p);
}

/* In 2021: product 100 * 40 * 3; one halves it, two quarters it, three makes it 5/3 of it. */
static void shares_are_those_of_the_closed_form(void **state)
{
    (void)state;
    played p;
    pf_attribution a;
    play(&p, shared, "all", PF_BY_INTERVENTION, 16, 0);
    assert_int_equal(pf_attribute(&a, p.game, NULL, 0, p.model.diagnostics), PF_OK);
    uint32_t product = indicator_named(p.model.model, "product"), total = indicator_named(p.model.model, "sum");
    const double f[] = {0.5, 0.25, 5.0 / 3};
    double wanted[3] = {0};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t o = 0; o < 6; o++) {
        double value = 12000;
        for (size_t i = 0; i < 3; i++) {
            wanted[orders[o][i]] += value * (f[orders[o][i]] - 1) / 6;
            value *= f[orders[o][i]];
        }
    }
    for (size_t i = 0; i < 3; i++) assert_close(a.shares[pf_share_row(&a, i, product, 0, 1)], wanted[i]);
    assert_close(a.changes[pf_change_row(&a, product, 0, 1)], 12000 * (0.5 * 0.25 * 5 / 3 - 1));
    assert_close(a.shares[pf_share_row(&a, 0, total, 0, 1)], -50);
    assert_close(a.shares[pf_share_row(&a, 1, total, 0, 1)], 0);
    assert_close(a.shares[pf_share_row(&a, 2, total, 0, 1)], 1);
    assert_close(a.shares[pf_share_row(&a, 0, product, 0, 0)], 0); /* not before it starts */
    pf_attribution_free(&a);
    stop(&p);
}

static void grouped_players_are_those_of_the_listed_scenarios(void **state)
{
    (void)state;
    played p;
    play(&p, shared, "all", PF_BY_SCENARIO, 16, 0);
    assert_int_equal(p.players->count, 2);
    assert_string_equal(p.players->players[0].name, "some");
    assert_string_equal(p.players->players[0].holds, "one, two");
    assert_string_equal(p.players->players[1].name, "three");
    assert_int_equal(p.game->row_count, 4);
    stop(&p);
}

static void a_sample_of_orders_adds_up_too(void **state)
{
    (void)state;
    played exact, sampled;
    pf_attribution a, b;
    play(&exact, shared, "all", PF_BY_INTERVENTION, 16, 0);
    play(&sampled, shared, "all", PF_BY_INTERVENTION, 2, 400);
    assert_int_equal(sampled.game->permutations, 400);
    assert_int_equal(pf_attribute(&a, exact.game, NULL, 0, exact.model.diagnostics), PF_OK);
    assert_int_equal(pf_attribute(&b, sampled.game, NULL, 0, sampled.model.diagnostics), PF_OK);
    double sum = 0;
    uint32_t product = indicator_named(exact.model.model, "product");
    for (size_t i = 0; i < 3; i++) {
        size_t row = pf_share_row(&a, i, product, a.parks - 1, 1);
        sum += b.shares[row];
        assert_true(fabs(b.shares[row] - a.shares[row]) <= 2 * b.half_widths[row]);
        assert_true(b.half_widths[row] > 0);
    }
    assert_close(sum, a.changes[pf_change_row(&a, product, a.parks - 1, 1)]);
    pf_attribution_free(&a);
    pf_attribution_free(&b);
    stop(&exact);
    stop(&sampled);
}

static void too_many_without_a_sample_are_an_error(void **state)
{
    (void)state;
    played p;
    play(&p, shared, "all", PF_BY_INTERVENTION, 16, 0);
    p.request.most_slots = 2;
    assert_null(pf_game_new(&p.request, 0, 1, p.model.diagnostics));
    assert_non_null(strstr(pf_first_error(p.model.diagnostics), "--group"));
    stop(&p);
}

/* Each of 70 interventions doubles a parameter of its own, of which one indicator is the double: two runs tell it all.
 */
static void more_players_than_bits_of_a_word_are_told_apart(void **state)
{
    (void)state;
    enum { MANY = 70 };
    played p;
    pf_attribution a;
    pf_arena *arena = pf_arena_new();
    const char *parameters = "", *indicators = "", *interventions = "", *names = "";
    for (int i = 0; i < MANY; i++) {
        parameters = pf_format(arena, "%s%sp%d: %d", parameters, i ? ", " : "", i, i + 1);
        indicators = pf_format(arena, "%s  i%d: {is: \"2 * p%d\", unit: 1, over_time: mean}\n", indicators, i, i);
        names = pf_format(arena, "%s%sn%d", names, i ? ", " : "", i);
        interventions = pf_format(arena,
                                  "%s  n%d: {status: what_if, adoption: {curve: step, start: 2020}, effects: "
                                  "[{scale: parameters.p%d, by: 2}]}\n",
                                  interventions, i, i);
    }
    play(&p,
         pf_format(arena,
                   "time: {start: 2020, end: 2020, step: year}\nparameters: {%s}\nparks: {north: {processes: {}}}\n"
                   "indicators:\n%sinterventions:\n%sscenarios: {base: {}, all: {against: base, with: [%s]}}\n",
                   parameters, indicators, interventions, names),
         "all", PF_BY_INTERVENTION, 16, 0);
    assert_int_equal(p.players->count, MANY);
    assert_int_equal(p.game->row_count, 2);
    assert_int_equal(pf_attribute(&a, p.game, NULL, 0, p.model.diagnostics), PF_OK);
    for (size_t i = 0; i < MANY; i++)
        for (size_t k = 0; k < MANY; k++) {
            uint32_t of = indicator_named(p.model.model, pf_format(arena, "i%zu", k));
            assert_close(a.shares[pf_share_row(&a, i, of, 0, 0)], i == k ? 2 * ((double)i + 1) : 0);
        }
    pf_attribution_free(&a);
    stop(&p);
    pf_arena_free(arena);
}

/* In two_parks.yaml each park has two measures of its own, and a policy bears on both parks. */
static void separate_parks_take_as_many_runs_as_the_largest(void **state)
{
    (void)state;
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_scenario *scenario = pf_scenario_read("tests/unit/two_parks.yaml", NULL, 0, diagnostics);
    const pf_compiled *m = scenario ? pf_compile(scenario, (pf_compile_options){0}) : NULL;
    pf_diagnostics_print(diagnostics, stderr);
    assert_non_null(m);
    pf_players_request wanted = {.scenario = scenario_named(m, "all")};
    pf_players *players = pf_players_of(m, &wanted, diagnostics);
    pf_kernel *kernel = pf_kernel_new(&m->plan);
    uint32_t indicators[] = {indicator_named(m, "ghg_total"), indicator_named(m, "capital_cost")};
    pf_game_request request = {players, kernel, indicators, 2, .most_slots = 16, .threads = 1};
    pf_game *game = pf_game_new(&request, 0, 1, diagnostics);
    assert_int_equal(players->count, 5);
    assert_int_equal(game->slots, 3);
    /* one slot each: the same game without sharing */
    pf_game plain = *game;
    unsigned slots[5];
    pf_switch *switches = pf_calloc(players->switch_count, sizeof *switches);
    for (unsigned i = 0; i < 5; i++) slots[i] = i;
    for (size_t k = 0; k < players->switch_count; k++) {
        switches[k] = game->switches[k];
        switches[k].slot = (unsigned)players->player_of[k];
    }
    plain.slot_of = slots;
    plain.switches = switches;
    plain.slots = 5;
    plain.row_count = 32;
    pf_attribution a, b;
    assert_int_equal(pf_attribute(&a, game, NULL, 0, diagnostics), PF_OK);
    assert_int_equal(pf_attribute(&b, &plain, NULL, 0, diagnostics), PF_OK);
    for (size_t i = 0; i < pf_share_count(&a); i++) assert_true(a.shares[i] == b.shares[i]);
    double sum = 0, whole = a.changes[pf_change_row(&a, 0, a.parks - 1, 1)];
    for (size_t i = 0; i < 5; i++) sum += a.shares[pf_share_row(&a, i, 0, a.parks - 1, 1)];
    assert_true(whole != 0 && fabs(sum - whole) < 1e-12 * fabs(whole));
    pf_attribution_free(&a);
    pf_attribution_free(&b);
    free(switches);
    pf_kernel_free(kernel);
    pf_scenario_free(scenario);
    pf_diagnostics_free(diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_indicator_hangs_on_what_reaches_it),
        cmocka_unit_test(shares_are_those_of_the_closed_form),
        cmocka_unit_test(grouped_players_are_those_of_the_listed_scenarios),
        cmocka_unit_test(a_sample_of_orders_adds_up_too),
        cmocka_unit_test(too_many_without_a_sample_are_an_error),
        cmocka_unit_test(more_players_than_bits_of_a_word_are_told_apart),
        cmocka_unit_test(separate_parks_take_as_many_runs_as_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
