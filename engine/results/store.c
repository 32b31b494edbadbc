/* Writes a results file (docs/results.md): takes steps that write its parts, gives one HDF5 file. It grows under a
 * temporary name and replaces the old one by sync and rename: no reader sees half a file. */
#include "results/store_internal.h"

#include "base/sha256.h"
#include "scenario/calendar.h"

#include <stdlib.h>
#include <string.h>

static const size_t MOST_HELD = 64 << 20;

static const char *date_text(pf_arena *arena, int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return pf_format(arena, "%04d-%02d-%02d", year, month, day);
}

/* Whole months from the first day to the end day; 0 if they are not whole. */
static int months_of_step(int32_t first, int32_t end)
{
    int first_year, first_month, first_day, end_year, end_month, end_day;
    pf_day_date(first, &first_year, &first_month, &first_day);
    pf_day_date(end, &end_year, &end_month, &end_day);
    return first_day == 1 && end_day == 1 ? (end_year - first_year) * 12 + end_month - first_month : 0;
}

/* The length of all steps as an ISO 8601 duration: "P1M"; NULL if they differ. */
static const char *resolution(const pf_store *store)
{
    const pf_result_header *h = store->header;
    int days = h->step_end_day[0] - h->step_first_day[0];
    int months = months_of_step(h->step_first_day[0], h->step_end_day[0]);
    bool same_days = true, same_months = months > 0;
    for (size_t t = 1; t < h->step_count; t++) {
        same_days = same_days && h->step_end_day[t] - h->step_first_day[t] == days;
        same_months = same_months && months_of_step(h->step_first_day[t], h->step_end_day[t]) == months;
    }
    if (same_months && months % 12 == 0) return pf_format(store->arena, "P%dY", months / 12);
    if (same_months) return pf_format(store->arena, "P%dM", months);
    return same_days ? pf_format(store->arena, "P%dD", days) : NULL;
}

static const char *summary(const pf_store *store, const char *first, const char *last)
{
    return pf_format(store->arena, "Material and energy flows of industrial parks, %s to %s, simulated by parkflow.",
                     first, last);
}

static void write_global_attributes(pf_store *store)
{
    const pf_result_header *h = store->header;
    char digest[65];
    pf_sha256(h->input, strlen(h->input), digest);
    const char *first = date_text(store->arena, h->step_first_day[0]);
    const char *last = date_text(store->arena, h->step_end_day[h->step_count - 1] - 1);
    const struct {
        const char *name, *text;
    } attributes[] = {
        {"Conventions", "CF-1.11, ACDD-1.3"},
        {"title", h->title_en},
        {"title_vi", h->title_vi},
        {"summary", summary(store, first, last)},
        {"source", "parkflow " PF_VERSION},
        {"compiler", __VERSION__},
        {"command", h->command},
        {"accounting", h->accounting},
        {"seed", h->seed},
        {"input_sha256", digest},
        {"time_coverage_start", first},
        {"time_coverage_end", last},
        {"time_coverage_resolution", resolution(store)},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        pf_h5_set_text(&store->h5, store->h5.file, attributes[i].name, attributes[i].text);
}

static void write_sweep_attributes(pf_store *store)
{
    const pf_result_sweep *s = store->header->sweep;
    pf_h5 *h5 = &store->h5;
    pf_h5_set_text(h5, h5->file, "design", s->design);
    pf_h5_set_integer(h5, h5->file, "members", (int64_t)s->members);
    pf_h5_set_integer(h5, h5->file, "members_failed", (int64_t)s->members_failed);
    pf_h5_set_text(h5, h5->file, "keep", s->keep);
    if (s->levels) pf_h5_set_integer(h5, h5->file, "levels", s->levels);
    pf_h5_set_text(h5, h5->file, "vary", s->vary);
    pf_h5_set_text(h5, h5->file, "function_fingerprint", s->function_fingerprint);
}

pf_store *pf_store_begin(const char *path, const pf_result_header *header, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    pf_store *store = PF_NEW(arena, pf_store);
    *store = (pf_store){.header = header, .arena = arena, .most_held = MOST_HELD};
    const char *why = pf_replacement_begin(&store->target, path, arena);
    if (why) {
        pf_error(diagnostics, (pf_mark){0}, "cannot write results to '%s': %s", path, why);
        pf_arena_free(arena);
        return NULL;
    }
    pf_h5_begin(&store->h5);
    if (!header->scenario_count || !header->park_count || !header->step_count)
        pf_h5_fail(&store->h5, "there is no scenario, park or step to write");
    else pf_h5_create(&store->h5, store->target.file);
    if (!store->h5.failed) write_global_attributes(store);
    if (header->sweep) write_sweep_attributes(store);
    return store;
}

bool pf_store_failed(const pf_store *store)
{
    return store->h5.failed;
}

static void free_store(pf_store *store)
{
    pf_store_free_members(store);
    pf_arena_free(store->arena);
}

pf_status pf_store_end(pf_store *store, pf_diagnostics *diagnostics)
{
    pf_store_finish_members(store);
    pf_h5_end(&store->h5);
    const char *why = pf_replacement_end(&store->target, store->h5.failed ? store->h5.reason : NULL, store->arena);
    if (why) pf_error(diagnostics, (pf_mark){0}, "cannot write results to '%s': %s", store->target.path, why);
    free_store(store);
    return why ? PF_FAILED : PF_OK;
}

void pf_store_abandon(pf_store *store)
{
    if (!store) return;
    pf_h5_end(&store->h5);
    pf_replacement_end(&store->target, "given up", store->arena);
    free_store(store);
}

pf_status pf_store_write(const char *path, const pf_result_header *header, const double *values,
                         const double *parameter_values, pf_diagnostics *diagnostics)
{
    pf_store *store = pf_store_begin(path, header, diagnostics);
    if (!store) return PF_FAILED;
    pf_store_medians(store, values, parameter_values);
    return pf_store_end(store, diagnostics);
}
