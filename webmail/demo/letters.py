"""What people write to each other in the demo. All of it, and everybody in it, is made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    name: str
    address: str


CAST = {
    "alice": Person("Alice Amari", "alice@demo.test"),
    "bob": Person("Bob Brandt", "bob@demo.test"),
    "charlie": Person("Charlie Chen", "charlie@demo.test"),
    "dana": Person("Dana Okafor", "dana@wren.example"),
    "elif": Person("Elif Yıldız", "elif@atolye.example"),
    "farid": Person("Farid Rahmani", "farid.rahmani@bahar.example"),
    "greta": Person("Greta Møller", "greta@fjord.example"),
    "hiro": Person("田中 宏", "hiro.tanaka@hoshi.example"),
    "ines": Person("Inês Carvalho", "ines@carvalho.example"),
    "jakub": Person("Jakub Wiśniewski", "jakub@wisniewski.example"),
    "karim": Person("كريم منصور", "karim@zaytuna.example"),
    "lin": Person("林雨晴", "yuqing.lin@qinghe.example"),
    "mina": Person("김민아", "mina.kim@haneul.example"),
    "noah": Person("Noah Weiß", "noah.weiss@kiezhaus.example"),
    "olena": Person("Олена Коваль", "olena@koval.example"),
    "priya": Person("प्रिया शर्मा", "priya@sharma.example"),
    "quentin": Person("Quentin Lefèvre", "quentin@lefevre.example"),
    "ruth": Person("Ruth Adler", "ruth@adler.example"),
    "sofia": Person("Σοφία Παππά", "sofia@pappa.example"),
    "tom": Person("Tom Hargreaves", "tom@hargreaves.example"),
    "yael": Person("יעל לוי", "yael@levy.example"),
}

# (subject, [(who, text), …]): each answers the one before. "alice" stands for whose mailbox it is.
Thread = tuple[str, list[tuple[str, str]]]

THREADS: list[Thread] = [
    (
        "Minutes of the house meeting",
        [
            (
                "noah",
                "Here is what we agreed on Tuesday:\n\n1. The bicycle cellar gets a second rail.\n2. Quiet hours on Sundays stay as they are.\n3. The roof is looked at before the winter, Ruth asks for two offers.\n\nPlease say by Friday if I forgot something.",
            ),
            (
                "ruth",
                "Thank you, Noah. Point 3: I have one offer already and wait for the second.\n\nThe washing machine is missing. We wanted to ask the others whether they would share the cost of a new one.",
            ),
            ("alice", "I am for the new washing machine. And I can help with the rail, I still have the long drill."),
            ("noah", "Added both. The final version hangs in the stairwell tomorrow."),
        ],
    ),
    (
        "Choir: programme for December",
        [
            (
                "greta",
                "Dear all,\n\nI would like to sing the Schütz and the two Norwegian songs, and leave out the Brahms. We have nine rehearsals left, and the Brahms wants more than that.\n\nWhat do you think?",
            ),
            ("alice", "The altos will thank you. Could we keep one of the old carols for the end?"),
            ("greta", 'Gladly. I put "Mitt hjerte alltid vanker" last, with everybody in the aisles.'),
            ("bob", "The tenors are two, one of whom is me. I will bring my brother."),
            ("greta", "Your brother is welcome. Rehearsal at seven, as always; the heating in the church is repaired."),
        ],
    ),
    (
        "The garden plot",
        [
            (
                "ines",
                "The tomatoes have blight again, all but the three plants under the roof. I took the sick ones out and burnt them.\n\nCould you water on Thursday and Saturday? I am away until Sunday.",
            ),
            ("alice", "Of course. Do the beans get any?"),
            ("ines", "The beans a little, the squash a lot. The hose leaks at the tap, hold it with the cloth."),
        ],
    ),
    (
        "Draft of the exhibition text",
        [
            (
                "elif",
                "I wrote the text for the first room. It is still too long: 320 words, and the wall takes 200.\n\n“The letters in this room were never sent. They were kept in drawers, between books, in the lining of a coat.”\n\nWould you cut it for me? I cannot any more.",
            ),
            (
                "alice",
                "I would begin with exactly that sentence, and drop the whole second paragraph. The visitors see the coat themselves.\n\nI have it at 190 words now; it is below, please be strict.",
            ),
            (
                "elif",
                "It is so much better. Only the word “lining” has to stay, because of the object label.\n\nThank you. Opening is on the 14th, you stand on the list with two.",
            ),
        ],
    ),
    (
        "Can you look at the lease?",
        [
            (
                "dana",
                "The landlord sent the new lease. Clause 7 is new: he wants to be let in with a day's notice. Is that usual?\n\nI would rather not send the whole thing unprotected. Have you got a key by now?",
            ),
            (
                "alice",
                "Not yet, but soon. A day's notice for no reason at all is not usual. Ask him to write down the reasons that count.",
            ),
            ("dana", "He did, it now says repairs and readings only. I signed. Thank you."),
        ],
    ),
    (
        "Train on Friday",
        [
            ("bob", "I take the 16:08. Shall I keep you a seat?"),
            ("alice", "Yes please. Coach 4 if there is one, near the door: I bring the bicycle."),
            ("bob", "Coach 4, seat 61. The bicycle place is 65."),
        ],
    ),
    (
        "Invoice for the spring issue",
        [
            (
                "tom",
                "Hello Alice,\n\nthe printer asks for a purchase order before they start. Could you send me the number? The proofs are good, the blue on page 12 is a little darker than on the screen.\n\nTom",
            ),
            (
                "alice",
                "The number is PO-2217. Please take the darker blue; on the screen it looked like a swimming pool.",
            ),
            ("tom", "Done. 400 copies, Tuesday week."),
        ],
    ),
    (
        "Re: Your question about the archive",
        [
            (
                "ruth",
                "Dear Alice,\n\nthe parish registers from 1871 to 1890 can be read, the later ones are still with the restorer. You need no appointment in the mornings.\n\nPlease bring a pencil. Pens stay in the locker.",
            ),
            ("alice", "Thank you very much. I come on Wednesday, with two pencils."),
        ],
    ),
    (
        "Hiking on Sunday?",
        [
            (
                "charlie",
                "The forecast is dry until four. I thought of the ridge path, 14 km, and the late bus back. Who comes?",
            ),
            ("bob", "I come, with the dog."),
            ("alice", "I come, without a dog. I bring the thermos."),
            ("charlie", "8:40 at the bus stop then. The dog gets his own sandwich."),
            ("bob", "He accepts."),
        ],
    ),
    (
        "Translation of the interview",
        [
            (
                "quentin",
                "Chère Alice,\n\nje t'envoie la première moitié demain matin. Deux passages me donnent du mal : « le pays d'avant » n'est ni l'ancien pays, ni le pays d'autrefois.\n\nUne idée ?",
            ),
            ("alice", "“The country before” — without anything after it. It is odd in English too, and that is right."),
            ("quentin", "C'est exactement ça. Merci, je garde."),
        ],
    ),
    (
        "Backup of the old computer",
        [
            (
                "farid",
                "I copied everything from the old disk: 212 GB, of which 180 are photographs twice. The list of what could not be read is short, four files, all of them from the browser.\n\nDo you want them sorted or as they are?",
            ),
            ("alice", "As they are, please. Sorting them is for the winter evenings."),
            ("farid", "Then the disk is at my place, in the box with your name. The checksum file lies on it."),
        ],
    ),
    (
        "Reading group: next book",
        [
            (
                "sofia",
                "We have three proposals for March:\n\n- The Waves\n- A Time of Gifts\n- The Invention of Morel\n\nPlease write one name each by Sunday. Αν είναι δυνατόν, μόνο ένα!",
            ),
            ("alice", "The Invention of Morel. It is short, and I still have to finish the last one."),
            ("tom", "A Time of Gifts for me."),
            ("sofia", "Morel it is, by four to two. We meet at Tom's, he has the larger table and lost the vote."),
        ],
    ),
    (
        "Question about your recipe",
        [
            (
                "priya",
                "How long does the dough rest in the cold? I tried overnight, and it was sour.\n\nऔर क्या आप आटा छानती हैं?",
            ),
            ("alice", "Overnight is right, but use half the yeast then. I never sift the flour."),
            ("priya", "Half the yeast did it. The children ate all twelve before I could take a picture."),
        ],
    ),
    (
        "Lend me the projector?",
        [
            (
                "charlie",
                "Is the projector free on the 3rd? My mother turns seventy and my uncle has slides. Eleven hundred slides.",
            ),
            ("alice", "It is free, and you have my sympathy. The remote needs two AAA."),
            ("charlie", "We got to slide 240. Everybody was happy. Projector comes back tomorrow."),
        ],
    ),
    (
        "Bug in the newsletter form",
        [
            (
                "jakub",
                "Cześć Alice,\n\nthe form accepts an address with a space at the end and then never sends to it. I found eleven of those. Shall I trim them, or write to the people first?",
            ),
            ("alice", "Trim them, they typed it on a phone. Write to nobody."),
            ("jakub", "Done, and the form trims now too. Pozdrawiam!"),
        ],
    ),
    (
        "Keys to the studio",
        [
            (
                "elif",
                "I leave the keys with the bakery downstairs, in an envelope with your name. The upper lock turns left.",
            ),
            ("alice", "Got them. It turns right, but only after one has tried left."),
        ],
    ),
]

# Single letters in other languages: (who, subject, text).
LETTERS: list[tuple[str, str, str]] = [
    (
        "lin",
        "关于下周的会议",
        "你好，Alice：\n\n下周三的会议改到下午三点，地点不变。请把上次讨论的三个方案各准备一页说明，不用太详细。\n\n如果来不及，周二晚上之前告诉我就好。\n\n雨晴",
    ),
    ("lin", "照片收到了，谢谢！", "照片都收到了，湖边那张最好。我妈妈想洗一张大的挂起来，可以吗？\n\n祝好\n雨晴"),
    (
        "hiro",
        "展示会のご案内",
        "アリス様\n\nいつもお世話になっております。\n来月の展示会の招待状をお送りいたします。会期は十二日から十八日まで、初日は午後二時からです。\n\nお目にかかれるのを楽しみにしております。\n\n田中 宏",
    ),
    (
        "hiro",
        "Re: 資料の件",
        "資料をありがとうございました。三頁目の図だけ、もう少し大きいものをいただけますでしょうか。\n\n田中",
    ),
    (
        "karim",
        "دعوة إلى العشاء يوم الخميس",
        "عزيزتي أليس،\n\nيسعدنا أن تكوني ضيفتنا على العشاء يوم الخميس في الساعة الثامنة. ستطبخ أمي المقلوبة، وأخي يحضر العود.\n\nأرجو أن تخبريني إن كان هناك ما لا تأكلينه.\n\nكريم",
    ),
    (
        "yael",
        "המפתח של המחסן",
        "היי אליס,\n\nהמפתח של המחסן אצל השכן בקומה שנייה. הקוד של השער לא השתנה.\n\nנתראה ביום ראשון,\nיעל",
    ),
    (
        "mina",
        "다음 주 일정 확인 부탁드려요",
        "안녕하세요, 앨리스 님.\n\n다음 주 화요일 오전 열 시에 뵙기로 한 일정이 그대로인지 확인 부탁드립니다. 자료는 월요일까지 보내 드릴게요.\n\n김민아 드림",
    ),
    (
        "olena",
        "Дякую за книжку",
        "Привіт, Аліс!\n\nКнижка прийшла вчора, я вже на сотій сторінці. Перекладач просто чудовий. Коли дочитаю, передам її Софії, як домовлялися.\n\nОбіймаю,\nОлена",
    ),
    (
        "sofia",
        "Καλοκαίρι στο νησί",
        "Αγαπητή Αλίκη,\n\nτο σπίτι είναι ελεύθερο από τις 10 ως τις 24 Ιουλίου. Το πλοίο φεύγει πρωί πρωί, αλλά αξίζει τον κόπο.\n\nΦιλιά,\nΣοφία",
    ),
    (
        "priya",
        "दीपावली की शुभकामनाएँ",
        "प्रिय ऐलिस,\n\nआपको और आपके परिवार को दीपावली की हार्दिक शुभकामनाएँ। इस बार मिठाई डाक से भेज रही हूँ, आशा है सही-सलामत पहुँचेगी।\n\nप्रिया",
    ),
    (
        "jakub",
        "Żółte łódki na zdjęciu",
        "Cześć,\n\nzażółć gęślą jaźń to tylko zdanie do testów, ale te łódki naprawdę były żółte. Zdjęcia w załączniku wyślę jutro, dziś nie mam zasięgu.\n\nJakub",
    ),
    (
        "noah",
        "Schlüssel für die Waschküche",
        "Hallo Alice,\n\nder Schlüssel für die Waschküche hängt jetzt am grünen Haken, der alte Haken ist abgebrochen. Könntest du bitte auch die Müllers grüßen, falls du sie vor mir siehst?\n\nSchöne Grüße\nNoah",
    ),
    (
        "noah",
        "Ablesung der Heizung am Donnerstag",
        "Liebe alle,\n\nam Donnerstag zwischen 10 und 12 Uhr wird die Heizung abgelesen. Bitte sorgt dafür, dass jemand da ist oder der Schlüssel bei mir liegt.\n\nNoah",
    ),
    (
        "quentin",
        "Un café jeudi ?",
        "Salut Alice,\n\nje passe en ville jeudi, entre deux trains. Un café vers quinze heures, au même endroit que l'an dernier ?\n\nÀ bientôt,\nQuentin",
    ),
    (
        "ines",
        "Fotografias do jardim",
        "Olá Alice,\n\nas fotografias ficaram lindas, sobretudo a das abóboras ao fim da tarde. Obrigada por teres regado tudo!\n\nBeijinhos,\nInês",
    ),
    (
        "elif",
        "Cumartesi atölyede",
        "Selam Alice,\n\ncumartesi on birden sonra atölyedeyim. Çay var, bisküviyi sen getir.\n\nElif",
    ),
    (
        "greta",
        "Nøkkel og noter",
        "Hei Alice,\n\njeg la notene i postkassen din. Nøkkelen til kirken har Bob.\n\nHilsen Greta",
    ),
    ("karim", "صور الرحلة", "وصلتني الصور، شكراً جزيلاً! الصورة الثالثة (عند الميناء) رائعة، سأطبعها.\n\nكريم"),
]

# Short letters without an answer: (who, subject, text).
NOTES: list[tuple[str, str, str]] = [
    ("tom", "Found your scarf", "It was under the piano. Grey, with a hole that may have been there before."),
    (
        "ruth",
        "Opening hours over the holidays",
        "We close from the 23rd to the 2nd. Requests that come before the 18th are still answered this year.",
    ),
    (
        "dana",
        "New address from May",
        "I move on the 1st of May:\n\nDana Okafor\n14 Heron Row, second floor\n\nThe old telephone number goes with me.",
    ),
    (
        "farid",
        "The paper on letter locking",
        "You asked for the paper about folded letters before envelopes. I put it into the shared folder, it is the one with the diagrams. They opened one without touching the seal, by reading the ink through the folds.",
    ),
    (
        "bob",
        "Did you mean to send that twice?",
        "I got your note about the tickets twice, word for word. I do not mind, it was good news both times.",
    ),
    ("charlie", "Broken link", "The third link on the page of the hiking club leads nowhere. The one with the map."),
    ("greta", "Thank you", "For the cake, for carrying the chairs, and for the high note that I could not reach."),
    (
        "ines",
        "Frost tonight",
        "Down to minus two, they say. I covered the lemon tree with your blanket, I hope that is all right.",
    ),
    (
        "elif",
        "The frame is too small",
        "By four millimetres. I do not understand it either. The framer makes a new one by Thursday and does not charge for it.",
    ),
    (
        "tom",
        "Proofs, last round",
        "Page 3: the caption belongs to the other picture. Page 17: a space too many before the question mark. Everything else is as it should be.",
    ),
    ("farid", "Phone is back", "Same number. Whatever you sent between Monday and Wednesday, send it again."),
    (
        "ruth",
        "A name in the register",
        "I found an Amari in the register of 1884, witness to a wedding. The handwriting is poor, it may also be Amati. The page is marked for you.",
    ),
    ("dana", "Your umbrella", "Is in my hallway. It has been drying since October."),
    (
        "bob",
        "Minutes for the choir",
        "Attached as text below, because nobody opens attachments:\n\nPresent: 14. Excused: 3. Decided: new folders, black. Not decided: colour of scarves.",
    ),
    (
        "charlie",
        "Anyone seen my ladder?",
        "The wooden one, with a blue rung. I lent it to somebody before the summer and wrote it down on a note that I lent to the same person.",
    ),
]

SENT_ALONE: list[tuple[str, str, str]] = [
    ("tom", "Cover picture", "Hello Tom,\n\nthe one with the boats, please, and the title in one line.\n\nAlice"),
    ("ruth", "Appointment in January", "Dear Ruth,\n\nwould the 14th suit you, in the morning?\n\nAlice Amari"),
    ("greta", "Altos on Thursday", "We are three this week. One has a cold, one has twins."),
    ("lin", "Re: 关于下周的会议", "雨晴，你好：\n\n没问题，周三下午三点见。\n\nAlice"),
    ("bob", "Tickets", "Row 11, seats 4 and 5. I have both."),
    ("noah", "Re: Schlüssel für die Waschküche", "Danke, ich richte es aus.\n\nAlice"),
    ("charlie", "Ladder", "It is behind my kitchen door, and I am very sorry."),
]
