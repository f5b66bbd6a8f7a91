// SPDX-License-Identifier: Apache-2.0
// LMLOG_API marks what liblmlog.so exports: the public functions, and the few of `lmlog::detail` that calls inlined
// into a service go to. Everything else of the library is hidden. It marks functions and variables, never a class: a
// class would be exported whole, and g++ warns of one whose members' types a service hides by -fvisibility=hidden.
#pragma once

#define LMLOG_API __attribute__((visibility("default")))
