/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/duration.h"
#include "tests/relay.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

#include "tests/unit/mailer/named.h"

/* The command in a home, with a relay and a DNS of its own. Its pages are compared by levels; the
 * words of each fault are held by tests/flow/preflight.py. */
#define MEMBERS 20
#define GOOD                                                                                       \
	"\"example.org\": {\"TXT\": [\"v=spf1 ip4:192.0.2.1 -all\"],"                              \
	"  \"MX\": [[10, \"mx.example.org\"]]},"                                                   \
	"\"mx.example.org\": {\"A\": [\"192.0.2.1\"]},"                                            \
	"\"voters.test\": {\"MX\": [[10, \"mx.example.org\"]]},"                                   \
	"\"gmail.com\": {\"MX\": [[10, \"mx.example.org\"]]},"                                     \
	"\"googlemail.com\": {\"A\": [\"192.0.2.1\"]}"
#define DMARC ", \"_dmarc.example.org\": {\"TXT\": [\"v=DMARC1; p=none\"]}"

struct scene {
	struct house house;
	struct relay_play relay;
	struct named names;
	const char *host; /* of the relay; NULL: the one that runs */
	json_t *page;
};

static void begin(struct scene *s, void **state, const char *zone)
{
	char text[2000];

	relay_start(&s->relay, RELAY_FINE, 0);
	snprintf(text, sizeof(text), "{%s}", zone);
	named_start(&s->names, state, text, 500);
}

static void end(struct scene *s)
{
	json_decref(s->page);
	s->page = NULL;
	named_stop(&s->names);
	relay_stop(&s->relay);
}

/* `words` are for the command, `more` for [preflight]. */
static int look(struct scene *s, void **state, const char *words, const char *more)
{
	char text[500], command[600], relay[200];
	int status;

	snprintf(relay, sizeof(relay), "host = %s\n", s->host ? s->host : "127.0.0.1");
	snprintf(text, sizeof(text), "[preflight]\nresolver = %s\n%s\n", s->names.resolver, more);
	kit_settings(state, "mailer.conf", s->relay.port, relay, text);
	snprintf(command, sizeof(command), "preflight --home home --settings mailer.conf --json %s",
	         words);
	status = house_run(&s->house, cmd_preflight, command);
	json_decref(s->page);
	s->page = json_loads(s->house.last.out, JSON_REJECT_DUPLICATES, NULL);
	return status;
}

/* The level of the first finding with this key; "" where there is none. */
static const char *level_of(const struct scene *s, const char *key)
{
	json_t *list = json_object_get(s->page, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *one = json_array_get(list, i);

		if (!strcmp(json_string_value(json_object_get(one, "key")), key))
			return json_string_value(json_object_get(one, "level"));
	}
	return "";
}

static void well_is_0_a_stop_is_1_and_unseen_75(void **state)
{
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, GOOD DMARC);
	if (look(&s, state, "", ""))
		fail_msg("%s%s", s.house.last.out, s.house.last.err);
	assert_string_equal(level_of(&s, "spf"), "ok");
	assert_string_equal(level_of(&s, "dkim"), "note");
	assert_string_equal(level_of(&s, "dmarc"), "note");
	assert_string_equal(level_of(&s, "alignment"), "ok");
	assert_string_equal(level_of(&s, "mx"), "ok");
	assert_string_equal(level_of(&s, "relay"), "ok");
	assert_string_equal(level_of(&s, "letter"), "ok");
	assert_string_equal(level_of(&s, "domains"), "ok");
	assert_int_equal(look(&s, state, "", "dkim_selector = s1"), 1);
	assert_string_equal(level_of(&s, "dkim"), "stop");
	s.relay.mood = RELAY_CLOSED;
	s.relay.times = -1;
	assert_int_equal(look(&s, state, "", ""), 1);
	assert_string_equal(level_of(&s, "relay"), "stop");
	assert_string_equal(level_of(&s, "tls"), "");
	house_close(&s.house);
	end(&s);
}

