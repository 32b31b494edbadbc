/* Integers wider than 128 bits, as arrays of 64-bit words, the lowest first. Signed ones are two's complement; what
 * does not fit is cut off, as with unsigned integers of C. */
#ifndef PF_WIDE_INTEGER_H
#define PF_WIDE_INTEGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned __int128 pf_uint128;

/* a := value * 2^shift */
void pf_wide_set(uint64_t *a, size_t words, pf_uint128 value, unsigned shift);
/* a += b, a -= b */
void pf_wide_add(uint64_t *a, const uint64_t *b, size_t words);
void pf_wide_subtract(uint64_t *a, const uint64_t *b, size_t words);

bool pf_wide_is_negative(const uint64_t *a, size_t words);
void pf_wide_negate(uint64_t *a, size_t words);

/* product[a_words + b_words] := a b, both unsigned; product overlaps neither. */
void pf_wide_multiply(uint64_t *product, const uint64_t *a, size_t a_words, const uint64_t *b, size_t b_words);
/* The double nearest to an unsigned integer; where two are within 2^-10 of a unit in the last place of being equally
 * near, either. */
double pf_wide_to_double(const uint64_t *a, size_t words);

#endif
