/* The login is made on the anchor, which is kept as long as the client: a token taken there lets
 * the other connections share it. Signing happens here; the key is borrowed for that and not kept.
 */
#include "auth/challenge.h"
#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"

/* Ask on the anchor; its lock is held. `frame` keeps what `content` is borrowed from. */
static eid_status login_ask(eid_service_client *client, eid_buf *request, const char *name,
                            eid_buf *frame, eid_slice *content)
{
    eid_buf tag;
    eid_status status = eid_buf_status(request);

    eid_buf_init(&tag, 4096);
    if (status == EID_OK) status = eid__link_send(client->anchor.fd, eid_buf_slice(request));
    if (status == EID_OK) status = eid__link_receive(client->anchor.fd, frame, &tag, content);
    if (status == EID_OK) status = eid__link_result(*content, name, content);
    eid_buf_fini(&tag);
    return status;
}

static void login_begin(eid_buf *out, eid_json_writer *json, const char *name)
{
    eid_buf_init(out, 1024u * 1024u);
    eid_json_writer_init(json, out);
    eid_json_object(json);
    eid_json_key(json, name);
    eid_json_object(json);
}

static void login_end(eid_json_writer *json)
{
    eid_json_object_end(json);
    eid_json_object_end(json);
}

static void login_forget(eid_service_client *client)
{
    pthread_mutex_lock(&client->lock);
    if (client->token) eid_wipe(client->token, strlen(client->token));
    eid_free(client->token);
    client->token = NULL;
    client->epoch++;
    pthread_mutex_unlock(&client->lock);
}

/* -- who it is to be --------------------------------------------------------------------------- */

static eid_status login_take_challenge(eid_service_client *client, eid_slice content, eid_buf *out)
{
    static const char *const names[] = {"challenge", "user_uuid", "user_info"};
    eid_json_writer json;
    eid_fields fields;

    eid_fields_init(&fields, content, names, 3);
    eid_fields_octets(&fields, 0, client->challenge, sizeof client->challenge);
    eid_json_writer_init(&json, out);
    eid_json_object(&json);
    eid_json_key(&json, "user_uuid");
    eid_json_raw(&json, eid_fields_raw(&fields, 1));
    eid_json_key(&json, "user_info");
    eid_json_raw(&json, eid_fields_raw(&fields, 2));
    eid_json_object_end(&json);
    if (fields.status != EID_OK) return fields.status;
    client->has_challenge = true;
    return eid_buf_status(out);
}

eid_status eid__client_login_user(eid_service_client *client, eid_slice args, eid_buf *out)
{
    eid_buf request, frame;
    eid_slice content;
    eid_status status;

    eid_buf_init(&request, 1024u * 1024u);
    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_buf_append_text(&request, "{\"TrustedLoginUser\":");
    eid_buf_append(&request, args); /* {"username":…} is what the request holds, too */
    eid_buf_append_byte(&request, '}');
    login_forget(client);
    pthread_mutex_lock(&client->anchor_lock);
    client->has_challenge = false;
    status = login_ask(client, &request, "TrustedLoginChallenge", &frame, &content);
    if (status == EID_OK) status = login_take_challenge(client, content, out);
    pthread_mutex_unlock(&client->anchor_lock);
    eid_buf_fini(&request);
    eid_buf_wipe(&frame);
    return status;
}

/* -- proofs ------------------------------------------------------------------------------------ */

static eid_status login_write_signature(eid_json_writer *json, const eid_key *key,
                                        const uint8_t challenge[EID__CLIENT_CHALLENGE_BYTES])
{
    uint8_t signature[EID_SIGNATURE_BYTES];
    eid_status status =
        eid_challenge_answer(key, eid_slice_of(challenge, EID__CLIENT_CHALLENGE_BYTES), signature);

    if (status != EID_OK) return status;
    eid__write_octets(json, "signature", eid_slice_of(signature, sizeof signature));
    return EID_OK;
}

/* The anchor's lock is held, as in all below. */
static eid_status prove_login(eid_service_client *client, const eid_key *key, eid_buf *frame)
{
    eid_json_writer json;
    eid_slice content;
    eid_buf request;
    eid_status status;

    login_begin(&request, &json, "TrustedLoginProve");
    status = login_write_signature(&json, key, client->challenge);
    login_end(&json);
    client->has_challenge = false;
    if (status == EID_OK) status = login_ask(client, &request, "TrustedLoginOk", frame, &content);
    eid_buf_fini(&request);
    return status;
}

static eid_status prove_token(eid_service_client *client, eid_buf *frame)
{
    static const char *const names[] = {"token"};
    eid_fields fields;
    eid_slice content;
    eid_buf request;
    char *token;
    eid_status status;

    eid_buf_init(&request, 256);
    eid_buf_append_text(&request, "{\"Call\":{\"method\":\"token\",\"args\":{}}}");
    status = login_ask(client, &request, "Result", frame, &content);
    eid_buf_fini(&request);
    if (status != EID_OK) return status;
    eid_fields_init(&fields, content, names, 1);
    token = eid_fields_string(&fields, 0);
    if (fields.status != EID_OK) return fields.status;
    pthread_mutex_lock(&client->lock);
    client->token = token;
    client->epoch++;
    pthread_mutex_unlock(&client->lock);
    return EID_OK;
}

static eid_status prove_challenge(eid_service_client *client, const char *key, eid_buf *frame,
                                  uint8_t challenge[EID__CLIENT_CHALLENGE_BYTES])
{
    static const char *const names[] = {"challenge"};
    eid_json_writer json;
    eid_fields fields;
    eid_slice content;
    eid_buf request;
    eid_status status;

    login_begin(&request, &json, "SessionKeyChallenge");
    eid_json_key(&json, "pubkey");
    eid_json_text(&json, key);
    login_end(&json);
    status = login_ask(client, &request, "SessionKeyChallenge", frame, &content);
    eid_buf_fini(&request);
    if (status != EID_OK) return status;
    eid_fields_init(&fields, content, names, 1);
    eid_fields_octets(&fields, 0, challenge, EID__CLIENT_CHALLENGE_BYTES);
    return fields.status;
}

static eid_status prove_key(eid_service_client *client, const eid_key *key, eid_buf *frame)
{
    uint8_t challenge[EID__CLIENT_CHALLENGE_BYTES];
    char text[EID_KEY_TEXT_MAX];
    eid_json_writer json;
    eid_slice content;
    eid_buf request;
    eid_status status = prove_challenge(client, eid_pubkey_text(&key->pub, text), frame, challenge);

    if (status != EID_OK) return status;
    login_begin(&request, &json, "SessionKeyRegister");
    eid_json_key(&json, "pubkey");
    eid_json_text(&json, text);
    status = login_write_signature(&json, key, challenge);
    login_end(&json);
    if (status == EID_OK) status = login_ask(client, &request, "Ok", frame, &content);
    eid_buf_fini(&request);
    return status;
}

eid_status eid__client_prove(void *self, const eid_key *key)
{
    eid_service_client *client = self;
    eid_buf frame;
    eid_status status;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    pthread_mutex_lock(&client->anchor_lock);
    if (client->has_challenge) {
        status = prove_login(client, key, &frame);
        if (status == EID_OK) status = prove_token(client, &frame);
    } else {
        status = prove_key(client, key, &frame);
    }
    pthread_mutex_unlock(&client->anchor_lock);
    eid_buf_wipe(&frame);
    return status;
}
