#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/math.h"
#include "base/rng.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* How far `got` is from the exact value, in units of the last place of that value as a double. */
static double ulps(double got, long double exact) {
    if (exact == 0.0L) return got == 0.0 ? 0.0 : INFINITY;
    int exponent;
    frexpl(exact, &exponent);
    if (exponent < DBL_MIN_EXP) exponent = DBL_MIN_EXP;
    return (double)fabsl(((long double)got - exact) / ldexpl(1.0L, exponent - DBL_MANT_DIG));
}

typedef struct sweep {
    const char *what;
    double (*ours)(double);
    long double (*exact)(long double);
    double from, to, limit;
} sweep;

static void errors_are_within_the_stated_ulps(void **state) {
    (void)state;
    static const sweep sweeps[] = {
        {"exp", dcl_exp, expl, -1, 1, 1},
        {"exp", dcl_exp, expl, -708, 709.7, 1},
        {"exp", dcl_exp, expl, -745, -708, 1.5},
        {"exp", dcl_exp, expl, -1e-9, 1e-9, 1},
        {"log", dcl_log, logl, 0.5, 2, 1},
        {"log", dcl_log, logl, 0.999, 1.001, 1},
        {"log", dcl_log, logl, 1e-300, 1e-3, 1},
        {"log", dcl_log, logl, 2, 1e12, 1},
        {"log", dcl_log, logl, 5e-324, 1e-308, 1},
        {"sin", dcl_sin, sinl, -4, 4, 1},
        {"cos", dcl_cos, cosl, -4, 4, 1},
        {"sin", dcl_sin, sinl, -1048576, 1048576, 1},
        {"cos", dcl_cos, cosl, -1048576, 1048576, 1},
        {"sin", dcl_sin, sinl, -1e-7, 1e-7, 1},
    };
    for (size_t i = 0; i < COUNT(sweeps); i++) {
        const sweep *s = &sweeps[i];
        double worst = 0, where = 0;
        for (uint64_t j = 0; j < 400000; j++) {
            double u = dcl_random_uniform(7, i, j);
            /* Half of the points of a range over magnitudes are spread over its logarithm. */
            double x = s->from > 0 && s->to / s->from > 1e6 && j % 2
                           ? exp(log(s->from) + u * (log(s->to) - log(s->from)))
                           : s->from + u * (s->to - s->from);
            double error = ulps(s->ours(x), s->exact((long double)x));
            if (error > worst) worst = error, where = x;
        }
        print_message("%s over [%g, %g]: worst %.3f ulp at %.17g\n", s->what, s->from, s->to, worst, where);
        if (!(worst <= s->limit)) fail_msg("%s is off by %.3f ulp, stated %.1f", s->what, worst, s->limit);
    }
}

/* Doubles next to multiples of pi / 2 are where reducing the angle loses bits. */
static void angles_next_to_multiples_of_half_pi_keep_their_bits(void **state) {
    (void)state;
    const long double half_pi = acosl(0.0L);
    double worst = 0;
    for (int k = 1; k <= 667543; k += k < 20000 ? 1 : 7) {
        double x = (double)(half_pi * k);
        for (int side = -1; side <= 1; side++) {
            double near = side ? nextafter(x, side * 1e9) : x;
            worst = fmax(worst, ulps(dcl_sin(near), sinl((long double)near)));
            worst = fmax(worst, ulps(dcl_cos(near), cosl((long double)near)));
        }
    }
    print_message("next to k pi/2: worst %.3f ulp\n", worst);
    assert_true(worst <= 1);
}

static void special_values_are_as_stated(void **state) {
    (void)state;
    assert_true(dcl_exp(0) == 1 && dcl_exp(-INFINITY) == 0 && dcl_exp(INFINITY) == INFINITY);
    assert_true(dcl_exp(709.79) == INFINITY && dcl_exp(-745.2) == 0 && dcl_exp(709.78) < INFINITY);
    assert_true(isnan(dcl_exp(NAN)) && isnan(dcl_log(NAN)) && isnan(dcl_sin(NAN)) && isnan(dcl_cos(NAN)));
    assert_true(dcl_log(1) == 0 && dcl_log(0) == -INFINITY && isnan(dcl_log(-1)) &&
                dcl_log(INFINITY) == INFINITY);
    assert_true(dcl_sin(0) == 0 && signbit(dcl_sin(-0.0)) && dcl_cos(0) == 1);
    assert_true(isnan(dcl_sin(1048577)) && isnan(dcl_cos(-INFINITY)) && !isnan(dcl_cos(1048576)));
}

/* FNV-1a over the bytes of 40,000 results a function: any change of a bit anywhere shows. */
static void results_are_these_bytes_on_every_machine(void **state) {
    (void)state;
    static double (*const functions[])(double) = {dcl_exp, dcl_log, dcl_sin, dcl_cos};
    static const double scale[] = {1400, 1e6, 2000000, 2000000}, shift[] = {-700, 0, -1000000, -1000000};
    static const uint64_t want[] = {UINT64_C(0x1a7cdac5b31088fb), UINT64_C(0x6c9131e60eaece25),
                                    UINT64_C(0x653369c3155b43c6), UINT64_C(0x7048c3ca4cedb11c)};
    for (size_t f = 0; f < COUNT(functions); f++) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        for (uint64_t i = 0; i < 40000; i++) {
            double y = functions[f](shift[f] + scale[f] * dcl_random_uniform(3, f, i));
            uint64_t bits;
            memcpy(&bits, &y, sizeof bits);
            for (int b = 0; b < 64; b += 8) hash = (hash ^ (bits >> b & 255)) * UINT64_C(0x100000001b3);
        }
        if (hash != want[f])
            fail_msg("function %zu: want %016llx got %016llx", f, (unsigned long long)want[f],
                     (unsigned long long)hash);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_within_the_stated_ulps),
        cmocka_unit_test(angles_next_to_multiples_of_half_pi_keep_their_bits),
        cmocka_unit_test(special_values_are_as_stated),
        cmocka_unit_test(results_are_these_bytes_on_every_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
