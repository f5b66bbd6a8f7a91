/* SPDX-License-Identifier: Apache-2.0 */
/* A service in plain C: every function of lmlog.h, and what it answers to nonsense. `c_program` logs and ends;
 * `c_program serve` logs once for each line of its standard input, and says so. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <lmlog/lmlog.h>

static int failures = 0;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                             \
    }                                                                         \
  } while (0)

static void log_every_type(void) {
  static const uint8_t types[] = {LMLOG_TYPE_BOOL, LMLOG_TYPE_CHAR, LMLOG_TYPE_I8,    LMLOG_TYPE_U8,  LMLOG_TYPE_I16,
                                  LMLOG_TYPE_U16,  LMLOG_TYPE_I32,  LMLOG_TYPE_U32,   LMLOG_TYPE_I64, LMLOG_TYPE_U64,
                                  LMLOG_TYPE_F32,  LMLOG_TYPE_F64,  LMLOG_TYPE_STRING};
  lmlog_argument arguments[sizeof(types) + 1];
  lmlog_value values[sizeof(types) + 1];
  lmlog_site_options options;
  lmlog_site* site;
  size_t i;
  memset(arguments, 0, sizeof(arguments));
  memset(values, 0, sizeof(values));
  memset(&options, 0, sizeof(options));
  for (i = 0; i < sizeof(types); ++i) {
    arguments[i].type = values[i].type = types[i];
    values[i].as.i = types[i] == LMLOG_TYPE_I8 || types[i] == LMLOG_TYPE_I64 ? -(int64_t)i : (int64_t)i + 60;
  }
  values[0].as.u = 1;
  values[10].as.f = 0.5;
  values[11].as.f = -2.25;
  values[12] = lmlog_text("in the middle", 6);
  arguments[13].type = LMLOG_TYPE_STRING;
  arguments[13].field = "reason";
  values[13] = lmlog_string("none");
  options.size = sizeof(options);
  options.level = LMLOG_LEVEL_WARN;
  options.format = "{b} {c} {i8} {u8} {i16} {u16} {i32} {u32} {i64} {u64} {f32} {f64} {s}";
  options.arguments = arguments;
  options.argument_count = sizeof(types) + 1;
  options.logger = lmlog_logger_get("c.types");
  options.file = "types.c";
  options.function = "log_every_type";
  options.line = 42;
  site = lmlog_site_new(&options);
  CHECK(site != NULL);
  CHECK(lmlog_site_error(site) == NULL);
  CHECK(lmlog_site_is_on(site) == 1);
  CHECK(lmlog_site_log(site, values, sizeof(types) + 1) == LMLOG_STORED);
  CHECK(lmlog_site_log(site, values, sizeof(types)) == LMLOG_REFUSED);
  CHECK(lmlog_site_log_at(site, 1, values, sizeof(types) + 1) == LMLOG_REFUSED);
  values[2].as.i = 128;
  CHECK(lmlog_site_log(site, values, sizeof(types) + 1) == LMLOG_REFUSED);
  values[2].as.i = 1;
  values[2].type = 99;
  CHECK(lmlog_site_log(site, values, sizeof(types) + 1) == LMLOG_REFUSED);
  lmlog_site_free(site);
}

static void log_with_levels(void) {
  const lmlog_logger* logger = lmlog_logger_get("c.levels");
  int evaluated = 0;
  int i;
  CHECK(logger == lmlog_logger_get("c.levels"));
  CHECK(lmlog_level(logger) == LMLOG_LEVEL_INFO);
  for (i = 0; i < 4; ++i) {
    if (i == 2) CHECK(lmlog_set_level(lmlog_logger_get("c"), LMLOG_LEVEL_DEBUG) == 1);
    LMLOG_C_LOG(logger, LMLOG_LEVEL_DEBUG, "debug {i}", lmlog_i32((++evaluated, i)));
  }
  CHECK(evaluated == 2);
  CHECK(lmlog_level(logger) == LMLOG_LEVEL_DEBUG);
  lmlog_reset_level(lmlog_logger_get("c"));
  CHECK(lmlog_level(logger) == LMLOG_LEVEL_INFO);
  CHECK(lmlog_set_level(logger, 7) == 0);
  CHECK(lmlog_set_level(NULL, LMLOG_LEVEL_ERROR) == 1);
  CHECK(lmlog_level(NULL) == LMLOG_LEVEL_ERROR);
  LMLOG_C_TEXT(LMLOG_LEVEL_INFO, "not on");
  lmlog_reset_level(NULL);
}

static void log_with_a_time(void) {
  lmlog_site_options options;
  lmlog_site* site;
  memset(&options, 0, sizeof(options));
  options.size = sizeof(options);
  options.level = LMLOG_LEVEL_INFO;
  options.format = "given";
  options.time_given = 1;
  site = lmlog_site_new(&options);
  CHECK(lmlog_site_log_at(site, lmlog_ticks(), NULL, 0) == LMLOG_STORED);
  lmlog_site_free(site);
}

static void answer_nonsense(void) {
  lmlog_site_options options;
  lmlog_session_options session;
  lmlog_site* site;
  lmlog_value value = lmlog_i64(1);
  char id[8] = "x";
  memset(&options, 0, sizeof(options));
  memset(&session, 0, sizeof(session));
  lmlog_session_close(NULL);
  CHECK(lmlog_session_id(NULL, id, sizeof(id)) == 0 && id[0] == '\0');
  CHECK(lmlog_losses(NULL, 5) == 0);
  CHECK(lmlog_logger_get(NULL) == NULL && lmlog_logger_get("") == NULL);
  lmlog_site_free(NULL);
  CHECK(lmlog_site_log(NULL, &value, 1) == LMLOG_REFUSED);
  CHECK(lmlog_site_is_on(NULL) == 0);
  CHECK(lmlog_site_error(NULL) != NULL);
  CHECK(lmlog_slot_log(NULL, &options, NULL, 0) == LMLOG_REFUSED);
  CHECK(lmlog_slot_is_on(NULL, NULL, LMLOG_LEVEL_FATAL) == 0);
  LMLOG_C(LMLOG_LEVEL_INFO, "two {} {}", value); /* said on stderr, as the next is not */
  LMLOG_C(LMLOG_LEVEL_INFO, "none", value);
  CHECK(lmlog_site_new(NULL) == NULL && lmlog_site_new(&options) == NULL); /* size 0 */
  options.size = sizeof(options);
  options.format = "{";
  site = lmlog_site_new(&options);
  CHECK(strstr(lmlog_site_error(site), "brace") != NULL);
  CHECK(lmlog_site_log(site, NULL, 0) == LMLOG_REFUSED);
  lmlog_site_free(site);
  options.format = "";
  options.level = 70;
  site = lmlog_site_new(&options);
  CHECK(strstr(lmlog_site_error(site), "level") != NULL);
  lmlog_site_free(site);
  options.level = LMLOG_LEVEL_INFO;
  options.argument_count = 3;
  site = lmlog_site_new(&options);
  CHECK(lmlog_site_error(site) != NULL);
  CHECK(lmlog_site_log(site, NULL, 3) == LMLOG_REFUSED);
  lmlog_site_free(site);
  CHECK(lmlog_session_open(&session) == NULL); /* size 0 */
  session.size = sizeof(session);
  session.policy = 9;
  CHECK(lmlog_session_open(&session) == NULL);
}

