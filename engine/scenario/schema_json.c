/* The language's table as a JSON Schema, for editors with a YAML language server. */
#include "scenario/schema.h"

#include "base/notation.h"

#include <string.h>

static void put_choices(FILE *out, const char *choices)
{
    fputs("\"enum\": [", out);
    for (const char *at = choices; *at;) {
        int length = (int)strcspn(at, "|");
        if (!strcmp(choices, "1")) fputs("1, ", out);
        fprintf(out, "\"%.*s\"", length, at);
        at += length;
        if (*at == '|') at++, fputs(", ", out);
    }
    fputc(']', out);
}

static void put_key_type(FILE *out, const pf_key *key)
{
    switch (key->kind) {
    case PF_KEY_TEXT:
        if (key->of) put_choices(out, key->of);
        else fputs("\"type\": [\"string\", \"number\"]", out);
        break;
    case PF_KEY_TITLE: fputs("\"$ref\": \"#/$defs/a_title\"", out); break;
    case PF_KEY_VALUE: fputs("\"$ref\": \"#/$defs/a_value\"", out); break;
    case PF_KEY_DATE:
    case PF_KEY_EXPRESSION: fputs("\"type\": [\"string\", \"number\"]", out); break;
    case PF_KEY_FLAG: fputs("\"enum\": [true, false, \"true\", \"false\"]", out); break;
    case PF_KEY_TEXTS: fputs("\"type\": \"array\", \"items\": {\"type\": \"string\"}", out); break;
    case PF_KEY_TEXT_MAP:
        fputs("\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", \"number\"]}", out);
        break;
    case PF_KEY_VALUE_MAP:
        fputs("\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/$defs/a_value\"}", out);
        break;
    case PF_KEY_SHAPE: fprintf(out, "\"$ref\": \"#/$defs/%s\"", key->of); break;
    case PF_KEY_MAP_OF:
        fprintf(out,
                "\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/$defs/%s\"}, {\"$ref\": "
                "\"#/$defs/a_table\"}]}",
                key->of);
        break;
    case PF_KEY_LIST_OF: fprintf(out, "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/%s\"}", key->of); break;
    case PF_KEY_OPEN: break;
    }
}

static bool first_of_list(FILE *out, bool *first)
{
    if (!*first) fputs(",\n", out);
    bool was = *first;
    *first = false;
    return was;
}

/* No key is required: a file may be laid over another, and then says a part only. */
static void put_shape(FILE *out, const pf_shape *shape)
{
    static const char *const remarks[] = {"note", "source", "choose", "over", "why", "assumption"};
    bool first = true;
    fprintf(out, "    \"%s\": {\n      \"description\": ", shape->name);
    pf_json_text(out, shape->doc);
    fputs(", \"type\": \"object\",\n      \"properties\": {\n", out);
    for (const pf_key *key = shape->keys; key < shape->keys + PF_KEYS_MOST && key->key; key++) {
        first_of_list(out, &first);
        fprintf(out, "        \"%s\": {\"description\": ", key->key);
        pf_json_text(out, key->doc);
        if (key->kind != PF_KEY_OPEN) fputs(", ", out);
        put_key_type(out, key);
        fputc('}', out);
    }
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++) {
        first_of_list(out, &first);
        fprintf(out, "        \"%s\": {\"type\": \"string\"}", remarks[i]);
    }
    fputs(",\n        \"title\": {\"$ref\": \"#/$defs/a_title\"}, \"quality\": {}\n      }", out);
    fprintf(out, ",\n      \"additionalProperties\": %s\n    }", shape->open ? "true" : "false");
}

void pf_schema_json(FILE *out)
{
    fputs("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
          "  \"title\": \"parkflow model\",\n  \"$ref\": \"#/$defs/model\",\n  \"$defs\": {\n",
          out);
    fputs("    \"a_title\": {\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"properties\": {\"en\": "
          "{\"type\": \"string\"}, "
          "\"vi\": {\"type\": \"string\"}}, \"additionalProperties\": false}]},\n",
          out);
    fputs("    \"a_value\": {\"description\": \"NUMBER UNIT, LOW..HIGH UNIT, LOW..LIKELY..HIGH UNIT, an expression, or "
          "a map\", "
          "\"type\": [\"string\", \"number\", \"object\"]},\n",
          out);
    fputs("    \"a_table\": {\"type\": \"object\", \"properties\": {\"table\": {\"type\": \"string\", \"description\": "
          "\"A CSV file: a row an entry\"}}, "
          "\"required\": [\"table\"]},\n",
          out);
    for (size_t i = 0; i < pf_shape_count(); i++) {
        put_shape(out, pf_shape_at(i));
        fputs(i + 1 < pf_shape_count() ? ",\n" : "\n", out);
    }
    fputs("  }\n}\n", out);
}
