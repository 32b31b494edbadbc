/* The page's own parts, scripts/explorer/ as the build put them in. */
#ifndef PF_EXPLORER_PAGE_H
#define PF_EXPLORER_PAGE_H

#include <stddef.h>

typedef struct {
    const char *name; /* "page.css" */
    const unsigned char *bytes;
    size_t size;
} pf_explorer_part;
/* Ends with a row without a name. */
extern const pf_explorer_part pf_explorer_parts[];

#endif
