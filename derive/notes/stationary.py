r"""What is required, not claimed: ``setting $\nabla_w L = 0$ gives $w = x$``.

That a derivative is zero is a condition where words or signs say so. What is concluded from it
holds where it is met, and is no identity.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import EQUALITIES, SOUGHT, Chain, bare_name
from derive.notes.meaning import ZEROS
from derive.notes.wording import HENCE, anyway

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.notes.claims import Unread
    from derive.notes.tree import Node

__all__ = ["is_zero", "with_requirements"]


#: Words that require what comes a few words after them.
_VERBS = anyway(
    r"setting|equat(?:e|ing)|putting|solv(?:e|es|ing)|requir(?:e|es|ing)|demand(?:s|ing)?"
    r"|impos(?:e|es|ing)|(?:we|to|can|may|must|then|and|us|now)\s+(?:set|put)|set(?=\s+the)",
    r"iguala(?:ndo|mos|r)|haciendo|hacemos|impon(?:iendo|emos)|exig(?:imos|iendo)|pon(?:iendo|emos)"
    r"|resolv(?:iendo|emos|er)|despejando",
    r"przyrówn(?:ując|ujemy|ajmy|ać)|rozwiąz(?:ując|ujemy|ać)|żąda(?:my|jąc)|wymaga(?:my|jąc)|kładąc"
    r"|kładziemy|zerując",
    r"приравн(?:ивая|яем|яв|иваем|ять)|реш(?:ая|им|ив|аем|ить)|(?:по)?треб(?:уем|уя)|полагая|положим",
    r"נשווה|משווים|נדרוש|דורשים|נפתור|פותרים|נציב",
    r"setz(?:t|e|en)|forder(?:n|t)|verlang(?:en|t)|lös(?:t|en)|gleichsetzen",
    r"(?:im)?pos(?:ant|ons)|égal(?:ant|ons)|résol(?:vant|vons)|exig(?:eant|eons)|annul(?:ant|ons)",
    "令|要求|解",
)
_FROM = anyway(
    "want|from", r"a\s+partir\s+de|queremos", "z|chcemy", "из|хотим", "מתוך|רוצים", "aus",
    r"à\s+partir\s+de", "由",
)  # fmt: skip
_CLOSE = re.compile(
    rf"(?:(?:{_VERBS}|\A\s*set)[\s:,]*(?:[\w'’-]+[\s:,]+){{0,5}}|{_FROM}\s*)\Z", re.IGNORECASE
)
#: Words right before a derivative that is zero, by which it is to be.
_WHERE_ZERO = re.compile(
    _FROM
    + r"?\s*"
    + anyway(
        r"for|when|if|(?:roots?|zeros?|solutions?)\s+(?:of|to)(?:\s+the\s+equation)?",
        r"para|de|(?:ra[ií]z|raíces|soluci[oó]n|soluciones|solução)\s+(?:de|da)(?:\s+(?:la\s+)?ecuación)?",
        r"dla|(?:rozwiązani\w+|pierwiast\w+)(?:\s+równania)?",
        r"для|при|(?:решени\w+|кор(?:ень|ни|нем))(?:\s+уравнения)?",
        "עבור|פתרון|שורש",
        r"für|(?:lösung|nullstelle|wurzel)(?:en)?\s+(?:von|der\s+gleichung)",
        r"pour|de|(?:racine|solution|zéro)s?\s+de(?:\s+l['’]équation)?",
        "当|对于?",
    )
    + r"[\s:,]*\Z",
    re.IGNORECASE,
)
#: Words by which a derivative right behind them is to be zero, and nothing is said of it.
_NEEDED = re.compile(
    r"(?:\A|[,;:(]|(?<!\w)(?:and|now|so|then|first|us)\s)[\s*_]*"
    + anyway(
        "let",
        "sean?",
        "niech",
        "пусть",
        "יהי|תהי",
        "sei",
        "soit",
        "设|設|假设",
    )
    + r"[\s:]*\Z|"
    + anyway(
        r"(?:we|you|one)\s+(?:need|want|seek|ask\s+for|look\s+for|must\s+have)(?:\s+that)?"
        r"|must\s+(?:\w+\s+)?(?:be|equal|vanish)(?:\s+(?:to\s+)?(?:zero|0))?"
        r"|constraints?(?:\s+(?:is|are|reads?))?"
        r"|(?:find|seek|choose|pick|look\s+for)\s+(?:\$[^$]*\$\s+|\w+\s+){0,3}?"
        r"(?:with|such\s+that|so\s+that|for\s+which)",
        r"necesitamos(?:\s+que)?|debe\s+(?:ser|anularse)|restricci[oó]n(?:\s+es)?",
        r"potrzebujemy|musi\s+być|warunek",
        r"нужно|нам\s+надо|должн[аоы]?\s+быть|условие",
        r"צריך|חייב\s+להיות|אילוץ",
        r"(?:wir\s+)?brauchen(?:\s+wir)?|muss\s+gelten|nebenbedingung(?:\s+ist)?",
        r"il\s+faut|doit\s+être|contrainte(?:\s+est)?",
        "需要|约束",
    )
    + r"[\s:]*\Z",
    re.IGNORECASE,
)
#: Words right behind what is found by what they require: ``$a = b$ by solving $…$``.
_BY = re.compile(
    r"(?:\$|\\[\])]|[\s,])*(?:by|after|upon|on|from|durch|nach|al|en|przez|poprzez|путём|путем|после)?\s+"
    + f"(?:{_VERBS}|{_FROM})",
    re.IGNORECASE,
)
#: ``setting … to zero``: what the formulas after it are about.
_NULLED = re.compile(
    anyway(
        r"(?:set(?:ting)?|put(?:ting)?|equat(?:e|ing)|solv(?:e|ing))(?!\w).*?(?:zero|to\s+\$?0\$?|for)",
        r"(?:iguala|hac|pon|resolv|despej)\w*(?!\w).*?(?:cero|a\s+\$?0\$?|para)",
        r"(?:przyrówn|rozwiąz|kład)\w*(?!\w).*?(?:zera|zerem|zero|do\s+\$?0\$?|względem)",
        r"(?:приравн|реш|полож|полаг)\w*(?!\w).*?(?:нулю|нуль|к\s+\$?0\$?|относительно)",
        r"(?:נשווה|השוואת|נפתור|פותרים).*?(?:לאפס|עבור|ל-?\$?0\$?)",
        r"(?:setz|lös)\w*(?!\w).*?(?:null|gleich\s+\$?0\$?|nach)",
        r"(?:égal|annul|résol)\w*(?!\w).*?(?:zéro|à\s+\$?0\$?|pour)",
        "令.*?(?:零|0)|(?:求)?解",
    ),
    re.IGNORECASE | re.DOTALL,
)
#: Words for the places where derivatives are zero.
_PLACES = re.compile(
    anyway(
        r"stationar(?:y|ity)|optimality|first[- ]order\s+condition|critical\s+points?"
        r"|normal\s+equations?|KKT|Karush[-–\s]Kuhn|feasibility|(?:at|upon|after)\s+convergence"
        r"|(?:has|have|is|are|when|once|if|until)\s+(?:\w+\s+)?converged"
        r"|(?:solution|optim\w+|minimi\w+|maximi\w+)\s+(?:\$[^$]*\$\s+)?(?:satisf\w+|fulfils?|obeys?)|at\s+(?:the|an?|its|any|every)\s+(?:\w+\s+){0,2}"
        r"(?:optim\w+|minim\w+|maxim\w+|extrem\w+|solution)",
        r"estacionari\w+|optimalidad|primer\s+orden|puntos?\s+críticos?"
        r"|en\s+(?:el|un)\s+(?:óptimo|mínimo|máximo)",
        r"stacjonarn\w+|optymalności|pierwszego\s+rzędu|punk\w+\s+krytyczn\w+|w\s+(?:optimum|m\w+imum)",
        r"стационарн\w+|оптимальности|первого\s+порядка|критическ\w+\s+точк\w+"
        r"|в\s+(?:точке\s+)?(?:оптимум|минимум|максимум|экстремум)\w*",
        r"\w*סטציונרי\w*|\w*אופטימלי\w*|במינימום|במקסימום|באופטימום|נקוד\w+\s+קריטי\w+",
        r"stationar\w+|stationär\w*|optimalität\w*|(?:im|am)\s+(?:optimum|minimum|maximum)",
        r"stationnar\w+|optimalité|premier\s+ordre|à\s+l['’]optimum|au\s+(?:minimum|maximum)",
        "驻点|駐點|最优|最優|极值|极小",
    ),
    re.IGNORECASE,
)
#: What leads from a condition to what follows: signs, and words right after it.
_TWO_WAYS = "iff|Leftrightarrow|Longleftrightarrow"
_SIGNS = rf"\\(?:implies|Rightarrow|Longrightarrow|therefore|{_TWO_WAYS})(?![A-Za-z])"
_BOTH_WAYS = re.compile(rf"\\(?:{_TWO_WAYS})(?![A-Za-z])")
_LEADS = anyway(
    r"gives?|yields?|implies|leads\s+to|results\s+in|is\s+equivalent\s+to|if\s+and\s+only\s+if|iff"
    r"|has\s+(?:the|a|an|no|one|exactly\s+one|only)\s+(?:\w+\s+){0,2}(?:solutions?|roots?)"
    r"|only\s+(?:if|when|for|at)|requires?|is\s+(?:solved|satisfied|met|attained|reached)",
    r"da|implica|conduce\s+a|lleva\s+a|equivale\s+a|si\s+y\s+s[oó]lo\s+si|s[oó]lo\s+(?:si|cuando)"
    r"|só\s+se|somente\s+se|solo\s+se",
    r"daje|implikuje|prowadzi\s+do|wtedy\s+i\s+tylko\s+wtedy|tylko\s+(?:gdy|wtedy|jeśli)",
    r"даёт|дает|влечёт|влечет|приводит\s+к|тогда\s+и\s+только\s+тогда"
    r"|только\s+(?:если|при|тогда)",
    r"נותן|נותנת|גורר|גוררת|אם\s+ורק\s+אם|רק\s+אם",
    r"ergibt|liefert|impliziert|führt\s+(?:zu|auf)|genau\s+dann|nur\s+(?:wenn|dann|für)",
    r"donne|implique|conduit\s+à|équivaut\s+à|si\s+et\s+seulement\s+si|seulement\s+(?:si|quand)"
    r"|(?:a|n['’]a)\s+(?:pour|pas\s+de|aucune)\s+(?:solution|racine)",
    "得|推出|当且仅当|仅当",
)
_AFTER = re.compile(
    rf"(?:[\s$\\,;:()\[\]{{}}&]|\\q?quad)*(?:\\text\{{\s*)?(?:{_SIGNS}|{_LEADS})", re.IGNORECASE
)
_SIGN = re.compile(_SIGNS)
#: Words right before what is used beside a requirement: a constraint on what is sought.
_USING = re.compile(
    anyway(
        r"using|use|with|since|because(?:\s+of)?|as|constraint|subject\s+to|(?:recall|not)ing(?:\s+that)?",
        r"usando|utilizando|como|puesto\s+que|con",
        r"używając|korzystając\s+z|wykorzystując|ponieważ|skoro",
        r"используя|учитывая|поскольку|так\s+как",
        r"בעזרת|באמצעות|כיוון\s+ש|מכיוון\s+ש",
        r"mit|wegen|weil|da|unter\s+verwendung\s+von",
        r"en\s+utilisant|avec|puisque|comme",
        "利用|使用|因为",
    )
    + r"[\s:,]*\Z",
    re.IGNORECASE,
)
#: Where a sentence ends: not at an abbreviation, nor before a display that goes on with it.
_END = re.compile(
    r"(?<!w\.r\.t)(?<!i\.e)(?<!e\.g)(?<!\\)[.;。；](?=[\s$}]|\Z)"
    r"|\n[ \t\r]*\n(?!\s*(?:\$\$|\\\[|\\begin|[^\W\d_A-ZА-Я]))|\n[ \t]*(?:[-*#]+|\d+[.)])\s|\n-{3}"
)
_FAR = 400


def with_requirements(
    found: Sequence[Chain | Unread], defined: Collection[str]
) -> list[Chain | Unread]:
    """Return chains, each with whether it is required or concluded from what is.

    Parameters
    ----------
    found : sequence of Chain or Unread
        All of a note, in order.
    defined : collection of str
        Spellings of what has a definition: what is set equal to it is claimed always.
    """
    result: list[Chain | Unread] = []
    last: Chain | None = None
    for place, chain in enumerate(found):
        if not isinstance(chain, Chain) or not _equates(chain):
            last = chain if isinstance(chain, Chain) and SOUGHT in chain.relations else last
            result.append(chain)
            continue
        after = _following(chain, found[place + 1 :])
        zero = any(map(is_zero, chain.sides))
        required = zero and _is_required(chain, after)
        concluded = not (required or _is_anchored(chain, defined)) and (
            _is_concluded(chain, last) or _is_found(chain, after, found[place + 1 :])
        )
        chain = replace(chain, required=required, concluded=concluded)
        supposed = zero and chain.formula.supposed
        if required or concluded or supposed:
            last = chain
        elif last is not None and _END.search(_between(last, chain)):
            last = None
        result.append(chain)
    return result


def is_zero(node: Node) -> bool:
    r"""Tell whether a side is zero, of any shape: ``0``, ``\mathbf 0``, ``\mathbf 0_n``."""
    node = tree.unwrapped(node)
    if isinstance(node, tree.Group) and len(node.items) == 1:
        return is_zero(node.items[0])
    if isinstance(node, tree.Scripted) and not node.primes:
        return is_zero(node.base) and not isinstance(node.base, tree.Number)
    if isinstance(node, tree.Number):
        return node.text == "0"
    return isinstance(node, tree.Name) and node.spelling in ZEROS


def _equates(chain: Chain) -> bool:
    return bool(chain.relations) and all(sign in EQUALITIES for sign in chain.relations)


def _differentiates(chain: Chain) -> bool:
    return any(isinstance(p, tree.Derivative) for side in chain.sides for p in tree.walk(side))


def _is_anchored(chain: Chain, defined: Collection[str]) -> bool:
    r"""Tell whether a definition or the calculus says what a side of a chain has to be.

    What is free can be set equal to something defined: ``\mu = \bar x`` is no identity.
    """
    names = {name for side in chain.sides if (name := bare_name(side)) is not None}
    return _differentiates(chain) or (
        not is_zero(chain.sides[-1]) and bool(names) and names <= set(defined)
    )


def _is_required(chain: Chain, after: str) -> bool:
    """Tell whether an equation with zero is one that is to hold."""
    before = _before(chain)
    if _CLOSE.search(before) or _NULLED.search(before) or _PLACES.search(before):
        return True
    if not _differentiates(chain):
        return False
    if _WHERE_ZERO.search(before) or _NEEDED.search(before):
        return True
    if _PLACES.search(_END.split(after, maxsplit=1)[0]) or _AFTER.match(after):
        return True
    # Both say the same, in either order.
    return bool(_BOTH_WAYS.search(before[-20:]))


def _is_concluded(chain: Chain, last: Chain | None) -> bool:
    """Tell whether an equation is said to follow from what is required, or used with it."""
    before = _before(chain)
    if _NULLED.search(before) or _PLACES.search(before):
        return True
    if last is None:
        return False
    between = _between(last, chain)
    sentences = _END.split(between)
    if _USING.search(before):
        return True
    if _AFTER.match(between) or _SIGN.search(sentences[-1]):
        return True
    return len(sentences) == 1 or (len(sentences) == 2 and bool(HENCE.match(sentences[1])))


def _is_found(chain: Chain, after: str, rest: Sequence[Chain | Unread]) -> bool:
    """Tell whether an equation is said to come from the derivative that is zero behind it."""
    following = next((other for other in rest if isinstance(other, Chain)), None)
    if following is None or not _BY.match(after) or _END.search(after):
        return False
    return _differentiates(following) and any(map(is_zero, following.sides))


def _place(chain: Chain) -> tuple[int, int]:
    """Return where a chain begins and ends in the source."""
    formula = chain.formula
    first = chain.sides[0] if not chain.carried else chain.statement
    end = max(side.end for side in chain.sides[chain.carried :] or chain.sides)
    return formula.offset(first.start), formula.offset(end)


def _before(chain: Chain) -> str:
    """Return what stands before a chain in its sentence."""
    start = _place(chain)[0]
    text = chain.formula.origin.source.text[max(0, start - _FAR) : start]
    # What opens the formula itself is no part of the words.
    text = re.sub(r"(?:\$+|\\\[|\\\(|\\begin\{\w+\*?\}|\{|\\text\{|\}|&|\s)*\Z", " ", text)
    return _END.split(text)[-1]


def _between(one: Chain, two: Chain) -> str:
    """Return what stands between two chains, nothing where they do not follow each other."""
    return one.formula.origin.source.text[_place(one)[1] : _place(two)[0]]


def _following(chain: Chain, rest: Sequence[Chain | Unread]) -> str:
    """Return what stands behind a chain, as far as the next one."""
    end = _place(chain)[1]
    following = next((other for other in rest if isinstance(other, Chain)), None)
    stop = end + _FAR if following is None else _place(following)[0]
    return chain.formula.origin.source.text[end : max(end, min(stop, end + _FAR))]
