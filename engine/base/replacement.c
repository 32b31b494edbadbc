/* Files that are replaced whole. */
#include "base/replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *pf_replacement_begin(pf_replacement *self, const char *path, pf_arena *arena)
{
    struct stat old;
    *self = (pf_replacement){pf_copy_text(arena, path, strlen(path)), pf_format(arena, "%s.tmp-XXXXXX", path), -1};
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) return strerror(S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
    self->file = mkstemp(self->temporary);
    if (self->file < 0) return strerror(errno);
    mode_t mask = umask(0);
    umask(mask);
    fchmod(self->file, 0666 & ~mask);
    return NULL;
}

const char *pf_replacement_write(pf_replacement *self, const void *bytes, size_t size)
{
    for (const char *from = bytes; size > 0;) {
        ssize_t written = write(self->file, from, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return strerror(errno);
        from += written;
        size -= (size_t)written;
    }
    return NULL;
}

/* So that the new name is on the disk too. A folder that cannot be synced is none of ours to complain about. */
static void sync_folder(const char *path, pf_arena *arena)
{
    int folder = open(dirname(pf_copy_text(arena, path, strlen(path))), O_RDONLY | O_CLOEXEC);
    if (folder < 0) return;
    fsync(folder);
    close(folder);
}

const char *pf_replacement_end(pf_replacement *self, const char *why, pf_arena *arena)
{
    if (self->file < 0) return why;
    if (!why && (fsync(self->file) != 0 || rename(self->temporary, self->path) != 0)) why = strerror(errno);
    if (why) unlink(self->temporary);
    else sync_folder(self->path, arena);
    close(self->file);
    self->file = -1;
    return why;
}

pf_status pf_replacement_say(const char *path, const char *why, pf_diagnostics *diagnostics)
{
    return why ? pf_error(diagnostics, (pf_mark){0}, "cannot write '%s': %s", path, why) : PF_OK;
}

pf_status pf_replace_file(const char *path, const void *bytes, size_t size, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    pf_replacement target;
    const char *why = pf_replacement_begin(&target, path, arena);
    if (!why) why = pf_replacement_write(&target, bytes, size);
    pf_status status = pf_replacement_say(path, pf_replacement_end(&target, why, arena), diagnostics);
    pf_arena_free(arena);
    return status;
}
