"""What a person reads when a source is not there or not as agreed: what, where, what was not done, what to do."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.intake import check
from flows.settings import Settings
from tests.flows.intake.builders import at, database, order, pulled, settings, write_csv, write_table
from tests.places import MARIADB
from transforms.errors import HeldError, ReviewError, UnreachableError, UsageError

ROWS = [order("O1", "2024-06-03 09:00", "60"), order("O2", "2024-06-04 09:00", "61")]


def drops(folder: Path, block: str = 'files = "sales*"') -> Settings:
    (folder / "drops").mkdir(exist_ok=True)
    return settings(folder, f'[[tables.orders]]\nsource = "drops"\ntimezone = "UTC"\n{block}\n', sources='[sources.drops]\npath = "drops"')


def shop(folder: Path, url: str, query: str = "select * from orders") -> Settings:
    block = f"[[tables.orders]]\nsource = \"shop\"\ntimezone = \"UTC\"\nquery = '''{query}'''\n"
    return settings(folder, block, sources=f'[sources.shop]\nurl = "{url}"')


def said(config: Settings, kind: type[ReviewError], **more: object) -> str:
    """The whole message of the error that pulling ends with; never long, never with a secret."""
    with pytest.raises(ReviewError) as caught:
        pulled(config, **more)
    message = str(caught.value)
    assert caught.type is kind, message
    assert len(message.splitlines()) <= 10
    assert "s3cret" not in message
    return message


@contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("driver", ["postgresql", "mysql+pymysql"])
def test_an_unreachable_server_is_named_after_three_tries(driver: str, tmp_path: Path) -> None:
    pauses: list[float] = []
    with closed_port() as port:
        config = shop(tmp_path, f"{driver}://reader:s3cret@127.0.0.1:{port}/shop")
        message = said(config, UnreachableError, sleep=pauses.append)
    assert re.sub(r"in \d+ s", "in N s", message) == (
        f"orders@shop: connection refused at 127.0.0.1:{port}/shop (3 tries in N s).\n"
        "Nothing was read. See that the server runs and that sources.shop.url names it, then run the same command again."
    )
    assert pauses == [0.5, 1.5]


def test_an_unknown_host_is_named(tmp_path: Path) -> None:
    message = said(shop(tmp_path, "mysql+pymysql://reader:s3cret@no-such-host.invalid/shop"), UnreachableError, sleep=lambda pause: None)
    assert re.match(r"orders@shop: no such host at no-such-host\.invalid/shop \(3 tries in \d+ s\)\.\nNothing was read\.", message)


def test_a_wrong_password_is_not_tried_again(tmp_path: Path) -> None:
    with database("mariadb", tmp_path) as url:
        server = sa.create_engine(MARIADB, isolation_level="AUTOCOMMIT")
        user = url.rsplit("_", 1)[-1]
        with server.connect() as connection:
            connection.exec_driver_sql(f"create user '{user}'@'%%' identified by 'right'")
            connection.exec_driver_sql(f"create user '{user}'@'localhost' identified by 'right'")
        try:
            target = sa.make_url(url)
            wrong = target.set(username=user, password="s3cret").render_as_string(hide_password=False)
            message = said(shop(tmp_path, wrong), UnreachableError, sleep=lambda pause: pytest.fail("tried again"))
        finally:
            with server.connect() as connection:
                connection.exec_driver_sql(f"drop user '{user}'@'%%', '{user}'@'localhost'")
            server.dispose()
    first, second = message.splitlines()
    assert first.startswith(f"orders@shop: 127.0.0.1:3306/{target.database} refuses the user {user}: Access denied for user '{user}'@")
    assert second == "Nothing was read. Correct user and password in sources.shop.url (or the environment variable they come from)."


def test_a_wrong_password_at_postgresql(tmp_path: Path) -> None:
    with refusing_postgres(b"28P01", b'password authentication failed for user "reader"') as port:
        message = said(
            shop(tmp_path, f"postgresql://reader:s3cret@127.0.0.1:{port}/shop"),
            UnreachableError,
            sleep=lambda pause: pytest.fail("tried again"),
        )
    assert message.splitlines()[0].startswith(f"orders@shop: 127.0.0.1:{port}/shop refuses the user reader: ")
    assert 'password authentication failed for user "reader"' in message


def test_an_unknown_database(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        message = said(shop(tmp_path, f"{url}_gone"), UnreachableError)
    assert message.endswith("Nothing was read. Correct the database's name in sources.shop.url.")


def test_a_missing_sqlite_file_is_not_made(tmp_path: Path) -> None:
    message = said(shop(tmp_path, "sqlite:///shop.db"), UnreachableError)
    assert message == (
        f"orders@shop: there is no database file {tmp_path / 'shop.db'}.\n"
        "Nothing was read. Correct sources.shop.url, or bring the file back."
    )
    assert not (tmp_path / "shop.db").exists()


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
def test_a_connection_that_dies_in_the_middle_keeps_nothing(backend: str, tmp_path: Path) -> None:
    from flows.sources.chunks import Block, Span
    from flows.sources.sql import SqlSource

    with database(backend, tmp_path) as url:
        write_table(url, "orders", [order(f"O{number}", "2024-06-03 09:00", "1", channel="x" * 190) for number in range(2000)])
        config = shop(tmp_path, url, "select a.* from orders a cross join (select 1 from orders limit 100) b")
        source = SqlSource("shop", url, "orders@shop", frozenset())
        chunks = source.read(
            Block("orders", 1, config.tables["orders"][0]), Span(at("1980-01-01T00:00+00:00"), at("2025-01-01T00:00+00:00"))
        )
        next(chunks)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if backend == "postgresql":
                ours = "application_name = 'keping' and datname = current_database()"
                connection.exec_driver_sql(f"select pg_terminate_backend(pid) from pg_stat_activity where {ours}")
            else:
                mine = connection.exec_driver_sql("select connection_id()").scalar()
                listed = connection.exec_driver_sql("select id from information_schema.processlist where db = database()").scalars().all()
                for number in listed:
                    if number != mine:
                        connection.exec_driver_sql(f"kill {number}")
        engine.dispose()
        with pytest.raises(UnreachableError) as caught:
            list(chunks)
        source.close()
    first, second = str(caught.value).splitlines()
    assert re.match(r"orders@shop: the connection was lost after [\d,]+ rows: ", first)
    assert second == "No part of them was kept. Run the same command again."


def test_a_missing_folder(tmp_path: Path) -> None:
    config = drops(tmp_path)
    (tmp_path / "drops").rmdir()
    assert said(config, UnreachableError) == (
        f"orders@drops: there is no folder {tmp_path / 'drops'}.\nNothing was read. Correct sources.drops.path, or bring the folder back."
    )


def test_no_file_of_that_name(tmp_path: Path) -> None:
    config = drops(tmp_path)
    write_csv(tmp_path / "drops" / "sale-2024-06.csv", ROWS)
    assert said(config, HeldError) == (
        f"orders@drops: no file matches 'sales*' in {tmp_path / 'drops'}. Files there: sale-2024-06.csv.\n"
        "Nothing was published. Deliver the file, or correct tables.orders[1].files."
    )


def test_an_empty_file(tmp_path: Path) -> None:
    config = drops(tmp_path)
    (tmp_path / "drops" / "sales.csv").touch()
    assert said(config, HeldError) == (
        "orders@drops: sales.csv is empty (0 bytes); not even a header.\nNothing was published. Deliver the file again."
    )


def test_a_file_without_header(tmp_path: Path) -> None:
    config = drops(tmp_path)
    (tmp_path / "drops" / "sales.csv").write_text("A1001,2024-06-03,C7,60.00\nA1002,2024-06-04,C8,61.00\n")
    message = said(config, HeldError)
    assert message.splitlines()[:2] == ["orders@drops: sales.csv has no column order_id.", "Found: A1001, 2024-06-03, C7, 60.00."]
    (tmp_path / "drops" / "sales.csv").write_text("1001,17,60.00\n1002,18,61.00\n")
    assert said(config, HeldError) == (
        "orders@drops: sales.csv has no header: its first line is '1001,17,60.00'.\n"
        "Nothing was published. Put the column names into the first line."
    )


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    config = drops(tmp_path)
    renamed = [{("amonut" if name == "amount" else name): value for name, value in row.items()} for row in ROWS]
    write_csv(tmp_path / "drops" / "sales.csv", renamed)
    assert said(config, HeldError) == (
        "orders@drops: sales.csv has no column amount.\n"
        "Found: order_id, customer_id, ordered_at, amonut. Nearest: amonut.\n"
        'Nothing was published. Bring the column back, or in tables.orders[1] say which column it is: columns = { amount = "..." }.'
    )


def test_a_column_that_is_asked_for_by_name_and_is_gone(tmp_path: Path) -> None:
    config = drops(tmp_path, 'files = "sales*"\ncolumns = { channel = "Kanal" }')
    write_csv(tmp_path / "drops" / "sales.csv", ROWS)
    assert "sales.csv has no column channel (expected under the name 'Kanal')." in said(config, HeldError)


def test_a_missing_column_of_a_query(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        write_table(url, "orders", [{"id": "O1", "customer_id": "C1", "ordered_at": ROWS[0]["ordered_at"], "amount": ROWS[0]["amount"]}])
        message = said(shop(tmp_path, url), HeldError)
    assert message == (
        "orders@shop: the query's result has no column order_id.\n"
        "Found: id, customer_id, ordered_at, amount.\n"
        "Nothing was published. Bring the column back, or in tables.orders[1] name it in the query: select ... as order_id."
    )


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
def test_a_query_that_the_database_refuses(backend: str, tmp_path: Path) -> None:
    with database(backend, tmp_path) as url:
        write_table(url, "orders", ROWS)
        message = said(shop(tmp_path, url, "select * from sales where ordered_at >= :start"), UsageError)
    assert message.startswith("orders@shop: the database refuses the query: ")
    assert message.endswith("Nothing was read. Correct tables.orders[1].query.")
    assert "sales" in message and "1980" not in message and "[SQL" not in message


def test_a_file_in_another_encoding_names_line_byte_and_cure(tmp_path: Path) -> None:
    config = drops(tmp_path)
    rows = [order(f"O{number}", "2024-06-03 09:00", "1") for number in range(2, 812)]
    path = write_csv(tmp_path / "drops" / "sales.csv", rows)
    path.write_bytes(path.read_bytes() + b"O812,Women\x92s World,2024-06-03 09:00,1\r\n")
    assert said(config, HeldError) == (
        'orders@drops: sales.csv line 812: byte 0x92 is not UTF-8; set encoding = "cp1252" in the block.\nNothing was published.'
    )


def test_chinese_text_in_its_own_encoding_is_recognised(tmp_path: Path) -> None:
    config = drops(tmp_path)
    write_csv(tmp_path / "drops" / "sales.csv", [order("O1", "2024-06-03 09:00", "1", customer="上海客户")], encoding="gb18030")
    assert 'set encoding = "gb18030"' in said(config, HeldError)


def test_utf_16_is_recognised(tmp_path: Path) -> None:
    config = drops(tmp_path)
    write_csv(tmp_path / "drops" / "sales.csv", ROWS, encoding="utf-16")
    assert said(config, HeldError) == (
        'orders@drops: sales.csv is UTF-16, not UTF-8; set encoding = "utf-16" in the block.\nNothing was published.'
    )


def test_local_times_without_a_time_zone(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    write_csv(tmp_path / "drops" / "sales.csv", ROWS)
    config = settings(tmp_path, '[[tables.orders]]\nsource = "drops"\nfiles = "sales*"\n', sources='[sources.drops]\npath = "drops"')
    assert said(config, UsageError) == (
        "tables.orders[1]: ordered_at holds local times (such as 2024-06-03 09:00:00), and the block names no time zone.\n"
        'Nothing was read. Say whose clock it is: add timezone = "UTC", or timezone = "Asia/Shanghai", to that block.'
    )


def test_a_column_of_the_wrong_type_is_critical_and_says_so(tmp_path: Path) -> None:
    config = drops(tmp_path)
    write_csv(tmp_path / "drops" / "sales.csv", [{**row, "amount": "see invoice"} for row in ROWS])
    found = {finding.rule: finding for finding in pulled(config).findings}["orders.amount.type"]
    assert (found.severity.value, found.month, found.rows, found.of_rows) == ("critical", "2024-06", 2, 2)
    assert found.message == (
        "orders 2024-06: 2 of 2 rows are refused by orders.amount.type (first: sales.csv:2, sales.csv:3). Values: 'see invoice' 2. "
        "Most rows fail: what the source gives there is not what the block says it is."
    )


def test_a_month_without_rows_is_critical(tmp_path: Path) -> None:
    config = drops(tmp_path)
    write_csv(tmp_path / "drops" / "sales.csv", ROWS)
    result = pulled(config, "2024-07", first="2024-06")
    found = {finding.month: finding for finding in result.findings if finding.rule == "orders.rows.none"}
    assert found["2024-07"].severity.value == "critical"
    assert found["2024-07"].message == "orders 2024-07: no rows. Ask whether the month's data have arrived, then run it again."


def test_a_header_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    config = drops(tmp_path)
    (tmp_path / "drops" / "sales.csv").write_text("order_id,customer_id,ordered_at,amount\n")
    found = [finding for finding in pulled(config).findings if finding.rule == "orders.rows.none"]
    assert [(finding.severity.value, finding.month) for finding in found] == [("critical", "")]
    assert found[0].message == "orders: no row at all. See that the query or file still brings what it should, then run again."


def test_check_gives_one_line_per_source_and_block(tmp_path: Path) -> None:
    config = drops(tmp_path)
    write_csv(tmp_path / "drops" / "sales.csv", ROWS)
    assert check(config) == [("source drops: folder is there", None), ("tables.orders[1] (orders@drops): 1 file(s), 4 of 16 columns", None)]
    (tmp_path / "drops" / "sales.csv").write_text("order_id,customer_id,ordered_at\n")
    problem = check(config)[1][1]
    assert isinstance(problem, HeldError) and str(problem).startswith("orders@drops: sales.csv has no column amount.")


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
def test_check_asks_a_database_for_columns_only(backend: str, tmp_path: Path) -> None:
    with database(backend, tmp_path) as url:
        write_table(url, "orders", ROWS)
        query = "select * from orders where ordered_at >= :start and ordered_at < :end"
        assert check(shop(tmp_path, url, query))[1:] == [("tables.orders[1] (orders@shop): 4 of 16 columns", None)]
        broken = check(shop(tmp_path, url, "select * from nowhere"))[1][1]
    assert str(broken).startswith("orders@shop: the database refuses the query: ")
    with closed_port() as port:
        lines = check(shop(tmp_path, f"postgresql://reader:s3cret@127.0.0.1:{port}/shop"), sleep=lambda pause: None)
    assert (
        len(lines) == 1
        and isinstance(lines[0][1], UnreachableError)
        and "connection refused" in str(lines[0][1])
        and "s3cret" not in str(lines)
    )


def without_column(folder: Path) -> Settings:
    write_csv(folder / "drops" / "sales.csv", [{"order_id": "1", "customer_id": "C1", "ordered_at": at("2024-06-01")}])
    return drops(folder)


def empty_file(folder: Path) -> Settings:
    (folder / "drops" / "sales.csv").touch()
    return drops(folder)


def no_folder(folder: Path) -> Settings:
    return settings(
        folder, '[[tables.orders]]\nsource = "gone"\ntimezone = "UTC"\nfiles = "*.csv"\n', sources='[sources.gone]\npath = "gone"'
    )


def no_timezone(folder: Path) -> Settings:
    write_csv(folder / "drops" / "sales.csv", ROWS)
    return settings(folder, '[[tables.orders]]\nsource = "drops"\nfiles = "*.csv"\n', sources='[sources.drops]\npath = "drops"')


def no_timezone_in_a_database(folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'shop.db'}"
    write_table(url, "orders", ROWS)
    query = "select * from orders where ordered_at >= :start and ordered_at < :end"
    return settings(folder, f'[[tables.orders]]\nsource = "shop"\nquery = "{query}"\n', sources=f'[sources.shop]\nurl = "{url}"')


@pytest.mark.parametrize(
    ("trouble", "exit_code"), [(without_column, 3), (empty_file, 3), (no_folder, 4), (no_timezone, 2), (no_timezone_in_a_database, 2)]
)
def test_check_ends_as_a_run_would_end(trouble: Callable[[Path], Settings], exit_code: int, tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    config = trouble(tmp_path)
    found = next(error for _, error in check(config) if error is not None)
    with pytest.raises(ReviewError) as caught:
        pulled(config)
    assert (type(found), found.exit_code, str(found)) == (caught.type, exit_code, str(caught.value))


@contextmanager
def refusing_postgres(code: bytes, message: bytes) -> Iterator[int]:
    """A server that speaks just enough of PostgreSQL's protocol to refuse a log-in."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                packet = client.recv(1024)
                if packet[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # asks for TLS or GSS
                    client.sendall(b"N")
                    client.recv(1024)
                body = b"SFATAL\0VFATAL\0C" + code + b"\0M" + message + b"\0\0"
                client.sendall(b"E" + (len(body) + 4).to_bytes(4, "big") + body)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)
