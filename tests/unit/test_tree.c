/* Files to one tree: YAML with places, merging, `use:`, tables, settings. */
#include "temporary.h"

#include "scenario/load.h"

static pf_tree *read_yaml(temporary *t, const char *text)
{
    const char *path = temporary_file(t, "m.yaml", text);
    return pf_tree_read(pf_files_new(t->arena), path, (pf_mark){path, 0, 0}, t->diagnostics);
}

static pf_tree *loaded(temporary *t, const char *text, const char *const *settings, size_t count)
{
    return pf_load(pf_files_new(t->arena), temporary_file(t, "m.yaml", text), settings, count, t->diagnostics);
}

static void refused(const char *text, const char *message)
{
    temporary t = temporary_new();
    read_yaml(&t, text);
    assert_true(pf_error_count(t.diagnostics) > 0);
    assert_said(&t, message);
    temporary_free(&t);
}

static const char *text_at(const pf_tree *tree, const char *path)
{
    const pf_tree *found = pf_tree_at(tree, path);
    if (!found) fail_msg("nothing stands at %s", path);
    assert_int_equal(found->kind, PF_TEXT);
    return found->text;
}

/* --- reading --- */

static void maps_lists_and_texts_are_read_with_their_places(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree = read_yaml(&t, "a: 1 kg\nnước:\n  - x\n  - {y: no}\n");
    assert_nothing_said(&t);
    assert_string_equal(pf_tree_get_text(tree, "a"), "1 kg");
    const pf_entry *water = pf_tree_entry(tree, "nước");
    assert_int_equal(water->mark.line, 2);
    assert_int_equal(water->mark.column, 1);
    assert_int_equal(water->value->kind, PF_SEQUENCE);
    assert_int_equal(water->value->entries.count, 2);
    const pf_tree *y = pf_tree_get(water->value->entries.items[1].value, "y");
    assert_string_equal(y->text, "no"); /* no truth value: plain scalars are texts */
    assert_int_equal(y->mark.line, 4);
    assert_int_equal(y->mark.column, 9);
    temporary_free(&t);
}

static void the_place_of_a_quoted_text_is_behind_its_quote(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree = read_yaml(&t, "a: \"x\"\nb: x\n");
    assert_int_equal(pf_tree_text_mark(pf_tree_get(tree, "a")).column, 5);
    assert_int_equal(pf_tree_text_mark(pf_tree_get(tree, "b")).column, 4);
    temporary_free(&t);
}

static void asking_for_what_is_not_there_gives_nothing(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree = read_yaml(&t, "a: {b: {c: x}}\nl: [1]\n");
    assert_string_equal(text_at(tree, "a.b.c"), "x");
    assert_null(pf_tree_at(tree, "a.b.d"));
    assert_null(pf_tree_at(tree, "a.b.c.d"));
    assert_null(pf_tree_get(NULL, "a"));
    assert_null(pf_tree_get(pf_tree_get(tree, "l"), "a"));
    assert_null(pf_tree_get_text(tree, "a")); /* a map is no text */
    temporary_free(&t);
}

static void what_the_language_leaves_out_of_yaml_is_refused(void **state)
{
    (void)state;
    refused("a: &x 1\nb: *x\n", "m.yaml:2:4: error: aliases");
    refused("a: 1\n---\nb: 2\n", "m.yaml:2:1: error: a second document");
    refused("a: 1\nb: 2\na: 3\n", "m.yaml:3:1: error: the key 'a' stands twice in this map, first in line 1");
    refused("- 1\n- 2\n", "m.yaml:1:1: error: found a list");
    refused("? [a]\n: 1\n", "found a list as a key");
    refused("", "found nothing");
}

static void broken_yaml_is_refused_where_it_breaks(void **state)
{
    (void)state;
    refused("a: {b: 1\nc: 2\n", "m.yaml:");
    refused("a: 1\n\tb: 2\n", "m.yaml:2:1: error: ");
    refused("a: \xff\xfe\n", "UTF-8");
}

static void trees_deeper_than_64_levels_are_refused_and_64_are_read(void **state)
{
    temporary t = temporary_new();
    (void)state;
    char *deep = pf_alloc(t.arena, 1000), *at = deep + sprintf(deep, "a: ");
    for (int i = 0; i < 200; i++) *at++ = '[';
    for (int i = 0; i < 200; i++) *at++ = ']';
    assert_null(read_yaml(&t, deep));
    assert_said(&t, "64 levels");
    temporary_free(&t);
    t = temporary_new();
    assert_non_null(read_yaml(&t, "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"));
    assert_nothing_said(&t);
    temporary_free(&t);
}

