/* SPDX-License-Identifier: MIT */
#include "mailer/domains.h"

#include <string.h>

#include <glib.h>

#include "core/mail/address.h"
#include "core/text.h"

#define GROUP      "domain "
#define MOST       1000000 /* of a limit */
#define PROBE_ROOM 260

struct domains {
	GPtrArray *rules;  /* struct domain_rule * */
	GHashTable *names; /* name -> its rule */
};

static void rule_free(gpointer p)
{
	struct domain_rule *rule = p;

	g_free(rule->name);
	g_free(rule);
}

/* The domain as addresses of the roll have it; NULL where it is none. */
static char *own_form(const char *name)
{
	char probe[PROBE_ROOM], domain[ADDRESS_BYTES + 1];

	if (strlen(name) >= sizeof(probe) - 2)
		return NULL;
	g_snprintf(probe, sizeof(probe), "a@%s", name);
	return address_domain(domain, probe) ? g_strdup(domain) : NULL;
}

static enum err add_names(struct domains *d, struct settings *s, const char *group,
                          struct domain_rule *rule, struct why *why)
{
	char **name = g_strsplit_set(group + strlen(GROUP), " \t", -1);
	enum err e = OK;

	for (char **n = name; !e && *n; n++) {
		char *own = **n ? own_form(*n) : NULL;

		if (!**n)
			continue;
		if (!own)
			e = settings_wrong(s, group, NULL, NULL, why, "\"%.60s\" is no domain", *n);
		else if (g_hash_table_contains(d->names, own))
			e = settings_wrong(s, group, NULL, NULL, why,
			                   "%.60s stands in another group already", *n);
		if (e) {
			g_free(own);
			continue;
		}
		if (!rule->name)
			rule->name = g_strdup(own);
		g_hash_table_insert(d->names, own, rule);
	}
	if (!e && !rule->name)
		e = settings_wrong(s, group, NULL, NULL, why, "names no domain");
	g_strfreev(name);
	return e;
}

static enum err read_limit(uint64_t *limit, struct settings *s, const char *group, const char *key,
                           struct why *why)
{
	const char *text = settings_get(s, group, key, NULL);

	if (!text || (!number_read(limit, text, strlen(text)) && *limit <= MOST))
		return OK;
	return settings_wrong(s, group, key, NULL, why, "must be a number from 0 to %d", MOST);
}

enum err domains_read(struct domains **out, struct settings *s, struct limits each, struct why *why)
{
	struct domains *d = g_new0(struct domains, 1);
	const char *group;
	enum err e = OK;

	d->rules = g_ptr_array_new_with_free_func(rule_free);
	d->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (size_t i = 0; !e && (group = settings_group(s, i)); i++) {
		struct domain_rule *rule;

		if (!g_str_has_prefix(group, GROUP))
			continue;
		rule = g_new0(struct domain_rule, 1);
		rule->limits = each;
		g_ptr_array_add(d->rules, rule);
		e = add_names(d, s, group, rule, why);
		if (!e)
			e = read_limit(&rule->limits.per_minute, s, group, "per_minute", why);
		if (!e)
			e = read_limit(&rule->limits.at_once, s, group, "at_once", why);
	}
	if (e)
		domains_free(d);
	else
		*out = d;
	return e;
}

void domains_free(struct domains *d)
{
	if (!d)
		return;
	g_hash_table_destroy(d->names);
	g_ptr_array_free(d->rules, TRUE);
	g_free(d);
}

const struct domain_rule *domains_find(const struct domains *d, const char *domain)
{
	return g_hash_table_lookup(d->names, domain);
}
