"""Further products in one MariaDB and one PostgreSQL database: their tables and columns, written by us, a few rows each and their dirt."""

# ruff: noqa: E501 - rows and columns of a table read best on a line each

from __future__ import annotations

from datetime import UTC, datetime

from tests.flows.first_day.products import ZERO, Rows

Tables = dict[str, tuple[str, Rows]]


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def prestashop() -> Tables:
    """A sum in dollars at 1.25, a guest twice under two records, an order that waits for a cheque, a slip, a cancelled order, zero dates."""
    customers: Rows = [
        (1, 0, "Ann", "A", "ann@example.org", "1990-01-01", 0, "2023-01-01 10:00:00"),
        (2, 1, "Gus", "G", "gus@example.net", "0000-00-00", 0, "2024-06-01 10:00:00"),
        (3, 1, "Gus", "G", "GUS@example.net", "0000-00-00", 0, ZERO),
    ]
    orders: Rows = [  # id, customer, state, payment, rate, paid incl, paid excl, disc incl, disc excl, delivered, added, updated
        (1, 1, 5, "card", "1.25", "150.00", "125.00", "0", "0", ZERO, "2024-06-03 10:00:00", "2024-06-03 10:00:00"),
        (2, 2, 2, "card", "1", "24.00", "20.00", "1.2", "1", "2024-06-07 10:00:00", "2024-06-04 10:00:00", "2024-06-04 10:00:00"),
        (3, 3, 4, "card", "1", "12.00", "10.00", "0", "0", ZERO, "2024-06-05 10:00:00", "2024-06-05 10:00:00"),
        (4, 1, 1, "cheque", "1", "600.00", "500.00", "0", "0", ZERO, "2024-06-06 10:00:00", "2024-06-06 10:00:00"),
        (5, 1, 6, "card", "1", "700.00", "600.00", "0", "0", ZERO, "2024-06-06 10:00:00", "2024-06-06 10:00:00"),
        (6, 1, 7, "card", "1", "36.00", "30.00", "0", "0", ZERO, "2024-06-07 10:00:00", "2024-06-08 10:00:00"),
    ]
    return {
        "ps_orders": (
            "id_order int primary key, id_customer int, current_state int, payment varchar(255), conversion_rate decimal(13,6), total_paid_tax_incl "
            "decimal(20,6), total_paid_tax_excl decimal(20,6), total_discounts_tax_incl decimal(20,6), total_discounts_tax_excl decimal(20,6), "
            "delivery_date datetime, date_add datetime, date_upd datetime",
            orders,
        ),
        "ps_order_slip": (
            "id_order_slip int primary key, conversion_rate decimal(13,6), id_customer int, id_order int, total_products_tax_excl decimal(20,6), "
            "total_products_tax_incl decimal(20,6), total_shipping_tax_excl decimal(20,6), total_shipping_tax_incl decimal(20,6), date_add datetime",
            [
                (1, "1", 1, 6, "25.00", "30.00", "5.00", "6.00", "2024-06-08 10:00:00"),
                (2, "1", 1, 5, "600", "700", None, None, "2024-06-08 10:00:00"),
            ],
        ),
        "ps_order_state": ("id_order_state int primary key, deleted tinyint", [(n, 0) for n in range(1, 14)]),
        "ps_order_state_lang": (
            "id_order_state int, id_lang int, name varchar(64)",
            [(n, lang, f"S{n}") for n in range(1, 14) for lang in (1, 2)],
        ),
        "ps_customer": (
            "id_customer int primary key, is_guest tinyint, firstname varchar(255), lastname varchar(255), email varchar(255), birthday date, "
            "deleted tinyint, date_add datetime",
            customers,
        ),
        "ps_currency": ("id_currency int primary key, iso_code varchar(3)", [(1, "EUR"), (2, "USD")]),
        "ps_configuration": (
            "id_configuration int primary key, name varchar(254), value text",
            [(1, "PS_TIMEZONE", "Europe/Paris"), (2, "PS_CURRENCY_DEFAULT", "1"), (3, "PS_SHOP_NAME", "Maison")],
        ),
    }


