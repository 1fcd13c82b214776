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

/* On its way there, which is soon enough for a file whose name goes next: for many at once. */
void erase_soon(int fd);

#endif
