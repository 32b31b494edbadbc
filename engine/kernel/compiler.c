/* Runs the C compiler without a shell, in a folder of its own inside the cache, and loads only what belongs to the user
 * and no one else can write. */
#include "kernel/compiler.h"

#include "base/arena.h"
#include "base/sha256.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_PROCESSES = 16, VERSION_LENGTH = 4096 };

extern char **environ;

/* -O1 takes a quarter of the time of -O3 and gives code as fast, for the text is in vectors already. Nobody reads
 * floating-point exception flags. */
static const char *const compile_flags[] = {"-O1",   "-march=native",   "-ffp-contract=off",    "-fno-trapping-math",
                                            "-fPIC", "-fno-math-errno", "-fno-stack-protector", "-w"};
enum { FLAGS = sizeof compile_flags / sizeof *compile_flags };

typedef struct {
    pf_arena *arena;
    const char *program; /* the compiler's real path */
    const char *folder;  /* the cache */
    int folder_descriptor;
    const char *build; /* a folder for this build alone */
    const char *const *files;
    size_t count;
} job;

/* --- the compiler --- */

static const char *real_program(pf_arena *arena, const char *path)
{
    char *real = access(path, X_OK) == 0 ? realpath(path, NULL) : NULL;
    const char *copy = real ? pf_copy_text(arena, real, strlen(real)) : NULL;
    free(real);
    return copy;
}

static const char *find_program(pf_arena *arena)
{
    const char *name = getenv("PARKFLOW_CC"), *path = getenv("PATH");
    if (!name || !*name) name = "cc";
    if (strchr(name, '/')) return real_program(arena, name);
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t length = strcspn(at, ":");
        const char *found = real_program(arena, pf_format(arena, "%.*s/%s", (int)length, at, name));
        if (found && length) return found;
        at += length + (at[length] == ':');
    }
    return NULL;
}

