r"""The words that suppose, in the languages in which notes were met: they are data.

What introduces a condition before a formula, what carries a supposition on to the next sentence,
what takes it back. A word in Chinese or Japanese has no blanks around it.
"""

from __future__ import annotations

import re

from derive.notes import lexicon as lex

__all__ = [
    "ALSO", "ALWAYS", "AND", "ANY", "APPOSED", "ASIDE", "AWAY", "BEHIND", "BESIDES", "BRACKETED",
    "BUT", "CASE", "CONNECTS", "CONTRAST", "DENIED", "DOMAIN", "EVEN", "EVERY", "EXCEPT", "FURTHER",
    "HENCE",
    "INTRODUCED", "INTRODUCERS", "LABEL", "LEADING", "LET", "NEITHER", "NOT", "NOT_ALL",
    "NOT_BEFORE", "OPENING", "OR", "OTHERWISE", "PARTED", "PLACED", "POSTPOSITION", "SO", "THEN",
    "TOGETHER", "TOO", "UNLESS", "WE", "WEAK", "anyway",
]  # fmt: skip


def anyway(*languages: str) -> str:
    """Return a pattern for any of the words, in any of the languages; Chinese has no spaces."""
    spaced, chinese = "|".join(languages[:-1]), languages[-1]
    return rf"(?:(?<!\w){lex.VE}(?:{spaced})(?!\w)|{chinese})"


