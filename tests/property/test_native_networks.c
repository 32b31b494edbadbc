/* Native code and the interpreter give the same bits on random networks (random_model.h), whose lanes are drawn far
 * beyond what is sane as well, so that some fail. */
#include "base/distributions.h"
#include "kernel/native.h"
#include "network.h"
#include "random_model.h"

#include <ftw.h>
#include <sys/stat.h>

enum { NETWORKS = 6, LANES = 40 };

static char cache[32];

static int make_cache(void **state)
{
    (void)state;
    strcpy(cache, "/tmp/parkflow-test-XXXXXX");
    assert_non_null(mkdtemp(cache));
    return setenv("XDG_CACHE_HOME", cache, 1);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *place)
{
    (void)s;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_cache(void **state)
{
    (void)state;
    return nftw(cache, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Scenarios in turn; in every fifth lane a parameter in ten is something else altogether. */
static void draw(const pf_compiled *m, random_stream *stream, double *inputs)
{
    for (size_t i = 0; i < m->input_count; i++)
        for (size_t lane = 0; lane < LANES; lane++) {
            const pf_value *value = m->inputs[i].value;
            double u = 0.05 + 0.9 * random_unit(stream), wild = random_unit(stream);
            inputs[i * LANES + lane] =
                value ? pf_distribution_at((size_t)value->distribution)->quantile(u, value->arguments)
                      : m->scenarios[lane % m->scenario_count].switches[i];
            if (lane % 5 == 4 && wild < 0.1) inputs[i * LANES + lane] *= wild < 0.05 ? 1e4 : -1;
        }
}

typedef struct {
    double *outputs;
    pf_fault faults[LANES];
    size_t count;
} run;

static run run_lanes(const pf_kernel *kernel, const pf_plan *plan, const double *inputs)
{
    run r = {.count = (size_t)(plan->steps - plan->first_reported) * plan->output_count * LANES};
    r.outputs = pf_doubles(r.count);
    pf_block *block = pf_block_new(kernel, LANES);
    pf_block_run(block, LANES, inputs, r.outputs, r.faults);
    pf_block_free(block);
    return r;
}

/* Also the lanes at fault go on with the same bits, NaN apart. */
static void assert_same_run(const run *a, const run *b, uint64_t seed)
{
    for (size_t i = 0; i < a->count; i++)
        if (memcmp(&a->outputs[i], &b->outputs[i], sizeof(double)) && !(isnan(a->outputs[i]) && isnan(b->outputs[i])))
            fail_msg("seed %llu: lane %zu has %a, by native code %a", (unsigned long long)seed, i % LANES,
                     a->outputs[i], b->outputs[i]);
    for (size_t lane = 0; lane < LANES; lane++) {
        assert_int_equal(a->faults[lane].kind, b->faults[lane].kind);
        assert_int_equal(a->faults[lane].step, b->faults[lane].step);
        assert_int_equal(a->faults[lane].index, b->faults[lane].index);
    }
}

static void random_networks_have_the_same_bits_by_native_code(void **state)
{
    (void)state;
    network_folder folder = network_folder_new("tests/property/random_types.yaml");
    size_t fine = 0, failed = 0, loops = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_model *model = random_model_new(seed);
        network n;
        assert_true(network_read(&n, &folder, random_model_text(model, (random_variant){0})));
        const pf_plan *plan = &n.model->plan;
        pf_kernel *native = pf_kernel_new(plan);
        const char *why = NULL;
        if (!pf_native_attach(native, &why)) fail_msg("%s", why);
        double *inputs = pf_doubles(plan->inputs * LANES);
        random_stream stream = {seed};
        draw(n.model, &stream, inputs);
        run a = run_lanes(n.kernel, plan, inputs), b = run_lanes(native, plan, inputs);
        assert_same_run(&a, &b, seed);
        for (size_t lane = 0; lane < LANES; lane++) *(a.faults[lane].kind ? &failed : &fine) += 1;
        loops += plan->loop_count;
        free(a.outputs);
        free(b.outputs);
        free(inputs);
        pf_kernel_free(native);
        network_free(&n);
        random_model_free(model);
    }
    network_folder_remove(&folder);
    assert_true(fine > NETWORKS * LANES / 2 && failed > 0 && loops > 0); /* guards the lanes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_networks_have_the_same_bits_by_native_code),
    };
    return cmocka_run_group_tests(tests, make_cache, remove_cache);
}
