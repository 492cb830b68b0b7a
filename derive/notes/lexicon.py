r"""Words of several languages from which :mod:`derive.notes.wording` builds its patterns: data.

Where a language has forms or compounds of a word, it is a stem with its endings, so that what
nobody listed is heard too: *im anderen Fall*, *in allen anderen Fällen*, *in den übrigen Fällen*.
"""

from __future__ import annotations

__all__ = [
    "ADDING", "ADVERBS", "ALL", "ANYWAY", "ASIDE", "DENIED", "EACH", "ELSE", "EXACTLY", "EXCEPT",
    "GENERALLY", "INVERTED", "LEAVING", "NOT", "POINT", "PUTTING", "SOME", "VE", "WITH", "WITHIN",
    "WLOG",
]  # fmt: skip

#: The Hebrew *and*, which is written together with the word behind it.
VE = "(?:ו(?=[א-ת]))?"
#: Adverbs that bring something on top.
ADDING = (
    r"also|moreover|further(?:more)?|in\s+addition|additionally|besides|außerdem|zudem|zusätzlich"
    r"|ferner|de\s+plus|en\s+outre|aussi|además|también|além\s+disso|também|inoltre|anche|ponadto"
    r"|dodatkowo|też|także|к\s+тому\s+же|вдобавок|кроме\s+того|ещё|еще|также|בנוסף|גם"
)
#: Before what is supposed though it is no case of its own.
WLOG = (
    r"w\.?l\.?o\.?g\.?|without\s+(?:any\s+)?loss\s+of\s+generality|o\.\s?B\.\s?d\.\s?A\."
    r"|ohne\s+Beschränkung\s+der\s+Allgemeinheit|sans\s+perte\s+de\s+généralité"
    r"|sin\s+pérdida\s+de\s+generalidad|sem\s+perda\s+de\s+generalidade"
    r"|senza\s+perdita\s+di\s+generalità|bez\s+utraty\s+ogólności|без\s+ограничения\s+общности"
    r"|בלי\s+הגבלת\s+הכלליות"
)
#: These, and others that connect: *if instead*, *jeśli zaś*.
ADVERBS = (
    rf"{ADDING}|{WLOG}|instead|however|now|first|next|conversely|(?:by|in)\s+contrast"
    r"|on\s+the\s+(?:other\s+hand|contrary)|in\s+particular|for\s+(?:example|instance)"
    r"|aber|jedoch|hingegen|dagegen|nun|jetzt|allerdings|umgekehrt|andererseits|insbesondere"
    r"|beispielsweise|zum\s+Beispiel|maintenant|à\s+présent|par\s+contre|en\s+revanche"
    r"|(?:bien\s+)?au\s+contraire|cependant|toutefois|inversement|d['’]autre\s+part"
    r"|en\s+particulier|par\s+exemple|ahora|en\s+cambio|por\s+el\s+contrario|sin\s+embargo"
    r"|por\s+otr[oa]\s+(?:lado|parte)|en\s+particular|por\s+ejemplo|agora|porém|contudo"
    r"|pelo\s+contrário|por\s+outro\s+lado|ora|adesso|invece|però|al\s+contrario|zaś|natomiast"
    r"|teraz|jednak|z\s+kolei|przeciwnie|odwrotnie|tylko|na\s+przykład|w\s+szczególności"
    r"|же|теперь|однако|напротив|наоборот|только|лишь|например|в\s+частности"
    r"|כעת|עתה|עכשיו|לעומת\s+זאת|אבל|אולם|למשל|דווקא|רק"
)
#: Words that take a case out, before *the case*.
LEAVING = (
    r"outside(?:\s+of)?|ignor(?:e|es|ing)|leav(?:e|es|ing)\s+aside|exclud(?:e|es|ed)|skip(?:s|ping)?"
    r"|omit(?:s|ting)?|neglect(?:ing)?|disregard(?:ing)?|en\s+dehors\s+d[eu]|вне"
)
#: Words for what holds anyway, whatever the condition behind them.
ANYWAY = (
    r"(?:make|makes|made)\s+no\s+difference|(?:does|do)(?:\s+not|n['’]t)\s+matter|never\s+mind|who\s+cares"
    r"|nothing\s+changes|changes\s+nothing|gleichgültig|einerlei|(?:peu|qu['’])\s*importe|n['’]importe"
    r"|no\s+importa|da\s+(?:lo\s+mismo|igual)|tanto\s+faz|não\s+importa|(?:non|poco)\s+importa"
    r"|nie\s+ma\s+znaczenia|bez\s+znaczenia|неважно|не\s+важно|вс[её]\s+равно|לא\s+משנה|no\s+s[oó]lo"
)
#: Words for all cases, before a comma and one of them: *always, e.g. for*.
ALL = (
    r"always|everywhere|in\s+(?:all|any|every)\s+cases?|immer|überall|stets|toujours|partout|siempre"
    r"|sempre|zawsze|всегда|תמיד"
)
#: Words that tell something else of a condition behind them than that it is supposed here.
ASIDE = (
    r"besides|beyond|before|after|having\s+\w+(?:\s+with)?|(?:even\s+)?though|although|particularly"
    r"|especially|obwohl|obgleich|bien\s+qu['’e]|aunque|embora|benché|sebbene|chociaż|choć|хотя|למרות"
)
#: What a condition behind it takes out: before *for*, *if*, *the case*, or the condition itself.
EXCEPT = (
    rf"(?:{LEAVING})(?=\s+(?:(?:the|all|any)\s+)?(?:cases?|cas|случа\w+)(?!\w))"
    r"|(?:every|any)where\s+but|unless|except(?:ing)?|save\s+for|other\s+than|(?:apart|aside)\s+from|excluding"
    r"|with\s+the\s+exception\s+of|sauf|excepté|hormis|hors|à\s+moins\s+(?:que|de)"
    r"|à\s+l['’]exception\s+d[eu]|(?:mis\s+)?à\s+part|salvo(?:\s+que)?|excepto(?:\s+que)?|a\s+menos\s+que"
    r"|a\s+no\s+ser\s+que|con\s+(?:la\s+)?excepción\s+del?|fuera\s+del?|exceto(?:\s+que)?|a\s+não\s+ser\s+que"
    r"|com\s+exceção\s+d[eo]|tranne(?:\s+che)?|eccetto(?:\s+che)?|a\s+meno\s+che(?:\s+non)?|außer|ausser|ausgenommen"
    r"|abgesehen\s+vo[nm]|es\s+sei\s+denn|mit\s+Ausnahme\s+(?:von|de[rs])|bis\s+auf"
    r"|chyba\s+że|z\s+wyjątkiem|oprócz|prócz|poza|wyjąwszy|кроме|за\s+исключением|помимо|исключая"
    r"|разве\s+что|אלא\s+אם(?:\s+כן)?|למעט|פרט\s+ל|חוץ\s+מ(?:אשר)?|מלבד|להוציא|除非"
)
#: Where something holds, and nowhere else.
EXACTLY = (
    r"if,?\s+and\s+only\s+if,?|iff|(?:genau\s+dann|dann\s+und\s+nur\s+dann),?\s+wenn"
    r"|si\s+et\s+seulement\s+si|si\s+y\s+s[oó]lo\s+si|se\s+e\s+(?:somente|só|apenas|solo|soltanto)\s+se"
    r"|wtedy\s+i\s+tylko\s+wtedy,?\s+gdy|тогда\s+и\s+только\s+тогда,?\s+когда|אם\s+ורק\s+אם|当且仅当"
)
#: Behind a word that means *if*: that it is not so.
NOT = "not|nicht|non|não|nie|не|לא"
#: Words that deny what is said behind them.
DENIED = (
    r"(?:it\s+is|it['’]s)\s+(?:not\s+(?:at\s+all\s+)?(?:true|correct|right|the\s+case)|false|wrong|untrue"
    r"|incorrect)\s+that|it\s+isn['’]t\s+(?:true|correct|right|the\s+case)\s+that"
    r"|es\s+(?:ist\s+(?:nicht\s+(?:wahr|richtig|der\s+Fall)|falsch)|stimmt\s+nicht),?\s+dass"
    r"|il\s+(?:est\s+faux|n['’]est\s+pas\s+vrai)\s+que|no\s+es\s+(?:cierto|verdad)\s+que|es\s+falso\s+que"
    r"|não\s+é\s+verdade\s+que|é\s+falso\s+que|non\s+è\s+vero\s+che|è\s+falso\s+che"
    r"|nieprawda,?\s+że|nie\s+jest\s+prawdą,?\s+że|не\s?верно,?\s+что|לא\s+נכון\s+ש"
)
#: Words for every value of an index, before a symbol that has it; and for some value, behind one.
EACH = (
    r"(?:of\s+)?all(?:\s+(?:of\s+)?the)?|every|each|alle|jedes|tou(?:s|tes)\s+les|chaque"
    r"|tod[oa]s\s+l[oa]s|cada|tod[oa]s\s+[oa]s|tutt[ie]\s+(?:gli|i|le)|ogni|wszystkie|każde|все|כל"
)
SOME = (
    r"some|(?:at\s+(?:least|most)|exactly|precisely|only)\s+\w+|one|two|(?:manche|einige|ein)\w*"
    r"|(?:mindestens|wenigstens|genau|nur)\s+\w+|un[ea]?|(?:au\s+moins|al\s+menos|ao\s+menos)\s+\w+"
    r"|quelques?|certains?|alg[uú]n\w*|um|pewn\w+|jaki\w+|któr\w+|(?:co\s+najmniej|dokładnie)\s+\w+"
    r"|некотор\w+|хотя\s+бы|как\w+-(?:то|нибудь)|одного|איזשהו|(?:לפחות|בדיוק)\s+\w+|חלק"
)
#: Words for a place where symbols have values.
POINT = (
    r"at\s+(?:the|a|any|every|each)\s+(?:points?|values?)(?:\s+(?:where|with|of))?"
    r"|(?:im|am|(?:in|an)\s+(?:dem|einem|jedem))\s+Punkte?(?:,?\s+(?:wo|mit|in\s+dem))?"
    r"|an\s+(?:der|jeder|einer)\s+Stelle(?:,?\s+(?:wo|mit|an\s+der))?"
    r"|(?:aux?|en\s+(?:un|tout|chaque))\s+points?(?:\s+où)?"
    r"|en\s+(?:el|un|los|cada|todo)\s+puntos?(?:\s+(?:donde|con|en\s+(?:el\s+)?que))?"
    r"|nos?\s+pontos?(?:\s+onde)?|ne[il]\s+punt[oi](?:\s+(?:dove|in\s+cui))?"
    r"|w\s+(?:\w+\s+)?punk(?:cie|tach)(?:,?\s+(?:gdzie|(?:w|dla)\s+któr\w+))?"
    r"|в\s+(?:\w+\s+)?точк(?:е|ах)(?:,?\s+(?:где|(?:в|для)\s+котор\w+))?"
    r"|ב(?:כל\s+)?ה?נקוד(?:ה|ות|ת)(?:\s+ש?בה)?"
)
#: Words by which values are put in for symbols.
PUTTING = (
    r"substituting|plugging\s+in|inserting|putting"
    r"|setz(?:en\s+wir|t\s+man|e)|einsetzen\s+von|en\s+(?:y\s+)?(?:pos|pren|substitu|mett|fais)ant"
    r"|(?:pos|substitu)ons|sustituyendo|sustituimos|poniendo|tomando|haciendo|pongamos"
    r"|evaluando(?:\s+en)?|substituindo|fazendo|pondo|sostituendo|ponendo|prendendo"
    r"|(?:pod|w)stawi(?:ając|wszy|amy|my)|kładąc|przyjmując(?:,?\s+że)?|biorąc"
    r"|подстав(?:ляя|ив|им|ляем)|полагая|положив|положим|взяв|נציב|מציבים|(?:ב|על\s+ידי\s+)?הצבת"
)
#: Words that are ordinary prepositions as well; the second ones begin a clause.
WITH = "mit|avec|con|com|z|ze|с|со|עם|where|wo|où|donde|onde|dove|gdzie|где|שבו"
WITHIN = "en|em|in|w|в|à|ב"
#: German verbs that suppose where they begin a clause: *Ist … , so …*.
INVERTED = "ist|sind|gilt|gelten|wäre|hat\\s+man|haben\\s+wir"
#: Otherwise, by language.
ELSE = (
    r"otherwise|(?:(?<!\w\s)|(?<=and\s)|(?<=but\s))elsewhere|if\s+not(?=\s*[:,])|(?<!or\s)(?<!nothing\s)(?<!anything\s)(?<!something\s)else"
    r"|(?:in\s+(?:(?:all|any|each|every|the)\s+){0,2})?(?:other|remaining|opposite|contrary)\s+cases?(?!\s+(?:than|where|of))"
    r"|for\s+(?:(?:all|any|each|every|the)\s+){0,2}(?:other|remaining)"
    r"(?:\s+(?:pairs?|(?:pairs?\s+of\s+)?indices|values?|entries|elements|components|combinations|cases?)"
    r"(?!\s+than|\w)|(?=\s+\Z))",
    r"sonst|andernfalls|anderenfalls|ansonsten|im\s+(?:ander|gegenteilig|umgekehrt)\w*\s+Falle?"
    r"|(?:in|für)\s+(?:(?:all|jed|sämtlich)\w*\s+)?(?:d(?:en|ie|em)\s+)?"
    r"(?:ander|übrig|restlich|sonstig|verbleibend)\w*\s+"
    r"(?:F[aä]ll\w*|(?:Index)?Paar\w*|Indizes|Indices|Werte\w*|Einträge\w*|Element\w*)",
    r"sinon|autrement(?!\s+dit)|(?:dans\s+le|au)\s+cas\s+(?:contraire|opposé)"
    r"|(?:dans|pour)\s+(?:tou(?:s|tes)\s+)?(?:l['’]|les\s+|un\s+)autres?\s+"
    r"(?:cas|couples?|paires?|indices?|valeurs?|éléments?|situations?)",
    r"si\s+no|de\s+lo\s+contrario|(?<!dicho\s)de\s+otr[oa]\s+(?:modo|forma|manera)|en\s+(?:el\s+)?caso\s+contrario"
    r"|(?:en|para)\s+(?:tod[oa]s\s+)?(?:el\s+|l[oa]s\s+)?(?:otr[oa]s?|demás|restantes)\s+"
    r"(?:casos?|pares|parejas|índices|valores|elementos)|en\s+los\s+casos\s+restantes",
    r"senão|(?:em\s+)?caso\s+contrário|(?:em|n?os|para)\s+(?:todos\s+)?(?:os\s+)?(?:outros|demais)\s+casos"
    r"|altrimenti|in\s+caso\s+contrario|(?:negli|in\s+tutti\s+gli)\s+altri\s+casi",
    r"inaczej(?!\s+(?:mówiąc|niż))|we?\s+(?:każdym\s+|wszystkich\s+)?(?:pozostał|inn|drug|przeciwn|odwrotn)\w*\s+"
    r"(?:przypadk|wypadk|sytuacj|raz)\w*(?!\s+niż)"
    r"|dla\s+(?:wszystkich\s+)?(?:pozostałych|innych)\s+(?:par|indeksów|wartości|elementów|przypadków)",
    r"иначе(?!\s+(?:говоря|чем))|во?\s+(?:всех\s+|каждом\s+|любом\s+)?(?:остальн|друг|противн|обратн|проч|ин)\w*\s+случа\w+"
    r"|для\s+(?:всех\s+)?(?:остальных|прочих|других)\s+(?:пар|индексов|значений|элементов|случаев)",
    r"אחרת|ב(?:כל\s+)?ה?מקר(?:ה|ים)\s+ה?(?:אחר|שני|נגדי|נותר|הפוך)\w*"
    r"|ב(?:כל\s+)?(?:שאר|יתר)\s+ה?מקרים|עבור\s+(?:כל\s+)?(?:שאר|יתר)\s+ה(?:זוגות|אינדקסים|ערכים|איברים)",
    "否则|否則|其他情况|其它情况",
)
#: What takes every condition back, by language.
GENERALLY = (
    r"in\s+general|in\s+full\s+generality|in\s+the\s+general\s+case"
    r"|in\s+(?:any|all|either|both|each|every)\s+cases?|regardless|generally",
    r"im\s+[Aa]llgemeinen(?:\s+Fall)?|(?:ganz\s+)?allgemein|generell|in\s+(?:jedem\s+Fall|allen\s+Fällen)",
    r"en\s+général|généralement|d['’]une\s+(?:manière|façon)\s+générale|de\s+(?:manière|façon)\s+générale"
    r"|dans\s+(?:tous\s+les\s+cas|le\s+cas\s+général)",
    r"en\s+general|generalmente|de\s+(?:manera|forma)\s+general|en\s+(?:cualquier|todo)\s+caso"
    r"|en\s+todos\s+los\s+casos|en\s+el\s+caso\s+general",
    r"em\s+geral|em\s+qualquer\s+caso|in\s+generale|in\s+ogni\s+caso",
    r"w\s+ogóln(?:ości|ym\s+(?:przypadku|wypadku))|ogólnie(?:\s+(?:rzecz\s+biorąc|mówiąc))?"
    r"|w\s+każdym\s+(?:razie|przypadku)(?!,?\s+gdy)|we\s+wszystkich\s+przypadkach",
    r"вообще(?:\s+говоря)?|в\s+общем(?:\s+случае)?|во?\s+(?:любом\s+случае|всех\s+случаях)",
    r"באופן\s+כללי|ככלל|במקרה\s+הכללי|ב(?:כל\s+מקרה|כל\s+המקרים)",
    "一般",
)
