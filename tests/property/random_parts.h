/* The insides of a random model, shared by random_model.c, which draws it, and random_text.c, which writes it. */
#ifndef RANDOM_PARTS_H
#define RANDOM_PARTS_H

#include "base/arena.h"
#include "random_model.h"

typedef enum { MODEL, PARK, SITE } scope_kind;
typedef struct {
    scope_kind kind;
    const char *name;
    int parent;
    bool fence; /* has markets of its own */
} scope;

/* A parameter: a text, or one to three numbers (a range) and a unit. */
typedef struct {
    const char *path, *text, *unit;
    double numbers[3];
    int count;
    bool amount;   /* doubles with the model */
    bool own_part; /* written as {shared: ..., own: ...} */
} setting;

typedef struct {
    const char *port;
    int market;
} joining;

typedef struct {
    const char *name, *type;
    int scope;
    PF_LIST(setting) settings;
    PF_LIST(joining) joins;
} process;

typedef struct {
    int process;
    const char *port; /* NULL: the process has but one there */
    bool shared;      /* stands in the rank of the one before */
} place_in_rank;

typedef struct {
    int scope;
    const char *name, *carrier, *unit;
    PF_LIST(place_in_rank) supply, take;
    bool may_fall_short, may_spill;
} market;

typedef enum { VERB_SET, VERB_SCALE, VERB_CUT, VERB_ADD } effect_verb;
enum { CAN_SET = 1u << VERB_SET, CAN_SCALE = 1u << VERB_SCALE, CAN_CUT = 1u << VERB_CUT, CAN_ADD = 1u << VERB_ADD };

typedef struct {
    int process;
    const char *path, *unit;
    double value;
    bool amount;
    unsigned verbs;
} target;

typedef struct {
    effect_verb verb;
    const target *target; /* NULL: the adoption of intervention `raises` */
    int raises;
    double value;
    const char *unit, *end_use;
    bool amount, wide; /* wide: all processes of that type in the park */
} effect;

typedef struct {
    const char *name, *adoption;
    double capital, running;
    PF_LIST(effect) effects;
} intervention;

struct random_model {
    pf_arena *arena;
    random_stream stream;
    PF_LIST(scope) scopes; /* the first is the model */
    PF_LIST(process) processes;
    PF_LIST(market) markets;
    PF_LIST(target) targets;
    PF_LIST(intervention) interventions;
    const target *trend;
    double growth;
    const char *time;
};

static inline bool chance(random_model *m, double probability)
{
    return random_unit(&m->stream) < probability;
}

static inline int whole(random_model *m, int least, int most)
{
    return random_whole(&m->stream, least, most);
}

static inline double between(random_model *m, double least, double most)
{
    return random_between(&m->stream, least, most);
}

/* These give the row of what they add. */
int add_scope(random_model *m, scope_kind kind, int parent, bool fence);
int add_market(random_model *m, int where, const char *name, const char *carrier);
int add_process(random_model *m, int where, const char *type);

/* A parameter of process p: a text; a number, or a range about it; a number drawn between two; an amount so. */
void set_text(random_model *m, int p, const char *path, const char *text);
void set_about(random_model *m, int p, const char *path, double value, const char *unit, bool amount);
void set_between(random_model *m, int p, const char *path, double least, double most, const char *unit);
void set_amount(random_model *m, int p, const char *path, double least, double most, const char *unit);

void join(random_model *m, int p, const char *port, int joined);
/* Puts a port into the next rank of a market, or into its last one. */
void rank(random_model *m, int at, bool supply, int p, const char *port, bool shared);
/* Something that an intervention may change. */
void can_change(random_model *m, int p, const char *path, double value, const char *unit, bool amount, unsigned verbs);

void draw_park(random_model *m, int power_pool, int heat_pool);

#endif
