/* What an analysis works on: takes a sample and its design, gives the members that may be used and the values that the
 * parameters had in them, drawn again from the design or, of a list, read from the file. */
#include "analysis/study_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBERS_AT_ONCE = 1024 };
static const size_t MOST_BYTES_OF_X = 1 << 30;

static pf_arrangement arrangement_of(const pf_study *study)
{
    return study->design ? pf_design_arrangement(study->design) : PF_ARRANGED_FREELY;
}

/* ---- parameters ---- */

static void take_varied(pf_source *self, pf_arena *arena)
{
    self->columns = pf_design_varied(self->study->design, &self->k);
    self->parameters = PF_ARRAY(arena, const char *, self->k);
    for (size_t i = 0; i < self->k; i++) self->parameters[i] = self->study->model->inputs[self->columns[i]].name;
}

static bool varies(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0]) return true;
    return false;
}

/* Of a list: the parameters whose kept values differ. */
static pf_status take_listed(pf_source *self, pf_arena *arena, pf_diagnostics *diagnostics)
{
    pf_sample *sample = self->study->sample;
    uint32_t *columns = PF_ARRAY(arena, uint32_t, sample->parameter_count + 1);
    self->parameters = PF_ARRAY(arena, const char *, sample->parameter_count + 1);
    double *x = pf_doubles(sample->kept_count);
    pf_status status = PF_OK;
    for (size_t i = 0; i < sample->parameter_count && !status; i++) {
        status = pf_sample_read_parameter(sample, i, x, diagnostics);
        if (status || !varies(x, sample->kept_count)) continue;
        self->parameters[self->k] = sample->parameters[i];
        columns[self->k++] = (uint32_t)i;
    }
    self->columns = columns;
    free(x);
    if (!status && !sample->parameter_count)
        status =
            pf_error(diagnostics, (pf_mark){0},
                     "'%s' does not hold the values of its list of members: sweep with --keep annual", sample->path);
    return status;
}

/* ---- members ---- */

/* In whole groups, by number: what is not kept has no row. */
static void take_groups(pf_source *self, pf_arena *arena)
{
    const pf_sample *sample = self->study->sample;
    self->group = pf_design_group(self->study->design);
    uint64_t last = sample->kept_count ? sample->kept[sample->kept_count - 1] + 1 : 0;
    self->n = (size_t)(last / self->group * self->group);
    self->rows = PF_ARRAY(arena, size_t, self->n + 1);
    for (size_t i = 0; i < self->n; i++) self->rows[i] = SIZE_MAX;
    for (size_t row = 0; row < sample->kept_count; row++)
        if (sample->kept[row] < self->n) self->rows[sample->kept[row]] = row;
}

/* Of groups whose members repeat each other's values only the first two, A and B, were drawn by themselves. */
static bool was_drawn_by_itself(const pf_source *self, uint64_t member)
{
    pf_arrangement arranged = arrangement_of(self->study);
    if (arranged != PF_ARRANGED_RADIAL && arranged != PF_ARRANGED_SECOND) return true;
    return member % pf_design_group(self->study->design) < 2;
}

static void take_members(pf_source *self, pf_arena *arena)
{
    const pf_sample *sample = self->study->sample;
    size_t most = MOST_BYTES_OF_X / sizeof(double) / (self->k ? self->k : 1);
    self->group = 1;
    self->rows = PF_ARRAY(arena, size_t, sample->kept_count + 1);
    for (size_t row = 0; row < sample->kept_count && self->n < most; row++)
        if (was_drawn_by_itself(self, sample->kept[row])) self->rows[self->n++] = row;
}

pf_status pf_source_open(pf_source *self, const pf_study *study, pf_arena *arena, pf_diagnostics *diagnostics)
{
    *self = (pf_source){.study = study};
    if (study->design) take_varied(self, arena);
    else if (take_listed(self, arena, diagnostics)) return PF_FAILED;
    if (study->method->need == PF_NEEDS_MEMBERS) take_members(self, arena);
    else take_groups(self, arena);
    return PF_OK;
}

/* ---- values ---- */

/* The number of the member at a row; of groups, rows are the members themselves. */
static uint64_t member_at(const pf_source *self, const size_t *rows, size_t i)
{
    return self->group > 1 ? i : self->study->sample->kept[rows[i]];
}

/* Some of the parameters, or all of them in order. */
typedef struct {
    const size_t *places;
    size_t count;
} wanted;

static size_t place_of(wanted of, size_t i)
{
    return of.places ? of.places[i] : i;
}

static void draw_some(const pf_source *self, wanted of, const uint64_t *members, size_t count, double *drawn, double *x,
                      size_t n)
{
    const pf_design *design = self->study->design;
    if (self->study->method->x == PF_X_UNIFORMS) {
        pf_design_uniforms(design, members, count, x, n);
        return;
    }
    pf_design_draw(design, members, count, drawn, MEMBERS_AT_ONCE);
    for (size_t i = 0; i < of.count; i++) {
        const double *column = drawn + self->columns[place_of(of, i)] * (size_t)MEMBERS_AT_ONCE;
        memcpy(x + i * n, column, count * sizeof *x);
    }
}

static void draw_again(const pf_source *self, wanted of, const size_t *rows, size_t n, double *x)
{
    uint64_t members[MEMBERS_AT_ONCE];
    double *drawn = pf_doubles(self->study->model->input_count * MEMBERS_AT_ONCE);
    for (size_t first = 0; first < n; first += MEMBERS_AT_ONCE) {
        size_t count = n - first < MEMBERS_AT_ONCE ? n - first : MEMBERS_AT_ONCE;
        for (size_t i = 0; i < count; i++) members[i] = member_at(self, rows, first + i);
        draw_some(self, of, members, count, drawn, x + first, n);
    }
    free(drawn);
}

static void read_listed(const pf_source *self, wanted of, const size_t *rows, size_t n, double *x,
                        pf_diagnostics *diagnostics)
{
    pf_status status = PF_OK;
    double *kept = pf_doubles(self->study->sample->kept_count);
    for (size_t i = 0; i < of.count && !status; i++) {
        status = pf_sample_read_parameter(self->study->sample, self->columns[place_of(of, i)], kept, diagnostics);
        for (size_t m = 0; m < n && !status; m++) x[i * n + m] = kept[rows[m]];
    }
    free(kept);
}

static double *columns_of(const pf_source *self, wanted of, const size_t *rows, size_t n, pf_diagnostics *diagnostics)
{
    double *x = pf_calloc(of.count * n + 1, sizeof *x);
    if (self->study->design) draw_again(self, of, rows, n, x);
    else read_listed(self, of, rows, n, x, diagnostics);
    return x;
}

double *pf_source_columns(const pf_source *self, const size_t *rows, size_t n, pf_diagnostics *diagnostics)
{
    if (self->study->method->x == PF_X_NONE) return NULL;
    return columns_of(self, (wanted){NULL, self->k}, rows, n, diagnostics);
}

double *pf_source_some_columns(const pf_source *self, const size_t *places, size_t count, const size_t *rows, size_t n,
                               pf_diagnostics *diagnostics)
{
    return columns_of(self, (wanted){places, count}, rows, n, diagnostics);
}
