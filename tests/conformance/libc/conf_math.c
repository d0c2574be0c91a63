/* SPDX-License-Identifier: MIT */
#include <complex.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "conf.h"

/* Functions that libraries round alike to 12 digits, and whose results are the same bits in both worlds. */
static const struct {
    const char *name;
    double (*function)(double);
} unary[] = {
    {"sin", sin},
    {"cos", cos},
    {"tan", tan},
    {"asin", asin},
    {"acos", acos},
    {"atan", atan},
    {"sinh", sinh},
    {"cosh", cosh},
    {"tanh", tanh},
    {"asinh", asinh},
    {"acosh", acosh},
    {"atanh", atanh},
    {"exp", exp},
    {"exp2", exp2},
    {"expm1", expm1},
    {"log", log},
    {"log2", log2},
    {"log10", log10},
    {"log1p", log1p},
    {"sqrt", sqrt},
    {"cbrt", cbrt},
    {"erf", erf},
    {"erfc", erfc},
    {"tgamma", tgamma},
    {"lgamma", lgamma},
    {"floor", floor},
    {"ceil", ceil},
    {"trunc", trunc},
    {"round", round},
    {"rint", rint},
    {"nearbyint", nearbyint},
    {"logb", logb},
};

static const struct {
    const char *name;
    double (*function)(double, double);
} binary[] = {
    {"pow", pow},   {"atan2", atan2}, {"fmod", fmod}, {"remainder", remainder}, {"hypot", hypot},
    {"fmax", fmax}, {"fmin", fmin},   {"fdim", fdim}, {"copysign", copysign},   {"nextafter", nextafter},
};

static const double arguments[] = {0.1, 0.5, 0.9, 1.0, 1.5, 2.5, -0.7, -1.0, 3.25, 10.0, 100.25};

/* A NaN has no sign worth printing. */
static void print_value(double value)
{
    if (isnan(value)) {
        printf(" nan");
    } else {
        printf(" %.12g", value);
    }
}

static void tables(void)
{
    for (size_t f = 0; f < COUNT(unary); f++) {
        printf("%s:", unary[f].name);
        for (size_t i = 0; i < COUNT(arguments); i++) {
            print_value(unary[f].function(arguments[i]));
        }
        printf("\n");
    }
    for (size_t f = 0; f < COUNT(binary); f++) {
        printf("%s:", binary[f].name);
        for (size_t i = 0; i + 1 < COUNT(arguments); i++) {
            print_value(binary[f].function(arguments[i], arguments[i + 1]));
        }
        printf("\n");
    }
}

static uint64_t hash_double(uint64_t hash, double value)
{
    uint64_t bits;

    if (isnan(value)) {
        return hash_string(hash, "nan");
    }
    memcpy(&bits, &value, sizeof(bits));
    return hash_bytes(hash, &bits, sizeof(bits));
}

/* Uniform in (-range, range). */
static double random_double(double range)
{
    return ((double)(next_random() >> 11) / 4503599627370496.0 - 1.0) * range;
}

/* To the last bit. These lines show that the two worlds agree; glibc's results differ in the last place. */
static void exact_results(void)
{
    for (size_t f = 0; f < COUNT(unary); f++) {
        uint64_t hash = HASH_START;

        for (int i = 0; i < 2000; i++) {
            hash = hash_double(hash, unary[f].function(random_double(i % 2 ? 1.0 : 50.0)));
        }
        printf("exact %s %016" PRIx64 "\n", unary[f].name, hash);
    }
    for (size_t f = 0; f < COUNT(binary); f++) {
        uint64_t hash = HASH_START;

        for (int i = 0; i < 2000; i++) {
            double x = random_double(20.0);
            double y = random_double(20.0);

            hash = hash_double(hash, binary[f].function(x, y));
        }
        printf("exact %s %016" PRIx64 "\n", binary[f].name, hash);
    }
}

