/* SPDX-License-Identifier: MIT */
#include "mailer/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "mailer/changes.h"
#include "mailer/derive.h"
#include "mailer/sender.h"
#include "tests/relay.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#include "tests/unit/mailer/posted.h"

#define MEMBERS 24
#define HOURS   24
#define DAY     86400
#define MOST    3

/* A mailer, its relay, and the board as it grows. */
struct post {
	struct kit kit;
	struct relay_play relay;
	struct amend *amend;
	struct outbox *invitation;
	struct posted board;
	struct pollbook *book;
	const char *home;
	uint64_t later; /* seconds from now that the campaign believes it is */
};

static enum err mail(struct post *p, struct mailing mailing, const struct serials *only,
                     struct why *why)
{
	bool own = mailing.kind != MAILING_INVITATION;
	struct outbox *outbox = p->invitation;
	struct sender sender = {
		.conf = &p->kit.conf,
		.m = p->kit.m,
		.keys = &p->kit.keys,
		.letters = p->kit.letters,
		.mailing = mailing,
		.roll = p->kit.roll,
		.amend = p->amend,
		.only = only,
	};
	char folder[MAILING_TEXT];
	uint64_t lost;
	enum err e = OK;

	mailing_folder(folder, mailing);
	if (own)
		e = outbox_open(&outbox, p->home, folder, p->kit.m->members, why);
	sender.outbox = outbox;
	if (!e)
		e = outbox_recover(outbox, &lost, why);
	if (!e)
		e = sender_run(&sender, why);
	if (own)
		outbox_close(outbox);
	return e;
}

static void open_post(struct post *p, void **state, enum relay_mood mood, int times)
{
	char *text = kit_replace(KIT_DEFINITION, "min_ballots = 10\n", "min_ballots = 1\n");
	struct why why = { 0 };

	memset(p, 0, sizeof(*p));
	p->home = ((struct temp *)*state)->dir;
	p->later = DAY + 60;
	relay_start(&p->relay, mood, times);
	kit_open(&p->kit, state, temp_text(state, "election.conf", text), MEMBERS);
	kit_post(&p->kit, state, p->relay.port, "");
	free(text);
	assert_ok(amend_open(&p->amend, p->home, true, &why), &why);
	assert_ok(outbox_open(&p->invitation, p->home, "outbox", MEMBERS, &why), &why);
	posted_begin(&p->board, &p->kit);
	posted_time(&p->board, p->kit.m->opens);
	assert_ok(mail(p, (struct mailing){ MAILING_INVITATION, 0 }, NULL, &why), &why);
}

static void close_post(struct post *p)
{
	pollbook_free(p->book);
	posted_end(&p->board);
	outbox_close(p->invitation);
	amend_close(p->amend);
	kit_close(&p->kit);
	relay_stop(&p->relay);
}

static struct point credential_of(struct post *p, unsigned member)
{
	struct member m;
	struct point credential;

	assert_int_equal(roll_get(p->kit.roll, member, &m, NULL), OK);
	assert_int_equal(amend_member(p->amend, &m, NULL), OK);
	assert_int_equal(derive_credential(&credential, &p->kit.keys, p->kit.m, &m, NULL), OK);
	return credential;
}

static void vote(struct post *p, unsigned member)
{
	const struct point credential = credential_of(p, member);

	posted_ballot(&p->board, &credential);
}

/* The board as it is now. */
static void read_board(struct post *p, void **state)
{
	struct why why = { 0 };

	posted_write(&p->board, state);
	pollbook_free(p->book);
	p->book = NULL;
	assert_ok(pollbook_read(&p->book, p->kit.m, temp_path(state, "board.ndjson"),
	                        temp_path(state, "head.json"), &why),
	          &why);
}

static struct campaign campaign_of(struct post *p)
{
	return (struct campaign){
		.home = p->home,
		.m = p->kit.m,
		.keys = &p->kit.keys,
		.book = p->book,
		.roll = p->kit.roll,
		.amend = p->amend,
		.invitation = p->invitation,
		.now = (uint64_t)time(NULL) + p->later,
	};
}

