/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_WORDING_H
#define VOTEPOST_MAILER_WORDING_H

#include "core/buf.h"
#include "core/err.h"
#include "core/manifest.h"
#include "mailer/calendar.h"
#include "mailer/conf.h"
#include "mailer/facts.h"
#include "mailer/owntext.h"
#include "mailer/source.h"

/*
 * wording - the templates of one language, the organiser's own text in it, and what all its mails
 * say alike.
 *
 * Two sets, each of a subject, a plain part and an HTML part: letter.* for what holds a token,
 * short.* for what does not. config/templates/README tells what stands in them.
 *
 * A language that has no folder of its own is served by the one that its tag begins with: "zh"
 * for zh-Hans-CN, "pt" for pt-BR.
 */
enum wording_set { WORDING_LETTER, WORDING_SHORT, WORDING_SETS };
enum wording_part { WORDING_SUBJECT, WORDING_TEXT, WORDING_HTML, WORDING_PARTS };

struct wording {
	struct buf template[WORDING_SETS][WORDING_PARTS];
	struct source file[WORDING_SETS][WORDING_PARTS];
	struct source words; /* the calendar's */
	struct calendar *calendar;
	struct facts facts;
	struct owntext own;
};

/* `closes` is the closing time in force. wording_release after, also after a failure. `w` starts
 * zeroed and does not move after. ERR_SETTINGS and ERR_FORMAT name file and line. */
MUST_CHECK enum err wording_load(struct wording *w, const struct manifest *m, unsigned language,
                                 uint64_t closes, const struct conf *conf, struct why *why);
void wording_release(struct wording *w);

/* One part, filled and appended. */
MUST_CHECK enum err wording_fill(struct buf *out, const struct wording *w, enum wording_set set,
                                 enum wording_part part, const struct template_value *values,
                                 struct why *why);

/* Everything that it is made of; what `visit` returns ends the walk unless it is OK. */
typedef enum err wording_source(void *context, const char *language, const struct source *file,
                                struct why *why);
MUST_CHECK enum err wording_sources(const struct wording *w, const char *language,
                                    wording_source *visit, void *context, struct why *why);

/* A file of the folder that serves a language, whether it is there or not. */
void wording_path(struct buf *path, const struct conf *conf, const char *language,
                  const char *name);
/* ERR_SETTINGS for a text there that serves none of an election's languages, whose tag is
 * perhaps a slip. */
MUST_CHECK enum err wording_strays(const struct wording *w, unsigned languages,
                                   const struct conf *conf, struct why *why);

#endif
