/*
 * One RRD per source, in nfsen's layout and under nfsen's name,
 * state/profiles-stat/live/<source>.rrd, because LibreNMS and others read them:
 * step 300, DS {flows,packets,traffic}[_{tcp,udp,icmp,other}] ABSOLUTE:600:U:U,
 * RRAs AVERAGE and MAX 1:17280, 6:2880, 24:720, 288:700.  traffic is bytes.
 */
#ifndef STORE_RRD_H
#define STORE_RRD_H

#include "base/conf.h"
#include "flow/batch.h"
#include "store/index.h"

/* Path, in the arena. */
const char *rrd_path(const struct conf *, const struct source *, struct arena *);

/* Data-source name of a metric ("flows", "packets", "traffic") and class: "flows_tcp". */
const char *rrd_ds(unsigned metric, enum proto_class, char buf[static 20]);

/*
 * Brings a source's RRD up to the index: makes the file if it is missing, and
 * adds the slots after its last.  A slot that changed or came late, before the
 * file's last time, cannot be added to an RRD: `rebuild` makes it anew from all slots.
 */
int	rrd_sync(const struct conf *, struct index *, const struct source *, bool rebuild,
	    struct err *);

/* Start of the newest slot in the file, 0 if there is none. */
int64_t	rrd_last_slot(const char *path, unsigned slot_seconds);

#endif
