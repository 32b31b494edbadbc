/* The joint distribution of reconciled flows as parameters of a scenario: takes means and covariance, gives YAML.
 *
 * Balances make the covariance singular, so only as many quantities as vary freely are drawn (chosen by a Cholesky
 * decomposition with pivoting, those of the largest relative spread first); the others are expressions of them. A
 * quantity that is less than four standard deviations above 0 is drawn lognormal, of the same mean, spread and
 * correlations (for these: Law 2015, Simulation Modeling and Analysis, 8.5.2). */
#include "analysis/flow_results.h"

#include "base/map.h"
#include "ensemble/design.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double dependent = 1e-9;  /* of its variance: what is left when the others are known */
static const double rounding = 1e-9;   /* of a coefficient, a constant, a correlation */
static const double safe_distance = 4; /* standard deviations from 0 */

typedef struct {
    const pf_flow_system *system;
    const pf_reconciliation *result;
    size_t n;
    pf_arena *arena;
    const char **names; /* of parameters */
    size_t *drawn;      /* quantities that are drawn */
    size_t drawn_count;
    bool *is_drawn;
    bool all_normal;
    gsl_matrix *coefficients;    /* [n][drawn]: of a dependent quantity, in units of the input */
    PF_LIST(const char *) units; /* those that have a parameter */
    FILE *out;
} writer;

/* ---- in the units of the input ---- */

static double mean(const writer *w, size_t j)
{
    return w->result->quantities[j].value / w->system->quantities[j].size;
}

static double sd(const writer *w, size_t j)
{
    return w->result->quantities[j].sd / w->system->quantities[j].size;
}

static double covariance(const writer *w, size_t j, size_t k)
{
    return w->result->covariance[j * w->n + k] / w->system->quantities[j].size / w->system->quantities[k].size;
}

static bool is_written(const writer *w, size_t j)
{
    return w->result->quantities[j].class != PF_CLASS_UNOBSERVABLE;
}

static bool varies(const writer *w, size_t j)
{
    return is_written(w, j) && sd(w, j) > rounding * fabs(mean(w, j));
}

/* ---- which are drawn ---- */

/* The relative variance that is left of quantity j when those drawn so far are known: rows of the decomposition are
 * in `rows`, [drawn][n]. */
static double left_of(const writer *w, const double *rows, const double *scale, size_t j)
{
    double left = covariance(w, j, j) / (scale[j] * scale[j]);
    for (size_t d = 0; d < w->drawn_count; d++) left -= rows[d * w->n + j] * rows[d * w->n + j];
    return left;
}

static void add_drawn(writer *w, double *rows, const double *scale, size_t pivot, double left)
{
    double *row = rows + w->drawn_count * w->n;
    for (size_t k = 0; k < w->n; k++) {
        if (!varies(w, k)) continue;
        double value = covariance(w, pivot, k) / (scale[pivot] * scale[k]);
        for (size_t d = 0; d < w->drawn_count; d++) value -= rows[d * w->n + pivot] * rows[d * w->n + k];
        row[k] = value / sqrt(left);
    }
    w->is_drawn[pivot] = true;
    w->drawn[w->drawn_count++] = pivot;
}

static void choose_drawn(writer *w)
{
    double *rows = PF_ARRAY(w->arena, double, w->n * w->n + 1), *scale = PF_ARRAY(w->arena, double, w->n + 1);
    for (size_t j = 0; j < w->n; j++) scale[j] = varies(w, j) ? fmax(fabs(mean(w, j)), sd(w, j)) : 1;
    for (;;) {
        double most = 0;
        size_t pivot = w->n;
        for (size_t j = 0; j < w->n; j++) {
            if (!varies(w, j) || w->is_drawn[j]) continue;
            double left = left_of(w, rows, scale, j), all = covariance(w, j, j) / (scale[j] * scale[j]);
            if (left <= dependent * all || left <= most) continue;
            most = left;
            pivot = j;
        }
        if (pivot == w->n) return;
        add_drawn(w, rows, scale, pivot, most);
    }
}

/* ---- how they are drawn ---- */

