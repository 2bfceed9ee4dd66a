"""What an act can be checked on: the head nouns of things, places, titles and events, and what makes a name.

推进 and 打造 say nothing that can be checked of 产业, 水平 or 格局; they do of 公路, 研究院 or 规划. A head noun is the
end of a noun phrase; the table below is general administrative and construction vocabulary, no city's.
"""

from __future__ import annotations

import re

from bihuan.read.grammar.actions import Demand, alternation

_WORKS = """
项目 工程 电站 电厂 电场 热电厂 光伏 机组 生产线 产线 储能电站 变电站 换流站 充电站 换电站 加氢站 加油站 泵站 闸 海塘 中专
污水处理厂 水厂 处理厂 发电厂 工厂 加工厂 厂房 厂区 新厂 煤矿 矿山 矿井 选煤厂 水库 灌区 大坝 水闸 堤防 调水 引水
供水工程 管网 管廊 管线 管道 输电线路 线路 外送通道 大通道 通道 走廊 铁路 高铁 客专 公交 航班 城际 城际铁路 轻轨 地铁 号线 专用线
专线 复线 支线 联络线 高速 公路 高速公路 快速路 主干道 道路 路网 大道 大街 环线 绕城 绕城线 互通立交 立交 立交桥
大桥 特大桥 桥 隧道 机场 航站楼 跑道 航线 班列 货运专线 航道 码头 泊位 港区 港口 港 陆港 内陆港 无水港 物流港 口岸
车站 火车站 高铁站 客运站 枢纽站 枢纽 停车场 停车楼 服务区 驿站 数据中心 算力中心 基站 燃气 热源厂 产业化示范线
焚烧厂 填埋场 湿地 人工湿地 绿道 碧道 公园 游园 植物园 动物园 广场 绿地 景区 度假区 文化园 主题公园 乐园 遗址公园
步行街 街区 商圈 集聚区 夜市 市场 商场 综合体 购物中心 商业中心 万达广场 酒店 宾馆 大厦 大楼 科研楼 门诊楼 住院楼
教学楼 综合楼 写字楼 安置房 安置区 安居房 保障房 公租房 廉租房 棚户区 小区 社区 新村 小镇 特色小镇 田园综合体 厂
车间 医院 院区 分院 卫生院 卫生室 卫生服务中心 疾控中心 妇幼保健院 急救中心 养老院 敬老院 福利院 托育园 幼儿园 小学
中学 高中 初中 学校 职校 技校 校区 大学 学院 技师学院 党校 研究院 研究所 实验室 重点实验室 工作站 创新中心 研究中心
技术中心 孵化器 众创空间 加速器 科技园 博物馆 图书馆 美术馆 科技馆 体育馆 体育场 体育中心 游泳馆 展览馆 纪念馆
文化馆 档案馆 陈列馆 规划馆 群艺馆 场馆 剧院 大剧院 影院 书院 书店 殡仪馆 公墓 看守所 戒毒所 消防站 派出所 法庭 监狱
新区 新城 片区 组团 城镇带 园 园区 产业园 工业园 物流园 开发区 经开区 高新区 保税区 综保区 综合保税区 保税物流中心
自贸区 自贸试验区 合作区 试验区 示范区 先导区 起步区 集散地 基地 中心 平台 系统 云平台 热线 网点 门店 充电桩群 飞地
灯塔工厂 总部 分公司 公司 集团 合资公司 银行 分行 支行 基金 母基金 专项债券 交易所 联盟 协会 商会 委员会 专班 办公室
管理局 集聚地 中转站 分拨中心 冷库 粮库 储备库 仓库 仓储 国道 省道 县道 线 段 路 街 大学城 科创城 智慧城 健康城
未来城 文旅城 文化城 文创城 科技城 动漫城 影视城 风洞 装置 商贸城 码头群 船闸 电网 主网架 微电网 虚拟电厂 风电 热电 核电 煤电 气电 火电 水电 抽水蓄能 储能
充电设施 智能工厂 灯杆 专业 博士点 硕士点 学位点 学科 职教集团 教育集团 医疗集团 医联体 医共体 新馆 分馆 馆 站
示范市 示范县 示范镇 示范村 示范点 示范校 示范园 校舍 泳池 球场 步道 栈道 索道 游客中心 剧目 纪录片 电影 电视剧 邮轮
号 舰 卫星 生产基地 制氢 综合楼群 河道 堤 渠 干渠 支渠
"""
_PAPERS = """
规划 方案 办法 条例 细则 政策 意见 措施 规定 法规 清单 目录 标准 导则 指南 计划 纲要 总规 详规 设计 城市设计 协议
合同 备忘录 协定 责任书 试点 示范 先行区 示范项目 前期工作 可研 预可研 初步设计 制度 台账 数据库 名录 普查 体检 立法
机制改革试点 地方标准 蓝皮书 白皮书 可行性研究 国家标准 行业标准 决定 规章 实施意见 行动方案 行动计划 三年行动
三年行动计划 任务书 图则 规程 信息系统 投资基金
"""
_SYSTEMS = "服务体系 标准体系 监测体系 管理体系 指标体系 机制 专班 制度"
_DEEDS = """
改造 搬迁 迁建 扩建 改扩建 新建 还迁 验收 复查 复查验收 确权 登记 并购 重组 换届 招标 征迁 拆迁 征拆 拆除 安置 回迁
交房 贯通 修缮 治理工程 三改联动 整合
"""
_TITLES = """
城市 县 市 区 镇 乡 村 街道 称号 奖 品牌 名单 名录 企业 单位 机构 示范 园区 基地 试点 示范区 城区 先行区 景区 中心
集体 个人 县城 强市 百强 推介 示范点 示范县 示范市 示范村 示范园 案例 枢纽 平台 实验室 专业 工厂 工程 项目 品种 商标
地理标志 遗产 机组 一等奖 二等奖 特等奖 金奖 银奖 街区 学校 医院 学科 范例 荣誉 认定 集聚区 小镇 社区 商圈 步行街
示范城市 试验区 度假区 公园 卫生城市 文明城市 森林城市 园林城市 双拥模范城 模范城 标兵 先进 卫生县城 联盟 第一方阵
目的地 产业集群
"""
_EVENTS = """
大会 博览会 论坛 峰会 年会 运动会 锦标赛 联赛 公开赛 挑战赛 马拉松 大赛 比赛 赛 赛事 节 文化节 艺术节 旅游节 消费节
展 展会 展览会 交易会 洽谈会 推介会 对接会 招聘会 音乐节 周 活动周 庆典 演唱会 省运会 会议 园博会 农博会 文博会
交流会 展销会 双年展 冬奥会 亚运会 世锦赛 大集 庙会 论坛年会 盛会 博览 招商会 发布会 汇演
"""

