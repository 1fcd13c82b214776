/* SPDX-License-Identifier: MIT */
#include "tests/poll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "core/credential.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "tests/support.h"

#define CEREMONY "a test's ceremony"

enum languages { BOTH, FRENCH, ENGLISH };

static enum languages languages_of(const struct poll_plan *plan)
{
	if (!plan->languages)
		return BOTH;
	return strcmp(plan->languages, "fr") == 0 ? FRENCH : ENGLISH;
}

/* One text in the plan's languages. */
static void add_texts(struct buf *out, const struct poll_plan *plan, const char *text)
{
	if (languages_of(plan) == BOTH)
		buf_addf(out, "{\"fr\":\"%s\",\"en\":\"%s\"}", text, text);
	else
		buf_addf(out, "{\"%s\":\"%s\"}", plan->languages, text);
}

static void add_question(struct buf *out, const struct poll_plan *plan)
{
	if (plan->questions) {
		buf_adds(out, plan->questions);
		return;
	}
	buf_adds(out, "[{\"id\":\"motion\",\"kind\":\"choice\",\"title\":");
	add_texts(out, plan, "Motion");
	buf_adds(out, ",\"options\":[");
	add_texts(out, plan, "Texte Un");
	buf_adds(out, ",");
	add_texts(out, plan, "Texte Deux");
	buf_adds(out, ",");
	add_texts(out, plan, "Texte Trois");
	buf_adds(out, "],\"min\":1,\"max\":1,\"blank\":true}]");
}

static void add_channels(struct buf *out, const struct poll_plan *plan)
{
	const char *comma = "";

	buf_adds(out, ",\"channels\":[");
	if (!plan->no_reply) {
		buf_adds(out, "\"reply\"");
		comma = ",";
	}
	if (!plan->no_sealed) {
		buf_addf(out, "%s\"sealed-reply\"", comma);
		comma = ",";
	}
	if (plan->link)
		buf_addf(out, "%s\"link\"", comma);
	buf_adds(out, "]");
	if (!plan->no_reply) {
		buf_adds(out, ",\"waiver\":");
		add_texts(out, plan, "A plain reply is not secret.");
	}
}

static void add_roll(struct buf *out, unsigned light, unsigned heavy)
{
	buf_addf(out, ",\"roll\":[{\"weight\":1,\"members\":%u}", light);
	if (heavy)
		buf_addf(out, ",{\"weight\":2,\"members\":%u}", heavy);
	buf_adds(out, "]");
}

static void add_trustees(struct buf *out, struct poll *p, unsigned threshold)
{
	struct trustee_entry *entry = calloc(p->trustees, sizeof(*entry));
	struct trustees t = {
		.ceremony = CEREMONY,
		.threshold = threshold,
		.count = p->trustees,
		.entry = entry,
	};
	struct point key;
	char name[32];

	assert_non_null(entry);
	buf_addf(out, ",\"trustees\":{\"ceremony\":\"" CEREMONY "\",\"threshold\":%u,\"members\":[",
	         threshold);
	for (unsigned i = 0; i < p->trustees; i++) {
		snprintf(name, sizeof(name), "Trustee %u", i + 1);
		entry[i].name = name;
		trustee_draw(&p->trustee[i], &entry[i], CEREMONY, i + 1, threshold, p->trustees);
		buf_adds(out, i ? "," : "");
		ceremony_entry_write(out, &entry[i], threshold);
	}
	assert_int_equal(ceremony_key(&key, &t), OK);
	buf_adds(out, "]},\"election_key\":");
	json_add_b64(out, key.bytes, GROUP_BYTES);
	free(entry);
}

