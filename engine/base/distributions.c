/* The table of distributions. A draw is the quantile of a number u that is never 0 or 1 and whose 1 - u is exact, so
 * that each tail is computed from its own end. */
#include "base/distributions.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
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

static void quantiles_uniform(size_t n, const double *u, const double *a, double *x)
{
    for (size_t i = 0; i < n; i++) x[i] = clamped((1 - u[i]) * a[0] + u[i] * a[1], a[0], a[1]);
}

static double quantile_uniform(double u, const double *a)
{
    double x;
    quantiles_uniform(1, &u, a, &x);
    return x;
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

/* From the nearer end, by a root on its own side of the mode, and on the other side by what the root leaves of the
 * width: width - root = (width^2 - root^2) / (width + root), without its cancellation. */
static void quantiles_triangular(size_t n, const double *u, const double *a, double *x)
{
    double low = a[0], high = a[2], width = high - low, rise = a[1] - low, fall = high - a[1];
    if (width <= 0) width = 1; /* any: all offsets are 0 */
    for (size_t i = 0; i < n; i++) {
        bool rises = u[i] * width < rise, is_lower = u[i] < 0.5;
        double p = is_lower ? u[i] : 1 - u[i], near = is_lower ? rise : fall, far = is_lower ? fall : rise;
        double root = sqrt(rises == is_lower ? p * width * near : (1 - p) * width * far);
        double offset = rises == is_lower ? root : width * (near + p * far) / (width + root);
        x[i] = clamped(is_lower ? low + offset : high - offset, low, high);
    }
}

static double quantile_triangular(double u, const double *a)
{
    double x;
    quantiles_triangular(1, &u, a, &x);
    return x;
}

/* --- beta --- */

/* A beta distribution on 0 to 1, with the logarithm of its constant. */
typedef struct {
    double alpha, beta, log_constant;
} beta_shape;

static beta_shape beta_of(double alpha, double beta)
{
    return (beta_shape){alpha, beta, gsl_sf_lnbeta(alpha, beta)};
}

/* The leading term for small x, or where both shapes are above 1 the approximation by the normal distribution
 * (Abramowitz and Stegun 1964, 26.5.22). */
static double first_guess(double p, beta_shape s)
{
    if (s.alpha <= 1 || s.beta <= 1 || p < 1e-4) {
        double guess = exp((log(p * s.alpha) + s.log_constant) / s.alpha);
        if (guess < 0.3 || s.alpha <= 1 || s.beta <= 1) return fmin(guess, 0.5);
    }
    double z = -gsl_cdf_ugaussian_Pinv(p), lambda = (z * z - 3) / 6;
    double a = 1 / (2 * s.alpha - 1), b = 1 / (2 * s.beta - 1), h = 2 / (a + b);
    double w = z * sqrt(h + lambda) / h - (b - a) * (lambda + 5.0 / 6 - 2 / (3 * h));
    return s.alpha / (s.alpha + s.beta * exp(2 * w));
}

/* Halley's step for F(x) = p, from F(x) - p. */
static double halley_step(double x, double excess, beta_shape s)
{
    double density = exp((s.alpha - 1) * log(x) + (s.beta - 1) * log1p(-x) - s.log_constant);
    double newton = excess / density, bend = newton * ((s.alpha - 1) / x - (s.beta - 1) / (1 - x));
    return newton / (1 - 0.5 * fmin(bend, 1));
}

/* The quantile of p, at most 1/2: Halley's method, kept between bounds that are halved on a scale of logarithms where
 * it leaves them. (The inverse of GSL 2.7 takes five times as long, and is wrong or NaN for shapes below 0.1 or above
 * 100.)
 */
static double lower_beta(double p, beta_shape s)
{
    enum { MOST_STEPS = 100 };        /* the logarithm of a double spans 708: 70 halvings to 1e-18 */
    static const double small = 1e-5; /* the error left behind is of the order of the last step's cube */
    double low = 0, high = 1, x = first_guess(p, s);
    for (int i = 0; i < MOST_STEPS && x > DBL_MIN; i++) {
        double last = x, excess = gsl_cdf_beta_P(x, s.alpha, s.beta) - p;
        if (excess < 0) low = x;
        else high = x;
        x -= halley_step(x, excess, s);
        if (!(x >= low && x <= high)) x = sqrt(fmax(low, DBL_MIN)) * sqrt(high);
        else if (fabs(excess) <= small * p && fabs(x - last) <= small * x) break;
    }
    return x;
}

static double quantile_beta_between(double u, beta_shape s, double low, double high)
{
    double width = high - low;
    beta_shape mirrored = {s.beta, s.alpha, s.log_constant};
    double x = u < 0.5 ? low + width * lower_beta(u, s) : high - width * lower_beta(1 - u, mirrored);
    return clamped(x, low, high);
}

static void quantiles_pert(size_t n, const double *u, const double *a, double *x)
{
    double width = a[2] - a[0];
    beta_shape s = {0};
    if (width > 0) s = beta_of(1 + 4 * (a[1] - a[0]) / width, 1 + 4 * (a[2] - a[1]) / width);
    for (size_t i = 0; i < n; i++) x[i] = width > 0 ? quantile_beta_between(u[i], s, a[0], a[2]) : a[0];
}

static double quantile_pert(double u, const double *a)
{
    double x;
    quantiles_pert(1, &u, a, &x);
    return x;
}

static const char *wrong_beta(const double *a)
{
    if (!(a[0] > 0 && isfinite(a[0]) && a[1] > 0 && isfinite(a[1]))) return "alpha and beta must be finite and above 0";
    return wrong_ends(a[2], a[3]);
}

static void quantiles_beta(size_t n, const double *u, const double *a, double *x)
{
    beta_shape s = beta_of(a[0], a[1]);
    for (size_t i = 0; i < n; i++) x[i] = a[2] < a[3] ? quantile_beta_between(u[i], s, a[2], a[3]) : a[2];
}

static double quantile_beta(double u, const double *a)
{
    double x;
    quantiles_beta(1, &u, a, &x);
    return x;
}

static void support_beta(const double *a, double *least, double *greatest)
{
    *least = a[2];
    *greatest = a[3];
}

/* --- normal --- */

double pf_score_of(double u)
{
    return u < 0.5 ? gsl_cdf_ugaussian_Pinv(u) : gsl_cdf_ugaussian_Qinv(1 - u);
}

double pf_probability_of(double score)
{
    return clamped(gsl_cdf_ugaussian_P(score), 0x1p-53, 1 - 0x1p-53);
}

static const char *wrong_normal(const double *a)
{
    if (!isfinite(a[0])) return "mean must be a finite number";
    return a[1] >= 0 && isfinite(a[1]) ? NULL : "sd must be finite and at least 0";
}

static double quantile_normal(double u, const double *a)
{
    return a[0] + a[1] * pf_score_of(u);
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
    return a[0] * exp(log(a[1]) * pf_score_of(u));
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

static void quantiles_truncnormal(size_t n, const double *u, const double *a, double *x)
{
    bool is_constant = a[1] <= 0 || a[2] >= a[3];
    tails low = {0}, high = {0};
    if (!is_constant) low = tails_at(a[2], a), high = tails_at(a[3], a);
    for (size_t i = 0; i < n; i++) {
        double lower = (1 - u[i]) * low.lower + u[i] * high.lower, upper = (1 - u[i]) * low.upper + u[i] * high.upper;
        double z = is_constant ? 0 : lower < upper ? gsl_cdf_ugaussian_Pinv(lower) : gsl_cdf_ugaussian_Qinv(upper);
        x[i] = clamped(a[0] + a[1] * z, a[2], a[3]);
    }
}

static double quantile_truncnormal(double u, const double *a)
{
    double x;
    quantiles_truncnormal(1, &u, a, &x);
    return x;
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
     support_range, "any value between low and high alike; written low..high", quantiles_uniform},
    {"triangular", 3,
     {{"low", PF_ARGUMENT_VALUE}, {"mode", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}},
     wrong_mode, quantile_triangular, support_mode,
     "most often near mode, falling in a straight line to low and high; written low..mode..high", quantiles_triangular},
    {"normal", 2, {{"mean", PF_ARGUMENT_VALUE}, {"sd", PF_ARGUMENT_VALUE}}, wrong_normal, quantile_normal,
     support_normal, "Gaussian, with its standard deviation sd; any value can occur", NULL},
    {"lognormal", 2, {{"median", PF_ARGUMENT_VALUE}, {"gsd", PF_ARGUMENT_NUMBER}}, wrong_lognormal, quantile_lognormal,
     support_lognormal,
     "68 % of draws lie between median / gsd and median * gsd; gsd is the geometric standard deviation", NULL},
    {"truncnormal", 4,
     {{"mean", PF_ARGUMENT_VALUE}, {"sd", PF_ARGUMENT_VALUE}, {"low", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}},
     wrong_truncnormal, quantile_truncnormal, support_truncnormal,
     "normal, of which only what lies between low and high is kept; mean and sd are those before",
     quantiles_truncnormal},
    {"beta", 4,
     {{"alpha", PF_ARGUMENT_NUMBER},
      {"beta", PF_ARGUMENT_NUMBER},
      {"low", PF_ARGUMENT_VALUE},
      {"high", PF_ARGUMENT_VALUE}},
     wrong_beta, quantile_beta, support_beta, "beta with the shapes alpha and beta, stretched from low to high",
     quantiles_beta},
    {"pert", 3,
     {{"low", PF_ARGUMENT_VALUE}, {"mode", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}},
     wrong_mode, quantile_pert, support_mode,
     "smooth, with the mean (low + 4 mode + high) / 6; ends are rarer than in triangular", quantiles_pert},
    {"loguniform", 2, {{"low", PF_ARGUMENT_VALUE}, {"high", PF_ARGUMENT_VALUE}}, wrong_loguniform,
     quantile_loguniform, support_range, "uniform in its logarithm: for what is known to an order of magnitude", NULL},
    {"discrete", 2, {{"values", PF_ARGUMENT_VALUES}, {"weights", PF_ARGUMENT_NUMBERS}}, wrong_discrete,
     quantile_discrete, support_list, "one of the values, as often as its weight says", NULL},
    {"empirical", 1, {{"values", PF_ARGUMENT_VALUES}}, wrong_list, quantile_empirical, support_list,
     "what was observed: linear between the sorted values", NULL},
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

void pf_quantiles(const pf_distribution *distribution, size_t n, const double *u, const double *arguments, double *x)
{
    if (distribution->quantiles) {
        distribution->quantiles(n, u, arguments, x);
        return;
    }
    for (size_t i = 0; i < n; i++) x[i] = distribution->quantile(u[i], arguments);
}

double pf_value_at_score(const pf_distribution *distribution, const double *a, double score)
{
    if (distribution->quantile == quantile_normal) return a[0] + a[1] * score;
    if (distribution->quantile == quantile_lognormal) return a[0] * exp(log(a[1]) * score);
    return distribution->quantile(pf_probability_of(score), a);
}

void pf_distribution_moments(const pf_distribution *distribution, const double *arguments, double *mean, double *sd)
{
    enum { POINTS = 4096 };
    double x[POINTS], square = 0;
    if (distribution->quantile == quantile_normal) {
        *mean = arguments[0];
        *sd = arguments[1];
        return;
    }
    for (size_t i = 0; i < POINTS; i++) x[i] = ((double)i + 0.5) / POINTS;
    pf_quantiles(distribution, POINTS, x, arguments, x);
    *mean = 0;
    for (size_t i = 0; i < POINTS; i++) *mean += x[i] / POINTS;
    for (size_t i = 0; i < POINTS; i++) square += (x[i] - *mean) * (x[i] - *mean) / POINTS;
    *sd = sqrt(square);
}
