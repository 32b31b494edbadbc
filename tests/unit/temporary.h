/* For tests of readers: a folder of its own for each test, files put into it, and what the diagnostics say. */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include "base/diagnostics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    pf_arena *arena;
    pf_diagnostics *diagnostics;
    char folder[32];
    PF_LIST(const char *) files;
} temporary;

static inline temporary temporary_new(void)
{
    temporary t = {.arena = pf_arena_new(), .diagnostics = pf_diagnostics_new(), .folder = "/tmp/parkflow-test-XXXXXX"};
    assert_non_null(mkdtemp(t.folder));
    return t;
}

static inline void temporary_free(temporary *t)
{
    for (size_t i = 0; i < t->files.count; i++) unlink(t->files.items[i]);
    rmdir(t->folder);
    pf_diagnostics_free(t->diagnostics);
    pf_arena_free(t->arena);
}

/* Writes `length` bytes to a file of the folder; its path lives as long as the folder. */
static inline const char *temporary_bytes(temporary *t, const char *name, const char *bytes, size_t length)
{
    const char *path = pf_format(t->arena, "%s/%s", t->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
    *PF_PUSH(t->arena, t->files) = path;
    return path;
}

static inline const char *temporary_file(temporary *t, const char *name, const char *text)
{
    return temporary_bytes(t, name, text, strlen(text));
}

/* All that the diagnostics say, without the folder's name. */
static inline const char *said(temporary *t)
{
    char *text = NULL;
    size_t size = 0, length = strlen(t->folder) + 1;
    FILE *out = open_memstream(&text, &size);
    pf_diagnostics_print(t->diagnostics, out);
    fclose(out);
    for (char *at; length > 1 && (at = strstr(text, t->folder));) memmove(at, at + length, strlen(at + length) + 1);
    const char *copy = pf_copy_text(t->arena, text, strlen(text));
    free(text);
    return copy;
}

/* One of the errors begins so: "model.yaml:3:5: error: found ...". */
static inline void assert_said(temporary *t, const char *part)
{
    const char *text = said(t);
    if (!strstr(text, part)) fail_msg("found:\n%sexpected: %s", text, part);
}

static inline void assert_nothing_said(temporary *t)
{
    const char *text = said(t);
    if (*text) fail_msg("%s", text);
}

#endif
