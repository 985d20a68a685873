"""The industries of GB/T 4754-2017, its sections and divisions, and their English names.

Finer codes (groups and classes) come from the official table, which an office imports (`yuntiao industries import`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Final

from complaints import BadChoice, Names

SECTIONS: Final[Mapping[str, Names]] = {
    "A": ("农、林、牧、渔业", "Farming, forestry, fishing"),
    "B": ("采矿业", "Mining"),
    "C": ("制造业", "Manufacturing"),
    "D": ("电力、热力、燃气及水生产和供应业", "Power, heat, gas and water"),
    "E": ("建筑业", "Construction"),
    "F": ("批发和零售业", "Wholesale and retail"),
    "G": ("交通运输、仓储和邮政业", "Transport, storage, post"),
    "H": ("住宿和餐饮业", "Lodging and catering"),
    "I": ("信息传输、软件和信息技术服务业", "Telecom, software, IT services"),
    "J": ("金融业", "Finance"),
    "K": ("房地产业", "Real estate"),
    "L": ("租赁和商务服务业", "Leasing and business services"),
    "M": ("科学研究和技术服务业", "Research and technical services"),
    "N": ("水利、环境和公共设施管理业", "Water, environment, public facilities"),
    "O": ("居民服务、修理和其他服务业", "Household services and repair"),
    "P": ("教育", "Education"),
    "Q": ("卫生和社会工作", "Health and social work"),
    "R": ("文化、体育和娱乐业", "Culture, sport, entertainment"),
    "S": ("公共管理、社会保障和社会组织", "Public administration and social organisations"),
    "T": ("国际组织", "International organisations"),
}
DIVISIONS: Final[Mapping[str, str]] = {  # section and two digits -> Chinese
    "A01": "农业",
    "A02": "林业",
    "A03": "畜牧业",
    "A04": "渔业",
    "A05": "农、林、牧、渔专业及辅助性活动",
    "B06": "煤炭开采和洗选业",
    "B07": "石油和天然气开采业",
    "B08": "黑色金属矿采选业",
    "B09": "有色金属矿采选业",
    "B10": "非金属矿采选业",
    "B11": "开采专业及辅助性活动",
    "B12": "其他采矿业",
    "C13": "农副食品加工业",
    "C14": "食品制造业",
    "C15": "酒、饮料及精制茶制造业",
    "C16": "烟草制品业",
    "C17": "纺织业",
    "C18": "纺织服装、服饰业",
    "C19": "皮革、毛皮、羽毛及其制品和制鞋业",
    "C20": "木材加工和木、竹、藤、棕、草制品业",
    "C21": "家具制造业",
    "C22": "造纸和纸制品业",
    "C23": "印刷和记录媒介复制业",
    "C24": "文教、工美、体育和娱乐用品制造业",
    "C25": "石油、煤炭及其他燃料加工业",
    "C26": "化学原料和化学制品制造业",
    "C27": "医药制造业",
    "C28": "化学纤维制造业",
    "C29": "橡胶和塑料制品业",
    "C30": "非金属矿物制品业",
    "C31": "黑色金属冶炼和压延加工业",
    "C32": "有色金属冶炼和压延加工业",
    "C33": "金属制品业",
    "C34": "通用设备制造业",
    "C35": "专用设备制造业",
    "C36": "汽车制造业",
    "C37": "铁路、船舶、航空航天和其他运输设备制造业",
    "C38": "电气机械和器材制造业",
    "C39": "计算机、通信和其他电子设备制造业",
    "C40": "仪器仪表制造业",
    "C41": "其他制造业",
    "C42": "废弃资源综合利用业",
    "C43": "金属制品、机械和设备修理业",
    "D44": "电力、热力生产和供应业",
    "D45": "燃气生产和供应业",
    "D46": "水的生产和供应业",
    "E47": "房屋建筑业",
    "E48": "土木工程建筑业",
    "E49": "建筑安装业",
    "E50": "建筑装饰、装修和其他建筑业",
    "F51": "批发业",
    "F52": "零售业",
    "G53": "铁路运输业",
    "G54": "道路运输业",
    "G55": "水上运输业",
    "G56": "航空运输业",
    "G57": "管道运输业",
    "G58": "多式联运和运输代理业",
    "G59": "装卸搬运和仓储业",
    "G60": "邮政业",
    "H61": "住宿业",
    "H62": "餐饮业",
    "I63": "电信、广播电视和卫星传输服务",
    "I64": "互联网和相关服务",
    "I65": "软件和信息技术服务业",
    "J66": "货币金融服务",
    "J67": "资本市场服务",
    "J68": "保险业",
    "J69": "其他金融业",
    "K70": "房地产业",
    "L71": "租赁业",
    "L72": "商务服务业",
    "M73": "研究和试验发展",
    "M74": "专业技术服务业",
    "M75": "科技推广和应用服务",
    "N76": "水利管理业",
    "N77": "生态保护和环境治理业",
    "N78": "公共设施管理业",
    "N79": "土地管理业",
    "O80": "居民服务业",
    "O81": "机动车、电子产品和日用产品修理业",
    "O82": "其他服务业",
    "P83": "教育",
    "Q84": "卫生",
    "Q85": "社会工作",
    "R86": "新闻和出版业",
    "R87": "广播、电视、电影和影视录音制作业",
    "R88": "文化艺术业",
    "R89": "体育",
    "R90": "娱乐业",
    "S91": "中国共产党机关",
    "S92": "国家机构",
    "S93": "人民政协、民主党派",
    "S94": "社会保障",
    "S95": "群众团体、社会团体和其他成员组织",
    "S96": "基层群众自治组织及其他组织",
    "T97": "国际组织",
}
MOST_ROWS: Final = 5_000
LONGEST_NAME: Final = 80

_CODE = re.compile(r"([A-T])?([0-9]{2,4})|([A-T])")
_SECTION_OF: Final[Mapping[str, str]] = {code[1:]: code[0] for code in DIVISIONS}


class BadIndustryTable(Exception):
    """An imported table cannot be right. `row` from 1; 0: `missing` is a code that should be there."""

    def __init__(self, row: int, missing: str = "") -> None:
        super().__init__(f"row {row} is no code and name" if row else f"the table lacks {missing}")
        self.row, self.missing = row, missing


def industry_code(text: str, field: str = "industry_code") -> str:
    """The code in its one written form, "F", "F52" or "F5211"; "" for none. BadChoice: no such division."""
    typed = re.sub(r"\s+", "", text).upper()
    if not typed:
        return ""
    if found := written_industry(typed):
        return found
    raise BadChoice(field=field)


def written_industry(text: str) -> str:
    """With its section's letter, which tables often leave out; "" for what is no code."""
    found = _CODE.fullmatch(text)
    if not found:
        return ""
    if found[3]:
        return found[3]
    section = _SECTION_OF.get(found[2][:2], "")
    return section + found[2] if section and found[1] in (None, section) else ""


