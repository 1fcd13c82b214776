/* SPDX-License-Identifier: MIT */
#include "core/key.h"

void key_u32(unsigned char out[4], uint32_t n)
{
	int i;

	for (i = 3; i >= 0; i--, n >>= 8)
		out[i] = (unsigned char)n;
}

void key_u64(unsigned char out[8], uint64_t n)
{
	key_u32(out, (uint32_t)(n >> 32));
	key_u32(out + 4, (uint32_t)n);
}

uint32_t key_read_u32(const void *bytes)
{
	const unsigned char *in = bytes;

	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

uint64_t key_read_u64(const void *bytes)
{
	const unsigned char *in = bytes;

	return (uint64_t)key_read_u32(in) << 32 | key_read_u32(in + 4);
}
