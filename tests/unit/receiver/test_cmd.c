/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/funnel.h"
#include "core/opening.h"
#include "core/text.h"
#include "receiver/errand.h"
#include "tests/poll.h"
#include "tests/relay.h"
#include "tests/support.h"
#include "tests/unit/receiver/bench.h"

static int setup(void **state)
{
	return bench_make(state, false, 86400);
}

static int setup_real(void **state)
{
	return bench_make(state, true, 86400);
}

/* Before there is a box. */
static void a_relay_is_tried_without_serving(void **state)
{
	struct bench *b = *state;
	struct relay_play r;

	relay_start(&r, RELAY_FINE, 0);
	settings_at(b, r.port, "");
	assert_int_equal(run(b, cmd_serve, NULL, "serve --check"), 0);
	assert_int_equal(relay_count(&r, &r.commands, "MAIL FROM:<>"), 2);
	assert_int_equal(relay_count(&r, &r.commands, "RCPT"), 2); /* ours, a stranger */
	assert_int_equal(r.accepted, 0);
	r.mood = RELAY_NO_NULL;
	r.times = -1;
	assert_int_equal(run(b, cmd_serve, NULL, "serve --check"), 75);
	assert_non_null(strstr(b->last.err, "ask its provider"));
	relay_stop(&r);
}

/* So that a mistake in a text shows while serve still runs with the old one. */
static void the_answers_are_tried_with_the_box_s_election(void **state)
{
	struct bench *b = *state;
	struct relay_play r;
	char text[1024];

	relay_start(&r, RELAY_FINE, 0);
	snprintf(text, sizeof(text),
	         "cp -r ../config/answers %s/own && echo A >>%s/own/fr/late.txt", b->dir, b->dir);
	assert_int_equal(system(text), 0);
	snprintf(text, sizeof(text),
	         "[sender]\naddress = box@example.org\n[answers]\nfolder = %s/own\n"
	         "[relay]\nhost = 127.0.0.1\nport = %u\ntls = none\ntimeout = 2\n",
	         b->dir, r.port);
	put(b, "receiver.conf", text, strlen(text));
	assert_int_equal(open_box(b), 0);
	assert_int_equal(run(b, cmd_serve, NULL, "serve --check"), 78);
	assert_non_null(strstr(b->last.err, "fr/late.txt:"));
	settings_at(b, r.port, "");
	assert_int_equal(run(b, cmd_serve, NULL, "serve --check"), 0);
	relay_stop(&r);
}

static void a_box_opens_with_exactly_its_election(void **state)
{
	struct bench *b = *state;

	assert_int_equal(open_box(b), 0);
	assert_memory_equal(b->last.out, b->p.m->fingerprint, FINGERPRINT_TEXT - 1);
	assert_int_equal(open_box(b), 65);
	assert_non_null(strstr(b->last.err, "already"));
	assert_int_equal(run(b, cmd_status, NULL, "status --json"), 0);
	assert_non_null(strstr(b->last.out, "\"issued\":11,\"ballots\":0"));
	assert_non_null(strstr(b->last.out, "\"stage\":\"not opened\""));
}

static void get(const struct bench *b, const char *name, struct buf *out)
{
	char path[256];
	struct why why = { 0 };

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	buf_clear(out);
	assert_ok(file_read(out, path, &why), &why);
}

static struct openings *openings(const struct bench *b, const char *name)
{
	struct openings *o = calloc(1, sizeof(*o));
	struct why why = { 0 };
	char path[256];

	assert_non_null(o);
	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	assert_ok(openings_read(o, b->p.m, path, &why), &why);
	return o;
}

