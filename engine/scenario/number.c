/* Numbers at the start of a text (declared in units.h): decimal or "inf", never hexadecimal or "nan".
 * A point without a digit after it belongs to the rest, so that "70..90" can be read as two numbers. */
#include "scenario/units.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *after_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

static bool is_digit(char c)
{
    return isdigit((unsigned char)c);
}

/* The end of "12", ".5", "1.9e9"; `at` itself if no number stands there. */
static const char *after_decimal(const char *at)
{
    const char *end = after_digits(at);
    if (end[0] == '.' && is_digit(end[1])) end = after_digits(end + 1);
    if (end == at || (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))) return at;
    if (end[0] != 'e' && end[0] != 'E') return end;
    const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');
    return is_digit(*exponent) ? after_digits(exponent) : end;
}

static bool is_infinity(const char *at)
{
    unsigned char next = strncmp(at, "inf", 3) ? 'a' : (unsigned char)at[3];
    return !isalnum(next) && next != '_' && next < 0x80;
}

bool pf_number_parse(const char *text, double *number, const char **rest)
{
    text += strspn(text, " \t");
    const char *start = text + (*text == '+' || *text == '-');
    const char *end = is_infinity(start) ? start + 3 : after_decimal(start);
    double value = is_infinity(start) ? INFINITY : strtod(start, NULL);
    if (end == start || (isinf(value) && !is_infinity(start))) return false;
    *number = *text == '-' ? -value : value;
    *rest = end + strspn(end, " \t");
    return true;
}
