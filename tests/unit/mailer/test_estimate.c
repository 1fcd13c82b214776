/* SPDX-License-Identifier: MIT */
#include "mailer/estimate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/duration.h"
#include "mailer/brake.h"
#include "mailer/providers.h"
#include "tests/relay.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* estimate, pause and resume, as an administrator runs them. */
#define MEMBERS 20
#define HOME    "--home home --passphrase-file pass "

struct post {
	struct house h;
	struct relay_play relay;
};

static void write_settings(const struct post *p, void **state, const char *relay, const char *pace)
{
	kit_settings(state, "home/mailer.conf", p->relay.port, relay, pace);
}

static void open_post(struct post *p, void **state)
{
	memset(p, 0, sizeof(*p));
	relay_start(&p->relay, RELAY_FINE, 0);
	house_open(&p->h, state, MEMBERS);
}

static void close_post(struct post *p)
{
	house_close(&p->h);
	relay_stop(&p->relay);
}

static void expect(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void the_slowest_domain_decides(void **state)
{
	struct post p;

	open_post(&p, state);
	write_settings(&p, state, "connections = 2\n", "");
	house_must(&p.h, cmd_estimate, "estimate --home home");
	expect(p.h.last.out, "letters     20, to 1 domain,");
	expect(p.h.last.out, "decided by  voters.test: 20 letters, 300 a minute, 60 at first\n");
	expect(p.h.last.out, "takes       about 21 seconds");
	expect(p.h.last.out, "closes      ");
	expect(p.h.last.out, " before\n");
	/* Slower than the vote is long. */
	write_settings(&p, state, "connections = 2\n", "[domain voters.test]\nper_minute = 1\n");
	house_must(&p.h, cmd_estimate, "estimate --home home --json");
	expect(p.h.last.out, "\"letters\":20,\"domains\":1,\"seconds\":1200");
	expect(p.h.last.out, "\"before_opening\":false,\"before_closing\":true");
	expect(p.h.last.out, "[{\"domain\":\"voters.test\",\"letters\":20,\"seconds\":1200,"
	                     "\"per_minute\":1,\"at_once\":4}]");
	/* As if. */
	write_settings(&p, state, "connections = 2\n", KIT_FULL_SPEED);
	house_must(&p.h, cmd_estimate, "estimate --home home --per-minute 2 --json");
	expect(p.h.last.out, "\"seconds\":600,\"relay_seconds\":600,\"assumed\":false");
	house_must(&p.h, cmd_estimate, "estimate --home home --domain-per-minute 4 --json");
	expect(p.h.last.out, "\"seconds\":300,");
	house_must(&p.h, cmd_estimate, "estimate --home home");
	expect(p.h.last.out,
	       "decided by  the relay: no limit is set for it, and how fast it is nobody knows");
	/* What was sent is not to be sent. */
	house_must(&p.h, cmd_send, "send " HOME "--limit 5");
	house_must(&p.h, cmd_estimate, "estimate --home home --json");
	expect(p.h.last.out, "\"letters\":15,");
	close_post(&p);
}

static void what_is_paused_is_not_begun(void **state)
{
	struct post p;

	open_post(&p, state);
	write_settings(&p, state, "connections = 2\n", KIT_FULL_SPEED);
	house_must(&p.h, cmd_resume, "resume --home home");
	expect(p.h.last.err, "it was not paused");
	house_must(&p.h, cmd_pause, "pause --home home");
	house_must(&p.h, cmd_pause, "pause --home home");
	expect(p.h.last.err, "paused already");
	/* No passphrase is asked for: there is none to give. */
	assert_int_equal(house_run(&p.h, cmd_send, "send --home home"), 75);
	expect(p.h.last.err, "votepost-mailer resume lets it go on");
	house_must(&p.h, cmd_status, "status --home home --json");
	expect(p.h.last.out, "\"paused\":true");
	house_must(&p.h, cmd_resume, "resume --home home");
	house_must(&p.h, cmd_send, "send " HOME);
	assert_int_equal(p.relay.accepted, MEMBERS);
	close_post(&p);
}

/* From another terminal, while the letters leave: none does meanwhile, and all do in the end. */
static void what_is_paused_on_its_way_goes_on_later(void **state)
{
	unsigned then, later;
	struct post p;
	bool was;
	pid_t pid;
	int status;

	open_post(&p, state);
	write_settings(&p, state, "connections = 2\nper_minute = 600\n", KIT_FULL_SPEED);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		house_must(&p.h, cmd_send, "send " HOME);
		expect(p.h.last.err, "paused, between two letters");
		expect(p.h.last.err, "it goes on");
		_exit(0);
	}
	while (p.relay.accepted < 3)
		usleep(1000);
	assert_int_equal(brake_pull(temp_path(state, "home"), &was, NULL), OK);
	usleep(600000);
	then = p.relay.accepted;
	usleep(600000);
	later = p.relay.accepted;
	assert_int_equal(brake_let_go(temp_path(state, "home"), &was, NULL), OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(then, later);
	assert_true(then < MEMBERS);
	assert_int_equal(p.relay.accepted, MEMBERS);
	close_post(&p);
}

static void durations_are_as_exact_as_they_need_to_be(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 seconds" },         { 1, "1 second" },       { 119, "119 seconds" },
		{ 120, "2 minutes" },       { 7199, "119 minutes" }, { 7200, "2 h 00" },
		{ 33660, "9 h 21" },        { 172799, "47 h 59" },   { 172800, "2 days 0 h" },
		{ 3200000, "37 days 0 h" },
	};
	char text[DURATION_TEXT];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		duration_write(text, cases[i].seconds);
		assert_string_equal(text, cases[i].text);
	}
}

static void big_providers_are_known_by_name(void **state)
{
	(void)state;
	assert_non_null(provider_receiver("gmail.com"));
	assert_ptr_equal(provider_receiver("hotmail.fr"), provider_receiver("hotmail.com"));
	assert_non_null(provider_receiver("yahoo.co.jp"));
	assert_null(provider_receiver("notgmail.com"));
	assert_null(provider_receiver("example.org"));
	assert_null(provider_receiver(""));
	assert_int_equal(provider_relay("SMTP.office365.com")->per_minute, 30);
	assert_null(provider_relay("relay.example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_slowest_domain_decides),
		TEMP_TEST(what_is_paused_is_not_begun),
		TEMP_TEST(what_is_paused_on_its_way_goes_on_later),
		TEMP_TEST(durations_are_as_exact_as_they_need_to_be),
		TEMP_TEST(big_providers_are_known_by_name),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
