"""Alert rules and dashboard of docs/operations: Prometheus takes them, they name what a server tells, they go off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml  # type: ignore[import-untyped]
from aiohttp import web

from server.app.rehearsal.command import free_port
from tests import ROOT
from tests.server.app.program import Program, serving

MONITORING = ROOT / "docs" / "operations" / "monitoring"
MANUAL = (ROOT / "docs" / "operations" / "monitoring.md").read_text()
RULES: list[dict[str, Any]] = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
BOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text())
OF_A_DRILL = {"yuntiao_drill_holds", "yuntiao_drill_timestamp_seconds"}  # tests/server/cli/test_drill.py
OF_A_STORE = {f"yuntiao_files_{one}" for one in ("behind_seconds", "failed", "store_away")}  # test_files_standing.py

UP, NODE = 'up{job="yuntiao",instance="a"}', 'instance="a"'
APPENDED = "yuntiao_journal_append_seconds"
DAY = 86_400
Series = dict[str, str]
CASES: dict[str, tuple[Series, Series]] = {
    # alert: (series with which it goes off, series with which it does not), a value each minute
    "YuntiaoDown": ({UP: "1x100 0x30"}, {UP: "1x130"}),
    "YuntiaoMediaWorkerDown": (
        {f'yuntiao_media_worker_up{{{NODE},worker="1"}}': "0x130"},
        {f'yuntiao_media_worker_up{{{NODE},worker="1"}}': "1x130"},
    ),
    "YuntiaoMediaFault": (
        {f'yuntiao_media_dropped_total{{{NODE},worker="0",cause="handler"}}': "0x115 1x15"},
        {f'yuntiao_media_dropped_total{{{NODE},worker="0",cause="unknown"}}': "0+9x130"},
    ),
    "YuntiaoMediaWorkerBusy": (
        {f'yuntiao_media_packets_per_second{{{NODE},worker="0"}}': "80000x130"},
        {f'yuntiao_media_loop_lag_seconds{{{NODE},worker="0"}}': "0.01x130"},
    ),
    "YuntiaoLoopLate": (
        {f"yuntiao_loop_lag_seconds{{{NODE}}}": "0.3x130"},
        {f"yuntiao_loop_lag_seconds{{{NODE}}}": "0.3 0x130"},
    ),
    "YuntiaoAppendsSlow": (
        {
            f'{APPENDED}_bucket{{{NODE},outcome="appended",le="0.5"}}': "0+80x130",
            f'{APPENDED}_bucket{{{NODE},outcome="appended",le="2"}}': "0+100x130",
            f'{APPENDED}_bucket{{{NODE},outcome="appended",le="+Inf"}}': "0+100x130",
        },
        {
            f'{APPENDED}_bucket{{{NODE},outcome="appended",le="0.5"}}': "0+99x130",
            f'{APPENDED}_bucket{{{NODE},outcome="appended",le="+Inf"}}': "0+100x130",
        },
    ),
    "YuntiaoAppendsFail": (
        {f'{APPENDED}_count{{{NODE},outcome="failed"}}': "0x118 1x12"},
        {f'{APPENDED}_count{{{NODE},outcome="conflict"}}': "0+5x130"},
    ),
    "YuntiaoDatabasePoolFull": (
        {
            f'yuntiao_database_connections{{{NODE},state="in_use"}}': "15x130",
            f"yuntiao_database_connections_most{{{NODE}}}": "15x130",
        },
        {
            f'yuntiao_database_connections{{{NODE},state="in_use"}}': "14x130",
            f'yuntiao_database_connections{{{NODE},state="idle"}}': "15x130",
            f"yuntiao_database_connections_most{{{NODE}}}": "15x130",
        },
    ),
    "YuntiaoOutboxLate": (
        {f'yuntiao_outbox_oldest_seconds{{{NODE},kind="message"}}': "0+60x130"},
        {f'yuntiao_outbox_oldest_seconds{{{NODE},kind="message"}}': "800x130"},
    ),
    "YuntiaoJobsWait": (
        {
            f'yuntiao_jobs_waiting{{{NODE},job="compose"}}': "30x130",
            f'yuntiao_jobs_waiting{{{NODE},job="archive"}}': "30x130",
        },
        {f'yuntiao_jobs_waiting{{{NODE},job="compose"}}': "0x110 90x20"},
    ),
    "YuntiaoDiskLow": (
        {f"yuntiao_disk_free_bytes{{{NODE}}}": "15x130", f"yuntiao_disk_reserve_bytes{{{NODE}}}": "10x130"},
        {f"yuntiao_disk_free_bytes{{{NODE}}}": "25x130", f"yuntiao_disk_reserve_bytes{{{NODE}}}": "10x130"},
    ),
    "YuntiaoDiskReserve": (
        {f"yuntiao_disk_free_bytes{{{NODE}}}": "9x130", f"yuntiao_disk_reserve_bytes{{{NODE}}}": "10x130"},
        {f"yuntiao_disk_free_bytes{{{NODE}}}": "11x130", f"yuntiao_disk_reserve_bytes{{{NODE}}}": "10x130"},
    ),
    "YuntiaoDiskFills": (
        {f"yuntiao_disk_free_bytes{{{NODE}}}": "1000-1x130", f"yuntiao_disk_reserve_bytes{{{NODE}}}": "10x130"},
        {f"yuntiao_disk_free_bytes{{{NODE}}}": "1000-0.1x130", f"yuntiao_disk_reserve_bytes{{{NODE}}}": "10x130"},
    ),
    "YuntiaoLogFault": (
        {f'yuntiao_log_fault{{{NODE},fault="key"}}': "1x130"},
        {f'yuntiao_log_fault{{{NODE},fault="key"}}': "0x130"},
    ),
    "YuntiaoLogNotSigned": (
        {
            f"yuntiao_log_checkpoint_timestamp_seconds{{{NODE}}}": "0x130",
            f'{APPENDED}_count{{{NODE},outcome="appended"}}': "0+1x130",
        },
        {
            f"yuntiao_log_checkpoint_timestamp_seconds{{{NODE}}}": "0x130",
            f'{APPENDED}_count{{{NODE},outcome="appended"}}': "50x130",
        },
    ),
    "YuntiaoAttestationsMissing": (
        {f'yuntiao_log_attestations{{{NODE},kind="witness",state="dead"}}': "1x130"},
        {f'yuntiao_log_attestations{{{NODE},kind="witness",state="queued"}}': "1x130"},
    ),
    "YuntiaoArchiveFailed": (
        {f'yuntiao_archive_files{{{NODE},state="failed"}}': "1x130"},
        {f'yuntiao_archive_files{{{NODE},state="waiting"}}': "9x130"},
    ),
    "YuntiaoArchiveStuck": (
        {f"yuntiao_archive_stuck_sessions{{{NODE}}}": "1x130"},
        {f"yuntiao_archive_stuck_sessions{{{NODE}}}": "0x90 1x40"},
    ),
    "YuntiaoFilesBehind": (
        {f"yuntiao_files_behind_seconds{{{NODE}}}": "700x130"},
        {f"yuntiao_files_behind_seconds{{{NODE}}}": "500x130"},
    ),
    "YuntiaoFilesRefused": ({f"yuntiao_files_failed{{{NODE}}}": "1x130"}, {f"yuntiao_files_failed{{{NODE}}}": "0x130"}),
    "YuntiaoFilesStoreAway": (
        {f"yuntiao_files_store_away{{{NODE}}}": "1x130"},
        {f"yuntiao_files_store_away{{{NODE}}}": "0x90 1x40"},
    ),
    "YuntiaoErrors": (
        {f'yuntiao_http_requests_total{{{NODE},method="GET",route="/complaints",status="500"}}': "0+1x130"},
        {f'yuntiao_http_requests_total{{{NODE},method="GET",route="/complaints",status="404"}}': "0+9x130"},
    ),
    "YuntiaoPagesSlow": (
        {
            f'yuntiao_http_request_seconds_bucket{{{NODE},route="/complaints",le="1"}}': "0+80x130",
            f'yuntiao_http_request_seconds_bucket{{{NODE},route="/complaints",le="10"}}': "0+100x130",
            f'yuntiao_http_request_seconds_bucket{{{NODE},route="/complaints",le="+Inf"}}': "0+100x130",
        },
        {
            f'yuntiao_http_request_seconds_bucket{{{NODE},route="/socket.io/",le="1"}}': "0+80x130",
            f'yuntiao_http_request_seconds_bucket{{{NODE},route="/socket.io/",le="10"}}': "0+100x130",
            f'yuntiao_http_request_seconds_bucket{{{NODE},route="/socket.io/",le="+Inf"}}': "0+100x130",
        },
    ),
    "YuntiaoConnectionsCut": (
        {f'yuntiao_connections_cut_total{{{NODE},why="refused_full"}}': "0+1x130"},
        {f'yuntiao_connections_cut_total{{{NODE},why="idle"}}': "0+9x130"},
    ),
    "YuntiaoFilesRunOut": (
        {f'process_open_fds{{job="yuntiao",{NODE}}}': "90x130", f'process_max_fds{{job="yuntiao",{NODE}}}': "100x130"},
        {f'process_open_fds{{job="yuntiao",{NODE}}}': "70x130", f'process_max_fds{{job="yuntiao",{NODE}}}': "100x130"},
    ),
    "YuntiaoCallsBad": (
        {
            f'yuntiao_client_reports_total{{{NODE},level="1",way="direct"}}': "0+5x130",
            f'yuntiao_client_reports_total{{{NODE},level="4",way="direct"}}': "0+5x130",
        },
        {
            f'yuntiao_client_reports_total{{{NODE},level="1",way="direct"}}': "0+1x130",
            f'yuntiao_client_reports_total{{{NODE},level="4",way="direct"}}': "0+1x130",
        },
    ),
    "YuntiaoFiguresMissing": (
        {f'yuntiao_metrics_failed_total{{{NODE},figures="jobs"}}': "0+4x130"},
        {f'yuntiao_metrics_failed_total{{{NODE},figures="jobs"}}': "0x50 1x80"},
    ),
    "YuntiaoVersionsDiffer": (
        {
            'yuntiao_build_info{instance="a",version="0.2.0",tables="0004"}': "1x130",
            'yuntiao_build_info{instance="b",version="0.3.0",tables="0005"}': "1x130",
        },
        {
            'yuntiao_build_info{instance="a",version="0.2.0",tables="0004"}': "1x130",
            'yuntiao_build_info{instance="b",version="0.2.0",tables="0004"}': "1x130",
        },
    ),
    "YuntiaoDrillFailed": ({"yuntiao_drill_holds": "0x130"}, {"yuntiao_drill_holds": "1x130"}),
    "YuntiaoDrillOld": (
        {"yuntiao_drill_timestamp_seconds": f"{-40 * DAY}x130"},
        {"yuntiao_drill_timestamp_seconds": f"{-30 * DAY}x130"},
    ),
}


def test_every_alert_has_a_case_and_says_what_to_do_here_and_in_the_manual() -> None:
    assert [rule["alert"] for rule in RULES] == list(CASES)
    for rule in RULES:
        assert rule["annotations"].keys() == {"summary", "do"}
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert f"**{rule['alert']}**" in MANUAL


@pytest.mark.prometheus
def test_each_alert_goes_off_when_it_should_and_not_when_it_should_not(tmp_path: Path) -> None:
    """Each by its own rule alone: all rules over every alert's two hours take promtool twenty times as long."""
    for rule in RULES:
        alert = rule["alert"]
        (tmp_path / f"{alert}.rules").write_text(yaml.safe_dump({"groups": [{"name": alert, "rules": [rule]}]}))
        cases = [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
                        "eval_time": "2h",
                        "exp_samples": [{"labels": "{}", "value": goes_off}],
                    }
                ],
            }
            for goes_off, series in zip((1, 0), CASES[alert], strict=True)
        ]
        tests = {"rule_files": [f"{alert}.rules"], "evaluation_interval": "1m", "tests": cases}
        (tmp_path / f"{alert}.yml").write_text(yaml.safe_dump(tests))
    promtool("test", "rules", *(str(tmp_path / f"{rule['alert']}.yml") for rule in RULES))


