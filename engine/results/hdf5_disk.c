/* HDF5's calls for bytes at addresses, as pread and pwrite: takes a descriptor, gives a driver (HDF5 calls it a virtual
 * file driver). Nothing is locked: the file is a temporary one that nobody else knows. */
#include "results/hdf5_disk.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What HDF5 knows of an open file: it must begin with HDF5's own part. */
typedef struct {
    H5FD_t public;
    pf_h5_disk *disk;
    haddr_t end_of_addresses, end_of_file;
} open_file;

static void keep_error(open_file *self)
{
    if (!self->disk->error) self->disk->error = errno;
}

/* HDF5 opens a file that it is to make twice, first without H5F_ACC_TRUNC, to see if it is open already. */
static H5FD_t *open_disk(const char *name, unsigned flags, hid_t access, haddr_t most)
{
    (void)name;
    (void)most;
    pf_h5_disk *const *disk = H5Pget_driver_info(access);
    struct stat status;
    if (!disk || fstat((*disk)->file, &status) != 0) return NULL;
    open_file *self = pf_calloc(1, sizeof *self);
    self->disk = *disk;
    if (!(flags & H5F_ACC_TRUNC)) self->end_of_file = (haddr_t)status.st_size;
    else if (ftruncate((*disk)->file, 0) != 0) keep_error(self);
    return &self->public;
}

static herr_t close_disk(H5FD_t *file)
{
    free(file);
    return 0;
}

static herr_t tell_features(const H5FD_t *file, unsigned long *flags)
{
    (void)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t get_end_of_addresses(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const open_file *)file)->end_of_addresses;
}

static herr_t set_end_of_addresses(H5FD_t *file, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((open_file *)file)->end_of_addresses = address;
    return 0;
}

static haddr_t get_end_of_file(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const open_file *)file)->end_of_file;
}

/* Beyond the end of the file are zeros. */
static herr_t read_bytes(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *bytes)
{
    (void)type;
    (void)transfer;
    char *to = bytes;
    while (size > 0) {
        ssize_t got = pread(((open_file *)file)->disk->file, to, size, (off_t)address);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        to += got;
        address += (haddr_t)got;
        size -= (size_t)got;
    }
    memset(to, 0, size);
    return 0;
}

static herr_t write_bytes(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                          const void *bytes)
{
    (void)type;
    (void)transfer;
    open_file *self = (open_file *)file;
    const char *from = bytes;
    if (address + size > self->end_of_file) self->end_of_file = address + size;
    while (size > 0) {
        ssize_t written = pwrite(self->disk->file, from, size, (off_t)address);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            keep_error(self);
            break;
        }
        from += written;
        address += (haddr_t)written;
        size -= (size_t)written;
    }
    return 0;
}

static herr_t set_size(H5FD_t *file, hid_t transfer, hbool_t closing)
{
    (void)transfer;
    (void)closing;
    open_file *self = (open_file *)file;
    if (self->end_of_file == self->end_of_addresses) return 0;
    if (ftruncate(self->disk->file, (off_t)self->end_of_addresses) != 0) keep_error(self);
    self->end_of_file = self->end_of_addresses;
    return 0;
}

static const H5FD_class_t driver = {
    .name = "parkflow",
    .maxaddr = ((haddr_t)1 << (8 * sizeof(off_t) - 1)) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(pf_h5_disk *),
    .open = open_disk,
    .close = close_disk,
    .query = tell_features,
    .get_eoa = get_end_of_addresses,
    .set_eoa = set_end_of_addresses,
    .get_eof = get_end_of_file,
    .read = read_bytes,
    .write = write_bytes,
    .truncate = set_size,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

herr_t pf_h5_use_disk(hid_t access, pf_h5_disk *disk)
{
    disk->driver = H5FDregister(&driver);
    return disk->driver < 0 ? -1 : H5Pset_driver(access, disk->driver, &disk);
}

void pf_h5_leave_disk(pf_h5_disk *disk)
{
    if (disk->driver > 0) H5FDunregister(disk->driver);
    disk->driver = 0;
}
