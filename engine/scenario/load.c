/* Reading a model's files: each once, in the order of `use:`, the user's own last; then tables become entries. */
#include "scenario/load.h"

#include "scenario/csv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_arena *arena;
    pf_files *files;
    pf_diagnostics *diagnostics;
    pf_map state;    /* canonical path: "open" while its uses are read, then "done" */
    bool incomplete; /* a file is missing from the tree, so that nothing can be said of the rest */
} loader;

static char opened[] = "open", finished[] = "done";

static const char *canonical(pf_arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *name = real ? pf_copy_text(arena, real, strlen(real)) : path;
    free(real);
    return name;
}

static pf_tree *load_file(loader *l, const char *name, pf_mark from);

static void fail_whole(loader *l, pf_mark at, const char *message)
{
    pf_error(l->diagnostics, at, "%s", message);
    l->incomplete = true;
}

/* A copy of the top of a file without one of its keys. */
static pf_tree *without(loader *l, const pf_tree *file, const char *key)
{
    pf_tree *rest = pf_tree_new(l->arena, file->mark, PF_MAPPING);
    for (size_t i = 0; i < file->entries.count; i++) {
        const pf_entry *entry = &file->entries.items[i];
        if (strcmp(entry->key, key) != 0) pf_tree_add(l->arena, rest, entry->key, entry->mark, entry->value);
    }
    return rest;
}

static pf_tree *load_uses(loader *l, const pf_tree *file)
{
    const pf_tree *uses = pf_tree_get(file, "use");
    pf_tree *merged = NULL;
    if (!uses) return NULL;
    if (uses->kind != PF_SEQUENCE) {
        fail_whole(l, uses->mark,
                   pf_format(l->arena, "found %s under 'use', expected a list of files", pf_tree_kind_name(uses)));
        return NULL;
    }
    for (size_t i = 0; i < uses->entries.count; i++) {
        const pf_tree *name = uses->entries.items[i].value;
        if (name->kind != PF_TEXT) {
            fail_whole(
                l, name->mark,
                pf_format(l->arena, "found %s under 'use', expected the name of a file", pf_tree_kind_name(name)));
            continue;
        }
        pf_tree *used = load_file(l, pf_name_used(l->files, name->mark, name->text), name->mark);
        /* the title of a library is its own; that of a model is also that of a file laid over it */
        if (used && !pf_tree_get(used, "parks")) used = without(l, used, "title");
        if (used) merged = merged ? pf_tree_merge(l->arena, merged, used, l->diagnostics) : used;
    }
    return merged;
}

static void check_version(loader *l, const pf_tree *file)
{
    const pf_tree *version = pf_tree_get(file, "parkflow");
    if (!version || (version->kind == PF_TEXT && !strcmp(version->text, "1"))) return;
    const char *found = version->kind == PF_TEXT ? version->text : pf_tree_kind_name(version);
    fail_whole(l, version->mark, pf_format(l->arena, "found version '%s' of the language, expected 1", found));
}

static pf_tree *load_file(loader *l, const char *name, pf_mark from)
{
    const char *path = pf_path_beside(l->arena, from, name), *real = canonical(l->arena, path);
    void *state = pf_map_get(&l->state, real);
    if (state == opened) {
        fail_whole(l, from, pf_format(l->arena, "'%s' uses itself through this line; a file may not", path));
        return NULL;
    }
    if (state) return NULL;
    pf_map_set(&l->state, l->arena, real, opened);
    pf_tree *file = pf_tree_read(l->files, name, from, l->diagnostics);
    pf_tree *tree = NULL;
    if (!file) l->incomplete = true;
    else {
        check_version(l, file);
        pf_tree *used = load_uses(l, file);
        tree = without(l, file, "use");
        if (used && pf_tree_get(file, "title")) used = without(l, used, "title");
        if (used) tree = pf_tree_merge(l->arena, used, tree, l->diagnostics);
    }
    pf_map_set(&l->state, l->arena, real, finished);
    return tree;
}

