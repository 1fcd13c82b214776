/* SPDX-License-Identifier: MIT */
#include "mailer/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <lmdb.h>

#include "tests/support.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#define MEMBERS 12

static unsigned puts_left; /* until the map is full; 0: it never is */

/* Stands before LMDB's own. */
int mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned int flags)
{
	int (*real)(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *, unsigned int);

	if (puts_left && !--puts_left)
		return MDB_MAP_FULL;
	*(void **)&real = dlsym(RTLD_NEXT, "mdb_put");
	return real(txn, dbi, key, data, flags);
}

static const char *home(void **state)
{
	return ((struct temp *)*state)->dir;
}

static struct outbox *open_box(void **state)
{
	struct outbox *o = NULL;
	struct why why = { 0 };

	assert_ok(outbox_open(&o, home(state), "outbox", MEMBERS, &why), &why);
	return o;
}

static void expect(struct outbox *o, enum send_state state, uint64_t n)
{
	uint64_t counts[SEND_STATES];

	assert_int_equal(outbox_counts(o, MEMBERS, counts, NULL), OK);
	assert_int_equal(counts[state], n);
}

/* Claim the letters at `n` places from `from` on. */
static void take(struct outbox *o, uint32_t from, struct claim *claim, unsigned n)
{
	uint32_t place[MEMBERS];

	for (unsigned i = 0; i < n; i++)
		place[i] = from + i;
	assert_int_equal(outbox_exchange(o, NULL, 0, place, claim, n, NULL), OK);
}

static void note(struct outbox *o, const struct claim *claim, enum send_state state, uint64_t next)
{
	struct outcome outcome = { .claim = *claim,
		                   .state = state,
		                   .tried = true,
		                   .at = 100,
		                   .next = next,
		                   .answer = { .code = 250, .text = "words" } };

	strcpy(outcome.answer.queue_id, "4Xy");
	assert_int_equal(outbox_exchange(o, &outcome, 1, NULL, NULL, 0, NULL), OK);
}

static void everyone_has_a_place_and_they_are_in_no_order(void **state)
{
	struct outbox *o = open_box(state);
	struct claim claim[MEMBERS];
	unsigned seen[MEMBERS] = { 0 }, in_order = 0;

	expect(o, SEND_PLANNED, MEMBERS);
	take(o, 0, claim, 5);
	expect(o, SEND_IN_FLIGHT, 5);
	take(o, 5, claim + 5, MEMBERS - 5);
	for (unsigned i = 0; i < MEMBERS; i++) {
		assert_int_equal(seen[claim[i].serial]++, 0);
		assert_int_equal(claim[i].attempts, 1);
		assert_int_equal(outbox_place(o, claim[i].serial), claim[i].place);
		assert_int_equal(outbox_serial(o, claim[i].place), claim[i].serial);
		in_order += claim[i].serial == i;
	}
	assert_true(in_order < MEMBERS);
	outbox_close(o);
}

/* Whatever the caller believes: not the same letter twice at once, nor one that was accepted. */
static void nobody_is_claimed_twice(void **state)
{
	static const uint32_t taken[] = { 0 }, twice[] = { 3, 3 };
	struct outbox *o = open_box(state);
	struct claim claim[2];
	struct why why = { 0 };

	take(o, 0, claim, 1);
	assert_int_equal(outbox_exchange(o, NULL, 0, taken, claim + 1, 1, &why), ERR_FORMAT);
	note(o, &claim[0], SEND_ACCEPTED, 0);
	assert_int_equal(outbox_exchange(o, NULL, 0, taken, claim + 1, 1, &why), ERR_FORMAT);
	assert_int_equal(outbox_exchange(o, NULL, 0, twice, claim, 2, &why), ERR_FORMAT);
	expect(o, SEND_ACCEPTED, 1);
	expect(o, SEND_PLANNED, MEMBERS - 1);
	outbox_close(o);
}