static void a_missing_file_is_refused_by_name(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *path = pf_format(t.arena, "%s/none.yaml", t.folder);
    assert_null(pf_tree_read(pf_files_new(t.arena), path, (pf_mark){path, 0, 0}, t.diagnostics));
    assert_said(&t, "none.yaml");
    assert_null(pf_tree_read(pf_files_new(t.arena), t.folder, (pf_mark){t.folder, 0, 0}, t.diagnostics)); /* a folder */
    assert_int_equal(pf_error_count(t.diagnostics), 2);
    temporary_free(&t);
}

static void a_tree_written_and_read_again_is_the_same(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *yaml = "a: \"1 kg: x\"\nb: [x, {y: 'no # remark'}, []]\nc: {}\nd: \"\"\nnước: \"nhiều\\ndòng\"\n";
    const char *once = pf_tree_yaml(t.arena, read_yaml(&t, yaml)), *twice = pf_tree_yaml(t.arena, read_yaml(&t, once));
    pf_tree *again = read_yaml(&t, twice);
    assert_nothing_said(&t);
    assert_string_equal(once, twice);
    assert_string_equal(text_at(again, "a"), "1 kg: x");
    assert_string_equal(text_at(again, "nước"), "nhiều\ndòng");
    assert_string_equal(text_at(again, "d"), "");
    assert_int_equal(pf_tree_get(again, "b")->entries.count, 3);
    assert_int_equal(pf_tree_get(again, "c")->kind, PF_MAPPING);
    temporary_free(&t);
}

static void titles_are_plain_or_by_language(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree =
        read_yaml(&t, "a: {title: Boiler}\nb: {title: {en: Boiler, vi: Lò hơi}}\nc: {title: {vi: Lò hơi}}\nd: {}\n");
    assert_string_equal(pf_title(pf_tree_get(tree, "a"), "x"), "Boiler");
    assert_string_equal(pf_title(pf_tree_get(tree, "b"), "x"), "Boiler");
    assert_string_equal(pf_title_vi(pf_tree_get(tree, "b")), "Lò hơi");
    assert_string_equal(pf_title(pf_tree_get(tree, "c"), "x"), "x");
    assert_string_equal(pf_title(pf_tree_get(tree, "d"), "x"), "x");
    assert_null(pf_title_vi(pf_tree_get(tree, "a")));
    temporary_free(&t);
}

/* --- merging --- */

static pf_tree *merged(temporary *t, const char *base, const char *over)
{
    pf_tree *below = read_yaml(t, base);
    pf_tree *above = read_yaml(t, over);
    return pf_tree_merge(t->arena, below, above, t->diagnostics);
}

static void maps_merge_by_key_and_lists_and_texts_are_replaced(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree = merged(&t, "m: {a: 1, b: {c: 2, d: 3}}\nl: [1, 2, 3]\n", "m: {b: {d: 4, e: 5}}\nl: [9]\nn: 6\n");
    assert_nothing_said(&t);
    assert_string_equal(text_at(tree, "m.a"), "1");
    assert_string_equal(text_at(tree, "m.b.c"), "2");
    assert_string_equal(text_at(tree, "m.b.d"), "4");
    assert_string_equal(text_at(tree, "m.b.e"), "5");
    assert_string_equal(text_at(tree, "n"), "6");
    assert_int_equal(pf_tree_get(tree, "l")->entries.count, 1);
    temporary_free(&t);
}

static void merged_keys_keep_the_order_of_the_base_and_new_ones_follow(void **state)
{
    static const char *const expected[] = {"z", "y", "x", "a"};
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree = merged(&t, "z: 1\ny: 2\nx: 3\n", "a: 9\nx: 8\nz: 7\n");
    for (size_t i = 0; i < 4; i++) assert_string_equal(tree->entries.items[i].key, expected[i]);
    temporary_free(&t);
}

static void a_text_over_a_map_is_an_error_at_the_text(void **state)
{
    temporary t = temporary_new();
    (void)state;
    merged(&t, "m: {a: 1}\n", "b: 1\nm: 3\n");
    assert_said(&t, "m.yaml:2:4: error: found a text where");
    temporary_free(&t);
}

static void a_map_over_a_list_is_an_error(void **state)
{
    temporary t = temporary_new();
    (void)state;
    merged(&t, "m: [a]\n", "m: {a: 1}\n");
    assert_int_equal(pf_error_count(t.diagnostics), 1);
    temporary_free(&t);
}

