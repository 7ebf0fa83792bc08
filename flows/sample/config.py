"""`keping.toml` of the sample: a complete configuration whose comments teach."""

from __future__ import annotations

from flows.sample.company import NAME, TIMEZONE
from flows.sample.seasons import Season
from flows.sample.surveys import TEN_POINT_MONTHS

_HEAD = """\
# Keping configuration of the sample company. All data here are invented.
# `keping demo` writes this file anew each time: copy it elsewhere before you change it.
# Paths, also in sqlite:/// URLs, are relative to this file. ${NAME} takes a value from the environment.

[company]
name = "%(name)s"
timezone = "%(timezone)s"   # months begin and end at midnight here
history_from = "%(first)s"           # the first month that is reviewed (silently)
currency = "CNY"                   # everything is reported in it; foreign orders by the day's rate
locales = ["en", "zh_CN"]

[warehouse]
url = "sqlite:///keping.db"        # or postgresql+psycopg://user:${PASSWORD}@host/keping

[archive]
path = "archive"                   # published packs, snapshots, evidence

[policies]
path = "policies"                  # empty: the built-in grades A, B, C apply

# --- sources: two databases and three folders ---------------------------------------------

[sources.shop]
url = "sqlite:///shop.db"          # in life: mysql+pymysql://reader:${SHOP_PASSWORD}@db/shop
[sources.helpdesk]
url = "sqlite:///helpdesk.db"
[sources.surveys]
path = "drops/surveys"
[sources.crm]
path = "drops/crm"
[sources.office]
path = "drops/office"

# --- orders and refunds: the shop's words become ours; :start and :end bound one month ---

[[tables.orders]]
source = "shop"
timezone = "UTC"                   # the shop keeps UTC without saying so
query = '''
select sale_no as order_id, buyer as customer_id, placed_at as ordered_at, net_amount as amount, curr as currency,
       case state when 'C' then 'completed' when 'X' then 'cancelled'
                  when 'R' then 'returned' when 'O' then 'open' else state end as status,
       cogs as cost, rebate as discount, channel, shop as site, rep as salesperson, promo as promo_code,
       arrived_at as delivered_at, changed_at as updated_at
from sales
where placed_at >= :start and placed_at < :end
'''

[[tables.refunds]]
source = "shop"
timezone = "UTC"
query = '''
select note_no as refund_id, buyer as customer_id, paid_at as refunded_at, amount, curr as currency, sale_no as order_id
from paybacks
where paid_at >= :start and paid_at < :end
'''

# --- what the orders are of: lines beside orders take their time, customer and currency from them ---

[[tables.order_lines]]
source = "shop"
query = '''
select i.sale_no as order_id, i.pos as line_id, i.item_no as sku, i.pieces as quantity, i.price as unit_price,
       a.product_group as category, i.listed as list_price, i.rebate as discount, i.cogs as cost,
       i.sent_back as returned_quantity, i.sent_back_why as return_reason,
       case i.engraved when 'J' then 'yes' when 'N' then 'no' else i.engraved end as is_custom
from sale_items i left join articles a on a.item_no = i.item_no
'''

[[tables.quotes]]
source = "shop"
timezone = "UTC"
query = '''
select offer_no as quote_id, client as customer_id, made_at as quoted_at, amount, decided_at, why as reason,
       case outcome when 'W' then 'won' when 'L' then 'lost' else outcome end as result,
       rival as competitor_price, purse as budget, product_group as category, rep as salesperson
from offers
where made_at >= :start and made_at < :end
'''

# --- tickets: the help desk keeps local time ---------------------------------------------

[[tables.tickets]]
source = "helpdesk"
timezone = "Asia/Shanghai"
query = '''
select case_id as ticket_id, client as customer_id, created as opened_at,
       case kind when 'C' then 'complaint' when 'Q' then 'enquiry' when 'R' then 'request' when 'S' then 'suggestion'
                 when 'P' then 'praise' else kind end as type,
       reason as cause, product as component, via as channel, prio as priority, queue as team, handler as agent,
       answered as first_response_at, closed as resolved_at, reopens as reopened_count, handovers as transfers,
       due as sla_due_at, goodwill as compensation, sale_ref as order_id, touched as updated_at
from cases
where created >= :start and created < :end
'''

# --- contacts: three places keep them; all blocks together are the table ------------------

[[tables.contacts]]                # what the help desk told its clients about their cases
source = "helpdesk"
timezone = "Asia/Shanghai"
query = '''
select message_id as contact_id, client as customer_id, sent as contacted_at, 'out' as direction, via as method,
       subject as kind, 'non-sales' as purpose, handler as staff, case_ref as ticket_id, replied as answered_at,
       state as result, minutes
from messages
where sent >= :start and sent < :end
'''

[[tables.contacts]]                # the account managers' diary
source = "office"
files = "diary.csv"
timezone = "Asia/Shanghai"
[tables.contacts.columns]
contact_id = "Entry"
customer_id = "Client"
contacted_at = "When"
direction = "Way"
method = "How"
kind = "What"
purpose = "Purpose"
staff = "Who"
staff_level = "Rank"
result = "Result"
minutes = "Minutes"

[[tables.contacts]]                # what the mailing house sends back
source = "office"
files = "mailings.csv"
timezone = "Asia/Shanghai"
constants = { direction = "out", method = "mail", kind = "offer", purpose = "sales", staff = "marketing" }
[tables.contacts.columns]
contact_id = "Letter"
customer_id = "Client"
contacted_at = "Posted"
answered_at = "Answered"
result = "Result"
campaign_id = "Campaign"

# --- surveys: one block per kind of file; all blocks together are the table ---------------
"""

