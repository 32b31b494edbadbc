/* Draws one park: its sites, the processes and markets of its water, heat and power, and its boundary. The order in
 * which a market's ranks are filled is the order of the calls here. */
#include "random_parts.h"

typedef struct {
    random_model *m;
    int park, sites[4], site_count, first_process;
    int power, heat, waste_heat, biogas, service, sewage, effluent, coal, oil, sludge; /* markets */
    bool has_heat, sells_and_buys, falls_short;                                        /* short of service water */
    int links; /* sites that draw on the park's heat */
} drawing;

static size_t takers(const drawing *d, int at)
{
    return at < 0 ? 0 : d->m->markets.items[at].take.count;
}

static int any_scope(drawing *d)
{
    for (int tries = 0; d->site_count && tries < 3; tries++) {
        int site = d->sites[whole(d->m, 0, d->site_count - 1)];
        if (!d->m->scopes.items[site].fence) return site;
    }
    return d->park;
}

static void set_index(random_model *m, int p, const char *path)
{
    if (chance(m, 0.5)) return;
    const char *text = "{series: {2010-01: 1";
    int month = 1, year = 2019;
    for (int i = whole(m, 1, 5); i > 0 && year < 2023; i--) {
        bool within = chance(m, 0.3), idle = chance(m, 0.12);
        double level = between(m, 0.3, 1.4);
        text = pf_format(m->arena, "%s, %d-%02d%s: %g", text, year, month, within ? "-17" : "", idle ? 0 : level);
        month += whole(m, 1, 7);
        if (month > 12) month -= 12, year++;
    }
    set_text(m, p, path, pf_format(m->arena, "%s}}", text));
}

static void set_loads(random_model *m, int p, const char *map, const char *unit, double most)
{
    set_between(m, p, pf_format(m->arena, "%s.cod", map), 0, most, pf_format(m->arena, "kg/%s", unit));
    set_between(m, p, pf_format(m->arena, "%s.tn", map), 0, most / 10, pf_format(m->arena, "kg/%s", unit));
    can_change(m, p, pf_format(m->arena, "%s.cod", map), most / 2, pf_format(m->arena, "kg/%s", unit), false,
               CAN_SCALE | CAN_ADD);
}

static void add_need(random_model *m, int p, const char *carrier, double least, double most, const char *unit)
{
    double value = between(m, least, most);
    set_about(m, p, pf_format(m->arena, "needs.%s.per_output", carrier), value, pf_format(m->arena, "%s/t", unit),
              false);
    if (chance(m, 0.4)) set_between(m, p, pf_format(m->arena, "needs.%s.standing", carrier), 0, 0.6, "");
    can_change(m, p, pf_format(m->arena, "needs.%s.per_output", carrier), value, pf_format(m->arena, "%s/t", unit),
               false, CAN_SCALE | CAN_CUT | CAN_ADD);
}

static void add_firm(drawing *d, int where, bool heat)
{
    static const char *const rates[] = {"t/day", "t/month", "t/year", "t/h"};
    static const double per_day[] = {1, 30, 365, 1 / 24.0};
    random_model *m = d->m;
    int p = add_process(m, where, "firm"), rate = whole(m, 0, 3);
    set_about(m, p, "output.amount", between(m, 1, 300) * per_day[rate], rates[rate], true);
    set_index(m, p, "output.index");
    add_need(m, p, "power", 50, 500, "kWh");
    add_need(m, p, "water", 1, 20, "m3");
    if (heat) add_need(m, p, "heat", 0.3, 4, "GJ");
    if (d->service >= 0 && chance(m, 0.3)) add_need(m, p, "service", 0.1, 2, "m3");
    set_between(m, p, "returned", 0.5, 0.95, "");
    set_loads(m, p, "loads", "t", 10);
    if (d->waste_heat >= 0 && chance(m, 0.5)) set_between(m, p, "warmth", 0, 2, "GJ/t");
    if (chance(m, 0.3)) set_between(m, p, "process_co2", 0, 0.5, "t CO2/t");
}