def industry_name(code: str, language: str, official: Mapping[str, str] | None = None) -> str:
    """Of the code itself when it is known, else of the nearest wider one. In English never the official table's, which
    is Chinese."""
    if language.startswith("en"):
        return english(code) or SECTIONS.get(code[:1], ("", ""))[1]
    if official and code in official:
        return official[code]
    return DIVISIONS.get(code[:3]) or SECTIONS.get(code[:1], ("", ""))[0]


def official_table(text: str) -> dict[str, str]:
    """Code to name, from the official table as CSV: a code and a name in the first two columns, a header or none.

    Other columns are let be. BadTable says which row is wrong, or that too much is missing.
    """
    found: dict[str, str] = {}
    for line, row in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"))), start=1):
        cells = [cell.strip() for cell in row]
        if len(cells) < 2 or not any(cells) or (line == 1 and not written_industry(cells[0].upper())):
            continue
        code, name = written_industry(cells[0].upper()), cells[1]
        if not code or not name or len(name) > LONGEST_NAME or found.get(code, name) != name or len(found) >= MOST_ROWS:
            raise BadIndustryTable(row=line)
        found[code] = name
    if missing := DIVISIONS.keys() - found.keys():
        raise BadIndustryTable(row=0, missing=min(missing))
    return found


# ------------------------------------------------------------ English names


