import pytest

from bihuan.core.errors import FormatError
from bihuan.read.formats import load


def test_pieces_of_a_line_are_put_together_in_place_order(make) -> None:
    page = [(30, 60, "增长3.1%。"), (30, 40, make.heading), (38, 50, "全市粮食总产量达到52.4万吨，同比")]
    source = load(make.ofd([page, [(30, 40, make.second)]]), "report.ofd")
    assert source.media_type == "application/ofd"
    assert source.text.splitlines()[0] == make.heading
    assert make.second in source.text
    assert [label for _, label in source.locators] == ["page 1", "page 2"]


def test_a_full_line_goes_on_in_the_next(make) -> None:
    first, rest = "全市粮食总产量达到五十二万吨，新建改建农村公路一百二十公里，完成造林", "七点五万亩，都好于预期。"
    page = [(38, 40, first), (30, 50, rest), (38, 60, make.second)]
    assert load(make.ofd([page]), "a.ofd").text.splitlines() == [first + rest, make.second]


def test_pictures_alone_are_a_scan(make) -> None:
    with pytest.raises(FormatError, match="is a scan"):
        load(make.ofd([[]], picture=True), "scan.ofd")


def test_a_missing_page_is_named(make) -> None:
    data = make.zip({"OFD.xml": make.ofd_root})
    with pytest.raises(FormatError, match=r"part Doc_0/Document\.xml is missing"):
        load(data, "torn.ofd")
