/*
 * Host names in filters, where the command line allows them.
 */
#include "query/filter_private.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESSES_MAX	64

static bool allowed;

void
filter_look_up_names(bool allow)
{
	allowed = allow;
}

/* A name has a letter, and only what names are made of; an address that is wrong stays an error. */
static bool
is_name(const char *text)
{
	static const char made_of[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	size_t n = strlen(text);

	return n > 0 && n < 254 && strspn(text, made_of) == n && text[strcspn(text,
	    "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ")] != '\0';
}

static struct prefix
prefix_of(const struct sockaddr *sa)
{
	struct prefix p = { .bits = 128 };

	if (sa->sa_family == AF_INET)
		p.addr = addr_from_v4(ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr));
	else
		memcpy(&p.addr, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, sizeof(p.addr));
	return p;
}

int
filter_resolve(struct parser *p, struct filter_test *test)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int rc;

	if (!allowed || p->t->kind != T_WORD || !is_name(p->t->text))
		return 0;
	if ((rc = getaddrinfo(p->t->text, NULL, &hints, &list)) != 0)
		return filter_expected(p, p->t, "an address, or a host name that is known");
	test->values = arena_array(p->arena, ADDRESSES_MAX, sizeof(*test->values));
	test->n = 0;
	for (const struct addrinfo *ai = list; ai != NULL && test->n < ADDRESSES_MAX; ai = ai->ai_next)
		if (ai->ai_family == AF_INET || ai->ai_family == AF_INET6)
			test->values[test->n++].prefix = prefix_of(ai->ai_addr);
	freeaddrinfo(list);
	if (test->n == 0)
		return filter_expected(p, p->t, "an address, or a host name that has one");
	test->list = test->n > 1;
	p->t++;
	return 1;
}
