-- index.db, version 1.  Derived from the collector files; flowlightd writes it.
-- Counters are unsigned 64-bit numbers cut to 2^63 - 1.  Times are seconds
-- since 1970 UTC unless the name says otherwise.

CREATE TABLE source (
	id		INTEGER PRIMARY KEY,
	name		TEXT NOT NULL UNIQUE,
	-- what the daemon says of it
	seen		INTEGER NOT NULL DEFAULT 0,
	backlog		INTEGER NOT NULL DEFAULT 0,
	trouble		TEXT,
	collector	TEXT,
	-- 1 + start of the earliest slot that its RRD may not have as it is here, 0: none
	rrd_stale	INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Every collector file that was read, once; state: 0 fine, 1 broken (no
-- totals), 2 gone (deleted since; its totals stay).
CREATE TABLE file (
	id		INTEGER PRIMARY KEY,
	source		INTEGER NOT NULL REFERENCES source,
	name		TEXT NOT NULL,
	start		INTEGER NOT NULL,
	size		INTEGER NOT NULL,
	mtime_nsec	INTEGER NOT NULL,
	dev		INTEGER NOT NULL,
	ino		INTEGER NOT NULL,
	state		INTEGER NOT NULL,
	faults		INTEGER NOT NULL,
	reason		TEXT,
	first_msec	INTEGER NOT NULL,
	last_msec	INTEGER NOT NULL,
	sequence_failures INTEGER NOT NULL,
	flows		INTEGER NOT NULL, packets	INTEGER NOT NULL, bytes		INTEGER NOT NULL,
	flows_tcp	INTEGER NOT NULL, packets_tcp	INTEGER NOT NULL, bytes_tcp	INTEGER NOT NULL,
	flows_udp	INTEGER NOT NULL, packets_udp	INTEGER NOT NULL, bytes_udp	INTEGER NOT NULL,
	flows_icmp	INTEGER NOT NULL, packets_icmp	INTEGER NOT NULL, bytes_icmp	INTEGER NOT NULL,
	flows_other	INTEGER NOT NULL, packets_other	INTEGER NOT NULL, bytes_other	INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX file_name ON file (source, name);
CREATE INDEX file_start ON file (source, start);
CREATE INDEX file_gone ON file (source, mtime_nsec) WHERE state = 2;
CREATE INDEX file_bad ON file (source, start) WHERE reason IS NOT NULL;

-- The sum of the slot's files that are not broken.  No row: no data.  Other
-- tables of a slot have the same key.
CREATE TABLE slot (
	source		INTEGER NOT NULL REFERENCES source,
	start		INTEGER NOT NULL,
	files		INTEGER NOT NULL,
	flows		INTEGER NOT NULL, packets	INTEGER NOT NULL, bytes		INTEGER NOT NULL,
	flows_tcp	INTEGER NOT NULL, packets_tcp	INTEGER NOT NULL, bytes_tcp	INTEGER NOT NULL,
	flows_udp	INTEGER NOT NULL, packets_udp	INTEGER NOT NULL, bytes_udp	INTEGER NOT NULL,
	flows_icmp	INTEGER NOT NULL, packets_icmp	INTEGER NOT NULL, bytes_icmp	INTEGER NOT NULL,
	flows_other	INTEGER NOT NULL, packets_other	INTEGER NOT NULL, bytes_other	INTEGER NOT NULL,
	PRIMARY KEY (source, start)
) STRICT, WITHOUT ROWID;

PRAGMA application_id = 1179406167;
PRAGMA user_version = 1;
