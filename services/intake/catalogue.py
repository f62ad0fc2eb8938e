"""What can be looked up: services and their fields, error codes, a year's working days, what to answer callers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from events.intake_desk import PolicyHeard
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import Service
from services.intake.caller import AtDesk, Body, Caller, home_of
from services.intake.channels.payload import SHANGHAI
from services.intake.knowledge import levels
from services.intake.reports import SQL

router = APIRouter(tags=["intake"], route_class=PersonRoute)

SERVICES: Mapping[str, tuple[str, str]] = {
    "fire": ("火灾", "家中失火,住房或生活必需品受损,基本生活暂时难以维持"),
    "accident": ("意外事件", "交通事故、工伤等意外,家庭主要劳动力伤亡或急需救治"),
    "illness": ("突发重大疾病", "突发重病,自付费用一时无力承担,基本生活陷入困难"),
    "other": ("其他急难", "其他使基本生活暂时陷入困难、需要马上救助的情形"),
}
"""The causes as an operator finds them (急难事由): title and description."""

ERRORS: Sequence[tuple[str, int, str]] = (
    ("idempotency_key_missing", 400, "请求必须带幂等号 (Idempotency-Key)。"),
    ("unauthenticated", 401, "身份未能确认,请检查令牌或签名。"),
    ("signature_expired", 401, "签名时间与本系统时间相差超过五分钟,请校准时钟,重新签名后提交。"),
    ("denied", 403, "您的角色或辖区不能办理此事项。"),
    ("not_found", 404, "没有找到。"),
    ("no_such_report", 404, "没有找到这份报告,请核对报告编号。"),
    ("no_such_service", 404, "没有这项服务。"),
    ("no_such_vendor", 404, "没有登记这个对接系统,请核对编号。"),
    ("method_not_allowed", 405, "不支持此操作。"),
    ("conflict", 409, "内容已被他人更新,请刷新后重试。"),
    ("too_many_facts", 409, "一次办理的内容过多,请分批提交。"),
    ("order_known", 409, "该工单号已经接收过,请作为原报告的补充提交。"),
    ("township_elsewhere", 409, "该乡镇(街道)不属于所报的县(市、区),请核对区划代码。"),
    ("no_order", 409, "只有热线工单可以退回,其他渠道的报告请转办。"),
    ("report_closed", 409, "这份报告已经办结或退回。"),
    ("nothing_withheld", 409, "这份报告没有待补全的办结表。"),
    ("return_too_late", 409, "已超过退单期限,不能退回,请转办或办理。"),
    ("no_such_attachment", 404, "没有登记过这个附件,或还没有上传。"),
    ("same_report", 409, "这是同一份报告。"),
    ("erased", 410, "相关个人信息已依法删除,不能再补充,请重新登记或报告。"),
    ("document_erased", 410, "资料已按规定删除。"),
    ("digest_differs", 422, "附件内容与事先登记的不一致,请重新上传。"),
    ("type_refused", 422, "附件类型不在允许的范围内,或内容与类型不符。"),
    ("evidence_away", 503, "附件存储暂时不可用,请稍后重试。"),
    ("transfer_inside", 409, "接收地就在本县(市、区),请直接更正乡镇(街道)。"),
    ("not_transferred", 409, "这份报告没有转出。"),
    ("shift_ends_early", 409, "值班结束时间应在开始之后。"),
    ("village_elsewhere", 409, "该村(社区)不属于本乡镇(街道),请核对区划代码。"),
    ("informant_known", 409, "该信息员已经登记,如有变动请先注销再登记。"),
    ("too_slow", 408, "内容传送超时,请检查网络后重新提交。"),
    ("too_large", 413, "内容过大,请精简后重新提交。"),
    ("invalid", 422, "内容不符合要求,请按提示更正后重新提交。"),
    ("no_such_division", 422, "没有这个县级区划代码,请核对。"),
    ("no_table", 422, "不是可读的表格(CSV或XLSX),或行数过多,请核对后重新上传。"),
    ("reason_missing", 422, "未纳入的户必须写明原因。"),
    ("bad_cursor", 422, "游标无效,请使用上次返回的游标。"),
    ("key_reused", 422, "同一幂等号已用于不同内容,请更换幂等号。"),
    ("webhook_id_reused", 422, "同一消息编号 (webhook-id) 已用于不同内容,请更换消息编号。"),
    ("not_storable", 422, "内容含有无法保存的字符,请更正后重新提交。"),
    ("too_fast", 429, "提交过于频繁,请稍后再试。"),
    ("internal", 500, "系统内部错误,已记录。"),
    ("behind", 503, "数据正在更新,请稍后重试。"),
    ("busy", 503, "系统繁忙,请稍后重试。"),
    ("unavailable", 503, "系统暂时不可用,请稍后重试。"),
    ("upgrading", 503, "系统正在升级,请稍后重试。"),
)
"""Every problem that intake answers with: code, HTTP status, and a sentence to read aloud."""

_RETRYABLE = (429, 503)


class Search(Body):
    """What is looked for in the knowledge base, as of today or another day."""

    search: Annotated[str, Field(max_length=100)] = ""
    on: date | None = None


@router.get("/v1/services")
async def services(actor: Caller, service: Service) -> list[dict[str, Any]]:
    """The services that can be asked for, as in Open311's discovery."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    return [_service(code) for code in SERVICES]


