"""Tillgänglighet: who answers for the pages, how far everybody can use them, and what they keep about readers."""

import streamlit as st
from markupsafe import Markup

from lagesbild.config import Settings
from pages.parts import markup, stored

_MISSING = "inte angivet"
#: What is known to fall short, and what to do instead.
_SHORTCOMINGS = (
    (
        "Diagram",
        "Ett diagram går inte att utforska med tangentbord eller skärmläsare: de tal som visas när man pekar nås bara med "
        "mus eller finger.",
        "Varje diagram har en text som säger vad det visar, och en tabell med samma tal under sig.",
    ),
    (
        "Kartor",
        "En kommun på kartan väljs genom att peka.",
        "Listan under kartan väljer samma kommun, med tangentbord eller röst.",
    ),
    (
        "Listan över signaler",
        "Den stora tabellen för samordnare ritas som en bild, och skärmläsare får bara en enklare form av den.",
        "Listan går att ladda ned som fil.",
    ),
    (
        "Utan JavaScript",
        "Utan JavaScript visas bara svaret på första sidan och ett diagram till det, inga tabeller.",
        "Hör av dig, så får du siffrorna på annat sätt.",
    ),
    (
        "Mörkt läge",
        "Sidorna är ljusa även om datorn är ställd på mörkt. Hög kontrast i Windows fungerar.",
        "–",
    ),
    (
        "Citerade diagram i PDF",
        "Bilden i ett nedladdat PDF-dokument har ingen text för skärmläsare.",
        "Samma diagram finns på sidan, med text och tabell.",
    ),
)
_CLEARED = "Tills man tömmer webbläsaren"
_COOKIE, _MEMORY, _TAB = "Kaka.", "Webbläsarens eget minne.", "Flikens minne."
#: Name, what it is for, how long it stays; three points stand for what differs. A test holds it against what a browser keeps.
_KEPT = (
    (
        "_streamlit_xsrf",
        f"{_COOKIE} Skyddar formulär mot andra webbplatser. Innehåller ett slumptal.",
        "Tills webbläsaren stängs",
    ),
    (
        "lagesbild_session",
        f"{_COOKIE} Sätts bara för den som loggar in med namn och lösenord.",
        "Tolv timmar, eller tills man loggar ut",
    ),
    (
        "_streamlit_session",
        f"{_COOKIE} Sätts bara när kommunens egen inloggning används. Håller ihop inloggningen.",
        "Högst två veckor",
    ),
    (
        "_streamlit_user …",
        f"{_COOKIE} En eller flera, som sätts bara när kommunens egen inloggning används. Säger vem som är inloggad.",
        "30 dagar, eller tills man loggar ut",
    ),
    ("stActiveTheme …", f"{_MEMORY} Att sidorna är ljusa, en rad för varje sida.", _CLEARED),
    ("stSidebar …", f"{_MEMORY} Hur menyn står, och vad som är öppet i den.", _CLEARED),
    ("sidebar …", f"{_MEMORY} Hur bred menyn är, om man ändrar den.", _CLEARED),
    (
        "st-key-answer_ …",
        f"{_TAB} Det man skriver i ett svar, tills det har sparats.",
        "Högst en timme, eller tills fliken stängs",
    ),
    (
        "lagesbild-ko …",
        f"{_MEMORY} Bara för den som rapporterar till kommunen: det som ännu inte har skickats.",
        "Tills det är skickat",
    ),
    (
        "lagesbild-platser …",
        f"{_MEMORY} Bara för den som rapporterar till kommunen: de sex senaste platserna.",
        _CLEARED,
    ),
    (
        "lagesbild-rapportera …",
        f"{_MEMORY} Bara för den som rapporterar till kommunen: sidan själv, så att den går att öppna utan nät.",
        "Tills länken slutar gälla, eller man tömmer webbläsaren",
    ),
)


def _contact(settings: Settings) -> Markup:
    mail = Markup("<a href='mailto:{0}'>{0}</a>").format(settings.contact_email)
    rows = (
        ("Ansvarig", settings.sender or _MISSING),
        ("E-post", mail if settings.contact_email else _MISSING),
        ("Telefon", settings.contact_phone or _MISSING),
    )
    return Markup().join(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows)


def _responsible(settings: Settings) -> None:
    markup.section("Vem ansvarar?", "ansvar")
    st.html(Markup("<dl class='lb-contact'>{}</dl>").format(_contact(settings)))
    if not (settings.sender and (settings.contact_email or settings.contact_phone)):
        markup.note("Den som sköter programmet har inte angett allt ännu. Hör av dig till kommunens växel.")


def _tried() -> None:
    markup.section("Hur långt har vi kommit?", "lage")
    markup.paragraph(
        "Sidorna ska följa lagen om tillgänglighet till digital offentlig service, och WCAG 2.1 på nivå AA. "
        "De följer det mesta. Det som inte fungerar står nedan."
    )
    markup.paragraph(
        "Så har vi prövat: varje ny version prövas av sig själv med verktyget axe, på alla öppna sidor och flikar, på dator och telefon, "
        "med listor och tabeller öppna. Dessutom prövas språk, rubriker, namn på diagram, kontraster och synligt fokus. "
        "Några av sidorna är gångna igenom med bara tangentbord. Ingen är prövad av personer som använder skärmläsare till vardags."
    )
    markup.section("Det här fungerar inte fullt ut", "brister")
    markup.table(
        [("Vad", ""), ("Brist", ""), ("Gör så här i stället", "")],
        _SHORTCOMINGS,
        "Kända brister i tillgänglighet",
    )


def _report(settings: Settings) -> None:
    markup.section("Säg till om något inte fungerar", "anmal")
    to = settings.contact_email or settings.contact_phone or "kommunens växel"
    markup.paragraph(
        f"Säg vilken sida det gäller och vad som hände: {to}. Behöver du siffrorna i en annan form? Säg det också."
    )
    st.html(
        Markup(
            "<p>Är du inte nöjd med svaret? Anmäl till Myndigheten för digital förvaltning, Digg, som har tillsyn över lagen: "
            "<a href='{0}' rel='noopener'>digg.se/tdosanmalan</a>.</p>"
        ).format("https://www.digg.se/tdosanmalan")
    )


def _kept() -> None:
    markup.section("Kakor och annat som sparas hos dig", "kakor")
    markup.paragraph(
        "Sidorna har inga kakor för statistik eller reklam, och hämtar inget från andra webbplatser. Det som sparas behövs för "
        "att sidorna ska fungera. Därför frågar vi inte om lov."
    )
    code = Markup("<code>{}</code>")  # names of programs, in no language
    rows = [(code.format(name), *told) for name, *told in _KEPT]
    markup.table(
        [("Namn", ""), ("Vad det är till för", ""), ("Hur länge", "")], rows, "Det som sparas hos dig"
    )
    markup.section("Personuppgifter", "personuppgifter")
    markup.paragraph(
        "De öppna sidorna frågar inte vem du är och sparar ingenting om dig. Siffrorna gäller kommuner, aldrig enskilda. "
        "Den som loggar in för kommunens arbete finns med namn eller funktion, och i en logg över vad som gjorts."
    )


def _page() -> None:
    settings = stored.settings()
    markup.page_title("Tillgänglighet")
    st.title("Tillgänglighet")
    markup.below_heading("Alla ska kunna läsa och använda Lägesbild. Här står hur det är i dag.")
    _responsible(settings)
    _tried()
    _report(settings)
    _kept()


_page()
