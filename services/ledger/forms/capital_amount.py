"""Amounts in capital figures (大写金额), as they stand on vouchers so that nobody can add a stroke."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_GROUPS = ("", "万", "亿", "万亿")


def in_capitals(fen: int) -> str:
    """An amount in words: 3,386,639 fen is 叁万叁仟捌佰陆拾陆元叁角玖分 (《正确填写票据和结算凭证的基本规定》).

    Raises ``ValueError`` beyond sixteen digits of yuan.
    """
    yuan, rest = divmod(abs(fen), 100)
    if yuan >= 10**16:
        raise ValueError("more than can be written out")
    jiao, last = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    parts = whole + _small(jiao, last, has_yuan=bool(yuan))
    return ("负" if fen < 0 else "") + (parts or "零元整")


def _small(jiao: int, fen: int, *, has_yuan: bool) -> str:
    if not jiao and not fen:
        return "整" if has_yuan else ""
    if not fen:
        return f"{_DIGITS[jiao]}角整"
    first = f"{_DIGITS[jiao]}角" if jiao else "零" if has_yuan else ""
    return f"{first}{_DIGITS[fen]}分"


def _whole(yuan: int) -> str:
    told, gap = "", False
    for number in range(len(_GROUPS) - 1, -1, -1):
        group = yuan // 10_000**number % 10_000
        if group:
            told += ("零" if told and (gap or group < 1_000) else "") + _group(group) + _GROUPS[number]
        gap = bool(told) and not group
    return told


def _group(group: int) -> str:
    """Four digits; one 零 for any number of zeros between two others."""
    told, gap = "", False
    for digit, place in zip(f"{group:04}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(told)
            continue
        told += ("零" if gap else "") + _DIGITS[int(digit)] + place
        gap = False
    return told
