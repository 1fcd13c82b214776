/* SPDX-License-Identifier: MIT */
#include "receiver/http.h"

#include <jansson.h>
#include <sodium.h>
#include <sys/stat.h>

#include "core/head.h"
#include "core/text.h"
#include "receiver/lookup.h"
#include "tests/unit/receiver/served.h"

#define LINE_CAP (1u << 20)
#define RACERS   64
#define PESTS    120

static int setup(void **state)
{
	struct poll_plan plan = {
		.opens = 1796126400, .closes = 1796126400 + 86400, .members = 90, .link = true
	};
	struct served_box *s = calloc(1, sizeof(*s));

	served_open(s, &plan);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	served_close(*state);
	free(*state);
	return 0;
}

static void ballot(struct buf *line, struct served_box *s, unsigned member, unsigned option)
{
	buf_init(line, LINE_CAP);
	poll_ballot(line, &s->b.e, member, CHANNEL_LINK, option);
}

/* The answer is an error of this status and name; it is freed. */
static void is_error(struct served_answer *a, unsigned status, const char *name)
{
	json_t *root = json_loadb(buf_text(&a->body), a->body.len, 0, NULL);

	if (a->status != status)
		print_error("%s%s\n", buf_text(&a->head), buf_text(&a->body));
	assert_int_equal(a->status, status);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "error")), name);
	assert_true(json_string_length(json_object_get(root, "text")) > 10 ||
	            json_string_length(json_object_get(root, "tracker")) == 23);
	json_decref(root);
	served_answer_free(a);
}

/* Post, and hold the receipt against the ballot and the manifest. */
static void is_receipt(struct served_box *s, struct served_answer *a, unsigned status,
                       const struct buf *line, struct receipt *receipt)
{
	struct why why = { 0 };

	if (a->status != status)
		print_error("%s%s\n", buf_text(&a->head), buf_text(&a->body));
	assert_int_equal(a->status, status);
	assert_ok(receipt_read(receipt, buf_text(&a->body), a->body.len, &why), &why);
	assert_ok(receipt_check(receipt, s->b.e.m, buf_text(line), line->len, &why), &why);
	served_answer_free(a);
}

static void a_ballot_gets_its_receipt_and_again_the_same(void **state)
{
	struct served_box *s = *state;
	struct receipt first, again;
	struct served_answer a;
	struct buf line;
	struct box_txn t;

	ballot(&line, s, 1, 0);
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &first);
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 200, &line, &again);
	assert_int_equal(first.index, again.index);
	assert_string_equal(first.tracker, again.tracker);
	assert_int_equal(box_look(&t, s->b.box), OK);
	assert_int_equal(t.state.ballots, 1);
	assert_int_equal(t.state.channel[CHANNEL_LINK], 1);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], 1);
	assert_int_equal(t.state.verdict[VERDICT_USED], 0);
	box_abort(&t);
	buf_free(&line);
	boxed_verify(&s->b, false);
}

static void another_ballot_of_the_same_token_is_told_the_first_ones_tracker(void **state)
{
	struct served_box *s = *state;
	char tracker[TRACKER_TEXT];
	struct served_answer a;
	struct receipt receipt;
	struct buf one, two;

	ballot(&one, s, 2, 0);
	ballot(&two, s, 2, 1);
	served_post(s, buf_text(&one), one.len, &a);
	is_receipt(s, &a, 201, &one, &receipt);
	served_post(s, buf_text(&two), two.len, &a);
	ballot_tracker(tracker, buf_text(&one), one.len);
	assert_non_null(strstr(buf_text(&a.body), tracker));
	is_error(&a, 409, "used");
	buf_free(&one);
	buf_free(&two);
	boxed_verify(&s->b, false);
}

struct racer {
	struct served_box *s;
	struct buf line;
	unsigned status;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	struct served_answer a;

	served_post(r->s, buf_text(&r->line), r->line.len, &a);
	r->status = a.status;
	served_answer_free(&a);
	return NULL;
}

