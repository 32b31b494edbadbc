/* Memory that is freed as one: compile-time objects (files, models, plans) live in an arena.
 * Running out of memory ends the program with exit status 1 and one line; callers need no checks. */
#ifndef PF_ARENA_H
#define PF_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct pf_arena pf_arena;

pf_arena *pf_arena_new(void);
void pf_arena_free(pf_arena *arena); /* NULL is allowed */

/* `size` zeroed bytes, aligned for any type; lives until the arena is freed. */
void *pf_alloc(pf_arena *arena, size_t size);

/* A copy of the first `length` bytes of `text`, ended by a zero byte. */
char *pf_copy_text(pf_arena *arena, const char *text, size_t length);

/* printf into the arena. */
char *pf_format(pf_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *pf_format_list(pf_arena *arena, const char *format, va_list list);

/* "above.name", a path one name longer. */
char *pf_dotted(pf_arena *arena, const char *above, const char *name);

#define PF_NEW(arena, type) ((type *)pf_alloc((arena), sizeof(type)))
#define PF_ARRAY(arena, type, count) ((type *)pf_alloc((arena), sizeof(type) * (count)))

/* A growing array inside an arena: `PF_LIST(int) numbers = {0}; *PF_PUSH(arena, numbers) = 7;` */
#define PF_LIST(type)                                                                                                  \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count, capacity;                                                                                        \
    }
#define PF_PUSH(arena, list)                                                                                           \
    ((list).items = pf_grow((arena), (list).items, (list).count, &(list).capacity, sizeof *(list).items),              \
     &(list).items[(list).count++])
void *pf_grow(pf_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);

/* malloc, calloc and realloc for run-time buffers that are freed by hand: never return NULL. */
void *pf_malloc(size_t size);
void *pf_calloc(size_t count, size_t size);
void *pf_realloc(void *memory, size_t size);
/* `count` zeroed doubles aligned to a cache line; released by free(). */
double *pf_doubles(size_t count);

#endif
