"""A formula as people write it: one line of Unicode for a terminal, MathML for a page. Nothing is computed."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from html import escape
from typing import Protocol

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
GREEK = {"pi": "π", "sigmoid": "σ", "alpha": "α", "beta": "β", "eps": "ε", "log": "log", "exp": "exp"}
SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
COMPARED, SUM, PRODUCT, NEGATED, POWER, ATOM = range(6)
"""How tightly a part holds together; one looser than its place stands in brackets."""


class Writer(Protocol):
    """What a notation has to say of each form."""

    def word(self, text: str) -> str: ...
    def number(self, text: str) -> str: ...
    def infix(self, left: str, sign: str, right: str) -> str: ...
    def negative(self, inner: str) -> str: ...
    def fraction(self, above: str, below: str, loose: tuple[bool, bool]) -> str: ...
    def power(self, base: str, exponent: str, plain: bool) -> str: ...
    def brackets(self, inner: str) -> str: ...
    def applied(self, name: str, arguments: Sequence[str]) -> str: ...
    def root(self, inner: str) -> str: ...
    def magnitude(self, inner: str) -> str: ...
    def cases(self, condition: str, then: str, otherwise: str) -> str: ...
    def listed(self, parts: Sequence[str]) -> str: ...


def line(formula: str) -> str:
    """Return a formula in one line: `x²`, `1 / (1 + exp(-x))`."""
    return _write(formula, _Line())


def mathml(formula: str) -> str:
    """Return a formula as MathML, with the line it reads as for whoever listens."""
    label = escape(line(formula))
    return f'<math displaystyle="true" aria-label="{label}"><mrow>{_write(formula, _Markup())}</mrow></math>'


def _write(formula: str, writer: Writer) -> str:
    return _part(ast.parse(formula.strip(), mode="eval").body, writer)[0]


def _part(node: ast.AST, writer: Writer) -> tuple[str, int]:
    """Return a part, and how tightly it holds together."""
    if isinstance(node, ast.Constant):
        return writer.number(_number(node.value)), ATOM
    if isinstance(node, ast.Name):
        return writer.word(GREEK.get(node.id, node.id)), ATOM
    if isinstance(node, ast.UnaryOp):
        return writer.negative(_within(node.operand, writer, PRODUCT)), NEGATED
    if isinstance(node, ast.Compare):
        sign = SIGNS[type(node.ops[0])]
        left, right = (_within(one, writer, SUM) for one in (node.left, node.comparators[0]))
        return writer.infix(left, sign, right), COMPARED
    if isinstance(node, ast.BinOp):
        return _binary(node, writer)
    if isinstance(node, (ast.Tuple, ast.List)):
        return writer.brackets(writer.listed([_part(one, writer)[0] for one in node.elts])), ATOM
    if isinstance(node, ast.Subscript):
        return writer.word(ast.unparse(node)), ATOM
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    if node.func.id == "matmul":
        return _product(node.args[0], node.args[1], writer)
    return _call(node.func.id, [*node.args, *(word.value for word in node.keywords)], writer), ATOM


def _product(left: ast.expr, right: ast.expr, writer: Writer) -> tuple[str, int]:
    """Return a matrix product: it has no sign of its own, and `@` is what is typed."""
    return writer.infix(_within(left, writer, PRODUCT), "@", _within(right, writer, ATOM)), PRODUCT


def _within(node: ast.AST, writer: Writer, place: int) -> str:
    text, held = _part(node, writer)
    return text if held >= place else writer.brackets(text)


def _binary(node: ast.BinOp, writer: Writer) -> tuple[str, int]:
    if isinstance(node.op, (ast.Add, ast.Sub)):
        sign, right = ("+", SUM) if isinstance(node.op, ast.Add) else ("−", PRODUCT)
        return writer.infix(_within(node.left, writer, SUM), sign, _within(node.right, writer, right)), SUM
    if isinstance(node.op, ast.Mult):
        return writer.infix(_within(node.left, writer, PRODUCT), "·", _within(node.right, writer, PRODUCT)), PRODUCT
    if isinstance(node.op, ast.MatMult):
        return _product(node.left, node.right, writer)
    if isinstance(node.op, ast.Div):
        (above, one), (below, other) = (_part(side, writer) for side in (node.left, node.right))
        return writer.fraction(above, below, (one < PRODUCT, other <= PRODUCT)), PRODUCT
    exponent, held = _part(node.right, writer)
    return writer.power(_within(node.left, writer, ATOM), exponent, held >= NEGATED), POWER


def _call(name: str, arguments: Sequence[ast.expr], writer: Writer) -> str:
    parts = [_part(one, writer)[0] for one in arguments]
    if name == "sqrt":
        return writer.root(parts[0])
    if name == "abs":
        return writer.magnitude(parts[0])
    if name == "where":
        return writer.cases(*parts)
    return writer.applied(GREEK.get(name, name), parts)


def _number(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 else f"{value}"


class _Line:
    """One line of Unicode."""

    def word(self, text: str) -> str:
        return text

    def number(self, text: str) -> str:
        return text

    def infix(self, left: str, sign: str, right: str) -> str:
        return f"{left} {sign} {right}"

    def negative(self, inner: str) -> str:
        return f"-{inner}"

    def fraction(self, above: str, below: str, loose: tuple[bool, bool]) -> str:
        top, bottom = (self.brackets(one) if off else one for one, off in zip((above, below), loose))
        return f"{top} / {bottom}"

    def power(self, base: str, exponent: str, plain: bool) -> str:
        if exponent.lstrip("-").isdigit():
            return base + exponent.translate(SUPERSCRIPT)
        return f"{base}^{exponent if plain else self.brackets(exponent)}"

    def brackets(self, inner: str) -> str:
        return f"({inner})"

    def applied(self, name: str, arguments: Sequence[str]) -> str:
        return f"{name}({', '.join(arguments)})"

    def root(self, inner: str) -> str:
        return f"√({inner})"

    def magnitude(self, inner: str) -> str:
        return f"|{inner}|"

    def cases(self, condition: str, then: str, otherwise: str) -> str:
        return f"{then} if {condition}, else {otherwise}"

    def listed(self, parts: Sequence[str]) -> str:
        return ", ".join(parts)


class _Markup:
    """MathML Core, which browsers draw themselves."""

    def word(self, text: str) -> str:
        return f"<mi>{escape(text)}</mi>"

    def number(self, text: str) -> str:
        return f"<mn>{escape(text)}</mn>"

    def infix(self, left: str, sign: str, right: str) -> str:
        return f"{left}{_sign(sign)}{right}"

    def negative(self, inner: str) -> str:
        return f"{_sign('−')}{inner}"

    def fraction(self, above: str, below: str, loose: tuple[bool, bool]) -> str:  # noqa: ARG002 - the bar holds it
        return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"

    def power(self, base: str, exponent: str, plain: bool) -> str:  # noqa: ARG002 - the exponent is set apart
        return f"<msup><mrow>{base}</mrow><mrow>{exponent}</mrow></msup>"

    def brackets(self, inner: str) -> str:
        return f"{_sign('(')}{inner}{_sign(')')}"

    def applied(self, name: str, arguments: Sequence[str]) -> str:
        if name == "exp":
            return self.power(self.word("e"), arguments[0], True)
        return f"{self.word(name)}{self.brackets(_sign(',').join(arguments))}"

    def root(self, inner: str) -> str:
        return f"<msqrt><mrow>{inner}</mrow></msqrt>"

    def magnitude(self, inner: str) -> str:
        return f"{_sign('|')}{inner}{_sign('|')}"

    def cases(self, condition: str, then: str, otherwise: str) -> str:
        rows = ((then, f"<mtext>if\u00a0</mtext>{condition}"), (otherwise, "<mtext>otherwise</mtext>"))
        cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
        return f"{_sign('{')}<mtable>{cells}</mtable>"

    def listed(self, parts: Sequence[str]) -> str:
        return _sign(",").join(parts)


def _sign(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"
