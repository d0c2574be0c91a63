/* SPDX-License-Identifier: MIT */
/* What core/libc keeps per thread, and its locks. One thread of execution plays several, by turns. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/lock.h>
#include <time.h>
#include <mudskipper/libc/backend.h>
#include "backend.h"

static int wrong;

static void claim_at(int holds, const char *text, int line)
{
    if (!holds) {
        unsigned before = test_thread;

        test_thread = 0;
        printf("line %d: not so: %s\n", line, text);
        test_thread = before;
        wrong++;
    }
}
#define CLAIM_TRUE(expression) claim_at(expression, #expression, __LINE__)

/* What the system does not know, or not always. */
static void backend_tells_date_and_words(void)
{
    CLAIM_TRUE(time(NULL) > 1700000000);
    CLAIM_TRUE(getenv("WORLD") && strcmp(getenv("WORLD"), "test") == 0);
}

static void errno_is_per_thread(void)
{
    for (test_thread = 0; test_thread < TEST_THREADS; test_thread++) {
        errno = 100 + (int)test_thread;
    }
    for (test_thread = 0; test_thread < TEST_THREADS; test_thread++) {
        CLAIM_TRUE(errno == 100 + (int)test_thread);
    }
    test_thread = 0;
}

static void hidden_state_is_per_thread(void)
{
    char first[] = "a b c";
    char second[] = "x y z";

    CLAIM_TRUE(strcmp(strtok(first, " "), "a") == 0);
    test_thread = 1;
    CLAIM_TRUE(strcmp(strtok(second, " "), "x") == 0);
    test_thread = 0;
    CLAIM_TRUE(strcmp(strtok(NULL, " "), "b") == 0);
    test_thread = 1;
    CLAIM_TRUE(strcmp(strtok(NULL, " "), "y") == 0);

    test_thread = 0;
    srand(5);
    int expected = rand();

    srand(5);
    test_thread = 1;
    srand(9);
    (void)rand();
    test_thread = 0;
    CLAIM_TRUE(rand() == expected);
}

static void streams_are_shared(void)
{
    char line[16];

    FILE *output = stdout;
    FILE *file = fopen("/test/lines", "r");

    test_thread = 2;
    CLAIM_TRUE(stdout == output);
    CLAIM_TRUE(fgets(line, 6, file) && strcmp(line, "first") == 0);
    test_thread = 0;
    CLAIM_TRUE(fclose(file) == 0);
}

static void locks_exclude(void)
{
    _LOCK_T lock;

    __retarget_lock_init_recursive(&lock);
    CLAIM_TRUE(__retarget_lock_try_acquire_recursive(lock));
    CLAIM_TRUE(__retarget_lock_try_acquire_recursive(lock)); /* again by the owner */
    test_thread = 1;
    CLAIM_TRUE(!__retarget_lock_try_acquire_recursive(lock));
    test_thread = 0;
    __retarget_lock_release_recursive(lock);
    test_thread = 1;
    CLAIM_TRUE(!__retarget_lock_try_acquire_recursive(lock)); /* released once, taken twice */
    test_thread = 0;
    __retarget_lock_release_recursive(lock);
    test_thread = 1;
    CLAIM_TRUE(__retarget_lock_try_acquire_recursive(lock));
    __retarget_lock_release_recursive(lock);
    test_thread = 0;
    __retarget_lock_close_recursive(lock);
}

static void a_stream_excludes(void)
{
    flockfile(stdout);
    test_thread = 3;
    CLAIM_TRUE(ftrylockfile(stdout) != 0);
    test_thread = 0;
    funlockfile(stdout);
    test_thread = 3;
    CLAIM_TRUE(ftrylockfile(stdout) == 0);
    funlockfile(stdout);
    test_thread = 0;
}

/* What a thread made newlib allocate goes back when the thread ends, and the next thread in its place starts
 * anew. */
static void ending_returns_memory(void)
{
    char text[64];
    void *mark = malloc(100);

    free(mark);
    for (int i = 0; i < 1000; i++) {
        test_thread = 3;
        void *memory = libc_backend_thread_memory();

        snprintf(text, sizeof(text), "%.300g", 1e300 / 3 + i); /* needs long integers, kept for the thread */
        errno = 5;
        test_thread_end(memory);
        memset(memory, 0, LIBC_THREAD_BYTES);
        CLAIM_TRUE(errno == 0);
        test_thread_end(memory);
        memset(memory, 0, LIBC_THREAD_BYTES);
    }
    test_thread = 0;
    void *again = malloc(100);

    CLAIM_TRUE((char *)again - (char *)mark < 100000 && (char *)mark - (char *)again < 100000);
    free(again);
}

int main(void)
{
    backend_tells_date_and_words();
    errno_is_per_thread();
    hidden_state_is_per_thread();
    streams_are_shared();
    locks_exclude();
    a_stream_excludes();
    ending_returns_memory();
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
