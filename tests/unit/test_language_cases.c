/* The cases that the language must get right, worked out by hand. */
#include "small_model.h"

static small_model run_case(const char *text)
{
    small_model s;
    small_model_read(&s, text);
    small_model_run(&s);
    return s;
}

static void reuse_loop(const char *limit, double sewage, double feed, double product, double mains)
{
    char text[1024];
    small_model s;
    snprintf(text, sizeof text,
             "parks: {demo: {processes: {town: {type: user, amount: 100 m3/day, ratio: 75 %%}, plant: {type: plant}, reuse: {type: reuse, recovery: 70 %%, limit: %s},"
             " mains: {type: offer, carrier: water}, river: {type: sink, carrier: effluent}},"
             " markets: {water: {supply: [reuse, mains]}, effluent: {take: [reuse, river]}}}}\n", limit);
    s = run_case(text);
    assert_close(flow(&s, "plant.inflow"), sewage);
    assert_close(flow(&s, "reuse.feed"), feed);
    assert_close(flow(&s, "reuse.product"), product);
    assert_close(flow(&s, "mains.flow"), mains);
    assert_true(worst_closure(&s) <= 1e-12);
    small_model_free(&s);
}

static void reuse_within_its_limit(void **state)
{
    (void)state;
    reuse_loop("50 m3/day", 90, 50, 35, 65);
}

static void reuse_without_limit_is_a_geometric_sum(void **state)
{
    (void)state;
    double sewage = 75 / (1 - 0.3); /* all effluent is fed; 30 % of it returns */
    reuse_loop("inf", sewage, sewage, 0.7 * sewage, 100 - 0.7 * sewage);
}

static void reuse_with_limit_zero_changes_nothing(void **state)
{
    (void)state;
    reuse_loop("0 m3/day", 75, 0, 0, 100);
}

static void offers_are_not_called_to_fill_plain_takers(void **state)
{
    (void)state;
    small_model s = run_case("parks: {demo: {processes: {left: {type: supply, carrier: heat, amount: 40 MWh/day}, solar: {type: offer, carrier: heat, limit: 99 MWh/day},"
                             " taker: {type: sink, carrier: heat, limit: 30 MWh/day}}, markets: {heat: {may_spill: true}}}}\n");
    assert_close(flow(&s, "solar.flow"), 0);
    assert_close(flow(&s, "taker.flow"), 30);
    assert_int_equal(s.collected.faults[0].kind, PF_NO_FAULT);
    small_model_free(&s);
}

static void what_nobody_takes_is_a_fault_unless_it_may_spill(void **state)
{
    (void)state;
    small_model s = run_case("parks: {demo: {processes: {left: {type: supply, carrier: heat, amount: 40 MWh/day}, taker: {type: sink, carrier: heat, limit: 30 MWh/day}}}}\n");
    assert_int_equal(s.collected.faults[0].kind, PF_CHECK_FAILED);
    assert_non_null(strstr(pf_first_error(s.diagnostics), "has more supply than anybody takes"));
    small_model_free(&s);
}

static const char *const tank_model =
    "parks: {demo: {processes: {rain: {type: supply, carrier: effluent, amount: %s}, tank: {type: tank, held: 60 m3}, town: {type: demand, carrier: water, amount: 100 m3/day},"
    " reuse: {type: reuse, recovery: 70 %%, limit: 50 m3/day}, mains: {type: offer, carrier: water}, drain: {type: sink, carrier: sewage}, river: {type: sink, carrier: effluent}},"
    " markets: {water: {supply: [reuse, mains]}, effluent: {supply: [tank], take: [reuse, tank, river]}}}}\n";

static void a_tank_serves_reuse_in_a_dry_step(void **state)
{
    (void)state;
    char text[1024];
    snprintf(text, sizeof text, tank_model, "0 m3/day");
    small_model s = run_case(text);
    assert_close(flow(&s, "reuse.feed"), 50);
    assert_close(flow(&s, "tank.draw"), 50);
    assert_close(flow_in(&s, 0, 1, "tank.draw"), 10); /* what it still held */
    assert_close(flow(&s, "mains.flow"), 65);
    small_model_free(&s);
}