_SURVEY = """
[[tables.surveys]]%(why)s
source = "surveys"
files = "%(files)s"
timezone = "Asia/Shanghai"
%(how)scolumns = { %(columns)s }
constants = { %(constants)s }
"""

_UTF8 = 'response_id = "RespID", customer_id = "Cust", answered_at = "AnsweredAt", sent_at = "SentAt"'
_TAIL = """
# --- what the CRM and head office know ----------------------------------------------------

[[tables.customers]]
source = "crm"
files = "customers.csv"
duplicates = "drop"                # the CRM exports some records twice
[tables.customers.columns]
customer_id = "ClientNo"
name = "ClientName"
kind = "Type"
role = "Role"
region = "Region"
industry = "Industry"
source_channel = "Origin"
account_manager = "Manager"
first_seen = "Since"
referred_by = "ReferredBy"
related_to_employee = "StaffFamily"
contract_end = "ContractUntil"
constraints = "Bound"
birth_date = "Born"
gender = "Gender"
preferred_channel = "Prefers"
member_level = "Level"
merged_into = "MergedInto"

[[tables.recipients]]
source = "crm"
files = "recipients.csv"
[tables.recipients.columns]
email = "Mail"
name = "Name"
locale = "Language"
tiers = "Tiers"                    # several are separated by |; * is every pack
filter_field = "FilterField"       # only customers whose account_manager is ...
filter_value = "FilterValue"
valid_from = "From"
valid_to = "To"

[[tables.fx_rates]]                # SQL over files: each file of the folder is a view named by its stem
source = "crm"
query = '''
select "Day" as date, 'USD' as currency, "USD" as rate from fx
union all
select "Day" as date, 'EUR' as currency, "EUR" as rate from fx
'''

[[tables.costs]]
source = "crm"
files = "costs.csv"
columns = { month = "Month", kind = "Kind", tier = "Tier", amount = "Amount" }

[[tables.plans]]
source = "crm"
files = "plans.csv"
columns = { month = "Month", indicator = "Indicator", scope = "Scope", scope_value = "Which", target = "Target" }

# --- what people keep by hand: registers, and marketing's list of campaigns ----------------

[[tables.registers]]               # a file of one register names it as a constant ...
source = "office"
files = "strategies.xlsx"
sheet = "strategies"
constants = { register = "strategy" }
[tables.registers.columns]
entry_id = "No"
opened_on = "From"
due_on = "ReviewBy"
closed_on = "Until"
behaviour_class = "Behaviour"
value_class = "Value"
field = "Field"
field_value = "Group"
subject = "Title"
body = "Text"
owner = "Owner"
indicator = "Indicator"
value = "Plan"

[[tables.registers]]               # ... a list of several has it in a column
source = "office"
files = "log.csv"
duplicates = "drop"
%(log)s
[[tables.registers]]               # manual grades, accounts, markets: kept in an old spreadsheet program
source = "office"
files = "manual.csv"
encoding = "gb18030"
%(log)s
[[tables.registers]]
source = "office"
files = "holidays.csv"
columns = { entry_id = "No", opened_on = "Day", due_on = "Day", subject = "Name" }
constants = { register = "holiday" }

[[tables.campaigns]]
source = "office"
files = "campaigns.xlsx"
sheet = "campaigns"
[tables.campaigns.columns]
campaign_id = "Code"
starts_on = "Begins"
ends_on = "Ends"
name = "Title"
kind = "Kind"
channel = "Via"
source_channel = "Source"
promo_code = "Promo"
amount = "Spent"
reached = "Reached"
responses = "Answered"
owner = "Owner"

# --- delivery and quality ------------------------------------------------------------------

[delivery]
transport = "outbox"               # .eml files in `outbox`; "smtp" mails for real
outbox = "outbox"
sender = "reviews@example.com"
owner = "data-office@example.com"  # told when a month is held
environment = "demo"

[quality]
min_n = 10                         # fewer answers: "too few"
flag_n = 30                        # fewer answers: printed with a flag
lookback_months = 3                # how far back late rows are looked for
"""

