/* Where what comes with the program stands. */
#ifndef PF_INSTALLATION_H
#define PF_INSTALLATION_H

#include "base/arena.h"

/* An absolute path without links; NULL: there is no such file. */
const char *pf_whole_path(pf_arena *arena, const char *path);

/* The path of the program that runs; NULL where the system does not tell. */
const char *pf_program_path(pf_arena *arena);

/* The path of `name`, say "scenarios/library/core.yaml", in PREFIX/share/parkflow of PREFIX/bin/parkflow, or in the
 * source tree of build/PRESET/parkflow; by the program's own place, so that a tree may be moved. NULL: it is in
 * neither. */
const char *pf_installed_path(pf_arena *arena, const char *name);

#endif
