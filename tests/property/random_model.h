/* Random models, each from a seed: parks, sites, processes, markets with their ranks, interventions, scenarios, as YAML
 * text. Every model is sane: who is served first is determined, every market has a supplier and a taker of last resort,
 * or may fall short or spill, and loops lose matter. A variant says the same model in another way. */
#ifndef RANDOM_MODEL_H
#define RANDOM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
typedef struct {
    uint64_t state;
} random_stream;
uint64_t random_bits(random_stream *stream);
double random_unit(random_stream *stream);                    /* in [0, 1) */
int random_whole(random_stream *stream, int least, int most); /* both ends included */
double random_between(random_stream *stream, double least, double most);

typedef struct {
    double amount;    /* amounts, limits and stocks are multiplied by it; 0: by 1 */
    bool renamed;     /* parks, sites and processes have other names */
    uint64_t order;   /* not 0: they stand in another order */
    uint64_t regroup; /* not 0: processes outside a fence are grouped into other sites */
} random_variant;

typedef struct random_model random_model;
random_model *random_model_new(uint64_t seed);
void random_model_free(random_model *model);

/* The model as YAML, without `parkflow` and `use`; lives as long as the model. */
const char *random_model_text(random_model *model, random_variant variant);

/* What the variant calls `name`, and the name it calls so. */
const char *random_other_name(random_model *model, const char *name);
const char *random_first_name(const char *other_name);

#endif
