/* SPDX-License-Identifier: MIT */
#include "mailer/arrival.h"

#include <string.h>

#include "tests/support.h"

static const struct authres_result *find(const struct authres *a, const char *method)
{
	for (unsigned i = 0; i < a->n; i++)
		if (!strcmp(a->result[i].method, method))
			return &a->result[i];
	fail_msg("no %s", method);
	return NULL;
}

static void results_are_read_as_servers_write_them(void **state)
{
	static const char *const rows[] = {
		/* Shapes of Gmail, Outlook, opendkim, and of RFC 8601's grammar at its widest */
		" mx.home.test;\r\n       dkim=pass header.i=@vote.test header.s=s1 "
		"header.b=dKl=;\r\n"
		"  spf=pass (home.test: domain of b@vote.test permits) "
		"smtp.mailfrom=\"b@vote.test\";\r\n"
		" dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=vote.test",
		"mx.home.test; spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=vote.test; "
		"dkim=pass "
		"(signature was verified)\r\n header.d=vote.test header.s=s1;dmarc=pass "
		"action=none\r\n "
		"header.from=vote.test;compauth=pass reason=100",
		"(a (nested) \\) comment) mx.home.test 1 ; dkim / 1 = PASS reason = \"a; b\" "
		"header.d = vote.test header.s=s1 ; SPF=pass smtp.mailfrom=vote.test (x); "
		"dmarc=pass header.from=vote.test;",
	};
	struct authres a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(authres_read(&a, rows[i]), OK);
		assert_string_equal(a.server, "mx.home.test");
		assert_string_equal(find(&a, "spf")->result, "pass");
		assert_string_equal(find(&a, "spf")->domain, "vote.test");
		assert_string_equal(find(&a, "dkim")->result, "pass");
		assert_string_equal(find(&a, "dkim")->domain, "vote.test");
		assert_string_equal(find(&a, "dkim")->selector, "s1");
		assert_string_equal(find(&a, "dmarc")->domain, "vote.test");
	}
	assert_int_equal(authres_read(&a, "mx.home.test; none"), OK);
	assert_int_equal(a.n, 0);
	assert_int_equal(authres_read(&a, "mx.home.test"), OK);
}

static void what_is_no_result_is_refused(void **state)
{
	static const char *const rows[] = { "",
		                            ";",
		                            "; spf=pass",
		                            "mx.test spf=pass",
		                            "mx.test; spf",
		                            "mx.test; spf=",
		                            "mx.test; spf=pass smtp.mailfrom",
		                            "mx.test; spf=pass (never ends",
		                            "mx.test; spf=\"pass",
		                            "mx.test; =pass" };
	char large[AUTHRES_TEXT_MAX + 2];
	struct authres a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (authres_read(&a, rows[i]) != ERR_FORMAT)
			fail_msg("%s is taken", rows[i]);
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = 0;
	assert_int_equal(authres_read(&a, large), ERR_TOO_LARGE);
}

static const char mail[] =
	"Return-Path: <bounce@vote.test>\r\n"
	"Received: from mail.vote.test (mail.vote.test [192.0.2.1])\r\n"
	"\tby mx.home.test (Postfix) with ESMTPS id 4X for <a@home.test>;\r\n"
	"\tSat, 28 Nov 2026 10:00:01 +0000\r\n"
	"Authentication-Results: mx.home.test; spf=pass smtp.mailfrom=vote.test\r\n"
	"Authentication-Results: mx.home.test;\r\n"
	" dkim=pass header.d=vote.test header.s=s1\r\n"
	"Authentication-Results: relay.forged.test; dmarc=pass header.from=vote.test\r\n"
	"DKIM-Signature: v=1; a=rsa-sha256; d=vote.test; s=s1;\r\n"
	"\tbh=abc; b=def\r\n"
	"Received: from desk (localhost [127.0.0.1]) by mail.vote.test with ESMTP; now\r\n"
	"Subject: =?UTF-8?Q?=C3=89lection?=\x1b[31m\r\n"
	"Message-ID: <preflight-1.x@vote.test>\r\n"
	"\r\n"
	"Authentication-Results: in.the.body; dmarc=fail\r\n";

