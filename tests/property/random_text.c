/* Writes a random model as YAML, in the variant asked for: other names, another order, doubled amounts, other sites. */
#include "random_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 3 };

typedef struct {
    random_model *m;
    random_variant variant;
    FILE *out;
} writer;

static uint64_t hash(uint64_t seed, uint64_t number)
{
    random_stream stream = {seed * 1000003 + number};
    return random_bits(&stream);
}

const char *random_other_name(random_model *m, const char *name)
{
    uint64_t sum = 7;
    for (const char *c = name; *c; c++) sum = hash(sum, (unsigned char)*c);
    return pf_format(m->arena, "%c_%s", (int)('a' + sum % 26), name);
}

const char *random_first_name(const char *other_name)
{
    return other_name + 2;
}

static const char *called(const writer *w, const char *name)
{
    return w->variant.renamed ? random_other_name(w->m, name) : name;
}

/* --- order: rows sorted by a hash of their number --- */

typedef struct {
    uint64_t key;
    int row;
} place;

static int by_key(const void *left, const void *right)
{
    const place *a = left, *b = right;
    return a->key < b->key ? -1 : a->key > b->key;
}

static int *ordered(const writer *w, size_t count)
{
    place *places = PF_ARRAY(w->m->arena, place, count);
    int *rows = PF_ARRAY(w->m->arena, int, count);
    for (size_t i = 0; i < count; i++) places[i] = (place){w->variant.order ? hash(w->variant.order, i) : i, (int)i};
    qsort(places, count, sizeof *places, by_key);
    for (size_t i = 0; i < count; i++) rows[i] = places[i].row;
    return rows;
}

/* --- processes --- */

static void write_number(const writer *w, const setting *s)
{
    double factor = s->amount && w->variant.amount != 0 ? w->variant.amount : 1;
    for (int i = 0; i < s->count; i++) fprintf(w->out, "%s%.17g", i ? ".." : "", s->numbers[i] * factor);
    if (*s->unit) fprintf(w->out, " %s", s->unit);
}

static void write_setting(const writer *w, const setting *s)
{
    if (s->text)
        fputs(s->text, w->out);
    else if (s->own_part) {
        fputs("{shared: ", w->out);
        write_number(w, s);
        fputs(", own: {lognormal: {median: 1, gsd: 1.05}}}", w->out);
    } else
        write_number(w, s);
}

/* Settings from `first` on whose paths begin alike up to `depth` bytes, as entries of a map. Returns the number
 * written. */
static size_t write_settings(const writer *w, const process *p, size_t first, size_t depth)
{
    const char *common = p->settings.items[first].path;
    size_t i = first;
    while (i < p->settings.count && !strncmp(p->settings.items[i].path, common, depth)) {
        const char *name = p->settings.items[i].path + depth;
        size_t length = strcspn(name, ".");
        fprintf(w->out, "%s%.*s: ", i == first ? "" : ", ", (int)length, name);
        if (!name[length])
            write_setting(w, &p->settings.items[i++]);
        else {
            fputc('{', w->out);
            i += write_settings(w, p, i, depth + length + 1);
            fputc('}', w->out);
        }
    }
    return i - first;
}

static const char *market_label(const writer *w, const market *k)
{
    const scope *s = &w->m->scopes.items[k->scope];
    if (s->kind == MODEL) return k->name;
    const char *label = pf_format(w->m->arena, "%s.%s", called(w, s->name), k->name);
    return s->kind == PARK ? label
                           : pf_format(w->m->arena, "%s.%s", called(w, w->m->scopes.items[s->parent].name), label);
}

static void write_process(const writer *w, const process *p, const char *indent)
{
    fprintf(w->out, "%s%s: {type: %s", indent, called(w, p->name), p->type);
    if (p->settings.count) {
        fputs(", ", w->out);
        write_settings(w, p, 0, 0);
    }
    for (size_t i = 0; i < p->joins.count; i++)
        fprintf(w->out, "%s%s: %s", i ? ", " : ", joins: {", p->joins.items[i].port,
                market_label(w, &w->m->markets.items[p->joins.items[i].market]));
    fputs(p->joins.count ? "}}\n" : "}\n", w->out);
}