/* `different`: two ballots of one token; else the same one from all. */
static void race_all(struct served_box *s, unsigned member, bool different, unsigned want_rest)
{
	struct racer racer[RACERS];
	pthread_t thread[RACERS];
	unsigned made = 0, rest = 0;

	for (unsigned i = 0; i < RACERS; i++) {
		racer[i] = (struct racer){ .s = s };
		if (i < 1 || different)
			ballot(&racer[i].line, s, member, i % 3);
		else
			racer[i].line = racer[0].line;
	}
	for (unsigned i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
	for (unsigned i = 0; i < RACERS; i++)
		pthread_join(thread[i], NULL);
	for (unsigned i = 0; i < RACERS; i++) {
		made += racer[i].status == 201;
		rest += racer[i].status == want_rest;
		if (i < 1 || different)
			buf_free(&racer[i].line);
	}
	assert_int_equal(made, 1);
	assert_int_equal(rest, RACERS - 1);
	boxed_verify(&s->b, false);
}

static void one_ballot_from_sixty_four_connections_is_made_once(void **state)
{
	race_all(*state, 3, false, 200);
}

static void of_many_ballots_of_one_token_one_is_made_and_the_others_are_told(void **state)
{
	race_all(*state, 4, true, 409);
}

/* Each field and the form: the ballot that it was still counts afterwards. */
static void what_is_no_ballot_here_is_told_why(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	struct receipt receipt;
	struct buf line, other;
	struct poll foreign;
	struct poll_plan plan = { .link = true };
	char *at;

	ballot(&line, s, 5, 0);
	buf_init(&other, LINE_CAP);
	served_post(s, "{}", 2, &a);
	is_error(&a, 400, "format");
	buf_add(&other, buf_text(&line), line.len);
	other.data[0] = '[';
	served_post(s, buf_text(&other), other.len, &a);
	is_error(&a, 400, "format");

	buf_clear(&other);
	buf_add(&other, buf_text(&line), line.len);
	at = strstr(other.data, "\"signature\":\"") + strlen("\"signature\":\"");
	at[3] = at[3] == 'A' ? 'B' : 'A';
	served_post(s, buf_text(&other), other.len, &a);
	is_error(&a, 400, "signature");

	/* A ballot by another channel, and one of an election that is not this. */
	buf_clear(&other);
	poll_ballot(&other, &s->b.e, 5, CHANNEL_SEALED_REPLY, 0);
	served_post(s, buf_text(&other), other.len, &a);
	is_error(&a, 403, "channel");
	poll_make(&foreign, &plan);
	buf_clear(&other);
	poll_ballot(&other, &foreign, 5, CHANNEL_LINK, 0);
	served_post(s, buf_text(&other), other.len, &a);
	is_error(&a, 404, "unknown");
	poll_free(&foreign);

	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
	buf_free(&other);
}

static void a_replaced_token_is_told_so(void **state)
{
	struct served_box *s = *state;
	struct cast_job job = { .kind = CAST_CHANGE };
	struct buf line, change = BUF_INIT(4096);
	struct served_answer a;
	struct line parsed = { 0 };

	ballot(&line, s, 6, 0);
	poll_reissue(&change, &s->b.e, 6);
	assert_int_equal(line_read(&parsed, s->b.e.m, buf_text(&change), change.len, NULL), OK);
	job.change = &parsed;
	job.line = buf_text(&change);
	job.len = change.len;
	assert_int_equal(cast_submit(s->cast, &job, NULL), OK);
	assert_int_equal(job.entry, ENTRY_DONE);
	served_post(s, buf_text(&line), line.len, &a);
	is_error(&a, 410, "replaced");
	line_release(&parsed);
	buf_free(&line);
	buf_free(&change);
}

/* The closing time that /turnout tells. */
static void closes_at(struct served_box *s, uint64_t closes)
{
	struct served_answer a;
	char want[TIME_TEXT];
	json_t *root;

	time_write(want, closes);
	served_ask(s, "GET", "/turnout", "", &a);
	root = json_loadb(buf_text(&a.body), a.body.len, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(root, "closes")), want);
	json_decref(root);
	served_answer_free(&a);
}

static void the_turnout_tells_the_closing_time_in_force(void **state)
{
	struct served_box *s = *state;
	struct cast_job job = { .kind = CAST_CHANGE };
	struct buf change = BUF_INIT(4096);
	struct line parsed = { 0 };

	closes_at(s, s->b.e.m->closes);
	extended_write(&change, s->b.e.m, s->b.e.m->closes + 7200, s->b.e.mailer_secret);
	assert_int_equal(line_read(&parsed, s->b.e.m, buf_text(&change), change.len, NULL), OK);
	job.change = &parsed;
	job.line = buf_text(&change);
	job.len = change.len;
	assert_int_equal(cast_submit(s->cast, &job, NULL), OK);
	assert_int_equal(job.entry, ENTRY_DONE);
	closes_at(s, s->b.e.m->closes + 7200);
	line_release(&parsed);
	buf_free(&change);
}

static void a_ballot_counts_between_the_opening_and_the_close_alone(void **state)
{
	struct served_box *s = *state;
	int64_t wall = s->hands.wall;
	struct served_answer a;
	struct receipt receipt;
	struct buf line;

	ballot(&line, s, 7, 0);
	served_stop(s);
	s->hands.wall = (int64_t)s->b.e.m->opens - 5;
	s->hands.boot += s->hands.wall - wall;
	served_start(s);
	served_post(s, buf_text(&line), line.len, &a);
	is_error(&a, 403, "early");
	s->hands.wall += 10;
	s->hands.boot += 10;
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
	s->hands.boot += (int64_t)s->b.e.m->closes - s->hands.wall;
	s->hands.wall = (int64_t)s->b.e.m->closes;
	ballot(&line, s, 8, 0);
	served_post(s, buf_text(&line), line.len, &a);
	is_error(&a, 403, "late");
	buf_free(&line);
}

