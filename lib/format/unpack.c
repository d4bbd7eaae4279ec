#include "format/unpack.h"

#include <string.h>

#include <bzlib.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zstd.h>
#include <zstd_errors.h>

const char *const packing_names[PACKINGS] = { "none", "lzo", "bz2", "lz4", "zstd" };

static ssize_t
unpack_none(const void *in, size_t nin, void *out, size_t nout, const char **why)
{
	if (nin > nout) {
		*why = "block larger than allowed";
		return -1;
	}
	memcpy(out, in, nin);
	return nin;
}

static ssize_t
unpack_lzo(const void *in, size_t nin, void *out, size_t nout, const char **why)
{
	lzo_uint n = nout;
	int rc = lzo1x_decompress_safe(in, nin, out, &n, NULL);

	if (rc == LZO_E_OK)
		return n;
	*why = rc == LZO_E_OUTPUT_OVERRUN ? "lzo: unpacks to more than allowed" :
	    rc == LZO_E_INPUT_OVERRUN ? "lzo: input ends early" : "lzo: broken data";
	return -1;
}

static ssize_t
unpack_bz2(const void *in, size_t nin, void *out, size_t nout, const char **why)
{
	unsigned int n = nout;
	int rc = BZ2_bzBuffToBuffDecompress(out, &n, (char *)in, nin, 0, 0);

	if (rc == BZ_OK)
		return n;
	*why = rc == BZ_OUTBUFF_FULL ? "bz2: unpacks to more than allowed" :
	    rc == BZ_UNEXPECTED_EOF ? "bz2: input ends early" :
	    rc == BZ_DATA_ERROR_MAGIC ? "bz2: no bzip2 data" : "bz2: broken data";
	return -1;
}

static ssize_t
unpack_lz4(const void *in, size_t nin, void *out, size_t nout, const char **why)
{
	int n = LZ4_decompress_safe(in, out, nin, nout);

	if (n >= 0)
		return n;
	*why = "lz4: broken data";
	return -1;
}

static ssize_t
unpack_zstd(const void *in, size_t nin, void *out, size_t nout, const char **why)
{
	size_t n = ZSTD_decompress(out, nout, in, nin);

	if (!ZSTD_isError(n))
		return n;
	*why = ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall ? "zstd: unpacks to more than allowed" :
	    ZSTD_getErrorCode(n) == ZSTD_error_prefix_unknown ? "zstd: no zstd data" : "zstd: broken data";
	return -1;
}

ssize_t
unpack(enum packing pack, const void *in, size_t nin, void *out, size_t nout, const char **why)
{
	static ssize_t (*const how[PACKINGS])(const void *, size_t, void *, size_t, const char **) = {
		[PACK_NONE] = unpack_none, [PACK_LZO] = unpack_lzo, [PACK_BZ2] = unpack_bz2,
		[PACK_LZ4] = unpack_lz4, [PACK_ZSTD] = unpack_zstd,
	};

	if (nin == 0) {
		*why = "no data";
		return -1;
	}
	/* The libraries count in int. */
	if (nin > INT32_MAX || nout > INT32_MAX) {
		*why = "block larger than allowed";
		return -1;
	}
	return how[pack](in, nin, out, nout, why);
}
