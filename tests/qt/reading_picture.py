"""What was understood of an event, for screen tests: as the service would tell it."""

from __future__ import annotations

from datetime import timedelta

from backend.analytics.text.tree import read_groups, read_tree
from backend_client.contract.base import Text
from backend_client.contract.readings import (
    ClassRead,
    Due,
    MatterName,
    Matters,
    PlaceRead,
    Reading,
    Similar,
    SimilarCase,
    UnitRead,
)
from tests.qt.people import NOW

_GROUPS = read_groups()
TREE = Matters(
    matters=tuple(
        MatterName(code=code, name=one.name, group=_GROUPS[code[:2]])
        for code, one in sorted(read_tree().matters.items())
    )
)


def read(event_id: str) -> Reading:
    """Tell of rubbish beside an estate: two classes, three units, one doubt."""
    return Reading(
        event_id=event_id,
        classes=(
            ClassRead(
                code="1101",
                name=Text("暴露垃圾", "Exposed rubbish"),
                share=0.62,
                why=Text("文中有“生活垃圾、垃圾”", "the text has “生活垃圾、垃圾”"),
            ),
            ClassRead(
                code="1102",
                name=Text("积存渣土", "Heaps of spoil"),
                share=0.27,
                why=Text("文中有“装修垃圾”", "the text has “装修垃圾”"),
            ),
        ),
        places=(
            PlaceRead(
                words="易家桥新村",
                name="易家桥新村",
                lon=120.871,
                lat=32.012,
                share=0.83,
                why=Text("名称相同，县区相符", "the same name, the same county"),
                chosen=True,
            ),
        ),
        units=(
            UnitRead(
                unit="D25",
                role="lead",
                share=0.62,
                why=Text("主办“暴露垃圾”", "leads “Exposed rubbish”"),
            ),
            UnitRead(
                unit="320613",
                role="assist",
                share=0.25,
                why=Text(
                    "协办“暴露垃圾”（按坐标）", "assists “Exposed rubbish” (by the coordinates)"
                ),
            ),
        ),
        level=3,
        signs=(Text("有人身影响：异味", "people are affected: smell"),),
        remarks=(Text("坐标与文中地点相距 1.2 公里", "point and place named are 1.2 km apart"),),
        due=Due(
            matter="",
            level=0,
            span=Text("5 工作日", "5 working days"),
            due_at=NOW + timedelta(days=7),
        ),
    )


def alike(event_id: str) -> Similar:
    """Tell of two finished cases."""
    return Similar(
        event_id=event_id,
        ready=True,
        cases=tuple(
            SimilarCase(
                event_id=f"NT-20260610-00{number}",
                title="垃圾无人清运",
                place="易家桥新村 8 幢",
                region="320613001",
                matter="1101",
                department="D25",
                answer=answer,
                closed_at=NOW - timedelta(days=9),
                took_s=5 * 3600,
                satisfaction=None,
                share=share,
                why=(Text("同类", "same class"), Text("相距 120 米", "120 m apart")),
            )
            for number, (answer, share) in enumerate(
                (("已清运 3 车，责成物业每日巡查", 0.81), ("已清运", 0.55))
            )
        ),
    )