static int park_of(const random_model *m, int at)
{
    return m->scopes.items[at].kind == SITE ? m->scopes.items[at].parent : at;
}

/* The group that a regrouped process is in; 0: none, -1: it stays where it is. */
static int group_of(const writer *w, int p)
{
    const scope *s = &w->m->scopes.items[w->m->processes.items[p].scope];
    if (!w->variant.regroup || s->kind == MODEL || (s->kind == SITE && s->fence)) return -1;
    return (int)(hash(w->variant.regroup, (uint64_t)p) % (GROUPS + 1));
}

static bool stands_in(const writer *w, int p, int at, int group)
{
    int own = group_of(w, p);
    if (own < 0) return group == 0 && w->m->processes.items[p].scope == at;
    return own == group && park_of(w->m, w->m->processes.items[p].scope) == at;
}

static void write_processes(const writer *w, int at, int group, const char *indent)
{
    const int *rows = ordered(w, w->m->processes.count);
    size_t written = 0;
    for (size_t i = 0; i < w->m->processes.count; i++) {
        if (!stands_in(w, rows[i], at, group)) continue;
        if (!written++) fprintf(w->out, "%sprocesses:\n", indent);
        write_process(w, &w->m->processes.items[rows[i]], pf_format(w->m->arena, "%s  ", indent));
    }
    if (!written) fprintf(w->out, "%sprocesses: {}\n", indent);
}

/* --- markets --- */

static void write_ranks(const writer *w, const place_in_rank *places, size_t count)
{
    fputc('[', w->out);
    for (size_t i = 0; i < count; i++) {
        bool with_next = i + 1 < count && places[i + 1].shared, with_last = i && places[i].shared;
        fprintf(w->out, "%s%s%s", i ? ", " : "", with_next && !with_last ? "[" : "",
                called(w, w->m->processes.items[places[i].process].name));
        if (places[i].port) fprintf(w->out, ".%s", places[i].port);
        if (with_last && !with_next) fputc(']', w->out);
    }
    fputc(']', w->out);
}

static void write_markets(const writer *w, int at, const char *indent)
{
    size_t written = 0;
    for (size_t i = 0; i < w->m->markets.count; i++) {
        const market *k = &w->m->markets.items[i];
        if (k->scope != at) continue;
        if (!written++) fprintf(w->out, "%smarkets:\n", indent);
        fprintf(w->out, "%s  %s: {carrier: %s, supply: ", indent, k->name, k->carrier);
        write_ranks(w, k->supply.items, k->supply.count);
        fputs(", take: ", w->out);
        write_ranks(w, k->take.items, k->take.count);
        fprintf(w->out, "%s%s}\n", k->may_fall_short ? ", may_fall_short: true" : "",
                k->may_spill ? ", may_spill: true" : "");
    }
}

/* --- scopes --- */

static void write_site(const writer *w, const char *name, int at, int group)
{
    fprintf(w->out, "      %s:\n", name);
    write_processes(w, at, group, "        ");
    if (!group) write_markets(w, at, "        ");
}

static void write_park(const writer *w, int at)
{
    const int *rows = ordered(w, w->m->scopes.count);
    fprintf(w->out, "  %s:\n    sites:\n", called(w, w->m->scopes.items[at].name));
    for (size_t i = 0; i < w->m->scopes.count; i++) {
        const scope *s = &w->m->scopes.items[rows[i]];
        if (s->kind == SITE && s->parent == at && (s->fence || !w->variant.regroup))
            write_site(w, called(w, s->name), rows[i], 0);
    }
    for (int group = 1; w->variant.regroup && group <= GROUPS; group++)
        write_site(w, pf_format(w->m->arena, "group%d", group), at, group);
    write_processes(w, at, 0, "    ");
    write_markets(w, at, "    ");
}

