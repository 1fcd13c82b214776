/* SPDX-License-Identifier: MIT */
#include "receiver/intake.h"

#include <pthread.h>

#include "receiver/choices.h"
#include "tests/unit/receiver/boxed.h"

#define MAILS_MAX (4u << 20)
#define ANSWER_TO "member%u@members.example"

static struct parser *parser; /* before any thread, for all tests */

/* A receiver without network: a relay of ours takes the answers. */
struct post_box {
	struct boxed b;
	struct clock clock;
	struct clock_reading time;
	struct signer signer;
	struct answers *answers;
	struct cast *cast;
	struct intake intake;
	enum err relay;    /* what the relay says */
	uint64_t received; /* when our mail server took what is brought; 0: not told */
	_Atomic unsigned sent, tried;
	_Atomic uint64_t waited; /* since the mail of the last answer arrived */
	pthread_mutex_t lock;
	struct buf last;
	char to[ADDRESS_MAX];
};

static enum err read_time(void *ctx, struct clock_reading *out)
{
	struct post_box *p = ctx;

	*out = p->time;
	return OK;
}

static void note_trouble(void *ctx, const char *event, const struct why *why)
{
	(void)ctx, (void)event, (void)why;
}

static enum err relay(void *ctx, const char *to, const void *message, size_t len, uint64_t waited,
                      struct why *why)
{
	struct post_box *p = ctx;

	(void)why;
	p->waited = waited;
	p->tried++;
	if (p->relay)
		return p->relay;
	pthread_mutex_lock(&p->lock);
	buf_clear(&p->last);
	buf_add(&p->last, message, len);
	snprintf(p->to, sizeof(p->to), "%s", to);
	p->sent++;
	pthread_mutex_unlock(&p->lock);
	return OK;
}

static struct post_box *post_box_new(const struct poll_plan *plan)
{
	struct post_box *p = calloc(1, sizeof(*p));
	struct why why = { 0 };

	boxed_open(&p->b, plan);
	p->time = (struct clock_reading){ .wall = (int64_t)p->b.e.m->opens + 100,
		                          .boot = 1000,
		                          .boot_id = "a-test" };
	buf_init(&p->last, MAILS_MAX);
	pthread_mutex_init(&p->lock, NULL);
	memcpy(p->signer.secret, p->b.e.receiver_secret, SIGN_SECRET_BYTES);
	assert_ok(clock_open(&p->clock, p->b.dir, read_time, p, &why), &why);
	assert_ok(answers_open(&p->answers, p->b.box->m, "../config/answers", "Ballot box",
	                       "box@vote.example.org", &why),
	          &why);
	assert_ok(cast_start(&p->cast, p->b.box, &p->clock, note_trouble, NULL, &why), &why);
	intake_init(&p->intake, 2);
	p->intake.box = p->b.box;
	p->intake.cast = p->cast;
	p->intake.parser = parser;
	p->intake.signer = &p->signer;
	p->intake.answers = p->answers;
	p->intake.send = relay;
	p->intake.send_ctx = p;
	p->intake.a_day = 3;
	return p;
}

static void post_box_free(struct post_box *p)
{
	intake_release(&p->intake);
	cast_stop(p->cast);
	answers_free(p->answers);
	clock_close(&p->clock);
	buf_free(&p->last);
	boxed_close(&p->b);
	free(p);
}

static const struct poll_plan usual = { .opens = 1796126400, .closes = 1796126400 + 86400 };

static int setup(void **state)
{
	*state = post_box_new(&usual);
	return 0;
}

static int teardown(void **state)
{
	post_box_free(*state);
	return 0;
}

static void move_to(struct post_box *p, uint64_t at)
{
	p->time.boot += (int64_t)at - p->time.wall;
	p->time.wall = (int64_t)at;
}

static enum err bring(struct post_box *p, const struct buf *mail, enum verdict *verdict)
{
	struct intake_mail m = { .raw = buf_text(mail), .len = mail->len, .received = p->received };
	struct why why = { 0 };
	enum err e = intake_take(&p->intake, &m, verdict, &why);

	if (e && e != ERR_AGAIN)
		print_message("%s\n", why.text);
	return e;
}

static void no_secret_in(struct post_box *p, const void *bytes, size_t len)
{
	for (unsigned i = 0; i < p->b.e.members; i++) {
		char token[TOKEN_TEXT_MAX];

		token_write(token, &p->b.e.member[i].token);
		/* Even the part that a link would carry. */
		assert_null(memmem(bytes, len, token, 29));
		token[29] = '\0';
	}
}

/* A mail with quoted-printable undone. */
static void undo(struct buf *out, const struct buf *mail)
{
	for (const char *at = buf_text(mail); *at;) {
		unsigned byte;

		if (strncmp(at, "=\r\n", 3) == 0) {
			at += 3;
		} else if (*at == '=' && sscanf(at + 1, "%2X", &byte) == 1) {
			buf_addc(out, (char)byte);
			at += 3;
		} else {
			buf_addc(out, *at++);
		}
	}
}

static unsigned times(const char *text, const char *word)
{
	unsigned n = 0;

	while ((text = strstr(text, word)) != NULL) {
		text += strlen(word);
		n++;
	}
	return n;
}

