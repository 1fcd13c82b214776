/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/votelike.h"
#include "receiver/parser/fold.h"
#include "receiver/parser/grammar.h"
#include "tests/mail/mails.h"
#include "tests/support.h"

/*
 * No mail of ours, of any kind and in every language, parses as a vote, however it is sent back:
 * a vote takes a line that its sender wrote. And what is quoted never spoils a vote above it.
 */
#define MAIL_ROOM (4u << 20)

static const char *const examples[] = { "one-question", "three-questions", "edges", "rotated" };

/* What people write who do not vote. */
static const char *const preludes[] = {
	"",
	"\n\n",
	"Thank you!\n\n",
	"Merci, je vais r\303\251fl\303\251chir.\n\n",
	"I changed my mind.\n\n",
	"What is A?\n",
	"-- \nAnna\n\n",
	"Sent from my phone\n\n",
	"On Tue, Dec 1, 2026 at 12:00 PM Vote <vote@example.org> wrote:\n\n",
	"-----Original Message-----\nFrom: Vote <vote@example.org>\nSent: Tuesday\n\n",
	"Le mar. 1 d\303\251c. 2026 \303\240 12:00, Vote <vote@example.org> a \303\251crit :\n",
	"________________________________\nVon: Vote\nGesendet: Dienstag\n\n",
};

static const char *const marks[] = {
	"> ", ">", "", "  ", "| ", "> > ", "\t", ">>> ", "\342\200\202"
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool token_in_it; /* in the mail that is looked at */

/* Every kind in every language of every example; first codes and later ones, in the languages
 * beyond the first two in turn. */
static void each_letter(void (*each)(const struct buf *mail))
{
	struct buf mail = BUF_INIT(MAIL_ROOM);
	unsigned i, language, kind, later;

	for (i = 0; i < COUNT(examples); i++)
		for (language = 0; language < MAILS_LANGUAGES; language++)
			for (later = 0; later < 2; later++)
				for (kind = 0; kind < MAILING_KINDS; kind++) {
					if (language > 1 && later == (i + language) % 2)
						continue;
					token_in_it = mailing_is_letter((enum mailing_kind)kind);
					buf_clear(&mail);
					mails_letter(&mail, examples[i], language,
					             (enum mailing_kind)kind, later);
					each(&mail);
				}
	buf_free(&mail);
}

static const struct reply *read_as(const char *type, const char *prelude, const char *text)
{
	struct buf mail = BUF_INIT(MAIL_ROOM);
	const struct reply *r;

	buf_addf(&mail, "From: anna@example.org\nContent-Type: %s; charset=utf-8\n\n%s%s\n", type,
	         prelude, text);
	r = mails_read(mail.data, mail.len);
	buf_free(&mail);
	assert_false(r->unreadable || r->automatic || r->too_large);
	return r;
}

static void assert_silent(const char *type, const char *prelude, const char *text)
{
	const struct reply *r = read_as(type, prelude, text);

	if (r->has_vote)
		fail_msg("a vote for %s in:\n%s%s", r->vote.choices, prelude, text);
	if (r->others)
		fail_msg("a vote line %s in:\n%s%s", r->other[0].choices, prelude, text);
}

/* A vote above it counts, for its one token, and nothing contradicts it. */
static void assert_votes(const char *type, const char *vote, const char *text)
{
	const struct reply *r = read_as(type, vote, text);

	if (!r->has_vote || strcmp(r->vote.choices, "B") != 0)
		fail_msg("no vote above:\n%s", text);
	if (!token_in_it && !strstr(vote, MAILS_TOKEN) && !strstr(text, MAILS_TOKEN)) {
		if (r->vote.with_token || r->tokens || r->others)
			fail_msg("%u tokens, %u other lines in:\n%s", r->tokens, r->others, text);
		return;
	}
	if (!r->vote.with_token || r->tokens != 1 || r->others)
		fail_msg("%u tokens, %u other lines in:\n%s", r->tokens, r->others, text);
}

static void itself(const struct buf *mail)
{
	const struct reply *r;
	struct buf sent_back = BUF_INIT(MAIL_ROOM);
	const char *at;

	r = mails_read(mail->data, mail->len);
	assert_true(r->automatic); /* it says so itself */
	for (at = mail->data; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] ? 1 : 0))
		if (strncmp(at, "Auto-Submitted:", 15) != 0)
			buf_add(&sent_back, at, strcspn(at, "\n") + 1);
	r = mails_read(sent_back.data, sent_back.len);
	assert_false(r->automatic || r->has_vote || r->others);
	assert_int_equal(r->tokens, token_in_it);
	buf_free(&sent_back);
}

static void the_letter_itself_is_no_vote(void **state)
{
	(void)state;
	each_letter(itself);
}

