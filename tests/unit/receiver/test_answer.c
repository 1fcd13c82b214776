/* SPDX-License-Identifier: MIT */
#include "receiver/answer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "receiver/parser/parse_html.h"
#include "receiver/parser/reply.h"
#include "tests/poll.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#define FOLDER "../config/answers"

struct sample {
	struct poll p;
	struct answers *answers;
	struct receipt receipt;
	struct answer answer;
};

static void start(struct sample *s, const struct poll_plan *plan)
{
	struct why why = { 0 };

	memset(s, 0, sizeof(*s));
	poll_make(&s->p, plan);
	assert_ok(answers_open(&s->answers, s->p.m, FOLDER, "Urne \xc3\xa9lectronique",
	                       "box@vote.example.org", &why),
	          &why);
	strcpy(s->receipt.tracker, "ABCDE-FGHJK-MNPQR-STVWX");
	s->receipt.credential = s->p.member[0].credential;
	s->answer = (struct answer){ .to = "m@members.example",
		                     .in_reply_to = "1@members.example",
		                     .handle = s->p.member[0].handle,
		                     .receipt = &s->receipt,
		                     .now = s->p.m->opens + 5,
		                     .closes = s->p.m->closes };
}

static void end(struct sample *s)
{
	answers_free(s->answers);
	poll_free(&s->p);
}

/* A part's body with quoted-printable undone. */
static char *undone(const char *at, const char *end)
{
	char *out = malloc((size_t)(end - at) + 1), *to = out;
	unsigned byte;

	while (at < end) {
		if (strncmp(at, "=\r\n", 3) == 0) {
			at += 3;
		} else if (strncmp(at, "\r\n", 2) == 0) {
			*to++ = '\n';
			at += 2;
		} else if (*at == '=' && sscanf(at + 1, "%2X", &byte) == 1) {
			*to++ = (char)byte;
			at += 3;
		} else {
			*to++ = *at++;
		}
	}
	*to = '\0';
	return out;
}

/* One of the answer's two parts. */
static char *part(const struct buf *message, const char *type)
{
	const char *at = strstr(buf_text(message), type), *end;

	assert_non_null(at);
	at = strstr(at, "\r\n\r\n");
	assert_non_null(at);
	end = strstr(at, "\r\n--=_votepost_");
	assert_non_null(end);
	return undone(at + 4, end);
}

/* The whole answer; its plain text. */
static char *write_one(struct sample *s, enum verdict verdict, struct buf *message)
{
	struct why why = { 0 };

	s->answer.verdict = verdict;
	assert_ok(answer_write(message, s->answers, &s->answer, &why), &why);
	return part(message, "Content-Type: text/plain");
}

/* The same, with every run of white space one space: where a line was broken is not looked at. */
static char *flat(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++)
		if (*at != '\n' && *at != ' ')
			*to++ = *at;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	return text;
}

static void every_answer_is_whole_in_every_language(void **state)
{
	static const char *const languages[] = { NULL, "fr", "en" };
	struct poll_plan plan = { .link = true };
	struct sample s;

	(void)state;
	for (unsigned l = 0; l < 3; l++) {
		plan.languages = languages[l];
		start(&s, &plan);
		for (unsigned v = 0; v < VERDICTS; v++) {
			struct buf message = BUF_INIT(1u << 20);
			char *text[2];

			if (!answer_name((enum verdict)v))
				continue;
			text[0] = write_one(&s, (enum verdict)v, &message);
			text[1] = part(&message, "Content-Type: text/html");
			for (unsigned i = 0; i < 2; i++) {
				assert_null(strstr(text[i], "{{"));
				assert_non_null(strstr(text[i], s.p.m->fingerprint));
				assert_true(!!strstr(text[i], "Cl\xc3\xb4ture") == (l != 2));
				assert_true(!!strstr(text[i], "Closing time") == (l != 1));
				free(text[i]);
			}
			assert_non_null(
				strstr(buf_text(&message), "\r\nAuto-Submitted: auto-replied\r\n"));
			buf_free(&message);
		}
		end(&s);
	}
}