/* What may be chosen is named whole, or not at all. */
static void no_choice_in(const struct buf *mail)
{
	struct buf plain = BUF_INIT(MAILS_MAX);
	unsigned n;

	undo(&plain, mail);
	n = times(buf_text(&plain), "Texte Un");
	assert_int_equal(times(buf_text(&plain), "Texte Deux"), n);
	assert_int_equal(times(buf_text(&plain), "Texte Trois"), n);
	assert_int_equal(times(buf_text(&plain), "Texte"), 3 * n);
	buf_free(&plain);
}

static void check_answer(struct post_box *p, unsigned member)
{
	const char *text = buf_text(&p->last);
	char to[64];

	snprintf(to, sizeof(to), ANSWER_TO, member);
	assert_string_equal(p->to, to);
	assert_non_null(strstr(text, "\r\nAuto-Submitted: auto-replied\r\n"));
	no_secret_in(p, text, p->last.len);
	no_choice_in(&p->last);
}

/* Bring a mail, and expect this verdict, counted once, and an answer or none. */
static void expect(struct post_box *p, const struct buf *mail, enum verdict want, bool answered,
                   unsigned member)
{
	struct box_txn t;
	uint64_t before, after;
	unsigned sent = p->sent;
	enum verdict verdict = VERDICTS;

	assert_int_equal(box_look(&t, p->b.box), OK);
	before = t.state.verdict[want];
	box_abort(&t);
	assert_int_equal(bring(p, mail, &verdict), OK);
	if (verdict != want)
		print_message("got \"%s\", want \"%s\"\n", verdict_name(verdict),
		              verdict_name(want));
	assert_int_equal(verdict, want);
	assert_int_equal(box_look(&t, p->b.box), OK);
	after = t.state.verdict[want];
	box_abort(&t);
	assert_int_equal(after, before + 1);
	assert_int_equal(p->sent - sent, answered ? 1 : 0);
	if (answered)
		check_answer(p, member);
}

static void reply(struct post_box *p, unsigned member, const char *choice, enum verdict want,
                  bool answered)
{
	struct buf mail = BUF_INIT(MAIL_MAX);

	poll_reply(&mail, &p->b.e, member, choice);
	expect(p, &mail, want, answered, member);
	buf_free(&mail);
}

static void text(struct post_box *p, unsigned member, const char *headers, const char *body,
                 enum verdict want, bool answered)
{
	struct buf mail = BUF_INIT(MAIL_MAX);

	poll_mail(&mail, &p->b.e, member, headers, body);
	expect(p, &mail, want, answered, member);
	buf_free(&mail);
}

static uint64_t ballots(struct post_box *p)
{
	struct box_txn t;

	assert_int_equal(box_look(&t, p->b.box), OK);
	box_abort(&t);
	return t.state.ballots;
}

/* The receipt in the last answer, against the board: what a member can do with it. */
static void check_receipt(struct post_box *p, unsigned member)
{
	struct buf plain = BUF_INIT(MAILS_MAX);
	struct receipt receipt;
	struct why why = { 0 };
	struct box_txn t;
	struct span line;
	const char *at;

	undo(&plain, &p->last);
	at = strstr(buf_text(&plain), "{\"type\":\"receipt\"");
	assert_non_null(at);
	assert_ok(receipt_read(&receipt, at, strcspn(at, "\r\n"), &why), &why);
	assert_memory_equal(&receipt.credential, &p->b.e.member[member].credential,
	                    sizeof(receipt.credential));
	assert_int_equal(box_look(&t, p->b.box), OK);
	assert_int_equal(box_line(&t, receipt.index, &line), OK);
	assert_ok(receipt_check(&receipt, p->b.e.m, line.data, line.len, &why), &why);
	box_abort(&t);
	buf_free(&plain);
}

static void a_plain_reply_counts_and_has_its_receipt(void **state)
{
	struct post_box *p = *state;

	reply(p, 1, "A", VERDICT_COUNTED, true);
	check_receipt(p, 1);
	reply(p, 2, "0", VERDICT_COUNTED, true);
	check_receipt(p, 2);
	assert_int_equal(ballots(p), 2);
	boxed_verify(&p->b, false);
}

static void a_second_mail_is_used_and_has_the_first_ones_receipt(void **state)
{
	struct post_box *p = *state;

	reply(p, 1, "A", VERDICT_COUNTED, true);
	reply(p, 1, "B", VERDICT_USED, true);
	check_receipt(p, 1);
	assert_int_equal(ballots(p), 1);
}

static void the_same_mail_again_is_neither_counted_nor_answered_again(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	enum verdict verdict;
	struct box_txn t;

	poll_reply(&mail, &p->b.e, 1, "A");
	expect(p, &mail, VERDICT_COUNTED, true, 1);
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(verdict, VERDICT_COUNTED);
	assert_int_equal(p->sent, 1);
	assert_int_equal(box_look(&t, p->b.box), OK);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], 1);
	assert_int_equal(t.state.verdict[VERDICT_USED], 0);
	box_abort(&t);
	buf_free(&mail);
}

