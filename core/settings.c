/* SPDX-License-Identifier: MIT */
#include "core/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "core/file.h"
#include "core/text.h"

/* What stands on a line: a group's header (key NULL) or a key. */
struct entry {
	char *group, *key; /* the key with its [lang] */
	char *value;
	unsigned line;
	bool known; /* someone asked for it */
};

struct settings {
	char *path;
	GPtrArray *entries; /* struct entry *, in the file's order */
	GHashTable *index;  /* "group\nkey", "group\n" for a header -> struct entry * */
};

static void entry_free(gpointer p)
{
	struct entry *entry = p;

	g_free(entry->group);
	g_free(entry->key);
	g_free(entry->value);
	g_free(entry);
}

void settings_free(struct settings *s)
{
	if (!s)
		return;
	g_free(s->path);
	g_ptr_array_free(s->entries, TRUE);
	g_hash_table_destroy(s->index);
	g_free(s);
}

static struct entry *find(const struct settings *s, const char *group, const char *key,
                          const char *lang)
{
	char *name = lang ? g_strdup_printf("%s\n%s[%s]", group, key, lang)
	                  : g_strdup_printf("%s\n%s", group, key ? key : "");
	struct entry *entry = g_hash_table_lookup(s->index, name);

	g_free(name);
	return entry;
}

static enum err bad_line(const struct settings *s, unsigned line, struct why *why,
                         const char *sentence)
{
	return why_set(why, ERR_SETTINGS, "%s:%u: %s", s->path, line, sentence);
}

static enum err add_entry(struct settings *s, const char *group, const char *key, unsigned line,
                          struct why *why)
{
	struct entry *entry = find(s, group, key, NULL);

	if (entry)
		return why_set(why, ERR_SETTINGS, "%s:%u: %s%s%s stands on line %u already",
		               s->path, line, key ? key : "[", key ? "" : group, key ? "" : "]",
		               entry->line);
	entry = g_new0(struct entry, 1);
	entry->group = g_strdup(group);
	entry->key = g_strdup(key);
	entry->line = line;
	g_ptr_array_add(s->entries, entry);
	g_hash_table_insert(s->index, g_strdup_printf("%s\n%s", group, key ? key : ""), entry);
	return OK;
}

static bool name_fits(const char *name)
{
	const char *at = name + strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                     "0123456789-_.");

	if (at == name)
		return false;
	if (*at == '\0')
		return true;
	/* key[lang] */
	return *at == '[' && at[1] != ']' && strcspn(at, "]") == strlen(at) - 1;
}

/* One line without spaces around it, no comment, not empty. `*group` is the one that it
 * stands in. */
static enum err scan_line(struct settings *s, char *text, unsigned line, const char **group,
                          struct why *why)
{
	size_t len = strlen(text);
	char *equals, *key;
	enum err e;

	if (text[0] == '[') {
		if (len < 3 || strcspn(text + 1, "[]") != len - 2 || text[len - 1] != ']')
			return bad_line(s, line, why, "a group is written [name]");
		text[len - 1] = '\0';
		e = add_entry(s, text + 1, NULL, line, why);
		if (!e)
			*group = find(s, text + 1, NULL, NULL)->group;
		return e;
	}
	equals = strchr(text, '=');
	if (!equals)
		return bad_line(s, line, why, "neither [group], key = value nor # comment");
	if (!*group)
		return bad_line(s, line, why, "a key before the first [group]");
	key = g_strstrip(g_strndup(text, (size_t)(equals - text)));
	if (name_fits(key))
		e = add_entry(s, *group, key, line, why);
	else
		e = bad_line(s, line, why, "a key is letters, digits, '-', '_', '.', or key[lang]");
	g_free(key);
	return e;
}

/* Note every key with its line, and write the file again without spaces at the ends of
 * lines, which nobody can see, into `clean`. */
static enum err scan(struct settings *s, const char *text, size_t len, GString *clean,
                     struct why *why)
{
	const char *group = NULL, *end;
	unsigned line = 0;
	enum err e = OK;
	char *copy;
	size_t n;

