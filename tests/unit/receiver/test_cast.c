/* SPDX-License-Identifier: MIT */
#include "receiver/cast.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "tests/unit/receiver/boxed.h"
#include "tests/unit/receiver/faults.h"

#define THREADS 16

/* What time it is, as a test wants it. */
struct hands {
	_Atomic int64_t wall, boot;
	_Atomic bool hold; /* whoever asks waits */
};

static enum err read_hands(void *ctx, struct clock_reading *out)
{
	struct hands *h = ctx;

	while (h->hold)
		usleep(1000);
	out->wall = h->wall;
	out->boot = h->boot;
	strcpy(out->boot_id, "a-test");
	return OK;
}

struct desk {
	struct boxed b;
	struct hands hands;
	struct clock clock;
	struct cast *cast;
	_Atomic unsigned troubles, broken;
};

static void note_trouble(void *ctx, const char *event, const struct why *why)
{
	struct desk *d = ctx;

	(void)why;
	if (strcmp(event, "box-broken") == 0)
		d->broken++;
	else
		d->troubles++;
}

static void tell_time(struct desk *d, uint64_t at)
{
	d->hands.boot += (int64_t)at - d->hands.wall;
	d->hands.wall = (int64_t)at;
}

static void start(struct desk *d)
{
	struct why why = { 0 };

	assert_ok(clock_open(&d->clock, d->b.dir, read_hands, &d->hands, &why), &why);
	assert_ok(cast_start(&d->cast, d->b.box, &d->clock, note_trouble, d, &why), &why);
}

static void stop(struct desk *d)
{
	cast_stop(d->cast);
	clock_close(&d->clock);
	d->cast = NULL;
}

static int setup(void **state)
{
	struct poll_plan plan = { .opens = 1796126400,
		                  .closes = 1796126400 + 86400,
		                  .members = 20 };
	struct desk *d = calloc(1, sizeof(*d));

	boxed_open(&d->b, &plan);
	d->hands.boot = 1000;
	d->hands.wall = (int64_t)plan.opens + 100;
	start(d);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct desk *d = *state;

	if (d->cast)
		stop(d);
	boxed_close(&d->b);
	free(d);
	return 0;
}

static void mark_of(unsigned char mark[SEEN_BYTES], unsigned n)
{
	memset(mark, 0, SEEN_BYTES);
	memcpy(mark, &n, sizeof(n));
}

/* One plain ballot of a member, as if it came in mail number `mail`. */
static enum err submit(struct desk *d, unsigned member, unsigned option, unsigned mail,
                       struct cast_job *job)
{
	struct buf line = BUF_INIT(1u << 20);
	unsigned char mark[SEEN_BYTES];
	enum err e;

	mark_of(mark, mail);
	poll_ballot(&line, &d->b.e, member, CHANNEL_REPLY, option);
	*job = (struct cast_job){ .kind = CAST_BALLOT,
		                  .arrived = (uint64_t)d->hands.wall,
		                  .mark = mark,
		                  .verdict = VERDICT_COUNTED,
		                  .answer = true,
		                  .line = buf_text(&line),
		                  .len = line.len,
		                  .credential = d->b.e.member[member].credential,
		                  .channel = CHANNEL_REPLY };
	e = cast_submit(d->cast, job, NULL);
	buf_free(&line);
	return e;
}

struct racer {
	struct desk *d;
	unsigned number;
	struct cast_job job;
};

static void *race(void *arg)
{
	struct racer *r = arg;

	assert_int_equal(submit(r->d, 3, r->number % 3, r->number, &r->job), OK);
	return NULL;
}

static void a_token_votes_once_from_sixteen_threads(void **state)
{
	struct desk *d = *state;
	struct racer racer[THREADS];
	pthread_t thread[THREADS];
	unsigned counted = 0, used = 0;
	uint64_t index = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		racer[i] = (struct racer){ .d = d, .number = i };
		assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		counted += racer[i].job.verdict == VERDICT_COUNTED;
		used += racer[i].job.verdict == VERDICT_USED;
		if (racer[i].job.verdict == VERDICT_COUNTED)
			index = racer[i].job.index;
	}
	assert_int_equal(counted, 1);
	assert_int_equal(used, THREADS - 1);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(racer[i].job.index, index);
	boxed_verify(&d->b, false);
}

