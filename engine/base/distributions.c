/* The table of distributions. A draw is the quantile of a number u that is never 0 or 1 and whose 1 - u is exact, so
 * that each tail is computed from its own end. */
#include "base/distributions.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

static double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* --- low, high --- */

static const char *wrong_ends(double low, double high)
{
    if (!isfinite(low) || !isfinite(high)) return "low and high must be finite numbers";
    return low > high ? "low must not be above high" : NULL;
}

static const char *wrong_range(const double *a)
{
    return wrong_ends(a[0], a[1]);
}

static void support_range(const double *a, double *least, double *greatest)
{
    *least = a[0];
    *greatest = a[1];
}

static double quantile_uniform(double u, const double *a)
{
    return clamped(gsl_cdf_flat_Pinv(u, a[0], a[1]), a[0], a[1]);
}

static const char *wrong_loguniform(const double *a)
{
    if (wrong_range(a)) return wrong_range(a);
    return a[0] > 0 ? NULL : "low must be above 0";
}

static double quantile_loguniform(double u, const double *a)
{
    double span = log(a[1] / a[0]);
    return clamped(u < 0.5 ? a[0] * exp(u * span) : a[1] * exp(-(1 - u) * span), a[0], a[1]);
}

/* --- low, mode, high --- */

static const char *wrong_mode(const double *a)
{
    if (wrong_ends(a[0], a[2])) return wrong_ends(a[0], a[2]);
    return a[1] >= a[0] && a[1] <= a[2] ? NULL : "mode must lie between low and high";
}

static void support_mode(const double *a, double *least, double *greatest)
{
    *least = a[0];
    *greatest = a[2];
}

static double quantile_triangular(double u, const double *a)
{
    double width = a[2] - a[0], rise = a[1] - a[0], fall = a[2] - a[1];
    double x = u * width < rise ? a[0] + sqrt(u * width * rise) : a[2] - sqrt((1 - u) * width * fall);
    return clamped(x, a[0], a[2]);
}

/* --- beta --- */

/* Bisection of the logarithm: slow and sure, for the shapes where the inverse of GSL does not converge. */
static double bisected_beta(double p, double alpha, double beta)
{
    enum { HALVINGS = 70 }; /* the logarithm of a double spans 708: to 1e-18 */
    double low = DBL_MIN, high = 1;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = sqrt(low) * sqrt(high);
        if (gsl_cdf_beta_P(middle, alpha, beta) < p) low = middle;
        else high = middle;
    }
    return high;
}

/* The quantile on 0 to 1 of p, at most 1/2. GSL's (tried: wrong or NaN for shapes below 0.1 or above 100) is tested. */
static double lower_beta(double p, double alpha, double beta)
{
    double x = gsl_cdf_beta_Pinv(p, alpha, beta);
    bool is_right = x >= 0 && x <= 1 && fabs(gsl_cdf_beta_P(x, alpha, beta) - p) <= 1e-10 * p;
    return is_right ? x : bisected_beta(p, alpha, beta);
}

static double quantile_beta_between(double u, double alpha, double beta, double low, double high)
{
    double width = high - low;
    if (width <= 0) return low;
    double x = u < 0.5 ? low + width * lower_beta(u, alpha, beta) : high - width * lower_beta(1 - u, beta, alpha);
    return clamped(x, low, high);
}

static double quantile_pert(double u, const double *a)
{
    double width = a[2] - a[0];
    if (width <= 0) return a[0];
    return quantile_beta_between(u, 1 + 4 * (a[1] - a[0]) / width, 1 + 4 * (a[2] - a[1]) / width, a[0], a[2]);
}

static const char *wrong_beta(const double *a)
{
    if (!(a[0] > 0 && isfinite(a[0]) && a[1] > 0 && isfinite(a[1]))) return "alpha and beta must be finite and above 0";
    return wrong_ends(a[2], a[3]);
}

static double quantile_beta(double u, const double *a)
{
    return quantile_beta_between(u, a[0], a[1], a[2], a[3]);
}

static void support_beta(const double *a, double *least, double *greatest)
{
    *least = a[2];
    *greatest = a[3];
}

/* --- normal --- */

