/* SPDX-License-Identifier: MIT */
#include "mailer/dns.h"

#include "core/monotime.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/named.h"

static const char zone[] =
	"{\"a.test\": {\"TXT\": [[\"v=spf1 \", \"-all\"], \"two\\u0007\\u00e9\"],"
	"             \"MX\": [[20, \"late.test\"], [10, \"first.test\"]],"
	"             \"A\": [\"192.0.2.7\"], \"AAAA\": [\"2001:db8::7\"]},"
	" \"null.test\": {\"MX\": [[0, \".\"]]},"
	" \"7.2.0.192.in-addr.arpa\": {\"PTR\": [\"a.test\", \"b.test\"]},"
	" \"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa\":"
	"  {\"PTR\": [\"six.test\"]},"
	" \"long.test\": {\"truncated\": {\"TXT\": [\"by tcp\"]}},"
	" \"fails.test\": \"servfail\", \"refuses.test\": \"refused\", \"silent.test\": \"silent\","
	" \"garbage.test\": \"garbage\", \"stranger.test\": \"stranger\","
	" \"many.test\": {\"TXT\": [";

static void start(struct named *n, void **state, unsigned timeout)
{
	char text[8192];
	size_t at = (size_t)snprintf(text, sizeof(text), "%s", zone);

	for (unsigned i = 0; i < 40; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\"t%u\"", i ? "," : "", i);
	snprintf(text + at, sizeof(text) - at, "]}}");
	named_start(n, state, text, timeout);
}

static struct dns_reply ask(struct named *n, enum dns_kind kind, const char *name)
{
	struct dns_reply r;

	assert_int_equal(dns_ask(&r, n->dns, kind, name), OK);
	return r;
}

static void records_come_whole_and_printable(void **state)
{
	struct dns_reply r;
	struct named n;

	start(&n, state, 2000);
	r = ask(&n, DNS_TXT, "a.test");
	assert_int_equal(r.result, DNS_FOUND);
	assert_int_equal(r.n, 2);
	assert_string_equal(r.text[0], "v=spf1 -all"); /* its strings joined */
	assert_string_equal(r.text[1], "two??");
	dns_reply_release(&r);
	r = ask(&n, DNS_MX, "A.Test");
	assert_int_equal(r.n, 2);
	assert_string_equal(r.text[0], "first.test");
	dns_reply_release(&r);
	r = ask(&n, DNS_MX, "null.test");
	assert_int_equal(r.n, 1);
	assert_string_equal(r.text[0], "");
	dns_reply_release(&r);
	r = ask(&n, DNS_ADDRESS, "a.test");
	assert_int_equal(r.n, 2);
	dns_reply_release(&r);
	r = ask(&n, DNS_POINTER, "192.0.2.7");
	assert_int_equal(r.n, 2);
	assert_string_equal(r.text[0], "a.test");
	dns_reply_release(&r);
	r = ask(&n, DNS_POINTER, "2001:db8::7");
	assert_int_equal(r.n, 1);
	assert_string_equal(r.text[0], "six.test");
	dns_reply_release(&r);
	named_stop(&n);
}

static void what_is_not_there_is_not_what_failed(void **state)
{
	static const struct {
		const char *name;
		enum dns_kind kind;
		enum dns_result result;
	} rows[] = {
		{ "gone.test", DNS_TXT, DNS_NO_NAME },
		{ "gone.test", DNS_ADDRESS, DNS_NO_NAME },
		{ "null.test", DNS_TXT, DNS_NO_RECORD },
		{ "null.test", DNS_ADDRESS, DNS_NO_RECORD },
		{ "fails.test", DNS_TXT, DNS_FAILED },
		{ "refuses.test", DNS_TXT, DNS_FAILED },
		{ "refuses.test", DNS_MX, DNS_FAILED },
		{ "garbage.test", DNS_TXT, DNS_FAILED },
		{ "not an address", DNS_POINTER, DNS_NO_NAME },
		{ "", DNS_TXT, DNS_NO_NAME },
		{ "two..dots.test", DNS_TXT, DNS_FAILED },
	};
	struct named n;

	start(&n, state, 300);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dns_reply r = ask(&n, rows[i].kind, rows[i].name);

		if (r.result != rows[i].result)
			fail_msg("%s: %u, not %u (%s)", rows[i].name, r.result, rows[i].result,
			         r.trouble);
		assert_int_equal(!r.trouble[0], r.result != DNS_FAILED);
		dns_reply_release(&r);
	}
	named_stop(&n);
}

static void a_long_name_is_none(void **state)
{
	char name[400];
	struct dns_reply r;
	struct named n;

	start(&n, state, 300);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	r = ask(&n, DNS_TXT, name);
	assert_int_equal(r.result, DNS_NO_NAME);
	dns_reply_release(&r);
	named_stop(&n);
}

