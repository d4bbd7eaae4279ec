#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/state.h"

static char dir[64];
static struct state *s;
static struct arena *a;
static struct err err;

static const struct actor alice = { "alice", false }, bob = { "bob", false }, admin = { "root", true };

static int
start(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/flowlight-state.XXXXXX");
	a = arena_new();
	if (mkdtemp(dir) == NULL)
		return -1;
	strcat(dir, "/web");		/* is made */
	return (s = state_open(dir, &err)) != NULL ? 0 : -1;
}

static int
end(void **state)
{
	static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };
	char path[128];

	(void)state;
	state_close(s);
	arena_free(a);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	*strrchr(dir, '/') = '\0';
	return rmdir(dir);
}

static void
fine(int rc)
{
	if (rc != 0)
		fail_msg("%s", err.text);
}

/* Names that a user sees, with a * where they are shared. */
static const char *
seen_by(const char *user)
{
	static char names[400];
	struct saved *list;
	size_t n;

	names[0] = '\0';
	fine(state_saved(s, user, a, &list, &n, &err));
	for (size_t i = 0; i < n; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s%s=%s", i ? " " : "",
		    list[i].name, list[i].shared ? "*" : "", list[i].value);
	return names;
}

static void
saved_things_are_private_unless_shared(void **state)
{
	struct saved one = { .kind = SAVED_QUERY, .name = "mail", .value = "/details?filter=port+25", .owner = "alice" };
	struct saved two = { .kind = SAVED_FILTER, .name = "dns", .value = "udp and port 53", .owner = "bob", .shared = true };
	struct saved *list;
	size_t n;

	(void)state;
	fine(state_save(s, &one, &err));
	fine(state_save(s, &two, &err));
	assert_string_equal(seen_by("alice"), "dns*=udp and port 53 mail=/details?filter=port+25");
	assert_string_equal(seen_by("bob"), "dns*=udp and port 53");
	one.value = "/details?filter=port+587";
	fine(state_save(s, &one, &err));
	assert_string_equal(seen_by("alice"), "dns*=udp and port 53 mail=/details?filter=port+587");
	fine(state_saved(s, "alice", a, &list, &n, &err));
	assert_int_equal(state_saved_delete(s, &alice, list[0].id, &err), -1);
	assert_int_equal(err.kind, ERR_ABSENT);
	assert_int_equal(state_saved_share(s, &bob, list[1].id, true, &err), -1);
	fine(state_saved_share(s, &alice, list[1].id, true, &err));
	assert_string_equal(seen_by("bob"), "dns*=udp and port 53 mail*=/details?filter=port+587");
	fine(state_saved_delete(s, &admin, list[0].id, &err));
	assert_string_equal(seen_by("bob"), "mail*=/details?filter=port+587");
}

static int
save_number(unsigned i, const char *owner)
{
	char name[16];
	struct saved v = { .kind = SAVED_QUERY, .name = name, .value = "/details", .owner = owner, .shared = true };

	snprintf(name, sizeof(name), "n%u", i);
	return state_save(s, &v, &err);
}

