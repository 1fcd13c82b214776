/* SPDX-License-Identifier: MIT */
#include "receiver/lmtp.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support.h"

/* The other side of a conversation, and what arrived through it. */
struct peer {
	int fd; /* ours */
	int theirs;
	pthread_t thread;
	struct lmtp lmtp;
	enum err answer; /* what every mail comes to */
	unsigned taken;
	struct buf data; /* the last mail's */
	char from[512], to[512];
	bool cut, null_sender;
	struct buf heard;
};

static enum err take(void *ctx, const struct intake_mail *mail)
{
	struct peer *p = ctx;

	p->taken++;
	buf_clear(&p->data);
	buf_add(&p->data, mail->raw, mail->len);
	snprintf(p->from, sizeof(p->from), "%s", mail->from);
	snprintf(p->to, sizeof(p->to), "%s", mail->to);
	p->cut = mail->cut;
	return p->answer;
}

static void *serve(void *arg)
{
	struct peer *p = arg;

	lmtp_session(&p->lmtp, p->theirs);
	shutdown(p->theirs, SHUT_RDWR);
	return NULL;
}

static int setup(void **state)
{
	struct peer *p = calloc(1, sizeof(*p));
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	p->fd = fd[0];
	p->theirs = fd[1];
	p->lmtp = (struct lmtp){ .take = take, .ctx = p, .seconds = 2, .whole = 3 };
	buf_init(&p->data, MAIL_MAX);
	buf_init(&p->heard, 1u << 20);
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct peer *p = *state;

	close(p->fd);
	assert_int_equal(pthread_join(p->thread, NULL), 0);
	close(p->theirs);
	buf_free(&p->data);
	buf_free(&p->heard);
	free(p);
	return 0;
}

static void tell_bytes(struct peer *p, const void *bytes, size_t len)
{
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		n = send(p->fd, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return; /* they hung up, as they may */
		at += (size_t)n;
	}
}

static void tell(struct peer *p, const char *text)
{
	tell_bytes(p, text, strlen(text));
}

/* Everything until they hang up. */
static const char *listen_on(struct peer *p)
{
	char block[4096];
	ssize_t n;

	shutdown(p->fd, SHUT_WR);
	while ((n = read(p->fd, block, sizeof(block))) > 0)
		buf_add(&p->heard, block, (size_t)n);
	return buf_text(&p->heard);
}

static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

#define BEGIN                                                                                      \
	"LHLO mail.example\r\nMAIL FROM:<m@members.example>\r\nRCPT TO:<vote+h@example.org>\r\n"

static void a_mail_is_acknowledged_after_it_was_taken(void **state)
{
	struct peer *p = *state;
	const char *heard;

	tell(p, BEGIN "DATA\r\nSubject: x\r\n\r\nA\r\n.\r\nQUIT\r\n");
	heard = listen_on(p);
	assert_int_equal(p->taken, 1);
	assert_string_equal(p->from, "m@members.example");
	assert_string_equal(p->to, "vote+h@example.org");
	assert_string_equal(buf_text(&p->data), "Subject: x\r\n\r\nA\r\n");
	assert_non_null(strstr(heard, "\r\n354 "));
	assert_non_null(strstr(heard, "\r\n250 2.0.0 taken\r\n221 "));
	assert_non_null(strstr(heard, "250-PIPELINING\r\n"));
	assert_non_null(strstr(heard, "250-8BITMIME\r\n"));
	assert_non_null(strstr(heard, "250-ENHANCEDSTATUSCODES\r\n"));
	assert_non_null(strstr(heard, "250 SIZE\r\n"));
}

static void what_is_not_yet_on_disk_is_handed_back_and_never_refused(void **state)
{
	const enum err all[] = { ERR_AGAIN, ERR_FULL, ERR_IO, ERR_MEMORY, ERR_FORMAT, ERR_INVALID };
	struct peer *p = *state;
	const char *heard;

	tell(p, "LHLO x\r\n");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		p->answer = all[i];
		tell(p, "MAIL FROM:<>\r\nRCPT TO:<v@example.org>\r\nDATA\r\n\r\nA\r\n.\r\n");
		while (p->taken <= i)
			usleep(1000);
	}
	heard = listen_on(p);
	assert_int_equal(times(heard, "\r\n451 4.3.0 "), 6);
	assert_int_equal(times(heard, "\r\n5"), 0);
	assert_string_equal(p->from, "");
}

static void each_recipient_has_an_answer_of_its_own(void **state)
{
	struct peer *p = *state;
	const char *heard;

	tell(p, BEGIN "RCPT TO:<vote+i@example.org>\r\nRCPT TO:<vote+j@example.org>\r\n"
	              "DATA\r\n\r\nA\r\n.\r\nQUIT\r\n");
	heard = listen_on(p);
	assert_int_equal(p->taken, 3);
	assert_int_equal(times(heard, "250 2.0.0 taken\r\n"), 3);
}