static int serve(void) {
  char line[256];
  int64_t n = 0;
  while (fgets(line, sizeof(line), stdin) != NULL) {
    LMLOG_C(LMLOG_LEVEL_INFO, "line {n}", lmlog_i64(++n));
    if (printf("%" PRId64 "\n", n) < 0 || fflush(stdout) != 0) return 1;
  }
  return 0;
}

int main(int argc, char** argv) {
  lmlog_session_options options;
  lmlog_session* session;
  char id[33];
  uint64_t losses[LMLOG_LOSS_REASONS + 1];
  int i;
  memset(&options, 0, sizeof(options));
  options.size = sizeof(options);
  options.service = "c-program";
  options.level = LMLOG_LEVEL_INFO;
  options.level_is_set = 1;
  session = lmlog_session_open(&options);
  CHECK(session != NULL);
  if (argc > 1 && strcmp(argv[1], "serve") == 0) return serve();
  CHECK(lmlog_session_open(NULL) == NULL);
  CHECK(lmlog_session_id(session, id, sizeof(id)) == 32 && strlen(id) == 32);
  answer_nonsense();
  for (i = 0; i < 3; ++i) LMLOG_C(LMLOG_LEVEL_INFO, "order {id} filled at {px}", lmlog_i64(i), lmlog_f64(i + 0.5));
  LMLOG_C_TEXT(LMLOG_LEVEL_NOTICE, "plain {{text}}");
  log_every_type();
  log_with_levels();
  log_with_a_time();
  CHECK(lmlog_losses(losses, LMLOG_LOSS_REASONS + 1) == LMLOG_LOSS_REASONS);
  CHECK(losses[0] == 0);
  lmlog_session_close(session);
  lmlog_session_close(session);
  printf("%s %s\n", id, lmlog_version());
  return failures == 0 ? 0 : 1;
}
