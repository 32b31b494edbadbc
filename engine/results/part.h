/* What a sweep leaves while it runs, so that a kill at any point loses little: a folder OUT.h5.part with
 *   identity    what the sweep is, as text; another sweep's is refused, naming the first line that differs
 *   log         append-only records of finished batches, each with its length and CRC; a torn last one is dropped
 *   checkpoint  the state of the statistics and the members in it, replaced by write, sync and rename
 *   lock        held exclusively while a process uses the folder
 * It knows nothing of what the records hold. A process opens a folder once at a time: its locks are fcntl's, which know
 * processes only (and work on network file systems). */
#ifndef PF_PART_H
#define PF_PART_H

#include "base/diagnostics.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct pf_part pf_part;

typedef enum {
    PF_PART_NEW,    /* must not exist yet */
    PF_PART_RESUME, /* must exist, with the same identity; the log is checked, and cut behind its last good record */
    PF_PART_READ    /* must exist; nothing is changed, no lock is taken beyond a shared one */
} pf_part_mode;

/* `path`: of the folder. identity: lines "key: value"; NULL with PF_PART_READ takes any. NULL after an error. */
pf_part *pf_part_open(const char *path, pf_part_mode mode, const char *identity, pf_diagnostics *diagnostics);
void pf_part_close(pf_part *part); /* NULL is allowed */
const char *pf_part_identity(const pf_part *part);

/* Appends a record and hands it to the system (no sync); safe from several threads. A full disk is an error that leaves
 * the log as it was. `members`: how many the record finishes, for `info` only. */
pf_status pf_part_append(pf_part *part, uint64_t members, const void *bytes, size_t size, pf_diagnostics *diagnostics);
/* Syncs the log; then replaces the checkpoint. bytes may be NULL: sync only. One thread at a time; others may append
 * meanwhile. `members`: how many are in it, for `info` only. Only damage to the log can leave a checkpoint that knows
 * of records which the log has not. */
pf_status pf_part_checkpoint(pf_part *part, uint64_t members, const void *bytes, size_t size,
                             pf_diagnostics *diagnostics);

/* Calls `visit` for each whole record in the order of the log; stops where it fails. A damaged record is an error after
 * all before it were visited (PF_PART_RESUME has cut it off already, with a warning). */
typedef pf_status pf_part_visitor(void *user, const void *bytes, size_t size, pf_diagnostics *diagnostics);
pf_status pf_part_records(pf_part *part, pf_part_visitor *visit, void *user, pf_diagnostics *diagnostics);
/* The checkpoint, to free(); NULL and size 0 if there is none yet. One that is damaged is an error. */
void *pf_part_read_checkpoint(pf_part *part, size_t *size, pf_diagnostics *diagnostics);

typedef struct {
    uint64_t members;        /* finished: in the log or in the checkpoint, whichever has more */
    uint64_t records, bytes; /* whole records of the log; of log and checkpoint together */
    bool is_running;         /* another process holds it (known with PF_PART_READ only) */
} pf_part_facts;
pf_part_facts pf_part_look(pf_part *part);

/* Removes the folder and what parkflow wrote in it; the part is still to be closed, and of no other use. */
void pf_part_remove(pf_part *part);

#endif
