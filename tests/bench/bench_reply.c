/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <gmime/gmime.h>

#include "core/store.h"
#include "made_box.h"
#include "receiver/intake.h"

/*
 * bench_reply - plain replies through the code that `deliver` and `serve` run, against the
 * floor that no receiver can do without: parse the mail, make the ballot, commit in groups.
 *
 *   bench-reply FOLDER REPLIES ANSWERS_FOLDER      prints one line of JSON
 *
 * Both on all cores, with the same mails and as many of them under way at once. The receipt is
 * written in both runs' time on our side, and handed to nobody: what a relay takes is its own.
 */
#define OPTIONS  4
#define CALLERS  32
#define ROUNDS   10
#define LINE_CAP (1u << 20)
#define MAIL_CAP (64u << 10)

struct run {
	struct made e;
	struct buf *mail;
	struct intake intake;
	struct store *floor;
	pthread_mutex_t lock;
	pthread_cond_t wake, done;
	struct buf *waiting[CALLERS];
	unsigned n;
	uint64_t taken, written;
	uint64_t from; /* the first mail of a slice */
	bool stop;
	GMimeParserOptions *options;
};

static void write_mail(struct buf *out, const struct made *e, uint64_t i)
{
	char token[TOKEN_TEXT_MAX];

	*out = BUF_INIT(MAIL_CAP);
	token_write(token, &e->token[i]);
	buf_addf(out,
	         "Return-Path: <m%llu@members.test>\r\nFrom: Member <m%llu@members.test>\r\n"
	         "To: vote@vote.test\r\nSubject: Re: Vote\r\nMessage-ID: <%llu@client.test>\r\n"
	         "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	         "Content-Transfer-Encoding: quoted-printable\r\n\r\n%c\r\n\r\n"
	         "On Sunday the commission wrote:\r\n",
	         (unsigned long long)i, (unsigned long long)i, (unsigned long long)i,
	         "ABCD"[i % OPTIONS]);
	for (unsigned line = 0; line < 30; line++)
		buf_adds(out, "> The vote is open until Sunday evening; here is =C3=A9 line of "
		              "it.\r\n");
	buf_addf(out, "> Your token: %s\r\n", token);
	made_must(buf_err(out), NULL);
}

static enum err nowhere(void *ctx, const char *to, const void *message, size_t len, uint64_t waited,
                        struct why *why)
{
	(void)ctx, (void)to, (void)message, (void)len, (void)waited, (void)why;
	return OK;
}

static void take(void *ctx, uint64_t i)
{
	struct run *r = *(struct run **)ctx;
	struct intake_mail mail = { .from = "m@members.test",
		                    .to = "vote@vote.test",
		                    .raw = r->mail[r->from + i].data,
		                    .len = r->mail[r->from + i].len };
	struct why why = { 0 };
	enum verdict verdict;

	made_must(intake_take(&r->intake, &mail, &verdict, &why), &why);
	if (verdict != VERDICT_COUNTED) {
		fprintf(stderr, "bench: a reply came to: %s\n", verdict_name(verdict));
		exit(70);
	}
}

