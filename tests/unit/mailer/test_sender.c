/* SPDX-License-Identifier: MIT */
#include "mailer/sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "tests/relay.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 40
#define FEW     10 /* where each round is a whole send */
#define DOMAINS 4
#define MANY    200

/* A mailer with its relay. */
struct post {
	struct kit kit;
	struct relay_play relay;
	struct amend *amend;
	struct outbox *outbox;
	struct sender sender;
};

static void open_post_with(struct post *p, void **state, unsigned members, enum relay_mood mood,
                           int times, const char *more, int domains)
{
	char *text = kit_replace(KIT_DEFINITION, "min_ballots = 10\n", "min_ballots = 1\n");

	memset(p, 0, sizeof(*p));
	relay_start(&p->relay, mood, times);
	kit_domains = domains;
	kit_open(&p->kit, state, temp_text(state, "election.conf", text), members);
	kit_domains = 0;
	kit_post(&p->kit, state, p->relay.port, more);
	assert_int_equal(amend_open(&p->amend, ((struct temp *)*state)->dir, true, NULL), OK);
	free(text);
}

static void open_post(struct post *p, void **state, unsigned members, enum relay_mood mood,
                      int times, const char *more)
{
	open_post_with(p, state, members, mood, times, more, 0);
}

static void close_post(struct post *p)
{
	outbox_close(p->outbox);
	amend_close(p->amend);
	kit_close(&p->kit);
	relay_stop(&p->relay);
}

/* One run of send, as the command makes it. */
static enum err run(struct post *p, void **state, struct why *why)
{
	char folder[MAILING_TEXT];
	uint64_t lost;
	enum err e;

	outbox_close(p->outbox);
	p->outbox = NULL;
	mailing_folder(folder, p->sender.mailing);
	e = outbox_open(&p->outbox, ((struct temp *)*state)->dir, folder, p->kit.m->members, why);
	if (!e)
		e = outbox_recover(p->outbox, &lost, why);
	p->sender.conf = &p->kit.conf;
	p->sender.m = p->kit.m;
	p->sender.keys = &p->kit.keys;
	p->sender.letters = p->kit.letters;
	p->sender.roll = p->kit.roll;
	p->sender.amend = p->amend;
	p->sender.outbox = p->outbox;
	return e ? e : sender_run(&p->sender, why);
}

static void expect(struct post *p, enum send_state state, uint64_t n)
{
	uint64_t counts[SEND_STATES];

	assert_int_equal(outbox_counts(p->outbox, p->kit.m->members, counts, NULL), OK);
	assert_int_equal(counts[SEND_IN_FLIGHT], 0);
	if (counts[state] != n)
		fail_msg("%s: %llu, not %llu", send_state_name(state),
		         (unsigned long long)counts[state], (unsigned long long)n);
}

/* What the run says of its letters: each of them once, and no other. */
static void expect_sent(const struct post *p, enum send_state state, uint64_t n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SEND_STATES; i++)
		sum += p->sender.sent[i];
	assert_int_equal(p->sender.sent[state], n);
	assert_int_equal(sum, p->kit.m->members);
}

/* How many letters of a member came whole. */
static unsigned letters_to(struct post *p, unsigned member)
{
	char id[12], handle[HANDLE_TEXT], want[64];

	snprintf(id, sizeof(id), "M%u", member);
	mint_handle(handle, p->kit.keys.handle, p->kit.m->id, id, strlen(id));
	snprintf(want, sizeof(want), "<vote.%s.1@example.org>", handle);
	return relay_count(&p->relay, &p->relay.ids, want);
}

/* As if nothing had been sent. */
static void forget_outbox(struct post *p, void **state)
{
	outbox_close(p->outbox);
	p->outbox = NULL;
	unlink(temp_path(state, "outbox/data.mdb"));
	unlink(temp_path(state, "outbox/lock.mdb"));
}

static void everyone_gets_one_letter(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(letters_to(&p, i), 1);
	assert_true(p.relay.connections <= 4);
	assert_int_equal(p.sender.sent[SEND_ACCEPTED], MEMBERS);
	/* And nobody a second. */
	assert_ok(run(&p, state, &why), &why);
	assert_int_equal(p.relay.accepted, MEMBERS);
	close_post(&p);
}

