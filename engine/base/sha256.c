/* SHA-256 by libmd. */
#include "base/sha256.h"

#include <sha2.h>

void pf_sha256(const void *bytes, size_t length, char digest[65])
{
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, bytes, length);
    SHA256End(&context, digest);
}