def magento() -> Tables:
    """An account, a guest, an order that is not paid, a cancelled one, a credit memo of each."""
    orders: Rows = [  # id, number, state, customer, email, first, last, total, tax, discount, currency, coupon, created, updated
        (
            1,
            "100",
            "complete",
            1,
            "ann@example.org",
            "Ann",
            "A",
            "119.00",
            "19.00",
            "-5",
            "EUR",
            None,
            "2024-06-03 10:00:00",
            "2024-06-03 10:00:00",
        ),
        (
            2,
            "101",
            "processing",
            None,
            "Gus@example.net",
            "Gus",
            "G",
            "23.80",
            "3.80",
            "0",
            "EUR",
            "SUN",
            "2024-06-04 10:00:00",
            "2024-06-03 10:00:00",
        ),
        (3, "102", "new", 1, "ann@example.org", "Ann", "A", "50.00", "0", "0", "EUR", None, "2024-06-05 10:00:00", "2024-06-03 10:00:00"),
        (
            4,
            "103",
            "canceled",
            1,
            "ann@example.org",
            "Ann",
            "A",
            "70.00",
            "0",
            "0",
            "EUR",
            None,
            "2024-06-06 10:00:00",
            "2024-06-03 10:00:00",
        ),
        (
            5,
            "104",
            "closed",
            1,
            "ann@example.org",
            "Ann",
            "A",
            "11.90",
            "1.90",
            "0",
            "EUR",
            None,
            "2024-06-07 10:00:00",
            "2024-06-03 10:00:00",
        ),
    ]
    return {
        "sales_order": (
            "entity_id int primary key, increment_id varchar(50), state varchar(32), customer_id int, customer_email varchar(128), "
            "customer_firstname varchar(128), customer_lastname varchar(128), base_grand_total decimal(20,4), base_tax_amount decimal(20,4), "
            "base_discount_amount decimal(20,4), base_currency_code varchar(3), coupon_code varchar(255), created_at timestamp null, updated_at timestamp null",
            orders,
        ),
        "sales_creditmemo": (
            "entity_id int primary key, increment_id varchar(50), order_id int, base_grand_total decimal(20,4), base_tax_amount decimal(20,4), "
            "base_currency_code varchar(3), created_at timestamp null",
            [(1, "900", 5, "11.90", "1.90", "EUR", "2024-06-09 10:00:00"), (2, "901", 4, "70.00", "0", "EUR", "2024-06-09 10:00:00")],
        ),
        "customer_entity": (
            "entity_id int primary key, email varchar(255), firstname varchar(255), lastname varchar(255), dob date, created_at timestamp null",
            [(1, "ann@example.org", "Ann", "A", None, "2023-01-01 10:00:00")],
        ),
        "core_config_data": (
            "config_id int primary key, scope varchar(8), path varchar(255), value text",
            [(1, "default", "currency/options/base", "EUR"), (2, "default", "general/locale/timezone", "Europe/Berlin")],
        ),
    }


def opencart() -> Tables:
    """A guest, an order never finished, one refunded a month later and one of May that is refunded in June."""
    orders: Rows = [  # id, store, customer, first, last, email, total, status, added, modified
        (1, "Main", 7, "Ann", "A", "ann@example.org", "119.00", 5, "2024-06-03 10:00:00", "2024-06-03 10:00:00"),
        (2, "Main", 0, "Gus", "G", "gus@example.net", "20.00", 3, "2024-06-04 10:00:00", ZERO),
        (3, "Main", 0, "No", "N", "no@example.net", "99.00", 0, "2024-06-04 10:00:00", ZERO),
        (4, "Main", 7, "Ann", "A", "ann@example.org", "30.00", 11, "2024-05-20 10:00:00", "2024-06-09 10:00:00"),
        (5, "Main", 7, "Ann", "A", "ann@example.org", "44.00", 1, "2024-06-05 10:00:00", ZERO),
        (6, "Main", 7, "Ann", "A", "ann@example.org", "55.00", 7, "2024-06-06 10:00:00", ZERO),
    ]
    names = {1: "Pending", 2: "Processing", 3: "Shipped", 5: "Complete", 7: "Canceled", 11: "Refunded"}
    return {
        "oc_order": (
            "order_id int primary key, store_name varchar(64), customer_id int, firstname varchar(32), lastname varchar(32), email varchar(96), "
            "total decimal(15,4), order_status_id int, date_added datetime, date_modified datetime",
            orders,
        ),
        "oc_order_total": (
            "order_total_id int primary key, order_id int, code varchar(32), value decimal(15,4)",
            [(1, 1, "tax", "19.00"), (2, 1, "total", "119.00")],
        ),
        "oc_order_status": ("order_status_id int, language_id int, name varchar(32)", [(key, 1, name) for key, name in names.items()]),
        "oc_customer": (
            "customer_id int primary key, firstname varchar(32), lastname varchar(32), email varchar(96), date_added datetime",
            [(7, "Ann", "A", "ann@example.org", "2023-01-01 10:00:00")],
        ),
        "oc_setting": (
            "setting_id int primary key, store_id int, `key` varchar(128), value text",
            [(1, 0, "config_currency", "EUR"), (2, 0, "config_name", "Cart")],
        ),
    }


