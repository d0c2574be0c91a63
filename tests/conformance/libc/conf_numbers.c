/* SPDX-License-Identifier: MIT */
/* Text to numbers: strtod, strtol and kin, sscanf. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

static void to_floats(void)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "1.",
        ".5",
        "+.5",
        ".",
        "+",
        "",
        "   12.5",
        "-12.5e2xyz",
        "1e",
        "1e+",
        "1e5",
        "1E-5",
        "1e400",
        "-1e400",
        "1e-400",
        "nan",
        "NAN(123)",
        "inf",
        "INFINITY",
        "infinit",
        "0x1.8p3",
        "0x",
        "0x.8",
        "0xA.Bp-2",
        "0x1p1025",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "9007199254740993",
        "9007199254740992.5",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "123456789012345678901234567890",
        "0.000000000000000000000000000000000000000000000000001",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        char *end;

        errno = 0;
        double value = strtod(texts[i], &end);
        int range = errno == ERANGE;

        printf("%.40s -> %.17g, %d used, %s\n", texts[i], fabs(value), (int)(end - texts[i]),
               range ? "out of range" : "in range");
        printf("   sign %d, float %.9g, atof %.17g\n", !isnan(value) && signbit(value) != 0,
               (double)fabsf(strtof(texts[i], NULL)), fabs(atof(texts[i])));
    }
}

static void to_integers(void)
{
    static const char *const texts[] = {
        "0",
        "123",
        "-123",
        "+9",
        "  42abc",
        "0777",
        "0x7f",
        "-0x7f",
        "0x",
        "0xg",
        "08",
        "zz",
        "ZZ",
        "",
        "-",
        " ",
        "2147483647",
        "2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999",
    };
    static const int bases[] = {0, 2, 8, 10, 16, 36};

    for (size_t i = 0; i < COUNT(texts); i++) {
        for (size_t b = 0; b < COUNT(bases); b++) {
            char *end;

            errno = 0;
            long value = strtol(texts[i], &end, bases[b]);

            printf("%s in %d: %ld %d %d", texts[i], bases[b], value, (int)(end - texts[i]), errno == ERANGE);
            errno = 0;
            unsigned long natural = strtoul(texts[i], &end, bases[b]);

            printf(", %lu %d\n", natural, errno == ERANGE);
        }
    }
    printf("%d %ld %lld\n", atoi(" 77x"), atol("-5 6"), atoll("8589934592"));
    printf("%" PRIdMAX " %" PRIuMAX "\n", strtoimax("-12", NULL, 10), strtoumax("12", NULL, 10));
}

static void scanning(void)
{
    int a = 0;
    int b = 0;
    int used = -1;
    double d = 0;
    char word[20] = "";
    char other[20] = "";
    char c = '-';

    int got = sscanf("12 0x1f 3.5e2 word", "%d %i %lf %19s", &a, &b, &d, word);

    printf("%d: %d %d %g %s\n", got, a, b, d, word);
    got = sscanf("k=abc;v=7", "k=%[a-z];v=%d%n", word, &a, &used);
    printf("%d: %s %d %d\n", got, word, a, used);
    got = sscanf("ab]c-d e", "%[]a-c]%c%[^ ]", word, &c, other);
    printf("%d: %s %c %s\n", got, word, c, other);
    got = sscanf("  x", " %c%n", &c, &used);
    printf("%d: %c %d\n", got, c, used);
    got = sscanf("123456", "%3d%*2d%d", &a, &b);
    printf("%d: %d %d\n", got, a, b);
    got = sscanf("", "%d", &a);
    printf("%d\n", got);
    got = sscanf("x", "%d", &a);
    printf("%d\n", got);
    got = sscanf("5%", "%d%%%n", &a, &used);
    printf("%d: %d %d\n", got, a, used);

    signed char tiny = 0;
    short small = 0;
    long long large = 0;
    size_t size = 0;

    got = sscanf("-7 300 -8589934592 17", "%hhd %hd %lld %zu", &tiny, &small, &large, &size);
    printf("%d: %d %d %lld %zu\n", got, tiny, small, large, size);

    float f = 0;
    double e = 0;

    got = sscanf("1 two", "%2$d %1$s", word, &a);
    printf("%d: %d %s\n", got, a, word);
    got = sscanf("1e3 .5 inf", "%f %lf %lf", &f, &d, &e);
    printf("%d: %g %g %g\n", got, (double)f, d, e);
}

void conf_numbers(void)
{
    to_floats();
    to_integers();
    scanning();
}
