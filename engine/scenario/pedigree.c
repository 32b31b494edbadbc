/* From pedigree scores to a spread: each score adds to the variance of the logarithm of a lognormal distribution. */
#include "scenario/pedigree.h"

#include <string.h>

enum { INDICATORS = 5, SCORES = 5 };

/* Weidema B. P. and others (2013): Overview and methodology. Data quality guideline for the ecoinvent database version
 * 3, ecoinvent report 1(v3), chapter 10, table of default uncertainty factors. Its basic uncertainty, which goes by the
 * kind of flow, is not in them. */
static const double factors[INDICATORS][SCORES] = {
    {0, 0.0006, 0.002, 0.008, 0.04},      /* reliability */
    {0, 0.0001, 0.0006, 0.002, 0.008},    /* completeness */
    {0, 0.0002, 0.002, 0.008, 0.04},      /* temporal correlation */
    {0, 0.000025, 0.0001, 0.0006, 0.002}, /* geographical correlation */
    {0, 0.0006, 0.008, 0.04, 0.12},       /* further technological correlation */
};

pf_status pf_pedigree_read(const pf_tree *quality, double *variance, pf_diagnostics *diagnostics)
{
    bool good = quality->kind == PF_SEQUENCE && quality->entries.count == INDICATORS;
    *variance = 0;
    for (size_t i = 0; good && i < INDICATORS; i++) {
        const char *text = quality->entries.items[i].value->text;
        good = text && strlen(text) == 1 && *text >= '1' && *text < '1' + SCORES;
        if (good) *variance += factors[i][*text - '1'];
    }
    if (good) return PF_OK;
    return pf_error(diagnostics, quality->mark,
                    "expected five scores from 1 to 5, [reliability, completeness, time, place, technology]");
}