static void dots_are_unstuffed_and_only_cr_lf_dot_cr_lf_ends(void **state)
{
	struct peer *p = *state;

	tell(p, BEGIN
	     "DATA\r\n..one\r\n.two\r\n\n.\nthree\r\n.\nfour\r.\rfive\r\n...\r\n.\r\nQUIT\r\n");
	listen_on(p);
	assert_int_equal(p->taken, 1);
	assert_string_equal(buf_text(&p->data),
	                    ".one\r\ntwo\r\n\n.\nthree\r\n\nfour\r.\rfive\r\n..\r\n");
}

static void everything_may_come_at_once(void **state)
{
	struct peer *p = *state;
	struct buf all = BUF_INIT(1u << 20);

	buf_adds(&all, "LHLO x\r\n");
	for (unsigned i = 0; i < 50; i++)
		buf_adds(&all, "MAIL FROM:<m@x.example> SIZE=10 BODY=8BITMIME SMTPUTF8\r\n"
		               "RCPT TO:<v@x.example>\r\nDATA\r\nA\r\n.\r\nRSET\r\nNOOP\r\n");
	buf_adds(&all, "QUIT\r\n");
	tell_bytes(p, buf_text(&all), all.len);
	assert_int_equal(times(listen_on(p), "taken\r\n"), 50);
	assert_int_equal(p->taken, 50);
	buf_free(&all);
}

/* One byte after another: no state may depend on how bytes fall into packets. */
static void everything_may_come_a_byte_at_a_time(void **state)
{
	const char *all = BEGIN "DATA\r\nx: y\r\n\r\n..A\r\n.\r\nQUIT\r\n";
	struct peer *p = *state;

	for (const char *c = all; *c; c++)
		tell_bytes(p, c, 1);
	listen_on(p);
	assert_int_equal(p->taken, 1);
	assert_string_equal(buf_text(&p->data), "x: y\r\n\r\n.A\r\n");
}

static void a_mail_that_breaks_off_is_not_taken(void **state)
{
	struct peer *p = *state;

	tell(p, BEGIN "DATA\r\nSubject: x\r\n\r\nA\r\n");
	listen_on(p);
	assert_int_equal(p->taken, 0);
	assert_int_equal(times(buf_text(&p->heard), "taken"), 0);
}

static void a_peer_that_says_nothing_is_hung_up_on(void **state)
{
	struct peer *p = *state;
	char block[512];
	ssize_t n;

	tell(p, BEGIN "DATA\r\nA\r\n");
	while ((n = read(p->fd, block, sizeof(block))) > 0)
		buf_add(&p->heard, block, (size_t)n);
	assert_int_equal(p->taken, 0);
	assert_non_null(strstr(buf_text(&p->heard), "\r\n421 "));
}

static void a_line_that_is_too_long_is_dropped_and_the_talk_goes_on(void **state)
{
	struct peer *p = *state;
	char *line = malloc(300001);

	memset(line, 'x', 300000);
	line[300000] = '\0';
	tell(p, "LHLO x\r\nMAIL FROM:<");
	tell(p, line);
	tell(p,
	     ">\r\nMAIL FROM:<m@x.example>\r\nRCPT TO:<v@x.example>\r\nDATA\r\nA\r\n.\r\nQUIT\r\n");
	assert_int_equal(times(listen_on(p), "500 5.5.6"), 1);
	assert_int_equal(p->taken, 1);
	free(line);
}

static void a_line_without_any_end_is_hung_up_on(void **state)
{
	struct peer *p = *state;
	char *line = malloc(4u << 20);

	memset(line, 'x', 4u << 20);
	tell_bytes(p, line, 4u << 20);
	listen_on(p);
	assert_int_equal(p->taken, 0);
	free(line);
}

static void a_header_of_ten_megabytes_is_cut_and_taken(void **state)
{
	struct peer *p = *state;
	char *header = malloc(10u << 20);

	memset(header, 'x', 10u << 20);
	memcpy(header, "X-Long: ", 8);
	tell(p, BEGIN "DATA\r\n");
	tell_bytes(p, header, 10u << 20);
	tell(p, "\r\n\r\nA\r\n.\r\nQUIT\r\n");
	assert_int_equal(times(listen_on(p), "taken\r\n"), 1);
	assert_int_equal(p->taken, 1);
	assert_true(p->cut);
	assert_int_equal(p->data.len, MAIL_MAX);
	free(header);
}

static void binary_noise_is_refused_until_it_is_enough(void **state)
{
	struct peer *p = *state;
	uint64_t seed = support_seed();
	char noise[65536];

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)support_random(&seed);
	tell_bytes(p, noise, sizeof(noise));
	listen_on(p);
	assert_int_equal(p->taken, 0);
	assert_non_null(strstr(buf_text(&p->heard), "421 4.7.0"));
}

