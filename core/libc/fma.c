/* SPDX-License-Identifier: MIT */
/* fma and fmaf where no instruction does them: newlib's round twice. The exact sum is built in 128 bits and
 * rounded once, as the current rounding mode says.
 *
 *    bit 127 126 125                                                  0
 *         0   c  |------------- product or addend -------------|x x x s|
 *             carry                                        shifted out: "jammed" into the last bit
 *
 * Both have their leading one at bit 124 or 125. When bits are shifted out, the operands' exponents differ so
 * much that the difference keeps more than a hundred leading bits, so a last bit that only says "something
 * follows" rounds right. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 wide;

enum { LEADING = 125 };

struct format {
    int bits;    /* of the significand */
    int lowest;  /* exponent of the last bit of a subnormal number */
    int highest; /* exponent of the first bit of the largest number */
};

static const struct format double_format = {DBL_MANT_DIG, DBL_MIN_EXP - DBL_MANT_DIG, DBL_MAX_EXP - 1};
static const struct format float_format = {FLT_MANT_DIG, FLT_MIN_EXP - FLT_MANT_DIG, FLT_MAX_EXP - 1};

/* |value| = significand * 2^exponent; the significand has DBL_MANT_DIG bits. Finite and not zero. */
struct parts {
    uint64_t significand;
    int exponent;
};

static struct parts take_apart(double value)
{
    int exponent;
    double fraction = frexp(fabs(value), &exponent);

    return (struct parts){(uint64_t)ldexp(fraction, DBL_MANT_DIG), exponent - DBL_MANT_DIG};
}

static wide shift_right_jamming(wide value, int by)
{
    if (by == 0) {
        return value;
    }
    if (by > 127) {
        return value != 0;
    }
    return value >> by | ((value & (((wide)1 << by) - 1)) != 0);
}

static int leading_bit(wide value)
{
    uint64_t high = (uint64_t)(value >> 64);

    return high != 0 ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll((uint64_t)value);
}

static bool round_away(bool negative, bool odd, int rest_to_half)
{
    switch (fegetround()) {
    case FE_UPWARD:
        return !negative;
    case FE_DOWNWARD:
        return negative;
    case FE_TOWARDZERO:
        return false;
    default:
        return rest_to_half > 0 || (rest_to_half == 0 && odd);
    }
}

/* Infinity or the largest number, as the rounding mode wants it, and says so. */
static double overflow(bool negative, const struct format *format)
{
    volatile double huge = DBL_MAX;
    volatile float huge_float = FLT_MAX;

    if (format == &float_format) {
        return (double)((negative ? -huge_float : huge_float) * huge_float);
    }
    return (negative ? -huge : huge) * huge;
}

/* value * 2^exponent, value not zero, rounded to the format; a double holds it exactly. */
static double round_once(bool negative, wide value, int exponent, const struct format *format)
{
    int last = exponent + leading_bit(value) - format->bits + 1; /* exponent of the last bit that is kept */

    if (last < format->lowest) {
        last = format->lowest;
    }
    int drop = last - exponent;
    uint64_t kept = drop <= 0 ? (uint64_t)value : drop > 127 ? 0 : (uint64_t)(value >> drop);

    if (drop > 0) {
        wide rest = drop > 127 ? value : value & (((wide)1 << drop) - 1);
        wide half = (wide)1 << (drop > 127 ? 127 : drop - 1);

        if (rest != 0) {
            feraiseexcept(last == format->lowest ? FE_INEXACT | FE_UNDERFLOW : FE_INEXACT);
            kept += round_away(negative, kept & 1, rest > half ? 1 : rest == half ? 0 : -1);
        }
    } else {
        last = exponent;
    }
    if (kept != 0 && leading_bit(kept) + last > format->highest) {
        return overflow(negative, format);
    }
    double result = ldexp((double)kept, last);

    return negative ? -result : result;
}

/* x * y + z, all finite and not zero. */
static double multiply_add(double x, double y, double z, const struct format *format)
{
    struct parts a = take_apart(x);
    struct parts b = take_apart(y);
    struct parts c = take_apart(z);
    wide product = (wide)a.significand * b.significand << (LEADING - 2 * DBL_MANT_DIG + 1);
    int product_exponent = a.exponent + b.exponent - (LEADING - 2 * DBL_MANT_DIG + 1);
    wide addend = (wide)c.significand << (LEADING - DBL_MANT_DIG + 1);
    int addend_exponent = c.exponent - (LEADING - DBL_MANT_DIG + 1);
    bool product_negative = signbit(x) != signbit(y);
    bool addend_negative = signbit(z) != 0;
    int exponent = product_exponent > addend_exponent ? product_exponent : addend_exponent;

    product = shift_right_jamming(product, exponent - product_exponent);
    addend = shift_right_jamming(addend, exponent - addend_exponent);
    if (product_negative == addend_negative) {
        return round_once(product_negative, product + addend, exponent, format);
    }
    if (product == addend) {
        return fegetround() == FE_DOWNWARD ? -0.0 : 0.0;
    }
    return product > addend ? round_once(product_negative, product - addend, exponent, format)
                            : round_once(addend_negative, addend - product, exponent, format);
}

double fma(double x, double y, double z)
{
    if (!isfinite(x) || !isfinite(y) || x == 0 || y == 0) {
        return x * y + z;
    }
    if (!isfinite(z)) {
        return z + z;
    }
    return z == 0 ? x * y : multiply_add(x, y, z, &double_format);
}

float fmaf(float x, float y, float z)
{
    if (!isfinite(x) || !isfinite(y) || x == 0 || y == 0) {
        return x * y + z;
    }
    if (!isfinite(z)) {
        return z + z;
    }
    return z == 0 ? x * y : (float)multiply_add((double)x, (double)y, (double)z, &float_format);
}