static void add_washer(drawing *d, int where)
{
    random_model *m = d->m;
    int p = add_process(m, where, "washer");
    double wash = between(m, 10, 900);
    set_about(m, p, "wash", wash, "m3/day", true);
    can_change(m, p, "wash", wash, "m3/day", true, CAN_SET | CAN_SCALE | CAN_CUT | CAN_ADD);
    set_index(m, p, "index");
    set_between(m, p, "kept", 0.02, 0.4, "");
    set_loads(m, p, "soil", "m3", 3);
}

static void add_boiler(drawing *d, int where, int into, bool last, bool shared)
{
    random_model *m = d->m;
    int p = add_process(m, where, "boiler");
    double efficiency = between(m, 0.6, 0.9);
    set_text(m, p, "fuel", chance(m, 0.6) ? "coal" : "oil");
    set_about(m, p, "efficiency", efficiency, "", false);
    can_change(m, p, "efficiency", efficiency, "", false, CAN_SCALE);
    if (!last) {
        set_amount(m, p, "limit", 0.1, 30, "GJ/h");
        can_change(m, p, "limit", 20, "GJ/h", true, CAN_SET | CAN_SCALE | CAN_ADD);
    }
    rank(m, into, true, p, NULL, shared);
}

/* A fence: a firm with a heat market of its own. */
static void draw_heat_site(drawing *d, int site)
{
    random_model *m = d->m;
    int heat = add_market(m, site, "heat", "heat"), boilers = whole(m, 0, 2);
    add_firm(d, site, true);
    for (int i = 0; i < boilers; i++) add_boiler(d, site, heat, false, i && chance(m, 0.5));
    /* a park that both sells and buys heat may not draw on it for a site: it would buy what it sold */
    if (d->has_heat && !d->sells_and_buys && chance(m, 0.4)) {
        int p = add_process(m, site, "link");
        set_text(m, p, "carrier", "heat");
        set_between(m, p, "losses", 0, 0.1, "");
        set_amount(m, p, "limit", 0.1, 20, "GJ/h");
        join(m, p, "from", d->heat);
        join(m, p, "to", heat);
        rank(m, heat, true, p, NULL, false);
        rank(m, d->heat, false, p, "from", d->links++ && chance(m, 0.5));
    }
    add_boiler(d, site, heat, true, false);
}

/* Several share a rank in both of their markets, or in neither. */
static void add_reclaimer(drawing *d, int where, const char *source, int from, int to, bool shared, bool first)
{
    random_model *m = d->m;
    int p = add_process(m, where, "reclaimer");
    bool unlimited = !shared && chance(m, 0.25);
    set_text(m, p, "source", source);
    if (!unlimited) {
        set_amount(m, p, "limit", 0, 900, "m3/day");
        can_change(m, p, "limit", 500, "m3/day", true, CAN_SET | CAN_SCALE | CAN_ADD);
    }
    set_between(m, p, "recovery", 0.4, 0.9, "");
    set_between(m, p, "passed", 0, 0.5, "");
    set_between(m, p, "work", 0.2, 2, "kWh/m3");
    join(m, p, "reject", d->sewage);
    rank(m, from, false, p, NULL, shared && !first);
    rank(m, to, true, p, NULL, shared && !first);
}

