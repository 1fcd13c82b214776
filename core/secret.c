/* SPDX-License-Identifier: MIT */
#include "core/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "core/file.h"
#include "core/json.h"

#define SALT  crypto_pwhash_argon2id_SALTBYTES
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define KEY   crypto_aead_xchacha20poly1305_ietf_KEYBYTES

/* A sealed file is read as hostile input: these bound what opening one may cost. */
#define OPSLIMIT_MAX    16
#define MEMLIMIT_MIN    8192
#define MEMLIMIT_MAX    (UINT64_C(1) << 30)
#define SEALED_FILE_MAX (1u << 20)

struct sealed_cost sealed_cost = { 3, 256u << 20 };

void *secret_alloc(size_t len)
{
	void *p = sodium_malloc(len);

	if (!p)
		return NULL;
	/* sodium_malloc goes on where nothing more can be locked; a secret must not. */
	if (sodium_mlock(p, len)) {
		sodium_free(p);
		return NULL;
	}
	memset(p, 0, len);
	return p;
}

void secret_free(void *p)
{
	sodium_free(p);
}

void secret_lock(struct buf *b, size_t room)
{
	(void)buf_extend(b, room);
	buf_wipe(b);
	if (b->data)
		(void)sodium_mlock(b->data, b->room);
}

void secret_unlock(struct buf *b)
{
	if (b->data)
		(void)sodium_munlock(b->data, b->room);
	buf_free(b);
}

void secret_no_core(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#ifndef VOTEPOST_SANITIZED /* the leak checker traces its own process */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

struct sealed {
	uint64_t opslimit, memlimit;
	unsigned char salt[SALT], nonce[NONCE];
	struct buf box;
	size_t head; /* bytes of the line before "box": what the box vouches for too */
};

/* The line up to `"box":`. */
static void write_head(struct buf *line, const char *what, const struct sealed *s)
{
	buf_adds(line, "{\"type\":\"sealed\",\"what\":");
	json_add_string(line, what, strlen(what));
	buf_addf(line,
	         ",\"opslimit\":%llu,\"memlimit\":%llu,\"salt\":", (unsigned long long)s->opslimit,
	         (unsigned long long)s->memlimit);
	json_add_b64(line, s->salt, sizeof(s->salt));
	buf_adds(line, ",\"nonce\":");
	json_add_b64(line, s->nonce, sizeof(s->nonce));
	buf_addc(line, ',');
}

static enum err derive(unsigned char *key, const struct sealed *s,
                       const struct passphrase *passphrase)
{
	return crypto_pwhash(key, KEY, passphrase->text, passphrase->len, s->salt, s->opslimit,
	                     (size_t)s->memlimit, crypto_pwhash_ALG_ARGON2ID13)
	               ? ERR_MEMORY
	               : OK;
}

static enum err seal(struct buf *line, const char *what, const void *secret, size_t len,
                     const struct passphrase *passphrase)
{
	struct sealed s = { .opslimit = sealed_cost.opslimit, .memlimit = sealed_cost.memlimit };
	unsigned char *key = secret_alloc(KEY);
	void *box;
	enum err e;

	if (!key)
		return ERR_MEMORY;
	buf_init(&s.box, SEALED_FILE_MAX);
	randombytes_buf(s.salt, sizeof(s.salt));
	randombytes_buf(s.nonce, sizeof(s.nonce));
	write_head(line, what, &s);
	e = derive(key, &s, passphrase);
	box = buf_extend(&s.box, len + TAG);
	if (!e)
		e = buf_err(&s.box);
	if (!e)
		e = buf_err(line);
	if (!e) {
		crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, secret, len,
		                                           (const unsigned char *)buf_text(line),
		                                           line->len, NULL, s.nonce, key);
		buf_adds(line, "\"box\":");
		json_add_b64(line, box, s.box.len);
		buf_adds(line, "}\n");
		e = buf_err(line);
	}
	buf_free(&s.box);
	secret_free(key);
	return e;
}