static void a_tank_ranked_after_reuse_stores_the_rest_of_a_wet_step(void **state)
{
    (void)state;
    char text[1024];
    snprintf(text, sizeof text, tank_model, "120 m3/day");
    small_model s = run_case(text);
    assert_close(flow(&s, "reuse.feed"), 50);
    assert_close(flow(&s, "tank.fill"), 70);
    assert_close(flow(&s, "tank.draw"), 0);
    small_model_free(&s);
}

static const char *const shared_surplus =
    "parks: {demo: {processes: {left: {type: supply, carrier: heat, amount: 100 MWh/day}, a: {type: use_of, carrier: heat, limit: 120 MWh/day, wants: 60 MWh/day},"
    " b: {type: use_of, carrier: heat, limit: 60 MWh/day, wants: 999 MWh/day}, rest: {type: sink, carrier: heat}}, markets: {heat: {take: [%s, rest]}}}}\n";

static void converters_of_one_rank_share_by_their_limits(void **state)
{
    (void)state;
    char text[1024];
    snprintf(text, sizeof text, shared_surplus, "[a, b]");
    small_model s = run_case(text);
    assert_close(flow(&s, "a.flow"), 60);
    assert_close(flow(&s, "b.flow"), 100.0 / 3);
    assert_close(flow(&s, "rest.flow"), 100 - 60 - 100.0 / 3); /* what a was allotted and left */
    small_model_free(&s);
}

static void ranked_converters_are_served_in_order(void **state)
{
    (void)state;
    char text[1024];
    snprintf(text, sizeof text, shared_surplus, "a, b");
    small_model s = run_case(text);
    assert_close(flow(&s, "a.flow"), 60);
    assert_close(flow(&s, "b.flow"), 40);
    assert_close(flow(&s, "rest.flow"), 0);
    small_model_free(&s);
}

static void a_converter_draws_on_offers_unless_it_draws_surplus(void **state)
{
    (void)state;
    const char *text = "parks: {demo: {processes: {left: {type: supply, carrier: heat, amount: 20 MWh/day}, offer: {type: offer, carrier: heat, limit: 50 MWh/day},"
                       " a: {type: %s, carrier: heat, limit: 60 MWh/day, wants: 60 MWh/day}}}}\n";
    char filled[1024];
    snprintf(filled, sizeof filled, text, "use_of");
    small_model s = run_case(filled);
    assert_close(flow(&s, "a.flow"), 60);
    assert_close(flow(&s, "offer.flow"), 40);
    small_model_free(&s);
    snprintf(filled, sizeof filled, text, "surplus_use");
    s = run_case(filled);
    assert_close(flow(&s, "a.flow"), 20);
    assert_close(flow(&s, "offer.flow"), 0);
    small_model_free(&s);
}

/* Gas g = 20 + 0.5 warm, warm = the heat 0.45 f of its fuel f = g (less than the power demand wants), power 0.35 f. */
static void a_plant_fed_by_its_own_biogas_has_one_answer(void **state)
{
    (void)state;
    small_model s = run_case(
        "process_types:\n"
        "  digester: {ports: {power: {in: power, is: 10 MWh/day}, warm: {in: steam, up_to: 20 MWh/day}, gas: {out: gas, is: 20 MWh / 1 day + 0.5 * warm}}}\n"
        "  chp: {ports: {fuel: {in: gas, up_to: inf, is: power / 0.35}, power: {out: power, up_to: fuel.allotted * 0.35}, heat: {out: steam, is: fuel * 0.45}}}\n"
        "parks: {demo: {processes: {digester: {type: digester}, chp: {type: chp}, grid: {type: offer, carrier: power}, flare: {type: sink, carrier: gas}, cooler: {type: sink, carrier: steam}},"
        " markets: {power: {supply: [chp, grid]}, gas: {take: [chp, flare]}, steam: {take: [digester, cooler]}}}}\n");
    double g = 20 / (1 - 0.5 * 0.45);
    assert_int_equal(s.collected.faults[0].kind, PF_NO_FAULT);
    assert_close(flow(&s, "digester.gas"), g);
    assert_close(flow(&s, "chp.power"), 0.35 * g);
    assert_close(flow(&s, "digester.warm"), 0.45 * g);
    assert_close(flow(&s, "grid.flow"), 10 - 0.35 * g);
    assert_true(worst_closure(&s) <= 1e-12);
    small_model_free(&s);
}

