/*
 * mutate [-en] [-s STEP] FILE…: reads collector files of any format cut to every
 * length, and with each bit of every byte changed, and each byte 0 and 255.
 *
 * What has to hold: no crash, no second of work, bounded memory; flows that lie
 * whole before a cut or a changed byte are there, and unchanged; when flows are
 * missing, something says so.  -s leaves many of them out.  -e: in these
 * formats a file may end behind any flow, so that a cut there tells nothing.
 * -n just reads the files as they are, prints how many flows they have and what
 * is wrong; a second and memory are limits then, too.
 *
 * Ends with 1 and a line for each place where it does not hold.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "format/reader.h"

/*
 * Zeroing all columns takes most of the time, so files are read with a quarter
 * of them, another one for each cut and each change of a byte; set 0 is all.
 */
#define SETS		5
#define FLOWS_MAX	1000
#define MEMORY_MAX	(64 * 1024)	/* kB; a reader has buffers of its own of 10 MB, and columns of 5 */
#define LINES_MAX	10

/* What was read of a file. */
struct seen {
	size_t n;
	uint64_t flow[FLOWS_MAX];	/* a hash of all its values */
	uint64_t sum;			/* flows as the file's own sum has it, or 0 */
	bool told;			/* that something is wrong or missing */
	char reason[sizeof(((struct err *)0)->text)];	/* of the error or the first faults */
};

static char path[] = "/tmp/flowlight-mutate.XXXXXX";
static struct fieldset sets[SETS];
static unsigned set;		/* the one in use */
static bool ends_anywhere;
static unsigned wrong;

/* Of this process: on a busy machine a second of the clock says nothing. */
static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static uint64_t
hash(uint64_t h, const void *p, size_t n)
{
	for (const uint8_t *b = p; n > 0; n--)
		h = (h ^ *b++) * 0x100000001b3;
	return h;
}

/* All values of a flow; in which order they were read does not matter. */
static uint64_t
flow_hash(const struct batch *b, size_t i)
{
	uint64_t h = 0xcbf29ce484222325;

	for (int f = 0; f < F_COUNT; f++) {
		if (b->col[f] == NULL)
			continue;
		if (fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY)
			h = hash(h, COLSLICE(b, f)[i].p, COLSLICE(b, f)[i].len);
		else
			h = hash(h, (const uint8_t *)b->col[f] + i * fields[f].width, fields[f].width);
	}
	return h;
}

static void
seen_batch(struct seen *s, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++, s->n++)
		if (s->n < FLOWS_MAX)
			s->flow[s->n] = flow_hash(b, i);
}

static void
read_through(struct seen *s)
{
	struct err e = { 0 };
	struct reader *r = reader_open(path, &sets[set], &e);
	struct batch *b;
	int rc = -1;

	s->n = 0;
	s->reason[0] = '\0';
	while (r != NULL && (rc = reader_next(r, &b, &e)) == 1)
		seen_batch(s, b);
	for (size_t i = 0; r != NULL && i < reader_faults(r)->n && i < 4; i++)
		snprintf(s->reason + strlen(s->reason), sizeof(s->reason) - strlen(s->reason), "%s; ",
		    reader_faults(r)->fault[i].reason);
	if (rc == -1)
		snprintf(s->reason, sizeof(s->reason), "%s", e.text);
	s->told = s->reason[0] != '\0';
	s->sum = r != NULL && reader_info(r)->has_stat ? reader_info(r)->stat.by[PROTO_ALL].flows : 0;
	reader_close(r);
}

static void __attribute__((format(printf, 2, 3)))
complain(const char *what, const char *fmt, ...)
{
	va_list ap;

	if (wrong++ >= LINES_MAX)
		return;
	va_start(ap, fmt);
	printf("%s: ", what);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
}

/* Reads those bytes; the first `whole` flows must be there. */
static void
try(int fd, const char *what, const uint8_t *bytes, size_t n, const struct seen *good, size_t whole, struct seen *now)
{
	double start = seconds();
	size_t same = 0;

	/* In this order: ext4 writes a file to the disk that was emptied before. */
	if (pwrite(fd, bytes, n, 0) != (ssize_t)n || ftruncate(fd, n) == -1) {
		perror(path);
		exit(2);
	}
	read_through(now);
	if (seconds() - start >= 1)
		complain(what, "%.1f s", seconds() - start);
	while (same < now->n && same < good->n && now->flow[same] == good->flow[same])
		same++;
	if (same < whole)
		complain(what, "%zu flows kept of %zu: %s", same, whole, now->reason);
}

static void
tell(const char *what, const struct seen *good, const struct seen *now)
{
	/* The collector's own sum tells, too: whoever counts compares it. */
	bool told = now->told || (good->sum == good->n && now->sum != now->n);

	if (now->n < good->n && !told)
		complain(what, "%zu of %zu flows and nobody told", now->n, good->n);
}