/* The clock leaps, or the disk is full: handed back for now, and nothing is lost. */
static void trouble_of_the_world_is_503_and_the_ballot_counts_afterwards(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	struct receipt receipt;
	struct buf line;

	ballot(&line, s, 9, 0);
	s->hands.wall += 3600;
	served_post(s, buf_text(&line), line.len, &a);
	assert_true(atoi(served_header(&a, "Retry-After")) > 0);
	is_error(&a, 503, "again");
	s->hands.wall -= 3600;
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
}

/* Reopen the box with room for so much. */
static void give_room(struct served_box *s, uint64_t bytes)
{
	struct why why = { 0 };

	served_stop(s);
	box_close(s->b.box);
	assert_ok(box_open(&s->b.box, s->b.dir, BOX_WRITE, bytes, &why), &why);
	assert_ok(enter_mend(s->b.box, false, &why), &why);
	served_start(s);
}

static void a_full_box_hands_ballots_back_and_loses_none(void **state)
{
	struct served_box *s = *state;
	unsigned member = 0, status = 201;
	struct served_answer a;
	struct receipt receipt;
	struct buf line;
	struct box_txn t;

	give_room(s, 262144);
	while (status == 201) {
		assert_true(member < 90);
		ballot(&line, s, member++, 0);
		served_post(s, buf_text(&line), line.len, &a);
		status = a.status;
		if (status == 201)
			buf_free(&line);
		if (status == 201)
			served_answer_free(&a);
	}
	is_error(&a, 503, "again");
	assert_int_equal(box_look(&t, s->b.box), OK);
	assert_int_equal(t.state.ballots, member - 1);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], member - 1);
	box_abort(&t);
	give_room(s, BOXED_MAP);
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
	boxed_verify(&s->b, false);
}

static void a_post_is_read_to_its_cap_and_no_further(void **state)
{
	struct served_box *s = *state;
	size_t most = ballot_line_bytes(s->b.e.m, CHANNEL_LINK) + 1024;
	struct buf line = BUF_INIT(LINE_CAP), request = BUF_INIT(LINE_CAP);
	struct served_answer a;

	while (line.len < most)
		buf_addc(&line, '1');
	served_post(s, buf_text(&line), line.len, &a);
	is_error(&a, 400, "format");
	buf_addc(&line, '1');
	served_post(s, buf_text(&line), line.len, &a);
	is_error(&a, 413, "too-large");

	/* In chunks nobody says how long it will be. */
	buf_addf(&request,
	         "POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	         "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
	         line.len, buf_text(&line));
	served_exchange(s, buf_text(&request), request.len, &a);
	is_error(&a, 413, "too-large");
	buf_free(&line);
	buf_free(&request);
}

static void a_ballot_in_chunks_counts(void **state)
{
	struct served_box *s = *state;
	struct buf line, request = BUF_INIT(LINE_CAP);
	struct served_answer a;
	struct receipt receipt;

	ballot(&line, s, 10, 0);
	buf_addf(&request, "POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; "
	                   "charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t at = 0, n; at < line.len; at += n) {
		n = line.len - at < 700 ? line.len - at : 700;
		buf_addf(&request, "%zx\r\n%.*s\r\n", n, (int)n, buf_text(&line) + at);
	}
	buf_adds(&request, "0\r\n\r\n");
	served_exchange(s, buf_text(&request), request.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
	buf_free(&request);
}

/* Headers that contradict each other, or say nothing: no ballot is read by two lengths. */
static void a_post_has_one_length_and_one_type(void **state)
{
	static const char both[] = "Content-Type: application/json\r\nContent-Length: 2\r\n"
				   "Transfer-Encoding: chunked\r\n";
	static const char *const bad[] = {
		"Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 2\r\n",
		"Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
		both,
		"Content-Type: text/plain\r\nContent-Length: 2\r\n",
		"Content-Length: 2\r\n",
		"Content-Type: application/json\r\n",
		"Content-Type: application/json\r\nContent-Length: -2\r\n",
		"Content-Type: application/json\r\nContent-Length: 2x\r\n",
		"Content-Type: application/json\r\nContent-Length: 99999999999999999999999\r\n",
	};
	struct served_box *s = *state;
	struct buf request = BUF_INIT(4096);
	struct served_answer a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_clear(&request);
		buf_addf(&request, "POST /ballot HTTP/1.1\r\nHost: x\r\n%s\r\n{}", bad[i]);
		served_exchange(s, buf_text(&request), request.len, &a);
		if (a.status / 100 != 4)
			print_error("%s%s\n", bad[i], buf_text(&a.head));
		assert_int_equal(a.status / 100, 4);
		served_answer_free(&a);
	}
	buf_free(&request);
}

