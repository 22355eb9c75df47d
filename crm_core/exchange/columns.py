"""What a column of a file may hold, what each is called in Persian and English, and what lists call it.

The synonyms are those of spreadsheets made by hand in both languages, of Google's and Outlook's contact files, of
common CRMs' exports and of ours. They are compared folded: ي and ی, half-spaces, digits and capitals are all one.

Neighbours: ``guess`` proposes a mapping with them, ``convert`` fills a draft by it.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from cti.kernel.errors import N_
from cti.kernel.persian import words

FIELD = "field:"
"""Begins the target of a custom field: ``field:NAME``."""
IGNORE = ""
"""The target of a column that is left out."""


class Target(msgspec.Struct, frozen=True):
    """Where a column may go. ``many``: several columns may go there. ``words``: what lists call it, between bars."""

    name: str
    label: str
    group: str
    many: bool = False
    words: str = ""


_WHO, _NUMBERS, _REACH, _PLACE, _MORE = N_("Who"), N_("Numbers"), N_("Mail and web"), N_("Address"), N_("More")

TARGETS: tuple[Target, ...] = (
    Target("name", N_("Full name"), _WHO, False,
           "نام و نام خانوادگی|نام کامل|نام و فامیل|نام و نام خانوادگی مشتری|نام مشتری|مشتری|نام مخاطب|"
           "مخاطب|شخص|طرف حساب|نام طرف حساب|نام شخص|اسم|اسم و فامیل|اسم کامل|اسم مشتری|عنوان طرف حساب|"
           "full name|name|contact name|customer name|customer|contact|display name|fn|client|"
           "client name|person|file as"),
    Target("first_name", N_("First name"), _WHO, False,
           "نام|نام کوچک|اسم کوچک|first name|given name|firstname|fname|forename|first"),
    Target("last_name", N_("Last name"), _WHO, False,
           "نام خانوادگی|فامیل|فامیلی|شهرت|last name|family name|surname|lastname|lname|last"),
    Target("honorific", N_("Title before the name"), _WHO, False,
           "عنوان پیش از نام|لقب|پیشوند|عنوان احترام|عنوان|honorific|honorific prefix|prefix|name prefix|title prefix|"
           "salutation"),
    Target("company_name", N_("Company"), _WHO, False,
           "شرکت|نام شرکت|سازمان|نام سازمان|موسسه|محل کار|company|company name|organization|organisation|"
           "organization name|organization 1 name|account|account name|employer|org"),
    Target("position", N_("Position"), _WHO, False,
           "سمت|پست سازمانی|شغل|سمت سازمانی|مسئولیت|position|job title|organization title|"
           "organization 1 title|title|role title|occupation|job"),
    Target("number", N_("Number, kind told by itself"), _NUMBERS, True,
           "شماره|شماره تماس|تماس|شماره تلفن تماس|شماره مشتری تماس|phone|phone number|number|tel|"
           "telephone|contact number|phone value|primary phone|main phone|caller id|callerid|phones|"
           "شماره ها|شماره های تماس|تلفن ها"),
    Target("number:mobile", N_("Mobile"), _NUMBERS, True,
           "موبایل|تلفن همراه|همراه|شماره موبایل|شماره همراه|شماره تلفن همراه|تلفن موبایل|گوشی|mobile|"
           "mobile phone|cell|cell phone|cellphone|mobile number|gsm|handphone|phone mobile|car phone"),
    Target("number:work", N_("Work phone"), _NUMBERS, True,
           "تلفن|تلفن ثابت|شماره تلفن|شماره ثابت|ثابت|تلفن محل کار|تلفن کار|تلفن شرکت|تلفن دفتر|دفتر|"
           "تلفن مستقیم|work phone|business phone|office phone|company phone|company main phone|landline|"
           "fixed line|office|phone work|direct phone|phone office"),
    Target("number:home", N_("Home phone"), _NUMBERS, True,
           "تلفن منزل|منزل|تلفن خانه|شماره منزل|home phone|home|phone home|residential phone"),
    Target("number:fax", N_("Fax"), _NUMBERS, True,
           "فکس|دورنگار|نمابر|شماره فکس|fax|fax number|business fax|home fax|phone fax|work fax|"
           "other fax"),
    Target("number:other", N_("Another number"), _NUMBERS, True,
           "سایر شماره ها|شماره دیگر|تلفن دیگر|شماره اضطراری|other phone|another number|"
           "assistant s phone|pager|emergency phone"),
    Target("extension", N_("Extension of the work phone"), _NUMBERS, False,
           "داخلی|شماره داخلی|داخلی تلفن محل کار|extension|ext|internal number"),
    Target("mail", N_("E-mail"), _REACH, True,
           "ایمیل|رایانامه|پست الکترونیک|پست الکترونیکی|نشانی ایمیل|آدرس ایمیل|میل|email|e mail|mail|"
           "email address|e mail address|e mail value|primary email|work email|home email|email work|"
           "email home|mails|e mails"),
    Target("link:website", N_("Website"), _REACH, True,
           "وب سایت|وبسایت|سایت|تارنما|آدرس سایت|website|web site|url|web page|homepage|web|"
           "website value|personal web page"),
    Target("link:telegram", "Telegram", _REACH, True,
           "تلگرام|telegram"),
    Target("link:whatsapp", "WhatsApp", _REACH, True,
           "واتساپ|واتس اپ|whatsapp"),
    Target("link:instagram", "Instagram", _REACH, True,
           "اینستاگرام|instagram"),
    Target("link:linkedin", "LinkedIn", _REACH, True,
           "لینکدین|linkedin"),
    Target("link:eitaa", "Eitaa", _REACH, True,
           "ایتا|eitaa"),
    Target("link:bale", "Bale", _REACH, True,
           "بله|پیام رسان بله|bale"),
    Target("link:rubika", "Rubika", _REACH, True,
           "روبیکا|rubika"),
    Target("link:other", N_("Another account"), _REACH, True,
           "حساب دیگر|شبکه اجتماعی|social|social account|links"),
    Target("address", N_("Address"), _PLACE, True,
           "آدرس|نشانی|آدرس پستی|نشانی پستی|آدرس محل کار|آدرس شرکت|آدرس منزل|آدرس کامل|address|street|"
           "street address|address 1|mailing address|business street|home street|address formatted|"
           "address street|postal address|other street"),
    Target("city", N_("City"), _PLACE, False,
           "شهر|شهرستان|city|town|business city|home city|address city|locality"),
    Target("province", N_("Province"), _PLACE, False,
           "استان|province|state|region|business state|home state|address region|state province"),
    Target("postal_code", N_("Postal code"), _PLACE, False,
           "کد پستی|کدپستی|postal code|zip|zip code|postcode|business postal code|home postal code|"
           "address postal code"),
    Target("country", N_("Country"), _PLACE, False,
           "کشور|country|country region|business country region|address country|home country region"),
    Target("tags", N_("Tags"), _MORE, True,
           "برچسب|برچسب ها|تگ|گروه|گروه ها|دسته|دسته بندی|گروه مشتری|tags|tag|labels|label|groups|group|"
           "categories|category|group membership|segment"),
    Target("roles", N_("Relation"), _MORE, True,
           "نقش|نسبت با ما|نوع رابطه|نسبت|نوع مشتری|نوع مخاطب|relation|relationship|roles|contact type|"
           "customer type|type"),
    Target("tier", N_("Tier"), _MORE, False,
           "رده|سطح|سطح مشتری|رده مشتری|tier|level|customer tier|rank"),
    Target("owner", N_("Owner"), _MORE, False,
           "مسئول|کارشناس|کارشناس مسئول|کارشناس فروش|مسئول پیگیری|مالک|صاحب|owner|contact owner|account owner|"
           "lead owner|record owner|assigned to|assignee|assigned user|responsible|salesperson|account manager"),
    Target("team", N_("Team"), _MORE, False,
           "تیم|گروه کاری|تیم مسئول|تیم فروش|team|owner team|assigned team|sales team"),
    Target("note", N_("Note"), _MORE, True,
           "یادداشت|توضیحات|توضیح|شرح|ملاحظات|note|notes|comment|comments|description|remarks|memo|about"),
    Target("national_id", N_("National ID"), _MORE, False,
           "کد ملی|کدملی|شماره ملی|شناسه ملی|کد ملی شناسه ملی|national id|national code|national number|"
           "nationalid|ssn|national identity"),
    Target("economic_code", N_("Economic code"), _MORE, False,
           "کد اقتصادی|شماره اقتصادی|economic code|tax id|vat number|tax code"),
    Target("birth_date", N_("Date of birth"), _MORE, False,
           "تاریخ تولد|تولد|birth date|birthday|date of birth|birthdate|dob"),
    Target("language", N_("Language"), _MORE, False,
           "زبان|language|preferred language"),
    Target("source", N_("Source"), _MORE, False,
           "منبع|نحوه آشنایی|منبع آشنایی|طریقه آشنایی|روش آشنایی|source|lead source|campaign"),
    Target("do_not_call", N_("Do not call"), _MORE, False,
           "تماس نگیرید|عدم تماس|do not call|donotcall|dnc"),
    Target("do_not_sms", N_("Do not send SMS"), _MORE, False,
           "پیامک نفرستید|عدم ارسال پیامک|do not sms|do not send sms|sms opt out"),
    Target("kind", N_("Person or company"), _MORE, False,
           "شخص یا شرکت|حقیقی یا حقوقی|حقیقی حقوقی|نوع شخص|person or company|kind|party type"),
)  # fmt: skip
BY_NAME = {target.name: target for target in TARGETS}
NUMBERS = tuple(target.name for target in TARGETS if target.name.partition(":")[0] == "number")

_COUNT = re.compile(r"\d+")
_UNSEEN_COLUMNS = frozenset(
    (
        "ردیف", "کد", "کد مشتری", "شناسه", "id", "row", "no", "index", "phone type", "e mail type", "phone label",
        "e mail label", "address type", "website type", "address label", "website label", "photo", "gender", "جنسیت",
        "error", "خطا", "created", "last change", "ساخته شده", "آخرین تغییر", "uid",
    )
)  # fmt: skip
"""Names of columns that are known to hold nothing for us."""


def plain(header: str) -> str:
    """A header as it is compared: folded, without signs; ``Phone 2 - Value`` is ``phone value``."""
    return " ".join(_COUNT.sub(" ", " ".join(words(header[:100]))).split())


_BY_WORD = {plain(target.label): target.name for target in TARGETS} | {
    plain(word): target.name for target in TARGETS for word in target.words.split("|") if word
}
_IGNORED = frozenset(map(plain, _UNSEEN_COLUMNS))


@lru_cache(maxsize=4096)
def known_header(header: str) -> str | None:
    """The target that a header names; ``IGNORE`` for one that is known to be of no use, None for one not known."""
    if header.startswith(FIELD):
        return header
    if header in BY_NAME:
        return header
    word = plain(header)
    return IGNORE if word in _IGNORED else _BY_WORD.get(word)
