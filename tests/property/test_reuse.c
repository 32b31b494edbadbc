/* Random networks of water reuse whose solution is found independently: the flow in the sewer by bisection (the return
 * is a continuous function of it with a slope below 1, so that there is one root), the components by long substitution.
 */
#include "network.h"
#include "random_model.h"

#ifdef NDEBUG
enum { NETWORKS = 1000 };
#else
enum { NETWORKS = 200 };
#endif
enum { STEPS = 3, MOST_RECLAIMERS = 3, ROUNDS = 20000 };
static const double activity[STEPS] = {1, 0.35, 1.4};

/* All flows in m3/day, loads in kg/m3. */
typedef struct {
    double town, town_load;  /* fixed sewage */
    double wash, kept, soil; /* the park's washers */
    double plant_limit, liquor, removal;
    int reclaimers;
    bool shared;
    double limit[MOST_RECLAIMERS], recovery[MOST_RECLAIMERS], passed[MOST_RECLAIMERS];
    bool has_site; /* a fence with a loop of its own, fed by a link */
    double site_wash, site_kept, site_soil, site_limit, site_recovery, site_passed, losses;
} family;

/* The answer, of one step. */
typedef struct {
    double sewage, inflow, untreated, effluent, feed[MOST_RECLAIMERS], product[MOST_RECLAIMERS], make_up, demand;
    double link, site_feed, site_product, drain, wash, site_wash;
    double inflow_cod, river_cod, untreated_cod, site_feed_cod;
} answer;

static family draw(uint64_t seed)
{
    random_stream s = {seed};
    family f = {.reclaimers = random_whole(&s, 1, MOST_RECLAIMERS)};
    f.town = random_between(&s, 0, 1500);
    f.town_load = random_between(&s, 0, 2);
    f.wash = random_between(&s, 1, 1000);
    f.kept = random_between(&s, 0, 0.5);
    f.soil = random_between(&s, 0, 3);
    f.plant_limit = random_unit(&s) < 0.5 ? INFINITY : random_between(&s, 50, 3000);
    f.liquor = random_unit(&s) < 0.5 ? 0 : random_between(&s, 0.01, 0.3);
    f.removal = random_between(&s, 0.3, 0.99);
    f.has_site = random_unit(&s) < 0.6;
    f.shared = random_unit(&s) < 0.5;
    for (int i = 0; i < f.reclaimers; i++) {
        bool unlimited = f.reclaimers == 1 && random_unit(&s) < 0.3;
        f.limit[i] = unlimited ? INFINITY : random_between(&s, 0, 900);
        f.recovery[i] = random_between(&s, 0.3, 0.95);
        f.passed[i] = random_between(&s, 0, 0.8);
    }
    f.site_wash = random_between(&s, 1, 600);
    f.site_kept = random_between(&s, 0, 0.5);
    f.site_soil = random_between(&s, 0, 3);
    f.site_limit = random_between(&s, 0, 500);
    f.site_recovery = random_between(&s, 0.3, 0.95);
    f.site_passed = random_between(&s, 0, 0.8);
    f.losses = random_between(&s, 0, 0.2);
    return f;
}

/* --- the independent solution --- */

static void run_site(const family *f, answer *a)
{
    double sewage = a->site_wash * (1 - f->site_kept), allotted = fmin(f->site_limit, sewage);
    a->site_product = fmin(allotted * f->site_recovery, a->site_wash);
    a->site_feed = a->site_product / f->site_recovery;
    a->link = a->site_wash - a->site_product;
    a->drain = sewage - a->site_feed;
}

static void run_ranked(const family *f, answer *a)
{
    double left = a->effluent, need = a->demand;
    for (int i = 0; i < f->reclaimers; i++) {
        a->product[i] = fmin(fmin(f->limit[i], left) * f->recovery[i], need);
        a->feed[i] = a->product[i] / f->recovery[i];
        left -= a->feed[i];
        need -= a->product[i];
    }
    a->make_up = need;
}