static void quoted(const struct buf *mail)
{
	struct buf text = BUF_INIT(MAIL_ROOM), quote = BUF_INIT(MAIL_ROOM);
	size_t i, k;

	mails_part(&text, mail, "plain");
	for (i = 0; i < COUNT(marks); i++) {
		buf_clear(&quote);
		mails_quote(&quote, buf_text(&text), marks[i]);
		for (k = 0; k < COUNT(preludes); k++) {
			assert_silent("text/plain", preludes[k], buf_text(&quote));
			assert_silent("text/plain; format=flowed", preludes[k], buf_text(&quote));
			assert_silent("text/plain; format=flowed; delsp=yes", preludes[k],
			              buf_text(&quote));
		}
		assert_votes("text/plain", "B\n\n", buf_text(&quote));
		assert_votes("text/plain", "B\n\nBest regards\nAnna\n\n", buf_text(&quote));
		assert_votes("text/plain; format=flowed", "B\n\n", buf_text(&quote));
		assert_votes("text/plain", "VOTE " MAILS_TOKEN " B\n\n", buf_text(&quote));
	}
	buf_free(&text);
	buf_free(&quote);
}

static void quoted_in_any_way_it_is_no_vote_and_spoils_none(void **state)
{
	(void)state;
	each_letter(quoted);
}

/* People delete the beginning of what they quote: any line may come first. */
static void cut(const struct buf *mail)
{
	struct buf text = BUF_INIT(MAIL_ROOM);
	const char *at;

	mails_part(&text, mail, "plain");
	for (at = text.data; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] ? 1 : 0))
		assert_silent("text/plain", "", at);
	buf_free(&text);
}

static void whichever_line_comes_first_it_is_no_vote(void **state)
{
	(void)state;
	each_letter(cut);
}

/* Each paragraph's words, broken anew so that no line is longer than the width. */
static void wrap(struct buf *out, const char *text, size_t width, const char *mark)
{
	size_t line = 0, n;

	while (*text) {
		if (*text == '\n') {
			buf_adds(out, "\n");
			line = 0;
			text++;
			continue;
		}
		if (*text == ' ') {
			text++;
			continue;
		}
		n = strcspn(text, " \n");
		if (line && line + 1 + n > width) {
			buf_adds(out, "\n");
			line = 0;
		}
		buf_adds(out, line ? " " : mark);
		buf_add(out, text, n);
		line += n + 1;
		text += n;
	}
}

static void wrapped(const struct buf *mail)
{
	struct buf text = BUF_INIT(MAIL_ROOM), quote = BUF_INIT(MAIL_ROOM);
	size_t width, k;

	mails_part(&text, mail, "plain");
	for (width = 20 + support_seed() % 4; width < 80; width += 4) /* every width in some run */
		for (k = 0; k < 3; k++) {
			buf_clear(&quote);
			wrap(&quote, buf_text(&text), width, marks[k]);
			assert_silent("text/plain", "Thank you\n\n", buf_text(&quote));
			assert_silent("text/plain", "", buf_text(&quote));
			assert_votes("text/plain", "B\n\n", buf_text(&quote));
		}
	buf_free(&text);
	buf_free(&quote);
}

static void wrapped_anew_at_any_width_it_is_no_vote(void **state)
{
	(void)state;
	each_letter(wrapped);
}

/* What stands between <body> and </body>. */
static void body(struct buf *out, const struct buf *html)
{
	const char *start = strstr(html->data, "<body"), *end = strstr(html->data, "</body>");

	start = start ? strchr(start, '>') + 1 : html->data;
	buf_add(out, start, end ? (size_t)(end - start) : strlen(start));
}

static void in_html(const struct buf *mail)
{
	static const char *const frames[][2] = {
		{ "", "" },
		{ "<blockquote>", "</blockquote>" },
		{ "<div class=\"gmail_quote\">On Tue wrote:<br>", "</div>" },
		{ "<div id=\"divRplyFwdMsg\">From: Vote</div><div>", "</div>" },
		{ "<div id=\"appendonsend\"></div><hr>", "" },
		{ "<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\">From: Vote</div>",
		  "" },
		{ "<table><tr><td>", "</td></tr></table>" },
		{ "<div style=\"white-space:pre-wrap\">", "</div>" },
	};
	struct buf html = BUF_INIT(MAIL_ROOM), inner = BUF_INIT(MAIL_ROOM),
		   all = BUF_INIT(MAIL_ROOM);
	size_t i;

	mails_part(&html, mail, "html");
	body(&inner, &html);
	for (i = 0; i < COUNT(frames); i++) {
		buf_clear(&all);
		buf_addf(&all, "%s%s%s", frames[i][0], inner.data, frames[i][1]);
		assert_silent("text/html", "", buf_text(&all));
		assert_silent("text/html", "<div>Thank you</div><br>", buf_text(&all));
		assert_votes("text/html", "<div>B</div><div><br></div>", buf_text(&all));
		assert_votes("text/html", "<p>B</p>",
		             "<blockquote>your code: " MAILS_TOKEN "</blockquote>");
	}
	buf_free(&html);
	buf_free(&inner);
	buf_free(&all);
}