/* One `remind`: all rounds that somebody is due in. How many were due. */
static enum err remind(struct post *p, uint64_t *due, struct why *why)
{
	struct campaign c = campaign_of(p);
	enum err e = campaign_remind(&c, MOST, HOURS, why);

	*due = 0;
	for (unsigned i = 0; !e && i < MOST; i++) {
		if (!c.due[i])
			continue;
		*due += serials_count(c.due[i]);
		e = mail(p, (struct mailing){ MAILING_REMINDER, i + 1 }, c.due[i], why);
	}
	campaign_end(&c);
	return e;
}

static uint64_t must_remind(struct post *p)
{
	struct why why = { 0 };
	uint64_t due;

	assert_ok(remind(p, &due, &why), &why);
	return due;
}

/* Mails of a kind to a member that the relay has taken, with the tag of today or none. */
static unsigned mails_of(struct post *p, const char *kind, unsigned member, unsigned generation)
{
	char id[12], handle[HANDLE_TEXT], want[96];
	struct amended amended;
	unsigned n;

	snprintf(id, sizeof(id), "M%u", member);
	mint_handle(handle, p->kit.keys.handle, p->kit.m->id, id, strlen(id));
	assert_int_equal(amend_get(p->amend, member, &amended, NULL), OK);
	snprintf(want, sizeof(want), "<%s.%s.%u@example.org>", kind, handle, generation);
	n = relay_count(&p->relay, &p->relay.ids, want);
	if (!*amended.tag)
		return n;
	snprintf(want, sizeof(want), "<%s.%s-%s.%u@example.org>", kind, handle, amended.tag,
	         generation);
	return n + relay_count(&p->relay, &p->relay.ids, want);
}

static unsigned mails_to(struct post *p, const char *address)
{
	char want[96];

	snprintf(want, sizeof(want), "RCPT TO:<%s>", address);
	return relay_count(&p->relay, &p->relay.commands, want);
}

static bool has_letter(struct post *p, unsigned member)
{
	struct standing s;

	assert_int_equal(outbox_find(p->invitation, member, &s, NULL), OK);
	return s.state == SEND_ACCEPTED;
}

static void plan(struct post *p, unsigned member)
{
	amend_begin(p->amend);
	amend_plan(p->amend, member, REPLACE_LOST, 0);
	assert_int_equal(amend_commit(p->amend, NULL), OK);
}

static void a_reminder_goes_to_who_has_a_letter_and_no_ballot(void **state)
{
	unsigned due = 0;
	struct post p;

	open_post(&p, state, RELAY_REFUSES, 2);
	vote(&p, 3);
	vote(&p, 4);
	plan(&p, 5);
	read_board(&p, state);
	for (unsigned i = 0; i < MEMBERS; i++)
		due += has_letter(&p, i) && i != 3 && i != 4 && i != 5;
	assert_int_equal(must_remind(&p), due);
	for (unsigned i = 0; i < MEMBERS; i++) {
		bool wanted = has_letter(&p, i) && i != 3 && i != 4 && i != 5;

		assert_int_equal(mails_of(&p, "reminder-1", i, 1), wanted);
	}
	close_post(&p);
}

static void nobody_is_reminded_too_soon(void **state)
{
	struct campaign c;
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	read_board(&p, state);
	p.later = DAY - 60;
	c = campaign_of(&p);
	assert_int_equal(campaign_remind(&c, MOST, HOURS, NULL), OK);
	assert_null(c.due[0]);
	assert_int_equal(c.early, MEMBERS);
	assert_in_range(c.soon, c.now + 1, c.now + 61);
	campaign_end(&c);
	p.later = DAY + 60;
	assert_int_equal(must_remind(&p), MEMBERS);
	/* The reminder counts as a letter, too. */
	p.later = DAY - 60;
	assert_int_equal(must_remind(&p), 0);
	close_post(&p);
}

static void nobody_is_reminded_more_often_than_is_said(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	read_board(&p, state);
	for (unsigned round = 0; round < MOST; round++)
		assert_int_equal(must_remind(&p), MEMBERS);
	p.later = 100 * DAY;
	assert_int_equal(must_remind(&p), 0);
	assert_int_equal(mails_of(&p, "reminder-3", 0, 1), 1);
	close_post(&p);
}

