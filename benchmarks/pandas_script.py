"""What a user would write instead: pandas.read_excel, some cleaning, to_sql.

usage: python pandas_script.py FILE.xlsx DATABASE_URL ENGINE
"""

from __future__ import annotations

import sys

import pandas as pd
from sqlalchemy import create_engine

COLUMNS = {
    "客户编号": "external_id",
    "客户名称": "name",
    "客户来源": "source",
    "客户行业": "industry",
    "客户级别": "grade",
    "手机": "mobile",
    "电话": "phone",
    "邮箱": "email",
    "网址": "website",
    "省份": "province",
    "城市": "city",
    "区县": "district",
    "详细地址": "address",
    "员工人数": "employees",
    "年营收": "annual_revenue",
    "成立日期": "founded_on",
    "负责人": "owner",
    "创建时间": "created_at",
    "下次联系时间": "next_contact_at",
    "备注": "description",
}


def main(path: str, url: str, engine: str) -> None:
    """Read, clean and load one workbook."""
    frame = pd.read_excel(path, dtype={"手机": str, "电话": str, "客户编号": str}, engine=engine)
    frame = frame.rename(columns=COLUMNS)
    for column in frame.select_dtypes(include=["object", "string"]).columns:
        frame[column] = frame[column].map(lambda value: value.strip() if isinstance(value, str) else value)
    frame["mobile"] = frame["mobile"].str.replace(r"\D", "", regex=True)
    frame.loc[frame["mobile"].str.len() != 11, "mobile"] = None
    frame["annual_revenue"] = pd.to_numeric(frame["annual_revenue"], errors="coerce")
    for column in ("founded_on", "created_at", "next_contact_at"):
        frame[column] = pd.to_datetime(frame[column], errors="coerce")
    frame = frame.dropna(subset=["name"]).drop_duplicates("external_id")
    database = create_engine(url)
    with database.begin() as connection:
        frame.to_sql("account", connection, index=False, if_exists="replace", chunksize=10_000)
    database.dispose()
    print(len(frame))


if __name__ == "__main__":
    main(*sys.argv[1:4])