static void the_envelope_holds_the_handle_and_no_token(void **state)
{
	char handle[HANDLE_TEXT], want[100], text[TOKEN_TEXT_MAX];
	struct why why = { 0 };
	struct token token;
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	assert_ok(run(&p, state, &why), &why);
	for (unsigned i = 0; i < MEMBERS; i++) {
		char id[12];

		snprintf(id, sizeof(id), "M%u", i);
		mint_handle(handle, p.kit.keys.handle, p.kit.m->id, id, strlen(id));
		snprintf(want, sizeof(want), "MAIL FROM:<bounce+%s@example.org>", handle);
		assert_int_equal(relay_count(&p.relay, &p.relay.commands, want), 1);
		snprintf(want, sizeof(want), "RCPT TO:<m%u@voters.test>", i);
		assert_int_equal(relay_count(&p.relay, &p.relay.commands, want), 1);
		mint_token(&token, p.kit.keys.token[0], p.kit.m->id, 1, id, strlen(id));
		token_write(text, &token);
		assert_int_equal(relay_count(&p.relay, &p.relay.commands, text), 0);
	}
	close_post(&p);
}

/* Law 1: what a relay says of a letter it refuses is kept for the administrator, and may be a
 * piece of the letter. */
static void a_relay_that_quotes_a_token_has_it_kept_nowhere(void **state)
{
	char text[TOKEN_TEXT_MAX], begin[10];
	struct why why = { 0 };
	struct token token;
	struct post p;

	open_post(&p, state, 2, RELAY_QUOTES, -1, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct standing standing;
		char id[12];

		snprintf(id, sizeof(id), "M%u", i);
		mint_token(&token, p.kit.keys.token[0], p.kit.m->id, 1, id, strlen(id));
		token_write(text, &token);
		snprintf(begin, sizeof(begin), "%.9s", text);
		assert_ok(outbox_find(p.outbox, i, &standing, &why), &why);
		assert_non_null(strstr(standing.text, "this must not be"));
		assert_null(strstr(standing.text, begin));
		assert_null(strstr(why.text, begin));
	}
	close_post(&p);
}

static void a_limit_is_kept(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	p.sender.limit = 7;
	assert_ok(run(&p, state, &why), &why);
	expect_sent(&p, SEND_ACCEPTED, 7);
	expect(&p, SEND_ACCEPTED, 7);
	expect(&p, SEND_PLANNED, MEMBERS - 7);
	p.sender.limit = 0;
	assert_ok(run(&p, state, &why), &why);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(letters_to(&p, i), 1);
	close_post(&p);
}

static void a_refused_member_stays_refused_until_it_is_asked(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_REFUSES, 2, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, 2);
	expect(&p, SEND_ACCEPTED, MEMBERS - 2);
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, 2);
	p.sender.refused = true;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	close_post(&p);
}

static void a_relay_that_refuses_all_is_stopped_at(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FULL, -1, "");
	assert_int_equal(run(&p, state, &why), ERR_SETTINGS);
	assert_non_null(
		strstr(why.text, "has refused the first 20 letters: 552 5.2.2 mailbox full"));
	expect(&p, SEND_PLANNED, MEMBERS);
	p.relay.mood = RELAY_FINE;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	close_post(&p);
}

/* Three refusals of that kind, and what was under way. */
static void a_relay_that_denies_us_is_stopped_at_early(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_DENIES, -1, "");
	assert_int_equal(run(&p, state, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "554 5.7.1"));
	assert_non_null(strstr(why.text, "a user and a password"));
	assert_in_range(relay_count(&p.relay, &p.relay.commands, "RCPT"), 3, 3 + 2 * 4);
	expect(&p, SEND_PLANNED, MEMBERS);
	close_post(&p);
}

/* One member's mailbox may answer so, too. */
static void a_member_who_is_denied_does_not_stop_the_others(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_DENIES, 2, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, 2);
	expect(&p, SEND_ACCEPTED, MEMBERS - 2);
	close_post(&p);
}

static void a_greylisted_letter_is_sent_later_in_the_same_run(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_DEFERS, 3, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, "RCPT"), MEMBERS + 3);
	expect_sent(&p, SEND_ACCEPTED, MEMBERS);
	close_post(&p);
}

static void what_would_take_too_long_is_left_to_the_next_run(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_LATER, 3, "");
	p.kit.conf.retry_after = 600;
	p.kit.conf.wait_at_most = 10;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_DEFERRED, 3);
	expect(&p, SEND_ACCEPTED, MEMBERS - 3);
	close_post(&p);
}

