-- state.db, version 1: what people made, and who asked what.  flowlight.fcgi
-- writes it.  It cannot be made anew from anything: the database to back up.
-- Times are seconds since 1970 UTC.  An owner of "" is whoever has no name.

-- A page with its query ("/details?from=…"), or the text of a filter.
CREATE TABLE saved (
	id	INTEGER PRIMARY KEY,
	kind	TEXT NOT NULL CHECK (kind IN ('query', 'filter')),
	name	TEXT NOT NULL,
	value	TEXT NOT NULL,
	owner	TEXT NOT NULL,
	shared	INTEGER NOT NULL,
	made	INTEGER NOT NULL,
	UNIQUE (owner, kind, name)
) STRICT;

-- A dashboard shows its pins as they are now, a notebook as they were.
CREATE TABLE board (
	id	INTEGER PRIMARY KEY,
	kind	TEXT NOT NULL CHECK (kind IN ('dashboard', 'notebook')),
	name	TEXT NOT NULL,
	owner	TEXT NOT NULL,
	shared	INTEGER NOT NULL,
	made	INTEGER NOT NULL,
	UNIQUE (owner, kind, name)
) STRICT;

CREATE TABLE pin (
	id	INTEGER PRIMARY KEY,
	board	INTEGER NOT NULL REFERENCES board ON DELETE CASCADE,
	place	INTEGER NOT NULL,
	kind	TEXT NOT NULL CHECK (kind IN ('graph', 'table', 'note')),
	title	TEXT NOT NULL,
	url	TEXT,		-- of the picture or the table, below the program; NULL of a note
	page	TEXT,		-- where it was pinned
	body	BLOB,		-- a note's text; a notebook's picture or table as it was
	made	INTEGER NOT NULL
) STRICT;
CREATE INDEX pin_board ON pin (board, place);

-- Every question that was answered from flows.
CREATE TABLE asked (
	id	INTEGER PRIMARY KEY,
	at	INTEGER NOT NULL,
	user	TEXT NOT NULL,
	role	TEXT NOT NULL,
	what	TEXT NOT NULL,	-- path and query
	msec	INTEGER NOT NULL,
	flows	INTEGER NOT NULL,	-- read
	status	INTEGER NOT NULL	-- of HTTP
) STRICT;
CREATE INDEX asked_at ON asked (at);
