/* Integers wider than 128 bits: schoolbook arithmetic on 64-bit words. */
#include "ensemble/wide_integer.h"

#include <math.h>
#include <string.h>

void pf_wide_set(uint64_t *a, size_t words, pf_uint128 value, unsigned shift)
{
    size_t first = shift / 64;
    unsigned bits = shift % 64;
    uint64_t low = (uint64_t)value, high = (uint64_t)(value >> 64);
    uint64_t part[3] = {low << bits, high << bits, 0};
    if (bits) {
        part[1] |= low >> (64 - bits);
        part[2] = high >> (64 - bits);
    }
    memset(a, 0, words * sizeof *a);
    for (size_t i = 0; i < 3 && first + i < words; i++) a[first + i] = part[i];
}

void pf_wide_add(uint64_t *a, const uint64_t *b, size_t words)
{
    pf_uint128 carry = 0;
    for (size_t i = 0; i < words; i++) {
        carry += (pf_uint128)a[i] + b[i];
        a[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

void pf_wide_subtract(uint64_t *a, const uint64_t *b, size_t words)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < words; i++) {
        pf_uint128 difference = (pf_uint128)a[i] - b[i] - borrow;
        a[i] = (uint64_t)difference;
        borrow = (difference >> 64) != 0;
    }
}

bool pf_wide_is_negative(const uint64_t *a, size_t words)
{
    return a[words - 1] >> 63;
}

void pf_wide_negate(uint64_t *a, size_t words)
{
    uint64_t carry = 1;
    for (size_t i = 0; i < words; i++) {
        a[i] = ~a[i] + carry;
        carry = carry && a[i] == 0;
    }
}

void pf_wide_multiply(uint64_t *product, const uint64_t *a, size_t a_words, const uint64_t *b, size_t b_words)
{
    memset(product, 0, (a_words + b_words) * sizeof *product);
    for (size_t i = 0; i < a_words; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < b_words; j++) {
            pf_uint128 sum = (pf_uint128)a[i] * b[j] + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[i + b_words] = carry;
    }
}

/* The highest 64 bits from the leading one on are rounded by the conversion; those below change no more than a tie. */
double pf_wide_to_double(const uint64_t *a, size_t words)
{
    size_t top = words;
    while (top > 0 && a[top - 1] == 0) top--;
    if (top == 0) return 0;
    if (top == 1) return (double)a[0];
    int zeros = __builtin_clzll(a[top - 1]);
    uint64_t leading = zeros ? a[top - 1] << zeros | a[top - 2] >> (64 - zeros) : a[top - 1];
    return ldexp((double)leading, (int)(top - 1) * 64 - zeros);
}
