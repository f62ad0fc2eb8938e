"""Foreign JSON under limits: the types of its fields, and what is wrong with one in words a clerk can read aloud."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, TypeVar, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from events.shanghai import SHANGHAI
from services.chassis.field_errors import FieldError
from services.chassis.pseudonyms import is_blank, normal_id_number, normal_phone
from services.intake.channels.told import Unreadable


class Payload(BaseModel):
    """An object of a sender's. What we do not know is left to the verbatim report; an empty text is nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        fields = cast(dict[str, object], data)
        return {name: value for name, value in fields.items() if value is not None and not _is_blank(value)}


Model = TypeVar("Model", bound=Payload)


def load(model: type[Model], raw: bytes) -> Model:
    """The payload in these bytes. Raises ``Unreadable``."""
    return _checked(lambda: model.model_validate_json(raw), {})


def fit(model: type[Model], fields: Mapping[str, object], names: Mapping[str, str]) -> Model:
    """The payload of these fields. Raises ``Unreadable``, which tells a field by its sender's name of it."""
    return _checked(lambda: model.model_validate(fields), names)


def _checked(make: Callable[[], Model], names: Mapping[str, str]) -> Model:
    try:
        return make()
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=False, include_input=False)
        errors = tuple(error(_pointer(each["loc"], names), _CODES.get(each["type"], each["type"])) for each in found)
    # outside the handler: a context would carry the values that were refused
    raise Unreadable(errors)


def error(pointer: str, code: str) -> FieldError:
    """A field's error, with the sentence that goes with its code."""
    known = code if code in _SENTENCES else "invalid"
    return FieldError(pointer, known, _SENTENCES[known])


def _pointer(loc: tuple[int | str, ...], names: Mapping[str, str]) -> str:
    if loc and loc[0] in names:
        return "".join((f"/{names[str(loc[0])]}", *(f"/{step}" for step in loc[1:])))
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in loc)


_CODES: Mapping[str, str] = {
    "missing": "required",
    "json_invalid": "not_json",
    "model_type": "not_an_object",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_type": "wrong_type",
    "int_type": "wrong_type",
    "bool_type": "wrong_type",
    "float_type": "wrong_type",
    "bool_parsing": "wrong_type",
    "int_parsing": "wrong_type",
    "float_parsing": "wrong_type",
    "tuple_type": "wrong_type",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "literal_error": "unknown_value",
    "timezone_aware": "offset_missing",
    "datetime_from_date_parsing": "not_a_time",
    "datetime_parsing": "not_a_time",
}

_SENTENCES: Mapping[str, str] = {
    "required": "此项必填。",
    "not_json": "提交的内容不是有效的JSON。",
    "not_an_object": "此处应为一组带名称的内容(JSON对象)。",
    "too_long": "此项内容过长。",
    "wrong_type": "此项的类型不正确。",
    "out_of_range": "此项超出允许的范围。",
    "unknown_value": "此项不在允许的取值之内。",
    "offset_missing": "时间缺少时区,请写明,例如+08:00。",
    "not_a_time": "此项不是完整的日期和时间。",
    "control_character": "此项含有不可见的控制字符。",
    "id_number_wrong": "身份证号码有误,请核对。",
    "phone_wrong": "电话号码有误,请核对。",
    "contradictory": "已填写身份证号码,身份不能是“不明”。",
    "invalid": "此项内容或格式不正确。",
}


# --- the types of fields


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and is_blank(value)


def _half_width(value: object) -> object:
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


def _plain(text: str) -> str:
    if not text.isprintable() and any(map(_is_control, text)):
        raise PydanticCustomError("control_character", "control character")
    return text.strip()


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\r\n\t"


def is_id_number(text: str) -> bool:
    """Whether this is a citizen's ID number (居民身份证号码), in its old or its present length."""
    number = normal_id_number(text)
    return re.fullmatch(r"[0-9]{17}[0-9X]", number) is not None and _checks(number)


def _id_number(text: str) -> str:
    if not is_id_number(text):
        raise PydanticCustomError("id_number_wrong", "wrong id number")
    return normal_id_number(text)


def _checks(id_number: str) -> bool:
    """Whether the last digit fits the others (GB 11643-1999, ISO 7064 MOD 11-2)."""
    weighted = ("0123456789X".index(sign) << 17 - place for place, sign in enumerate(id_number))
    return sum(weighted) % 11 == 1


def _phone(text: str) -> str:
    number = normal_phone(text)
    if not re.fullmatch(r"[0-9]{5,15}", number):
        raise PydanticCustomError("phone_wrong", "wrong phone number")
    return number


def _written_out(value: object) -> object:
    """Neither a number of seconds nor a bare date is a moment that somebody wrote down."""
    text = _half_width(value)
    if not isinstance(text, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:", text):
        raise PydanticCustomError("not_a_time", "not a time")
    return text


def _end_of_day(value: object) -> object:
    text = _half_width(value)
    is_date = isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    return f"{text} 23:59:59" if is_date else text


def _of_shanghai(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=SHANGHAI)


def _of_our_days(time: datetime) -> datetime:
    if not 2000 <= time.year < 2100:
        raise PydanticCustomError("out_of_range", "out of range")
    return time


Reference = Annotated[str, BeforeValidator(_half_width), Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
"""A number or code of the sender's."""

Label = Annotated[str, BeforeValidator(_half_width), Field(max_length=80)]
"""A word of the sender's for which a table has ours."""

DivisionCode = Annotated[str, BeforeValidator(_half_width), Field(pattern=r"^[0-9]{6}([0-9]{3}){0,2}$")]
"""A division code of 6, 9 or 12 digits."""

Count = Annotated[int, BeforeValidator(_half_width), Field(ge=1, le=99)]

Line = Annotated[str, Field(max_length=80), AfterValidator(_plain)]
Address = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
Clause = Annotated[str, Field(min_length=2, max_length=200), AfterValidator(_plain)]
"""A document and its clause, as somebody cites it."""

Story = Annotated[str, Field(max_length=4_000), AfterValidator(_plain)]

IdNumber = Annotated[str, Field(max_length=40), AfterValidator(_id_number)]
"""A citizen's ID number (居民身份证号码), read into 18 signs."""

Phone = Annotated[str, Field(max_length=40), AfterValidator(_phone)]
"""A phone number, read into its digits."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_of_our_days)]
"""A time with its offset, as our own interfaces ask for it."""

LocalMoment = Annotated[
    datetime, BeforeValidator(_written_out), AfterValidator(_of_our_days), AfterValidator(_of_shanghai)
]
"""A vendor's time; without an offset it is Asia/Shanghai."""

Deadline = Annotated[LocalMoment, BeforeValidator(_end_of_day)]
"""A vendor's deadline; a bare date means the end of that day."""
