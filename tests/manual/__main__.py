"""Write the reference pages: `python -m tests.manual`."""

from tests import manual

for path in manual.write():
    print(path.relative_to(manual.ROOT))