static void a_receipt_that_cannot_leave_hands_the_mail_back_and_leaves_later(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	enum verdict verdict;

	poll_reply(&mail, &p->b.e, 1, "A");
	p->relay = ERR_AGAIN;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(bring(p, &mail, &verdict), ERR_AGAIN);
		assert_int_equal(verdict, VERDICT_COUNTED); /* that much is on disk */
		assert_int_equal(ballots(p), 1);
	}
	p->received = (uint64_t)p->time.wall;
	move_to(p, p->received + 70);
	assert_int_equal(bring(p, &mail, &verdict), ERR_AGAIN);
	assert_int_equal(p->waited, 70); /* so the relay's patience is counted from there */
	p->relay = OK;
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(verdict, VERDICT_COUNTED);
	assert_int_equal(p->sent, 1);
	check_receipt(p, 1);
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(p->sent, 1);
	buf_free(&mail);
}

/* A close wants to know what is in the mailbox, and waits for no relay. */
static void a_verdict_alone_is_to_be_had(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	struct intake_mail m = { .verdict_alone = true };
	struct why why = { 0 };
	enum verdict verdict;

	poll_reply(&mail, &p->b.e, 1, "A");
	m.raw = buf_text(&mail);
	m.len = mail.len;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(intake_take(&p->intake, &m, &verdict, &why), ERR_AGAIN);
		assert_int_equal(verdict, VERDICT_COUNTED);
		assert_int_equal(p->tried, 0);
	}
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(p->sent, 1);
	assert_int_equal(ballots(p), 1);
	assert_int_equal(intake_take(&p->intake, &m, &verdict, &why), OK);
	buf_clear(&mail);
	poll_mail(&mail, &p->b.e, 2, "Auto-Submitted: auto-replied\r\n", "A\r\n");
	m.raw = buf_text(&mail);
	m.len = mail.len;
	assert_int_equal(intake_take(&p->intake, &m, &verdict, &why), OK); /* none is owed */
	buf_free(&mail);
}

static void an_address_that_the_relay_refuses_ends_the_matter(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	enum verdict verdict;

	poll_reply(&mail, &p->b.e, 1, "A");
	p->relay = ERR_INVALID;
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(verdict, VERDICT_COUNTED);
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(p->tried, 1);
	buf_free(&mail);
}

/* Member's code is replaced, and a mail with the one before told so. */
static void replace(struct post_box *p, unsigned member)
{
	struct buf line = BUF_INIT(4096), mail = BUF_INIT(MAIL_MAX);
	struct cast_job job = { .kind = CAST_CHANGE };
	struct line change;
	struct why why = { 0 };

	poll_reply(&mail, &p->b.e, member, "A");
	poll_reissue(&line, &p->b.e, member);
	memset(&change, 0, sizeof(change));
	assert_ok(line_read(&change, p->b.e.m, buf_text(&line), line.len, &why), &why);
	job.change = &change;
	job.line = buf_text(&line);
	job.len = line.len;
	assert_int_equal(cast_submit(p->cast, &job, NULL), OK);
	assert_int_equal(job.entry, ENTRY_DONE);
	expect(p, &mail, VERDICT_REPLACED, true, member);
	line_release(&change);
	buf_free(&line);
	buf_free(&mail);
}

static void a_replaced_token_is_told_so(void **state)
{
	struct post_box *p = *state;

	replace(p, 1);
	reply(p, 1, "A", VERDICT_COUNTED, true);
}

static void doubt_never_votes(void **state)
{
	struct post_box *p = *state;
	char token[TOKEN_TEXT_MAX], body[512];

	token_write(token, &p->b.e.member[1].token);
	reply(p, 1, "I choose A, thank you", VERDICT_NO_CHOICE, true);
	reply(p, 1, "Z", VERDICT_NO_CHOICE, true);
	text(p, 2, "", "A\r\n", VERDICT_NO_TOKEN, true);
	snprintf(body, sizeof(body), "VOTE %s A\r\n\r\nI changed my mind\r\nVOTE %s B\r\n", token,
	         token);
	text(p, 3, "", body, VERDICT_AMBIGUOUS, true);
	assert_int_equal(ballots(p), 0);
	reply(p, 1, "A", VERDICT_COUNTED, true);
}

/* The mail program of whoever reads it shows one of them. */
static void twins(struct post_box *p, const char *plain, const char *html, enum verdict want)
{
	struct buf mail = BUF_INIT(MAIL_MAX);
	char token[TOKEN_TEXT_MAX];

	token_write(token, &p->b.e.member[1].token);
	buf_addf(&mail,
	         "Return-Path: <member1@members.example>\r\n"
	         "Delivered-To: vote+%s@example.org\r\n"
	         "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
	         "--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n\r\n> %s\r\n"
	         "--b\r\nContent-Type: text/html\r\n\r\n"
	         "<div>%s</div><blockquote>%s</blockquote>\r\n--b--\r\n",
	         p->b.e.member[1].handle, plain, token, html, token);
	expect(p, &mail, want, true, 1);
	buf_free(&mail);
}

