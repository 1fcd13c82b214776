/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_MAILBOX_H
#define VOTEPOST_RECEIVER_MAILBOX_H

#include "core/err.h"
#include "receiver/cast.h"
#include "receiver/intake.h"
#include "receiver/options.h"

/*
 * mailbox - replies out of a folder of an IMAP server, into the intake.
 *
 * A mail leaves the folder when its verdict is on disk and its answer has left; one that is handed
 * back stays there, and is tried again, behind what is new and at a growing distance. It arrived
 * when its server says that it did (INTERNALDATE).
 */
struct mailbox;
/* Can the folder that the settings name be emptied? No mail is looked at. OK where they name none. */
MUST_CHECK enum err mailbox_try(const struct options *o, struct why *why);

/* `*out` is NULL where the settings name none. Nothing is read yet. Both must stay. */
MUST_CHECK enum err mailbox_open(struct mailbox **out, const struct options *o, struct intake *in,
                                 struct why *why);
/* A poll that is under way is cut short, and there are no more. NULL is fine. */
void mailbox_stop(struct mailbox *m);
void mailbox_close(struct mailbox *m);

/* From now on the folder is looked at every so many seconds, by a thread. What goes wrong is told
 * once, until it changes. NULL is fine. */
#define MAILBOX_TROUBLE "mailbox"
MUST_CHECK enum err mailbox_run(struct mailbox *m, cast_trouble *trouble, void *ctx,
                                struct why *why);

/* Before the box is closed: look now, and wait until the verdict of all that is there is on disk.
 * ERR_AGAIN or ERR_SETTINGS where some of it could not be read or decided; what only waits for
 * its answer to leave, or to be removed, is no obstacle. No answer is sent, and no mail is removed.
 * NULL is fine. */
MUST_CHECK enum err mailbox_decide(struct mailbox *m, struct why *why);
/* And after: let the answers leave that are owed, and the mails go, by the thread, where there is
 * one, else now. NULL is fine. */
MUST_CHECK enum err mailbox_answer(struct mailbox *m, struct why *why);

#endif