static void an_opening_says_that_the_box_is_empty(void **state)
{
	struct bench *b = *state;
	struct buf in_box = BUF_INIT(65536), in_record = BUF_INIT(65536);
	char root[FINGERPRINT_TEXT];
	struct openings *o;

	/* What an open left that was cut off before its box was one. */
	put(b, OPENING_FILE, "half a li", 9);
	assert_int_equal(open_box(b), 0);
	o = openings(b, OPENING_FILE);
	assert_int_equal(o->n, 1);
	assert_int_equal(o->line[0].head.size, 1 + 2 + 3);
	assert_false(o->line[0].rehearsed);
	fingerprint_write(root, o->line[0].head.root.bytes);
	assert_non_null(strstr(b->last.err, "The box is empty: 0 ballots, head "));
	assert_non_null(strstr(b->last.err, root));
	assert_int_equal(run(b, cmd_record, NULL, "record out"), 0);
	get(b, OPENING_FILE, &in_box);
	get(b, "out/" OPENING_FILE, &in_record);
	assert_string_equal(buf_text(&in_box), buf_text(&in_record));
	buf_free(&in_box);
	buf_free(&in_record);
	free(o);
}

static void a_real_election_needs_a_rehearsal_or_says_that_it_had_none(void **state)
{
	struct bench *b = *state;
	struct openings *o;

	assert_int_equal(open_box(b), 65);
	assert_non_null(strstr(b->last.err, "--no-rehearsal"));
	assert_int_equal(run(b, cmd_status, NULL, "status"), 65);
	assert_int_equal(run(b, cmd_open, NULL,
	                     "open --rehearsal . manifest.json issued.ndjson accepted.ndjson "
	                     "handles.json"),
	                 1);
	assert_non_null(strstr(b->last.err, "the rehearsal .: its election is no test"));
	assert_int_equal(run(b, cmd_open, NULL,
	                     "open --no-rehearsal --rehearsal . manifest.json issued.ndjson "
	                     "accepted.ndjson handles.json"),
	                 64);
	assert_int_equal(run(b, cmd_open, NULL,
	                     "open --no-rehearsal manifest.json issued.ndjson accepted.ndjson "
	                     "handles.json"),
	                 0);
	assert_non_null(strstr(b->last.err, "no rehearsal"));
	o = openings(b, OPENING_FILE);
	assert_false(o->line[0].rehearsed);
	free(o);
}

/* Without the first or the last line of a file. */
static void shorten(const struct bench *b, const char *name, const struct buf *content, bool first)
{
	const char *text = buf_text(content), *at;

	if (first) {
		at = strchr(text, '\n') + 1;
		put(b, name, at, content->len - (size_t)(at - text));
	} else {
		at = text + content->len - 1;
		while (at > text && at[-1] != '\n')
			at--;
		put(b, name, text, (size_t)(at - text));
	}
}

static void refused(struct bench *b, const char *word)
{
	int status = open_box(b);

	if (!strstr(b->last.err, word))
		print_message("wanted \"%s\": %s\n", word, b->last.err);
	assert_true(status == 1 || status == 65);
	assert_non_null(strstr(b->last.err, word));
	assert_int_equal(run(b, cmd_status, NULL, "status"), 65);
	poll_write(&b->p, b->dir);
}

static void a_box_that_is_not_exactly_its_election_stays_shut(void **state)
{
	struct bench *b = *state;
	struct buf twice = BUF_INIT(1u << 20);
	char *spoilt;

	shorten(b, "issued.ndjson", &b->p.issued, true);
	refused(b, "issued.ndjson:1");
	shorten(b, "issued.ndjson", &b->p.issued, false);
	refused(b, "roll");
	buf_add(&twice, buf_text(&b->p.issued), b->p.issued.len);
	buf_add(&twice, buf_text(&b->p.issued), b->p.issued.len);
	put(b, "issued.ndjson", buf_text(&twice), twice.len);
	refused(b, "issued.ndjson:3");
	shorten(b, "accepted.ndjson", &b->p.accepted, true);
	refused(b, "accepted.ndjson:1");
	shorten(b, "accepted.ndjson", &b->p.accepted, false);
	refused(b, "accepted");
	put(b, "accepted.ndjson", buf_text(&b->p.issued), b->p.issued.len);
	refused(b, "accepted.ndjson:1");
	put(b, "issued.ndjson", buf_text(&b->p.issued), b->p.issued.len - 1);
	refused(b, "issued.ndjson:2");
	spoilt = strstr(b->p.handles.data, "\"handles\":\"") + 11;
	*spoilt = *spoilt == '0' ? '1' : '0';
	poll_write(&b->p, b->dir);
	refused(b, "handles.json");
	buf_free(&twice);
}