/* One sealed ballot, as it came in mail number `mail`. */
struct copy {
	struct desk *d;
	const struct buf *line;
	unsigned member, mail;
	struct cast_job job;
	enum err e;
};

static void *bring_copy(void *arg)
{
	struct copy *c = arg;
	unsigned char mark[SEEN_BYTES];

	mark_of(mark, c->mail);
	c->job = (struct cast_job){ .kind = CAST_BALLOT,
		                    .arrived = (uint64_t)c->d->hands.wall,
		                    .mark = mark,
		                    .verdict = VERDICT_COUNTED,
		                    .answer = true,
		                    .line = buf_text(c->line),
		                    .len = c->line->len,
		                    .credential = c->d->b.e.member[c->member].credential,
		                    .channel = CHANNEL_SEALED_REPLY };
	c->e = cast_submit(c->d->cast, &c->job, NULL);
	return NULL;
}

/* The writer is kept waiting over the first mail, so that the others come into one commit. */
static void one_ballot_in_two_mails_of_one_commit_is_counted_once(void **state)
{
	struct desk *d = *state;
	struct buf line[2] = { BUF_INIT(1u << 20), BUF_INIT(1u << 20) };
	struct copy copy[] = { { .d = d, .line = &line[0], .member = 2, .mail = 1 },
		               { .d = d, .line = &line[1], .member = 3, .mail = 2 },
		               { .d = d, .line = &line[1], .member = 3, .mail = 3 } };
	pthread_t thread[3];
	struct box_txn t;
	unsigned used;

	poll_ballot(&line[0], &d->b.e, 2, CHANNEL_SEALED_REPLY, 0);
	poll_ballot(&line[1], &d->b.e, 3, CHANNEL_SEALED_REPLY, 1);
	d->hands.hold = true;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pthread_create(&thread[i], NULL, bring_copy, &copy[i]), 0);
		usleep(50000);
	}
	d->hands.hold = false;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(copy[i].e, OK);
		assert_true(copy[i].job.answer);
	}
	used = copy[1].job.verdict == VERDICT_USED ? 1 : 2;
	assert_int_equal(copy[used].job.verdict, VERDICT_USED);
	assert_int_equal(copy[3 - used].job.verdict, VERDICT_COUNTED);
	assert_int_equal(copy[used].job.entry, ENTRY_USED);
	assert_int_equal(copy[1].job.index, copy[2].job.index); /* the receipt is the first's */
	assert_int_equal(box_look(&t, d->b.box), OK);
	assert_int_equal(t.state.ballots, 2);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], 2);
	assert_int_equal(t.state.verdict[VERDICT_USED], 1);
	assert_int_equal(t.state.channel[CHANNEL_SEALED_REPLY], 2);
	box_abort(&t);
	boxed_verify(&d->b, false);
	buf_free(&line[0]);
	buf_free(&line[1]);
}

static void a_mail_that_comes_again_is_not_counted_again(void **state)
{
	struct desk *d = *state;
	struct cast_job job;
	unsigned char mark[SEEN_BYTES];
	struct box_txn t;

	mark_of(mark, 7);
	assert_int_equal(submit(d, 1, 0, 7, &job), OK);
	assert_false(job.already);
	assert_int_equal(submit(d, 1, 0, 7, &job), OK);
	assert_true(job.already);
	assert_int_equal(job.verdict, VERDICT_COUNTED);
	assert_true(job.answer);
	cast_answered(d->cast, mark);
	assert_int_equal(submit(d, 1, 0, 7, &job), OK);
	assert_false(job.answer);
	assert_int_equal(box_look(&t, d->b.box), OK);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], 1);
	assert_int_equal(t.state.verdict[VERDICT_USED], 0);
	box_abort(&t);
}

