/* YAML to tree by libyaml's event parser, whose marks give line and column; and back by its emitter. */
#include "scenario/tree.h"

#include "base/distributions.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEEPEST = 64, MANY_ENTRIES = 16 };

typedef struct {
    yaml_parser_t parser;
    pf_arena *arena;
    const pf_file *file;
    pf_diagnostics *diagnostics;
    yaml_mark_t document; /* where the present one begins */
    bool failed;
} reader;

pf_tree *pf_tree_new(pf_arena *arena, pf_mark mark, pf_tree_kind kind)
{
    pf_tree *tree = PF_NEW(arena, pf_tree);
    tree->kind = kind;
    tree->mark = mark;
    return tree;
}

pf_tree *pf_tree_text(pf_arena *arena, pf_mark mark, const char *text)
{
    pf_tree *tree = pf_tree_new(arena, mark, PF_TEXT);
    tree->text = text;
    return tree;
}

/* Of a key that stands twice, which is an error, the first row counts. */
static void note_row(pf_arena *arena, pf_tree *tree, size_t row)
{
    const char *key = tree->entries.items[row].key;
    if (!pf_map_get(tree->rows, key)) pf_map_set(tree->rows, arena, key, (void *)(row + 1));
}

static void note_rows(pf_arena *arena, pf_tree *tree)
{
    tree->rows = PF_NEW(arena, pf_map);
    for (size_t i = 0; i < tree->entries.count; i++) note_row(arena, tree, i);
}

void pf_tree_add(pf_arena *arena, pf_tree *tree, const char *key, pf_mark mark, pf_tree *value)
{
    *PF_PUSH(arena, tree->entries) = (pf_entry){key, mark, value};
    if (tree->rows) note_row(arena, tree, tree->entries.count - 1);
    else if (tree->kind == PF_MAPPING && tree->entries.count == MANY_ENTRIES) note_rows(arena, tree);
}

void pf_tree_remove(pf_arena *arena, pf_tree *tree, const char *key)
{
    pf_entry *entry = pf_tree_entry(tree, key);
    if (!entry) return;
    size_t behind = tree->entries.count - (size_t)(entry - tree->entries.items) - 1;
    memmove(entry, entry + 1, behind * sizeof *entry);
    tree->entries.count--;
    if (tree->rows) note_rows(arena, tree);
}

static pf_mark mark_of(const reader *r, yaml_mark_t mark)
{
    return (pf_mark){r->file->path, (int)mark.line + 1, (int)mark.column + 1};
}

/* A problem with bytes has only an offset; the place is found by counting. */
static yaml_mark_t mark_at_offset(const pf_file *file, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < file->size; i++) {
        if (file->text[i] == '\n') mark = (yaml_mark_t){.line = mark.line + 1};
        else mark.column += !pf_is_later_byte(file->text[i]);
    }
    return mark;
}

static bool is_tab(const pf_file *file, yaml_mark_t wanted)
{
    const char *at = file->text;
    for (size_t line = 0; line < wanted.line && at; line++) {
        at = strchr(at, '\n');
        if (at) at++;
    }
    for (size_t column = 0; at && *at && *at != '\n' && column < wanted.column; column++) do
            at++;
        while (pf_is_later_byte(*at));
    return at && *at == '\t';
}

static void report_problem(const reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "unknown problem", *context = p->context;
    pf_mark at = mark_of(r, p->problem_mark);
    if (p->error == YAML_READER_ERROR) at = mark_of(r, mark_at_offset(r->file, p->problem_offset));
    /* the character begins before its wrong byte */
    if (p->error == YAML_READER_ERROR && strstr(problem, "trailing")) at.column--;
    if (p->error == YAML_READER_ERROR && strstr(problem, "UTF-8"))
        pf_error(r->diagnostics, at, "not readable as YAML: this is no UTF-8; save the file in that encoding");
    else if (p->error == YAML_SCANNER_ERROR && is_tab(r->file, p->problem_mark))
        pf_error(r->diagnostics, at, "not readable as YAML: found a tab, expected blanks");
    else
        pf_error(r->diagnostics, at, "not readable as YAML: %s%s%s", problem, context ? ", " : "",
                 context ? context : "");
}

