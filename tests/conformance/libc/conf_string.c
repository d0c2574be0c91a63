/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include "conf.h"

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void comparing(void)
{
    printf("%d %d %d %d\n", sign(strcmp("a", "b")), sign(strcmp("b", "a")), strcmp("a", "a"),
           sign(strcmp("a", "ab")));
    printf("%d %d %d\n", sign(strncmp("abc", "abd", 2)), sign(strncmp("abc", "abd", 3)),
           strncmp("x", "y", 0));
    printf("%d %d\n", sign(strcmp("\x7f", "\x80")), sign(memcmp("\x7f", "\x80", 1))); /* as unsigned char */
    printf("%d %d\n", memcmp("abc", "abd", 2),
           sign(memcmp("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyZ", 26)));
    printf("%d\n", sign(strcoll("a", "b")));
}

static void searching(void)
{
    static const char text[] = "abab and haystack";

    printf("%td %td %d %d\n", strchr(text, 'b') - text, strrchr(text, 'b') - text, strchr(text, 'z') == NULL,
           strchr(text, '\0') == text + strlen(text));
    printf("%td %td %d\n", strstr(text, "hay") - text, strstr(text, "") - text,
           strstr(text, "hays?") == NULL);
    printf("%zu %zu %td %d\n", strspn("aabbc", "ab"), strcspn("xyz1", "0123"), strpbrk(text, "yn") - text,
           strpbrk("abc", "xyz") == NULL);
    printf("%td %d\n", (const char *)memchr(text, 'h', sizeof(text)) - text, memchr(text, 'h', 3) == NULL);

    char list[] = "a,b;;c,";
    char *state;

    for (char *word = strtok(list, ",;"); word != NULL; word = strtok(NULL, ",;")) {
        printf("<%s>", word);
    }
    char again[] = " one  two ";

    for (char *word = strtok_r(again, " ", &state); word != NULL; word = strtok_r(NULL, " ", &state)) {
        printf("<%s>", word);
    }
    printf("\n");
}

static void copying(void)
{
    char buffer[32] = "0123456789";

    memmove(buffer + 2, buffer, 8);
    printf("%s\n", buffer);
    memmove(buffer, buffer + 2, 8);
    printf("%s\n", buffer);
    memset(buffer, 'x', sizeof(buffer));
    strncpy(buffer, "ab", 5);
    printf("%d %d %c\n", buffer[2], buffer[4], buffer[5]); /* padded with NUL, not further */
    strcpy(buffer, "abc");
    strcat(buffer, "def");
    strncat(buffer, "ghijkl", 2);
    printf("%s %zu %zu\n", buffer, strlen(buffer), strnlen(buffer, 3));
    char *copy = strdup("copied");
    printf("%s\n", copy);
    free(copy);
    printf("%zu\n", strxfrm(NULL, "abc", 0));
}

/* Every length up to some vectors, every alignment, overlapping both ways, against loops over bytes. */
static void moving(void)
{
    enum { SIZE = 1024, LENGTHS = 300, SKEWS = 20 };
    static unsigned char moved[SIZE];
    static unsigned char expected[SIZE];
    int wrong = 0;

    for (size_t n = 0; n < LENGTHS; n++) {
        for (size_t skew = 0; skew < SKEWS; skew++) {
            size_t from = 200 + next_random() % SKEWS;
            size_t to = 200 + skew;

            for (size_t i = 0; i < SIZE; i++) {
                moved[i] = expected[i] = (unsigned char)next_random();
            }
            memmove(moved + to, moved + from, n);
            unsigned char between[LENGTHS];
            for (size_t i = 0; i < n; i++) {
                between[i] = expected[from + i];
            }
            for (size_t i = 0; i < n; i++) {
                expected[to + i] = between[i];
            }
            memcpy(moved + 600 + skew, moved + from, n);
            for (size_t i = 0; i < n; i++) {
                expected[600 + skew + i] = expected[from + i];
            }
            memset(moved + skew, (int)n, n / 2);
            for (size_t i = 0; i < n / 2; i++) {
                expected[skew + i] = (unsigned char)n;
            }
            for (size_t i = 0; i < SIZE; i++) {
                wrong += moved[i] != expected[i];
            }
            wrong += memcmp(moved, expected, SIZE) != 0;
            expected[skew + n] ^= 1;
            wrong += sign(memcmp(moved + skew, expected + skew, n + 1)) != (moved[skew + n] & 1 ? 1 : -1);
            wrong += memcmp(moved + skew, expected + skew, n) != 0;
        }
    }
    printf("moving memory: %d wrong\n", wrong);
}

static void lengths(void)
{
    static char text[400];
    int wrong = 0;

    for (size_t skew = 0; skew < 17; skew++) {
        for (size_t n = 0; n < 100; n++) {
            memset(text, 0, sizeof(text));
            memset(text + skew, 'a', n);
            wrong += strlen(text + skew) != n || strchr(text + skew, '\0') != text + skew + n;
            wrong += memchr(text + skew, 0, sizeof(text) - skew) != text + skew + n;
            char copy[128];
            wrong += strcmp(strcpy(copy, text + skew), text + skew) != 0 || strlen(copy) != n;
        }
    }
    printf("lengths: %d wrong\n", wrong);
}

static void characters(void)
{
    static int (*const classes[])(int) = {isalpha, isdigit, isspace, ispunct, isxdigit, iscntrl,
                                          isprint, isgraph, isupper, islower, isalnum,  isblank};
    uint64_t hash = HASH_START;

    for (int c = -1; c < 256; c++) { /* EOF is -1 */
        for (size_t i = 0; i < COUNT(classes); i++) {
            unsigned char member = classes[i](c) != 0;

            hash = hash_bytes(hash, &member, 1);
        }
        int cases[2] = {toupper(c), tolower(c)};

        hash = hash_bytes(hash, cases, sizeof(cases));
    }
    printf("character classes %016" PRIx64 "\n", hash);
}

static void wide(void)
{
    wchar_t text[16] = L"abc";
    char narrow[16];

    wcscat(text, L"def");
    printf("%zu %d %d\n", wcslen(text), sign(wcscmp(text, L"abd")), wcschr(text, L'd') == text + 3);
    size_t count = wcstombs(narrow, text, sizeof(narrow));

    printf("%zu %s\n", count, narrow);
    count = mbstowcs(text, "xyz", 16);
    printf("%zu %d\n", count, text[2] == L'z');
    printf("%d %d %ld\n", iswalpha(L'a') != 0, (int)towupper(L'b'), wcstol(L"42", NULL, 10));
}

void conf_string(void)
{
    comparing();
    searching();
    copying();
    moving();
    lengths();
    characters();
    wide();
}