# A word that ends like a thing but names none.
_NOT_THINGS = re.compile(
    r"(?:门户枢纽|重要枢纽|节点|思路|新路|出路|之路|道路自信|底线|红线|主线|防线|战线|一线|路线|生命线|前线|城乡社区|农村|乡村|美丽乡村|地区|社区治理|机会"
    r"|走在前列|主阵地|市场主体|新市场|国内市场|消费市场|大市场|全线|沿线|环节|情节|细节|季节|调节|发展|开展|进展|扩展|拓展|重要地区|校园|家园|花园城市建设|新家园|(?:产业|行业|技术|[绿智数][\u4e00-\u9fff]{0,3}化)[^、和及与]{0,6}改造(?:升级|提升)?"
    r"|会客厅|阶段|手段|时段|路段化|特区精神|产业集群|产业链|信号|口号|型号|轨道|渠道|频道|双碳目标|生态系统|操作系统|各环节|高标准|新标准|统筹规划|中心工作|高质量)$"
)
_TAIL = re.compile(
    r"(?:(?:等)?(?:的)?(?:[一二三四五\d]期|[北南东西]延线?|建设|创建|新建|改造|提升|提质|扩容|开发|建设改造|改造提升|改造建设|申报|申建|创建|编制|规划建设|整治|修复|治理|配套|升级改造|主体|建设运营|布展|安装|调试|铺轨|装修|施工|征迁|征拆|维修|加固|维修加固"
    r"|(?:各项|目标|建设|重点|改造|年度)*(?:工作|任务|事项|进度|步伐|进程|力度)|等))+$"
)
_TASKS = "前期工作 试点 验收 复查 普查 复核 复审 评估验收 体检 试点示范 确权 清查 总规修编 申遗 换届"
_EXHORTS = re.compile(
    "(?:实现|形成|达到|扩大|加强|强化|提升|提高|深化|优化|完善|健全|增强|培育|壮大|激发|推广|支持|鼓励|引导|落实|发挥|巩固|拓展|丰富|改善|规范|促进|保障|加大|参与|带动|严格|压实|聚焦|统筹|不断|有效|持续|大力|做强|做大|做优|重点培育|引进|发展|保持|维护|防范|解决|破解|满足|释放|擦亮|守牢|守住|坚持|弘扬|贯彻|用好|盘活|抓实|改造提升|整治|打击|治理)"
)
_VISITED = """
新城 新区 集聚区 商圈 工厂 园区 产业园 街区 景区 小镇 综合体 度假区 示范园 试验区 公园 平台 项目 工程 驿站 实验室 场馆 步行街
夜市 科技园 物流园 研究院 医院 学校 港 陆港 片区 示范园区 工业园 文化园 社区 港区 停车场 绿道 线路 剧院 博物馆
科创城 主题公园
"""


