/* Elementary effects (Morris 1991, doi:10.1080/00401706.1991.10484804; mu_star: Campolongo, Cariboni and Saltelli 2007,
 * doi:10.1016/j.envsoft.2006.10.004): in each trajectory of k + 1 members each parameter moves once. */
#include "analysis/bootstrap.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_UNITS = 256 };

/* Sums over trajectories of one parameter's effects: how many, their values, squares and sizes. */
enum { COUNT, VALUE, SQUARE, SIZE, SUMS };

/* The change of y by change of u at the trajectory's first move of it. */
static double effect_of(const double *u, const double *y, size_t k)
{
    for (size_t t = 0; t < k; t++)
        if (u[t + 1] != u[t]) return (y[t + 1] - y[t]) / (u[t + 1] - u[t]);
    return NAN;
}

/* sums[SUMS][1 + resamples]: of the whole sample, then of each resample. The squares are about `centre`. */
static void sum_effects(const double *effects, size_t groups, double centre, const pf_resampling *resampling,
                        double *sums)
{
    double of_units[SUMS][MOST_UNITS] = {{0}}, total[SUMS] = {0};
    for (size_t g = 0; g < groups; g++) {
        if (!isfinite(effects[g])) continue;
        double from = effects[g] - centre, of_effect[SUMS] = {1, from, from * from, fabs(effects[g])};
        for (size_t s = 0; s < SUMS; s++) {
            total[s] += of_effect[s];
            if (resampling->units) of_units[s][resampling->unit_of[g]] += of_effect[s];
        }
    }
    for (size_t s = 0; s < SUMS; s++) {
        double *row = sums + s * (resampling->resamples + 1);
        row[0] = total[s];
        pf_resample(resampling, of_units[s], row + 1);
    }
}

/* Turns the sums into mean, mean size and standard deviation (divisor n - 1), in the places of VALUE, SIZE and SQUARE.
 */
static void divide_sums(double *sums, size_t width, double centre)
{
    for (size_t r = 0; r < width; r++) {
        double count = sums[COUNT * width + r], value = sums[VALUE * width + r], square = sums[SQUARE * width + r];
        double variance = (square - value * value / count) / (count - 1);
        sums[VALUE * width + r] = centre + value / count;
        sums[SIZE * width + r] /= count;
        sums[SQUARE * width + r] = count > 1 ? sqrt(fmax(variance, 0)) : NAN;
    }
}

void pf_morris_effects(const double *u, const double *y, size_t groups, size_t k, pf_bootstrap bootstrap,
                       pf_estimate *mu, pf_estimate *mu_star, pf_estimate *sigma)
{
    pf_resampling resampling = pf_resampling_new(bootstrap, groups, MOST_UNITS);
    size_t size = k + 1, width = resampling.resamples + 1;
    double *effects = pf_doubles(groups), *sums = pf_doubles(SUMS * width);
    for (size_t i = 0; i < k; i++) {
        const double *column = u + i * groups * size;
        for (size_t g = 0; g < groups; g++) effects[g] = effect_of(column + g * size, y + g * size, k);
        double centre = pf_mean_of(effects, groups);
        sum_effects(effects, groups, centre, &resampling, sums);
        divide_sums(sums, width, centre);
        if (mu) mu[i] = pf_estimate_from(sums[VALUE * width], sums + VALUE * width + 1, width - 1);
        if (mu_star) mu_star[i] = pf_estimate_from(sums[SIZE * width], sums + SIZE * width + 1, width - 1);
        if (sigma) sigma[i] = pf_estimate_from(sums[SQUARE * width], sums + SQUARE * width + 1, width - 1);
    }
    free(effects);
    free(sums);
    pf_resampling_free(&resampling);
}
