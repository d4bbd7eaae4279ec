-- index.db, from version 4 to 5: sieves instead of hashes (presence.h).  Files that
-- had hashes are read once more; until then nothing is known of their strangers.

UPDATE file SET size = -1 WHERE state = 0 AND id IN (SELECT file FROM run WHERE level = 3 AND parameter > 0);
DELETE FROM presence WHERE level = 3;
-- parameter of level 3 is now the number of the sieve's blocks
UPDATE run SET parameter = 0, bytes = 0 WHERE level = 3 AND parameter > 0;

PRAGMA user_version = 5;