/* The floor's writer: whatever waits goes into one durable commit. */
static void *floor_writer(void *arg)
{
	struct run *r = arg;

	pthread_mutex_lock(&r->lock);
	while (!r->stop || r->n) {
		struct buf *group[CALLERS];
		unsigned n = r->n;
		struct why why = { 0 };
		struct txn t;

		if (!n) {
			pthread_cond_wait(&r->wake, &r->lock);
			continue;
		}
		memcpy(group, r->waiting, n * sizeof(*group));
		r->n = 0;
		pthread_mutex_unlock(&r->lock);
		txn_begin(&t, r->floor, TXN_WRITE);
		for (unsigned i = 0; i < n; i++) {
			unsigned char key[8];
			uint64_t at = r->written + i;

			for (unsigned j = 0; j < 8; j++)
				key[j] = (unsigned char)(at >> (56 - 8 * j));
			txn_append(&t, 0, SPAN(key, 8), SPAN(group[i]->data, group[i]->len));
		}
		made_must(txn_end(&t, &why), &why);
		pthread_mutex_lock(&r->lock);
		r->written += n;
		pthread_cond_broadcast(&r->done);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static void floor_commit(struct run *r, struct buf *line)
{
	uint64_t mine;

	pthread_mutex_lock(&r->lock);
	r->waiting[r->n++] = line;
	mine = ++r->taken;
	pthread_cond_signal(&r->wake);
	while (r->written < mine)
		pthread_cond_wait(&r->done, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

static void floor_parse(struct run *r, const struct buf *mail)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail->data, mail->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, r->options);
	GMimeObject *body = g_mime_message_get_body(message);
	char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(body));

	if (!text || !strstr(text, "Your token"))
		exit(70);
	g_free(text);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

static void floor_take(void *ctx, uint64_t i)
{
	struct run *r = *(struct run **)ctx;
	struct buf line = BUF_INIT(LINE_CAP);

	floor_parse(r, &r->mail[r->from + i]);
	made_ballot(&line, &r->e, r->from + i, (unsigned)i);
	floor_commit(r, &line);
	buf_free(&line);
}

/* One of the two contestants, opened once and then run slice by slice. */
static void open_floor(struct run *r, const char *folder, pthread_t *writer)
{
	static const char *const TABLES[] = { "floor", NULL };
	struct why why = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/floor", folder);
	mkdir(path, 0700);
	made_must(store_open(&r->floor, path, TABLES, 1ull << 34, true, &why), &why);
	if (pthread_create(writer, NULL, floor_writer, r))
		exit(71);
}

static void close_floor(struct run *r, pthread_t writer)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(writer, NULL);
	store_close(r->floor);
}

/* `serve`, without its sockets. */
struct served {
	struct answers *answers;
	struct cast *cast;
	struct box *box;
	struct signer signer;
	struct clock clock;
};

static void open_intake(struct served *s, struct run *r, const char *folder, const char *texts)
{
	struct why why = { 0 };

	memset(s, 0, sizeof(*s));
	memcpy(s->signer.secret, r->e.receiver, sizeof(s->signer.secret));
	s->box = made_box(folder, &r->e);
	made_must(clock_open(&s->clock, folder, NULL, NULL, &why), &why);
	made_must(cast_start(&s->cast, s->box, &s->clock, made_trouble, NULL, &why), &why);
	made_must(answers_open(&s->answers, r->e.m, texts, "Vote", "vote@vote.test", &why), &why);
	r->intake.box = s->box;
	r->intake.cast = s->cast;
	r->intake.signer = &s->signer;
	r->intake.answers = s->answers;
	r->intake.send = nowhere;
	r->intake.a_day = 3;
}

static void close_intake(struct served *s)
{
	cast_stop(s->cast);
	answers_free(s->answers);
	clock_close(&s->clock);
	box_close(s->box);
}

static double timed(made_step *step, struct run *r, uint64_t from, uint64_t to)
{
	double at = made_now();

	r->from = from;
	made_spread(step, &r, 0, to - from, CALLERS);
	return made_now() - at;
}

/* Turn and turn about, so that whatever else the machine does falls on both; a line of JSON with
 * a ratio for each round. */
static void race(struct run *r, uint64_t n)
{
	double floor_time = 0, time_taken = 0;
	double ratio[ROUNDS];

	for (uint64_t i = 0; i < ROUNDS; i++) {
		uint64_t from = i * n / ROUNDS, to = (i + 1) * n / ROUNDS;
		double theirs = timed(floor_take, r, from, to), ours = timed(take, r, from, to);

		floor_time += theirs;
		time_taken += ours;
		ratio[i] = theirs / ours;
	}
	printf("{\"replies\":%llu,\"floor_per_second\":%.0f,\"per_second\":%.0f,\"ratios\":[",
	       (unsigned long long)n, (double)n / floor_time, (double)n / time_taken);
	for (unsigned i = 0; i < ROUNDS; i++)
		printf("%s%.3f", i ? "," : "", ratio[i]);
	puts("]}");
}

int main(int argc, char **argv)
{
	static struct run r;
	uint64_t n = argc > 3 ? strtoull(argv[2], NULL, 10) : 0, now = (uint64_t)time(NULL);
	struct parser *parser = NULL;
	struct why why = { 0 };
	struct served served;
	pthread_t writer;

	if (!n) {
		fputs("usage: bench-reply FOLDER REPLIES ANSWERS_FOLDER\n", stderr);
		return 64;
	}
	made_must(parser_start(&parser, NULL, &why), &why);
	group_init();
	g_mime_init();
	r.options = g_mime_parser_options_new();
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.wake, NULL);
	pthread_cond_init(&r.done, NULL);
	intake_init(&r.intake, made_cores());
	r.intake.parser = parser;
	made_init(&r.e, n, OPTIONS, now - 60, now + 86400);
	r.mail = calloc(n, sizeof(*r.mail));
	if (!r.mail)
		made_must(ERR_MEMORY, NULL);
	for (uint64_t i = 0; i < n; i++)
		write_mail(&r.mail[i], &r.e, i);
	open_floor(&r, argv[1], &writer);
	open_intake(&served, &r, argv[1], argv[3]);
	race(&r, n);
	close_intake(&served);
	close_floor(&r, writer);
	intake_release(&r.intake);
	parser_stop(parser);
	made_release(&r.e);
	return 0;
}
