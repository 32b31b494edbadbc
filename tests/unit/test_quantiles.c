/* Each inverse distribution function against independent values: computed once with mpmath 1.2.1 at 60 digits, by
 * bisection of the incomplete beta and complementary error functions and from the closed forms of the others. */
#include "base/distributions.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POINTS = 12 };
static const double u[POINTS] = {0x1p-53, 1e-9, 1e-4,   0.0125, 0.1,         0.37,
                                 0.5,     0.77, 0.9375, 0.999,  1 - 0x1p-20, 1 - 0x1p-53};
static const struct {
    const char *name;
    double arguments[PF_DISTRIBUTION_ARGUMENTS], x[POINTS];
} published[] = {
    {"uniform",
     {70, 120},
     {70.000000000000006, 70.00000005, 70.005, 70.625, 75.0, 88.5, 95.0, 108.5, 116.875, 119.95, 119.99995231628418,
      119.99999999999999}},
    {"triangular",
     {70, 90, 120},
     {70.000000333200094, 70.001, 70.316227766016838, 73.535533905932738, 80.0, 89.235384061671345, 92.613872124741694,
      101.42582437899329, 110.31754163448146, 118.77525512860841, 119.96217789700969, 119.99999959191489}},
    {"triangular",
     {0, 0, 1},
     {5.5511151231257829e-17, 5.0000000012500003e-10, 5.0001250062503909e-5, 0.0062696542824104743,
      0.051316701949486203, 0.20627460668062282, 0.29289321881345248, 0.52041684766872806, 0.75, 0.96837722339831619,
      0.9990234375, 0.99999998946328787}},
    {"normal",
     {5, 2},
     {-11.419072303202774, -6.9956140300153737, -2.4380329709113611, 0.51719454479010929, 2.4368968689107991,
      4.3362933071263668, 5.0, 6.4776936983704274, 8.0682410887050926, 11.180464612335627, 14.526002068535628,
      21.419072303202774}},
    {"lognormal",
     {3, 1.5},
     {0.10752109968238677, 0.26360877677925643, 0.66410226177719991, 1.2090098144276107, 1.7842315968574848,
      2.6223145286485658, 3.0, 4.047862266160713, 5.5881296410935552, 10.502293530298331, 20.693983750333605,
      83.704501038267437}},
    {"truncnormal",
     {0, 1, -1, 2},
     {-0.99999999999999962, -0.99999999661696838, -0.99966175404235374, -0.95857007642750801, -0.70464782109474518,
      -0.096566674946882146, 0.17116391801782477, 0.80286323766672227, 1.4472583103906714, 1.9850630859441683,
      1.9999855408891209, 1.9999999999999983}},
    {"truncnormal",
     {10, 2, 14, 30},
     {14.0, 14.000000000842738, 14.000084277397123, 14.010590158125431, 14.088067005908993, 14.376121807818406,
      14.555209677618918, 15.120143152946563, 15.968279941541621, 18.155227575105373, 20.952915490356523,
      27.30440190584312}},
    {"beta",
     {2, 5, 0, 1},
     {2.7205673828323067e-9, 8.1650546997689365e-6, 0.0025909288174617772, 0.03005534129063758, 0.092595258913128752,
      0.21032463252174393, 0.26444998329565996, 0.40211840261009902, 0.56026732529027081, 0.81861386691913394,
      0.95599573513048586, 0.99954971819899027}},
    {"beta",
     {0.5, 0.5, 0, 1},
     {3.0413066648502475e-32, 2.46740110027234e-18, 2.4674010799787793e-8, 0.00038548187963853267, 0.024471741852423217,
      0.30142605468260969, 0.5, 0.87505553481522979, 0.99039264020161522, 0.99999753260092908, 0.99999999999775591,
      1.0}},
    {"beta",
     {30, 3, 0, 1},
     {0.24327735978859349, 0.42202899474118827, 0.63763133990159348, 0.76929240872736893, 0.84212510191895658,
      0.9004718378119038, 0.91730984004752593, 0.94809897993344728, 0.97144118756175824, 0.99387039016743683,
      0.99942039683194421, 0.99999971817658589}},
    {"pert",
     {70, 90, 120},
     {70.000014610621726, 70.006911158498215, 70.583416492979107, 73.911299288863796, 79.430957995681715,
      87.85218414545444, 91.273540100114983, 99.097224743733882, 106.778280497381, 116.38311185451811,
      119.54330444942432, 119.99945497131729}},
    {"pert",
     {0, 0, 1},
     {2.2204460492503132e-17, 2.0000000008000001e-10, 2.0000800048003361e-5, 0.0025125945781842144,
      0.020851637639023212, 0.088266085522327094, 0.12944943670387586, 0.25467520861214657, 0.4256508225014825,
      0.74881135684904194, 0.9375, 0.99935570902794292}},
    {"pert",
     {0, 0.125, 1},
     {5.8930431918321929e-12, 2.551132170772375e-7, 0.00055004801592960931, 0.014013453013631541, 0.059808656855247516,
      0.16707208334464339, 0.22111989492272729, 0.36586994400191236, 0.5390220290574661, 0.8225041454990092,
      0.96268730322112457, 0.99976942303173638}},
    {"loguniform",
     {0.001, 10000},
     {0.0010000000000000018, 0.0010000000161180958, 0.001001613109228309, 0.0012232071190499316, 0.0050118723362727234,
      0.38904514499428058, 3.1622776601683794, 245.47089156850311, 3651.7412725483771, 9840.1110576113373,
      9999.8462870428788, 9999.9999999999821}},
};
enum { CASES = sizeof published / sizeof *published };