/* Puts `value` at a dotted path below `tree`; a segment that is a number counts in a list. */
static void put_at(pf_arena *arena, pf_tree *tree, const char *path, pf_mark mark, pf_tree *value)
{
    size_t length = strcspn(path, ".");
    const char *name = pf_copy_text(arena, path, length), *rest = path + length;
    bool last = !*rest;
    bool list_below = !last && isdigit((unsigned char)rest[1]);
    pf_tree **slot = NULL;
    if (tree->kind == PF_SEQUENCE) {
        size_t index = strtoul(name, NULL, 10);
        while (tree->entries.count <= index && index < 100)
            pf_tree_add(arena, tree, NULL, mark, pf_tree_new(arena, mark, PF_MAPPING));
        if (index < 100) slot = &tree->entries.items[index].value;
    } else {
        pf_entry *entry = pf_tree_entry(tree, name);
        if (!entry) {
            pf_tree_add(arena, tree, name, mark, pf_tree_new(arena, mark, list_below ? PF_SEQUENCE : PF_MAPPING));
            entry = pf_tree_entry(tree, name);
        }
        slot = &entry->value;
    }
    if (!slot) return;
    if (last) {
        *slot = value;
        /* what gets a shared part of its own no longer has the name of the old one */
        if (!strcmp(name, "shared")) pf_tree_remove(arena, tree, "as");
    } else {
        if ((*slot)->kind == PF_TEXT) *slot = pf_tree_new(arena, mark, PF_MAPPING);
        put_at(arena, *slot, rest + 1, mark, value);
    }
}

static pf_tree *deep_copy(pf_arena *arena, const pf_tree *tree)
{
    pf_tree *copy = pf_tree_new(arena, tree->mark, tree->kind);
    copy->text = tree->text;
    copy->quoted = tree->quoted;
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        pf_tree_add(arena, copy, entry->key, entry->mark, deep_copy(arena, entry->value));
    }
    return copy;
}

static void add_cell(loader *l, pf_tree *row, const pf_cell *header, const pf_cell *cell)
{
    const char *name, *unit;
    pf_header_split(l->arena, header->text, &name, &unit);
    if (!*cell->text) {
        pf_error(l->diagnostics, cell->mark,
                 "the cell of column '%s' is empty; expected a value, or '-' where the row has none", name);
        return;
    }
    if (!strcmp(cell->text, "-")) return;
    const char *text = unit ? pf_format(l->arena, "%s %s", cell->text, unit) : cell->text;
    put_at(l->arena, row, name, cell->mark, pf_tree_text(l->arena, cell->mark, text));
}

static void expand_table(loader *l, const pf_entry *entry, pf_tree *into)
{
    const pf_tree *file = pf_tree_get(entry->value, "table");
    pf_csv table;
    if (file->kind != PF_TEXT) {
        pf_error(l->diagnostics, file->mark, "found %s under 'table', expected the name of a file",
                 pf_tree_kind_name(file));
        return;
    }
    if (pf_csv_read(l->files, file->text, file->mark, &table, l->diagnostics)) return;
    if (strcmp(table.header[0].text, "id") != 0) {
        pf_error(l->diagnostics, table.header[0].mark, "found the first column '%s', expected 'id'",
                 table.header[0].text);
        return;
    }
    const pf_tree *common = without(l, entry->value, "table");
    for (size_t r = 0; r < table.rows; r++) {
        const pf_cell *cells = table.cells + r * table.columns;
        pf_tree *row = deep_copy(l->arena, common);
        row->mark = cells[0].mark;
        for (size_t c = 1; c < table.columns; c++) add_cell(l, row, &table.header[c], &cells[c]);
        if (pf_tree_entry(into, cells[0].text))
            pf_error(l->diagnostics, cells[0].mark, "the name '%s' is already taken", cells[0].text);
        else pf_tree_add(l->arena, into, cells[0].text, cells[0].mark, row);
    }
}

