"""A module's source as `ast.unparse` writes it, again and again with one of its functions or classes changed.

Theory of operation. What is written of a function or class at the top does not hang on its neighbours. So where each
stands in the whole is found out once, before anything is changed, and only the changed one is written anew: of a module
of ten classes that is a tenth of the work. What is not found where it should be has the whole written every time.
"""

from __future__ import annotations

import ast

KINDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Written:
    """A module as it is now: its source, and where in it the functions and classes at the top stand."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self.source = ast.unparse(tree)
        self._places = self._found()

    def with_changed(self, index: int, node: ast.stmt) -> str:
        """Return the source with this in the place of a statement at the top: another, or the same, now changed."""
        place = self._places.get(index)
        if place is None or not isinstance(node, KINDS):
            body = self._tree.body
            return ast.unparse(ast.Module([*body[:index], node, *body[index + 1 :]], []))
        return self.source[: place[0]] + ast.unparse(node) + self.source[place[1] :]

    def _found(self) -> dict[int, tuple[int, int]]:
        """Return where each function and class starts and ends; nowhere, where the parts are not the whole."""
        found, parts, end = {}, list[str](), 0
        for i, one in enumerate(self._tree.body):
            between = "" if i == 0 else "\n\n" if isinstance(one, KINDS) else "\n"
            part = ast.unparse(ast.Module([one], []))  # as the first of a module, a text is a docstring
            parts += (between, part)
            start, end = end + len(between), end + len(between) + len(part)
            if isinstance(one, KINDS):
                found[i] = (start, end)
        return found if "".join(parts) == self.source else {}
