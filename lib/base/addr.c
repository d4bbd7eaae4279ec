#include "base/addr.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define V4_OFFSET	96	/* bits before an IPv4 address in its 16 bytes */

struct addr
addr_from_v6(uint64_t high, uint64_t low)
{
	struct addr a;
	int i;

	for (i = 7; i >= 0; i--, high >>= 8, low >>= 8) {
		a.b[i] = high & 0xff;
		a.b[8 + i] = low & 0xff;
	}
	return a;
}

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	bool v4 = addr_is_v4(a);

	if (v4 != addr_is_v4(b))
		return v4 ? -1 : 1;
	return memcmp(a->b, b->b, sizeof(a->b));
}

int
addr_parse(const char *s, struct addr *a)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, s, &v4) == 1) {
		*a = addr_from_v4(ntohl(v4.s_addr));
		return 0;
	}
	return inet_pton(AF_INET6, s, a->b) == 1 ? 0 : -1;
}

/* A decimal number of at most three digits, whole string up to `end`. */
static int
number_parse(const char *s, const char *end, unsigned most, unsigned *n)
{
	if (s == end || end - s > 3)
		return -1;
	for (*n = 0; s < end; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		*n = *n * 10 + (unsigned)(*s - '0');
	}
	return *n <= most ? 0 : -1;
}

/* "10.1": fewer than four octets, the rest zero.  Returns how many bits were given, or -1. */
static int
short_parse(const char *s, struct addr *a)
{
	uint32_t v4 = 0;
	int octets = 0;

	for (;; s++) {
		const char *end = s + strcspn(s, ".");
		unsigned n;

		if (octets == 3 || number_parse(s, end, 255, &n) == -1)
			return -1;
		v4 |= (uint32_t)n << (24 - 8 * octets++);
		s = end;
		if (*s == '\0')
			break;
	}
	*a = addr_from_v4(v4);
	return 8 * octets;
}

int
prefix_parse(const char *s, struct prefix *p)
{
	const char *slash = strchr(s, '/');
	size_t n = slash != NULL ? (size_t)(slash - s) : strlen(s);
	char text[ADDR_STRLEN];
	unsigned bits = 0, family;
	int given;

	if (n >= sizeof(text))
		return -1;
	memcpy(text, s, n);
	text[n] = '\0';
	if (addr_parse(text, &p->addr) == 0)
		given = 128;
	else if (slash == NULL || (given = short_parse(text, &p->addr)) == -1)
		return -1;
	/* A mapped address written as IPv6 (::ffff:10.0.0.0/104) counts its bits as IPv6. */
	family = strchr(text, ':') == NULL ? V4_OFFSET : 0;
	if (slash == NULL)
		bits = 128 - family;
	else if (number_parse(slash + 1, s + strlen(s), 128 - family, &bits) == -1)
		return -1;
	if (given < 128 && bits > (unsigned)given)
		return -1;
	p->bits = (uint8_t)(bits + family);
	addr_mask(&p->addr, p->bits);
	return 0;
}

size_t
addr_print(const struct addr *a, char buf[static ADDR_STRLEN])
{
	if (addr_is_v4(a))
		inet_ntop(AF_INET, a->b + 12, buf, ADDR_STRLEN);
	else
		inet_ntop(AF_INET6, a->b, buf, ADDR_STRLEN);
	return strlen(buf);
}

size_t
prefix_print(const struct prefix *p, char buf[static ADDR_STRLEN + 4])
{
	size_t n = addr_print(&p->addr, buf);
	unsigned bits = addr_is_v4(&p->addr) && p->bits >= V4_OFFSET ? p->bits - V4_OFFSET : p->bits;

	return n + (size_t)snprintf(buf + n, 5, "/%u", bits);
}

void
addr_mask(struct addr *a, unsigned bits)
{
	unsigned i;

	for (i = bits / 8; i < sizeof(a->b); i++)
		a->b[i] &= i == bits / 8 ? (uint8_t)(0xff00 >> bits % 8) : 0;
}

bool
prefix_has(const struct prefix *p, const struct addr *a)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	if (memcmp(p->addr.b, a->b, whole) != 0)
		return false;
	return rest == 0 || (p->addr.b[whole] ^ a->b[whole]) >> (8 - rest) == 0;
}
