// SPDX-License-Identifier: Apache-2.0
// Arguments that are named like secrets, for secret_names_test.py: a line that warns says so, with the name.
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
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

struct Account {
  std::string name, password;
  std::string keys[2];
  int pin_token = 1;
  int token() const { return 1; }
  std::size_t find(wchar_t c) const { return c == L'(' ? 1 : 0; }
};
template <class A, class B> B two(A value) { return static_cast<B>(value); }

void variables(const Account& account, const Account* other, const std::string& password_, int key_count) {
  const lmlog::Logger logins = lmlog::logger("logins");
  LMLOG_INFO("{} of {user}, is, {}", password_, "a,b\",(", account.name);   // warns: password_
  LMLOG_INFO("{user}", account.password);                                   // warns: password
  LMLOG_INFO("{}", std::pair(1, 2), "x"_k = other->password);               // warns: password
  LMLOG_LOG(logins, lmlog::Level::warn, "{} {}", 1'000, account.password);  // warns: password
  LMLOG_INFO("{} {}", key_count, account.password.c_str());                 // warns: password
  LMLOG_INFO("{}", (*other).password.data());                               // warns: password
  LMLOG_INFO("{}", (account.password));                                     // warns: password
  LMLOG_WARN_EVERY_N(2, "{} {}", account.find(L'('), other->password);      // warns: password
  LMLOG_ERROR_THROTTLE(std::chrono::seconds(1), "{}", account.password);    // warns: password
  LMLOG_INFO_AT(lmlog::ticks(), "{}", account.password);                    // warns: password
  LMLOG_WARN_EVERY_N(2, "{} {}", two<int, int>(1), password_);              // commas between angle brackets
  LMLOG_INFO("{} {}", account.pin_token, key_count + account.pin_token);    // numbers
  LMLOG_INFO_PRINTF("%d %s", key_count, account.password.c_str());          // nothing has a name in printf's
  LMLOG_INFO("{} {} {} {}", key_count, account.token(), account.keys[0].size(), lmlog::hashed(other->password));
  LMLOG_INFO("{} {}", lmlog::not_secret(account.password), lmlog::secret(password_));
  LMLOG_INFO(R"({} ")", account.password);
}
