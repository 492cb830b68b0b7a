r"""Conditions, exceptions, and what ends them, in the words of several languages."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {K: classes}
symbols:
  z: {shape: [K], role: input}
  t: {shape: [], role: input}
  p: {shape: [K]}
  B: {shape: []}
define:
  - p_k = \frac{\exp(z_k)}{\sum_l \exp(z_l)}
  - B = t^3 + t
---

"""
OFF = r"\partial p_i/\partial z_j = -p_i p_j"
ON = r"\partial p_i/\partial z_j = p_i(1-p_i)"
ALL = r"\partial p_i/\partial z_j = p_i(\delta_{ij} - p_j)"
ONE = r"\partial B/\partial t = 1"
FOUR = r"\partial B/\partial t = 4"


def words(bodies: list[str]) -> dict[str, list[str]]:
    """Return what is said of the claims of each paragraph."""
    note = read(HEADER + "\n\n".join(bodies) + "\n", "note.md")
    first = HEADER.count("\n") + 1
    found: dict[str, list[str]] = {body: [] for body in bodies}
    for verdict in check(note, 0.0).verdicts:
        if verdict.verdict != "not-a-claim":
            formula = verdict.formula
            line = formula.origin.source.position(formula.offset(verdict.start))[0]
            found[bodies[(line - first) // 2]].append(verdict.verdict)
    return found


def sentence(words: str, condition: str, claim: str) -> str:
    """Return a sentence; the words have ``…`` where the condition stands."""
    before, after = words.split("…")
    blank = "" if before.endswith("-") else " "
    return f"{before}{blank}${condition}${after} ${claim}$."


BEFORE = {
    "en": "If instead…, then|If, however,…, then|If on the other hand…, then|Now let…. Then"
    "|Conversely, suppose…. Then|As soon as…, we have|In the case…, we have",
    "de": "Bei… ist|Mit… erhält man|Ist…, so gilt|Ist aber…, so gilt|Ist dagegen…, gilt"
    "|Gilt…, so folgt|Angenommen,…. Dann ist|Angenommen, dass…. Dann ist|Wenn hingegen…, dann"
    "|Für alle Paare mit… gilt|Nehmen wir nun an, dass…. Dann ist|Unter der Annahme… gilt"
    "|Sobald…, ist|Im Falle… gilt|Sei nun…. Dann gilt",
    "fr": "Dès que…, on a|Avec… on obtient|Soit maintenant…. Alors|Si par contre…, alors"
    "|Si, en revanche,…, alors|Hors diagonale, i.e.…, on a|Pour tout couple avec… on a",
    "es": "Con… se tiene|Sea ahora…. Entonces|Si en cambio…, entonces|Para todo… se tiene"
    "|Si, por el contrario,…, entonces|En cuanto…, resulta",
    "pl": "Przy… mamy|Pochodna przy… wynosi|Jeśli zaś…, to|Gdy natomiast…, to|Niech teraz…. Wtedy"
    "|Teraz niech…. Wówczas|Dla wszystkich… mamy|Przy założeniu, że…, mamy"
    "|Poza przekątną, tj.…, jest",
    "ru": "Если же…, то|Для случая… верно|Пусть теперь…. Тогда|Пусть же…. Тогда"
    "|При условии, что…, имеем|Если, однако,…, то",
    "he": "וכאשר… מתקיים|ואם… אז|ועבור… מתקיים|במקרה… נקבל|במקרה ש-… נקבל|במקרה שבו… נקבל"
    "|כש-… נקבל|נניח כי…. אזי|נניח ש-…. אז|בהינתן… מקבלים|בהנחה ש-… מקבלים|אם לעומת זאת… אז",
}


@pytest.mark.parametrize("language", BEFORE)
def test_words_before_a_condition_suppose_it(language: str) -> None:
    expected = {}
    for phrase in BEFORE[language].split("|"):
        for condition, right, wrong in ((r"i \neq j", OFF, ON), ("i = j", ON, OFF)):
            expected[sentence(phrase, condition, right)] = ["proved"]
            expected[sentence(phrase, condition, wrong)] = ["wrong"]
    assert words([*expected]) == expected


POINTS = {
    "en": "At the point… we have|At the point where… we have|Substituting… we get"
    "|Plugging in… gives|Putting… gives",
    "de": "Im Punkt… gilt|An der Stelle… ist|In… gilt|Bei… gilt|Setzen wir…, so erhalten wir"
    "|Setzen wir…, erhalten wir|Durch Einsetzen von… folgt",
    "fr": "Au point…, on a|En…, on a|En posant…, on obtient|Au point où… on a",
    "es": "En… se tiene|En el punto… se tiene|Sustituyendo… se obtiene",
    "pl": "W punkcie… mamy|Podstawiając… otrzymujemy|Wstawiając… otrzymujemy"
    "|W zerze, czyli przy…, jest",
    "ru": "В точке… имеем|В точке, где…, имеем|Подставляя…, получаем",
    "he": "בנקודה… מתקיים|ב-… מתקיים|נציב… ונקבל|בהצבת… נקבל",
}


@pytest.mark.parametrize("language", POINTS)
def test_values_at_a_point_are_put_in(language: str) -> None:
    expected = {}
    for phrase in POINTS[language].split("|"):
        expected[sentence(phrase, "t = 0", ONE)] = ["proved"]
        expected[sentence(phrase, "t = 0", FOUR)] = ["wrong"]
        expected[sentence(phrase, "t = 1", FOUR)] = ["proved"]
    assert words([*expected]) == expected


def test_values_behind_a_claim_are_put_in() -> None:
    expected = {}
    behind = (
        "at the point|im Punkt|an der Stelle|bei|mit|sobald|en|au point|avec|dès que|en el punto"
        "|con|w punkcie|przy|dla|в точке|при|בנקודה|ב-|עבור|כאשר"
    )
    for word in behind.split("|"):
        blank = "" if word.endswith("-") else " "
        expected[f"${ONE}$ {word}{blank}$t = 0$."] = ["proved"]
        expected[f"${FOUR}$ {word}{blank}$t = 0$."] = ["wrong"]
        expected[f"${FOUR}$, {word}{blank}$t = 1$."] = ["proved"]
    assert words([*expected]) == expected


OTHERWISE = {
    "If $i = j$, then": "otherwise|otherwise,|in all other cases|else|for all other pairs"
    "|in the other case|in the remaining cases|for other indices|if not, then",
    "Falls $i = j$, gilt": "andernfalls|ansonsten|sonst|im anderen Fall|in allen anderen Fällen"
    "|in den übrigen Fällen|für alle anderen Paare|wenn nicht, dann",
    "Si $i = j$, alors": "sinon|sinon,|autrement|dans le cas contraire|dans les autres cas"
    "|dans tous les autres cas|dans l'autre cas|pour les autres couples",
    "Si $i = j$, entonces": "en caso contrario|en otro caso|de lo contrario|si no,|si no"
    "|en los demás casos|en el otro caso|en todos los otros casos|para los demás pares",
    "Jeśli $i = j$, to": "w przeciwnym razie|w przeciwnym przypadku|w pozostałych przypadkach"
    "|we wszystkich innych przypadkach|w innym przypadku|inaczej|w drugim przypadku"
    "|a w pozostałych przypadkach|dla pozostałych par|a jeśli nie, to",
    "Если $i = j$, то": "иначе|в противном случае|в остальных случаях|в других случаях"
    "|в другом случае|во всех остальных случаях|для остальных пар|если нет, то",
    "אם $i = j$ אז": "אחרת|ואחרת|בכל מקרה אחר|במקרים האחרים|במקרה האחר|בשאר המקרים|ובכל שאר המקרים"
    "|אם לא אז|ואם לא, אז",
}


@pytest.mark.parametrize("beginning", OTHERWISE)
def test_otherwise_takes_the_place_of_the_condition(beginning: str) -> None:
    expected = {}
    for word in OTHERWISE[beginning].split("|"):
        for parted in (f", {word}", f"; {word}", f". {word[0].upper()}{word[1:]}"):
            expected[f"{beginning} ${ON}${parted} ${OFF}$."] = ["proved", "proved"]
            expected[f"{beginning} ${ON}${parted} ${ON}$."] = ["proved", "wrong"]
    assert words([*expected]) == expected


GENERALLY = {
    r"If $i \neq j$, then": ", and in general|, whereas always|. In the general case",
    r"Wenn $i \neq j$, dann": ", und allgemein|, im allgemeinen Fall|, während stets",
    r"Si $i \neq j$, alors": ", et en général|, et de manière générale|. D'une façon générale,",
    r"Si $i \neq j$, entonces": ", y en general|; en el caso general|, pero siempre",
    r"Jeśli $i \neq j$, to": ", a ogólnie|, a w ogólnym przypadku|. Ogólnie|, ale zawsze"
    "|. Ogólnie rzecz biorąc,|; w ogólności",
    r"Если $i \neq j$, то": ", а вообще|, а в общем случае|. Вообще говоря,|, но всегда",
    r"אם $i \neq j$ אז": ", ובאופן כללי| ובאופן כללי|. באופן כללי|, ובמקרה הכללי| ותמיד",
}


@pytest.mark.parametrize("beginning", GENERALLY)
def test_in_general_ends_the_condition(beginning: str) -> None:
    expected = {}
    for word in GENERALLY[beginning].split("|"):
        expected[f"{beginning} ${OFF}${word} ${OFF}$."] = ["proved", "wrong"]
        expected[f"{beginning} ${OFF}${word} ${ALL}$."] = ["proved", "proved"]
    assert words([*expected]) == expected


UNLESS = {
    "en": "unless|except when|except if|except for|except in the case|other than when|other than"
    "|apart from|if not",
    "de": "außer wenn|außer für|außer falls|außer im Fall|es sei denn|ausgenommen|ausgenommen für"
    "|abgesehen vom Fall|bis auf|wenn nicht",
    "fr": "sauf si|sauf quand|sauf lorsque|sauf dans le cas|excepté si|à moins que|hormis le cas",
    "es": "salvo si|salvo cuando|salvo en el caso|excepto si|excepto cuando|excepto para"
    "|a menos que",
    "pl": "chyba że|z wyjątkiem|z wyjątkiem przypadku|poza przypadkiem|poza przypadkiem, gdy"
    "|oprócz|oprócz przypadku|o ile nie",
    "ru": "кроме|кроме случая|кроме случая, когда|за исключением|за исключением случая|если не"
    "|если только не",
    "he": "אלא אם|אלא אם כן|פרט למקרה|פרט למקרה ש-|למעט|למעט המקרה|למעט כאשר|חוץ מאשר כאשר|חוץ מ-"
    "|מלבד המקרה",
}


@pytest.mark.parametrize("language", UNLESS)
def test_what_is_excepted_does_not_hold(language: str) -> None:
    expected = {}
    for word in UNLESS[language].split("|"):
        blank = "" if word.endswith("-") else " "
        for parted in (" ", ", "):
            expected[f"${OFF}${parted}{word}{blank}$i = j$."] = ["proved"]
            expected[f"${ON}${parted}{word}{blank}$i = j$."] = ["wrong"]
    assert words([*expected]) == expected


def test_two_cases_and_what_is_not_supposed_are_heard_in_every_language() -> None:
    bodies = [
        rf"Nicht für $i \neq j$ allein gilt ${OFF}$.",
        rf"Nie tylko przy $i \neq j$ mamy ${OFF}$.",
        rf"Niezależnie od tego, czy $i \neq j$, mamy ${OFF}$.",
        rf"Ist $i \neq j$? Es gilt ${OFF}$.",
        rf"Nicht mit $i \neq j$, sondern allgemein gilt ${OFF}$.",
        rf"Wir vergleichen mit $i \neq j$. Es gilt ${OFF}$.",
        rf"Im Vergleich mit $i \neq j$ gilt ${OFF}$.",
        rf"W porównaniu z $i \neq j$ mamy ${OFF}$.",
        rf"En comparación con $i \neq j$, ${OFF}$.",
        rf"Es gilt nicht nur mit $i \neq j$, sondern stets ${OFF}$.",
        rf"Ohne die Annahme $i \neq j$ gilt ${OFF}$.",
        rf"Не только при $i \neq j$ имеем ${OFF}$.",
        rf"Не предполагая $i \neq j$, имеем ${OFF}$.",
        rf"לא רק עבור $i \neq j$ מתקיים ${OFF}$.",
        rf"לא רק כאשר $i \neq j$ מתקיים ${OFF}$.",
        rf"If $i = j$ the other terms vanish and ${OFF}$.",
        rf"Bei $i = j$ fallen die anderen Terme weg, und ${OFF}$.",
        rf"Dla $i = j$ inne składniki znikają i ${OFF}$.",
        rf"${OFF}$ auch bei $i = j$.",
        rf"${OFF}$, а также при $i = j$.",
        rf"${OFF}$ para $i \neq j$ y también para $i = j$.",
        rf"${OFF}$ für $i \neq j$ und auch bei $i = j$.",
        rf"${OFF}$ dla $i \neq j$ oraz przy $i = j$.",
        rf"${OFF}$ עבור $i \neq j$ ועבור $i = j$.",
        rf"Bei $i \neq j$ und bei $i = j$ gilt ${OFF}$.",
        rf"Przy $i \neq j$ jak i przy $i = j$ mamy ${OFF}$.",
        rf"Con $i \neq j$ o con $i = j$ se tiene ${OFF}$.",
        rf"Dès que $i \neq j$ ou dès que $i = j$, on a ${OFF}$.",
        rf"В точках $t = 0$ и $t = 1$ имеем ${ONE}$.",
        rf"For $t = 0$ and $t = 1$ we have ${ONE}$.",
    ]
    assert words(bodies) == {body: ["wrong"] for body in bodies}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Mit … gilt", ", mit … gilt"),
        ("Przy … jest", ", przy … jest"),
        ("Przy … jest", ", a przy … jest"),
        ("W punkcie … mamy", ", a w punkcie … mamy"),
        ("En … se tiene", " y en … se tiene"),
        ("En … on a", ", en … on a"),
        ("При … имеем", ", при … имеем"),
        ("עבור … מתקיים", ", ועבור … מתקיים"),
        ("עבור … מתקיים", " ועבור … מתקיים"),
        ("If … then", ", if instead … then"),
        ("Jeśli …, to", ", jeśli zaś …, to"),
        ("Ist …, so gilt", ", ist dagegen …, so gilt"),
        ("Si …, alors", ", si par contre …, alors"),
    ],
)
def test_the_second_of_two_conditions_takes_the_place_of_the_first(one: str, two: str) -> None:
    one, two = one.replace("…", "$t = 0$"), two.replace("…", "$t = 1$")
    body = f"{one} ${ONE}${two} ${FOUR}$."
    wrong = f"{one} ${FOUR}${two} ${ONE}$."
    assert words([body, wrong]) == {body: ["proved", "proved"], wrong: ["wrong", "wrong"]}


