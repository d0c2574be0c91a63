/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "faults.h"
#include "options.h"
#include "sim.h"
#include "tools.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static const char help[] =
    "Usage: hostsim [OPTION]...\n"
    "Boots Mudskipper on a simulated multicore machine inside this process.\n"
    "\n"
    "  --cores N          processors, 1 to 64 (default 4)\n"
    "  --mem SIZE         memory, with suffix K, M or G (default 512M; 256M under Valgrind)\n"
    "  --archive FILE     boot archive, cpio newc (default: archive.cpio beside this program)\n"
    "  --with FILE[=NAME] put FILE into the archive as bin/NAME (default: its own name); may be repeated\n"
    "  -c COMMANDS        commands for the shell, as boot/script\n"
    "  --script FILE      the same from a file; - is standard input\n"
    "  --append WORDS     words for the kernel's command line; may be repeated\n"
    "  --timeout SECONDS  give up after so long and print who runs\n"
    "  --seed NUMBER      seed of a deterministic machine; other machines ignore it\n"
    "  --faults LIST      what may befall such a machine: stall, delay, spurious, clock, linger, stop, "
    "kill:PROGRAM,\n"
    "                     refuse:PROGRAM\n"
    "  --trace FILE       what happened there, a line each\n"
    "  --until EVENT      end such a machine there and print who runs\n"
    "  --places FILE      where programs are loaded, and when: SECONDS ADDRESS BYTES NAME, for profilers\n"
    "  --window SIZE      address space of each program (default 64G; 4G under Valgrind or ThreadSanitizer)\n"
    "  --help             this text\n"
    "\n"
    "On a terminal, Ctrl-A x leaves; Ctrl-\\ (elsewhere SIGQUIT) says where the cores are and who waits.\n"
    "Exit status: the machine's own; 123 it asked for a reset; 124 time-out;\n"
    "125 this program could not do it; 130 interrupted; 134 kernel panic.\n"
    "\n"
    "Examples:\n"
    "  hostsim                              boot to the shell\n"
    "  hostsim --cores 2 -c 'ps'            one command, then off\n"
    "  hostsim --with build/examples/hello  with a program of one's own, as bin/hello\n"
    "  hostsim --script story.msh --timeout 60\n"
    "  valgrind hostsim -c 'ps'             from the folder that has .valgrindrc\n";

static void *must(void *memory)
{
    if (memory == NULL) {
        sim_complain("out of host memory");
        exit(SIM_STATUS_TOOL);
    }
    return memory;
}

/* "64M" → bytes. False when it is no number, has another suffix or is above 2^48. */
static bool parse_size(const char *text, uint64_t *bytes)
{
    static const char suffixes[] = "KMGT";
    char *end;
    const char *suffix;
    uint64_t value;

    errno = 0;
    value = strtoull(text, &end, 0);
    if (errno != 0 || end == text || text[0] == '-') {
        return false;
    }
    if (*end != '\0') {
        suffix = strchr(suffixes, *end & ~0x20);
        if (suffix == NULL || end[1] != '\0') {
            return false;
        }
        unsigned shift = 10u * (unsigned)(suffix - suffixes + 1);

        if (value > (UINT64_MAX >> shift)) {
            return false;
        }
        value <<= shift;
    }
    *bytes = value;
    return value <= (uint64_t)1 << 48;
}

static bool parse_number(const char *text, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 0);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

/* "1.5" → nanoseconds. */
static bool parse_seconds(const char *text, nanos_t *nanos)
{
    char *end;
    double seconds;

    errno = 0;
    seconds = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(seconds > 0) || seconds > 1e9) {
        return false;
    }
    *nanos = (nanos_t)(seconds * 1e9);
    return true;
}

static void add_extra(struct sim_options *o, const char *name, const char *file, const char *text)
{
    o->extras = must(realloc(o->extras, (o->extras_count + 1) * sizeof(o->extras[0])));
    o->extras[o->extras_count++] =
        (struct sim_extra){must(strdup(name)), file != NULL ? must(strdup(file)) : NULL,
                           text != NULL ? must(strdup(text)) : NULL};
}

/* FILE[=NAME]: a program, in bin/. */
static void add_program(struct sim_options *o, const char *argument)
{
    char *file = must(strdup(argument));
    char *equals = strrchr(file, '=');
    char *slash;
    char *name = NULL;
    const char *last;

    if (equals != NULL) {
        *equals = '\0';
    }
    slash = strrchr(file, '/');
    last = equals != NULL ? equals + 1 : slash != NULL ? slash + 1 : file;
    if (asprintf(&name, "bin/%s", last) < 0) {
        name = NULL;
    }
    add_extra(o, must(name), file, NULL);
    free(name);
    free(file);
}

static void append_words(struct sim_options *o, const char *words)
{
    char *joined = NULL;

    if (asprintf(&joined, "%s%s%s", o->command_line, o->command_line[0] != '\0' ? " " : "", words) < 0) {
        joined = NULL;
    }
    free(o->command_line);
    o->command_line = must(joined);
}

/* archive.cpio in the folder of this executable. */
static char *default_archive(void)
{
    char self[4096];
    char *path = NULL;
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length <= 0) {
        return must(strdup("archive.cpio"));
    }
    self[length] = '\0';
    if (asprintf(&path, "%s/archive.cpio", dirname(self)) < 0) {
        path = NULL;
    }
    return must(path);
}

void sim_options_default(struct sim_options *o)
{
    *o = (struct sim_options){.cores = 4,
                              .memory = (RUNNING_ON_VALGRIND != 0 ? 256 : 512) * MIB,
                              .window = tool_small_windows() ? 4 * GIB : 64 * GIB,
                              .archive = default_archive(),
                              .archive_optional = true,
                              .timeout = NANOS_NEVER,
                              .command_line = must(strdup(""))};
}

