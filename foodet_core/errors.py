"""Errors a person can act on.

Every error that bad input may cause is an `InputError`: it names the file (or field), says what is wrong in one line, and
says what to do about it. The command line prints that line and exits with `EXIT_INPUT`; the window shows it as a notice.
Anything else that escapes is a bug of ours.
"""

from __future__ import annotations

from os import PathLike

EXIT_OK = 0
EXIT_BUG = 1
EXIT_INPUT = 2
EXIT_STOPPED = 3


class FoodetError(Exception):
    """Base of all errors raised on purpose."""


class InputError(FoodetError):
    """Something the user gave cannot be used.

    `where` names the file or field, `problem` says what is wrong, `remedy` says what to do; `str()` is all three on one line.
    """

    def __init__(self, where: str | PathLike[str], problem: str, remedy: str) -> None:
        super().__init__(str(where), problem, remedy)
        self.where = str(where)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.where}: {self.problem}. {self.remedy}"
        return " ".join(text.split())
