/* SPDX-License-Identifier: MIT */
#include "scrutineer/collected.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"

/* The commitments of a ceremony, by trustee. */
struct collected {
	struct commitment by[TRUSTEES_MAX]; /* trustee 0: not there yet */
};

static void release(struct collected *c)
{
	for (unsigned i = 0; i < TRUSTEES_MAX; i++)
		commitment_release(&c->by[i]);
}

/* Of this home's ceremony, in a place that is still free. */
static enum err place_commitment(struct collected *c, struct commitment *one,
                                 const struct trusteehome *h, const char *where, struct why *why)
{
	struct commitment *at = &c->by[one->trustee - 1];

	if (strcmp(one->ceremony, h->reveal.ceremony) != 0 || one->threshold != h->threshold ||
	    one->count != h->count)
		return why_check(why, "trustees commitment",
		                 "%s: of another ceremony, or other numbers", where);
	if (at->trustee)
		return why_check(why, "trustees commitment", "%s: trustee %u has committed already",
		                 where, one->trustee);
	*at = *one;
	*one = (struct commitment){ 0 };
	return OK;
}

static enum err check_complete(const struct collected *c, const struct trusteehome *h,
                               struct why *why)
{
	unsigned char own[HASH_BYTES];
	enum err e = ceremony_commitment(own, &h->reveal.entry, h->reveal.ceremony, h->number,
	                                 h->threshold, h->count);

	for (unsigned i = 0; i < h->count && !e; i++) {
		if (!c->by[i].trustee)
			e = why_check(why, "trustees commitment",
			              "trustee %u has not committed yet; nobody reveals before "
			              "all have",
			              i + 1);
	}
	if (!e && memcmp(own, c->by[h->number - 1].hash, HASH_BYTES) != 0)
		e = why_check(why, "trustees commitment",
		              "the commitment of trustee %u is not its "
		              "own: this is that trustee's home",
		              h->number);
	return e;
}

static enum err collect_files(struct collected *c, const struct trusteehome *h, char *const *paths,
                              unsigned n, struct why *why)
{
	enum err e = OK;

	for (unsigned i = 0; i < n && !e; i++) {
		struct buf line = BUF_INIT(CEREMONY_FILE_MAX);
		struct commitment one = { 0 };

		e = file_read_line(&line, paths[i], why);
		if (!e) {
			e = commitment_read(&one, line.data, line.len, why);
			if (e)
				why_prefix(why, "%s", paths[i]);
		}
		if (!e)
			e = place_commitment(c, &one, h, paths[i], why);
		commitment_release(&one);
		buf_free(&line);
	}
	return e ? e : check_complete(c, h, why);
}

/* Once they are kept they are what every later step is held against: never replaced. */
static enum err keep(const struct collected *c, const struct trusteehome *h, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	struct buf text = BUF_INIT((size_t)TRUSTEES_MAX * CEREMONY_FILE_MAX);
	struct buf there = BUF_INIT((size_t)TRUSTEES_MAX * CEREMONY_FILE_MAX);
	enum err e;

	for (unsigned i = 0; i < h->count; i++) {
		commitment_write(&text, c->by[i].ceremony, i + 1, h->threshold, h->count,
		                 c->by[i].hash);
		buf_addc(&text, '\n');
	}
	e = buf_err(&text);
	if (!e)
		e = file_create(file_path(&path, h->dir, HOME_COMMITMENTS), text.data, text.len,
		                0600, why);
	if (e == ERR_EXISTS) {
		e = file_read(&there, buf_text(&path), why);
		if (!e && (there.len != text.len || memcmp(there.data, text.data, text.len) != 0))
			e = why_check(why, "trustees commitment",
			              "%s: other commitments were collected before",
			              buf_text(&path));
	}
	buf_free(&there);
	buf_free(&text);
	buf_free(&path);
	return e;
}

enum err collected_reveal(struct trusteehome *h, char *const *paths, unsigned n, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(CEREMONY_FILE_MAX);
	struct collected c = { 0 };
	char name[32];
	enum err e = collect_files(&c, h, paths, n, why);

	if (!e)
		e = keep(&c, h, why);
	if (!e) {
		snprintf(name, sizeof(name), HOME_REVEAL, h->number);
		reveal_write(&line, h->reveal.ceremony, h->number, h->threshold, h->count,
		             &h->reveal.entry);
		buf_addc(&line, '\n');
		e = buf_err(&line);
	}
	if (!e)
		e = file_write(file_path(&path, h->dir, name), line.data, line.len, 0644, why);
	release(&c);
	buf_free(&line);
	buf_free(&path);
	return e;
}

static enum err read_kept(struct collected *c, const struct trusteehome *h, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	struct lines lines;
	enum err e = lines_open(&lines, file_path(&path, h->dir, HOME_COMMITMENTS),
	                        CEREMONY_FILE_MAX, why);

	if (e == ERR_NOT_FOUND)
		e = why_set(why, ERR_STATE, "%s: no commitments were collected; reveal comes first",
		            h->dir);
	while (!e) {
		struct commitment one = { 0 };

		e = lines_next(&lines, why);
		if (!e)
			e = commitment_read(&one, lines.line.data, lines.line.len, why);
		if (!e)
			e = place_commitment(c, &one, h, HOME_COMMITMENTS, why);
		commitment_release(&one);
	}
	lines_close(&lines);
	buf_free(&path);
	return e == ERR_NOT_FOUND ? check_complete(c, h, why) : e;
}

static enum err check_own(const struct trusteehome *h, const struct manifest *m, struct why *why)
{
	struct buf mine = BUF_INIT(CEREMONY_FILE_MAX), theirs = BUF_INIT(MANIFEST_MAX);
	enum err e;

	ceremony_entry_write(&mine, &h->reveal.entry, h->threshold);
	ceremony_entry_write(&theirs, &m->trustees.entry[h->number - 1], m->trustees.threshold);
	e = buf_err(&mine) ? buf_err(&mine) : buf_err(&theirs);
	if (!e && (mine.len != theirs.len || memcmp(mine.data, theirs.data, mine.len) != 0))
		e = why_check(why, "trustees entry",
		              "the manifest's entry of trustee %u is not this home's own",
		              h->number);
	buf_free(&mine);
	buf_free(&theirs);
	return e;
}

enum err collected_manifest(const struct trusteehome *h, const struct manifest *m, struct why *why)
{
	const struct trustees *t = &m->trustees;
	struct collected c = { 0 };
	enum err e;

	if (strcmp(t->ceremony, h->reveal.ceremony) != 0 || t->threshold != h->threshold ||
	    t->count != h->count)
		return why_check(why, "trustees ceremony",
		                 "the manifest is of another ceremony, or has other numbers");
	e = check_own(h, m, why);
	if (!e)
		e = read_kept(&c, h, why);
	for (unsigned i = 0; i < t->count && !e; i++) {
		unsigned char hash[HASH_BYTES];

		e = ceremony_commitment(hash, &t->entry[i], t->ceremony, i + 1, t->threshold,
		                        t->count);
		if (!e && memcmp(hash, c.by[i].hash, HASH_BYTES) != 0)
			e = why_check(why, "trustees commitment",
			              "trustee %u (%s) reveals what it did not commit to", i + 1,
			              t->entry[i].name);
	}
	release(&c);
	return e;
}
