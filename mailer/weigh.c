/* SPDX-License-Identifier: MIT */
#include "mailer/weigh.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DENIALS_MAX  3  /* refusals of policy, from the start: it is us that is not wanted */
#define REFUSALS_MAX 20 /* from the start: that is no list of dead mailboxes */

enum err weigh_outcome(struct weigh *w, const struct outcome *o, const struct relay *relay,
                       struct why *why)
{
	char code[16] = "";
	bool denied;

	if (o->tried)
		w->sent[o->state]++;
	if (o->tried && o->state == SEND_REFUSED && !strncmp(o->answer.status, "5.7.", 4))
		w->denied++;
	if (o->answer.code)
		snprintf(code, sizeof(code), "%u ", o->answer.code);
	if (o->answer.outcome == SMTP_BROKEN && !o->tried && o->at)
		return why_set(why, ERR_SETTINGS,
		               "the relay %s:%u cannot be used: %s%s; nothing was lost: mend "
		               "[relay], then send again",
		               relay->host, relay->port, code, o->answer.text);
	denied = w->denied >= DENIALS_MAX && w->denied == w->sent[SEND_REFUSED];
	if (w->sent[SEND_ACCEPTED] || (!denied && w->sent[SEND_REFUSED] < REFUSALS_MAX))
		return OK;
	return why_set(why, ERR_SETTINGS,
	               "the relay %s:%u has refused the first %u letters: %s%s; see %s, then send "
	               "again with --refused",
	               relay->host, relay->port, (unsigned)w->sent[SEND_REFUSED], code,
	               o->answer.text,
	               denied ? "whether it wants a user and a password" : "to the cause");
}
