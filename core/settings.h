/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_SETTINGS_H
#define VOTEPOST_CORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * settings - `key = value` files (GKeyFile) against a table.
 *
 * Unknown keys, keys and groups that stand twice (GKeyFile would silently take the last), and
 * values out of range are errors that name file, line and key. Localised keys,
 * `title[fr] = …`, are ordinary keys here.
 */
#define SETTINGS_FILE_MAX (1u << 20)

struct settings;

MUST_CHECK enum err settings_open(struct settings **out, const char *path, struct why *why);
/* The same out of a file that was read already. */
MUST_CHECK enum err settings_parse(struct settings **out, const char *path, const struct buf *text,
                                   struct why *why);
void settings_free(struct settings *s);
const char *settings_path(const struct settings *s);

/* The groups in the file's order; NULL past the last. */
const char *settings_group(const struct settings *s, size_t i);

/* A value as it stands, NULL where there is none; good as long as `s`. The key counts as known
 * from now on. `lang` may be NULL. */
const char *settings_get(struct settings *s, const char *group, const char *key, const char *lang);

/* The line of a key, or of its group's header where the key is missing; 0 where neither is. */
unsigned settings_line(const struct settings *s, const char *group, const char *key,
                       const char *lang);

/* ERR_SETTINGS for the first key or group that no one asked for, with its line. */
MUST_CHECK enum err settings_unknown(const struct settings *s, struct why *why);

/* ERR_SETTINGS, "FILE:LINE: [group] key: sentence". */
enum err settings_wrong(const struct settings *s, const char *group, const char *key,
                        const char *lang, struct why *why, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* One table per program. */
enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_BOOL, SETTING_CHOICE };
struct setting {
	const char *group, *key;
	enum setting_type type;
	size_t offset;       /* of the field: char * (owned), uint64_t, bool, unsigned (a choice) */
	const char *initial; /* as it would be written; NULL: it must be given */
	uint64_t min, max;   /* of a number, or of a text's length in bytes */
	const char *const *choices; /* NULL-ended */
};
/* Fill `fields` from the file through the table (ended by a NULL key); unknown keys are
 * errors. Texts are the caller's: settings_release_table. */
MUST_CHECK enum err settings_read(void *fields, const struct setting *table, const char *path,
                                  struct why *why);
/* The same from a file that is open, for programs that have more groups than the table: what is
 * unknown is the caller's to ask for. */
MUST_CHECK enum err settings_fill(void *fields, const struct setting *table, struct settings *s,
                                  struct why *why);
void settings_release_table(void *fields, const struct setting *table);

#endif
