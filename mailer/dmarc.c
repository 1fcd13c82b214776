/* SPDX-License-Identifier: MIT */
#include "mailer/dmarc.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "mailer/tags.h"

static const char *const policies[] = { "none", "quarantine", "reject" };

/* White space is allowed on both sides of the first "=" (RFC 7489 section 6.4). */
bool dmarc_claimed(const char *text)
{
	static const char white[] = " \t\r\n";

	text += strspn(text, white);
	if (*text != 'v')
		return false;
	text += 1 + strspn(text + 1, white);
	if (*text != '=')
		return false;
	text += 1 + strspn(text + 1, white);
	return !strncasecmp(text, "DMARC1", 6);
}

const char *dmarc_policy_name(enum dmarc_policy policy)
{
	return policies[policy];
}

static enum err read_policy(enum dmarc_policy *out, const char *text)
{
	for (unsigned i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		if (!strcasecmp(text, policies[i])) {
			*out = (enum dmarc_policy)i;
			return OK;
		}
	}
	return ERR_FORMAT;
}

enum err dmarc_read(struct dmarc *d, const char *text, struct why *why)
{
	const char *p, *sp, *aspf, *adkim, *pct;
	uint64_t percent = 100;
	struct tags t;

	memset(d, 0, sizeof(*d));
	if (tags_read(&t, text))
		return why_set(why, ERR_FORMAT, "the tags are not in their form, name=value;");
	if (!t.n || strcmp(t.name[0], "v") || strcmp(t.value[0], "DMARC1"))
		return why_set(why, ERR_FORMAT, "it does not begin with v=DMARC1");
	p = tags_get(&t, "p");
	sp = tags_get(&t, "sp");
	aspf = tags_get(&t, "aspf");
	adkim = tags_get(&t, "adkim");
	pct = tags_get(&t, "pct");
	d->reports = tags_get(&t, "rua") != NULL;
	if (!p || read_policy(&d->policy, p))
		return why_set(why, ERR_FORMAT,
		               "p is missing, or neither none, quarantine nor reject");
	d->subdomains = d->policy;
	if (sp && read_policy(&d->subdomains, sp))
		return why_set(why, ERR_FORMAT, "sp is neither none, quarantine nor reject");
	if (pct && (number_read(&percent, pct, strlen(pct)) || percent > 100))
		return why_set(why, ERR_FORMAT, "pct is not a number from 0 to 100");
	d->percent = (unsigned)percent;
	d->strict_spf = aspf && !strcasecmp(aspf, "s");
	d->strict_dkim = adkim && !strcasecmp(adkim, "s");
	return OK;
}
