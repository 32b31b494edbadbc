/* From the merged tree and the files it names to one text that stands alone. A table is called by the last part of its
 * name, without folders, so that the text is the same wherever the files lie; two tables of one name get a number. */
#include "scenario/input.h"

#include "base/map.h"
#include "scenario/csv.h"

#include <string.h>

typedef struct {
    pf_arena *arena;
    pf_files *files;
    pf_diagnostics *unheard; /* of tables that cannot be read: where they matter, it is said by who reads them */
    pf_map cited;            /* keys of the evidence that the tree refers to */
    pf_map names;            /* by the path of a table: its name in the text */
    pf_tree *tables;         /* by that name: the text; empty for one that cannot be read */
} writer;

static void cite(writer *w, const pf_tree *tree)
{
    static const char *const keys[] = {"source", "choose", "over"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *key = pf_tree_get_text(tree, keys[i]);
        if (key) pf_map_set(&w->cited, w->arena, key, (void *)key);
    }
    const pf_tree *from = pf_tree_get(tree, "derived_from");
    for (size_t i = 0; from && i < from->entries.count; i++) {
        const char *key = from->entries.items[i].value->text;
        if (key) pf_map_set(&w->cited, w->arena, key, (void *)key);
    }
    for (size_t i = 0; i < tree->entries.count; i++) cite(w, tree->entries.items[i].value);
}

static bool is_cited(const void *self, const char *id)
{
    return pf_map_get(self, id) != NULL;
}

/* The name under which this text is kept: that of the file, or with a number where another table has it. */
static const char *keep(writer *w, const char *file_name, const char *text)
{
    const char *slash = strrchr(file_name, '/'), *base = slash ? slash + 1 : file_name, *dot = strrchr(base, '.');
    int stem = (int)(dot ? dot - base : (long)strlen(base));
    const char *name = base;
    for (int number = 2;; number++) {
        const char *taken = pf_tree_get_text(w->tables, name);
        if (taken && *text && !strcmp(taken, text)) return name;
        if (!taken) break;
        name = pf_format(w->arena, "%.*s-%d%s", stem, base, number, base + stem);
    }
    pf_tree_add(w->arena, w->tables, name, (pf_mark){0}, pf_tree_text(w->arena, (pf_mark){0}, text));
    return name;
}

static const char *stored_name(writer *w, const pf_tree *name, bool evidence)
{
    pf_csv table;
    const pf_file *file = pf_file_read(w->files, name->text, name->mark, w->unheard);
    const char *path = file ? file->path : pf_path_beside(w->arena, name->mark, name->text), *text = "";
    const char *key = pf_format(w->arena, "%s of %s", evidence ? "rows" : "all", path),
               *known = pf_map_get(&w->names, key);
    if (known) return known;
    if (file && !pf_csv_read(w->files, name->text, name->mark, &table, w->unheard))
        text = pf_csv_text(w->arena, &table, evidence ? is_cited : NULL, &w->cited);
    known = keep(w, name->text, text);
    pf_map_set(&w->names, w->arena, key, (void *)known);
    return known;
}

static pf_tree *with_stored_names(writer *w, const pf_tree *tree, bool evidence)
{
    pf_tree *copy = pf_tree_new(w->arena, tree->mark, tree->kind);
    bool series = pf_tree_get_text(tree, "csv") && pf_tree_get(tree, "column");
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        pf_tree *value = entry->value;
        bool names_table = value->kind == PF_TEXT && (evidence || (series && !strcmp(entry->key, "csv")));
        if (names_table) value = pf_tree_text(w->arena, value->mark, stored_name(w, value, evidence));
        else if (value->kind != PF_TEXT) value = with_stored_names(w, value, false);
        pf_tree_add(w->arena, copy, entry->key, entry->mark, value);
    }
    return copy;
}

const char *pf_input_text(pf_files *files, const pf_tree *tree)
{
    writer w = {.arena = files->arena, .files = files, .unheard = pf_diagnostics_new()};
    w.tables = pf_tree_new(w.arena, (pf_mark){0}, PF_MAPPING);
    cite(&w, tree);
    pf_tree *model = pf_tree_new(w.arena, tree->mark, PF_MAPPING), *kept = pf_tree_new(w.arena, tree->mark, PF_MAPPING);
    for (size_t i = 0; i < tree->entries.count; i++) {
        pf_entry entry = tree->entries.items[i];
        if (entry.value->kind != PF_TEXT)
            entry.value = with_stored_names(&w, entry.value, !strcmp(entry.key, "evidence"));
        pf_tree_add(w.arena, model, entry.key, entry.mark, entry.value);
    }
    for (size_t i = 0; i < w.tables->entries.count; i++) {
        const pf_entry *entry = &w.tables->entries.items[i];
        if (*entry->value->text) pf_tree_add(w.arena, kept, entry->key, entry->mark, entry->value);
    }
    const pf_tree *documents[] = {model, kept};
    pf_diagnostics_free(w.unheard);
    return pf_tree_stream(w.arena, documents, kept->entries.count ? 2 : 1);
}
