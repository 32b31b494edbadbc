/* Files are opened in one place, so that folders, missing files and files too large are refused in the same words. */
#include "scenario/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_FILE = 64 << 20 };

FILE *pf_file_open(const char *path, pf_mark from, size_t *size, pf_diagnostics *diagnostics)
{
    struct stat status;
    const char *why = NULL;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status)) why = strerror(errno);
    else if (S_ISDIR(status.st_mode)) why = "it is a folder, expected a file";
    else if (!S_ISREG(status.st_mode)) why = "it is no regular file";
    else if (status.st_size > LARGEST_FILE) why = "expected a file of at most 64 MB";
    if (!why) {
        *size = (size_t)status.st_size;
        return file;
    }
    if (from.line) pf_error(diagnostics, from, "'%s' cannot be read: %s", path, why);
    else pf_error(diagnostics, (pf_mark){path, 0, 0}, "cannot be read: %s", why);
    if (file) fclose(file);
    return NULL;
}