static void nothing_that_is_automatic_has_an_answer(void **state)
{
	(void)state;
	assert_null(answer_name(VERDICT_AUTOMATIC));
	assert_null(answer_name(VERDICT_BOUNCE));
}

/* The answers of an election in two languages; what lacks texts among them. */
static void speak(struct sample *s, const char *first, const char *second, const char *lacking)
{
	struct why why = { 0 };

	answers_free(s->answers);
	s->p.m->language[0] = first;
	s->p.m->language[1] = second;
	assert_ok(answers_open(&s->answers, s->p.m, FOLDER, "", "a@b.example", &why), &why);
	assert_string_equal(answers_lacking(s->answers), lacking);
}

static void says_no_vote(const char *text, size_t len)
{
	struct buf sealed = BUF_INIT(SEALED_MAX);
	struct reply *reply = calloc(1, sizeof(*reply));

	reply_take(reply, &sealed, text, len);
	reply_end(reply);
	assert_false(reply->has_vote);
	assert_false(reply->runs_on);
	assert_int_equal(reply->others, 0);
	assert_int_equal(reply->tokens, 0);
	assert_int_equal(reply->sealed_len, 0);
	buf_free(&sealed);
	free(reply);
}

/* Several questions: every form that a choice may have stands in the corrections. */
static const char questions[] =
	"[{\"id\":\"q1\",\"kind\":\"choice\",\"title\":{\"fr\":\"F1\",\"en\":\"E1\"},\"options\":["
	"{\"fr\":\"A\",\"en\":\"A\"},{\"fr\":\"B\",\"en\":\"B\"},{\"fr\":\"C\",\"en\":\"C\"}],"
	"\"min\":0,\"max\":2,\"blank\":false},"
	"{\"id\":\"q2\",\"kind\":\"grades\",\"title\":{\"fr\":\"A\",\"en\":\"B\"},\"options\":["
	"{\"fr\":\"A\",\"en\":\"A\"},{\"fr\":\"B1\",\"en\":\"B1\"}],\"grades\":["
	"{\"fr\":\"A\",\"en\":\"A\"},{\"fr\":\"B\",\"en\":\"0\"}]}]";

static const char *const pairs[][2] = {
	{ "fr", "en" }, { "es", "de" }, { "pt", "ar" }, { "zh-Hans", "pt-BR" }
};

/* A member who quotes an answer of ours, or a mail program that does, must not vote by it. */
static void no_answer_reads_as_a_vote(void **state)
{
	struct poll_plan plan = { .link = true };
	struct sample s;

	(void)state;
	parse_html_init();
	for (unsigned i = 0; i < 8; i++) {
		plan.questions = i % 2 ? questions : NULL;
		start(&s, &plan);
		speak(&s, pairs[i / 2][0], pairs[i / 2][1], "");
		for (unsigned v = 0; v < VERDICTS; v++) {
			struct buf message = BUF_INIT(1u << 20), seen = BUF_INIT(1u << 20);
			char *text, *html;

			if (!answer_name((enum verdict)v))
				continue;
			text = write_one(&s, (enum verdict)v, &message);
			html = part(&message, "Content-Type: text/html");
			says_no_vote(text, strlen(text));
			assert_int_equal(
				parse_html_text(&seen, (struct span){ html, strlen(html) }), OK);
			says_no_vote(buf_text(&seen), seen.len);
			free(text);
			free(html);
			buf_free(&message);
			buf_free(&seen);
		}
		end(&s);
	}
}

