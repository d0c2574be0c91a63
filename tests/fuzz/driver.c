/* SPDX-License-Identifier: MIT */
/* Runs a target over a folder of inputs and a number of mutations of each, the same ones every time; prints
 * TAP.
 *
 * Each file has a child process of its own, in which the target runs. What it is about to be given lies in
 * memory that parent and child share: when the child dies, whatever it dies of, the parent has the input, and
 * keeps it. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef HOSTSIM_VALGRIND
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND   0
#define VALGRIND_COUNT_ERRORS 0
#endif
#include "counts.h"
#include "fuzz.h"
#include "mutate.h"

#define HANG_SECONDS     10u
#define VALGRIND_SLOWER  400u  /* so many times fewer mutations */
#define SHOWN_BYTES      1024u /* of a find, in the output */
#define FOUND_BY_CHECKER 99

struct file {
    char *name;
    struct input input;
};

/* What parent and children share. */
struct shared {
    struct input input; /* the one that is running */
    uint64_t runs;
    uint64_t mutation; /* which one: 0, the file itself */
    uint64_t counts[FUZZ_OUTCOMES_MAX];
};

static struct options {
    const char *corpus;
    const char *keep;
    uint64_t mutations;
    uint64_t seed;
    bool expect_find;
} options = {.keep = ".", .mutations = 1000, .seed = 1};

static struct file *files;
static size_t file_count;
static struct shared *shared;
static const char *name_of_target;

static _Noreturn void refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    printf("Bail out! ");
    vprintf(format, args);
    printf("\n");
    exit(2);
}

/* ---- the corpus ---- */

static void read_file(const char *folder, const char *name, struct file *file)
{
    char path[4096];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    if (f == NULL) {
        refuse("cannot open %s: %s", path, strerror(errno));
    }
    file->name = strdup(name);
    file->input.size = fread(file->input.bytes, 1, INPUT_MAX, f);
    if (fgetc(f) != EOF) {
        refuse("%s is longer than %u bytes", path, INPUT_MAX);
    }
    fclose(f);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_corpus(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);

    if (count <= 0) {
        refuse("there are no inputs in %s", folder);
    }
    files = calloc((size_t)count, sizeof(*files));
    for (int i = 0; i < count; i++) {
        read_file(folder, entries[i]->d_name, &files[file_count++]);
        free(entries[i]);
    }
    free(entries);
}

/* ---- in the child ---- */

/* A multiple of what a hang takes, where all is slower. */
static unsigned patience(void)
{
    const char *slowness = getenv("MUDSKIPPER_SLOWNESS");
    double times = slowness != NULL ? atof(slowness) : 1;

    return HANG_SECONDS * (times > 1 ? (unsigned)times : 1);
}

/* In a block of its own, so that the checking tools see a byte read too far. */
static void run_one(unsigned seconds)
{
    uint8_t *block = malloc(shared->input.size + (shared->input.size == 0));

    memcpy(block, shared->input.bytes, shared->input.size);
    shared->runs++;
    alarm(seconds);
    LLVMFuzzerTestOneInput(block, shared->input.size);
    free(block);
    if (VALGRIND_COUNT_ERRORS > 0) {
        _exit(FOUND_BY_CHECKER);
    }
}

static uint64_t hash(const struct input *in)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

    for (size_t i = 0; i < in->size; i++) {
        h = (h ^ in->bytes[i]) * 0x100000001b3u;
    }
    return h;
}

static void set_input(const struct input *in)
{
    memcpy(shared->input.bytes, in->bytes, in->size);
    shared->input.size = in->size;
}

/* What a file's mutations are depends on its bytes, so that other files may come and go. */
static void run_file(const struct file *file, uint64_t mutations)
{
    uint64_t random = options.seed ^ hash(&file->input);
    unsigned seconds = patience();

    for (shared->mutation = 0; shared->mutation <= mutations; shared->mutation++) {
        set_input(&file->input);
        if (shared->mutation > 0) {
            mutate(&shared->input, &files[mutate_random(&random) % file_count].input, &random);
        }
        run_one(seconds);
    }
}

/* ---- in the parent ---- */

static const char *how_it_ended(int status)
{
    static char text[80];

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        snprintf(text, sizeof(text), "it did not end in %u s", patience());
    } else if (WIFSIGNALED(status)) {
        snprintf(text, sizeof(text), "%s", strsignal(WTERMSIG(status)));
    } else {
        snprintf(text, sizeof(text), "exit status %d", WEXITSTATUS(status));
    }
    return text;
}

/* True: all went well. */
static bool in_child(const struct file *file, uint64_t mutations, int *status)
{
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child < 0) {
        refuse("cannot start a process: %s", strerror(errno));
    }
    if (child == 0) {
        run_file(file, mutations);
        exit(0);
    }
    while (waitpid(child, status, 0) < 0) {
    }
    return *status == 0;
}

