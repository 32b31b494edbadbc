/* YAML to tree by libyaml's event parser, whose marks give line and column; and back by its emitter. */
#include "scenario/tree.h"

#include "base/distributions.h"

#include "scenario/file.h"

#include <string.h>
#include <yaml.h>

enum { DEEPEST = 64 };

typedef struct {
    yaml_parser_t parser;
    pf_arena *arena;
    const char *path;
    FILE *file;
    pf_diagnostics *diagnostics;
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

void pf_tree_add(pf_arena *arena, pf_tree *tree, const char *key, pf_mark mark, pf_tree *value)
{
    *PF_PUSH(arena, tree->entries) = (pf_entry){key, mark, value};
}

static pf_mark mark_of(const reader *r, yaml_mark_t mark)
{
    return (pf_mark){r->path, (int)mark.line + 1, (int)mark.column + 1};
}

/* Reads a byte of the file again; `mark` goes to where the next character stands. */
static int next_byte(FILE *file, yaml_mark_t *mark)
{
    int byte = fgetc(file);
    if (byte == '\n') *mark = (yaml_mark_t){.line = mark->line + 1};
    else mark->column += !pf_is_later_byte((char)byte);
    return byte;
}

/* A problem with bytes has only an offset; the place is found by reading again. */
static yaml_mark_t mark_at_offset(FILE *file, size_t offset)
{
    yaml_mark_t mark = {0};
    rewind(file);
    for (size_t i = 0; i < offset && next_byte(file, &mark) != EOF; i++) continue;
    return mark;
}

static bool is_tab(FILE *file, yaml_mark_t wanted)
{
    yaml_mark_t mark = {0};
    rewind(file);
    while (mark.line < wanted.line || (mark.line == wanted.line && mark.column < wanted.column))
        if (next_byte(file, &mark) == EOF) return false;
    return fgetc(file) == '\t';
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

static pf_tree *read_document(reader *r)
{
    pf_tree *tree = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event)) return NULL;
        yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && tree)
            fail_at(r, event.start_mark, "a second document begins here; expected one to a file");
        if (type == YAML_SCALAR_EVENT || type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT ||
            type == YAML_ALIAS_EVENT)
            tree = read_value(r, &event, 0);
        yaml_event_delete(&event);
        if (r->failed) return NULL;
        if (type == YAML_STREAM_END_EVENT) return tree;
    }
}

pf_tree *pf_tree_read(pf_arena *arena, const char *path, pf_mark from, pf_diagnostics *diagnostics)
{
    pf_mark whole = {path, 0, 0};
    size_t size;
    pf_tree *tree = NULL;
    reader r = {
        .arena = arena, .path = path, .file = pf_file_open(path, from, &size, diagnostics), .diagnostics = diagnostics};
    if (!r.file || !yaml_parser_initialize(&r.parser)) goto done;
    yaml_parser_set_input_file(&r.parser, r.file);
    tree = read_document(&r);
    yaml_parser_delete(&r.parser);
    if (!r.failed && (!tree || tree->kind != PF_MAPPING)) {
        pf_error(diagnostics, tree ? tree->mark : whole, "found %s, expected a map with 'parkflow: 1'",
                 tree ? pf_tree_kind_name(tree) : "nothing");
        tree = NULL;
    }
done:
    if (r.file) fclose(r.file);
    return tree;
}

pf_entry *pf_tree_entry(const pf_tree *tree, const char *key)
{
    if (!tree || tree->kind != PF_MAPPING) return NULL;
    for (size_t i = 0; i < tree->entries.count; i++)
        if (!strcmp(tree->entries.items[i].key, key)) return &tree->entries.items[i];
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

/* A text, or a map that is one value: {value: ...}, {csv: ...}, {lognormal: ...}. */
static bool is_value(const pf_tree *tree)
{
    static const char *const keys[] = {"value", "by", "shared", "csv", "series"};
    if (tree->kind != PF_MAPPING) return tree->kind == PF_TEXT;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (pf_tree_get(tree, keys[i])) return true;
    for (size_t i = 0; i < pf_distribution_count(); i++)
        if (pf_tree_get(tree, pf_distribution_at(i)->name)) return true;
    return false;
}

pf_tree *pf_tree_merge(pf_arena *arena, const pf_tree *base, const pf_tree *over, pf_diagnostics *diagnostics)
{
    if (!base) return (pf_tree *)over;
    if (!over || (is_value(base) && is_value(over))) return (pf_tree *)(over ? over : base);
    if (base->kind != over->kind) {
        pf_error(
            diagnostics, over->mark, "found %s where %s:%d has %s; a value may only be replaced by one of its kind",
            pf_tree_kind_name(over), base->mark.file ? base->mark.file : "?", base->mark.line, pf_tree_kind_name(base));
        return (pf_tree *)base;
    }
    if (base->kind != PF_MAPPING) return (pf_tree *)over;
    pf_tree *merged = pf_tree_new(arena, over->mark, PF_MAPPING);
    for (size_t i = 0; i < base->entries.count; i++) {
        pf_entry entry = base->entries.items[i];
        pf_entry *by = pf_tree_entry(over, entry.key);
        if (by) entry = (pf_entry){entry.key, by->mark, pf_tree_merge(arena, entry.value, by->value, diagnostics)};
        *PF_PUSH(arena, merged->entries) = entry;
    }
    for (size_t i = 0; i < over->entries.count; i++)
        if (!pf_tree_entry(base, over->entries.items[i].key)) *PF_PUSH(arena, merged->entries) = over->entries.items[i];
    return merged;
}

static bool emit_text(yaml_emitter_t *emitter, const char *text)
{
    yaml_event_t event;
    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
                                        YAML_ANY_SCALAR_STYLE) &&
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

typedef struct {
    pf_arena *arena;
    PF_LIST(char) text;
} writer;

static int write_bytes(void *self, unsigned char *bytes, size_t count)
{
    writer *w = self;
    for (size_t i = 0; i < count; i++) *PF_PUSH(w->arena, w->text) = (char)bytes[i];
    return 1;
}

const char *pf_tree_yaml(pf_arena *arena, const pf_tree *tree)
{
    writer w = {.arena = arena};
    yaml_emitter_t emitter;
    yaml_event_t event;
    yaml_emitter_initialize(&emitter);
    yaml_emitter_set_output(&emitter, write_bytes, &w);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, 120);
    bool good = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(&emitter, &event) &&
                yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
                yaml_emitter_emit(&emitter, &event) && emit(&emitter, tree) &&
                yaml_document_end_event_initialize(&event, 1) && yaml_emitter_emit(&emitter, &event) &&
                yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(&emitter, &event);
    yaml_emitter_delete(&emitter);
    *PF_PUSH(arena, w.text) = 0;
    return good ? w.text.items : "";
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
