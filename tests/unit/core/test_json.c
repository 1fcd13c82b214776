/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <string.h>

#include "core/json.h"
#include "tests/refuse.h"

/* Section 1, and the name that each refusal bears. */
static void json_has_one_form(void **state)
{
	static const struct {
		const char *line, *check;
	} bad[] = {
		{ "{\"a\":1,\"a\":2}", "json duplicate key" },
		{ "{\"a\":1.0}", "json number" },
		{ "{\"a\":1e3}", "json number" },
		{ "{\"a\":-1}", "json number" },
		{ "{\"a\":9007199254740992}", "json number" },
		{ "{\"a\":99999999999999999999}", "json number" },
		{ "{\"a\":-0}", "line not canonical" },
		{ "{\"a\":01}", "json" },
		{ "{\"a\": 1}", "line not canonical" },
		{ " {\"a\":1}", "line not canonical" },
		{ "{\"a\":1}\n", "line not canonical" },
		{ "{\"\\u0061\":1}", "line not canonical" },
		{ "{\"a\":\"\\/\"}", "line not canonical" },
		{ "{\"a\":\"\\n\"}", "json text" },
		{ "{\"a\":\"\\u0000\"}", "json text" },
		{ "{\"a\":\"\xe2\x80\xae\"}", "json text" },
		{ "{\"a\":\"\xff\"}", "json" },
		{ "\xef\xbb\xbf{\"a\":1}", "json" },
		{ "{\"a\":1}x", "json" },
		{ "", "json" },
	};
	static const char good[] = "{\"a\":\"\\\"\\\\é\",\"b\":[true,0]}";
	struct why why;
	json_t *root;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		memset(&why, 0, sizeof(why));
		assert_int_equal(json_read(&root, bad[i].line, strlen(bad[i].line), &why),
		                 ERR_INVALID);
		assert_null(root);
		assert_string_equal(why.check, bad[i].check);
	}
	assert_ok(json_read(&root, good, strlen(good), NULL), NULL);
	json_decref(root);
}

static void keys_come_in_their_order(void **state)
{
	static const char *const bad[] = { "{\"b\":1,\"a\":2}",         "{\"a\":2}",
		                           "{\"a\":2,\"b\":1,\"c\":0}", "[1]",
		                           "{\"a\":2,\"b\":true}",      "{\"a\":2,\"b\":\"1\"}" };
	struct why why = { 0 };
	struct fields f;
	json_t *root;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_ok(json_read(&root, bad[i], strlen(bad[i]), &why), &why);
		fields_begin(&f, root, "thing", &why);
		fields_number(&f, "a", 0, 9);
		fields_number(&f, "b", 0, 9);
		assert_int_equal(fields_end(&f), ERR_INVALID);
		assert_true(why.check[0]);
		json_decref(root);
	}
	assert_string_equal(why.check, "thing b");
}

/* Deep nesting costs no stack and is refused. */
static void depth_is_bounded(void **state)
{
	static const char brackets[] = "[\"[[[[[[[[[[[[[[[[[[[[\\\"[[[\"]";
	struct buf b = BUF_INIT(1 << 20);
	struct why why = { 0 };
	json_t *root;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++)
		buf_addc(&b, '[');
	assert_int_equal(json_read(&root, b.data, b.len, NULL), ERR_INVALID);
	assert_int_equal(json_read(&root, b.data, 17, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "deeper"));
	buf_free(&b);
	/* What stands in a string is no nesting. */
	assert_ok(json_read(&root, brackets, strlen(brackets), &why), &why);
	json_decref(root);
}

/* Keys longer than what a text has room for: each makes it grow. */
static const char long_keys[] =
	"{\"a key of more than sixteen bytes\":1,\"another one that is longer than all of the "
	"text before it, and so has to grow\":{\"b\":[2,\"c\"]},\"d\":\"e\"}";

static enum err read_one(void *line, struct why *why)
{
	json_t *root;
	enum err e = json_read(&root, line, strlen(line), why);

	if (e)
		assert_null(root);
	json_decref(root);
	return e;
}

/* Wherever memory runs out, a good line is told as that, never as a fault of its own: a good
 * ballot would be lost by it. */
static void want_of_memory_is_no_fault_of_the_line(void **state)
{
	static char line[] = "{\"type\":\"x\",\"list\":[1,{\"a\":\"b\"},true],\"text\":\"e\"}";

	(void)state;
	refuse_each("json_read", read_one, line, 5);
}

static enum err write_one(void *root, struct why *why)
{
	struct buf out = BUF_INIT(4096);
	enum err e;

	(void)why;
	json_add(&out, root);
	e = buf_err(&out);
	if (!e)
		assert_string_equal(buf_text(&out), long_keys);
	buf_free(&out);
	return e;
}

/* A key that there was no room for must not be left out in silence. */
static void want_of_memory_loses_nothing_that_is_written(void **state)
{
	json_t *root;

	(void)state;
	assert_int_equal(json_read(&root, long_keys, strlen(long_keys), NULL), OK);
	refuse_each("json_add", write_one, root, 5);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_one_form),
		cmocka_unit_test(keys_come_in_their_order),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(want_of_memory_is_no_fault_of_the_line),
		cmocka_unit_test(want_of_memory_loses_nothing_that_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
