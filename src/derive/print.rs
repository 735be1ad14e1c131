//! Expressions as text and as LaTeX.

use std::collections::BTreeMap;
use std::fmt;

use super::Derivation;
use super::expression::{Algebra, Build, Term};
use super::names::Name;
use crate::scalar::Function;

/// How a formula is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notation {
    /// For a terminal.
    Text,
    /// For a chapter.
    Latex,
}

/// Size from which an expression that appears twice gets a letter.
const WORTH_A_LETTER: usize = 5;
/// How tightly an expression binds, from a sum to a symbol.
const SUM: u8 = 0;
const PRODUCT: u8 = 1;
const POWER: u8 = 2;

pub(super) struct Printer<'a> {
    algebra: &'a Algebra,
    notation: Notation,
    letters: BTreeMap<Term, String>,
    /// Coordinates of the image, which stand for themselves inside other expressions.
    image: BTreeMap<Term, String>,
}

impl<'a> Printer<'a> {
    /// A printer for these expressions, with letters for what appears in them again and again.
    pub(super) fn new(
        algebra: &'a Algebra,
        notation: Notation,
        point: &[Term],
        shown: impl Iterator<Item = Term>,
    ) -> Self {
        let mut printer = Self { algebra, notation, letters: BTreeMap::new(), image: BTreeMap::new() };
        for (i, &term) in point.iter().enumerate().filter(|(_, term)| algebra.size(**term) > 1) {
            let name = printer.indexed("x", &[i + 1]);
            printer.image.insert(term, name);
        }
        let mut counts: BTreeMap<Term, usize> = BTreeMap::new();
        for term in shown {
            printer.count(term, &mut counts);
        }
        let worth = |&(&term, &count): &(&Term, &usize)| count > 1 && algebra.size(term) >= WORTH_A_LETTER;
        let chosen: Vec<Term> = counts.iter().filter(worth).map(|(&term, _)| term).collect();
        for (n, &term) in chosen.iter().enumerate() {
            let letter = match notation {
                Notation::Text => format!("a{}", subscript(n + 1)),
                Notation::Latex => format!("a_{{{}}}", n + 1),
            };
            printer.letters.insert(term, letter);
        }
        printer
    }

    /// Counts arguments of functions, which are what is worth a letter.
    fn count(&self, term: Term, counts: &mut BTreeMap<Term, usize>) {
        match self.algebra.build(term) {
            Build::Apply(_, a) => {
                *counts.entry(*a).or_default() += 1;
                if counts[a] == 1 {
                    self.count(*a, counts);
                }
            }
            Build::Neg(a) => self.count(*a, counts),
            Build::Sum(all) | Build::Product(all) => all.iter().for_each(|&t| self.count(t, counts)),
            Build::Quotient(a, b) => [a, b].into_iter().for_each(|&t| self.count(t, counts)),
            _ => {}
        }
    }

    pub(super) fn given(&self) -> Vec<(String, String)> {
        self.letters.iter().map(|(&term, letter)| (letter.clone(), self.written(term, SUM, false))).collect()
    }
    pub(super) fn root(&self, k: usize) -> String {
        self.indexed(if self.notation == Notation::Latex { "\\alpha" } else { "α" }, &[k + 1])
    }
    pub(super) fn print(&self, term: Term) -> String {
        self.written(term, SUM, true)
    }
    /// A coordinate of the image, by what it is.
    pub(super) fn define(&self, term: Term) -> String {
        self.written(term, SUM, false)
    }
    /// What conditioners returned: its name, and the inputs.
    pub(super) fn conditioners(&self) -> Vec<(String, String)> {
        let of = |term: Term| match self.algebra.build(term) {
            Build::Conditioner(k, i, inputs) => {
                let inputs: Vec<String> = inputs.iter().map(|&t| self.print(t)).collect();
                Some(((*k, *i), (self.conditioner(*k, *i), inputs.join(", "))))
            }
            _ => None,
        };
        let all: BTreeMap<(usize, usize), (String, String)> = self.algebra.terms().filter_map(of).collect();
        all.into_values().collect()
    }

    fn indexed(&self, letter: &str, indices: &[usize]) -> String {
        let joined: Vec<String> = indices.iter().map(ToString::to_string).collect();
        match (self.notation, indices.is_empty()) {
            (_, true) => letter.to_owned(),
            (Notation::Text, false) => {
                let parts: Vec<String> = indices.iter().map(|&i| subscript(i)).collect();
                format!("{letter}{}", parts.join(if indices.iter().all(|&i| i < 10) { "" } else { "‚" }))
            }
            (Notation::Latex, false) => format!("{letter}_{{{}}}", joined.join(",")),
        }
    }

    fn parameter(&self, name: &Name) -> String {
        let latex = self.notation == Notation::Latex;
        let long = name.letter.chars().count() > 1;
        let letter = if latex && long {
            format!("\\mathrm{{{}}}", name.letter.replace('_', "\\_"))
        } else {
            name.letter.clone()
        };
        let letter = match name.part {
            Some(part) if latex => format!("{letter}^{{({part})}}"),
            Some(part) => format!("{letter}⁽{}⁾", superscript(part)),
            None => letter,
        };
        self.indexed(&letter, &name.indices)
    }

