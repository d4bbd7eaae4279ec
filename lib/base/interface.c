#include "base/interface.h"

#include <stdlib.h>
#include <string.h>

bool
interface_next(const char **list, uint32_t *number, char name[static INTERFACE_NAME])
{
	const char *s = *list + strspn(*list, " ,");
	char *end;
	unsigned long n;
	size_t len, all;

	if (*s < '0' || *s > '9')
		return false;
	n = strtoul(s, &end, 10);
	if (*end != ':' || n > UINT32_MAX)
		return false;
	s = end + 1;
	len = all = strcspn(s, ",");
	while (len > 0 && s[len - 1] == ' ')
		len--;
	/* What would not be a word of the form's field, or of a page. */
	if (len == 0 || len >= INTERFACE_NAME || *s == ' ' || *s == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	memcpy(name, s, len);
	name[len] = '\0';
	*number = (uint32_t)n;
	*list = s + all;
	return true;
}

bool
interface_list(const char *list)
{
	char name[INTERFACE_NAME];
	uint32_t number;

	while (interface_next(&list, &number, name))
		;
	return list[strspn(list, " ,")] == '\0';
}

static bool
each_of(const char *list, struct interface_name *n, bool (*each)(void *, const struct interface_name *), void *ctx)
{
	while (list != NULL && interface_next(&list, &n->number, n->name))
		if (!each(ctx, n))
			return false;
	return true;
}

void
interface_each(const struct conf *conf, bool (*each)(void *ctx, const struct interface_name *), void *ctx)
{
	for (size_t i = 0; i < conf->nsources; i++) {
		const struct source *s = &conf->sources[i];
		struct interface_name n = { .source = s };

		for (size_t k = 0; k < s->nexporters; k++) {
			n.exporter = &s->exporters[k];
			if (!each_of(n.exporter->interfaces, &n, each, ctx))
				return;
		}
		n.exporter = NULL;
		if (!each_of(s->interfaces, &n, each, ctx))
			return;
	}
}
