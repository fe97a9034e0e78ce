/* One rank orders all permissions, so that comparing, clamping and sorting are integer arithmetic.
 * The stored priority is a signed 64-bit integer cut to 32 bits, as the reference does. */
#include "auth/permission.h"

#include <inttypes.h>
#include <stdio.h>

#define PERMISSION_TEXT_MAX 24u

uint64_t eid_permission_rank(eid_permission permission)
{
    uint64_t rank = 0; /* Read */

    switch (permission.type) {
    case EID_PERMISSION_READ:
        break;
    case EID_PERMISSION_WRITE:
        rank = 1 + (uint64_t)UINT32_MAX - permission.priority;
        break;
    case EID_PERMISSION_ADMIN:
        rank = 2 + 2 * (uint64_t)UINT32_MAX - permission.priority;
        break;
    }
    return rank;
}

int eid_permission_compare(eid_permission a, eid_permission b)
{
    uint64_t rank_a = eid_permission_rank(a);
    uint64_t rank_b = eid_permission_rank(b);

    return (rank_a > rank_b) - (rank_a < rank_b);
}

bool eid_permission_can_write(eid_permission permission)
{
    return permission.type != EID_PERMISSION_READ;
}

bool eid_permission_can_admin(eid_permission permission)
{
    return permission.type == EID_PERMISSION_ADMIN;
}

bool eid_bounds_valid(const eid_bounds *bounds)
{
    return !bounds->has_min || eid_permission_compare(bounds->min, bounds->max) <= 0;
}

bool eid_bounds_can_delegate(eid_permission own, const eid_bounds *bounds)
{
    return eid_permission_compare(bounds->max, own) <= 0 && eid_bounds_valid(bounds);
}

eid_permission eid_permission_clamp(eid_permission permission, const eid_bounds *bounds)
{
    if (eid_permission_compare(permission, bounds->max) > 0) return bounds->max;
    if (bounds->has_min && eid_bounds_valid(bounds) &&
        eid_permission_compare(permission, bounds->min) < 0) {
        return bounds->min;
    }
    return permission;
}

char *eid_permission_text(eid_permission permission, char *out)
{
    switch (permission.type) {
    case EID_PERMISSION_READ:
        snprintf(out, PERMISSION_TEXT_MAX, "read");
        break;
    case EID_PERMISSION_WRITE:
        snprintf(out, PERMISSION_TEXT_MAX, "write:%" PRIu32, permission.priority);
        break;
    case EID_PERMISSION_ADMIN:
        snprintf(out, PERMISSION_TEXT_MAX, "admin:%" PRIu32, permission.priority);
        break;
    }
    return out;
}

/* A u32 as the reference reads it: digits, with a plus sign allowed before them. */
static bool permission_priority(eid_slice text, uint32_t *out)
{
    uint64_t value = 0;
    size_t i = text.len > 1 && text.at[0] == '+' ? 1 : 0;

    if (text.len == i) return false;
    for (; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
        if (value > UINT32_MAX) return false;
    }
    *out = (uint32_t)value;
    return true;
}

eid_status eid_permission_parse(eid_slice text, eid_permission *out)
{
    const uint8_t *colon = text.len > 0 ? memchr(text.at, ':', text.len) : NULL;
    size_t name_len = colon ? (size_t)(colon - text.at) : text.len;
    eid_slice name = eid_slice_of(text.at, name_len);
    eid_slice priority = colon ? eid_slice_of(colon + 1, text.len - name_len - 1) : EID_SLICE_EMPTY;
    bool is_write = eid_slice_is(name, "write");

    if (eid_slice_is(name, "read")) {
        *out = (eid_permission){EID_PERMISSION_READ, 0};
        return EID_OK;
    }
    if (!is_write && !eid_slice_is(name, "admin")) {
        return EID_FAIL(EID_KIND_AUTH_PERMISSION_TEXT, "Invalid permission string: %.*s",
                        EID_SLICE_ARG(text));
    }
    if (!colon || (priority.len > 0 && memchr(priority.at, ':', priority.len) != NULL)) {
        return EID_FAIL(EID_KIND_AUTH_PRIORITY_MISSING, "%s permission requires priority",
                        is_write ? "Write" : "Admin");
    }
    out->type = is_write ? EID_PERMISSION_WRITE : EID_PERMISSION_ADMIN;
    if (!permission_priority(priority, &out->priority)) {
        return EID_FAIL(EID_KIND_AUTH_PRIORITY, "Invalid priority value: %.*s",
                        EID_SLICE_ARG(priority));
    }
    return EID_OK;
}

void eid_permission_write_json(eid_permission permission, eid_json_writer *out)
{
    if (permission.type == EID_PERMISSION_READ) {
        eid_json_text(out, "Read");
        return;
    }
    eid_json_object(out);
    eid_json_key(out, permission.type == EID_PERMISSION_ADMIN ? "Admin" : "Write");
    eid_json_uint(out, permission.priority);
    eid_json_object_end(out);
}

eid_status eid_key_status_parse(eid_slice text, eid_key_status *out)
{
    if (eid_slice_is(text, "active")) {
        *out = EID_KEY_ACTIVE;
    } else if (eid_slice_is(text, "revoked")) {
        *out = EID_KEY_REVOKED;
    } else {
        return EID_FAIL(EID_KIND_AUTH_STATUS_TEXT, "Invalid key status: %.*s", EID_SLICE_ARG(text));
    }
    return EID_OK;
}

const char *eid_key_status_text(eid_key_status status)
{
    return status == EID_KEY_ACTIVE ? "Active" : "Revoked";
}
