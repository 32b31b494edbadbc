/* A random order of 0 .. n - 1 without a table: a keyed bijection of the next power of two, applied again where it
 * leaves the range ("cycle walking", Black and Rogaway 2002, "Ciphers with arbitrary finite domains"). Each round
 * multiplies by an odd number and adds, both modulo the power of two, then folds the upper half of the bits into the
 * lower. (Tried: 4 rounds prefer some orders of few numbers, by far; with 8 the orders of up to 5 numbers are about
 * equally frequent.) */
#include "ensemble/design_internal.h"

static unsigned bits_of(uint64_t n)
{
    unsigned bits = 0;
    while (bits < 63 && (UINT64_C(1) << bits) < n) bits++;
    return bits;
}

pf_shuffle pf_shuffle_make(uint64_t n, uint64_t seed, uint64_t key, uint64_t stream)
{
    unsigned bits = bits_of(n);
    pf_shuffle shuffle = {.n = n, .mask = (UINT64_C(1) << bits) - 1, .shift = bits > 1 ? (bits + 1) / 2 : 1};
    for (uint64_t r = 0; r < PF_SHUFFLE_ROUNDS; r++) {
        /* member numbers end far below, so that no draw of a member has this counter */
        uint64_t random = pf_random_bits(seed, UINT64_MAX - (stream * PF_SHUFFLE_ROUNDS + r), key);
        shuffle.factors[r] = random | 1;
        shuffle.terms[r] = random >> 24;
    }
    return shuffle;
}

uint64_t pf_shuffled(const pf_shuffle *shuffle, uint64_t i)
{
    uint64_t x = i;
    do {
        for (int r = 0; r < PF_SHUFFLE_ROUNDS; r++) {
            x = (x * shuffle->factors[r] + shuffle->terms[r]) & shuffle->mask;
            x ^= x >> shuffle->shift;
        }
    } while (x >= shuffle->n);
    return x;
}
