#include "resolve.h"

#include <string.h>

#ifdef HAVE_CARES

#include <arpa/inet.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <ares.h>
#include <netdb.h>
#include <time.h>

#define TRY_MSEC	700
#define TRIES		2
#define WAIT_SECONDS	2

struct answer {
	char *name;			/* one of the two is what is asked for */
	struct addr *addr;
	bool done;
	int status;
};

static void
take_address(struct answer *a, const struct hostent *host)
{
	if (host->h_addr_list[0] == NULL)
		a->status = ARES_ENODATA;
	else if (host->h_addrtype == AF_INET) {
		*a->addr = addr_from_v4(0);
		memcpy(a->addr->b + 12, host->h_addr_list[0], 4);
	} else
		memcpy(a->addr->b, host->h_addr_list[0], 16);
}

static void
answered(void *ctx, int status, int timeouts, struct hostent *host)
{
	struct answer *a = ctx;
	size_t n = 0;

	(void)timeouts;
	a->done = true;
	a->status = status;
	if (status != ARES_SUCCESS || host == NULL || host->h_name == NULL)
		return;
	if (a->addr != NULL) {
		take_address(a, host);
		return;
	}
	for (const char *s = host->h_name; *s != '\0' && n < HOST_NAME - 1; s++, n++) {
		bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
		    strchr("-._", *s) != NULL;

		a->name[n] = plain ? *s : '?';
	}
	a->name[n] = '\0';
}

static double
clock_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Until it is answered, or given up: c-ares asks one server after the other. */
static void
wait_for(ares_channel channel, const struct answer *a)
{
	double end = clock_seconds() + WAIT_SECONDS;

	while (!a->done && clock_seconds() < end) {
		struct timeval most = { TRY_MSEC / 1000, TRY_MSEC % 1000 * 1000 }, tv, *timeout;
		fd_set in, out;
		int n;

		FD_ZERO(&in);
		FD_ZERO(&out);
		if ((n = ares_fds(channel, &in, &out)) == 0)
			return;
		timeout = ares_timeout(channel, &most, &tv);
		if (select(n, &in, &out, NULL, timeout) == -1)
			return;
		ares_process(channel, &in, &out);
	}
}

static int
open_channel(const struct conf *conf, ares_channel *channel, struct err *e)
{
	struct ares_options o = { .timeout = TRY_MSEC, .tries = TRIES, .lookups = (char *)(uintptr_t)"b" };
	int rc = ares_init_options(channel, &o, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);

	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_SYSTEM, "names cannot be asked for: %s", ares_strerror(rc));
	if (conf->dns != NULL && (rc = ares_set_servers_ports_csv(*channel, conf->dns)) != ARES_SUCCESS) {
		ares_destroy(*channel);
		return err_set(e, ERR_SYSTEM, "dns: \"%s\": %s", conf->dns, ares_strerror(rc));
	}
	return 0;
}

int
resolve_name(const struct conf *conf, const struct addr *addr, char name[static HOST_NAME], struct err *e)
{
	struct answer a = { .name = name };
	ares_channel channel;

	name[0] = '\0';
	if (open_channel(conf, &channel, e) == -1)
		return -1;
	if (addr_is_v4(addr))
		ares_gethostbyaddr(channel, addr->b + 12, 4, AF_INET, answered, &a);
	else
		ares_gethostbyaddr(channel, addr->b, 16, AF_INET6, answered, &a);
	wait_for(channel, &a);
	ares_destroy(channel);
	return a.done && a.status == ARES_SUCCESS && name[0] != '\0';
}

int
resolve_address(const struct conf *conf, const char *name, struct addr *addr, struct err *e)
{
	static const int families[] = { AF_INET, AF_INET6 };
	bool found = false;

	for (size_t i = 0; i < 2 && !found; i++) {
		struct answer a = { .addr = addr };
		ares_channel channel;

		if (open_channel(conf, &channel, e) == -1)
			return -1;
		ares_gethostbyname(channel, name, families[i], answered, &a);
		wait_for(channel, &a);
		ares_destroy(channel);
		found = a.done && a.status == ARES_SUCCESS;
	}
	return found;
}

#else

int
resolve_address(const struct conf *conf, const char *name, struct addr *addr, struct err *e)
{
	(void)conf, (void)name, (void)addr;
	return err_set(e, ERR_ABSENT, "this flowlight.fcgi was built without c-ares");
}

int
resolve_name(const struct conf *conf, const struct addr *addr, char name[static HOST_NAME], struct err *e)
{
	(void)conf, (void)addr;
	name[0] = '\0';
	return err_set(e, ERR_ABSENT, "this flowlight.fcgi was built without c-ares");
}

#endif