static void a_dns_that_is_away_is_no_verdict(void **state)
{
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, "\"example.org\": \"refused\", \"_dmarc.example.org\": \"servfail\"");
	assert_int_equal(look(&s, state, "", ""), 75);
	assert_string_equal(level_of(&s, "spf"), "unseen");
	assert_string_equal(level_of(&s, "dmarc"), "unseen");
	assert_string_equal(level_of(&s, "mx"), "unseen");
	house_close(&s.house);
	end(&s);
}

/* The finding with this key as one text; "" where there is none. */
static char *text_of(const struct scene *s, const char *key)
{
	json_t *list = json_object_get(s->page, "findings");
	static char text[4000];

	*text = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *one = json_array_get(list, i);

		if (!strcmp(json_string_value(json_object_get(one, "key")), key))
			snprintf(text, sizeof(text), "%s | %s | %s",
			         json_string_value(json_object_get(one, "found")),
			         json_string_value(json_object_get(one, "means")),
			         json_string_value(json_object_get(one, "remedy")));
	}
	return text;
}

/* A roll of these addresses. */
static void open_roll(struct scene *s, void **state, const char *const *email, unsigned n)
{
	struct buf csv = BUF_INIT(10000);

	s->house.dir = ((struct temp *)*state)->dir;
	house_definition(state);
	temp_text(state, "pass", "correct horse of the mailer\n");
	house_must(&s->house, cmd_new, "new --home home --passphrase-file pass election.conf");
	buf_adds(&csv, "id,email\n");
	for (unsigned i = 0; i < n; i++)
		buf_addf(&csv, "M%u,m%u@%s\n", i, i, email[i]);
	temp_file(state, "members.csv", csv.data, csv.len);
	buf_free(&csv);
	house_must(&s->house, cmd_roll, "roll --home home members.csv");
}

static void members_at_domains_that_take_no_mail_are_told(void **state)
{
	static const char *const at[] = { "gmail.com",         "googlemail.com", "exampel.test",
		                          "exampel.test",      "null.test",      "empty.test",
		                          "b\303\274cher.test" };
	struct scene s = { 0 };
	char *text;

	open_roll(&s, state, at, 7);
	begin(&s, state,
	      GOOD DMARC ", \"null.test\": {\"MX\": [[0, \"\"]]}, \"empty.test\": {},"
	                 "\"xn--bcher-kva.test\": {\"MX\": [[10, \"mx.example.org\"]]}");
	assert_int_equal(look(&s, state, "", ""), 0);
	assert_string_equal(level_of(&s, "domains"), "ok");
	assert_string_equal(level_of(&s, "no-mail"), "warning");
	text = text_of(&s, "no-mail");
	if (!strstr(text, "2 members at exampel.test: no such domain.") ||
	    !strstr(text, "1 member at null.test: it says that it takes no mail.") ||
	    !strstr(text, "1 member at empty.test: no mail server.") ||
	    strstr(text, "googlemail") || strstr(text, "cher.test") || !strstr(text, "roll"))
		fail_msg("%s", text);
	assert_string_equal(level_of(&s, "no-answer"), "");
	end(&s);
}

/* A DNS that does not answer says nothing of a domain. */
static void a_members_domain_that_nobody_can_tell_of_is_a_note(void **state)
{
	static const char *const at[] = { "gmail.com", "silent.test", "fails.test", "fails.test" };
	struct scene s = { 0 };
	char *text;

	open_roll(&s, state, at, 4);
	begin(&s, state, GOOD DMARC ", \"silent.test\": \"silent\", \"fails.test\": \"servfail\"");
	assert_int_equal(look(&s, state, "", ""), 0);
	assert_string_equal(level_of(&s, "no-mail"), "");
	assert_string_equal(level_of(&s, "no-answer"), "note");
	text = text_of(&s, "no-answer");
	if (!strstr(text, "2 members at fails.test") || !strstr(text, "1 member at silent.test"))
		fail_msg("%s", text);
	end(&s);
}

