/* SPDX-License-Identifier: MIT */
#include "mailer/dmarc.h"

#include <string.h>

#include "mailer/orgdomain.h"
#include "tests/support.h"

static void a_policy_is_read_in_its_form(void **state)
{
	struct why why = { 0 };
	struct dmarc d;

	(void)state;
	assert_ok(dmarc_read(&d, "v=DMARC1; p=none", &why), &why);
	assert_int_equal(d.policy, DMARC_NONE);
	assert_int_equal(d.subdomains, DMARC_NONE);
	assert_int_equal(d.percent, 100);
	assert_false(d.strict_spf || d.strict_dkim || d.reports);
	assert_ok(dmarc_read(&d,
	                     "v=DMARC1;p=Reject;sp=quarantine;aspf=s;adkim=s;pct=5;rua=mailto:a@b",
	                     &why),
	          &why);
	assert_int_equal(d.policy, DMARC_REJECT);
	assert_int_equal(d.subdomains, DMARC_QUARANTINE);
	assert_int_equal(d.percent, 5);
	assert_true(d.strict_spf && d.strict_dkim && d.reports);
	assert_string_equal(dmarc_policy_name(d.policy), "reject");
}

static void what_is_none_is_told(void **state)
{
	static const char *const rows[] = {
		"v=DMARC1",         "v=DMARC1; p=",           "v=DMARC1; p=maybe",
		"p=none; v=DMARC1", "v=DMARC1; p=none; sp=x", "v=DMARC1; p=none; pct=101",
		"v=DMARC1 p=none",  "v=dmarc1; p=none",       ""
	};
	struct dmarc d;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = { 0 };

		if (dmarc_read(&d, rows[i], &why) != ERR_FORMAT || !why.text[0])
			fail_msg("%s is taken", rows[i]);
	}
	assert_true(dmarc_claimed("v=DMARC1; p=x"));
	assert_true(dmarc_claimed(" v = DMARC1; p=x"));
	assert_false(dmarc_claimed("v=spf1 -all"));
	assert_false(dmarc_claimed("v"));
}

static void an_owner_is_known_by_the_registered_domain(void **state)
{
	static const char *const rows[][2] = {
		{ "vote.example.co.uk", "example.co.uk" },
		{ "Example.ORG.", "example.org" },
		{ "a.b.example.fr", "example.fr" },
		{ "mail.vote.test", "vote.test" },
		{ "co.uk", "co.uk" },
		{ "test", "test" },
	};
	char out[DNS_NAME_TEXT], large[600];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		orgdomain_of(out, rows[i][0]);
		assert_string_equal(out, rows[i][1]);
	}
	assert_true(orgdomain_same("bounce.example.org", "EXAMPLE.org"));
	assert_false(orgdomain_same("one.co.uk", "two.co.uk"));
	assert_false(orgdomain_same("", ""));
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = 0;
	orgdomain_of(out, large);
	assert_int_equal(strlen(out), DNS_NAME_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_is_read_in_its_form),
		cmocka_unit_test(what_is_none_is_told),
		cmocka_unit_test(an_owner_is_known_by_the_registered_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