def ecshop() -> Tables:
    """Seconds since 1970, user 0, a returned order with its day, an unpaid one, discount and bonus."""
    orders: Rows = [  # id, sn, user, order, shipping, pay, consignee, email, goods, shipping fee, integral, bonus, discount, added
        (1, "S1", 9, 1, 2, 2, "安", "an@example.cn", "100.00", "10.00", "0", "5.00", "5.00", _seconds("2024-06-02 16:30:00")),
        (2, "S2", 0, 1, 0, 2, "Gast", "gast@example.cn", "50.00", "0", "0", "0", "0", _seconds("2024-06-05 10:00:00")),
        (3, "S3", 9, 0, 0, 0, "安", "an@example.cn", "70.00", "0", "0", "0", "0", _seconds("2024-06-06 10:00:00")),
        (4, "S4", 9, 4, 0, 2, "安", "an@example.cn", "80.00", "0", "0", "0", "0", _seconds("2024-05-20 10:00:00")),
        (5, "S5", 9, 2, 0, 0, "安", "an@example.cn", "90.00", "0", "0", "0", "0", _seconds("2024-06-07 10:00:00")),
    ]
    return {
        "ecs_order_info": (
            "order_id int primary key, order_sn varchar(20), user_id int, order_status tinyint, shipping_status tinyint, pay_status tinyint, "
            "consignee varchar(60), email varchar(60), goods_amount decimal(10,2), shipping_fee decimal(10,2), integral_money decimal(10,2), "
            "bonus decimal(10,2), discount decimal(10,2), add_time int unsigned",
            orders,
        ),
        "ecs_order_action": (
            "action_id int primary key, order_id int, order_status tinyint, log_time int unsigned",
            [(1, 4, 4, _seconds("2024-06-10 10:00:00")), (2, 4, 1, _seconds("2024-05-20 11:00:00"))],
        ),
        "ecs_users": (
            "user_id int primary key, email varchar(60), user_name varchar(60), birthday date, reg_time int unsigned, mobile_phone varchar(20)",
            [(9, "an@example.cn", "an", "0000-00-00", _seconds("2023-01-01 10:00:00"), "13800138000")],
        ),
        "ecs_shop_config": ("id int primary key, code varchar(30), value text", [(1, "shop_name", "易购")]),
    }


def freescout() -> Tables:
    """Answered by a person, a draft, spam, one closed."""
    return {
        "mailboxes": ("id int primary key, name varchar(40)", [(1, "Complaints"), (2, "Info")]),
        "customers": ("id int primary key, first_name varchar(255)", [(1, "Ann")]),
        "emails": ("id int primary key, customer_id int, email varchar(191)", [(1, 1, "ann@example.org")]),
        "conversations": (
            "id int primary key, number int, mailbox_id int, user_id int, customer_id int, customer_email varchar(191), status tinyint, state tinyint, "
            "closed_at timestamp null, created_at timestamp null, updated_at timestamp null",
            [
                (1, 501, 1, 3, 1, "", 3, 2, "2024-06-05 10:00:00", "2024-06-03 10:00:00", None),
                (2, 502, 2, None, 2, "New@example.org", 1, 2, None, "2024-06-04 10:00:00", None),
                (3, 503, 2, None, 2, "x@example.org", 4, 2, None, "2024-06-04 10:00:00", None),
                (4, 504, 2, None, 2, "x@example.org", 1, 1, None, "2024-06-04 10:00:00", None),
            ],
        ),
        "threads": (
            "id int primary key, conversation_id int, type tinyint, state tinyint, created_by_user_id int, created_at timestamp null",
            [(1, 1, 1, 2, None, "2024-06-03 10:00:00"), (2, 1, 2, 2, 3, "2024-06-03 12:00:00"), (3, 1, 3, 2, 3, "2024-06-03 11:00:00")],
        ),
    }