/* Either of file.h's ways of writing a file. */
typedef enum err write_file(const char *path, const void *bytes, size_t len, unsigned mode,
                            struct why *why);

static enum err seal_into(write_file *write, const char *path, const char *what, const void *secret,
                          size_t len, const struct passphrase *passphrase, struct why *why)
{
	struct buf line = BUF_INIT(SEALED_FILE_MAX);
	enum err e;

	e = seal(&line, what, secret, len, passphrase);
	if (e)
		why_set(why, e, "%s: sealing: %s", path, err_text(e));
	else
		e = write(path, line.data, line.len, 0600, why);
	buf_free(&line);
	return e;
}

enum err sealed_create(const char *path, const char *what, const void *secret, size_t len,
                       const struct passphrase *passphrase, struct why *why)
{
	return seal_into(file_create, path, what, secret, len, passphrase, why);
}

enum err sealed_replace(const char *path, const char *what, const void *secret, size_t len,
                        const struct passphrase *passphrase, struct why *why)
{
	return seal_into(file_write, path, what, secret, len, passphrase, why);
}

/* The form alone; s->box is the caller's in any case. */
static enum err read_sealed(struct sealed *s, const struct buf *line, size_t len, const char *what,
                            struct why *why)
{
	static const char mark[] = "\"box\":";
	struct fields f;
	json_t *object;
	const char *box;
	enum err e;

	e = json_read(&object, buf_text(line), line->len, why);
	if (e)
		return e == ERR_MEMORY ? e : ERR_FORMAT;
	fields_begin(&f, object, "sealed", why);
	fields_literal(&f, "type", "sealed");
	fields_literal(&f, "what", what);
	s->opslimit = fields_number(&f, "opslimit", 1, OPSLIMIT_MAX);
	s->memlimit = fields_number(&f, "memlimit", MEMLIMIT_MIN, MEMLIMIT_MAX);
	fields_b64(&f, "salt", s->salt, sizeof(s->salt));
	fields_b64(&f, "nonce", s->nonce, sizeof(s->nonce));
	fields_b64_buf(&f, "box", &s->box);
	e = fields_end(&f);
	json_decref(object);
	if (e)
		return e == ERR_MEMORY ? e : ERR_FORMAT;
	if (s->box.len != len + TAG)
		return why_set(why, ERR_FORMAT, "holds %zu bytes, not %zu", s->box.len, len + TAG);
	/* The line is canonical and no value before it holds an unescaped quote. */
	box = strstr(buf_text(line), mark);
	if (!box)
		bug("a sealed file without its box");
	s->head = (size_t)(box - buf_text(line));
	return OK;
}

static enum err unseal(void **out, size_t len, const struct sealed *s, const char *line,
                       const struct passphrase *passphrase, struct why *why)
{
	unsigned char *key = secret_alloc(KEY);
	void *secret = secret_alloc(len);
	enum err e;

	e = key && secret ? derive(key, s, passphrase) : ERR_MEMORY;
	if (e)
		why_set(why, e, "opening: %s", err_text(e));
	else if (crypto_aead_xchacha20poly1305_ietf_decrypt(
			 secret, NULL, NULL, (const unsigned char *)s->box.data, s->box.len,
			 (const unsigned char *)line, s->head, s->nonce, key))
		e = why_set(why, ERR_INVALID, "wrong passphrase, or the file was changed");
	if (e)
		secret_free(secret);
	else
		*out = secret;
	secret_free(key);
	return e;
}

enum err sealed_open(void **out, size_t len, const char *path, const char *what,
                     const struct passphrase *passphrase, struct why *why)
{
	struct buf line = BUF_INIT(SEALED_FILE_MAX);
	struct sealed s = { .box = BUF_INIT(SEALED_FILE_MAX) };
	enum err e;

	e = file_read_line(&line, path, why);
	if (!e) {
		e = read_sealed(&s, &line, len, what, why);
		if (!e)
			e = unseal(out, len, &s, line.data, passphrase, why);
		if (e)
			why_prefix(why, "%s", path);
	}
	buf_free(&s.box);
	buf_free(&line);
	return e;
}