/* The relay has taken the letter and died before it said so. */
static void an_uncertain_letter_comes_twice_with_one_message_id(void **state)
{
	unsigned twice = 0;
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_DROPS, 3, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	expect_sent(&p, SEND_ACCEPTED, MEMBERS);
	for (unsigned i = 0; i < MEMBERS; i++) {
		unsigned n = letters_to(&p, i);

		assert_true(n == 1 || n == 2);
		twice += n == 2;
	}
	assert_int_equal(twice, 3);
	close_post(&p);
}

static void a_relay_that_says_421_gives_everything_back(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_BUSY, -1, "");
	assert_int_equal(run(&p, state, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "too many connections"));
	expect(&p, SEND_PLANNED, MEMBERS);
	p.relay.mood = RELAY_FINE;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	close_post(&p);
}

static void a_421_now_and_then_only_slows(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_BUSY, 3, "");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(letters_to(&p, i), 1);
	close_post(&p);
}

static void a_hanging_relay_ends_the_run_and_loses_nothing(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_HANGS, -1, "");
	assert_int_equal(run(&p, state, &why), ERR_AGAIN);
	expect(&p, SEND_PLANNED, MEMBERS);
	close_post(&p);
}

static void no_starttls_stops_before_any_letter(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	p.kit.conf.relay.tls = SMTP_TLS_STARTTLS;
	assert_int_equal(run(&p, state, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "cannot be used"));
	expect(&p, SEND_PLANNED, MEMBERS);
	assert_int_equal(p.relay.commands.len, 0);
	close_post(&p);
}

static void a_signal_stops_between_two_letters(void **state)
{
	volatile sig_atomic_t stop = 1;
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	p.sender.stop = &stop;
	assert_ok(run(&p, state, &why), &why);
	assert_true(p.sender.stopped);
	expect(&p, SEND_ACCEPTED, p.relay.accepted);
	expect(&p, SEND_PLANNED, MEMBERS - p.relay.accepted);
	close_post(&p);
}

static void a_pace_is_kept(void **state)
{
	struct why why = { 0 };
	struct timespec from, to;
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "per_minute = 1200");
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_ok(run(&p, state, &why), &why);
	clock_gettime(CLOCK_MONOTONIC, &to);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	/* 40 letters at 20 a second. */
	assert_true(to.tv_sec - from.tv_sec >= 1);
	close_post(&p);
}

/* The members of a few domains; the relay is picky about one. */
static void open_domains(struct post *p, void **state, const char *reply, int times,
                         const char *more)
{
	open_post_with(p, state, MEMBERS, RELAY_FINE, 0, more, DOMAINS);
	p->relay.picky_domain = "d1.test";
	p->relay.picky_reply = reply;
	p->relay.picky_times = times;
}

static unsigned mails_to(struct post *p, const char *domain)
{
	return relay_count(&p->relay, &p->relay.commands, domain);
}

static void a_domain_that_has_too_much_is_left_alone_for_a_while(void **state)
{
	static const char *const replies[] = { "421 4.7.0 [TSS04] try later\r\n",
		                               "450 4.7.1 too many messages from you\r\n" };
	struct why why = { 0 };
	struct post p;

	for (unsigned i = 0; i < 2; i++) {
		open_domains(&p, state, replies[i], -1,
		             "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\n"
		             "domain_at_once = 2\npause = 60\n");
		p.relay.pipelines = i;
		p.kit.conf.wait_at_most = 5;
		p.kit.conf.retry_after = 600;
		assert_ok(run(&p, state, &why), &why);
		/* The others were not held up, and no more than were under way was tried there. */
		expect(&p, SEND_ACCEPTED, MEMBERS / DOMAINS * (DOMAINS - 1));
		assert_in_range(p.sender.sent[SEND_DEFERRED], 1, 2);
		expect(&p, SEND_PLANNED, MEMBERS / DOMAINS - p.sender.sent[SEND_DEFERRED]);
		assert_in_range(mails_to(&p, "@d1.test>"), 1, 2);
		forget_outbox(&p, state);
		close_post(&p);
	}
}

/* It would be the next letter again, for every thread and in every run. */
static void a_relay_that_hangs_up_at_one_recipient_stops_nobody_else(void **state)
{
	struct why why = { 0 };
	struct post p;

	for (unsigned i = 0; i < 2; i++) {
		open_domains(&p, state, "", -1, "");
		p.relay.pipelines = i;
		p.kit.conf.wait_at_most = 0;
		p.kit.conf.retry_after = 600;
		assert_ok(run(&p, state, &why), &why);
		expect(&p, SEND_ACCEPTED, MEMBERS / DOMAINS * (DOMAINS - 1));
		expect(&p, SEND_DEFERRED, MEMBERS / DOMAINS);
		forget_outbox(&p, state);
		close_post(&p);
	}
}