def glpi() -> Tables:
    """A requester with an address of the account, one with an address of the ticket's own, a deleted one; satisfaction."""
    tickets: Rows = [  # id, date, closed, solved, mod, status, priority, type, category, due, deleted
        (1, "2024-06-03 10:00:00", None, "2024-06-04 10:00:00", "2024-06-04 10:00:00", 5, 3, 1, 1, "2024-06-05 10:00:00", 0),
        (2, "2024-06-04 10:00:00", None, None, None, 2, 3, 2, 0, None, 0),
        (3, "2024-06-04 10:00:00", None, None, None, 2, 3, 2, 0, None, 1),
    ]
    return {
        "glpi_tickets": (
            "id int primary key, date timestamp null, closedate timestamp null, solvedate timestamp null, date_mod timestamp null, status int, priority "
            "int, type int, itilcategories_id int, time_to_resolve timestamp null, is_deleted tinyint",
            tickets,
        ),
        "glpi_tickets_users": (
            "id int primary key, tickets_id int, users_id int, type int, alternative_email varchar(255)",
            [(1, 1, 4, 1, ""), (2, 2, 0, 1, "new@example.org"), (3, 1, 5, 2, "")],
        ),
        "glpi_useremails": (
            "id int primary key, users_id int, is_default tinyint, email varchar(255)",
            [(1, 4, 1, "ann@example.org"), (2, 4, 0, "old@example.org")],
        ),
        "glpi_itilcategories": ("id int primary key, completename text", [(1, "Service > Reklamation")]),
        "glpi_itilfollowups": (
            "id int primary key, itemtype varchar(100), items_id int, date timestamp null, users_id int, is_private tinyint",
            [
                (1, "Ticket", 1, "2024-06-03 10:30:00", 4, 0),
                (2, "Ticket", 1, "2024-06-03 11:00:00", 5, 1),
                (3, "Ticket", 1, "2024-06-03 12:00:00", 5, 0),
            ],
        ),
        "glpi_ticketsatisfactions": (
            "id int primary key, tickets_id int, date_begin timestamp null, date_answered timestamp null, satisfaction int, comment text",
            [(1, 1, "2024-06-04 10:00:00", "2024-06-06 10:00:00", 4, "ok"), (2, 2, "2024-06-04 10:00:00", None, None, None)],
        ),
    }


def woocommerce_posts() -> Tables:
    """The same shop before its orders had tables of their own."""
    posts: Rows = [
        (1, "shop_order", "wc-completed", 0, "2024-06-03 08:00:00", "2024-06-03 08:00:00"),
        (2, "shop_order", "wc-on-hold", 0, "2024-06-04 08:00:00", "2024-06-03 08:00:00"),
        (3, "shop_order", "wc-processing", 0, "2024-06-05 08:00:00", "2024-06-03 08:00:00"),
        (4, "shop_order", "auto-draft", 0, ZERO, ZERO),
        (5, "shop_order_refund", "wc-completed", 1, "2024-06-06 08:00:00", "2024-06-03 08:00:00"),
        (6, "shop_order", "wc-completed", 0, ZERO, ZERO),
        (7, "page", "publish", 0, "2024-06-03 08:00:00", "2024-06-03 08:00:00"),
    ]
    meta = {
        1: {
            "_order_total": "119.00",
            "_order_tax": "16",
            "_order_shipping_tax": "3",
            "_order_currency": "EUR",
            "_customer_user": "11",
            "_billing_email": "ann@example.org",
        },
        2: {"_order_total": "900", "_order_currency": "EUR", "_customer_user": "11", "_billing_email": "ann@example.org"},
        3: {
            "_order_total": "50",
            "_order_tax": "",
            "_order_currency": "EUR",
            "_customer_user": "0",
            "_billing_email": "GUS@example.net",
            "_billing_first_name": "Gus",
        },
        5: {"_refund_amount": "11.90", "_order_tax": "-1.90", "_order_currency": "EUR"},
        6: {"_order_total": "7", "_order_currency": "EUR", "_customer_user": "11", "_billing_email": "ann@example.org"},
    }
    rows = [(post, key, value) for post, found in meta.items() for key, value in found.items()]
    return {
        "wp_posts": (
            "ID bigint primary key, post_type varchar(20), post_status varchar(20), post_parent bigint, post_date_gmt datetime, post_modified_gmt datetime",
            posts,
        ),
        "wp_postmeta": (
            "meta_id bigint primary key, post_id bigint, meta_key varchar(255), meta_value longtext",
            [(place, *row) for place, row in enumerate(rows, start=1)],
        ),
        "wp_woocommerce_order_items": ("order_item_id bigint primary key, order_id bigint", []),
        "wp_users": (
            "ID bigint primary key, user_email varchar(100), display_name varchar(250), user_registered datetime",
            [(11, "ann@example.org", "Ann", ZERO)],
        ),
        "wp_usermeta": ("umeta_id bigint primary key, user_id bigint, meta_key varchar(255), meta_value longtext", []),
        "wp_options": (
            "option_id bigint primary key, option_name varchar(191), option_value longtext",
            [(1, "woocommerce_currency", "EUR")],
        ),
    }


