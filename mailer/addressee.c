/* SPDX-License-Identifier: MIT */
#include "mailer/addressee.h"

#include <string.h>

enum err addressee_find(struct member *member, struct roll *roll, struct amend *amend,
                        enum mailing_kind kind, uint32_t serial, struct why *why)
{
	struct amended amended;
	enum err e = roll_get(roll, serial, member, why);

	if (!e)
		e = amend_member(amend, member, why);
	if (e || kind != MAILING_MOVED)
		return e;
	e = amend_get(amend, serial, &amended, why);
	if (!e)
		memcpy(member->email, amended.old[0], sizeof(member->email));
	member->tag[0] = '\0'; /* nobody there is to learn it */
	explicit_bzero(&amended, sizeof(amended));
	return e;
}
