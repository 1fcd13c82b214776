/* SPDX-License-Identifier: MIT */
#include "core/mail/smtp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/relay.h"
#include "tests/unit/temp.h"

static const char letter[] = "Message-ID: <a@b>\r\nSubject: x\r\n\r\n.\r\n..two\r\nend\r\n";

static struct relay relay_of(const struct relay_play *r)
{
	return (struct relay){ .host = (char *)"127.0.0.1",
		               .port = r->port,
		               .hello = (char *)"mailer.test",
		               .timeout = 2,
		               .per_connection = 100 };
}

static struct smtp *open_to(const struct relay_play *r)
{
	struct relay relay = relay_of(r);
	struct smtp *s = NULL;
	struct why why = { 0 };

	assert_int_equal(smtp_open(&s, &relay, &why), OK);
	return s;
}

static struct smtp_answer send_one(struct smtp *s)
{
	struct smtp_answer a;

	smtp_send(s, "bounce+h@vote.test", "member@voters.test", letter, strlen(letter), &a);
	return a;
}

/* One message to a relay in a mood. */
static struct smtp_answer send_in(enum relay_mood mood)
{
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	relay_start(&r, mood, -1);
	s = open_to(&r);
	a = send_one(s);
	smtp_close(s);
	relay_stop(&r);
	return a;
}

static void a_message_arrives_byte_for_byte(void **state)
{
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	s = open_to(&r);
	a = send_one(s);
	assert_int_equal(a.outcome, SMTP_ACCEPTED);
	assert_int_equal(a.code, 250);
	assert_string_equal(a.status, "2.0.0");
	assert_string_equal(a.queue_id, "4Xy-Z.9");
	assert_string_equal(buf_text(&r.message), letter);
	assert_int_equal(relay_count(&r, &r.commands, "MAIL FROM:<bounce+h@vote.test> SIZE="), 1);
	assert_int_equal(relay_count(&r, &r.commands, "RCPT TO:<member@voters.test>"), 1);
	smtp_send(s, "", "member@voters.test", letter, strlen(letter), &a);
	assert_int_equal(a.outcome, SMTP_ACCEPTED);
	assert_int_equal(relay_count(&r, &r.commands, "MAIL FROM:<> SIZE="), 1);
	smtp_close(s);
	relay_stop(&r);
}

static void a_connection_serves_its_share(void **state)
{
	struct relay_play r;
	struct relay relay;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	relay = relay_of(&r);
	relay.per_connection = 3;
	assert_int_equal(smtp_open(&s, &relay, NULL), OK);
	for (int i = 0; i < 7; i++)
		assert_int_equal(send_one(s).outcome, SMTP_ACCEPTED);
	assert_int_equal(r.connections, 3);
	smtp_close(s);
	relay_stop(&r);
}

static void a_refusal_is_of_this_message_alone(void **state)
{
	struct smtp_answer a = send_in(RELAY_REFUSES);

	(void)state;
	assert_int_equal(a.outcome, SMTP_REFUSED);
	assert_int_equal(a.code, 550);
	assert_string_equal(a.status, "5.1.1");
	assert_non_null(strstr(a.text, "no such mailbox"));
	assert_null(strchr(a.text, '@'));
	a = send_in(RELAY_FULL);
	assert_int_equal(a.outcome, SMTP_REFUSED);
	assert_int_equal(a.code, 552);
	assert_string_equal(a.status, "5.2.2");
}

static void a_4xx_is_for_later(void **state)
{
	struct smtp_answer a = send_in(RELAY_DEFERS);

	(void)state;
	assert_int_equal(a.outcome, SMTP_DEFERRED);
	assert_int_equal(a.code, 450);
	a = send_in(RELAY_LATER);
	assert_int_equal(a.outcome, SMTP_DEFERRED);
	assert_int_equal(a.code, 451);
	a = send_in(RELAY_BUSY);
	assert_int_equal(a.outcome, SMTP_DEFERRED);
	assert_int_equal(a.code, 421);
}

static void silence_after_the_dot_is_uncertain(void **state)
{
	struct smtp_answer a = send_in(RELAY_DROPS);

	(void)state;
	assert_int_equal(a.outcome, SMTP_UNCERTAIN);
	assert_int_equal(a.code, 0);
}

