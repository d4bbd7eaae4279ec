-- state.db, from version 2 to 3: notes on graphs.

-- What somebody has to say about a time.  Its number stands on graphs and is never used again.
CREATE TABLE note (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	start	INTEGER NOT NULL,
	until	INTEGER NOT NULL,	-- as start: a moment
	source	TEXT,			-- by name; NULL: of all
	text	TEXT NOT NULL,
	owner	TEXT NOT NULL,
	made	INTEGER NOT NULL,
	CHECK (until >= start)
) STRICT;
CREATE INDEX note_until ON note (until);
