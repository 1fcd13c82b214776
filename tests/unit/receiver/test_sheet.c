/* SPDX-License-Identifier: MIT */
#include "receiver/sheet.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "tests/support.h"

/* Every block in a line of its own: its shape, letter, text, URL and lines. */
static const char TEMPLATE[] =
	"{{#blocks}}{{#banner}}banner{{/banner}}{{#heading}}heading{{/heading}}"
	"{{#paragraph}}paragraph{{/paragraph}}{{#label}}label{{/label}}{{#button}}button{{/button}}"
	"{{#more_button}}more{{/more_button}}{{#option}}option{{/option}}{{#code}}code{{/code}}"
	"{{#receipt}}receipt{{/receipt}}[{{letter}}|{{text}}|{{url}}]{{#lines}}<{{line}}>{{/"
	"lines}};"
	"{{/blocks}}";

static void shapes(const char *text, const char *want)
{
	struct values v = VALUES_INIT;
	struct buf out = BUF_INIT(4096);
	struct value_list l = values_list(&v, 1);
	struct why why = { 0 };
	size_t n;
	const struct template_row *rows = sheet_rows(&v, text, "What is it?", &n);

	values_add_rows(&l, "blocks", rows, n);
	assert_int_equal(values_err(&v), OK);
	assert_ok(template_fill(&out, "a test", TEMPLATE, TEMPLATE_TEXT, l.value, &why), &why);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
	values_release(&v);
}

static void each_shape_is_seen(void **state)
{
	(void)state;
	shapes("*** A test ***", "banner[|A test|];");
	shapes("What is it?", "heading[|What is it?|];");
	shapes("One\ntwo\n\nthree", "paragraph[||]<One><two>;paragraph[||]<three>;");
	shapes("Open it:\nmailto:a@b.example?body=A%20B",
	       "button[|Open it|mailto:a@b.example?body=A%20B];");
	shapes("Ouvrir\u202f:\nhttps://a.example/", "button[|Ouvrir|https://a.example/];");
	shapes("\u6253\u5f00\uff1a\nhttp://a.example/", "button[|\u6253\u5f00|http://a.example/];");
	shapes("A:\nhttps://a/\n\nB:\nhttps://b/", "button[|A|https://a/];more[|B|https://b/];");
	shapes("   (A)  Yes, (maybe)", "option[(A)|Yes, (maybe)|];");
	shapes("   VOTE CODE ?", "code[|VOTE CODE ?|];");
	shapes("Which?\n   (A)  Yes\n\nCode:\n   X",
	       "label[||]<Which?>;option[(A)|Yes|];label[||]<Code:>;code[|X|];");
	shapes("{\"type\":\"receipt\"}", "receipt[|{\"type\":\"receipt\"}|];");
}

/* What only looks like one, and what a title may hold. */
static void what_is_none_is_a_paragraph(void **state)
{
	(void)state;
	shapes("", "");
	shapes("\n\n\n", "");
	shapes("*** ", "paragraph[||]<*** >;");
	shapes("***  ***", "paragraph[||]<***  ***>;");
	shapes("*** opened", "banner[|opened|];");
	shapes("Look at\nhttps://a b/", "paragraph[||]<Look at><https://a b/>;");
	shapes("https://a/", "paragraph[||]<https://a/>;");
	shapes("   (A", "code[|(A|];");
	shapes("   ()", "option[()||];");
	shapes("<b>", "paragraph[||]<<b>>;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_is_seen),
		cmocka_unit_test(what_is_none_is_a_paragraph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
