/* The keys of the language as one table: what may stand where, of which kind, and what it means. The reader checks a
 * model against it, and the `schema` verb prints it as a JSON Schema, so that the two cannot differ. */
#ifndef PF_SCHEMA_H
#define PF_SCHEMA_H

#include "scenario/tree.h"

typedef enum {
    PF_KEY_TEXT,  /* any text; `of` may list the allowed ones: "a|b|c" */
    PF_KEY_TITLE, /* a text, or {en: ..., vi: ...} */
    PF_KEY_VALUE, /* docs/language.md, "Values" */
    PF_KEY_EXPRESSION,
    PF_KEY_DATE,
    PF_KEY_FLAG,      /* true or false */
    PF_KEY_TEXTS,     /* a list of texts */
    PF_KEY_TEXT_MAP,  /* names to texts */
    PF_KEY_VALUE_MAP, /* names to values */
    PF_KEY_SHAPE,     /* a map of shape `of` */
    PF_KEY_MAP_OF,    /* names to maps of shape `of` */
    PF_KEY_LIST_OF,   /* a list of maps of shape `of` */
    PF_KEY_OPEN       /* checked by who reads it */
} pf_key_kind;

enum { PF_KEYS_MOST = 32 };

typedef struct {
    const char *key;
    pf_key_kind kind;
    const char *of;
    bool required;
    const char *doc;
} pf_key;

typedef struct {
    const char *name, *doc;
    bool open; /* other keys may stand beside: parameters of a process */
    pf_key keys[PF_KEYS_MOST];
} pf_shape;

size_t pf_shape_count(void);
const pf_shape *pf_shape_at(size_t number);
const pf_shape *pf_shape_named(const char *name);

/* Checks `tree` against the shape `name`: unknown and missing keys, wrong kinds. */
void pf_schema_check(pf_arena *arena, const pf_tree *tree, const char *name, pf_diagnostics *diagnostics);
/* Is `text` one of the choices of this key of a shape? If not, an error lists them. */
bool pf_schema_choice(pf_arena *arena, const pf_tree *text, const char *shape, const char *key,
                      pf_diagnostics *diagnostics);
/* Keys that any map may carry as a remark: note, source, ... */
bool pf_is_remark(const char *key);

/* Writes the language as a JSON Schema (draft 2020-12). */
void pf_schema_json(FILE *out);

#endif
