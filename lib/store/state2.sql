-- state.db, from version 1 to 2: which answers came from the cache.

ALTER TABLE asked ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