static void a_body_may_come_byte_by_byte_and_requests_one_after_the_other(void **state)
{
	struct served_box *s = *state;
	struct buf one, two, request = BUF_INIT(LINE_CAP);
	int fd = served_connect(s, 1), on = 1;
	struct served_answer a;
	struct receipt receipt;

	ballot(&one, s, 11, 0);
	ballot(&two, s, 12, 1);
	served_post_text(&request, buf_text(&one), one.len);
	setsockopt(fd, 6, 1, &on, sizeof(on)); /* no delay */
	for (size_t i = 0; i < request.len; i++)
		assert_true(served_say(fd, request.data + i, 1));
	served_hear(fd, &a, false);
	is_receipt(s, &a, 201, &one, &receipt);
	/* Pipelined: a post and two gets in one piece. */
	buf_clear(&request);
	served_post_text(&request, buf_text(&two), two.len);
	buf_adds(&request, "GET /head HTTP/1.1\r\nHost: x\r\n\r\n"
	                   "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(served_say(fd, buf_text(&request), request.len));
	served_hear(fd, &a, false);
	is_receipt(s, &a, 201, &two, &receipt);
	served_hear(fd, &a, false);
	assert_int_equal(a.status, 200);
	served_answer_free(&a);
	served_hear(fd, &a, false);
	assert_int_equal(a.status, 404);
	served_answer_free(&a);
	close(fd);
	buf_free(&one);
	buf_free(&two);
	buf_free(&request);
}

/* Cut short at every hundredth byte, then whole: only the whole one counts. */
static void a_post_that_breaks_off_leaves_nothing(void **state)
{
	struct served_box *s = *state;
	struct buf line, request = BUF_INIT(LINE_CAP);
	struct served_answer a;
	struct receipt receipt;
	struct box_txn t;
	int fd;

	ballot(&line, s, 13, 0);
	served_post_text(&request, buf_text(&line), line.len);
	for (size_t cut = 1; cut < request.len; cut += 100) {
		fd = served_connect(s, 1);
		assert_true(served_say(fd, buf_text(&request), cut));
		close(fd);
	}
	assert_int_equal(box_look(&t, s->b.box), OK);
	assert_int_equal(t.state.ballots, 0);
	box_abort(&t);
	served_exchange(s, buf_text(&request), request.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
	buf_free(&request);
}

static void other_methods_and_paths_do_nothing(void **state)
{
	static const struct {
		const char *method, *target;
		unsigned status;
		const char *allow;
	} asked[] = {
		{ "POST", "/", 405, "GET, HEAD" },
		{ "PUT", "/ballot", 405, "POST" },
		{ "GET", "/ballot", 405, "POST" },
		{ "DELETE", "/board?from=0", 405, "GET, HEAD" },
		{ "OPTIONS", "/ballot", 405, "POST" },
		{ "TRACE", "/", 405, "GET, HEAD" },
		{ "GET", "/admin", 404, "" },
		{ "GET", "/record/receiver.key", 404, "" },
		{ "GET", "/record/../box", 404, "" },
		{ "GET", "/board", 400, "" },
		{ "GET", "/board?from=-1", 400, "" },
		{ "GET", "/receipt/x", 400, "" },
		{ "GET", "/record/head.json", 404, "" },
	};
	struct served_box *s = *state;
	struct served_answer a;

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		served_ask(s, asked[i].method, asked[i].target, "Content-Length: 0\r\n", &a);
		if (a.status != asked[i].status)
			print_error("%s %s: %u\n", asked[i].method, asked[i].target, a.status);
		assert_int_equal(a.status, asked[i].status);
		assert_string_equal(served_header(&a, "Allow"), asked[i].allow);
		served_answer_free(&a);
	}
}

static void headers_that_are_too_large_or_none_get_an_error(void **state)
{
	struct served_box *s = *state;
	struct buf request = BUF_INIT(LINE_CAP);
	struct served_answer a;

	buf_adds(&request, "GET / HTTP/1.1\r\nHost: x\r\nX: ");
	while (request.len < 40000)
		buf_addc(&request, 'x');
	buf_adds(&request, "\r\n\r\n");
	served_exchange(s, buf_text(&request), request.len, &a);
	assert_true(a.status == 431 || a.status == 413 || a.status == 0);
	served_answer_free(&a);
	buf_clear(&request);
	buf_adds(&request, "GET /");
	while (request.len < 5000)
		buf_addc(&request, 'x');
	buf_adds(&request, " HTTP/1.1\r\nHost: x\r\n\r\n");
	served_exchange(s, buf_text(&request), request.len, &a);
	assert_int_equal(a.status, 404);
	served_answer_free(&a);
	served_exchange(s, "\x16\x03\x01\x02\r\n\r\n", 8, &a);
	assert_true(a.status == 400 || a.status == 0);
	served_answer_free(&a);
	buf_free(&request);
}

static void the_page_comes_in_every_way_that_a_link_is_mangled(void **state)
{
	static const char *const targets[] = { "/", "/?utm=1", "/%23ABCD", "/%2523ABCD-EFGH",
		                               "/#ABCD" };
	struct served_box *s = *state;
	struct served_answer a;
	char etag[64], headers[128];

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		served_ask(s, "GET", targets[i], "", &a);
		assert_int_equal(a.status, 200);
		assert_string_equal(served_header(&a, "Content-Type"), "text/html; charset=utf-8");
		assert_null(strstr(buf_text(&a.body), "@MANIFEST@"));
		snprintf(etag, sizeof(etag), "%s", served_header(&a, "ETag"));
		served_answer_free(&a);
	}
	served_ask(s, "GET", "/", "Accept-Encoding: br, gzip\r\n", &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(served_header(&a, "Content-Encoding"), "gzip");
	assert_memory_equal(a.body.data, "\x1f\x8b", 2);
	served_answer_free(&a);
	snprintf(headers, sizeof(headers), "If-None-Match: %s\r\n", etag);
	served_ask(s, "GET", "/", headers, &a);
	assert_int_equal(a.status, 304);
	served_answer_free(&a);
	served_ask(s, "HEAD", "/", "", &a);
	assert_int_equal(a.status, 200);
	assert_int_equal(a.body.len, 0);
	served_answer_free(&a);
}

static void every_answer_has_the_headers_that_keep_it_to_itself(void **state)
{
	static const char *const targets[] = { "/", "/check", "/head", "/nowhere", "/ballot" };
	struct served_box *s = *state;
	struct served_answer a;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		served_ask(s, "GET", targets[i], "", &a);
		assert_string_equal(served_header(&a, "Referrer-Policy"), "no-referrer");
		assert_string_equal(served_header(&a, "X-Content-Type-Options"), "nosniff");
		assert_non_null(
			strstr(served_header(&a, "Content-Security-Policy"), "default-src 'none'"));
		assert_string_equal(served_header(&a, "Access-Control-Allow-Origin"), "");
		assert_non_null(strstr(served_header(&a, "Cache-Control"), "no-"));
		served_answer_free(&a);
	}
	served_ask(s, "GET", "/", "", &a);
	assert_non_null(
		strstr(served_header(&a, "Content-Security-Policy"), "script-src 'sha256-"));
	assert_null(strstr(served_header(&a, "Content-Security-Policy"), "unsafe-inline"));
	served_answer_free(&a);
}