static bool is_table(const pf_tree *tree)
{
    return tree->kind == PF_MAPPING && pf_tree_get(tree, "table");
}

/* An entry behind a table is laid over the row of its name, as a file is over one that it uses. */
static void lay_over_row(loader *l, pf_tree *expanded, const pf_entry *entry)
{
    pf_entry *row = pf_tree_entry(expanded, entry->key);
    if (row) row->value = pf_tree_merge(l->arena, row->value, entry->value, l->diagnostics);
    else pf_tree_add(l->arena, expanded, entry->key, entry->mark, entry->value);
}

static void expand_tables(loader *l, pf_tree *tree)
{
    bool any = false;
    for (size_t i = 0; i < tree->entries.count; i++) any |= is_table(tree->entries.items[i].value);
    if (any && tree->kind == PF_MAPPING) {
        pf_tree *expanded = pf_tree_new(l->arena, tree->mark, PF_MAPPING);
        for (size_t i = 0; i < tree->entries.count; i++) {
            const pf_entry *entry = &tree->entries.items[i];
            if (is_table(entry->value)) expand_table(l, entry, expanded);
            else lay_over_row(l, expanded, entry);
        }
        *tree = *expanded;
    }
    for (size_t i = 0; i < tree->entries.count; i++) expand_tables(l, tree->entries.items[i].value);
}

/* A canonical path while the tree is walked along it. */
typedef struct place {
    const struct place *above; /* NULL at the top */
    const char *segment;
} place;

static const char *path_text(pf_arena *arena, const place *at)
{
    return at->above ? pf_dotted(arena, path_text(arena, at->above), at->segment) : at->segment;
}

/* The segment of a canonical path that stands for an entry: its key, in a list the target of an effect. */
static const char *segment_of(loader *l, const pf_tree *tree, size_t row)
{
    static const char *const verbs[] = {"set", "scale", "cut", "add"};
    const pf_entry *entry = &tree->entries.items[row];
    if (entry->key) return entry->key;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const char *target = pf_tree_get_text(entry->value, verbs[i]);
        if (target) return target;
    }
    return pf_format(l->arena, "%zu", row);
}

/* The shared part of {shared: A, own: B} is one draw for all that hold the same text, also where tables and templates
 * copy it (`copied`, where a column may bring `own`): it is named before they do, by its path. */
static void name_shared(loader *l, pf_tree *tree, const place *at, bool copied)
{
    copied |= is_table(tree);
    const pf_tree *shared = pf_tree_get(tree, "shared");
    bool is_part = shared && pf_tree_is_value(shared) && (copied || pf_tree_get(tree, "own"));
    if (is_part && !pf_tree_get(tree, "as"))
        pf_tree_add(l->arena, tree, "as", tree->mark, pf_tree_text(l->arena, tree->mark, path_text(l->arena, at)));
    for (size_t i = 0; i < tree->entries.count; i++)
        if (tree->entries.items[i].value->kind != PF_TEXT)
            name_shared(l, tree->entries.items[i].value, &(place){at, segment_of(l, tree, i)}, copied);
}

/* Of a park or a site: its processes are called PARK.SITE.PROCESS. */
static void name_shared_in_scope(loader *l, const pf_tree *scope, const place *at)
{
    for (size_t i = 0; i < scope->entries.count; i++) {
        const pf_entry *entry = &scope->entries.items[i];
        bool processes = entry->key && !strcmp(entry->key, "processes"),
             sites = entry->key && !strcmp(entry->key, "sites");
        for (size_t k = 0; sites && k < entry->value->entries.count; k++) {
            const pf_entry *site = &entry->value->entries.items[k];
            const place below = {at, segment_of(l, entry->value, k)};
            if (is_table(site->value)) name_shared(l, site->value, &below, true);
            else name_shared_in_scope(l, site->value, &below);
        }
        const place below = {at, segment_of(l, scope, i)};
        if (!sites) name_shared(l, entry->value, processes ? at : &below, false);
    }
}