static void run_shared(const family *f, answer *a)
{
    double limits = 0, offers = 0, made = 0, offer[MOST_RECLAIMERS];
    for (int i = 0; i < f->reclaimers; i++) limits += f->limit[i];
    for (int i = 0; i < f->reclaimers; i++) {
        bool fits = limits <= a->effluent;
        offer[i] = f->recovery[i] * (fits            ? f->limit[i]
                                     : isinf(limits) ? a->effluent
                                                     : a->effluent * f->limit[i] / limits);
        offers += offer[i];
    }
    for (int i = 0; i < f->reclaimers; i++) {
        a->product[i] = offers <= a->demand ? offer[i] : a->demand * offer[i] / offers;
        a->feed[i] = a->product[i] / f->recovery[i];
        made += a->product[i];
    }
    a->make_up = fmax(0, a->demand - made);
}

/* What comes into the sewer where `sewage` leaves it. */
static double returned(const family *f, double sewage, answer *a)
{
    double sum = f->town + a->wash * (1 - f->kept);
    a->sewage = sewage;
    a->inflow = fmin(f->plant_limit, sewage);
    a->untreated = sewage - a->inflow;
    a->effluent = a->inflow * (1 - f->liquor);
    a->demand = a->wash;
    if (f->has_site) {
        run_site(f, a);
        a->demand += a->link / (1 - f->losses);
        sum += a->drain + a->site_feed - a->site_product;
    }
    if (f->shared)
        run_shared(f, a);
    else
        run_ranked(f, a);
    for (int i = 0; i < f->reclaimers; i++) sum += a->feed[i] - a->product[i];
    return sum + a->inflow * f->liquor;
}

static double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* One round of the components through the network; gives what comes into the sewer. */
static double carry(const family *f, answer *a, double sewer, double *site_service)
{
    double mix = share_of(sewer, a->sewage), back = f->town * f->town_load;
    a->inflow_cod = a->inflow * mix;
    a->untreated_cod = a->untreated * mix;
    double rest = a->inflow_cod * (1 - f->removal), effluent_mix = share_of(rest * (1 - f->liquor), a->effluent),
           service = 0, fed = 0;
    back += rest * f->liquor;
    for (int i = 0; i < f->reclaimers; i++) {
        double in = a->feed[i] * effluent_mix;
        fed += in;
        service += in * f->passed[i];
        back += in * (1 - f->passed[i]);
    }
    a->river_cod = rest * (1 - f->liquor) - fed;
    double service_mix = share_of(service, a->demand);
    back += a->wash * (service_mix + f->soil);
    if (!f->has_site) return back;
    double dirty = *site_service + a->site_wash * f->site_soil,
           site_mix = share_of(dirty, a->site_wash * (1 - f->site_kept));
    a->site_feed_cod = a->site_feed * site_mix;
    *site_service = a->site_feed_cod * f->site_passed + a->link / (1 - f->losses) * service_mix;
    return back + a->drain * site_mix + a->site_feed_cod * (1 - f->site_passed);
}

static answer solve(const family *f, double level)
{
    answer a = {.wash = f->wash * level, .site_wash = f->has_site ? f->site_wash * level : 0};
    double low = 0, high = 1e7, sewer = 0, site_service = 0;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (returned(f, middle, &a) > middle)
            low = middle;
        else
            high = middle;
    }
    returned(f, high, &a);
    for (int i = 0; i < ROUNDS; i++) {
        double before = sewer;
        sewer = carry(f, &a, sewer, &site_service);
        if (i > 10 && sewer == before) break;
    }
    return a;
}

/* --- the engine's --- */

static const char *limit_text(double limit, char text[40])
{
    if (isinf(limit)) return "inf";
    snprintf(text, 40, "%.17g m3/day", limit);
    return text;
}

