"""Databases of known products: their tables and columns, written by us, with a small shop's rows and its dirt."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

Rows = Sequence[Sequence[object]]


def fill(url: str, tables: dict[str, tuple[str, Rows]]) -> None:
    """Make tables (name -> columns as SQL, rows) and fill them; zero dates are let in, as such databases have them."""
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[sa.make_url(url).get_backend_name()]
    engine = sa.create_engine(sa.make_url(url).set(drivername=driver))
    quote = engine.dialect.identifier_preparer.quote_identifier
    with engine.begin() as connection:
        if engine.dialect.name == "mysql":
            connection.exec_driver_sql("set session sql_mode = ''")
        for name, (columns, rows) in tables.items():
            connection.exec_driver_sql(f"create table {quote(name)} ({columns})")
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                connection.exec_driver_sql(f"insert into {quote(name)} values ({marks})", tuple(row))
    engine.dispose()


ZERO = "0000-00-00 00:00:00"


def woocommerce(prefix: str = "wp_") -> dict[str, tuple[str, Rows]]:
    """Two accounts, two guests (one of them also has an account), euros and dollars, refunds, every status, an order without a date."""
    orders: Rows = [
        # id, status, currency, type, tax, total, customer, email, created, updated, parent
        (1, "wc-completed", "EUR", "shop_order", "19.00", "119.00", 11, "ann@example.org", "2024-06-03 08:00:00", "2024-06-05 08:00:00", 0),
        (2, "wc-processing", "EUR", "shop_order", "3.80", "23.80", 12, "Bob@Example.org", "2024-06-30 21:59:59", "2024-06-30 22:00:00", 0),
        (3, "wc-completed", "EUR", "shop_order", "0.00", "50.00", 0, "guest@example.net", "2024-06-10 10:00:00", "2024-06-10 10:00:00", 0),
        (
            4,
            "wc-completed",
            "EUR",
            "shop_order",
            "0.00",
            "70.00",
            0,
            " GUEST@example.net ",
            "2024-06-11 10:00:00",
            "2024-06-11 10:00:00",
            0,
        ),
        (5, "wc-completed", "EUR", "shop_order", "0.00", "30.00", 0, "ANN@example.org", "2024-06-12 10:00:00", "2024-06-12 10:00:00", 0),
        (6, "wc-cancelled", "EUR", "shop_order", "0.00", "500.00", 11, "ann@example.org", "2024-06-13 10:00:00", "2024-06-13 10:00:00", 0),
        (7, "wc-on-hold", "EUR", "shop_order", "0.00", "900.00", 12, "bob@example.org", "2024-06-14 10:00:00", "2024-06-14 10:00:00", 0),
        (8, "wc-refunded", "EUR", "shop_order", "0.00", "40.00", 12, "bob@example.org", "2024-06-15 10:00:00", "2024-06-20 10:00:00", 0),
        (9, "wc-checkout-draft", "EUR", "shop_order", "0.00", "77.00", 0, None, "2024-06-16 10:00:00", "2024-06-16 10:00:00", 0),
        (10, "wc-completed", "USD", "shop_order", "0.00", "20.00", 11, "ann@example.org", "2024-06-17 10:00:00", "2024-06-17 10:00:00", 0),
        (11, "wc-completed", "EUR", "shop_order", "0.00", "10.00", 12, "bob@example.org", None, "2024-06-17 10:00:00", 0),
        (12, "wc-shipped", "EUR", "shop_order", "1.00", "11.00", 12, "bob@example.org", "2024-06-18 10:00:00", "2024-06-18 10:00:00", 0),
        (13, "wc-completed", "EUR", "shop_order", "0.00", "5.00", 12, "bob@example.org", "2024-06-30 22:30:00", "2024-06-30 22:30:00", 0),
        (21, "wc-completed", "EUR", "shop_order_refund", "0.00", "-40.00", 0, None, "2024-06-20 10:00:00", "2024-06-20 10:00:00", 8),
        (22, "wc-completed", "EUR", "shop_order_refund", "-1.90", "-11.90", 0, None, "2024-06-21 10:00:00", "2024-06-21 10:00:00", 1),
        (23, "wc-completed", "EUR", "shop_order_refund", "0.00", "-500.00", 0, None, "2024-06-22 10:00:00", "2024-06-22 10:00:00", 6),
    ]
    return {
        f"{prefix}wc_orders": (
            "id bigint primary key, status varchar(20), currency varchar(10), type varchar(20), tax_amount decimal(26,8), total_amount "
            "decimal(26,8), customer_id bigint, billing_email varchar(320), date_created_gmt datetime, date_updated_gmt datetime, "
            "parent_order_id bigint",
            orders,
        ),
        f"{prefix}wc_order_operational_data": (
            "id bigint primary key, order_id bigint, created_via varchar(100), discount_total_amount decimal(26,8)",
            [(1, 1, "checkout", "5.00"), (2, 3, "admin", "0.00")],
        ),
        f"{prefix}wc_order_addresses": (
            "id bigint primary key, order_id bigint, address_type varchar(20), first_name text, last_name text, country text, email text",
            [(1, 3, "billing", "Gus", "Guest", "AT", "guest@example.net"), (2, 3, "shipping", "Other", "Name", "CH", None)],
        ),
        f"{prefix}users": (
            "ID bigint primary key, user_email varchar(100), display_name varchar(250), user_registered datetime",
            [(11, "ann@example.org", "Ann", "2023-01-05 10:00:00"), (12, "bob@example.org", "Bob", ZERO)],
        ),
        f"{prefix}usermeta": (
            "umeta_id bigint primary key, user_id bigint, meta_key varchar(255), meta_value longtext",
            [(1, 11, "billing_country", "DE")],
        ),
        f"{prefix}options": (
            "option_id bigint primary key, option_name varchar(191), option_value longtext",
            [
                (1, "woocommerce_custom_orders_table_enabled", "yes"),
                (2, "woocommerce_currency", "EUR"),
                (3, "timezone_string", "Europe/Berlin"),
                (4, "blogname", "Nordlicht"),
            ],
        ),
    }


def osticket(prefix: str = "ost_") -> dict[str, tuple[str, Rows]]:
    """Ann, a stranger and Bob under another spelling; one merged, one deleted, one open, one closed at no time."""
    tickets: Rows = [
        # id, number, user, status, dept, topic, source, due, est_due, closed, created, parent
        (1, "100001", 1, 2, 1, 1, "Email", None, "2024-06-05 09:00:00", "2024-06-04 09:00:00", "2024-06-03 09:00:00", None),
        (2, "100002", 2, 1, 1, 2, "Web", None, None, None, "2024-06-10 09:00:00", None),
        (3, "100003", 3, 1, 1, 3, "Phone", None, ZERO, ZERO, "2024-06-11 09:00:00", None),
        (4, "100004", 3, 1, 1, 1, "Web", None, None, None, "2024-06-12 09:00:00", 3),
        (5, "100005", 1, 3, 1, 1, "Web", None, None, None, "2024-06-13 09:00:00", None),
    ]
    return {
        f"{prefix}ticket": (
            "ticket_id int primary key, number varchar(20), user_id int, status_id int, dept_id int, topic_id int, source varchar(20), "
            "duedate datetime, est_duedate datetime, closed datetime, created datetime not null, ticket_pid int",
            tickets,
        ),
        f"{prefix}ticket_status": (
            "id int primary key, name varchar(60), state varchar(16)",
            [(1, "Open", "open"), (2, "Closed", "closed"), (3, "Deleted", "deleted")],
        ),
        f"{prefix}user": ("id int primary key, default_email_id int, name varchar(128)", [(1, 1, "Ann"), (2, 2, "S"), (3, 3, "Bob")]),
        f"{prefix}user_email": (
            "id int primary key, user_id int, address varchar(128)",
            [(1, 1, "ann@example.org"), (2, 2, "stranger@example.com"), (3, 3, "BOB@example.org")],
        ),
        f"{prefix}help_topic": (
            "topic_id int primary key, topic varchar(128)",
            [(1, "Beschwerde"), (2, "General Inquiry"), (3, "Return / RMA")],
        ),
        f"{prefix}department": ("id int primary key, name varchar(128)", [(1, "Support")]),
        f"{prefix}thread": ("id int primary key, object_id int, object_type char(1)", [(1, 1, "T"), (2, 2, "T"), (3, 3, "T"), (9, 1, "A")]),
        f"{prefix}thread_entry": (
            "id int primary key, thread_id int, staff_id int, type char(1), created datetime",
            [
                (1, 1, 0, "M", "2024-06-03 09:00:00"),
                (2, 1, 0, "R", "2024-06-03 09:01:00"),  # by the mailer
                (3, 1, 5, "R", "2024-06-03 11:00:00"),
                (4, 1, 5, "N", "2024-06-03 10:00:00"),
            ],
        ),
        f"{prefix}thread_event": ("id int primary key, thread_id int, event_id int", [(1, 1, 1), (2, 1, 3), (3, 1, 3), (4, 3, 5)]),
        f"{prefix}event": ("id int primary key, name varchar(60)", [(1, "created"), (2, "closed"), (3, "reopened"), (5, "transferred")]),
    }


def limesurvey(prefix: str = "lime_") -> dict[str, tuple[str, Rows]]:
    """One with participants: NPS as a list, a recommendation of five points, an array, a list that is no scale; one without."""
    questions: Rows = [
        # qid, parent, sid, gid, type, title
        (1, 0, 1234, 1, "L", "NPS"),
        (2, 0, 1234, 1, "5", "OVER"),
        (3, 0, 1234, 1, "F", "GRID"),
        (4, 3, 1234, 1, "T", "SQ001"),
        (5, 3, 1234, 1, "T", "SQ002"),
        (6, 0, 1234, 1, "L", "COLOUR"),
        (7, 0, 1234, 1, "5", "REC5"),
        (8, 0, 1234, 1, "T", "WHY"),
        (9, 0, 999, 2, "5", "ANON"),
    ]
    words = {
        1: "Wie wahrscheinlich empfehlen Sie uns?",
        2: "Wie zufrieden?",
        3: "Bewerten Sie",
        4: "Preis",
        5: "Lieferung",
        6: "Farbe?",
        7: "Would you recommend us?",
        8: "Warum?",
        9: "Zufrieden?",
    }
    answers = [(1, str(code)) for code in range(11)] + [(3, f"A{code}") for code in range(1, 6)] + [(6, "red"), (6, "blue")]
    return {
        f"{prefix}surveys": (
            "sid int primary key, active varchar(1), anonymized varchar(1)",
            [(1234, "Y", "N"), (999, "Y", "Y"), (77, "N", "N")],
        ),
        f"{prefix}questions": ("qid int primary key, parent_qid int, sid int, gid int, type varchar(30), title varchar(20)", questions),
        f"{prefix}question_l10ns": (
            "id int primary key, qid int, question mediumtext, language varchar(20)",
            [(qid, qid, text, "de") for qid, text in words.items()],
        ),
        f"{prefix}answers": (
            "aid int primary key, qid int, code varchar(5)",
            [(place, *row) for place, row in enumerate(answers, start=1)],
        ),
        f"{prefix}survey_1234": (
            "id int primary key, token varchar(36), submitdate datetime, 1234X1X1 varchar(5), 1234X1X2 varchar(5), "
            "1234X1X3SQ001 varchar(5), 1234X1X3SQ002 varchar(5), 1234X1X6 varchar(5), 1234X1X7 varchar(5), 1234X1X8 text",
            [
                (1, "ta", "2024-06-05 10:00:00", "9", "5", "A4", "", "red", "5", "x"),
                (2, "ts", "2024-06-06 10:00:00", "0", "1", "A2", "A1", "blue", "", ""),
                (3, "tb", None, "3", "1", "A1", "A1", "", "", ""),
                (4, "ta", "1980-01-01 00:00:00", "3", "1", "A1", "A1", "", "", ""),
                (5, None, "2024-06-07 10:00:00", "10", "", None, None, None, None, None),
            ],
        ),
        f"{prefix}tokens_1234": (
            "tid int primary key, email text, token varchar(36)",
            [(1, "Ann <ann@example.org>", "ta"), (2, "stranger@example.com", "ts"), (3, "bob@example.org", "tb")],
        ),
        f"{prefix}survey_999": ("id int primary key, submitdate datetime, 999X2X9 varchar(5)", [(1, "2024-06-08 10:00:00", "3")]),
    }
