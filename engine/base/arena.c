/* Arenas: a chain of chunks, each twice the last up to a limit. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_CHUNK = 16 << 20 };

typedef struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
} chunk;

struct pf_arena {
    chunk *newest;
};

static void out_of_memory(void)
{
    fputs("parkflow: out of memory\n", stderr);
    exit(1);
}

void *pf_malloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory) out_of_memory();
    return memory;
}

void *pf_realloc(void *memory, size_t size)
{
    memory = realloc(memory, size ? size : 1);
    if (!memory) out_of_memory();
    return memory;
}

void *pf_calloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory) out_of_memory();
    return memory;
}

double *pf_doubles(size_t count)
{
    if (count > SIZE_MAX / sizeof(double) - 64) out_of_memory();
    size_t size = (count * sizeof(double) + 63) / 64 * 64;
    double *memory = aligned_alloc(64, size ? size : 64);
    if (!memory) out_of_memory();
    memset(memory, 0, size);
    return memory;
}

pf_arena *pf_arena_new(void)
{
    return pf_calloc(1, sizeof(pf_arena));
}

void pf_arena_free(pf_arena *arena)
{
    if (!arena) return;
    for (chunk *c = arena->newest, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

static chunk *add_chunk(pf_arena *arena, size_t at_least)
{
    size_t size = arena->newest ? arena->newest->size * 2 : 4096;
    if (size > LARGEST_CHUNK) size = LARGEST_CHUNK;
    bool alone = arena->newest && at_least > size; /* the newest goes on being filled */
    if (size < at_least || alone) size = at_least;
    chunk *c = pf_calloc(1, sizeof(chunk) + size); /* zeroed by the system, page by page as it comes into use */
    chunk **place = alone ? &arena->newest->next : &arena->newest;
    *c = (chunk){.next = *place, .size = size};
    *place = c;
    return c;
}

void *pf_alloc(pf_arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (size > SIZE_MAX / 2) out_of_memory();
    size = (size + align - 1) / align * align;
    chunk *c = arena->newest;
    if (!c || c->size - c->used < size) c = add_chunk(arena, size);
    void *memory = c->bytes + c->used;
    c->used += size;
    return memory;
}

char *pf_copy_text(pf_arena *arena, const char *text, size_t length)
{
    char *copy = pf_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *pf_format_list(pf_arena *arena, const char *format, va_list list)
{
    char first[256];
    va_list again;
    va_copy(again, list);
    int length = vsnprintf(first, sizeof first, format, list);
    char *text = pf_alloc(arena, (size_t)(length < 0 ? 0 : length) + 1);
    if (length >= (int)sizeof first) vsnprintf(text, (size_t)length + 1, format, again);
    else if (length > 0) memcpy(text, first, (size_t)length);
    va_end(again);
    return text;
}

char *pf_format(pf_arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = pf_format_list(arena, format, list);
    va_end(list);
    return text;
}

char *pf_dotted(pf_arena *arena, const char *above, const char *name)
{
    size_t first = strlen(above), second = strlen(name);
    char *text = pf_alloc(arena, first + second + 2);
    memcpy(text, above, first);
    text[first] = '.';
    memcpy(text + first + 1, name, second);
    return text;
}

void *pf_grow(pf_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity * 2 : 8;
    void *larger = pf_alloc(arena, *capacity * item_size);
    if (count) memcpy(larger, items, count * item_size);
    return larger;
}