static void a_map_over_a_text_is_an_error(void **state)
{
    temporary t = temporary_new();
    (void)state;
    merged(&t, "m: a\n", "m: {a: 1}\n");
    assert_int_equal(pf_error_count(t.diagnostics), 1);
    temporary_free(&t);
}

static void a_map_of_many_entries_finds_each_also_after_some_are_taken_out(void **state)
{
    enum { MANY = 100 };
    temporary t = temporary_new();
    pf_tree *tree = pf_tree_new(t.arena, (pf_mark){0}, PF_MAPPING);
    (void)state;
    for (int i = 0; i < MANY; i++) {
        const char *key = pf_format(t.arena, "key_%d", i);
        pf_tree_add(t.arena, tree, key, (pf_mark){0}, pf_tree_text(t.arena, (pf_mark){0}, key));
    }
    for (int i = 0; i < MANY; i += 3) pf_tree_remove(t.arena, tree, pf_format(t.arena, "key_%d", i));
    pf_tree_remove(t.arena, tree, "key_0");
    for (int i = 0; i < MANY; i++) {
        const char *key = pf_format(t.arena, "key_%d", i), *text = pf_tree_get_text(tree, key);
        if (i % 3) assert_string_equal(text, key);
        else assert_null(text);
    }
    assert_null(pf_tree_get(tree, "key_100"));
    temporary_free(&t);
}

/* --- use --- */

static void used_files_are_laid_down_in_order_and_the_own_file_last(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "one.yaml", "title: one\nparameters: {a: 1, b: 1, c: 1}\n");
    temporary_file(&t, "two.yaml", "use: [three.yaml]\nparameters: {b: 2, c: 2}\n");
    temporary_file(&t, "three.yaml", "parameters: {c: 3, d: 3}\n");
    pf_tree *tree = loaded(&t, "parkflow: 1\nuse: [one.yaml, two.yaml]\nparameters: {c: 0}\n", NULL, 0);
    assert_nothing_said(&t);
    assert_string_equal(text_at(tree, "parameters.a"), "1");
    assert_string_equal(text_at(tree, "parameters.b"), "2");
    assert_string_equal(text_at(tree, "parameters.c"), "0");
    assert_string_equal(text_at(tree, "parameters.d"), "3");
    assert_null(pf_tree_get(tree, "title")); /* a used file's title is its own */
    assert_null(pf_tree_get(tree, "use"));
    temporary_free(&t);
}

static void a_file_used_twice_is_read_once(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "base.yaml", "parameters: {a: 1}\n");
    temporary_file(&t, "one.yaml", "use: [base.yaml]\nparameters: {a: 2}\n");
    temporary_file(&t, "two.yaml", "use: [base.yaml]\nparameters: {b: 3}\n");
    pf_tree *tree = loaded(&t, "use: [one.yaml, two.yaml]\n", NULL, 0);
    assert_nothing_said(&t);
    assert_string_equal(text_at(tree, "parameters.a"), "2"); /* base.yaml does not come back over one.yaml */
    temporary_free(&t);
}

static void a_file_that_uses_itself_is_refused(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "one.yaml", "parkflow: 1\nuse:\n  - m.yaml\n");
    loaded(&t, "use: [one.yaml]\n", NULL, 0);
    assert_said(&t, "one.yaml:3:5: error: ");
    assert_said(&t, "uses itself");
    temporary_free(&t);
}

static void a_used_file_that_is_not_there_is_named_with_the_line_that_uses_it(void **state)
{
    temporary t = temporary_new();
    (void)state;
    loaded(&t, "parkflow: 1\nuse: [nowhere.yaml]\n", NULL, 0);
    assert_said(&t, "nowhere.yaml");
    temporary_free(&t);
}

/* --- tables --- */

static void a_table_makes_an_entry_of_each_row_by_paths_with_units(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "firms.csv",
                   "id,output.amount [t/year],needs.steam.per_output "
                   "[GJ/t],sector\nfish,5..12,2.5,seafood\nbeer,100,-,beverages\n");
    pf_tree *tree = loaded(&t,
                           "processes: {first: {type: grid}, others: {table: firms.csv, type: firm, output: {year: "
                           "2019}}, last: {type: grid}}\n",
                           NULL, 0);
    assert_nothing_said(&t);
    const pf_tree *processes = pf_tree_get(tree, "processes");
    assert_int_equal(processes->entries.count, 4);
    assert_string_equal(processes->entries.items[1].key, "fish");
    assert_string_equal(processes->entries.items[3].key, "last");
    assert_string_equal(text_at(processes, "fish.output.amount"), "5..12 t/year");
    assert_string_equal(text_at(processes, "fish.output.year"), "2019");
    assert_string_equal(text_at(processes, "fish.needs.steam.per_output"), "2.5 GJ/t");
    assert_string_equal(text_at(processes, "fish.sector"), "seafood");
    assert_string_equal(text_at(processes, "beer.type"), "firm");
    assert_string_equal(text_at(processes, "beer.output.year"), "2019");
    temporary_free(&t);
}

