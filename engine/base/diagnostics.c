/* Diagnostics: a list of messages with places, and the search for the nearest valid name. */
#include "base/diagnostics.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_mark at;
    const char *text;
    bool is_error;
    size_t file_rank, order;
} message;

struct pf_diagnostics {
    pf_arena *arena;
    PF_LIST(message) messages;
    pf_map said;  /* place and text of each */
    pf_map ranks; /* by file: its rank and 1 */
    size_t errors;
};

pf_diagnostics *pf_diagnostics_new(void)
{
    pf_diagnostics *d = pf_calloc(1, sizeof *d);
    d->arena = pf_arena_new();
    return d;
}

void pf_diagnostics_free(pf_diagnostics *d)
{
    if (!d) return;
    pf_arena_free(d->arena);
    free(d);
}

/* In order of appearance. `file` is kept. */
static size_t rank_of_file(pf_diagnostics *d, const char *file)
{
    size_t known = (size_t)pf_map_get(&d->ranks, file);
    if (known) return known - 1;
    pf_map_set(&d->ranks, d->arena, file, (void *)(d->ranks.count + 1));
    return d->ranks.count - 1;
}

static void add_message(pf_diagnostics *d, pf_mark at, bool is_error, const char *text)
{
    const char *file = at.file ? pf_copy_text(d->arena, at.file, strlen(at.file)) : NULL,
               *key = pf_format(d->arena, "%d:%d:%s:%s", at.line, at.column, file ? file : "", text);
    if (pf_map_get(&d->said, key)) return;
    pf_map_set(&d->said, d->arena, key, d);
    message m = {{file, at.line, at.column}, text, is_error, rank_of_file(d, file ? file : ""), d->messages.count};
    *PF_PUSH(d->arena, d->messages) = m;
    d->errors += is_error;
}

pf_status pf_error(pf_diagnostics *d, pf_mark at, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_message(d, at, true, pf_format_list(d->arena, format, list));
    va_end(list);
    return PF_FAILED;
}

void pf_warn(pf_diagnostics *d, pf_mark at, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_message(d, at, false, pf_format_list(d->arena, format, list));
    va_end(list);
}

void pf_diagnostics_move(pf_diagnostics *to, pf_diagnostics *from)
{
    for (size_t i = 0; i < from->messages.count; i++) {
        const message *m = &from->messages.items[i];
        add_message(to, m->at, m->is_error, pf_copy_text(to->arena, m->text, strlen(m->text)));
    }
    from->messages.count = from->errors = 0;
    from->said = from->ranks = (pf_map){0};
}

size_t pf_error_count(const pf_diagnostics *d)
{
    return d->errors;
}

const char *pf_first_error(const pf_diagnostics *d)
{
    for (size_t i = 0; i < d->messages.count; i++)
        if (d->messages.items[i].is_error) return d->messages.items[i].text;
    return NULL;
}

static int by_place(const void *left, const void *right)
{
    const message *a = left, *b = right;
    if (a->file_rank != b->file_rank) return a->file_rank < b->file_rank ? -1 : 1;
    if (a->at.line != b->at.line) return a->at.line < b->at.line ? -1 : 1;
    if (a->at.column != b->at.column) return a->at.column < b->at.column ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

void pf_diagnostics_print(const pf_diagnostics *d, FILE *out)
{
    size_t count = d->messages.count;
    message *sorted = pf_malloc(count * sizeof *sorted);
    if (count) memcpy(sorted, d->messages.items, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_place);
    for (size_t i = 0; i < count; i++) {
        const message *m = &sorted[i];
        fprintf(out, "%s:", m->at.file ? m->at.file : "parkflow");
        if (m->at.line) fprintf(out, "%d:", m->at.line);
        if (m->at.column) fprintf(out, "%d:", m->at.column);
        fprintf(out, " %s: %s\n", m->is_error ? "error" : "note", m->text);
    }
    free(sorted);
}

bool pf_is_later_byte(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

const char *pf_first_characters(pf_arena *arena, const char *text, size_t most)
{
    const char *end = text;
    for (size_t count = 0; *end; end++)
        if (!pf_is_later_byte(*end) && count++ == most) return pf_copy_text(arena, text, (size_t)(end - text));
    return text;
}

const char *pf_shortened(pf_arena *arena, const char *text)
{
    const char *start = pf_first_characters(arena, text, 60);
    return start == text ? text : pf_format(arena, "%s...", start);
}

/* Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t n = strlen(a), m = strlen(b), row[3][LONGEST + 1];
    if (n > LONGEST || m > LONGEST) return strcmp(a, b) ? LONGEST : 0;
    for (size_t j = 0; j <= m; j++) row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

pf_nearest pf_nearest_to(const char *wanted)
{
    return (pf_nearest){.wanted = wanted, .distance = strlen(wanted) / 3 + 2};
}

void pf_nearest_offer(pf_nearest *search, const char *candidate)
{
    size_t wanted = strlen(search->wanted), length = strlen(candidate);
    /* the lengths alone may set them too far apart */
    if ((wanted > length ? wanted - length : length - wanted) >= search->distance) return;
    size_t distance = edit_distance(search->wanted, candidate);
    if (distance >= search->distance || distance >= length) return;
    search->distance = distance;
    search->best = candidate;
}

const char *pf_nearest_hint(const pf_nearest *search, pf_arena *arena)
{
    return search->best ? pf_format(arena, ", did you mean '%s'?", search->best) : "";
}
