/* Options of a verb: getopt_long reads them, the messages are ours. */
#include "cli/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct option *option_of(const struct option *options, int letter)
{
    while (options->name && options->val != letter) options++;
    return options->name ? options : NULL;
}

/* What getopt_long refuses: `given` as it was written. */
static void refuse(const char *verb, const char *given, const struct option *options)
{
    bool is_long = !strncmp(given, "--", 2);
    size_t length = strcspn(given, "=");
    pf_arena *arena = pf_arena_new();
    const char *name = is_long ? pf_copy_text(arena, given, length) : pf_format(arena, "-%c", optopt);
    pf_nearest near = pf_nearest_to(name);
    for (const struct option *o = options; is_long && o->name; o++)
        pf_nearest_offer(&near, pf_format(arena, "--%s", o->name));
    if (is_long && given[length] && optopt && option_of(options, optopt))
        pf_wrong_usage(verb, "the option '%s' takes no value", name);
    else pf_wrong_usage(verb, "no option is called '%s'%s", name, pf_nearest_hint(&near, arena));
    pf_arena_free(arena);
}

int pf_next_option(int argc, char **argv, const char *letters, const struct option *options, pf_input_model *input)
{
    int option;
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1; /* the argument that is looked at, were it not put in another order */
        option = getopt_long(argc, argv, letters, options, NULL);
        const char *given = argv[optind > 1 ? optind - 1 : at];
        if (option == ':') pf_wrong_usage(argv[0], "the option '%s' needs a value", given);
        if (option == '?') refuse(argv[0], given, options);
        if (option == 'S' && input->setting_count == sizeof input->settings / sizeof *input->settings)
            pf_wrong_usage(argv[0], "more than %zu settings", input->setting_count);
        else if (option == 'S') {
            input->settings[input->setting_count++] = optarg;
            continue;
        }
        return option == ':' || option == 'S' ? '?' : option;
    }
}

const char *pf_stem(pf_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    return pf_copy_text(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

bool pf_read_whole(const char *verb, const char *option, const char *text, uint64_t least, uint64_t *value)
{
    char *rest;
    errno = 0;
    unsigned long long number = strtoull(text, &rest, 10);
    *value = number;
    if (*text >= '0' && *text <= '9' && !*rest && !errno && number >= least) return true;
    pf_wrong_usage(verb, "found '%s %s', expected a whole number of at least %llu", option, text,
                   (unsigned long long)least);
    return false;
}

int pf_read_choice(const char *verb, const char *option, const char *text, const char *const *names, size_t count)
{
    pf_arena *arena = pf_arena_new();
    pf_nearest near = pf_nearest_to(text);
    const char *all = "";
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(text, names[i])) return pf_arena_free(arena), (int)i;
        pf_nearest_offer(&near, names[i]);
        all = pf_format(arena, "%s%s%s", all, *all ? ", " : "", names[i]);
    }
    pf_wrong_usage(verb, "found '%s %s'%s, expected one of: %s", option, text, pf_nearest_hint(&near, arena), all);
    pf_arena_free(arena);
    return -1;
}
