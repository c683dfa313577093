"""What citizens say in the simulated city: categories, how often, how urgent, in which words."""

from __future__ import annotations

from dataclasses import dataclass

HOTLINE, POLICE, GRID, WEB, APP, CAMERA, DEPARTMENT = (
    "hotline",
    "police",
    "grid",
    "web",
    "app",
    "camera",
    "department",
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One category. In the words {place}, {n}, {days} and {estate} are filled in.

    Args:
        matter: its class in the city's tree, as the channels that classify know it.
        share: how often it comes, relative to the others.
        department: the unit it is sent to.
        hours: how long that unit has.
        levels: levels it may have, the usual one first.
        channels: channels it comes by, the usual one first.
    """

    title: str
    matter: str
    share: int
    department: str
    hours: int
    levels: tuple[int, ...]
    channels: tuple[str, ...]
    words: tuple[str, ...]


COMPLAINTS: tuple[Complaint, ...] = (
    Complaint(
        "道路积水", "1504", 6, "D24", 4, (0, 4, 3), (HOTLINE, APP, CAMERA),
        (
            "{place}下雨后积水约{n}厘米，电动车过不去，请尽快排水。",
            "{place}路口窨井返水，水漫到人行道上，已经{n}分钟了。",
            "{place}下穿通道积水，有小车熄火，请派人封闭。",
        ),
    ),
    Complaint(
        "井盖缺失", "0101", 4, "D24", 4, (0, 4), (APP, GRID, HOTLINE),
        (
            "{place}一处雨水井盖破损，晚上看不清，很危险。",
            "{place}人行道上井盖不见了，我用树枝插了一下，请马上来补。",
        ),
    ),
    Complaint(
        "占道经营", "1401", 9, "D25", 8, (0,), (HOTLINE, APP, GRID),
        (
            "{place}每天傍晚有流动摊贩占道，油烟很大，人行道走不通。",
            "{place}水果店把货摆到盲道上，反映过{n}次了还是这样。",
            "{estate}门口早餐摊占用非机动车道，上学时段很乱。",
        ),
    ),
    Complaint(
        "违规停车", "1402", 10, "D16", 4, (0,), (HOTLINE, APP, POLICE),
        (
            "{place}消防通道被私家车堵住，挪车电话打不通。",
            "{estate}门口长期停着一辆僵尸车，轮胎都瘪了，有{days}天了。",
            "{place}公交站台被网约车占着，老人上车要走到路中间。",
        ),
    ),
    Complaint(
        "噪音扰民", "1406", 10, "D22", 24, (0,), (HOTLINE, WEB, POLICE),
        (
            "{estate}旁边工地夜里{n}点以后还在打桩，睡不着觉。",
            "{place}广场舞音响太大，孩子没法写作业。",
            "{estate}楼下烧烤店空调外机响一整夜，已经{days}天了。",
        ),
    ),
    Complaint(
        "暴露垃圾", "1101", 7, "D25", 4, (0,), (GRID, APP, HOTLINE),
        (
            "{place}垃圾桶满了没人清，苍蝇很多。",
            "{estate}北门外堆了装修垃圾，大约{n}袋，一直没人运走。",
        ),
    ),
    Complaint(
        "路灯不亮", "0102", 5, "D24", 24, (0,), (APP, HOTLINE, GRID),
        (
            "{place}一排路灯不亮，晚上骑车看不见坑。",
            "{estate}小区路灯坏了{days}天，物业说要等配件。",
        ),
    ),
    Complaint(
        "自来水停水", "2301", 4, "D24", 4, (0, 4), (HOTLINE, WEB),
        (
            "{estate}今天早上突然停水，没有接到通知，什么时候恢复？",
            "{place}一带水压很低，{n}楼以上基本没有水。",
        ),
    ),
    Complaint(
        "水管爆裂", "0103", 3, "D24", 2, (4, 3), (HOTLINE, APP, CAMERA),
        (
            "{place}自来水管爆了，水喷出来有{n}米高，路面都淹了。",
            "{estate}门口地下水管漏水，已经流了{n}个小时。",
        ),
    ),
    Complaint(
        "燃气异味", "1502", 2, "D24", 1, (2, 3), (HOTLINE, POLICE),
        (
            "{estate}{n}号楼楼道里有很浓的燃气味，请马上来检查。",
            "{place}施工后路边闻到煤气味，担心挖断了管子。",
        ),
    ),
    Complaint(
        "群租房", "2218", 5, "D23", 72, (0, 4), (HOTLINE, GRID, WEB),
        (
            "{estate}{n}号楼一套房子隔成好几间，住了十几个人，电线乱拉。",
            "{estate}楼上每天深夜进出很多人，怀疑群租，楼道堆满电动车。",
        ),
    ),
    Complaint(
        "电动车进楼充电", "2219", 5, "D54", 24, (0, 4), (GRID, HOTLINE, APP),
        (
            "{estate}{n}号楼有人把电瓶拿上楼充电，劝了不听。",
            "{estate}楼道里拉飞线给电动车充电，怕起火。",
        ),
    ),
    Complaint(
        "违法建设", "1106", 5, "D25", 72, (0,), (HOTLINE, GRID, WEB),
        (
            "{estate}顶楼住户在搭阳光房，已经做到第{n}天。",
            "{place}沿河有人搭棚子，把防汛通道占了。",
        ),
    ),
    Complaint(
        "河道水质", "1104", 4, "D22", 24, (0, 4), (APP, HOTLINE, DEPARTMENT),
        (
            "{place}旁边的河水发黑发臭，水面漂着死鱼。",
            "{place}雨水口晴天也在往河里排白色的水，像洗衣粉水。",
        ),
    ),
    Complaint(
        "工地扬尘", "1302", 4, "D23", 8, (0,), (HOTLINE, CAMERA, APP),
        (
            "{place}工地没有盖防尘网，刮风时窗户都不敢开。",
            "{place}渣土车不盖篷布，一路撒土，车尾号看不清。",
        ),
    ),
    Complaint(
        "化工异味", "2210", 3, "D22", 4, (4, 3), (HOTLINE, WEB, DEPARTMENT),
        (
            "{place}夜里有刺鼻的化工味，{n}点左右最重，孩子咳嗽。",
            "{estate}今天风一吹就有酸味，怀疑附近厂里偷排。",
        ),
    ),
    Complaint(
        "危化品车辆停放", "1506", 2, "D26", 2, (3, 4), (GRID, CAMERA, POLICE),
        (
            "{place}路边停着一辆罐车，挂着危险品牌子，司机不在，停了{n}个小时。",
            "{estate}附近空地夜间常停两三辆危险品车，居民很担心。",
        ),
    ),
    Complaint(
        "交通信号", "0203", 4, "D16", 4, (0, 4), (APP, POLICE, HOTLINE),
        (
            "{place}红绿灯不亮了，路口很乱，快出事故了。",
            "{place}左转灯时间太短，早高峰一次只能过{n}辆车。",
        ),
    ),
    Complaint(
        "交通事故", "1505", 3, "D16", 1, (4, 3), (POLICE, CAMERA),
        (
            "{place}两车相撞，占用{n}个车道，没有人员受伤，请疏导交通。",
            "{place}电动车与轿车碰撞，一人腿部受伤，已叫救护车。",
        ),
    ),
    Complaint(
        "社保医保咨询", "2101", 8, "D39", 24, (0,), (HOTLINE, WEB),
        (
            "咨询退休人员医保异地就医备案怎么办理，需要带哪些材料。",
            "灵活就业社保断缴{n}个月，想问能不能补缴。",
            "新生儿医保参保后多久可以报销，窗口在{place}吗？",
        ),
    ),
    Complaint(
        "公积金咨询", "2103", 4, "D47", 24, (0,), (HOTLINE, WEB),
        (
            "想用公积金还商贷，月冲的手续怎么办？",
            "离职{n}个月了，公积金可以提取吗，要不要回单位盖章？",
        ),
    ),
    Complaint(
        "欠薪投诉", "2204", 4, "D20", 72, (0, 4), (HOTLINE, WEB, DEPARTMENT),
        (
            "我们{n}个人在{place}一个工地干活，工资拖了{days}天没发。",
            "{place}一家餐馆关门了，还欠服务员两个月工资。",
        ),
    ),
    Complaint(
        "物业纠纷", "2201", 7, "D23", 72, (0,), (HOTLINE, WEB, GRID),
        (
            "{estate}电梯坏了{days}天没修，老人上不了楼，物业说没有维修资金。",
            "{estate}物业费涨了，公共收益一直不公示，请住建部门管管。",
        ),
    ),
    Complaint(
        "教育入学", "2106", 4, "D13", 72, (0,), (HOTLINE, WEB),
        (
            "孩子明年上小学，户口在{place}，想问属于哪个学区。",
            "外来务工人员子女转学到本地，需要哪些证明？",
        ),
    ),
    Complaint(
        "树木倒伏", "0401", 3, "D24", 4, (4, 0, 3), (APP, CAMERA, GRID),
        (
            "{place}一棵行道树被风吹倒，压住了非机动车道。",
            "{place}大树枝快断了，挂在电线上方，下面人来人往。",
        ),
    ),
    Complaint(
        "供电故障", "2302", 3, "D62", 4, (0, 4), (HOTLINE, APP),
        (
            "{estate}{n}号楼停电了，电梯里可能有人，请尽快抢修。",
            "{place}变压器有火花，还有嗡嗡声。",
        ),
    ),
    Complaint(
        "消费纠纷", "2205", 5, "D36", 72, (0,), (HOTLINE, WEB),
        (
            "{place}一家健身房突然关门，我的卡里还有{n}00元。",
            "在{place}买的水果缺斤少两，商家不肯退。",
        ),
    ),
    Complaint(
        "防汛险情", "1507", 1, "D27", 1, (3, 2), (GRID, DEPARTMENT, CAMERA),
        (
            "{place}江堤背水坡发现渗水，面积约{n}平方米，已留人看守。",
            "{place}圩口小闸关不严，河水倒灌，菜地进水了。",
        ),
    ),
)  # fmt: skip

ROADS = (
    "人民路", "青年路", "工农路", "世纪大道", "通富路", "江海大道", "长江路", "黄海路", "解放路",
    "健康路", "建设路", "新胜路", "园林路", "外环路", "通京大道", "东方大道", "民主路", "中心路",
)  # fmt: skip
ESTATES = (
    "濠河花园", "江景苑", "新城嘉园", "学田新村", "北阁新寓", "虹桥新村", "王府花苑", "永怡佳园",
    "紫琅雅居", "金桥小区", "星光家园", "运河湾", "凤凰公寓", "和平桥新村", "桃坞里", "银花苑",
)  # fmt: skip
SPOTS = ("路口", "{n}号门口", "农贸市场旁", "小学北侧", "公交站", "桥下", "菜场对面", "{n}号附近")
