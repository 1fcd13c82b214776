/* SPDX-License-Identifier: MIT */
#include "mailer/spf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

#define VERSION "v=spf1"

static const struct {
	const char *name;
	enum spf_kind kind;
	bool wants_domain, may_domain, may_prefix;
} mechanisms[] = {
	{ "all", SPF_ALL, false, false, false }, { "include", SPF_INCLUDE, true, true, false },
	{ "a", SPF_A, false, true, true },       { "mx", SPF_MX, false, true, true },
	{ "ptr", SPF_PTR, false, true, false },  { "ip4", SPF_IP4, true, true, true },
	{ "ip6", SPF_IP6, true, true, true },    { "exists", SPF_EXISTS, true, true, false },
};

bool spf_claimed(const char *text)
{
	size_t len = sizeof(VERSION) - 1;

	return !strncasecmp(text, VERSION, len) && (!text[len] || text[len] == ' ');
}

static enum err wrong(struct why *why, const char *term, size_t len, const char *what)
{
	return why_set(why, ERR_FORMAT, "“%.*s” %s", (int)(len < 80 ? len : 80), term, what);
}

static bool name_ok(const char *name)
{
	/* What may stand in a macro only does so where there is one. */
	const char *set =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._%{}+/=,";
	size_t len = strlen(name), most = strspn(name, set);

	if (!strchr(name, '%'))
		most = strcspn(name, "{}+/=,") < most ? 0 : most;
	return len && most == len && strchr(name, '.');
}

static bool take_prefix(unsigned *out, const char *text, unsigned most)
{
	uint64_t n;

	if (number_read(&n, text, strlen(text)) || n > most)
		return false;
	*out = (unsigned)n;
	return true;
}

/* "/24", "/24//64", "//64" at the end of `text`, cut off. */
static bool cut_prefixes(struct spf_term *t, char *text)
{
	char *six = strstr(text, "//"), *four;

	if (six) {
		*six = 0;
		if (!take_prefix(&t->prefix6, six + 2, 128))
			return false;
	}
	four = strchr(text, '/');
	if (!four)
		return true;
	*four = 0;
	return take_prefix(&t->prefix, four + 1, 32);
}

static bool take_address(struct spf_term *t, char *text)
{
	bool v6 = t->kind == SPF_IP6;
	char *slash = strchr(text, '/');

	if (slash) {
		*slash = 0;
		if (!take_prefix(v6 ? &t->prefix6 : &t->prefix, slash + 1, v6 ? 128 : 32))
			return false;
	}
	return inet_pton(v6 ? AF_INET6 : AF_INET, text, t->address) == 1;
}

/* What follows a mechanism's name: ":domain", ":address/24", "/24" or nothing. */
static bool take_value(struct spf_term *t, bool wants, bool domain, bool prefix, char *value)
{
	bool colon = *value == ':';

	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return colon && take_address(t, value + 1);
	if (prefix && !(colon && strchr(value, '%')) && !cut_prefixes(t, value))
		return false;
	if (!*value)
		return !wants;
	if (!colon || !domain || !name_ok(value + 1) || strlen(value + 1) >= sizeof(t->domain))
		return false;
	memcpy(t->domain, value + 1, strlen(value + 1) + 1);
	t->macro = strchr(t->domain, '%') != NULL;
	return true;
}

static enum err take_mechanism(struct spf *s, const char *text, size_t len, struct why *why)
{
	struct spf_term *t = &s->term[s->n];
	char own[DNS_NAME_TEXT + 40];
	size_t name;

	if (s->n == SPF_TERMS_MAX)
		return why_set(why, ERR_FORMAT, "it has more than %d terms", SPF_TERMS_MAX);
	if (len >= sizeof(own))
		return wrong(why, text, len, "is longer than a name can be");
	*t = (struct spf_term){ .qualifier = '+', .prefix = 32, .prefix6 = 128 };
	memcpy(own, text, len);
	own[len] = 0;
	if (strchr("+-~?", own[0])) {
		t->qualifier = own[0];
		memmove(own, own + 1, strlen(own));
	}
	name = strcspn(own, ":/");
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		if (strlen(mechanisms[i].name) != name ||
		    strncasecmp(own, mechanisms[i].name, name) != 0)
			continue;
		t->kind = mechanisms[i].kind;
		if (!take_value(t, mechanisms[i].wants_domain, mechanisms[i].may_domain,
		                mechanisms[i].may_prefix, own + name))
			return wrong(why, text, len, "has no name or address as it should");
		s->n++;
		return OK;
	}
	return wrong(why, text, len, "is no word of SPF");
}

static enum err take_modifier(struct spf *s, const char *text, size_t len, struct why *why)
{
	static const char redirect[] = "redirect=";
	const size_t skip = sizeof(redirect) - 1;

	if (len < skip || strncasecmp(text, redirect, skip) != 0)
		return OK; /* exp=, or one that is not known: not of interest */
	if (*s->redirect)
		return wrong(why, text, len, "stands twice");
	if (len - skip >= sizeof(s->redirect))
		return wrong(why, text, len, "is longer than a name can be");
	memcpy(s->redirect, text + skip, len - skip);
	s->redirect[len - skip] = 0;
	s->redirect_macro = strchr(s->redirect, '%') != NULL;
	return name_ok(s->redirect) ? OK : wrong(why, text, len, "has no name as it should");
}

enum err spf_read(struct spf *s, const char *text, struct why *why)
{
	const char *at = text + sizeof(VERSION) - 1;
	enum err e = OK;

	s->n = 0;
	s->redirect[0] = 0;
	s->redirect_macro = false;
	if (!spf_claimed(text))
		return why_set(why, ERR_FORMAT, "it does not begin with " VERSION);
	while (!e) {
		size_t len, equals;

		at += strspn(at, " ");
		len = strcspn(at, " ");
		if (!len)
			return OK;
		/* A modifier has its = before anything that a mechanism's value begins with. */
		equals = strcspn(at, "=:/ ");
		e = at[equals] == '=' ? take_modifier(s, at, len, why)
		                      : take_mechanism(s, at, len, why);
		at += len;
	}
	return e;
}

char spf_rest(const struct spf *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->term[i].kind == SPF_ALL)
			return s->term[i].qualifier;
	return *s->redirect ? '>' : 0;
}
