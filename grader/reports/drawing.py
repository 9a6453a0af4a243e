"""Draw a graph as SVG: leaves on the left, the output on the right, what came back beside what should have."""

from __future__ import annotations

from html import escape

from grader.model import Picture, PictureNode
from grader.reports.graph_layout import Boxes, laid_out
from grader.reports.text import inert

WIDTH, BOXES = 150, Boxes(high=58, gap_x=46, gap_y=22, margin=12)


def svg(picture: Picture) -> str:
    """Return the picture as an inline SVG element. All text in it is inert."""
    layout = laid_out([node.inputs for node in picture.nodes], [WIDTH] * len(picture.nodes), BOXES)
    arrows = [f'<path class="edge" d="{edge.path}"/>' for edge in layout.edges]
    boxes = [_box(node, *place) for node, place in zip(picture.nodes, layout.places)]
    label = escape(inert(f"a graph of {len(boxes)} nodes; {', '.join(picture.done)}"))
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {layout.wide:g} {layout.high:g}" width="{layout.wide:g}" '
        f'height="{layout.high:g}">{"".join(arrows)}{"".join(boxes)}</svg>'
    )


def _box(node: PictureNode, x: float, y: float) -> str:
    wrong = bool(node.expected) and node.returned != node.expected
    head = node.name if node.name == node.formula else f"{node.name} = {node.formula}"
    lines = [(head, "head"), (node.value, "value")]
    if wrong:
        lines.append((f"got {node.returned}, not {node.expected}", "off"))
    elif node.expected:
        lines.append((f"derivative {node.returned}", "right"))
    texts = "".join(
        f'<text class="{kind}" x="{x + 8:g}" y="{y + 17 + 16 * i:g}">{escape(inert(_short(text)))}</text>'
        for i, (text, kind) in enumerate(lines)
    )
    kind = "box off" if wrong else "box"
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{WIDTH}" height="{BOXES.high}" rx="6"/>{texts}'


def _short(text: str) -> str:
    return text if len(text) <= 22 else f"{text[:21]}…"