static void a_dash_leaves_the_row_without_that_entry(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "firms.csv", "id,needs.steam.per_output [GJ/t]\nbeer,-\n");
    pf_tree *tree = loaded(&t, "processes: {others: {table: firms.csv, type: firm}}\n", NULL, 0);
    assert_nothing_said(&t);
    assert_null(pf_tree_at(tree, "processes.beer.needs.steam"));
    temporary_free(&t);
}

static void rows_do_not_share_what_all_of_them_are_given(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "firms.csv", "id,output.amount\na,1\nb,2\n");
    pf_tree *tree = loaded(&t, "processes: {others: {table: firms.csv, output: {amount: 0, year: 2019}}}\n", NULL, 0);
    assert_string_equal(text_at(tree, "processes.a.output.amount"), "1");
    assert_string_equal(text_at(tree, "processes.b.output.amount"), "2");
    assert_string_equal(text_at(tree, "processes.a.output.year"), "2019");
    temporary_free(&t);
}

static void a_cell_of_a_table_has_its_own_place(void **state)
{
    temporary t = temporary_new();
    (void)state;
    const char *path = temporary_file(&t, "firms.csv", "id,output.amount [t]\na,1\nb,2\n");
    pf_tree *tree = loaded(&t, "processes: {others: {table: firms.csv}}\n", NULL, 0);
    const pf_tree *cell = pf_tree_at(tree, "processes.b.output.amount");
    assert_string_equal(cell->mark.file, path);
    assert_int_equal(cell->mark.line, 3);
    assert_int_equal(cell->mark.column, 3);
    temporary_free(&t);
}

static void wrong_tables_are_refused_at_their_cells(void **state)
{
    temporary t = temporary_new();
    (void)state;
    temporary_file(&t, "empty.csv", "id,output.amount\na,\n");
    temporary_file(&t, "twice.csv", "id,x\na,1\na,2\n");
    temporary_file(&t, "taken.csv", "id,x\nfish,1\n");
    temporary_file(&t, "no_id.csv", "name,x\na,1\n");
    loaded(&t,
           "processes:\n  one: {table: empty.csv}\n  fish: {type: firm}\n  two: {table: taken.csv}\nsites:\n  one: "
           "{table: twice.csv}\ninterventions:\n  one: {table: no_id.csv}\n  two: {table: none.csv}\n",
           NULL, 0);
    assert_said(&t, "empty.csv:2:3: error: the cell of column 'output.amount' is empty");
    assert_said(&t, "taken.csv:2:1: error: the name 'fish' is already taken");
    assert_said(&t, "twice.csv:3:1: error: the name 'a' is already taken");
    assert_said(&t, "no_id.csv:1:1: error: found the first column 'name', expected 'id'");
    assert_said(&t, "none.csv");
    temporary_free(&t);
}

/* --- settings --- */

static const char model[] =
    "accounting: {gwp: ar5}\nparameters: {grid_factor: 0.5}\nparks:\n  demo:\n    sites: {brewery: {processes: "
    "{boiler: {efficiency: 0.7}}}}\n    processes: {reuse: {limit: 0 m3/day}, fish: {}}\n";

static void settings_reach_paths_from_the_top_and_processes_of_parks_and_sites(void **state)
{
    static const char *const settings[] = {"accounting.gwp=ar4",        "parameters.grid_factor=0.8 t CO2/MWh",
                                           "demo.reuse.limit=5 m3/day", "demo.brewery.boiler.efficiency=0.9",
                                           "demo.boiler.limit=3 GJ/h",  "demo.fish.output.amount=1=2"};
    temporary t = temporary_new();
    (void)state;
    pf_tree *tree = loaded(&t, model, settings, sizeof settings / sizeof *settings);
    assert_nothing_said(&t);
    assert_string_equal(text_at(tree, "accounting.gwp"), "ar4");
    assert_string_equal(text_at(tree, "parameters.grid_factor"), "0.8 t CO2/MWh");
    assert_string_equal(text_at(tree, "parks.demo.processes.reuse.limit"), "5 m3/day");
    assert_string_equal(text_at(tree, "parks.demo.sites.brewery.processes.boiler.efficiency"), "0.9");
    assert_string_equal(text_at(tree, "parks.demo.sites.brewery.processes.boiler.limit"), "3 GJ/h");
    assert_string_equal(text_at(tree, "parks.demo.processes.fish.output.amount"), "1=2");
    temporary_free(&t);
}