static void a_newer_board_leaves_out_who_has_voted_since(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	read_board(&p, state);
	assert_int_equal(must_remind(&p), MEMBERS);
	for (unsigned i = 0; i < 10; i++)
		vote(&p, i);
	read_board(&p, state);
	assert_int_equal(must_remind(&p), MEMBERS - 10);
	assert_int_equal(mails_of(&p, "reminder-2", 0, 1), 0);
	assert_int_equal(mails_of(&p, "reminder-2", 10, 1), 1);
	close_post(&p);
}

/* What the relay refuses once is not tried in a later round either. */
static void who_was_refused_is_left_alone(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	read_board(&p, state);
	p.relay.mood = RELAY_REFUSES;
	p.relay.times = 2;
	assert_int_equal(must_remind(&p), MEMBERS);
	assert_int_equal(must_remind(&p), MEMBERS - 2);
	close_post(&p);
}

/* A reminder that was cut short goes on, with the board of the day. */
static void a_round_that_was_cut_short_goes_on(void **state)
{
	uint64_t first, second;
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	read_board(&p, state);
	p.relay.mood = RELAY_DEFERS;
	p.relay.times = 6;
	p.kit.conf.wait_at_most = 0;
	p.kit.conf.retry_after = 2;
	assert_ok(remind(&p, &first, &why), &why);
	p.relay.mood = RELAY_FINE;
	p.relay.times = 0;
	p.later = 60; /* it is too soon for a second round */
	sleep(3);
	assert_ok(remind(&p, &second, &why), &why);
	assert_int_equal(first, MEMBERS);
	assert_int_equal(second, 6);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(mails_of(&p, "reminder-1", i, 1), 1);
	close_post(&p);
}

/* Killed at every write and sync in turn; each time somebody else has voted. */
static void a_kill_in_a_reminder_mails_none_twice_but_the_uncertain(void **state)
{
	unsigned struck = 0;
	struct post p;
	int status;

	open_post(&p, state, RELAY_FINE, 0);
	read_board(&p, state);
	for (long at = 1;; at++) {
		unsigned before[MEMBERS], more = 0;
		struct why why = { 0 };
		uint64_t due;
		pid_t pid;

		for (unsigned i = 0; i < MEMBERS; i++)
			before[i] = mails_of(&p, "reminder-1", i, 1);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			fault_arm(FAULT_KILL, at);
			_exit(remind(&p, &due, &why) ? 2 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status))
			break;
		struck++;
		p.later = 60;
		assert_ok(remind(&p, &due, &why), &why);
		p.later = DAY + 60;
		assert_ok(remind(&p, &due, &why), &why);
		for (unsigned i = 0; i < MEMBERS; i++) {
			unsigned n = mails_of(&p, "reminder-1", i, 1) - before[i];

			assert_true(n <= 2);
			more += n == 2;
		}
		assert_true(more <= 2 * p.kit.conf.connections);
		for (unsigned r = 1; r <= MOST; r++) {
			char name[64];

			snprintf(name, sizeof(name), "outbox-reminder-%u/data.mdb", r);
			unlink(temp_path(state, name));
			snprintf(name, sizeof(name), "outbox-reminder-%u/lock.mdb", r);
			unlink(temp_path(state, name));
		}
		at += 2;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(struck > 4);
	close_post(&p);
}

static void notify(struct post *p)
{
	struct campaign c = campaign_of(p);
	struct why why = { 0 };

	assert_ok(campaign_notify(&c, &why), &why);
	if (c.due[0])
		assert_ok(mail(p, (struct mailing){ MAILING_NOTICE, 0 }, c.due[0], &why), &why);
	campaign_end(&c);
}

static void a_notice_comes_once_to_who_has_a_ballot(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	vote(&p, 1);
	read_board(&p, state);
	notify(&p);
	notify(&p);
	vote(&p, 2);
	read_board(&p, state);
	notify(&p);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(mails_of(&p, "notice", i, 1), i == 1 || i == 2);
	close_post(&p);
}

