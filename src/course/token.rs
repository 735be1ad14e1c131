//! The tokens of a formula.

use super::number::Number;

/// A number as printed.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) value: Number,
    /// Digits after the decimal point, less the exponent.
    pub(super) places: i64,
    /// Written with a decimal point, so that its last digit may have been rounded.
    pub(super) is_decimal: bool,
    /// Zeros at the end of an integer, which may be digits or may only hold the place.
    pub(super) zeros: i64,
    /// Written as an exact number: a fraction, or a repeating decimal.
    pub(super) is_exact: bool,
    /// The digits, if there is nothing else: a binary numeral has only 0 and 1.
    pub(super) digits: String,
}

/// How a comma between digits is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comma {
    /// `1,234` is a thousand and more; `3,14` is two numbers.
    Thousands,
    /// `3,14` is a decimal, and `3.14` too.
    Decimal,
    /// `1.234,5` is a thousand and more.
    DecimalWithDots,
    /// Every comma stands between two numbers.
    Separates,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// `=` and what means the same.
    Equal,
    /// `≈` and what means the same.
    About,
    /// Anything else: `<`, `≠`, `∝`, …
    Other,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Number(Literal),
    Letter(char),
    /// The name of a function written without a backslash.
    Word(&'static str),
    Command(String),
    Text(String),
    /// `(` or `[`.
    Open(char),
    /// `)` or `]`.
    Close(char),
    GroupOpen,
    GroupClose,
    Bar,
    BarOpen,
    BarClose,
    DoubleBar,
    Caret,
    Underscore,
    Ampersand,
    Row,
    Comma,
    Semicolon,
    Colon,
    Period,
    Bang,
    Percent,
    Degree,
    Prime,
    Plus,
    Minus,
    PlusMinus,
    MinusPlus,
    /// `×`, and `*`.
    Times,
    /// `·`.
    Dot,
    /// `÷`, and `/`.
    Slash,
    Begin(String),
    End(String),
    Dots,
    /// A wide space.
    Quad,
    /// An arrow or another word between statements.
    Separator,
    Relation(Relation),
    /// Nothing that this program reads.
    Other(String),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it stands, in bytes of the chapter.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a command without arguments stands for, if it is not a name or function.
pub(super) fn symbol(command: &str) -> Option<Kind> {
    use Relation::{About, Equal, Other};
    Some(match command {
        "cdot" | "bullet" | "cdotp" | "centerdot" => Kind::Dot,
        "times" | "ast" | "star" => Kind::Times,
        "div" => Kind::Slash,
        "pm" => Kind::PlusMinus,
        "mp" => Kind::MinusPlus,
        "approx" | "simeq" | "doteq" | "cong" | "approxeq" | "fallingdotseq" | "risingdotseq" | "thickapprox" => {
            Kind::Relation(About)
        }
        "triangleq" | "coloneqq" | "coloneq" | "eqqcolon" | "equalscolon" | "colonequals" => Kind::Relation(Equal),
        "ne" | "neq" | "lt" | "gt" | "le" | "ge" | "leq" | "geq" | "leqslant" | "geqslant" | "ll" | "gg" | "sim"
        | "propto" | "equiv" | "in" | "notin" | "subset" | "subseteq" | "supset" | "prec" | "succ" | "mid" | "nmid"
        | "perp" | "parallel" | "models" | "vdash" | "lesssim" | "gtrsim" | "lessapprox" | "preceq" | "succeq" => {
            Kind::Relation(Other)
        }
        "implies" | "Rightarrow" | "Longrightarrow" | "iff" | "Leftrightarrow" | "Longleftrightarrow" | "to"
        | "rightarrow" | "longrightarrow" | "mapsto" | "longmapsto" | "therefore" | "because" | "Leftarrow"
        | "leftarrow" | "gets" | "leadsto" | "rightsquigarrow" | "hookrightarrow" | "Downarrow" | "downarrow"
        | "impliedby" | "leftrightarrow" | "rightleftharpoons" | "checkmark" | "blacksquare" | "square" | "Box" => {
            Kind::Separator
        }
        "quad" | "qquad" | "enspace" | "hfill" => Kind::Quad,
        "dots" | "ldots" | "cdots" | "dotsc" | "dotsb" | "dotsm" | "vdots" | "ddots" | "hdots" => Kind::Dots,
        "vert" => Kind::Bar,
        "lvert" => Kind::BarOpen,
        "rvert" => Kind::BarClose,
        "Vert" | "lVert" | "rVert" => Kind::DoubleBar,
        "lbrack" => Kind::Open('['),
        "rbrack" => Kind::Close(']'),
        "lparen" => Kind::Open('('),
        "rparen" => Kind::Close(')'),
        "degree" | "textdegree" => Kind::Degree,
        "prime" => Kind::Prime,
        "newline" | "cr" => Kind::Row,
        "colon" => Kind::Colon,
        "lbrace" => Kind::Other("{".to_owned()),
        "rbrace" => Kind::Other("}".to_owned()),
        _ => return None,
    })
}

/// Commands that say only how things look.
pub(super) fn is_decoration(command: &str) -> bool {
    matches!(
        command,
        "displaystyle"
            | "textstyle"
            | "scriptstyle"
            | "scriptscriptstyle"
            | "limits"
            | "nolimits"
            | "hline"
            | "nonumber"
            | "notag"
            | "left"
            | "right"
            | "middle"
            | "big"
            | "Big"
            | "bigg"
            | "Bigg"
            | "bigl"
            | "Bigl"
            | "biggl"
            | "Biggl"
            | "bigr"
            | "Bigr"
            | "biggr"
            | "Biggr"
            | "bigm"
            | "Bigm"
            | "mathstrut"
            | "strut"
            | "small"
            | "large"
            | "Large"
            | "tiny"
            | "normalsize"
            | "allowbreak"
            | "nobreak"
            | "thinspace"
            | "medspace"
            | "thickspace"
            | "negthinspace"
            | "rm"
            | "bf"
            | "it"
            | "tt"
            | "sf"
            | "bm"
            | "quantity"
            | "smallskip"
            | "medskip"
            | "bigskip"
            | "mathopen"
            | "mathclose"
            | "mathrel"
            | "mathord"
            | "noindent"
            | "par"
            | "centering"
            | "intertext"
            | "pmb"
    )
}

/// What a character other than a letter, digit or bracket stands for.
pub(super) fn character(c: char) -> Option<Kind> {
    use Relation::{About, Equal, Other};
    Some(match c {
        '+' | '＋' => Kind::Plus,
        '-' | '−' | '–' | '‒' => Kind::Minus,
        '±' => Kind::PlusMinus,
        '∓' => Kind::MinusPlus,
        '×' | '*' | '∗' | '✕' | '⨯' => Kind::Times,
        '·' | '⋅' | '∙' | '•' => Kind::Dot,
        '/' | '÷' | '∕' | '⁄' => Kind::Slash,
        '=' => Kind::Relation(Equal),
        '≈' | '≃' | '≅' | '≐' => Kind::Relation(About),
        '<' | '>' | '≠' | '≤' | '≥' | '∼' | '∝' | '∈' | '≡' | '≟' | '≪' | '≫' => {
            Kind::Relation(Other)
        }
        '→' | '⇒' | '⇔' | '⟹' | '⟶' | '∴' | '✓' | '✔' | '☐' => Kind::Separator,
        '…' | '⋯' => Kind::Dots,
        '(' | '[' => Kind::Open(c),
        ')' | ']' => Kind::Close(c),
        '|' => Kind::Bar,
        '‖' => Kind::DoubleBar,
        '^' => Kind::Caret,
        '_' => Kind::Underscore,
        ',' | '，' => Kind::Comma,
        ';' => Kind::Semicolon,
        ':' => Kind::Colon,
        '.' => Kind::Period,
        '!' => Kind::Bang,
        '%' => Kind::Percent,
        '°' => Kind::Degree,
        '\'' | '′' | '’' => Kind::Prime,
        _ => return None,
    })
}