/* A stranger to this process opens the box from disk as soon as the job is done. */
static void what_is_acknowledged_is_on_disk(void **state)
{
	struct desk *d = *state;
	struct cast_job job;
	char path[256];
	int status;
	pid_t pid;

	assert_int_equal(submit(d, 2, 1, 1, &job), OK);
	pid = fork();
	if (pid == 0) {
		struct box_credential entry;
		struct box *box;
		struct box_txn t;

		snprintf(path, sizeof(path), "cp -r %s %s.copy", d->b.dir, d->b.dir);
		if (system(path))
			_exit(2);
		snprintf(path, sizeof(path), "%s.copy", d->b.dir);
		if (box_open(&box, path, BOX_READ, BOXED_MAP, NULL))
			_exit(3);
		assert_int_equal(box_look(&t, box), OK);
		if (box_credential(&t, &d->b.e.member[2].credential, &entry) ||
		    entry.state != CREDENTIAL_USED || entry.index != job.index)
			_exit(4);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	snprintf(path, sizeof(path), "rm -rf %s.copy", d->b.dir);
	assert_int_equal(system(path), 0);
}

static void a_clock_that_leaps_hands_everything_back_until_confirmed(void **state)
{
	struct desk *d = *state;
	struct cast_arrival arrival;
	struct cast_job job;
	struct why why = { 0 };
	const int64_t leaps[] = { 86400 * 2, -86400, 61, -61 };

	for (unsigned i = 0; i < 4; i++) {
		d->hands.wall += leaps[i];
		assert_int_equal(submit(d, 4, 0, 4, &job), ERR_AGAIN);
		assert_int_equal(cast_arrive(d->cast, &arrival, 0, &why), ERR_AGAIN);
		assert_non_null(strstr(why.text, "clock"));
		job = (struct cast_job){ .kind = CAST_CLOSE };
		assert_int_equal(cast_submit(d->cast, &job, NULL), ERR_AGAIN);
		d->hands.wall -= leaps[i];
	}
	assert_int_equal(submit(d, 4, 0, 4, &job), OK);
	assert_int_equal(job.verdict, VERDICT_COUNTED);
	d->hands.wall += 3000;
	assert_int_equal(submit(d, 5, 0, 5, &job), ERR_AGAIN);
	assert_ok(clock_confirm(&d->clock, &why), &why);
	assert_int_equal(submit(d, 5, 0, 5, &job), OK);
	assert_int_equal(job.verdict, VERDICT_COUNTED);
	boxed_verify(&d->b, false);
}

static void a_clock_that_drifts_a_little_is_fine(void **state)
{
	struct desk *d = *state;
	struct cast_job job;

	d->hands.wall += 59;
	assert_int_equal(submit(d, 4, 0, 4, &job), OK);
	assert_int_equal(job.verdict, VERDICT_COUNTED);
}

/* A leap is seen by a program that starts after it, too. */
static void a_leap_is_remembered_across_programs(void **state)
{
	struct desk *d = *state;
	struct cast_job job;
	struct why why = { 0 };
	uint64_t now;

	stop(d);
	d->hands.wall += 4000;
	start(d);
	assert_int_equal(submit(d, 4, 0, 4, &job), ERR_AGAIN);
	assert_int_equal(clock_now(&d->clock, &now, &why), ERR_AGAIN);
	d->hands.wall -= 4000;
	assert_int_equal(submit(d, 4, 0, 4, &job), OK);
}

struct late {
	struct desk *d;
	struct cast_job job;
	enum err e;
};

static void *close_it(void *arg)
{
	struct late *l = arg;

	l->job = (struct cast_job){ .kind = CAST_CLOSE };
	l->e = cast_submit(l->d->cast, &l->job, NULL);
	return NULL;
}

static void a_mail_in_hand_at_the_closing_time_still_counts(void **state)
{
	struct desk *d = *state;
	struct late l = { .d = d };
	struct cast_arrival arrival;
	struct buf line = BUF_INIT(1u << 20);
	struct cast_job job;
	pthread_t thread;

	tell_time(d, d->b.e.m->closes - 1);
	assert_int_equal(cast_arrive(d->cast, &arrival, 0, NULL), OK);
	tell_time(d, d->b.e.m->closes + 5);
	assert_int_equal(pthread_create(&thread, NULL, close_it, &l), 0);
	usleep(50000);
	poll_ballot(&line, &d->b.e, 6, CHANNEL_REPLY, 0);
	job = (struct cast_job){ .kind = CAST_BALLOT,
		                 .arrived = arrival.at,
		                 .verdict = VERDICT_COUNTED,
		                 .line = buf_text(&line),
		                 .len = line.len,
		                 .credential = d->b.e.member[6].credential,
		                 .channel = CHANNEL_REPLY };
	assert_int_equal(cast_submit(d->cast, &job, NULL), OK);
	assert_int_equal(job.verdict, VERDICT_COUNTED);
	cast_depart(d->cast, &arrival);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(l.e, OK);
	assert_int_equal(l.job.entry, ENTRY_DONE);
	assert_int_equal(submit(d, 7, 0, 7, &job), OK);
	assert_int_equal(job.verdict, VERDICT_LATE);
	boxed_verify(&d->b, true);
	buf_free(&line);
}

static void a_close_before_the_time_is_refused(void **state)
{
	struct desk *d = *state;
	struct cast_job job = { .kind = CAST_CLOSE };

	tell_time(d, d->b.e.m->closes - 1);
	assert_int_equal(cast_submit(d->cast, &job, NULL), OK);
	assert_int_equal(job.entry, ENTRY_EARLY);
	boxed_verify(&d->b, false);
}

/* Every ballot of a fresh start: how many writes and syncs there are to strike at. */
static unsigned cast_all(struct desk *d, int acknowledged)
{
	struct cast_job job;
	unsigned handed_back = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (submit(d, i, i % 3, i, &job)) {
			handed_back++;
			continue;
		}
		if (job.verdict == VERDICT_COUNTED && acknowledged >= 0)
			syscall(SYS_write, acknowledged, &i, sizeof(i));
	}
	return handed_back;
}

