from __future__ import annotations

import gzip
import json
import socket
from itertools import pairwise

import pytest

from mj_widgets.sandbox import Sandbox, serve
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import JSON, NDJSON, ORDER, billed, broken, order, told


def test_cut_before_the_first_line(box: Sandbox, ask: Ask) -> None:
    before = billed(box)
    assert broken(ask, "a fox sandbox:cut=0") == (b"", "RemoteProtocolError")
    assert billed(box) == before + 1


def test_cut_after_each_line(ask: Ask) -> None:
    whole = told(order(ask, "a fox", NDJSON).content)
    for count in range(1, len(whole)):
        got, how = broken(ask, f"a fox sandbox:cut={count}")
        assert how == "RemoteProtocolError"
        assert len(told(got)) == count
        assert got.endswith(b"}\n")


def test_cut_in_the_middle_of_a_line_and_of_a_character(box: Sandbox, ask: Ask) -> None:
    box.faults.extend([{"on": "imagine", "fault": "cut", "line": 2, "inside": inside} for inside in ("line", "character")])
    got, how = broken(ask)
    assert how == "RemoteProtocolError"
    *lines, rest = [line for line in got.split(b"\n") if line]
    assert len(told(b"\n".join(lines))) == 2
    assert rest.startswith(b"{")
    assert not rest.endswith(b"}")
    got, how = broken(ask)
    assert how == "RemoteProtocolError"
    with pytest.raises(UnicodeDecodeError, match="unexpected end of data"):
        got.decode()


@pytest.mark.parametrize("byte", [0, 1, 100, 2000])
@pytest.mark.parametrize("accept", [JSON, NDJSON])
def test_cut_after_so_many_bytes(box: Sandbox, ask: Ask, byte: int, accept: str) -> None:
    whole = len(order(ask, accept=accept).content)
    box.faults.add("imagine", "cut", byte=byte)
    got, how = broken(ask, accept=accept)
    cut = byte < whole - 200
    assert len(got) == byte if cut else got
    assert (how == "RemoteProtocolError") is cut


def test_a_whole_reply_is_cut_in_half(ask: Ask) -> None:
    got, how = broken(ask, "a fox sandbox:cut", accept=JSON)
    assert how == "RemoteProtocolError"
    assert got.startswith(b'{"image_url"')
    assert not got.endswith(b"}")


def test_a_cut_ends_the_connection_and_not_the_body(box: Sandbox) -> None:
    """Seen without a client in between: headers, one chunk, and the end, without the chunk that ends a body."""
    body = b'{"prompt": "a fox sandbox:cut"}'
    host, port = box.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        head = f"POST {ORDER} HTTP/1.1\r\nhost: x\r\naccept: application/x-ndjson\r\ncontent-length: {len(body)}\r\n\r\n"
        line.sendall(head.encode() + body)
        got = b"".join(iter(lambda: line.recv(65536), b""))
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"transfer-encoding: chunked" in got.lower()
    assert got.endswith(b"}\n\r\n")
    assert b"\r\n0\r\n" not in got


def test_a_cut_can_be_a_reset(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "cut", line=1, reset=True)
    assert broken(ask)[1] == "ReadError"


def test_what_was_cut_can_be_looked_up(ask: Ask) -> None:
    task_id = told(broken(ask, "a fox sandbox:cut=1")[0])[0]["task_id"]
    assert ask.tasks(id=task_id)["response"]["progress"] == 100


def test_a_drip_is_the_same_in_small_pieces(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "drip", size=100, pause=0.001)
    with ask.http.stream("POST", ORDER, json={"prompt": "a fox"}, headers={"accept": NDJSON}) as reply:
        pieces = list(reply.iter_raw())
    assert max(map(len, pieces)) <= 100 * 5  # the network may put some together
    assert len(pieces) > 10
    assert told(b"".join(pieces))[-1]["progress"] == 100


def test_blank_lines_come_at_once_and_all_the_time() -> None:
    order = {"json": {"prompt": "sandbox:keepalive=0.01"}, "headers": {"accept": NDJSON}}
    with serve(speed=0.001) as url, Ask(url) as ask, ask.http.stream("POST", ORDER, **order) as reply:
        pieces = reply.iter_raw()
        got = b"".join(next(pieces) for _ in range(5))
    assert got.strip() == b""
    assert set(got) == set(b" \r\n")


def test_blank_lines_come_before_between_and_after_the_others(ask: Ask) -> None:
    text = order(ask, "a fox sandbox:keepalive=9", NDJSON).content
    assert text.endswith(b"\n")
    lines = text.splitlines()
    assert not lines[0].strip()
    assert not any(one.strip() and other.strip() for one, other in pairwise(lines))


@pytest.mark.parametrize("card", ["keepalive", "garbage", "gzip", "unicode", "drip=0", "keepalive+garbage+unicode+gzip"])
def test_between_the_noise_the_lines_are_whole(ask: Ask, card: str) -> None:
    text = order(ask, f"a fox sandbox:{card}", NDJSON).content
    lines = []
    for line in text.splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if isinstance(data, dict) and "task_id" in data:
            lines.append(data)
    assert len(lines) >= 5
    assert lines[-1]["progress"] == 100
    assert len({line["task_id"] for line in lines}) == 1


def test_garbage_is_of_every_kind(ask: Ask) -> None:
    text = order(ask, "a fox sandbox:garbage", NDJSON).content
    for piece in (b"<html>", b'{"success": tr\n', b"\n[]\n", b"\n42\n", b"\nnull\n", b"\xff", b'{"note"'):
        assert piece in text


def test_a_compressed_stream_can_be_read_line_by_line(ask: Ask) -> None:
    with ask.http.stream("POST", ORDER, json={"prompt": "sandbox:gzip"}, headers={"accept": NDJSON}) as reply:
        assert reply.headers["content-encoding"] == "gzip"
        raw = b"".join(reply.iter_raw())
    assert told(gzip.decompress(raw))[-1]["progress"] == 100


def test_two_last_lines(box: Sandbox, ask: Ask) -> None:
    _, lines = ask.stream("a fox sandbox:two_finals")
    assert lines[-1] == lines[-2]
    assert lines[-1]["progress"] == 100
    box.faults.add("imagine", "two_finals", then="failure")
    _, lines = ask.stream("a fox")
    assert [line["success"] for line in lines[-2:]] == [True, False]


def test_progress_goes_backwards(ask: Ask) -> None:
    _, lines = ask.stream("a fox sandbox:backwards")
    numbers = [line["progress"] for line in lines]
    assert any(later < earlier for earlier, later in pairwise(numbers))
    assert numbers[-1] == 100


def test_a_truncated_reply_is_no_json(ask: Ask) -> None:
    reply = order(ask, "a fox sandbox:truncated", accept=JSON)
    assert reply.status_code == 200
    with pytest.raises(ValueError, match=r".+"):
        reply.json()
