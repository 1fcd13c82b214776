/* SPDX-License-Identifier: MIT */
#include "mailer/journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "core/file.h"

#define PATH_CAP 4096

/* Where the chain stands. */
struct chain {
	uint64_t lines, bytes; /* whole ones */
	unsigned char last[HASH_BYTES];
	struct ledger_hash hash;
	struct buf *out; /* may be NULL */
	/* What is summed up on the way (journal_sum); may be NULL */
	const char *event;
	struct journal_count *sum;
	size_t sums;
	uint64_t *found;
	char *purpose; /* of the newest such line; may be NULL */
};

static void sum_up(struct chain *c, const struct journal_line *line)
{
	if (!c->event || strcmp(line->event, c->event))
		return;
	if (c->purpose)
		memcpy(c->purpose, line->purpose, JOURNAL_PURPOSE);
	if (c->found)
		++*c->found;
	for (size_t s = 0; s < c->sums; s++)
		for (unsigned i = 0; i < line->counts; i++)
			if (!strcmp(line->count[i].name, c->sum[s].name))
				c->sum[s].n += line->count[i].n;
}

static enum err take_line(struct chain *c, const struct lines *l, struct why *why)
{
	struct journal_line line;
	const char *text = buf_text(&l->line);
	enum err e = journal_line_read(&line, text, l->line.len, why);

	if (!e && (line.n != c->lines || memcmp(line.previous, c->last, HASH_BYTES)))
		e = why_set(why, ERR_INVALID, "the chain of the journal is broken here");
	if (e) {
		why_prefix(why, "%s:%llu", l->path, (unsigned long long)l->number);
		return e;
	}
	crypto_hash_sha256(c->last, (const unsigned char *)text, l->line.len);
	ledger_hash_line(&c->hash, text, l->line.len);
	c->lines++;
	c->bytes = l->offset;
	sum_up(c, &line);
	if (c->out) {
		buf_add(c->out, text, l->line.len);
		buf_addc(c->out, '\n');
	}
	return OK;
}

static enum err walk_chain(struct chain *c, const char *path, struct why *why)
{
	struct lines l;
	enum err e;

	memset(c->last, 0, sizeof(c->last));
	ledger_hash_begin(&c->hash);
	/* An empty path is one that there was no memory for, not a journal that has no line. */
	if (path[0] && access(path, F_OK) && errno == ENOENT)
		return OK;
	e = lines_open(&l, path, JOURNAL_LINE_MAX, why);
	while (!e) {
		e = lines_next(&l, why);
		if (!e && !l.ended_whole)
			break; /* a crash, in the middle of a write */
		if (!e)
			e = take_line(c, &l, why);
	}
	lines_close(&l);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void set_text(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text);
}

static enum err append(const struct chain *c, const char *path, const struct journal_line *line,
                       struct why *why)
{
	struct buf text = BUF_INIT(JOURNAL_LINE_MAX + 1);
	enum err e;

	journal_line_write(&text, line);
	buf_addc(&text, '\n');
	e = buf_err(&text);
	if (!e && truncate(path, (off_t)c->bytes) && errno != ENOENT)
		e = file_trouble(why, path, errno);
	if (!e)
		e = file_append(path, text.data, text.len, why);
	buf_free(&text);
	return e;
}

enum err journal_add(const char *home, const char *event, const char *purpose,
                     const struct journal_count *counts, size_t n, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	struct chain c = { 0 };
	struct journal_line line = { .at = (uint64_t)time(NULL) };
	enum err e = walk_chain(&c, file_path(&path, home, JOURNAL_FILE), why);

	if (n > JOURNAL_COUNTS_MAX)
		bug("too many counts in a journal line");
	line.n = c.lines;
	memcpy(line.previous, c.last, HASH_BYTES);
	set_text(line.event, sizeof(line.event), event);
	set_text(line.purpose, sizeof(line.purpose), purpose);
	line.counts = (unsigned)n;
	for (size_t i = 0; i < n; i++) {
		set_text(line.count[i].name, sizeof(line.count[i].name), counts[i].name);
		line.count[i].n = counts[i].n;
	}
	if (!e)
		e = append(&c, buf_text(&path), &line, why);
	buf_free(&path);
	return e;
}

enum err journal_sum(const char *home, const char *event, struct journal_count *counts, size_t n,
                     uint64_t *lines, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	struct chain c = { .event = event, .sum = counts, .sums = n, .found = lines };
	enum err e;

	*lines = 0;
	for (size_t i = 0; i < n; i++)
		counts[i].n = 0;
	e = walk_chain(&c, file_path(&path, home, JOURNAL_FILE), why);
	buf_free(&path);
	return e;
}

enum err journal_last(const char *home, const char *event, char purpose[JOURNAL_PURPOSE],
                      struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	struct chain c = { .event = event, .purpose = purpose };
	enum err e;

	purpose[0] = '\0';
	e = walk_chain(&c, file_path(&path, home, JOURNAL_FILE), why);
	buf_free(&path);
	return e;
}

enum err journal_read(const char *home, struct buf *out, struct ledger_hash *hash,
                      unsigned char last[HASH_BYTES], struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	struct chain c = { .out = out };
	enum err e = walk_chain(&c, file_path(&path, home, JOURNAL_FILE), why);

	if (!e)
		e = buf_err(out);
	*hash = c.hash;
	memcpy(last, c.last, HASH_BYTES);
	buf_free(&path);
	return e;
}