/* The operator may change the texts: what would vote, wherever it stands, is not taken. */
static void a_text_that_would_vote_is_refused_with_file_and_line(void **state)
{
	static const struct {
		const char *file, *from, *to, *said;
	} changes[] = {
		{ "en/receipt.txt", "Tracker:\n", "A\n", "en/receipt.txt:9: \"A\" would" },
		{ "fr/no-choice.txt", "{{/why_below}}", "> b , d\n{{/why_below}}",
		  "fr/no-choice.txt:" },
		{ "en/frame.txt", "{{#over}}", "{{#over}}\n   Blank\n", "en/frame.txt:" },
		{ "fr/foot.txt", NULL, "\n\nVOTE JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ A\n",
		  "fr/foot.txt:" },
		{ "en/receipt.txt", "Tracker:\n", "as JWFZ PTC5 MN1C SK7C KTG2 W3D3 PEKJ\n",
		  "en/receipt.txt:9: this looks like a voting code" },
		{ "fr/foot.txt", NULL, "\nNot it, nor JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3\n",
		  "fr/foot.txt:9: this looks like a voting code" },
		{ "answer.html", "</body>", "<p>x y z</p><p><b>A</b></p></body>",
		  "answer.html: \"A\" would" },
	};
	struct poll_plan plan = { .link = true };
	struct buf text = BUF_INIT(1u << 20), out = BUF_INIT(1u << 20);
	char command[512], name[300];
	struct sample s;

	start(&s, &plan);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct answers *a = NULL;
		struct why why = { 0 };
		const char *at;

		snprintf(command, sizeof(command), "rm -rf '%s' && cp -r " FOLDER " '%s'",
		         temp_path(state, "own"), temp_path(state, "own"));
		assert_int_equal(system(command), 0);
		snprintf(name, sizeof(name), "own/%s", changes[i].file);
		buf_clear(&text);
		buf_clear(&out);
		assert_ok(file_read(&text, temp_path(state, name), &why), &why);
		at = changes[i].from ? strstr(buf_text(&text), changes[i].from)
		                     : buf_text(&text) + text.len;
		assert_non_null(at);
		buf_add(&out, buf_text(&text), (size_t)(at - buf_text(&text)));
		buf_adds(&out, changes[i].to);
		buf_adds(&out, at + (changes[i].from ? strlen(changes[i].from) : 0));
		temp_text(state, name, buf_text(&out));
		assert_int_equal(
			answers_open(&a, s.p.m, temp_path(state, "own"), "", "a@b.example", &why),
			ERR_SETTINGS);
		if (!strstr(why.text, changes[i].said))
			fail_msg("%s", why.text);
	}
	buf_free(&text);
	buf_free(&out);
	end(&s);
}

static void a_receipt_holds_what_the_member_needs(void **state)
{
	struct poll_plan plan = { .languages = "en" };
	struct buf message = BUF_INIT(1u << 20), line = BUF_INIT(16384);
	struct sample s;
	char *body;

	(void)state;
	start(&s, &plan);
	body = write_one(&s, VERDICT_COUNTED, &message);
	receipt_write(&line, &s.receipt);
	buf_addc(&line, '\n');
	assert_non_null(strstr(body, buf_text(&line)));
	assert_non_null(strstr(body, "Tracker:\n   ABCDE-FGHJK-MNPQR-STVWX\n"));
	assert_non_null(strstr(buf_text(&message), "\r\nIn-Reply-To: <1@members.example>\r\n"));
	free(body);
	buf_free(&message);
	buf_free(&line);
	end(&s);
}

/* The link opens a mail whose first line needs only a word and a sign replaced. */
static void a_correction_opens_a_fresh_mail(void **state)
{
	struct poll_plan plan = { .languages = "en" };
	struct buf message = BUF_INIT(1u << 20);
	char want[256], *body, *html;
	struct sample s;

	(void)state;
	start(&s, &plan);
	body = write_one(&s, VERDICT_NO_CHOICE, &message);
	snprintf(want, sizeof(want),
	         "\nmailto:vote%%2B%s@example.org?subject=Vote&body=VOTE%%20CODE%%20%%3F\n",
	         s.p.member[0].handle);
	assert_non_null(strstr(body, want));
	html = part(&message, "Content-Type: text/html");
	snprintf(
		want, sizeof(want),
		"<a "
		"href=\"mailto:vote%%2B%s@example.org?subject=Vote&amp;body=VOTE%%20CODE%%20%%3F\"",
		s.p.member[0].handle);
	assert_non_null(strstr(html, want));
	snprintf(want, sizeof(want), "\r\nReply-To: vote+%s@example.org\r\n", s.p.member[0].handle);
	assert_non_null(strstr(buf_text(&message), want));
	free(body);
	free(html);
	buf_clear(&message);
	s.answer.handle = "";
	body = write_one(&s, VERDICT_NO_TOKEN, &message);
	assert_non_null(strstr(body, "\nmailto:vote@example.org?subject="));
	free(body);
	buf_free(&message);
	end(&s);
}

