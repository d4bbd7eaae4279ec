#include "flow/country.h"

#include <string.h>

#include "flow/owner.h"

static const struct owners *asked;

void
countries_ask(const struct owners *owners)
{
	asked = owners != NULL && owners_know_countries(owners) ? owners : NULL;
}

bool
countries_known(void)
{
	return asked != NULL;
}

uint16_t
country_of(const struct addr *addr)
{
	char code[3] = "";

	if (asked != NULL)
		owner_country(asked, addr, code);
	return code[0] != '\0' ? COUNTRY(code) : 0;
}

#define SEEN_BITS	11
#define SEEN_MAX	4096	/* addresses that are looked at together */

static size_t
hash(const struct addr *addr)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return (half[0] ^ half[1]) * 0x9e3779b97f4a7c15 >> (64 - SEEN_BITS);
}

/* Asking takes long, and addresses come again: one that was there has its answer. */
static void
ask_some(const struct addr *addr, size_t n, uint16_t *country)
{
	uint16_t seen[1 << SEEN_BITS] = { 0 };	/* the last address that has the hash, from 1 */

	for (size_t i = 0; i < n; i++) {
		uint16_t *last = &seen[hash(&addr[i])];

		if (*last != 0 && memcmp(&addr[*last - 1], &addr[i], sizeof(*addr)) == 0)
			country[i] = country[*last - 1];
		else
			country[i] = country_of(&addr[i]);
		*last = (uint16_t)(i + 1);
	}
}

void
countries_of(const struct addr *addr, size_t n, uint16_t *country)
{
	for (size_t done = 0; done < n; done += SEEN_MAX)
		ask_some(addr + done, n - done < SEEN_MAX ? n - done : SEEN_MAX, country + done);
}

const char *
country_text(unsigned country, char buf[static COUNTRY_STRLEN])
{
	buf[0] = country != 0 ? (char)(country >> 8) : '.';
	buf[1] = country != 0 ? (char)(country & 0xff) : '.';
	buf[2] = '\0';
	return buf;
}