	if (len >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
		text += 3, len -= 3;
	while (len && !e) {
		end = memchr(text, '\n', len);
		n = end ? (size_t)(end - text) : len;
		line++;
		copy = g_strndup(text, n);
		g_strdelimit(copy, "\t\r", ' ');
		if (!text_clean(copy, n))
			e = bad_line(s, line, why, "not UTF-8, or a control character");
		g_strstrip(copy);
		g_string_append(clean, copy);
		g_string_append_c(clean, '\n');
		if (!e && copy[0] && copy[0] != '#')
			e = scan_line(s, copy, line, &group, why);
		g_free(copy);
		n += end != NULL;
		text += n;
		len -= n;
	}
	return e;
}

/* GKeyFile reads the values: its escapes are \s \n \t \r and \\. */
static enum err take_values(struct settings *s, const GString *clean, struct why *why)
{
	GKeyFile *file = g_key_file_new();
	GError *error = NULL;
	struct entry *entry;
	enum err e = OK;
	guint i;

	if (clean->len && !g_key_file_load_from_data(file, clean->str, clean->len,
	                                             G_KEY_FILE_KEEP_TRANSLATIONS, &error))
		e = why_set(why, ERR_SETTINGS, "%s: %s", s->path, error->message);
	for (i = 0; !e && i < s->entries->len; i++) {
		entry = s->entries->pdata[i];
		if (!entry->key)
			continue;
		entry->value = g_key_file_get_string(file, entry->group, entry->key, &error);
		if (error) /* a bad escape has a value too */
			e = why_set(why, ERR_SETTINGS, "%s:%u: [%s] %s: %s", s->path, entry->line,
			            entry->group, entry->key, error->message);
	}
	g_clear_error(&error);
	g_key_file_free(file);
	return e;
}

enum err settings_parse(struct settings **out, const char *path, const struct buf *text,
                        struct why *why)
{
	GString *clean = g_string_new(NULL);
	struct settings *s = g_new0(struct settings, 1);
	enum err e;

	s->path = g_strdup(path);
	s->entries = g_ptr_array_new_with_free_func(entry_free);
	s->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	e = scan(s, buf_text(text), text->len, clean, why);
	if (!e)
		e = take_values(s, clean, why);
	if (e)
		settings_free(s);
	else
		*out = s;
	g_string_free(clean, TRUE);
	return e;
}

enum err settings_open(struct settings **out, const char *path, struct why *why)
{
	struct buf text = BUF_INIT(SETTINGS_FILE_MAX);
	enum err e = file_read(&text, path, why);

	if (!e)
		e = settings_parse(out, path, &text, why);
	buf_free(&text);
	return e;
}

const char *settings_path(const struct settings *s)
{
	return s->path;
}

const char *settings_group(const struct settings *s, size_t i)
{
	struct entry *entry;
	guint at;

	for (at = 0; at < s->entries->len; at++) {
		entry = s->entries->pdata[at];
		if (!entry->key && i-- == 0)
			return entry->group;
	}
	return NULL;
}

const char *settings_get(struct settings *s, const char *group, const char *key, const char *lang)
{
	struct entry *header = find(s, group, NULL, NULL);
	struct entry *entry = find(s, group, key, lang);

	if (header)
		header->known = true;
	if (!entry)
		return NULL;
	entry->known = true;
	return entry->value;
}

unsigned settings_line(const struct settings *s, const char *group, const char *key,
                       const char *lang)
{
	struct entry *entry = key ? find(s, group, key, lang) : NULL;

	if (!entry)
		entry = find(s, group, NULL, NULL);
	return entry ? entry->line : 0;
}

enum err settings_unknown(const struct settings *s, struct why *why)
{
	struct entry *entry;
	guint i;

	for (i = 0; i < s->entries->len; i++) {
		entry = s->entries->pdata[i];
		if (entry->known)
			continue;
		if (entry->key)
			return why_set(why, ERR_SETTINGS, "%s:%u: [%s] %s: unknown key", s->path,
			               entry->line, entry->group, entry->key);
		return why_set(why, ERR_SETTINGS, "%s:%u: [%s]: unknown group", s->path,
		               entry->line, entry->group);
	}
	return OK;
}

enum err settings_wrong(const struct settings *s, const char *group, const char *key,
                        const char *lang, struct why *why, const char *format, ...)
{
	unsigned line = settings_line(s, group, key, lang);
	char sentence[WHY_MAX], at[24] = "";
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (line)
		snprintf(at, sizeof(at), ":%u", line);
	return why_set(why, ERR_SETTINGS, "%s%s: [%s]%s%s%s%s%s: %s", s->path, at, group,
	               key ? " " : "", key ? key : "", lang ? "[" : "", lang ? lang : "",
	               lang ? "]" : "", sentence);
}
