/* SPDX-License-Identifier: MIT */
/* A program as it stands in any book on C: reads lines from its standard input, or from files of the boot
 * archive that are named as arguments, and prints them sorted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **lines;
static size_t count;
static size_t room;

static void out_of_memory(void)
{
    fprintf(stderr, "sort-lines: out of memory after %zu lines\n", count);
    exit(EXIT_FAILURE);
}

static void keep(const char *line)
{
    if (count == room) {
        room = room > 0 ? 2 * room : 16;
        lines = realloc(lines, room * sizeof(*lines));
        if (lines == NULL) {
            out_of_memory();
        }
    }
    lines[count] = strdup(line);
    if (lines[count] == NULL) {
        out_of_memory();
    }
    count++;
}

static void read_all(FILE *from)
{
    char line[1024];

    while (fgets(line, sizeof(line), from) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        keep(line);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print(void)
{
    size_t bytes = 0;

    qsort(lines, count, sizeof(*lines), by_text);
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", lines[i]);
        bytes += strlen(lines[i]);
        free(lines[i]);
    }
    printf("%zu lines, %.2f bytes each\n", count, count > 0 ? (double)bytes / (double)count : 0.0);
    free(lines);
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        printf("sort-lines: type lines, end with Ctrl-D\n");
        read_all(stdin);
    }
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");

        if (file == NULL) {
            fprintf(stderr, "sort-lines: %s: %s\n", argv[i], strerror(errno));
            return EXIT_FAILURE;
        }
        read_all(file);
        fclose(file);
    }
    print();
    return EXIT_SUCCESS;
}
