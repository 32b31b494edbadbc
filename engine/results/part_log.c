/* Records in a file: takes bytes, gives them back whole or says that they are torn or damaged. CRC-32 is zlib's. */
#include "results/part_log.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static const char first_line[PF_LOG_FIRST + 1] = "parkflow part 1\n";

bool pf_write_at(int file, const void *bytes, size_t size, uint64_t at)
{
    const unsigned char *from = bytes;
    while (size > 0) {
        ssize_t written = pwrite(file, from, size, (off_t)at);
        if (written < 0 && errno == EINTR) continue;
        if (written == 0) errno = ENOSPC;
        if (written <= 0) return false;
        from += written;
        size -= (size_t)written;
        at += (uint64_t)written;
    }
    return true;
}

bool pf_read_at(int file, void *bytes, size_t size, uint64_t at)
{
    unsigned char *to = bytes;
    while (size > 0) {
        ssize_t got = pread(file, to, size, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) return false;
        to += got;
        size -= (size_t)got;
        at += (uint64_t)got;
    }
    return true;
}

static void put(unsigned char *bytes, size_t size, uint64_t number)
{
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(number >> (8 * i));
}

static uint64_t get(const unsigned char *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

static uint32_t checksum(const void *bytes, size_t size)
{
    return (uint32_t)crc32_z(0, bytes, size);
}

bool pf_log_begin(int file)
{
    return pf_write_at(file, first_line, PF_LOG_FIRST, 0);
}

bool pf_log_write(int file, uint64_t at, uint64_t members, const void *bytes, size_t size, uint64_t *end)
{
    unsigned char header[PF_LOG_HEADER];
    put(header, 8, size);
    put(header + 8, 8, members);
    put(header + 16, 4, size ? checksum(bytes, size) : 0);
    put(header + 20, 4, checksum(header, 20));
    *end = at + sizeof header + size;
    return pf_write_at(file, header, sizeof header, at) && pf_write_at(file, bytes, size, at + sizeof header);
}

const char *pf_log_wrong(int file)
{
    char found[PF_LOG_FIRST];
    const size_t name = strlen("parkflow part ");
    if (!pf_read_at(file, found, sizeof found, 0)) return "its log is empty or cannot be read";
    if (memcmp(found, first_line, name) != 0) return "its log is not one of parkflow's";
    return memcmp(found, first_line, sizeof found) == 0 ? NULL : "it was written by another version of parkflow";
}

pf_log_reader pf_log_read(int file, uint64_t end)
{
    return (pf_log_reader){.file = file, .at = PF_LOG_FIRST, .end = end};
}

/* The header of the next record; its bytes' checksum. */
static pf_log_state read_header(pf_log_reader *r, uint32_t *expected)
{
    unsigned char header[PF_LOG_HEADER];
    uint64_t left = r->end > r->at ? r->end - r->at : 0;
    if (left == 0) return PF_LOG_END;
    if (left < sizeof header) return PF_LOG_TORN;
    if (!pf_read_at(r->file, header, sizeof header, r->at)) return PF_LOG_UNREADABLE;
    if (get(header + 20, 4) != checksum(header, 20)) return PF_LOG_DAMAGED;
    r->size = get(header, 8);
    r->members = get(header + 8, 8);
    *expected = (uint32_t)get(header + 16, 4);
    return r->size > left - sizeof header ? PF_LOG_TORN : PF_LOG_RECORD;
}

static pf_log_state step_over(pf_log_reader *r)
{
    r->at += PF_LOG_HEADER + r->size;
    r->records++;
    return PF_LOG_RECORD;
}

pf_log_state pf_log_next(pf_log_reader *r)
{
    uint32_t expected;
    pf_log_state state = read_header(r, &expected);
    if (state != PF_LOG_RECORD) return state;
    if (r->size > r->room || !r->bytes) {
        free(r->bytes);
        r->room = (size_t)r->size;
        r->bytes = pf_malloc(r->room);
    }
    if (!pf_read_at(r->file, r->bytes, (size_t)r->size, r->at + PF_LOG_HEADER)) return PF_LOG_UNREADABLE;
    bool same = (r->size ? checksum(r->bytes, (size_t)r->size) : 0) == expected;
    return same ? step_over(r) : PF_LOG_DAMAGED;
}

pf_log_state pf_log_skip(pf_log_reader *r)
{
    uint32_t expected;
    pf_log_state state = read_header(r, &expected);
    return state == PF_LOG_RECORD ? step_over(r) : state;
}

void pf_log_done(pf_log_reader *r)
{
    free(r->bytes);
    r->bytes = NULL;
}