static void a_dns_that_tells_of_no_members_domain_is_unseen(void **state)
{
	static const char *const at[] = { "silent.test", "fails.test" };
	struct scene s = { 0 };

	open_roll(&s, state, at, 2);
	begin(&s, state, GOOD DMARC ", \"silent.test\": \"silent\", \"fails.test\": \"servfail\"");
	assert_int_equal(look(&s, state, "", ""), 75);
	assert_string_equal(level_of(&s, "no-answer"), "unseen");
	end(&s);
}

/* The relay may stand before it in the record: where it sends from is not known. */
static void an_error_behind_in_the_spf_record_is_no_stop(void **state)
{
	static const char *const zones[] = {
		"\"example.org\": {\"TXT\": [\"v=spf1 ip4:192.0.2.1 include:none.test -all\"],"
		"  \"MX\": [[10, \"mx.example.org\"]]},"
		"\"mx.example.org\": {\"A\": [\"192.0.2.1\"]}" DMARC,
		"\"example.org\": {\"TXT\": [\"v=spf1 ip4:192.0.2.1 a a a a a a a a a a a -all\"],"
		"  \"MX\": [[10, \"mx.example.org\"]], \"A\": [\"192.0.2.2\"]},"
		"\"mx.example.org\": {\"A\": [\"192.0.2.1\"]}" DMARC,
	};
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	for (unsigned i = 0; i < 2; i++) {
		begin(&s, state, zones[i]);
		if (look(&s, state, "", ""))
			fail_msg("%s%s", s.house.last.out, s.house.last.err);
		assert_string_equal(level_of(&s, "spf"), "warning");
		end(&s);
	}
	house_close(&s.house);
}

static void it_looks_before_anything_is_sealed(void **state)
{
	struct scene s = { 0 };

	s.house.dir = ((struct temp *)*state)->dir;
	house_definition(state);
	temp_text(state, "pass", "correct horse of the mailer\n");
	house_must(&s.house, cmd_new, "new --home home --passphrase-file pass election.conf");
	begin(&s, state, GOOD DMARC);
	assert_int_equal(look(&s, state, "", ""), 0);
	assert_string_equal(level_of(&s, "letter"), "note");
	assert_string_equal(level_of(&s, "domains"), "note");
	assert_string_equal(level_of(&s, "mx"), "ok");
	assert_int_equal(look(&s, state, "--to a@example.org --passphrase-file pass", ""), 65);
	assert_int_equal(look(&s, state, "--to nobody --passphrase-file pass", ""), 64);
	end(&s);
}

/* Members at one provider, up to `roll`, for a vote of so many seconds. */
static void open_crowd(struct scene *s, void **state, unsigned members, unsigned seconds)
{
	struct buf csv = BUF_INIT((size_t)1 << 20);

	s->house.dir = ((struct temp *)*state)->dir;
	house_definition_for(state, seconds);
	temp_text(state, "pass", "correct horse of the mailer\n");
	house_must(&s->house, cmd_new, "new --home home --passphrase-file pass election.conf");
	buf_adds(&csv, "id,email\n");
	for (unsigned i = 0; i < members; i++)
		buf_addf(&csv, "M%u,m%u@%s\n", i, i, i % 2 ? "GMail.com" : "googlemail.com");
	temp_file(state, "members.csv", csv.data, csv.len);
	buf_free(&csv);
	house_must(&s->house, cmd_roll, "roll --home home members.csv");
}

