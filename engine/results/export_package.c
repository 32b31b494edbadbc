/* datapackage.json beside a tidy CSV (Frictionless Data Package 1, with its profile of tables): what the columns are,
 * how large the file is and its hash, what the numbers rest on. No clock: it has no `created`. */
#include "base/notation.h"
#include "base/map.h"
#include "base/sha256.h"
#include "results/export_formats.h"
#include "scenario/evidence.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name, *type, *description;
} fields[] = {
    {"scenario", "string", "Scenario; of a sweep also the change it makes, 'full - baseline', formed member by member"},
    {"park", "string", "Park; 'shared' belongs to none; 'all' is all of them together: do not add it to the others"},
    {"time", "string",
     "Period: a year, or a step; '2020-2023', the last by year, is the whole reported time: do not add it to the "
     "years"},
    {"indicator", "string", "What is measured; see 'indicators'"},
    {"statistic", "string", "'run': one run; of a sweep mean, sd, min, max and quantiles (p5: 5 %) over its members"},
    {"value", "number", "In 'unit'; missing where a ratio has nothing to divide by"},
    {"unit", "string", "Unit of the value"},
};
enum { FIELDS = sizeof fields / sizeof *fields };

void pf_export_put_origin(const pf_tidy *t, FILE *out)
{
    static const char *const names[] = {"title",  "title_vi", "source", "command",     "accounting",
                                        "design", "seed",     "keep",   "input_sha256"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = pf_tidy_attribute(t, names[i]);
        if (!*text) continue;
        pf_json_pair(out, names[i], text);
        fputs(",\n", out);
    }
    if (t->is_sweep)
        fprintf(out, "\"members\": %llu, \"members_failed\": %llu,\n", (unsigned long long)t->sample->members,
                (unsigned long long)t->sample->failed);
}

void pf_export_put_indicators(const pf_tidy *t, FILE *out)
{
    fputc('[', out);
    for (size_t i = 0; i < t->indicator_count; i++) {
        const pf_indicator *v = t->indicators[i];
        fputs(i ? ",\n  {" : "\n  {", out);
        pf_json_pair(out, "name", v->name);
        const char *const pairs[][2] = {
            {"title", v->title},           {"title_vi", v->title_vi},
            {"unit", pf_tidy_unit(v)},     {"over_time", v->numerator < 0 ? v->method : "ratio"},
            {"definition", v->definition}, {"iamc", v->iamc}};
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
            if (!pairs[k][1]) continue;
            fputs(", ", out);
            pf_json_pair(out, pairs[k][0], pairs[k][1]);
        }
        fputc('}', out);
    }
    fputc(']', out);
}

/* Lower case letters, digits and - _ . as a package's name may have them. */
static const char *package_name(pf_arena *arena, const char *file)
{
    const char *dot = strrchr(file, '.');
    char *name = pf_copy_text(arena, file, dot && dot > file ? (size_t)(dot - file) : strlen(file));
    for (char *at = name; *at; at++) {
        *at = (char)tolower((unsigned char)*at);
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at)) *at = '-';
    }
    return name;
}

static void put_fields(FILE *out)
{
    fputs("\"schema\": {\"fields\": [", out);
    for (size_t i = 0; i < FIELDS; i++) {
        fputs(i ? ",\n    {" : "\n    {", out);
        pf_json_pair(out, "name", fields[i].name);
        fputs(", ", out);
        pf_json_pair(out, "type", fields[i].type);
        fputs(", ", out);
        pf_json_pair(out, "description", fields[i].description);
        fprintf(out, ", \"constraints\": {\"required\": %s}}", strcmp(fields[i].name, "value") ? "true" : "false");
    }
    fputs("],\n    \"missingValues\": [\"\"],\n"
          "    \"primaryKey\": [\"scenario\", \"park\", \"time\", \"indicator\", \"statistic\"]}",
          out);
}

static void put_resource(FILE *out, const char *name, const char *csv_name, const char *csv, size_t size)
{
    char digest[65];
    pf_sha256(csv, size, digest);
    fputs("\"resources\": [{", out);
    pf_json_pair(out, "name", name);
    fputs(", ", out);
    pf_json_pair(out, "path", csv_name);
    fprintf(out,
            ",\n    \"profile\": \"tabular-data-resource\", \"format\": \"csv\", \"mediatype\": \"text/csv\", "
            "\"encoding\": \"utf-8\",\n    \"bytes\": %zu, \"hash\": \"sha256:%s\",\n    ",
            size, digest);
    put_fields(out);
    fputs("}]", out);
}

/* "Title, publisher, 2020"; each text that is cited once. */
static void put_sources(const pf_tidy *t, FILE *out)
{
    static const char *const parts[] = {"publisher", "year"};
    size_t rows, said = 0;
    const pf_evidence_row *evidence = pf_evidence_rows(t->model->scenario, t->arena, &rows);
    pf_map known = {0};
    fputs("\"sources\": [", out);
    for (size_t row = 0; row < rows; row++) {
        const char *title = pf_evidence_cell(&evidence[row], "source_title");
        const char *address = pf_evidence_cell(&evidence[row], "address");
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            const char *part = pf_evidence_cell(&evidence[row], parts[k]);
            if (*part) title = pf_format(t->arena, "%s, %s", title, part);
        }
        const char *key = pf_format(t->arena, "%s\n%s", title, address);
        if (!*title || pf_map_get(&known, key)) continue;
        pf_map_set(&known, t->arena, key, (void *)key);
        fputs(said++ ? ",\n  {" : "\n  {", out);
        pf_json_pair(out, "title", title);
        if (*address) fputs(", ", out);
        if (*address) pf_json_pair(out, "address", address);
        fputc('}', out);
    }
    fputc(']', out);
}

const char *pf_export_package(const pf_tidy *t, const char *csv_name, const char *csv, size_t size)
{
    pf_export_text text;
    const char *name = package_name(t->arena, csv_name);
    pf_export_text_begin(&text);
    fputs("{\"generator\": \"parkflow export\", \"profile\": \"tabular-data-package\", ", text.out);
    pf_json_pair(text.out, "name", name);
    fputs(",\n", text.out);
    pf_export_put_origin(t, text.out);
    put_resource(text.out, name, csv_name, csv, size);
    fputs(",\n\"indicators\": ", text.out);
    pf_export_put_indicators(t, text.out);
    fputs(",\n", text.out);
    put_sources(t, text.out);
    fputs("}\n", text.out);
    return pf_export_text_end(&text, t->arena);
}