/* Else a browser shows it bare. */
static void the_style_of_a_lost_page_is_the_one_that_its_policy_lets_in(void **state)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	const char *begin, *end;
	struct served_answer a;
	char coded[64];

	served_ask(*state, "GET", "/nowhere", "", &a);
	begin = strstr(buf_text(&a.body), "<style>");
	end = strstr(buf_text(&a.body), "</style>");
	assert_true(begin && end);
	begin += strlen("<style>");
	crypto_hash_sha256(digest, (const unsigned char *)begin, (size_t)(end - begin));
	sodium_bin2base64(coded, sizeof(coded), digest, sizeof(digest),
	                  sodium_base64_VARIANT_ORIGINAL);
	assert_non_null(strstr(served_header(&a, "Content-Security-Policy"), coded));
	served_answer_free(&a);
}

/* What the board says, over HTTP: the lines add up to the head's root, piece by piece too. */
static void the_board_comes_in_pieces_that_add_up_to_its_head(void **state)
{
	struct served_box *s = *state;
	struct buf board = BUF_INIT(SERVED_REPLY), line;
	struct merkle tree = { 0 };
	struct why why = { 0 };
	struct node leaf, root;
	struct served_answer a;
	struct head head;
	char target[64];

	for (unsigned m = 14; m < 20; m++) {
		ballot(&line, s, m, m % 3);
		served_post(s, buf_text(&line), line.len, &a);
		assert_int_equal(a.status, 201);
		served_answer_free(&a);
		buf_free(&line);
	}
	served_ask(s, "GET", "/head", "", &a);
	assert_ok(head_read(&head, buf_text(&a.body), a.body.len, &why), &why);
	assert_ok(head_check(&head, s->b.e.m, &why), &why);
	served_answer_free(&a);
	for (uint64_t from = 0; from < head.size; from += 3) {
		snprintf(target, sizeof(target), "/board?from=%llu&to=%llu",
		         (unsigned long long)from, (unsigned long long)from + 3);
		served_ask(s, "GET", target, "", &a);
		assert_int_equal(a.status, 200);
		buf_add(&board, buf_text(&a.body), a.body.len);
		served_answer_free(&a);
	}
	served_ask(s, "GET", "/board?from=0", "", &a);
	snprintf(target, sizeof(target), "0-%llu", (unsigned long long)head.size);
	assert_string_equal(served_header(&a, "Votepost-Lines"), target);
	assert_int_equal(a.body.len, board.len);
	assert_memory_equal(a.body.data, board.data, board.len);
	served_answer_free(&a);
	for (const char *at = buf_text(&board), *end; (end = strchr(at, '\n')); at = end + 1) {
		merkle_leaf(&leaf, at, (size_t)(end - at));
		merkle_append(&tree, &leaf, NULL, NULL);
	}
	merkle_root(&root, &tree);
	assert_int_equal(tree.size, head.size);
	assert_memory_equal(&root, &head.root, sizeof(root));
	served_ask(s, "GET", "/board?from=99999", "", &a);
	assert_int_equal(a.status, 200);
	assert_int_equal(a.body.len, 0);
	served_answer_free(&a);
	buf_free(&board);
}

