/* SPDX-License-Identifier: MIT */
#include "receiver/options.h"

#include <stdio.h>
#include <string.h>

#include "tests/support.h"
#include "tests/unit/temp.h"

static void the_example_is_read_as_it_stands(void **state)
{
	struct options o;
	struct why why = { 0 };

	(void)state;
	assert_ok(options_read(&o, ".", "../config/receiver.conf", &why), &why);
	assert_string_equal(o.listen, "inet:127.0.0.1:2424");
	assert_string_equal(o.sender_address, "ballot-box@vote.example.org");
	assert_int_equal(o.a_day, 3);
	assert_int_equal(o.relay.port, 25);
	assert_int_equal(o.relay.tls, SMTP_TLS_NONE);
	assert_null(o.relay.user);
	assert_string_equal(o.http.listen, "");
	assert_false(o.http.forwarded);
	assert_string_equal(o.imap.host, "");
	assert_int_equal(o.mailbox.port, 993);
	assert_int_equal(o.mailbox.tls, SMTP_TLS_IMPLICIT);
	assert_string_equal(o.mailbox.folder, "INBOX");
	assert_null(o.mailbox.password_file);
	options_release(&o);
}

/* Every key that stands commented out in the example is one that exists, with that default. */
static void what_the_example_leaves_out_is_the_default(void **state)
{
	char line[1024], text[16384] = "";
	struct options given, left_out;
	struct why why = { 0 };
	const char *path;
	FILE *f = fopen("../config/receiver.conf", "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		const char *at = line;

		if (at[0] == '#' && at[1] != ' ' && at[1] != '\n')
			at++;
		strcat(text, at);
	}
	fclose(f);
	path = temp_file(state, "receiver.conf", text, strlen(text));
	assert_ok(options_read(&given, ".", path, &why), &why);
	assert_ok(options_read(&left_out, ".", "../config/receiver.conf", &why), &why);
	assert_int_equal(given.connections, left_out.connections);
	assert_int_equal(given.seconds, left_out.seconds);
	assert_int_equal(given.a_day, left_out.a_day);
	assert_int_equal(given.map_gib, left_out.map_gib);
	assert_int_equal(given.timeout, left_out.timeout);
	assert_int_equal(given.relay_connections, left_out.relay_connections);
	assert_int_equal(given.per_connection, left_out.per_connection);
	assert_null(given.relay.ca_file);
	assert_int_equal(given.http.connections, left_out.http.connections);
	assert_int_equal(given.http.per_source, left_out.http.per_source);
	assert_int_equal(given.http.seconds, left_out.http.seconds);
	assert_int_equal(given.http.forwarded, left_out.http.forwarded);
	assert_string_equal(given.imap.host, left_out.imap.host);
	assert_string_equal(given.imap.folder, left_out.imap.folder);
	assert_int_equal(given.imap.seconds, left_out.imap.seconds);
	assert_int_equal(given.mailbox.port, left_out.mailbox.port);
	assert_int_equal(given.mailbox.tls, left_out.mailbox.tls);
	assert_int_equal(given.mailbox.timeout, left_out.mailbox.timeout);
	assert_null(given.mailbox.archive);
	options_release(&given);
	options_release(&left_out);
}

static void wrong(void **state, const char *text, const char *want)
{
	struct options o;
	struct why why = { 0 };
	const char *path = temp_file(state, "receiver.conf", text, strlen(text));

	assert_int_equal(options_read(&o, ".", path, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, want));
	options_release(&o);
}

static void a_wrong_setting_is_named(void **state)
{
	wrong(state, "[sender]\nname = x\n", "address");
	wrong(state, "[sender]\naddress = not one\n", "address");
	wrong(state, "[sender]\naddress = a@b.example\n[relay]\ntls = maybe\n", "tls");
	wrong(state, "[sender]\naddress = a@b.example\n[relay]\nport = 0\n", "port");
	wrong(state, "[sender]\naddress = a@b.example\n[lmtp]\nlisten = x\nspeed = 3\n", "speed");
	/* Whoever reaches a port of ours could write any arrival time. */
	wrong(state,
	      "[sender]\naddress = a@b.example\n[lmtp]\nlisten = inet:127.0.0.1:2424\n"
	      "[arrival]\nreceived_by = mx.example.org\n",
	      "received_by");
	/* Nor may a stranger say from where they come, or half a TLS be set up. */
	wrong(state,
	      "[sender]\naddress = a@b.example\n[http]\nlisten = inet:0.0.0.0:80\n"
	      "forwarded = yes\n",
	      "forwarded");
	wrong(state,
	      "[sender]\naddress = a@b.example\n[http]\nlisten = unix:/x\nforwarded = yes\n"
	      "certificate = c\nkey = k\n",
	      "forwarded");
	wrong(state, "[sender]\naddress = a@b.example\n[http]\ncertificate = c\n", "key");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, temp_setup, temp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_example_is_read_as_it_stands),
		CASE(what_the_example_leaves_out_is_the_default),
		CASE(a_wrong_setting_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
