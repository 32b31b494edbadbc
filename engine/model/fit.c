/* The parameters that `fit:` names: paths and selectors become rows of the model's inputs, with the place where the
 * search for a flat one begins. */
#include "model/model.h"

#include "base/distributions.h"

#include <math.h>
#include <string.h>

typedef struct {
    pf_model *m;
    PF_LIST(pf_fitted) list;
    pf_process **owners; /* [inputs]: whose parameter it is, or NULL; made when a selector first asks */
} reader;

/* ---- paths ---- */

static bool is_part(const char *name, size_t stem, const char *text)
{
    return !strncmp(name, text, stem) && !text[stem] &&
           (!strcmp(name + stem, ".own") || !strcmp(name + stem, ".shared"));
}

/* Is it the path, or of a product one of its two parts? */
static bool is_named(const char *name, const char *text)
{
    size_t length = strlen(text);
    return !strcmp(name, text) || (strlen(name) > length && is_part(name, length, text));
}

static void find_owners(reader *r)
{
    pf_model *m = r->m;
    if (r->owners) return;
    r->owners = PF_ARRAY(m->arena, pf_process *, m->inputs.count + 1);
    for (size_t i = 0; i < m->inputs.count; i++)
        for (size_t p = 0; p < m->processes.count; p++) {
            const char *label = m->processes.items[p]->label;
            size_t length = strlen(label);
            if (!strncmp(m->inputs.items[i].name, label, length) && m->inputs.items[i].name[length] == '.')
                r->owners[i] = m->processes.items[p];
        }
}

/* Do the path's segments from `first` on name this dotted text, with * for any of them? */
static bool names_rest(const pf_path *path, size_t first, const char *text)
{
    for (size_t i = first; i < path->count; i++) {
        const char *name = path->segments[i].name;
        size_t length = strcspn(text, ".");
        if (strcmp(name, "*") != 0 && (strlen(name) != length || strncmp(name, text, length) != 0)) return false;
        text += length;
        if (*text == '.') text++;
        else if (i + 1 < path->count) return false;
    }
    return !*text || !strcmp(text, "own") || !strcmp(text, "shared");
}

static size_t count_names(const char *text)
{
    size_t count = 1;
    for (; *text; text++) count += *text == '.';
    return count;
}

static bool is_selected(const reader *r, const pf_path *path, size_t input)
{
    const char *name = r->m->inputs.items[input].name;
    const pf_process *owner = r->owners[input];
    if (!owner) return names_rest(path, 0, name);
    const char *own = name + strlen(owner->label) + 1;
    size_t rest, names = count_names(own);
    if (pf_path_names_process(path, owner, names, &rest)) return names_rest(path, rest, own);
    return names > 1 && pf_path_names_process(path, owner, names - 1, &rest) && names_rest(path, rest, own);
}

/* ---- lists ---- */

static void add(reader *r, size_t input, bool is_flat, const pf_tree *text)
{
    pf_model *m = r->m;
    const pf_input *in = &m->inputs.items[input];
    const pf_distribution *distribution = pf_distribution_at((size_t)in->value->distribution);
    double least, greatest;
    for (size_t i = 0; i < r->list.count; i++) {
        if (r->list.items[i].input != input) continue;
        if (r->list.items[i].is_flat != is_flat)
            pf_error(m->diagnostics, text->mark, "'%s' is under 'parameters' and under 'flat'", in->name);
        return;
    }
    distribution->support(in->value->arguments, &least, &greatest);
    if (!strcmp(distribution->name, "discrete"))
        pf_error(m->diagnostics, text->mark, "'%s' is one of a few values; what is fitted must be able to move",
                 in->name);
    else if (!(least < greatest))
        pf_error(m->diagnostics, text->mark, "'%s' has a distribution without a spread: there is nothing to fit",
                 in->name);
    *PF_PUSH(m->arena, r->list) = (pf_fitted){(uint32_t)input, is_flat, (double)NAN, text->mark};
}

static void say_no_hit(const reader *r, const pf_tree *text)
{
    const pf_model *m = r->m;
    pf_nearest near = pf_nearest_to(text->text);
    for (size_t i = 0; i < m->explained.count; i++)
        if (!strcmp(m->explained.items[i].path, text->text)) {
            pf_error(m->diagnostics, text->mark,
                     "'%s' has no distribution; what is fitted needs one: what was known before, or its bounds",
                     text->text);
            return;
        }
    for (size_t i = 0; i < m->inputs.count; i++)
        if (m->inputs.items[i].value) pf_nearest_offer(&near, m->inputs.items[i].name);
    pf_error(m->diagnostics, text->mark, "the path '%s' finds no uncertain parameter%s", text->text,
             pf_nearest_hint(&near, m->arena));
}