void sim_options_free(struct sim_options *o)
{
    for (size_t i = 0; i < o->extras_count; i++) {
        free((char *)o->extras[i].name);
        free((char *)o->extras[i].file);
        free((char *)o->extras[i].text);
    }
    free(o->extras);
    free((char *)o->archive);
    free((char *)o->faults);
    free((char *)o->trace);
    free((char *)o->places);
    free(o->command_line);
    *o = (struct sim_options){0};
}

enum option_code {
    OPT_CORES = 256,
    OPT_MEM,
    OPT_ARCHIVE,
    OPT_WITH,
    OPT_SCRIPT,
    OPT_APPEND,
    OPT_TIMEOUT,
    OPT_SEED,
    OPT_FAULTS,
    OPT_TRACE,
    OPT_UNTIL,
    OPT_PLACES,
    OPT_WINDOW,
    OPT_HELP
};

static const struct option long_options[] = {
    {"cores", required_argument, NULL, OPT_CORES},   {"smp", required_argument, NULL, OPT_CORES},
    {"mem", required_argument, NULL, OPT_MEM},       {"archive", required_argument, NULL, OPT_ARCHIVE},
    {"with", required_argument, NULL, OPT_WITH},     {"script", required_argument, NULL, OPT_SCRIPT},
    {"append", required_argument, NULL, OPT_APPEND}, {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"seed", required_argument, NULL, OPT_SEED},     {"places", required_argument, NULL, OPT_PLACES},
    {"window", required_argument, NULL, OPT_WINDOW}, {"faults", required_argument, NULL, OPT_FAULTS},
    {"trace", required_argument, NULL, OPT_TRACE},   {"until", required_argument, NULL, OPT_UNTIL},
    {"help", no_argument, NULL, OPT_HELP},           {NULL, 0, NULL, 0},
};

/* Empty: fine; otherwise what is wrong with the argument. */
static const char *set_numbers(struct sim_options *o, int option, const char *argument)
{
    uint64_t number;

    switch (option) {
    case OPT_CORES:
        if (!parse_number(argument, &number) || number < 1 || number > SIM_CORES_MAX) {
            return "--cores takes a number from 1 to 64";
        }
        o->cores = (unsigned)number;
        return "";
    case OPT_MEM:
        if (!parse_size(argument, &number) || number < 4 * MIB || number > 1024 * GIB) {
            return "--mem takes a size from 4M to 1024G";
        }
        o->memory = (number + PAGE_MASK) & ~PAGE_MASK;
        return "";
    case OPT_WINDOW:
        if (!parse_size(argument, &number) || number < 2 * GIB || number > 1024 * GIB) {
            return "--window takes a size from 2G to 1024G";
        }
        o->window = (number + 2 * MIB - 1) & ~(2 * MIB - 1);
        return "";
    case OPT_TIMEOUT:
        return parse_seconds(argument, &o->timeout) ? "" : "--timeout takes a number of seconds";
    case OPT_UNTIL:
        return parse_number(argument, &o->until) && o->until > 0
                   ? ""
                   : "--until takes the number of an event, 1 or more";
    default:
        return parse_number(argument, &o->seed) ? "" : "--seed takes a number";
    }
}

static void set_text(const char **text, const char *argument)
{
    free((char *)*text);
    *text = must(strdup(argument));
}

static const char *set_option(struct sim_options *o, int option, const char *argument)
{
    switch (option) {
    case OPT_ARCHIVE:
        set_text(&o->archive, argument);
        o->archive_optional = false;
        return "";
    case OPT_WITH:
        add_program(o, argument);
        return "";
    case 'c':
        add_extra(o, "boot/script", NULL, argument);
        return "";
    case OPT_SCRIPT:
        add_extra(o, "boot/script", argument, NULL);
        return "";
    case OPT_FAULTS:
        set_text(&o->faults, argument);
        return sim_faults_are_known(argument) ? ""
                                              : "--faults takes stall, delay, spurious, clock, linger, stop, "
                                                "kill:PROGRAM and refuse:PROGRAM, with commas between them";
    case OPT_TRACE:
        set_text(&o->trace, argument);
        return "";
    case OPT_PLACES:
        set_text(&o->places, argument);
        return "";
    case OPT_APPEND:
        append_words(o, argument);
        return "";
    default:
        return set_numbers(o, option, argument);
    }
}

enum sim_parsed sim_options_parse(struct sim_options *o, int argc, char **argv)
{
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, ":c:", long_options, NULL)) != -1) {
        const char *wrong;

        switch (option) {
        case OPT_HELP:
            fputs(help, stdout);
            return SIM_PARSED_DONE;
        case ':':
            sim_complain("%s needs a value; --help tells which", argv[optind - 1]);
            return SIM_PARSED_WRONG;
        case '?':
            sim_complain("there is no option %s; --help lists them", argv[optind - 1]);
            return SIM_PARSED_WRONG;
        case OPT_FAULTS:
        case OPT_TRACE:
        case OPT_UNTIL:
            if (!TOOL_DET) {
                sim_complain("--faults, --trace and --until are for a deterministic machine (-Dconfig=det)");
                return SIM_PARSED_WRONG;
            }
            /* fall through */
        default:
            wrong = set_option(o, option, optarg);
            if (wrong[0] != '\0') {
                sim_complain("%s, not \"%s\"", wrong, optarg);
                return SIM_PARSED_WRONG;
            }
        }
    }
    if (optind < argc) {
        sim_complain("\"%s\" is not an option; --help lists them", argv[optind]);
        return SIM_PARSED_WRONG;
    }
    return SIM_PARSED_RUN;
}