static void surplus_flows_between_parks_limited_by_both_ends(void **state)
{
    (void)state;
    const char *text = "process_types: {link: {parameters: {limit: {unit: MWh/day}}, ports: {from: {in: heat, up_to: limit, is: to}, to: {out: heat, up_to: from.allotted}}}}\n"
                       "markets: {between: {carrier: heat}}\n"
                       "parks:\n"
                       "  one: {processes: {left: {type: supply, carrier: heat, amount: 100 MWh/day}, export: {type: link, limit: %d MWh/day, joins: {to: between}}, dump: {type: sink, carrier: heat}},"
                       " markets: {heat: {take: [export, dump]}}}\n"
                       "  two: {processes: {need: {type: demand, carrier: heat, amount: 50 MWh/day}, import: {type: link, limit: %d MWh/day, joins: {from: between}}, boiler: {type: offer, carrier: heat}},"
                       " markets: {heat: {supply: [import, boiler]}}}\n";
    int limits[][3] = {{30, 40, 30}, {45, 20, 20}, {80, 90, 50}};
    for (size_t i = 0; i < 3; i++) {
        char filled[2048];
        snprintf(filled, sizeof filled, text, limits[i][0], limits[i][1]);
        small_model s = run_case(filled);
        assert_close(flow(&s, "import.to"), limits[i][2]);
        assert_close(flow(&s, "export.from"), limits[i][2]);
        assert_close(flow(&s, "boiler.flow"), 50 - limits[i][2]);
        small_model_free(&s);
    }
}

static void zero_demand_and_zero_limits_give_zeros_and_a_missing_intensity(void **state)
{
    (void)state;
    small_model s = run_case("parks: {demo: {processes: {need: {type: demand, carrier: heat, amount: 0}, boiler: {type: offer, carrier: heat, limit: 0}}}}\n"
                             "indicators: {use: {is: \"sum(*.need.flow)\", unit: MWh, over_time: sum}, made: {is: \"sum(*.boiler.flow)\", unit: MWh, over_time: sum},"
                             " intensity: {unit: MWh/MWh, over_time: {ratio: [made, use]}}}\n");
    assert_int_equal(s.collected.faults[0].kind, PF_NO_FAULT);
    assert_true(flow(&s, "need.flow") == 0 && flow(&s, "boiler.flow") == 0);
    assert_true(worst_closure(&s) == 0);
    assert_true(isnan(indicator(&s, 0, 0, "intensity")));
    small_model_free(&s);
}

static const char *const two_exchangers =
    "parks: {demo: {processes: {left: {type: supply, carrier: heat, amount: 50 MWh/day}, need: {type: demand, carrier: steam, amount: 60 MWh/day}, a: {type: exchanger}, b: {type: exchanger, limit: 30 MWh/day},"
    " boiler: {type: offer, carrier: steam}, cooler: {type: sink, carrier: heat}}, markets: {heat: {take: [%s, cooler]}, steam: {supply: [%s, boiler]}}}}\n";

static void exchangers_ranked_oppositely_in_two_markets_are_refused(void **state)
{
    (void)state;
    char text[2048];
    small_model s;
    snprintf(text, sizeof text, two_exchangers, "a, b", "b, a");
    small_model_read(&s, text);
    assert_null(s.model);
    assert_non_null(strstr(pf_first_error(s.diagnostics), "demo.heat"));
    assert_non_null(strstr(pf_first_error(s.diagnostics), "demo.steam"));
    small_model_free(&s);
}

static void exchangers_ranked_alike_have_one_answer(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text, two_exchangers, "b, a", "b, a");
    small_model s = run_case(text);
    assert_close(flow(&s, "b.steam"), 30);
    assert_close(flow(&s, "a.steam"), 20);
    assert_close(flow(&s, "boiler.flow"), 10);
    small_model_free(&s);
}

