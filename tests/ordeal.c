/*
 * ordeal [-kmp] [-j JOBS] [-s STEP] SITE NAME VARIABLE [VARIABLE=VALUE …]: lives of
 * a flowlightd, each of which is hurt at another place: in the k-th one, VARIABLE
 * is k in its environment, beside the others, for k = 1, 1 + STEP … until a life
 * ends unhurt (the shim that hurts makes the file $FAULT_HIT when it does).
 *
 * SITE has a folder of collector files for each source, and a file `want` with
 * lines "source files flows packets bytes"; perhaps a folder `state`, to begin with.  A daemon that died is started anew,
 * unhurt, as a service manager would.  -k: it is killed on purpose.  -p: so it is, and
 * the machine falls with it: only what was made safe by then is there after.  -m: there is
 * no memory, of which GLib, librrd and libconfuse die by signals.  Else that is a failure.
 *
 * What has to hold at last: totals as wanted, in files and slots; a sound database;
 * RRDs as the index within 1e-9; nothing left over; nothing said twice by one life; an
 * end in order.  Prints how many lives there were and what was wrong with the first.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <rrd.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH		512
#define SOURCES_MAX	8
#define JOBS_MAX	64
#define DAEMON_SECONDS	200	/* much more than it takes, also on a busy machine */
#define POLL_MSEC	25
#define STEP_SECONDS	300
#define METRICS		15

enum outcome { GOOD, BAD, UNHURT };

static const char *site, *name, *variable;
static bool killed, power, memory;
static struct { char name[64]; long long want[3], files; } source[SOURCES_MAX];
static size_t nsources;
static char top[PATH];			/* folder of this life */

static const char sum_query[] =
    "SELECT coalesce(sum(flows), 0), coalesce(sum(packets), 0), coalesce(sum(bytes), 0) FROM %s "
    "WHERE source = (SELECT id FROM source WHERE name = '%s')";
static const char slot_query[] =
    "SELECT start, flows, flows_tcp, flows_udp, flows_icmp, flows_other, "
    "packets, packets_tcp, packets_udp, packets_icmp, packets_other, "
    "bytes, bytes_tcp, bytes_udp, bytes_icmp, bytes_other "
    "FROM slot WHERE source = (SELECT id FROM source WHERE name = '%s') ORDER BY start";
static const char *const ds_names[METRICS] = {
	"flows", "flows_tcp", "flows_udp", "flows_icmp", "flows_other",
	"packets", "packets_tcp", "packets_udp", "packets_icmp", "packets_other",
	"traffic", "traffic_tcp", "traffic_udp", "traffic_icmp", "traffic_other",
};

static char * __attribute__((format(printf, 1, 2)))
in(const char *fmt, ...)
{
	static char paths[4][2 * PATH];
	static unsigned turn;
	char *s = paths[turn++ % 4];
	int n = snprintf(s, sizeof(paths[0]), "%s/", top);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s + n, sizeof(paths[0]) - (size_t)n, fmt, ap);
	va_end(ap);
	return s;
}

static enum outcome __attribute__((format(printf, 1, 2)))
bad(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return BAD;
}

