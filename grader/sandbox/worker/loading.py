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
The student's package `__init__` is run only where a name is looked up on the package that none of its modules has. Bare
names (`import operators`) and names looked up on the package (`minitorch.Scalar`) lead to the same modules. Helpers in
folders (`utils.ops`) are packages inside of it; what lies above it counts as its own.
An import that finds nothing, and a name that a module has not got, are `imports`' to decide about. A notebook runs cell
by cell: one that fails costs what it defines.
"""

from __future__ import annotations

import builtins
import linecache
import marshal
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, Literal

import msgspec

from grader.sandbox.boundary.protocol import NOT_LOADED, TEXT_CAP, Fault, Load, Module, Remark, decode_request, file_of
from grader.sandbox.worker import absent, eager, faults, imports, notebooks
from grader.sandbox.worker.faults import SomethingElse, fault
from grader.sandbox.worker.files import Files
from grader.sandbox.worker.output import Capped, swallow

INIT = "__init__"
PLAIN_DATA = (int, float, bool, complex, str, bytes, tuple, list, dict, set, type(None))
"""What no dialect takes from a student: what they wrote down as data."""

CONTEXT = "Context"
"""May be a function that makes one."""

Sort = Literal["class", "function", "any"]


class Package:
    """The package under construction, and what went wrong with the student's part of it."""

    def __init__(self, name: str, stream: Callable[[int], Capped] = Capped) -> None:
        """`stream` makes what is printed to, from the number of bytes that may be."""
        self.name, self._stream = name, stream
        self.modules: dict[str, Module] = {}
        self.files: frozenset[str] = frozenset()
        self.output = Capped(0)
        self._guard: imports.Guard | None = None
        self._inside = {name}
        self._folders: set[str] = set()
        self._also: dict[str, str] = {}
        self._strayed: set[str] = set()
        self._building: set[str] = set()
        self._cells: dict[str, list[tuple[str, Fault]]] = {}
        self._remarks: list[Remark] = []
        self._remarked: set[Remark] = set()
        self.failures: dict[str, Fault] = {}
        self.spaces: dict[str, ModuleType] = {}
        self._base: Load | None = None
        self._data: dict[str, bytes] = {}
        self.ahead: dict[str, dict[str, Any]] = {}
        self.dialects: dict[str, str] = {}
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
            for module in load.modules:
                package._place(module)
            package._inside.update(package.modules)
            package._base = load  # what is let go of after a fork is more to copy than what is kept
            return package
        package._undo()
        return cls.prepared(raw, ahead=False) if ahead and not package.failures else None

    def receive(self, load: Load) -> None:
        """Take in what a student handed in, around what there is already."""
        files = []
        for module in load.modules:  # plain, for a worker: a comprehension is a function to make and to call
            self.modules[module.name] = module
            if module.name not in self._inside:
                self._place(module)
            if module.path:
                files.append(module.path)
                if module.listed and "." in module.name:
                    self._place_as_handed_in(module)
                if module.eager:
                    sys.argv = [module.path.rpartition("/")[2]]
        self.files = frozenset(files)
        self._data = load.files
        self.dialects.update(load.dialects)
        if self._guard is None:
            self.output = self._stream(load.output_cap)
            self._guard = imports.Guard(self.name, load.allowed, self._is_inside, self._texts, load.stubs)
            self._streams = swallow(self.output)
            self._files = Files(self._handed_in, load.real_files)
            self._files.install()
            _as_at_home()
            faults.stars = self._guard.stars
            builtins.__import__ = self._guard.importer

    def _place(self, module: Module) -> None:
        """Take note of a module's top-level name, and of the folders that it lies in."""
        name = module.name
        self._inside.add(name.partition(".")[0])
        if module.path.endswith(f"/{INIT}.py"):
            self._folders.add(name)
        while "." in name:
            name = name.rpartition(".")[0]
            self._folders.add(name)

    def _place_as_handed_in(self, module: Module) -> None:
        """Take note of what else a module in a folder is called where its file lies: in `Ops/`, or in no folder."""
        *folders, last = module.name.split(".")
        there = module.path.split("/")[:-1][-len(folders) :]
        if [part.casefold() for part in there] == [part.casefold() for part in folders]:
            names = {".".join(there[:i]): ".".join(folders[:i]) for i in range(1, len(there) + 1)}
            names[".".join([*there, last])] = module.name
        else:
            self._strayed.add(module.name)
            names = {last: module.name}
        self._also.update((name, own) for name, own in names.items() if name != own and name not in self.modules)
        self._inside.update(name.partition(".")[0] for name in names)

    def _own_name(self, name: str) -> str:
        """Return what a module is called here from the package on, whatever it is imported by."""
        short = name.removeprefix(f"{self.name}.")
        return self._also.get(short, short)

    def _is_inside(self, top: str) -> bool:
        return top in self._inside

    def _handed_in(self) -> dict[str, bytes]:
        """Return what was handed in, the file under test last: where it lies is where relative paths start."""
        theirs = [one for one in self.modules.values() if one.student is not None]
        theirs.sort(key=lambda one: one.eager)
        return {**self._data, **{one.path: one.student or b"" for one in theirs}}

    def remarks(self) -> tuple[Remark, ...]:
        """Return what is to be said and has not been."""
        if self.output.dropped:
            self.output.dropped = False
            self._remark(Remark("output dropped"))
        if self._files.written:
            self._files.written = False
            self._remark(Remark("files dropped"))
        new, self._remarks = tuple(self._remarks), []
        return new

    def _remark(self, remark: Remark) -> None:
        if remark not in self._remarked:
            self._remarked.add(remark)
            self._remarks.append(remark)

    def _run_ahead(self, under_test: Sequence[Module]) -> bool:
        """Run what is provided beside names under test; False where that builds on them, half done."""
        for part in under_test:
            if part.provided:
                space: dict[str, Any] = {"__name__": f"{self.name}.{part.name}", "__package__": self._above(part.name)}
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
        builtins.__import__ = imports.python
        sys.stdin, sys.stdout, sys.stderr = self._streams
        self._files.uninstall()
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
        above, _, last = name.rpartition(".")
        if above:
            self.module(above)
            if full in sys.modules:  # its folder's own `__init__` imports it
                return
        module = sys.modules[full] = ModuleType(full)
        module.__loader__, module.__spec__ = self, self._spec(full, name)  # type: ignore[assignment]
        try:
            self.exec_module(module)
        except BaseException:
            sys.modules.pop(full, None)
            raise
        sys.modules[f"{self.name}.{above}" if above else self.name].__dict__[last] = module

    def find(self, module: str, name: str, sort: Sort = "any") -> Any:
        """Return what a module of the package calls `name`, or None.

        Where it has no such name, one that differs in case only is taken, if it is the only one of its sort.
        """
        if module not in self.modules:
            return None
        space = self.module(module).__dict__
        return space[name] if name in space else self._in_other_case(module, name, sort)

    def asked(self, module: str, name: str, sort: Sort) -> Any:
        """Return what is asked for by name, or None where it is not there. Raises SomethingElse."""
        found = self.find(module, name, sort)
        if found is None or isinstance(found, absent.Absent):
            return found
        fits = callable(found) and not (sort == "class" and isinstance(found, FunctionType) and name != CONTEXT)
        fits = fits or (sort == "any" and type(found) not in PLAIN_DATA)
        if not fits and not hasattr(found, "forward"):
            what = "class or function" if sort == "any" else sort
            raise SomethingElse(f"{name} in {file_of(module)} is no {what}; its type is {type(found).__name__}")
        return found

    def missing(self, module: str, name: str) -> Fault | None:
        """Return why `name` may be missing from a module: the cell that would define it, or what ended the file."""
        words = [f"class {name}", f"def {name}", f"{name} ="]
        for source, failure in self._cells.get(module, ()):
            if any(word in source for word in words):
                return failure
        return self.failures.get(module)

    def _in_other_case(self, module: str, name: str, sort: Sort) -> Any:
        space, folded = self.module(module).__dict__, name.casefold()
        found = {other: value for other, value in space.items() if other.casefold() == folded and _is_a(sort, value)}
        if len(found) != 1:
            return None
        ((other, value),) = found.items()
        self._remark(Remark("name taken", module, name, other[:TEXT_CAP]))
        return value

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Find the package's modules, by full or bare name (the import system's finder protocol)."""
        short = self._own_name(name)
        return self._spec(name, short) if short in self.modules or short in self._folders else None

    def _spec(self, name: str, short: str) -> ModuleSpec:
        return ModuleSpec(name, self, is_package=short in self._folders)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Hand a bare name the module that the package already has (the loader protocol)."""
        short = self._own_name(spec.name)
        return None if spec.name == f"{self.name}.{short}" else self.module(short)

    def exec_module(self, module: ModuleType) -> None:
        """Fill a new module with the student's code and the provided names (the loader protocol)."""
        name = module.__name__.removeprefix(f"{self.name}.")
        if name in self.spaces:
            sys.modules[name] = self.spaces[name]
            return
        self.spaces[name] = module
        module.__package__ = self._above(name)
        if name in self._folders:
            module.__package__, module.__path__ = f"{self.name}.{name}", []
        elif name in self._strayed:  # it was written to lie beside the others
            last = name.rpartition(".")[2]
            module.__package__, module.__spec__ = self.name, self._spec(f"{self.name}.{last}", last)
        part = self.modules.get(name) or Module(name)
        module.__file__ = f"/{part.path}"  # where there are no files; people take its folder
        module.__getattr__ = self._lacking(name)  # type: ignore[method-assign]
        self._building.add(name)
        if part.student is not None:
            self._run(part, module.__dict__)
        try:
            module.__dict__.update(self._provided(part, module))
        except BaseException:  # in the middle of a circle of imports of theirs: built anew when it is next asked for
            del self.spaces[name]
            self.failures.pop(name, None)
            raise
        finally:
            self._building.discard(name)

    def _above(self, name: str) -> str:
        """Return the package that a module is in."""
        return f"{self.name}.{name}".rpartition(".")[0]

    def _run(self, part: Module, space: dict[str, Any]) -> None:
        """Run a file of the student's; of a notebook, cell after cell."""
        absent.loading += 1
        try:
            if not _is_notebook(part.path):
                self._run_file(part, space)
                return
            for cell in self._notebook(part):
                try:
                    notebooks.run(notebooks.compiled(cell, part.path), space)
                except BaseException as error:
                    failure = fault(error, self.files)
                    self._cells.setdefault(part.name, []).append((cell.source, failure))
                    self.failures.setdefault(part.name, failure)
        except BaseException as error:
            self.failures[part.name] = fault(error, self.files)
        finally:
            absent.loading -= 1

    def _run_file(self, part: Module, space: dict[str, Any]) -> None:
        """Run a file. A statement that fails for our surroundings costs what it does, and the next goes on.

        Ours are what an import did not find, and files: whoever has both at home gets past that statement.
        """
        code = self._compiled(part)
        while code is not None:
            try:
                exec(code, space)
                return
            except Exception as error:
                missed = self._guard.missed if self._guard else []
                failure = fault(error, self.files)
                if missed and not isinstance(error, imports.SAYS_IT):
                    said = f"{failure.message} ({'; '.join(missed)}: not here)".strip()
                    failure = msgspec.structs.replace(failure, message=said[:TEXT_CAP])
                self.failures.setdefault(part.name, failure)
                code = _rest(code, part, error) if missed or isinstance(error, OSError) else None

    def _lacking(self, module: str) -> Any:
        """Return what answers for a name that a module has not got (PEP 562)."""

        def lacking(name: str) -> Any:
            if name == "__path__":  # each `from` asks a module whether it is a package
                raise AttributeError(name)
            inner = self._own_name(f"{module}.{name}")
            if inner in self.modules:  # as on the package itself
                return self.module(inner)
            if module not in self._building and not name.startswith("_"):
                other = self._in_other_case(module, name, "class" if name[:1].isupper() else "function")
                if other is not None:
                    return other
            if self._guard is None or module in self._building:  # a circle, as Python knows it
                raise AttributeError(f"module {module!r} has no attribute {name!r}")
            return self._guard.lacking(module, name, self._why_not(module))

        return lacking

    def _provided(self, part: Module, module: ModuleType) -> dict[str, Any]:
        if not part.provided:
            return _spare(part, module)
        ahead = self.ahead.pop(part.name, None)
        space = {} if ahead is None else ahead
        for name in part.spare:  # what is provided here and nobody needs builds on nothing of theirs
            space.setdefault(name, absent.hollow(name))
        for name, value in module.__dict__.items():
            if name not in part.names and name not in space:
                space[name] = value
        if part.name in self._strayed:  # what is provided was written to lie where it belongs
            space["__package__"], space["__spec__"] = self._above(part.name), None
        try:
            if ahead is None:
                exec(marshal.loads(part.provided), space)
        except NameError as error:  # it builds on a name under test that the student's module does not have
            self.failures.setdefault(part.name, Fault("not implemented", message=str(error)[:TEXT_CAP]))
        except TypeError as error:  # on one that is something else; what a circle of imports lacks is built anew
            said = f"the course's own part of {file_of(part.name)} cannot be built on what has its names here ({error})"
            self.failures.setdefault(part.name, Fault("something else", message=said[:TEXT_CAP]))
        return {**_spare(part, module), **{name: space[name] for name in part.names if name in space}}

    def _why_not(self, module: str) -> str:
        """Return why a module of the student's has not got a name; blank where it simply has not."""
        failure = self.failures.get(module)
        if failure is None:
            return ""
        return f"{failure.file or module} {NOT_LOADED} {failure.error}: {failure.message}, line {failure.line}"

    def _compiled(self, part: Module) -> Any:
        source = part.student or b""
        linecache.cache[part.path] = (lambda: source.decode("utf-8", "replace"),)
        return eager.compiled(source, part.path)

    def _notebook(self, part: Module) -> Iterator[notebooks.Cell]:
        text = (part.student or b"").decode("utf-8", "replace")
        linecache.cache[part.path] = (lambda: text,)
        return notebooks.cells(text)

    def _texts(self, path: str) -> Sequence[str]:
        """Return the source of one of the student's files, cell by cell where it is a notebook."""
        part = next((one for one in self.modules.values() if one.path == path and one.student is not None), None)
        if part is None:
            return ()
        if _is_notebook(path):
            return [cell.source for cell in self._notebook(part)]
        return [(part.student or b"").decode("utf-8", "replace")]

    def _attribute(self, name: str) -> object:
        own = self._also.get(name, name)
        if own in self.modules or (own in self._folders and not own.startswith("_")):
            return self.module(own)
        for module in self.modules.values():
            if module.listed and name in self._names_of(module.name):
                return self.spaces[module.name].__dict__[name]
        exported = self._exported(name)
        if exported is not None:
            return exported
        if self._guard is None:
            raise AttributeError(f"module {self.name!r} has no attribute {name!r}")
        return self._guard.lacking("", name)

    def _names_of(self, module: str) -> Collection[str]:
        """Return the names of a module; none while it waits for one that is just being built, as in a circle."""
        try:
            return self.module(module).__dict__
        except ImportError:
            if not self._building:
                raise
            return ()

    def _exported(self, name: str) -> object:
        """Return what the student's own `__init__` makes of a name that none of the modules has."""
        if INIT not in self.modules or name.startswith("__") or INIT in self._building:
            return None
        if INIT not in self.spaces:
            self._building.add(INIT)
            try:
                self.spaces[INIT] = space = ModuleType(self.name)
                space.__package__ = self.name
                self._run(self.modules[INIT], space.__dict__)
            finally:
                self._building.discard(INIT)
        return self.spaces[INIT].__dict__.get(name)


