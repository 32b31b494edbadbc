/* Random trees with random tables, of texts that YAML and CSV find hard: what is stored is read again as it was, and
 * stored again as the same text. */
#include "../unit/temporary.h"

#include "scenario/csv.h"
#include "scenario/input.h"
#include "scenario/load.h"

enum { ROUNDS = 400, MOST = 4 };

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    return *state >> 8;
}

/* Pieces of which texts are made: blanks and ends of lines of all kinds, indicators, quotes, characters of all lengths.
 */
static const char *const pieces[] = {" ",
                                     "  ",
                                     "\n",
                                     "\n\n",
                                     "\r",
                                     "\r\n",
                                     "\t",
                                     "\xc2\x85",
                                     "\xe2\x80\xa8",
                                     "\xe2\x80\xa9",
                                     "\xef\xbb\xbf",
                                     "\x01",
                                     "\x7f",
                                     "-",
                                     "- ",
                                     ": ",
                                     ":",
                                     " #",
                                     "#",
                                     "?",
                                     "&a",
                                     "*a",
                                     "!",
                                     "%",
                                     "@",
                                     "`",
                                     "\"",
                                     "'",
                                     ",",
                                     "[",
                                     "{",
                                     "}",
                                     "]",
                                     "|",
                                     ">",
                                     "~",
                                     "null",
                                     "---",
                                     "...",
                                     "x",
                                     "12",
                                     "a",
                                     "nước",
                                     "🧪",
                                     "\\",
                                     "\\n"};

static const char *random_text(pf_arena *arena, uint32_t *state, bool csv)
{
    const char *text = "";
    for (uint32_t i = next(state) % 6; i; i--) {
        const char *piece = pieces[next(state) % (sizeof pieces / sizeof *pieces)];
        if (csv && strchr("\x01\x7f\xef", *piece)) piece = "x"; /* a mark of byte order begins a file only */
        text = pf_format(arena, "%s%s", text, piece);
    }
    return text;
}

static pf_tree *random_tree(pf_arena *arena, uint32_t *state, int depth)
{
    pf_mark nowhere = {0};
    uint32_t kind = depth ? next(state) % 4 : 2;
    if (kind < 2) return pf_tree_text(arena, nowhere, random_text(arena, state, false));
    pf_tree *tree = pf_tree_new(arena, nowhere, kind == 2 ? PF_MAPPING : PF_SEQUENCE);
    for (uint32_t i = next(state) % MOST; depth < 6 && i; i--) {
        const char *key = kind == 2 ? pf_format(arena, "%s%u", random_text(arena, state, false), i) : NULL;
        pf_tree_add(arena, tree, key, nowhere, random_tree(arena, state, depth + 1));
    }
    return tree;
}

/* A cell as the reader gives it: without the blanks around it where it stood in no quotes. */
static void write_random_table(temporary *t, const char *name, uint32_t *state)
{
    uint32_t columns = 1 + next(state) % 3, rows = next(state) % 4;
    const char *text = "";
    for (uint32_t c = 0; c < columns; c++) text = pf_format(t->arena, "%s%sh%u", text, c ? "," : "", c);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++) {
            text = pf_format(t->arena, "%s%s\"", text, c ? "," : "\r\n");
            for (const char *at = random_text(t->arena, state, true); *at; at++)
                text = pf_format(t->arena, *at == '"' ? "%s%c\"" : "%s%c", text, *at);
            text = pf_format(t->arena, "%s\"", text);
        }
    temporary_file(t, name, pf_format(t->arena, "%s\n", text));
}

static void assert_same_table(pf_csv a, pf_csv b)
{
    assert_int_equal(a.columns, b.columns);
    assert_int_equal(a.rows, b.rows);
    for (size_t i = 0; i < (a.rows + 1) * a.columns; i++) assert_string_equal(a.header[i].text, b.header[i].text);
}

static void what_is_stored_is_read_again_as_it_was(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        temporary t = temporary_new();
        uint32_t state = round;
        pf_csv before, after;
        const char *path = pf_format(t.arena, "%s/t.csv", t.folder);
        pf_tree *tree = random_tree(t.arena, &state, 0), *series = pf_tree_new(t.arena, (pf_mark){0}, PF_MAPPING);
        write_random_table(&t, "t.csv", &state);
        pf_tree_add(t.arena, series, "csv", (pf_mark){0}, pf_tree_text(t.arena, (pf_mark){0}, path));
        pf_tree_add(t.arena, series, "column", (pf_mark){0}, pf_tree_text(t.arena, (pf_mark){0}, "x"));
        pf_tree_add(t.arena, tree, "table", (pf_mark){0}, series);
        pf_files *files = pf_files_new(t.arena), *again = pf_files_new(t.arena);
        const char *text = pf_input_text(files, tree);
        pf_file_put(again, "r.h5:input", text);
        const pf_tree *read = pf_tree_read(again, "r.h5:input", (pf_mark){0}, t.diagnostics);
        assert_nothing_said(&t);
        assert_string_equal(pf_input_text(again, read), text);
        ((pf_tree *)pf_tree_at(read, "table.csv"))->text = path; /* all else is alike */
        assert_true(pf_tree_same(tree, read));
        pf_csv_read(files, path, (pf_mark){0}, &before, t.diagnostics);
        pf_csv_read(again, "t.csv", (pf_mark){"r.h5:input", 1, 1}, &after, t.diagnostics);
        assert_nothing_said(&t);
        assert_same_table(before, after);
        temporary_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_stored_is_read_again_as_it_was)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
