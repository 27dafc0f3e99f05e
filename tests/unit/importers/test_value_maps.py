"""Source values are mapped, created, left empty or rejected as a person chose (IMP-10, value maps)."""

import json
from dataclasses import replace

from desktop.importers.mapping import suggest
from desktop.importers.tables import ConvertedTable, TableMapping
from desktop.importers.value_maps import SourceValue, values_to_map
from desktop.importers.values import convert
from desktop.importers.ways import ValueChoice
from tests.unit.importers.files import table

HEADERS = ["客户名称", "客户级别", "客户来源", "负责人"]
ROWS: list[list[str | None]] = [
    ["甲公司", "钻石", "展会", "王芳（离职）"],
    ["乙公司", "A", "广交会 ", "李雷"],
    ["丙公司", "钻石 ", "电话营销", None],
    ["丁公司", "潜力", "不知道", "测试账号"],
]


def mapped(**maps: dict[str, ValueChoice]) -> TableMapping:
    mapping = suggest(table(HEADERS, ROWS))
    return replace(mapping, value_maps={f"account.{name}": given for name, given in maps.items()})


def column(converted: ConvertedTable, name: str) -> list[object]:
    return converted.entities[0].frame[name].to_list()


def issues(converted: ConvertedTable) -> list[tuple[int | None, str | None, str, str]]:
    return [(one.row, one.column, one.code, str(one.severity)) for one in converted.issues]


def test_a_mapped_value_becomes_its_target_in_closed_lists_and_names() -> None:
    made = convert(
        mapped(
            grade={"钻石": ValueChoice("map", "A")},
            owner={"王芳（离职）": ValueChoice("map", "李雷")},
            source={"广交会": ValueChoice("map", "展会")},
        )
    )
    assert column(made, "grade") == ["A", "A", "A", "潜力"]
    assert column(made, "owner") == ["李雷", "李雷", None, "测试账号"]
    assert column(made, "source") == ["展会", "展会", "电话营销", "不知道"]
    assert issues(made) == [(5, "客户级别", "choice_unknown", "note")]


def test_a_created_value_stands_as_it_is_and_is_no_fault() -> None:
    made = convert(mapped(grade={"钻石": ValueChoice("create"), "潜力": ValueChoice("create", "潜力客户")}))
    assert column(made, "grade") == ["钻石", "A", "钻石", "潜力客户"]
    assert issues(made) == []


def test_a_blanked_value_is_empty_and_its_text_is_kept_beside_it() -> None:
    made = convert(mapped(source={"不知道": ValueChoice("blank")}, grade={"潜力": ValueChoice("blank")}))
    assert column(made, "source")[3] is None
    assert json.loads(made.entities[0].frame["_raw"][3]) == {"source": "不知道", "grade": "潜力"}
    blanked = [one for one in made.issues if one.code == "value_blanked"]
    assert [(one.row, one.column, str(one.severity), one.value) for one in blanked] == [
        (5, "客户级别", "cell", "潜力"),
        (5, "客户来源", "cell", "不知道"),
    ]


def test_a_rejected_value_takes_its_row_along_and_names_itself() -> None:
    made = convert(mapped(owner={"测试账号": ValueChoice("reject")}, grade={"潜力": ValueChoice("create")}))
    assert made.entities[0].rejected_rows == {5}
    assert column(made, "name") == ["甲公司", "乙公司", "丙公司"]
    (rejected,) = [one for one in made.issues if one.severity == "row"]
    assert (rejected.row, rejected.column, rejected.code, rejected.value) == (
        5,
        "负责人",
        "value_rejected",
        "测试账号",
    )


def test_the_list_of_values_says_what_each_means_and_what_is_suggested() -> None:
    mapping = mapped(grade={"潜力": ValueChoice("map", "B")})
    lines = values_to_map(
        mapping, {"account.owner": ["王芳", "李雷"], "account.source": ["展会", "电话营销"]}
    )
    told = {(line.field, line.value): line for line in lines}

    def one(field: str, value: str) -> SourceValue:
        return told[f"account.{field}", value]

    assert one("grade", "A").recognised == "A"
    assert one("grade", "钻石").is_open
    assert one("grade", "潜力").choice == ValueChoice("map", "B")
    assert not one("grade", "潜力").is_open
    assert one("owner", "李雷").recognised == "李雷"
    assert one("owner", "王芳（离职）").suggestion == ValueChoice("map", "王芳")
    assert one("source", "电话营销").recognised == "电话营销"
    assert one("source", "不知道").suggestion == ValueChoice("create")
    assert ("account.name", "甲公司") not in told


def test_values_that_say_nothing_are_not_asked_about() -> None:
    mapping = suggest(table(HEADERS, [["甲公司", "无", "-", "李雷"], ["乙公司", "A", "n/a", "李雷"]]))
    assert [(line.field, line.value, line.count) for line in values_to_map(mapping)] == [
        ("account.grade", "A", 1),
        ("account.owner", "李雷", 2),
    ]
