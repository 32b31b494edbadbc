/* Counter-based draws: Philox4x32-10 of Salmon et al. (2011, "Parallel random numbers: as easy as 1, 2, 3") as the
 * library Random123 gives it, and the number of a parameter's name by SHA-256. */
#include "ensemble/draws.h"

#include "base/sha256.h"

#include <Random123/philox.h>
#include <stdlib.h>
#include <string.h>

uint64_t pf_name_key(const char *name)
{
    enum { BYTES = 8 };
    char digest[65];
    uint64_t key = 0;
    pf_sha256(name, strlen(name), digest);
    for (unsigned i = 0; i < BYTES; i++) {
        char byte[] = {digest[2 * i], digest[2 * i + 1], 0};
        key |= (uint64_t)strtoul(byte, NULL, 16) << (8 * i);
    }
    return key;
}

static uint32_t low_word(uint64_t x)
{
    return (uint32_t)(x & UINT32_MAX);
}

static uint32_t high_word(uint64_t x)
{
    return (uint32_t)(x >> 32);
}

uint64_t pf_random_bits(uint64_t seed, uint64_t member, uint64_t name_key)
{
    philox4x32_ctr_t counter = {{low_word(member), high_word(member), low_word(name_key), high_word(name_key)}};
    philox4x32_key_t key = {{low_word(seed), high_word(seed)}};
    philox4x32_ctr_t words = philox4x32(counter, key);
    return (uint64_t)words.v[1] << 32 | words.v[0];
}

double pf_unit_interval(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}
