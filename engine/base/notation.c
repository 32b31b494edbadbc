/* Texts and numbers as JSON and CSV write them. */
#include "base/notation.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pf_json_text(FILE *out, const char *text)
{
    if (!text) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') fprintf(out, "\\%c", byte);
        else if (byte == '\n') fputs("\\n", out);
        else if (byte < 0x20) fprintf(out, "\\u%04x", byte);
        else fputc(byte, out);
    }
    fputc('"', out);
}

void pf_json_pair(FILE *out, const char *key, const char *text)
{
    pf_json_text(out, key);
    fputs(": ", out);
    pf_json_text(out, text);
}

/* A cell in quotes where the reader would take it for something else: also an empty line for none. */
void pf_csv_write_cell(FILE *out, const char *text, bool alone)
{
    size_t length = strlen(text);
    bool plain = length
                     ? !strpbrk(text, ",\"\r\n") && !strchr(" \t", *text) && !isspace((unsigned char)text[length - 1])
                     : !alone;
    if (plain) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

const char *pf_number_text(double number, char text[PF_NUMBER_TEXT])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, PF_NUMBER_TEXT, "%.*g", digits, number);
        if (strtod(text, NULL) == number) break;
    }
    return text;
}

void pf_json_number(FILE *out, double number)
{
    char text[PF_NUMBER_TEXT];
    fputs(isfinite(number) ? pf_number_text(number, text) : "null", out);
}
