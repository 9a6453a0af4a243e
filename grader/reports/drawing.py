"""Draw a graph as SVG: leaves on the left, the output on the right, what came back beside what should have."""

from __future__ import annotations

from html import escape

from grader.model import Picture, PictureNode
from grader.reports.text import inert

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 150, 58, 46, 22, 12


def svg(picture: Picture) -> str:
    """Return the picture as an inline SVG element. All text in it is inert."""
    columns: list[list[int]] = []
    place: dict[int, tuple[int, int]] = {}
    for i, level in enumerate(_levels(picture)):
        while len(columns) <= level:
            columns.append([])
        place[i] = (
            MARGIN + level * (WIDTH + GAP_X),
            MARGIN + len(columns[level]) * (HEIGHT + GAP_Y),
        )
        columns[level].append(i)
    across = 2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X
    down = 2 * MARGIN + max(map(len, columns)) * (HEIGHT + GAP_Y) - GAP_Y
    arrows = [
        _arrow(place[j], place[i], side) for i, node in enumerate(picture.nodes) for side, j in enumerate(node.inputs)
    ]
    boxes = [_box(node, *place[i]) for i, node in enumerate(picture.nodes)]
    label = escape(inert(f"a graph of {len(boxes)} nodes; {', '.join(picture.done)}"))
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {across} {down}" width="{across}" height="{down}">'
        f"{''.join(arrows)}{''.join(boxes)}</svg>"
    )


def _levels(picture: Picture) -> list[int]:
    """Return how far each node is from the leaves."""
    levels: list[int] = []
    for node in picture.nodes:
        levels.append(1 + max(levels[i] for i in node.inputs) if node.inputs else 0)
    return levels


def _arrow(start: tuple[int, int], end: tuple[int, int], side: int) -> str:
    """Return a curve from one box to another; the second input comes in lower, so that x · x shows two."""
    x1, y1 = start[0] + WIDTH, start[1] + HEIGHT // 2
    x2, y2 = end[0], end[1] + HEIGHT // 3 * (1 + side)
    bend = (x1 + x2) // 2
    return f'<path class="edge" d="M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}"/>'


def _box(node: PictureNode, x: int, y: int) -> str:
    wrong = bool(node.expected) and node.returned != node.expected
    head = node.name if node.name == node.formula else f"{node.name} = {node.formula}"
    lines = [(head, "head"), (node.value, "value")]
    if wrong:
        lines.append((f"got {node.returned}, not {node.expected}", "off"))
    elif node.expected:
        lines.append((f"derivative {node.returned}", "right"))
    texts = "".join(
        f'<text class="{kind}" x="{x + 8}" y="{y + 17 + 16 * i}">{escape(inert(_short(text)))}</text>'
        for i, (text, kind) in enumerate(lines)
    )
    kind = "box off" if wrong else "box"
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>{texts}'


def _short(text: str) -> str:
    return text if len(text) <= 22 else f"{text[:21]}…"