static void show_bytes(const struct input *in)
{
    for (size_t i = 0; i < in->size && i < SHOWN_BYTES; i++) {
        printf("%s%02x", i % 32 == 0 ? i == 0 ? "#   " : "\n#   " : "", in->bytes[i]);
    }
    printf("\n");
}

/* Writes the input that is in shared memory, and says how to go on. */
static void keep_find(const struct file *file, const char *how)
{
    char path[4096];
    FILE *f;

    printf("# %s, mutation %lu: %s\n", file->name, (unsigned long)shared->mutation, how);
    printf("# the input, %zu bytes (xxd -r -p makes a file of them):\n", shared->input.size);
    show_bytes(&shared->input);
    snprintf(path, sizeof(path), "%s/find-%s-%016lx", options.keep, name_of_target,
             (unsigned long)hash(&shared->input));
    f = fopen(path, "wb");
    if (f == NULL || fwrite(shared->input.bytes, 1, shared->input.size, f) != shared->input.size ||
        fclose(f) != 0) {
        printf("# it could not be kept as %s: %s\n", path, strerror(errno));
        return;
    }
    printf("# kept as %s: when it is mended, move it to the corpus under a name that says what it shows\n",
           path);
}

/* The kept input alone must do it again: else its reader, or this driver, remembers something. */
static bool is_repeated(void)
{
    struct file alone = {.name = "alone"};
    int status;

    alone.input = shared->input;
    return !in_child(&alone, 0, &status);
}

static bool check_file(size_t i)
{
    uint64_t mutations = options.mutations / (RUNNING_ON_VALGRIND ? VALGRIND_SLOWER : 1);
    int status;
    bool good = in_child(&files[i], mutations, &status);
    bool found_by_mutation = !good && shared->mutation > 0;

    if (!good && !options.expect_find) {
        keep_find(&files[i], how_it_ended(status));
    }
    if (options.expect_find) {
        good = found_by_mutation && is_repeated();
        printf("# %s\n", found_by_mutation ? "found" : "nothing was found by a mutation");
    }
    printf("%sok %zu - %s and %lu mutations\n", good ? "" : "not ", i + 1, files[i].name,
           (unsigned long)mutations);
    return good;
}

/* The files alone, without mutations. */
static bool check_outcomes(void)
{
    bool good = true;
    int status;

    memset(shared->counts, 0, sizeof(shared->counts));
    for (size_t i = 0; i < file_count; i++) {
        good = in_child(&files[i], 0, &status) && good;
    }
    for (unsigned i = 0; fuzz_outcomes[i].name != NULL; i++) {
        if (shared->counts[i] == 0) {
            printf("# no file shows %s\n", fuzz_outcomes[i].name);
            good = false;
        }
    }
    printf("%sok %zu - every outcome is shown by a file\n", good ? "" : "not ", file_count + 1);
    return good;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void show_counts(double seconds)
{
    printf("# %lu runs in %.2f s, %.0f each second\n", (unsigned long)shared->runs, seconds,
           (double)shared->runs / seconds);
    for (unsigned i = 0; fuzz_outcomes[i].name != NULL; i++) {
        printf("# %10lu %s\n", (unsigned long)shared->counts[i], fuzz_outcomes[i].name);
    }
}

static void check_all(void)
{
    bool good = true;
    double start = now();

    printf("1..%zu\n", file_count + !options.expect_find);
    for (size_t i = 0; i < file_count; i++) {
        good = check_file(i) && good;
    }
    if (!options.expect_find) {
        show_counts(now() - start);
        good = check_outcomes() && good;
    }
    exit(good ? 0 : 1);
}

/* ---- the command line ---- */

static void help(void)
{
    printf("usage: %s [--mutations N] [--seed N] [--keep FOLDER] [--expect-find] CORPUS\n"
           "Runs the files of a folder, and N mutations of each; prints TAP. An input that finds something "
           "goes to\n"
           "the folder of --keep. --expect-find: a mutation of each file must find something.\n",
           program_invocation_short_name);
    exit(0);
}

static void read_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (strcmp(word, "--help") == 0) {
            help();
        } else if (strcmp(word, "--expect-find") == 0) {
            options.expect_find = true;
        } else if (word[0] != '-') {
            options.corpus = word;
        } else if (value == NULL) {
            refuse("%s wants a value", word);
        } else if (strcmp(word, "--mutations") == 0) {
            options.mutations = strtoull(argv[++i], NULL, 0);
        } else if (strcmp(word, "--seed") == 0) {
            options.seed = strtoull(argv[++i], NULL, 0);
        } else if (strcmp(word, "--keep") == 0) {
            options.keep = argv[++i];
        } else {
            refuse("there is no option %s", word);
        }
    }
    if (options.corpus == NULL) {
        refuse("which corpus?");
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    name_of_target = program_invocation_short_name;
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        refuse("no memory: %s", strerror(errno));
    }
    fuzz_counts = shared->counts;
    read_corpus(options.corpus);
    check_all();
}