static void a_fixed_fuel_boiler_ranked_with_a_converter_is_refused(void **state)
{
    (void)state;
    small_model s;
    small_model_read(&s,
                     "process_types:\n"
                     "  converter: {ports: {fuel: {in: gas, up_to: inf, is: steam / 0.8}, steam: {out: steam, up_to: fuel.allotted * 0.8}}}\n"
                     "  boiler: {ports: {steam: {out: steam, up_to: inf}, fuel: {in: gas, is: steam / 0.8}}}\n"
                     "parks: {demo: {processes: {biogas: {type: offer, carrier: gas, limit: 50 MWh/day}, need: {type: demand, carrier: steam, amount: 60 MWh/day}, one: {type: converter}, two: {type: boiler}},"
                     " markets: {steam: {supply: [one, two]}}}}\n");
    assert_null(s.model);
    assert_non_null(strstr(pf_first_error(s.diagnostics), "who is served first"));
    small_model_free(&s);
}

static const char *const closed_loop =
    "process_types:\n"
    "  mixer: {parameters: {flow: {unit: m3/day}, reuse: {unit: 1}, removal: {unit: 1}},"
    " ports: {inflow: {in: dirty, up_to: flow / (1 - reuse)}, back: {out: dirty, is: inflow * reuse, components: inflow.cod * reuse * (1 - removal)}}}\n"
    "  feed: {parameters: {rate: {unit: m3/day}, load: {unit: kg/day}}, ports: {flow: {out: dirty, is: rate, components: load}}}\n"
    "parks: {demo: {processes: {feed: {type: feed, rate: 10 m3/day, load: 3 kg/day}, mixer: {type: mixer, flow: 10 m3/day, reuse: %s, removal: %s}}}}\n"
    "indicators: {cod: {is: \"sum(*.mixer.inflow.cod)\", unit: kg, over_time: sum}}\n";

static void a_closed_loop_is_its_geometric_sum(void **state)
{
    (void)state;
    char text[4096];
    snprintf(text, sizeof text, closed_loop, "60 %", "25 %");
    small_model s = run_case(text);
    assert_close(flow(&s, "mixer.inflow"), 10 / (1 - 0.6));
    assert_close(indicator(&s, 0, 0, "cod"), 3 / (1 - 0.6 * (1 - 0.25)));
    small_model_free(&s);
}

static void a_loop_that_gives_back_all_is_refused(void **state)
{
    (void)state;
    small_model s = run_case("process_types:\n"
                             "  all_back: {ports: {inflow: {in: sewage, up_to: inf}, back: {out: sewage, is: inflow}}}\n"
                             "parks: {demo: {processes: {feed: {type: supply, carrier: sewage, amount: 10 m3/day}, ring: {type: all_back}}}}\n");
    assert_int_equal(s.collected.faults[0].kind, PF_LOOP_GAINS);
    assert_non_null(strstr(pf_first_error(s.diagnostics), "more return"));
    small_model_free(&s);
}

static const char *const water_saving =
    "process_types:\n"
    "  works: {parameters: {water: {unit: m3/day}, load: {unit: kg/day}}, ports: {need: {in: water, is: water}, sewage: {out: dirty, is: water, components: load}}}\n"
    "parks: {demo: {processes: {works: {type: works, water: 100 m3/day, load: 40 kg/day}, mains: {type: offer, carrier: water}, river: {type: sink, carrier: dirty}}}}\n"
    "interventions: {halve: {status: what_if, adoption: {curve: step, start: 2021-01-01}, effects: [{cut: demo.works.water, by: 50 %}]},"
    " later: {status: what_if, adoption: {curve: step, start: 2031-01-01}, effects: [{cut: demo.works.water, by: 50 %}]}}\n"
    "scenarios: {base: {}, saving: {against: base, with: [halve]}, nothing: {against: base, with: []}, not_yet: {against: base, with: [later]}}\n"
    "indicators: {cod: {is: \"sum(*.river.flow.cod)\", unit: kg, over_time: sum}, sewage: {is: \"sum(*.river.flow)\", unit: m3, over_time: sum},"
    " concentration: {unit: kg/m3, over_time: {ratio: [cod, sewage]}}}\n";