@router.get("/v1/services/{code}")
async def one_service(code: Annotated[str, Path(max_length=64)], actor: Caller, service: Service) -> dict[str, Any]:
    """One service."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    if code not in SERVICES:
        raise Problem(404, "no_such_service", "没有这项服务。")
    return _service(code)


@router.get("/v1/errors")
async def errors(actor: Caller, service: Service) -> list[dict[str, Any]]:
    """The catalogue of problems."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    return [
        {"code": code, "status": status, "detail": detail, "retryable": status in _RETRYABLE}
        for code, status, detail in ERRORS
    ]


@router.get("/v1/calendar/{division}")
async def calendar(
    division: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    actor: Caller,
    service: Service,
    desk: AtDesk,
    year: Annotated[int, Query(ge=2000, le=2100)],
) -> dict[str, Any]:
    """The working days of a year, as the terms are counted; a year that is not published yet is provisional."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    days = desk.terms.days
    return {
        "division": division,
        "year": year,
        "provisional": year not in days.years,
        "days_off": _of(year, days.days_off),
        "days_worked": _of(year, days.days_worked),
    }


@router.get("/v1/knowledge/{division}")
async def knowledge(
    division: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    actor: Caller,
    service: Service,
    desk: AtDesk,
    asked: Annotated[Search, Query()],
) -> list[dict[str, Any]]:
    """The policy in force in a county as questions and answers (知识库), searched or whole."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    day = asked.on or service.clock.now().astimezone(SHANGHAI).date()
    async with service.projectors["reports"].reading() as connection:
        rows = await connection.fetch(SQL["policies"], levels(division))
    sets = [PolicyHeard.model_validate_json(row["document"]) for row in rows]
    return [
        {
            "code": answer.code,
            "question": answer.question,
            "answer": answer.answer,
            "clause": answer.clause,
            "division": answer.division,
            "version": answer.set_id,
            "title": answer.title,
            "effective_from": answer.effective_from.isoformat(),
            "bounds": [
                {
                    "kind": bound.kind,
                    "said": bound.said,
                    "clause": bound.clause,
                    "division": bound.division,
                    "version": bound.set_id,
                    "binds": bound.binds,
                }
                for bound in answer.bounds
            ],
        }
        for answer in desk.knowledge.answers(sets, division, day, asked.search)
    ]


def _of(year: int, days: frozenset[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days) if day.year == year]


def _service(code: str) -> dict[str, Any]:
    title, description = SERVICES[code]
    return {
        "service_code": code,
        "service_name": title,
        "description": description,
        "metadata": False,
        "type": "realtime",
        "group": "急难救助",
    }
