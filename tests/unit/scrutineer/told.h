/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_SCRUTINEER_TOLD_H
#define VOTEPOST_TESTS_UNIT_SCRUTINEER_TOLD_H

/*
 * told - the worked example three-questions with everything that its minutes are made from: the
 * mailer's ledger, the receiver's funnel and opening, signed with the example's own keys, and a
 * bureau. The same bytes every time. Include after cmocka.
 */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "core/file.h"
#include "core/opening.h"
#include "core/text.h"
#include "scrutineer/minutes.h"
#include "scrutineer/record.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#define TOLD_FONTS "/usr/share/fonts/truetype/dejavu"

struct told {
	unsigned char mailer[SIGN_SECRET_BYTES], receiver[SIGN_SECRET_BYTES];
	struct manifest *m;
	struct ledger_totals totals;
	struct funnel funnel;
	struct journal_line *line; /* of the ledger; the test's own where it wants others */
	unsigned lines;
	struct minutes_source source;
};

static inline void told_key(unsigned char secret[SIGN_SECRET_BYTES], const char *hex)
{
	unsigned char seed[32], key[32];

	assert_int_equal(sodium_hex2bin(seed, sizeof(seed), hex, strlen(hex), NULL, NULL, NULL), 0);
	crypto_sign_seed_keypair(key, secret, seed);
}

static inline void told_copy(void **state, const char *name, const char *as)
{
	struct buf bytes = BUF_INIT(1 << 22);
	struct why why = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "vectors/three-questions/%s", name);
	assert_ok(file_read(&bytes, path, &why), &why);
	temp_file(state, as, bytes.data, bytes.len);
	buf_free(&bytes);
}

/* What happened, by the mailer's journal. */
static inline unsigned told_journal(struct journal_line line[12])
{
	static const struct {
		const char *at, *event, *purpose, *name[2];
		uint64_t n[2];
	} all[] = {
		{ "2026-11-20T09:00:00Z", "new", "the keys were drawn", { NULL }, { 0 } },
		{ "2026-11-21T09:00:00Z",
		  "seal",
		  "5TX55-6ZPVW-XGYFC-HSVGE-C0XE4",
		  { "members", "trustees" },
		  { 10, 3 } },
		{ "2026-11-21T10:00:00Z",
		  "issue",
		  "credentials and handles were written",
		  { "issued" },
		  { 10 } },
		{ "2026-11-30T08:00:00Z", "unlock", "send, by officers 1 and 3", { NULL }, { 0 } },
		{ "2026-11-30T08:02:00Z",
		  "send",
		  "letters by outcome",
		  { "accepted", "refused" },
		  { 9, 1 } },
		{ "2026-12-01T11:00:00Z", "reissue", "lost", { "lines" }, { 1 } },
		{ "2026-12-01T11:05:00Z", "reissue", "lost", { "lines" }, { 1 } },
		{ "2026-12-01T12:20:00Z",
		  "stand",
		  "replaced lines found on the board",
		  { "lost", "stolen" },
		  { 1, 1 } },
		{ "2026-12-02T09:00:00Z", "extend", "until 2026-12-03T10:00:00Z", { NULL }, { 0 } },
		{ "2026-12-03T11:00:00Z",
		  "attendance",
		  "after the close",
		  { "members", "voted" },
		  { 10, 8 } },
		{ "2027-03-01T10:00:00Z",
		  "forget",
		  "the token keys were destroyed",
		  { "keys" },
		  { 1 } },
	};
	const unsigned n = sizeof(all) / sizeof(*all);

	memset(line, 0, 12 * sizeof(*line));
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(time_read(&line[i].at, all[i].at, strlen(all[i].at)), OK);
		snprintf(line[i].event, sizeof(line[i].event), "%s", all[i].event);
		snprintf(line[i].purpose, sizeof(line[i].purpose), "%s", all[i].purpose);
		for (unsigned c = 0; c < 2 && all[i].name[c]; c++) {
			strcpy(line[i].count[c].name, all[i].name[c]);
			line[i].count[c].n = all[i].n[c];
			line[i].counts++;
		}
	}
	return n;
}

