"""The messages of Python itself, by their form: what is shown of an exception without asking who wrote it.

A message says one of these things of names and small numbers, and nothing else. `{}` stands for a name, a dotted one
among them, `#` for a number of at most two digits, `$` for a line, `@` for an operator, `~` for one
character.
"""

from __future__ import annotations

import builtins
import functools
import keyword
import re
from collections.abc import Callable

FORMS = """
name '{}' is not defined
free variable '{}' referenced before assignment in enclosing scope
cannot access free variable '{}' where it is not associated with a value in enclosing scope
cannot access local variable '{}' where it is not associated with a value
local variable '{}' referenced before assignment
'{}' object has no attribute '{}'
type object '{}' has no attribute '{}'
module '{}' has no attribute '{}'
partially initialized module '{}' has no attribute '{}' (most likely due to a circular import)
'{}' object is not callable
'{}' object is not iterable
'{}' object is not subscriptable
'{}' object is not an iterator
'{}' object is not reversible
'{}' object does not support item assignment
'{}' object does not support item deletion
'{}' object cannot be interpreted as an integer
'{}' object attribute '{}' is read-only
cannot set '{}' attribute of immutable type '{}'
can't set attribute
can't set attribute '{}'
property '{}' of '{}' object has no setter
object of type '{}' has no len()
argument of type '{}' is not iterable
argument of type '{}' is not a container or iterable
cannot unpack non-iterable {} object
unhashable type: '{}'
unsupported operand type(s) for @: '{}' and '{}'
bad operand type for unary @: '{}'
bad operand type for abs(): '{}'
'@' not supported between instances of '{}' and '{}'
can only concatenate str (not "{}") to str
can only concatenate list (not "{}") to list
can only concatenate tuple (not "{}") to tuple
can't multiply sequence by non-int of type '{}'
must be real number, not {}
an integer is required (got type {})
float() argument must be a string or a real number, not '{}'
int() argument must be a string, a bytes-like object or a real number, not '{}'
type {} doesn't define __round__ method
{}() missing # required positional argument: '{}'
{}() missing # required positional arguments: '{}' and '{}'
{}() missing # required positional arguments: '{}', '{}', and '{}'
{}() missing # required keyword-only argument: '{}'
{}() takes no arguments
{}() takes # positional argument but # were given
{}() takes # positional arguments but # was given
{}() takes # positional arguments but # were given
{}() takes from # to # positional arguments but # were given
{}() takes exactly # arguments (# given)
{}() takes exactly one argument (# given)
{} takes exactly one argument (# given)
{} expected # arguments, got #
{} expected at least # argument, got #
{} expected at least # arguments, got #
{} expected at most # argument, got #
{} expected at most # arguments, got #
{}() got an unexpected keyword argument '{}'
{}() got multiple values for argument '{}'
{}() argument after ** must be an iterable, not {}
{}.__init__() missing # required positional argument: '{}'
object() takes no parameters
{}() takes no keyword arguments
object.__init__() takes exactly one argument (the instance to initialize)
not enough values to unpack (expected #, got #)
not enough values to unpack (expected at least #, got #)
too many values to unpack (expected #)
too many values to unpack (expected #, got #)
zip() argument # is longer than argument #
zip() argument # is shorter than argument #
division by zero
float division by zero
integer division or modulo by zero
integer modulo by zero
float modulo
zero to a negative power
# cannot be raised to a negative power
0.0 cannot be raised to a negative power
math domain error
math range error
expected a positive input
expected a positive input, got #
(34, 'Numerical result out of range')
(33, 'Numerical argument out of domain')
list index out of range
list assignment index out of range
tuple index out of range
string index out of range
pop from empty list
pop from an empty deque
pop from an empty set
pop index out of range
{}.remove(x): x not in {}
list.remove(x): x not in list
deque already at its maximum size
min() arg is an empty sequence
max() arg is an empty sequence
min() iterable argument is empty
max() iterable argument is empty
reduce() of empty iterable with no initial value
reduce() of empty sequence with no initial value
generator raised StopIteration
dictionary changed size during iteration
Set changed size during iteration
deque mutated during iteration
maximum recursion depth exceeded
maximum recursion depth exceeded in comparison
maximum recursion depth exceeded while calling a Python object
maximum recursion depth exceeded while getting the repr of an object
Recursion limit exceeded
could not convert string to float: '{}'
invalid literal for int() with base #: '{}'
cannot convert float NaN to integer
cannot convert float infinity to integer
int too large to convert to float
integer division result too large for a float
cannot import name '{}' from '{}' (unknown location)
cannot import name '{}' from '{}'
cannot import name '{}' from '{}' (/{})
cannot import name '{}' from partially initialized module '{}' (most likely due to a circular import) (unknown location)
No module named '{}'
attempted relative import with no known parent package
attempted relative import beyond top-level package
{}() should return None, not '{}'
__init__() should return None, not '{}'
__bool__ should return bool, returned {}
__float__ returned non-float (type {})
{}.__float__ returned non-float (type {})
__str__ returned non-string (type {})
exceptions must derive from BaseException
exceptions must be old-style classes or derived from BaseException, not {}
catching classes that do not inherit from BaseException is not allowed
super(): no arguments
super(type, obj): obj must be an instance or subtype of type
isinstance() arg 2 must be a type, a tuple of types, or a union
descriptor '{}' for '{}' objects doesn't apply to a '{}' object
descriptor '{}' requires a '{}' object but received a '{}'
unbound method {}() needs an argument
metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
cannot create '{}' instances
Can't instantiate abstract class {} with abstract method {}
Can't instantiate abstract class {} with abstract methods {}, {}
Can't instantiate abstract class {} without an implementation for abstract method '{}'
Can't instantiate abstract class {} without an implementation for abstract methods '{}', '{}'
The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
only size-1 arrays can be converted to Python scalars
only length-1 arrays can be converted to Python scalars
invalid syntax
invalid syntax. Perhaps you forgot a comma?
invalid syntax. Maybe you meant '==' or ':=' instead of '='?
invalid decimal literal
invalid character '~' (U+####)
invalid non-printable character U+####
unexpected indent
unindent does not match any outer indentation level
inconsistent use of tabs and spaces in indentation
expected an indented block
expected an indented block after '{}' statement on line $
expected an indented block after function definition on line $
expected an indented block after class definition on line $
expected ':'
expected '('
expected 'except' or 'finally' block
'(' was never closed
'[' was never closed
'{' was never closed
unmatched ')'
unmatched ']'
unmatched '}'
closing parenthesis '~' does not match opening parenthesis '~'
closing parenthesis '~' does not match opening parenthesis '~' on line $
unterminated string literal (detected at line $)
unterminated triple-quoted string literal (detected at line $)
unterminated f-string literal (detected at line $)
EOL while scanning string literal
unexpected EOF while parsing
unexpected character after line continuation character
cannot assign to function call here. Maybe you meant '==' instead of '='?
cannot assign to expression here. Maybe you meant '==' instead of '='?
cannot assign to literal here. Maybe you meant '==' instead of '='?
cannot assign to operator
cannot assign to function call
cannot assign to literal
Missing parentheses in call to '{}'. Did you mean {}(...)?
positional argument follows keyword argument
non-default argument follows default argument
parameter without a default follows parameter with a default
'return' outside function
'break' outside loop
'continue' not properly in loop
'await' outside function
name '{}' is parameter and global
name '{}' is used prior to global declaration
duplicate argument '{}' in function definition
no binding for nonlocal '{}' found
f-string: expecting '}'
source code string cannot contain null bytes
from __future__ imports must occur at the beginning of the file
future feature {} is not defined
there is no {} in {}
{} in {} is no {}; its type is {}
there is no module {} among your files
the module {} is not installed here
the module {} has no {}
this assignment does not allow importing '{}'
{} is under test in another file, and hollow here: write it there
{} has no {}
it returned None; is a return missing?
it never ends
its message could not be read
(its message could not be read)
"""
"""The last few are the worker's own."""

