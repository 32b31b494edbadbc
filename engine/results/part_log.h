/* Records in a file, as a sweep's log and checkpoint hold them: after the first line each record is
 *   length (8 bytes), members (8), CRC-32 of the bytes (4), CRC-32 of these 20 bytes (4), the bytes
 * with numbers little-endian. So a record that a kill cut short is told from one that is damaged. */
#ifndef PF_PART_LOG_H
#define PF_PART_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PF_LOG_FIRST = 16, PF_LOG_HEADER = 24 }; /* bytes of the first line, and before each record's own */

/* A new log, at its first line. These give false, with errno. */
bool pf_log_begin(int file);
/* Writes a record from byte `at` on; *end is then the byte behind it. */
bool pf_log_write(int file, uint64_t at, uint64_t members, const void *bytes, size_t size, uint64_t *end);

/* NULL if the file begins as a log does, else what is wrong with it. */
const char *pf_log_wrong(int file);

typedef enum {
    PF_LOG_RECORD,
    PF_LOG_END,       /* no more records */
    PF_LOG_TORN,      /* the last one is not whole */
    PF_LOG_DAMAGED,   /* a checksum differs */
    PF_LOG_UNREADABLE /* errno says why */
} pf_log_state;

typedef struct {
    int file;
    uint64_t at, end; /* the byte behind the last record that was read; the end of the file when reading began */
    uint64_t size, members, records;
    unsigned char *bytes; /* of the last record; released by pf_log_done */
    size_t room;
} pf_log_reader;

pf_log_reader pf_log_read(int file, uint64_t end);
/* Reads the next record and checks it, or only steps over its bytes. `at` moves on if it is whole. */
pf_log_state pf_log_next(pf_log_reader *reader);
pf_log_state pf_log_skip(pf_log_reader *reader);
void pf_log_done(pf_log_reader *reader);

/* Whole bytes at a place, in spite of interruptions. False with errno; a file that ends too early gives EIO. */
bool pf_write_at(int file, const void *bytes, size_t size, uint64_t at);
bool pf_read_at(int file, void *bytes, size_t size, uint64_t at);

#endif
