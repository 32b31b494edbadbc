/* Linearised constraints: takes a point, gives the eliminated rows, the classes of the quantities that follow from
 * them, and the constraints that contradict each other. */
#include "analysis/reconcile_linear.h"

#include <math.h>
#include <string.h>

static const double nothing = 1e-10;      /* of a row whose largest entry was 1 */
static const double contradiction = 1e-9; /* of the largest term of the constraints concerned */

bool pf_is_nothing(double entry)
{
    return fabs(entry) < nothing;
}

static double *row_of(const pf_linear_system *s, size_t row)
{
    return s->rows + row * s->width;
}

double pf_entry(const pf_linear_system *s, size_t row, size_t quantity)
{
    return row_of(s, row)[quantity];
}

double pf_row_value(const pf_linear_system *s, size_t row)
{
    return row_of(s, row)[s->problem->quantity_count];
}

double pf_row_part(const pf_linear_system *s, size_t row, size_t of)
{
    return row_of(s, row)[s->problem->quantity_count + 1 + of];
}

/* ---- the rows ---- */

double pf_constraint_value(const pf_constraint *constraint, const double *values, double *largest)
{
    double sum = 0;
    *largest = 0;
    for (size_t t = 0; t < constraint->count; t++) {
        const pf_monomial *term = &constraint->terms[t];
        double product = term->coefficient;
        for (uint32_t f = 0; f < term->degree; f++) product *= values[term->factors[f]];
        sum += product;
        *largest = fmax(*largest, fabs(product));
    }
    return sum;
}

/* The product rule, a factor at a time. */
static void add_derivatives(const pf_linear_system *s, const pf_monomial *term, const double *values, double *row)
{
    for (uint32_t f = 0; f < term->degree; f++) {
        double product = term->coefficient;
        for (uint32_t g = 0; g < term->degree; g++)
            if (g != f) product *= values[term->factors[g]];
        if (s->problem->quantities[term->factors[f]].known != PF_EXACT)
            row[term->factors[f]] += product * s->column_scale[term->factors[f]];
    }
}

static void fill_row(pf_linear_system *s, size_t number, const double *values)
{
    const pf_constraint *constraint = &s->problem->constraints[number];
    double *row = row_of(s, number), scale = 0, largest;
    size_t n = s->problem->quantity_count;
    for (size_t t = 0; t < constraint->count; t++) add_derivatives(s, &constraint->terms[t], values, row);
    row[n] = pf_constraint_value(constraint, values, &largest);
    for (size_t j = 0; j < n; j++) scale = fmax(scale, fabs(row[j]));
    if (scale <= 0) scale = largest > 0 ? largest : 1;
    for (size_t j = 0; j <= n; j++) row[j] /= scale;
    s->row_scale[number] = scale;
    s->largest[number] = largest / scale;
}

pf_linear_system pf_linearise(const pf_reconcile_problem *problem, const double *values, const bool *use,
                              pf_arena *arena)
{
    size_t n = problem->quantity_count, m = problem->constraint_count;
    pf_linear_system s = {.problem = problem, .width = n + 1 + m};
    s.rows = PF_ARRAY(arena, double, m *s.width + 1);
    s.column_scale = PF_ARRAY(arena, double, n + 1);
    s.row_scale = PF_ARRAY(arena, double, m + 1);
    s.largest = PF_ARRAY(arena, double, m + 1);
    s.pivots = PF_ARRAY(arena, size_t, m + 1);
    for (size_t j = 0; j < n; j++) {
        const pf_quantity *q = &problem->quantities[j];
        s.column_scale[j] = fmax(fmax(fabs(values[j]), fabs(q->value)), q->known == PF_MEASURED ? q->sd : 0);
    }
    for (size_t i = 0; i < m; i++) {
        if (use[i]) fill_row(&s, i, values);
        row_of(&s, i)[n + 1 + i] = 1;
    }
    return s;
}

/* ---- elimination ---- */

static void swap_rows(pf_linear_system *s, size_t a, size_t b)
{
    double *left = row_of(s, a), *right = row_of(s, b);
    for (size_t j = 0; a != b && j < s->width; j++) {
        double kept = left[j];
        left[j] = right[j];
        right[j] = kept;
    }
}