static void halving_water_keeps_the_load_and_doubles_the_concentration(void **state)
{
    (void)state;
    small_model s = run_case(water_saving);
    assert_close(indicator(&s, 0, 0, "cod"), 40);
    assert_close(indicator(&s, 1, 0, "cod"), 40);
    assert_close(indicator(&s, 1, 0, "concentration"), 2 * indicator(&s, 0, 0, "concentration"));
    small_model_free(&s);
}

static void scenarios_without_effect_equal_their_reference_to_the_bit(void **state)
{
    (void)state;
    small_model s = run_case(water_saving);
    size_t bytes = s.model->scenario->calendar.reported * s.row_count * sizeof(double);
    assert_memory_equal(s.values, (char *)s.values + 2 * bytes, bytes);
    assert_memory_equal(s.values, (char *)s.values + 3 * bytes, bytes);
    small_model_free(&s);
}

static const char *const boilers =
    "gases: {co2: {unit: kg CO2, gwp: 1 kg CO2e/kg CO2}}\n"
    "process_types: {boiler: {ports: {steam: {out: steam, up_to: inf}, fuel: {in: gas, is: steam / 0.8}}, emissions: {co2: fuel * 200 kg CO2 / 1 MWh}}}\n"
    "parks: {demo: {%s processes: {gas: {type: offer, carrier: gas}%s}}}\n"
    "indicators: {scope1: {is: \"sum(*.*.ghg)\", unit: kg CO2e, over_time: sum}}\n";

static void grouping_firms_into_sites_leaves_scope_1_unchanged(void **state)
{
    (void)state;
    char together[4096], apart[4096];
    snprintf(together, sizeof together, boilers, "", ", n1: {type: demand, carrier: steam, amount: 30 MWh/day}, n2: {type: demand, carrier: steam, amount: 50 MWh/day}, b: {type: boiler}");
    snprintf(apart, sizeof apart, boilers,
             "sites: {one: {markets: {steam: {}}, processes: {n: {type: demand, carrier: steam, amount: 30 MWh/day}, b: {type: boiler}}},"
             " two: {markets: {steam: {}}, processes: {n: {type: demand, carrier: steam, amount: 50 MWh/day}, b: {type: boiler}}}},", "");
    small_model a = run_case(together), b = run_case(apart);
    assert_close(indicator(&a, 0, 0, "scope1"), 80 / 0.8 * 200);
    assert_close(indicator(&b, 0, 0, "scope1"), 80 / 0.8 * 200);
    small_model_free(&a);
    small_model_free(&b);
}

/* Park one burns 100 MWh/day of gas at 200 kg CO2/MWh for 80 MWh of steam, of which park two buys a quarter. */
static const char *const neighbours =
    "accounting: {boundary: %s}\n"
    "gases: {co2: {unit: kg CO2, gwp: 1 kg CO2e/kg CO2}}\n"
    "carriers: {steam: {embodied: true}}\n"
    "process_types:\n"
    "  boiler: {ports: {steam: {out: steam, up_to: inf}, fuel: {in: gas, is: steam / 0.8}}, emissions: {co2: fuel * 200 kg CO2 / 1 MWh}}\n"
    "  link: {ports: {from: {in: steam, up_to: inf, is: to}, to: {out: steam, up_to: from.allotted}}}\n"
    "markets: {between: {carrier: steam}}\n"
    "parks:\n"
    "  one: {processes: {gas: {type: offer, carrier: gas}, boiler: {type: boiler}, need: {type: demand, carrier: steam, amount: 60 MWh/day}, export: {type: link, joins: {to: between}}}}\n"
    "  two: {processes: {need: {type: demand, carrier: steam, amount: 20 MWh/day}, import: {type: link, joins: {from: between}}}}\n"
    "indicators: {scope1: {is: \"sum(*.*.ghg)\", unit: kg CO2e, over_time: sum}, scope2: {is: \"sum(*.*.upstream_ghg) + sum(*.*.imported_ghg)\", unit: kg CO2e, over_time: sum}}\n";