static void silence_and_strangers_end_in_time(void **state)
{
	uint64_t begun = monotime_ms();
	struct dns_reply r;
	struct named n;

	start(&n, state, 100);
	r = ask(&n, DNS_TXT, "silent.test");
	assert_int_equal(r.result, DNS_FAILED);
	assert_string_equal(r.trouble, "No answer in time.");
	dns_reply_release(&r);
	r = ask(&n, DNS_TXT, "stranger.test"); /* the answer to another question */
	assert_int_equal(r.result, DNS_FAILED);
	dns_reply_release(&r);
	assert_true(monotime_ms() - begun < 5000);
	r = ask(&n, DNS_TXT, "a.test"); /* an answer: it is not away */
	assert_int_equal(r.result, DNS_FOUND);
	dns_reply_release(&r);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ask(&n, DNS_MX, "silent.test").result, DNS_FAILED);
	begun = monotime_ms();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ask(&n, DNS_TXT, "a.test").result, DNS_FAILED);
	assert_true(monotime_ms() - begun < 5000);
	named_stop(&n);
}

/* One server that fails is not the DNS; where all do, it is said how. */
static void the_next_server_is_asked(void **state)
{
	static const char sick[] = "{\"a.test\": \"servfail\", \"b.test\": \"refused\","
				   " \"c.test\": \"silent\", \"fails.test\": \"servfail\","
				   " \"refuses.test\": \"refused\", \"here.test\": {}}";
	static const char well[] = "{\"a.test\": {\"TXT\": [\"a\"], \"A\": [\"192.0.2.1\"]},"
				   " \"b.test\": {\"TXT\": [\"b\"], \"A\": [\"192.0.2.2\"]},"
				   " \"c.test\": {\"TXT\": [\"c\"], \"A\": [\"192.0.2.3\"]},"
				   " \"here.test\": {\"TXT\": [\"no server's word is doubted\"]},"
				   " \"fails.test\": \"servfail\", \"refuses.test\": \"refused\"}";
	static const char *const names[] = { "a.test", "b.test", "c.test" };
	struct named first, second;
	char both[100];
	struct dns *d = NULL;
	struct dns_reply r;

	named_start(&first, state, sick, 100);
	named_start(&second, state, well, 100);
	snprintf(both, sizeof(both), "%s,%s", first.resolver, second.resolver);
	assert_int_equal(dns_open(&d, both, 200, NULL), OK);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(dns_ask(&r, d, DNS_TXT, names[i]), OK);
		assert_int_equal(r.result, DNS_FOUND);
		assert_memory_equal(r.text[0], names[i], 1);
		dns_reply_release(&r);
		assert_int_equal(dns_ask(&r, d, DNS_ADDRESS, names[i]), OK);
		assert_int_equal(r.result, DNS_FOUND);
		dns_reply_release(&r);
	}
	assert_int_equal(dns_ask(&r, d, DNS_TXT, "here.test"), OK);
	assert_int_equal(r.result, DNS_NO_RECORD);
	assert_int_equal(dns_ask(&r, d, DNS_TXT, "fails.test"), OK);
	assert_int_equal(r.result, DNS_FAILED);
	assert_non_null(strstr(r.trouble, "SERVFAIL"));
	assert_int_equal(dns_ask(&r, d, DNS_MX, "refuses.test"), OK);
	assert_int_equal(r.result, DNS_FAILED);
	assert_non_null(strstr(r.trouble, "REFUSED"));
	dns_close(d);
	named_stop(&second);
	named_stop(&first);
}

static void what_was_cut_is_asked_for_by_tcp(void **state)
{
	struct dns_reply r;
	struct named n;

	start(&n, state, 2000);
	r = ask(&n, DNS_TXT, "long.test");
	assert_int_equal(r.result, DNS_FOUND);
	assert_string_equal(r.text[0], "by tcp");
	dns_reply_release(&r);
	named_stop(&n);
}

static void records_beyond_the_cap_are_left_out(void **state)
{
	struct dns_reply r;
	struct named n;

	start(&n, state, 2000);
	r = ask(&n, DNS_TXT, "many.test");
	assert_int_equal(r.n, DNS_RECORDS_MAX);
	assert_true(r.more);
	dns_reply_release(&r);
	named_stop(&n);
}

static void a_resolver_must_be_an_address(void **state)
{
	struct dns *d = NULL;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(dns_open(&d, "not an address", 100, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "[preflight] resolver"));
	assert_null(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(records_come_whole_and_printable),
		TEMP_TEST(what_is_not_there_is_not_what_failed),
		TEMP_TEST(a_long_name_is_none),
		TEMP_TEST(silence_and_strangers_end_in_time),
		TEMP_TEST(the_next_server_is_asked),
		TEMP_TEST(what_was_cut_is_asked_for_by_tcp),
		TEMP_TEST(records_beyond_the_cap_are_left_out),
		TEMP_TEST(a_resolver_must_be_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
