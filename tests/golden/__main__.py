"""Write the golden files anew."""

from __future__ import annotations

from tests.golden import HERE, SAMPLES, graded, text

for sample, path in SAMPLES.items():
    (HERE / f"{sample}.md").write_text(text(graded(path)), "utf-8")