static void two_forms_of_a_mail_that_disagree_are_ambiguous(void **state)
{
	struct post_box *p = *state;

	p->intake.a_day = 10;
	twins(p, "A", "B", VERDICT_AMBIGUOUS);
	twins(p, "A", "A<br>is the one I cannot accept", VERDICT_AMBIGUOUS);
	twins(p, "Hello", "A", VERDICT_AMBIGUOUS);
	twins(p, "Hello", "Hello", VERDICT_NO_CHOICE);
	assert_int_equal(ballots(p), 0);
	twins(p, "A", "A", VERDICT_COUNTED);
}

static void unissued(struct post_box *p, unsigned member, enum verdict want)
{
	struct token token;
	char written[TOKEN_TEXT_MAX], body[256];

	memset(token.bytes, 7, sizeof(token.bytes));
	token_write(written, &token);
	snprintf(body, sizeof(body), "A\r\n\r\n> %s\r\n", written);
	text(p, member, "", body, want, true);
}

static void a_token_that_was_never_issued_is_unknown(void **state)
{
	unissued(*state, 1, VERDICT_UNKNOWN_TOKEN);
}

static void a_stranger_is_not_answered(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);

	buf_adds(&mail, "Return-Path: <s@strangers.example>\r\nFrom: s@strangers.example\r\n"
	                "To: vote@example.org\r\n\r\nGood day, what is this?\r\n");
	expect(p, &mail, VERDICT_NO_TOKEN, false, 0);
	buf_clear(&mail);
	buf_adds(&mail, "Return-Path: <s@strangers.example>\r\nFrom: s@strangers.example\r\n"
	                "Delivered-To: vote+aaaaaaaaaaaaa@example.org\r\n\r\nA\r\n");
	expect(p, &mail, VERDICT_NO_TOKEN, false, 0);
	buf_free(&mail);
}

static void automatic_mail_never_votes_and_is_never_answered(void **state)
{
	struct post_box *p = *state;
	char token[TOKEN_TEXT_MAX], body[256];

	token_write(token, &p->b.e.member[1].token);
	snprintf(body, sizeof(body), "A\r\n\r\n> %s\r\n", token);
	text(p, 1, "Auto-Submitted: auto-replied\r\n", body, VERDICT_AUTOMATIC, false);
	assert_int_equal(ballots(p), 0);
	reply(p, 1, "A", VERDICT_COUNTED, true);
}

static void a_bounce_never_votes_and_is_never_answered(void **state)
{
	struct post_box *p = *state;
	struct intake_mail m = { .from = "" };
	struct buf mail = BUF_INIT(MAIL_MAX);
	struct why why = { 0 };
	enum verdict verdict;
	char to[64];

	poll_reply(&mail, &p->b.e, 1, "A");
	snprintf(to, sizeof(to), "vote+%s@example.org", p->b.e.member[1].handle);
	m.to = to;
	m.raw = buf_text(&mail);
	m.len = mail.len;
	assert_ok(intake_take(&p->intake, &m, &verdict, &why), &why);
	assert_true(verdict == VERDICT_BOUNCE || verdict == VERDICT_AUTOMATIC);
	assert_int_equal(ballots(p), 0);
	assert_int_equal(p->sent, 0);
	buf_free(&mail);
}

static void armoured(struct buf *body, const struct buf *line)
{
	struct buf block = BUF_INIT(MAIL_MAX);

	armour_write(&block, buf_text(line), line->len);
	for (const char *c = buf_text(&block); *c; c++) {
		if (*c == '\n')
			buf_addc(body, '\r');
		buf_addc(body, *c);
	}
	buf_free(&block);
}

static void sealed(struct post_box *p, unsigned member, enum channel channel, bool spoil,
                   enum verdict want, bool answered)
{
	struct buf line = BUF_INIT(1u << 20), body = BUF_INIT(MAIL_MAX);
	char *end;

	poll_ballot(&line, &p->b.e, member, channel, 1);
	if (spoil) {
		end = strstr(line.data, "\"signature\":\"");
		assert_non_null(end);
		end[13] = end[13] == 'A' ? 'B' : 'A';
	}
	armoured(&body, &line);
	text(p, member, "", buf_text(&body), want, answered);
	buf_free(&line);
	buf_free(&body);
}

static void a_sealed_reply_counts_and_a_spoilt_one_is_invalid(void **state)
{
	struct post_box *p = *state;

	sealed(p, 1, CHANNEL_SEALED_REPLY, true, VERDICT_INVALID, true);
	sealed(p, 1, CHANNEL_SEALED_REPLY, false, VERDICT_COUNTED, true);
	check_receipt(p, 1);
	sealed(p, 1, CHANNEL_SEALED_REPLY, false, VERDICT_USED, true);
	boxed_verify(&p->b, false);
}

/* Every ballot is on the board, for anyone to copy. */
static void a_ballot_copied_from_the_board_is_not_answered(void **state)
{
	struct post_box *p = *state;
	struct buf line = BUF_INIT(1u << 20), mail = BUF_INIT(MAIL_MAX);

	poll_ballot(&line, &p->b.e, 1, CHANNEL_SEALED_REPLY, 1);
	buf_adds(&mail, "Return-Path: <anyone@strangers.example>\r\n"
	                "From: anyone@strangers.example\r\nTo: vote@example.org\r\n\r\n");
	armoured(&mail, &line);
	sealed(p, 1, CHANNEL_SEALED_REPLY, false, VERDICT_COUNTED, true);
	expect(p, &mail, VERDICT_USED, false, 1);
	buf_free(&line);
	buf_free(&mail);
}

