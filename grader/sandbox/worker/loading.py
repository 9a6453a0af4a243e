"""Build the package a unit needs: the student's modules, overlaid name by name with the provided parts.

A module is built when it is first imported, by a finder for the package's name, so cyclic and
lazy imports behave as they do on disk. For each one the student's code runs first; then the provided code, in a
namespace of its own that holds the student's names under test (a provided class may derive from one); then every
provided name replaces the student's. What the provided code does not define stays the student's: their helpers, and
the names under test. A module of the student's that fails to load leaves the provided names behind, so that the next
module still loads.
What a unit provides may be built before there is a student (`Package.prepared`): only where that takes nothing of
theirs, and for students who hand in nothing that it would be built over. What is provided beside names under test is
run then as well, where it can be, and given the student's names when they are there.
The student's package `__init__` is never run. Bare names (`import operators`) and names looked up on
the package (`minitorch.Scalar`) lead to the same modules.
"""

from __future__ import annotations

import builtins
import linecache
import marshal
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import msgspec

from grader.sandbox.protocol import TEXT_CAP, Fault, Load, Module, decode_request
from grader.sandbox.worker import notebooks
from grader.sandbox.worker.faults import ForbiddenImport, fault
from grader.sandbox.worker.output import Capped, swallow


class Package:
    """The package under construction, and what went wrong with the student's part of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.modules: dict[str, Module] = {}
        self.files: frozenset[str] = frozenset()
        self.output = Capped(0)
        self._guard: _Guard | None = None
        self.failures: dict[str, Fault] = {}
        self.spaces: dict[str, ModuleType] = {}
        self._base: Load | None = None
        self.ahead: dict[str, dict[str, Any]] = {}
        sys.meta_path.insert(0, self)
        root = ModuleType(name)
        root.__path__ = []
        root.__getattr__ = self._attribute  # type: ignore[method-assign]
        root.__spec__ = ModuleSpec(name, None, is_package=True)
        sys.modules[name] = root

    @classmethod
    def prepared(cls, raw: bytes, ahead: bool = True) -> Package | None:
        """Build all that an encoded `Load` provides; None, as if nothing had been, where that cannot be done alone.

        `ahead`: try to run what is provided beside names under test as well.
        """
        load = decode_request(raw)
        assert isinstance(load, Load)
        package = cls(load.package)
        package.receive(msgspec.structs.replace(load, modules=tuple(one for one in load.modules if not one.eager)))
        try:
            for name in package.modules:
                package.module(name)
        except Exception as error:  # it builds on what is under test
            package.failures[load.package] = fault(error, package.files)
        if not package.failures and (not ahead or package._run_ahead([one for one in load.modules if one.eager])):
            package.modules = {module.name: module for module in load.modules}  # their order, with what is under test
            package._base = load  # what is let go of after a fork is more to copy than what is kept
            return package
        package._undo()
        return cls.prepared(raw, ahead=False) if ahead and not package.failures else None

    def receive(self, load: Load) -> None:
        """Take in what a student handed in, around what there is already."""
        files = []
        for module in load.modules:  # plain, for a worker: a comprehension is a function to make and to call
            self.modules[module.name] = module
            if module.path:
                files.append(module.path)
        self.files = frozenset(files)
        if self._guard is None:
            self.output, self._guard = Capped(load.output_cap), _Guard(self, frozenset(load.allowed))
            self._streams = swallow(self.output)
            builtins.__import__ = self._guard.importer

    def _run_ahead(self, under_test: Sequence[Module]) -> bool:
        """Run what is provided beside names under test; False where that builds on them, half done."""
        for part in under_test:
            if part.provided:
                space: dict[str, Any] = {"__name__": f"{self.name}.{part.name}", "__package__": self.name}
                try:
                    exec(marshal.loads(part.provided), space)
                except Exception:
                    return False
                self.ahead[part.name] = space
        return True

    def build(self) -> None:
        """Load the modules under test; the others are built when they are imported."""
        for module in self.modules.values():
            if module.eager:
                self.module(module.name)

    def _undo(self) -> None:
        sys.meta_path.remove(self)
        builtins.__import__ = _import
        sys.stdin, sys.stdout, sys.stderr = self._streams
        for name in [one for one in sys.modules if one == self.name or one.startswith(f"{self.name}.")]:
            del sys.modules[name]

    def module(self, name: str) -> ModuleType:
        """Return the module of that name, building it the first time."""
        full = f"{self.name}.{name}"
        if full not in sys.modules:
            self._made(full, name)
        return sys.modules[full]

    def _made(self, full: str, name: str) -> None:
        """Do for one of the package's own what `__import__` would, without its machinery: a third of a millisecond."""
        module = sys.modules[full] = ModuleType(full)
        module.__loader__, module.__spec__ = self, ModuleSpec(full, self)  # type: ignore[assignment, arg-type]
        try:
            self.exec_module(module)
        except BaseException:
            sys.modules.pop(full, None)
            raise
        sys.modules[self.name].__dict__[name] = module

    def find(self, module: str, name: str) -> Any:
        """Return what a module of the package calls `name`, or None."""
        return self.module(module).__dict__.get(name) if module in self.modules else None

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Find the package's modules, by full or bare name (the import system's finder protocol)."""
        short = name.removeprefix(f"{self.name}.")
        return ModuleSpec(name, self) if short in self.modules else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Hand a bare name the module that the package already has (the loader protocol)."""
        short = spec.name.removeprefix(f"{self.name}.")
        return None if spec.name != short else self.module(short)

    def exec_module(self, module: ModuleType) -> None:
        """Fill a new module with the student's code and the provided names (the loader protocol)."""
        name = module.__name__.removeprefix(f"{self.name}.")
        if name in self.spaces:
            sys.modules[name] = self.spaces[name]
            return
        self.spaces[name] = module
        module.__package__ = self.name
        part = self.modules[name]
        module.__file__ = f"/{part.path}"  # where there are no files; people take its folder
        if part.student is not None:
            try:
                exec(self._compiled(part), module.__dict__)
            except BaseException as error:
                self.failures[name] = fault(error, self.files)
        try:
            module.__dict__.update(self._provided(part, module))
        except BaseException:  # in the middle of a circle of imports of theirs: built anew when it is next asked for
            del self.spaces[name]
            raise

    def _provided(self, part: Module, module: ModuleType) -> dict[str, Any]:
        if not part.provided:
            return {}
        ahead = self.ahead.pop(part.name, None)
        space = {} if ahead is None else ahead
        for name, value in module.__dict__.items():
            if name not in part.names and name not in space:
                space[name] = value
        try:
            if ahead is None:
                exec(marshal.loads(part.provided), space)
        except NameError as error:  # it builds on a name under test that the student's module does not have
            self.failures.setdefault(part.name, Fault("not implemented", message=str(error)[:TEXT_CAP]))
        return {name: space[name] for name in part.names if name in space}

    def _compiled(self, part: Module) -> Any:
        source = part.student or b""

        def text() -> str:
            return source.decode("utf-8", "replace")

        linecache.cache[part.path] = (text,)
        if part.path.lower().endswith(".ipynb"):
            return compile(notebooks.plain(text()), part.path, "exec", dont_inherit=True)
        return compile(source, part.path, "exec", dont_inherit=True)

    def _attribute(self, name: str) -> object:
        if name in self.modules:
            return self.module(name)
        for module in self.modules.values():
            if module.listed and name in self.module(module.name).__dict__:
                return self.spaces[module.name].__dict__[name]
        raise AttributeError(f"module {self.name!r} has no attribute {name!r}")


_import = builtins.__import__


class _Guard:
    """Let the package import what the assignment allows, and say so in words where it does not.

    This is courtesy, not containment: the box has no files to import from.
    """

    def __init__(self, package: Package, allowed: frozenset[str]) -> None:
        self._package = package
        self._allowed = allowed

    def importer(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Stand in for `builtins.__import__`."""
        asker = globals.get("__name__", "") if globals else ""
        if level == 0 and type(asker) is str and self._inside(asker.partition(".")[0]):
            top = name.partition(".")[0]
            if not self._inside(top) and top not in self._allowed and not top.startswith("_"):
                raise ForbiddenImport(f"this assignment does not allow importing {top!r}")
        return _import(name, globals, locals, fromlist or (), level)

    def _inside(self, name: str) -> bool:
        return name == self._package.name or name in self._package.modules