@pytest.mark.prometheus
def test_prometheus_takes_the_rules_its_configuration_and_what_the_dashboard_asks(tmp_path: Path) -> None:
    promtool("check", "rules", str(MONITORING / "alerts.yml"))
    promtool("check", "config", "--syntax-only", str(MONITORING / "prometheus.yml"))
    asked = [
        {"record": f"asked:{n}", "expr": target["expr"].replace("$instance", ".*")}
        for n, target in enumerate(target for panel in BOARD["panels"] for target in panel.get("targets", []))
    ]
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))
    promtool("check", "rules", str(tmp_path / "asked.yml"))


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_alerts_dashboard_and_manual_name_what_a_server_tells(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as program,
        aiohttp.ClientSession() as http,
        http.get(f"{program.url}/metrics") as answer,
    ):
        told = set(re.findall(r"# TYPE (\w+) ", await answer.text())) | OF_A_DRILL | OF_A_STORE
    asked = [rule["expr"] for rule in RULES]
    asked += [target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", [])]
    named = {name for expression in asked for name in re.findall(r"\b(?:yuntiao|process)_\w+", expression)}
    assert {name for name in named if re.sub(r"_(bucket|sum|count)$", "", name) not in told} == set()
    ours = {name.removesuffix("_total") for name in told if re.fullmatch(r"yuntiao_\w+(?<!_created)", name)}
    assert {name for name in ours if f"`{name}`" not in MANUAL} == set()


@pytest.mark.long
@pytest.mark.prometheus
async def test_prometheus_scrapes_a_real_server_with_the_token_and_evaluates_every_rule(tmp_path: Path) -> None:
    token = tmp_path / "metrics-token"
    token.write_text("5f" * 32)
    token.chmod(0o600)
    port = free_port()
    async with (
        serving(tmp_path / "data", YUNTIAO_METRICS_TOKEN_FILE=str(token)) as program,
        from_afar(program) as target,
    ):
        whole = (MONITORING / "prometheus.yml").read_text()
        for there, here in (
            ("interval: 15s", "interval: 1s"),
            ("127.0.0.1:8080", target),
            ("/etc/yuntiao/metrics-token", str(token)),
            ("[alerts.yml]", f"[{MONITORING / 'alerts.yml'}]"),
        ):
            assert there in whole
            whole = whole.replace(there, here)
        (tmp_path / "prometheus.yml").write_text(whole)
        async with prometheus(tmp_path, port), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            assert await until(http, 'up{job="yuntiao"}', lambda found: found == ["1"])
            async with http.get("/api/v1/rules") as answer:
                (group,) = (await answer.json())["data"]["groups"]
            assert [rule["lastError"] for rule in group["rules"] if rule.get("lastError")] == []
            assert len(group["rules"]) == len(RULES)
            await program.end()
            assert await until(http, 'ALERTS{alertname="YuntiaoDown"}', lambda found: found == ["1"])


@contextlib.asynccontextmanager
async def from_afar(program: Program) -> AsyncIterator[str]:
    """An address of the server where whoever asks is on another machine: only the token lets them in."""

    async def passed_on(request: web.Request) -> web.Response:
        headers = {"Authorization": request.headers.get("Authorization", ""), "X-Forwarded-For": "192.0.2.9"}
        async with aiohttp.ClientSession() as http, http.get(program.url + request.path, headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type="text/plain")

    app = web.Application()
    app.router.add_get("/{path:.*}", passed_on)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


@contextlib.asynccontextmanager
async def prometheus(folder: Path, port: int) -> AsyncIterator[None]:
    running = await asyncio.create_subprocess_exec(
        "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/series",
        f"--web.listen-address=127.0.0.1:{port}", stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        running.terminate()
        await running.wait()


async def until(http: aiohttp.ClientSession, query: str, holds: Callable[[list[str]], bool]) -> bool:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                async with http.get("/api/v1/query", params={"query": query}) as answer:
                    if answer.status == 200:
                        found = (await answer.json())["data"]["result"]
                        if holds([one["value"][1] for one in found]):
                            return True
            await asyncio.sleep(0.2)  # another process tells nobody