static void many_at_one_provider_need_all_in_order(void **state)
{
	struct scene s = { 0 };

	open_crowd(&s, state, 5001, 86400);
	begin(&s, state, GOOD);
	assert_int_equal(look(&s, state, "", ""), 1);
	assert_string_equal(level_of(&s, "receiver"), "stop"); /* without DMARC */
	end(&s);
	begin(&s, state, GOOD ", \"_dmarc.example.org\": \"servfail\"");
	assert_int_equal(look(&s, state, "", ""), 75); /* whether there is one nobody knows */
	assert_string_equal(level_of(&s, "dmarc"), "unseen");
	assert_string_equal(level_of(&s, "receiver"), "unseen");
	assert_null(strstr(s.house.last.out, "DMARC is missing"));
	end(&s);
	begin(&s, state, GOOD DMARC);
	assert_int_equal(look(&s, state, "", ""), 0);
	assert_string_equal(level_of(&s, "receiver"), "note");
	assert_non_null(strstr(s.house.last.out, "gmail.com 2500"));
	assert_string_equal(level_of(&s, "time"), "ok");
	s.host = "smtp.gmail.com"; /* which takes 2,000 a day, and the vote is over tomorrow */
	assert_int_equal(look(&s, state, "", ""), 1);
	assert_string_equal(level_of(&s, "time"), "stop");
	end(&s);
}

/* The last letter of 3,000 leaves after a day, by preflight as by estimate. */
static void the_time_it_takes_is_the_estimates(void **state)
{
	char takes[DURATION_TEXT];
	struct scene s = { 0 };
	json_t *est;

	open_crowd(&s, state, 3000, 86400 + 43200);
	begin(&s, state, GOOD DMARC);
	s.host = "smtp.gmail.com";
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "time"), "warning");
	house_must(&s.house, cmd_estimate, "estimate --home home --settings mailer.conf --json");
	est = json_loads(s.house.last.out, 0, NULL);
	duration_write(takes, (uint64_t)json_integer_value(json_object_get(est, "seconds")) + 1);
	assert_string_equal(takes, "24 h 00");
	look(&s, state, "", "");
	if (!strstr(s.house.last.out, takes))
		fail_msg("%s is not in %s", takes, s.house.last.out);
	json_decref(est);
	end(&s);
}

/* To a relay elsewhere no machine is called localhost. */
static void the_name_that_is_said_is_told(void **state)
{
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, GOOD DMARC);
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "hello"), "ok");
	s.host = "relay.invalid";
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "hello"), "warning");
	assert_non_null(strstr(s.house.last.out, "[relay] hello"));
	s.host = "relay.invalid\nhello = laptop";
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "hello"), "warning");
	s.host = "relay.invalid\nhello = vote.example.org";
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "hello"), "ok");
	house_close(&s.house);
	end(&s);
}

static void a_test_letter_is_a_members_but_for_its_token(void **state)
{
	struct scene s = { 0 };
	struct buf line = BUF_INIT((size_t)1 << 20), handles = BUF_INIT((size_t)1 << 20);
	char handle[HANDLE_TEXT];
	const char *at;

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, GOOD DMARC);
	assert_int_equal(look(&s, state, "--to a@example.org --passphrase-file pass", ""), 0);
	assert_string_equal(level_of(&s, "sent"), "ok");
	assert_string_equal(level_of(&s, "arrival"), "note");
	assert_int_equal(s.relay.accepted, 1);
	at = strstr(buf_text(&s.relay.ids), "preflight-");
	assert_non_null(at);
	memcpy(handle, strchr(at, '.') + 1, HANDLE_CHARS);
	handle[HANDLE_CHARS] = 0;
	assert_true(relay_count(&s.relay, &s.relay.commands, handle) > 0); /* the envelope's */
	assert_int_equal(file_read_line(&line, temp_path(state, "home/handles.json"), NULL), OK);
	assert_int_equal(handles_read(&handles, s.house.kit.m, line.data, line.len, NULL), OK);
	assert_int_equal(handles.len, (MEMBERS + 1) * HANDLE_CHARS);
	at = strstr(buf_text(&handles), handle);
	assert_non_null(at);
	assert_int_equal((at - buf_text(&handles)) % HANDLE_CHARS, 0);
	house_run(&s.house, cmd_status, "status --home home --json");
	assert_non_null(strstr(s.house.last.out, "\"planned\":20"));
	buf_free(&line);
	buf_free(&handles);
	house_close(&s.house);
	end(&s);
}