static double quantile_standard_normal(double u)
{
    return u < 0.5 ? gsl_cdf_ugaussian_Pinv(u) : gsl_cdf_ugaussian_Qinv(1 - u);
}

static const char *wrong_normal(const double *a)
{
    if (!isfinite(a[0])) return "mean must be a finite number";
    return a[1] >= 0 && isfinite(a[1]) ? NULL : "sd must be finite and at least 0";
}

static double quantile_normal(double u, const double *a)
{
    return a[0] + a[1] * quantile_standard_normal(u);
}

static void support_normal(const double *a, double *least, double *greatest)
{
    *least = a[1] > 0 ? -INFINITY : a[0];
    *greatest = a[1] > 0 ? INFINITY : a[0];
}

static const char *wrong_lognormal(const double *a)
{
    if (!(a[0] > 0 && isfinite(a[0]))) return "median must be finite and above 0";
    return a[1] >= 1 && isfinite(a[1]) ? NULL : "gsd must be finite and at least 1";
}

static double quantile_lognormal(double u, const double *a)
{
    return a[0] * exp(log(a[1]) * quantile_standard_normal(u));
}

static void support_lognormal(const double *a, double *least, double *greatest)
{
    *least = a[1] > 1 ? 0 : a[0];
    *greatest = a[1] > 1 ? INFINITY : a[0];
}

/* --- truncated normal: mean, sd, low, high --- */

/* How much of the whole normal lies below `x` (`lower`) and above it (`upper`), each exact where small. */
typedef struct {
    double lower, upper;
} tails;

static tails tails_at(double x, const double *a)
{
    double z = (x - a[0]) / a[1];
    return (tails){gsl_cdf_ugaussian_P(z), gsl_cdf_ugaussian_Q(z)};
}

static const char *wrong_truncnormal(const double *a)
{
    enum { FARTHEST = 37 }; /* standard deviations: beyond, a double holds no tail */
    if (wrong_normal(a)) return wrong_normal(a);
    if (!(a[2] <= a[3])) return "low must not be above high";
    if (a[2] >= INFINITY || a[3] <= -INFINITY) return "some finite number must lie between low and high";
    if (a[2] - a[0] > FARTHEST * a[1] || a[0] - a[3] > FARTHEST * a[1])
        return "low to high must come within 37 standard deviations of the mean";
    return NULL;
}

static double quantile_truncnormal(double u, const double *a)
{
    if (a[1] <= 0 || a[2] >= a[3]) return clamped(a[0], a[2], a[3]);
    tails low = tails_at(a[2], a), high = tails_at(a[3], a);
    double lower = (1 - u) * low.lower + u * high.lower, upper = (1 - u) * low.upper + u * high.upper;
    double z = lower < upper ? gsl_cdf_ugaussian_Pinv(lower) : gsl_cdf_ugaussian_Qinv(upper);
    return clamped(a[0] + a[1] * z, a[2], a[3]);
}

static void support_truncnormal(const double *a, double *least, double *greatest)
{
    *least = a[1] > 0 ? a[2] : clamped(a[0], a[2], a[3]);
    *greatest = a[1] > 0 ? a[3] : clamped(a[0], a[2], a[3]);
}

/* --- lists --- */

static const char *wrong_list(const double *a)
{
    size_t n = (size_t)a[0];
    if (!n) return "expected at least one value";
    for (size_t i = 0; i < n; i++)
        if (!isfinite(a[1 + i])) return "the values must be finite numbers";
    return NULL;
}

static const char *wrong_discrete(const double *a)
{
    size_t n = (size_t)a[0];
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(a[1 + n + i] >= 0)) return "the weights must not be negative";
        sum += a[1 + n + i];
    }
    if (n && !(sum > 0 && isfinite(sum))) return "the weights must add to more than 0";
    return wrong_list(a);
}

static void support_list(const double *a, double *least, double *greatest)
{
    *least = *greatest = a[1];
    for (size_t i = 1; i < (size_t)a[0]; i++) {
        *least = fmin(*least, a[1 + i]);
        *greatest = fmax(*greatest, a[1 + i]);
    }
}