static void name_all_shared(loader *l, const pf_tree *tree)
{
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        bool parks = !strcmp(entry->key, "parks"), processes = !strcmp(entry->key, "processes");
        for (size_t k = 0; parks && k < entry->value->entries.count; k++)
            name_shared_in_scope(l, entry->value->entries.items[k].value,
                                 &(place){.segment = segment_of(l, entry->value, k)});
        if (!parks)
            name_shared(l, entry->value, &(place){.segment = processes ? "shared" : entry->key},
                        !strcmp(entry->key, "templates"));
    }
}

/* An entry with `template: NAME` is that template with the entry laid over it. `depth` guards against a template that
 * uses itself. */
static pf_tree *fill_template(loader *l, const pf_tree *templates, pf_tree *tree, int depth)
{
    const pf_tree *name = pf_tree_get(tree, "template");
    if (!name) return tree;
    const pf_tree *template = name->kind == PF_TEXT ? pf_tree_get(templates, name->text) : NULL;
    if (!template || depth > 16) {
        pf_nearest near = pf_nearest_to(name->kind == PF_TEXT ? name->text : "");
        for (size_t i = 0; templates && i < templates->entries.count; i++)
            pf_nearest_offer(&near, templates->entries.items[i].key);
        if (template) pf_error(l->diagnostics, name->mark, "the template '%s' uses itself", name->text);
        else
            pf_error(l->diagnostics, name->mark, "no template is called '%s'%s",
                     name->kind == PF_TEXT ? name->text : "?", pf_nearest_hint(&near, l->arena));
        l->incomplete = true; /* what it would have held is not there to be judged */
        return without(l, tree, "template");
    }
    pf_tree *base = fill_template(l, templates, deep_copy(l->arena, template), depth + 1);
    return pf_tree_merge(l->arena, base, without(l, tree, "template"), l->diagnostics);
}

static void fill_templates(loader *l, const pf_tree *templates, pf_tree *tree)
{
    for (size_t i = 0; i < tree->entries.count; i++) {
        pf_entry *entry = &tree->entries.items[i];
        if (entry->value == templates) continue;
        if (entry->value->kind == PF_MAPPING) entry->value = fill_template(l, templates, entry->value, 0);
        fill_templates(l, templates, entry->value);
    }
}

/* The map of a park's process (in the park or in one of its sites) and the rest of the path; NULL if it names none. */
static pf_tree *find_process(const pf_tree *park, const char *path, pf_arena *arena, const char **rest)
{
    size_t length = strcspn(path, ".");
    const char *name = pf_copy_text(arena, path, length);
    *rest = path[length] ? path + length + 1 : NULL;
    if (!*rest) return NULL;
    pf_tree *process = pf_tree_get(pf_tree_get(park, "processes"), name);
    const pf_tree *sites = pf_tree_get(park, "sites");
    const pf_tree *site = pf_tree_get(sites, name);
    if (!process && site) return find_process(site, *rest, arena, rest);
    for (size_t i = 0; !process && sites && i < sites->entries.count; i++)
        process = pf_tree_get(pf_tree_get(sites->entries.items[i].value, "processes"), name);
    return process;
}

static void offer_keys(pf_nearest *near, const pf_tree *map)
{
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++)
        pf_nearest_offer(near, map->entries.items[i].key);
}

/* What may stand behind a park in a path: its processes and sites, and their processes. */
static const pf_tree *step_into_park(const pf_tree *park, const char *name, pf_nearest *near)
{
    const pf_tree *processes = pf_tree_get(park, "processes"), *sites = pf_tree_get(park, "sites");
    const pf_tree *found = pf_tree_get(processes, name);
    offer_keys(near, processes);
    offer_keys(near, sites);
    if (!found) found = pf_tree_get(sites, name);
    for (size_t i = 0; sites && sites->kind == PF_MAPPING && i < sites->entries.count; i++) {
        const pf_tree *inside = pf_tree_get(sites->entries.items[i].value, "processes");
        offer_keys(near, inside);
        if (!found) found = pf_tree_get(inside, name);
    }
    return found;
}

