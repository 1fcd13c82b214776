/* SPDX-License-Identifier: MIT */
#include "mailer/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/handles.h"
#include "tests/relay.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* status, as an administrator or a monitor runs it. */
#define MEMBERS  30
#define REFUSED  6
#define FILE_MAX ((size_t)4 << 20)

struct post {
	struct house h;
	struct relay_play relay;
};

static int run(struct post *p, int (*cmd)(int, char **), const char *words)
{
	return house_run(&p->h, cmd, words);
}

static void says(const struct post *p, const char *words)
{
	if (!strstr(p->h.last.out, words))
		fail_msg("\"%s\" does not say \"%s\"", p->h.last.out, words);
}

static void remarks(const struct post *p, const char *words)
{
	if (!strstr(p->h.last.err, words))
		fail_msg("\"%s\" does not say \"%s\"", p->h.last.err, words);
}

static void open_post(struct post *p, void **state)
{
	memset(p, 0, sizeof(*p));
	relay_start(&p->relay, RELAY_REFUSES, REFUSED);
	house_open(&p->h, state, MEMBERS);
	kit_settings(state, "home/mailer.conf", p->relay.port, "connections = 2\n", KIT_FULL_SPEED);
}

static void close_post(struct post *p)
{
	house_close(&p->h);
	relay_stop(&p->relay);
}

/* A report about one member's letter, now. */
static void give_back_saying(void **state, uint32_t serial, enum failure failure, const char *words)
{
	struct returned r = { .failure = failure, .at = (uint64_t)time(NULL), .status = "5.1.1" };
	struct returns *returns = NULL;
	struct why why = { 0 };

	snprintf(r.text, sizeof(r.text), "%s", words);
	assert_ok(returns_open(&returns, temp_path(state, "home"), true, &why), &why);
	returns_begin(returns);
	returns_add(returns, serial, &r, serial + 1 + strlen(words));
	assert_ok(returns_commit(returns, &why), &why);
	returns_close(returns);
}

static void give_back(void **state, uint32_t serial, enum failure failure)
{
	give_back_saying(state, serial, failure, "nobody of that name");
}

static void read_whole(struct buf *out, void **state, const char *name)
{
	buf_clear(out);
	assert_int_equal(file_read(out, temp_path(state, name), NULL), OK);
}