/* Its own limit is reached in the middle of a run, in whatever words and at whatever command: the
 * run ends soon, no member is marked for it, and the next one serves them. */
static void a_relay_that_has_enough_of_us_marks_nobody(void **state)
{
	static const struct {
		enum relay_mood mood;
		const char *reply, *picky;
	} cases[] = {
		{ RELAY_TURNS_AWAY, "550 5.4.5 Daily sending quota exceeded\r\n", NULL },
		{ RELAY_TURNS_AWAY, "552 no more of this\r\n", NULL },
		{ RELAY_FINE, "550 5.4.5 Daily sending quota exceeded\r\n", "" },
		{ RELAY_FINE, "550 5.1.1 no such user, or so I say\r\n", "" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = { 0 };
		struct post p;

		open_post_with(&p, state, MANY, cases[i].mood, -1, "", DOMAINS);
		p.relay.after = 30;
		p.relay.reply = p.relay.picky_reply = cases[i].reply;
		p.relay.picky_domain = cases[i].picky;
		p.relay.picky_times = -1;
		assert_int_equal(run(&p, state, &why), ERR_SETTINGS);
		assert_non_null(strstr(why.text, "has refused the last"));
		assert_memory_equal(strstr(why.text, ": 55") + 2, cases[i].reply, 19);
		assert_in_range(mails_to(&p, "MAIL"), 50, 110);
		expect(&p, SEND_ACCEPTED, p.relay.accepted);
		expect(&p, SEND_PLANNED, MANY - p.relay.accepted);
		expect_sent(&p, SEND_ACCEPTED, p.relay.accepted);
		p.relay.mood = RELAY_FINE;
		p.relay.picky_times = 0;
		assert_ok(run(&p, state, &why), &why);
		expect(&p, SEND_ACCEPTED, MANY);
		forget_outbox(&p, state);
		close_post(&p);
	}
}

/* However often it is asked before the limit is over, and who asks: each run tries others first. */
static void a_limit_that_lasts_for_many_runs_marks_nobody(void **state)
{
	static const char *const replies[] = { "550 5.4.5 Daily sending quota exceeded\r\n",
		                               "552 no more of this\r\n" };

	for (unsigned i = 0; i < 2; i++) {
		struct why why = { 0 };
		struct post p;

		open_post_with(&p, state, MANY, RELAY_FINE, 0, "", DOMAINS);
		p.relay.after = MANY - 60;
		p.relay.picky_reply = replies[i];
		p.relay.picky_domain = "";
		p.relay.picky_times = -1;
		for (unsigned n = 0; n < 6; n++) {
			assert_int_equal(run(&p, state, &why), ERR_SETTINGS);
			assert_non_null(strstr(why.text, "has refused the last"));
			expect(&p, SEND_PLANNED, MANY - p.relay.accepted);
		}
		p.relay.picky_times = 0;
		assert_ok(run(&p, state, &why), &why);
		expect(&p, SEND_ACCEPTED, MANY);
		forget_outbox(&p, state);
		close_post(&p);
	}
}

/* Mail those first that a relay, which is picky about d1 and all whose names begin so, takes. */
static void mail_the_others(struct post *p, void **state, unsigned members, unsigned domains)
{
	struct serials *only = NULL;
	struct why why = { 0 };

	assert_ok(serials_new(&only, members, &why), &why);
	for (uint32_t i = 0; i < members; i++)
		if (i % domains != 1 && i % domains < 10)
			serials_add(only, i);
	p->sender.only = only;
	assert_ok(run(p, state, &why), &why);
	p->sender.only = NULL;
	serials_free(only);
	p->relay.picky_domain = "d1";
	p->relay.picky_times = -1;
}

/* Nobody is left but the dead, of several domains: the relay still takes letters to those whom it
 * has served, and so they are told as such, however few or many. */
static void many_dead_addresses_end_up_refused(void **state)
{
	unsigned dead = MANY / 20 * 11, before;
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MANY, RELAY_FINE, 0, "", 20);
	mail_the_others(&p, state, MANY, 20);
	expect(&p, SEND_PLANNED, dead);
	p.relay.picky_reply = "550 5.1.1 no such user\r\n";
	before = mails_to(&p, "RCPT");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, dead);
	expect(&p, SEND_ACCEPTED, MANY - dead);
	assert_in_range(mails_to(&p, "RCPT") - before, dead + 1, dead + dead / 20 * 3 + 3);
	assert_int_equal(p.relay.accepted, MANY - dead);
	close_post(&p);
}

