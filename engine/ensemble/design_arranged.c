/* Designs whose members belong together: Saltelli's and Jansen's arrangements of a Sobol' sequence, Morris
 * trajectories, one parameter at a time, and the grid. */
#include "ensemble/design_internal.h"

#include <inttypes.h>

/* Where a member sits: kept from member to member, for division is slow and members mostly follow each other. */
typedef struct {
    uint64_t group, first, size;
    bool is_new;
} seat;

static seat no_seat(const pf_design *d)
{
    return (seat){.first = UINT64_MAX / 2, .size = d->group}; /* in no member's group */
}

static uint64_t place_of(seat *s, uint64_t member)
{
    s->is_new = member - s->first >= s->size;
    if (s->is_new) {
        s->group = member / s->size;
        s->first = s->group * s->size;
    }
    return member - s->first;
}

/* --- Saltelli, Jansen: A and B are the two halves of the dimensions of one sequence --- */

enum { DEFAULT_BASE = 1024 };

static pf_status prepare_base(pf_design *d, const pf_design_request *request, uint64_t group,
                              pf_diagnostics *diagnostics)
{
    d->state = pf_sobol_dimensions(d, 2 * d->varied_count, diagnostics);
    return d->state ? pf_design_size(d, request, group, DEFAULT_BASE, diagnostics) : PF_FAILED;
}

static pf_status prepare_saltelli(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    return prepare_base(d, request, 2 * d->varied_count + 2, diagnostics);
}

static pf_status prepare_jansen(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    return prepare_base(d, request, d->varied_count + 2, diagnostics);
}

/* Does parameter v come from B? Places: A, B, A with one column of B for each parameter, B with one of A for each. */
static bool takes_b(uint64_t place, size_t v, size_t k)
{
    if (place < k + 2) return place == 1 || place == v + 2;
    return place != k + 2 + v;
}

static void draw_base(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    const pf_sobol_dimension *dimensions = d->state;
    size_t k = d->varied_count;
    seat s = no_seat(d);
    double a = 0, b = 0;
    for (size_t m = 0; m < count; m++) {
        uint64_t place = place_of(&s, members[m]);
        if (s.is_new) {
            a = pf_sobol_number(pf_sobol_point(&dimensions[v], s.group));
            b = pf_sobol_number(pf_sobol_point(&dimensions[k + v], s.group));
        }
        u[m] = takes_b(place, v, k) ? b : a;
    }
}

const pf_design_row pf_design_saltelli = {
    .name = "saltelli",
    .arrangement = PF_ARRANGED_SECOND,
    .prepare = prepare_saltelli,
    .uniforms = draw_base,
    .doc = "groups of 2 k + 2 members for Sobol' indices of first, total and second order of k parameters",
};

const pf_design_row pf_design_jansen = {
    .name = "jansen",
    .arrangement = PF_ARRANGED_RADIAL,
    .prepare = prepare_jansen,
    .uniforms = draw_base,
    .doc = "groups of k + 2 members for Sobol' indices of first and total order of k parameters",
};

/* --- Morris (1991): trajectories on a grid of levels, a parameter moving by half of them --- */

enum { DEFAULT_TRAJECTORIES = 20, DEFAULT_MORRIS_LEVELS = 4, DEFAULT_GRID_LEVELS = 3, MOST_LEVELS = 1 << 20 };

typedef struct {
    uint32_t levels;
    uint64_t order_key;
} morris;

static pf_status prepare_morris(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    uint32_t levels = request->levels ? request->levels : DEFAULT_MORRIS_LEVELS;
    if (levels % 2 || levels > MOST_LEVELS)
        return pf_error(diagnostics, (pf_mark){0},
                        "found %" PRIu32 " levels, expected an even number up to %d for '%s'", levels, MOST_LEVELS,
                        d->row->name);
    morris *state = PF_NEW(d->arena, morris);
    *state = (morris){levels, pf_name_key("morris order")};
    d->state = state;
    return pf_design_size(d, request, d->varied_count + 1, DEFAULT_TRAJECTORIES, diagnostics);
}

