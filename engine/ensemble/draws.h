/* Where a member's draws come from: counter-based numbers, so that a draw is a function of seed, member and name alone
 * (docs/language.md, "Uncertainty"). */
#ifndef PF_DRAWS_H
#define PF_DRAWS_H

#include <stdint.h>

/* The first 8 bytes, little-endian, of the SHA-256 of a parameter's canonical name. */
uint64_t pf_name_key(const char *name);

/* 64 random bits: words 0 (low) and 1 (high) of Philox4x32-10 with key `seed` and counter (member, name key). */
uint64_t pf_random_bits(uint64_t seed, uint64_t member, uint64_t name_key);

/* The middle of one of 2^52 equal cells of (0, 1), from the 52 highest bits: never 0 or 1, and 1 - u is exact. */
double pf_unit_interval(uint64_t bits);

#endif