/* The relay has lost its name server, say: it calls everyone dead, and those too whom it has
 * served. Whether many letters are left or few, and in however many runs. */
static void a_relay_that_calls_everyone_dead_marks_nobody(void **state)
{
	static const char *const replies[] = { "550 5.1.2 host unknown\r\n",
		                               "554 5.7.1 Relay access denied\r\n" };

	for (unsigned i = 0; i < 4; i++) {
		unsigned left = i % 2 ? 6 : 60;
		struct why why = { 0 };
		struct post p;

		open_post_with(&p, state, MANY, RELAY_FINE, 0, "", DOMAINS);
		p.sender.limit = MANY - left;
		assert_ok(run(&p, state, &why), &why);
		p.sender.limit = 0;
		p.relay.picky_domain = "";
		p.relay.picky_times = -1;
		p.relay.picky_reply = replies[i / 2];
		for (unsigned n = 0; n < 3; n++) {
			assert_int_equal(run(&p, state, &why), ERR_SETTINGS);
			expect(&p, SEND_PLANNED, left);
			assert_int_equal(p.sender.sent[SEND_PLANNED], left);
		}
		p.relay.picky_times = 0;
		assert_ok(run(&p, state, &why), &why);
		expect(&p, SEND_ACCEPTED, MANY);
		forget_outbox(&p, state);
		close_post(&p);
	}
}

/* Providers that block us are all that is left: each run would ask for a password otherwise, and
 * take their members back. */
static void providers_that_block_us_to_the_end_are_told_as_such(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MANY, RELAY_FINE, 0, "", 20);
	mail_the_others(&p, state, MANY, 20);
	p.relay.picky_reply = "550 5.7.1 blocked\r\n";
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, MANY / 20 * 11);
	expect(&p, SEND_ACCEPTED, MANY / 20 * 9);
	close_post(&p);
}

/* It is too busy to be asked whether the dead are dead: that marks nobody, and is told. */
static void a_relay_that_does_not_say_marks_nobody(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MANY, RELAY_FINE, 0, "", 20);
	mail_the_others(&p, state, MANY, 20);
	p.relay.picky_reply = "550 5.1.1 no such user\r\n";
	p.relay.mood = RELAY_DEFERS;
	p.relay.times = -1;
	assert_int_equal(run(&p, state, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "did not say: 450 4.2.0 greylisted"));
	expect(&p, SEND_PLANNED, MANY / 20 * 11);
	expect(&p, SEND_REFUSED, 0);
	close_post(&p);
}

/* One provider blocks us, and in a later run nearly all letters that are left are its members'. */
static void a_provider_that_blocks_us_later_stops_nobody_else(void **state)
{
	uint32_t others[5];
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MEMBERS, RELAY_FINE, 0, "", DOMAINS);
	mail_the_others(&p, state, MEMBERS, DOMAINS);
	p.relay.picky_reply = "550 5.7.1 blocked\r\n";
	for (uint32_t i = 0; i < 5; i++)
		others[i] = DOMAINS * i;
	assert_int_equal(outbox_renew(p.outbox, others, 5, NULL), OK);
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, MEMBERS / DOMAINS);
	expect(&p, SEND_ACCEPTED, MEMBERS / DOMAINS * (DOMAINS - 1));
	close_post(&p);
}

struct interrupt {
	volatile sig_atomic_t stop;
	uint64_t done, at;
};

static void stop_after(void *context, uint64_t more)
{
	struct interrupt *i = context;

	i->done += more;
	i->stop = i->done >= i->at;
}

/* Somebody sees that it goes wrong, before the run does. */
static void a_row_of_refusals_that_is_stopped_marks_nobody(void **state)
{
	struct interrupt interrupt = { .at = 36 };
	struct why why = { 0 };
	struct post p;

	/* Each has a domain of its own. */
	open_post_with(&p, state, MANY, RELAY_FINE, 0, "per_minute = 3000", MANY);
	p.kit.conf.connections = 1;
	p.relay.after = 30;
	p.relay.picky_domain = "";
	p.relay.picky_reply = "550 no\r\n";
	p.relay.picky_times = -1;
	p.sender.stop = &interrupt.stop;
	p.sender.step = stop_after;
	p.sender.context = &interrupt;
	assert_ok(run(&p, state, &why), &why);
	assert_true(p.sender.stopped);
	expect(&p, SEND_ACCEPTED, 30);
	expect(&p, SEND_REFUSED, 0);
	expect_sent(&p, SEND_PLANNED, MANY - 30);
	close_post(&p);
}