/* The middle of the level's share of 0 to 1, so that no distribution is asked for its ends. On Morris's scale, where
 * the lowest level is 0 and the highest 1, a move is levels / (2 (levels - 1)); it is 1/2 in u. */
static double level_number(uint64_t level, uint32_t levels)
{
    return ((double)level + 0.5) / levels;
}

static void draw_morris(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    const morris *state = d->state;
    uint64_t half = state->levels / 2, turn = 0;
    double before = 0, after = 0;
    seat s = no_seat(d);
    for (size_t m = 0; m < count; m++) {
        uint64_t place = place_of(&s, members[m]);
        if (s.is_new) {
            pf_shuffle order = pf_shuffle_make(d->varied_count, d->seed, state->order_key, s.group);
            uint64_t random = pf_random_bits(d->seed, s.group, d->keys[v]), low = (random >> 32) * half >> 32;
            bool up = random & 1;
            turn = pf_shuffled(&order, v);
            before = level_number(up ? low : low + half, state->levels);
            after = level_number(up ? low + half : low, state->levels);
        }
        u[m] = place > turn ? after : before;
    }
}

const pf_design_row pf_design_morris = {
    .name = "morris",
    .arrangement = PF_ARRANGED_MORRIS,
    .prepare = prepare_morris,
    .uniforms = draw_morris,
    .doc = "trajectories of k + 1 members, along which each of k parameters moves once: which ones matter at all",
};

/* --- one at a time --- */

static pf_status prepare_one_at_a_time(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    (void)request;
    (void)diagnostics;
    d->group = d->members = 2 * d->varied_count + 1;
    return PF_OK;
}

static void draw_one_at_a_time(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    (void)d;
    for (size_t m = 0; m < count; m++) {
        uint64_t low = 2 * v + 1;
        u[m] = members[m] == low ? 0.05 : members[m] == low + 1 ? 0.95 : 0.5;
    }
}

const pf_design_row pf_design_one_at_a_time = {
    .name = "one_at_a_time",
    .arrangement = PF_ARRANGED_ONE,
    .prepare = prepare_one_at_a_time,
    .uniforms = draw_one_at_a_time,
    .doc = "the medians, then each parameter alone at its 5 % and its 95 % point: 2 k + 1 members",
};

/* --- grid --- */

typedef struct {
    uint32_t levels;
    uint64_t *strides; /* by varied parameter: members from one level to the next; the last parameter is the fastest */
} grid;

static pf_status prepare_grid(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    grid *state = PF_NEW(d->arena, grid);
    uint64_t members = 1;
    *state =
        (grid){request->levels ? request->levels : DEFAULT_GRID_LEVELS, PF_ARRAY(d->arena, uint64_t, d->varied_count)};
    for (size_t v = d->varied_count; v-- > 0; members *= state->levels) {
        state->strides[v] = members;
        if (members <= PF_MOST_MEMBERS / state->levels) continue;
        return pf_error(diagnostics, (pf_mark){0},
                        "a grid of %" PRIu32
                        " levels of %zu parameters has more than 2^40 members; let fewer parameters "
                        "vary, or take sobol",
                        state->levels, d->varied_count);
    }
    d->state = state;
    d->members = members;
    return PF_OK;
}

static void draw_grid(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    const grid *state = d->state;
    for (size_t m = 0; m < count; m++)
        u[m] = level_number(members[m] / state->strides[v] % state->levels, state->levels);
}

const pf_design_row pf_design_grid = {
    .name = "full_grid",
    .arrangement = PF_ARRANGED_GRID,
    .prepare = prepare_grid,
    .uniforms = draw_grid,
    .doc = "all combinations of levels, each parameter at the middle of equally likely parts of its range",
};
