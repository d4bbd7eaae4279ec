-- index.db, from version 2 to 3: what else a file tells of itself, from when on
-- rows are kept, and what came of checking them.  Files that are there are read
-- once more.

-- records: flow records, an aggregated one counts as one; -1: not known, as the rest
ALTER TABLE file ADD COLUMN records INTEGER NOT NULL DEFAULT -1;
-- of its blocks, uncompressed; and blocks that could not be read
ALTER TABLE file ADD COLUMN raw_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN blocks_skipped INTEGER NOT NULL DEFAULT 0;
-- of the packets and bytes those of the other direction
ALTER TABLE file ADD COLUMN outpackets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN outbytes INTEGER NOT NULL DEFAULT 0;
-- 1: some of its addresses are IPv4, 2: IPv6
ALTER TABLE file ADD COLUMN families INTEGER NOT NULL DEFAULT 3;
ALTER TABLE file ADD COLUMN ident TEXT;
-- the collector's own sum of it: 0 there is none; as counted when stat is NULL, else
-- its totals, first and last flow, as varints
ALTER TABLE file ADD COLUMN has_stat INTEGER NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN stat BLOB;

-- The start from which on a level (as of table top) has all its rows.
CREATE TABLE kept (
	level		INTEGER PRIMARY KEY,
	since		INTEGER NOT NULL
) STRICT;

-- Files that were read again and held against their rows; how many differed, and how the last one did.
ALTER TABLE source ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN checked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN differed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN difference TEXT;

UPDATE file SET size = -1 WHERE state = 0;

PRAGMA user_version = 3;