static void another_receivers_election_is_refused(void **state)
{
	struct bench *b = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/receiver.key", b->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(run(b, cmd_key, NULL, "key"), 0);
	assert_non_null(strstr(b->last.out, "{\"type\":\"receiver\",\"receiver_key\":\""));
	assert_int_equal(open_box(b), 1);
	assert_non_null(strstr(b->last.err, "another receiver's key"));
	assert_int_equal(run(b, cmd_key, NULL, "key"), 65);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(open_box(b), 78);
}

/* An open that was cut off leaves nothing that a second one minds. */
static void an_open_that_failed_can_be_repeated(void **state)
{
	struct bench *b = *state;

	shorten(b, "accepted.ndjson", &b->p.accepted, false);
	assert_true(open_box(b) != 0);
	poll_write(&b->p, b->dir);
	assert_int_equal(open_box(b), 0);
}

static void deliver_answers_0_or_75_and_nothing_else(void **state)
{
	struct bench *b = *state;
	struct buf mail = BUF_INIT(MAIL_MAX), huge = BUF_INIT(8u << 20);

	poll_reply(&mail, &b->p, 1, "A");
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver --no-such-option"), 75);
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver operand"), 75);
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75); /* no settings */
	settings(b);
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75); /* no box */
	assert_int_equal(open_box(b), 0);
	/* The ballot is taken, its receipt cannot leave: handed back, and never counted twice. */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
		assert_non_null(strstr(b->last.err, "relay"));
	}
	assert_int_equal(run(b, cmd_status, NULL, "status --json"), 0);
	assert_non_null(strstr(b->last.out, "\"ballots\":1,"));
	assert_non_null(strstr(b->last.out, "\"counted\":1,\"used\":0,"));
	/* What needs no answer is done. */
	buf_clear(&mail);
	buf_adds(&mail, "Return-Path: <s@strangers.example>\r\n\r\nGood day\r\n");
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 0);
	buf_clear(&mail);
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver --sender s@x.example"), 0);
	buf_adds(&huge, "Subject: x\r\n\r\n");
	while (huge.len < (4u << 20))
		buf_adds(&huge, "and so on and so on and so on and so on and so on and so on\r\n");
	assert_int_equal(run(b, cmd_deliver, &huge, "deliver --sender s@x.example"), 0);
	assert_int_equal(run(b, cmd_status, NULL, "status --json"), 0);
	assert_non_null(strstr(b->last.out, "\"too large\":1}"));
	buf_free(&mail);
	buf_free(&huge);
}

static void changes_are_answered_line_by_line(void **state)
{
	struct bench *b = *state;
	struct buf changes = BUF_INIT(1u << 20), strange = BUF_INIT(4096);
	struct point nobody, old;
	char closes[TIME_TEXT];
	struct scalar s;

	assert_int_equal(open_box(b), 0);
	poll_reissue(&changes, &b->p, 1);
	buf_addc(&changes, '\n');
	scalar_random(&s);
	point_base(&nobody, &s);
	old = b->p.member[2].credential;
	replaced_write(&changes, b->p.m, &nobody, &old, b->p.mailer_secret);
	buf_addc(&changes, '\n');
	extended_write(&changes, b->p.m, b->p.m->closes + 60, b->p.mailer_secret);
	buf_addc(&changes, '\n');
	extended_write(&changes, b->p.m, b->p.m->closes - 60, b->p.mailer_secret);
	buf_addc(&changes, '\n');
	/* Signed by someone else, not a change, not even JSON. */
	replaced_write(&changes, b->p.m, &old, &nobody, b->p.receiver_secret);
	buf_addc(&changes, '\n');
	time_line_write(&changes, b->p.m->opens + 5);
	buf_adds(&changes, "\nwhat?\n");
	put(b, "changes.ndjson", buf_text(&changes), changes.len);
	assert_int_equal(run(b, cmd_apply, NULL, "apply no-such-file"), 65);
	assert_int_equal(run(b, cmd_apply, NULL, "apply changes.ndjson"), 1);
	assert_non_null(strstr(b->last.out, "1 written\n2 unknown\n3 written\n4 not valid\n"
	                                    "5 refused: "));
	assert_non_null(strstr(b->last.out, "\n6 refused: "));
	assert_non_null(strstr(b->last.out, "\n7 refused: "));
	assert_int_equal(run(b, cmd_apply, NULL, "apply changes.ndjson"), 1);
	assert_memory_equal(b->last.out, "1 seen already\n2 unknown\n3 seen already\n", 40);
	/* The closing time in force, not the manifest's. */
	time_write(closes, b->p.m->closes + 60);
	assert_int_equal(run(b, cmd_status, NULL, "status --json"), 0);
	assert_non_null(strstr(b->last.out, closes));
	time_write(closes, b->p.m->closes);
	assert_null(strstr(b->last.out, closes));
	buf_free(&changes);
	buf_free(&strange);
}

