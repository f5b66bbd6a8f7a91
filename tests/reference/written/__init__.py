# SPDX-License-Identifier: Apache-2.0
"""Small writers of LMLog's files, from the pages in formats/spec/: what the reference reader's own tests read."""
