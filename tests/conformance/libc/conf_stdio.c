/* SPDX-License-Identifier: MIT */
/* Streams that every world has: standard output, memory, and files that are not there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

static void reading(void)
{
    char bytes[] = "first line\nsecond line\nthird line without an end";
    char line[64];
    FILE *file = fmemopen(bytes, sizeof(bytes) - 1, "r");

    if (file == NULL) {
        printf("no stream\n");
        return;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        printf("got %s%s", line, strchr(line, '\n') ? "" : "<end>\n");
    }
    printf("eof %d error %d at %ld\n", feof(file) != 0, ferror(file) != 0, ftell(file));
    rewind(file);

    int first = getc(file);

    ungetc('F', file);
    int again = getc(file);

    printf("%c %c eof %d\n", first, again, feof(file) != 0);
    fseek(file, 11, SEEK_SET);
    printf("%d %s", fscanf(file, "%63s", line), line);
    printf(" at %ld\n", ftell(file));
    fseek(file, -3, SEEK_CUR);
    printf("%zu %.5s\n", fread(line, 1, 5, file), line);
    claim("closed", fclose(file) == 0);
}

static void writing(void)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);

    if (file == NULL) {
        printf("no stream\n");
        return;
    }
    fprintf(file, "%d %s\n", 1, "one");
    fputs("two\n", file);
    fputc('3', file);
    fwrite("abcdef", 2, 3, file);
    fclose(file);
    printf("%zu %s\n", size, bytes);
    free(bytes);
}

static void buffering(void)
{
    static char buffer[256];
    char bytes[64] = "";
    FILE *file = fmemopen(bytes, sizeof(bytes), "w");

    setvbuf(file, buffer, _IOFBF, sizeof(buffer));
    fputs("held back", file);
    printf("[%s]", bytes);
    fflush(file);
    printf("[%s]\n", bytes);
    fclose(file);
}

static void missing(void)
{
    errno = 0;
    claim("missing file", fopen("/nonexistent/file", "r") == NULL && errno == ENOENT);
    errno = 0;
    claim("bad mode", fopen("/nonexistent/file", "z") == NULL && errno == EINVAL);
    claim("remove fails", remove("/nonexistent/file") != 0);
}

static void output(void)
{
    claim("puts", puts("text") >= 0);
    claim("putchar", putchar('x') == 'x');
    printf("%d\n", printf("%s\n", "counted"));
    fwrite("ab\ncd\n", 1, 6, stdout);
    fputc('y', stdout);
    putc('\n', stdout);
    claim("flush", fflush(stdout) == 0);
    /* More than any buffer. */
    for (int i = 0; i < 100; i++) {
        printf("%03d %.60s\n", i, "the quick brown fox jumps over the lazy dog, again and again and again");
    }
}

void conf_stdio(void)
{
    reading();
    writing();
    buffering();
    missing();
    output();
}