/* The last line first, and the end of the file lost on the way: what is whole is entered, what is
 * not is said, and the whole file makes up for it. */
static void changes_in_another_order_or_cut_short_are_made_up_for(void **state)
{
	struct bench *b = *state;
	struct buf line[4], file = BUF_INIT(1u << 16);
	size_t whole;

	assert_int_equal(open_box(b), 0);
	for (unsigned i = 0; i < 4; i++) {
		buf_init(&line[i], 1u << 14);
		poll_reissue(&line[i], &b->p, i + 1);
		buf_addc(&line[i], '\n');
	}
	for (unsigned i = 4; i-- > 0;)
		buf_add(&file, line[i].data, line[i].len);
	whole = file.len;
	put(b, "changes.ndjson", buf_text(&file), whole - 20);
	assert_int_equal(run(b, cmd_apply, NULL, "apply changes.ndjson"), 1);
	assert_non_null(strstr(b->last.out, "1 written\n2 written\n3 written\n4 refused: "));
	put(b, "changes.ndjson", buf_text(&file), whole);
	assert_int_equal(run(b, cmd_apply, NULL, "apply changes.ndjson"), 0);
	assert_string_equal(b->last.out,
	                    "1 seen already\n2 seen already\n3 seen already\n4 written\n");
	for (unsigned i = 0; i < 4; i++)
		buf_free(&line[i]);
	buf_free(&file);
}

static void a_record_is_what_stands(void **state)
{
	struct bench *b = *state;
	struct buf board = BUF_INIT(1u << 20), line = BUF_INIT(1u << 16);
	struct why why = { 0 };
	struct head head;
	struct funnel funnel;
	char path[256];

	assert_int_equal(open_box(b), 0);
	/* What lies in a mailbox that nobody names would be late for good. */
	assert_int_equal(run(b, cmd_close, NULL, "close"), 78);
	assert_non_null(strstr(b->last.err, "--settings"));
	assert_int_equal(run(b, cmd_close, NULL, "close --no-mailbox"), 65);
	assert_non_null(strstr(b->last.err, "closing time"));
	assert_int_equal(run(b, cmd_record, NULL, "record out"), 0);
	snprintf(path, sizeof(path), "%s/out/board.ndjson", b->dir);
	assert_ok(file_read(&board, path, &why), &why);
	assert_memory_equal(buf_text(&board), buf_text(&b->p.manifest), b->p.manifest.len);
	assert_int_equal(board.len, b->p.manifest.len + b->p.issued.len + b->p.accepted.len);
	snprintf(path, sizeof(path), "%s/out/head.json", b->dir);
	assert_ok(file_read_line(&line, path, &why), &why);
	assert_ok(head_read(&head, buf_text(&line), line.len, &why), &why);
	assert_ok(head_check(&head, b->p.m, &why), &why);
	assert_int_equal(head.size, 1 + 2 + 3);
	buf_clear(&line);
	snprintf(path, sizeof(path), "%s/out/funnel.json", b->dir);
	assert_ok(file_read_line(&line, path, &why), &why);
	assert_ok(funnel_read(&funnel, b->p.m, buf_text(&line), line.len, &why), &why);
	assert_int_equal(funnel.size, head.size);
	assert_int_equal(run(b, cmd_head, NULL, "head"), 0);
	buf_free(&board);
	buf_free(&line);
}

