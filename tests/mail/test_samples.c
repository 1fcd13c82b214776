/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tests/mail/mails.h"
#include "tests/support.h"

/*
 * Mail that other people and their programs wrote, where it is present. It holds no token: an
 * answer is put where the human's text stands and an invitation where the quote stands, and all
 * else stays as it is.
 */

static const char token_line[] = "Your voting code: " MAILS_TOKEN;

/* Lines of an invitation, to stand in the place of quoted lines. */
static const char *const invitation[] = {
	"Hello Anna,",        "our vote is open until Wednesday.",
	"   (A)  Yes",        "   (B)  No",
	"   (0)  Blank vote", token_line,
};
#define INVITATION_LINES (sizeof(invitation) / sizeof(invitation[0]))

static char folder[4000];

/* NULL and a word where the samples are not there: the test is skipped, loudly. */
static const char *in(const char *name)
{
	const char *samples = mails_samples();

	if (!samples) {
		print_message("samples of other people's mail are not present: skipped\n");
		return NULL;
	}
	snprintf(folder, sizeof(folder), "%s/%s", samples, name);
	return folder;
}

static void no_report_is_a_letter(const char *path, const char *name)
{
	const struct reply *r;
	struct buf mail;

	mails_load(&mail, path);
	r = mails_read(mail.data, mail.len);
	if (!r->automatic)
		fail_msg("%s passes for a letter", name);
	r = mails_read_from("", mail.data, mail.len);
	if (!r->automatic)
		fail_msg("%s passes for a letter, with a null sender", name);
	buf_free(&mail);
}

static void no_delivery_report_is_taken_for_a_letter(void **state)
{
	const char *path = in("bounces");

	(void)state;
	if (path)
		assert_true(mails_each(path, ".eml", no_report_is_a_letter) > 100);
}

static void plain_is_no_vote(const char *path, const char *name)
{
	const struct reply *r;
	struct buf text;

	mails_load(&text, path);
	r = mails_read_body("text/plain", text.data, text.len);
	if (r->has_vote || r->unreadable)
		fail_msg("%s: a vote for %s, or unreadable: %s", name, r->vote.choices, r->reason);
	r = mails_read_body("text/plain; format=flowed", text.data, text.len);
	if (r->has_vote || r->unreadable)
		fail_msg("%s, flowed: a vote for %s", name, r->vote.choices);
	buf_free(&text);
}

static void html_is_no_vote(const char *path, const char *name)
{
	struct buf text;

	mails_load(&text, path);
	if (mails_read_body("text/html", text.data, text.len)->has_vote)
		fail_msg("%s is a vote", name);
	buf_free(&text);
}

static void mail_is_no_vote(const char *path, const char *name)
{
	const struct reply *r;
	struct buf mail;

	mails_load(&mail, path);
	r = mails_read(mail.data, mail.len);
	if (r->has_vote && r->vote.with_token)
		fail_msg("%s is a vote", name);
	buf_free(&mail);
}

static void no_sample_is_a_vote(void **state)
{
	(void)state;
	if (!in("crisp"))
		return;
	assert_true(mails_each(in("crisp"), ".txt", plain_is_no_vote) > 50);
	assert_true(mails_each(in("trimmer/emails"), ".txt", plain_is_no_vote) > 30);
	assert_true(mails_each(in("talon/html_replies"), ".html", html_is_no_vote) > 5);
	assert_true(mails_each(in("talon/standard_replies"), ".eml", mail_is_no_vote) > 5);
	assert_true(mails_each(in("mime/malformed"), ".eml", mail_is_no_vote) > 5);
	assert_true(mails_each(in("mime/rfc"), ".eml", mail_is_no_vote) > 5);
}

/* A copy without CR. */
static void unix_lines(struct buf *out, const struct buf *in_text)
{
	size_t i;

	for (i = 0; i < in_text->len; i++)
		if (in_text->data[i] != '\r')
			buf_addc(out, in_text->data[i]);
}