/* The largest entry from row `first` on in the columns of one kind; false if all are nothing. */
static bool find_pivot(const pf_linear_system *s, size_t first, pf_known kind, size_t *row, size_t *column)
{
    double most = 0;
    for (size_t i = first; i < s->problem->constraint_count; i++)
        for (size_t j = 0; j < s->problem->quantity_count; j++) {
            double size = fabs(row_of(s, i)[j]);
            if (s->problem->quantities[j].known != kind || size <= most) continue;
            most = size;
            *row = i;
            *column = j;
        }
    return !pf_is_nothing(most);
}

static void subtract(pf_linear_system *s, size_t from, size_t pivot, size_t column)
{
    double *row = row_of(s, from), *unit = row_of(s, pivot), factor = row[column];
    if (from == pivot || factor == 0) return;
    for (size_t j = 0; j < s->width; j++) row[j] -= factor * unit[j];
    row[column] = 0;
}

/* Makes columns of one kind unit columns, in rows from `first` on, and clears them in rows from `top` on. */
static size_t eliminate_kind(pf_linear_system *s, size_t top, pf_known kind)
{
    size_t first = top, row = 0, column = 0;
    for (; find_pivot(s, first, kind, &row, &column); first++) {
        swap_rows(s, first, row);
        double *pivot = row_of(s, first), size = pivot[column];
        for (size_t j = 0; j < s->width; j++) pivot[j] /= size;
        for (size_t i = top; i < s->problem->constraint_count; i++) subtract(s, i, first, column);
        s->pivots[first] = column;
    }
    return first;
}

void pf_eliminate(pf_linear_system *s)
{
    s->unknown_rank = eliminate_kind(s, 0, PF_UNKNOWN);
    s->rank = eliminate_kind(s, s->unknown_rank, PF_MEASURED);
}

/* ---- what the rows say ---- */

static bool has_other_unknown(const pf_linear_system *s, size_t row)
{
    for (size_t j = 0; j < s->problem->quantity_count; j++)
        if (s->problem->quantities[j].known == PF_UNKNOWN && j != s->pivots[row] && !pf_is_nothing(pf_entry(s, row, j)))
            return true;
    return false;
}

static bool is_redundant(const pf_linear_system *s, size_t quantity)
{
    for (size_t i = s->unknown_rank; i < s->rank; i++)
        if (!pf_is_nothing(pf_entry(s, i, quantity))) return true;
    return false;
}

void pf_classify(const pf_linear_system *s, pf_reconciled *quantities, bool *is_dependent)
{
    for (size_t j = 0; j < s->problem->quantity_count; j++) {
        pf_known known = s->problem->quantities[j].known;
        quantities[j].class = known == PF_EXACT     ? PF_CLASS_EXACT
                              : known == PF_UNKNOWN ? PF_CLASS_UNOBSERVABLE
                              : is_redundant(s, j)  ? PF_CLASS_REDUNDANT
                                                    : PF_CLASS_NONREDUNDANT;
    }
    for (size_t i = 0; i < s->unknown_rank; i++)
        if (!has_other_unknown(s, i)) quantities[s->pivots[i]].class = PF_CLASS_OBSERVABLE;
    for (size_t i = s->rank; i < s->problem->constraint_count; i++)
        for (size_t of = 0; of < s->problem->constraint_count; of++)
            is_dependent[of] |= !pf_is_nothing(pf_row_part(s, i, of));
}

static bool contradicts(const pf_linear_system *s, size_t row)
{
    double most = 0;
    for (size_t of = 0; of < s->problem->constraint_count; of++)
        most = fmax(most, fabs(pf_row_part(s, row, of)) * s->largest[of]);
    return fabs(pf_row_value(s, row)) > contradiction * most;
}

size_t pf_contradictions(const pf_linear_system *s, size_t *rows)
{
    size_t m = s->problem->constraint_count, count = 0;
    for (size_t of = 0; of < m; of++) {
        bool concerned = false;
        for (size_t i = s->rank; i < m && !concerned; i++)
            concerned = contradicts(s, i) && !pf_is_nothing(pf_row_part(s, i, of));
        if (concerned) rows[count++] = of;
    }
    return count;
}

const char *pf_quantity_class_name(pf_quantity_class class)
{
    static const char *const names[] = {[PF_CLASS_EXACT] = "exact",
                                        [PF_CLASS_REDUNDANT] = "redundant",
                                        [PF_CLASS_NONREDUNDANT] = "nonredundant",
                                        [PF_CLASS_OBSERVABLE] = "observable",
                                        [PF_CLASS_UNOBSERVABLE] = "unobservable"};
    return names[class];
}
