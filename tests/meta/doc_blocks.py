# SPDX-License-Identifier: Apache-2.0
"""Code blocks of Markdown pages, and the links between pages.

An HTML comment right above a block speaks to the test, and a reader does not see it:
    <!-- given: CODE -->     declarations that a C++ block uses
    <!-- decoded below -->   the C or C++ block is run, and the json or text block after it is what lmlog-decode prints
    <!-- run -->             the block is run, and ends with 0; for sh $ARCHIVE and $LMLOG_RING_DIR hold records
Several are separated by ';', with `given` last; `env: NAME=VALUE` sets a variable for the run. What stands above a line
"// In a function:" is at namespace scope.
"""
import dataclasses
import re

FENCE = re.compile(r"^```(\w*)\s*$")
IN_A_FUNCTION = "// In a function:\n"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


@dataclasses.dataclass
class Block:
    """A fenced block: where it starts, its language, its text, and the note above it."""
    path: str
    line: int
    language: str
    text: str
    note: str

    def where(self):
        return f"{self.path}:{self.line}"


def blocks_of(path, text):
    """All fenced blocks of a page, in order; an open fence at the end is an error."""
    found, lines, note, start = [], text.splitlines(), "", None
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if start is None and fence:
            start, language, body = number, fence.group(1), []
        elif start is not None and line.rstrip() == "```":
            found.append(Block(path, start, language, "\n".join(body) + "\n", note))
            start, note = None, ""
        elif start is not None:
            body.append(line)
        else:
            comment = re.match(r"^<!--\s*(.*?)\s*-->$", line)
            note = comment.group(1) if comment else note if not line.strip() else ""
    if start is not None:
        raise ValueError(f"{path}:{start}: the block has no end")
    return found


def links_of(text):
    """Targets of links to other files of the tree."""
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [target for target in LINK.findall(outside) if "://" not in target and not target.startswith("mailto:")]


def program_of(block):
    """A C or C++ block as a whole program: one that has no main() becomes its body."""
    if re.search(r"\bint main\(", block.text):
        return block.text
    given = block.note.partition("given:")[2]
    text = block.text
    scope, _, inside = text.rpartition(IN_A_FUNCTION)
    top = [line for line in text.splitlines() if re.match(r"\s*(#include|#define|using namespace)\b", line)]
    outside = [line for line in scope.splitlines() if line not in top]
    body = [line for line in inside.splitlines() if line not in top]
    if not any("lmlog/lmlog.hpp" in line for line in top):
        top = ["#include <lmlog/lmlog.hpp>", *top]
    if "using namespace lmlog::literals;" not in top:
        top.append("using namespace lmlog::literals;")
    # Macros come before the headers that they speak to.
    top.sort(key=lambda line: (not line.startswith("#define"), line.startswith("using")))
    return "\n".join([*top, *outside, "int main() {", given, *body, "}", ""])


def variables_of(block):
    """Environment variables that the block's note sets."""
    found = re.findall(r"\benv:\s*([A-Z_]+)=([^;]*)", block.note.partition("given:")[0])
    return {name: value.strip() for name, value in found}


def commands_of(text):
    """The simple commands of a shell block, as word lists without assignments and redirections."""
    text = re.sub(r"\\\n\s*", " ", text)
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line)
        for part in re.split(r"\|\||&&|[|;]|(?<![>&])&(?![>\d])", _without_quotes(line)):
            words = re.sub(r"\d?[<>]+&?\s*\S+", " ", part).split()
            while words and (re.match(r"^[A-Z_]+=", words[0]) or words[0] in {"sudo", "time", "nohup"}):
                words = words[1:]
            if words:
                yield words


def _without_quotes(line):
    """Quoted text becomes the word QUOTED, so that a '|' or '>' inside it is not taken for the shell's."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", "QUOTED", line)