static bool next_event(reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event)) return true;
    report_problem(r);
    r->failed = true;
    return false;
}

static pf_tree *fail_at(reader *r, yaml_mark_t mark, const char *message)
{
    pf_error(r->diagnostics, mark_of(r, mark), "%s", message);
    r->failed = true;
    return NULL;
}

static pf_tree *read_value(reader *r, yaml_event_t *event, int depth);

static pf_tree *read_sequence(reader *r, pf_mark mark, int depth)
{
    pf_tree *tree = pf_tree_new(r->arena, mark, PF_SEQUENCE);
    yaml_event_t event;
    while (next_event(r, &event)) {
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        pf_tree *value = end ? NULL : read_value(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (end) return tree;
        if (!value) return NULL;
        pf_tree_add(r->arena, tree, NULL, value->mark, value);
    }
    return NULL;
}

static pf_tree *read_mapping(reader *r, pf_mark mark, int depth)
{
    pf_tree *tree = pf_tree_new(r->arena, mark, PF_MAPPING);
    yaml_event_t event;
    while (next_event(r, &event)) {
        bool end = event.type == YAML_MAPPING_END_EVENT;
        pf_tree *key = end ? NULL : read_value(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (end) return tree;
        if (!key) return NULL;
        if (key->kind != PF_TEXT) {
            pf_error(r->diagnostics, key->mark, "found %s as a key, expected a name", pf_tree_kind_name(key));
            r->failed = true;
            return NULL;
        }
        pf_entry *before = pf_tree_entry(tree, key->text);
        if (before)
            pf_error(r->diagnostics, key->mark, "the key '%s' stands twice in this map, first in line %d", key->text,
                     before->mark.line);
        if (!next_event(r, &event)) return NULL;
        pf_tree *value = read_value(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (!value) return NULL;
        pf_tree_add(r->arena, tree, key->text, key->mark, value);
    }
    return NULL;
}

static pf_tree *read_text(reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    yaml_scalar_style_t style = event->data.scalar.style;
    if (strlen(text) != event->data.scalar.length) return fail_at(r, event->start_mark, "a text holds a zero byte");
    pf_tree *tree =
        pf_tree_text(r->arena, mark_of(r, event->start_mark), pf_copy_text(r->arena, text, event->data.scalar.length));
    tree->quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return tree;
}

static pf_tree *read_value(reader *r, yaml_event_t *event, int depth)
{
    pf_mark mark = mark_of(r, event->start_mark);
    if (depth > DEEPEST) return fail_at(r, event->start_mark, "maps and lists are nested deeper than 64 levels");
    switch (event->type) {
    case YAML_SCALAR_EVENT: return read_text(r, event);
    case YAML_SEQUENCE_START_EVENT: return read_sequence(r, mark, depth);
    case YAML_MAPPING_START_EVENT: return read_mapping(r, mark, depth);
    case YAML_ALIAS_EVENT:
        return fail_at(r, event->start_mark,
                       "aliases (*name) are not part of the language; name the value under 'parameters:' or share a "
                       "file by 'use:'");
    default: return fail_at(r, event->start_mark, "expected a value");
    }
}

/* The next document of the stream; NULL at its end or after an error. */
static pf_tree *read_document(reader *r)
{
    pf_tree *tree = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event)) return NULL;
        yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT) r->document = event.start_mark;
        if (type == YAML_SCALAR_EVENT || type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT ||
            type == YAML_ALIAS_EVENT)
            tree = read_value(r, &event, 0);
        yaml_event_delete(&event);
        if (r->failed) return NULL;
        if (type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT) return tree;
    }
}

/* Are these texts of tables by name? A table has a header and thus an end of line: what has none is not meant as one.
 */
static bool are_tables(const pf_tree *tree)
{
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_tree *text = tree->entries.items[i].value;
        if (text->kind != PF_TEXT || !strchr(text->text, '\n')) return false;
    }
    return tree->kind == PF_MAPPING;
}

