/* What the files of the client share. Private to this folder.
 *
 * A call takes a free connection or opens another, up to EID__LINKS_MAX; the first one is the
 * anchor of the login and is never given to a walk, which may end by hanging up.
 */
#ifndef EID_NODE_SERVICE_CLIENT_INTERNAL_H
#define EID_NODE_SERVICE_CLIENT_INTERNAL_H

#include <pthread.h>

#include "node/service/client.h"
#include "node/service/codec.h"

#define EID__LINKS_MAX 8u /* calls under way at once; more wait */
#define EID__CLIENT_CHALLENGE_BYTES 32u

typedef struct eid__client_feed eid__client_feed;

/* One connection for requests. */
typedef struct eid__link {
    int fd;         /* -1 = broken */
    uint64_t epoch; /* of the login it is attached to */
    bool is_anchor;
    struct eid__link *next;
} eid__link;

struct eid_service_client {
    char *path;
    eid_seam seam;

    pthread_mutex_t lock; /* of the next five */
    pthread_cond_t freed; /* a link came back */
    eid__link *idle;      /* without the anchor */
    size_t link_count;    /* idle or in use, without the anchor */
    char *token;          /* of the login; NULL = none */
    uint64_t epoch;       /* counts logins */

    pthread_mutex_t feed_lock; /* held while something is subscribed */
    eid__client_feed *feed;    /* NULL until then */

    pthread_mutex_t anchor_lock; /* held while a request runs on the anchor */
    eid__link anchor;
    bool has_challenge; /* of a login that is to be proven */
    uint8_t challenge[EID__CLIENT_CHALLENGE_BYTES];
};

/* -- connections (client_link.c) */
/* Connect and greet. Errors: SERVICE_ABSENT, SERVICE_VERSION, SERVICE_CLOSED, SERVICE_FRAME. */
EID_MUST_CHECK eid_status eid__link_open(const char *path, int *fd);
/* Write a request. */
EID_MUST_CHECK eid_status eid__link_send(int fd, eid_slice json);
/* Read one frame: its one member's name and content, borrowed from `frame`. Errors: SERVICE_CLOSED,
 * SERVICE_FRAME. */
EID_MUST_CHECK eid_status eid__link_receive(int fd, eid_buf *frame, eid_buf *tag,
                                            eid_slice *content);
/* Take a connection that is attached to the present login, and give it back (broken ones go). A
 * call that may be long, or end by hanging up, does not get the anchor. */
EID_MUST_CHECK eid_status eid__link_take(eid_service_client *client, bool is_long, eid__link **out);
void eid__link_give(eid_service_client *client, eid__link *link, bool is_broken);
/* What a response holds: OK and the content of "Result" (or of any other object), NOT_FOUND bare
 * for "NotFound", or the error it tells. */
EID_MUST_CHECK eid_status eid__link_result(eid_slice response, const char *name,
                                           eid_slice *content);

/* -- calls (client_call.c) */
typedef struct eid__request {
    eid_service_client *client;
    eid_buf out; /* the whole message; arguments are written into it */
    eid_json_writer json;
    eid_buf frame, tag; /* of the answer */
    eid_slice result;   /* borrowed from `frame` */
} eid__request;
/* Begin a call; write arguments to `json`; then run it. End with eid__request_fini() always. */
void eid__request_init(eid__request *request, eid_service_client *client, const char *method);
void eid__request_fini(eid__request *request);
/* Send and read the result. `item` (may be NULL) is given what comes before; when it answers not
 * OK, the connection is dropped and that status returned. */
EID_MUST_CHECK eid_status eid__request_run(eid__request *request,
                                           eid_status (*item)(void *arg, eid_slice json),
                                           void *arg);
/* The same where each item is {"name","value"}: rows of a table, children of a document. */
EID_MUST_CHECK eid_status eid__request_pairs(eid__request *request,
                                             eid_status (*fn)(void *arg, eid_slice name,
                                                              const eid_value *value),
                                             void *arg);
void eid__request_root(eid__request *request, const eid_id *root);

/* -- the login (client_login.c) */
/* Ask to log in as a user; appends {"user_uuid":…,"user_info":…}. */
EID_MUST_CHECK eid_status eid__client_login_user(eid_service_client *client, eid_slice args,
                                                 eid_buf *out);
