/* The folder of an unfinished sweep: takes records and checkpoints as bytes, gives them back after a kill. Files are
 * reached through the folder's descriptor, so that a renamed folder stays the one that was opened. */
#include "results/part.h"

#include "results/part_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pf_part {
    pf_arena *arena;
    const char *path, *identity;
    pf_part_mode mode;
    int folder, lock, log;
    pthread_mutex_t appending;
    uint64_t end;   /* of the log: the byte behind its last whole record */
    bool is_broken; /* a failed append could not be taken back */
    bool is_running;
};

static pf_status refuse(const pf_part *part, pf_diagnostics *diagnostics, const char *why)
{
    return pf_error(diagnostics, (pf_mark){0}, "cannot use '%s': %s", part->path, why);
}

/* ---- the lock ---- */

static bool set_lock(int file, short kind)
{
    struct flock whole = {.l_type = kind, .l_whence = SEEK_SET};
    return fcntl(file, F_SETLK, &whole) == 0;
}

/* A file system without locks is said, and lived with. */
static pf_status take_lock(pf_part *part, pf_diagnostics *diagnostics)
{
    bool is_reader = part->mode == PF_PART_READ;
    int flags = part->mode == PF_PART_NEW ? O_RDWR | O_CREAT | O_EXCL : is_reader ? O_RDONLY : O_RDWR;
    part->lock = openat(part->folder, "lock", flags | O_CLOEXEC, 0666);
    if (part->lock < 0) return is_reader ? PF_OK : refuse(part, diagnostics, strerror(errno));
    if (set_lock(part->lock, is_reader ? F_RDLCK : F_WRLCK)) return PF_OK;
    bool is_held = errno == EACCES || errno == EAGAIN;
    part->is_running = is_held;
    if (is_reader) return PF_OK;
    if (is_held) return refuse(part, diagnostics, "another parkflow process is using it");
    pf_warn(diagnostics, (pf_mark){0}, "'%s' cannot be locked (%s): see that no other process uses it", part->path,
            strerror(errno));
    return PF_OK;
}

/* ---- small files of the folder ---- */

