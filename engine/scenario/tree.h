/* A YAML document as a tree: texts, sequences and mappings, each with its place in the input.
 * Plain scalars stay text until somebody asks a value of them. */
#ifndef PF_TREE_H
#define PF_TREE_H

#include "base/map.h"
#include "scenario/file.h"

typedef enum { PF_TEXT, PF_SEQUENCE, PF_MAPPING } pf_tree_kind;

typedef struct pf_tree pf_tree;
typedef struct {
    const char *key; /* NULL in a sequence */
    pf_mark mark;    /* of the key */
    pf_tree *value;
} pf_entry;

struct pf_tree {
    pf_tree_kind kind;
    pf_mark mark;
    const char *text; /* PF_TEXT */
    bool quoted;      /* PF_TEXT: it stands in quotes; the mark is that of the first */
    /* what it was read as, by value.c and as an expression, kept for the next process that asks */
    struct pf_value *value;
    const struct pf_expression *expression;
    PF_LIST(pf_entry) entries; /* put in and taken out by the functions below */
    pf_map *rows;              /* of a map of many entries: by key, its row and 1 */
};

/* Reads the YAML file `name` (a mapping) that is named at `from`. NULL after an error. Aliases, duplicate keys, trees
 * deeper than 64 levels and files over 64 MB are errors. A second document, of names to texts, is what the file brings
 * along: tables that its values name. */
pf_tree *pf_tree_read(pf_files *files, const char *name, pf_mark from, pf_diagnostics *diagnostics);

pf_tree *pf_tree_text(pf_arena *arena, pf_mark mark, const char *text);
pf_tree *pf_tree_new(pf_arena *arena, pf_mark mark, pf_tree_kind kind);
void pf_tree_add(pf_arena *arena, pf_tree *tree, const char *key, pf_mark mark, pf_tree *value);
void pf_tree_remove(pf_arena *arena, pf_tree *tree, const char *key);

/* The value under `key`, or NULL; NULL too where `tree` is NULL or no mapping. */
pf_tree *pf_tree_get(const pf_tree *tree, const char *key);
pf_entry *pf_tree_entry(const pf_tree *tree, const char *key);
/* The text under `key`, or NULL. */
const char *pf_tree_get_text(const pf_tree *tree, const char *key);
/* Does `true` stand under `key`? */
bool pf_tree_get_flag(const pf_tree *tree, const char *key);
/* The value at a dotted path below `tree`, or NULL. */
pf_tree *pf_tree_at(const pf_tree *tree, const char *path);
/* Where the first character of a text stands. */
pf_mark pf_tree_text_mark(const pf_tree *tree);
/* "a text", "a list", "a map"; "nothing" of an empty value */
const char *pf_tree_kind_name(const pf_tree *tree);

/* Is it a text, or a map that is one value: {value: ...}, {csv: ...}, {lognormal: ...}? */
bool pf_tree_is_value(const pf_tree *tree);

/* `over` laid on `base`, and both are used up: maps merge by key, lists and values (in whatever form) are replaced
 * whole; any other change of kind is an error. */
pf_tree *pf_tree_merge(pf_arena *arena, pf_tree *base, pf_tree *over, pf_diagnostics *diagnostics);

/* Do two trees hold the same, wherever they stand? */
bool pf_tree_same(const pf_tree *a, const pf_tree *b);

/* The tree as YAML text, in the arena; and several, a document each. */
const char *pf_tree_yaml(pf_arena *arena, const pf_tree *tree);
const char *pf_tree_stream(pf_arena *arena, const pf_tree *const *trees, size_t count);

/* A value as it stands in the file: a text, or the YAML of a map. */
const char *pf_tree_written(pf_arena *arena, const pf_tree *value);

/* The English (or only) title of a map that may carry `title`, or `fallback`; and the Vietnamese one, or NULL. */
const char *pf_title(const pf_tree *tree, const char *fallback);
const char *pf_title_vi(const pf_tree *tree);

#endif