static void proofs_receipts_and_turnout_say_what_the_board_says(void **state)
{
	struct served_box *s = *state;
	char credential[64], tracker[TRACKER_TEXT], target[128];
	struct buf line, b64 = BUF_INIT(64);
	struct served_answer a;
	struct receipt receipt;
	json_t *root;

	ballot(&line, s, 20, 1);
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	b64_add(&b64, s->b.e.member[20].credential.bytes, 32);
	snprintf(credential, sizeof(credential), "%s", buf_text(&b64));
	snprintf(target, sizeof(target), "/receipt/%s", credential);
	served_ask(s, "GET", target, "", &a);
	is_receipt(s, &a, 200, &line, &receipt);
	ballot_tracker(tracker, buf_text(&line), line.len);
	snprintf(target, sizeof(target), "/tracker/%s", tracker);
	served_ask(s, "GET", target, "", &a);
	is_receipt(s, &a, 200, &line, &receipt);
	for (char *c = target + 9; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	served_ask(s, "GET", target, "", &a);
	is_receipt(s, &a, 200, &line, &receipt);
	served_ask(s, "GET", "/tracker/00000-00000-00000-00000", "", &a);
	is_error(&a, 404, "not-found");
	snprintf(target, sizeof(target), "/proof/inclusion?index=1&size=%llu",
	         (unsigned long long)receipt.head.size);
	served_ask(s, "GET", target, "", &a);
	assert_int_equal(a.status, 200);
	root = json_loadb(buf_text(&a.body), a.body.len, 0, NULL);
	assert_true(json_array_size(json_object_get(root, "proof")) >= 2);
	json_decref(root);
	served_answer_free(&a);
	served_ask(s, "GET", "/proof/consistency?first=2&second=9999", "", &a);
	is_error(&a, 404, "not-found");
	served_ask(s, "GET", "/turnout", "", &a);
	root = json_loadb(buf_text(&a.body), a.body.len, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(root, "ballots")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "issued")), 90);
	assert_int_equal(json_integer_value(json_array_get(
				 json_array_get(json_object_get(root, "hours"), 0), 1)),
	                 1);
	json_decref(root);
	served_answer_free(&a);
	buf_free(&b64);
	buf_free(&line);
}

/* All bytes of the box's folder, in no particular way. */
static uint64_t fingerprint(struct served_box *s)
{
	static const char *const files[] = { "box/data.mdb", "board.ndjson", "clock",
		                             "receiver.key" };
	unsigned char hash[32];
	uint64_t sum = 0, part;
	struct buf text = BUF_INIT(1u << 26);

	for (unsigned i = 0; i < 4; i++) {
		buf_clear(&text);
		assert_int_equal(file_read(&text, boxed_path(&s->b, files[i]), NULL), OK);
		crypto_hash_sha256(hash, (const unsigned char *)buf_text(&text), text.len);
		memcpy(&part, hash, sizeof(part));
		sum = sum * 31 + part;
	}
	buf_free(&text);
	return sum;
}

static void get_and_head_change_nothing(void **state)
{
	static const char *const targets[] = { "/",
		                               "/check",
		                               "/manifest",
		                               "/head",
		                               "/board?from=0",
		                               "/turnout",
		                               "/proof/inclusion?index=0&size=2",
		                               "/proof/consistency?first=1&second=2",
		                               "/tracker/00000000000000000000",
		                               "/nowhere",
		                               "/ballot",
		                               "/%23ABCD" };
	struct served_box *s = *state;
	uint64_t before = fingerprint(s);
	struct served_answer a;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		served_ask(s, "GET", targets[i], "", &a);
		served_answer_free(&a);
		served_ask(s, "HEAD", targets[i], "", &a);
		served_answer_free(&a);
	}
	assert_true(fingerprint(s) == before);
}

