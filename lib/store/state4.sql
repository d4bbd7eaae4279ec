-- state.db, from version 3 to 4: formats of outputs are saved, too.

-- A page with its query ("/details?from=…"), the text of a filter, or a format ("fmt:%ts %byt").
CREATE TABLE saved4 (
	id	INTEGER PRIMARY KEY,
	kind	TEXT NOT NULL CHECK (kind IN ('query', 'filter', 'format')),
	name	TEXT NOT NULL,
	value	TEXT NOT NULL,
	owner	TEXT NOT NULL,
	shared	INTEGER NOT NULL,
	made	INTEGER NOT NULL,
	UNIQUE (owner, kind, name)
) STRICT;
INSERT INTO saved4 (id, kind, name, value, owner, shared, made)
	SELECT id, kind, name, value, owner, shared, made FROM saved;
DROP TABLE saved;
ALTER TABLE saved4 RENAME TO saved;