/* Headers are short and matter most: with a step, just what is far behind them is thinned out. */
static size_t
after(size_t i, size_t step)
{
	return i + (i < 100 ? 1 : i < 512 ? 1 + step / 8 : step);
}

/* whole[i]: how many flows lie whole in the first i bytes. */
static void
cuts(int fd, const char *name, const uint8_t *bytes, size_t n, size_t step, const struct seen *good, size_t *whole)
{
	static struct seen now;
	size_t silent = ends_anywhere ? good->n : 0;	/* cuts just behind the header, the first flow, … */
	char what[300];

	for (size_t len = 0, last = 0; len <= n; len = after(len, 1 + step / 8)) {
		for (; last < len; last++)
			whole[last + 1] = whole[last];
		snprintf(what, sizeof(what), "%s cut to %zu bytes", name, len);
		set = 1 + len % (SETS - 1);
		try(fd, what, bytes, len, &good[set], whole[len], &now);
		whole[len] = now.n;
		if (now.n > good->n)
			complain(what, "%zu flows, the file has %zu", now.n, good->n);
		if (now.told || now.n == good->n || silent == 0)
			tell(what, good, &now);
		else
			silent--;
	}
}

static void
changes(int fd, const char *name, uint8_t *bytes, size_t n, size_t step, const struct seen *good, const size_t *whole)
{
	static struct seen now;
	char what[300];

	for (size_t i = 0; i < n; i = after(i, step))
		for (unsigned k = 0; k < 10; k++) {
			uint8_t was = bytes[i], is = k < 8 ? was ^ 1 << k : k == 8 ? 0 : 255;

			if (is == was)
				continue;
			bytes[i] = is;
			snprintf(what, sizeof(what), "%s, byte %zu from %02x to %02x", name, i, was, is);
			set = 1 + k % (SETS - 1);
			try(fd, what, bytes, n, &good[set], whole[i], &now);
			tell(what, &good[set], &now);
			bytes[i] = was;
		}
}

/* Reads a file as it is.  Time is bounded without regard to its packing. */
static void
file_read_once(int fd, const char *name)
{
	static struct seen now, none;
	struct arena *a = arena_new();
	struct err e = { 0 };
	size_t n;
	char *bytes = file_read(name, 1024 * 1024, a, &n, &e);

	if (bytes == NULL) {
		fprintf(stderr, "mutate: %s\n", e.text);
		exit(2);
	}
	try(fd, name, (uint8_t *)bytes, n, &none, 0, &now);
	printf("%s: %zu flows: %s\n", name, now.n, now.reason);
	arena_free(a);
}

static void
file_try(int fd, const char *name, size_t step)
{
	static struct seen good[SETS];
	struct arena *a = arena_new();
	struct err e = { 0 };
	size_t n, *whole;
	uint8_t *bytes = (uint8_t *)file_read(name, 1024 * 1024, a, &n, &e);

	if (bytes == NULL) {
		fprintf(stderr, "mutate: %s\n", e.text);
		exit(2);
	}
	whole = arena_array(a, n + 1, sizeof(*whole));
	for (set = SETS; set-- > 0;)
		try(fd, name, bytes, n, &good[set], 0, &good[set]);
	if (good->n == 0 || good->n > FLOWS_MAX || good->reason[0] != '\0')
		complain(name, "%zu flows: %s", good->n, good->reason);
	cuts(fd, name, bytes, n, step, good, whole);
	changes(fd, name, bytes, n, step, good, whole);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	int fd = mkstemp(path), ch;
	size_t step = 1;
	bool once = false;
	struct rusage used;

	for (int f = 0; f < F_COUNT; f++) {
		fieldset_add(&sets[0], f);
		fieldset_add(&sets[1 + f % (SETS - 1)], f);
	}
	while ((ch = getopt(argc, argv, "ens:")) != -1)
		if (ch == 'n')
			once = true;
		else if (ch == 'e')
			ends_anywhere = true;
		else
			step = ch == 's' ? strtoul(optarg, NULL, 10) : 0;
	if (step == 0 || optind == argc || fd == -1) {
		fprintf(stderr, "usage: mutate [-en] [-s step] file …\n");
		return 2;
	}
	for (int i = optind; i < argc; i++)
		if (once)
			file_read_once(fd, argv[i]);
		else
			file_try(fd, argv[i], step);
	close(fd);
	unlink(path);
#ifndef __SANITIZE_ADDRESS__	/* it keeps what was freed */
	getrusage(RUSAGE_SELF, &used);
	if (used.ru_maxrss > MEMORY_MAX)
		complain("memory", "%ld kB", used.ru_maxrss);
#else
	(void)used;
#endif
	if (wrong > LINES_MAX)
		printf("and %u more\n", wrong - LINES_MAX);
	return wrong != 0;
}