/* A fence with a water loop of its own within that of the park. */
static void draw_water_site(drawing *d, int site)
{
    random_model *m = d->m;
    int service = add_market(m, site, "service", "service"), sewage = add_market(m, site, "sewage", "sewage");
    m->markets.items[service].may_fall_short = d->falls_short;
    for (int i = whole(m, 1, 2); i > 0; i--) add_washer(d, site);
    if (chance(m, 0.3)) add_firm(d, site, d->has_heat && chance(m, 0.5));
    int reclaimers = whole(m, 1, 2);
    bool shared = reclaimers > 1 && chance(m, 0.5);
    for (int i = 0; i < reclaimers; i++) add_reclaimer(d, site, "sewage", sewage, service, shared, i == 0);
    int link = add_process(m, site, "link"), out = add_process(m, site, "drain");
    set_text(m, link, "carrier", "service");
    set_between(m, link, "losses", 0, 0.1, "");
    join(m, link, "from", d->service);
    join(m, link, "to", service);
    rank(m, service, true, link, NULL, false);
    rank(m, d->service, false, link, "from", false);
    set_text(m, out, "carrier", "sewage");
    join(m, out, "from", sewage);
    join(m, out, "to", d->sewage);
    rank(m, sewage, false, out, NULL, false);
}

static void add_purchase(drawing *d, const char *carrier, int into, bool limited, const char *rate, double most)
{
    random_model *m = d->m;
    int p = add_process(m, d->park, "purchase");
    set_text(m, p, "carrier", carrier);
    if (limited) set_amount(m, p, "limit", 0, most, rate);
    if (chance(m, 0.5)) set_between(m, p, "price", 1, 50, pf_format(m->arena, "VND/%s", m->markets.items[into].unit));
    if (chance(m, 0.5))
        set_between(m, p, "factor", 0, 0.9, pf_format(m->arena, "t CO2/%s", m->markets.items[into].unit));
    rank(m, into, true, p, NULL, false);
}

static void add_outfall(drawing *d, const char *carrier, int from)
{
    int p = add_process(d->m, d->park, "outfall");
    set_text(d->m, p, "carrier", carrier);
    rank(d->m, from, false, p, NULL, false);
}

/* A taker of last resort, or leave to spill. */
static void add_last_taker(drawing *d, const char *carrier, int from)
{
    if (chance(d->m, 0.2))
        d->m->markets.items[from].may_spill = true;
    else
        add_outfall(d, carrier, from);
}

static void add_plant(drawing *d, bool shared)
{
    random_model *m = d->m;
    int p = add_process(m, any_scope(d), "plant");
    if (shared || chance(m, 0.6)) {
        set_amount(m, p, "limit", 50, 8000, "m3/day");
        can_change(m, p, "limit", 3000, "m3/day", true, CAN_SET | CAN_SCALE | CAN_ADD);
    }
    set_between(m, p, "work", 0.2, 1, "kWh/m3");
    set_between(m, p, "removal.cod", 0.4, 0.95, "");
    set_between(m, p, "removal.tn", 0.2, 0.9, "");
    if (chance(m, 0.4)) set_between(m, p, "liquor_share", 0, 0.15, "");
    if (d->biogas >= 0) set_between(m, p, "gas_yield", 0.1, 0.5, "m3/kg");
    if (d->sludge >= 0) set_between(m, p, "cake", 0.5, 2, "kg/kg");
    if (d->has_heat && chance(m, 0.4)) set_between(m, p, "heat_need", 0, 0.01, "GJ/m3");
    rank(m, d->sewage, false, p, "inflow", shared);
}

static void draw_tank(drawing *d, bool shared)
{
    random_model *m = d->m;
    int p = add_process(m, d->park, "tank");
    set_text(m, p, "carrier", "effluent");
    set_amount(m, p, "capacity", 0, 9000, "m3");
    if (chance(m, 0.5)) set_amount(m, p, "initial", 0, 3000, "m3");
    rank(m, d->effluent, true, p, NULL, shared);
    rank(m, d->effluent, false, p, "fill", shared);
}

