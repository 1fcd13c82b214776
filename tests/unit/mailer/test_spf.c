/* SPDX-License-Identifier: MIT */
#include "mailer/spf_walk.h"

#include "mailer/preflight.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/named.h"

static void a_record_is_read_in_its_form(void **state)
{
	static const struct {
		const char *text;
		unsigned terms;
		char rest;
	} rows[] = {
		{ "v=spf1", 0, 0 },
		{ "v=spf1 -all", 1, '-' },
		{ "V=SPF1  A MX:mail.example.org ~ALL ", 3, '~' },
		{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all", 3, '?' },
		{ "v=spf1 a/24 a:x.test/24//64 mx//64 ptr ptr:x.test +all", 6, '+' },
		{ "v=spf1 exists:%{i}._spf.%{d2} include:_spf.x.test redirect=y.test", 2, '>' },
		{ "v=spf1 exp=why.%{d} new-thing=a:b/c -all", 1, '-' },
	};
	struct spf s;
	struct why why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(spf_claimed(rows[i].text));
		assert_ok(spf_read(&s, rows[i].text, &why), &why);
		assert_int_equal(s.n, rows[i].terms);
		assert_int_equal(spf_rest(&s), rows[i].rest);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const char *const rows[] = {
		"ip4:192.0.2",  "ip4",     "ip4:1.2.3.4/33", "ip6:192.0.2.1",
		"all:x.test",   "include", "include:",       "include:nodot",
		"a:",           "mx/33",   "a//129",         "include:x.test/24",
		"ipv4:1.2.3.4", "-",       "spf2",           "a:b c",
		"redirect=",    "a/x",     "mx:b_!d.test",
	};
	struct spf s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = { 0 };
		char text[100], word[100];

		snprintf(text, sizeof(text), "v=spf1 mx %s -all", rows[i]);
		snprintf(word, sizeof(word), "“%.*s", (int)strcspn(rows[i], " "), rows[i]);
		if (spf_read(&s, text, &why) != ERR_FORMAT)
			fail_msg("%s is taken", text);
		if (!strchr(rows[i], ' ') && !strstr(why.text, word))
			fail_msg("%s: %s", text, why.text);
	}
	assert_int_equal(spf_read(&s, "v=spf1 redirect=a.test redirect=b.test", NULL), ERR_FORMAT);
	assert_false(spf_claimed("v=spf10 -all"));
	assert_false(spf_claimed("v=spf2.0/pra -all"));
	assert_false(spf_claimed(" v=spf1 -all"));
}

static void a_record_has_a_cap(void **state)
{
	char text[2000] = "v=spf1";
	struct spf s;

	(void)state;
	for (unsigned i = 0; i <= SPF_TERMS_MAX; i++)
		strcat(text, " ip4:192.0.2.1");
	assert_int_equal(spf_read(&s, text, NULL), ERR_FORMAT);
}

static const char zone[] =
	"{\"a.test\": {\"A\": [\"192.0.2.7\"]}, \"mail.test\": {\"A\": [\"192.0.2.9\"],"
	"  \"AAAA\": [\"2001:db8::9\"]},"
	" \"m.test\": {\"MX\": [[1, \"mail.test\"]]},"
	" \"soft.test\": {\"TXT\": [\"other\", \"v=spf1 a:a.test ~all\"]},"
	" \"both.test\": {\"TXT\": [\"v=spf1 a:a.test a:mail.test ~all\"]},"
	" \"loop.test\": {\"TXT\": [\"v=spf1 include:loop.test -all\"]},"
	" \"two.test\": {\"TXT\": [\"v=spf1 -all\", \"v=spf1 +all\"]},"
	" \"broken.test\": {\"TXT\": [\"v=spf1 ip4:x -all\"]},"
	" \"fails.test\": \"servfail\"}";

static struct spf_walk walk(struct named *n, const char *record, const char *address)
{
	struct spf_walk w = { .dns = n->dns, .address = address };
	struct spf s;
	struct why why = { 0 };

	assert_ok(spf_read(&s, record, &why), &why);
	assert_int_equal(spf_walk(&w, &s, "own.test"), OK);
	return w;
}

