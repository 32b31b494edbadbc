/* A file driver for HDF5 that writes to a descriptor which is open already and stays the caller's. A write that fails
 * is kept as an error number and reported to HDF5 as done: HDF5 1.10 cannot close a file that it could not write to,
 * and crashes when the program ends. Who uses it asks for `error` after each step. */
#ifndef PF_HDF5_DISK_H
#define PF_HDF5_DISK_H

#include <hdf5.h>

typedef struct {
    int file;
    int error;    /* errno of the first write that failed; 0: none did */
    hid_t driver; /* as HDF5 knows it; 0: it does not */
} pf_h5_disk;

/* Makes files that `access` opens be the one of `disk`, whatever their name; `disk` must outlive the open file. */
herr_t pf_h5_use_disk(hid_t access, pf_h5_disk *disk);
/* Behind the closing of the file, for HDF5 1.10 still looks at a driver that the file alone held, after it let it go.
 */
void pf_h5_leave_disk(pf_h5_disk *disk);

#endif
