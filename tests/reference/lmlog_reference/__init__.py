# SPDX-License-Identifier: Apache-2.0
"""An independent reader of LMLog's files, written from the pages in formats/spec/ alone.

It shares no code with the C++ programs and uses the standard library only (and the zstd program to inflate),
so that it is a second opinion on the pages: where it and the programs disagree, one of them, or the page, is wrong.
"""
