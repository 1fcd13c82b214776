/* SPDX-License-Identifier: MIT */
#include "mailer/dkim.h"

#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "mailer/tags.h"

#define KEY_BYTES     (TAGS_TEXT_MAX / 4 * 3 + 3)
#define ED25519_BYTES 32
#define DER_INTEGER   0x02
#define DER_BITS      0x03
#define DER_SEQUENCE  0x30

bool dkim_claimed(const char *text)
{
	struct tags t;

	return !strncasecmp(text, "v=DKIM1", 7) || (!tags_read(&t, text) && tags_get(&t, "p"));
}

/* What is left of some DER. */
struct der {
	const unsigned char *at;
	size_t left;
};

/* Step into the next element, which must have this tag; `d` goes on behind it. */
static bool der_enter(struct der *in, struct der *d, unsigned char tag)
{
	size_t head = 2, len;

	if (d->left < 2 || d->at[0] != tag)
		return false;
	len = d->at[1];
	if (len & 0x80) {
		size_t n = len & 0x7f;

		if (!n || n > 2 || d->left < 2 + n)
			return false;
		len = d->at[2];
		if (n == 2)
			len = len << 8 | d->at[3];
		head += n;
	}
	if (d->left - head < len)
		return false;
	*in = (struct der){ d->at + head, len };
	d->at += head + len;
	d->left -= head + len;
	return true;
}

/* SubjectPublicKeyInfo, or the RSAPublicKey in it, which RFC 6376 seems to ask for in one place:
 * the bits of the modulus, 0 for anything else. */
static unsigned rsa_bits(const unsigned char *bytes, size_t len)
{
	struct der all = { bytes, len }, outer, inner, number;
	unsigned bits;

	if (!der_enter(&outer, &all, DER_SEQUENCE) || all.left)
		return 0;
	if (outer.left && outer.at[0] == DER_SEQUENCE) {
		if (!der_enter(&inner, &outer, DER_SEQUENCE) || /* the algorithm */
		    !der_enter(&inner, &outer, DER_BITS) || !inner.left || inner.at[0])
			return 0;
		all = (struct der){ inner.at + 1, inner.left - 1 };
		if (!der_enter(&outer, &all, DER_SEQUENCE))
			return 0;
	}
	if (!der_enter(&number, &outer, DER_INTEGER))
		return 0;
	while (number.left && !number.at[0]) {
		number.at++;
		number.left--;
	}
	if (!number.left)
		return 0;
	bits = (unsigned)number.left * 8;
	for (unsigned char top = number.at[0]; !(top & 0x80); top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

static enum err read_public(struct dkim_key *key, const char *text, struct why *why)
{
	unsigned char bytes[KEY_BYTES];
	size_t len;

	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), " \t", &len, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) &&
	    sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), " \t", &len, NULL,
	                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
		return why_set(why, ERR_FORMAT,
		               "p is not in base64: it may have been cut when it "
		               "was copied");
	if (key->kind == DKIM_ED25519 && len != ED25519_BYTES)
		return why_set(why, ERR_FORMAT, "p is no Ed25519 key");
	if (key->kind == DKIM_RSA)
		key->bits = rsa_bits(bytes, len);
	if (key->kind == DKIM_RSA && !key->bits)
		return why_set(why, ERR_FORMAT,
		               "p is no RSA key: it may have been cut when it was copied");
	return OK;
}

/* Is the word among those between colons? */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t own;

		list += strspn(list, " \t:");
		own = strcspn(list, " \t:");
		if (own == len && !strncasecmp(list, word, len))
			return true;
		list += own;
	}
	return false;
}

enum err dkim_read(struct dkim_key *key, const char *text, struct why *why)
{
	const char *v, *k, *p, *services;
	struct tags t;

	memset(key, 0, sizeof(*key));
	if (tags_read(&t, text))
		return why_set(why, ERR_FORMAT, "the tags are not in their form, name=value;");
	v = tags_get(&t, "v");
	k = tags_get(&t, "k");
	p = tags_get(&t, "p");
	services = tags_get(&t, "s");
	if (v && strcmp(v, "DKIM1"))
		return why_set(why, ERR_FORMAT, "v is not DKIM1");
	if (!p)
		return why_set(why, ERR_FORMAT, "p, the key itself, is missing");
	if (services && !listed(services, "*") && !listed(services, "email"))
		return why_set(why, ERR_FORMAT, "s says that the key is not for mail");
	key->kind = !k || !strcasecmp(k, "rsa") ? DKIM_RSA
	            : !strcasecmp(k, "ed25519") ? DKIM_ED25519
	                                        : DKIM_UNKNOWN;
	key->testing = listed(tags_get(&t, "t"), "y");
	key->revoked = !*p;
	if (key->revoked || key->kind == DKIM_UNKNOWN)
		return OK;
	return read_public(key, p, why);
}