static void exact_floats(void)
{
    uint64_t hash = HASH_START;

    for (int i = 0; i < 4000; i++) {
        float x = (float)random_double(20.0);
        float values[] = {sinf(x),         cosf(x),        expf(x / 4),  logf(fabsf(x)), powf(fabsf(x), 1.7f),
                          sqrtf(fabsf(x)), tanf(x),        atan2f(x, 3), fmodf(x, 0.3f), hypotf(x, 2),
                          roundf(x),       x * 3.0f + 1.0f};

        for (size_t v = 0; v < COUNT(values); v++) {
            hash = hash_double(hash, (double)values[v]);
        }
    }
    printf("exact floats %016" PRIx64 "\n", hash);
}

/* No operation is fused or kept in more precision than its type says. */
static void plain_arithmetic(void)
{
    uint64_t hash = HASH_START;
    double sum = 0;

    for (int i = 0; i < 20000; i++) {
        double a = random_double(1e3);
        double b = random_double(1e-3);
        double c = random_double(1.0);

        sum = sum * 0.999 + a * b;
        hash = hash_double(hash, a * b + c);
        hash = hash_double(hash, a / b - c);
        hash = hash_double(hash, (double)(float)(a * c) + sum);
        hash = hash_double(hash, (double)((float)a * (float)b + (float)c));
        hash = hash_double(hash, fma(a, b, c));
    }
    printf("arithmetic %016" PRIx64 " %.17g\n", hash, sum);
}

static void parts(void)
{
    for (size_t i = 0; i < COUNT(arguments); i++) {
        double x = arguments[i];
        int exponent;
        double whole;
        double mantissa = frexp(x, &exponent);
        double fraction = modf(x, &whole);
        int quotient;
        double rest = remquo(x, 0.3, &quotient);

        printf("%g %d %.12g %g %.12g %d %ld %ld %lld %g %d\n", mantissa, exponent, fraction, whole, rest,
               quotient & 7, lrint(x), lround(x), llround(x), ldexp(x, 5), ilogb(x));
    }
    printf("%g %g %g\n", scalbn(1.5, 10), scalbn(1.0, -1074), scalbn(1.0, 2000));
    printf("%g %g\n", round(-2.5), rint(2.5));
}

static void classes(void)
{
    const double values[] = {0.0, 1.0, INFINITY, NAN, 5e-324, DBL_MAX};

    for (size_t i = 0; i < COUNT(values); i++) {
        double x = values[i];

        printf("%d %d %d %d %d %d%d%d%d%d\n", isfinite(x) != 0, isinf(x) != 0, isnan(x) != 0,
               isnormal(x) != 0, signbit(-fabs(x)) != 0 || isnan(x), fpclassify(x) == FP_ZERO,
               fpclassify(x) == FP_SUBNORMAL, fpclassify(x) == FP_NORMAL, fpclassify(x) == FP_INFINITE,
               fpclassify(x) == FP_NAN);
    }
    claim("unordered", isunordered(NAN, 1.0) && !isless(NAN, 1.0) && isgreater(2.0, 1.0));
}

static void errors(void)
{
    volatile double zero = 0;

    errno = 0;
    claim("sqrt(-1) is NaN, EDOM", isnan(sqrt(zero - 1)) && errno == EDOM);
    errno = 0;
    claim("log(0) is -inf, ERANGE", log(zero) == -INFINITY && errno == ERANGE);
    errno = 0;
    claim("exp(1000) is inf, ERANGE", exp(zero + 1000) == INFINITY && errno == ERANGE);
    errno = 0;
    claim("pow(-1, 0.5) is NaN, EDOM", isnan(pow(zero - 1, 0.5)) && errno == EDOM);
    claim("pow(x, 0) is 1", pow(NAN, zero) == 1);
    claim("1/-0 is -inf", 1 / copysign(zero, -1.0) == -INFINITY);
}

static void complex_numbers(void)
{
    double complex z = 3 + 4 * I;
    double complex w = csqrt(-1 + 0 * I);
    double complex e = cexp(I * 3.14159265358979323846);

    printf("%.12g %.12g %.12g\n", cabs(z), carg(z), creal(conj(z) * z));
    printf("%.12g %.12g, %.12g\n", fabs(creal(w)), cimag(w), creal(e));
    z = (1 + 2 * I) / (3 - I);
    printf("%.12g %.12g\n", creal(z), cimag(z));
}

void conf_math(void)
{
    tables();
    exact_results();
    exact_floats();
    plain_arithmetic();
    parts();
    classes();
    errors();
    complex_numbers();
}
