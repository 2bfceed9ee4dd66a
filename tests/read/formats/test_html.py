import pytest

from bihuan.core.errors import FormatError
from bihuan.read.formats import load

PAGE = """<!DOCTYPE html>
<html><head><meta charset="{charset}"><meta name="PubDate" content="2024-03-05 09:12">
<title>要闻_清河市人民政府</title>
<style>p {{ color: red }}</style><script>var money = "增长99.9%";</script></head>
<body><!-- 注释里的88% -->
<ul class="nav"><li><a href="/">首页</a></li><li><a href="/zw">政务公开</a></li></ul>
<h1>清河市<br>2023年公报</h1>
<p>　　全年粮食总产量
  达到<b>52.4</b>万吨，<span style="display:none">(liang)</span>同比增长3.1%&nbsp;。</p>
<noscript>请开启脚本</noscript>
<table><caption>主要指标</caption>
<tr><th rowspan="2">指标</th><th rowspan="2">单位</th><th colspan="2">2023年</th></tr>
<tr><th>绝对量</th><th>增长%</th></tr>
<tr><td>粮食总产量</td><td>万吨</td><td>52.4</td><td>3.1</td></tr></table>
<table><tr><td><p>版权所有</p><p>联系我们</p></td></tr></table>
</body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
def test_blocks_become_lines(charset: str) -> None:
    source = load(PAGE.format(charset=charset).encode(charset), "page.html")
    assert source.text.splitlines() == [
        "首页",
        "政务公开",
        "清河市",
        "2023年公报",
        "全年粮食总产量达到52.4万吨，同比增长3.1% 。",
        "主要指标",
        "指标 | 单位 | 2023年 | 2023年",
        "指标 | 单位 | 绝对量 | 增长%",
        "粮食总产量 | 万吨 | 52.4 | 3.1",
        "版权所有",
        "联系我们",
    ]
    assert source.published == "2024-03-05"
    assert source.media_type == "text/html"


def test_the_title_stands_in_where_no_heading_does() -> None:
    source = load("<html><head><title>公报</title></head><body><p>正文</p></body></html>".encode(), "a.htm")
    assert source.text == "公报\n正文\n"


def test_preformatted_lines_stay() -> None:
    assert load("<html><body><pre>第一行\n第二行</pre></body></html>".encode(), "a.html").text == "第一行\n第二行\n"


def test_the_page_is_known_by_its_content_not_its_name() -> None:
    assert load("<html><body><p>正文</p></body></html>".encode(), "misnamed.txt").media_type == "text/html"


def test_a_text_that_mentions_a_tag_stays_text() -> None:
    assert load("说明：<p>是段落标记。".encode(), "a.txt").media_type == "text/plain"


def test_a_page_of_scripts_alone_is_refused() -> None:
    with pytest.raises(FormatError, match="no text, only markup or scripts"):
        load(b"<html><body><script>document.write('x')</script></body></html>", "app.html")


def test_spans_without_end_cost_nothing() -> None:
    row = "<tr>" + "<td colspan='999' rowspan='999'>标签</td>" * 20 + "</tr>"
    source = load(f"<html><body><table>{row * 200}</table></body></html>".encode(), "bomb.html")
    assert len(source.text) < 2_000_000
