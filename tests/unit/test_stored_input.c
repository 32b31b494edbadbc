/* A stored input stands alone: it gives the same model, tables and names of uncertain parameters wherever it is read,
 * and the same text again. */
#include "temporary.h"

#include "base/operations.h"
#include "model/compile.h"

#include <gsl/gsl_errno.h>

/* What a test compares of a model that was read: it lives in the arena of the folder. */
typedef struct {
    const char *input, *names;
    size_t uncertain;
} seen;

static seen look_at(temporary *t, pf_scenario *scenario)
{
    seen s = {.names = ""};
    gsl_set_error_handler_off();
    assert_non_null(scenario);
    const pf_compiled *m = pf_compile(scenario, (pf_compile_options){0});
    assert_nothing_said(t);
    assert_non_null(m);
    for (size_t i = 0; i < m->input_count; i++) {
        if (!m->inputs[i].value) continue;
        s.names = pf_format(t->arena, "%s%s\n", s.names, m->inputs[i].name);
        s.uncertain++;
    }
    const char *input = pf_scenario_input(scenario);
    s.input = pf_copy_text(t->arena, input, strlen(input));
    pf_scenario_free(scenario);
    return s;
}

static seen of_file(temporary *t, const char *path)
{
    return look_at(t, pf_scenario_read(path, NULL, 0, t->diagnostics));
}

static seen of_text(temporary *t, const char *text)
{
    return look_at(t, pf_scenario_read_text(text, "nowhere/result.h5:input", NULL, 0, t->diagnostics));
}

static void assert_alike(seen a, seen b)
{
    assert_string_equal(a.names, b.names);
    assert_string_equal(a.input, b.input);
}

/* A model of tests/unit/small_types.yaml, in the folder. */
static const char *model_file(temporary *t, const char *name, const char *text)
{
    char here[512];
    assert_non_null(getcwd(here, sizeof here)); /* the project's folder */
    return temporary_file(t, name,
                          pf_format(t->arena,
                                    "parkflow: 1\nuse: [%s/scenarios/library/units.yaml, "
                                    "%s/tests/unit/small_types.yaml]\nscenarios: {base: {}}\n%s",
                                    here, here, text));
}

static void the_models_that_come_with_parkflow_are_the_same_from_their_stored_input(void **state)
{
    static const char *const models[] = {"scenarios/vietnam/programme.yaml", "scenarios/tutorial/park.yaml"};
    static const size_t uncertain[] = {500, 15};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        temporary t = temporary_new();
        seen first = of_file(&t, models[i]);
        assert_true(first.uncertain > uncertain[i]);
        assert_alike(of_text(&t, first.input), first);
        temporary_free(&t);
    }
}

/* Shared parts in every place that can hold one: a type's default, a sector, a model parameter, a process, a site, a
 * template, all rows of a table, a cell of one, an effect; and where two places use one name. */
static const char shared_parts[] =
    "parameters: {common: {shared: 1..2 m3/day, own: 0.9..1.1}}\n"
    "process_types:\n"
    "  tap: {parameters: {amount: {unit: m3/day, default: {shared: 1..3 m3/day, own: 0.8..1.2}}}, ports: {flow: {in: "
    "water, is: amount}}}\n"
    "sectors: {mills: {amount: {shared: 4..5 m3/day, own: 0.8..1.2}}}\n"
    "templates: {dyer: {type: tap, amount: {shared: 6..7 m3/day, own: 0.8..1.2}}}\n"
    "parks:\n"
    "  a:\n"
    "    sites:\n"
    "      mill: {processes: {line: {type: tap, amount: {shared: 2..3 m3/day, own: 0.8..1.2}}}}\n"
    "    processes:\n"
    "      well: {type: offer, carrier: water}\n"
    "      default_1: {type: tap}\n"
    "      default_2: {type: tap}\n"
    "      mill_1: {type: tap, sector: mills}\n"
    "      mill_2: {type: tap, sector: mills}\n"
    "      dyer_1: {template: dyer}\n"
    "      dyer_2: {template: dyer, title: Its own}\n"
    "      rows: {table: rows.csv, type: tap, amount: {shared: 8..9 m3/day}}\n"
    "      cells: {table: cells.csv, type: tap, amount: {own: 0.9..1.1}}\n"
    "      named_1: {type: tap, amount: {shared: 1..9 m3/day, own: 0.9..1.1, as: spring}}\n"
    "      named_2: {type: tap, amount: {shared: 1..9 m3/day, own: 0.9..1.1, as: spring}}\n"
    "      parameter: {type: tap, amount: common}\n"
    "interventions:\n"
    "  less:\n"
    "    status: chosen\n"
    "    adoption: {curve: logistic, start: 2020-01..2020-03, midpoint: 2020-06..2020-08, ceiling: 40..60 %}\n"
    "    effects: [{cut: a.default_1.amount, by: {shared: 10..20 %, own: 0.9..1.1}}]\n";