static bool is_lognormal(const writer *w, size_t j)
{
    bool may_be = w->system->quantities[j].kind != PF_OF_STOCK;
    return may_be && !w->all_normal && mean(w, j) > 0 && mean(w, j) < safe_distance * sd(w, j);
}

/* The standard deviation of the logarithm. */
static double log_sd(const writer *w, size_t j)
{
    double relative = sd(w, j) / mean(w, j);
    return sqrt(log1p(relative * relative));
}

/* The correlation of the normal variables that are behind two drawn quantities; NaN if there is none that gives theirs.
 */
static double normal_correlation(const writer *w, size_t j, size_t k)
{
    double c = covariance(w, j, k);
    bool first = is_lognormal(w, j), second = is_lognormal(w, k);
    if (first && second) return log1p(c / (mean(w, j) * mean(w, k))) / (log_sd(w, j) * log_sd(w, k));
    if (first) return c / (mean(w, j) * sd(w, k) * log_sd(w, j));
    if (second) return c / (mean(w, k) * sd(w, j) * log_sd(w, k));
    return c / (sd(w, j) * sd(w, k));
}

static double rank_correlation(const writer *w, size_t j, size_t k)
{
    return pf_rank_correlation(normal_correlation(w, j, k));
}

/* Is the matrix of rank correlations positive definite? */
static bool is_possible(const writer *w)
{
    if (!w->drawn_count) return true;
    bool is_good = true;
    gsl_matrix *matrix = gsl_matrix_alloc(w->drawn_count, w->drawn_count);
    gsl_matrix_set_identity(matrix);
    for (size_t a = 0; a < w->drawn_count; a++)
        for (size_t b = 0; b < a; b++) {
            double rho = rank_correlation(w, w->drawn[a], w->drawn[b]);
            is_good &= fabs(rho) < 1; /* also not NaN */
            gsl_matrix_set(matrix, a, b, rho);
            gsl_matrix_set(matrix, b, a, rho);
        }
    is_good = is_good && gsl_linalg_cholesky_decomp1(matrix) == 0;
    gsl_matrix_free(matrix);
    return is_good;
}

/* ---- the others ---- */

static double tidied(double coefficient)
{
    double whole = round(coefficient);
    return fabs(coefficient - whole) < rounding ? whole : coefficient;
}

/* Coefficients of each dependent quantity: its covariances with the drawn ones by the inverse of theirs, in standard
 * deviations. */
static void find_coefficients(writer *w)
{
    size_t d = w->drawn_count;
    gsl_matrix *factor = gsl_matrix_alloc(d, d);
    gsl_vector *x = gsl_vector_alloc(d);
    w->coefficients = gsl_matrix_calloc(w->n, d);
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++)
            gsl_matrix_set(factor, a, b,
                           covariance(w, w->drawn[a], w->drawn[b]) / (sd(w, w->drawn[a]) * sd(w, w->drawn[b])));
    gsl_linalg_cholesky_decomp1(factor);
    for (size_t j = 0; j < w->n; j++) {
        if (!varies(w, j) || w->is_drawn[j]) continue;
        for (size_t a = 0; a < d; a++)
            gsl_vector_set(x, a, covariance(w, j, w->drawn[a]) / (sd(w, j) * sd(w, w->drawn[a])));
        gsl_linalg_cholesky_svx(factor, x);
        for (size_t a = 0; a < d; a++) {
            double in_sd = gsl_vector_get(x, a);
            double c = fabs(in_sd) < rounding ? 0 : tidied(in_sd * sd(w, j) / sd(w, w->drawn[a]));
            gsl_matrix_set(w->coefficients, j, a, c);
        }
    }
    gsl_vector_free(x);
    gsl_matrix_free(factor);
}

/* ---- text ---- */

static void put_number(const writer *w, double value)
{
    fprintf(w->out, "%.13g", value);
}

/* In double quotes, on one line however long. */
static void put_quoted(const writer *w, const char *text)
{
    fputc('"', w->out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') fputc('\\', w->out);
        fputc(*text == '\n' ? ' ' : *text, w->out);
    }
    fputc('"', w->out);
}

