r"""What each LaTeX command and character means to the reader: tables, no code paths.

``COMMANDS`` maps a command (without its backslash) to a kind of token and a canonical text.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a table that is written as a text."""
    return tuple(text.split())


#: Functions known by name, in the spellings that people use.
FUNCTIONS = frozenset(
    _words("""
    exp log ln lg tanh sinh cosh coth sech csch sin cos tan cot sec csc arcsin arccos arctan
    arctanh artanh arsinh arcosh asin acos atan asinh acosh atanh softmax Softmax logsoftmax
    LogSoftmax softplus Softplus sigmoid Sigmoid sigm logistic relu ReLU Relu LeakyReLU leakyrelu
    gelu GELU elu ELU silu SiLU swish Swish mish sign sgn Sign erf erfc diag Diag tr Tr trace
    Trace det rank vec Var var mean Mean Cov logsumexp LogSumExp LSE sqrt abs norm argsort
    clip softsign hardtanh step sum Sum logit sinc floor ceil round cosine
    """)
)

#: Operators that are read: what divides, and what multiplies where nothing between does as well.
#: The others mean one thing here and another there.
DIVISIONS = frozenset({"/", r"\div", r"\oslash"})
PRODUCTS = frozenset(
    {"", "*", "@", r"\ast", r"\cdot", r"\centerdot", r"\times", r"\circ", r"\odot", r"\otimes"}
)

#: Operators with limits that words may spell.
BIG_WORDS = {
    "max": "max",
    "min": "min",
    "argmax": "argmax",
    "argmin": "argmin",
    "sup": "sup",
    "inf": "inf",
    "lim": "lim",
}

#: Words that restrict a claim, and what the tree calls them.
CONDITION_WORDS = {
    "if": "if",
    "when": "if",
    "whenever": "if",
    "provided": "if",
    "assuming": "if",
    "given": "if",
    "unless": "unless",
    "for": "for",
    "forall": "forall",
    "where": "where",
    "with": "where",
    "such": "such that",
    "s.t.": "such that",
    "s.t": "such that",
    "subject": "such that",
    "otherwise": "otherwise",
    "else": "otherwise",
    "on": "on",
    "at": "at",
}

#: Words that separate two claims.
CONJUNCTIONS = frozenset(_words("and or so hence thus therefore then while but also because since"))

_NAMES = _words("""
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda
    mu nu xi omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega digamma ell hbar infty emptyset
    varnothing imath jmath aleph beth wp eth mho
    """)

_OPERATORS = _words("""
    cdot times circ odot otimes ast star bullet div oslash oplus ominus boxdot boxtimes boxplus
    centerdot bigodot bigotimes bigoplus setminus cup cap diamond circledast circledcirc
    """)

_RELATIONS = {
    "approx": r"\approx", "equiv": r"\equiv", "propto": r"\propto", "sim": r"\sim",
    "simeq": r"\simeq", "cong": r"\cong", "leftarrow": r"\leftarrow", "gets": r"\leftarrow",
    "longleftarrow": r"\leftarrow", "to": r"\to", "rightarrow": r"\to", "longrightarrow": r"\to",
    "mapsto": r"\mapsto", "longmapsto": r"\mapsto", "in": r"\in", "notin": r"\notin",
    "ni": r"\ni", "subset": r"\subset", "subseteq": r"\subseteq", "le": r"\le", "leq": r"\le",
    "leqslant": r"\le", "ge": r"\ge", "geq": r"\ge", "geqslant": r"\ge", "lt": "<", "gt": ">",
    "ne": r"\neq", "neq": r"\neq", "ll": r"\ll", "gg": r"\gg", "coloneqq": ":=", "coloneq": ":=",
    "triangleq": ":=", "doteq": ":=", "eqqcolon": "=:", "leadsto": r"\to", "prec": r"\prec",
    "succ": r"\succ", "preceq": r"\preceq", "succeq": r"\succeq", "parallel": r"\parallel",
    "leftrightarrow": r"\leftrightarrow", "asymp": r"\approx",
}  # fmt: skip

