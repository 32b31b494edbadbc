/* The system's C compiler and the cache of what it built: takes texts of C, gives a loaded library. */
#ifndef PF_COMPILER_H
#define PF_COMPILER_H

#include <stddef.h>

typedef struct {
    void *handle;   /* of dlopen */
    int descriptor; /* stays open: the library's name for the loader is that of its descriptor */
} pf_library;

/* Builds the files, apart and side by side, unless the cache has them. The library's name in the cache is the SHA-256
 * of the texts, the compiler's real path and version, its flags and the processor's features. The compiler is `cc`, or
 * what the environment variable PARKFLOW_CC names (one program, found by PATH or by its path); the cache is the folder
 * parkflow in $XDG_CACHE_HOME or ~/.cache, which must be the user's own and closed to others. NULL where that cannot be
 * had: `why` is then a short reason. */
pf_library *pf_library_build(const char *const *files, size_t count, const char **why);
void pf_library_free(pf_library *library);

#endif