static void the_record_is_served_by_name_and_nothing_beside_it(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	char folder[128];

	snprintf(folder, sizeof(folder), "%s/record", s->b.dir);
	assert_int_equal(mkdir(folder, 0755), 0);
	served_stop(s);
	s->site.record = folder;
	served_start(s);
	assert_int_equal(file_write(boxed_path(&s->b, "record/head.json"), "{}\n", 3, 0644, NULL),
	                 OK);
	assert_int_equal(symlink("../receiver.key", boxed_path(&s->b, "record/result.json")), 0);
	assert_int_equal(mkfifo(boxed_path(&s->b, "record/heads.ndjson"), 0644), 0);
	served_ask(s, "GET", "/record/head.json", "", &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(buf_text(&a.body), "{}\n");
	served_answer_free(&a);
	served_ask(s, "GET", "/record/result.json", "", &a);
	is_error(&a, 404, "not-found");
	served_ask(s, "GET", "/record/heads.ndjson", "", &a);
	is_error(&a, 404, "not-found");
	served_stop(s);
	s->site.record = NULL;
}

static void connections_are_limited_by_source_and_others_still_get_in(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	int fd[150];

	for (unsigned i = 0; i < 150; i++)
		fd[i] = served_connect(s, 2);
	usleep(200000);
	served_ask(s, "GET", "/head", "", &a); /* from another source */
	assert_int_equal(a.status, 200);
	served_answer_free(&a);
	close(fd[0]);
	fd[0] = served_connect(s, 2);
	close(fd[1]);
	usleep(200000);
	fd[1] = served_connect(s, 2);
	assert_true(served_text(fd[1], "GET /head HTTP/1.1\r\nHost: x\r\n\r\n"));
	served_hear(fd[1], &a, false);
	assert_int_equal(a.status, 200);
	served_answer_free(&a);
	for (unsigned i = 0; i < 150; i++)
		close(fd[i]);
}

/* A byte now and then keeps no connection alive, in the headers or in the body. */
static void who_trickles_is_hung_up_on(void **state)
{
	struct served_box *s = *state;
	int header = served_connect(s, 3), body = served_connect(s, 4);
	struct pollfd p;

	assert_true(served_text(body, "POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n"
	                              "Content-Type: application/json\r\n\r\n"));
	assert_true(served_text(header, "GET / HTTP/1.1\r\n"));
	for (unsigned i = 0; i < 10; i++) {
		if (!served_text(header, "X") || !served_text(body, "X"))
			break;
		sleep(1);
	}
	p = (struct pollfd){ .fd = header, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 3000), 1);
	assert_true(served_byte(header) < 0);
	p.fd = body;
	assert_int_equal(poll(&p, 1, 3000), 1);
	assert_true(served_byte(body) < 0);
	close(header);
	close(body);
}

/* Faster than anyone votes: a 429 that says when, and ballots that go in all the same. */
static void who_asks_too_fast_waits_and_votes_nevertheless(void **state)
{
	static const char ask[] = "GET /head HTTP/1.1\r\nHost: x\r\n\r\n";
	struct served_box *s = *state;
	int fd = served_connect(s, 1);
	unsigned refused = 0;
	struct served_answer a;
	struct receipt receipt;
	struct buf line;

	for (unsigned i = 0; i < 900; i++) {
		assert_true(served_text(fd, ask));
		served_hear(fd, &a, false);
		refused += a.status == 429;
		if (a.status == 429)
			assert_int_equal(atoi(served_header(&a, "Retry-After")), 1);
		else
			assert_int_equal(a.status, 200);
		served_answer_free(&a);
	}
	assert_true(refused > 0);
	ballot(&line, s, 21, 0);
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
	close(fd);
}

/* A proxy may add a line of its own beside the one that the other side wrote: the last counts. */
static void behind_a_proxy_a_source_is_not_what_it_says_it_is(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	unsigned refused = 0;
	char ask[160];
	int fd;

	http_stop(s->http);
	s->plan.forwarded = true;
	served_listen(s);
	assert_int_equal(http_start(&s->http, &s->plan, &s->site, s->cast, NULL), OK);
	fd = served_connect(s, 1);
	for (unsigned i = 0; i < 900; i++) {
		snprintf(ask, sizeof(ask),
		         "GET /head HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.%u.%u\r\n"
		         "X-Forwarded-For: 192.0.2.1\r\n\r\n",
		         i / 250, i % 250);
		assert_true(served_text(fd, ask));
		served_hear(fd, &a, false);
		refused += a.status == 429;
		served_answer_free(&a);
	}
	assert_true(refused > 0);
	close(fd);
}

/* Others fill the room that there is for posts with theirs, slowly: a ballot for which there is
 * none left comes again, and is not called too large. */
