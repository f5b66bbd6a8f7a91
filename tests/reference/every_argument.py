# SPDX-License-Identifier: Apache-2.0
"""What every_argument.cpp logs, as a reader gives it: (severity, template, fields) in its order."""

TRUNCATED = 50000
LOGGED = [
    ("TRACE", "flag {flag} letter {letter}", {"flag": True, "letter": "x"}),
    ("DEBUG", "small {i8} {u8} {i16} {u16}", {"i8": -128, "u8": 255, "i16": -32768, "u16": 65535}),
    ("INFO", "{i32} {u32} {i64} {u64}", {"i32": -2**31, "u32": 2**32 - 1, "i64": -2**63, "u64": 2**64 - 1}),
    ("NOTICE", "{f32} {f64} {nan} {infinity}", {"f32": 0.1, "f64": 0.1, "nan": "NaN", "infinity": "-Infinity"}),
    ("WARN", "{side}", {"side": 2}),
    ("ERROR", "{owned} and {}, {not_text}", {"owned": "naïve", "1": "", "not_text": "a\ufffdb"}),
    ("FATAL", "rejected {{}}", {"order_id": 42, "why": "y" * TRUNCATED}),
    ("INFO", "{extended}", {"extended": "z" * 40000}),
]
