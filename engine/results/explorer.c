/* Draws the members again, has the plan written as WebAssembly, and puts both into the page. */
#include "results/explorer.h"

#include "base/replacement.h"
#include "base/sha256.h"
#include "results/explorer_json.h"
#include "results/explorer_page.h"

#include <stdlib.h>
#include <string.h>

/* Lanes that the page runs together: the registers are to fit a phone's second-level cache. */
enum { LANES = 32 };
static const size_t RESULT_BYTES = 128 << 20;

typedef struct {
    const pf_explorer *of;
    pf_arena *arena;
    pf_diagnostics *diagnostics;
    pf_explorer_facts facts;
} writer;

/* ---- members ---- */

/* Members come in groups of which the first is a plain draw, or each is one; of other designs none is. */
static bool is_sample(const pf_design *design, uint64_t member)
{
    switch (pf_design_arrangement(design)) {
    case PF_ARRANGED_FREELY: return true;
    case PF_ARRANGED_RADIAL:
    case PF_ARRANGED_SECOND: return member % pf_design_group(design) == 0;
    default: return false;
    }
}

/* Those of the sample that were kept, as many as are wanted. */
static size_t choose_members(const pf_explorer *explorer, uint64_t *chosen)
{
    const pf_sample *sample = explorer->sample;
    size_t count = 0;
    for (size_t i = 0; i < sample->kept_count && count < explorer->members; i++)
        if (is_sample(explorer->design, sample->kept[i])) chosen[count++] = sample->kept[i];
    return count;
}

/* How many members a page can hold: it keeps the outputs of all steps and lanes, of several settings. */
static size_t most_members(const pf_compiled *m)
{
    const pf_plan *plan = &m->plan;
    size_t outputs = plan->output_count - PF_LEVER_OUTPUTS * m->lever_count;
    size_t lanes = RESULT_BYTES / ((plan->steps - plan->first_reported) * (outputs + 1) * sizeof(double));
    return lanes ? lanes - 1 : 0;
}

pf_status pf_explorer_check(const pf_explorer *explorer, pf_diagnostics *diagnostics)
{
    const pf_sample *sample = explorer->sample;
    uint64_t *chosen = pf_calloc(sample->kept_count + 1, sizeof *chosen);
    size_t count = choose_members(explorer, chosen), most = most_members(explorer->model);
    free(chosen);
    if (!count)
        return pf_error(diagnostics, (pf_mark){0},
                        "the members of '%s' are of the design %s, which does not draw from the distributions of the "
                        "parameters; make a sweep with --design sobol or monte_carlo",
                        sample->path, sample->design);
    if (count > most)
        return pf_error(diagnostics, (pf_mark){0},
                        "%zu members of this model are too many for a browser's memory; expected at most --members %zu",
                        count, most);
    return PF_OK;
}

static bool draw_members(writer *w)
{
    const pf_compiled *m = w->of->model;
    const uint64_t none = 0;
    size_t lanes = w->facts.member_count + 1;
    pf_design *median = pf_design_new(m, &(pf_design_request){.name = "median"}, w->diagnostics);
    if (!median) return false;
    double *drawn = PF_ARRAY(w->arena, double, m->input_count *lanes);
    bool *is_drawn = PF_ARRAY(w->arena, bool, m->input_count);
    pf_design_draw(median, &none, 1, drawn, lanes);
    pf_design_draw(w->of->design, w->facts.members, w->facts.member_count, drawn + 1, lanes);
    pf_design_free(median);
    for (size_t i = 0; i < m->input_count; i++) is_drawn[i] = m->inputs[i].value != NULL;
    w->facts.plan = (pf_explorer_plan){.plan = &m->plan, .is_drawn = is_drawn, .drawn = drawn, .lanes = lanes};
    return true;
}

/* ---- the page ---- */

/* A text of the model must not end the element that holds it: in JSON < may be written as a number. */
static void put_facts(const writer *w, FILE *out)
{
    char *text = NULL;
    size_t size = 0;
    FILE *facts = open_memstream(&text, &size);
    if (!facts) abort(); /* no memory for a stream */
    pf_explorer_put_facts(&w->facts, facts);
    fclose(facts);
    for (size_t i = 0; i < size; i++)
        if (text[i] == '<') fputs("\\u003c", out);
        else fputc(text[i], out);
    free(text);
}

static void put_part(FILE *out, const char *name)
{
    const pf_explorer_part *part = pf_explorer_parts;
    while (part->name && strcmp(part->name, name) != 0) part++;
    fwrite(part->bytes, 1, part->size, out);
}

static void put_page(const writer *w, FILE *out)
{
    static const char *const scripts[] = {"words.js", "chart.js", "settings.js", "levers.js", "page.js"};
    fputs(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>parkflow</title>\n<style>\n",
        out);
    put_part(out, "page.css");
    fputs("</style>\n</head>\n", out);
    put_part(out, "page.html");
    fputs("<script type=\"application/json\" id=\"facts\">", out);
    put_facts(w, out);
    fputs("</script>\n<script type=\"text/plain\" id=\"numbers\">", out);
    pf_explorer_put_numbers(&w->facts.plan, out);
    fputs("</script>\n<script type=\"text/plain\" id=\"engine\">\n", out);
    put_part(out, "engine.js");
    fputs("</script>\n<script>\n", out);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) put_part(out, scripts[i]);
    fputs("</script>\n</html>\n", out);
}

static pf_status write_page(writer *w, const char *path)
{
    char *page = NULL;
    size_t size = 0;
    pf_kernel *kernel = pf_kernel_new(&w->of->model->plan);
    w->facts.plan.module = pf_generate_wasm(kernel, LANES, w->arena);
    FILE *out = open_memstream(&page, &size);
    if (!out) abort(); /* no memory for a stream */
    put_page(w, out);
    fclose(out);
    pf_status status = pf_replace_file(path, page, size, w->diagnostics);
    free(page);
    pf_kernel_free(kernel);
    return status;
}

pf_status pf_explorer_write(const pf_explorer *explorer, const char *path, pf_diagnostics *diagnostics)
{
    char digest[65];
    writer w = {.of = explorer, .arena = pf_arena_new(), .diagnostics = diagnostics};
    pf_sha256(explorer->sample->input, strlen(explorer->sample->input), digest);
    w.facts = (pf_explorer_facts){.sample = explorer->sample, .model = explorer->model, .sha256 = digest};
    uint64_t *chosen = PF_ARRAY(w.arena, uint64_t, explorer->sample->kept_count + 1);
    w.facts.members = chosen;
    w.facts.member_count = choose_members(explorer, chosen);
    pf_status status = draw_members(&w) ? write_page(&w, path) : PF_FAILED;
    pf_arena_free(w.arena);
    return status;
}
