"""Whether contract types build their validators only when first used; to be said beforehand."""

from __future__ import annotations

late = False