static void a_later_closing_time_is_told_to_who_has_not_voted(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, RELAY_REFUSES, 1);
	vote(&p, 1);
	plan(&p, 2); /* their new letter is on its way; they are told nonetheless */
	read_board(&p, state);
	for (unsigned round = 0; round < 2; round++) {
		struct campaign c = campaign_of(&p);

		assert_ok(campaign_extend(&c, 1800000000, &why), &why);
		if (c.due[0])
			assert_ok(mail(&p, (struct mailing){ MAILING_EXTENSION, 1800000000 },
			               c.due[0], &why),
			          &why);
		campaign_end(&c);
	}
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(mails_of(&p, "extended-1800000000", i, 1),
		                 has_letter(&p, i) && i != 1);
	close_post(&p);
}

static void an_old_address_is_told_and_the_new_one_is_not_named(void **state)
{
	char handle[HANDLE_TEXT], want[96];
	struct amended amended;
	struct campaign c;
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	amend_begin(p.amend);
	amend_address(p.amend, 7, "new@elsewhere.test", "m7@voters.test");
	assert_int_equal(amend_commit(p.amend, NULL), OK);
	assert_int_equal(mails_to(&p, "m7@voters.test"), 1);
	c = campaign_of(&p);
	assert_ok(campaign_moved(&c, &why), &why);
	assert_int_equal(serials_count(c.due[0]), 1);
	assert_ok(mail(&p, (struct mailing){ MAILING_MOVED, 0 }, c.due[0], &why), &why);
	campaign_end(&c);
	assert_int_equal(mails_to(&p, "m7@voters.test"), 2);
	assert_int_equal(mails_to(&p, "new@elsewhere.test"), 0);
	assert_int_equal(mails_of(&p, "moved", 7, 1), 1);
	/* And their mail goes to the new one. */
	read_board(&p, state);
	assert_int_equal(must_remind(&p), MEMBERS);
	assert_int_equal(mails_to(&p, "m7@voters.test"), 2);
	assert_int_equal(mails_to(&p, "new@elsewhere.test"), 1);
	/* Only there stands the tag that speaks for the new one. */
	assert_int_equal(amend_get(p.amend, 7, &amended, NULL), OK);
	mint_handle(handle, p.kit.keys.handle, p.kit.m->id, "M7", 2);
	snprintf(want, sizeof(want), "MAIL FROM:<bounce+%s-%s@", handle, amended.tag);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, want), 1);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, amended.tag), 1);
	snprintf(want, sizeof(want), "MAIL FROM:<bounce+%s@", handle);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, want), 2);
	close_post(&p);
}

static void a_vote_with_a_new_token_is_a_vote_planned_or_standing(void **state)
{
	struct point credential[AMEND_PLANS_MAX + 1];
	struct amended amended;
	struct point by, old;
	struct member member;
	struct campaign c;
	uint64_t hour;
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	plan(&p, 6);
	assert_int_equal(roll_get(p.kit.roll, 6, &member, NULL), OK);
	assert_int_equal(amend_get(p.amend, 6, &amended, NULL), OK);
	assert_int_equal(
		changes_credentials(credential, &p.kit.keys, p.kit.m, &member, &amended, NULL), OK);
	by = credential[1];
	old = credential_of(&p, 6);
	posted_replaced(&p.board, &old, &by);
	read_board(&p, state);
	c = campaign_of(&p);
	assert_int_equal(campaign_voted(&c, &member, &hour, NULL), OK);
	assert_int_equal(hour, 0);
	posted_ballot(&p.board, &by);
	read_board(&p, state);
	c = campaign_of(&p);
	assert_int_equal(campaign_voted(&c, &member, &hour, NULL), OK);
	assert_int_equal(hour, p.kit.m->opens);
	amend_begin(p.amend);
	amend_settle(p.amend, 6, 1, false);
	assert_int_equal(amend_commit(p.amend, NULL), OK);
	assert_int_equal(campaign_voted(&c, &member, &hour, NULL), OK);
	assert_int_equal(hour, p.kit.m->opens);
	close_post(&p);
}