static void what_was_in_flight_is_uncertain_after_a_crash(void **state)
{
	struct outbox *o = open_box(state);
	struct claim claim[5], again[4];
	uint64_t n;

	take(o, 0, claim, 5);
	note(o, &claim[0], SEND_ACCEPTED, 0);
	outbox_close(o);
	o = open_box(state);
	assert_int_equal(outbox_recover(o, &n, NULL), OK);
	assert_int_equal(n, 4);
	expect(o, SEND_UNCERTAIN, 4);
	expect(o, SEND_ACCEPTED, 1);
	take(o, 1, again, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(again[i].serial, claim[i + 1].serial);
		assert_int_equal(again[i].before, SEND_UNCERTAIN);
		assert_int_equal(again[i].attempts, 2);
	}
	outbox_close(o);
}

static void what_was_not_tried_goes_back_as_it_was(void **state)
{
	struct outbox *o = open_box(state);
	struct outcome outcome = { 0 };
	struct claim claim, again;

	take(o, 0, &claim, 1);
	outcome = (struct outcome){ .claim = claim, .state = SEND_PLANNED };
	assert_int_equal(outbox_exchange(o, &outcome, 1, NULL, NULL, 0, NULL), OK);
	expect(o, SEND_PLANNED, MEMBERS);
	take(o, 0, &again, 1);
	assert_int_equal(again.serial, claim.serial);
	assert_int_equal(again.attempts, 1);
	outbox_close(o);
}

/* Who was refused with everyone else is to be told from who was never tried. */
static void what_is_taken_back_is_planned_and_was_tried(void **state)
{
	struct outcome refused = { .state = SEND_PLANNED, .answer = { .outcome = SMTP_REFUSED } };
	struct outbox *o = open_box(state);
	struct claim claim[2], again;

	take(o, 0, claim, 2);
	note(o, &claim[0], SEND_REFUSED, 0);
	assert_int_equal(outbox_take_back(o, &claim[0].serial, 1, NULL), OK);
	/* And one that the relay's own limit had given back. */
	refused.claim = claim[1];
	assert_int_equal(outbox_exchange(o, &refused, 1, NULL, NULL, 0, NULL), OK);
	expect(o, SEND_PLANNED, MEMBERS);
	for (unsigned i = 0; i < 2; i++) {
		take(o, i, &again, 1);
		assert_int_equal(again.before, SEND_PLANNED);
		assert_int_equal(again.attempts, 2);
	}
	assert_int_equal(outbox_renew(o, &claim[0].serial, 1, NULL), OK);
	take(o, 0, &again, 1);
	assert_int_equal(again.attempts, 1);
	outbox_close(o);
}

static enum err look(void *context, uint32_t place, const struct standing *s)
{
	struct standing *seen = context;

	assert_true(place < MEMBERS);
	assert_int_equal(seen[place].attempts, 0);
	seen[place] = *s;
	return OK;
}

static void what_is_known_of_each_letter_is_told(void **state)
{
	struct standing seen[MEMBERS] = { 0 }, s;
	struct outbox *o = open_box(state);
	struct claim claim[4];
	struct why why = { 0 };

	take(o, 4, claim, 4);
	note(o, &claim[0], SEND_DEFERRED, 500);
	note(o, &claim[1], SEND_REFUSED, 0);
	note(o, &claim[2], SEND_DEFERRED, 0);
	assert_ok(outbox_each(o, look, seen, &why), &why);
	assert_int_equal(seen[4].state, SEND_DEFERRED);
	assert_int_equal(seen[4].next, 500);
	assert_int_equal(seen[4].at, 100);
	assert_int_equal(seen[5].state, SEND_REFUSED);
	assert_int_equal(seen[6].next, 0);
	assert_int_equal(seen[7].state, SEND_IN_FLIGHT);
	assert_int_equal(seen[8].attempts, 0);
	assert_int_equal(outbox_find(o, claim[1].serial, &s, NULL), OK);
	assert_int_equal(s.state, SEND_REFUSED);
	assert_string_equal(s.text, "words");
	assert_string_equal(s.queue_id, "4Xy");
	outbox_close(o);
}

static void another_roll_is_not_taken(void **state)
{
	struct outbox *o = open_box(state);

	outbox_close(o);
	assert_int_equal(outbox_open(&o, home(state), "outbox", MEMBERS + 1, NULL), ERR_FORMAT);
}

static void before_the_first_run_there_is_none(void **state)
{
	struct outbox *o = NULL;

	assert_int_equal(outbox_open(&o, home(state), "outbox", 0, NULL), ERR_NOT_FOUND);
}

