/* SPDX-License-Identifier: MIT */
#include "receiver/parser/parse_html.h"

#include <string.h>

#include "tests/support.h"

static void assert_text(const char *html, const char *want)
{
	struct buf out = BUF_INIT(100000);

	assert_int_equal(parse_html_text(&out, (struct span){ html, strlen(html) }), OK);
	if (strcmp(buf_text(&out), want) != 0)
		fail_msg("%s is\n%s\nnot\n%s", html, buf_text(&out), want);
	buf_free(&out);
}

static void blocks_and_breaks_end_lines(void **state)
{
	(void)state;
	assert_text("A", "A\n");
	assert_text("<div>A</div><div>B</div>", "A\nB\n");
	assert_text("A<br>B<br><br>C", "A\nB\n\nC\n");
	assert_text("<div>A<br></div><div>B</div>", "A\nB\n");
	assert_text("<div>A</div><div><br></div><div>B</div>", "A\n\nB\n");
	assert_text("<p>A</p><p>B</p>", "A\n\nB\n");
	assert_text("<p class=MsoNormal>A</p><p class=MsoNormal>B</p>", "A\nB\n");
	assert_text("<p style='margin:0'>A</p><p style='margin:0'>B</p>", "A\nB\n");
	assert_text("<style>p{margin:0}</style><p>A</p><p>B</p>", "A\nB\n");
	assert_text("<table><tr><td>A</td><td>Yes</td></tr><tr><td>B</td></tr></table>",
	            "A Yes\nB\n");
	assert_text("A<div>B</div>C", "A\nB\nC\n"); /* text that stands in no element */
	assert_text("<body>A<div>B</div></body>", "A\nB\n");
	assert_text("<P>A<P>B", "A\n\nB\n");
	/* A heading or a rule in the middle of a sentence is no end of it. */
	assert_text("<h1>A</h1>B<hr>C", "A\nB\nC\n");
	assert_text("A<hr>is out", "A\nis out\n");
	assert_text("<ul><li>A<li>B</ul>", "* A\n* B\n");
}

static void space_shows_as_a_browser_shows_it(void **state)
{
	(void)state;
	assert_text("  A \n\t B  ", "A B\n");
	assert_text("<b>A</b>ll", "All\n");
	assert_text("A&nbsp;B", "A\302\240B\n");
	assert_text("<pre>A\n\n  B</pre>", "A\n\nB\n");
	assert_text("&#65;&amp;&eacute;&#x42;", "A&\303\251B\n");
	assert_text("A&nosuch;B", "A&nosuch;B\n");
}

static void quotations_are_marked(void **state)
{
	(void)state;
	assert_text("A<blockquote>B<blockquote>C</blockquote></blockquote>D", "A\n> B\n>> C\nD\n");
	assert_text("A<div class='x gmail_quote'>B</div>C", "A\n> B\nC\n");
	assert_text("A<div id=divRplyFwdMsg>B</div><div>C</div>", "A\n> B\n> C\n");
	assert_text("A<div id=x_appendonsend></div>C", "A\n> C\n");
	assert_text("A<div style='border:none; border-top:solid #E1E1E1 1.0pt'>B</div>C",
	            "A\n> B\n> C\n");
	assert_text("<DIV STYLE='BORDER:NONE;BORDER-TOP:SOLID'>B</DIV>", "> B\n");
}

static void what_does_not_show_is_not_there(void **state)
{
	(void)state;
	assert_text("<script>A</script><style>B</style><title>C</title>D", "D\n");
	assert_text("<div style='DISPLAY : none'>A</div>B", "B\n");
	assert_text("<div hidden>A</div>B", "B\n");
	assert_text("<!-- A -->B", "B\n");
	assert_text("<span style='mso-hide:all'>A</span>B", "B\n");
	assert_text("<p style='visibility: hidden'>A</p>B", "B\n");
	assert_text("<div style='font-size: 0'>A</div>B", "B\n");
	assert_text("<div style='font-size:0px;color:red'>A</div>B", "B\n");
	assert_text("<div style='max-height:0;overflow:hidden'>A</div>B", "B\n");
	assert_text("<b style='opacity:0.00'>A</b>B", "B\n");
	assert_text("<b style='opacity:0.9;font-size:0.5em;font-size:10px'>A</b>B", "AB\n");
}

static void struck_text_is_marked(void **state)
{
	(void)state;
	assert_text("<s>A</s>", "~A~\n");
	assert_text("<del>A</del><br>B", "~A~\nB\n");
	assert_text("<span style='text-decoration: line-through'>A</span>", "~A~\n");
	assert_text("<div style='text-decoration: line-through'>A</div>B", "~A~\nB\n");
	assert_text("<p style='text-decoration:line-through'>A</p>", "~A~\n");
	assert_text("<h1 style='text-decoration:line-through'>A</h1>", "~A~\n");
	assert_text("<table><tr><td style='text-decoration:line-through'>A</td></tr></table>",
	            "~A~\n");
	assert_text("<div style='text-decoration:line-through'><div>A</div></div>B",
	            "~\nA\n~\nB\n");
}

static void broken_html_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	assert_text("<div>A<br><br><blockquote>B", "A\n\n> B\n");
	assert_text("</div></p>A", "A\n");
	assert_text("A<", "A<\n");
	assert_text("A&#xFFFFFFFF;</x>", "A\n");
	assert_text("A\001B", "A?B\n");
}

static void nesting_costs_no_stack(void **state)
{
	struct buf html = BUF_INIT(4u << 20), out = BUF_INIT(8u << 20);
	unsigned i;

	(void)state;
	for (i = 0; i < 50000; i++)
		buf_adds(&html, "<blockquote>");
	buf_adds(&html, "A");
	assert_int_equal(parse_html_text(&out, (struct span){ html.data, html.len }), OK);
	buf_free(&html);
	buf_free(&out);
}

static void assert_charset(const char *html, const char *want)
{
	char name[CHARSET_NAME_MAX];

	parse_html_charset(name, (struct span){ html, strlen(html) });
	assert_string_equal(name, want);
}

static void a_meta_element_names_the_charset(void **state)
{
	(void)state;
	assert_charset("<meta charset=utf-8>", "utf-8");
	assert_charset("<META HTTP-EQUIV='Content-Type' CONTENT='text/html; CHARSET=iso-8859-1'>",
	               "iso-8859-1");
	assert_charset("<meta charset=\"koi8-r\"/>", "koi8-r");
	assert_charset("<p>A</p>", "");
	assert_charset("<html><body><p>Some words that name nothing</p></body></html>", "");
	assert_charset("charset", "");
	assert_charset("charset=", "");
	assert_charset("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_and_breaks_end_lines),
		cmocka_unit_test(space_shows_as_a_browser_shows_it),
		cmocka_unit_test(quotations_are_marked),
		cmocka_unit_test(what_does_not_show_is_not_there),
		cmocka_unit_test(struck_text_is_marked),
		cmocka_unit_test(broken_html_is_read_as_far_as_it_goes),
		cmocka_unit_test(nesting_costs_no_stack),
		cmocka_unit_test(a_meta_element_names_the_charset),
	};

	parse_html_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
