/* The input of a run as one text that stands alone. */
#ifndef PF_INPUT_H
#define PF_INPUT_H

#include "scenario/tree.h"

/* A YAML stream of the merged tree and the tables that its values name, of the evidence the rows that it refers to.
 * Read again, it gives the same tree, the same tables and the same text. */
const char *pf_input_text(pf_files *files, const pf_tree *tree);

#endif
