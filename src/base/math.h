/*
 * Elementary functions whose bytes we promise: only + - * /, comparisons and exact work on the bits, in one
 * order, so that every machine with IEEE 754 doubles gives the same result (build with -ffp-contract=off).
 * Errors are against the exact value, in units of the last place of the result; the tests measure them.
 */
#ifndef DCL_BASE_MATH_H
#define DCL_BASE_MATH_H

/** e^x, within 1 ulp (1.5 where the result is subnormal). exp(-inf) = 0, overflow +inf, NaN → NaN. */
double dcl_exp(double x);
/** The natural logarithm, within 1 ulp. log(0) = -inf; negative → NaN; +inf → +inf. */
double dcl_log(double x);
/** Sine and cosine of x radians, |x| <= 2^20, within 1 ulp; NaN outside. */
double dcl_sin(double x);
double dcl_cos(double x);

#endif
