/* SHA-256 of a text, as 64 hexadecimal digits. */
#ifndef PF_SHA256_H
#define PF_SHA256_H

#include <stddef.h>

void pf_sha256(const void *bytes, size_t length, char digest[65]);

#endif