/* What all pages list has an end. */
static void
nobody_saves_without_end(void **state)
{
	struct board b = { .kind = BOARD_NOTEBOOK, .owner = "alice" };
	char name[16];
	int64_t id, first = 0;

	(void)state;
	for (unsigned i = 0; i < SAVED_MAX; i++)
		fine(save_number(i, "alice"));
	assert_int_equal(save_number(SAVED_MAX, "alice"), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	fine(save_number(7, "alice"));		/* replaces one */
	fine(save_number(SAVED_MAX, "bob"));
	b.name = name;
	for (unsigned i = 0; i < BOARDS_MAX; i++) {
		snprintf(name, sizeof(name), "b%u", i);
		fine(state_board_add(s, &b, &id, &err));
		first = i == 0 ? id : first;
	}
	b.name = "one more";
	assert_int_equal(state_board_add(s, &b, &id, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	b.name = "b0";
	fine(state_board_add(s, &b, &id, &err));
	assert_int_equal(id, first);
}

static void
names_are_short_and_printable(void **state)
{
	struct saved v = { .name = "", .value = "x", .owner = "alice" };
	char name[100];

	(void)state;
	assert_int_equal(state_save(s, &v, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	v.name = "a\nb";
	assert_int_equal(state_save(s, &v, &err), -1);
	v.name = "\xff";
	assert_int_equal(state_save(s, &v, &err), -1);
	memset(name, 'x', 81);
	name[81] = '\0';
	v.name = name;
	assert_int_equal(state_save(s, &v, &err), -1);
	name[80] = '\0';
	fine(state_save(s, &v, &err));
	v.name = "'; DROP TABLE saved; -- \xe2\x82\xac";
	fine(state_save(s, &v, &err));
	assert_non_null(strstr(seen_by("alice"), "DROP TABLE"));
}

/* Titles of a board's pins in their order. */
static const char *
titles(int64_t board)
{
	static char names[400];
	struct pin *list;
	size_t n;

	names[0] = '\0';
	fine(state_pins(s, "alice", board, a, &list, &n, &err));
	for (size_t i = 0; i < n; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? " " : "", list[i].title);
	return names;
}

static void
a_board_holds_pins_in_order(void **state)
{
	struct board b = { .kind = BOARD_NOTEBOOK, .name = "Friday", .owner = "alice" }, got;
	static const char *const name[] = { "one", "two", "three" };
	int64_t id, again, on = 0;
	struct pin *list, one;
	size_t n;

	(void)state;
	fine(state_board_add(s, &b, &id, &err));
	fine(state_board_add(s, &b, &again, &err));
	assert_int_equal(id, again);
	for (size_t i = 0; i < 3; i++) {
		struct pin p = { .kind = PIN_NOTE, .title = name[i], .body = "a\0b", .size = 3 };

		fine(state_pin_add(s, &alice, id, &p, &err));
	}
	assert_string_equal(titles(id), "one two three");
	fine(state_pins(s, "alice", id, a, &list, &n, &err));
	fine(state_pin_up(s, &alice, list[2].id, &on, &err));
	assert_int_equal(on, id);
	assert_string_equal(titles(id), "one three two");
	fine(state_pin_up(s, &alice, list[0].id, NULL, &err));	/* is first already */
	assert_string_equal(titles(id), "one three two");
	assert_int_equal(state_pin_up(s, &bob, list[2].id, NULL, &err), -1);
	assert_int_equal(state_pin_delete(s, &bob, list[0].id, NULL, &err), -1);
	assert_int_equal(state_pin(s, "bob", list[0].id, a, &one, &err), -1);
	assert_int_equal(state_board(s, "bob", id, a, &got, &err), -1);
	assert_int_equal(err.kind, ERR_ABSENT);
	fine(state_board_share(s, &alice, id, true, &err));
	fine(state_board(s, "bob", id, a, &got, &err));
	assert_int_equal(got.npins, 3);
	fine(state_pin(s, "bob", list[0].id, a, &one, &err));
	assert_int_equal(one.size, 3);
	assert_memory_equal(one.body, "a\0b", 3);
	fine(state_pin_delete(s, &alice, list[0].id, NULL, &err));
	assert_string_equal(titles(id), "three two");
	assert_int_equal(state_board_delete(s, &bob, id, &err), -1);
	fine(state_board_delete(s, &admin, id, &err));
	assert_int_equal(state_pin(s, "alice", list[1].id, a, &one, &err), -1);	/* gone with it */
}

static void
a_board_is_not_without_end(void **state)
{
	struct board b = { .kind = BOARD_DASHBOARD, .name = "wall", .owner = "alice" };
	struct pin p = { .kind = PIN_GRAPH, .title = "g", .url = "/graph?range=1d" };
	int64_t id;

	(void)state;
	fine(state_board_add(s, &b, &id, &err));
	assert_int_equal(state_pin_add(s, &bob, id, &p, &err), -1);
	for (int i = 0; i < PINS_MAX; i++)
		fine(state_pin_add(s, &alice, id, &p, &err));
	assert_int_equal(state_pin_add(s, &alice, id, &p, &err), -1);
	p.size = PIN_BODY_MAX + 1;
	assert_int_equal(state_pin_add(s, &alice, id, &p, &err), -1);
}

static void
the_log_forgets(void **state)
{
	struct log_line q = { 1000, "alice", "analysts", "/details?x=1", 12, 345, 200, false }, *list;
	size_t n;

	(void)state;
	fine(state_log(s, &q, 0, &err));
	fine(state_asked(s, NULL, 0, 10, a, &list, &n, &err));
	assert_int_equal(n, 0);
	fine(state_log(s, &q, 90, &err));
	q.at = 4000000000;
	q.user = "bob";
	q.kept = true;
	fine(state_log(s, &q, 90, &err));
	fine(state_asked(s, NULL, 0, 10, a, &list, &n, &err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].user, "bob");
	assert_int_equal(list[1].flows, 345);
	assert_true(list[0].kept && !list[1].kept);
	fine(state_asked(s, "alice", 0, 10, a, &list, &n, &err));
	assert_int_equal(n, 1);
	fine(state_asked(s, NULL, 4000000000, 10, a, &list, &n, &err));
	assert_int_equal(n, 1);
	for (int i = 0; i < 300; i++)
		fine(state_log(s, &q, 90, &err));
	fine(state_asked(s, "alice", 0, 10, a, &list, &n, &err));
	assert_int_equal(n, 0);			/* 1970 is long ago */
}

/* What people made stays when a database of before becomes ours. */
static void
older_versions_become_ours(void **state)
{
	struct log_line q = { 4000000000, "alice", "analysts", "/details?x=1", 12, 345, 200, true }, *list;
	char path[128];
	sqlite3 *db;
	size_t n;

	(void)state;
	fine(state_log(s, &q, 90, &err));
	state_close(s);
	snprintf(path, sizeof(path), "%s/state.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE note; ALTER TABLE asked DROP COLUMN kept; PRAGMA user_version = 1", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	s = state_open(dir, &err);
	assert_non_null(s);
	fine(state_log(s, &q, 90, &err));
	fine(state_asked(s, NULL, 0, 10, a, &list, &n, &err));
	assert_int_equal(n, 2);
	assert_true(list[0].kept && !list[1].kept);
}

/* Many notes of others, or about other sources, hide none. */
static void
notes_of_others_hide_none(void **state)
{
	struct note old = { .from = 1000, .to = 1000, .text = "mine", .owner = "carl", .source = "b" };
	struct note many = { .from = 2000, .to = 2000, .text = "theirs", .owner = "alice", .source = "a" };
	struct note *list;
	size_t n;

	(void)state;
	fine(state_note_add(s, &old, &err));
	for (unsigned i = 0; i < NOTES_MAX + 1; i++)
		fine(state_note_add(s, &many, &err));
	fine(state_notes(s, NULL, NULL, NULL, a, &list, &n, &err));
	assert_int_equal(n, NOTES_MAX);
	assert_string_equal(list[0].text, "theirs");
	assert_int_equal(list[0].id, 3);
	assert_int_equal(list[n - 1].id, NOTES_MAX + 2);
	fine(state_notes(s, NULL, "carl", NULL, a, &list, &n, &err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].text, "mine");
	fine(state_notes(s, NULL, NULL, "c,b", a, &list, &n, &err));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].text, "mine");
}

/* Numbers and texts of the notes in a window. */
static const char *
notes_in(int64_t from, int64_t to)
{
	static char text[400];
	struct window w = { from, to };
	struct note *list;
	size_t n;

	text[0] = '\0';
	fine(state_notes(s, &w, NULL, NULL, a, &list, &n, &err));
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%lld %s", i ? ", " : "",
		    (long long)list[i].id, list[i].text);
	return text;
}

static void
notes_belong_to_their_time(void **state)
{
	struct note moment = { .from = 1000, .to = 1000, .text = "router changed", .owner = "alice" };
	struct note window = { .from = 500, .to = 2000, .text = "maintenance", .owner = "bob", .source = "upstream1" };
	struct note wrong = { .from = 1000, .to = 999, .text = "x", .owner = "bob" };
	struct note *list;
	char longest[402];
	size_t n;

	(void)state;
	fine(state_note_add(s, &moment, &err));
	fine(state_note_add(s, &window, &err));
	assert_string_equal(notes_in(0, 3000), "2 maintenance, 1 router changed");
	assert_string_equal(notes_in(1000, 1001), "2 maintenance, 1 router changed");
	assert_string_equal(notes_in(1001, 1002), "2 maintenance");
	assert_string_equal(notes_in(2000, 2100), "2 maintenance");
	assert_string_equal(notes_in(2001, 2100), "");
	assert_string_equal(notes_in(0, 500), "");
	fine(state_notes(s, NULL, NULL, NULL, a, &list, &n, &err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].source, "upstream1");
	assert_null(list[1].source);
	assert_int_equal(state_note_add(s, &wrong, &err), -1);
	assert_string_equal(err.text, "to: lies before from");
	memset(longest, 'x', sizeof(longest));
	longest[401] = '\0';
	moment.text = longest;
	assert_int_equal(state_note_add(s, &moment, &err), -1);
	moment.text = longest + 1;
	fine(state_note_add(s, &moment, &err));
	assert_int_equal(state_note_delete(s, &alice, 2, &err), -1);
	assert_int_equal(err.kind, ERR_ABSENT);
	fine(state_note_delete(s, &admin, 3, &err));
	fine(state_note_delete(s, &alice, 1, &err));
	assert_string_equal(notes_in(0, 3000), "2 maintenance");
	/* A number is on graphs that have been printed. */
	moment.text = "again";
	fine(state_note_add(s, &moment, &err));
	assert_string_equal(notes_in(1000, 1001), "2 maintenance, 4 again");
}

static void
an_old_database_is_brought_up(void **state)
{
	struct saved one = { .kind = SAVED_QUERY, .name = "mail", .value = "/details", .owner = "alice" };
	struct note note = { .from = 1000, .to = 1000, .text = "new", .owner = "alice" };
	char path[128];
	sqlite3 *db;

	(void)state;
	fine(state_save(s, &one, &err));
	state_close(s);
	snprintf(path, sizeof(path), "%s/state.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE note; PRAGMA user_version = 2", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	s = state_open(dir, &err);
	if (s == NULL)
		fail_msg("%s", err.text);
	fine(state_note_add(s, &note, &err));
	assert_string_equal(notes_in(0, 2000), "1 new");
	assert_string_equal(seen_by("alice"), "mail=/details");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_null(state_open(dir, &err));
	assert_non_null(strstr(err.text, "has version 99"));
}

/* What could be saved was once two kinds of things: those stay, with their numbers. */
static void
a_database_without_formats_takes_them(void **state)
{
	static const char before[] = "DROP TABLE saved; CREATE TABLE saved (id INTEGER PRIMARY KEY, "
	    "kind TEXT NOT NULL CHECK (kind IN ('query', 'filter')), name TEXT NOT NULL, value TEXT NOT NULL, "
	    "owner TEXT NOT NULL, shared INTEGER NOT NULL, made INTEGER NOT NULL, UNIQUE (owner, kind, name)) STRICT; "
	    "INSERT INTO saved VALUES (7, 'filter', 'dns', 'port 53', 'bob', 1, 1000); PRAGMA user_version = 3";
	struct saved format = { .kind = SAVED_FORMAT, .name = "dns", .value = "fmt:%ts %byt", .owner = "bob" }, *list;
	char path[128];
	sqlite3 *db;
	size_t n;

	(void)state;
	state_close(s);
	snprintf(path, sizeof(path), "%s/state.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, before, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	s = state_open(dir, &err);
	if (s == NULL)
		fail_msg("%s", err.text);
	fine(state_save(s, &format, &err));
	fine(state_save(s, &format, &err));
	assert_string_equal(seen_by("bob"), "dns*=port 53 dns=fmt:%ts %byt");
	assert_string_equal(seen_by("alice"), "dns*=port 53");
	fine(state_saved(s, "bob", a, &list, &n, &err));
	assert_int_equal(list[0].id, 7);
	assert_int_equal(list[0].kind, SAVED_FILTER);
	assert_int_equal(list[0].made, 1000);
	assert_int_equal(list[1].kind, SAVED_FORMAT);
}

/* Several workers open a database that is not there yet, and write. */
static void
processes_at_once(void **state)
{
	struct log_line *list;
	size_t n;
	int status, bad = 0;

	(void)state;
	end(NULL);
	s = NULL;
	a = arena_new();
	snprintf(dir, sizeof(dir), "/tmp/flowlight-state.XXXXXX");
	assert_non_null(mkdtemp(dir));
	strcat(dir, "/web");
	for (int i = 0; i < 6; i++)
		if (fork() == 0) {
			struct log_line q = { 4000000000, "w", "", "/x", 1, 1, 200, false };
			struct state *mine = state_open(dir, &err);
			int rc = mine == NULL;

			if (mine == NULL)
				fprintf(stderr, "# %s\n", err.text);

			for (int k = 0; mine != NULL && k < 20; k++)
				if (state_log(mine, &q, 9, &err) != 0) {
					fprintf(stderr, "# %s\n", err.text);
					rc = 1;
				}
			state_close(mine);
			_exit(rc);
		}
	while (wait(&status) != -1)
		bad += status != 0;
	assert_int_equal(bad, 0);
	assert_non_null(s = state_open(dir, &err));
	fine(state_asked(s, NULL, 0, 1000, a, &list, &n, &err));
	assert_int_equal(n, 120);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(saved_things_are_private_unless_shared, start, end),
		cmocka_unit_test_setup_teardown(names_are_short_and_printable, start, end),
		cmocka_unit_test_setup_teardown(a_board_holds_pins_in_order, start, end),
		cmocka_unit_test_setup_teardown(a_board_is_not_without_end, start, end),
		cmocka_unit_test_setup_teardown(the_log_forgets, start, end),
		cmocka_unit_test_setup_teardown(older_versions_become_ours, start, end),
		cmocka_unit_test_setup_teardown(notes_belong_to_their_time, start, end),
		cmocka_unit_test_setup_teardown(notes_of_others_hide_none, start, end),
		cmocka_unit_test_setup_teardown(nobody_saves_without_end, start, end),
		cmocka_unit_test_setup_teardown(an_old_database_is_brought_up, start, end),
		cmocka_unit_test_setup_teardown(a_database_without_formats_takes_them, start, end),
		cmocka_unit_test_setup_teardown(processes_at_once, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