static const pf_distribution *row(size_t k)
{
    return pf_distribution_at((size_t)pf_distribution_named(published[k].name));
}

static void check_near(size_t k, size_t i, double tolerance)
{
    double x = row(k)->quantile(u[i], published[k].arguments), expected = published[k].x[i];
    if (fabs(x - expected) <= tolerance * fabs(expected)) return;
    fail_msg("%s of case %zu at u = %.17g: %.17g, not %.17g", published[k].name, k, u[i], x, expected);
}

static bool is_body(double p)
{
    return p > 0.01 && p < 0.99;
}

static void the_body_is_right_to_12_digits(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES; k++)
        for (size_t i = 0; i < POINTS; i++)
            if (is_body(u[i])) check_near(k, i, 1e-12);
}

static void the_tails_are_right_to_8_digits(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES; k++)
        for (size_t i = 0; i < POINTS; i++) check_near(k, i, 1e-8);
}

static void every_continuous_distribution_is_among_the_cases(void **state)
{
    (void)state;
    for (size_t d = 0; d < pf_distribution_count(); d++) {
        bool found = pf_distribution_at(d)->arguments[0].kind == PF_ARGUMENT_VALUES;
        for (size_t k = 0; k < CASES; k++) found |= row(k) == pf_distribution_at(d);
        if (!found) fail_msg("no values of %s", pf_distribution_at(d)->name);
    }
}

/* In blocks of any length, also in place, and for the constants that the cases do not hold. */
static void blocks_give_the_bits_of_single_quantiles(void **state)
{
    (void)state;
    static const double constants[][PF_DISTRIBUTION_ARGUMENTS] = {{2, 2, 2, 2}, {0.5, 0.5, 0.5, 0.5}};
    for (size_t k = 0; k < CASES + 2 * pf_distribution_count(); k++) {
        size_t other = k < CASES ? 0 : k - CASES;
        const pf_distribution *d = k < CASES ? row(k) : pf_distribution_at(other / 2);
        const double *arguments = k < CASES ? published[k].arguments : constants[other % 2];
        if (d->arguments[0].kind == PF_ARGUMENT_VALUES || d->wrong(arguments)) continue;
        for (size_t n = 1; n <= POINTS; n++) {
            double x[POINTS];
            memcpy(x, u, sizeof x);
            pf_quantiles(d, n, x, arguments, x);
            for (size_t i = 0; i < n; i++) {
                double alone = d->quantile(u[i], arguments);
                assert_memory_equal(&x[i], &alone, sizeof alone);
            }
            for (size_t i = n; i < POINTS; i++) assert_true(x[i] == u[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_is_right_to_12_digits),
        cmocka_unit_test(the_tails_are_right_to_8_digits),
        cmocka_unit_test(every_continuous_distribution_is_among_the_cases),
        cmocka_unit_test(blocks_give_the_bits_of_single_quantiles),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