/* Too few are left for it to be seen by their number. */
static void a_limit_that_is_told_as_one_marks_not_even_the_last(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MEMBERS, RELAY_FINE, 0, "", DOMAINS);
	p.kit.conf.wait_at_most = 0;
	p.relay.after = MEMBERS - 5;
	p.relay.picky_reply = "550 5.7.0 you have reached your daily sending limit\r\n";
	p.relay.picky_domain = "";
	p.relay.picky_times = -1;
	assert_int_equal(run(&p, state, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "daily sending limit"));
	assert_non_null(strstr(why.text, "nothing was lost"));
	expect(&p, SEND_REFUSED, 0);
	expect(&p, SEND_PLANNED, MEMBERS - p.relay.accepted);
	close_post(&p);
}

static void one_domain_that_refuses_us_does_not_stop_the_others(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MANY, RELAY_FINE, 0, "", DOMAINS);
	p.relay.picky_domain = "d1.test";
	p.relay.picky_reply = "550 5.7.1 blocked\r\n";
	p.relay.picky_times = -1;
	p.relay.after = 1;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, p.relay.accepted);
	assert_in_range(p.relay.accepted, MANY / DOMAINS * (DOMAINS - 1),
	                MANY / DOMAINS * (DOMAINS - 1) + 4);
	expect(&p, SEND_REFUSED, MANY - p.relay.accepted);
	close_post(&p);
}

/* Addresses that were dead before are dead again, however many there are. */
static void who_was_refused_before_may_be_refused_again(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, MANY, RELAY_FINE, 0, "", DOMAINS);
	p.relay.picky_domain = "d1.test";
	p.relay.picky_reply = "550 5.1.1 no such user\r\n";
	p.relay.picky_times = -1;
	p.relay.after = 1;
	assert_ok(run(&p, state, &why), &why);
	p.sender.refused = true;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, MANY - p.relay.accepted);
	close_post(&p);
}

/* Too much from us, whoever the letter is for: all wait, and nobody's address is blamed. */
static void a_relay_that_puts_us_off_slows_the_run_and_costs_no_try(void **state)
{
	struct standing standing;
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_TURNS_AWAY, 5,
	          "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\n"
	          "domain_at_once = 0\npause = 1\ndouble_after = 1\n");
	p.relay.after = MEMBERS - 10;
	p.relay.reply = "451 4.7.1 too many messages, try later\r\n";
	p.kit.conf.retry_after = 2;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	for (uint32_t i = 0; i < MEMBERS; i++) {
		assert_int_equal(outbox_find(p.outbox, i, &standing, NULL), OK);
		assert_int_equal(standing.attempts, 1);
	}
	close_post(&p);
}

struct absence {
	unsigned gone, back;
};

static void note_absence(void *context, const char *words)
{
	struct absence *a = context;

	a->gone += words && strstr(words, "421 4.3.2 too many connections");
	a->back += !words;
}

/* It is started anew, say: the threads come back, and the run goes on. */
static void a_relay_that_comes_back_is_used_again(void **state)
{
	struct absence absence = { 0 };
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, FEW, RELAY_BUSY, 3, "");
	p.kit.conf.connections = 1;
	p.kit.conf.relay.per_connection = 1;
	p.relay.after = 5;
	p.sender.away = note_absence;
	p.sender.context = &absence;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, FEW);
	assert_int_equal(absence.gone, 1);
	assert_int_equal(absence.back, 1);
	close_post(&p);
}

static void one_that_stays_away_ends_the_run(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, FEW, RELAY_BUSY, -1, "");
	p.kit.conf.relay.per_connection = 1;
	p.kit.conf.wait_at_most = 1;
	p.relay.after = 5;
	assert_int_equal(run(&p, state, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "does not take mail now: 421 4.3.2 too many"));
	expect(&p, SEND_ACCEPTED, p.relay.accepted);
	expect(&p, SEND_PLANNED, FEW - p.relay.accepted);
	close_post(&p);
}

/* A relay that takes each letter and never says so must not fill a mailbox with them. */
static void a_letter_that_may_have_arrived_goes_out_a_few_times_at_most(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, 2, RELAY_DROPS, -1, "");
	for (unsigned i = 0; i < 3; i++)
		assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_UNCERTAIN, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_in_range(letters_to(&p, i), 2, RETRY_UNCERTAIN_MAX);
	close_post(&p);
}