static void a_ballot_of_another_channel_is_refused(void **state)
{
	struct post_box *p = *state;

	sealed(p, 1, CHANNEL_REPLY, false, VERDICT_CHANNEL, true);
	assert_int_equal(ballots(p), 0);
}

static void a_plain_reply_where_it_is_off_is_refused(void **state)
{
	struct poll_plan plan = usual;
	struct post_box *p;

	(void)state;
	plan.no_reply = true;
	p = post_box_new(&plan);
	reply(p, 1, "A", VERDICT_CHANNEL, true);
	/* Whatever the token is: a second factor makes it look like one that was never issued. */
	unissued(p, 1, VERDICT_CHANNEL);
	sealed(p, 1, CHANNEL_SEALED_REPLY, false, VERDICT_COUNTED, true);
	post_box_free(p);
}

static void early_and_late_mails_do_not_count(void **state)
{
	struct post_box *p = *state;

	move_to(p, p->b.e.m->opens - 1);
	reply(p, 1, "A", VERDICT_EARLY, true);
	move_to(p, p->b.e.m->opens);
	reply(p, 1, "A", VERDICT_COUNTED, true);
	move_to(p, p->b.e.m->closes);
	reply(p, 2, "A", VERDICT_LATE, true);
	boxed_verify(&p->b, false);
}

/* It was in our own mail server's queue at the closing time. */
static void a_mail_that_waited_in_our_queue_is_not_late(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX), queued = BUF_INIT(MAIL_MAX);
	const char *rest;

	p->intake.received_by = "mx.example.org";
	move_to(p, p->b.e.m->closes + 600);
	for (unsigned i = 0; i < 2; i++) {
		buf_clear(&mail);
		buf_clear(&queued);
		poll_reply(&mail, &p->b.e, 1 + i, "A");
		rest = strstr(buf_text(&mail), "From:");
		buf_add(&queued, buf_text(&mail), (size_t)(rest - buf_text(&mail)));
		buf_addf(&queued,
		         "Received: from a.example by mx.example.org (Postfix) id 1;\r\n"
		         "\tWed, 2 Dec 2026 %s +0000\r\n%s",
		         i ? "12:00:00" : "11:59:59", rest);
		expect(p, &queued, i ? VERDICT_LATE : VERDICT_COUNTED, true, 1 + i);
	}
	boxed_verify(&p->b, false);
	buf_free(&mail);
	buf_free(&queued);
}

/* It lay in an IMAP mailbox, which knows since when. */
static void a_mail_arrived_when_its_mailbox_took_it(void **state)
{
	struct post_box *p = *state;

	move_to(p, p->b.e.m->closes + 600);
	p->received = p->b.e.m->closes - 1;
	reply(p, 1, "A", VERDICT_COUNTED, true);
	p->received = p->b.e.m->closes;
	reply(p, 2, "A", VERDICT_LATE, true);
	/* A mailbox whose clock is ahead takes nothing away: it is now. */
	move_to(p, p->b.e.m->closes - 10);
	p->received = p->b.e.m->closes + 5;
	reply(p, 3, "A", VERDICT_COUNTED, true);
	boxed_verify(&p->b, false);
}

static void too_large(struct post_box *p, unsigned member)
{
	struct buf mail = BUF_INIT(MAIL_MAX);
	struct intake_mail m = { .cut = true };
	struct why why = { 0 };
	enum verdict verdict;

	poll_reply(&mail, &p->b.e, member, "A");
	while (mail.len + 1000 < MAIL_MAX)
		buf_adds(&mail, "> and so on, and so on, and so on\r\n");
	m.raw = buf_text(&mail);
	m.len = mail.len;
	assert_ok(intake_take(&p->intake, &m, &verdict, &why), &why);
	assert_int_equal(verdict, VERDICT_TOO_LARGE);
	check_answer(p, member);
	buf_free(&mail);
}

static void a_mail_that_is_too_large_is_told_so(void **state)
{
	struct post_box *p = *state;

	too_large(p, 1);
	assert_int_equal(p->sent, 1);
	assert_int_equal(ballots(p), 0);
}

/* What a mail program makes of the last answer's mailto:, once its owner has written code and
 * choice into it. */