def odoo() -> Tables:
    """A company with a contact who orders, a person in dollars, a quotation, another company's order, a credit note."""
    return {
        "res_partner": (
            "id int primary key, name text, email text, commercial_partner_id int, is_company boolean, customer_rank int, user_id int, create_date timestamp, tz text",
            [
                (1, "Own", None, 1, True, 0, None, "2023-01-01", "Asia/Shanghai"),
                (2, "Big Co", "office@big.example", 2, True, 1, 5, "2023-01-02", None),
                (3, "Li", "li@big.example", 2, False, 0, None, "2023-01-02", None),
                (4, "Ann", "ann@example.org", 4, False, 2, None, "2023-01-03", None),
            ],
        ),
        "res_currency": ("id int primary key, name text", [(1, "CNY"), (2, "USD")]),
        "res_company": ("id int primary key, name text, currency_id int, partner_id int", [(1, "翰林", 1, 1), (2, "Other", 1, 1)]),
        "res_users": ("id int primary key, login text", [(5, "wang")]),
        "res_currency_rate": (
            "id int primary key, name date, rate numeric, currency_id int, company_id int",
            [(1, "2024-05-01", "0.125", 2, 1), (2, "2024-05-01", "0.5", 2, 2)],
        ),
        "sale_order": (
            "id int primary key, name text, state text, partner_id int, date_order timestamp, amount_untaxed numeric, amount_total numeric, currency_id int, "
            "company_id int, user_id int, write_date timestamp",
            [
                (1, "SO1", "sale", 3, "2024-06-03 10:00:00", "100", "113", 1, 1, 5, "2024-06-03 10:00:00"),
                (2, "SO2", "sale", 4, "2024-06-30 16:30:00", "10", "10", 1, 1, None, "2024-06-03 10:00:00"),
                (3, "SO3", "draft", 4, "2024-06-04 10:00:00", "999", "999", 1, 1, None, "2024-06-03 10:00:00"),
                (4, "SO4", "done", 4, "2024-06-05 10:00:00", "20", "20", 2, 1, None, "2024-06-03 10:00:00"),
                (5, "SO5", "cancel", 4, "2024-06-06 10:00:00", "70", "70", 1, 1, None, "2024-06-03 10:00:00"),
                (6, "SO6", "sale", 4, "2024-06-07 10:00:00", "80", "80", 1, 2, None, "2024-06-03 10:00:00"),
            ],
        ),
        "account_move": (
            "id int primary key, name text, move_type text, state text, invoice_date date, amount_untaxed numeric, amount_total numeric, currency_id int, "
            "invoice_origin text, commercial_partner_id int, company_id int",
            [
                (1, "R1", "out_refund", "posted", "2024-06-30", "30", "33.9", 1, "SO1", 2, 1),
                (2, "R2", "out_refund", "draft", "2024-06-30", "30", "33.9", 1, "SO1", 2, 1),
                (3, "I1", "out_invoice", "posted", "2024-06-30", "100", "113", 1, "SO1", 2, 1),
            ],
        ),
    }


