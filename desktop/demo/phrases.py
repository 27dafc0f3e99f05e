"""Sentences of sales reps' notes: opening, matter and next step are combined, so that 120,000 notes differ."""

from __future__ import annotations

OPENINGS: dict[str, tuple[str, ...]] = {
    "打电话": (
        "电话联系{who}，",
        "上午给{who}去电，",
        "回访{who}，",
        "{who}来电咨询，",
        "跟{who}通话约十分钟，",
        "电话里{who}反馈，",
    ),
    "见面拜访": (
        "到厂拜访{who}，",
        "上门拜访{who}，一起看了现场，",
        "与{who}当面沟通，",
        "去客户泵房走了一圈，{who}陪同，",
        "下午拜访，见到{who}，",
    ),
    "微信": (
        "微信联系{who}，",
        "{who}微信回复，",
        "微信发了样本给{who}，",
        "给{who}发了选型表，",
    ),
    "发邮件": (
        "邮件发送资料给{who}，",
        "{who}邮件回复，",
        "把技术协议草稿邮件发给{who}，",
    ),
    "会议": (
        "与{who}及设计院开技术交流会，",
        "参加客户项目例会，{who}主持，",
        "和{who}开视频会议，",
    ),
    "产品演示": (
        "给{who}演示远程监测平台，",
        "现场做了样机演示，{who}参加，",
    ),
}
"""How a note begins, by the source's own word for the kind of contact."""

SUBJECTS: dict[str, tuple[str, ...]] = {
    "打电话": ("电话跟进{product}", "催问{product}进度", "{product}报价回访", "约拜访时间"),
    "见面拜访": ("拜访：{product}选型", "现场勘察{product}", "拜访关键人", "商务面谈{product}"),
    "微信": ("微信沟通{product}", "发送{product}样本", "节日问候"),
    "发邮件": ("发送{product}技术协议", "{product}报价单邮件", "资料确认"),
    "会议": ("{product}技术交流", "项目例会", "商务澄清会"),
    "产品演示": ("{product}演示", "平台演示"),
}

MATTERS = (
    "{product}的流量和扬程参数已经确认",
    "对方觉得{product}单价偏高，希望再让三个点",
    "现有{product}漏水严重，年底大修要换",
    "客户在等设计院出图，{product}数量暂定",
    "预算已批，走招标，预计{days}天后发标",
    "竞争对手报价比我们低，重点讲了能效和寿命",
    "{product}交期要求{days}天，需要和生产部确认",
    "客户担心备件供应，介绍了本地仓库",
    "上批{product}运行正常，使用部门评价不错",
    "对方领导出差，下周再定",
    "客户要求补充防爆证书和第三方检测报告",
    "项目延期，{product}采购推到下个季度",
    "尾款流程卡在财务，答应月底前安排",
    "谈了年度框架协议，{product}可以打包",
    "客户反映{product}振动偏大，已转售后",
    "技术部希望{product}改用双相钢材质",
    "讨论了付款方式，对方想改成三六一",
    "了解到对方今年有扩产计划，{product}用量会翻倍",
    "客户对账单有疑问，已把明细发过去",
    "{product}样机试用了两周，电流比旧泵低",
)

NEXT_STEPS = (
    "下周再跟。",
    "约了{days}天后见面。",
    "回去出报价。",
    "准备技术协议。",
    "等客户反馈。",
    "请技术部配合选型。",
    "申请特价后再谈。",
    "让内勤寄样本。",
    "月底前争取签合同。",
    "",
)

LINE_BREAK_NOTES = (
    "{head}\n1. {matter}；\n2. 客户要求{days}天内回复。",
    "{head}\n- {matter}\n- {next_step}",
)
"""Notes of the older system were typed with line breaks."""
