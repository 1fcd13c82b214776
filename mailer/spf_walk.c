/* SPDX-License-Identifier: MIT */
#include "mailer/spf_walk.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX     8
#define LOOKUPS_STOP  40 /* a hostile chain of records is left */
#define EXCHANGES_MAX 10 /* names of one MX that are looked up */

/* After a silence nothing more is asked: the whole could not be told anyway. */
static bool exhausted(const struct spf_walk *w)
{
	return w->lookups >= LOOKUPS_STOP || w->unseen;
}

/* One question, and what its failing means for the whole. */
static enum err ask(struct spf_walk *w, struct dns_reply *r, enum dns_kind kind, const char *name)
{
	enum err e = dns_ask(r, w->dns, kind, name);

	if (e)
		return e;
	if (r->result == DNS_FAILED && !w->unseen) {
		w->unseen = true;
		snprintf(w->missing, sizeof(w->missing), "%s", name);
	}
	if (r->result == DNS_NO_NAME || r->result == DNS_NO_RECORD)
		w->voids++;
	return OK;
}

static void count(struct spf_walk *w, unsigned lookups)
{
	w->lookups += lookups;
	if (w->idle)
		return;
	w->needed += lookups;
	w->error = w->error || w->needed > SPF_LOOKUPS_MAX;
}

static bool within(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	unsigned mask = 0xff00u >> rest & 0xff;

	return !memcmp(a, b, whole) && (!rest || (a[whole] & mask) == (b[whole] & mask));
}

/* Is the machine's address that one, or in its net? */
static bool is_address(const struct spf_walk *w, const char *text, const struct spf_term *t)
{
	unsigned char own[16], other[16];

	if (inet_pton(AF_INET, w->address, own) == 1)
		return inet_pton(AF_INET, text, other) == 1 && within(own, other, t->prefix);
	return inet_pton(AF_INET6, w->address, own) == 1 && inet_pton(AF_INET6, text, other) == 1 &&
	       within(own, other, t->prefix6);
}

static bool in_net(const struct spf_walk *w, const struct spf_term *t)
{
	int family = t->kind == SPF_IP6 ? AF_INET6 : AF_INET;
	unsigned char own[16];

	return inet_pton(family, w->address, own) == 1 &&
	       within(own, t->address, t->kind == SPF_IP6 ? t->prefix6 : t->prefix);
}

static enum err match_host(struct spf_walk *w, const struct spf_term *t, const char *name,
                           bool *match)
{
	struct dns_reply r;
	enum err e = ask(w, &r, DNS_ADDRESS, name);

	if (e)
		return e;
	for (unsigned i = 0; i < r.n; i++)
		*match = *match || is_address(w, r.text[i], t);
	dns_reply_release(&r);
	return OK;
}

static enum err match_exchangers(struct spf_walk *w, const struct spf_term *t, const char *name,
                                 bool *match)
{
	struct dns_reply r;
	enum err e = ask(w, &r, DNS_MX, name);

	for (unsigned i = 0; !e && *w->address && i < r.n && i < EXCHANGES_MAX; i++)
		if (*r.text[i])
			e = match_host(w, t, r.text[i], match);
	dns_reply_release(&r);
	return e;
}

static enum err walk(struct spf_walk *w, const struct spf *s, const char *domain, unsigned depth,
                     enum spf_result *result, bool *decided);

static void tell_wrong(struct spf_walk *w, const char *domain, unsigned records, const char *why)
{
	w->error = w->error || !w->idle;
	if (w->wrong.text[0])
		return;
	why_set(&w->wrong, ERR_INVALID, "%s, which it refers to, %s%s", domain,
	        records > 1 ? "has two SPF records"
	        : records   ? "has an SPF record that is not in its form: "
	                    : "has no SPF record",
	        records == 1 ? why : "");
}

/* The one record of a domain that another refers to. */
static enum err follow(struct spf_walk *w, const char *domain, unsigned depth,
                       enum spf_result *result, bool *decided)
{
	struct spf *s = calloc(1, sizeof(*s));
	struct dns_reply r = { 0 };
	const char *record = NULL;
	struct why why = { 0 };
	unsigned n = 0;
	enum err e = s ? ask(w, &r, DNS_TXT, domain) : ERR_MEMORY;

	for (unsigned i = 0; !e && i < r.n; i++) {
		if (!spf_claimed(r.text[i]))
			continue;
		record = r.text[i];
		n++;
	}
	if (!e && n == 1 && !spf_read(s, record, &why))
		e = walk(w, s, domain, depth + 1, result, decided);
	else if (!e && r.result != DNS_FAILED)
		tell_wrong(w, domain, n, why.text);
	dns_reply_release(&r);
	free(s);
	return e;
}

static enum err match_term(struct spf_walk *w, const struct spf_term *t, const char *domain,
                           unsigned depth, bool *match)
{
	const char *name = *t->domain ? t->domain : domain;
	enum spf_result inner = SPF_NEUTRAL;
	bool decided = false;
	enum err e = OK;

	if (t->kind != SPF_ALL && t->kind != SPF_IP4 && t->kind != SPF_IP6)
		count(w, 1);
	if (t->kind != SPF_INCLUDE && t->qualifier == '+' && !w->wrong.text[0] &&
	    w->lookups <= SPF_LOOKUPS_MAX)
		w->passable = true;
	if (t->macro || t->kind == SPF_PTR || t->kind == SPF_EXISTS) {
		w->macro = true;
		return OK;
	}
	switch (t->kind) {
	case SPF_ALL:
		*match = true;
		break;
	case SPF_IP4:
	case SPF_IP6:
		*match = in_net(w, t);
		break;
	case SPF_A:
		e = match_host(w, t, name, match);
		break;
	case SPF_MX:
		e = match_exchangers(w, t, name, match);
		break;
	default:
		e = follow(w, name, depth, &inner, &decided);
		*match = inner == SPF_PASS;
	}
	return e;
}

static enum spf_result result_of(char qualifier)
{
	return qualifier == '+'   ? SPF_PASS
	       : qualifier == '-' ? SPF_FAIL
	       : qualifier == '~' ? SPF_SOFTFAIL
	                          : SPF_NEUTRAL;
}

/* The first term that matches decides; the others are counted all the same, since some machine
 * needs them. Behind `all` nothing is ever looked at. */
static enum err walk(struct spf_walk *w, const struct spf *s, const char *domain, unsigned depth,
                     enum spf_result *result, bool *decided)
{
	bool all = false, idle = w->idle;
	enum err e = OK;

	if (depth > DEPTH_MAX) {
		count(w, LOOKUPS_STOP);
		return OK;
	}
	for (unsigned i = 0; !e && !all && i < s->n && !exhausted(w); i++) {
		bool match = false;

		w->idle = idle || *decided;
		e = match_term(w, &s->term[i], domain, depth, &match);
		if (match && !*decided) {
			*result = result_of(s->term[i].qualifier);
			*decided = true;
		}
		all = s->term[i].kind == SPF_ALL;
	}
	w->idle = idle || *decided;
	if (!e && !all && *s->redirect && !exhausted(w)) {
		count(w, 1);
		if (s->redirect_macro)
			w->macro = true;
		else
			e = follow(w, s->redirect, depth, result, decided);
	}
	w->idle = idle;
	return e;
}

enum err spf_walk(struct spf_walk *w, const struct spf *s, const char *domain)
{
	bool decided = false;

	w->result = SPF_NEUTRAL;
	return walk(w, s, domain, 0, &w->result, &decided);
}
