"""Which city a text is about: prefecture-level cities of China by name, and how texts name their own.

Source: the division code table of the Ministry of Civil Affairs (中华人民共和国行政区划代码), names without 市.
"""

from __future__ import annotations

import re
from collections import Counter

_CITIES = """
北京 天津 上海 重庆
石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布
沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
长春 吉林 四平 辽源 通化 白山 松原 白城
哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化
南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源
武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州
长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底
广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海口 三亚 三沙 儋州
成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳
贵阳 六盘水 遵义 安顺 毕节 铜仁
昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧
拉萨 日喀则 昌都 林芝 山南 那曲
西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南
西宁 海东 银川 石嘴山 吴忠 固原 中卫
乌鲁木齐 克拉玛依 吐鲁番 哈密
"""
CITY = re.compile("(?:" + "|".join(sorted(_CITIES.split(), key=len, reverse=True)) + ")市?")
_ENOUGH = 60_000
"""So many characters of a text tell its city; a corpus in one file would only take longer."""

# A text speaks as its own city where the city's name stands before one of these.
_OFFICE = re.compile(rf"({CITY.pattern})(?=人民政府|第.{{1,4}}届|政府|委书记|委、|市长|人大|政协|委经济|委召开)")
# A county-level city or a county that the table does not hold, where it speaks as itself.
_OTHER = re.compile(
    r"(?:^|[\s—在向省市州年，,。、“])([^\W\d我代表全本各]{2,4}[市县区]|[^\W\d我代表全本各年]县)(?=人民政府|第.{1,4}届人民代表大会|(?:20\d\d年)?(?:政府工作报告|国民经济和社会发展))"
)


_SELF = re.compile("我市|全市|本市|市政府|市委|我县|全县|我区")
_PROVINCES = (
    "河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏"
    "|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾"
)
_PLACE = re.compile(f"{CITY.pattern}|{_PROVINCES}|(?<![平本全各])[\u4e00-\u9fff]{{1,3}}县(?!域|级|区|城|乡)")


def city_of(head: str, body: str) -> str | None:
    """Return the city a text is about, `阳泉市`, or None where it names none or names several alike.

    Args:
        head: title and date line, where a name weighs most.
        body: the main text, simplified; its beginning is enough.
    """
    body = body[:_ENOUGH]
    votes: Counter[str] = Counter()
    for weight, pattern, text in ((1, CITY, body), (3, _OFFICE, body), (8, CITY, head), (8, _OFFICE, head)):
        for match in pattern.finditer(text):
            votes[match[0].removesuffix("市") + "市"] += weight
    for match in _OTHER.finditer(head):
        if not CITY.fullmatch(match[1]):
            votes[match[1]] += 30
    if not votes:
        return None
    (first, most), *rest = votes.most_common(2)
    if most < 2 or (rest and rest[0][1] == most):
        return None
    return first


def names_city(text: str, city: str | None) -> bool:
    """Tell whether a text speaks of `city`, by name or as its own (我市, 全市, 市政府)."""
    return (city is not None and city[:-1] in text) or _SELF.search(text) is not None


def names_other_place(text: str, city: str | None) -> bool:
    """Tell whether a text names a city or province that is neither `city` nor the whole country."""
    return any(match[0].removesuffix("市") != (city or "")[:-1] for match in _PLACE.finditer(text))