static void write_scopes(const writer *w)
{
    const int *rows = ordered(w, w->m->scopes.count);
    fputs("parks:\n", w->out);
    for (size_t i = 0; i < w->m->scopes.count; i++)
        if (w->m->scopes.items[rows[i]].kind == PARK) write_park(w, rows[i]);
    write_processes(w, 0, 0, "");
    write_markets(w, 0, "");
}

/* --- interventions and scenarios --- */

static const char *target_path(const writer *w, const target *t, bool wide)
{
    const process *p = &w->m->processes.items[t->process];
    const char *park = called(w, w->m->scopes.items[park_of(w->m, p->scope)].name);
    return wide ? pf_format(w->m->arena, "%s.*[type=%s].%s", park, p->type, t->path)
                : pf_format(w->m->arena, "%s.%s.%s", park, called(w, p->name), t->path);
}

static void write_effect(const writer *w, const effect *e)
{
    static const char *const verbs[] = {"set", "scale", "cut", "add"};
    double factor = e->amount && w->variant.amount != 0 ? w->variant.amount : 1;
    const char *path =
        e->target ? target_path(w, e->target, e->wide)
                  : pf_format(w->m->arena, "interventions.%s.adoption", w->m->interventions.items[e->raises].name);
    fprintf(w->out, "      - {%s: \"%s\", %s: %.17g%s%s", verbs[e->verb], path, e->verb == VERB_SET ? "to" : "by",
            e->value * factor, *e->unit ? " " : "", e->unit);
    if (e->end_use)
        fprintf(w->out, ", end_use: %s, of: %s", e->end_use, strcmp(e->end_use, "drives") ? "30 %" : "40 %");
    fputs("}\n", w->out);
}

static void write_interventions(const writer *w)
{
    fputs("interventions:\n", w->out);
    for (size_t i = 0; i < w->m->interventions.count; i++) {
        const intervention *v = &w->m->interventions.items[i];
        fprintf(w->out, "  %s:\n    status: what_if\n    adoption: %s\n    effects:\n", v->name, v->adoption);
        for (size_t k = 0; k < v->effects.count; k++) write_effect(w, &v->effects.items[k]);
        if (v->capital != 0 || v->running != 0)
            fprintf(w->out, "    cost: {capital: %g VND, running: %g VND/month}\n", v->capital, v->running);
    }
}

/* The scenarios up to `same` must equal what they are against; the rest hold measures. */
static void write_scenarios(const writer *w)
{
    const char *all = "late, idle", *last = w->m->interventions.items[w->m->interventions.count - 1].name;
    for (size_t i = 2; i < w->m->interventions.count; i++)
        all = pf_format(w->m->arena, "%s, %s", all, w->m->interventions.items[i].name);
    fputs("scenarios:\n  base: {", w->out);
    if (w->m->trend) fprintf(w->out, "trend: {\"%s\": %g}", target_path(w, w->m->trend, false), w->m->growth);
    fprintf(w->out, "}\n  empty: {against: base}\n  not_yet: {against: base, with: [late]}\n  nothing: {against: base, "
                    "with: [idle, late]}\n");
    fprintf(w->out,
            "  full: {against: base, with: [%s]}\n  again: {against: full, with: [full]}\n  placed: {in_place: [%s]}\n "
            " in_it: {against: placed}\n",
            all, last);
    fprintf(w->out, "  one: {against: placed, with: [%s]}\n", last);
}

const char *random_model_text(random_model *m, random_variant variant)
{
    char *text = NULL;
    size_t size = 0;
    writer w = {m, variant, open_memstream(&text, &size)};
    fprintf(w.out, "time: %s\n", m->time);
    write_scopes(&w);
    write_interventions(&w);
    write_scenarios(&w);
    fclose(w.out);
    const char *copy = pf_copy_text(m->arena, text, size);
    free(text);
    return copy;
}
