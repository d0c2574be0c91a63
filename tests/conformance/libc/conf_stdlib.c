/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

static int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a;
    int y = *(const int *)b;

    return (x > y) - (x < y);
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sorting(void)
{
    enum { MANY = 5000 };
    int *numbers = malloc(MANY * sizeof(*numbers));
    int wrong = 0;

    for (int i = 0; i < MANY; i++) {
        numbers[i] = (int)(next_random() % 1000);
    }
    int key = numbers[1234];

    qsort(numbers, MANY, sizeof(*numbers), compare_ints);
    for (int i = 1; i < MANY; i++) {
        wrong += numbers[i - 1] > numbers[i];
    }
    int *found = bsearch(&key, numbers, MANY, sizeof(*numbers), compare_ints);

    printf("sorting: %d wrong, found %d\n", wrong, found != NULL && *found == key);
    key = -1;
    claim("not found", bsearch(&key, numbers, MANY, sizeof(*numbers), compare_ints) == NULL);
    free(numbers);

    const char *words[] = {"pear", "apple", "fig", "kiwi", "date", "Banana", "cherry"};

    qsort(words, COUNT(words), sizeof(*words), compare_strings);
    for (size_t i = 0; i < COUNT(words); i++) {
        printf("%s ", words[i]);
    }
    printf("\n");
}

/* Allocations keep their bytes and do not overlap while others come and go. */
static void allocating(void)
{
    enum { SLOTS = 64, ROUNDS = 4000 };
    static struct {
        unsigned char *bytes;
        size_t size;
        unsigned char mark;
    } slots[SLOTS];
    int wrong = 0;

    for (int round = 0; round < ROUNDS; round++) {
        size_t s = next_random() % SLOTS;
        size_t size = next_random() % 3000;

        for (size_t i = 0; i < slots[s].size; i++) {
            wrong += slots[s].bytes[i] != slots[s].mark;
        }
        if (round % 3 == 0) {
            free(slots[s].bytes);
            slots[s].bytes = calloc(1, size + 1);
            for (size_t i = 0; i <= size; i++) {
                wrong += slots[s].bytes[i] != 0;
            }
        } else {
            slots[s].bytes = realloc(slots[s].bytes, size + 1);
        }
        wrong += slots[s].bytes == NULL || (uintptr_t)slots[s].bytes % 16 != 0;
        slots[s].size = size;
        slots[s].mark = (unsigned char)round;
        memset(slots[s].bytes, slots[s].mark, size);
    }
    for (size_t s = 0; s < SLOTS; s++) {
        free(slots[s].bytes);
    }
    printf("allocating: %d wrong\n", wrong);

    volatile size_t huge = SIZE_MAX / 2;

    errno = 0;
    claim("huge malloc refused", malloc(huge) == NULL && errno == ENOMEM);
    claim("overflowing calloc refused", calloc(huge, 4) == NULL);
    free(NULL);

    void *aligned = NULL;

    claim("aligned", posix_memalign(&aligned, 256, 100) == 0 && (uintptr_t)aligned % 256 == 0);
    free(aligned);
}

static jmp_buf place;

static int descend(int depth)
{
    if (depth < 0) {
        return 0; /* never: the compilers want to see an end */
    }
    volatile char stack[64];

    stack[depth & 63] = (char)depth;
    if (depth == 0) {
        longjmp(place, 42);
    }
    return descend(depth - 1) + stack[1];
}

static void jumping(void)
{
    volatile int passes = 0;
    volatile double kept = 1.5;
    int value = setjmp(place);

    passes++;
    if (value == 0) {
        kept = 2.5;
        descend(100);
    }
    printf("longjmp %d, passes %d, kept %g\n", value, passes, kept);
    value = setjmp(place);
    if (value == 0) {
        longjmp(place, 0); /* arrives as 1 */
    }
    printf("longjmp %d\n", value);
}

static volatile sig_atomic_t handled;

static void handler(int signal)
{
    handled = signal;
}

static void signals(void)
{
    signal(SIGUSR1, handler);
    claim("raise", raise(SIGUSR1) == 0 && handled == SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    claim("ignored", raise(SIGUSR1) == 0);
}

static void arithmetic(void)
{
    div_t d = div(-7, 2);
    ldiv_t l = ldiv(7, -2);
    lldiv_t ll = lldiv(LLONG_MIN, 10);

    printf("%d %d, %ld %ld, %lld %lld\n", d.quot, d.rem, l.quot, l.rem, ll.quot, ll.rem);
    printf("%d %ld %lld\n", abs(-5), labs(-6L), llabs(-7LL));

    srand(1);
    int first = rand();
    int second = rand();

    srand(1);
    claim("rand repeats", rand() == first && rand() == second && first != second);
    claim("rand in range", first >= 0 && first <= RAND_MAX);
}

static void environment(void)
{
    setenv("CONF_A", "one", 1);
    setenv("CONF_A", "two", 0);
    printf("%s\n", getenv("CONF_A"));
    setenv("CONF_A", "three", 1);
    printf("%s\n", getenv("CONF_A"));
    unsetenv("CONF_A");
    claim("unset", getenv("CONF_A") == NULL);
}

static void multibyte(void)
{
    wchar_t wide = 0;
    int length = mbtowc(&wide, "b", 1);

    printf("%d %d %d\n", mblen("a", 1), length, wide == L'b');
    printf("%d\n", MB_CUR_MAX >= 1);
}

static void first_exit(void)
{
    printf("first registered, last run\n");
}

static void second_exit(void)
{
    printf("second registered, run before\n");
}

void conf_stdlib(void)
{
    sorting();
    allocating();
    jumping();
    signals();
    arithmetic();
    environment();
    multibyte();
    assert(handled != 0);
    atexit(first_exit);
    atexit(second_exit);
}