static void a_new_token_is_in_the_next_letter(void **state)
{
	struct why why = { 0 };
	struct post p;
	uint32_t serial = 8;

	open_post(&p, state, RELAY_FINE, 0);
	plan(&p, serial);
	amend_begin(p.amend);
	amend_settle(p.amend, serial, 1, false);
	assert_int_equal(amend_commit(p.amend, NULL), OK);
	assert_int_equal(outbox_renew(p.invitation, &serial, 1, NULL), OK);
	assert_ok(mail(&p, (struct mailing){ MAILING_INVITATION, 0 }, NULL, &why), &why);
	assert_int_equal(mails_of(&p, "vote", serial, 1), 1);
	assert_int_equal(mails_of(&p, "vote", serial, 2), 1);
	assert_int_equal(mails_of(&p, "vote", serial + 1, 2), 0);
	close_post(&p);
}

static char searched[128][TOKEN_TEXT_MAX];
static unsigned searched_for;

static int search(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	FILE *f = type == FTW_F ? fopen(path, "r") : NULL;
	char *text = f ? malloc((size_t)st->st_size + 1) : NULL;

	(void)ftw;
	if (!text)
		return 0;
	assert_int_equal(fread(text, 1, (size_t)st->st_size, f), st->st_size);
	for (unsigned i = 0; i < searched_for; i++)
		if (memmem(text, (size_t)st->st_size, searched[i], strlen(searched[i])))
			fail_msg("a token, or a part of it, stands in %s", path);
	free(text);
	fclose(f);
	return 0;
}

static void after_mails_of_every_kind_no_token_stands_anywhere(void **state)
{
	struct post p;
	struct campaign c;
	struct why why = { 0 };

	open_post(&p, state, RELAY_FINE, 0);
	vote(&p, 1);
	read_board(&p, state);
	must_remind(&p);
	notify(&p);
	c = campaign_of(&p);
	assert_ok(campaign_extend(&c, 1800000000, &why), &why);
	assert_ok(mail(&p, (struct mailing){ MAILING_EXTENSION, 1800000000 }, c.due[0], &why),
	          &why);
	campaign_end(&c);
	amend_begin(p.amend);
	amend_address(p.amend, 7, "new@elsewhere.test", "m7@voters.test");
	assert_int_equal(amend_commit(p.amend, NULL), OK);
	c = campaign_of(&p);
	assert_ok(campaign_moved(&c, &why), &why);
	assert_ok(mail(&p, (struct mailing){ MAILING_MOVED, 0 }, c.due[0], &why), &why);
	campaign_end(&c);
	for (unsigned i = 0; i < MEMBERS; i++) {
		struct token token;
		char id[12];

		snprintf(id, sizeof(id), "M%u", i);
		mint_token(&token, keys_token(&p.kit.keys, 0), p.kit.m->id, 1, id, strlen(id));
		token_write(searched[searched_for], &token);
		/* The relay had it, so the test can find one at all. */
		searched[searched_for++][14] = 0;
	}
	assert_int_equal(nftw(p.home, search, 16, FTW_PHYS), 0);
	assert_true(searched_for == MEMBERS);
	close_post(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_reminder_goes_to_who_has_a_letter_and_no_ballot),
		TEMP_TEST(nobody_is_reminded_too_soon),
		TEMP_TEST(nobody_is_reminded_more_often_than_is_said),
		TEMP_TEST(a_newer_board_leaves_out_who_has_voted_since),
		TEMP_TEST(who_was_refused_is_left_alone),
		TEMP_TEST(a_round_that_was_cut_short_goes_on),
		TEMP_TEST(a_kill_in_a_reminder_mails_none_twice_but_the_uncertain),
		TEMP_TEST(a_notice_comes_once_to_who_has_a_ballot),
		TEMP_TEST(a_later_closing_time_is_told_to_who_has_not_voted),
		TEMP_TEST(an_old_address_is_told_and_the_new_one_is_not_named),
		TEMP_TEST(a_vote_with_a_new_token_is_a_vote_planned_or_standing),
		TEMP_TEST(a_new_token_is_in_the_next_letter),
		TEMP_TEST(after_mails_of_every_kind_no_token_stands_anywhere),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