static void after_the_close_no_one_is_invited_to_vote(void **state)
{
	struct poll_plan plan = { .link = true };
	struct sample s;

	(void)state;
	start(&s, &plan);
	s.answer.now = s.answer.closes;
	for (unsigned v = 0; v < VERDICTS; v++) {
		struct buf message = BUF_INIT(1u << 20);
		char *body;

		if (!answer_name((enum verdict)v))
			continue;
		body = write_one(&s, (enum verdict)v, &message);
		assert_null(strstr(body, "mailto:"));
		free(body);
		buf_free(&message);
	}
	end(&s);
}

static void says(struct sample *s, enum verdict verdict, const char *words, bool so)
{
	struct buf message = BUF_INIT(1u << 20);
	char *body = flat(write_one(s, verdict, &message));

	if (!strstr(body, words) == so)
		fail_msg("\"%s\" in: %s", words, body);
	free(body);
	buf_free(&message);
}

/* Societies, elections and questions are named as they are: a letter and digits are names. */
static void name_like_votes(struct sample *s)
{
	struct manifest *m = s->p.m;

	m->organiser = "L214";
	for (unsigned i = 0; i < 2; i++) {
		m->title.in[i] = "V2027";
		m->question[0].title.in[i] = "B";
	}
}

static void a_name_that_would_vote_is_told_behind_a_word(void **state)
{
	struct poll_plan plan = { .link = true };
	struct sample s;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		start(&s, &plan);
		name_like_votes(&s);
		speak(&s, pairs[i][0], pairs[i][1], "");
		says(&s, VERDICT_NO_CHOICE, "V2027", true);
		says(&s, VERDICT_NO_CHOICE, "L214", true);
		end(&s);
	}
}

/* In texts of the operator's own: the line that needs a word is named. */
static void a_name_that_stands_alone_is_refused_where_it_stands(void **state)
{
	static const char *const texts[][2] = {
		{ "en/foot.txt", "en/foot.txt:2: \"L214\" would" },
		{ "fr/frame.txt", "fr/frame.txt:2: \"B\" would" },
	};
	static const char *const words[] = {
		"The vote {{title}}\n{{organiser}}\n",
		"{{#again}}\n{{#questions}}{{question}}{{/questions}}\n{{/again}}\n",
	};
	struct poll_plan plan = { .link = true };
	struct sample s;

	start(&s, &plan);
	name_like_votes(&s);
	for (unsigned i = 0; i < 2; i++) {
		struct answers *a = NULL;
		struct why why = { 0 };
		char command[512], name[300];

		snprintf(command, sizeof(command), "rm -rf '%s' && cp -r " FOLDER " '%s'",
		         temp_path(state, "own"), temp_path(state, "own"));
		assert_int_equal(system(command), 0);
		snprintf(name, sizeof(name), "own/%s", texts[i][0]);
		temp_text(state, name, words[i]);
		assert_int_equal(
			answers_open(&a, s.p.m, temp_path(state, "own"), "", "a@b.example", &why),
			ERR_SETTINGS);
		if (!strstr(why.text, texts[i][1]))
			fail_msg("%s", why.text);
	}
	end(&s);
}

