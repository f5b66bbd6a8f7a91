/* SPDX-License-Identifier: Apache-2.0 */
/* LMLog for C and for every language that can call C. C11 or C++; libraries that load it at run time need no header:
 * all types have fixed sizes.
 *
 *   lmlog_session *session = lmlog_session_open(NULL);
 *   LMLOG_C(LMLOG_LEVEL_INFO, "order {id} filled at {px}", lmlog_i64(id), lmlog_f64(px));
 *   lmlog_session_close(session);
 *
 * What holds for all functions, unless one says otherwise:
 * - They may be called from any thread at any time, but not from a signal handler.
 * - They never throw, never abort and never end the process. NULL is allowed everywhere: for text it means none, for an
 *   object the call does nothing and answers "no" (0, NULL, LMLOG_REFUSED).
 * - Text is NUL-terminated UTF-8 unless a length goes with it. It is copied; the caller keeps what it passed.
 * - What a function returns belongs to the library unless there is a function that frees it.
 * - Structures begin with their own size, so that later versions may add members at the end: set it with sizeof. */
#ifndef LMLOG_LMLOG_H
#define LMLOG_LMLOG_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LMLOG_C_API __attribute__((visibility("default")))
#else
#define LMLOG_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Numbers ---- */

/* Levels, as int32_t. */
#define LMLOG_LEVEL_TRACE 0
#define LMLOG_LEVEL_DEBUG 1
#define LMLOG_LEVEL_INFO 2
#define LMLOG_LEVEL_NOTICE 3
#define LMLOG_LEVEL_WARN 4
#define LMLOG_LEVEL_ERROR 5
#define LMLOG_LEVEL_FATAL 6

/* Types of arguments. */
#define LMLOG_TYPE_BOOL 1
#define LMLOG_TYPE_CHAR 2
#define LMLOG_TYPE_I8 3
#define LMLOG_TYPE_U8 4
#define LMLOG_TYPE_I16 5
#define LMLOG_TYPE_U16 6
#define LMLOG_TYPE_I32 7
#define LMLOG_TYPE_U32 8
#define LMLOG_TYPE_I64 9
#define LMLOG_TYPE_U64 10
#define LMLOG_TYPE_F32 11
#define LMLOG_TYPE_F64 12
#define LMLOG_TYPE_POINTER 13
#define LMLOG_TYPE_STRING 14

/* Clocks. Without one: tsc. */
#define LMLOG_CLOCK_TSC 1
#define LMLOG_CLOCK_COARSE 2
#define LMLOG_CLOCK_USER_NS 3

/* What happens when a ring is full. Without one: drop. */
#define LMLOG_POLICY_DROP 1
#define LMLOG_POLICY_BLOCK 2
#define LMLOG_POLICY_OVERWRITE 3

/* What became of a record. */
#define LMLOG_STORED 0  /* it is in the ring */
#define LMLOG_OFF 1     /* the level, or a rule of the collector, does not want it; or there can be no session now */
#define LMLOG_LOST 2    /* counted: lmlog_losses() */
#define LMLOG_REFUSED 3 /* NULL, an invalid site, or values that are not those that were declared; not counted */

/* Number of loss reasons (formats/spec/registry.md, "Loss reasons"). */
#define LMLOG_LOSS_REASONS 32

/* Version of the library that runs, as "0.1.0". */
LMLOG_C_API const char* lmlog_version(void);

/* ---- Sessions ---- */

typedef struct lmlog_session lmlog_session;

/* Members that are 0 or NULL have their default. */
typedef struct lmlog_session_options {
  uint32_t size;            /* sizeof(lmlog_session_options) */
  int32_t level;            /* LMLOG_LEVEL_…, with level_is_set; $LMLOG_LEVEL wins; without both: info */
  const char* service;      /* default: $LMLOG_SERVICE, else the program's name */
  uint64_t ring_bytes;      /* of each thread, 64 KiB … 1 GiB; default 1 MiB */
  uint32_t clock;           /* LMLOG_CLOCK_… */
  uint32_t policy;          /* LMLOG_POLICY_… */
  int64_t block_timeout_ns; /* of the policy block; default 10 s, negative: for ever */
  uint64_t max_string;      /* longer strings are cut and marked; default 4096 */
  uint32_t level_is_set;    /* 1: `level` counts */
  uint32_t reserved;
} lmlog_session_options;

/* Opens the process's session; `options` may be NULL. Without one, the first record opens an implicit session. NULL
 * when there is an open one already (said on stderr once), or when an option has no meaning. A folder that is missing
 * or full is no error: records are counted as lost, and it is tried again. */
