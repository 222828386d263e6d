# SPDX-License-Identifier: Apache-2.0
"""What stands in a template's braces: names, addresses, numbers … of one locale, from Faker and from patterns."""
import random

from faker import Faker

# Languages with the locales that training takes values from, and those that only tests do.
SEEN = {"en": ["en_US", "en_GB"], "de": ["de_DE"], "fr": ["fr_FR"], "es": ["es_ES"], "it": ["it_IT"], "nl": ["nl_NL"],
        "pl": ["pl_PL"], "pt": ["pt_PT"]}
UNSEEN = {"en": ["en_AU", "en_CA", "en_IE", "en_NZ"], "de": ["de_AT", "de_CH"], "fr": ["fr_CH", "fr_CA"],
          "es": ["es_MX", "es_CO", "es_AR"], "nl": ["nl_BE"], "pt": ["pt_BR"], "sv": ["sv_SE"]}
# Names of other languages, which training mixes in.
GUESTS = ["en_IN", "tr_TR", "cs_CZ", "ro_RO", "hr_HR", "fi_FI", "id_ID", "hu_HU", "lt_LT", "sl_SI", "et_EE"]
CODES = {"en": ["+1", "+44"], "de": ["+49", "+43", "+41"], "fr": ["+33", "+32"], "es": ["+34", "+52"], "it": ["+39"],
         "nl": ["+31", "+32"], "pl": ["+48"], "pt": ["+351", "+55"], "sv": ["+46"]}
TLDS = {"en": ["com", "co.uk", "org", "net", "io"], "de": ["de", "com", "at"], "fr": ["fr", "com"], "es": ["es", "com"],
        "it": ["it", "com"], "nl": ["nl", "com"], "pl": ["pl", "com.pl"], "pt": ["pt", "com"], "sv": ["se", "com"]}
MAIL_HOSTS = ["gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me", "web.de", "orange.fr", "libero.it",
              "wp.pl", "hotmail.es", "ziggo.nl", "sapo.pt", "gmx.net", "example.org"]
IDS = ["########", "######", "#########", "##########", "############", "??######", "??-######", "?#######",
       "####-####", "###-###-###", "?#####?", "INV-20##-####", "20##/####", "#####/##", "K-#######", "??###??##",
       "#### #### ####", "REF-?????##", "CASE#####", "##.###.###", "P###########", "??-##-?###", "#-###-#####"]
PASSES = ["?########", "?##?##???", "#########", "??#######", "?######"]
PLATES = ["??-??-##", "??## ???", "#??? ###", "??-?-####", "##-???-#"]