/* A path that leads nowhere: goes along it to the first name that is not there, and offers the nearest that is. */
static void unknown_setting(loader *l, const pf_tree *tree, const char *path, pf_mark mark)
{
    const pf_tree *parks = pf_tree_get(tree, "parks"), *at = tree;
    const char *hint = "", *before = "";
    for (const char *rest = path; at && *rest;) {
        size_t length = strcspn(rest, ".");
        const char *name = pf_copy_text(l->arena, rest, length);
        pf_nearest near = pf_nearest_to(name);
        const pf_tree *next = at == tree || at->kind != PF_MAPPING ? NULL : pf_tree_get(at, name);
        if (at == tree) {
            offer_keys(&near, parks);
            offer_keys(&near, tree);
            next = pf_tree_get(parks, name) ? pf_tree_get(parks, name) : pf_tree_get(tree, name);
        } else if (pf_tree_get(at, "processes") || pf_tree_get(at, "sites")) next = step_into_park(at, name, &near);
        else offer_keys(&near, at);
        if (!next && near.best) hint = pf_format(l->arena, ", did you mean '%s%s'?", before, near.best);
        before = pf_format(l->arena, "%s%s.", before, name);
        rest += length + (rest[length] == '.');
        at = next;
    }
    pf_error(l->diagnostics, mark,
             "'%s' names nothing in the model%s; expected PARK.PROCESS.parameter or a path from the top", path, hint);
}

static void apply_setting(loader *l, pf_tree *tree, const char *setting)
{
    pf_mark mark = {pf_format(l->arena, "--set %s", setting), 0, 0};
    const char *equals = strchr(setting, '=');
    bool complete = equals && equals != setting && equals[1],
         readable = pf_wrong_byte(setting, strlen(setting)) == strlen(setting);
    if (!complete || !readable) {
        pf_error(l->diagnostics, mark, readable ? "expected PATH=VALUE" : "expected PATH=VALUE in UTF-8");
        return;
    }
    const char *path = pf_copy_text(l->arena, setting, (size_t)(equals - setting));
    pf_tree *value = pf_tree_text(l->arena, mark, equals + 1);
    const char *first = pf_copy_text(l->arena, path, strcspn(path, ".")), *rest = NULL;
    const pf_tree *park = !strcmp(first, "shared") ? tree : pf_tree_get(pf_tree_get(tree, "parks"), first);
    const char *last = strrchr(path, '.');
    const pf_tree *above = last ? pf_tree_at(tree, pf_copy_text(l->arena, path, (size_t)(last - path))) : NULL;
    /* new names do not come by settings, new keys of what has a name may */
    bool choices = !strcmp(first, "accounting") || !strcmp(first, "time"),
         keys = choices || (above && above != pf_tree_get(tree, first));
    if (pf_tree_get(tree, first) && (pf_tree_at(tree, path) || keys)) put_at(l->arena, tree, path, mark, value);
    else {
        pf_tree *process =
            park && path[strlen(first)] ? find_process(park, path + strlen(first) + 1, l->arena, &rest) : NULL;
        if (process) put_at(l->arena, process, rest, mark, value);
        else unknown_setting(l, tree, path, mark);
    }
}

pf_tree *pf_load(pf_files *files, const char *path, const char *const *settings, size_t setting_count,
                 pf_diagnostics *diagnostics)
{
    loader l = {.arena = files->arena, .files = files, .diagnostics = diagnostics};
    pf_tree *tree = load_file(&l, path, (pf_mark){path, 0, 0});
    if (!tree || l.incomplete) return NULL;
    name_all_shared(&l, tree);
    expand_tables(&l, tree);
    fill_templates(&l, pf_tree_get(tree, "templates"), tree);
    for (size_t i = 0; i < setting_count; i++) apply_setting(&l, tree, settings[i]);
    name_all_shared(&l, tree); /* what columns and settings have made */
    return l.incomplete ? NULL : tree;
}