/* The rest of a sample, behind its author's words, the invitation where it quotes. */
static void put_invitation(struct buf *out, const char *rest, unsigned *quoted)
{
	size_t n, mark;

	for (; *rest; rest += n + (rest[n] ? 1 : 0)) {
		n = strcspn(rest, "\n");
		mark = strspn(rest, "> ");
		if (rest[0] == '>' && mark < n && *quoted < INVITATION_LINES) {
			buf_add(out, rest, mark);
			buf_adds(out, invitation[(*quoted)++]);
		} else {
			buf_add(out, rest, n);
		}
		buf_addc(out, '\n');
	}
}

static unsigned answered, below;

static void answer_in_its_place(const char *path, const char *name)
{
	struct buf raw, words_raw, text = BUF_INIT(MAILS_ROOM), words = BUF_INIT(MAILS_ROOM);
	struct buf mail = BUF_INIT(MAILS_ROOM);
	const struct reply *r;
	char *start, *human;
	unsigned quoted = 0;
	char trimmed[4096];

	snprintf(trimmed, sizeof(trimmed), "%s/trimmer/trimmed/%s", mails_samples(), name);
	mails_load(&raw, path);
	mails_load(&words_raw, trimmed);
	unix_lines(&text, &raw);
	unix_lines(&words, &words_raw);
	start = text.data + strspn(text.data, "\n");
	human = words.data ? words.data + strspn(words.data, "\n") : (char[]){ "" };
	while (*human && human[strlen(human) - 1] == '\n')
		human[strlen(human) - 1] = '\0';
	if (*human && !strncmp(start, human, strlen(human))) {
		buf_adds(&mail, "B");
		put_invitation(&mail, start + strlen(human), &quoted);
		r = mails_read_body("text/plain", mail.data, mail.len);
		if (!r->has_vote || strcmp(r->vote.choices, "B") != 0 || r->others)
			fail_msg("%s: the answer is not found in\n%s", name, mail.data);
		if (quoted == INVITATION_LINES && (r->tokens != 1 || !r->vote.with_token))
			fail_msg("%s: the token is not found in\n%s", name, mail.data);
		answered++;
	} else {
		below++; /* written below or between: no vote, by the rule */
	}
	buf_free(&raw);
	buf_free(&words_raw);
	buf_free(&text);
	buf_free(&words);
	buf_free(&mail);
}

static void an_answer_in_the_authors_place_is_a_vote(void **state)
{
	(void)state;
	answered = below = 0;
	if (!in("trimmer/emails"))
		return;
	mails_each(in("trimmer/emails"), ".txt", answer_in_its_place);
	print_message("%u answered on top, %u written elsewhere\n", answered, below);
	assert_true(answered > 40);
}

/* "Hello" is what all authors of these wrote, before they quoted "Hi"; one of them, as nobody's
 * program would, wrote other words into the mail's second form. */
static unsigned answered_mails, one_form;

static void answer_in_mail(const char *path, const char *name)
{
	struct buf mail, one = BUF_INIT(MAILS_ROOM), two = BUF_INIT(MAILS_ROOM),
			 whole = BUF_INIT(MAILS_ROOM);
	bool bottom = !strcmp(name, "thunderbird.eml");
	const struct reply *r;
	unsigned parts;

	mails_load(&mail, path);
	parts = mails_swap(&one, mail.data, "Allo! Follow up MIME!", "Hello") ? 1 : 0;
	if (!mails_swap_in_parts(&two, one.data, "Hello", "B") && !parts) /* in base64 */
		goto done;
	mails_swap_in_parts(&whole, two.data, "Hi", invitation[INVITATION_LINES - 1]);
	if (mail.data[mail.len - 1] != '\n')
		buf_addc(&whole, '\n');
	r = mails_read(whole.data, whole.len);
	if (r->has_vote == bottom)
		fail_msg("%s: the answer is %s", name, bottom ? "taken from below" : "not found");
	if (!bottom && strcmp(r->vote.choices, "B") != 0)
		fail_msg("%s: a vote for %s", name, r->vote.choices);
	if (!bottom && strstr(whole.data, MAILS_TOKEN) && !r->vote.with_token)
		fail_msg("%s: the token is not found", name);
	if (r->twins_differ || (!bottom && r->others))
		fail_msg("%s: its forms disagree", name);
	answered_mails++;
done:
	buf_free(&mail);
	buf_free(&one);
	buf_free(&two);
	buf_free(&whole);
}