static void the_first_term_that_matches_decides(void **state)
{
	static const struct {
		const char *record, *address;
		enum spf_result result;
		unsigned lookups;
	} rows[] = {
		{ "v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.77", SPF_PASS, 0 },
		{ "v=spf1 ip4:192.0.2.0/25 -all", "192.0.2.177", SPF_FAIL, 0 },
		{ "v=spf1 ip6:2001:db8::/33 ~all", "2001:db8:8000::1", SPF_SOFTFAIL, 0 },
		{ "v=spf1 ip6:2001:db8::/32 ~all", "2001:db8:8000::1", SPF_PASS, 0 },
		{ "v=spf1 a:a.test mx:m.test -all", "192.0.2.9", SPF_PASS, 2 },
		{ "v=spf1 mx:m.test -all", "2001:db8::9", SPF_PASS, 1 },
		{ "v=spf1 mx:m.test -all", "2001:db8::8", SPF_FAIL, 1 },
		{ "v=spf1 a:a.test/24 -all", "192.0.2.200", SPF_PASS, 1 },
		{ "v=spf1 -ip4:192.0.2.7 include:soft.test -all", "192.0.2.7", SPF_FAIL, 2 },
		{ "v=spf1 include:soft.test ?all", "192.0.2.7", SPF_PASS, 2 },
		{ "v=spf1 include:soft.test ?all", "192.0.2.8", SPF_NEUTRAL, 2 },
		{ "v=spf1 redirect=soft.test", "192.0.2.8", SPF_SOFTFAIL, 2 },
		{ "v=spf1 -all include:soft.test", "192.0.2.7", SPF_FAIL, 0 },
		{ "v=spf1 mx:m.test", "", SPF_NEUTRAL, 1 },
	};
	struct named n;

	named_start(&n, state, zone, 2000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spf_walk w = walk(&n, rows[i].record, rows[i].address);

		if (w.result != rows[i].result || w.lookups != rows[i].lookups || w.wrong.text[0])
			fail_msg("%s of %s: %u after %u (%s)", rows[i].record, rows[i].address,
			         w.result, w.lookups, w.wrong.text);
	}
	named_stop(&n);
}

static void what_a_record_refers_to_may_be_wrong(void **state)
{
	struct spf_walk w;
	struct named n;

	named_start(&n, state, zone, 2000);
	w = walk(&n, "v=spf1 include:gone.test -all", "192.0.2.7");
	assert_non_null(strstr(w.wrong.text, "gone.test"));
	assert_int_equal(w.voids, 1);
	w = walk(&n, "v=spf1 include:two.test -all", "");
	assert_non_null(strstr(w.wrong.text, "two SPF records"));
	w = walk(&n, "v=spf1 include:broken.test -all", "");
	assert_non_null(strstr(w.wrong.text, "“ip4:x”"));
	w = walk(&n, "v=spf1 include:fails.test -all", "");
	assert_true(w.unseen);
	assert_string_equal(w.missing, "fails.test");
	assert_int_equal(w.wrong.text[0], 0);
	w = walk(&n, "v=spf1 exists:%{i}.x.test -all", "192.0.2.7");
	assert_true(w.macro);
	assert_int_equal(w.lookups, 1);
	named_stop(&n);
}

#define FIVE " a:a.test a:a.test a:a.test a:a.test a:a.test"
#define TEN  FIVE FIVE