static const char shared_tables[] = "id,amount.own\nrow_1,0.9..1.1\nrow_2,0.7..1.3\n";
static const char shared_cells[] = "id,amount.shared [m3/day]\ncell_1,1..2\ncell_2,3..4\n";

static seen shared_model(temporary *t, const char *before)
{
    temporary_file(t, "rows.csv", shared_tables);
    temporary_file(t, "cells.csv", shared_cells);
    return of_file(t, model_file(t, "m.yaml", pf_format(t->arena, "%s%s", before, shared_parts)));
}

static void a_shared_part_is_named_by_the_path_of_the_text_that_holds_it(void **state)
{
    static const char *const names[] = {"process_types.tap.parameters.amount.default.shared",
                                        "sectors.mills.amount.shared",
                                        "parameters.common.shared",
                                        "a.mill.line.amount.shared",
                                        "templates.dyer.amount.shared",
                                        "a.rows.amount.shared",
                                        "a.cell_1.amount.shared",
                                        "a.cell_2.amount.shared",
                                        "spring.shared",
                                        "interventions.less.effects.a.default_1.amount.by.shared"};
    temporary t = temporary_new();
    (void)state;
    const char *found = pf_format(t.arena, "\n%s", shared_model(&t, "").names), *at = found;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *line = strstr(found, pf_format(t.arena, "\n%s\n", names[i]));
        if (!line) fail_msg("no input is called %s, found:%s", names[i], found);
        assert_null(strstr(line + 1, pf_format(t.arena, "\n%s\n", names[i])));
    }
    size_t shared = 0;
    while ((at = strstr(at, ".shared\n"))) at++, shared++;
    assert_int_equal(shared, sizeof names / sizeof *names); /* one draw for all copies, and no other */
    temporary_free(&t);
}

static void names_do_not_depend_on_lines_folders_or_the_stored_form(void **state)
{
    temporary t = temporary_new(), other = temporary_new();
    (void)state;
    seen first = shared_model(&t, "");
    assert_alike(shared_model(&other, "# a remark\n\n\n"), first);
    assert_alike(of_text(&t, first.input), first);
    temporary_free(&other);
    temporary_free(&t);
}

static void a_range_of_dates_that_a_curve_asks_for_several_times_is_one_input(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *names = shared_model(&t, "").names, *name = "interventions.less.adoption.midpoint\n";
    assert_non_null(strstr(names, name));
    assert_null(strstr(strstr(names, name) + 1, name));
    temporary_free(&t);
}

static void one_name_of_two_different_shared_values_is_refused(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *path =
        model_file(&t, "m.yaml",
                   "parks:\n  a:\n    processes:\n      well: {type: offer, carrier: water}\n"
                   "      x: {type: demand, carrier: water, amount: {shared: 1..2 m3/day, own: 1, as: n}}\n"
                   "      y: {type: demand, carrier: water, amount: {shared: 1..3 m3/day, own: 1, as: n}}\n");
    pf_scenario *scenario = pf_scenario_read(path, NULL, 0, t.diagnostics);
    assert_null(pf_compile(scenario, (pf_compile_options){0}));
    assert_said(&t, "m.yaml:9:58: error: 'n.shared' is the name of another shared value");
    pf_scenario_free(scenario);
    temporary_free(&t);
}

