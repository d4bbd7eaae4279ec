#include "whois.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "resolve.h"

#define WAIT_MSEC	6000
#define TEXT_MOST	(64 << 10)

/* One that is asked. */
struct asking {
	const struct conf *conf;
	struct arena *arena;
	int64_t end_msec;
	const char *question;
};

static int64_t
clock_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 0 when the socket is ready, -1 when time is up first. */
static int
wait_ready(const struct asking *q, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = q->end_msec - clock_msec();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (n > 0)
			return 0;
		if (n == 0 || errno != EINTR) {
			errno = n == 0 ? ETIMEDOUT : errno;
			return -1;
		}
	}
}

static socklen_t
socket_address(const struct addr *a, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (addr_is_v4(a)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, a->b + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, a->b, 16);
	return sizeof(*v6);
}

/* A socket that is connected, or -1 and errno. */
static int
connect_to(const struct asking *q, const struct addr *a, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = socket_address(a, port, &ss), size = sizeof(int);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), fault = 0;

	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	if (errno == EINPROGRESS && wait_ready(q, fd, POLLOUT) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size) == 0) {
		if (fault == 0)
			return fd;
		errno = fault;
	}
	fault = errno;
	close(fd);
	errno = fault;
	return -1;
}

/* Sends the question, reads to the end or to where it is enough; -1 and errno with what was read until then. */
static int
talk(const struct asking *q, int fd, struct strbuf *bytes, bool *cut)
{
	size_t len = strlen(q->question);

	/* It is shorter than any socket's buffer. */
	if (send(fd, q->question, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -1;
	while (bytes->len <= TEXT_MOST) {
		ssize_t n;

		if (wait_ready(q, fd, POLLIN) == -1)
			return -1;
		n = recv(fd, strbuf_room(bytes, 4096), 4096, 0);
		if (n == 0)
			return 0;
		if (n > 0)
			bytes->len += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return -1;
	}
	bytes->len = TEXT_MOST;
	*cut = true;
	return 0;
}

static const char *
trouble_text(const struct asking *q)
{
	return errno == ETIMEDOUT || errno == EAGAIN ? "did not answer in time" :
	    arena_printf(q->arena, "cannot be asked: %s", strerror(errno));
}

/* Where a server is; NULL, or why that is not known. */
static const char *
find_server(const struct asking *q, const struct whois_server *server, struct addr *at)
{
	struct err e;
	int rc;

	if (addr_parse(server->host, at) == 0)
		return NULL;
	if ((rc = resolve_address(q->conf, server->host, at, &e)) == 1)
		return NULL;
	return rc == 0 ? "has no address that DNS knows of" : arena_strdup(q->arena, e.text);
}

static void
ask(const struct asking *q, const struct whois_server *server, const struct addr *at, struct whois_answer *answer)
{
	struct strbuf bytes = { 0 }, text = { 0 };
	int fd = connect_to(q, at, server->port);

	if (fd == -1 || talk(q, fd, &bytes, &answer->cut) == -1)
		answer->trouble = trouble_text(q);
	if (fd != -1)
		close(fd);
	whois_text(strbuf_text(&bytes), bytes.len, &text);
	answer->text = arena_strdup(q->arena, strbuf_text(&text));
	strbuf_free(&text);
	strbuf_free(&bytes);
}

static void
answer_init(struct whois_answer *answer, const struct whois_server *server)
{
	memset(answer, 0, sizeof(*answer));
	answer->text = "";
	if (server->port == WHOIS_PORT)
		snprintf(answer->server, sizeof(answer->server), "%s", server->host);
	else
		snprintf(answer->server, sizeof(answer->server), strchr(server->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
		    server->host, server->port);
}

size_t
whois_ask(const struct conf *conf, const struct addr *addr, struct arena *a,
    struct whois_answer answers[static WHOIS_ANSWERS])
{
	struct asking q = { conf, a, clock_msec() + WAIT_MSEC, NULL };
	struct whois_server server, other;
	struct addr at, other_at;
	char text[ADDR_STRLEN];

	addr_print(addr, text);
	q.question = arena_printf(a, "%s\r\n", text);
	if (whois_server(conf->whois, &server) == -1)
		return 0;
	answer_init(&answers[0], &server);
	if ((answers[0].trouble = find_server(&q, &server, &at)) != NULL)
		return 1;
	ask(&q, &server, &at, &answers[0]);
	if (!whois_referral(answers[0].text, &other))
		return 1;
	/* Whoever answers must not have us talk to what only we can reach, or speak what is no whois. */
	if (other.port == WHOIS_PORT)
		other.port = server.port;
	if (strcmp(other.host, server.host) == 0 && other.port == server.port)
		return 1;
	answer_init(&answers[1], &other);
	if (other.port != server.port)
		answers[1].trouble = "is not asked: its port is another than that of the server that is configured";
	else if ((answers[1].trouble = find_server(&q, &other, &other_at)) == NULL) {
		if (whois_is_inside(&other_at) && !whois_is_inside(&at))
			answers[1].trouble = "is not asked: it is in an inside network";
		else
			ask(&q, &other, &other_at, &answers[1]);
	}
	return 2;
}