static double in_park(const small_model *s, const char *name, size_t park)
{
    for (size_t i = 0; i < s->model->indicator_count; i++)
        if (!strcmp(s->model->indicators[i].name, name)) return small_row(s, 0, 0, i * s->model->park_count + park);
    return NAN;
}

static void bought_steam_is_scope_2_of_a_park_and_nothing_of_the_programme(void **state)
{
    (void)state;
    char text[4096];
    for (int programme = 0; programme < 2; programme++) {
        snprintf(text, sizeof text, neighbours, programme ? "programme" : "park");
        small_model s = run_case(text);
        assert_close(in_park(&s, "scope1", 0), 100 * 200);
        assert_close(in_park(&s, "scope1", 1), 0);
        assert_close(in_park(&s, "scope2", 0), 0);
        assert_close(in_park(&s, "scope2", 1), programme ? 0 : 100 * 200 * 0.25);
        small_model_free(&s);
    }
}

static void a_deficit_is_reported_where_the_market_may_fall_short(void **state)
{
    (void)state;
    small_model s = run_case("parks: {demo: {processes: {need: {type: demand, carrier: heat, amount: 50 MWh/day}, boiler: {type: offer, carrier: heat, limit: 30 MWh/day}},"
                             " markets: {heat: {may_fall_short: true}}}}\n"
                             "indicators: {unserved: {is: \"sum(*.markets.heat.unserved)\", unit: MWh, over_time: sum}}\n");
    assert_int_equal(s.collected.faults[0].kind, PF_NO_FAULT);
    assert_close(flow(&s, "need.flow"), 50);
    assert_close(flow(&s, "boiler.flow"), 30);
    assert_close(indicator(&s, 0, 0, "unserved"), 20);
    assert_true(worst_closure(&s) <= 1e-12);
    small_model_free(&s);
}

static void offers_of_one_rank_are_called_by_their_limits_and_in_full_exactly(void **state)
{
    (void)state;
    const char *text = "parks: {demo: {processes: {need: {type: demand, carrier: heat, amount: %s}, a: {type: offer, carrier: heat, limit: 30 MWh/day}, b: {type: offer, carrier: heat, limit: 10 MWh/day},"
                       " last: {type: offer, carrier: heat}}, markets: {heat: {supply: [[a, b], last]}}}}\n";
    char filled[1024];
    snprintf(filled, sizeof filled, text, "20 MWh/day");
    small_model s = run_case(filled);
    assert_close(flow(&s, "a.flow"), 15);
    assert_close(flow(&s, "b.flow"), 5);
    assert_close(flow(&s, "last.flow"), 0);
    small_model_free(&s);
    snprintf(filled, sizeof filled, text, "47 MWh/day");
    s = run_case(filled);
    assert_close(flow(&s, "a.flow"), 30);
    assert_close(flow(&s, "b.flow"), 10);
    assert_close(flow(&s, "last.flow"), 7);
    small_model_free(&s);
}

/* 10 m3 with 4 kg and 30 m3 with 2 kg mix to 0.15 kg/m3; 12 m3 go to the first taker, the rest to the second. */
static void components_mix_and_split_with_the_flow(void **state)
{
    (void)state;
    small_model s = run_case("process_types:\n"
                             "  feed: {parameters: {rate: {unit: m3/day}, load: {unit: kg/day}}, ports: {flow: {out: dirty, is: rate, components: load}}}\n"
                             "parks: {demo: {processes: {one: {type: feed, rate: 10 m3/day, load: 4 kg/day}, two: {type: feed, rate: 30 m3/day, load: 2 kg/day},"
                             " first: {type: sink, carrier: dirty, limit: 12 m3/day}, rest: {type: sink, carrier: dirty}}, markets: {dirty: {take: [first, rest]}}}}\n"
                             "indicators: {first: {is: \"sum(*.first.flow.cod)\", unit: kg, over_time: sum}, rest: {is: \"sum(*.rest.flow.cod)\", unit: kg, over_time: sum}}\n");
    assert_close(flow(&s, "rest.flow"), 28);
    assert_close(indicator(&s, 0, 0, "first"), 12 * 0.15);
    assert_close(indicator(&s, 0, 0, "rest"), 28 * 0.15);
    assert_true(worst_closure(&s) <= 1e-12);
    small_model_free(&s);
}

