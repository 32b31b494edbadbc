/* Each parameter's members by class, for the estimators from given data. */
#ifndef PF_CLASSES_H
#define PF_CLASSES_H

#include "analysis/estimates.h"

enum { PF_NO_CLASS = 255 };

struct pf_classes {
    size_t n, k, most; /* members, parameters, classes a parameter */
    uint8_t *of;       /* [k][n]: below `most`, or PF_NO_CLASS */
};

#endif
