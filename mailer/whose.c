/* SPDX-License-Identifier: MIT */
#include "mailer/whose.h"

#include <string.h>

#include "core/proof.h"
#include "core/text.h"

#define LINE_ROOM 512 /* what stands beside the body */

/* A line that is read from its front; NULL once it is no ballot. */
struct front {
	const char *at;
	size_t left;
};

static void pass(struct front *f, const char *text)
{
	size_t len = strlen(text);

	if (f->at && f->left >= len && !memcmp(f->at, text, len)) {
		f->at += len;
		f->left -= len;
	} else {
		f->at = NULL;
	}
}

/* So many characters, whatever they are. */
static const char *pass_over(struct front *f, size_t n)
{
	const char *at = f->at;

	if (!at || f->left < n) {
		f->at = NULL;
		return NULL;
	}
	f->at += n;
	f->left -= n;
	return at;
}

void whose_init(struct whose *w, const struct manifest *m)
{
	size_t body = 0;

	for (unsigned i = 0; i < m->rows; i++)
		body += row_bytes(&m->row[i]);
	*w = (struct whose){ .m = m, .body_chars = B64_LEN(body) };
	w->longest = w->body_chars + LINE_ROOM;
}

enum err whose_read(const struct whose *w, struct point *credential, const char *line, size_t len,
                    struct why *why)
{
	struct front f = { NULL, 0 };
	const char *whose = NULL;

	for (unsigned c = 0; c < CHANNELS && !whose; c++) {
		if (!w->m->channel[c])
			continue;
		f = (struct front){ line, len };
		pass(&f, "{\"type\":\"ballot\",\"channel\":\"");
		pass(&f, channel_name((enum channel)c));
		pass(&f, "\",\"credential\":\"");
		whose = pass_over(&f, B64_LEN((size_t)GROUP_BYTES));
	}
	if (!whose)
		return why_check(why, "ballot channel", "no ballot of a channel of this election");
	pass(&f, "\",\"body\":\"");
	pass_over(&f, w->body_chars);
	pass(&f, "\",\"signature\":\"");
	pass_over(&f, B64_LEN((size_t)2 * GROUP_BYTES));
	pass(&f, "\"}");
	if (!f.at || f.left)
		return why_check(why, "ballot length", "no ballot of this election has that form");
	if (b64_read(credential->bytes, GROUP_BYTES, whose, B64_LEN((size_t)GROUP_BYTES)))
		return why_check(why, "ballot credential", "no credential stands there");
	return OK;
}
