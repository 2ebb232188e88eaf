"""What machines write in the demo: newsletters, notices, a mailing list, a delivery report, spam."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class Issue:
    """One mail from a machine; `html` is empty where it is plain text alone."""

    name: str
    address: str
    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)


_PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>
body {{ margin: 0; background: {ground}; font-family: Georgia, serif; color: #222; }}
.sheet {{ max-width: 600px; margin: 0 auto; background: #fff; padding: 24px 32px; }}
h1 {{ font-size: 26px; color: {ink}; margin: 0 0 4px; }} h2 {{ font-size: 18px; margin: 24px 0 6px; }}
.foot {{ font: 12px/1.5 sans-serif; color: #777; border-top: 1px solid #ddd; margin-top: 28px; padding-top: 12px; }}
</style></head><body><table role="presentation" width="100%"><tr><td><div class="sheet">
<h1>{title}</h1><p style="color:#777;margin:0">{lead}</p>
<p><img src="http://pictures.{host}/{number}.png" width="536" height="180" alt="The view from the workshop"></p>{items}
<p><a href="https://{host}/issues/{number}" style="color:{ink}">Read it on our pages</a></p>
<p class="foot">You get this because you asked for it. <a href="https://{host}/leave?u=4711">Leave the list</a>
<img src="http://pixel.{host}/seen?id={number}" width="1" height="1" alt=""></p>
</div></td></tr></table></body></html>
"""