_BIG = {
    "sum": "sum", "prod": "prod", "max": "max", "min": "min", "sup": "sup", "inf": "inf",
    "lim": "lim", "int": "int", "iint": "int", "oint": "int", "argmax": "argmax",
    "argmin": "argmin", "bigcup": "bigcup", "bigcap": "bigcap",
}  # fmt: skip

#: Accents; two that look alike share a name.
_ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
    "widetilde": "tilde", "vec": "vec", "overrightarrow": "vec", "dot": "dot", "ddot": "ddot",
    "check": "check", "breve": "breve", "acute": "acute", "grave": "grave",
    "mathring": "mathring", "underline": "underline", "underbar": "underline",
}  # fmt: skip

#: Fonts for single symbols; ``\mathbf{Wx}`` is two bold symbols.
_FONTS = {
    "mathbf": "mathbf", "mathbb": "mathbb", "mathds": "mathbb", "mathcal": "mathcal",
    "mathscr": "mathscr", "mathfrak": "mathfrak", "boldsymbol": "boldsymbol",
    "bm": "boldsymbol", "pmb": "boldsymbol", "mathnormal": "", "mathbfcal": "mathbfcal",
}  # fmt: skip

#: Fonts for words; all upright ones are one.
_WORD_FONTS = {
    "mathrm": "mathrm", "mathsf": "mathsf", "mathit": "mathit", "mathtt": "mathtt",
    "operatorname": "mathrm", "operatorname*": "mathrm",
}  # fmt: skip

_TEXT_FONTS = _words("text textrm textnormal textup mbox hbox textit textbf textsf texttt")

#: Old font switches ``{\bf W}``, and the font each selects.
SWITCHES = {"bf": "mathbf", "rm": "mathrm", "it": "mathit", "cal": "mathcal", "sf": "mathsf"}

_SEPARATORS = {
    "implies": "implies", "Rightarrow": "implies", "Longrightarrow": "implies",
    "iff": "implies", "Leftrightarrow": "implies", "Longleftrightarrow": "implies",
    "impliedby": "if", "Longleftarrow": "if", "therefore": "implies",
    "because": "implies", "land": "and", "wedge": "and", "colon": ":", "mid": "|",
}  # fmt: skip

_IGNORED = _words("""
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag
    hline strut mathstrut allowbreak nobreak thinspace medspace thickspace negthinspace
    negmedspace negthickspace small large Large LARGE huge Huge normalsize footnotesize
    scriptsize tiny big Big bigg Bigg bigm Bigm biggm Biggm noindent centering par relax
    mathopen mathclose mathpunct mathinner mathbin mathrel mathord mathop ensuremath smash
    protect nobreakspace space unboldmath boldmath
    """)

#: Ignored together with one braced argument.
_IGNORED_WITH_ARGUMENT = _words("""
    tag tag* label phantom hphantom vphantom color textcolor vspace vspace* cssId class
    require ref eqref cite colorbox bookmark htmlClass htmlId
    """)

_WRAPPERS = _words("boxed fbox cancel bcancel xcancel framebox")

_OPENING = {
    "{": r"\{", "lbrace": r"\{", "lbrack": "[", "langle": r"\langle", "lfloor": r"\lfloor",
    "lceil": r"\lceil", "lvert": "|", "lVert": r"\|", "llbracket": r"\llbracket",
    "lparen": "(",
}  # fmt: skip

_CLOSING = {
    "}": r"\}", "rbrace": r"\}", "rbrack": "]", "rangle": r"\rangle", "rfloor": r"\rfloor",
    "rceil": r"\rceil", "rvert": "|", "rVert": r"\|", "rrbracket": r"\rrbracket",
    "rparen": ")",
}  # fmt: skip

_DOTS = {
    "dots": "dots", "ldots": "dots", "cdots": "cdots", "vdots": "vdots", "ddots": "ddots",
    "dotsc": "dots", "dotsb": "cdots", "dotsm": "cdots", "dotsi": "cdots", "dotso": "dots",
    "iddots": "iddots", "hdots": "cdots",
}  # fmt: skip

