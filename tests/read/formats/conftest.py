"""Files of every format, made while the tests run; their text is written for these tests."""

import io
import struct
import zipfile
from collections.abc import Sequence

import pytest

TITLE = "清河市2023年政府工作报告"
HEADING = "一、上年工作回顾"
FIRST = "全市粮食总产量达到52.4万吨，同比增长3.1%。"
SECOND = "新建公办幼儿园12所，增加学位3600个。"


class Maker:
    """Builds small files as bytes."""

    title, heading, first, second = TITLE, HEADING, FIRST, SECOND
    lines = (TITLE, HEADING, FIRST, SECOND)
    ofd_space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    ofd_root = (
        f"<ofd:OFD {ofd_space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )

    def docx(self, lines: Sequence[str] = lines, rows: Sequence[Sequence[str]] = ()) -> bytes:
        import docx

        document = docx.Document()
        for line in lines:
            document.add_paragraph(line)
        if rows:
            table = document.add_table(len(rows), len(rows[0]))
            for row, texts in enumerate(rows):
                for column, text in enumerate(texts):
                    table.cell(row, column).text = text
        return self.saved(document)

    def saved(self, document) -> bytes:
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    def pdf(self, lines: Sequence[str] = lines, *, header: str = "", password: str | None = None) -> bytes:
        """Paragraphs set in lines of some 37 characters, with a running head and page numbers."""
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import Paragraph, SimpleDocTemplate

        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        style = ParagraphStyle(
            "body", fontName="STSong-Light", fontSize=12, leading=20, firstLineIndent=24, wordWrap="CJK"
        )

        def furniture(canvas, document) -> None:
            canvas.setFont("STSong-Light", 9)
            canvas.drawCentredString(300, 815, header)
            canvas.drawCentredString(300, 20, f"— {document.page} —")

        out = io.BytesIO()
        document = SimpleDocTemplate(out, encrypt=password)
        document.build([Paragraph(line, style) for line in lines], onFirstPage=furniture, onLaterPages=furniture)
        return out.getvalue()

    def scanned_pdf(self) -> bytes:
        from PIL import Image
        from reportlab.lib.utils import ImageReader
        from reportlab.pdfgen.canvas import Canvas

        out = io.BytesIO()
        canvas = Canvas(out)
        for shade in (200, 220):
            canvas.drawImage(ImageReader(Image.new("L", (40, 60), shade)), 0, 0, 595, 842)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    def ofd(self, pages: Sequence[Sequence[tuple[float, float, str]]], *, picture: bool = False) -> bytes:
        """Pages of (x, y, text) [mm], set in 4 mm type."""
        space = self.ofd_space
        listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        parts = {
            "OFD.xml": self.ofd_root,
            "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        }
        for n, texts in enumerate(pages):
            objects = "".join(
                f'<ofd:TextObject Boundary="{x} {y} {4 * len(t)} 5" Size="4"><ofd:TextCode X="0" Y="4" '
                f'DeltaX="g {len(t) - 1} 4">{t}</ofd:TextCode></ofd:TextObject>'
                for x, y, t in texts
            )
            objects += '<ofd:ImageObject Boundary="0 0 210 297"/>' if picture else ""
            parts[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
                f"<ofd:Page {space}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"
            )
        return self.zip(parts)

    def zip(self, parts: dict[str, str | bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in parts.items():
                archive.writestr(path, content)
        return out.getvalue()

    def xlsx(self, rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> bytes:
        import xlsxwriter

        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            page = book.add_worksheet(sheet)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
        return out.getvalue()

    def xls(self, rows: Sequence[Sequence[str | float]], sheet: str = "Sheet1") -> bytes:
        """A BIFF8 workbook with one sheet."""

        def record(kind: int, body: bytes) -> bytes:
            return struct.pack("<HH", kind, len(body)) + body

        def bof(kind: int) -> bytes:
            return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))

        cells = b""
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    body = struct.pack("<HHHHB", row, column, 0, len(value), 1) + value.encode("utf-16-le")
                    cells += record(0x204, body)
                else:
                    cells += record(0x203, struct.pack("<HHHd", row, column, 0, value))
        title = struct.pack("<BB", len(sheet), 1) + sheet.encode("utf-16-le")
        globals_size = len(bof(5)) + 4 + 6 + len(title) + 4
        bound = record(0x85, struct.pack("<IBB", globals_size, 0, 0) + title)
        stream = bof(5) + bound + record(0x0A, b"") + bof(0x10) + cells + record(0x0A, b"")
        return self.ole({"Workbook": stream})

    def ole(self, streams: dict[str, bytes]) -> bytes:
        """A compound file with streams of 4096 bytes and more. Source: [MS-CFB]."""
        sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
        fat = [0xFFFFFFFD, end]
        body = b""
        entries = [self._entry("Root Entry", 5, 1, end, 0)]
        for number, (name, content) in enumerate(streams.items(), 1):
            content = content.ljust(4096, b"\0")
            count = -(-len(content) // sector)
            first = len(fat)
            fat += [*range(first + 1, first + count), end]
            body += content.ljust(count * sector, b"\0")
            right = number + 1 if number < len(streams) else free
            entries.append(self._entry(name, 2, free, first, len(content), right))
        header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
        header = header.ljust(sector, b"\xff")
        table = struct.pack(f"<{len(fat)}I", *fat).ljust(sector, b"\xff")
        return header + table + b"".join(entries).ljust(sector, b"\0") + body

    def _entry(self, name: str, kind: int, child: int, first: int, size: int, right: int = 0xFFFFFFFF) -> bytes:
        encoded = name.encode("utf-16-le")
        entry = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2, kind, 1)
        return entry + struct.pack("<III", 0xFFFFFFFF, right, child) + bytes(36) + struct.pack("<IQ", first, size)


@pytest.fixture(scope="session")
def make() -> Maker:
    return Maker()
