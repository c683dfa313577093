"""What a report is about: everyday words of a matter, put together with their like."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_LIKE: Final = {
    "噪声 noise": "噪音 噪声 扰民 吵闹 吵 喧哗 喇叭 广场舞 音响 唱歌 鸣笛 轰鸣 分贝 "
    "睡不着 无法入睡 休息 太吵 吵死 吵得 打桩 放音乐",
    "夜间施工 night work": "夜间施工 通宵施工 半夜施工 凌晨施工 晚上施工 深夜施工 施工到凌晨 "
    "24小时施工 彻夜",
    "施工 building site": "施工 工地 打桩 挖机 挖掘机 挖土机 渣土 渣土车 土方 泥头车 搅拌站 混凝土",
    "扬尘 dust": "扬尘 灰尘 粉尘 尘土 沙尘 漫天灰 拉土 漏土 撒土 抛洒 遗撒 呛人 尘土飞扬 "
    "灰大 全是灰 灰蒙蒙 土灰 防尘 满天飞",
    "气味 smell": "臭味 恶臭 异味 臭气 气味 刺鼻 难闻 熏天 废气 臭",
    "油烟 cooking fumes": "油烟 烟道 夜宵 烧烤 餐饮 餐馆 饭店 大排档 门面餐饮",
    "污水 sewage": "污水 排污 下水道 粪便 化粪池 管道堵塞 返水 污水管 雨污 排水 冒粪 粪水 "
    "下水道堵 污水外溢 污水横流 堵了",
    "积水 flooding": "积水 内涝 淹水 被淹 渍水 倒灌 漫水 漫到 水漫 成河 成海 趟水 水太深 淹 "
    "没过脚 排涝 泡水 水淹 积涝 进水 水位 水深 发大水 游泳池",
    "水体 water body": "河道 黑臭水体 水质 湖水 河水 水塘 池塘 污染河",
    "井盖 manhole": "井盖 窨井 下水井 阴井 盖子没了 井口 掉进井 进井里",
    "垃圾 litter": "垃圾 垃圾站 垃圾桶 垃圾堆 卫生差 脏乱 垃圾中转站 焚烧 焚烧垃圾 清扫 臭死 "
    "没人收 清运 装修废料 垃圾满 建筑垃圾 杂物 乱倒 乱扔 偷倒",
    "玻璃 glass": "玻璃碴 玻璃渣 碎玻璃 玻璃",
    "停车 parking": "停车 车位 停车位 乱停 违停 停车场 车库 泊位 占道停车 僵尸车 停满 挡住车 "
    "堵住出口 乱停车 挪车",
    "停车费 parking fee": "停车费 停车收费 车位费 月租 车位租 捆绑销售 捆绑车位 车位销售 车位捆绑",
    "拥堵 jam": "拥堵 堵车 塞车 交通瘫痪 交通拥挤 堵死",
    "红绿灯 traffic lights": "红绿灯 信号灯 红灯 绿灯 斑马线 人行横道 过街 "
    "天桥 地下通道 人行天桥 灯控 "
    "信号灯故障 红绿灯坏 交通灯 信号机 路口灯 路口的灯",
    "标线 road signs": "标线 标识 指示牌 路牌 左转 右转 掉头 车道 单行 禁停 隔离栏 护栏 限速 "
    "限行 禁行 测速 抓拍 摄像头",
    "道路 road": "修路 道路 路面 坑洼 破损 坑坑洼洼 塌陷 断头路 拓宽 提质改造 辅道 路基 "
    "水泥路 通车 打通 硬化 沥青 路烂 大坑 坑洞 路坏 地陷 塌方 路面塌 裂了",
    "路灯 street lamps": "路灯 没有灯 照明 灯光 光污染 黑灯 亮化 没灯 灯不亮 灯坏 太黑 漆黑 "
    "黑漆漆 黑灯瞎火 摸黑 一片漆黑 灯具 太暗",
    "公交 bus": "公交 公交车 公交线路 班次 发车 候车 公交站 站台 巴士 等车 司机 甩客",
    "地铁 metro": "地铁 轻轨 号线 磁浮 城轨 轨道交通 换乘 地铁口",
    "出租 taxi": "出租车 的士 网约车 滴滴 拒载 黑车 绕路 打表",
    "单车 bikes": "共享单车 电动车 摩托车 电瓶车 非机动车 共享电动 自行车 飙车 充电桩",
    "车牌 licence": "驾照 驾驶证 车牌 上牌 年检 年审 违章 交警 罚款 罚单 扣分 etc 行驶证 交通事故",
    "学位 schooling": "入学 学位 学区 招生 派位 上学 划片 就读 转学 小升初 配套学校 摇号入学 "
    "户口入学",
    "幼儿园 kindergarten": "幼儿园 普惠 公办园 民办园 幼教",
    "补课 tuition": "补课 补习 培训班 培训机构 作业 教辅 学费 收费 退费 退学费 书费 课外 "
    "晚自习 校服 食堂",
    "教师 teachers": "教师 老师 编制 体罚 师德 代课 教龄 职称 绩效 校长",
    "实习 placement": "实习 打工 强制实习 毕业证 学籍 毕业",
    "医疗 medical": "医院 医生 看病 医疗 住院 手术 诊所 挂号 药品 疫苗 护士 就医 误诊 社区医院",
    "医保 insurance": "医保 社保 养老保险 养老金 退休 社保卡 参保 缴费年限 工伤 生育津贴 失业 补缴",
    "生育 birth": "生育 准生证 二胎 独生子女 计生 计划生育 上户 再婚",
    "公积金 fund": "公积金 提取公积金 公积金贷款",
    "购房资格 purchase": "购房资格 购房 买房 限购 首套 二套 贷款买房 购房政策 购房补贴 人才 补贴 "
    "契税 首付 认筹 摇号",
    "退房 refund": "退房 退款 退定金 定金 退钱 押金 认筹金 退还",
    "交房 handover": "交房 延期交房 逾期交房 烂尾 停工 复工 延期 迟迟不交 收房 交付",
    "质量 quality": "质量 漏水 渗水 开裂 裂缝 墙体 空鼓 掉落 脱落 偷工减料 精装 装修 不合格 "
    "虚假宣传 货不对板 样板房",
    "房产证 deed": "房产证 产权证 不动产 办证 两证 产权 不动产证 土地证 房屋产权 过户 确权",
    "物业 management": "物业 物业费 物业公司 物业管理 保安 维修基金 公摊 前期物业 乱收费",
    "业委会 committee": "业委会 业主大会 业主委员会 选举 选票 换届",
    "电梯 lift": "电梯 困人 加装电梯 停运 电梯坏 关在电梯 卡在电梯 被困",
    "消防 fire": "消防 火灾 消防通道 安全隐患 灭火 失火 易燃 充电起火 起火 着火 冒烟 浓烟 "
    "黑烟 火苗 烧起来 消防栓 火警 救火 火势 烟雾 烧着",
    "用水 water": "自来水 停水 供水 水压 水费 饮水 用水 水管 二次供水 户改 抄表到户 水表 "
    "没水 一滴水 水龙头 断水 没有水 爆管 水管爆 水管裂 喷水 漏水 无水",
    "用电 power": "停电 供电 电压 电费 用电 变压器 电网 高压线 变电站 临时用电 断电 电线 "
    "没电 跳闸 断了电 电缆 漏电 电箱 触电 火花 无电 断线 失电",
    "燃气 gas": "天然气 燃气 煤气 通气 漏气 煤气味 臭鸡蛋 燃气泄漏 煤气泄漏 煤气漏 液化气 煤气罐",
    "网络 network": "宽带 网络 信号 移动 电信 联通 光纤 基站 话费 流量 套餐 有线电视",
    "拆迁 resettlement": "拆迁 征收 征地 安置 安置房 补偿 拆迁款 棚改 旧改 强拆 过渡费 还建 拆除 "
    "危房 征拆",
    "土地 land": "宅基地 耕地 农田 土地 流转 建房 自建房 林地 山林 挖沙 采石 采砂",
    "违建 illegal building": "违建 违章建筑 违章搭建 违法建设 私搭 加盖 搭建 顶楼 破墙 违规建设 "
    "违法建筑 占用公共 改建 隔断",
    "规划 planning": "规划 控规 选址 变更规划 用地性质 方案 公示 批后公布 建设进度 何时开工 "
    "开工 动工",
    "公园 park": "公园 绿化 绿地 树木 树枝 砍树 树 草坪 绿化带 毁绿 花坛 体育 球场 "
    "健身器材 游乐 树木倒伏 倒伏 树倒 大树 断枝 吹倒 枯树 树枝折",
    "摊贩 hawkers": "摊贩 摆摊 占道经营 流动摊 小摊 夜市 马路市场 出店经营 地摊 占道 烧烤摊 小贩",
    "市场 market": "菜市场 农贸市场 农贸 活禽 屠宰",
    "养殖 animals": "养殖 养猪 养鸡 养鸭 猪场 狗 犬 遛狗 流浪狗 恶犬 宠物 家禽 咬人 咬伤 "
    "不牵绳 狗咬 野狗 犬只 被咬",
    "食品 food": "食品 变质 过期 食物中毒 外卖 卫生不合格 地沟油 添加剂 三无",
    "消费 shopping": "消费者 假货 虚假 欺诈 退货 售后 商家 预付卡 会员卡 跑路 健身 美容 团购 "
    "淘宝 旅游 旅行社",
    "金融 money": "诈骗 非法集资 集资 p2p 理财 网贷 贷款 高利贷 套路贷 传销 洗脑 平台 "
    "投资 还款 银行 信用卡 征信",
    "赌博 vice": "赌博 打牌 赌场 麻将 麻将馆 游戏机 涉黄 卖淫 色情 吸毒 黄赌毒 按摩",
    "治安 safety": "治安 偷盗 盗窃 被盗 打架 殴打 打人 黑社会 恶势力 威胁 派出所 报警 立案 "
    "民警 涉黑 打起来 群殴 闹事 斗殴 持刀",
    "工资 wages": "工资 拖欠工资 农民工 欠薪 工程款 血汗钱 劳动合同 加班 辞退 劳动仲裁 "
    "劳动法 放假 双休",
    "户籍 register": "户口 落户 户籍 身份证 迁户 居住证 迁移",
    "住房保障 housing aid": "公租房 廉租房 经济适用房 保障房 限价房 租赁补贴 公租 租房 租金 群租",
    "救助 relief": "低保 贫困户 扶贫 五保 残疾 困难 救助 孤儿 退伍 军人 优抚 老人 养老院",
    "干部 officials": "村干部 村支书 村主任 贪污 腐败 受贿 不作为 乱作为 干部 公款 村务 村委 "
    "选举村 推诿 态度",
    "许可 licences": "营业执照 无证经营 无证 许可证 注销 注册 税务 发票 开票 税 企业 优惠政策",
    "采光 daylight": "采光 日照 遮挡 楼间距 阳光 通风",
    "辐射 radiation": "辐射 电磁 致癌",
    "交通站 station": "火车站 高铁 高铁站 机场 汽车站 客运 列车",
    "通行 passage": "围墙 大门 门禁 堵门 出入口 通道 出行 封路 封闭 围挡 通行 便道",
    "事故 accident": "追尾 相撞 撞车 车祸 撞上 碰撞 撞了 翻车 刮擦 撞人 交通事故 剐蹭 擦碰 "
    "碰擦 撞护栏 撞倒 连环撞",
    "坠物 falling things": "高空抛物 坠落 坠物 掉下来 外墙脱落 瓷砖掉 玻璃掉 砸到",
    "失踪 missing": "走失 走丢 失踪 找不到人 迷路",
    "落水 drowning": "落水 溺水 掉进河 跳河",
    "殡葬 funerals": "殡葬 墓 坟 火化 灵堂 丧事 公墓 迁坟",
    "广告 ads": "广告 招牌 牛皮癣 小广告 广告牌 宣传",
    "快递 parcels": "快递 邮政 包裹 快件 驿站 邮局",
    "考试 exams": "考试 资格证 报名 考编 公务员 招聘 录用 成绩 会计证 普通话 职业资格",
}
EVERY: Final = tuple(_LIKE)
"""All matters there are."""

FOLLOWING: Final = frozenset(
    name
    for name in EVERY
    if name.split()[0]
    in {
        "消防",
        "事故",
        "医疗",
        "救助",
        "治安",
        "电梯",
        "拥堵",
        "坠物",
        "通行",
        "落水",
        "单车",
        "道路",
        "公交",
        "幼儿园",
        "物业",
    }
)
"""What a trouble leads to or happens beside: the hurt, the jam, the fire that follows.

