/* SPDX-License-Identifier: MIT */
#include "scrutineer/trusteehome.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/file.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"

#define PAGE_VERSION 1
#define REVEAL_MAX   8192
#define SEALED_WHAT  "trustee secrets"
#define MARK_MAX     1024

/* Bytes only, so that it is the same on every machine. */
struct page {
	unsigned char version;
	unsigned char number, threshold, count;
	unsigned char accepted;
	unsigned char election[HASH_BYTES];
	struct trustee_secret secret;
	unsigned char reveal_len[2];
	char reveal[REVEAL_MAX];
};
_Static_assert(sizeof(struct page) ==
                       5 + HASH_BYTES + 32 + (TRUSTEES_MAX + 1) * GROUP_BYTES + 2 + REVEAL_MAX,
               "no holes");

static enum err write_line(const char *dir, const char *name, struct buf *line, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	enum err e;

	buf_addc(line, '\n');
	e = buf_err(line);
	if (!e)
		e = file_write(file_path(&path, dir, name), line->data, line->len, 0644, why);
	buf_free(&path);
	return e;
}

static enum err write_numbered(const char *dir, const char *format, unsigned number,
                               struct buf *line, struct why *why)
{
	char name[32];

	if (!strcmp(format, HOME_COMMIT))
		snprintf(name, sizeof(name), HOME_COMMIT, number);
	else if (!strcmp(format, HOME_REVEAL))
		snprintf(name, sizeof(name), HOME_REVEAL, number);
	else
		snprintf(name, sizeof(name), HOME_ACCEPTED, number);
	return write_line(dir, name, line, why);
}

static enum err write_commitment(const char *dir, const struct trustee_place *place,
                                 const struct trustee_entry *entry, struct why *why)
{
	struct buf line = BUF_INIT(CEREMONY_FILE_MAX);
	unsigned char hash[HASH_BYTES];
	enum err e = ceremony_commitment(hash, entry, place->ceremony, place->number,
	                                 place->threshold, place->count);

	commitment_write(&line, place->ceremony, place->number, place->threshold, place->count,
	                 hash);
	if (!e)
		e = write_numbered(dir, HOME_COMMIT, place->number, &line, why);
	buf_free(&line);
	return e;
}

static enum err check_place(const struct trustee_place *place, struct why *why)
{
	enum err e = ceremony_numbers(place->threshold, place->count, why);

	if (e)
		return e;
	if (place->number < 1 || place->number > place->count)
		return why_check(why, "trustees number", "trustee %u of %u", place->number,
		                 place->count);
	if (text_blank(place->name, strlen(place->name)) ||
	    !text_clean(place->name, strlen(place->name)) ||
	    strlen(place->name) > CEREMONY_TEXT_MAX)
		return why_check(why, "trustees name",
		                 "a name is 1 to %d bytes of text without control characters",
		                 CEREMONY_TEXT_MAX);
	if (!text_clean(place->ceremony, strlen(place->ceremony)) ||
	    strlen(place->ceremony) > CEREMONY_TEXT_MAX)
		return why_check(why, "trustees ceremony",
		                 "the ceremony's text is at most %d bytes without control "
		                 "characters",
		                 CEREMONY_TEXT_MAX);
	return OK;
}

static enum err fill_page(struct page *page, struct trustee_entry *entry,
                          const struct trustee_place *place)
{
	struct buf line = BUF_INIT(REVEAL_MAX);
	enum err e;

	page->version = PAGE_VERSION;
	page->number = (unsigned char)place->number;
	page->threshold = (unsigned char)place->threshold;
	page->count = (unsigned char)place->count;
	entry->name = place->name;
	trustee_draw(&page->secret, entry, place->ceremony, place->number, place->threshold,
	             place->count);
	reveal_write(&line, place->ceremony, place->number, place->threshold, place->count, entry);
	e = buf_err(&line);
	if (!e) {
		page->reveal_len[0] = (unsigned char)(line.len & 0xff);
		page->reveal_len[1] = (unsigned char)(line.len >> 8);
		memcpy(page->reveal, line.data, line.len);
	}
	buf_free(&line);
	return e;
}

