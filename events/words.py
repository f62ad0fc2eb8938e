"""The words that the facts of several services share, each defined once."""

from typing import Annotated, Literal

from pydantic import Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
"""An id of ours: letters, digits and ``._:-``, 64 at most; never personal data."""

Pseudonym = Annotated[str, Field(pattern=r"^[a-z0-9:]{16,96}$")]
"""A keyed digest that stands for a person, a phone or an address (化名)."""

County = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
"""A county-level division code (县级区划代码)."""

Township = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
"""A township-level division code (乡镇区划代码); its first six digits are its county's."""

Division = Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9})$")]
"""The division code of a county or of a township."""

Fen = Annotated[int, Field(strict=True, ge=0, le=10**15)]
"""An amount of money in fen (分), a hundredth of a yuan."""

PositiveFen = Annotated[int, Field(strict=True, gt=0, le=10**15)]
"""An amount of money in fen, more than nothing."""

PaymentNumber = Annotated[str, Field(pattern=r"^L[SB][0-9]{18}$")]
"""The number of a payment (支付编号) or of a batch of them (代发批次号); its last digit checks the others."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A stable reason code for machines."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The digest that names a document."""

StaffId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""An officer by staff id (工号), never by name."""

Channel = Literal["hotline", "village", "hospital", "monitor", "media", "window", "department"]
"""Where a report came in: 12345热线, 村级信息员, 医疗机构, 监测平台预警, 媒体网络线索, 一门受理窗口, 部门名单."""

Cause = Literal["fire", "accident", "illness", "other"]
"""What struck the household (急难事由): 火灾, 意外事件, 突发重大疾病, 其他."""

GoodsItem = Annotated[
    str,
    Field(min_length=1, max_length=40, pattern=r"^([0-9]{0,4}[A-Za-z\u4e00-\u9fff()()×*·./ -])+[0-9]{0,4}$"),
]
"""What goods are (实物): words and short numbers, as in 棉被 or 大米25kg; no number of anybody's fits in."""

Urgency = Literal["life_danger", "urgent", "normal"]
"""How pressing: 危及生命 (110/120 first), 紧急, 一般."""

Identity = Literal["known", "claimed", "unknown"]
"""How sure we are who it is: 已核验, 自述, 身份不明."""
