# SPDX-License-Identifier: Apache-2.0
"""What the rows of the tick data must look like as JSON records: read from the zips by Python alone, nothing of ours.

Follows the data's README: a thread for each symbol, ordered by time, then quotes before trades, then as in the file.
"""
import datetime
import heapq
import io
import itertools
import os
import pathlib
import zipfile

QUOTE = "Quote {symbol} bid={bid}x{bid_size} ask={ask}x{ask_size} ex={ex} cond={cond} susp={susp}"
TRADE = "Trade {symbol} px={px} qty={qty} ex={ex} cond={cond} susp={susp}"
MS = 1_000_000


def data_folder():
    """The ticks folder, which may not exist: $LMLOG_DATA, else ../shared/data beside the project."""
    named = os.environ.get("LMLOG_DATA")
    root = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
    return pathlib.Path(named) / "ticks" if named else root.parent / "shared" / "data" / "ticks"


def midnight_ns(path):
    day = datetime.datetime.strptime(path.name[:8], "%Y%m%d").replace(tzinfo=datetime.timezone.utc)
    return int(day.timestamp()) * 1_000_000_000


def file_rows(path, rank):
    """(time in ns, rank, fields as text) of each line of a zip."""
    midnight = midnight_ns(path)
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as raw:
        for line in io.TextIOWrapper(raw, encoding="ascii", newline="\n"):
            fields = line.rstrip("\n").split(",")
            yield midnight + int(fields[0]) * MS, rank, fields


def symbol_rows(folder):
    """Rows of one symbol in the order of its thread."""
    def of(kind, rank):
        files = sorted(folder.glob(f"*_{kind}.zip"))
        return itertools.chain.from_iterable(file_rows(path, rank) for path in files)
    # The files are in order of time; the merge is stable and takes quotes (rank 0) first. check_order guards that.
    return check_order(heapq.merge(of("quote", 0), of("trade", 1), key=lambda row: row[:2]))


def check_order(rows):
    last = 0
    for row in rows:
        if row[0] < last:
            raise ValueError("the data is not in order of time: this test expects that it is")
        last = row[0]
        yield row


def symbols(folder):
    """{symbol in capitals: its folder}"""
    return {path.name.upper(): path for path in sorted(folder.iterdir()) if path.is_dir()}


def limited(folder, limit):
    """{symbol: number of rows} of the first `limit` rows over all symbols; None: all rows of each."""
    if limit is None:
        return {symbol: None for symbol in symbols(folder)}
    def keyed(symbol, path):
        return ((row[0], symbol) for row in symbol_rows(path))
    merged = heapq.merge(*(keyed(symbol, path) for symbol, path in symbols(folder).items()))
    counts = dict.fromkeys(symbols(folder), 0)
    for _, symbol in itertools.islice(merged, limit):
        counts[symbol] += 1
    return counts


class Prices:
    """Texts of prices as JSON (48.0) and inside messages (48), each made once: there are few different ones."""

    def __init__(self):
        self.texts = {}

    def __getitem__(self, scaled):
        if scaled not in self.texts:
            text = repr(int(scaled) / 10000.0)
            self.texts[scaled] = (text, text.removesuffix(".0"))
        return self.texts[scaled]


def expected(symbol, path, count):
    """(time in ns, message and template, fields) of each record of a symbol's thread, as pieces of its JSON line."""
    prices = Prices()
    for time_ns, rank, row in itertools.islice(symbol_rows(path), count):
        if rank == 0:
            _, bid, bid_size, ask, ask_size, ex, cond, susp = row
            (bid, bid_short), (ask, ask_short), cond = prices[bid], prices[ask], int(cond, 16)
            message = (f'"message":"Quote {symbol} bid={bid_short}x{bid_size} ask={ask_short}x{ask_size} ex={ex} '
                       f'cond={cond} susp={susp}","template":"{QUOTE}"')
            fields = (f'"fields":{{"symbol":"{symbol}","bid":{bid},"bid_size":{bid_size},"ask":{ask},'
                      f'"ask_size":{ask_size},"ex":"{ex}","cond":{cond},"susp":{susp}}}')
        else:
            _, px, qty, ex, cond, susp = row
            (px, px_short), cond = prices[px], int(cond, 16)
            message = (f'"message":"Trade {symbol} px={px_short} qty={qty} ex={ex} cond={cond} susp={susp}",'
                       f'"template":"{TRADE}"')
            fields = (f'"fields":{{"symbol":"{symbol}","px":{px},"qty":{qty},"ex":"{ex}","cond":{cond},'
                      f'"susp":{susp}}}')
        yield time_ns, message.encode(), fields.encode()