A graver second report of one trouble speaks of these; they set no two troubles apart.
"""

_MATTER: Final = {
    word: name for name, words in _LIKE.items() for word in [*words.split(), name.split()[0]]
}
_FORM: Final = re.compile("|".join(sorted(_MATTER, key=len, reverse=True)))
_ASKING: Final = re.compile("咨询|请问|询问|何时|什么时候|吗|能否|是否|疑问|疑惑|政策|多久|如何")
_URGING: Final = re.compile("建议|希望|盼|提议|倡议|优化|增加|增设|加快|尽快建设|早日|推进")
_AGAINST: Final = re.compile(
    "投诉|举报|反映|扰民|违规|违法|非法|严重|拖欠|欺骗|乱|质疑|强烈|无良|黑心|曝光"
)
_NOT: Final = re.compile("没有?|不(?!动|锈|仅|但|断|同)|未|无(?!证)|停止?|取消|拒绝?|缺")


@lru_cache(maxsize=65536)
def matters(plain: str) -> frozenset[str]:
    """Give what the words of a report are about; each name is Chinese, a space, English."""
    return frozenset(_MATTER[word] for word in _FORM.findall(plain))


def wish(title: str) -> str:
    """Say whether a title asks, wants something done, or complains; nothing of these is ""."""
    if _AGAINST.search(title):
        return "against"
    if _URGING.search(title):
        return "urge"
    return "ask" if _ASKING.search(title) else ""


def denies(title: str) -> bool:
    """Tell whether a title says that something is not, no longer, or not yet."""
    return _NOT.search(title) is not None