static void make_manifest(struct poll *p, const struct poll_plan *plan, unsigned light)
{
	static const char *const lists[] = { "[\"fr\",\"en\"]", "[\"fr\"]", "[\"en\"]" };
	uint64_t now = (uint64_t)time(NULL);
	unsigned char mailer[32], receiver[32];
	char opens[TIME_TEXT], closes[TIME_TEXT];
	struct buf *out = &p->manifest;
	struct why why = { 0 };

	crypto_sign_keypair(mailer, p->mailer_secret);
	crypto_sign_keypair(receiver, p->receiver_secret);
	time_write(opens, plan->opens ? plan->opens : now - 3600);
	time_write(closes, plan->closes ? plan->closes : now + 86400);
	buf_adds(out, "{\"type\":\"manifest\",\"protocol\":\"votepost/1\",\"title\":");
	add_texts(out, plan, "Congr\xc3\xa8s");
	buf_addf(out, ",\"organiser\":\"The federation\",\"languages\":%s",
	         lists[languages_of(plan)]);
	buf_addf(out, ",\"opens\":\"%s\",\"closes\":\"%s\"", opens, closes);
	add_channels(out, plan);
	buf_adds(out, ",\"reply_to\":\"vote@example.org\",\"link\":\"https://vote.example.org/\","
	              "\"questions\":");
	add_question(out, plan);
	add_roll(out, light, plan->heavy);
	buf_addf(out, ",\"min_ballots\":%u", plan->min_ballots ? (unsigned)plan->min_ballots : 1);
	add_trustees(out, p, plan->threshold ? plan->threshold : 1);
	buf_adds(out, ",\"mailer_key\":");
	json_add_b64(out, mailer, sizeof(mailer));
	buf_adds(out, ",\"receiver_key\":");
	json_add_b64(out, receiver, sizeof(receiver));
	buf_addf(out, ",\"second_factor\":false,\"test\":%s}", plan->real ? "false" : "true");
	assert_int_equal(buf_err(out), OK);
	assert_ok(manifest_read(&p->m, buf_text(out), out->len, &why), &why);
	buf_addc(out, '\n');
}

