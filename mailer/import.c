/* SPDX-License-Identifier: MIT */
#include "mailer/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "core/mail/address.h"
#include "core/text.h"
#include "mailer/csv.h"
#include "mailer/mailbox.h"
#include "mailer/seen.h"

#define NO_COLUMN (-1)

enum column {
	COLUMN_ID,
	COLUMN_EMAIL,
	COLUMN_NAME,
	COLUMN_LANGUAGE,
	COLUMN_WEIGHT,
	COLUMN_GROUP,
	COLUMN_FACTOR,
	COLUMNS
};
static const char *const column_names[COLUMNS] = { "id",     "email", "name",  "language",
	                                           "weight", "group", "factor" };

struct work {
	struct import *import;
	const struct definition *d;
	struct csv csv;
	int column[COLUMNS]; /* where each stands in the file */
	unsigned columns;    /* of the header */
	struct roll *roll;
	struct seen *ids, *emails;
	struct member member;  /* the line's */
	struct member earlier; /* for comparing */
	bool line_wrong;
};

static void tell(struct work *w, enum import_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(struct work *w, enum import_kind kind, const char *format, ...)
{
	char sentence[WHY_MAX];
	va_list list;
	int n = snprintf(sentence, sizeof(sentence), "%.200s:%llu: ", w->csv.path,
	                 (unsigned long long)w->csv.line);

	va_start(list, format);
	vsnprintf(sentence + n, sizeof(sentence) - (size_t)n, format, list);
	va_end(list);
	if (kind == IMPORT_WRONG) {
		w->line_wrong = true;
		w->import->wrong++;
	} else {
		w->import->odd++;
	}
	w->import->tell(w->import->context, kind, sentence);
}

/* A field without the white space around it, copied; "" where the column is not there. */
static void take_field(const struct work *w, enum column column, char out[CSV_FIELD_MAX + 1])
{
	const char *text = w->column[column] == NO_COLUMN
	                           ? ""
	                           : csv_field(&w->csv, (unsigned)w->column[column]);
	size_t len = strlen(text);

	while (*text == ' ' || *text == '\t') {
		text++;
		len--;
	}
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	memcpy(out, text, len);
	out[len] = 0;
}

static void check_id(struct work *w)
{
	char field[CSV_FIELD_MAX + 1];
	char *nfc;

	take_field(w, COLUMN_ID, field);
	nfc = g_utf8_normalize(field, -1, G_NORMALIZE_NFC);
	if (!nfc || !*nfc)
		tell(w, IMPORT_WRONG, "id: is empty");
	else if (strlen(nfc) > MEMBER_ID_MAX)
		tell(w, IMPORT_WRONG, "id: longer than %d bytes", MEMBER_ID_MAX);
	else if (!text_clean(nfc, strlen(nfc)))
		tell(w, IMPORT_WRONG, "id: holds a control or a direction character");
	else
		memcpy(w->member.id, nfc, strlen(nfc) + 1);
	g_free(nfc);
}

static void check_email(struct work *w)
{
	char field[CSV_FIELD_MAX + 1];
	const char *bad, *odd;

	take_field(w, COLUMN_EMAIL, field);
	bad = mailbox_read(w->member.email, field, &odd);
	if (bad)
		tell(w, IMPORT_WRONG, "email: %s", bad);
	else if (odd)
		tell(w, IMPORT_ODD, "email: the domain %s; is it the member's own?", odd);
	else if (!address_ascii(w->member.email))
		tell(w, IMPORT_ODD,
		     "email: letters before the @ that only a relay with SMTPUTF8 takes");
}

static void check_text(struct work *w, enum column column, char out[MEMBER_TEXT_MAX + 1])
{
	char field[CSV_FIELD_MAX + 1];

	take_field(w, column, field);
	if (!text_clean(field, strlen(field)))
		tell(w, IMPORT_WRONG, "%s: holds a line break, a control or a direction character",
		     column_names[column]);
	else if (g_utf8_strlen(field, -1) > IMPORT_NAME_MAX)
		tell(w, IMPORT_WRONG, "%s: longer than %d characters", column_names[column],
		     IMPORT_NAME_MAX);
	else
		memcpy(out, field, strlen(field) + 1);
}

static void check_language(struct work *w)
{
	char field[CSV_FIELD_MAX + 1];
	int index = 0;

	take_field(w, COLUMN_LANGUAGE, field);
	if (*field)
		index = definition_language(w->d, field);
	if (index < 0)
		tell(w, IMPORT_WRONG, "language: \"%.20s\" is none of the election's", field);
	else
		w->member.language = (unsigned)index;
}

static void check_weight(struct work *w)
{
	char field[CSV_FIELD_MAX + 1];
	uint64_t weight = 1;

	take_field(w, COLUMN_WEIGHT, field);
	if (*field &&
	    (number_read(&weight, field, strlen(field)) || weight < 1 || weight > WEIGHT_MAX))
		tell(w, IMPORT_WRONG, "weight: must be a whole number from 1 to %d", WEIGHT_MAX);
	w->member.weight = weight <= WEIGHT_MAX ? (unsigned)weight : 1;
}

static void check_factor(struct work *w)
{
	char field[CSV_FIELD_MAX + 1];

	if (!w->d->second_factor)
		return;
	take_field(w, COLUMN_FACTOR, field);
	if (credential_factor_text(w->member.factor, field, strlen(field)))
		tell(w, IMPORT_WRONG,
		     "factor: must be 4 to 64 letters and digits, spaces, hyphens and dots aside");
	explicit_bzero(field, sizeof(field));
}

static bool same_id(void *context, uint32_t serial)
{
	struct work *w = context;

	return !roll_added(w->roll, serial, &w->earlier) && !strcmp(w->earlier.id, w->member.id);
}

/* Nearly every mail server takes upper and lower case before the @ for the same. */
static bool same_email(void *context, uint32_t serial)
{
	struct work *w = context;

	return !roll_added(w->roll, serial, &w->earlier) &&
	       !strcasecmp(w->earlier.email, w->member.email);
}

static enum err check_unique(struct work *w)
{
	char lower[ADDRESS_TEXT];
	uint32_t first;
	enum err e = seen_add(w->ids, w->member.id, strlen(w->member.id), w->member.serial, same_id,
	                      w, &first);

	if (e == ERR_EXISTS)
		tell(w, IMPORT_WRONG, "id: the same as in line %u", w->earlier.line);
	else if (e)
		return e;
	memcpy(lower, w->member.email, sizeof(lower));
	for (char *p = lower; *p; p++)
		*p = g_ascii_tolower(*p);
	e = seen_add(w->emails, lower, strlen(lower), w->member.serial, same_email, w, &first);
	if (e == ERR_EXISTS)
		tell(w, w->import->allow_shared ? IMPORT_ODD : IMPORT_WRONG,
		     "email: the same as in line %u: a shared mailbox%s", w->earlier.line,
		     w->import->allow_shared ? "" : "; allow it with --allow-shared");
	return e == ERR_EXISTS ? OK : e;
}

static enum err take_member(struct work *w, struct why *why)
{
	enum err e = OK;

	memset(&w->member, 0, sizeof(w->member));
	w->line_wrong = false;
	w->member.generation = 1;
	w->member.line = w->csv.line > UINT32_MAX ? UINT32_MAX : (uint32_t)w->csv.line;
	w->member.serial = (uint32_t)w->import->summary.members;
	if (w->csv.fields != w->columns) {
		tell(w, IMPORT_WRONG, "%u fields, where the first line has %u", w->csv.fields,
		     w->columns);
		return OK;
	}
	check_id(w);
	check_email(w);
	check_text(w, COLUMN_NAME, w->member.name);
	check_text(w, COLUMN_GROUP, w->member.group);
	check_language(w);
	check_weight(w);
	check_factor(w);
	if (w->line_wrong)
		return OK;
	if (w->member.serial == UINT32_MAX)
		return why_set(why, ERR_TOO_LARGE, "%s: more than 2^32 - 2 members", w->csv.path);
	e = check_unique(w);
	if (e || w->line_wrong)
		return e;
	w->import->summary.members++;
	return roll_add(w->roll, &w->member, why);
}

/* Which column a name of the first line is. */
static enum err name_column(struct work *w, unsigned i, struct why *why)
{
	const char *path = w->csv.path, *name = csv_field(&w->csv, i);
	unsigned c = 0;

	while (c < COLUMNS && g_ascii_strcasecmp(name, column_names[c]))
		c++;
	if (c == COLUMNS && strchr(name, ';'))
		return why_set(why, ERR_FORMAT,
		               "%s:1: separated by semicolons; export it with commas", path);
	if (c == COLUMNS)
		return why_set(why, ERR_FORMAT, "%s:1: unknown column \"%.60s\"", path, name);
	if (w->column[c] != NO_COLUMN)
		return why_set(why, ERR_FORMAT, "%s:1: two columns are named %s", path, name);
	w->column[c] = (int)i;
	return OK;
}

static enum err read_header(struct work *w, struct why *why)
{
	const char *path = w->csv.path;
	enum err e = csv_next(&w->csv, why);

	for (unsigned c = 0; c < COLUMNS; c++)
		w->column[c] = NO_COLUMN;
	if (e == ERR_NOT_FOUND)
		return why_set(why, ERR_FORMAT, "%s: the file is empty", path);
	w->columns = w->csv.fields;
	for (unsigned i = 0; !e && i < w->columns; i++)
		e = name_column(w, i, why);
	for (unsigned c = COLUMN_ID; !e && c <= COLUMN_EMAIL; c++)
		if (w->column[c] == NO_COLUMN)
			e = why_set(why, ERR_FORMAT, "%s:1: there is no column %s", path,
			            column_names[c]);
	if (!e && (w->column[COLUMN_FACTOR] != NO_COLUMN) != w->d->second_factor)
		e = why_set(why, ERR_FORMAT,
		            "%s:1: a column factor stands if and only if second_factor = true",
		            path);
	return e;
}

static enum err read_members(struct work *w, struct why *why)
{
	enum err e;

	for (;;) {
		e = csv_next(&w->csv, why);
		if (!e)
			e = take_member(w, why);
		if (e)
			break;
		if (w->import->step)
			w->import->step(w->import->context, 1);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	if (w->import->wrong)
		return why_set(why, ERR_FORMAT, "%s: %llu mistakes; nothing was imported",
		               w->csv.path, (unsigned long long)w->import->wrong);
	if (!w->import->summary.members)
		return why_set(why, ERR_FORMAT, "%s: no members", w->csv.path);
	return OK;
}

enum err import_roll(struct import *i, const char *home, const char *path,
                     const struct definition *d, struct why *why)
{
	struct work w = { .import = i, .d = d };
	enum err e = csv_open(&w.csv, path, why);

	if (!e)
		e = read_header(&w, why);
	if (!e)
		e = seen_new(&w.ids);
	if (!e)
		e = seen_new(&w.emails);
	if (!e)
		e = roll_create(&w.roll, home, why);
	if (!e)
		e = read_members(&w, why);
	if (!e) {
		i->summary = *roll_summary(w.roll);
		e = roll_replace(w.roll, why);
	} else {
		roll_discard(w.roll);
	}
	explicit_bzero(&w.member, sizeof(w.member));
	explicit_bzero(&w.earlier, sizeof(w.earlier));
	seen_free(w.ids);
	seen_free(w.emails);
	csv_close(&w.csv);
	return e;
}
