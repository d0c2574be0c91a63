/* SPDX-License-Identifier: MIT */
/* Descriptors and files of core/libc: run over the test's backend, and in the system (libc-descriptors). Both
 * have a file of 48 bytes, tests/conformance/libc/lines.txt. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int wrong;

static void claim_at(int holds, const char *text, int line)
{
    if (!holds) {
        printf("line %d: not so: %s (errno %d)\n", line, text, errno);
        wrong++;
    }
    errno = 0;
}
#define CLAIM_TRUE(expression)   claim_at(expression, #expression, __LINE__)
#define CLAIM_FAILS(call, error) claim_at((call) == -1 && errno == (error), #call, __LINE__)

static void reading(void)
{
    char bytes[64];
    int file = open("/test/lines", O_RDONLY);

    CLAIM_TRUE(file == 3);
    CLAIM_TRUE(read(file, bytes, 5) == 5 && memcmp(bytes, "first", 5) == 0);
    CLAIM_TRUE(lseek(file, 0, SEEK_CUR) == 5);
    CLAIM_TRUE(lseek(file, -3, SEEK_END) == 45);
    CLAIM_TRUE(read(file, bytes, 64) == 3 && memcmp(bytes, "end", 3) == 0);
    CLAIM_TRUE(read(file, bytes, 64) == 0);
    CLAIM_TRUE(lseek(file, 100, SEEK_SET) == 100);
    CLAIM_TRUE(read(file, bytes, 64) == 0);
    CLAIM_FAILS(lseek(file, -101, SEEK_CUR), EINVAL);
    CLAIM_FAILS(lseek(file, 0, 17), EINVAL);
    CLAIM_FAILS(lseek(file, __LONG_MAX__, SEEK_CUR), EOVERFLOW);
    CLAIM_TRUE(lseek(file, 0, SEEK_CUR) == 100);
    CLAIM_FAILS(write(file, "x", 1), EBADF);
    CLAIM_TRUE(write(file, "x", 0) == 0);
    CLAIM_TRUE(fcntl(file, F_GETFL, 0) == O_RDONLY);
    CLAIM_TRUE(!isatty(file) && errno == ENOTTY);
    CLAIM_TRUE(close(file) == 0);
    CLAIM_FAILS(close(file), EBADF);
    CLAIM_FAILS(read(file, bytes, 1), EBADF);
    CLAIM_FAILS(lseek(file, 0, SEEK_SET), EBADF);
}

static void refusing(void)
{
    CLAIM_FAILS(open("/no/such/file", O_RDONLY), ENOENT);
    CLAIM_FAILS(open("/no/such/file", O_WRONLY), ENOENT);
    CLAIM_FAILS(open("/no/such/file", O_WRONLY | O_CREAT, 0666), EROFS);
    CLAIM_FAILS(open("/test/lines", O_WRONLY), EROFS);
    CLAIM_FAILS(open("/test/lines", O_RDWR), EROFS);
    CLAIM_FAILS(open("/test/lines", O_RDONLY | O_TRUNC), EROFS);
    CLAIM_FAILS(open("/test/lines", O_RDONLY | O_CREAT | O_EXCL, 0666), EEXIST);
    CLAIM_FAILS(unlink("/test/lines"), EROFS);
    CLAIM_FAILS(unlink("/no/such/file"), ENOENT);
    CLAIM_FAILS(rename("/test/lines", "/test/other"), EROFS);
    CLAIM_FAILS(mkdir("/test/folder", 0777), EROFS);
    CLAIM_FAILS(read(-1, NULL, 1), EBADF);
    CLAIM_FAILS(read(1, NULL, 1), EBADF);
    CLAIM_FAILS(write(0, "", 1), EBADF);
    CLAIM_FAILS(lseek(1, 0, SEEK_SET), ESPIPE);
    CLAIM_FAILS(fcntl(1, 999, 0), EINVAL);
    CLAIM_FAILS(kill(getpid() + 1, 0), ESRCH);
    CLAIM_TRUE(kill(getpid(), 0) == 0);
    CLAIM_FAILS(wait(NULL), ECHILD);
}

static void looking(void)
{
    struct stat stat_of;

    CLAIM_TRUE(stat("/test/lines", &stat_of) == 0 && S_ISREG(stat_of.st_mode) && stat_of.st_size == 48);
    CLAIM_FAILS(stat("/no/such/file", &stat_of), ENOENT);
    CLAIM_TRUE(fstat(1, &stat_of) == 0 && S_ISCHR(stat_of.st_mode));
    CLAIM_FAILS(fstat(99, &stat_of), EBADF);
    CLAIM_TRUE(access("/test/lines", R_OK) == 0);
    CLAIM_FAILS(access("/test/lines", W_OK), EROFS);
    CLAIM_FAILS(access("/test/lines", X_OK), EACCES);
    CLAIM_FAILS(access("/no/such/file", F_OK), ENOENT);
}

static void duplicating(void)
{
    char bytes[8];
    int file = open("/test/lines", O_RDONLY);
    int copy = dup(file);

    CLAIM_TRUE(file == 3 && copy == 4);
    CLAIM_TRUE(read(file, bytes, 6) == 6);
    CLAIM_TRUE(read(copy, bytes, 4) == 4 && memcmp(bytes, "line", 4) == 0); /* one position */
    CLAIM_TRUE(close(file) == 0);
    CLAIM_TRUE(lseek(copy, 0, SEEK_CUR) == 10);
    CLAIM_TRUE(fcntl(copy, F_DUPFD, 100) == 100); /* the table grows */
    CLAIM_TRUE(fcntl(copy, F_DUPFD, 100) == 101);
    CLAIM_FAILS(fcntl(copy, F_DUPFD, -1), EINVAL);
    CLAIM_TRUE(dup2(copy, copy) == copy);
    CLAIM_TRUE(dup2(copy, 50) == 50);
    CLAIM_TRUE(dup2(1, 50) == 50); /* closes what was there */
    CLAIM_TRUE(write(50, "", 0) == 0 && lseek(50, 0, SEEK_SET) == -1 && errno == ESPIPE);
    CLAIM_FAILS(dup(-1), EBADF);
    CLAIM_FAILS(dup2(copy, -1), EBADF);
    CLAIM_FAILS(dup2(77, 5), EBADF);
    CLAIM_TRUE(close(100) == 0 && close(101) == 0 && close(50) == 0 && close(copy) == 0);
    CLAIM_TRUE(open("/test/lines", O_RDONLY) == 3); /* the lowest free one */
    CLAIM_TRUE(close(3) == 0);
}

