"""A form as a file to print (打印件): XLSX or PDF, made beside the loop, named after its title."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Query, Response

from services.chassis.mount import Mounted
from services.chassis.openapi import a_file
from services.ledger.bank_data import names_of
from services.ledger.forms.pdf import pdf
from services.ledger.forms.printed import Printed
from services.ledger.forms.xlsx import xlsx

Form = Annotated[Literal["xlsx", "pdf"], Query()]
_RENDERED: Mapping[str, tuple[Callable[[Printed], bytes], str]] = {
    "xlsx": (xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (pdf, "application/pdf"),
}
FILES = a_file(*(media_type for _, media_type in _RENDERED.values()))
"""What a route that answers with such a file says of it."""


async def rendered(printed: Printed, form: str) -> Response:
    """The file, made beside the loop. Its name is the report's title."""
    render, media_type = _RENDERED[form]
    content = await asyncio.to_thread(render, printed)
    named = f"attachment; filename*=UTF-8''{quote(printed.title)}.{form}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": named})


def called(service: Mounted, place: str) -> str:
    """A place by its name and code, or by its code alone where nobody has named it."""
    name = names_of(service).get(place)
    return place if name is None else f"{name}({place})"
