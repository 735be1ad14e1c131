//! Formulas as chains of equal members: `a = b ≈ c`, over rows, columns and neighbouring formulas.

use super::token::{Kind, Relation, Token};

/// Members with a relation between each two.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub(super) members: Vec<Vec<Token>>,
    pub(super) relations: Vec<(Relation, usize)>,
    /// Equality up to multiples of something is meant.
    pub(super) is_modular: bool,
    /// Words stand beside it, at the end of the member of this index.
    pub(super) remark_after: Option<usize>,
    /// The relations, by index, before which words stand that may change the subject.
    pub(super) loose: Vec<usize>,
}

impl Statement {
    fn is_empty(&self) -> bool {
        self.relations.is_empty() && self.members.iter().all(Vec::is_empty)
    }
    fn last(&mut self) -> &mut Vec<Token> {
        if self.members.len() <= self.relations.len() {
            self.members.resize_with(self.relations.len() + 1, Vec::new);
        }
        let last = self.members.len() - 1;
        &mut self.members[last]
    }
    fn last_is_empty(&self) -> bool {
        self.members.len() <= self.relations.len() || self.members.last().is_none_or(Vec::is_empty)
    }
}

/// What stands between two formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing but space.
    None,
    /// A few words between two displays.
    Words,
    /// So much that the second does not go on with the first.
    Wide,
}

/// Splits the formulas of a chapter, one after the other.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    current: Statement,
    /// What a row began with, while something beside it is read.
    row: Option<Statement>,
    done: Vec<Statement>,
}

/// Environments whose rows are statements.
fn is_layout(name: &str) -> bool {
    matches!(
        name,
        "align"
            | "aligned"
            | "alignat"
            | "alignedat"
            | "equation"
            | "gather"
            | "gathered"
            | "split"
            | "eqnarray"
            | "multline"
            | "flalign"
            | "displaymath"
            | "math"
            | "array"
            | "subequations"
            | "dcases"
            | "cases"
    )
}

/// Words that end a statement.
fn separates(words: &str) -> bool {
    const WORDS: [&str; 34] = [
        "and",
        "or",
        "so",
        "if",
        "since",
        "where",
        "for",
        "with",
        "because",
        "thus",
        "hence",
        "then",
        "therefore",
        "which",
        "gives",
        "i.e.",
        "when",
        "but",
        "we",
        "at",
        "let",
        "have",
        "otherwise",
        "but",
        "yields",
        "that",
        "by",
        "using",
        "from",
        "also",
        "to",
        "is",
        "vs",
        "vs.",
    ];
    if super::units::is_unit(words) {
        return false;
    }
    let mut parts = words.split_whitespace();
    let first = parts.next().unwrap_or_default().trim_matches([',', ':', ';', '(']).to_lowercase();
    WORDS.contains(&first.as_str()) || parts.count() >= 2 || words.contains('(')
}

fn opens(kind: &Kind) -> bool {
    match kind {
        Kind::GroupOpen | Kind::Open(_) | Kind::BarOpen | Kind::Begin(_) => true,
        Kind::Other(brace) => brace == "{",
        Kind::Command(name) => matches!(name.as_str(), "langle" | "lfloor" | "lceil"),
        _ => false,
    }
}
fn closes(kind: &Kind) -> bool {
    match kind {
        Kind::GroupClose | Kind::Close(_) | Kind::BarClose | Kind::End(_) => true,
        Kind::Other(brace) => brace == "}",
        Kind::Command(name) => matches!(name.as_str(), "rangle" | "rfloor" | "rceil"),
        _ => false,
    }
}
fn operates(kind: &Kind) -> bool {
    matches!(kind, Kind::Plus | Kind::Minus | Kind::Times | Kind::Dot | Kind::Slash | Kind::PlusMinus | Kind::MinusPlus)
}

