"""Open a file of any kind we read, by its ending and by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing.excel import open_excel
from backend_client.importing.parquet import open_parquet
from backend_client.importing.part import Source
from backend_client.importing.text import open_text, size_of
from backend_client.importing.vector import open_vector

READERS: Final[Mapping[str, Callable[[Path], Source]]] = {
    ".csv": open_text,
    ".tsv": open_text,
    ".txt": open_text,
    ".xlsx": open_excel,
    ".xlsm": open_excel,
    ".geojson": open_vector,
    ".json": open_vector,
    ".gpkg": open_vector,
    ".shp": open_vector,
    ".parquet": open_parquet,
    ".geoparquet": open_parquet,
    ".pq": open_parquet,
}


def open_file(path: Path) -> Source:
    """Open a file to be imported.

    Raises:
        BadFileError: it is not there, is empty, of no kind we read, or broken.
    """
    if size_of(path) == 0:
        raise BadFileError(
            Text(f"{path.name} 是空的。", f"{path.name} is empty."),
            Text("核对导出步骤后再导入。", "Check how it was exported, then import again."),
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = " ".join(READERS)
        raise BadFileError(
            Text(
                f"不认识 {path.suffix or path.name} 文件。", f"Unknown kind of file: {path.name}."
            ),
            Text(f"可导入：{kinds}", f"Can be imported: {kinds}"),
        )
    return reader(path)
