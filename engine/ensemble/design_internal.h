/* What the families of designs share: the design itself, the row of the table that each family fills in, and the
 * sequences that several of them draw from. */
#ifndef PF_DESIGN_INTERNAL_H
#define PF_DESIGN_INTERNAL_H

#include "ensemble/design.h"

typedef struct pf_copula pf_copula;

/* Member numbers and what is worked out from them must fit the bits of the sequences. */
#define PF_MOST_MEMBERS (UINT64_C(1) << 40)

typedef struct {
    const char *name;
    pf_arrangement arrangement;
    bool chooses_itself; /* `prepare` also says what varies; else the request does */
    /* Sets members, group (1 if it is left so) and state, in the design's arena. */
    pf_status (*prepare)(pf_design *design, const pf_design_request *request, pf_diagnostics *diagnostics);
    /* The numbers u of varied parameter v. */
    void (*uniforms)(const pf_design *design, size_t v, const uint64_t *members, size_t count, double *u);
    /* The values themselves, without copula and quantile; else NULL. */
    void (*values)(const pf_design *design, size_t v, const uint64_t *members, size_t count, double *x);
    const char *doc;
} pf_design_row;

struct pf_design {
    pf_arena *arena;
    const pf_compiled *model;
    const pf_design_row *row;
    uint64_t seed, members, group;
    uint32_t *varied; /* rows of model->inputs */
    size_t varied_count;
    uint64_t *keys;     /* of the names, by varied parameter */
    double *medians;    /* by input */
    pf_copula *copula;  /* NULL: no correlations */
    const char *digest; /* of a list's file; else NULL */
    const void *state;  /* of the family */
};

/* `members` as asked, or so many of the family's own groups, rounded up to whole groups. */
pf_status pf_design_size(pf_design *design, const pf_design_request *request, uint64_t group, uint64_t default_groups,
                         pf_diagnostics *diagnostics);

/* Is it a parameter with a distribution, and no switch? */
static inline bool pf_is_uncertain(const pf_input *input)
{
    return input->value != NULL;
}

/* --- the families --- */

extern const pf_design_row pf_design_monte_carlo, pf_design_latin_hypercube, pf_design_sobol, pf_design_saltelli,
    pf_design_jansen, pf_design_morris, pf_design_one_at_a_time, pf_design_grid, pf_design_list;

/* --- rank correlations (copula.c) --- */

/* Over the varied inputs that correlations tie to each other. *copula is NULL where there are none. */
pf_status pf_copula_new(const pf_design *design, pf_copula **copula, pf_diagnostics *diagnostics);
/* Turns independent u into correlated ones; u[varied[v] * stride + m]. */
void pf_copula_apply(const pf_copula *copula, size_t count, double *u, size_t stride);

/* --- a random order of 0 .. n - 1 of which any place can be asked for by itself (shuffle.c) --- */

enum { PF_SHUFFLE_ROUNDS = 8 };
typedef struct {
    uint64_t n, mask;
    unsigned shift;
    uint64_t factors[PF_SHUFFLE_ROUNDS], terms[PF_SHUFFLE_ROUNDS];
} pf_shuffle;

/* Different (seed, key, stream) give independent orders; n from 1 to 2^40. */
pf_shuffle pf_shuffle_make(uint64_t n, uint64_t seed, uint64_t key, uint64_t stream);
uint64_t pf_shuffled(const pf_shuffle *shuffle, uint64_t i);

/* --- Sobol' sequences (design_sobol.c) --- */

enum { PF_SOBOL_DIMENSIONS = 4096, PF_SOBOL_INDEX_BITS = 40 };
typedef struct {
    uint64_t shift, columns[PF_SOBOL_INDEX_BITS]; /* of 52 bits: the first is worth 1/2 */
} pf_sobol_dimension;

/* The published sequence: what bit b of the Gray code of a point's number adds. Dimensions count from 0. */
void pf_sobol_published(size_t dimension, pf_sobol_dimension *out);
/* The same, randomised; each (0, 1)-sequence stays one. */
void pf_sobol_scrambled(uint64_t seed, size_t dimension, pf_sobol_dimension *out);
/* Point `index` as 52 bits. */
uint64_t pf_sobol_point(const pf_sobol_dimension *dimension, uint64_t index);
/* `count` dimensions, or NULL with an error that names the design. */
const pf_sobol_dimension *pf_sobol_dimensions(const pf_design *design, size_t count, pf_diagnostics *diagnostics);

static inline double pf_sobol_number(uint64_t point)
{
    return pf_unit_interval(point << 12);
}

#endif