static void binary_data_arrives_as_it_is(void **state)
{
	static const char raw[] = "a: b\r\n\r\n\0\xff\xfe\x80\r\n";
	struct peer *p = *state;

	tell(p, BEGIN "DATA\r\n");
	tell_bytes(p, raw, sizeof(raw) - 1);
	tell(p, ".\r\nQUIT\r\n");
	listen_on(p);
	assert_int_equal(p->taken, 1);
	assert_int_equal(p->data.len, sizeof(raw) - 1);
	assert_memory_equal(p->data.data, raw, sizeof(raw) - 1);
}

static void commands_out_of_order_are_told_so(void **state)
{
	struct peer *p = *state;
	const char *heard;

	tell(p, "DATA\r\nRCPT TO:<v@x.example>\r\nMAIL FROM:<a@x.example>\r\nHELO x\r\nLHLO x\r\n"
	        "MAIL FROM:a@x.example\r\nMAIL FROM:<a@x.example> EVIL=1\r\nMAIL "
	        "FROM:<a@x.example>\r\n"
	        "MAIL FROM:<b@x.example>\r\nRCPT TO:<>\r\nDATA\r\nVRFY a\r\nQUIT\r\n");
	heard = listen_on(p);
	assert_int_equal(p->taken, 0);
	assert_int_equal(times(heard, "\r\n503 "), 5);
	assert_int_equal(times(heard, "\r\n500 "), 1);
	assert_int_equal(times(heard, "\r\n501 "), 2);
	assert_int_equal(times(heard, "\r\n555 "), 1);
}

static void an_address_cannot_carry_a_line_or_be_endless(void **state)
{
	struct peer *p = *state;
	char address[600], line[700];

	memset(address, 'a', 400);
	strcpy(address + 400, "@x.example");
	snprintf(line, sizeof(line), "LHLO x\r\nMAIL FROM:<%s>\r\n", address);
	tell(p, line);
	tell(p, "MAIL FROM:<a\tb@x.example>\r\nMAIL FROM:<a\rb@x.example>\r\nQUIT\r\n");
	assert_int_equal(times(listen_on(p), "\r\n501 5.1.7"), 3);
}

static void commands_that_bring_nothing_have_an_end(void **state)
{
	struct peer *p = *state;

	for (unsigned i = 0; i < 150; i++)
		tell(p, "NOOP\r\n");
	assert_int_equal(times(listen_on(p), "\r\n421 4.7.0"), 1);
	assert_int_equal(times(buf_text(&p->heard), "\r\n250 "), LMTP_IDLE_MAX);
}

/* A byte now and then keeps every single wait short. */
static void a_conversation_has_an_end(void **state)
{
	struct peer *p = *state;
	char block[512];
	ssize_t n;

	tell(p, BEGIN "DATA\r\n");
	for (unsigned i = 0; i < 45; i++) {
		tell(p, "A");
		usleep(100000);
	}
	while ((n = recv(p->fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		buf_add(&p->heard, block, (size_t)n);
	assert_non_null(strstr(buf_text(&p->heard), "\r\n421 "));
	assert_int_equal(p->taken, 0);
}

static void recipients_have_a_cap(void **state)
{
	struct peer *p = *state;

	tell(p, "LHLO x\r\nMAIL FROM:<a@x.example>\r\n");
	for (unsigned i = 0; i < LMTP_RECIPIENTS_MAX + 5; i++)
		tell(p, "RCPT TO:<v@x.example>\r\n");
	tell(p, "DATA\r\nA\r\n.\r\nQUIT\r\n");
	assert_int_equal(times(listen_on(p), "\r\n452 "), 5);
	assert_int_equal(p->taken, LMTP_RECIPIENTS_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_mail_is_acknowledged_after_it_was_taken),
		CASE(what_is_not_yet_on_disk_is_handed_back_and_never_refused),
		CASE(each_recipient_has_an_answer_of_its_own),
		CASE(dots_are_unstuffed_and_only_cr_lf_dot_cr_lf_ends),
		CASE(everything_may_come_at_once),
		CASE(everything_may_come_a_byte_at_a_time),
		CASE(a_mail_that_breaks_off_is_not_taken),
		CASE(a_peer_that_says_nothing_is_hung_up_on),
		CASE(a_line_that_is_too_long_is_dropped_and_the_talk_goes_on),
		CASE(a_line_without_any_end_is_hung_up_on),
		CASE(a_header_of_ten_megabytes_is_cut_and_taken),
		CASE(binary_noise_is_refused_until_it_is_enough),
		CASE(binary_data_arrives_as_it_is),
		CASE(commands_out_of_order_are_told_so),
		CASE(an_address_cannot_carry_a_line_or_be_endless),
		CASE(commands_that_bring_nothing_have_an_end),
		CASE(a_conversation_has_an_end),
		CASE(recipients_have_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