# Of the 97 divisions of GB/T 4754-2017, and the groups that consumers complain of. There is no official translation:
# these are short names of ours.
ENGLISH: Final[Mapping[str, str]] = {
    "A01": "Farming",
    "A02": "Forestry",
    "A03": "Animal husbandry",
    "A04": "Fishing",
    "A05": "Support for farming, forestry and fishing",
    "B06": "Coal mining",
    "B07": "Oil and gas extraction",
    "B08": "Ferrous ore mining",
    "B09": "Non-ferrous ore mining",
    "B10": "Non-metal ore mining",
    "B11": "Support for mining",
    "B12": "Other mining",
    "C13": "Processing of farm produce",
    "C14": "Food manufacturing",
    "C15": "Alcohol, beverages and tea",
    "C16": "Tobacco products",
    "C17": "Textiles",
    "C18": "Garments",
    "C19": "Leather, fur, feathers and shoes",
    "C20": "Wood, bamboo and straw products",
    "C21": "Furniture manufacturing",
    "C22": "Paper and paper products",
    "C23": "Printing and copying of media",
    "C24": "Stationery, crafts, sports goods and toys",
    "C25": "Oil, coal and other fuels",
    "C26": "Chemicals and chemical products",
    "C27": "Medicines",
    "C28": "Chemical fibres",
    "C29": "Rubber and plastic products",
    "C30": "Non-metal mineral products",
    "C31": "Smelting and rolling of ferrous metals",
    "C32": "Smelting and rolling of non-ferrous metals",
    "C33": "Metal products",
    "C34": "General machinery",
    "C35": "Special machinery",
    "C36": "Car manufacturing",
    "C37": "Rail, ship, aircraft and other transport equipment",
    "C38": "Electrical machinery and appliances",
    "C39": "Computers, phones and other electronics",
    "C40": "Instruments and meters",
    "C41": "Other manufacturing",
    "C42": "Recycling of waste",
    "C43": "Repair of metal products and machinery",
    "D44": "Power and heat supply",
    "D45": "Gas supply",
    "D46": "Water supply",
    "E47": "Construction of buildings",
    "E48": "Civil engineering",
    "E49": "Building installation",
    "E50": "Decoration and other building works",
    "E501": "Decoration and fitting out",
    "F51": "Wholesale",
    "F52": "Retail",
    "F521": "General retail",
    "F522": "Retail of food, drinks and tobacco",
    "F523": "Retail of clothing and daily goods",
    "F524": "Retail of cultural and sports goods",
    "F525": "Retail of medicines and medical devices",
    "F526": "Sale of cars, motorcycles, parts and fuel",
    "F527": "Retail of appliances and electronics",
    "F528": "Retail of hardware, furniture and decoration materials",
    "F529": "Stalls, online and other retail",
    "G53": "Rail transport",
    "G531": "Rail passenger transport",
    "G532": "Rail freight",
    "G54": "Road transport",
    "G541": "City public transport",
    "G542": "Coaches",
    "G543": "Road freight",
    "G544": "Support for road transport",
    "G55": "Water transport",
    "G56": "Air transport",
    "G57": "Pipeline transport",
    "G58": "Multimodal transport and forwarding",
    "G59": "Loading and storage",
    "G60": "Post",
    "G601": "Basic postal services",
    "G602": "Courier services",
    "H61": "Lodging",
    "H611": "Tourist hotels",
    "H612": "Ordinary hotels",
    "H613": "Homestays",
    "H614": "Camp sites",
    "H619": "Other lodging",
    "H62": "Catering",
    "H621": "Restaurants",
    "H622": "Fast food",
    "H623": "Drinks and cold drinks",
    "H624": "Food delivery",
    "H629": "Other catering",
    "I63": "Telecom, broadcasting and satellites",
    "I631": "Telecom",
    "I632": "Radio and television transmission",
    "I64": "Internet services",
    "I641": "Internet access",
    "I642": "Internet information services",
    "I643": "Internet platforms",
    "I65": "Software and IT services",
    "J66": "Banking",
    "J67": "Capital markets",
    "J68": "Insurance",
    "J69": "Other finance",
    "K70": "Real estate",
    "K701": "Property development",
    "K702": "Property management",
    "K703": "Estate agents",
    "K704": "Letting of property",
    "L71": "Leasing",
    "L712": "Hire of cultural and sports goods",
    "L713": "Hire of daily goods",
    "L72": "Business services",
    "M73": "Research and development",
    "M74": "Professional technical services",
    "M75": "Promotion and application of technology",
    "N76": "Water management",
    "N77": "Ecology and environment",
    "N78": "Public facilities",
    "N79": "Land management",
    "O80": "Household services",
    "O801": "Domestic help",
    "O802": "Nurseries",
    "O803": "Laundry and dyeing",
    "O804": "Hairdressing and beauty",
    "O805": "Baths and wellness",
    "O806": "Photography",
    "O807": "Wedding services",
    "O808": "Funeral services",
    "O809": "Other household services",
    "O81": "Repair of vehicles, electronics and daily goods",
    "O811": "Repair of cars and motorcycles",
    "O812": "Repair of computers and office equipment",
    "O813": "Repair of household appliances",
    "O819": "Other repair",
    "O82": "Other services",
    "O821": "Cleaning",
    "O822": "Pet services",
    "P83": "Education",
    "P831": "Preschool education",
    "P832": "Primary education",
    "P833": "Secondary education",
    "P834": "Higher education",
    "P835": "Special education",
    "P839": "Training and tutoring",
    "Q84": "Health",
    "Q841": "Hospitals",
    "Q842": "Primary care",
    "Q85": "Social work",
    "R86": "News and publishing",
    "R87": "Broadcasting, film and recording",
    "R88": "Arts and culture",
    "R89": "Sport",
    "R891": "Sports organisations",
    "R892": "Sports venues",
    "R893": "Fitness",
    "R90": "Entertainment",
    "R901": "Indoor entertainment",
    "R902": "Amusement parks",
    "R903": "Sightseeing and leisure",
    "R904": "Lotteries",
    "S91": "Organs of the Communist Party of China",
    "S92": "State organs",
    "S93": "CPPCC and democratic parties",
    "S94": "Social security",
    "S95": "Associations and other member organisations",
    "S96": "Residents’ and villagers’ organisations",
    "T97": "International organisations",
}


def english(code: str) -> str:
    """Of the code, else of the nearest wider one; "" for none of a division's."""
    return next((ENGLISH[code[:length]] for length in (4, 3) if code[:length] in ENGLISH), "")