    /// An expression inside one that binds as tightly as `inside`.
    fn written(&self, term: Term, inside: u8, letters: bool) -> String {
        if letters && let Some(letter) = self.letters.get(&term).or_else(|| self.image.get(&term)) {
            return letter.clone();
        }
        let latex = self.notation == Notation::Latex;
        let (text, binds) = match self.algebra.build(term) {
            Build::Number(x) => {
                let text = if latex || *x >= 0.0 { format!("{x}") } else { format!("−{}", -x) };
                (text, if *x < 0.0 { SUM } else { POWER + 1 })
            }
            Build::Pi => (if latex { "\\pi" } else { "π" }.to_owned(), POWER + 1),
            Build::Ln2 => (if latex { "\\ln 2" } else { "ln 2" }.to_owned(), PRODUCT),
            Build::Input(i) => (self.indexed("z", &[i + 1]), POWER + 1),
            Build::Parameter(name) => (self.parameter(name), POWER + 1),
            Build::Root(k) => (self.root(*k), POWER + 1),
            Build::Conditioner(k, i, _) => (self.conditioner(*k, *i), POWER + 1),
            Build::Partial(k, i, j) => {
                let h = self.conditioner(*k, *i);
                (format!("{}{h}", self.indexed(if latex { "\\partial" } else { "∂" }, &[j + 1])), POWER)
            }
            Build::Neg(a) => (format!("{}{}", self.minus(), self.written(*a, PRODUCT, true)), SUM),
            Build::Sum(all) => (self.sum(all), SUM),
            Build::Product(all) => (self.product(all), PRODUCT),
            Build::Quotient(a, b) if latex => {
                (format!("\\frac{{{}}}{{{}}}", self.written(*a, SUM, true), self.written(*b, SUM, true)), POWER)
            }
            Build::Quotient(a, b) => {
                (format!("{}/{}", self.written(*a, PRODUCT, true), self.written(*b, POWER, true)), PRODUCT)
            }
            Build::Apply(f, a) => (self.apply(*f, *a, 1), POWER),
        };
        let brackets = if latex { ("\\left(", "\\right)") } else { ("(", ")") };
        if binds < inside { format!("{}{text}{}", brackets.0, brackets.1) } else { text }
    }

    fn minus(&self) -> &'static str {
        if self.notation == Notation::Latex { "-" } else { "−" }
    }

    fn conditioner(&self, k: usize, i: usize) -> String {
        self.indexed("h", &[k + 1, i + 1])
    }

    fn sum(&self, all: &[Term]) -> String {
        let mut text = String::new();
        for (n, &term) in all.iter().enumerate() {
            let (sign, part) = match self.algebra.build(term) {
                Build::Neg(a) if !self.letters.contains_key(&term) => (self.minus(), self.written(*a, PRODUCT, true)),
                _ => ("+", self.written(term, PRODUCT, true)),
            };
            match (n, sign) {
                (0, "+") => text.push_str(&part),
                (0, _) => text.push_str(&format!("{sign}{part}")),
                _ => text.push_str(&format!(" {sign} {part}")),
            }
        }
        text
    }

    fn product(&self, all: &[Term]) -> String {
        // Equal factors become powers.
        let mut powers: Vec<(Term, usize)> = Vec::new();
        for &factor in all {
            match powers.iter_mut().find(|(known, _)| *known == factor) {
                Some((_, n)) => *n += 1,
                None => powers.push((factor, 1)),
            }
        }
        // Numbers first, functions last, as one writes them.
        powers.sort_by_key(|(term, _)| match self.algebra.build(*term) {
            Build::Number(_) => 0,
            Build::Apply(..) => 2,
            _ => 1,
        });
        let factor = |(term, n): &(Term, usize)| match (n, self.notation) {
            (&n, _) if n > 1 && !self.letters.contains_key(term) && self.has_name(*term) => {
                match self.algebra.build(*term) {
                    Build::Apply(f, a) => self.apply(*f, *a, n),
                    _ => String::new(),
                }
            }
            (1, _) => self.written(*term, POWER, true),
            (n, Notation::Latex) => format!("{}^{{{n}}}", self.written(*term, POWER + 1, true)),
            (n, Notation::Text) => format!("{}{}", self.written(*term, POWER + 1, true), superscript(*n)),
        };
        powers.iter().map(factor).collect::<Vec<_>>().join(" ")
    }

    /// Whether a power of it is written at its name: `tanh²(a)`.
    fn has_name(&self, term: Term) -> bool {
        use Function::{Cos, Cosh, Sin, Sinh, Tanh};
        matches!(self.algebra.build(term), Build::Apply(Sin | Cos | Tanh | Sinh | Cosh, _))
    }

    fn apply(&self, f: Function, a: Term, power: usize) -> String {
        let latex = self.notation == Notation::Latex;
        let argument = self.written(a, SUM, true);
        let brackets = if latex { format!("\\left({argument}\\right)") } else { format!("({argument})") };
        let raised = match (power, latex) {
            (1, _) => String::new(),
            (n, true) => format!("^{{{n}}}"),
            (n, false) => superscript(n),
        };
        let name = |text: &str, tex: &str| format!("{}{raised}{brackets}", if latex { tex } else { text });
        match f {
            Function::Exp if latex => format!("e^{{{argument}}}"),
            Function::Exp => name("exp", ""),
            Function::ExpM1 if latex => format!("\\left(e^{{{argument}}} - 1\\right)"),
            Function::ExpM1 => format!("(exp({argument}) − 1)"),
            Function::Ln => name("ln", "\\ln"),
            Function::Ln1p if latex => format!("\\ln\\left(1 + {argument}\\right)"),
            Function::Ln1p => format!("ln(1 + {argument})"),
            Function::LnAbs if latex => format!("\\ln\\left|{argument}\\right|"),
            Function::LnAbs => format!("ln|{argument}|"),
            Function::Sqrt if latex => format!("\\sqrt{{{argument}}}"),
            Function::Sqrt => name("√", ""),
            Function::Sin => name("sin", "\\sin"),
            Function::Cos => name("cos", "\\cos"),
            Function::Tanh => name("tanh", "\\tanh"),
            Function::Sinh => name("sinh", "\\sinh"),
            Function::Cosh => name("cosh", "\\cosh"),
            Function::Asinh => name("arsinh", "\\operatorname{arsinh}"),
            Function::NormalCdf => name("Φ", "\\Phi"),
            Function::Atan => name("arctan", "\\arctan"),
            Function::Sigmoid => name("σ", "\\sigma"),
            Function::Softplus => name("softplus", "\\operatorname{softplus}"),
            Function::Sech2 => name("sech²", "\\operatorname{sech}^2"),
            Function::LnCosh => name("ln cosh", "\\ln\\cosh"),
        }
    }
}

