// SPDX-License-Identifier: Apache-2.0
// What secret() and hashed() leave of a value, and where the key of a hash comes from and goes to.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>
#include <lmlog/secret_name.hpp>
#include <lmlog/written_arguments.hpp>

#include "libproducer/src/siphash.hpp"
#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using namespace lmlog::literals;

std::uint64_t hash_of(std::string_view text) { return hashed(text).hash; }

// The official vectors: key 00 01 … 0f, messages 00 01 02 … of growing length.
TEST(SipHash, GivesTheVectorsOfItsAuthors) {
  constexpr std::array<std::uint64_t, 16> kVectors{
      0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5};
  constexpr detail::SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string message;
  for (std::size_t length = 0; length < kVectors.size(); ++length) {
    EXPECT_EQ(detail::siphash(kKey, message), kVectors[length]) << "of " << length << " bytes";
    message.push_back(static_cast<char>(length));
  }
}

TEST(Hashed, IsEqualForEqualValuesOfAnyType) {
  const char array[] = "alice";
  EXPECT_EQ(hash_of("alice"), hashed(std::string("alice")).hash);
  EXPECT_EQ(hash_of("alice"), hashed(array).hash);
  EXPECT_EQ(hash_of("/home"), hashed(std::filesystem::path("/home")).hash);
  EXPECT_NE(hash_of("alice"), hash_of("Alice"));
  enum class Account : std::uint16_t { mine = 42 };
  EXPECT_EQ(hashed(42).hash, hashed(std::uint64_t{42}).hash);
  EXPECT_EQ(hashed(42).hash, hashed(Account::mine).hash);
  EXPECT_EQ(hashed(-1).hash, hashed(std::int64_t{-1}).hash);
  EXPECT_NE(hashed(42).hash, hashed(43).hash);
}

TEST(Hashed, DependsOnTheKey) {
  set_hash_key("one");
  const std::uint64_t one = hash_of("alice");
  set_hash_key("another");
  EXPECT_NE(hash_of("alice"), one);
  set_hash_key("one");
  EXPECT_EQ(hash_of("alice"), one);
}

/// The hash of "alice" in a process of its own, and in a child that it forked before its first hash: 16 digits each.
std::string hashes_of_a_process(const std::string& setting) {
  const char* const program = std::getenv("LMLOG_SAMPLE_SERVICE");
  EXPECT_NE(program, nullptr);
  FILE* const pipe = ::popen(("env -u LMLOG_HASH_KEY " + setting + " '" + program + "' hashes").c_str(), "r");
  std::array<char, 4096> buffer{};
  const std::size_t bytes = std::fread(buffer.data(), 1, buffer.size(), pipe);
  EXPECT_EQ(::pclose(pipe), 0);
  return {buffer.data(), bytes};
}

TEST(Hashed, IsTheSameInProcessesWithTheSameKeyAndInForkedChildren) {
  const std::string first = hashes_of_a_process("LMLOG_HASH_KEY='of two hosts'");
  ASSERT_EQ(first.size(), 34u) << first;
  EXPECT_EQ(first.substr(0, 17), first.substr(17));
  EXPECT_EQ(hashes_of_a_process("LMLOG_HASH_KEY='of two hosts'"), first);
  EXPECT_NE(hashes_of_a_process("LMLOG_HASH_KEY=other"), first);
  set_hash_key("of two hosts");
  std::array<char, 32> mine{};
  std::snprintf(mine.data(), mine.size(), "%016llx\n", static_cast<unsigned long long>(hash_of("alice")));
  EXPECT_EQ(first.substr(0, 17), mine.data());
}

TEST(Hashed, IsOfAProcessAloneWithoutAKeyButOfItsChildrenToo) {
  const std::string first = hashes_of_a_process("");
  ASSERT_EQ(first.size(), 34u) << first;
  EXPECT_EQ(first.substr(0, 17), first.substr(17));
  EXPECT_NE(hashes_of_a_process(""), first);
  EXPECT_NE(hashes_of_a_process("LMLOG_HASH_KEY="), hashes_of_a_process("LMLOG_HASH_KEY=")) << "an empty key is none";
}

