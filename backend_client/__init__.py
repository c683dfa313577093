"""The road to the service: contract, client, stream, cache and drafts. No Qt here."""

import sys

# httpx imports the parts of its own command line where they are installed: rich and pygments,
# 6 MB and 40 ms of every process. None says that there is no such module.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is allowed there
