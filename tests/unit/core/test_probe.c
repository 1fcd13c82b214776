/* SPDX-License-Identifier: MIT */
#include "core/mail/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/relay.h"
#include "tests/unit/temp.h"

/* TLS and certificates are looked at in tests/flow/preflight.py, at a real relay. */
static struct probe look(struct relay_play *r, const char *user, const char *password_file)
{
	const struct relay relay = { .host = (char *)"127.0.0.1",
		                     .port = r->port,
		                     .user = (char *)user,
		                     .password_file = (char *)password_file,
		                     .timeout = 2 };
	struct why why = { 0 };
	struct probe p;

	assert_int_equal(probe_relay(&p, &relay, &why), OK);
	return p;
}

static struct probe look_in(enum relay_mood mood)
{
	struct relay_play r;
	struct probe p;

	relay_start(&r, mood, -1);
	p = look(&r, NULL, NULL);
	relay_stop(&r);
	return p;
}

static void a_relay_is_looked_at_without_a_message(void **state)
{
	struct relay_play r;
	struct probe p;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	r.utf8 = true;
	p = look(&r, NULL, NULL);
	assert_int_equal(p.end, PROBE_WELL);
	assert_string_equal(p.address, "127.0.0.1");
	assert_true(p.utf8);
	assert_false(p.starttls);
	assert_string_equal(p.tls, "");
	assert_string_equal(p.auth, "");
	r.utf8 = false;
	assert_false(look(&r, NULL, NULL).utf8);
	assert_int_equal(r.accepted, 0);
	assert_int_equal(r.commands.len, 0); /* no MAIL, no RCPT */
	relay_stop(&r);
}

static void a_password_is_tried(void **state)
{
	const char *right = temp_text(state, "right", "open sesame\n"),
		   *wrong = temp_text(state, "wrong", "open barley\n");
	struct relay_play r;
	struct probe p;

	relay_start(&r, RELAY_FINE, 0);
	r.auth = "PLAIN";
	r.user = "vote";
	r.password = "open sesame";
	p = look(&r, "vote", right);
	assert_int_equal(p.end, PROBE_WELL);
	assert_string_equal(p.auth, "PLAIN");
	p = look(&r, "vote", wrong);
	assert_int_equal(p.end, PROBE_DENIED);
	assert_int_equal(p.code, 535);
	relay_stop(&r);
}

static void each_way_to_fail_is_told_apart(void **state)
{
	struct relay relay = { .host = (char *)"127.0.0.1", .port = 1, .timeout = 2 };
	struct relay_play r;
	struct probe p;

	(void)state;
	p = look_in(RELAY_CLOSED);
	assert_int_equal(p.end, PROBE_NO_SMTP);
	assert_int_equal(p.code, 554);
	p = look_in(RELAY_BUSY);
	assert_int_equal(p.end, PROBE_NO_SMTP);
	assert_int_equal(p.code, 421);
	assert_int_equal(probe_relay(&p, &relay, NULL), OK);
	assert_int_equal(p.end, PROBE_NO_ANSWER);
	assert_true(p.text[0]);
	relay.host = (char *)"gone.invalid";
	assert_int_equal(probe_relay(&p, &relay, NULL), OK);
	assert_int_equal(p.end, PROBE_NO_NAME);
	relay_start(&r, RELAY_FINE, 0);
	relay.host = (char *)"127.0.0.1";
	relay.port = r.port;
	relay.tls = SMTP_TLS_STARTTLS;
	assert_int_equal(probe_relay(&p, &relay, NULL), OK);
	assert_int_equal(p.end, PROBE_NO_TLS);
	relay.tls = SMTP_TLS_IMPLICIT;
	assert_int_equal(probe_relay(&p, &relay, NULL), OK);
	assert_int_equal(p.end, PROBE_HANDSHAKE);
	relay_stop(&r);
}

static void settings_are_refused_as_by_send(void **state)
{
	const struct relay relay = { .host = (char *)"relay.example.org",
		                     .port = 25,
		                     .user = (char *)"vote",
		                     .password_file = (char *)"x" };
	struct why why = { 0 };
	struct probe p;

	(void)state;
	assert_int_equal(probe_relay(&p, &relay, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "in the clear"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relay_is_looked_at_without_a_message),
		TEMP_TEST(a_password_is_tried),
		cmocka_unit_test(each_way_to_fail_is_told_apart),
		cmocka_unit_test(settings_are_refused_as_by_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