/* "12.5 t/year", in quotes */
static void put_amount(const writer *w, double value, size_t j)
{
    const char *unit = w->system->quantities[j].unit;
    bool has_unit = strcmp(unit, "1") != 0;
    put_quoted(w, pf_format(w->arena, "%.13g%s%s", value, has_unit ? " " : "", has_unit ? unit : ""));
}

static void put_distribution(const writer *w, size_t j)
{
    bool lognormal = is_lognormal(w, j);
    fputs(lognormal ? "lognormal: {median: " : "normal: {mean: ", w->out);
    put_amount(w, lognormal ? mean(w, j) * exp(-log_sd(w, j) * log_sd(w, j) / 2) : mean(w, j), j);
    fputs(lognormal ? ", gsd: " : ", sd: ", w->out);
    if (lognormal) put_number(w, exp(log_sd(w, j)));
    else put_amount(w, sd(w, j), j);
    fputc('}', w->out);
}

/* The number of the parameter that stands for one of a quantity's unit; 0 for a pure number. */
static size_t unit_number(writer *w, size_t j)
{
    const pf_flow_quantity *q = &w->system->quantities[j];
    size_t i = 0;
    if (pf_dimension_none(q->dimension) && q->size == 1) return 0;
    while (i < w->units.count && strcmp(w->units.items[i], q->unit) != 0) i++;
    if (i == w->units.count) *PF_PUSH(w->arena, w->units) = q->unit;
    return i + 1;
}

static void put_term(writer *w, double c, size_t j, bool is_first, bool in_units)
{
    size_t unit = in_units ? unit_number(w, j) : 0;
    fputs(is_first ? (c < 0 ? "-" : "") : c < 0 ? " - " : " + ", w->out);
    if (fabs(c) != 1) fprintf(w->out, "%.13g * ", fabs(c));
    if (unit) fprintf(w->out, "(%s / %sunit_%zu)", w->names[j], w->system->prefix, unit);
    else fputs(w->names[j], w->out);
}

/* What is left of a dependent quantity's mean besides its terms; 0 where that is rounding. */
static double constant_of(const writer *w, size_t j)
{
    double constant = mean(w, j), size = fabs(mean(w, j));
    for (size_t a = 0; a < w->drawn_count; a++) {
        double part = gsl_matrix_get(w->coefficients, j, a) * mean(w, w->drawn[a]);
        constant -= part;
        size = fmax(size, fabs(part));
    }
    return fabs(constant) <= rounding * size ? 0 : constant;
}

static bool has_other_unit(const writer *w, size_t j)
{
    for (size_t a = 0; a < w->drawn_count; a++)
        if (gsl_matrix_get(w->coefficients, j, a) != 0 &&
            strcmp(w->system->quantities[j].unit, w->system->quantities[w->drawn[a]].unit) != 0)
            return true;
    return false;
}

/* "a - b", or "(12.5 + 0.3 * (a / unit_1)) * unit_2" where units differ or a constant is left. */
static void put_expression(writer *w, size_t j)
{
    double constant = constant_of(w, j);
    bool in_units = constant != 0 || has_other_unit(w, j), is_first = constant == 0;
    size_t unit = in_units ? unit_number(w, j) : 0;
    fputs(unit ? "\"(" : "\"", w->out);
    if (constant != 0) put_number(w, constant);
    for (size_t a = 0; a < w->drawn_count; a++) {
        double c = gsl_matrix_get(w->coefficients, j, a);
        if (c == 0) continue;
        put_term(w, c, w->drawn[a], is_first, in_units);
        is_first = false;
    }
    if (unit) fprintf(w->out, ") * %sunit_%zu", w->system->prefix, unit);
    fputc('"', w->out);
}

static void put_remarks(const writer *w, size_t j)
{
    const pf_flow_quantity *q = &w->system->quantities[j];
    fprintf(w->out, ", note: reconciled; %s", pf_quantity_class_name(w->result->quantities[j].class));
    if (q->source) fputs(", source: ", w->out);
    if (q->source) put_quoted(w, q->source);
    if (q->assumption) fputs(", assumption: ", w->out);
    if (q->assumption) put_quoted(w, q->assumption);
}

