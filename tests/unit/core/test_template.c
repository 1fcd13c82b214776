/* SPDX-License-Identifier: MIT */
#include "core/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CAP 4096

static const struct template_row once = { NULL };

static const struct template_value outer[] = {
	{ "name", "Zoé & <Co>", NULL, 0 }, { "trap", "{{name}}", NULL, 0 },
	{ "yes", NULL, &once, 1 },         { "no", NULL, &once, 0 },
	{ NULL, NULL, NULL, 0 },
};

static void expect(const char *text, enum template_escape escape, const char *filled)
{
	struct buf out = BUF_INIT(CAP);
	struct why why = { 0 };

	assert_int_equal(template_fill(&out, "t", text, escape, outer, &why), OK);
	assert_string_equal(buf_text(&out), filled);
	buf_free(&out);
}

static void expect_error(const char *text, const char *sentence)
{
	struct buf out = BUF_INIT(CAP);
	struct why why = { 0 };

	assert_int_equal(template_fill(&out, "letter.txt", text, TEMPLATE_TEXT, outer, &why),
	                 ERR_FORMAT);
	assert_string_equal(why.text, sentence);
	buf_free(&out);
}

static void a_name_is_filled_in(void **state)
{
	(void)state;
	expect("Hello {{name}}!", TEMPLATE_TEXT, "Hello Zoé & <Co>!");
	expect("", TEMPLATE_TEXT, "");
	expect("no { brace }} here", TEMPLATE_TEXT, "no { brace }} here");
}

static void html_is_escaped(void **state)
{
	const struct template_value quotes[] = { { "q", "\"'&", NULL, 0 }, { 0 } };
	struct buf out = BUF_INIT(CAP);

	(void)state;
	expect("<b>{{name}}</b>", TEMPLATE_HTML, "<b>Zoé &amp; &lt;Co&gt;</b>");
	assert_int_equal(template_fill(&out, "t", "{{q}}", TEMPLATE_HTML, quotes, NULL), OK);
	assert_string_equal(buf_text(&out), "&quot;&#39;&amp;");
	buf_free(&out);
}

static void what_is_put_in_is_never_read_again(void **state)
{
	(void)state;
	expect("{{trap}}", TEMPLATE_TEXT, "{{name}}");
}

static void a_section_stands_by_its_condition(void **state)
{
	(void)state;
	expect("a{{#yes}}b{{/yes}}{{#no}}c{{/no}}d", TEMPLATE_TEXT, "abd");
	expect("{{#yes}}{{#no}}x{{/no}}{{#yes}}y{{/yes}}{{/yes}}", TEMPLATE_TEXT, "y");
}

static void a_section_alone_on_its_line_takes_the_line_away(void **state)
{
	(void)state;
	expect("a\n{{#yes}}\nb\n{{/yes}}\nc\n", TEMPLATE_TEXT, "a\nb\nc\n");
	expect("a\n  {{#no}}\nb\n  {{/no}}\nc\n", TEMPLATE_TEXT, "a\nc\n");
	expect("a\n{{#yes}}b{{/yes}}\nc", TEMPLATE_TEXT, "a\nb\nc");
	expect("{{#yes}}\n{{/yes}}\n", TEMPLATE_TEXT, "");
}

static void a_row_s_own_names_come_first(void **state)
{
	const struct template_value one[] = { { "name", "one", NULL, 0 }, { 0 } };
	const struct template_value two[] = { { "other", "two", NULL, 0 }, { 0 } };
	const struct template_row rows[] = { { one }, { two } };
	const struct template_value values[] = {
		{ "name", "outer", NULL, 0 },
		{ "other", "-", NULL, 0 },
		{ "list", NULL, rows, 2 },
		{ 0 },
	};
	struct buf out = BUF_INIT(CAP);

	(void)state;
	assert_int_equal(template_fill(&out, "t", "{{#list}}{{name}} {{other}};{{/list}}",
	                               TEMPLATE_TEXT, values, NULL),
	                 OK);
	assert_string_equal(buf_text(&out), "one -;outer two;");
	buf_free(&out);
}

static void mistakes_are_named_with_their_line(void **state)
{
	(void)state;
	expect_error("a\nb {{nmae}}", "letter.txt:2: {{nmae}} is not known here");
	expect_error("a\n\n{{name", "letter.txt:3: a {{ without its }}");
	expect_error("{{#yes}}\n", "letter.txt:1: {{yes}} is a section that is never closed");
	expect_error("\n{{/yes}}", "letter.txt:2: {{yes}} closes a section that is not open");
	expect_error("{{yes}}", "letter.txt:1: {{yes}} is a section, not a text");
	expect_error("{{#name}}{{/name}}", "letter.txt:1: {{name}} is a text, not a section");
	expect_error("{{#other}}{{/other}}", "letter.txt:1: {{other}} is not known here");
}

static void a_text_over_the_cap_is_an_error(void **state)
{
	struct buf out = BUF_INIT(8);

	(void)state;
	assert_int_equal(template_fill(&out, "t", "Hello {{name}}", TEMPLATE_TEXT, outer, NULL),
	                 ERR_TOO_LARGE);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_filled_in),
		cmocka_unit_test(html_is_escaped),
		cmocka_unit_test(what_is_put_in_is_never_read_again),
		cmocka_unit_test(a_section_stands_by_its_condition),
		cmocka_unit_test(a_section_alone_on_its_line_takes_the_line_away),
		cmocka_unit_test(a_row_s_own_names_come_first),
		cmocka_unit_test(mistakes_are_named_with_their_line),
		cmocka_unit_test(a_text_over_the_cap_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