TEST(Privacy, LeavesThreeStarsOrAHashInTheRecord) {
  const RingsFolder folder;
  const Session session({.service = "privacy"});
  LMLOG_INFO("login {user} {password}", hashed("alice"), secret("correct horse"), "token"_k = secret(42),
             "keys"_k = not_secret(std::string("of a piano")));
  const RecordedSession recorded = read_session(folder, session.id());
  const Recorded record = recorded.records("login {user} {password}").at(0);
  EXPECT_EQ(recorded.values(record),
            (std::vector<std::string>{std::to_string(hash_of("alice")), "\"***\"", "\"***\"", "\"of a piano\""}));
  const auto& arguments = recorded.statement(record).arguments;
  EXPECT_EQ(arguments[0].description, "h");
  EXPECT_EQ(arguments[0].type(), formats::ArgType::u64);
  EXPECT_EQ(arguments[1].description, "");
}

TEST(WrittenArguments, HaveTheNamesOfVariablesAndMembers) {
  using detail::names_of_arguments;
  const auto names = [](const auto& found) { return std::vector<std::string>(found.begin(), found.end()); };
  using Names = std::vector<std::string>;
  constexpr auto kPlain = names_of_arguments<3>(R"("{} {} {}", a, b.c, *d->e_)");
  EXPECT_EQ(names(kPlain), (Names{"a", "c", "e_"}));
  constexpr auto kOthers = names_of_arguments<6>(R"("\",(", f(a, b), x[i], a + b, 1'000, ',', ns::k)");
  EXPECT_EQ(names(kOthers), (Names{"", "", "", "", "", "k"}));
  constexpr auto kFields = names_of_arguments<3>(R"("it", "a"_k = b, "c = d"_k = e.c_str(), "f"_k = g())");
  EXPECT_EQ(names(kFields), (Names{"b", "e", ""}));
  constexpr auto kMore = names_of_arguments<1>(R"("{}", f<a, b>(c))");
  EXPECT_EQ(names(kMore), (Names{""})) << "not understood";
  constexpr auto kLiteral = names_of_arguments<1>(R"("{} a", b)", "{} a");
  EXPECT_EQ(names(kLiteral), (Names{"b"}));
  constexpr auto kEscaped = names_of_arguments<1>(R"("\n\", {}", b)", "\n\", {}");
  EXPECT_EQ(names(kEscaped), (Names{"b"}));
  constexpr auto kFew = names_of_arguments<2>(R"("{}", f<a, b>(c))", {}, 1);
  EXPECT_EQ(names(kFew), (Names{"", ""})) << "one of two is written, three are found";
  constexpr auto kCalls = names_of_arguments<5>(R"("{}", (a->b) .c_str(), (c), kField = d->data(), 2 * a.b, sizeof e)");
  EXPECT_EQ(names(kCalls), (Names{"b", "c", "d", "", ""}));
  constexpr auto kNoCall = names_of_arguments<1>(R"("{}", token_data())");
  EXPECT_EQ(names(kNoCall), (Names{""}));
  constexpr auto kLetters = names_of_arguments<4>(R"("{}", L'(', 0xab'cd'ef, u8')', a)");
  EXPECT_EQ(names(kLetters), (Names{"", "", "", "a"}));
  constexpr auto kNone = names_of_arguments<0>(R"("it")");
  EXPECT_TRUE(kNone.empty());
}

TEST(SecretName, OfAVariableIsItsLastWord) {
  for (const char* name : {"password", "password_", "user_token", "apiKey", "key2"})
    EXPECT_TRUE(detail::is_secret_name(name, true)) << name;
  for (const char* name : {"key_count", "tokensUsed", "password_length", ""})
    EXPECT_FALSE(detail::is_secret_name(name, true)) << name;
}

TEST(SecretName, IsAWordOfTheName) {
  using detail::is_secret_name;
  for (const char* name :
       {"password",     "user_password", "Password",    "PASSWORD",   "passwd",  "passphrase", "pwd",    "secret",
        "clientSecret", "token",         "accessToken", "tokens",     "api_key", "apiKeys",    "APIKey", "key",
        "KEY_ID",       "credentials",   "x.key",       "auth-token", "key2",    "old key"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"monkey", "keyboard", "tokenizer", "secretary", "turkeys", "hockey", "", "user", "pass",
                           "keyed", "k_e_y", "passed", "Keynote", "whiskey", "0", "credentialed"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

}  // namespace
}  // namespace lmlog::testing