/* seam.prove: the login, if one was asked for, else a further key. */
eid_status eid__client_prove(void *self, const eid_key *key);

/* -- the seam (client_read.c, client_tips.c, client_write.c) */
eid_status eid__client_instance(void *self, eid_pubkey *device, eid_id *users_db,
                                eid_id *databases_db, eid_id *sync_db);
eid_status eid__client_databases(void *self, eid_status (*fn)(void *arg, const eid_db_info *info),
                                 void *arg);
eid_status eid__client_info(void *self, const eid_id *root, eid_db_info *out);
eid_status eid__client_value(void *self, const eid_id *root, eid_slice store, const eid_slice *path,
                             size_t count, eid_value *out);
eid_status eid__client_doc(void *self, const eid_id *root, eid_slice store, eid_doc **out);
eid_status eid__client_children(void *self, const eid_id *root, eid_slice store, bool has_after,
                                eid_slice after,
                                eid_status (*fn)(void *arg, eid_slice name, const eid_value *value),
                                void *arg);
eid_status eid__client_doc_at(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                              eid_doc **out);
eid_status eid__client_entry(void *self, const eid_id *root, const eid_id *id, eid_entry **out,
                             eid_verdict *verdict);
eid_status
eid__client_entries(void *self, const eid_id *root, const eid_order_item *from, bool backward,
                    eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict),
                    void *arg);
eid_status eid__client_check(void *self, const eid_id *root, eid_buf *report, uint64_t *findings);
eid_status eid__client_begin(void *self, const eid_id *root, const eid_slice *stores,
                             size_t store_count, const eid_idset *at, eid_txn_context *out);
eid_status eid__client_submit(void *self, const eid_id *root, const eid_entry *entry,
                              eid_durability durability, eid_verdict *verdict);
eid_status eid__client_repair(void *self, const eid_id *root, const eid_entry *entry,
                              eid_durability durability, eid_verdict *verdict);
eid_status eid__client_tips(void *self, const eid_id *root, bool loose, eid_idset *out);
eid_status eid__client_added(void *self, const eid_id *root, eid_ids previous, eid_ids post,
                             eid_status (*fn)(void *arg, const eid_id *id), void *arg);
eid_status eid__client_ingest(void *self, const eid_slice *entries, size_t count, uint64_t *stored,
                              uint64_t *visible);
eid_status eid__client_set_strict(void *self, const eid_id *root, bool strict);
eid_status eid__client_set_shared(void *self, const eid_id *root, bool shared);
eid_status eid__client_forget(void *self, const eid_id *root);
eid_status eid__client_control(void *self, const char *method, eid_slice args,
                               void (*progress)(void *arg, eid_slice json), void *arg,
                               eid_buf *out);
/* sigkeys.c */
eid_status eid__client_sigkeys(void *self, const eid_id *root, const eid_pubkey *key,
                               eid_found_ways *out);

/* -- stores of the seam (client_stores.c) */
eid_status eid__client_payloads(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                                eid_status (*fn)(void *arg, eid_slice payload), void *arg);
eid_status eid__client_text(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                            eid_buf *out);
eid_status eid__client_find(void *self, const eid_id *root, eid_slice store, eid_slice field,
                            eid_slice json,
                            eid_status (*fn)(void *arg, eid_slice key, const eid_value *row),
                            void *arg);
eid_status eid__client_set_index(void *self, const eid_id *root, eid_slice store, eid_slice field,
                                 bool on);
eid_status eid__client_indexes(void *self, const eid_id *root, eid_slice store,
                               eid_status (*fn)(void *arg, eid_slice field), void *arg);

/* -- conflicts of the seam (client_conflicts.c) */
eid_status eid__client_conflicts(void *self, const eid_id *root, const eid_conflict_query *query,
                                 eid_conflict_fn fn, void *arg);
eid_status eid__client_prune_conflicts(void *self, const eid_id *root,
                                       const eid_conflict_query *query, uint64_t *pruned);

/* -- subscriptions (client_feed.c) */
eid_status eid__client_subscribe(void *self, const eid_id *root, const eid_idset *since,
                                 eid_write_fn fn, void *arg, uint64_t *subscription);
void eid__client_unsubscribe(void *self, uint64_t subscription);
/* End its threads. NULL does nothing. */
void eid__client_feed_free(eid__client_feed *feed);

#endif