static void a_relay_that_refuses_the_test_letter_is_told(void **state)
{
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, GOOD DMARC);
	s.relay.mood = RELAY_DENIES;
	s.relay.times = -1;
	assert_int_equal(look(&s, state, "--to a@example.org --passphrase-file pass", ""), 1);
	assert_string_equal(level_of(&s, "sent"), "stop");
	s.relay.mood = RELAY_DEFERS;
	assert_int_equal(look(&s, state, "--to a@example.org --passphrase-file pass", ""), 75);
	assert_string_equal(level_of(&s, "sent"), "unseen");
	house_close(&s.house);
	end(&s);
}

/* At MAIL, or, as Postfix does, when it hears the recipient. */
static void a_relay_that_wants_a_sender_is_told(void **state)
{
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, GOOD DMARC);
	assert_int_equal(look(&s, state, "", ""), 0);
	assert_string_equal(level_of(&s, "null-sender"), "ok");
	assert_int_equal(relay_count(&s.relay, &s.relay.commands, "MAIL FROM:<>"), 1);
	assert_int_equal(s.relay.accepted, 0);
	s.relay.mood = RELAY_NO_NULL;
	s.relay.times = -1;
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "null-sender"), "warning");
	assert_non_null(strstr(s.house.last.out, "a sender must be given"));
	s.relay.mood = RELAY_REFUSES;
	s.relay.times = 1;
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "null-sender"), "warning");
	s.relay.times = -1; /* it does not want that recipient from anybody */
	look(&s, state, "", "");
	assert_string_equal(level_of(&s, "null-sender"), "note");
	house_close(&s.house);
	end(&s);
}

static void a_saved_letter_is_read(void **state)
{
	struct scene s = { 0 };

	house_open(&s.house, state, MEMBERS);
	begin(&s, state, GOOD DMARC);
	temp_text(state, "letter.eml",
	          "Received: from relay.test by mx.test with ESMTPS; now\n"
	          "Authentication-Results: mx.test; spf=softfail smtp.mailfrom=example.org;\n"
	          " dkim=none; dmarc=fail header.from=example.org\nSubject: x\n\n");
	assert_int_equal(look(&s, state, "--received letter.eml", ""), 1);
	assert_non_null(strstr(s.house.last.out, "dmarc=fail for example.org"));
	assert_int_equal(json_integer_value(json_object_get(s.page, "stop")), 1);
	assert_string_equal(level_of(&s, "signature"), "warning");
	temp_text(state, "letter.eml", "no mail at all\n");
	assert_int_equal(look(&s, state, "--received letter.eml", ""), 65);
	assert_non_null(strstr(s.house.last.err, ".eml"));
	assert_int_equal(look(&s, state, "--received gone.eml", ""), 65);
	house_close(&s.house);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(well_is_0_a_stop_is_1_and_unseen_75),
		TEMP_TEST(a_dns_that_is_away_is_no_verdict),
		TEMP_TEST(members_at_domains_that_take_no_mail_are_told),
		TEMP_TEST(a_members_domain_that_nobody_can_tell_of_is_a_note),
		TEMP_TEST(a_dns_that_tells_of_no_members_domain_is_unseen),
		TEMP_TEST(it_looks_before_anything_is_sealed),
		TEMP_TEST(an_error_behind_in_the_spf_record_is_no_stop),
		TEMP_TEST(many_at_one_provider_need_all_in_order),
		TEMP_TEST(the_time_it_takes_is_the_estimates),
		TEMP_TEST(the_name_that_is_said_is_told),
		TEMP_TEST(a_test_letter_is_a_members_but_for_its_token),
		TEMP_TEST(a_relay_that_refuses_the_test_letter_is_told),
		TEMP_TEST(a_relay_that_wants_a_sender_is_told),
		TEMP_TEST(a_saved_letter_is_read),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