LMLOG_C_API lmlog_session* lmlog_session_open(const lmlog_session_options* options);

/* Ends the session; records go to an implicit one from then on. A session that is closed already is left alone. */
LMLOG_C_API void lmlog_session_close(lmlog_session* session);

/* Writes the id, 32 hexadecimal digits and NUL, as much of it as fits into `bytes`. Returns the length of the id: 0
 * while there is no session file. */
LMLOG_C_API size_t lmlog_session_id(const lmlog_session* session, char* out, size_t bytes);

/* Records that were not stored, by reason: writes up to `count` sums over the current session, explicit or implicit,
 * and all its rings. Returns how many it wrote. */
LMLOG_C_API size_t lmlog_losses(uint64_t* out, size_t count);

/* Now, in the unit of the session's clock, for lmlog_site_log_at(). */
LMLOG_C_API uint64_t lmlog_ticks(void);

/* ---- Loggers ---- */

/* NULL is the process itself: no name, the process's level. */
typedef struct lmlog_logger lmlog_logger;

/* The logger of this name, hierarchical by dots; made on first use, never freed. NULL for NULL, "" and "*", and when
 * there is no memory. */
LMLOG_C_API const lmlog_logger* lmlog_logger_get(const char* name);

/* Sets the level of a logger (NULL: of the process) and of all below it without one of their own. 0: `level` is none.
 */
LMLOG_C_API int32_t lmlog_set_level(const lmlog_logger* logger, int32_t level);
/* Takes back what lmlog_set_level() said. */
LMLOG_C_API void lmlog_reset_level(const lmlog_logger* logger);
/* The level that counts now. */
LMLOG_C_API int32_t lmlog_level(const lmlog_logger* logger);

/* ---- Statements ---- */

typedef struct lmlog_site lmlog_site;

/* Arguments without a name take the placeholders of the format string in order; one with a name is a field that the
 * message does not show. */
typedef struct lmlog_argument {
  uint8_t type; /* LMLOG_TYPE_… */
  uint8_t reserved[7];
  const char* field; /* NULL: it has a placeholder */
} lmlog_argument;

typedef struct lmlog_site_options {
  uint32_t size; /* sizeof(lmlog_site_options) */
  int32_t level; /* LMLOG_LEVEL_… */
  const char* format;
  const lmlog_argument* arguments;
  uint64_t argument_count; /* at most 255 */
  const lmlog_logger* logger;
  const char* file;
  const char* function;
  uint32_t line;
  uint32_t time_given; /* 1: for lmlog_site_log_at() */
} lmlog_site_options;

/* A value of one argument. Integers and characters go in `i` or `u`, whichever suits; BOOL in `u`; F32 and F64 in `f`;
 * STRING in `text`, `bytes` long, which need not end with NUL (NULL: "(null)"). */
typedef struct lmlog_value {
  uint8_t type; /* LMLOG_TYPE_…: signed ones read `i`, unsigned ones `u` */
  uint8_t reserved[7];
  union {
    int64_t i;
    uint64_t u;
    double f;
    const void* pointer;
    const char* text;
  } as;
  uint64_t bytes; /* of text */
} lmlog_value;

/* Registers a statement. Never NULL unless there is no memory: what is wrong with it says lmlog_site_error(), and such
 * a site refuses every record. An equal statement that was there before has its old id. Free it with lmlog_site_free().
 */
LMLOG_C_API lmlog_site* lmlog_site_new(const lmlog_site_options* options);
/* No other thread may use the site any more. Its records stay readable. */
LMLOG_C_API void lmlog_site_free(lmlog_site* site);
/* NULL for a valid site; else a sentence, of static storage. */
LMLOG_C_API const char* lmlog_site_error(const lmlog_site* site);
/* 1 when a record would be stored now, as far as level and rules go; else 0. One load and one comparison. */
LMLOG_C_API int32_t lmlog_site_is_on(const lmlog_site* site);

/* Stores a record: one value for each argument, in the order of the declaration. Takes no lock and no memory. Integers
 * may come in any integer type, if they fit into the declared one; F32 may come as F64. Returns LMLOG_STORED, OFF, LOST
 * or REFUSED. */
LMLOG_C_API int32_t lmlog_site_log(const lmlog_site* site, const lmlog_value* values, size_t count);
/* The same with the caller's time, in the unit of the session's clock; refused without `time_given`. */
LMLOG_C_API int32_t lmlog_site_log_at(const lmlog_site* site, uint64_t time, const lmlog_value* values, size_t count);

/* ---- Convenience ---- */

