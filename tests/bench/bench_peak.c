/* What this machine's core can do at best, for the kernel to be held against.
 *   bench_peak SECONDS   prints million vector-lane operations a second (adds and multiplies half and half in
 * registers; divisions), then for working sets of several sizes the gigabytes a second that y := a + b on rows moves,
 * reads and writes together Built for the processor's widest vectors. Nothing is contracted: an add and a multiply are
 * two operations, as in the kernel, where the bits forbid fused ones. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined __AVX512F__
enum { BYTES = 64 };
#elif defined __AVX__
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif
enum { LANES = BYTES / sizeof(double), ROUNDS = 100000, ROW = 512 };
typedef double vector __attribute__((vector_size(BYTES)));

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static vector all(double x)
{
    vector v;
    for (size_t i = 0; i < LANES; i++) v[i] = x;
    return v;
}

/* Six chains of adds and six of multiplies: two of each start in a cycle at best, and take three or four. Twelve and
 * two constants fit the sixteen registers of AVX. */
static size_t add_and_multiply(void)
{
    vector term = all(1.0), factor = all(0.999999);
    vector a = all(1), b = a, c = a, d = a, e = a, f = a, p = a, q = a, r = a, s = a, t = a, u = a;
    __asm__ volatile("" : "+x"(term), "+x"(factor)); /* so that the compiler sees neither values ... */
    for (int round = 0; round < ROUNDS; round++) {
        a += term, b += term, c += term, d += term, e += term, f += term;
        p *= factor, q *= factor, r *= factor, s *= factor, t *= factor, u *= factor;
        __asm__ volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f)); /* ... nor that chains are alike */
        __asm__ volatile("" : "+x"(p), "+x"(q), "+x"(r), "+x"(s), "+x"(t), "+x"(u));
    }
    return (size_t)ROUNDS * LANES * 12;
}

static size_t divide(void)
{
    vector divisor = all(1.000001), a = all(1), b = a, c = a, d = a, e = a, f = a;
    __asm__ volatile("" : "+x"(divisor));
    for (int round = 0; round < ROUNDS; round++) {
        a /= divisor, b /= divisor, c /= divisor, d /= divisor, e /= divisor, f /= divisor;
        __asm__ volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f));
    }
    return (size_t)ROUNDS * LANES * 6;
}

/* The best of the calls that fit in so many seconds: what disturbs can only slow them down. */
static double best_rate(size_t work(void), double seconds)
{
    double best = 0, end = now() + seconds;
    do {
        double start = now(), count = (double)work(), rate = count / (now() - start);
        if (rate > best) best = rate;
    } while (now() < end);
    return best;
}

/* Row by row, y := a + b with rows next to each other, as an interpreter of registers moves them. */
static void add_rows(double *rows, size_t count)
{
    for (size_t row = 0; row + 3 <= count; row += 3) {
        vector *y = (vector *)(rows + row * ROW);
        const vector *a = y + ROW / LANES, *b = a + ROW / LANES;
        for (size_t i = 0; i < ROW / LANES; i++) y[i] = a[i] + b[i];
    }
    __asm__ volatile("" : : : "memory");
}

static double best_bandwidth(size_t bytes, double seconds)
{
    size_t rows = bytes / (ROW * sizeof(double)), moved = rows / 3 * 3 * ROW * sizeof(double);
    size_t passes = ((size_t)64 << 20) / bytes + 1;
    double *memory = aligned_alloc(BYTES, rows * ROW * sizeof(double)), best = 0;
    if (!memory) return 0;
    memset(memory, 0, rows * ROW * sizeof(double));
    double end = now() + seconds;
    do {
        double start = now();
        for (size_t pass = 0; pass < passes; pass++) add_rows(memory, rows);
        double rate = (double)(passes * moved) / (now() - start);
        if (rate > best) best = rate;
    } while (now() < end);
    free(memory);
    return best;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t kibibytes;
    } sets[] = {{"level_1", 24}, {"level_2", 320}, {"level_3", 4096}, {"memory", 262144}};
    double seconds = argc == 2 ? strtod(argv[1], NULL) : 0;
    if (!(seconds > 0)) {
        fprintf(stderr, "usage: bench_peak SECONDS\n");
        return 2;
    }
    printf("vector_bytes %d\n", BYTES);
    printf("add_multiply %.6g\n", best_rate(add_and_multiply, seconds) * 1e-6);
    printf("divide %.6g\n", best_rate(divide, seconds) * 1e-6);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        printf("%s %.6g\n", sets[i].name, best_bandwidth(sets[i].kibibytes << 10, seconds) * 1e-9);
    return 0;
}