class Values:
    """Makes values for one locale. Everything comes from `seed`: the same seed, the same values."""

    def __init__(self, locale, lists, seed, test):
        self.locale, self.language, self.lists, self.test = locale, locale[:2], lists, test
        self.random = random.Random(seed)
        self.faker = self.seeded(locale, seed)
        words = {"en": "en_US", "pt": "en_US", "sv": "en_US"}.get(self.language, SEEN.get(self.language, ["en_US"])[0])
        self.lorem = self.seeded(words, seed + 1)
        self.guests = [] if test else [self.seeded(guest, seed + 2) for guest in GUESTS]
        self.months = lists["months"]

    @staticmethod
    def seeded(locale, seed):
        faker = Faker(locale)
        faker.seed_instance(seed)
        return faker

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def number(self, low, high):
        return self.random.randint(low, high)

    def digits(self, pattern):
        letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
        return "".join(str(self.number(0, 9)) if c == "#" else self.random.choice(letters) if c == "?" else c
                       for c in pattern)

    def part(self, name):
        """An entry of a list: training never takes the last fifth, tests nothing else."""
        entries = self.lists[name]
        border = len(entries) - max(1, len(entries) // 5)
        return self.random.choice(entries[border:] if self.test else entries[:border])

    # --- people ---------------------------------------------------------------------------------------------------

    def made_up(self):
        syllables = [self.pick(*"bdfghjklmnprstvwz", "ch", "sh", "st", "br", "kr", "th", "qu", "")
                     + self.pick(*"aeiou", "a", "e", "i", "ai", "ou", "ee", "ie")
                     + self.pick("", "", "", "n", "r", "l", "s", "m", "k") for _ in range(self.number(2, 3))]
        return "".join(syllables).capitalize()

    def person(self, what):
        if not self.test and self.chance(0.06):
            return self.made_up()
        faker = self.random.choice(self.guests) if self.guests and self.chance(0.2) else self.faker
        value = faker.first_name() if what == "first" else faker.last_name()
        if what == "last" and self.chance(0.04):
            value += "-" + faker.last_name()
        return value

    def name(self, kind):
        first, last = self.person("first"), self.person("last")
        if kind in ("first", "last"):
            return first if kind == "first" else last
        if kind == "list":
            return f"{last}, {first}" if self.chance(0.85) else f"{last}, {first[0]}."
        form = self.random.random()
        if form < 0.72:
            return f"{first} {last}"
        if form < 0.80:
            return f"{first} {self.digits('?')}. {last}"
        if form < 0.87:
            return f"{first[0]}. {last}"
        if form < 0.93:
            return f"{first} {self.person('first')} {last}"
        if form < 0.96:
            return f"{first}-{self.person('first')} {last}"
        return f"{last} {first}" if self.chance(0.5) else first

    def user(self, kind):
        plain = [self.ascii(self.person("first")), self.ascii(self.person("last")), self.ascii(self.lorem.word()),
                 self.ascii(self.made_up())]
        a, b = self.random.sample(plain, 2)
        return self.pick(self.faker.user_name(), f"{a}{self.number(1, 2015)}", f"{a}_{b}", f"{a}.{b}", f"{a}{b}",
                         f"{a}-{b}{self.number(1, 99)}", f"{a[:1]}{b}", f"xx_{a}_{self.number(1, 99)}", f"the_{a}",
                         f"{a}{self.number(70, 99)}")

    def email(self, kind):
        first, last = self.ascii(self.person("first")), self.ascii(self.person("last"))
        local = self.pick(f"{first}.{last}", f"{first[:1]}.{last}", f"{first}{last}", f"{first}_{last}", last, first,
                          f"{first}{self.number(1, 99)}", f"{last}.{first}", f"{first}-{last}",
                          self.pick("info", "office", "billing", "sales", "contact", "hr"), f"{first}+{last}")
        tld = self.random.choice(TLDS[self.language])
        hosts = [f"{self.ascii(self.made_up())}.{tld}", f"{last}-{self.ascii(self.lorem.word())}.{tld}",
                 f"mail.{self.ascii(self.made_up())}.{tld}", self.faker.domain_name()]
        return self.faker.email(safe=False) if self.chance(0.2) else \
            f"{local}@{self.random.choice(hosts if self.test or self.chance(0.5) else MAIL_HOSTS)}"

    @staticmethod
    def ascii(text):
        table = str.maketrans("àáâãäåąæçćčďèéêëęěìíîïıłñńňòóôõöøőřśšşßťùúûüűůýźżžğ", "aaaaaaaaccc"
                              "deeeeeeiiiiilnnnooooooorssss" "tuuuuuuyzzzg")
        return "".join(c for c in text.lower().translate(table) if c.isascii() and c.isalnum()) or "x"

    # --- places and organisations ---------------------------------------------------------------------------------

    def place(self, kind):
        form = self.random.random()
        return self.part("city") if form < 0.55 else self.faker.city() if form < 0.8 else self.faker.country()

    def town(self):
        return self.part("city") if self.chance(0.4) else self.faker.city()

    def address(self, kind):
        street = self.faker.street_address().replace("\n", ", ")
        if kind == "street":
            return street
        between = "\n" if kind == "lines" else self.pick(", ", ", ", ", ", " ", "; ")
        if self.chance(0.5):
            whole = self.faker.address().replace("\n", between)
        elif self.locale in ("en_US", "en_CA"):
            state = self.faker.state_abbr() if self.locale == "en_US" else self.faker.province_abbr()
            whole = f"{street}{between}{self.town()}, {state} {self.faker.postcode()}"
        elif self.language == "en":
            whole = f"{street}{between}{self.town()}{self.pick(' ', ', ', between)}{self.faker.postcode()}"
        else:
            whole = f"{street}{between}{self.faker.postcode()} {self.town()}"
        return whole + between + self.faker.country() if self.chance(0.08) else whole

    def organisation(self, kind):
        if self.chance(0.5):
            return self.faker.company()
        return self.filled(self.part("org"))

    def filled(self, pattern):
        for key, make in (("{last}", lambda: self.person("last")), ("{first}", lambda: self.person("first")),
                          ("{city}", self.town), ("{Word}", lambda: self.word().capitalize()), ("{word}", self.word)):
            while key in pattern:
                pattern = pattern.replace(key, make(), 1)
        return pattern

    def word(self):
        return self.made_up().lower() if self.chance(0.4) else self.lorem.word().lower()

    # --- numbers --------------------------------------------------------------------------------------------------

    def phone(self, kind):
        if self.chance(0.5):
            return self.faker.phone_number()
        blank = self.pick(" ", " ", "-", ".", "/", "")
        groups = [self.digits("#" * count) for count in self.random.choice(
            [(3, 3, 4), (2, 2, 2, 2, 2), (3, 7), (3, 4, 4), (4, 6), (3, 2, 2, 2), (3, 3, 3), (5, 6), (2, 4, 4)])]
        rest = blank.join(groups)
        code = self.random.choice(CODES[self.language])
        return self.pick(f"{code} {rest}", f"{code}{blank}{rest}", f"00{code[1:]} {rest}", f"0{rest}",
                         f"({groups[0]}) {blank.join(groups[1:])}", f"{code} (0){rest}", f"0{groups[0]}/"
                         + blank.join(groups[1:]), f"({code}) {rest}", rest if len(rest) > 9 else f"0{rest}")

    def identity(self, kind):
        if kind == "iban":
            iban = self.faker.iban()
            return " ".join(iban[at:at + 4] for at in range(0, len(iban), 4)) if self.chance(0.5) else iban
        if kind == "card":
            card = self.faker.credit_card_number()
            return self.pick(card, " ".join(card[at:at + 4] for at in range(0, len(card), 4)),
                             "-".join(card[at:at + 4] for at in range(0, len(card), 4)))
        if kind == "ssn":
            return self.faker.ssn()
        if kind == "plate":
            return self.faker.license_plate() if self.chance(0.6) else self.digits(self.random.choice(PLATES))
        if kind == "pass":
            return self.digits(self.random.choice(PASSES))
        if kind == "vat":
            country = self.pick(self.locale[-2:] + " ", self.locale[-2:], "")
            return country + self.digits(self.pick("#########", "###########"))
        if kind == "bic":
            return self.digits("????") + self.locale[-2:] + self.digits(self.pick("?#", "??", "#?###"))
        if kind == "short":
            return self.digits(self.pick("##-##-##", "######", "## ## ##", "###"))
        if self.chance(0.08):
            return self.pick(f"{self.random.getrandbits(48):x}", self.faker.uuid4())
        return self.digits(self.random.choice(IDS))

    def date(self, kind):
        d, m, y = self.number(1, 28), self.number(1, 12), self.number(1935, 2029)
        if kind == "exp":
            return f"{m:02}/{y % 100:02}" if self.chance(0.7) else f"{m:02}/{y}"
        if kind == "iso":
            return f"{y}-{m:02}-{d:02}"
        if kind == "stamp":
            return f"{y}-{m:02}-{d:02}T{self.clock()}{self.pick('Z', '', '+01:00')}"
        if kind == "log":
            return f"{['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][m - 1]} {d}"
        if self.chance(0.45):
            us = self.locale in ("en_US", "en_CA") and self.chance(0.8)
            a, b = (m, d) if us else (d, m)
            mark = self.pick("/", "-") if self.language == "en" else self.pick(".", "/", "-", ".")
            return self.pick(f"{a:02}{mark}{b:02}{mark}{y}", f"{a}{mark}{b}{mark}{y}",
                             f"{a:02}{mark}{b:02}{mark}{y % 100:02}", f"{y}-{m:02}-{d:02}", f"{y}-{m:02}-{d:02}")
        month = self.months[m - 1]
        return self.random.choice(self.lists["date"]).format(d=d, m=m, mm=f"{m:02}", y=y, yy=f"{y % 100:02}",
                                                             month=month, mon=month[:3])

    # --- what is no entity ----------------------------------------------------------------------------------------

    def clock(self):
        return f"{self.number(0, 23):02}:{self.number(0, 59):02}:{self.number(0, 59):02}"

    def plain(self, key):
        n, big = self.number(1, 60 if self.chance(0.7) else 999), self.number(100, 99999)
        grouped = f"{big:,}"
        amount = self.pick(f"{n}", f"{n}.{self.number(0, 99):02}", f"{n},{self.number(0, 99):02}", grouped,
                           f"{grouped}.00")
        hour, minute = self.number(0, 23), self.number(0, 59)
        makers = {
            "n": lambda: str(n), "big": lambda: self.pick(str(big), grouped, grouped.replace(",", ".")),
            "money": lambda: self.pick(f"{amount} €", f"${amount}", f"£{amount}", f"{amount} EUR", f"{amount} USD",
                                       f"{amount} {self.pick('euro', 'zł', 'CHF', 'kr')}", f"€ {amount}"),
            "percent": lambda: f"{n % 100}{self.pick('', '.5', ',5')}{self.pick('%', ' %')}",
            "time": lambda: self.pick(f"{hour:02}:{minute:02}", f"{hour}:{minute:02}", f"{hour}.{minute:02}",
                                      f"{hour % 12 + 1} pm" if self.language == "en" else f"{hour}h{minute:02}"),
            "clock": self.clock, "year": lambda: str(self.number(1900, 2030)),
            "version": lambda: ".".join(str(self.number(0, 20)) for _ in range(self.number(2, 4))),
            "ip": lambda: self.faker.ipv4() if self.chance(0.85) else self.faker.ipv6(),
            "url": lambda: self.pick("https://", "http://", "www.") + self.ascii(self.made_up()) + "."
            + self.random.choice(TLDS[self.language])
            + self.pick("", "/", f"/{self.ascii(self.lorem.word())}", f"/a?b={n}"),
            "word": lambda: self.lorem.word().lower(), "words": lambda: " ".join(self.lorem.words(self.number(2, 9))),
            "job": lambda: self.faker.job().split(",")[0].split("(")[0].strip().lower(),
            "thing": lambda: self.random.choice(self.lists["thing"]),
            "title": lambda: self.random.choice(self.lists["title"]),
        }
        return makers[key]()