static void read_path(reader *r, const pf_tree *text, bool is_flat)
{
    pf_model *m = r->m;
    pf_path path;
    size_t hits = 0;
    for (size_t i = 0; i < m->inputs.count; i++) {
        if (!m->inputs.items[i].value || !is_named(m->inputs.items[i].name, text->text)) continue;
        add(r, i, is_flat, text);
        hits++;
    }
    if (!hits && strpbrk(text->text, "*[")) {
        if (pf_path_parse(m->arena, pf_tree_text_mark(text), text->text, &path, m->diagnostics)) return;
        find_owners(r);
        for (size_t i = 0; i < m->inputs.count; i++) {
            if (!m->inputs.items[i].value || !is_selected(r, &path, i)) continue;
            add(r, i, is_flat, text);
            hits++;
        }
    }
    if (!hits) say_no_hit(r, text);
}

static void read_list(reader *r, const pf_tree *list, bool is_flat)
{
    for (size_t i = 0; list && list->kind == PF_SEQUENCE && i < list->entries.count; i++)
        if (list->entries.items[i].value->kind == PF_TEXT) read_path(r, list->entries.items[i].value, is_flat);
}

/* ---- starts ---- */

static void set_start(const reader *r, pf_fitted *fitted, const pf_tree *tree)
{
    const pf_model *m = r->m;
    const pf_input *input = &m->inputs.items[fitted->input];
    const pf_value *value = pf_value_read(&m->scenario->values, tree);
    double least, greatest;
    if (!value) return;
    bool fits = value->kind == PF_NUMBER &&
                (value->any_unit || (pf_dimension_equal(value->unit.dimension, input->value->unit.dimension) &&
                                     value->unit.calendar == input->value->unit.calendar));
    pf_distribution_at((size_t)input->value->distribution)->support(input->value->arguments, &least, &greatest);
    if (!fits)
        pf_error(m->diagnostics, tree->mark, "found '%s', expected a number in the unit of '%s', which is %s",
                 value->text, input->name, input->value->unit_text);
    else if (!(value->number > least && value->number < greatest))
        pf_error(m->diagnostics, tree->mark, "found '%s', which is not within the bounds of '%s'", value->text,
                 input->name);
    fitted->start = value->number;
}

static void read_starts(const reader *r, const pf_tree *starts)
{
    pf_model *m = r->m;
    if (starts && starts->kind != PF_MAPPING)
        pf_error(m->diagnostics, starts->mark, "expected {PATH: VALUE, ...} under 'start'");
    for (size_t i = 0; starts && starts->kind == PF_MAPPING && i < starts->entries.count; i++) {
        const pf_entry *entry = &starts->entries.items[i];
        pf_nearest near = pf_nearest_to(entry->key);
        pf_fitted *found = NULL;
        for (size_t k = 0; k < r->list.count; k++) {
            const char *name = m->inputs.items[r->list.items[k].input].name;
            if (!r->list.items[k].is_flat) continue;
            if (!strcmp(name, entry->key)) found = &r->list.items[k];
            pf_nearest_offer(&near, name);
        }
        if (found) set_start(r, found, entry->value);
        else
            pf_error(m->diagnostics, entry->mark, "'%s' is no parameter under 'flat'%s", entry->key,
                     pf_nearest_hint(&near, m->arena));
    }
}

void pf_build_fit(pf_model *m)
{
    const pf_tree *fit = pf_tree_get(m->scenario->tree, "fit");
    const char *spread = pf_tree_get_text(fit, "spread");
    reader r = {.m = m};
    if (!fit || fit->kind != PF_MAPPING) return;
    read_list(&r, pf_tree_get(fit, "parameters"), false);
    read_list(&r, pf_tree_get(fit, "flat"), true);
    read_starts(&r, pf_tree_get(fit, "start"));
    m->compiled.fitted = r.list.items;
    m->compiled.fitted_count = r.list.count;
    m->compiled.estimates_spread = spread && !strcmp(spread, "estimated");
}
