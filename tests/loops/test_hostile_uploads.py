"""Bad files are told by name and cause, leave nothing behind, and the server goes on."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.loops.conftest import Server


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    return packed.getvalue()


BAD = {
    "空.txt": b"",
    "炸弹.docx": _bomb(),
    "截断.docx": _bomb()[:500],
    "二进制.txt": bytes(range(256)) * 64,
    "假的.pdf": b"%PDF-1.7\nnot a pdf at all",
    "改名.xlsx": b"\x89PNG\r\n\x1a\n" + bytes(100),
}

CAUSES = {
    "空.txt": "没有文字",
    "炸弹.docx": "解压后",
    "截断.docx": "损坏或不完整",
    "二进制.txt": "二进制数据",
    "假的.pdf": "损坏或不完整",
    "改名.xlsx": "扫描件",
}


def test_each_bad_file_is_told_and_the_good_one_is_taken(page: Page, server: Server, reports: list[Path]) -> None:
    page.goto("/documents")
    files = [{"name": name, "mimeType": "text/html", "buffer": data} for name, data in BAD.items()]
    page.set_input_files("#files", [*files, {"name": "好.txt", "mimeType": "", "buffer": reports[0].read_bytes()}])
    expect(page.locator(".upload.bad")).to_have_count(len(BAD))
    expect(page.locator(".upload.good")).to_have_count(1)
    for item, name in zip(page.locator(".upload.bad").all(), BAD, strict=True):
        expect(item.locator(".name")).to_have_text(name)
        expect(item.locator(".told")).to_contain_text(CAUSES[name])
    assert json.loads(server.get("/api/documents"))["total"] == 1
    assert server.get("/readyz") == b"ready"


def test_a_script_in_a_document_is_only_text(page: Page, server: Server) -> None:
    html = (
        "<html><head><title>标题<script>document.title='ran'</script></title></head><body>"
        '<h1>新闻</h1><p>2023年，全市造林完成3万亩。<img src=x onerror="document.body.dataset.ran=1"></p>'
        "<p>&lt;script&gt;document.body.dataset.ran=1&lt;/script&gt; 2023年，城镇新增就业1.5万人。</p>"
        "<script>document.body.dataset.ran=1</script></body></html>"
    )
    page.goto("/documents")
    upload = {"name": "<img src=x onerror=alert(1)>.html", "mimeType": "text/html", "buffer": html.encode()}
    page.set_input_files("#files", [upload])
    page.locator(".upload.good a").click()
    expect(page.locator(".clean", has_text="城镇新增就业").first).to_be_visible()
    assert page.evaluate("document.body.dataset.ran") is None
    address = page.url.split("#")[0]
    with urllib.request.urlopen(f"{address}/text") as answer:
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/documents", {"sec-fetch-site": "cross-site"}, 403),
        ("/documents", {"host": "evil.example"}, 421),
        ("/documents", {"content-length": str(1 << 40)}, 413),
        ("/rows/999999", {}, 404),
        ("/documents/999999/remove", {}, 409),
    ],
)
def test_what_is_not_meant_for_us_is_refused(server: Server, path: str, headers: dict[str, str], status: int) -> None:
    request = urllib.request.Request(f"{server.address}{path}", data=b"", headers=headers, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == status
    refused.value.close()
    assert server.get("/healthz") == b"ok"