NAMED = r"(?:(?:<?[A-Za-z_]\w*>?\.){0,3}<?[A-Za-z_]\w*>?)"
SIGN = r"(?:[-+*/%&|^~<>=!]{1,3}|\*\* or pow\(\)|divmod\(\))"
ASIDE = re.compile(r" \((.{1,200}?)(?:: not here| brought no names: that module is not here)\)$")
"""What a worker adds of imports that found nothing."""

MEANT = re.compile(r"\. Did you mean: '([A-Za-z_]\w{0,39})'\?$")
"""What it adds as Python's traceback does."""

WORD = re.compile(r"[A-Za-z_]\w*")
MOST_NAMES = 3
"""Names in one message, besides those that everybody knows: more of them would be a text."""

BUILTIN = frozenset(
    (
        *(name for name in dir(builtins) if not name.startswith("_")),
        *keyword.kwlist,
        *("NoneType", "function", "builtin_function_or_method", "method", "module", "generator", "method_descriptor"),
        *("dict_keys", "dict_values", "dict_items", "list_iterator", "tuple_iterator", "mappingproxy", "cell", "deque"),
        *("numpy.ndarray", "numpy.float64", "ndarray", "float64", "Fraction", "Decimal", "wrapper_descriptor", "math"),
        *("saved_values", "save_for_backward", "forward", "backward", "apply", "derivative", "accumulate_derivative"),
        *("history", "last_fn", "ctx", "inputs", "is_leaf", "is_constant", "chain_rule", "parents", "data", "no_grad"),
        *("Context", "Scalar", "ScalarHistory", "ScalarFunction", "ForbiddenImport", "MissingModule", "<lambda>"),
    )
)
"""Names that everybody knows."""


def is_pythons_own(text: str, known: Callable[[str], bool]) -> bool:
    """Say whether a text is a message of Python's, about names that are `known`.

    >>> is_pythons_own("name 'y' is not defined", "y".__eq__)
    True
    >>> is_pythons_own("name 'def f(x): return 2 * x' is not defined", lambda _: True)
    False
    """
    meant = MEANT.search(text)
    if meant is not None:
        text = text[: meant.start()]
    aside = ASIDE.search(text)
    if aside is not None:
        text = text[: aside.start()]
    found = _forms().fullmatch(text)
    if found is None:
        return False
    named = " ".join(filter(None, (meant and meant[1], aside and aside[1], *found.groups())))
    words = [one for one in WORD.findall(named) if one not in BUILTIN]
    return len(words) <= MOST_NAMES and all(map(known, words))


@functools.cache
def _forms() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_pattern(form)})" for form in FORMS.strip().splitlines()))


def _pattern(form: str) -> str:
    pattern = re.escape(form)
    for mark, wanted in (
        (r"\{\}", f"({NAMED})"),
        (r"\#\#\#\#", "[0-9A-F]{4}"),
        (r"\#", r"\d{1,2}"),
        (r"\$", r"\d{1,4}"),
        ("@", SIGN),
        (r"\~", "."),
    ):
        pattern = pattern.replace(mark, wanted)
    return pattern
