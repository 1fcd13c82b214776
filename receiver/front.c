/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "core/text.h"
#include "receiver/embedded.h"

#define PAGE_MAX    (8u << 20)
#define POLICY_MAX  4096
#define PLACE       "@MANIFEST@"
#define WORDS       "<script type=\"application/json\" id=\"words-"
#define WORDS_END   "</script>\n"
#define GZIP_WINDOW (15 + 16) /* the largest, and gzip's own frame */
#define GZIP_MEMORY 9
#define ETAG_BYTES  16

static void add_base64(struct buf *out, const char *bytes, size_t len)
{
	size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
	char *at = buf_extend(out, room);

	if (!at)
		return;
	sodium_bin2base64(at, room, (const unsigned char *)bytes, len,
	                  sodium_base64_VARIANT_ORIGINAL);
	out->len--; /* its NUL */
}

/* Is a page of this election to have the words of this language? English stands in for what has
 * none; "pt" serves "pt-BR". */
static bool is_spoken(const struct manifest *m, const char *tag, size_t len)
{
	if (len == 2 && !memcmp(tag, "en", 2))
		return true;
	for (unsigned i = 0; i < m->languages; i++)
		if (!strncmp(m->language[i], tag, len) &&
		    (!m->language[i][len] || m->language[i][len] == '-'))
			return true;
	return false;
}

/* A page without the words of languages that its election does not speak. */
static void add_spoken(struct buf *out, const char *at, const char *end, const struct manifest *m)
{
	const char *block, *tag, *tag_end, *after;

	while ((block = memmem(at, (size_t)(end - at), WORDS, strlen(WORDS))) != NULL) {
		tag = block + strlen(WORDS);
		after = memmem(tag, (size_t)(end - tag), WORDS_END, strlen(WORDS_END));
		tag_end = memchr(tag, '"', (size_t)(end - tag));
		if (!after || !tag_end)
			bug("words without an end in a page");
		after += strlen(WORDS_END);
		buf_add(out, at, (size_t)(block - at));
		if (is_spoken(m, tag, (size_t)(tag_end - tag)))
			buf_add(out, block, (size_t)(after - block));
		at = after;
	}
	buf_add(out, at, (size_t)(end - at));
}

static enum err fill(struct buf *out, const struct embedded *page, const struct manifest *m)
{
	const char *begin = (const char *)page->bytes, *place;

	place = memmem(begin, page->len, PLACE, strlen(PLACE));
	if (!place)
		bug("a page without a place for the manifest");
	buf_add(out, begin, (size_t)(place - begin));
	add_base64(out, m->line, m->len);
	add_spoken(out, place + strlen(PLACE), begin + page->len, m);
	return buf_err(out);
}

static enum err compress_page(struct buf *out, const struct buf *in)
{
	z_stream z = { 0 };
	unsigned char *at;
	uLong bound;
	enum err e = OK;

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
	                 Z_DEFAULT_STRATEGY) != Z_OK)
		return ERR_MEMORY;
	bound = deflateBound(&z, in->len);
	at = buf_extend(out, bound);
	if (!at) {
		e = buf_err(out);
		goto done;
	}
	z.next_in = (Bytef *)in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = at;
	z.avail_out = (uInt)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		bug("a page that does not fit its own bound");
	out->len = z.total_out;
done:
	deflateEnd(&z);
	return e;
}

static void name(char etag[40], const struct buf *page)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct buf text = BUF_INIT(38);

	crypto_hash_sha256(hash, (const unsigned char *)page->data, page->len);
	b64_add(&text, hash, ETAG_BYTES);
	etag[0] = '"';
	memcpy(etag + 1, buf_text(&text), text.len);
	memcpy(etag + 1 + text.len, "\"", 2);
	buf_free(&text);
}

static enum err make_page(struct front_page *p, const struct embedded *page,
                          const struct manifest *m)
{
	enum err e;

	e = fill(&p->plain, page, m);
	if (!e)
		e = compress_page(&p->gzip, &p->plain);
	if (e)
		return e;
	name(p->etag, &p->plain);
	buf_addf(&p->policy,
	         "default-src 'none'; script-src %s 'wasm-unsafe-eval'; style-src %s; "
	         "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
	         "frame-ancestors 'none'",
	         page->hashes, page->hashes);
	return buf_err(&p->policy);
}

static void begin_page(struct front_page *p)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->plain, PAGE_MAX);
	buf_init(&p->gzip, PAGE_MAX);
	buf_init(&p->policy, POLICY_MAX);
}

enum err front_make(struct front *f, const struct manifest *m, struct why *why)
{
	enum err e;

	begin_page(&f->vote);
	begin_page(&f->check);
	e = make_page(&f->vote, &embedded_vote, m);
	if (!e)
		e = make_page(&f->check, &embedded_check, m);
	return e ? why_set(why, e, "the pages could not be made: %s", err_text(e)) : OK;
}

static void release_page(struct front_page *p)
{
	buf_free(&p->plain);
	buf_free(&p->gzip);
	buf_free(&p->policy);
}

void front_release(struct front *f)
{
	release_page(&f->vote);
	release_page(&f->check);
}
