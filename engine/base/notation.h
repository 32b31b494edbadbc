/* How texts and numbers are written in JSON (RFC 8259) and CSV (RFC 4180): read again, they are the same. */
#ifndef PF_NOTATION_H
#define PF_NOTATION_H

#include <stdbool.h>
#include <stdio.h>

/* In quotes, with what must be escaped; UTF-8 goes through as it is. NULL is null. */
void pf_json_text(FILE *out, const char *text);
/* "key": "text" */
void pf_json_pair(FILE *out, const char *key, const char *text);
/* null where the number is not finite: JSON has no name for it. */
void pf_json_number(FILE *out, double number);

/* A cell of CSV, in quotes where it needs them; `alone`: it is the only one of its row. */
void pf_csv_write_cell(FILE *out, const char *text, bool alone);

/* The shortest decimal of 15 to 17 digits that reads back as the same number. */
enum { PF_NUMBER_TEXT = 32 };
const char *pf_number_text(double number, char text[PF_NUMBER_TEXT]);

#endif