static void write_site(FILE *out, const family *f)
{
    char text[40];
    fprintf(out,
            "    sites:\n      site:\n        processes:\n          site_washer: {type: washer, wash: %.17g m3/day, "
            "index: $index, kept: %.17g, soil: {cod: %.17g kg/m3, tn: 0 kg/m3}}\n",
            f->site_wash, f->site_kept, f->site_soil);
    fprintf(out,
            "          site_reclaimer: {type: reclaimer, source: sewage, limit: %s, recovery: %.17g, passed: %.17g, "
            "work: 0 kWh/m3, joins: {reject: demo.sewage}}\n",
            limit_text(f->site_limit, text), f->site_recovery, f->site_passed);
    fprintf(out,
            "          link: {type: link, carrier: service, losses: %.17g, joins: {from: demo.service, to: "
            "demo.site.service}}\n",
            f->losses);
    fprintf(out, "          drain: {type: drain, carrier: sewage, joins: {from: demo.site.sewage, to: demo.sewage}}\n");
    fprintf(out,
            "        markets: {service: {supply: [site_reclaimer, link]}, sewage: {take: [site_reclaimer, drain]}}\n");
}

static void write_ranks(FILE *out, const family *f)
{
    fputs(f->shared ? "[" : "", out);
    for (int i = 0; i < f->reclaimers; i++) fprintf(out, "%sreclaimer%d", i ? ", " : "", i);
    fputs(f->shared ? "]" : "", out);
}

static const char *model_text(const family *f, char **text)
{
    static const char index[] = "{series: {2021-01-01: 1, 2021-01-02: 0.35, 2021-01-03: 1.4}}";
    size_t size = 0;
    char limit[40];
    FILE *out = open_memstream(text, &size);
    fprintf(out, "time: {start: 2021-01-01, end: 2021-01-03, step: day}\nparameters: {level: %s}\nparks:\n  demo:\n",
            index);
    if (f->has_site) write_site(out, f);
    /* a town that returns all of its water */
    fprintf(out,
            "    processes:\n      town: {type: firm, output: {amount: %.17g t/day}, needs: {water: {per_output: 1 "
            "m3/t}}, returned: 1, loads: {cod: %.17g kg/t, tn: 0 kg/t}}\n",
            f->town, f->town_load);
    fprintf(out,
            "      washer: {type: washer, wash: %.17g m3/day, index: level, kept: %.17g, soil: {cod: %.17g kg/m3, tn: "
            "0 kg/m3}}\n",
            f->wash, f->kept, f->soil);
    fprintf(
        out,
        "      plant: {type: plant, limit: %s, work: 0 kWh/m3, removal: {cod: %.17g, tn: 0.5}, liquor_share: %.17g}\n",
        limit_text(f->plant_limit, limit), f->removal, f->liquor);
    for (int i = 0; i < f->reclaimers; i++)
        fprintf(out,
                "      reclaimer%d: {type: reclaimer, source: effluent, limit: %s, recovery: %.17g, passed: %.17g, "
                "work: 0 kWh/m3}\n",
                i, limit_text(f->limit[i], limit), f->recovery[i], f->passed[i]);
    fputs("      make_up: {type: make_up}\n      mains: {type: purchase, carrier: water}\n      untreated: {type: "
          "outfall, carrier: sewage}\n      river: {type: outfall, carrier: effluent}\n    markets:\n      service: "
          "{supply: [",
          out);
    write_ranks(out, f);
    fputs(", make_up]}\n      sewage: {take: [plant, untreated]}\n      effluent: {take: [", out);
    write_ranks(out, f);
    fputs(", river]}\nscenarios: {base: {}}\nindicators:\n", out);
    fputs("  inflow_cod: {is: \"sum(*.plant.inflow.cod)\", unit: kg, over_time: sum}\n  river_cod: {is: "
          "\"sum(*.river.discharge.cod)\", unit: kg, over_time: sum}\n"
          "  untreated_cod: {is: \"sum(*.untreated.discharge.cod)\", unit: kg, over_time: sum}\n",
          out);
    if (f->has_site)
        fputs("  site_feed_cod: {is: \"sum(*.site_reclaimer.feed.cod)\", unit: kg, over_time: sum}\n", out);
    fclose(out);
    for (char *at; (at = strstr(*text, "$index"));) memcpy(at, "level ", 6);
    return *text;
}