static inline void told_write_ledger(void **state, struct told *t)
{
	struct buf out = BUF_INIT(65536), text = BUF_INIT(JOURNAL_LINE_MAX);
	struct ledger_totals totals = t->totals;
	unsigned char last[HASH_BYTES] = { 0 };
	struct ledger_hash hash;

	ledger_hash_begin(&hash);
	for (unsigned i = 0; i < t->lines; i++) {
		struct journal_line line = t->line[i];

		line.n = i;
		memcpy(line.previous, last, HASH_BYTES);
		buf_clear(&text);
		journal_line_write(&text, &line);
		ledger_hash_line(&hash, text.data, text.len);
		crypto_hash_sha256(last, (unsigned char *)text.data, text.len);
		buf_add(&out, text.data, text.len);
		buf_addc(&out, '\n');
	}
	memcpy(totals.previous, last, HASH_BYTES);
	ledger_totals_write(&out, &totals, t->m, &hash, t->mailer);
	buf_addc(&out, '\n');
	temp_file(state, "ledger.ndjson", out.data, out.len);
	buf_free(&out);
	buf_free(&text);
}

static inline void told_write_funnel(void **state, struct told *t)
{
	struct buf out = BUF_INIT(65536);

	funnel_write(&out, &t->funnel, t->m, t->receiver);
	buf_addc(&out, '\n');
	temp_file(state, "funnel.json", out.data, out.len);
	buf_free(&out);
}

/* The manifest, and a head over the lines before the first ballot. */
static inline void told_open(void **state, struct told *t)
{
	struct opening o = { .at = UINT64_C(1796040000), .head.time = UINT64_C(1796040000) };
	const struct temp *temp = *state;
	struct buf out = BUF_INIT(OPENING_MAX);
	struct merkle tree = { 0 };
	struct why why = { 0 };
	struct lines lines;
	struct node leaf;

	assert_ok(record_board(&lines, &t->m, temp->dir, &why), &why);
	merkle_leaf(&leaf, t->m->line, t->m->len);
	merkle_append(&tree, &leaf, NULL, NULL);
	while (record_next(&lines, NULL) == OK && !strstr(lines.line.data, "\"type\":\"time\"")) {
		merkle_leaf(&leaf, lines.line.data, lines.line.len);
		merkle_append(&tree, &leaf, NULL, NULL);
	}
	lines_close(&lines);
	o.head.size = tree.size;
	merkle_root(&o.head.root, &tree);
	head_sign(&o.head, t->m, t->receiver);
	assert_int_equal(opening_definition(o.definition, t->m), OK);
	memset(o.program, 0x5a, sizeof(o.program));
	opening_write(&out, &o, t->m, t->receiver);
	buf_addc(&out, '\n');
	temp_file(state, OPENING_FILE, out.data, out.len);
	buf_free(&out);
}

static const char told_bureau[] =
	"[bureau]\nplace = Lisboa, sala 2\nremarks = Dois observadores <presentes> & atentos.\n"
	"[member chair]\nname = Ana Nguyễn\nrole = chair\n"
	"key = kMzhhZFBA02rB5IoJlVEco51R78StvmFN9LbCm2_Q-U\n"
	"[member secretary]\nname = Bo Example\nrole = secretary\n"
	"[incident 1]\nat = 1 December, 18:40\ntext = A letter was shown around: \"lost\".\n"
	"decision = Replaced.\n";

/* All files, into the test's folder; `t->source` names them. */
static inline void told_make(void **state, struct told *t)
{
	static const char *const files[] = { "board.ndjson", "head.json", "result.json",
		                             "share-1.json", "share-3.json" };
	static struct journal_line line[12];
	const struct temp *temp = *state;

	memset(t, 0, sizeof(*t));
	told_key(t->mailer, "4ce6e9f4383969fc3ea3604bdddb326d412049e2dac9597ff63d03c83c015444");
	told_key(t->receiver, "69fbe29c4acfe5b16001b21f470d0d943d4d8934b4c58253d48b9aae69e1c347");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		told_copy(state, files[i], files[i]);
	told_open(state, t);
	t->line = line;
	t->lines = told_journal(line);
	t->totals = (struct ledger_totals){ .at = UINT64_C(1796300000),
		                            .issued = 12,
		                            .replaced = 2,
		                            .state[SEND_ACCEPTED] = 9,
		                            .state[SEND_REFUSED] = 1 };
	t->funnel.size = 21;
	t->funnel.channel[CHANNEL_LINK] = 8;
	t->funnel.verdict[VERDICT_COUNTED] = 8;
	t->funnel.verdict[VERDICT_LATE] = 2;
	told_write_ledger(state, t);
	told_write_funnel(state, t);
	t->source.record = temp->dir;
	t->source.ledger = temp_path(state, "ledger.ndjson");
	t->source.funnel = temp_path(state, "funnel.json");
	t->source.bureau = temp_text(state, "bureau.conf", told_bureau);
}

static inline void told_release(struct told *t)
{
	manifest_free(t->m);
}

#endif