static void after_the_pause_it_is_mailed_more_slowly(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_domains(&p, state, "450 4.7.1 slow down\r\n", 1,
	             "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 2400\n"
	             "domain_at_once = 1\npause = 1\n");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	assert_int_equal(mails_to(&p, "RCPT"), MEMBERS + 1);
	close_post(&p);
}

static void a_greylisting_domain_is_not_slowed(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_domains(&p, state, "450 4.7.1 Greylisted, come back\r\n", MEMBERS / DOMAINS,
	             "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\n"
	             "domain_at_once = 0\npause = 600\n");
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	assert_int_equal(mails_to(&p, "RCPT"), MEMBERS + MEMBERS / DOMAINS);
	close_post(&p);
}

/* The vote leaves no time for another try: the letter is given up, and never due again, unless it
 * is asked for or the closing time is put off. */
static void what_the_vote_leaves_no_time_for_is_given_up(void **state)
{
	const uint64_t now = (uint64_t)time(NULL);
	struct standing standing;
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, FEW, RELAY_DEFERS, 1, "");
	p.sender.retry = (struct retry){ 600, now + 100, now + 200 };
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_DEFERRED, 1);
	expect(&p, SEND_ACCEPTED, FEW - 1);
	for (uint32_t i = 0; i < FEW; i++) {
		assert_int_equal(outbox_find(p.outbox, i, &standing, NULL), OK);
		assert_true(standing.state != SEND_DEFERRED || !standing.next);
	}
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_DEFERRED, 1);
	p.kit.conf.wait_at_most = 0;
	p.sender.retry = (struct retry){ 1, now + 86400, now + 86400 };
	assert_ok(run(&p, state, &why), &why);
	p.sender.refused = true;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, FEW);
	close_post(&p);
}

static void no_letter_leaves_once_the_vote_is_over(void **state)
{
	struct why why = { 0 };
	struct post p;

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	p.sender.until = (uint64_t)time(NULL);
	assert_ok(run(&p, state, &why), &why);
	assert_true(p.sender.over);
	expect(&p, SEND_PLANNED, MEMBERS);
	close_post(&p);
}

struct brakes {
	struct post *p;
	unsigned looks;
};

static bool hold_for_a_while(void *context)
{
	struct brakes *b = context;
	bool held = b->looks < 3;

	if (b->looks++ == 2)
		assert_int_equal(b->p->relay.accepted, 0);
	return held;
}

static void a_run_that_is_held_waits_and_goes_on(void **state)
{
	struct why why = { 0 };
	struct post p;
	struct brakes b = { .p = &p };

	open_post(&p, state, MEMBERS, RELAY_FINE, 0, "");
	p.sender.held = hold_for_a_while;
	p.sender.context = &b;
	p.kit.conf.wait_at_most = 0;
	assert_ok(run(&p, state, &why), &why);
	assert_true(b.looks > 3);
	expect(&p, SEND_ACCEPTED, MEMBERS);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(letters_to(&p, i), 1);
	close_post(&p);
}

static void a_name_in_another_script_is_refused_by_name_where_the_relay_cannot(void **state)
{
	struct standing standing;
	struct why why = { 0 };
	struct post p;

	open_post_with(&p, state, FEW, RELAY_FINE, 0, "", -1);
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_REFUSED, 1);
	expect(&p, SEND_ACCEPTED, FEW - 1);
	assert_int_equal(outbox_find(p.outbox, 0, &standing, NULL), OK);
	assert_int_equal(standing.state, SEND_REFUSED);
	assert_non_null(strstr(standing.text, "SMTPUTF8"));
	/* Another relay takes it. */
	p.relay.utf8 = true;
	p.sender.refused = true;
	assert_ok(run(&p, state, &why), &why);
	expect(&p, SEND_ACCEPTED, FEW);
	assert_int_equal(mails_to(&p, "RCPT TO:<zo\xc3\xa9@voters.test>"), 1);
	assert_int_equal(mails_to(&p, " SMTPUTF8"), 1);
	close_post(&p);
}

/* A disk that is full from the n-th write on: the run ends and says so; later all are served. */
static void a_full_disk_stops_the_run_and_loses_nobody(void **state)
{
	unsigned struck = 0;
	struct post p;

	open_post(&p, state, FEW, RELAY_FINE, 0, "");
	for (long at = 1; at < 60; at += 3) {
		struct why why = { 0 };
		enum err e;

		fault_arm(FAULT_FULL, at);
		e = run(&p, state, &why);
		fault_arm(FAULT_NONE, 0);
		if (e) {
			assert_int_equal(e, ERR_FULL);
			struck++;
		}
		assert_ok(run(&p, state, &why), &why);
		expect(&p, SEND_ACCEPTED, FEW);
		for (unsigned i = 0; i < FEW; i++)
			assert_true(letters_to(&p, i) >= 1);
		forget_outbox(&p, state);
	}
	assert_true(struck > 3);
	close_post(&p);
}