static void a_trend_has_its_own_draw_in_each_scenario_that_begins_one(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *path = temporary_file(
        &t, "m.yaml",
        pf_format(
            t.arena,
            "use: [small.yaml]\nscenarios: {a: {trend: {p.x.amount: 1..2 %%}}, b: {trend: {p.x.amount: 2..3 %%}}}\n"));
    model_file(
        &t, "small.yaml",
        "parks: {p: {processes: {well: {type: offer, carrier: water}, x: {type: demand, carrier: water, amount: 5 "
        "m3/day}}}}\n");
    seen s = of_file(&t, path);
    assert_string_equal(s.names, "scenarios.a.trend.p.x.amount\nscenarios.b.trend.p.x.amount\n");
    temporary_free(&t);
}

static const char with_tables[] = "accounting: {grid: near}\n"
                                  "evidence: [facts.csv]\n"
                                  "parks:\n  a:\n    processes:\n      well: {type: offer, carrier: water}\n"
                                  "      x: {type: demand, carrier: water, source: fact_2, amount: {by: grid, of: "
                                  "{near: {csv: s.csv, column: x}, far: "
                                  "{csv: elsewhere/s.csv, column: x}, lost: {csv: lost.csv, column: x}}}}\n";

static seen model_with_tables(temporary *t)
{
    const char *folder = pf_format(t->arena, "%s/elsewhere", t->folder);
    assert_int_equal(system(pf_format(t->arena, "mkdir -p %s", folder)), 0);
    temporary_file(t, "facts.csv", "id,shape,\"title, of it\"\r\nfact_1,point,a\r\nfact_2,point,\"b \"\"c\"\"\"\r\n");
    temporary_file(t, "s.csv",
                   "\xef\xbb\xbf"
                   "date, x [m3/day]\n\n2021-01 ,1\n");
    temporary_file(t, "elsewhere/s.csv", "date,x [m3/day]\n2021-01,2\n");
    return of_file(t, model_file(t, "m.yaml", with_tables));
}

static void remove_tables(temporary *t)
{
    for (size_t i = 0; i < t->files.count; i++) unlink(t->files.items[i]);
    rmdir(pf_format(t->arena, "%s/elsewhere", t->folder));
}

static void tables_come_along_each_under_a_name_of_its_own(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *input = model_with_tables(&t).input, *tables = strstr(input, "\n---\n");
    assert_non_null(tables);
    assert_string_equal(tables + 5, "facts.csv: |\n  id,shape,\"title, of it\"\n  fact_2,point,\"b \"\"c\"\"\"\n"
                                    "s.csv: |\n  date,x [m3/day]\n  2021-01,1\n"
                                    "s-2.csv: |\n  date,x [m3/day]\n  2021-01,2\n");
    assert_non_null(strstr(input, "csv: s-2.csv"));
    assert_non_null(strstr(input, "csv: lost.csv")); /* nobody reads it: no error, and no text */
    assert_null(strstr(input, t.folder + 1));
    remove_tables(&t);
    temporary_free(&t);
}

static void a_stored_input_needs_no_file_and_can_be_run_with_another_choice(void **state)
{
    static const char *const far[] = {"accounting.grid=far"}, *const lost[] = {"accounting.grid=lost"};
    temporary t = temporary_new();
    (void)state;
    seen first = model_with_tables(&t);
    remove_tables(&t);
    assert_alike(of_text(&t, first.input), first);
    pf_scenario *scenario = pf_scenario_read_text(first.input, "r.h5:input", far, 1, t.diagnostics);
    const pf_tree *amount = pf_tree_at(scenario->tree, "parks.a.processes.x.amount");
    pf_value *value = pf_value_read(&scenario->values, amount);
    assert_nothing_said(&t);
    assert_true(value->series[0] == 2.0 / 86400);
    pf_scenario_free(scenario);
    scenario = pf_scenario_read_text(first.input, "r.h5:input", lost, 1, t.diagnostics);
    assert_null(pf_compile(scenario, (pf_compile_options){0}));
    assert_said(&t, "r.h5:input:");
    assert_said(&t, "'lost.csv' cannot be read: No such file or directory");
    pf_scenario_free(scenario);
    temporary_free(&t);
}

