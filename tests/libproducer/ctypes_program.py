# SPDX-License-Identifier: Apache-2.0
"""A service in Python: it loads liblmlog.so, logs through the C interface, and forks.
usage: ctypes_program.py LIBLMLOG.so"""
import ctypes
import os
import sys

I64, F64, STRING = 9, 12, 14
INFO, STORED = 2, 0


class SessionOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("level", ctypes.c_int32), ("service", ctypes.c_char_p),
                ("ring_bytes", ctypes.c_uint64), ("clock", ctypes.c_uint32), ("policy", ctypes.c_uint32),
                ("block_timeout_ns", ctypes.c_int64), ("max_string", ctypes.c_uint64),
                ("level_is_set", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


class Argument(ctypes.Structure):
    _fields_ = [("type", ctypes.c_uint8), ("reserved", ctypes.c_uint8 * 7), ("field", ctypes.c_char_p)]


class SiteOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("level", ctypes.c_int32), ("format", ctypes.c_char_p),
                ("arguments", ctypes.POINTER(Argument)), ("argument_count", ctypes.c_uint64),
                ("logger", ctypes.c_void_p), ("file", ctypes.c_char_p), ("function", ctypes.c_char_p),
                ("line", ctypes.c_uint32), ("time_given", ctypes.c_uint32)]


class Content(ctypes.Union):
    _fields_ = [("i", ctypes.c_int64), ("f", ctypes.c_double), ("text", ctypes.c_char_p)]


class Value(ctypes.Structure):
    _fields_ = [("type", ctypes.c_uint8), ("reserved", ctypes.c_uint8 * 7), ("content", Content),
                ("bytes", ctypes.c_uint64)]


def value(of):
    if isinstance(of, int):
        return Value(type=I64, content=Content(i=of))
    if isinstance(of, float):
        return Value(type=F64, content=Content(f=of))
    encoded = of.encode()
    return Value(type=STRING, content=Content(text=encoded), bytes=len(encoded))


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        for name, result, arguments in (
                ("lmlog_session_open", ctypes.c_void_p, [ctypes.POINTER(SessionOptions)]),
                ("lmlog_session_close", None, [ctypes.c_void_p]),
                ("lmlog_logger_get", ctypes.c_void_p, [ctypes.c_char_p]),
                ("lmlog_site_new", ctypes.c_void_p, [ctypes.POINTER(SiteOptions)]),
                ("lmlog_site_free", None, [ctypes.c_void_p]),
                ("lmlog_site_error", ctypes.c_char_p, [ctypes.c_void_p]),
                ("lmlog_site_log", ctypes.c_int32, [ctypes.c_void_p, ctypes.POINTER(Value), ctypes.c_size_t])):
            function = getattr(self.c, name)
            function.restype, function.argtypes = result, arguments

    def site(self, template, types, line, logger=None):
        arguments = (Argument * len(types))(*(Argument(type=type_, field=field) for type_, field in types))
        options = SiteOptions(size=ctypes.sizeof(SiteOptions), level=INFO, format=template.encode(),
                              arguments=arguments, argument_count=len(types), logger=logger, file=b"service.py",
                              function=b"main", line=line)
        made = self.c.lmlog_site_new(options)
        assert made and not self.c.lmlog_site_error(made), self.c.lmlog_site_error(made)
        return made

    def log(self, site, *values):
        outcome = self.c.lmlog_site_log(site, (Value * len(values))(*map(value, values)), len(values))
        assert outcome == STORED, outcome


def main():
    library = Library(sys.argv[1])
    session = library.c.lmlog_session_open(SessionOptions(size=ctypes.sizeof(SessionOptions), service=b"python"))
    assert session
    logger = library.c.lmlog_logger_get(b"py.orders")
    order = library.site("order {id} of {name} at {px}", [(I64, None), (STRING, None), (F64, None), (STRING, b"note")],
                         10, logger)
    for i in range(100):
        library.log(order, i, "Grüße", i / 4, "" if i % 2 else "even")
    child = os.fork()
    if child == 0:
        library.log(order, -1, "child", 0.5, "after fork")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    again = library.site("again", [], 11)
    library.log(again)
    library.c.lmlog_site_free(again)
    library.c.lmlog_site_free(order)
    library.c.lmlog_session_close(session)


if __name__ == "__main__":
    main()
