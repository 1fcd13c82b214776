/* SPDX-License-Identifier: MIT */
#include "mailer/providers.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define BULK PROVIDERS_BULK

struct known {
	const char *name; /* a host or a domain; with a dot at its end: whatever follows */
	struct provider provider;
};

static const struct known relays[] = {
	{ "smtp.gmail.com",
	  { 2000, 0, 0, "Google Workspace takes 2,000 messages a day from one user",
	    "Google Workspace" } },
	{ "smtp-relay.gmail.com",
	  { 10000, 0, 0, "Google's relay takes 10,000 recipients a day from one user",
	    "Google's relay" } },
	{ "smtp.office365.com",
	  { 10000, 30, 0, "Exchange Online takes 10,000 recipients a day and 30 messages a minute",
	    "Exchange Online" } },
	{ 0 },
};

static const char gmail[] =
	"Gmail treats who sends it 5,000 a day as a bulk sender, for ever: SPF, DKIM, DMARC, TLS "
	"and a reverse name must be in order, and complaints stay under 0.1 %";
static const char outlook[] =
	"Microsoft refuses (550 5.7.515) who sends more than 5,000 a day without SPF, DKIM and "
	"DMARC; its domains share one limit, so put them into one [domain] group";
static const char yahoo[] =
	"Yahoo says 421 4.7.0 [TSS04] where the volume grows too fast or people complain";

static const struct known receivers[] = {
	{ "gmail.com", { 0, 0, BULK, gmail, "Gmail" } },
	{ "googlemail.com", { 0, 0, BULK, gmail, "Gmail" } },
	{ "outlook.", { 0, 0, BULK, outlook, "Outlook.com" } },
	{ "hotmail.", { 0, 0, BULK, outlook, "Outlook.com" } },
	{ "live.", { 0, 0, BULK, outlook, "Outlook.com" } },
	{ "msn.com", { 0, 0, BULK, outlook, "Outlook.com" } },
	{ "yahoo.", { 0, 0, BULK / 5, yahoo, "Yahoo" } },
	{ "ymail.com", { 0, 0, BULK / 5, yahoo, "Yahoo" } },
	{ "aol.com", { 0, 0, BULK / 5, yahoo, "Yahoo" } },
	{ 0 },
};

static const struct provider *find(const struct known *known, const char *name)
{
	for (; known->name; known++) {
		size_t len = strlen(known->name);
		bool begins = known->name[len - 1] == '.';

		if (begins ? !strncasecmp(name, known->name, len) : !strcasecmp(name, known->name))
			return &known->provider;
	}
	return NULL;
}

const struct provider *provider_relay(const char *host)
{
	return find(relays, host);
}

const struct provider *provider_receiver(const char *domain)
{
	return find(receivers, domain);
}
