/* SPDX-License-Identifier: MIT */
#include "core/mail/folder.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "core/percent.h"
#include "core/text.h"

/* A character takes five at most: "&" and "-" round each one that stands alone. */
#define ENCODED_MAX (FOLDER_MAX * 5)

static enum err encode(struct buf *out, const char *name, struct why *why)
{
	iconv_t to = iconv_open("UTF-7-IMAP", "UTF-8");
	char *in = (char *)name, encoded[ENCODED_MAX], *at = encoded;
	size_t left = strlen(name), room = sizeof(encoded);
	size_t rc;

	if (to == (iconv_t)-1)
		return errno == ENOMEM
		               ? why_set(why, ERR_MEMORY, "out of memory")
		               : why_set(why, ERR_SETTINGS,
		                         "folder \"%s\": this system cannot write letters with "
		                         "accents for IMAP; give the folder an English name",
		                         name);
	rc = iconv(to, &in, &left, &at, &room);
	if (rc != (size_t)-1)
		rc = iconv(to, NULL, NULL, &at, &room);
	iconv_close(to);
	if (rc == (size_t)-1)
		return why_set(why, ERR_SETTINGS, "folder \"%s\": not a name", name);
	buf_add(out, encoded, sizeof(encoded) - room);
	return buf_err(out);
}

enum err folder_write(struct buf *out, const char *name, struct why *why)
{
	size_t len = strlen(name);

	if (!len || len > FOLDER_MAX || !text_clean(name, len))
		return why_set(why, ERR_SETTINGS,
		               "a folder's name is 1 to %d bytes of UTF-8 without control "
		               "characters",
		               FOLDER_MAX);
	if (strpbrk(name, "\"\\%*"))
		return why_set(why, ERR_SETTINGS,
		               "folder '%s': a name with one of \" \\ %% * is not taken", name);
	return encode(out, name, why);
}

enum err folder_url(struct buf *out, const char *name, struct why *why)
{
	struct buf written = BUF_INIT(ENCODED_MAX);
	enum err e = folder_write(&written, name, why);

	if (!e)
		percent_add(out, buf_text(&written), "-._");
	buf_free(&written);
	return e ? e : buf_err(out);
}
