// SPDX-License-Identifier: Apache-2.0
// Whether a sanitizer is compiled in: those interpose functions, and make system calls of their own.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LMLOG_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LMLOG_TEST_SANITIZED 1
#endif
#endif