static void a_later_setting_of_the_same_path_wins(void **state)
{
    static const char *const settings[] = {"demo.reuse.limit=5 m3/day", "demo.reuse.limit=6 m3/day"};
    temporary t = temporary_new();
    (void)state;
    assert_string_equal(text_at(loaded(&t, model, settings, 2), "parks.demo.processes.reuse.limit"), "6 m3/day");
    temporary_free(&t);
}

static void settings_that_name_nothing_or_are_none_are_refused(void **state)
{
    static const char *const settings[] = {"demo.boilr.efficiency=1", "dmo.reuse.limit=1", "demo.reuse.limit", "=3",
                                           "demo=1"};
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        temporary t = temporary_new();
        loaded(&t, model, &settings[i], 1);
        if (pf_error_count(t.diagnostics) != 1) fail_msg("%s: %zu errors", settings[i], pf_error_count(t.diagnostics));
        assert_said(&t, pf_format(t.arena, "--set %s", settings[i]));
        temporary_free(&t);
    }
}

static void a_path_is_relative_to_the_file_that_it_stands_in(void **state)
{
    temporary t = temporary_new();
    (void)state;
    assert_string_equal(pf_path_beside(t.arena, (pf_mark){"a/b/m.yaml", 1, 1}, "../c.csv"), "a/b/../c.csv");
    assert_string_equal(pf_path_beside(t.arena, (pf_mark){"m.yaml", 1, 1}, "c.csv"), "c.csv");
    assert_string_equal(pf_path_beside(t.arena, (pf_mark){"a/m.yaml", 1, 1}, "/c.csv"), "/c.csv");
    temporary_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lists_and_texts_are_read_with_their_places),
        cmocka_unit_test(the_place_of_a_quoted_text_is_behind_its_quote),
        cmocka_unit_test(asking_for_what_is_not_there_gives_nothing),
        cmocka_unit_test(what_the_language_leaves_out_of_yaml_is_refused),
        cmocka_unit_test(broken_yaml_is_refused_where_it_breaks),
        cmocka_unit_test(trees_deeper_than_64_levels_are_refused_and_64_are_read),
        cmocka_unit_test(a_missing_file_is_refused_by_name),
        cmocka_unit_test(a_tree_written_and_read_again_is_the_same),
        cmocka_unit_test(titles_are_plain_or_by_language),
        cmocka_unit_test(maps_merge_by_key_and_lists_and_texts_are_replaced),
        cmocka_unit_test(merged_keys_keep_the_order_of_the_base_and_new_ones_follow),
        cmocka_unit_test(a_text_over_a_map_is_an_error_at_the_text),
        cmocka_unit_test(a_map_over_a_list_is_an_error),
        cmocka_unit_test(a_map_over_a_text_is_an_error),
        cmocka_unit_test(a_map_of_many_entries_finds_each_also_after_some_are_taken_out),
        cmocka_unit_test(used_files_are_laid_down_in_order_and_the_own_file_last),
        cmocka_unit_test(a_file_used_twice_is_read_once),
        cmocka_unit_test(a_file_that_uses_itself_is_refused),
        cmocka_unit_test(a_used_file_that_is_not_there_is_named_with_the_line_that_uses_it),
        cmocka_unit_test(a_table_makes_an_entry_of_each_row_by_paths_with_units),
        cmocka_unit_test(a_dash_leaves_the_row_without_that_entry),
        cmocka_unit_test(rows_do_not_share_what_all_of_them_are_given),
        cmocka_unit_test(a_cell_of_a_table_has_its_own_place),
        cmocka_unit_test(wrong_tables_are_refused_at_their_cells),
        cmocka_unit_test(settings_reach_paths_from_the_top_and_processes_of_parks_and_sites),
        cmocka_unit_test(a_later_setting_of_the_same_path_wins),
        cmocka_unit_test(settings_that_name_nothing_or_are_none_are_refused),
        cmocka_unit_test(a_path_is_relative_to_the_file_that_it_stands_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
