#include "base/math.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * The splittings are Cody and Waite's ("Software Manual for the Elementary Functions", 1980): a constant is
 * cut into parts short enough that an integer times a part is exact. The polynomials are Taylor's, long
 * enough that what is left out is below 0.02 ulp on the reduced range. The arrangement of log and of cos
 * follows Kahan's identities as told in the notes of FDLIBM (Sun Microsystems, 1993).
 */

static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33; /* high: 32 bits */
static const double inverse_ln2 = 0x1.71547652b82fep+0;

/* pi / 2 in three parts of 33 bits and a rest: k * part is exact for |k| <= 2^20. */
static const double half_pi[4] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69, 0x1.b839a252049c1p-104};
static const double two_over_pi = 0x1.45f306dc9c883p-1;
static const double largest_angle = 0x1p20;

/* 2^k, -1022 <= k <= 1023. */
static double power_of_two(int k) {
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

double dcl_exp(double x) {
    if (x != x) return x;
    if (x > 710.0) return INFINITY;
    if (x < -746.0) return 0.0;
    /* x = k ln 2 + r, |r| <= 0.35; r is kept in two parts. */
    double k = rint(x * inverse_ln2);
    double high = x - k * ln2_high, low = k * ln2_low, r = high - low;
    double q = 1.0 / 6227020800.0;
    q = q * r + 1.0 / 479001600.0;
    q = q * r + 1.0 / 39916800.0;
    q = q * r + 1.0 / 3628800.0;
    q = q * r + 1.0 / 362880.0;
    q = q * r + 1.0 / 40320.0;
    q = q * r + 1.0 / 5040.0;
    q = q * r + 1.0 / 720.0;
    q = q * r + 1.0 / 120.0;
    q = q * r + 1.0 / 24.0;
    q = q * r + 1.0 / 6.0;
    q = q * r + 0.5;
    double y = 1.0 + ((r * r * q - low) + high);
    /* In two steps, as 2^1024 and 2^-1075 are no doubles: the second alone may round (subnormal results). */
    int n = (int)k, half = n / 2;
    return y * power_of_two(half) * power_of_two(n - half);
}

double dcl_log(double x) {
    if (x != x || x == INFINITY) return x;
    if (x < 0.0) return NAN;
    if (x == 0.0) return -INFINITY;
    int exponent = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        exponent = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    exponent += (int)(bits >> 52) - 1023;
    bits = (bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000);
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) { /* sqrt 2 */
        m *= 0.5;
        exponent++;
    }
    /* log(1 + f) = 2 atanh(s), s = f / (2 + f); written as f - (h - s (h + R)) with h = f^2 / 2 to lose no
     * bits. */
    double f = m - 1.0, s = f / (2.0 + f), z = s * s, h = 0.5 * f * f, k = exponent;
    double q = 2.0 / 21.0;
    q = q * z + 2.0 / 19.0;
    q = q * z + 2.0 / 17.0;
    q = q * z + 2.0 / 15.0;
    q = q * z + 2.0 / 13.0;
    q = q * z + 2.0 / 11.0;
    q = q * z + 2.0 / 9.0;
    q = q * z + 2.0 / 7.0;
    q = q * z + 2.0 / 5.0;
    q = q * z + 2.0 / 3.0;
    return k * ln2_high - ((h - (s * (h + z * q) + k * ln2_low)) - f);
}

/* An angle less a multiple of pi / 2: r + tail within [-pi/4, pi/4], and the multiple modulo 4. */
typedef struct reduced {
    double r, tail;
    unsigned quadrant;
} reduced;

/* a - b and, exactly, what the rounding lost: Knuth's two-sum. */
static double difference(double a, double b, double *lost) {
    double d = a - b, back = a - d;
    *lost = (a - (d + back)) + (back - b);
    return d;
}

static reduced reduce(double x) {
    double k = rint(x * two_over_pi), lost[2];
    double a = difference(x - k * half_pi[0], k * half_pi[1], &lost[0]);
    a = difference(a, k * half_pi[2], &lost[1]);
    double low = (lost[0] + lost[1]) - k * half_pi[3];
    reduced out = {.r = a + low, .quadrant = (unsigned)(int)k & 3};
    out.tail = (a - out.r) + low;
    return out;
}

static double sine_of(const reduced *angle) {
    double r = angle->r, z = r * r, q = 1.0 / 355687428096000.0;
    q = q * z - 1.0 / 1307674368000.0;
    q = q * z + 1.0 / 6227020800.0;
    q = q * z - 1.0 / 39916800.0;
    q = q * z + 1.0 / 362880.0;
    q = q * z - 1.0 / 5040.0;
    q = q * z + 1.0 / 120.0;
    q = q * z - 1.0 / 6.0;
    return r + (r * z * q + angle->tail * (1.0 - 0.5 * z));
}

static double cosine_of(const reduced *angle) {
    double r = angle->r, z = r * r, q = -1.0 / 6402373705728000.0;
    q = q * z + 1.0 / 20922789888000.0;
    q = q * z - 1.0 / 87178291200.0;
    q = q * z + 1.0 / 479001600.0;
    q = q * z - 1.0 / 3628800.0;
    q = q * z + 1.0 / 40320.0;
    q = q * z - 1.0 / 720.0;
    q = q * z + 1.0 / 24.0;
    double h = 0.5 * z, w = 1.0 - h;
    return w + (((1.0 - w) - h) + (z * z * q - r * angle->tail));
}

/* sin(x + turn pi/2). */
static double turned_sine(double x, unsigned turn) {
    if (!(fabs(x) <= largest_angle)) return NAN;
    reduced angle = reduce(x);
    unsigned quadrant = (angle.quadrant + turn) & 3;
    double value = quadrant & 1 ? cosine_of(&angle) : sine_of(&angle);
    return quadrant & 2 ? -value : value;
}

double dcl_sin(double x) {
    return x == 0.0 ? x : turned_sine(x, 0);
}

double dcl_cos(double x) {
    return turned_sine(x, 1);
}