static void before_a_letter_was_sent_there_is_no_alarm(void **state)
{
	struct post p;

	open_post(&p, state);
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 100"), 0);
	assert_string_equal(p.h.last.out, "VOTEPOST OK - no letter was sent yet\n");
	assert_int_equal(run(&p, cmd_status, "status --home home"), 0);
	says(&p, "stage                           issued");
	says(&p, "not tried                           30");
	assert_int_equal(run(&p, cmd_status, "status --home home --html page.html"), 0);
	/* An announcement is no letter. */
	p.relay.times = 0;
	assert_int_equal(run(&p, cmd_announce, "announce --home home --passphrase-file pass"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home"), 0);
	says(&p, "stage                           issued");
	/* Not even where an earlier mail has shown that somebody's address is dead. */
	give_back(state, 3, FAILURE_HARD);
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 100 --alarm-from 1"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home"), 0);
	says(&p, "  bounced: no such mailbox           1");
	assert_int_equal(run(&p, cmd_send, "send --home home --passphrase-file pass --limit 1"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home"), 0);
	says(&p, "stage                          sending");
	close_post(&p);
}

static void an_alarm_ends_with_1_and_says_where(void **state)
{
	struct post p;

	open_post(&p, state);
	assert_int_equal(run(&p, cmd_send, "send --home home --passphrase-file pass"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 80"), 0);
	assert_string_equal(p.h.last.out,
	                    "VOTEPOST OK - 80.0 % of 30 letters delivered, threshold 80 %\n");
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 81"), 1);
	assert_string_equal(p.h.last.out,
	                    "VOTEPOST CRITICAL - 80.0 % of 30 letters delivered, threshold 81 %: "
	                    "voters.test 24 of 30; group (none) 24 of 30\n");
	assert_string_equal(p.h.last.err, "");
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 81 --alarm-from 31"), 1);
	assert_int_equal(run(&p, cmd_status, "status --home home"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 101"), 64);
	kit_settings(state, "home/mailer.conf", p.relay.port, "connections = 2\n",
	             KIT_FULL_SPEED "[status]\nalarm = 90\n");
	assert_int_equal(run(&p, cmd_status, "status --home home"), 1);
	says(&p, "delivered                           24   80.0 % of 30 letters tried");
	says(&p, "  refused: no such mailbox           6");
	remarks(&p, "VOTEPOST CRITICAL");
	assert_int_equal(run(&p, cmd_status, "status --home home --json"), 1);
	assert_int_equal(run(&p, cmd_status, "status --home home --alarm 0"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home --by colour"), 64);
	remarks(&p, "--by: domain, group or language, not colour");
	close_post(&p);
}

/* No handle, with which a bounce could be forged, and no link. */
static void holds_no_secret(const struct post *p, const struct buf *text, const struct buf *line)
{
	struct buf handles = BUF_INIT(FILE_MAX);

	assert_int_equal(handles_read(&handles, p->h.kit.m, buf_text(line), line->len - 1, NULL),
	                 OK);
	assert_int_equal(handles.len, (size_t)(MEMBERS + 1) * HANDLE_CHARS);
	for (size_t at = 0; at < handles.len; at += HANDLE_CHARS) {
		char handle[HANDLE_CHARS + 1] = "";

		memcpy(handle, handles.data + at, HANDLE_CHARS);
		assert_null(strcasestr(buf_text(text), handle));
	}
	assert_null(strstr(buf_text(text), "://"));
	assert_null(strstr(buf_text(text), "mailto:"));
	buf_free(&handles);
}

static void names_nobody(const struct post *p, const struct buf *text, const struct buf *handles)
{
	holds_no_secret(p, text, handles);
	assert_null(strstr(buf_text(text), "@voters"));
	assert_null(strstr(buf_text(text), "Zoé"));
	for (unsigned i = 10; i < MEMBERS; i++) {
		char id[8];

		snprintf(id, sizeof(id), "M%u", i);
		assert_null(strcasestr(buf_text(text), id));
	}
}

static void no_table_names_anybody_and_nothing_holds_a_secret(void **state)
{
	static const char *const words[] = {
		"status --home home",
		"status --home home --json",
		"status --home home --by domain",
		"status --home home --by group",
		"status --home home --by language",
		"status --home home --alarm 99",
		"status --home home --html page.html --unreached list.csv",
	};
	struct buf handles = BUF_INIT(FILE_MAX), text = BUF_INIT(FILE_MAX);
	struct post p;

	open_post(&p, state);
	assert_int_equal(run(&p, cmd_send, "send --home home --passphrase-file pass"), 0);
	give_back(state, 12, FAILURE_HARD);
	read_whole(&handles, state, "home/handles.json");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_in_range(run(&p, cmd_status, words[i]), 0, 1);
		buf_clear(&text);
		buf_adds(&text, p.h.last.out);
		buf_adds(&text, p.h.last.err);
		names_nobody(&p, &text, &handles);
	}
	read_whole(&text, state, "page.html");
	names_nobody(&p, &text, &handles);
	read_whole(&text, state, "list.csv");
	holds_no_secret(&p, &text, &handles);
	assert_non_null(strstr(buf_text(&text), "m12@voters.test,unreached,"));
	assert_int_equal(run(&p, cmd_status, "status --home home --unreached list.csv"), 65);
	remarks(&p, "list.csv is there already");
	buf_free(&handles);
	buf_free(&text);
	close_post(&p);
}

static void one_member_is_told_of_with_what_came_back(void **state)
{
	struct post p;

	open_post(&p, state);
	assert_int_equal(run(&p, cmd_status, "status --home home --member M12"), 0);
	says(&p, "state      planned");
	p.relay.times = 0;
	assert_int_equal(run(&p, cmd_send, "send --home home --passphrase-file pass"), 0);
	assert_int_equal(run(&p, cmd_status, "status --home home --member M12"), 0);
	says(&p, "state      delivered");
	give_back(state, 12, FAILURE_HARD);
	assert_int_equal(run(&p, cmd_status, "status --home home --member M12"), 0);
	says(&p, "state      bounced: no such mailbox");
	says(&p, ", 1 time: hard\n");
	says(&p, "it said    5.1.1 nobody of that name\n");
	says(&p, "reissue with --email");
	give_back_saying(state, 12, FAILURE_HARD, "550 5.1.1 nobody there"); /* once is enough */
	assert_int_equal(run(&p, cmd_status, "status --home home --member M12"), 0);
	says(&p, "it said    550 5.1.1 nobody there\n");
	assert_int_equal(run(&p, cmd_status, "status --home home --member M99"), 65);
	close_post(&p);
}

static void json_is_one_object_whose_sums_add_up(void **state)
{
	struct json_t *all;
	struct post p;

	open_post(&p, state);
	assert_int_equal(run(&p, cmd_send, "send --home home --passphrase-file pass"), 0);
	give_back(state, 3, FAILURE_FULL);
	assert_int_equal(run(&p, cmd_status, "status --home home --json"), 0);
	all = json_loads(p.h.last.out, 0, NULL);
	assert_non_null(all);
	for (unsigned i = 0; i < 2; i++) {
		const char *key;
		json_t *value;
		json_int_t sum = 0;

		json_object_foreach(json_object_get(all, i ? "states" : "reached"), key, value)
			sum += json_integer_value(value);
		assert_int_equal(sum, MEMBERS);
	}
	assert_int_equal(json_integer_value(json_object_get(all, "members")), MEMBERS);
	assert_int_equal(json_array_size(json_object_get(all, "domains")), 1);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(all, "bounces"), "full")), 1);
	json_decref(all);
	close_post(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(before_a_letter_was_sent_there_is_no_alarm),
		TEMP_TEST(an_alarm_ends_with_1_and_says_where),
		TEMP_TEST(no_table_names_anybody_and_nothing_holds_a_secret),
		TEMP_TEST(one_member_is_told_of_with_what_came_back),
		TEMP_TEST(json_is_one_object_whose_sums_add_up),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
