"""Invented names of persons and companies, English and Chinese, and a few that break careless programs."""

from __future__ import annotations

import numpy as np

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方任袁柳史唐薛雷贺汤罗安常于傅康余顾孟黄萧尹姚汪毛"
)
_GIVEN = "安博晨达恩凡刚海佳凯兰明宁鹏琪瑞思涛薇欣怡泽志卓雅婷雪峰慧洁静军康乐丽林玲龙梅娜楠平倩然蓉珊诗书淑文舒晓旭阳宇雨月云展真正芝"
_COMPANY_HEADS = (
    "云岚 禾木 青屿 澄海 星野 远帆 松涧 白鹭 乐山 映川 锦程 沐光 知味 临江 南湾 "
    "北辰 玉泉 竹里 东篱 西岭 长风 朗月 和谷 丰年 晴川 百川 千帆 万象 新桥 古渡"
)
_COMPANY_TRADES = "餐饮管理 酒店 茶业 咖啡 食品 商贸 办公用品 文化传播 连锁超市 烘焙"
_COMPANY_TAILS = "有限公司 有限责任公司 集团 股份有限公司"

_FIRST = (
    "Ada Alden Alma Arlo Bela Blythe Bram Cleo Corin Dara Della Edda Elias Emrys Enid Fenn Flora Gareth Greta Hale Hester Idris "
    "Ines Jory Juno Kay Kerr Lachlan Leda Lowell Mabel Maeve Miles Nell Niall Odette Orla Perrin Petra Quentin Rhea Roland Rowan "
    "Selma Silas Tamsin Tobias Una Verity Wilf Wren Yara Zella"
)
_LAST = (
    "Ashcombe Barrowby Birchdale Brackwell Calloway Carrowmere Dunmarsh Eastlake Elverstone Fairhollow Fenwright Galbrook Greyling "
    "Harrowgate Hollinshed Ivermoor Kestrelby Lanternwood Larkhill Marchbank Merrowdale Netherby Oakhurst Pellworth Quillmark "
    "Ravenscar Rushmere Saltmarsh Silverbeck Stonecroft Thistledown Thornbury Underwell Valecourt Wexmoor Whitlock Yarrowby"
)
_HEADS = (
    "Amberleaf Bluefern Brightwater Cedarpoint Coppergate Driftwood Eastwharf Foxglove Goldmarsh Harbourlight Ironbark Juniper "
    "Kingfisher Lakeview Mapleton Northgate Orchardway Pinecrest Quayside Redkettle Silverbirch Tidewell Upland Violetmoor Westering"
)
_TRADES = "Hotels Catering Coffee Bakery Foods Offices Events Markets Teahouse Canteens"
_TAILS = ("Ltd", "Group", "PLC", "GmbH", "Inc.", "& Sons", "Partners")

AWKWARD = (
    "NA",
    "Null",
    "007",
    "Seán O'Shaughnessy-D'Arcy",
    'Redkettle "The Spout", Sons & Co.',
    "龚䶮",
    "𠮷野茶馆（样例）",
    "The Worshipful Society of Teapot, Kettle, Samovar and Percolator Keepers of the Lower Upland Valley",
    "云岚禾木青屿澄海星野远帆松涧白鹭乐山映川锦程沐光知味临江南湾北辰餐饮管理有限责任公司",
    "Zoë Müller-Łąkowska",
    "<b>Bold</b> & Partners",
    "=SUM(A1:A9)",
)
"""Each is worn by one customer. Only 䶮 and 𠮷 lie outside the packs' Chinese fonts, on purpose."""


def person_names(count: int, chinese: bool, rng: np.random.Generator) -> list[str]:
    """`count` names of persons; they may repeat, as they do in life."""
    if chinese:
        last = _pick(list(_SURNAMES), count, rng)
        middle = _pick(["", *_GIVEN], count, rng)
        given = _pick(list(_GIVEN), count, rng)
        return [f"{a}{b}{c}" for a, b, c in zip(last, middle, given, strict=True)]
    first, last = _pick(_FIRST.split(), count, rng), _pick(_LAST.split(), count, rng)
    return [f"{a} {b}" for a, b in zip(first, last, strict=True)]


def company_names(count: int, chinese: bool, rng: np.random.Generator) -> list[str]:
    """`count` names of companies that do not exist."""
    if chinese:
        heads, trades, tails = (_pick(text.split(), count, rng) for text in (_COMPANY_HEADS, _COMPANY_TRADES, _COMPANY_TAILS))
        return [f"{a}{b}{c}" for a, b, c in zip(heads, trades, tails, strict=True)]
    heads, trades, tails = _pick(_HEADS.split(), count, rng), _pick(_TRADES.split(), count, rng), _pick(list(_TAILS), count, rng)
    return [f"{a} {b} {c}" for a, b, c in zip(heads, trades, tails, strict=True)]


def _pick(words: list[str], count: int, rng: np.random.Generator) -> list[str]:
    return [words[place] for place in rng.integers(0, len(words), count)]
