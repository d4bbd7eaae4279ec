#include "query/group_private.h"

#include <string.h>

static enum field
mask_field(const struct key *key)
{
	return key->field == F_SRCIP ? F_SRCMASK : F_DSTMASK;
}

void
group_keys_init(struct group_keys *keys, const struct key *key, size_t n)
{
	size_t at = 0;

	keys->key = key;
	keys->n = n;
	keys->bidir = BIDIR_NO;
	keys->narrow = false;
	for (size_t i = 0; i < n; i++) {
		keys->offset[i] = (uint16_t)at;
		at += fields[key[i].field].width;
	}
	keys->size = (at + 7) / 8 * 8;
}

bool
group_keys_narrow(const struct group_keys *keys, struct group_keys *narrow)
{
	bool any = false;
	size_t at = 0;

	*narrow = *keys;
	if (keys->bidir != BIDIR_NO)
		return false;
	for (size_t i = 0; i < keys->n; i++) {
		bool addr = fields[keys->key[i].field].kind == KIND_ADDR;

		any |= addr;
		narrow->offset[i] = (uint16_t)at;
		at += addr ? 4 : fields[keys->key[i].field].width;
	}
	narrow->size = (at + 7) / 8 * 8;
	narrow->narrow = any;
	return any;
}

void
group_keys_spread(const struct group_keys *keys, const char *packed, char *to)
{
	char *at = to;

	memset(to, 0, KEYS_MAX * 16);
	for (size_t i = 0; i < keys->n; i++) {
		const char *from = packed + keys->offset[i];
		size_t width = fields[keys->key[i].field].width;

		if (keys->narrow && fields[keys->key[i].field].kind == KIND_ADDR) {
			memset(at + 10, 0xff, 2);
			memcpy(at + 12, from, 4);
		} else {
			memcpy(at, from, width);
		}
		at += width;
	}
}

void
group_fields(const struct group_keys *keys, struct fieldset *set)
{
	counters_fields(set);
	for (size_t i = 0; i < keys->n; i++) {
		fieldset_add(set, keys->key[i].field);
		if (keys->key[i].own_mask)
			fieldset_add(set, mask_field(&keys->key[i]));
	}
}

static uint64_t
big_endian(uint64_t n, unsigned width)
{
	uint8_t b[8];

	for (unsigned i = 0; i < 8; i++)
		b[i] = i < width ? (uint8_t)(n >> 8 * (width - 1 - i)) : 0;
	memcpy(&n, b, 8);
	return n;
}

#define PACK(type, row)							\
	do {								\
		const type *col = b->col[key->field];			\
									\
		for (size_t i = 0; i < n; i++, to += size) {		\
			uint64_t word = big_endian(col[row], sizeof(type)); \
			memcpy(to, &word, sizeof(type));		\
		}							\
	} while (0)

#define PACK_NUMBERS(type)						\
	do {								\
		if (chosen != NULL)					\
			PACK(type, chosen[i]);				\
		else							\
			PACK(type, i);					\
	} while (0)

void
address_network(struct addr *a, unsigned bits)
{
	if (!addr_is_v4(a))
		addr_mask(a, bits == 0 ? 64 : bits < 128 ? bits : 128);
	else if (bits != 0 && bits < 32)
		addr_mask(a, 96 + bits);
}

/* An address, or its network.  Addresses of the other family all become that family's zero. */
static struct addr
address_of(const struct key *key, const struct batch *b, size_t row)
{
	struct addr a = COLADDR(b, key->field)[row];
	bool v4 = addr_is_v4(&a);

	if (key->own_mask)
		address_network(&a, COL8(b, mask_field(key))[row]);
	else if (key->family != 0 && v4 != (key->family == 4))
		addr_mask(&a, v4 ? 96 : 0);
	else if (key->family != 0)
		addr_mask(&a, key->bits + (v4 ? 96u : 0));
	return a;
}

static void
pack_addresses(const struct key *key, const struct batch *b, const uint16_t *chosen, size_t n,
    char *to, size_t size)
{
	const struct addr *col = COLADDR(b, key->field);

	if (key->family == 0 && !key->own_mask) {
		for (size_t i = 0; i < n; i++, to += size)
			memcpy(to, &col[chosen != NULL ? chosen[i] : i], sizeof(*col));
		return;
	}
	for (size_t i = 0; i < n; i++, to += size) {
		struct addr a = address_of(key, b, chosen != NULL ? chosen[i] : i);

		memcpy(to, &a, sizeof(a));
	}
}

/* The last four bytes of addresses that are all IPv4. */
static void
pack_narrow(const struct key *key, const struct batch *b, const uint16_t *chosen, size_t n, char *to, size_t size)
{
	const struct addr *col = COLADDR(b, key->field);

	for (size_t i = 0; i < n; i++, to += size) {
		size_t row = chosen != NULL ? chosen[i] : i;
		struct addr a = col[row];

		if (key->family != 0 || key->own_mask)
			a = address_of(key, b, row);
		memcpy(to, a.b + 12, 4);
	}
}

void
group_pack(const struct group_keys *keys, const struct batch *b, const uint16_t *chosen, size_t n,
    char *packed)
{
	size_t size = keys->size;

	if (size > 0)
		memset(packed, 0, n * size);
	for (size_t k = 0; k < keys->n; k++) {
		const struct key *key = &keys->key[k];
		char *to = packed + keys->offset[k];

		switch (fields[key->field].width) {
		case 1: PACK_NUMBERS(uint8_t); break;
		case 2: PACK_NUMBERS(uint16_t); break;
		case 4: PACK_NUMBERS(uint32_t); break;
		case 8: PACK_NUMBERS(uint64_t); break;
		default:
			if (keys->narrow)
				pack_narrow(key, b, chosen, n, to, size);
			else
				pack_addresses(key, b, chosen, n, to, size);
		}
	}
}

void
group_unpack(const struct group_keys *keys, const char *packed, struct batch *rows, size_t i)
{
	for (size_t k = 0; k < keys->n; k++) {
		enum field f = keys->key[k].field;
		const uint8_t *from = (const uint8_t *)packed + keys->offset[k];
		uint64_t n = 0;

		if (keys->narrow && fields[f].width == 16) {
			COLADDR(rows, f)[i] = addr_from_v4((uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 |
			    (uint32_t)from[2] << 8 | from[3]);
			continue;
		}
		if (fields[f].width == 16) {
			memcpy(&COLADDR(rows, f)[i], from, 16);
			continue;
		}
		for (unsigned j = 0; j < fields[f].width; j++)
			n = n << 8 | from[j];
		batch_set_number(rows, f, i, n);
	}
}