static void a_hanging_relay_is_left_after_the_timeout(void **state)
{
	struct smtp_answer a = send_in(RELAY_HANGS);

	(void)state;
	assert_int_equal(a.outcome, SMTP_DEFERRED);
	assert_int_equal(a.code, 0);
}

static void a_421_between_two_messages_costs_one_new_connection(void **state)
{
	struct relay_play r;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_TIRED, -1);
	s = open_to(&r);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(send_one(s).outcome, SMTP_ACCEPTED);
		usleep(20000);
	}
	assert_int_equal(r.accepted, 5);
	assert_int_equal(r.connections, 5);
	smtp_close(s);
	relay_stop(&r);
}

static void a_refused_recipient_costs_nothing(void **state)
{
	struct relay_play r;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_REFUSES, 1);
	s = open_to(&r);
	assert_int_equal(send_one(s).outcome, SMTP_REFUSED);
	assert_int_equal(send_one(s).outcome, SMTP_ACCEPTED);
	assert_int_equal(r.connections, 1);
	smtp_close(s);
	relay_stop(&r);
}

static void a_relay_that_serves_nobody_is_broken(void **state)
{
	struct smtp_answer a = send_in(RELAY_CLOSED);

	(void)state;
	assert_int_equal(a.outcome, SMTP_BROKEN);
	assert_int_equal(send_in(RELAY_LOG_IN).outcome, SMTP_BROKEN);
}

static void no_starttls_is_never_sent_in_the_clear(void **state)
{
	struct relay_play r;
	struct smtp_answer a;
	struct relay relay;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	relay = relay_of(&r);
	relay.tls = SMTP_TLS_STARTTLS;
	assert_int_equal(smtp_open(&s, &relay, NULL), OK);
	a = send_one(s);
	assert_int_equal(a.outcome, SMTP_BROKEN);
	assert_int_equal(r.accepted, 0);
	assert_int_equal(r.commands.len, 0);
	smtp_close(s);
	relay_stop(&r);
}

static void nobody_listening_is_for_later(void **state)
{
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	s = open_to(&r);
	relay_stop(&r);
	a = send_one(s);
	assert_int_equal(a.outcome, SMTP_DEFERRED);
	assert_int_equal(a.code, 0);
	smtp_close(s);
}

static void no_address_becomes_a_second_command(void **state)
{
	static const char *const evil[] = { "a@b\r\nRCPT TO:<c@d>", "a@b> NOTIFY=NEVER",
		                            "a@b\nDATA", "a b@c", "" };
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	s = open_to(&r);
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		smtp_send(s, "x@y", evil[i], letter, strlen(letter), &a);
		assert_int_equal(a.outcome, SMTP_REFUSED);
		smtp_send(s, *evil[i] ? evil[i] : "\n@b", "x@y", letter, strlen(letter), &a);
		assert_int_equal(a.outcome, SMTP_REFUSED);
	}
	assert_int_equal(r.connections, 0);
	smtp_close(s);
	relay_stop(&r);
}

static void other_scripts_need_a_relay_that_takes_them(void **state)
{
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	s = open_to(&r);
	smtp_send(s, "x@y", "é@voters.test", letter, strlen(letter), &a);
	assert_int_equal(a.outcome, SMTP_REFUSED);
	assert_int_equal(r.commands.len, 0);
	assert_int_equal(send_one(s).outcome, SMTP_ACCEPTED);
	smtp_close(s);
	relay_stop(&r);
	relay_start(&r, RELAY_FINE, 0);
	r.utf8 = true;
	s = open_to(&r);
	smtp_send(s, "x@y", "é@voters.test", letter, strlen(letter), &a);
	assert_int_equal(a.outcome, SMTP_ACCEPTED);
	smtp_close(s);
	relay_stop(&r);
}

