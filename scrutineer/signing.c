/* SPDX-License-Identifier: MIT */
#include "scrutineer/signing.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/file.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "scrutineer/minutes.h"

#define LABEL       "votepost/1 minutes"
#define SEALED_WHAT "minutes key"

static const char *const files[SIGNED_FILES] = { MINUTES_TEXT, MINUTES_HTML, MINUTES_PDF,
	                                         MINUTES_JSON };
static const char *const keys[SIGNED_FILES] = { "text", "html", "pdf", "json" };

enum err signing_key_create(unsigned char key[32], const char *path,
                            const struct passphrase *passphrase, struct why *why)
{
	unsigned char *secret = secret_alloc(SIGN_SECRET_BYTES);
	enum err e;

	if (!secret)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for secrets");
	crypto_sign_keypair(key, secret);
	e = sealed_create(path, SEALED_WHAT, secret, SIGN_SECRET_BYTES, passphrase, why);
	secret_free(secret);
	return e;
}

static enum err take_text(char *out, size_t room, struct fields *f, const char *key)
{
	size_t len;
	const char *text = fields_string(f, key, &len);

	if (f->e)
		return f->e;
	if (len >= room)
		f->e = why_check(f->why, "minutes bureau", "\"%s\" is longer than %zu bytes", key,
		                 room - 1);
	else
		memcpy(out, text, len + 1);
	return f->e;
}

static enum err read_signer(struct signer *who, json_t *object, struct why *why)
{
	struct buf key = BUF_INIT(64);
	struct fields f;
	char role[BUREAU_NAME_MAX + 1];
	enum err e;

	fields_begin(&f, object, "minutes bureau", why);
	(void)take_text(who->id, sizeof(who->id), &f, "id");
	(void)take_text(who->name, sizeof(who->name), &f, "name");
	(void)take_text(role, sizeof(role), &f, "role");
	fields_b64_buf(&f, "key", &key);
	e = fields_end(&f);
	if (!e && !bureau_id(who->id))
		e = why_check(why, "minutes bureau", "a member's short name is none");
	if (!e && key.len != 0 && key.len != sizeof(who->key))
		e = why_check(why, "minutes bureau", "a key has %zu bytes", key.len);
	who->has_key = key.len != 0;
	if (!e && who->has_key)
		memcpy(who->key, key.data, sizeof(who->key));
	buf_free(&key);
	return e;
}

enum err signing_bureau(struct signed_minutes *s, const char *line, size_t len, struct why *why)
{
	struct fields f;
	json_t *root, *list, *member;
	size_t i, language;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	s->signers = 0;
	fields_begin(&f, root, "minutes", why);
	fields_literal(&f, "type", "minutes");
	fields_b64(&f, "election", s->election, HASH_BYTES);
	(void)fields_string(&f, "language", &language);
	list = fields_array(&f, "bureau");
	e = f.e;
	if (!e && json_array_size(list) > BUREAU_MEMBERS_MAX)
		e = why_check(why, "minutes bureau", "more than %d members", BUREAU_MEMBERS_MAX);
	for (i = 0; !e && i < json_array_size(list); i++) {
		member = json_array_get(list, i);
		e = read_signer(&s->signer[s->signers++], member, why);
	}
	json_decref(root);
	return e;
}

enum err signing_read(struct signed_minutes *s, const char *dir, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), bytes = BUF_INIT(MINUTES_MAX);
	enum err e = OK;

	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < SIGNED_FILES && !e; i++) {
		buf_clear(&bytes);
		e = file_read(&bytes, file_path(&path, dir, files[i]), why);
		if (!e)
			crypto_hash_sha256(s->digest[i], (const unsigned char *)buf_text(&bytes),
			                   bytes.len);
	}
	/* minutes.json was the last. */
	if (!e && (!bytes.len || bytes.data[bytes.len - 1] != '\n'))
		e = why_check(why, "line not canonical", "it has no line feed at its end");
	if (!e)
		e = signing_bureau(s, bytes.data, bytes.len - 1, why);
	if (e == ERR_INVALID || e == ERR_FORMAT)
		why_prefix(why, "%s", buf_text(&path));
	buf_free(&bytes);
	buf_free(&path);
	return e;
}

/* The line up to its signature member. */
static void write_unsigned(struct buf *out, const struct signed_minutes *s, const char *id)
{
	buf_adds(out, "{\"type\":\"minutes signature\",\"election\":");
	json_add_b64(out, s->election, HASH_BYTES);
	buf_addf(out, ",\"member\":\"%s\"", id);
	for (unsigned i = 0; i < SIGNED_FILES; i++) {
		buf_addf(out, ",\"%s\":", keys[i]);
		json_add_b64(out, s->digest[i], HASH_BYTES);
	}
	buf_addc(out, '}');
}