static void draw_water(drawing *d)
{
    random_model *m = d->m;
    int plants = whole(m, 1, 2), reclaimers = whole(m, 0, 3), tanks = chance(m, 0.4) ? whole(m, 1, 2) : 0;
    bool all_limited = chance(m, 0.5);
    for (int i = 0; i < plants; i++) add_plant(d, all_limited && plants > 1);
    add_outfall(d, "sewage", d->sewage);
    /* where a site draws on them and nobody offers without limit, they must share a rank */
    bool shared = reclaimers > 1 && ((d->falls_short && takers(d, d->service)) || chance(m, 0.5));
    for (int i = 0; i < reclaimers; i++) add_reclaimer(d, d->park, "effluent", d->effluent, d->service, shared, i == 0);
    if (!d->falls_short) rank(m, d->service, true, add_process(m, d->park, "make_up"), "made", false);
    bool tanks_share = tanks > 1 && chance(m, 0.5);
    for (int i = 0; i < tanks; i++) draw_tank(d, tanks_share && i);
    add_last_taker(d, "effluent", d->effluent);
    for (int i = whole(m, 0, 2); i > 0; i--) add_washer(d, any_scope(d));
}

static void draw_heat(drawing *d)
{
    random_model *m = d->m;
    int exchangers = d->waste_heat >= 0 ? whole(m, 1, 2) : 0, boilers = whole(m, 0, 3);
    bool shared = exchangers > 1 && chance(m, 0.5);
    for (int i = 0; i < exchangers; i++) {
        int p = add_process(m, d->park, "exchanger");
        set_between(m, p, "effectiveness", 0.4, 0.95, "");
        if (shared || chance(m, 0.6)) set_amount(m, p, "limit", 0.1, 10, "GJ/h");
        rank(m, d->waste_heat, false, p, NULL, shared && i);
        rank(m, d->heat, true, p, NULL, shared && i);
    }
    if (d->waste_heat >= 0) add_last_taker(d, "waste_heat", d->waste_heat);
    for (int i = 0; i < boilers; i++) add_boiler(d, d->park, d->heat, false, i && chance(m, 0.4));
    if (chance(m, 0.5))
        add_boiler(d, d->park, d->heat, true, false);
    else
        add_purchase(d, "heat", d->heat, false, NULL, 0);
}

static void draw_power(drawing *d, int pool)
{
    random_model *m = d->m;
    for (int i = whole(m, 0, 2); i > 0; i--) {
        int p = add_process(m, any_scope(d), "solar");
        set_amount(m, p, "capacity", 0, 5, "MW");
        set_between(m, p, "yield", 0.1, 0.2, "");
        can_change(m, p, "capacity", 2, "MW", true, CAN_SET | CAN_SCALE | CAN_ADD);
        rank(m, d->power, true, p, NULL, chance(m, 0.4));
    }
    for (int i = d->biogas >= 0 && d->has_heat ? whole(m, 1, 2) : 0; i > 0; i--) {
        int p = add_process(m, d->park, "engine");
        bool own = chance(m, 0.6);
        set_text(m, p, "fuel", own ? "biogas" : "oil");
        set_between(m, p, "electrical", 0.2, 0.4, "");
        set_between(m, p, "thermal", 0.2, 0.5, "");
        set_amount(m, p, "limit", 0.05, 1, "MW");
        rank(m, own ? d->biogas : d->oil, false, p, NULL, false);
        rank(m, d->power, true, p, NULL, false);
    }
    if (pool >= 0 && chance(m, 0.6)) {
        int p = add_process(m, d->park, "link");
        set_text(m, p, "carrier", "power");
        set_between(m, p, "losses", 0, 0.1, "");
        join(m, p, "from", pool);
        rank(m, d->power, true, p, "to", false);
        rank(m, pool, false, p, "from", false);
    } else
        add_purchase(d, "power", d->power, false, NULL, 0);
}

static void draw_site(drawing *d)
{
    random_model *m = d->m;
    int kind = whole(m, 0, 3), site = add_scope(m, SITE, d->park, kind < 2);
    d->sites[d->site_count++] = site;
    if (kind == 0)
        draw_heat_site(d, site);
    else if (kind == 1 && d->service >= 0)
        draw_water_site(d, site);
    else {
        m->scopes.items[site].fence = false;
        for (int i = whole(m, 1, 3); i > 0; i--) add_firm(d, site, d->has_heat && chance(m, 0.7));
    }
}

