/* The columns that homes are compared by, and who is far from everybody in them. */
#ifndef DCL_HOUSEHOLD_COLUMNS_H
#define DCL_HOUSEHOLD_COLUMNS_H

#include <declic/household_cluster.h>

/** How many columns the cells give, or the habits (DCL_CELL_HABITS). */
size_t dcl_columns_count(uint32_t cells);
/** The columns of a home; false where it lacks a cell. out [columns] */
bool dcl_columns_of(const dcl_homes *homes, size_t home, uint32_t cells, float *out);
/** Whether it lacks none. */
bool dcl_columns_known(const dcl_homes *homes, size_t home, uint32_t cells);

/** The median of each column over rows x [n × columns], into out [columns]. Errors: DCL_E_MEMORY. */
dcl_status dcl_columns_median(const float *x, size_t n, size_t columns, float *out) DCL_MUST_USE;
/** Distances [n] of rows from a place. */
void dcl_columns_distance(const float *x, size_t n, size_t columns, const float *from, float *distance);
/**
 * The distance beyond which a home is unlike the others: upper quartile + factor × interquartile range (Tukey, "Exploratory Data
 * Analysis", 1977); infinite below 8 homes. Errors: DCL_E_MEMORY.
 */
dcl_status dcl_columns_fence(const float *distance, size_t n, double factor, double *out) DCL_MUST_USE;

/**
 * Draws a row that is further from the median than `limit` in towards it, to that distance: a home far out keeps its direction and loses
 * its weight (spatial winsorising, as Locantore et al., "Robust principal component analysis for functional data", Test 8, 1999).
 */
void dcl_columns_draw_in(float *row, size_t columns, const float *median, double distance, double limit);

#endif