/* A whole run, two letters at a time, as a child that a fault may end: all that is not accepted. */
static void run_through(void **state)
{
	struct outbox *o = NULL;
	struct claim claim[2];
	struct outcome outcome[2];
	unsigned done = 0;
	uint64_t lost;

	if (outbox_open(&o, home(state), "outbox", MEMBERS, NULL) || outbox_recover(o, &lost, NULL))
		_exit(3);
	for (uint32_t at = 0;;) {
		uint32_t place[2];
		unsigned n = 0;

		for (; at < MEMBERS && n < 2; at++) {
			struct standing s;

			if (outbox_find(o, outbox_serial(o, at), &s, NULL))
				_exit(4);
			if (s.state != SEND_ACCEPTED)
				place[n++] = at;
		}
		if (outbox_exchange(o, outcome, done, place, claim, n, NULL))
			_exit(5);
		if (!n)
			break;
		for (done = 0; done < n; done++)
			outcome[done] = (struct outcome){ .claim = claim[done],
				                          .state = SEND_ACCEPTED,
				                          .tried = true };
	}
	outbox_close(o);
	_exit(0);
}

static int run_child(void **state, enum fault fault, long at)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		fault_arm(fault, at);
		run_through(state);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Killed at every write and sync in turn: whatever is in the outbox adds up, and the next run
 * serves everyone. */
static void a_kill_at_any_moment_loses_nobody(void **state)
{
	unsigned struck = 0;
	int status = -1;

	for (long at = 1; status; at++) {
		struct outbox *o;
		uint64_t n;

		status = run_child(state, FAULT_KILL, at);
		if (!status)
			break;
		assert_true(WIFSIGNALED(status));
		struck++;
		o = open_box(state);
		assert_int_equal(outbox_recover(o, &n, NULL), OK);
		assert_true(n <= 2);
		expect(o, SEND_IN_FLIGHT, 0);
		outbox_close(o);
		assert_int_equal(run_child(state, FAULT_NONE, 0), 0);
		o = open_box(state);
		expect(o, SEND_ACCEPTED, MEMBERS);
		outbox_close(o);
		unlink(temp_path(state, "outbox/data.mdb"));
		unlink(temp_path(state, "outbox/lock.mdb"));
	}
	assert_true(struck > 10);
}

static const uint32_t three[] = { 0, 1, 2 };

static void a_full_disk_is_said_and_nothing_is_noted(void **state)
{
	struct outbox *o = open_box(state);
	struct claim claim[3];
	struct why why = { 0 };

	fault_arm(FAULT_FULL, 1);
	assert_int_equal(outbox_exchange(o, NULL, 0, three, claim, 3, &why), ERR_FULL);
	fault_arm(FAULT_NONE, 0);
	expect(o, SEND_PLANNED, MEMBERS);
	take(o, 0, claim, 3);
	expect(o, SEND_IN_FLIGHT, 3);
	outbox_close(o);
}

static void a_full_map_is_said_and_nothing_is_noted(void **state)
{
	struct outbox *o = open_box(state);
	struct claim claim[3];
	struct why why = { 0 };

	for (unsigned at = 1; at <= 4; at++) {
		puts_left = at;
		assert_int_equal(outbox_exchange(o, NULL, 0, three, claim, 3, &why), ERR_FULL);
		puts_left = 0;
		expect(o, SEND_PLANNED, MEMBERS);
	}
	take(o, 0, claim, 3);
	outbox_close(o);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(everyone_has_a_place_and_they_are_in_no_order),
		TEST(nobody_is_claimed_twice),
		TEST(what_was_in_flight_is_uncertain_after_a_crash),
		TEST(what_was_not_tried_goes_back_as_it_was),
		TEST(what_is_taken_back_is_planned_and_was_tried),
		TEST(what_is_known_of_each_letter_is_told),
		TEST(another_roll_is_not_taken),
		TEST(before_the_first_run_there_is_none),
		TEST(a_kill_at_any_moment_loses_nobody),
		TEST(a_full_disk_is_said_and_nothing_is_noted),
		TEST(a_full_map_is_said_and_nothing_is_noted),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