static int market_of(drawing *d, const char *carrier, const char *unit)
{
    int at = add_market(d->m, d->park, carrier, carrier);
    d->m->markets.items[at].unit = unit;
    return at;
}

/* Trade of what is left over, both ways, by a market of the model. */
static void draw_trade(drawing *d, int heat_pool)
{
    random_model *m = d->m;
    if (heat_pool < 0 || !d->has_heat) return;
    bool sells = chance(m, 0.7), buys = chance(m, 0.7);
    d->sells_and_buys = sells && buys;
    if (sells) {
        int p = add_process(m, d->park, "exporter");
        set_text(m, p, "carrier", "heat");
        set_between(m, p, "losses", 0, 0.1, "");
        set_amount(m, p, "limit", 1, 50, "GJ/h");
        join(m, p, "to", heat_pool);
        rank(m, d->heat, false, p, "from", false);
        rank(m, heat_pool, true, p, "to", false);
    }
    if (buys) {
        int p = add_process(m, d->park, "link");
        set_text(m, p, "carrier", "heat");
        set_amount(m, p, "limit", 1, 50, "GJ/h");
        join(m, p, "from", heat_pool);
        rank(m, d->heat, true, p, "to", false);
        rank(m, heat_pool, false, p, "from", false);
    }
}

void draw_park(random_model *m, int power_pool, int heat_pool)
{
    drawing d = {.m = m, .park = add_scope(m, PARK, 0, true), .first_process = (int)m->processes.count};
    bool water = chance(m, 0.8);
    d.has_heat = chance(m, 0.7);
    d.power = market_of(&d, "power", "MWh");
    d.coal = market_of(&d, "coal", "t");
    d.oil = market_of(&d, "oil", "t");
    d.heat = d.has_heat ? market_of(&d, "heat", "GJ") : -1;
    d.waste_heat = d.has_heat && chance(m, 0.6) ? market_of(&d, "waste_heat", "GJ") : -1;
    d.sewage = market_of(&d, "sewage", "m3");
    d.service = water ? market_of(&d, "service", "m3") : -1;
    d.effluent = water ? market_of(&d, "effluent", "m3") : -1;
    d.biogas = water && d.has_heat && chance(m, 0.5) ? market_of(&d, "biogas", "m3") : -1;
    d.sludge = water && chance(m, 0.5) ? market_of(&d, "sludge", "t") : -1;
    int fresh = market_of(&d, "water", "m3");
    d.falls_short = water && chance(m, 0.15);
    if (d.falls_short) m->markets.items[d.service].may_fall_short = true;
    /* first: what a site fetches may come from abroad, but what goes abroad may not wait for it */
    draw_trade(&d, heat_pool);
    for (int i = chance(m, 0.8) ? whole(m, 1, 2) : whole(m, 3, 4); i > 0; i--) draw_site(&d);
    for (int i = whole(m, 0, 2); i > 0; i--) add_firm(&d, d.park, d.has_heat && chance(m, 0.5));
    if (d.has_heat) draw_heat(&d);
    draw_power(&d, power_pool);
    if (water)
        draw_water(&d);
    else
        add_outfall(&d, "sewage", d.sewage);
    if (d.has_heat) add_last_taker(&d, "heat", d.heat);
    if (chance(m, 0.4)) add_purchase(&d, "coal", d.coal, true, "t/day", 20);
    add_purchase(&d, "coal", d.coal, false, NULL, 0);
    add_purchase(&d, "oil", d.oil, false, NULL, 0);
    if (chance(m, 0.4)) add_purchase(&d, "water", fresh, true, "m3/day", 2000);
    add_purchase(&d, "water", fresh, false, NULL, 0);
    if (d.biogas >= 0) add_last_taker(&d, "biogas", d.biogas);
    if (d.sludge >= 0) {
        int p = add_process(m, d.park, "bed");
        set_between(m, p, "decay", 0.0001, 0.01, "1/day");
    }
}