/* `serve` until it says that it serves; its exit status when it is then told to stop, or has
 * stopped before. */
static int serve_once(struct bench *b, const char *words)
{
	char path[256], text[128];
	struct call c = { .b = b, .cmd = cmd_serve };
	int status, waited = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/socket", b->dir);
	snprintf(text, sizeof(text), "%s", words);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		c.argv[c.argc++] = w;
	unlink(path);
	pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		_exit(run_call(&c));
	}
	while (access(path, F_OK) && waitpid(pid, &status, WNOHANG) == 0 && waited++ < 2000)
		usleep(5000);
	if (access(path, F_OK))
		return WEXITSTATUS(status);
	usleep(100000);
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* The box as one that was opened with another parser would have it. */
static void with_another_parser(const struct bench *b)
{
	struct openings *o = openings(b, OPENING_FILE);
	struct buf line = BUF_INIT(65536);

	o->line[0].program[PROGRAM_PARSER][0] ^= 1;
	opening_write(&line, &o->line[0], b->p.m, b->p.receiver_secret);
	buf_addc(&line, '\n');
	put(b, OPENING_FILE, buf_text(&line), line.len);
	buf_free(&line);
	free(o);
}

static void other_programs_take_no_ballot_unless_it_is_on_the_record(void **state)
{
	struct bench *b = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	struct openings *o;

	settings(b);
	assert_int_equal(open_box(b), 0);
	assert_int_equal(serve_once(b, "serve"), 0);
	with_another_parser(b);
	assert_int_equal(serve_once(b, "serve"), 1);
	poll_reply(&mail, &b->p, 1, "A");
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
	assert_non_null(strstr(b->last.err, "votepost-parser is another program now"));
	assert_non_null(strstr(b->last.err, "--changed-programs"));
	assert_int_equal(serve_once(b, "serve --changed-programs"), 0);
	o = openings(b, OPENING_FILE);
	assert_int_equal(o->n, 2);
	assert_int_equal(o->line[0].program[PROGRAM_PARSER][0] ^ 1,
	                 o->line[1].program[PROGRAM_PARSER][0]);
	free(o);
	/* Once is enough, and twice is not more. */
	assert_int_equal(serve_once(b, "serve"), 0);
	assert_int_equal(serve_once(b, "serve --changed-programs"), 0);
	o = openings(b, OPENING_FILE);
	assert_int_equal(o->n, 2);
	free(o);
	buf_free(&mail);
}

/* Law: what stands on the board stays there. */
static void an_older_copy_of_the_box_is_not_served(void **state)
{
	struct bench *b = *state;
	struct buf mail = BUF_INIT(MAIL_MAX), line = BUF_INIT(65536);
	struct openings *o;

	settings(b);
	assert_int_equal(open_box(b), 0);
	o = openings(b, OPENING_FILE);
	o->line[0].head.size++;
	head_sign(&o->line[0].head, b->p.m, b->p.receiver_secret);
	opening_write(&line, &o->line[0], b->p.m, b->p.receiver_secret);
	buf_addc(&line, '\n');
	put(b, OPENING_FILE, buf_text(&line), line.len);
	poll_reply(&mail, &b->p, 1, "A");
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
	assert_non_null(strstr(b->last.err, "it is an older copy"));
	assert_int_equal(serve_once(b, "serve"), 1);
	assert_int_equal(serve_once(b, "serve --changed-programs"), 1);
	free(o);
	buf_free(&line);
	buf_free(&mail);
}