fn digits(n: usize, zero: u32) -> String {
    n.to_string().chars().filter_map(|c| c.to_digit(10).and_then(|d| char::from_u32(zero + d))).collect()
}
fn subscript(n: usize) -> String {
    digits(n, 0x2080)
}
fn superscript(n: usize) -> String {
    let one = |c: char| match c {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => c.to_digit(10).and_then(|d| char::from_u32(0x2070 + d)).unwrap_or(c),
    };
    n.to_string().chars().map(one).collect()
}

pub(super) fn text(f: &mut fmt::Formatter<'_>, of: &Derivation) -> fmt::Result {
    for (i, x) in of.point.iter().enumerate() {
        writeln!(f, "x{} = {x}", subscript(i + 1))?;
    }
    writeln!(f)?;
    for (i, row) in of.jacobian.iter().enumerate() {
        for (j, entry) in row.iter().enumerate() {
            writeln!(f, "∂x{}/∂z{} = {entry}", subscript(i + 1), subscript(j + 1))?;
        }
    }
    writeln!(f, "\nlog|det J| = {}", of.log_det)?;
    if !of.given.is_empty() || !of.equations.is_empty() || !of.conditioners.is_empty() {
        writeln!(f)?;
    }
    for (letter, what) in &of.given {
        writeln!(f, "{letter} = {what}")?;
    }
    for (value, inputs) in &of.conditioners {
        match inputs.as_str() {
            "" => writeln!(f, "{value} is a constant of the conditioner")?,
            inputs => writeln!(f, "{value} is any function of ({inputs})")?,
        }
    }
    for (root, what) in &of.equations {
        writeln!(f, "{root} solves {what} = 0")?;
    }
    Ok(())
}

pub(super) fn latex(f: &mut fmt::Formatter<'_>, of: &Derivation) -> fmt::Result {
    writeln!(f, "\\begin{{aligned}}")?;
    for (i, x) in of.point.iter().enumerate() {
        writeln!(f, "x_{{{}}} &= {x} \\\\", i + 1)?;
    }
    let rows: Vec<String> = of.jacobian.iter().map(|row| row.join(" & ")).collect();
    writeln!(f, "J &= \\begin{{pmatrix}} {} \\end{{pmatrix}} \\\\", rows.join(" \\\\ "))?;
    let lines: Vec<String> = of
        .given
        .iter()
        .map(|(letter, what)| format!("{letter} &= {what}"))
        .chain(of.conditioners.iter().map(|(value, inputs)| format!("{value} &= {value}\\left({inputs}\\right)")))
        .chain(of.equations.iter().map(|(root, what)| format!("0 &= {what} \\quad\\text{{at }} {root}")))
        .collect();
    let end = if lines.is_empty() { "" } else { " \\\\" };
    writeln!(f, "\\log|\\det J| &= {}{end}", of.log_det)?;
    writeln!(f, "{}", lines.join(" \\\\\n"))?;
    write!(f, "\\end{{aligned}}")?;
    writeln!(f)
}