_LOG = """\
[tables.registers.columns]
register = "List"
entry_id = "No"
opened_on = "Entered"
due_on = "Due"
closed_on = "Closed"
status = "State"
owner = "Owner"
author = "By"
customer_id = "Client"
tier = "Tier"
field = "Field"
field_value = "Group"
subject = "Subject"
body = "Text"
reason = "Reason"
outcome = "Outcome"
value = "Number"
unit = "Unit"
source = "Source"
"""


def configuration(season: Season) -> str:
    """The text of keping.toml for a sample of these months."""
    head = _HEAD % {"name": NAME, "timezone": TIMEZONE, "first": season.first}
    return head + "".join(_survey(**block) for block in _blocks(season)) + _TAIL % {"log": _LOG}


def _survey(files: str, columns: str, constants: str, why: str = "", how: str = "") -> str:
    note = f"{' ' * 16}# {why}" if why else ""
    return _SURVEY % {"files": files, "columns": columns, "constants": constants, "why": note, "how": how}


def _blocks(season: Season) -> list[dict[str, str]]:
    answer = f'{_UTF8}, score = "Q1", touchpoint = "Touch", comment = "Comment"'
    csat = 'instrument = "csat", item = "overall", scale_min = 1, scale_max = '
    blocks = [
        {
            "why": f"asked on 1-10 in the newest {TEN_POINT_MONTHS} months: another scale is another block",
            "files": "csat10-*.csv",
            "columns": answer,
            "constants": f'{csat}10, mode = "web"',
        },
        {
            "why": "a branch sends its own file, from an old spreadsheet program",
            "files": "branch-*.csv",
            "how": 'encoding = "gb18030"\n',
            "columns": 'response_id = "问卷编号", customer_id = "客户编号", answered_at = "回答时间", sent_at = "发送时间", '
            'score = "满意度", touchpoint = "触点", comment = "意见"',
            "constants": f'{csat}10, mode = "paper"',
        },
        {
            "files": "nps-*.csv",
            "columns": f'{_UTF8}, score = "Recommend", comment = "Comment"',
            "constants": 'instrument = "nps", item = "recommend", scale_min = 0, scale_max = 10, mode = "mail"',
        },
        {
            "why": "an agency asks by phone: semicolons, decimal commas, a byte-order mark",
            "files": "agency-*.csv",
            "how": 'encoding = "utf-8-sig"\ndelimiter = ";"\ndecimal = ","\n',
            "columns": 'response_id = "Interview", customer_id = "Klient", answered_at = "Zeitpunkt", '
            'sent_at = "SentAt", score = "Recommend", comment = "Comment"',
            "constants": 'instrument = "nps", item = "recommend", scale_min = 0, scale_max = 10, mode = "phone"',
        },
        {
            "files": "effort-*.xlsx",
            "how": 'sheet = "answers"\n',
            "columns": f'{_UTF8}, score = "Effort", touchpoint = "Touch", comment = "Comment"',
            "constants": 'instrument = "ces", item = "effort", scale_min = 1, scale_max = 7, mode = "app"',
        },
        {
            "why": "expected and perceived service side by side; the dimension is the item",
            "files": "servqual-*.csv",
            "columns": f'{_UTF8}, item = "Dimension", dimension = "Dimension", score = "Perceived", expectation = "Expected"',
            "constants": 'instrument = "servqual", scale_min = 1, scale_max = 7, mode = "web"',
        },
    ]
    if season.months > TEN_POINT_MONTHS:
        blocks.insert(0, {"files": "csat5-*.csv", "columns": answer, "constants": f'{csat}5, mode = "web"'})
    return blocks
