/* Files to one tree: `use:` merged, tables expanded, values set from the command line. */
#ifndef PF_LOAD_H
#define PF_LOAD_H

#include "scenario/tree.h"

/* Reads `path` and all it uses, each file once, and expands tables; `settings` are "PATH=VALUE" texts laid over it (a
 * path from the top, or PARK.PROCESS.parameter). NULL after an error that leaves no tree, or not the whole of it: a
 * file that cannot be read, or of another version. */
pf_tree *pf_load(pf_arena *arena, const char *path, const char *const *settings, size_t setting_count,
                 pf_diagnostics *diagnostics);

/* `name` relative to the folder of the file that `mark` stands in. */
const char *pf_path_beside(pf_arena *arena, pf_mark mark, const char *name);

#endif