_FLAGS = re.IGNORECASE
#: What else may stand behind a word that introduces a condition.
_ADVERB = rf"(?:,?\s+(?:{lex.ADVERBS})(?:\s*,)?)?"
_EACH = rf"(?:\s+(?:{lex.EACH}))?"
#: Words for where something holds.
_FOR = (
    r"for(?:\s+(?:all|any|each|every))?|(?:evaluated\s+)?at|with|setting|taking|für(?:\s+(?:alle|jedes))?"
    r"|bei|pour(?:\s+tou[ts]?)?|para(?:\s+todos?)?|per|(?:dla|przy)(?:\s+(?:wszystkich|każdego))?"
    r"|(?:для|при)(?:\s+(?:всех|любых|каждого))?|עבור(?:\s+כל)?|לכל|בהינתן|对于?|對於?"
    rf"|{lex.POINT}"
)
#: Words after which any equation is supposed, and a claim beside it is made where it holds.
_IF = (
    rf"(?:{lex.EXACTLY}|(?:(?:if|when|whenever)(?:\s+we\s+(?:set|take|let|put|choose|have|assume|suppose)"
    r"|\s+(?:the|an?|each|every|our|this|that)\s+[\w-]+(?:\s+[\w-]+)?"
    r"\s+(?:satisf(?:y|ies)|obeys?|fulfil?ls?|meets?|has|have|(?:is|are)\s+such\s+that))?"
    r"|supposing|assuming)(?:\s+that)?|falls|wenn|si|lorsque|quand|cuando|se"
    r"|quando|gdy|kiedy|jeśli|jeżeli|если|когда|אם|כאשר|כש)"
    rf"{_ADVERB}{_EACH}|当|當|若|如果|のとき"
)
#: Words after which a comparison is.
_PROVIDED = (
    r"(?:provided(?:\s+that)?|(?:as|so)\s+(?:long|soon)\s+as|sofern|solange|sobald|vorausgesetzt"
    r"(?:,?\s+dass)?|unter\s+der\s+(?:Annahme|Bedingung|Voraussetzung)(?:,?\s+dass)?"
    r"|tant\s+que|pourvu\s+que|dès(?:\s+lors)?\s+que|à\s+condition\s+que|siempre\s+que|mientras"
    r"|en\s+cuanto|con\s+tal\s+(?:de\s+)?que|a\s+condición\s+de\s+que|sempre\s+que|desde\s+que"
    r"|qualora|o\s+ile|dopóki|pod\s+warunkiem(?:,?\s+że)?|przy\s+założeniu(?:,?\s+że)?|пока"
    r"|как\s+только|при\s+условии(?:,?\s+что)?|в\s+предположении(?:,?\s+что)?|כל\s+עוד"
    rf"|בתנאי\s+ש|בהנחה\s+ש){_ADVERB}{_EACH}|只要"
)
_NUMBER = r"(?:\s+(?:\d+|[a-zIVX]{1,3}))?"
_CASES = (
    rf"case{_NUMBER}(?:\s+(?:where|when|that|of))?|[Ff][aä]ll(?:en?)?{_NUMBER}(?:,?\s+dass)?"
    rf"|cas{_NUMBER}(?:\s+où)?"
    rf"|caso{_NUMBER}(?:\s+(?:de\s+que|en\s+(?:el\s+)?que|em\s+que|in\s+cui))?"
    rf"|przypad(?:ek|ku|kiem){_NUMBER}(?:,?\s+gdy)?|случа(?:[йеюя]|ях|ем){_NUMBER}(?:,?\s+когда)?"
    rf"|[בלה]?מקרה{_NUMBER}(?:\s+ש?בו)?(?:\s+(?:ש|כאשר))?"
    r"|(?:情况|情況|情形)[一二三四五六七八九\d]?"
)
#: Words that ask to suppose something, from there on.
_LETS = (
    r"(?:(?:suppose|assume|let|fix|take|consider)(?:\s+(?:now|further|instead|first|next|also))?"
    r"(?:\s+that)?|angenommen(?:,?\s+dass|,)?|nehmen\s+wir(?:\s+\w+)?\s+an(?:,?\s+dass)?|sei(?:en)?|gelte"
    r"|soi(?:t|ent)|supposons(?:\s+que)?|fixons|prenons|sean?|supongamos(?:\s+que)?|fijemos"
    r"|tomemos|sejam?|supon(?:ha|hamos)(?:\s+que)?|fixemos|sian?o?|supponiamo(?:\s+che)?"
    rf"|(?:{lex.WLOG}),?|fissiamo|prendiamo|niech|załóżmy(?:,?\s+że)?|ustalmy|weźmy|пусть"
    r"|предположим(?:,?\s+что)?|возьм[её]м|зафиксируем|יהיו?|נניח(?:\s+(?:כי|ש))?)"
    rf"{_ADVERB}{_EACH}|设|設|假设|假設|假定|取"
)
_CAUSES = (
    r"since|as|because|given(?:\s+that)?|da|weil|puisque|comme|como|ya\s+que|puesto\s+que|poiché"
    r"|ponieważ|skoro|так\s+как|поскольку|因为|由于"
)
#: Where something holds, at the beginning of a clause: ``in the region``, ``under``.
_PLACED = (
    r"once|as\s+soon\s+as|restrict(?:ed|ing)\s+(?:\w+\s+)?to|(?:in|on|over|under|within|inside|throughout)(?:\s+(?:the|this|that|our)\s+(?:[\w-]+\s+){0,2}?[\w-]+)?"
    r"(?:\s+(?:where|in\s+which|when|that|of|with))?|where"
    r"|(?:im|auf\s+dem|unter\s+der|dans\s+l[ae]|sur|sous|en\s+(?:el|la)|bajo|na|no|nella?|sotto|w|na|pod|в|на)"
    r"\s+(?:Bereich|Gebiet|Annahme|région|domaine|condition|región|dominio|condición|região|domínio|regione"
    r"|obszarze|warunkiem|области|промежутке)"
)
#: Words that stand behind a formula only: before one they may begin anything.
_WHERE = r"where|on|on\s+which|wo|où|donde|onde|dove|gdzie|где"
_JOINT = r"(?:,?\s+|(?<=[א-ת])[-־]?)"
_UNLESS = (
    rf"(?:{lex.EXCEPT})(?:{_JOINT}(?:in|im|dans|en|w|в|the|le|el|la|il|de[nmr]|du)){{0,2}}"
    rf"(?:{_JOINT}(?:{_FOR}|{_IF}|{_PROVIDED}|{_CASES}|{_WHERE}))?"
    rf"|(?:{_IF}|{_PROVIDED})\s+(?:{lex.NOT})"
    rf"|(?:{_IF})\s+it\s+is\s+(?:not\s+(?:the\s+case|true)|false|wrong)\s+that"
)
#: What may stand between such a word and the condition.
_TO = r"(?:(?<=[א-ת])[-־])?[\s*_]*[:.(：（]?[\s*_]*\Z"
#: Where a clause begins.
_CLAUSE = (
    r"(?:\A|[,;:.(|，。；：、]|我们|(?<!\w)(?:and|but|now|next|first|finally|then|hence|so|thus|we|us|und|nun|wir"
    r"|et|y|e|i|oraz|и|а)(?=\s))[\s*_]*(?:\w{1,2}\s+)??"
    rf"(?:(?:{lex.ADVERBS})[\s,]+)??{lex.VE}"
)
_ANYWHERE = rf"(?:{_UNLESS}|{_FOR}|{_IF}|{_PROVIDED}|{_CASES})"
#: Before a condition: a word that introduces it, anywhere or where a clause begins. A weak one
#: may begin anything else, too, and a verb may ask.
INTRODUCERS = re.compile(
    rf"(?:(?<!\w){lex.VE}(?P<word>{_ANYWHERE})|{_CLAUSE}(?P<clause>{_LETS}|{_CAUSES}|{_PLACED})"
    rf"|(?<!\w){lex.VE}(?P<weak>{lex.WITH}|{lex.PUTTING})|{_CLAUSE}(?P<within>{lex.WITHIN})"
    rf"|{_CLAUSE}(?P<verb>(?:{lex.INVERTED}){_ADVERB}{_EACH})){_TO}",
    _FLAGS,
)
WEAK = ("weak", "within")
#: Behind a condition that a German verb introduces.
SO = re.compile(
    r"(?:\s+(?:ist|sind|gilt)|\s+nicht(?:\s+\w+)?)?\s*,\s*"
    r"(?:(?:so|dann)(?!\s+dass)|gilt|ist|sind|folgt|ergibt|erhält|erhalten|haben|hat|wird)(?!\w)"
)
#: What stands between a formula and a condition that belongs to it: in lower case.
BEHIND = re.compile(
    rf"[\s,([]*(?:(?:only|exactly|precisely|just|nur|genau)\s+)?(?P<word>{_UNLESS}|{_FOR}|{_IF}|{_PROVIDED}|{_CASES}|{_CAUSES}"
    rf"|{_WHERE}|in\s+the\s+case(?:\s+(?:where|when|that|of))?|{lex.WITH}|{lex.WITHIN}"
    rf"|{lex.PUTTING})(?:(?<=[א-ת])[-־])?\s*\(?\s*\Z"
)
_EVEN = (
    "also|even|auch|sogar|aussi|même|también|incluso|também|anche|także|nawet|также|даже|גם|אפילו"
)
#: So, where it is one more case: ``also for $i = j$``.
TOO = re.compile(rf"[\s,(]*(?:{_EVEN})\s+(?:{_FOR}|{_IF})\s*\Z")
#: The same in formulas, and *whether*, *not only for*: what is claimed holds elsewhere as well.
EVEN = re.compile(
    rf"(?:(?:{_EVEN})\s+(?:{_FOR}|{_IF})|(?:not|nicht|nie|pas|no|não|non|не|לא)(?:\s+(?:only|just|nur"
    rf"|seulement|s[oó]lo|apenas|tylko|только|רק))?\s+(?:{_FOR}|{_IF})"
    r"|(?:regardless\s+of\s+)?whether(?:\s+or\s+not)?|no\s+matter\s+(?:if|whether))",
    _FLAGS,
)
#: Words in formulas by which a condition is not of all values.
NOT_ALL = re.compile(rf"(?:{_FOR})\s+(?:{lex.SOME})", _FLAGS)
#: What introduces a condition in formulas.
INTRODUCED = re.compile(rf"{_FOR}|{_IF}|{_PROVIDED}|{_CASES}", _FLAGS)
#: What introduces a condition of what comes behind it, though a claim stands before it.
LEADING = re.compile(
    rf"{_FOR}|{_IF}|{_PROVIDED}|{_CASES}|{lex.WITH}|{lex.WITHIN}|{lex.PUTTING}", _FLAGS
)
ANY = re.compile(
    rf"(?:\b(?:suppose|assume)(?:\s+(?:now|further))?(?:\s+that)?|(?<!\w)(?:{_IF}|{_UNLESS}))\s*\Z",
    _FLAGS,
)
LET = re.compile(_LETS, _FLAGS)
PLACED = re.compile(_PLACED, _FLAGS)
CASE = re.compile(_CASES, _FLAGS)
UNLESS = re.compile(_UNLESS, _FLAGS)
#: In formulas, before a condition of which the contrary is meant.
NOT = re.compile(lex.NOT, _FLAGS)
#: What a sentence begins with that is about some values only.
OPENING = re.compile(
    rf"[\s*_>]*(?:\w{{1,2}}\s+)?(?:and\s+|but\s+)?(?:{_FOR}|{_IF}|{_PROVIDED}|{_LETS}|on|off|away\s+from"
    rf"|outside|in\s+the\s+case|{_CASES}|außerhalb|hors|fuera\s+de|fora\s+d[ae]|poza|вне)(?!\w)",
    _FLAGS,
)
_NAMELY = (
    r"i\.\s?e\.|that\s+is|d\.\s?h\.|das\s+heißt|c['’]est-à-dire|es\s+decir|ou\s+seja"
    r"|isto\s+é|cioè|tj\.|to\s+jest|т\.\s?е\.|то\s+есть|כלומר|即"
)
#: What says the same in signs: ``($i \neq j$)``, ``, i.e. $w_j > 0$,``.
APPOSED = re.compile(
    rf"[(,–—]\s*(?:{_NAMELY})?[\s,:]*\Z",
    _FLAGS,
)
#: The same in brackets, behind any noun: ``positive examples ($y = 1$)``.
BRACKETED = re.compile(rf"[(（]\s*(?:{_NAMELY})?[\s,:]*\Z", _FLAGS)
#: Words before such a noun by which the contrary is supposed; the second only of equations.
EXCEPT = re.compile(
    r"(?<!\w)(?:except|excluding|excepting|ignoring|neglecting|disregarding|(?:apart|aside)\s+from"
    r"|other\s+than|save\s+for|barring|abgesehen\s+von|außer|sauf|excepto|salvo|exceto|tranne|oprócz"
    r"|кроме|למעט|除了)(?!\w)[^,;:.()]{0,60}\Z",
    _FLAGS,
)
AWAY = re.compile(
    r"(?<!\w)(?:away\s+from|outside|off|not\s+(?:at|on)|außerhalb|hors(?:\s+de)?|fuera\s+de|fora\s+d[ae]|poza|вне|ש?מחוץ)"
    r"(?!\w)[^,;:.()]{0,60}\Z",
    _FLAGS,
)
#: What stands before a condition that is a heading: ``(b)``, ``1.``, a cell of a table.
LABEL = re.compile(
    r"[\s*_>|#&-]*(?:\(?(?!(?:no|nie|não|non|не|לא)\b)[\w.]{1,3}[).:]?[\s*_|:]+){0,2}\Z"
)
#: What stands behind a condition that it introduces.
POSTPOSITION = re.compile(
    r"\s*(?:时|的时候|時|的情况下|的情況下|のとき|の時|の場合|일\s*때|인\s+경우)"
)
_AND = r"and(?:\s+also)?|und|et|y|e|i|oraz|и|וגם|且|并且"
AND = re.compile(rf"(?:\s*\((?=\w))?[\s,]*(?:{_AND})?[\s,]*\Z")
#: What makes two conditions two cases: ``for $i = j$ and for $i \neq j$``, ``or``, ``as well as``.
OR = re.compile(
    rf"[\s,(]*(?:(?:or|oder|ou|o|lub|или|או|或|as\s+well\s+as|sowie|ainsi\s+que|así\s+como|bem\s+como"
    rf"|jak\s+i|а\s+также|以及)(?:\s+(?:(?:{_EVEN})\s+)?(?:{_FOR}|{_IF}))?|(?:(?:{_AND})\s+(?:(?:{_EVEN})\s+)?|ו)(?:{_FOR}))"
    r"[\s,]*\Z"
)
#: What brings a condition on top of one before it: ``and if``, ``, for``.
ALSO = re.compile(rf"[\s,]*(?:{_AND})?[\s,]*{lex.VE}(?:{_FOR}|{_IF}|{_PROVIDED})[\s,]*\Z")
#: Words by which a condition comes on top of one that a word like its own introduced.
BESIDES = re.compile(
    r"(?<!\w)(?:(?:also|besides|moreover|furthermore|in\s+addition|additionally|außerdem|zudem"
    r"|zusätzlich|además|de\s+plus|en\s+outre|ponadto|dodatkowo|кроме\s+того|к\s+тому\s+же|בנוסף)"
    rf"|(?:{_IF}|{_LETS}),?\s+(?:{lex.ADDING}))(?!\w)",
    _FLAGS,
)
#: The same, of what the sentence before supposes.
FURTHER = re.compile(
    rf"\s*(?:and\s+)?(?=(?:{_IF}|{_LETS}),?\s+)(?:\w+,?\s+){{1,3}}?(?:{lex.ADDING})(?!\w)", _FLAGS
)
#: Before a claim: that it does not hold.
DENIED = re.compile(rf"(?<!\w)(?:{lex.DENIED})(?:\s+(?:always|then))?\s*:?\s*\Z", _FLAGS)
OTHERWISE = re.compile(
    anyway(*lex.ELSE)
    # ``if not, then``
    + rf"|(?<!\w){lex.VE}(?:{_IF})\s+(?:{lex.NOT}|no|нет)"
    + r"(?=\s*[:,]|\s+(?:then|dann|to|то|אז)(?!\w))",
    _FLAGS,
)
#: What carries a supposition that is a sentence on to the next one.
THEN = re.compile(
    rf"\s*(?:{lex.VE}(?:then|in\s+th(?:is|at)\s+case|dann|in\s+diesem\s+Fall|alors|dans\s+ce\s+cas"
    r"|entonces|en\s+(?:este|ese|tal)\s+caso|então|nes[ts]e\s+caso|allora|in\s+quel\s+caso|wtedy"
    r"|wówczas|w\s+(?:tym|takim)\s+przypadku|тогда|в\s+(?:этом|таком)\s+случае|אז|אזי|במקרה\s+זה)(?!\w)|则|那么|此时|則|那麼)",
    _FLAGS,
)
#: Words with which a sentence concludes from the one before it.
HENCE = re.compile(
    r"\s*"
    + anyway(
        r"hence|thus|therefore|then|so|consequently|this|it\s+follows|we\s+(?:get|obtain)",
        r"entonces|luego|por\s+(?:lo\s+)?tanto|así|esto",
        r"stąd|zatem|więc|wtedy|to",
        r"отсюда|следовательно|тогда|значит|поэтому|это",
        r"לכן|מכאן|ומכאן|אז|זה",
        r"also|daher|damit|somit|daraus|dann|folglich|das",
        r"donc|alors|ainsi|d['’]où|cela",
        "因此|故|所以|于是|得",
    ),
    _FLAGS,
)
#: What begins a clause of its own behind a claim.
PARTED = re.compile(
    rf"\s*(?:[,;:，；：、]|(?:{_AND}|but|while|whereas|or|aber|während|mais|tandis\s+que|pero|mientras|mas"
    r"|enquanto|ma|mentre|ale|natomiast|но|а)(?!\w))",
    _FLAGS,
)
#: What goes on from one claim to the next one about the same thing.
CONNECTS = re.compile(
    rf"[\s,:$&]*(?:(?:{_AND}|so|hence|thus|therefore|then|consequently|also|i\.\s?e\.|that\s+is|or|damit|also"
    r"|daher|donc|alors|entonces|luego|portanto|quindi|więc|zatem|поэтому|значит|לכן|所以|因此)[\s,:]*){0,3}\Z",
    _FLAGS,
)
#: What makes a condition before it that of the claim behind it.
WE = re.compile(
    r"\s*(?:(?:we|one|you)\s+(?:ha(?:ve|s)|gets?|obtains?|finds?|sees?|writes?|knows?)|it\s+(?:is|holds|follows"
    r"|becomes)|(?:this|that)\s+(?:is|gives|becomes)|there\s+(?:is|holds)|gilt|ist|hat\s+man|haben\s+wir"
    r"|erhält\s+man|on\s+(?:a|obtient|trouve)|se\s+tiene|tenemos|obtenemos|temos|obtemos|abbiamo|si\s+ha"
    r"|(?:mamy|jest|otrzymujemy|dostajemy|zachodzi|wynosi)|имеем|получаем|получим|верно|справедливо"
    r"|erhalten\s+wir|ergibt\s+sich|folgt|wird|on\s+aura|vaut|se\s+(?:obtiene|cumple)|vale"
    r"|resulta|queda|es|מתקבל|מתקיים|מקבלים|נקבל|有|得)(?![^\W一-鿿])",
    _FLAGS,
)
#: Before symbols: that they may be anything.
EVERY = re.compile(
    r"(?<!\w)(?:(?:for|at)\s+(?:an?\s+)?(?:any|all|every|each|both|either|general|arbitrary|generic)"
    r"(?:\s+(?:real|other|value|values|choice|of|fixed|given|possible|and|arbitrary)){0,3}"
    r"|(?:regardless|irrespective|independent(?:ly)?)\s+of(?:\s+the\s+(?:value|sign)\s+of)?|whatever"
    r"|no\s+matter\s+what|(?:für|bei)\s+(?:alle|jede[snm]?|beliebige\w*|allgemeine\w*)|unabhängig\s+von"
    r"|pour\s+(?:tout(?:es?)?|tous|chaque)|(?:para|por)\s+(?:todo[s]?|toda[s]?|cada|cualquier|qualquer)"
    r"|per\s+(?:ogni|tutti)|dla\s+(?:każdego|dowolnego|wszystkich|każdej|dowolnej)"
    r"|для\s+(?:любого|всех|каждого|произвольного|любой|каждой)|לכל)\s*\Z|(?:对|對)(?:任意|所有|每个|一切)\s*\Z",
    _FLAGS,
)
DOMAIN = re.compile(rf"(?<!\w)(?:{_FOR})\s*\Z", _FLAGS)
#: Words for what comes from several cases at once.
TOGETHER = re.compile(
    r"(?<!\w)(?:combin\w+|together|both|altogether|overall|in\s+(?:sum(?:mary)?|short|total)|summar\w+"
    r"|zusammen\w*|insgesamt|beide\w*|ensemble|en\s+somme|au\s+total|junt\w+|en\s+(?:resumen|total)"
    r"|em\s+resumo|insieme|in\s+sintesi|łącznie|razem|podsumow\w+|вместе|объединяя|итак|итого|ביחד|לסיכום)"
    r"(?!\w)|综上|合并",
    _FLAGS,
)
#: Words that take a supposition back.
_OPPOSED = (
    r"and|but|so|hence|thus|therefore|while|whereas|und|aber|während|et|mais|tandis\s+que|alors\s+que|y|pero"
    r"|mientras\s+que|e|mas|ma|i|a|ale|lecz|zaś|natomiast|и|а|но|тогда\s+как"
)
ALWAYS = re.compile(
    rf"(?:\A|[,;.:]|(?<!\w)(?:{_OPPOSED})(?!\w)|(?<!\w)(?=ו))\s*(?:more\s+)?"
    + anyway(*lex.GENERALLY)
    + rf"|(?<!\w)(?:{_OPPOSED})\s+(?:always|immer|stets|toujours|siempre|sempre|zawsze|всегда)"
    + r"(?!\w)|(?<!\w)ותמיד(?!\w)",
    _FLAGS,
)
#: Before a condition: that it is not supposed.
NOT_BEFORE = re.compile(
    r"(?:(?<!\w)(?:not|never|without|nicht|nie|ohne|pas|sans|jamais|sin|nunca|não|sem|senza|non"
    r"|bez|не|без|לא|ללא)|n['’]t)(?:\s+(?:only|just|merely|even|necessarily|true|that|it|is|the|case|we"
    r"|need|to|require|nur|bloß|seulement|que|s[oó]lo|apenas|tylko|только|רק))*\s*\Z"
    r"|(?<!\w)(?:whether|regardless|irrespective|independent(?:ly)?|no\s+matter|unlike|contrast"
    r"|opposed|contrary|compared|rather\s+than|instead\s+of|egal|unabhängig|anders\s+als"
    r"|Gegensatz|Vergleich|contrairement|contrario|diferencia|diferente|contrariamente|przeciwieństwie"
    r"|niezależnie|независимо|отличие|comparaison|comparación|porównaniu|сравнению|השוואה)(?!\w)[^,;:.()|]{0,40}\Z"
    rf"|(?<!\w)(?:{lex.ANYWAY})(?!\w)(?:[^,;:.()|]{{0,40}}|\s*,\s*)\Z|(?<!\w)(?:{lex.ALL})\s*,[^;:()|]{{0,30}}\Z"
    r"|(?:不|无论|並非|并非)[^，。；：]{0,4}\Z",
    _FLAGS,
)
#: Before a condition: that something else is told of it.
ASIDE = re.compile(rf"(?<!\w)(?:{lex.ASIDE})(?!\w)[^,;:.()|]{{0,40}}\Z", _FLAGS)
#: Words behind a claim by which what follows is said of another case.
CONTRAST = re.compile(
    rf"(?:(?<!\w)(?:but|while|whereas|yet|aber|während|mais|tandis\s+que|pero|mientras|mas|ma|ale|natomiast|но)"
    rf"(?:\s+\w+)?|[,;]|(?<!\w)(?:{_AND}))\s+"
    r"(?:(?:for|in|on|at|to|with|für|bei|auf|pour|para|per|dla|для|при)\s+"
    r"(?:(?:the|an?|all|any|die|den|dem|les?|la|los|las)\s+)*"
    r"(?:negativ\w*|positiv\w*|opposite|other(?!\s+(?:words|terms))|others|left|right|remaining|rest|inactive|active|off|second|latter"
    r"|contrary|reverse|linken?|rechten?|ander\w+|übrig\w+|négati\w+|autres?|otr[oa]s?|ujemn\w+|dodatni\w+"
    r"|отрицательн\w+|положительн\w+|zero|nonzero|inverse)(?!\w))",
    _FLAGS,
)
#: What leads on from a remark to something else.
BUT = re.compile(
    r"[\s,]*(?:but|yet|however|aber|jedoch|mais|pero|mas|ma|però|ale|lecz|но|однако|אבל|但)(?!\w)",
    _FLAGS,
)
#: Behind a condition: that it is supposed no more than its contrary, or of some values only.
NEITHER = re.compile(
    rf"\s*(?:holds?\s+|gilt\s+)?(?:{_FOR})\s+(?:{lex.SOME})(?!\w)"
    r"|\s*(?:(?:or|oder|ou|o|lub|или|או)\s+(?:not|else|nicht|non|no|não|nie|нет|не|לא)(?!\w)"
    r"|(?:is|are|be|ist|sind|est|es|é|è|jest)\s+(?:not(?!\s+(?:false|wrong|untrue|violated))|no|false|violated|nicht|kein\w*|pas|no|não|non|nie)(?!\w)"
    r"|不是|与否)",
    _FLAGS,
)
