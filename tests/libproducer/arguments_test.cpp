// SPDX-License-Identifier: Apache-2.0
// Every argument type, from the log call to the bytes in the ring and back.
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using namespace lmlog::literals;
using Values = std::vector<std::string>;

class Arguments : public ::testing::Test {
 protected:
  /// Values of the only record of the statement with this format string.
  Values logged(const std::string& format) {
    const RecordedSession recorded = read_session(folder_, session_.id());
    const auto records = recorded.records(format);
    EXPECT_EQ(records.size(), 1u);
    return records.empty() ? Values{} : recorded.values(records[0]);
  }

  RingsFolder folder_;
  Session session_{{.service = "arguments", .max_string = 100}};
};

TEST_F(Arguments, KeepIntegersOfEverySizeAndSign) {
  LMLOG_INFO("signed {} {} {} {} {}", std::int8_t{-128}, std::int16_t{-32768}, std::numeric_limits<int>::min(),
             std::numeric_limits<long>::min(), std::numeric_limits<long long>::max());
  EXPECT_EQ(logged("signed {} {} {} {} {}"),
            (Values{"-128", "-32768", "-2147483648", "-9223372036854775808", "9223372036854775807"}));
  LMLOG_INFO("unsigned {} {} {} {}", std::uint8_t{255}, std::uint16_t{65535}, 4294967295u, ~0ull);
  EXPECT_EQ(logged("unsigned {} {} {} {}"), (Values{"255", "65535", "4294967295", "18446744073709551615"}));
}

TEST_F(Arguments, KeepEveryBitOfFloatingNumbers) {
  LMLOG_INFO("floats {} {} {} {}", 0.1f, 0.1, -0.0, 1.5L);
  EXPECT_EQ(logged("floats {} {} {} {}"), (Values{"0x1.99999ap-4", "0x1.999999999999ap-4", "-0x0p+0", "0x1.8p+0"}));
  LMLOG_INFO("odd {} {}", std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(logged("odd {} {}"), (Values{"inf", "nan"}));
}

TEST_F(Arguments, KeepBoolCharEnumAndPointer) {
  enum class Side : std::uint8_t { buy = 1, sell = 2 };
  enum Plain : int { kPlain = -5 };
  const auto* address = reinterpret_cast<const int*>(0x1234);
  LMLOG_INFO("others {} {} {} {} {} {} {}", true, 'x', Side::sell, kPlain, address, nullptr,
             static_cast<const void*>(address));
  EXPECT_EQ(logged("others {} {} {} {} {} {} {}"), (Values{"true", "'x'", "2", "-5", "0x1234", "0x0", "0x1234"}));
}

TEST_F(Arguments, KeepStringsOfEveryKind) {
  const char* c_string = "c string";
  char array[8] = "array";
  const std::string text = "std::string";
  const std::pmr::string allocated = "pmr";
  const char* none = nullptr;
  LMLOG_INFO("strings {} {} {} {} {} {} {} {}", c_string, array, "literal", text, std::string_view(text).substr(5),
             allocated, none, std::string());
  EXPECT_EQ(logged("strings {} {} {} {} {} {} {} {}"),
            (Values{"\"c string\"", "\"array\"", "\"literal\"", "\"std::string\"", "\"string\"", "\"pmr\"",
                    "\"(null)\"", "\"\""}));
}

TEST_F(Arguments, ReadACharacterArrayNoFurtherThanItsEnd) {
  const char full[4] = {'f', 'u', 'l', 'l'};
  LMLOG_INFO("array {}", full);
  EXPECT_EQ(logged("array {}"), Values{"\"full\""});
}

TEST_F(Arguments, CutStringsAtMaxStringAndMarkThem) {
  LMLOG_INFO("cut {} {} {}", std::string(100, 'a'), std::string(101, 'b'), 7);
  EXPECT_EQ(logged("cut {} {} {}"),
            (Values{'"' + std::string(100, 'a') + '"', '"' + std::string(100, 'b') + "\"~", "7"}));
}

TEST_F(Arguments, KeepStringsWithZerosInside) {
  LMLOG_INFO("zeros {}", std::string_view("a\0b", 3));
  EXPECT_EQ(logged("zeros {}"), Values{std::string("\"a\0b\"", 5)});
}

TEST_F(Arguments, PutFixedOnesBeforeStringsInTheRecord) {
  LMLOG_INFO("mixed {} {} {} {}", "one", std::uint8_t{2}, "three", 4.0);
  EXPECT_EQ(logged("mixed {} {} {} {}"), (Values{"\"one\"", "2", "\"three\"", "0x1p+2"}));
  const RecordedSession recorded = read_session(folder_, session_.id());
  const Recorded record = recorded.records("mixed {} {} {} {}").at(0);
  EXPECT_EQ(record.body[0], 2);
  EXPECT_EQ(record.length, formats::record_length(1 + 8 + 4 + 3 + 4 + 5));
}

TEST_F(Arguments, NamePlaceholdersAndFields) {
  const std::string reason = "late";
  LMLOG_WARN("rejected {order_id} {}", 7, 8, "reason"_k = reason, "price \xE2\x82\xAC"_k = 1.5);
  EXPECT_EQ(logged("rejected {order_id} {}"), (Values{"7", "8", "\"late\"", "0x1.8p+0"}));
  const RecordedSession recorded = read_session(folder_, session_.id());
  const auto& arguments = recorded.statement("rejected {order_id} {}").arguments;
  ASSERT_EQ(arguments.size(), 4u);
  EXPECT_EQ(arguments[0].name, "order_id");
  EXPECT_EQ(arguments[0].flags, formats::kArgInMessage | formats::kArgNamed);
  EXPECT_EQ(arguments[1].name, "1");
  EXPECT_EQ(arguments[1].flags, formats::kArgInMessage);
  EXPECT_EQ(arguments[2].name, "reason");
  EXPECT_EQ(arguments[2].flags, formats::kArgNamed);
  EXPECT_EQ(arguments[3].name, "price \xE2\x82\xAC");
}

TEST_F(Arguments, MayBeVolatileAndConst) {
  volatile int number = 3;
  const volatile bool flag = true;
  volatile double real = 0.5;
  const std::string text = "const";
  LMLOG_INFO("qualified {} {} {}", number, flag, text, "real"_k = real);
  EXPECT_EQ(logged("qualified {} {} {}"), (Values{"3", "true", "\"const\"", "0x1p-1"}));
}

TEST_F(Arguments, MayBeBitFieldsAndCallsWithSideEffects) {
  struct Bits {
    unsigned low : 3;
    unsigned high : 5;
  } bits{5, 17};
  int calls = 0;
  LMLOG_INFO("bits {} {} {}", bits.low, bits.high, ++calls);
  EXPECT_EQ(logged("bits {} {} {}"), (Values{"5", "17", "1"}));
  EXPECT_EQ(calls, 1);
}

TEST_F(Arguments, MakeALongRecordExtended) {
  session_.~Session();
  new (&session_) Session({.service = "long", .max_string = 1 << 20});
  const std::string text(100'000, 'x');
  LMLOG_INFO("long {} {}", 42, text);
  LMLOG_INFO("after {}", 1);
  EXPECT_EQ(logged("long {} {}"), (Values{"42", '"' + text + '"'}));
  EXPECT_EQ(logged("after {}"), Values{"1"});
}

}  // namespace
}  // namespace lmlog::testing
