/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_KEY_H
#define VOTEPOST_CORE_KEY_H

#include <stdint.h>

/* key - integers as keys of a store that sort as numbers do: big-endian. */
void key_u32(unsigned char out[4], uint32_t n);
void key_u64(unsigned char out[8], uint64_t n);
uint32_t key_read_u32(const void *bytes);
uint64_t key_read_u64(const void *bytes);

#endif