static void a_code_that_was_replaced_is_told_plainly(void **state)
{
	struct poll_plan plan = { .link = true };
	struct sample s;

	(void)state;
	start(&s, &plan);
	says(&s, VERDICT_REPLACED, "its code is no longer valid: it was replaced or withdrawn.",
	     true);
	says(&s, VERDICT_REPLACED, "Nothing was counted.", true);
	says(&s, VERDICT_REPLACED, "look for the latest invitation", true);
	says(&s, VERDICT_REPLACED, "write to the contact", true);
	says(&s, VERDICT_REPLACED, "son code n\u2019est plus valable", true);
	says(&s, VERDICT_REPLACED, "Rien n\u2019a \u00e9t\u00e9 compt\u00e9.", true);
	says(&s, VERDICT_REPLACED, "Cherchez l\u2019invitation la plus r\u00e9cente", true);
	says(&s, VERDICT_REPLACED, "\u00e9crivez au contact", true);
	end(&s);
}

/* What was wrong is said where it is known, and nothing of it where it is not. */
static void a_correction_says_what_was_wrong(void **state)
{
	static const struct {
		enum verdict verdict;
		enum hint hint;
		const char *words;
	} told[] = {
		{ VERDICT_NO_CHOICE, HINT_OTHER, "is not a vote as the ballot box can read it" },
		{ VERDICT_NO_CHOICE, HINT_RUNS_ON, "other words stand right below your choice" },
		{ VERDICT_NO_CHOICE, HINT_BELOW, "is not its first line" },
		{ VERDICT_NO_CHOICE, HINT_QUESTIONS, "each question of this vote once" },
		{ VERDICT_NO_CHOICE, HINT_OPTION, "something that is not offered" },
		{ VERDICT_NO_CHOICE, HINT_TWICE, "the same letter twice" },
		{ VERDICT_NO_CHOICE, HINT_FEW, "fewer options" },
		{ VERDICT_NO_CHOICE, HINT_MANY, "more options" },
		{ VERDICT_NO_CHOICE, HINT_GRADES, "the grades do not fit" },
		{ VERDICT_AMBIGUOUS, HINT_OTHER, "in more than one way" },
		{ VERDICT_AMBIGUOUS, HINT_VOTES, "several votes" },
		{ VERDICT_AMBIGUOUS, HINT_CODES, "several voting codes" },
		{ VERDICT_AMBIGUOUS, HINT_FORMS, "plain and formatted" },
		{ VERDICT_AMBIGUOUS, HINT_SEALED, "several sealed ballots" },
	};
	const size_t n = sizeof(told) / sizeof(told[0]);
	struct poll_plan plan = { .languages = "en" };
	struct sample s;

	(void)state;
	start(&s, &plan);
	for (size_t i = 0; i < n; i++) {
		s.answer.hint = told[i].hint;
		for (size_t k = 0; k < n; k++)
			if (told[k].verdict == told[i].verdict)
				says(&s, told[i].verdict, told[k].words, k == i);
	}
	end(&s);
}

/* Whoever has no letters at hand finds them in the correction, all of them, whatever was sent. */
static void a_correction_lists_what_may_be_chosen(void **state)
{
	struct poll_plan plan = { .questions = questions };
	struct sample s;

	(void)state;
	start(&s, &plan);
	says(&s, VERDICT_NO_CHOICE, " Question 1: E1 (choose 0 to 2) (A) A (B) B (C) C (-) None",
	     true);
	says(&s, VERDICT_NO_CHOICE, " VOTE CODE A/A1,B2 ", true);
	says(&s, VERDICT_COUNTED, "(A)", false);
	says(&s, VERDICT_USED, "(A)", false);
	end(&s);
}

/* The closing time that is told is the answer's, not the manifest's. */
static void a_vote_that_was_put_off_closes_later(void **state)
{
	struct poll_plan plan = { .opens = 1796126400, .closes = 1796248800, .link = true };
	struct sample s;

	(void)state;
	start(&s, &plan);
	s.answer.closes += 3600;
	s.answer.now = s.p.m->closes + 5;
	for (unsigned v = 0; v < VERDICTS; v++) {
		if (!answer_name((enum verdict)v))
			continue;
		says(&s, (enum verdict)v, "Closing time: 2026-12-02 23:00 UTC", true);
		says(&s, (enum verdict)v, "2026-12-02 22:00", false);
		if (v != VERDICT_LATE)
			says(&s, (enum verdict)v, "The vote closed on", false);
	}
	end(&s);
}