static void put_parameter(writer *w, size_t j)
{
    fprintf(w->out, "  %s: {", w->names[j]);
    if (w->is_drawn[j]) put_distribution(w, j);
    else {
        fputs("value: ", w->out);
        if (varies(w, j)) put_expression(w, j);
        else put_amount(w, mean(w, j), j);
    }
    put_remarks(w, j);
    fputs("}\n", w->out);
}

static void put_units(const writer *w)
{
    for (size_t i = 0; i < w->units.count; i++) {
        fprintf(w->out, "  %sunit_%zu: {value: ", w->system->prefix, i + 1);
        put_quoted(w, pf_format(w->arena, "1 %s", w->units.items[i]));
        fputs(", assumption: one of a unit}\n", w->out);
    }
}

static void put_correlations(const writer *w)
{
    bool is_first = true;
    for (size_t a = 0; a < w->drawn_count; a++)
        for (size_t b = 0; b < a; b++) {
            double rho = rank_correlation(w, w->drawn[a], w->drawn[b]);
            if (fabs(rho) < rounding) continue;
            if (is_first) fputs("correlations:\n", w->out);
            is_first = false;
            fprintf(w->out, "  - {between: [parameters.%s, parameters.%s], rho: %.15g}\n", w->names[w->drawn[b]],
                    w->names[w->drawn[a]], rho);
        }
}

/* ---- all of it ---- */

/* "sludge.cod" of a prefix "park_" is park_sludge_cod. */
static bool find_names(writer *w, pf_diagnostics *diagnostics)
{
    pf_map taken = {0};
    w->names = PF_ARRAY(w->arena, const char *, w->n + 1);
    for (size_t j = 0; j < w->n; j++) {
        char *name = pf_format(w->arena, "%s%s", w->system->prefix, w->system->quantities[j].name);
        for (char *dot = name; (dot = strchr(dot, '.'));) *dot = '_';
        if (pf_map_get(&taken, name)) {
            pf_error(diagnostics, w->system->quantities[j].mark,
                     "'%s' and another quantity would both be the parameter '%s'; rename one",
                     w->system->quantities[j].name, name);
            return false;
        }
        pf_map_set(&taken, w->arena, name, name);
        w->names[j] = name;
    }
    return true;
}

static void put_all(writer *w)
{
    fputs("# Reconciled by parkflow " PF_VERSION ": ", w->out);
    put_quoted(w, w->system->title);
    fputs(". Laid under a model by `use:`.\n"
          "# What the constraints leave free is drawn, the rest follows from it.\n",
          w->out);
    if (w->result->degrees && w->result->p_value < w->system->problem.level)
        fprintf(w->out, "# The measurements contradict each other by more than their uncertainties (p = %.2g).\n",
                w->result->p_value);
    fputs("parameters:\n", w->out);
    for (size_t j = 0; j < w->n; j++)
        if (is_written(w, j)) put_parameter(w, j);
    put_units(w);
    put_correlations(w);
}

/* The text, in the arena; NULL if there is no memory for it. */
static const char *text_of(writer *w)
{
    char *buffer = NULL;
    size_t size = 0;
    w->out = open_memstream(&buffer, &size);
    if (!w->out) return NULL;
    put_all(w);
    bool is_good = fclose(w->out) == 0;
    const char *text = is_good ? pf_copy_text(w->arena, buffer, size) : NULL;
    free(buffer);
    return text;
}

const char *pf_flow_use_text(const pf_flow_system *system, const pf_reconciliation *result, pf_diagnostics *diagnostics)
{
    writer w = {.system = system, .result = result, .n = system->problem.quantity_count, .arena = system->arena};
    w.drawn = PF_ARRAY(w.arena, size_t, w.n + 1);
    w.is_drawn = PF_ARRAY(w.arena, bool, w.n + 1);
    if (!find_names(&w, diagnostics)) return NULL;
    choose_drawn(&w);
    w.all_normal = !is_possible(&w);
    if (w.drawn_count) find_coefficients(&w);
    const char *text = text_of(&w);
    if (w.coefficients) gsl_matrix_free(w.coefficients);
    if (!text) pf_error(diagnostics, (pf_mark){0}, "there is no memory for the parameters");
    return text;
}