static pf_tree *read_stream(reader *r, pf_files *files)
{
    pf_tree *tree = read_document(r), *tables = tree ? read_document(r) : NULL;
    if (r->failed) return NULL;
    if (!tree || tree->kind != PF_MAPPING) {
        pf_error(r->diagnostics, tree ? tree->mark : (pf_mark){r->file->path, 0, 0},
                 "found %s, expected a map with 'parkflow: 1'", tree ? pf_tree_kind_name(tree) : "nothing");
        return NULL;
    }
    if (tables && !are_tables(tables))
        return fail_at(r, r->document, "a second document begins here; expected one to a file");
    for (size_t i = 0; tables && i < tables->entries.count; i++)
        pf_file_store(files, r->file->path, tables->entries.items[i].key, tables->entries.items[i].value->text);
    if (tables && read_document(r))
        return fail_at(r, r->document, "a third document begins here; expected a model and its tables");
    return r->failed ? NULL : tree;
}

pf_tree *pf_tree_read(pf_files *files, const char *name, pf_mark from, pf_diagnostics *diagnostics)
{
    reader r = {.arena = files->arena, .diagnostics = diagnostics};
    r.file = pf_file_read(files, name, from, diagnostics);
    if (!r.file || !yaml_parser_initialize(&r.parser)) return NULL;
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.file->text, r.file->size);
    pf_tree *tree = read_stream(&r, files);
    yaml_parser_delete(&r.parser);
    return tree;
}

pf_entry *pf_tree_entry(const pf_tree *tree, const char *key)
{
    if (!tree || tree->kind != PF_MAPPING) return NULL;
    if (tree->rows) {
        size_t row = (size_t)pf_map_get(tree->rows, key);
        return row ? &tree->entries.items[row - 1] : NULL;
    }
    for (size_t i = 0; i < tree->entries.count; i++) {
        pf_entry *entry = &tree->entries.items[i];
        if (*entry->key == *key && !strcmp(entry->key, key)) return entry;
    }
    return NULL;
}

pf_tree *pf_tree_get(const pf_tree *tree, const char *key)
{
    pf_entry *entry = pf_tree_entry(tree, key);
    return entry ? entry->value : NULL;
}

const char *pf_tree_get_text(const pf_tree *tree, const char *key)
{
    pf_tree *value = pf_tree_get(tree, key);
    return value && value->kind == PF_TEXT ? value->text : NULL;
}

bool pf_tree_get_flag(const pf_tree *tree, const char *key)
{
    const char *text = pf_tree_get_text(tree, key);
    return text && !strcmp(text, "true");
}

pf_tree *pf_tree_at(const pf_tree *tree, const char *path)
{
    char name[256];
    while (tree && *path) {
        size_t length = strcspn(path, ".");
        if (length >= sizeof name) return NULL;
        memcpy(name, path, length);
        name[length] = 0;
        tree = pf_tree_get(tree, name);
        path += length + (path[length] == '.');
    }
    return (pf_tree *)tree;
}

pf_mark pf_tree_text_mark(const pf_tree *tree)
{
    pf_mark mark = tree->mark;
    if (tree->quoted) mark.column++;
    return mark;
}

const char *pf_tree_kind_name(const pf_tree *tree)
{
    if (tree->kind == PF_TEXT && !*tree->text && !tree->quoted) return "nothing";
    return tree->kind == PF_TEXT ? "a text" : tree->kind == PF_SEQUENCE ? "a list" : "a map";
}

bool pf_tree_is_value(const pf_tree *tree)
{
    static const char *const keys[] = {"value", "by", "shared", "csv", "series", "evidence"};
    if (tree->kind != PF_MAPPING) return tree->kind == PF_TEXT;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (pf_tree_get(tree, keys[i])) return true;
    for (size_t i = 0; i < pf_distribution_count(); i++)
        if (pf_tree_get(tree, pf_distribution_at(i)->name)) return true;
    return false;
}

