"""What is enclosed with a closure form (附件清单): the documents that have come, as a hotline reads of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.intake import Attachment

_KINDS = {"id": "证件", "contact_evidence": "联系证据", "handling": "办理附件", "photo": "照片", "audio": "录音"}


def enclosures(report_id: str, documents: Sequence[Attachment]) -> Sequence[Mapping[str, Any]]:
    """The list of a report's ``documents``, in their order."""
    return [_enclosed(report_id, number, one) for number, one in enumerate(documents, start=1)]


def _enclosed(report_id: str, number: int, document: Attachment) -> Mapping[str, Any]:
    """A document by what it is. Its own name may be a person's, so it has none; ``url`` is where its receiver
    fetches it with the token that it reports with."""
    return {
        "sha256": document.sha256,
        "name": f"{_KINDS[document.kind]}{number}",
        "media_type": document.media_type,
        "bytes": document.size,
        "kind": document.kind,
        "url": f"/v1/reports/{report_id}/attachments/{document.sha256}",
    }
