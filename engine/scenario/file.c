/* Files are read in one place, so that folders, missing files and files too large are refused in the same words, and
 * what a results file stores is what its numbers were worked out from, even if a file changes meanwhile. */
#include "base/installation.h"
#include "scenario/file.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 64 << 20 };

pf_files *pf_files_new(pf_arena *arena)
{
    pf_files *files = PF_NEW(arena, pf_files);
    files->arena = arena;
    return files;
}

const char *pf_path_beside(pf_arena *arena, pf_mark mark, const char *name)
{
    const char *slash = mark.file && mark.line ? strrchr(mark.file, '/') : NULL;
    if (!slash || *name == '/') return name;
    return pf_format(arena, "%.*s/%s", (int)(slash - mark.file), mark.file, name);
}

static bool is_there(const char *path)
{
    return !access(path, F_OK);
}

/* An absolute path, since names under `use:` are taken from the file that they stand in. NULL: there is none. */
static const char *scenarios_folder(pf_arena *arena)
{
    static const char library[] = "/library/core.yaml";
    const char *given = getenv("PARKFLOW_SCENARIOS");
    if (given && *given) return pf_whole_path(arena, given);
    const char *core = pf_installed_path(arena, pf_format(arena, "scenarios%s", library));
    return core ? pf_copy_text(arena, core, strlen(core) - strlen(library)) : NULL;
}

const char *pf_name_used(pf_files *files, pf_mark from, const char *name)
{
    const char *beside = pf_path_beside(files->arena, from, name), *folder = NULL;
    bool is_beside = pf_map_get(&files->read, beside) || is_there(beside);
    if (!is_beside && *name != '/') folder = scenarios_folder(files->arena);
    const char *ours = folder ? pf_format(files->arena, "%s/%s", folder, name) : name;
    return folder && is_there(ours) ? ours : name;
}

static const char *stored_key(const pf_files *files, const char *holder, const char *name)
{
    return pf_format(files->arena, "%s:%s", holder, name);
}

static const pf_file *add(pf_files *files, pf_map *map, const char *path, const char *text, size_t size)
{
    pf_file *file = PF_NEW(files->arena, pf_file);
    *file = (pf_file){.path = path, .text = text, .size = size};
    pf_map_set(map, files->arena, path, file);
    return file;
}

void pf_file_put(pf_files *files, const char *path, const char *text)
{
    size_t size = strlen(text);
    add(files, &files->read, pf_copy_text(files->arena, path, strlen(path)), pf_copy_text(files->arena, text, size),
        size);
}

void pf_file_store(pf_files *files, const char *holder, const char *name, const char *text)
{
    add(files, &files->stored, stored_key(files, holder, name), text, strlen(text));
}

size_t pf_wrong_byte(const char *text, size_t size)
{
    iconv_t decoder = iconv_open("UCS-4LE", "UTF-8");
    char characters[4096], *at = (char *)text, *room;
    size_t left = size, free_bytes;
    do {
        room = characters;
        free_bytes = sizeof characters;
        errno = 0;
        iconv(decoder, &at, &left, &room, &free_bytes);
    } while (errno == E2BIG);
    iconv_close(decoder);
    return size - left;
}

/* NULL if it can be opened, else why not. */
static const char *open_file(const char *path, FILE **file, size_t *size)
{
    struct stat status;
    *file = fopen(path, "rb");
    if (!*file || fstat(fileno(*file), &status)) return strerror(errno);
    if (S_ISDIR(status.st_mode)) return "it is a folder, expected a file";
    if (!S_ISREG(status.st_mode)) return "it is no regular file";
    *size = (size_t)status.st_size;
    return *size > LARGEST_FILE ? "expected a file of at most 64 MB" : NULL;
}

const pf_file *pf_file_read(pf_files *files, const char *name, pf_mark from, pf_diagnostics *diagnostics)
{
    const char *path = pf_path_beside(files->arena, from, name);
    const pf_file *known = from.file ? pf_map_get(&files->stored, stored_key(files, from.file, name)) : NULL;
    if (!known) known = pf_map_get(&files->read, path);
    if (known) return known;
    FILE *file;
    size_t size = 0;
    const char *why = open_file(path, &file, &size);
    char *text = why ? NULL : pf_alloc(files->arena, size + 1);
    if (text && fread(text, 1, size, file) != size) why = "it ends too early";
    if (file) fclose(file);
    if (!why) return add(files, &files->read, path, text, size);
    if (from.line) pf_error(diagnostics, from, "'%s' cannot be read: %s", path, why);
    else pf_error(diagnostics, (pf_mark){path, 0, 0}, "cannot be read: %s", why);
    return NULL;
}