static void draw_member(struct poll *p, struct poll_member *member)
{
	unsigned char bits[8];

	randombytes_buf(member->token.bytes, TOKEN_BYTES);
	credential_secret(&member->secret, p->m->id, &member->token, NULL);
	point_base(&member->credential, &member->secret);
	randombytes_buf(bits, sizeof(bits));
	b32_write(member->handle, bits, 64);
	for (char *c = member->handle; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
}

static int by_credential(const void *a, const void *b)
{
	return memcmp(a, b, GROUP_BYTES);
}

/* The issued lines of one weight, ascending. */
static void issue(struct poll *p, unsigned weight, unsigned first, unsigned count)
{
	struct point *sorted = calloc(count ? count : 1, sizeof(*sorted));
	unsigned n;

	assert_non_null(sorted);
	for (unsigned i = 0; i < count; i++)
		sorted[i] = p->member[first + i].credential;
	qsort(sorted, count, sizeof(*sorted), by_credential);
	for (unsigned at = 0; at < count; at += n) {
		n = count - at < ISSUED_MAX ? count - at : ISSUED_MAX;
		issued_write(&p->issued, p->m, weight, sorted + at, n, p->mailer_secret);
		buf_addc(&p->issued, '\n');
	}
	free(sorted);
}

static void accept_all(struct poll *p)
{
	struct why why = { 0 };
	struct deal deal;
	struct scalar sum;

	for (unsigned j = 1; j <= p->trustees; j++) {
		scalar_from(&sum, 0);
		for (unsigned i = 1; i <= p->trustees; i++) {
			assert_ok(trustee_deal(&deal, &p->trustee[i - 1], p->m, i, j, &why), &why);
			assert_ok(trustee_open(&sum, &p->trustee[j - 1], p->m, &deal, &why), &why);
		}
		assert_ok(trustee_accept(&p->accepted, &p->trustee[j - 1], p->m, j, &sum, &why),
		          &why);
		buf_addc(&p->accepted, '\n');
	}
}

static int by_handle(const void *a, const void *b)
{
	return memcmp(a, b, HANDLE_CHARS);
}

static void write_handles(struct poll *p)
{
	char *all = malloc((size_t)p->members * HANDLE_CHARS + 1);

	assert_non_null(all);
	for (unsigned i = 0; i < p->members; i++)
		memcpy(all + (size_t)i * HANDLE_CHARS, p->member[i].handle, HANDLE_CHARS);
	qsort(all, p->members, HANDLE_CHARS, by_handle);
	handles_write(&p->handles, p->m, all, p->members, p->mailer_secret);
	buf_addc(&p->handles, '\n');
	free(all);
}

void poll_make(struct poll *p, const struct poll_plan *plan)
{
	unsigned light = plan->members ? plan->members : 10;

	group_init();
	memset(p, 0, sizeof(*p));
	buf_init(&p->manifest, MANIFEST_MAX);
	buf_init(&p->issued, 1u << 28);
	buf_init(&p->accepted, 1u << 20);
	buf_init(&p->handles, 1u << 26);
	p->members = light + plan->heavy;
	p->trustees = plan->trustees ? plan->trustees : 1;
	make_manifest(p, plan, light);
	p->member = calloc(p->members, sizeof(*p->member));
	assert_non_null(p->member);
	for (unsigned i = 0; i < p->members; i++) {
		draw_member(p, &p->member[i]);
		p->member[i].weight = i < light ? 1 : 2;
	}
	issue(p, 1, 0, light);
	issue(p, 2, light, plan->heavy);
	accept_all(p);
	write_handles(p);
	assert_int_equal(buf_err(&p->issued), OK);
	assert_int_equal(buf_err(&p->accepted), OK);
	assert_int_equal(buf_err(&p->handles), OK);
}

void poll_free(struct poll *p)
{
	manifest_free(p->m);
	buf_free(&p->manifest);
	buf_free(&p->issued);
	buf_free(&p->accepted);
	buf_free(&p->handles);
	free(p->member);
	memset(p, 0, sizeof(*p));
}

static void write_one(const char *folder, const char *name, const struct buf *content,
                      unsigned mode)
{
	struct buf path = BUF_INIT(4096);
	struct why why = { 0 };

	assert_ok(file_write(file_path(&path, folder, name), buf_text(content), content->len, mode,
	                     &why),
	          &why);
	buf_free(&path);
}

void poll_write(const struct poll *p, const char *folder)
{
	struct buf key = BUF_INIT(256);

	b64_add(&key, p->receiver_secret, sizeof(p->receiver_secret));
	buf_addc(&key, '\n');
	write_one(folder, "receiver.key", &key, 0600);
	write_one(folder, "manifest.json", &p->manifest, 0644);
	write_one(folder, "issued.ndjson", &p->issued, 0644);
	write_one(folder, "accepted.ndjson", &p->accepted, 0644);
	write_one(folder, "handles.json", &p->handles, 0644);
	buf_free(&key);
}

void poll_ballot(struct buf *line, const struct poll *p, unsigned member, enum channel channel,
                 unsigned option)
{
	unsigned char cells[CELLS_MAX] = { 0 };

	assert_true(option < p->m->cells);
	cells[option] = 1;
	assert_int_equal(ballot_make(line, p->m, channel, &p->member[member].secret, cells), OK);
}

void poll_mail(struct buf *mail, const struct poll *p, unsigned member, const char *headers,
               const char *text)
{
	buf_addf(mail,
	         "Return-Path: <member%u@members.example>\r\n"
	         "Delivered-To: vote+%s@example.org\r\n"
	         "From: A Member <member%u@members.example>\r\n"
	         "To: vote+%s@example.org\r\n"
	         "Subject: Re: vote\r\n"
	         "Message-ID: <%u.%08x@members.example>\r\n"
	         "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
	         "MIME-Version: 1.0\r\n"
	         "Content-Type: text/plain; charset=utf-8\r\n"
	         "%s\r\n"
	         "%s",
	         member, p->member[member].handle, member, p->member[member].handle, member,
	         randombytes_random(), headers, text);
	assert_int_equal(buf_err(mail), OK);
}

void poll_reply(struct buf *mail, const struct poll *p, unsigned member, const char *choice)
{
	char token[TOKEN_TEXT_MAX], text[4096];

	token_write(token, &p->member[member].token);
	snprintf(text, sizeof(text), "%s\r\n\r\n> Your code:\r\n> %s\r\n", choice, token);
	poll_mail(mail, p, member, "", text);
}

void poll_reissue(struct buf *line, struct poll *p, unsigned member)
{
	struct poll_member *who = &p->member[member];
	struct point old = who->credential;

	randombytes_buf(who->token.bytes, TOKEN_BYTES);
	credential_secret(&who->secret, p->m->id, &who->token, NULL);
	point_base(&who->credential, &who->secret);
	replaced_write(line, p->m, &old, &who->credential, p->mailer_secret);
	assert_int_equal(buf_err(line), OK);
}
