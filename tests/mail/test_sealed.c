/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/mail/mails.h"
#include "tests/support.h"

/*
 * A sealed ballot that was pasted into a mail is read out of it, whatever program wrote the mail:
 * the block of the worked example stands where the human's text stands.
 */
static struct buf block;
static size_t line_len; /* of the ballot in it */

static void a_block_stands_for_itself(void **state)
{
	const struct reply *r = mails_read_body("text/plain", block.data, block.len);

	(void)state;
	line_len = r->sealed_len;
	assert_true(line_len > 1000);
}

static void assert_sealed(const struct reply *r, const char *name)
{
	if (r->unreadable || r->sealed_conflict || r->sealed_broken || r->sealed_len != line_len)
		fail_msg("%s: %s", name,
		         r->unreadable        ? r->reason
		         : r->sealed_conflict ? "two blocks"
		         : r->sealed_broken   ? "a broken block"
		                              : "no block");
	if (r->has_vote)
		fail_msg("%s: a vote besides", name);
}

static unsigned mails, texts, pages;

static void block_in_mail(const char *path, const char *name)
{
	struct buf mail, whole = BUF_INIT(MAILS_ROOM);

	mails_load(&mail, path);
	if (mails_swap_in_parts(&whole, mail.data, "Hello", block.data)) {
		assert_sealed(mails_read(whole.data, whole.len), name);
		mails++;
	}
	buf_free(&mail);
	buf_free(&whole);
}

/* Above everything, and quoted, as in a mail that somebody sends on. */
static void block_in_text(const char *path, const char *name)
{
	struct buf text, whole = BUF_INIT(MAILS_ROOM);

	mails_load(&text, path);
	for (unsigned form = 0; form < 2; form++) {
		buf_clear(&whole);
		if (form)
			mails_quote(&whole, block.data, "> ");
		else
			buf_adds(&whole, block.data);
		buf_addc(&whole, '\n');
		buf_add(&whole, text.data, text.len);
		assert_sealed(mails_read_body("text/plain", whole.data, whole.len), name);
		assert_sealed(mails_read_body("text/plain; format=flowed", whole.data, whole.len),
		              name);
	}
	texts++;
	buf_free(&text);
	buf_free(&whole);
}

/* A composer of HTML keeps the lines as <br>, as paragraphs, or runs them together. */
static void block_in_page(const char *path, const char *name)
{
	static const char *const ends[] = { "\n", "<br>\n", "</div><div>", "<br>&nbsp;" };
	struct buf html, whole = BUF_INIT(MAILS_ROOM), marked = BUF_INIT(MAILS_ROOM);

	mails_load(&html, path);
	for (unsigned form = 0; form < 4; form++) {
		buf_clear(&whole);
		buf_clear(&marked);
		for (const char *at = block.data; *at; at++)
			if (*at == '\n')
				buf_adds(&marked, ends[form]);
			else
				buf_addc(&marked, *at);
		assert_true(mails_swap(&whole, html.data, "Hi. I am fine.", buf_text(&marked)) > 0);
		assert_sealed(mails_read_body("text/html", whole.data, whole.len), name);
	}
	pages++;
	buf_free(&html);
	buf_free(&whole);
	buf_free(&marked);
}

static void every_programs_mail_carries_a_sealed_ballot(void **state)
{
	const char *samples = mails_samples();
	char folder[4096];

	(void)state;
	if (!samples) {
		print_message("samples of other people's mail are not present: skipped\n");
		return;
	}
	snprintf(folder, sizeof(folder), "%s/talon/standard_replies", samples);
	mails_each(folder, ".eml", block_in_mail);
	snprintf(folder, sizeof(folder), "%s/trimmer/emails", samples);
	mails_each(folder, ".txt", block_in_text);
	snprintf(folder, sizeof(folder), "%s/talon/html_replies", samples);
	mails_each(folder, ".html", block_in_page);
	print_message("%u mails, %u texts, %u pages\n", mails, texts, pages);
	assert_true(mails > 5 && texts > 50 && pages > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_stands_for_itself),
		cmocka_unit_test(every_programs_mail_carries_a_sealed_ballot),
	};
	int failed;

	mails_init();
	mails_load(&block, "vectors/sealed.txt");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&block);
	return failed;
}
