/* Native code of a kernel: attaches it, once it has given the interpreter's bits on made-up lanes.
 */
#include "kernel/native.h"

#include "base/sha256.h"
#include "kernel/block.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Compilers need more than linear time in a function's length, so a piece is a few hundred operations. */
enum { PIECE = 320, WIDEST = 64, VERIFIED_STEPS = 24 };

/* --- is it the interpreter's equal? --- */

/* SplitMix64 (Steele, Lea and Flood 2014), to a number between 0 and 1, never either. */
static double uniform(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return ((double)(z >> 12) + 0.5) * 0x1p-52;
}

/* Lanes of all kinds: zeros and ones, switches at random, shares, numbers of any size and sign, now and then infinite.
 */
static double made_up(size_t lane, uint64_t *state)
{
    double u = uniform(state), w = uniform(state);
    switch (lane % 8) {
    case 0: return lane == 0 ? 0 : 1;
    case 1: return u < 0.5;
    case 2: return u;
    case 3: return u < 0.3 ? 1 : w;
    case 4: return exp2(60 * u - 30);
    case 5: return (w < 0.5 ? -1 : 1) * exp2(40 * u - 20);
    case 6: return u < 0.02 ? INFINITY : 1 + w;
    default: return 100 * u;
    }
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || !memcmp(&a, &b, sizeof a);
}

static bool same_register(const pf_block *a, const pf_block *b, uint32_t reg)
{
    for (size_t lane = 0; lane < a->width; lane++)
        if (!same(pf_register(a, reg)[lane], pf_register(b, reg)[lane])) return false;
    return true;
}

/* Whether the mask of a lane says what the interpreter's checks and outputs do. */
static bool same_failure(const pf_block *ours, const pf_block *theirs, size_t lane)
{
    const pf_plan *plan = ours->kernel->plan;
    static const double none = 0;
    bool found = memcmp(&ours->failed[lane], &none, sizeof none) != 0, expected = false;
    for (size_t i = 0; i < plan->check_count; i++) expected |= !(pf_register(theirs, plan->checks[i].reg)[lane] <= 0);
    for (size_t i = 0; i < plan->output_count; i++) expected |= !isfinite(pf_register(theirs, plan->outputs[i])[lane]);
    return found == expected;
}

static bool same_step(const pf_block *ours, const pf_block *theirs)
{
    const pf_plan *plan = ours->kernel->plan;
    for (size_t lane = 0; lane < ours->width; lane++) {
        const pf_fault *a = &ours->faults[lane], *b = &theirs->faults[lane];
        if (a->kind != b->kind || a->step != b->step || a->index != b->index) return false;
        if (!same_failure(ours, theirs, lane)) return false;
        for (size_t i = 0; i < plan->output_count; i++)
            if (!same(ours->outputs[i * ours->stride + lane], pf_register(theirs, plan->outputs[i])[lane]))
                return false;
    }
    for (size_t i = 0; i < plan->state_count; i++)
        if (!same_register(ours, theirs, plan->states[i].next)) return false;
    for (size_t k = 0; k < plan->loop_count; k++)
        for (uint32_t i = 0; i < plan->loops[k].tears; i++)
            if (!same_register(ours, theirs, plan->loops[k].x[i])) return false;
    return true;
}

/* Runs made-up lanes by native code and by the interpreter, step by step. */
static bool gives_the_same_bits(const pf_kernel *kernel)
{
    const pf_plan *plan = kernel->plan;
    size_t lanes = kernel->width;
    uint64_t state = 1;
    double *inputs = pf_doubles(plan->inputs * lanes);
    for (size_t i = 0; i < plan->inputs; i++)
        for (size_t lane = 0; lane < lanes; lane++) inputs[i * lanes + lane] = made_up(lane, &state);
    pf_block *ours = pf_block_new(kernel, lanes), *theirs = pf_block_new(kernel, lanes);
    bool good = true;
    pf_block_start(ours, lanes, inputs);
    pf_block_start(theirs, lanes, inputs);
    for (uint32_t step = 0; good && step < plan->steps && step < VERIFIED_STEPS; step++) {
        pf_quick_step(ours, step);
        pf_block_step(theirs, step, plan->segment_count);
        good = same_step(ours, theirs);
        pf_block_advance(ours);
        pf_block_advance(theirs);
    }
    pf_block_free(ours);
    pf_block_free(theirs);
    free(inputs);
    return good;
}

/* --- attaching it --- */

void pf_native_free(pf_native *native)
{
    if (!native) return;
    pf_library_free(native->library);
    free(native->operations);
    free(native);
}

/* Builds and loads the code; NULL and a reason where that cannot be. */
static pf_native *make_native(const pf_plan *plan, size_t *width, const char **why)
{
    pf_arena *arena = pf_arena_new();
    pf_pieces pieces = pf_cut_pieces(plan, PIECE, arena);
    *width = pf_width_that_fits(pieces.rows_touched, WIDEST, 1);
    pf_c_text text = pf_generate_c(plan, &pieces, pf_stride(*width), arena);
    pf_library *library = pf_library_build(text.files, text.count, why);
    pf_native_segment *const *segments = library ? dlsym(library->handle, PF_NATIVE_TABLE) : NULL;
    if (library && !segments) *why = "the library that was built lacks its table";
    pf_native *native = pf_calloc(1, sizeof *native);
    *native = (pf_native){library, segments, NULL, pieces.rows, pieces.rows + 1 + (uint32_t)plan->output_count};
    native->operations = pf_calloc(pf_operation_count(), sizeof *native->operations);
    for (size_t i = 0; i < pf_operation_count(); i++) native->operations[i] = pf_operation_at(i)->run;
    pf_arena_free(arena);
    if (segments) return native;
    pf_native_free(native);
    return NULL;
}

bool pf_native_attach(pf_kernel *kernel, const char **why)
{
    size_t width = 0, width_before = kernel->width;
    pf_native *native = make_native(kernel->plan, &width, why);
    if (!native) return false;
    kernel->native = native;
    kernel->width = width;
    if (gives_the_same_bits(kernel)) return true;
    *why = "native code does not give the interpreter's bits";
    kernel->native = NULL;
    kernel->width = width_before;
    pf_native_free(native);
    return false;
}

/* --- the fingerprint --- */

enum { POINTS = 256 };

/* Numbers of every size and sign, with the special ones first. */
static void fill_points(double points[POINTS], uint64_t seed)
{
    static const double special[] = {0, -0.0, 1, -1, 0.5, 2, INFINITY, -INFINITY, NAN, 5e-324, 1e308};
    for (size_t i = 0; i < POINTS; i++) {
        double size = exp2(24 * uniform(&seed) - 12), sign = uniform(&seed);
        points[i] = sign < 0.25 ? -size : size;
        if (i % 8 == seed % 8) points[i] = special[i / 8 % (sizeof special / sizeof *special)];
    }
}

void pf_native_fingerprint(char digest[65])
{
    double in[3][POINTS], *values = pf_doubles(pf_operation_count() * POINTS);
    for (uint64_t k = 0; k < 3; k++) fill_points(in[k], k + 1);
    for (size_t op = 0; op < pf_operation_count(); op++) {
        double *y = values + op * POINTS;
        pf_operation_at(op)->run(POINTS, y, in[0], in[1], in[2]);
        for (size_t i = 0; i < POINTS; i++) y[i] = isnan(y[i]) ? NAN : y[i]; /* of whatever sign and payload */
    }
    pf_sha256(values, pf_operation_count() * POINTS * sizeof *values, digest);
    free(values);
}
