/* Designs of members: which value each uncertain parameter has in each member. A new design is a row in the table of
 * designs (design.c) and a file of its own.
 *
 * A design gives each varied parameter a number u in (0, 1); the copula of the model's rank correlations comes after
 * it, the quantile of the parameter's distribution last. A parameter that is not varied stands at its median. What a
 * member is given depends on seed, member number, names and design only: not on order, block, thread or shard. */
#ifndef PF_DESIGN_H
#define PF_DESIGN_H

#include "ensemble/draws.h"
#include "ensemble/runner.h"
#include "model/compile.h"

/* What is asked for. Zero means the default. */
typedef struct {
    const char *name; /* row of the table: "sobol" */
    uint64_t members; /* as asked; an arrangement in groups rounds up to whole groups */
    uint64_t seed;
    const char *list;        /* of "list": a CSV file, one column a parameter, one row a member */
    uint32_t levels;         /* of "full_grid" (3) and "morris" (4) */
    const char *const *vary; /* patterns of parameter names, as of fnmatch; none: all uncertain ones */
    size_t vary_count;
} pf_design_request;

/* How members stand together, for the analyses that need it. Groups follow each other: member = group * size + place.
 */
typedef enum {
    PF_ARRANGED_FREELY, /* each member by itself: monte_carlo, latin_hypercube, sobol, list */
    PF_ARRANGED_RADIAL, /* A, B, then A with column i of B, i < k: size k + 2 (Saltelli 2010, Jansen 1999) */
    PF_ARRANGED_SECOND, /* as radial, then B with column i of A: size 2 k + 2 (Saltelli 2002) */
    PF_ARRANGED_MORRIS, /* trajectories: size k + 1, one parameter moves at a time, by 1/2 in u (Morris 1991) */
    PF_ARRANGED_ONE,    /* the medians, then each parameter at its 5 % and 95 % point: 2 k + 1 members in all */
    PF_ARRANGED_GRID    /* all combinations of levels */
} pf_arrangement;

typedef struct pf_design pf_design;

/* "median" (one member, nothing varies), grid and one_at_a_time have members of their own number, whatever is asked
 * for; a list has its rows, or the first so many.
 *
 * Errors (an unknown name with the nearest, a list with a wrong column, too many dimensions, a grid too large) go to
 * `diagnostics`: NULL then. Keeps `model`; read-only afterwards, shared by all threads. */
pf_design *pf_design_new(const pf_compiled *model, const pf_design_request *request, pf_diagnostics *diagnostics);
void pf_design_free(pf_design *design);

const char *pf_design_name(const pf_design *design);
pf_arrangement pf_design_arrangement(const pf_design *design);
uint64_t pf_design_members(const pf_design *design); /* in whole groups */
uint64_t pf_design_group(const pf_design *design);   /* members a group; 1 where free */
/* The inputs that vary, by row of model->inputs, in declaration order. */
const uint32_t *pf_design_varied(const pf_design *design, size_t *count);
/* Do correlations tie varied parameters to each other? */
bool pf_design_is_correlated(const pf_design *design);
/* The SHA-256 of a list's file, in hexadecimal; "none" of the other designs. */
const char *pf_design_list_digest(const pf_design *design);

/* The values of `count` members: inputs[i * stride + m] for every row i of model->inputs that is no switch. */
void pf_design_draw(const pf_design *design, const uint64_t *members, size_t count, double *inputs, size_t stride);
/* The numbers u that the design itself gives, before the copula: u[v * stride + m] for varied parameter v; NaN of
 * a list. */
void pf_design_uniforms(const pf_design *design, const uint64_t *members, size_t count, double *u, size_t stride);

/* Spearman's rank correlation that two parameters have under the normal copula whose correlation is `normal`, and back.
 */
double pf_rank_correlation(double normal);
double pf_normal_correlation(double rank);

/* A design as the runner asks it, and the settings of scenarios (rows of model->scenarios), by free(). */
pf_draws pf_design_draws(const pf_design *design);
const double **pf_scenario_settings(const pf_compiled *model, const uint32_t *scenarios, size_t count);

/* The table, for help and the messages. */
size_t pf_design_count(void);
const char *pf_design_row_name(size_t row);
const char *pf_design_row_doc(size_t row);

#endif
