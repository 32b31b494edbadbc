/* A YAML document as a tree: texts, sequences and mappings, each with its place in the input.
 * Plain scalars stay text until somebody asks a value of them. */
#ifndef PF_TREE_H
#define PF_TREE_H

#include "base/arena.h"
#include "base/diagnostics.h"

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
    PF_LIST(pf_entry) entries;
};

/* Reads one YAML file (a mapping) that is named at `from`. NULL after an error. Aliases, several documents, duplicate
 * keys, trees deeper than 64 levels and files over 64 MB are errors. */
pf_tree *pf_tree_read(pf_arena *arena, const char *path, pf_mark from, pf_diagnostics *diagnostics);

pf_tree *pf_tree_text(pf_arena *arena, pf_mark mark, const char *text);
pf_tree *pf_tree_new(pf_arena *arena, pf_mark mark, pf_tree_kind kind);
void pf_tree_add(pf_arena *arena, pf_tree *tree, const char *key, pf_mark mark, pf_tree *value);

/* The value under `key`, or NULL; NULL too where `tree` is NULL or no mapping. */
pf_tree *pf_tree_get(const pf_tree *tree, const char *key);
pf_entry *pf_tree_entry(const pf_tree *tree, const char *key);
/* The text under `key`, or NULL. */
const char *pf_tree_get_text(const pf_tree *tree, const char *key);
/* The value at a dotted path below `tree`, or NULL. */
pf_tree *pf_tree_at(const pf_tree *tree, const char *path);
/* Where the first character of a text stands. */
pf_mark pf_tree_text_mark(const pf_tree *tree);
/* "a text", "a list", "a map"; "nothing" of an empty value */
const char *pf_tree_kind_name(const pf_tree *tree);

/* A copy of `base` with `over` laid on it: maps merge by key, lists and values (in whatever form) are
 * replaced whole; any other change of kind is an error. */
pf_tree *pf_tree_merge(pf_arena *arena, const pf_tree *base, const pf_tree *over, pf_diagnostics *diagnostics);

/* The tree as YAML text, in the arena. */
const char *pf_tree_yaml(pf_arena *arena, const pf_tree *tree);

/* The English (or only) title of a map that may carry `title`, or `fallback`; and the Vietnamese one, or NULL. */
const char *pf_title(const pf_tree *tree, const char *fallback);
const char *pf_title_vi(const pf_tree *tree);

#endif
