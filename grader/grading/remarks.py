"""Sentences for a student about what a worker remarked: what was dropped, and which name was taken for which."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from grader.exercise_kinds.quoting import quoted
from grader.sandbox.boundary.protocol import Remark, file_of

MOST = 20
"""Remarks that are told. An honest worker has one or two."""


def sentences(remarks: Iterable[Remark]) -> Iterator[str]:
    """Yield a sentence per remark, for a few. A worker's words are not believed: a name that is none is left out.

    >>> from grader.exercise_kinds.quoting import unquoted
    >>> [unquoted(one) for one in sentences([Remark("name taken", "scalar_functions", "LT", "Lt")])]
    ['there is no LT in scalar_functions.py; Lt was taken for it']
    """
    for one in itertools.islice(remarks, MOST):
        if one.what == "output dropped":
            yield "your code printed more than is read; what came after that was dropped, and it costs nothing"
        elif one.what == "files dropped":
            yield "your code wrote files; they were kept in memory only and are gone, for grading keeps no files"
        elif all(name.isidentifier() for name in (one.asked, one.taken, *one.module.split("."))):
            asked, file, taken = map(quoted, (one.asked, file_of(one.module), one.taken))
            yield f"there is no {asked} in {file}; {taken} was taken for it"