static void a_box_without_its_opening_says_what_to_do(void **state)
{
	struct bench *b = *state;
	struct buf mail = BUF_INIT(MAIL_MAX);
	struct openings *o;
	char path[256];

	settings(b);
	assert_int_equal(open_box(b), 0);
	snprintf(path, sizeof(path), "%s/" OPENING_FILE, b->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(serve_once(b, "serve"), 65);
	poll_reply(&mail, &b->p, 1, "A");
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
	assert_non_null(strstr(b->last.err, "put it back"));
	assert_int_equal(run(b, cmd_record, NULL, "record out"), 0);
	assert_non_null(strstr(b->last.err, OPENING_FILE));
	assert_int_equal(serve_once(b, "serve --changed-programs"), 0);
	o = openings(b, OPENING_FILE);
	assert_int_equal(o->n, 1);
	assert_false(o->line[0].rehearsed);
	free(o);
	/* What is damaged is not written over, and the way out is told. */
	put(b, OPENING_FILE, "{}\n", 3);
	assert_int_equal(serve_once(b, "serve --changed-programs"), 1);
	assert_int_equal(serve_once(b, "serve"), 1);
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
	assert_non_null(strstr(b->last.err, OPENING_FILE ":1: "));
	assert_non_null(strstr(b->last.err, "put it back from the record's folder or a backup; if "
	                                    "it is lost, move it away and start"));
	put(b, OPENING_FILE, "", 0);
	assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
	assert_non_null(strstr(b->last.err, "it is empty"));
	assert_non_null(strstr(b->last.err, "move it away"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(serve_once(b, "serve --changed-programs"), 0);
	buf_free(&mail);
}

/* Beside a running serve the other commands hand over to it, and one that is killed leaves
 * nothing in their way. */
static void commands_hand_over_to_a_running_serve(void **state)
{
	struct bench *b = *state;
	struct buf mail = BUF_INIT(MAIL_MAX), change = BUF_INIT(4096);
	struct call c = {
		.b = b, .cmd = cmd_serve, .argv = { (char *)(uintptr_t) "serve" }, .argc = 1
	};
	char path[256];
	int status, waited = 0;
	pid_t pid;

	settings(b);
	assert_int_equal(open_box(b), 0);
	snprintf(path, sizeof(path), "%s/socket", b->dir);
	for (unsigned round = 0; round < 2; round++) {
		unlink(path); /* what the one that was killed left: it is the next one's we wait for */
		pid = fork();
		if (pid == 0) {
			dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
			_exit(run_call(&c));
		}
		while (access(path, F_OK) && waited++ < 1000)
			usleep(10000);
		usleep(100000);
		buf_clear(&mail);
		poll_reply(&mail, &b->p, round + 1, "A");
		assert_int_equal(run(b, cmd_deliver, &mail, "deliver"), 75);
		assert_non_null(strstr(b->last.err, "relay"));
		buf_clear(&change);
		poll_reissue(&change, &b->p, round + 4);
		buf_addc(&change, '\n');
		put(b, "changes.ndjson", buf_text(&change), change.len);
		assert_int_equal(run(b, cmd_apply, NULL, "apply changes.ndjson"), 0);
		assert_string_equal(b->last.out, "1 written\n");
		assert_int_equal(run(b, cmd_clock, NULL, "clock --confirm"), 0);
		assert_int_equal(run(b, cmd_close, NULL, "close"), 65);
		kill(pid, round ? SIGTERM : SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (round)
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(run(b, cmd_status, NULL, "status --json"), 0);
	assert_non_null(strstr(b->last.out, "\"ballots\":2,\"replaced\":2,"));
	buf_free(&mail);
	buf_free(&change);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, bench_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_relay_is_tried_without_serving),
		CASE(the_answers_are_tried_with_the_box_s_election),
		CASE(a_box_opens_with_exactly_its_election),
		CASE(an_opening_says_that_the_box_is_empty),
		cmocka_unit_test_setup_teardown(
			a_real_election_needs_a_rehearsal_or_says_that_it_had_none, setup_real,
			bench_free),
		CASE(other_programs_take_no_ballot_unless_it_is_on_the_record),
		CASE(an_older_copy_of_the_box_is_not_served),
		CASE(a_box_without_its_opening_says_what_to_do),
		CASE(a_box_that_is_not_exactly_its_election_stays_shut),
		CASE(another_receivers_election_is_refused),
		CASE(an_open_that_failed_can_be_repeated),
		CASE(deliver_answers_0_or_75_and_nothing_else),
		CASE(changes_are_answered_line_by_line),
		CASE(changes_in_another_order_or_cut_short_are_made_up_for),
		CASE(a_record_is_what_stands),
		CASE(commands_hand_over_to_a_running_serve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