static void follow(struct post_box *p, unsigned member)
{
	struct buf plain = BUF_INIT(MAILS_MAX), mail = BUF_INIT(MAIL_MAX), to = BUF_INIT(512);
	struct buf *out = &to;
	char token[TOKEN_TEXT_MAX];
	const char *at;
	unsigned byte;

	undo(&plain, &p->last);
	at = strstr(buf_text(&plain), "\nmailto:");
	assert_non_null(at);
	token_write(token, &p->b.e.member[member].token);
	for (at += strlen("\nmailto:"); *at != '\r'; at++) {
		if (strncmp(at, "?subject=Vote&body=", 19) == 0) {
			buf_addf(&mail,
			         "Return-Path: <" ANSWER_TO ">\r\nDelivered-To: %s\r\n"
			         "From: m@members.example\r\nTo: %s\r\nSubject: Vote\r\n\r\n",
			         member, buf_text(&to), buf_text(&to));
			out = &mail;
			at += 18;
		} else if (*at == '%' && sscanf(at + 1, "%2X", &byte) == 1) {
			buf_adds(out, byte == '?' ? "B" : (char[]){ (char)byte, '\0' });
			at += 2;
		} else if (strncmp(at, "CODE", 4) == 0) {
			buf_adds(out, token);
			at += 3;
		} else {
			buf_addc(out, *at);
		}
	}
	assert_non_null(strchr(buf_text(&to), '@'));
	buf_adds(&mail, "\r\n");
	expect(p, &mail, VERDICT_COUNTED, true, member);
	buf_free(&plain);
	buf_free(&mail);
	buf_free(&to);
}

static void encrypted(struct post_box *p, unsigned member)
{
	text(p, member, "", "-----BEGIN PGP MESSAGE-----\r\n\r\nhQ==\r\n", VERDICT_UNREADABLE,
	     true);
}

/* One correction is enough for whoever does what it says. */
static void whoever_follows_a_correction_votes(void **state)
{
	struct post_box *p = *state;
	char token[TOKEN_TEXT_MAX], body[512];

	reply(p, 1, "I choose A, thank you", VERDICT_NO_CHOICE, true);
	follow(p, 1);
	text(p, 2, "", "A\r\n", VERDICT_NO_TOKEN, true);
	follow(p, 2);
	token_write(token, &p->b.e.member[3].token);
	snprintf(body, sizeof(body), "VOTE %s A\r\n\r\nNo:\r\nVOTE %s B\r\n", token, token);
	text(p, 3, "", body, VERDICT_AMBIGUOUS, true);
	follow(p, 3);
	encrypted(p, 4);
	follow(p, 4);
	sealed(p, 5, CHANNEL_SEALED_REPLY, true, VERDICT_INVALID, true);
	follow(p, 5);
	sealed(p, 6, CHANNEL_REPLY, false, VERDICT_CHANNEL, true);
	follow(p, 6);
	too_large(p, 7);
	follow(p, 7);
	unissued(p, 8, VERDICT_UNKNOWN_TOKEN);
	follow(p, 8);
	replace(p, 9);
	follow(p, 9);
	assert_int_equal(ballots(p), 9);
	boxed_verify(&p->b, false);
}

static void told(struct post_box *p, const char *choice, enum verdict want, const char *english)
{
	struct buf plain = BUF_INIT(MAILS_MAX);

	reply(p, 1, choice, want, true);
	undo(&plain, &p->last);
	if (!strstr(buf_text(&plain), english))
		fail_msg("\"%s\" is not answered \"%s\"", choice, english);
	buf_free(&plain);
}

static void a_correction_names_what_it_found(void **state)
{
	struct post_box *p = *state;

	p->intake.a_day = 100;
	told(p, "A\r\nThank you", VERDICT_NO_CHOICE, "other words stand right");
	told(p, "Hello\r\n\r\nA\r\n", VERDICT_NO_CHOICE, "is not its first line");
	told(p, "Hello\r\n\r\nX\r\n", VERDICT_NO_CHOICE, "is not a vote as");
	told(p, "I choose A", VERDICT_NO_CHOICE, "is not a vote as");
	told(p, "A/B", VERDICT_NO_CHOICE, "does not answer each");
	told(p, "Z", VERDICT_NO_CHOICE, "something that is not offered");
	told(p, "A,B", VERDICT_NO_CHOICE, "more options than");
	told(p, "-", VERDICT_NO_CHOICE, "not offered");
	told(p, "A2", VERDICT_NO_CHOICE, "grades do not fit");
	told(p, "A\r\n\r\nNo:\r\n\r\nB\r\n", VERDICT_AMBIGUOUS, "several votes");
}

/* The words of the last answer: without what is drawn for each. */
static void words(struct buf *out, const struct post_box *p)
{
	struct buf all = BUF_INIT(MAILS_MAX);
	const char *at, *end;

	undo(&all, &p->last);
	for (at = strstr(buf_text(&all), "\r\n\r\n"); at; at = strstr(end, "\r\n\r\n")) {
		end = strstr(at, "\r\n--=_votepost_");
		if (!end)
			break;
		buf_add(out, at, (size_t)(end - at));
		end += 2;
	}
	assert_true(out->len > 1000);
	buf_free(&all);
}

