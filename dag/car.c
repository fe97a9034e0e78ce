/* The reader keeps one growing window of bytes: what is whole is lent from it and dropped when more
 * is asked for, so that a file of any size needs the memory of one block. */
#include "dag/car.h"

#include "dag/alloc.h"
#include "dag/cbor.h"
#include "dag/hash.h"

#define VARINT_BYTES_MAX 10u
#define HEADER_BYTES_MAX (EID_CAR_ROOTS_MAX * (EID_ID_BYTES_MAX + 8u) + 64u)
#define SECTION_BYTES_MAX (EID_CAR_BLOCK_MAX + EID_ID_BYTES_MAX)
#define FEED_BYTES_MAX (1024u * 1024u) /* what may lie behind an unread block */

struct eid_car {
    eid_buf window;
    size_t used; /* bytes of the window that were given out */
    bool has_header;
    eid_id *roots;
    size_t root_count;
    eid_kind failed; /* the first error's; it sticks */
};

static void varint_put(uint64_t value, eid_buf *out)
{
    while (value >= 0x80) {
        eid_buf_append_byte(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    eid_buf_append_byte(out, (uint8_t)value);
}

/* Read an unsigned LEB128. OK, AGAIN (bare) if it is cut off, or CAR if it is not minimal or too
 * great. *used counts its bytes. */
static eid_status varint_get(eid_slice bytes, uint64_t *out, size_t *used)
{
    uint64_t value = 0;

    for (size_t i = 0; i < VARINT_BYTES_MAX - 1; i++) {
        if (i == bytes.len) return EID_E_AGAIN;
        value |= (uint64_t)(bytes.at[i] & 0x7f) << (7 * i);
        if (bytes.at[i] & 0x80) continue;
        if (i > 0 && bytes.at[i] == 0) return EID_FAIL(EID_KIND_CAR, "a length is not minimal");
        *out = value;
        *used = i + 1;
        return EID_OK;
    }
    return EID_FAIL(EID_KIND_CAR, "a length has more than nine bytes");
}

eid_status eid_car_put_header(eid_ids roots, eid_buf *out)
{
    eid_buf header;
    eid_status status;

    if (roots.count > EID_CAR_ROOTS_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "%zu roots, at most %u", roots.count, EID_CAR_ROOTS_MAX);
    }
    eid_buf_init(&header, HEADER_BYTES_MAX);
    eid_cbor_put_map(&header, 2);
    eid_cbor_put_string(&header, "roots");
    eid_cbor_put_array(&header, roots.count);
    for (size_t i = 0; i < roots.count; i++) eid_cbor_put_link(&header, &roots.at[i]);
    eid_cbor_put_string(&header, "version");
    eid_cbor_put_uint(&header, 1);
    status = eid_buf_status(&header);
    if (status == EID_OK) {
        varint_put(header.len, out);
        eid_buf_append(out, eid_buf_slice(&header));
        status = eid_buf_status(out);
    }
    eid_buf_fini(&header);
    return status;
}

eid_status eid_car_put_block(const eid_id *id, eid_slice bytes, eid_buf *out)
{
    if (bytes.len > EID_CAR_BLOCK_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a block of %zu bytes", bytes.len);
    }
    if (eid_id_is_empty(id)) return EID_FAIL(EID_KIND_ID_FORMAT, "a block needs an id");
    varint_put((uint64_t)id->len + bytes.len, out);
    eid_buf_append(out, eid_id_slice(id));
    eid_buf_append(out, bytes);
    return eid_buf_status(out);
}

eid_status eid_car_new(eid_car **out)
{
    eid_car *car = eid_alloc(sizeof *car);

    *out = car;
    if (car == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a reader");
    eid_buf_init(&car->window, VARINT_BYTES_MAX + SECTION_BYTES_MAX + FEED_BYTES_MAX);
    return EID_OK;
}

void eid_car_free(eid_car *car)
{
    if (car == NULL) return;
    eid_buf_fini(&car->window);
    eid_free(car->roots);
    eid_free(car);
}

eid_ids eid_car_roots(const eid_car *car)
{
    return (eid_ids){car->roots, car->root_count};
}

/* Remember the first error. */
static eid_status car_failed(eid_car *car, eid_status status)
{
    if (status != EID_OK && status != EID_E_AGAIN && car->failed == EID_KIND_NONE) {
        car->failed = eid_status_detail(status).kind;
        if (car->failed == EID_KIND_NONE) car->failed = EID_KIND_CAR;
    }
    return status;
}

/* OK as long as nothing failed. */
static eid_status car_status(const eid_car *car)
{
    if (car->failed == EID_KIND_NONE) return EID_OK;
    return EID_FAIL(car->failed, "the archive was refused before");
}

eid_status eid_car_feed(eid_car *car, eid_slice bytes)
{
    eid_status status = car_status(car);

    if (status != EID_OK) return status;
    if (car->used > 0) {
        memmove(car->window.at, car->window.at + car->used, car->window.len - car->used);
        eid_buf_truncate(&car->window, car->window.len - car->used);
        car->used = 0;
    }
    eid_buf_append(&car->window, bytes);
    return car_failed(car, eid_buf_status(&car->window));
}

/* The next section (a length and so many bytes), if it is whole. */
static eid_status car_section(eid_car *car, size_t max, eid_slice *out)
{
    eid_slice rest = eid_slice_of(car->window.at, car->window.len);
    uint64_t len = 0;
    size_t head = 0;
    eid_status status;

    if (car->used > 0) rest = eid_slice_of(rest.at + car->used, rest.len - car->used);
    status = varint_get(rest, &len, &head);
    if (status != EID_OK) return status;
    if (len > max) {
        return EID_FAIL(EID_KIND_CAR, "a part of %llu bytes", (unsigned long long)len);
    }
    if (rest.len - head < len) return EID_E_AGAIN;
    *out = eid_slice_of(rest.at + head, (size_t)len);
    car->used += head + (size_t)len;
    return EID_OK;
}

/* {"roots": [links], "version": 1} */
static eid_status header_read(eid_car *car, eid_slice bytes)
{
    eid_slice last = EID_SLICE_EMPTY;
    uint64_t version = 0;
    eid_cbor cbor;

    eid_cbor_init(&cbor, bytes);
    for (size_t left = eid_cbor_map(&cbor); left > 0; left--) {
        eid_slice name = eid_cbor_key(&cbor, &last);

        if (eid_slice_is(name, "version")) {
            version = eid_cbor_uint(&cbor);
        } else if (eid_slice_is(name, "roots") && car->roots == NULL) {
            size_t count = eid_cbor_array(&cbor);

            if (count > EID_CAR_ROOTS_MAX) {
                return EID_FAIL(EID_KIND_CAR, "%zu roots, at most %u", count, EID_CAR_ROOTS_MAX);
            }
            car->roots = eid_alloc_array(count, sizeof *car->roots);
            if (car->roots == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for roots");
            for (size_t i = 0; i < count; i++) eid_cbor_link(&cbor, &car->roots[i]);
            car->root_count = count;
        } else {
            eid_cbor_skip(&cbor);
        }
    }
    if (eid_cbor_finish(&cbor) != EID_OK || version != 1 || car->roots == NULL) {
        car->root_count = 0;
        return EID_FAIL(EID_KIND_CAR, "the header is not that of a CAR of version 1");
    }
    return EID_OK;
}

static eid_status car_read_header(eid_car *car)
{
    eid_slice bytes;
    eid_status status;

    if (car->has_header) return EID_OK;
    status = car_section(car, HEADER_BYTES_MAX, &bytes);
    if (status == EID_OK) status = header_read(car, bytes);
    car->has_header = status == EID_OK;
    return status;
}

static eid_status block_check(const eid_id *id, eid_slice bytes)
{
    uint8_t digest[EID_HASH_BYTES];
    eid_id_parts parts;

    eid_id_parts_of(id, &parts);
    if (parts.hash_code == EID_HASHCODE_BLAKE3) {
        eid_hash_blake3(bytes, digest);
    } else if (parts.hash_code == EID_HASHCODE_SHA256) {
        eid_hash_sha256(bytes, digest);
    } else {
        return EID_FAIL(EID_KIND_CAR, "%s is made with an unknown hash", eid_id_str(id));
    }
    if (eid_slice_equal(parts.digest, eid_slice_of(digest, sizeof digest))) return EID_OK;
    return EID_FAIL(EID_KIND_CAR, "the bytes of %s have another hash", eid_id_str(id));
}

static eid_status car_read_block(eid_car *car, eid_id *id, eid_slice *bytes)
{
    eid_slice section;
    size_t used = 0;
    eid_status status = car_section(car, SECTION_BYTES_MAX, &section);

    if (status != EID_OK) return status;
    status = eid_id_from_bytes(section, id, &used);
    if (status != EID_OK) return EID_FAIL(EID_KIND_CAR, "a block does not begin with an id");
    *bytes = eid_slice_of(section.at + used, section.len - used);
    return block_check(id, *bytes);
}

eid_status eid_car_next(eid_car *car, eid_id *id, eid_slice *bytes)
{
    eid_status status = car_status(car);

    if (status != EID_OK) return status;
    status = car_read_header(car);
    if (status == EID_OK) status = car_read_block(car, id, bytes);
    return car_failed(car, status);
}

eid_status eid_car_finish(const eid_car *car)
{
    eid_status status = car_status(car);

    if (status != EID_OK) return status;
    if (!car->has_header) return EID_FAIL(EID_KIND_CAR, "the archive ends inside its header");
    if (car->used < car->window.len) {
        return EID_FAIL(EID_KIND_CAR, "the archive ends inside a block");
    }
    return EID_OK;
}
