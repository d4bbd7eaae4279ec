/*
 * One RRD per source, in nfsen's layout and under nfsen's name,
 * state/profiles-stat/live/<source>.rrd, because LibreNMS and others read them:
 * step 300, DS {flows,packets,traffic}[_{tcp,udp,icmp,other}] ABSOLUTE:600:U:U,
 * RRAs AVERAGE and MAX 1:17280, 6:2880, 24:720, 288:1100.  traffic is bytes.
 * (With another slot length: that step, and archives of the same lengths.)  The last is
 * longer than nfsen's 700 days, which readers do not notice.
 *
 * A sample's time is its slot's end.  To librrd a sample of time t tells of the
 * time from the sample before up to t, so a graph shows the slot 14:30 over
 * [14:30, 14:35), where its flows were, and rrd_fetch gives it at 14:35.  Before
 * a slot that follows a gap goes a sample "unknown": a gap is no data, not zero,
 * and the slot's value is not smeared over it.
 */
#ifndef STORE_RRD_H
#define STORE_RRD_H

#include "base/conf.h"
#include "flow/batch.h"
#include "store/index.h"

/*
 * At the start: librrd would have RRDs read and written by the rrdcached that an
 * environment names, wherever that is.
 */
void	rrd_alone(void);

/* Path, in the arena. */
const char *rrd_path(const struct conf *, const struct source *, struct arena *);

/* Data-source name of a metric ("flows", "packets", "traffic") and class: "flows_tcp". */
const char *rrd_ds(unsigned metric, enum proto_class, char buf[static 20]);

/*
 * Brings a source's RRD up to the index, opened for writing: makes the file if
 * it is missing, and adds the slots after its last.  A slot that changed or came
 * late cannot be added to an RRD: the file is then made anew under another name,
 * from what it has of before that and the slots since, and moved into place; with
 * `rebuild`, from all slots.  What the old file has from before the index's first slot
 * goes along, means and maxima.  So an RRD outlives a deleted index and expired collector
 * files, and one of NfSen's goes on; shorter archives become as long as ours.  Slots of
 * the future are left out, because after one an RRD takes nothing of the present, unless
 * most are: then it is the clock that is wrong.
 */
int	rrd_sync(const struct conf *, struct index *, const struct source *, bool rebuild,
	    struct err *);

/*
 * After the writer was killed in the middle of an update, or the machine fell: does
 * the RRD differ from the index in its finest archive?  Then it is marked, and the
 * next rrd_sync makes it anew.
 */
int	rrd_compare(const struct conf *, struct index *, const struct source *, struct err *);

/*
 * Removes what a writer left that was killed while it made an RRD (librrd makes files
 * under names of its own, too).  For the one who has the lock on the state directory.
 */
void	rrd_tidy(const struct conf *);

/* Start of the newest slot in the file, 0 if there is none. */
int64_t	rrd_last_slot(const char *path, unsigned slot_seconds);

#endif
