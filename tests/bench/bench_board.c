/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/text.h"
#include "made.h"
#include "made_box.h"
#include "receiver/box.h"
#include "receiver/cast.h"

/*
 * bench_board - accepted ballots a second as the board grows: what the one writer does, durable
 * commits and the flat board included, with many callers waiting as `serve` has them.
 *
 *   bench-board FOLDER BALLOTS        prints one line of JSON
 *
 * The ballots' bodies are copies of a few (proofs are checked before the writer is asked, and
 * are measured elsewhere); every credential is a different one that was issued.
 */
#define OPTIONS  4
#define CALLERS  64
#define SAMPLES  16
#define LINE_CAP (1u << 20)

struct run {
	struct made e;
	struct cast *cast;
	struct buf before, after; /* what stands round the credential in every line */
	uint64_t first;
};

static void set_up_line(struct run *r)
{
	static const char KEY[] = "\"credential\":\"";
	struct buf line = BUF_INIT(LINE_CAP);
	const char *at;

	made_ballot(&line, &r->e, 0, 0);
	at = strstr(buf_text(&line), KEY) + sizeof(KEY) - 1;
	r->before = BUF_INIT(LINE_CAP);
	r->after = BUF_INIT(LINE_CAP);
	buf_add(&r->before, line.data, (size_t)(at - line.data));
	buf_adds(&r->after, strchr(at, '"'));
	buf_free(&line);
}

static void cast_one(void *ctx, uint64_t i)
{
	struct run *r = *(struct run **)ctx;
	const struct point *credential = &r->e.credential[r->first + i];
	struct buf line = BUF_INIT(LINE_CAP);
	struct cast_arrival arrival;
	unsigned char mark[SEEN_BYTES];
	struct cast_job job = { .kind = CAST_BALLOT, .verdict = VERDICT_COUNTED };
	struct why why = { 0 };

	buf_add(&line, r->before.data, r->before.len);
	b64_add(&line, credential->bytes, GROUP_BYTES);
	buf_add(&line, r->after.data, r->after.len);
	memcpy(mark, credential->bytes, sizeof(mark));
	made_must(cast_arrive(r->cast, &arrival, 0, &why), &why);
	job.arrived = arrival.at;
	job.mark = mark;
	job.line = line.data;
	job.len = line.len;
	job.credential = *credential;
	job.channel = CHANNEL_SEALED_REPLY;
	made_must(cast_submit(r->cast, &job, &why), &why);
	cast_depart(r->cast, &arrival);
	if (job.entry != ENTRY_DONE) {
		fprintf(stderr, "bench: a ballot was not taken: %s\n", entry_name(job.entry));
		exit(70);
	}
	buf_free(&line);
}

/* Ballots a second while the board grows from `from` to `to`. */
static double measure(struct run *r, uint64_t from, uint64_t to)
{
	double at = made_now();

	r->first = from;
	made_spread(cast_one, &r, 0, to - from, CALLERS);
	return (double)(to - from) / (made_now() - at);
}

int main(int argc, char **argv)
{
	uint64_t ballots = argc > 2 ? strtoull(argv[2], NULL, 10) : 0, size, next;
	uint64_t now = (uint64_t)time(NULL);
	struct run r = { 0 };
	struct box *box;
	struct clock clock;
	struct why why = { 0 };

	if (ballots < 2000) {
		fputs("usage: bench-board FOLDER BALLOTS (2000 or more)\n", stderr);
		return 64;
	}
	group_init();
	made_init(&r.e, ballots, OPTIONS, now - 60, now + 86400);
	box = made_box(argv[1], &r.e);
	made_must(clock_open(&clock, argv[1], NULL, NULL, &why), &why);
	made_must(cast_start(&r.cast, box, &clock, made_trouble, NULL, &why), &why);
	set_up_line(&r);
	printf("{\"at\":[");
	for (size = 0; size < ballots; size = next) {
		double rate;

		next = size ? size * 2 : 1000;
		if (next > ballots)
			next = ballots;
		rate = measure(&r, size, next);
		printf("%s{\"size\":%llu,\"per_second\":%.0f}", size ? "," : "",
		       (unsigned long long)next, rate);
	}
	printf("]}\n");
	cast_stop(r.cast);
	clock_close(&clock);
	box_close(box);
	made_release(&r.e);
	return 0;
}
