/* Native code of a kernel: its plan written out as C, built by the system's compiler, cached by hash, loaded, and used
 * only after one block has given the interpreter's bits (docs/architecture.md, "Native code"). */
#ifndef PF_NATIVE_H
#define PF_NATIVE_H

#include "kernel/kernel.h"

/* Makes `kernel` run native code from now on, before any block of it is made. False, and the interpreter stays, where
 * that cannot be had: `why` is then a short reason for people ("no C compiler was found"). The environment variable
 * PARKFLOW_CC may name another compiler than `cc`. */
bool pf_native_attach(pf_kernel *kernel, const char **why);

/* The fingerprint of everything that decides the bits on this machine: the value of each row of the table of operations
 * at fixed points. 64 hexadecimal digits. */
void pf_native_fingerprint(char digest[65]);

#endif
