// SPDX-License-Identifier: Apache-2.0
// Arguments that are named like secrets, for secret_names_test.py: a line that warns says so, with the name.
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statements(const std::string& text, int number, bool flag) {
  LMLOG_INFO("login of {user} with {password}", text, text);      // warns: password
  LMLOG_WARN("{db_passwd:>10}", text);                            // warns: db_passwd
  LMLOG_INFO("denied", "accessToken"_k = text, "user"_k = text);  // warns: accessToken
  LMLOG_INFO("{APIKeys}", std::vector<std::string>{text});        // warns: APIKeys
  LMLOG_INFO_AT(lmlog::ticks(), "{pwd}", number);                 // warns: pwd
  LMLOG_INFO("{monkey} {keyboard} {secretary}", text, text, text, "turkeys"_k = number);
  LMLOG_INFO("{has_token} {key}", flag, true);
  LMLOG_INFO("{password} {token}", lmlog::secret(text), lmlog::hashed(text), "key"_k = lmlog::secret(number));
  LMLOG_INFO("{primary_key}", lmlog::not_secret(number), "credentials"_k = lmlog::not_secret(text));
  LMLOG_INFO("password {}", text);
}