pf_tree *pf_tree_merge(pf_arena *arena, pf_tree *base, pf_tree *over, pf_diagnostics *diagnostics)
{
    if (!base || !over) return base ? base : over;
    if (pf_tree_is_value(base) && pf_tree_is_value(over)) return over;
    if (base->kind != over->kind) {
        pf_error(
            diagnostics, over->mark, "found %s where %s:%d has %s; a value may only be replaced by one of its kind",
            pf_tree_kind_name(over), base->mark.file ? base->mark.file : "?", base->mark.line, pf_tree_kind_name(base));
        return base;
    }
    if (base->kind != PF_MAPPING) return over;
    base->mark = over->mark;
    for (size_t i = 0; i < over->entries.count; i++) {
        pf_entry by = over->entries.items[i], *entry = pf_tree_entry(base, by.key);
        pf_tree *value = entry ? pf_tree_merge(arena, entry->value, by.value, diagnostics) : by.value;
        if (entry) *entry = (pf_entry){entry->key, by.mark, value};
        else pf_tree_add(arena, base, by.key, by.mark, value);
    }
    return base;
}

bool pf_tree_same(const pf_tree *a, const pf_tree *b)
{
    if (a == b) return true;
    if (a->kind != b->kind || a->entries.count != b->entries.count) return false;
    if (a->kind == PF_TEXT) return !strcmp(a->text, b->text);
    for (size_t i = 0; i < a->entries.count; i++) {
        const pf_entry *x = &a->entries.items[i], *y = &b->entries.items[i];
        if ((x->key && strcmp(x->key, y->key) != 0) || !pf_tree_same(x->value, y->value)) return false;
    }
    return true;
}

/* A text of several lines is written line by line; where that would not give it back, the emitter takes quotes. */
static bool emit_text(yaml_emitter_t *emitter, const char *text)
{
    yaml_event_t event;
    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
                                        strchr(text, '\n') ? YAML_LITERAL_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE) &&
           yaml_emitter_emit(emitter, &event);
}

static bool emit(yaml_emitter_t *emitter, const pf_tree *tree)
{
    yaml_event_t event;
    if (tree->kind == PF_TEXT) return emit_text(emitter, tree->text);
    bool map = tree->kind == PF_MAPPING;
    bool good = map ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
                    : yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_FLOW_SEQUENCE_STYLE);
    good = good && yaml_emitter_emit(emitter, &event);
    for (size_t i = 0; good && i < tree->entries.count; i++) {
        if (map) good = emit_text(emitter, tree->entries.items[i].key);
        good = good && emit(emitter, tree->entries.items[i].value);
    }
    if (good) good = map ? yaml_mapping_end_event_initialize(&event) : yaml_sequence_end_event_initialize(&event);
    return good && yaml_emitter_emit(emitter, &event);
}

static bool emit_document(yaml_emitter_t *emitter, const pf_tree *tree)
{
    yaml_event_t event;
    return yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && yaml_emitter_emit(emitter, &event) &&
           emit(emitter, tree) && yaml_document_end_event_initialize(&event, 1) && yaml_emitter_emit(emitter, &event);
}

const char *pf_tree_stream(pf_arena *arena, const pf_tree *const *trees, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    yaml_emitter_t emitter;
    yaml_event_t event;
    yaml_emitter_initialize(&emitter);
    yaml_emitter_set_output_file(&emitter, out);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, 120);
    bool good = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(&emitter, &event);
    for (size_t i = 0; i < count && good; i++) good = emit_document(&emitter, trees[i]);
    good = good && yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(&emitter, &event);
    yaml_emitter_delete(&emitter);
    fclose(out);
    const char *copy = good ? pf_copy_text(arena, text, size) : "";
    free(text);
    return copy;
}

const char *pf_tree_yaml(pf_arena *arena, const pf_tree *tree)
{
    return pf_tree_stream(arena, &tree, 1);
}

const char *pf_tree_written(pf_arena *arena, const pf_tree *value)
{
    const char *text = value->kind == PF_TEXT ? value->text : pf_tree_get_text(value, "value");
    return text ? text : pf_tree_yaml(arena, value);
}

const char *pf_title(const pf_tree *tree, const char *fallback)
{
    const pf_tree *title = pf_tree_get(tree, "title");
    if (!title) return fallback;
    if (title->kind == PF_TEXT) return title->text;
    const char *english = pf_tree_get_text(title, "en");
    return english ? english : fallback;
}

const char *pf_title_vi(const pf_tree *tree)
{
    return pf_tree_get_text(pf_tree_get(tree, "title"), "vi");
}
