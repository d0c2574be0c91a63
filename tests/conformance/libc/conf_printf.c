/* SPDX-License-Identifier: MIT */
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include "conf.h"

/* The compiler would warn about what is tested: flags that cancel each other, values that do not fit. */
#pragma GCC diagnostic ignored "-Wformat"

static void integers(void)
{
    static const char *const formats[] = {"%d",   "%i",    "%5d",    "%-5d|", "%05d",    "%+d",
                                          "% d",  "%+ d",  "%.3d",   "%8.3d", "%-8.3d|", "%08.3d",
                                          "%.0d", "%+.0d", "%-05d|", "%1d"};
    static const char *const bases[] = {"%u",  "%x",   "%X",    "%o",    "%#x", "%#X",
                                        "%#o", "%08x", "%#08x", "%#.4o", "%.0x"};
    static const int values[] = {0, 1, -1, 7, -42, 123456, INT_MAX, INT_MIN};

    for (size_t v = 0; v < COUNT(values); v++) {
        for (size_t f = 0; f < COUNT(formats); f++) {
            show(formats[f], values[v]);
        }
        for (size_t b = 0; b < COUNT(bases); b++) {
            show(bases[b], (unsigned)values[v]);
        }
    }
    show("%hhd %hhu %hd %hu", 300, 300, 70000, 70000);
    show("%ld %lu %lx", LONG_MIN, ULONG_MAX, LONG_MAX);
    show("%lld %llu %llo", LLONG_MIN, ULLONG_MAX, LLONG_MAX);
    show("%zu %zd %td %jd %ju", SIZE_MAX, (size_t)7, (ptrdiff_t)-5, INTMAX_MIN, UINTMAX_MAX);
    show("%" PRId8 " %" PRIu16 " %" PRIx32 " %" PRIo64, (int8_t)-8, (uint16_t)65535, (uint32_t)0xdeadbeef,
         (uint64_t)8);
    show("[%*d] [%-*d] [%*d] [%.*d] [%.*d]", 6, 1, 6, 1, -6, 1, 4, 1, -1, 1);
}

static void strings(void)
{
    show("%s|%10s|%-10s|%.2s|%10.2s|%-10.2s|%.0s|", "abc", "abc", "abc", "abc", "abc", "abc", "abc");
    show("%c%3c%-3c|%%|", 'x', 'y', 'z');
    show("%2$s %1$d %2$.1s %3$*4$d", 7, "second", 5, 3);
    show("%.*s|%*s|%-*s|", 3, "abcdef", 5, "ab", 5, "ab");
    show("%.3s", (const char[]){'a', 'b', 'c'}); /* no terminator: the precision bounds it */
    show("%ls|%.2ls|%lc|", L"wide", L"wide", (wint_t)L'w');
    show("%s", "");

    char small[4];
    volatile size_t room = sizeof(small); /* or gcc foresees the truncation */
    int length = snprintf(small, room, "%d", 123456);

    show("%d %s", length, small);
    length = snprintf(NULL, 0, "%0200d", 1);
    show("%d", length);

    int before = -1;
    long after = -1;

    show("abc%ndef%ln", &before, &after);
    show("%d %ld", before, after);
}

static void floats(void)
{
    static const char *const formats[] = {"%f",    "%e",    "%g",      "%E",       "%G",      "%.0f",
                                          "%.1f",  "%.10f", "%.17g",   "%.15g",    "%.3e",    "%+.2e",
                                          "%#.0f", "%#g",   "%12.4f|", "%-12.4f|", "%012.4f", "%+012.3e",
                                          "% .3g", "%.0e",  "%#.0e",   "%.40f",    "%20.10g|"};
    const double values[] = {0.0,
                             -0.0,
                             1.0,
                             0.1,
                             1.0 / 3,
                             1e10,
                             1e-10,
                             123456789.123456789,
                             DBL_MAX,
                             DBL_MIN,
                             5e-324,
                             1e22,
                             1e23,
                             0.5,
                             1.5,
                             2.5,
                             9.995,
                             1234567.5,
                             0.0001,
                             0.00001,
                             999999.5,
                             9999995.0,
                             0.125,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             4503599627370496.5};

    for (size_t v = 0; v < COUNT(values); v++) {
        for (size_t f = 0; f < COUNT(formats); f++) {
            show(formats[f], values[v]);
        }
    }
    show("%.400f", 1e-300);
    show("%.60f", 0.1);
    show("%.1f %.0f %.3f", DBL_MAX, DBL_MAX, -DBL_MAX);
    show("%Lf %.10Lg %Le", 1.25L, 0.75L, 3.0L);
}

static void hexadecimal_floats(void)
{
    const double values[] = {0.0, 1.0, -1.0, 0.1, 1e10, 1e-10, DBL_MAX, DBL_MIN, 0.5, 1.5, 255.0, INFINITY};

    for (size_t v = 0; v < COUNT(values); v++) {
        show("%a %A %.0a %.3a %+.13a %20a|%-20a|", values[v], values[v], values[v], values[v], values[v],
             values[v], values[v]);
    }
    show("%a %.2a", 5e-324, 5e-324); /* subnormal */
}

/* Many values: what is printed reads back as the same value, and the digits are those of every other library.
 */
static void round_trips(void)
{
    uint64_t hash = HASH_START;
    int wrong = 0;
    char text[64];

    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random();
        double value;
        double back;

        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value)) {
            continue;
        }
        snprintf(text, sizeof(text), "%.17g", value);
        hash = hash_string(hash, text);
        wrong += sscanf(text, "%lf", &back) != 1 || memcmp(&back, &value, sizeof(value)) != 0;
        snprintf(text, sizeof(text), "%.12e", value);
        hash = hash_string(hash, text);
        snprintf(text, sizeof(text), "%.9g", (double)(float)(int64_t)bits);
        hash = hash_string(hash, text);
        snprintf(text, sizeof(text), "%.3f", (double)(int32_t)bits / 1000.0);
        hash = hash_string(hash, text);
    }
    printf("round trips: %d wrong, hash %016" PRIx64 "\n", wrong, hash);
}

void conf_printf(void)
{
    integers();
    strings();
    floats();
    hexadecimal_floats();
    round_trips();
}