/* Starts the compiler, silent, its output into `output` unless that is -1. 0 where it could not be started. */
static pid_t start(const char *const *arguments, int output)
{
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    if (posix_spawn_file_actions_init(&actions) != 0) return 0;
    int bad = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    bad |= output >= 0 ? posix_spawn_file_actions_adddup2(&actions, output, 1)
                       : posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    bad |= posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (bad || posix_spawn(&child, arguments[0], &actions, NULL, (char *const *)arguments, environ) != 0) child = 0;
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

static bool succeeded(pid_t child)
{
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What the compiler says of itself; NULL if it cannot be run. */
static const char *version_of(pf_arena *arena, const char *program)
{
    const char *arguments[] = {program, "--version", NULL};
    char *text = pf_alloc(arena, VERSION_LENGTH);
    int ends[2];
    if (pipe(ends) != 0) return NULL;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t child = start(arguments, ends[1]);
    close(ends[1]);
    FILE *said = fdopen(ends[0], "r");
    if (said) (void)!fread(text, 1, VERSION_LENGTH - 1, said);
    if (said) fclose(said);
    else close(ends[0]);
    return succeeded(child) ? text : NULL;
}

/* The lines of /proc/cpuinfo that say what the first processor can do, for -march=native depends on it. */
static void write_processor(FILE *out)
{
    static const char *const names[] = {"vendor_id", "cpu family", "model", "flags", "Features", "CPU part", "isa"};
    FILE *in = fopen("/proc/cpuinfo", "r");
    char *line = NULL;
    size_t size = 0;
    while (in && getline(&line, &size, in) > 1)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (!strncmp(line, names[i], strlen(names[i]))) fputs(line, out);
    free(line);
    if (in) fclose(in);
}

/* --- the cache --- */

static bool is_mine(const struct stat *s, mode_t closed)
{
    return s->st_uid == geteuid() && (s->st_mode & closed) == 0;
}

static const char *open_folder(job *j)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (!base || base[0] != '/') base = home && home[0] == '/' ? pf_format(j->arena, "%s/.cache", home) : NULL;
    if (!base) return "there is no home folder for the cache";
    mkdir(base, 0700);
    j->folder = pf_format(j->arena, "%s/parkflow", base);
    mkdir(j->folder, 0700);
    j->folder_descriptor = open(j->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat s;
    if (j->folder_descriptor < 0 || fstat(j->folder_descriptor, &s) != 0) return "the cache folder cannot be opened";
    if (!is_mine(&s, 077)) return "the cache folder is another user's, or open to others";
    return NULL;
}

static pf_library *load(const job *j, const char *name)
{
    struct stat s;
    int descriptor = openat(j->folder_descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) return NULL;
    void *handle = NULL;
    if (fstat(descriptor, &s) == 0 && S_ISREG(s.st_mode) && is_mine(&s, 022))
        handle = dlopen(pf_format(j->arena, "/proc/self/fd/%d", descriptor), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        close(descriptor);
        return NULL;
    }
    pf_library *library = pf_malloc(sizeof *library);
    *library = (pf_library){handle, descriptor};
    return library;
}

/* --- a build --- */

static const char *part(const job *j, size_t number, char kind)
{
    return pf_format(j->arena, "%s/%zu.%c", j->build, number, kind);
}

static bool write_part(const job *j, size_t number)
{
    int descriptor = open(part(j, number, 'c'), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!out) return false;
    bool written = fputs(j->files[number], out) >= 0;
    return fclose(out) == 0 && written;
}

static pid_t start_part(const job *j, size_t number)
{
    const char *arguments[FLAGS + 6] = {j->program};
    memcpy(arguments + 1, compile_flags, sizeof compile_flags);
    const char *rest[] = {"-c", "-o", part(j, number, 'o'), part(j, number, 'c'), NULL};
    memcpy(arguments + 1 + FLAGS, rest, sizeof rest);
    return write_part(j, number) ? start(arguments, -1) : 0;
}

/* As many compilers at a time as there are processors. */
static bool compile_parts(const job *j)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors < 1 ? 1 : processors > MOST_PROCESSES ? MOST_PROCESSES : (size_t)processors;
    pid_t children[MOST_PROCESSES];
    bool good = true;
    size_t started = 0, finished = 0;
    while (finished < started || (good && started < j->count)) {
        if (good && started < j->count && started - finished < most) {
            children[started % most] = start_part(j, started);
            started++;
        } else {
            good &= succeeded(children[finished % most]);
            finished++;
        }
    }
    return good;
}

static bool link_parts(const job *j, const char *library)
{
    const char **arguments = PF_ARRAY(j->arena, const char *, j->count + 5);
    size_t n = 0;
    arguments[n++] = j->program;
    arguments[n++] = "-shared";
    arguments[n++] = "-o";
    arguments[n++] = library;
    for (size_t i = 0; i < j->count; i++) arguments[n++] = part(j, i, 'o');
    return succeeded(start(arguments, -1)) && chmod(library, 0700) == 0;
}

static const char *build(job *j, const char *name)
{
    char *folder = pf_format(j->arena, "%s/build-XXXXXX", j->folder);
    if (!mkdtemp(folder)) return "the cache folder cannot be written to";
    j->build = folder;
    const char *library = pf_format(j->arena, "%s/library.so", folder), *why = NULL;
    if (!compile_parts(j) || !link_parts(j, library)) why = "the C compiler failed";
    else if (rename(library, pf_format(j->arena, "%s/%s", j->folder, name)) != 0)
        why = "the cache cannot be written to";
    unlink(library);
    for (size_t i = 0; i < j->count; i++) {
        unlink(part(j, i, 'c'));
        unlink(part(j, i, 'o'));
    }
    rmdir(folder);
    return why;
}

/* --- all of it --- */

static const char *library_name(const job *j, const char *version)
{
    char *buffer = NULL, digest[65];
    size_t length = 0;
    FILE *out = open_memstream(&buffer, &length);
    fprintf(out, "%s\n%s\n", j->program, version);
    for (size_t i = 0; i < FLAGS; i++) fprintf(out, "%s\n", compile_flags[i]);
    write_processor(out);
    for (size_t i = 0; i < j->count; i++) fputs(j->files[i], out);
    fclose(out);
    pf_sha256(buffer, length, digest);
    free(buffer);
    return pf_format(j->arena, "%s.so", digest);
}

pf_library *pf_library_build(const char *const *files, size_t count, const char **why)
{
    job j = {.arena = pf_arena_new(), .folder_descriptor = -1, .files = files, .count = count};
    pf_library *library = NULL;
    j.program = find_program(j.arena);
    const char *version = j.program ? version_of(j.arena, j.program) : NULL, *name = NULL;
    *why = version ? NULL : "no C compiler was found";
    if (!*why) *why = open_folder(&j);
    if (*why) goto done;
    name = library_name(&j, version);
    library = load(&j, name);
    if (library) goto done;
    *why = build(&j, name);
    if (*why) goto done;
    library = load(&j, name);
    if (!library) *why = "the library that was built cannot be loaded";
done:
    if (j.folder_descriptor >= 0) close(j.folder_descriptor);
    pf_arena_free(j.arena);
    return library;
}

void pf_library_free(pf_library *library)
{
    if (!library) return;
    dlclose(library->handle);
    close(library->descriptor);
    free(library);
}
