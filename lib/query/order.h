/*
 * Putting things in order: the best few without sorting the rest.
 */
#ifndef QUERY_ORDER_H
#define QUERY_ORDER_H

#include <stddef.h>
#include <stdint.h>

typedef int order_compare(const void *, const void *, const void *ctx);

/*
 * Brings the `top` least elements by the comparison to the front, in order; 0
 * or more than n: sorts all.  The number of elements in order.  The comparison
 * must never call two elements equal for the result to be well defined.
 */
size_t	order_top(void *base, size_t n, size_t size, uint64_t top, order_compare *, const void *ctx);

#endif