static void a_change_in_a_table_changes_the_input(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *before = model_with_tables(&t).input;
    temporary_file(&t, "s.csv", "date,x [m3/day]\n2021-01,3\n");
    const char *path = pf_format(t.arena, "%s/m.yaml", t.folder), *after = of_file(&t, path).input;
    assert_string_not_equal(before, after);
    temporary_file(&t, "facts.csv", "id,shape,title\nfact_2,point,b\nfact_9,point,nobody refers to it\n");
    after = of_file(&t, path).input;
    temporary_file(&t, "facts.csv", "id,shape,title\nfact_2,point,b\n");
    assert_string_equal(after, of_file(&t, path).input);
    remove_tables(&t);
    temporary_free(&t);
}

static void a_stored_input_can_be_used_by_a_file_beside_other_tables(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "stored.yaml", model_with_tables(&t).input);
    temporary_file(&t, "s.csv", "date,x [m3/day]\n2021-01,7\n");
    const char *path = temporary_file(&t, "over.yaml",
                                      "use: [stored.yaml]\nparks: {a: {processes: {y: {type: demand, carrier: water, "
                                      "amount: {csv: s.csv, column: x}}}}}\n");
    pf_scenario *scenario = pf_scenario_read(path, NULL, 0, t.diagnostics);
    assert_non_null(scenario);
    const pf_tree *processes = pf_tree_at(scenario->tree, "parks.a.processes");
    pf_value *stored = pf_value_read(&scenario->values, pf_tree_at(processes, "x.amount")),
             *beside = pf_value_read(&scenario->values, pf_tree_at(processes, "y.amount"));
    assert_nothing_said(&t);
    assert_true(stored->series[0] == 1.0 / 86400);
    assert_true(beside->series[0] == 7.0 / 86400);
    pf_scenario_free(scenario);
    remove_tables(&t);
    temporary_free(&t);
}

static void a_table_that_a_setting_names_lies_where_the_command_is_given(void **state)
{
    temporary t = temporary_new();
    (void)state;
    seen first = model_with_tables(&t);
    const char *setting = pf_format(t.arena, "a.x.amount.of.near.csv=%s/elsewhere/s.csv", t.folder);
    pf_scenario *scenario = pf_scenario_read_text(first.input, "r.h5:input", &setting, 1, t.diagnostics);
    pf_value *value = pf_value_read(&scenario->values, pf_tree_at(scenario->tree, "parks.a.processes.x.amount"));
    assert_nothing_said(&t);
    assert_true(value->series[0] == 2.0 / 86400);
    pf_scenario_free(scenario);
    remove_tables(&t);
    temporary_free(&t);
}

static void an_error_in_a_stored_table_is_placed_in_it(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *path =
        model_file(&t, "m.yaml",
                   "parks: {a: {processes: {x: {type: demand, carrier: water, amount: {csv: s.csv, column: "
                   "x}}, well: {type: offer, carrier: water}}}}\n---\ns.csv: |\n  date,x [m3/day]\n  "
                   "2021-01,many\n");
    pf_scenario *scenario = pf_scenario_read(path, NULL, 0, t.diagnostics);
    assert_null(pf_compile(scenario, (pf_compile_options){0}));
    assert_said(&t, "m.yaml:s.csv:2:9: error: found 'many', expected a finite number");
    pf_scenario_free(scenario);
    temporary_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_models_that_come_with_parkflow_are_the_same_from_their_stored_input),
        cmocka_unit_test(a_shared_part_is_named_by_the_path_of_the_text_that_holds_it),
        cmocka_unit_test(names_do_not_depend_on_lines_folders_or_the_stored_form),
        cmocka_unit_test(a_range_of_dates_that_a_curve_asks_for_several_times_is_one_input),
        cmocka_unit_test(one_name_of_two_different_shared_values_is_refused),
        cmocka_unit_test(a_trend_has_its_own_draw_in_each_scenario_that_begins_one),
        cmocka_unit_test(tables_come_along_each_under_a_name_of_its_own),
        cmocka_unit_test(a_stored_input_needs_no_file_and_can_be_run_with_another_choice),
        cmocka_unit_test(a_change_in_a_table_changes_the_input),
        cmocka_unit_test(a_stored_input_can_be_used_by_a_file_beside_other_tables),
        cmocka_unit_test(a_table_that_a_setting_names_lies_where_the_command_is_given),
        cmocka_unit_test(an_error_in_a_stored_table_is_placed_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