static void a_ballot_without_room_comes_again(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	struct receipt receipt;
	struct buf line;
	int fd;

	http_stop(s->http);
	ballot(&line, s, 89, 0);
	s->plan.bodies = line.len + line.len / 2;
	served_listen(s);
	assert_int_equal(http_start(&s->http, &s->plan, &s->site, s->cast, NULL), OK);
	fd = served_connect(s, 5);
	served_text(fd, "POST /ballot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	                "Content-Length: 2000\r\n\r\n");
	assert_true(served_say(fd, buf_text(&line), 1999));
	usleep(200000);
	served_post(s, buf_text(&line), line.len, &a);
	is_error(&a, 503, "again");
	close(fd);
	usleep(200000);
	served_post(s, buf_text(&line), line.len, &a);
	is_receipt(s, &a, 201, &line, &receipt);
	buf_free(&line);
}

struct pest {
	int fd[PESTS];
};

/* Posts that are refused before anybody looks at them. */
static void *pester(void *arg)
{
	const struct pest *p = arg;

	for (unsigned i = 0; i < PESTS; i++) {
		(void)served_text(p->fd[i], "POST /ballot HTTP/1.1\r\nHost: x\r\n\r\n");
		usleep(300);
	}
	return NULL;
}

/* The server ends while others are still being refused: nothing that they need is gone before
 * they are (which a sanitizer sees). */
static void an_end_among_refusals_is_orderly_too(void **state)
{
	struct served_box *s = *state;
	pthread_t thread;
	struct pest p;

	for (unsigned i = 0; i < PESTS; i++)
		p.fd[i] = served_connect(s, 5);
	usleep(100000);
	assert_int_equal(pthread_create(&thread, NULL, pester, &p), 0);
	usleep(20000);
	http_stop(s->http);
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < PESTS; i++)
		close(p.fd[i]);
	served_listen(s);
	assert_int_equal(http_start(&s->http, &s->plan, &s->site, s->cast, NULL), OK);
}

/* The server ends while ballots come in: each was answered, or is answered the same later. */
static void an_orderly_end_answers_what_is_in_hand(void **state)
{
	struct served_box *s = *state;
	struct racer racer[RACERS];
	pthread_t thread[RACERS];
	struct served_answer a;
	struct receipt receipt;

	for (unsigned i = 0; i < RACERS; i++) {
		racer[i] = (struct racer){ .s = s };
		ballot(&racer[i].line, s, 22 + i, i % 3);
	}
	for (unsigned i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
	usleep(60000);
	http_stop(s->http);
	for (unsigned i = 0; i < RACERS; i++)
		pthread_join(thread[i], NULL);
	served_listen(s);
	assert_int_equal(http_start(&s->http, &s->plan, &s->site, s->cast, NULL), OK);
	for (unsigned i = 0; i < RACERS; i++) {
		served_post(s, buf_text(&racer[i].line), racer[i].line.len, &a);
		is_receipt(s, &a, racer[i].status == 201 ? 200 : a.status, &racer[i].line,
		           &receipt);
		buf_free(&racer[i].line);
	}
	boxed_verify(&s->b, false);
}

static void refused_posts_are_in_the_funnel_after_the_next_commit(void **state)
{
	struct served_box *s = *state;
	struct served_answer a;
	struct box_txn t;

	served_post(s, "{}", 2, &a);
	is_error(&a, 400, "format");
	served_post(s, "{}", 2, &a);
	is_error(&a, 400, "format");
	assert_int_equal(cast_flush(s->cast, NULL), OK);
	assert_int_equal(box_look(&t, s->b.box), OK);
	assert_int_equal(t.state.verdict[VERDICT_INVALID], 2);
	box_abort(&t);
}

#define IT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IT(a_ballot_gets_its_receipt_and_again_the_same),
		IT(another_ballot_of_the_same_token_is_told_the_first_ones_tracker),
		IT(one_ballot_from_sixty_four_connections_is_made_once),
		IT(of_many_ballots_of_one_token_one_is_made_and_the_others_are_told),
		IT(what_is_no_ballot_here_is_told_why),
		IT(a_replaced_token_is_told_so),
		IT(the_turnout_tells_the_closing_time_in_force),
		IT(a_ballot_counts_between_the_opening_and_the_close_alone),
		IT(trouble_of_the_world_is_503_and_the_ballot_counts_afterwards),
		IT(a_full_box_hands_ballots_back_and_loses_none),
		IT(a_post_is_read_to_its_cap_and_no_further),
		IT(a_ballot_in_chunks_counts),
		IT(a_post_has_one_length_and_one_type),
		IT(a_body_may_come_byte_by_byte_and_requests_one_after_the_other),
		IT(a_post_that_breaks_off_leaves_nothing),
		IT(other_methods_and_paths_do_nothing),
		IT(headers_that_are_too_large_or_none_get_an_error),
		IT(the_page_comes_in_every_way_that_a_link_is_mangled),
		IT(every_answer_has_the_headers_that_keep_it_to_itself),
		IT(the_style_of_a_lost_page_is_the_one_that_its_policy_lets_in),
		IT(the_board_comes_in_pieces_that_add_up_to_its_head),
		IT(proofs_receipts_and_turnout_say_what_the_board_says),
		IT(get_and_head_change_nothing),
		IT(the_record_is_served_by_name_and_nothing_beside_it),
		IT(connections_are_limited_by_source_and_others_still_get_in),
		IT(who_trickles_is_hung_up_on),
		IT(who_asks_too_fast_waits_and_votes_nevertheless),
		IT(behind_a_proxy_a_source_is_not_what_it_says_it_is),
		IT(a_ballot_without_room_comes_again),
		IT(an_end_among_refusals_is_orderly_too),
		IT(an_orderly_end_answers_what_is_in_hand),
		IT(refused_posts_are_in_the_funnel_after_the_next_commit),
	};

	group_init();
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