/* One message to each; the relay takes all scripts. What stands on the wire. */
static void addresses_stand_on_the_wire_as_they_must(void **state)
{
	static const char *const cases[][2] = {
		{ "\"john doe\"@voters.test", "RCPT TO:<\"john doe\"@voters.test>\r\n" },
		{ "\"a@b> x\"@Voters.test", "RCPT TO:<\"a@b> x\"@voters.test>\r\n" },
		{ "m@b\xc3\xbc"
		  "cher.test",
		  "RCPT TO:<m@xn--bcher-kva.test>\r\n" },
		{ "m@fa\xc3\x9f.test", "RCPT TO:<m@xn--fa-hia.test>\r\n" },
		{ "zo\xc3\xa9@b\xc3\xbc"
		  "cher.test",
		  "RCPT TO:<zo\xc3\xa9@xn--bcher-kva.test>\r\n" },
	};
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	r.utf8 = true;
	s = open_to(&r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		smtp_send(s, "bounce+h@vote.test", cases[i][0], letter, strlen(letter), &a);
		assert_int_equal(a.outcome, SMTP_ACCEPTED);
		assert_int_equal(relay_count(&r, &r.commands, cases[i][1]), 1);
	}
	/* Only the one that needs it. */
	assert_int_equal(relay_count(&r, &r.commands, " SMTPUTF8"), 1);
	assert_int_equal(relay_count(&r, &r.commands, "RCPT"), 5);
	smtp_close(s);
	relay_stop(&r);
}

/* The same relays, with all commands of a message in one go. */
static void pipelining_changes_nothing_but_the_speed(void **state)
{
	static const enum relay_mood moods[] = { RELAY_FINE,   RELAY_REFUSES, RELAY_DENIES,
		                                 RELAY_DEFERS, RELAY_FULL,    RELAY_LATER,
		                                 RELAY_DROPS,  RELAY_LOG_IN };

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++) {
		struct smtp_answer plain = send_in(moods[i]), a;
		struct relay_play r;
		struct smtp *s;

		relay_start(&r, moods[i], 1);
		r.pipelines = true;
		s = open_to(&r);
		a = send_one(s);
		assert_int_equal(a.outcome, plain.outcome);
		assert_int_equal(a.code, plain.code);
		assert_string_equal(a.text, plain.text);
		assert_int_equal(a.considered, plain.considered);
		/* Whatever it was, the next message is taken; and over the same connection, unless
		 * it was lost. */
		assert_int_equal(send_one(s).outcome, SMTP_ACCEPTED);
		assert_string_equal(buf_text(&r.message), letter);
		assert_int_equal(r.connections, moods[i] == RELAY_DROPS ? 2 : 1);
		smtp_close(s);
		relay_stop(&r);
	}
}

/* Whatever a relay says to commands that came at once, no empty letter ever goes out. */
static void a_relay_of_its_own_mind_gets_no_empty_letter(void **state)
{
	static const enum relay_mood moods[] = { RELAY_GREEDY, RELAY_KEEPS };

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++) {
		struct relay_play r;
		struct smtp *s;

		relay_start(&r, moods[i], 2);
		r.pipelines = true;
		r.picky_domain = "voters.test";
		r.picky_reply = "550 5.1.1 no such mailbox\r\n";
		r.picky_times = 1;
		s = open_to(&r);
		assert_int_equal(send_one(s).outcome, SMTP_REFUSED);
		while (send_one(s).outcome == SMTP_REFUSED)
			assert_int_equal(r.accepted, 0);
		assert_int_equal(r.accepted, 1);
		assert_string_equal(buf_text(&r.message), letter);
		smtp_close(s);
		relay_stop(&r);
	}
}

/* A domain behind the relay that says 421 is no trouble of the relay's. */
static void a_421_to_a_recipient_is_about_the_recipient(void **state)
{
	struct relay_play r;
	struct smtp_answer a;
	struct smtp *s;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		relay_start(&r, RELAY_FINE, 0);
		r.pipelines = i;
		r.picky_domain = "voters.test";
		r.picky_reply = "421 4.7.0 too much mail\r\n";
		r.picky_times = 2;
		s = open_to(&r);
		smtp_send(s, "x@y", "m@other.test", letter, strlen(letter), &a);
		assert_int_equal(a.outcome, SMTP_ACCEPTED);
		a = send_one(s);
		assert_int_equal(a.outcome, SMTP_DEFERRED);
		assert_int_equal(a.code, 421);
		assert_true(a.considered);
		assert_int_equal(r.picky_times, 1); /* and it was not asked again at once */
		smtp_close(s);
		relay_stop(&r);
		assert_false(send_in(RELAY_BUSY).considered);
	}
}

