/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_READER_H
#define VOTEPOST_MAILER_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "mailer/report/report.h"

/*
 * reader - raw mails to reports, in a process of its own: it can open no file and no socket, and
 * its memory has a cap.
 *
 * reader_start starts the program votepost-report, which reads one mail after the other, for a
 * process a mail would cost more than the reading. Some mails are on their way to it at once;
 * the answers come in the order of the mails. A mail that ends the process, or holds it for
 * longer than any honest one, is tried once more in a fresh one, and is then unreadable; the
 * others never notice.
 */
/* Mails on their way: 4 MiB, where the usual limit of locked memory is 8. */
#define READER_WINDOW 16

struct reader;

/* `program` NULL: the one beside this program, or where it is installed. `seconds` to wait for an
 * answer, 0: 10, a thousand times what reading takes. */
MUST_CHECK enum err reader_start(struct reader **out, const char *program, unsigned seconds,
                                 const struct report_marks *marks, struct why *why);
void reader_stop(struct reader *r);

/* Room for one more mail? Else take an answer first. */
bool reader_has_room(const struct reader *r);
bool reader_is_idle(const struct reader *r);

/* A mail, copied to memory that is locked, as far as the system's limit goes: its first
 * REPORT_RAW_MAX bytes, since reports stand there. `recipient` may be NULL. */
MUST_CHECK enum err reader_put(struct reader *r, const void *raw, size_t len, const char *recipient,
                               struct why *why);

/* The answer to the mail that was put first; waits for it. Its texts are checked and hold no
 * control character and nothing that could be a token. `*readable` is false where no answer is
 * to be had. The mail itself, until reader_forget, at `*raw`: the caller reads its header. */
MUST_CHECK enum err reader_take(struct reader *r, struct report *out, bool *readable,
                                const struct buf **raw, struct why *why);

/* Wipe the mail of the last answer. */
void reader_forget(struct reader *r);

/* Wipe every mail that is on its way: none is answered any more. */
void reader_drop(struct reader *r);

#endif