static void the_way_of_a_mail_is_read(void **state)
{
	struct why why = { 0 };
	struct arrival a;

	(void)state;
	assert_ok(arrival_read(&a, mail, strlen(mail), &why), &why);
	assert_true(a.judged);
	assert_string_equal(a.results.server, "mx.home.test");
	assert_int_equal(a.results.n, 2); /* the reader's own server's, and no other's */
	assert_string_equal(find(&a.results, "dkim")->selector, "s1");
	assert_int_equal(a.signatures, 1);
	assert_string_equal(a.signature[0].domain, "vote.test");
	assert_string_equal(a.signature[0].selector, "s1");
	assert_int_equal(a.hops, 2);
	assert_string_equal(a.hop[0].from, "mail.vote.test");
	assert_string_equal(a.hop[0].by, "mx.home.test");
	assert_string_equal(a.hop[0].with, "ESMTPS");
	assert_true(arrival_covered(&a, 0));
	assert_string_equal(a.hop[1].from, "desk");
	assert_false(arrival_covered(&a, 1));
	assert_string_equal(a.id, "preflight-1.x@vote.test");
	assert_null(strchr(a.subject, 0x1b));
}

/* Servers have many ways to say that a step was encrypted, few of them ESMTPS. */
static void a_step_is_covered_where_its_server_says_so(void **state)
{
	static const struct {
		const char *received;
		bool covered;
	} rows[] = {
		{ "from a.test by b.test with ESMTPS id 1; now", true },
		{ "from a.test (192.0.2.1) by b.test (192.0.2.2) with Microsoft SMTP Server\n"
		  " (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20; now",
		  true },
		{ "from a.test by b.test (version=TLS1_2, cipher=TLS_AES_128) id 1; now", true },
		{ "from a.test by b.test with Microsoft SMTP Server (TLS) id 14.3; now", true },
		{ "from a.test ([::1]) by a.test ([::1%6]) with mapi id 15.20.1; now", true },
		{ "from a.test (::1) by b.test with HTTPS via c.test; now", true },
		{ "from a.test (using TLSv1 with cipher AES128-SHA (128 bits)) by b.test; now",
		  true },
		{ "from a.test by b.test with ESMTP/TLS/AES256-SHA; now", true },
		{ "from a.test by b.test with smtp (TLS: TLSv1.2,256bits,AES256) id 1; now", true },
		{ "from a.test by b.test with AES256-SHA encrypted SMTP; now", true },
		{ "from a.test by b.test with Microsoft SMTP Server id 14.3; now", false },
		{ "from a.test by b.test with Microsoft SMTPSVC(7.5.7601); now", false },
		{ "from a.test (tls.a.test [192.0.2.1]) by b.test with ESMTP; now", false },
		{ "from a.test by b.test (version=SSLv2 cipher=NONE) with ESMTP; now", false },
		{ "from a.test by tls.test with ESMTP id TLS1_2; now", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arrival a;
		char text[400];

		snprintf(text, sizeof(text), "Received: %s\n\n", rows[i].received);
		assert_int_equal(arrival_read(&a, text, strlen(text), NULL), OK);
		assert_int_equal(a.hops, 1);
		if (arrival_covered(&a, 0) != rows[i].covered)
			fail_msg("%s: %s", rows[i].received, rows[i].covered ? "open" : "covered");
	}
}

static void what_is_no_mail_is_refused(void **state)
{
	static char large[ARRIVAL_HEADER_MAX + 100];
	struct why why = { 0 };
	struct arrival a;

	(void)state;
	assert_int_equal(arrival_read(&a, "", 0, &why), ERR_FORMAT);
	assert_int_equal(arrival_read(&a, "<html>", 6, &why), ERR_FORMAT);
	assert_int_equal(arrival_read(&a, "\r\nSubject: x\r\n", 14, &why), ERR_FORMAT);
	assert_non_null(strstr(why.text, ".eml"));
	memset(large, 'a', sizeof(large));
	memcpy(large, "Subject:", 8);
	for (size_t i = 100; i < sizeof(large); i += 100)
		memcpy(large + i, "\nX: ", 4);
	assert_int_equal(arrival_read(&a, large, sizeof(large), &why), ERR_TOO_LARGE);
}

static void a_flood_of_headers_is_capped(void **state)
{
	static char flood[60000];
	struct arrival a;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		strcat(flood, "Received: from a by b with SMTP; x\n"
		              "DKIM-Signature: d=a.test; s=b\n"
		              "Authentication-Results: mx.test; spf=pass; dkim=pass; dmarc=pass\n");
	assert_int_equal(arrival_read(&a, flood, strlen(flood), NULL), OK);
	assert_int_equal(a.hops, ARRIVAL_HOPS);
	assert_int_equal(a.signatures, ARRIVAL_SIGNATURES);
	assert_int_equal(a.results.n, AUTHRES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_read_as_servers_write_them),
		cmocka_unit_test(what_is_no_result_is_refused),
		cmocka_unit_test(the_way_of_a_mail_is_read),
		cmocka_unit_test(a_step_is_covered_where_its_server_says_so),
		cmocka_unit_test(what_is_no_mail_is_refused),
		cmocka_unit_test(a_flood_of_headers_is_capped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