def _as_at_home() -> None:
    """Give a file what it has where it is written: a home folder, and what Python adds for people at a prompt."""
    os.environ.setdefault("HOME", "/")
    os.environ.setdefault("USER", "student")
    for name, value in (("exit", sys.exit), ("quit", sys.exit), ("help", lambda *_: None)):
        if not hasattr(builtins, name):
            setattr(builtins, name, value)


def _rest(code: Any, part: Module, error: Exception) -> Any:
    """Return the code of a file behind the statement that raised; None where there is none."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        return None
    tree: Any = compile(part.student or b"", part.path, "exec", imports.ONLY_AST, dont_inherit=True)
    tree.body = [one for one in tree.body if one.lineno > trace.tb_lineno and not _holds(one, trace.tb_lineno)]
    return eager.compiled(tree, part.path, code.co_flags & eager.ANNOTATIONS) if tree.body else None


def _holds(statement: Any, line: int) -> bool:
    """Say whether a line is in a statement, its decorators among it."""
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    return bool(first <= line <= statement.end_lineno)


def _is_notebook(path: str) -> bool:
    return path.lower().endswith((".ipynb", ".ipynb.json", ".ipynb.txt"))


def _is_a(sort: Sort, value: object) -> bool:
    if sort == "class":
        return isinstance(value, type)
    return callable(value) and (sort == "any" or not isinstance(value, type))


def _spare(part: Module, module: ModuleType) -> dict[str, Any]:
    """Return something hollow for each name that somebody may import, and that neither side has here."""
    return {name: absent.hollow(name) for name in part.spare if name not in module.__dict__}
