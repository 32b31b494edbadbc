/* Sobol' sequences in up to 4,096 dimensions, with the direction numbers of Joe and Kuo (2008), in Gray code order
 * (Antonov and Saleev 1979), randomised by a random linear scramble and a digital shift (Matousek 1998, "On the
 * L2-discrepancy for anchored boxes"): point `index` is a XOR of one column for each bit of its Gray code. */
#include "ensemble/design_internal.h"

enum { DIGITS = 52, DEFAULT_MEMBERS = 1024 };

static const struct {
    uint32_t polynomial;
    uint64_t initial[2];
} directions[PF_SOBOL_DIMENSIONS - 1] = {
#include "ensemble/sobol_directions.inc"
};

static unsigned degree_of(uint32_t polynomial)
{
    unsigned degree = 0;
    while (polynomial >> (degree + 1)) degree++;
    return degree;
}

/* `width` bits of a row of the table, from bit `offset`. */
static uint64_t packed(const uint64_t words[2], unsigned offset, unsigned width)
{
    uint64_t bits = offset < 64 ? words[0] >> offset : words[1] >> (offset - 64);
    if (offset < 64 && offset + width > 64) bits |= words[1] << (64 - offset);
    return bits & ((UINT64_C(1) << width) - 1);
}

/* Bratley and Fox (1988), algorithm 659: v_i = a_1 v_(i-1) + ... + a_(s-1) v_(i-s+1) + v_(i-s) + v_(i-s) / 2^s, where +
 * is exclusive or, and v_i = m_i / 2^i. */
void pf_sobol_published(size_t dimension, pf_sobol_dimension *out)
{
    uint64_t *v = out->columns;
    out->shift = 0;
    if (!dimension) {
        for (unsigned i = 0; i < PF_SOBOL_INDEX_BITS; i++) v[i] = UINT64_C(1) << (DIGITS - 1 - i);
        return;
    }
    uint32_t polynomial = directions[dimension - 1].polynomial;
    unsigned degree = degree_of(polynomial), offset = 0;
    for (unsigned i = 0; i < degree; offset += i++)
        v[i] = (packed(directions[dimension - 1].initial, offset, i) << 1 | 1) << (DIGITS - 1 - i);
    for (unsigned i = degree; i < PF_SOBOL_INDEX_BITS; i++) {
        v[i] = v[i - degree] ^ v[i - degree] >> degree;
        for (unsigned k = 1; k < degree; k++)
            if (polynomial >> (degree - k) & 1) v[i] ^= v[i - k];
    }
}

/* Row `digit` of a random lower triangular matrix with ones on its diagonal: which digits the new digit is a sum of. */
static uint64_t scramble_row(uint64_t seed, size_t dimension, unsigned digit)
{
    uint64_t diagonal = UINT64_C(1) << (DIGITS - 1 - digit), all = (UINT64_C(1) << DIGITS) - 1;
    uint64_t above = all & ~(2 * diagonal - 1);
    return (pf_random_bits(seed, digit, dimension) >> 12 & above) | diagonal;
}

void pf_sobol_scrambled(uint64_t seed, size_t dimension, pf_sobol_dimension *out)
{
    pf_sobol_dimension plain;
    pf_sobol_published(dimension, &plain);
    *out = (pf_sobol_dimension){.shift = pf_random_bits(seed, DIGITS, dimension) >> 12};
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint64_t row = scramble_row(seed, dimension, digit);
        for (unsigned i = 0; i < PF_SOBOL_INDEX_BITS; i++) {
            uint64_t sum = (uint64_t)__builtin_parityll(row & plain.columns[i]);
            out->columns[i] |= sum << (DIGITS - 1 - digit);
        }
    }
}

uint64_t pf_sobol_point(const pf_sobol_dimension *dimension, uint64_t index)
{
    uint64_t point = dimension->shift;
    for (uint64_t gray = index ^ index >> 1; gray; gray &= gray - 1) point ^= dimension->columns[__builtin_ctzll(gray)];
    return point;
}

const pf_sobol_dimension *pf_sobol_dimensions(const pf_design *design, size_t count, pf_diagnostics *diagnostics)
{
    if (count > PF_SOBOL_DIMENSIONS) {
        pf_error(
            diagnostics, (pf_mark){0},
            "the design '%s' of %zu parameters has %zu dimensions, expected at most %d; let fewer parameters vary, "
            "or take latin_hypercube",
            design->row->name, design->varied_count, count, PF_SOBOL_DIMENSIONS);
        return NULL;
    }
    pf_sobol_dimension *dimensions = PF_ARRAY(design->arena, pf_sobol_dimension, count);
    for (size_t i = 0; i < count; i++) pf_sobol_scrambled(design->seed, i, &dimensions[i]);
    return dimensions;
}

static pf_status prepare_sobol(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    d->state = pf_sobol_dimensions(d, d->varied_count, diagnostics);
    return d->state ? pf_design_size(d, request, 1, DEFAULT_MEMBERS, diagnostics) : PF_FAILED;
}

/* From a point to the next is one column: that of the bit in which their Gray codes differ. */
static void draw_sobol(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    const pf_sobol_dimension *dimension = (const pf_sobol_dimension *)d->state + v;
    uint64_t point = 0;
    for (size_t m = 0; m < count; m++) {
        bool follows = m && members[m] == members[m - 1] + 1;
        if (follows) point ^= dimension->columns[__builtin_ctzll(members[m])];
        else point = pf_sobol_point(dimension, members[m]);
        u[m] = pf_sobol_number(point);
    }
}

const pf_design_row pf_design_sobol = {
    .name = "sobol",
    .arrangement = PF_ARRANGED_FREELY,
    .prepare = prepare_sobol,
    .uniforms = draw_sobol,
    .doc = "a scrambled Sobol' sequence, which fills the space evenly; best with 2^n members",
};