def zammad() -> Tables:
    return {
        "tickets": (
            "id int primary key, number text, customer_id int, state_id int, priority_id int, group_id int, created_at timestamp, first_response_at timestamp, "
            "close_at timestamp, close_escalation_at timestamp, updated_at timestamp",
            [
                (
                    1,
                    "67001",
                    1,
                    4,
                    2,
                    1,
                    "2024-06-03 10:00:00",
                    "2024-06-03 11:00:00",
                    "2024-06-04 10:00:00",
                    "2024-06-05 10:00:00",
                    "2024-06-04 10:00:00",
                ),
                (2, "67002", 2, 2, 2, 1, "2024-06-04 10:00:00", None, "2024-06-04 12:00:00", None, "2024-06-04 12:00:00"),
                (3, "67003", 2, 5, 2, 1, "2024-06-04 10:00:00", None, None, None, "2024-06-04 12:00:00"),
            ],
        ),
        "ticket_states": ("id int primary key, name text, state_type_id int", [(2, "open", 2), (4, "closed", 5), (5, "merged", 6)]),
        "ticket_state_types": ("id int primary key, name text", [(2, "open"), (5, "closed"), (6, "merged")]),
        "ticket_priorities": ("id int primary key, name text", [(2, "2 normal")]),
        "users": ("id int primary key, email text", [(1, "LI@big.example"), (2, None)]),
        "groups": ("id int primary key, name text", [(1, "Service")]),
        "tags": ("id int primary key, tag_item_id int, tag_object_id int, o_id int", [(1, 1, 1, 1), (2, 1, 2, 2)]),
        "tag_items": ("id int primary key, name_downcase text", [(1, "beschwerde")]),
        "tag_objects": ("id int primary key, name text", [(1, "Ticket"), (2, "KnowledgeBase::Answer")]),
    }


def chatwoot() -> Tables:
    return {
        "conversations": (
            "id int primary key, account_id int, display_id int, contact_id int, status int, priority int, assignee_id int, cached_label_list text, "
            "created_at timestamp, first_reply_created_at timestamp, updated_at timestamp",
            [
                (10, 1, 1, 1, 1, None, 3, "reklamation, vip", "2024-06-03 10:00:00", "2024-06-03 11:00:00", "2024-06-05 10:00:00"),
                (11, 1, 2, 2, 0, 2, None, None, "2024-06-04 10:00:00", None, "2024-06-04 10:00:00"),
            ],
        ),
        "contacts": ("id int primary key, email text, identifier text", [(1, "ann@example.org", "4"), (2, "new@example.org", None)]),
        "reporting_events": (
            "id int primary key, name text, conversation_id int, created_at timestamp",
            [
                (1, "conversation_resolved", 10, "2024-06-04 10:00:00"),
                (2, "conversation_resolved", 10, "2024-06-05 10:00:00"),
                (3, "first_response", 10, "2024-06-03 11:00:00"),
            ],
        ),
        "csat_survey_responses": (
            "id int primary key, contact_id int, rating int, feedback_message text, created_at timestamp",
            [(1, 1, 2, "slow", "2024-06-05 11:00:00")],
        ),
    }


def formbricks() -> Tables:
    questions = '[{"id":"qn","type":"nps"},{"id":"qr","type":"rating","range":7},{"id":"qt","type":"openText"}]'
    return {
        "Survey": ("id text primary key, created_at timestamp, questions jsonb", [("s1", "2024-01-01", questions)]),
        "Response": (
            'id text primary key, created_at timestamp, finished boolean, "surveyId" text, data jsonb, "contactAttributes" jsonb',
            [
                ("r1", "2024-06-03 10:00:00", True, "s1", '{"qn": 9, "qr": 6, "qt": "x"}', '{"email": "ann@example.org"}'),
                ("r2", "2024-06-04 10:00:00", False, "s1", '{"qn": 1}', None),
                ("r3", "2024-06-05 10:00:00", True, "s1", '{"qn": 0, "qr": ""}', None),
            ],
        ),
    }
