/* What `info` says about a sweep beyond its run at the medians: takes the open results file, or the folder of one that
 * is not finished, gives facts for a terminal. */
#include "results/info_sweep.h"

#include "results/part.h"

#include <string.h>

static const char *count_text(pf_arena *arena, uint64_t count)
{
    return pf_grouped(arena, (double)count);
}

/* ---- a finished sweep ---- */

typedef struct {
    pf_arena *arena;
    const char *text;
} names;

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *link, void *data)
{
    names *n = data;
    (void)group, (void)link;
    n->text = n->text ? pf_format(n->arena, "%s, %s", n->text, name) : pf_copy_text(n->arena, name, strlen(name));
    return 0;
}

/* "morris, sobol" */
static const char *analyses(const pf_h5 *h5, pf_arena *arena)
{
    names n = {.arena = arena};
    hsize_t position = 0;
    if (!pf_h5_has(h5, "analysis")) return NULL;
    H5Literate_by_name(h5->file, "analysis", H5_INDEX_NAME, H5_ITER_INC, &position, add_name, &n, H5P_DEFAULT);
    return n.text;
}

static uint64_t length_of(const pf_h5 *h5, const char *name)
{
    hid_t dataset = pf_h5_has(h5, name) ? H5Dopen2(h5->file, name, H5P_DEFAULT) : -1;
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    hssize_t length = space < 0 ? 0 : H5Sget_simple_extent_npoints(space);
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return length > 0 ? (uint64_t)length : 0;
}

static const char *design_text(const pf_h5 *h5, pf_arena *arena, const char *design)
{
    int64_t levels = pf_h5_get_integer(h5->file, "levels", 0);
    return levels > 0 ? pf_format(arena, "%s, %lld levels", design, (long long)levels) : design;
}

static const char *members_text(const pf_h5 *h5, pf_arena *arena)
{
    int64_t members = pf_h5_get_integer(h5->file, "members", 0),
            failed = pf_h5_get_integer(h5->file, "members_failed", 0);
    const char *all = pf_grouped(arena, (double)members);
    return failed > 0 ? pf_format(arena, "%s, of which %s failed", all, pf_grouped(arena, (double)failed)) : all;
}

static const char *kept_text(const pf_h5 *h5, pf_arena *arena)
{
    const char *keep = pf_h5_get_text(h5->file, "keep", arena);
    uint64_t members = pf_h5_has(h5, "members") ? length_of(h5, "members/member") : 0;
    if (!members) return keep;
    uint64_t periods = length_of(h5, "members/period"), steps = length_of(h5, "members/time");
    return pf_format(arena, "%s; by member: %s members, %s parks, %s %s", keep ? keep : "", count_text(arena, members),
                     count_text(arena, length_of(h5, "members/park")), count_text(arena, periods ? periods : steps),
                     periods ? "periods" : "steps");
}

/* Patterns stand a line each in the file. */
static const char *varied_text(const pf_h5 *h5, pf_arena *arena)
{
    const char *patterns = pf_h5_get_text(h5->file, "vary", arena);
    if (!patterns) return NULL;
    char *line = pf_copy_text(arena, patterns, strlen(patterns));
    for (char *at = line; (at = strchr(at, '\n'));) *at = ' ';
    return line;
}

void pf_info_add_sweep(const pf_h5 *h5, pf_table *facts)
{
    const char *design = pf_h5_get_text(h5->file, "design", facts->arena);
    if (!design) return;
    pf_table_add_fact(facts, "design", design_text(h5, facts->arena, design));
    pf_table_add_fact(facts, "members", members_text(h5, facts->arena));
    pf_table_add_fact(facts, "varied", varied_text(h5, facts->arena));
    pf_table_add_fact(facts, "kept", kept_text(h5, facts->arena));
    pf_table_add_fact(facts, "analyses", analyses(h5, facts->arena));
}

/* ---- an unfinished one ---- */

/* Each line "key: value" as a fact; the number of members that it is to have, if it says so. */
static const char *add_identity(pf_table *facts, const char *identity)
{
    const char *members = NULL;
    for (size_t length; *identity; identity += length + (identity[length] == '\n')) {
        length = strcspn(identity, "\n");
        const char *line = pf_copy_text(facts->arena, identity, length), *colon = strstr(line, ": ");
        if (!colon) continue;
        const char *key = pf_copy_text(facts->arena, line, (size_t)(colon - line));
        if (strcmp(key, "members") == 0) members = colon + 2;
        pf_table_add_fact(facts, key, pf_shortened(facts->arena, colon + 2));
    }
    return members;
}

pf_status pf_info_part(const char *path, FILE *out, pf_diagnostics *diagnostics)
{
    pf_part *part = pf_part_open(path, PF_PART_READ, NULL, diagnostics);
    if (!part) return PF_FAILED;
    pf_table facts = {.arena = pf_arena_new(), .columns = 2, .left_columns = 2};
    pf_part_facts now = pf_part_look(part);
    const char *members = add_identity(&facts, pf_part_identity(part)), *done = count_text(facts.arena, now.members);
    if (members) done = pf_format(facts.arena, "%s of %s", done, members);
    pf_table_add_fact(&facts, "finished", pf_format(facts.arena, "%s members", done));
    pf_table_add_fact(&facts, "size",
                      pf_format(facts.arena, "%s bytes, %s records", count_text(facts.arena, now.bytes),
                                count_text(facts.arena, now.records)));
    pf_table_add_fact(&facts, "state", now.is_running ? "running" : "stopped; --resume goes on with it");
    fprintf(out, "Unfinished sweep\n");
    pf_table_print(&facts, out);
    pf_arena_free(facts.arena);
    pf_part_close(part);
    return PF_OK;
}
