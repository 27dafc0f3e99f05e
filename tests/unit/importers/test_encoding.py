"""The encoding that reads best wins, not the first that decodes."""

from __future__ import annotations

import pytest

from desktop.importers.encoding import find_encoding


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("客户名称,手机,地址\n上海某某科技有限公司,13800138000,浦东新区", "gb18030", "gb18030"),
        ("客戶名稱,電話,地址\n臺北某某股份有限公司,0223456789,中山區", "big5", "big5"),
        ("Name,City\nMüller,Zürich\nGarcía,Málaga\nFrançois,Besançon", "cp1252", "cp1252"),
        ("Name;Ort;Straße\nJäger;Köln;Hauptstraße 5", "latin-1", "cp1252"),
        ("会社名,電話\n株式会社サンプル,03-1234-5678\nカタカナ商事,045", "cp932", "cp932"),
        ("Имя,Город\nИван Петров,Москва\nМария Иванова,Казань", "cp1251", "cp1251"),
        ("name,city\nplain ascii,only", "ascii", "utf-8"),
        ("客户名称\n甲", "utf-8", "utf-8"),
        ("客户名称\n甲", "utf-8-sig", "utf-8-sig"),
        ("Name,Text\nabc,première", "utf-16-le", "utf-16-le"),
        ("Name,Text\nabc,première", "utf-32-be", "utf-32-be"),
    ],
)
def test_the_encoding_that_reads_best(text: str, encoding: str, expected: str) -> None:
    assert find_encoding(text.encode(encoding)) == expected


def test_one_han_word_is_enough_for_gb18030() -> None:
    assert find_encoding("姓名\n".encode("gbk")) == "gb18030"