/* RFC 7208: a receiver goes from left to right, ends at the first match, and fails at the 11th. */
static void a_receiver_ends_at_the_first_match(void **state)
{
	static const struct {
		const char *record, *address;
		unsigned lookups;
		bool error;
	} rows[] = {
		{ "v=spf1" TEN " a:mail.test -all", "192.0.2.9", 11, true },
		{ "v=spf1" TEN " a:mail.test -all", "192.0.2.8", 11, true },
		{ "v=spf1" TEN " a:mail.test -all", "", 11, true },
		{ "v=spf1" TEN " ip4:192.0.2.9 a:mail.test -all", "192.0.2.9", 11, false },
		{ "v=spf1 a:mail.test" TEN " -all", "192.0.2.9", 11, false },
		{ "v=spf1" TEN " -all", "192.0.2.9", 10, false },
		/* Within an include, too: what stands behind the match there is not asked. */
		{ "v=spf1" FIVE " a:a.test a:a.test a:a.test include:both.test -all", "192.0.2.9",
		  11, true },
		{ "v=spf1 -ip4:192.0.2.7 a:mail.test" TEN " -all", "192.0.2.9", 11, false },
		{ "v=spf1 a:mail.test a:mail.test include:both.test" FIVE FIVE " -all", "192.0.2.7",
		  15, false },
		{ "v=spf1 include:gone.test ip4:192.0.2.9 -all", "192.0.2.9", 1, true },
		{ "v=spf1 ip4:192.0.2.9 include:gone.test -all", "192.0.2.9", 1, false },
		{ "v=spf1 include:loop.test ip4:192.0.2.9 -all", "192.0.2.9", 0, true },
		{ "v=spf1 ip4:192.0.2.9 include:loop.test -all", "192.0.2.9", 0, false },
	};
	struct named n;

	named_start(&n, state, zone, 2000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spf_walk w = walk(&n, rows[i].record, rows[i].address);

		if (w.error != rows[i].error || (rows[i].lookups && w.lookups != rows[i].lookups))
			fail_msg("%s of %s: %s after %u", rows[i].record, rows[i].address,
			         w.error ? "an error" : "none", w.lookups);
	}
	named_stop(&n);
}

static enum finding_level judge(struct named *n, void **state, const char *record,
                                const char *address)
{
	struct findings findings = { 0 };
	struct conf conf = { .bounce = "b@own.test", .address = "a@own.test" };
	struct preflight p = { .conf = &conf, .findings = &findings };
	enum finding_level level;
	char text[4000];

	snprintf(text, sizeof(text), "{\"own.test\": {\"TXT\": [\"%s\"]}, %s", record, zone + 1);
	named_start(n, state, text, 2000);
	p.dns = n->dns;
	snprintf(p.probe.address, sizeof(p.probe.address), "%s", address);
	assert_int_equal(preflight_spf(&p), OK);
	assert_int_equal(findings.n, 1);
	level = findings.finding[0].level;
	findings_release(&findings);
	named_stop(n);
	return level;
}

/* Too many lookups are no reason not to send: the relay's own mail may pass before, from wherever
 * it sends. */
static void a_relay_that_passes_early_may_send(void **state)
{
	struct named n;

	assert_int_equal(judge(&n, state, "v=spf1 a:mail.test -all", "192.0.2.9"), FINDING_OK);
	assert_int_equal(
		judge(&n, state, "v=spf1 ip4:192.0.2.9" TEN " mx:m.test -all", "192.0.2.9"),
		FINDING_WARNING);
	assert_int_equal(judge(&n, state, "v=spf1" TEN " mx:m.test -all", "192.0.2.9"),
	                 FINDING_WARNING);
	assert_int_equal(
		judge(&n, state, "v=spf1 ip4:192.0.2.9" TEN " mx:m.test -all", "192.0.2.8"),
		FINDING_WARNING);
	/* From where a relay on this machine sends on cannot be seen. */
	assert_int_equal(
		judge(&n, state, "v=spf1 ip4:127.0.0.1" TEN " mx:m.test -all", "127.0.0.1"),
		FINDING_WARNING);
	assert_int_equal(
		judge(&n, state, "v=spf1 ip4:192.0.2.9 include:gone.test -all", "192.0.2.9"),
		FINDING_WARNING);
	assert_int_equal(
		judge(&n, state, "v=spf1 include:gone.test ip4:192.0.2.9 -all", "192.0.2.9"),
		FINDING_STOP);
}

static void a_loop_ends(void **state)
{
	struct spf_walk w;
	struct named n;

	named_start(&n, state, zone, 2000);
	w = walk(&n, "v=spf1 include:loop.test -all", "192.0.2.7");
	assert_true(w.lookups > SPF_LOOKUPS_MAX);
	named_stop(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_read_in_its_form),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_record_has_a_cap),
		TEMP_TEST(the_first_term_that_matches_decides),
		TEMP_TEST(what_a_record_refers_to_may_be_wrong),
		TEMP_TEST(a_receiver_ends_at_the_first_match),
		TEMP_TEST(a_relay_that_passes_early_may_send),
		TEMP_TEST(a_loop_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
