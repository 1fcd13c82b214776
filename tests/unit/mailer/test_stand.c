/* SPDX-License-Identifier: MIT */
#include "mailer/stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailer/changes.h"
#include "mailer/derive.h"
#include "mailer/issue.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"
#include "tests/unit/mailer/posted.h"

#define MEMBERS 40

/* An issued election whose letters have all been accepted by the relay. */
struct desk {
	struct kit kit;
	struct amend *amend;
	struct outbox *outbox;
	struct posted posted;
};

static const char *home(void **state)
{
	return ((struct temp *)*state)->dir;
}

static void send_all(struct outbox *o)
{
	struct claim claim[MEMBERS];
	uint32_t place[MEMBERS];

	for (uint32_t i = 0; i < MEMBERS; i++)
		place[i] = i;
	assert_int_equal(outbox_exchange(o, NULL, 0, place, claim, MEMBERS, NULL), OK);
	for (unsigned i = 0; i < MEMBERS; i++) {
		struct outcome outcome = {
			.claim = claim[i], .state = SEND_ACCEPTED, .tried = true, .at = 1
		};

		assert_int_equal(outbox_exchange(o, &outcome, 1, NULL, NULL, 0, NULL), OK);
	}
}

static void open_desk(struct desk *d, void **state)
{
	struct why why = { 0 };

	kit_open(&d->kit, state, KIT_DEFINITION, MEMBERS);
	assert_ok(issue_write(home(state), d->kit.m, d->kit.roll, &d->kit.keys, NULL, NULL, &why),
	          &why);
	assert_ok(amend_open(&d->amend, home(state), true, &why), &why);
	assert_ok(outbox_open(&d->outbox, home(state), "outbox", MEMBERS, &why), &why);
	send_all(d->outbox);
	posted_begin(&d->posted, &d->kit);
	posted_file(&d->posted, temp_path(state, "issued.ndjson"));
	posted_time(&d->posted, d->kit.m->opens);
}

static void close_desk(struct desk *d)
{
	posted_end(&d->posted);
	outbox_close(d->outbox);
	amend_close(d->amend);
	kit_close(&d->kit);
}

static void plan(struct desk *d, uint32_t from, uint32_t n, enum replace_reason reason,
                 uint32_t epoch)
{
	amend_begin(d->amend);
	for (uint32_t i = from; i < from + n; i++)
		amend_plan(d->amend, i, reason, epoch);
	assert_int_equal(amend_commit(d->amend, NULL), OK);
}

static struct point credential(struct desk *d, uint32_t serial)
{
	struct member member;
	struct point out;

	assert_int_equal(roll_get(d->kit.roll, serial, &member, NULL), OK);
	assert_int_equal(amend_member(d->amend, &member, NULL), OK);
	assert_int_equal(derive_credential(&out, &d->kit.keys, d->kit.m, &member, NULL), OK);
	return out;
}

static struct point of_plan(struct desk *d, uint32_t serial, unsigned i)
{
	struct point out[AMEND_PLANS_MAX + 1];
	struct amended amended;
	struct member member;

	assert_int_equal(roll_get(d->kit.roll, serial, &member, NULL), OK);
	assert_int_equal(amend_get(d->amend, serial, &amended, NULL), OK);
	assert_int_equal(changes_credentials(out, &d->kit.keys, d->kit.m, &member, &amended, NULL),
	                 OK);
	return out[i + 1];
}

static uint64_t changes(struct desk *d, void **state)
{
	struct why why = { 0 };
	uint64_t lines;

	assert_ok(changes_write(home(state), d->kit.m, &d->kit.keys, d->kit.roll, d->amend, &lines,
	                        NULL, NULL, &why),
	          &why);
	return lines;
}

static struct stand stand(struct desk *d, void **state)
{
	struct pollbook *pollbook = NULL;
	struct why why = { 0 };
	struct stand s = { .m = d->kit.m,
		           .keys = &d->kit.keys,
		           .roll = d->kit.roll,
		           .amend = d->amend,
		           .outbox = d->outbox };

