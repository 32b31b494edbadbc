/* Is a workbook whole? libxlsxwriter writes each part to a temporary file first and does not notice when that disk is
 * full: the book then opens with half a sheet, or not at all. So each part is unpacked and must end with the element
 * that it began with. ZIP as of APPNOTE 6.3.10, 4.3: local headers, one behind the other, without data descriptors. */
#include "results/workbook.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

enum { LOCAL_HEADER = 0x04034b50, CENTRAL_HEADER = 0x02014b50, HEADER_BYTES = 30, DEFLATED = 8 };

/* A number of the ZIP format: little end first. */
static uint32_t number_at(const unsigned char *at, size_t bytes)
{
    uint32_t number = 0;
    for (size_t i = bytes; i-- > 0;) number = number << 8 | at[i];
    return number;
}

/* The first element; NULL where there is none. */
static const char *first_element(const char *text)
{
    const char *at = strchr(text, '<');
    while (at && !isalpha((unsigned char)at[1])) at = strchr(at + 1, '<');
    return at;
}

static bool is_whole_xml(char *text, size_t length)
{
    while (length && isspace((unsigned char)text[length - 1])) text[--length] = 0;
    const char *first = first_element(text);
    if (!first || length < 2 || text[length - 1] != '>') return false;
    if (text[length - 2] == '/' && strchr(first, '>') == text + length - 1) return true; /* it is empty */
    size_t name = strcspn(first + 1, " />\t\r\n");
    const char *last = text + length - 1 - name;
    return last > first + 2 && !strncmp(last, first + 1, name) && last[-1] == '/' && last[-2] == '<';
}

static bool is_whole_part(const unsigned char *packed, size_t packed_size, size_t size)
{
    z_stream stream = {.next_in = (unsigned char *)packed, .avail_in = (unsigned)packed_size};
    char *text = pf_calloc(size + 1, 1);
    stream.next_out = (unsigned char *)text;
    stream.avail_out = (unsigned)size + 1;
    bool is_open = inflateInit2(&stream, -MAX_WBITS) == Z_OK;
    bool is_whole = is_open && inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size;
    if (is_open) inflateEnd(&stream);
    is_whole = is_whole && is_whole_xml(text, size);
    free(text);
    return is_whole;
}

static bool are_whole_parts(const unsigned char *book, size_t size)
{
    size_t at = 0, parts = 0;
    for (; at + HEADER_BYTES <= size && number_at(book + at, 4) == LOCAL_HEADER; parts++) {
        const unsigned char *header = book + at;
        size_t packed = number_at(header + 18, 4), unpacked = number_at(header + 22, 4);
        at += HEADER_BYTES + number_at(header + 26, 2) + number_at(header + 28, 2);
        if (number_at(header + 8, 2) != DEFLATED || packed > size - at) return false;
        if (!is_whole_part(book + at, packed, unpacked)) return false;
        at += packed;
    }
    return parts && at + 4 <= size && number_at(book + at, 4) == CENTRAL_HEADER;
}

bool pf_workbook_is_whole(int file)
{
    off_t size = lseek(file, 0, SEEK_END);
    if (size <= 0) return false;
    void *book = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file, 0);
    if (book == MAP_FAILED) return false;
    bool is_whole = are_whole_parts(book, (size_t)size);
    munmap(book, (size_t)size);
    return is_whole;
}