impl Splitter {
    /// Reads one formula.
    pub(super) fn read(&mut self, tokens: &[Token], gap: Gap) {
        let first = tokens.iter().find(|t| !matches!(t.kind, Kind::Begin(_) | Kind::Ampersand | Kind::Quad));
        let begins_with_relation = first.is_some_and(|t| matches!(t.kind, Kind::Relation(_)));
        let ended_open = !self.current.relations.is_empty() && self.current.last_is_empty();
        let goes_on = match gap {
            Gap::None => begins_with_relation || ended_open,
            Gap::Words => begins_with_relation,
            Gap::Wide => false,
        };
        if !goes_on {
            self.flush();
        } else if begins_with_relation && self.current.relations.is_empty() && self.current.last_is_empty() {
            self.resume();
        }
        if goes_on && gap == Gap::Words {
            self.current.loose.push(self.current.relations.len());
        }
        let (mut depth, mut layouts, mut i) = (0usize, 0usize, 0usize);
        while let Some(token) = tokens.get(i) {
            i += 1;
            match &token.kind {
                Kind::Begin(name) if depth == 0 && is_layout(name) => {
                    layouts += 1;
                    if matches!(name.as_str(), "array" | "alignat" | "alignedat") {
                        i = past_group(tokens, i);
                    }
                }
                Kind::End(name) if depth == 0 && layouts > 0 && is_layout(name) => layouts -= 1,
                kind if opens(kind) => {
                    depth += 1;
                    self.current.last().push(token.clone());
                }
                kind if closes(kind) => {
                    depth = depth.saturating_sub(1);
                    self.current.last().push(token.clone());
                }
                _ if depth > 0 => self.current.last().push(token.clone()),
                kind => {
                    let (before, after) = (i.checked_sub(2).and_then(|k| tokens.get(k)), &tokens[i..]);
                    match kind {
                        Kind::Relation(relation) => {
                            if self.current.is_empty() {
                                self.resume();
                            }
                            self.current.last();
                            self.current.relations.push((*relation, token.start));
                        }
                        Kind::Row => self.row_ends(after),
                        Kind::Ampersand => {
                            let aligns = |t: Option<&Token>| {
                                t.is_none_or(|t| {
                                    matches!(t.kind, Kind::Relation(_) | Kind::Row | Kind::Begin(_) | Kind::Ampersand)
                                        || operates(&t.kind)
                                })
                            };
                            if !aligns(before) && !aligns(after.first()) && !self.current.relations.is_empty() {
                                self.aside(false);
                            }
                        }
                        Kind::Quad => {
                            let binds = |t: Option<&Token>| {
                                t.is_none_or(|t| {
                                    matches!(t.kind, Kind::Relation(_) | Kind::Ampersand) || operates(&t.kind)
                                })
                            };
                            if !binds(before) && !binds(after.iter().find(|t| !matches!(t.kind, Kind::Quad))) {
                                self.aside(false);
                            }
                        }
                        Kind::Comma | Kind::Semicolon | Kind::Separator | Kind::Period => self.aside(true),
                        Kind::Colon if self.is_label() => self.current = Statement::default(),
                        Kind::Text(words) if separates(words) => {
                            let end = self.current.members.len();
                            self.current.remark_after = end.checked_sub(1);
                            self.aside(false);
                        }
                        Kind::Command(name)
                            if matches!(name.as_str(), "pmod" | "mod" | "bmod") && !after.is_empty() =>
                        {
                            if name == "pmod" {
                                self.current.is_modular = true;
                                i = past_group(tokens, i);
                            } else {
                                self.current.is_modular |= !self.current.relations.is_empty();
                                self.current.last().push(token.clone());
                            }
                        }
                        _ => self.current.last().push(token.clone()),
                    }
                }
            }
        }
    }

    /// Before a colon stands nothing but a name.
    fn is_label(&self) -> bool {
        let named = |t: &Token| !matches!(t.kind, Kind::Number(_) | Kind::Close(_) | Kind::GroupClose);
        self.current.relations.is_empty() && self.current.members.iter().flatten().all(named)
    }

    /// Ends a statement; what follows stands beside it.
    fn aside(&mut self, is_equal_in_rank: bool) {
        let ended = std::mem::take(&mut self.current);
        if ended.is_empty() {
            return;
        }
        if let Some(row) = &self.row
            && !is_equal_in_rank
            && !row.relations.is_empty()
        {
            self.done.push(ended);
        } else if let Some(row) = self.row.replace(ended) {
            self.done.push(row);
        }
    }

    /// Takes up the statement that a row began with.
    fn resume(&mut self) {
        if let Some(row) = self.row.take() {
            let aside = std::mem::replace(&mut self.current, row);
            if !aside.is_empty() {
                self.done.push(aside);
            }
        }
    }

    fn row_ends(&mut self, after: &[Token]) {
        let mut indented = false;
        let next = after.iter().find(|t| {
            indented |= matches!(t.kind, Kind::Ampersand | Kind::Quad);
            !matches!(t.kind, Kind::Ampersand | Kind::Quad | Kind::Row)
        });
        let Some(next) = next else { return };
        match &next.kind {
            Kind::Relation(_) => self.resume(),
            Kind::End(_) => {}
            Kind::Plus | Kind::Times | Kind::Dot | Kind::Slash => {}
            Kind::Minus if indented => {}
            _ if !self.current.relations.is_empty() && self.current.last_is_empty() => {}
            _ => self.flush(),
        }
    }

    fn flush(&mut self) {
        let open = [self.row.take(), Some(std::mem::take(&mut self.current))];
        self.done.extend(open.into_iter().flatten().filter(|s| !s.is_empty()));
    }

    /// The statements that have ended.
    pub(super) fn take(&mut self) -> Vec<Statement> {
        std::mem::take(&mut self.done)
    }

    /// All statements, in the order in which they ended.
    pub(super) fn finish(mut self) -> Vec<Statement> {
        self.flush();
        self.done
    }
}

/// The index past a group that starts at `i`, if one does.
fn past_group(tokens: &[Token], i: usize) -> usize {
    if !matches!(tokens.get(i).map(|t| &t.kind), Some(Kind::GroupOpen)) {
        return i;
    }
    let mut depth = 0usize;
    for (k, token) in tokens.iter().enumerate().skip(i) {
        match token.kind {
            Kind::GroupOpen => depth += 1,
            Kind::GroupClose if depth == 1 => return k + 1,
            Kind::GroupClose => depth -= 1,
            _ => {}
        }
    }
    i
}
