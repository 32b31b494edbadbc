/* A scenario file read, merged and checked for form: what the model is compiled from. */
#ifndef PF_SCENARIO_H
#define PF_SCENARIO_H

#include "base/map.h"
#include "scenario/value.h"

/* A row of the tables of evidence. */
typedef struct {
    const char *shape; /* how it is to be read: point, range, target, ...; "" where its table does not say */
    const char *kind;  /* what it rests on: measured, reported, benchmark, ... */
    const char *value, *low, *high, *unit;
} pf_evidence;

typedef struct {
    pf_arena *arena;
    const char *path;
    const pf_tree *tree; /* the whole merged input */
    pf_files *files;     /* what was read */
    pf_units *units;
    pf_calendar calendar;
    pf_value_reader values;
    pf_map evidence; /* by id of a row: pf_evidence; empty if the model names no tables */
    bool has_evidence;
    pf_diagnostics *diagnostics;
} pf_scenario;

/* Reads `path` with `settings` ("PATH=VALUE"). Errors go to `diagnostics`; NULL only where nothing could be read.
 * Freed with pf_scenario_free. */
pf_scenario *pf_scenario_read(const char *path, const char *const *settings, size_t setting_count,
                              pf_diagnostics *diagnostics);
/* The same from a stored `input`; marks name it as `name` ("RESULT.h5:input"), tables that it does not hold are looked
 * for beside that. */
pf_scenario *pf_scenario_read_text(const char *text, const char *name, const char *const *settings,
                                   size_t setting_count, pf_diagnostics *diagnostics);
/* The merged input as YAML, with the tables that it names, to be read again as it is; written anew at each call. */
const char *pf_scenario_input(const pf_scenario *scenario);
void pf_scenario_free(pf_scenario *scenario);

#endif