@dataclass(frozen=True)
class Paper:
    """A newsletter; each issue takes three of its items in turn."""

    name: str
    address: str
    ink: str
    ground: str
    lead: str
    every_days: int
    items: tuple[tuple[str, str], ...]

    def issue(self, number: int) -> Issue:
        count = len(self.items)
        chosen = [self.items[(number * 3 + step) % count] for step in range(3)]
        host = self.address.partition("@")[2]
        body = "".join(f"<h2>{escape(head)}</h2><p>{escape(text)}</p>" for head, text in chosen)
        text = "\n\n".join(f"{head.upper()}\n{text}" for head, text in chosen)
        page = _PAGE.format(
            ground=self.ground, ink=self.ink, title=escape(self.name), lead=escape(self.lead), items=body, host=host,
            number=number,
        )  # fmt: skip
        headers = {
            "List-Id": f"{self.name} <news.{host}>",
            "List-Unsubscribe": f"<https://{host}/leave?u=4711>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        }
        return Issue(
            self.name, self.address, f"{chosen[0][0]} · No. {number}", f"{self.lead}\n\n{text}\n", page, headers
        )


PAPERS = (
    Paper(
        "The Slow Press",
        "letter@slowpress.example",
        "#7a2e1d",
        "#f4efe6",
        "Printing, paper and type, every second week",
        14,
        (
            (
                "Why old ink smells",
                "Linseed oil never quite stops drying. What the nose meets in an old book is that oil, giving up aldehydes a little at a time, for three hundred years.",
            ),
            (
                "A fount with no k",
                "The printer of the town's first newspaper owned no k. He set c and q by turns, and nobody wrote in to complain.",
            ),
            (
                "Deckle edges are a mistake",
                "They came from sheets that could not be cut straight. When they could, readers missed them, and machines were built that tear.",
            ),
            (
                "How to fold a quire",
                "Bone, not fingernail. Away from you, in one stroke. Then sleep on it, both you and the paper.",
            ),
            (
                "The price of blue",
                "For most of printing history blue was the dearest word on the invoice. We looked at forty invoices.",
            ),
            (
                "Wood engraving by phone light",
                "A reader from Porto cut her whole calendar during power cuts. She says that the lines became bolder, and so did she.",
            ),
            (
                "Proofreading backwards",
                "From the last word to the first: sense goes away and letters remain. It takes twice as long and finds three times as much.",
            ),
        ),
    ),
    Paper(
        "Kiezkino",
        "programm@kiezkino.example",
        "#243b6b",
        "#eef1f7",
        "Das Programm der Woche",
        14,
        (
            (
                "Der Brief am Donnerstag",
                "Zum letzten Mal auf der großen Leinwand, mit Einführung. Beginn 20 Uhr, Einlass ab halb acht.",
            ),
            (
                "Kurzfilme aus Łódź",
                "Elf Filme aus der Filmschule, keiner länger als neun Minuten. Danach Gespräch auf Polnisch und Deutsch.",
            ),
            ("Stummfilm mit Klavier", "Unser Pianist hat den Film noch nie gesehen und möchte, dass das so bleibt."),
            (
                "Frühstückskino",
                "Kaffee, Brötchen, Zeichentrick. Kinder unter sechs frei, Erwachsene über sechs auch willkommen.",
            ),
            ("Nachtschicht", "Drei Filme, eine Decke, kein Handy. Bitte Decke mitbringen."),
        ),
    ),
    Paper(
        "Allotment Weekly",
        "hello@allotment.example",
        "#3d6b2b",
        "#f1f5ec",
        "What to do on the plot this week",
        21,
        (
            (
                "Leave the seed heads",
                "Goldfinches eat from the teasels until February. Cut them down in March, when you would only have cut them down twice otherwise.",
            ),
            (
                "Potatoes want dark and air",
                "A paper sack, folded over, somewhere between four and eight degrees. The cellar light stays off.",
            ),
            (
                "Frost and the hose",
                "Water left in the tap is how taps become fountains. Open it, walk away, open it again tomorrow.",
            ),
            (
                "Sow broad beans now",
                "Two fingers deep, a hand apart. If the mice find them, sow them again; the mice will have told their friends.",
            ),
            ("Comfrey tea", "It works, and it smells as everyone says. Keep the lid."),
        ),
    ),
    Paper(
        "河边读书会",
        "news@hebian.example",
        "#8c1c13",
        "#faf4ee",
        "每月一封的读书来信",
        30,
        (
            ("这个月读什么", "我们选了三本薄书：一本游记，一本书信集，一本关于桥的小书。每本都能在一个周末读完。"),
            ("旧信里的天气", "人们写信时总要先说天气。我们把一百封旧信里的第一句话抄了下来，排成一年。"),
            ("读者来信", "有读者问：读过又忘了的书算不算读过？我们认为算，就像走过的路。"),
            ("活动预告", "下个月在河边的茶馆见面，带一本你不想再读的书来交换。"),
        ),
    ),
)

# (name, address, subject, text); {n} counts.
NOTICES: tuple[tuple[str, str, str, str], ...] = (
    (
        "Northline Trains",
        "tickets@northline.example",
        "Your ticket NL-48{n}17",
        "Your booking is confirmed.\n\nDeparture 16:08, platform 3\nCoach 4, seat 6{n}\n\nThe ticket is valid with a document that shows your name.",
    ),
    (
        "Heron Bank",
        "no-reply@heronbank.example",
        "Your statement no. {n} is ready",
        "A new statement lies in your mailbox at the bank.\n\nWe never ask for passwords or numbers by mail, and this mail has no link to press.",
    ),
    (
        "Parcel Post",
        "tracking@parcelpost.example",
        "Parcel 77 40{n} 219 is on its way",
        "Your parcel left the depot and comes tomorrow between 9 and 12.\n\nIf nobody is in, it waits at the bakery, ground floor.",
    ),
    (
        "City Library",
        "desk@library.example",
        "Due in three days: two items",
        "Please bring back or renew:\n\n- Letters of a Lighthouse Keeper\n- Bread, a History\n\nOne of them is reserved by another reader.",
    ),
    (
        "Calendar",
        "calendar@atolye.example",
        "Reminder: opening, room {n}",
        "Tomorrow, 18:00\nAtölye, courtyard entrance\n\nYou said that you come with one guest.",
    ),
    (
        "Forge",
        "notifications@forge.example",
        "[almanac] Build #{n}06 passed",
        "Branch main, commit 9f{n}c2e1\n214 tests, 0 failures, 48 s\n\nYou get this because you watch almanac.",
    ),
    (
        "Dr. Weber, Zahnarztpraxis",
        "praxis@zahnarzt-weber.example",
        "Erinnerung an Ihren Termin",
        "Guten Tag,\n\nwir erinnern an Ihren Termin am {n}. um 9:20 Uhr. Falls Sie nicht kommen können, rufen Sie bitte vorher an.",
    ),
)

# A mailing list: (subject, [texts]); the posters change.
LIST_NAME, LIST_ADDRESS = "bookbinding", "bookbinding@lists.example"
LIST_THREADS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Wheat paste goes sour", ("My wheat paste lasts two days and then smells like a cellar. What do you add?", "> What do you add?\n\nOne clove. Not clove oil, it stains.", "Nothing, I make less of it. A spoon of flour is enough for a day.", "> One clove.\n\nTried it. The whole workshop smells of biscuits now, thank you.")),
    ("Linen thread, 18/3 or 25/3?", ("For a text block of 120 pages, eight signatures: which would you take?", "25/3 and a little wax. 18/3 swells the spine by a third.", "> 18/3 swells the spine by a third.\n\nWhich is sometimes what one wants. If the paper is soft, take 18/3 and round it.")),
    ("Looking for a lying press", ("Mine is cracked beyond glue. Does anybody have one to sell, beech or hornbeam, at least 40 cm between the screws?", "There is one in my grandfather's shed. I look on Saturday.", "Found it: 46 cm, hornbeam, one screw stiff. Yours if you fetch it.")),
    ("Is this leather or paper?", ("A reader brought an account book of 1790. The cover looks like sheep under the lens, but it does not smell of anything.", "Wet a cotton bud and touch the inside of the joint: paper darkens at once.", "It darkened at once. Paper, then, and a very good liar.")),
    ("Endbands: silk from where?", ("My supplier of sewing silk closes. Where do you buy, in small amounts and many colours?", "Fly fishing shops. I am serious.", "> Fly fishing shops.\n\nSo that is why they look at me like that.", "Embroidery silk, two strands. It frays less than people say.")),
    ("Guillotine blade angle", ("Twenty-two or twenty-five degrees for mixed board and paper?", "Twenty-three, and a new blade.", "Twenty-five lasts longer, twenty-two cuts better. There is no third thing.")),
)  # fmt: skip

SPAM: tuple[tuple[str, str, str, str], ...] = (
    ("Customer Service", "service@account-verify.invalid", "Your mailbox is almost full!!!", "Dear user, your mailbox is 98% full. Confirm your password within 24 hours or lose all mail:\n\nhttp://mailbox-upgrade.invalid/confirm"),
    ("Mrs. Eleanor Pike", "e.pike@lottery-office.invalid", "YOU HAVE WON 2.5 MILLION", "Congratulation! Your address was drawn. Send your name, your bank and a small fee."),
    ("Crypto Desk", "desk@coin-double.invalid", "Double your coins by Friday", "Everybody is doing it. Send one, get two. No questions."),
    ("发票代开", "fp@kaipiao.invalid", "代开各类发票，点数优惠", "您好，本公司可代开各类发票，欢迎来电咨询。"),
    ("Parcel", "info@parce1-post.invalid", "Your parcel could not be delivered", "Pay 1.99 for customs here: http://parce1-post.invalid/pay"),
    ("HR Department", "hr@demo-test.invalid", "Salary revision, open the attachment", "Please see the attached form and sign in with your mail password."),
)  # fmt: skip
