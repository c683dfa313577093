"""党建引领: command centres and who is on duty, service points, volunteers, double-report units."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_PEOPLE = Text("人", "people")
_ON_DUTY = Value(Text("在岗带班领导", "Leaders on duty"), _PEOPLE)
_MEMBERS = Value(Text("党员", "Members"), _PEOPLE)
_ON_CALL = Value(Text("待命志愿者", "Volunteers on call"), _PEOPLE)
_REPORTED = Value(Text("报到党员", "Members reported"), _PEOPLE)
_NOBODY = {4: Text("无人带班", "nobody on duty")}

LAYER = LayerSpec(
    layer_id="party",
    order=1,
    group="party",
    glyph="party",
    title=Text("党建引领", "Party-led"),
    full=Text("党建引领", "Party-led grassroots"),
    department="D03",
    refresh_s=3_600,
    kinds=(
        Kind("command_centre", Text("指挥中心", "Command centre"), _ON_DUTY, 300, _NOBODY),
        Kind("service_point", Text("党群服务点", "Service point"), _MEMBERS),
        Kind("volunteer_team", Text("志愿队", "Volunteer team"), _ON_CALL, 3_600),
        Kind("double_report", Text("双报到单位", "Double-report unit"), _REPORTED),
    ),
    fields=(
        Field("level", Text("层级", "Level")),
        Field("chosen", Text("本系统选定", "Our own choice"), kind="flag"),
        Field("secretary", Text("书记", "Secretary")),
        Field("duty_phone", Text("值班电话", "Duty phone"), kind="phone"),
        Field("leaders", Text("带班领导", "Leaders")),
        Field("leader", Text("队长", "Leader")),
        Field("members", Text("成员", "Members"), _PEOPLE, kind="number"),
    ),
    cards=(
        Card(
            Text("有人带班", "Manned"),
            lambda now: now.layer("party").kind("command_centre").positive,
            of=lambda now: now.layer("party").kind("command_centre").count,
        ),
        Card(
            Text("带班领导在岗", "Manned"),
            lambda now: now.layer("party").kind("command_centre").positive_pct,
            Text("%", "%"),
        ),
        Card(
            Text("志愿者待命", "Volunteers"),
            lambda now: now.layer("party").kind("volunteer_team").total,
        ),
    ),
)