static double flow(const network *n, size_t step, const char *process, const char *port)
{
    for (size_t i = 0; i < n->model->flow_count; i++)
        if (!strcmp(n->model->flows[i].process, process) && !strcmp(n->model->flows[i].port, port))
            return network_row(n, 0, step)[network_first_flow(n) + i];
    fail_msg("no flow is called %s.%s", process, port);
    return NAN;
}

static double indicator(const network *n, size_t step, const char *name)
{
    for (size_t i = 0; i < n->model->indicator_count; i++)
        if (!strcmp(n->model->indicators[i].name, name)) return network_row(n, 0, step)[i * n->model->park_count];
    fail_msg("no indicator is called %s", name);
    return NAN;
}

static void same(uint64_t seed, size_t step, const char *what, double got, double expected, double scale)
{
    if (!(fabs(got - expected) <= 1e-10 * scale))
        fail_msg("seed %llu, step %zu, %s: %.15g, independently %.15g", (unsigned long long)seed, step, what, got,
                 expected);
}

static void compare_flows(const network *n, const family *f, const answer *a, uint64_t seed, size_t step)
{
    double scale = fmax(a->sewage, a->demand);
    same(seed, step, "inflow", flow(n, step, "plant", "inflow"), a->inflow, scale);
    same(seed, step, "untreated", flow(n, step, "untreated", "discharge"), a->untreated, scale);
    same(seed, step, "make-up", flow(n, step, "make_up", "made"), a->make_up, scale);
    for (int i = 0; i < f->reclaimers; i++) {
        char name[24];
        snprintf(name, sizeof name, "reclaimer%d", i);
        same(seed, step, name, flow(n, step, name, "feed"), a->feed[i], scale);
        same(seed, step, name, flow(n, step, name, "product"), a->product[i], scale);
    }
    if (!f->has_site) return;
    same(seed, step, "link", flow(n, step, "site.link", "to"), a->link, scale);
    same(seed, step, "site feed", flow(n, step, "site.site_reclaimer", "feed"), a->site_feed, scale);
    same(seed, step, "drain", flow(n, step, "site.drain", "from"), a->drain, scale);
}

static void compare_components(const network *n, const family *f, const answer *a, uint64_t seed, size_t step)
{
    double scale = a->inflow_cod + a->untreated_cod;
    same(seed, step, "COD of the inflow", indicator(n, step, "inflow_cod"), a->inflow_cod, scale);
    same(seed, step, "COD to the river", indicator(n, step, "river_cod"), a->river_cod, scale);
    same(seed, step, "COD untreated", indicator(n, step, "untreated_cod"), a->untreated_cod, scale);
    if (f->has_site)
        same(seed, step, "COD of the site's feed", indicator(n, step, "site_feed_cod"), a->site_feed_cod, scale);
}

static void random_reuse_networks_agree_with_bisection_and_substitution(void **state)
{
    network_folder folder = network_folder_new("tests/property/random_types.yaml");
    size_t returning = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        family f = draw(seed);
        network n;
        char *text = NULL;
        bool ran = network_read(&n, &folder, model_text(&f, &text)) && network_run(&n);
        if (!ran) fail_msg("seed %llu was refused or failed:\n%s", (unsigned long long)seed, text);
        for (size_t step = 0; step < STEPS; step++) {
            answer a = solve(&f, activity[step]);
            compare_flows(&n, &f, &a, seed, step);
            compare_components(&n, &f, &a, seed, step);
            returning += a.feed[0] > 0;
        }
        network_free(&n);
        free(text);
    }
    network_folder_remove(&folder);
    assert_true(returning > 2 * NETWORKS); /* of 3: guards the family */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_reuse_networks_agree_with_bisection_and_substitution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
