/*
 * Lines for the operator: to stderr with a time and a level, or to syslog.
 * Control bytes in a line are printed as \xNN, so that nothing from outside
 * can forge a line or drive a terminal.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* name is the program's; to_syslog: facility daemon, else stderr.  Before this, lines go to stderr. */
void	log_open(const char *name, int to_syslog, enum log_level most);
void	log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