	posted_write(&d->posted, state);
	assert_ok(pollbook_read(&pollbook, d->kit.m, temp_path(state, "board.ndjson"),
	                        temp_path(state, "head.json"), &why),
	          &why);
	s.pollbook = pollbook;
	assert_ok(stand_run(&s, &why), &why);
	pollbook_free(pollbook);
	return s;
}

static uint64_t in_state(struct desk *d, enum send_state state)
{
	uint64_t counts[SEND_STATES];

	assert_int_equal(outbox_counts(d->outbox, MEMBERS, counts, NULL), OK);
	return counts[state];
}

static void a_plan_waits_until_its_line_stands(void **state)
{
	struct desk d = { 0 };
	struct stand s;

	open_desk(&d, state);
	plan(&d, 3, 2, REPLACE_LOST, 1);
	assert_int_equal(changes(&d, state), 2);
	s = stand(&d, state);
	assert_int_equal(s.waiting, 2);
	assert_int_equal(in_state(&d, SEND_PLANNED), 0);
	posted_file(&d.posted, temp_path(state, CHANGES_FILE));
	s = stand(&d, state);
	assert_int_equal(s.stood, 2);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(in_state(&d, SEND_PLANNED), 2);
	assert_int_equal(in_state(&d, SEND_ACCEPTED), MEMBERS - 2);
	assert_int_equal(stand(&d, state).stood, 0); /* again: nothing is left */
	assert_int_equal(changes(&d, state), 0);
	assert_int_equal(access(temp_path(state, CHANGES_FILE), F_OK), -1);
	close_desk(&d);
}

static void a_token_that_was_used_meanwhile_stays(void **state)
{
	struct desk d = { 0 };
	struct point old;
	struct stand s;

	open_desk(&d, state);
	old = credential(&d, 7);
	plan(&d, 7, 1, REPLACE_ROTATION, 1);
	posted_ballot(&d.posted, &old);
	s = stand(&d, state);
	assert_int_equal(s.used, 1);
	assert_int_equal(s.stood, 0);
	assert_int_equal(in_state(&d, SEND_PLANNED), 0);
	assert_memory_equal(credential(&d, 7).bytes, old.bytes, 32);
	close_desk(&d);
}

