/* Help as manual pages: the text of --help, line by line, in the macros of man(7). A line of options is two blanks, the
 * option, two blanks or more and what it does; lines further in go on with the one before. */
#include "cli/help_text.h"

#include <ctype.h>
#include <string.h>

/* Text of a line: nothing in it is taken for a request or an escape, and a hyphen stays what can be typed. */
static void put(FILE *out, const char *text, size_t length)
{
    if (length && (*text == '.' || *text == '\'')) fputs("\\&", out);
    for (size_t i = 0; i < length; i++) switch (text[i]) {
        case '\\': fputs("\\e", out); break;
        case '-': fputs("\\-", out); break;
        case '`': fputs("\\(ga", out); break;
        case '\'': fputs("\\(aq", out); break;
        case '~': fputs("\\(ti", out); break;
        case '^': fputs("\\(ha", out); break;
        default: fputc(text[i], out);
        }
}

static void put_line(FILE *out, const char *text)
{
    put(out, text, strlen(text));
    fputc('\n', out);
}

static void put_item(FILE *out, const char *name, size_t length, const char *doc, size_t doc_length)
{
    fputs(".TP\n\\fB", out);
    put(out, name, length);
    fputs("\\fR\n", out);
    put(out, doc, doc_length);
    fputc('\n', out);
}

static void put_options(FILE *out, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n"), indent = strspn(text, " ");
        const char *end = text + length, *gap = indent == 2 ? strstr(text + indent, "  ") : NULL;
        if (gap && gap < end) {
            const char *doc = gap + strspn(gap, " ");
            put_item(out, text + indent, (size_t)(gap - text) - indent, doc, (size_t)(end - doc));
        } else if (length > indent) {
            put(out, text + indent, length - indent);
            fputc('\n', out);
        }
        text = end + (*end == '\n');
    }
}

static void put_heading(FILE *out, const char *text)
{
    fputs(".SH ", out);
    for (; *text; text++) fputc(toupper((unsigned char)*text), out);
    fputc('\n', out);
}

static void begin(FILE *out, const char *verb, const char *purpose)
{
    fputs(".TH PARKFLOW", out);
    if (verb) fputc('-', out);
    for (const char *at = verb; at && *at; at++) fputc(toupper((unsigned char)*at), out);
    fprintf(out, " 1 \"\" \"parkflow %s\" \"parkflow\"\n.SH NAME\nparkflow%s%s \\- ", PF_VERSION, verb ? "\\-" : "",
            verb ? verb : "");
    put_line(out, purpose);
}

static void end(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    put_line(out, pf_help_exit_status);
}

/* A usage may have several lines, each the usage of one kind. */
static void put_usage(FILE *out, const char *usage)
{
    fputs(".SH SYNOPSIS\nparkflow ", out);
    while (*usage) {
        size_t length = strcspn(usage, "\n");
        put(out, usage, length);
        usage += length;
        usage += strspn(usage, "\n ");
        fputs(*usage ? "\n.br\n" : "\n", out);
    }
}

void pf_help_page_of(const pf_verb *verb, FILE *out)
{
    const pf_help_names *names = pf_help_names_of(verb);
    begin(out, verb->name, verb->summary);
    put_usage(out, verb->usage);
    if (*verb->options) fputs(".SH OPTIONS\n", out);
    put_options(out, verb->options);
    if (names) put_heading(out, names->title);
    for (size_t row = 0; names && row < names->count(); row++) {
        pf_help_name name = names->at(row);
        put_item(out, name.name, strlen(name.name), name.doc, strlen(name.doc));
    }
    end(out);
    fputs(".SH EXAMPLES\n.nf\n", out);
    put_line(out, verb->example);
    fputs(".fi\n.SH SEE ALSO\n.BR parkflow (1)\n", out);
}

void pf_help_page(pf_verbs verbs, FILE *out)
{
    begin(out, NULL, pf_help_purpose);
    put_usage(out, "VERB ...");
    fputs(".SH VERBS\n", out);
    for (size_t i = 0; i < verbs.count; i++)
        put_item(out, verbs.rows[i].name, strlen(verbs.rows[i].name), verbs.rows[i].summary,
                 strlen(verbs.rows[i].summary));
    fputs(".SH ENVIRONMENT\n", out);
    put_options(out, pf_help_environment);
    end(out);
    fputs(".SH SEE ALSO\n", out);
    for (size_t i = 0; i < verbs.count; i++)
        fprintf(out, ".BR parkflow\\-%s (1)%s\n", verbs.rows[i].name, i + 1 < verbs.count ? "," : "");
}
