/* Rank correlations between uncertain parameters: names checked, and together they must be possible (positive
 * definite). */
#include "model/model.h"

#include <gsl/gsl_linalg.h>
#include <stdlib.h>
#include <string.h>

static int input_row(const pf_model *m, const pf_tree *name)
{
    size_t row = name->text ? (size_t)pf_map_get(&m->input_rows, name->text) : 0;
    if (row) return (int)row - 1;
    pf_nearest near = pf_nearest_to(name->text ? name->text : "");
    for (size_t i = 0; i < m->inputs.count; i++)
        if (m->inputs.items[i].value) pf_nearest_offer(&near, m->inputs.items[i].name);
    pf_error(m->diagnostics, name->mark, "no uncertain parameter is called '%s'%s", name->text ? name->text : "?",
             pf_nearest_hint(&near, m->arena));
    return -1;
}

static bool read_correlation(pf_model *m, const pf_tree *tree, pf_correlation *out)
{
    const pf_tree *between = pf_tree_get(tree, "between"), *rho = pf_tree_get(tree, "rho");
    const char *rest;
    if (!between || between->kind != PF_SEQUENCE || between->entries.count != 2 || !rho || rho->kind != PF_TEXT) {
        pf_error(m->diagnostics, tree->mark, "expected {between: [PARAMETER, PARAMETER], rho: NUMBER}");
        return false;
    }
    int first = input_row(m, between->entries.items[0].value), second = input_row(m, between->entries.items[1].value);
    if (!pf_number_parse(rho->text, &out->rho, &rest) || *rest || !(out->rho > -1 && out->rho < 1)) {
        pf_error(m->diagnostics, rho->mark, "found rho: %s, expected a number between -1 and 1", rho->text);
        return false;
    }
    if (first < 0 || second < 0) return false;
    if (first == second) pf_error(m->diagnostics, between->mark, "a parameter is not correlated with itself");
    out->first = (uint32_t)first;
    out->second = (uint32_t)second;
    return first != second;
}

/* The matrix over the inputs that are correlated with any must have a Cholesky factor. */
static bool is_possible(const pf_model *m, const pf_correlation *rows, size_t count)
{
    size_t *place = pf_calloc(m->inputs.count, sizeof *place), size = 0;
    for (size_t i = 0; i < count; i++) {
        if (!place[rows[i].first]) place[rows[i].first] = ++size;
        if (!place[rows[i].second]) place[rows[i].second] = ++size;
    }
    gsl_matrix *matrix = gsl_matrix_alloc(size, size);
    gsl_matrix_set_identity(matrix);
    for (size_t i = 0; i < count; i++) {
        gsl_matrix_set(matrix, place[rows[i].first] - 1, place[rows[i].second] - 1, rows[i].rho);
        gsl_matrix_set(matrix, place[rows[i].second] - 1, place[rows[i].first] - 1, rows[i].rho);
    }
    bool possible = gsl_linalg_cholesky_decomp1(matrix) == 0;
    gsl_matrix_free(matrix);
    free(place);
    return possible;
}

void pf_build_correlations(pf_model *m)
{
    const pf_tree *list = pf_tree_get(m->scenario->tree, "correlations");
    PF_LIST(pf_correlation) rows = {0};
    for (size_t i = 0; list && list->kind == PF_SEQUENCE && i < list->entries.count; i++) {
        pf_correlation row;
        if (read_correlation(m, list->entries.items[i].value, &row)) *PF_PUSH(m->arena, rows) = row;
    }
    if (rows.count && !is_possible(m, rows.items, rows.count))
        pf_error(m->diagnostics, list->mark,
                 "these correlations cannot hold together: their matrix is not positive definite");
    m->compiled.correlations = rows.items;
    m->compiled.correlation_count = rows.count;
}