/* What the author answered stands in the first form alone: the second tells of other words. */
static void answer_in_one_form(const char *path, const char *name)
{
	struct buf mail, voted = BUF_INIT(MAILS_ROOM);
	const struct reply *r;
	const char *start;

	mails_load(&mail, path);
	start = strstr(mail.data, "\n\n");
	assert_non_null(start);
	buf_add(&voted, mail.data, (size_t)(start - mail.data));
	if (mails_swap(&voted, start, "Hello", "B") && strstr(mail.data, "multipart/alternative")) {
		r = mails_read(voted.data, voted.len);
		if (!r->twins_differ)
			fail_msg("%s: one form votes and the other does not", name);
		one_form++;
	}
	buf_free(&mail);
	buf_free(&voted);
}

static void an_answer_in_one_form_of_a_mail_is_doubt(void **state)
{
	(void)state;
	if (!in("talon/standard_replies"))
		return;
	mails_each(in("talon/standard_replies"), ".eml", answer_in_one_form);
	assert_true(one_form > 3);
}

static void an_answer_in_other_programs_mails_is_a_vote(void **state)
{
	(void)state;
	if (!in("talon/standard_replies"))
		return;
	mails_each(in("talon/standard_replies"), ".eml", answer_in_mail);
	assert_true(answered_mails > 8);
}

/* "Hi. I am fine. / Thanks, / Alex" is what all authors of these wrote. */
static void answer_in_html(const char *path, const char *name)
{
	struct buf html, one = BUF_INIT(MAILS_ROOM), two = BUF_INIT(MAILS_ROOM),
			 three = BUF_INIT(MAILS_ROOM), four = BUF_INIT(MAILS_ROOM);
	const struct reply *r;

	mails_load(&html, path);
	assert_true(mails_swap(&one, html.data, "Hi. I am fine.", "B") > 0);
	mails_swap(&two, one.data, "Thanks,", "");
	mails_swap(&three, two.data, "Alex<", "<");
	mails_swap(&four, three.data, "Hello! How are you?", invitation[INVITATION_LINES - 1]);
	r = mails_read_body("text/html", four.data, four.len);
	if (!r->has_vote || strcmp(r->vote.choices, "B") != 0)
		fail_msg("%s: the answer is not found", name);
	if (strstr(four.data, MAILS_TOKEN) && !r->vote.with_token)
		fail_msg("%s: the token is not found", name);
	buf_free(&html);
	buf_free(&one);
	buf_free(&two);
	buf_free(&three);
	buf_free(&four);
}

static void an_answer_in_other_programs_html_is_a_vote(void **state)
{
	(void)state;
	if (in("talon/html_replies"))
		mails_each(in("talon/html_replies"), ".html", answer_in_html);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_delivery_report_is_taken_for_a_letter),
		cmocka_unit_test(no_sample_is_a_vote),
		cmocka_unit_test(an_answer_in_the_authors_place_is_a_vote),
		cmocka_unit_test(an_answer_in_other_programs_mails_is_a_vote),
		cmocka_unit_test(an_answer_in_one_form_of_a_mail_is_doubt),
		cmocka_unit_test(an_answer_in_other_programs_html_is_a_vote),
	};

	mails_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
