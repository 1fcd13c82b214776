/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "tests/postbox.h"
#include "tests/relay.h"
#include "tests/unit/receiver/bench.h"

/* A vote that is over, and replies to it in a mailbox: what stands in the way of the close. */
struct scene {
	struct bench *b;
	struct postbox box;
	char date[40]; /* in time */
};

static int setup(void **state)
{
	return bench_make(state, false, -60);
}

static void settings_to(struct scene *s, unsigned relay)
{
	char more[200];

	snprintf(more, sizeof(more),
	         "[imap]\nhost = 127.0.0.1\nport = %u\ntls = none\nuser = vote\n"
	         "password_file = password\ntimeout = 5\n",
	         s->box.port);
	settings_at(s->b, relay, more);
}

static void begin(struct scene *s, void **state)
{
	time_t at = time(NULL) - 70;
	struct tm tm;

	memset(s, 0, sizeof(*s));
	s->b = *state;
	assert_non_null(gmtime_r(&at, &tm));
	assert_true(strftime(s->date, sizeof(s->date), "%d-%b-%Y %H:%M:%S +0000", &tm) > 0);
	postbox_start(&s->box);
	put(s->b, "password", "x\n", 2);
	settings_to(s, 9); /* nobody is there */
	assert_int_equal(open_box(s->b), 0);
}

static void add_reply(struct scene *s, unsigned member)
{
	struct buf mail = BUF_INIT(1u << 16);

	poll_reply(&mail, &s->b->p, member, "A");
	postbox_add(&s->box, mail.data, mail.len);
	s->box.mails[s->box.count - 1].date = s->date;
	buf_free(&mail);
}

static bool says(const struct scene *s, const char *words)
{
	return strstr(s->b->last.err, words) != NULL;
}

static void close_box(struct scene *s, int status)
{
	if (run(s->b, cmd_close, NULL, "close") != status)
		fail_msg("%d: %s", s->b->last.status, s->b->last.err);
}

static void counted(struct scene *s, const char *want)
{
	assert_int_equal(run(s->b, cmd_status, NULL, "status --json"), 0);
	if (!strstr(s->b->last.out, want))
		fail_msg("not %s: %s", want, s->b->last.out);
}

/* A ballot stands; that its receipt is still owed is no reason to keep the vote open. */
static void a_receipt_that_cannot_leave_is_no_obstacle(void **state)
{
	struct relay_play r;
	struct scene s;

	begin(&s, state);
	add_reply(&s, 1);
	add_reply(&s, 2);
	close_box(&s, 0);
	assert_true(says(&s, "The box is closed."));
	assert_true(says(&s, "2 mails stay"));
	counted(&s, "\"ballots\":2");
	assert_int_equal(postbox_left(&s.box), 2);
	/* Once there is a relay it leaves, for each that stayed and once. */
	relay_start(&r, RELAY_FINE, 0);
	settings_to(&s, r.port);
	close_box(&s, 0);
	assert_true(says(&s, "closed already"));
	assert_int_equal(r.accepted, 2);
	assert_int_equal(postbox_left(&s.box), 0);
	relay_stop(&r);
	postbox_stop(&s.box);
}

static void a_mail_that_nobody_has_read_is(void **state)
{
	struct scene s;

	begin(&s, state);
	add_reply(&s, 1);
	add_reply(&s, 2);
	postbox_misbehaves(&s.box, POSTBOX_NO, "UID FETCH 2", -1);
	close_box(&s, 75);
	assert_true(says(&s, "1 mail"));
	assert_true(says(&s, "close again"));
	counted(&s, "\"stage\":\"open\"");
	postbox_misbehaves(&s.box, POSTBOX_FINE, NULL, 0);
	close_box(&s, 0);
	counted(&s, "\"ballots\":2");
	postbox_stop(&s.box);
}

/* What is to be done about it is not what a pipe's administrator would do. */
static void a_reply_without_a_sender_is_told_as_a_mailboxs(void **state)
{
	struct scene s;

	begin(&s, state);
	add_reply(&s, 1);
	memcpy(memmem(s.box.mails[0].text, s.box.mails[0].len, "Return-Path", 11), "Rxxxxx-Path",
	       11);
	close_box(&s, 75);
	assert_true(says(&s, "no Return-Path"));
	assert_true(says(&s, "provider"));
	assert_false(says(&s, "--sender"));
	postbox_stop(&s.box);
}

static void what_cannot_be_removed_is_not(void **state)
{
	struct scene s;

	begin(&s, state);
	add_reply(&s, 1);
	postbox_misbehaves(&s.box, POSTBOX_NO, "UID STORE", -1);
	close_box(&s, 0);
	counted(&s, "\"ballots\":1");
	postbox_stop(&s.box);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, bench_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_receipt_that_cannot_leave_is_no_obstacle),
		CASE(a_mail_that_nobody_has_read_is),
		CASE(a_reply_without_a_sender_is_told_as_a_mailboxs),
		CASE(what_cannot_be_removed_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