static void in_html_it_is_no_vote_and_spoils_none(void **state)
{
	(void)state;
	each_letter(in_html);
}

/* A program that makes text of the letter's HTML, one line a cell and a block. */
static void flattened(const struct buf *mail)
{
	struct buf html = BUF_INIT(MAIL_ROOM), flat = BUF_INIT(MAIL_ROOM);
	const char *at;

	mails_part(&html, mail, "html");
	for (at = strstr(html.data, "<body") ? strstr(html.data, "<body") : html.data; *at; at++) {
		if (*at == '<') {
			if (!strncmp(at, "<td", 3) || !strncmp(at, "<br", 3) ||
			    !strncmp(at, "<p", 2) || !strncmp(at, "</p", 3) ||
			    !strncmp(at, "<tr", 3) || !strncmp(at, "</li", 4))
				buf_addc(&flat, '\n');
			at = strchr(at, '>');
			if (!at)
				break;
			continue;
		}
		buf_addc(&flat, *at);
	}
	assert_silent("text/plain", "Thank you\n\n", buf_text(&flat));
	buf_free(&html);
	buf_free(&flat);
}

static void made_text_of_by_a_poor_program_it_is_no_vote(void **state)
{
	(void)state;
	each_letter(flattened);
}

/* Lines of the letter in any order, with any marks, some joined: tens of thousands of ways. */
static void shuffled(const struct buf *mail)
{
	struct buf text = BUF_INIT(MAIL_ROOM), mixed = BUF_INIT(MAIL_ROOM);
	const char *line[500];
	uint64_t random = support_seed();
	unsigned n = 0, i, round;
	char *at;

	mails_part(&text, mail, "plain");
	for (at = strtok(text.data, "\n"); at && n < 500; at = strtok(NULL, "\n"))
		line[n++] = at;
	for (round = 0; round < 300; round++) {
		buf_clear(&mixed);
		for (i = 0; i < 12; i++)
			buf_addf(&mixed, "%s%s%s", marks[support_random(&random) % COUNT(marks)],
			         line[support_random(&random) % n],
			         support_random(&random) % 4 ? "\n" : "\n\n");
		assert_silent("text/plain", preludes[support_random(&random) % COUNT(preludes)],
		              buf_text(&mixed));
	}
	buf_free(&text);
	buf_free(&mixed);
}

static void in_any_order_its_lines_are_no_vote(void **state)
{
	(void)state;
	each_letter(shuffled);
}

/* The mailer judges lines by a rule of its own, since it links no parser: whatever the receiver
 * would take for a vote, it must not let pass. */
static void what_the_receiver_takes_for_a_vote_the_mailer_lets_into_no_letter(void **state)
{
	static const char *const pieces[] = {
		"A",
		"b",
		"C2",
		"0",
		"-",
		"blank",
		"BLANC",
		",",
		"/",
		" ",
		"  ",
		"\t",
		"VOTE ",
		"vote",
		MAILS_TOKEN,
		"jwfzptc5mn1csk7cktg2w3d3pekj",
		"Ａ",
		"，",
		"、",
		"／",
		"０",
		"ｂ",
		"–",
		"\303\251",
		"word",
		"12",
		"I",
		"\302\255",
		"\302\240",
		"\343\200\200",
		"\342\200\216",
		"\342\200\213",
		"\342\201\240",
		"\357\273\277",
		"\342\210\222",
		">",
		"> ",
	};
	uint64_t random = support_seed();
	unsigned votes = 0;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		struct buf line = BUF_INIT(4096), folded = BUF_INIT(4096);
		struct fold_line content = { 0 };
		struct reply_vote vote;
		struct span rest;

		for (uint64_t n = 1 + support_random(&random) % 6; n > 0; n--)
			buf_adds(&line, pieces[support_random(&random) % COUNT(pieces)]);
		fold_text(&folded, line.data, line.len);
		rest = (struct span){ folded.data, folded.len };
		if (fold_next(&content, &rest) && grammar_vote(&vote, content.content)) {
			votes++;
			if (!votelike(line.data, line.len))
				fail_msg("a vote: \"%s\"", buf_text(&line));
		}
		buf_free(&line);
		buf_free(&folded);
	}
	assert_true(votes > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_letter_itself_is_no_vote),
		cmocka_unit_test(quoted_in_any_way_it_is_no_vote_and_spoils_none),
		cmocka_unit_test(whichever_line_comes_first_it_is_no_vote),
		cmocka_unit_test(wrapped_anew_at_any_width_it_is_no_vote),
		cmocka_unit_test(in_html_it_is_no_vote_and_spoils_none),
		cmocka_unit_test(made_text_of_by_a_poor_program_it_is_no_vote),
		cmocka_unit_test(in_any_order_its_lines_are_no_vote),
		cmocka_unit_test(what_the_receiver_takes_for_a_vote_the_mailer_lets_into_no_letter),
	};

	mails_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