/* Whatever stands in a mail, its answer is the same as for one that chose something else. */
static void a_correction_does_not_tell_the_choice(void **state)
{
	static const char *const pairs[][2] = {
		{ "A\r\nThank you", "C\r\nThank you" },
		{ "A,B", "B,C" },
		{ "Z", "Y" },
		{ "Texte Un", "Texte Trois" },
		{ "Hello\r\n\r\nA\r\n", "Hello\r\n\r\n0\r\n" },
	};
	struct post_box *p = *state;

	p->intake.a_day = 100;
	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf one = BUF_INIT(MAILS_MAX), other = BUF_INIT(MAILS_MAX);

		reply(p, 1, pairs[i][0], VERDICT_NO_CHOICE, true);
		words(&one, p);
		reply(p, 1, pairs[i][1], VERDICT_NO_CHOICE, true);
		words(&other, p);
		assert_string_equal(buf_text(&one), buf_text(&other));
		buf_free(&one);
		buf_free(&other);
	}
}

static void at_most_three_corrections_a_day(void **state)
{
	struct post_box *p = *state;

	for (unsigned i = 0; i < 3; i++)
		reply(p, 1, "perhaps A", VERDICT_NO_CHOICE, true);
	reply(p, 1, "perhaps A", VERDICT_NO_CHOICE, false);
	reply(p, 2, "perhaps A", VERDICT_NO_CHOICE, true);
	/* The receipt of a counted ballot is always sent. */
	reply(p, 1, "A", VERDICT_COUNTED, true);
	move_to(p, p->b.e.m->opens + 80000);
	reply(p, 1, "B", VERDICT_USED, true);
}

/* No handle, and each time another sender: only the token is the same. */
static void a_token_has_its_share_whoever_writes(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	char token[TOKEN_TEXT_MAX];
	enum verdict verdict;

	token_write(token, &p->b.e.member[1].token);
	for (unsigned i = 0; i < 8; i++) {
		buf_clear(&mail);
		buf_addf(&mail,
		         "Return-Path: <a%u@strangers.example>\r\nFrom: a%u@strangers.example\r\n"
		         "To: vote@example.org\r\n\r\nperhaps A\r\n\r\n> %s\r\n",
		         i, i, token);
		assert_int_equal(bring(p, &mail, &verdict), OK);
		assert_int_equal(verdict, VERDICT_NO_CHOICE);
	}
	assert_int_equal(p->sent, 3);
	buf_free(&mail);
}

static void no_sender_at_all_hands_the_mail_back(void **state)
{
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	enum verdict verdict;
	char *path;

	poll_reply(&mail, &p->b.e, 1, "A");
	path = strstr(mail.data, "Return-Path");
	memcpy(path, "X-Path-Gone", 11);
	assert_int_equal(bring(p, &mail, &verdict), ERR_AGAIN);
	assert_int_equal(ballots(p), 0);
	buf_free(&mail);
}

/* Or a mailbox could be blocked, and with it the close, by whoever writes there. */
static void only_a_member_s_mail_waits_for_a_sender(void **state)
{
	static const char welcome[] = "From: Provider <hello@provider.test>\r\n"
				      "Subject: Welcome\r\n\r\nYour mailbox is ready.\r\n";
	struct post_box *p = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	enum verdict verdict;
	char *path;

	buf_add(&mail, welcome, sizeof(welcome) - 1);
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(verdict, VERDICT_NO_TOKEN);
	buf_clear(&mail);
	poll_reply(&mail, &p->b.e, 1, "A");
	path = strstr(mail.data, "Return-Path: <");
	memcpy(path + strlen("Return-Path: <"), "\"a b\"@x>", strlen("\"a b\"@x>"));
	assert_int_equal(bring(p, &mail, &verdict), OK);
	assert_int_equal(verdict, VERDICT_COUNTED);
	assert_int_equal(p->sent, 0);
	buf_free(&mail);
}

struct sender {
	struct post_box *p;
	unsigned member;
	const char *choice;
	enum verdict verdict;
	enum err e;
};

static void *send_one(void *arg)
{
	struct sender *s = arg;
	struct buf mail = BUF_INIT(MAIL_MAX);

	poll_reply(&mail, &s->p->b.e, s->member, s->choice);
	s->e = bring(s->p, &mail, &s->verdict);
	buf_free(&mail);
	return NULL;
}

static void sixteen_mails_with_one_token_make_one_ballot(void **state)
{
	struct post_box *p = *state;
	struct sender sender[16];
	pthread_t thread[16];
	unsigned counted = 0;

	for (unsigned i = 0; i < 16; i++) {
		sender[i] = (struct sender){ .p = p, .member = 1, .choice = i % 2 ? "A" : "B" };
		assert_int_equal(pthread_create(&thread[i], NULL, send_one, &sender[i]), 0);
	}
	for (unsigned i = 0; i < 16; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(sender[i].e, OK);
		counted += sender[i].verdict == VERDICT_COUNTED;
	}
	assert_int_equal(counted, 1);
	assert_int_equal(ballots(p), 1);
	boxed_verify(&p->b, false);
}

struct copier {
	struct post_box *p;
	const struct buf *line;
	unsigned number;
	enum verdict verdict;
	enum err e;
};

static void *send_copy(void *arg)
{
	struct copier *c = arg;
	struct buf mail = BUF_INIT(MAIL_MAX), body = BUF_INIT(MAIL_MAX);

	buf_addf(&body, "Copy number %u\r\n", c->number);
	armoured(&body, c->line);
	poll_mail(&mail, &c->p->b.e, 1, "", buf_text(&body));
	c->e = bring(c->p, &mail, &c->verdict);
	buf_free(&mail);
	buf_free(&body);
	return NULL;
}