enum err trusteehome_create(const char *dir, const struct trustee_place *place,
                            const struct passphrase *passphrase, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	struct trustee_entry entry = { 0 };
	struct page *page = NULL;
	enum err e = check_place(place, why);

	if (!e)
		e = file_make_home(dir, why);
	if (e)
		goto done;
	page = secret_alloc(sizeof(*page));
	e = page ? fill_page(page, &entry, place)
	         : why_set(why, ERR_MEMORY, "no more memory can be locked for secrets");
	/* The secrets first: a commitment that nobody can open would stop the ceremony. */
	if (!e)
		e = sealed_create(file_path(&path, dir, HOME_SEALED), SEALED_WHAT, page,
		                  sizeof(*page), passphrase, why);
	if (!e)
		e = write_commitment(dir, place, &entry, why);
done:
	secret_free(page);
	buf_free(&path);
	return e;
}

/* The page is ours, and sealed; a wrong number in it is still no reason to run off an array. */
static enum err read_page(struct trusteehome *h, struct why *why)
{
	size_t len = h->page->reveal_len[0] | (size_t)h->page->reveal_len[1] << 8;
	enum err e;

	if (h->page->version != PAGE_VERSION || len > REVEAL_MAX)
		return why_set(why, ERR_FORMAT, "%s: a trustee's home of another version", h->dir);
	e = reveal_read(&h->reveal, h->page->reveal, len, why);
	if (e)
		return e;
	h->number = h->page->number;
	h->threshold = h->page->threshold;
	h->count = h->page->count;
	h->secret = &h->page->secret;
	h->accepted = h->page->accepted == 1;
	memcpy(h->election, h->page->election, HASH_BYTES);
	if (h->number != h->reveal.trustee || h->threshold != h->reveal.threshold ||
	    h->count != h->reveal.count)
		return why_set(why, ERR_FORMAT, "%s: its numbers disagree", h->dir);
	return OK;
}

enum err trusteehome_open(struct trusteehome *h, const char *dir, const char *passphrase_file,
                          struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	void *page = NULL;
	enum err e;

	memset(h, 0, sizeof(*h));
	h->dir = dir;
	e = passphrase_get(&h->passphrase, passphrase_file, "This trustee's passphrase: ", 0, why);
	if (!e)
		e = sealed_open(&page, sizeof(*h->page), file_path(&path, dir, HOME_SEALED),
		                SEALED_WHAT, h->passphrase, why);
	h->page = page;
	if (!e)
		e = read_page(h, why);
	buf_free(&path);
	return e;
}

void trusteehome_close(struct trusteehome *h)
{
	reveal_release(&h->reveal);
	secret_free(h->page);
	secret_free(h->passphrase);
	memset(h, 0, sizeof(*h));
}

enum err trusteehome_accept(struct trusteehome *h, const struct manifest *m,
                            const struct scalar *sum, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(CEREMONY_FILE_MAX);
	enum err e = OK;

	if (h->accepted && memcmp(h->election, m->id, HASH_BYTES) != 0) {
		struct buf mark = BUF_INIT(MARK_MAX);

		if (file_read(&mark, file_path(&path, h->dir, HOME_DECRYPTED), NULL) !=
		    ERR_NOT_FOUND)
			e = why_set(why, ERR_STATE,
			            "%s: this home decrypted in another election; a new election "
			            "takes a new ceremony",
			            h->dir);
		buf_free(&mark);
	}
	if (!e)
		e = trustee_accept(&line, h->secret, m, h->number, sum, why);
	if (e)
		goto done;
	h->page->accepted = 1;
	memcpy(h->page->election, m->id, HASH_BYTES);
	/* The share first: who has signed that it holds one must hold one. */
	e = sealed_replace(file_path(&path, h->dir, HOME_SEALED), SEALED_WHAT, h->page,
	                   sizeof(*h->page), h->passphrase, why);
	if (!e)
		e = write_numbered(h->dir, HOME_ACCEPTED, h->number, &line, why);
	h->accepted = true;
	memcpy(h->election, m->id, HASH_BYTES);
done:
	buf_free(&line);
	buf_free(&path);
	return e;
}
