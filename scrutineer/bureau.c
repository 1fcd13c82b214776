/* SPDX-License-Identifier: MIT */
#include "scrutineer/bureau.h"

#include <stdio.h>
#include <string.h>

#include "core/settings.h"
#include "core/text.h"

#define MEMBER   "member "
#define INCIDENT "incident "

bool bureau_id(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len >= 1 && len <= BUREAU_ID_MAX && id[len] == '\0';
}

/* A text that is shown as it stands; NULL in `*out` where it may lack and does. */
static enum err text(struct bureau *b, const char **out, const char *group, const char *key,
                     size_t most, bool needed, struct why *why)
{
	const char *value = settings_get(b->settings, group, key, NULL);
	size_t len = value ? strlen(value) : 0;

	*out = value;
	if (!value && !needed)
		return OK;
	if (!value)
		return settings_wrong(b->settings, group, key, NULL, why, "it must be given");
	if (!text_clean(value, len))
		return settings_wrong(b->settings, group, key, NULL, why,
		                      "it holds a control character or is no UTF-8");
	if (text_blank(value, len) || len > most)
		return settings_wrong(b->settings, group, key, NULL, why,
		                      "it must be 1 to %zu bytes of text", most);
	return OK;
}

static enum err read_member(struct bureau *b, const char *group, struct why *why)
{
	struct bureau_member *m = &b->member[b->members];
	const char *key;
	enum err e;

	if (b->members == BUREAU_MEMBERS_MAX)
		return settings_wrong(b->settings, group, "name", NULL, why,
		                      "a bureau has at most %d members", BUREAU_MEMBERS_MAX);
	m->id = group + strlen(MEMBER);
	if (!bureau_id(m->id))
		return settings_wrong(b->settings, group, "name", NULL, why,
		                      "a member is named by 1 to %d of a-z, 0-9 and hyphen",
		                      BUREAU_ID_MAX);
	e = text(b, &m->name, group, "name", BUREAU_NAME_MAX, true, why);
	if (!e)
		e = text(b, &m->role, group, "role", BUREAU_NAME_MAX, true, why);
	if (e)
		return e;
	key = settings_get(b->settings, group, "key", NULL);
	m->has_key = key != NULL;
	if (key && b64_read(m->key, sizeof(m->key), key, strlen(key)))
		return settings_wrong(b->settings, group, "key", NULL, why,
		                      "it must be a public key as `minutes key` prints it");
	for (unsigned i = 0; key && i < b->members; i++) {
		if (b->member[i].has_key && memcmp(b->member[i].key, m->key, sizeof(m->key)) == 0)
			return settings_wrong(b->settings, group, "key", NULL, why,
			                      "it is the key of member %s too", b->member[i].id);
	}
	b->members++;
	return OK;
}

static enum err read_incident(struct bureau *b, const char *group, struct why *why)
{
	struct bureau_incident *i = &b->incident[b->incidents];
	char number[16];
	enum err e;

	if (b->incidents == BUREAU_INCIDENTS_MAX)
		return settings_wrong(b->settings, group, "text", NULL, why, "at most %d incidents",
		                      BUREAU_INCIDENTS_MAX);
	snprintf(number, sizeof(number), "%u", b->incidents + 1);
	if (strcmp(group + strlen(INCIDENT), number) != 0)
		return settings_wrong(b->settings, group, "text", NULL, why,
		                      "incidents are counted from 1, in order: this must be "
		                      "[incident %s]",
		                      number);
	e = text(b, &i->at, group, "at", BUREAU_NAME_MAX, true, why);
	if (!e)
		e = text(b, &i->text, group, "text", BUREAU_TEXT_MAX, true, why);
	if (!e)
		e = text(b, &i->decision, group, "decision", BUREAU_TEXT_MAX, false, why);
	b->incidents++;
	return e;
}

static enum err read_groups(struct bureau *b, struct why *why)
{
	const char *group;
	enum err e = OK;

	for (size_t i = 0; !e && (group = settings_group(b->settings, i)); i++) {
		if (!strncmp(group, MEMBER, strlen(MEMBER)))
			e = read_member(b, group, why);
		else if (!strncmp(group, INCIDENT, strlen(INCIDENT)))
			e = read_incident(b, group, why);
	}
	return e;
}

enum err bureau_read(struct bureau *b, const char *path, struct why *why)
{
	enum err e;

	memset(b, 0, sizeof(*b));
	e = settings_open(&b->settings, path, why);
	if (!e)
		e = text(b, &b->place, "bureau", "place", BUREAU_NAME_MAX, true, why);
	if (!e)
		e = text(b, &b->remarks, "bureau", "remarks", BUREAU_TEXT_MAX, false, why);
	if (!e)
		e = read_groups(b, why);
	if (!e)
		e = settings_unknown(b->settings, why);
	if (!e && !b->members)
		e = why_set(why, ERR_SETTINGS, "%s: a bureau has at least one [member …]", path);
	return e;
}

void bureau_release(struct bureau *b)
{
	settings_free(b->settings);
	memset(b, 0, sizeof(*b));
}