static void who_voted_with_the_new_token_is_settled_as_standing(void **state)
{
	struct desk d = { 0 };
	struct point by;

	open_desk(&d, state);
	plan(&d, 7, 1, REPLACE_ROTATION, 1);
	(void)changes(&d, state);
	posted_file(&d.posted, temp_path(state, CHANGES_FILE));
	amend_begin(d.amend);
	amend_settle(d.amend, 7, 1, false);
	assert_int_equal(amend_commit(d.amend, NULL), OK);
	by = credential(&d, 7);
	posted_ballot(&d.posted, &by);
	/* Another member's plan meanwhile; this one is not asked about again. */
	plan(&d, 8, 1, REPLACE_LOST, 1);
	assert_int_equal(stand(&d, state).waiting, 1);
	assert_int_equal(amend_counts(d.amend).standing[REPLACE_ROTATION], 1);
	close_desk(&d);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* What an old key or a list of old tokens opens: nothing. And nothing in the file ties a line to
 * a member. */
static void a_rotation_shares_no_credential_with_before_and_is_sorted(void **state)
{
	struct desk d = { 0 };
	struct lines l;
	struct line line = { 0 };
	unsigned char old[MEMBERS][32], by[MEMBERS][32], before[MEMBERS][32];
	unsigned n = 0;

	open_desk(&d, state);
	for (uint32_t i = 0; i < MEMBERS; i++)
		memcpy(before[i], credential(&d, i).bytes, 32);
	plan(&d, 0, MEMBERS, REPLACE_ROTATION, 1);
	assert_int_equal(changes(&d, state), MEMBERS);
	assert_int_equal(lines_open(&l, temp_path(state, CHANGES_FILE), 4096, NULL), OK);
	while (lines_next(&l, NULL) == OK) {
		assert_int_equal(line_read(&line, d.kit.m, buf_text(&l.line), l.line.len, NULL),
		                 OK);
		assert_int_equal(line_check_signature(&line, d.kit.m, NULL), OK);
		memcpy(old[n], line.u.replaced.old.bytes, 32);
		memcpy(by[n++], line.u.replaced.by.bytes, 32);
		line_release(&line);
	}
	lines_close(&l);
	for (unsigned i = 1; i < n; i++)
		assert_true(memcmp(old[i - 1], old[i], 32) < 0);
	qsort(before, MEMBERS, 32, compare);
	assert_memory_equal(before, old, sizeof(before));
	for (unsigned i = 0; i < n; i++)
		assert_null(bsearch(by[i], before, MEMBERS, 32, compare));
	close_desk(&d);
}

static void the_same_plans_give_the_same_file(void **state)
{
	struct buf first = BUF_INIT((size_t)1 << 20), again = BUF_INIT((size_t)1 << 20);
	struct desk d = { 0 };

	open_desk(&d, state);
	plan(&d, 4, 20, REPLACE_ROTATION, 1);
	amend_begin(d.amend);
	amend_plan_closes(d.amend, d.kit.m->closes + 3600);
	assert_int_equal(amend_commit(d.amend, NULL), OK);
	assert_int_equal(changes(&d, state), 21);
	assert_int_equal(file_read(&first, temp_path(state, CHANGES_FILE), NULL), OK);
	assert_int_equal(changes(&d, state), 21);
	assert_int_equal(file_read(&again, temp_path(state, CHANGES_FILE), NULL), OK);
	assert_int_equal(first.len, again.len);
	assert_memory_equal(first.data, again.data, first.len);
	buf_free(&first);
	buf_free(&again);
	close_desk(&d);
}

static void a_later_closing_time_stands_with_its_line(void **state)
{
	struct desk d = { 0 };

	open_desk(&d, state);
	amend_begin(d.amend);
	amend_plan_closes(d.amend, d.kit.m->closes + 3600);
	assert_int_equal(amend_commit(d.amend, NULL), OK);
	assert_false(stand(&d, state).extended);
	assert_int_equal(changes(&d, state), 1);
	posted_file(&d.posted, temp_path(state, CHANGES_FILE));
	assert_true(stand(&d, state).extended);
	assert_int_equal(amend_counts(d.amend).closes, d.kit.m->closes + 3600);
	close_desk(&d);
}

/* Whenever it dies: a member whose replacement is in force has a letter planned. */
static void a_kill_leaves_nobody_without_a_letter(void **state)
{
	struct desk d = { 0 };

	open_desk(&d, state);
	plan(&d, 0, MEMBERS, REPLACE_ROTATION, 1);
	(void)changes(&d, state);
	posted_file(&d.posted, temp_path(state, CHANGES_FILE));
	posted_write(&d.posted, state);
	for (long at = 1;; at++) {
		uint64_t in_force;
		int status;
		pid_t pid;

		outbox_close(d.outbox);
		amend_close(d.amend);
		d.outbox = NULL;
		d.amend = NULL;
		pid = fork();
		if (!pid) {
			/* No store is used across a fork. */
			assert_int_equal(roll_open(&d.kit.roll, home(state), NULL), OK);
			assert_int_equal(amend_open(&d.amend, home(state), true, NULL), OK);
			assert_int_equal(
				outbox_open(&d.outbox, home(state), "outbox", MEMBERS, NULL), OK);
			fault_arm(FAULT_KILL, at);
			(void)stand(&d, state);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(amend_open(&d.amend, home(state), true, NULL), OK);
		assert_int_equal(outbox_open(&d.outbox, home(state), "outbox", MEMBERS, NULL), OK);
		in_force = amend_counts(d.amend).standing[REPLACE_ROTATION];
		assert_true(in_state(&d, SEND_PLANNED) >= in_force);
		if (!WIFSIGNALED(status)) {
			assert_int_equal(in_force, MEMBERS);
			assert_true(at > 2);
			break;
		}
	}
	close_desk(&d);
}

/* Whoever can write the home could have had a token of the leaked key signed. */
static void a_plan_under_an_earlier_key_is_not_signed(void **state)
{
	struct desk d = { 0 };
	struct why why = { 0 };
	uint64_t lines;

	open_desk(&d, state);
	plan(&d, 3, 1, REPLACE_LOST, 0);
	assert_int_equal(changes_write(home(state), d.kit.m, &d.kit.keys, d.kit.roll, d.amend,
	                               &lines, NULL, NULL, &why),
	                 ERR_STATE);
	assert_non_null(strstr(why.text, "under an earlier token key"));
	assert_int_equal(access(temp_path(state, CHANGES_FILE), F_OK), -1);
	close_desk(&d);
}

/* Both ways to the newest token, in either order; and the older one used before the newer came. */
static void whichever_way_stands_the_newest_token_is_in_force(void **state)
{
	for (unsigned way = 0; way < 3; way++) {
		struct point p[3];
		struct desk d = { 0 };
		struct stand s;

		open_desk(&d, state);
		p[0] = credential(&d, 7);
		plan(&d, 7, 1, REPLACE_LOST, 0);
		plan(&d, 7, 1, REPLACE_ROTATION, 1);
		assert_int_equal(changes(&d, state), 2);
		p[1] = of_plan(&d, 7, 0);
		p[2] = of_plan(&d, 7, 1);
		if (way)
			posted_replaced(&d.posted, &p[0], &p[1]);
		if (way == 2)
			posted_ballot(&d.posted, &p[1]);
		else
			posted_replaced(&d.posted, &p[way], &p[2]);
		s = stand(&d, state);
		assert_int_equal(s.stood, way < 2);
		assert_int_equal(s.used, way == 2);
		assert_int_equal(s.waiting, 0);
		assert_memory_equal(credential(&d, 7).bytes, p[way == 2 ? 1 : 2].bytes, 32);
		assert_int_equal(in_state(&d, SEND_PLANNED), way < 2);
		assert_int_equal(amend_standing(d.amend), way == 1 ? 2 : 1);
		close_desk(&d);
		temp_teardown(state);
		assert_int_equal(temp_setup(state), 0);
	}
}

static void a_board_with_more_replacements_than_are_known_is_told(void **state)
{
	struct scalar anybody;
	struct point old, by;
	struct pollbook *pollbook = NULL;
	struct why why = { 0 };
	struct desk d = { 0 };

	open_desk(&d, state);
	old = credential(&d, 7);
	scalar_random(&anybody);
	point_base(&by, &anybody);
	posted_replaced(&d.posted, &old, &by);
	posted_write(&d.posted, state);
	assert_ok(pollbook_read(&pollbook, d.kit.m, temp_path(state, "board.ndjson"),
	                        temp_path(state, "head.json"), &why),
	          &why);
	assert_int_equal(stand_check(pollbook, d.amend, &why), ERR_STATE);
	assert_non_null(strstr(why.text, "older than the board"));
	pollbook_free(pollbook);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_plan_waits_until_its_line_stands),
		TEMP_TEST(a_token_that_was_used_meanwhile_stays),
		TEMP_TEST(who_voted_with_the_new_token_is_settled_as_standing),
		TEMP_TEST(a_rotation_shares_no_credential_with_before_and_is_sorted),
		TEMP_TEST(the_same_plans_give_the_same_file),
		TEMP_TEST(a_later_closing_time_stands_with_its_line),
		TEMP_TEST(a_plan_under_an_earlier_key_is_not_signed),
		TEMP_TEST(whichever_way_stands_the_newest_token_is_in_force),
		TEMP_TEST(a_board_with_more_replacements_than_are_known_is_told),
		TEMP_TEST(a_kill_leaves_nobody_without_a_letter),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
