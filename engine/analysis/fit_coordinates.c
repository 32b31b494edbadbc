/* Coordinates to parameters: by the quantile function of a prior, or by a smooth map of the real line on a support. */
#include "analysis/fit_coordinates.h"

#include <math.h>

static pf_coordinate_kind kind_of(const pf_coordinate *c, bool is_flat)
{
    bool from = isfinite(c->least), to = isfinite(c->greatest);
    if (!is_flat) return PF_BY_PRIOR;
    if (from && to) return PF_BETWEEN;
    return from ? PF_FROM_LEAST : to ? PF_TO_GREATEST : PF_ALONG_LINE;
}

pf_coordinate pf_coordinate_new(const pf_distribution *distribution, const double *arguments, bool is_flat)
{
    pf_coordinate c = {.distribution = distribution, .arguments = arguments};
    double mean;
    distribution->support(arguments, &c.least, &c.greatest);
    c.median = distribution->quantile(0.5, arguments);
    c.kind = kind_of(&c, is_flat);
    if (c.kind == PF_FROM_LEAST) c.scale = c.median - c.least;
    else if (c.kind == PF_TO_GREATEST) c.scale = c.greatest - c.median;
    else if (c.kind == PF_BETWEEN) c.scale = c.greatest - c.least;
    else pf_distribution_moments(distribution, arguments, &mean, &c.scale);
    return c;
}

double pf_coordinate_value(const pf_coordinate *c, double at)
{
    switch (c->kind) {
    case PF_BY_PRIOR: return pf_value_at_score(c->distribution, c->arguments, at);
    case PF_FROM_LEAST: return c->least + c->scale * exp(at);
    case PF_TO_GREATEST: return c->greatest - c->scale * exp(at);
    case PF_BETWEEN: return at < 0 ? c->least + c->scale / (1 + exp(-at)) : c->greatest - c->scale / (1 + exp(at));
    case PF_ALONG_LINE: break;
    }
    return c->median + c->scale * at;
}

/* Five-point difference of the quantile function: what it leaves, of the step to the fourth power, is near rounding. */
static double slope_by_prior(const pf_coordinate *c, double at)
{
    static const double step = 1e-3;
    double near = pf_coordinate_value(c, at + step) - pf_coordinate_value(c, at - step),
           far = pf_coordinate_value(c, at + 2 * step) - pf_coordinate_value(c, at - 2 * step);
    return (8 * near - far) / (12 * step);
}

double pf_coordinate_slope(const pf_coordinate *c, double at)
{
    double grown;
    switch (c->kind) {
    case PF_BY_PRIOR: return slope_by_prior(c, at);
    case PF_FROM_LEAST: return c->scale * exp(at);
    case PF_TO_GREATEST: return -c->scale * exp(at);
    case PF_BETWEEN: grown = exp(-fabs(at)); return c->scale * grown / ((1 + grown) * (1 + grown));
    case PF_ALONG_LINE: break;
    }
    return c->scale;
}

double pf_coordinate_of(const pf_coordinate *c, double value)
{
    switch (c->kind) {
    case PF_FROM_LEAST: return log((value - c->least) / c->scale);
    case PF_TO_GREATEST: return log((c->greatest - value) / c->scale);
    case PF_BETWEEN: return log((value - c->least) / (c->greatest - value));
    default: return (value - c->median) / c->scale;
    }
}
