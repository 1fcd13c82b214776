/* SPDX-License-Identifier: MIT */
#include "made.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "core/credential.h"
#include "core/text.h"
#include "core/trustee.h"

#define THREADS_MAX 64
#define TEXT_CAP    (4u << 20)
#define CEREMONY    "bench"

struct pair {
	struct point credential; /* first: pairs are sorted by it */
	struct token token;
	struct scalar secret;
};

double made_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void made_must(enum err e, const struct why *why)
{
	if (!e)
		return;
	fprintf(stderr, "bench: %s\n", why && why->text[0] ? why->text : err_text(e));
	exit(70);
}

unsigned made_cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

struct crew {
	made_step *step;
	atomic_ullong next;
	uint64_t n;
};
struct hand {
	struct crew *crew;
	void *ctx;
};

static void *work(void *arg)
{
	struct hand *hand = arg;
	uint64_t i;

	while ((i = atomic_fetch_add(&hand->crew->next, 1)) < hand->crew->n)
		hand->crew->step(hand->ctx, i);
	return NULL;
}

void made_spread(made_step *step, void *ctx, size_t size, uint64_t n, unsigned threads)
{
	struct crew crew = { .step = step, .n = n };
	struct hand hand[THREADS_MAX];
	pthread_t id[THREADS_MAX];

	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	for (unsigned t = 0; t < threads; t++) {
		hand[t] = (struct hand){ &crew, (char *)ctx + t * size };
		if (pthread_create(&id[t], NULL, work, &hand[t]))
			exit(71);
	}
	for (unsigned t = 0; t < threads; t++)
		pthread_join(id[t], NULL);
}

static void add_b64(struct buf *out, const char *name, const void *bytes, size_t len)
{
	buf_addf(out, ",\"%s\":\"", name);
	b64_add(out, bytes, len);
	buf_addc(out, '"');
}

static void add_question(struct buf *out, unsigned options)
{
	buf_adds(out, ",\"questions\":[{\"id\":\"q\",\"kind\":\"choice\",\"title\":{\"en\":\"Q\"},"
	              "\"options\":[");
	for (unsigned i = 0; i < options; i++)
		buf_addf(out, "%s{\"en\":\"Option %u\"}", i ? "," : "", i + 1);
	buf_adds(out, "],\"min\":1,\"max\":1,\"blank\":false}]");
}

static void manifest_text(struct buf *out, const struct made *e, unsigned options,
                          const struct trustee_entry *entry)
{
	char opens[TIME_TEXT], closes[TIME_TEXT];

	time_write(opens, e->opens);
	time_write(closes, e->closes);
	buf_addf(
		out,
		"{\"type\":\"manifest\",\"protocol\":\"votepost/1\",\"title\":{\"en\":\"Bench\"},"
		"\"organiser\":\"Bench\",\"languages\":[\"en\"],\"opens\":\"%s\",\"closes\":\"%s\","
		"\"channels\":[\"reply\",\"sealed-reply\",\"link\"],\"waiver\":{\"en\":\"none\"},"
		"\"reply_to\":\"vote@vote.test\",\"link\":\"http://127.0.0.1/\"",
		opens, closes);
	add_question(out, options);
	buf_addf(out,
	         ",\"roll\":[{\"weight\":1,\"members\":%llu}],\"min_ballots\":1,"
	         "\"trustees\":{\"ceremony\":\"" CEREMONY "\",\"threshold\":1,\"members\":[",
	         (unsigned long long)e->members);
	ceremony_entry_write(out, entry, 1);
	buf_adds(out, "]}");
	add_b64(out, "election_key", entry->commitment[0].bytes, GROUP_BYTES);
	add_b64(out, "mailer_key", e->mailer + 32, 32);
	add_b64(out, "receiver_key", e->receiver + 32, 32);
	buf_adds(out, ",\"second_factor\":false,\"test\":true}");
}

static void make_manifest(struct made *e, unsigned options)
{
	struct trustee_entry entry = { .name = "Bench" };
	struct buf text = BUF_INIT(TEXT_CAP);
	struct trustee_secret secret;
	struct scalar sum = { { 0 } };
	struct why why = { 0 };
	struct deal deal;

	memset(&secret, 0, sizeof(secret));
	trustee_draw(&secret, &entry, CEREMONY, 1, 1, 1);
	manifest_text(&text, e, options, &entry);
	made_must(manifest_read(&e->m, text.data, text.len, &why), &why);
	made_must(trustee_deal(&deal, &secret, e->m, 1, 1, &why), &why);
	made_must(trustee_open(&sum, &secret, e->m, &deal, &why), &why);
	made_must(trustee_accept(&e->accepted, &secret, e->m, 1, &sum, &why), &why);
	buf_free(&text);
	trustee_wipe(&secret);
}

struct pairing {
	const struct made *e;
	struct pair *pair;
};

static void make_pair(void *ctx, uint64_t i)
{
	struct pairing *all = ctx;
	struct pair *p = all->pair + i;

	randombytes_buf(p->token.bytes, sizeof(p->token.bytes));
	credential_secret(&p->secret, all->e->m->id, &p->token, NULL);
	point_base(&p->credential, &p->secret);
}

static int by_credential(const void *a, const void *b)
{
	return memcmp(a, b, GROUP_BYTES);
}

void made_init(struct made *e, uint64_t members, unsigned options, uint64_t opens, uint64_t closes)
{
	struct pair *pairs = calloc(members, sizeof(*pairs));
	unsigned char key[32];

	memset(e, 0, sizeof(*e));
	e->members = members;
	e->opens = opens;
	e->closes = closes;
	e->accepted = BUF_INIT(TEXT_CAP);
	e->token = calloc(members, sizeof(*e->token));
	e->secret = calloc(members, sizeof(*e->secret));
	e->credential = calloc(members, sizeof(*e->credential));
	if (!pairs || !e->token || !e->secret || !e->credential)
		made_must(ERR_MEMORY, NULL);
	crypto_sign_keypair(key, e->mailer);
	crypto_sign_keypair(key, e->receiver);
	make_manifest(e, options);
	made_spread(make_pair, &(struct pairing){ e, pairs }, 0, members, made_cores());
	qsort(pairs, members, sizeof(*pairs), by_credential);
	for (uint64_t i = 0; i < members; i++) {
		e->credential[i] = pairs[i].credential;
		e->token[i] = pairs[i].token;
		e->secret[i] = pairs[i].secret;
	}
	free(pairs);
}

void made_release(struct made *e)
{
	manifest_free(e->m);
	buf_free(&e->accepted);
	free(e->token);
	free(e->secret);
	free(e->credential);
}

unsigned made_issued(struct buf *line, const struct made *e, uint64_t first)
{
	uint64_t n = e->members - first < ISSUED_MAX ? e->members - first : ISSUED_MAX;

	issued_write(line, e->m, 1, e->credential + first, (unsigned)n, e->mailer);
	return (unsigned)n;
}

void made_ballot(struct buf *line, const struct made *e, uint64_t i, unsigned choice)
{
	unsigned char cells[CELLS_MAX] = { 0 };

	cells[choice % e->m->cells] = 1;
	made_must(ballot_make(line, e->m, CHANNEL_SEALED_REPLY, &e->secret[i], cells), NULL);
}