static void
fatal(const char *what)
{
	perror(what);
	exit(3);
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void
remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Calls each(from, name) for the files of a folder. */
static void
each_file(const char *dir, void (*each)(const char *, const char *))
{
	DIR *d = opendir(dir);
	struct dirent *de;

	while (d != NULL && (de = readdir(d)) != NULL)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			each(dir, de->d_name);
	if (d != NULL)
		closedir(d);
}

/* ---- a site of its own ---- */

static void
copy(const char *from, const char *to)
{
	int a = open(from, O_RDONLY), b = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	char buf[65536];
	ssize_t n;

	if (a == -1 || b == -1)
		fatal(to);
	while ((n = read(a, buf, sizeof(buf))) > 0)
		if (write(b, buf, (size_t)n) != n)
			fatal(to);
	close(a);
	close(b);
}

static void
copy_state(const char *dir, const char *file)
{
	char from[2 * PATH];

	snprintf(from, sizeof(from), "%s/%s", dir, file);
	copy(from, in("state/%s", file));
}

static const char *link_into;

static void
link_file(const char *dir, const char *file)
{
	char from[2 * PATH];

	snprintf(from, sizeof(from), "%s/%s", dir, file);
	if (link(from, in("%s/%s", link_into, file)) == -1)
		fatal(from);
}

/* Beside the site; without "..", so that the kernel tells the same path. */
static void
folder(char path[static PATH], long k)
{
	snprintf(path, PATH, "%.*s/%s.%ld", (int)(strrchr(site, '/') - site), site, name, k);
}

static void
make_site(long k)
{
	char from[PATH];
	FILE *conf = NULL;

	folder(top, k);
	if (mkdir(top, 0755) == -1 || mkdir(in("state"), 0755) == -1 || mkdir(in("synced"), 0755) == -1 ||
	    (conf = fopen(in("conf"), "w")) == NULL)
		fatal(top);
	snprintf(from, sizeof(from), "%s/state", site);
	each_file(from, copy_state);
	/* The shims write beside the state: they could not from within the sandbox. */
	fprintf(conf, "state = \"%s\"\nzone = \"UTC\"\nworkers = 2\nsandbox = false\n", in("state"));
	for (size_t i = 0; i < nsources; i++) {
		mkdir(in("%s", source[i].name), 0755);
		link_into = source[i].name;
		snprintf(from, sizeof(from), "%s/%s", site, source[i].name);
		each_file(from, link_file);
		fprintf(conf, "source \"%s\" { dir = \"%s\" }\n", source[i].name, in("%s", source[i].name));
	}
	fclose(conf);
}

/* Of the state only what was made safe is still there; a file that was not is empty at best. */
static void
restore(const char *dir, const char *file)
{
	char from[2 * PATH], *to;

	if (strstr(file, "-shm") != NULL)	/* shared memory, which nobody keeps */
		return;
	snprintf(from, sizeof(from), "%s/%s", dir, file);
	to = in("state%s", file);
	for (char *p = to; (p = strchr(p, '%')) != NULL; *p = '/') {
		*p = '\0';
		mkdir(to, 0755);
	}
	copy(from, to);
}

static void
fall_of_power(void)
{
	char synced[2 * PATH];

	snprintf(synced, sizeof(synced), "%s", in("synced"));
	remove_tree(in("state"));
	mkdir(in("state"), 0755);
	each_file(synced, restore);
}

/* ---- a life ---- */

static pid_t
start(long k, char **settings)
{
	char number[32], program[PATH];
	const char *o = getenv("O");
	pid_t pid = fork();
	int log;

	if (pid != 0)
		return pid;
	if (settings != NULL) {
		snprintf(number, sizeof(number), "%ld", k);
		setenv(variable, number, 1);
		setenv("FAULT_UNDER", in("state"), 1);
		setenv("FAULT_HIT", in("hit"), 1);
		if (power)
			setenv("FAULT_SYNCED", in("synced"), 1);
		while (*settings != NULL)
			putenv(*settings++);
	}
	snprintf(program, sizeof(program), "%s/flowlightd", o != NULL ? o : "build");
	if ((log = open(in("log%d", settings == NULL), O_WRONLY | O_CREAT | O_APPEND, 0644)) == -1 ||
	    dup2(log, 1) == -1 || dup2(log, 2) == -1)
		fatal("log");
	execl(program, program, "-f", "-c", in("conf"), (char *)NULL);
	fatal(program);
	return -1;
}

static sqlite3 *
open_index(void)
{
	sqlite3 *db = NULL;

	if (!exists(in("state/index.db")) ||
	    sqlite3_open_v2(in("state/index.db"), &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_busy_timeout(db, 2000);
	return db;
}

/* The first column of the first row; -1 when there is none. */
static long long
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	long long n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* All files are in the index, and the index is in the RRDs. */
static bool
done(void)
{
	sqlite3 *db = open_index();
	long long files = 0;
	bool all;

	for (size_t i = 0; i < nsources; i++)
		files += source[i].files;
	all = db != NULL && number(db, "SELECT count(*) FROM file WHERE state = 0") == files &&
	    number(db, "SELECT count(*) FROM digest") == files &&
	    number(db, "SELECT count(*) FROM source WHERE backlog OR seen = 0 OR rrd_stale") == 0;
	sqlite3_close(db);
	return all;
}

/* Until all is done (1), or the daemon is dead (0, and how it died), or it takes too long (-1). */
static int
wait_until_done(pid_t pid, int *status)
{
	time_t end = time(NULL) + DAEMON_SECONDS;

	while (time(NULL) < end) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return 0;
		if (done())
			return 1;
		usleep(POLL_MSEC * 1000);
	}
	return -1;
}

static bool
stop(pid_t pid, int *status)
{
	time_t end = time(NULL) + DAEMON_SECONDS;

	kill(pid, SIGTERM);
	while (time(NULL) < end) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		usleep(POLL_MSEC * 1000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, status, 0);
	return false;
}

/* ---- what has to hold ---- */

static enum outcome
check_sums(sqlite3 *db, const char *table, size_t i)
{
	char sql[1024];
	sqlite3_stmt *st = NULL;
	enum outcome rc = GOOD;

	snprintf(sql, sizeof(sql), sum_query, table, source[i].name);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW)
		rc = bad("%s: %s", table, sqlite3_errmsg(db));
	for (int m = 0; m < 3 && rc == GOOD; m++)
		if (sqlite3_column_int64(st, m) != source[i].want[m])
			rc = bad("%s, sum of %s: %lld, not %lld", source[i].name, table,
			    (long long)sqlite3_column_int64(st, m), source[i].want[m]);
	sqlite3_finalize(st);
	return rc;
}

/* A fetched row against a slot. */
static bool
same(sqlite3_stmt *st, const rrd_value_t *row, char **names)
{
	for (int d = 0; d < METRICS; d++) {
		double want = (double)sqlite3_column_int64(st, 1 + d), got;
		unsigned long c = 0;

		while (strcmp(names[c], ds_names[d]) != 0)
			c++;
		got = row[c] * STEP_SECONDS;
		if (!(fabs(got - want) <= 1e-9 * want))
			return false;
	}
	return true;
}

static enum outcome
check_rrd(sqlite3 *db, size_t i)
{
	char sql[1024];
	sqlite3_stmt *st = NULL;
	unsigned long step = STEP_SECONDS, n, rows = 0;
	time_t first, last, from, to;
	rrd_value_t *data;
	char **names;
	enum outcome rc = GOOD;

	snprintf(sql, sizeof(sql), "SELECT min(start) FROM slot, source WHERE source.id = source AND name = '%s'", source[i].name);
	first = number(db, sql) - STEP_SECONDS;
	last = rrd_last_r(in("state/profiles-stat/live/%s.rrd", source[i].name));
	from = first;
	to = last;
	if (rrd_fetch_r(in("state/profiles-stat/live/%s.rrd", source[i].name), "AVERAGE", &from, &to, &step, &n,
	    &names, &data) != 0)
		return bad("RRD of %s: %s", source[i].name, rrd_get_error());
	for (time_t t = from; t < to; t += (time_t)step)
		rows += !isnan(data[(size_t)((t - from) / (time_t)step) * n]);
	snprintf(sql, sizeof(sql), slot_query, source[i].name);
	sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	while (rc == GOOD && sqlite3_step(st) == SQLITE_ROW) {
		time_t t = sqlite3_column_int64(st, 0);

		if (t < from || t >= to || !same(st, data + (size_t)((t - from) / (time_t)step) * n, names))
			rc = bad("RRD of %s: slot %lld is not as in the index", source[i].name, (long long)t);
		rows--;
	}
	sqlite3_finalize(st);
	if (rc == GOOD && rows != 0)
		rc = bad("RRD of %s: %ld rows more than slots", source[i].name, (long)rows);
	for (unsigned long c = 0; c < n; c++)
		rrd_freemem(names[c]);
	rrd_freemem(names);
	rrd_freemem(data);
	return rc;
}

static enum outcome
check_index(void)
{
	sqlite3 *db = open_index();
	enum outcome rc = GOOD;
	sqlite3_stmt *st = NULL;

	if (db == NULL)
		return bad("there is no index");
	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW || strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		rc = bad("the database is not sound");
	sqlite3_finalize(st);
	for (size_t i = 0; i < nsources && rc == GOOD; i++)
		if ((rc = check_sums(db, "file", i)) == GOOD && (rc = check_sums(db, "slot", i)) == GOOD)
			rc = check_rrd(db, i);
	sqlite3_close(db);
	return rc;
}

/* Lines of a log without their time. */
static enum outcome
check_log(const char *path)
{
	static char lines[200][600];
	FILE *f = fopen(path, "r");
	char line[600], *text;
	size_t n = 0, i;
	enum outcome rc = GOOD;

	while (f != NULL && rc == GOOD && fgets(line, sizeof(line), f) != NULL && n < 200) {
		text = strchr(line, ' ');
		if (text == NULL || strstr(line, ": info: ") != NULL || strstr(line, "]: info: ") != NULL)
			continue;
		for (i = 0; i < n && strcmp(lines[i], text) != 0; i++)
			;
		if (i < n)
			rc = bad("said twice: %s", text);
		snprintf(lines[n++], sizeof(lines[0]), "%s", text);
	}
	if (f != NULL)
		fclose(f);
	return rc;
}

static bool left_over;

static int
look_for_rest(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	if (type == FTW_F && path[f->base] == '.' && !power) {
		printf("left over: %s\n", path);
		left_over = true;
	}
	return 0;
}

static enum outcome
check_rest(void)
{
	left_over = false;
	nftw(in("state"), look_for_rest, 16, FTW_PHYS);
	return left_over ? BAD : GOOD;
}

static void
show_log(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[600];

	for (int n = 0; f != NULL && n < 20 && fgets(line, sizeof(line), f) != NULL; n++)
		printf("    %s", line);
	if (f != NULL)
		fclose(f);
}

static bool
says(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[600];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, word) != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

/* The second life, if the first ended by what hurt it. */
static enum outcome
second_life(void)
{
	int status;
	pid_t pid;

	if (power)
		fall_of_power();
	pid = start(0, NULL);
	if (wait_until_done(pid, &status) != 1)
		return bad("started again, it does not end its work");
	while (!says(in("log1"), "started:"))	/* signals are caught by then */
		usleep(POLL_MSEC * 1000);
	if (!stop(pid, &status) || status != 0)
		return bad("started again, it ends with %d", status);
	return GOOD;
}

/* Ended in the first life: on purpose, or in words? */
static enum outcome
check_death(int status)
{
	if (WIFSIGNALED(status) && !memory && !(killed && WTERMSIG(status) == SIGKILL))
		return bad("died by signal %d", WTERMSIG(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) > 1 && !memory)
		return bad("ended with status %d", WEXITSTATUS(status));
	return GOOD;
}

static enum outcome
live(long k, char **settings)
{
	pid_t pid = start(k, settings);
	int status = 0, rc = wait_until_done(pid, &status);
	bool alive = rc != 0;
	enum outcome outcome;

	if (rc == -1) {
		stop(pid, &status);
		return bad("it does not end its work");
	}
	if (alive && !stop(pid, &status))
		return bad("it does not end");
	if ((outcome = check_death(status)) != GOOD)
		return outcome;
	if (status != 0 && !exists(in("hit")))
		return bad("it ended without being hurt");
	if (status != 0 && (outcome = second_life()) != GOOD)
		return outcome;
	if ((outcome = check_index()) != GOOD || (outcome = check_log(in("log0"))) != GOOD ||
	    (outcome = check_log(in("log1"))) != GOOD || (outcome = check_rest()) != GOOD)
		return outcome;
	return exists(in("hit")) ? GOOD : UNHURT;
}

/* In a process of its own. */
static enum outcome
try(long k, char **settings)
{
	enum outcome outcome;

	make_site(k);
	if (freopen(in("told"), "w", stdout) == NULL)
		fatal(top);
	if ((outcome = live(k, settings)) == BAD) {
		show_log(in("log0"));
		show_log(in("log1"));
		fflush(stdout);
	} else
		remove_tree(top);
	return outcome;
}

static void
read_wants(void)
{
	char path[PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s/want", site);
	if ((f = fopen(path, "r")) == NULL)
		fatal(path);
	while (nsources < SOURCES_MAX && fscanf(f, "%63s %lld %lld %lld %lld", source[nsources].name,
	    &source[nsources].files, &source[nsources].want[0], &source[nsources].want[1], &source[nsources].want[2]) == 5)
		nsources++;
	fclose(f);
}

static void
show(long k)
{
	char path[PATH], line[700];
	FILE *f;

	folder(path, k);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/told");
	printf("%s %ld:\n", name, k);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		printf("  %s", line);
	if (f != NULL)
		fclose(f);
}

int
main(int argc, char **argv)
{
	struct { pid_t pid; long k; } job[JOBS_MAX] = { { 0, 0 } };
	long k = 1, step = 1, lives = 0, wrong = 0;
	size_t jobs = 16, running = 0, i;
	bool end = false;
	int ch, status;
	pid_t pid;

	while ((ch = getopt(argc, argv, "kmpj:s:")) != -1)
		switch (ch) {
		case 'k': killed = true; break;
		case 'm': memory = true; break;
		case 'p': power = killed = true; break;
		case 'j': jobs = strtoul(optarg, NULL, 10); break;
		case 's': step = atol(optarg); break;
		default: return 2;
		}
	if (argc - optind < 3 || jobs == 0 || jobs > JOBS_MAX || step <= 0)
		return 2;
	if ((site = realpath(argv[optind], NULL)) == NULL)
		fatal(argv[optind]);
	name = argv[optind + 1];
	variable = argv[optind + 2];
	read_wants();
	while (!end || running > 0) {
		if (!end && running < jobs) {
			for (i = 0; job[i].pid != 0; i++)
				;
			fflush(stdout);
			if ((pid = fork()) == 0)
				exit(try(k, argv + optind + 3));
			if (pid == -1)
				fatal("fork");
			job[i].pid = pid;
			job[i].k = k;
			k += step;
			running++;
			continue;
		}
		if ((pid = wait(&status)) == -1)
			fatal("wait");
		for (i = 0; i < JOBS_MAX && job[i].pid != pid; i++)
			;
		if (i == JOBS_MAX)
			continue;
		job[i].pid = 0;
		running--;
		lives += WEXITSTATUS(status) != UNHURT;
		if (status != 0 && WEXITSTATUS(status) != UNHURT && wrong++ < 3)
			show(job[i].k);
		end = end || wrong > 20 || WEXITSTATUS(status) == UNHURT;
	}
	printf("%ld lives, %ld of them wrong\n", lives, wrong);
	return wrong != 0;
}