static void a_password_is_kept_from_others_and_from_the_wire(void **state)
{
	struct relay relay = { .host = (char *)"192.0.2.1", .port = 25, .user = (char *)"vote" };
	char path[] = "/tmp/password.XXXXXX";
	struct why why = { 0 };
	struct smtp *s = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "secret\n", 7), 7);
	close(fd);
	relay.password_file = path;
	assert_int_equal(smtp_open(&s, &relay, &why), ERR_SETTINGS); /* no TLS */
	relay.tls = SMTP_TLS_STARTTLS;
	chmod(path, 0644);
	assert_int_equal(smtp_open(&s, &relay, &why), ERR_SETTINGS); /* others can read it */
	chmod(path, 0600);
	assert_int_equal(smtp_open(&s, &relay, &why), OK);
	smtp_close(s);
	relay.password_file = NULL;
	assert_int_equal(smtp_open(&s, &relay, &why), ERR_SETTINGS);
	relay.user = NULL;
	relay.hello = (char *)"a/b";
	assert_int_equal(smtp_open(&s, &relay, &why), ERR_SETTINGS);
	unlink(path);
}

/* Log in to a relay that wants it, with what stands in the password file. */
static struct smtp_answer log_in(const char *way, const char *password, struct relay_play *r)
{
	char path[] = "/tmp/password.XXXXXX";
	struct smtp_answer a;
	struct relay relay;
	struct smtp *s = NULL;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, password, strlen(password)), (ssize_t)strlen(password));
	close(fd);
	relay_start(r, RELAY_FINE, 0);
	r->auth = way;
	r->user = "vote@example.org";
	r->password = "naïve: %2F \"café\"";
	relay = relay_of(r);
	relay.user = (char *)"vote@example.org";
	relay.password_file = path;
	assert_int_equal(smtp_open(&s, &relay, NULL), OK);
	unlink(path);
	a = send_one(s);
	if (a.outcome == SMTP_ACCEPTED)
		assert_int_equal(send_one(s).outcome, SMTP_ACCEPTED);
	smtp_close(s);
	return a;
}

static void a_user_logs_in_once_a_connection(void **state)
{
	static const char *const ways[] = { "PLAIN", "LOGIN" };
	struct relay_play r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(log_in(ways[i], "naïve: %2F \"café\"\n", &r).outcome,
		                 SMTP_ACCEPTED);
		assert_int_equal(r.accepted, 2);
		assert_int_equal(relay_count(&r, &r.commands, "AUTH "), 1);
		relay_stop(&r);
	}
}

static void a_wrong_password_is_told_without_it(void **state)
{
	static const char *const ways[] = { "PLAIN", "LOGIN" };
	struct relay_play r;
	struct smtp_answer a;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		a = log_in(ways[i], "hunter2hunter2\n", &r);
		assert_int_equal(a.outcome, SMTP_BROKEN);
		assert_int_equal(a.code, 535);
		assert_non_null(strstr(a.text, "password_file"));
		assert_null(strstr(a.text, "hunter2"));
		assert_int_equal(r.accepted, 0);
		relay_stop(&r);
	}
}

static void what_the_settings_lack_is_told(void **state)
{
	struct relay_play r;
	struct relay relay;
	struct smtp_answer a;
	struct why why = { 0 };
	struct smtp *s = NULL;

	(void)state;
	assert_non_null(strstr(send_in(RELAY_LOG_IN).text, "password_file"));
	relay_start(&r, RELAY_FINE, 0);
	relay = relay_of(&r);
	relay.tls = SMTP_TLS_STARTTLS;
	assert_int_equal(smtp_open(&s, &relay, NULL), OK);
	a = send_one(s);
	assert_non_null(strstr(a.text, "STARTTLS"));
	assert_non_null(strstr(a.text, "tls = implicit"));
	smtp_close(s);
	relay.tls = SMTP_TLS_IMPLICIT;
	assert_int_equal(smtp_open(&s, &relay, NULL), OK);
	a = send_one(s);
	assert_int_equal(a.outcome, SMTP_BROKEN);
	assert_non_null(strstr(a.text, "tls = starttls"));
	smtp_close(s);
	relay.ca_file = (char *)"/nowhere/ca.pem";
	assert_int_equal(smtp_open(&s, &relay, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "/nowhere/ca.pem"));
	relay_stop(&r);
}

