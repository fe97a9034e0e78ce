/* Kinds: every error the node can have, once: name, status, module and name in the specification,
 * and what a person can do about it. Add a line, never reuse one. */
#ifndef EID_DAG_KIND_H
#define EID_DAG_KIND_H

/* clang-format off */
#define EID_KIND_MAP(X)                                                                                                   \
    /* general */                                                                                                         \
    X(NO_MEMORY, NO_MEMORY, "system", "OutOfMemory", "free some memory and try again")                                    \
    X(IO, IO, "io", "Io", "check the path, its permissions and the free space")                                           \
    X(DISK_FULL, IO, "io", "StorageFull", "free some disk space and try again; nothing was changed")                      \
    X(ARGUMENT, INVALID, "usage", "InvalidArgument", "see --help")                                                        \
    X(LIMIT, TOO_BIG, "limit", "LimitExceeded", "make it smaller")                                                        \
    X(OVERLOAD, FULL, "limit", "Overloaded", "wait a little and try again")                                               \
    X(UNSUPPORTED, UNSUPPORTED, "instance", "OperationNotSupported", "")                                                  \
    X(INTERNAL, STATE, "system", "Internal", "this is a bug of ours; please report it")                                   \
    X(TIMEOUT, TIMEOUT, "io", "TimedOut", "try again, or allow more time")                                                \
    X(CANCELLED, CLOSED, "io", "Cancelled", "")                                                                           \
    /* ids and entries (spec 01) */                                                                                       \
    X(ID_FORMAT, MALFORMED, "id", "InvalidFormat", "give a whole id, as printed by `eidetica db list`")                   \
    X(ID_LENGTH, MALFORMED, "id", "InvalidLength", "")                                                                    \
    X(ID_ALGORITHM, UNSUPPORTED, "id", "UnknownAlgorithm", "")                                                            \
    X(ENTRY_BYTES, MALFORMED, "entry", "SerializationFailed", "")                                                         \
    X(ENTRY_STRUCTURE, MALFORMED, "instance", "EntryValidationFailed", "")                                                \
    X(ENTRY_INDEX_DATA, MALFORMED, "entry", "InvalidIndexData", "")                                                       \
    X(ENTRY_TOO_BIG, TOO_BIG, "entry", "EntryTooBig", "split the change into several transactions")                       \
    X(CBOR, MALFORMED, "entry", "Cbor", "")                                                                               \
    X(JSON, MALFORMED, "json", "Json", "check that it is valid JSON")                                                     \
    X(CAR, MALFORMED, "car", "InvalidCar", "the file is damaged or no CAR v1 file; export it again")                      \
    /* graph and storage (spec 02) */                                                                                     \
    X(ENTRY_NOT_FOUND, NOT_FOUND, "backend", "EntryNotFound", "sync with a peer that has it")                             \
    X(ENTRY_NOT_IN_TREE, INVALID, "backend", "EntryNotInTree", "")                                                        \
    X(ENTRY_NOT_IN_STORE, INVALID, "backend", "EntryNotInSubtree", "")                                                    \
    X(STATUS_NOT_FOUND, NOT_FOUND, "backend", "VerificationStatusNotFound", "")                                           \
    X(CYCLE, CORRUPT, "backend", "CycleDetected", "")                                                                     \
    X(NO_COMMON_ANCESTOR, INVALID, "backend", "NoCommonAncestor", "")                                                     \
    X(EMPTY_ENTRY_LIST, INVALID, "backend", "EmptyEntryList", "")                                                         \
    X(STORE_CORRUPT, CORRUPT, "backend", "TreeIntegrityViolation", "run `eidetica fsck`, or sync again into a new folder") \
    X(STORE_FORMAT, UNSUPPORTED, "backend", "UnknownFormat", "open it with the program and version that wrote it, or choose another folder") \
    X(STORE_LOCKED, BUSY, "backend", "Locked", "another process uses this store; stop it, or talk to its daemon")         \
    X(STORE_MISSING, NOT_FOUND, "backend", "Missing", "run `eidetica init --username NAME` first")                        \
    X(STORE_READ_ONLY, IO, "backend", "ReadOnly", "make the folder writable for this user")                               \
    X(STORE_IO, IO, "backend", "FileIo", "check the disk and its permissions")                                            \
    X(URL, INVALID, "instance", "InvalidUrl", "use rocksdb:///absolute/path, memory:// or unix:///path/of/socket")        \
    X(URL_SCHEME, UNSUPPORTED, "instance", "UnsupportedScheme", "use rocksdb:///absolute/path, memory:// or unix:///path/of/socket") \
    /* crdt and stores (spec 03) */                                                                                       \
    X(KEY_NOT_FOUND, NOT_FOUND, "store", "KeyNotFound", "")                                                               \
    X(STORE_DECODE, MALFORMED, "store", "DeserializationFailed", "")                                                      \
    X(STORE_ENCODE, INVALID, "store", "SerializationFailed", "")                                                          \
    X(STORE_TYPE, INVALID, "store", "TypeMismatch", "open the store as the type it was made with")                        \
    X(STORE_OPERATION, INVALID, "store", "InvalidOperation", "")                                                          \
    X(STORE_YDOC, MALFORMED, "store", "ImplementationError", "")                                                          \
    X(STORE_CONFIG, UNSUPPORTED, "store", "InvalidConfiguration", "")                                                     \
    X(STORE_PASSWORD, DENIED, "store", "ImplementationError", "check the store's password")                               \
    X(STORE_SEALED, MALFORMED, "store", "ImplementationError", "")                                                        \
    X(CRDT_NOT_FOUND, NOT_FOUND, "crdt", "ElementNotFound", "")                                                           \
    X(CRDT_TYPE, INVALID, "crdt", "TypeMismatch", "")                                                                     \
    X(CRDT_PATH, INVALID, "crdt", "InvalidPath", "")                                                                      \
    X(CRDT_DEPTH, TOO_BIG, "crdt", "NestingTooDeep", "nest less deeply")                                                  \
    X(CRDT_DECODE, MALFORMED, "crdt", "DeserializationFailed", "")                                                        \
    X(CRDT_LIST_INDEX, INVALID, "crdt", "ListIndexOutOfBounds", "")                                                       \
    X(CRDT_POSITION, FULL, "crdt", "ListOperationFailed", "")                                                             \
    /* transactions and databases (spec 04) */                                                                            \
    X(TXN_COMMITTED, STATE, "transaction", "TransactionAlreadyCommitted", "begin a new transaction")                      \
    X(TXN_EMPTY_TIPS, INVALID, "transaction", "EmptyTipsNotAllowed", "")                                                  \
    X(TXN_TIP, INVALID, "transaction", "InvalidTip", "")                                                                  \
    X(TXN_NO_KEY, DENIED, "transaction", "AuthenticationRequired", "open the database with a key that may write")         \
    X(TXN_AUTH_CORRUPT, INVALID, "transaction", "CorruptedAuthConfiguration", "")                                         \
    X(TXN_REFUSED, DENIED, "transaction", "EntryValidationFailed", "ask an admin of the database for the permission")     \
    X(TXN_STORE_DECODE, MALFORMED, "transaction", "StoreDeserializationFailed", "")                                       \
    X(TXN_LOCKED_STORE, STATE, "transaction", "SystemSubtreeLocked", "")                                                  \
    X(DATABASE_NOT_FOUND, NOT_FOUND, "instance", "DatabaseNotFound", "see `eidetica db list`")                            \
    X(DATABASE_AMBIGUOUS, INVALID, "instance", "DatabaseAmbiguous", "give more of the root id; see `eidetica db list`")   \
    X(NOT_IN_DATABASE, INVALID, "instance", "EntryNotInDatabase", "")                                                     \
    /* auth (spec 05) */                                                                                                  \
    X(AUTH_KEY_NOT_FOUND, NOT_FOUND, "auth", "KeyNotFound", "")                                                           \
    X(AUTH_KEY_FORMAT, MALFORMED, "auth", "InvalidKeyFormat", "a key reads ed25519:BASE64")                               \
    X(AUTH_KEY_PARSE, MALFORMED, "auth", "KeyParsingFailed", "a key reads ed25519:BASE64")                                \
    X(AUTH_CONFIG, INVALID, "auth", "InvalidAuthConfiguration", "")                                                       \
    X(AUTH_SIGNATURE, DENIED, "auth", "InvalidSignature", "")                                                             \
    X(AUTH_PERMISSION, DENIED, "auth", "PermissionDenied", "ask an admin of the database for the permission")             \
    X(AUTH_KEY_EXISTS, EXISTS, "auth", "KeyAlreadyExists", "")                                                            \
    X(AUTH_MISMATCH, DENIED, "auth", "SigningKeyMismatch", "")                                                            \
    X(AUTH_PERMISSION_TEXT, INVALID, "auth", "InvalidPermissionString", "use read, write:N or admin:N")                   \
    X(AUTH_PRIORITY_MISSING, INVALID, "auth", "PermissionRequiresPriority", "use write:N or admin:N, N from 0 to 4294967295") \
    X(AUTH_PRIORITY, INVALID, "auth", "InvalidPriorityValue", "N is from 0 to 4294967295")                                \
    X(AUTH_STATUS_TEXT, INVALID, "auth", "InvalidKeyStatus", "use active or revoked")                                     \
    X(AUTH_DELEGATION_EMPTY, INVALID, "auth", "EmptyDelegationPath", "")                                                  \
    X(AUTH_DELEGATION_STEP, INVALID, "auth", "InvalidDelegationStep", "")                                                 \
    X(AUTH_DELEGATION_NOT_FOUND, NOT_FOUND, "auth", "DelegationNotFound", "")                                             \
    X(AUTH_DELEGATION_LOAD, NOT_FOUND, "auth", "DelegatedTreeLoadFailed", "")                                             \
    X(AUTH_DELEGATION_TIPS, INVALID, "auth", "InvalidDelegationTips", "")                                                 \
    X(AUTH_DELEGATION_LONG, TOO_BIG, "auth", "DelegationPathTooLong", "")                                                 \
    X(AUTH_DELEGATION_MANY, TOO_BIG, "auth", "DelegationTipsTooMany", "")                                                 \
    X(AUTH_DELEGATION_UNSYNCED, AGAIN, "auth", "DelegatedTreeUnsynced", "")                                               \
    X(AUTH_DATABASE_REQUIRED, UNSUPPORTED, "auth", "DatabaseRequired", "")                                                \
    X(AUTH_CHALLENGE, DENIED, "auth", "InvalidChallenge", "the other side asks for a signature that could be misused; do not trust it") \
    /* users and instances (spec 06, 07) */                                                                               \
    X(USER_NOT_FOUND, NOT_FOUND, "user", "UserNotFound", "see `eidetica user list`")                                      \
    X(USER_EXISTS, EXISTS, "user", "UsernameAlreadyExists", "choose another name")                                        \
    X(USER_DUPLICATE, CORRUPT, "user", "DuplicateUsersDetected", "two users of this name were made at once; an admin has to remove one") \
    X(USER_NAME, INVALID, "user", "InvalidUsername", "1 to 128 bytes of UTF-8 without control characters")                \
    X(USER_PASSWORD, DENIED, "user", "InvalidPassword", "this user has no password; leave it out")                        \
    X(USER_PASSWORD_REQUIRED, DENIED, "user", "PasswordRequired", "give the password by --password-file or EIDETICA_PASSWORD") \
    X(USER_DISABLED, DENIED, "user", "UserDisabled", "ask an admin of this node")                                         \
    X(USER_ENCRYPT, INVALID, "user", "EncryptionFailed", "")                                                              \
    X(USER_DECRYPT, DENIED, "user", "DecryptionFailed", "the password is wrong, or the record was altered")               \
    X(USER_SALT_LENGTH, MALFORMED, "user", "InvalidSaltLength", "")                                                       \
    X(USER_NONCE_LENGTH, MALFORMED, "user", "InvalidNonceLength", "")                                                     \
    X(USER_KEY_NOT_FOUND, NOT_FOUND, "user", "KeyNotFound", "")                                                           \
    X(USER_NO_KEY, DENIED, "user", "NoKeyForDatabase", "open it as a user who has a key for it, or ask for access with `eidetica join`") \
    X(USER_NO_MAPPING, DENIED, "user", "NoSigKeyMapping", "")                                                             \
    X(USER_NO_SIGKEY, DENIED, "user", "NoSigKeyFound", "")                                                                \
    X(USER_PENDING, PENDING, "user", "DatabaseAccessPending", "wait until an admin of the database approves")             \
    X(USER_NOT_TRACKED, NOT_FOUND, "user", "DatabaseNotTracked", "")                                                      \
    X(USER_NOT_ADMIN, DENIED, "user", "InsufficientPermissions", "log in as an admin of this node")                       \
    X(INSTANCE_EXISTS, EXISTS, "instance", "InstanceAlreadyExists", "use it as it is, or choose another --data-dir")      \
    X(INSTANCE_NOT_INITIALIZED, STATE, "instance", "NotInitialized", "run `eidetica init --username NAME` first")         \
    X(INSTANCE_SECRETS, CORRUPT, "instance", "DeviceKeyNotFound", "restore the store from a backup")                      \
    X(INSTANCE_KEY_MISMATCH, CORRUPT, "instance", "DeviceKeyMismatch", "restore the store from a backup")                 \
    X(INSTANCE_RUNNING, STATE, "instance", "AlreadyRunning", "it runs already; stop it first")                           \
    X(INSTANCE_CLOSED, CLOSED, "instance", "InstanceDropped", "")                                                         \
    /* transport (spec 11) */                                                                                             \
    X(ADDRESS, MALFORMED, "sync", "InvalidAddress", "an address reads NODE-ID@HOST:PORT")                                 \
    X(TICKET, MALFORMED, "sync", "InvalidAddress", "copy the whole ticket; it begins with eidetica:?db=")                 \
    X(TICKET_NO_ADDRESS, INVALID, "sync", "InvalidAddress", "ask for a ticket of a running daemon")                       \
    X(PEER_KEY, DENIED, "transport", "WrongPeerKey", "the node at that address is not the one the ticket names; ask for a new ticket") \
    X(CONNECT, UNREACHABLE, "sync", "ConnectionFailed", "check that the other node runs and that the address is right")   \
    X(CONNECTION_LOST, CLOSED, "transport", "ConnectionLost", "")                                                         \
    X(TLS, PROTOCOL, "transport", "Tls", "")                                                                              \
    X(QUIC, PROTOCOL, "transport", "Quic", "")                                                                            \
    X(LISTEN, IO, "transport", "ListenFailed", "choose another --listen address or port")                                 \
    /* sync (spec 09, 10) */                                                                                              \
    X(SYNC_MESSAGE, PROTOCOL, "sync", "MalformedMessage", "the other node runs another version or is broken")             \
    X(SYNC_REFUSED, DENIED, "sync", "TreeNotFound", "the other node does not know this database, or this user may not read it") \
    X(SYNC_PENDING, PENDING, "sync", "BootstrapPending", "wait until an admin of the database approves")                  \
    X(SYNC_OFF, STATE, "sync", "SyncNotEnabled", "start the node with `eidetica daemon`")                                 \
    X(SYNC_PEER_UNKNOWN, NOT_FOUND, "sync", "PeerNotFound", "see `eidetica peer list`")                                   \
    X(SYNC_BEHIND, TIMEOUT, "sync", "NotInSync", "see `eidetica sync status`")                                            \
    /* local service (spec 07 §2) */                                                                                      \
    X(SERVICE_FRAME, PROTOCOL, "service", "InvalidData", "client and daemon are of different versions")                   \
    X(SERVICE_VERSION, PROTOCOL, "service", "VersionMismatch", "use the client of the daemon's version")                  \
    X(SERVICE_CLOSED, CLOSED, "service", "ConnectionAborted", "look at the daemon's log")                                 \
    X(SERVICE_ABSENT, UNREACHABLE, "service", "NotRunning", "start it with `eidetica daemon`")
/* clang-format on */

#endif