def _ends(*groups: str) -> re.Pattern[str]:
    return re.compile(f"(?<=.){alternation(' '.join(groups).split())}$")


_HEADS: dict[Demand, re.Pattern[str]] = {
    "thing": _ends(_WORKS, _PAPERS, _SYSTEMS, _DEEDS),
    "place": _ends(_VISITED),
    "title": _ends(_TITLES, "推介 奖 称号"),
    "event": _ends(_EVENTS),
    "task": _ends(_TASKS),
}
_TITLE_MARK = re.compile(
    r"国家|全国|全省|省级|全球|世界|中国|国际|亚洲|首批|首个|唯一|第.{1,3}批|省|市级|全市|部级|示范|4A|5A|称号|奖|“|级"
)
_DEEDS_ALONE = re.compile(f"(?:{'|'.join(_DEEDS.split())}|征收|征地|整治|治理|提升|和|及|、)+")
_SORTS = frozenset((*_WORKS.split(), *_PAPERS.split()))
_NAMELESS = re.compile(
    r"(?:(?:一大|一)批|一系列|若干|多个|各类|更多|大批|所有|一些|这些|各|全部|每个|几个|一条|一个|那些|更|最|又一|再|等|的|已|新(?!区)|旧|老|大|小|好|高(?!新)|重点|重大|关键|优质|优势|标志性|牵引性|引领性|基础性|战略性|示范性|"
    r"省市|省级|市级|国家级|区级|县级|省|市|县|区|在建|签约|续建|储备|落地|招商|招引|引进|产业|民生|基础设施|公共服务|新兴|转型|投资|建设|实施|谋划|前期|领域|龙头|骨干|规上|工业|农业|服务业|制造业|文旅|能源|交通|水利|城建|社会|事业|发展|改造|技改|技术|补短板|专项|中央|预算内|政府|民间|全市|全省|全年|年度|计划|政策|措施|项目|工程|企业|公司|平台|载体|基地|园区|中心|试点|任务|工作|目标|规划|方案|机制|制度|体系|意见|办法|标准|和|、|与|及|了|“|”)+"
)
_COUNTED = re.compile(
    r"(?<![A-Za-z])\d[\d.,]*[万亿千百]*[余多]?(?:[个家座所项处户台套名人件次场辆艘栋幢间张只头株里元亩吨村条%％位眼口班对期部](?!级)|公里|平方|千米|万(?!千瓦|吨|伏|立方|头)|亿|公顷|百分)"
    r"|[三四五六七八九十百千]+(?:余|多)?(?:大(?!连池|道|足|学|庸|同|理)|个|家|座|所|项|处|条|批(?!次)|类|件)"
)
_NAMED_SIZE = re.compile(
    r"\d[\d.]*万?(?:千伏|千瓦|兆瓦|吉瓦|吨|立方米|头|公里|平方米|亩|kV|MW|GW|千瓦时|兆瓦时)级?(?=[^\W\d]{2})"
)
_ROUTE = re.compile("(?:铁路|高铁|高速|公路|班列|航线|轻轨|地铁)[^、，]*(?:直达|直通|延伸至|连接)")
_PHASE = re.compile(r"(?<=..)[一二三四五六七八九十\d]期$")
_RULE = re.compile("(?:政策|办法|条例|细则|规定|意见|措施|方案|规划|计划|清单)$")


