#include "query/ft_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flow/names.h"

void
ft_prefix_text(char *text, size_t size, const struct addr *a, unsigned bits)
{
	char addr[ADDR_STRLEN];
	size_t n = addr_print(a, addr);

	while (addr_is_v4(a) && n > 2 && strcmp(addr + n - 2, ".0") == 0)
		addr[n -= 2] = '\0';
	snprintf(text, size, "%s/%u", addr, bits);
}

void
ft_name_text(char *text, size_t size, enum field f, uint64_t v)
{
	const char *name = NULL;
	char buf[NAME_STRLEN];

	if (f != F_COUNT && fields[f].kind == KIND_PORT && (name = port_name(v, 6)) == NULL)
		name = port_name(v, 17);
	if (f == F_PROTO)
		name = proto_name(v, buf);
	if (name == NULL)
		snprintf(text, size, "%" PRIu64, v);
	else
		snprintf(text, size, "%s", name);
	/* Symbols of flow-tools are in small letters. */
	for (; f == F_PROTO && *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}
