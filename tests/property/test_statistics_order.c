/* Whatever the order in which members come, the batches they come in, and the shards they are shared out to and merged
 * from, the statistics are the same to the last byte. */
#include "base/arena.h"
#include "ensemble/statistics.h"
#include "random_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 120, CELLS = 7, MOST_MEMBERS = 3000, MOST_SHARDS = 8, BINS = 70, PILOT = 100 };

typedef struct {
    size_t members;
    double values[MOST_MEMBERS][CELLS];
    double pilot[CELLS][PILOT];
    double threshold[CELLS];
} sample;

/* With all digits, which random_between does not give. */
static double between(random_stream *r, double least, double most)
{
    return least + (most - least) * random_unit(r);
}

/* Numbers of all kinds, so that each way into the sums and bins is taken. */
static double any_number(random_stream *r)
{
    double sign = random_unit(r) < 0.5 ? -1 : 1;
    switch (random_whole(r, 0, 9)) {
    case 0: return NAN;
    case 1: return random_unit(r) < 0.02 ? sign * INFINITY : sign;
    case 2: return sign * 0.0;
    case 3: return sign * pow(10, between(r, -20, 20));
    case 4: return random_unit(r) < 0.02 ? sign * pow(10, between(r, 20, 308)) : sign * 1e15;
    case 5: return 12.5;
    default: return between(r, -1, 1) + random_unit(r) + 10;
    }
}

/* A cell's own mixture: level, smooth, or of all kinds. */
static double draw(random_stream *r, size_t cell)
{
    switch (cell % 4) {
    case 0: return 1e6 * (1 + 1e-10 * random_unit(r));
    case 1: return random_unit(r) < 0.01 ? between(r, -5, 5) : 0;
    case 2: return pow(5, between(r, -4, 4));
    default: return any_number(r);
    }
}

static sample *draw_sample(random_stream *r)
{
    sample *s = pf_calloc(1, sizeof *s);
    s->members = (size_t)random_whole(r, 1, MOST_MEMBERS);
    for (size_t i = 0; i < s->members; i++)
        for (size_t cell = 0; cell < CELLS; cell++) s->values[i][cell] = draw(r, cell);
    for (size_t cell = 0; cell < CELLS; cell++) {
        s->threshold[cell] = random_unit(r) < 0.5 ? NAN : draw(r, cell);
        for (size_t i = 0; i < PILOT; i++) s->pilot[cell][i] = s->values[random_bits(r) % s->members][cell];
    }
    return s;
}

static pf_statistics *new_statistics(const sample *s)
{
    pf_statistics *statistics = pf_statistics_new(CELLS, BINS);
    for (size_t cell = 0; cell < CELLS; cell++) pf_statistics_set_threshold(statistics, cell, s->threshold[cell]);
    pf_statistics_pilot(statistics, 0, CELLS, s->pilot[0], PILOT, PILOT);
    return statistics;
}

/* Adds the members numbered order[0 .. count - 1] at once; cells by themselves or together. */
static void add_batch(pf_statistics *statistics, const sample *s, const size_t *order, size_t count, bool together)
{
    size_t stride = count + 3;
    double *values = pf_malloc(CELLS * stride * sizeof *values);
    for (size_t cell = 0; cell < CELLS; cell++)
        for (size_t i = 0; i < count; i++) values[cell * stride + i] = s->values[order[i]][cell];
    if (together) pf_statistics_add(statistics, 0, CELLS, values, stride, count);
    else
        for (size_t cell = CELLS; cell-- > 0;)
            pf_statistics_add(statistics, cell, 1, values + cell * stride, stride, count);
    free(values);
}

static void shuffle(random_stream *r, size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = random_bits(r) % i, moved = order[i - 1];
        order[i - 1] = order[j];
        order[j] = moved;
    }
}

static pf_statistics *through_bytes(pf_statistics *statistics)
{
    size_t size = 0;
    void *bytes = pf_statistics_pack(statistics, &size);
    pf_statistics *again = pf_statistics_unpack(bytes, size);
    assert_non_null(again);
    pf_statistics_free(statistics);
    free(bytes);
    return again;
}

/* Each batch of a random size goes to a random shard; any shard may be packed and unpacked on the way. */
static void share_out(random_stream *r, const sample *s, pf_statistics **shards, int count)
{
    size_t order[MOST_MEMBERS];
    for (size_t i = 0; i < s->members; i++) order[i] = i;
    shuffle(r, order, s->members);
    for (size_t start = 0, size; start < s->members; start += size) {
        size = (size_t)random_whole(r, 1, random_unit(r) < 0.5 ? 20 : 700);
        if (size > s->members - start) size = s->members - start;
        int shard = random_whole(r, 0, count - 1);
        add_batch(shards[shard], s, order + start, size, random_unit(r) < 0.5);
        if (random_unit(r) < 0.1) shards[shard] = through_bytes(shards[shard]);
    }
}

static pf_statistics *by_shards(random_stream *r, const sample *s)
{
    pf_statistics *shards[MOST_SHARDS] = {NULL};
    int count = random_whole(r, 1, MOST_SHARDS);
    for (int i = 0; i < count; i++) shards[i] = new_statistics(s);
    share_out(r, s, shards, count);
    for (; count > 1; count--) {
        int into = random_whole(r, 0, count - 2);
        assert_true(pf_statistics_merge(shards[into], shards[count - 1]));
        pf_statistics_free(shards[count - 1]);
    }
    return shards[0];
}

static void check_same(const pf_statistics *a, const pf_statistics *b)
{
    size_t a_size = 0, b_size = 0;
    void *a_bytes = pf_statistics_pack(a, &a_size), *b_bytes = pf_statistics_pack(b, &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    free(a_bytes);
    free(b_bytes);
}

static void order_batches_and_shards_do_not_show(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        random_stream r = {round};
        sample *s = draw_sample(&r);
        size_t in_order[MOST_MEMBERS];
        for (size_t i = 0; i < s->members; i++) in_order[i] = i;
        pf_statistics *at_once = new_statistics(s), *shared = by_shards(&r, s);
        add_batch(at_once, s, in_order, s->members, true);
        check_same(at_once, shared);
        pf_statistics_free(at_once);
        pf_statistics_free(shared);
        free(s);
    }
}

/* One value more, or one in another's place, does show: the bytes tell samples apart. */
static void another_sample_shows(void **state)
{
    (void)state;
    random_stream r = {99};
    sample *s = draw_sample(&r);
    size_t members[2] = {0, 1};
    pf_statistics *a = new_statistics(s), *b = new_statistics(s);
    size_t a_size = 0, b_size = 0;
    s->values[1][0] = s->values[0][0] + 1e-5;
    add_batch(a, s, members, 1, true);
    add_batch(b, s, members + 1, 1, true);
    void *a_bytes = pf_statistics_pack(a, &a_size), *b_bytes = pf_statistics_pack(b, &b_size);
    assert_true(a_size != b_size || memcmp(a_bytes, b_bytes, a_size) != 0);
    free(a_bytes);
    free(b_bytes);
    pf_statistics_free(a);
    pf_statistics_free(b);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_batches_and_shards_do_not_show),
        cmocka_unit_test(another_sample_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
