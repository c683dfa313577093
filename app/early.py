"""Read before anything else by a console's program: what has to be said before others are read.

A first picture needs ten of the contract's 140 types; building all of them is 0.2 s of a start.
A service's framework wants them whole, so this is the console's wish alone. Nor does a console
need pandas, for files to import neither.
"""

from __future__ import annotations

from backend_client.contract import building
from backend_client.memory import leave_pandas_out

building.late = True
leave_pandas_out()
