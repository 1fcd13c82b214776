/* SPDX-License-Identifier: MIT */
#include "core/flatten.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/votelike.h"

static void flat(const char *html, const char *text)
{
	struct buf out = BUF_INIT(1000);

	flatten_html(&out, html);
	assert_int_equal(buf_err(&out), 0);
	assert_string_equal(buf_text(&out), text);
	buf_free(&out);
}

static void every_cell_is_a_line_and_a_sentence_is_one(void **state)
{
	(void)state;
	flat("<td>A <b>is</b> one</td><td>B<br>C</td>", "\nA is one\n\nB\nC\n");
	flat("<head><title>A</title></head><p>x<!-- y -->z", "\n\nxz");
}

/* What a mail program shows, and would quote. */
static void an_entity_is_the_character_that_it_names(void **state)
{
	(void)state;
	flat("&amp;&lt;&gt;&quot;&#39;&apos;", "&<>\"''");
	flat("&ndash;&mdash;&minus;", "\u2013\u2014\u2212");
	flat("&#8212;&#x2014;&#XFF21;", "\u2014\u2014\uff21");
	flat("A&shy;&nbsp;B", "A\u00ad\u00a0B");
	flat("&#10;&#13;", "  ");
	flat("&#0;&#xD800;&#x110000;&#99999999999999999999;", "    ");
	flat("&#;&#x;&unknown;&", "&#;&#x;&unknown;&");
}

static void a_vote_in_entities_is_seen(void **state)
{
	static const char *const votes[] = {
		"<p>&#65;</p>",     "<p>&#xFF21;</p>", "<p>&mdash;</p>", "<p>&#8212;</p>",
		"<p>&minus;/A</p>", "<p>A&shy;</p>",   "<p>&#x41</p>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(votes) / sizeof(votes[0]); i++) {
		struct buf out = BUF_INIT(1000);
		size_t len;

		flatten_html(&out, votes[i]);
		if (!votelike_find(buf_text(&out), &len))
			fail_msg("%s is a vote", votes[i]);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_a_line_and_a_sentence_is_one),
		cmocka_unit_test(an_entity_is_the_character_that_it_names),
		cmocka_unit_test(a_vote_in_entities_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