static void a_name_means_all_processes_of_it_unless_a_site_is_said(void **state)
{
    (void)state;
    small_model s;
    small_model_read(&s, "parks: {p: {processes: {draw: {type: demand, carrier: water, amount: 1 m3/day}},\n"
                         "  sites: {s: {processes: {draw: {type: demand, carrier: water, amount: 20 m3/day}}},\n"
                         "          t: {processes: {draw: {type: demand, carrier: water, amount: 300 m3/day}, well: {type: offer, carrier: water, joins: {flow: p.water}}}}}}}\n"
                         "indicators:\n"
                         "  all: {is: \"sum(p.draw.flow)\", unit: m3, over_time: sum}\n"
                         "  of_s: {is: \"sum(p.s.draw.flow)\", unit: m3, over_time: sum}\n"
                         "  of_t: {is: \"sum(p.draw[site=t].flow)\", unit: m3, over_time: sum}\n"
                         "  outside: {is: \"sum(p.draw[site=none].flow)\", unit: m3, over_time: sum}\n");
    small_model_run(&s);
    assert_close(indicator(&s, 0, 0, "all"), 321);
    assert_close(indicator(&s, 0, 0, "of_s"), 20);
    assert_close(indicator(&s, 0, 0, "of_t"), 300);
    assert_close(indicator(&s, 0, 0, "outside"), 1);
    small_model_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reuse_within_its_limit),
        cmocka_unit_test(reuse_without_limit_is_a_geometric_sum),
        cmocka_unit_test(reuse_with_limit_zero_changes_nothing),
        cmocka_unit_test(offers_are_not_called_to_fill_plain_takers),
        cmocka_unit_test(what_nobody_takes_is_a_fault_unless_it_may_spill),
        cmocka_unit_test(a_tank_serves_reuse_in_a_dry_step),
        cmocka_unit_test(a_tank_ranked_after_reuse_stores_the_rest_of_a_wet_step),
        cmocka_unit_test(converters_of_one_rank_share_by_their_limits),
        cmocka_unit_test(ranked_converters_are_served_in_order),
        cmocka_unit_test(a_converter_draws_on_offers_unless_it_draws_surplus),
        cmocka_unit_test(a_plant_fed_by_its_own_biogas_has_one_answer),
        cmocka_unit_test(surplus_flows_between_parks_limited_by_both_ends),
        cmocka_unit_test(zero_demand_and_zero_limits_give_zeros_and_a_missing_intensity),
        cmocka_unit_test(exchangers_ranked_oppositely_in_two_markets_are_refused),
        cmocka_unit_test(exchangers_ranked_alike_have_one_answer),
        cmocka_unit_test(a_fixed_fuel_boiler_ranked_with_a_converter_is_refused),
        cmocka_unit_test(a_closed_loop_is_its_geometric_sum),
        cmocka_unit_test(a_loop_that_gives_back_all_is_refused),
        cmocka_unit_test(halving_water_keeps_the_load_and_doubles_the_concentration),
        cmocka_unit_test(scenarios_without_effect_equal_their_reference_to_the_bit),
        cmocka_unit_test(bought_steam_is_scope_2_of_a_park_and_nothing_of_the_programme),
        cmocka_unit_test(a_deficit_is_reported_where_the_market_may_fall_short),
        cmocka_unit_test(offers_of_one_rank_are_called_by_their_limits_and_in_full_exactly),
        cmocka_unit_test(components_mix_and_split_with_the_flow),
        cmocka_unit_test(a_name_means_all_processes_of_it_unless_a_site_is_said),
        cmocka_unit_test(grouping_firms_into_sites_leaves_scope_1_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