/* Killed at every write and sync of a send in turn: the outbox adds up, the next send serves
 * everyone, and nobody gets more than one letter more than there were kills. */
static void a_kill_at_any_moment_loses_nobody(void **state)
{
	unsigned struck = 0;
	struct post p;
	int status;

	open_post(&p, state, FEW, RELAY_FINE, 0, "");
	for (long at = 1;; at++) {
		struct why why = { 0 };
		unsigned before[FEW], more = 0;
		pid_t pid;

		for (unsigned i = 0; i < FEW; i++)
			before[i] = letters_to(&p, i);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			fault_arm(FAULT_KILL, at);
			_exit(run(&p, state, &why) ? 2 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status))
			break;
		struck++;
		assert_ok(run(&p, state, &why), &why);
		expect(&p, SEND_ACCEPTED, FEW);
		for (unsigned i = 0; i < FEW; i++) {
			unsigned n = letters_to(&p, i) - before[i];

			assert_true(n == 1 || n == 2);
			more += n == 2;
		}
		assert_true(more <= 2 * p.kit.conf.connections);
		forget_outbox(&p, state);
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(struck > 10);
	close_post(&p);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(everyone_gets_one_letter),
		TEST(the_envelope_holds_the_handle_and_no_token),
		TEST(a_relay_that_quotes_a_token_has_it_kept_nowhere),
		TEST(a_limit_is_kept),
		TEST(a_refused_member_stays_refused_until_it_is_asked),
		TEST(a_relay_that_refuses_all_is_stopped_at),
		TEST(a_relay_that_denies_us_is_stopped_at_early),
		TEST(a_member_who_is_denied_does_not_stop_the_others),
		TEST(a_greylisted_letter_is_sent_later_in_the_same_run),
		TEST(what_would_take_too_long_is_left_to_the_next_run),
		TEST(an_uncertain_letter_comes_twice_with_one_message_id),
		TEST(a_relay_that_says_421_gives_everything_back),
		TEST(a_421_now_and_then_only_slows),
		TEST(a_hanging_relay_ends_the_run_and_loses_nothing),
		TEST(no_starttls_stops_before_any_letter),
		TEST(a_signal_stops_between_two_letters),
		TEST(a_pace_is_kept),
		TEST(a_domain_that_has_too_much_is_left_alone_for_a_while),
		TEST(a_relay_that_hangs_up_at_one_recipient_stops_nobody_else),
		TEST(a_relay_that_has_enough_of_us_marks_nobody),
		TEST(a_limit_that_lasts_for_many_runs_marks_nobody),
		TEST(many_dead_addresses_end_up_refused),
		TEST(a_relay_that_calls_everyone_dead_marks_nobody),
		TEST(providers_that_block_us_to_the_end_are_told_as_such),
		TEST(a_relay_that_does_not_say_marks_nobody),
		TEST(a_provider_that_blocks_us_later_stops_nobody_else),
		TEST(a_row_of_refusals_that_is_stopped_marks_nobody),
		TEST(a_limit_that_is_told_as_one_marks_not_even_the_last),
		TEST(one_domain_that_refuses_us_does_not_stop_the_others),
		TEST(who_was_refused_before_may_be_refused_again),
		TEST(a_relay_that_puts_us_off_slows_the_run_and_costs_no_try),
		TEST(a_relay_that_comes_back_is_used_again),
		TEST(one_that_stays_away_ends_the_run),
		TEST(a_letter_that_may_have_arrived_goes_out_a_few_times_at_most),
		TEST(after_the_pause_it_is_mailed_more_slowly),
		TEST(a_greylisting_domain_is_not_slowed),
		TEST(what_the_vote_leaves_no_time_for_is_given_up),
		TEST(no_letter_leaves_once_the_vote_is_over),
		TEST(a_run_that_is_held_waits_and_goes_on),
		TEST(a_name_in_another_script_is_refused_by_name_where_the_relay_cannot),
		TEST(a_full_disk_stops_the_run_and_loses_nobody),
		TEST(a_kill_at_any_moment_loses_nobody),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
