/* Where what comes with the program stands: found from the program's own place. */
#include "base/installation.h"

#include <stdlib.h>
#include <string.h>

const char *pf_whole_path(pf_arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = real ? pf_copy_text(arena, real, strlen(real)) : NULL;
    free(real);
    return copy;
}

const char *pf_program_path(pf_arena *arena)
{
    return pf_whole_path(arena, "/proc/self/exe");
}

const char *pf_installed_path(pf_arena *arena, const char *name)
{
    static const char *const from_program[] = {"../share/parkflow", "../.."};
    const char *program = pf_program_path(arena), *slash = program ? strrchr(program, '/') : NULL, *found = NULL;
    for (size_t i = 0; slash && !found && i < sizeof from_program / sizeof *from_program; i++)
        found = pf_whole_path(arena,
                              pf_format(arena, "%.*s/%s/%s", (int)(slash - program), program, from_program[i], name));
    return found;
}
