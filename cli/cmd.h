/*
 * The commands of `flowlight`.  Each takes its own words (argv[0] is the
 * command's name) and returns the exit status: 0, 1 when something is wrong with
 * what it read, 2 when its words are.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "base/conf.h"
#include "flow/slot.h"

int	cmd_query(int argc, char **argv);
int	cmd_explain(int argc, char **argv);
int	cmd_host(int argc, char **argv);
int	cmd_status(int argc, char **argv);
int	cmd_check(int argc, char **argv);
int	cmd_print(int argc, char **argv);
int	cmd_stat(int argc, char **argv);
int	cmd_report(int argc, char **argv);
int	cmd_rebuild(int argc, char **argv);
int	cmd_demo(int argc, char **argv);
int	cmd_parse(int argc, char **argv);
int	cmd_help(int argc, char **argv);

/* Prints "flowlight command: text" to stderr; the exit status of the error. */
int	cmd_fail(const char *command, const struct err *);

/*
 * The configuration at path, or FLOWLIGHT_CONF, or the usual place; sets the
 * time zone.  NULL with the error set.
 */
struct conf *cmd_conf(const char *path, struct err *);

/*
 * Whom filters and groups ask for countries, where the configuration names a database; else NULL.
 * The caller closes it.  0, or -1.
 */
struct owners;
int	cmd_countries(const struct conf *, struct owners **, struct err *);

/* The collector files that words name: files, or directories with all below them. */
int	cmd_files(int n, char **words, struct arena *, struct file_list *, struct err *);

/* Tells on stderr what is wrong in a file (offset -1: it cannot be read), and remembers that something was. */
void	cmd_fault(const char *path, int64_t offset, const char *reason);
extern int cmd_damaged;			/* 0, or 1: the exit status */

/* The definition of a filter file of flow-nfilter. */
struct ft_definition;
const struct ft_definition *cmd_filter(const char *path, const char *name, struct arena *, struct err *);

#endif