_SINGLE: dict[str, tuple[str, str]] = {
    "pm": ("SIGN", r"\pm"), "mp": ("SIGN", r"\mp"), "partial": ("PARTIAL", r"\partial"),
    "nabla": ("NABLA", r"\nabla"), "grad": ("NABLA", r"\nabla"), "frac": ("FRAC", ""),
    "dfrac": ("FRAC", ""), "tfrac": ("FRAC", ""), "cfrac": ("FRAC", ""),
    "nicefrac": ("FRAC", ""), "sfrac": ("FRAC", ""), "flatfrac": ("FRAC", ""),
    "pdv": ("PDV", r"\partial"), "dv": ("PDV", "d"), "sqrt": ("SQRT", ""),
    "top": ("MARK", r"\top"), "intercal": ("MARK", r"\top"), "dagger": ("MARK", r"\dagger"),
    "ddagger": ("MARK", r"\ddagger"), "bot": ("MARK", r"\bot"), "perp": ("MARK", r"\bot"),
    "prime": ("PRIME", "'"), "forall": ("WORD", "forall"), "vert": ("BAR", "|"),
    "|": ("BAR", r"\|"), "Vert": ("BAR", r"\|"), "quad": ("SOFT", "quad"),
    "qquad": ("SOFT", "quad"), "enspace": ("SOFT", "quad"), "enskip": ("SOFT", "quad"),
    "hfill": ("SOFT", "quad"), "hspace": ("HSPACE", "quad"), "hspace*": ("HSPACE", "quad"),
    "mspace": ("HSPACE", "quad"),
    "left": ("LEFT", ""), "right": ("RIGHT", ""), "middle": ("MIDDLE", ""),
    "arg": ("ARG", ""), "not": ("NOT", ""), "over": ("SEP", "over"), "begin": ("BEGIN", ""),
    "end": ("END", ""), "substack": ("SUBSTACK", ""), "norm": ("BARS", r"\|"),
    "abs": ("BARS", "|"), "stackrel": ("STACK", "stackrel"), "overset": ("STACK", "overset"),
    "underset": ("STACK", "underset"), "intertext": ("INTERTEXT", ""),
    "shortintertext": ("INTERTEXT", ""), "xrightarrow": ("ARROW", r"\to"),
    "xleftarrow": ("ARROW", r"\leftarrow"), "vdot": ("OP", r"\cdot"), "cr": ("NEWLINE", ""),
    "newline": ("NEWLINE", ""), "bigl": ("LSIZE", ""), "Bigl": ("LSIZE", ""),
    "biggl": ("LSIZE", ""), "Biggl": ("LSIZE", ""), "bigr": ("RSIZE", ""),
    "Bigr": ("RSIZE", ""), "biggr": ("RSIZE", ""), "Biggr": ("RSIZE", ""),
    "lnot": ("SIGN", r"\neg"), "backslash": ("OP", r"\setminus"), "dd": ("NAME", "d"),
    "eqno": ("EQNO", ""), "leqno": ("EQNO", ""),
    "bbox": ("BBOX", ""), "Pr": ("FUNC", "Pr"), "Re": ("FUNC", "Re"), "Im": ("FUNC", "Im"),
    "dim": ("FUNC", "dim"), "erf": ("FUNC", "erf"),
}  # fmt: skip

_TEX_FUNCTIONS = _words("""
    exp log ln lg tanh sinh cosh coth sech csch sin cos tan cot sec csc arcsin arccos arctan
    det rank tr Tr diag softmax sigmoid relu ReLU sign sgn vec Var Cov logit
    """)


def _commands() -> dict[str, tuple[str, str]]:
    """Gather all tables into one."""
    table: dict[str, tuple[str, str]] = {name: ("FUNC", name) for name in _TEX_FUNCTIONS}
    table.update((name, ("NAME", "\\" + name)) for name in _NAMES)
    table.update((name, ("OP", "\\" + name)) for name in _OPERATORS)
    table.update((name, ("REL", text)) for name, text in _RELATIONS.items())
    table.update((name, ("BIG", text)) for name, text in _BIG.items())
    table.update((name, ("ACCENT", text)) for name, text in _ACCENTS.items())
    table.update((name, ("FONT", text)) for name, text in _FONTS.items())
    table.update((name, ("WORDFONT", text)) for name, text in _WORD_FONTS.items())
    table.update((name, ("TEXT", "mathrm")) for name in _TEXT_FONTS)
    table.update((name, ("SWITCH", text)) for name, text in SWITCHES.items())
    table.update((name, ("SEP", text)) for name, text in _SEPARATORS.items())
    table.update((name, ("IGNORE", "")) for name in _IGNORED)
    table.update((name, ("IGNORE1", "")) for name in _IGNORED_WITH_ARGUMENT)
    table.update((name, ("WRAP", name)) for name in _WRAPPERS)
    table.update((name, ("OPEN", text)) for name, text in _OPENING.items())
    table.update((name, ("CLOSE", text)) for name, text in _CLOSING.items())
    table.update((name, ("DOTS", text)) for name, text in _DOTS.items())
    table.update((name, ("BRACED", name)) for name in ("underbrace", "overbrace"))
    table.update(_SINGLE)
    table.update((sign, ("IGNORE", "")) for sign in (*",;:!> /-", "\n", "\t", "\r"))
    return table