static void streams(void)
{
    char line[64];
    FILE *file = fopen("/test/lines", "r");

    CLAIM_TRUE(file != NULL);
    CLAIM_TRUE(fgets(line, sizeof(line), file) && strcmp(line, "first line\n") == 0);
    CLAIM_TRUE(fseek(file, -7, SEEK_END) == 0 && fgets(line, sizeof(line), file) &&
               strcmp(line, " an end") == 0);
    CLAIM_TRUE(fclose(file) == 0);
    CLAIM_TRUE(fopen("/test/lines", "r+") == NULL && errno == EROFS);
    for (int i = 0; i < 200; i++) { /* nothing is kept */
        file = fopen("/test/lines", "r");
        CLAIM_TRUE(file != NULL && fileno(file) == 3 && getc(file) == 'f' && fclose(file) == 0);
    }
}

static void time_and_environment(void)
{
    struct timespec before;
    struct timespec after;
    struct timespec delay = {.tv_nsec = 1000000};
    struct timespec broken = {.tv_nsec = 1000000000};
    struct tms times_of;

    CLAIM_TRUE(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
    CLAIM_TRUE(nanosleep(&delay, NULL) == 0);
    CLAIM_TRUE(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
    CLAIM_TRUE((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 1000000);
    CLAIM_FAILS(nanosleep(&broken, NULL), EINVAL);
    CLAIM_FAILS(clock_gettime(99, &after), EINVAL);
    CLAIM_TRUE(usleep(1) == 0 && sleep(0) == 0);
    CLAIM_TRUE(time(NULL) != (time_t)-1);
    CLAIM_TRUE(times(&times_of) != (clock_t)-1);
    CLAIM_TRUE(getenv("NO_SUCH_WORD") == NULL);
    CLAIM_TRUE(sysconf(_SC_PAGESIZE) == 4096);
    CLAIM_FAILS(sysconf(-5), EINVAL);
}

int main(int argc, char **argv)
{
    CLAIM_TRUE(argc == 3 && strcmp(argv[1], "one") == 0 && strcmp(argv[2], "two words") == 0 &&
               argv[3] == NULL);
    argv[1][0] = 'O'; /* arguments may be written */
    reading();
    refusing();
    looking();
    duplicating();
    streams();
    time_and_environment();
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
