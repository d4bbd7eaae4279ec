-- index.db, from version 1 to 2: what the flows of files look like.  Files that
-- were read for version 1 are read once more, those that are gone stay as sums.

-- Of each file that was read.
CREATE TABLE digest (
	source		INTEGER NOT NULL REFERENCES source,
	start		INTEGER NOT NULL,
	file		INTEGER NOT NULL,
	-- distinct addresses and destination ports; at_least: there may be more
	sources		INTEGER NOT NULL,
	destinations	INTEGER NOT NULL,
	ports		INTEGER NOT NULL,
	at_least	INTEGER NOT NULL,
	-- how evenly flows are spread: 0 all of one, 1 the same of each
	entropy_srcip	REAL NOT NULL,
	entropy_dstip	REAL NOT NULL,
	entropy_srcport	REAL NOT NULL,
	entropy_dstport	REAL NOT NULL,
	-- the host with the most, as 16 bytes, and how much that is
	owner_flows	BLOB NOT NULL, owned_flows	INTEGER NOT NULL,
	owner_packets	BLOB NOT NULL, owned_packets	INTEGER NOT NULL,
	owner_bytes	BLOB NOT NULL, owned_bytes	INTEGER NOT NULL,
	PRIMARY KEY (source, start, file)
) STRICT, WITHOUT ROWID;

-- Top tables (toptable.h), a blob for each dimension; level: 0 of a file, 1 of an
-- hour, 2 of a day, both of UTC and the sum of all their files, file 0.
CREATE TABLE top (
	level		INTEGER NOT NULL,
	source		INTEGER NOT NULL REFERENCES source,
	start		INTEGER NOT NULL,
	file		INTEGER NOT NULL,
	dim		INTEGER NOT NULL,
	blob		BLOB NOT NULL,
	PRIMARY KEY (level, source, start, file, dim)
) STRICT;

-- Which addresses files have (presence.h): runs of blocks sorted by address.
-- Level as above; 3 for hashes of those addresses that a file's run leaves out.
CREATE TABLE run (
	level		INTEGER NOT NULL,
	source		INTEGER NOT NULL REFERENCES source,
	start		INTEGER NOT NULL,
	file		INTEGER NOT NULL,
	bytes		INTEGER NOT NULL,	-- charged to the day's budget
	-- of level 3: hashes * 64 + bits; 0: what the file has is not known; -1, file
	-- 0: what other levels have of the slot may be of a file that is no more
	parameter	INTEGER NOT NULL,
	PRIMARY KEY (level, source, start, file)
) STRICT, WITHOUT ROWID;

CREATE TABLE presence (
	level		INTEGER NOT NULL,
	source		INTEGER NOT NULL REFERENCES source,
	start		INTEGER NOT NULL,
	file		INTEGER NOT NULL,
	first_key	BLOB NOT NULL,
	block		BLOB NOT NULL,
	PRIMARY KEY (level, source, start, file, first_key)
) STRICT;

-- Hours and days that are to be summed up anew.
CREATE TABLE pending (
	level		INTEGER NOT NULL,
	source		INTEGER NOT NULL REFERENCES source,
	start		INTEGER NOT NULL,
	PRIMARY KEY (level, start, source)
) STRICT, WITHOUT ROWID;

-- Until they are read once more.
INSERT INTO run (level, source, start, file, bytes, parameter)
	SELECT 3, source, start, id, 0, 0 FROM file WHERE state <> 1;

-- No file has this size.
UPDATE file SET size = -1 WHERE state = 0;

PRAGMA user_version = 2;