COMMANDS = _commands()

#: Characters that stand for themselves.
CHARACTERS: dict[str, tuple[str, str]] = {
    "+": ("SIGN", "+"), "-": ("SIGN", "-"), "*": ("OP", "*"), "/": ("OP", "/"),
    "@": ("OP", "@"), "=": ("REL", "="), "<": ("REL", "<"), ">": ("REL", ">"),
    ":=": ("REL", ":="), "=:": ("REL", "=:"), "<=": ("REL", r"\le"), ">=": ("REL", r"\ge"),
    "!=": ("REL", r"\neq"), "==": ("REL", "="), "->": ("REL", r"\to"),
    "<-": ("REL", r"\leftarrow"), "...": ("DOTS", "dots"), ",": ("SEP", ","),
    ";": ("SEP", ";"), ".": ("SEP", "."), ":": ("COLON", ":"), "|": ("BAR", "|"),
    "(": ("OPEN", "("), "[": ("OPEN", "["), ")": ("CLOSE", ")"), "]": ("CLOSE", "]"),
    "{": ("LBRACE", ""), "}": ("RBRACE", ""), "_": ("SUB", ""), "^": ("SUP", ""),
    "&": ("AMP", ""),
}  # fmt: skip

#: Unicode signs, and the command each stands for.
_UNICODE = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩϵϑϕℓ∞∅",
        _words(
            "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho "
            "sigma tau upsilon varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon "
            "Phi Psi Omega epsilon vartheta phi ell infty emptyset"
        ),
        strict=True,
    )
) | dict(
    zip(
        "∂∇∑∏·⋅×∘⊙⊗⊕⊖⊘÷≈≡∝←→∈∉≤≥≠≪≫⊤∀…⋯⋮⋱±∓∗⟨⟩‖√",
        _words(
            "partial nabla sum prod cdot cdot times circ odot otimes oplus ominus oslash div "
            "approx equiv propto leftarrow to in notin le ge ne ll gg top forall dots cdots vdots "
            "ddots pm mp ast langle rangle Vert sqrt"
        ),
        strict=True,
    )
)


def lookup(text: str) -> tuple[str, str] | None:
    r"""Return the kind and canonical text of a command or sign, None where it is unknown.

    >>> lookup(r"\leq"), lookup("≠"), lookup(r"\foo")
    (('REL', '\\le'), ('REL', '\\neq'), None)
    """
    if text.startswith("\\"):
        return COMMANDS.get(text[1:])
    if text in _UNICODE:
        return COMMANDS[_UNICODE[text]]
    if text == "−":
        return CHARACTERS["-"]
    return CHARACTERS.get(text)


#: Environments that only arrange lines; ``multline`` breaks one formula, the rest hold several.
LINES = frozenset(
    _words(
        "align aligned alignat alignedat flalign gather gathered equation split eqnarray "
        "displaymath math dmath alignb subequations multline multlined"
    )
)
BROKEN = frozenset({"multline", "multlined"})
#: Environments that take one argument.
WITH_ARGUMENT = frozenset({"alignat", "alignedat", "array", "subarray"})
#: Environments with rows and cells.
MATRICES = frozenset(
    _words(
        "matrix pmatrix bmatrix vmatrix Vmatrix Bmatrix smallmatrix psmallmatrix bsmallmatrix array"
    )
)
CASES = frozenset({"cases", "dcases", "rcases", "drcases"})