/* A relay that is TLS from the first byte for one connection, and after that hangs up at once;
 * `dir` gets its certificate, `port` its port. */
static pid_t start_tls_relay(const char *dir, unsigned *port)
{
	static const char script[] =
		"import socket, ssl, sys\n"
		"d = sys.argv[1]\n"
		"c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
		"c.load_cert_chain(d + '/relay.pem', d + '/relay.key')\n"
		"l = socket.socket(fileno=int(sys.argv[2]))\n"
		"s = c.wrap_socket(l.accept()[0], server_side=True)\n"
		"s.sendall(b'220 relay.test\\r\\n')\n"
		"body = False\n"
		"for line in s.makefile('rb'):\n"
		"    if body and line != b'.\\r\\n': continue\n"
		"    word = line[:4].upper()\n"
		"    body = word == b'DATA'\n"
		"    s.sendall(b'354 go\\r\\n' if body else b'250 2.0.0 ok\\r\\n')\n"
		"    if word == b'QUIT': break\n"
		"s.close()\n"
		"while True: l.accept()[0].close()\n";
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	char text[16], command[600];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(command, sizeof(command),
	         "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "
	         "/CN=relay.test -addext subjectAltName=IP:127.0.0.1 -keyout %s/relay.key -out "
	         "%s/relay.pem 2>/dev/null",
	         dir, dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	snprintf(text, sizeof(text), "%d", fd);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		execlp("python3", "python3", "-B", "-c", script, dir, text, (char *)NULL);
		_exit(127);
	}
	close(fd);
	return pid;
}

/* Who has been served knows that the settings are right: a handshake that fails then is the
 * relay's trouble. */
static void no_setting_is_blamed_that_has_worked(void **state)
{
	struct relay_play none = { .port = 0 };
	struct relay relay = relay_of(&none);
	struct smtp_answer first, second;
	struct smtp *s = NULL;
	pid_t pid = start_tls_relay(((struct temp *)*state)->dir, &relay.port);

	relay.tls = SMTP_TLS_IMPLICIT;
	relay.per_connection = 1;
	relay.timeout = 10;
	relay.ca_file = (char *)(uintptr_t)temp_path(state, "relay.pem");
	assert_int_equal(smtp_open(&s, &relay, NULL), OK);
	first = send_one(s);
	second = send_one(s);
	smtp_close(s);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	if (first.outcome != SMTP_ACCEPTED)
		fail_msg("%s", first.text);
	assert_int_not_equal(second.outcome, SMTP_ACCEPTED);
	if (strstr(second.text, "tls ="))
		fail_msg("%s", second.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_byte_for_byte),
		cmocka_unit_test(a_connection_serves_its_share),
		cmocka_unit_test(a_refusal_is_of_this_message_alone),
		cmocka_unit_test(a_4xx_is_for_later),
		cmocka_unit_test(silence_after_the_dot_is_uncertain),
		cmocka_unit_test(a_hanging_relay_is_left_after_the_timeout),
		cmocka_unit_test(a_421_between_two_messages_costs_one_new_connection),
		cmocka_unit_test(a_refused_recipient_costs_nothing),
		cmocka_unit_test(a_relay_that_serves_nobody_is_broken),
		TEMP_TEST(no_setting_is_blamed_that_has_worked),
		cmocka_unit_test(no_starttls_is_never_sent_in_the_clear),
		cmocka_unit_test(nobody_listening_is_for_later),
		cmocka_unit_test(no_address_becomes_a_second_command),
		cmocka_unit_test(other_scripts_need_a_relay_that_takes_them),
		cmocka_unit_test(addresses_stand_on_the_wire_as_they_must),
		cmocka_unit_test(pipelining_changes_nothing_but_the_speed),
		cmocka_unit_test(a_relay_of_its_own_mind_gets_no_empty_letter),
		cmocka_unit_test(a_421_to_a_recipient_is_about_the_recipient),
		cmocka_unit_test(a_password_is_kept_from_others_and_from_the_wire),
		cmocka_unit_test(a_user_logs_in_once_a_connection),
		cmocka_unit_test(a_wrong_password_is_told_without_it),
		cmocka_unit_test(what_the_settings_lack_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