static void copy_box(const struct desk *d, const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof(command),
	         "rm -rf %s/%s && mkdir %s/%s && cp -r %s/%s/box %s/%s/"
	         "board.ndjson %s/%s/",
	         d->b.dir, to, d->b.dir, to, d->b.dir, from, d->b.dir, from, d->b.dir, to);
	assert_int_equal(system(command), 0);
}

static void use_box(struct desk *d, const char *name)
{
	struct why why = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", d->b.dir, name);
	assert_ok(box_open(&d->b.box, path, BOX_WRITE, BOXED_MAP, &why), &why);
	assert_ok(enter_mend(d->b.box, false, &why), &why);
}

static void drop_box(struct desk *d)
{
	stop(d);
	box_close(d->b.box);
	d->b.box = NULL;
}

/* After the fault: what was acknowledged stands, nothing stands twice, and everyone can still
 * vote or has voted. */
static void check_after(struct desk *d, const bool *acknowledged)
{
	struct box_credential entry;
	struct cast_job job;
	struct box_txn t;
	char *dir = strdup(d->b.dir);

	start(d);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(box_look(&t, d->b.box), OK);
		assert_int_equal(box_credential(&t, &d->b.e.member[i].credential, &entry), OK);
		if (acknowledged[i])
			assert_int_equal(entry.state, CREDENTIAL_USED);
		box_abort(&t);
		/* The mail comes again, as it does where no one said that it was taken. */
		assert_int_equal(submit(d, i, i % 3, i, &job), OK);
		assert_int_equal(job.verdict, VERDICT_COUNTED);
	}
	assert_int_equal(box_look(&t, d->b.box), OK);
	assert_int_equal(t.state.ballots, 4);
	assert_int_equal(t.state.verdict[VERDICT_COUNTED], 4);
	box_abort(&t);
	snprintf(d->b.dir, sizeof(d->b.dir), "%.40s/work", dir);
	boxed_verify(&d->b, false);
	strcpy(d->b.dir, dir);
	free(dir);
}

