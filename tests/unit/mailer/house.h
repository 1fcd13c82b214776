/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_MAILER_HOUSE_H
#define VOTEPOST_TESTS_UNIT_MAILER_HOUSE_H

/* house - a mailer's home as the commands themselves make it, from `new` to `issue`, and the
 * commands run on it in processes of their own. Include after cmocka and tests/unit/temp.h.
 * Everything asserts. */

#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "core/funnel.h"
#include "core/secret.h"
#include "core/text.h"
#include "mailer/cmd.h"
#include "tests/unit/capture.h"

#include "tests/unit/mailer/kit.h"
#include "tests/unit/mailer/posted.h"

struct house {
	const char *dir; /* the test's folder; the home is "home" in it */
	struct kit kit;  /* of which m and receiver are filled */
	struct capture last;
};

struct house_call {
	const char *dir;
	int (*cmd)(int argc, char **argv);
	char words[1000];
	void (*before)(void *context);
	void *context;
};

static inline int house_child(void *arg)
{
	struct house_call *c = arg;
	char *argv[32], *at = c->words;
	int argc = 0;

	sealed_cost.opslimit = 1;
	sealed_cost.memlimit = 8192;
	if (chdir(c->dir))
		return 99;
	while (argc < 31 && (argv[argc] = strsep(&at, " ")))
		argc += *argv[argc] != 0;
	argv[argc] = NULL;
	if (c->before)
		c->before(c->context);
	return c->cmd(argc, argv);
}

/* The exit status; what it said is in h->last. `before` runs in the child, just before. */
static inline int house_run_after(struct house *h, int (*cmd)(int, char **), const char *words,
                                  void (*before)(void *), void *context)
{
	struct house_call call = {
		.dir = h->dir, .cmd = cmd, .before = before, .context = context
	};

	assert_true(strlen(words) < sizeof(call.words));
	strcpy(call.words, words);
	capture(&h->last, house_child, &call);
	return h->last.status;
}

static inline int house_run(struct house *h, int (*cmd)(int, char **), const char *words)
{
	return house_run_after(h, cmd, words, NULL, NULL);
}

static inline void house_must(struct house *h, int (*cmd)(int, char **), const char *words)
{
	int status = house_run(h, cmd, words);

	if (status)
		fail_msg("%s ended with %d: %s", words, status, h->last.err);
}

/* The example definition, open since an hour and for so many seconds. */
static inline void house_definition_for(void **state, unsigned seconds)
{
	const uint64_t now = (uint64_t)time(NULL);
	char opens[64], closes[64], at[TIME_TEXT];
	char *text;

	time_write(at, now - 3600);
	snprintf(opens, sizeof(opens), "opens = %s", at);
	time_write(at, now + seconds);
	snprintf(closes, sizeof(closes), "closes = %s", at);
	text = kit_replace(KIT_DEFINITION, "opens = 2026-12-01T12:00:00Z", opens);
	temp_text(state, "election.conf", text);
	free(text);
	text = kit_replace(temp_path(state, "election.conf"), "closes = 2026-12-02T22:00:00Z",
	                   closes);
	temp_text(state, "election.conf", text);
	free(text);
}

static inline void house_definition(void **state)
{
	house_definition_for(state, 86400);
}

static inline void house_roll(void **state, unsigned members)
{
	struct buf csv = BUF_INIT((size_t)64 << 20);

	buf_adds(&csv, "id,email,name,language\n");
	for (unsigned i = 0; i < members; i++)
		buf_addf(&csv, "M%u,m%u@voters.test,Zoé d’Arc,%s\n", i, i, i % 2 ? "fr" : "en");
	temp_file(state, "members.csv", csv.data, csv.len);
	buf_free(&csv);
}

static inline void house_receiver(struct house *h, void **state)
{
	struct buf line = BUF_INIT(1024);
	unsigned char public[32];

	crypto_sign_keypair(public, h->kit.receiver);
	receiver_key_write(&line, public);
	buf_addc(&line, '\n');
	temp_file(state, "receiver.json", line.data, line.len);
	buf_free(&line);
}

/* Beside the home, so that a command's words carry no path: the tree's own may hold a space. */
static inline void house_reveals(void **state)
{
	for (unsigned i = 1; i <= 3; i++) {
		struct buf text = BUF_INIT(1 << 20);
		char from[64], to[32];
		struct why why = { 0 };

		snprintf(from, sizeof(from), "vectors/three-questions/reveal-%u.json", i);
		snprintf(to, sizeof(to), "reveal-%u.json", i);
		assert_ok(file_read(&text, from, &why), &why);
		temp_file(state, to, text.data, text.len);
		buf_free(&text);
	}
}

/* Up to `issue`, for so many members: `create` is said to `new`, `unlock` to what unlocks. */
static inline void house_open_with(struct house *h, void **state, unsigned members,
                                   const char *create, const char *unlock)
{
	struct home home = { .lock = { .fd = -1 } };
	char words[1000];

	memset(h, 0, sizeof(*h));
	h->dir = ((struct temp *)*state)->dir;
	house_definition(state);
	house_roll(state, members);
	house_receiver(h, state);
	house_reveals(state);
	temp_text(state, "pass", "correct horse of the mailer\n");
	snprintf(words, sizeof(words), "new --home home %s election.conf", create);
	house_must(h, cmd_new, words);
	kit_settings(state, "home/mailer.conf", 1, "", ""); /* no relay is there */
	house_must(h, cmd_roll, "roll --home home members.csv");
	snprintf(words, sizeof(words),
	         "seal --home home %s --receiver receiver.json reveal-1.json reveal-2.json "
	         "reveal-3.json",
	         unlock);
	house_must(h, cmd_seal, words);
	snprintf(words, sizeof(words), "issue --home home %s", unlock);
	house_must(h, cmd_issue, words);
	home.path = temp_path(state, "home");
	assert_int_equal(home_manifest(&home, &h->kit.m, NULL), OK);
}

static inline void house_open(struct house *h, void **state, unsigned members)
{
	house_open_with(h, state, members, "--passphrase-file pass", "--passphrase-file pass");
}

static inline void house_close(struct house *h)
{
	manifest_free(h->kit.m);
}

/* Credential `i` of issued.ndjson, whoever's it is. */
static inline struct point house_credential(const struct house *h, void **state, unsigned i)
{
	struct line line = { 0 };
	struct point found = { { 0 } };
	struct lines l;
	bool there = false;

	assert_int_equal(
		lines_open(&l, temp_path(state, "home/issued.ndjson"), (size_t)1 << 20, NULL), OK);
	while (!there && lines_next(&l, NULL) == OK) {
		assert_int_equal(line_read(&line, h->kit.m, buf_text(&l.line), l.line.len, NULL),
		                 OK);
		there = i < line.u.issued.n;
		if (there)
			found = line.u.issued.credential[i];
		i -= there ? 0 : line.u.issued.n;
		line_release(&line);
	}
	lines_close(&l);
	assert_true(there);
	return found;
}

/* A board with all that was issued, open; posted_end. */
static inline void house_board(struct posted *p, const struct house *h, void **state)
{
	posted_begin(p, &h->kit);
	posted_file(p, temp_path(state, "home/issued.ndjson"));
	posted_time(p, h->kit.m->opens);
}

#endif