static void a_test_says_that_no_ballot_counts(void **state)
{
	struct poll_plan plan = { .link = true };
	struct buf message = BUF_INIT(1u << 20);
	struct sample s;
	const char *at;

	(void)state;
	for (unsigned real = 0; real < 2; real++) {
		plan.real = real;
		start(&s, &plan);
		for (unsigned v = 0; v < VERDICTS; v++) {
			if (!answer_name((enum verdict)v))
				continue;
			says(&s, (enum verdict)v, "*** THIS IS A TEST: no ballot counts. *** ",
			     !real);
			says(&s, (enum verdict)v, "*** CECI EST UN TEST", !real);
			buf_clear(&message);
			free(write_one(&s, (enum verdict)v, &message));
			/* "[TEST] ", as a header writes it beside an accent. */
			at = strstr(buf_text(&message), "\r\nSubject: =?utf-8?q?=5BTEST=5D_");
			assert_int_equal(at != NULL, !real);
		}
		end(&s);
	}
	buf_free(&message);
}

static void a_mistake_in_a_text_shows_at_the_start(void **state)
{
	char folder[] = "/tmp/votepost-answers-XXXXXX", path[256], command[256];
	struct poll_plan plan = { .languages = "en" };
	struct answers *answers;
	struct why why = { 0 };
	struct poll p;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "cp -r " FOLDER "/en " FOLDER "/answer.html %s/",
	         folder);
	assert_int_equal(system(command), 0);
	poll_make(&p, &plan);
	snprintf(path, sizeof(path), "%s/en/late.txt", folder);
	f = fopen(path, "a");
	fputs("{{no_such_name}}\n", f);
	fclose(f);
	assert_int_equal(answers_open(&answers, p.m, folder, "", "a@b.example", &why),
	                 ERR_SETTINGS);
	assert_non_null(strstr(why.text, "late.txt:"));
	unlink(path);
	assert_int_equal(answers_open(&answers, p.m, folder, "", "a@b.example", &why),
	                 ERR_SETTINGS);
	assert_non_null(strstr(why.text, "late.txt"));
	f = fopen(path, "w");
	fputs("\xff\xfe\n", f);
	fclose(f);
	assert_int_equal(answers_open(&answers, p.m, folder, "", "a@b.example", &why),
	                 ERR_SETTINGS);
	assert_non_null(strstr(why.text, "UTF-8"));
	poll_free(&p);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void a_language_without_texts_is_answered_in_english(void **state)
{
	struct poll_plan plan = { 0 };
	struct buf message = BUF_INIT(1 << 20);
	struct sample s;
	char *body;

	(void)state;
	start(&s, &plan);
	speak(&s, "fr", "en", "");
	speak(&s, "fr-CA", "eo", "eo");
	body = write_one(&s, VERDICT_NO_TOKEN, &message);
	assert_non_null(strstr(body, "Fran\u00e7ais \u00b7 English\n"));
	assert_non_null(strstr(body, "\n* * * Fran\u00e7ais * * *\n"));
	assert_non_null(strstr(body, "Votre message"));
	assert_non_null(strstr(body, "Your mail was received"));
	assert_non_null(strstr(buf_text(&message), "Content-Language: fr, en\r\n"));
	free(body);
	buf_clear(&message);
	speak(&s, "eo", "it", "eo, it");
	body = write_one(&s, VERDICT_NO_TOKEN, &message);
	assert_non_null(strstr(body, "Your mail was received"));
	assert_null(strstr(body, "* * *")); /* once is enough */
	assert_non_null(strstr(buf_text(&message), "Content-Language: en\r\n"));
	free(body);
	buf_free(&message);
	end(&s);
}

static bool names_tag(const struct buf *text, const char *tag, size_t len)
{
	return memmem(buf_text(text), text->len, tag, len) != NULL;
}