/* An impatient member, or a mail server that forked: one ballot in mails of different bytes. One
 * is counted; the others are told of the first, with its receipt. */
static void one_sealed_ballot_in_sixteen_mails_is_counted_once(void **state)
{
	struct post_box *p = *state;
	struct buf line = BUF_INIT(1u << 20);
	struct copier copier[16];
	pthread_t thread[16];
	unsigned counted = 0, used = 0;
	struct box_txn t;

	p->intake.a_day = 100;
	poll_ballot(&line, &p->b.e, 1, CHANNEL_SEALED_REPLY, 1);
	for (unsigned i = 0; i < 16; i++) {
		copier[i] = (struct copier){ .p = p, .line = &line, .number = i };
		assert_int_equal(pthread_create(&thread[i], NULL, send_copy, &copier[i]), 0);
	}
	for (unsigned i = 0; i < 16; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(copier[i].e, OK);
		counted += copier[i].verdict == VERDICT_COUNTED;
		used += copier[i].verdict == VERDICT_USED;
	}
	assert_int_equal(counted, 1);
	assert_int_equal(used, 15);
	assert_int_equal(p->sent, 16);
	check_receipt(p, 1); /* whichever left last: of the one ballot */
	assert_int_equal(box_look(&t, p->b.box), OK);
	assert_int_equal(t.state.ballots, 1);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], 1);
	assert_int_equal(t.state.verdict[VERDICT_USED], 15);
	box_abort(&t);
	boxed_verify(&p->b, false);
	buf_free(&line);
}

/* Everything on disk, after all kinds of mail: no token, no address, no choice. */
static void no_trace_of_the_sender_is_kept(void **state)
{
	struct post_box *p = *state;
	struct buf files = BUF_INIT(64u << 20);
	struct why why = { 0 };

	reply(p, 1, "A", VERDICT_COUNTED, true);
	reply(p, 1, "A", VERDICT_USED, true);
	reply(p, 2, "hello", VERDICT_NO_CHOICE, true);
	assert_ok(file_read(&files, boxed_path(&p->b, "board.ndjson"), &why), &why);
	assert_ok(file_read(&files, boxed_path(&p->b, "box/data.mdb"), &why), &why);
	for (unsigned i = 0; i < 3; i++) {
		char token[TOKEN_TEXT_MAX];

		token_write(token, &p->b.e.member[i].token);
		assert_null(memmem(files.data, files.len, token, 24));
		assert_null(memmem(files.data, files.len, p->b.e.member[i].token.bytes, 16));
		assert_null(memmem(files.data, files.len, &p->b.e.member[i].secret, 32));
	}
	assert_null(memmem(files.data, files.len, "members.example", 15));
	buf_free(&files);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int start_parser(void **state)
{
	(void)state;
	group_init();
	return parser_start(&parser, NULL, NULL) ? -1 : 0;
}

static int stop_parser(void **state)
{
	(void)state;
	parser_stop(parser);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_plain_reply_counts_and_has_its_receipt),
		CASE(a_second_mail_is_used_and_has_the_first_ones_receipt),
		CASE(the_same_mail_again_is_neither_counted_nor_answered_again),
		CASE(a_receipt_that_cannot_leave_hands_the_mail_back_and_leaves_later),
		CASE(a_verdict_alone_is_to_be_had),
		CASE(an_address_that_the_relay_refuses_ends_the_matter),
		CASE(a_replaced_token_is_told_so),
		CASE(doubt_never_votes),
		CASE(two_forms_of_a_mail_that_disagree_are_ambiguous),
		CASE(a_token_that_was_never_issued_is_unknown),
		CASE(a_stranger_is_not_answered),
		CASE(automatic_mail_never_votes_and_is_never_answered),
		CASE(a_bounce_never_votes_and_is_never_answered),
		CASE(a_sealed_reply_counts_and_a_spoilt_one_is_invalid),
		CASE(a_ballot_copied_from_the_board_is_not_answered),
		CASE(a_ballot_of_another_channel_is_refused),
		cmocka_unit_test(a_plain_reply_where_it_is_off_is_refused),
		CASE(early_and_late_mails_do_not_count),
		CASE(a_mail_that_waited_in_our_queue_is_not_late),
		CASE(a_mail_arrived_when_its_mailbox_took_it),
		CASE(a_mail_that_is_too_large_is_told_so),
		CASE(whoever_follows_a_correction_votes),
		CASE(a_correction_names_what_it_found),
		CASE(a_correction_does_not_tell_the_choice),
		CASE(at_most_three_corrections_a_day),
		CASE(a_token_has_its_share_whoever_writes),
		CASE(no_sender_at_all_hands_the_mail_back),
		CASE(only_a_member_s_mail_waits_for_a_sender),
		CASE(sixteen_mails_with_one_token_make_one_ballot),
		CASE(one_sealed_ballot_in_sixteen_mails_is_counted_once),
		CASE(no_trace_of_the_sender_is_kept),
	};

	return cmocka_run_group_tests(tests, start_parser, stop_parser);
}