/* The value of which the `rank` smaller ones, equal ones by position, stand before it; lists are short. */
static double in_order(const double *a, size_t rank, size_t *position)
{
    size_t n = (size_t)a[0];
    for (size_t i = 0; i < n; i++) {
        size_t before = 0;
        for (size_t k = 0; k < n; k++) before += a[1 + k] < a[1 + i] || (a[1 + k] == a[1 + i] && k < i);
        if (before != rank) continue;
        *position = i;
        return a[1 + i];
    }
    return NAN;
}

static double quantile_discrete(double u, const double *a)
{
    size_t n = (size_t)a[0], position = 0;
    double total = 0, below = 0, value = a[1];
    for (size_t i = 0; i < n; i++) total += a[1 + n + i];
    for (size_t rank = 0; rank < n; rank++) {
        double candidate = in_order(a, rank, &position), weight = a[1 + n + position];
        if (!(weight > 0)) continue;
        value = candidate;
        below += weight;
        if (u * total <= below) break;
    }
    return value;
}

/* Hyndman and Fan (1996), type 7: linear between the sorted values. */
static double quantile_empirical(double u, const double *a)
{
    size_t n = (size_t)a[0], position;
    double at = u * (double)(n - 1), whole = floor(at);
    double low = in_order(a, (size_t)whole, &position);
    if (at == whole) return low;
    return low + (at - whole) * (in_order(a, (size_t)whole + 1, &position) - low);
}

/* clang-format off */
static const pf_distribution table[] = {
    {"uniform", 2, {{"low", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}}, wrong_range, quantile_uniform,
     support_range, "any value between low and high alike; written low..high"},
    {"triangular", 3,
     {{"low", PF_ARGUMENT_VALUE}, {"mode", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}},
     wrong_mode, quantile_triangular, support_mode,
     "most often near mode, falling in a straight line to low and high; written low..mode..high"},
    {"normal", 2, {{"mean", PF_ARGUMENT_VALUE}, {"sd", PF_ARGUMENT_VALUE}}, wrong_normal, quantile_normal,
     support_normal, "Gaussian, with its standard deviation sd; any value can occur"},
    {"lognormal", 2, {{"median", PF_ARGUMENT_VALUE}, {"gsd", PF_ARGUMENT_NUMBER}}, wrong_lognormal, quantile_lognormal,
     support_lognormal,
     "68 % of draws lie between median / gsd and median * gsd; gsd is the geometric standard deviation"},
    {"truncnormal", 4,
     {{"mean", PF_ARGUMENT_VALUE}, {"sd", PF_ARGUMENT_VALUE}, {"low", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}},
     wrong_truncnormal, quantile_truncnormal, support_truncnormal,
     "normal, of which only what lies between low and high is kept; mean and sd are those before"},
    {"beta", 4,
     {{"alpha", PF_ARGUMENT_NUMBER},
      {"beta", PF_ARGUMENT_NUMBER},
      {"low", PF_ARGUMENT_VALUE},
      {"high", PF_ARGUMENT_VALUE}},
     wrong_beta, quantile_beta, support_beta, "beta with the shapes alpha and beta, stretched from low to high"},
    {"pert", 3,
     {{"low", PF_ARGUMENT_VALUE}, {"mode", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}},
     wrong_mode, quantile_pert, support_mode,
     "smooth, with the mean (low + 4 mode + high) / 6; ends are rarer than in triangular"},
    {"loguniform", 2, {{"low", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}}, wrong_loguniform,
     quantile_loguniform, support_range, "uniform in its logarithm: for what is known to an order of magnitude"},
    {"discrete", 2, {{"values", PF_ARGUMENT_VALUES}, {"weights", PF_ARGUMENT_NUMBERS}}, wrong_discrete,
     quantile_discrete, support_list, "one of the values, as often as its weight says"},
    {"empirical", 1, {{"values", PF_ARGUMENT_VALUES}}, wrong_list, quantile_empirical, support_list,
     "what was observed: linear between the sorted values"},
};
/* clang-format on */

size_t pf_distribution_count(void)
{
    return sizeof table / sizeof *table;
}

const pf_distribution *pf_distribution_at(size_t number)
{
    return &table[number];
}

int pf_distribution_named(const char *name)
{
    for (size_t i = 0; i < pf_distribution_count(); i++)
        if (!strcmp(table[i].name, name)) return (int)i;
    return -1;
}