/* Every {{name}}, {{#name}} and {{/name}} of the one stands in the other, too. */
static void same_tags(const char *path, const char *other)
{
	struct buf text[2] = { BUF_INIT(1u << 16), BUF_INIT(1u << 16) };
	struct why why = { 0 };

	assert_ok(file_read(&text[0], path, &why), &why);
	assert_ok(file_read(&text[1], other, &why), &why);
	for (unsigned i = 0; i < 2; i++) {
		const char *at = buf_text(&text[i]), *end;

		for (; (at = strstr(at, "{{")) != NULL; at = end + 2) {
			end = strstr(at, "}}");
			assert_non_null(end);
			if (!names_tag(&text[1 - i], at, (size_t)(end + 2 - at)))
				fail_msg("%s: %.*s} is only in one of it and %s", path,
				         (int)(end + 1 - at), at, other);
		}
	}
	buf_free(&text[0]);
	buf_free(&text[1]);
}

/* A folder that lacks a file, or says less or more than English, is not complete. */
static void every_language_has_what_english_has(void **state)
{
	DIR *dir = opendir(FOLDER);
	struct dirent *d;
	unsigned languages = 0;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		static const char *const common[] = { "language", "subject", "frame", "foot" };
		char path[512], english[512];

		if (strchr(d->d_name, '.') || !strcmp(d->d_name, "README"))
			continue;
		languages++;
		for (unsigned i = 0; i < VERDICTS + 4; i++) {
			const char *name =
				i < VERDICTS ? answer_name((enum verdict)i) : common[i - VERDICTS];

			if (!name)
				continue;
			snprintf(path, sizeof(path), FOLDER "/%s/%s.txt", d->d_name, name);
			snprintf(english, sizeof(english), FOLDER "/en/%s.txt", name);
			same_tags(path, english);
		}
	}
	closedir(dir);
	assert_true(languages >= 7);
}

/* Arabic runs from right to left, its codes do not; and beside it the others as they are. */
static void an_answer_runs_as_its_language_does(void **state)
{
	struct poll_plan plan = { 0 };
	struct buf message = BUF_INIT(1u << 20);
	struct sample s;
	char *html;

	(void)state;
	start(&s, &plan);
	speak(&s, "ar", "de", "");
	free(write_one(&s, VERDICT_COUNTED, &message));
	html = part(&message, "Content-Type: text/html");
	assert_non_null(strstr(html, "lang=\"ar\" dir=\"rtl\" align=\"right\""));
	assert_non_null(strstr(html, "lang=\"de\" dir=\"ltr\" align=\"left\""));
	assert_non_null(strstr(html, "<div class=\"vp-code\" dir=\"ltr\""));
	free(html);
	buf_free(&message);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_whole_in_every_language),
		cmocka_unit_test(a_language_without_texts_is_answered_in_english),
		cmocka_unit_test(every_language_has_what_english_has),
		cmocka_unit_test(an_answer_runs_as_its_language_does),
		cmocka_unit_test(nothing_that_is_automatic_has_an_answer),
		cmocka_unit_test(no_answer_reads_as_a_vote),
		TEMP_TEST(a_text_that_would_vote_is_refused_with_file_and_line),
		cmocka_unit_test(a_receipt_holds_what_the_member_needs),
		cmocka_unit_test(a_correction_opens_a_fresh_mail),
		cmocka_unit_test(after_the_close_no_one_is_invited_to_vote),
		cmocka_unit_test(a_name_that_would_vote_is_told_behind_a_word),
		TEMP_TEST(a_name_that_stands_alone_is_refused_where_it_stands),
		cmocka_unit_test(a_code_that_was_replaced_is_told_plainly),
		cmocka_unit_test(a_correction_says_what_was_wrong),
		cmocka_unit_test(a_correction_lists_what_may_be_chosen),
		cmocka_unit_test(a_vote_that_was_put_off_closes_later),
		cmocka_unit_test(a_test_says_that_no_ballot_counts),
		cmocka_unit_test(a_mistake_in_a_text_shows_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
