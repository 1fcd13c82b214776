/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_ERASE_H
#define VOTEPOST_CORE_ERASE_H

/*
 * erase - overwrite what a file holds that has no name any more, or is about to lose it.
 *
 * Best effort: where the disk has moved the bytes, or keeps copies, this reaches nothing. The
 * descriptor is closed; -1 is fine.
 */

/* On disk when it returns. */
void erase_now(int fd);

/* Not yet: for many files, which the caller syncs at once, before their names go. */
void erase_soon(int fd);

#endif
