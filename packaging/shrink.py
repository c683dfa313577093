"""Make a picture of the running console small enough for the documents (≤ 250 kB).

`shrink.py out/wall-general-zh.png docs/wall-general-zh.png`
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

WIDTH, LIMIT = 1920, 250_000


def main(source: str, target: str) -> int:
    """Scale to the documents' width and to as few colours as the limit asks."""
    picture = Image.open(source).convert("RGB")
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    for colours in (256, 128, 64, 32):
        few = picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
        few.save(target, optimize=True)
        if Path(target).stat().st_size <= LIMIT:
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