@pytest.mark.parametrize(
    "beginning",
    [
        "Los elementos fuera de la diagonal, …, son",
        "The entries off the diagonal, …, are",
        "Die Einträge außerhalb der Diagonale, …, sind",
        "Elementy poza przekątną, tj. …, to",
        "האיברים שמחוץ לאלכסון, …, הם",
        "Элементы вне диагонали, т.е. …, равны",
    ],
)
def test_what_is_away_from_something_is_where_two_things_differ(beginning: str) -> None:
    right = beginning.replace("…", r"$i \neq j$") + f" ${OFF}$."
    wrong = right.replace(OFF, ON)
    assert words([right, wrong]) == {right: ["proved"], wrong: ["wrong"]}


@pytest.mark.parametrize(
    "words_between",
    [
        "Si $i = j$, alors @, autrement dit",
        "Si $i = j$, entonces @, dicho de otro modo,",
        "Jeśli $i = j$, to @, inaczej mówiąc",
        "Если $i = j$, то @, иначе говоря,",
        "If $i = j$, then @, in other words,",
    ],
)
def test_what_is_said_in_other_words_is_not_otherwise(words_between: str) -> None:
    body = words_between.replace("@", f"${ON}$")
    right, wrong = f"{body} ${ON}$.", f"{body} ${OFF}$."
    assert words([right, wrong]) == {right: ["proved", "proved"], wrong: ["proved", "wrong"]}


def test_a_german_verb_behind_a_condition_claims() -> None:
    body = rf"Wenn $t > 0$ ist, ist $t = 0$, so folgt ${ONE}$."
    assert words([body]) == {body: ["wrong", "wrong"]}


def test_an_ordinary_preposition_supposes_no_equation_of_given_quantities() -> None:
    # That they are equal is claimed, and what is beside it is claimed always.
    for body in (
        rf"Mit $B = t$ folgt ${ONE}$.",
        rf"En $B = t$ se tiene ${ONE}$.",
        rf"Substituting $B = t$ we get ${ONE}$.",
        r"Wir enden mit $t = 0$.",
        r"Wir enden also mit $t = 0$. Das ist alles.",
    ):
        assert set(words([body])[body]) == {"wrong"}