/* A statement that is registered when it is first on. Zero it: static storage does. */
typedef struct lmlog_site_slot {
  lmlog_site* site; /* the library's alone */
} lmlog_site_slot;

/* Logs through the slot; on its first use makes the site, with the types that the values have. What is refused is said
 * on stderr, once in a process. For the macros. */
LMLOG_C_API int32_t lmlog_slot_log(lmlog_site_slot* slot, const lmlog_site_options* options, const lmlog_value* values,
                                   size_t count);
/* Whether lmlog_slot_log() would store a record now. */
LMLOG_C_API int32_t lmlog_slot_is_on(lmlog_site_slot* slot, const lmlog_logger* logger, int32_t level);

static inline lmlog_value lmlog_value_of(uint8_t type, uint64_t bits, uint64_t bytes) {
  lmlog_value value = {0, {0, 0, 0, 0, 0, 0, 0}, {0}, 0};
  value.type = type;
  value.as.u = bits;
  value.bytes = bytes;
  return value;
}
static inline lmlog_value lmlog_bool(int value) { return lmlog_value_of(LMLOG_TYPE_BOOL, value != 0, 0); }
static inline lmlog_value lmlog_char(char value) {
  return lmlog_value_of(LMLOG_TYPE_CHAR, (uint64_t)(unsigned char)value, 0);
}
static inline lmlog_value lmlog_i32(int32_t value) {
  return lmlog_value_of(LMLOG_TYPE_I32, (uint64_t)(int64_t)value, 0);
}
static inline lmlog_value lmlog_u32(uint32_t value) { return lmlog_value_of(LMLOG_TYPE_U32, value, 0); }
static inline lmlog_value lmlog_i64(int64_t value) { return lmlog_value_of(LMLOG_TYPE_I64, (uint64_t)value, 0); }
static inline lmlog_value lmlog_u64(uint64_t value) { return lmlog_value_of(LMLOG_TYPE_U64, value, 0); }
static inline lmlog_value lmlog_f64(double value) {
  lmlog_value out = lmlog_value_of(LMLOG_TYPE_F64, 0, 0);
  out.as.f = value;
  return out;
}
static inline lmlog_value lmlog_pointer(const void* value) {
  return lmlog_value_of(LMLOG_TYPE_POINTER, (uint64_t)(uintptr_t)value, 0);
}
/* Text with a length; it lives until the log call returns. */
static inline lmlog_value lmlog_text(const char* value, size_t bytes) {
  lmlog_value out = lmlog_value_of(LMLOG_TYPE_STRING, 0, bytes);
  out.as.text = value;
  return out;
}
/* Text up to its NUL. */
static inline lmlog_value lmlog_string(const char* value) {
  size_t bytes = 0;
  while (value != NULL && value[bytes] != '\0') ++bytes;
  return lmlog_text(value, bytes);
}

/* A statement with at least one argument, made of lmlog_i64(…) and its like, always of the same types. Level, format
 * and logger are those of the first call; the values are evaluated only when it is on. */
#define LMLOG_C(level, format, ...) LMLOG_C_LOG(NULL, level, format, __VA_ARGS__)
/* The same of a logger. */
#define LMLOG_C_LOG(logger, level, format, ...)                                                               \
  do {                                                                                                        \
    static lmlog_site_slot lmlog_slot_;                                                                       \
    if (lmlog_slot_is_on(&lmlog_slot_, (logger), (level))) {                                                  \
      const lmlog_value lmlog_values_[] = {__VA_ARGS__};                                                      \
      const lmlog_site_options lmlog_options_ = {                                                             \
          sizeof(lmlog_site_options), (level), (format), NULL, 0, (logger), __FILE__, __func__, __LINE__, 0}; \
      (void)lmlog_slot_log(&lmlog_slot_, &lmlog_options_, lmlog_values_,                                      \
                           sizeof(lmlog_values_) / sizeof(*lmlog_values_));                                   \
    }                                                                                                         \
  } while (0)
/* A statement without arguments. */
#define LMLOG_C_TEXT(level, format)                                                                       \
  do {                                                                                                    \
    static lmlog_site_slot lmlog_slot_;                                                                   \
    if (lmlog_slot_is_on(&lmlog_slot_, NULL, (level))) {                                                  \
      const lmlog_site_options lmlog_options_ = {                                                         \
          sizeof(lmlog_site_options), (level), (format), NULL, 0, NULL, __FILE__, __func__, __LINE__, 0}; \
      (void)lmlog_slot_log(&lmlog_slot_, &lmlog_options_, NULL, 0);                                       \
    }                                                                                                     \
  } while (0)

#ifdef __cplusplus
}
#endif

#endif
