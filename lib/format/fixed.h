/*
 * Numbers and addresses at fixed places of records, in either byte order, into
 * columns of a batch.
 */
#ifndef FORMAT_FIXED_H
#define FORMAT_FIXED_H

#include "flow/batch.h"

/* A field is kept in 1, 2, 4, 8 or 16 bytes at an offset; a table of them ends with width 0. */
struct fixed { uint8_t field, at, width; };

static inline uint16_t
be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static inline uint16_t
le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Of either order. */
static inline uint16_t
order16(const uint8_t *p, bool big)
{
	return big ? be16(p) : le16(p);
}

static inline uint32_t
order32(const uint8_t *p, bool big)
{
	return big ? be32(p) : le32(p);
}

/*
 * Loads the field of n records that lie `stride` bytes apart into rows `to` …
 * of its column; nothing when the batch lacks that.  Addresses of 4 bytes are
 * numbers of that order, those of 16 bytes are as in the packet.
 */
void	fixed_load(struct batch *, size_t to, const struct fixed *, const uint8_t *records,
	    size_t stride, size_t n, bool big);

/* Puts the same number (for addresses: IPv4) into all BATCH_MAX rows of the field's column. */
void	fixed_fill(struct batch *, enum field, uint64_t);

/*
 * NetFlow counts times from the exporter's start, in 32 bits: what lies before
 * the start, or before the counter's last wrap, is meant relative to the uptime.
 */
struct flow_times { uint64_t first, last; };

struct flow_times times_by_uptime(int64_t unix_msec, uint32_t uptime, uint32_t first, uint32_t last);

/* The same where the counter stands for the time since boot_msec and does not wrap. */
struct flow_times times_by_boot(int64_t boot_msec, uint32_t first, uint32_t last);

#endif
