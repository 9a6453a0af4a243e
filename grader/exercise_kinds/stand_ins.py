"""What stands in for what is not there at a desk: a context for functions, and the course's modules nobody has.

Grading has the course's own, but for asking among a student's own files. A context here does what the students'
instructions say of it, and no more; a module here has any name that is imported from it, and whoever uses one is told
that the file is missing, whatever they do with it.
"""

from __future__ import annotations

import marshal

from grader.sandbox.boundary.protocol import Module, file_of

CONTEXT_MODULE = "desk_context"

CONTEXT = """
class Context:
    saved_values = ()

    def save_for_backward(self, *values):
        self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values
"""

ABSENT = """
class Missing(NotImplementedError, AttributeError):
    pass


class Absent(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise Missing(f"{{cls.__name__}} is in {file}, and {not_here}")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)

    def missing(self, *args, **named):
        raise Missing(f"{{name}} is in {file}, and {not_here}")

    return Absent(name, (), {{"__init__": missing}})
"""

NOT_HERE = "that file is not here"


def context() -> Module:
    """Return the module with the context, to be loaded beside the student's."""
    return _module(CONTEXT_MODULE, CONTEXT, "Context")


def absent(name: str) -> Module:
    """Return a module in place of one that is not there."""
    return _module(name, ABSENT.format(file=file_of(name), not_here=NOT_HERE), "__getattr__")


def _module(name: str, source: str, defined: str) -> Module:
    return Module(name, provided=marshal.dumps(compile(source, f"<{name}>", "exec")), names=(defined,))