static void a_kill_at_any_write_loses_nothing_and_counts_nothing_twice(void **state)
{
	struct desk *d = *state;
	int pipes[2], status = 0;
	bool acknowledged[4];
	unsigned who, kills = 0;
	pid_t pid;

	drop_box(d);
	copy_box(d, ".", "start");
	for (long at = 1; !WIFEXITED(status) || at == 1; at++) {
		memset(acknowledged, 0, sizeof(acknowledged));
		copy_box(d, "start", "work");
		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		if (pid == 0) {
			use_box(d, "work");
			start(d);
			fault_arm(FAULT_KILL, at);
			cast_all(d, pipes[1]);
			_exit(0);
		}
		close(pipes[1]);
		while (read(pipes[0], &who, sizeof(who)) == sizeof(who))
			acknowledged[who] = true;
		close(pipes[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		kills += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0
		                              : WTERMSIG(status) == SIGKILL);
		use_box(d, "work");
		check_after(d, acknowledged);
		drop_box(d);
	}
	print_message("killed at each of %u writes and syncs\n", kills);
	assert_true(kills >= 4 * 3);
	use_box(d, "start");
	start(d);
}

/* A write that fails at the wrong place makes LMDB refuse all further work of this process:
 * `serve` then stops and is started again. */
static void go_on(struct desk *d)
{
	struct cast_job job = { .kind = CAST_HOUSEKEEP };

	if (cast_submit(d->cast, &job, NULL)) {
		assert_true(d->broken);
		drop_box(d);
		use_box(d, "work");
		start(d);
	}
	stop(d);
}

static void a_full_disk_hands_back_and_loses_nothing(void **state)
{
	const bool none[4] = { false };
	struct desk *d = *state;
	unsigned handed_back = 1, runs = 0;

	drop_box(d);
	copy_box(d, ".", "start");
	for (long at = 1; handed_back || d->troubles; at++, runs++) {
		d->troubles = 0;
		copy_box(d, "start", "work");
		use_box(d, "work");
		start(d);
		fault_arm(FAULT_FULL, at);
		handed_back = cast_all(d, -1);
		fault_arm(FAULT_NONE, 0);
		/* There is room again. */
		go_on(d);
		check_after(d, none);
		drop_box(d);
		use_box(d, "work");
		start(d);
		drop_box(d);
	}
	assert_true(runs >= 4 * 3);
	use_box(d, "start");
	start(d);
}

static void a_full_map_hands_back_and_loses_nothing(void **state)
{
	struct desk *d = *state;
	struct why why = { 0 };
	struct cast_job job;
	struct box_txn t;
	unsigned counted = 0, mail = 0;
	enum err e = OK;

	drop_box(d);
	assert_ok(box_open(&d->b.box, d->b.dir, BOX_WRITE, 262144, &why), &why);
	assert_ok(enter_mend(d->b.box, false, &why), &why);
	start(d);
	/* Mails that are no ballots fill it up; then a ballot finds no room. */
	while (!e && mail < 100000) {
		unsigned char mark[SEEN_BYTES];

		mark_of(mark, 0x40000000u + mail++);
		job = (struct cast_job){ .kind = CAST_MAIL,
			                 .mark = mark,
			                 .verdict = VERDICT_NO_TOKEN };
		e = cast_submit(d->cast, &job, NULL);
		if (!e && mail % 50 == 0 && counted < 19)
			e = submit(d, counted, 0, mail, &job);
		if (!e && job.kind == CAST_BALLOT)
			counted++;
	}
	assert_int_equal(e, ERR_FULL);
	assert_int_equal(box_look(&t, d->b.box), OK);
	assert_int_equal(t.state.ballots, counted);
	box_abort(&t);
	drop_box(d);
	assert_ok(box_open(&d->b.box, d->b.dir, BOX_WRITE, BOXED_MAP, &why), &why);
	assert_ok(enter_mend(d->b.box, false, &why), &why);
	start(d);
	assert_int_equal(submit(d, 19, 0, 5, &job), OK);
	assert_int_equal(job.verdict, VERDICT_COUNTED);
	boxed_verify(&d->b, false);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_token_votes_once_from_sixteen_threads),
		CASE(one_ballot_in_two_mails_of_one_commit_is_counted_once),
		CASE(a_mail_that_comes_again_is_not_counted_again),
		CASE(what_is_acknowledged_is_on_disk),
		CASE(a_clock_that_leaps_hands_everything_back_until_confirmed),
		CASE(a_clock_that_drifts_a_little_is_fine),
		CASE(a_leap_is_remembered_across_programs),
		CASE(a_mail_in_hand_at_the_closing_time_still_counts),
		CASE(a_close_before_the_time_is_refused),
		CASE(a_kill_at_any_write_loses_nothing_and_counts_nothing_twice),
		CASE(a_full_disk_hands_back_and_loses_nothing),
		CASE(a_full_map_hands_back_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