static int create_file(const pf_part *part, const char *name)
{
    return openat(part->folder, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

/* The whole of a text file; NULL with errno. */
static char *read_text(const pf_part *part, const char *name)
{
    struct stat status;
    char *text = NULL;
    int file = openat(part->folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) goto done;
    text = pf_alloc(part->arena, (size_t)status.st_size + 1);
    if (!pf_read_at(file, text, (size_t)status.st_size, 0)) text = NULL;
done:
    if (file >= 0) close(file);
    return text;
}

static bool write_identity(const pf_part *part, const char *identity)
{
    int file = create_file(part, "identity");
    bool good = file >= 0 && pf_write_at(file, identity, strlen(identity), 0) && fsync(file) == 0;
    if (file >= 0) close(file);
    return good;
}

/* ---- a new folder ---- */

static void remove_files(const pf_part *part)
{
    static const char *const names[] = {"checkpoint.new", "checkpoint", "log", "identity", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlinkat(part->folder, names[i], 0);
}

/* Makes an empty folder beside `path`, of a name that was free; NULL with errno. */
static const char *make_empty(const pf_part *part)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        const char *name = pf_format(part->arena, "%s.new-%ld-%d", part->path, (long)getpid(), attempt);
        if (mkdir(name, 0777) == 0) return name;
        if (errno != EEXIST) return NULL;
    }
    return NULL;
}

/* A rename lasts once the folder that holds the name is synced. */
static bool sync_parent(const pf_part *part)
{
    char *parent = pf_copy_text(part->arena, part->path, strlen(part->path)), *slash = strrchr(parent, '/');
    if (slash) slash[slash == parent] = 0;
    int folder = open(slash ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && (fsync(folder) == 0 || errno == EINVAL);
    if (folder >= 0) close(folder);
    return good;
}

/* All files, synced; false with errno or after an error. */
static bool fill_folder(pf_part *part, const char *identity, pf_diagnostics *diagnostics)
{
    if (take_lock(part, diagnostics)) return false;
    part->log = create_file(part, "log");
    part->end = PF_LOG_FIRST;
    return part->log >= 0 && pf_log_begin(part->log) && fsync(part->log) == 0 && write_identity(part, identity) &&
           (fsync(part->folder) == 0 || errno == EINVAL);
}

static pf_status refuse_existing(const pf_part *part, pf_diagnostics *diagnostics)
{
    struct stat status;
    const char *log = pf_format(part->arena, "%s/log", part->path);
    if (stat(log, &status) != 0) return refuse(part, diagnostics, "it exists already and is no unfinished sweep");
    return pf_error(diagnostics, (pf_mark){0},
                    "'%s' holds an unfinished sweep: --resume goes on with it, or delete it to begin anew", part->path);
}

/* The folder gets its name when it is whole: after a kill there is all of it or nothing of that name. */
static pf_status make_folder(pf_part *part, const char *identity, pf_diagnostics *diagnostics)
{
    struct stat status;
    size_t errors = pf_error_count(diagnostics);
    if (lstat(part->path, &status) == 0) return refuse_existing(part, diagnostics);
    const char *name = make_empty(part);
    if (name) part->folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (part->folder >= 0 && fill_folder(part, identity, diagnostics) && rename(name, part->path) == 0 &&
        sync_parent(part)) {
        part->identity = pf_copy_text(part->arena, identity, strlen(identity));
        return PF_OK;
    }
    if (pf_error_count(diagnostics) == errors)
        pf_error(diagnostics, (pf_mark){0}, "cannot make '%s': %s", part->path, strerror(errno));
    if (part->folder >= 0) remove_files(part);
    if (name) rmdir(name);
    return PF_FAILED;
}

/* ---- whose is it? ---- */

/* Line `number` of a text, without its end; NULL behind the last. */
static const char *line_of(pf_arena *arena, const char *text, size_t number)
{
    for (; number > 0 && *text; number--) text += strcspn(text, "\n") + (text[strcspn(text, "\n")] != 0);
    return *text ? pf_copy_text(arena, text, strcspn(text, "\n")) : NULL;
}

static size_t key_length(const char *line)
{
    const char *colon = line ? strstr(line, ": ") : NULL;
    return colon ? (size_t)(colon - line) : 0;
}

static pf_status other_line(const pf_part *part, const char *theirs, const char *ours, pf_diagnostics *diagnostics)
{
    size_t key = key_length(theirs);
    if (ours && theirs && key && key == key_length(ours) && memcmp(theirs, ours, key) == 0)
        return pf_error(diagnostics, (pf_mark){0}, "'%s' is of another sweep: its %s is '%s', but here it is '%s'",
                        part->path, pf_copy_text(part->arena, theirs, key), pf_shortened(part->arena, theirs + key + 2),
                        pf_shortened(part->arena, ours + key + 2));
    return pf_error(diagnostics, (pf_mark){0}, "'%s' is of another sweep: it says '%s', but here it is '%s'",
                    part->path, theirs ? pf_shortened(part->arena, theirs) : "",
                    ours ? pf_shortened(part->arena, ours) : "");
}

static pf_status compare_identity(const pf_part *part, const char *identity, pf_diagnostics *diagnostics)
{
    if (!identity || strcmp(identity, part->identity) == 0) return PF_OK;
    for (size_t number = 0;; number++) {
        const char *theirs = line_of(part->arena, part->identity, number);
        const char *ours = line_of(part->arena, identity, number);
        if (!theirs && !ours) return PF_OK; /* they differ by the last line's end only */
        if (!theirs || !ours || strcmp(theirs, ours) != 0) return other_line(part, theirs, ours, diagnostics);
    }
}

/* ---- a folder that is there ---- */

/* Finds the end of the last good record, and cuts the log there. */
static pf_status cut_log(pf_part *part, pf_diagnostics *diagnostics)
{
    pf_log_reader reader = pf_log_read(part->log, part->end);
    pf_log_state state;
    do state = pf_log_next(&reader);
    while (state == PF_LOG_RECORD);
    int error = errno;
    pf_log_done(&reader);
    if (state == PF_LOG_UNREADABLE) return refuse(part, diagnostics, strerror(error));
    if (state == PF_LOG_DAMAGED)
        pf_warn(diagnostics, (pf_mark){0},
                "'%s': record %llu of the log is damaged; it and what follows is cut off, to be run again", part->path,
                (unsigned long long)reader.records + 1);
    if (state != PF_LOG_END && ftruncate(part->log, (off_t)reader.at) != 0)
        return refuse(part, diagnostics, strerror(errno));
    part->end = reader.at;
    return PF_OK;
}

static pf_status find_folder(pf_part *part, pf_diagnostics *diagnostics)
{
    part->folder = open(part->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (part->folder >= 0) return PF_OK;
    if (errno == ENOENT && part->mode == PF_PART_RESUME)
        return pf_error(diagnostics, (pf_mark){0}, "there is nothing to resume: '%s' does not exist", part->path);
    return refuse(part, diagnostics, errno == ENOTDIR ? "it is not the folder of a sweep" : strerror(errno));
}

static pf_status open_log(pf_part *part, pf_diagnostics *diagnostics)
{
    struct stat status;
    part->log = openat(part->folder, "log", (part->mode == PF_PART_READ ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (part->log < 0 && errno == ENOENT) return refuse(part, diagnostics, "it is not the folder of a sweep");
    if (part->log < 0 || fstat(part->log, &status) != 0) return refuse(part, diagnostics, strerror(errno));
    const char *wrong = pf_log_wrong(part->log);
    if (wrong) return refuse(part, diagnostics, wrong);
    part->end = (uint64_t)status.st_size;
    return PF_OK;
}

/* The lock comes before what it guards is read, but behind a first look whether this is such a folder at all. */
static pf_status use_folder(pf_part *part, const char *identity, pf_diagnostics *diagnostics)
{
    if (find_folder(part, diagnostics)) return PF_FAILED;
    if (faccessat(part->folder, "log", F_OK, 0) != 0)
        return refuse(part, diagnostics, "it is not the folder of a sweep");
    if (take_lock(part, diagnostics) || open_log(part, diagnostics)) return PF_FAILED;
    part->identity = read_text(part, "identity");
    if (!part->identity) return refuse(part, diagnostics, "its identity is missing");
    if (compare_identity(part, identity, diagnostics)) return PF_FAILED;
    return part->mode == PF_PART_RESUME ? cut_log(part, diagnostics) : PF_OK;
}

pf_part *pf_part_open(const char *path, pf_part_mode mode, const char *identity, pf_diagnostics *diagnostics)
{
    pf_part *part = pf_calloc(1, sizeof *part);
    part->arena = pf_arena_new();
    part->folder = part->lock = part->log = -1;
    part->mode = mode;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    part->path = pf_copy_text(part->arena, path, length);
    pthread_mutex_init(&part->appending, NULL);
    pf_status status =
        mode == PF_PART_NEW ? make_folder(part, identity, diagnostics) : use_folder(part, identity, diagnostics);
    if (status == PF_OK) return part;
    pf_part_close(part);
    return NULL;
}

void pf_part_close(pf_part *part)
{
    if (!part) return;
    const int files[] = {part->log, part->lock, part->folder};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] >= 0) close(files[i]);
    pthread_mutex_destroy(&part->appending);
    pf_arena_free(part->arena);
    free(part);
}

const char *pf_part_identity(const pf_part *part)
{
    return part->identity;
}

/* ---- records and the checkpoint ---- */

static pf_status cannot_write(const pf_part *part, const char *why, pf_diagnostics *diagnostics)
{
    return pf_error(diagnostics, (pf_mark){0}, "cannot write to '%s': %s", part->path, why);
}

/* Under the lock of `appending`, errors too: the diagnostics of a run are often one for all its threads. */
static pf_status append_record(pf_part *part, uint64_t members, const void *bytes, size_t size,
                               pf_diagnostics *diagnostics)
{
    uint64_t end;
    if (part->mode == PF_PART_READ) return cannot_write(part, "it was opened for reading", diagnostics);
    if (part->is_broken) return cannot_write(part, "an earlier failure left it torn", diagnostics);
    if (pf_log_write(part->log, part->end, members, bytes, size, &end)) {
        part->end = end;
        return PF_OK;
    }
    int why = errno;
    part->is_broken = ftruncate(part->log, (off_t)part->end) != 0;
    return cannot_write(part, strerror(why), diagnostics);
}

pf_status pf_part_append(pf_part *part, uint64_t members, const void *bytes, size_t size, pf_diagnostics *diagnostics)
{
    pthread_mutex_lock(&part->appending);
    pf_status status = append_record(part, members, bytes, size, diagnostics);
    pthread_mutex_unlock(&part->appending);
    return status;
}

/* The new checkpoint under another name, synced; false with errno. */
static bool write_checkpoint(const pf_part *part, uint64_t members, const void *bytes, size_t size)
{
    uint64_t end;
    int file = create_file(part, "checkpoint.new");
    bool good = file >= 0 && pf_log_begin(file) && pf_log_write(file, PF_LOG_FIRST, members, bytes, size, &end) &&
                fsync(file) == 0;
    int why = errno;
    if (file >= 0) close(file);
    errno = why;
    return good;
}

pf_status pf_part_checkpoint(pf_part *part, uint64_t members, const void *bytes, size_t size,
                             pf_diagnostics *diagnostics)
{
    bool good = part->mode != PF_PART_READ && fsync(part->log) == 0;
    if (good && bytes)
        good = write_checkpoint(part, members, bytes, size) &&
               renameat(part->folder, "checkpoint.new", part->folder, "checkpoint") == 0 &&
               (fsync(part->folder) == 0 || errno == EINVAL);
    if (good) return PF_OK;
    const char *why = part->mode == PF_PART_READ ? "it was opened for reading" : strerror(errno);
    if (part->mode != PF_PART_READ) unlinkat(part->folder, "checkpoint.new", 0);
    pthread_mutex_lock(&part->appending);
    cannot_write(part, why, diagnostics);
    pthread_mutex_unlock(&part->appending);
    return PF_FAILED;
}

static uint64_t end_of_log(pf_part *part)
{
    pthread_mutex_lock(&part->appending);
    uint64_t end = part->end;
    pthread_mutex_unlock(&part->appending);
    return end;
}

pf_status pf_part_records(pf_part *part, pf_part_visitor *visit, void *user, pf_diagnostics *diagnostics)
{
    pf_log_reader reader = pf_log_read(part->log, end_of_log(part));
    pf_log_state state;
    pf_status status = PF_OK;
    while (status == PF_OK && (state = pf_log_next(&reader)) == PF_LOG_RECORD)
        status = visit(user, reader.bytes, (size_t)reader.size, diagnostics);
    int error = errno;
    pf_log_done(&reader);
    if (status) return status;
    if (state == PF_LOG_UNREADABLE) return refuse(part, diagnostics, strerror(error));
    if (state != PF_LOG_DAMAGED) return PF_OK;
    return pf_error(diagnostics, (pf_mark){0}, "'%s': record %llu of the log is damaged; those before it are good",
                    part->path, (unsigned long long)reader.records + 1);
}

/* Opens the checkpoint for a reader of its only record; negative, with errno, if there is none. */
static int open_checkpoint(const pf_part *part, pf_log_reader *reader)
{
    struct stat status = {0};
    int file = openat(part->folder, "checkpoint", O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, &status) == 0) *reader = pf_log_read(file, (uint64_t)status.st_size);
    return file;
}

void *pf_part_read_checkpoint(pf_part *part, size_t *size, pf_diagnostics *diagnostics)
{
    pf_log_reader reader = {0};
    int file = open_checkpoint(part, &reader);
    *size = 0;
    if (file < 0) {
        if (errno != ENOENT) refuse(part, diagnostics, strerror(errno));
        return NULL;
    }
    bool good = !pf_log_wrong(file) && pf_log_next(&reader) == PF_LOG_RECORD && reader.at == reader.end;
    close(file);
    if (good) {
        *size = (size_t)reader.size;
        return reader.bytes;
    }
    pf_log_done(&reader);
    pf_error(diagnostics, (pf_mark){0}, "'%s': the checkpoint is damaged", part->path);
    return NULL;
}

pf_part_facts pf_part_look(pf_part *part)
{
    pf_part_facts facts = {.is_running = part->is_running};
    pf_log_reader log = pf_log_read(part->log, end_of_log(part)), checkpoint = {0};
    while (pf_log_skip(&log) == PF_LOG_RECORD) facts.members += log.members;
    facts.records = log.records;
    facts.bytes = log.at;
    int file = open_checkpoint(part, &checkpoint);
    if (file < 0) return facts;
    if (pf_log_skip(&checkpoint) == PF_LOG_RECORD) {
        facts.bytes += checkpoint.end;
        if (checkpoint.members > facts.members) facts.members = checkpoint.members;
    }
    close(file);
    return facts;
}

void pf_part_remove(pf_part *part)
{
    if (part->mode == PF_PART_READ) return;
    remove_files(part);
    if (part->log >= 0) close(part->log);
    if (part->lock >= 0) close(part->lock);
    part->log = part->lock = -1;
    rmdir(part->path);
}
