/* The folder of an unfinished sweep: whatever a kill, a full disk or a damaged sector leaves, what was whole comes back
 * and what was not is dropped or named. */
#include "results/part.h"

#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char identity[] = "model: 1f3a\ndesign: sobol\nseed: 1\nmembers: 4096\n";

typedef struct {
    temporary t;
    const char *path;
} fixture;

static const char *inside(fixture *f, const char *name)
{
    return pf_format(f->t.arena, "%s/%s", f->path, name);
}

static int set_up(void **state)
{
    fixture *f = pf_calloc(1, sizeof *f);
    f->t = temporary_new();
    f->path = pf_format(f->t.arena, "%s/out.h5.part", f->t.folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    const char *const names[] = {"identity", "log", "checkpoint", "checkpoint.new", "lock", "notes"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(inside(f, names[i]));
    rmdir(f->path);
    temporary_free(&f->t);
    free(f);
    return 0;
}

static pf_part *opened(fixture *f, pf_part_mode mode)
{
    pf_part *part = pf_part_open(f->path, mode, identity, f->t.diagnostics);
    if (!part) fail_msg("%s", said(&f->t));
    return part;
}

static void append_text(fixture *f, pf_part *part, const char *text)
{
    assert_int_equal(pf_part_append(part, 10, text, strlen(text), f->t.diagnostics), PF_OK);
}

typedef struct {
    char text[4096];
    int count, stop_at;
} collected;

/* "one,two," */
static pf_status collect(void *user, const void *bytes, size_t size, pf_diagnostics *diagnostics)
{
    collected *c = user;
    size_t length = strlen(c->text);
    assert_true(length + size + 2 < sizeof c->text);
    memcpy(c->text + length, bytes, size);
    strcpy(c->text + length + size, ",");
    return ++c->count == c->stop_at ? pf_error(diagnostics, (pf_mark){0}, "stopped by the visitor") : PF_OK;
}

static void assert_records(fixture *f, pf_part *part, const char *expected)
{
    collected c = {0};
    assert_int_equal(pf_part_records(part, collect, &c, f->t.diagnostics), PF_OK);
    assert_string_equal(c.text, expected);
}

static off_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

static char *bytes_of(const char *path, size_t *size)
{
    *size = (size_t)size_of(path);
    char *bytes = pf_malloc(*size);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void put_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* A part with three records of which the middle one is empty. */
static void write_three(fixture *f)
{
    pf_part *part = opened(f, PF_PART_NEW);
    append_text(f, part, "first");
    append_text(f, part, "");
    append_text(f, part, "third, a longer one");
    pf_part_close(part);
}

static void records_come_back_in_order_over_two_openings(void **state)
{
    fixture *f = *state;
    pf_part *part = opened(f, PF_PART_NEW);
    assert_records(f, part, "");
    append_text(f, part, "one");
    append_text(f, part, "two");
    assert_records(f, part, "one,two,");
    pf_part_close(part);
    part = opened(f, PF_PART_RESUME);
    assert_string_equal(pf_part_identity(part), identity);
    append_text(f, part, "three");
    assert_records(f, part, "one,two,three,");
    pf_part_close(part);
    part = opened(f, PF_PART_READ);
    assert_records(f, part, "one,two,three,");
    pf_part_facts facts = pf_part_look(part);
    assert_int_equal(facts.records, 3);
    assert_int_equal(facts.members, 30);
    assert_int_equal(facts.bytes, size_of(inside(f, "log")));
    assert_false(facts.is_running);
    pf_part_close(part);
    assert_nothing_said(&f->t);
}

static void a_failing_visitor_ends_the_visit(void **state)
{
    fixture *f = *state;
    write_three(f);
    pf_part *part = opened(f, PF_PART_READ);
    collected c = {.stop_at = 2};
    assert_int_equal(pf_part_records(part, collect, &c, f->t.diagnostics), PF_FAILED);
    assert_string_equal(c.text, "first,,");
    assert_said(&f->t, "error: stopped by the visitor");
    pf_part_close(part);
}

/* The log cut behind each of its bytes in turn: what was whole stays, and appending goes on right behind it. */
static void a_torn_record_is_dropped_wherever_it_was_cut(void **state)
{
    fixture *f = *state;
    write_three(f);
    size_t size;
    char *bytes = bytes_of(inside(f, "log"), &size);
    const size_t first_line = 16, header = 24, end_of_first = first_line + header + 5,
                 end_of_second = end_of_first + header;
    assert_int_equal(size, end_of_second + header + 19);
    for (size_t cut = first_line; cut <= size; cut++) {
        const char *whole = cut < end_of_first    ? ""
                            : cut < end_of_second ? "first,"
                            : cut < size          ? "first,,"
                                                  : "first,,third, a longer one,";
        put_bytes(inside(f, "log"), bytes, cut);
        pf_part *part = opened(f, PF_PART_READ);
        assert_records(f, part, whole);
        pf_part_close(part);
        assert_int_equal(size_of(inside(f, "log")), cut);
        part = opened(f, PF_PART_RESUME);
        assert_records(f, part, whole);
        append_text(f, part, "again");
        assert_records(f, part, pf_format(f->t.arena, "%sagain,", whole));
        pf_part_close(part);
    }
    free(bytes);
    assert_nothing_said(&f->t);
}

static void assert_damage_is_said_and_cut(fixture *f, size_t byte, const char *before)
{
    temporary fresh = {.arena = f->t.arena, .diagnostics = pf_diagnostics_new()};
    collected c = {0};
    pf_part *part = pf_part_open(f->path, PF_PART_READ, NULL, fresh.diagnostics);
    assert_non_null(part);
    off_t size = size_of(inside(f, "log"));
    if (pf_part_records(part, collect, &c, fresh.diagnostics) != PF_FAILED) fail_msg("byte %zu was not missed", byte);
    assert_string_equal(c.text, before);
    assert_said(&fresh, "of the log is damaged; those before it are good");
    pf_part_close(part);
    assert_int_equal(size_of(inside(f, "log")), size);
    pf_diagnostics_free(fresh.diagnostics);

    fresh.diagnostics = pf_diagnostics_new();
    part = pf_part_open(f->path, PF_PART_RESUME, identity, fresh.diagnostics);
    assert_non_null(part);
    assert_said(&fresh, "is damaged; it and what follows is cut off");
    assert_int_equal(pf_error_count(fresh.diagnostics), 0);
    assert_records(f, part, before);
    append_text(f, part, "again");
    assert_records(f, part, pf_format(f->t.arena, "%sagain,", before));
    pf_part_close(part);
    pf_diagnostics_free(fresh.diagnostics);
}

/* Each bit of a checksum, a length or the bytes themselves matters. */
static void a_flipped_bit_anywhere_in_a_record_is_found(void **state)
{
    fixture *f = *state;
    write_three(f);
    size_t size;
    char *bytes = bytes_of(inside(f, "log"), &size);
    for (size_t byte = 16; byte < size; byte++) {
        const char *before = byte < 45 ? "" : byte < 69 ? "first," : "first,,";
        char flipped = (char)(1 << byte % 8);
        bytes[byte] = (char)(bytes[byte] ^ flipped);
        put_bytes(inside(f, "log"), bytes, size);
        bytes[byte] = (char)(bytes[byte] ^ flipped);
        assert_damage_is_said_and_cut(f, byte, before);
    }
    free(bytes);
}

static void bytes_of_every_kind_come_back(void **state)
{
    fixture *f = *state;
    pf_part *part = opened(f, PF_PART_NEW);
    size_t size = 1 << 20, got;
    unsigned char *bytes = pf_malloc(size);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    assert_int_equal(pf_part_checkpoint(part, 7, bytes, size, f->t.diagnostics), PF_OK);
    void *back = pf_part_read_checkpoint(part, &got, f->t.diagnostics);
    assert_int_equal(got, size);
    assert_memory_equal(back, bytes, size);
    free(back);
    free(bytes);
    pf_part_close(part);
}

typedef struct {
    pf_part *part;
    int number;
    pf_diagnostics *diagnostics;
} appender;

static void *append_many(void *user)
{
    appender *a = user;
    unsigned char bytes[257];
    for (int i = 0; i < 200; i++) {
        memset(bytes, a->number, sizeof bytes);
        if (pf_part_append(a->part, 1, bytes, (size_t)(i % 257), a->diagnostics)) return a;
    }
    return NULL;
}

static pf_status check_pure(void *user, const void *bytes, size_t size, pf_diagnostics *diagnostics)
{
    const unsigned char *at = bytes;
    (void)diagnostics;
    for (size_t i = 1; i < size; i++) assert_int_equal(at[i], at[0]);
    ++*(int *)user;
    return PF_OK;
}

static void threads_append_whole_records_beside_checkpoints(void **state)
{
    fixture *f = *state;
    pf_part *part = opened(f, PF_PART_NEW);
    pthread_t threads[4];
    appender appenders[4];
    for (int i = 0; i < 4; i++) {
        appenders[i] = (appender){part, i + 1, f->t.diagnostics};
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, &appenders[i]), 0);
    }
    for (int i = 0; i < 3; i++) assert_int_equal(pf_part_checkpoint(part, 0, &i, sizeof i, f->t.diagnostics), PF_OK);
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    int count = 0;
    assert_int_equal(pf_part_records(part, check_pure, &count, f->t.diagnostics), PF_OK);
    assert_int_equal(count, 800);
    pf_part_close(part);
}

/* ---- the checkpoint ---- */

static void a_checkpoint_replaces_the_last_one(void **state)
{
    fixture *f = *state;
    size_t size;
    pf_part *part = opened(f, PF_PART_NEW);
    assert_null(pf_part_read_checkpoint(part, &size, f->t.diagnostics));
    assert_int_equal(size, 0);
    append_text(f, part, "one");
    assert_int_equal(pf_part_checkpoint(part, 64, "much of it", 10, f->t.diagnostics), PF_OK);
    assert_int_equal(pf_part_checkpoint(part, 96, "less", 4, f->t.diagnostics), PF_OK);
    assert_int_equal(pf_part_checkpoint(part, 999, NULL, 0, f->t.diagnostics), PF_OK); /* only syncs */
    pf_part_close(part);
    part = opened(f, PF_PART_RESUME);
    char *bytes = pf_part_read_checkpoint(part, &size, f->t.diagnostics);
    assert_int_equal(size, 4);
    assert_memory_equal(bytes, "less", 4);
    free(bytes);
    assert_int_equal(pf_part_look(part).members, 96);
    assert_int_equal(size_of(inside(f, "checkpoint.new")), -1);
    pf_part_close(part);
    assert_nothing_said(&f->t);
}

/* What a kill amid writing leaves is a torn file of the other name. */
static void a_half_written_new_checkpoint_leaves_the_old_one(void **state)
{
    fixture *f = *state;
    size_t size;
    pf_part *part = opened(f, PF_PART_NEW);
    assert_int_equal(pf_part_checkpoint(part, 64, "kept", 4, f->t.diagnostics), PF_OK);
    pf_part_close(part);
    put_bytes(inside(f, "checkpoint.new"), "parkflow part 1\nrub", 19);
    part = opened(f, PF_PART_RESUME);
    char *bytes = pf_part_read_checkpoint(part, &size, f->t.diagnostics);
    assert_memory_equal(bytes, "kept", 4);
    free(bytes);
    assert_int_equal(pf_part_checkpoint(part, 65, "next", 4, f->t.diagnostics), PF_OK);
    bytes = pf_part_read_checkpoint(part, &size, f->t.diagnostics);
    assert_memory_equal(bytes, "next", 4);
    free(bytes);
    pf_part_close(part);
    assert_nothing_said(&f->t);
}

static void a_damaged_checkpoint_is_an_error_at_each_of_its_bytes(void **state)
{
    fixture *f = *state;
    size_t size, got;
    pf_part *part = opened(f, PF_PART_NEW);
    assert_int_equal(pf_part_checkpoint(part, 64, "state", 5, f->t.diagnostics), PF_OK);
    char *bytes = bytes_of(inside(f, "checkpoint"), &size);
    for (size_t byte = 0; byte <= size; byte++) {
        temporary fresh = {.arena = f->t.arena, .diagnostics = pf_diagnostics_new()};
        if (byte < size) bytes[byte] ^= 16;
        put_bytes(inside(f, "checkpoint"), bytes, byte < size ? size : size - 1); /* at last it is one byte short */
        assert_null(pf_part_read_checkpoint(part, &got, fresh.diagnostics));
        assert_said(&fresh, "the checkpoint is damaged");
        if (byte < size) bytes[byte] ^= 16;
        pf_diagnostics_free(fresh.diagnostics);
    }
    free(bytes);
    pf_part_close(part);
}

/* ---- who may use it ---- */

static void assert_refused(fixture *f, pf_part_mode mode, const char *of, const char *message)
{
    temporary fresh = {.arena = f->t.arena, .diagnostics = pf_diagnostics_new()};
    memcpy(fresh.folder, f->t.folder, sizeof fresh.folder);
    assert_null(pf_part_open(f->path, mode, of, fresh.diagnostics));
    assert_said(&fresh, message);
    pf_diagnostics_free(fresh.diagnostics);
}

/* In a process of its own, which exits 0 if `mode` gets the part, and then 8 more if it sees that it is in use. */
static int in_a_second_process(fixture *f, pf_part_mode mode, const char *message)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        pf_diagnostics *diagnostics = pf_diagnostics_new();
        pf_part *part = pf_part_open(f->path, mode, identity, diagnostics);
        if (part) _exit(pf_part_look(part).is_running ? 8 : 0);
        _exit(message && strstr(pf_first_error(diagnostics), message) ? 1 : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_second_process_is_refused_but_may_read(void **state)
{
    fixture *f = *state;
    pf_part *part = opened(f, PF_PART_NEW);
    append_text(f, part, "one");
    assert_int_equal(in_a_second_process(f, PF_PART_RESUME, "another parkflow process is using it"), 1);
    assert_int_equal(in_a_second_process(f, PF_PART_READ, NULL), 8);
    pf_part_close(part);
    assert_int_equal(in_a_second_process(f, PF_PART_READ, NULL), 0);
    assert_int_equal(in_a_second_process(f, PF_PART_RESUME, NULL), 0);
}

static void a_killed_process_leaves_the_part_free(void **state)
{
    fixture *f = *state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        pf_part *part = pf_part_open(f->path, PF_PART_NEW, identity, f->t.diagnostics);
        pf_part_append(part, 1, "kept", 4, f->t.diagnostics);
        if (write(ready[1], "x", 1) == 1) pause();
        _exit(1);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_refused(f, PF_PART_RESUME, identity, "another parkflow process is using it");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    pf_part *part = opened(f, PF_PART_RESUME);
    assert_records(f, part, "kept,");
    pf_part_close(part);
}

static void another_sweep_is_refused_by_the_first_line_that_differs(void **state)
{
    fixture *f = *state;
    write_three(f);
    assert_refused(f, PF_PART_RESUME, "model: 1f3a\ndesign: sobol\nseed: 2\nmembers: 8\n",
                   "'out.h5.part' is of another sweep: its seed is '1', but here it is '2'");
    assert_refused(f, PF_PART_RESUME, "model: 1f3a\nlist: a.csv\nseed: 2\n",
                   "is of another sweep: it says 'design: sobol', but here it is 'list: a.csv'");
    assert_refused(f, PF_PART_RESUME, "model: 1f3a\ndesign: sobol\nseed: 1\n",
                   "is of another sweep: it says 'members: 4096', but here it is ''");
    assert_refused(f, PF_PART_READ, "model: 1f3a\ndesign: sobol\nseed: 1\nmembers: 4096\nkeep: paths\n",
                   "is of another sweep: it says '', but here it is 'keep: paths'");
    pf_part *part = opened(f, PF_PART_RESUME);
    assert_records(f, part, "first,,third, a longer one,");
    pf_part_close(part);
}

static void a_part_that_exists_is_not_begun_anew(void **state)
{
    fixture *f = *state;
    write_three(f);
    assert_refused(f, PF_PART_NEW, identity, "holds an unfinished sweep: --resume goes on with it, or delete it");
    pf_part *part = opened(f, PF_PART_READ);
    assert_records(f, part, "first,,third, a longer one,");
    pf_part_close(part);
}

static void what_is_no_part_is_left_alone(void **state)
{
    fixture *f = *state;
    assert_refused(f, PF_PART_RESUME, identity, "there is nothing to resume: 'out.h5.part' does not exist");
    assert_refused(f, PF_PART_READ, NULL, "cannot use 'out.h5.part': No such file or directory");
    put_bytes(f->path, "a file", 6);
    assert_refused(f, PF_PART_RESUME, identity, "it is not the folder of a sweep");
    assert_refused(f, PF_PART_NEW, identity, "it exists already and is no unfinished sweep");
    unlink(f->path);
    mkdir(f->path, 0777);
    put_bytes(inside(f, "notes"), "mine", 4);
    assert_refused(f, PF_PART_RESUME, identity, "it is not the folder of a sweep");
    assert_refused(f, PF_PART_NEW, identity, "it exists already and is no unfinished sweep");
    assert_int_equal(size_of(inside(f, "notes")), 4);
    assert_int_equal(size_of(inside(f, "lock")), -1);
}

static void a_log_of_another_kind_or_version_is_refused(void **state)
{
    fixture *f = *state;
    write_three(f);
    put_bytes(inside(f, "log"), "parkflow part 2\nnew and better", 30);
    assert_refused(f, PF_PART_RESUME, identity, "it was written by another version of parkflow");
    put_bytes(inside(f, "log"), "Mon 12:00 machine started", 25);
    assert_refused(f, PF_PART_RESUME, identity, "its log is not one of parkflow's");
    put_bytes(inside(f, "log"), "", 0);
    assert_refused(f, PF_PART_RESUME, identity, "its log is empty or cannot be read");
}

/* ---- a full disk ---- */

/* Writing a file beyond `bytes` now fails with EFBIG, as on a full disk with ENOSPC. */
static void limit_files_to(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_leaves_the_log_as_it_was(void **state)
{
    fixture *f = *state;
    char big[1000] = {0};
    pf_part *part = opened(f, PF_PART_NEW);
    append_text(f, part, "one");
    off_t before = size_of(inside(f, "log"));
    limit_files_to(500);
    pf_status status = pf_part_append(part, 1, big, sizeof big, f->t.diagnostics);
    off_t after = size_of(inside(f, "log"));
    limit_files_to(RLIM_INFINITY);
    assert_int_equal(status, PF_FAILED);
    assert_int_equal(after, before);
    assert_said(&f->t, "error: cannot write to 'out.h5.part': File too large");
    append_text(f, part, "two");
    assert_records(f, part, "one,two,");
    pf_part_close(part);
}

static void a_full_disk_leaves_the_old_checkpoint(void **state)
{
    fixture *f = *state;
    char big[1000] = {0};
    size_t size;
    pf_part *part = opened(f, PF_PART_NEW);
    assert_int_equal(pf_part_checkpoint(part, 1, "old", 3, f->t.diagnostics), PF_OK);
    limit_files_to(500);
    pf_status status = pf_part_checkpoint(part, 2, big, sizeof big, f->t.diagnostics);
    limit_files_to(RLIM_INFINITY);
    assert_int_equal(status, PF_FAILED);
    assert_said(&f->t, "error: cannot write to 'out.h5.part': File too large");
    char *bytes = pf_part_read_checkpoint(part, &size, f->t.diagnostics);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "old", 3);
    free(bytes);
    assert_int_equal(size_of(inside(f, "checkpoint.new")), -1);
    pf_part_close(part);
}

static void a_disk_full_from_the_start_leaves_nothing(void **state)
{
    fixture *f = *state;
    limit_files_to(20); /* enough for the log's first line, too little for the identity */
    assert_refused(f, PF_PART_NEW, identity, "cannot make 'out.h5.part': File too large");
    limit_files_to(RLIM_INFINITY);
    assert_int_equal(size_of(f->path), -1);
    assert_int_equal(rmdir(f->t.folder), 0); /* it is empty */
    assert_int_equal(mkdir(f->t.folder, 0700), 0);
}

static void reading_changes_nothing(void **state)
{
    fixture *f = *state;
    write_three(f);
    pf_part *part = opened(f, PF_PART_READ);
    assert_int_equal(pf_part_append(part, 1, "x", 1, f->t.diagnostics), PF_FAILED);
    assert_int_equal(pf_part_checkpoint(part, 1, "x", 1, f->t.diagnostics), PF_FAILED);
    pf_part_remove(part);
    assert_records(f, part, "first,,third, a longer one,");
    pf_part_close(part);
    assert_int_equal(size_of(inside(f, "checkpoint")), -1);
}

static void remove_leaves_nothing_but_what_is_not_ours(void **state)
{
    fixture *f = *state;
    pf_part *part = opened(f, PF_PART_NEW);
    append_text(f, part, "one");
    assert_int_equal(pf_part_checkpoint(part, 1, "state", 5, f->t.diagnostics), PF_OK);
    pf_part_remove(part);
    pf_part_close(part);
    assert_int_equal(size_of(f->path), -1);
    part = opened(f, PF_PART_NEW);
    put_bytes(inside(f, "notes"), "mine", 4);
    pf_part_remove(part);
    pf_part_close(part);
    assert_int_equal(size_of(inside(f, "notes")), 4);
    assert_int_equal(size_of(inside(f, "log")), -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_come_back_in_order_over_two_openings),
        TEST(a_failing_visitor_ends_the_visit),
        TEST(a_torn_record_is_dropped_wherever_it_was_cut),
        TEST(a_flipped_bit_anywhere_in_a_record_is_found),
        TEST(bytes_of_every_kind_come_back),
        TEST(threads_append_whole_records_beside_checkpoints),
        TEST(a_checkpoint_replaces_the_last_one),
        TEST(a_half_written_new_checkpoint_leaves_the_old_one),
        TEST(a_damaged_checkpoint_is_an_error_at_each_of_its_bytes),
        TEST(a_second_process_is_refused_but_may_read),
        TEST(a_killed_process_leaves_the_part_free),
        TEST(another_sweep_is_refused_by_the_first_line_that_differs),
        TEST(a_part_that_exists_is_not_begun_anew),
        TEST(what_is_no_part_is_left_alone),
        TEST(a_log_of_another_kind_or_version_is_refused),
        TEST(a_full_disk_leaves_the_log_as_it_was),
        TEST(a_full_disk_leaves_the_old_checkpoint),
        TEST(a_disk_full_from_the_start_leaves_nothing),
        TEST(reading_changes_nothing),
        TEST(remove_leaves_nothing_but_what_is_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
