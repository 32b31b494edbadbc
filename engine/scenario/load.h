/* Files to one tree: `use:` merged, tables expanded, values set from the command line. */
#ifndef PF_LOAD_H
#define PF_LOAD_H

#include "scenario/tree.h"

/* Reads `path` and all it uses, each file once, and expands tables; the shared part of each {shared: A, own: B} that
 * has no name (`as`) is named by its path. `settings` are "PATH=VALUE" texts laid over it (a path from the top, or
 * PARK.PROCESS.parameter). NULL after an error that leaves no tree, or not the whole of it: a file that cannot be read,
 * or of another version. */
pf_tree *pf_load(pf_files *files, const char *path, const char *const *settings, size_t setting_count,
                 pf_diagnostics *diagnostics);

#endif