_ABSTRACT = re.compile(
    r"(?:能力|水平|质量|活力|动能|优势|格局|环境|力度|意识|理念|精神|作用|力量|思路|合力|影响力|氛围|基础|保障|机遇|政策|举措|措施|部署|要求|责任|成果|成效|产业)$"
)


def is_counted(object_: str) -> bool:
    """Tell whether the object is counted or measured: then it is a statement, no commitment.

    Neither a size before a name (500千伏外送通道) nor the size of a list that is spelled out
    (两大, A、B等三个项目) counts.
    """
    bare = re.sub(r"[“‘《].*?[”’》]", "", object_)
    bare = _NAMED_SIZE.sub("", bare)
    found = _COUNTED.search(bare)
    if found is None:
        return False
    return bool(found.group()[0].isdigit()) or "、" not in bare[: found.start()]


_COINED = re.compile(r"(?:.*的)?“[^”]*”(?:工程|行动|计划|战略|改革|工作法|任务)?")
_COINED_BY_NUMBER = re.compile(r"(?:.*的)?“[\d一二三四五六七八九十百千+N]")


def is_coined(object_: str) -> bool:
    """Tell whether the object is a formula rather than a thing: “五大工程”, “十百千”工程."""
    return _COINED.fullmatch(object_) is not None and (
        _COINED_BY_NUMBER.match(object_) is not None or object_.endswith(("工程”", "行动”", "战略”"))
    )


def is_nameless(object_: str) -> bool:
    """Tell whether nothing but generic words stands before the head: 一批重点项目, 各类平台."""
    return _NAMELESS.fullmatch(object_) is not None or object_.startswith(
        ("一批", "一系列", "若干", "更多", "各类", "一大批", "大批")
    )


def is_mere_deed(name: str) -> bool:
    """Tell whether a name is nothing but deeds: 征收拆迁 says not of what."""
    return _DEEDS_ALONE.fullmatch(name) is not None


def is_mere_head(name: str) -> bool:
    """Tell whether a name says what sort of thing it is and no more: 图书馆, 产业园."""
    return name in _SORTS


def core(object_: str) -> str:
    """Return the object without the nominal tail behind its head: 公益性农贸市场建设 -> 公益性农贸市场."""
    return _TAIL.sub("", object_) or object_


def fits(object_: str, demand: Demand) -> bool:
    """Tell whether the object is something the act can be checked on."""
    if _EXHORTS.match(object_) and not _RULE.search(object_):
        return False
    if demand == "any":
        return not _ABSTRACT.search(object_)
    if demand == "thing" and (_ROUTE.search(object_) or _created(object_) or _PHASE.search(object_)):
        return True
    if demand == "title":
        return _is_title(object_)
    return _has_head(object_, demand)


def _created(object_: str) -> bool:
    return object_.endswith(("创建", "创建工作", "申创")) and _is_title(object_)


def _is_title(object_: str) -> bool:
    return bool(_TITLE_MARK.search(object_)) and _has_head(object_, "title")


def _has_head(object_: str, demand: Demand) -> bool:
    return any(
        _HEADS[demand].search(name.rstrip("”’")) and not _NOT_THINGS.search(name) for name in _readings(object_)
    ) or _is_quoted(core(object_), demand)


def _readings(object_: str) -> tuple[str, ...]:
    """The ways to take the end of an object: as it stands, and without its nominal tail."""
    bare = core(object_)
    names = [object_, bare, *re.split("[、和及与]", bare)] if "、" in bare or "和" in bare else [object_, bare]
    return tuple(name for name in names if name)


def _is_quoted(name: str, demand: Demand) -> bool:
    if name.endswith("》"):
        return True
    return demand == "thing" and name.endswith("”") and not name.startswith("“")


_UNTIL_HEAD = re.compile(rf"^.+{alternation((_WORKS + _PAPERS).split())}")


def until_head(text: str) -> str:
    """Cut a noun phrase behind its last head noun: 同意煤矿产能提升 -> 同意煤矿."""
    found = _UNTIL_HEAD.match(text)
    return found.group() if found else text


def exhorts(text: str) -> bool:
    """Tell whether a text begins with a verb of exhortation (优化, 加强), whose object cannot be checked."""
    return _EXHORTS.match(text) is not None
