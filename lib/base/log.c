#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"

static const struct {
	const char *name;
	int syslog;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARN] = { "warning", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

static const char *log_name;
static int log_syslog;
static enum log_level log_most = LOG_LEVEL_INFO;

void
log_open(const char *name, int to_syslog, enum log_level most)
{
	log_name = name;
	log_syslog = to_syslog;
	log_most = most;
	if (to_syslog)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static void
add_time(struct strbuf *sb)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &tm);
	strbuf_addf(sb, "%s %s[%ld] ", text, log_name != NULL ? log_name : "flowlight", (long)getpid());
}

static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	struct strbuf sb = { 0 };
	char text[4096];
	int saved = errno;

	if (level > log_most)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (!log_syslog) {
		add_time(&sb);
		strbuf_addf(&sb, "%s: ", levels[level].name);
	}
	strbuf_add_printable(&sb, text);
	if (log_syslog)
		syslog(levels[level].syslog, "%s", strbuf_text(&sb));
	else {
		strbuf_addc(&sb, '\n');
		/* One call, so that lines of threads and processes do not mix. */
		if (write(STDERR_FILENO, sb.s, sb.len) == -1 && errno == EINTR)
			(void)!write(STDERR_FILENO, sb.s, sb.len);
	}
	strbuf_free(&sb);
	errno = saved;
}

#define LOG_FUNCTION(function, level)		\
void						\
function(const char *fmt, ...)			\
{						\
	va_list ap;				\
						\
	va_start(ap, fmt);			\
	log_line(level, fmt, ap);		\
	va_end(ap);				\
}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
