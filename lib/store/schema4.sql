-- index.db, from version 3 to 4: when what is known of a source changed last.

-- A number that grows with each change to its files, slots, sums and RRD, and that no other index has had.
ALTER TABLE source ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 4;
