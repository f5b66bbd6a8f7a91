// SPDX-License-Identifier: Apache-2.0
// Everything that a service needs: the session, the levels and loggers, the literals, the log macros and the events.
#pragma once

#include <lmlog/adapt.hpp>
#include <lmlog/clock.hpp>
#include <lmlog/event_call.hpp>
#include <lmlog/level.hpp>
#include <lmlog/literals.hpp>
#include <lmlog/logger.hpp>
#include <lmlog/logger_macros.hpp>
#include <lmlog/macros.hpp>
#include <lmlog/privacy.hpp>
#include <lmlog/runtime_site.hpp>
#include <lmlog/session.hpp>
