/*
 * Addresses of both families in one type, and prefixes of them.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Network order; an IPv4 address is ::ffff:a.b.c.d. */
struct addr {
	uint8_t b[16];
};

/* The first `bits` of addr, counted over all 16 bytes: 10.0.0.0/8 has 104.  The rest of addr is zero. */
struct prefix {
	struct addr addr;
	uint8_t bits;
};

#define ADDR_STRLEN	46

/* IPv4 from and to a number in host order (192.0.2.1 is 0xc0000201). */
static inline struct addr
addr_from_v4(uint32_t v4)
{
	struct addr a = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
	    v4 >> 24, v4 >> 16 & 0xff, v4 >> 8 & 0xff, v4 & 0xff } };

	return a;
}

static inline bool
addr_is_v4(const struct addr *a)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

static inline uint32_t
addr_v4(const struct addr *a)
{
	return (uint32_t)a->b[12] << 24 | (uint32_t)a->b[13] << 16 | (uint32_t)a->b[14] << 8 | a->b[15];
}

/* IPv6 from two numbers in host order, high half first (as nfcapd stores it). */
struct addr addr_from_v6(uint64_t high, uint64_t low);

/* Order by address, IPv4 before IPv6. */
int	addr_cmp(const struct addr *, const struct addr *);

/* A literal of either family, whole string.  0, or -1 when it is none. */
int	addr_parse(const char *, struct addr *);

/*
 * A prefix: "10.0.0.0/8", "2001:db8::/32", an address alone (all bits), or a
 * short IPv4 form as nfdump takes it ("10.1/16", "172.16/12": the octets given
 * must cover the bits).  Host bits are cleared.  0, or -1.
 */
int	prefix_parse(const char *, struct prefix *);

/* Prints; returns the length.  IPv6 in RFC 5952 form as inet_ntop gives it. */
size_t	addr_print(const struct addr *, char buf[static ADDR_STRLEN]);
size_t	prefix_print(const struct prefix *, char buf[static ADDR_STRLEN + 4]);	/* with /bits of its family */

/* Clears all but the first bits (0..128, over 16 bytes; for IPv4 add 96). */
void	addr_mask(struct addr *, unsigned bits);
bool	prefix_has(const struct prefix *, const struct addr *);

#endif