static void signature_path(struct buf *path, const char *dir, const char *id)
{
	char name[BUREAU_ID_MAX + sizeof(SIGNING_FILE)];

	snprintf(name, sizeof(name), SIGNING_FILE, id);
	(void)file_path(path, dir, name);
}

static const struct signer *owner(const struct signed_minutes *s, const unsigned char key[32])
{
	for (unsigned i = 0; i < s->signers; i++) {
		if (s->signer[i].has_key && !memcmp(s->signer[i].key, key, 32))
			return &s->signer[i];
	}
	return NULL;
}

enum err signing_sign(const struct signed_minutes *s, const struct signer **who, const char *dir,
                      const char *key_path, const struct passphrase *passphrase, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), object = BUF_INIT(SIGNING_MAX),
		   line = BUF_INIT(SIGNING_MAX);
	unsigned char key[32];
	void *secret = NULL;
	enum err e =
		sealed_open(&secret, SIGN_SECRET_BYTES, key_path, SEALED_WHAT, passphrase, why);

	if (e)
		goto done;
	crypto_sign_ed25519_sk_to_pk(key, secret);
	*who = owner(s, key);
	if (!*who) {
		e = why_check(why, "minutes signer",
		              "the minutes name nobody with this key: it must stand in the "
		              "bureau's file before they are made");
		goto done;
	}
	write_unsigned(&object, s, (*who)->id);
	sign_object(&line, &object, LABEL, s->election, secret);
	buf_addc(&line, '\n');
	e = buf_err(&line);
	signature_path(&path, dir, (*who)->id);
	if (!e)
		e = file_write(buf_text(&path), line.data, line.len, 0644, why);
done:
	secret_free(secret);
	buf_free(&object);
	buf_free(&line);
	buf_free(&path);
	return e;
}

static enum err read_line(struct signed_minutes *claimed, char member[BUREAU_ID_MAX + 1],
                          unsigned char signature[SIGNATURE_BYTES], const char *line, size_t len,
                          struct why *why)
{
	struct fields f;
	json_t *root;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	fields_begin(&f, root, "minutes signature", why);
	fields_literal(&f, "type", "minutes signature");
	fields_b64(&f, "election", claimed->election, HASH_BYTES);
	(void)take_text(member, BUREAU_ID_MAX + 1, &f, "member");
	for (unsigned i = 0; i < SIGNED_FILES; i++)
		fields_b64(&f, keys[i], claimed->digest[i], HASH_BYTES);
	fields_b64(&f, "signature", signature, SIGNATURE_BYTES);
	e = fields_end(&f);
	json_decref(root);
	return e;
}

enum err signing_check_line(const struct signed_minutes *s, const struct signer *who,
                            const char *line, size_t len, struct why *why)
{
	struct signed_minutes claimed = { .signers = 0 };
	unsigned char signature[SIGNATURE_BYTES];
	char member[BUREAU_ID_MAX + 1];
	struct buf again = BUF_INIT(SIGNING_MAX);
	struct part part;
	enum err e = read_line(&claimed, member, signature, line, len, why);

	if (!e && memcmp(claimed.election, s->election, HASH_BYTES) != 0)
		e = why_check(why, "minutes election", "it signs minutes of another election");
	if (!e && strcmp(member, who->id) != 0)
		e = why_check(why, "minutes member", "it is the signature of another member");
	for (unsigned i = 0; i < SIGNED_FILES && !e; i++) {
		if (memcmp(claimed.digest[i], s->digest[i], HASH_BYTES) != 0)
			e = why_check(why, "minutes changed", "%s is not the file that was signed",
			              files[i]);
	}
	if (e)
		return e;
	write_unsigned(&again, s, who->id);
	e = buf_err(&again);
	part = (struct part){ buf_text(&again), again.len };
	if (!e && (!who->has_key || sign_check(signature, LABEL, s->election, &part, 1, who->key)))
		e = why_check(why, "minutes signature", "the key in the minutes did not make it");
	buf_free(&again);
	return e;
}

enum err signing_check(const struct signed_minutes *s, const struct signer *who, const char *dir,
                       struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(SIGNING_MAX);
	enum err e;

	signature_path(&path, dir, who->id);
	e = file_read_line(&line, buf_text(&path), why);
	if (!e) {
		e = signing_check_line(s, who, line.data, line.len, why);
		if (e)
			why_prefix(why, "%s", buf_text(&path));
	}
	buf_free(&line);
	buf_free(&path);
	return e;
}
